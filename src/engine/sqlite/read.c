/* Plans, capped reads, digests, and the one way to change the file. */
#include "engine/sqlite/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "engine/collect.h"

#define MAX_PLAN (4 * 1024 * 1024)

/* Only what can have a plan; the parser's answer is kept in *cls, which stays zero for a text that only SQLite reads.
 */
static bool check_plannable(const char *sql, struct so_sql_class *cls, bool *writes, bool *params, struct so_err *err)
{
	static const char *const verbs[] = { "select", "with", "values", "insert", "replace", "update", "delete" };
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT, .lenient = true };
	struct so_err why = SO_ERR_INIT;
	struct so_ast *ast;
	const char *at = sql;
	char word[16] = "";
	size_t n = 0;

	*cls = (struct so_sql_class){ .pure_read = false };
	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	for (;;) {
		at += strspn(at, " \t\r\n\f");
		if (at[0] == '-' && at[1] == '-')
			at += strcspn(at, "\n");
		else if (at[0] == '/' && at[1] == '*')
			at = strstr(at + 2, "*/") ? strstr(at + 2, "*/") + 2 : at + strlen(at);
		else
			break;
	}
	if (!*at)
		return so_fail(err, SO_INPUT, "the statement is empty");
	for (; isalpha((unsigned char)at[n]) && n + 1 < sizeof word; n++)
		word[n] = (char)tolower((unsigned char)at[n]);
	for (n = 0; n < sizeof verbs / sizeof verbs[0] && strcmp(verbs[n], word) != 0;)
		n++;
	if (n == sizeof verbs / sizeof verbs[0])
		return so_fail_at(err, SO_INPUT, 0,
			"only SELECT, VALUES, INSERT, REPLACE, UPDATE and DELETE have a plan, this begins with \"%s\"",
			word);
	*writes = n > 2;
	if (so_sql_parse(tmp, NULL, SO_SQLITE, sql, strlen(sql), &options, &ast, &why))
		so_sql_classify(ast, so_ast_statement(ast), cls);
	*params = false;
	return true;
}

static bool check_read(const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };
	struct so_sql_class cls;
	struct so_ast *ast;
	bool writes, params;

	if (!check_plannable(sql, &cls, &writes, &params, err))
		return false;
	if (writes)
		return so_fail(err, SO_INPUT, "only a statement that purely reads is executed: it writes");
	/* What our parser does not understand is not executed, even if SQLite would. */
	if (!so_sql_parse(tmp, NULL, SO_SQLITE, sql, strlen(sql), &options, &ast, err))
		return so_fail_in(err, "not executed");
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	if (!so_pure_read_check(&cls, true, err))
		return false;
	return true;
}

/* ---- Plans ---- */

/* One line a row, as the shell prints them with separators: id|parent|notused|detail. */
static char *plan_text(TALLOC_CTX *ctx, struct lite_conn *conn, sqlite3 *db, sqlite3_stmt *stmt, struct so_err *err)
{
	struct so_buf out;
	int rc;

	so_buf_init(&out, ctx, MAX_PLAN);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(stmt, 3);

		so_buf_addf(&out, "%d|%d|%d|", sqlite3_column_int(stmt, 0), sqlite3_column_int(stmt, 1),
			sqlite3_column_int(stmt, 2));
		for (; detail && *detail; detail++) /* names may hold anything */
			so_buf_addc(&out, *detail == '\n' || *detail == '\r' ? ' ' : *detail);
		so_buf_addc(&out, '\n');
	}
	if (rc != SQLITE_DONE)
		return lite_fail(conn, db, rc, err), NULL;
	if (out.overflow)
		return so_fail(err, SO_LIMIT, "the plan is longer than %d bytes", MAX_PLAN), NULL;
	/* VALUES, SELECT 1: nothing is read, and SQLite says nothing */
	return out.len ? out.data : so_strdup(ctx, "0|0|0|SCAN CONSTANT ROW\n");
}

