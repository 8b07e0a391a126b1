/* Runs of characters, sixteen at a time where the processor can (internal to sql/). All read up to 16 bytes past the
 * end of what they look at, which SO_LEX_PADDING and the chunks of the arena allow. */
#ifndef SO_SQL_SCAN_H
#define SO_SQL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SO_SCAN_SLACK 16u

#if defined(__SSE2__)
#include <emmintrin.h>

static inline __m128i so_scan_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* 0xFF where a byte lies in first .. first + count - 1. */
static inline __m128i so_scan_range(__m128i v, char first, char count)
{
	__m128i at = _mm_sub_epi8(v, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(at, _mm_set1_epi8((char)(count - 1))), at);
}

/* Bit i: byte i is a letter, a digit, _, or no ASCII. */
static inline unsigned so_scan_word_mask(const char *p)
{
	__m128i v = so_scan_load(p);
	__m128i found = so_scan_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 26);

	found = _mm_or_si128(found, so_scan_range(v, '0', 10));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(found, v));
}

/* Behind the letters, digits, _ and characters outside ASCII from p on: what is part of a word in every dialect. */
static inline const char *so_scan_word(const char *p)
{
	unsigned stop = ~so_scan_word_mask(p) & 0xFFFF;

	while (__builtin_expect(!stop, 0)) {
		p += 16;
		stop = ~so_scan_word_mask(p) & 0xFFFF;
	}
	return p + __builtin_ctz(stop);
}

/* Whether a text has one of the 26 letters from `first` on (A: capital ones, a: small ones). */
static inline bool so_scan_has_letter(const char *p, size_t len, char first)
{
	for (; len > 16; p += 16, len -= 16)
		if (_mm_movemask_epi8(so_scan_range(so_scan_load(p), first, 26)))
			return true;
	return ((unsigned)_mm_movemask_epi8(so_scan_range(so_scan_load(p), first, 26)) & ((1u << len) - 1)) != 0;
}

/* Copies a text with the other case of those letters. */
static inline void so_scan_flip(char *out, const char *p, size_t len, char first)
{
	for (size_t i = 0; i < len; i += 16) {
		__m128i v = so_scan_load(p + i);
		__m128i flip = _mm_and_si128(so_scan_range(v, first, 26), _mm_set1_epi8(0x20));
		char piece[16];

		_mm_storeu_si128((__m128i *)(void *)piece, _mm_xor_si128(v, flip));
		memcpy(out + i, piece, len - i < 16 ? len - i : 16);
	}
}

/* Whether a text of at most 16 bytes has one of the 26 letters from the one on that fills `firsts`. */
static inline bool so_scan_short_has(const char *p, size_t len, const char firsts[16])
{
	__m128i at = _mm_sub_epi8(so_scan_load(p), so_scan_load(firsts));
	__m128i found = _mm_cmpeq_epi8(_mm_min_epu8(at, _mm_set1_epi8(25)), at);

	return ((unsigned)_mm_movemask_epi8(found) & ((1u << len) - 1)) != 0;
}

/* Copies it with the other case of those letters; `out` has zeros behind it. */
static inline void so_scan_flip_short(char out[16], const char *p, size_t len, const char firsts[16])
{
	static const uint8_t inside[32] = { [0 ... 15] = 0xFF };
	__m128i v = _mm_and_si128(so_scan_load(p), so_scan_load((const char *)inside + 16 - len));
	__m128i at = _mm_sub_epi8(v, so_scan_load(firsts));
	__m128i found = _mm_cmpeq_epi8(_mm_min_epu8(at, _mm_set1_epi8(25)), at);

	_mm_storeu_si128((__m128i *)(void *)out, _mm_xor_si128(v, _mm_and_si128(found, _mm_set1_epi8(0x20))));
}

/* The first `stop` at or behind p, no further than `end`; NULL when there is none. For short texts, where a call of
 * memchr costs more than the search. */
static inline const char *so_scan_find(const char *p, const char *end, char stop)
{
	for (; p < end; p += 16) {
		unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(so_scan_load(p), _mm_set1_epi8(stop)));

		if (found) {
			p += __builtin_ctz(found);
			return p < end ? p : NULL;
		}
	}
	return NULL;
}

/* The first `a` or `b` at or behind p, where one of them or a NUL stands. */
static inline const char *so_scan_either(const char *p, char a, char b)
{
	for (;; p += 16) {
		__m128i v = so_scan_load(p),
			found = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(a)), _mm_cmpeq_epi8(v, _mm_set1_epi8(b)));
		unsigned mask =
			(unsigned)_mm_movemask_epi8(_mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_setzero_si128())));

		if (mask)
			return p + __builtin_ctz(mask);
	}
}

#else

static inline const char *so_scan_either(const char *p, char a, char b)
{
	while (*p && *p != a && *p != b)
		p++;
	return p;
}

static inline const char *so_scan_word(const char *p)
{
	while (((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || (*p & 0x80))
		p++;
	return p;
}

static inline bool so_scan_has_letter(const char *p, size_t len, char first)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] >= first && p[i] <= first + 25)
			return true;
	return false;
}

static inline void so_scan_flip(char *out, const char *p, size_t len, char first)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(p[i] >= first && p[i] <= first + 25 ? p[i] ^ 0x20 : p[i]);
}

static inline bool so_scan_short_has(const char *p, size_t len, const char firsts[16])
{
	return so_scan_has_letter(p, len, firsts[0]);
}

static inline void so_scan_flip_short(char out[16], const char *p, size_t len, const char firsts[16])
{
	memset(out, 0, 16);
	so_scan_flip(out, p, len, firsts[0]);
}

static inline const char *so_scan_find(const char *p, const char *end, char stop)
{
	return p < end ? memchr(p, stop, (size_t)(end - p)) : NULL;
}

#endif
#endif
