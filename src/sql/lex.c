#include "sql/lex.h"

#include <string.h>

#include "sql/keyword_hash.h"

#define KEYWORD(word, cls) { #word, sizeof(#word) - 1, SO_KWC_##cls },
const struct so_keyword so_keywords[SO_KW_MAX] = { [0] = { "", 0, SO_KWC_NO }, SO_KEYWORDS(KEYWORD) };

/* ---- Character classes ------------------------------------------------------------------------------------------ */

enum char_class { C_BAD, C_SPACE, C_WORD, C_DIGIT, C_OP, C_QUOTE, C_DQUOTE, C_DOLLAR, C_DOT, C_COLON, C_SELF, C_END };

/* clang-format off */
static const uint8_t classes[256] = {
	[0] = C_END,
	['\t'] = C_SPACE, ['\n'] = C_SPACE, ['\v'] = C_SPACE, ['\f'] = C_SPACE, ['\r'] = C_SPACE, [' '] = C_SPACE,
	['a' ... 'z'] = C_WORD, ['A' ... 'Z'] = C_WORD, ['_'] = C_WORD, [0x80 ... 0xFF] = C_WORD,
	['0' ... '9'] = C_DIGIT,
	['~'] = C_OP, ['!'] = C_OP, ['@'] = C_OP, ['#'] = C_OP, ['^'] = C_OP, ['&'] = C_OP, ['|'] = C_OP, ['`'] = C_OP,
	['?'] = C_OP, ['+'] = C_OP, ['-'] = C_OP, ['*'] = C_OP, ['/'] = C_OP, ['%'] = C_OP, ['<'] = C_OP, ['>'] = C_OP,
	['='] = C_OP,
	['\''] = C_QUOTE, ['"'] = C_DQUOTE, ['$'] = C_DOLLAR, ['.'] = C_DOT, [':'] = C_COLON,
	['('] = C_SELF, [')'] = C_SELF, ['['] = C_SELF, [']'] = C_SELF, [','] = C_SELF, [';'] = C_SELF,
};

static const uint8_t self_tokens[128] = {
	['('] = SO_TOK_LPAREN, [')'] = SO_TOK_RPAREN, ['['] = SO_TOK_LBRACKET, [']'] = SO_TOK_RBRACKET,
	[','] = SO_TOK_COMMA, [';'] = SO_TOK_SEMICOLON,
};
/* clang-format on */

static inline uint8_t class_of(char c)
{
	return classes[(unsigned char)c];
}

static inline bool is_word_char(char c)
{
	uint8_t cls = class_of(c);

	return cls == C_WORD || cls == C_DIGIT || cls == C_DOLLAR;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- Keywords and operators ------------------------------------------------------------------------------------- */

#define FOLD UINT64_C(0x2020202020202020)

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint64_t low_bytes(uint64_t v, size_t n)
{
	return n >= 8 ? v : v & ((UINT64_C(1) << (8 * n)) - 1);
}

/* As in keyword_hash.py. Folding by |0x20 maps no two characters of words to one but the cases of a letter. */
enum so_kw so_keyword_find(const char *word, size_t len)
{
	uint64_t first, last, mixed;
	const struct so_keyword *kw;
	uint16_t number;

	if (len < 2 || len > 17)
		return SO_KW_NONE;
	first = low_bytes(load8(word) | FOLD, len);
	last = len > 8 ? load8(word + len - 8) | FOLD : first;
	mixed = first * UINT64_C(0x9E3779B97F4A7C15) + last * UINT64_C(0xC2B2AE3D27D4EB4F) + len;
	mixed ^= mixed >> 29;
	number = keyword_slots[((mixed >> 32 & 0xFFFF) ^ keyword_shifts[mixed >> 56]) % 1024];
	kw = &so_keywords[number];
	if (kw->len != len || low_bytes(load8(kw->name) | FOLD, len) != first)
		return SO_KW_NONE;
	if (len > 8 && (load8(kw->name + len - 8) | FOLD) != last)
		return SO_KW_NONE;
	if (len > 16 && (kw->name[8] | 0x20) != (word[8] | 0x20))
		return SO_KW_NONE;
	return (enum so_kw)number;
}

enum so_op so_operator_find(const char *symbol, size_t len)
{
	if (len == 2 && symbol[0] == '!' && symbol[1] == '=')
		return SO_OP_NE;
	for (int op = SO_OP_OTHER + 1; op < SO_OP_MAX; op++) {
		const char *name = so_op_name((enum so_op)op);

		if (name[0] == symbol[0] && strlen(name) == len && memcmp(name, symbol, len) == 0)
			return (enum so_op)op;
	}
	return SO_OP_OTHER;
}

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

static inline void emit(struct so_lexer *lx, enum so_tok kind, const char *from, const char *to, unsigned kw)
{
	lx->tokens[lx->count++] = (struct so_token){ lx->base + (so_ref)(from - lx->text), (uint32_t)(to - from),
		(uint16_t)kind, (uint16_t)kw };
}

static const char *text_end(const struct so_lexer *lx)
{
	return lx->text + lx->len;
}

/* The text ends inside a token: an error, or in lenient mode the last token. */
static const char *cut(struct so_lexer *lx, const char *from, const char *what, struct so_err *err)
{
	if (lx->lenient) {
		emit(lx, SO_TOK_CUT, from, text_end(lx), 0);
		return text_end(lx);
	}
	so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "unterminated %s", what);
	return NULL;
}

