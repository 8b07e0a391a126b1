/* Which bytes a text may hold: UTF-8 without NUL. */
#include "sql/lex/lexer.h"
#include "sql/parse.h"

#include <string.h>

#include "base/utf8.h"
#include "sql/lex/scan.h"

#define SUBSTITUTE 0x1A /* ASCII's sign for a character that was lost */

/* The first place at or behind p with a NUL or a byte outside ASCII; `end` when there is none. */
static const char *skip_ascii(const char *p, const char *end)
{
#if defined(__SSE2__)
	const __m128i zero = _mm_setzero_si128();

	for (; end - p >= 16; p += 16) {
		__m128i v = so_scan_load(p);
		unsigned odd = (unsigned)_mm_movemask_epi8(_mm_or_si128(v, _mm_cmpeq_epi8(v, zero)));

		if (__builtin_expect(odd, 0))
			return p + __builtin_ctz(odd);
	}
#endif
	while (p < end && *p && (*p & 0x80) == 0)
		p++;
	return p;
}

/* No byte is NUL or outside of ASCII: what nearly all texts are, in one test. */
static bool is_plain(const char *text, size_t len)
{
#if defined(__SSE2__)
	const char *last = text + len - 16;
	__m128i all, least;

	if (len < 16)
		return skip_ascii(text, text + len) == text + len;
	all = least = so_scan_load(last);
	for (; text < last; text += 16) {
		__m128i v = so_scan_load(text);

		all = _mm_or_si128(all, v);
		least = _mm_min_epu8(least, v);
	}
	return !_mm_movemask_epi8(_mm_or_si128(all, _mm_cmpeq_epi8(least, _mm_setzero_si128())));
#else
	return skip_ascii(text, text + len) == text + len;
#endif
}

bool so_lex_copy(char *out, const char *text, size_t len)
{
#if defined(__SSE2__)
	const __m128i zero = _mm_setzero_si128();
	__m128i all = zero, least = _mm_set1_epi8(1), v;

	if (len >= 16) {
		for (size_t i = 0; i + 16 < len; i += 16) {
			v = so_scan_load(text + i);
			all = _mm_or_si128(all, v);
			least = _mm_min_epu8(least, v);
			_mm_storeu_si128((__m128i *)(void *)(out + i), v);
		}
		v = so_scan_load(text + len - 16);
		all = _mm_or_si128(all, v);
		least = _mm_min_epu8(least, v);
		_mm_storeu_si128((__m128i *)(void *)(out + len - 16), v);
		for (unsigned i = 0; i < SO_LEX_PADDING; i += 16)
			_mm_storeu_si128((__m128i *)(void *)(out + len + i), zero);
		return !_mm_movemask_epi8(_mm_or_si128(all, _mm_cmpeq_epi8(least, zero)));
	}
#endif
	memcpy(out, text, len);
	memset(out + len, 0, SO_LEX_PADDING);
	return is_plain(out, len);
}

bool so_sql_check_bytes(const char *text, size_t text_len, struct so_err *err)
{
	const char *end = text + text_len;

	if (is_plain(text, text_len))
		return true;
	for (const char *p = skip_ascii(text, end); p < end; p = skip_ascii(p, end)) {
		int len = *p ? so_utf8_length(p, (size_t)(end - p)) : 0;

		if (!*p)
			return so_fail_at(err, SO_INPUT, (int32_t)(p - text), "the text holds a NUL byte");
		if (len <= 0)
			return so_fail_at(err, SO_INPUT, (int32_t)(p - text),
				"the text is not valid UTF-8: byte 0x%02X%s", (unsigned)(unsigned char)*p,
				len < 0 ? " begins a character that is not complete" : "");
		p += len;
	}
	return true;
}

void so_lex_mend_end(char *text, size_t len)
{
	const char *end = text + len;

	while (end > text && (unsigned char)end[-1] <= ' ')
		end--;
	if (end - text >= 3 && memcmp(end - 3, "...", 3) == 0)
		end -= 3;
	for (size_t back = 1; back <= 3 && back <= (size_t)(end - text); back++) {
		char *p = text + (end - text) - back;

		if (((unsigned char)*p & 0xC0) == 0x80)
			continue;
		if (((unsigned char)*p & 0x80) && so_utf8_length(p, (size_t)(end - p)) < 0)
			memset(p, SUBSTITUTE, back);
		return;
	}
}
