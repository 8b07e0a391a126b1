/* What the sessions of a connection's database did, minute by minute. The rules of store.h hold. */
#ifndef SO_STORE_ACTIVITY_H
#define SO_STORE_ACTIVITY_H

#include "store/store.h"

#define SO_MINUTE_US INT64_C(60000000)

/* The state of the rows that count how often was looked; their wait is "" and their query 0. */
#define SO_ACTIVITY_LOOK "look"

struct so_activity_seen {
	char *state, *wait; /* wait "": none */
	char *fingerprint; /* NULL: no statement of ours to name it by, or hidden */
	int64_t fingerprint_version;
	int64_t seen;
};

/* Adds to the minute, and forgets what is older than `keep_from` (a minute; 0: nothing). SO_NOT_FOUND when the
 * connection is gone. */
bool so_store_activity_add(struct so_store *store, int64_t connection_id, int64_t minute, int64_t keep_from,
	const struct so_activity_seen *rows, size_t n, struct so_err *err) SO_MUST_CHECK;

struct so_store_activity {
	int64_t bucket; /* its first minute */
	char *state, *wait;
	int64_t query_id; /* 0 unless asked for by query */
	int64_t seen;
};
struct so_store_activities {
	size_t count;
	struct so_store_activity **items;
	int64_t total;
};

/* Sums over buckets of `width` minutes, by state and wait; oldest first. At most 10,000 rows. */
struct so_store_activities *so_store_activity_series(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_minute, int64_t to_minute, int64_t width, struct so_err *err);
/* Sums over the whole time by query, state and wait, most first; rows of looks left out. */
struct so_store_activities *so_store_activity_queries(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_minute, int64_t to_minute, int64_t limit, struct so_err *err);

#endif
