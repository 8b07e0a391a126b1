#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sql/build.h"
#include "sql/lex.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql_fixture.h"

#define SMALL_STACK (256 * 1024)

static struct so_ast *parse(void *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

static struct so_err refuse(const char *sql, const struct so_sql_options *options)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), options, &ast, &err))
		fail_msg("accepted: %.80s", sql);
	assert_null(ast);
	return err;
}

static void assert_text(struct so_text text, const char *expected)
{
	char *copy = so_strndup(NULL, text.s, text.len);

	assert_string_equal(copy, expected);
	talloc_free(copy);
}

static void test_every_keyword_is_found_in_any_case(void **state)
{
	(void)state;
	for (int i = 1; i < SO_KW_MAX; i++) {
		char word[64] = { 0 };

		for (int k = 0; k < so_keywords[i].len; k++) {
			char c = so_keywords[i].name[k];

			word[k] = k % 2 && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
		}
		assert_int_equal(so_keyword_find(word, so_keywords[i].len), i);
		word[so_keywords[i].len] = 'x';
		assert_int_not_equal(so_keyword_find(word, so_keywords[i].len + 1u), i);
	}
}

static void test_shape_of_a_select(void **state)
{
	const char *sql =
		"SELECT o.id, count(*) AS n FROM public.\"Orders\" o WHERE Status = 'new' AND (total) > -1.5 LIMIT 10";
	struct so_ast *ast = parse(*state, sql);
	struct so_n_select *select = so_as_select(ast, so_ast_statement(ast));
	struct so_n_target *target = so_as_target(ast, so_list_get(ast, select->targets, 0));
	struct so_n_column *column = so_as_column(ast, target->expr);
	struct so_n_table *table = so_as_table(ast, so_list_get(ast, select->from, 0));
	struct so_n_bool *where = so_as_bool(ast, select->where);
	struct so_n_op *second;
	size_t offset, len;
	int64_t limit;

	assert_int_equal(select->targets.count, 2);
	assert_true(so_ast_name_is(ast, column->name, "id"));
	assert_true(so_ast_name_is(ast, so_as_name(ast, column->qualifier)->name, "o"));
	target = so_as_target(ast, so_list_get(ast, select->targets, 1));
	assert_true(so_ast_has_flag(ast, target->expr, SO_NF_STAR));
	assert_true(so_ast_name_is(ast, target->label, "n"));
	assert_true(so_ast_name_is(ast, table->name, "Orders"));
	assert_true(table->name.quoted);
	assert_true(so_ast_name_is(ast, so_as_alias(ast, table->alias)->name, "o"));
	assert_int_equal(where->op, SO_AND);
	assert_int_equal(where->args.count, 2);
	assert_text(so_ast_source_of(ast, so_list_get(ast, where->args, 0)), "Status = 'new'");
	assert_text(so_ast_source_of(ast, so_list_get(ast, where->args, 1)), "(total) > -1.5");
	second = so_as_op(ast, so_list_get(ast, where->args, 1));
	assert_int_equal(second->op, SO_OP_GT);
	assert_text(so_ast_source_of(ast, second->left), "total");
	assert_true(so_ast_span_paren(ast, second->left, &offset, &len));
	assert_int_equal(len, 7);
	assert_memory_equal(sql + offset, "(total)", 7);
	assert_text(so_ast_str(ast, so_as_const(ast, second->right)->value), "-1.5");
	assert_true(so_ast_int(ast, select->limit, &limit));
	assert_int_equal(limit, 10);
	talloc_free(ast);
}

static void test_parentheses_of_a_call_are_not_the_arguments(void **state)
{
	struct so_ast *ast = parse(*state, "SELECT f((a))");
	struct so_n_select *select = so_as_select(ast, so_ast_statement(ast));
	struct so_n_func *func = so_as_func(ast, so_as_target(ast, so_list_get(ast, select->targets, 0))->expr);
	size_t offset, len;

	assert_true(so_ast_span_paren(ast, so_list_get(ast, func->args, 0), &offset, &len));
	assert_int_equal(offset, 9);
	assert_int_equal(len, 3);
	talloc_free(ast);
}

