/* What every driver promises, whatever its engine: one row a driver, the same tests for each. */
#include <pthread.h>
#include <unistd.h>

#include "common.h"
#include "engine/reading.h"
#include "fake.h"
#include "ms_tests.h"
#include "lite_tests.h"
#include "ora_tests.h"
#include "pg_tests.h"

#define SOME_DAY_US INT64_C(1577836800000000) /* in 2020 */

struct subject {
	const char *name;
	const struct so_engine *engine;
	struct so_conn_params good, refused;
	const char *table; /* one that exists */
	const char *slow, *rows, *rows_desc; /* never ends; 1000 rows; the same in another order */
	const char *index; /* CREATE INDEX text that can be tried */
	const bool *absent; /* its server cannot be had here */
	const char *update; /* a change that can be planned; NULL: the one of app.dups */
	enum so_kind refused_kind; /* SO_NONE: SO_DENIED */
	bool counts_own; /* what `query` executes is counted by the server */
};

static struct subject subjects[7];

static struct so_conn *open_subject(TALLOC_CTX *ctx, const struct subject *s)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = s->engine->open(ctx, &s->good, NULL, &err);

	assert_ok(conn, err);
	assert_ptr_equal(so_conn_engine(conn), s->engine);
	assert_non_null(so_conn_dialect(conn));
	return conn;
}

static bool has(const struct subject *s, struct so_conn *conn, enum so_cap cap)
{
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = s->engine->info(conn, &err);

	assert_ok(info, err);
	return info->caps & cap;
}

static int set_up(void **state)
{
	const struct subject *s = *state;

	if (s->absent && *s->absent)
		skip();
	return 0;
}

static void test_login(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_cancel *token = so_cancel_new(ctx, 0);
	int64_t latency = -1;
	struct so_conn *conn;
	size_t blocks;

	blocks = talloc_total_blocks(ctx);
	assert_null(s->engine->open(ctx, &s->refused, NULL, &err));
	assert_kind(err, s->refused_kind ? s->refused_kind : SO_DENIED);
	so_cancel_request(token);
	assert_null(s->engine->open(ctx, &s->good, token, &err));
	assert_kind(err, SO_CANCELLED);
	assert_int_equal(talloc_total_blocks(ctx), blocks);
	err = (struct so_err)SO_ERR_INIT;
	conn = open_subject(ctx, s);
	assert_ok(s->engine->ping(conn, &latency, &err), err);
	assert_true(latency > 0 && so_conn_wait_us(conn) > 0 && so_conn_usable(conn));
	talloc_free(conn);
	assert_int_equal(talloc_total_blocks(ctx), blocks);
	talloc_free(ctx);
}

static void test_info(void **state)
{
	const struct subject *s = *state;
	struct so_conn *conn = open_subject(NULL, s);
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = s->engine->info(conn, &err);

	assert_ok(info, err);
	assert_true(info->version && info->flavor && info->database && info->user && info->host_text &&
		    info->version_num > 0);
	assert_true(check_of(info, "reach")->ok);
	for (size_t i = 0; i < info->n_checks; i++) {
		assert_true(info->checks[i].title && *info->checks[i].title && info->checks[i].detail);
		assert_true(info->checks[i].ok || !info->checks[i].required);
	}
	talloc_free(conn);
}

/* Results are children of the context given, and nothing else stays behind. */
static void test_results(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(NULL, s);
	struct so_err err = SO_ERR_INIT;
	const char *names[] = { s->table, "no_such_table" };
	struct so_catalog *catalog;
	struct so_query_list *list;
	bool counted;
	size_t blocks;

	counted = has(s, conn, SO_CAP_STATEMENTS);
	blocks = talloc_total_blocks(conn);
	list = s->engine->statements(ctx, conn, 2, &err);
	if (counted) {
		assert_ok(list, err);
		assert_int_equal(list->count, 2);
		assert_true(list->items[0].counters.exec_us >= list->items[1].counters.exec_us);
	} else {
		assert_null(list);
		assert_kind(err, SO_UNSUPPORTED);
	}
	catalog = s->engine->catalog(ctx, conn, names, 2, NULL, 0, &err);
	assert_ok(catalog, err);
	assert_true(catalog->n_tables >= 1 && catalog->tables[0].n_columns >= 1);
	assert_null(so_catalog_table(catalog, NULL, "no_such_table"));
	assert_has(s->engine->ddl(ctx, conn, &catalog->tables[0], &err), "CREATE TABLE");
	assert_int_equal(talloc_total_blocks(conn), blocks);
	talloc_free(ctx);
	talloc_free(conn);
}

