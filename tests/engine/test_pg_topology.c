/* Behind a transaction pooler, and on a hot standby. */
#include <unistd.h>

#include "common.h"
#include "pg_tests.h"

#define PLAN_SQL "SELECT * FROM orders WHERE customer_id = 77"

static TALLOC_CTX *ctx;

static int setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

static struct so_conn *pooled(const char *path)
{
	struct so_conn_params params = { .host = "127.0.0.1",
		.port = server.pooler_port,
		.username = "postgres",
		.database = "shop",
		.search_path = path,
		.tls = SO_TLS_PREFER };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = pg->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

static bool uses(struct so_conn *conn, const char *sql, const char *part)
{
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	assert_ok(pg->explain(ctx, conn, sql, &options, &plan, &err), err);
	return strstr(plan.text, part) != NULL;
}

static void test_pooler_info(void **state)
{
	struct so_conn *conn = pooled("app");
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = pg->info(conn, &err);
	const char *names[] = { "orders" };
	struct so_catalog *catalog;
	struct so_rows rows;

	(void)state;
	assert_ok(info, err);
	assert_true(info->pooled);
	assert_false(info->caps & SO_CAP_SESSION_STATE);
	if (!check_of(info, "statistics")->ok)
		fail_msg("%s", check_of(info, "statistics")->detail);
	assert_false(check_of(info, "pooler")->ok);
	assert_false(check_of(info, "pooler")->required);
	assert_has(check_of(info, "pooler")->remedy, "instead of the pooler");
	catalog = pg->catalog(ctx, conn, names, 1, NULL, 0, &err);
	assert_ok(catalog, err);
	assert_non_null(so_catalog_table(catalog, "app", "orders"));
	assert_ok(pg->statements(ctx, conn, 10, &err), err);
	/* Each task brings its settings along, and leaves none. */
	for (int i = 0; i < 4; i++) {
		assert_ok(pg->query(ctx, conn,
				  "SELECT current_setting('search_path'), current_setting('transaction_read_only'),"
				  " current_setting('statement_timeout'), current_setting('lock_timeout')",
				  1, 1000, 1234, &rows, &err),
			err);
		assert_string_equal(rows.cells[0], "app");
		assert_string_equal(rows.cells[1], "on");
		assert_string_equal(rows.cells[2], "1234ms");
		assert_string_equal(rows.cells[3], "2s");
	}
	assert_false(pg->execute(conn, "CREATE INDEX CONCURRENTLY nope ON dups (c)", 0, 0, &err));
	assert_kind(err, SO_UNSUPPORTED);
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(pg->execute(conn, "CREATE INDEX pooled_c ON dups (c)", 0, 0, &err), err);
	assert_ok(pg->execute(conn, "DROP INDEX pooled_c", 0, 0, &err), err);
	assert_false(pg->query(ctx, conn, "SELECT bump()", 1, 100, 0, &rows, &err));
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT sum(c) FROM app.dups"), "2");
}

static void test_pooler_what_if(void **state)
{
	static const char *const ddl[] = { "CREATE INDEX ON orders (customer_id)",
		"CREATE INDEX ON orders USING gin (payload)" };
	struct so_conn *a = pooled("app"), *b = pooled("app");
	struct so_hypo_index out[2];
	struct so_err err = SO_ERR_INIT;
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_explain plan;

	(void)state;
	assert_ok(pg->what_if_begin(a, &err), err);
	assert_ok(pg->what_if_add(ctx, a, ddl, 2, out, &err), err);
	assert_true(out[0].id && !out[1].id);
	for (int i = 0; i < 4; i++) { /* another client of the pool in between */
		assert_true(uses(a, PLAN_SQL, out[0].name));
		assert_false(uses(b, PLAN_SQL, "btree_"));
	}
	assert_false(pg->explain(ctx, a, "SELECT nope", &options, &plan, &err)); /* does not end the session */
	assert_true(uses(a, PLAN_SQL, out[0].name));
	assert_true(uses(a, "SELECT * FROM orders WHERE customer_id = $1", out[0].name));
	assert_ok(pg->what_if_drop(a, NULL, 0, &err), err);
	assert_false(uses(a, PLAN_SQL, "btree_"));
	assert_ok(pg->what_if_add(ctx, a, ddl, 1, out, &err), err);
	pg->what_if_end(a);
	for (int i = 0; i < 8; i++) { /* whichever server process the pool gives us, it is clean */
		assert_false(uses(a, PLAN_SQL, "btree_"));
		assert_false(uses(b, PLAN_SQL, "btree_"));
	}
	assert_true(so_conn_usable(a) && so_conn_usable(b));
}

static void test_pooler_prepared(void **state)
{
	struct so_conn *conn = pooled("app");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;
	struct so_rows rows;

	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_true(uses(conn, "SELECT * FROM orders WHERE id = $1", "orders_pkey"));
		assert_false(pg->explain(ctx, conn, "SELECT nope FROM orders WHERE id = $1", &options, &plan, &err));
	}
	for (int i = 0; i < 6; i++) {
		assert_ok(pg->query(ctx, conn, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'sqlopt%'",
				  1, 100, 0, &rows, &err),
			err);
		assert_string_equal(rows.cells[0], "0");
	}
}

static void test_standby(void **state)
{
	struct so_conn_params params = {
		.host = server.dir, .username = "postgres", .database = "shop", .search_path = "app"
	};
	static const char *const ddl[] = { "CREATE INDEX ON orders (customer_id)" };
	const char *names[] = { "orders" };
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info;
	struct so_hypo_index out[1];
	struct so_rows rows;
	struct so_conn *conn = NULL;

	(void)state;
	assert_true(pg_server_replica(&server));
	params.port = server.replica_port;
	for (int i = 0; i < 100 && !conn; i++) { /* it may still be catching up */
		conn = pg->open(ctx, &params, NULL, &err);
		if (!conn)
			usleep(100 * 1000);
	}
	assert_ok(conn, err);
	info = pg->info(conn, &err);
	assert_ok(info, err);
	assert_true(info->in_recovery);
	assert_false(info->caps & SO_CAP_WRITABLE);
	assert_has(check_of(info, "read_only")->detail, "hot standby");
	assert_ok(pg->catalog(ctx, conn, names, 1, NULL, 0, &err), err);
	assert_ok(pg->statements(ctx, conn, 10, &err), err);
	assert_ok(pg->query(ctx, conn, "SELECT count(*) FROM orders", 1, 100, 0, &rows, &err), err);
	assert_string_equal(rows.cells[0], "20000");
	assert_true(uses(conn, "SELECT * FROM orders WHERE id = $1", "orders_pkey"));
	assert_ok(pg->what_if_begin(conn, &err), err);
	assert_ok(pg->what_if_add(ctx, conn, ddl, 1, out, &err), err);
	assert_true(out[0].id && uses(conn, PLAN_SQL, out[0].name));
	pg->what_if_end(conn);
	assert_false(pg->execute(conn, "CREATE INDEX nope ON dups (c)", 0, 0, &err));
	assert_string_equal(err.sqlstate, "25006");
	assert_true(so_conn_usable(conn));
}

int pg_topology_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pooler_info),
		cmocka_unit_test(test_pooler_what_if),
		cmocka_unit_test(test_pooler_prepared),
		cmocka_unit_test(test_standby),
	};

	return cmocka_run_group_tests_name("topology", tests, setup, teardown);
}
