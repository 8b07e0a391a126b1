/* An index of texts by the three bytes at each place, for finding any part of any of them: **pure**, bytes in and out.
 *
 * A *block* is some hundred texts in a row, as if they were one long string, two zero bytes behind each. For each three
 * bytes that occur, in lower case (ASCII only, as LIKE has it), there is a list of the places where they begin. A part
 * of a text is found where the lists of its three bytes at 0, 3, 6 ... have places that fit together: exactly, so no
 * text is read. The lists of a block are numbered: SO_GRAM_BUCKETS of them hold the places (by the first two bytes, so
 * that a search of two bytes reads one, too), one says which texts have which byte at all, one has the texts themselves
 * (ids and lengths). Nobody outside of store/ includes this. */
#ifndef SO_STORE_GRAM_H
#define SO_STORE_GRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum {
	SO_GRAM_BUCKETS = 256,
	SO_GRAM_BYTES = SO_GRAM_BUCKETS, /* number of the list of bytes */
	SO_GRAM_TEXTS, /* of the list of texts */
	SO_GRAM_LISTS,
	SO_GRAM_TEXTS_MAX = 1024, /* texts of a block */
	SO_GRAM_BLOCK_BYTES = 256 * 1024, /* a block with as many bytes takes no further text */
	SO_GRAM_NEEDLE_MAX = 4096, /* bytes */
};

struct so_gram_text {
	int64_t id;
	const char *text;
};

struct so_gram_list {
	unsigned char *bytes; /* NULL: nothing */
	size_t len;
};
struct so_gram_block {
	struct so_gram_list lists[SO_GRAM_LISTS];
};
/* texts: 1 to SO_GRAM_TEXTS_MAX, ascending by id. */
struct so_gram_block *so_gram_block_make(TALLOC_CTX *ctx, const struct so_gram_text *texts, size_t n);

/* What is looked for, and which lists that takes. */
struct so_gram_needle {
	unsigned char *bytes; /* in lower case */
	size_t len;
	size_t steps; /* lists to read, 1 at least */
	size_t order[SO_GRAM_NEEDLE_MAX / 3 +
		     2]; /* in which they are read: those first that were short in the last block */
	size_t seen[SO_GRAM_NEEDLE_MAX / 3 + 2]; /* how long they were */
};
/* text: 1 to SO_GRAM_NEEDLE_MAX bytes. */
struct so_gram_needle *so_gram_needle_new(TALLOC_CTX *ctx, const char *text);

/* Where the needle may be in one block, step by step. */
struct so_gram_match {
	uint32_t *places; /* where it begins, ascending */
	size_t count, room;
	bool texts; /* the places are numbers of texts already */
	TALLOC_CTX *ctx;
};
void so_gram_match_init(struct so_gram_match *match, TALLOC_CTX *ctx);
/* Which list the step needs, 0 to SO_GRAM_LISTS - 1. */
int so_gram_step_list(const struct so_gram_needle *needle, size_t step);
/* Takes that list in; false: its bytes are damaged. When no place is left after it, the block has no such text. */
bool so_gram_step(struct so_gram_match *match, struct so_gram_needle *needle, size_t step, const void *bytes,
	size_t len) SO_MUST_CHECK;
/* Behind the last step of a block: puts the lists that were short first, for the next one. */
void so_gram_reorder(struct so_gram_needle *needle);

typedef void so_gram_found_fn(void *arg, int64_t text_id);
/* Behind the last step: the texts, from the block's list of them; each once. */
bool so_gram_texts(const struct so_gram_match *match, const void *bytes, size_t len, so_gram_found_fn *found,
	void *arg) SO_MUST_CHECK;

#endif