/* Fully parenthesised, to see how operators bind. */
static const char *const bindings[][2] = {
	{ "a + b * c", "(a + (b * c))" },
	{ "a - b - c", "((a - b) - c)" },
	{ "-a ^ 2", "((- a) ^ 2)" },
	{ "a || b + c", "(a || (b + c))" },
	{ "@ a + b", "(@ (a + b))" },
	{ "@ a || b", "((@ a) || b)" },
	{ "NOT a = b", "(NOT (a = b))" },
	{ "a = b IS NULL", "((a = b) IS NULL)" },
	{ "a OR b AND c", "(a OR (b AND c))" },
	{ "a < b + c", "(a < (b + c))" },
	{ "a LIKE b || c", "(a LIKE (b || c))" },
	{ "a BETWEEN b AND c AND d", "((a BETWEEN b AND c) AND d)" },
	{ "a AT TIME ZONE b || c", "((a AT TIME ZONE b) || c)" },
	{ "-a::int", "(- (a::int))" },
	{ "a * b COLLATE c", "(a * (b COLLATE c))" },
	{ "a = ANY (b) = c", "((a = ANY (b)) = c)" },
	{ "a OPERATOR(pg_catalog.+) b * c", "(a OPERATOR(pg_catalog.+) (b * c))" },
};

static void test_operators_bind_as_in_postgresql(void **state)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
		struct so_ast *ast = so_ast_new(*state, SO_POSTGRESQL);
		so_ref plain, full;

		assert_true(so_sql_parse_expr(ast, NULL, bindings[i][0], strlen(bindings[i][0]), NULL, &plain, &err));
		assert_true(so_sql_parse_expr(ast, NULL, bindings[i][1], strlen(bindings[i][1]), NULL, &full, &err));
		if (!so_ast_equal(ast, plain, ast, full))
			fail_msg("%s", bindings[i][0]);
		talloc_free(ast);
	}
}

static const struct {
	const char *sql, *message;
	int position;
} errors[] = {
	{ "", "the statement is empty", 0 },
	{ "  -- nothing\n ;", "the statement is empty", 15 },
	{ "SELECT * frm t", "syntax error at or near \"frm\"", 9 },
	{ "SELECT 1; SELECT 2", "2 statements, expected one", 10 },
	{ "SELECT 1; SELECT 2;; VALUES (3);", "3 statements, expected one", 10 },
	{ "SELECT (1", "syntax error at end of input", 9 },
	{ "SELECT a < b < c", "syntax error at or near \"<\"", 13 },
	{ "SELECT 'abc", "unterminated quoted string", 7 },
	{ "SELECT \"abc", "unterminated quoted identifier", 7 },
	{ "SELECT /* abc", "unterminated /* comment", 7 },
	{ "SELECT $x$ abc", "unterminated dollar-quoted string", 7 },
	{ "SELECT \"\"", "zero-length delimited identifier", 7 },
	{ "SELECT 12abc", "trailing junk after numeric literal at or near \"12abc\"", 7 },
	{ "SELECT * FROM t LIMIT 1 LIMIT 2", "multiple LIMIT clauses not allowed", 24 },
	{ "SELECT FROM WHERE", "syntax error at or near \"WHERE\"", 12 },
	{ "INSERT INTO t (a DEFAULT VALUES", "syntax error at or near \"DEFAULT\"", 17 },
	{ "FROBNICATE x", "syntax error at or near \"FROBNICATE\"", 0 },
	{ "CREATE TABLE t (a int", "syntax error at end of input", 21 },
	{ "SELECT a b c", "syntax error at or near \"c\"", 11 },
	{ "SELECT * FROM t WHERE a = = 1", "syntax error at or near \"=\"", 26 },
};

