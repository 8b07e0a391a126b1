/* Plans and tables of the databases of one server after a poll: how long they may take together, who is next when there
 * was no time, and when one that does not let us in is asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/catalog.h"
#include "lib/fake_target.h"
#include "store/history.h"
#include "store/plan.h"
#include "unit/store_fixture.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

enum { DATABASES = 8, NAME = 16 };

/* What the server does, and was asked; one poll at a time. */
static struct {
	char open_of[NAME]; /* database of the connection that was opened last */
	char locked[NAME]; /* lets nobody in */
	bool plans_fail, catalog_fails;
	int64_t plan_us; /* that a plan takes, by the clocks */
	int asked[DATABASES], opened[DATABASES], snapshots, now_open;
	char order[64]; /* a digit for each database that planned */
} server;

struct fake_conn {
	struct so_conn base;
	int database;
};

static int number_of(const char *database)
{
	return database[0] == 'd' ? database[1] - '0' : 0;
}

static int close_fake(struct fake_conn *conn)
{
	(void)conn;
	server.now_open--;
	return 0;
}

static const struct so_engine fake;

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct fake_conn *conn;

	(void)cancel;
	server.opened[number_of(params->database)]++;
	if (strcmp(params->database, server.locked) == 0) {
		so_fail(err, SO_DENIED, "no entry to '%s'", params->database);
		return NULL;
	}
	conn = so_new(ctx, struct fake_conn);
	conn->base.engine = &fake;
	conn->database = number_of(params->database);
	talloc_set_destructor(conn, close_fake);
	server.now_open++;
	return &conn->base;
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading = fake_reading(ctx, "one", DATABASES);

	(void)conn;
	(void)limit;
	(void)err;
	for (size_t i = 0; i < n; i++) /* each has a statement, of the same time a call */
		fake_row(reading, (size_t)number_of(databases[i]),
			so_printf(reading->rows, "SELECT a%d FROM t", number_of(databases[i])),
			fake_hands.wall / SECOND, fake_hands.wall / SECOND * 1000)
			->database = (uint32_t)i;
	return reading;
}

static bool fake_explain(TALLOC_CTX *ctx, struct so_conn *base, const char *sql,
	const struct so_explain_options *options, struct so_explain *out, struct so_err *err)
{
	const struct fake_conn *conn = (const struct fake_conn *)base;
	size_t n = strlen(server.order);

	(void)options;
	assert_int_equal(sql[strlen("SELECT a")] - '0', conn->database); /* through its own connection */
	server.asked[conn->database]++;
	if (n + 1 < sizeof server.order)
		server.order[n] = (char)('0' + conn->database);
	fake_turn(server.plan_us);
	if (server.plans_fail)
		return so_fail(err, SO_TARGET, "it does not plan that");
	out->format = (char *)"text";
	out->text = so_strdup(ctx, "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n");
	return true;
}

static struct so_catalog *fake_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables,
	size_t n_tables, const char *const *functions, size_t n_functions, struct so_err *err)
{
	struct so_catalog *catalog;

	(void)conn;
	(void)tables;
	(void)n_tables;
	(void)functions;
	(void)n_functions;
	server.snapshots++;
	if (server.catalog_fails) {
		so_fail(err, SO_DENIED, "no catalog for you");
		return NULL;
	}
	catalog = so_new(ctx, struct so_catalog);
	catalog->server_version = so_strdup(catalog, "1");
	return catalog;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.open = fake_open,
	.info = fake_info,
	.counters = fake_counters,
	.texts = so_reading_no_texts,
	.explain = fake_explain,
	.catalog = fake_catalog };

static const struct so_engine *find(const char *name)
{
	return strcmp(name, "postgresql") == 0 ? &fake : NULL;
}

static bool params_of(
	void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out, struct so_err *err)
{
	if (!fake_params(arg, ctx, conn, out, err))
		return false;
	out->database = so_strdup(ctx, conn->database);
	return true;
}

static struct so_monitor *monitor(struct fixture *fix)
{
	struct so_monitor_options options = fake_options(fix->store, 5 * MINUTE, find);
	struct so_monitor *m;

	options.params = params_of;
	options.threads = 1;
	memset(&server, 0, sizeof server);
	fake_hands = (struct fake_hands){ 490000 * SO_HOUR_US, 1000 * SECOND };
	for (int i = 0; i < DATABASES; i++) {
		struct so_store_conn *conn = new_conn(fix, so_printf(fix->root, "c%d", i));

		conn->host = so_strdup(conn, "a");
		conn->database = so_printf(conn, "d%d", i);
		OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	}
	OK(m = so_monitor_new(fix->root, &options, &err));
	return m;
}

