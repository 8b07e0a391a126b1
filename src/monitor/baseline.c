#include "monitor/baseline.h"

#include <string.h>

enum { FORMAT = 1, NUMBER_MAX = 10, ENTRY_MAX = 16 + NUMBER_MAX * (2 + SO_COUNTERS) };

static size_t slots_for(size_t entries)
{
	size_t n = 16;

	while (n < entries * 2)
		n *= 2;
	return n;
}

struct so_baseline *so_baseline_new(TALLOC_CTX *ctx, size_t room)
{
	struct so_baseline *baseline = so_new(ctx, struct so_baseline);

	baseline->room = room ? room : 1;
	baseline->entries = so_new_array(baseline, struct so_baseline_entry, baseline->room);
	baseline->n_slots = slots_for(baseline->room);
	baseline->slots = so_new_array(baseline, uint32_t, baseline->n_slots);
	return baseline;
}

/* The keys are hashes: any part of them will do. */
static size_t slot_of(const struct so_baseline *baseline, const uint64_t key[2])
{
	size_t at = (size_t)key[0] & (baseline->n_slots - 1);

	while (baseline->slots[at] && memcmp(baseline->entries[baseline->slots[at] - 1].key, key, 2 * sizeof *key) != 0)
		at = (at + 1) & (baseline->n_slots - 1);
	return at;
}

static void fill_slots(struct so_baseline *baseline)
{
	memset(baseline->slots, 0, baseline->n_slots * sizeof *baseline->slots);
	for (size_t i = 0; i < baseline->count; i++)
		baseline->slots[slot_of(baseline, baseline->entries[i].key)] = (uint32_t)i + 1;
}

static void grow(struct so_baseline *baseline)
{
	baseline->room *= 2;
	baseline->entries = so_renew_array(baseline, baseline->entries, struct so_baseline_entry, baseline->room);
	baseline->n_slots = slots_for(baseline->room);
	baseline->slots = so_renew_array(baseline, baseline->slots, uint32_t, baseline->n_slots);
	fill_slots(baseline);
}

struct so_baseline *so_baseline_copy(TALLOC_CTX *ctx, const struct so_baseline *from)
{
	struct so_baseline *copy = so_baseline_new(ctx, from->room);

	copy->count = from->count;
	memcpy(copy->entries, from->entries, from->count * sizeof *copy->entries);
	memcpy(copy->slots, from->slots, copy->n_slots * sizeof *copy->slots);
	return copy;
}

struct so_baseline_entry *so_baseline_find(const struct so_baseline *baseline, const uint64_t key[2])
{
	uint32_t slot = baseline->slots[slot_of(baseline, key)];

	return slot ? &baseline->entries[slot - 1] : NULL;
}

struct so_baseline_entry *so_baseline_add(struct so_baseline *baseline, const uint64_t key[2])
{
	struct so_baseline_entry *entry;

	if (baseline->count == SO_BASELINE_MAX)
		return NULL;
	if (baseline->count == baseline->room)
		grow(baseline);
	baseline->slots[slot_of(baseline, key)] = (uint32_t)baseline->count + 1;
	entry = &baseline->entries[baseline->count++];
	*entry = (struct so_baseline_entry){ .key = { key[0], key[1] } };
	return entry;
}

/* Closes the gap in the run of slots that a search would stop at. */
static void free_slot(struct so_baseline *baseline, size_t gap)
{
	size_t mask = baseline->n_slots - 1;

	baseline->slots[gap] = 0;
	for (size_t at = (gap + 1) & mask; baseline->slots[at]; at = (at + 1) & mask) {
		uint32_t moved = baseline->slots[at];

		baseline->slots[at] = 0;
		baseline->slots[slot_of(baseline, baseline->entries[moved - 1].key)] = moved;
	}
}

