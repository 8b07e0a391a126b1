/* The SQL Server driver against the double: what is sent, what is made of the answers, and what goes wrong. */
#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "ms_tests.h"

static const struct so_engine *mssql;

static struct so_conn_params params_of(const char *user)
{
	return (struct so_conn_params){ .engine = "mssql",
		.host = "127.0.0.1",
		.port = mssql_double.port,
		.database = "shop",
		.username = user,
		.password = "pw;}{'\"",
		.tls = SO_TLS_PREFER };
}

static struct so_conn *open_as(TALLOC_CTX *ctx, const char *user)
{
	struct so_conn_params params = params_of(user);
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = mssql->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	ms_server_forget(&mssql_double);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

/* A port where somebody accepts and never says a word. */
static int silent_port(int *fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(*fd, 8), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static void test_failed_logins(void **state)
{
	struct so_conn_params params = params_of("monitor");
	struct so_err err = SO_ERR_INIT;
	int64_t start_us = so_time_monotonic_us();
	int fd;

	params.password = "wrong";
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "18456");
	params = params_of("monitor");
	params.database = "nowhere";
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "nowhere");
	params = params_of("monitor");
	params.port = 1;
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "127.0.0.1:1");
	params.port = silent_port(&fd);
	params.connect_timeout_ms = 700;
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "700 ms");
	close(fd);
	assert_true(so_time_monotonic_us() - start_us < 6000 * 1000);
	assert_has_not(err.message, "pw;");
}

