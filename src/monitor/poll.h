/* One poll of one server, for all its connections: a reading, the texts of what is new and ranks, the deltas, and one
 * transaction that holds all of it. Blocks; one poll a server at a time. */
#ifndef SO_MONITOR_POLL_H
#define SO_MONITOR_POLL_H

#include "engine/engine.h"
#include "store/history.h"
#include "store/lease.h"

#define SO_POLL_HEAVY 10
/* The heaviest statements of a connection in one poll, at least a hundredth of its time each, the heaviest first. */
struct so_poll_heavies {
	bool twin; /* another connection counts what runs in its database */
	size_t count;
	struct so_poll_heavy {
		int64_t query_id, calls, exec_us;
	} items[SO_POLL_HEAVY];
};

struct so_poll_rules {
	struct so_store *store;
	struct so_scope scope;
	size_t top; /* statements of each ranking that get a row of their own */
	int64_t limit; /* statements of one reading */
	struct so_poll_heavies *heavies; /* one for each connection, filled by a poll that succeeds; or NULL */
	const struct so_store_lease *lease; /* held for the poll; what is written ends it. NULL: nobody else polls */
	int64_t interval_us; /* when it is due again follows from these, see schedule.h */
	uint32_t random;
};

struct so_poll_result {
	int64_t instance_id;
	int64_t statements, moved, stored, texts, calls, exec_us, restarted;
	bool rebased, complete;
	int64_t delay_us; /* until the next poll is due; 0: nothing was written */
};

/* `conns`: the n connections of the server, one of which is open as `conn`; of several to one database one counts;
 * `at_us`: of its samples; `began_us` and `cpu_us`: monotonic and thread time when the poll began, before connecting.
 * Nothing is kept of a poll that fails, but which server it was: out->instance_id is 0 when that is not known either.
 * SO_CONFLICT: another node has taken over, or polled one of the connections meanwhile. */
bool so_poll_run(const struct so_poll_rules *rules, struct so_conn *conn, struct so_store_conn *const *conns, size_t n,
	int64_t at_us, int64_t began_us, int64_t cpu_us, struct so_poll_result *out, struct so_err *err) SO_MUST_CHECK;

/* Writes down that a poll of these connections failed, and why, and ends the lease; *delay_us as above. */
bool so_poll_failed(const struct so_poll_rules *rules, struct so_store_conn *const *conns, size_t n, int64_t at_us,
	int64_t began_us, const struct so_err *why, int64_t *delay_us, struct so_err *err) SO_MUST_CHECK;

#endif
