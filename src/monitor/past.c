#include "monitor/past.h"

#include "monitor/robust.h"

enum { CALLS, ROWS, EXEC, PLAN, HIT, READ };

#define USUAL_DAYS 7

static int64_t floor_to(int64_t at_us, int64_t bucket_us)
{
	return at_us - at_us % bucket_us;
}

static void add_counters(struct so_bucket *bucket, const int64_t *counters)
{
	bucket->calls += counters[CALLS];
	bucket->rows += counters[ROWS];
	bucket->exec_us += (double)counters[EXEC];
	bucket->hits += counters[HIT];
	bucket->reads += counters[READ];
}

/* An engine that counts no pages has none in any bucket. */
static void forget_pages(struct so_bucket *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (items[i].hits || items[i].reads)
			return;
	for (size_t i = 0; i < n; i++)
		items[i].hits = items[i].reads = -1;
}

bool so_past_hours(struct so_series *out, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id,
	int64_t to_hour, struct so_err *err)
{
	int64_t from_hour = to_hour > SO_PAST_HOURS ? to_hour - SO_PAST_HOURS : 0;
	struct so_store_hours *hours =
		so_store_hour_list(ctx, past->store, past->scope, query_id, from_hour, to_hour - 1, err);
	struct so_bucket *items;
	size_t n = 0;

	if (!hours)
		return false;
	items = so_new_array(ctx, struct so_bucket, hours->count + 1);
	for (size_t i = 0; i < hours->count; i++) {
		items[n].start_us = hours->items[i].hour * SO_HOUR_US;
		add_counters(&items[n++], hours->items[i].sum);
	}
	if (!n || items[n - 1].start_us != (to_hour - 1) * SO_HOUR_US)
		items[n++].start_us = (to_hour - 1) * SO_HOUR_US;
	forget_pages(items, n);
	talloc_free(hours);
	*out = (struct so_series){ items, n, SO_HOUR_US };
	return true;
}

/* Samples of [from_us, to_us) onto buckets after the n that are there. */
static bool add_samples(struct so_bucket *items, size_t *n, const struct so_past *past, int64_t query_id,
	int64_t bucket_us, int64_t from_us, int64_t to_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_samples *samples =
		so_store_sample_list(tmp, past->store, past->scope, query_id, from_us, to_us, err);

	if (!samples)
		return false;
	for (size_t i = 0; i < samples->count; i++) {
		int64_t start_us = floor_to(samples->items[i].at_us, bucket_us);

		if (!*n || items[*n - 1].start_us != start_us)
			items[(*n)++] = (struct so_bucket){ .start_us = start_us };
		add_counters(&items[*n - 1], samples->items[i].delta);
	}
	return true;
}

bool so_past_fine(struct so_series *out, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id,
	int64_t bucket_us, int64_t to_us, int64_t onset_us, struct so_err *err)
{
	struct so_bucket *items = so_new_array(ctx, struct so_bucket, SO_PAST_BUCKETS + 2);
	int64_t from_us = to_us - SO_PAST_BUCKETS * bucket_us, onset = floor_to(onset_us, bucket_us);
	size_t n = 0;

	if (onset_us && onset < to_us - SO_PAST_BUCKETS / 2 * bucket_us) {
		from_us = to_us - SO_PAST_BUCKETS / 2 * bucket_us;
		if (!add_samples(
			    items, &n, past, query_id, bucket_us, onset - SO_PAST_BUCKETS / 2 * bucket_us, onset, err))
			return false;
	}
	if (!add_samples(items, &n, past, query_id, bucket_us, from_us > 0 ? from_us : 0, to_us, err))
		return false;
	if (!n || items[n - 1].start_us != to_us - bucket_us)
		items[n++] = (struct so_bucket){ .start_us = to_us - bucket_us };
	forget_pages(items, n);
	*out = (struct so_series){ items, n, bucket_us };
	return true;
}

bool so_past_usual(double *usual_us, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id, int64_t hour,
	struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_hours *hours =
		so_store_hour_list(tmp, past->store, past->scope, query_id, hour - USUAL_DAYS * 24, hour - 1, err);
	double means[USUAL_DAYS];
	size_t n = 0;

	if (!hours)
		return false;
	for (size_t i = 0; i < hours->count; i++) {
		const int64_t *sum = hours->items[i].sum;

		if ((hour - hours->items[i].hour) % 24 == 0 && sum[CALLS] > 0 && n < USUAL_DAYS)
			means[n++] = (double)sum[EXEC] / (double)sum[CALLS];
	}
	*usual_us = n ? so_median(means, n) : NAN;
	return true;
}

