/* What no statement may do to us, in every dialect: deep nesting, long lists, long texts, bytes that are no SQL, ends
 * that are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "../lib/sql_readers.h"
#include "sql/parse/parser.h"
#include "sql/print.h"
#include "sql_fixture.h"
#include "sql_golden.h"

#define ROOM     (64u * 1024 * 1024)
#define NESTED   10000u
#define MiB      (1024u * 1024)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define ALL  ((1u << SO_DIALECT_MAX) - 1)
#define PG   (1u << SO_POSTGRESQL)
#define MY   (1u << SO_MYSQL | 1u << SO_MARIADB)
#define TSQL (1u << SO_TSQL)
#define ORA  (1u << SO_ORACLE)
#define LITE (1u << SO_SQLITE)

static const struct so_sql_options wide = { .max_bytes = ROOM };

static const char *name_of(enum so_dialect dialect)
{
	return so_dialects[dialect].name;
}

static const char *of(const char *const texts[SO_DIALECT_MAX], enum so_dialect dialect)
{
	return texts[dialect] ? texts[dialect] : texts[SO_POSTGRESQL];
}

/* From a copy without a byte behind it, so that sanitizers see a read past the end. */
static bool parse(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_ast **ast, struct so_err *err)
{
	char *copy = so_mem_need(malloc(len ? len : 1));
	bool done;

	memcpy(copy, text, len);
	*err = (struct so_err)SO_ERR_INIT;
	*ast = NULL;
	done = so_sql_parse(ctx, NULL, dialect, copy, len, options, ast, err);
	free(copy);
	return done;
}

static void check_print(TALLOC_CTX *ctx, const struct so_ast *ast)
{
	char *printed = so_sql_print(ctx, ast, so_ast_statement(ast));
	struct so_ast *again;
	struct so_err err;

	if (!parse(ctx, ast->dialect, printed, strlen(printed), &wide, &again, &err) ||
		!so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)))
		fail_msg("%s: printed as something else: %.200s", name_of(ast->dialect), printed);
	talloc_free(again);
	talloc_free(printed);
}

/* ---- Nesting ----------------------------------------------------------------------------------------------------- */

struct nest {
	unsigned dialects; /* that have it */
	const char *what;
	const char *before[SO_DIALECT_MAX]; /* absent: as in PostgreSQL */
	const char *open, *middle, *close;
	const char *after[SO_DIALECT_MAX];
};

#define DUAL                                                                                                           \
	{                                                                                                              \
		[SO_POSTGRESQL] = "", [SO_ORACLE] = " FROM dual"                                                       \
	}
#define PLAIN                                                                                                          \
	{                                                                                                              \
		"SELECT "                                                                                              \
	}

static const struct nest nests[] = {
	{ ALL, "parentheses", PLAIN, "(", "1", ")", DUAL },
	{ ALL, "CASE", PLAIN, "CASE WHEN a = ", "1", " THEN 2 END", DUAL },
	{ ALL, "subqueries", PLAIN, "(SELECT a FROM t WHERE b = ", "1", ")", DUAL },
	{ ALL, "derived tables", { "SELECT * FROM " }, "(SELECT * FROM ", "t", ") x", { "" } },
	{ ALL, "EXISTS", { "SELECT a FROM t WHERE " }, "EXISTS (SELECT b FROM t WHERE ", "a = 1", ")", { "" } },
	{ ALL, "casts", PLAIN, "CAST(", "a", " AS CHAR)", DUAL },
	{ ALL, "calls", PLAIN, "f(", "a", ")", DUAL },
	{ ALL, "minus", PLAIN, "- ", "a", "", DUAL },
	{ ALL, "NOT", { "SELECT a FROM t WHERE " }, "NOT (", "a = 1", ")", { "" } },
	{ ALL, "joins", { "SELECT * FROM " }, "(u JOIN ", "t", " ON u.a = 1)", { "" } },
	/* SQLite has no parentheses there */
	{ ALL & ~LITE, "set operations", { "" }, "(SELECT a FROM t UNION ALL ", "(SELECT a FROM t)", ")", { "" } },
	{ ALL, "IN", { "SELECT a FROM t WHERE " }, "a IN (SELECT b FROM u WHERE ", "c = 1", ")", { "" } },
	{ LITE, "IN without parentheses closed", PLAIN, "a IN (", "a", ")", { "" } },
	{ LITE, "RAISE", PLAIN, "RAISE(ABORT, ", "'a'", ")", { "" } },
	{ PG | LITE, "windows", PLAIN, "f() OVER (ORDER BY ", "1", ")", { "" } },
	{ PG | LITE, "FILTER", PLAIN, "count(*) FILTER (WHERE ", "a", ")", { "" } },
	{ MY, "AGAINST", PLAIN, "MATCH (a) AGAINST (", "1", ")", { "" } },
	{ LITE, "BETWEEN", { "SELECT 1 FROM t WHERE " }, "a BETWEEN ", "a", " AND 2", { "" } },
	{ PG, "ANY", PLAIN, "", "a", " = ANY (b)", { "" } },
	{ ALL, "CTEs", { "" }, "WITH x AS (", "SELECT 1 AS a", ") SELECT a FROM x", { "" } },
};

