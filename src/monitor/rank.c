#include "monitor/rank.h"

#include <stdlib.h>

struct place {
	double value;
	size_t at;
};

static double by_time(const int64_t *c)
{
	return (double)c[SO_COUNT_EXEC_US];
}

static double by_calls(const int64_t *c)
{
	return (double)c[SO_COUNT_CALLS];
}

static double by_mean(const int64_t *c)
{
	return c[SO_COUNT_CALLS] > 0 ? (double)c[SO_COUNT_EXEC_US] / (double)c[SO_COUNT_CALLS] : 0;
}

static double by_reads(const int64_t *c)
{
	return (double)c[SO_COUNT_SHARED_READ];
}

static double (*const rankings[])(const int64_t *counters) = { by_time, by_calls, by_mean, by_reads };

/* Largest first; equal ones in the order of the reading, so that a poll does not depend on the sort. */
static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void so_rank(const struct so_deltas *deltas, size_t top, bool *single)
{
	SO_TMP(tmp, NULL);
	struct place *places = so_new_array(tmp, struct place, deltas->count + 1);

	for (size_t i = 0; i < deltas->count; i++)
		single[i] = false;
	for (size_t r = 0; r < sizeof rankings / sizeof rankings[0]; r++) {
		size_t n = 0;

		for (size_t i = 0; i < deltas->count; i++) {
			double value = rankings[r](deltas->items[i].counters);

			if (value > 0)
				places[n++] = (struct place){ value, i };
		}
		if (n > top)
			qsort(places, n, sizeof *places, compare);
		for (size_t i = 0; i < n && i < top; i++)
			single[places[i].at] = true;
	}
}
