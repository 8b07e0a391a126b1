/* Looks at sessions, summed up by minute: an array as server, the time given by the test. */
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "lib/fake_target.h"
#include "monitor/sampler.h"
#include "sql/fingerprint.h"

#define MINUTE 29000000 /* of the first look */
#define AT(s)  ((int64_t)MINUTE * SO_MINUTE_US + (s)*INT64_C(1000000))

static struct so_activity now; /* what the server answers */
static struct so_session sessions[4];
static int opened, looked;
static enum so_kind refuse; /* SO_NONE: nothing */
static bool on;

static const struct so_engine fake;

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct so_conn *conn = so_new(ctx, struct so_conn);

	(void)cancel;
	(void)err;
	assert_true(params->connect_timeout_ms > 0 && params->statement_timeout_ms > 0);
	conn->engine = &fake;
	conn->dialect = "postgresql";
	opened++;
	return conn;
}

static struct so_activity *fake_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_activity *answer = so_new(ctx, struct so_activity);

	(void)conn;
	assert_true(n == 1 && strcmp(databases[0], "shop") == 0 && limit > 0);
	looked++;
	if (refuse) {
		so_fail(err, refuse, "not today");
		return NULL;
	}
	*answer = now;
	return answer;
}

static const struct so_engine fake = {
	.name = "postgresql", .dialect = "postgresql", .open = fake_open, .activity = fake_activity
};

static const struct so_engine *find(const char *name)
{
	return strcmp(name, "postgresql") == 0 ? &fake : NULL;
}

static bool enabled(void *arg)
{
	(void)arg;
	return on;
}

static struct so_sampler *sampler_of(struct fixture *fix, const char *node)
{
	const struct so_sampler_options options = { .store = fix->store,
		.scope = SCOPE,
		.interval_us = 5000000,
		.keep_minutes = 60,
		.node = node,
		.params = fake_params,
		.enabled = enabled,
		.engine = find,
		.manual = true };
	struct so_err err = SO_ERR_INIT;
	struct so_sampler *s = so_sampler_new(fix->root, &options, &err);

	assert_non_null(s);
	now = (struct so_activity){ .items = sessions };
	opened = looked = 0;
	refuse = SO_NONE;
	on = true;
	return s;
}

static struct so_sampler *sampler(struct fixture *fix)
{
	return sampler_of(fix, NULL);
}

static void seen(enum so_session_state state, const char *wait, const char *text)
{
	sessions[now.count++] =
		(struct so_session){ .id = 7, .state = state, .wait = (char *)wait, .text = (char *)text };
}

static int64_t connection(struct fixture *fix)
{
	struct so_store_conn conn = { .name = (char *)"c",
		.engine = (char *)"postgresql",
		.host = (char *)"h",
		.database = (char *)"shop",
		.username = (char *)"u",
		.monitoring_enabled = true };

	OK(so_store_conn_create(fix->store, SCOPE, &conn, &err));
	return conn.id;
}

static int64_t watched_query(struct fixture *fix, int64_t connection_id, const char *sql)
{
	char hex[SO_FINGERPRINT_TEXT];
	uint64_t fingerprint = 0;
	struct so_err why = SO_ERR_INIT;
	struct so_store_query query = { .connection_id = connection_id,
		.fingerprint = hex,
		.fingerprint_version = SO_FINGERPRINT_VERSION,
		.sql_text = (char *)sql };

	assert_true(so_sql_fingerprint_text(NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &fingerprint, &why));
	so_fingerprint_text(fingerprint, hex);
	OK(so_store_query_put(fix->store, SCOPE, &query, &err));
	return query.id;
}

/* "bucket state wait seen; " of a time, buckets and queries in minutes after MINUTE. */
static char *series(struct fixture *fix, int64_t id, int64_t from, int64_t to, int64_t width)
{
	struct so_err err = SO_ERR_INIT;
	struct so_store_activities *list =
		so_store_activity_series(fix->root, fix->store, SCOPE, id, MINUTE + from, MINUTE + to, width, &err);
	char *out = so_strdup(fix->root, "");

	assert_non_null(list);
	for (size_t i = 0; i < list->count; i++)
		out = talloc_asprintf_append(out, "%d %s %s %d; ", (int)(list->items[i]->bucket - MINUTE),
			list->items[i]->state, *list->items[i]->wait ? list->items[i]->wait : "-",
			(int)list->items[i]->seen);
	return out;
}

static void test_minutes(void **state)
{
	struct fixture *fix = *state;
	struct so_sampler *s = sampler(fix);
	int64_t id = connection(fix), query = watched_query(fix, id, "SELECT a FROM t WHERE b = $1");
	struct so_err err = SO_ERR_INIT;
	struct so_store_activities *list;

	seen(SO_SESSION_RUNNING, NULL, "SELECT a FROM t WHERE b = 17");
	seen(SO_SESSION_RUNNING, NULL, "SELECT a FROM t WHERE b = 18");
	seen(SO_SESSION_WAITING, "Lock: relation", "SELECT a FROM t WHERE b = 19");
	for (int i = 0; i < 3; i++)
		so_sampler_look(s, AT(i * 5));
	assert_string_equal(series(fix, id, 0, 10, 1), ""); /* the minute is not over */
	now.count = 0;
	seen(SO_SESSION_IN_TRANSACTION, NULL, NULL);
	so_sampler_look(s, AT(60));
	assert_string_equal(series(fix, id, 0, 10, 1), "0 look - 3; 0 running - 6; 0 waiting Lock: relation 3; ");
	so_sampler_look(s, AT(120));
	assert_string_equal(series(fix, id, 1, 10, 1), "1 in_transaction - 1; 1 look - 1; ");
	assert_int_equal(opened, 1);
	/* by query: all three are one statement */
	list = so_store_activity_queries(fix->root, fix->store, SCOPE, id, MINUTE, MINUTE + 10, 10, &err);
	assert_non_null(list);
	assert_int_equal(list->count, 3);
	assert_int_equal(list->items[0]->query_id, query);
	assert_int_equal(list->items[0]->seen, 6);
	assert_int_equal(list->items[2]->query_id, 0);
	/* what has begun is written at the end */
	talloc_free(s);
	assert_string_equal(series(fix, id, 2, 10, 1), "2 in_transaction - 1; 2 look - 1; ");
	assert_string_equal(series(fix, id, 0, 4, 2), "0 in_transaction - 1; 0 look - 4; 0 running - 6; 0 waiting "
						      "Lock: relation 3; 2 in_transaction - 1; 2 look - "
						      "1; ");
}

