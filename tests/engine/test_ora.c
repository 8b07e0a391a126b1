/* The Oracle driver against the double of its client library: what is sent, what is made of the answers, and what goes
 * wrong. */
#include <math.h>
#include <unistd.h>

#include "common.h"
#include "ora_tests.h"

static const struct so_engine *oracle;

static struct so_conn_params params_of(const char *user)
{
	return (struct so_conn_params){ .engine = "oracle",
		.host = "127.0.0.1",
		.database = "shop",
		.username = user,
		.password = "pw",
		.tls = SO_TLS_PREFER };
}

static struct so_conn *open_as(TALLOC_CTX *ctx, const char *user)
{
	struct so_conn_params params = params_of(user);
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = oracle->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	ora_client_forget();
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void test_failed_logins(void **state)
{
	struct so_conn_params params = params_of("MONITOR");
	struct so_err err = SO_ERR_INIT;
	int64_t start_us = so_time_monotonic_us();

	params.password = "wrong";
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "ORA-01017");
	params = params_of("MONITOR");
	params.database = "nowhere";
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "ORA-12514");
	params = params_of("MONITOR");
	params.host = "down";
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "down:1521");
	params.host = "silent";
	params.connect_timeout_ms = 700;
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "700 ms");
	assert_true(so_time_monotonic_us() - start_us < 6000 * 1000);
}

static void test_bad_parameters(void **state)
{
	static const struct {
		const char *dsn, *word;
	} cases[] = {
		{ "mssql://x", "oracle://" },
		{ "oracle://u:p@h:99999/s", "port" },
		{ "oracle://u:%zz@h/s", "escape" },
		{ "oracle://u:p@h/s?colour=blue", "colour" },
		{ "oracle://u:p@h:1521", "service name" },
		{ "oracle://u:p@h)(x/s", "host" },
		{ "oracle://u:p@a b", "alias" },
	};
	struct so_conn_params params = params_of("MONITOR");
	struct so_err err = SO_ERR_INIT;

	params.search_path = "a, b";
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_INPUT);
	params = params_of("MONITOR");
	params.tls_ca = "/ca.pem";
	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_has(err.message, "wallet");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		params = (struct so_conn_params){ .dsn = cases[i].dsn, .tls = SO_TLS_PREFER };
		err = (struct so_err)SO_ERR_INIT;
		assert_null(oracle->open(*state, &params, NULL, &err));
		assert_kind(err, SO_INPUT);
		assert_has(err.message, cases[i].word);
	}
}

static void test_places(void **state)
{
	struct so_conn_params params = { .dsn = "oracle://moni%74or:p%40ss@db.example:1522/sales",
		.tls = SO_TLS_PREFER };
	struct so_err err = SO_ERR_INIT;

	assert_ok(oracle->open(*state, &params, NULL, &err), err);
	assert_true(ora_client_saw("(PROTOCOL=TCP)(HOST=db.example)(PORT=1522))(CONNECT_DATA=(SERVICE_NAME=sales))"));
	assert_true(ora_client_saw("LOGIN monitor"));
	params.dsn = "oracle://u:p@h?sid=ORCL";
	assert_ok(oracle->open(*state, &params, NULL, &err), err);
	assert_true(ora_client_saw("(SID=ORCL)"));
	params.dsn = "oracle://u:p@sales_alias";
	assert_ok(oracle->open(*state, &params, NULL, &err), err);
	assert_true(ora_client_saw("ATTACH sales_alias"));
	params = params_of("MONITOR");
	params.database = "sid:ORCL2";
	params.tls = SO_TLS_VERIFY_FULL;
	params.search_path = "app";
	assert_ok(oracle->open(*state, &params, NULL, &err), err);
	assert_true(ora_client_saw("(PROTOCOL=TCPS)") && ora_client_saw("(SID=ORCL2)") &&
		    ora_client_saw("SSL_SERVER_DN_MATCH=YES"));
	assert_true(ora_client_saw("SET CURRENT_SCHEMA = \"APP\""));
}

