/* When servers are polled, by clocks that the tests turn: first polls, intervals, failures, pauses, changes. */
#include "store_fixture.h"

#include <dirent.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_target.h"
#include "monitor/schedule.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* ---- the plan ---- */

static int64_t delay(int64_t interval_us, int64_t polls, int64_t age_us, int64_t failures, uint32_t random)
{
	const struct so_schedule schedule = { interval_us, polls, age_us, failures };

	return so_schedule_delay(&schedule, random);
}

static void test_delays(void **state)
{
	(void)state;
	assert_int_equal(delay(HOUR, 0, 0, 0, 1), 0);
	assert_int_equal(delay(HOUR, 1, 0, 0, 1), MINUTE);
	assert_int_equal(delay(HOUR, 30, 59 * MINUTE, 0, 1), MINUTE);
	assert_int_equal(delay(HOUR, 61, HOUR, 0, 1), HOUR);
	assert_int_equal(delay(10 * SECOND, 1, 0, 0, 1), 10 * SECOND);
	/* failures: ten seconds, doubled, at most a quarter of an hour or the interval; jitter of a tenth */
	for (uint32_t random = 0; random < 1000; random += 37) {
		assert_in_range(delay(HOUR, 5, 0, 1, random * 7919), 9 * SECOND, 11 * SECOND);
		assert_in_range(delay(HOUR, 5, 0, 3, random * 7919), 36 * SECOND, 44 * SECOND);
		assert_in_range(delay(HOUR, 5, 0, 1000, random * 7919), 13 * MINUTE, 17 * MINUTE);
		assert_in_range(delay(10 * SECOND, 5, 0, 1000, random * 7919), 54 * SECOND, 66 * SECOND);
		assert_in_range(so_schedule_start(5, random * 7919), 0, SECOND / 2);
		assert_in_range(so_schedule_start(100000, random * 7919), 0, 30 * SECOND);
	}
}

/* ---- servers that are arrays ---- */

static atomic_int polls, opened, closed, at_once, most_at_once, folds;
static atomic_bool refuse;
static char asked[8][32];
static const char *seeing; /* the only database from which the statistics can be read; NULL: from all */

struct fake_conn {
	struct so_conn base;
	bool blind;
	char database[16];
};

static int close_fake(struct so_conn *conn)
{
	(void)conn;
	atomic_fetch_add(&closed, 1);
	return 0;
}

static const struct so_engine fake;

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct fake_conn *conn;

	(void)cancel;
	if (atomic_load(&refuse)) {
		so_fail(err, SO_UNREACHABLE, "cannot connect to '%s'", params->host);
		return NULL;
	}
	assert_int_equal(params->statement_timeout_ms, 5000);
	conn = so_new(ctx, struct fake_conn);
	conn->base.engine = &fake;
	snprintf(conn->database, sizeof conn->database, "%s", params->database);
	conn->blind = seeing && strcmp(params->database, seeing) != 0;
	talloc_set_destructor(&conn->base, close_fake);
	atomic_fetch_add(&opened, 1);
	return &conn->base;
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	const struct fake_conn *c = (const struct fake_conn *)conn;
	struct so_reading *reading;
	int now = atomic_fetch_add(&at_once, 1) + 1, before = atomic_load(&most_at_once);

	(void)limit;
	while (now > before && !atomic_compare_exchange_weak(&most_at_once, &before, now))
		;
	snprintf(asked[atomic_fetch_add(&polls, 1) % 8], sizeof asked[0], "%zu %s", n, n ? databases[n - 1] : "-");
	atomic_fetch_sub(&at_once, 1);
	if (c->blind) {
		so_fail(err, SO_UNSUPPORTED, "not from %s", c->database);
		return NULL;
	}
	reading = fake_reading(ctx, "one", 20);
	for (size_t i = 0; i < 20; i++)
		fake_row(reading, i, so_printf(reading->rows, "SELECT a%zu FROM t", i), fake_hands.wall / SECOND,
			fake_hands.wall / SECOND)
			->database = n ? (uint32_t)(i % n) : 0;
	return reading;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.open = fake_open,
	.info = fake_info,
	.counters = fake_counters,
	.texts = so_reading_no_texts };

