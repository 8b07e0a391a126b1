#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "sql/comments.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql_fixture.h"

static bool parse(void *ctx, const char *sql, struct so_ast **ast, struct so_err *err)
{
	*err = (struct so_err)SO_ERR_INIT;
	return so_sql_parse(ctx, NULL, SO_SQLITE, sql, strlen(sql), NULL, ast, err);
}

static struct so_ast *need(void *ctx, const char *sql)
{
	struct so_err err;
	struct so_ast *ast = NULL;

	if (!parse(ctx, sql, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

/* ---- Verdicts of the engine -------------------------------------------------------------------------------------- */

/* Whether the engine of this machine finds fault with the syntax; only asked when it is the one that judged. */
static bool engine_refuses(const char *sql)
{
	static const char *const faults[] = { "syntax error", "incomplete input", "unrecognized token" };
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	bool refused = false;

	if (sqlite3_libversion_number() / 1000 != 3040 || sqlite3_open(":memory:", &db) != SQLITE_OK)
		return false;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
			refused = refused || strstr(sqlite3_errmsg(db), faults[i]);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return refused;
}

static void check_print(struct so_ast *ast, const char *sql, const char *text)
{
	struct so_ast *again = need(ast, text);

	if (!so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)))
		fail_msg("%s -> %s", sql, text);
	if (engine_refuses(text))
		fail_msg("%s -> %s: refused by the engine", sql, text);
}

static void check_accepted(void *ctx, const char *sql)
{
	struct so_ast *ast = need(ctx, sql), *again;
	char *text = so_sql_print(ast, ast, so_ast_statement(ast)), *formatted;
	struct so_err err = SO_ERR_INIT;

	check_print(ast, sql, text);
	again = need(ast, text);
	assert_string_equal(so_sql_print(ast, again, so_ast_statement(again)), text);
	check_print(ast, sql, so_sql_pretty(ast, ast, so_ast_statement(ast)));
	formatted = so_sql_format(ast, NULL, SO_SQLITE, sql, strlen(sql), NULL, &err);
	if (!formatted)
		fail_msg("%s: %s", sql, err.message);
	assert_string_equal(so_sql_format(ast, NULL, SO_SQLITE, formatted, strlen(formatted), NULL, &err), formatted);
	talloc_free(ast);
}

static void test_verdicts_of_the_engine(void **state)
{
	FILE *file = fopen(SO_TEST_DATA "/sql/sqlite.txt", "r");
	char *line = NULL;
	size_t room = 0;
	unsigned accepted = 0, refused = 0;

	assert_non_null(file);
	while (getline(&line, &room, file) > 0) {
		struct so_err err;
		struct so_ast *ast;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '+') {
			check_accepted(*state, line + 2);
			accepted++;
		} else if (line[0] == '-') {
			if (parse(*state, line + 2, &ast, &err))
				fail_msg("taken, but the engine does not: %s", line + 2);
			refused++;
		}
	}
	free(line);
	fclose(file);
	assert_true(accepted > 250 && refused > 150);
}

/* ---- Trees ------------------------------------------------------------------------------------------------------ */

static const char *const prints[][2] = {
	{ "select 'a'.'b' from 'a'", "SELECT a.b FROM a" },
	{ "select a is b, a is not b, a is null, a not null, a == b",
		"SELECT a IS b, a IS NOT b, a IS NULL, a IS NOT NULL, a = b" },
	{ "select 1 where a in t and b in ()", "SELECT 1 WHERE a IN t AND b IN ()" },
	{ "replace into t values (1)", "INSERT OR REPLACE INTO t VALUES (1)" },
	{ "insert into t values (1) on conflict (a) do nothing on conflict do update set b = 2",
		"INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT DO UPDATE SET b = 2" },
	{ "select a from t, u on t.a = u.a", "SELECT a FROM t JOIN u ON t.a = u.a" },
	{ "select a from t limit 1, 2", "SELECT a FROM t LIMIT 2 OFFSET 1" },
	{ "select 1 union select 2 intersect select 3", "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3" },
	{ "update or fail t not indexed set a = 1 returning b order by c limit 1",
		"UPDATE OR FAIL t NOT INDEXED SET a = 1 RETURNING b ORDER BY c LIMIT 1" },
	{ "create table t (a integer primary key desc on conflict replace autoincrement, b int as (a) stored) strict",
		"CREATE TABLE t (a integer PRIMARY KEY DESC ON CONFLICT REPLACE AUTOINCREMENT, b int AS (a) STORED) "
		"STRICT" },
};

