#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sql/facts.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/resolve.h"
#include "sql_fixture.h"

/* users (id pk, email unique null, name not null) ; orders (id pk, user_id -> users null, total, created_at tz) */
static struct so_column user_columns[] = {
	{ .name = "id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64, .not_null = true },
	{ .name = "email", .type = "text", .type_class = SO_TYPE_TEXT },
	{ .name = "name", .type = "text", .type_class = SO_TYPE_TEXT, .not_null = true },
};
static struct so_column order_columns[] = {
	{ .name = "id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64, .not_null = true },
	{ .name = "user_id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64 },
	{ .name = "total", .type = "numeric(10,2)", .type_class = SO_TYPE_NUMERIC, .not_null = true },
	{ .name = "created_at", .type = "timestamp with time zone", .type_class = SO_TYPE_TIMESTAMPTZ },
};
static int32_t first[] = { 0 }, second[] = { 1 };
static struct so_key user_keys[] = {
	{ .name = "users_pkey", .kind = SO_KEY_PRIMARY, .validated = true, .n_columns = 1, .columns = first },
	{ .name = "users_email_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = second },
};
static struct so_key order_keys[] = {
	{ .name = "orders_pkey", .kind = SO_KEY_PRIMARY, .validated = true, .n_columns = 1, .columns = first },
};
static struct so_table tables[] = {
	{ .schema = "public",
		.name = "users",
		.n_columns = 3,
		.columns = user_columns,
		.n_keys = 2,
		.keys = user_keys },
	{ .schema = "public",
		.name = "orders",
		.n_columns = 4,
		.columns = order_columns,
		.n_keys = 1,
		.keys = order_keys },
};
static struct so_function functions[] = {
	{ .schema = "public", .name = "risky", .result_type = "integer", .volatility = 'v' },
	{ .schema = "public", .name = "pure", .result_type = "integer", .volatility = 'i' },
};
static char *search_path[] = { "public" };
static const struct so_catalog catalog = { .n_tables = 2,
	.tables = tables,
	.n_functions = 2,
	.functions = functions,
	.n_search_path = 1,
	.search_path = search_path };

static struct so_resolved *resolve(void *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	struct so_resolved *resolved = NULL;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err) ||
		!so_sql_resolve(ast, ast, so_ast_statement(ast), &catalog, &resolved, &err))
		fail_msg("%s: %s", sql, err.message);
	return resolved;
}

static void drop(struct so_resolved *resolved)
{
	talloc_free(talloc_parent(resolved));
}

static so_ref target(const struct so_resolved *r, uint32_t i)
{
	const struct so_n_select *select = so_as_select(r->ast, r->root);

	return so_as_target(r->ast, so_list_get(r->ast, select->targets, i))->expr;
}

static so_ref where(const struct so_resolved *r)
{
	return so_as_select(r->ast, r->root)->where;
}

static const char *const good[] = {
	"SELECT * FROM users",
	"SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = 'x' ORDER BY o.created_at",
	"SELECT name AS n, count(*) FROM users GROUP BY n ORDER BY n",
	"SELECT id FROM users ORDER BY name",
	"SELECT (SELECT max(total) FROM orders WHERE user_id = users.id) FROM users",
	"WITH x (a) AS (SELECT id FROM users) SELECT a, x.a FROM x",
	"WITH RECURSIVE r (n) AS (SELECT id FROM users UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
	"SELECT s.id FROM (SELECT id FROM users) s",
	"SELECT l.m FROM users u, LATERAL (SELECT max(total) AS m FROM orders o WHERE o.user_id = u.id) l",
	"SELECT g FROM generate_series(1, 3) g",
	"SELECT x FROM unnest(ARRAY[1]) AS u (x)",
	"SELECT id FROM users JOIN orders USING (id)",
	"SELECT id, user_id FROM users NATURAL JOIN orders",
	"SELECT u FROM users u",
	"SELECT ctid, tableoid FROM users",
	"SELECT relname FROM pg_class",
	"SELECT id FROM users UNION SELECT user_id FROM orders ORDER BY id",
	"INSERT INTO users (id, name) SELECT id, 'x' FROM orders RETURNING id",
	"INSERT INTO users AS u (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name || "
	"u.name",
	"UPDATE users SET name = o.total::text FROM orders o WHERE o.user_id = users.id RETURNING users.*, o.id",
	"UPDATE users SET name = 'x' RETURNING old.name, new.name, id",
	"DELETE FROM users RETURNING WITH (OLD AS gone) gone.*",
	"DELETE FROM orders USING users u WHERE u.id = orders.user_id",
	"MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT "
	"MATCHED THEN INSERT (id, name) VALUES (o.id, 'y')",
	"SELECT sum(total) OVER (PARTITION BY user_id ORDER BY created_at) FROM orders",
	"SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND EXISTS (SELECT 1 FROM "
	"users v WHERE v.id = u.id))",
	"SELECT public.users.id FROM public.users",
	"TABLE users",
	"VALUES (1, 'a'), (2, NULL)",
};

static void test_valid_statements_resolve(void **state)
{
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		drop(resolve(*state, good[i]));
}

/* By the rules of the others: names in any case, labels, pseudo-columns, long names. */
static const struct {
	enum so_dialect dialect;
	const char *sql;
	bool resolves;
} dialects[] = {
	{ SO_POSTGRESQL, "SELECT \"ID\" FROM users", false },
	{ SO_POSTGRESQL, "SELECT name AS n FROM users HAVING n = 'x'", false },
	{ SO_POSTGRESQL, "SELECT rowid FROM users", false },
	{ SO_MYSQL, "SELECT U.ID FROM Users u", true },
	{ SO_MYSQL, "SELECT name AS n, count(*) AS c FROM users GROUP BY lower(n) HAVING c > 1 ORDER BY c + 1", true },
	{ SO_MYSQL, "SELECT name AS n FROM users WHERE n = 'x'", false },
	{ SO_MYSQL, "SELECT 1 FROM public.users", true },
	{ SO_MYSQL, "SELECT table_name FROM information_schema.tables", true },
	{ SO_MYSQL, "SELECT * FROM nope", false },
	{ SO_SQLITE, "SELECT rowid, _rowid_, users.oid FROM users", true },
	{ SO_SQLITE, "SELECT name AS n FROM users WHERE n = 'x'", true },
	{ SO_SQLITE, "SELECT sql FROM sqlite_master", true },
	{ SO_TSQL, "SELECT u.[Id] FROM shop.public.[USERS] u", true },
	{ SO_TSQL, "SELECT a FROM #work", true },
	{ SO_TSQL, "SELECT name AS n FROM users ORDER BY n", true },
	{ SO_TSQL, "SELECT name FROM users HAVING n = 1", false },
	{ SO_ORACLE, "SELECT \"id\", ROWNUM, SYSDATE FROM \"users\" WHERE rownum < 5", true },
	{ SO_ORACLE, "SELECT u.ROWID, u.\"id\" FROM \"users\" u, \"orders\" o WHERE level = 1", true },
	{ SO_ORACLE, "SELECT 1 FROM dual", true },
	{ SO_ORACLE, "SELECT id FROM \"users\"", false },
};

static void test_names_by_dialect(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast = NULL;
		struct so_resolved *resolved = NULL;
		const char *sql = dialects[i].sql;
		bool done;

		if (!so_sql_parse(*state, NULL, dialects[i].dialect, sql, strlen(sql), NULL, &ast, &err))
			fail_msg("%s: %s", sql, err.message);
		done = so_sql_resolve(ast, ast, so_ast_statement(ast), &catalog, &resolved, &err);
		if (done != dialects[i].resolves) {
			print_message("%s: %s\n", sql, done ? "resolved" : err.message);
			wrong++;
		}
		talloc_free(ast);
	}
	assert_int_equal(wrong, 0);
}

static const struct {
	const char *sql, *message;
	int position;
} bad[] = {
	{ "SELECT * FROM nope", "relation \"nope\" does not exist", 14 },
	{ "SELECT * FROM other.users", "relation \"other.users\" does not exist", 14 },
	{ "SELECT nope FROM users", "column \"nope\" does not exist", 7 },
	{ "SELECT u.nope FROM users u", "column \"u.nope\" does not exist", 7 },
	{ "SELECT users.id FROM users u", "missing FROM-clause entry for table \"users\"", 7 },
	{ "SELECT id FROM users, orders", "column reference \"id\" is ambiguous", 7 },
	{ "SELECT x.b FROM (SELECT id AS a FROM users) x", "column \"x.b\" does not exist", 7 },
	{ "SELECT 1 FROM users u, (SELECT u.id) s", "missing FROM-clause entry for table \"u\"", 31 },
	{ "SELECT 1 FROM users u JOIN orders o ON x.id = 1, users x", "missing FROM-clause entry for table \"x\"", 39 },
	{ "SELECT id FROM users JOIN orders USING (email)",
		"column \"email\" specified in USING clause does not exist in the right table", 40 },
	{ "INSERT INTO users (nope) VALUES (1)", "column \"nope\" of relation \"users\" does not exist", 19 },
	{ "INSERT INTO users (id) VALUES (1, 2)", "INSERT has more expressions than target columns", 23 },
	{ "UPDATE users SET nope = 1", "column \"nope\" of relation \"users\" does not exist", 17 },
	{ "WITH x AS (SELECT 1), y AS (SELECT * FROM z), z AS (SELECT 2) SELECT * FROM y",
		"relation \"z\" does not exist", 42 },
	{ "SELECT id FROM users UNION SELECT id, total FROM orders",
		"each query of a set operation must have the same number of columns", 27 },
	{ "SELECT a FROM users AS u (a, b, c, d)", "table \"u\" has 3 columns available but 4 columns specified", 14 },
};

static void test_errors_name_object_and_position(void **state)
{
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast = NULL;
		struct so_resolved *resolved = NULL;

		assert_true(
			so_sql_parse(*state, NULL, SO_POSTGRESQL, bad[i].sql, strlen(bad[i].sql), NULL, &ast, &err));
		if (so_sql_resolve(ast, ast, so_ast_statement(ast), &catalog, &resolved, &err))
			fail_msg("resolved: %s", bad[i].sql);
		assert_int_equal(err.kind, SO_INPUT);
		assert_string_equal(err.message, bad[i].message);
		assert_int_equal(err.position, bad[i].position);
		talloc_free(ast);
	}
}

