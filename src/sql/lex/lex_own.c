/* The tokens of the dialects other than PostgreSQL, driven by their features. */
#include <string.h>

#include "sql/lex/lexer.h"
#include "sql/lex/scan.h"

/* ---- Strings and names ------------------------------------------------------------------------------------------ */

/* q'[..]': `p` is at the quote. */
static const char *q_string(struct so_lexer *lx, const char *from, const char *p, struct so_err *err)
{
	static const char pairs[] = "[](){}<>";
	const char *end = text_end(lx), *open = p + 1 < end ? memchr(pairs, p[1], sizeof pairs - 1) : NULL;
	char close[2] = { open && (open - pairs) % 2 == 0 ? open[1] : p[1], '\'' };

	if (p + 2 < end)
		p = memmem(p + 2, (size_t)(end - p - 2), close, 2);
	else
		p = NULL;
	if (!p)
		return so_lex_cut(lx, from, "quoted string", err);
	so_lex_emit(lx, SO_TOK_QSTRING, from, p + 2, 0);
	return p + 2;
}

/* Behind the closing quote of the string that opens at `p`; NULL when it does not end. *bare becomes false when its
 * content is not what stands between the quotes. */
static const char *string_end(const char *p, const char *end, bool backslash, bool *bare)
{
	char quote = *p++;

	/* the text holds no NUL, and ends with one */
	for (; (p = so_scan_either(p, quote, backslash ? '\\' : quote)) < end; p += 2) {
		if (*p == quote && p[1] != quote)
			return p + 1;
		*bare = false;
	}
	return NULL;
}

/* Where the next piece of the string starts; NULL when there is none. */
static const char *next_piece(const struct so_lexer *lx, const char *p)
{
	if (!so_lex_has(lx, SO_FEAT_ADJACENT_STRINGS))
		return NULL;
	while (class_of(lx, *p) == SO_C_SPACE)
		p++;
	return *p == '\'' || (*p == '"' && so_lex_has(lx, SO_FEAT_DQUOTE_STRING)) ? p : NULL;
}

const char *so_lex_own_string(
	struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	const char *end = text_end(lx), *next;
	bool backslash = so_lex_has(lx, SO_FEAT_BACKSLASH), bare = true;
	enum so_string_style style = backslash                                  ? SO_STR_BACKSLASH
				     : so_lex_has(lx, SO_FEAT_ADJACENT_STRINGS) ? SO_STR_PIECES
										: SO_STR_PLAIN;

	if (kind == SO_TOK_QSTRING)
		return q_string(lx, from, p, err);
	for (;;) {
		p = string_end(p, end, backslash, &bare);
		if (!p)
			return so_lex_cut(lx, from, "quoted string", err);
		next = next_piece(lx, p);
		if (!next)
			break;
		p = next;
		bare = false;
	}
	so_lex_emit(lx, kind, from, p, bare ? SO_STR_BARE : style);
	return p;
}

/* Behind a quoted name that opens at `p`; NULL when it does not end. */
static const char *name_end(const struct so_lexer *lx, const char *p)
{
	const char *end = text_end(lx);
	char quote = *p == '[' ? ']' : *p;
	bool doubling = *p != '[' || so_lex_has(lx, SO_FEAT_BRACKET_DOUBLING);

	for (p++; (p = memchr(p, quote, (size_t)(end - p))) != NULL; p += 2)
		if (!doubling || p[1] != quote)
			return p + 1;
	return NULL;
}

const char *so_lex_own_name(struct so_lexer *lx, const char *from, const char *p, enum so_tok kind, struct so_err *err)
{
	const char *behind = name_end(lx, p);

	if (!behind)
		return so_lex_cut(lx, from, "quoted identifier", err);
	if (behind == p + 2 && !so_lex_has(lx, SO_FEAT_EMPTY_NAMES)) {
		so_fail_at(err, SO_INPUT, (int32_t)(from - lx->text), "zero-length delimited identifier");
		return NULL;
	}
	so_lex_emit(lx, kind, from, behind, 0);
	return behind;
}

const char *so_lex_own_dquote(struct so_lexer *lx, const char *p, struct so_err *err)
{
	if (so_lex_has(lx, SO_FEAT_DQUOTE_STRING))
		return so_lex_own_string(lx, p, p, SO_TOK_STRING, err);
	return so_lex_own_name(lx, p, p, SO_TOK_QUOTED, err);
}

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

static const char *skip_digits(const struct so_lexer *lx, const char *p)
{
	bool underscores = so_lex_has(lx, SO_FEAT_UNDERSCORE_DIGITS);

	while (is_digit(*p) || (underscores && *p == '_' && is_digit(p[1])))
		p++;
	return p;
}

