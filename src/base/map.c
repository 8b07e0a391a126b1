#include "base/map.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

/* Open addressing with linear probing; at most 3/4 full. A removed entry pulls its followers back, so that there are no
 * tombstones to clean up. */
struct slot {
	char *key; /* NULL: free */
	void *value;
	uint64_t hash;
};

struct so_map {
	struct slot *slots;
	size_t size, count, max; /* size is a power of two */
	uint64_t seed;
};

static uint64_t hash_text(uint64_t seed, const char *text)
{
	uint64_t hash = seed ^ 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	/* FNV's low bits are weak, and the low bits choose the slot */
	hash ^= hash >> 32;
	hash *= 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

struct so_map *so_map_new(TALLOC_CTX *ctx, size_t max)
{
	struct so_map *map = so_new(ctx, struct so_map);

	map->size = 8;
	map->max = max;
	map->slots = so_new_array(map, struct slot, map->size);
	if (getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) != (ssize_t)sizeof map->seed)
		map->seed = (uint64_t)so_time_monotonic_us();
	return map;
}

static size_t find(const struct so_map *map, const char *key, uint64_t hash)
{
	size_t at = hash & (map->size - 1);

	while (map->slots[at].key && (map->slots[at].hash != hash || strcmp(map->slots[at].key, key) != 0))
		at = (at + 1) & (map->size - 1);
	return at;
}

void *so_map_get(const struct so_map *map, const char *key)
{
	return map->slots[find(map, key, hash_text(map->seed, key))].value;
}

static void grow(struct so_map *map)
{
	struct slot *old = map->slots;
	size_t old_size = map->size;

	map->size *= 2;
	map->slots = so_new_array(map, struct slot, map->size);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].key)
			map->slots[find(map, old[i].key, old[i].hash)] = old[i];
	talloc_free(old);
}

bool so_map_put(struct so_map *map, const char *key, void *value)
{
	uint64_t hash = hash_text(map->seed, key);
	size_t at = find(map, key, hash);

	so_assert(value);
	if (map->slots[at].key) {
		map->slots[at].value = value;
		return true;
	}
	if (map->count >= map->max)
		return false;
	if ((map->count + 1) * 4 > map->size * 3) {
		grow(map);
		at = find(map, key, hash);
	}
	map->slots[at] = (struct slot){ .key = so_strdup(map, key), .value = value, .hash = hash };
	map->count++;
	return true;
}

void *so_map_remove(struct so_map *map, const char *key)
{
	size_t mask = map->size - 1, hole = find(map, key, hash_text(map->seed, key));
	void *value = map->slots[hole].value;

	if (!map->slots[hole].key)
		return NULL;
	talloc_free(map->slots[hole].key);
	for (size_t at = (hole + 1) & mask; map->slots[at].key; at = (at + 1) & mask) {
		size_t home = map->slots[at].hash & mask;

		/* stays where it is if its home lies after the hole on the way to it */
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole] = (struct slot){ 0 };
	map->count--;
	return value;
}

size_t so_map_count(const struct so_map *map)
{
	return map->count;
}

bool so_map_next(const struct so_map *map, size_t *at, const char **key, void **value)
{
	for (; *at < map->size; ++*at)
		if (map->slots[*at].key) {
			*key = map->slots[*at].key;
			*value = map->slots[*at].value;
			++*at;
			return true;
		}
	return false;
}
