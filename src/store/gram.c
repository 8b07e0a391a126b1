#include "store/gram.h"

#include <string.h>

enum {
	END = 2, /* zero bytes behind each text */
	DIGIT = 11, /* bits that one pass of the sort looks at */
	MAP_BYTES = SO_GRAM_TEXTS_MAX / 8,
	PLACES_MAX = 1 << 28, /* of a block: a few texts of 256 KiB are what is there */
};

/* ---- bytes ---- */

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static unsigned bucket_of(unsigned first, unsigned second)
{
	return (first << 8 | second) * 40503U >> 8 & (SO_GRAM_BUCKETS - 1);
}

static uint32_t gram_at(const unsigned char *at)
{
	return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

static size_t number_len(uint32_t value)
{
	size_t len = 1;

	for (; value >= 0x80; value >>= 7)
		len++;
	return len;
}

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*to++ = (unsigned char)(value | 0x80);
	*to++ = (unsigned char)value;
	return to;
}

struct reader {
	const unsigned char *at, *end;
};

static bool get_number(struct reader *r, uint64_t *value)
{
	uint64_t number = 0;

	if (r->at < r->end && *r->at < 0x80) { /* nearly all of them */
		*value = *r->at++;
		return true;
	}
	for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
		unsigned char byte = *r->at++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = number;
			return true;
		}
	}
	return false;
}

/* ---- making a block ---- */

/* Upper half: bucket and three bytes; lower half: the place. */
static uint64_t posting(const unsigned char *at, size_t place)
{
	return (uint64_t)(bucket_of(at[0], at[1]) << 24 | gram_at(at)) << 32 | place;
}

/* By the upper half, places stay in order: digit by digit, the lowest first. */
static void sort_postings(TALLOC_CTX *ctx, uint64_t *items, size_t n)
{
	uint64_t *from = items, *to = so_mem_need(talloc_array(ctx, uint64_t, n));
	uint64_t *spare = to;

	for (unsigned shift = 32; shift < 64; shift += DIGIT) {
		size_t start[1 << DIGIT] = { 0 }, sum = 0;

		for (size_t i = 0; i < n; i++)
			start[from[i] >> shift & ((1 << DIGIT) - 1)]++;
		for (size_t d = 0; d < 1 << DIGIT; d++) {
			size_t count = start[d];

			start[d] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[from[i] >> shift & ((1 << DIGIT) - 1)]++] = from[i];
		uint64_t *swapped = from;

		from = to;
		to = swapped;
	}
	if (from != items)
		memcpy(items, from, n * sizeof *items);
	talloc_free(spare);
}

/* One list after the other: the three bytes, how many bytes follow, and the distances from place to place. */
static void write_buckets(struct so_gram_block *block, const uint64_t *postings, size_t n)
{
	/* the three bytes and a length for each, and five bytes for a place: nothing is longer */
	for (size_t i = 0; i < n;) {
		unsigned bucket = (unsigned)(postings[i] >> 56);
		struct so_gram_list *list = &block->lists[bucket];
		size_t end = i;
		unsigned char *to;

		while (end < n && postings[end] >> 56 == bucket)
			end++;
		list->bytes = so_mem_need(talloc_array(block, unsigned char, (end - i) * 13));
		to = list->bytes;
		while (i < end) {
			uint64_t gram = postings[i] >> 32;
			size_t stop = i, len = 0;
			uint32_t last = 0;

			for (; stop < end && postings[stop] >> 32 == gram; stop++) {
				len += number_len((uint32_t)postings[stop] - last);
				last = (uint32_t)postings[stop];
			}
			*to++ = (unsigned char)(gram >> 16);
			*to++ = (unsigned char)(gram >> 8);
			*to++ = (unsigned char)gram;
			to = put_number(to, len);
			for (last = 0; i < stop; i++) {
				to = put_number(to, (uint32_t)postings[i] - last);
				last = (uint32_t)postings[i];
			}
		}
		list->len = (size_t)(to - list->bytes);
	}
}

/* How long a map is; then each byte that occurs, with its map: a bit for each text. */
static void write_bytes(struct so_gram_block *block, const unsigned char *all, const size_t *starts, size_t n)
{
	SO_TMP(tmp, NULL);
	unsigned char(*maps)[MAP_BYTES] = talloc_zero_size(tmp, (size_t)256 * MAP_BYTES);
	struct so_gram_list *list = &block->lists[SO_GRAM_BYTES];
	size_t map_len = (n + 7) / 8;
	unsigned char *to;

	so_mem_need(maps);
	for (size_t i = 0; i < n; i++)
		for (const unsigned char *at = all + starts[i]; *at; at++)
			maps[*at][i / 8] |= (unsigned char)(1U << i % 8);
	list->bytes = to = so_mem_need(talloc_array(block, unsigned char, 2 + 256 * (1 + map_len)));
	to = put_number(to, map_len);
	for (unsigned byte = 1; byte < 256; byte++) {
		bool any = false;

		for (size_t i = 0; i < map_len; i++)
			any = any || maps[byte][i];
		if (!any)
			continue;
		*to++ = (unsigned char)byte;
		memcpy(to, maps[byte], map_len);
		to += map_len;
	}
	list->len = (size_t)(to - list->bytes);
}

