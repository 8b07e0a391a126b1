#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/fingerprint.h"
#include "sql/print.h"
#include "sql_corpus.h"
#include "sql_fixture.h"

static uint64_t fingerprint_in(enum so_dialect dialect, const char *sql)
{
	struct so_sql_options options = { .lenient = dialect != SO_POSTGRESQL };
	struct so_err err = SO_ERR_INIT;
	uint64_t value = 0;

	if (!so_sql_fingerprint_text(NULL, dialect, sql, strlen(sql), &options, &value, &err))
		fail_msg("%s: %s", sql, err.message);
	return value;
}

static uint64_t fingerprint(const char *sql)
{
	return fingerprint_in(SO_POSTGRESQL, sql);
}

static const char *const equal[][2] = {
	{ "SELECT a FROM t WHERE b = 1", "select  A from T where B = $1 -- x" },
	{ "SELECT a FROM t WHERE b = 'x'", "SELECT a AS y FROM t AS t WHERE b = 'y'::text" },
	{ "SELECT a FROM t WHERE b IN (1, 2, 3)", "SELECT a FROM t WHERE b IN ($1)" },
	{ "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES ($1, $2)" },
	{ "SELECT a, b FROM t", "SELECT b, a FROM t" },
	{ "SELECT ((a)) FROM t", "SELECT a FROM t" },
	{ "SELECT a FROM t LIMIT 10", "SELECT a FROM t LIMIT 20" },
	{ "SELECT CAST(a AS int)", "SELECT a::integer" },
	{ "CREATE TABLE t (a int DEFAULT 1)", "create  table t (a int default 2)" },
};

static const char *const different[][2] = {
	{ "SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b > 1" },
	{ "SELECT a FROM t1", "SELECT a FROM t2" },
	{ "SELECT a FROM s.t", "SELECT a FROM t" },
	{ "SELECT a - b", "SELECT b - a" },
	{ "SELECT a FROM t", "SELECT a FROM t LIMIT 1" },
	{ "SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC" },
	{ "SELECT a FROM t GROUP BY a", "SELECT a FROM t ORDER BY a" },
	{ "SELECT DISTINCT a FROM t", "SELECT a FROM t" },
	{ "SELECT a IN (SELECT 1)", "SELECT a IN (1)" },
	{ "SELECT a IS NULL", "SELECT a IS NOT NULL" },
	{ "SELECT 1 UNION SELECT 2", "SELECT 1 UNION ALL SELECT 2" },
	{ "SELECT a + b + c", "SELECT a + (b + c)" },
	{ "SELECT * FROM a LEFT JOIN b ON x", "SELECT * FROM a JOIN b ON x" },
	{ "UPDATE t SET a = b", "UPDATE t SET b = a" },
	{ "VACUUM a", "VACUUM b" },
};

static void test_literals_and_style_do_not_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++)
		if (fingerprint(equal[i][0]) != fingerprint(equal[i][1]))
			fail_msg("%s", equal[i][0]);
}

/* Digests of real servers (MariaDB 10.11, MySQL 9.7), where names that are keywords stand in capitals. */
static void test_digests_of_names_that_are_keywords(void **state)
{
	static const char *const raw = "SELECT name, e.status FROM events e WHERE id = 5 ORDER BY level";
	static const char *const maria = "SELECT NAME , `e` . `status` FROM EVENTS `e` WHERE ID = ? ORDER BY LEVEL ";
	static const char *const my = "SELECT NAME , `e` . `status` FROM EVENTS `e` WHERE `id` = ? ORDER BY LEVEL";

	(void)state;
	assert_int_equal(fingerprint_in(SO_MARIADB, raw), fingerprint_in(SO_MARIADB, maria));
	assert_int_equal(fingerprint_in(SO_MYSQL, raw), fingerprint_in(SO_MYSQL, my));
	/* names that are no keywords are written as they are, and may be of different tables */
	assert_int_equal(
		fingerprint_in(SO_MYSQL, "SELECT ID FROM USERS"), fingerprint_in(SO_MYSQL, "SELECT ID FROM `USERS`"));
	assert_int_not_equal(
		fingerprint_in(SO_MYSQL, "SELECT 1 FROM USERS"), fingerprint_in(SO_MYSQL, "SELECT 1 FROM users"));
	assert_int_not_equal(
		fingerprint_in(SO_TSQL, "SELECT 1 FROM EVENTS"), fingerprint_in(SO_TSQL, "SELECT 1 FROM events"));
}

