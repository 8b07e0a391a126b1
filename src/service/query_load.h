/* What each statement did in a period, summed up and kept: a list that is sorted by load needs the sums of all
 * statements, which are read from the roll-ups once and then brought up to date with the newest hour only. */
#ifndef SO_SERVICE_QUERY_LOAD_H
#define SO_SERVICE_QUERY_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "store/use.h"

enum so_period_unit {
	SO_PERIOD_HOURS,
	SO_PERIOD_DAYS,
	SO_PERIOD_LIFETIME, /* since the statistics of the server began */
};

/* Whole hours or days since the epoch, and as many before them to compare with. */
struct so_period {
	enum so_period_unit unit;
	int64_t before, from, to; /* [before, from) is compared with [from, to) */
};

enum so_query_kind {
	SO_QUERY_KIND_UNKNOWN,
	SO_QUERY_KIND_SELECT,
	SO_QUERY_KIND_INSERT,
	SO_QUERY_KIND_UPDATE,
	SO_QUERY_KIND_DELETE,
	SO_QUERY_KIND_MERGE,
	SO_QUERY_KIND_MAX
};
/* "unknown", "select" ... by enum so_query_kind, ended by NULL. */
extern const char *const so_query_kind_names[];

struct so_use_sums {
	int64_t calls, rows, exec_us, hits, reads;
};

struct so_query_load {
	int64_t query_id, connection_id, discovered_us;
	int64_t text_id; /* when it was read: see so_store_texts_hold */
	uint64_t fingerprint;
	struct so_use_sums now;
	int64_t before_calls, before_exec_us;
	struct so_use_sums newest; /* the part of `now` that is of the last hour or day */
	enum so_query_kind kind;
	bool other; /* what was not stored singly */
};

/* Never changed; shared by whoever holds it. Connections that were deleted meanwhile may still be in it. */
struct so_query_loads {
	struct so_period period;
	size_t count;
	struct so_query_load *items; /* by query */
};

struct so_load_cache;

/* A talloc object. */
struct so_load_cache *so_load_cache_new(TALLOC_CTX *ctx, struct so_store *store);
/* The sums of the organisation's statements that ran in the period or the one before, as the roll-ups are now. To be
 * given back with so_load_cache_release. Any thread; waits while another thread sums up. */
const struct so_query_loads *so_load_cache_get(struct so_load_cache *cache, struct so_scope scope,
	const struct so_period *period, struct so_err *err) SO_MUST_CHECK;
/* For a period that ends now: the same, but where periods are followed, what was there when that was last done, without
 * waiting; its period may end an hour or day earlier then. */
const struct so_query_loads *so_load_cache_latest(struct so_load_cache *cache, struct so_scope scope,
	const struct so_period *period, struct so_err *err) SO_MUST_CHECK;
void so_load_cache_release(struct so_load_cache *cache, const struct so_query_loads *loads);

/* Brings these periods, which end now, up to date before anybody asks: to be called after each fold, and when an hour
 * has ended. What has very many statements is followed only while somebody asks for it. When it fails, or was never
 * called, who asks waits for the sums. */
bool so_load_cache_follow(struct so_load_cache *cache, struct so_scope scope, const struct so_period *periods, size_t n,
	struct so_err *err) SO_MUST_CHECK;

/* Somebody else than the fold has written lifetimes: the next one who asks for them reads them. */
void so_load_cache_lifetimes_changed(struct so_load_cache *cache);

#endif
