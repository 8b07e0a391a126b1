/* Time grows with the length of a statement, not with its square: each long shape, in each dialect, by each reader, at
 * one size and at four times that size. Linear readers take four times as long, quadratic ones sixteen times; more than
 * eleven times, in every one of several runs, is a failure. SO_LINEAR_SCALE makes the statements longer (8 gives 1
 * MiB), and SO_LINEAR_VERBOSE tells each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "advise/lint.h"
#include "base/buf.h"
#include "core/catalog.h"
#include "sql/build.h"
#include "sql/comments.h"
#include "sql/facts.h"
#include "sql/fingerprint.h"
#include "sql/names.h"
#include "sql/print.h"
#include "sql/resolve.h"

#define ROOM  (64u * 1024 * 1024)
#define TIMES 4u /* the larger size */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH 1000.0 /* the sanitizer's own work is not linear: only that the readers are right counts */
#else
#define GROWTH 11.0 /* that is too much; caches that overflow make 4 times up to 9 */
#endif
#define UNTOLD     3.0 /* ms: shorter times say nothing */
#define LEAST      0.25 /* ms: what a shorter time counts as */
#define RUNS       4 /* the least time of up to so many counts */
#define MAX_BLOCKS 20u /* whose facts are asked */
#define MAX_ASKED  20u /* expressions of each */

#define ALL  ((1u << SO_DIALECT_MAX) - 1)
#define PG   (1u << SO_POSTGRESQL)
#define MY   (1u << SO_MYSQL | 1u << SO_MARIADB)
#define TSQL (1u << SO_TSQL)

/* %u is the number of the item. Items named c100000 and so on are columns of the tables. */
struct shape {
	unsigned dialects;
	const char *what;
	unsigned count; /* of items at the larger size */
	const char *before, *item, *between, *after;
	bool scripts; /* not one statement: does not parse */
};

