#include "store/block.h"

#include <string.h>

/* A format byte; then for each sample two bytes, low one first: its place in the lower six bits, above them a bit for
 * each counter that moved; and these counters, in groups of seven bits, lowest first. */
enum { FORMAT = 1, HEAD = 2, PLACE_BITS = 6, SECOND_BITS = 12, HOUR_SHIFT = 44 };

_Static_assert(SO_BLOCK_QUERIES == 1 << PLACE_BITS, "the place has bits of its own");
_Static_assert(PLACE_BITS + SO_SAMPLE_COUNTERS <= 16, "place and counters share two bytes");

int64_t so_block_key(int64_t hour, int64_t query_id, int64_t second)
{
	return hour << HOUR_SHIFT | (query_id >> PLACE_BITS) << SECOND_BITS | second;
}

int64_t so_block_first(int64_t hour, int64_t from)
{
	return so_block_key(hour, from, 0);
}

int64_t so_block_last(int64_t hour, int64_t to)
{
	return so_block_key(hour, to, (1 << SECOND_BITS) - 1);
}

int64_t so_block_hour(int64_t key)
{
	return key >> HOUR_SHIFT;
}

int64_t so_block_second(int64_t key)
{
	return key & ((1 << SECOND_BITS) - 1);
}

int64_t so_block_query(int64_t key)
{
	return (key & (((int64_t)1 << HOUR_SHIFT) - 1)) >> SECOND_BITS << PLACE_BITS;
}

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*to++ = (unsigned char)(value | 0x80);
	*to++ = (unsigned char)value;
	return to;
}

size_t so_block_pack(unsigned char out[SO_BLOCK_MAX], const struct so_store_sample *samples, size_t n)
{
	unsigned char *to = out;

	so_assert(n <= SO_BLOCK_QUERIES);
	*to++ = FORMAT;
	for (size_t i = 0; i < n; i++) {
		unsigned head = (unsigned)samples[i].query_id & (SO_BLOCK_QUERIES - 1);
		unsigned char *at = to;

		to += HEAD;
		for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
			if (samples[i].delta[k]) {
				head |= 1U << (PLACE_BITS + k);
				to = put_number(to, (uint64_t)samples[i].delta[k]);
			}
		at[0] = (unsigned char)head;
		at[1] = (unsigned char)(head >> 8);
	}
	return (size_t)(to - out);
}

void so_block_open(struct so_block_reader *reader, const void *bytes, size_t len)
{
	reader->at = bytes;
	reader->end = reader->at + len;
	reader->damaged = len == 0 || *reader->at++ != FORMAT;
	if (reader->damaged)
		reader->at = reader->end = bytes;
}

static bool damaged(struct so_block_reader *reader)
{
	reader->damaged = true;
	reader->at = reader->end;
	return false;
}

static bool get_number(struct so_block_reader *reader, int64_t *value)
{
	uint64_t number = 0;

	for (unsigned shift = 0; reader->at < reader->end && shift < 64; shift += 7) {
		unsigned char byte = *reader->at++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = (int64_t)number;
			return true;
		}
	}
	return damaged(reader);
}

static bool get_head(struct so_block_reader *reader, unsigned *head)
{
	if (reader->at == reader->end)
		return false;
	if (reader->end - reader->at < HEAD)
		return damaged(reader);
	*head = reader->at[0] | (unsigned)reader->at[1] << 8;
	reader->at += HEAD;
	return true;
}

static bool get_counters(struct so_block_reader *reader, unsigned head, int64_t delta[SO_SAMPLE_COUNTERS])
{
	memset(delta, 0, SO_SAMPLE_COUNTERS * sizeof *delta);
	for (unsigned moved = head >> PLACE_BITS; moved; moved &= moved - 1) {
		int k = __builtin_ctz(moved);

		if (k >= SO_SAMPLE_COUNTERS || !get_number(reader, &delta[k]))
			return damaged(reader);
	}
	return true;
}

bool so_block_next(struct so_block_reader *reader, int64_t *place, int64_t delta[SO_SAMPLE_COUNTERS])
{
	unsigned head;

	if (!get_head(reader, &head))
		return false;
	*place = head & (SO_BLOCK_QUERIES - 1);
	return get_counters(reader, head, delta);
}

/* A number ends at its first byte without the high bit. */
static void skip(struct so_block_reader *reader, int numbers)
{
	while (numbers && reader->at < reader->end)
		numbers -= !(*reader->at++ & 0x80);
	if (numbers)
		damaged(reader);
}

bool so_block_find(struct so_block_reader *reader, int64_t place, int64_t delta[SO_SAMPLE_COUNTERS])
{
	unsigned head;

	while (get_head(reader, &head)) {
		if ((head & (SO_BLOCK_QUERIES - 1)) == place)
			return get_counters(reader, head, delta);
		skip(reader, __builtin_popcount(head >> PLACE_BITS));
	}
	return false;
}
