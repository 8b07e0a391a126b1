/* What one query did over time, as the detectors read it: equal buckets with gaps. */
#ifndef SO_MONITOR_SERIES_H
#define SO_MONITOR_SERIES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SO_HOUR_US INT64_C(3600000000)
#define SO_DAY_US  (24 * SO_HOUR_US)

/* More buckets than this are not looked at: the oldest are left out. 28 days of hours are 672. */
#define SO_SERIES_MAX 4096

struct so_bucket {
	int64_t start_us;
	int64_t calls;
	double exec_us; /* of all calls */
	int64_t rows; /* -1 not known; so are the next two */
	int64_t hits, reads; /* pages found in the engine's cache, and not */
	uint64_t plan; /* shape hash of the plan in use; 0 not known */
	bool broken; /* a reset, restart or fail-over fell into it: its figures are not those of the bucket */
};

/* Sorted by start; buckets without calls may be missing. */
struct so_series {
	const struct so_bucket *items;
	size_t count;
	int64_t bucket_us;
};

static inline bool so_bucket_usable(const struct so_bucket *bucket)
{
	return bucket->calls > 0 && bucket->exec_us >= 0 && !bucket->broken;
}

/* Log of the time of a call in microseconds; below 1 us clocks do not tell differences. */
static inline double so_bucket_log_mean(const struct so_bucket *bucket)
{
	return log(fmax(bucket->exec_us / (double)bucket->calls, 1));
}

/* First bucket that starts at or after `at_us`. */
static inline size_t so_series_find(const struct so_series *series, int64_t at_us)
{
	size_t lo = 0, hi = series->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (series->items[mid].start_us < at_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

#endif
