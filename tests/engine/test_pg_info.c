/* The check list with exact remedies, statements, and what-if, for logins with few and many privileges. */
#include "common.h"
#include "pg_tests.h"

#include "base/buf.h"

static const struct so_engine_info *info_of(struct so_conn *conn)
{
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = pg->info(conn, &err);

	assert_ok(info, err);
	assert_ptr_equal(info, pg->info(conn, &err)); /* asked once */
	return info;
}

static void test_superuser(void **state)
{
	struct so_conn *conn = connect_as(NULL, "postgres", "shop");
	const struct so_engine_info *info = info_of(conn);

	(void)state;
	assert_true(info->superuser);
	assert_false(info->in_recovery || info->pooled);
	assert_string_equal(info->version, pg_server_ask(&server, "postgres", "SHOW server_version"));
	assert_string_equal(info->flavor, "postgresql");
	assert_string_equal(info->database, "shop");
	assert_non_null(info->system_id);
	assert_string_equal(info->statements_schema, "Stats X");
	assert_string_equal(info->what_if_schema, "hypo");
	assert_int_equal(info->caps, SO_CAP_STATEMENTS | SO_CAP_WHAT_IF | SO_CAP_GENERIC_PLAN | SO_CAP_ANALYZE |
					     SO_CAP_SESSION_STATE | SO_CAP_WRITABLE | SO_CAP_STATS);
	for (size_t i = 0; i < info->n_checks; i++)
		if (!info->checks[i].ok)
			fail_msg("%s: %s", info->checks[i].id, info->checks[i].detail);
	talloc_free(conn);
}

static void test_reader(void **state)
{
	struct so_conn *conn = connect_as(NULL, "reader", "shop");
	const struct so_engine_info *info = info_of(conn);
	const struct so_check *check;

	(void)state;
	assert_false(info->superuser);
	check = check_of(info, "statistics"); /* the schema of the extension is closed */
	assert_false(check->ok);
	assert_string_equal(check->remedy, "GRANT USAGE ON SCHEMA \"Stats X\" TO \"reader\";");
	assert_false(info->caps & SO_CAP_STATEMENTS);
	check = check_of(info, "read");
	assert_false(check->ok);
	assert_has(check->remedy, "GRANT pg_read_all_data TO \"reader\";");
	assert_has(check->remedy, "GRANT USAGE ON SCHEMA \"Mixed Case\" TO \"reader\"; "
				  "GRANT SELECT ON ALL TABLES IN SCHEMA \"Mixed Case\" TO \"reader\";");
	assert_has(check->detail, "row security filters");
	assert_true(check_of(info, "what_if")->ok);
	talloc_free(conn);

	/* The remedy, run word for word, is the remedy. */
	pg_server_sql(&server, "shop", "GRANT USAGE ON SCHEMA \"Stats X\" TO \"reader\";");
	conn = connect_as(NULL, "reader", "shop");
	info = info_of(conn);
	assert_true(check_of(info, "statistics")->ok);
	assert_true(info->caps & SO_CAP_STATEMENTS);
	check = check_of(info, "privileges");
	assert_false(check->ok);
	assert_string_equal(check->remedy, "GRANT pg_monitor TO \"reader\";");
	assert_has(check->detail, "hidden");
	talloc_free(conn);
}

static void test_watcher(void **state)
{
	struct so_conn *conn;

	(void)state;
	pg_server_sql(&server, "shop", "GRANT USAGE ON SCHEMA \"Stats X\" TO watcher");
	conn = connect_as(NULL, "watcher", "shop");
	assert_true(check_of(info_of(conn), "privileges")->ok);
	assert_false(check_of(info_of(conn), "read")->ok);
	talloc_free(conn);
}

