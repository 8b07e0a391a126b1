/* What leaves for a model and comes back from it: masking of literals; and the detection result of the older API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/printable.h"
#include "plan/plan.h"
#include "service/model_question.h"
#include "service/service.h"
#include "service/statement.h"
#include "sql/print.h"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void parse(TALLOC_CTX *ctx, const char *sql, struct so_statement *out)
{
	struct so_err err = SO_ERR_INIT;

	if (!so_statement_parse(ctx, "postgresql", sql, out, &err))
		fail_msg("%s: %s", sql, err.message);
}

static const struct {
	const char *sql;
	size_t literals;
} statements[] = {
	{ "SELECT 1", 1 },
	{ "SELECT a FROM t WHERE b = 'SECRET' -- SECRET", 1 },
	{ "SELECT /* SECRET */ a FROM t WHERE b = E'SECRET\\'x\\n' AND c = $$SECRET$$ AND d = $q$SECRET$$ 'x'$q$", 3 },
	{ "SELECT U&'SECRET\\0061', N'SECRET', B'1010101', X'5EC2E7'", 4 },
	{ "SELECT 'SECRET' 'x'", 1 }, /* not one literal in two parts: a column name */
	{ "SELECT 'SECRET'\n  'SECRET'", 1 },
	{ "SELECT 'it''s SECRET', ''", 2 },
	{ "SELECT date '1987-06-05', timestamp with time zone '1987-06-05', interval '98765' day", 3 },
	{ "SELECT '1987-06-05'::date, CAST('SECRET' AS text), float8 '98765', 98765::numeric(12,2)", 6 },
	{ "SELECT -98765, - 98765, +98765, 98765.25, 98765e3, .98765, a - 98765 FROM t", 7 },
	{ "SELECT a FROM t WHERE b BETWEEN 98765 AND 98766 AND c IN (98765, 'SECRET') AND d LIKE 'SECRET%' ESCAPE '!'",
		6 },
	{ "SELECT a FROM t WHERE b = ANY ('{SECRET,98765}') OR b = ANY (ARRAY['SECRET', 'SECRET2'])", 3 },
	{ "SELECT a FROM t ORDER BY 1 LIMIT 98765 OFFSET 98766", 3 },
	{ "SELECT a FROM t FETCH FIRST 98765 ROWS ONLY", 1 },
	{ "SELECT a FROM t WHERE b = $1 AND c = 'SECRET' AND d > $3", 1 },
	{ "SELECT NULL, true, false, a IS NULL, b IS NOT TRUE FROM t", 0 },
	{ "SELECT CASE a WHEN 'SECRET' THEN 98765 ELSE 98766 END, coalesce(b, 'SECRET'), f(98765, x => 'SECRET') FROM "
	  "t",
		6 },
	{ "WITH x AS (SELECT 98765 AS n) SELECT n FROM x UNION ALL (VALUES (98766), (98767))", 3 },
	{ "SELECT a FROM t WHERE (b, c) = (98765, 'SECRET') AND EXISTS (SELECT 1 FROM u WHERE v = 'SECRET')", 4 },
	{ "SELECT a -> 'SECRET' ->> 0, b #>> '{SECRET}', c @> '{\"k\":\"SECRET\"}' FROM t", 4 },
	{ "SELECT extract(year FROM a), substring(b from 98765 for 98766), trim('SECRET' from c), position('SECRET' in "
	  "d) FROM t",
		4 },
	{ "SELECT sum(a) FILTER (WHERE b = 'SECRET') OVER (ORDER BY c ROWS BETWEEN 98765 PRECEDING AND CURRENT ROW) "
	  "FROM t",
		2 },
	{ "SELECT * FROM t TABLESAMPLE bernoulli (98765) REPEATABLE (98766), generate_series(98765, 98766) g", 4 },
	{ "INSERT INTO t (a, b) VALUES (98765, 'SECRET') ON CONFLICT (a) DO UPDATE SET b = 'SECRET' RETURNING a", 3 },
	{ "UPDATE t SET a = 'SECRET', (b, c) = (98765, 98766) WHERE d = 'SECRET'", 4 },
	{ "DELETE FROM t USING u WHERE t.a = u.a AND u.b = 'SECRET'", 1 },
	{ "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND u.b = 'SECRET' THEN UPDATE SET c = 98765", 2 },
	{ "SELECT \"SECRET column stays\" FROM t WHERE a = 'x'", 1 },
};

