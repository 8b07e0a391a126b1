#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sql/comments.h"
#include "sql/parse.h"
#include "sql/tree.h"
#include "sql_corpus.h"
#include "sql_fixture.h"

static char *format(void *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	char *text = so_sql_format(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &err);

	if (!text)
		fail_msg("%s: %s", sql, err.message);
	return text;
}

/* ---- Where comments go ------------------------------------------------------------------------------------------ */

static const char *const places[][2] = {
	{ "-- head\nselect 1", "-- head\nSELECT 1" },
	{ "select 1 -- tail", "SELECT 1 -- tail" },
	{ "select 1; -- tail", "SELECT 1; -- tail" },
	{ "select 1;\n-- tail", "SELECT 1;\n-- tail" },
	{ "select 1 /* a */ ; select 2;", "SELECT 1 /* a */;\n\nSELECT 2;" },
	{ "select 1; -- one\nselect 2", "SELECT 1; -- one\n\nSELECT 2" },
	{ "select 1; /* two */ select 2", "SELECT 1;\n\n/* two */ SELECT 2" },
	{ "select a, -- first\n b from t", "SELECT a, -- first\n  b\nFROM t" },
	{ "select a -- first\n, b from t", "SELECT a, -- first\n  b\nFROM t" },
	{ "select a from t where b = 1 and -- why\n c = 2", "SELECT a\nFROM t\nWHERE b = 1 -- why\n  AND c = 2" },
	{ "select a /* x */, b from t", "SELECT a /* x */, b\nFROM t" },
	{ "select f(/* x */ a)", "SELECT f(/* x */ a)" },
	{ "select f /* x */ (a)", "SELECT f(/* x */ a)" },
	{ "select a from t\n-- why\nwhere a = 1", "SELECT a\nFROM t\n-- why\nWHERE a = 1" },
	{ "select a from t /* x */ where a = 1", "SELECT a\nFROM t\n/* x */ WHERE a = 1" },
	{ "select /*+ SeqScan(t) */ a from t", "SELECT /*+ SeqScan(t) */ a\nFROM t" },
	{ "select\n  /*+ SeqScan(t) */\n a from t", "SELECT /*+ SeqScan(t) */\n  a\nFROM t" },
	{ "/*+ SeqScan(t) */ select a from t", "/*+ SeqScan(t) */ SELECT a\nFROM t" },
	{ "select 'a' -- x\n 'b'", "SELECT 'ab' -- x" },
	{ "select cast(a /* x */ as integer)", "SELECT CAST(a /* x */ AS integer)" },
	{ "select ((a)) /* x */ + 1", "SELECT a /* x */ + 1" },
	{ "select /* a /* b */ c */ 1", "SELECT /* a /* b */ c */ 1" },
	{ "-- only a comment\n", "-- only a comment" },
	{ "vacuum /* x */ t; -- y", "vacuum /* x */ t; -- y" },
};

static void test_comments_stay_at_their_words(void **state)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		char *text = format(*state, places[i][0]), *again = format(*state, text);

		assert_string_equal(text, places[i][1]);
		assert_string_equal(again, text);
		talloc_free(text);
		talloc_free(again);
	}
}

