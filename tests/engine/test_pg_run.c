/* Plans and everything that executes: what is refused, what is bounded, and that nothing was changed. */
#include <pthread.h>
#include <unistd.h>

#include "common.h"
#include "pg_tests.h"
#include "engine/postgresql/internal.h"

static struct so_conn *conn; /* superuser on shop: no privilege stops a mistake */
static TALLOC_CTX *ctx;

static int setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	conn = connect_as(ctx, "postgres", "shop");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

static struct so_err explain(const char *sql, enum so_explain_mode mode, struct so_explain *plan)
{
	struct so_explain_options options = { .mode = mode };
	struct so_err err = SO_ERR_INIT;

	*plan = (struct so_explain){ .text = NULL };
	(void)!pg->explain(ctx, conn, sql, &options, plan, &err);
	return err;
}

static void planned(const char *sql, bool generic, const char *note)
{
	struct so_explain plan;
	struct so_err err = explain(sql, SO_EXPLAIN_PLAN, &plan);

	if (!plan.text)
		fail_msg("%s: %s", sql, err.message);
	assert_string_equal(plan.format, "postgresql-json");
	assert_has(plan.text, "\"Plan\"");
	assert_has_not(plan.text, "Actual");
	assert_int_equal(plan.generic, generic);
	if (strstr(sql, "id = $1")) /* not planned for NULL, which no row equals */
		assert_has(plan.text, "$1");
	if (note)
		assert_has(plan.note, note);
	else
		assert_null(plan.note);
	assert_true(plan.wait_us > 0);
}

static void test_plans(void **state)
{
	(void)state;
	planned("SELECT * FROM app.orders WHERE id = 1;", false, NULL);
	planned("WITH x AS (SELECT 1) SELECT * FROM x -- end", false, NULL);
	planned("(VALUES (1))", false, NULL);
	planned("TABLE app.orders", false, NULL);
	planned("UPDATE app.dups SET c = 9", false, NULL);
	planned("DELETE FROM app.dups", false, NULL);
	planned("INSERT INTO app.dups VALUES (1)", false, NULL);
	planned("SELECT * FROM app.orders WHERE id = $1 AND status = $2", true, NULL);
	planned("UPDATE app.dups SET c = $1", true, NULL);
	planned("SELECT * FROM app.orders WHERE created_at > now() - interval $1", true, "written as a cast");
	planned("SELECT * FROM app.orders WHERE created_at > now() - interval $1 day", true, "written as a cast");
	planned("SELECT * FROM app.customers WHERE born = date $1 OR born < timestamp with time zone $2", true,
		"written as a cast");
	planned("SELECT extract($1 from created_at) FROM app.orders WHERE extract($2 FROM created_at) = $3", true,
		"as a call");
	planned("SELECT 1 FROM app.orders WHERE $1 IS NULL AND interval $2 > interval $3", true, "taken as text");
	planned("SELECT * FROM app.orders WHERE id IN ($1 /*, ... */) LIMIT $2", true, NULL);
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT sum(c) FROM app.dups"), "2");
}

static void test_plan_refusals(void **state)
{
	static const char *const texts[] = { "", " -- nothing", "DROP TABLE app.dups", "SELECT 1; DROP TABLE app.dups",
		"SELECT 1; UPDATE app.dups SET c = 7", "ANALYZE UPDATE app.dups SET c = 7",
		"(ANALYZE) UPDATE app.dups SET c = 7", "ANALYZE", "EXPLAIN ANALYZE UPDATE app.dups SET c = 7",
		"CREATE TABLE app.x AS SELECT 1", "CALL app.bump()", "DO $$ BEGIN UPDATE app.dups SET c = 7; END $$",
		"COPY app.dups TO STDOUT", "EXECUTE x", "SET work_mem = 1", "COMMIT",
		"/* x */ ; UPDATE app.dups SET c = 7", "select $1; update app.dups set c = 7" };
	struct so_explain plan;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct so_err err = explain(texts[i], SO_EXPLAIN_PLAN, &plan);

		if (plan.text)
			fail_msg("explained: %s", texts[i]);
		assert_true(err.kind == SO_INPUT || err.kind == SO_TARGET);
	}
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT sum(c) FROM app.dups"), "2");
	assert_true(so_conn_usable(conn));
}

