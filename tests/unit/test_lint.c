#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "advise/lint.h"
#include "sql/parse.h"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

/* t(id integer primary key, a integer not null, b text) and u(id integer primary key, t_id integer) */
static struct so_catalog *make_catalog(TALLOC_CTX *ctx)
{
	static const char *const names[2][3] = { { "id", "a", "b" }, { "id", "t_id", "x" } };
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);

	catalog->n_search_path = 1;
	catalog->search_path = so_new_array(catalog, char *, 1);
	catalog->search_path[0] = so_strdup(catalog, "public");
	catalog->n_tables = 2;
	catalog->tables = so_new_array(catalog, struct so_table, 2);
	for (int t = 0; t < 2; t++) {
		struct so_table *table = &catalog->tables[t];

		table->schema = so_strdup(catalog, "public");
		table->name = so_strdup(catalog, t ? "u" : "t");
		table->n_columns = 3;
		table->columns = so_new_array(catalog, struct so_column, 3);
		for (int c = 0; c < 3; c++) {
			bool text = t == 0 && c == 2;

			table->columns[c].name = so_strdup(catalog, names[t][c]);
			table->columns[c].type = so_strdup(catalog, text ? "text" : "integer");
			table->columns[c].type_class = text ? SO_TYPE_TEXT : SO_TYPE_INT;
			table->columns[c].not_null = c == 0 || (t == 0 && c == 1);
		}
		table->n_keys = 1;
		table->keys = so_new_array(catalog, struct so_key, 1);
		table->keys[0].validated = true;
		table->keys[0].n_columns = 1;
		table->keys[0].columns = so_new_array(catalog, int32_t, 1);
	}
	return catalog;
}

/* Rules found, with commas; "!" before one of high severity. */
static char *lint_with(TALLOC_CTX *ctx, const struct so_catalog *catalog, const char *sql)
{
	struct so_finding_list *list = so_finding_list_new(ctx);
	struct so_resolved *resolved = NULL;
	struct so_err err = SO_ERR_INIT;
	char *out = so_strdup(ctx, "");
	struct so_ast *ast;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err) ||
		!so_sql_resolve(ctx, ast, so_ast_statement(ast), catalog, &resolved, &err))
		fail_msg("%s: %s", sql, err.message);
	so_lint(ast, so_ast_statement(ast), resolved, list);
	for (size_t i = 0; i < list->count; i++) {
		char *page = so_printf(ctx, "%s/../../docs/findings/%s.md", SO_TEST_DATA, list->items[i].rule);

		assert_non_null(list->items[i].title);
		assert_true(list->items[i].span_end > list->items[i].span_begin);
		if (access(page, R_OK) != 0)
			fail_msg("no page %s", page);
		out = so_mem_need(talloc_asprintf_append(out, "%s%s%s", i ? "," : "",
			list->items[i].severity >= SO_SEVERITY_HIGH ? "!" : "", list->items[i].rule));
	}
	return out;
}

static char *lint(TALLOC_CTX *ctx, const char *sql)
{
	return lint_with(ctx, make_catalog(ctx), sql);
}