/* Scripts of other dialects. */
static const struct {
	enum so_dialect dialect;
	const char *sql, *text;
} scripts[] = {
	/* where lists and clauses break */
	{ SO_POSTGRESQL,
		"insert into t (a, b) values (1, 2), (3, 4) on conflict (a) do update set b = 1 where t.a > 1 "
		"returning a",
		"INSERT INTO t (a, b)\nVALUES\n  (1, 2),\n  (3, 4)\nON CONFLICT (a) DO UPDATE\n  SET b = 1\n  WHERE "
		"t.a > "
		"1\nRETURNING a" },
	{ SO_POSTGRESQL, "values (1), (2)", "VALUES (1), (2)" },
	{ SO_POSTGRESQL, "with x as (select 1) select a, (select max(b) from x) from t",
		"WITH x AS (\n  SELECT 1\n)\nSELECT\n  a,\n  (\n    SELECT max(b)\n    FROM x\n  )\nFROM t" },
	{ SO_POSTGRESQL, "select case when a then 1 when b then 2 when c then 3 else 4 end",
		"SELECT CASE\n    WHEN a THEN 1\n    WHEN b THEN 2\n    WHEN c THEN 3\n    ELSE 4\n  END" },
	{ SO_POSTGRESQL, "explain (analyze) select 1", "explain (analyze)\nSELECT 1" },
	{ SO_ORACLE,
		"merge into t using s on (t.a = s.a) when matched then update set b = 1 where s.c = 1 delete where s.d "
		"= 2",
		"MERGE INTO T\nUSING S ON (T.A = S.A)\nWHEN MATCHED THEN UPDATE SET B = 1\n  WHERE S.C = 1\n  DELETE "
		"WHERE S.D = 2" },
	{ SO_MYSQL, "create table t (a int, key (a)); alter table t add column b int, drop column c;",
		"CREATE TABLE t (\n  a INT,\n  KEY (a)\n);\n\nALTER TABLE t\n  ADD COLUMN b INT,\n  DROP COLUMN c;" },
	{ SO_MYSQL, "create procedure p() begin select 1; select 2; end;",
		"create procedure p() begin select 1; select 2; end;" },
	{ SO_ORACLE, "select 1 from dual\n/\n-- c\nbegin null; end; -- x\n/\n\nselect 2 from dual\n/\n-- end\n",
		"SELECT 1\nFROM DUAL\n/\n\n-- c\nbegin null; end; -- x\n/\n\nSELECT 2\nFROM DUAL\n/\n\n-- end" },
	{ SO_ORACLE, "begin null; end;\n/\nselect 1 from dual;", "begin null; end;\n/\n\nSELECT 1\nFROM DUAL;" },
	{ SO_TSQL, "merge t using s on t.a = s.a when matched then delete",
		"MERGE INTO t\nUSING s ON t.a = s.a\nWHEN MATCHED THEN DELETE;" },
	/* a batch that does not parse: its pieces are cut into the statements that they are */
	{ SO_TSQL, "ab CREATE\nj /* end */;Aoc", "ab\n\nCREATE\nj /* end */;\n\nAoc" },
	{ SO_TSQL, "SE--o#c 4ale\nSET a ;\nLEx", "SE\n\n--o#c 4ale\nSET a;\n\nLEx" },
	/* a comment at the end of a statement stays with it */
	{ SO_TSQL, "create view v as (select a from t\n-- c\n)\ngo\nselect 1",
		"CREATE VIEW v AS\nSELECT a\nFROM t\n  -- c\n  ;\ngo\n\nSELECT 1" },
	{ SO_TSQL, "drop index t /* c */ .i\ngo\nselect 1", "DROP INDEX t.i /* c */;\ngo\n\nSELECT 1" },
	{ SO_TSQL, "select 1\ngo\n\ngo\nselect 2;\n", "SELECT 1\ngo\n\nSELECT 2;" },
	/* units that only their ends part */
	{ SO_ORACLE, "create package p as x number; end p\n/* c */ drop user u",
		"create package p as x number; end p;\n\n/* c */ drop user u" },
	{ SO_ORACLE, "select a from t where b = any ((select 1 from u)\n/* c */\n)\n/\nselect 2 from dual",
		"SELECT A\nFROM T\nWHERE B = ANY (\n    SELECT 1\n    FROM U\n  )\n  /* c */\n/\n\nSELECT 2\nFROM "
		"DUAL" },
	{ SO_SQLITE, "create virtual table f using m -- c\n(,,)", "CREATE VIRTUAL TABLE f USING m(, -- c\n  , )" },
	{ SO_TSQL, "create procedure p as\nbegin\n\t-- why\n\tselect a from t where b = 1 and c = 2;\nend",
		"create procedure p as\nbegin\n\t-- why\n\tSELECT a\n\tFROM t\n\tWHERE b = 1\n\t  AND c = 2;\nend" },
};

static void test_scripts_keep_their_ends_and_margins(void **state)
{
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		SO_TMP(tmp, *state);
		const char *sql = scripts[i].sql;

		/* the second time nothing changes */
		for (int round = 0; round < 2; round++) {
			sql = so_sql_format(tmp, NULL, scripts[i].dialect, sql, strlen(sql), NULL, &err);
			if (!sql)
				fail_msg("%s: %s", scripts[i].sql, err.message);
			assert_string_equal(sql, scripts[i].text);
		}
	}
}

static void test_errors_have_their_place_in_the_whole_text(void **state)
{
	struct so_err err = SO_ERR_INIT;
	const char *sql = "select 1;\nselect from where;";

	assert_null(so_sql_format(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &err));
	assert_int_equal(err.position, 22);
}

/* ---- Comments at random places ---------------------------------------------------------------------------------- */

struct random_comments {
	void *ctx;
	uint64_t seed;
	struct so_buf script; /* statements without comments, then with them */
	unsigned statements;
	unsigned comments;
};

static unsigned pick(struct random_comments *r, unsigned n)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(r->seed >> 33) % n;
}

static void put_comment(struct random_comments *r, struct so_buf *out)
{
	static const char *const forms[][2] = { { " /* c", ". */ " }, { " -- c", ".\n" }, { "\n-- c", ".\n" },
		{ "\n/* c", ". */\n" }, { "\n/* c", ". */ " }, { " /* c", ".\n more */\n" }, { " /*+ c", ". */ " } };
	unsigned form = pick(r, sizeof forms / sizeof forms[0]);

	so_buf_addf(out, "%s%u%s", forms[form][0], r->comments++, forms[form][1]);
}

