/* The snapshot: what is in it, what is not, and what it costs. */
#include <math.h>
#include <unistd.h>

#include "common.h"
#include "pg_tests.h"

static TALLOC_CTX *ctx;
static struct so_conn *conn;

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

static struct so_catalog *snapshot(struct so_conn *on, const char *const *tables, size_t n)
{
	static const char *const functions[] = { "lower", "app.stable_one", "sum", "nope", "row_number",
		"generate_series", "concat" };
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *catalog = pg->catalog(ctx, on, tables, n, functions, 7, &err);

	assert_ok(catalog, err);
	return catalog;
}

static const struct so_table *table(const struct so_catalog *catalog, const char *schema, const char *name)
{
	const struct so_table *found = so_catalog_table(catalog, schema, name);

	if (!found)
		fail_msg("no table %s.%s", schema, name);
	return found;
}

static const struct so_column *column(const struct so_table *t, const char *name)
{
	int32_t at = so_table_column(t, name);

	if (at < 0)
		fail_msg("no column %s.%s", t->name, name);
	return &t->columns[at];
}

static const struct so_index *index_of(const struct so_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_indexes; i++)
		if (strcmp(t->indexes[i].name, name) == 0)
			return &t->indexes[i];
	fail_msg("no index %s on %s", name, t->name);
	return NULL;
}

static void test_tables(void **state)
{
	static const char *const names[] = { "app.orders", "app.orders", "App.NOSUCH", "nope", "; drop", "" };
	struct so_catalog *c = snapshot(conn, names, 6);
	const struct so_table *t;

	(void)state;
	assert_int_equal(c->n_tables, 2); /* and what its foreign key points at */
	assert_string_equal(c->engine, "postgresql");
	assert_string_equal(c->database, "shop");
	assert_string_equal(c->collation, "C.UTF-8");
	assert_int_equal(c->version_num, atoi(pg_server_ask(&server, "postgres", "SHOW server_version_num")));
	assert_true(c->taken_at_us > 0 && c->time_zone);
	assert_int_equal(c->n_search_path, 1);
	assert_string_equal(c->search_path[0], "public");
	assert_string_equal(so_catalog_setting(c, "enable_seqscan"), "on"); /* ours were off, theirs are meant */
	assert_string_equal(so_catalog_setting(c, "work_mem"), "4096");
	assert_non_null(so_catalog_setting(c, "random_page_cost"));
	t = table(c, "app", "orders");
	assert_int_equal(t->kind, SO_TABLE);
	assert_true(t->rows == 20000 && t->pages > 50 && t->size_bytes >= t->pages * 8192);
	assert_true(t->has_stats && t->last_analyze_us > 0 && t->inserts == 20000 && t->live_rows == 20000);
	assert_true(t->mods_since_analyze == 0 && t->dead_rows == 0 && t->seq_scans >= 1 && t->deletes == 0);
	assert_false(t->row_security);
	assert_int_equal(t->n_columns, 9);
}

