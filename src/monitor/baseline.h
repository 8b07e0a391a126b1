/* The last counters seen of the statements of one connection. In the store it is chunks of 256 entries; an entry keeps
 * its place while it lives, so that only the chunks of statements that moved are written again. */
#ifndef SO_MONITOR_BASELINE_H
#define SO_MONITOR_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/reading.h"
#include "store/history.h"

#define SO_BASELINE_CHUNK 256
#define SO_BASELINE_MAX   (4096 * SO_BASELINE_CHUNK)

/* What query_id says besides the row of a statement. */
enum {
	SO_QUERY_UNKNOWN = 0, /* nobody has looked at its text */
	SO_QUERY_OURS = -1, /* one of our own statements: not counted */
	SO_QUERY_APPLICATION = -2, /* looked at: not ours; no row so far */
	SO_QUERY_NEVER = -3, /* never a row of its own: not a query (BEGIN, VACUUM ...) */
};

struct so_baseline_entry {
	uint64_t key[2];
	int64_t since_us, query_id;
	int64_t counters[SO_COUNTERS];
};

struct so_baseline {
	size_t count, room;
	struct so_baseline_entry *entries;
	uint32_t *slots; /* open addressing over the keys: entry + 1, 0 is free */
	size_t n_slots; /* a power of two */
};

struct so_baseline *so_baseline_new(TALLOC_CTX *ctx, size_t room);
struct so_baseline *so_baseline_copy(TALLOC_CTX *ctx, const struct so_baseline *from);
/* The entry with the key, or NULL. Entries move when one is added or removed. */
struct so_baseline_entry *so_baseline_find(const struct so_baseline *baseline, const uint64_t key[2]);
/* A new entry, zero but for the key, which must not be there yet. NULL: the baseline is full. */
struct so_baseline_entry *so_baseline_add(struct so_baseline *baseline, const uint64_t key[2]);
/* Removes entry `at`; the last entry takes its place. */
void so_baseline_remove(struct so_baseline *baseline, size_t at);

/* SO_STORE when the chunks are damaged. */
struct so_baseline *so_baseline_decode(
	TALLOC_CTX *ctx, const struct so_store_chunks *chunks, struct so_err *err) SO_MUST_CHECK;
/* All chunks. */
struct so_store_chunks *so_baseline_encode(TALLOC_CTX *ctx, const struct so_baseline *baseline);

#endif
