/* Calendar arithmetic for rewriting functions of dates as ranges: proleptic Gregorian, local time without a zone. */
#ifndef SO_ADVISE_DATES_H
#define SO_ADVISE_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum so_date_unit {
	SO_UNIT_SECOND,
	SO_UNIT_MINUTE,
	SO_UNIT_HOUR,
	SO_UNIT_DAY,
	SO_UNIT_WEEK, /* begins on Monday */
	SO_UNIT_MONTH,
	SO_UNIT_QUARTER,
	SO_UNIT_YEAR,
	SO_UNIT_DECADE,
	SO_UNIT_CENTURY, /* begins with the year 1, 101 ... */
	SO_UNIT_MILLENNIUM,
	SO_UNIT_MAX
};

/* 'day', 'days', in any case. */
bool so_date_unit_parse(const char *text, size_t len, enum so_date_unit *unit);
/* Only the unambiguous form YYYY-MM-DD[( |T)HH:MM[:SS[.ffffff]]], whatever the server's DateStyle, years 1 to 9900;
 * anything else (zone, era, 24:00, names of months) is not parsed. Microseconds since 1970-01-01 00:00. */
bool so_date_parse(const char *text, size_t len, int64_t *us, bool *has_time);
int64_t so_date_from_year(int64_t year);
/* The start of the unit that holds `us`, and the start of the next one. */
int64_t so_date_trunc(enum so_date_unit unit, int64_t us);
int64_t so_date_next(enum so_date_unit unit, int64_t us);
/* "2024-05-03", or "2024-05-03 14:00:00" when it is not midnight. */
char *so_date_text(TALLOC_CTX *ctx, int64_t us);

/* The zone keeps one offset for ever: local time and instants correspond one to one. */
bool so_zone_is_fixed(const char *zone);
/* From 1985 on the clocks of the zone are never changed at or across midnight, so that days, weeks, months and years
 * begin at one instant. Known zones only: false for any other. */
bool so_zone_has_plain_days(const char *zone);

#endif