void so_baseline_remove(struct so_baseline *baseline, size_t at)
{
	size_t last = baseline->count - 1;

	so_assert(at < baseline->count);
	free_slot(baseline, slot_of(baseline, baseline->entries[at].key));
	if (at != last) {
		size_t slot = slot_of(baseline, baseline->entries[last].key);

		baseline->entries[at] = baseline->entries[last];
		baseline->slots[slot] = (uint32_t)at + 1;
	}
	baseline->count--;
}

/* ---- chunks: a format byte, then for each entry the key as it is and numbers in groups of seven bits ---- */

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*to++ = (unsigned char)(value | 0x80);
	*to++ = (unsigned char)value;
	return to;
}

static unsigned char *put_entry(unsigned char *to, const struct so_baseline_entry *entry)
{
	memcpy(to, entry->key, sizeof entry->key);
	to += sizeof entry->key;
	to = put_number(to, (uint64_t)(entry->query_id - SO_QUERY_NEVER));
	to = put_number(to, (uint64_t)entry->since_us);
	for (int i = 0; i < SO_COUNTERS; i++)
		to = put_number(to, (uint64_t)entry->counters[i]);
	return to;
}

struct so_store_chunks *so_baseline_encode(TALLOC_CTX *ctx, const struct so_baseline *baseline)
{
	struct so_store_chunks *chunks = so_new(ctx, struct so_store_chunks);
	unsigned char *bytes = so_new_array(chunks, unsigned char, baseline->count *ENTRY_MAX + 1 + baseline->count);

	chunks->count = (baseline->count + SO_BASELINE_CHUNK - 1) / SO_BASELINE_CHUNK;
	chunks->items = so_new_array(chunks, struct so_store_chunk, chunks->count + 1);
	for (size_t i = 0; i < chunks->count; i++) {
		size_t end = (i + 1) * SO_BASELINE_CHUNK;
		unsigned char *to = bytes;

		*to++ = FORMAT;
		for (size_t k = i * SO_BASELINE_CHUNK; k < end && k < baseline->count; k++)
			to = put_entry(to, &baseline->entries[k]);
		chunks->items[i] = (struct so_store_chunk){ (int64_t)i, bytes, (size_t)(to - bytes) };
		bytes = to;
	}
	return chunks;
}

static bool get_number(const unsigned char **at, const unsigned char *end, int64_t *value)
{
	uint64_t number = 0;

	for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
		unsigned char byte = *(*at)++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = (int64_t)number;
			return true;
		}
	}
	return false;
}

static bool get_entry(struct so_baseline *baseline, const unsigned char **at, const unsigned char *end)
{
	struct so_baseline_entry *entry;
	uint64_t key[2];
	int64_t number;

	if (end - *at < (ptrdiff_t)sizeof key)
		return false;
	memcpy(key, *at, sizeof key);
	*at += sizeof key;
	if (so_baseline_find(baseline, key))
		return false;
	entry = so_baseline_add(baseline, key);
	if (!entry || !get_number(at, end, &number) || !get_number(at, end, &entry->since_us))
		return false;
	entry->query_id = number + SO_QUERY_NEVER;
	for (int i = 0; i < SO_COUNTERS; i++)
		if (!get_number(at, end, &entry->counters[i]))
			return false;
	return true;
}

struct so_baseline *so_baseline_decode(TALLOC_CTX *ctx, const struct so_store_chunks *chunks, struct so_err *err)
{
	struct so_baseline *baseline = so_baseline_new(ctx, chunks->count * SO_BASELINE_CHUNK);

	for (size_t i = 0; i < chunks->count; i++) {
		const unsigned char *at = chunks->items[i].bytes, *end = at + chunks->items[i].len;
		bool good = at < end && *at++ == FORMAT;

		while (good && at < end)
			good = get_entry(baseline, &at, end);
		if (!good) {
			talloc_free(baseline);
			so_fail(err, SO_STORE, "the counters seen last are damaged in the store");
			return NULL;
		}
	}
	return baseline;
}
