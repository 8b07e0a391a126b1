/* The loop of the lexer. Where a token begins and how long a word is stands in masks of 64 characters, made ahead with
 * vector instructions; words, and the signs that are a token whatever follows, then need no branch that a processor
 * would have to foresee. All else is the slow way, lex.c and lex_own.c. */
#include "sql/lex/lexer.h"
#include "sql/parse.h"

#include <string.h>

#include "sql/lex/find.h"
#include "sql/lex/scan.h"

/* ---- Keywords --------------------------------------------------------------------------------------------------- */

#define FOLD UINT64_C(0x2020202020202020)

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Folding by |0x20 maps no two characters of words to one but the cases of a letter. */
enum so_kw so_keyword_find(const char *word, size_t len)
{
	uint64_t low, high = 0;
	unsigned number;

	if (!len)
		return SO_KW_NONE;
	low = load8(word) | FOLD;
	if (len < 8)
		low &= ~UINT64_C(0) >> (64 - 8 * len);
	else if (len > 8)
		high = (load8(word + 8) | FOLD) & ~UINT64_C(0) >> (len < 16 ? 128 - 8 * len : 0);
	number = so_hash_word(so_keyword_slots, low, high, len);
	if (so_keyword_halves[number][0] != low || so_keyword_halves[number][1] != high)
		return SO_KW_NONE;
	return len < 16 || so_is_long_word(number, word, len) ? (enum so_kw)number : SO_KW_NONE;
}

/* ---- One token after the other ---------------------------------------------------------------------------------- */

static bool begin(struct so_lexer *lx, struct so_err *err)
{
	lx->count = 0;
	lx->open_comments = 0;
	lx->classes = so_dialects[lx->dialect].classes;
	return lx->plain || so_sql_check_bytes(lx->text, lx->len, err);
}

static bool lex_plainly(struct so_lexer *lx, struct so_err *err)
{
	const char *p = lx->text, *end = text_end(lx);

	if (!begin(lx, err))
		return false;
	while (p && p < end)
		p = so_lex_one(lx, p, err);
	if (p)
		so_lex_emit(lx, SO_TOK_END, end, end, 0);
	return p != NULL;
}

/* ---- By masks --------------------------------------------------------------------------------------------------- */

#if defined(__SSE2__)

struct sign {
	uint8_t not_before; /* of the characters that follow */
	uint8_t follows; /* what it is to the token in front of it */
	uint32_t kind_kw; /* the last two members of struct so_token */
};

/* clang-format off */
static const struct sign signs[SO_DIALECT_MAX][256] = {
#define ROW(not_before, follows, kind, kw) { not_before, follows, (uint32_t)(kind) | (uint32_t)(kw) << 16 }
#include "sql/lex/signs.def"
};
/* clang-format on */

#define BLOCK  64u /* characters of a mask */
#define BLOCKS 32u /* masks made at a time */

/* A piece of the text; bit i of a mask stands for character i of its block. */
struct window {
	const char *text;
	size_t blocks;
	uint64_t ends[BLOCKS + 1]; /* where no word goes on; the last mask is ~0 */
	uint64_t starts[BLOCKS]; /* those but white space: where a token may start */
};

