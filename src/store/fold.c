/* Samples become hours, hours become days and lifetimes. The rows of query_hour are made anew from the samples each
 * time; what hangs on them gets the difference to before, in the same transaction. So a fold can stop anywhere and be
 * repeated, and nothing is counted twice. */
#include <inttypes.h>
#include <string.h>

#include "store/block.h"
#include "store/entity.h"
#include "store/history.h"

enum { SLICE = 16 * SO_BLOCK_QUERIES }; /* ids of queries in one transaction */

#define SLOW_US 1000000 /* a call of a slow statement takes longer */

struct folded {
	int64_t connection_id; /* 0: the query is gone, and its samples do not count */
	int64_t polls, old_polls, peak_us, last_second;
	bool single;
	int64_t sum[SO_SAMPLE_COUNTERS], old[SO_SAMPLE_COUNTERS];
};

struct slice {
	int64_t hour, after; /* queries up to this one are done */
	int64_t from, to; /* ids of queries, both included: whole blocks */
	bool found, damaged;
	struct folded *rows; /* one for each id */
};

enum { CALLS, ROWS, EXEC, PLAN, HIT, READ };

static void add_sample(struct folded *f, int64_t second, const int64_t delta[SO_SAMPLE_COUNTERS])
{
	int64_t mean_us = delta[CALLS] > 0 ? delta[EXEC] / delta[CALLS] : 0;

	f->polls++;
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		f->sum[i] += delta[i];
	if (mean_us > f->peak_us)
		f->peak_us = mean_us;
	if (second > f->last_second)
		f->last_second = second;
}

static void read_block(const struct so_row *row, void *arg)
{
	struct slice *slice = arg;
	int64_t key = row->ops->number(row->raw, 0), place, delta[SO_SAMPLE_COUNTERS];
	struct folded *rows = &slice->rows[so_block_query(key) - slice->from];
	struct so_block_reader reader;
	size_t len;
	const void *bytes = row->ops->blob(row->raw, 1, &len);

	so_block_open(&reader, bytes, len);
	while (so_block_next(&reader, &place, delta))
		add_sample(&rows[place], so_block_second(key), delta);
	slice->damaged = slice->damaged || reader.damaged;
}

static void read_folded(const struct so_row *row, void *arg)
{
	struct slice *slice = arg;
	struct folded *f = &slice->rows[row->ops->number(row->raw, 0) - slice->from];
	int at = 1;

	f->connection_id = row->ops->number(row->raw, at++);
	f->single = row->ops->number(row->raw, at++) != 0;
	f->old_polls = row->ops->number(row->raw, at++);
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		f->old[i] = row->ops->number(row->raw, at++);
}

static void read_next(const struct so_row *row, void *arg)
{
	struct slice *slice = arg;

	slice->from = so_block_query(row->ops->number(row->raw, 0));
	slice->to = slice->from + SLICE - 1;
	slice->found = true;
}

/* The next queries that have samples in the hour. */
static bool find_slice(struct so_store *tx, struct slice *slice, struct so_err *err)
{
	struct so_params params = { 0 };

	slice->found = false;
	so_param_int(&params, so_block_first(slice->hour, slice->after + 1));
	so_param_int(&params, so_block_first(slice->hour + 1, 0) - 1);
	return tx->ops->run(tx->session, SO_STMT_SAMPLE_NEXT, &params, read_next, slice, NULL, err);
}

static void param_keys(struct so_params *params, const struct slice *slice)
{
	so_param_int(params, so_block_first(slice->hour, slice->from));
	so_param_int(params, so_block_last(slice->hour, slice->to));
}

static bool is_slow(const int64_t counters[SO_SAMPLE_COUNTERS])
{
	return counters[CALLS] > 0 && counters[EXEC] / counters[CALLS] >= SLOW_US;
}

static bool same(const struct folded *f)
{
	return f->polls == f->old_polls && memcmp(f->sum, f->old, sizeof f->sum) == 0;
}

static bool put_hour(struct so_store *tx, int64_t hour, int64_t query_id, const struct folded *f, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, hour);
	so_param_int(&params, query_id);
	so_param_int(&params, f->polls);
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		so_param_int(&params, f->sum[i]);
	so_param_int(&params, f->peak_us);
	return so_session_run(tx, SO_STMT_QUERY_HOUR_PUT, &params, NULL, err);
}

static bool add_day(struct so_store *tx, int64_t hour, int64_t query_id, const struct folded *f, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, hour / 24);
	so_param_int(&params, query_id);
	so_param_int(&params, f->polls - f->old_polls);
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		so_param_int(&params, f->sum[i] - f->old[i]);
	so_param_int(&params, f->peak_us);
	return so_session_run(tx, SO_STMT_QUERY_DAY_ADD, &params, NULL, err);
}

