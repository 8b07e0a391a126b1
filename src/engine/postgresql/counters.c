/* Readings of pg_stat_statements: counters without texts, and texts of new ids. */
#include <stdlib.h>
#include <string.h>

#include "engine/postgresql/internal.h"
#include "engine/reading.h"

#define MAX_TEXT 16384 /* characters of a text that are kept */

struct epoch {
	int64_t now_us, reset_us, evicted;
	char *address;
	bool reads_all;
};

/* It was there when the connection was opened. */
static bool was_dropped(const struct pg_conn *conn, struct so_err *err)
{
	static const char *const states[] = { "42883", "42P01", "3F000",
		NULL }; /* no such function, relation, schema */

	for (size_t i = 0; states[i]; i++)
		if (strcmp(err->sqlstate, states[i]) == 0) {
			*err = (struct so_err)SO_ERR_INIT;
			so_fail(err, SO_UNSUPPORTED,
				"extension pg_stat_statements is no longer in database '%s'; run there: CREATE "
				"EXTENSION "
				"pg_stat_statements;",
				conn->info->database);
			return true;
		}
	return false;
}

static bool check_readable(struct pg_conn *conn, struct so_err *err)
{
	if (!pg_info(&conn->base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_STATEMENTS))
		return so_info_unreadable(conn->info, SO_UNSUPPORTED, "pg_stat_statements", err);
	if (conn->in_block)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection");
	return true;
}

static bool read_epoch(TALLOC_CTX *ctx, struct pg_conn *conn, struct epoch *out, struct so_err *err)
{
	const char *schema = so_pg_quote_ident(ctx, conn->info->statements_schema);
	bool info_view = pg_statements_at_least(conn->statements_version, 1, 9);
	struct so_pg_query query = {
		.sql = so_printf(ctx, PG_SQL_COUNTERS_EPOCH,
			info_view ? so_printf(ctx,
					    "(SELECT (extract(epoch FROM stats_reset) * 1000000)::pg_catalog.int8 FROM "
					    "%s.pg_stat_statements_info)",
					    schema)
				  : "NULL",
			info_view ? so_printf(ctx, "(SELECT dealloc FROM %s.pg_stat_statements_info)", schema)
				  : "NULL"),
	};
	struct so_pg_result *r = pg_run(ctx, conn, &query, err);

	if (!r)
		return so_fail_in(err, "pg_stat_statements_info");
	*out = (struct epoch){
		.now_us = so_pg_int(r, 0, 0, 0),
		.address = so_strdup(ctx, so_pg_cell(r, 0, 1)),
		.reset_us = so_pg_int(r, 0, 2, 0),
		.evicted = so_pg_int(r, 0, 3, -1),
		.reads_all = so_pg_true(r, 0, 4),
	};
	return true;
}

static void fill(
	struct so_reading *reading, const struct so_pg_result *r, size_t row, const char *const *databases, size_t n)
{
	int database = so_reading_database(databases, n, so_pg_cell(r, row, 4));
	struct so_reading_row *to = &reading->rows[reading->count];
	char identity[128];

	if (database < 0)
		return;
	reading->count++;
	snprintf(identity, sizeof identity, "%s/%s/%s/%s", so_pg_cell(r, row, 0), so_pg_cell(r, row, 1),
		so_pg_cell(r, row, 2), so_pg_cell(r, row, 3));
	so_reading_key(to, identity);
	to->id = so_strdup(reading->rows, so_pg_cell(r, row, 2));
	to->database = (uint32_t)database;
	to->own_login = so_pg_true(r, row, 5);
	to->since_us = so_pg_int(r, row, 6, 0);
	for (int i = 0; i < SO_COUNTERS; i++) {
		int64_t value = so_pg_int(r, row, 7 + (size_t)i, 0);

		to->counters[i] = value > 0 ? value : 0;
	}
	for (size_t i = 0; i < 7 + SO_COUNTERS; i++)
		reading->bytes += so_pg_cell(r, row, i) ? (int64_t)strlen(so_pg_cell(r, row, i)) + 4 : 4;
}

