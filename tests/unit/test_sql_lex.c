/* The lexer's short ways say the same as its plain ones, in every dialect and wherever its blocks end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "sql/lex/lexer.h"

#define TEXTS    3000
#define TEXT_MAX 5000 /* more than the lexer looks at in one go */

#define WORDS 15 /* of the pieces */

/* What is put together, with and without white space: everything that some dialect has a rule for. */
static const char *const pieces[] = { "select", "FROM", "a", "tab_1", "Größe", "current_timestamp",
	"CURRENT_TIMESTAMPS", "minute_microsecond", "e", "n", "nq", "u", "x", "distinctrow",
	"a_name_of_exactly_sixty_four_characters_so_that_it_fills_a_block_x", "0", "17", "12345678", "123456789", "1.5",
	".5", "1e3", "1_000", "0xAF", "0b01", "1a", "2d", "'s'", "'it''s'", "'a\\'", "\"q\"", "\"a\"\"b\"", "`m`",
	"[t]", "$1", "$tag$ text $tag$", "$$x$$", "?", "?1", ":n", ":1", "@v", "@@g", "#t", "(", ")", "[", "]", "{",
	"}", ",", ";", ".", "..", "...", ":", "::", ":=", "=", "=>", "==", "<", "<=", "<>", ">",
	">=", "> =", "! =", "!", "!=", "+", "-", "*", "/", "%", "^", "&", "&&", "|", "||", "~", "->", "->>", "@>", "<@",
	"-- line\n", "# line\n", "/* block */", "/* a /* b */ c */", "/*!50701 c */", "/*+ hint */", "*/", "\\N", "\\",
	"\n", "\t", " ", "   ", "\f", "\x01", "\x7f", "'open", "/* open", "$open$" };

/* Tokens of more than one character that are no words, and what may stand next to them; nearly all dialects take them.
 */
static const char *const joined[] = { "a", "tab_1", "from", "x", "17", "'s'", "\"q\"", "\"Q r\"", "`m`", "[t]", "$1",
	"$12", "?", ":n", ":1", "@v", "@@g", "::", ":=", ":", "<", "=", ">", "<=", ">=", "<>", "!=", "||", "|", "+",
	"-", "(", ")", ",", ".", " ", "\n", "-- line\n" };

static uint64_t state_of_random = 42;

static unsigned below(unsigned limit)
{
	state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(state_of_random >> 33) % limit;
}

/* Most texts have no errors in them, or long ones would never come to their end. */
static size_t make_text(char *text)
{
	static const char *const signs[] = { " ", " ", "(", ")", ",", " .", " = ", "+", " < ", "\n  ", " 17,",
		" 's' " };
	size_t len = 0, wanted = below(8) ? below(200) : below(TEXT_MAX - 200);
	unsigned sort = below(3);
	bool clean = sort == 1;

	while (len < wanted) {
		const char *piece = sort == 2 ? joined[below(sizeof joined / sizeof joined[0])]
					      : pieces[below(clean ? WORDS : sizeof pieces / sizeof pieces[0])];
		const char *sign = clean || below(3) ? signs[below(clean ? sizeof signs / sizeof signs[0] : 2)] : "";

		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
		memcpy(text + len, sign, strlen(sign));
		len += strlen(sign);
	}
	memset(text + len, 0, SO_LEX_PADDING);
	return len;
}

static struct so_lexer lexer_for(const char *text, size_t len, struct so_token *tokens)
{
	enum so_dialect dialect = (enum so_dialect)below(SO_DIALECT_MAX);

	return (struct so_lexer){ .text = text,
		.len = (uint32_t)len,
		.base = below(2) ? 1000 : 0,
		.lenient = below(2),
		.dialect = dialect,
		.features = so_dialect_features(dialect, 0, 0),
		.tokens = tokens };
}

static void check_way(bool (*way)(struct so_lexer *lx, struct so_err *err))
{
	char *text = calloc(1, TEXT_MAX + SO_LEX_PADDING);
	struct so_token *a = calloc(TEXT_MAX + 2, sizeof *a), *b = calloc(TEXT_MAX + 2, sizeof *b);
	unsigned good = 0;

	for (unsigned i = 0; i < TEXTS; i++) {
		size_t len = make_text(text);
		struct so_lexer quick = lexer_for(text, len, a), plain = quick;
		struct so_err quick_err = SO_ERR_INIT, plain_err = SO_ERR_INIT;
		bool done = way(&quick, &quick_err);

		plain.tokens = b;
		if (done != so_lex_plainly(&plain, &plain_err) || quick_err.position != plain_err.position)
			fail_msg("dialect %d: %s", quick.dialect, text);
		assert_string_equal(quick_err.message, plain_err.message);
		if (quick.count != plain.count || memcmp(a, b, quick.count * sizeof *a) != 0)
			fail_msg("dialect %d: %s", quick.dialect, text);
		good += done;
	}
	assert_in_range(good, TEXTS / 4, TEXTS - TEXTS / 20);
	free(text);
	free(a);
	free(b);
}

static void test_all_ways_give_the_same_tokens(void **state)
{
	(void)state;
	check_way(so_lex_by_masks);
	if (so_lex_has_wide())
		check_way(so_lex_widely);
}

static void test_every_word_is_found(void **state)
{
	(void)state;
	for (unsigned kw = 1; kw < SO_KW_MAX; kw++) {
		char text[64 + SO_LEX_PADDING] = { 0 };
		struct so_token tokens[66];
		size_t len = so_keywords[kw].len;

		memcpy(text, so_keywords[kw].name, len);
		text[0] = (char)(text[0] == '_' ? '_' : text[0] - 0x20);
		assert_int_equal(so_keyword_find(text, len), kw);
		for (int d = 0; d < SO_DIALECT_MAX; d++) {
			struct so_lexer lexer = { .text = text,
				.len = (uint32_t)len,
				.dialect = (enum so_dialect)d,
				.features = so_dialect_features((enum so_dialect)d, 0, 0),
				.tokens = tokens };
			struct so_err err = SO_ERR_INIT;

			assert_true(so_lex(&lexer, &err));
			assert_int_equal(tokens[0].kw, so_kw_class_of(kw, lexer.dialect) ? kw : 0);
		}
		/* one character more or less is no such word */
		text[len] = 'q';
		assert_int_not_equal(so_keyword_find(text, len + 1), kw);
		assert_int_not_equal(so_keyword_find(text, len - 1), kw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ways_give_the_same_tokens),
		cmocka_unit_test(test_every_word_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
