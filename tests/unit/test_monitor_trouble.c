/* What happens to servers, to the disk and to the clock while polls go on: the connection says what is wrong and what
 * to do, polling comes back by itself, and nothing that was counted is lost or counted twice. */
#include "store_fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fake_target.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define START  (490000 * HOUR)

enum { STATEMENTS = 30 };

/* ---- a server that counts on, whatever becomes of those who ask ---- */

enum stage { NOWHERE, OPEN, INFO, COUNTERS, TEXTS, HANGS };

static struct {
	int64_t calls[STATEMENTS]; /* lifetime */
	const char *uid;
	enum stage stage; /* where the trouble is */
	enum so_kind kind;
	const char *message;
	bool breaks; /* the connection is lost by it */
	atomic_bool hanging;
} server;

static bool reach(enum stage stage, struct so_conn *conn, struct so_err *err)
{
	if (conn && server.stage == OPEN) { /* a server that is gone takes its connections along */
		conn->broken = true;
		return so_fail(err, SO_UNREACHABLE, "the server closed the connection");
	}
	if (server.stage != stage)
		return true;
	if (conn && server.breaks)
		conn->broken = true;
	return so_fail(err, server.kind, "%s", server.message);
}

static const struct so_engine fake;

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct so_conn *conn;

	(void)params;
	(void)cancel;
	if (!reach(OPEN, NULL, err))
		return NULL;
	conn = so_new(ctx, struct so_conn);
	conn->engine = &fake;
	return conn;
}

static const struct so_engine_info *server_info(struct so_conn *conn, struct so_err *err)
{
	return reach(INFO, conn, err) ? fake_info(conn, err) : NULL;
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading;

	(void)databases;
	(void)n;
	(void)limit;
	while (server.stage == HANGS) {
		atomic_store(&server.hanging, true);
		if (!so_cancel_check(conn->cancel, err))
			return NULL;
		usleep(1000);
	}
	if (!reach(COUNTERS, conn, err))
		return NULL;
	reading = fake_reading(ctx, server.uid, STATEMENTS);
	for (size_t i = 0; i < STATEMENTS; i++)
		fake_row(reading, i, NULL, server.calls[i], server.calls[i] * 7);
	return reading;
}

static bool server_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n,
	struct so_statement_text *out, struct so_err *err)
{
	return reach(TEXTS, conn, err) && fake_texts(ctx, conn, ids, n, out, err);
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.open = fake_open,
	.info = server_info,
	.counters = fake_counters,
	.texts = server_texts };

static const struct so_engine *find(const char *name)
{
	(void)name;
	return &fake;
}

static int64_t counted; /* by the server, since it was first seen */

static int start_server(void **state)
{
	memset(&server, 0, sizeof server);
	fake_hands = (struct fake_hands){ START, 1000 * SECOND };
	server.uid = "one";
	for (int i = 0; i < STATEMENTS; i++)
		server.calls[i] = 100000 + i;
	counted = 0;
	return setup(state);
}

static struct so_monitor *monitor(struct fixture *fix)
{
	const struct so_monitor_options options = fake_options(fix->store, MINUTE, find);
	struct so_monitor *m;

	OK(m = so_monitor_new(fix->root, &options, &err));
	return m;
}

static void tick(struct so_monitor *m, int64_t us)
{
	for (int64_t until_us = fake_hands.monotonic + us; fake_hands.monotonic < until_us;) {
		fake_turn(5 * SECOND);
		for (int i = 0; i < STATEMENTS; i++)
			server.calls[i] += i % 4;
		so_monitor_tick(m);
		so_monitor_wait(m);
	}
}

/* The server's count at its last reading that was good, less that of the first: what the roll-ups must say. */
static int64_t sum_of_calls(void)
{
	int64_t sum = 0;

	for (int i = 0; i < STATEMENTS; i++)
		sum += server.calls[i];
	return sum;
}