static void test_errors_name_token_and_position(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct so_err err = refuse(errors[i].sql, NULL);

		assert_int_equal(err.kind, SO_INPUT);
		assert_string_equal(err.message, errors[i].message);
		assert_int_equal(err.position, errors[i].position);
	}
}

static char *repeat(void *ctx, const char *head, const char *piece, unsigned n, const char *tail)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 8u << 20);
	so_buf_adds(&buf, head);
	while (n--)
		so_buf_adds(&buf, piece);
	so_buf_adds(&buf, tail);
	return buf.data;
}

static void *parse_deep(void *arg)
{
	static const char *const openings[] = { "(", "f(", "CASE WHEN a THEN ", "(SELECT ", "NOT ", "- ", "ARRAY[",
		"a IN (SELECT ", "coalesce(", "CAST(", "SELECT * FROM (", "a[", "x BETWEEN 1 AND (", "ROW(",
		"EXISTS (SELECT ", "WITH x AS (", "a JOIN (", "((SELECT 1) UNION ", "extract(year FROM ",
		"json_object(", "a::int::", "@ " };

	for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
		char *sql = repeat(NULL, "SELECT ", openings[i], 10000, "1");
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		assert_false(so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
		if (err.kind != SO_LIMIT && err.kind != SO_INPUT)
			fail_msg("%s: %s", openings[i], err.message);
		talloc_free(sql);
	}
	*(bool *)arg = true;
	return NULL;
}

/* What fits the limit must also be read, printed and walked on a small stack. */
static void *parse_allowed(void *arg)
{
	unsigned n = SO_SQL_MAX_DEPTH - 20;
	char *open = repeat(NULL, "SELECT ", "(", n, "1");
	char *sql = repeat(NULL, open, ")", n, " + 1");
	struct so_ast *ast = parse(NULL, sql);
	char *text = so_sql_print(ast, ast, so_ast_statement(ast));

	assert_string_equal(text, "SELECT 1 + 1");
	talloc_free(ast);
	talloc_free(open);
	talloc_free(sql);
	*(bool *)arg = true;
	return NULL;
}

static void run_on_small_stack(void *(*fn)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;
	bool finished = false;
	size_t stack = SMALL_STACK;

#if defined(__SANITIZE_ADDRESS__) || defined(SO_BIG_FRAMES)
	stack *= 16; /* sanitizers make frames larger */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	stack *= 16;
#endif
#endif
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, stack);
	assert_int_equal(pthread_create(&thread, &attr, fn, &finished), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	assert_true(finished);
}

static void test_deep_nesting_is_refused_on_a_small_stack(void **state)
{
	char *sql = repeat(*state, "SELECT ", "(", 10000, "1");
	struct so_err err = refuse(sql, NULL);

	assert_int_equal(err.kind, SO_LIMIT);
	assert_string_equal(err.message, "the statement is nested deeper than 400 levels");
	talloc_free(sql);
	run_on_small_stack(parse_deep);
	run_on_small_stack(parse_allowed);
}

static void *parse_long(void *arg)
{
	static const char *const chains[][3] = {
		{ "SELECT 1", " + 1", "" },
		{ "SELECT a", " AND a", "" },
		{ "SELECT a", " OR b", "" },
		{ "SELECT a IN (1", ", 1", ")" },
		{ "SELECT 1", " UNION ALL SELECT 1", "" },
		{ "SELECT * FROM t", " JOIN t ON true", "" },
		{ "VALUES (1)", ", (1)", "" },
	};

	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		char *sql = repeat(NULL, chains[i][0], chains[i][1], 12000, chains[i][2]);
		struct so_ast *ast = parse(NULL, sql), *again;
		char *text = so_sql_print(ast, ast, so_ast_statement(ast));
		struct so_ast *copy = so_ast_new(ast, SO_POSTGRESQL);
		so_ref copied = so_ast_copy(copy, ast, so_ast_statement(ast));

		again = parse(ast, text);
		assert_true(so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)));
		assert_true(so_ast_equal(ast, so_ast_statement(ast), copy, copied));
		talloc_free(ast);
		talloc_free(sql);
	}
	*(bool *)arg = true;
	return NULL;
}

