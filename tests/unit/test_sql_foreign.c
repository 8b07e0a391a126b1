/* Statements in the wrong dialect: whose syntax it is and what to write; nothing for those that are merely wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sql/foreign.h"
#include "sql/text/foreign_table.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What the dialect says of the statement: NULL when it takes it, "-" when it says nothing. */
static char *said(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	char *hint;

	if (so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), NULL, &ast, &err))
		return NULL;
	assert_int_equal(err.kind, SO_INPUT);
	hint = so_sql_foreign_hint(ctx, NULL, dialect, sql, strlen(sql), NULL, err.position);
	return hint ? hint : so_strdup(ctx, "-");
}

static void compare(const char *sql, char *const expected[SO_DIALECT_MAX], unsigned *wrong)
{
	SO_TMP(tmp, NULL);

	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		const char *now = said(tmp, (enum so_dialect)d, sql);

		if (!now != !expected[d] || (now && strcmp(now, expected[d]) != 0)) {
			print_message("%s\n\t%s: %s\n", sql, so_dialects[d].name, now ? now : "(accepts)");
			(*wrong)++;
		}
	}
}

/* tests/data/sql/foreign.txt: statements, and below each the dialects that refuse it with their hints. */
static void test_each_dialect_names_the_syntax_of_the_others(void **state)
{
	SO_TMP(tmp, NULL);
	FILE *file = fopen(SO_TEST_DATA "/sql/foreign.txt", "r");
	char *line = NULL, *sql = NULL, *expected[SO_DIALECT_MAX] = { NULL };
	unsigned wrong = 0, statements = 0, hints = 0;
	size_t room = 0;

	(void)state;
	assert_non_null(file);
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#')
			continue;
		if (*line != '\t') {
			if (sql)
				compare(sql, expected, &wrong);
			memset(expected, 0, sizeof expected);
			sql = so_strdup(tmp, line);
			statements++;
			continue;
		}
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			size_t len = strlen(so_dialects[d].name);

			if (strncmp(line + 1, so_dialects[d].name, len) == 0 && line[1 + len] == ':')
				expected[d] = so_strdup(tmp, line + len + 3);
		}
		hints++;
	}
	compare(sql, expected, &wrong);
	free(line);
	fclose(file);
	assert_true(statements > 80);
	assert_true(hints > 250);
	assert_int_equal(wrong, 0);
}

static void test_what_is_merely_wrong_is_nobodys(void **state)
{
	static const char *const texts[] = { "SELEC a FROM t", "SELECT a FROM t WHER a = 1", "SELECT a b c FROM t",
		"SELECT a, FROM t", "SELECT a FROM t WHERE", "SELECT a FROM t WHERE a = ", "SELECT (a FROM t",
		"SELECT a FROM t ORDER a", "SELECT a FROM (SELECT b FROM u", "INSERT INTO t VALUES 1, 2)",
		"UPDATE t SET WHERE a = 1", "UPDATE t SET a = = 1", "DELETE FROM WHERE a = 1",
		"SELECT a FROM t GROUP a", "SELECT CASE a WHEN 1 THEN 2", "SELECT a FROM t WHERE a IN (1, 2",
		"SELECT 'it", "SELECT a FROM t JOIN", "SELECT a FROM t WHERE a BETWEEN 1",
		"INSERT INTO t (a, b VALUES (1, 2)", "SELECT * * FROM t", "SELECT a FROM t UNION",
		"SELECT a FROM t WHERE a LIKE", "CREATE TABLE t (a int,, b int)", "SELECT a FROM t HAVING",
		"SELECT COUNT( FROM t", "SELECT a FROM t;; SELECT", ")", "SELECT a FROM t t2 t3" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			SO_TMP(tmp, NULL);
			const char *hint = said(tmp, (enum so_dialect)d, texts[i]);

			if (hint && strcmp(hint, "-") != 0)
				fail_msg("%s: %s: %s", so_dialects[d].name, texts[i], hint);
		}
	}
}

/* A row whose owners are all that there are, or that never says anything, was written by mistake. */
static void test_rows_speak_to_somebody(void **state)
{
	(void)state;
	for (const struct so_foreign_row *row = so_foreign_rows; row->pattern; row++) {
		unsigned told = 0;

		assert_true(row->owners != 0);
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			const char *advice = row->advice[d];

			told += advice ? *advice != '\0' : row->rest && !(row->owners >> d & 1);
		}
		if (!told)
			fail_msg("nobody is told of %s", row->pattern);
	}
}

/* Texts of any shape, cut behind each byte: hints read no byte that is not there, and never fail. */
static void test_hints_read_any_text(void **state)
{
	static const char text[] =
		"SELECT q'[x']' , $t$ a $t$, N'x\\'y', `a``b`, [c]]d], \"e\"\"f\", @@g, :h, ?, $1, #x\n, 'i\\'', "
		"$u$, q'{ /* open";

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			SO_TMP(tmp, NULL);
			char *copy = so_memdup(tmp, text, len + 1);
			char *hint =
				so_sql_foreign_hint(tmp, NULL, (enum so_dialect)d, copy, len, NULL, (int32_t)(len / 2));

			assert_true(!hint || strlen(hint) > 10);
		}
	}
	assert_null(so_sql_foreign_hint(NULL, NULL, SO_MYSQL, "SELECT", 6, NULL, 7));
	assert_null(so_sql_foreign_hint(NULL, NULL, SO_MYSQL, "SELECT", 6, NULL, -1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_dialect_names_the_syntax_of_the_others),
		cmocka_unit_test(test_what_is_merely_wrong_is_nobodys),
		cmocka_unit_test(test_rows_speak_to_somebody),
		cmocka_unit_test(test_hints_read_any_text),
	};

	talloc_disable_null_tracking();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
