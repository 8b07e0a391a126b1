/* Monitoring in the store: where polls stand, and that roll-ups tell the truth about samples whatever happens. */
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/history.h"

#define HOUR0 ((int64_t)490000) /* some hour of 2025 */

struct poll {
	int64_t connection_id, at_us;
	size_t n;
	struct so_store_sample samples[64];
	struct so_store_watch watch;
};

static bool poll_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct poll *poll = arg;

	return so_store_samples_add(tx, poll->samples, poll->n, err);
}

static int64_t add_query(struct fixture *fix, int64_t connection_id, const char *fingerprint, int64_t version);

struct adding {
	struct so_store_query *query;
};

static bool add_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_query_add(tx, SCOPE, ((struct adding *)arg)->query, err);
}

static int64_t add_query(struct fixture *fix, int64_t connection_id, const char *fingerprint, int64_t version)
{
	struct so_store_query *query = so_new(fix->root, struct so_store_query);
	struct adding adding = { query };

	query->connection_id = connection_id;
	query->fingerprint = so_strdup(query, fingerprint);
	query->fingerprint_version = version;
	query->sql_text = so_printf(query, "SELECT '%s'", fingerprint);
	query->buffer_hits = query->buffer_reads = -1;
	OK(so_store_tx(fix->store, add_tx, &adding, &err));
	return query->id;
}

static void add(struct poll *poll, int64_t query_id, int64_t at_us, int64_t calls, int64_t exec_us)
{
	struct so_store_sample *sample = &poll->samples[poll->n++];

	*sample = (struct so_store_sample){ .query_id = query_id, .at_us = at_us };
	sample->delta[0] = calls;
	sample->delta[1] = calls * 2;
	sample->delta[2] = exec_us;
	sample->delta[5] = calls;
}

static void fold_hour(struct fixture *fix, int64_t hour)
{
	int64_t after = 0;
	bool more = true;

	while (more)
		OK(so_store_fold_slice(fix->store, hour, &after, &more, &err));
}

static void fold_all(struct fixture *fix)
{
	for (;;) {
		int64_t hour, polls;

		OK(so_store_fold_next(fix->store, 0, &hour, &polls, &err));
		if (hour < 0)
			return;
		fold_hour(fix, hour);
		OK(so_store_fold_done(fix->store, hour, polls, &err));
	}
}

static struct so_store_load load_of(struct fixture *fix, int64_t connection_id, int64_t from, int64_t to)
{
	struct so_store_load sum = { 0 };
	struct so_store_loads *loads;

	OK(loads = so_store_load_list(fix->root, fix->store, SCOPE, connection_id, from, to, &err));
	for (size_t i = 0; i < loads->count; i++) {
		sum.queries += loads->items[i].queries;
		sum.slow += loads->items[i].slow;
		sum.calls += loads->items[i].calls;
		sum.exec_us += loads->items[i].exec_us;
		sum.shared_read += loads->items[i].shared_read;
	}
	return sum;
}

struct state {
	int64_t connection_id;
	struct so_store_instance instance;
	struct so_store_watch *watch;
};

static bool state_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct state *state = arg;
	const struct so_store_chunk chunks[] = { { 0, "a\0b", 3 }, { 1, "second", 6 }, { 2, "third", 5 } };
	struct so_store_poll poll = { .connection_id = state->connection_id, .calls = 7 };

	if (!so_store_instance_put(tx, SCOPE, state->connection_id, &state->instance, err) ||
		!so_store_watch_put(tx, SCOPE, state->watch, err))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!so_store_baseline_put(tx, state->connection_id, &chunks[i], err))
			return false;
	if (!so_store_baseline_cut(tx, state->connection_id, 2, err))
		return false;
	for (int64_t i = 0; i < SO_POLL_LOG + 3; i++) {
		poll.started_us = 1000 + i;
		if (!so_store_poll_put(tx, SCOPE, &poll, i, err))
			return false;
	}
	return so_store_notice_put(tx, state->connection_id, "cap", "first", 5, err) &&
	       so_store_notice_put(tx, state->connection_id, "cap", "second", 9, err) &&
	       so_store_notice_put(tx, 0, "size", "the store is full", 7, err);
}

