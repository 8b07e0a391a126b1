/* A hash map from text to pointer with a hard maximum of entries. Copies keys, never owns values. Not thread-safe.
 * The hash is seeded per map, so that keys chosen by a stranger cannot pile up in one slot. */
#ifndef SO_BASE_MAP_H
#define SO_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct so_map;

struct so_map *so_map_new(TALLOC_CTX *ctx, size_t max);
/* The value, or NULL. */
void *so_map_get(const struct so_map *map, const char *key);
/* Adds or replaces; false when the map is full. `value` is not NULL. */
bool so_map_put(struct so_map *map, const char *key, void *value) SO_MUST_CHECK;
/* The value that was removed, or NULL. */
void *so_map_remove(struct so_map *map, const char *key);
size_t so_map_count(const struct so_map *map);
/* Walks all entries in no order: start with *at = 0; false at the end. The map must not change meanwhile. */
bool so_map_next(const struct so_map *map, size_t *at, const char **key, void **value);

#endif
