/* The clocks of monitoring: injected in tests, and one that never goes back. */
#ifndef SO_MONITOR_CLOCK_H
#define SO_MONITOR_CLOCK_H

#include <stdint.h>

struct so_clocks {
	int64_t (*wall_us)(void *arg); /* UTC; may jump */
	int64_t (*monotonic_us)(void *arg);
	void *arg;
};
extern const struct so_clocks so_clocks_system;

/* UTC for samples: while the wall clock is behind what was told before, time goes on at half its speed until the wall
 * clock has caught up. So samples stay in order, and none comes into an hour that is closed. Not thread-safe. */
struct so_steady {
	const struct so_clocks *clocks;
	int64_t told_us, told_at; /* the last answer, and the monotonic time of it */
};
/* `floor_us`: what was stored last; no answer is before it. */
void so_steady_init(struct so_steady *steady, const struct so_clocks *clocks, int64_t floor_us);
int64_t so_steady_now(struct so_steady *steady);

#endif
