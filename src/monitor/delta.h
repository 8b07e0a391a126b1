/* What a reading counts that was not counted before. Pure: docs/internals/monitor.md has the table of cases. */
#ifndef SO_MONITOR_DELTA_H
#define SO_MONITOR_DELTA_H

#include "monitor/baseline.h"

/* No interval of one statement is longer than this, so that sums of deltas stay far from overflow. */
#define SO_DELTA_MAX ((int64_t)1 << 53)

/* The last reading of the connection, as its watch tells it. */
struct so_delta_past {
	bool first; /* there was none */
	int64_t reading_us, epoch_us;
	const char *server_uid; /* may be NULL */
	bool complete;
};

struct so_delta {
	const struct so_reading_row *row;
	size_t entry; /* in the next baseline */
	int64_t counters[SO_COUNTERS];
};

struct so_deltas {
	size_t count; /* rows of the reading that moved, and after a rebase all of them with what they count in all */
	struct so_delta *items;
	struct so_baseline *next; /* the baseline when this reading has been stored */
	size_t statements; /* rows of the reading that belong to the connection */
	size_t restarted; /* rows whose counters began anew */
	size_t gone;
	bool rebased; /* nothing counts: first reading, or the counters of another server */
};

/* Rows of `database` only. `old` stays as it is. At most `max` entries that the reading does not have are kept. */
struct so_deltas *so_delta_compute(TALLOC_CTX *ctx, const struct so_baseline *old, const struct so_delta_past *past,
	const struct so_reading *reading, uint32_t database, size_t max);

#endif
