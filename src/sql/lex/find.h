/* Which word a text is (internal to sql/): a perfect hash, whose tables keyword_hash.py makes. */
#ifndef SO_SQL_FIND_H
#define SO_SQL_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/keyword_hash.h"
#include "sql/lex/keywords.h"

#define SO_KEYWORD_SLOTS 2048u

extern const uint16_t so_keyword_shifts[512];
extern const uint16_t so_keyword_slots[SO_KEYWORD_SLOTS];
/* Without the words that a dialect lacks. */
extern const uint16_t so_dialect_slots[SO_DIALECT_MAX][SO_KEYWORD_SLOTS];
/* The first sixteen characters of each word, folded and filled up with zeros. */
extern const _Alignas(16) uint64_t so_keyword_halves[SO_KW_MAX][2];

/* The word that a text may be, of which there is one for each hash; as in keyword_hash.py. `low` and `high` are the
 * first sixteen characters of the text, folded and filled up with zeros. */
static inline unsigned so_hash_word(const uint16_t *slots, uint64_t low, uint64_t high, size_t len)
{
	uint64_t hash = (low + len) * KEYWORD_FACTOR_LOW + high * KEYWORD_FACTOR_HIGH;

	return slots[((hash >> 32 & 0xFFFF) ^ so_keyword_shifts[hash >> 55]) % SO_KEYWORD_SLOTS];
}

/* Whether the text is the word, whose first sixteen characters are those of the text. */
static inline bool so_is_long_word(unsigned number, const char *text, size_t len)
{
	const struct so_keyword *word = &so_keywords[number];

	if (word->len != len)
		return false;
	for (size_t i = 16; i < len; i++)
		if (word->name[i] != (text[i] | 0x20))
			return false;
	return true;
}

#endif