static const struct so_engine *find(const char *name)
{
	return strcmp(name, "postgresql") == 0 ? &fake : NULL;
}

static void folded(void *arg, struct so_scope scope)
{
	(void)arg;
	assert_int_equal(scope.organisation_id, SCOPE.organisation_id);
	atomic_fetch_add(&folds, 1);
}

static struct so_monitor *monitor(struct fixture *fix)
{
	struct so_monitor_options options = fake_options(fix->store, HOUR, find);
	struct so_monitor *m;

	options.threads = 3;
	options.folded = folded;
	fake_hands = (struct fake_hands){ 490000 * HOUR, 1000 * SECOND };
	seeing = NULL;
	polls = opened = closed = most_at_once = folds = 0;
	refuse = false;
	OK(m = so_monitor_new(fix->root, &options, &err));
	return m;
}

static void end(struct so_monitor *m)
{
	fake_end(m);
	assert_int_equal(atomic_load(&opened), atomic_load(&closed));
}

/* Lets `us` pass in steps of a second, doing what is due at each. */
static int pass(struct so_monitor *m, int64_t us)
{
	int before = atomic_load(&polls);

	for (int64_t end_us = fake_hands.monotonic + us; fake_hands.monotonic < end_us;) {
		fake_turn(SECOND);
		so_monitor_tick(m);
		so_monitor_wait(m);
	}
	return atomic_load(&polls) - before;
}

static struct so_store_conn *conn_on(struct fixture *fix, const char *name, const char *host, const char *database)
{
	struct so_store_conn *conn = new_conn(fix, name);

	conn->host = so_strdup(conn, host);
	conn->database = so_strdup(conn, database);
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	return conn;
}

static void test_the_first_hours_of_a_server(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = conn_on(fix, "shop", "a", "shop");
	struct so_monitor_status status;
	struct so_store_loads *loads;
	int64_t next_us;

	so_monitor_tick(m);
	so_monitor_wait(m);
	pass(m, SECOND); /* spread over a tenth of a second */
	assert_int_equal(atomic_load(&polls), 1);
	assert_int_equal(so_monitor_state(m, conn->id, &next_us), SO_MONITOR_WAITING);
	assert_in_range(next_us - fake_hands.wall, 58 * SECOND, 60 * SECOND);
	assert_int_equal(pass(m, 58 * SECOND), 0);
	assert_int_equal(pass(m, 3 * SECOND), 1);
	assert_in_range(pass(m, 58 * MINUTE), 56, 59);
	pass(m, 2 * MINUTE);
	assert_in_range(pass(m, 4 * HOUR), 3, 4);
	so_monitor_status(m, &status);
	assert_int_equal(status.servers, 1);
	assert_int_equal(status.connections, 1);
	assert_true(status.last_us > 0 && status.next_us > fake_hands.wall);
	/* the fold went along: 20 statements counted a call a second each since the first poll */
	pass(m, 2 * SECOND);
	OK(loads = so_store_load_list(fix->root, fix->store, SCOPE, conn->id, 490000, 490005, &err));
	assert_true(loads->count >= 4);
	assert_true(loads->items[0].calls > 20 * 3400);
	end(m);
}

static void test_failures_and_their_end(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = conn_on(fix, "shop", "a", "shop");
	struct so_store_watch *watch;

	atomic_store(&refuse, true);
	pass(m, 10 * MINUTE);
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_in_range(watch->failures, 5, 7); /* after 10, 20, 40, 80, 160 ... seconds */
	assert_string_equal(watch->error, "cannot connect to 'a'");
	assert_string_equal(watch->error_kind, "unreachable");
	atomic_store(&refuse, false);
	/* mended by somebody who edits the connection: at once */
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	so_monitor_changed(m);
	assert_int_equal(pass(m, 2 * SECOND), 1);
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(watch->failures, 0);
	assert_null(watch->error);
	end(m);
}