static void test_long_chains_need_no_stack(void **state)
{
	(void)state;
	run_on_small_stack(parse_long);
}

static void test_size_limit_is_a_parameter(void **state)
{
	struct so_sql_options options = { .max_bytes = 10 };
	struct so_err err = refuse("SELECT 123456", &options);

	(void)state;
	assert_int_equal(err.kind, SO_LIMIT);
	assert_string_equal(err.message, "the statement has 13 bytes, the limit is 10");
}

static void test_plan_conditions_share_one_ast(void **state)
{
	static const char *const conditions[] = {
		"((status)::text = 'x'::text)",
		"(a.x = b.y)",
		"(NOT (hashed SubPlan 1))",
		"(x > (InitPlan 1).col1)",
		"(x = $0)",
		"(SubPlan 1)",
		"(alternatives: SubPlan 1 or hashed SubPlan 2)",
		"((id = ANY ('{1,2}'::integer[])) AND ((name)::text ~~ 'ab%'::text))",
		"(NOT (ANY (x = (hashed SubPlan 1).col1)))",
		"EXISTS(SubPlan 1)",
		"(EXTRACT(year FROM created_at) = '2024'::numeric)",
		"(row_number() OVER (?) <= 3)",
	};
	struct so_ast *ast = so_ast_new(*state, SO_POSTGRESQL);
	struct so_parser *parser = so_parser_new(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_like_view like;
	so_ref root, arg;

	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		if (!so_sql_parse_expr(ast, parser, conditions[i], strlen(conditions[i]), NULL, &root, &err))
			fail_msg("%s: %s", conditions[i], err.message);
		assert_int_equal(so_ast_root(ast, (uint32_t)i), root);
		assert_text(so_ast_source_text(ast, (uint32_t)i), conditions[i]);
	}
	assert_int_equal(so_ast_root_count(ast), sizeof conditions / sizeof conditions[0]);
	assert_false(so_sql_parse_expr(ast, parser, "(a = ", 5, NULL, &root, &err));
	assert_int_equal(so_ast_root_count(ast), sizeof conditions / sizeof conditions[0]);
	arg = so_as_op(ast, so_ast_root(ast, 0))->left;
	assert_true(so_ast_name_is(ast, so_as_column(ast, so_ast_strip_casts(ast, arg))->name, "status"));
	arg = so_list_get(ast, so_as_bool(ast, so_ast_root(ast, 7))->args, 1);
	assert_true(so_ast_like(ast, arg, &like));
	assert_false(like.negated);
	assert_text(so_ast_source_of(ast, arg), "(name)::text ~~ 'ab%'::text");
	assert_true(so_sql_parse_expr_list(ast, parser, "a, b DESC, lower(c)", 19, NULL, &root, &err));
	assert_int_equal(so_as_row(ast, root)->items.count, 3);
	assert_int_equal(so_ast_kind(ast, so_list_get(ast, so_as_row(ast, root)->items, 1)), SO_N_SORT);
	talloc_free(ast);
	talloc_free(parser);
}

static void test_lenient_takes_what_statistics_views_show(void **state)
{
	static const char *const texts[] = {
		"SELECT interval $1, date $2, extract($3 from x) FROM t LIMIT $4",
		"SELECT a FROM t WHERE b = ? AND c IN (?, ?)",
		"SELECT a FROM t WHERE b IN (...)",
		"SELECT timestamp with time zone $1",
	};
	struct so_sql_options lenient = { .lenient = true };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!so_sql_parse(*state, NULL, SO_POSTGRESQL, texts[i], strlen(texts[i]), &lenient, &ast, &err))
			fail_msg("%s: %s", texts[i], err.message);
		assert_false(ast->sources[0].truncated);
		talloc_free(ast);
	}
	assert_true(so_sql_parse(
		*state, NULL, SO_POSTGRESQL, "SELECT a, b FROM t JOIN u ON t.id = 'abc", 40, &lenient, &ast, &err));
	assert_true(ast->sources[0].truncated);
	assert_int_equal(so_as_select(ast, so_ast_statement(ast))->targets.count, 2);
	talloc_free(ast);
}

