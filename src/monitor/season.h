/* What a query normally takes at an hour of a day, and how far it strays from that: the expectation that detectors
 * compare with. Pure. All figures are natural logs of microseconds a call, so that effects are factors. */
#ifndef SO_MONITOR_SEASON_H
#define SO_MONITOR_SEASON_H

#include "base/mem.h"
#include "monitor/series.h"

struct so_season_config {
	int64_t utc_offset_us; /* of the users' days: 0 */
	int64_t daily_us; /* history that an hourly profile needs: 3 days */
	int64_t weekly_us; /* history that a profile of weekdays needs: 14 days; half of it, of working days and
			      weekends */
	double noise_floor; /* no series counts as steadier than this: 0.05, 5 % */
};
#define SO_SEASON_DEFAULTS                                                                                             \
	{                                                                                                              \
		.daily_us = 3 * SO_DAY_US, .weekly_us = 14 * SO_DAY_US, .noise_floor = 0.05                            \
	}

struct so_season {
	int64_t utc_offset_us;
	double level, hour[24], day[7]; /* the expectation is their sum; day 0 is a Monday */
	size_t n_hour[24]; /* days behind the effect of an hour */
	size_t n_sort[2]; /* hours of working days, of weekends in the history */
	bool daily, weekly; /* hour[], day[] are known; else 0 */
	int64_t from_us, to_us; /* history */
	size_t n;
	double buckets_per_day;
	/* Variance of a bucket of c calls: tau2 + kappa2 / c. Neighbours are correlated by rho; whole days differ by
	 * day_var. */
	double tau2, kappa2, inverse_calls, rho, day_var;
	double weeks; /* behind the effects of weekdays; 0 none, or two sorts of days only */
	double calls[2][24]; /* mean calls of a bucket at that hour of a working day, of a weekend; -1 not seen */
};

/* From buckets [begin, end) of the series, `end` > `begin`, at least one of them usable. */
void so_season_fit(struct so_season *season, TALLOC_CTX *ctx, const struct so_series *series, size_t begin, size_t end,
	const struct so_season_config *config);
double so_season_expected(const struct so_season *season, int64_t at_us);
/* Log distance of a usable bucket from the expectation. A mean of few skewed times is typically below the mean of many;
 * what follows from the calls alone is taken out. */
double so_season_residual(const struct so_season *season, const struct so_bucket *bucket);
double so_season_variance(const struct so_season *season, const struct so_bucket *bucket);
/* Standard error of the mean of n residuals, with weights 1 / variance that sum to `weight`, over `days` days. */
double so_season_error(const struct so_season *season, size_t n, double weight, double days);
/* Calls of a bucket at that time. */
double so_season_calls(const struct so_season *season, int64_t at_us);
/* History has a day at least of that sort: a working day, or one of a weekend. */
bool so_season_saw(const struct so_season *season, int64_t at_us);
int so_season_hour(const struct so_season *season, int64_t at_us);
int so_season_weekday(const struct so_season *season, int64_t at_us);

#endif
