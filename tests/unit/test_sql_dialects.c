/* Lexers, names, levels and redaction of the dialects, driven by sql/dialect.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sql/fingerprint.h"
#include "sql/lex.h"
#include "sql/print.h"

static const char *const kinds[SO_TOK_MAX] = {
	[SO_TOK_WORD] = "word",
	[SO_TOK_QUOTED] = "name",
	[SO_TOK_UQUOTED] = "uname",
	[SO_TOK_INT] = "int",
	[SO_TOK_FLOAT] = "float",
	[SO_TOK_STRING] = "string",
	[SO_TOK_ESTRING] = "estring",
	[SO_TOK_QSTRING] = "qstring",
	[SO_TOK_USTRING] = "ustring",
	[SO_TOK_NSTRING] = "nstring",
	[SO_TOK_BITS] = "bits",
	[SO_TOK_HEX] = "hex",
	[SO_TOK_DOLLAR] = "dollar",
	[SO_TOK_PARAM] = "param",
	[SO_TOK_OP] = "op",
	[SO_TOK_LPAREN] = "p",
	[SO_TOK_RPAREN] = "p",
	[SO_TOK_LBRACKET] = "p",
	[SO_TOK_RBRACKET] = "p",
	[SO_TOK_COMMA] = "p",
	[SO_TOK_SEMICOLON] = "p",
	[SO_TOK_DOT] = "p",
	[SO_TOK_DOTS] = "dots",
	[SO_TOK_COLON] = "p",
	[SO_TOK_CAST] = "cast",
	[SO_TOK_ASSIGN] = "assign",
	[SO_TOK_ARROW] = "arrow",
	[SO_TOK_VARIABLE] = "var",
	[SO_TOK_AT] = "at",
	[SO_TOK_LBRACE] = "p",
	[SO_TOK_RBRACE] = "p",
};

/* The tokens of a text: kind and spelling, known words with a *. NULL after an error. */
static char *tokens_of(TALLOC_CTX *ctx, enum so_dialect dialect, uint32_t version, unsigned modes, const char *sql)
{
	struct so_token tokens[200];
	char text[200 + SO_LEX_PADDING] = { 0 };
	struct so_lexer lexer = { .text = text,
		.len = (uint32_t)strlen(sql),
		.dialect = dialect,
		.version = version,
		.features = so_dialect_features(dialect, version, modes),
		.tokens = tokens };
	struct so_err err = SO_ERR_INIT;
	struct so_buf buf;

	assert_true(strlen(sql) < 200);
	memcpy(text, sql, strlen(sql));
	if (!so_lex(&lexer, &err))
		return NULL;
	so_buf_init(&buf, ctx, 10000);
	for (uint32_t i = 0; i + 1 < lexer.count; i++) {
		const struct so_token *token = &tokens[i];

		so_buf_addf(&buf, "%s%s%s:%.*s", i ? " " : "", kinds[token->kind],
			token->kind == SO_TOK_WORD && token->kw ? "*" : "", (int)token->len, text + token->off);
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

static const struct {
	enum so_dialect dialect;
	uint32_t version;
	unsigned modes;
	const char *sql, *tokens; /* NULL: an error */
} lexed[] = {
	/* PostgreSQL */
	{ SO_POSTGRESQL, 0, 0, "a@>b -- x", "word:a op:@> word:b" },
	{ SO_POSTGRESQL, 0, 0, "$1::int /* a /* b */ c */", "param:$1 cast::: word*:int" },
	{ SO_POSTGRESQL, 0, 0, "`a`", "op:` word:a op:`" },
	/* MySQL */
	{ SO_MYSQL, 0, 0, "`a``b`.c # x", "name:`a``b` p:. word:c" },
	{ SO_MYSQL, 0, 0, "\"s\" 't\\'u' 'v''w'", "string:\"s\" 't\\'u' 'v''w'" },
	{ SO_MYSQL, 0, SO_MODE_ANSI_QUOTES, "\"s\" 't'", "name:\"s\" string:'t'" },
	{ SO_MYSQL, 0, SO_MODE_NO_BACKSLASH_ESCAPES, "'a\\' b", "string:'a\\' word:b" },
	{ SO_MYSQL, 0, 0, "1--1 -- 1", "int:1 op:- op:- int:1" },
	{ SO_MYSQL, 0, 0, "/*!50701 a */ b /*!990000 c */ /*! d*/", "word:a word:b word:d" },
	{ SO_MYSQL, 80031, 0, "/*!80032 a */ /*!080031 b */ /*M! c */", "word:b" },
	{ SO_MYSQL, 0, 0, "@v @@g.x @`q` 'u'@'h' u@h",
		"var:@v var:@@g p:. word:x var:@`q` string:'u' at:@ string:'h' "
		"word:u at:@ word:h" },
	{ SO_MYSQL, 0, 0, "a<=>b:=c->>d->e||f&&g!=h<<1",
		"word:a op:<=> word:b assign::= word:c op:->> word:d op:-> "
		"word:e op:|| word:f op:&& word:g op:!= word:h op:<< int:1" },
	{ SO_MYSQL, 0, 0, "1e3 .5 0x1F 0b01 x'1f' b'1' n'a' _utf8'b'",
		"float:1e3 float:.5 int:0x1F int:0b01 hex:x'1f' bits:b'1' nstring:n'a' word:_utf8 string:'b'" },
	{ SO_MYSQL, 0, 0, "1a t.1b t.1 $x ? :n",
		"word:1a word:t p:. word:1b word:t p:. word:1 word:$x param:? param::n" },
	{ SO_MYSQL, 0, 0, "ilike isnull rlike", "word:ilike word:isnull word*:rlike" },
	{ SO_MYSQL, 0, 0, "'open", NULL },
	{ SO_MYSQL, 0, 0, "select \\N", NULL },
	/* MariaDB */
	{ SO_MARIADB, 0, 0, "/*M!100100 a */ /*!80000 b */ /*!50601 c */", "word:a word:c" },
	{ SO_MARIADB, 0, 0, "\\N", "word*:\\N" },
	/* SQLite */
	{ SO_SQLITE, 0, 0, "[a b] `c` \"d\" 'e'", "name:[a b] name:`c` name:\"d\" string:'e'" },
	{ SO_SQLITE, 0, 0, "?1 ? :a @b $c::d(e)", "param:?1 param:? param::a param:@b param:$c::d(e)" },
	{ SO_SQLITE, 0, 0, "a==b->>'$' /* open", "word:a op:== word:b op:->> string:'$'" },
	{ SO_SQLITE, 0, 0, "x'00' 1_0 'a\\'", "hex:x'00' int:1_0 string:'a\\'" },
	{ SO_SQLITE, 34000, 0, "1_0", NULL },
	/* T-SQL */
	{ SO_TSQL, 0, 0, "[a]]b].#t @v @@x", "name:[a]]b] p:. word:#t var:@v var:@@x" },
	{ SO_TSQL, 0, 0, "N'x' 0xAF $1.50 $action 1a", "nstring:N'x' int:0xAF float:$1.50 word:$action int:1 word:a" },
	{ SO_TSQL, 0, 0, "a!<b !>c > = d += 1", "word:a op:!< word:b op:!> word:c op:> = word:d op:+= int:1" },
	{ SO_TSQL, 0, 0, "/* a /* b */ c */ g::h lbl:", "word:g cast::: word:h word:lbl p::" },
	/* Oracle */
	{ SO_ORACLE, 0, 0, "q'[a'b]' nq'{c}' q'!d!' N'e'",
		"qstring:q'[a'b]' qstring:nq'{c}' qstring:q'!d!' nstring:N'e'" },
	{ SO_ORACLE, 0, 0, "a$b#c ^= :\"SYS_B_0\" :1 x@link",
		"word:a$b#c op:^= param::\"SYS_B_0\" param::1 word:x at:@ "
		"word*:link" },
	{ SO_ORACLE, 0, 0, "1d 1.5f .5 p=>1 a(+) ~= b",
		"float:1d float:1.5f float:.5 word:p arrow:=> int:1 word:a p:( op:+ p:) op:~= word:b" },
	{ SO_ORACLE, 0, 0, "/* a /* b */ 'a\\' \"x\"", "string:'a\\' name:\"x\"" },
};

static void test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lexed / sizeof lexed[0]; i++) {
		char *found = tokens_of(NULL, lexed[i].dialect, lexed[i].version, lexed[i].modes, lexed[i].sql);

		if (!found != !lexed[i].tokens || (found && strcmp(found, lexed[i].tokens) != 0))
			fail_msg("%s: %s", lexed[i].sql, found ? found : "(error)");
		talloc_free(found);
	}
}