static const char truncated_text[] = "WITH r (n) AS (SELECT E'a\\n' || U&'\\0041' FROM a.\"B\" x JOIN LATERAL f($1, y "
				     "=> 2) g ON x.c[1:2] = ANY ('{1}'::int[])) "
				     "SELECT DISTINCT ON (a) CASE WHEN b IS NOT NULL THEN extract(year FROM c) ELSE "
				     "-1.5e3 END AS \"q\", sum(d) FILTER (WHERE e) OVER (PARTITION BY f ORDER BY g "
				     "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM r WHERE (h, i) IN (SELECT 1, 2) "
				     "AND j NOT LIKE $$x$$ /* c /* d */ */ GROUP BY GROUPING SETS ((k), ()) "
				     "ORDER BY l DESC NULLS LAST LIMIT 5 -- end";

static void test_truncation_at_every_byte(void **state)
{
	struct so_parser *parser = so_parser_new(*state);
	struct so_sql_options lenient = { .lenient = true };

	for (size_t len = 0; len < sizeof truncated_text; len++) {
		/* an exact-size copy, so that a sanitizer sees each byte read behind it */
		char *copy = so_mem_need(malloc(len ? len : 1));
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		memcpy(copy, truncated_text, len);
		if (so_sql_parse(NULL, parser, SO_POSTGRESQL, copy, len, NULL, &ast, &err))
			talloc_free(ast);
		else
			assert_true(err.position >= 0 && (size_t)err.position <= len);
		if (so_sql_parse(NULL, parser, SO_POSTGRESQL, copy, len, &lenient, &ast, &err)) {
			char *text = so_sql_print(ast, ast, so_ast_statement(ast));

			assert_non_null(text);
			talloc_free(ast);
		}
		free(copy);
	}
	talloc_free(parser);
}

static void test_split_knows_strings_and_bodies(void **state)
{
	const char *sql = "SELECT ';'; ; -- x;\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE "
			  "WHEN true THEN 1 END; END;"
			  "INSERT INTO t VALUES ($$;$$)";
	struct so_sql_piece *pieces;
	size_t count;
	struct so_err err = SO_ERR_INIT;

	assert_true(so_sql_split(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &pieces, &count, &err));
	assert_int_equal(count, 3);
	assert_int_equal(pieces[0].offset, 0);
	assert_int_equal(pieces[0].len, 10);
	assert_memory_equal(sql + pieces[1].offset, "CREATE", 6);
	assert_memory_equal(sql + pieces[2].offset, "INSERT", 6);
	talloc_free(pieces);
}

static const struct {
	const char *sql;
	enum so_statement_class cls;
	bool pure;
	const char *verb;
} classes[] = {
	{ "SELECT 1", SO_CLASS_READ, true, "select" },
	{ "SELECT now(), random() FROM t", SO_CLASS_READ, true, "select" },
	{ "SELECT nextval('s')", SO_CLASS_READ, false, "select" },
	{ "SELECT * FROM pg_sleep(1)", SO_CLASS_READ, false, "select" },
	{ "SELECT a INTO b FROM t", SO_CLASS_WRITE, false, "select" },
	{ "SELECT a FROM t FOR UPDATE", SO_CLASS_READ, false, "select" },
	{ "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", SO_CLASS_WRITE, false, "select" },
	{ "UPDATE t SET a = 1", SO_CLASS_WRITE, false, "update" },
	{ "CREATE UNIQUE INDEX i ON t (a)", SO_CLASS_DDL, false, "create index" },
	{ "DROP TABLE t", SO_CLASS_DDL, false, "drop table" },
	{ "VACUUM t", SO_CLASS_UTILITY, false, "vacuum" },
	{ "EXPLAIN SELECT 1", SO_CLASS_READ, false, "explain" },
	{ "EXPLAIN ANALYZE DELETE FROM t", SO_CLASS_WRITE, false, "explain" },
	{ "EXPLAIN (ANALYZE, BUFFERS) INSERT INTO t VALUES (1)", SO_CLASS_WRITE, false, "explain" },
	{ "SET work_mem = '64MB'", SO_CLASS_UTILITY, false, "set" },
};

