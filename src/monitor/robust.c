#include "monitor/robust.h"

#include <math.h>
#include <stdlib.h>

static void swap(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

/* Puts the k-th smallest in its place, nothing larger before it (Hoare's selection, middle of three as pivot). */
static double nth(double *v, size_t n, size_t k)
{
	size_t lo = 0, hi = n - 1;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2, i = lo, j = hi;
		double pivot;

		if (v[mid] < v[lo])
			swap(&v[mid], &v[lo]);
		if (v[hi] < v[lo])
			swap(&v[hi], &v[lo]);
		if (v[hi] < v[mid])
			swap(&v[hi], &v[mid]);
		pivot = v[mid];
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&v[i++], &v[j--]);
		}
		if (k <= j)
			hi = j;
		else
			lo = j + 1;
	}
	return v[k];
}

double so_median(double *values, size_t n)
{
	double upper, lower;

	if (!n)
		return NAN;
	upper = nth(values, n, n / 2);
	if (n % 2)
		return upper;
	lower = values[0];
	for (size_t i = 1; i < n / 2; i++)
		lower = fmax(lower, values[i]);
	return (lower + upper) / 2;
}

double so_mad(double *values, size_t n, double center)
{
	for (size_t i = 0; i < n; i++)
		values[i] = fabs(values[i] - center);
	return SO_MAD_TO_SIGMA * so_median(values, n);
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct so_weighted *)a)->value, y = ((const struct so_weighted *)b)->value;

	return (x > y) - (x < y);
}

double so_weighted_median(struct so_weighted *items, size_t n)
{
	double half = 0, sum = 0;

	if (!n)
		return NAN;
	qsort(items, n, sizeof *items, by_value);
	for (size_t i = 0; i < n; i++)
		half += items[i].weight / 2;
	for (size_t i = 0; i + 1 < n; i++) {
		sum += items[i].weight;
		if (sum > half)
			return items[i].value;
		if (sum == half)
			return (items[i].value + items[i + 1].value) / 2;
	}
	return items[n - 1].value;
}

/* `pairs` is 2 n doubles, seen as (value, index). */
static void ranks(const double *values, size_t n, double *pairs, double *out)
{
	struct so_weighted *order = (struct so_weighted *)pairs;

	for (size_t i = 0; i < n; i++)
		order[i] = (struct so_weighted){ values[i], (double)i };
	qsort(order, n, sizeof *order, by_value);
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && order[j].value == order[i].value; j++)
			;
		for (size_t k = i; k < j; k++)
			out[(size_t)order[k].weight] = (double)(i + j - 1) / 2;
	}
}

double so_spearman(const double *a, const double *b, size_t n, double *scratch)
{
	double *ra = scratch + 2 * n, *rb = scratch + 3 * n;
	double mean = (double)(n - 1) / 2, ab = 0, aa = 0, bb = 0;

	if (n < 2)
		return 0;
	ranks(a, n, scratch, ra);
	ranks(b, n, scratch, rb);
	for (size_t i = 0; i < n; i++) {
		ab += (ra[i] - mean) * (rb[i] - mean);
		aa += (ra[i] - mean) * (ra[i] - mean);
		bb += (rb[i] - mean) * (rb[i] - mean);
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}