static void test_positions(void **state)
{
	struct so_explain plan;
	struct so_err err = explain("SELECT '\xc3\xa4\xc3\xb6', nope FROM app.orders", SO_EXPLAIN_PLAN, &plan);

	(void)state;
	assert_string_equal(err.sqlstate, "42703");
	assert_int_equal(err.position, 15); /* bytes, not characters */
	err = explain("SELECT * FRM app.orders WHERE x = $1", SO_EXPLAIN_PLAN, &plan);
	assert_string_equal(err.sqlstate, "42601");
	assert_has(err.message, "syntax error");
}

static void test_analyze(void **state)
{
	static const char *const refused[] = { "UPDATE app.dups SET c = 7", "DELETE FROM app.dups",
		"WITH x AS (UPDATE app.dups SET c = 7 RETURNING *) SELECT * FROM x",
		"SELECT * INTO app.y FROM app.dups", "SELECT * FROM app.dups FOR UPDATE",
		"SELECT * FROM app.dups FOR SHARE", "SELECT pg_sleep(0)", "SELECT pg_terminate_backend(1)",
		"SELECT \"pg_terminate_backend\"(1)", "SELECT pg_catalog.pg_cancel_backend (1)",
		"SELECT set_config('a.b', 'c', false)", "SELECT lo_import('/etc/passwd')",
		"SELECT * FROM app.dups WHERE c = $1", "SELECT 1; UPDATE app.dups SET c = 7",
		"SELECT pg_advisory_lock(1)", "SELECT query_to_xml('x', true, true, '')", "SELECT nextval('s')",
		"SELECT pg_notify('a', 'b')", "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')",
		"SELECT x.dblink_exec('', 'drop table y')", "SELECT * FROM dblink('', 'select 1') AS t(a int)",
		"SELECT pg_reload_conf()", "SELECT pg_stat_reset()", "SELECT setval('s', 1)",
		"SELECT pg_switch_wal()" };
	struct so_explain plan;
	struct so_err err;

	(void)state;
	err = explain("SELECT count(*) FROM app.orders", SO_EXPLAIN_ANALYZE, &plan);
	assert_ok(plan.text, err);
	assert_has(plan.text, "Actual Rows");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = explain(refused[i], SO_EXPLAIN_ANALYZE, &plan);
		if (plan.text)
			fail_msg("executed: %s", refused[i]);
	}
	/* What the text does not tell, the transaction stops. */
	err = explain("SELECT app.bump()", SO_EXPLAIN_ANALYZE, &plan);
	assert_null(plan.text);
	assert_true(strcmp(err.sqlstate, "25006") == 0 || err.kind == SO_INPUT);
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT sum(c) FROM app.dups"), "2");
	assert_true(so_conn_usable(conn));
}

static void test_plan_settings(void **state)
{
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN, .settings = true, .set_local = "work_mem=77MB" };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	(void)state;
	assert_ok(pg->explain(ctx, conn, "SELECT 1", &options, &plan, &err), err);
	assert_has(plan.text, "77MB");
	options.set_local = NULL;
	assert_ok(pg->explain(ctx, conn, "SELECT 1", &options, &plan, &err), err);
	assert_has_not(plan.text, "77MB");
	options.set_local = "transaction_read_only=off";
	assert_false(pg->explain(ctx, conn, "SELECT 1", &options, &plan, &err));
	assert_kind(err, SO_FORBIDDEN);
	options.set_local = "role=owner";
	assert_false(pg->explain(ctx, conn, "SELECT 1", &options, &plan, &err));
}

