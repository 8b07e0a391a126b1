#include "monitor/clock.h"

#include "base/clock.h"

static int64_t wall(void *arg)
{
	(void)arg;
	return so_time_now_us();
}

static int64_t monotonic(void *arg)
{
	(void)arg;
	return so_time_monotonic_us();
}

const struct so_clocks so_clocks_system = { wall, monotonic, 0 };

void so_steady_init(struct so_steady *steady, const struct so_clocks *clocks, int64_t floor_us)
{
	*steady = (struct so_steady){ clocks, floor_us, clocks->monotonic_us(clocks->arg) };
}

int64_t so_steady_now(struct so_steady *steady)
{
	int64_t mono = steady->clocks->monotonic_us(steady->clocks->arg);
	int64_t wall_us = steady->clocks->wall_us(steady->clocks->arg);
	int64_t elapsed_us = mono - steady->told_at;

	steady->told_us = wall_us >= steady->told_us ? wall_us : steady->told_us + elapsed_us / 2;
	steady->told_at = mono;
	return steady->told_us;
}
