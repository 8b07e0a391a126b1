/* Prints have every word, literal and operator of their statements: tests/data/sql/words has statements with the rare
 * clauses of the manuals, a file for each dialect, a statement a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../lib/sql_words.h"
#include "sql/fingerprint.h"
#include "sql/parse.h"
#include "sql/print.h"

#define STATEMENTS_MIN 40 /* in each file */

struct run {
	TALLOC_CTX *ctx;
	struct so_parser *parser;
	enum so_dialect dialect;
	unsigned bad;
};

static struct so_ast *parse(struct run *run, TALLOC_CTX *ctx, const char *what, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (so_sql_parse(ctx, run->parser, run->dialect, sql, strlen(sql), NULL, &ast, &err))
		return ast;
	print_message(
		"%s of %s: %s (at %d)\n  %s\n", what, so_dialects[run->dialect].name, err.message, err.position, sql);
	run->bad++;
	return NULL;
}

static void check_print(struct run *run, const char *sql, const struct so_ast *ast, const char *print)
{
	SO_TMP(tmp, run->ctx);
	struct so_ast *second = parse(run, tmp, "print", print);
	char *lost;

	if (!second)
		return;
	lost = so_test_lost_words(tmp, ast, second);
	if (*lost) {
		print_message("%s lost: %s\n  %s\n  %s\n", so_dialects[run->dialect].name, lost, sql, print);
		run->bad++;
	}
	if (so_sql_fingerprint(ast, so_ast_statement(ast)) != so_sql_fingerprint(second, so_ast_statement(second))) {
		print_message("%s: another fingerprint\n  %s\n  %s\n", so_dialects[run->dialect].name, sql, print);
		run->bad++;
	}
	if (!so_ast_equal(ast, so_ast_statement(ast), second, so_ast_statement(second))) {
		print_message("%s: another tree\n  %s\n  %s\n", so_dialects[run->dialect].name, sql, print);
		run->bad++;
	}
}

static void check_statement(struct run *run, const char *sql)
{
	SO_TMP(tmp, run->ctx);
	struct so_ast *ast = parse(run, tmp, "statement", sql);

	if (!ast)
		return;
	check_print(run, sql, ast, so_sql_print(tmp, ast, so_ast_statement(ast)));
	check_print(run, sql, ast, so_sql_pretty(tmp, ast, so_ast_statement(ast)));
}

static void check_dialect(void **state, enum so_dialect dialect)
{
	SO_TMP(tmp, *state);
	struct run run = { .ctx = tmp, .parser = so_parser_new(tmp), .dialect = dialect };
	unsigned count = 0;
	char *line = NULL, path[512];
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof path, SO_TEST_DATA "/sql/words/%s.sql", so_dialects[dialect].name);
	file = fopen(path, "re");
	assert_non_null(file);
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "--", 2) == 0)
			continue;
		check_statement(&run, line);
		count++;
	}
	free(line);
	fclose(file);
	assert_true(count >= STATEMENTS_MIN);
	if (run.bad)
		fail_msg("%u of %u statements", run.bad, count);
}

static void test_postgresql(void **state)
{
	check_dialect(state, SO_POSTGRESQL);
}

static void test_mysql(void **state)
{
	check_dialect(state, SO_MYSQL);
}

static void test_mariadb(void **state)
{
	check_dialect(state, SO_MARIADB);
}

static void test_sqlite(void **state)
{
	check_dialect(state, SO_SQLITE);
}

static void test_tsql(void **state)
{
	check_dialect(state, SO_TSQL);
}

static void test_oracle(void **state)
{
	check_dialect(state, SO_ORACLE);
}

/* The comparison itself: what it finds, and what it takes for the same. */
static void test_comparison_finds_what_is_lost(void **state)
{
	static const struct {
		enum so_dialect dialect;
		const char *source, *print, *lost;
	} rows[] = {
		{ SO_POSTGRESQL, "SELECT a, 'B' FROM t WHERE x <> 1", "SELECT 2 FROM u", "'B 1 <> a t where x" },
		{ SO_POSTGRESQL, "select \"a\" as b from t inner join u on a != 1;",
			"SELECT (a) b FROM t JOIN u ON a <> 1", "" },
		{ SO_POSTGRESQL, "SELECT a + a", "SELECT a", "+ a" },
		{ SO_POSTGRESQL, "SELECT E'a\\nb', $$x$$", "SELECT 'a\nb', 'x'", "" },
		{ SO_MYSQL, "SELECT /*+ BKA(t) */ 1 'x'", "SELECT 1 AS x", "hint: BKA(t) " },
		{ SO_TSQL, "SELECT x = N'a', N'b'", "SELECT 'a' AS [x], N'b'", "n'a" },
		{ SO_ORACLE, "SELECT q'[x]' FROM dual WHERE a ^= 1", "SELECT 'x' FROM DUAL WHERE A <> 1", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SO_TMP(tmp, *state);
		struct run run = { .ctx = tmp, .parser = so_parser_new(tmp), .dialect = rows[i].dialect };
		struct so_ast *source = parse(&run, tmp, "source", rows[i].source);
		struct so_ast *print = parse(&run, tmp, "print", rows[i].print);

		assert_non_null(source);
		assert_non_null(print);
		assert_string_equal(so_test_lost_words(tmp, source, print), rows[i].lost);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparison_finds_what_is_lost),
		cmocka_unit_test(test_postgresql),
		cmocka_unit_test(test_mysql),
		cmocka_unit_test(test_mariadb),
		cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_tsql),
		cmocka_unit_test(test_oracle),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
