/* Texts without literals and comments, from the token stream alone. */
#include <stdio.h>
#include <string.h>

#include "sql/fingerprint.h"
#include "sql/parser.h"
#include "sql/print.h"

static bool is_literal(const struct so_token *token)
{
	return token->kind >= SO_TOK_INT && token->kind <= SO_TOK_DOLLAR;
}

static unsigned param_number(const char *text, const struct so_token *token)
{
	unsigned number = 0;

	for (uint32_t i = 1; i < token->len && number < 100000000; i++)
		number = number * 10 + (unsigned)(text[token->off + i] - '0');
	return number;
}

/* Highest $n in the text. */
static unsigned highest_param(const struct so_lexer *lexer)
{
	unsigned highest = 0;

	for (uint32_t i = 0; i < lexer->count; i++) {
		if (lexer->tokens[i].kind == SO_TOK_PARAM && param_number(lexer->text, &lexer->tokens[i]) > highest)
			highest = param_number(lexer->text, &lexer->tokens[i]);
	}
	return highest;
}

static bool has_numbers(const struct so_lexer *lexer)
{
	return so_features_have(&lexer->features, SO_FEAT_PG_OPERATORS);
}

/* One blank for each gap, whatever was in it. */
static bool has_gap(const struct so_lexer *lexer, uint32_t i)
{
	const struct so_token *before = &lexer->tokens[i - 1];

	return before->off + before->len < lexer->tokens[i].off;
}

/* The tokens as text; `mark` stands for literals, NULL: $n. */
static char *rewrite(TALLOC_CTX *ctx, const struct so_lexer *lexer, const char *mark)
{
	struct so_buf buf;
	unsigned number;

	/* only PostgreSQL numbers its placeholders by writing them */
	if (!mark && !has_numbers(lexer))
		mark = "?";
	number = mark ? 0 : highest_param(lexer);

	so_buf_init(&buf, ctx, SO_PRINT_MAX);
	for (uint32_t i = 0; i < lexer->count; i++) {
		const struct so_token *token = &lexer->tokens[i];

		if (token->kind == SO_TOK_END || token->kind == SO_TOK_CUT)
			break;
		if (i && has_gap(lexer, i))
			so_buf_addc(&buf, ' ');
		if (!is_literal(token)) {
			so_buf_add(&buf, lexer->text + token->off, token->len);
			continue;
		}
		if (mark)
			so_buf_adds(&buf, mark);
		else
			so_buf_addf(&buf, "$%u", ++number);
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

struct work {
	struct so_lexer lexer;
	char *padded;
	struct so_token *tokens;
};

static void prepare(TALLOC_CTX *tmp, const char *text, size_t len, enum so_dialect dialect,
	const struct so_sql_options *options, struct work *work)
{
	work->padded = so_new_array(tmp, char, len + SO_LEX_PADDING);
	memcpy(work->padded, text, len);
	work->tokens = so_mem_need(talloc_array(tmp, struct so_token, (unsigned)len + 2));
	work->lexer = (struct so_lexer){ .text = work->padded, .len = (uint32_t)len, .tokens = work->tokens };
	so_lexer_set(&work->lexer, dialect, options);
}

char *so_sql_normalize(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	size_t limit = options && options->max_bytes ? options->max_bytes : SO_SQL_MAX_BYTES;
	struct work work;

	(void)parser;
	if (len > limit) {
		so_fail(err, SO_LIMIT, "the statement has %zu bytes, the limit is %zu", len, limit);
		return NULL;
	}
	prepare(tmp, text, len, dialect, options, &work);
	return so_lex(&work.lexer, err) ? rewrite(ctx, &work.lexer, NULL) : NULL;
}

char *so_sql_redact(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct work work;
	bool cut = len > SO_SQL_MAX_BYTES;
	char *out;

	(void)parser;
	prepare(tmp, text, cut ? SO_SQL_MAX_BYTES : len, dialect, NULL, &work);
	/* after a failure the tokens before it are there; the rest could be the inside of a literal */
	if (!so_lex(&work.lexer, &err))
		cut = true;
	out = rewrite(ctx, &work.lexer, "?");
	return cut ? talloc_asprintf_append(out, "...") : out;
}