static void test_bare(void **state)
{
	struct so_conn *conn = connect_as(NULL, "watcher", "bare");
	const struct so_engine_info *info = info_of(conn);
	struct so_err err = SO_ERR_INIT;

	(void)state;
	assert_false(check_of(info, "statistics")->ok);
	assert_has(check_of(info, "statistics")->remedy, "CREATE EXTENSION pg_stat_statements;");
	assert_has_not(check_of(info, "statistics")->remedy, "shared_preload_libraries"); /* it is loaded */
	assert_false(check_of(info, "what_if")->ok);
	assert_has(check_of(info, "what_if")->remedy, "CREATE EXTENSION hypopg;");
	assert_true(info->caps & SO_CAP_WHAT_IF_AVAILABLE);
	assert_false(info->caps & (SO_CAP_WHAT_IF | SO_CAP_STATEMENTS));
	assert_null(pg->statements(NULL, conn, 10, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_false(pg->what_if_begin(conn, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_has(err.message, "CREATE EXTENSION hypopg");
	talloc_free(conn);
	conn = connect_as(NULL, "reader", "bare"); /* who cannot see the setting, but that it is loaded */
	assert_has_not(check_of(info_of(conn), "statistics")->remedy, "shared_preload_libraries");
	talloc_free(conn);
}

static const struct so_query *query_like(const struct so_query_list *list, const char *part)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].text && strstr(list->items[i].text, part))
			return &list->items[i];
	return NULL;
}

static void test_statements(void **state)
{
	struct so_conn *conn = connect_as(NULL, "postgres", "shop");
	struct so_err err = SO_ERR_INIT;
	const struct so_query *query;
	struct so_query_list *list;

	(void)state;
	pg_server_sql(&server, "shop", "SELECT \"Stats X\".pg_stat_statements_reset()");
	for (int i = 0; i < 3; i++)
		pg_server_ask(&server, "shop", "SELECT /* probe */ count(*) FROM app.orders WHERE total > 5");
	pg_server_ask(&server, "shop", "SELECT '/* sqlopt */ not ours', 'x'");
	info_of(conn);
	list = pg->statements(NULL, conn, 100, &err);
	assert_ok(list, err);
	query = query_like(list, "/* probe */");
	assert_non_null(query);
	assert_has(query->text, "total > $1");
	assert_int_equal(query->counters.calls, 3);
	assert_int_equal(query->counters.rows, 3);
	assert_true(query->counters.exec_us > 0 && query->counters.min_us <= query->counters.max_us);
	assert_true(query->counters.shared_hit + query->counters.shared_read > 0);
	assert_string_equal(query->user, "postgres");
	assert_string_equal(query->database, "shop");
	assert_true(strtoll(query->engine_id, NULL, 10) != 0);
	for (size_t i = 0; i < list->count; i++)
		assert_true(strncmp(list->items[i].text, "/* sqlopt", 9) != 0);
	assert_true(list->stats_reset_us > 0 && list->deallocated == 0 && list->hidden == 0);
	talloc_free(list);
	list = pg->statements(NULL, conn, 1, &err);
	assert_ok(list, err);
	assert_int_equal(list->count, 1);
	talloc_free(list);
	talloc_free(conn);

	conn = connect_as(NULL, "reader", "shop"); /* sees that there are others, not what */
	list = pg->statements(NULL, conn, 100, &err);
	assert_ok(list, err);
	assert_true(list->hidden > 0);
	assert_null(query_like(list, "probe"));
	assert_null(query_like(list, "insufficient privilege"));
	talloc_free(list);
	talloc_free(conn);
}

static void test_long_text(void **state)
{
	struct so_conn *conn = connect_as(NULL, "postgres", "shop");
	struct so_err err = SO_ERR_INIT;
	const struct so_query *query;
	struct so_query_list *list;
	struct so_buf sql;

	(void)state;
	so_buf_init(&sql, NULL, 100000);
	so_buf_adds(&sql, "SELECT /* long */ 1");
	for (int i = 0; i < 2000; i++)
		so_buf_adds(&sql, " + id /*\xc3\xa4*/");
	so_buf_adds(&sql, " FROM app.secret");
	pg_server_sql(&server, "shop", so_buf_text(&sql));
	list = pg->statements(NULL, conn, 1000, &err);
	assert_ok(list, err);
	query = query_like(list, "/* long */");
	assert_non_null(query);
	assert_true(query->truncated);
	assert_true(strlen(query->text) <= 16384 && strlen(query->text) > 16380);
	talloc_free(list);
	talloc_free(conn);
	talloc_free(sql.data);
}

static bool plan_uses(struct so_conn *conn, const char *sql, const char *index)
{
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;
	bool uses;

	assert_ok(pg->explain(NULL, conn, sql, &options, &plan, &err), err);
	uses = strstr(plan.text, index) != NULL;
	talloc_free(plan.text);
	return uses;
}

static void test_what_if(void **state)
{
	static const char *const ddl[] = { "CREATE INDEX ON app.orders (customer_id, status)",
		"CREATE INDEX ON app.orders USING gin (payload)", "CREATE INDEX ON app.orders (nope)",
		"CREATE INDEX CONCURRENTLY x ON app.orders (total)", "DROP TABLE app.dups",
		"CREATE INDEX ON app.orders (id); CREATE INDEX ON app.orders (note)", "" };
	static const char sql[] = "SELECT * FROM app.orders WHERE customer_id = 77";
	struct so_conn *conn = connect_as(NULL, "reader", "shop");
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_hypo_index out[7];

	(void)state;
	assert_false(pg->what_if_add(ctx, conn, ddl, 1, out, &err));
	assert_kind(err, SO_CONFLICT);
	assert_ok(pg->what_if_begin(conn, &err), err);
	assert_false(pg->what_if_begin(conn, &err));
	assert_ok(pg->what_if_add(ctx, conn, ddl, 7, out, &err), err);
	assert_true(out[0].id && out[0].size_bytes > 8192 && !out[0].refusal);
	assert_has(out[0].name, "btree_");
	assert_true(!out[1].id && out[1].size_bytes == -1);
	assert_has(out[1].refusal, "gin");
	assert_has(out[2].refusal, "nope");
	assert_true(out[3].id);
	assert_has(out[4].refusal, "CREATE INDEX");
	assert_has(out[5].refusal, "more than one statement");
	assert_non_null(out[6].refusal);
	assert_true(plan_uses(conn, sql, out[0].name));
	/* The attempts before the refusals left nothing behind: dropping the two known ones leaves none. */
	assert_ok(pg->what_if_drop(conn, &out[0].id, 1, &err), err);
	assert_false(plan_uses(conn, sql, "btree_"));
	assert_ok(pg->what_if_add(ctx, conn, ddl, 1, out, &err), err);
	assert_true(plan_uses(conn, sql, out[0].name));
	assert_ok(pg->what_if_drop(conn, NULL, 0, &err), err);
	assert_false(plan_uses(conn, sql, "btree_"));
	assert_ok(pg->what_if_add(ctx, conn, ddl, 1, out, &err), err);
	pg->what_if_end(conn);
	assert_false(plan_uses(conn, sql, "btree_"));
	pg->what_if_end(conn); /* harmless */
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT count(*) FROM pg_class WHERE relname = 'x'"), "0");
	assert_true(so_conn_usable(conn));
	talloc_free(ctx);
	talloc_free(conn);
}

int pg_info_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_superuser),
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_watcher),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_what_if),
	};

	return cmocka_run_group_tests_name("info", tests, NULL, NULL);
}