/* A nested comment; NULL when it does not end. */
static const char *skip_comment(const char *p, const char *end)
{
	unsigned depth = 1;

	for (p += 2; p < end; p++) {
		if (p[0] == '*' && p[1] == '/') {
			p++;
			if (--depth == 0)
				return p + 1;
		} else if (p[0] == '/' && p[1] == '*') {
			p++;
			depth++;
		}
	}
	return NULL;
}

static const char *skip_line(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* After the closing quote: where the next piece of the string starts (its quote), if only white space with a new line
 * and -- comments lie between; else NULL. */
static const char *continuation(const char *p, const char *end)
{
	bool newline = false;

	for (;;) {
		if (class_of(*p) == C_SPACE) {
			newline = newline || *p == '\n' || *p == '\r';
			p++;
		} else if (p[0] == '-' && p[1] == '-') {
			p = skip_line(p, end);
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

	for (;;) {
		p++;
		if (kind == SO_TOK_ESTRING) {
			while (p < end && *p != '\'')
				p += *p == '\\' ? 2 : 1;
			if (p >= end)
				return cut(lx, from, "quoted string", err);
		} else {
			p = memchr(p, '\'', (size_t)(end - p));
			if (!p)
				return cut(lx, from, "quoted string", err);
		}
		if (p[1] == '\'') {
			p++;
			continue;
		}
		next = continuation(p + 1, end);
		if (!next)
			break;
		p = next;
	}
	emit(lx, kind, from, p + 1, 0);
	return p + 1;
}

static const char *lex_quoted(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	const char *end = text_end(lx), *open = p;

	for (p++;; p += 2) {
		p = memchr(p, '"', (size_t)(end - p));
		if (!p)
			return cut(lx, from, "quoted identifier", err);
		if (p[1] != '"')
			break;
	}
	if (p == open + 1) {
		so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "zero-length delimited identifier");
		return NULL;
	}
	emit(lx, kind, from, p + 1, 0);
	return p + 1;
}

static const char *lex_word(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;
	size_t len;

	if (p[1] == '\'') {
		switch (p[0] | 0x20) {
		case 'e':
			return lex_string(lx, from, p + 1, SO_TOK_ESTRING, err);
		case 'b':
			return lex_string(lx, from, p + 1, SO_TOK_BITS, err);
		case 'x':
			return lex_string(lx, from, p + 1, SO_TOK_HEX, err);
		case 'n':
			return lex_string(lx, from, p + 1, SO_TOK_NSTRING, err);
		}
	}
	if ((p[0] | 0x20) == 'u' && p[1] == '&') {
		if (p[2] == '\'')
			return lex_string(lx, from, p + 2, SO_TOK_USTRING, err);
		if (p[2] == '"')
			return lex_quoted(lx, from, p + 2, SO_TOK_UQUOTED, err);
	}
	do {
		p++;
	} while (is_word_char(*p));
	len = (size_t)(p - from);
	emit(lx, SO_TOK_WORD, from, p, so_keyword_find(from, len));
	return p;
}

/* Digits with single underscores between them; `p` is behind the last one. */
static const char *skip_digits(const char *p)
{
	while (is_digit(*p) || (*p == '_' && is_digit(p[1])))
		p++;
	return p;
}

static bool is_radix_digit(char c, char radix)
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

static const char *bad_number(struct so_lexer *lx, const char *from, const char *p, struct so_err *err)
{
	while (is_word_char(*p))
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
		if (!is_radix_digit(*p, radix) && !(*p == '_' && is_radix_digit(p[1], radix)))
			return bad_number(lx, from, p, err);
		while (is_radix_digit(*p, radix) || (*p == '_' && is_radix_digit(p[1], radix)))
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
	if (is_word_char(*p) && *p != '$')
		return bad_number(lx, from, p, err);
	emit(lx, kind, from, p, 0);
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
		if (is_word_char(*p) && *p != '$')
			return bad_number(lx, from, p, err);
		emit(lx, SO_TOK_PARAM, from, p, 0);
		return p;
	}
	for (tag_end = p + 1; class_of(*tag_end) == C_WORD || is_digit(*tag_end);)
		tag_end++;
	if (*tag_end != '$') {
		so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "syntax error at or near \"$\"");
		return NULL;
	}
	tag = (size_t)(tag_end - p) + 1;
	p = memmem(tag_end + 1, (size_t)(end - tag_end - 1), from, tag);
	if (!p)
		return cut(lx, from, "dollar-quoted string", err);
	emit(lx, SO_TOK_DOLLAR, from, p + tag, 0);
	return p + tag;
}