static void test_columns_know_their_table(void **state)
{
	struct so_resolved *r = resolve(*state, "SELECT o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id");
	const struct so_table *table = NULL;
	const struct so_use *use = so_resolved_use(r, target(r, 0));

	assert_ptr_equal(so_resolved_column(r, target(r, 0), &table), &order_columns[2]);
	assert_ptr_equal(table, &tables[1]);
	assert_true(r->rels[use->rel].nullable);
	assert_false(r->blocks[0].outputs[0].not_null);
	assert_string_equal(r->blocks[0].outputs[0].name, "total");
	assert_string_equal(r->blocks[0].outputs[0].type, "numeric(10,2)");
	drop(r);
}

static void test_stars_expand(void **state)
{
	struct so_resolved *r = resolve(*state, "SELECT *, o.* FROM users u JOIN orders o USING (id)");

	assert_int_equal(r->blocks[0].n_outputs, 3 + 3 + 4);
	assert_string_equal(r->blocks[0].outputs[0].name, "id");
	assert_string_equal(r->blocks[0].outputs[1].name, "email");
	assert_string_equal(r->blocks[0].outputs[3].name, "user_id");
	assert_string_equal(r->blocks[0].outputs[6].name, "id");
	drop(r);
}

static void test_outputs_are_named_and_typed(void **state)
{
	static const char *const expected[][2] = {
		{ "count", "bigint" },
		{ "sum", "numeric" },
		{ "?column?", "boolean" },
		{ "total", "text" },
		{ "coalesce", "text" },
		{ "case", "integer" },
		{ "n", "timestamp with time zone" },
		{ "exists", "boolean" },
		{ "max", "timestamp with time zone" },
	};
	struct so_resolved *r =
		resolve(*state, "SELECT count(*), sum(o.user_id), o.total > 1, o.total::text, coalesce(u.email, ''), "
				"CASE WHEN true THEN 1 END, now() AS n, "
				"EXISTS (SELECT 1), (SELECT max(created_at) FROM orders) FROM users u, orders o");

	assert_int_equal(r->blocks[0].n_outputs, 9);
	for (size_t i = 0; i < 9; i++) {
		assert_string_equal(r->blocks[0].outputs[i].name, expected[i][0]);
		assert_string_equal(r->blocks[0].outputs[i].type, expected[i][1]);
	}
	drop(r);
}

