/* The loop of the lexer. Where a token begins and how long a word is stands in masks of 64 characters, made ahead with
 * vector instructions; words, and the signs that are a token whatever follows, then need no branch that a processor
 * would have to foresee. All else is the slow way, lex.c and lex_own.c. */
#include "sql/lex/lexer.h"
#include "sql/parse.h"

#include <string.h>

#include "sql/keyword_hash.h"
#include "sql/lex/scan.h"

/* ---- Keywords --------------------------------------------------------------------------------------------------- */

#define FOLD UINT64_C(0x2020202020202020)

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* The word that a text may be, of which there is one for each hash; as in keyword_hash.py. `low` and `high` are the
 * first sixteen characters of the text, folded and filled up with zeros. */
static inline unsigned hash_word(const uint16_t *slots, uint64_t low, uint64_t high, size_t len)
{
	uint64_t hash = (low + len) * KEYWORD_FACTOR_LOW + high * KEYWORD_FACTOR_HIGH;

	return slots[((hash >> 32 & 0xFFFF) ^ keyword_shifts[hash >> 55]) % 2048];
}

/* Whether the text is the word, whose first sixteen characters are those of the text. */
static bool is_long_word(unsigned number, const char *text, size_t len)
{
	const struct so_keyword *word = &so_keywords[number];

	if (word->len != len)
		return false;
	for (size_t i = 16; i < len; i++)
		if (word->name[i] != (text[i] | 0x20))
			return false;
	return true;
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
	number = hash_word(keyword_slots, low, high, len);
	if (keyword_halves[number][0] != low || keyword_halves[number][1] != high)
		return SO_KW_NONE;
	return len < 16 || is_long_word(number, word, len) ? (enum so_kw)number : SO_KW_NONE;
}

/* ---- One token after the other ---------------------------------------------------------------------------------- */

