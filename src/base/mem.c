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

static int unmap(struct so_mem_pages *pages)
{
	munmap(pages->at, pages->bytes);
	return 0;
}

/* Whole pages: advice that ends within one would divide the mapping, which then cannot be moved. */
static size_t whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) & ~(page - 1);
}

struct so_mem_pages *so_mem_pages_new(TALLOC_CTX *ctx, size_t wanted)
{
	struct so_mem_pages *pages = so_new(ctx, struct so_mem_pages);
	size_t bytes = whole_pages(wanted);
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	*pages = (struct so_mem_pages){ so_mem_need(at == MAP_FAILED ? NULL : at), bytes };
	so_mem_expect_use(at, bytes);
	talloc_set_destructor(pages, unmap);
	return pages;
}

void so_mem_pages_grow(struct so_mem_pages *pages, size_t wanted)
{
	size_t bytes = whole_pages(wanted);
	void *at = mremap(pages->at, pages->bytes, bytes, MREMAP_MAYMOVE);

	*pages = (struct so_mem_pages){ so_mem_need(at == MAP_FAILED ? NULL : at), bytes };
	so_mem_expect_use(at, bytes);
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