static void test_columns(void **state)
{
	static const char *const names[] = { "app.orders" };
	struct so_catalog *c = snapshot(conn, names, 1);
	const struct so_table *t = table(c, "app", "orders"), *u = table(c, "app", "customers");
	const struct so_column *k = column(t, "status");
	double sum = 0;

	(void)state;
	assert_true(k->type_class == SO_TYPE_TEXT && k->not_null && k->has_stats && k->null_frac == 0 &&
		    k->n_distinct == 3);
	assert_int_equal(k->n_common, 3);
	assert_string_equal(k->common_vals[0], "done");
	assert_string_equal(k->common_vals[2], "open, \"now\"");
	for (size_t i = 0; i < k->n_common; i++)
		sum += k->common_freqs[i];
	assert_true(fabs(sum - 1) < 0.01);
	assert_string_equal(k->collation, "C.UTF-8");
	assert_false(k->collation_is_c);
	k = column(t, "id");
	assert_true(k->type_class == SO_TYPE_INT && k->width_bits == 64 && k->n_distinct == -1 && k->correlation == 1);
	assert_true(k->n_bounds > 50 && k->avg_width == 8);
	assert_string_equal(k->bounds[0], "1");
	k = column(t, "note");
	assert_true(!k->not_null && fabs(k->null_frac - 0.25) < 0.05);
	k = column(t, "net");
	assert_true(k->generated && !k->default_text);
	k = column(t, "total");
	assert_string_equal(k->type, "numeric(10,2)");
	assert_string_equal(k->default_text, "0");
	assert_int_equal(column(t, "tags")->type_class, SO_TYPE_ARRAY);
	assert_int_equal(column(t, "payload")->type_class, SO_TYPE_JSONB);
	assert_int_equal(column(t, "created_at")->type_class, SO_TYPE_TIMESTAMPTZ);
	k = column(u, "name");
	assert_string_equal(k->type, "character varying(40)");
	assert_true(k->collation_is_c);
	assert_string_equal(column(u, "email")->type, "app.email");
	assert_int_equal(column(u, "email")->type_class, SO_TYPE_TEXT);
	assert_int_equal(column(u, "mood")->type_class, SO_TYPE_OTHER);
	assert_int_equal(column(u, "code")->type_class, SO_TYPE_BPCHAR);
	assert_int_equal(so_table_column(u, "gone"), -1);
}

static void test_keys_and_indexes(void **state)
{
	static const char *const names[] = { "app.orders", "app.looseref", "app.offref", "app.parent", "app.events" };
	struct so_catalog *c = snapshot(conn, names, 5);
	const struct so_table *t = table(c, "app", "orders"), *u = table(c, "app", "customers");
	const struct so_index *x = index_of(t, "orders_status");

	(void)state;
	assert_int_equal(t->n_keys, 1);
	assert_true(t->keys[0].kind == SO_KEY_PRIMARY && t->keys[0].validated && t->keys[0].n_columns == 1);
	assert_int_equal(t->n_fkeys, 1);
	assert_true(t->fkeys[0].validated && t->fkeys[0].on_delete == 'c' && t->fkeys[0].columns[0] == 1);
	assert_string_equal(t->fkeys[0].ref_table, "customers");
	assert_string_equal(t->fkeys[0].ref_columns[0], "id");
	assert_false(table(c, "app", "looseref")->fkeys[0].validated);
	assert_false(table(c, "app", "offref")->fkeys[0].validated); /* its triggers are off */
	assert_int_equal(u->n_keys, 2);
	assert_true(u->keys[1].kind == SO_KEY_UNIQUE && u->keys[1].deferrable);
	assert_true(
		x->n_keys == 2 && x->n_include == 1 && x->valid && !x->unique && x->size_bytes > 8192 && x->scans >= 0);
	assert_true(x->keys[0].desc && !x->keys[0].nulls_first && !x->keys[1].desc);
	assert_int_equal(x->include[0], so_table_column(t, "total"));
	assert_has(x->predicate, "status <> 'done'");
	assert_has(x->definition, "CREATE INDEX orders_status ON app.orders");
	assert_true(x->tree_height >= 1 && x->tree_height <= 2);
	x = index_of(t, "orders_expr");
	assert_int_equal(x->keys[0].column, -1);
	assert_has(x->keys[0].expr, "lower(note)");
	assert_string_equal(x->keys[1].opclass, "text_pattern_ops");
	assert_null(x->keys[1].expr);
	x = index_of(t, "orders_gin");
	assert_string_equal(x->method, "gin");
	assert_string_equal(x->keys[0].opclass, "jsonb_path_ops");
	assert_true(x->tree_height == -1);
	assert_true(index_of(t, "orders_pkey")->primary && index_of(t, "orders_pkey")->constraint);
	assert_int_equal(t->n_ext_stats, 1);
	assert_string_equal(t->ext_stats[0].name, "orders_stats");
	assert_string_equal(t->ext_stats[0].kinds, "df");
	assert_int_equal(t->ext_stats[0].n_columns, 2);
	/* Rows of children are rows of the parent, and its key does not cover them. */
	assert_false(table(c, "app", "parent")->keys[0].validated);
	assert_true(table(c, "app", "events")->keys[0].validated);
}