static void test_statements_are_classified(void **state)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		struct so_ast *ast = parse(*state, classes[i].sql);
		struct so_sql_class cls;

		so_sql_classify(ast, so_ast_statement(ast), &cls);
		if (cls.cls != classes[i].cls || cls.pure_read != classes[i].pure)
			fail_msg("%s", classes[i].sql);
		assert_string_equal(cls.verb, classes[i].verb);
		talloc_free(ast);
	}
}

static void test_asts_may_outlive_their_parser(void **state)
{
	struct so_parser *parser = so_parser_new(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *first, *second;

	assert_true(so_sql_parse(*state, parser, SO_POSTGRESQL, "SELECT a", 8, NULL, &first, &err));
	assert_true(so_sql_parse(*state, parser, SO_POSTGRESQL, "SELECT b", 8, NULL, &second, &err));
	talloc_free(first);
	talloc_free(parser);
	assert_text(so_ast_source_of(second, so_ast_statement(second)), "SELECT b");
	assert_true(second->arena_bytes > 0);
	talloc_free(second);
}

static void test_names_with_escapes_are_decoded(void **state)
{
	const char *sql =
		"SELECT U&\"d!0061t\" UESCAPE '!' AS U&\"b#0062\" UESCAPE '#', U&\"\\0061\" FROM U&\"t!0061\" "
		"UESCAPE '!' x";
	struct so_ast *ast = parse(*state, sql);
	char *print = so_sql_print(*state, ast, so_ast_statement(ast));

	assert_string_equal(print, "SELECT dat AS bb, a FROM ta AS x");
	talloc_free(print);
	talloc_free(ast);
}

static void test_strings_are_decoded(void **state)
{
	static const char *const strings[][2] = {
		{ "'it''s'", "it's" },
		{ "E'a\\tb\\x41\\101\\u00e9\\''", "a\tbAA\xC3\xA9'" },
		{ "U&'d\\0061t\\+000061\\\\'", "data\\" },
		{ "U&'d!0061t' UESCAPE '!'", "dat" },
		{ "$$a$b$$", "a$b" },
		{ "$t$a$$b$t$", "a$$b" },
		{ "'one'\n  'two'", "onetwo" },
		{ "'one' -- it's a comment\n 'two'", "onetwo" },
	};

	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		char *sql = so_printf(*state, "SELECT %s", strings[i][0]);
		struct so_ast *ast = parse(*state, sql);
		so_ref target = so_list_get(ast, so_as_select(ast, so_ast_statement(ast))->targets, 0);

		assert_text(so_ast_str(ast, so_as_const(ast, so_as_target(ast, target)->expr)->value), strings[i][1]);
		talloc_free(ast);
		talloc_free(sql);
	}
	assert_int_equal(refuse("SELECT E'\\ud800'", NULL).kind, SO_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_keyword_is_found_in_any_case, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shape_of_a_select, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parentheses_of_a_call_are_not_the_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_operators_bind_as_in_postgresql, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_name_token_and_position, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep_nesting_is_refused_on_a_small_stack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_chains_need_no_stack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size_limit_is_a_parameter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plan_conditions_share_one_ast, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lenient_takes_what_statistics_views_show, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncation_at_every_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_split_knows_strings_and_bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_statements_are_classified, setup, teardown),
		cmocka_unit_test_setup_teardown(test_asts_may_outlive_their_parser, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_with_escapes_are_decoded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings_are_decoded, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