/* Known operators of one character, so that the commonest need no search. */
static unsigned single_operator(char c)
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
		return so_operator_find(&c, 1);
	}
}

static const char *lex_operator(struct so_lexer *lx, const char *p)
{
	const char *from = p;
	size_t len;
	bool special = false;

	while (class_of(*p) == C_OP && !(p[0] == '-' && p[1] == '-') && !(p[0] == '/' && p[1] == '*'))
		p++;
	len = (size_t)(p - from);
	/* + and - end an operator only if it has a character that no SQL operator has */
	if (len > 1 && (from[len - 1] == '+' || from[len - 1] == '-')) {
		for (size_t i = 0; i < len - 1; i++)
			special = special || strchr("~!@#^&|`?%", from[i]);
		while (!special && len > 1 && (from[len - 1] == '+' || from[len - 1] == '-'))
			len--;
	}
	p = from + len;
	if (len == 1)
		emit(lx, SO_TOK_OP, from, p, single_operator(*from));
	else if (len == 2 && from[0] == '=' && from[1] == '>')
		emit(lx, SO_TOK_ARROW, from, p, 0);
	else
		emit(lx, SO_TOK_OP, from, p, so_operator_find(from, len));
	return p;
}

static const char *lex_dots(struct so_lexer *lx, const char *p, struct so_err *err)
{
	if (is_digit(p[1])) {
		const char *from = p;

		p = skip_digits(p + 1);
		if ((*p | 0x20) == 'e' && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2]))))
			p = skip_digits(p + 2);
		if (is_word_char(*p) && *p != '$')
			return bad_number(lx, from, p, err);
		emit(lx, SO_TOK_FLOAT, from, p, 0);
		return p;
	}
	if (lx->lenient && p[1] == '.' && p[2] == '.') {
		emit(lx, SO_TOK_ELLIPSIS, p, p + 3, 0);
		return p + 3;
	}
	if (p[1] == '.') {
		emit(lx, SO_TOK_DOTS, p, p + 2, 0);
		return p + 2;
	}
	emit(lx, SO_TOK_DOT, p, p + 1, 0);
	return p + 1;
}

static const char *lex_colon(struct so_lexer *lx, const char *p)
{
	size_t len = p[1] == ':' || p[1] == '=' ? 2 : 1;

	emit(lx, len == 1 ? SO_TOK_COLON : p[1] == ':' ? SO_TOK_CAST : SO_TOK_ASSIGN, p, p + len, 0);
	return p + len;
}

/* Operators, and the comments that begin with their characters. */
static const char *lex_operator_or_comment(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p, *end = text_end(lx);

	if (p[0] == '-' && p[1] == '-')
		return skip_line(p, end);
	if (p[0] != '/' || p[1] != '*')
		return lex_operator(lx, p);
	p = skip_comment(p, end);
	return p ? p : cut(lx, from, "/* comment", err);
}

static const char *lex_other(struct so_lexer *lx, const char *p, struct so_err *err)
{
	if (lx->lenient && (unsigned char)*p < 0x80 && *p) {
		emit(lx, SO_TOK_ELLIPSIS, p, p + 1, 0);
		return p + 1;
	}
	so_fail_at(err, SO_INPUT, (int32_t)(p - lx->text), "syntax error at or near \"%c\"", *p);
	return NULL;
}

bool so_lex(struct so_lexer *lx, struct so_err *err)
{
	const char *p = lx->text, *end = text_end(lx), *nul = memchr(p, '\0', lx->len);

	lx->count = 0;
	if (nul)
		return so_fail_at(err, SO_INPUT, (int32_t)(nul - lx->text), "the text holds a NUL byte");
	while (p) {
		switch (class_of(*p)) {
		case C_SPACE:
			p++;
			break;
		case C_WORD:
			p = lex_word(lx, p, err);
			break;
		case C_DIGIT:
			p = lex_number(lx, p, err);
			break;
		case C_SELF:
			emit(lx, self_tokens[(unsigned char)*p], p, p + 1, 0);
			p++;
			break;
		case C_OP:
			p = lex_operator_or_comment(lx, p, err);
			break;
		case C_DOT:
			p = lex_dots(lx, p, err);
			break;
		case C_QUOTE:
			p = lex_string(lx, p, p, SO_TOK_STRING, err);
			break;
		case C_DQUOTE:
			p = lex_quoted(lx, p, p, SO_TOK_QUOTED, err);
			break;
		case C_DOLLAR:
			p = lex_dollar(lx, p, err);
			break;
		case C_COLON:
			p = lex_colon(lx, p);
			break;
		case C_END:
			emit(lx, SO_TOK_END, end, end, 0);
			return true;
		default:
			p = lex_other(lx, p, err);
		}
	}
	return false;
}
