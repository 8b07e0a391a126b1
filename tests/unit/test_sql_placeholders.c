/* Texts of statistics views have placeholders wherever a literal may stand, in every dialect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/build.h"
#include "sql/comments.h"
#include "sql/fingerprint.h"
#include "sql/print.h"
#include "sql_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define P   1u
#define M   (1u << SO_MYSQL | 1u << SO_MARIADB)
#define T   (1u << SO_TSQL)
#define O   (1u << SO_ORACLE)
#define L   (1u << SO_SQLITE)
#define ALL (P | M | T | O | L)

static const struct so_sql_options lenient = { .lenient = true };

static const char *const placeholders[SO_DIALECT_MAX][6] = {
	[SO_POSTGRESQL] = { "$1", "?", "$23", "$0" },
	[SO_MYSQL] = { "?", ":name" },
	[SO_MARIADB] = { "?", ":name" },
	[SO_TSQL] = { "@p1", "@P0", "@__p_0", "@1", "?" },
	[SO_ORACLE] = { ":\"SYS_B_0\"", ":1", ":name", ":B1", "?" },
	[SO_SQLITE] = { "?", "?1", ":name", "@name", "$name" },
};

/* ~ is the place; `literal` what a client may write there, NULL when that is another group. */
static const struct {
	unsigned dialects;
	const char *text, *literal;
} places[] = {
	{ ALL, "SELECT ~ FROM t", "1" },
	{ ALL, "SELECT a AS x, ~ AS y FROM t", "'a'" },
	{ ALL, "SELECT a FROM t WHERE b = ~", "1" },
	{ ALL, "SELECT a FROM t WHERE b=~", "1" },
	{ ALL, "SELECT a FROM t WHERE ~ < b", "1" },
	{ ALL, "SELECT a FROM t WHERE b IN (~, ~)", "1" },
	{ ALL, "SELECT a FROM t WHERE b IN (~)", "1" },
	{ ALL, "SELECT a FROM t WHERE b NOT IN (...)", "1" },
	{ ALL, "SELECT a FROM t WHERE b BETWEEN ~ AND ~", "1" },
	{ ALL, "SELECT a FROM t WHERE b LIKE ~", "'x'" },
	{ ALL, "SELECT a FROM t WHERE b LIKE ~ ESCAPE ~", "'x'" },
	{ ALL, "SELECT a FROM t WHERE b = -~", NULL }, /* a minus belongs to its number */
	{ ALL, "SELECT a + ~ * (~ - a) FROM t", "2" },
	{ P | M | O | L, "SELECT a || ~ FROM t", "'x'" },
	{ ALL, "SELECT f(~, a, ~) FROM t", "1" },
	{ ALL, "SELECT COUNT(~), SUM(~) FROM t", "1" },
	{ ALL, "SELECT COALESCE(a, ~), NULLIF(a, ~) FROM t", "1" },
	{ ALL, "SELECT CASE a WHEN ~ THEN ~ ELSE ~ END FROM t", "1" },
	{ ALL, "SELECT CASE WHEN a = ~ THEN ~ END FROM t", "1" },
	{ ALL, "SELECT CAST(~ AS char) FROM t", "'1'" },
	{ ALL, "SELECT a FROM t JOIN u ON t.a = u.a AND u.b = ~", "1" },
	{ ALL, "SELECT a FROM (SELECT ~ AS a FROM t) x WHERE x.a = ~", "1" },
	{ ALL, "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = ~)", "1" },
	{ P | M | T | O, "SELECT a FROM t WHERE a > ANY (SELECT ~ FROM u)", "1" },
	{ ALL, "WITH x AS (SELECT ~ AS a FROM t) SELECT a FROM x", "1" },
	{ ALL, "SELECT a FROM t UNION ALL SELECT ~ FROM u", "1" },
	{ ALL, "SELECT COUNT(*) FROM t GROUP BY a, ~", "1" },
	{ ALL, "SELECT a FROM t GROUP BY a HAVING COUNT(*) > ~", "1" },
	{ ALL, "SELECT a FROM t ORDER BY ~", "1" },
	{ ALL, "SELECT a FROM t ORDER BY a + ~ DESC", "1" },
	{ ALL, "SELECT SUM(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN ~ PRECEDING AND CURRENT ROW) FROM t", "1" },
	{ ALL, "SELECT NTILE(~) OVER (ORDER BY a) FROM t", "4" },
	{ ALL, "SELECT LAG(a, ~, ~) OVER (ORDER BY a) FROM t", "4" },
	{ ALL, "INSERT INTO t (a, b) VALUES (~, ~)", "1" },
	{ ALL, "INSERT INTO t (a) SELECT ~ FROM u", "1" },
	{ ALL, "UPDATE t SET a = ~, b = b + ~ WHERE c = ~", "1" },
	{ ALL, "DELETE FROM t WHERE a = ~", "1" },
	{ P | M | O, "SELECT a FROM t WHERE (a, b) = (~, ~)", "1" },
	{ P | M | O, "SELECT a FROM t WHERE (a, b) IN ((~, ~), (~, ~))", "1" },
	{ ALL, "SELECT a FROM t WHERE NOT a = ~ OR b <> ~ AND c IS NULL", "1" },
	/* rows to return */
	{ P | M | L, "SELECT a FROM t LIMIT ~", "1" },
	{ P | M | L, "SELECT a FROM t ORDER BY a LIMIT ~ OFFSET ~", "1" },
	{ M | L, "SELECT a FROM t LIMIT ~, ~", "1" },
	{ P | O, "SELECT a FROM t OFFSET ~ ROWS FETCH FIRST ~ ROWS ONLY", "1" },
	{ T, "SELECT a FROM t ORDER BY a OFFSET ~ ROWS FETCH NEXT ~ ROWS ONLY", "1" },
	{ T, "SELECT TOP (~) a FROM t", "1" },
	{ T, "SELECT TOP ~ a FROM t", "1" },
	{ M, "DELETE FROM t ORDER BY a LIMIT ~", "1" },
	/* PostgreSQL: literals with a type, words of functions */
	{ P, "SELECT a FROM t WHERE b > now() - interval ~", "'1 day'" },
	{ P, "SELECT interval ~ day FROM t", "'1'" },
	{ P, "SELECT date ~, timestamp ~, timestamptz ~, time ~ FROM t", "'2024-01-01'" },
	{ P, "SELECT timestamp with time zone ~ FROM t", "'2024-01-01'" },
	{ P, "SELECT extract(~ FROM a) FROM t", "year" },
	{ P, "SELECT a::numeric(~, ~) FROM t", "10" },
	{ P, "SELECT ~::int, (~)::text FROM t", "'1'" },
	{ P, "SELECT a[~], a[~:~] FROM t", "1" },
	{ P, "SELECT ARRAY[~, ~] FROM t", "1" },
	{ P, "SELECT a FROM t WHERE b = ANY (ARRAY[~, ~])", "1" },
	{ P, "SELECT a AT TIME ZONE ~ FROM t", "'UTC'" },
	{ P, "SELECT a -> ~ ->> ~ FROM t", "'k'" },
	{ P, "SELECT substring(a FROM ~ FOR ~), position(~ IN a), overlay(a PLACING ~ FROM ~) FROM t", "1" },
	{ P, "SELECT trim(BOTH ~ FROM a) FROM t", "'x'" },
	{ P, "SELECT a FROM t WHERE b ILIKE ~ AND c ~~ ~ AND d SIMILAR TO ~", "'x'" },
	{ P, "SELECT a FROM t TABLESAMPLE system (~)", "1" },
	{ P, "SELECT * FROM generate_series(~, ~) g", "1" },
	{ P, "SELECT a FROM t WHERE a IS DISTINCT FROM ~", "1" },
	{ P, "INSERT INTO t VALUES (~) ON CONFLICT (a) DO UPDATE SET a = ~ WHERE t.a > ~", "1" },
	{ P, "SELECT a FROM t WHERE b = ~ FOR UPDATE", "1" },
	{ P, "MERGE INTO t USING u ON t.a = ~ WHEN MATCHED AND u.b = ~ THEN UPDATE SET a = ~", "1" },
	{ P, "SELECT string_agg(a, ~ ORDER BY a) FILTER (WHERE a > ~) FROM t", "'x'" },
	{ P, "SELECT percentile_cont(~) WITHIN GROUP (ORDER BY a) FROM t", "0.5" },
	{ P, "CALL p(~, ~)", "1" },
	{ P, "EXPLAIN SELECT a FROM t WHERE b = ~", "1" },
	{ P, "COPY (SELECT a FROM t WHERE b = ~) TO STDOUT", "1" },
	/* MySQL and MariaDB */
	{ M, "SELECT a FROM t WHERE b > NOW() - INTERVAL ~ DAY", "1" },
	{ M, "SELECT DATE_ADD(a, INTERVAL ~ HOUR) FROM t", "1" },
	{ M, "SELECT a FROM t WHERE b REGEXP ~ AND c RLIKE ~", "'x'" },
	{ M, "SELECT GROUP_CONCAT(a ORDER BY a SEPARATOR ~) FROM t", "','" },
	{ M, "SELECT a FROM t WHERE MATCH (b) AGAINST (~ IN BOOLEAN MODE)", "'x'" },
	{ M, "SELECT CONVERT(~, char), CONVERT(~ USING utf8mb4) FROM t", "'x'" },
	{ M, "SELECT SUBSTRING(a FROM ~ FOR ~), TRIM(LEADING ~ FROM a), POSITION(~ IN a) FROM t", "'x'" },
	{ M, "SELECT a COLLATE utf8mb4_bin = ~ FROM t", "'x'" },
	{ M, "SELECT a DIV ~, a MOD ~, a XOR ~ FROM t", "2" },
	{ M, "SELECT a <=> ~ FROM t", "2" },
	{ M, "INSERT INTO t SET a = ~, b = ~", "1" },
	{ M, "INSERT INTO t VALUES (~) ON DUPLICATE KEY UPDATE a = ~", "1" },
	{ M, "REPLACE INTO t VALUES (~)", "1" },
	{ M, "UPDATE t JOIN u ON t.a = u.a SET t.b = ~ WHERE u.b = ~", "1" },
	{ M, "SET @a = ~, SESSION sort_buffer_size = ~", "1" },
	{ M, "CALL p(~, ~)", "1" },
	{ M, "SELECT ELT(~, ~, ~), FIELD(a, ~) FROM t", "1" },
	/* T-SQL */
	{ T, "SELECT DATEADD(day, ~, a), CONVERT(varchar(10), a, ~) FROM t", "1" },
	{ T, "SELECT a FROM t WHERE b = ~ OPTION (RECOMPILE)", "1" },
	{ T, "SELECT a FROM t WITH (NOLOCK) WHERE b = ~", "1" },
	{ T, "SELECT IIF(a = ~, ~, ~), ISNULL(a, ~) FROM t", "1" },
	{ T, "SELECT * FROM f(~, ~) x CROSS APPLY g(~) y", "1" },
	{ T, "SELECT * FROM OPENJSON(~) j", "'[]'" },
	/* in procedural code a variable is no literal */
	{ T, "EXEC p ~, @x = ~", NULL },
	{ T, "EXEC sp_executesql ~, ~", NULL },
	{ T, "UPDATE TOP (~) t SET a = ~ OUTPUT inserted.a WHERE b = ~", "1" },
	{ T, "MERGE INTO t USING u ON t.a = ~ WHEN MATCHED AND u.b = ~ THEN UPDATE SET a = ~;", "1" },
	{ T, "SELECT a AT TIME ZONE ~ FROM t", "'UTC'" },
	{ T, "IF a = ~ SELECT ~ FROM t", NULL },
	{ T, "WAITFOR DELAY ~", NULL },
	{ T, "SET @x = ~", NULL },
	/* Oracle */
	{ O, "SELECT TO_DATE(~, ~) FROM dual", "'x'" },
	{ O, "SELECT a FROM t WHERE ROWNUM <= ~", "1" },
	{ O, "SELECT a FROM t START WITH b = ~ CONNECT BY PRIOR a = b AND LEVEL <= ~", "1" },
	{ O, "SELECT EXTRACT(YEAR FROM a), TRIM(~ FROM a) FROM t", "'x'" },
	{ O, "SELECT DECODE(a, ~, ~, ~), NVL(a, ~) FROM t", "1" },
	{ O, "SELECT a FROM t, u WHERE t.a = u.a(+) AND u.b(+) = ~", "1" },
	{ O, "SELECT LISTAGG(a, ~) WITHIN GROUP (ORDER BY a) FROM t", "','" },
	{ O, "SELECT INTERVAL ~ DAY, INTERVAL ~ YEAR TO MONTH FROM dual", "'1'" },
	{ O, "SELECT DATE ~, TIMESTAMP ~ FROM dual", "'2024-01-01'" },
	{ O, "SELECT a FROM t AS OF SCN ~", "1" },
	{ O, "SELECT a FROM t SAMPLE (~)", "1" },
	{ O, "SELECT a FROM t FETCH FIRST ~ PERCENT ROWS ONLY", "1" },
	{ O, "MERGE INTO t USING u ON (t.a = ~) WHEN MATCHED THEN UPDATE SET t.b = ~ WHERE t.c = ~", "1" },
	{ O, "UPDATE t SET a = ~ WHERE b = ~ RETURNING a INTO :x", "1" },
	{ O, "BEGIN p(~, ~); END;", "1" },
	{ O, "SELECT * FROM TABLE(f(~))", "1" },
	{ O, "SELECT * FROM t PIVOT (SUM(a) FOR b IN (~ AS x, ~ AS y))", "1" },
	{ O, "INSERT ALL INTO t VALUES (~) INTO u VALUES (~) SELECT 1 FROM dual", "1" },
	/* SQLite */
	{ L, "SELECT a FROM t WHERE b GLOB ~ AND c IS ~ AND d == ~", "'x'" },
	{ L, "SELECT datetime(a, ~) FROM t", "'x'" },
	{ L, "INSERT INTO t VALUES (~) ON CONFLICT (a) DO UPDATE SET a = ~", "1" },
	{ L, "INSERT OR REPLACE INTO t VALUES (~)", "1" },
	{ L, "SELECT a -> ~ FROM t", "'$.x'" },
	{ L, "SELECT * FROM generate_series(~, ~)", "1" },
	{ L, "SELECT a FROM t WHERE (a, b) = (~, ~)", "1" },
};