static const struct shape shapes[] = {
	{ ALL, "select list", 8000, "SELECT ", "c%u", ", ", " FROM t" },
	{ ALL, "aliases", 8000, "SELECT ", "a AS a%u", ", ", " FROM t" },
	{ ALL, "qualified columns", 8000, "SELECT ", "t.c%u", ", ", " FROM t" },
	{ ALL, "AND", 8000, "SELECT a FROM t WHERE ", "a = %u", " AND ", "" },
	{ ALL, "AND of columns", 8000, "SELECT a FROM t WHERE ", "c%u = 1", " AND ", "" },
	{ ALL, "OR", 8000, "SELECT a FROM t WHERE ", "a = %u", " OR ", "" },
	{ ALL, "OR of AND", 4000, "SELECT a FROM t WHERE ", "a = %u AND b = 2", " OR ", "" },
	{ ALL, "equal columns", 4000, "SELECT a FROM t WHERE ", "c%u = b", " AND ", "" },
	{ ALL, "IN list", 8000, "SELECT a FROM t WHERE a IN (", "%u", ", ", ")" },
	{ ALL, "strings", 8000, "SELECT a FROM t WHERE a IN (", "'%u abc def'", ", ", ")" },
	{ ALL, "NOT IN", 6000, "SELECT a FROM t WHERE ", "a NOT IN (%u, 2)", " AND ", "" },
	{ ALL, "BETWEEN", 6000, "SELECT a FROM t WHERE ", "a BETWEEN %u AND 999999999", " OR ", "" },
	{ ALL, "LIKE", 6000, "SELECT a FROM t WHERE ", "a LIKE '%u'", " OR ", "" },
	{ ALL, "plus", 8000, "SELECT a FROM t WHERE b = ", "%u", " + ", "" },
	{ ALL & ~(MY | TSQL), "concatenation", 8000, "SELECT ", "'%u'", " || ", " AS x FROM t" },
	{ ALL, "WHEN", 6000, "SELECT CASE ", "WHEN a = %u THEN 1", " ", " END FROM t" },
	{ ALL, "calls", 8000, "SELECT ", "f%u(a)", ", ", " FROM t" },
	{ ALL, "parentheses", 6000, "SELECT ", "(a)", " + ", " FROM t" },
	{ ALL, "windows", 3000, "SELECT ", "SUM(a) OVER (PARTITION BY c%u)", ", ", " FROM t" },
	{ ALL, "GROUP BY", 8000, "SELECT 1 FROM t GROUP BY ", "c%u", ", ", "" },
	{ ALL, "ORDER BY", 8000, "SELECT 1 FROM t ORDER BY ", "c%u", ", ", "" },
	{ ALL, "UNION ALL", 2500, "", "SELECT a FROM t WHERE a = %u", " UNION ALL ", "" },
	{ ALL, "CTEs", 2000, "WITH ", "x%u AS (SELECT a FROM t)", ", ", " SELECT 1 FROM t" },
	{ ALL, "CTEs that are used", 2000, "WITH x99999 AS (SELECT a FROM t), ", "x%u AS (SELECT a FROM x99999)", ", ",
		" SELECT 1 FROM t" },
	{ ALL, "joins without conditions in common", 1000, "SELECT t.a FROM t", " JOIN u u%u ON t.a = 1", "", "" },
	{ ALL, "joins of one key", 1000, "SELECT 1 FROM t", " JOIN u u%u ON u%u.b = t.a", "", "" },
	{ ALL, "left joins", 1000, "SELECT 1 FROM t", " LEFT JOIN u u%u ON u%u.a = t.a", "", "" },
	{ ALL, "tables", 2000, "SELECT 1 FROM ", "t%u", ", ", "" },
	{ ALL, "tables with aliases", 2000, "SELECT 1 FROM ", "u u%u", ", ", "" },
	{ ALL, "derived tables", 1000, "SELECT 1 FROM ", "(SELECT a FROM t) x%u", ", ", "" },
	{ ALL, "IN of queries", 1000, "SELECT 1 FROM t WHERE ", "a IN (SELECT b FROM u WHERE b > %u)", " OR ", "" },
	{ ALL, "EXISTS", 1000, "SELECT 1 FROM t WHERE ", "EXISTS (SELECT 1 FROM u WHERE u.b = t.a AND u.c > %u)",
		" AND ", "" },
	{ ALL, "scalar queries", 1000, "SELECT ", "(SELECT MAX(b) FROM u WHERE u.b > %u)", ", ", " FROM t" },
	{ ALL, "VALUES", 8000, "INSERT INTO t (a, b) VALUES ", "(%u, 'x')", ", ", "" },
	{ ALL, "UPDATE", 6000, "UPDATE t SET ", "c%u = 1", ", ", "" },
	{ ALL, "columns of a table", 6000, "CREATE TABLE t (", "c%u int", ", ", ")" },
	{ ALL, "constraints", 3000, "CREATE TABLE t (a int, ", "CONSTRAINT k%u CHECK (a > 1)", ", ", ")" },
	{ ALL, "comments", 8000, "SELECT a ", "/* %u */", " ", " FROM t" },
	{ ALL, "line comments", 8000, "SELECT a ", "-- %u\n", "", " FROM t" },
	{ ALL, "comments of arguments", 4000, "SELECT f(", "a /* %u */", ", ", ") FROM t" },
	{ ALL, "one string", 60000, "SELECT '", "x", "", "' FROM t" },
	{ ALL, "one comment", 60000, "SELECT /* ", "x", "", " */ a FROM t" },
	{ ALL & ~PG & ~TSQL, "placeholders", 8000, "SELECT a FROM t WHERE a IN (", ":p%u", ", ", ")" },
	{ MY, "calls of IF in a body", 6000, "CREATE PROCEDURE p() BEGIN ", "SET @a = IF(b, %u, 1)", "; ", "; END" },
	{ MY, "IF without THEN", 6000, "", "DO IF a", " ", "", true },
	{ ALL, "statements", 3000, "", "SELECT a FROM t WHERE a = %u", ";\n", "", true },
};

enum step {
	SPLIT,
	NORMALIZE,
	REDACT,
	FORMAT,
	PARSE,
	PRINT,
	PRETTY,
	FINGERPRINT,
	CLASSIFY,
	NAMES,
	RESOLVE,
	FACTS,
	LINT,
	STEPS
};

static const char *const steps[STEPS] = { "split", "normalise", "redact", "format", "parse", "print", "pretty",
	"fingerprint", "classify", "names", "resolve", "facts", "lint" };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Statement i of the shape's items from a number on, so that all have one length. */
static char *make(TALLOC_CTX *ctx, const struct shape *shape, unsigned count)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, ROOM);
	so_buf_adds(&buf, shape->before);
	for (unsigned i = 0; i < count; i++) {
		so_buf_adds(&buf, i ? shape->between : "");
		for (const char *c = shape->item; *c; c++) {
			if (c[0] == '%' && c[1] == 'u') {
				so_buf_addf(&buf, "%u", 100000 + i);
				c++;
			} else {
				so_buf_addc(&buf, *c);
			}
		}
	}
	so_buf_adds(&buf, shape->after);
	return buf.data;
}

