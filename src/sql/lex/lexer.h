/* What the files of the lexer share (internal to sql/): lex.c has the scan loop and PostgreSQL's tokens, lex_own.c the
 * tokens of the other dialects. Functions take the place of a token's first character, write the token, and return the
 * place behind it; NULL after an error. */
#ifndef SO_SQL_LEXER_H
#define SO_SQL_LEXER_H

#include <string.h>

#include "sql/lex.h"

static inline bool so_lex_has(const struct so_lexer *lx, enum so_feature feature)
{
	return so_features_have(&lx->features, feature);
}

static inline uint8_t class_of(const struct so_lexer *lx, char c)
{
	return lx->classes[(unsigned char)c] & SO_C_MASK;
}

static inline bool is_word_char(const struct so_lexer *lx, char c)
{
	return (lx->classes[(unsigned char)c] & SO_C_IN_WORD) != 0;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The operator that is this character alone, of those that all dialects have; SO_OP_OTHER for all others. */
static inline unsigned single_operator(char c)
{
	switch (c) {
	case '=':
		return SO_OP_EQ;
	case '<':
		return SO_OP_LT;
	case '>':
		return SO_OP_GT;
	case '*':
		return SO_OP_MUL;
	case '+':
		return SO_OP_ADD;
	case '-':
		return SO_OP_SUB;
	default:
		return SO_OP_OTHER;
	}
}

static inline void so_lex_emit(struct so_lexer *lx, enum so_tok kind, const char *from, const char *to, unsigned kw)
{
	lx->tokens[lx->count++] = (struct so_token){ lx->base + (so_ref)(from - lx->text), (uint32_t)(to - from),
		(uint16_t)kind, (uint16_t)kw };
}

static inline void so_lex_emit_number(struct so_lexer *lx, enum so_tok kind, const char *from, const char *to)
{
	so_lex_emit(lx, kind, from, to, memchr(from, '_', (size_t)(to - from)) ? SO_NUM_UNDERSCORES : SO_NUM_BARE);
}

/* What a character must not be when it follows a token, in signs.def: FOLLOWS_ANY is never allowed, so the character of
 * which it is asked takes the slow way. */
enum {
	FOLLOWS_WORD = 1, /* goes on with a word, or makes it the prefix of a string */
	FOLLOWS_OP = 2,
	FOLLOWS_DOT = 4,
	FOLLOWS_SPACE = 8,
	FOLLOWS_ANY = 128
};
/* What must not follow an integer. */
#define AFTER_INTEGER (FOLLOWS_WORD | FOLLOWS_DOT)

/* The token or the white space at `p`, which is not the end. */
const char *so_lex_one(struct so_lexer *lx, const char *p, struct so_err *err);
/* The same as so_lex, each in one way whatever the processor has, so that tests can compare them: without any short way
 * (what processors without SSE2 run), with masks, and for AVX-512 (only where so_lex_has_wide). */
bool so_lex_plainly(struct so_lexer *lx, struct so_err *err) SO_MUST_CHECK;
bool so_lex_by_masks(struct so_lexer *lx, struct so_err *err) SO_MUST_CHECK;
bool so_lex_widely(struct so_lexer *lx, struct so_err *err) SO_MUST_CHECK;
bool so_lex_has_wide(void);
/* The loop of so_lex_widely: appends the tokens of a text whose bytes were checked. */
bool so_lex_wide(struct so_lexer *lx, struct so_err *err) SO_MUST_CHECK;

static inline const char *text_end(const struct so_lexer *lx)
{
	return lx->text + lx->len;
}

/* The text ends inside a token: an error, or in lenient mode the last token. */
const char *so_lex_cut(struct so_lexer *lx, const char *from, const char *what, struct so_err *err);
const char *so_lex_bad_number(struct so_lexer *lx, const char *from, const char *p, struct so_err *err);
/* A character that begins no token. */
const char *so_lex_other(struct so_lexer *lx, const char *p, struct so_err *err);
/* The end of the line. */
const char *so_lex_skip_line(const char *p, const char *end);
bool so_lex_is_radix_digit(char c, char radix);

/* `p` is at the opening quote, `from` at the prefix. */
const char *so_lex_own_string(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err);
const char *so_lex_own_name(struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err);
const char *so_lex_own_dquote(struct so_lexer *lx, const char *p, struct so_err *err);
const char *so_lex_own_number(struct so_lexer *lx, const char *p, struct so_err *err);
/* A point with a digit behind it. */
const char *so_lex_own_dot(struct so_lexer *lx, const char *p, struct so_err *err);
const char *so_lex_own_dollar(struct so_lexer *lx, const char *p, struct so_err *err);
const char *so_lex_own_colon(struct so_lexer *lx, const char *p, struct so_err *err);
const char *so_lex_own_at(struct so_lexer *lx, const char *p, struct so_err *err);
/* ? or a backslash. */
const char *so_lex_own_placeholder(struct so_lexer *lx, const char *p, struct so_err *err);
const char *so_lex_own_operator(struct so_lexer *lx, const char *p, struct so_err *err);
/* A comment whose content this server reads: the place where the content starts; NULL for all other comments. */
const char *so_lex_conditional(struct so_lexer *lx, const char *p);

#endif