/* The text with each ~ replaced; ~~ is PostgreSQL's operator, and stays. */
static char *fill(TALLOC_CTX *ctx, const char *text, const char *with)
{
	char *made = so_strdup(ctx, "");

	for (; *text; text++) {
		if (text[0] == '~' && text[1] == '~') {
			made = talloc_strdup_append(made, "~~");
			text++;
		} else {
			made = *text == '~' ? talloc_strdup_append(made, with) : talloc_strndup_append(made, text, 1);
		}
	}
	return made;
}

/* NULL, or what is wrong with a text in lenient mode. */
static const char *fault(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql, uint64_t group)
{
	struct so_parser *parser = so_parser_new(ctx);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast, *again, *copy;
	char *print, *formatted, *normal;
	uint64_t number = 0;

	if (!so_sql_parse(ctx, parser, dialect, sql, strlen(sql), &lenient, &ast, &err))
		return so_strdup(ctx, err.message);
	if (ast->sources[0].truncated)
		return "called cut off";
	print = so_sql_print(ctx, ast, so_ast_statement(ast));
	if (!so_sql_parse(ctx, parser, dialect, print, strlen(print), &lenient, &again, &err))
		return so_printf(ctx, "the print is refused: %s", print);
	if (!so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)))
		return so_printf(ctx, "the print is another tree: %s", print);
	/* a copy has no source text to look at */
	copy = so_ast_new(ctx, dialect);
	if (strcmp(so_sql_print(ctx, copy, so_ast_copy(copy, ast, so_ast_statement(ast))), print) != 0 &&
		so_ast_kind(ast, so_ast_statement(ast)) != SO_N_OPAQUE &&
		so_ast_kind(ast, so_ast_statement(ast)) != SO_N_BLOCK)
		return "the copy prints as something else";
	formatted = so_sql_format(ctx, parser, dialect, sql, strlen(sql), &lenient, &err);
	if (!formatted)
		return so_printf(ctx, "not formatted: %s", err.message);
	if (group && so_sql_fingerprint(ast, so_ast_statement(ast)) != group)
		return "another group";
	normal = so_sql_normalize(ctx, parser, dialect, sql, strlen(sql), &lenient, &err);
	if (!normal || !so_sql_fingerprint_text(parser, dialect, normal, strlen(normal), &lenient, &number, &err) ||
		(group && number != group))
		return so_printf(ctx, "another group when normalised: %s", normal ? normal : err.message);
	return NULL;
}

