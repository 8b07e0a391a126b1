/* Texts of statistics views: placeholders for literals, lists cut short, ends that are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sql/fingerprint.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql_corpus.h"
#include "sql_fixture.h"

static const struct so_sql_options lenient = { .lenient = true };

static uint64_t number(struct so_parser *parser, const char *sql, const struct so_sql_options *options)
{
	struct so_err err = SO_ERR_INIT;
	uint64_t value = 0;

	if (!so_sql_fingerprint_text(parser, SO_POSTGRESQL, sql, strlen(sql), options, &value, &err))
		fail_msg("%s: %s", sql, err.message);
	return value;
}

static bool is_ddl(const char *sql)
{
	return strncmp(sql, "CREATE", 6) == 0 || strncmp(sql, "ALTER", 5) == 0;
}

struct groups {
	struct so_parser *parser;
	unsigned different;
};

static void same_group(const char *sql, void *arg)
{
	struct groups *groups = arg;
	struct so_err err = SO_ERR_INIT;
	char *shown = so_sql_normalize(NULL, groups->parser, SO_POSTGRESQL, sql, strlen(sql), NULL, &err);

	assert_non_null(shown);
	/* literals of other statements are no data, and no view replaces them */
	if (!is_ddl(sql) && number(groups->parser, sql, NULL) != number(groups->parser, shown, &lenient)) {
		print_message("another group: %s\n", sql);
		groups->different++;
	}
	talloc_free(shown);
}

static void test_normalised_statements_stay_in_their_group(void **state)
{
	struct groups groups = { so_parser_new(*state), 0 };

	assert_true(each_statement(same_group, &groups) >= 400);
	talloc_free(groups.parser);
	/* -(-5), -(1), float(10), FETCH NEXT -1: the number decides what the tree is; SELECT, which may be cut */
	assert_true(groups.different <= 6);
}

/* A copy of exactly these bytes, so that the sanitizers see a read past the end. */
static void cut_everywhere(const char *sql, void *parser)
{
	for (size_t len = 0; len <= strlen(sql); len++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, sql, len);
		if (so_sql_parse(NULL, parser, SO_POSTGRESQL, copy, len, &lenient, &ast, &err)) {
			/* whole enough for every reader */
			(void)so_sql_fingerprint(ast, so_ast_statement(ast));
			assert_non_null(so_sql_print(ast, ast, so_ast_statement(ast)));
			talloc_free(ast);
		} else if (len > strspn(sql, " \n\t")) {
			if (err.position < 0)
				fail_msg("%.*s: %s, but where?", (int)len, sql, err.message);
		}
		free(copy);
	}
}

static void test_a_text_may_end_anywhere(void **state)
{
	struct so_parser *parser = so_parser_new(*state);

	assert_true(each_statement(cut_everywhere, parser) >= 400);
	talloc_free(parser);
}

