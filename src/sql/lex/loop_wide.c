/* The loop of the lexer for processors with AVX-512: up to sixteen tokens at a time. Masks of 64 characters tell where
 * tokens begin and end; what is known of each comes from tables of characters, and all tokens in front of the first one
 * that needs the slow way are written at once. Each step starts where a token may start, so nothing is carried from one
 * to the next. Words are looked up at the end, in a loop of their own. */
#include "sql/lex/lexer.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "sql/lex/find.h"

#define WIDE                                                                                                           \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,avx512dq,bmi,bmi2,lzcnt,"         \
			      "popcnt")))
#define STEP  16u /* tokens, at most */
#define WORDS 512u /* that wait until they are looked up */

/* What a character is: a number below 32, and bits. */
enum {
	CODE_SLOW, /* these three tell what follows a token, too: CODE_OF */
	CODE_SLOW_WORD,
	CODE_SLOW_OP,
	CODE_SLOW_BOTH,
	CODE_SPACE,
	CODE_WORD,
	CODE_INT,
	CODE_DOT,
	CODE_LPAREN,
	CODE_RPAREN,
	CODE_LBRACKET,
	CODE_RBRACKET,
	CODE_COMMA,
	CODE_SEMICOLON,
	CODE_LBRACE,
	CODE_RBRACE,
	CODE_OP, /* and the number of the operator */
	CODE_STRING = 31, /* the quote that a string begins with */
	IN_WORD = 0x20,
	IN_SPACE = 0x40,
	IN_DIGITS = 0x80
};
_Static_assert(CODE_OP + SO_OP_POW < CODE_STRING, "operators of one character fit behind CODE_OP");

/* clang-format off */
#define SELF_CODE(kind)                                                                                               \
	((kind) == SO_TOK_LPAREN ? CODE_LPAREN : (kind) == SO_TOK_RPAREN ? CODE_RPAREN :                              \
	(kind) == SO_TOK_LBRACKET ? CODE_LBRACKET : (kind) == SO_TOK_RBRACKET ? CODE_RBRACKET :                       \
	(kind) == SO_TOK_COMMA ? CODE_COMMA : (kind) == SO_TOK_SEMICOLON ? CODE_SEMICOLON :                           \
	(kind) == SO_TOK_LBRACE ? CODE_LBRACE : (kind) == SO_TOK_RBRACE ? CODE_RBRACE :                               \
	(kind) == SO_TOK_STRING ? CODE_STRING : CODE_DOT)
#define SLOW_CODE(follows)                                                                                            \
	((follows) & FOLLOWS_SPACE ? CODE_SPACE | IN_SPACE :                                                          \
	((follows) & FOLLOWS_WORD ? CODE_SLOW_WORD : 0) | ((follows) & FOLLOWS_OP ? CODE_SLOW_OP : 0))
static const uint8_t codes[SO_DIALECT_MAX][256] = {
#define ROW(not_before, follows, kind, kw)                                                                            \
	((kind) == SO_TOK_WORD ? CODE_WORD | IN_WORD : (kind) == SO_TOK_INT ? CODE_INT | IN_WORD | IN_DIGITS :        \
	(kind) == SO_TOK_OP ? CODE_OP + (kw) : (kind) ? SELF_CODE(kind) : SLOW_CODE(follows))
#include "sql/lex/signs.def"
#undef ROW
};
/* clang-format on */

#define OPERATORS CODE_OP... CODE_OP + SO_OP_POW

static const uint8_t kinds[32] = {
	[CODE_WORD] = SO_TOK_WORD,
	[CODE_INT] = SO_TOK_INT,
	[CODE_DOT] = SO_TOK_DOT,
	[CODE_LPAREN] = SO_TOK_LPAREN,
	[CODE_RPAREN] = SO_TOK_RPAREN,
	[CODE_LBRACKET] = SO_TOK_LBRACKET,
	[CODE_RBRACKET] = SO_TOK_RBRACKET,
	[CODE_COMMA] = SO_TOK_COMMA,
	[CODE_SEMICOLON] = SO_TOK_SEMICOLON,
	[CODE_LBRACE] = SO_TOK_LBRACE,
	[CODE_RBRACE] = SO_TOK_RBRACE,
	[OPERATORS] = SO_TOK_OP,
	[CODE_STRING] = SO_TOK_STRING,
};

