/* What counts between two readings, whatever the server went through in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "monitor/clock.h"
#include "monitor/delta.h"
#include "monitor/rank.h"

#define SECOND ((int64_t)1000000)

struct world {
	TALLOC_CTX *root;
	struct so_baseline *baseline;
	struct so_delta_past past;
	struct so_reading reading;
	struct so_deltas *deltas;
};

static int setup(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct world *w = so_new(root, struct world);

	w->root = root;
	w->baseline = so_baseline_new(root, 0);
	w->past.first = true;
	w->reading = (struct so_reading){ .at_us = 1000 * SECOND, .complete = true, .evicted = -1 };
	w->reading.server_uid = so_strdup(root, "server/a");
	w->reading.rows = so_new_array(root, struct so_reading_row, 4096);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	talloc_free(((struct world *)*state)->root);
	return 0;
}

static struct so_reading_row *row(struct world *w, uint64_t id, int64_t calls, int64_t exec_us, int64_t since_us)
{
	struct so_reading_row *row = &w->reading.rows[w->reading.count++];

	*row = (struct so_reading_row){ .key = { id * UINT64_C(0x9E3779B97F4A7C15), id }, .since_us = since_us };
	row->counters[SO_COUNT_CALLS] = calls;
	row->counters[SO_COUNT_EXEC_US] = exec_us;
	return row;
}

/* Takes the reading in and begins the next one, a minute later. */
static int64_t count_calls(struct world *w)
{
	int64_t calls = 0;

	w->deltas = so_delta_compute(w->root, w->baseline, &w->past, &w->reading, 0, 4096);
	w->baseline = w->deltas->next;
	for (size_t i = 0; !w->deltas->rebased && i < w->deltas->count; i++) {
		calls += w->deltas->items[i].counters[SO_COUNT_CALLS];
		assert_memory_equal(
			w->baseline->entries[w->deltas->items[i].entry].key, w->deltas->items[i].row->key, 16);
	}
	w->past = (struct so_delta_past){ .reading_us = w->reading.at_us,
		.epoch_us = w->reading.epoch_us,
		.server_uid = w->reading.server_uid,
		.complete = w->reading.complete };
	w->reading.count = 0;
	w->reading.at_us += 60 * SECOND;
	return calls;
}

static void test_first_sight_and_the_usual(void **state)
{
	struct world *w = *state;

	row(w, 1, 100, 5000, 0);
	row(w, 2, 7, 10, 0);
	assert_int_equal(count_calls(w), 0);
	assert_true(w->deltas->rebased);
	assert_int_equal(w->deltas->count, 2); /* with their lifetime: for ranking */
	row(w, 1, 130, 5600, 0);
	row(w, 2, 7, 10, 0);
	row(w, 3, 4, 40, 0);
	assert_int_equal(count_calls(w), 34);
	assert_int_equal(w->deltas->count, 2);
	assert_int_equal(w->deltas->items[0].counters[SO_COUNT_EXEC_US], 600);
	assert_int_equal(w->deltas->restarted, 0);
}

static void test_reset_of_everything(void **state)
{
	struct world *w = *state;

	w->reading.epoch_us = 10 * SECOND;
	row(w, 1, 100, 5000, 0);
	count_calls(w);
	/* more calls than before the reset: only the epoch tells */
	w->reading.epoch_us = w->past.reading_us + 5 * SECOND;
	row(w, 1, 150, 9000, 0);
	row(w, 2, 3, 3, 0);
	assert_int_equal(count_calls(w), 153);
	assert_int_equal(w->deltas->restarted, 1);
	row(w, 1, 151, 9001, 0);
	assert_int_equal(count_calls(w), 1);
	assert_int_equal(w->deltas->gone, 1);
}

static void test_fail_over(void **state)
{
	struct world *w = *state;

	w->reading.epoch_us = 10 * SECOND;
	row(w, 1, 100, 5000, 0);
	count_calls(w);
	/* the same server by name, but counters that began long ago */
	w->reading.epoch_us = 5 * SECOND;
	row(w, 1, 90000, 5000000, 0);
	assert_int_equal(count_calls(w), 0);
	assert_true(w->deltas->rebased);
	row(w, 1, 90010, 5000100, 0);
	assert_int_equal(count_calls(w), 10);
	/* another name */
	w->reading.server_uid = so_strdup(w->root, "server/b");
	row(w, 1, 95000, 6000000, 0);
	row(w, 2, 95000, 6000000, 0);
	assert_int_equal(count_calls(w), 0);
	row(w, 1, 95001, 6000001, 0);
	row(w, 2, 95001, 6000001, 0);
	assert_int_equal(count_calls(w), 2);
}