static void test_normalised_texts_keep_the_placeholders_of_the_dialect(void **state)
{
	struct so_err err = SO_ERR_INIT;
	char *text;

	(void)state;
	text = so_sql_normalize(NULL, NULL, SO_POSTGRESQL, "SELECT 1, $2", 12, NULL, &err);
	assert_string_equal(text, "SELECT $3, $2");
	talloc_free(text);
	text = so_sql_normalize(NULL, NULL, SO_ORACLE, "SELECT 1, :b", 12, NULL, &err);
	assert_string_equal(text, "SELECT ?, :b");
	talloc_free(text);
}

/* Statements and how they print: quoting, escapes, binding. */
static const struct {
	enum so_dialect dialect;
	const char *sql, *print;
} prints[] = {
	{ SO_MYSQL, "select `select`, `Plain`, 'a\\\\b\\n' from t", "SELECT `select`, Plain, 'a\\\\b\n' FROM t" },
	/* may be strings: the quotes stay */
	{ SO_SQLITE, "select \"lit\", [b], t.\"c\" from \"t\" where a = \"B\" and (\"c\") is null",
		"SELECT \"lit\", b, t.c FROM t WHERE a = \"B\" AND \"c\" IS NULL" },
	{ SO_TSQL, "select [b], t.\"c\" from \"t\" where a = \"B\"", "SELECT b, t.c FROM t WHERE a = \"B\"" },
	{ SO_MYSQL, "select a || b && c xor d", "SELECT a OR b AND c XOR d" },
	{ SO_MYSQL, "select (a | b) & c, a div b mod c, !a, (a = b) = c",
		"SELECT (a | b) & c, a DIV b % c, !a, (a = b) = c" },
	{ SO_MYSQL, "select a not regexp 'b', a rlike 'c'", "SELECT a NOT REGEXP 'b', a REGEXP 'c'" },
	{ SO_SQLITE, "select a = b < c, (a = b) < c, a || (b + c)", "SELECT a = b < c, (a = b) < c, a || (b + c)" },
	{ SO_SQLITE, "select a glob 'x*' from t where b == ?1 and c != @d",
		"SELECT a GLOB 'x*' FROM t WHERE b = ?1 AND c <> @d" },
	{ SO_TSQL, "select [order], [a b], a & (b + c) from dbo.[t]", "SELECT [order], [a b], a & (b + c) FROM dbo.t" },
	{ SO_TSQL, "select N'x', @v, a where b !< c", "SELECT N'x', @v, a WHERE b >= c" },
	{ SO_ORACLE, "select a, \"a\", \"A\", q'[it's]' from t where c ^= :1",
		"SELECT A, \"a\", A, 'it''s' FROM T WHERE C <> :1" },
};