/* What a view shows, and a statement of the same group. */
static const struct {
	enum so_dialect dialect;
	const char *shown, *plain;
} forms[] = {
	{ SO_POSTGRESQL, "SELECT * FROM t WHERE a > now() - interval $1",
		"SELECT * FROM t WHERE a > now() - interval '1 day'" },
	{ SO_POSTGRESQL, "SELECT extract($2 FROM x) FROM t", "SELECT extract(year FROM x) FROM t" },
	{ SO_POSTGRESQL, "SELECT date $1, timestamp with time zone $2", "SELECT date '2024-01-01', timestamptz 'x'" },
	{ SO_POSTGRESQL, "SELECT a FROM t LIMIT $1 OFFSET $2", "SELECT a FROM t LIMIT 1 OFFSET 2" },
	{ SO_POSTGRESQL, "SELECT a FROM t WHERE b IN ($1 /*, ... */)", "SELECT a FROM t WHERE b IN (1, 2)" },
	{ SO_POSTGRESQL, "SELECT a FROM t WHERE b IN (...)", "SELECT a FROM t WHERE b IN (1, 2)" },
	{ SO_POSTGRESQL, "INSERT INTO t VALUES (...)", "INSERT INTO t VALUES (1, 2)" },
	{ SO_POSTGRESQL, "SELECT a::numeric($1, $2) FROM t", "SELECT a::numeric(10, 2) FROM t" },
	{ SO_POSTGRESQL, "SELECT a FROM t WHERE b=? AND c=+? OR d||?=?",
		"SELECT a FROM t WHERE b=1 AND c=+1 OR d||'x'='y'" },
	{ SO_POSTGRESQL, "SELECT date ?, b ? 'k' FROM t", "SELECT date '2024-01-01', b ? 'k' FROM t" },
	{ SO_POSTGRESQL, "SELECT a - ? FROM t WHERE b = -$1", "SELECT a - 3 FROM t WHERE b = -$1" },
	{ SO_MYSQL, "SELECT * FROM `db` . `t` WHERE `a` = ?", "SELECT * FROM db.t WHERE a = 1" },
	{ SO_MYSQL, "SELECT `t` . `ID` FROM `t` WHERE `b` IN (...)", "SELECT t.ID FROM t WHERE b IN (1, 2, 3)" },
	{ SO_MYSQL, "SELECT * FROM `t` ORDER BY `a` LIMIT ? ", "SELECT * FROM t ORDER BY a LIMIT 1" },
	{ SO_MARIADB, "SELECT `a` , STATUS FROM `t` WHERE `a` = ? ", "SELECT a, STATUS FROM t WHERE a = 1" },
	{ SO_MYSQL, "INSERT INTO `t` VALUES (...) /* , ... */", "INSERT INTO t VALUES (1, 2), (3, 4)" },
	/* as MariaDB 10.11 printed them */
	{ SO_MARIADB, "SELECT DISTINCTROW `a` FROM `d` . `t` ", "SELECT DISTINCT a FROM d.t" },
	{ SO_MARIADB, "SELECT `f` ( @?, ... ) ", "SELECT f(@a, 1)" },
	{ SO_MARIADB, "SELECT ? AS ? ", "SELECT 1 AS a" },
	{ SO_MARIADB, "SELECT `a` . `foo` FROM `a` WHERE `b` IN (...) AND `c` BETWEEN ? AND ? ",
		"SELECT a.foo FROM a WHERE b IN (1, 2) AND c BETWEEN 1 AND 2" },
	/* as MySQL 5.6 and MariaDB show many rows */
	{ SO_MARIADB, "INSERT INTO `t` VALUES (...) , ... ", "INSERT INTO t VALUES (1, 2), (3, 4)" },
	{ SO_MARIADB, "INSERT INTO `t` ( `a` ) VALUES (?) , ... ", "INSERT INTO t (a) VALUES (1), (3)" },
	{ SO_MARIADB, "INSERT INTO `t` VALUES (...) , ... ON DUPLICATE KEY UPDATE `a` = ? ",
		"INSERT INTO t VALUES (1, 2), (3, 4) ON DUPLICATE KEY UPDATE a = 1" },
	{ SO_MYSQL, "SELECT ID , STATUS FROM `t` GROUP BY ? ", "SELECT ID, STATUS FROM t GROUP BY 1" },
	{ SO_MARIADB, "SELECT ID , STATUS FROM t GROUP BY ? ", "SELECT ID, STATUS FROM t GROUP BY 1" },
	{ SO_ORACLE, "SELECT a FROM t WHERE b = :\"SYS_B_0\" AND c = :1", "SELECT a FROM t WHERE b = 1 AND c = 2" },
	{ SO_TSQL, "SELECT a FROM t WHERE b = @P1 AND c = @1", "SELECT a FROM t WHERE b = 1 AND c = 2" },
	{ SO_SQLITE, "SELECT a FROM t WHERE b = ? AND c = ?2", "SELECT a FROM t WHERE b = 1 AND c = 2" },
};

static void test_forms_of_the_views(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct so_parser *parser = so_parser_new(*state);
		struct so_err err = SO_ERR_INIT;
		uint64_t shown = 0, plain = 1;

		if (!so_sql_fingerprint_text(
			    parser, forms[i].dialect, forms[i].plain, strlen(forms[i].plain), NULL, &plain, &err) ||
			!so_sql_fingerprint_text(parser, forms[i].dialect, forms[i].shown, strlen(forms[i].shown),
				&lenient, &shown, &err) ||
			shown != plain) {
			print_message(
				"%s: %s\n", forms[i].shown, shown == 0 || plain == 1 ? err.message : "another group");
			wrong++;
		}
		talloc_free(parser);
	}
	assert_int_equal(wrong, 0);
}

static void test_a_cut_is_told(void **state)
{
	static const char *const cut[] = { "SELECT a FROM t WHERE b = 'x", "SELECT a, b FROM t WHERE",
		"SELECT a FROM t WHERE c = ...", "SELECT a FROM t JOIN u ON",
		"UPDATE t SET a =", "INSERT INTO t (a, b) VALUES (1,", "SELECT count(", "SELECT CASE WHEN a",
		"SELECT \"na" };

	for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (!so_sql_parse(*state, NULL, SO_POSTGRESQL, cut[i], strlen(cut[i]), &lenient, &ast, &err))
			fail_msg("%s: %s", cut[i], err.message);
		if (!ast->sources[0].truncated)
			fail_msg("%s: not called cut", cut[i]);
		talloc_free(ast);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_normalised_statements_stay_in_their_group, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_text_may_end_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forms_of_the_views, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_cut_is_told, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