static inline unsigned space_mask(const char *p)
{
	__m128i v = so_scan_load(p);
	__m128i found = _mm_or_si128(so_scan_range(v, '\t', 5), _mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

	return (unsigned)_mm_movemask_epi8(found);
}

/* The masks from `text` on, where a token starts; the text ends at `end`. */
static inline void open_window(struct window *window, const char *text, const char *end)
{
	size_t blocks = (size_t)(end - text) / BLOCK + 1;
	uint64_t carry = 0;

	window->text = text;
	window->blocks = blocks < BLOCKS ? blocks : BLOCKS;
	for (size_t i = 0; i < window->blocks; i++, text += BLOCK) {
		uint64_t words = 0, spaces = 0;

		for (unsigned at = 0; at < BLOCK; at += 16) {
			words |= (uint64_t)so_scan_word_mask(text + at) << at;
			spaces |= (uint64_t)space_mask(text + at) << at;
		}
		window->ends[i] = ~(words & (words << 1 | carry));
		window->starts[i] = window->ends[i] & ~spaces;
		carry = words >> (BLOCK - 1);
	}
	window->ends[window->blocks] = ~UINT64_C(0);
}

/* How many characters the token at a place has, if it is a word or a sign. Longer words end within, where another
 * character of the word follows. */
static inline size_t token_length(const struct window *window, size_t at)
{
	uint64_t ends;

	/* from the byte of the mask that holds the next character's bit */
	memcpy(&ends, (const char *)window->ends + (at + 1) / 8, sizeof ends);
	return (size_t)__builtin_ctzll((ends >> (at + 1) % 8) | UINT64_C(1) << 55) + 1;
}

/* Up to eight digits and nothing else. */
static inline bool is_integer(const char *p, size_t len)
{
	uint64_t digits = load8(p) ^ UINT64_C(0x3030303030303030);

	if (len - 1 > 7)
		return false;
	digits <<= 64 - 8 * len;
	return !((digits | (digits + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080));
}

/* What so_keyword_find answers, but not for words that the dialect lacks; without branches, since no processor foresees
 * which word comes next. Sixteen characters from `word` on can be read, `len` is less than a block. */
static inline unsigned find_word(const uint16_t *slots, const char *word, size_t len)
{
	static const uint8_t keep[BLOCK + 16] = { [0 ... BLOCK - 1] = 0xFF };
	__m128i v = _mm_or_si128(so_scan_load(word), _mm_set1_epi8(0x20)), halves;
	unsigned number, same;

	v = _mm_and_si128(v, so_scan_load((const char *)keep + BLOCK - len));
	number = so_hash_word(
		slots, (uint64_t)_mm_cvtsi128_si64(v), (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v)), len);
	halves = _mm_load_si128((const __m128i *)(const void *)so_keyword_halves[number]);
	same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, halves));
	number *= (same + 1) >> 16;
	if (__builtin_expect(len > 15, 0) && !so_is_long_word(number, word, len))
		return SO_KW_NONE;
	return number;
}

/* The tokens of a window; returns the place behind them, which lies behind the window or is the end; NULL after an
 * error. */
static inline __attribute__((always_inline)) const char *lex_window(
	struct so_lexer *lx, const struct window *window, struct so_err *err)
{
	const struct sign *table = signs[lx->dialect];
	const uint16_t *slots = so_dialect_slots[lx->dialect];
	const char *end = text_end(lx), *text = window->text;
	struct so_token *out = lx->tokens + lx->count;
	so_ref base = lx->base + (so_ref)(text - lx->text);
	size_t block = 0;
	uint64_t starts = window->starts[0];
	bool digit_names = so_lex_has(lx, SO_FEAT_DIGIT_NAMES); /* a.1 */

	for (;;) {
		const struct sign *sign;
		const char *p;
		size_t at, len;
		uint32_t kind_kw;

		while (!starts) {
			if (++block == window->blocks) {
				lx->count = (uint32_t)(out - lx->tokens);
				return text + block * BLOCK < end ? text + block * BLOCK : end;
			}
			starts = window->starts[block];
		}
		at = block * BLOCK + (size_t)__builtin_ctzll(starts);
		starts &= starts - 1;
		len = token_length(window, at);
		p = text + at;
		sign = &table[(unsigned char)*p];
		kind_kw = sign->kind_kw;
		if (!(sign->not_before & table[(unsigned char)p[len]].follows)) {
			/* the characters of signs are no word */
			kind_kw |= find_word(slots, p, len) << 16;
		} else if (!is_integer(p, len) || (table[(unsigned char)p[len]].follows & AFTER_INTEGER) ||
			   (digit_names && out > lx->tokens && out[-1].kind == SO_TOK_DOT)) {
			lx->count = (uint32_t)(out - lx->tokens);
			if (p >= end)
				return end;
			p = so_lex_one(lx, p, err);
			if (!p)
				return NULL;
			out = lx->tokens + lx->count;
			at = (size_t)(p - text);
			block = at / BLOCK;
			if (block >= window->blocks)
				return p;
			/* what follows a number or a string starts a token, although it may look like one word with it
			 */
			starts = window->starts[block] & ~UINT64_C(0) << at % BLOCK;
			if (class_of(lx, *p) != SO_C_SPACE)
				starts |= UINT64_C(1) << at % BLOCK;
			continue;
		}
		out->off = base + (so_ref)at;
		out->len = (uint32_t)len;
		out->kind = (uint16_t)kind_kw;
		out->kw = (uint16_t)(kind_kw >> 16);
		out++;
	}
}

