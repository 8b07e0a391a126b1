/* The list of statements says what adding up the samples by hand says, whatever was kept from the time before. SEED=
 * names the series. */
#include "store_fixture.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "service/query_list.h"
#include "service/query_load.h"
#include "service/query_series.h"
#include "store/history.h"

#define HOUR0 ((int64_t)490008) /* begin of a day of 2025 */

enum { QUERIES = 40, HOURS = 200, CALLS = 0, ROWS = 1, EXEC = 2 };

/* What the store was told, kept by hand. */
struct told {
	struct fixture *fix;
	struct so_service service;
	struct so_config config;
	int64_t conns[2], ids[QUERIES];
	int64_t calls[QUERIES][HOURS], exec_us[QUERIES][HOURS];
	uint64_t state;
};

static uint64_t dice(struct told *told, uint64_t below)
{
	told->state ^= told->state << 13;
	told->state ^= told->state >> 7;
	told->state ^= told->state << 17;
	return told->state % below;
}

static bool add_query_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_query_add(tx, SCOPE, arg, err);
}

static int64_t add_query(struct told *told, int64_t connection_id, int64_t number)
{
	static const char *const kinds[] = { "select", "update", NULL };
	struct so_store_query *query = so_new(told->fix->root, struct so_store_query);

	query->connection_id = connection_id;
	query->fingerprint = so_printf(query, "%016llx", (unsigned long long)number + 1);
	query->fingerprint_version = number == 0 ? SO_OTHER_VERSION : 1;
	query->sql_text = so_printf(query, "SELECT 100%% FROM Table_%lld", (long long)number);
	query->buffer_hits = query->buffer_reads = -1;
	query->kind = so_strdup_or_null(query, kinds[number % 3]);
	query->discovered_us = (HOUR0 + number) * SO_HOUR_US;
	OK(so_store_tx(told->fix->store, add_query_tx, query, &err));
	return query->id;
}

struct poll {
	size_t n;
	struct so_store_sample samples[QUERIES];
};

static bool poll_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct poll *poll = arg;

	return so_store_samples_add(tx, poll->samples, poll->n, err);
}

/* Some of the statements ran; in hour 0 all of them. */
static void poll_hour(struct told *told, int64_t hour)
{
	struct poll poll = { 0 };

	for (int i = 0; i < QUERIES; i++) {
		struct so_store_sample *sample = &poll.samples[poll.n];

		if (hour > 0 && dice(told, 3) == 0)
			continue;
		*sample = (struct so_store_sample){ .query_id = told->ids[i],
			.at_us = (HOUR0 + hour) * SO_HOUR_US + (int64_t)dice(told, 3600) * 1000000 };
		sample->delta[CALLS] = (int64_t)(1 + dice(told, 50));
		sample->delta[ROWS] = sample->delta[CALLS] * 3;
		sample->delta[EXEC] = (int64_t)(1 + dice(told, 1000000));
		told->calls[i][hour] += sample->delta[CALLS];
		told->exec_us[i][hour] += sample->delta[EXEC];
		poll.n++;
	}
	OK(so_store_tx(told->fix->store, poll_tx, &poll, &err));
}

static bool fold(struct told *told, struct so_err *err)
{
	for (;;) {
		int64_t hour, polls, after = 0;
		bool more = true;

		if (!so_store_fold_next(told->fix->store, 0, &hour, &polls, err))
			return false;
		if (hour < 0)
			return true;
		while (more)
			if (!so_store_fold_slice(told->fix->store, hour, &after, &more, err))
				return false;
		if (!so_store_fold_done(told->fix->store, hour, polls, err))
			return false;
	}
}

static int64_t attempts;

struct watching {
	int64_t connection_id, first_us;
};

static bool watch_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct watching *watching = arg;
	const struct so_store_watch watch = { .connection_id = watching->connection_id,
		.polls = 1,
		.attempts = ++attempts,
		.first_us = watching->first_us,
		.last_us = watching->first_us,
		.complete = true };

	return so_store_watch_put(tx, SCOPE, &watch, err);
}