static bool add_lifetime(
	struct so_store *tx, int64_t hour, int64_t query_id, const struct folded *f, struct so_err *err)
{
	static const int lived[] = { CALLS, ROWS, EXEC, HIT, READ };
	struct so_params params = { 0 };

	so_param_int(&params, query_id);
	for (size_t i = 0; i < sizeof lived / sizeof lived[0]; i++)
		so_param_int(&params, f->sum[lived[i]] - f->old[lived[i]]);
	so_param_int(&params, hour * SO_HOUR_US + f->last_second * 1000000);
	return so_session_run(tx, SO_STMT_QUERY_GROW, &params, NULL, err);
}

struct load {
	int64_t connection_id, queries, slow;
	int64_t sum[SO_SAMPLE_COUNTERS];
};

static void add_to_load(struct load *loads, size_t *count, const struct folded *f)
{
	size_t at = 0;

	while (at < *count && loads[at].connection_id != f->connection_id)
		at++;
	if (at == *count)
		loads[(*count)++] = (struct load){ .connection_id = f->connection_id };
	if (f->single) {
		loads[at].queries += (f->sum[CALLS] > 0) - (f->old[CALLS] > 0);
		loads[at].slow += is_slow(f->sum) - is_slow(f->old);
	}
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		loads[at].sum[i] += f->sum[i] - f->old[i];
}

static bool add_loads(struct so_store *tx, int64_t hour, const struct load *load, struct so_err *err)
{
	struct so_params hourly = { 0 }, daily = { 0 };

	so_param_int(&hourly, load->connection_id);
	so_param_int(&hourly, hour);
	so_param_int(&hourly, load->queries);
	so_param_int(&hourly, load->slow);
	so_param_int(&daily, load->connection_id);
	so_param_int(&daily, hour / 24);
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++) {
		so_param_int(&hourly, load->sum[i]);
		so_param_int(&daily, load->sum[i]);
	}
	return so_session_run(tx, SO_STMT_LOAD_HOUR_ADD, &hourly, NULL, err) &&
	       so_session_run(tx, SO_STMT_LOAD_DAY_ADD, &daily, NULL, err);
}

static bool read_slice(struct so_store *tx, struct slice *slice, struct so_err *err)
{
	struct so_params blocks = { 0 }, queries = { 0 };

	memset(slice->rows, 0, SLICE * sizeof *slice->rows);
	slice->damaged = false;
	param_keys(&blocks, slice);
	so_param_int(&queries, slice->hour);
	so_param_int(&queries, slice->from);
	so_param_int(&queries, slice->to);
	return tx->ops->run(tx->session, SO_STMT_SAMPLE_BLOCKS, &blocks, read_block, slice, NULL, err) &&
	       (!slice->damaged || so_fail(err, SO_STORE, "the samples of hour %" PRId64 " are damaged in the store",
					   slice->hour)) &&
	       tx->ops->run(tx->session, SO_STMT_FOLD_READ, &queries, read_folded, slice, NULL, err);
}

static bool fold_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct slice *slice = arg;
	struct load *loads;
	size_t n_loads = 0;

	if (!find_slice(tx, slice, err))
		return false;
	if (!slice->found)
		return true;
	if (!read_slice(tx, slice, err))
		return false;
	loads = so_new_array(slice->rows, struct load, SLICE);
	for (int i = 0; i < SLICE; i++) {
		const struct folded *f = &slice->rows[i];
		int64_t query_id = slice->from + i;

		if (!f->connection_id || f->polls == 0 || same(f))
			continue;
		if (!put_hour(tx, slice->hour, query_id, f, err) || !add_day(tx, slice->hour, query_id, f, err) ||
			!add_lifetime(tx, slice->hour, query_id, f, err))
			return false;
		add_to_load(loads, &n_loads, f);
	}
	for (size_t i = 0; i < n_loads; i++)
		if (!add_loads(tx, slice->hour, &loads[i], err))
			return false;
	return true;
}

bool so_store_fold_slice(struct so_store *store, int64_t hour, int64_t *after, bool *more, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct slice slice = { .hour = hour, .after = *after, .rows = so_new_array(tmp, struct folded, SLICE) };

	if (!so_store_tx_lazy(store, fold_tx, &slice, err))
		return false;
	*more = slice.found;
	if (slice.found)
		*after = slice.to;
	return true;
}

struct found_hour {
	int64_t hour, polls;
};

static void read_hour(const struct so_row *row, void *arg)
{
	struct found_hour *found = arg;

	found->hour = row->ops->number(row->raw, 0);
	found->polls = row->ops->number(row->raw, 1);
}