/* ---- The catalog: every table that the statement mentions ------------------------------------------------------- */

static void fill(TALLOC_CTX *ctx, struct so_table *table, const char *name, unsigned wide, bool upper)
{
	struct so_key *key = so_new(ctx, struct so_key);
	unsigned count = 3 + wide;

	*table = (struct so_table){ .schema = so_strdup(ctx, "public"), .name = so_strdup(ctx, name) };
	table->columns = so_new_array(ctx, struct so_column, count);
	table->n_columns = count;
	for (unsigned i = 0; i < count; i++) {
		char column[20];

		if (i < 3)
			snprintf(column, sizeof column, "%c", (upper ? "ABC" : "abc")[i]);
		else
			snprintf(column, sizeof column, "%c%u", upper ? 'C' : 'c', 100000 + i - 3);
		table->columns[i] = (struct so_column){ .name = so_strdup(ctx, column),
			.type = so_strdup(ctx, "bigint"),
			.type_class = SO_TYPE_INT,
			.width_bits = 64,
			.not_null = i == 0 };
	}
	*key = (struct so_key){ .name = so_strdup(ctx, "k"),
		.kind = SO_KEY_PRIMARY,
		.validated = true,
		.n_columns = 1,
		.columns = so_new_array(ctx, int32_t, 1) };
	key->columns[0] = 0;
	table->n_keys = 1;
	table->keys = key;
}

static struct so_catalog *make_catalog(
	TALLOC_CTX *ctx, const struct shape *shape, unsigned count, const struct so_ast *ast)
{
	const struct so_sql_names *names = so_sql_names(ctx, ast, so_ast_statement(ast));
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);
	bool wide = strstr(shape->item, "c%u") != NULL;

	catalog->engine = so_strdup(ctx, so_dialects[ast->dialect].name);
	catalog->n_search_path = 1;
	catalog->search_path = so_new_array(ctx, char *, 1);
	catalog->search_path[0] = so_strdup(ctx, "public");
	catalog->tables = so_new_array(ctx, struct so_table, names->table_count + 1);
	for (size_t i = 0; i < names->table_count; i++)
		fill(ctx, &catalog->tables[catalog->n_tables++], names->tables[i].name, wide ? count : 0,
			so_dialects[ast->dialect].name_case == SO_CASE_UPPER);
	return catalog;
}

/* ---- The readers ------------------------------------------------------------------------------------------------- */

struct asked {
	const struct so_resolved *resolved;
	so_ref where;
	unsigned count;
};

static enum so_walk ask(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct asked *asked = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	if (kind != SO_N_COLUMN && kind != SO_N_CONST && kind != SO_N_OP && kind != SO_N_FUNC && kind != SO_N_BOOL)
		return SO_WALK_ON;
	(void)so_expr_type(asked->resolved, ref);
	(void)so_expr_not_null(asked->resolved, ref, asked->where);
	(void)so_expr_volatility(asked->resolved, ref);
	(void)so_expr_is_fixed(asked->resolved, ref);
	return ++asked->count < MAX_ASKED ? SO_WALK_ON : SO_WALK_STOP;
}

static void ask_block(const struct so_resolved *resolved, int32_t block)
{
	const struct so_ast *ast = resolved->ast;
	so_ref node = resolved->blocks[block].node;
	struct asked asked = { .resolved = resolved };
	int32_t first = 0;

	(void)so_block_max_one_row(resolved, block);
	(void)so_block_rows_unique(resolved, block, NULL, 0);
	if (resolved->blocks[block].n_outputs)
		(void)so_block_outputs_unique(resolved, block, &first, 1);
	if (so_ast_kind(ast, node) == SO_N_SELECT)
		asked.where = so_as_select(ast, node)->where;
	if (asked.where)
		(void)so_cond_rejects_null(resolved, asked.where, 0, 1);
	so_ast_walk(ast, node, ask, &asked);
}

#define TIME(step, ...)                                                                                                \
	do {                                                                                                           \
		double start_ = now(), took_;                                                                          \
		__VA_ARGS__;                                                                                           \
		took_ = now() - start_;                                                                                \
		if (took_ < ms[step])                                                                                  \
			ms[step] = took_;                                                                              \
	} while (0)

