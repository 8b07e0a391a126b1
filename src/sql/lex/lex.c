#include "sql/lex/lexer.h"

#include <string.h>

#include "sql/lex/scan.h"

/* clang-format off */
static const uint8_t self_tokens[128] = {
	['('] = SO_TOK_LPAREN, [')'] = SO_TOK_RPAREN, ['['] = SO_TOK_LBRACKET, [']'] = SO_TOK_RBRACKET,
	[','] = SO_TOK_COMMA, [';'] = SO_TOK_SEMICOLON, ['{'] = SO_TOK_LBRACE, ['}'] = SO_TOK_RBRACE,
};
/* clang-format on */

/* ---- Operators -------------------------------------------------------------------------------------------------- */

enum so_op so_operator_find(const char *symbol, size_t len)
{
	if (len == 2 && symbol[0] == '!' && symbol[1] == '=')
		return SO_OP_NE;
	for (int op = SO_OP_OTHER + 1; op < SO_OP_NULL_EQ; op++) {
		const char *name = so_op_name((enum so_op)op);

		if (name[0] == symbol[0] && strlen(name) == len && memcmp(name, symbol, len) == 0)
			return (enum so_op)op;
	}
	return SO_OP_OTHER;
}

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

/* The text ends inside a token: an error, or in lenient mode the last token. */
const char *so_lex_cut(struct so_lexer *lx, const char *from, const char *what, struct so_err *err)
{
	if (lx->lenient) {
		so_lex_emit(lx, SO_TOK_CUT, from, text_end(lx), 0);
		return text_end(lx);
	}
	so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "unterminated %s", what);
	return NULL;
}

/* A comment; NULL when it does not end. */
static const char *skip_comment(const struct so_lexer *lx, const char *p, const char *end)
{
	bool nested = so_lex_has(lx, SO_FEAT_NESTED_COMMENTS);
	unsigned depth = 1;

	for (p += 2; p < end; p++) {
		if (p[0] == '*' && p[1] == '/') {
			p++;
			if (--depth == 0)
				return p + 1;
		} else if (nested && p[0] == '/' && p[1] == '*') {
			p++;
			depth++;
		}
	}
	return NULL;
}

const char *so_lex_skip_line(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* After the closing quote: where the next piece of the string starts (its quote), if only white space with a new line
 * and -- comments lie between; else NULL. */
static const char *continuation(const struct so_lexer *lx, const char *p, const char *end)
{
	bool newline = false;

	for (;;) {
		if (class_of(lx, *p) == SO_C_SPACE) {
			newline = newline || *p == '\n' || *p == '\r';
			p++;
		} else if (p[0] == '-' && p[1] == '-') {
			p = so_lex_skip_line(p, end);
		} else {
			return newline && *p == '\'' ? p : NULL;
		}
	}
}

/* `p` is at the opening quote. */
static const char *lex_string(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	const char *end = text_end(lx), *next;
	enum so_string_style style = SO_STR_BARE;

	for (;; style = SO_STR_PLAIN) {
		p++;
		if (kind == SO_TOK_ESTRING) {
			while (p < end && *p != '\'')
				p += *p == '\\' ? 2 : 1;
			if (p >= end)
				return so_lex_cut(lx, from, "quoted string", err);
		} else {
			p = so_scan_find(p, end, '\'');
			if (!p)
				return so_lex_cut(lx, from, "quoted string", err);
		}
		if (p[1] == '\'') {
			p++;
			continue;
		}
		next = continuation(lx, p + 1, end);
		if (!next)
			break;
		p = next;
	}
	/* of U&'..' it is the character of UESCAPE */
	so_lex_emit(lx, kind, from, p + 1, kind == SO_TOK_USTRING ? 0 : style);
	return p + 1;
}

static const char *lex_quoted(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	const char *end = text_end(lx), *open = p;

	for (p++;; p += 2) {
		p = memchr(p, '"', (size_t)(end - p));
		if (!p)
			return so_lex_cut(lx, from, "quoted identifier", err);
		if (p[1] != '"')
			break;
	}
	if (p == open + 1) {
		so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "zero-length delimited identifier");
		return NULL;
	}
	so_lex_emit(lx, kind, from, p + 1, 0);
	return p + 1;
}

