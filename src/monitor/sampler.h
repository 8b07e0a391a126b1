/* What is running and waiting, looked at every few seconds: sums for each minute, by state, wait and query. One thread
 * and one connection for each database; a target that is slow costs the others at most its timeout. Off with an
 * interval of 0. */
#ifndef SO_MONITOR_SAMPLER_H
#define SO_MONITOR_SAMPLER_H

#include "monitor/clock.h"
#include "store/activity.h"

#include "engine/engine.h"

#define SO_SAMPLER_TARGETS 200 /* the first by id; a log line says so when there are more */

struct so_harvest;
struct so_sampler;

struct so_sampler_options {
	struct so_store *store;
	struct so_scope scope;
	int64_t interval_us;
	int64_t keep_minutes; /* what is older is forgotten */
	const char *node; /* for the lease, see store/lease.h; outlives it. NULL: there is no other node */
	/* As in struct so_monitor_options. */
	bool (*params)(void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out,
		struct so_err *err);
	struct so_harvest *harvest; /* takes the values of the texts; or NULL */
	/* False: nothing is looked at. Called from the sampler's thread. */
	bool (*enabled)(void *arg);
	void *arg;
	const struct so_engine *(*engine)(const char *name); /* for tests; NULL: so_engine_find */
	bool manual; /* for tests: no thread, see so_sampler_look */
};

/* NULL with *err when the thread cannot be made. */
struct so_sampler *so_sampler_new(TALLOC_CTX *ctx, const struct so_sampler_options *options, struct so_err *err);
/* Cancels what runs, writes the minute that has begun, and waits for the thread until `deadline_us` (monotonic). False
 * when it still runs then. Call it before talloc_free. */
bool so_sampler_stop(struct so_sampler *sampler, int64_t deadline_us) SO_MUST_CHECK;

/* For tests: one look at all targets at this time (wall clock). */
void so_sampler_look(struct so_sampler *sampler, int64_t now_us);

#endif
