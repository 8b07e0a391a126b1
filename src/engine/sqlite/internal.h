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
	char *workload; /* file of statements and their counters, or NULL */
	int64_t deadline_us; /* of the statement that runs */
	pthread_mutex_t lock; /* guards running and cancel_asked */
	bool running, cancel_asked;
	uint32_t last_hypo; /* id */
	struct so_engine_info *info;
};

/* Statements of the schema audit. A table has one row of statistics an index, and those of partial indexes count less;
 * sizes mean reading every page, so only files up to 64 MiB are asked for them. */
#define LITE_SQL_HAS_STATS     "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'"
#define LITE_SQL_HAS_SEQUENCES "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'"
#define LITE_SQL_HAS_SIZES                                                                                             \
	"SELECT count(*) FROM pragma_compile_options AS o, pragma_page_count AS c, pragma_page_size AS s"              \
	" WHERE o.compile_options = 'ENABLE_DBSTAT_VTAB' AND c.page_count * s.page_size <= 67108864"
#define LITE_SQL_ROWS "(SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 AS t WHERE t.tbl = l.name)"
#define LITE_SQL_SIZES                                                                                                 \
	"(SELECT sum(d.pgsize) FROM sqlite_schema AS m JOIN dbstat AS d ON d.name = m.name WHERE m.tbl_name = l.name"  \
	" AND d.aggregate = TRUE)"
#define LITE_SQL_RELATIONS                                                                                             \
	"SELECT l.name, l.type, %s AS row_count, %s AS bytes FROM pragma_table_list AS l WHERE l.schema = 'main'"      \
	" AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"                    \
	" ORDER BY bytes DESC NULLS LAST, row_count DESC NULLS LAST, l.type = 'view', l.name LIMIT %lld"
#define LITE_SQL_SEQUENCES                                                                                             \
	"SELECT 'main.' || q.name, q.seq, (SELECT 'main.' || q.name || '.' || c.name FROM pragma_table_info(q.name) "  \
	"AS c"                                                                                                         \
	" WHERE c.pk) FROM sqlite_sequence AS q WHERE q.seq > 0 ORDER BY q.seq DESC LIMIT 1000"

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

/* --- catalog.c, inventory.c, info.c --- */
struct so_catalog *lite_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
struct so_inventory *lite_inventory(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
char *lite_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
const struct so_engine_info *lite_info(struct so_conn *conn, struct so_err *err);
/* --- workload.c --- */
bool lite_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err);
struct so_query_list *lite_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);

#endif
