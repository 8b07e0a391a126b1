#include "advise/column_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "sql/print.h"

#define LIST_VALUES   3
#define PREFIX_LENGTH 4 /* characters of a value that begin a LIKE pattern */

static bool is_number(enum so_type_class type)
{
	return type == SO_TYPE_INT || type == SO_TYPE_NUMERIC || type == SO_TYPE_FLOAT;
}

static bool is_text(enum so_type_class type)
{
	return type == SO_TYPE_TEXT || type == SO_TYPE_BPCHAR;
}

static bool is_utf8(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		int len = so_utf8_length(text, left);

		if (len <= 0)
			return false;
		text += len;
		left -= (size_t)len;
	}
	return true;
}

/* Digits, with sign, point and exponent: what may stand in SQL without quotes. */
static bool looks_like_number(const char *text)
{
	const char *p = text + (*text == '-' || *text == '+');

	return *p >= '0' && *p <= '9' && strspn(p, "0123456789.eE+-") == strlen(p);
}

/* The share of rows with a value outside the list of common ones. */
static double share_of_others(const struct so_column *column, const struct so_table *table)
{
	double distinct = column->n_distinct < 0 ? -column->n_distinct * fmax(table->rows, 0) : column->n_distinct;
	double rest = 1 - column->null_frac;

	for (size_t i = 0; i < column->n_common; i++)
		rest -= column->common_freqs[i];
	if (!(distinct > (double)column->n_common) || !(rest > 0))
		return NAN;
	return rest / (distinct - (double)column->n_common);
}

/* ---- values that no row has ---- */

static int64_t int_limit(const struct so_column *column)
{
	return column->width_bits == 16 ? INT16_MAX : column->width_bits == 32 ? INT32_MAX : INT64_MAX;
}

/* The greatest and the least whole number that the statistics name; false when there is none. */
static bool int_extremes(const struct so_column *column, int64_t *least, int64_t *greatest)
{
	bool any = false;

	for (size_t i = 0; i < column->n_common + column->n_bounds; i++) {
		const char *text = i < column->n_common ? column->common_vals[i] : column->bounds[i - column->n_common];
		char *end;
		long long value;

		errno = 0;
		value = strtoll(text, &end, 10);
		if (errno || end == text || *end)
			continue;
		*least = any && *least < value ? *least : value;
		*greatest = any && *greatest > value ? *greatest : value;
		any = true;
	}
	return any;
}

static char *int_outside(TALLOC_CTX *ctx, const struct so_column *column, bool below)
{
	int64_t least = 0, greatest = 0, limit = int_limit(column);

	if (!int_extremes(column, &least, &greatest))
		return NULL;
	if (below ? least > -limit : greatest >= limit)
		return least > -limit ? so_printf(ctx, "%lld", (long long)least - 1) : NULL;
	return greatest < limit ? so_printf(ctx, "%lld", (long long)greatest + 1) : NULL;
}

static char *number_outside(TALLOC_CTX *ctx, const struct so_column *column, bool below)
{
	double least = INFINITY, greatest = -INFINITY, span;

	for (size_t i = 0; i < column->n_common + column->n_bounds; i++) {
		double value = strtod(
			i < column->n_common ? column->common_vals[i] : column->bounds[i - column->n_common], NULL);

		if (!isfinite(value))
			continue;
		least = fmin(least, value);
		greatest = fmax(greatest, value);
	}
	if (!(least <= greatest))
		return NULL;
	span = fmax(greatest - least, 1);
	return so_printf(ctx, "%.0f", below ? floor(least - span) : ceil(greatest + span));
}

/* Dates are the least and the greatest that every engine takes. */
static char *outside(TALLOC_CTX *ctx, const struct so_column *column, bool below)
{
	switch (column->type_class) {
	case SO_TYPE_INT:
		return int_outside(ctx, column, below);
	case SO_TYPE_NUMERIC:
	case SO_TYPE_FLOAT:
		return number_outside(ctx, column, below);
	case SO_TYPE_DATE:
		return so_strdup(ctx, below ? "1753-01-01" : "9999-12-31");
	case SO_TYPE_TIMESTAMP:
	case SO_TYPE_TIMESTAMPTZ:
		return so_strdup(ctx, below ? "1753-01-01 00:00:00" : "9999-12-31 00:00:00");
	case SO_TYPE_UUID:
		return so_strdup(
			ctx, below ? "00000000-0000-0000-0000-000000000000" : "ffffffff-ffff-ffff-ffff-ffffffffffff");
	case SO_TYPE_TEXT:
	case SO_TYPE_BPCHAR:
		return so_strdup(ctx, below ? "" : "~~no such value~~");
	default:
		return NULL;
	}
}

/* ---- values that rows have ---- */

static const char *quantile(const struct so_column *column, double q)
{
	return column->bounds[(size_t)(q * (double)(column->n_bounds - 1) + 0.5)];
}

