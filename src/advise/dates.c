#include "advise/dates.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define US_SECOND INT64_C(1000000)
#define US_DAY    (86400 * US_SECOND)

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01; months 1 to 12. Counted in 400-year eras that begin in March. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = floor_div(y, 400), yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
		doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

bool so_date_unit_parse(const char *text, size_t len, enum so_date_unit *unit)
{
	static const char *const names[SO_UNIT_MAX] = { "second", "minute", "hour", "day", "week", "month", "quarter",
		"year", "decade", "century", "millennium" };

	for (int i = 0; i < SO_UNIT_MAX; i++) {
		size_t name = strlen(names[i]);

		if (strncasecmp(text, names[i], len < name ? len : name) == 0 &&
			(len == name || (len == name + 1 && tolower((unsigned char)text[name]) == 's'))) {
			*unit = (enum so_date_unit)i;
			return true;
		}
	}
	return false;
}

/* `n` digits at *at. */
static bool digits(const char *text, size_t len, size_t *at, size_t n, int *value)
{
	*value = 0;
	if (*at + n > len)
		return false;
	for (size_t i = 0; i < n; i++, (*at)++) {
		if (!isdigit((unsigned char)text[*at]))
			return false;
		*value = *value * 10 + (text[*at] - '0');
	}
	return true;
}

static bool sign(const char *text, size_t len, size_t *at, char c)
{
	return *at < len && text[(*at)++] == c;
}

static bool parse_time(const char *text, size_t len, size_t at, int64_t *us)
{
	int hour, minute, second = 0, fraction = 0, scale = 100000;

	if (!digits(text, len, &at, 2, &hour) || !sign(text, len, &at, ':') || !digits(text, len, &at, 2, &minute))
		return false;
	if (at < len && (!sign(text, len, &at, ':') || !digits(text, len, &at, 2, &second)))
		return false;
	if (at < len) {
		if (!sign(text, len, &at, '.') || at == len)
			return false;
		for (; at < len; at++, scale /= 10) {
			if (!isdigit((unsigned char)text[at]) || !scale)
				return false; /* a seventh digit would be rounded */
			fraction += (text[at] - '0') * scale;
		}
	}
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*us += (hour * 3600 + minute * 60 + second) * US_SECOND + fraction;
	return true;
}

bool so_date_parse(const char *text, size_t len, int64_t *us, bool *has_time)
{
	static const int month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;
	size_t at = 0;
	bool leap;

	if (!digits(text, len, &at, 4, &year) || !sign(text, len, &at, '-') || !digits(text, len, &at, 2, &month) ||
		!sign(text, len, &at, '-') || !digits(text, len, &at, 2, &day))
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (year < 1 || year > 9900 || month < 1 || month > 12 || day < 1 || day > month_days[month - 1] ||
		(month == 2 && day == 29 && !leap))
		return false;
	*us = days_from_civil(year, month, day) * US_DAY;
	*has_time = at < len;
	if (at == len)
		return true;
	return (text[at] == ' ' || text[at] == 'T') && parse_time(text, len, at + 1, us);
}

int64_t so_date_from_year(int64_t year)
{
	return days_from_civil(year, 1, 1) * US_DAY;
}

/* Years in a unit of years, and the first year of the first such unit. */
static int64_t unit_years(enum so_date_unit unit, int64_t *origin)
{
	*origin = unit == SO_UNIT_CENTURY || unit == SO_UNIT_MILLENNIUM ? 1 : 0;
	switch (unit) {
	case SO_UNIT_YEAR:
		return 1;
	case SO_UNIT_DECADE:
		return 10;
	case SO_UNIT_CENTURY:
		return 100;
	case SO_UNIT_MILLENNIUM:
		return 1000;
	case SO_UNIT_SECOND:
	case SO_UNIT_MINUTE:
	case SO_UNIT_HOUR:
	case SO_UNIT_DAY:
	case SO_UNIT_WEEK:
	case SO_UNIT_MONTH:
	case SO_UNIT_QUARTER:
	case SO_UNIT_MAX:
		return 0;
	}
	return 0;
}

/* Length of a unit that has one, else 0. */
static int64_t unit_us(enum so_date_unit unit)
{
	static const int64_t lengths[SO_UNIT_MAX] = { [SO_UNIT_SECOND] = US_SECOND,
		[SO_UNIT_MINUTE] = 60 * US_SECOND,
		[SO_UNIT_HOUR] = 3600 * US_SECOND,
		[SO_UNIT_DAY] = US_DAY,
		[SO_UNIT_WEEK] = 7 * US_DAY };

	return lengths[unit];
}

/* The start of the unit `steps` units after the one that holds `us`. */
static int64_t unit_start(enum so_date_unit unit, int64_t us, int steps)
{
	int64_t length = unit_us(unit), year, origin, span;
	int month, day;

	if (length) {
		int64_t shift = unit == SO_UNIT_WEEK ? 4 * US_DAY : 0; /* 1970-01-05 was a Monday */

		return (floor_div(us - shift, length) + steps) * length + shift;
	}
	civil_from_days(floor_div(us, US_DAY), &year, &month, &day);
	span = unit_years(unit, &origin);
	if (span)
		return so_date_from_year((floor_div(year - origin, span) + steps) * span + origin);
	span = unit == SO_UNIT_QUARTER ? 3 : 1;
	month = (int)((month - 1) / span * span + steps * span); /* months since January, may pass December */
	return days_from_civil(year + month / 12, month % 12 + 1, 1) * US_DAY;
}

int64_t so_date_trunc(enum so_date_unit unit, int64_t us)
{
	return unit_start(unit, us, 0);
}

int64_t so_date_next(enum so_date_unit unit, int64_t us)
{
	return unit_start(unit, us, 1);
}

char *so_date_text(TALLOC_CTX *ctx, int64_t us)
{
	int64_t days = floor_div(us, US_DAY), rest = us - days * US_DAY, seconds = rest / US_SECOND, year;
	int month, day;
	char *date;

	civil_from_days(days, &year, &month, &day);
	date = so_printf(ctx, "%04lld-%02d-%02d", (long long)year, month, day);
	if (!rest)
		return date;
	date = so_printf(
		ctx, "%s %02d:%02d:%02d", date, (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
	return rest % US_SECOND ? so_printf(ctx, "%s.%06d", date, (int)(rest % US_SECOND)) : date;
}

static bool listed(const char *zone, const char *const *list)
{
	for (; zone && *list; list++)
		if (strcasecmp(zone, *list) == 0)
			return true;
	return false;
}

bool so_zone_is_fixed(const char *zone)
{
	static const char *const fixed[] = { "UTC", "GMT", "Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "Etc/Universal",
		"UCT", "Zulu", "Universal", "Etc/GMT0", "GMT0", "Etc/Greenwich", "Greenwich", NULL };

	return listed(zone, fixed);
}

bool so_zone_has_plain_days(const char *zone)
{
	/* Read off the time zone database: since 1985 no change of their clocks touches or crosses midnight. */
	static const char *const plain[] = { "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Amsterdam",
		"Europe/Brussels", "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Paris",
		"Europe/London", "Europe/Dublin", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw", "Europe/Prague",
		"Europe/Helsinki", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
		"America/Phoenix", "America/Toronto", "Asia/Tokyo", "Asia/Kolkata", "Asia/Singapore", "Asia/Seoul",
		"Asia/Shanghai", "Asia/Hong_Kong", "Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane",
		NULL };

	return so_zone_is_fixed(zone) || listed(zone, plain);
}
