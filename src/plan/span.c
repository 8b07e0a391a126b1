#include "plan/span.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plan/plan.h"

double so_span_take_number(struct so_span *text)
{
	static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
		1e15 };
	const char *at = text->at, *end;
	uint64_t mantissa = 0;
	unsigned digits = 0, decimals = 0;
	double value;

	if (!text->len) /* at may be NULL, of an attribute that is not there */
		return NAN;
	end = at + text->len;
	for (; at < end && isdigit((unsigned char)*at); at++, digits++)
		mantissa = digits < 18 ? mantissa * 10 + (uint64_t)(*at - '0') : mantissa;
	if (at < end && *at == '.' && at + 1 < end && isdigit((unsigned char)at[1]))
		for (at++; at < end && isdigit((unsigned char)*at); at++, digits++, decimals++)
			mantissa = digits < 18 ? mantissa * 10 + (uint64_t)(*at - '0') : mantissa;
	if (!digits)
		return NAN;
	/* up to 15 digits both operands are exact, so that the quotient is the nearest double */
	if (digits <= 15 && (at == end || (*at != 'e' && *at != 'E'))) {
		value = (double)mantissa / powers[decimals];
	} else {
		char copy[64], *stop;
		size_t len = text->len < sizeof copy - 1 ? text->len : sizeof copy - 1;

		memcpy(copy, text->at, len);
		copy[len] = '\0';
		value = strtod(copy, &stop);
		at = text->at + (stop - copy);
		if (!isfinite(value))
			value = NAN;
	}
	text->len -= (size_t)(at - text->at);
	text->at = at;
	return value;
}

int64_t so_plan_count(double figure)
{
	return figure >= 0 && figure <= (double)SO_PLAN_MAX_COUNT ? (int64_t)figure : -1;
}
