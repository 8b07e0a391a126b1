#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/build.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql_corpus.h"
#include "sql_fixture.h"

static struct so_ast *parse(void *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

static void round_trip(const char *sql, void *arg)
{
	struct so_ast *ast = parse(arg, sql), *again, *pretty;
	char *text = so_sql_print(ast, ast, so_ast_statement(ast));
	struct so_ast *copy = so_ast_new(ast, SO_POSTGRESQL);
	so_ref copied = so_ast_copy(copy, ast, so_ast_statement(ast));

	again = parse(ast, text);
	if (!so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)))
		fail_msg("%s -> %s", sql, text);
	assert_string_equal(so_sql_print(again, again, so_ast_statement(again)), text);
	/* a copy has no source text: it prints from the tree alone */
	assert_string_equal(so_sql_print(copy, copy, copied), text);
	assert_true(so_ast_equal(ast, so_ast_statement(ast), copy, copied));
	pretty = parse(ast, so_sql_pretty(ast, ast, so_ast_statement(ast)));
	assert_true(so_ast_equal(ast, so_ast_statement(ast), pretty, so_ast_statement(pretty)));
	talloc_free(ast);
}

static void test_print_is_a_fixed_point(void **state)
{
	assert_true(each_statement(round_trip, *state) >= 400);
}

static const char *const texts[][2] = {
	{ "select a+b*c,(a+b)*c from t", "SELECT a + b * c, (a + b) * c FROM t" },
	{ "SELECT ((a)) FROM \"t\" WHERE ((a=1) and (b=2 or c=3))",
		"SELECT a FROM t WHERE a = 1 AND (b = 2 OR c = 3)" },
	{ "select \"Order\", \"order\", \"a b\", \"x\"", "SELECT \"Order\", \"order\", \"a b\", x" },
	{ "select 'it''s', E'a\\'b', $$c$$", "SELECT 'it''s', 'a''b', 'c'" },
	{ "select (-1)::int, -a::int, - (-1), -(-a)", "SELECT (-1)::integer, -a::integer, 1, - -a" },
	{ "select a from t where not (a in (1,2)) and b not in (3)",
		"SELECT a FROM t WHERE NOT a IN (1, 2) AND b NOT IN (3)" },
	{ "select * from a,b left join c using(id)", "SELECT * FROM a, b LEFT JOIN c USING (id)" },
	{ "(select 1) union all (select 2 limit 1)", "SELECT 1 UNION ALL (SELECT 2 LIMIT 1)" },
};

static void test_print_is_minimal(void **state)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct so_ast *ast = parse(*state, texts[i][0]);

		assert_string_equal(so_sql_print(ast, ast, so_ast_statement(ast)), texts[i][1]);
		talloc_free(ast);
	}
}

static void test_pretty_breaks_at_clauses(void **state)
{
	struct so_ast *ast = parse(*state, "select a from t join u on t.id = u.id and u.x where a = 1 and b in (select "
					   "c from v where d) order by a");

	assert_string_equal(so_sql_pretty(ast, ast, so_ast_statement(ast)), "SELECT a\n"
									    "FROM t\n"
									    "JOIN u ON t.id = u.id\n"
									    "    AND u.x\n"
									    "WHERE a = 1\n"
									    "  AND b IN (\n"
									    "    SELECT c\n"
									    "    FROM v\n"
									    "    WHERE d\n"
									    "  )\n"
									    "ORDER BY a");
	talloc_free(ast);
}

/* x NOT IN (SELECT ..) -> NOT EXISTS, as a rewrite would do it */
static void test_trees_edited_by_hand_print(void **state)
{
	struct so_ast *ast =
		parse(*state, "SELECT a FROM t WHERE t.x NOT IN (SELECT y FROM u WHERE u.z > 1 OR u.w) AND b");
	struct so_n_select *select = so_as_select(ast, so_ast_statement(ast));
	so_ref old = so_list_get(ast, so_as_bool(ast, select->where)->args, 0);
	struct so_n_in *in = so_as_in(ast, old);
	so_ref query = so_ast_copy(ast, ast, in->query);
	so_ref equal = so_make_op(ast, SO_OP_EQ, so_make_column(ast, "u", "y"), so_ast_copy(ast, ast, in->arg));
	so_ref one = so_make_target(ast, so_make_int(ast, 1), NULL);

	so_as_select(ast, query)->where = so_make_and(ast, so_as_select(ast, query)->where, equal);
	so_as_select(ast, query)->targets = so_make_list(ast, &one, 1);
	assert_true(so_ast_replace(ast, so_ast_statement(ast), old, so_make_not(ast, so_make_exists(ast, query))));
	assert_string_equal(so_sql_print(ast, ast, so_ast_statement(ast)),
		"SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE (u.z > 1 OR u.w) AND u.y = t.x) AND b");
	talloc_free(ast);
}

