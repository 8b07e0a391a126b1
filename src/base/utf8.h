/* The one idea of what UTF-8 is: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef SO_BASE_UTF8_H
#define SO_BASE_UTF8_H

#include "base/mem.h"

/* Bytes of the well-formed character at `text`, of which `left` (at least 1) bytes may be read; 0: there is none; -1:
 * the text ends inside of it. Reads no byte behind one that is wrong, so that a text that ends with NUL needs no
 * `left`: 4 will do. */
static inline int so_utf8_length(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

	if (n < 2)
		return (int)n;
	if (left < 2)
		return -1;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
		(p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (i == left)
			return -1;
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return (int)n;
}

/* Replaces bytes that are no UTF-8 by '?', in place. */
void so_utf8_mend(char *text, size_t len);
/* Copy whose bytes that are no UTF-8 became '?', up to the first NUL; for texts of unknown encoding. */
char *so_utf8_copy(TALLOC_CTX *ctx, const char *text, size_t len);

#endif
