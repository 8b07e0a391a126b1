/* What is MariaDB's and MySQL's own, against either (my_server.h): logins, least privilege, statements, the snapshot,
 * plans. */
#include <arpa/inet.h>
#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "my_tests.h"

static const struct so_engine *my;

/* Name of the dialect and of the flavour. */
static const char *product(void)
{
	return mariadb.is_mysql ? "mysql" : "mariadb";
}

/* One of two texts, by what the server is. */
static const char *by_product(const char *of_mariadb, const char *of_mysql)
{
	return mariadb.is_mysql ? of_mysql : of_mariadb;
}

static struct so_conn *connect_my(TALLOC_CTX *ctx, const char *user, const char *password, const char *database)
{
	struct so_conn_params params = {
		.engine = "mysql",
		.host = user ? "127.0.0.1" : mariadb.socket,
		.port = mariadb.port,
		.username = user ? user : "root",
		.password = password,
		.database = database,
	};
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = my->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

static int needs_server(void **state)
{
	(void)state;
	if (no_mariadb)
		skip();
	return 0;
}

/* Each way not to get in says what is wrong, and never the password. */
static void test_refused_logins(void **state)
{
	char text[3][256];
	struct {
		struct so_conn_params params;
		enum so_kind kind;
		const char *part;
	} cases[] = {
		{ { .host = "127.0.0.1", .port = mariadb.port, .username = "reader", .password = "s3cretwrong" },
			SO_DENIED, "wrong user name or password" },
		{ { .host = "127.0.0.1", .port = mariadb.port, .username = "reader" }, SO_DENIED,
			"no password was given" },
		{ { .host = "127.0.0.1",
			  .port = mariadb.port,
			  .username = "reader",
			  .password = "re@der s3cret",
			  .database = "nowhere" },
			SO_DENIED, "nowhere" },
		{ { .host = "no-such-host.invalid", .username = "reader" }, SO_UNREACHABLE, "no-such-host.invalid" },
		{ { .host = "127.0.0.1", .port = 1, .username = "reader" }, SO_UNREACHABLE, "127.0.0.1:1" },
		{ { .host = "/nowhere/s.sock", .username = "reader" }, SO_UNREACHABLE, "/nowhere/s.sock" },
		{ { .username = "reader" }, SO_INPUT, "host" },
		{ { .host = "127.0.0.1" }, SO_INPUT, "user name" },
		{ { .host = "127.0.0.1", .username = "u", .search_path = "a, b" }, SO_INPUT, "search path" },
		{ { .dsn = "postgresql://u@h/d" }, SO_INPUT, "mysql://" },
		{ { .dsn = "mysql://u:pa%zzs3cretwrong@h/d" }, SO_INPUT, "hex" },
		{ { .dsn = "mysql://u:s3cretwrong@h:99999/d" }, SO_INPUT, "port" },
		{ { .dsn = "mysql://u@h/d?ssl-mode=MAYBE" }, SO_INPUT, "ssl-mode" },
		{ { .dsn = "mysql://u@h/d?compress=1" }, SO_INPUT, "not known" },
		{ { .dsn = text[0] }, SO_DENIED, "wrong user name or password" },
		{ { .dsn = text[1] }, SO_UNREACHABLE, "TLS" },
		{ { .dsn = text[2] }, SO_DENIED, "needs_tls" },
	};

	(void)state;
	snprintf(text[0], 256, "mariadb://reader:s3cretwrong@127.0.0.1:%d/app", mariadb.port);
	snprintf(text[1], 256,
		"mysql://reader:re%%40der%%20s3cret@127.0.0.1:%d/app?ssl-mode=VERIFY_IDENTITY&ssl-ca=%s/other.crt",
		mariadb.port, mariadb.dir);
	snprintf(text[2], 256, "mysql://needs_tls:only-0ver-tls@127.0.0.1:%d/app?ssl-mode=DISABLED", mariadb.port);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct so_err err = SO_ERR_INIT;

		assert_null(my->open(NULL, &cases[i].params, NULL, &err));
		assert_kind(err, cases[i].kind);
		assert_has(err.message, cases[i].part);
		assert_has_not(err.message, "s3cretwrong");
	}
}