/* One try: NULL with *err unset when the counters were reset meanwhile. */
static struct so_reading *read_once(TALLOC_CTX *ctx, struct pg_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *schema = so_pg_quote_ident(tmp, conn->info->statements_schema), *params[2];
	const char *version = conn->statements_version;
	struct so_pg_query query = { .n_params = 2, .params = params };
	struct so_reading *reading;
	struct so_pg_result *r;
	struct epoch before, after;

	params[0] = so_pg_array_text(tmp, databases, n);
	params[1] = so_printf(tmp, "%lld", (long long)limit + 1);
	query.sql =
		so_printf(tmp, PG_SQL_COUNTERS, schema, pg_statements_at_least(version, 1, 9) ? "s.toplevel" : "true",
			pg_statements_at_least(version, 1, 11)
				? "(extract(epoch FROM s.stats_since) * 1000000)::pg_catalog.int8"
				: "0");
	if (!read_epoch(tmp, conn, &before, err))
		return NULL;
	r = pg_run(tmp, conn, &query, err);
	if (!r)
		return so_fail_in(err, "pg_stat_statements"), NULL;
	if (!read_epoch(tmp, conn, &after, err) || after.reset_us != before.reset_us)
		return NULL;
	reading = so_new(ctx, struct so_reading);
	reading->at_us = before.now_us;
	reading->epoch_us = before.reset_us;
	reading->evicted = after.evicted;
	reading->server_uid =
		so_printf(reading, "%s/%s", conn->info->system_id ? conn->info->system_id : "", before.address);
	reading->complete = so_pg_rows(r) <= (size_t)limit;
	if (!before.reads_all || !after.reads_all)
		reading->hidden = so_printf(reading,
			"the statements of other users are hidden from the login '%s'; run: GRANT pg_monitor TO %s;",
			conn->info->user, so_pg_quote_ident(tmp, conn->info->user));
	reading->rows = so_new_array(reading, struct so_reading_row, so_pg_rows(r) + 1);
	for (size_t i = 0; i < so_pg_rows(r) && i < (size_t)limit; i++)
		fill(reading, r, i, databases, n);
	return reading;
}

struct so_reading *pg_counters(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct pg_conn *conn = pg_conn_of(base);
	struct pg_work work = { .own_path = true };
	struct so_err own = SO_ERR_INIT;
	struct so_reading *reading = NULL;

	limit = so_reading_limit(limit);
	if (!check_readable(conn, err) || !pg_work_begin(conn, &work, err))
		return NULL;
	for (int i = 0; i < 2 && !reading && own.kind == SO_NONE; i++)
		reading = read_once(ctx, conn, databases, n, limit, &own);
	pg_work_end(conn);
	if (!reading && own.kind == SO_NONE)
		so_fail(&own, SO_BUSY, "pg_stat_statements was reset while it was read, twice; try again");
	if (!reading) {
		was_dropped(conn, &own);
		*err = own;
	}
	return reading;
}

bool pg_texts(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct pg_work work = { .own_path = true };
	const char *params[1];
	struct so_pg_query query = { .n_params = 1, .params = params };
	struct so_pg_result *r;

	so_assert(n <= SO_READING_TEXTS);
	memset(out, 0, n * sizeof *out);
	if (n == 0)
		return true;
	if (!check_readable(conn, err))
		return false;
	params[0] = so_pg_array_text(tmp, ids, n);
	query.sql =
		so_printf(tmp, PG_SQL_TEXTS, MAX_TEXT, MAX_TEXT, so_pg_quote_ident(tmp, conn->info->statements_schema));
	if (!pg_work_begin(conn, &work, err))
		return false;
	r = pg_run(tmp, conn, &query, err);
	pg_work_end(conn);
	if (!r)
		return pg_explain_text_error(conn, err), false;
	for (size_t row = 0; row < so_pg_rows(r); row++)
		for (size_t i = 0; i < n; i++)
			if (!out[i].text && strcmp(ids[i], so_pg_cell(r, row, 0)) == 0) {
				out[i].truncated = so_pg_true(r, row, 2);
				out[i].text = pg_capped_text(ctx, so_pg_cell(r, row, 1), &out[i].truncated);
			}
	return true;
}