static const uint8_t operators[32] = { [CODE_OP] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

/* As signs.def has them. */
static const uint8_t not_before[32] = {
	[CODE_SLOW... CODE_SPACE] = FOLLOWS_ANY,
	[CODE_WORD] = FOLLOWS_WORD,
	[CODE_INT] = FOLLOWS_ANY,
	[CODE_DOT] = FOLLOWS_DOT,
	[OPERATORS] = FOLLOWS_OP,
	[CODE_STRING] = FOLLOWS_ANY,
};

static const uint8_t follows[32] = {
	[CODE_SLOW] = FOLLOWS_ANY,
	[CODE_SLOW_WORD] = FOLLOWS_ANY | FOLLOWS_WORD,
	[CODE_SLOW_OP] = FOLLOWS_ANY | FOLLOWS_OP,
	[CODE_SLOW_BOTH] = FOLLOWS_ANY | FOLLOWS_WORD | FOLLOWS_OP,
	[CODE_SPACE] = FOLLOWS_ANY | FOLLOWS_SPACE,
	[CODE_WORD] = FOLLOWS_ANY | FOLLOWS_WORD,
	[CODE_INT] = FOLLOWS_ANY | FOLLOWS_WORD | FOLLOWS_DOT,
	[CODE_DOT] = FOLLOWS_ANY | FOLLOWS_DOT,
	[CODE_LPAREN... CODE_RBRACE] = FOLLOWS_ANY,
	[OPERATORS] = FOLLOWS_ANY | FOLLOWS_OP,
	[CODE_STRING] = FOLLOWS_ANY | FOLLOWS_WORD,
};

/* Where a word stands in the tables of the keywords, if it is one: the parts of what so_hash_word makes. */
struct word_hash {
	uint32_t shift, slot;
};

struct wide {
	struct so_lexer *lx;
	__m512i low, high; /* codes of the characters of ASCII */
	uint8_t other; /* of those outside of it */
	bool digit_names; /* a.1, and a word in front of a point is a name */
	bool gaps; /* "> =" is an operator */
	bool backslashes; /* have a meaning in strings */
	bool last_word; /* the slow way may ask which word stands in front */
	unsigned word_count;
	uint16_t words[WORDS + 2 * STEP]; /* tokens that may be keywords, counted from `from` */
	struct word_hash hashes[WORDS + 2 * STEP]; /* of these words */
	uint64_t halves[WORDS + 2 * STEP][2]; /* their first sixteen characters, as in so_keyword_halves */
	uint32_t from;
	unsigned long_count;
	uint16_t long_words[WORDS + 2 * STEP]; /* those of `words` that have more than fifteen characters */
};

/* A mask in a register for numbers: the compiler would shift it where that takes four cycles. */
static inline uint64_t plain(uint64_t mask)
{
	__asm__("" : "+r"(mask));
	return mask;
}

static inline WIDE __m512i codes_of(const struct wide *w, __m512i v)
{
	return _mm512_mask_blend_epi8(
		_mm512_movepi8_mask(v), _mm512_permutex2var_epi8(w->low, v, w->high), _mm512_set1_epi8((char)w->other));
}

/* What a table of 32 has for the codes in `v`, whose bits do not matter. */
static inline WIDE __m128i look_up(const uint8_t table[32], __m128i v)
{
	return _mm_permutex2var_epi8(_mm_loadu_si128((const __m128i *)(const void *)table), v,
		_mm_loadu_si128((const __m128i *)(const void *)(table + 16)));
}

/* What so_keyword_find answers, but not for words that the dialect lacks. */
static inline WIDE unsigned find_word(const uint16_t *slots, const char *word, size_t len)
{
	__mmask16 inside = (__mmask16)_bzhi_u32(0xFFFF, len < 16 ? (unsigned)len : 16);
	__m128i v = _mm_maskz_mov_epi8(
		inside, _mm_or_si128(_mm_loadu_si128((const __m128i *)(const void *)word), _mm_set1_epi8(0x20)));
	unsigned number = so_hash_word(slots, (uint64_t)_mm_cvtsi128_si64(v), (uint64_t)_mm_extract_epi64(v, 1), len);
	__m128i halves = _mm_load_si128((const __m128i *)(const void *)so_keyword_halves[number]);

	number *= ((unsigned)_mm_cmpeq_epi8_mask(v, halves) + 1) >> 16;
	if (__builtin_expect(len > 15, 0) && !so_is_long_word(number, word, len))
		return SO_KW_NONE;
	return number;
}

/* Of words with more than fifteen characters only the first ones were compared. */
static __attribute__((noinline)) void check_long_words(const struct wide *w)
{
	const char *text = w->lx->text - w->lx->base;

	for (unsigned i = 0; i < w->long_count; i++) {
		struct so_token *token = &w->lx->tokens[w->from + w->words[w->long_words[i]]];

		if (!so_is_long_word(token->kw, text + token->off, token->len))
			token->kw = SO_KW_NONE;
	}
}

/* What was found of the words that wait becomes their numbers. No step depends on another one, so the processor works
 * on several words at a time. */
static inline WIDE void look_up_words(struct wide *w)
{
	const struct so_lexer *lx = w->lx;
	const uint16_t *slots = so_dialect_slots[lx->dialect];
	struct so_token *tokens = lx->tokens + w->from;

	for (unsigned i = 0; i < w->word_count; i++) {
		unsigned number = slots[so_keyword_shifts[w->hashes[i].shift] ^ w->hashes[i].slot];
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)w->halves[i]);
		__m128i halves = _mm_load_si128((const __m128i *)(const void *)so_keyword_halves[number]);

		number *= ((unsigned)_mm_cmpeq_epi8_mask(v, halves) + 1) >> 16;
		tokens[w->words[i]].kw = (uint16_t)number;
	}
	if (w->long_count)
		check_long_words(w);
	w->long_count = 0;
	w->word_count = 0;
	w->from = lx->count;
}

