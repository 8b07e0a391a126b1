/* A growing array with a hard maximum. Declare one with `SO_VEC(struct thing) things;` as a member or local, give it to
 * so_vec_init once; the elements are one talloc block under the context given. */
#ifndef SO_BASE_VEC_H
#define SO_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

#define SO_VEC(type)                                                                                                   \
	struct {                                                                                                       \
		type *items;                                                                                           \
		size_t count, size, max;                                                                               \
		TALLOC_CTX *ctx;                                                                                       \
	}

#define so_vec_init(vec, context, maximum)                                                                             \
	((vec)->items = NULL, (vec)->count = 0, (vec)->size = 0, (vec)->max = (maximum), (vec)->ctx = (context))

/* A zeroed element at the end, valid until the next so_vec_add; NULL when the maximum is reached: the caller turns that
 * into an error that names the limit. */
#define so_vec_add(vec)                                                                                                \
	((__typeof__((vec)->items))so_vec_grow(                                                                        \
		(vec)->ctx, (void **)&(vec)->items, &(vec)->count, &(vec)->size, (vec)->max, sizeof *(vec)->items))

/* Removes element `at`, keeps the order of the others. */
#define so_vec_remove(vec, at) so_vec_cut((vec)->items, &(vec)->count, (at), sizeof *(vec)->items)

#define SO_VEC_EACH(var, vec)                                                                                          \
	for (__typeof__((vec)->items) var = (vec)->items; (vec)->items && var < (vec)->items + (vec)->count; var++)

/* What the macros expand to; not for direct use. */
void *so_vec_grow(TALLOC_CTX *ctx, void **items, size_t *count, size_t *size, size_t max, size_t item_size);
void so_vec_cut(void *items, size_t *count, size_t at, size_t item_size);

#endif