static void test_correlation_is_seen(void **state)
{
	struct so_resolved *r = resolve(*state, "SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE "
						"o.user_id = u.id) AND EXISTS (SELECT 1 FROM orders)");

	assert_int_equal(r->n_blocks, 3);
	assert_false(r->blocks[0].correlated);
	assert_true(r->blocks[1].correlated);
	assert_false(r->blocks[2].correlated);
	assert_int_equal(r->blocks[1].parent, 0);
	drop(r);
}

static const struct {
	const char *sql;
	bool not_null;
} nulls[] = {
	{ "SELECT id FROM users", true },
	{ "SELECT email FROM users", false },
	{ "SELECT email FROM users WHERE email IS NOT NULL", true },
	{ "SELECT email FROM users WHERE email = 'x' AND name = 'y'", true },
	{ "SELECT email FROM users WHERE email = 'x' OR name = 'y'", false },
	{ "SELECT email FROM users WHERE email = 'x' OR email LIKE 'y%'", true },
	{ "SELECT email FROM users WHERE lower(email) > 'a'", true },
	{ "SELECT email FROM users WHERE coalesce(email, '') = ''", false },
	{ "SELECT email FROM users WHERE email || 'x' = 'yx'", false }, /* of arrays it could be true */
	{ "SELECT email FROM users WHERE email IS DISTINCT FROM 'x'", false },
	{ "SELECT email FROM users WHERE NOT (email = 'x')", true },
	{ "SELECT email FROM users WHERE email IN ('a', 'b')", true },
	{ "SELECT email FROM users WHERE email NOT IN (SELECT 'a')", false },
	{ "SELECT coalesce(email, name) FROM users", true },
	{ "SELECT o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id", false },
	{ "SELECT o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.total > 1", false },
	{ "SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id", true },
	{ "SELECT u.id FROM users u FULL JOIN orders o ON o.user_id = u.id", false },
	{ "SELECT id + 1 FROM users", true },
	{ "SELECT count(*) FROM users", true },
	{ "SELECT max(id) FROM users", false },
	{ "SELECT s.id FROM (SELECT id FROM users) s", true },
	{ "SELECT s.email FROM (SELECT email FROM users) s", false },
	{ "SELECT CASE WHEN id > 1 THEN id ELSE 0 END FROM users", true },
	{ "SELECT CASE WHEN id > 1 THEN id END FROM users", false },
};

