/* What is SQLite's own: files that are none, plans with tried indexes, the snapshot, and that nothing is ever written.
 */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "lite_tests.h"

static char dir[64], path[96];

static void remove_file(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		perror(dir);
}

static void run(sqlite3 *db, const char *sql)
{
	char *problem = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &problem) != SQLITE_OK) {
		fprintf(stderr, "%s\n%s\n", sql, problem);
		abort();
	}
}

const char *lite_file(void)
{
	static const char script[] =
		"CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code CHAR(4) COLLATE NOCASE "
		"UNIQUE);"
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT NOT NULL REFERENCES customers ON DELETE "
		"CASCADE,"
		" status TEXT, total REAL DEFAULT 0, created_at TEXT NOT NULL, net REAL GENERATED ALWAYS AS (total * "
		"0.8));"
		"CREATE INDEX orders_status ON orders (status, created_at DESC);"
		"CREATE INDEX orders_open ON orders (created_at) WHERE status = 'open';"
		"CREATE INDEX orders_day ON orders (date(created_at));"
		"CREATE TABLE pairs (a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
		"CREATE TABLE dups (c INT); INSERT INTO dups VALUES (1), (1);"
		"CREATE TABLE \"Odd \"\"Name\" (\"Id\" INTEGER PRIMARY KEY, \"select\" TEXT);"
		"CREATE VIEW open_orders AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id;"
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 2000)"
		" INSERT INTO customers SELECT i, 'name ' || i, 'c' || i FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 20000) INSERT INTO orders"
		" (id, customer_id, status, total, created_at) SELECT i, 1 + i % 2000, CASE WHEN i % 10 = 0 THEN "
		"'open' ELSE"
		" 'done' END, i % 100, datetime('2024-01-01', i || ' minutes') FROM s;"
		"ANALYZE";
	sqlite3 *db;

	if (*path)
		return path;
	snprintf(dir, sizeof dir, "/tmp/so-lite.XXXXXX");
	if (!mkdtemp(dir))
		abort();
	atexit(remove_file);
	snprintf(path, sizeof path, "%s/it's %%20 here?.db", dir);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		abort();
	run(db, script);
	sqlite3_close(db);
	return path;
}

static const struct so_engine *lite;

static struct so_conn *open_file(TALLOC_CTX *ctx)
{
	struct so_conn_params params = { .engine = "sqlite", .database = lite_file() };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = lite->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

static void test_files(void **state)
{
	char none[128], text[128], dsn[160], relative[160], before[64];
	struct {
		struct so_conn_params params;
		enum so_kind kind;
		const char *part;
	} cases[] = {
		{ { .database = none }, SO_UNREACHABLE, "there is no file" },
		{ { .dsn = dsn }, SO_UNREACHABLE, "there is no file" },
		{ { .database = text }, SO_INPUT, "not an SQLite database" },
		{ { .database = dir }, SO_UNREACHABLE, "there is no file" },
		{ { .database = NULL }, SO_INPUT, "a file is needed" },
		{ { .dsn = "sqlite://" }, SO_INPUT, "names no file" },
		{ { .dsn = "mysql://u@h/d" }, SO_INPUT, "sqlite:///" },
	};
	struct so_conn_params params = { .dsn = relative };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn;
	FILE *file;

	(void)state;
	lite_file();
	snprintf(none, sizeof none, "%s/none.db", dir);
	snprintf(dsn, sizeof dsn, "sqlite:///%s/none.db", dir);
	snprintf(text, sizeof text, "%s/text.txt", dir);
	file = fopen(text, "w");
	for (int i = 0; i < 100; i++)
		fputs("this is some text and no database\n", file);
	fclose(file);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		err = (struct so_err)SO_ERR_INIT;
		assert_null(lite->open(NULL, &cases[i].params, NULL, &err));
		assert_kind(err, cases[i].kind);
		assert_has(err.message, cases[i].part);
	}
	assert_int_not_equal(access(none, F_OK), 0); /* nothing was created */
	/* relative with three slashes, absolute with four, and absolute with three where there is no relative one */
	err = (struct so_err)SO_ERR_INIT;
	assert_non_null(getcwd(before, sizeof before) ? before : "long");
	snprintf(relative, sizeof relative, "sqlite:///%s", path);
	conn = lite->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	talloc_free(conn);
	snprintf(relative, sizeof relative, "sqlite:///%s", path + 1);
	conn = lite->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	assert_string_equal(lite->info(conn, &err)->database, path);
	talloc_free(conn);
	params.dsn = "sqlite:///:memory:";
	conn = lite->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	assert_ok(lite->execute(conn, "CREATE TABLE t (a)", 0, 0, &err), err);
	assert_false(lite->execute(conn, "CREATE TABLE t (a)", 0, 0, &err));
	talloc_free(conn);
}