static const struct so_reading_row *row_of(const struct so_reading *reading, const uint64_t key[2])
{
	for (size_t i = 0; i < reading->count; i++)
		if (memcmp(reading->rows[i].key, key, sizeof reading->rows[i].key) == 0)
			return &reading->rows[i];
	return NULL;
}

/* Counters that only grow, rows that keep their key, texts of their own, a limit that is honoured and told. */
static void test_readings(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(NULL, s);
	struct so_err err = SO_ERR_INIT;
	struct so_reading *first, *second, *few;
	struct so_rows rows;
	size_t blocks;
	bool grew = false;

	if (!has(s, conn, SO_CAP_STATEMENTS)) {
		assert_null(s->engine->counters(ctx, conn, NULL, 0, 100, &err));
		assert_kind(err, SO_UNSUPPORTED);
		talloc_free(conn);
		talloc_free(ctx);
		return;
	}
	assert_ok(s->engine->query(ctx, conn, s->rows, 2000, 1 << 20, 0, &rows, &err), err);
	blocks = talloc_total_blocks(conn);
	first = s->engine->counters(ctx, conn, NULL, 0, 5000, &err);
	assert_ok(first, err);
	assert_true(first->count > 1 && first->complete && first->server_uid && first->bytes > 0);
	assert_true(
		first->at_us > SOME_DAY_US && first->at_us < so_time_now_us() + SOME_DAY_US / 50); /* microseconds */
	for (size_t i = 0; i < first->count; i++) {
		assert_true(first->rows[i].id && first->rows[i].counters[SO_COUNT_CALLS] > 0);
		assert_int_equal(first->rows[i].database, 0);
		assert_ptr_equal(row_of(first, first->rows[i].key), &first->rows[i]);
	}
	assert_ok(s->engine->query(ctx, conn, s->rows, 2000, 1 << 20, 0, &rows, &err), err);
	second = s->engine->counters(ctx, conn, NULL, 0, 5000, &err);
	assert_ok(second, err);
	assert_string_equal(second->server_uid, first->server_uid);
	assert_int_equal(second->epoch_us, first->epoch_us);
	for (size_t i = 0; i < first->count; i++) {
		const struct so_reading_row *old = &first->rows[i], *now = row_of(second, old->key);

		assert_non_null(now);
		assert_int_equal(now->since_us, old->since_us);
		assert_true(!old->since_us || (old->since_us > SOME_DAY_US && old->since_us <= second->at_us));
		for (int k = 0; k < SO_COUNTERS; k++)
			assert_true(now->counters[k] >= old->counters[k]);
		grew = grew || now->counters[SO_COUNT_CALLS] > old->counters[SO_COUNT_CALLS];
	}
	assert_true(grew || !s->counts_own);
	few = s->engine->counters(ctx, conn, NULL, 0, 1, &err);
	assert_ok(few, err);
	assert_false(few->complete);
	assert_int_equal(first->summed, first->rows[0].text != NULL);
	if (!first->summed) {
		const char *ids[3] = { "0", first->rows[0].id, first->rows[1].id };
		struct so_statement_text texts[3];
		const char *none[] = { "no_such_database" };

		assert_ok(s->engine->texts(ctx, conn, ids, 3, texts, &err), err);
		assert_null(texts[0].text);
		assert_true(texts[1].text && *texts[1].text && texts[2].text && *texts[2].text);
		few = s->engine->counters(ctx, conn, none, 1, 5000, &err);
		assert_ok(few, err);
		assert_int_equal(few->count, 0);
		few = s->engine->counters(ctx, conn, NULL, 0, 1, &err);
		assert_ok(few, err);
		assert_int_equal(few->count, 1);
		assert_int_equal(talloc_total_blocks(conn), blocks);
	}
	talloc_free(ctx);
	talloc_free(conn);
}

