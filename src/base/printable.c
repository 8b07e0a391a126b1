#include "base/printable.h"

#include <string.h>

/* Length and code point of the UTF-8 character at `p`; 1 and U+FFFD for a byte that begins none. */
static size_t decode(const unsigned char *p, unsigned *code)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *p < 0x80 ? 1 : (*p & 0xE0) == 0xC0 ? 2 : (*p & 0xF0) == 0xE0 ? 3 : (*p & 0xF8) == 0xF0 ? 4 : 0;

	*code = n == 1 ? *p : *p & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			n = 0;
			break;
		}
		*code = *code << 6 | (p[i] & 0x3Fu);
	}
	if (n && *code >= least[n] && *code <= 0x10FFFF && (*code < 0xD800 || *code > 0xDFFF))
		return n;
	*code = 0xFFFD;
	return 1;
}

static bool turns_direction(unsigned code)
{
	return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
	       (code >= 0x2066 && code <= 0x2069);
}

size_t so_unprintable(const char *p, unsigned *code)
{
	size_t n = decode((const unsigned char *)p, code);
	bool control = (*code < 0x20 && *code != '\n' && *code != '\t') || (*code >= 0x7F && *code < 0xA0);

	return control || turns_direction(*code) || (*code == 0xFFFD && n == 1) ? n : 0;
}

const char *so_printable(TALLOC_CTX *ctx, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	char *copy = NULL, *to = NULL;
	unsigned code;

	while (*p) {
		size_t bad = so_unprintable((const char *)p, &code), n = bad ? bad : decode(p, &code);

		if (bad && !copy) {
			copy = so_strdup(ctx, text);
			to = copy + ((const char *)p - text);
		}
		if (bad)
			*to++ = '?';
		else if (copy)
			to = (char *)memmove(to, p, n) + n;
		p += n;
	}
	if (copy)
		*to = '\0';
	return copy ? copy : text;
}