static void test_reset_of_one_and_eviction(void **state)
{
	struct world *w = *state;

	row(w, 1, 100, 5000, 0);
	row(w, 2, 100, 5000, 0);
	count_calls(w);
	row(w, 1, 8, 80, 0); /* pg_stat_statements_reset(user, database, query), or evicted and back */
	assert_int_equal(count_calls(w), 8);
	assert_int_equal(w->deltas->restarted, 1);
	assert_int_equal(w->deltas->gone, 1); /* 2 was evicted */
	row(w, 1, 8, 80, 0);
	row(w, 2, 120, 6000, 0); /* and is back: all of it is new */
	assert_int_equal(count_calls(w), 120);
	/* a counter that cannot wrap fell although calls did not */
	row(w, 1, 9, 20, 0);
	row(w, 2, 120, 6000, 0);
	assert_int_equal(count_calls(w), 9);
}

static void test_rows_that_say_since_when(void **state)
{
	struct world *w = *state;
	int64_t old = 5 * SECOND;

	row(w, 1, 100, 5000, old);
	count_calls(w);
	row(w, 1, 400, 9000, w->past.reading_us + 3 * SECOND); /* a plan that left the cache and came back */
	row(w, 2, 50, 50, w->past.reading_us - SECOND / 2); /* whole seconds, rounded down */
	row(w, 3, 70, 70, old); /* was there before, but hidden from us */
	assert_int_equal(count_calls(w), 450);
	assert_int_equal(w->deltas->restarted, 1);
	row(w, 1, 500, 10000, old); /* another server's, and nobody told */
	assert_int_equal(count_calls(w), 0);
	row(w, 1, 501, 10001, old);
	assert_int_equal(count_calls(w), 1);
}

static void test_time_that_wraps(void **state)
{
	struct world *w = *state;

	w->reading.exec_wrap_us = 1000000;
	row(w, 1, 100, 999000, 7);
	count_calls(w);
	row(w, 1, 110, 500, 7);
	assert_int_equal(count_calls(w), 10);
	assert_int_equal(w->deltas->items[0].counters[SO_COUNT_EXEC_US], 1500);
	assert_int_equal(w->deltas->restarted, 0);
	row(w, 1, 120, 400, 7); /* almost all the way round is no wrap */
	assert_int_equal(count_calls(w), 120);
	assert_int_equal(w->deltas->restarted, 1);
}

static void test_readings_with_a_cap(void **state)
{
	struct world *w = *state;

	w->reading.complete = false;
	row(w, 1, 100, 5000, 0);
	count_calls(w);
	row(w, 2, 1000, 90000, 0); /* pushed itself over the cap: it may be old */
	row(w, 3, 10, 90000, w->past.reading_us + SECOND); /* this one is not */
	assert_int_equal(count_calls(w), 10);
	assert_int_equal(w->deltas->gone, 0); /* 1 is below the cap, not gone */
	row(w, 1, 130, 5600, 0);
	row(w, 2, 1001, 90001, 0);
	assert_int_equal(count_calls(w), 31);
	/* what nobody saw for long does not fill the baseline */
	w->deltas = so_delta_compute(w->root, w->baseline, &w->past, &w->reading, 0, 2);
	assert_int_equal(w->deltas->next->count, 0);
}

static void test_sums_that_fall(void **state)
{
	struct world *w = *state;

	w->reading.summed = true;
	row(w, 1, 1000, 50000, 0);
	count_calls(w);
	row(w, 1, 900, 45000, 0); /* one of its plans left the cache: nothing is known */
	assert_int_equal(count_calls(w), 0);
	row(w, 1, 950, 44000, 0);
	assert_int_equal(count_calls(w), 50);
	assert_int_equal(w->deltas->items[0].counters[SO_COUNT_EXEC_US], 0);
}

