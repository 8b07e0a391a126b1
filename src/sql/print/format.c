/* Formatting of texts with one or more statements. */
#include <string.h>

#include "base/buf.h"
#include "sql/comments.h"
#include "sql/lex.h"
#include "sql/parse/parser.h"
#include "sql/print.h"

struct format {
	struct so_parser *parser;
	enum so_dialect dialect;
	const struct so_sql_options *options;
	const char *text;
	size_t len;
	bool more; /* T-SQL: the part is followed by another, or by GO */
	struct so_buf out;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* A comment that ends the line at `at` belongs to what stands before it: where that line ends. Else `at`. */
static size_t with_comment(const struct format *f, size_t at)
{
	size_t i = at;

	for (;;) {
		while (i < f->len && is_blank(f->text[i]))
			i++;
		if (i + 1 < f->len && f->text[i] == '-' && f->text[i + 1] == '-') {
			while (i < f->len && f->text[i] != '\n')
				i++;
			return i;
		}
		if (i + 1 >= f->len || f->text[i] != '/' || f->text[i + 1] != '*')
			break;
		const char *end = i + 2 < f->len ? strstr(f->text + i + 2, "*/") : NULL;

		if (!end || (size_t)(end - f->text) + 2 > f->len ||
			memchr(f->text + i, '\n', (size_t)(end - f->text) - i))
			break;
		i = (size_t)(end - f->text) + 2;
	}
	return i == f->len || f->text[i] == '\n' ? i : at;
}

/* The first semicolon in the white space and comments between two statements; `to` when there is none. */
static size_t find_semicolon(const struct format *f, size_t at, size_t to)
{
	while (at < to && f->text[at] != ';') {
		const char *end = NULL;

		if (at + 1 < to && f->text[at] == '-' && f->text[at + 1] == '-')
			end = memchr(f->text + at, '\n', to - at);
		else if (at + 1 < to && f->text[at] == '/' && f->text[at + 1] == '*')
			end = strstr(f->text + at + 2, "*/");
		at = end ? (size_t)(end - f->text) + 1 : at + 1;
	}
	return at < to ? at : to;
}

/* Where a statement's part of the text ends: behind its semicolon, if it has one, and the comment behind that. */
static size_t part_end(const struct format *f, const struct so_sql_piece *piece, const struct so_sql_piece *next)
{
	size_t end = piece->offset + piece->len, at = find_semicolon(f, end, next->offset);

	if (at < next->offset)
		return with_comment(f, at + 1);
	/* units of PL/SQL hold their semicolon */
	return end && f->text[end - 1] == ';' ? with_comment(f, end) : end;
}

/* Behind the white space and comments at `at`. */
static size_t behind_comments(const struct format *f, size_t at)
{
	const char *end;

	for (;;) {
		while (at < f->len && (is_blank(f->text[at]) || f->text[at] == '\n'))
			at++;
		if (at + 1 < f->len && f->text[at] == '-' && f->text[at + 1] == '-')
			end = memchr(f->text + at, '\n', f->len - at);
		else if (at + 1 < f->len && f->text[at] == '/' && f->text[at + 1] == '*')
			end = strstr(f->text + at + 2, "*/");
		else
			return at;
		if (!end)
			return at;
		at = (size_t)(end - f->text) + (*end == '*' ? 2 : 0);
	}
}

/* Oracle: the slash that stands on a line of its own next after `at`, comments aside; 0 when there is none. */
static size_t find_slash(const struct format *f, size_t at)
{
	size_t slash = f->dialect == SO_ORACLE ? behind_comments(f, at) : f->len, line = slash;

	if (slash >= f->len || f->text[slash] != '/')
		return 0;
	while (line > at && is_blank(f->text[line - 1]))
		line--;
	if (line == at || f->text[line - 1] != '\n')
		return 0;
	for (size_t i = slash + 1; i < f->len && f->text[i] != '\n'; i++)
		if (!is_blank(f->text[i]))
			return 0;
	return slash;
}

static bool has_semicolon(const struct so_ast *ast)
{
	const struct so_source *source = &ast->sources[0];
	const struct so_token *tokens = so_ast_tokens(ast);

	for (uint32_t i = source->first_token + source->token_count; i-- > source->first_token;) {
		if (tokens[i].kind == SO_TOK_SEMICOLON)
			return true;
		if (tokens[i].kind != SO_TOK_END)
			return false;
	}
	return false;
}

/* T-SQL refuses MERGE without a semicolon. */
static bool ends_in_merge(const struct so_ast *ast)
{
	so_ref ref = so_ast_statement(ast);
	struct so_list list;

	if (so_ast_kind(ast, ref) == SO_N_BLOCK) {
		list = so_as_block(ast, ref)->statements;
		ref = list.count ? so_list_get(ast, list, list.count - 1) : 0;
	}
	return ast->dialect == SO_TSQL && so_ast_kind(ast, ref) == SO_N_MERGE;
}

static bool parse(
	struct format *f, TALLOC_CTX *tmp, const char *text, size_t len, struct so_ast **ast, struct so_err *err)
{
	return so_sql_parse(tmp, f->parser, f->dialect, text, len, f->options, ast, err);
}

static bool is_same(const struct so_ast *a, const struct so_ast *b)
{
	return so_ast_equal(a, so_ast_statement(a), b, so_ast_statement(b));
}

static bool is_go(const struct so_token *token)
{
	return token->kind == SO_TOK_WORD && token->kw == SO_KW_go;
}

/* "GO 5" in front of the statement, or behind it: the parser drops what parts batches. */
static struct so_text batch_end(const struct so_ast *ast, bool behind)
{
	const struct so_source *source = &ast->sources[0];
	const struct so_token *first = &so_ast_tokens(ast)[source->first_token], *token = behind ? NULL : first;
	const struct so_token *end = first + source->token_count - 1, *last = end;

