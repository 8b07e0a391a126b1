/* Against PostgreSQL's own parser: the printed tree of each statement must mean what the statement means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <pg_query.h>

#include "../lib/pg_locations.h"
#include "sql/fingerprint.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql_corpus.h"

static uint64_t reference(const char *sql)
{
	PgQueryFingerprintResult result = pg_query_fingerprint(sql);
	uint64_t value = result.error ? 0 : result.fingerprint;

	if (result.error)
		fail_msg("%s: %s", sql, result.error->message);
	pg_query_free_fingerprint_result(result);
	return value;
}

/* The reference's tree without places in the text. */
static json_t *reference_tree(const char *sql)
{
	PgQueryParseResult result = pg_query_parse(sql);
	json_t *tree = result.error ? NULL : json_loads(result.parse_tree, 0, NULL);

	if (!tree)
		fail_msg("%s: %s", sql, result.error ? result.error->message : "no tree");
	so_test_drop_locations(tree);
	pg_query_free_parse_result(result);
	return tree;
}

static void same_tree(const char *sql, const char *print)
{
	json_t *wanted = reference_tree(sql), *found = reference_tree(print);

	if (reference(sql) != reference(print))
		fail_msg("another fingerprint: %s\n%s", sql, print);
	if (!json_equal(wanted, found))
		fail_msg("another tree: %s\n%s", sql, print);
	json_decref(wanted);
	json_decref(found);
}

/* Forms of PostgreSQL 16, which the reference (15) does not know. */
static bool is_newer(const char *sql)
{
	PgQueryFingerprintResult result = pg_query_fingerprint(sql);
	bool newer = result.error != NULL;

	pg_query_free_fingerprint_result(result);
	return newer;
}

static void same_meaning(const char *sql, void *arg)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	if (is_newer(sql)) {
		++*(unsigned *)arg;
		return;
	}
	assert_true(so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	same_tree(sql, so_sql_print(ast, ast, so_ast_statement(ast)));
	same_tree(sql, so_sql_pretty(ast, ast, so_ast_statement(ast)));
	talloc_free(ast);
}

static void test_printed_trees_mean_the_same(void **state)
{
	unsigned newer = 0, count = each_statement(same_meaning, &newer);

	(void)state;
	assert_true(count >= 800);
	assert_true(newer <= 25);
}

static const char *const refused[] = { "SELECT a b c", "SELECT a < b < c", "SELECT 1 +", "SELECT FROM WHERE",
	"SELECT * FROM (t)", "SELECT a FROM t GROUP a", "INSERT t VALUES (1)", "UPDATE t a = 1", "DELETE t",
	"SELECT (1, 2", "SELECT 1 LIMIT 1, 2", "SELECT f(a)[1]", "SELECT a LIKE b LIKE c", "SELECT CASE END",
	"SELECT * FROM t JOIN u", "WITH x SELECT 1", "SELECT ''''' ", "SELECT a.1", "VALUES", "SELECT count(DISTINCT)",
	"SELECT DISTINCT ON () a", "MERGE INTO t USING u ON a" };

static void test_what_the_server_refuses_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		assert_true(is_newer(refused[i]));
		if (so_sql_parse(NULL, NULL, SO_POSTGRESQL, refused[i], strlen(refused[i]), NULL, &ast, &err))
			fail_msg("accepted: %s", refused[i]);
	}
}

/* As pg_stat_statements shows it: one group with the statement that was run. */
static void same_group_when_normalised(const char *sql, void *arg)
{
	const struct so_sql_options lenient = { .lenient = true };
	PgQueryNormalizeResult result = pg_query_normalize(sql);
	struct so_err err = SO_ERR_INIT;
	uint64_t plain = 0, shown = 1;

	if (result.error) {
		pg_query_free_normalize_result(result); /* newer than the reference */
		return;
	}
	if (strncmp(sql, "CREATE", 6) != 0 && strncmp(sql, "ALTER", 5) != 0) {
		const char *text = result.normalized_query;

		assert_true(so_sql_fingerprint_text(NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &plain, &err));
		if (!so_sql_fingerprint_text(NULL, SO_POSTGRESQL, text, strlen(text), &lenient, &shown, &err) ||
			plain != shown) {
			print_message("%s\n%s\n", sql, text);
			++*(unsigned *)arg;
		}
	}
	pg_query_free_normalize_result(result);
}

static void test_normalised_statements_stay_in_their_group(void **state)
{
	unsigned different = 0, count = each_statement(same_group_when_normalised, &different);

	(void)state;
	assert_true(count >= 400);
	/* of -(-5) and N'x' the reference makes no SQL; NFKC is a literal to it; float(10) is float4; SELECT */
	assert_true(different <= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printed_trees_mean_the_same),
		cmocka_unit_test(test_normalised_statements_stay_in_their_group),
		cmocka_unit_test(test_what_the_server_refuses_is_refused),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