static void watch_from(struct told *told, int64_t connection_id, int64_t hour)
{
	struct watching watching = { connection_id, (HOUR0 + hour) * SO_HOUR_US };

	OK(so_store_tx(told->fix->store, watch_tx, &watching, &err));
}

static struct told *new_told(void **state)
{
	struct fixture *fix = *state;
	struct told *told = so_new(fix->root, struct told);
	const char *seed = getenv("SEED");

	told->fix = fix;
	told->state = 88172645463325252u ^ (seed ? strtoull(seed, NULL, 10) << 20 : 0);
	told->config.history_hourly_days = 36500;
	told->service.store = fix->store;
	told->service.config = &told->config;
	told->service.loads = so_load_cache_new(told, fix->store);
	told->conns[0] = new_conn(fix, "first")->id;
	told->conns[1] = new_conn(fix, "second")->id;
	for (int i = 0; i < QUERIES; i++)
		told->ids[i] = add_query(told, told->conns[i % 2], i);
	watch_from(told, told->conns[0], 0);
	watch_from(told, told->conns[1], 0);
	return told;
}

static struct so_query_page *page_of(struct told *told, const struct so_query_request *request)
{
	struct so_query_page *page;

	OK(page = so_service_query_page(told, &told->service, SCOPE, request, &err));
	return page;
}

static struct so_query_request hours(int64_t from, int64_t to)
{
	return (struct so_query_request){ .any_kind = true,
		.limit = 1000,
		.period = { .from_us = (HOUR0 + from) * SO_HOUR_US, .to_us = (HOUR0 + to) * SO_HOUR_US } };
}

static int64_t sum(const int64_t counters[HOURS], int64_t from, int64_t to)
{
	int64_t total = 0;

	for (int64_t hour = from < 0 ? 0 : from; hour < to && hour < HOURS; hour++)
		total += counters[hour];
	return total;
}

/* Everything of [from, to) against the sums by hand. */
static void check_page(struct told *told, int64_t from, int64_t to)
{
	struct so_query_request request = hours(from, to);
	struct so_query_page *page = page_of(told, &request);
	int64_t listed = 0, total_us = 0;

	for (int i = 0; i < QUERIES; i++) {
		listed += sum(told->calls[i], from, to) > 0;
		total_us += sum(told->exec_us[i], from, to);
	}
	assert_int_equal(page->total, listed);
	assert_int_equal(page->exec_us, total_us);
	for (size_t k = 0; k < page->count; k++) {
		const struct so_query_item *item = &page->items[k];
		int64_t i = item->load->query_id - told->ids[0], length = to - from;

		assert_int_equal(told->ids[i], item->load->query_id);
		assert_int_equal(item->load->now.calls, sum(told->calls[i], from, to));
		assert_int_equal(item->load->now.rows, 3 * sum(told->calls[i], from, to));
		assert_int_equal(item->load->now.exec_us, sum(told->exec_us[i], from, to));
		assert_int_equal(item->load->before_calls, sum(told->calls[i], from - length, from));
		assert_int_equal(item->load->before_exec_us, sum(told->exec_us[i], from - length, from));
		assert_int_equal(item->load->other, i == 0);
		assert_int_equal(item->conn->id, told->conns[i % 2]);
		assert_true(fabs(item->share - (double)item->load->now.exec_us / (double)total_us) < 1e-9);
		if (k)
			assert_true(item->load->now.exec_us <= page->items[k - 1].load->now.exec_us);
	}
	talloc_free(page);
}

