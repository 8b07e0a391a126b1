/* Two statements of a busy server rise and fall together because users come and go. So the steps of log call counts
 * from bucket to bucket are compared, and the common traffic is taken out of them first: the median step of all
 * statements, so that a family of children does not pass for traffic. What remains alike is that one drives the other:
 * rank correlation, so that a few wild buckets decide nothing. A parent that does nothing of its own gives no evidence,
 * and no finding. */
#include "monitor/n_plus_one.h"

#include <stdlib.h>

#include "monitor/robust.h"

/* Statements that have to be seen side by side to tell the traffic. */
#define STATEMENTS_MIN 5
/* Parents of one family are about as correlated: then the caller of them all is meant, which is called least. */
#define AS_CORRELATED 0.1

struct work {
	const struct so_series *const *series;
	size_t n_series, n; /* n: rows of the grid */
	const struct so_n_plus_one_config *config;
	int64_t *start_us; /* of each row */
	const struct so_bucket **grid; /* [series * n + row]; NULL: no usable bucket */
	double *traffic; /* median step of log calls from the row before; NAN too few statements to tell */
	double *a, *b, *common, *scratch, *scratch2;
};

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static const struct so_bucket *cell(const struct work *w, size_t series, size_t row)
{
	return w->grid[series * w->n + row];
}

/* All bucket starts, sorted, and who has which. */
static void fill_grid(struct work *w, TALLOC_CTX *ctx)
{
	size_t most = 1, n = 0;

	for (size_t s = 0; s < w->n_series; s++)
		most += w->series[s]->count;
	w->start_us = so_new_array(ctx, int64_t, most);
	for (size_t s = 0; s < w->n_series; s++)
		for (size_t i = 0; i < w->series[s]->count; i++)
			w->start_us[n++] = w->series[s]->items[i].start_us;
	qsort(w->start_us, n, sizeof *w->start_us, by_time);
	w->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!w->n || w->start_us[i] != w->start_us[w->n - 1])
			w->start_us[w->n++] = w->start_us[i];
	w->grid = so_new_array(ctx, const struct so_bucket *, w->n_series * w->n + 1);
	w->traffic = so_new_array(ctx, double, w->n + 1);
	for (size_t s = 0; s < w->n_series; s++)
		for (size_t i = 0, row = 0; i < w->series[s]->count; i++) {
			const struct so_bucket *b = &w->series[s]->items[i];

			while (w->start_us[row] < b->start_us)
				row++;
			if (so_bucket_usable(b))
				w->grid[s * w->n + row] = b;
		}
	w->a = so_new_array(ctx, double, w->n + 1);
	w->b = so_new_array(ctx, double, w->n + 1);
	w->common = so_new_array(ctx, double, w->n + 1);
	w->scratch = so_new_array(ctx, double, w->n + w->n_series + 1);
	w->scratch2 = so_new_array(ctx, double, 4 * w->n + 1);
}

static void measure_traffic(struct work *w)
{
	for (size_t row = 1; row < w->n; row++) {
		size_t k = 0;

		for (size_t s = 0; s < w->n_series; s++)
			if (cell(w, s, row - 1) && cell(w, s, row))
				w->scratch[k++] =
					log((double)cell(w, s, row)->calls / (double)cell(w, s, row - 1)->calls);
		w->traffic[row] = k >= STATEMENTS_MIN ? so_median(w->scratch, k) : NAN;
	}
}

static double mean_us(const struct so_series *series)
{
	double exec = 0, calls = 0;

	for (size_t i = 0; i < series->count; i++)
		if (so_bucket_usable(&series->items[i])) {
			exec += series->items[i].exec_us;
			calls += (double)series->items[i].calls;
		}
	return calls > 0 ? exec / calls : INFINITY;
}

/* Takes out of `values` (steps from row to row) what moves with `traffic`: times the median of the slopes, weighted by
 * the traffic's own step, which is the least absolute error through the origin. */
static void take_out_traffic(const struct work *w, double *values, const double *traffic, size_t n)
{
	struct so_weighted *slopes = (struct so_weighted *)w->scratch2;
	size_t k = 0;
	double slope;

	for (size_t i = 0; i < n; i++)
		if (fabs(traffic[i]) > 1e-9)
			slopes[k++] = (struct so_weighted){ values[i] / traffic[i], fabs(traffic[i]) };
	slope = so_weighted_median(slopes, k);
	for (size_t i = 0; i < n && k; i++)
		values[i] -= slope * traffic[i];
}

/* Calls of the child for one call, or one returned row, of the parent. */
static double driver(const struct so_bucket *parent, bool by_rows)
{
	return by_rows ? (double)parent->rows : (double)parent->calls;
}

/* Logs of ratios into scratch, steps of both into a and b; numbers of both. A parent without its child in a bucket is
 * evidence against the pair. */
