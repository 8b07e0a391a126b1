#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	so_assert(clock_gettime(clock, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t so_time_now_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t so_time_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t so_time_thread_cpu_us(void)
{
	return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

char *so_time_format(int64_t time_us, char text[SO_TIME_TEXT])
{
	int64_t seconds = time_us / 1000000, micros = time_us % 1000000;
	time_t whole;
	struct tm tm;
	size_t len;

	if (micros < 0) {
		seconds--;
		micros += 1000000;
	}
	whole = (time_t)seconds;
	so_assert(gmtime_r(&whole, &tm));
	len = strftime(text, SO_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, SO_TIME_TEXT - len, ".%03dZ", (int)(micros / 1000));
	return text;
}

char *so_time_text(TALLOC_CTX *ctx, int64_t time_us)
{
	char text[SO_TIME_TEXT];

	return so_strdup(ctx, so_time_format(time_us, text));
}
