/* Samples: written in blocks by the polls, and read as one query's history. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "store/block.h"
#include "store/entity.h"
#include "store/history.h"

enum { DAYS_MAX = 31 };

/* ---- writing ---- */

static int64_t second_of(const struct so_store_sample *sample)
{
	return sample->at_us / 1000000 % 3600;
}

static int by_place(const void *a, const void *b)
{
	const struct so_store_sample *x = a, *y = b;
	int64_t sx = second_of(x), sy = second_of(y);

	if (sx != sy)
		return sx < sy ? -1 : 1;
	return (x->query_id > y->query_id) - (x->query_id < y->query_id);
}

static void add_counters(int64_t *sum, const int64_t *more)
{
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		sum[i] += more[i];
}

/* Two samples of one query and second become one. Sorted in, sorted out. */
static size_t join_equals(struct so_store_sample *samples, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (kept && by_place(&samples[kept - 1], &samples[i]) == 0)
			add_counters(samples[kept - 1].delta, samples[i].delta);
		else
			samples[kept++] = samples[i];
	return kept;
}

struct found_block {
	int64_t query_id, at_us; /* of the first sample that it may hold */
	struct so_store_sample *samples;
	size_t count;
	bool damaged;
};

static void read_block(const struct so_row *row, void *arg)
{
	struct found_block *found = arg;
	struct so_block_reader reader;
	size_t len;
	const void *bytes = row->ops->blob(row->raw, 0, &len);
	int64_t place, delta[SO_SAMPLE_COUNTERS];

	so_block_open(&reader, bytes, len);
	while (found->count < SO_BLOCK_QUERIES && so_block_next(&reader, &place, delta)) {
		struct so_store_sample *sample = &found->samples[found->count++];

		*sample = (struct so_store_sample){ .query_id = found->query_id + place, .at_us = found->at_us };
		memcpy(sample->delta, delta, sizeof delta);
	}
	found->damaged = reader.damaged;
}

/* Another connection of the same block, or the same poll in a second while the clock stood: both count. */
static bool merge_block(
	struct so_store *tx, int64_t key, const struct so_store_sample *samples, size_t n, struct so_err *err)
{
	struct so_store_sample all[2 * SO_BLOCK_QUERIES];
	struct found_block found = { so_block_query(key), samples[0].at_us, all, 0, false };
	unsigned char bytes[SO_BLOCK_MAX];
	struct so_params get = { 0 }, set = { 0 };
	size_t count;

	so_param_int(&get, key);
	if (!tx->ops->run(tx->session, SO_STMT_SAMPLE_GET, &get, read_block, &found, NULL, err))
		return false;
	if (found.damaged)
		return so_fail(
			err, SO_STORE, "the samples of hour %" PRId64 " are damaged in the store", so_block_hour(key));
	memcpy(all + found.count, samples, n * sizeof *samples);
	count = found.count + n;
	qsort(all, count, sizeof *all, by_place);
	count = join_equals(all, count);
	so_param_int(&set, key);
	so_param_blob(&set, bytes, so_block_pack(bytes, all, count));
	return so_session_run(tx, SO_STMT_SAMPLE_SET, &set, NULL, err);
}

static bool add_block(
	struct so_store *tx, int64_t key, const struct so_store_sample *samples, size_t n, struct so_err *err)
{
	unsigned char bytes[SO_BLOCK_MAX];
	struct so_params params = { 0 };
	int64_t changed;

	so_param_int(&params, key);
	so_param_blob(&params, bytes, so_block_pack(bytes, samples, n));
	if (!so_session_run(tx, SO_STMT_SAMPLE_ADD, &params, &changed, err))
		return false;
	return changed > 0 || merge_block(tx, key, samples, n, err);
}