static char *nested(TALLOC_CTX *ctx, const struct nest *nest, enum so_dialect dialect, unsigned depth)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, ROOM);
	so_buf_adds(&buf, of(nest->before, dialect));
	for (unsigned i = 0; i < depth; i++)
		so_buf_adds(&buf, nest->open);
	so_buf_adds(&buf, nest->middle);
	for (unsigned i = 0; i < depth; i++)
		so_buf_adds(&buf, nest->close);
	so_buf_adds(&buf, of(nest->after, dialect));
	return buf.data;
}

static void check_nest(TALLOC_CTX *ctx, const struct nest *nest, enum so_dialect dialect)
{
	char *deep = nested(ctx, nest, dialect, NESTED), *shallow = nested(ctx, nest, dialect, 20);
	struct so_ast *ast;
	struct so_err err;

	if (!parse(ctx, dialect, shallow, strlen(shallow), NULL, &ast, &err))
		fail_msg("%s: %s do not nest: %s", name_of(dialect), nest->what, err.message);
	talloc_free(ast);
	if (parse(ctx, dialect, deep, strlen(deep), &wide, &ast, &err))
		fail_msg("%s: %u nested %s were read", name_of(dialect), NESTED, nest->what);
	if (err.kind != SO_LIMIT || !strstr(err.message, "400") || err.position <= 0 ||
		(size_t)err.position >= strlen(deep))
		fail_msg("%s: %s: at %d: %s", name_of(dialect), nest->what, err.position, err.message);
	talloc_free(deep);
	talloc_free(shallow);
}

static void test_deep_nesting_is_refused_where_it_is_too_deep(void **state)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(nests); i++)
			if (nests[i].dialects >> d & 1)
				check_nest(*state, &nests[i], (enum so_dialect)d);
}

/* ---- Reading again ----------------------------------------------------------------------------------------------- */

