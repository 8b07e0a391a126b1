/* The statements that cost most, from pg_stat_statements. */
#include "engine/postgresql/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT       16384 /* bytes of a text that are kept */
#define MAX_STATEMENTS 10000

/* The shape follows the extension's version, not the server's: an extension that was not updated keeps its columns. */
bool pg_statements_at_least(const char *version, int major, int minor)
{
	int have_major = 0, have_minor = 0;

	if (sscanf(version, "%d.%d", &have_major, &have_minor) < 1)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}

static int64_t millis(const struct so_pg_result *r, size_t row, size_t column)
{
	return (int64_t)llround(so_pg_real(r, row, column, 0) * 1000.0);
}

/* Cuts at a character boundary. */
char *pg_capped_text(TALLOC_CTX *ctx, const char *text, bool *truncated)
{
	size_t len = strlen(text);

	if (len <= MAX_TEXT)
		return so_strdup(ctx, text);
	*truncated = true;
	for (len = MAX_TEXT; len && ((unsigned char)text[len] & 0xC0) == 0x80;)
		len--;
	return so_strndup(ctx, text, len);
}

static void fill(struct so_query_list *list, struct so_query *query, const struct so_pg_result *r, size_t row)
{
	struct so_query_counters *c = &query->counters;
	const char *text = so_pg_cell(r, row, 3);

	query->engine_id = so_strdup(list->items, so_pg_cell(r, row, 0));
	query->database = so_strdup_or_null(list->items, so_pg_cell(r, row, 1));
	query->user = so_strdup_or_null(list->items, so_pg_cell(r, row, 2));
	query->truncated = so_pg_true(r, row, 4);
	query->text = text ? pg_capped_text(list->items, text, &query->truncated) : NULL;
	c->calls = so_pg_int(r, row, 5, 0);
	c->rows = so_pg_int(r, row, 6, 0);
	c->exec_us = millis(r, row, 7);
	c->plan_us = millis(r, row, 8);
	c->min_us = millis(r, row, 9);
	c->max_us = millis(r, row, 10);
	c->stddev_us = so_pg_real(r, row, 11, 0) * 1000.0;
	c->shared_hit = so_pg_int(r, row, 12, -1);
	c->shared_read = so_pg_int(r, row, 13, -1);
	c->shared_dirtied = so_pg_int(r, row, 14, -1);
	c->temp_read = so_pg_int(r, row, 15, -1);
	c->temp_written = so_pg_int(r, row, 16, -1);
	c->wal_bytes = so_pg_int(r, row, 17, 0);
}

static char *list_sql(TALLOC_CTX *ctx, const char *schema, bool info_view)
{
	/* The key is (user, database, top level, id): a statement that runs both inside functions and outside has two
	 * rows, which are one query to us. Hidden rows have no id and are only counted. */
	return so_printf(ctx, PG_SQL_STATEMENTS, schema, MAX_TEXT, MAX_TEXT,
		info_view
			? so_printf(ctx,
				  "(SELECT dealloc::text || ' ' || (extract(epoch FROM stats_reset) * 1000000)::bigint"
				  " FROM %s.pg_stat_statements_info)",
				  schema)
			: "NULL");
}

void pg_explain_text_error(struct pg_conn *conn, struct so_err *err)
{
	if (strcmp(err->sqlstate, "22021") == 0)
		so_fail(err, SO_TARGET,
			"pg_stat_statements holds a text of another database that is no %s: "
			"run SELECT pg_stat_statements_reset(0, oid) for that database",
			so_pg_parameter(conn->pg, "server_encoding"));
	else
		so_fail_in(err, "pg_stat_statements");
}

struct so_query_list *pg_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	const char *params[1];
	struct so_pg_query query = { .n_params = 1, .params = params };
	struct pg_work work = { .own_path = true };
	struct so_query_list *list;
	struct so_pg_result *r;

	if (!pg_info(base, err))
		return NULL;
	if (!(conn->info->caps & SO_CAP_STATEMENTS))
		return so_info_unreadable(conn->info, SO_UNSUPPORTED, "pg_stat_statements", err), NULL;
	if (conn->in_block)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection"), NULL;
	if (limit < 1 || limit > MAX_STATEMENTS)
		limit = MAX_STATEMENTS;
	params[0] = so_printf(tmp, "%lld", (long long)limit);
	query.sql = list_sql(tmp, so_pg_quote_ident(tmp, conn->info->statements_schema),
		pg_statements_at_least(conn->statements_version, 1, 9));
	if (!pg_work_begin(conn, &work, err))
		return NULL;
	r = pg_run(tmp, conn, &query, err);
	pg_work_end(conn);
	if (!r)
		return pg_explain_text_error(conn, err), NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, so_pg_rows(r) + 1);
	list->deallocated = -1;
	list->hidden = so_pg_int(r, 0, 18, 0);
	if (so_pg_cell(r, 0, 19)) {
		char *rest;

		list->deallocated = strtoll(so_pg_cell(r, 0, 19), &rest, 10);
		list->stats_reset_us = strtoll(rest, NULL, 10);
	}
	for (size_t i = 0; i < so_pg_rows(r); i++)
		if (so_pg_cell(r, i, 0))
			fill(list, &list->items[list->count++], r, i);
	return list;
}