static void write_texts(struct so_gram_block *block, const struct so_gram_text *texts, const size_t *starts, size_t n)
{
	struct so_gram_list *list = &block->lists[SO_GRAM_TEXTS];
	unsigned char *to = list->bytes = so_mem_need(talloc_array(block, unsigned char, n * 20));
	int64_t last = 0;

	for (size_t i = 0; i < n; i++) {
		to = put_number(to, (uint64_t)(texts[i].id - last));
		to = put_number(to, starts[i + 1] - starts[i]);
		last = texts[i].id;
	}
	list->len = (size_t)(to - list->bytes);
}

struct so_gram_block *so_gram_block_make(TALLOC_CTX *ctx, const struct so_gram_text *texts, size_t n)
{
	SO_TMP(tmp, NULL);
	struct so_gram_block *block = so_new(ctx, struct so_gram_block);
	size_t *starts = so_new_array(tmp, size_t, n + 1), count = 0;
	unsigned char *all;
	uint64_t *postings;

	so_assert(n > 0 && n <= SO_GRAM_TEXTS_MAX);
	for (size_t i = 0; i < n; i++)
		starts[i + 1] = starts[i] + strlen(texts[i].text) + END;
	so_assert(starts[n] <= PLACES_MAX);
	all = so_new_array(tmp, unsigned char, starts[n]);
	postings = so_mem_need(talloc_array(tmp, uint64_t, starts[n]));
	for (size_t i = 0; i < n; i++) {
		unsigned char *to = all + starts[i];

		for (const char *from = texts[i].text; *from; from++)
			*to++ = lower((unsigned char)*from);
	}
	for (size_t at = 0; at < starts[n]; at++)
		if (all[at]) /* two zeros follow every text, so three bytes are always there */
			postings[count++] = posting(all + at, at);
	sort_postings(tmp, postings, count);
	write_buckets(block, postings, count);
	write_bytes(block, all, starts, n);
	write_texts(block, texts, starts, n);
	return block;
}

/* ---- what is looked for ---- */

struct so_gram_needle *so_gram_needle_new(TALLOC_CTX *ctx, const char *text)
{
	struct so_gram_needle *needle = so_new(ctx, struct so_gram_needle);

	needle->len = strlen(text);
	so_assert(needle->len > 0 && needle->len <= SO_GRAM_NEEDLE_MAX);
	needle->bytes = so_new_array(needle, unsigned char, needle->len);
	for (size_t i = 0; i < needle->len; i++)
		needle->bytes[i] = lower((unsigned char)text[i]);
	needle->steps = (needle->len + 2) / 3;
	/* the ends first: what stands between them is what most needles share with other texts */
	for (size_t i = 0; i < needle->steps; i++)
		needle->order[i] = i % 2 ? i / 2 : needle->steps - 1 - i / 2;
	return needle;
}

/* Where in the needle the three bytes of a list begin. */
static size_t offset_of(const struct so_gram_needle *needle, size_t part)
{
	return part + 1 < needle->steps || needle->len < 3 ? part * 3 : needle->len - 3;
}

int so_gram_step_list(const struct so_gram_needle *needle, size_t step)
{
	const unsigned char *at = needle->bytes + offset_of(needle, needle->order[step]);

	return needle->len == 1 ? SO_GRAM_BYTES : (int)bucket_of(at[0], at[1]);
}

void so_gram_reorder(struct so_gram_needle *needle)
{
	for (size_t i = 1; i < needle->steps; i++)
		for (size_t j = i; j > 0 && needle->seen[needle->order[j]] < needle->seen[needle->order[j - 1]]; j--) {
			size_t part = needle->order[j];

			needle->order[j] = needle->order[j - 1];
			needle->order[j - 1] = part;
		}
}

/* ---- places ---- */

void so_gram_match_init(struct so_gram_match *match, TALLOC_CTX *ctx)
{
	*match = (struct so_gram_match){ .ctx = ctx };
}

static void add_place(struct so_gram_match *match, uint64_t place)
{
	if (match->count == match->room) {
		match->room = match->room ? match->room * 2 : 4096;
		match->places = so_mem_need(talloc_realloc(match->ctx, match->places, uint32_t, match->room));
	}
	match->places[match->count++] = (uint32_t)place;
}

/* The first places of all, moved back to where the needle would begin. */
static bool first_places(struct so_gram_match *match, struct reader list, size_t offset)
{
	uint64_t place = 0, step;

	while (list.at < list.end) {
		if (!get_number(&list, &step))
			return false;
		place += step;
		if (place > PLACES_MAX)
			return false;
		if (place >= offset)
			add_place(match, place - offset);
	}
	return true;
}