/* The kind of the string that a letter and a quote begin; SO_TOK_WORD when they are a word and a string. */
static enum so_tok prefixed_string(const struct so_lexer *lx, char letter)
{
	switch (letter | 0x20) {
	case 'e':
		return so_lex_has(lx, SO_FEAT_PREFIX_E) ? SO_TOK_ESTRING : SO_TOK_WORD;
	case 'b':
		return so_lex_has(lx, SO_FEAT_PREFIX_B) ? SO_TOK_BITS : SO_TOK_WORD;
	case 'x':
		return so_lex_has(lx, SO_FEAT_PREFIX_X) ? SO_TOK_HEX : SO_TOK_WORD;
	case 'n':
		return so_lex_has(lx, SO_FEAT_PREFIX_N) ? SO_TOK_NSTRING : SO_TOK_WORD;
	case 'q':
		return so_lex_has(lx, SO_FEAT_Q_STRING) ? SO_TOK_QSTRING : SO_TOK_WORD;
	default:
		return SO_TOK_WORD;
	}
}

static const char *any_string(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	return so_lex_has(lx, SO_FEAT_PG_OPERATORS) ? lex_string(lx, from, p, kind, err)
						    : so_lex_own_string(lx, from, p, kind, err);
}

static inline const char *lex_word(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;
	unsigned kw;

	if (p[1] == '\'') {
		enum so_tok kind = prefixed_string(lx, p[0]);

		if (kind != SO_TOK_WORD)
			return any_string(lx, from, p + 1, kind, err);
	}
	if (p[1] == '&' && (p[0] | 0x20) == 'u' && so_lex_has(lx, SO_FEAT_PREFIX_U)) {
		if (p[2] == '\'')
			return lex_string(lx, from, p + 2, SO_TOK_USTRING, err);
		if (p[2] == '"')
			return lex_quoted(lx, from, p + 2, SO_TOK_UQUOTED, err);
	}
	p = so_scan_word(p + 1);
	while (is_word_char(lx, *p))
		p = so_scan_word(p + 1);
	if (*p == '\'' && p == from + 2 && (from[1] | 0x20) == 'q' && (from[0] | 0x20) == 'n' &&
		so_lex_has(lx, SO_FEAT_Q_STRING))
		return so_lex_own_string(lx, from, p, SO_TOK_QSTRING, err);
	kw = so_kw_known[lx->dialect][so_keyword_find(from, (size_t)(p - from))];
	if (*p == '.' && so_lex_has(lx, SO_FEAT_DIGIT_NAMES) && is_word_char(lx, p[1]))
		kw = 0; /* MySQL: a word in front of a point is a name */
	if (lx->lenient && kw == SO_KW_distinctrow)
		kw = SO_KW_distinct; /* how digests print it */
	so_lex_emit(lx, SO_TOK_WORD, from, p, kw);
	return p;
}

/* Digits with single underscores between them; `p` is behind the last one. */
static const char *skip_digits(const char *p)
{
	while (is_digit(*p) || (*p == '_' && is_digit(p[1])))
		p++;
	return p;
}

bool so_lex_is_radix_digit(char c, char radix)
{
	switch (radix) {
	case 'x':
		return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
	case 'o':
		return c >= '0' && c <= '7';
	default:
		return c == '0' || c == '1';
	}
}

const char *so_lex_bad_number(struct so_lexer *lx, const char *from, const char *p, struct so_err *err)
{
	while (is_word_char(lx, *p))
		p++;
	so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "trailing junk after numeric literal at or near \"%.*s\"",
		(int)(p - from > 60 ? 60 : p - from), from);
	return NULL;
}

static const char *lex_number(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;
	enum so_tok kind = SO_TOK_INT;
	char radix = p[0] == '0' ? (char)(p[1] | 0x20) : 0;

	if (radix == 'x' || radix == 'o' || radix == 'b') {
		p += 2;
		if (!so_lex_is_radix_digit(*p, radix) && !(*p == '_' && so_lex_is_radix_digit(p[1], radix)))
			return so_lex_bad_number(lx, from, p, err);
		while (so_lex_is_radix_digit(*p, radix) || (*p == '_' && so_lex_is_radix_digit(p[1], radix)))
			p++;
	} else {
		p = skip_digits(p);
		/* 1..2 is a range of integers, not a number with a point */
		if (p[0] == '.' && p[1] != '.') {
			kind = SO_TOK_FLOAT;
			p = is_digit(p[1]) ? skip_digits(p + 1) : p + 1;
		}
		if ((*p | 0x20) == 'e' && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2])))) {
			kind = SO_TOK_FLOAT;
			p = skip_digits(p + 2);
		}
	}
	if (is_word_char(lx, *p) && *p != '$')
		return so_lex_bad_number(lx, from, p, err);
	so_lex_emit_number(lx, kind, from, p);
	return p;
}

