#include "sql/tree/arena.h"

#include <pthread.h>
#include <stdlib.h>

#define CHUNK_MIN    1024u
#define CHUNK_HEAD   32u
#define ARENA_START  4u /* offset 0 means "absent" */
#define PAGES_MAX    4095u
#define SIZE_CLASSES 12 /* 1 KiB .. 2 MiB: a page and the chunk header */

struct so_chunk {
	struct so_chunk *next;
	size_t size; /* bytes after the header */
	size_t used; /* of them; those behind are zero */
	int size_class; /* -1: too large to keep */
	so_ref first; /* arena offset of its first byte */
};
_Static_assert(sizeof(struct so_chunk) <= CHUNK_HEAD, "the chunk header fits");

struct so_chunks {
	pthread_mutex_t mutex; /* guards everything below: ASTs may be freed on other threads */
	unsigned users;
	size_t kept_bytes;
	size_t keep_bytes;
	struct so_chunk *free[SIZE_CLASSES];
};

#define ALIGNED(upper, lower) _Static_assert(_Alignof(struct so_n_##lower) <= 4, "the arena aligns to 4");
SO_NODE_KINDS(ALIGNED)

struct so_chunks *so_chunks_new(size_t keep_bytes)
{
	struct so_chunks *pool = so_mem_need(calloc(1, sizeof *pool));

	pthread_mutex_init(&pool->mutex, NULL);
	pool->users = 1;
	pool->keep_bytes = keep_bytes;
	return pool;
}

void so_chunks_retain(struct so_chunks *pool)
{
	pthread_mutex_lock(&pool->mutex);
	pool->users++;
	pthread_mutex_unlock(&pool->mutex);
}

static uint8_t *chunk_data(struct so_chunk *chunk)
{
	return (uint8_t *)chunk + CHUNK_HEAD;
}

static void chunk_free(struct so_chunk *chunk)
{
	so_unpoison(chunk_data(chunk), chunk->size);
	free(chunk);
}

