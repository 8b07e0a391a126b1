/* Shared by the files of the SQLite driver only. */
#ifndef SO_ENGINE_SQLITE_INTERNAL_H
#define SO_ENGINE_SQLITE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "engine/conn.h"
#include "engine/sqlite/sqlite.h"
#include "sql/parse.h"

#define MAX_STATEMENT (1024 * 1024)

struct lite_conn {
	struct so_conn base; /* first */
	sqlite3 *raw;
	sqlite3 *scratch; /* schema and statistics without rows, while a what-if session is open */
	char *path; /* NULL: in memory */
	int64_t statement_timeout_ms, lock_timeout_ms;
	int64_t deadline_us; /* of the statement that runs */
	pthread_mutex_t lock; /* guards running and cancel_asked */
	bool running, cancel_asked;
	uint32_t last_hypo; /* id */
	struct so_engine_info *info;
};

/* --- session.c --- */
struct lite_conn *lite_conn_of(struct so_conn *conn);
struct so_conn *lite_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
bool lite_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
void lite_cancel(struct so_conn *conn);
/* Around everything that runs: the time limit, the token, and so_conn's wait time. */
bool lite_begin(struct lite_conn *conn, int64_t timeout_ms, int64_t *start_us, struct so_err *err);
void lite_end(struct lite_conn *conn, int64_t start_us);
/* The one statement of a text, prepared; more than one is refused. Positions are byte offsets into `sql`. */
sqlite3_stmt *lite_prepare(struct lite_conn *conn, sqlite3 *db, const char *sql, struct so_err *err);
bool lite_fail(struct lite_conn *conn, sqlite3 *db, int rc, struct so_err *err);
/* One of our own statements, on any of the databases. */
bool lite_run(struct lite_conn *conn, sqlite3 *db, const char *sql, struct so_err *err);
/* "name" */
char *lite_quote(TALLOC_CTX *ctx, const char *name);
char *lite_literal(TALLOC_CTX *ctx, const char *text);
/* Limits, flags and handlers that every database of a connection gets. */
void lite_harden(struct lite_conn *conn, sqlite3 *db);

/* --- read.c --- */
bool lite_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err);
bool lite_query(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err);
bool lite_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err);
bool lite_execute(
	struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);

/* --- whatif.c --- */
bool lite_what_if_begin(struct so_conn *conn, struct so_err *err);
bool lite_what_if_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n,
	struct so_hypo_index *out, struct so_err *err);
bool lite_what_if_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err);
void lite_what_if_end(struct so_conn *conn);

/* --- catalog.c, info.c --- */
struct so_catalog *lite_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
char *lite_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
const struct so_engine_info *lite_info(struct so_conn *conn, struct so_err *err);
struct so_query_list *lite_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);

#endif
