/* Internal to plan/: the encodings in which plans are saved. */
#ifndef SO_PLAN_ENCODING_H
#define SO_PLAN_ENCODING_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* A copy in UTF-8, ended by a NUL: from UTF-8, or from UTF-16 (SQL Server Management Studio saves .sqlplan so), which
 * its byte order mark or the zero bytes of its first characters show. A byte order mark is dropped. NULL: err is
 * SO_INPUT: bytes that are no text, or a NUL character, with the place. */
char *so_plan_decode(TALLOC_CTX *ctx, const char *bytes, size_t len, size_t *out_len, struct so_err *err);

#endif