static void test_other_databases_and_absurd_figures(void **state)
{
	struct world *w = *state;

	row(w, 1, 10, 10, 0);
	row(w, 2, 10, 10, 0)->database = 1;
	count_calls(w);
	assert_int_equal(w->baseline->count, 1);
	row(w, 1, INT64_MAX, INT64_MAX, 0);
	row(w, 1, INT64_MAX, INT64_MAX, 0); /* named twice */
	row(w, 2, 20, 20, 0)->database = 1;
	assert_int_equal(count_calls(w), SO_DELTA_MAX);
	assert_int_equal(w->deltas->count, 1);
}

static void test_ranking(void **state)
{
	struct world *w = *state;
	bool single[6];

	for (uint64_t i = 1; i <= 6; i++)
		row(w, i, 1, 1, 0);
	count_calls(w);
	row(w, 1, 1 + 1000, 1 + 1000, 0); /* most calls */
	row(w, 2, 1 + 1, 1 + 90000, 0); /* slowest call */
	row(w, 3, 1 + 500, 1 + 100000, 0); /* most time */
	row(w, 4, 1 + 2, 1 + 2, 0)->counters[SO_COUNT_SHARED_READ] = 5; /* most pages read */
	row(w, 5, 1 + 2, 1 + 2, 0);
	row(w, 6, 1 + 2, 1 + 2, 0)->counters[SO_COUNT_SHARED_READ] = 1;
	count_calls(w);
	so_rank(w->deltas, 1, single);
	assert_true(single[0] && single[1] && single[2] && single[3]);
	assert_false(single[4] || single[5]);
	so_rank(w->deltas, 100, single);
	for (int i = 0; i < 6; i++)
		assert_true(single[i]);
}

static void test_chunks_of_a_baseline(void **state)
{
	struct world *w = *state;
	struct so_store_chunks *first, *second;
	struct so_baseline *back;
	struct so_err err = SO_ERR_INIT;
	size_t changed = 0;

	for (uint64_t i = 1; i <= 1000; i++)
		row(w, i, (int64_t)i * 1000, INT64_MAX - (int64_t)i, 0);
	count_calls(w);
	w->baseline->entries[3].query_id = SO_QUERY_NEVER;
	w->baseline->entries[4].query_id = 77;
	first = so_baseline_encode(w->root, w->baseline);
	assert_int_equal(first->count, 4);
	back = so_baseline_decode(w->root, first, &err);
	assert_non_null(back);
	assert_int_equal(back->count, 1000);
	assert_memory_equal(back->entries, w->baseline->entries, 1000 * sizeof *back->entries);
	/* one moved, one gone, one new, which takes its place */
	for (uint64_t i = 1; i <= 1001; i++)
		if (i != 600)
			row(w, i, (int64_t)i * 1000 + (i == 5), INT64_MAX - (int64_t)i, 0);
	assert_int_equal(count_calls(w), 1 + 1001000);
	second = so_baseline_encode(w->root, w->baseline);
	for (size_t i = 0; i < 4; i++)
		changed += first->items[i].len != second->items[i].len ||
			   memcmp(first->items[i].bytes, second->items[i].bytes, first->items[i].len) != 0;
	assert_int_equal(changed, 2);
	/* damage is told, not counted */
	for (size_t cut = 1; cut < 40; cut++) {
		struct so_store_chunk chunk = { 0, first->items[0].bytes, first->items[0].len - cut };
		struct so_store_chunks damaged = { 1, &chunk };

		back = so_baseline_decode(w->root, &damaged, &err);
		if (back)
			assert_int_equal(back->count, 255);
	}
	((char *)first->items[1].bytes)[0] = 9;
	assert_null(so_baseline_decode(w->root, first, &err));
	assert_int_equal(err.kind, SO_STORE);
}

/* ---- a server that forgets: totals are exact whenever it can be known at all ---- */

enum { STATEMENTS = 60 };

struct server {
	bool alive[STATEMENTS];
	int64_t calls[STATEMENTS], since[STATEMENTS], life[STATEMENTS]; /* life: counted since the last reading */
	int64_t epoch, now;
	bool tells_since;
};

static void forget(struct server *s, int i)
{
	s->calls[i] = s->life[i] = 0;
	s->alive[i] = false;
}

