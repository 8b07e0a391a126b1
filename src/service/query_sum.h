/* The sums of one period: made from the roll-ups, or from the sums of the same or an earlier one of its length. Only
 * query_load.c, which keeps them, includes it. */
#ifndef SO_SERVICE_QUERY_SUM_H
#define SO_SERVICE_QUERY_SUM_H

#include "base/vec.h"
#include "service/query_load.h"

/* A root; never changed once it is made, but for what the cache notes in it. */
struct so_query_sum {
	struct so_query_loads loads; /* first: what callers get is this */
	struct so_scope scope;
	bool partial; /* while it is made: there were too many statements */
	SO_VEC(struct so_query_load) rows;
	size_t n_slots; /* a power of two, at least twice the rows */
	uint32_t *slots; /* index + 1 by query id */
	/* the cache's, under its lock */
	int64_t base_version, newest_version; /* of the units before the newest one, and of that */
	int users; /* the cache is one of them */
	uint64_t used; /* when last, in calls */
	int64_t asked_us; /* when somebody last wanted it, monotonic */
	bool follows; /* kept up to now by so_load_cache_follow */
};

/* Whether `period` can be made of these sums: it is as long, and has a part of it in common. The hours that both have
 * but the newest of the old one must not have changed since. */
bool so_query_sum_continues(const struct so_query_sum *old, const struct so_period *period);
/* old: sums that the period continues, or NULL. */
struct so_query_sum *so_query_sum_make(struct so_store *store, struct so_scope scope, const struct so_period *period,
	const struct so_query_sum *old, struct so_err *err);

#endif