/* Hours of one connection onto the sum of all, which is indexed from `from_hour` on. */
static bool add_hours(double *sum, const struct so_past *past, int64_t connection_id, int64_t from_hour,
	int64_t to_hour, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_loads *loads =
		so_store_load_list(tmp, past->store, past->scope, connection_id, from_hour, to_hour - 1, err);

	if (!loads)
		return false;
	for (size_t i = 0; i < loads->count; i++)
		sum[loads->items[i].hour - from_hour] += (double)loads->items[i].exec_us;
	return true;
}

bool so_past_load_hours(struct so_load **out, size_t *n, TALLOC_CTX *ctx, const struct so_past *past,
	const int64_t *connections, size_t n_connections, int64_t to_hour, struct so_err *err)
{
	int64_t from_hour = to_hour > SO_PAST_HOURS ? to_hour - SO_PAST_HOURS : 0;
	double *sum = so_new_array(ctx, double, (size_t)(to_hour - from_hour) + 1);

	for (size_t i = 0; i < n_connections; i++)
		if (!add_hours(sum, past, connections[i], from_hour, to_hour, err))
			return false;
	*out = so_new_array(ctx, struct so_load, (size_t)(to_hour - from_hour) + 1);
	*n = 0;
	for (int64_t hour = from_hour; hour < to_hour; hour++)
		if (sum[hour - from_hour] > 0)
			(*out)[(*n)++] = (struct so_load){ hour * SO_HOUR_US, sum[hour - from_hour] };
	return true;
}

/* The polls of one connection onto its buckets from `from_us` on; *since_us: the first bucket that the log covers. */
static bool add_polls(double *sum, size_t n, int64_t *since_us, const struct so_past *past, int64_t connection_id,
	int64_t bucket_us, int64_t from_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_polls *polls =
		so_store_poll_list(tmp, past->store, past->scope, connection_id, SO_POLL_LOG, err);

	if (!polls)
		return false;
	/* newest first; a log that is not full goes back to the first poll */
	*since_us = from_us;
	if (polls->count >= SO_POLL_LOG)
		*since_us = floor_to(polls->items[polls->count - 1]->started_us, bucket_us) + bucket_us;
	for (size_t i = 0; i < polls->count; i++) {
		int64_t at_us = polls->items[i]->started_us;

		if (at_us >= *since_us && at_us >= from_us && at_us < from_us + (int64_t)n * bucket_us)
			sum[(at_us - from_us) / bucket_us] += (double)polls->items[i]->exec_us;
	}
	return true;
}

static bool add_fine(double *sum, size_t n, const struct so_past *past, int64_t connection_id, int64_t bucket_us,
	int64_t from_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	int64_t since_us, from_hour = from_us / SO_HOUR_US, to_us = from_us + (int64_t)n * bucket_us;
	int64_t to_hour = (to_us + SO_HOUR_US - 1) / SO_HOUR_US;
	double *hours = so_new_array(tmp, double, (size_t)(to_hour - from_hour) + 1);

	if (!add_polls(sum, n, &since_us, past, connection_id, bucket_us, from_us, err))
		return false;
	if (since_us <= from_us)
		return true;
	if (!add_hours(hours, past, connection_id, from_hour, to_hour, err))
		return false;
	for (size_t i = 0; i < n && from_us + (int64_t)i * bucket_us < since_us; i++) {
		int64_t hour = (from_us + (int64_t)i * bucket_us) / SO_HOUR_US;
		int64_t end_us = (hour + 1) * SO_HOUR_US < to_us ? (hour + 1) * SO_HOUR_US : to_us;

		sum[i] += hours[hour - from_hour] * (double)bucket_us / (double)(end_us - hour * SO_HOUR_US);
	}
	return true;
}

bool so_past_load_fine(struct so_load **out, size_t *n, TALLOC_CTX *ctx, const struct so_past *past,
	const int64_t *connections, size_t n_connections, int64_t bucket_us, int64_t to_us, struct so_err *err)
{
	int64_t from_us = to_us - SO_PAST_BUCKETS * bucket_us;
	double *sum = so_new_array(ctx, double, SO_PAST_BUCKETS);

	for (size_t i = 0; i < n_connections; i++)
		if (!add_fine(sum, SO_PAST_BUCKETS, past, connections[i], bucket_us, from_us, err))
			return false;
	*out = so_new_array(ctx, struct so_load, SO_PAST_BUCKETS);
	*n = 0;
	for (int64_t i = 0; i < SO_PAST_BUCKETS; i++)
		if (sum[i] > 0)
			(*out)[(*n)++] = (struct so_load){ from_us + i * bucket_us, sum[i] };
	return true;
}