static size_t compare(struct work *w, size_t parent, size_t child, bool by_rows, size_t *n_steps)
{
	const struct so_bucket *last_p = NULL, *last_c = NULL;
	size_t n = 0;

	*n_steps = 0;
	for (size_t row = 0; row < w->n; row++) {
		const struct so_bucket *p = cell(w, parent, row), *c = cell(w, child, row);

		if (!p || driver(p, by_rows) < w->config->min_parent_calls) {
			last_p = NULL;
			continue;
		}
		w->scratch[n++] = log((c ? (double)c->calls : 0.5) / driver(p, by_rows));
		if (c && last_p && !isnan(w->traffic[row]) &&
			p->start_us - last_p->start_us == w->series[parent]->bucket_us) {
			w->a[*n_steps] = log(driver(p, by_rows) / driver(last_p, by_rows));
			w->b[*n_steps] = log((double)c->calls / (double)last_c->calls);
			w->common[(*n_steps)++] = w->traffic[row];
		}
		last_p = c ? p : NULL;
		last_c = c;
	}
	return n;
}

/* Whether the child follows the calls of the parent, or its rows. */
static bool follows(struct work *w, size_t parent, size_t child, bool by_rows, struct so_n_plus_one *pair)
{
	const struct so_n_plus_one_config *config = w->config;
	size_t steps, n = compare(w, parent, child, by_rows, &steps);
	double each;

	if (n < config->min_buckets || steps < config->min_buckets / 2)
		return false;
	*pair = (struct so_n_plus_one){ .parent = parent, .child = child, .follows_rows = by_rows, .buckets = n };
	each = so_median(w->scratch, n);
	pair->spread = so_mad(w->scratch, n, each);
	if (pair->spread > config->max_spread ||
		(by_rows ? fabs(each) > config->per_row : each < log(config->min_ratio)))
		return false;
	take_out_traffic(w, w->a, w->common, steps);
	take_out_traffic(w, w->b, w->common, steps);
	for (size_t i = 0; i < steps; i++)
		w->scratch[i] = w->a[i];
	if (so_mad(w->scratch, steps, 0) < config->min_movement)
		return false;
	pair->correlation = so_spearman(w->a, w->b, steps, w->scratch2);
	if (pair->correlation < config->min_correlation)
		return false;
	/* Also of one that follows rows the calls for each call are told. */
	n = compare(w, parent, child, false, &steps);
	pair->ratio = exp(so_median(w->scratch, n));
	return n >= config->min_buckets && pair->ratio >= config->min_ratio;
}

static bool better(const struct so_n_plus_one *a, const struct so_n_plus_one *b)
{
	if (a->follows_rows != b->follows_rows)
		return a->follows_rows;
	if (fabs(a->correlation - b->correlation) > AS_CORRELATED)
		return a->correlation > b->correlation;
	return a->ratio > b->ratio;
}

static int by_share(const void *a, const void *b)
{
	double x = ((const struct so_n_plus_one *)a)->share, y = ((const struct so_n_plus_one *)b)->share;

	return (x < y) - (x > y);
}

static char *describe(TALLOC_CTX *ctx, const struct so_n_plus_one *pair)
{
	return so_printf(ctx,
		"Called %.*f times for each call of the other statement, in %zu of its periods with a spread of %.0f "
		"%%%s. "
		"A call takes %.2f ms only, but all of them take %.0f %% of the server's time: one statement that "
		"fetches the "
		"rows for all at once takes their place.",
		pair->ratio < 10, pair->ratio, pair->buckets, 100 * pair->spread,
		pair->follows_rows ? ", once for each row it returns" : "", pair->child_us / 1000, 100 * pair->share);
}

struct so_n_plus_one *so_n_plus_one_find(TALLOC_CTX *ctx, const struct so_series *const *series, size_t n,
	const struct so_n_plus_one_config *config, size_t *count)
{
	SO_TMP(tmp, ctx);
	struct so_n_plus_one *found = so_new_array(ctx, struct so_n_plus_one, n + 1);
	struct work w = { .series = series, .n_series = n, .config = config };
	double all = 0;

	*count = 0;
	fill_grid(&w, tmp);
	measure_traffic(&w);
	for (size_t i = 0; i < n * w.n; i++)
		all += w.grid[i] ? w.grid[i]->exec_us : 0;
	for (size_t child = 0; child < n; child++) {
		struct so_n_plus_one best = { 0 }, pair;
		double us = mean_us(series[child]), own = 0;

		for (size_t row = 0; row < w.n; row++)
			own += cell(&w, child, row) ? cell(&w, child, row)->exec_us : 0;
		if (us > config->child_us_max || !(own >= config->min_share * all))
			continue;
		for (size_t parent = 0; parent < n; parent++)
			if (parent != child &&
				(follows(&w, parent, child, true, &pair) || follows(&w, parent, child, false, &pair)) &&
				(!best.buckets || better(&pair, &best)))
				best = pair;
		if (!best.buckets)
			continue;
		best.child_us = us;
		best.share = own / all;
		found[(*count)++] = best;
	}
	qsort(found, *count, sizeof *found, by_share);
	for (size_t i = 0; i < *count; i++)
		found[i].text = describe(found, &found[i]);
	return found;
}
