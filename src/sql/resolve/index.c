#include "sql/resolve/index.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* The seed keeps names that a stranger chose from sharing a slot. */
static uint64_t hash_of(const struct so_name_index *index, const char *name)
{
	char lower[64];
	uint64_t hash = (uintptr_t)index;
	size_t len = strlen(name);

	for (size_t done = 0; done < len || !done;) {
		size_t n = len - done < sizeof lower ? len - done : sizeof lower;

		for (size_t i = 0; i < n; i++)
			lower[i] = (char)(name[done + i] | (name[done + i] >= 'A' && name[done + i] <= 'Z' ? 0x20 : 0));
		hash = XXH3_64bits_withSeed(lower, n, hash);
		done += n;
		if (!n)
			break;
	}
	return hash;
}

static void link_item(struct so_name_index *index, uint32_t number)
{
	uint32_t *slot = &index->slots[2 * (index->items[number].hash & index->mask)];

	index->items[number].next = 0;
	if (slot[0])
		index->items[slot[1] - 1].next = number + 1;
	else
		slot[0] = number + 1;
	slot[1] = number + 1;
}

static void grow(struct so_name_index *index)
{
	index->room = index->room ? 2 * index->room : 16;
	index->mask = 2 * index->room - 1;
	index->items = so_renew_array(index, index->items, struct so_index_item, index->room);
	talloc_free(index->slots);
	index->slots = so_new_array(index, uint32_t, 2 * (size_t)(index->mask + 1));
	for (uint32_t i = 0; i < index->count; i++)
		link_item(index, i);
}

void so_index_add(struct so_name_index *index, const char *name)
{
	if (index->count == index->room)
		grow(index);
	index->items[index->count].hash = hash_of(index, name);
	link_item(index, index->count++);
}

int32_t so_index_first(const struct so_name_index *index, const char *name)
{
	return index->count ? (int32_t)index->slots[2 * (hash_of(index, name) & index->mask)] - 1 : -1;
}

int32_t so_index_next(const struct so_name_index *index, int32_t number)
{
	return (int32_t)index->items[number].next - 1;
}