static void test_rules(void **state)
{
	static const struct {
		const char *sql, *rules;
	} rows[] = {
		/* each rule, and a near miss of it */
		{ "SELECT id FROM t WHERE a NOT IN (SELECT id FROM u)", "not-in-subquery" },
		{ "SELECT id FROM t WHERE a NOT IN (SELECT t_id FROM u)", "!not-in-subquery" },
		{ "SELECT id FROM t WHERE a NOT IN (SELECT t_id FROM u WHERE t_id IS NOT NULL)", "not-in-subquery" },
		{ "SELECT id FROM t WHERE a IN (SELECT t_id FROM u)", "" },
		{ "SELECT id FROM t WHERE a NOT IN (1, 2)", "" },
		{ "SELECT id FROM t WHERE (SELECT count(*) FROM u WHERE u.t_id = t.id) > 0", "count-for-existence" },
		{ "SELECT id FROM t WHERE 1 <= (SELECT count(*) FROM u)", "count-for-existence" },
		{ "SELECT id FROM t WHERE (SELECT count(*) FROM u WHERE u.t_id = t.id) > 5", "" },
		{ "SELECT id FROM t WHERE (SELECT max(id) FROM u) > 0", "" },
		{ "SELECT DISTINCT id, b FROM t", "distinct-unneeded" },
		{ "SELECT DISTINCT a, b FROM t", "" },
		{ "SELECT DISTINCT t.id FROM t JOIN u ON u.t_id = t.id", "" },
		{ "SELECT id FROM t WHERE b LIKE '%x'", "leading-wildcard-like" },
		{ "SELECT id FROM t WHERE b LIKE 'x%'", "" },
		{ "SELECT id FROM t WHERE b LIKE '%'", "" },
		{ "SELECT id FROM t WHERE b = NULL", "!equals-null" },
		{ "SELECT id FROM t WHERE b IS NULL", "" },
		{ "SELECT id FROM t WHERE a NOT IN (1, NULL)", "!not-in-null" },
		{ "SELECT id FROM t WHERE a IN (1, NULL)", "" },
		{ "SELECT id FROM t ORDER BY random() LIMIT 1", "order-by-random" },
		{ "SELECT random() FROM t ORDER BY a", "" },
		{ "UPDATE t SET a = 1", "!no-where-write" },
		{ "UPDATE t SET a = 1 WHERE id = 2", "" },
		{ "DELETE FROM t", "!no-where-write" },
		{ "DELETE FROM t USING u WHERE u.t_id = t.id", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *rules = lint(*state, rows[i].sql);

		if (strcmp(rules, rows[i].rules) != 0)
			fail_msg("%s: '%s' instead of '%s'", rows[i].sql, rules, rows[i].rules);
	}
}

/* u gets 5,000 rows and a foreign key (t_id) to t (id), with an index or without. */
static char *lint_fkey(TALLOC_CTX *ctx, const char *sql, bool indexed, bool validated)
{
	struct so_catalog *catalog = make_catalog(ctx);
	struct so_table *u = &catalog->tables[1];
	static int32_t t_id = 1;
	static char *id = (char *)"id";
	struct so_fkey fkey = { .name = so_strdup(ctx, "u_t_id_fkey"),
		.n_columns = 1,
		.columns = &t_id,
		.ref_schema = so_strdup(ctx, "public"),
		.ref_table = so_strdup(ctx, "t"),
		.ref_columns = &id,
		.validated = validated };
	struct so_index_key key = { .column = 1 };
	struct so_index index = { .method = so_strdup(ctx, "btree"), .n_keys = 1, .keys = &key, .valid = true };

	u->rows = 5000;
	u->pages = 40;
	u->n_fkeys = 1;
	u->fkeys = &fkey;
	u->n_indexes = indexed ? 1 : 0;
	u->indexes = &index;
	return lint_with(ctx, catalog, sql);
}

static void test_foreign_keys(void **state)
{
	static const struct {
		const char *sql;
		bool indexed, not_valid;
		const char *rules;
	} rows[] = {
		{ "DELETE FROM t WHERE id = 1", false, false, "fk-without-index" },
		{ "DELETE FROM t WHERE id = 1", true, false, "" },
		{ "DELETE FROM t WHERE id = 1", false, true, "" },
		{ "UPDATE t SET id = 2 WHERE id = 1", false, false, "fk-without-index" },
		{ "UPDATE t SET (a, id) = (1, 2) WHERE id = 1", false, false, "fk-without-index" },
		{ "UPDATE t SET a = 2 WHERE id = 1", false, false, "" },
		{ "DELETE FROM u WHERE id = 1", false, false, "" },
		{ "SELECT * FROM t WHERE id = 1", false, false, "" },
		{ "WITH d AS (DELETE FROM t WHERE id = 1 RETURNING id) SELECT * FROM d", false, false,
			"fk-without-index" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *rules = lint_fkey(*state, rows[i].sql, rows[i].indexed, !rows[i].not_valid);

		if (strcmp(rules, rows[i].rules) != 0)
			fail_msg("%s: '%s' instead of '%s'", rows[i].sql, rules, rows[i].rules);
	}
}

/* Without the catalog the rules that need it are silent, the others are not. */
static void test_without_names(void **state)
{
	struct so_finding_list *list = so_finding_list_new(*state);
	const char *sql = "SELECT DISTINCT id FROM nowhere WHERE b = NULL";
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	assert_true(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	so_lint(ast, so_ast_statement(ast), NULL, list);
	assert_int_equal(list->count, 1);
	assert_string_equal(list->items[0].rule, "equals-null");
}

static void test_a_rule_does_not_flood(void **state)
{
	struct so_finding_list *list = so_finding_list_new(*state);
	char *sql = so_strdup(*state, "SELECT id FROM t WHERE b = NULL");
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	for (int i = 0; i < 50; i++)
		sql = so_mem_need(talloc_strdup_append(sql, " OR b = NULL"));
	assert_true(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	so_lint(ast, so_ast_statement(ast), NULL, list);
	assert_int_equal(list->count, SO_LINT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_rule_does_not_flood, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