static const struct so_index *index_of(const struct so_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_indexes; i++)
		if (strcmp(t->indexes[i].name, name) == 0)
			return &t->indexes[i];
	fail_msg("no index %s", name);
	return NULL;
}

static void test_catalog(void **state)
{
	static const char *const names[] = { "open_orders", "\"main\".\"Odd \"\"Name\"", "PAIRS", "temp.orders",
		"orders" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_file(ctx);
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *c = lite->catalog(ctx, conn, names, 5, NULL, 0, &err);
	const struct so_table *t;

	(void)state;
	assert_ok(c, err);
	assert_int_equal(c->n_tables, 5);
	assert_int_equal(so_catalog_table(c, NULL, "open_orders")->kind, SO_TABLE_VIEW);
	assert_non_null(so_catalog_table(c, "main", "Odd \"Name"));
	t = so_catalog_table(c, NULL, "orders");
	assert_true(t->rows == 20000 && t->pages > 50 && t->has_stats);
	assert_int_equal(t->n_columns, 6);
	assert_true(t->columns[0].not_null && t->columns[0].type_class == SO_TYPE_INT && t->columns[5].generated);
	assert_int_equal(t->columns[1].type_class, SO_TYPE_OTHER); /* INT holds any type of value */
	assert_int_equal(t->n_keys, 1);
	assert_true(t->n_fkeys == 1 && t->fkeys[0].on_delete == 'c' && !t->fkeys[0].validated);
	assert_true(index_of(t, "orders_status")->n_keys == 2 && index_of(t, "orders_status")->keys[1].desc);
	assert_string_equal(index_of(t, "orders_open")->predicate, "status = 'open'");
	assert_int_equal(index_of(t, "orders_day")->keys[0].column, -1);
	assert_true(t->columns[so_table_column(t, "status")].n_distinct == 2);
	t = so_catalog_table(c, NULL, "pairs");
	assert_true(t->columns[0].not_null && t->n_keys == 1 && t->keys[0].n_columns == 2);
	t = so_catalog_table(c, NULL, "customers");
	assert_int_equal(t->n_keys, 2); /* the row number, and a text that is unique as its column compares */
	assert_string_equal(t->columns[t->keys[1].columns[0]].collation, "NOCASE");
	assert_has(lite->ddl(ctx, conn, so_catalog_table(c, NULL, "orders"), &err), "CREATE INDEX orders_open");
	talloc_free(ctx);
}

/* Writes the file; a connection that names it. */
static struct so_conn *with_workload(TALLOC_CTX *ctx, const char *content, struct so_err *err)
{
	char file[300], dsn[700];
	struct so_conn_params params = { .dsn = dsn };
	struct so_conn *conn;
	FILE *out;

	snprintf(file, sizeof file, "%s/work load.csv", dir);
	snprintf(dsn, sizeof dsn, "sqlite:///%s?workload=%s/work%%20load.csv", path, dir);
	out = fopen(file, "w");
	fputs(content, out);
	fclose(out);
	conn = lite->open(ctx, &params, NULL, err);
	assert_ok(conn, *err);
	assert_true(lite->info(conn, err)->caps & SO_CAP_STATEMENTS);
	assert_string_equal(lite->info(conn, err)->database, path);
	return conn;
}

static struct so_query_list *statements_of(TALLOC_CTX *ctx, const char *content, int64_t limit, struct so_err *err)
{
	struct so_conn *conn = with_workload(ctx, content, err);
	struct so_query_list *list = lite->statements(ctx, conn, limit, err);

	talloc_free(conn);
	return list;
}

static void test_workload(void **state)
{
	static const char json[] =
		"{\"sql\": \"SELECT * FROM orders WHERE id = 5\", \"count\": 10, \"total_ms\": 20.5, "
		"\"app\": \"x\"}\n\n"
		"{\"sql\": \"select * from orders where id = 77\", \"total_ms\": 9.5, \"rows\": 3}\n"
		"{\"sql\": \"SELECT 'never \\u00e4nded\", \"total_ms\": 1}\n"
		"{\"sql\": \"SELECT count(*) FROM customers\", \"count\": 2, \"total_ms\": 400, "
		"\"max_ms\": 399}";
	static const char csv[] = "\xEF\xBB\xBF"
				  "count,sql,host,total_ms\r\n"
				  "10,\"SELECT a,\n \"\"b\"\" FROM t WHERE c = 'x'\",h,20.5\r\n,SELECT 1,,3\r\n\r\n";
	static const struct {
		const char *content, *part;
	} wrong[] = {
		{ "{\"sql\": \"SELECT 1\", \"total_ms\": 1}\n{\"sql\": 5, \"total_ms\": 1}", "line 2" },
		{ "{\"sql\": \"SELECT 1\"}", "\"total_ms\" is missing" },
		{ "{\"sql\": \"SELECT 1\", \"total_ms\": -1}", "\"total_ms\" is not a number" },
		{ "{\"total_ms\": 1}", "\"sql\" is missing" },
		{ "{\"sql\": \"SELECT 1\",", "not one JSON object" },
		{ "sql,total_ms\nSELECT 1,many\n", "line 2" },
		{ "sql,total_ms\nSELECT 1,5,6\n", "more fields than names" },
		{ "sql,total_ms\n\"SELECT 1,5\n", "no end" },
		{ "sql,total_ms\n\"SELECT 1\" x,5\n", "behind a quoted field" },
		{ "root:x:0:0:secret\nroot:x:0:0:secret\n", "\"sql\" is missing" },
	};
	struct so_conn_params relative = { .dsn = "sqlite:///x.db?workload=x" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list = statements_of(ctx, json, 10, &err);

	(void)state;
	assert_ok(list, err);
	assert_int_equal(list->count, 2); /* what is no statement is left out */
	assert_string_equal(list->items[0].text, "SELECT count(*) FROM customers");
	assert_int_equal(list->items[0].counters.max_us, 399000);
	assert_int_equal(list->items[1].counters.calls, 11);
	assert_int_equal(list->items[1].counters.exec_us, 30000);
	assert_int_equal(list->items[1].counters.rows, 3);
	assert_int_equal(list->items[1].counters.min_us, 2050);
	assert_null(strstr(list->items[1].text, "77"));
	list = statements_of(ctx, csv, 1, &err);
	assert_ok(list, err);
	assert_int_equal(list->count, 1);
	assert_has(list->items[0].text, "SELECT a, \"b\" FROM t WHERE c = ");
	assert_int_equal(list->items[0].counters.calls, 10);
	assert_int_equal(statements_of(ctx, "", 1, &err)->count, 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		err = (struct so_err)SO_ERR_INIT;
		assert_null(statements_of(ctx, wrong[i].content, 10, &err));
		assert_kind(err, SO_INPUT);
		assert_has(err.message, wrong[i].part);
		assert_null(strstr(err.message, "secret"));
	}
	err = (struct so_err)SO_ERR_INIT;
	assert_null(lite->open(ctx, &relative, NULL, &err));
	assert_has(err.message, "whole path");
	talloc_free(ctx);
}

/* The last text of a statement as the file has it, with its values. */
static void test_samples(void **state)
{
	static const char json[] = "{\"sql\": \"SELECT * FROM orders WHERE id = 5\", \"total_ms\": 900}\n"
				   "{\"sql\": \"SELECT count(*) FROM customers WHERE name = 'x'\", \"total_ms\": 4}\n"
				   "{\"sql\": \"select * from orders where id = 77\", \"total_ms\": 1}\n"
				   "{\"sql\": \"select * from orders where id = 78\", \"total_ms\": 1, \"count\": 0}\n";
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = with_workload(ctx, json, &err);
	struct so_query_list *list = lite->statements(ctx, conn, 10, &err);
	const char *ids[] = { "0", list->items[1].engine_id, list->items[0].engine_id };
	struct so_sample out[3];

	(void)state;
	assert_int_equal(list->count, 2);
	assert_ok(lite->samples(ctx, conn, ids, 3, out, &err), err);
	assert_null(out[0].text);
	assert_string_equal(out[1].text, "SELECT count(*) FROM customers WHERE name = 'x'");
	assert_string_equal(out[2].text, "select * from orders where id = 77"); /* not the one that never ran */
	/* the file went away; a connection without one keeps none */
	remove(so_printf(ctx, "%s/work load.csv", dir));
	assert_false(lite->samples(ctx, conn, ids, 3, out, &err));
	assert_kind(err, SO_UNREACHABLE);
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(lite->samples(ctx, open_file(ctx), ids, 3, out, &err), err);
	assert_null(out[2].text);
	talloc_free(ctx);
}

static void test_plans(void **state)
{
	static const char sql[] = "SELECT * FROM orders WHERE customer_id = 7 AND total > 5";
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_file(ctx);
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	const char *ddl[] = { "CREATE INDEX main.tried ON orders (customer_id, total)",
		"CREATE INDEX main.worse ON orders (net)", "CREATE INDEX main.bad ON orders (nothing)",
		"DROP TABLE orders" };
	struct so_err err = SO_ERR_INIT;
	struct so_hypo_index made[4];
	struct so_explain plan;

	(void)state;
	assert_ok(lite->explain(ctx, conn, sql, &options, &plan, &err), err);
	assert_string_equal(plan.format, "sqlite-eqp");
	assert_has(plan.text, "|SCAN orders\n");
	assert_ok(lite->what_if_begin(conn, &err), err);
	assert_ok(lite->explain(ctx, conn, sql, &options, &plan, &err), err);
	assert_has(plan.text, "|SCAN orders\n"); /* the copy plans as the file does */
	assert_ok(lite->what_if_add(ctx, conn, ddl, 4, made, &err), err);
	assert_string_equal(made[0].name, "tried");
	assert_has(made[2].refusal, "nothing");
	assert_non_null(made[3].refusal);
	assert_ok(lite->explain(ctx, conn, sql, &options, &plan, &err), err);
	assert_has(plan.text, "USING INDEX tried (customer_id=? AND total>?)");
	assert_ok(lite->what_if_drop(conn, &made[0].id, 1, &err), err);
	assert_ok(lite->explain(ctx, conn, sql, &options, &plan, &err), err);
	assert_has(plan.text, "|SCAN orders\n");
	assert_ok(lite->what_if_add(ctx, conn, ddl, 1, made, &err), err); /* its name is free again */
	lite->what_if_end(conn);
	assert_ok(lite->explain(ctx, conn, "SELECT * FROM orders WHERE id = ?", &options, &plan, &err), err);
	assert_true(plan.generic);
	assert_has(plan.text, "INTEGER PRIMARY KEY (rowid=?)");
	assert_false(lite->explain(ctx, conn, "SELECT * FORM orders", &options, &plan, &err));
	assert_kind(err, SO_TARGET);
	assert_int_equal(err.position, 9);
	assert_false(lite->explain(ctx, conn, "PRAGMA user_version = 5", &options, &plan, &err));
	assert_kind(err, SO_INPUT);
	talloc_free(ctx);
}

/* Not by us, not by a text, and not through what SQLite offers besides tables. */
static void test_nothing_written(void **state)
{
	static const char *const texts[] = { "SELECT load_extension('x')",
		"SELECT * FROM pragma_user_version; SELECT 2", "ATTACH '/tmp/so-attached.db' AS x",
		"WITH x AS (SELECT 1) DELETE FROM dups", "SELECT writefile('/tmp/so', 'x')" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_file(ctx);
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(lite->query(ctx, conn, texts[i], 10, 1000, 0, &rows, &err));
	assert_ok(lite->query(ctx, conn, "SELECT sum(c), x'ff41', NULL, 'é' FROM dups", 10, 1000, 0, &rows, &err), err);
	assert_string_equal(rows.cells[0], "2");
	assert_string_equal(rows.cells[1], "?A");
	assert_null(rows.cells[2]);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_mtime == after.st_mtime && before.st_size == after.st_size);
	assert_ok(lite->execute(conn, "CREATE INDEX main.dups_c ON dups (c)", 0, 0, &err), err);
	assert_ok(lite->query(ctx, conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'dups_c'", 1, 100, 0, &rows,
			  &err),
		err);
	assert_string_equal(rows.cells[0], "1");
	assert_ok(lite->execute(conn, "DROP INDEX main.dups_c", 0, 0, &err), err);
	assert_false(lite->execute(conn, "CREATE INDEX main.x ON dups (c); DROP TABLE dups", 0, 0, &err));
	assert_kind(err, SO_INPUT);
	talloc_free(ctx);
}

/* Another process writes: we wait, for a bounded time. */
static void test_locked(void **state)
{
	struct so_conn_params params = { .database = lite_file(), .lock_timeout_ms = 100 };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = lite->open(ctx, &params, NULL, &err);
	int64_t start = so_time_monotonic_us();
	struct so_rows rows;
	sqlite3 *db;

	(void)state;
	assert_ok(conn, err);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	run(db, "BEGIN EXCLUSIVE");
	assert_false(lite->query(ctx, conn, "SELECT * FROM dups", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_has(err.message, "locked");
	assert_true(so_time_monotonic_us() - start < 5000 * 1000);
	run(db, "ROLLBACK");
	sqlite3_close(db);
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(lite->query(ctx, conn, "SELECT * FROM dups", 10, 1000, 0, &rows, &err), err);
	talloc_free(ctx);
}

static void test_inventory(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_inventory *inventory = lite->inventory(ctx, open_file(ctx), 100, &err);
	struct so_conn_params params = { .database = so_printf(ctx, "%s/numbers.db", dir) };
	struct so_conn *conn;
	sqlite3 *db;

	(void)state;
	assert_ok(inventory, err);
	assert_true(
		inventory->n_relations == 6 && !inventory->truncated && !inventory->n_vitals && !inventory->n_notes);
	assert_string_equal(inventory->relations[0].name, "orders");
	assert_true(inventory->relations[0].rows == 20000);
	if (sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB"))
		assert_true(inventory->relations[0].size_bytes > inventory->relations[1].size_bytes &&
			    inventory->relations[1].size_bytes > 0);
	else
		assert_int_equal(inventory->relations[0].size_bytes, -1);
	assert_string_equal(inventory->relations[5].name, "open_orders");
	assert_true(inventory->relations[5].kind == SO_TABLE_VIEW && inventory->relations[5].rows == -1);
	inventory = lite->inventory(ctx, open_file(ctx), 2, &err);
	assert_true(inventory && inventory->n_relations == 2 && inventory->truncated);
	assert_int_equal(sqlite3_open(params.database, &db), SQLITE_OK);
	run(db, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t VALUES (9223372036854775806, "
		"1)");
	sqlite3_close(db);
	conn = lite->open(ctx, &params, NULL, &err);
	assert_ok(conn, err);
	inventory = lite->inventory(ctx, conn, 100, &err); /* without statistics */
	assert_ok(inventory, err);
	assert_true(inventory->n_relations == 1 && inventory->relations[0].rows == -1 && inventory->n_vitals == 1);
	assert_string_equal(inventory->vitals[0].object, "main.t");
	assert_string_equal(inventory->vitals[0].detail, "main.t.id");
	assert_true(inventory->vitals[0].value > 9.2e18 && inventory->vitals[0].limit > 9.2e18);
	talloc_free(ctx);
}

int lite_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_catalog),
		cmocka_unit_test(test_inventory),
		cmocka_unit_test(test_workload),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_nothing_written),
		cmocka_unit_test(test_locked),
	};

	lite = so_engine_find("sqlite");
	return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
