/* N+1: a cheap statement that is called a stable number of times for each call of another one, as a loop over a result
 * does. Found from call counts alone. Pure. */
#ifndef SO_MONITOR_N_PLUS_ONE_H
#define SO_MONITOR_N_PLUS_ONE_H

#include "base/mem.h"
#include "monitor/series.h"

struct so_n_plus_one_config {
	double min_ratio; /* 2 calls for each of the parent */
	size_t min_buckets; /* 24 that both were called in */
	double min_parent_calls; /* 10 in a bucket, else chance decides its ratio */
	double max_spread; /* 0.25: a bucket's ratio strays from the typical one by no more, typically */
	double min_correlation; /* 0.8: of what both do beyond the traffic of the instance */
	double min_movement; /* 0.05: the parent has to move by itself to be followed */
	double child_us_max; /* 20 ms a call: a child that costs more is a problem of its own */
	double min_share; /* 0.01 of the instance's time for all calls of the child */
	double per_row; /* 0.1: as many calls of the child as the parent returns rows, give or take that part */
};
#define SO_N_PLUS_ONE_DEFAULTS                                                                                         \
	{                                                                                                              \
		.min_ratio = 2, .min_buckets = 24, .min_parent_calls = 10, .max_spread = 0.25, .min_correlation = 0.8, \
		.min_movement = 0.05, .child_us_max = 20000, .min_share = 0.01, .per_row = 0.1                         \
	}

struct so_n_plus_one {
	size_t parent, child; /* of the series given */
	double ratio; /* calls of the child for one of the parent; the median */
	double spread; /* of a bucket's ratio (to calls, or rows) around the typical one; robust standard deviation of
			  its log */
	double correlation; /* rank correlation of the two beyond the common traffic */
	bool follows_rows; /* one call for each row of the parent */
	double child_us; /* a call */
	double share; /* of the instance's time that the child takes */
	size_t buckets;
	char *text;
};

/* The children found, the largest share first, each with its best parent: one whose rows it follows, else the most
 * correlated. All series have the same bucket_us and belong to one instance; `n` is capped by the caller (50 heaviest
 * by calls and time are plenty): n * n pairs are compared. Child of `ctx`. */
struct so_n_plus_one *so_n_plus_one_find(TALLOC_CTX *ctx, const struct so_series *const *series, size_t n,
	const struct so_n_plus_one_config *config, size_t *count);

#endif