/* $1 or $tag$..$tag$ */
static const char *lex_dollar(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p, *end = text_end(lx), *tag_end;
	size_t tag;

	if (is_digit(p[1])) {
		for (p++; is_digit(*p);)
			p++;
		if (is_word_char(lx, *p) && *p != '$')
			return so_lex_bad_number(lx, from, p, err);
		so_lex_emit(lx, SO_TOK_PARAM, from, p, 0);
		return p;
	}
	for (tag_end = p + 1; class_of(lx, *tag_end) == SO_C_LETTER || is_digit(*tag_end);)
		tag_end++;
	if (*tag_end != '$') {
		so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "syntax error at or near \"$\"");
		return NULL;
	}
	tag = (size_t)(tag_end - p) + 1;
	p = memmem(tag_end + 1, (size_t)(end - tag_end - 1), from, tag);
	if (!p)
		return so_lex_cut(lx, from, "dollar-quoted string", err);
	so_lex_emit(lx, SO_TOK_DOLLAR, from, p + tag, 0);
	return p + tag;
}

/* A value may end here, so that an operator follows. */
static bool after_value(const struct so_lexer *lx)
{
	const struct so_token *last = lx->count ? &lx->tokens[lx->count - 1] : NULL;

	if (!last || last->kind == SO_TOK_OP || last->kind == SO_TOK_LPAREN || last->kind == SO_TOK_LBRACKET ||
		last->kind == SO_TOK_COMMA || last->kind == SO_TOK_SEMICOLON)
		return false;
	return last->kind != SO_TOK_WORD || !last->kw || so_kw_class_of(last->kw, SO_POSTGRESQL) < SO_KWC_R;
}

/* In "a+?" and "?||b" the question mark stands for a literal: how much of the operator to take. Operators that have
 * one of their own stay whole. */
static size_t before_placeholder(const struct so_lexer *lx, const char *from, size_t len)
{
	const char *mark = memchr(from, '?', len);

	if (!mark || (len == 2 && from[0] == '@'))
		return len;
	if (mark != from)
		return (size_t)(mark - from);
	return (after_value(lx) || from[len] == ' ') && !memchr(from + 1, '?', len - 1) ? len : 1;
}

static const char *lex_operator(struct so_lexer *lx, const char *p)
{
	const char *from = p;
	size_t len;
	bool special = false;

	while (class_of(lx, *p) == SO_C_OP && !(p[0] == '-' && p[1] == '-') && !(p[0] == '/' && p[1] == '*'))
		p++;
	len = (size_t)(p - from);
	if (lx->lenient && len > 1)
		len = before_placeholder(lx, from, len);
	/* + and - end an operator only if it has a character that no SQL operator has */
	if (len > 1 && (from[len - 1] == '+' || from[len - 1] == '-')) {
		for (size_t i = 0; i < len - 1; i++)
			special = special || strchr("~!@#^&|`?%", from[i]);
		while (!special && len > 1 && (from[len - 1] == '+' || from[len - 1] == '-'))
			len--;
	}
	p = from + len;
	if (len == 1 && single_operator(*from))
		so_lex_emit(lx, SO_TOK_OP, from, p, single_operator(*from));
	else if (len == 2 && from[0] == '=' && from[1] == '>')
		so_lex_emit(lx, SO_TOK_ARROW, from, p, 0);
	else
		so_lex_emit(lx, SO_TOK_OP, from, p, so_operator_find(from, len));
	return p;
}

static const char *lex_dots(struct so_lexer *lx, const char *p, struct so_err *err)
{
	if (is_digit(p[1]) && !so_lex_has(lx, SO_FEAT_PG_OPERATORS))
		return so_lex_own_dot(lx, p, err);
	if (is_digit(p[1])) {
		const char *from = p;

		p = skip_digits(p + 1);
		if ((*p | 0x20) == 'e' && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2]))))
			p = skip_digits(p + 2);
		if (is_word_char(lx, *p) && *p != '$')
			return so_lex_bad_number(lx, from, p, err);
		so_lex_emit_number(lx, SO_TOK_FLOAT, from, p);
		return p;
	}
	/* a.... is cut behind the point of a name */
	if (lx->lenient && p[1] == '.' && p[2] == '.' && p[3] != '.') {
		so_lex_emit(lx, SO_TOK_ELLIPSIS, p, p + 3, 0);
		return p + 3;
	}
	if (p[1] == '.' && !(lx->lenient && p[2] == '.')) {
		so_lex_emit(lx, SO_TOK_DOTS, p, p + 2, 0);
		return p + 2;
	}
	so_lex_emit(lx, SO_TOK_DOT, p, p + 1, 0);
	return p + 1;
}

