/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/postgresql/internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "engine/collect.h"

#define MAX_COLUMNS 1664 /* of a PostgreSQL result */

/* Names of the result's types, as the server prints them. */
static bool type_names(
	TALLOC_CTX *ctx, struct pg_conn *conn, const struct so_pg_result *shape, char ***types, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	size_t n = so_pg_columns(shape);
	struct so_buf oids, mods;
	const char *params[2];
	struct so_pg_query query = { .n_params = 2, .params = params };
	struct so_pg_result *result;

	so_buf_init(&oids, tmp, 64 * 1024);
	so_buf_init(&mods, tmp, 64 * 1024);
	for (size_t i = 0; i < n; i++) {
		so_buf_addf(&oids, "%s%u", i ? "," : "{", so_pg_column_type(shape, i));
		so_buf_addf(&mods, "%s%d", i ? "," : "{", so_pg_column_typmod(shape, i));
	}
	so_buf_adds(&oids, n ? "}" : "{}");
	so_buf_adds(&mods, n ? "}" : "{}");
	params[0] = so_buf_text(&oids);
	params[1] = so_buf_text(&mods);
	query.sql = PG_SQL_TYPES;
	result = pg_run(tmp, conn, &query, err);
	if (!result)
		return false;
	*types = so_new_array(ctx, char *, n + 1);
	for (size_t i = 0; i < n && i < so_pg_rows(result); i++)
		(*types)[i] = so_strdup(*types, so_pg_cell(result, i, 0) ? so_pg_cell(result, i, 0) : "unknown");
	return true;
}

static char **column_names(TALLOC_CTX *ctx, const struct so_pg_result *shape)
{
	size_t n = so_pg_columns(shape);
	char **names = so_new_array(ctx, char *, n + 1);

	for (size_t i = 0; i < n; i++)
		names[i] = so_utf8_copy(names, so_pg_column(shape, i), strlen(so_pg_column(shape, i)));
	return names;
}

/* One read-only transaction around a streamed statement; the types are asked in a second one, since a stream that was
 * cut short leaves a failed block. */
struct reading {
	struct pg_conn *conn;
	const char *sql;
	int64_t timeout_ms;
	bool (*row)(void *arg, const struct so_pg_row *row);
	void *arg;
	int64_t exec_us;
	bool stopped;
};

static bool read_only(
	TALLOC_CTX *ctx, struct reading *r, struct so_pg_result **shape, char ***types, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = r->conn;
	struct pg_work work = { .timeout_ms = r->timeout_ms > 0 ? r->timeout_ms : conn->base.statement_timeout_ms };
	struct so_pg_query query = {
		.sql = pg_tagged(tmp, conn, so_printf(tmp, TAG "%s", r->sql)),
		.prefix_len = TAG_LEN,
		.timeout_ms = so_conn_wait_limit(&conn->base, r->timeout_ms),
	};
	int64_t start_us;
	bool fine;

	if (!pg_check_read(r->sql, err))
		return false;
	if (conn->what_if && !conn->session)
		return so_fail(err, SO_CONFLICT, "behind a pooler nothing else can run inside a what-if session");
	if (!pg_work_begin(conn, &work, err))
		return false;
	so_pg_set_cancel(conn->pg, conn->base.cancel);
	start_us = so_time_monotonic_us();
	fine = so_pg_stream(ctx, conn->pg, &query, r->row, r->arg, &r->stopped, shape, err);
	r->exec_us = so_time_monotonic_us() - start_us;
	so_pg_set_cancel(conn->pg, NULL);
	pg_note(conn);
	pg_work_end(conn);
	return fine && *shape && (conn->base.broken || type_names(ctx, conn, *shape, types, err));
}

static bool keep_row(void *arg, const struct so_pg_row *row)
{
	return so_keep_row(arg, row->n_columns, row->values, row->lengths);
}

