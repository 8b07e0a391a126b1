/* Which items of an array have a name, for arrays that are too long to be searched one by one (internal to sql/). */
#ifndef SO_SQL_RESOLVE_INDEX_H
#define SO_SQL_RESOLVE_INDEX_H

#include "base/mem.h"

#define SO_INDEX_FROM 32u /* shorter arrays are searched */

struct so_name_index {
	uint32_t *slots; /* number + 1 of the first and the last item of each slot */
	struct so_index_item *items; /* in the order of the array */
	uint32_t count, room, mask;
};

struct so_index_item {
	uint64_t hash;
	uint32_t next; /* number + 1 of the next one of the slot, 0: none */
};

/* The next item has this name. */
void so_index_add(struct so_name_index *index, const char *name);
/* Items that may have this name, in any case of ASCII letters, in ascending order: the first one, and the one behind
 * `number`; -1: there are no more. Others are among them, so the names must still be compared. */
int32_t so_index_first(const struct so_name_index *index, const char *name);
int32_t so_index_next(const struct so_name_index *index, int32_t number);

#endif
