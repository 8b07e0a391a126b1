/* Text that must not stay in memory after its owner is gone: a talloc string whose destructor overwrites it. */
#ifndef SO_BASE_SECRET_H
#define SO_BASE_SECRET_H

#include <stddef.h>

#include "base/mem.h"

char *so_secret_dup(TALLOC_CTX *ctx, const char *text) __attribute__((returns_nonnull));
char *so_secret_ndup(TALLOC_CTX *ctx, const void *bytes, size_t len) __attribute__((returns_nonnull));
/* NULL in, NULL out. */
char *so_secret_dup_or_null(TALLOC_CTX *ctx, const char *text);
/* `len` zero bytes and a NUL, wiped when freed: to be filled by the caller. */
char *so_secret_new(TALLOC_CTX *ctx, size_t len) __attribute__((returns_nonnull));

#endif