bool pg_read_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	struct so_pg_result *shape = NULL;
	struct so_rows rows = { .truncated = false };
	struct so_row_keeper keeping = { .out = &rows, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = pg_conn_of(base),
		.sql = sql,
		.timeout_ms = timeout_ms,
		.row = keep_row,
		.arg = &keeping,
	};
	int64_t before_us = base->wait_us;

	rows.cells = so_new_array(ctx, char *, 1);
	if (!read_only(ctx, &reading, &shape, &rows.types, err)) {
		talloc_free(rows.cells);
		talloc_free(shape);
		return false;
	}
	rows.n_columns = so_pg_columns(shape);
	rows.columns = column_names(ctx, shape);
	rows.wait_us = base->wait_us - before_us;
	talloc_free(shape);
	*out = rows;
	return true;
}

static bool digest_row(void *arg, const struct so_pg_row *row)
{
	return so_digest_row(arg, row->n_columns, row->values, row->lengths);
}

bool pg_read_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct so_pg_result *shape = NULL;
	struct so_result_digest digest = { .n_rows = 0 };
	struct so_row_digester digesting = { .out = &digest, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = pg_conn_of(base),
		.sql = sql,
		.timeout_ms = timeout_ms,
		.row = digest_row,
		.arg = &digesting,
	};

	if (!read_only(ctx, &reading, &shape, &digest.types, err)) {
		talloc_free(shape);
		return false;
	}
	digest.exec_us = reading.exec_us;
	digest.n_columns = so_pg_columns(shape);
	digest.columns = column_names(ctx, shape);
	talloc_free(shape);
	*out = digest;
	return true;
}

/* An index that CREATE INDEX CONCURRENTLY left behind, as DROP takes it, or NULL. */
static char *invalid_leftover(TALLOC_CTX *ctx, struct pg_conn *conn, const char *index)
{
	struct so_err ignored = SO_ERR_INIT;
	const char *params[1];
	struct so_pg_query query = { .n_params = 1, .params = params, .sql = PG_SQL_LEFTOVER };
	struct so_pg_result *result;
	char *schema, *name;

	if (conn->base.broken || !index || !pg_text_name(ctx, index, &schema, &name))
		return NULL;
	params[0] = name;
	result = pg_run(ctx, conn, &query, &ignored);
	return result && so_pg_rows(result) ? so_strdup(ctx, so_pg_cell(result, 0, 0)) : NULL;
}

static bool execute_settings(
	struct pg_conn *conn, int64_t timeout_ms, int64_t lock_timeout_ms, bool read_only, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *params[] = { so_printf(tmp, "%lld", (long long)timeout_ms),
		so_printf(tmp, "%lld", (long long)lock_timeout_ms), read_only ? "on" : "off" };
	struct so_pg_query query = { .n_params = 3, .params = params, .outcome = true, .sql = PG_SQL_EXECUTE_SETTINGS };

	return pg_run(tmp, conn, &query, err) != NULL;
}

static bool run_statement(struct pg_conn *conn, const char *sql, int64_t timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_pg_query query = {
		.sql = so_printf(tmp, TAG "%s", sql), .prefix_len = TAG_LEN, .timeout_ms = timeout_ms, .outcome = true
	};

	return pg_run(tmp, conn, &query, err) != NULL;
}

/* Behind a pooler settings hold inside one transaction only. */
static bool execute_in_block(struct pg_conn *conn, const char *sql, const struct pg_text *look, int64_t timeout_ms,
	int64_t lock_timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_setting lock = { "lock_timeout", so_printf(tmp, "%lld", (long long)lock_timeout_ms) };
	struct so_pg_query commit = { .sql = TAG "COMMIT", .outcome = true };
	struct pg_work work = {
		.begin = TAG "BEGIN READ WRITE", .timeout_ms = timeout_ms, .n_settings = 1, .settings = &lock
	};

	if (look->concurrently || strcmp(look->word, "VACUUM") == 0)
		return so_fail(err, SO_UNSUPPORTED,
			"a transaction pooler is in between: %s outside a transaction needs a direct connection",
			look->word);
	if (!pg_work_begin(conn, &work, err))
		return false;
	if (!run_statement(conn, sql, timeout_ms, err)) {
		pg_work_end(conn);
		return false;
	}
	if (!pg_run(tmp, conn, &commit, err)) { /* nobody knows whether it happened */
		conn->base.broken = true;
		return false;
	}
	return true;
}