/* The tokens that a step found; their vectors have a lane for each. */
struct found {
	unsigned count;
	__m128i first, last; /* places */
	__m128i kind, operator;
	__mmask16 words; /* those to be looked up */
};

/* Sixteen tokens of twelve bytes are three vectors, of which those that are not there stay as they were. */
static inline WIDE void write_tokens(struct so_lexer *lx, so_ref base, const struct found *found)
{
	static const uint32_t places[3][16] = {
		/* of off, len (+ 16) */
		{ 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5 },
		{ 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26 },
		{ 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0 },
	};
	static const uint32_t kind_places[3][16] = {
		{ 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0 },
		{ 0, 5, 0, 0, 6, 0, 0, 7, 0, 0, 8, 0, 0, 9, 0, 0 },
		{ 10, 0, 0, 11, 0, 0, 12, 0, 0, 13, 0, 0, 14, 0, 0, 15 },
	};
	__m512i first = _mm512_cvtepu8_epi32(found->first), one = _mm512_set1_epi32(1);
	__m512i off = _mm512_add_epi32(first, _mm512_set1_epi32((int)base));
	__m512i len = _mm512_add_epi32(_mm512_sub_epi32(_mm512_cvtepu8_epi32(found->last), first), one);
	__m512i kind = _mm512_or_si512(
		_mm512_cvtepu8_epi32(found->kind), _mm512_slli_epi32(_mm512_cvtepu8_epi32(found->operator), 16));
	uint64_t there = _bzhi_u64(~UINT64_C(0), 3 * found->count);
	uint32_t *out = (uint32_t *)(void *)(lx->tokens + lx->count);

	for (unsigned i = 0; i < 3; i++) {
		__m512i v = _mm512_permutex2var_epi32(off, _mm512_loadu_si512(places[i]), len);
		__mmask16 kind_lanes = (__mmask16)(i == 0 ? 0x4924 : i == 1 ? 0x2492 : 0x9249);

		v = _mm512_mask_permutexvar_epi32(v, kind_lanes, _mm512_loadu_si512(kind_places[i]), kind);
		_mm512_mask_storeu_epi32(out + 16 * i, (__mmask16)(there >> 16 * i), v);
	}
	lx->count += found->count;
}

/* Notes of eight words where they stand in the tables. `v` has the characters of the step; `first` and `len` have a
 * byte for each word, zeros where there is none. */