static uint64_t group_of(enum so_dialect dialect, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	uint64_t number = 0;

	if (!so_sql_fingerprint_text(NULL, dialect, sql, strlen(sql), NULL, &number, &err))
		print_message("%s: %s: %s\n", so_dialects[dialect].name, sql, err.message);
	return number;
}

static void test_a_placeholder_stands_where_a_literal_does(void **state)
{
	unsigned wrong = 0, tried = 0;

	for (size_t i = 0; i < COUNT(places); i++) {
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			const char *literal = places[i].literal ? places[i].literal : "1";
			bool is_group = places[i].literal && !strstr(places[i].text, "...");

			for (size_t k = 0; k < COUNT(placeholders[d]) && placeholders[d][k]; k++) {
				TALLOC_CTX *tmp = talloc_new(*state);
				char *sql = fill(tmp, places[i].text, placeholders[d][k]);
				char *plain = fill(tmp, places[i].text, literal);
				const char *why;

				if (places[i].dialects >> d & 1) {
					why = fault(tmp, (enum so_dialect)d, sql,
						is_group ? group_of((enum so_dialect)d, plain) : 0);
					if (why)
						print_message("%s: %s: %s\n", so_dialects[d].name, sql, why);
					wrong += why != NULL;
					tried++;
				}
				talloc_free(tmp);
			}
		}
	}
	assert_true(tried > 800);
	assert_int_equal(wrong, 0);
}