/* Bodies, most of them wrong at their end: what is tried again at each level takes twice the time with each level. */
static const struct nest bodies[] = {
	{ 1u << SO_MARIADB, "BEGIN NOT ATOMIC", { "" }, "BEGIN NOT ATOMIC ", "SELECT 1;", " END", { "" } },
	{ 1u << SO_MARIADB, "IF", { "" }, "IF a THEN ", "SELECT 1;", " END IF", { "" } },
	{ 1u << SO_MARIADB, "LOOP", { "" }, "LOOP ", "SELECT 1;", " END LOOP", { "" } },
	{ MY, "BEGIN", { "CREATE PROCEDURE p() " }, "BEGIN ", "SELECT 1;", " END", { "" } },
	{ MY, "labels", { "CREATE PROCEDURE p() " }, "x: BEGIN ", "SELECT 1;", " END", { "" } },
	{ MY, "IF", { "CREATE PROCEDURE p() " }, "IF a = 1 THEN ", "SELECT 1;", " END IF", { "" } },
	{ MY, "ELSE", { "CREATE PROCEDURE p() " }, "IF a = 1 THEN SELECT 1; ELSE ", "SELECT 1;", " END IF", { "" } },
	{ MY, "CASE", { "CREATE PROCEDURE p() " }, "CASE WHEN a = 1 THEN ", "SELECT 1;", " END CASE", { "" } },
	{ MY, "CASE with a value", { "CREATE PROCEDURE p() " }, "CASE a WHEN 1 THEN ", "SELECT 1;", " END CASE",
		{ "" } },
	{ MY, "WHILE", { "CREATE PROCEDURE p() " }, "WHILE a = 1 DO ", "SELECT 1;", " END WHILE", { "" } },
	{ MY, "REPEAT", { "CREATE PROCEDURE p() " }, "REPEAT ", "SELECT 1;", " UNTIL 1 END REPEAT", { "" } },
	{ MY, "handlers", { "CREATE PROCEDURE p() " }, "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND ", "SELECT 1;", " END",
		{ "" } },
	{ ORA, "BEGIN", { "" }, "BEGIN ", "NULL;", " END", { "" } },
	{ ORA, "DECLARE", { "" }, "DECLARE x NUMBER; BEGIN ", "NULL;", " END", { "" } },
	{ ORA, "EXCEPTION", { "" }, "BEGIN NULL; EXCEPTION WHEN OTHERS THEN ", "NULL;", " END", { "" } },
	{ ORA, "IF", { "BEGIN " }, "IF a = 1 THEN ", "NULL;", " END IF", { "" } },
	{ ORA, "LOOP", { "BEGIN " }, "LOOP ", "NULL;", " END LOOP", { "" } },
	{ ORA, "CASE", { "BEGIN " }, "CASE WHEN a = 1 THEN ", "NULL;", " END CASE", { "" } },
	{ TSQL, "BEGIN", { "" }, "BEGIN ", "SELECT 1", " END x", { "" } },
	{ TSQL, "IF", { "" }, "IF a = 1 BEGIN ", "SELECT 1", " END ELSE", { "" } },
	{ TSQL, "WHILE", { "" }, "WHILE a = 1 BEGIN ", "SELECT 1", " END )", { "" } },
	{ TSQL, "TRY", { "" }, "BEGIN TRY ", "SELECT 1", " END TRY", { "" } },
	{ PG, "BEGIN ATOMIC", { "" }, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ", "SELECT 1", " END", { "" } },
	{ PG, "rules", { "" }, "CREATE RULE r AS ON INSERT TO t DO (", "SELECT 1", " x)", { "" } },
	{ PG, "schemas", { "" }, "CREATE SCHEMA s ", "SELECT 1", "", { "" } },
};

static void check_body(TALLOC_CTX *ctx, const struct nest *nest, enum so_dialect dialect, bool lenient)
{
	struct so_sql_options options = { .lenient = lenient };
	char *text = nested(ctx, nest, dialect, 100);
	clock_t before = clock();
	struct so_ast *ast;
	struct so_err err;
	bool done = parse(ctx, dialect, text, strlen(text), &options, &ast, &err);

	/* some milliseconds, even where every access to memory is checked; a hundred levels of twice the time never end
	 */
	if (clock() - before > 2 * CLOCKS_PER_SEC)
		fail_msg("%s: %s: took %.1f s", name_of(dialect), nest->what,
			(double)(clock() - before) / CLOCKS_PER_SEC);
	if (!done && err.kind != SO_INPUT && err.kind != SO_LIMIT)
		fail_msg("%s: %s: %s", name_of(dialect), nest->what, err.message);
	talloc_free(ast);
	talloc_free(text);
}

static void test_bodies_are_read_in_linear_time(void **state)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(bodies); i++)
			for (int lenient = 0; lenient < 2 && bodies[i].dialects >> d & 1; lenient++)
				check_body(*state, &bodies[i], (enum so_dialect)d, lenient);
}

/* No statement that we know comes to the limit, so the count is driven by hand. */
static void test_what_is_read_again_has_a_limit(void **state)
{
	static const struct so_token tokens[11] = { { .off = 0 } };
	struct so_err err = SO_ERR_INIT;
	struct parse p = { .tok = tokens, .end = 10, .err = &err };
	unsigned rounds = 0;

	(void)state;
	for (; !p.failed && rounds < 1000; rounds++) {
		so_parse_go_to(&p, 7);
		so_parse_go_back(&p, 2);
		assert_int_equal(p.pos, p.failed ? 10 : 2);
	}
	assert_int_equal(rounds, (16 * 10 + 1000) / 5 + 1);
	assert_int_equal(err.kind, SO_LIMIT);
	assert_non_null(strstr(err.message, "1160 tokens"));
	so_parse_go_back(&p, 2);
	assert_int_equal(p.pos, 10);
}

