/* Texts without literals and comments, from the token stream alone. */
#include <string.h>

#include "sql/fingerprint.h"
#include "sql/parse/parser.h"
#include "sql/lex/scan.h"
#include "sql/text/secrets.h"
#include "sql/text/tokens.h"

static unsigned param_number(const char *text, const struct so_token *token)
{
	unsigned number = 0;

	for (uint32_t i = 1; i < token->len && number < 100000000; i++)
		number = number * 10 + (unsigned)(text[token->off + i] - '0');
	return number;
}

static bool has_numbers(const struct so_lexer *lexer)
{
	return so_features_have(&lexer->features, SO_FEAT_PG_OPERATORS);
}

/* Copies with a whole vector at a time: writes and reads up to SO_SCAN_SLACK bytes more. */
static inline char *put(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += SO_SCAN_SLACK)
		memcpy(out + i, text + i, SO_SCAN_SLACK);
	return out + len;
}

static char *put_number(char *out, unsigned number)
{
	char digits[16];
	size_t n = 0;

	do {
		digits[sizeof digits - ++n] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	*out++ = '$';
	memcpy(out, digits + sizeof digits - n, n);
	return out + n;
}

/* After these a minus is a sign. */
static bool expects_value(const struct so_lexer *lexer, const struct so_token *token)
{
	const char *text = lexer->text;

	switch ((enum so_tok)token->kind) {
	case SO_TOK_OP:
		/* not those that may end a select list: SELECT * - 1 is none */
		return !(token->len == 1 && text[token->off] == '*') || token->kw == SO_OP_MUL;
	case SO_TOK_LPAREN:
	case SO_TOK_LBRACKET:
	case SO_TOK_COMMA:
	case SO_TOK_ARROW:
	case SO_TOK_COLON:
		return true;
	case SO_TOK_WORD:
		break;
	default:
		return false;
	}
	switch (token->kw) {
	case SO_KW_select:
	case SO_KW_distinct:
	case SO_KW_where:
	case SO_KW_having:
	case SO_KW_on:
	case SO_KW_and:
	case SO_KW_or:
	case SO_KW_not:
	case SO_KW_case:
	case SO_KW_when:
	case SO_KW_then:
	case SO_KW_else:
	case SO_KW_between:
	case SO_KW_symmetric:
	case SO_KW_like:
	case SO_KW_from:
	case SO_KW_for:
	case SO_KW_by:
	case SO_KW_limit:
	case SO_KW_offset:
	case SO_KW_returning:
	case SO_KW_default:
		return true;
	case SO_KW_interval:
		return !has_numbers(lexer); /* INTERVAL -1 DAY */
	default:
		return false;
	}
}

bool so_text_is_sign(const struct so_lexer *lexer, uint32_t i)
{
	const struct so_token *token = &lexer->tokens[i];

	if (token->kind != SO_TOK_OP || token->len != 1 || lexer->text[token->off] != '-' || i + 2 >= lexer->count ||
		(token[1].kind != SO_TOK_INT && token[1].kind != SO_TOK_FLOAT) || token[2].kind == SO_TOK_CAST ||
		token[2].kind == SO_TOK_LBRACKET)
		return false;
	return i == 0 || expects_value(lexer, token - 1);
}

#define MARK_MAX 12 /* bytes of $n */

/* The tokens as text, each gap one blank. `number`: literals become $number + 1 and so on, NULL: ?.
 * `signs`: a minus in front of a number goes with it. */
static char *write_tokens(char *out, const struct so_lexer *lexer, unsigned *number, bool signs)
{
	const char *text = lexer->text, *from = text, *end = text;

	for (uint32_t i = 0; i < lexer->count; i++) {
		const struct so_token *token = &lexer->tokens[i];
		const char *start = text + token->off;
		bool literal = so_text_is_literal(token);

		if (token->kind == SO_TOK_END || token->kind == SO_TOK_CUT)
			break;
		if (i == 0)
			from = end = start;
		/* what lies between two changes is copied in one go, its single blanks with it */
		if (start == end + 1 && *end == ' ')
			end++;
		bool sign = signs && !literal && so_text_is_sign(lexer, i);

		if (literal || sign || start != end) {
			out = put(out, from, (size_t)(end - from));
			if (start != end)
				*out++ = ' ';
			from = start;
		}
		if (sign) {
			from = end = text + token[1].off;
			continue;
		}
		end = start + token->len;
		if (literal) {
			if (number)
				out = put_number(out, ++*number);
			else
				*out++ = '?';
			from = end;
		}
	}
	return put(out, from, (size_t)(end - from));
}

/* A new text from the tokens; `numbered`: literals become $n where the dialect has it, `tail` comes behind. */
static char *rewrite(TALLOC_CTX *ctx, const struct so_lexer *lexer, bool numbered, const char *tail)
{
	unsigned highest = 0;
	size_t literals = 0, room;
	char *made, *end;

	for (uint32_t i = 0; i < lexer->count; i++) {
		literals += so_text_is_literal(&lexer->tokens[i]);
		if (lexer->tokens[i].kind == SO_TOK_PARAM && param_number(lexer->text, &lexer->tokens[i]) > highest)
			highest = param_number(lexer->text, &lexer->tokens[i]);
	}
	room = lexer->len + literals * MARK_MAX + strlen(tail) + SO_SCAN_SLACK;
	made = so_mem_need(talloc_array(ctx, char, (unsigned)room));
	/* only PostgreSQL numbers its placeholders by writing them */
	end = write_tokens(made, lexer, numbered && has_numbers(lexer) ? &highest : NULL, numbered);
	memcpy(end, tail, strlen(tail) + 1);
	return made;
}

bool so_text_lex(struct so_parser *parser, const char *text, size_t len, enum so_dialect dialect,
	const struct so_sql_options *options, struct so_lexer *lexer, struct so_err *err)
{
	*lexer = (struct so_lexer){ .len = (uint32_t)len };
	so_lexer_set(lexer, dialect, options);
	so_parser_lend(parser, text, len, lexer);
	return so_lex(lexer, err);
}

void so_text_drop_parameters(struct so_lexer *lexer)
{
	uint32_t count = 0;

	if (lexer->lenient && so_features_have(&lexer->features, SO_FEAT_BATCH))
		count = so_tsql_parameters(lexer->tokens, lexer->count);
	lexer->tokens += count;
	lexer->count -= count;
}

/* The end of the rows behind COPY: the line `\\.`, or the end of the text. */
static size_t data_end(const char *text, size_t len, size_t at)
{
	while (at < len) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t end = newline ? (size_t)(newline - text) : len;
		size_t line = end - at - (end > at && text[end - 1] == '\r');

		if (line == 2 && text[at] == '\\' && text[at + 1] == '.')
			return at;
		at = end + 1;
	}
	return len;
}

