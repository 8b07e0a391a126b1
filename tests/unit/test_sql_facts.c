/* What may be claimed of queries, and above all what may not. tests/engine/test_pg_facts.c asks a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/facts.h"
#include "sql/parse.h"
#include "sql_fixture.h"

/* a (id pk, u unique, x, n not null), b alike, f is a foreign table, d (k float8 unique not null, t text, box) */
#define COLUMN(NAME, TYPE, CLASS, ...)                                                                                 \
	{                                                                                                              \
		.name = NAME, .type = TYPE, .type_class = CLASS, __VA_ARGS__                                           \
	}
static struct so_column columns[] = {
	COLUMN("id", "bigint", SO_TYPE_INT, .width_bits = 64, .not_null = true),
	COLUMN("u", "integer", SO_TYPE_INT, .width_bits = 32),
	COLUMN("x", "integer", SO_TYPE_INT, .width_bits = 32),
	COLUMN("n", "text", SO_TYPE_TEXT, .collation = "C.UTF-8", .not_null = true),
};
static struct so_column other_columns[] = {
	COLUMN("k", "double precision", SO_TYPE_FLOAT, .width_bits = 64, .not_null = true),
	COLUMN("t", "text", SO_TYPE_TEXT, .collation = "de_DE"),
	COLUMN("area", "box", SO_TYPE_OTHER, .not_null = true),
	COLUMN("ci", "text", SO_TYPE_OTHER, .collation = "ci", .not_null = true),
	COLUMN("j", "jsonb", SO_TYPE_JSONB, .not_null = true),
	COLUMN("big", "bigint", SO_TYPE_INT, .width_bits = 64, .not_null = true),
};
static int32_t first[] = { 0 }, second[] = { 1 }, third[] = { 2 }, fourth[] = { 3 }, sixth[] = { 5 };
static struct so_key keys[] = {
	{ .name = "pkey", .kind = SO_KEY_PRIMARY, .validated = true, .n_columns = 1, .columns = first },
	{ .name = "u_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = second },
};
static struct so_key other_keys[] = {
	{ .name = "k_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = first },
	{ .name = "area_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = third },
	{ .name = "ci_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = fourth },
	{ .name = "big_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = sixth },
};
static struct so_table tables[] = {
	{ .schema = "public", .name = "a", .n_columns = 4, .columns = columns, .n_keys = 2, .keys = keys },
	{ .schema = "public", .name = "b", .n_columns = 4, .columns = columns, .n_keys = 2, .keys = keys },
	{ .schema = "public", .name = "f", .kind = SO_TABLE_FOREIGN, .n_columns = 4, .columns = columns },
	{ .schema = "public", .name = "d", .n_columns = 6, .columns = other_columns, .n_keys = 4, .keys = other_keys },
};
static struct so_function functions[] = {
	{ .schema = "public", .name = "many", .result_type = "integer", .volatility = 's', .returns_set = true },
};
static char *search_path[] = { "public" };
static const struct so_catalog catalog = { .n_tables = 4,
	.tables = tables,
	.n_functions = 1,
	.functions = functions,
	.n_search_path = 1,
	.search_path = search_path };

static struct so_resolved *resolve_as(void *ctx, enum so_dialect dialect, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	struct so_resolved *resolved = NULL;

	if (!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), NULL, &ast, &err) ||
		!so_sql_resolve(ast, ast, so_ast_statement(ast), &catalog, &resolved, &err))
		fail_msg("%s: %s", sql, err.message);
	return resolved;
}

static struct so_resolved *resolve(void *ctx, const char *sql)
{
	return resolve_as(ctx, SO_POSTGRESQL, sql);
}

static const struct so_block *own_block(const struct so_resolved *r)
{
	return &r->blocks[so_resolved_block(r, r->root)];
}

/* The first output; `never` is the truth. */
static const struct {
	const char *sql;
	bool never;
} nulls[] = {
	{ "SELECT n FROM a", true },
	{ "SELECT n FROM a GROUP BY n", true },
	{ "SELECT n FROM a GROUP BY ROLLUP (n)", false },
	{ "SELECT n, count(*) FROM a GROUP BY GROUPING SETS ((n), ())", false },
	{ "SELECT coalesce(x, 0) FROM a GROUP BY CUBE (coalesce(x, 0))", false },
	{ "SELECT 5 AS c FROM a GROUP BY ROLLUP (c)", false },
	{ "SELECT n || 'x' FROM a GROUP BY n, ROLLUP (id)", false },
	{ "SELECT count(*) FROM a GROUP BY ROLLUP (n)", true },
	{ "SELECT (SELECT a.n) FROM a GROUP BY ROLLUP (n)", false },
	{ "SELECT s.n FROM (SELECT n FROM a GROUP BY ROLLUP (n)) s", false },
	{ "SELECT s.n FROM (SELECT * FROM (SELECT n FROM a) q GROUP BY ROLLUP (n)) s", false },
	{ "SELECT j.n FROM (b LEFT JOIN a ON a.id = b.id) AS j (i, u, x, m, i2, u2, x2, n)", false },
	{ "SELECT b.n FROM a LEFT JOIN b ON a.id = b.id", false },
	{ "SELECT id FROM a FULL JOIN b USING (id)", true },
	{ "SELECT u FROM a FULL JOIN b USING (u)", false },
	{ "SELECT a.id FROM a FULL JOIN b USING (id) WHERE id = 5", false },
	{ "SELECT id FROM b c RIGHT JOIN (a FULL JOIN b USING (id)) USING (id)", true },
	{ "SELECT a.n FROM d LEFT JOIN (a FULL JOIN b USING (id)) ON true", false },
	{ "SELECT id FROM d LEFT JOIN (a FULL JOIN b USING (id)) ON true", false },
	{ "SELECT n FROM f", false },
	{ "SELECT n FROM a UNION SELECT n FROM b", true },
	{ "SELECT n FROM a UNION ALL SELECT NULL", false },
	{ "SELECT x FROM a INTERSECT SELECT 1", true },
	{ "SELECT n FROM a EXCEPT SELECT NULL", true },
	{ "SELECT x FROM a EXCEPT SELECT 1", false },
	{ "VALUES (1), (2)", true },
	{ "VALUES (1), (NULL)", false },
	{ "WITH RECURSIVE r (v) AS (SELECT 1 UNION ALL SELECT NULL::int FROM r WHERE v IS NOT NULL) SELECT v FROM r",
		false },
	{ "SELECT (1, x) = (1, 2) FROM a", false },
	{ "SELECT (1, id) = (1, 2) FROM a", true },
	{ "SELECT id + 1 FROM a", true },
	{ "SELECT j::int FROM d", false },
	{ "SELECT id::text FROM a", true },
	{ "SELECT area + area FROM d", false },
	{ "SELECT current_user", true },
	{ "SELECT g FROM generate_series(1, 2) g", false },
	{ "SELECT max(id) FROM a", false },
};

static void test_outputs_that_are_never_null(void **state)
{
	for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
		struct so_resolved *r = resolve(*state, nulls[i].sql);

		if (own_block(r)->outputs[0].not_null != nulls[i].never)
			fail_msg("%s: claimed %d", nulls[i].sql, !nulls[i].never);
		talloc_free(talloc_parent(r));
	}
}

/* Whether the first output alone tells the rows of the result apart. */
static const struct {
	const char *sql;
	bool unique;
} uniques[] = {
	{ "SELECT id FROM a", true },
	{ "SELECT u FROM a", false },
	{ "SELECT u FROM a WHERE u IS NOT NULL", true },
	{ "SELECT id, many(x) FROM a", false },
	{ "SELECT id, nobody_knows(x) FROM a", false },
	{ "SELECT DISTINCT id, many(x) FROM a", false },
	{ "SELECT a.id FROM a, b", false },
	{ "SELECT a.id FROM a JOIN b ON b.id = a.id", true },
	{ "SELECT a.id FROM a JOIN b USING (id)", true },
	{ "SELECT a.id FROM a FULL JOIN b ON a.id = b.id", false },
	{ "SELECT a.id FROM a LEFT JOIN b ON b.id = a.id", true },
	{ "SELECT a.id FROM a LEFT JOIN b ON b.x = a.x", false },
	{ "SELECT a.id FROM a JOIN d ON d.k = a.id", true }, /* a double for each bigint */
	{ "SELECT d.k FROM a JOIN d ON d.k = a.id", false }, /* but several bigints for a double */
	{ "SELECT d.k FROM a JOIN d ON d.k = a.u", true },
	{ "SELECT 1 FROM d WHERE big = 1.5::float8", false },
	{ "SELECT 1 FROM d WHERE big = 1", true },
	{ "SELECT 1 FROM d WHERE big = $1", true },
	{ "SELECT 1 FROM d WHERE area = '(1,1),(0,0)'", false }, /* = compares areas */
	{ "SELECT 1 FROM d WHERE ci = 'x' COLLATE \"C\"", false },
	{ "SELECT d1.ci FROM d d1 JOIN d d2 ON d1.ci = d2.ci", false },
	{ "SELECT n FROM a GROUP BY n", true },
	{ "SELECT n FROM a GROUP BY ROLLUP (n)", false },
	{ "SELECT DISTINCT n FROM a GROUP BY ROLLUP (n)", true },
	{ "SELECT id FROM a GROUP BY id, n", true },
	{ "SELECT DISTINCT id, n FROM a", true },
	{ "SELECT n FROM a UNION SELECT n FROM b", true },
	{ "SELECT id FROM a EXCEPT ALL SELECT id FROM b", true },
	{ "SELECT id FROM a UNION ALL SELECT id FROM b", false },
	{ "SELECT l.v FROM a, LATERAL (SELECT 1 AS v, a.id AS i) l WHERE l.i = a.id", false },
	{ "SELECT a.id FROM a, LATERAL (SELECT b.n FROM b WHERE b.id = a.x) l", true },
	{ "SELECT count(*) FROM a", true },
	{ "SELECT 1 FROM a LIMIT 1", true },
	{ "SELECT a.id FROM a, abs(a.x) v", true },
	{ "SELECT a.id FROM a, many(a.x) v", false },
	{ "WITH RECURSIVE r (v) AS (SELECT 1 UNION SELECT v % 3 + 1 FROM r) CYCLE v SET c USING p SELECT v FROM r",
		false },
	{ "SELECT s.x FROM a LEFT JOIN (SELECT 1 AS x) s ON a.x = 1 JOIN b ON b.id = a.id", false },
};

static void test_outputs_that_are_unique(void **state)
{
	static const int32_t output = 0;

	for (size_t i = 0; i < sizeof uniques / sizeof uniques[0]; i++) {
		struct so_resolved *r = resolve(*state, uniques[i].sql);

		if (so_block_outputs_unique(r, so_resolved_block(r, r->root), &output, 1) != uniques[i].unique)
			fail_msg("%s: claimed %d", uniques[i].sql, !uniques[i].unique);
		talloc_free(talloc_parent(r));
	}
}

static const struct {
	const char *sql;
	bool one;
} singles[] = {
	{ "SELECT n FROM a WHERE id = 5", true },
	{ "SELECT n FROM a WHERE x = 5", false },
	{ "SELECT max(x) FROM a", true },
	{ "SELECT max(x) FROM a GROUP BY x", false },
	{ "SELECT 1", true },
	{ "SELECT b.n FROM a JOIN b ON b.id = a.u WHERE a.id = $1", true },
	{ "VALUES (1)", true },
	{ "SELECT x FROM a WHERE id = 1 EXCEPT SELECT 2", true },
};

static int32_t inner_block(const struct so_resolved *r)
{
	so_ref target = so_as_target(r->ast, so_list_get(r->ast, so_as_select(r->ast, r->root)->targets, 0))->expr;

	return so_resolved_block(r, so_as_subquery(r->ast, target)->query);
}

static void test_blocks_of_one_row(void **state)
{
	static const struct {
		const char *sql;
		bool one;
	} inner[] = {
		{ "SELECT (SELECT b.n FROM b WHERE b.id = a.x) FROM a", true },
		{ "SELECT (SELECT max(b.x) FROM b WHERE b.x = a.x) FROM a", true },
		{ "SELECT (SELECT max(a.id) FROM b) FROM a", false }, /* an aggregate of the outer query */
		{ "SELECT (SELECT count(*) FROM b) FROM a", true },
	};

	for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
		struct so_resolved *r = resolve(*state, singles[i].sql);

		if (so_block_max_one_row(r, so_resolved_block(r, r->root)) != singles[i].one)
			fail_msg("%s: claimed %d", singles[i].sql, !singles[i].one);
		talloc_free(talloc_parent(r));
	}
	for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
		struct so_resolved *r = resolve(*state, inner[i].sql);