/* Lets `us` pass in steps, doing what is due at each. */
static void pass(struct so_monitor *m, int64_t us)
{
	for (int64_t end_us = fake_hands.monotonic + us; fake_hands.monotonic < end_us;) {
		fake_turn(us < MINUTE ? SECOND : 10 * SECOND);
		so_monitor_tick(m);
		so_monitor_wait(m);
	}
}

/* All are known to be of one server, and have been polled together once: from now on there are deltas. */
static void begin(struct so_monitor *m)
{
	struct so_monitor_status status;

	server.plans_fail = true; /* what they were asked meanwhile counts for nothing */
	snprintf(server.locked, sizeof server.locked, "-");
	pass(m, 3 * MINUTE);
	so_monitor_status(m, &status);
	assert_int_equal(status.servers, 1);
	assert_int_equal(status.connections, DATABASES);
}

static void forget(void)
{
	memset(server.asked, 0, sizeof server.asked);
	memset(server.opened, 0, sizeof server.opened);
	memset(server.order, 0, sizeof server.order);
	server.snapshots = 0;
}

static int sum(const int *of)
{
	int all = 0;

	for (int i = 0; i < DATABASES; i++)
		all += of[i];
	return all;
}

/* Plans of 4 s: after three databases the 10 s are over, and the fourth is the first after the next poll. */
static void test_ten_seconds_for_all_databases(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);

	begin(m);
	forget();
	server.plans_fail = false;
	server.plan_us = 4 * SECOND;
	pass(m, 50 * MINUTE); /* what failed is tried again after an hour */
	assert_int_equal(sum(server.asked), 0);
	for (int polls = 0; polls < 4 && sum(server.asked) < DATABASES; polls++) {
		int before = sum(server.asked);

		while (sum(server.asked) == before)
			pass(m, SECOND);
		assert_in_range(sum(server.asked) - before, 1, 3);
	}
	assert_int_equal(sum(server.asked), DATABASES);
	for (int i = 0; i < DATABASES; i++)
		assert_int_equal(server.asked[i], 1); /* each came to its turn, none twice */
	fake_end(m);
	assert_int_equal(server.now_open, 0);
}

/* A database that lets nobody in is asked again after an hour, not after each poll; the others are not held up. */
static void test_a_closed_database_is_tried_again_after_an_hour(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);
	struct so_store_looks *looks;
	int opened;

	begin(m);
	snprintf(server.locked, sizeof server.locked, "d5");
	pass(m, 61 * MINUTE);
	forget();
	pass(m, 50 * MINUTE); /* some ten polls */
	opened = server.opened[5];
	assert_int_equal(server.asked[5], 0);
	assert_in_range(opened, 0, 1);
	pass(m, 20 * MINUTE);
	assert_in_range(server.opened[5], 1, 2);
	OK(looks = so_store_look_list(fix->root, fix->store, SCOPE, 6, &err));
	assert_int_equal(looks->count, 1);
	assert_string_equal(looks->items[0]->error, "no entry to 'd5'");
	/* it is let in again: within the hour */
	snprintf(server.locked, sizeof server.locked, "-");
	server.plans_fail = false;
	pass(m, 70 * MINUTE);
	assert_int_equal(server.asked[5], 1);
	OK(looks = so_store_look_list(fix->root, fix->store, SCOPE, 6, &err));
	assert_null(looks->items[0]->error);
	fake_end(m);
	assert_int_equal(server.now_open, 0);
}

/* A statement that is not planned is tried again after an hour, though the tables cannot be read either. */
static void test_what_failed_is_noted_without_a_snapshot(void **state)
{
	struct fixture *fix = *state;
	struct so_monitor *m = monitor(fix);

	begin(m);
	server.catalog_fails = true;
	pass(m, 61 * MINUTE);
	forget();
	pass(m, 50 * MINUTE);
	assert_in_range(sum(server.asked), 0, DATABASES);
	pass(m, 20 * MINUTE);
	for (int i = 0; i < DATABASES; i++)
		assert_in_range(server.asked[i], 1, 2);
	fake_end(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_ten_seconds_for_all_databases),
		WITH(test_a_closed_database_is_tried_again_after_an_hour),
		WITH(test_what_failed_is_noted_without_a_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