/* Nothing of a literal is left, and with the literals back it is the statement again. */
static void test_mask_round_trip(void **state)
{
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		const char *sql = statements[i].sql;
		struct so_statement statement, again;
		struct so_err err = SO_ERR_INIT;
		struct so_masked masked;
		TALLOC_CTX *ctx = talloc_new(*state);
		char *back;

		if (strstr(sql, "'SECRET' 'x'")) {
			assert_false(so_statement_parse(ctx, "postgresql", sql, &statement, &err));
			talloc_free(ctx);
			continue;
		}
		parse(ctx, sql, &statement);
		if (!so_mask_statement(ctx, &statement, &masked, &err))
			fail_msg("%s: %s", sql, err.message);
		if (!strstr(sql, "column stays"))
			assert_null(strstr(masked.sql, "SECRET"));
		assert_null(strstr(masked.sql, "9876"));
		assert_null(strstr(masked.sql, "1987"));
		assert_null(strstr(masked.sql, "5EC2E7"));
		assert_null(strchr(masked.sql, '\''));
		if (masked.n_literals != statements[i].literals)
			fail_msg("%s: %zu literals: %s", sql, masked.n_literals, masked.sql);
		back = so_unmask(ctx, "postgresql", &masked, masked.sql, &err);
		if (!back)
			fail_msg("%s: %s: %s", sql, masked.sql, err.message);
		parse(ctx, back, &again);
		assert_string_equal(
			so_sql_print(ctx, again.ast, again.root), so_sql_print(ctx, statement.ast, statement.root));
		talloc_free(ctx);
	}
}

static void test_own_parameters_keep_their_numbers(void **state)
{
	struct so_statement statement;
	struct so_err err = SO_ERR_INIT;
	struct so_masked masked;

	parse(*state, "SELECT a FROM t WHERE b = $2 AND c = 'x' AND d = 7", &statement);
	assert_true(so_mask_statement(*state, &statement, &masked, &err));
	assert_int_equal(masked.first, 3);
	assert_non_null(strstr(masked.sql, "$2"));
	assert_string_equal(
		so_unmask(*state, "postgresql", &masked, "SELECT a FROM t WHERE d = $4 AND b = $2 AND c = $3", &err),
		"SELECT a FROM t WHERE d = 7 AND b = $2 AND c = 'x'");
}

static void test_unmask_refuses(void **state)
{
	static const char *const texts[] = { "SELECT a FROM t WHERE b = $3", "SELECT a FROM t WHERE b = $0",
		"SELECT a FROM t WHERE b = $99999999999", "SELECT a FRO t b", "", "SELECT $1; SELECT $2", "x",
		"SELECT '$1" };
	struct so_statement statement;
	struct so_err err = SO_ERR_INIT;
	struct so_masked masked;

	parse(*state, "SELECT a FROM t WHERE b = 'x' AND c = 7", &statement);
	assert_true(so_mask_statement(*state, &statement, &masked, &err));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct so_statement out;
		char *sql;

		err = (struct so_err)SO_ERR_INIT;
		sql = so_unmask(*state, "postgresql", &masked, texts[i], &err);
		if (sql && so_statement_parse(*state, "postgresql", sql, &out, &err))
			fail_msg("accepted: %s", sql);
		assert_int_not_equal(err.kind, SO_NONE);
	}
	/* a number in a text or a name is none of ours */
	assert_string_equal(so_unmask(*state, "postgresql", &masked, "SELECT '$1', \"$2\" FROM t", &err),
		"SELECT '$1', \"$2\" FROM t");
}

