/* Keeps the roll-ups up to date and the history within its bounds: retention of samples, hours and days, and the size
 * of the store. Blocks for disk time; one thread. */
#ifndef SO_MONITOR_FOLD_H
#define SO_MONITOR_FOLD_H

#include <stdatomic.h>

#include "store/history.h"

struct so_fold_rules {
	struct so_store *store;
	struct so_scope scope;
	int64_t sample_hours, rollup_hours, rollup_days; /* how long each is kept */
	int64_t max_bytes; /* of the store; 0: no limit */
};

/* Folds every hour that has polls which it has not seen, then drops what is too old or too much: samples first, the
 * oldest first, with a notice when it was for want of room, and gives back to the disk what is free above that. Stops
 * between two transactions when *stop is set (may be NULL). */
bool so_fold_run(
	const struct so_fold_rules *rules, int64_t now_us, const atomic_bool *stop, struct so_err *err) SO_MUST_CHECK;

#endif
