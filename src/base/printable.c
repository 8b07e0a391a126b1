#include "base/printable.h"

#include <string.h>

#include "base/utf8.h"

/* Length and code point of the UTF-8 character at `p`; 1 and U+FFFD for a byte that begins none. */
static size_t decode(const unsigned char *p, unsigned *code)
{
	int n = so_utf8_length((const char *)p, 4);

	*code = n == 1 ? *p : n > 1 ? *p & (0x7Fu >> n) : 0xFFFD;
	for (int i = 1; i < n; i++)
		*code = *code << 6 | (p[i] & 0x3Fu);
	return n > 0 ? (size_t)n : 1;
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