static const char *skip_word(const struct so_lexer *lx, const char *p)
{
	while (is_word_char(lx, *p))
		p++;
	return p;
}

/* The last token is a point directly in front of `p`: what follows is a name. */
static bool behind_point(const struct so_lexer *lx, const char *p)
{
	const struct so_token *last = &lx->tokens[lx->count - 1];

	return lx->count && last->kind == SO_TOK_DOT && p > lx->text && p[-1] == '.';
}

/* 0x.. and 0b..; NULL when it is none. */
static const char *radix_number(const struct so_lexer *lx, const char *p)
{
	char radix = p[0] == '0' ? (char)(p[1] | 0x20) : 0;

	if (!((radix == 'x' && so_lex_has(lx, SO_FEAT_HEX_NUMBERS)) ||
		    (radix == 'b' && so_lex_has(lx, SO_FEAT_BIT_NUMBERS))))
		return NULL;
	for (p += 2; so_lex_is_radix_digit(*p, radix) || (*p == '_' && so_lex_is_radix_digit(p[1], radix));)
		p++;
	return p;
}

static const char *fraction_and_exponent(const struct so_lexer *lx, const char *p, enum so_tok *kind)
{
	if (p[0] == '.' && p[1] != '.') {
		*kind = SO_TOK_FLOAT;
		p = skip_digits(lx, p + 1);
	}
	if ((*p | 0x20) == 'e' && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2])))) {
		*kind = SO_TOK_FLOAT;
		p = skip_digits(lx, p + 2);
	}
	return p;
}

/* The letter of a binary number, 1.5d. */
static bool is_suffix(const struct so_lexer *lx, const char *p)
{
	return ((*p | 0x20) == 'd' || (*p | 0x20) == 'f') && so_lex_has(lx, SO_FEAT_NUMBER_SUFFIX) &&
	       !is_word_char(lx, p[1]);
}

const char *so_lex_own_number(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p, *radix = radix_number(lx, p);
	enum so_tok kind = SO_TOK_INT;
	bool digit_names = so_lex_has(lx, SO_FEAT_DIGIT_NAMES), ends_alone;

	if (digit_names && behind_point(lx, from)) {
		p = skip_word(lx, p);
		so_lex_emit(lx, SO_TOK_WORD, from, p, 0);
		return p;
	}
	p = radix ? radix : fraction_and_exponent(lx, skip_digits(lx, p), &kind);
	if (is_suffix(lx, p)) {
		kind = SO_TOK_FLOAT;
		p++;
	}
	/* hexadecimal digits end where others stand, until numbers had underscores */
	ends_alone = radix && so_lex_has(lx, SO_FEAT_AT_PARAMS) && !so_lex_has(lx, SO_FEAT_UNDERSCORE_DIGITS);
	if (is_word_char(lx, *p) && !so_lex_has(lx, SO_FEAT_NUMBER_THEN_NAME) && !ends_alone) {
		if (!digit_names || memchr(from, '.', (size_t)(p - from)))
			return so_lex_bad_number(lx, from, p, err);
		p = skip_word(lx, from);
		so_lex_emit(lx, SO_TOK_WORD, from, p, 0);
		return p;
	}
	so_lex_emit_number(lx, kind, from, p);
	return p;
}

/* The token that ends directly in front of `p` can be the left side of a point or an @. */
static bool behind_name(const struct so_lexer *lx, const char *p)
{
	const struct so_token *last = &lx->tokens[lx->count - 1];

	if (!lx->count || last->off + last->len != lx->base + (so_ref)(p - lx->text))
		return false;
	if (last->kind == SO_TOK_WORD) {
		enum so_kw_class cls = so_kw_class_of(last->kw, lx->dialect);

		return cls != SO_KWC_R && cls != SO_KWC_R_AS;
	}
	return last->kind == SO_TOK_QUOTED || last->kind == SO_TOK_STRING;
}

const char *so_lex_own_dot(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;
	enum so_tok kind = SO_TOK_FLOAT;

	if (so_lex_has(lx, SO_FEAT_DIGIT_NAMES) && behind_name(lx, p)) {
		so_lex_emit(lx, SO_TOK_DOT, p, p + 1, 0);
		return p + 1;
	}
	p = fraction_and_exponent(lx, p, &kind);
	if (is_suffix(lx, p))
		p++;
	if (is_word_char(lx, *p) && !so_lex_has(lx, SO_FEAT_NUMBER_THEN_NAME))
		return so_lex_bad_number(lx, from, p, err);
	so_lex_emit_number(lx, SO_TOK_FLOAT, from, p);
	return p;
}

/* ---- Variables and placeholders ---------------------------------------------------------------------------------- */