static void test_one_poll_for_all_databases_of_a_server(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *books = conn_on(fix, "books", "a", "books"), *all;
	struct so_monitor_status status;
	int before;

	conn_on(fix, "shop", "a", "shop");
	conn_on(fix, "elsewhere", "b", "shop");
	conn_on(fix, "shop again", "a", "shop");
	all = conn_on(fix, "all of a", "a", "");
	pass(m, 5 * SECOND); /* each by itself: nobody knows yet where they live */
	assert_in_range(atomic_load(&polls), 5, 8);
	pass(m, 5 * SECOND);
	so_monitor_status(m, &status);
	assert_int_equal(status.connections, 5);
	assert_int_equal(status.servers, 3); /* a: books and shop, twice; all; b */
	before = atomic_load(&polls);
	assert_int_equal(pass(m, MINUTE), 3);
	for (int i = before; i < before + 3; i++)
		assert_true(strcmp(asked[i % 8], "2 shop") == 0 || strcmp(asked[i % 8], "0 -") == 0);
	/* one leaves, one is switched off */
	OK(so_store_conn_delete(fix->store, SCOPE, books->id, &err));
	all->monitoring_enabled = false;
	OK(so_store_conn_update(fix->store, SCOPE, all, &err));
	so_monitor_changed(m);
	pass(m, SECOND);
	so_monitor_status(m, &status);
	assert_int_equal(status.connections, 3);
	assert_int_equal(status.servers, 2);
	end(m);
}

/* An extension is often in one database only: the others are read through that one, at once and not after a failure of
 * each of them. */
static void test_one_database_that_can_be_read(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conns[12];
	struct so_store_watch *watch;
	int before;

	seeing = "db11";
	for (int i = 0; i < 12; i++)
		conns[i] = conn_on(fix, so_printf(fix->root, "c%d", i), "a", so_printf(fix->root, "db%d", i));
	pass(m, 30 * SECOND);
	for (int i = 0; i < 12; i++) {
		OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conns[i]->id, &err));
		assert_true(watch->polls > 0);
		assert_null(watch->error);
	}
	/* and nobody asks through the others again */
	before = atomic_load(&opened);
	assert_in_range(pass(m, 10 * MINUTE), 9, 11);
	assert_int_equal(atomic_load(&opened), before);
	/* none can be read any more: each is tried once a poll, and the first reason stays */
	seeing = "none";
	so_monitor_trigger(m);
	OK(so_store_conn_update(fix->store, SCOPE, conns[11], &err)); /* its connection is opened anew */
	so_monitor_changed(m);
	pass(m, 2 * SECOND);
	assert_in_range(atomic_load(&opened) - before, 12, 24);
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conns[3]->id, &err));
	assert_string_equal(watch->error, "not from db11");
	end(m);
}

static int64_t calls_of(struct fixture *fix, int64_t connection_id)
{
	struct so_store_loads *loads;
	int64_t calls = 0;

	OK(loads = so_store_load_list(fix->root, fix->store, SCOPE, connection_id, 490000, 490010, &err));
	for (size_t i = 0; i < loads->count; i++)
		calls += loads->items[i].calls;
	return calls;
}

static int64_t queries_of(struct fixture *fix, int64_t connection_id)
{
	const struct so_store_query_filter filter = { .connection_id = connection_id, .limit = 1 };
	struct so_store_queries *list;

	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	return list->total;
}

/* Both unknown at the start: whoever comes first counts. */
static void test_two_new_connections_to_one_database(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *one = conn_on(fix, "one", "a", "shop"), *two = conn_on(fix, "two", "a", "shop");

	pass(m, 10 * MINUTE);
	assert_in_range(calls_of(fix, 0), 8 * 1200, 10 * 1200);
	assert_int_equal(queries_of(fix, one->id) + queries_of(fix, two->id), 10); /* the top */
	assert_true(queries_of(fix, one->id) == 0 || queries_of(fix, two->id) == 0);
	end(m);
}