static void step(struct server *s, unsigned *seed)
{
	int i = rand_r(seed) % STATEMENTS, dice = rand_r(seed) % 100;

	s->now += 1 + rand_r(seed) % SECOND;
	if (dice == 0) { /* a reset of all, or a restart */
		for (int k = 0; k < STATEMENTS; k++)
			forget(s, k);
		s->epoch = ++s->now;
	} else if (dice < 4 && s->tells_since) { /* one is evicted, and may be back with more calls than before */
		forget(s, i);
		s->now += 2 * SECOND;
	} else {
		int64_t n = 1 + rand_r(seed) % 1000;

		if (!s->alive[i])
			s->since[i] = s->now;
		s->alive[i] = true;
		s->calls[i] += n;
		s->life[i] += n;
	}
}

static void run_server(struct world *w, unsigned seed, bool tells_since)
{
	struct server s = { .tells_since = tells_since, .epoch = 1, .now = 2000 * SECOND };
	int64_t expected = 0, counted = 0;

	for (int poll = 0; poll < 150; poll++) {
		bool stored = rand_r(&seed) % 5 != 0;
		struct so_baseline *before = w->baseline;
		struct so_delta_past past = w->past;
		int64_t calls;

		for (int n = rand_r(&seed) % 120; n > 0; n--)
			step(&s, &seed);
		s.now += 3 * SECOND;
		w->reading.at_us = s.now;
		w->reading.epoch_us = s.epoch;
		for (int i = 0; i < STATEMENTS; i++)
			if (s.alive[i])
				row(w, (uint64_t)i + 1, s.calls[i], s.calls[i], tells_since ? s.since[i] : 0);
		s.now += 3 * SECOND;
		calls = count_calls(w);
		if (!stored) { /* the disk was full: the next reading counts it all again */
			w->baseline = before;
			w->past = past;
			continue;
		}
		counted += calls;
		for (int i = 0; i < STATEMENTS; i++) {
			expected += past.first ? 0 : s.life[i];
			s.life[i] = 0;
		}
	}
	if (counted != expected)
		fail_msg("%lld calls counted, %lld were made", (long long)counted, (long long)expected);
	assert_true(expected > 100000);
}

static void test_totals_are_exact_whatever_the_server_forgets(void **state)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : 1;

	for (unsigned i = 0; i < 40; i++) {
		void *fresh = NULL;

		setup(&fresh);
		run_server(fresh, seed * 1000 + i, i % 2 == 0);
		teardown(&fresh);
	}
	(void)state;
}

/* ---- the clock ---- */

struct hands {
	int64_t wall, monotonic;
};

static int64_t hands_wall(void *arg)
{
	return ((struct hands *)arg)->wall;
}

static int64_t hands_monotonic(void *arg)
{
	return ((struct hands *)arg)->monotonic;
}

static void test_a_clock_that_never_goes_back(void **state)
{
	struct hands hands = { 1000 * SECOND, 5 * SECOND };
	struct so_clocks clocks = { hands_wall, hands_monotonic, &hands };
	struct so_steady steady;
	int64_t last;

	(void)state;
	so_steady_init(&steady, &clocks, 0);
	assert_int_equal(so_steady_now(&steady), 1000 * SECOND);
	hands.wall += 60 * SECOND;
	hands.monotonic += 60 * SECOND;
	assert_int_equal(last = so_steady_now(&steady), 1060 * SECOND);
	hands.wall -= 3600 * SECOND; /* stepped back: time goes on, slower, until the hour is made up */
	for (int i = 0; i < 7300; i++) {
		int64_t now;

		hands.wall += SECOND;
		hands.monotonic += SECOND;
		now = so_steady_now(&steady);
		assert_true(now >= last);
		last = now;
	}
	assert_int_equal(last, hands.wall);
	so_steady_init(&steady, &clocks, hands.wall + 10 * SECOND);
	assert_int_equal(so_steady_now(&steady), hands.wall + 10 * SECOND);
}

#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_first_sight_and_the_usual),
		WITH(test_reset_of_everything),
		WITH(test_fail_over),
		WITH(test_reset_of_one_and_eviction),
		WITH(test_rows_that_say_since_when),
		WITH(test_time_that_wraps),
		WITH(test_readings_with_a_cap),
		WITH(test_sums_that_fall),
		WITH(test_other_databases_and_absurd_figures),
		WITH(test_ranking),
		WITH(test_chunks_of_a_baseline),
		cmocka_unit_test(test_totals_are_exact_whatever_the_server_forgets),
		cmocka_unit_test(test_a_clock_that_never_goes_back),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
