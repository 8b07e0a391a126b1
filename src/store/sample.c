#include <string.h>

#include "base/vec.h"
#include "store/entity.h"

#define HOUR_US ((int64_t)3600 * 1000000)

enum { DAYS_MAX = 31 };

bool so_store_append(struct so_store *store, struct so_scope scope, const struct so_store_sample *samples, size_t n,
	struct so_err *err)
{
	struct so_sample_batch *batch;

	/* samples belong to whom their query belongs to; who reads them is checked, who writes them is this program */
	(void)scope;
	if (n == 0)
		return true;
	so_assert(!store->session);
	batch = so_new(NULL, struct so_sample_batch);
	batch->count = n;
	batch->items = so_memdup(batch, samples, n * sizeof *samples);
	if (store->ops->append(store->backend, batch, err))
		return true;
	talloc_free(batch);
	return false;
}

bool so_store_flush(struct so_store *store, struct so_err *err)
{
	so_assert(!store->session);
	return store->ops->flush(store->backend, err);
}

struct history {
	int64_t from_us, to_us;
	SO_VEC(struct so_store_sample) samples;
	int64_t query_id;
};

static void read_sample(const struct so_row *row, void *arg)
{
	struct history *history = arg;
	int64_t at = row->ops->number(row->raw, 0) * HOUR_US + row->ops->number(row->raw, 1) * 1000000;
	struct so_store_sample *sample;

	if (at < history->from_us || at >= history->to_us)
		return;
	sample = so_vec_add(&history->samples);
	if (!sample)
		return;
	sample->query_id = history->query_id;
	sample->at_us = at;
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		sample->delta[i] = row->ops->number(row->raw, 2 + i);
}

struct so_store_samples *so_store_sample_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_us, int64_t to_us, struct so_err *err)
{
	struct so_store_samples *list;
	struct so_params params = { 0 };
	struct history history = { .from_us = from_us, .to_us = to_us, .query_id = query_id };

	if (from_us < 0 || to_us < from_us || to_us - from_us > DAYS_MAX * 24 * HOUR_US) {
		so_fail(err, SO_LIMIT, "a history is read for at most %d days at a time", DAYS_MAX);
		return NULL;
	}
	list = so_new(ctx, struct so_store_samples);
	so_vec_init(&history.samples, list, (size_t)DAYS_MAX * 24 * 3600);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, query_id);
	so_param_int(&params, from_us / HOUR_US);
	so_param_int(&params, to_us / HOUR_US);
	if (!so_store_select(store, SO_STMT_SAMPLE_LIST, &params, read_sample, &history, err)) {
		talloc_free(list);
		return NULL;
	}
	list->count = history.samples.count;
	list->items = history.samples.items;
	return list;
}