static int64_t stored_calls(struct fixture *fix)
{
	struct so_store_loads *loads;
	int64_t calls = 0;

	OK(loads = so_store_load_list(fix->root, fix->store, SCOPE, 0, START / HOUR - 100, START / HOUR + 100, &err));
	for (size_t i = 0; i < loads->count; i++)
		calls += loads->items[i].calls;
	return calls;
}

static struct so_store_watch *watch_of(struct fixture *fix, int64_t connection_id)
{
	struct so_store_watch *watch;

	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, connection_id, &err));
	return watch;
}

/* Polls until one of them is good at the very moment, so that both sides can be compared. */
static void settle(struct so_monitor *m, struct fixture *fix, int64_t connection_id)
{
	int64_t polls = watch_of(fix, connection_id)->polls;

	so_monitor_trigger(m);
	so_monitor_tick(m);
	so_monitor_wait(m);
	so_monitor_tick(m); /* the fold */
	so_monitor_wait(m);
	fake_turn(30 * SECOND);
	so_monitor_tick(m);
	so_monitor_wait(m);
	assert_true(watch_of(fix, connection_id)->polls > polls);
}

/* First sight and some polls; what is counted from here on is compared. */
static struct so_store_conn *watched(struct fixture *fix, struct so_monitor *m)
{
	struct so_store_conn *conn = new_conn(fix, "shop");

	so_monitor_trigger(m);
	so_monitor_tick(m);
	so_monitor_wait(m);
	tick(m, 3 * MINUTE);
	settle(m, fix, conn->id);
	counted = sum_of_calls() - stored_calls(fix);
	return conn;
}

static void compare(struct fixture *fix)
{
	assert_int_equal(stored_calls(fix), sum_of_calls() - counted);
}

/* ---- servers ---- */

static const struct trouble {
	enum stage stage;
	enum so_kind kind;
	const char *message;
	bool breaks;
} troubles[] = {
	{ OPEN, SO_UNREACHABLE, "cannot connect to 'db:5432': connection refused; is the server running?", false },
	{ COUNTERS, SO_UNREACHABLE, "the server closed the connection", true },
	{ COUNTERS, SO_TIMEOUT, "no answer within 5000 ms", false },
	{ COUNTERS, SO_DENIED, "permission denied for view pg_stat_statements; run: GRANT pg_read_all_stats TO watcher",
		false },
	{ COUNTERS, SO_UNSUPPORTED, "pg_stat_statements is not installed; run: CREATE EXTENSION pg_stat_statements",
		false },
	{ INFO, SO_DENIED, "the login was locked", true },
	{ TEXTS, SO_TIMEOUT, "no answer within 5000 ms", false },
};

static void test_servers_in_trouble(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = watched(fix, m);

	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		struct so_store_watch *watch;
		int64_t polls = watch_of(fix, conn->id)->polls, stored = stored_calls(fix);

		if (troubles[i].stage == TEXTS) /* asked for what is new only: a statement that had no call before */
			for (int k = 0; k < STATEMENTS; k++)
				server.calls[k] += k % 4 ? 0 : 1000;
		server.stage = troubles[i].stage;
		server.kind = troubles[i].kind;
		server.message = troubles[i].message;
		server.breaks = troubles[i].breaks;
		tick(m, 20 * MINUTE);
		watch = watch_of(fix, conn->id);
		assert_non_null(watch->error);
		assert_string_equal(watch->error, troubles[i].message);
		assert_string_equal(watch->error_kind, so_kind_name(troubles[i].kind));
		assert_in_range(watch->failures, 5, 40); /* it is asked again, and not all the time */
		assert_int_equal(watch->polls, polls);
		assert_int_equal(stored_calls(fix), stored); /* what was there is there */
		server.stage = NOWHERE;
		tick(m, MINUTE + 10 * SECOND); /* back by itself: the interval is the longest that it waits */
		watch = watch_of(fix, conn->id);
		assert_true(watch->polls > polls);
		assert_int_equal(watch->failures, 0);
		assert_null(watch->error);
		settle(m, fix, conn->id);
		compare(fix);
	}
	fake_end(m);
}

/* Another server answers under the same name, and later the first one again: what the other one did before it was seen
 * belongs to nobody, and nothing of the first one is counted twice. */