static bool begin(struct so_lexer *lx, struct so_err *err)
{
	lx->count = 0;
	lx->open_comments = 0;
	lx->classes = so_dialects[lx->dialect].classes;
	return so_sql_check_bytes(lx->text, lx->len, err);
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

/* What a character must not be when it follows a token: FOLLOWS_ANY is never allowed, so the character of which it is
 * asked takes the slow way. */
enum {
	FOLLOWS_WORD = 1, /* goes on with a word, or makes it the prefix of a string */
	FOLLOWS_OP = 2,
	FOLLOWS_DOT = 4,
	FOLLOWS_SPACE = 8,
	FOLLOWS_ANY = 128
};

struct sign {
	uint8_t not_before; /* of the characters that follow */
	uint8_t follows; /* what it is to the token in front of it */
	uint32_t kind_kw; /* the last two members of struct so_token */
};

/* clang-format off */
#define ANY       FOLLOWS_ANY
#define PAIR(kind, kw) ((uint32_t)(kind) | (uint32_t)(kw) << 16)
#define WORD      { FOLLOWS_WORD, ANY | FOLLOWS_WORD, PAIR(SO_TOK_WORD, 0) }
#define DIGIT     { ANY, ANY | FOLLOWS_WORD | FOLLOWS_DOT, PAIR(SO_TOK_INT, 0) }
#define SPACE     { ANY, ANY | FOLLOWS_SPACE, 0 }
#define SLOW      { ANY, ANY, 0 }
#define SLOW_WORD { ANY, ANY | FOLLOWS_WORD, 0 } /* what ends a word in the slow way: quotes, $ */
#define SELF(k)   { 0, ANY, PAIR(SO_TOK_##k, 0) }
#define OP(op)    { FOLLOWS_OP, ANY | FOLLOWS_OP, PAIR(SO_TOK_OP, SO_OP_##op) }
#define SLOW_OP   { ANY, ANY | FOLLOWS_OP, 0 }
#define COMMON                                                                                                        \
	[0 ... 8] = SLOW, ['\t' ... '\r'] = SPACE, [' '] = SPACE, [0x0E ... 0x1F] = SLOW, [0x7F] = SLOW,              \
	['a' ... 'z'] = WORD, ['A' ... 'Z'] = WORD, ['_'] = WORD, [0x80 ... 0xFF] = WORD, ['0' ... '9'] = DIGIT,       \
	['\''] = SLOW_WORD, ['"'] = SLOW, [':'] = SLOW, ['!'] = SLOW_OP, ['~'] = SLOW_OP, ['|'] = SLOW_OP,             \
	['='] = OP(EQ), ['*'] = OP(MUL), ['+'] = OP(ADD), ['-'] = OP(SUB), ['/'] = OP(DIV), ['%'] = OP(MOD),           \
	['('] = SELF(LPAREN), [')'] = SELF(RPAREN), [','] = SELF(COMMA), [';'] = SELF(SEMICOLON)
#define DOT       ['.'] = { FOLLOWS_DOT, ANY | FOLLOWS_DOT, PAIR(SO_TOK_DOT, 0) }
#define LESS      ['<'] = OP(LT), ['>'] = OP(GT)
/* "> =" is an operator, too */
#define LESS_GAP                                                                                                      \
	['<'] = { FOLLOWS_OP | FOLLOWS_SPACE, ANY | FOLLOWS_OP, PAIR(SO_TOK_OP, SO_OP_LT) },                                \
	['>'] = { FOLLOWS_OP | FOLLOWS_SPACE, ANY | FOLLOWS_OP, PAIR(SO_TOK_OP, SO_OP_GT) }
/* A word in front of a point is a name, whatever it spells. */
#define MY                                                                                                            \
	COMMON, LESS, ['^'] = SLOW_OP, ['&'] = SLOW_OP, ['`'] = SLOW, ['\\'] = SLOW, ['#'] = SLOW, ['@'] = SLOW,      \
	['$'] = SLOW_WORD, ['?'] = SLOW, ['['] = SLOW, [']'] = SLOW, ['{'] = SELF(LBRACE), ['}'] = SELF(RBRACE),            \
	['.'] = { FOLLOWS_DOT, ANY | FOLLOWS_DOT | FOLLOWS_WORD, PAIR(SO_TOK_DOT, 0) }

static const struct sign signs[SO_DIALECT_MAX][256] = {
	[SO_POSTGRESQL] = { COMMON, DOT, LESS, ['^'] = OP(POW), ['&'] = { ANY, ANY | FOLLOWS_OP | FOLLOWS_WORD, 0 },
		['@'] = SLOW_OP, ['#'] = SLOW_OP, ['`'] = SLOW_OP, ['?'] = SLOW_OP, ['\\'] = SLOW,
		['$'] = SLOW_WORD, ['['] = SELF(LBRACKET), [']'] = SELF(RBRACKET), ['{'] = SLOW, ['}'] = SLOW },
	[SO_MYSQL] = { MY },
	[SO_MARIADB] = { MY },
	[SO_SQLITE] = { COMMON, DOT, LESS, ['^'] = SLOW_OP, ['&'] = SLOW_OP, ['`'] = SLOW, ['['] = SLOW, [']'] = SLOW,
		['\\'] = SLOW, ['@'] = SLOW, ['#'] = SLOW, ['$'] = SLOW_WORD, ['?'] = SLOW, ['{'] = SLOW,
		['}'] = SLOW },
	[SO_TSQL] = { COMMON, DOT, LESS_GAP, ['^'] = SLOW_OP, ['&'] = SLOW_OP, ['`'] = SLOW, ['['] = SLOW,
		[']'] = SLOW, ['\\'] = SLOW, ['#'] = SLOW_WORD, ['@'] = SLOW_WORD, ['$'] = SLOW_WORD, ['?'] = SLOW,
		['{'] = SELF(LBRACE), ['}'] = SELF(RBRACE) },
	[SO_ORACLE] = { COMMON, DOT, LESS_GAP, ['^'] = SLOW_OP, ['&'] = SLOW_OP, ['`'] = SLOW, ['\\'] = SLOW,
		['@'] = SLOW, ['#'] = { ANY, ANY | FOLLOWS_OP | FOLLOWS_WORD, 0 }, ['$'] = SLOW_WORD, ['?'] = SLOW,
		['['] = SELF(LBRACKET), [']'] = SELF(RBRACKET), ['{'] = SELF(LBRACE), ['}'] = SELF(RBRACE) },
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

#define AFTER_INTEGER (FOLLOWS_WORD | FOLLOWS_DOT)

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
	number = hash_word(
		slots, (uint64_t)_mm_cvtsi128_si64(v), (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v)), len);
	halves = _mm_load_si128((const __m128i *)(const void *)keyword_halves[number]);
	same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, halves));
	number *= (same + 1) >> 16;
	if (__builtin_expect(len > 15, 0) && !is_long_word(number, word, len))
		return SO_KW_NONE;
	return number;
}

/* The tokens of a window; returns the place behind them, which lies behind the window or is the end; NULL after an
 * error. */
static inline __attribute__((always_inline)) const char *lex_window(
	struct so_lexer *lx, const struct window *window, struct so_err *err)
{
	const struct sign *table = signs[lx->dialect];
	const uint16_t *slots = dialect_slots[lx->dialect];
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

static bool lex_by_masks(struct so_lexer *lx, struct so_err *err)
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

static inline bool lex_in(struct so_lexer *lx, bool (*way)(struct so_lexer *lx, struct so_err *err), struct so_err *err)
{
	struct so_err wrong = SO_ERR_INIT;

	if (!lx->lenient)
		return way(lx, err);
	if (way(lx, &wrong) || lex_cut(lx, &wrong))
		return true;
	*err = wrong;
	return false;
}

bool so_lex_plainly(struct so_lexer *lx, struct so_err *err)
{
	return lex_in(lx, lex_plainly, err);
}

bool so_lex(struct so_lexer *lx, struct so_err *err)
{
#if defined(__SSE2__)
	/* digests of MySQL spell words in ways of their own */
	if (!lx->lenient || !so_lex_has(lx, SO_FEAT_DIGIT_NAMES))
		return lex_in(lx, lex_by_masks, err);
#endif
	return so_lex_plainly(lx, err);
}
