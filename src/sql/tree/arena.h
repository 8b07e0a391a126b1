/* The bump arena under struct so_ast (internal to sql/). */
#ifndef SO_SQL_ARENA_H
#define SO_SQL_ARENA_H

#include <string.h>

#include "sql/ast.h"

#if defined(__SANITIZE_ADDRESS__)
#define SO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SO_ASAN 1
#endif
#endif

#ifdef SO_ASAN
#include <sanitizer/asan_interface.h>
#define so_poison(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define so_unpoison(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define so_poison(p, n)   ((void)(p), (void)(n))
#define so_unpoison(p, n) ((void)(p), (void)(n))
#endif

#define SO_PREFETCH_MAX 2048u

/* Chunks kept warm between statements. Counted by the parser and by each AST that took a chunk from it, so either
 * may die first, on any thread. */
struct so_chunks;

struct so_chunks *so_chunks_new(size_t keep_bytes);
void so_chunks_retain(struct so_chunks *pool);
void so_chunks_release(struct so_chunks *pool);

/* An AST whose first chunk holds about `first_bytes`. `pool` may be NULL. */
struct so_ast *so_ast_create(TALLOC_CTX *ctx, enum so_dialect dialect, struct so_chunks *pool, size_t first_bytes);

/* Slow path of so_arena_alloc: starts a new chunk. */
so_ref so_arena_more(struct so_ast *ast, size_t bytes);

/* The next `bytes` that are taken, in one piece or in several, lie in one chunk. */
void so_arena_make_room(struct so_ast *ast, size_t bytes);

/* `bytes` of uninitialised memory, aligned to 4: no struct of the tree has a larger member. Aborts when the arena would
 * pass 4 GiB: inputs are capped before. */
static inline so_ref so_arena_raw(struct so_ast *ast, size_t bytes)
{
	so_ref ref = ast->next;

	bytes = (bytes + 3) & ~(size_t)3;
	if (__builtin_expect(bytes > ast->end - ref, 0))
		return so_arena_more(ast, bytes);
	ast->next = ref + (so_ref)bytes;
	so_unpoison(so_ast_at(ast, ref), bytes);
	return ref;
}

/* The same, zeroed: which is what memory is that was never used, since chunks are cleaned before they are used again.
 */
static inline so_ref so_arena_alloc(struct so_ast *ast, size_t bytes)
{
	return so_arena_raw(ast, bytes);
}

/* Address of what was allocated last: so_ast_at without a look at the pages. */
static inline void *so_arena_last(const struct so_ast *ast, so_ref ref)
{
	return (void *)(ast->base + ref);
}

/* Sizes of the nodes, for compilers that know the kind. */
#define SO_NODE_BYTES(upper, lower) [SO_N_##upper] = sizeof(struct so_n_##lower),
static const uint16_t so_node_bytes[SO_N_MAX] = { SO_NODE_KINDS(SO_NODE_BYTES) };
#undef SO_NODE_BYTES

/* A copy of `len` bytes and a NUL. */
so_ref so_arena_bytes(struct so_ast *ast, const void *bytes, size_t len);

/* For spans that the header has no room for. */
void so_node_set_wide_span(struct so_ast *ast, struct so_node *node, uint32_t first, uint32_t last);

/* The node runs from token `first` to token `last`, which is not before it. */
static inline void so_node_set_span(struct so_ast *ast, struct so_node *node, uint32_t first, uint32_t last)
{
	uint32_t rest = last - first;

	if (__builtin_expect((first >> SO_SPAN_FIRST_BITS | rest >> SO_SPAN_REST_BITS) == 0, 1))
		node->span = first << SO_SPAN_REST_BITS | rest;
	else
		so_node_set_wide_span(ast, node, first, last);
}

/* Asks for the memory of a small tree at once, since a walk would wait for one piece after the other. Nothing happens
 * to what is near already. */
static inline void so_arena_prefetch(const struct so_ast *ast)
{
	const char *first = ast->page_count ? (const char *)ast->pages[0] : NULL;
	size_t bytes = ast->next < SO_PREFETCH_MAX ? ast->next : SO_PREFETCH_MAX;

	for (size_t i = 0; first && i < bytes; i += 64)
		__builtin_prefetch(first + i);
}

/* Adds a source whose tokens begin behind those of the others; returns its index. */
uint32_t so_ast_add_source(struct so_ast *ast, so_ref text, uint32_t len);

/* The tokens are read once more when somebody asks for them. */
static inline void so_ast_forget_tokens(struct so_ast *ast)
{
	ast->lexed = NULL;
	ast->lexed_sources = ast->lexed_room = 0;
}

#endif
