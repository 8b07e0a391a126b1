/* Polls against a server that is an array: what is stored, what is asked for, and what a kill -9 leaves behind. */
#include "store_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fake_target.h"
#include "monitor/baseline.h"
#include "monitor/fold.h"
#include "monitor/poll.h"

#define START  ((int64_t)490000 * SO_HOUR_US) /* some hour of 2025 */
#define MINUTE ((int64_t)60 * 1000000)

enum { STATEMENTS = 300 };

/* The server; in shared memory, so that a child that is killed leaves it as it was. */
struct server {
	int64_t calls[STATEMENTS], epoch, evicted;
	volatile int64_t now;
	size_t count;
	int readings, texts_asked;
	bool no_texts, cut;
};
static struct server *server;

static const char *text_of(size_t i)
{
	static char text[80];

	if (i == 0)
		return "/* sqlopt */ SELECT 1";
	if (i == 1)
		return "BEGIN";
	snprintf(text, sizeof text, "SELECT * FROM t%zu WHERE id = $1", i);
	return text;
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading = fake_reading(ctx, "one/here", server->count + 1);

	(void)conn;
	(void)err;
	server->readings++;
	reading->at_us = ++server->now;
	reading->epoch_us = server->epoch;
	reading->evicted = server->evicted;
	reading->complete = !server->cut;
	for (size_t i = 0; i < server->count && (int64_t)i < limit; i++) {
		struct so_reading_row *row;
		/* with several databases, the statements take turns */
		int at = so_reading_database(databases, n, i % 2 ? "shop" : "books");

		if (at < 0 || !server->calls[i])
			continue;
		row = fake_row(reading, i, NULL, server->calls[i], server->calls[i] * (int64_t)(i + 1));
		row->database = (uint32_t)at;
		row->own_login = i == 0;
		reading->bytes += 100;
	}
	return reading;
}

static bool server_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n,
	struct so_statement_text *out, struct so_err *err)
{
	(void)conn;
	if (server->no_texts)
		return so_fail(err, SO_TARGET, "a text cannot be converted: run this");
	server->texts_asked += (int)n;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct so_statement_text){ .text = so_strdup(ctx, text_of((size_t)atoi(ids[i]))) };
	return true;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.info = fake_info,
	.counters = fake_counters,
	.texts = server_texts };

static int start_server(void **state)
{
	server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(server != MAP_FAILED);
	server->now = 1000000;
	server->epoch = 1;
	return setup(state);
}

static int stop_server(void **state)
{
	munmap(server, sizeof *server);
	return teardown(state);
}

static struct so_poll_result poll_once(
	struct fixture *fix, struct so_store_conn *const *conns, size_t n, int64_t at_us, size_t top)
{
	const struct so_poll_rules rules = { fix->store, SCOPE, top, 1000 };
	struct so_conn conn = { .engine = &fake };
	struct so_poll_result result;

	OK(so_poll_run(&rules, &conn, conns, n, at_us, so_time_monotonic_us(), so_time_thread_cpu_us(), &result, &err));
	return result;
}

static struct so_fold_rules fold_rules(struct fixture *fix)
{
	return (struct so_fold_rules){ fix->store, SCOPE, 24 * 7, 24 * 60, 800, 0 };
}

static void fold(struct fixture *fix, int64_t now_us)
{
	const struct so_fold_rules rules = fold_rules(fix);

	OK(so_fold_run(&rules, now_us, NULL, &err));
}

static int64_t calls_of(struct fixture *fix, int64_t connection_id)
{
	struct so_store_loads *loads;
	int64_t calls = 0;

	OK(loads = so_store_load_list(
		   fix->root, fix->store, SCOPE, connection_id, START / SO_HOUR_US, START / SO_HOUR_US + 700, &err));
	for (size_t i = 0; i < loads->count; i++)
		calls += loads->items[i].calls;
	return calls;
}