bool lite_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err)
{
	static const char head[] = "EXPLAIN QUERY PLAN ";
	SO_TMP(tmp, NULL);
	struct lite_conn *conn = lite_conn_of(base);
	sqlite3 *db = conn->scratch ? conn->scratch : conn->raw;
	struct so_sql_class cls;
	int64_t start_us, before_us = base->wait_us;
	bool writes, params;
	sqlite3_stmt *stmt;
	char *text = NULL;
	int parameters = 0;

	if (!check_plannable(sql, &cls, &writes, &params, err))
		return false;
	if (options->mode == SO_EXPLAIN_ANALYZE)
		return writes ? so_fail(err, SO_INPUT, "only a statement that purely reads is executed: it writes")
			      : so_fail(err, SO_UNSUPPORTED,
					"SQLite has no EXPLAIN ANALYZE: a plan has neither times nor row counts");
	if (options->set_local)
		return so_fail(err, SO_UNSUPPORTED, "SQLite has no settings that change a plan");
	if (!lite_begin(conn, options->timeout_ms, &start_us, err))
		return false;
	stmt = lite_prepare(conn, db, so_printf(tmp, "%s%s", head, sql), err);
	if (stmt) {
		parameters = sqlite3_bind_parameter_count(stmt);
		text = plan_text(ctx, conn, db, stmt, err);
		sqlite3_finalize(stmt);
	}
	lite_end(conn, start_us);
	if (!text) {
		err->position =
			err->position >= (int32_t)sizeof head - 1 ? err->position - ((int32_t)sizeof head - 1) : -1;
		return false;
	}
	*out = (struct so_explain){ .text = text, .format = "sqlite-eqp", .generic = parameters > 0 };
	out->wait_us = base->wait_us - before_us;
	return true;
}

/* ---- Reads ---- */

/* Whatever the text does: nothing but reading is compiled. */
static int only_reading(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
			       action == SQLITE_RECURSIVE
		       ? SQLITE_OK
		       : SQLITE_DENY;
}

struct reading {
	struct lite_conn *conn;
	const char *sql;
	int64_t timeout_ms, exec_us;
	bool (*row)(void *arg, size_t n, const char *const *values, const size_t *lengths);
	void *arg;
	size_t n;
	char **columns, **types;
};

static bool take_rows(TALLOC_CTX *ctx, struct reading *r, sqlite3_stmt *stmt, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	size_t n = (size_t)sqlite3_column_count(stmt);
	const char **values = so_new_array(tmp, const char *, n + 1);
	size_t *lengths = so_new_array(tmp, size_t, n + 1);
	int rc;

	r->n = n;
	r->columns = so_new_array(ctx, char *, n + 1);
	r->types = so_new_array(ctx, char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *type = sqlite3_column_decltype(stmt, (int)i);

		r->columns[i] = so_strdup(r->columns, sqlite3_column_name(stmt, (int)i));
		r->types[i] = so_strdup(r->types, type ? type : ""); /* expressions have none */
	}
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (size_t i = 0; i < n; i++) {
			bool null = sqlite3_column_type(stmt, (int)i) == SQLITE_NULL;

			values[i] = null ? NULL : (const char *)sqlite3_column_blob(stmt, (int)i);
			if (!null && sqlite3_column_type(stmt, (int)i) != SQLITE_BLOB)
				values[i] = (const char *)sqlite3_column_text(stmt, (int)i);
			lengths[i] = null ? 0 : (size_t)sqlite3_column_bytes(stmt, (int)i);
			if (!null && !values[i])
				values[i] = ""; /* an empty blob */
		}
		if (!r->row(r->arg, n, values, lengths))
			return true;
	}
	return rc == SQLITE_DONE || lite_fail(r->conn, r->conn->raw, rc, err);
}

static bool read_only(TALLOC_CTX *ctx, struct reading *r, struct so_err *err)
{
	struct lite_conn *conn = r->conn;
	int64_t start_us;
	sqlite3_stmt *stmt;
	bool fine = false;

	if (!check_read(r->sql, err) || !lite_begin(conn, r->timeout_ms, &start_us, err))
		return false;
	sqlite3_set_authorizer(conn->raw, only_reading, NULL);
	stmt = lite_prepare(conn, conn->raw, r->sql, err);
	sqlite3_set_authorizer(conn->raw, NULL, NULL);
	if (stmt && sqlite3_bind_parameter_count(stmt) > 0)
		so_fail(err, SO_INPUT, "not executed: the statement has parameters and no values for them");
	else if (stmt)
		fine = take_rows(ctx, r, stmt, err);
	sqlite3_finalize(stmt);
	r->exec_us = so_time_monotonic_us() - start_us + 1;
	lite_end(conn, start_us);
	return fine;
}