static void test_other_kinds(void **state)
{
	static const char *const names[] = { "app.nested", "app.totals", "app.events",
		"\"Mixed Case\".\"Order \"\"Items\"\"\"", "app.secret" };
	struct so_catalog *c = snapshot(conn, names, 5);
	const struct so_table *t = table(c, "app", "nested");

	(void)state;
	assert_int_equal(t->kind, SO_TABLE_VIEW);
	assert_has(t->view_definition, "app.open_orders");
	assert_int_equal(t->n_columns, 10);
	table(c, "app", "open_orders"); /* the tables below, level by level */
	table(c, "app", "orders");
	table(c, "app", "customers");
	assert_int_equal(table(c, "app", "totals")->kind, SO_TABLE_MATVIEW);
	t = table(c, "app", "events");
	assert_int_equal(t->kind, SO_TABLE_PARTITIONED);
	assert_string_equal(t->partition_key, "RANGE (at)");
	assert_true(t->rows == 3000 && t->pages > 0 && column(t, "kind")->has_stats);
	assert_null(so_catalog_table(c, "app", "events_1")); /* not named */
	t = table(c, "Mixed Case", "Order \"Items\"");
	assert_string_equal(t->columns[0].name, "Id");
	assert_string_equal(t->columns[1].name, "select");
	assert_true(table(c, "app", "secret")->row_security);
}

static void test_search_path(void **state)
{
	static const char *const names[] = { "orders" };
	struct so_conn_params params = {
		.host = server.dir, .port = server.port, .username = "postgres", .database = "shop"
	};
	struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN };
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *c = snapshot(conn, names, 1);
	struct so_explain plan;
	struct so_conn *other;

	(void)state;
	assert_string_equal(c->tables[0].schema, "public");
	params.search_path = "app, public";
	other = pg->open(ctx, &params, NULL, &err);
	assert_ok(other, err);
	c = snapshot(other, names, 1);
	assert_int_equal(c->n_search_path, 2);
	assert_string_equal(c->search_path[0], "app");
	table(c, "app", "orders");
	assert_non_null(so_catalog_table(c, NULL, "orders"));
	assert_ok(pg->explain(ctx, other, "SELECT customer_id FROM orders", &options, &plan, &err), err);
	assert_false(pg->explain(ctx, conn, "SELECT customer_id FROM orders", &options, &plan, &err));
}

static void test_functions(void **state)
{
	static const char *const names[] = { "app.dups" };
	struct so_catalog *c = snapshot(conn, names, 1);
	bool sum = false, lower = false, stable = false, number = false, series = false, concat = false;

	(void)state;
	for (size_t i = 0; i < c->n_functions; i++) {
		const struct so_function *f = &c->functions[i];

		sum = sum || (strcmp(f->name, "sum") == 0 && f->aggregate && f->volatility == 'i');
		lower = lower || (strcmp(f->name, "lower") == 0 && f->volatility == 'i' && f->strict && f->n_args == 1);
		stable = stable || (strcmp(f->schema, "app") == 0 && f->volatility == 's' && !f->parallel_safe);
		number = number || f->window;
		series = series || f->returns_set;
		concat = concat || f->n_args == -1;
	}
	assert_true(sum && lower && stable && number && series && concat);
}

