/* What fingerprints are made of (internal to sql/). */
#ifndef SO_SQL_TEXT_HASH_H
#define SO_SQL_TEXT_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sql/tree.h"

#define VALUE_HASH 5 /* of any literal */

/* Both factors get noise, so that small numbers spread, too. */
static inline uint64_t so_mix(uint64_t hash, uint64_t value)
{
	unsigned __int128 product =
		(unsigned __int128)(hash ^ UINT64_C(0x9E3779B97F4A7C15)) * (value ^ UINT64_C(0xC2B2AE3D27D4EB4F));

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t so_mix_text(uint64_t hash, struct so_text text)
{
	return XXH3_64bits_withSeed(text.s, text.len, hash);
}

/* Of a statement, or a part of one, that is not looked into, token by token, literals as one; without its `inner`. */
uint64_t so_hash_opaque(const struct so_ast *ast, so_ref ref);

#endif