static void test_builders_quote_and_parenthesise(void **state)
{
	struct so_ast *ast = so_ast_new(*state, SO_POSTGRESQL);
	so_ref column = so_make_column(ast, "T", "user");
	so_ref sum = so_make_op(ast, SO_OP_ADD, column, so_make_int(ast, -2));
	so_ref args[2] = { so_make_op(ast, SO_OP_MUL, sum, so_make_number(ast, "1.5")), so_make_string(ast, "o'x", 3) };
	so_ref in = so_make_in(ast, args[0], args + 1, 1);
	so_ref both[2] = { in, so_make_is(ast, so_make_cast(ast, sum, "int8"), SO_IS_NULL, true) };
	so_ref target = so_make_target(ast, so_make_bool(ast, SO_OR, both, 2), "a b");
	so_ref from = so_make_table(ast, "s", "Tab", "T");

	assert_string_equal(so_sql_print(ast, ast, so_make_select(ast, &target, 1, from, so_make_true(ast, true))),
		"SELECT (\"T\".\"user\" + -2) * 1.5 IN ('o''x') OR (\"T\".\"user\" + -2)::bigint IS NOT NULL AS \"a "
		"b\" "
		"FROM s.\"Tab\" AS \"T\" WHERE TRUE");
	assert_int_equal(so_ast_root_count(ast), 0);
	assert_int_equal(so_ast_add_root(ast, target), 0);
	assert_int_equal(so_ast_root(ast, 0), target);
	talloc_free(ast);
}

static void test_splice_keeps_every_other_byte(void **state)
{
	const char *sql = "SELECT a /* keep */\nFROM t WHERE a+1 = 5 -- tail";
	struct so_ast *ast = parse(*state, sql);
	so_ref where = so_as_select(ast, so_ast_statement(ast))->where;
	struct so_edit *edits = NULL;
	size_t count = 0;
	char *out;

	assert_true(so_sql_edit_node(ast, &edits, &count, ast, so_as_op(ast, where)->right, "4"));
	assert_true(so_sql_edit_node(ast, &edits, &count, ast, so_as_op(ast, where)->left, "a"));
	out = so_sql_splice(ast, sql, strlen(sql), edits, count);
	assert_string_equal(out, "SELECT a /* keep */\nFROM t WHERE a = 4 -- tail");
	edits[0] = (struct so_edit){ 5, 3, "x" };
	edits[1] = (struct so_edit){ 7, 1, "y" };
	assert_null(so_sql_splice(ast, sql, strlen(sql), edits, 2));
	edits[1] = (struct so_edit){ strlen(sql), 1, "y" };
	assert_null(so_sql_splice(ast, sql, strlen(sql), edits, 2));
	talloc_free(ast);
}

struct again {
	struct so_parser *parser;
	struct so_ast *ast;
	unsigned failures;
};

/* The same tree as in memory of its own, whatever the memory held before. */
static void parsed_again(const char *sql, void *arg)
{
	struct again *again = arg;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *own;

	assert_true(so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &own, &err));
	assert_true(so_sql_parse_again(again->ast, again->parser, sql, strlen(sql), NULL, &err));
	assert_true(so_ast_equal(own, so_ast_statement(own), again->ast, so_ast_statement(again->ast)));
	assert_string_equal(so_sql_print(own, own, so_ast_statement(own)),
		so_sql_print(own, again->ast, so_ast_statement(again->ast)));
	assert_true(so_ast_arena_used(again->ast) >= strlen(sql));
	talloc_free(own);
	if (strlen(sql) % 7 == 0) {
		assert_false(so_sql_parse_again(again->ast, again->parser, sql, strlen(sql) - 1, NULL, &err) &&
			     so_sql_parse_again(again->ast, again->parser, "SELECT (", 8, NULL, &err));
		again->failures++;
	}
}

static void test_memory_of_a_tree_is_used_again(void **state)
{
	struct again again = { .parser = so_parser_new(NULL) };
	size_t blocks;

	(void)state;
	again.ast = so_ast_new(again.parser, SO_POSTGRESQL);
	assert_true(each_statement(parsed_again, &again) >= 400);
	assert_true(again.failures > 10);
	blocks = talloc_total_blocks(again.parser);
	each_statement(parsed_again, &again);
	assert_int_equal(talloc_total_blocks(again.parser), blocks);
	talloc_free(again.parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_of_a_tree_is_used_again),
		cmocka_unit_test_setup_teardown(test_print_is_a_fixed_point, setup, teardown),
		cmocka_unit_test_setup_teardown(test_print_is_minimal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pretty_breaks_at_clauses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trees_edited_by_hand_print, setup, teardown),
		cmocka_unit_test_setup_teardown(test_builders_quote_and_parenthesise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_splice_keeps_every_other_byte, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