/* SQLite: $name, @name, :name; with :: anywhere and one (suffix) at the end, as Tcl writes variables. NULL: is none. */
static const char *tcl_variable_end(const struct so_lexer *lx, const char *p)
{
	bool named = false;

	for (p++;; p++) {
		if (is_word_char(lx, *p)) {
			named = true;
		} else if (p[0] == ':' && p[1] == ':') {
			p++;
		} else if (*p == '(' && named) {
			while (*p && *p != ')' && class_of(lx, *p) != SO_C_SPACE)
				p++;
			return *p == ')' ? p + 1 : NULL;
		} else {
			return named ? p : NULL;
		}
	}
}

static const char *tcl_variable(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *end = tcl_variable_end(lx, p);

	if (!end)
		return so_lex_other(lx, p, err);
	so_lex_emit(lx, SO_TOK_PARAM, p, end, 0);
	return end;
}

const char *so_lex_own_dollar(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;
	enum so_tok kind = SO_TOK_FLOAT;

	if (so_lex_has(lx, SO_FEAT_MONEY)) {
		if (is_word_char(lx, p[1]) && !is_digit(p[1])) {
			p = skip_word(lx, p + 1); /* $action */
			so_lex_emit(lx, SO_TOK_WORD, from, p, 0);
			return p;
		}
		p = fraction_and_exponent(lx, skip_digits(lx, p + 1), &kind);
		so_lex_emit_number(lx, kind, from, p);
		return p;
	}
	/* the end of the partition in a row pattern */
	if (so_lex_has(lx, SO_FEAT_MATCH_RECOGNIZE) && !is_word_char(lx, p[1])) {
		so_lex_emit(lx, SO_TOK_OP, p, p + 1, SO_OP_OTHER);
		return p + 1;
	}
	return tcl_variable(lx, p, err);
}

const char *so_lex_own_colon(struct so_lexer *lx, const char *p, struct so_err *err)
{
	bool named = so_lex_has(lx, SO_FEAT_NAMED_PARAMS) && !behind_name(lx, p);

	if (so_lex_has(lx, SO_FEAT_AT_PARAMS))
		return tcl_variable(lx, p, err);
	if (p[1] == '=') {
		so_lex_emit(lx, SO_TOK_ASSIGN, p, p + 2, 0);
		return p + 2;
	}
	if (p[1] == ':') {
		so_lex_emit(lx, SO_TOK_CAST, p, p + 2, 0);
		return p + 2;
	}
	if (named && p[1] == '"')
		return so_lex_own_name(lx, p, p + 1, SO_TOK_PARAM, err);
	if (named && is_word_char(lx, p[1])) {
		const char *end = skip_word(lx, p + 1);

		so_lex_emit(lx, SO_TOK_PARAM, p, end, 0);
		return end;
	}
	so_lex_emit(lx, SO_TOK_COLON, p, p + 1, 0);
	return p + 1;
}

const char *so_lex_own_at(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;

	if (so_lex_has(lx, SO_FEAT_AT_PARAMS))
		return tcl_variable(lx, p, err);
	if (!so_lex_has(lx, SO_FEAT_VARIABLES) || behind_name(lx, p)) {
		so_lex_emit(lx, SO_TOK_AT, p, p + 1, 0);
		return p + 1;
	}
	p += p[1] == '@' ? 2 : 1;
	if (lx->lenient && *p == '?') {
		so_lex_emit(lx, SO_TOK_VARIABLE, from, p + 1, 0); /* a digest shows @a as @? */
		return p + 1;
	}
	if (class_of(lx, *p) == SO_C_NAME_QUOTE && *p != '[')
		return so_lex_own_name(lx, from, p, SO_TOK_VARIABLE, err);
	if ((*p == '\'' || *p == '"') && !so_lex_has(lx, SO_FEAT_BRACKET_DOUBLING)) {
		bool bare;
		const char *end = string_end(p, text_end(lx), so_lex_has(lx, SO_FEAT_BACKSLASH), &bare);

		if (!end)
			return so_lex_cut(lx, from, "quoted identifier", err);
		so_lex_emit(lx, SO_TOK_VARIABLE, from, end, 0);
		return end;
	}
	p = skip_word(lx, p);
	/* MySQL allows points inside the names of user variables; the grammar puts @@a.b together */
	while (*p == '.' && is_word_char(lx, p[1]) && from[1] != '@' && so_lex_has(lx, SO_FEAT_BACKSLASH))
		p = skip_word(lx, p + 1);
	so_lex_emit(lx, SO_TOK_VARIABLE, from, p, 0);
	return p;
}

