/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/mssql/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "db/pg_client.h"
#include "engine/collect.h"

/* One transaction, rolled back at its end, around a streamed statement. */
struct reading {
	struct ms_conn *conn;
	const char *sql;
	int64_t timeout_ms;
	bool (*row)(void *arg, const struct so_blocking_row *row);
	void *arg;
	int64_t exec_us;
	bool stopped;
};

static bool read_only(TALLOC_CTX *ctx, struct reading *r, struct so_text_result **shape, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = r->conn;
	struct so_blocking_query query = {
		.sql = so_printf(tmp, TAG "%s", r->sql),
		.timeout_ms = ms_wait_limit(conn, r->timeout_ms),
	};
	int64_t start_us;
	bool fine;

	if (!ms_check_read(r->sql, err) || !ms_command(conn, MS_SQL_BEGIN, err))
		return false;
	so_blocking_set_cancel(conn->odbc, conn->base.cancel);
	start_us = so_time_monotonic_us();
	fine = so_blocking_stream(ctx, conn->odbc, &query, r->row, r->arg, &r->stopped, shape, err);
	r->exec_us = so_time_monotonic_us() - start_us;
	so_blocking_set_cancel(conn->odbc, NULL);
	ms_note(conn);
	ms_undo(conn, MS_SQL_ROLLBACK);
	return fine;
}

/* Names and types of the result, as children of ctx. */
static void take_shape(TALLOC_CTX *ctx, const struct so_text_result *shape, size_t *n, char ***columns, char ***types)
{
	*n = so_text_columns(shape);
	*columns = so_new_array(ctx, char *, *n + 1);
	*types = so_new_array(ctx, char *, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		(*columns)[i] = so_strdup(*columns, so_text_column(shape, i));
		so_pg_utf8_mend((*columns)[i], strlen((*columns)[i]));
		(*types)[i] = so_strdup(*types, so_text_column_type(shape, i));
	}
}

static bool keep_row(void *arg, const struct so_blocking_row *row)
{
	return so_keep_row(arg, row->n_columns, row->values, row->lengths);
}

bool ms_read_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	struct so_text_result *shape = NULL;
	struct so_rows rows = { .truncated = false };
	struct so_row_keeper keeper = { .out = &rows, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = ms_conn_of(base), .sql = sql, .timeout_ms = timeout_ms, .row = keep_row, .arg = &keeper
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

static bool digest_row(void *arg, const struct so_blocking_row *row)
{
	return so_digest_row(arg, row->n_columns, row->values, row->lengths);
}

bool ms_read_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct so_text_result *shape = NULL;
	struct so_result_digest digest = { .n_rows = 0 };
	struct so_row_digester digester = { .out = &digest, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = ms_conn_of(base), .sql = sql, .timeout_ms = timeout_ms, .row = digest_row, .arg = &digester
	};

	if (!read_only(ctx, &reading, &shape, err))
		return false;
	digest.exec_us = reading.exec_us;
	take_shape(ctx, shape, &digest.n_columns, &digest.columns, &digest.types);
	talloc_free(shape);
	*out = digest;
	return true;
}

/* What may be applied: one statement that defines or maintains, or one that changes rows; nothing that touches the
 * session, logins, the server or other databases. */
static bool check_executable(const char *sql, struct so_err *err)
{
	static const char *const accepted[] = { "CREATE", "ALTER", "DROP", "UPDATE", "INSERT", "DELETE", "MERGE",
		"TRUNCATE" };
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };
	struct so_sql_piece *pieces;
	size_t n = 0, count;
	char word[16] = "";
	const char *at;

	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	if (!so_sql_split(tmp, NULL, SO_TSQL, sql, strlen(sql), &options, &pieces, &count, err))
		return false;
	if (count != 1)
		return so_fail(err, SO_INPUT, count ? "more than one statement" : "the statement is empty");
	at = sql + pieces[0].offset;
	for (; isalpha((unsigned char)at[n]) && n + 1 < sizeof word; n++)
		word[n] = (char)toupper((unsigned char)at[n]);
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
		if (strcmp(word, accepted[i]) == 0)
			return true;
	return so_fail(err, SO_INPUT, "%s is not executed here", *word ? word : "this statement");
}

bool ms_execute(struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct so_blocking_query query = { .sql = so_printf(tmp, TAG "%s", sql), .outcome = true };
	long long lock_ms = lock_timeout_ms > 0 ? lock_timeout_ms : conn->lock_timeout_ms;
	struct so_text_result *result = NULL;

	if (!check_executable(sql, err) || !ms_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE))
		return so_fail(err, SO_FORBIDDEN, "database %s is read-only", conn->info->database);
	query.timeout_ms = timeout_ms > 0 ? timeout_ms : conn->statement_timeout_ms;
	if (ms_command(conn, so_printf(tmp, MS_SQL_LOCK_TIMEOUT, lock_ms), err)) {
		so_blocking_set_cancel(conn->odbc, base->cancel);
		result = so_blocking_query(tmp, conn->odbc, &query, false, err);
		so_blocking_set_cancel(conn->odbc, NULL);
		ms_note(conn);
	}
	ms_undo(conn, so_printf(tmp, MS_SQL_LOCK_TIMEOUT, (long long)conn->lock_timeout_ms));
	return result != NULL;
}