static void test_info(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = oracle->info(conn, &err);

	assert_ok(info, err);
	assert_string_equal(info->flavor, "oracle");
	assert_int_equal(info->version_num, 190000);
	assert_true((info->caps & SO_CAP_STATEMENTS) && (info->caps & SO_CAP_WRITABLE));
	assert_true(check_of(info, "tls")->ok && check_of(info, "read")->ok);
	conn = open_as(*state, "WEAK");
	info = oracle->info(conn, &err);
	assert_ok(info, err);
	assert_false(info->caps & SO_CAP_STATEMENTS);
	assert_has(check_of(info, "statistics")->remedy, "GRANT SELECT ON V_$SQLSTATS TO \"WEAK\";");
	assert_has(check_of(info, "read")->remedy, "GRANT READ ANY TABLE TO \"WEAK\";");
	assert_false(check_of(info, "tls")->ok);
	assert_null(oracle->statements(*state, conn, 10, &err));
	assert_kind(err, SO_UNSUPPORTED);
}

/* What would cost a licence is never named. */
static void test_no_licensed_views(void **state)
{
	static const char *const licensed[] = { "DBA_HIST", "dba_hist", "active_session_history",
		"ACTIVE_SESSION_HISTORY", "sql_monitor", "SQL_MONITOR", "SQLTUNE", "dbms_sqltune", "dbms_workload" };

	(void)state;
	for (const struct so_engine_sql *sql = oracle->sql; sql->text; sql++)
		for (size_t i = 0; i < sizeof licensed / sizeof licensed[0]; i++)
			assert_has_not(sql->text, licensed[i]);
}

/* One waits for the other, which only holds a transaction open. */
static void test_activity(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_activity *a = oracle->activity(*state, conn, NULL, 0, 10, &err);

	assert_ok(a, err);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->items[0].state, SO_SESSION_WAITING);
	assert_int_equal(a->items[0].blocked_by, a->items[1].id);
	assert_non_null(a->items[0].wait);
	assert_string_equal(a->items[0].application, "shop-web");
	assert_true(a->items[0].query_us >= 2000000 && !a->items[0].truncated);
	assert_int_equal(a->items[1].state, SO_SESSION_IN_TRANSACTION);
	assert_null(a->items[1].wait);
	assert_int_equal(a->items[1].blocked_by, 0);
	a = oracle->activity(*state, conn, NULL, 0, 1, &err);
	assert_ok(a, err);
	assert_true(a->count == 1 && a->truncated);
}

static void test_statements(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list = oracle->statements(*state, conn, 200, &err);

	assert_ok(list, err);
	assert_int_equal(list->count, 2);
	assert_string_equal(list->items[0].engine_id, "7h35uxf5uhmm1");
	assert_has(list->items[0].text, "/* ünï */");
	assert_int_equal(list->items[0].counters.calls, 42);
	assert_int_equal(list->items[0].counters.exec_us, 91234567);
	assert_int_equal(list->items[0].counters.shared_hit, 1200000);
	assert_true(!list->items[0].truncated && list->items[1].truncated);
}

static void test_counters(void **state)
{
	const char *ids[] = { "0w2qpuc6u2zsp", "x') --", "7h35uxf5uhmm1", "gone000000000" };
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_reading *reading = oracle->counters(*state, conn, NULL, 0, 20000, &err);
	struct so_statement_text texts[4];

	assert_ok(reading, err);
	assert_true(!reading->summed && reading->complete);
	assert_int_equal(reading->count, 2);
	assert_has(reading->server_uid, "/shop1"); /* each instance has counters of its own */
	assert_int_equal(reading->rows[0].counters[SO_COUNT_CALLS], 42);
	assert_int_equal(reading->rows[0].counters[SO_COUNT_SHARED_HIT], 1200000);
	assert_null(reading->rows[0].text);
	assert_ok(oracle->texts(*state, conn, ids, 4, texts, &err), err);
	assert_has(texts[2].text, "/* ünï */");
	assert_true(texts[0].text && texts[0].truncated && !texts[2].truncated);
	assert_true(!texts[1].text && !texts[3].text);
	assert_ok(oracle->texts(*state, conn, &ids[1], 1, texts, &err), err);
	assert_null(texts[0].text);
}