/* ---- Length ------------------------------------------------------------------------------------------------------ */

struct chain {
	unsigned dialects;
	const char *what;
	unsigned count;
	const char *before, *item, *between, *after;
};

static const struct chain chains[] = {
	{ ALL, "IN list", 20000, "SELECT a FROM t WHERE a IN (", "%u", ", ", ")" },
	{ ALL, "AND", 20000, "SELECT a FROM t WHERE ", "a = %u", " AND ", "" },
	{ ALL, "OR", 20000, "SELECT a FROM t WHERE ", "a = %u", " OR ", "" },
	{ ALL, "plus", 20000, "SELECT a FROM t WHERE b = ", "%u", " + ", "" },
	{ ALL, "UNION ALL", 5000, "", "SELECT %u FROM t", " UNION ALL ", "" },
	{ ALL, "VALUES", 20000, "INSERT INTO t (a, b) VALUES ", "(%u, 'x')", ", ", "" },
	{ ALL, "columns", 20000, "SELECT ", "c%u", ", ", " FROM t" },
	/* in MySQL and MariaDB, where 61 tables are the limit, a chain of joins counts as nesting */
	{ ALL & ~MY, "joins", 5000, "SELECT a FROM ", "t%u", " CROSS JOIN ", "" },
};

static char *chained(TALLOC_CTX *ctx, const struct chain *chain, unsigned count)
{
	char item[64];
	struct so_buf buf;

	so_buf_init(&buf, ctx, ROOM);
	so_buf_adds(&buf, chain->before);
	for (unsigned i = 0; i < count; i++) {
		/* of one width, so that twice the items are twice the text */
		snprintf(item, sizeof item, chain->item, 100000 + i);
		so_buf_adds(&buf, i ? chain->between : "");
		so_buf_adds(&buf, item);
	}
	so_buf_adds(&buf, chain->after);
	return buf.data;
}

static struct so_ast *need_chain(TALLOC_CTX *ctx, const struct chain *chain, enum so_dialect dialect, const char *text)
{
	struct so_ast *ast;
	struct so_err err;

	if (!parse(ctx, dialect, text, strlen(text), &wide, &ast, &err))
		fail_msg("%s: %s: at %d: %s", name_of(dialect), chain->what, err.position, err.message);
	return ast;
}

static void check_chain(TALLOC_CTX *ctx, const struct chain *chain, enum so_dialect dialect)
{
	char *text = chained(ctx, chain, chain->count), *twice = chained(ctx, chain, 2 * chain->count);
	struct so_ast *ast = need_chain(ctx, chain, dialect, text), *more = need_chain(ctx, chain, dialect, twice);

	if ((double)so_ast_arena_used(more) > 2.05 * (double)so_ast_arena_used(ast) ||
		(double)more->arena_bytes > 3 * (double)ast->arena_bytes)
		fail_msg("%s: %s: %zu bytes for %u, %zu for twice as many", name_of(dialect), chain->what,
			so_ast_arena_used(ast), chain->count, so_ast_arena_used(more));
	check_print(ctx, ast);
	talloc_free(more);
	talloc_free(ast);
	talloc_free(twice);
	talloc_free(text);
}

static void test_long_lists_take_memory_in_proportion(void **state)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(chains); i++)
			if (chains[i].dialects >> d & 1)
				check_chain(*state, &chains[i], (enum so_dialect)d);
}

static void test_long_statements_are_refused_with_the_limit(void **state)
{
	char *text = so_mem_need(malloc(MiB));
	struct so_ast *ast;
	struct so_err err;

	memset(text, ' ', MiB);
	memcpy(text, "SELECT 1", 8);
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		assert_false(parse(*state, (enum so_dialect)d, text, MiB, NULL, &ast, &err));
		assert_int_equal(err.kind, SO_LIMIT);
		assert_string_equal(err.message, "the statement has 1048576 bytes, the limit is 262144");
	}
	free(text);
}