static bool check_executable(struct pg_conn *conn, const char *sql, struct pg_text *look, struct so_err *err)
{
	static const char *const refused[] = { "BEGIN", "START", "COMMIT", "ROLLBACK", "ABORT", "END", "SAVEPOINT",
		"RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE", "SET", "RESET", "DISCARD", "COPY", "LISTEN", "UNLISTEN",
		"LOCK", "DECLARE", "FETCH", "MOVE", "CLOSE", "LOAD" };

	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	pg_text_look(sql, look);
	if (look->empty)
		return so_fail(err, SO_INPUT, "the statement is empty");
	if (look->many)
		return so_fail(err, SO_INPUT, "more than one statement");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (strcmp(look->word, refused[i]) == 0)
			return so_fail(err, SO_INPUT, "%s is not executed here", look->word);
	if (conn->what_if)
		return so_fail(err, SO_CONFLICT, "nothing can be executed inside a what-if session");
	/* We switch our own read-only default off; one that the administrator gave this login stays. */
	if (!pg_info(&conn->base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE) && !conn->info->in_recovery)
		return so_fail(
			err, SO_FORBIDDEN, "default_transaction_read_only is on for user \"%s\"", conn->info->user);
	return true;
}

/* After a CREATE INDEX CONCURRENTLY that failed: drops the INVALID index that it left, and says so; or what to run,
 * when that is not possible either. Dropping waits, without standing in anybody's way, for those that the build waited
 * for.
 */
static void clean_up(struct pg_conn *conn, const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *leftover = invalid_leftover(tmp, conn, pg_text_concurrent_index(tmp, sql)), *drop;
	struct so_err first = *err, later = SO_ERR_INIT;
	bool dropped = false;

	if (!leftover)
		return;
	drop = so_printf(tmp, "DROP INDEX CONCURRENTLY %s", leftover);
	/* one of that name may have been there before, and be somebody's */
	if (strcmp(first.sqlstate, "42P07") != 0 &&
		execute_settings(conn, 2 * SO_UNDO_LIMIT_MS, SO_UNDO_LIMIT_MS, false, &later)) {
		dropped = run_statement(conn, drop, 2 * SO_UNDO_LIMIT_MS, &later);
		if (!conn->base.broken && !execute_settings(conn, conn->base.statement_timeout_ms,
						  conn->base.lock_timeout_ms, true, &later))
			conn->base.broken = true;
	}
	if (dropped)
		so_fail(err, first.kind, "%.300s; the INVALID index that it left behind was dropped", first.message);
	else
		so_fail(err, first.kind, "%.300s; it left an INVALID index behind: run %s", first.message, drop);
	memcpy(err->sqlstate, first.sqlstate, sizeof err->sqlstate);
}

bool pg_execute(struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	struct pg_conn *conn = pg_conn_of(base);
	struct so_err later = SO_ERR_INIT;
	struct so_cancel *token = base->cancel;
	struct pg_text look;
	bool fine;

	if (!check_executable(conn, sql, &look, err))
		return false;
	timeout_ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms;
	lock_timeout_ms = lock_timeout_ms > 0 ? lock_timeout_ms : conn->base.lock_timeout_ms;
	if (!conn->session)
		return execute_in_block(conn, sql, &look, timeout_ms, lock_timeout_ms, err);
	if (!execute_settings(conn, timeout_ms, lock_timeout_ms, false, err))
		return false;
	fine = run_statement(conn, sql, timeout_ms, err);
	base->cancel = NULL; /* whatever happened, the session becomes read-only again or is given up */
	if (!base->broken &&
		!execute_settings(conn, conn->base.statement_timeout_ms, conn->base.lock_timeout_ms, true, &later))
		base->broken = true;
	if (!fine)
		clean_up(conn, sql, err);
	base->cancel = token;
	return fine;
}