static void test_bad_parameters(void **state)
{
	static const struct {
		const char *dsn, *word;
	} cases[] = {
		{ "postgresql://x", "mssql://" },
		{ "mssql://u:p@h:99999/d", "port" },
		{ "mssql://u:%zz@h/d", "escape" },
		{ "mssql://u:p@h/d?colour=blue", "colour" },
		{ "mssql://u:p@/d", "host" },
		{ "mssql://u:p@a;Driver=x/d", "host" },
	};
	struct so_conn_params params;
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		params = (struct so_conn_params){ .dsn = cases[i].dsn, .tls = SO_TLS_PREFER };
		err = (struct so_err)SO_ERR_INIT;
		assert_null(mssql->open(*state, &params, NULL, &err));
		assert_kind(err, SO_INPUT);
		assert_has(err.message, cases[i].word);
	}
	params = params_of("monitor");
	params.tls = SO_TLS_VERIFY_FULL;
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_has(err.message, "freetds.conf");
	params = params_of("monitor");
	params.tls = SO_TLS_REQUIRE; /* the double has no TLS */
	assert_null(mssql->open(*state, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
}

static void test_dsn(void **state)
{
	char *dsn =
		so_printf(*state, "mssql://moni%%74or:p%%40ss@127.0.0.1:%d/shop?encrypt=disable", mssql_double.port);
	struct so_conn_params params = { .dsn = dsn, .tls = SO_TLS_PREFER };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = mssql->open(*state, &params, NULL, &err);

	assert_ok(conn, err);
	assert_true(ms_server_saw(&mssql_double, "LOGIN monitor sqlopt shop"));
}

static void test_info(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = mssql->info(conn, &err);

	assert_ok(info, err);
	assert_string_equal(info->flavor, "sqlserver");
	assert_int_equal(info->version_num, 160000);
	assert_true(
		(info->caps & SO_CAP_STATEMENTS) && (info->caps & SO_CAP_WRITABLE) && !(info->caps & SO_CAP_WHAT_IF));
	conn = open_as(*state, "weak");
	info = mssql->info(conn, &err);
	assert_ok(info, err);
	assert_false(info->caps & SO_CAP_STATEMENTS);
	assert_string_equal(
		check_of(info, "statistics")->remedy, "USE master; GRANT VIEW SERVER PERFORMANCE STATE TO [weak];");
	assert_true(!check_of(info, "privileges")->ok && check_of(info, "privileges")->required);
	assert_string_equal(check_of(info, "privileges")->remedy, "GRANT SHOWPLAN TO [weak];");
	assert_null(mssql->statements(*state, conn, 10, &err));
	assert_kind(err, SO_UNSUPPORTED);
}

static void test_missing_privileges(void **state)
{
	struct so_conn *conn = open_as(*state, "weak");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	const char *names[] = { "orders" };
	struct so_err err = SO_ERR_INIT;
	struct so_inventory *inventory;
	struct so_catalog *catalog;
	struct so_explain plan;

	assert_false(mssql->explain(*state, conn, "SELECT id FROM dbo.orders", &options, &plan, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "SHOWPLAN permission denied");
	err = (struct so_err)SO_ERR_INIT;
	catalog = mssql->catalog(*state, conn, names, 1, NULL, 0, &err); /* use of indexes stays unknown, no more */
	assert_ok(catalog, err);
	assert_int_equal(catalog->tables[0].indexes[0].scans, -1);
	inventory = mssql->inventory(*state, conn, 100, &err);
	assert_ok(inventory, err);
	assert_int_equal(inventory->n_notes, 2);
	assert_has(inventory->notes[0], "VIEW SERVER STATE permission was denied");
}

/* One waits for the other, which only holds a transaction open. */
static void test_activity(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_activity *a = mssql->activity(*state, conn, NULL, 0, 10, &err);

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
	a = mssql->activity(*state, conn, NULL, 0, 1, &err);
	assert_ok(a, err);
	assert_true(a->count == 1 && a->truncated);
}

static void test_statements(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list = mssql->statements(*state, conn, 200, &err);

	assert_ok(list, err);
	assert_int_equal(list->count, 2);
	assert_string_equal(list->items[0].engine_id, "0x0A1B2C3D4E5F6071");
	assert_has(list->items[0].text, "/* ünï */");
	assert_int_equal(list->items[0].counters.calls, 42);
	assert_int_equal(list->items[0].counters.exec_us, 91234567);
	assert_int_equal(list->items[0].counters.shared_read, 300);
	assert_int_equal(list->items[0].counters.shared_hit, 1200000);
	assert_true(ms_server_saw(&mssql_double, "TOP (200)"));
}

/* A row for each plan, of the databases asked for, with the time from which it counts; texts by hash. */
static void test_counters(void **state)
{
	static const char *const two[] = { "Books", "shop" };
	const char *ids[] = { "0x0A1B2C3D4E5F6071", "1; DROP TABLE x", "0x1111111111111111", "0x0A1B2C3D4E5F6071" };
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_reading *reading = mssql->counters(*state, conn, NULL, 0, 20000, &err);
	struct so_statement_text texts[4];

	assert_ok(reading, err);
	assert_true(ms_server_saw(&mssql_double, "IN (N'shop')"));
	assert_true(!reading->summed && reading->complete);
	assert_int_equal(reading->at_us, 1795000000000000);
	assert_int_equal(reading->count, 3); /* not that of books, which the double sends all the same */
	assert_string_equal(reading->rows[1].id, reading->rows[0].id);
	assert_memory_not_equal(reading->rows[1].key, reading->rows[0].key, sizeof reading->rows[0].key);
	assert_int_equal(reading->rows[1].since_us, 1794999999000000);
	assert_int_equal(reading->rows[0].counters[SO_COUNT_CALLS], 40);
	assert_int_equal(reading->rows[0].counters[SO_COUNT_SHARED_HIT], 1199710);
	assert_true(reading->rows[0].own_login);
	reading = mssql->counters(*state, conn, two, 2, 3, &err);
	assert_ok(reading, err);
	assert_true(ms_server_saw(&mssql_double, "IN (N'Books', N'shop')"));
	assert_int_equal(reading->count, 3);
	assert_int_equal(reading->rows[0].database, 1);
	assert_false(reading->complete);
	assert_ok(mssql->texts(*state, conn, ids, 4, texts, &err), err);
	assert_false(ms_server_saw(&mssql_double, "DROP TABLE x"));
	assert_has(texts[0].text, "/* ünï */");
	assert_string_equal(texts[3].text, texts[0].text);
	assert_null(texts[1].text);
	assert_string_equal(texts[2].text, "/* sqlopt */ ");
	assert_ok(mssql->texts(*state, conn, &ids[1], 1, texts, &err), err);
	assert_null(texts[0].text);
}

/* Databases that keep a Query Store are read from there, the others from the plan cache: a store that is full, or may
 * not be read, is as good as none. */
static void test_query_store(void **state)
{
	static const char *const three[] = { "books", "shop", "gone" };
	const char *ids[] = { "0x3333333333333333", "0x0A1B2C3D4E5F6071", "0x4444444444444444" };
	struct so_conn *conn = open_as(*state, "historian");
	struct so_err err = SO_ERR_INIT;
	struct so_reading *reading = mssql->counters(*state, conn, three, 3, 20000, &err);
	const struct so_reading_row *rows;
	struct so_statement_text texts[3];

	assert_ok(reading, err);
	assert_true(ms_server_saw(&mssql_double, "DB_NAME(d.id) IN (N'books', N'gone')"));
	assert_false(ms_server_saw(&mssql_double, "[books].sys.query_store_runtime_stats"));
	assert_false(ms_server_saw(&mssql_double, "[elsewhere]"));
	assert_true(reading->complete);
	assert_int_equal(reading->at_us, 1795000000000000);
	rows = &reading->rows[reading->count - 3];
	assert_int_equal(rows[0].database, 1);
	assert_string_equal(rows[0].id, "0x0A1B2C3D4E5F6071");
	assert_memory_not_equal(rows[0].key, rows[1].key, sizeof rows[0].key); /* another interval */
	assert_int_equal(rows[1].since_us, 1794990000000000);
	assert_int_equal(rows[0].counters[SO_COUNT_CALLS], 30);
	assert_int_equal(rows[0].counters[SO_COUNT_EXEC_US], 70000000);
	assert_int_equal(rows[0].counters[SO_COUNT_SHARED_HIT], 899910);
	assert_int_equal(rows[2].counters[SO_COUNT_ROWS], 0);
	reading = mssql->counters(*state, conn, &three[1], 1, 2, &err); /* only this one: the cache is not asked */
	assert_ok(reading, err);
	assert_int_equal(reading->count, 2);
	assert_false(reading->complete);
	assert_ok(mssql->texts(*state, conn, ids, 3, texts, &err), err);
	assert_has(texts[0].text, "SELECT total FROM dbo.orders");
	assert_has(texts[1].text, "/* ünï */");
	assert_null(texts[2].text);
}

/* What a statement was called with: of its last run where that is told, else of when its plan was compiled; no half of
 * it, and nothing but literals. */
static void test_samples(void **state)
{
	const char *ids[] = { "0x0A1B2C3D4E5F6071", "0x3333333333333333", "0x5555555555555555", "0x6666666666666666",
		"0x7777777777777777", "0x8888888888888888", "0x9999999999999999", "1; DROP TABLE x" };
	static const char *const values[] = { "N'O''Brien <x> & \"y\"\n'", "'it''s'", "'2026-11-01 00:00:00.0000000'",
		"'0E984725-C51C-4BF4-9960-E1C80E27ABA0'", "1.5000", "-7", "NULL", "0x0A0B" };
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_sample out[8];

	assert_ok(mssql->samples(*state, conn, ids, 8, out, &err), err);
	assert_false(ms_server_saw(&mssql_double, "DROP TABLE x"));
	assert_has(out[0].text, "WHERE user_id = @p1");
	assert_int_equal(out[0].n_values, 1);
	assert_string_equal(out[0].values[0], "4711");
	assert_true(out[1].n_values == 1 && strcmp(out[1].values[0], "42") == 0); /* the Query Store's */
	assert_true(out[2].n_values == 0 && strstr(out[2].text, "N'whole'"));
	assert_int_equal(out[3].n_values, 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(out[3].values[i], values[i]);
	/* no literal, a value that is not told, a list that was cut off, no id */
	for (size_t i = 4; i < 8; i++)
		assert_true(!out[i].text && out[i].n_values == 0);
	assert_true(check_of(mssql->info(conn, &err), "samples")->ok);
	/* before 2019 nothing tells of runs */
	conn = open_as(*state, "old");
	assert_ok(mssql->samples(*state, conn, ids, 1, out, &err), err);
	assert_string_equal(out[0].values[0], "42");
	/* and without the privilege there is none, with what to grant */
	conn = open_as(*state, "weak");
	assert_ok(mssql->samples(*state, conn, ids, 1, out, &err), err);
	assert_null(out[0].text);
	assert_has(
		check_of(mssql->info(conn, &err), "samples")->remedy, "GRANT VIEW SERVER PERFORMANCE STATE TO [weak]");
}

static void test_catalog(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	const char *names[] = { "dbo.orders", "[no such]]one].x", "no_such_table" };
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *catalog = mssql->catalog(*state, conn, names, 3, NULL, 0, &err);
	const struct so_table *orders, *users;
	char *ddl;

	assert_ok(catalog, err);
	assert_int_equal(catalog->n_tables, 2); /* and what its foreign key refers to */
	orders = so_catalog_table(catalog, NULL, "orders");
	users = so_catalog_table(catalog, "dbo", "users");
	assert_true(orders && users && orders->rows == 600000 && orders->pages == 9000);
	assert_string_equal(orders->columns[2].type, "decimal(12,2)"); /* column ids have a gap */
	assert_string_equal(orders->columns[3].type, "nvarchar(20)");
	assert_string_equal(users->columns[1].type, "varchar(max)");
	assert_true(orders->columns[0].not_null && !orders->columns[3].not_null);
	assert_int_equal(orders->n_indexes, 3);
	assert_true(orders->indexes[0].primary && orders->indexes[0].constraint && orders->indexes[0].scans == 550);
	assert_string_equal(orders->indexes[1].definition, "CREATE INDEX [ix_orders_status] ON [dbo].[orders] "
							   "([status], [created_at] DESC) INCLUDE ([total]) WHERE "
							   "([status]=N'open')");
	assert_int_equal(orders->indexes[1].scans, 0);
	assert_false(orders->indexes[2].valid);
	assert_int_equal(orders->n_keys, 1);
	assert_int_equal(users->n_keys, 2);
	assert_true(orders->n_fkeys == 1 && orders->fkeys[0].validated && orders->fkeys[0].on_delete == 'c');
	assert_string_equal(users->unindexed_refs[0], "\"dbo\".\"orders\"");
	assert_true(orders->has_stats && orders->mods_since_analyze == 1200);
	assert_true(orders->columns[3].has_stats && orders->columns[3].n_distinct == 2);
	assert_true(fabs(orders->columns[3].null_frac - 0.1) < 1e-9);
	assert_string_equal(orders->columns[3].common_vals[0], "done");
	assert_true(orders->columns[1].n_distinct == 60000);
	assert_null(so_catalog_table(catalog, NULL, "no_such_table"));
	ddl = mssql->ddl(*state, conn, users, &err);
	assert_ok(ddl, err);
	assert_has(ddl, "[e]]mail] varchar(max) COLLATE");
	assert_has(ddl, "CONSTRAINT [uq_users_email] UNIQUE NONCLUSTERED ([e]]mail])");
	assert_true(ms_server_saw(&mssql_double, "(N'no such]one', N'x')"));
}

static void test_plans(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;
	struct so_rows rows;

	assert_ok(mssql->explain(*state, conn, "SELECT id FROM dbo.orders WHERE user_id = 42", &options, &plan, &err),
		err);
	assert_string_equal(plan.format, "mssql-xml");
	assert_true(!plan.generic && !plan.note);
	assert_true(ms_server_saw(&mssql_double, "BATCH SET SHOWPLAN_XML OFF"));
	assert_ok(mssql->explain(*state, conn, "(@p1 bigint)SELECT id FROM dbo.orders WHERE user_id = @p1", &options,
			  &plan, &err),
		err);
	assert_true(plan.generic && ms_server_saw(&mssql_double, "DECLARE @p1 bigint; SELECT id FROM dbo.orders"));
	ms_server_forget(&mssql_double);
	assert_ok(
		mssql->explain(*state, conn, "DELETE FROM dbo.orders WHERE user_id = @p1", &options, &plan, &err), err);
	assert_true(plan.generic && ms_server_saw(&mssql_double, "sp_describe_undeclared_parameters") &&
		    ms_server_saw(&mssql_double, "DECLARE @p1 bigint; DELETE"));
	/* the setting is taken back after a failure as well */
	assert_false(mssql->explain(*state, conn, "SELECT * FROM locked_table", &options, &plan, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_ok(mssql->query(*state, conn, "SELECT TOP (10) id FROM dbo.users", 100, 1000, 0, &rows, &err), err);
	assert_int_equal(rows.n_rows, 10);
	options.mode = SO_EXPLAIN_ANALYZE;
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(mssql->explain(*state, conn, "SELECT id FROM dbo.orders", &options, &plan, &err), err);
	assert_has(plan.text, "<ShowPlanXML");
	assert_true(ms_server_saw(&mssql_double, "ROLLBACK") && ms_server_saw(&mssql_double, "STATISTICS XML OFF"));
	ms_server_forget(&mssql_double);
	assert_false(mssql->explain(*state, conn, "DELETE FROM dbo.orders", &options, &plan, &err));
	assert_kind(err, SO_INPUT);
	assert_false(ms_server_saw(&mssql_double, "DELETE"));
}

static void test_values(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	assert_ok(mssql->query(*state, conn, "SELECT t, n, b FROM dbo.long_text", 10, 100000, 0, &rows, &err), err);
	assert_int_equal(rows.n_rows, 2);
	assert_int_equal(strlen(rows.cells[0]), 9000);
	assert_string_equal(rows.cells[1], "ünï € 𝄞");
	assert_string_equal(rows.cells[2], "0aff");
	assert_true(!rows.cells[3] && !rows.cells[4] && !rows.cells[5]);
	assert_string_equal(rows.types[0], "nvarchar(max)");
}

/* What is no pure read is never sent, whatever it looks like. */
static void test_only_reads_are_executed(void **state)
{
	static const char *const refused[] = { "UPDATE dbo.orders SET total = 0",
		"SELECT * INTO dbo.copy FROM dbo.orders", "EXEC dbo.cleanup", "SELECT 1; DROP TABLE dbo.orders",
		"SELECT * FROM dbo.orders WITH (UPDLOCK)", "SELECT NEXT VALUE FOR dbo.seq", "WAITFOR DELAY '00:00:10'",
		"SELECT id FROM dbo.orders WHERE user_id = @p1",
		"MERGE dbo.orders AS t USING dbo.users AS s ON t.id = s.id WHEN MATCHED THEN DELETE;", "" };
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	ms_server_forget(&mssql_double);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		err = (struct so_err)SO_ERR_INIT;
		assert_false(mssql->query(*state, conn, refused[i], 10, 1000, 0, &rows, &err));
		assert_kind(err, SO_INPUT);
	}
	assert_false(ms_server_saw(&mssql_double, "BATCH"));
}

static void test_errors(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	assert_false(mssql->query(*state, conn, "SELECT * FROM locked_table", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_false(mssql->query(*state, conn, "SELECT * FROM dbo.bad_value", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_TARGET);
	assert_has_not(err.message, "secret");
	assert_false(mssql->query(*state, conn, "SELECT * FROM dbo.unknown_to_the_double", 10, 1000, 0, &rows, &err));
	assert_has(err.message, "[208]");
	assert_true(so_conn_usable(conn));
	assert_false(mssql->query(*state, conn, "SELECT * FROM dbo.drop_me", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_false(so_conn_usable(conn));
	assert_false(mssql->query(*state, conn, "SELECT id FROM dbo.orders", 10, 1000, 0, &rows, &err));
	assert_kind(err, SO_UNREACHABLE);
}

/* A server that does not even acknowledge: the connection is given up after the grace time, nobody hangs. */
static void test_deaf_server(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;
	int64_t start_us = so_time_monotonic_us();
	struct so_rows rows;

	assert_false(mssql->query(*state, conn, "SELECT * FROM dbo.deaf_one", 10, 1000, 300, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_true(so_time_monotonic_us() - start_us < 20 * (int64_t)1000000);
	assert_false(so_conn_usable(conn));
}

static void test_execute(void **state)
{
	struct so_conn *conn = open_as(*state, "monitor");
	struct so_err err = SO_ERR_INIT;

	assert_ok(mssql->execute(conn, "CREATE INDEX ix_new ON dbo.orders (user_id)", 5000, 700, &err), err);
	assert_true(ms_server_saw(&mssql_double, "SET LOCK_TIMEOUT 700") &&
		    ms_server_saw(&mssql_double, "SET LOCK_TIMEOUT 2000"));
	assert_false(mssql->execute(conn, "GRANT CONTROL TO guest", 0, 0, &err));
	assert_kind(err, SO_INPUT);
	assert_false(mssql->execute(conn, "CREATE INDEX a ON t (b); DROP TABLE t", 0, 0, &err));
	assert_kind(err, SO_INPUT);
}

int ms_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_failed_logins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dsn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_info, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_privileges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_activity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(test_query_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_catalog, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_reads_are_executed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deaf_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_execute, setup, teardown),
	};

	mssql = so_engine_find("mssql");
	return cmocka_run_group_tests_name("mssql", tests, NULL, NULL);
}