static void test_meaning_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
		if (fingerprint(different[i][0]) == fingerprint(different[i][1]))
			fail_msg("%s", different[i][0]);
}

struct tally {
	void *ctx;
	unsigned unreadable;
};

static void same_for_other_texts(const char *sql, void *arg)
{
	struct tally *tally = arg;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	char *text;
	uint64_t value = fingerprint(sql), other;
	struct so_sql_options lenient = { .lenient = true };

	assert_true(so_sql_parse(tally->ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	assert_int_equal(fingerprint(so_sql_print(ast, ast, so_ast_statement(ast))), value);
	text = so_sql_normalize(ast, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &err);
	assert_non_null(text);
	if (!so_sql_fingerprint_text(NULL, SO_POSTGRESQL, text, strlen(text), &lenient, &other, &err)) {
		print_message("not readable: %s\n", text);
		tally->unreadable++;
	}
	talloc_free(ast);
}

static void test_printed_text_has_the_same_fingerprint(void **state)
{
	struct tally tally = { *state, 0 };

	assert_true(each_statement(same_for_other_texts, &tally) >= 400);
	/* what the lenient grammar must read: texts of statistics views */
	assert_int_equal(tally.unreadable, 0);
}

static const char *const normal[][3] = {
	{ "SELECT a FROM t WHERE b = 'x' AND c > 5 -- secret", "SELECT a FROM t WHERE b = $1 AND c > $2",
		"SELECT a FROM t WHERE b = ? AND c > ?" },
	{ "SELECT $2,  /* 'y' */ E'z', 0x1F", "SELECT $2, $3, $4", "SELECT $2, ?, ?" },
	{ "SELECT\n\t$$a$$||\"Col 1\"", "SELECT $1||\"Col 1\"", "SELECT ?||\"Col 1\"" },
	{ "INSERT INTO t VALUES (-1, 1.5e3, B'1', NULL);", "INSERT INTO t VALUES ($1, $2, $3, NULL);",
		"INSERT INTO t VALUES (-?, ?, ?, NULL);" },
};

static void test_normalise_and_redact(void **state)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < sizeof normal / sizeof normal[0]; i++) {
		char *text =
			so_sql_normalize(*state, NULL, SO_POSTGRESQL, normal[i][0], strlen(normal[i][0]), NULL, &err);
		char *redacted = so_sql_redact(*state, NULL, SO_POSTGRESQL, normal[i][0], strlen(normal[i][0]));

		assert_string_equal(text, normal[i][1]);
		assert_string_equal(redacted, normal[i][2]);
		talloc_free(text);
		talloc_free(redacted);
	}
	assert_null(so_sql_normalize(*state, NULL, SO_POSTGRESQL, "SELECT 'x", 9, NULL, &err));
	assert_int_equal(err.kind, SO_INPUT);
}

static void test_redaction_never_shows_what_it_cannot_read(void **state)
{
	static const char *const broken[] = { "SELECT a, 'secret", "SELECT a, \"x\" $t$secret", "SELECT a, /* secret",
		"SELECT a, 12secret" };

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		char *text = so_sql_redact(*state, NULL, SO_POSTGRESQL, broken[i], strlen(broken[i]));

		assert_null(strstr(text, "secret"));
		assert_non_null(strstr(text, "SELECT a,"));
		assert_string_equal(text + strlen(text) - 3, "...");
		talloc_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_literals_and_style_do_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digests_of_names_that_are_keywords, setup, teardown),
		cmocka_unit_test_setup_teardown(test_meaning_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_printed_text_has_the_same_fingerprint, setup, teardown),
		cmocka_unit_test_setup_teardown(test_normalise_and_redact, setup, teardown),
		cmocka_unit_test_setup_teardown(test_redaction_never_shows_what_it_cannot_read, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
