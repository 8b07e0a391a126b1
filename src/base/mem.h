/* Memory: talloc, one tree per request, job or connection. An allocation failure aborts, so that none of these
 * returns NULL; every input is therefore capped at the edge. See docs/internals/base.md. */
#ifndef SO_BASE_MEM_H
#define SO_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <talloc.h>

#include "base/err.h"

/* Zeroed struct, named by its type so that talloc_get_type_abort works on it. */
#define so_new(ctx, type)          ((type *)so_mem_need(talloc_zero(ctx, type)))
#define so_new_array(ctx, type, n) ((type *)so_mem_need(talloc_zero_array(ctx, type, n)))
/* Resizes an array made by so_new_array; new elements are NOT zeroed. */
#define so_renew_array(ctx, ptr, type, n) ((type *)so_mem_need(talloc_realloc(ctx, ptr, type, n)))

/* A scratch context, child of `parent`, freed on every way out of the block. */
#define SO_TMP(name, parent)                                                                                           \
	__attribute__((cleanup(so_mem_free_tmp))) TALLOC_CTX *name = so_mem_need(talloc_new(parent))

char *so_strdup(TALLOC_CTX *ctx, const char *text) __attribute__((returns_nonnull));
char *so_strndup(TALLOC_CTX *ctx, const char *text, size_t len) __attribute__((returns_nonnull));
char *so_printf(TALLOC_CTX *ctx, const char *fmt, ...) SO_PRINTF(2, 3) __attribute__((returns_nonnull));
char *so_vprintf(TALLOC_CTX *ctx, const char *fmt, va_list args) __attribute__((returns_nonnull));
/* NULL in, NULL out. */
char *so_strdup_or_null(TALLOC_CTX *ctx, const char *text);
void *so_memdup(TALLOC_CTX *ctx, const void *bytes, size_t len) __attribute__((returns_nonnull));

/* Must run in main before the first thread: null tracking races between threads, and talloc's first free
 * initialises global state (found under ThreadSanitizer). */
void so_mem_init(void);

/* Tells the kernel that a large block is about to be filled: it then comes in pages of 2 MB instead of 4 kB, whose
 * faults cost more than filling them. Does nothing below SO_MEM_LARGE, or where the kernel has no such pages. */
#define SO_MEM_LARGE ((size_t)2 << 20)
void so_mem_expect_use(void *ptr, size_t bytes);

/* Pages of their own, for arrays that may get larger than talloc's blocks (256 MB) or grow step by step: growing moves
 * them, but copies nothing. Zeroed; what is not touched costs no memory. Freed with `ctx`. */
struct so_mem_pages {
	void *at;
	size_t bytes;
};
struct so_mem_pages *so_mem_pages_new(TALLOC_CTX *ctx, size_t bytes) __attribute__((returns_nonnull));
void so_mem_pages_grow(struct so_mem_pages *pages, size_t bytes);

void *so_mem_need(void *ptr) __attribute__((returns_nonnull));
void so_mem_free_tmp(TALLOC_CTX **ctx);

#endif