static bool add_blocks(
	struct so_store *tx, int64_t hour, const struct so_store_sample *samples, size_t n, struct so_err *err)
{
	for (size_t from = 0, to; from < n; from = to) {
		int64_t key = so_block_key(hour, samples[from].query_id, second_of(&samples[from]));

		for (to = from + 1; to < n; to++)
			if (so_block_key(hour, samples[to].query_id, second_of(&samples[to])) != key)
				break;
		if (!add_block(tx, key, &samples[from], to - from, err))
			return false;
	}
	return true;
}

bool so_store_samples_add(struct so_store *tx, const struct so_store_sample *samples, size_t n, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_params params = { 0 };
	struct so_store_sample *sorted;
	int64_t hour, changed;

	so_assert(tx->session);
	if (n == 0)
		return true;
	hour = samples[0].at_us / SO_HOUR_US;
	for (size_t i = 1; i < n; i++)
		so_assert(samples[i].at_us / SO_HOUR_US == hour);
	so_param_int(&params, hour);
	if (!so_session_run(tx, SO_STMT_HOUR_TOUCH, &params, &changed, err))
		return false;
	if (changed == 0)
		return so_fail(err, SO_CONFLICT,
			"the history of hour %" PRId64 " was dropped already; is the clock of this machine right?",
			hour);
	sorted = so_memdup(tmp, samples, n * sizeof *samples);
	qsort(sorted, n, sizeof *sorted, by_place);
	return add_blocks(tx, hour, sorted, join_equals(sorted, n), err);
}

/* ---- reading ---- */

struct history {
	int64_t from_us, to_us, query_id;
	SO_VEC(struct so_store_sample) samples;
	bool damaged;
};

static void read_sample(const struct so_row *row, void *arg)
{
	struct history *history = arg;
	int64_t key = row->ops->number(row->raw, 0), delta[SO_SAMPLE_COUNTERS];
	int64_t at_us = so_block_hour(key) * SO_HOUR_US + so_block_second(key) * 1000000;
	struct so_store_sample *sample;
	struct so_block_reader reader;
	size_t len;
	const void *bytes;

	if (at_us < history->from_us || at_us >= history->to_us)
		return;
	bytes = row->ops->blob(row->raw, 1, &len);
	so_block_open(&reader, bytes, len);
	if (so_block_find(&reader, history->query_id % SO_BLOCK_QUERIES, delta)) {
		sample = so_vec_add(&history->samples);
		if (!sample)
			return;
		*sample = (struct so_store_sample){ .query_id = history->query_id, .at_us = at_us };
		memcpy(sample->delta, delta, sizeof delta);
	}
	history->damaged = history->damaged || reader.damaged;
}

struct so_store_samples *so_store_sample_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_us, int64_t to_us, struct so_err *err)
{
	struct so_store_samples *list;
	struct so_params params = { 0 };
	struct history history = { .from_us = from_us, .to_us = to_us, .query_id = query_id };

	if (from_us < 0 || to_us < from_us || to_us - from_us > DAYS_MAX * 24 * SO_HOUR_US) {
		so_fail(err, SO_LIMIT, "a history is read for at most %d days at a time", DAYS_MAX);
		return NULL;
	}
	list = so_new(ctx, struct so_store_samples);
	so_vec_init(&history.samples, list, (size_t)DAYS_MAX * 24 * 3600);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, query_id);
	so_param_int(&params, from_us / SO_HOUR_US);
	so_param_int(&params, to_us / SO_HOUR_US);
	so_param_int(&params, so_block_first(0, query_id));
	so_param_int(&params, so_block_last(0, query_id));
	if (!so_store_select(store, SO_STMT_SAMPLE_LIST, &params, read_sample, &history, err)) {
		talloc_free(list);
		return NULL;
	}
	if (history.damaged) {
		talloc_free(list);
		so_fail(err, SO_STORE, "the samples of query %" PRId64 " are damaged in the store", query_id);
		return NULL;
	}
	list->count = history.samples.count;
	list->items = history.samples.items;
	return list;
}