static const char *equal_value(const struct so_column *column, const struct so_table *table,
	enum so_value_choice choice, size_t nth, double *share)
{
	size_t common = column->n_common, bounds = column->n_bounds;

	*share = share_of_others(column, table);
	if (choice == SO_VALUE_COMMON && common > 0) {
		*share = column->common_freqs[nth % common];
		return column->common_vals[nth % common];
	}
	/* the histogram leaves out the common values, so a bound of it is a rare one */
	if (bounds > 0)
		return column->bounds[(bounds / 2 + nth) % bounds];
	if (common == 0)
		return NULL;
	*share = column->common_freqs[common - 1 - nth % common];
	return column->common_vals[common - 1 - nth % common];
}

/* An open range is half of the rows, or the last fiftieth of them; a closed one the middle half, or a fiftieth in the
 * middle. */
static const char *range_value(const struct so_column *column, enum so_value_use use, enum so_value_choice choice)
{
	static const double at[][2] = {
		[SO_VALUE_LOWER] = { 0.5, 0.98 },
		[SO_VALUE_UPPER] = { 0.5, 0.02 },
		[SO_VALUE_FROM] = { 0.25, 0.49 },
		[SO_VALUE_TO] = { 0.75, 0.51 },
	};

	if (column->n_bounds > 1)
		return quantile(column, at[use][choice == SO_VALUE_RARE]);
	if (column->n_common == 0)
		return NULL;
	return column->common_vals[choice == SO_VALUE_RARE ? column->n_common - 1 : 0];
}

/* The first characters of a value, and anything. */
static char *pattern(TALLOC_CTX *ctx, const char *value)
{
	char *out = so_strdup(ctx, "");
	const char *p = value;

	for (int i = 0; i < PREFIX_LENGTH && *p; i++) {
		size_t len = 1;

		while (((unsigned char)p[len] & 0xC0) == 0x80)
			len++;
		out = talloc_asprintf_append(out, "%s%.*s", strchr("%_\\", *p) ? "\\" : "", (int)len, p);
		p += len;
	}
	return talloc_asprintf_append(out, "%%");
}

/* {"a","b"}: https://www.postgresql.org/docs/15/arrays.html, 8.15.2 */
static char *array_of(TALLOC_CTX *ctx, const struct so_column *column, const struct so_table *table,
	enum so_value_choice choice, double *share)
{
	char *out = so_strdup(ctx, "{");
	double one, sum = 0;

	for (size_t i = 0; i < LIST_VALUES; i++) {
		const char *value = so_column_value(ctx, column, table, SO_VALUE_EQUAL, choice, i, &one);

		if (!value)
			return NULL;
		sum += one;
		out = talloc_asprintf_append(out, "%s\"", i ? "," : "");
		for (const char *p = value; *p; p++)
			out = talloc_asprintf_append(out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
		out = talloc_asprintf_append(out, "\"");
		if (choice == SO_VALUE_ABSENT)
			break;
	}
	*share = sum;
	return talloc_asprintf_append(out, "}");
}

char *so_column_value(TALLOC_CTX *ctx, const struct so_column *column, const struct so_table *table,
	enum so_value_use use, enum so_value_choice choice, size_t nth, double *share)
{
	const char *value;

	*share = NAN;
	if (use == SO_VALUE_LIST)
		return array_of(ctx, column, table, choice, share);
	if (choice == SO_VALUE_ABSENT) {
		char *none = outside(ctx, column, use == SO_VALUE_UPPER);

		if (none) {
			*share = 0;
			return use == SO_VALUE_PATTERN ? pattern(ctx, none) : none;
		}
		choice = SO_VALUE_RARE; /* nothing lies outside: yes and no, the words of an enumeration */
	}
	if (use == SO_VALUE_EQUAL || use == SO_VALUE_PATTERN)
		value = equal_value(column, table, choice, nth, share);
	else
		value = range_value(column, use, choice);
	if (use == SO_VALUE_PATTERN)
		*share = NAN;
	if (!value)
		return NULL;
	return use == SO_VALUE_PATTERN && is_text(column->type_class) ? pattern(ctx, value) : so_strdup(ctx, value);
}

char *so_column_literal(
	TALLOC_CTX *ctx, enum so_dialect dialect, const struct so_column *column, const char *text, bool quoted)
{
	enum so_type_class type = column->type_class;

	/* Oracle reads dates by NLS_DATE_FORMAT, which is the session's */
	if (dialect == SO_ORACLE && (type == SO_TYPE_DATE || type == SO_TYPE_TIMESTAMP || type == SO_TYPE_TIMESTAMPTZ))
		return NULL;
	if (!is_utf8(text))
		return NULL;
	if (is_number(type) && !quoted && looks_like_number(text))
		return so_printf(ctx, *text == '-' ? "(%s)" : "%s", text);
	return so_sql_quote_string(ctx, dialect, text, strlen(text));
}