/* 20 statements of one call a second each are 1,200 calls a minute, whoever looks at them. */
static void test_two_connections_to_one_database(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *counts = conn_on(fix, "one", "a", "shop"), *twin;
	struct so_store_notices *notices;
	struct so_store_watch *watch;
	int64_t before;

	pass(m, 5 * SECOND);
	twin = conn_on(fix, "two", "a", "shop");
	so_monitor_changed(m);
	pass(m, 20 * MINUTE);
	assert_in_range(calls_of(fix, 0), 18 * 1200, 20 * 1200);
	assert_int_equal(calls_of(fix, 0), calls_of(fix, counts->id));
	assert_int_equal(queries_of(fix, twin->id), 0);
	assert_in_range(atomic_load(&polls), 20, 22);
	/* it is polled as well as the other, and says where its statements are; once */
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, twin->id, &err));
	assert_in_range(watch->polls, 18, 22);
	assert_int_equal(watch->statements, 20);
	assert_null(watch->server_uid);
	OK(notices = so_store_notice_list(fix->root, fix->store, SCOPE, true, 10, &err));
	assert_int_equal(notices->count, 1);
	assert_int_equal(notices->items[0]->connection_id, twin->id);
	assert_string_equal(notices->items[0]->kind, "twin");
	assert_non_null(strstr(notices->items[0]->message, so_printf(fix->root, "'%s'", counts->name)));
	assert_int_equal(notices->items[0]->seen, 1);
	/* the one that counts is no longer watched: the other goes on from here, and nothing is counted again */
	before = calls_of(fix, 0);
	counts->monitoring_enabled = false;
	OK(so_store_conn_update(fix->store, SCOPE, counts, &err));
	so_monitor_changed(m);
	pass(m, 10 * MINUTE);
	assert_in_range(calls_of(fix, 0) - before, 8 * 1200, 11 * 1200);
	assert_true(calls_of(fix, twin->id) > 0);
	/* and when it comes back it is the twin */
	counts->monitoring_enabled = true;
	OK(so_store_conn_update(fix->store, SCOPE, counts, &err));
	so_monitor_changed(m);
	before = calls_of(fix, 0);
	pass(m, 10 * MINUTE);
	assert_in_range(calls_of(fix, 0) - before, 8 * 1200, 11 * 1200);
	end(m);
}

static void test_pause_trigger_and_intervals(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = conn_on(fix, "shop", "a", "shop");
	struct so_monitor_status status;
	int64_t next_us;

	pass(m, 3 * SECOND);
	so_monitor_pause(m, true);
	assert_int_equal(pass(m, 5 * MINUTE), 0);
	assert_in_range(atomic_load(&folds), 1, 3); /* of what was there, and of the poll */
	folds = 0;
	pass(m, 50 * MINUTE);
	assert_int_equal(atomic_load(&folds), 0);
	pass(m, 6 * MINUTE); /* the hour ends, and with it what lists show */
	assert_int_equal(atomic_load(&folds), 1);
	assert_false(so_monitor_trigger(m));
	assert_int_equal(so_monitor_state(m, conn->id, &next_us), SO_MONITOR_PAUSED);
	assert_int_equal(so_monitor_state(m, 99, &next_us), SO_MONITOR_UNWATCHED);
	so_monitor_status(m, &status);
	assert_true(status.paused && !status.next_us);
	so_monitor_pause(m, false);
	assert_int_equal(pass(m, SECOND), 1);
	assert_true(so_monitor_trigger(m));
	assert_int_equal(pass(m, SECOND), 1);
	conn->interval_s = 10;
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	so_monitor_changed(m);
	assert_in_range(pass(m, 2 * MINUTE), 11, 13);
	/* how late: looked at every second, then not at all for a while */
	so_monitor_status(m, &status);
	assert_in_range(status.late_us, 0, SECOND);
	fake_turn(30 * SECOND);
	so_monitor_status(m, &status);
	assert_in_range(status.late_us, 20 * SECOND, 30 * SECOND);
	assert_int_equal(pass(m, SECOND), 1);
	so_monitor_status(m, &status);
	assert_in_range(status.late_us, 21 * SECOND, 31 * SECOND);
	pass(m, 15 * SECOND);
	so_monitor_status(m, &status);
	assert_in_range(status.late_us, 0, SECOND);
	end(m);
}