/* ---- Text that is no SQL ----------------------------------------------------------------------------------------- */

static const struct bad {
	unsigned dialects;
	const char *text; /* the mark ^ is not part of it: the error is there */
	const char *message; /* part of it */
} bads[] = {
	{ ALL, "SELECT a FROM t WHERE b = ^'abc", "unterminated quoted string" },
	{ PG | TSQL | ORA | LITE, "SELECT ^\"abc FROM t", "unterminated quoted identifier" },
	{ MY, "SELECT ^\"abc FROM t", "unterminated quoted string" },
	{ MY | LITE, "SELECT ^`abc FROM t", "unterminated quoted identifier" },
	{ TSQL | LITE, "SELECT ^[abc FROM t", "unterminated quoted identifier" },
	{ PG | MY | TSQL | ORA, "SELECT a ^/* abc", "unterminated /* comment" },
	{ PG, "SELECT ^$x$ abc", "unterminated dollar-quoted string" },
	{ PG, "SELECT ^E'abc\\'", "unterminated quoted string" },
	{ ORA, "SELECT ^q'[abc' FROM dual", "unterminated quoted string" },
	{ PG, "SELECT e'\\xe2\\x82\\xac', ^e'a\\000'", "invalid escape" },
	{ ALL, "SELECT a FRM ^t WHERE", "\"t\"" },
	{ ALL, "SELECT a FROM ^WHERE b = 1", "\"WHERE\"" },
	{ ALL, "SELECT a FROM t WHERE b = ^)", "\")\"" },
	{ ALL, "SELECT a FROM t WHERE b =^", "end of input" },
	{ ALL, "SELECT a,\n\tb\nFROM t, ^", "end of input" },
	{ ALL & ~TSQL, "^SELEKT a FROM t", "\"SELEKT\"" },
	{ TSQL, "SELEKT a ^FROM t", "\"FROM\"" }, /* a call of SELEKT */
	{ PG | TSQL | ORA, "SELECT a FROM ^`t`", "\"`" },
	{ PG | MY | ORA, "SELECT a FROM ^[t]", "\"[\"" },
	{ PG | MY | ORA | LITE, "SELECT TOP ^5 a FROM t", "\"5\"" },
	{ PG | MY | TSQL | LITE, "SELECT a FROM t CONNECT ^BY PRIOR b = c", "\"BY\"" },
	{ TSQL | ORA, "SELECT a FROM t LIMIT ^5", "\"5\"" },
	{ MY | ORA | LITE, "SELECT a^::int FROM t", "\":" },
	/* words that look like an operator of words */
	{ ORA, "SELECT (a - b) ^DAY TO", "\"DAY\"" },
	{ MY | TSQL | ORA, "SELECT DISTINCT ^ON (a) b FROM t", "\"ON\"" },
	{ PG | TSQL | ORA, "INSERT INTO t (a) VALUES (1) ^ON DUPLICATE KEY UPDATE a = 2", "\"ON\"" },
	{ LITE, "INSERT INTO t (a) VALUES (1) ON ^DUPLICATE KEY UPDATE a = 2", "\"DUPLICATE\"" },
};

static void check_bad(TALLOC_CTX *ctx, const struct bad *bad, enum so_dialect dialect)
{
	size_t mark = strcspn(bad->text, "^");
	char *text = talloc_asprintf(ctx, "%.*s%s", (int)mark, bad->text, bad->text + mark + 1);
	struct so_ast *ast;
	struct so_err err;

	if (parse(ctx, dialect, text, strlen(text), NULL, &ast, &err))
		fail_msg("%s: read: %s", name_of(dialect), text);
	if (err.kind != SO_INPUT || err.position != (int32_t)mark || !strstr(err.message, bad->message))
		fail_msg("%s: %s: at %d: %s", name_of(dialect), text, err.position, err.message);
	talloc_free(text);
}

static void test_errors_tell_the_place_and_the_token(void **state)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(bads); i++)
			if (bads[i].dialects >> d & 1)
				check_bad(*state, &bads[i], (enum so_dialect)d);
}

