/* What every driver's connection begins with: the driver's own struct has this as its first member. */
#ifndef SO_ENGINE_CONN_H
#define SO_ENGINE_CONN_H

#include "engine/engine.h"
#include "sql/parse.h"

struct so_conn {
	const struct so_engine *engine;
	const char *dialect; /* of the server that answered, or NULL: the engine's */
	struct so_cancel *cancel; /* of the calls now made, or NULL */
	int64_t wait_us; /* kept up to date by the driver after every call */
	int64_t statement_timeout_ms, lock_timeout_ms;
	int64_t call_limit_ms; /* while not 0: the longest wait of a call, whatever its own timeout */
	bool broken;
};

/* --- what every driver writes the same way --- */

#define SO_CONNECT_TIMEOUT_MS 10000
#define SO_UNDO_LIMIT_MS      10000 /* for what puts a session back in order: it never honours the token */

/* Fills a new connection: the timeouts with their defaults. `cancel` is for the opening only: so_conn_opened takes it
 * away. */
void so_conn_init(struct so_conn *conn, const struct so_engine *engine, const struct so_conn_params *params,
	struct so_cancel *cancel);
/* The calls that set a connection up have what is left of the time for connecting, which began at `start_us`: behind
 * an address that answers there may be nobody. */
void so_conn_limit_setup(struct so_conn *conn, const struct so_conn_params *params, int64_t start_us);
void so_conn_opened(struct so_conn *conn);
/* How long a call waits at most for a server that has a timeout of its own, which should come first. timeout_ms 0: the
 * connection's. */
int64_t so_conn_wait_limit(const struct so_conn *conn, int64_t timeout_ms);

/* What-if calls of engines without hypothetical indexes: refused with `no_what_if` of their row. */
bool so_no_what_if_begin(struct so_conn *conn, struct so_err *err);
bool so_no_what_if_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n,
	struct so_hypo_index *out, struct so_err *err);
bool so_no_what_if_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err);
void so_no_what_if_end(struct so_conn *conn);
#define SO_NO_WHAT_IF                                                                                                  \
	.what_if_begin = so_no_what_if_begin, .what_if_add = so_no_what_if_add, .what_if_drop = so_no_what_if_drop,    \
	.what_if_end = so_no_what_if_end

/* Adds a line to the check list; texts are copied, `id` is static. The remedy is kept for a failed check only. */
void so_info_check(struct so_engine_info *info, const char *id, const char *title, bool ok, bool required,
	const char *detail, const char *remedy);
/* Fails with what the check list says of the statistics of statements, and what to do; `what`: where they would be. */
bool so_info_unreadable(const struct so_engine_info *info, enum so_kind kind, const char *what, struct so_err *err);

/* Refuses (SO_INPUT, SO_LIMIT) what may not be applied: anything but one statement that begins with one of `words`
 * (upper case, ended by NULL). `modes`: SO_MODE_*. */
bool so_executable_check(enum so_dialect dialect, unsigned modes, const char *const *words, size_t max_bytes,
	const char *sql, struct so_err *err) SO_MUST_CHECK;

/* Refuses (SO_INPUT, with the reason) to execute what is not known to read only. `calls_checked`: the caller has asked
 * the server what the functions do that the parser does not know; otherwise they refuse a statement. */
bool so_pure_read_check(const struct so_sql_class *cls, bool calls_checked, struct so_err *err) SO_MUST_CHECK;

/* The parts of a name "a", "a.b", "[a b].""c""": each plain (without spaces and quotes) or between quotes, in which a
 * closing quote stands twice. `quotes`: pairs of an opening and a closing quote. `fold`: what is plain becomes upper
 * case. False where it is no such name; *schema is NULL without one. */
bool so_engine_split_name(TALLOC_CTX *ctx, const char *text, const char *quotes, bool fold, char **schema, char **name);

#endif
