/* Values for parameters: each from the statistics of the demo shop, and every text that is filled in parses again. */
#include "advise_fixture.h"

#include "advise/column_value.h"
#include "advise/parameters.h"
#include "sql/resolve.h"

struct filled {
	struct so_ast *ast;
	struct so_parameters *parameters;
};

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static struct so_ast *parse(TALLOC_CTX *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

static struct filled choose_in(TALLOC_CTX *ctx, const struct so_catalog *catalog, const char *sql)
{
	struct filled out = { .ast = parse(ctx, sql) };
	struct so_resolved *resolved = NULL;
	struct so_err err = SO_ERR_INIT;

	if (!so_sql_resolve(ctx, out.ast, so_ast_statement(out.ast), catalog, &resolved, &err))
		fail_msg("%s: %s", sql, err.message);
	out.parameters = so_parameters_choose(ctx, resolved);
	return out;
}

static struct filled choose(TALLOC_CTX *ctx, const char *sql)
{
	return choose_in(ctx, fx_catalog(ctx), sql);
}

static void assert_fills(TALLOC_CTX *ctx, const char *sql, enum so_value_choice choice, const char *expected)
{
	struct filled f = choose(ctx, sql);
	char *text;

	if (f.parameters->why_not)
		fail_msg("%s: %s", sql, f.parameters->why_not);
	text = so_parameters_fill(ctx, f.ast, f.parameters, f.ast, choice);
	assert_non_null(text);
	assert_string_equal(text, expected);
	(void)parse(ctx, text);
}

static void assert_unknown(TALLOC_CTX *ctx, const char *sql, const char *why)
{
	struct filled f = choose(ctx, sql);

	assert_string_equal(f.parameters->why_not ? f.parameters->why_not : "(has values)", why);
	assert_null(so_parameters_fill(ctx, f.ast, f.parameters, f.ast, SO_VALUE_COMMON));
}

static void test_equality(void **state)
{
	const char *sql = "SELECT id FROM orders WHERE status = $1";

	assert_fills(*state, sql, SO_VALUE_COMMON, "SELECT id FROM orders WHERE status = 'delivered'");
	assert_fills(*state, sql, SO_VALUE_ABSENT, "SELECT id FROM orders WHERE status = '~~no such value~~'");
	/* no histogram: the least frequent of the common ones */
	assert_string_not_equal(choose(*state, sql).parameters->items[0].sql[SO_VALUE_RARE], "'delivered'");
	/* a value of the histogram is a rare one */
	assert_fills(*state, "SELECT id FROM orders WHERE user_id = $1", SO_VALUE_COMMON,
		"SELECT id FROM orders WHERE user_id = 1");
	/* the other way round, under a cast, behind an alias */
	assert_fills(*state, "SELECT o.id FROM orders o WHERE $1::text = o.status", SO_VALUE_COMMON,
		"SELECT o.id FROM orders o WHERE 'delivered'::text = o.status");
	assert_fills(*state, "SELECT o.id FROM orders o WHERE o.user_id = $1::integer", SO_VALUE_COMMON,
		"SELECT o.id FROM orders o WHERE o.user_id = '1'::integer");
}

static void test_shares(void **state)
{
	struct filled f = choose(*state, "SELECT id FROM orders WHERE status = $1");
	const struct so_parameter *p = &f.parameters->items[0];

	assert_string_equal(p->column->name, "status");
	assert_true(fabs(p->share[SO_VALUE_COMMON] - 0.970133) < 1e-9);
	assert_true(p->share[SO_VALUE_RARE] < 0.05);
	assert_true(p->share[SO_VALUE_ABSENT] == 0);
	assert_string_equal(
		so_parameters_describe(*state, f.parameters, SO_VALUE_COMMON), "orders.status (97 % of the rows)");
	/* 600,000 rows, each id once */
	f = choose(*state, "SELECT status FROM orders WHERE id = $1");
	assert_true(fabs(f.parameters->items[0].share[SO_VALUE_COMMON] - 1.0 / 600000) < 1e-9);
}

/* The catalog says absent, so the value must lie outside of all that it names. */
static void test_absent_numbers(void **state)
{
	struct so_catalog *catalog = fx_catalog(*state);
	struct so_column *id = fx_column_named(catalog, "orders", "id");
	struct filled f = choose_in(*state, catalog, "SELECT status FROM orders WHERE id = $1");
	long long greatest = strtoll(id->bounds[id->n_bounds - 1], NULL, 10);

	assert_int_equal(strtoll(f.parameters->items[0].sql[SO_VALUE_ABSENT], NULL, 10), greatest + 1);
	/* at the end of the type there is nothing above */
	id->bounds[id->n_bounds - 1] = so_strdup(*state, "2147483647");
	f = choose_in(*state, catalog, "SELECT status FROM orders WHERE id = $1");
	assert_int_equal(
		strtoll(f.parameters->items[0].sql[SO_VALUE_ABSENT], NULL, 10), strtoll(id->bounds[0], NULL, 10) - 1);
	id->bounds[0] = so_strdup(*state, "-2147483647");
	f = choose_in(*state, catalog, "SELECT status FROM orders WHERE id = $1");
	assert_null(f.parameters->why_not);
}

static void test_negative_numbers_stay_apart_from_operators(void **state)
{
	struct so_catalog *catalog = fx_catalog(*state);
	struct so_column *id = fx_column_named(catalog, "orders", "user_id");
	struct filled f;

	id->common_vals[0] = so_strdup(*state, "-5");
	f = choose_in(*state, catalog, "SELECT id FROM orders WHERE user_id=$1");
	assert_string_equal(so_parameters_fill(*state, f.ast, f.parameters, f.ast, SO_VALUE_COMMON),
		"SELECT id FROM orders WHERE user_id=(-5)");
}

static void test_strings_are_quoted(void **state)
{
	struct so_catalog *catalog = fx_catalog(*state);
	struct so_column *status = fx_column_named(catalog, "orders", "status");
	struct filled f;

	status->common_vals[0] = so_strdup(*state, "it's; DROP TABLE x --\\");
	f = choose_in(*state, catalog, "SELECT id FROM orders WHERE status = $1");
	(void)parse(*state, so_parameters_fill(*state, f.ast, f.parameters, f.ast, SO_VALUE_COMMON));
	assert_non_null(strstr(f.parameters->items[0].sql[SO_VALUE_COMMON], "it''s"));
	/* not text: no literal that could be trusted */
	status->common_vals[0] = so_strdup(*state, "\xff\xfe");
	f = choose_in(*state, catalog, "SELECT id FROM orders WHERE status = $1");
	assert_non_null(f.parameters->why_not);
	/* a number that is none */
	status = fx_column_named(catalog, "orders", "user_id");
	status->common_vals[0] = so_strdup(*state, "1; DROP TABLE x");
	f = choose_in(*state, catalog, "SELECT id FROM orders WHERE user_id = $1");
	assert_string_equal(f.parameters->items[0].sql[SO_VALUE_COMMON], "'1; DROP TABLE x'");
}

static double seconds(const char *literal)
{
	int y, m, d;

	assert_int_equal(sscanf(literal, "'%d-%d-%d", &y, &m, &d), 3);
	return y * 372.0 + m * 31 + d;
}

static void test_ranges(void **state)
{
	struct filled f = choose(*state, "SELECT id FROM orders WHERE created_at >= $1 AND created_at < $2");
	const struct so_parameter *low = &f.parameters->items[0], *high = &f.parameters->items[1];

	assert_null(f.parameters->why_not);
	/* a range of both is never empty, and the rare one is inside the common one */
	assert_true(seconds(low->sql[SO_VALUE_COMMON]) < seconds(high->sql[SO_VALUE_COMMON]));
	assert_true(seconds(low->sql[SO_VALUE_RARE]) > seconds(low->sql[SO_VALUE_COMMON]));
	assert_true(seconds(high->sql[SO_VALUE_RARE]) < seconds(high->sql[SO_VALUE_COMMON]));
	f = choose(*state, "SELECT id FROM orders WHERE created_at BETWEEN $1 AND $2");
	assert_true(seconds(f.parameters->items[0].sql[SO_VALUE_COMMON]) <
		    seconds(f.parameters->items[1].sql[SO_VALUE_COMMON]));
	/* one alone: half, or the end that few rows have */
	f = choose(*state, "SELECT id FROM orders WHERE created_at > $1");
	assert_true(seconds(f.parameters->items[0].sql[SO_VALUE_COMMON]) <
		    seconds(f.parameters->items[0].sql[SO_VALUE_RARE]));
	f = choose(*state, "SELECT id FROM orders WHERE $1 > created_at");
	assert_true(seconds(f.parameters->items[0].sql[SO_VALUE_COMMON]) >
		    seconds(f.parameters->items[0].sql[SO_VALUE_RARE]));
	assert_string_equal(f.parameters->items[0].sql[SO_VALUE_ABSENT], "'1753-01-01 00:00:00'");
}

static void test_lists(void **state)
{
	struct filled f = choose(*state, "SELECT id FROM orders WHERE status IN ($1, $2)");

	assert_string_not_equal(
		f.parameters->items[0].sql[SO_VALUE_COMMON], f.parameters->items[1].sql[SO_VALUE_COMMON]);
	assert_fills(*state, "SELECT id FROM orders WHERE status = ANY($1)", SO_VALUE_ABSENT,
		"SELECT id FROM orders WHERE status = ANY('{\"~~no such value~~\"}')");
	f = choose(*state, "SELECT id FROM orders WHERE user_id = ANY($1::int[])");
	assert_null(f.parameters->why_not);
	assert_memory_equal(f.parameters->items[0].sql[SO_VALUE_COMMON], "'{\"1\",\"2\",", 10);
}

/* Each ? is a parameter of its own: a limit is not what the column is compared with. */
static void test_marks_without_numbers(void **state)
{
	struct so_err err = SO_ERR_INIT;
	const char *sql = "SELECT id FROM orders WHERE status = ? LIMIT ?",
		   *one = "SELECT 1 FROM orders WHERE status = ?";
	struct so_ast *ast = NULL, *other = NULL;
	struct so_resolved *resolved = NULL;
	struct so_parameters *p;
	char *text;

	assert_true(so_sql_parse(*state, NULL, SO_MYSQL, sql, strlen(sql), NULL, &ast, &err));
	assert_true(so_sql_parse(*state, NULL, SO_MYSQL, one, strlen(one), NULL, &other, &err));
	assert_true(so_sql_resolve(*state, ast, so_ast_statement(ast), fx_catalog(*state), &resolved, &err));
	p = so_parameters_choose(*state, resolved);
	text = so_parameters_fill(*state, ast, p, ast, SO_VALUE_COMMON);
	assert_string_equal(text, "SELECT id FROM orders WHERE status = 'delivered' LIMIT 20");
	assert_null(so_parameters_fill(*state, other, p, ast, SO_VALUE_COMMON));
}

static void test_patterns(void **state)
{
	assert_fills(*state, "SELECT id FROM orders WHERE status LIKE $1 LIMIT $2 OFFSET $3", SO_VALUE_COMMON,
		"SELECT id FROM orders WHERE status LIKE 'deli%' LIMIT 20 OFFSET 0");
}

static void test_what_does_not_choose_rows_is_assumed(void **state)
{
	assert_fills(*state, "SELECT coalesce(status, $1), $2 FROM orders WHERE user_id = $3", SO_VALUE_COMMON,
		"SELECT coalesce(status, NULL), NULL FROM orders WHERE user_id = 1");
	assert_fills(*state, "SELECT user_id FROM orders GROUP BY user_id HAVING count(*) > $1", SO_VALUE_COMMON,
		"SELECT user_id FROM orders GROUP BY user_id HAVING count(*) > 1");
	/* a comparison in the output is one all the same */
	assert_fills(*state, "SELECT sum(CASE WHEN status = $1 THEN $2 END) FROM orders", SO_VALUE_COMMON,
		"SELECT sum(CASE WHEN status = 'delivered' THEN NULL END) FROM orders");
	/* so is one in a query inside it */
	assert_fills(*state, "SELECT (SELECT count(*) FROM orders o WHERE o.user_id = $1) FROM users", SO_VALUE_COMMON,
		"SELECT (SELECT count(*) FROM orders o WHERE o.user_id = 1) FROM users");
}

static void test_through_queries(void **state)
{
	assert_fills(*state, "SELECT * FROM (SELECT user_id AS u, status s FROM orders) q WHERE q.s = $1",
		SO_VALUE_COMMON, "SELECT * FROM (SELECT user_id AS u, status s FROM orders) q WHERE q.s = 'delivered'");
	assert_fills(*state, "WITH q(u, s) AS (SELECT user_id, status FROM orders) SELECT * FROM q WHERE s = $1",
		SO_VALUE_COMMON,
		"WITH q(u, s) AS (SELECT user_id, status FROM orders) SELECT * FROM q WHERE s = 'delivered'");
}

static void test_one_parameter_in_two_places(void **state)
{
	assert_fills(*state, "SELECT id, $1 FROM orders WHERE status = $1", SO_VALUE_COMMON,
		"SELECT id, 'delivered' FROM orders WHERE status = 'delivered'");
}

static void test_unknown(void **state)
{
	assert_unknown(*state, "SELECT id FROM orders WHERE lower(status) = $1", "$1 is not compared with a column");
	assert_unknown(*state, "SELECT id FROM orders WHERE created_at > now() - $1::interval",
		"$1 is not compared with a column");
	assert_unknown(*state, "SELECT id FROM sessions WHERE user_id = $1",
		"sessions.user_id, which $1 is compared with, has no statistics");
}

static void test_no_parameters(void **state)
{
	struct filled f = choose(*state, "SELECT id FROM orders");

	assert_null(f.parameters->why_not);
	assert_int_equal(f.parameters->count, 0);
	assert_false(f.parameters->differ[SO_VALUE_RARE]);
}

/* The values of the original in its rewrite, whose parameters stand elsewhere. */
static void test_fills_a_rewrite(void **state)
{
	struct filled f = choose(*state, "SELECT id FROM orders WHERE user_id = $1 AND status = $2");
	struct so_ast *rewrite = parse(*state, "SELECT id FROM orders WHERE status = $2 AND user_id = $1");

	assert_string_equal(so_parameters_fill(*state, rewrite, f.parameters, f.ast, SO_VALUE_COMMON),
		"SELECT id FROM orders WHERE status = 'delivered' AND user_id = 1");
	rewrite = parse(*state, "SELECT id FROM orders WHERE status = $3");
	assert_null(so_parameters_fill(*state, rewrite, f.parameters, f.ast, SO_VALUE_COMMON));
}

static void test_many(void **state)
{
	char *sql = so_strdup(*state, "SELECT id FROM orders WHERE user_id IN ($1");

	for (int i = 2; i <= 500; i++)
		sql = talloc_asprintf_append(sql, ", $%d", i);
	sql = talloc_asprintf_append(sql, ")");
	assert_unknown(*state, sql, "more than 200 parameters");
}

static void test_oracle_dates_depend_on_the_session(void **state)
{
	struct so_column *column = fx_column_named(fx_catalog(*state), "coupons", "valid_until");

	assert_null(so_column_literal(*state, SO_ORACLE, column, "2026-01-01", false));
	assert_string_equal(so_column_literal(*state, SO_MYSQL, column, "2026-01-01", false), "'2026-01-01'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_equality, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shares, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negative_numbers_stay_apart_from_operators, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings_are_quoted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ranges, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_marks_without_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_does_not_choose_rows_is_assumed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_through_queries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_parameter_in_two_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fills_a_rewrite, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oracle_dates_depend_on_the_session, setup, teardown),
	};

	return cmocka_run_group_tests_name("parameters", tests, NULL, NULL);
}