	while (behind && last > first &&
		(last[-1].kind == SO_TOK_SEMICOLON || is_go(&last[-1]) ||
			(last[-1].kind == SO_TOK_INT && last - 1 > first && is_go(&last[-2])))) {
		last--;
		if (!token && is_go(last))
			token = last;
	}
	if (!token || token >= end || !is_go(token) || (behind && token == first))
		return (struct so_text){ "", 0 };
	last = token + 1 < end && token[1].kind == SO_TOK_INT ? token + 1 : token;
	return (struct so_text){ so_ast_at(ast, token->off), last->off + last->len - token->off };
}

static void add_batch_end(struct format *f, const struct so_ast *source, bool behind)
{
	struct so_text go = batch_end(source, behind);

	if (!go.len)
		return;
	so_buf_adds(&f->out, f->out.len ? "\n" : "");
	so_buf_add(&f->out, go.s, go.len);
}

/* The text ends in a comment, which would belong to what follows. */
static bool ends_in_comment(const struct so_ast *ast, const char *text)
{
	const struct so_source *source = &ast->sources[0];
	const struct so_token *last = &so_ast_tokens(ast)[source->first_token + source->token_count - 1];

	return source->token_count > 1 && strlen(text) > last[-1].off - source->text + last[-1].len;
}

/* The print of `source` with its comments; the formatted text must mean the same: parsed again it gives the same tree.
 * A child of `tmp`. */
static char *formatted(
	struct format *f, TALLOC_CTX *tmp, const struct so_ast *source, bool semicolon, size_t from, struct so_err *err)
{
	struct so_ast *printed, *woven;
	struct so_err why = SO_ERR_INIT;
	char *text = so_sql_pretty(tmp, source, so_ast_statement(source));

