/* When a server is polled next. Pure. */
#ifndef SO_MONITOR_SCHEDULE_H
#define SO_MONITOR_SCHEDULE_H

#include <stdint.h>

struct so_schedule {
	int64_t interval_us; /* asked for */
	int64_t polls; /* good ones so far, also before this start of ours */
	int64_t age_us; /* since the first good one */
	int64_t failures; /* since the last good one */
};

/* Microseconds from the end of a poll to the next one. At once when there was none; a minute after the first, then each
 * minute for an hour, so that there is something to see; then the interval. After failures ten seconds, doubled each
 * time up to the interval or a quarter of an hour, give or take a tenth by `random`. */
int64_t so_schedule_delay(const struct so_schedule *schedule, uint32_t random);

/* The wait of one of `n` servers when we start: they are spread over a tenth of a second for each, at most 30 s. */
int64_t so_schedule_start(uint32_t n, uint32_t random);

#endif