/* What a statement was called with: the binds by position and name, as literals; no half of it, nothing else. */
static void test_samples(void **state)
{
	const char *ids[] = { "7h35uxf5uhmm1", "9d1q4p6xfj0mk", "b000000000005", "b000000000001", "b000000000002",
		"b000000000003", "b000000000004", "x') --" };
	static const char *const values[] = { "'O''Brien'", "TO_DATE('2026-11-01 08:30:00', 'YYYY-MM-DD HH24:MI:SS')",
		"TIMESTAMP '2026-11-01 08:30:00.123456000'", "'O''Brien'", "-1.5E-3", "NULL", "N'ünï'" };
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_sample out[8];

	assert_ok(oracle->samples(*state, conn, ids, 8, out, &err), err);
	assert_has(out[0].text, "WHERE user_id = :1");
	assert_true(out[0].n_values == 1 && strcmp(out[0].values[0], "42") == 0);
	assert_int_equal(out[1].n_values, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(out[1].values[i], values[i]);
	assert_true(out[2].n_values == 0 && strstr(out[2].text, "'whole'"));
	/* not captured, of another name, no number, a date without a century, no id */
	for (size_t i = 3; i < 8; i++)
		assert_true(!out[i].text && out[i].n_values == 0);
	assert_true(check_of(oracle->info(conn, &err), "samples")->ok);
	conn = open_as(*state, "WEAK");
	assert_ok(oracle->samples(*state, conn, ids, 1, out, &err), err);
	assert_null(out[0].text);
	assert_string_equal(check_of(oracle->info(conn, &err), "samples")->remedy,
		"GRANT SELECT ON V_$SQL_BIND_CAPTURE TO \"WEAK\";");
}

static void test_catalog(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	const char *names[] = { "orders", "\"no such\".x", "no_such_table" };
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *catalog = oracle->catalog(*state, conn, names, 3, NULL, 0, &err);
	const struct so_table *orders, *users;
	char *ddl;

	assert_ok(catalog, err);
	assert_int_equal(catalog->n_tables, 2); /* and what its foreign key refers to */
	assert_true(catalog->n_search_path == 2 && strcmp(catalog->search_path[1], "REF") == 0);
	orders = so_catalog_table(catalog, NULL, "ORDERS");
	users = so_catalog_table(catalog, "APP", "USERS");
	assert_true(orders && users && orders->rows == 600000 && orders->mods_since_analyze == 1200);
	assert_string_equal(orders->columns[0].type, "NUMBER(18,0)");
	assert_int_equal(orders->columns[0].type_class, SO_TYPE_INT);
	assert_int_equal(orders->columns[2].type_class, SO_TYPE_NUMERIC);
	assert_string_equal(orders->columns[3].type, "VARCHAR2(20 CHAR)");
	assert_string_equal(users->columns[1].type, "VARCHAR2(400)");
	assert_string_equal(orders->columns[4].name, "Created At");
	assert_true(fabs(orders->columns[3].null_frac - 0.1) < 1e-9 && orders->columns[3].n_distinct == 2);
	assert_true(orders->columns[3].n_common == 2 &&
		    fabs(orders->columns[3].common_freqs[0] - 5000.0 / 5400 * 0.9) < 1e-9);
	assert_false(orders->columns[4].has_stats);
	assert_int_equal(orders->n_indexes, 4);
	/* a descending key of a column, the text of an expression, and one that is not readable */
	assert_string_equal(orders->indexes[1].definition,
		"CREATE INDEX \"APP\".\"IX_STATUS\" ON \"APP\".\"ORDERS\" (\"STATUS\", \"Created At\" DESC)");
	assert_true(orders->indexes[1].keys[1].column == 4 && orders->indexes[1].keys[1].desc);
	assert_string_equal(orders->indexes[3].definition,
		"CREATE INDEX \"APP\".\"IX_UPPER\" ON \"APP\".\"ORDERS\" (UPPER(\"STATUS\"), \"TOTAL\", (expression))");
	assert_true(orders->indexes[0].primary && orders->indexes[0].scans == 77 && orders->indexes[1].scans == 0);
	assert_false(orders->indexes[2].valid);
	assert_true(orders->n_keys == 1 && orders->keys[0].kind == SO_KEY_PRIMARY && !orders->keys[0].deferrable);
	assert_true(users->keys[0].deferrable);
	assert_true(orders->n_fkeys == 1 && orders->fkeys[0].validated && orders->fkeys[0].on_delete == 'c');
	assert_null(so_catalog_table(catalog, NULL, "NO_SUCH_TABLE"));
	ddl = oracle->ddl(*state, conn, orders, &err);
	assert_ok(ddl, err);
	assert_has(ddl, "CONSTRAINT \"FK_USER\" FOREIGN KEY (\"USER_ID\") REFERENCES \"APP\".\"USERS\" (\"ID\") ON "
			"DELETE CASCADE");
	assert_true(ora_client_saw("('APP', 'ORDERS')") && ora_client_saw("('PUBLIC', 'ORDERS')") &&
		    ora_client_saw("('no such', 'X')"));
}

static void test_plans(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	assert_ok(
		oracle->explain(*state, conn, "SELECT id FROM orders WHERE user_id = 42", &options, &plan, &err), err);
	assert_string_equal(plan.format, "oracle-rows");
	assert_has(plan.text, "\"OPERATION\":\"TABLE ACCESS\",\"OPTIONS\":\"FULL\"");
	assert_has(plan.text, "\"CARDINALITY\":12");
	assert_has(plan.text, "\"FILTER_PREDICATES\":\"\\\"USER_ID\\\"=42\"");
	assert_true(ora_client_saw("EXPLAIN PLAN SET STATEMENT_ID = 'sqlopt_1' FOR SELECT id") &&
		    ora_client_saw("ROLLBACK"));
	assert_ok(oracle->explain(*state, conn, "DELETE FROM orders WHERE user_id = :u", &options, &plan, &err), err);
	assert_true(plan.generic && plan.note);
	options.mode = SO_EXPLAIN_ANALYZE;
	assert_ok(oracle->explain(*state, conn, "SELECT id FROM orders", &options, &plan, &err), err);
	assert_has(plan.text, "\"LAST_OUTPUT_ROWS\":12");
	assert_true(ora_client_saw("SET TRANSACTION READ ONLY") && ora_client_saw("STATISTICS_LEVEL = TYPICAL"));
	ora_client_forget();
	assert_false(oracle->explain(*state, conn, "DELETE FROM orders", &options, &plan, &err));
	assert_kind(err, SO_INPUT);
	assert_false(ora_client_saw("EXECUTE"));
}

static void test_values(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	assert_ok(
		oracle->query(*state, conn, "SELECT t.t, t.n, t.d FROM long_text t", 10, 100000, 0, &rows, &err), err);
	assert_int_equal(rows.n_rows, 2);
	assert_string_equal(rows.cells[0], "first line\nünï € 𝄞");
	assert_string_equal(rows.cells[2], "-12.50");
	assert_true(!rows.cells[3] && !rows.cells[4] && !rows.cells[5]);
	assert_string_equal(rows.types[0], "VARCHAR2(4000)");
	assert_string_equal(rows.types[2], "NUMBER");
}

/* What is no pure read is never sent, whatever it looks like. */
static void test_only_reads_are_executed(void **state)
{
	static const char *const refused[] = { "UPDATE orders SET total = 0", "SELECT * FROM orders FOR UPDATE",
		"BEGIN cleanup; END;", "SELECT o.id FROM orders o; DROP TABLE orders",
		"SELECT app_pkg.do_it(o.id) FROM orders o", "SELECT seq.NEXTVAL FROM dual",
		"SELECT o.id FROM orders o WHERE o.user_id = :u", "" };
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	ora_client_forget();
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = (struct so_err)SO_ERR_INIT;
		assert_false(oracle->query(*state, conn, refused[i], 10, 1000, 0, &rows, &err));
		assert_kind(err, SO_INPUT);
	}
	assert_false(ora_client_saw("EXECUTE"));
}