static const struct bytes {
	const char *bytes;
	size_t len;
} bytes[] = { { "\0", 1 }, { "\xff", 1 }, { "\xc3", 1 }, { "\xc0\x80", 2 }, { "\xed\xa0\x80", 3 },
	{ "\xf5\x80\x80\x80", 4 }, { "\x80", 1 } };

static const struct place {
	const char *before, *after;
} places[] = { { "SELECT ", " FROM t" }, { "SELECT 'a", "b' FROM t" }, { "SELECT a", " FROM t" }, { "", "" },
	{ "SELECT a /* x", " */ FROM t" }, { "SELECT \"a", "\" FROM t" }, { "SELECT 1 ", "" } };

/* NUL and what is no UTF-8 is refused with its place and the byte, wherever it stands, in both modes; what is in front
 * of it is still redacted. */
static void check_bytes(TALLOC_CTX *ctx, enum so_dialect dialect, const struct place *place, const struct bytes *wrong)
{
	char text[64], byte[8];
	size_t before = strlen(place->before), after = strlen(place->after), len = before + wrong->len + after;
	struct so_ast *ast;
	struct so_err err;
	char *redacted;

	memcpy(text, place->before, before);
	memcpy(text + before, wrong->bytes, wrong->len);
	memcpy(text + before + wrong->len, place->after, after);
	snprintf(byte, sizeof byte, *wrong->bytes ? "0x%02X" : "NUL", (unsigned)(unsigned char)*wrong->bytes);
	for (unsigned lenient = 0; lenient < 2; lenient++) {
		/* an incomplete character at the end of a lenient text is a cut */
		if (lenient && !after)
			continue;
		if (parse(ctx, dialect, text, len, &(struct so_sql_options){ .lenient = lenient }, &ast, &err))
			fail_msg("%s: %s was read behind %s", name_of(dialect), byte, place->before);
		if (err.kind != SO_INPUT || err.position != (int32_t)before || !strstr(err.message, byte))
			fail_msg("%s: %s<%s>%s: at %d: %s", name_of(dialect), place->before, byte, place->after,
				err.position, err.message);
	}
	redacted = so_sql_redact(ctx, NULL, dialect, text, len);
	if (strstr(place->before, "SELECT") && !strstr(redacted, "SELECT"))
		fail_msg("%s: %s was redacted to %s", name_of(dialect), place->before, redacted);
	talloc_free(redacted);
}

/* Control characters are no tokens. */
static void check_control(TALLOC_CTX *ctx, enum so_dialect dialect)
{
	struct so_ast *ast;
	struct so_err err;

	if (parse(ctx, dialect, "SELECT \x01 a", 10, NULL, &ast, &err) || err.position != 7 ||
		!strstr(err.message, "0x01"))
		fail_msg("%s: a control character: at %d: %s", name_of(dialect), err.position, err.message);
}

static void test_bytes_that_are_no_text(void **state)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		check_control(*state, (enum so_dialect)d);
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t p = 0; p < COUNT(places); p++)
			for (size_t i = 0; i < COUNT(bytes); i++)
				check_bytes(*state, (enum so_dialect)d, &places[p], &bytes[i]);
}

/* ---- Ends that are missing --------------------------------------------------------------------------------------- */

struct cuts {
	TALLOC_CTX *ctx;
	unsigned lines[SO_DIALECT_MAX];
	unsigned cuts[SO_DIALECT_MAX]; /* behind the first word, with and without "..." */
	unsigned refused[SO_DIALECT_MAX];
};

static bool parse_cut(
	struct cuts *cuts, enum so_dialect dialect, const char *text, size_t len, bool lenient, bool *truncated)
{
	const struct so_sql_options options = { .lenient = lenient };
	struct so_ast *ast;
	struct so_err err;

	sql_read_text(NULL, dialect, text, len, &options);
	if (parse(cuts->ctx, dialect, text, len, &options, &ast, &err)) {
		*truncated = ast->sources[0].truncated;
		sql_read_tree(ast);
		talloc_free(ast);
		return true;
	}
	if (err.kind != SO_INPUT || err.position < 0 || (size_t)err.position > len || !err.message[0])
		fail_msg("%s%s: %.*s: at %d: %s", name_of(dialect), lenient ? ", lenient" : "", (int)len, text,
			err.position, err.message);
	return false;
}