const char *so_lex_own_placeholder(struct so_lexer *lx, const char *p, struct so_err *err)
{
	const char *from = p;

	if (*p == '\\') {
		if (!so_lex_has(lx, SO_FEAT_BACKSLASH_NULL) || p[1] != 'N' || is_word_char(lx, p[2]))
			return so_lex_other(lx, p, err);
		so_lex_emit(lx, SO_TOK_WORD, p, p + 2, SO_KW_null);
		return p + 2;
	}
	for (p++; is_digit(*p);)
		p++;
	so_lex_emit(lx, SO_TOK_PARAM, from, p, 0);
	return p;
}

/* ---- Operators and comments ------------------------------------------------------------------------------------- */

/* "> =", "! <": two characters with white space between them. NULL when it is no such operator. */
static const char *split_operator(struct so_lexer *lx, const char *p)
{
	const char *from = p;
	char symbol[2] = { *p };

	if (*p != '<' && *p != '>' && *p != '!')
		return NULL;
	for (p++; class_of(lx, *p) == SO_C_SPACE;)
		p++;
	symbol[1] = *p;
	if (p == from + 1 || (*p != '=' && *p != '<' && *p != '>') || (from[0] == '>' && *p != '='))
		return NULL;
	for (const struct so_operator *o = so_dialects[lx->dialect].operators; o->symbol[0]; o++) {
		if (strlen(o->symbol) == 2 && memcmp(o->symbol, symbol, 2) == 0 && o->op >= SO_OP_EQ &&
			o->op <= SO_OP_GE) {
			so_lex_emit(lx, SO_TOK_OP, from, p + 1, o->op);
			return p + 1;
		}
	}
	return NULL;
}

const char *so_lex_own_operator(struct so_lexer *lx, const char *p, struct so_err *err)
{
	unsigned single = single_operator(*p);

	if (lx->open_comments && p[0] == '*' && p[1] == '/') {
		lx->open_comments--;
		return p + 2;
	}
	if (so_lex_has(lx, SO_FEAT_SPLIT_OPERATORS) && class_of(lx, p[1]) == SO_C_SPACE) {
		const char *behind = split_operator(lx, p);

		if (behind)
			return behind;
	}
	if (single && class_of(lx, p[1]) != SO_C_OP) {
		so_lex_emit(lx, SO_TOK_OP, p, p + 1, single);
		return p + 1;
	}
	for (const struct so_operator *o = so_dialects[lx->dialect].operators; o->symbol[0]; o++) {
		size_t len = strlen(o->symbol);

		if (o->symbol[0] != *p || memcmp(o->symbol, p, len) != 0)
			continue;
		if (o->op == SO_OP_MAX)
			so_lex_emit(lx, SO_TOK_ARROW, p, p + len, 0);
		else
			so_lex_emit(lx, SO_TOK_OP, p, p + len, o->op);
		return p + len;
	}
	if (!single)
		return so_lex_other(lx, p, err);
	so_lex_emit(lx, SO_TOK_OP, p, p + 1, single);
	return p + 1;
}

const char *so_lex_conditional(struct so_lexer *lx, const char *p)
{
	bool maria = so_lex_has(lx, SO_FEAT_MARIADB_COMMENTS);
	uint32_t wanted = 0, version = lx->version ? lx->version : so_dialects[lx->dialect].newest;
	unsigned digits = 0;

	p += 2;
	if (maria && *p == 'M' && p[1] == '!')
		p++;
	else if (*p == '!')
		maria = false;
	if (*p != '!')
		return NULL;
	for (p++; is_digit(*p) && digits < 6; digits++)
		wanted = wanted * 10 + (uint32_t)(*p++ - '0');
	if (digits && digits < 5) {
		p -= digits;
		wanted = 0;
	}
	/* MariaDB leaves alone what MySQL made after they parted */
	if (!maria && so_lex_has(lx, SO_FEAT_MARIADB_COMMENTS) && wanted >= 50700 && wanted <= 99999)
		return NULL;
	if (wanted > version) {
		lx->left_out = true;
		return NULL;
	}
	lx->open_comments++;
	return p;
}

struct so_text so_lex_hint(const char *from, const char *token)
{
	for (; from + 3 < token; from++) {
		const char *end;

		if (from[0] == '/' && from[1] == '*' && from[2] == '+') {
			end = memmem(from + 3, (size_t)(token - from - 3), "*/", 2);
			return (struct so_text){ from + 3, end ? (size_t)(end - from - 3) : 0 };
		}
		if (from[0] == '-' && from[1] == '-' && from[2] == '+') {
			end = so_lex_skip_line(from, token);
			return (struct so_text){ from + 3, (size_t)(end - from - 3) };
		}
	}
	return (struct so_text){ "", 0 };
}