static void read_tree(TALLOC_CTX *ctx, const struct shape *shape, unsigned count, struct so_ast *ast, double *ms)
{
	so_ref root = so_ast_statement(ast);
	struct so_err err = SO_ERR_INIT;
	struct so_resolved *resolved = NULL;
	struct so_finding_list *findings = so_new(ctx, struct so_finding_list);
	const struct so_catalog *catalog = make_catalog(ctx, shape, count, ast);
	struct so_sql_class cls;

	TIME(PRINT, (void)so_sql_print(ctx, ast, root));
	TIME(PRETTY, (void)so_sql_pretty(ctx, ast, root));
	TIME(FINGERPRINT, (void)so_sql_fingerprint(ast, root));
	TIME(CLASSIFY, so_sql_classify(ast, root, &cls));
	TIME(NAMES, (void)so_sql_names(ctx, ast, root));
	TIME(RESOLVE, if (!so_sql_resolve(ctx, ast, root, catalog, &resolved, &err)) resolved = NULL);
	if (!resolved) {
		if (so_kind_is_query(so_ast_kind(ast, root)))
			fail_msg("%s: %s: %s", so_dialects[ast->dialect].name, shape->what, err.message);
		TIME(LINT, so_lint(ast, root, NULL, findings));
		return;
	}
	TIME(FACTS, for (size_t i = 0; i < resolved->n_blocks && i < MAX_BLOCKS; i++) ask_block(resolved, (int32_t)i));
	TIME(LINT, so_lint(ast, root, resolved, findings));
}

static void read_all(const struct shape *shape, unsigned count, enum so_dialect dialect, double *ms)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_sql_options options = { .max_bytes = ROOM };
	struct so_err err = SO_ERR_INIT;
	char *text = make(ctx, shape, count);
	size_t len = strlen(text), pieces;
	struct so_ast *ast = NULL;
	struct so_sql_piece *piece;
	bool done = false;

	TIME(SPLIT, done = so_sql_split(ctx, NULL, dialect, text, len, &options, &piece, &pieces, &err));
	assert_true(done);
	TIME(NORMALIZE, (void)so_sql_normalize(ctx, NULL, dialect, text, len, &options, &err));
	TIME(REDACT, (void)so_sql_redact(ctx, NULL, dialect, text, len));
	TIME(FORMAT, (void)so_sql_format(ctx, NULL, dialect, text, len, &options, &err));
	TIME(PARSE, done = so_sql_parse(ctx, NULL, dialect, text, len, &options, &ast, &err));
	if (done)
		read_tree(ctx, shape, count, ast, ms);
	else if (!shape->scripts && err.kind != SO_LIMIT)
		fail_msg("%s: %s: %s", so_dialects[dialect].name, shape->what, err.message);
	talloc_free(ctx);
}

/* ---- The judgement ----------------------------------------------------------------------------------------------- */

static bool is_too_slow(double small, double large)
{
	return large > UNTOLD && large > GROWTH * (small > LEAST ? small : LEAST);
}

/* Number of readers whose time grows too fast. A busy machine is given further tries. */
static unsigned judge(const struct shape *shape, enum so_dialect dialect, unsigned scale)
{
	double small[STEPS], large[STEPS];
	unsigned wrong = 1;

	for (size_t i = 0; i < STEPS; i++)
		small[i] = large[i] = 1e9;
	for (int run = 0; run < RUNS && wrong; run++) {
		read_all(shape, shape->count * scale / TIMES, dialect, small);
		read_all(shape, shape->count * scale, dialect, large);
		wrong = 0;
		for (size_t i = 0; i < STEPS; i++)
			wrong += large[i] < 1e9 && is_too_slow(small[i], large[i]);
	}
	for (size_t i = 0; i < STEPS; i++) {
		if (large[i] >= 1e9 || (!getenv("SO_LINEAR_VERBOSE") && !is_too_slow(small[i], large[i])))
			continue;
		print_message("%s: %s: %s: %.2f ms, %.2f ms for %u times as much%s\n", so_dialects[dialect].name,
			shape->what, steps[i], small[i], large[i], TIMES,
			is_too_slow(small[i], large[i]) ? ": not linear" : "");
	}
	return wrong;
}

static void test_time_grows_with_the_length(void **state)
{
	const char *asked = getenv("SO_LINEAR_SCALE"), *only = getenv("SO_LINEAR_ONLY");
	unsigned scale = asked ? (unsigned)atoi(asked) : 1, wrong = 0;

	(void)state;
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
			if ((shapes[i].dialects >> d & 1) && (!only || strstr(shapes[i].what, only)))
				wrong += judge(&shapes[i], (enum so_dialect)d, scale ? scale : 1);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_time_grows_with_the_length) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