static void test_where_polls_stand(void **state)
{
	struct fixture *fix = *state;
	const struct so_scope other = { .organisation_id = 2 };
	struct so_store_conn *conn = new_conn(fix, "shop"), *twin = new_conn(fix, "twin"), *back;
	struct state first = { .connection_id = conn->id,
		.instance = { .engine = (char *)"postgresql",
			.host = (char *)"db",
			.port = 5432,
			.system_id = (char *)"42" } };
	struct state second = first;
	struct so_store_watch *watch;
	struct so_store_chunks *chunks;
	struct so_store_polls *polls;
	struct so_store_notices *notices;

	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(watch->connection_id, conn->id);
	assert_int_equal(watch->polls + watch->last_us, 0);
	watch->polls = 3;
	watch->last_us = 77;
	watch->complete = true;
	watch->server_uid = so_strdup(watch, "42/10.0.0.1");
	first.watch = watch;
	OK(so_store_tx(fix->store, state_tx, &first, &err));
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(watch->polls, 3);
	assert_true(watch->complete);
	assert_string_equal(watch->server_uid, "42/10.0.0.1");
	assert_null(watch->error);
	OK(back = so_store_conn_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(back->last_monitored_us, 77);
	assert_int_equal(back->instance_id, first.instance.id);
	/* another database of the same server */
	second.connection_id = twin->id;
	OK(second.watch = so_store_watch_get(fix->root, fix->store, SCOPE, twin->id, &err));
	OK(so_store_tx(fix->store, state_tx, &second, &err));
	assert_int_equal(second.instance.id, first.instance.id);
	OK(chunks = so_store_baseline_list(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(chunks->count, 2);
	assert_int_equal(chunks->items[0].len, 3);
	assert_memory_equal(chunks->items[0].bytes, "a\0b", 3);
	OK(polls = so_store_poll_list(fix->root, fix->store, SCOPE, conn->id, 1000, &err));
	assert_int_equal(polls->count, SO_POLL_LOG);
	assert_int_equal(polls->items[0]->started_us, 1000 + SO_POLL_LOG + 2);
	OK(notices = so_store_notice_list(fix->root, fix->store, SCOPE, false, 100, &err));
	assert_int_equal(notices->count, 3);
	assert_string_equal(notices->items[0]->message, "second");
	assert_int_equal(notices->items[0]->seen, 2);
	assert_int_equal(notices->items[0]->first_us, 5);
	/* nothing of it for anybody else, and nothing without the connection */
	OK(chunks = so_store_baseline_list(fix->root, fix->store, other, conn->id, &err));
	assert_int_equal(chunks->count, 0);
	OK(so_store_conn_delete(fix->store, SCOPE, conn->id, &err));
	OK(notices = so_store_notice_list(fix->root, fix->store, SCOPE, false, 100, &err));
	assert_int_equal(notices->count, 2);
	FAILS(SO_NOT_FOUND, so_store_tx(fix->store, state_tx, &first, &err));
}

struct happened {
	int64_t connection_id, at_us;
};

static bool happens_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct happened *happened = arg;

	return so_store_notice_put(tx, happened->connection_id, "cap", "too many", happened->at_us, err);
}

/* The only notice, among those that are shown or among all; NULL: there is none. */
static struct so_store_notice *only_notice(struct fixture *fix, bool dismissed)
{
	struct so_store_notices *list;

	OK(list = so_store_notice_list(fix->root, fix->store, SCOPE, dismissed, 10, &err));
	assert_true(list->count <= 1);
	return list->count ? list->items[0] : NULL;
}

static void test_a_notice_is_dismissed_until_it_happens_anew(void **state)
{
	struct fixture *fix = *state;
	const struct so_scope other = { .organisation_id = 2 };
	const int64_t begun = INT64_C(1000) * SO_NOTICE_OVER_US;
	struct happened now = { new_conn(fix, "shop")->id, begun };
	const struct so_store_notice *notice;

	FAILS(SO_NOT_FOUND, so_store_notice_dismiss(fix->store, SCOPE, now.connection_id, "cap", 7, &err));
	OK(so_store_tx(fix->store, happens_tx, &now, &err));
	FAILS(SO_NOT_FOUND, so_store_notice_dismiss(fix->store, SCOPE, now.connection_id, "size", 7, &err));
	FAILS(SO_NOT_FOUND, so_store_notice_dismiss(fix->store, other, now.connection_id, "cap", 7, &err));
	assert_non_null(only_notice(fix, false));
	OK(so_store_notice_dismiss(fix->store, SCOPE, now.connection_id, "cap", 7, &err));
	assert_null(only_notice(fix, false));
	assert_int_equal(only_notice(fix, true)->dismissed_us, 7);
	/* it goes on: nobody is told again; nor when the clock was put back */
	for (int i = 0; i < 3; i++) {
		now.at_us += i < 2 ? SO_NOTICE_OVER_US : -SO_NOTICE_OVER_US;
		OK(so_store_tx(fix->store, happens_tx, &now, &err));
	}
	assert_null(only_notice(fix, false));
	notice = only_notice(fix, true);
	assert_int_equal(notice->seen, 4);
	assert_int_equal(notice->first_us, begun);
	/* it was over, and is back */
	now.at_us += SO_NOTICE_OVER_US + 1;
	OK(so_store_tx(fix->store, happens_tx, &now, &err));
	notice = only_notice(fix, false);
	assert_int_equal(notice->seen, 1);
	assert_int_equal(notice->first_us, now.at_us);
	/* what was hidden by mistake is shown again */
	OK(so_store_notice_dismiss(fix->store, SCOPE, now.connection_id, "cap", 8, &err));
	OK(so_store_notice_dismiss(fix->store, SCOPE, now.connection_id, "cap", 0, &err));
	assert_int_equal(only_notice(fix, false)->seen, 1);
	/* the store's own are everybody's */
	OK(so_store_conn_delete(fix->store, SCOPE, now.connection_id, &err));
	now.connection_id = 0;
	OK(so_store_tx(fix->store, happens_tx, &now, &err));
	OK(so_store_notice_dismiss(fix->store, other, 0, "cap", 9, &err));
	assert_null(only_notice(fix, false));
}

static void test_roll_ups_of_samples(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	int64_t fast = add_query(fix, conn->id, "fast", 1), slow = add_query(fix, conn->id, "slow", 1),
		rest = add_query(fix, conn->id, "other", SO_OTHER_VERSION), start = HOUR0 * SO_HOUR_US;
	struct so_store_query_filter filter = { .optimized = -1 };
	struct so_store_queries *list;
	struct so_store_query *query;
	struct so_store_hours *hours;
	struct so_store_load load;

	assert_int_equal(add_query(fix, conn->id, "fast", 1), fast);
	for (int i = 0; i < 3; i++) {
		struct poll poll = { 0 };

		add(&poll, fast, start + i * 60000000LL, 10, 10 * 1000 * (i + 1));
		add(&poll, slow, start + i * 60000000LL, 1, 2000000);
		add(&poll, rest, start + i * 60000000LL, 1000, 500);
		OK(so_store_tx(fix->store, poll_tx, &poll, &err));
		fold_all(fix); /* once a poll, and twice in between: sums do not grow by it */
		fold_hour(fix, HOUR0);
	}
	load = load_of(fix, conn->id, HOUR0, HOUR0);
	assert_int_equal(load.calls, 3 * (10 + 1 + 1000));
	assert_int_equal(load.exec_us, 60000 + 6000000 + 1500);
	assert_int_equal(load.queries, 2);
	assert_int_equal(load.slow, 1);
	OK(hours = so_store_hour_list(fix->root, fix->store, SCOPE, fast, HOUR0 - 3, HOUR0 + 3, &err));
	assert_int_equal(hours->count, 1);
	assert_int_equal(hours->items[0].polls, 3);
	assert_int_equal(hours->items[0].sum[0], 30);
	assert_int_equal(hours->items[0].peak_us, 3000);
	OK(query = so_store_query_get(fix->root, fix->store, SCOPE, fast, &err));
	assert_int_equal(query->calls, 30);
	assert_int_equal(query->total_us, 60000);
	assert_int_equal(query->buffer_hits, -1);
	assert_int_equal(query->buffer_reads, 30);
	assert_int_equal(query->last_seen_us, start + 120000000LL);
	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 2); /* `other` is no statement */
	assert_int_equal(list->items[0]->id, slow);
	FAILS(SO_LIMIT, so_store_load_list(fix->root, fix->store, SCOPE, 0, 0, 744, &err));
}

static void test_dropping_the_oldest_hour(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	int64_t query = add_query(fix, conn->id, "q", 1), oldest, hour, polls;
	struct so_store_samples *samples;
	struct poll late = { 0 };
	bool more;

	for (int i = 0; i < 3; i++) {
		struct poll poll = { 0 };

		add(&poll, query, (HOUR0 + i) * SO_HOUR_US, 5, 50);
		OK(so_store_tx(fix->store, poll_tx, &poll, &err));
	}
	fold_all(fix);
	OK(so_store_hour_oldest(fix->store, &oldest, &err));
	assert_int_equal(oldest, HOUR0);
	OK(so_store_hour_drop(fix->store, oldest, &err));
	OK(so_store_hour_oldest(fix->store, &oldest, &err));
	assert_int_equal(oldest, HOUR0 + 1);
	OK(so_store_hour_newest(fix->store, &oldest, &err));
	assert_int_equal(oldest, HOUR0 + 2);
	OK(samples = so_store_sample_list(
		   fix->root, fix->store, SCOPE, query, HOUR0 * SO_HOUR_US, (HOUR0 + 3) * SO_HOUR_US, &err));
	assert_int_equal(samples->count, 2);
	/* what was made of them stays, also when somebody folds again; and nothing comes into a dropped hour */
	add(&late, query, HOUR0 * SO_HOUR_US + 60000000, 5, 50);
	FAILS(SO_CONFLICT, so_store_tx(fix->store, poll_tx, &late, &err));
	fold_hour(fix, HOUR0);
	assert_int_equal(load_of(fix, 0, HOUR0, HOUR0 + 2).calls, 15);
	OK(so_store_fold_next(fix->store, 0, &hour, &polls, &err));
	assert_int_equal(hour, -1);
	/* retention of the roll-ups: an hour a time */
	for (more = true; more;)
		OK(so_store_rollups_drop(fix->store, SCOPE, HOUR0 + 2, 0, &more, &err));
	assert_int_equal(load_of(fix, 0, HOUR0, HOUR0 + 2).calls, 5);
	OK(so_store_used(fix->store, &oldest, &err));
	assert_true(oldest > 20 * 4096 && oldest < 10000 * 4096);
}

/* Polls of random hours, folds that stop after a slice, folds repeated, the store opened again: sums are exact. */
static void test_roll_ups_are_exact_whatever_happens(void **state)
{
	struct fixture *fix = *state;
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : 7;
	int64_t conns[3], queries[3][40], calls[3] = { 0 }, life[3][40] = { { 0 } };

	for (int c = 0; c < 3; c++) {
		conns[c] = new_conn(fix, so_printf(fix->root, "c%d", c))->id;
		for (int q = 0; q < 40; q++)
			queries[c][q] = add_query(fix, conns[c], so_printf(fix->root, "q%d", q), 1);
	}
	for (int step = 0; step < 400; step++) {
		int c = rand_r(&seed) % 3;
		int64_t at = (HOUR0 + rand_r(&seed) % 30) * SO_HOUR_US + rand_r(&seed) % 3600 * 1000000LL, after = 0;
		struct poll poll = { 0 };
		bool more = true;

		switch (rand_r(&seed) % 8) {
		case 0:
			OK(so_store_fold_slice(fix->store, HOUR0 + rand_r(&seed) % 30, &after, &more, &err));
			break;
		case 1:
			fold_all(fix);
			break;
		case 2:
			if (rand_r(&seed) % 8 == 0) {
				talloc_free(fix->store);
				fix->store = open_store(fix, NULL);
			}
			break;
		default:
			for (int i = 0; i < 12; i++) {
				int q = rand_r(&seed) % 40;
				int64_t n = 1 + rand_r(&seed) % 9;

				add(&poll, queries[c][q], at, n, n);
				calls[c] += n;
				life[c][q] += n;
			}
			OK(so_store_tx(fix->store, poll_tx, &poll, &err));
		}
	}
	fold_all(fix);
	for (int c = 0; c < 3; c++) {
		assert_int_equal(load_of(fix, conns[c], HOUR0, HOUR0 + 30).calls, calls[c]);
		for (int q = 0; q < 40; q++) {
			struct so_store_query *query;

			OK(query = so_store_query_get(fix->root, fix->store, SCOPE, queries[c][q], &err));
			assert_int_equal(query->calls, life[c][q]);
		}
	}
	assert_int_equal(load_of(fix, 0, HOUR0, HOUR0 + 30).calls, calls[0] + calls[1] + calls[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_where_polls_stand),
		WITH(test_a_notice_is_dismissed_until_it_happens_anew),
		WITH(test_roll_ups_of_samples),
		WITH(test_dropping_the_oldest_hour),
		WITH(test_roll_ups_are_exact_whatever_happens),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