static void test_prints(void **state)
{
	for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
		struct so_ast *ast = need(*state, prints[i][0]);

		assert_string_equal(so_sql_print(ast, ast, so_ast_statement(ast)), prints[i][1]);
		talloc_free(ast);
	}
}

static void test_compounds_bind_alike(void **state)
{
	struct so_ast *ast = need(*state, "select 1 union select 2 intersect select 3");
	const struct so_n_setop *top = so_as_setop(ast, so_ast_statement(ast));

	assert_int_equal(top->op, SO_INTERSECT);
	assert_int_equal(so_as_setop(ast, top->left)->op, SO_UNION);
	talloc_free(ast);
}

static void test_bodies_of_triggers_are_reachable(void **state)
{
	struct so_ast *ast = need(*state, "create trigger r after update on t when new.a begin insert into u select * "
					  "from v; delete from w; end");
	const struct so_n_opaque *node = so_as_opaque(ast, so_ast_statement(ast));
	struct so_sql_names *names = so_sql_names(ast, ast, so_ast_statement(ast));

	assert_int_equal(node->parts.count, 4); /* table, condition, two statements */
	assert_int_equal(so_ast_kind(ast, so_list_get(ast, node->parts, 2)), SO_N_INSERT);
	assert_int_equal(so_ast_kind(ast, so_list_get(ast, node->parts, 3)), SO_N_DELETE);
	assert_int_equal(names->table_count, 4);
	talloc_free(ast);
}

static void test_scripts_split_behind_triggers(void **state)
{
	const char *sql = "create temp trigger r insert on t begin select case when 1 then 2 end; end; select 1;";
	struct so_err err = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count;

	assert_true(so_sql_split(*state, NULL, SO_SQLITE, sql, strlen(sql), NULL, &pieces, &count, &err));
	assert_int_equal(count, 2);
	assert_int_equal(pieces[1].len, strlen("select 1"));
	talloc_free(pieces);
}

/* A text that ends anywhere is refused or read, with a position; in lenient mode it gives a tree that prints. */
static void test_cut_off_anywhere(void **state)
{
	static const char sql[] =
		"WITH a AS (SELECT x, sum(y) OVER (ORDER BY z) FROM t LEFT JOIN u INDEXED BY i ON 1) INSERT OR "
		"IGNORE INTO main.t AS n (b) SELECT * FROM a WHERE c IS NOT d ON CONFLICT (b) DO UPDATE SET "
		"b = 1 RETURNING *; CREATE TABLE q (a INT DEFAULT -1 CHECK (a IN (1, 2)) REFERENCES r (s))";
	struct so_sql_options lenient = { .lenient = true };

	for (size_t len = 0; len < sizeof sql; len++) {
		size_t from = len > 230 ? 217 : 0;
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (len < from)
			continue;
		if (so_sql_parse(*state, NULL, SO_SQLITE, sql + from, len - from, NULL, &ast, &err))
			talloc_free(ast);
		else
			assert_true(err.position >= 0);
		err = (struct so_err)SO_ERR_INIT;
		if (so_sql_parse(*state, NULL, SO_SQLITE, sql + from, len - from, &lenient, &ast, &err)) {
			talloc_free(so_sql_print(ast, ast, so_ast_statement(ast)));
			talloc_free(ast);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdicts_of_the_engine, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prints, setup, teardown),
		cmocka_unit_test_setup_teardown(test_compounds_bind_alike, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies_of_triggers_are_reachable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scripts_split_behind_triggers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off_anywhere, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