/* Statements as views show them, and the same as a client writes it. */
static const struct {
	enum so_dialect dialect;
	const char *shown, *plain;
} prefixes[] = {
	{ SO_TSQL, "(@p1 int,@p2 nvarchar(4000))select a from t where b=@p1 and c=@p2",
		"SELECT a FROM t WHERE b=1 AND c='x'" },
	{ SO_TSQL, "(@1 tinyint)SELECT * FROM [t] WHERE [a]=@1", "SELECT * FROM t WHERE a = 1" },
	{ SO_TSQL, "(@__p_0 decimal(10, 2), @x [dbo].[tt] readonly)UPDATE t SET a=@__p_0", "UPDATE t SET a = 1.5" },
	{ SO_TSQL, "(@a int output, @b int = 3) /* x */ delete from t where a=@a; select @b",
		"delete from t where a=1; select 2" },
	{ SO_TSQL, "(@P0 nvarchar(max))exec p 1", "exec p 1" },
	{ SO_TSQL, "(@P0 int)with x as (select @P0 a) select a from x", "with x as (select 1 a) select a from x" },
};

static void test_cached_texts_begin_with_their_parameters(void **state)
{
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		const char *sql = prefixes[i].shown, *open = strchr(sql, '(');
		size_t len = strlen(sql);
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;
		const char *why =
			fault(*state, prefixes[i].dialect, sql, group_of(prefixes[i].dialect, prefixes[i].plain));
		char *formatted, *again;

		if (why)
			fail_msg("%s: %s", sql, why);
		/* a client cannot send such a text */
		assert_false(so_sql_parse(*state, NULL, prefixes[i].dialect, sql, len, NULL, &ast, &err));
		formatted = so_sql_format(*state, NULL, prefixes[i].dialect, sql, len, &lenient, &err);
		assert_non_null(formatted);
		assert_memory_equal(formatted, open, strcspn(sql, ",)"));
		again = so_sql_format(*state, NULL, prefixes[i].dialect, formatted, strlen(formatted), &lenient, &err);
		assert_string_equal(again, formatted);
		/* cut anywhere */
		for (size_t cut = 0; cut < len; cut++) {
			err = (struct so_err)SO_ERR_INIT;
			if (so_sql_parse(*state, NULL, prefixes[i].dialect, sql, cut, &lenient, &ast, &err))
				talloc_free(ast);
			else
				assert_true(err.position >= 0);
		}
	}
	talloc_free_children(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_placeholder_stands_where_a_literal_does, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cached_texts_begin_with_their_parameters, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
