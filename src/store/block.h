/* Samples as they lie in the store: those of one time and of 64 neighbouring queries are one row, a *block*. The key
 * has the hour first, then the queries, then the second, so that an hour is dropped by range and one query's history is
 * one seek an hour; a poll touches a page for 64 queries, where a row a sample would touch one for each. Nobody outside
 * of store/ includes this. */
#ifndef SO_STORE_BLOCK_H
#define SO_STORE_BLOCK_H

#include "store/store.h"

#define SO_BLOCK_QUERIES 64
#define SO_BLOCK_MAX     (1 + SO_BLOCK_QUERIES * (2 + 10 * SO_SAMPLE_COUNTERS)) /* bytes */

/* Key of the block of a query; every number that is not negative and fits: hours up to 2^19, seconds up to 4,095. */
int64_t so_block_key(int64_t hour, int64_t query_id, int64_t second);
/* First and last key that the queries from..to (both included) can have in the hour. */
int64_t so_block_first(int64_t hour, int64_t from);
int64_t so_block_last(int64_t hour, int64_t to);
int64_t so_block_hour(int64_t key);
int64_t so_block_second(int64_t key);
int64_t so_block_query(int64_t key); /* the first of its queries */

/* `samples`: n of one block and second, ascending by query, none twice. Returns how many bytes of `out` it took. */
size_t so_block_pack(unsigned char out[SO_BLOCK_MAX], const struct so_store_sample *samples, size_t n);

struct so_block_reader {
	const unsigned char *at, *end;
	bool damaged; /* the bytes are not a block: what was read until here may be wrong, too */
};
void so_block_open(struct so_block_reader *reader, const void *bytes, size_t len);
/* The next sample: its place in the block and its counters. False at the end. */
bool so_block_next(struct so_block_reader *reader, int64_t *place, int64_t delta[SO_SAMPLE_COUNTERS]);
/* Goes to the sample of one place, and past it. False when there is none. */
bool so_block_find(struct so_block_reader *reader, int64_t place, int64_t delta[SO_SAMPLE_COUNTERS]);

#endif
