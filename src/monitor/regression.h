/* Whether a query takes longer a call than it used to, since when, and by how much. Pure: no store, no clock; "now" is
 * the end of the series. Why is in cause.h; when a verdict becomes a finding is in damping.h. */
#ifndef SO_MONITOR_REGRESSION_H
#define SO_MONITOR_REGRESSION_H

#include "monitor/season.h"

enum so_regression_kind {
	SO_REGRESSION_NONE,
	SO_REGRESSION_STEP, /* from one bucket to the next */
	SO_REGRESSION_DRIFT, /* little by little */
	SO_REGRESSION_NEW, /* a query that was not there before takes much of the server's time */
	SO_REGRESSION_KIND_MAX
};

/* Why a series is not called a regression: the first test that it did not pass. For logs, tests and "why not?". */
enum so_regression_veto {
	SO_VETO_NONE,
	SO_VETO_SHORT, /* too few buckets or calls */
	SO_VETO_EVIDENCE, /* within the noise */
	SO_VETO_RATIO, /* real, but small */
	SO_VETO_OVER, /* was slow, no longer is */
	SO_VETO_UNSEEN, /* slower than before, but no such hour or day was seen before */
	SO_VETO_RECURS, /* as a week ago */
	SO_VETO_MIX, /* the cheap calls went away */
	SO_VETO_SHARE, /* too small a part of the server's time */
	SO_VETO_MAX
};

struct so_regression_config {
	struct so_season_config season;
	double min_ratio; /* 1.3 times slower: less is not worth a human */
	double min_z; /* 5 standard errors; see regression.c */
	int64_t min_calls; /* 10 after the onset */
	size_t min_before, min_after; /* buckets with calls: 12, 3 */
	double min_load_share; /* 0.01 of the instance's time after the onset */
	double unseen_ratio; /* 4: what it takes where earlier days tell nothing of this hour or sort of day */
	int64_t scan_us; /* how far back an onset is searched: 7 days */
	int64_t history_us; /* 28 days */
	double overwhelming_ratio; /* 4 times slower, with a new plan or what makes one: enough in one bucket */
	double new_share; /* 0.05 of the instance's time makes a new query a finding */
	double new_min_us; /* 10 ms a call; below it is a matter of how often, not how slow */
	int64_t new_after_us; /* instance was watched that long before: 1 day */
};
#define SO_REGRESSION_DEFAULTS                                                                                         \
	{                                                                                                              \
		.season = SO_SEASON_DEFAULTS, .min_ratio = 1.3, .min_z = 5, .min_calls = 10, .min_before = 12,         \
		.min_after = 3, .min_load_share = 0.01, .unseen_ratio = 4, .scan_us = 7 * SO_DAY_US,                   \
		.history_us = 28 * SO_DAY_US, .overwhelming_ratio = 4, .new_share = 0.05, .new_min_us = 10000,         \
		.new_after_us = SO_DAY_US                                                                              \
	}

/* Time that all statements of the instance took in a bucket. */
struct so_load {
	int64_t start_us;
	double exec_us;
};

/* What is known beside the series itself; all of it may be absent (zeroed). */
struct so_regression_input {
	const struct so_load *load; /* sorted by start */
	size_t n_load;
	int64_t first_seen_us; /* the query, ever; 0 not known */
	int64_t watched_since_us; /* the instance; 0 not known */
	/* When something happened that makes the query slow at once (an index was dropped), sorted. */
	const int64_t *sudden_us;
	size_t n_sudden;
	/* Of a finding that is open: where its expectation ends, so that it does not get used to being slow; else 0. */
	int64_t baseline_until_us;
};

struct so_regression {
	enum so_regression_kind kind;
	enum so_regression_veto veto; /* if kind is none */
	bool overwhelming; /* need not be confirmed by further buckets */
	int64_t onset_us; /* start of its first bucket */
	int64_t onset_from_us, onset_to_us; /* the onset is hardly outside */
	int64_t baseline_until_us; /* the expectation is made of what is before */
	int64_t last_us; /* end of the last bucket looked at */
	double factor; /* after / before */
	double before_us, after_us; /* a call, at the hours after the onset; new: before is NAN */
	double z; /* standard errors between before and after */
	double noise; /* one bucket typically strays by this factor: 1.2 */
	double share; /* of the instance's time after the onset; NAN not known */
	int64_t calls_after;
	size_t n_before, n_after; /* buckets with calls */
	bool seasonal; /* compared with the same hours of earlier days */
};

/* Kind none and the first veto, or a regression that goes on at the end of the series. Time n log n. */
void so_regression_detect(struct so_regression *found, TALLOC_CTX *ctx, const struct so_series *series,
	const struct so_regression_input *input, const struct so_regression_config *config);

/* How the last `n_last` buckets with calls since `onset_us` compare with what was before it: for a finding that is open
 * already. The expectation is made of the history before the onset only, so that it does not get used to being slow. */
struct so_regression_now {
	bool known; /* there are such buckets and a history */
	double factor; /* of the last buckets; their median */
	double before_us, after_us;
};
void so_regression_measure(struct so_regression_now *now, TALLOC_CTX *ctx, const struct so_series *series,
	int64_t onset_us, size_t n_last, const struct so_regression_config *config);

const char *so_regression_kind_name(enum so_regression_kind kind); /* "step" */
const char *so_regression_veto_text(enum so_regression_veto veto); /* "within the noise" */

#endif