static void test_logins(void **state)
{
	char dsn[256];
	struct so_conn_params params = { .dsn = dsn };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn;

	(void)state;
	/* the name in the certificate is "localhost" */
	snprintf(dsn, sizeof dsn,
		"mysql://reader:re%%40der%%20s3cret@localhost:%d/app?ssl-mode=VERIFY_IDENTITY&ssl-ca=%s/ca.crt",
		mariadb.port, mariadb.dir);
	conn = my->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	assert_has(my->info(conn, &err)->tls, "TLSv1.");
	assert_string_equal(my->info(conn, &err)->user, "reader");
	assert_string_equal(my->info(conn, &err)->database, "app");
	assert_string_equal(so_conn_dialect(conn), product());
	talloc_free(conn);
	snprintf(dsn, sizeof dsn, "mysql://needs_tls:only-0ver-tls@127.0.0.1:%d", mariadb.port);
	params.tls = SO_TLS_REQUIRE;
	conn = my->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	talloc_free(conn);
	snprintf(dsn, sizeof dsn, "mariadb://root@/app?socket=%s", mariadb.socket);
	conn = my->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	assert_string_equal(my->info(conn, &err)->host_text, mariadb.socket);
	talloc_free(conn);
	if (mariadb.is_mysql)
		return; /* of MySQL both have TLS */
	/* a server without TLS, and TLS required */
	snprintf(dsn, sizeof dsn, "mysql://full:f@127.0.0.1:%d/app", mariadb_slow.port);
	assert_null(my->open(NULL, &params, NULL, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "TLS");
	err = (struct so_err)SO_ERR_INIT;
	params.tls = SO_TLS_PREFER;
	conn = my->open(NULL, &params, NULL, &err);
	assert_ok(conn, err);
	assert_null(my->info(conn, &err)->tls);
	talloc_free(conn);
}

/* A port that accepts and says nothing: the deadline holds. */
static void test_silent_server(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct so_conn_params params = { .host = "127.0.0.1", .username = "u", .connect_timeout_ms = 300 };
	struct so_err err = SO_ERR_INIT;
	int64_t start = so_time_monotonic_us();

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	params.port = ntohs(address.sin_port);
	assert_null(my->open(NULL, &params, NULL, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_true(so_time_monotonic_us() - start < 3000 * 1000);
	close(fd);
}

/* What each login lacks, the server's own words, and the GRANT that helps. */
static void test_least_privilege(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct so_check *check;
	const struct so_engine_info *info;
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn;

	(void)state;
	conn = connect_my(ctx, "reader", "re@der s3cret", "app");
	info = my->info(conn, &err);
	assert_ok(info, err);
	check = check_of(info, "statistics");
	assert_false(check->ok || check->required);
	assert_has(check->detail, "SELECT command denied");
	assert_has(check->detail, "1142");
	assert_string_equal(check->remedy, "GRANT SELECT ON performance_schema.* TO 'reader'@'%';");
	check = check_of(info, "privileges");
	assert_false(check->ok);
	assert_has(check->detail, "PROCESS");
	assert_string_equal(check->remedy, "GRANT PROCESS ON *.* TO 'reader'@'%';");
	assert_true(check_of(info, "read")->ok);
	assert_null(my->statements(ctx, conn, 10, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "run: GRANT SELECT ON performance_schema.* TO 'reader'@'%';");
	assert_false(info->caps & SO_CAP_STATEMENTS);

	conn = connect_my(ctx, "watcher", "w", NULL);
	info = my->info(conn, &err);
	assert_true(check_of(info, "privileges")->ok);
	assert_false(check_of(info, "read")->ok);
	assert_has(check_of(info, "read")->detail, "sees no table");
	assert_has(check_of(info, "read")->remedy, "GRANT SELECT, SHOW VIEW ON *.* TO 'watcher'@'%';");

	conn = connect_my(ctx, "partial", "p", "app");
	check = check_of(my->info(conn, &err), "read");
	assert_true(check->ok); /* the columns that it may read are readable; nothing tells of the rest */

	/* what the product's documentation asks for is enough */
	my_server_sql(&mariadb, NULL, "GRANT SELECT ON performance_schema.* TO full@'%'");
	conn = connect_my(ctx, "full", "f", "app");
	info = my->info(conn, &err);
	assert_true(check_of(info, "statistics")->ok && check_of(info, "privileges")->ok && check_of(info, "read")->ok);
	assert_true(check_of(info, "samples")->ok);
	assert_true(info->caps & SO_CAP_STATEMENTS);
	assert_string_equal(info->flavor, product());
	talloc_free(ctx);
}

static const struct so_query *find_query(const struct so_query_list *list, const char *part)
{
	for (size_t i = 0; i < list->count; i++)
		if (strstr(list->items[i].text, part))
			return &list->items[i];
	return NULL;
}

static void check_statements(const struct my_server *which, const char *part)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn_params params = { .host = which->socket, .username = "root", .database = "app" };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = my->open(ctx, &params, NULL, &err);
	struct so_rows rows;
	struct so_query_list *list;
	const struct so_query *query;

	assert_ok(conn, err);
	my_server_sql(which, "app",
		"SELECT COUNT(*) AS marked FROM orders WHERE customer_id = 7;\n"
		"SELECT COUNT(*) AS marked FROM orders WHERE customer_id = 8;\n"
		"SELECT SLEEP(0.05) AS slept;\n");
	my_server_sql(which, "other", "SELECT 1 AS elsewhere;\n");
	assert_ok(my->query(ctx, conn, "SELECT COUNT(*) FROM orders", 1, 100, 0, &rows, &err), err);
	list = my->statements(ctx, conn, 0, &err);
	assert_ok(list, err);
	query = find_query(list, part);
	assert_non_null(query);
	assert_int_equal(query->counters.calls, 2);
	assert_true(query->counters.exec_us > 0 && query->counters.max_us >= query->counters.min_us &&
		    query->counters.max_us <= query->counters.exec_us && query->counters.min_us > 0);
	assert_string_equal(query->database, "app");
	assert_null(strstr(query->text, "= 7"));
	assert_int_equal(query->text[strlen(query->text) - 1] == ' ', 0);
	query = find_query(list, "SLEEP");
	assert_true(query && query->counters.exec_us >= 50000 && query->counters.exec_us < 5000000);
	/* neither other databases nor what we sent ourselves */
	assert_null(find_query(list, "elsewhere"));
	assert_null(find_query(list, "sqlopt"));
	assert_null(find_query(list, "START TRANSACTION"));
	assert_null(find_query(list, "information_schema"));
	talloc_free(ctx);
}

static void test_statements(void **state)
{
	(void)state;
	check_statements(&mariadb, "`marked`");
	check_statements(&mariadb_slow, "marked");
}

/* The sample of the first statement whose text has this word, or NULL. */
static char *sample_of(TALLOC_CTX *ctx, struct so_conn *conn, const char *part)
{
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list = my->statements(ctx, conn, 0, &err);
	const struct so_query *query;
	const char *ids[2] = { "0" };
	struct so_sample out[2];

	assert_ok(list, err);
	query = find_query(list, part);
	assert_non_null(query);
	ids[1] = query->engine_id;
	assert_ok(my->samples(ctx, conn, ids, 2, out, &err), err);
	assert_null(out[0].text);
	assert_int_equal(out[1].n_values, 0);
	return out[1].text;
}

/* What a statement that has ended was called with; nothing of what was cut off, of other databases, of ours. */
static void test_samples(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app"), *nowhere = connect_my(ctx, NULL, NULL, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;
	char *sample;

	(void)state;
	/* MySQL keeps a sample for performance_schema_max_digest_sample_age seconds, unless it takes longer */
	my_server_sql(&mariadb, "app",
		"SELECT COUNT(*) AS `only one` FROM customers WHERE name = 'name 3';\n"
		"SELECT COUNT(*) + SLEEP(0.02) AS newest FROM customers WHERE name = 'first';\n"
		"SELECT COUNT(*) + SLEEP(0.2) AS newest FROM customers WHERE name = 'last';\n");
	assert_string_equal(sample_of(ctx, conn, "`only one`"),
		"SELECT COUNT(*) AS `only one` FROM customers WHERE name = 'name 3'");
	sample = sample_of(ctx, conn, "(?) AS `newest`");
	assert_string_equal(sample, "SELECT COUNT(*) + SLEEP(0.2) AS newest FROM customers WHERE name = 'last'");
	assert_string_equal(sample_of(ctx, nowhere, "(?) AS `newest`"), sample);
	my_server_sql(&mariadb, "app",
		so_printf(ctx, "SELECT COUNT(*) AS too_long FROM customers WHERE name = '%05000d'", 7));
	assert_null(sample_of(ctx, conn, "`too_long`"));
	/* what we ran ourselves is nobody's choice of values */
	assert_ok(my->query(ctx, conn, "SELECT COUNT(*) AS `by us` FROM customers WHERE name = 'ours'", 1, 100, 0,
			  &rows, &err),
		err);
	assert_null(sample_of(ctx, conn, "`by us`"));
	my_server_sql(&mariadb, "other", "SELECT 1 AS over_there;\n");
	assert_string_equal(sample_of(ctx, nowhere, "`over_there`"), "SELECT 1 AS over_there");
	talloc_free(ctx);
}

/* Where only the history of each session is on, an idle session tells what it ran last. */
static void test_samples_of_idle_sessions(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	char command[512];
	char *sample = NULL;
	FILE *client;

	(void)state;
	if (mariadb.is_mysql) { /* has a sample with each digest */
		talloc_free(ctx);
		skip();
	}
	snprintf(command, sizeof command, "%s/client -N app >/dev/null", mariadb.dir);
	client = popen(command, "w");
	assert_non_null(client);
	fputs("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME LIKE "
	      "'events_statements_history_long';\n"
	      "TRUNCATE performance_schema.events_statements_history_long;\n"
	      "SELECT COUNT(*) AS idle FROM customers WHERE id = 1; SELECT COUNT(*) AS idle FROM customers WHERE id = "
	      "2;\n"
	      "SELECT SLEEP(0.1) AS `it is done`;\n",
		client);
	fflush(client);
	for (int i = 0; i < 50 && !sample; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_query_list *list = my->statements(ctx, conn, 0, &err);

		assert_ok(list, err);
		if (find_query(list, "`it is done`"))
			sample = sample_of(ctx, conn, "`idle`");
		usleep(100 * 1000);
	}
	fputs("UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME LIKE "
	      "'events_statements_history_long';\n",
		client);
	assert_int_equal(pclose(client), 0);
	assert_non_null(sample);
	assert_string_equal(sample, "SELECT COUNT(*) AS idle FROM customers WHERE id = 2");
	talloc_free(ctx);
}

/* A server that only has the slow log has the newest text of each statement there. */
static void test_samples_of_the_slow_log(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn_params params = { .host = mariadb_slow.socket, .username = "root", .database = "app" };
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = my->open(ctx, &params, NULL, &err);
	const char *unknown[] = { "0000000000000000", "" };
	struct so_query_list *list;
	struct so_rows rows;
	struct so_sample out[2];

	(void)state;
	assert_ok(conn, err);
	my_server_sql(&mariadb_slow, "app", "SELECT COUNT(*) AS logged FROM orders WHERE customer_id = 7;\n");
	my_server_sql(&mariadb_slow, "app", "SELECT COUNT(*) AS logged FROM orders WHERE customer_id = 8;\n");
	assert_string_equal(
		sample_of(ctx, conn, "logged"), "SELECT COUNT(*) AS logged FROM orders WHERE customer_id = 8");
	/* nothing of what was cut off, and what we ran ourselves is nobody's choice of values */
	my_server_sql(&mariadb_slow, "app",
		so_printf(ctx, "SELECT COUNT(*) AS too_long FROM customers WHERE name = '%020000d'", 7));
	assert_ok(my->query(ctx, conn, "SELECT COUNT(*) AS `by us` FROM customers WHERE name = 'ours'", 1, 100, 0,
			  &rows, &err),
		err);
	assert_non_null(list = my->statements(ctx, conn, 0, &err));
	assert_null(sample_of(ctx, conn, "too_long"));
	assert_null(find_query(list, "by us"));
	assert_ok(my->samples(ctx, conn, unknown, 2, out, &err), err);
	assert_null(out[0].text);
	assert_null(out[1].text);
	talloc_free(ctx);
}

static void test_slow_log_check(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn_params params = {
		.host = "127.0.0.1", .port = mariadb_slow.port, .username = "full", .password = "f", .database = "app"
	};
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn;
	const struct so_check *check;

	(void)state;
	conn = my->open(ctx, &params, NULL, &err);
	assert_ok(conn, err);
	check = check_of(my->info(conn, &err), "statistics");
	assert_false(check->ok);
	assert_string_equal(check->remedy, "GRANT SELECT ON mysql.slow_log TO 'full'@'%';");
	talloc_free(conn);
	my_server_sql(&mariadb_slow, NULL, "GRANT SELECT ON mysql.slow_log TO full@'%'");
	conn = my->open(ctx, &params, NULL, &err);
	check = check_of(my->info(conn, &err), "statistics");
	assert_true(check->ok);
	assert_has(check->detail, "mysql.slow_log");
	talloc_free(conn);
	my_server_sql(&mariadb_slow, NULL, "SET GLOBAL slow_query_log = 0");
	conn = my->open(ctx, &params, NULL, &err);
	check = check_of(my->info(conn, &err), "statistics");
	assert_false(check->ok);
	assert_has(check->remedy, "performance_schema = ON");
	assert_has(check->remedy, "log_output = 'TABLE'");
	my_server_sql(&mariadb_slow, NULL, "SET GLOBAL slow_query_log = 1");
	talloc_free(ctx);
}

static const struct so_column *column_of(const struct so_table *t, const char *name)
{
	int32_t at = so_table_column(t, name);

	if (at < 0)
		fail_msg("no column %s", name);
	return &t->columns[at];
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
	static const char *const names[] = { "\"nested\"", "\"app\".\"Odd `Name\"", "`events`", "orders" };
	static const char *const functions[] = { "twice", "bump", "nothing" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *c = my->catalog(ctx, conn, names, 4, functions, 3, &err);
	const struct so_table *t;
	const struct so_index *index;
	const struct so_column *column;

	(void)state;
	assert_ok(c, err);
	assert_int_equal(c->n_tables, 6); /* with what lies below the view of a view, and behind the foreign key */
	assert_int_equal(so_catalog_table(c, NULL, "nested")->kind, SO_TABLE_VIEW);
	assert_non_null(so_catalog_table(c, NULL, "open_orders")->view_definition);
	assert_int_equal(so_catalog_table(c, "app", "events")->kind, SO_TABLE_PARTITIONED);
	assert_int_equal(column_of(so_catalog_table(c, "app", "Odd `Name"), "Id")->type_class, SO_TYPE_INT);
	t = so_catalog_table(c, NULL, "orders");
	assert_true(t->rows > 15000 && t->rows < 25000 && t->pages > 10 && t->has_stats);
	assert_int_equal(t->n_columns, 9);
	assert_string_equal(t->columns[1].name, "customer_id");
	assert_true(column_of(t, "customer_id")->not_null && !column_of(t, "note")->not_null);
	assert_true(column_of(t, "net")->generated && !column_of(t, "total")->generated);
	assert_string_equal(column_of(t, "id")->type, by_product("bigint(20) unsigned", "bigint unsigned"));
	assert_int_equal(
		column_of(t, "status")->type_class, SO_TYPE_OTHER); /* equal is not the same, under its collation */
	column = column_of(so_catalog_table(c, NULL, "customers"), "name");
	assert_int_equal(column->type_class, SO_TYPE_TEXT);
	assert_true(column->has_stats && column->n_bounds > 100);
	column = column_of(t, "customer_id");
	assert_true(column->has_stats && fabs(column->n_distinct - 2000) < 400);
	column = column_of(t, "status");
	assert_true(column->n_distinct == 3 && column->n_common == 3);
	index = index_of(t, "orders_status");
	assert_true(index->n_keys == 2 && index->valid && !index->unique && index->size_bytes > 0);
	assert_string_equal(index->method, "btree");
	assert_has(index->definition, "CREATE INDEX `orders_status` ON `app`.`orders` (`status`");
	assert_false(index_of(t, "orders_hidden")->valid);
	assert_int_equal(index_of(t, "orders_note")->keys[0].column, -1);
	assert_string_equal(index_of(t, "orders_note")->keys[0].expr, "`note`(10)");
	assert_true(index_of(t, "PRIMARY")->primary);
	assert_int_equal(t->n_keys, 1);
	assert_true(t->n_fkeys == 1 && t->fkeys[0].on_delete == 'c' && t->fkeys[0].columns[0] == 1);
	assert_string_equal(t->fkeys[0].ref_columns[0], "id");
	assert_int_equal(so_catalog_table(c, NULL, "customers")->n_keys, 2);
	assert_int_equal(c->n_functions, 2);
	assert_int_equal(c->functions[0].volatility + c->functions[1].volatility, 's' + 'v');
	assert_has(my->ddl(ctx, conn, t, &err), "CONSTRAINT `orders_customer` FOREIGN KEY");
	assert_has(my->ddl(ctx, conn, so_catalog_table(c, NULL, "nested"), &err), "VIEW");
	talloc_free(ctx);
}

static void test_plans(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	struct so_conn *reader = connect_my(ctx, "reader", "re@der s3cret", "app");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	(void)state;
	assert_ok(my->explain(ctx, conn, "SELECT * FROM orders WHERE customer_id = 5", &options, &plan, &err), err);
	assert_string_equal(plan.format, by_product("mariadb-json", "mysql-json"));
	assert_has(plan.text, by_product("\"query_block\"", "\"query_plan\""));
	assert_null(plan.note);
	/* an error is placed in the caller's text */
	assert_false(my->explain(ctx, conn, "SELECT * FORM orders", &options, &plan, &err));
	assert_kind(err, SO_TARGET);
	assert_string_equal(err.sqlstate, "42000");
	assert_int_equal(err.position, 9);
	assert_false(my->explain(ctx, conn, "SELECT * FROM nothing", &options, &plan, &err));
	assert_string_equal(err.sqlstate, "42S02");
	/* EXPLAIN of a change needs the right to make it: without, its rows are planned */
	assert_ok(
		my->explain(ctx, reader, "DELETE FROM orders WHERE customer_id = 5 ORDER BY id", &options, &plan, &err),
		err);
	assert_has(plan.note, "the login lacks the privilege to delete");
	assert_has(plan.text, "orders_customer");
	assert_false(my->explain(ctx, reader, "INSERT INTO dups VALUES (1)", &options, &plan, &err));
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "INSERT");
	/* a setting for one plan */
	options.set_local = "optimizer_switch=index_merge=off";
	assert_ok(my->explain(ctx, conn, "SELECT 1 FROM dups", &options, &plan, &err), err);
	options.set_local = "join_buffer_size=1048576";
	assert_ok(my->explain(ctx, conn, "SELECT 1 FROM dups", &options, &plan, &err), err);
	options.set_local = "general_log=1";
	assert_false(my->explain(ctx, conn, "SELECT 1 FROM dups", &options, &plan, &err));
	assert_kind(err, SO_FORBIDDEN);
	options.set_local = NULL;
	/* executed: reads only, and nothing that a function of a user's does stays */
	options.mode = SO_EXPLAIN_ANALYZE;
	assert_ok(my->explain(ctx, conn, "SELECT COUNT(*) FROM orders", &options, &plan, &err), err);
	assert_has(plan.text, by_product("r_total_time_ms", "actual_last_row_ms"));
	assert_false(my->explain(ctx, conn, "SELECT bump()", &options, &plan, &err));
	assert_has(err.message, "READ ONLY");
	assert_string_equal(my_server_ask(&mariadb, "SELECT SUM(c) FROM app.dups"), "2");
	assert_false(my->explain(ctx, conn, "SELECT * FROM dups FOR UPDATE", &options, &plan, &err));
	assert_false(my->explain(ctx, conn, "SELECT GET_LOCK('a', 0)", &options, &plan, &err));
	assert_false(my->explain(ctx, conn, "SELECT 1 INTO OUTFILE '/tmp/x'", &options, &plan, &err));
	assert_false(my->explain(ctx, conn, "SELECT @a := 5", &options, &plan, &err));
	talloc_free(ctx);
}

/* Texts of the digests have ? for values: a statement that ran stands in for them. */
static void test_normalised_plans(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_query_list *list;
	struct so_explain plan;

	(void)state;
	my_server_sql(&mariadb, "app",
		"SELECT COUNT(*) AS sampled FROM orders WHERE id IN (11, 12, 13) AND customer_id = 12");
	list = my->statements(ctx, conn, 0, &err);
	assert_ok(list, err);
	assert_non_null(find_query(list, "`sampled`"));
	assert_ok(my->explain(ctx, conn, find_query(list, "`sampled`")->text, &options, &plan, &err), err);
	assert_true(plan.generic);
	assert_has(plan.note, "a statement that ran");
	assert_ok(my->explain(ctx, conn, "SELECT * FROM orders WHERE customer_id = ? AND status <> 'a?'", &options,
			  &plan, &err),
		err);
	assert_true(plan.generic);
	assert_has(plan.note, "the value 1");
	assert_has(plan.text, "a?");
	assert_false(my->explain(ctx, conn, "SELECT * FROM orders WHERE id IN (...)", &options, &plan, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_false(my->explain(ctx, conn, "SELECT * FROM orders WHERE note = 'abc...", &options, &plan, &err));
	assert_kind(err, SO_INPUT);
	assert_has(err.message, "cut off");
	talloc_free(ctx);
}

static void test_limits(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;
	char id[64];

	(void)state;
	/* the server's own limit comes first, and a stopped SLEEP() does not pass for a result */
	assert_false(my->query(ctx, conn,
		"SELECT COUNT(*) FROM orders a, orders b, orders c WHERE a.total + b.total + c.total < 0", 1, 100, 300,
		&rows, &err));
	assert_kind(err, SO_TIMEOUT);
	assert_has(err.message, by_product("1969", "3024"));
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(my->query(ctx, conn, "SELECT NULL, x'ff41', 'é', 1.5, TIMESTAMP '2024-01-01 00:00:00'", 1, 1000, 0,
			  &rows, &err),
		err);
	assert_null(rows.cells[0]);
	assert_string_equal(rows.cells[1], "?A");
	assert_string_equal(rows.cells[2], "é");
	assert_string_equal(rows.types[3], "decimal");
	assert_string_equal(rows.types[4], "datetime");
	/* nothing is written, whatever the text */
	assert_false(my->query(ctx, conn, "SELECT 1; DROP TABLE dups", 1, 100, 0, &rows, &err));
	assert_kind(err, SO_INPUT);
	/* killed by an administrator: told, and given up */
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(my->query(ctx, conn, "SELECT CONNECTION_ID()", 1, 100, 0, &rows, &err), err);
	snprintf(id, sizeof id, "KILL %s", rows.cells[0]);
	my_server_sql(&mariadb, NULL, id);
	assert_false(my->query(ctx, conn, "SELECT 1", 1, 100, 0, &rows, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_false(so_conn_usable(conn));
	talloc_free(ctx);
}

static void test_execute(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "app");
	struct so_conn *reader = connect_my(ctx, "reader", "re@der s3cret", "app");
	static const char *const refused[] = { "SET GLOBAL read_only = 1", "GRANT ALL ON *.* TO x", "SELECT 1",
		"KILL 1", "CREATE INDEX a ON dups (c); DROP TABLE dups", "LOAD DATA INFILE 'x' INTO TABLE dups" };
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	(void)state;
	assert_ok(my->execute(conn, "CREATE INDEX dups_c ON dups (c)", 0, 0, &err), err);
	assert_string_equal(my_server_ask(&mariadb,
				    "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE INDEX_NAME = 'dups_c'"),
		"1");
	assert_ok(my->execute(conn, "DROP INDEX dups_c ON dups", 0, 0, &err), err);
	assert_false(my->execute(conn, "CREATE UNIQUE INDEX dups_u ON dups (c)", 0, 0, &err));
	assert_kind(err, SO_TARGET);
	assert_string_equal(err.sqlstate, "23000");
	assert_has(err.message, "for key");
	assert_has_not(err.message, "'1'"); /* values of rows stay where they are */
	assert_false(my->execute(reader, "CREATE INDEX dups_c ON dups (c)", 0, 0, &err));
	assert_kind(err, SO_DENIED);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		assert_false(my->execute(conn, refused[i], 0, 0, &err));
		assert_kind(err, SO_INPUT);
	}
	/* the session is read-only again */
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(my->query(ctx, conn,
			  by_product("SELECT @@SESSION.tx_read_only", "SELECT @@SESSION.transaction_read_only"), 1, 100,
			  0, &rows, &err),
		err);
	assert_string_equal(rows.cells[0], "1");
	talloc_free(ctx);
}

static const struct so_vital *vital_of(
	const struct so_inventory *inventory, enum so_vital_kind kind, const char *object)
{
	for (size_t i = 0; i < inventory->n_vitals; i++)
		if (inventory->vitals[i].kind == kind && strcmp(inventory->vitals[i].object, object) == 0)
			return &inventory->vitals[i];
	fail_msg("no %s of %s", so_vital_kind_name(kind), object);
	return NULL;
}

static void test_inventory(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = connect_my(ctx, NULL, NULL, "other"), *poor;
	struct so_err err = SO_ERR_INIT;
	struct so_inventory *inventory;
	const struct so_vital *vital;

	(void)state;
	my_server_sql(&mariadb, "other",
		"CREATE TABLE tiny (id TINYINT AUTO_INCREMENT PRIMARY KEY);"
		"INSERT INTO tiny SELECT id FROM app.orders WHERE id <= 126;"
		"CREATE TABLE wide (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, t VARCHAR(200));"
		"INSERT INTO wide SELECT id, REPEAT('x', 200) FROM app.orders WHERE id <= 5000;"
		"CREATE VIEW looked AS SELECT id FROM tiny; ANALYZE TABLE tiny, wide;"
		"GRANT SELECT ON other.* TO reader@'%';");
	inventory = my->inventory(ctx, conn, 100, &err);
	assert_ok(inventory, err);
	assert_true(inventory->n_relations == 3 && inventory->n_notes == 0 && !inventory->truncated);
	assert_string_equal(inventory->dialect, product());
	assert_string_equal(inventory->relations[0].schema, "other");
	assert_string_equal(inventory->relations[0].name, "wide");
	assert_true(inventory->relations[0].rows > 4000 && inventory->relations[0].size_bytes > 1000000);
	assert_string_equal(inventory->relations[2].name, "looked");
	assert_true(inventory->relations[2].kind == SO_TABLE_VIEW && inventory->relations[2].size_bytes == -1);
	vital = vital_of(inventory, SO_VITAL_SEQUENCE, "other.tiny");
	assert_true(vital->value == 126 && vital->limit == 127);
	assert_string_equal(vital->detail, by_product("other.tiny.id tinyint(4)", "other.tiny.id tinyint"));
	vital = vital_of(inventory, SO_VITAL_SEQUENCE, "other.wide");
	assert_true(vital->value >= 5000 && vital->value < 10000 && vital->limit > 1.8e19);
	vital = vital_of(inventory, SO_VITAL_SESSIONS, "server");
	assert_true(vital->value >= 1 && vital->value < vital->limit && vital->limit == 151);
	vital = vital_of(inventory, SO_VITAL_CACHE, "InnoDB");
	assert_true(vital->value > 0 && vital->value <= vital->limit);
	vital = vital_of(inventory, SO_VITAL_COUNTERS_SINCE, "server");
	assert_true(vital->value > (double)so_time_now_us() - 3600e6 && vital->value <= (double)so_time_now_us());
	inventory = my->inventory(ctx, conn, 1, &err);
	assert_true(inventory && inventory->n_relations == 1 && inventory->truncated);
	/* without PROCESS the rest is still told */
	poor = connect_my(ctx, "reader", "re@der s3cret", "other");
	inventory = my->inventory(ctx, poor, 100, &err);
	assert_ok(inventory, err);
	assert_true(inventory->n_relations == 3 && inventory->n_notes == 1 && inventory->n_vitals == 5);
	assert_has(inventory->notes[0], "open transactions: not read");
	assert_has(inventory->notes[0], "PROCESS");
	/* of all databases, the server's own excepted */
	conn = connect_my(ctx, NULL, NULL, NULL);
	inventory = my->inventory(ctx, conn, 100, &err);
	assert_ok(inventory, err);
	for (size_t i = 0; i < inventory->n_relations; i++)
		assert_true(strcmp(inventory->relations[i].schema, "app") == 0 ||
			    strcmp(inventory->relations[i].schema, "other") == 0);
	my_server_sql(&mariadb, "other",
		"DROP VIEW looked; DROP TABLE tiny, wide; REVOKE SELECT ON other.* FROM reader@'%';");
	talloc_free(ctx);
}

/* Its age is right whatever the time zone of the sessions. */
static void test_open_transaction(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_inventory *inventory;
	struct so_conn *conn;
	char command[512];
	FILE *client;
	bool found = false;

	(void)state;
	snprintf(command, sizeof command, "%s/client -N app >/dev/null", mariadb.dir);
	client = popen(command, "w");
	assert_non_null(client);
	fputs("SET GLOBAL time_zone = '+09:30'; BEGIN; UPDATE customers SET code = 'x' WHERE id = 3;\n", client);
	fflush(client);
	for (int i = 0; i < 50 && !found; i++) {
		conn = connect_my(ctx, NULL, NULL, "app");
		inventory = my->inventory(ctx, conn, 1, &err);
		assert_ok(inventory, err);
		for (size_t k = 0; k < inventory->n_vitals; k++)
			if (inventory->vitals[k].kind == SO_VITAL_OPEN_TRANSACTION &&
				strcmp(inventory->vitals[k].detail, "running, 1 rows changed") == 0) {
				found = true;
				assert_true(inventory->vitals[k].value >= 0 && inventory->vitals[k].value < 60);
				assert_has(inventory->vitals[k].object, "connection ");
			}
		talloc_free(conn);
		usleep(100 * 1000);
	}
	fputs("ROLLBACK; SET GLOBAL time_zone = 'SYSTEM';\n", client);
	assert_int_equal(pclose(client), 0);
	assert_true(found);
	talloc_free(ctx);
}

int my_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_refused_logins, needs_server),
		cmocka_unit_test_setup(test_logins, needs_server),
		cmocka_unit_test_setup(test_silent_server, needs_server),
		cmocka_unit_test_setup(test_least_privilege, needs_server),
		cmocka_unit_test_setup(test_statements, needs_server),
		cmocka_unit_test_setup(test_samples, needs_server),
		cmocka_unit_test_setup(test_samples_of_idle_sessions, needs_server),
		cmocka_unit_test_setup(test_samples_of_the_slow_log, needs_server),
		cmocka_unit_test_setup(test_slow_log_check, needs_server),
		cmocka_unit_test_setup(test_catalog, needs_server),
		cmocka_unit_test_setup(test_inventory, needs_server),
		cmocka_unit_test_setup(test_open_transaction, needs_server),
		cmocka_unit_test_setup(test_plans, needs_server),
		cmocka_unit_test_setup(test_normalised_plans, needs_server),
		cmocka_unit_test_setup(test_limits, needs_server),
		cmocka_unit_test_setup(test_execute, needs_server),
	};

	my = so_engine_find("mysql");
	return cmocka_run_group_tests_name("mariadb", tests, NULL, NULL);
}
