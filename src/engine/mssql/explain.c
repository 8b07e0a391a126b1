/* Plans: SHOWPLAN_XML, which compiles and does not run, and STATISTICS XML, which runs. */
#include "engine/mssql/internal.h"

#include <string.h>

#include "base/buf.h"

/* "DECLARE @p1 int, @p2 nvarchar(20); " for parameters that the text does not declare, with the types that the server
 * suggests. Plans of such a batch know no values, as generic plans do. NULL with *err when the server cannot tell. */
static char *declare_missing(TALLOC_CTX *ctx, struct ms_conn *conn, const char *sql, struct so_err *err)
{
	struct so_text_result *r =
		bl_ask(ctx, &conn->bl, so_printf(ctx, MS_SQL_UNDECLARED, ms_text_literal(ctx, sql)), 0, false, err);
	struct so_buf buf;

	if (!r)
		return so_fail_in(err, "types of the parameters"), NULL;
	so_buf_init(&buf, ctx, 64 * 1024);
	for (size_t i = 0; i < so_text_rows(r); i++) /* parameter_ordinal, name, suggested_system_type_id, .._name */
		so_buf_addf(&buf, "%s%s %s", i ? ", " : "DECLARE ", so_text_cell(r, i, 1),
			so_text_cell(r, i, 3) ? so_text_cell(r, i, 3) : "sql_variant");
	so_buf_adds(&buf, so_text_rows(r) ? "; " : "");
	return so_strdup(ctx, so_buf_text(&buf));
}

/* The batch whose plan is asked for. */
static char *batch_of(
	TALLOC_CTX *ctx, struct ms_conn *conn, const struct ms_text *look, struct so_explain *out, struct so_err *err)
{
	char *declared = "";

	if (look->declared)
		declared = so_printf(ctx, "DECLARE %s; ", look->declared);
	else if (look->has_params)
		declared = declare_missing(ctx, conn, look->sql, err);
	if (!declared)
		return NULL;
	out->generic = *declared != '\0';
	if (out->generic)
		out->note = so_strdup(ctx, "planned without values of the parameters");
	return so_printf(ctx, TAG "%s%s", declared, look->sql);
}

static bool take_plan(TALLOC_CTX *ctx, const struct so_text_result *r, struct so_explain *out, struct so_err *err)
{
	const char *plan = r ? so_text_cell(r, 0, 0) : NULL;

	if (!r)
		return false;
	if (!plan || !strstr(plan, "ShowPlanXML"))
		return so_fail(err, SO_TARGET, "the server gave no plan for this statement");
	out->text = so_strdup(ctx, plan);
	out->format = "mssql-xml";
	return true;
}

static bool plan_only(TALLOC_CTX *ctx, struct ms_conn *conn, const char *batch, int64_t timeout_ms,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool fine;

	if (!bl_command(&conn->bl, MS_SQL_PLAN_ON, err))
		return so_fail_in(err, "SHOWPLAN_XML");
	fine = take_plan(ctx, bl_ask(tmp, &conn->bl, batch, timeout_ms, false, err), out, err);
	bl_undo(&conn->bl, MS_SQL_PLAN_OFF);
	return fine;
}

/* The rows of the statement come first, its plan is the last result. */
static bool plan_and_run(TALLOC_CTX *ctx, struct ms_conn *conn, const char *batch, int64_t timeout_ms,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool fine;

	if (!bl_command(&conn->bl, MS_SQL_BEGIN, err))
		return false;
	fine = bl_command(&conn->bl, MS_SQL_ACTUAL_ON, err) &&
	       take_plan(ctx, bl_ask(tmp, &conn->bl, batch, timeout_ms, true, err), out, err);
	bl_undo(&conn->bl, MS_SQL_ACTUAL_OFF);
	bl_undo(&conn->bl, MS_SQL_ROLLBACK);
	return fine;
}

bool ms_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct so_explain plan = { .text = NULL };
	int64_t before_us = base->wait_us;
	struct ms_text look;
	char *batch;
	bool fine;

	if (options->set_local)
		return so_fail(err, SO_UNSUPPORTED, "SQL Server takes no setting for one plan alone");
	if (!ms_check_plannable(tmp, sql, &look, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE && !ms_check_read(sql, err))
		return false;
	batch = batch_of(tmp, conn, &look, &plan, err);
	if (!batch)
		return false;
	fine = options->mode == SO_EXPLAIN_ANALYZE ? plan_and_run(ctx, conn, batch, options->timeout_ms, &plan, err)
						   : plan_only(ctx, conn, batch, options->timeout_ms, &plan, err);
	if (!fine)
		return false;
	plan.note = so_strdup_or_null(ctx, plan.note);
	plan.wait_us = base->wait_us - before_us;
	*out = plan;
	return true;
}
