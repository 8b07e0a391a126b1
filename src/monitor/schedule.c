#include "monitor/schedule.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t back_off(const struct so_schedule *schedule, uint32_t random)
{
	int64_t most = least(schedule->interval_us, 15 * MINUTE), delay = 10 * SECOND;

	if (most < MINUTE)
		most = MINUTE;
	for (int64_t i = 1; i < schedule->failures && delay < most; i++)
		delay *= 2;
	delay = least(delay, most);
	return delay - delay / 10 + (int64_t)random % (delay / 5);
}

int64_t so_schedule_delay(const struct so_schedule *schedule, uint32_t random)
{
	if (schedule->failures > 0)
		return back_off(schedule, random);
	if (schedule->polls == 0)
		return 0;
	if (schedule->polls == 1 || schedule->age_us < 60 * MINUTE)
		return least(schedule->interval_us, MINUTE);
	return schedule->interval_us;
}

int64_t so_schedule_start(uint32_t n, uint32_t random)
{
	return (int64_t)random % least((int64_t)(n ? n : 1) * SECOND / 10, 30 * SECOND);
}