/* Texts that ran, as far as the engine keeps them: for the ids asked for, whole, bounded, never ours. */
static void test_samples(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(NULL, s);
	struct so_err err = SO_ERR_INIT;
	struct so_reading *reading;
	const char *ids[SO_SAMPLES_MAX] = { "0" };
	struct so_sample out[SO_SAMPLES_MAX];
	size_t n = 1, blocks;

	assert_ok(s->engine->samples(ctx, conn, ids, 0, out, &err), err);
	reading = has(s, conn, SO_CAP_STATEMENTS) ? s->engine->counters(ctx, conn, NULL, 0, 5000, &err) : NULL;
	for (size_t i = 0; reading && i < reading->count && n < SO_SAMPLES_MAX; i++)
		ids[n++] = reading->rows[i].id;
	blocks = talloc_total_blocks(conn);
	assert_ok(s->engine->samples(ctx, conn, ids, n, out, &err), err);
	assert_null(out[0].text);
	for (size_t i = 0; i < n; i++) {
		assert_true(!out[i].text ||
			    (strlen(out[i].text) <= SO_SAMPLE_BYTES && !strstr(out[i].text, "/* sqlopt */")));
		for (size_t k = 0; k < out[i].n_values; k++)
			assert_true(out[i].text && out[i].values[k] && *out[i].values[k]);
	}
	assert_true(s->engine->samples != so_no_samples || s->engine->no_samples);
	assert_int_equal(talloc_total_blocks(conn), blocks);
	talloc_free(ctx);
	talloc_free(conn);
}