static void test_what_is_old_goes(void **state)
{
	struct fixture *fix = *state;
	struct so_sampler *s = sampler(fix);
	int64_t id = connection(fix);

	so_sampler_look(s, AT(0));
	so_sampler_look(s, AT(60));
	so_sampler_look(s, AT(61 * 60));
	so_sampler_look(s, AT(62 * 60)); /* writes minute 61, of which 1 is the oldest that stays */
	assert_string_equal(series(fix, id, 0, 100, 1), "1 look - 1; 61 look - 1; ");
	talloc_free(s);
}

static void test_failures_and_pauses(void **state)
{
	struct fixture *fix = *state;
	struct so_sampler *s = sampler(fix);
	int64_t id = connection(fix);

	refuse = SO_UNREACHABLE;
	so_sampler_look(s, AT(0));
	so_sampler_look(s, AT(5)); /* ten seconds of real time have to go by first */
	assert_int_equal(looked, 1);
	refuse = SO_NONE;
	on = false;
	so_sampler_look(s, AT(10));
	on = true;
	so_sampler_look(s, AT(15)); /* forgotten with the pause */
	assert_int_equal(looked, 2);
	assert_int_equal(opened, 2);
	/* an engine without sessions is asked once */
	refuse = SO_UNSUPPORTED;
	for (int i = 4; i < 8; i++)
		so_sampler_look(s, AT(5 * i));
	assert_int_equal(looked, 3);
	/* a connection that goes takes everything along */
	OK(so_store_conn_delete(fix->store, SCOPE, id, &err));
	so_sampler_look(s, AT(60));
	assert_string_equal(series(fix, id, 0, 10, 1), "");
	talloc_free(s);
}

static void test_many_different_rows_are_bounded(void **state)
{
	struct fixture *fix = *state;
	struct so_sampler *s = sampler(fix);
	int64_t id = connection(fix), total = 0;
	struct so_store_activities *list;
	struct so_err err = SO_ERR_INIT;

	for (int i = 0; i < 3000; i++) {
		char *wait = so_printf(fix->root, "Wait: %d", i);

		now.count = 0;
		seen(SO_SESSION_WAITING, wait, so_printf(fix->root, "SELECT c%d FROM t", i));
		so_sampler_look(s, AT(1));
	}
	so_sampler_look(s, AT(60));
	list = so_store_activity_series(fix->root, fix->store, SCOPE, id, MINUTE, MINUTE + 1, 1, &err);
	assert_non_null(list);
	assert_true(list->count <= 1004);
	for (size_t i = 0; i < list->count; i++)
		total += strcmp(list->items[i]->state, "waiting") == 0 ? list->items[i]->seen : 0;
	assert_int_equal(total, 3000); /* counted all the same */
	talloc_free(s);
}

static int64_t store_wall = MINUTE * SO_MINUTE_US;

static int64_t store_clock(void)
{
	return store_wall;
}

/* What two nodes had seen would be added up: one looks, until it is gone. */
static void test_one_of_two_nodes_looks(void **state)
{
	const struct so_store_options options = { .clock_us = store_clock };
	struct fixture *fix = *state;
	struct so_sampler *zero, *one;
	int64_t id;

	talloc_free(fix->store);
	fix->store = open_store(fix, &options);
	zero = sampler_of(fix, "zero");
	one = sampler_of(fix, "one");
	id = connection(fix);
	seen(SO_SESSION_RUNNING, NULL, "SELECT 1");
	for (int i = 0; i < 4; i++) {
		so_sampler_look(zero, AT(5 * i));
		so_sampler_look(one, AT(5 * i));
		store_wall += 5000000;
	}
	assert_int_equal(looked, 4);
	assert_int_equal(opened, 1);
	/* the first does not come back */
	for (int i = 4; i < 24; i++) {
		so_sampler_look(one, AT(5 * i));
		store_wall += 5000000;
	}
	assert_in_range(looked, 5, 10);
	assert_int_equal(opened, 2);
	/* and when it does it finds another one at work: what it had seen is kept, it looks no more */
	looked = 0;
	so_sampler_look(zero, AT(120));
	assert_int_equal(looked, 0);
	so_sampler_look(one, AT(120));
	assert_int_equal(looked, 1);
	assert_non_null(strstr(series(fix, id, 0, 10, 10), "look"));
	talloc_free(one);
	talloc_free(zero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_minutes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_old_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures_and_pauses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_of_two_nodes_looks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_different_rows_are_bounded, setup, teardown),
	};

	return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