static inline WIDE void hash_words(struct wide *w, unsigned at, __m512i v, __m128i first, __m128i len)
{
	const __m512i eighths = _mm512_set_epi64(0x0707070707070707, 0x0606060606060606, 0x0505050505050505,
		0x0404040404040404, 0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
	const __m512i places = _mm512_set1_epi64(0x0706050403020100), eight = _mm512_set1_epi8(8);
	__m512i start = _mm512_add_epi8(_mm512_permutexvar_epi8(eighths, _mm512_castsi128_si512(first)), places);
	__m512i count = _mm512_permutexvar_epi8(eighths, _mm512_castsi128_si512(len)), folded, low, high, hash;

	folded = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
	low = _mm512_maskz_permutexvar_epi8(_mm512_cmpgt_epu8_mask(count, places), start, folded);
	high = _mm512_maskz_permutexvar_epi8(
		_mm512_cmpgt_epu8_mask(count, _mm512_add_epi8(places, eight)), _mm512_add_epi8(start, eight), folded);
	/* as so_hash_word */
	hash = _mm512_add_epi64(_mm512_mullo_epi64(_mm512_add_epi64(low, _mm512_cvtepu8_epi64(len)),
					_mm512_set1_epi64((long long)KEYWORD_FACTOR_LOW)),
		_mm512_mullo_epi64(high, _mm512_set1_epi64((long long)KEYWORD_FACTOR_HIGH)));
	_mm512_storeu_si512(w->hashes + at,
		_mm512_or_si512(_mm512_srli_epi64(hash, 55),
			_mm512_and_si512(hash, _mm512_set1_epi64((long long)(SO_KEYWORD_SLOTS - 1) << 32))));
	_mm512_storeu_si512(
		w->halves + at, _mm512_permutex2var_epi64(low, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), high));
	_mm512_storeu_si512(
		w->halves + at + 4, _mm512_permutex2var_epi64(low, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), high));
}

/* The words among the tokens of a step wait for look_up_words. */
static inline WIDE void add_words(struct wide *w, __m512i v, const struct found *found)
{
	struct so_lexer *lx = w->lx;
	unsigned count = (unsigned)__builtin_popcount(found->words);
	__m128i first = _mm_maskz_compress_epi8(found->words, found->first);
	__m128i last = _mm_maskz_compress_epi8(found->words, found->last);
	__m128i len = _mm_sub_epi8(
		_mm_mask_add_epi8(last, (__mmask16)_bzhi_u32(0xFFFF, count), last, _mm_set1_epi8(1)), first);

	hash_words(w, w->word_count, v, first, len);
	if (count > 8)
		hash_words(w, w->word_count + 8, v, _mm_srli_si128(first, 8), _mm_srli_si128(len, 8));
	for (unsigned more = _mm_cmpgt_epu8_mask(len, _mm_set1_epi8(15)); more; more &= more - 1)
		w->long_words[w->long_count++] = (uint16_t)(w->word_count + _tzcnt_u32(more));
	_mm256_storeu_si256((__m256i *)(void *)(w->words + w->word_count),
		_mm256_maskz_compress_epi16(found->words,
			_mm256_add_epi16(_mm256_set1_epi16((short)(lx->count - w->from)),
				_mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))));
	w->word_count += count;
}

/* Bit i: token i is an integer that is complete by itself: up to eight digits, and nothing that goes on with it.
 * `starts` and `ends` are the first and last characters of tokens. */
static inline WIDE __mmask16 integers(const struct wide *w, uint64_t digits, uint64_t starts, uint64_t ends,
	const struct found *found, __m128i behind)
{
	uint64_t first = starts & digits, sum, last;
	__m128i lengths = _mm_sub_epi8(found->last, found->first);
	__mmask16 good;

	/* adding one to digits carries to what is behind them */
	last = (uint64_t)__builtin_add_overflow(digits, first, (unsigned long long *)&sum) << 63;
	last |= (sum & ~digits) >> 1;
	good = (__mmask16)_pext_u64(last, ends) & _mm_cmplt_epu8_mask(lengths, _mm_set1_epi8(8)) &
	       _mm_testn_epi8_mask(behind, _mm_set1_epi8(AFTER_INTEGER)) &
	       _mm_cmpeq_epi8_mask(found->kind, _mm_set1_epi8(SO_TOK_INT));
	if (w->digit_names) {
		const struct so_lexer *lx = w->lx;
		unsigned points = _mm_cmpeq_epi8_mask(found->kind, _mm_set1_epi8(SO_TOK_DOT));

		points = points << 1 | (lx->count && lx->tokens[lx->count - 1].kind == SO_TOK_DOT);
		good &= (__mmask16)~points;
	}
	return good;
}

