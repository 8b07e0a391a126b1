#include "base/vec.h"

#include <stdint.h>
#include <string.h>

void *so_vec_grow(TALLOC_CTX *ctx, void **items, size_t *count, size_t *size, size_t max, size_t item_size)
{
	char *slot;

	if (*count >= max)
		return NULL;
	if (*count == *size) {
		size_t wanted = *size ? *size * 2 : 8;

		if (wanted > max)
			wanted = max;
		so_assert(wanted <= SIZE_MAX / item_size);
		*items = so_mem_need(talloc_realloc_size(ctx, *items, wanted * item_size));
		*size = wanted;
	}
	slot = (char *)*items + *count * item_size;
	memset(slot, 0, item_size);
	++*count;
	return slot;
}

void so_vec_cut(void *items, size_t *count, size_t at, size_t item_size)
{
	char *slot = (char *)items + at * item_size;

	so_assert(at < *count);
	memmove(slot, slot + item_size, (*count - at - 1) * item_size);
	--*count;
}
