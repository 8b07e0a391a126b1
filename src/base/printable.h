/* Foreign text for a terminal: what stands in a statement, a name or a server's message must not drive it. */
#ifndef SO_BASE_PRINTABLE_H
#define SO_BASE_PRINTABLE_H

#include "base/mem.h"

/* `text` itself when it is harmless, else a copy with '?' for control characters (C0 without newline and tab, DEL,
 * C1), characters that turn the writing direction, and bytes that are not UTF-8. */
const char *so_printable(TALLOC_CTX *ctx, const char *text);

/* Bytes of the harmful character at `p` (the code point in *code, U+FFFD for what is not UTF-8), or 0. */
size_t so_unprintable(const char *p, unsigned *code);

#endif
