/* Text to tokens: zero copy, the whole statement into one flat array, so that look-ahead of any depth is an index. */
#ifndef SO_SQL_LEX_H
#define SO_SQL_LEX_H

#include "sql/ast.h"
#include "sql/dialect.h"
#include "sql/lex/keywords.h"

#define SO_LEX_PADDING 64u /* zero bytes that must follow the text: the lexer looks at whole blocks */

enum so_tok {
	SO_TOK_END, /* end of the text; always the last token */
	SO_TOK_WORD, /* identifier or keyword (kw) */
	SO_TOK_QUOTED, /* "identifier", `identifier`, [identifier] */
	SO_TOK_UQUOTED, /* U&"identifier" */
	SO_TOK_INT, /* kw is enum so_number_style */
	SO_TOK_FLOAT,
	SO_TOK_STRING, /* '..', with the pieces that follow on other lines; kw is enum so_string_style */
	SO_TOK_ESTRING, /* E'..' */
	SO_TOK_QSTRING, /* q'[..]' and nq'[..]' */
	SO_TOK_USTRING, /* U&'..' */
	SO_TOK_NSTRING, /* N'..' */
	SO_TOK_BITS, /* B'..' */
	SO_TOK_HEX, /* X'..' */
	SO_TOK_DOLLAR, /* $tag$..$tag$ */
	SO_TOK_PARAM, /* $1; in other dialects ?, ?1, :name, :"name", $name, @name */
	SO_TOK_OP, /* operator; kw is enum so_op */
	SO_TOK_LPAREN,
	SO_TOK_RPAREN,
	SO_TOK_LBRACKET,
	SO_TOK_RBRACKET,
	SO_TOK_COMMA,
	SO_TOK_SEMICOLON,
	SO_TOK_DOT,
	SO_TOK_DOTS, /* .. */
	SO_TOK_COLON,
	SO_TOK_CAST, /* :: */
	SO_TOK_ASSIGN, /* := */
	SO_TOK_ARROW, /* => */
	SO_TOK_ELLIPSIS, /* ... (only in lenient mode) */
	SO_TOK_CUT, /* lenient: a string, name or comment that the text ends in */
	SO_TOK_VARIABLE, /* @v, @@v, @"v" */
	SO_TOK_AT, /* @ between names (a@link) */
	SO_TOK_LBRACE,
	SO_TOK_RBRACE,
	SO_TOK_MAX
};

/* How the content of SO_TOK_STRING (and B, X, N) is spelled. What is nearly always so is 0, for numbers, too. */
enum so_string_style {
	SO_STR_BARE, /* what stands between the quotes */
	SO_STR_PLAIN, /* '' doubled */
	SO_STR_PIECES, /* as MySQL: any quote, pieces, no escapes */
	SO_STR_BACKSLASH /* and backslash escapes */
};

enum so_number_style {
	SO_NUM_BARE,
	SO_NUM_UNDERSCORES /* 1_000 */
};

struct so_lexer {
	const char *text; /* `len` bytes followed by SO_LEX_PADDING zeros */
	uint32_t len;
	so_ref base; /* added to positions: arena offset of the text */
	bool lenient;
	bool plain; /* the text is known to be ASCII without NUL */
	enum so_dialect dialect;
	struct so_features features; /* so_dialect_features() */
	uint32_t version; /* of the server, for comments that depend on it; 0: the newest */
	struct so_token *tokens; /* room for len + 2 */
	uint32_t count;
	const uint8_t *classes; /* set by so_lex */
	unsigned open_comments; /* of those whose content is read */
	bool left_out; /* a comment whose content only a newer server reads */
};

/* Fills `tokens`; fails with the first byte that is no UTF-8 or NUL, or with the position of what cannot be a token. */
bool so_lex(struct so_lexer *lexer, struct so_err *err) SO_MUST_CHECK;

/* Copies a text and writes SO_LEX_PADDING zeros behind it; whether it is ASCII without NUL. */
bool so_lex_copy(char *out, const char *text, size_t len);

/* Lenient texts may be cut inside of a character: what is there of it becomes a sign that no statement holds, in the
 * copy that is lexed. */
void so_lex_mend_end(char *text, size_t len);

/* Number of a word, any case; SO_KW_NONE when it is no keyword. The 8 bytes after the word must be readable. */
enum so_kw so_keyword_find(const char *word, size_t len);
/* The operator that PostgreSQL's trees have for this symbol ("!=" is SO_OP_NE), or SO_OP_OTHER. */
enum so_op so_operator_find(const char *symbol, size_t len);

/* Content of a string or name token, decoded, written to `out` (room for token->len bytes); returns its length, or -1
 * for a wrong escape. For U&'..' token->kw is the character of UESCAPE, 0 for the backslash. */
int64_t so_lex_decode(const struct so_token *token, const char *text, char *out);

/* The optimizer hint (the text between its comment marks) that stands directly in front of a token, behind `from`;
 * empty when there is none. */
struct so_text so_lex_hint(const char *from, const char *token);

#endif
