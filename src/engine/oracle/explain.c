/* Plans: EXPLAIN PLAN into the plan table, and V$SQL_PLAN_STATISTICS_ALL after a run. The document is a JSON array of
 * the rows, which the plan reader takes. Everything is undone by a rollback. */
#include "engine/oracle/internal.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Columns of plan rows that are texts although they may look like numbers. */
static bool is_text(const char *column)
{
	static const char *const texts[] = { "OPERATION", "OPTIONS", "OBJECT_OWNER", "OBJECT_NAME", "OBJECT_ALIAS",
		"OBJECT_TYPE", "OPTIMIZER", "ACCESS_PREDICATES", "FILTER_PREDICATES", "PARTITION_START",
		"PARTITION_STOP", "DISTRIBUTION", "QBLOCK_NAME" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i], column) == 0)
			return true;
	return false;
}

static json_t *value(const char *column, const char *text)
{
	char *end;
	double number;

	if (!text)
		return json_null();
	number = strtod(text, &end);
	if (is_text(column) || *end || end == text)
		return json_string(text);
	return number >= -9e15 && number <= 9e15 && (double)(long long)number == number
		       ? json_integer((json_int_t)number)
		       : json_real(number);
}

/* Names in upper case, as the view has them. */
static char *upper(TALLOC_CTX *ctx, const char *name)
{
	char *out = so_strdup(ctx, name);

	for (char *p = out; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return out;
}

static bool take_rows(TALLOC_CTX *ctx, const struct so_text_result *r, struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_t *rows;
	char *text;

	if (!r)
		return false;
	if (!so_text_rows(r))
		return so_fail(err, SO_TARGET, "the server gave no plan for this statement");
	rows = json_array();
	for (size_t i = 0; i < so_text_rows(r); i++) {
		json_t *row = json_object();

		for (size_t k = 0; k < so_text_columns(r); k++) {
			char *name = upper(tmp, so_text_column(r, k));

			json_object_set_new(row, name, value(name, so_text_cell(r, i, k)));
		}
		json_array_append_new(rows, row);
	}
	text = json_dumps(rows, JSON_COMPACT);
	json_decref(rows);
	out->text = so_strdup(ctx, text);
	out->format = "oracle-rows";
	free(text);
	return true;
}

static bool plan_only(TALLOC_CTX *ctx, struct ora_conn *conn, const char *sql, int64_t timeout_ms,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *id = so_printf(tmp, "sqlopt_%llu", (unsigned long long)++conn->plans);
	struct so_text_result *r =
		bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_EXPLAIN, id, sql), timeout_ms, false, err);
	bool fine = r && take_rows(ctx,
				 bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_PLAN_ROWS, id), timeout_ms, false, err),
				 out, err);

	bl_undo(&conn->bl, ORA_SQL_ROLLBACK);
	return fine;
}

/* The cursor is remembered before anything else is asked of the session, or that would be the previous one. */
static bool plan_and_run(TALLOC_CTX *ctx, struct ora_conn *conn, const char *sql, int64_t timeout_ms,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *cursor = NULL;
	bool fine;

	if (!bl_command(&conn->bl, ORA_SQL_STATISTICS_ON, err))
		return so_fail_in(err, "STATISTICS_LEVEL");
	fine = bl_run_forgetting_rows(&conn->bl, sql, timeout_ms, err);
	if (fine)
		cursor = bl_ask(tmp, &conn->bl, ORA_SQL_LAST_CURSOR, 0, false, err);
	fine = cursor && so_text_cell(cursor, 0, 0) && so_text_cell(cursor, 0, 1) &&
	       take_rows(ctx,
		       bl_ask(tmp, &conn->bl,
			       so_printf(tmp, ORA_SQL_ACTUAL_ROWS, so_text_cell(cursor, 0, 0),
				       so_text_cell(cursor, 0, 1)),
			       0, false, err),
		       out, err);
	bl_undo(&conn->bl, ORA_SQL_STATISTICS_OFF);
	bl_undo(&conn->bl, ORA_SQL_ROLLBACK);
	if (!fine && err->kind == SO_NONE)
		so_fail(err, SO_TARGET, "V$SESSION does not tell which cursor the statement was");
	return fine;
}

bool ora_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	struct so_explain plan = { .text = NULL };
	int64_t before_us = base->wait_us;
	struct so_sql_class cls;
	bool binds, fine;

	if (options->set_local)
		return so_fail(err, SO_UNSUPPORTED, "Oracle takes no setting for one plan alone");
	if (!ora_check_plannable(tmp, sql, &cls, &binds, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE && !ora_check_read(sql, err))
		return false;
	fine = options->mode == SO_EXPLAIN_ANALYZE ? plan_and_run(ctx, conn, sql, options->timeout_ms, &plan, err)
						   : plan_only(ctx, conn, sql, options->timeout_ms, &plan, err);
	if (!fine)
		return false;
	plan.generic = binds;
	if (binds)
		plan.note = so_strdup(
			ctx, "planned without values of the bind variables, which EXPLAIN PLAN takes for texts");
	plan.wait_us = base->wait_us - before_us;
	*out = plan;
	return true;
}