		if (so_block_max_one_row(r, inner_block(r)) != inner[i].one)
			fail_msg("%s: claimed %d", inner[i].sql, !inner[i].one);
		talloc_free(talloc_parent(r));
	}
}

static void test_dependencies_constants_and_equal_columns(void **state)
{
	struct so_resolved *r = resolve(*state,
		"SELECT 1 FROM a JOIN b ON a.x = b.x AND b.u = 7 LEFT JOIN d ON d.big = a.id AND d.k = 3 "
		"WHERE b.x = a.u AND a.n = 'v'");
	const struct so_rel_col id = { 0, 0 }, x = { 0, 2 }, u = { 0, 1 }, bx = { 1, 2 }, bu = { 1, 1 };
	const struct so_rel_col n = { 0, 3 }, dk = { 2, 0 }, dt = { 2, 1 };

	assert_true(so_block_determines(r, 0, &id, 1, x));
	assert_true(so_block_determines(r, 0, NULL, 0, bu));
	assert_true(so_block_determines(r, 0, NULL, 0, bx)); /* the whole row of b */
	assert_true(so_block_determines(r, 0, NULL, 0, id)); /* u = b.x is unique */
	assert_true(so_block_columns_equal(r, 0, x, bx));
	assert_true(so_block_columns_equal(r, 0, x, u)); /* through b.x */
	assert_false(so_block_columns_equal(r, 0, x, bu));
	assert_true(so_ast_kind(r->ast, so_block_constant(r, 0, n)) == SO_N_CONST);
	assert_true(so_block_constant(r, 0, bu) != 0);
	assert_true(so_block_constant(r, 0, dk) == 0); /* 3 or NULL */
	assert_true(so_block_determines(r, 0, NULL, 0, dt));
	talloc_free(talloc_parent(r));
	r = resolve(*state, "SELECT 1 FROM a LEFT JOIN b ON b.x = a.x AND b.u = 5");
	assert_false(so_block_determines(r, 0, NULL, 0, bu));
	assert_false(
		so_block_determines(r, 0, &x, 1, bx)); /* a.x may repeat, but whether b is joined only hangs on it */
	assert_true(so_block_determines(r, 0, &id, 1, bx));
	assert_false(so_block_columns_equal(r, 0, x, bx));
	talloc_free(talloc_parent(r));
}

