#include "base/clock.h"

#include <stdio.h>
#include <string.h>
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

/* `n` digits at *at, which moves past them. */
static bool digits(const char **at, int n, int *value)
{
	*value = 0;
	for (; n > 0; n--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool letter(const char **at, const char *allowed)
{
	if (!**at || !strchr(allowed, **at))
		return false;
	(*at)++;
	return true;
}

/* Digits after the second are cut to microseconds. */
static bool fraction(const char **at, int *micros)
{
	int unit = 100000;

	*micros = 0;
	if (**at != '.')
		return true;
	(*at)++;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
		*micros += (**at - '0') * unit;
	return true;
}

static bool zone(const char **at, int *seconds)
{
	int hours, minutes, sign = **at == '-' ? -1 : 1;

	*seconds = 0;
	if (letter(at, "Zz"))
		return true;
	if (!letter(at, "+-") || !digits(at, 2, &hours) || !letter(at, ":") || !digits(at, 2, &minutes) || hours > 23 ||
		minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* Of the proleptic Gregorian calendar: days since 1970-01-01. */
static int64_t days_since_epoch(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_day(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (leap && month == 2);
}

bool so_time_parse(const char *text, int64_t *time_us)
{
	int year, month, day, hour, minute, second, micros, offset_s;
	int64_t seconds;

	if (!digits(&text, 4, &year) || !letter(&text, "-") || !digits(&text, 2, &month) || !letter(&text, "-") ||
		!digits(&text, 2, &day) || !letter(&text, "Tt ") || !digits(&text, 2, &hour) || !letter(&text, ":") ||
		!digits(&text, 2, &minute) || !letter(&text, ":") || !digits(&text, 2, &second) ||
		!fraction(&text, &micros) || !zone(&text, &offset_s) || *text)
		return false;
	if (!is_day(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return false;
	seconds = days_since_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
	if (seconds < 0)
		return false;
	*time_us = seconds * 1000000 + micros;
	return true;
}