/* Sessions as far as the engine has them; our own is none of them. */
static void test_activity(void **state)
{
	const struct subject *s = *state;
	static const char *const nowhere[] = { "no_such_database" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(NULL, s);
	struct so_err err = SO_ERR_INIT;
	struct so_activity *all, *none;

	all = s->engine->activity(ctx, conn, NULL, 0, 50, &err);
	if (!all) {
		assert_kind(err, SO_UNSUPPORTED);
	} else {
		assert_true(all->count <= 50);
		for (size_t i = 0; i < all->count; i++)
			assert_true(!all->items[i].text || !strstr(all->items[i].text, "sqlopt"));
		none = s->engine->activity(ctx, conn, nowhere, 1, 50, &err);
		assert_ok(none, err);
		/* what Oracle shows is one database anyway */
		assert_true(none->count + none->hidden == 0 || strcmp(s->engine->name, "oracle") == 0);
	}
	talloc_free(ctx);
	talloc_free(conn);
}

static void test_explain(void **state)
{
	static const char *const refused[] = { "DROP TABLE app.dups", "SELECT 1; DROP TABLE app.dups", "" };
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(ctx, s);
	const char *update = s->update ? s->update : "UPDATE app.dups SET c = 5";
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_explain plan;

	assert_ok(s->engine->explain(ctx, conn, update, &options, &plan, &err), err);
	assert_true(plan.text && plan.format && !plan.generic && plan.wait_us > 0);
	for (size_t i = 0; i < 3; i++)
		assert_false(s->engine->explain(ctx, conn, refused[i], &options, &plan, &err));
	options.mode = SO_EXPLAIN_ANALYZE;
	err = (struct so_err)SO_ERR_INIT;
	assert_false(s->engine->explain(ctx, conn, update, &options, &plan, &err));
	assert_kind(err, SO_INPUT);
	if (has(s, conn, SO_CAP_ANALYZE)) {
		assert_ok(s->engine->explain(ctx, conn, s->rows, &options, &plan, &err), err);
	} else {
		assert_false(s->engine->explain(ctx, conn, s->rows, &options, &plan, &err));
		assert_kind(err, SO_UNSUPPORTED);
	}
	assert_true(so_conn_usable(conn));
	talloc_free(ctx);
}

/* What cannot be done is said, and undoing it is harmless. */
static void check_no_what_if(const struct subject *s, struct so_conn *conn)
{
	struct so_err err = SO_ERR_INIT;
	const struct so_engine_info *info = s->engine->info(conn, &err);
	struct so_hypo_index out;

	assert_ok(info, err);
	assert_false(check_of(info, "what_if")->ok);
	assert_false(s->engine->what_if_begin(conn, &err));
	assert_kind(err, SO_UNSUPPORTED);
	assert_false(s->engine->what_if_add(conn, conn, &s->index, 1, &out, &err));
	s->engine->what_if_end(conn);
	assert_true(so_conn_usable(conn));
}

static void test_what_if(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(ctx, s);
	const char *ddl[] = { s->index, "not an index" };
	struct so_err err = SO_ERR_INIT;
	struct so_hypo_index out[2];

	assert_ok(s->engine->info(conn, &err), err);
	if (!has(s, conn, SO_CAP_WHAT_IF)) {
		check_no_what_if(s, conn);
		talloc_free(ctx);
		return;
	}
	assert_false(s->engine->what_if_add(ctx, conn, ddl, 1, out, &err));
	assert_kind(err, SO_CONFLICT);
	assert_ok(s->engine->what_if_begin(conn, &err), err);
	assert_false(s->engine->what_if_begin(conn, &err));
	assert_ok(s->engine->what_if_add(ctx, conn, ddl, 2, out, &err), err);
	assert_true(out[0].id && out[0].name && !out[0].refusal && (out[0].size_bytes > 0 || out[0].size_bytes == -1));
	assert_true(!out[1].id && out[1].refusal && out[1].size_bytes == -1);
	assert_ok(s->engine->what_if_drop(conn, &out[0].id, 1, &err), err);
	assert_ok(s->engine->what_if_drop(conn, NULL, 0, &err), err);
	s->engine->what_if_end(conn);
	s->engine->what_if_end(conn);
	assert_ok(s->engine->what_if_begin(conn, &err), err);
	s->engine->what_if_end(conn);
	talloc_free(ctx);
}

static void test_reads(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_conn *conn = open_subject(ctx, s);
	struct so_result_digest a, b;
	struct so_err err = SO_ERR_INIT;
	struct so_rows rows;

	assert_ok(s->engine->query(ctx, conn, s->rows, 5000, 1 << 20, 0, &rows, &err), err);
	assert_true(rows.n_rows == 1000 && rows.n_columns == 1 && !rows.truncated && rows.columns[0] && rows.types[0]);
	assert_string_equal(rows.cells[0], "1");
	assert_ok(s->engine->query(ctx, conn, s->rows, 10, 1 << 20, 0, &rows, &err), err);
	assert_true(rows.n_rows == 10 && rows.truncated);
	assert_ok(s->engine->query(ctx, conn, s->rows, 5000, 100, 0, &rows, &err), err);
	assert_true(rows.n_rows < 100 && rows.truncated);
	assert_ok(s->engine->digest(ctx, conn, s->rows, 5000, 1 << 20, 0, &a, &err), err);
	assert_ok(s->engine->digest(ctx, conn, s->rows_desc, 5000, 1 << 20, 0, &b, &err), err);
	assert_true(
		a.n_rows == 1000 && a.multiset_hash == b.multiset_hash && a.list_hash != b.list_hash && a.exec_us > 0);
	assert_ok(s->engine->digest(ctx, conn, s->rows, 10, 1 << 20, 0, &a, &err), err);
	assert_true(a.truncated);
	assert_false(s->engine->query(
		ctx, conn, s->update ? s->update : "UPDATE app.dups SET c = 5", 1, 100, 0, &rows, &err));
	assert_kind(err, SO_INPUT);
	assert_false(s->engine->digest(ctx, conn, "SELECT $1", 1, 100, 0, &a, &err));
	assert_false(s->engine->execute(conn, "COMMIT", 0, 0, &err));
	assert_false(s->engine->execute(conn, "", 0, 0, &err));
	assert_true(so_conn_usable(conn));
	talloc_free(ctx);
}

struct stopper {
	const struct so_engine *engine;
	struct so_conn *conn;
};

static void *stop_soon(void *arg)
{
	struct stopper *stopper = arg;

	usleep(200 * 1000);
	stopper->engine->cancel(stopper->conn);
	return NULL;
}

static void test_stopping(void **state)
{
	const struct subject *s = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct stopper stopper = { s->engine, open_subject(ctx, s) };
	struct so_cancel *token = so_cancel_new(ctx, so_time_monotonic_us() + 200 * 1000);
	struct so_err err = SO_ERR_INIT;
	int64_t start = so_time_monotonic_us();
	struct so_rows rows;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stopper), 0);
	assert_false(s->engine->query(ctx, stopper.conn, s->slow, 10, 1000, 60000, &rows, &err));
	pthread_join(thread, NULL);
	assert_kind(err, SO_CANCELLED);
	assert_false(s->engine->query(ctx, stopper.conn, s->slow, 10, 1000, 100, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	so_conn_set_cancel(stopper.conn, token);
	assert_false(s->engine->query(ctx, stopper.conn, s->slow, 10, 1000, 60000, &rows, &err));
	assert_kind(err, SO_TIMEOUT);
	so_conn_set_cancel(stopper.conn, NULL);
	err = (struct so_err)SO_ERR_INIT;
	assert_ok(s->engine->query(ctx, stopper.conn, s->rows, 5, 1000, 0, &rows, &err), err);
	assert_true(so_time_monotonic_us() - start < 8000 * 1000);
	talloc_free(ctx);
}

/* The fake fails its n-th call; whatever the n, every later call fails too and nothing leaks or crashes. */
static void test_injected_failures(void **state)
{
	(void)state;
	for (int n = 1; n < 10; n++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		char dsn[32];
		struct so_conn_params params = { .dsn = dsn };
		struct so_err err = SO_ERR_INIT;
		struct so_conn *conn;
		int64_t latency;
		int worked = 0;

		snprintf(dsn, sizeof dsn, "fail=%d", n);
		conn = so_engine_fake.open(ctx, &params, NULL, &err);
		assert_int_equal(conn == NULL, n == 1);
		for (int i = 0; conn && i < 10; i++)
			worked += so_engine_fake.ping(conn, &latency, &err);
		if (conn) {
			assert_int_equal(worked, n - 2);
			assert_false(so_conn_usable(conn));
		}
		assert_kind(err, SO_UNREACHABLE);
		talloc_free(ctx);
	}
}

static void test_registry(void **state)
{
	char *name = so_engine_name(NULL, "A\"b", "c");

	(void)state;
	assert_ptr_equal(so_engine_find("postgresql"), pg);
	assert_string_equal(so_engine_find("mysql")->name, "mysql");
	assert_string_equal(so_engine_find("mariadb")->name, "mariadb");
	assert_string_equal(so_engine_find("sqlite")->name, "sqlite");
	assert_null(so_engine_find("fake"));
	assert_null(so_engine_find(NULL));
	for (size_t i = 0; so_engines[i]; i++) {
		const void *const *slot = (const void *const *)so_engines[i];

		for (size_t k = offsetof(struct so_engine, sql) / sizeof *slot;
			k < sizeof(struct so_engine) / sizeof *slot; k++)
			assert_non_null(slot[k]);
	}
	assert_string_equal(name, "\"A\"\"b\".\"c\"");
	talloc_free(name);
}

static void make_subjects(void)
{
	subjects[0] = (struct subject){ .name = "conformance: fake",
		.engine = &so_engine_fake,
		.good = { .dsn = "" },
		.refused = { .dsn = "login=refused" },
		.table = "app.orders",
		.slow = FAKE_SLOW,
		.rows = FAKE_ROWS "1000",
		.rows_desc = FAKE_ROWS "1000 desc",
		.index = "CREATE INDEX ON app.orders (id)" };
	subjects[1] = (struct subject){ .name = "conformance: postgresql",
		.engine = pg,
		.good = { .host = server.dir, .port = server.port, .username = "postgres", .database = "shop" },
		.refused = { .host = "127.0.0.1",
			.port = server.port,
			.username = "reader",
			.password = "no",
			.database = "shop" },
		.table = "app.orders",
		.slow = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b",
		.rows = "SELECT i FROM generate_series(1, 1000) i",
		.rows_desc = "SELECT i FROM generate_series(1000, 1, -1) i",
		.index = "CREATE INDEX ON app.orders (customer_id)",
		.counts_own = true };
	subjects[2] = (struct subject){ .name = mariadb.is_mysql ? "conformance: mysql" : "conformance: mariadb",
		.engine = so_engine_find(mariadb.is_mysql ? "mysql" : "mariadb"),
		.good = { .host = mariadb.socket, .username = "root", .database = "app" },
		.refused = { .host = "127.0.0.1", .port = mariadb.port, .username = "reader", .password = "no" },
		.table = "app.orders",
		.slow = "SELECT COUNT(*) FROM orders a, orders b, orders c WHERE a.total + b.total + c.total < 0",
		.rows = "SELECT id FROM orders WHERE id <= 1000 ORDER BY id",
		.rows_desc = "SELECT id FROM orders WHERE id <= 1000 ORDER BY id DESC",
		.index = "CREATE INDEX tried ON orders (customer_id)",
		.absent = &no_mariadb };
	subjects[3] = subjects[2];
	subjects[3].name = mariadb.is_mysql ? "conformance: mysql, slow log, registered as mariadb"
					    : "conformance: mariadb, slow log, registered as mysql";
	subjects[3].engine = so_engine_find(mariadb.is_mysql ? "mariadb" : "mysql");
	subjects[3].good.host = mariadb_slow.socket;
	subjects[3].refused.port = mariadb_slow.port;
	subjects[4] = (struct subject){ .name = "conformance: mssql, a double",
		.engine = so_engine_find("mssql"),
		.good = { .host = "127.0.0.1", .port = mssql_double.port, .username = "monitor", .database = "shop" },
		.refused = { .host = "127.0.0.1",
			.port = mssql_double.port,
			.username = "monitor",
			.password = "wrong" },
		.table = "dbo.orders",
		.slow = "SELECT x FROM dbo.slow_one",
		.rows = "SELECT i FROM dbo.numbers",
		.rows_desc = "SELECT i FROM dbo.numbers ORDER BY i DESC",
		.index = "CREATE INDEX tried ON dbo.orders (user_id)" };
	subjects[5] = (struct subject){ .name = "conformance: sqlite",
		.engine = so_engine_find("sqlite"),
		.good = { .database = lite_file() },
		.refused = { .dsn = "sqlite:////nowhere/at/all.db" },
		.refused_kind = SO_UNREACHABLE,
		.table = "orders",
		.slow = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s",
		.rows = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 1000) SELECT i FROM s",
		.rows_desc =
			"WITH RECURSIVE s(i) AS (SELECT 1000 UNION ALL SELECT i - 1 FROM s LIMIT 1000) SELECT i FROM s",
		.index = "CREATE INDEX main.tried ON orders (customer_id)",
		.update = "UPDATE dups SET c = 5" };
	subjects[6] = (struct subject){ .name = "conformance: oracle, a double",
		.engine = so_engine_find("oracle"),
		.good = { .host = "127.0.0.1", .username = "MONITOR", .database = "shop" },
		.refused = { .host = "127.0.0.1", .username = "MONITOR", .password = "wrong", .database = "shop" },
		.table = "orders",
		.slow = "SELECT t.n FROM slow_one t",
		.rows = "SELECT t.n FROM numbers t",
		.rows_desc = "SELECT t.n FROM numbers t ORDER BY n DESC",
		.index = "CREATE INDEX tried ON app.orders (user_id)" };
}