static void test_comparisons(void **state)
{
	struct so_resolved *r = resolve(*state, "SELECT a.id = d.k, a.id = a.u, a.n = 'x', a.n = d.t, d.area = d.area, "
						"a.n = 'x' COLLATE \"C\", a.id = $1, 1.5 = a.id FROM a, d");
	static const struct {
		enum so_type_class type_class;
		bool right, left;
	} expected[] = { { SO_TYPE_FLOAT, true, false }, { SO_TYPE_INT, true, true }, { SO_TYPE_TEXT, true, true },
		{ SO_TYPE_UNKNOWN, false, false }, { SO_TYPE_UNKNOWN, false, false }, { SO_TYPE_UNKNOWN, false, false },
		{ SO_TYPE_INT, true, true }, { SO_TYPE_NUMERIC, true, true } };
	const struct so_n_select *select = so_as_select(r->ast, r->root);

	for (uint32_t i = 0; i < select->targets.count; i++) {
		so_ref target = so_as_target(r->ast, so_list_get(r->ast, select->targets, i))->expr;
		const struct so_n_op *op = so_as_op(r->ast, target);
		struct so_comparison cmp;

		so_exprs_comparison(r, op->left, op->right, &cmp);
		if (cmp.type_class != expected[i].type_class || cmp.left_gives_right != expected[i].right ||
			cmp.right_gives_left != expected[i].left)
			fail_msg("comparison %u: class %d, %d %d", i, cmp.type_class, cmp.left_gives_right,
				cmp.right_gives_left);
	}
	talloc_free(talloc_parent(r));
}