static void test_nullability(void **state)
{
	for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
		struct so_resolved *r = resolve(*state, nulls[i].sql);

		if (so_expr_not_null(r, target(r, 0), where(r)) != nulls[i].not_null)
			fail_msg("%s", nulls[i].sql);
		drop(r);
	}
}

static const struct {
	const char *sql;
	bool unique;
} uniques[] = {
	{ "SELECT id FROM users", true },
	{ "SELECT name FROM users", false },
	{ "SELECT email FROM users", false },
	{ "SELECT email FROM users WHERE email IS NOT NULL", true },
	{ "SELECT name FROM users WHERE id = 5", true },
	{ "SELECT name FROM users WHERE id = $1", true },
	{ "SELECT name FROM users WHERE id IN (1, 2)", false },
	{ "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id", true },
	{ "SELECT u.id FROM orders o JOIN users u ON u.id = o.user_id", false },
	{ "SELECT u.id, o.id FROM orders o, users u", true },
	{ "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id", true },
	{ "SELECT u.id FROM orders o LEFT JOIN users u ON u.id = o.user_id AND o.id = 1", false },
	{ "SELECT user_id, sum(total) FROM orders GROUP BY user_id", true },
	{ "SELECT sum(total) FROM orders GROUP BY user_id", false },
	{ "SELECT sum(total) FROM orders", true },
	{ "SELECT DISTINCT name FROM users", true },
	{ "SELECT name FROM users LIMIT 1", true },
	{ "SELECT s.id FROM (SELECT DISTINCT user_id AS id FROM orders) s", true },
	{ "SELECT id, generate_series(1, 2) FROM users", false },
	{ "SELECT id FROM users, generate_series(1, 2) g", false },
	{ "SELECT 1", true },
};