static void test_a_clock_that_steps_back(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = conn_on(fix, "shop", "a", "shop");
	struct so_store_watch *first, *second;

	pass(m, 5 * MINUTE);
	OK(first = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	fake_hands.wall -= 3 * HOUR;
	assert_in_range(pass(m, 5 * MINUTE), 4, 6); /* waiting goes by the other clock */
	OK(second = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(second->failures, 0);
	assert_true(second->last_us > first->last_us);
	end(m);
}

static int entries_of(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_nothing_grows(void **state)
{
	/* read connections are opened when they are needed: one only, so that all of them are */
	const struct so_store_options one_reader = { .readers = 1 };
	struct fixture *fix = *state;
	struct so_monitor *m;
	size_t blocks;
	int descriptors, threads;

	talloc_free(fix->store);
	fix->store = open_store(fix, &one_reader);
	m = monitor(fix);
	for (int i = 0; i < 6; i++)
		conn_on(fix, so_printf(fix->root, "c%d", i), so_printf(fix->root, "host%d", i), "shop");
	pass(m, 20 * MINUTE);
	blocks = talloc_total_blocks(m);
	descriptors = entries_of("/proc/self/fd");
	threads = entries_of("/proc/self/task");
	pass(m, 10 * HOUR);
	assert_int_equal(talloc_total_blocks(m), blocks);
	assert_int_equal(entries_of("/proc/self/fd"), descriptors);
	assert_int_equal(entries_of("/proc/self/task"), threads);
	assert_in_range(atomic_load(&most_at_once), 1, 3);
	end(m);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Each allocation of the process is counted: what the C library says of itself has the chunks in it that each thread
 * keeps to use again. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

static atomic_llong allocated;

static void *count(void *ptr)
{
	atomic_fetch_add(&allocated, (long long)malloc_usable_size(ptr));
	return ptr;
}

void *malloc(size_t size)
{
	return count(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return count(__libc_calloc(n, size));
}

void *realloc(void *old, size_t size)
{
	long long had = (long long)malloc_usable_size(old);
	void *ptr = __libc_realloc(old, size);

	if (ptr || !size)
		atomic_fetch_sub(&allocated, had);
	return ptr ? count(ptr) : NULL;
}

void free(void *ptr)
{
	atomic_fetch_sub(&allocated, (long long)malloc_usable_size(ptr));
	__libc_free(ptr);
}

/* Without what SQLite holds: its page caches fill up to their limit. */
static long long held(void)
{
	return atomic_load(&allocated) - sqlite3_memory_used();
}

/* Polls, folds and judgements of six days, of which samples are kept for two: what is allocated at the end is what was
 * allocated at half time. */
static void test_allocations_do_not_pile_up(void **state)
{
	const struct so_store_options one_reader = { .readers = 1 };
	struct fixture *fix = *state;
	struct so_monitor *m;
	long long before = 0, moved_by;

	talloc_free(fix->store);
	fix->store = open_store(fix, &one_reader);
	m = monitor(fix);
	for (int i = 0; i < 3; i++)
		conn_on(fix, so_printf(fix->root, "c%d", i), so_printf(fix->root, "host%d", i), "shop");
	for (int hour = 0; hour < 6 * 24; hour++) {
		if (hour == 3 * 24)
			before = held();
		for (int minute = 0; minute < 60; minute += 10) {
			fake_turn(10 * MINUTE);
			so_monitor_tick(m);
			so_monitor_wait(m);
		}
	}
	moved_by = held() - before;
	/* a block of the smallest size for each poll, fold or judged period would be more */
	if (moved_by > 4096)
		fail_msg("%lld bytes more are allocated after three more days", moved_by);
	end(m);
}
#else
static void test_allocations_do_not_pile_up(void **state)
{
	(void)state;
	skip(); /* the sanitizers have allocators of their own */
}
#endif

static void test_after_a_restart(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct fake_hands then;

	conn_on(fix, "shop", "a", "shop");
	pass(m, 2 * HOUR + 5 * MINUTE);
	then = fake_hands;
	end(m);
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	m = monitor(fix);
	fake_hands = then;
	/* not at once again: by when it was polled last */
	assert_int_equal(pass(m, 40 * MINUTE), 0);
	assert_int_equal(pass(m, 20 * MINUTE), 1);
	end(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays),
		WITH(test_the_first_hours_of_a_server),
		WITH(test_failures_and_their_end),
		WITH(test_one_poll_for_all_databases_of_a_server),
		WITH(test_one_database_that_can_be_read),
		WITH(test_two_connections_to_one_database),
		WITH(test_two_new_connections_to_one_database),
		WITH(test_pause_trigger_and_intervals),
		WITH(test_a_clock_that_steps_back),
		WITH(test_nothing_grows),
		WITH(test_allocations_do_not_pile_up),
		WITH(test_after_a_restart),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