static void test_plan_without_literals(void **state)
{
	static const char *const names[] = { "bitmap-or", "function-lower", "implicit-numeric", "cte-nested",
		"index-filter-explain" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[300], *text = so_new_array(*state, char, 1 << 20), *masked;
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;
		size_t len;
		FILE *file;

		snprintf(path, sizeof path, SO_TEST_DATA "/plans/%s.json", names[i]);
		file = fopen(path, "rbe");
		assert_non_null(file);
		len = fread(text, 1, (1 << 20) - 1, file);
		fclose(file);
		assert_true(so_plan_read(*state, text, len, &plan, &err));
		masked = so_mask_plan(*state, plan);
		assert_null(strchr(masked, '\''));
		assert_non_null(strchr(masked, '?'));
		assert_non_null(strstr(masked, plan->nodes[0].label));
	}
}

/* Functions hide in views, operators, aggregates and overloads of the engine's own names. */
static void test_what_may_be_executed(void **state)
{
	static const struct {
		const char *sql;
		bool pure;
	} rows[] = {
		{ "SELECT lower(a), random() FROM t", true },
		{ "SELECT stable_one(a) FROM t", true },
		{ "SELECT a FROM good_view WHERE a @> '{1}'", true },
		{ "SELECT volatile_one(a) FROM t", false },
		{ "SELECT never_heard_of(a) FROM t", false },
		{ "SELECT upper(a) FROM t", false }, /* an overload of the user's is volatile */
		{ "SELECT my_sum(a) FROM t", false },
		{ "SELECT a FROM t WHERE a @@@ 'x'", false },
		{ "SELECT a FROM t WHERE a OPERATOR(public.=) 1", false },
		{ "SELECT nextval('s')", false },
	};
	struct so_function functions[] = {
		{ .schema = "pg_catalog", .name = "upper", .volatility = 'i' },
		{ .schema = "public", .name = "upper", .volatility = 'v' },
		{ .schema = "pg_catalog", .name = "random", .volatility = 'v' },
		{ .schema = "public", .name = "stable_one", .volatility = 's' },
		{ .schema = "public", .name = "volatile_one", .volatility = 'v' },
		{ .schema = "public", .name = "my_sum", .volatility = 'i', .aggregate = true },
	};
	static const struct {
		const char *definition;
		bool pure;
	} views[] = {
		{ "SELECT t.a FROM t;", true },
		{ "SELECT volatile_one(t.a) AS a FROM t;", false },
		{ "SELECT nextval('s') AS a;", false },
		{ "SELECT t.a FROM t WHERE (t.a @@@ 1);", false },
		{ "no SQL", false },
	};
	struct so_table view = { .schema = "public", .name = "good_view", .kind = SO_TABLE_VIEW };
	struct so_catalog catalog = { .functions = functions, .n_functions = sizeof functions / sizeof functions[0] };
	struct so_statement statement;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		parse(*state, rows[i].sql, &statement);
		if (so_statement_is_pure(&statement, &catalog) != rows[i].pure)
			fail_msg("%s", rows[i].sql);
	}
	catalog.tables = &view;
	catalog.n_tables = 1;
	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
		view.view_definition = so_strdup(*state, views[i].definition);
		parse(*state, "SELECT a FROM good_view", &statement);
		if (so_statement_is_pure(&statement, &catalog) != views[i].pure)
			fail_msg("%s", views[i].definition);
	}
}

static void test_printable(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "", "" },
		{ "plain, \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n\ttoo", NULL },
		{ "\033[31m", "?[31m" },
		{ "a\x7f\x08\r", "a???" },
		{ "\xc2\x9b"
		  "31m",
			"?31m" },
		{ "\xe2\x80\xae"
		  "abc\xe2\x81\xa6",
			"?abc?" },
		{ "\xff\xfe", "??" },
		{ "\xc3", "?" },
		{ "\xc0\x9b", "??" },
		{ "\xe2\x82", "??" },
		{ "\xed\xa0\x80", "???" },
		{ "\xef\xbf\xbd", NULL },
		{ "\xf4\x90\x80\x80", "????" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *out = so_printable(*state, rows[i].from);

		if (rows[i].to)
			assert_string_equal(out, rows[i].to);
		else
			assert_ptr_equal(out, rows[i].from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mask_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_parameters_keep_their_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmask_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plan_without_literals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_may_be_executed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_printable, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