/* The slow way may ask for the word in front of it. */
static inline WIDE void settle_last(struct wide *w)
{
	const struct so_lexer *lx = w->lx;
	struct so_token *last = lx->tokens + lx->count - 1;

	if (w->word_count && w->from + w->words[w->word_count - 1] + 1 == lx->count)
		last->kw = (uint16_t)find_word(
			so_dialect_slots[lx->dialect], lx->text + (last->off - lx->base), last->len);
}

/* Where tokens may begin and end. */
struct edges {
	uint64_t starts, ends;
};

/* Takes what stands in strings out of `edges`, and returns the quotes that end one: those behind which nothing can
 * stand that the string goes on with. */
static inline WIDE uint64_t close_strings(
	const struct wide *w, __m512i v, uint64_t quotes, uint64_t word, struct edges *edges)
{
	/* from each quote to the next one; this holds only in front of the first token that needs the slow way */
	uint64_t inside = quotes, behind, spaces = ~(word | edges->starts);

	for (unsigned i = 1; i < 64; i *= 2)
		inside ^= inside << i;
	behind = word | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(',')) |
		 _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(')')) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(';')) |
		 _mm512_testn_epi8_mask(v, v);
	edges->starts &= (quotes & inside) | ~(quotes | inside);
	edges->ends &= ~inside;
	if (w->backslashes && (inside & _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'))))
		return 0;
	return quotes & ~inside & (behind >> 1 | (spaces >> 1 & behind >> 2));
}

static inline WIDE const char *slow_way(struct wide *w, const char *p, struct so_err *err)
{
	if (w->last_word)
		settle_last(w);
	return so_lex_one(w->lx, p, err);
}

/* Lexes from `p` on, where a token or white space starts, and returns the place behind. */
static inline WIDE const char *step(struct wide *w, const char *p, const char *end, struct so_err *err)
{
	struct so_lexer *lx = w->lx;
	const __m512i at = _mm512_set_epi64(0x3F3E3D3C3B3A3938, 0x3736353433323130, 0x2F2E2D2C2B2A2928,
		0x2726252423222120, 0x1F1E1D1C1B1A1918, 0x1716151413121110, 0x0F0E0D0C0B0A0908, 0x0706050403020100);
	__m512i v = _mm512_loadu_si512(p), code = codes_of(w, v);
	uint64_t word = plain(_mm512_test_epi8_mask(code, _mm512_set1_epi8(IN_WORD)));
	uint64_t signs = plain(_mm512_testn_epi8_mask(code, _mm512_set1_epi8(IN_WORD | IN_SPACE)));
	uint64_t runs = word & ~(word << 1), quotes = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\''));
	struct edges edges = { runs | signs, (word & ~(word >> 1)) | signs };
	uint64_t closed = quotes ? close_strings(w, v, quotes, word, &edges) : 0, starts = edges.starts;
	/* a word that may go on behind these characters is left for the next step, a token that ends with the last one
	 * (since what follows must be known), and what is behind the text */
	uint64_t most = 63 - (word >> 63) * _lzcnt_u64(runs), ends = edges.ends;
	uint64_t places = _tzcnt_u64(_pdep_u64(UINT64_C(1) << STEP, starts));
	__m128i start, behind;
	struct found found;
	unsigned slow;

	most = most < (size_t)(end - p) ? most : (size_t)(end - p);
	most = most < places ? most : places;
	found.count = (unsigned)__builtin_popcountll(_bzhi_u64(starts, (unsigned)most));
	found.first = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(starts, at));
	found.last = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(ends, at));
	start = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(starts, code));
	behind = look_up(follows, _mm512_castsi512_si128(_mm512_maskz_compress_epi8(ends << 1, code)));
	found.kind = look_up(kinds, start);
	found.operator= look_up(operators, start);
	found.words = _mm_cmpeq_epi8_mask(found.kind, _mm_set1_epi8(SO_TOK_WORD));
	slow = _mm_test_epi8_mask(look_up(not_before, start), behind);
	slow &= ~(unsigned)integers(w, (uint64_t)_mm512_movepi8_mask(code), starts, ends, &found, behind);
	if (closed) {
		__mmask16 strings = (__mmask16)_pext_u64(closed, ends);

		slow &= ~(unsigned)strings;
	}
	if (w->gaps) {
		/* < and > in front of white space, unless a value follows after one blank */
		__mmask16 angles = _mm_cmpeq_epi8_mask(start, _mm_set1_epi8(CODE_OP + SO_OP_LT)) |
				   _mm_cmpeq_epi8_mask(start, _mm_set1_epi8(CODE_OP + SO_OP_GT));
		uint64_t values = ~(word | signs) >> 1 & (word | quotes) >> 2;

		angles &= (__mmask16)~_pext_u64(values, ends);
		slow |= angles & (unsigned)_mm_test_epi8_mask(behind, _mm_set1_epi8(FOLLOWS_SPACE));
	}
	if (w->digit_names) {
		/* points with a name behind them */
		uint64_t points = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('.')) & (word >> 1);
		__mmask16 names = (__mmask16)_pext_u64(points >> 1, ends) & found.words;

		/* in front of others the slow way decides */
		slow |= found.words & (unsigned)_mm_test_epi8_mask(behind, _mm_set1_epi8(FOLLOWS_DOT));
		slow &= ~(unsigned)names;
		found.words &= (__mmask16)~names;
	}
	slow = _bzhi_u32(slow, found.count);
	if (slow) {
		found.count = _tzcnt_u32(slow);
		most = _tzcnt_u64(_pdep_u64(UINT64_C(1) << found.count, starts));
	}
	found.words = (__mmask16)_bzhi_u32(found.words, found.count);
	add_words(w, v, &found);
	write_tokens(lx, lx->base + (so_ref)(p - lx->text), &found);
	if (__builtin_expect(w->word_count >= WORDS, 0) || __builtin_expect(lx->count - w->from > 0x8000, 0))
		look_up_words(w);
	p += most;
	/* a word that fills all characters is for the slow way, too */
	if (!slow && most)
		return p;
	return slow_way(w, p, err);
}