bool so_store_fold_next(struct so_store *store, int64_t from, int64_t *hour, int64_t *polls, struct so_err *err)
{
	struct found_hour found = { .hour = -1 };
	struct so_params params = { 0 };

	so_param_int(&params, from);
	if (!so_store_select(store, SO_STMT_HOUR_UNFOLDED, &params, read_hour, &found, err))
		return false;
	*hour = found.hour;
	*polls = found.polls;
	return true;
}

static bool one_statement(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct {
		enum so_store_statement statement;
		struct so_params params;
	} *one = arg;

	return so_session_run(tx, one->statement, &one->params, NULL, err);
}

bool so_store_fold_done(struct so_store *store, int64_t hour, int64_t polls, struct so_err *err)
{
	struct {
		enum so_store_statement statement;
		struct so_params params;
	} one = { .statement = SO_STMT_HOUR_FOLDED };

	so_param_int(&one.params, hour);
	so_param_int(&one.params, polls);
	return so_store_tx_lazy(store, one_statement, &one, err);
}

static void read_newest(const struct so_row *row, void *arg)
{
	/* max() of nothing is NULL, which reads as 0: no store is from 1970 */
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

bool so_store_hour_newest(struct so_store *store, int64_t *hour, struct so_err *err)
{
	struct so_params none = { 0 };
	int64_t newest = 0;

	if (!so_store_select(store, SO_STMT_HOUR_NEWEST, &none, read_newest, &newest, err))
		return false;
	*hour = newest ? newest : -1;
	return true;
}

bool so_store_hour_oldest(struct so_store *store, int64_t *hour, struct so_err *err)
{
	struct so_params none = { 0 };
	int64_t oldest = 0;

	if (!so_store_select(store, SO_STMT_HOUR_OLDEST, &none, read_newest, &oldest, err))
		return false;
	*hour = oldest ? so_block_hour(oldest) : -1;
	return true;
}

static bool drop_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct slice *slice = arg;
	struct so_params mark = { 0 }, keys = { 0 };

	/* first: polls are refused from here on, so that nothing comes into an hour of which a part is gone */
	so_param_int(&mark, slice->hour);
	if (!so_session_run(tx, SO_STMT_HOUR_DROPPED, &mark, NULL, err) || !find_slice(tx, slice, err))
		return false;
	if (!slice->found)
		return true;
	slice->after = slice->to;
	param_keys(&keys, slice);
	return so_session_run(tx, SO_STMT_SAMPLE_DROP, &keys, NULL, err);
}

bool so_store_hour_drop(struct so_store *store, int64_t hour, struct so_err *err)
{
	struct slice slice = { .hour = hour };

	do {
		if (!so_store_tx_lazy(store, drop_tx, &slice, err))
			return false;
	} while (slice.found);
	return true;
}

struct rollups {
	struct so_scope scope;
	int64_t before_hour, before_day, dropped;
};

static bool drop_before(struct so_store *tx, enum so_store_statement statement, const struct so_scope *scope,
	int64_t before, int64_t *dropped, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t changed;

	if (scope)
		so_param_int(&params, scope->organisation_id);
	so_param_int(&params, before);
	if (!so_session_run(tx, statement, &params, &changed, err))
		return false;
	*dropped += changed;
	return true;
}

static bool rollups_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct rollups *r = arg;
	int64_t others = 0;

	r->dropped = 0;
	return drop_before(tx, SO_STMT_QUERY_HOUR_DROP, NULL, r->before_hour, &r->dropped, err) &&
	       drop_before(tx, SO_STMT_QUERY_DAY_DROP, NULL, r->before_day, &r->dropped, err) &&
	       drop_before(tx, SO_STMT_LOAD_HOUR_DROP, &r->scope, r->before_hour, &others, err) &&
	       drop_before(tx, SO_STMT_LOAD_DAY_DROP, &r->scope, r->before_day, &others, err) &&
	       drop_before(tx, SO_STMT_HOUR_FORGET, NULL, r->before_hour, &others, err);
}

bool so_store_rollups_drop(struct so_store *store, struct so_scope scope, int64_t before_hour, int64_t before_day,
	bool *more, struct so_err *err)
{
	struct rollups r = { scope, before_hour, before_day, 0 };

	if (!so_store_tx_lazy(store, rollups_tx, &r, err))
		return false;
	*more = r.dropped > 0;
	return true;
}

bool so_store_used(struct so_store *store, int64_t *bytes, struct so_err *err)
{
	return store->ops->used(store->backend, bytes, err);
}

bool so_store_shrink(struct so_store *store, int64_t most_bytes, bool *more, struct so_err *err)
{
	return store->ops->shrink(store->backend, most_bytes, more, err);
}