void so_chunks_release(struct so_chunks *pool)
{
	unsigned left;

	pthread_mutex_lock(&pool->mutex);
	left = --pool->users;
	pthread_mutex_unlock(&pool->mutex);
	if (left)
		return;
	for (int i = 0; i < SIZE_CLASSES; i++) {
		while (pool->free[i]) {
			struct so_chunk *chunk = pool->free[i];

			pool->free[i] = chunk->next;
			chunk_free(chunk);
		}
	}
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

/* Smallest class that holds `bytes`, or -1. */
static int class_of(size_t bytes)
{
	int i = bytes <= CHUNK_MIN ? 0 : 64 - __builtin_clzll((bytes - 1) / CHUNK_MIN);

	return i < SIZE_CLASSES ? i : -1;
}

static struct so_chunk *chunk_take(struct so_chunks *pool, size_t bytes)
{
	int size_class = class_of(bytes);
	struct so_chunk *chunk = NULL;

	if (pool && size_class >= 0) {
		pthread_mutex_lock(&pool->mutex);
		chunk = pool->free[size_class];
		if (chunk) {
			pool->free[size_class] = chunk->next;
			pool->kept_bytes -= chunk->size;
		}
		pthread_mutex_unlock(&pool->mutex);
	}
	if (!chunk) {
		size_t size = size_class >= 0 ? (size_t)CHUNK_MIN << size_class : bytes;

		chunk = so_mem_need(calloc(1, CHUNK_HEAD + size));
		chunk->size = size;
		chunk->size_class = size_class;
		so_poison(chunk_data(chunk), size);
	}
	chunk->next = NULL;
	return chunk;
}

/* Makes every byte zero again, as so_arena_alloc needs it. */
static void chunk_clean(struct so_chunk *chunk)
{
	so_unpoison(chunk_data(chunk), chunk->used);
	memset(chunk_data(chunk), 0, chunk->used);
	chunk->used = 0;
	so_poison(chunk_data(chunk), chunk->size);
}

static void chunk_give(struct so_chunks *pool, struct so_chunk *chunk)
{
	bool keep = false;

	chunk_clean(chunk);
	if (pool && chunk->size_class >= 0) {
		pthread_mutex_lock(&pool->mutex);
		keep = pool->kept_bytes + chunk->size <= pool->keep_bytes;
		if (keep) {
			chunk->next = pool->free[chunk->size_class];
			pool->free[chunk->size_class] = chunk;
			pool->kept_bytes += chunk->size;
		}
		pthread_mutex_unlock(&pool->mutex);
	}
	if (!keep)
		chunk_free(chunk);
}

/* Notes how much of the current chunk was used. */
static void seal(struct so_ast *ast)
{
	if (ast->chunks)
		ast->chunks->used = ast->next - ast->chunks->first;
}

static void give_chunks(struct so_ast *ast)
{
	while (ast->chunks) {
		struct so_chunk *chunk = ast->chunks;

		ast->chunks = chunk->next;
		chunk_give(ast->pool, chunk);
	}
}

static int ast_destroy(struct so_ast *ast)
{
	seal(ast);
	give_chunks(ast);
	if (ast->pool)
		so_chunks_release(ast->pool);
	return 0;
}

/* Makes the pages of a chunk the end of the arena. */
static void map_chunk(struct so_ast *ast, struct so_chunk *chunk, size_t usable)
{
	uint32_t pages = (uint32_t)((usable + SO_AST_PAGE - 1) / SO_AST_PAGE);

	so_assert(ast->page_count + pages <= PAGES_MAX);
	if (ast->page_count + pages > ast->page_room) {
		uint32_t room = (ast->page_count + pages) * 2;
		uint8_t **table = so_new_array(ast, uint8_t *, room);

		memcpy(table, ast->pages, ast->page_count * sizeof *table);
		if (ast->pages != ast->first_pages)
			talloc_free(ast->pages);
		ast->pages = table;
		ast->page_room = room;
	}
	ast->next = ast->page_count << SO_AST_PAGE_BITS;
	ast->end = ast->next + (so_ref)usable;
	ast->base = (uintptr_t)chunk_data(chunk) - ast->next;
	for (uint32_t i = 0; i < pages; i++)
		ast->pages[ast->page_count++] = chunk_data(chunk) + (size_t)i * SO_AST_PAGE;
	chunk->first = ast->next;
	chunk->next = ast->chunks;
	ast->chunks = chunk;
	ast->arena_bytes += chunk->size;
}

/* Takes a chunk for at least `bytes`; the rest of the last one is lost. */
static void arena_grow(struct so_ast *ast, size_t bytes)
{
	struct so_chunk *chunk = chunk_take(ast->pool, bytes);
	size_t usable = chunk->size;

	seal(ast);
	/* A chunk for one page is cut to the page, so that offsets never run from one chunk into the next. */
	if (bytes <= SO_AST_PAGE && usable > SO_AST_PAGE)
		usable = SO_AST_PAGE;
	map_chunk(ast, chunk, usable);
}

/* Keeps the largest chunk of one page, if there is one. */
static void clear_chunks(struct so_ast *ast)
{
	struct so_chunk **at, **best = NULL, *keep = NULL;

	for (at = &ast->chunks; *at; at = &(*at)->next)
		if ((*at)->size <= SO_AST_PAGE && (!best || (*at)->size > (*best)->size))
			best = at;
	if (best) {
		keep = *best;
		*best = keep->next;
	}
	give_chunks(ast);
	ast->page_count = 0;
	ast->arena_bytes = 0;
	if (keep) {
		chunk_clean(keep);
		map_chunk(ast, keep, keep->size);
	} else {
		arena_grow(ast, CHUNK_MIN);
	}
}

void so_ast_clear(struct so_ast *ast)
{
	struct so_chunk *chunk = ast->chunks;

	seal(ast);
	if (chunk && !chunk->next && chunk->first == 0 && ast->page_count == 1)
		chunk_clean(chunk); /* it stays where it is */
	else
		clear_chunks(ast);
	ast->token_count = 0;
	so_ast_forget_tokens(ast);
	ast->sources = &ast->first_source;
	ast->source_count = 0;
	ast->source_room = 1;
	ast->next = ARENA_START;
}

size_t so_ast_arena_used(const struct so_ast *ast)
{
	size_t used = 0;

	for (const struct so_chunk *chunk = ast->chunks; chunk; chunk = chunk->next)
		used += chunk == ast->chunks ? ast->next - chunk->first : chunk->used;
	return used;
}

struct so_ast *so_ast_create(TALLOC_CTX *ctx, enum so_dialect dialect, struct so_chunks *pool, size_t first_bytes)
{
	struct so_ast *ast = so_mem_need(talloc(ctx, struct so_ast));

	memset(ast, 0, sizeof *ast);
	ast->dialect = dialect;
	ast->pages = ast->first_pages;
	ast->page_room = sizeof ast->first_pages / sizeof ast->first_pages[0];
	ast->sources = &ast->first_source;
	ast->source_room = 1;
	ast->pool = pool;
	if (pool)
		so_chunks_retain(pool);
	talloc_set_destructor(ast, ast_destroy);
	arena_grow(ast, first_bytes > SO_AST_PAGE ? SO_AST_PAGE : first_bytes);
	ast->next = ARENA_START;
	return ast;
}

struct so_ast *so_ast_new(TALLOC_CTX *ctx, enum so_dialect dialect)
{
	return so_ast_create(ctx, dialect, NULL, CHUNK_MIN);
}

/* The chunk behind the last one. */
static void next_chunk(struct so_ast *ast, size_t bytes)
{
	size_t want = ast->arena_bytes;

	/* Double, so that the number of chunks stays small, up to one page a chunk. */
	if (want > SO_AST_PAGE)
		want = SO_AST_PAGE;
	if (want < bytes)
		want = bytes;
	arena_grow(ast, want);
}

void so_arena_make_room(struct so_ast *ast, size_t bytes)
{
	if (bytes > ast->end - ast->next)
		next_chunk(ast, bytes);
}

so_ref so_arena_more(struct so_ast *ast, size_t bytes)
{
	so_ref ref;

	next_chunk(ast, bytes);
	ref = ast->next;
	ast->next += (so_ref)bytes;
	so_unpoison(so_ast_at(ast, ref), bytes);
	return ref;
}

so_ref so_arena_bytes(struct so_ast *ast, const void *bytes, size_t len)
{
	so_ref ref = so_arena_raw(ast, len + 1);
	char *at = so_ast_at(ast, ref);

	if (len)
		memcpy(at, bytes, len);
	at[len] = '\0';
	return ref;
}

void so_node_set_wide_span(struct so_ast *ast, struct so_node *node, uint32_t first, uint32_t last)
{
	/* an offset of the arena is a multiple of 4; with all bits set it would be beyond its last page */
	if (node->span < SO_SPAN_WIDE || node->span == SO_SPAN_NONE)
		node->span = SO_SPAN_WIDE | so_arena_raw(ast, sizeof(struct so_wide_span)) >> 2;
	*so_node_wide_span(ast, node) = (struct so_wide_span){ first, last };
}

uint32_t so_ast_add_source(struct so_ast *ast, so_ref text, uint32_t len)
{
	if (ast->source_count == ast->source_room) {
		uint32_t room = ast->source_room * 2;
		struct so_source *more = so_ast_at(ast, so_arena_alloc(ast, room * sizeof *more));

		memcpy(more, ast->sources, ast->source_count * sizeof *more);
		ast->sources = more;
		ast->source_room = room;
	}
	ast->sources[ast->source_count] =
		(struct so_source){ .text = text, .len = len, .first_token = ast->token_count };
	return ast->source_count++;
}