static void check_cut(struct cuts *cuts, const struct golden *line, size_t len)
{
	char *dotted = talloc_asprintf(cuts->ctx, "%.*s...", (int)len, line->sql);
	bool counts = len >= strcspn(line->sql, " "), truncated = false;
	bool whole = parse_cut(cuts, line->dialect, line->sql, len, false, &truncated);

	cuts->cuts[line->dialect] += counts ? 2 : 0;
	if (!parse_cut(cuts, line->dialect, line->sql, len, true, &truncated))
		cuts->refused[line->dialect] += counts;
	else if (!whole && !truncated && line->dialect != SO_POSTGRESQL)
		/* PostgreSQL's OPAQUE statements are not held to their grammar in lenient mode */
		fail_msg("%s: not called cut: %.*s", name_of(line->dialect), (int)len, line->sql);
	if (!parse_cut(cuts, line->dialect, dotted, len + 3, true, &truncated))
		cuts->refused[line->dialect] += counts;
	else if (!truncated)
		fail_msg("%s: not called cut: %s", name_of(line->dialect), dotted);
	talloc_free(dotted);
}

static void cut_everywhere(const struct golden *line, void *arg)
{
	struct cuts *cuts = arg;
	bool truncated = true;

	cuts->lines[line->dialect]++;
	for (size_t len = 0; len < strlen(line->sql); len++)
		check_cut(cuts, line, len);
	if (!parse_cut(cuts, line->dialect, line->sql, strlen(line->sql), true, &truncated) || truncated)
		fail_msg("%s: refused or called cut: %s", name_of(line->dialect), line->sql);
}

static void test_cut_statements_are_errors_or_marked(void **state)
{
	struct cuts cuts = { .ctx = *state };

	each_golden(cut_everywhere, &cuts);
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		assert_true(cuts.lines[d] >= 20);
		if (cuts.refused[d] * 200 > cuts.cuts[d])
			fail_msg("%s: of %u cuts %u are refused", so_dialects[d].name, cuts.cuts[d], cuts.refused[d]);
	}
}

/* Views cut bytes, not characters. */
static void test_a_cut_inside_a_character(void **state)
{
	static const char *const texts[] = { "SELECT a, na\xC3", "SELECT a, na\xE2\x82...",
		"SELECT a FROM t WHERE b = 'x\xF0\x9F\x98", "SELECT a /* \xC3..." };
	struct cuts cuts = { .ctx = *state };

	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(texts); i++) {
			bool truncated = false;

			if (parse_cut(&cuts, (enum so_dialect)d, texts[i], strlen(texts[i]), false, &truncated))
				fail_msg("%s: read as a whole: %s", name_of((enum so_dialect)d), texts[i]);
			if (!parse_cut(&cuts, (enum so_dialect)d, texts[i], strlen(texts[i]), true, &truncated) ||
				!truncated)
				fail_msg("%s: not read as cut: %s", name_of((enum so_dialect)d), texts[i]);
		}
}

/* Wrong texts are errors in lenient mode, too, unless the end of the text may be the reason. */
static void test_lenient_refuses_what_is_wrong(void **state)
{
	static const struct {
		unsigned dialects;
		const char *text;
	} wrong[] = {
		{ ALL & ~TSQL, "SELEKT a, b FROM t WHERE c = 1" },
		{ ALL, "SELECT a FROM t WHERE b = = 1 AND c = 2 AND d = 3" },
		{ ALL & ~TSQL, "SELECT a FROM t; SELECT b" },
		{ ALL, "SELECT a FROM t WHERE ) AND b = 1 AND c = 2" },
		{ ALL, "UPDATE t SET a 1, b = 2, c = 3 WHERE d = 4" },
		{ ALL, "INSERT INTO t (a, b c, d) VALUES (1, 2, 3, 4)" },
		{ MY, "GRANT SELECT AND UPDATE ON a.b TO someone, anyone, noone" },
	};
	struct cuts cuts = { .ctx = *state };
	bool truncated;

	for (int d = 0; d < SO_DIALECT_MAX; d++)
		for (size_t i = 0; i < COUNT(wrong); i++)
			if ((wrong[i].dialects >> d & 1) && parse_cut(&cuts, (enum so_dialect)d, wrong[i].text,
								    strlen(wrong[i].text), true, &truncated))
				fail_msg("%s: read: %s", name_of((enum so_dialect)d), wrong[i].text);
}

