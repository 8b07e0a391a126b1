#include "monitor/drift.h"

#include "monitor/robust.h"

/* Blocks that the two shapes are fitted to: medians, so that noise and wild buckets do not decide. */
#define BLOCKS     48
#define BLOCKS_MIN 8
/* A rise has to leave this part of the step's error at most: it has one parameter more, and a coin's toss is no drift.
 */
#define CLEARLY 0.9
/* Blocks that rise; fewer are a step that took a while. */
#define RISE_MIN 5

struct block {
	int64_t at_us, start_us;
	double y;
};

/* Sum of absolute errors of: median before `k`, and median from it on. */
static double step_error(const struct block *blocks, size_t n, size_t k, double *scratch)
{
	double error = 0;

	for (int side = 0; side < 2; side++) {
		size_t from = side ? k : 0, to = side ? n : k;
		double m;

		for (size_t i = from; i < to; i++)
			scratch[i - from] = blocks[i].y;
		m = so_median(scratch, to - from);
		for (size_t i = from; i < to; i++)
			error += fabs(blocks[i].y - m);
	}
	return error;
}

/* Of: median before `k`, a straight line to `m`, and level from there on. Up to the end (m = n) the line's slope is the
 * median of the slopes to each block (Theil and Sen's estimator with one end fixed), else it joins the two medians. */
static double rise_error(const struct block *blocks, size_t n, size_t k, size_t m, double *scratch)
{
	size_t head = k ? k : 1;
	double level, slope, error = 0, origin = (double)blocks[head - 1].at_us, top = INFINITY;

	for (size_t i = 0; i < head; i++)
		scratch[i] = blocks[i].y;
	level = so_median(scratch, head);
	if (m < n) {
		for (size_t i = m; i < n; i++)
			scratch[i - m] = blocks[i].y;
		top = so_median(scratch, n - m);
		slope = (top - level) / ((double)blocks[m].at_us - origin);
	} else {
		for (size_t i = head; i < n; i++)
			scratch[i - head] = (blocks[i].y - level) / ((double)blocks[i].at_us - origin);
		slope = so_median(scratch, n - head);
	}
	for (size_t i = 0; i < n; i++)
		error += fabs(blocks[i].y -
			      (i >= m ? top : level + (i < k ? 0 : slope * ((double)blocks[i].at_us - origin))));
	return slope > 0 ? error : INFINITY;
}

bool so_drift_begin(
	int64_t *begin_us, TALLOC_CTX *ctx, const struct so_series *series, const double *left, size_t onset)
{
	SO_TMP(tmp, ctx);
	struct block blocks[BLOCKS];
	double *scratch, best_step = INFINITY, best_line = INFINITY;
	size_t after = series->count - onset, first, n, count, at = 0;

	/* As much before the step as three times what is after it: a line begins before the step that is nearest to it.
	 */
	first = onset > 3 * after ? onset - 3 * after : 0;
	count = series->count - first;
	n = count < BLOCKS ? count : BLOCKS;
	if (n < BLOCKS_MIN)
		return false;
	scratch = so_new_array(tmp, double, count);
	for (size_t b = 0; b < n; b++) {
		size_t from = first + b * count / n, to = first + (b + 1) * count / n;

		for (size_t i = from; i < to; i++)
			scratch[i - from] = left[i];
		blocks[b] = (struct block){ (series->items[from].start_us + series->items[to - 1].start_us) / 2,
			series->items[from].start_us, so_median(scratch, to - from) };
	}
	for (size_t k = 0; k < n; k++) {
		if (k)
			best_step = fmin(best_step, step_error(blocks, n, k, scratch));
		for (size_t m = k + RISE_MIN; m <= n; m++) {
			double line = rise_error(blocks, n, k, m, scratch);

			if (line < best_line) {
				best_line = line;
				at = k;
			}
		}
	}
	if (!(best_line < CLEARLY * best_step))
		return false;
	*begin_us = blocks[at].start_us;
	return true;
}