static const char *lex_colon(struct so_lexer *lx, const char *p)
{
	size_t len = p[1] == ':' || p[1] == '=' ? 2 : 1;

	so_lex_emit(lx, len == 1 ? SO_TOK_COLON : p[1] == ':' ? SO_TOK_CAST : SO_TOK_ASSIGN, p, p + len, 0);
	return p + len;
}

/* Operators, and the comments that begin with their characters. */
static const char *lex_operator_or_comment(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p, *end = text_end(lx);

	if (p[0] == '-' && p[1] == '-' && (!so_lex_has(lx, SO_FEAT_DASH_SPACE) || (unsigned char)p[2] <= ' '))
		return so_lex_skip_line(p, end);
	if (p[0] != '/' || p[1] != '*')
		return so_lex_has(lx, SO_FEAT_PG_OPERATORS) ? lex_operator(lx, p) : so_lex_own_operator(lx, p, err);
	if (so_lex_has(lx, SO_FEAT_CONDITIONAL_COMMENTS)) {
		p = so_lex_conditional(lx, from);
		if (p)
			return p;
	}
	p = skip_comment(lx, from, end);
	if (!p && so_lex_has(lx, SO_FEAT_OPEN_COMMENTS))
		return end;
	return p ? p : so_lex_cut(lx, from, "/* comment", err);
}

const char *so_lex_other(struct so_lexer *lx, const char *p, struct so_err *err)
{
	if (lx->lenient && (unsigned char)*p < 0x80 && *p) {
		so_lex_emit(lx, SO_TOK_ELLIPSIS, p, p + 1, 0);
		return p + 1;
	}
	if ((unsigned char)*p < ' ' || *p == 0x7F)
		so_fail_at(err, SO_INPUT, (int32_t)(p - lx->text),
			"the control character 0x%02X is no part of a statement", (unsigned)*p);
	else
		so_fail_at(err, SO_INPUT, (int32_t)(p - lx->text), "syntax error at or near \"%c\"", *p);
	return NULL;
}

const char *so_lex_one(struct so_lexer *lx, const char *p, struct so_err *err)
{
	bool own = !so_lex_has(lx, SO_FEAT_PG_OPERATORS);

	switch (class_of(lx, *p)) {
	case SO_C_SPACE:
		do {
			p++;
		} while (class_of(lx, *p) == SO_C_SPACE);
		return p;
	case SO_C_LETTER:
		return lex_word(lx, p, err);
	case SO_C_DIGIT:
		return own ? so_lex_own_number(lx, p, err) : lex_number(lx, p, err);
	case SO_C_SELF:
		so_lex_emit(lx, self_tokens[(unsigned char)*p], p, p + 1, 0);
		return p + 1;
	case SO_C_OP:
		return lex_operator_or_comment(lx, p, err);
	case SO_C_DOT:
		return lex_dots(lx, p, err);
	case SO_C_QUOTE:
		return any_string(lx, p, p, SO_TOK_STRING, err);
	case SO_C_DQUOTE:
		return own ? so_lex_own_dquote(lx, p, err) : lex_quoted(lx, p, p, SO_TOK_QUOTED, err);
	case SO_C_DOLLAR:
		return own ? so_lex_own_dollar(lx, p, err) : lex_dollar(lx, p, err);
	case SO_C_COLON:
		return own ? so_lex_own_colon(lx, p, err) : lex_colon(lx, p);
	case SO_C_NAME_QUOTE:
		return so_lex_own_name(lx, p, p, SO_TOK_QUOTED, err);
	case SO_C_LINE:
		return so_lex_skip_line(p, text_end(lx));
	case SO_C_AT:
		return so_lex_own_at(lx, p, err);
	case SO_C_PLACEHOLDER:
		return so_lex_own_placeholder(lx, p, err);
	default:
		return so_lex_other(lx, p, err);
	}
}