static bool keep_row(void *arg, size_t n, const char *const *values, const size_t *lengths)
{
	return so_keep_row(arg, n, values, lengths);
}

bool lite_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	struct so_rows rows = { .truncated = false };
	struct so_row_keeper keeper = { .out = &rows, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = lite_conn_of(base), .sql = sql, .timeout_ms = timeout_ms, .row = keep_row, .arg = &keeper
	};

	rows.cells = so_new_array(ctx, char *, 1);
	if (!read_only(ctx, &reading, err)) {
		talloc_free(rows.cells);
		return false;
	}
	rows.n_columns = reading.n;
	rows.columns = reading.columns;
	rows.types = reading.types;
	rows.wait_us = reading.exec_us;
	*out = rows;
	return true;
}

static bool digest_row(void *arg, size_t n, const char *const *values, const size_t *lengths)
{
	return so_digest_row(arg, n, values, lengths);
}

bool lite_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct so_result_digest digest = { .n_rows = 0 };
	struct so_row_digester digester = { .out = &digest, .max_rows = max_rows, .max_bytes = max_bytes };
	struct reading reading = {
		.conn = lite_conn_of(base), .sql = sql, .timeout_ms = timeout_ms, .row = digest_row, .arg = &digester
	};

	if (!read_only(ctx, &reading, err))
		return false;
	digest.exec_us = reading.exec_us;
	digest.n_columns = reading.n;
	digest.columns = reading.columns;
	digest.types = reading.types;
	*out = digest;
	return true;
}

/* ---- Changes ---- */

/* A second connection writes, for the one statement; ours stays read-only. In memory there is only ours. */
static bool run_change(struct lite_conn *conn, const char *sql, struct so_err *err)
{
	sqlite3 *db = conn->raw;
	bool fine;
	int rc;

	if (conn->path) {
		rc = sqlite3_open_v2(conn->path, &db, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL);
		if (rc != SQLITE_OK) {
			lite_fail(conn, db, rc, err);
			sqlite3_close_v2(db);
			return false;
		}
		lite_harden(conn, db);
		fine = lite_run(conn, db, "PRAGMA foreign_keys = ON", err) && lite_run(conn, db, sql, err);
		sqlite3_close_v2(db);
		return fine;
	}
	fine = lite_run(conn, db, "PRAGMA query_only = OFF", err) && lite_run(conn, db, sql, err);
	if (!lite_run(conn, db, "PRAGMA query_only = ON", err))
		conn->base.broken = true;
	return fine;
}

bool lite_execute(
	struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	static const char *const accepted[] = { "create", "drop", "alter", "analyze", "reindex", "vacuum", "insert",
		"update", "delete", "replace" };
	struct lite_conn *conn = lite_conn_of(base);
	int64_t start_us, lock_ms = conn->base.lock_timeout_ms;
	const char *at = sql + strspn(sql, " \t\r\n");
	char word[16] = "";
	bool known = false, fine;

	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	for (size_t n = 0; isalpha((unsigned char)at[n]) && n + 1 < sizeof word; n++)
		word[n] = (char)tolower((unsigned char)at[n]);
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
		known = known || strcmp(accepted[i], word) == 0;
	if (!known)
		return so_fail(err, SO_INPUT, *word ? "%s is not executed here" : "the statement is empty%s", word);
	if (conn->scratch)
		return so_fail(err, SO_CONFLICT, "nothing can be executed inside a what-if session");
	if (!lite_begin(conn, timeout_ms, &start_us, err))
		return false;
	conn->base.lock_timeout_ms = lock_timeout_ms > 0 ? lock_timeout_ms : lock_ms;
	fine = run_change(conn, sql, err);
	conn->base.lock_timeout_ms = lock_ms;
	lite_end(conn, start_us);
	return fine;
}