	/* units of PL/SQL end in one of their own */
	if (semicolon && (!*text || text[strlen(text) - 1] != ';'))
		text = talloc_strdup_append(text, ";");
	if (!parse(f, tmp, text, strlen(text), &printed, &why) || !is_same(source, printed)) {
		so_fail_at(err, SO_INTERNAL, (int32_t)from, "the formatter would change this statement");
		return NULL;
	}
	text = so_sql_weave_comments(tmp, source, printed);
	if (!parse(f, tmp, text, strlen(text), &woven, &why) || !is_same(source, woven)) {
		so_fail_at(err, SO_INTERNAL, (int32_t)from, "the comments would change this statement");
		return NULL;
	}
	/* where no semicolon is needed between statements, one keeps the comment with its statement */
	if (!semicolon && f->more && ends_in_comment(woven, text))
		return formatted(f, tmp, source, true, from, err);
	return text;
}

static bool format_part(struct format *f, size_t from, size_t to, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_ast *source;
	char *text;

	if (!parse(f, tmp, f->text + from, to - from, &source, err)) {
		err->position = err->position < 0 ? err->position : err->position + (int32_t)from;
		return false;
	}
	if (source->sources[0].truncated)
		return so_fail_at(
			err, SO_INPUT, (int32_t)to, "the statement is cut off at its end; give the whole text");
	f->more = f->dialect == SO_TSQL && (to < f->len || batch_end(source, true).len);
	text = formatted(f, tmp, source, has_semicolon(source) || ends_in_merge(source), from, err);
	if (!text)
		return false;
	add_batch_end(f, source, false);
	if (f->out.len)
		so_buf_adds(&f->out, "\n\n");
	so_buf_adds(&f->out, text);
	add_batch_end(f, source, true);
	return true;
}

static void add_comments_only(struct format *f, size_t from)
{
	size_t to = f->len;

	while (from < to && (is_blank(f->text[from]) || f->text[from] == '\n' || f->text[from] == ';'))
		from++;
	while (to > from && (is_blank(f->text[to - 1]) || f->text[to - 1] == '\n' || f->text[to - 1] == ';'))
		to--;
	if (to > from && f->out.len)
		so_buf_adds(&f->out, "\n\n");
	so_buf_add(&f->out, f->text + from, to - from);
}

static bool is_one_statement(struct format *f)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	return (f->dialect == SO_MYSQL || f->dialect == SO_MARIADB) && parse(f, tmp, f->text, f->len, &ast, &err);
}

/* Where the first statement may begin: behind the parameters that a cached text of SQL Server has in front. */
static size_t behind_parameters(const struct format *f)
{
	const struct so_token *last;
	struct so_lexer lexer = { .len = (uint32_t)f->len };
	struct so_err ignored = SO_ERR_INIT;
	uint32_t count;

	so_lexer_set(&lexer, f->dialect, f->options);
	if (!lexer.lenient || !so_features_have(&lexer.features, SO_FEAT_BATCH))
		return 0;
	so_parser_lend(f->parser, f->text, f->len, &lexer);
	count = so_lex(&lexer, &ignored) ? so_tsql_parameters(lexer.tokens, lexer.count) : 0;
	if (!count)
		return 0;
	last = &lexer.tokens[count - 1];
	return last->off + last->len;
}

char *so_sql_format(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct format f = { .parser = parser ? parser : so_parser_new(tmp),
		.dialect = dialect,
		.options = options,
		.text = so_strndup(tmp, text, len),
		.len = len };
	struct so_sql_piece *pieces;
	size_t count, from = 0;

	if (!so_sql_split(tmp, f.parser, dialect, text, len, options, &pieces, &count, err))
		return NULL;
	/* a body of MySQL has semicolons, which only DELIMITER would hide from the splitter */
	if (count > 1 && is_one_statement(&f))
		count = 1;
	so_buf_init(&f.out, ctx, 2 * (size_t)SO_PRINT_MAX);
	from = behind_parameters(&f);
	so_buf_add(&f.out, text, from);
	for (size_t i = 0; i < count; i++) {
		struct so_sql_piece behind = { .offset = len };
		const struct so_sql_piece *next = i + 1 < count ? &pieces[i + 1] : &behind;
		size_t end = part_end(&f, &pieces[i], next), slash = find_slash(&f, end);
		size_t to = i + 1 < count ? end : len;

		if (slash)
			to = slash;
		if (!format_part(&f, from, to, err)) {
			talloc_free(f.out.data);
			return NULL;
		}
		if (slash)
			so_buf_adds(&f.out, "\n/");
		from = slash ? slash + 1 : to;
	}
	if (count && from < len)
		add_comments_only(&f, from);
	if (!count)
		add_comments_only(&f, 0);
	return f.out.data ? f.out.data : so_strdup(ctx, "");
}
