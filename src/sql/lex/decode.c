/* Content of string and name tokens. */
#include <string.h>

#include "sql/lex.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to `most` digits of a radix from *p; -1 if there are fewer than `least`. */
static int64_t read_digits(const char **p, const char *end, int radix, int least, int most)
{
	int64_t value = 0;
	int n = 0;

	for (; n < most && *p < end; n++, (*p)++) {
		int digit = hex_digit(**p);

		if (digit < 0 || digit >= radix)
			break;
		value = value * radix + digit;
	}
	return n < least ? -1 : value;
}

static char *put_utf8(char *out, int64_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xF0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3F));
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* Joins the halves of a surrogate pair; -1 for half a pair or a number that is no character. `*high` carries the first
 * half, and 0 is returned for it. */
static int64_t join_surrogates(int64_t c, int64_t *high)
{
	if (c >= 0xD800 && c < 0xDC00) {
		if (*high)
			return -1;
		*high = c;
		return 0;
	}
	if (c >= 0xDC00 && c < 0xE000) {
		if (!*high)
			return -1;
		c = 0x10000 + ((*high - 0xD800) << 10) + (c - 0xDC00);
		*high = 0;
		return c;
	}
	return *high || c <= 0 || c > 0x10FFFF ? -1 : c;
}

/* \ and what follows in E'..'; `*p` is behind the backslash. NULL for a wrong escape. */
static char *put_escape(char *out, const char **p, const char *end, int64_t *high)
{
	static const char plain[][2] = { { 'b', '\b' }, { 'f', '\f' }, { 'n', '\n' }, { 'r', '\r' }, { 't', '\t' },
		{ 'v', '\v' } };
	char c = *(*p)++;
	int64_t value;

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		if (plain[i][0] == c) {
			*out++ = plain[i][1];
			return out;
		}
	}
	if (c == 'u' || c == 'U') {
		int digits = c == 'u' ? 4 : 8;

		value = read_digits(p, end, 16, digits, digits);
		value = value < 0 ? -1 : join_surrogates(value, high);
		if (value < 0)
			return NULL;
		return value ? put_utf8(out, value) : out;
	}
	if (c == 'x') {
		value = read_digits(p, end, 16, 1, 2);
		*out++ = value < 0 ? 'x' : (char)value;
		return out[-1] ? out : NULL;
	}
	if (c >= '0' && c <= '7') {
		(*p)--;
		*out++ = (char)read_digits(p, end, 8, 1, 3);
		return out[-1] ? out : NULL; /* no text holds a zero byte */
	}
	*out++ = c;
	return out;
}

/* \XXXX, \+XXXXXX or \\ in U&'..', with any escape character. */
static char *put_unicode(char *out, const char **p, const char *end, char escape, int64_t *high)
{
	int64_t value;

	if (*p < end && **p == escape) {
		*out++ = *(*p)++;
		return out;
	}
	if (*p < end && **p == '+') {
		(*p)++;
		value = read_digits(p, end, 16, 6, 6);
	} else {
		value = read_digits(p, end, 16, 4, 4);
	}
	value = value < 0 ? -1 : join_surrogates(value, high);
	if (value < 0)
		return NULL;
	return value ? put_utf8(out, value) : out;
}

static int64_t decode_quoted(const char *p, const char *end, const struct so_token *token, char *out)
{
	enum so_tok kind = (enum so_tok)token->kind;
	char quote = p[-1] == '[' ? ']' : p[-1];
	char escape = token->kw ? (char)token->kw : '\\';
	char *start = out;
	int64_t high = 0;
	bool escapes = kind == SO_TOK_ESTRING, unicode = kind == SO_TOK_USTRING || kind == SO_TOK_UQUOTED;

	while (p < end) {
		char c = *p++;

		if (c == quote) {
			if (p >= end)
				break;
			if (*p == quote) {
				*out++ = quote;
				p++;
				continue;
			}
			/* the next piece of the string: skip to its quote, past comments */
			while (p < end && *p != quote) {
				if (p[0] == '-')
					while (*p != '\n' && *p != '\r')
						p++;
				p++;
			}
			p++;
		} else if (((escapes && c == '\\') || (unicode && c == escape)) && p < end) {
			out = escapes ? put_escape(out, &p, end, &high) : put_unicode(out, &p, end, escape, &high);
			if (!out)
				return -1;
		} else {
			*out++ = c;
		}
	}
	return high ? -1 : out - start;
}

/* As MySQL has them: pieces in any quotes, white space between them, backslash escapes unless they are off. */
static int64_t decode_pieces(const char *p, const char *end, bool backslash, char *out)
{
	static const char plain[][2] = { { '0', '\0' }, { 'b', '\b' }, { 'n', '\n' }, { 'r', '\r' }, { 't', '\t' },
		{ 'Z', '\x1A' } };
	char *start = out, quote = p[-1];

	while (p < end) {
		char c = *p++;

		if (c == quote) {
			if (p < end && *p == quote) {
				*out++ = *p++;
				continue;
			}
			while (p < end && *p != '\'' && *p != '"')
				p++;
			quote = p < end ? *p++ : quote;
			continue;
		}
		if (c != '\\' || !backslash || p >= end) {
			*out++ = c;
			continue;
		}
		c = *p++;
		/* \% and \_ stay as they are: they are for LIKE */
		if (c == '%' || c == '_')
			*out++ = '\\';
		for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
			if (plain[i][0] == c) {
				c = plain[i][1];
				break;
			}
		}
		*out++ = c;
	}
	return out - start;
}

/* q'[..]' and nq'[..]' */
static int64_t decode_q(const char *text, uint32_t len, char *out)
{
	const char *open = (const char *)memchr(text, '\'', len) + 2;
	size_t n = len - (size_t)(open - text) - 2;

	memcpy(out, open, n);
	return (int64_t)n;
}

int64_t so_lex_decode(const struct so_token *token, const char *text, char *out)
{
	const char *end = text + token->len;
	const char *tag;
	bool pieces = token->kw > SO_STR_PLAIN, backslash = token->kw == SO_STR_BACKSLASH;

	switch ((enum so_tok)token->kind) {
	case SO_TOK_QUOTED:
		return decode_quoted(text + 1, end, token, out);
	case SO_TOK_UQUOTED:
		return decode_quoted(text + 3, end, token, out);
	case SO_TOK_STRING:
		if (pieces)
			return decode_pieces(text + 1, end, backslash, out);
		return decode_quoted(text + 1, end, token, out);
	case SO_TOK_USTRING:
		return decode_quoted(text + 3, end, token, out);
	case SO_TOK_QSTRING:
		return decode_q(text, token->len, out);
	case SO_TOK_NSTRING:
	case SO_TOK_BITS:
	case SO_TOK_HEX:
		if (pieces)
			return decode_pieces(text + 2, end, backslash, out);
		return decode_quoted(text + 2, end, token, out);
	case SO_TOK_ESTRING:
		return decode_quoted(text + 2, end, token, out);
	case SO_TOK_DOLLAR:
		tag = (const char *)memchr(text + 1, '$', token->len - 1) + 1;
		memcpy(out, tag, (size_t)(end - tag) - (size_t)(tag - text));
		return (end - tag) - (tag - text);
	default:
		memcpy(out, text, token->len);
		return token->len;
	}
}