static struct so_store_queries *queries_of(struct fixture *fix, int64_t connection_id)
{
	const struct so_store_query_filter filter = { .connection_id = connection_id, .optimized = -1, .limit = 1000 };
	struct so_store_queries *list;

	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	return list;
}

static void test_what_a_poll_stores(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop"), *back;
	struct so_store_watch *watch;
	struct so_store_polls *polls;
	struct so_poll_result result;
	struct so_store_queries *queries;

	server->count = 50;
	for (size_t i = 0; i < 50; i++)
		server->calls[i] = 1000;
	result = poll_once(fix, &conn, 1, START, 5);
	assert_true(result.rebased);
	assert_int_equal(result.calls, 0);
	assert_int_equal(result.statements, 50);
	/* the first sight has lifetimes: those that rank are there at once */
	queries = queries_of(fix, conn->id);
	assert_in_range(queries->total, 5, 20);
	assert_int_equal(queries->items[0]->calls, 1000);
	assert_int_equal(server->texts_asked, result.texts);
	for (size_t i = 0; i < 50; i++)
		server->calls[i] += 10 + (int64_t)i;
	result = poll_once(fix, &conn, 1, START + MINUTE, 5);
	/* all but our own */
	assert_int_equal(result.moved, 49);
	assert_int_equal(result.calls, 49 * 10 + 49 * 50 / 2);
	assert_in_range(result.stored, 5, 20);
	fold(fix, START + MINUTE);
	assert_int_equal(calls_of(fix, conn->id), result.calls);
	queries = queries_of(fix, conn->id);
	assert_string_equal(queries->items[0]->sql_text, "SELECT * FROM t49 WHERE id = $1");
	assert_int_equal(queries->items[0]->calls, 1059);
	for (size_t i = 0; i < queries->count; i++) {
		assert_null(strstr(queries->items[i]->sql_text, "sqlopt"));
		assert_string_not_equal(queries->items[i]->sql_text, "BEGIN");
	}
	/* a text is asked for once */
	server->texts_asked = 0;
	for (size_t i = 0; i < 50; i++)
		server->calls[i] += 10 + (int64_t)i;
	result = poll_once(fix, &conn, 1, START + 2 * MINUTE, 5);
	assert_int_equal(server->texts_asked, 0);
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(watch->polls, 3);
	assert_int_equal(watch->last_us, START + 2 * MINUTE);
	OK(back = so_store_conn_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(back->last_monitored_us, START + 2 * MINUTE);
	assert_int_equal(back->instance_id, result.instance_id);
	OK(polls = so_store_poll_list(fix->root, fix->store, SCOPE, conn->id, 10, &err));
	assert_int_equal(polls->count, 3);
	assert_int_equal(polls->items[0]->bytes, 5000);
	assert_int_equal(polls->items[0]->statements, 50);
}

static void test_databases_of_one_server(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *shop = new_conn(fix, "shop"), *books = new_conn(fix, "books");
	struct so_store_conn *both[] = { shop, books };

	books->database = so_strdup(books, "books");
	server->count = 20;
	for (size_t i = 0; i < 20; i++)
		server->calls[i] = 5;
	/* shop was watched before books came: books begins with its first sight */
	poll_once(fix, &both[0], 1, START, 5);
	server->readings = 0;
	for (size_t i = 0; i < 20; i++)
		server->calls[i] += 3;
	poll_once(fix, both, 2, START + MINUTE, 5);
	for (size_t i = 0; i < 20; i++)
		server->calls[i] += 3;
	poll_once(fix, both, 2, START + 2 * MINUTE, 5);
	assert_int_equal(server->readings, 2);
	fold(fix, START + 2 * MINUTE);
	assert_int_equal(calls_of(fix, shop->id), 10 * 3 + 10 * 3);
	assert_int_equal(calls_of(fix, books->id), 9 * 3); /* one is ours */
}

static void test_notices_and_failures(void **state)
{
	struct fixture *fix = *state;
	const struct so_poll_rules rules = { fix->store, SCOPE, 5, 1000 };
	struct so_store_conn *conn = new_conn(fix, "shop"), *gone = new_conn(fix, "gone");
	struct so_store_notices *notices;
	struct so_store_watch *watch;
	struct so_err why = SO_ERR_INIT;
	struct so_poll_result result;
	int64_t delay_us;

	server->count = 20;
	for (size_t i = 0; i < 20; i++)
		server->calls[i] = 5;
	server->no_texts = server->cut = true;
	poll_once(fix, &conn, 1, START, 5);
	server->evicted = 4;
	for (size_t i = 0; i < 20; i++)
		server->calls[i] += 5;
	/* without texts nothing has a row, and nothing is lost */
	result = poll_once(fix, &conn, 1, START + MINUTE, 5);
	assert_int_equal(result.calls, 20 * 5);
	fold(fix, START + MINUTE);
	assert_int_equal(calls_of(fix, conn->id), 100);
	assert_int_equal(queries_of(fix, conn->id)->total, 0);
	OK(notices = so_store_notice_list(fix->root, fix->store, SCOPE, false, 10, &err));
	assert_int_equal(notices->count, 3); /* cap, evicted, texts */
	assert_string_equal(notices->items[2]->message, "a text cannot be converted: run this");
	so_fail(&why, SO_UNREACHABLE, "cannot reach the server");
	OK(so_poll_failed(&rules, &conn, 1, START + 2 * MINUTE, so_time_monotonic_us(), &why, &delay_us, &err));
	OK(so_poll_failed(&rules, &conn, 1, START + 3 * MINUTE, so_time_monotonic_us(), &why, &delay_us, &err));
	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_int_equal(watch->failures, 2);
	assert_int_equal(watch->polls, 2);
	assert_int_equal(watch->last_us, START + MINUTE);
	assert_string_equal(watch->error, "cannot reach the server");
	/* deleted while it was polled: nothing is written, nothing breaks */
	OK(so_store_conn_delete(fix->store, SCOPE, gone->id, &err));
	FAILS(SO_NOT_FOUND, so_poll_failed(&rules, &gone, 1, START, so_time_monotonic_us(), &why, &delay_us, &err));
	{
		struct so_conn handle = { .engine = &fake };

		FAILS(SO_NOT_FOUND, so_poll_run(&rules, &handle, &gone, 1, START, 0, 0, &result, &err));
	}
}

static void test_the_history_stays_within_its_bounds(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_fold_rules rules = fold_rules(fix);
	struct so_store_notices *notices;
	struct so_store_stats stats;
	int64_t oldest, bytes, last = START;

	server->count = STATEMENTS;
	for (size_t i = 0; i < STATEMENTS; i++)
		server->calls[i] = 5;
	for (int hour = 0; hour < 30; hour++)
		for (int minute = 0; minute < 60; minute += 20) {
			for (size_t i = 0; i < STATEMENTS; i++)
				server->calls[i] += 7;
			last = START + hour * SO_HOUR_US + minute * MINUTE;
			poll_once(fix, &conn, 1, last, 100);
		}
	rules.sample_hours = 10;
	OK(so_fold_run(&rules, last, NULL, &err));
	OK(so_store_hour_oldest(fix->store, &oldest, &err));
	assert_int_equal(oldest, last / SO_HOUR_US - 10);
	/* by size: hours go until it fits, or only the one being written is left */
	OK(so_store_used(fix->store, &bytes, &err));
	rules.max_bytes = bytes - 20000;
	OK(so_fold_run(&rules, last, NULL, &err));
	OK(so_store_used(fix->store, &bytes, &err));
	assert_true(bytes <= rules.max_bytes);
	OK(so_store_hour_oldest(fix->store, &oldest, &err));
	assert_in_range(oldest, last / SO_HOUR_US - 9, last / SO_HOUR_US - 1);
	OK(notices = so_store_notice_list(fix->root, fix->store, SCOPE, false, 10, &err));
	assert_int_equal(notices->count, 1);
	assert_string_equal(notices->items[0]->kind, "size");
	/* the file, too: room that was made went back to the disk */
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	rules.store = fix->store;
	OK(so_store_stats(fix->store, &stats, &err));
	assert_in_range(stats.size_bytes, bytes, rules.max_bytes);
	rules.max_bytes = 4096;
	OK(so_fold_run(&rules, last, NULL, &err));
	OK(so_store_hour_oldest(fix->store, &oldest, &err));
	assert_int_equal(oldest, last / SO_HOUR_US);
	/* all that was counted is still there */
	assert_int_equal(calls_of(fix, conn->id), (STATEMENTS - 1) * 7 * 89);
}

/* ---- kill -9 ---- */

/* Calls of statement i so far: what an uninterrupted run counts is the difference of two of them. */
static void work(int64_t step)
{
	for (size_t i = 1; i < STATEMENTS; i++)
		if ((step + (int64_t)i) % 3 == 0)
			server->calls[i] += 1 + (step * (int64_t)i) % 11;
}

static void poll_until_killed(struct fixture *fix, struct so_store_conn *conn)
{
	struct so_store *store = so_store_open(fix->root, fix->url, NULL, &(struct so_err)SO_ERR_INIT);

	if (!store)
		_exit(3);
	fix->store = store;
	for (;;) {
		work(server->now);
		poll_once(fix, &conn, 1, START + server->now * 7 * 1000000, 20);
		if (server->now % 3 == 0)
			fold(fix, START + server->now * 7 * 1000000);
	}
}

static int64_t total_calls(void)
{
	int64_t sum = 0;

	for (size_t i = 1; i < STATEMENTS; i++)
		sum += server->calls[i];
	return sum;
}

static void test_kill_at_any_moment(void **state)
{
	struct fixture *fix = *state;
	const char *rounds = getenv("KILL_ROUNDS");
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)getpid();
	struct so_store_conn *conn = new_conn(fix, "shop");
	int64_t before, life = 0, stored = 0;
	struct so_store_queries *queries;

	server->count = STATEMENTS;
	server->now = 1;
	for (size_t i = 0; i < STATEMENTS; i++)
		server->calls[i] = 1;
	poll_once(fix, &conn, 1, START, 20);
	before = total_calls();
	for (int i = rounds ? atoi(rounds) : 12; i > 0; i--) {
		pid_t child;
		int status;

		talloc_free(fix->store);
		child = fork();
		if (child == 0)
			poll_until_killed(fix, conn);
		/* after some polls, or while the store is being opened */
		for (int64_t until = server->now + rand_r(&seed) % 6, n = 0; server->now < until && n < 10000; n++)
			usleep(1000);
		usleep((useconds_t)(rand_r(&seed) % 20000));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(
			WIFSIGNALED(status)); /* it did not end by itself: the store opened and every poll was good */
		fix->store = open_store(fix, NULL);
	}
	work(server->now);
	poll_once(fix, &conn, 1, START + server->now * 7 * 1000000, 20);
	fold(fix, START + server->now * 7 * 1000000);
	stored = calls_of(fix, conn->id);
	if (stored != total_calls() - before)
		fail_msg("seed %u: %lld calls stored, %lld made", seed, (long long)stored,
			(long long)(total_calls() - before));
	queries = queries_of(fix, conn->id);
	for (size_t i = 0; i < queries->count; i++)
		life += queries->items[i]->calls;
	assert_in_range(life, 1, stored + STATEMENTS);
	assert_true(server->now > 12); /* the children did poll */
}

int main(void)
{
#define POLL(fn) cmocka_unit_test_setup_teardown(fn, start_server, stop_server)
	const struct CMUnitTest tests[] = {
		POLL(test_what_a_poll_stores),
		POLL(test_databases_of_one_server),
		POLL(test_notices_and_failures),
		POLL(test_the_history_stays_within_its_bounds),
		POLL(test_kill_at_any_moment),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