/* The left side of every operator begins where the sum does, and each of them ends with its right side. */
static enum so_walk check_span(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	size_t begin, len, right, right_len;
	size_t *seen = arg;

	(void)parent;
	assert_true(so_ast_span(ast, ref, &begin, &len));
	if (so_ast_kind(ast, ref) == SO_N_OP) {
		assert_int_equal(begin, strlen("SELECT "));
		assert_true(so_ast_span(ast, so_as_op(ast, ref)->right, &right, &right_len));
		assert_int_equal(begin + len, right + right_len);
		++*seen;
	} else if (so_ast_kind(ast, ref) == SO_N_CONST) {
		struct so_text value = so_ast_str(ast, so_as_const(ast, ref)->value);

		assert_true(so_text_equal(so_ast_source_of(ast, ref), value));
		assert_int_equal(begin, value.s - so_ast_source_text(ast, 0).s);
	}
	return SO_WALK_ON;
}

/* More tokens than the headers of nodes have bits for. */
static void test_spans_of_long_statements(void **state)
{
	static const size_t terms[] = { 10, SO_SPAN_REST / 2 + 2, (1u << SO_SPAN_FIRST_BITS) / 2 + 3000 };

	for (size_t i = 0; i < COUNT(terms); i++) {
		struct so_buf text;
		struct so_ast *ast;
		struct so_err err;
		size_t seen = 0;

		so_buf_init(&text, *state, ROOM);
		so_buf_adds(&text, "SELECT 1");
		for (size_t n = 1; n < terms[i]; n++)
			so_buf_addf(&text, " + %zu", n);
		assert_true(parse(*state, SO_POSTGRESQL, text.data, text.len, &wide, &ast, &err));
		so_ast_walk(ast, so_ast_statement(ast), check_span, &seen);
		assert_int_equal(seen, terms[i] - 1);
		talloc_free(ast);
		talloc_free(text.data);
	}
}

#define FIRST_CHUNK 1024u /* bytes of a tree that was made by so_ast_new */

struct boundaries {
	struct so_parser *parser;
	unsigned trees;
};

/* The statement behind more and more white space, so that the first chunk of the tree ends at each of its nodes. */
static void parse_at_boundaries(const struct golden *line, void *arg)
{
	struct boundaries *seen = arg;
	size_t len = strlen(line->sql);
	char *text = malloc(FIRST_CHUNK + len + 1);

	assert_non_null(text);
	memset(text, ' ', FIRST_CHUNK);
	memcpy(text + FIRST_CHUNK, line->sql, len + 1);
	for (size_t blanks = 0; blanks < FIRST_CHUNK; blanks += 4) {
		struct so_ast *ast = so_ast_new(NULL, line->dialect);
		struct so_err err = SO_ERR_INIT;

		if (so_sql_parse_again(ast, seen->parser, text + FIRST_CHUNK - blanks, len + blanks, NULL, &err)) {
			assert_int_equal(so_sql_fingerprint(ast, so_ast_statement(ast)), line->fingerprint);
			seen->trees++;
		}
		talloc_free(ast);
	}
	free(text);
}

static void test_trees_do_not_depend_on_where_chunks_end(void **state)
{
	struct boundaries seen = { .parser = so_parser_new(*state) };

	each_golden(parse_at_boundaries, &seen);
	assert_true(seen.trees > 10000);
	talloc_free(seen.parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_deep_nesting_is_refused_where_it_is_too_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies_are_read_in_linear_time, setup, teardown),
		cmocka_unit_test(test_what_is_read_again_has_a_limit),
		cmocka_unit_test_setup_teardown(test_long_lists_take_memory_in_proportion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_statements_are_refused_with_the_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spans_of_long_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trees_do_not_depend_on_where_chunks_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_tell_the_place_and_the_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes_that_are_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_statements_are_errors_or_marked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_cut_inside_a_character, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lenient_refuses_what_is_wrong, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