static void test_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
		const char *sql = prints[i].sql;
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast = NULL;
		char *text;

		for (int round = 0; round < 2; round++) { /* the print is a fixed point */
			if (!so_sql_parse(NULL, NULL, prints[i].dialect, sql, strlen(sql), NULL, &ast, &err))
				fail_msg("%s: %s", sql, err.message);
			text = so_sql_print(NULL, ast, so_ast_statement(ast));
			assert_string_equal(text, prints[i].print);
			talloc_free(text);
			talloc_free(ast);
			sql = prints[i].print;
		}
	}
}

static void test_batches_are_blocks(void **state)
{
	const char *sql = "select 1 as a select 2; print 'x'";
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	(void)state;
	assert_true(so_sql_parse(NULL, NULL, SO_TSQL, sql, strlen(sql), NULL, &ast, &err));
	assert_int_equal(so_ast_kind(ast, so_ast_statement(ast)), SO_N_BLOCK);
	assert_int_equal(so_as_block(ast, so_ast_statement(ast))->statements.count, 3);
	talloc_free(ast);
	assert_false(so_sql_parse(NULL, NULL, SO_MYSQL, sql, strlen(sql), NULL, &ast, &err));
}

static void test_hints_are_found(void **state)
{
	const char *sql = "SELECT /*+ FULL(t) */ a";
	struct so_text hint = so_lex_hint(sql + 6, sql + strlen(sql) - 1);

	(void)state;
	assert_int_equal(hint.len, strlen(" FULL(t) "));
	assert_memory_equal(hint.s, " FULL(t) ", hint.len);
	assert_int_equal(so_lex_hint(sql, sql + 7).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_normalised_texts_keep_the_placeholders_of_the_dialect),
		cmocka_unit_test(test_prints),
		cmocka_unit_test(test_batches_are_blocks),
		cmocka_unit_test(test_hints_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
