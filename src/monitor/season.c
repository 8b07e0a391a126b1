#include "monitor/season.h"

#include <stdlib.h>

#include "monitor/robust.h"

#define POLISH_ROUNDS 3
/* A day of which that many hours are known was seen. */
#define SORT_HOURS 18
/* Squared coefficient of variation of single calls: 4 is heavier than anything worth a model. */
#define KAPPA2_MAX 4.0

struct point {
	int64_t at_us, day; /* day: number since 1970 */
	double y, left, calls; /* left: residual */
	int hour, weekday;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t day_number(const struct so_season *season, int64_t at_us)
{
	return floor_div(at_us + season->utc_offset_us, SO_DAY_US);
}

int so_season_hour(const struct so_season *season, int64_t at_us)
{
	return (int)((floor_div(at_us + season->utc_offset_us, SO_HOUR_US) % 24 + 24) % 24);
}

int so_season_weekday(const struct so_season *season, int64_t at_us)
{
	return (int)(((day_number(season, at_us) + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static bool is_weekend(int weekday)
{
	return weekday >= 5;
}

double so_season_expected(const struct so_season *season, int64_t at_us)
{
	return season->level + season->hour[so_season_hour(season, at_us)] +
	       season->day[so_season_weekday(season, at_us)];
}

double so_season_residual(const struct so_season *season, const struct so_bucket *bucket)
{
	/* Second-order expansion: E log(mean of c) = log(mean) - kappa2 / 2c. */
	double bias = season->kappa2 / 2 * (1 / (double)bucket->calls - season->inverse_calls);

	return so_bucket_log_mean(bucket) - so_season_expected(season, bucket->start_us) + fmax(bias, 0);
}

double so_season_variance(const struct so_season *season, const struct so_bucket *bucket)
{
	return season->tau2 + season->kappa2 / (double)bucket->calls;
}

double so_season_error(const struct so_season *season, size_t n, double weight, double days)
{
	double r = season->rho, count = (double)n, slots = 0, effects = 0, sorts;
	/* Variance of a mean of n values with correlation r^lag, against independent ones; exact for an AR(1). */
	double inflation = (1 + r) / (1 - r) - 2 * r * (1 - pow(r, count)) / (count * (1 - r) * (1 - r));
	double variance = inflation / weight, single = count / weight;

	/* The effect of an hour is a median of few days, and the same error at each return of that hour. */
	if (season->daily) {
		for (int h = 0; h < 24; h++)
			if (season->n_hour[h]) {
				effects += 1 / (double)season->n_hour[h];
				slots++;
			}
		variance += SO_MEDIAN_VARIANCE * single * effects / slots / fmin(24, fmax(1, days * 24));
	}
	variance += SO_MEDIAN_VARIANCE * single * inflation / (double)season->n;
	/* A whole day is as far off as the day, and its effect as the few days that it was taken from. */
	sorts = fmax(1, fmin((double)season->n_sort[0], (double)season->n_sort[1]) / 24);
	variance += season->day_var / fmax(1, days);
	variance +=
		season->day_var / (season->weeks > 0       ? season->weeks * fmax(1, fmin(7, days))
					  : season->weekly ? sorts
							   : (double)(season->n_sort[0] + season->n_sort[1]) / 24 + 1);
	return sqrt(variance);
}

/* Median of what is left where `pick` says, taken out of it and returned; 0 for none. */
static double take_out(struct point *points, size_t n, double *scratch, int what, int which)
{
	size_t k = 0;
	double m;

	for (size_t i = 0; i < n; i++)
		if ((what == 0          ? points[i].hour
			    : what == 1 ? points[i].weekday
					: is_weekend(points[i].weekday)) == which)
			scratch[k++] = points[i].left;
	if (!k)
		return 0;
	m = so_median(scratch, k);
	for (size_t i = 0; i < n; i++)
		if ((what == 0          ? points[i].hour
			    : what == 1 ? points[i].weekday
					: is_weekend(points[i].weekday)) == which)
			points[i].left -= m;
	return m;
}

/* Tukey's median polish of log time = level + hour + day. */
static void polish(struct so_season *season, struct point *points, size_t n, double *scratch)
{
	for (int round = 0; round < POLISH_ROUNDS; round++) {
		if (season->weeks > 0)
			for (int d = 0; d < 7; d++)
				season->day[d] += take_out(points, n, scratch, 1, d);
		else if (season->weekly)
			for (int w = 0; w < 2; w++) {
				double m = take_out(points, n, scratch, 2, w);

				for (int d = w ? 5 : 0; d < (w ? 7 : 5); d++)
					season->day[d] += m;
			}
		if (season->daily)
			for (int h = 0; h < 24; h++)
				season->hour[h] += take_out(points, n, scratch, 0, h);
	}
	/* An hour that was never seen is as its neighbours. */
	for (int h = 0; season->daily && h < 24; h++)
		for (int away = 1; !season->n_hour[h] && away < 12; away++) {
			int before = (h + 24 - away) % 24, after = (h + away) % 24;

			if (season->n_hour[before] || season->n_hour[after]) {
				season->hour[h] = season->n_hour[before] && season->n_hour[after]
							  ? fmax(season->hour[before], season->hour[after])
						  : season->n_hour[before] ? season->hour[before]
									   : season->hour[after];
				break;
			}
		}
}

static int by_calls(const void *a, const void *b)
{
	double x = ((const struct point *)a)->calls, y = ((const struct point *)b)->calls;

	return (x > y) - (x < y);
}

static double spread(const struct point *points, size_t n, double *scratch, double *inverse_calls)
{
	*inverse_calls = 0;
	for (size_t i = 0; i < n; i++) {
		scratch[i] = points[i].left;
		*inverse_calls += 1 / points[i].calls / (double)n;
	}
	return so_mad(scratch, n, 0);
}

/* Day-to-day differences at the same time know nothing of the profile, so that a profile fitted to few days does not
 * make the noise look small. */
static double day_spread(const struct point *points, size_t n, double *scratch)
{
	size_t k = 0;

	for (size_t i = 0, j = 0; i < n; i++) {
		while (points[j].at_us < points[i].at_us - SO_DAY_US)
			j++;
		if (points[j].at_us == points[i].at_us - SO_DAY_US)
			scratch[k++] = points[i].y - points[j].y;
	}
	return k >= 12 ? so_mad(scratch, k, 0) / M_SQRT2 : 0;
}

/* Whole days that are faster or slower than others: what the medians of days differ by beyond the noise in them.
 * Differences of neighbouring days, so that a trend does not count. */
static double day_variance(const struct so_season *season, const struct point *points, size_t n, double *scratch)
{
	double *medians = scratch + n, noise = season->tau2 + season->kappa2 * season->inverse_calls, sizes = 0, sigma;
	size_t n_days = 0;

	for (size_t i = 0, j; i < n; i = j) {
		for (j = i; j < n && points[j].day == points[i].day; j++)
			scratch[j - i] = points[j].left;
		if (j - i < 6)
			continue;
		sizes += (double)(j - i);
		medians[n_days++] = so_median(scratch, j - i);
	}
	if (n_days < 5)
		return 0;
	for (size_t i = 0; i + 1 < n_days; i++)
		scratch[i] = medians[i + 1] - medians[i];
	sigma = so_mad(scratch, n_days - 1, 0) / M_SQRT2;
	noise *= SO_MEDIAN_VARIANCE * (1 + season->rho) / (1 - season->rho) * (double)n_days / sizes;
	/* The effects of weekdays took a part of it away: of two Mondays half. */
	if (season->weeks > 0)
		sigma *= sqrt(season->weeks / fmax(1, season->weeks - 1));
	return fmax(0, sigma * sigma - noise);
}

/* Of neighbours, clipped at three deviations. From what strays within a day: whole days that differ are counted apart,
 * and would pass for a correlation that lasts for hours. Taking out a median of m values makes it too small by about (1
 * + 3 rho) / m (Marriott and Pope 1954). */
static double correlation(const struct point *points, size_t n, double *scratch, int64_t bucket_us, double sigma)
{
	double own = 0, with_next = 0, pairs = 0, days = 0, rho, m;

	for (size_t i = 0, j; i < n; i = j) {
		double middle;

		for (j = i; j < n && points[j].day == points[i].day; j++)
			scratch[j - i] = points[j].left;
		if (j - i < 6)
			continue;
		middle = so_median(scratch, j - i);
		days++;
		for (size_t k = i; k + 1 < j; k++) {
			double a = fmax(-3, fmin(3, (points[k].left - middle) / sigma));
			double b = fmax(-3, fmin(3, (points[k + 1].left - middle) / sigma));

			if (points[k + 1].at_us - points[k].at_us != bucket_us)
				continue;
			own += (a * a + b * b) / 2;
			with_next += a * b;
			pairs++;
		}
	}
	if (!(own > 0))
		return 0;
	m = pairs / days + 1;
	rho = with_next / own;
	if (m > 6)
		rho = (rho + 1 / m) / (1 - 3 / m);
	return fmax(0, fmin(0.9, rho));
}

static void fit_noise(
	struct so_season *season, struct point *points, size_t n, double *scratch, int64_t bucket_us, double floor)
{
	double sigma, few, many, few_inverse, many_inverse, all;

	sigma = fmax(spread(points, n, scratch, &season->inverse_calls), day_spread(points, n, scratch));
	all = fmax(floor * floor, sigma * sigma);
	season->rho = correlation(points, n, scratch, bucket_us, sqrt(all));

	/* How much of it is sampling, kappa2 / calls? Where calls differ enough, the two halves tell; else half is
	 * assumed. */
	struct point *ordered = so_memdup(NULL, points, n * sizeof *points);

	qsort(ordered, n, sizeof *ordered, by_calls);
	few = spread(ordered, n / 2, scratch, &few_inverse);
	many = spread(ordered + n / 2, n - n / 2, scratch, &many_inverse);
	if (n >= 24 && few_inverse > 1.5 * many_inverse)
		season->kappa2 = fmax(0, (few * few - many * many) / (few_inverse - many_inverse));
	else
		season->kappa2 = all / 2 / season->inverse_calls;
	season->kappa2 = fmin(season->kappa2, fmin(KAPPA2_MAX, all / season->inverse_calls));
	season->tau2 = fmax(floor * floor, all - season->kappa2 * season->inverse_calls);
	talloc_free(ordered);
	season->day_var = day_variance(season, points, n, scratch);
}

static void count_hours(struct so_season *season, const struct point *points, size_t n)
{
	int64_t last[24];

	for (int h = 0; h < 24; h++)
		last[h] = INT64_MIN;
	for (size_t i = 0; i < n; i++)
		if (last[points[i].hour] != points[i].day) {
			last[points[i].hour] = points[i].day;
			season->n_hour[points[i].hour]++;
			season->n_sort[is_weekend(points[i].weekday)]++;
		}
}

bool so_season_saw(const struct so_season *season, int64_t at_us)
{
	return season->n_sort[is_weekend(so_season_weekday(season, at_us))] >= SORT_HOURS;
}

static void fit_calls(struct so_season *season, const struct point *points, size_t n)
{
	double buckets[2][24] = { 0 }, per_hour = season->buckets_per_day / 24;
	int64_t last[2][24] = { 0 };

	for (size_t i = 0; i < n; i++) {
		int w = is_weekend(points[i].weekday), h = points[i].hour;

		/* The buckets of an hour in which there was any call: an hour without is a gap, or rare. */
		if (last[w][h] != points[i].day + 1) {
			last[w][h] = points[i].day + 1;
			buckets[w][h] += fmax(1, per_hour);
		}
		season->calls[w][h] += points[i].calls;
	}
	for (int w = 0; w < 2; w++)
		for (int h = 0; h < 24; h++)
			season->calls[w][h] = buckets[w][h] > 0 ? season->calls[w][h] / buckets[w][h] : -1;
}

double so_season_calls(const struct so_season *season, int64_t at_us)
{
	int w = is_weekend(so_season_weekday(season, at_us)), h = so_season_hour(season, at_us);

	return season->calls[w][h] >= 0 ? season->calls[w][h] : fmax(0, season->calls[!w][h]);
}

void so_season_fit(struct so_season *season, TALLOC_CTX *ctx, const struct so_series *series, size_t begin, size_t end,
	const struct so_season_config *config)
{
	SO_TMP(tmp, ctx);
	struct point *points = so_new_array(tmp, struct point, end - begin);
	double *scratch = so_new_array(tmp, double, 2 * (end - begin));
	size_t n = 0, full = 0;

	*season = (struct so_season){ .utc_offset_us = config->utc_offset_us };
	season->buckets_per_day = (double)SO_DAY_US / (double)series->bucket_us;
	for (size_t i = begin; i < end; i++) {
		const struct so_bucket *b = &series->items[i];

		if (so_bucket_usable(b))
			points[n++] = (struct point){ .at_us = b->start_us,
				.day = day_number(season, b->start_us),
				.y = so_bucket_log_mean(b),
				.calls = (double)b->calls,
				.hour = so_season_hour(season, b->start_us),
				.weekday = so_season_weekday(season, b->start_us) };
	}
	so_assert(n > 0);
	season->n = n;
	season->from_us = points[0].at_us;
	season->to_us = points[n - 1].at_us + series->bucket_us;
	count_hours(season, points, n);
	for (int h = 0; h < 24; h++)
		full += season->n_hour[h] >= 3;
	season->daily = season->to_us - season->from_us >= config->daily_us && full >= 18;
	season->weekly = season->daily && season->n_sort[0] >= SORT_HOURS && season->n_sort[1] >= SORT_HOURS;
	for (size_t i = 0; i < n; i++)
		scratch[i] = points[i].y;
	season->level = so_median(scratch, n);
	for (size_t i = 0; i < n; i++)
		points[i].left = points[i].y - season->level;
	if (season->weekly && season->to_us - season->from_us >= config->weekly_us)
		season->weeks = (double)(season->to_us - season->from_us) / (7.0 * (double)SO_DAY_US);
	polish(season, points, n, scratch);
	fit_noise(season, points, n, scratch, series->bucket_us, config->noise_floor);
	fit_calls(season, points, n);
}
