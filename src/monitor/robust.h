/* Statistics that a few wild values do not move. Pure; NAN for an empty sample. */
#ifndef SO_MONITOR_ROBUST_H
#define SO_MONITOR_ROBUST_H

#include <stddef.h>

/* Makes the median absolute deviation of normal noise its standard deviation: 1 / quantile(0.75). */
#define SO_MAD_TO_SIGMA 1.4826
/* Variance of a median against that of a mean, normal noise: pi / 2. */
#define SO_MEDIAN_VARIANCE 1.5708

struct so_weighted {
	double value, weight;
};

/* Reorder `values`, O(n). */
double so_median(double *values, size_t n);
/* As standard deviation. Leaves the distances from `center` in `values`. */
double so_mad(double *values, size_t n, double center);
/* Sorts `items`; weights > 0. */
double so_weighted_median(struct so_weighted *items, size_t n);
/* Rank correlation, ties at their middle rank; 0 when one of them does not move. `scratch`: 4 n doubles. */
double so_spearman(const double *a, const double *b, size_t n, double *scratch);

#endif
