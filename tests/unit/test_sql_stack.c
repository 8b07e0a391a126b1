/* The default limit of nesting keeps every reader inside a stack of 256 KiB, whatever it is that is nested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>

#include "../lib/sql_readers.h"
#include "base/buf.h"

#define ALL  ((1u << SO_DIALECT_MAX) - 1)
#define PG   (1u << SO_POSTGRESQL)
#define MY   (1u << SO_MYSQL | 1u << SO_MARIADB)
#define TSQL (1u << SO_TSQL)
#define ORA  (1u << SO_ORACLE)
#define LITE (1u << SO_SQLITE)

#define MOST 1000u /* deeper than any limit */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(SANITIZED) || !defined(__OPTIMIZE__)
#define STACK (4096u * 1024) /* frames are larger */
#else
#define STACK (256u * 1024)
#endif

static const struct shape {
	unsigned dialects;
	const char *before, *open, *middle, *close, *after;
} shapes[] = {
	{ ALL, "SELECT a FROM t WHERE b = ", "(", "1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "(SELECT a FROM t WHERE b = ", "1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "CASE WHEN a = ", "1", " THEN 2 END", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "CASE WHEN a = 1 THEN 2 ELSE ", "1", " END", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "CASE ", "1", " WHEN 1 THEN 2 END", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "COALESCE(1, ", "a", ")", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "f(", "a", ")", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "f(a, g(b), ", "a", ", 1)", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "CAST(", "a", " AS CHAR(10))", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "- ", "a", "", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "1 + (2 * ", "a", ")", "" },
	{ ALL, "SELECT a FROM t WHERE ", "NOT (", "a = 1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE ", "a = 1 AND (b = 2 OR ", "a = 1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE ", "a IN (SELECT b FROM t WHERE ", "c = 1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE ", "EXISTS (SELECT 1 FROM t WHERE ", "c = 1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE ", "a = 1 AND EXISTS (SELECT 1 FROM t x WHERE x.b = 2 OR ", "c = 1", ")", "" },
	{ ALL & ~LITE, "SELECT a FROM t WHERE ", "a = ANY (SELECT b FROM t WHERE ", "c = 1", ")", "" },
	{ ALL, "SELECT a FROM t WHERE b = ", "a + (SELECT max(b) FROM t WHERE c = ", "1", ")", "" },
	{ ALL, "SELECT * FROM ", "(SELECT * FROM ", "t", ") x", "" },
	{ ALL, "SELECT * FROM ", "(SELECT a FROM t JOIN ", "u", " ON 1 = 1) x", "" },
	{ ALL, "SELECT * FROM ", "(u JOIN ", "t", " ON 1 = 1)", "" },
	{ ALL, "SELECT * FROM ", "(u LEFT JOIN ", "t", " ON EXISTS (SELECT 1 FROM v))", "" },
	{ ALL & ~LITE, "", "(SELECT a FROM t UNION ALL ", "(SELECT a FROM t)", ")", "" },
	{ ALL & ~LITE, "", "(SELECT a FROM t UNION ", "(SELECT a FROM t)", " ORDER BY a)", "" },
	{ ALL, "", "WITH x AS (", "SELECT 1 AS a", ") SELECT a FROM x", "" },
	{ PG | MY | LITE, "SELECT a FROM t WHERE b = ", "(WITH x AS (SELECT ", "1", " AS a) SELECT a FROM x)", "" },
	{ ALL, "INSERT INTO t (a) SELECT a FROM t WHERE ", "b IN (SELECT c FROM t WHERE ", "a = 1", ")", "" },
	{ ALL, "UPDATE t SET a = ", "(SELECT max(b) FROM t WHERE c = ", "1", ")", " WHERE a = 1" },
	{ ALL, "DELETE FROM t WHERE ", "EXISTS (SELECT 1 FROM t WHERE ", "c = 1", ")", "" },
	{ PG | LITE, "SELECT ", "f() OVER (ORDER BY ", "1", ")", " FROM t" },
	{ ALL, "SELECT ", "sum(a) OVER (PARTITION BY b ORDER BY (", "1", "))", " FROM t" },
	{ PG | LITE, "SELECT ", "count(*) FILTER (WHERE ", "a", ")", " FROM t" },
	{ PG, "SELECT ", "ARRAY[", "1", "]", " FROM t" },
	{ PG, "SELECT ", "ROW(1, ", "1", ")", " FROM t" },
	{ PG, "SELECT a", "[1]", "", "", " FROM t" },
	{ PG, "SELECT ", "a[", "1", "]", " FROM t" },
	{ PG, "SELECT a", "::int", "", "", " FROM t" },
	{ PG, "SELECT a FROM t WHERE ", "", "a", " IS NULL", "" },
	{ PG, "SELECT a", " COLLATE \"C\"", "", "", " FROM t" },
	{ PG, "SELECT ", "(", "a", ").x", " FROM t" },
	{ ALL, "SELECT a FROM t WHERE ", "a BETWEEN (", "1", ") AND 2", "" },
	{ ALL, "SELECT a FROM t WHERE ", "a LIKE (", "'x'", ")", "" },
	{ PG, "SELECT * FROM ", "ROWS FROM (f((SELECT a FROM ", "t", ")))", "" },
	{ PG, "SELECT * FROM ", "LATERAL (SELECT * FROM ", "t", ") x", "" },
	{ PG | MY | ORA, "SELECT * FROM JSON_TABLE(a, '$' COLUMNS (", "NESTED PATH '$' COLUMNS (", "b INT PATH '$'",
		")", ")) x" },
	{ PG, "SELECT ", "xmlelement(name a, ", "b", ")", " FROM t" },
	{ PG | MY, "SELECT ", "extract(year FROM ", "a", ")", " FROM t" },
	{ PG | MY | LITE, "CREATE TABLE t (a INT CHECK (", "(", "a > 1", ")", "))" },
	{ PG | MY | LITE, "CREATE VIEW v AS SELECT a FROM t WHERE ", "b IN (SELECT c FROM t WHERE ", "a = 1", ")", "" },
	{ PG, "", "EXPLAIN ", "SELECT 1", "", "" },
	{ PG, "SELECT a FROM t GROUP BY ", "GROUPING SETS (", "a", ")", "" },
	{ TSQL, "", "BEGIN ", "SELECT 1", " END", "" },
	{ TSQL, "", "IF a = 1 ", "SELECT 1", "", "" },
	{ TSQL, "", "WHILE 1 = 1 BEGIN ", "SELECT 1", " END", "" },
	{ TSQL, "", "BEGIN TRY ", "SELECT 1", " END TRY BEGIN CATCH SELECT 2 END CATCH", "" },
	{ TSQL, "SELECT * FROM ", "(SELECT * FROM t CROSS APPLY ", "(SELECT 1 AS a) x", ") x", "" },
	{ ORA, "", "BEGIN ", "NULL;", " END;", "" },
	{ ORA, "BEGIN ", "IF a = 1 THEN ", "NULL;", " END IF;", " END;" },
	{ ORA, "BEGIN ", "LOOP ", "NULL;", " END LOOP;", " END;" },
	{ ORA, "SELECT ", "CURSOR(SELECT ", "1", " FROM dual)", " FROM dual" },
	{ MY, "CREATE PROCEDURE p() ", "BEGIN ", "SELECT 1;", " END;", "" },
	{ MY, "CREATE PROCEDURE p() BEGIN ", "IF a = 1 THEN ", "SELECT 1;", " END IF;", " END" },
	{ MY, "SELECT ", "IF(a, ", "1", ", 2)", " FROM t" },
	{ MY, "SELECT ", "! ", "a", "", " FROM t" },
	{ MY, "SELECT ", "INTERVAL 1 DAY + ", "a", "", " FROM t" },
	{ MY, "SELECT ", "GROUP_CONCAT(", "a", " ORDER BY 1)", " FROM t" },
	{ LITE, "SELECT ", "a || (", "1", ")", " FROM t" },
	{ LITE, "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT ", "(SELECT ", "1", ")", "; END" },
};

struct run {
	const struct shape *shape;
	enum so_dialect dialect;
	unsigned deepest; /* that was read */
	struct so_err err; /* of one level more */
	bool lenient;
};

static char *nested(TALLOC_CTX *ctx, const struct shape *shape, unsigned depth)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 1024 * 1024);
	so_buf_adds(&buf, shape->before);
	for (unsigned i = 0; i < depth; i++)
		so_buf_adds(&buf, shape->open);
	so_buf_adds(&buf, shape->middle);
	for (unsigned i = 0; i < depth; i++)
		so_buf_adds(&buf, shape->close);
	so_buf_adds(&buf, shape->after);
	return buf.data;
}