static void test_write_privilege(void **state)
{
	struct so_conn *reader = connect_as(ctx, "reader", "shop");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	(void)state;
	assert_ok(pg->explain(ctx, reader,
			  "UPDATE app.orders o SET total = 1 FROM app.customers c WHERE c.id = o.customer_id AND"
			  " o.id = 5 RETURNING o.id",
			  &options, &plan, &err),
		err);
	assert_has(plan.note, "lacks UPDATE");
	assert_has(plan.text, "orders_pkey");
	assert_has_not(plan.text, "ModifyTable");
	assert_ok(pg->explain(ctx, reader, "DELETE FROM app.orders WHERE id = $1", &options, &plan, &err), err);
	assert_has(plan.note, "lacks DELETE");
	assert_true(plan.generic);
	assert_false(pg->explain(ctx, reader, "INSERT INTO app.customers (id, name) SELECT 1, note FROM app.orders",
		&options, &plan, &err));
	assert_kind(err, SO_DENIED);
	assert_string_equal(err.sqlstate, "42501");
	assert_has(err.message, "INSERT");
	err = (struct so_err)SO_ERR_INIT;
	assert_false(pg->explain(ctx, reader, "SELECT * FROM app.dups", &options, &plan, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "dups");
}

/* 400 million rows, the first one at once. */
#define ENDLESS "SELECT a.id FROM app.orders a, app.orders b"

static void test_query(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	(void)state;
	assert_ok(pg->query(ctx, conn,
			  "SELECT i, CASE WHEN i = 2 THEN NULL ELSE 't' || i END AS t, 1.5::numeric(10,2) AS n"
			  " FROM generate_series(1, 5) i",
			  100, 100000, 0, &rows, &err),
		err);
	assert_int_equal(rows.n_rows, 5);
	assert_int_equal(rows.n_columns, 3);
	assert_false(rows.truncated);
	assert_string_equal(rows.columns[1], "t");
	assert_string_equal(rows.types[0], "integer");
	assert_string_equal(rows.types[2], "numeric(10,2)");
	assert_string_equal(rows.cells[0], "1");
	assert_null(rows.cells[4]);
	assert_string_equal(rows.cells[13], "t5");
	assert_ok(pg->query(ctx, conn, ENDLESS, 10, 100000, 20000, &rows, &err), err);
	assert_true(rows.truncated);
	assert_int_equal(rows.n_rows, 10);
	assert_ok(pg->query(ctx, conn, "SELECT repeat('x', 1000) FROM generate_series(1, 100)", 1000, 5000, 0, &rows,
			  &err),
		err);
	assert_true(rows.truncated);
	assert_int_equal(rows.n_rows, 4);
	assert_ok(pg->query(ctx, conn, "SELECT 1 AS a WHERE false", 10, 100, 0, &rows, &err), err);
	assert_int_equal(rows.n_rows, 0);
	assert_string_equal(rows.columns[0], "a");
	assert_false(pg->query(ctx, conn, "DELETE FROM app.dups", 10, 100, 0, &rows, &err));
	assert_kind(err, SO_INPUT);
	assert_false(pg->query(ctx, conn, "SELECT 1; DROP TABLE app.dups", 10, 100, 0, &rows, &err));
	assert_false(pg->query(ctx, conn, "SELECT 1 / 0", 10, 100, 0, &rows, &err));
	assert_string_equal(err.sqlstate, "22012");
	assert_true(so_conn_usable(conn));
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT sum(c) FROM app.dups"), "2");
}

static struct so_result_digest digest(const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_result_digest out;

	assert_ok(pg->digest(ctx, conn, sql, 100000, 100000000, 0, &out, &err), err);
	assert_false(out.truncated);
	return out;
}

static void test_digest(void **state)
{
	struct so_result_digest a = digest("SELECT i, i::text FROM generate_series(1, 5000) i");
	struct so_result_digest b = digest("SELECT i, i::text FROM generate_series(5000, 1, -1) i");
	struct so_result_digest c = digest("SELECT i, nullif(i::text, '77') FROM generate_series(1, 5000) i");
	struct so_result_digest d, e;
	struct so_err err = SO_ERR_INIT;

	(void)state;
	assert_int_equal(a.n_rows, 5000);
	assert_true(a.n_bytes > 5000 && a.exec_us > 0);
	assert_true(a.multiset_hash == b.multiset_hash && a.list_hash != b.list_hash);
	assert_true(a.multiset_hash != c.multiset_hash);
	assert_string_equal(a.types[0], "integer");
	assert_string_equal(a.types[1], "text");
	assert_int_equal(a.n_columns, 2);
	d = digest("SELECT 'ab', 'c'");
	e = digest("SELECT 'a', 'bc'");
	assert_true(d.multiset_hash != e.multiset_hash);
	d = digest("SELECT NULL::text");
	e = digest("SELECT ''");
	assert_true(d.multiset_hash != e.multiset_hash);
	d = digest("SELECT 1 UNION ALL SELECT 1");
	e = digest("SELECT 1");
	assert_true(d.multiset_hash != e.multiset_hash && d.n_rows == 2);
	assert_int_equal(digest("SELECT 1 WHERE false").n_rows, 0);
	assert_ok(pg->digest(ctx, conn, ENDLESS, 1000, 1000000, 0, &d, &err), err);
	assert_true(d.truncated);
}

static void *cancel_later(void *arg)
{
	usleep(300 * 1000);
	pg->cancel(arg);
	return NULL;
}

static void *request_later(void *arg)
{
	usleep(300 * 1000);
	so_cancel_request(arg);
	return NULL;
}

#define SLOW "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b"

static void test_cancel(void **state)
{
	int64_t start = so_time_monotonic_us();
	struct so_cancel *token = so_cancel_new(ctx, 0);
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;
	pthread_t thread;

	(void)state;
	pg->cancel(conn); /* nothing runs: nothing happens to the next statement */
	assert_ok(pg->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err), err);
	assert_int_equal(pthread_create(&thread, NULL, cancel_later, conn), 0);
	assert_false(pg->query(ctx, conn, SLOW, 10, 1000, 60000, &rows, &err));
	pthread_join(thread, NULL);
	assert_kind(err, SO_CANCELLED);
	assert_true(so_time_monotonic_us() - start < 5000 * 1000);
	assert_true(so_conn_usable(conn));
	err = (struct so_err)SO_ERR_INIT;
	so_conn_set_cancel(conn, token);
	assert_int_equal(pthread_create(&thread, NULL, request_later, token), 0);
	assert_false(pg->query(ctx, conn, SLOW, 10, 1000, 60000, &rows, &err));
	pthread_join(thread, NULL);
	assert_kind(err, SO_CANCELLED);
	assert_false(pg->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err)); /* the job is over */
	assert_kind(err, SO_CANCELLED);
	so_conn_set_cancel(conn, NULL);
	assert_ok(pg->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err), err);
	assert_string_equal(pg_server_ask(&server, "shop",
				    "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
				    "'sqlopt' AND state <> 'idle'"),
		"0");
}