/* Those of the places so far that this list has, too. */
static bool common_places(struct so_gram_match *match, struct reader list, size_t offset)
{
	uint64_t place = 0, step;
	size_t kept = 0;

	for (size_t i = 0; i < match->count && list.at < list.end;) {
		if (!get_number(&list, &step))
			return false;
		place += step;
		while (i < match->count && match->places[i] + offset < place)
			i++;
		if (i < match->count && match->places[i] + offset == place)
			match->places[kept++] = match->places[i++];
	}
	match->count = kept;
	return true;
}

/* The next list of a bucket, and whose it is; false at the end, and when it is damaged. */
static bool next_list(struct reader *bucket, uint32_t *gram, struct reader *list, bool *ok)
{
	uint64_t len;

	if (bucket->at == bucket->end)
		return false;
	*ok = bucket->end - bucket->at > 3;
	if (!*ok)
		return false;
	*gram = gram_at(bucket->at);
	bucket->at += 3;
	*ok = get_number(bucket, &len) && len <= (uint64_t)(bucket->end - bucket->at);
	if (!*ok)
		return false;
	*list = (struct reader){ bucket->at, bucket->at + len };
	bucket->at += len;
	return true;
}

/* Into order, by a bit for each place: there are about as many places as bytes. */
static void sort_places(struct so_gram_match *match)
{
	SO_TMP(tmp, NULL);
	size_t words, n = 0;
	uint32_t last = 0;
	uint64_t *bits;

	for (size_t i = 0; i < match->count; i++)
		last = match->places[i] > last ? match->places[i] : last;
	words = (size_t)last / 64 + 1;
	bits = so_new_array(tmp, uint64_t, words);
	for (size_t i = 0; i < match->count; i++)
		bits[match->places[i] / 64] |= UINT64_C(1) << match->places[i] % 64;
	for (size_t i = 0; i < words; i++)
		for (uint64_t left = bits[i]; left; left &= left - 1)
			match->places[n++] = (uint32_t)(i * 64 + (size_t)__builtin_ctzll(left));
	match->count = n;
}

/* Two bytes: all lists that begin with them. */
static bool step_pair(struct so_gram_match *match, const struct so_gram_needle *needle, struct reader bucket)
{
	uint32_t pair = (uint32_t)needle->bytes[0] << 8 | needle->bytes[1], gram = 0;
	struct reader list;
	bool ok = true;

	while (next_list(&bucket, &gram, &list, &ok))
		if (gram >> 8 == pair && !first_places(match, list, 0))
			return false;
	if (ok && match->count)
		sort_places(match);
	return ok;
}

/* One byte: the texts that have it. */
static bool step_byte(struct so_gram_match *match, const struct so_gram_needle *needle, struct reader bytes)
{
	uint64_t length;
	size_t map;

	if (!get_number(&bytes, &length) || length == 0 || length > MAP_BYTES)
		return false;
	map = (size_t)length;
	match->texts = true;
	for (; (size_t)(bytes.end - bytes.at) > map; bytes.at += 1 + map)
		if (*bytes.at == needle->bytes[0])
			for (size_t i = 0; i < map * 8; i++)
				if (bytes.at[1 + i / 8] >> i % 8 & 1)
					add_place(match, i);
	return bytes.at == bytes.end;
}

bool so_gram_step(
	struct so_gram_match *match, struct so_gram_needle *needle, size_t step, const void *bytes, size_t len)
{
	struct reader bucket = { bytes, (const unsigned char *)bytes + len }, list = { NULL, NULL };
	size_t part = needle->order[step], offset = offset_of(needle, part);
	uint32_t wanted, gram = 0;
	bool ok = true;

	if (step == 0)
		match->count = 0;
	match->texts = false;
	if (needle->len == 1)
		return step_byte(match, needle, bucket);
	if (needle->len == 2)
		return step_pair(match, needle, bucket);
	wanted = gram_at(needle->bytes + offset);
	/* they are in order */
	while (next_list(&bucket, &gram, &list, &ok) && gram < wanted)
		list = (struct reader){ NULL, NULL };
	if (!ok)
		return false;
	if (!list.at || gram != wanted) {
		needle->seen[part] = 0;
		match->count = 0;
		return true;
	}
	needle->seen[part] = (size_t)(list.end - list.at);
	return step == 0 ? first_places(match, list, offset) : common_places(match, list, offset);
}

bool so_gram_texts(const struct so_gram_match *match, const void *bytes, size_t len, so_gram_found_fn *found, void *arg)
{
	struct reader list = { bytes, (const unsigned char *)bytes + len };
	uint64_t id = 0, end = 0, step, length;
	size_t i = 0;

	for (uint64_t number = 0; i < match->count; number++) {
		if (!get_number(&list, &step) || !get_number(&list, &length))
			return false; /* a place behind the last text, too */
		id += step;
		end += length;
		if (match->places[i] < (match->texts ? number + 1 : end))
			found(arg, (int64_t)id);
		while (i < match->count && match->places[i] < (match->texts ? number + 1 : end))
			i++;
	}
	return true;
}