static inline __attribute__((always_inline)) bool lex_windows(struct so_lexer *lx, struct so_err *err)
{
	struct window window;
	const char *p = lx->text, *end = text_end(lx);

	while (p && p < end) {
		open_window(&window, p, end);
		p = lex_window(lx, &window, err);
	}
	if (p)
		so_lex_emit(lx, SO_TOK_END, end, end, 0);
	return p != NULL;
}

/* The same code twice, once with the shifts and vectors of newer processors. */
static __attribute__((target("avx2,bmi,bmi2"))) bool lex_newer(struct so_lexer *lx, struct so_err *err)
{
	return lex_windows(lx, err);
}

static bool lex_masked(struct so_lexer *lx, struct so_err *err)
{
	if (!begin(lx, err))
		return false;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
		return lex_newer(lx, err);
	return lex_windows(lx, err);
}
#endif

/* ---- The entry -------------------------------------------------------------------------------------------------- */

/* A token that the cut made wrong: 0x, $tag, 1e. */
static bool lex_cut(struct so_lexer *lx, const struct so_err *err)
{
	const char *from = lx->text + err->position;

	if (err->kind != SO_INPUT || err->position < 0 || strlen(from) != (size_t)(text_end(lx) - from) ||
		strcspn(from, " \t\r\n,;()") < (size_t)(text_end(lx) - from))
		return false;
	so_lex_emit(lx, SO_TOK_CUT, from, text_end(lx), 0);
	so_lex_emit(lx, SO_TOK_END, text_end(lx), text_end(lx), 0);
	return true;
}

/* A text that may be cut, and so have a last token that is wrong. */
static __attribute__((noinline)) bool lex_lenient(
	struct so_lexer *lx, bool (*way)(struct so_lexer *lx, struct so_err *err), struct so_err *err)
{
	struct so_err wrong = SO_ERR_INIT;

	if (way(lx, &wrong) || lex_cut(lx, &wrong))
		return true;
	*err = wrong;
	return false;
}

static bool lex_widely(struct so_lexer *lx, struct so_err *err)
{
	return begin(lx, err) && so_lex_wide(lx, err);
}

bool so_lex_plainly(struct so_lexer *lx, struct so_err *err)
{
	return lx->lenient ? lex_lenient(lx, lex_plainly, err) : lex_plainly(lx, err);
}

/* Digests of MySQL spell words in ways of their own. */
static bool has_odd_words(const struct so_lexer *lx)
{
	return lx->lenient && so_lex_has(lx, SO_FEAT_DIGIT_NAMES);
}

bool so_lex_by_masks(struct so_lexer *lx, struct so_err *err)
{
#if defined(__SSE2__)
	if (!has_odd_words(lx))
		return lx->lenient ? lex_lenient(lx, lex_masked, err) : lex_masked(lx, err);
#endif
	return so_lex_plainly(lx, err);
}

bool so_lex_widely(struct so_lexer *lx, struct so_err *err)
{
	if (!has_odd_words(lx))
		return lx->lenient ? lex_lenient(lx, lex_widely, err) : lex_widely(lx, err);
	return so_lex_plainly(lx, err);
}

bool so_lex(struct so_lexer *lx, struct so_err *err)
{
	return so_lex_has_wide() ? so_lex_widely(lx, err) : so_lex_by_masks(lx, err);
}
