/* The encoding of samples in the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/block.h"

static void test_keys(void **state)
{
	static const int64_t hours[] = { 0, 1, 490000, 500000 }, queries[] = { 1, 63, 64, 65, 5000, 4000000000 };

	(void)state;
	for (size_t h = 0; h < 4; h++)
		for (size_t q = 0; q < 6; q++) {
			int64_t key = so_block_key(hours[h], queries[q], 3599);

			assert_int_equal(so_block_hour(key), hours[h]);
			assert_int_equal(so_block_second(key), 3599);
			assert_int_equal(so_block_query(key), queries[q] / 64 * 64);
			assert_in_range(key, so_block_first(hours[h], queries[q]), so_block_last(hours[h], queries[q]));
			assert_true(key < so_block_first(hours[h], queries[q] + 64));
			assert_true(key < so_block_first(hours[h] + 1, 0));
		}
}

static int64_t number(unsigned *seed)
{
	int bits = rand_r(seed) % 64;

	return (int64_t)((((uint64_t)rand_r(seed) << 40) ^ ((uint64_t)rand_r(seed) << 20) ^ (uint64_t)rand_r(seed)) &
			 (((uint64_t)1 << bits) - 1));
}

static size_t some_samples(unsigned *seed, int64_t first, struct so_store_sample *out)
{
	size_t n = 0;

	for (int64_t place = 0; place < SO_BLOCK_QUERIES; place++) {
		if (rand_r(seed) % 3 == 0)
			continue;
		out[n] = (struct so_store_sample){ .query_id = first + place };
		for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
			if (rand_r(seed) % 2)
				out[n].delta[k] = number(seed);
		n++;
	}
	return n;
}

static void test_there_and_back(void **state)
{
	unsigned seed = 11;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct so_store_sample in[SO_BLOCK_QUERIES];
		size_t n = some_samples(&seed, (int64_t)round * 64, in), len, at = 0;
		unsigned char bytes[SO_BLOCK_MAX];
		int64_t place, delta[SO_SAMPLE_COUNTERS];
		struct so_block_reader reader;

		len = so_block_pack(bytes, in, n);
		so_block_open(&reader, bytes, len);
		for (; so_block_next(&reader, &place, delta); at++) {
			assert_int_equal(in[at].query_id, (int64_t)round * 64 + place);
			assert_memory_equal(in[at].delta, delta, sizeof delta);
		}
		assert_int_equal(at, n);
		assert_false(reader.damaged);
		for (at = 0, place = 0; place < SO_BLOCK_QUERIES; place++) {
			bool there = at < n && in[at].query_id == (int64_t)round * 64 + place;

			so_block_open(&reader, bytes, len);
			assert_int_equal(so_block_find(&reader, place, delta), there);
			assert_false(reader.damaged);
			if (there)
				assert_memory_equal(in[at++].delta, delta, sizeof delta);
		}
	}
}

static void test_the_largest_block_fits(void **state)
{
	struct so_store_sample in[SO_BLOCK_QUERIES];
	unsigned char bytes[SO_BLOCK_MAX];

	(void)state;
	memset(in, 0xff, sizeof in);
	for (int i = 0; i < SO_BLOCK_QUERIES; i++)
		in[i].query_id = i;
	assert_int_equal(so_block_pack(bytes, in, SO_BLOCK_QUERIES), SO_BLOCK_MAX);
}

/* Cut anywhere, or with any byte changed: read to the end, or called damaged; never past the end (the sanitizers look).
 */
static void test_damage(void **state)
{
	unsigned seed = 5;
	struct so_store_sample in[SO_BLOCK_QUERIES];
	unsigned char bytes[SO_BLOCK_MAX];
	size_t n = some_samples(&seed, 0, in), len = so_block_pack(bytes, in, n), damaged = 0;
	int64_t place, delta[SO_SAMPLE_COUNTERS];
	struct so_block_reader reader;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		unsigned char *copy = malloc(cut ? cut : 1);
		size_t found = 0;

		assert_non_null(copy);
		memcpy(copy, bytes, cut);
		so_block_open(&reader, copy, cut);
		while (so_block_next(&reader, &place, delta))
			found++;
		assert_true(found < n);
		damaged += reader.damaged;
		so_block_open(&reader, copy, cut);
		if (so_block_find(&reader, in[n - 1].query_id, delta))
			assert_true(cut > len);
		free(copy);
	}
	assert_true(damaged > len / 2); /* a cut between two samples cannot be told */
	for (size_t at = 0; at < len; at++) {
		bytes[at] ^= 0x80;
		so_block_open(&reader, bytes, len);
		while (so_block_next(&reader, &place, delta))
			assert_in_range(place, 0, SO_BLOCK_QUERIES - 1);
		bytes[at] ^= 0x80;
	}
	bytes[0] = 2; /* a format of tomorrow */
	so_block_open(&reader, bytes, len);
	assert_false(so_block_next(&reader, &place, delta));
	assert_true(reader.damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_the_largest_block_fits),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