static void test_errors(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	assert_false(oracle->query(*state, conn, "SELECT t.id FROM locked_table t", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_false(oracle->query(*state, conn, "SELECT t.id FROM bad_value t", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_TARGET);
	assert_has_not(err.message, "secret");
	assert_false(oracle->query(*state, conn, "SELECT t.id FROM unknown_to_the_double t", 10, 1000, 0, &rows, &err));
	assert_has(err.message, "ORA-00942");
	assert_true(so_conn_usable(conn));
	assert_false(oracle->query(*state, conn, "SELECT t.id FROM drop_me t", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_false(so_conn_usable(conn));
}

/* A client that ignores the break: the connection is given up after the grace time, nobody hangs. */
static void test_deaf_client(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	int64_t start_us = so_time_monotonic_us();
	struct so_rows rows;

	assert_false(oracle->query(*state, conn, "SELECT t.n FROM deaf_one t", 10, 1000, 300, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_true(so_time_monotonic_us() - start_us < 20 * (int64_t)1000000);
	assert_false(so_conn_usable(conn));
	usleep(2500 * 1000); /* the call comes back at last, and frees what only it still held */
}

static void test_inventory(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;
	struct so_inventory *inventory = oracle->inventory(*state, conn, 2, &err);

	assert_ok(inventory, err);
	assert_true(inventory->truncated && inventory->n_relations == 2 && inventory->relations[0].rows == 600000);
	assert_true(inventory->n_vitals == 4 && inventory->n_notes == 0);
	inventory = oracle->inventory(*state, open_as(*state, "WEAK"), 100, &err);
	assert_ok(inventory, err);
	assert_true(inventory->n_relations == 3 && inventory->relations[2].kind == SO_TABLE_VIEW);
	assert_int_equal(inventory->n_notes, 2);
	assert_has(inventory->notes[0], "ORA-00942");
}

static void test_execute(void **state)
{
	struct so_conn *conn = open_as(*state, "MONITOR");
	struct so_err err = SO_ERR_INIT;

	assert_ok(oracle->execute(conn, "CREATE INDEX ix_new ON app.orders (user_id) ONLINE", 5000, 1700, &err), err);
	assert_true(ora_client_saw("DDL_LOCK_TIMEOUT = 2") && ora_client_saw("DDL_LOCK_TIMEOUT = 0") &&
		    ora_client_saw("CREATE INDEX ix_new"));
	assert_false(oracle->execute(conn, "GRANT DBA TO guest", 0, 0, &err));
	assert_kind(err, SO_INPUT);
	assert_false(oracle->execute(conn, "BEGIN NULL; END;", 0, 0, &err));
	assert_kind(err, SO_INPUT);
}

static void test_not_built(void **state)
{
	struct so_conn_params params = params_of("MONITOR");
	struct so_err err = SO_ERR_INIT;

	assert_null(oracle->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_has(err.message, "odpic-dev");
}

/* Stands for all the others, which cannot run. */
static void test_oracle_driver(void **state)
{
	(void)state;
	print_message("skip: ODPI-C (odpic-dev, in Debian's contrib) was missing when this was built\n");
	skip();
}

int ora_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_failed_logins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_info, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_licensed_views, setup, teardown),
		cmocka_unit_test_setup_teardown(test_activity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(test_catalog, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_reads_are_executed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deaf_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inventory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_execute, setup, teardown),
	};
	const struct CMUnitTest without[] = { cmocka_unit_test_setup_teardown(test_not_built, setup, teardown),
		cmocka_unit_test(test_oracle_driver) };

	oracle = so_engine_find("oracle");
	return no_oracle ? cmocka_run_group_tests_name("oracle, not built", without, NULL, NULL)
			 : cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