static void test_ddl(void **state)
{
	static const char *const names[] = { "app.orders", "app.open_orders", "app.events" };
	struct so_catalog *c = snapshot(conn, names, 3);
	struct so_err err = SO_ERR_INIT;
	char *text = pg->ddl(ctx, conn, table(c, "app", "customers"), &err), *script;

	(void)state;
	assert_ok(text, err);
	assert_has(text, "CREATE TABLE \"app\".\"customers\" (");
	assert_has(text, "name character varying(40) COLLATE \"C\" NOT NULL,");
	assert_has(text, "CONSTRAINT customers_pkey PRIMARY KEY (id)");
	assert_has(text, "COMMENT ON TABLE \"app\".\"customers\" IS 'who''s who';");
	assert_has(text, "COMMENT ON COLUMN \"app\".\"customers\".\"born\" IS 'birthday';");
	text = pg->ddl(ctx, conn, table(c, "app", "orders"), &err);
	assert_ok(text, err);
	assert_has(text, "FOREIGN KEY (customer_id) REFERENCES app.customers(id) ON DELETE CASCADE");
	assert_has(text, "GENERATED ALWAYS AS ((total * 0.8)) STORED");
	assert_has(text, "CREATE INDEX orders_gin ON app.orders USING gin (payload jsonb_path_ops);");
	assert_has_not(text, "CREATE UNIQUE INDEX orders_pkey");
	/* The server accepts it as it stands. */
	script = talloc_asprintf(ctx,
		"BEGIN; ALTER TABLE app.orders RENAME TO old_orders; ALTER INDEX app.orders_pkey RENAME TO op;"
		" ALTER INDEX app.orders_status RENAME TO os; ALTER INDEX app.orders_expr RENAME TO oe;"
		" ALTER INDEX app.orders_gin RENAME TO og; %s ROLLBACK",
		text);
	pg_server_sql(&server, "shop", script);
	assert_has(pg->ddl(ctx, conn, table(c, "app", "open_orders"), &err), "CREATE VIEW \"app\".\"open_orders\" AS");
	assert_has(pg->ddl(ctx, conn, table(c, "app", "events"), &err), "PARTITION BY RANGE (at);");
}

static void test_least_privilege(void **state)
{
	static const char *const names[] = { "app.orders", "app.dups", "\"Mixed Case\".\"Order \"\"Items\"\"\"" };
	struct so_catalog *c = snapshot(connect_as(ctx, "reader", "shop"), names, 3);

	(void)state;
	assert_true(column(table(c, "app", "orders"), "id")->has_stats);
	assert_int_equal(table(c, "app", "dups")->n_columns, 1); /* the shape is public, the values are not */
	assert_false(column(table(c, "app", "dups"), "c")->has_stats);
	table(c, "Mixed Case", "Order \"Items\"");
}

/* Rows of system catalogs read sequentially so far, all sessions. */
static long long scanned(void)
{
	return strtoll(pg_server_ask(&server, "many",
			       "SELECT sum(seq_tup_read) FROM pg_stat_sys_tables"
			       " WHERE relname IN ('pg_class', 'pg_attribute', 'pg_namespace', 'pg_index',"
			       " 'pg_depend', 'pg_rewrite', 'pg_constraint', 'pg_type', 'pg_proc',"
			       " 'pg_statistic', 'pg_statistic_ext', 'pg_attrdef', 'pg_trigger')"),
		NULL, 10);
}

static int64_t timed_snapshots(const char *db, const char *const *names, size_t n)
{
	struct so_conn *c = connect_as(ctx, "postgres", db);
	int64_t best = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		int64_t before = so_conn_wait_us(c);

		assert_true(snapshot(c, names, n)->n_tables >= 1);
		if (so_conn_wait_us(c) - before < best)
			best = so_conn_wait_us(c) - before;
	}
	talloc_free(c);
	return best;
}