/* Comments in front of the first token: a step would find out that there is nothing else. */
static WIDE __attribute__((noinline)) const char *comment_lines(
	struct wide *w, const char *p, const char *end, struct so_err *err)
{
	while (p && p < end && p[0] == '-' && p[1] == '-') {
		p = slow_way(w, p, err);
		if (!p || w->lx->count)
			break; /* it was no comment */
		while (*p == '\n' || *p == '\r' || *p == ' ')
			p++;
	}
	return p;
}

WIDE bool so_lex_wide(struct so_lexer *lx, struct so_err *err)
{
	const char *p = lx->text, *end = p + lx->len;
	struct wide w;

	w.lx = lx;
	w.low = _mm512_loadu_si512(codes[lx->dialect]);
	w.high = _mm512_loadu_si512(codes[lx->dialect] + 64);
	w.other = codes[lx->dialect][255];
	w.digit_names = so_lex_has(lx, SO_FEAT_DIGIT_NAMES);
	w.gaps = lx->dialect == SO_TSQL || lx->dialect == SO_ORACLE;
	w.backslashes = so_lex_has(lx, SO_FEAT_BACKSLASH);
	w.long_count = 0;
	w.last_word = lx->lenient || lx->dialect != SO_POSTGRESQL;
	w.word_count = 0;
	w.from = lx->count;
	if (p[0] == '-' && p[1] == '-')
		p = comment_lines(&w, p, end, err);
	while (p && p < end)
		p = step(&w, p, end, err);
	look_up_words(&w);
	if (p)
		so_lex_emit(lx, SO_TOK_END, end, end, 0);
	return p != NULL;
}

bool so_lex_has_wide(void)
{
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2");
}
#else

bool so_lex_wide(struct so_lexer *lx, struct so_err *err)
{
	return so_lex_plainly(lx, err);
}

bool so_lex_has_wide(void)
{
	return false;
}
#endif
