/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/mysql/internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "engine/collect.h"

/* One read-only transaction around a streamed statement. */
struct reading {
	struct my_conn *conn;
	const char *sql;
	int64_t timeout_ms;
	bool (*row)(void *arg, const struct so_my_row *row);
	void *arg;
	int64_t exec_us;
	bool counted; /* rows_examined is wanted, which costs two round trips */
	int64_t rows_examined; /* 0: not known */
	bool stopped;
};

/* What the statements of the session have looked at so far, -1 when that cannot be read. */
static int64_t looked_at(struct my_conn *conn)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r = my_ask(tmp, conn, MY_SQL_LOOKED_AT, &ignored);
	int64_t sum = 0;

	for (size_t i = 0; r && i < so_my_rows(r); i++)
		sum += so_my_int(r, i, 1, 0);
	return r ? sum : -1;
}

static bool read_only(TALLOC_CTX *ctx, struct reading *r, struct so_my_result **shape, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = r->conn;
	struct so_my_query query = {
		.sql = so_printf(tmp, TAG "%s", r->sql),
		.prefix_len = TAG_LEN,
		.timeout_ms = so_conn_wait_limit(&conn->base, r->timeout_ms),
	};
	int64_t start_us, before = -1, after;
	bool fine;

	if (!my_check_read(conn, r->sql, err) || !my_read_begin(conn, r->timeout_ms, err))
		return false;
	if (r->counted)
		before = looked_at(conn);
	so_my_set_cancel(conn->my, conn->base.cancel);
	start_us = so_time_monotonic_us();
	fine = so_my_stream(ctx, conn->my, &query, r->row, r->arg, &r->stopped, shape, err);
	r->exec_us = so_time_monotonic_us() - start_us;
	so_my_set_cancel(conn->my, NULL);
	my_note(conn);
	if (fine && before >= 0 && !conn->base.broken) {
		after = looked_at(conn);
		r->rows_examined = after > before ? after - before : 0;
	}
	my_read_end(conn);
	return fine;
}

/* Names and types of the result, as children of ctx. */
static void take_shape(TALLOC_CTX *ctx, const struct so_my_result *shape, size_t *n, char ***columns, char ***types)
{
	*n = so_my_columns(shape);
	*columns = so_new_array(ctx, char *, *n + 1);
	*types = so_new_array(ctx, char *, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		(*columns)[i] = so_strdup(*columns, so_my_column(shape, i));
		so_utf8_mend((*columns)[i], strlen((*columns)[i]));
		(*types)[i] = so_strdup(*types, so_my_column_type(shape, i));
	}
}

static bool keep_row(void *arg, const struct so_my_row *row)
{
	return so_keep_row(arg, row->n_columns, row->values, row->lengths);
}

bool my_read_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	struct so_my_result *shape = NULL;
	struct so_rows rows = { .truncated = false };
	struct so_row_keeper keeping = { .out = &rows, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = my_conn_of(base), .sql = sql, .timeout_ms = timeout_ms, .row = keep_row, .arg = &keeping
	};
	int64_t before_us = base->wait_us;

	rows.cells = so_new_array(ctx, char *, 1);
	if (!read_only(ctx, &reading, &shape, err)) {
		talloc_free(rows.cells);
		return false;
	}
	take_shape(ctx, shape, &rows.n_columns, &rows.columns, &rows.types);
	rows.wait_us = base->wait_us - before_us;
	talloc_free(shape);
	*out = rows;
	return true;
}

static bool digest_row(void *arg, const struct so_my_row *row)
{
	return so_digest_row(arg, row->n_columns, row->values, row->lengths);
}

bool my_read_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct so_my_result *shape = NULL;
	struct so_result_digest digest = { .n_rows = 0 };
	struct so_row_digester digesting = { .out = &digest, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = { .conn = my_conn_of(base),
		.sql = sql,
		.timeout_ms = timeout_ms,
		.row = digest_row,
		.arg = &digesting,
		.counted = true };

	if (!read_only(ctx, &reading, &shape, err))
		return false;
	digest.exec_us = reading.exec_us;
	digest.rows_examined = reading.rows_examined;
	take_shape(ctx, shape, &digest.n_columns, &digest.columns, &digest.types);
	talloc_free(shape);
	*out = digest;
	return true;
}

/* What may be applied: one statement that defines or maintains, or one that changes rows; nothing that touches the
 * session, accounts or files. */
static bool check_executable(struct my_conn *conn, const char *sql, struct so_err *err)
{
	static const char *const accepted[] = { "CREATE", "ALTER", "DROP", "ANALYZE", "OPTIMIZE", "RENAME", "TRUNCATE",
		"INSERT", "UPDATE", "DELETE", "REPLACE", NULL };

	return so_executable_check(my_dialect(conn), conn->modes, accepted, MAX_STATEMENT, sql, err);
}

static bool lock_limit(struct my_conn *conn, int64_t ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	long long seconds = ms > 1000 ? (ms + 999) / 1000 : 1;

	return my_run_command(conn, so_printf(tmp, MY_SQL_LOCK_LIMIT, seconds, seconds), err);
}

bool my_execute(struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct so_cancel *token = base->cancel;
	struct so_err later = SO_ERR_INIT;
	struct so_my_query query = { .sql = so_printf(tmp, TAG "%s", sql), .prefix_len = TAG_LEN, .outcome = true };
	bool fine;

	if (!check_executable(conn, sql, err) || !my_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE))
		return so_fail(err, SO_FORBIDDEN, "read_only is on: the server takes no changes from this login");
	query.timeout_ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms;
	fine = lock_limit(conn, lock_timeout_ms > 0 ? lock_timeout_ms : conn->base.lock_timeout_ms, err) &&
	       my_set_timeout(conn, query.timeout_ms, err) && my_run_command(conn, MY_SQL_READ_WRITE, err) &&
	       my_run(tmp, conn, &query, err);
	base->cancel = NULL; /* whatever happened, the session becomes read-only again or is given up */
	if (!base->broken &&
		!(my_run_command(conn, MY_SQL_READ_ONLY, &later) &&
			lock_limit(conn, conn->base.lock_timeout_ms, &later) && my_set_timeout(conn, 0, &later)))
		base->broken = true;
	base->cancel = token;
	return fine;
}