/* What a DELETE of the parent would scan: no index, triggers on. */
static void test_unindexed_references(void **state)
{
	static const char *const names[] = { "app.customers" };
	const struct so_table *t;

	(void)state;
	t = table(snapshot(conn, names, 1), "app", "customers");
	assert_int_equal(t->n_unindexed_refs, 2); /* not looseref, whose key is not validated */
	assert_string_equal(
		t->unindexed_refs[0], "\"app\".\"offref\""); /* its own triggers are off, those of customers on */
	assert_string_equal(t->unindexed_refs[1], "\"app\".\"orders\"");
	pg_server_sql(&server, "shop",
		"CREATE TABLE app.\"Some Refs\" (a int, b int REFERENCES app.customers);"
		"CREATE TABLE app.served (a int, b int REFERENCES app.customers); CREATE INDEX ON app.served (b, a);"
		"CREATE INDEX ON app.orders (id, customer_id);"
		"CREATE INDEX ON app.orders (customer_id) WHERE status = 'open'");
	t = table(snapshot(conn, names, 1), "app", "customers");
	assert_int_equal(t->n_unindexed_refs, 3); /* neither a partial index nor one that begins otherwise serves */
	assert_string_equal(t->unindexed_refs[0], "\"app\".\"Some Refs\"");
	assert_string_equal(t->unindexed_refs[2], "\"app\".\"orders\"");
	pg_server_sql(&server, "shop", "DROP TABLE app.\"Some Refs\"");
	pg_server_sql(&server, "shop",
		"DROP TABLE app.served; DROP INDEX app.orders_id_customer_id_idx,"
		" app.orders_customer_id_idx");
	/* a table that has hundreds of them is read in bounded time */
	pg_server_sql(&server, "shop",
		"CREATE TABLE app.hub (id int PRIMARY KEY);"
		"DO $$ BEGIN FOR i IN 1..120 LOOP EXECUTE format('CREATE TABLE app.spoke%s (id int REFERENCES "
		"app.hub)', i);"
		" END LOOP; END $$");
	{
		static const char *const hub[] = { "app.hub" };

		t = table(snapshot(conn, hub, 1), "app", "hub");
		assert_int_equal(t->n_unindexed_refs, SO_MAX_UNINDEXED_REFS);
	}
	pg_server_sql(&server, "shop",
		"DO $$ BEGIN FOR i IN 1..120 LOOP EXECUTE format('DROP TABLE app.spoke%s', i); END LOOP; END $$;"
		"DROP TABLE app.hub");
}

static void test_many_relations(void **state)
{
	static const char *const names[] = { "app.orders" }, *const many[] = { "t7", "v7" };
	char filler[400];
	int64_t small, large;
	long long before, after;

	(void)state;
	pg_server_sql(&server, "postgres", "CREATE DATABASE many");
	for (int i = 0; i < 10;
		i++) { /* one transaction each: a transaction holds a lock for every relation it makes */
		snprintf(filler, sizeof filler,
			"DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format('CREATE TABLE t%%s (id int PRIMARY KEY)', i);"
			" EXECUTE format('CREATE VIEW v%%s AS SELECT * FROM t%%s', i, i); END LOOP; END $$",
			i * 200, i * 200 + 199);
		pg_server_sql(&server, "many", filler);
		/* Composite types are relations as well, and made faster. */
		snprintf(filler, sizeof filler,
			"DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format('CREATE TYPE c%%s AS (id int)', i);"
			" END LOOP; END $$",
			i * 4400, i * 4400 + 4399);
		pg_server_sql(&server, "many", filler);
	}
	assert_true(strtol(pg_server_ask(&server, "many", "SELECT count(*) FROM pg_class"), NULL, 10) > 50000);
	small = timed_snapshots("shop", names, 1);
	before = scanned();
	large = timed_snapshots("many", many, 2);
	after = scanned();
	printf("snapshot of 2 relations: %lld us among few, %lld us among 50,000; %lld catalog rows scanned\n",
		(long long)small, (long long)large, after - before);
	assert_true(after - before < 2000);
	assert_true(large < 20 * small);
	/* The counter does count. */
	pg_server_ask(&server, "many", "SELECT count(*) FROM pg_class WHERE relpages > 1000000");
	assert_true(scanned() - after > 50000);
}

int pg_catalog_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_keys_and_indexes),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_search_path),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_ddl),
		cmocka_unit_test(test_least_privilege),
		cmocka_unit_test(test_unindexed_references),
		cmocka_unit_test(test_many_relations),
	};

	return cmocka_run_group_tests_name("catalog", tests, setup, teardown);
}