static void test_uniqueness(void **state)
{
	static const int32_t all[] = { 0, 1, 2, 3 };

	for (size_t i = 0; i < sizeof uniques / sizeof uniques[0]; i++) {
		struct so_resolved *r = resolve(*state, uniques[i].sql);

		if (so_block_outputs_unique(r, 0, all, r->blocks[0].n_outputs) != uniques[i].unique)
			fail_msg("%s", uniques[i].sql);
		drop(r);
	}
}

static void test_volatility_is_the_worst_inside(void **state)
{
	struct so_resolved *r = resolve(*state, "SELECT id + 1, now(), random(), risky(), pure(), unknown_one(), "
						"lower(name), 1 + 2, length($1), coalesce(random(), 1) FROM users");
	static const char expected[] = "isvvivsiiv";
	static const char fixed[] = "nynnynnyyn";

	/* lower('x') is immutable; length is stable in one overload (bytea, name) */
	for (uint32_t i = 0; i < 10; i++) {
		char found = so_expr_volatility(r, target(r, i));

		if (i == 6 || i == 8)
			assert_true(found == 'i' || found == 's');
		else
			assert_int_equal(found, expected[i]);
		assert_int_equal(so_expr_is_fixed(r, target(r, i)), fixed[i] == 'y');
	}
	drop(r);
}

/* n joins, each with the item: whether they are refused as too many to look through */
static bool refuses(const char *item, unsigned n)
{
	void *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	struct so_resolved *resolved;
	struct so_buf buf;
	bool ok;

	so_buf_init(&buf, ctx, 1024 * 1024);
	so_buf_addf(&buf, "SELECT 1 FROM users u");
	for (unsigned i = 0; i < n; i++)
		so_buf_addf(&buf, item, i, i);
	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, buf.data, buf.len, NULL, &ast, &err))
		fail_msg("%s", err.message);
	ok = so_sql_resolve(ast, ast, so_ast_statement(ast), &catalog, &resolved, &err);
	if (!ok && !strstr(err.message, "had to be looked for in"))
		fail_msg("%s", err.message);
	talloc_free(ctx);
	return !ok;
}

/* Each bare name is looked for in all relations before it: what would take minutes is refused, and soon. */
static void test_bare_names_over_thousands_of_relations(void **state)
{
	(void)state;
	assert_false(refuses(" JOIN orders o%u ON email = 'x'", 2000));
	assert_true(refuses(" JOIN orders o%u ON email = 'x'", 6000));
	assert_false(refuses(" JOIN orders o%u ON o%u.user_id = u.id", 5000));
	assert_false(refuses(" JOIN orders o%u USING (id)", 1000));
	assert_true(refuses(" JOIN orders o%u USING (id)", 6000));
	assert_true(refuses(" NATURAL JOIN users u%u", 6000));
}

static void test_names_before_a_catalog(void **state)
{
	const char *sql =
		"WITH a AS (SELECT * FROM s.t1), b AS (INSERT INTO \"T2\" SELECT f(x) FROM a, c RETURNING *) "
		"SELECT * FROM a JOIN b ON true, t1, s.t1 WHERE x IN (SELECT lower(y) FROM t4, s.a) AND p.g(1)";
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	struct so_sql_names *names;
	static const char *const expected[][2] = { { "s", "t1" }, { NULL, "T2" }, { NULL, "c" }, { NULL, "t1" },
		{ NULL, "t4" }, { "s", "a" } };

	assert_true(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	names = so_sql_names(ast, ast, so_ast_statement(ast));
	assert_int_equal(names->table_count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(names->tables[i].name, expected[i][1]);
		if (expected[i][0])
			assert_string_equal(names->tables[i].schema, expected[i][0]);
		else
			assert_null(names->tables[i].schema);
		assert_int_equal(names->tables[i].written, i == 1);
	}
	assert_int_equal(names->function_count, 3);
	assert_string_equal(names->functions[0].name, "f");
	assert_false(names->functions[0].builtin);
	assert_true(names->functions[1].builtin);
	assert_string_equal(names->functions[2].schema, "p");
	talloc_free(ast);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_valid_statements_resolve, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_by_dialect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_name_object_and_position, setup, teardown),
		cmocka_unit_test_setup_teardown(test_columns_know_their_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stars_expand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outputs_are_named_and_typed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_correlation_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nullability, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uniqueness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_volatility_is_the_worst_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bare_names_over_thousands_of_relations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_before_a_catalog, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