/* Reads as far as it goes: after a failure the tokens before it are there. False: not to the end. */
static bool lex_some(
	struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len, struct so_lexer *lexer)
{
	struct so_err err = SO_ERR_INIT;

	if (so_text_lex(parser, text, len, dialect, NULL, lexer, &err))
		return true;
	/* a wrong byte is found before anything is lexed */
	if (!lexer->count && err.position > 0) {
		so_text_lex(parser, text, (size_t)err.position, dialect, NULL, lexer, &(struct so_err)SO_ERR_INIT);
	}
	return false;
}

/* A copy of a script without the rows that stand behind COPY .. FROM STDIN; each part of it is read once. */
static char *without_copy_data(
	TALLOC_CTX *ctx, struct so_parser *parser, const char *text, size_t len, size_t *made_len)
{
	char *made = so_new_array(ctx, char, len + 1);
	size_t at = 0, n = 0;

	while (at < len) {
		size_t stop = data_end(text, len, at), found;
		struct so_lexer lexer;

		lex_some(parser, SO_POSTGRESQL, text + at, stop - at, &lexer);
		found = so_text_copy_data(&lexer);
		/* a line of a string looks like an end of rows */
		if (!found)
			stop = len;
		memcpy(made + n, text + at, found ? found : stop - at);
		n += found ? found : stop - at;
		at = stop < len ? stop + 2 : len;
	}
	*made_len = n;
	return made;
}

static char *normalize(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, bool script, struct so_err *err)
{
	struct so_lexer lexer;
	bool read = so_text_lex(parser, text, len, dialect, options, &lexer, err);

	if (script && so_text_copy_data(&lexer)) {
		SO_TMP(tmp, ctx);

		*err = (struct so_err)SO_ERR_INIT;
		text = without_copy_data(tmp, parser, text, len, &len);
		return normalize(ctx, parser, dialect, text, len, options, false, err);
	}
	if (!read)
		return NULL;
	so_text_hide_values(&lexer);
	so_text_drop_parameters(&lexer);
	return rewrite(ctx, &lexer, true, "");
}

char *so_sql_normalize(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err)
{
	size_t limit = options && options->max_bytes ? options->max_bytes : SO_SQL_MAX_BYTES;
	struct so_parser *own = NULL;
	char *made;

	if (len > limit) {
		so_fail(err, SO_LIMIT, "the statement has %zu bytes, the limit is %zu", len, limit);
		return NULL;
	}
	if (!parser)
		parser = own = so_parser_new(NULL);
	made = normalize(ctx, parser, dialect, text, len, options, true, err);
	talloc_free(own);
	return made;
}

static char *redact(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	bool cut, bool script)
{
	struct so_lexer lexer;
	bool whole = lex_some(parser, dialect, text, len, &lexer);

	if (script && so_text_copy_data(&lexer)) {
		SO_TMP(tmp, ctx);

		text = without_copy_data(tmp, parser, text, len, &len);
		return redact(ctx, parser, dialect, text, len, cut, false);
	}
	so_text_hide_values(&lexer);
	/* what is left out could be the inside of a literal */
	return rewrite(ctx, &lexer, false, cut || !whole ? "..." : "");
}

char *so_sql_redact(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len)
{
	struct so_parser *own = NULL;
	bool cut = len > SO_SQL_MAX_BYTES;
	char *made;

	if (!parser)
		parser = own = so_parser_new(NULL);
	made = redact(ctx, parser, dialect, text, cut ? SO_SQL_MAX_BYTES : len, cut, true);
	talloc_free(own);
	return made;
}