/* Parses at a depth, and lets every reader loose on what came out. */
static bool read_at(struct run *run, unsigned depth, bool readers)
{
	SO_TMP(tmp, NULL);
	char *text = nested(tmp, run->shape, depth);
	struct so_sql_options options = { .lenient = run->lenient };
	struct so_ast *ast;

	run->err = (struct so_err)SO_ERR_INIT;
	if (!so_sql_parse(tmp, NULL, run->dialect, text, strlen(text), &options, &ast, &run->err))
		return false;
	if (readers) {
		sql_read_tree(ast);
		sql_read_text(NULL, run->dialect, text, strlen(text), &options);
	}
	return true;
}

/* The deepest text that is read, found by halving, and everything that reads it. */
static void *search(void *arg)
{
	struct run *run = arg;
	unsigned low = 0, high = MOST;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (read_at(run, middle, false))
			low = middle;
		else
			high = middle;
	}
	run->deepest = low;
	if (low)
		(void)read_at(run, low, true);
	(void)read_at(run, high, false);
	return NULL;
}

static void run_small(struct run *run)
{
	pthread_attr_t attr;
	pthread_t thread;

	assert_int_equal(pthread_attr_init(&attr), 0);
	assert_int_equal(pthread_attr_setstacksize(&attr, STACK), 0);
	assert_int_equal(pthread_create(&thread, &attr, search, run), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attr);
}

static void check_shape(const struct shape *shape, enum so_dialect dialect)
{
	struct run run = { .shape = shape, .dialect = dialect };

	/* a stack that overflows ends the program, so say what it was */
	if (getenv("SO_STACK_VERBOSE"))
		fprintf(stderr, "%s: %s%s%s%s%s\n", so_dialects[dialect].name, shape->before, shape->open,
			shape->middle, shape->close, shape->after);
	run_small(&run);
	if (run.deepest < 5)
		fail_msg("%s: %s%s: only %u levels: %s", so_dialects[dialect].name, shape->before, shape->open,
			run.deepest, run.err.message);
	if (run.deepest + 1 < MOST &&
		(run.err.kind != SO_LIMIT || !strstr(run.err.message, "400") || run.err.position < 0))
		fail_msg("%s: %s%s: %u levels, then at %d: %s", so_dialects[dialect].name, shape->before, shape->open,
			run.deepest, run.err.position, run.err.message);
	/* the readers are the same in all dialects, and facts of deep queries take time */
	run.lenient = dialect == SO_POSTGRESQL;
	if (run.lenient)
		run_small(&run);
}

static void test_the_limit_fits_a_small_stack(void **state)
{
	(void)state;
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
			if (shapes[i].dialects >> d & 1)
				check_shape(&shapes[i], (enum so_dialect)d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_limit_fits_a_small_stack),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
