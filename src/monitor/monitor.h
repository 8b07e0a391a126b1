/* Monitoring as a whole: which servers there are, when each is polled, on which threads, and what came of it. Polls run
 * on a pool of their own; one at a time for a server. All functions may be called from any thread. */
#ifndef SO_MONITOR_MONITOR_H
#define SO_MONITOR_MONITOR_H

#include "engine/engine.h"
#include "job/events.h"
#include "monitor/clock.h"
#include "store/history.h"

struct so_harvest;
struct so_monitor;

struct so_monitor_options {
	struct so_store *store;
	struct so_scope scope;
	const char *node; /* a name as so_node_name makes it, for leases; NULL: one of its own */
	struct so_events *events; /* each poll is an event "poll"; or NULL */
	int64_t interval_us; /* between polls of a server, unless its connection says otherwise */
	size_t threads; /* polls at a time */
	size_t top; /* statements of each ranking that get a row of their own */
	int64_t limit; /* statements of one reading; 0: 20,000 */
	int64_t sample_hours, rollup_hours, rollup_days, max_bytes; /* see fold.h */
	bool paused; /* until so_monitor_pause(false) */
	struct so_harvest *harvest; /* takes values out of texts that servers keep; or NULL */
	/* The login of a connection, with its secrets; children of `ctx`. */
	bool (*params)(void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out,
		struct so_err *err);
	/* The roll-ups have changed, or an hour has ended; on a thread of the pool, which does nothing else meanwhile.
	 * Or NULL. */
	void (*folded)(void *arg, struct so_scope scope);
	void *arg;
	/* For tests; NULL: so_engine_find, the system's. With `manual` nothing runs but by so_monitor_tick. */
	const struct so_engine *(*engine)(const char *name);
	const struct so_clocks *clocks;
	bool manual;
};

struct so_monitor *so_monitor_new(
	TALLOC_CTX *ctx, const struct so_monitor_options *options, struct so_err *err) SO_MUST_CHECK;
/* Refuses new polls, cancels the running ones and waits for them until `deadline_us` (monotonic). False when one still
 * runs then: end the process without freeing. Call it before talloc_free. */
bool so_monitor_stop(struct so_monitor *monitor, int64_t deadline_us) SO_MUST_CHECK;

/* Pausing lets running polls end. */
void so_monitor_pause(struct so_monitor *monitor, bool paused);
/* Polls every watched server now; false when paused. */
bool so_monitor_trigger(struct so_monitor *monitor);
/* A connection was made, changed or deleted. */
void so_monitor_changed(struct so_monitor *monitor);

struct so_monitor_status {
	bool paused, folding; /* folding: roll-ups are being made, or periods judged */
	size_t servers, connections, running;
	int64_t last_us, next_us; /* wall clock; 0: none so far, none to come */
	int64_t late_us; /* of the servers' last or overdue polls, how late the latest one began or is by now */
};
void so_monitor_status(struct so_monitor *monitor, struct so_monitor_status *out);

enum so_monitor_state { SO_MONITOR_UNWATCHED, SO_MONITOR_PAUSED, SO_MONITOR_WAITING, SO_MONITOR_RUNNING };
/* Of one connection; *next_us (wall clock) is 0 when it is not waiting. */
enum so_monitor_state so_monitor_state(struct so_monitor *monitor, int64_t connection_id, int64_t *next_us);
/* How many polls of the connection have failed since the store last took one down, because it is full, say, and why the
 * last of them did. False: none, what the store says is all there is. */
bool so_monitor_unwritten(struct so_monitor *monitor, int64_t connection_id, int64_t *failures, struct so_err *why);

/* For tests: looks at the connections and starts what is due by the clocks given; waits for all that runs. */
void so_monitor_tick(struct so_monitor *monitor);
void so_monitor_wait(struct so_monitor *monitor);

#endif