static void test_types_of_rows_together(void **state)
{
	static const char *const rows[][2] = {
		{ "SELECT 1 UNION SELECT 2.5", "numeric" },
		{ "SELECT x FROM a UNION SELECT id FROM b", "bigint" },
		{ "VALUES (1), (2.5)", "numeric" },
		{ "VALUES (NULL), (1)", "integer" },
		{ "SELECT n FROM a UNION SELECT x::text FROM b", "text" },
		{ "SELECT n FROM a UNION SELECT n FROM f", "text" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_resolved *r = resolve(*state, rows[i][0]);

		assert_string_equal(own_block(r)->outputs[0].type, rows[i][1]);
		talloc_free(talloc_parent(r));
	}
}

/* Where division by zero is NULL, and where '' is. */
static void test_nulls_by_dialect(void **state)
{
	static const struct {
		enum so_dialect dialect;
		const char *sql;
		bool never;
	} rows[] = {
		{ SO_POSTGRESQL, "SELECT id / id FROM a", true },
		{ SO_MYSQL, "SELECT id / id FROM a", false },
		{ SO_SQLITE, "SELECT id / id FROM a", false },
		{ SO_TSQL, "SELECT id / id FROM a", false },
		{ SO_ORACLE, "SELECT '' FROM \"a\"", false },
		{ SO_MYSQL, "SELECT '' FROM a", true },
		{ SO_MYSQL, "SELECT id = 1 FROM a", true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_resolved *r = resolve_as(*state, rows[i].dialect, rows[i].sql);

		if (own_block(r)->outputs[0].not_null != rows[i].never)
			fail_msg("%s: claimed %d", rows[i].sql, !rows[i].never);
		talloc_free(talloc_parent(r));
	}
}

enum question { NEVER_NULL, UNIQUE, ONE_ROW, CONSTANT, IDENTICAL, STEADY };

/* What only some of the engines keep. Of the first output; IDENTICAL: of the sides of WHERE. */
static const struct {
	enum so_dialect dialect;
	enum question question;
	const char *sql;
	bool yes;
} kept[] = {
	/* a unique key and NULL */
	{ SO_POSTGRESQL, UNIQUE, "SELECT u FROM a", false },
	{ SO_MYSQL, UNIQUE, "SELECT u FROM a", false },
	{ SO_SQLITE, UNIQUE, "SELECT u FROM a", false },
	{ SO_ORACLE, UNIQUE, "SELECT \"u\" FROM \"a\"", false },
	{ SO_TSQL, UNIQUE, "SELECT u FROM a", true },
	{ SO_TSQL, UNIQUE, "SELECT a.u FROM b LEFT JOIN a ON a.id = b.x", false },
	/* conditions that let NULL in */
	{ SO_MYSQL, NEVER_NULL, "SELECT u FROM a WHERE u <=> NULL", false },
	{ SO_MYSQL, NEVER_NULL, "SELECT u FROM a WHERE u = 1", false },
	{ SO_SQLITE, NEVER_NULL, "SELECT s.u FROM (SELECT u FROM a WHERE u NOT IN ()) s", false },
	{ SO_ORACLE, NEVER_NULL, "SELECT b.\"id\" FROM \"a\" a, \"b\" b WHERE a.\"id\" = b.\"id\"(+)", false },
	{ SO_ORACLE, NEVER_NULL, "SELECT b.\"id\" FROM \"a\" a, \"b\" b WHERE a.\"id\" = b.\"id\"", true },
	{ SO_ORACLE, UNIQUE, "SELECT a.\"id\" FROM \"a\" a, \"b\" b WHERE a.\"id\" = b.\"id\"", true },
	{ SO_ORACLE, UNIQUE, "SELECT b.\"id\" FROM \"a\" a, \"b\" b WHERE a.\"id\" = b.\"id\"(+)", false },
	{ SO_ORACLE, CONSTANT, "SELECT b.\"id\" FROM \"a\" a, \"b\" b WHERE b.\"id\"(+) = 5", false },
	{ SO_ORACLE, CONSTANT, "SELECT b.\"id\" FROM \"b\" b WHERE b.\"id\" = 5", true },
	/* a row for no rows */
	{ SO_MYSQL, NEVER_NULL, "SELECT id, COUNT(*) FROM a", false },
	{ SO_MYSQL, NEVER_NULL, "SELECT id, own(x) FROM a", false },
	{ SO_SQLITE, NEVER_NULL, "SELECT id, max(x) FROM a", false },
	{ SO_SQLITE, NEVER_NULL, "SELECT id, max(x, 1) FROM a", true },
	{ SO_MYSQL, NEVER_NULL, "SELECT COUNT(*), id FROM a", true },
	/* one row */
	{ SO_SQLITE, ONE_ROW, "SELECT max(x) FROM a", true },
	{ SO_SQLITE, ONE_ROW, "SELECT max(x, 1) FROM a", false },
	{ SO_MYSQL, ONE_ROW, "SELECT ANY_VALUE(x) FROM a", false },
	{ SO_TSQL, ONE_ROW, "SELECT TOP (1) x FROM a", true },
	{ SO_TSQL, ONE_ROW, "SELECT TOP (1) PERCENT x FROM a", false },
	{ SO_TSQL, ONE_ROW, "SELECT TOP (1) WITH TIES x FROM a ORDER BY x", false },
	{ SO_ORACLE, ONE_ROW, "SELECT \"x\" FROM \"a\" FETCH FIRST 1 ROWS ONLY", true },
	{ SO_ORACLE, ONE_ROW, "SELECT \"x\" FROM \"a\" FETCH FIRST 1 PERCENT ROWS ONLY", false },
	{ SO_ORACLE, ONE_ROW, "SELECT \"x\" FROM \"a\" WHERE \"id\" = 5", true },
	{ SO_ORACLE, ONE_ROW, "SELECT \"x\" FROM \"a\" WHERE \"id\" = 5 CONNECT BY LEVEL < 3", false },
	{ SO_ORACLE, ONE_ROW, "SELECT \"x\" FROM \"a\" VERSIONS BETWEEN SCN 1 AND 2 WHERE \"id\" = 5", false },
	{ SO_MARIADB, ONE_ROW, "SELECT x FROM a FOR SYSTEM_TIME ALL WHERE id = 5", false },
	{ SO_MARIADB, ONE_ROW, "SELECT x FROM a WHERE id = 5", true },
	/* rows that are in no table */
	{ SO_ORACLE, UNIQUE, "SELECT \"id\" FROM \"a\"", true },
	{ SO_ORACLE, UNIQUE, "SELECT \"id\" FROM \"a\" CONNECT BY PRIOR \"id\" = \"x\"", false },
	{ SO_ORACLE, UNIQUE,
		"SELECT b.\"id\" FROM \"a\" a PARTITION BY (a.\"x\") RIGHT JOIN \"b\" b ON a.\"id\" = b.\"id\"",
		false },
	/* a placeholder for a text may be a number */
	{ SO_POSTGRESQL, CONSTANT, "SELECT n FROM a WHERE n = $1", true },
	{ SO_SQLITE, CONSTANT, "SELECT n FROM a WHERE n = ?", true },
	{ SO_MYSQL, CONSTANT, "SELECT n FROM a WHERE n = ?", false },
	{ SO_TSQL, CONSTANT, "SELECT n FROM a WHERE n = @p", false },
	{ SO_MYSQL, CONSTANT, "SELECT n FROM a WHERE n = 'x'", true },
	{ SO_MYSQL, CONSTANT, "SELECT id FROM a WHERE id = ?", true },
	/* equal texts that are not the same */
	{ SO_POSTGRESQL, IDENTICAL, "SELECT 1 FROM a, b WHERE a.n = b.n", true },
	{ SO_MYSQL, IDENTICAL, "SELECT 1 FROM a, b WHERE a.n = b.n", false },
	{ SO_TSQL, IDENTICAL, "SELECT 1 FROM a, b WHERE a.n = b.n", false },
	{ SO_MYSQL, IDENTICAL, "SELECT 1 FROM a, b WHERE a.id = b.id", true },
	/* to SQLite these ask whether it is a number that is 0 */
	{ SO_SQLITE, ONE_ROW, "SELECT x FROM a WHERE id IS NOT DISTINCT FROM false", false },
	{ SO_SQLITE, ONE_ROW, "SELECT x FROM a WHERE id IS NOT DISTINCT FROM 3", true },
	/* another value each time */
	{ SO_MYSQL, STEADY, "SELECT @v FROM a", false },
	{ SO_MYSQL, STEADY, "SELECT @@sort_buffer_size FROM a", true },
	{ SO_MYSQL, STEADY, "SELECT NOW() FROM a", true },
	{ SO_MYSQL, STEADY, "SELECT SYSDATE() FROM a", false },
	{ SO_MYSQL, STEADY, "SELECT CONCAT('a', 'b') FROM a", true },
	{ SO_MYSQL, STEADY, "SELECT own.concat('a') FROM a", false },
	{ SO_TSQL, STEADY, "SELECT NEWID() FROM a", false },
	{ SO_TSQL, STEADY, "SELECT GETDATE() FROM a", true },
	{ SO_SQLITE, STEADY, "SELECT random() FROM a", false },
	{ SO_ORACLE, STEADY, "SELECT s.NEXTVAL FROM \"a\"", false },
	{ SO_ORACLE, STEADY, "SELECT LOWER('A') FROM \"a\"", true },
	{ SO_POSTGRESQL, STEADY, "SELECT own.lower('a') FROM a", false },
};

static bool answer(const struct so_resolved *r, enum question question)
{
	int32_t number = so_resolved_block(r, r->root), first_output = 0;
	const struct so_col *output = &r->blocks[number].outputs[0];
	const struct so_n_op *op;
	struct so_comparison comparison;

	switch (question) {
	case NEVER_NULL:
		return output->not_null;
	case UNIQUE:
		return so_block_outputs_unique(r, number, &first_output, 1);
	case ONE_ROW:
		return so_block_max_one_row(r, number);
	case CONSTANT:
		return so_block_determines(r, number, NULL, 0, (struct so_rel_col){ output->rel, output->column });
	case IDENTICAL:
		op = so_as_op(r->ast, so_as_select(r->ast, r->root)->where);
		so_exprs_comparison(r, op->left, op->right, &comparison);
		return comparison.identical;
	default:
		return so_expr_volatility(r, output->expr) != 'v';
	}
}

static void test_facts_by_dialect(void **state)
{
	static const char *const names[] = { "never null", "unique", "one row", "constant", "identical", "steady" };
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		struct so_resolved *r = resolve_as(*state, kept[i].dialect, kept[i].sql);

		if (answer(r, kept[i].question) != kept[i].yes) {
			print_error("%s: %s: %s %d\n", so_dialects[kept[i].dialect].name, kept[i].sql,
				names[kept[i].question], !kept[i].yes);
			wrong++;
		}
		talloc_free(talloc_parent(r));
	}
	if (wrong)
		fail_msg("%zu answers are wrong", wrong);
}

/* A key that compares by another rule than its column says nothing of what DISTINCT sees. */
static void test_keys_of_other_collations(void **state)
{
	struct so_index_key by_bytes = { .column = 3, .collation = "BINARY" };
	struct so_index index = { .name = "n_key", .unique = true, .valid = true, .n_keys = 1, .keys = &by_bytes };
	struct so_key key = {
		.name = "n_key", .kind = SO_KEY_UNIQUE, .validated = true, .n_columns = 1, .columns = fourth
	};
	struct so_table own[4];
	struct so_catalog other = catalog;
	int32_t first_output = 0;

	memcpy(own, tables, sizeof own);
	other.tables = own;
	own[0].keys = &key;
	own[0].n_keys = 1;
	own[0].indexes = &index;
	own[0].n_indexes = 1;
	for (int same = 0; same < 2; same++) {
		static const char sql[] = "SELECT n FROM a";
		struct so_err err = SO_ERR_INIT;
		struct so_resolved *r;
		struct so_ast *ast;

		by_bytes.collation = same ? columns[3].collation : "BINARY";
		assert_true(so_sql_parse(*state, NULL, SO_SQLITE, sql, strlen(sql), NULL, &ast, &err));
		assert_true(so_sql_resolve(ast, ast, so_ast_statement(ast), &other, &r, &err));
		assert_int_equal(so_block_outputs_unique(r, 0, &first_output, 1), same);
		talloc_free(ast);
	}
}

/* ---- Work ------------------------------------------------------------------------------------------------------ */

static char *repeated(void *ctx, const char *before, const char *item, const char *after, unsigned count)
{
	char *text = so_strdup(ctx, "");

	for (unsigned i = 0; i < count; i++)
		text = talloc_asprintf_append_buffer(text, "%s", item);
	return so_printf(ctx, "%s%s%s", before, text, after);
}

/* Each block is asked about by the one around it, in each of its rounds: without memory a hundred never end. */
static void test_nested_blocks_are_asked_once(void **state)
{
	static const char *const inner[] = { "SELECT id, u, n FROM a", "SELECT DISTINCT u, x AS id, n FROM a",
		"SELECT id, max(u) AS u, n FROM a GROUP BY id, n", "SELECT many() AS id, 1 AS u, n FROM a" };
	const unsigned depth = 100;

	for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
		void *tmp = talloc_new(*state);
		char *open = repeated(tmp, "", "SELECT s.id, s.u, s.n FROM (", "", depth);
		char *close = repeated(tmp, "", ") s JOIN b ON b.id = s.id AND b.u = s.u", "", depth);
		const struct so_resolved *r =
			resolve_as(tmp, SO_POSTGRESQL, so_printf(tmp, "%s%s%s", open, inner[i], close));
		int32_t outputs[] = { 0, 1 };

		assert_int_equal(r->n_blocks, depth + 1);
		for (int32_t block = 0; block < (int32_t)r->n_blocks; block++) {
			bool known = so_block_outputs_unique(r, block, outputs, 2);

			/* id is a key of a and of b; (x, u) is none but DISTINCT with n, and u has one row of b */
			if (i != 1)
				assert_int_equal(known, i != 3);
			assert_int_equal(so_block_outputs_unique(r, block, outputs, 2), known);
			assert_false(so_block_max_one_row(r, block));
		}
		talloc_free(tmp);
	}
}