static void test_a_standby_takes_over(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = watched(fix, m);
	int64_t before, first[STATEMENTS];

	tick(m, 5 * MINUTE);
	settle(m, fix, conn->id);
	compare(fix);
	before = stored_calls(fix);
	memcpy(first, server.calls, sizeof first);
	server.uid = "two";
	for (int i = 0; i < STATEMENTS; i++)
		server.calls[i] = 5000000 + i;
	settle(m, fix, conn->id);
	assert_int_equal(stored_calls(fix), before);
	counted = sum_of_calls() - stored_calls(fix);
	tick(m, 5 * MINUTE);
	settle(m, fix, conn->id);
	compare(fix);
	before = stored_calls(fix);
	server.uid = "one";
	memcpy(server.calls, first, sizeof first);
	settle(m, fix, conn->id);
	assert_int_equal(stored_calls(fix), before);
	assert_int_equal(watch_of(fix, conn->id)->failures, 0);
	fake_end(m);
}

static void test_a_server_that_hangs_does_not_keep_us(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	int64_t began_us;

	watched(fix, m);
	server.stage = HANGS;
	assert_true(so_monitor_trigger(m));
	so_monitor_tick(m);
	while (!atomic_load(&server.hanging))
		usleep(1000);
	began_us = so_time_monotonic_us();
	fake_end(m);
	assert_in_range(so_time_monotonic_us() - began_us, 0, 5 * SECOND);
}

/* ---- the disk ---- */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = watched(fix, m);
	struct so_store_watch *watch;
	struct so_err why = SO_ERR_INIT;
	int64_t polls, failures, stored;

	signal(SIGXFSZ, SIG_IGN);
	assert_false(so_monitor_unwritten(m, conn->id, &failures, &why));
	stored = stored_calls(fix);
	polls = watch_of(fix, conn->id)->polls;
	limit_files(4096);
	tick(m, 10 * MINUTE);
	limit_files(RLIM_INFINITY);
	/* the store cannot say it, so the monitor does */
	assert_true(so_monitor_unwritten(m, conn->id, &failures, &why));
	assert_int_equal(why.kind, SO_STORE);
	assert_non_null(strstr(why.message, "disk full"));
	assert_non_null(strstr(why.message, "free some space"));
	assert_in_range(failures, 3, 40);
	watch = watch_of(fix, conn->id);
	assert_int_equal(watch->polls, polls);
	assert_int_equal(stored_calls(fix), stored);
	/* there is room again: all that was counted meanwhile comes with the next poll */
	tick(m, MINUTE + 10 * SECOND);
	assert_false(so_monitor_unwritten(m, conn->id, &failures, &why));
	settle(m, fix, conn->id);
	watch = watch_of(fix, conn->id);
	assert_null(watch->error);
	compare(fix);
	fake_end(m);
}

/* ---- the clock ---- */

static void test_a_clock_that_jumps(void **state)
{
	static const int64_t jumps[] = { -3 * HOUR, 30 * MINUTE, -20 * SECOND, -10 * HOUR, HOUR };
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_conn *conn = watched(fix, m);

	for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
		int64_t polls = watch_of(fix, conn->id)->polls, last_us = watch_of(fix, conn->id)->last_us;
		struct so_store_watch *watch;

		fake_hands.wall += jumps[i];
		tick(m, 10 * MINUTE);
		watch = watch_of(fix, conn->id);
		assert_in_range(watch->polls - polls, 8, 12); /* waiting goes by another clock */
		assert_int_equal(watch->failures, 0);
		assert_true(watch->last_us > last_us);
		settle(m, fix, conn->id);
		compare(fix);
	}
	fake_end(m);
}

#define SERVER(fn) cmocka_unit_test_setup_teardown(fn, start_server, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER(test_servers_in_trouble),
		SERVER(test_a_standby_takes_over),
		SERVER(test_a_server_that_hangs_does_not_keep_us),
		SERVER(test_a_full_disk),
		SERVER(test_a_clock_that_jumps),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