static void test_sums(void **state)
{
	struct told *told = new_told(state);

	for (int64_t hour = 0; hour < 170; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	for (int round = 0; round < 30; round++) {
		int64_t from = (int64_t)dice(told, 160), length = 1 + (int64_t)dice(told, 72);

		check_page(told, from, from + length);
	}
	check_page(told, 24, 144); /* longer than 72 hours: whole days */
	check_page(told, 48, 168);
	/* what is kept is brought up to date: in its last hour, before it, and in the period before */
	for (int round = 0; round < 40; round++) {
		static const int64_t places[] = { 149, 149, 149, 120, 80, 30 };

		poll_hour(told, places[dice(told, 6)]);
		if (dice(told, 2))
			poll_hour(told, 149);
		OK(fold(told, &err));
		check_page(told, 100, 150);
		check_page(told, 48, 168);
		if (round % 8 == 0) /* others push it out */
			for (int64_t from = 0; from < 7; from++)
				check_page(told, from, 20);
	}
	talloc_free(told);
}

/* Periods that move on, as they do in life, are made of the ones before. */
static void test_periods_that_move_on(void **state)
{
	struct told *told = new_told(state);
	int64_t to = 30;

	for (int64_t hour = 0; hour < to; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	check_page(told, 10, 30);
	while (to < 180) {
		int64_t step = (int64_t)dice(told, 4);

		for (int64_t hour = to; hour < to + step; hour++)
			poll_hour(told, hour);
		to += step;
		poll_hour(told, to - 1);
		if (dice(told, 6) == 0) /* and at times into what is long over */
			poll_hour(told, to - 1 - (int64_t)dice(told, 40 < to ? 40 : (uint64_t)to));
		OK(fold(told, &err));
		check_page(told, to - 20, to);
		if (dice(told, 5) == 0)
			check_page(told, to - 21, to - 1); /* back to one that may be kept no longer */
		if (to / 24 >= 8 && dice(told, 2))
			check_page(told, (to / 24 - 4) * 24, to / 24 * 24);
	}
	talloc_free(told);
}

static int64_t latest(struct told *told, const struct so_period *period, int64_t *to)
{
	const struct so_query_loads *loads;
	int64_t calls = 0;

	OK(loads = so_load_cache_latest(told->service.loads, SCOPE, period, &err));
	for (size_t i = 0; i < loads->count; i++)
		calls += loads->items[i].now.calls;
	*to = loads->period.to - HOUR0;
	so_load_cache_release(told->service.loads, loads);
	return calls;
}

static int64_t calls_of(const struct told *told, int64_t from, int64_t to)
{
	int64_t calls = 0;

	for (int i = 0; i < QUERIES; i++)
		calls += sum(told->calls[i], from, to);
	return calls;
}

static void test_periods_that_are_followed(void **state)
{
	struct told *told = new_told(state);
	struct so_period period = { SO_PERIOD_HOURS, HOUR0, HOUR0 + 20, HOUR0 + 40 };
	const struct so_period all = { .unit = SO_PERIOD_LIFETIME };
	int64_t then, to;

	for (int64_t hour = 0; hour < 50; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	/* nobody follows: as it is now */
	assert_int_equal(latest(told, &period, &to), calls_of(told, 20, 40));
	poll_hour(told, 39);
	OK(fold(told, &err));
	then = latest(told, &period, &to);
	assert_int_equal(then, calls_of(told, 20, 40));
	OK(so_load_cache_follow(told->service.loads, SCOPE, &period, 1, &err));
	/* what was followed last, until it is followed again; the next hour has none yet */
	poll_hour(told, 39);
	OK(fold(told, &err));
	assert_int_equal(latest(told, &period, &to), then);
	period.before++, period.from++, period.to++;
	assert_int_equal(latest(told, &period, &to), then);
	assert_int_equal(to, 40);
	OK(so_load_cache_follow(told->service.loads, SCOPE, &period, 1, &err));
	assert_int_equal(latest(told, &period, &to), calls_of(told, 21, 41));
	assert_int_equal(to, 41);
	/* one that lies further back does not pass for now, nor one of another length */
	period.before += 2, period.from += 2, period.to += 2;
	assert_int_equal(latest(told, &period, &to), calls_of(told, 23, 43));
	assert_int_equal(to, 43);
	period = (struct so_period){ SO_PERIOD_HOURS, HOUR0 + 1, HOUR0 + 21, HOUR0 + 42 };
	assert_int_equal(latest(told, &period, &to), calls_of(told, 21, 42));
	/* lifetimes: once somebody has asked, and until discovery writes some */
	OK(so_load_cache_follow(told->service.loads, SCOPE, &all, 1, &err));
	then = latest(told, &all, &to);
	assert_int_equal(then, calls_of(told, 0, HOURS));
	OK(so_load_cache_follow(told->service.loads, SCOPE, &all, 1, &err));
	poll_hour(told, 49);
	OK(fold(told, &err));
	assert_int_equal(latest(told, &all, &to), then);
	so_load_cache_lifetimes_changed(told->service.loads);
	assert_int_equal(latest(told, &all, &to), calls_of(told, 0, HOURS));
	talloc_free(told);
}

static void test_filters(void **state)
{
	struct told *told = new_told(state);
	struct so_query_request request = hours(0, 10);
	struct so_query_page *page;
	int64_t seen = 0, count = 0;

	for (int64_t hour = 0; hour < 10; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	request.connection_id = told->conns[1];
	page = page_of(told, &request);
	for (size_t i = 0; i < page->count; i++)
		assert_int_equal(page->items[i].conn->id, told->conns[1]);
	count = page->total;
	request.connection_id = told->conns[0];
	assert_int_equal(page_of(told, &request)->total + count, QUERIES);
	request.connection_id = 0;
	request.database = "shop";
	assert_int_equal(page_of(told, &request)->total, QUERIES);
	request.database = "Shop";
	assert_int_equal(page_of(told, &request)->total, 0);
	request.database = NULL;
	/* of the text: whatever the case, and without meaning of its own */
	request.search = "tABLE_7";
	page = page_of(told, &request);
	assert_int_equal(page->total, 1);
	assert_string_equal(page->items[0].brief->sql_text, "SELECT 100% FROM Table_7");
	request.search = "0% from table\\_7";
	assert_int_equal(page_of(told, &request)->total, 0);
	request.search = "%";
	assert_int_equal(page_of(told, &request)->total, QUERIES - 1); /* `other` has no text */
	request.search = NULL;
	request.by_fingerprint = true;
	assert_int_equal(page_of(told, &request)->total, 0); /* 0 is a fingerprint like any other, which none has */
	request.fingerprint = 8;
	page = page_of(told, &request);
	assert_int_equal(page->total, 1);
	assert_int_equal(page->items[0].load->query_id, told->ids[7]);
	request.by_fingerprint = false;
	request.any_kind = false;
	for (int kind = 0; kind < SO_QUERY_KIND_MAX; kind++) {
		request.kind = (enum so_query_kind)kind;
		seen += page_of(told, &request)->total;
	}
	assert_int_equal(seen, QUERIES - 1);
	request.any_kind = true;
	/* new: found in the period, and later than in the first hour of watching */
	request.only = SO_ONLY_NEW;
	page = page_of(told, &request);
	for (size_t i = 0; i < page->count; i++)
		assert_true(page->items[i].is_new && page->items[i].load->query_id > told->ids[1] &&
			    page->items[i].load->discovered_us < (HOUR0 + QUERIES) * SO_HOUR_US);
	assert_int_equal(page->total, QUERIES - 2);
	request.only = SO_ONLY_FINDINGS;
	assert_int_equal(page_of(told, &request)->total, 0);
	request.only = SO_ONLY_ALL;
	request.connection_id = 99;
	FAILS(SO_NOT_FOUND, so_service_query_page(told, &told->service, SCOPE, &request, &err));
	talloc_free(told);
}

static double key_of(const struct so_query_item *item, enum so_query_sort sort)
{
	const struct so_use_sums *now = &item->load->now;

	switch (sort) {
	case SO_SORT_CALLS:
		return (double)now->calls;
	case SO_SORT_MEAN_TIME:
		return (double)now->exec_us / (double)now->calls;
	case SO_SORT_ROWS:
		return (double)now->rows;
	case SO_SORT_CHANGE:
		return item->change.gained_ms;
	case SO_SORT_FIRST_SEEN:
		return (double)item->load->discovered_us;
	case SO_SORT_READS:
		return (double)now->reads;
	case SO_SORT_HITS:
		return (double)now->hits;
	case SO_SORT_TOTAL_TIME:
	case SO_SORT_LOAD:
	case SO_SORT_MAX:
		break;
	}
	return (double)now->exec_us;
}

static void test_every_order_and_page(void **state)
{
	struct told *told = new_told(state);

	for (int64_t hour = 0; hour < 40; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	for (int sort = 0; sort < SO_SORT_MAX; sort++)
		for (int ascending = 0; ascending < 2; ascending++) {
			struct so_query_request request = hours(20, 40);
			struct so_query_page *whole;
			int64_t at = 0;

			request.sort = (enum so_query_sort)sort;
			request.ascending = ascending;
			whole = page_of(told, &request);
			assert_int_equal(whole->count, QUERIES);
			for (size_t i = 1; i < whole->count; i++) {
				double a = key_of(&whole->items[i - 1], request.sort),
				       b = key_of(&whole->items[i], request.sort);

				assert_true(ascending ? a <= b : a >= b);
			}
			while (at < whole->total) {
				struct so_query_page *page;

				request.offset = at;
				request.limit = 1 + (int64_t)dice(told, 12);
				page = page_of(told, &request);
				assert_int_equal(page->total, whole->total);
				for (size_t i = 0; i < page->count; i++)
					assert_int_equal(page->items[i].load->query_id,
						whole->items[at + (int64_t)i].load->query_id);
				at += (int64_t)page->count;
				talloc_free(page);
			}
			talloc_free(whole);
		}
	talloc_free(told);
}

static void test_what_was_not_watched_is_not_compared(void **state)
{
	struct told *told = new_told(state);
	struct so_query_request request = hours(20, 30);
	struct so_query_page *page;

	for (int64_t hour = 10; hour < 30; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	watch_from(told, told->conns[0], 15); /* half of the period before */
	watch_from(told, told->conns[1], 25); /* nothing of it */
	page = page_of(told, &request);
	for (size_t i = 0; i < page->count; i++) {
		const struct so_query_item *item = &page->items[i];

		if (item->conn->id == told->conns[1]) {
			assert_true(isnan(item->change.gained_ms) && isnan(item->change.load));
			continue;
		}
		assert_true(fabs(item->change.before_ms - (double)item->load->before_exec_us / 1000 * 2) < 1e-6);
		assert_true(fabs(item->change.gained_ms -
				    ((double)item->load->now.exec_us / 1000 - item->change.before_ms)) < 1e-6);
	}
	talloc_free(told);
}

static void test_a_connection_that_goes(void **state)
{
	struct told *told = new_told(state);
	struct so_query_request request = hours(0, 5);
	struct so_query_page *page;

	for (int64_t hour = 0; hour < 5; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	assert_int_equal(page_of(told, &request)->total, QUERIES);
	OK(so_store_conn_delete(told->fix->store, SCOPE, told->conns[0], &err));
	page = page_of(told, &request); /* from what is kept */
	assert_int_equal(page->total, QUERIES / 2);
	for (size_t i = 0; i < page->count; i++)
		assert_int_equal(page->items[i].conn->id, told->conns[1]);
	poll_hour(told, 4); /* and when it is read anew */
	OK(fold(told, &err));
	assert_int_equal(page_of(told, &request)->total, QUERIES / 2);
	talloc_free(told);
}

static void test_series(void **state)
{
	struct told *told = new_told(state);
	const struct so_period_request period = { .from_us = HOUR0 * SO_HOUR_US, .to_us = (HOUR0 + 144) * SO_HOUR_US };

	for (int64_t hour = 0; hour < 144; hour++)
		poll_hour(told, hour);
	OK(fold(told, &err));
	for (int64_t points = 1; points <= 300; points += 13) {
		struct so_series *series;
		double calls = 0, max = 0, most = 0;

		OK(series = so_service_query_series(
			   told, &told->service, SCOPE, told->ids[3], SO_METRIC_CALLS, &period, points, &err));
		assert_string_equal(series->source, "hours");
		assert_true((int64_t)series->count <= points);
		for (size_t i = 0; i < series->count; i++) {
			calls += series->items[i].value;
			max = series->items[i].max > max ? series->items[i].max : max;
			assert_true(series->items[i].min <= series->items[i].max);
			if (i)
				assert_true(
					(series->items[i].at_us - series->items[i - 1].at_us) % series->step_us == 0);
		}
		for (int64_t hour = 0; hour < 144; hour++)
			most = (double)told->calls[3][hour] > most ? (double)told->calls[3][hour] : most;
		assert_true(fabs(calls - (double)sum(told->calls[3], 0, 144)) < 1e-6);
		assert_true(fabs(max - most) < 1e-6); /* extremes survive */
		talloc_free(series);
	}
	talloc_free(told);
}

/* ---- readers while a fold writes ---- */

struct reading {
	struct told *told;
	atomic_bool *stop;
	int64_t pages;
};

static void *read_pages(void *arg)
{
	struct reading *reading = arg;
	int64_t last_us = 0;

	for (int i = 0; !atomic_load(reading->stop); i++) {
		TALLOC_CTX *tmp = talloc_new(NULL);
		struct so_query_request request = hours(i % 3, 20);
		struct so_err err = SO_ERR_INIT;
		struct so_query_page *page = so_service_query_page(tmp, &reading->told->service, SCOPE, &request, &err);

		so_assert(page);
		if (i % 3 == 0) { /* time only grows */
			so_assert(page->exec_us >= last_us);
			last_us = page->exec_us;
		}
		reading->pages++;
		talloc_free(tmp);
	}
	return NULL;
}

static void test_readers_while_polls_write(void **state)
{
	enum { READERS = 3 };
	struct told *told = new_told(state);
	struct reading readings[READERS];
	pthread_t threads[READERS];
	atomic_bool stop = false;

	poll_hour(told, 5);
	OK(fold(told, &err));
	for (int i = 0; i < READERS; i++) {
		readings[i] = (struct reading){ told, &stop, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, read_pages, &readings[i]), 0);
	}
	for (int round = 0; round < 60; round++) {
		poll_hour(told, round % 2 ? 19 : (int64_t)dice(told, 19));
		OK(fold(told, &err));
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(readings[i].pages > 0);
	}
	check_page(told, 0, 20);
	check_page(told, 2, 20);
	talloc_free(told);
}

static void test_periods(void **state)
{
	int64_t now_us = (HOUR0 + 10) * SO_HOUR_US + 1800 * INT64_C(1000000), from_us, to_us, before_us;
	const struct so_period_request wrong[] = {
		{ .from_us = now_us },
		{ .from_us = now_us, .to_us = now_us },
		{ .from_us = now_us, .to_us = 5 },
	};
	const struct so_period_request long_one = { .to_us = now_us };
	struct so_period period;

	(void)state;
	for (int i = 0; so_period_names[i]; i++) {
		const struct so_period_request request = { .word = so_period_names[i] };

		OK(so_period_of(&request, now_us, &period, &err));
		so_period_times(&period, now_us, &from_us, &to_us, &before_us);
		assert_int_equal(to_us, now_us);
		assert_true(from_us < to_us && before_us <= from_us);
		assert_int_equal(period.from - period.before, period.to - period.from);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		FAILS(SO_INPUT, so_period_of(&wrong[i], now_us, &period, &err));
	FAILS(SO_LIMIT, so_period_of(&long_one, now_us, &period, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_sums),
		WITH(test_periods_that_move_on),
		WITH(test_periods_that_are_followed),
		WITH(test_filters),
		WITH(test_every_order_and_page),
		WITH(test_what_was_not_watched_is_not_compared),
		WITH(test_a_connection_that_goes),
		WITH(test_series),
		WITH(test_readers_while_polls_write),
		cmocka_unit_test(test_periods),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