/* What the conditions of a block say is read once, and the relations below each join are counted from below. */
static void test_long_chains_of_joins_are_read_once(void **state)
{
	const unsigned count = 1500;

	for (unsigned left = 0; left < 2; left++) {
		void *tmp = talloc_new(*state);
		char *sql = so_strdup(tmp, "SELECT a.id FROM a");
		const struct so_resolved *r;
		int32_t output = 0;

		for (unsigned k = 0; k < count; k++)
			sql = talloc_asprintf_append_buffer(
				sql, "%s JOIN b b%u ON b%u.id = a.%s", left ? " LEFT" : "", k, k, left ? "id" : "u");
		r = resolve_as(tmp, SO_POSTGRESQL, sql);
		assert_int_equal(r->n_rels, count + 1);
		assert_true(so_block_outputs_unique(r, 0, &output, 1));
		for (int32_t rel = 1; rel < 40; rel++) {
			struct so_rel_col key = { 0, 0 }, col = { rel, 3 };

			assert_true(so_block_determines(r, 0, &key, 1, col));
			assert_false(so_block_max_one_row(r, 0));
			assert_int_equal(so_resolved_rel(r, r->rels[rel].node), rel);
		}
		talloc_free(tmp);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_outputs_that_are_never_null, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outputs_that_are_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(test_blocks_of_one_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dependencies_constants_and_equal_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_comparisons, setup, teardown),
		cmocka_unit_test_setup_teardown(test_types_of_rows_together, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nulls_by_dialect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_facts_by_dialect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys_of_other_collations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nested_blocks_are_asked_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_chains_of_joins_are_read_once, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
