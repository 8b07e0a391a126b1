/* What the drivers over blocking client libraries share (SQL Server, Oracle): statements of our own, reads in a
 * transaction that is undone, and undoing what no cancel may stop. */
#ifndef SO_ENGINE_BLOCKING_H
#define SO_ENGINE_BLOCKING_H

#include "db/blocking_client.h"
#include "engine/conn.h"
#include "sql/dialect.h"

#define BL_TAG "/* sqlopt */ " /* what our own statements begin with */

/* How a driver reads: statements of its own around a statement of somebody's, which `check` has found to be a pure
 * read. */
struct bl_reader {
	bool (*check)(const char *sql, struct so_err *err);
	const char *begin, *undo; /* round trips of their own */
};

/* First member of the driver's connection. */
struct bl_conn {
	struct so_conn base; /* first */
	struct so_blocking *client;
	const struct bl_reader *reader;
};

/* Runs one statement of ours with the connection's token; keeps wait time and state. timeout_ms 0: the connection's.
 * `last`: its last result set, not its first. */
struct so_text_result *bl_ask(TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, int64_t timeout_ms, bool last,
	struct so_err *err) SO_MUST_CHECK;
/* The same without a result of interest. */
bool bl_command(struct bl_conn *conn, const char *sql, struct so_err *err) SO_MUST_CHECK;
/* Never honours the token; a connection that cannot be put back in order is given up. */
void bl_undo(struct bl_conn *conn, const char *sql);
/* A round trip of `sql`. */
bool bl_ping(struct bl_conn *conn, const char *sql, int64_t *latency_us, struct so_err *err) SO_MUST_CHECK;

/* For `texts`: the ids that are `prefix` and then only `letters`, between `quote`s, as a list for a statement; NULL
 * when none is. At most SO_READING_TEXTS. */
char *bl_id_list(
	TALLOC_CTX *ctx, const char *prefix, const char *letters, const char *quote, const char *const *ids, size_t n);
/* The row of the answer that has the id in its first column and a text in its second, -1: none. */
void bl_rows_of_ids(const struct so_text_result *answer, const char *const *ids, size_t n, int64_t *rows);

/* For `samples`: fills *out with a text of at most SO_SAMPLE_BYTES and the literal that `value` has for each of its
 * placeholders (as it is written there, and its number from 0). False, and *out as it was, where one has none. */
typedef const char *(*bl_value_fn)(void *arg, const char *placeholder, size_t at);
bool bl_sample(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, bl_value_fn value, void *arg,
	struct so_sample *out);

/* `query` and `digest` of the drivers' rows. */
bool bl_query(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err) SO_MUST_CHECK;
bool bl_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err) SO_MUST_CHECK;

/* Begins as the reader does, runs what it was asked for and forgets the rows: for the plan behind them. The caller ends
 * what was begun, also after a failure. */
bool bl_run_forgetting_rows(
	struct bl_conn *conn, const char *sql, int64_t timeout_ms, struct so_err *err) SO_MUST_CHECK;

/* The statements that cost most: `sql` asks for at most %lld of them, `fill` takes a row of its answer, whose first
 * cell is the engine's id, into a query that belongs to list->items. `view` is named in messages. */
struct so_query_list *bl_statements(TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, const char *view,
	int64_t limit, const char *database,
	void (*fill)(struct so_query_list *list, struct so_query *query, const struct so_text_result *r, size_t row),
	struct so_err *err);

/* The inventory by statements of the driver: `relations` gives schema, name, V for a view, P for a partitioned table,
 * rows and bytes, at most limit + 1; each vital gives object, value, limit and detail. A vital that cannot be read
 * becomes a note. */
struct bl_vital {
	enum so_vital_kind kind;
	const char *what; /* for notes */
	const char *sql;
};
struct so_inventory *bl_inventory(TALLOC_CTX *ctx, struct bl_conn *conn, const char *relations, int64_t limit,
	const struct bl_vital *vitals, size_t n_vitals, struct so_err *err) SO_MUST_CHECK;

/* The activity by a statement of the driver: session, database, login, program, R (running), W (waiting) or T (in a
 * transaction), wait, statement's id, text, its length, microseconds since it and since the transaction began, and the
 * session that blocks it; at most limit + 1 rows. `what` names the view in messages. */
struct so_activity *bl_activity(TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, int64_t limit, const char *what,
	struct so_err *err) SO_MUST_CHECK;

/* Runs a change between two settings of the session; a cancel that comes too late is ignored. */
bool bl_execute(struct bl_conn *conn, const char *sql, int64_t timeout_ms, const char *before, const char *after,
	struct so_err *err) SO_MUST_CHECK;

#endif
