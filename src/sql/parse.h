/* From text to struct so_ast. */
#ifndef SO_SQL_PARSE_H
#define SO_SQL_PARSE_H

#include "sql/ast.h"
#include "sql/dialect.h"

#define SO_SQL_MAX_BYTES (256u * 1024u) /* default limit of a statement */
#define SO_SQL_MAX_DEPTH 400u /* default limit of nesting: fits a stack of 256 KiB */

struct so_sql_options {
	size_t max_bytes; /* 0: SO_SQL_MAX_BYTES */
	unsigned max_depth; /* 0: SO_SQL_MAX_DEPTH */
	/* For text from statistics views, not from clients: $n and ? stand wherever a literal may (interval $1,
	 * extract($1 from x)), and a text cut off anywhere gives a partial tree, `truncated` in its source. */
	bool lenient;
	/* Version of the server, 0 for the newest that the grammar knows: major * 10000 + minor * 100 + patch (80031,
	 * 101104, 34000, 190000; PostgreSQL as it says itself, 160002). */
	uint32_t server_version;
	unsigned modes; /* SO_MODE_*, sql/dialect.h: settings of the session that change the grammar */
};

/* Owns what is reused from statement to statement: the token array and warm memory. One per thread; may be freed
 * before the ASTs it made. */
struct so_parser;

struct so_parser *so_parser_new(TALLOC_CTX *ctx);

/* Parses exactly one statement (a semicolon after it is fine). `parser` and `options` may be NULL. The AST keeps its
 * own copy of the text. Fails with SO_INPUT for an empty text ("the statement is empty"), more than one statement
 * ("2 statements, expected one", position of the second), or a syntax error (`syntax error at or near "frm"`, with
 * the byte position), and with SO_LIMIT for a text over max_bytes or nesting over max_depth. Statements that are
 * neither queries nor INSERT, UPDATE, DELETE, MERGE become an OPAQUE node. */
bool so_sql_parse(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_ast **ast, struct so_err *err) SO_MUST_CHECK;

/* The same into an AST that exists, in its dialect; what it held is forgotten, also when this fails. With the parser
 * that it was made with, nothing is allocated once all is warm: for loops over many statements. */
bool so_sql_parse_again(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err) SO_MUST_CHECK;

/* Parses one expression, as a person or EXPLAIN writes it, into an existing AST and adds it as a root (also returned
 * in *root). Understands what EXPLAIN prints: (SubPlan 1), (hashed SubPlan 2), (InitPlan 1).col1, $0, ANY
 * ('{a,b}'::text[]). On failure the AST keeps its roots as they were; callers keep the text. */
bool so_sql_parse_expr(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, so_ref *root, struct so_err *err) SO_MUST_CHECK;

/* As so_sql_parse_expr for a list "a, b DESC, c" (sort and group keys of plans): the root is a ROW. Keys with ASC,
 * DESC, NULLS or COLLATE are SORT nodes. */
bool so_sql_parse_expr_list(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, so_ref *root, struct so_err *err) SO_MUST_CHECK;

/* Refuses (SO_INPUT, with the position) NUL bytes and what is not UTF-8. Parsing does so itself, except that a lenient
 * text may end inside a character; for callers to whom that is a mistake. */
bool so_sql_check_bytes(const char *text, size_t len, struct so_err *err) SO_MUST_CHECK;

/* Where the statements of a script are: comments and semicolons left out. */
struct so_sql_piece {
	size_t offset;
	size_t len;
};

/* Splits a text at its top-level semicolons (not those in strings, comments, parentheses, bodies of routines), and
 * where slashes (Oracle), GO (T-SQL) and DELIMITER (MySQL) say so. Empty statements are dropped. Fails only on an
 * unterminated string, comment or quoted name, or over the limit. */
bool so_sql_split(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_sql_piece **pieces, size_t *count,
	struct so_err *err) SO_MUST_CHECK;

/* What a statement does, as far as its text tells. */
struct so_sql_class {
	enum so_statement_class cls;
	bool is_explain; /* EXPLAIN: cls is that of the inner statement if ANALYZE, else READ */
	bool selects_into; /* SELECT INTO */
	bool locks_rows; /* FOR UPDATE .., LOCK IN SHARE MODE, WITH (UPDLOCK) .. */
	bool modifying_cte; /* WITH x AS (INSERT ..) SELECT, FROM (DELETE .. OUTPUT ..) */
	bool volatile_call; /* calls what is known to do more than compute or read (sql/effects.h) */
	bool unknown_call; /* calls a function that is not in the built-in tables */
	bool sets_variable; /* SELECT @v = 1, @v := 1 */
	/* More than functions may act that the text does not show: operators of users, functions defined inside it,
	 * Oracle's names that may be calls without parentheses, comments that only a newer server reads. */
	bool unclear;
	bool pure_read; /* READ, and none of selects_into .. unclear: nothing else may run on somebody's server */
	/* The same but for unknown_call: for callers who have asked a catalog what each of those functions does. */
	bool pure_but_calls;
	char verb[32]; /* "select", "insert", "create table", "vacuum" */
};

void so_sql_classify(const struct so_ast *ast, so_ref statement, struct so_sql_class *cls);

#endif
