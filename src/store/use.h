/* What statements did over a stretch of hours or days, from roll-ups only; and what a list of statements shows and
 * filters by. The rules of store.h hold. Rows are handed out one by one, since a caller adds them up. */
#ifndef SO_STORE_USE_H
#define SO_STORE_USE_H

#include "store/store.h"

struct so_store_use {
	int64_t query_id, calls, rows, exec_us, hits, reads;
};
typedef void so_store_use_fn(void *arg, const struct so_store_use *use);

/* A row for each query and hour (or day) of [from, to], by hour, then query. Of all organisations: what is not in the
 * directory is somebody else's, or gone. */
bool so_store_use_hours(struct so_store *store, int64_t from, int64_t to, so_store_use_fn *each, void *arg,
	struct so_err *err) SO_MUST_CHECK;
bool so_store_use_days(struct so_store *store, int64_t from, int64_t to, so_store_use_fn *each, void *arg,
	struct so_err *err) SO_MUST_CHECK;
/* Since the statistics of the server began, in no order. */
bool so_store_use_lifetimes(struct so_store *store, struct so_scope scope, so_store_use_fn *each, void *arg,
	struct so_err *err) SO_MUST_CHECK;
/* Changes whenever the roll-ups of the hours [from, to] have changed for good. Read it before the rows: what comes
 * between is then read once too often, never missed. */
bool so_store_use_version(
	struct so_store *store, int64_t from, int64_t to, int64_t *version, struct so_err *err) SO_MUST_CHECK;

/* What never changes of a statement, and its text, of which that is told by so_store_text_search. */
struct so_store_query_note {
	int64_t id, connection_id, fingerprint_version, discovered_us, text_id;
	const char *fingerprint, *kind; /* valid inside the callback; kind "": not known */
};
typedef void so_store_query_note_fn(void *arg, const struct so_store_query_note *note);
/* Statements of the organisation with this id or a higher one, by id. */
bool so_store_query_directory(struct so_store *store, struct so_scope scope, int64_t from_id,
	so_store_query_note_fn *each, void *arg, struct so_err *err) SO_MUST_CHECK;

struct so_store_query_brief {
	char *sql_text; /* its first `chars` characters */
	bool cut;
	char *fingerprint;
	int64_t last_seen_us;
	bool has_hits, has_reads; /* the engine counts them */
};
struct so_store_query_brief *so_store_query_brief_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, int64_t chars, struct so_err *err);

/* The statement of a connection that has this fingerprint; 0 in `id` when there is none. */
bool so_store_query_find(struct so_store *store, struct so_scope scope, int64_t connection_id, const char *fingerprint,
	int64_t fingerprint_version, int64_t *id, struct so_err *err) SO_MUST_CHECK;

struct so_store_watched {
	int64_t id;
	char *name, *engine, *database;
	int64_t first_us; /* its first good poll, 0: none yet */
};
struct so_store_watcheds {
	size_t count;
	struct so_store_watched **items; /* by id */
};
/* All connections of the organisation. */
struct so_store_watcheds *so_store_watched_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err);

struct so_store_query_findings {
	int64_t query_id, count, of_first, of_second;
};
struct so_store_query_finding_list {
	size_t count;
	struct so_store_query_findings *items; /* by query */
};
/* Open findings, muted ones aside, of each statement that has any, and how many are of these two rules. */
struct so_store_query_finding_list *so_store_query_finding_list(TALLOC_CTX *ctx, struct so_store *store,
	struct so_scope scope, const char *first_rule, const char *second_rule, struct so_err *err);

#endif