/* Not before the server is inside the function: before that a request is obeyed at once. */
static void *cancel_sleeper(void *arg)
{
	while (strcmp(pg_server_ask(
			      &server, "shop", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
		       "0") == 0)
		usleep(50 * 1000);
	pg->cancel(arg);
	return NULL;
}

/* A cancel request that has no effect (here: the server traps it) is repeated; the connection is not given up. */
static void test_deaf_server(void **state)
{
	int64_t start = so_time_monotonic_us(), took_us;
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, cancel_sleeper, conn), 0);
	assert_false(pg->query(ctx, conn, "SELECT app.deaf(4)", 10, 1000, 60000, &rows, &err));
	pthread_join(thread, NULL);
	took_us = so_time_monotonic_us() - start;
	assert_kind(err, SO_CANCELLED);
	/* five interrupts, of which one request makes one or two: the server signals the process and its group */
	assert_true(took_us > 1500 * 1000);
	assert_true(so_conn_usable(conn));
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(pg->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err), err);
}

static void test_timeouts(void **state)
{
	struct so_cancel *token = so_cancel_new(ctx, so_time_monotonic_us() + 300 * 1000);
	int64_t start = so_time_monotonic_us();
	struct so_err err = SO_ERR_INIT;
	struct so_explain_options options = { .mode = SO_EXPLAIN_ANALYZE, .timeout_ms = 200 };
	struct so_explain plan;
	struct so_rows rows;

	(void)state;
	assert_false(pg->query(ctx, conn, SLOW, 10, 1000, 200, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_string_equal(err.sqlstate, "57014");
	assert_false(pg->explain(ctx, conn, SLOW, &options, &plan, &err));
	assert_kind(err, SO_TIMEOUT);
	err = (struct so_err)SO_ERR_INIT;
	so_conn_set_cancel(conn, token); /* the deadline of the job, not of the statement */
	assert_false(pg->query(ctx, conn, SLOW, 10, 1000, 60000, &rows, &err));
	so_conn_set_cancel(conn, NULL);
	assert_kind(err, SO_TIMEOUT);
	assert_true(so_time_monotonic_us() - start < 6000 * 1000);
	assert_ok(pg->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err), err);
}

static void test_execute(void **state)
{
	static const char *const refused[] = { "", "BEGIN", "COMMIT", "SET work_mem = 1", "COPY app.dups FROM STDIN",
		"ANALYZE app.dups; DROP TABLE app.dups", "PREPARE x AS SELECT 1", "SELECT 1; SELECT 2" };
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	(void)state;
	assert_ok(pg->execute(conn, "CREATE INDEX CONCURRENTLY dups_c ON app.dups (c)", 0, 0, &err), err);
	assert_string_equal(pg_server_ask(&server, "shop",
				    "SELECT indisvalid FROM pg_index WHERE indexrelid = "
				    "'app.dups_c'::regclass"),
		"t");
	assert_false(pg->execute(conn, "CREATE UNIQUE INDEX CONCURRENTLY \"Bad One\" ON app.dups (c)", 0, 0, &err));
	assert_string_equal(err.sqlstate, "23505");
	assert_has(err.message, "the INVALID index that it left behind was dropped");
	assert_string_equal(
		pg_server_ask(&server, "shop", "SELECT count(*) FROM pg_class WHERE relname = 'Bad One'"), "0");
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(pg->execute(conn, "DROP INDEX app.dups_c", 0, 0, &err), err);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_false(pg->execute(conn, refused[i], 0, 0, &err));
	/* The session is read-only again: a function that writes is stopped. */
	err = (struct so_err)SO_ERR_INIT;
	assert_false(pg->query(ctx, conn, "SELECT app.bump()", 1, 100, 0, &rows, &err));
	assert_ok(
		pg->query(ctx, conn, "SELECT current_setting('default_transaction_read_only')", 1, 100, 0, &rows, &err),
		err);
	assert_string_equal(rows.cells[0], "on");
	assert_ok(pg->execute(conn, "CREATE TEMP TABLE scratch (a int)", 0, 0, &err), err);
	assert_ok(pg->query(ctx, conn, "SELECT * FROM scratch", 1, 100, 0, &rows, &err), err);
}

static void test_read_only_login(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *owner;

	(void)state;
	pg_server_sql(&server, "shop", "ALTER ROLE owner SET default_transaction_read_only = on");
	owner = connect_as(ctx, "owner", "shop");
	assert_false(pg->execute(owner, "CREATE INDEX owner_c ON app.dups (c)", 0, 0, &err));
	assert_kind(err, SO_FORBIDDEN);
	pg_server_sql(&server, "shop", "ALTER ROLE owner RESET default_transaction_read_only");
}

static void test_foreign_bytes(void **state)
{
	struct so_conn *ascii;
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list;
	struct so_rows rows;

	(void)state;
	pg_server_sql(&server, "postgres",
		"CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
	pg_server_sql(&server, "ascii", "CREATE EXTENSION pg_stat_statements");
	pg_server_ask(&server, "ascii", "SELECT 1 AS \"caf\xe9\"");
	ascii = connect_as(ctx, "postgres", "ascii");
	assert_ok(pg->query(ctx, ascii, "SELECT E'caf\\351'", 1, 100, 0, &rows, &err), err);
	assert_string_equal(rows.cells[0], "caf?");
	list = pg->statements(ctx, ascii, 1000, &err);
	assert_ok(list, err);
	for (size_t i = 0; i < list->count; i++)
		assert_null(strchr(list->items[i].text, '\xe9'));
	/* The view of a UTF-8 database fails on that text: told clearly, with what to run. */
	assert_null(pg->statements(ctx, conn, 10, &err));
	assert_kind(err, SO_TARGET);
	assert_has(err.message, "pg_stat_statements_reset(0, oid)");
	pg_server_sql(
		&server, "ascii", "SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = 'ascii'");
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(pg->statements(ctx, conn, 10, &err), err);
}

static void test_lock_timeout(void **state)
{
	struct so_conn *other = connect_as(ctx, "postgres", "shop");
	struct so_err err = SO_ERR_INIT;
	char sql[400];

	(void)state;
	/* A lock held by somebody else for two seconds. */
	snprintf(sql, sizeof sql,
		"(psql -qAt -h %s -p %d -U postgres shop -c 'BEGIN; LOCK app.dups; SELECT pg_sleep(2)' >/dev/null) &",
		server.dir, server.port);
	assert_int_equal(system(sql), 0);
	for (int i = 0;
		i < 100 && strcmp(pg_server_ask(&server, "shop",
					  "SELECT count(*) FROM pg_locks WHERE mode = "
					  "'AccessExclusiveLock' AND granted AND relation = 'app.dups'::regclass"),
				   "0") == 0;
		i++)
		usleep(20 * 1000);
	assert_false(pg->execute(other, "CREATE INDEX dups_c2 ON app.dups (c)", 20000, 200, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_string_equal(err.sqlstate, "55P03");
	assert_true(so_conn_usable(other));
	assert_string_equal(
		pg_server_ask(&server, "shop", "SELECT count(*) FROM pg_class WHERE relname = 'dups_c2'"), "0");
	for (int i = 0; i < 200 && strcmp(pg_server_ask(&server, "shop",
						  "SELECT count(*) FROM pg_locks WHERE relation = "
						  "'app.dups'::regclass"),
					   "0") != 0;
		i++)
		usleep(20 * 1000);
}

/* Somebody holds `seconds` long what a CREATE INDEX CONCURRENTLY waits for after it has begun. */
static void hold_rows(int seconds)
{
	char sql[400];

	snprintf(sql, sizeof sql,
		"(psql -qAt -h %s -p %d -U postgres shop -c 'BEGIN; LOCK app.dups IN ROW EXCLUSIVE MODE; "
		"SELECT pg_sleep(%d)' >/dev/null) &",
		server.dir, server.port, seconds);
	assert_int_equal(system(sql), 0);
	for (int i = 0; i < 250; i++) {
		if (strcmp(pg_server_ask(&server, "shop",
				   "SELECT count(*) FROM pg_locks WHERE mode = 'RowExclusiveLock' AND granted AND "
				   "relation = 'app.dups'::regclass"),
			    "0") != 0)
			return;
		usleep(20 * 1000);
	}
	fail_msg("the lock was never taken");
}

static void test_failed_build_is_cleaned_up(void **state)
{
	static const char build[] = "CREATE INDEX CONCURRENTLY dups_c3 ON app.dups (c)",
			  left[] = "SELECT count(*) FROM pg_class WHERE relname = 'dups_c3'";
	struct so_conn *other = connect_as(ctx, "postgres", "shop");
	struct so_err err = SO_ERR_INIT;

	(void)state;
	hold_rows(2);
	assert_false(pg->execute(other, build, 20000, 200, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_string_equal(err.sqlstate, "55P03");
	assert_has(err.message, "the INVALID index that it left behind was dropped");
	assert_string_equal(pg_server_ask(&server, "shop", left), "0");
	/* an INVALID one that was there before is not ours to drop */
	pg_server_sql(&server, "shop", "CREATE INDEX dups_c3 ON app.dups (c)");
	pg_server_sql(
		&server, "shop", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.dups_c3'::regclass");
	err = (struct so_err)SO_ERR_INIT;
	assert_false(pg->execute(other, build, 20000, 200, &err));
	assert_has(err.message, "run DROP INDEX CONCURRENTLY app.dups_c3");
	assert_string_equal(pg_server_ask(&server, "shop", left), "1");
	pg_server_sql(&server, "shop", "DROP INDEX app.dups_c3");
	assert_true(so_conn_usable(other));
	talloc_free(other);
}

static void test_text(void **state)
{
	char *note, *schema, *name;
	struct pg_text look;

	(void)state;
	pg_text_look("/* a /* b */ c */ SELECT '; UPDATE', $$ ; delete $$, \"update\" FROM t WHERE x = $12 -- ; insert",
		&look);
	assert_int_equal(look.verb, PG_VERB_READ);
	assert_false(look.many || look.empty);
	assert_int_equal(look.n_params, 12);
	pg_text_look("with a as (select 1) update t set x = 1", &look);
	assert_int_equal(look.verb, PG_VERB_UPDATE);
	pg_text_look("select E'it\\'s ; update' ; -- done", &look);
	assert_false(look.many);
	pg_text_look("with a as (delete from x returning *) select 1", &look);
	assert_int_equal(look.verb, PG_VERB_READ); /* sql/ tells that it writes */
	assert_null(pg_text_fix_params(ctx, "select x at time zone $1, y from t limit $2", 150000, &note));
	assert_string_equal(pg_text_fix_params(ctx, "select interval $1 day, extract ( $2 FROM x )", 130000, &note),
		"select $1::interval day, pg_catalog.date_part($2::text, x )");
	assert_string_equal(
		pg_text_select_form(
			ctx, "UPDATE ONLY a AS x SET b = (SELECT 1 WHERE true), c = 2 WHERE x.d = 3 RETURNING *;"),
		"SELECT * FROM ONLY a AS x WHERE x.d = 3");
	assert_string_equal(pg_text_select_form(ctx, "with q as (select 1) DELETE FROM a USING b, c WHERE a.i = b.i"),
		"with q as (select 1) SELECT * FROM a, b, c WHERE a.i = b.i");
	assert_string_equal(pg_text_select_form(ctx, "DELETE FROM a"), "SELECT * FROM a");
	assert_null(pg_text_select_form(ctx, "UPDATE a SET b = 1 WHERE CURRENT OF cur"));
	assert_null(pg_text_select_form(ctx, "SELECT 1"));
	assert_true(pg_text_name(ctx, "Foo.\"B\"\"ar\"", &schema, &name));
	assert_string_equal(schema, "foo");
	assert_string_equal(name, "B\"ar");
	assert_false(pg_text_name(ctx, "a.b.c", &schema, &name));
	assert_false(pg_text_name(ctx, "", &schema, &name));
	assert_false(pg_text_name(ctx, "a;b", &schema, &name));
}

int pg_run_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_plan_refusals),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_analyze),
		cmocka_unit_test(test_plan_settings),
		cmocka_unit_test(test_write_privilege),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_deaf_server),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_execute),
		cmocka_unit_test(test_read_only_login),
		cmocka_unit_test(test_foreign_bytes),
		cmocka_unit_test(test_lock_timeout),
		cmocka_unit_test(test_failed_build_is_cleaned_up),
	};

	return cmocka_run_group_tests_name("run", tests, setup, teardown);
}