static void sprinkle(struct random_comments *r, const struct so_ast *ast, unsigned one_in, struct so_buf *out)
{
	const struct so_source *source = &ast->sources[0];
	const char *text = so_ast_at(ast, source->text);
	size_t from = 0;

	for (uint32_t i = 0; i < source->token_count; i++) {
		const struct so_token *token = &so_ast_tokens(ast)[source->first_token + i];
		size_t at = token->off - source->text;

		so_buf_add(out, text + from, at - from);
		while (pick(r, one_in) == 0)
			put_comment(r, out);
		so_buf_add(out, text + at, token->len);
		from = at + token->len;
	}
}

/* Comment n stands in the text, once. */
static void expect_comment(const char *text, unsigned n)
{
	char word[32];
	const char *found;

	snprintf(word, sizeof word, " c%u.", n);
	found = strstr(text, word);
	if (!found)
		fail_msg("comment %u is lost in\n%s", n, text);
	if (strstr(found + 1, word))
		fail_msg("comment %u stands twice in\n%s", n, text);
}

static void check_statement(const char *sql, void *arg)
{
	struct random_comments *r = arg;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *plain, *before, *after;
	struct so_buf with;
	char *text, *again;
	TALLOC_CTX *tmp = talloc_new(r->ctx);
	static const unsigned densities[] = { 2, 5, 20 };

	if (!so_sql_parse(tmp, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &plain, &err))
		fail_msg("%s: %s", sql, err.message);
	for (int round = 0; round < 3; round++) {
		so_buf_init(&with, tmp, 1u << 20);
		r->comments = 0;
		sprinkle(r, plain, densities[round], &with);
		text = format(tmp, so_buf_text(&with));
		for (unsigned i = 0; i < r->comments; i++)
			expect_comment(text, i);
		again = format(tmp, text);
		if (strcmp(text, again) != 0)
			fail_msg("no fixed point:\n%s\n---\n%s\n---\n%s", so_buf_text(&with), text, again);
		if (!so_sql_parse(tmp, NULL, SO_POSTGRESQL, text, strlen(text), NULL, &after, &err))
			fail_msg("%s: %s", text, err.message);
		/* the text of an OPAQUE holds its comments */
		assert_true(so_sql_parse(tmp, NULL, SO_POSTGRESQL, so_buf_text(&with), with.len, NULL, &before, &err));
		assert_true(so_ast_equal(before, so_ast_statement(before), after, so_ast_statement(after)));
	}
	r->statements++;
	talloc_free(tmp);
}

static void test_no_comment_is_lost(void **state)
{
	struct random_comments r = { .ctx = *state, .seed = 42 };

	assert_true(each_statement(check_statement, &r) > 300);
}

/* ---- Names of fields -------------------------------------------------------------------------------------------- */

static void add_field(const struct so_ast *ast, const struct so_tree_field *field, void *arg)
{
	struct so_buf *buf = arg;

	so_buf_addf(buf, " %s", field->name);
	switch (field->type) {
	case SO_TREE_NODE:
		so_buf_addf(buf, "=%s", so_node_kind_name(so_ast_kind(ast, field->node)));
		break;
	case SO_TREE_LIST:
		so_buf_addf(buf, "[%u]", field->list.count);
		break;
	case SO_TREE_TEXT:
		so_buf_addf(buf, "=%.*s", (int)field->text.len, field->text.s);
		break;
	case SO_TREE_NUMBER:
		so_buf_addf(buf, "=%u", field->number);
		break;
	case SO_TREE_FLAG:
		break;
	}
}

static const char *const trees[][2] = {
	{ "select distinct a from t where b = 1 limit 2", "select: distinct targets[1] from[1] where=op limit=const" },
	{ "select 1 union all select 2", "setop: all op=union left=select right=select" },
	{ "update t set a = 1", "update: table=table sets[1]" },
	{ "vacuum t", "opaque: cls=utility verb=vacuum text=vacuum t" },
};

static void test_fields_have_names(void **state)
{
	for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;
		struct so_buf buf;
		const char *sql = trees[i][0];

		assert_true(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
		so_buf_init(&buf, ast, 10000);
		so_buf_addf(&buf, "%s:", so_node_kind_name(so_ast_kind(ast, so_ast_statement(ast))));
		so_tree_fields(ast, so_ast_statement(ast), add_field, &buf);
		assert_string_equal(so_buf_text(&buf), trees[i][1]);
		talloc_free(ast);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_comments_stay_at_their_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scripts_keep_their_ends_and_margins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_have_their_place_in_the_whole_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_comment_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fields_have_names, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
