/* Internal to plan/: what chats, mails, wikis and web pages do to a text that is copied through them. */
#ifndef SO_PLAN_PASTE_H
#define SO_PLAN_PASTE_H

#include <stddef.h>

#include "base/mem.h"

/* The plan out of a pasted text (which is changed; ended by a NUL): lines quoted by '>', the first block between fences
 * of Markdown (``` or ~~~), blanks that all lines begin with, blanks that a page made unbreakable. A text without any
 * of these comes back as it is. The result is `text`, a part of it, or a child of `ctx`. */
char *so_plan_unpaste(TALLOC_CTX *ctx, char *text, size_t *len);

#endif
