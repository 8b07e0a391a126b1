#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *so_mem_need(void *ptr)
{
	if (!ptr) {
		fputs("sqlopt: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

void so_mem_expect_use(void *ptr, size_t bytes)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = ((uintptr_t)ptr + page - 1) & ~(page - 1);
	uintptr_t to = ((uintptr_t)ptr + bytes) & ~(page - 1);

	if (bytes >= SO_MEM_LARGE && to > from)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE); /* only advice: refused where there are none */
}

void so_mem_free_tmp(TALLOC_CTX **ctx)
{
	talloc_free(*ctx);
}

void so_mem_init(void)
{
	talloc_disable_null_tracking();
	talloc_free(talloc_new(NULL));
}

char *so_strdup(TALLOC_CTX *ctx, const char *text)
{
	return so_mem_need(talloc_strdup(ctx, text));
}

char *so_strndup(TALLOC_CTX *ctx, const char *text, size_t len)
{
	return so_mem_need(talloc_strndup(ctx, text, len));
}

char *so_strdup_or_null(TALLOC_CTX *ctx, const char *text)
{
	return text ? so_strdup(ctx, text) : NULL;
}

char *so_vprintf(TALLOC_CTX *ctx, const char *fmt, va_list args)
{
	return so_mem_need(talloc_vasprintf(ctx, fmt, args));
}

char *so_printf(TALLOC_CTX *ctx, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = so_vprintf(ctx, fmt, args);
	va_end(args);
	return text;
}

void *so_memdup(TALLOC_CTX *ctx, const void *bytes, size_t len)
{
	return so_mem_need(talloc_memdup(ctx, bytes, len ? len : 1));
}