/* Runs the subjects from `first` to `last`. */
static int run_subjects(size_t first, size_t last)
{
	int failed = 0;

	make_subjects();
	for (size_t i = first; i <= last; i++) {
		const struct CMUnitTest tests[] = {
			cmocka_unit_test_prestate_setup_teardown(test_login, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_info, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_results, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_readings, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_samples, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_activity, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_explain, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_what_if, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_reads, set_up, NULL, &subjects[i]),
			cmocka_unit_test_prestate_setup_teardown(test_stopping, set_up, NULL, &subjects[i]),
		};

		if (no_oracle && subjects[i].engine == so_engine_find("oracle"))
			continue; /* ora_tests says so */
		failed += cmocka_run_group_tests_name(subjects[i].name, tests, NULL, NULL);
	}
	return failed;
}

int conformance_of_fake(void)
{
	return run_subjects(0, 0);
}

int conformance_of_pg(void)
{
	return run_subjects(1, 1);
}

int conformance_of_my(void)
{
	return run_subjects(2, 3);
}

int conformance_of_lite(void)
{
	return run_subjects(5, 5);
}

int conformance_tests(void)
{
	const struct CMUnitTest own[] = { cmocka_unit_test(test_injected_failures), cmocka_unit_test(test_registry) };
	int failed = run_subjects(0, sizeof subjects / sizeof subjects[0] - 1);

	return failed + cmocka_run_group_tests_name("conformance: the suite itself", own, NULL, NULL);
}
