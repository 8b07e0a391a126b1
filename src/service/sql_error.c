/* Where a statement is wrong and what could stand there: found by asking the parser, so that it holds for every
 * dialect. The text up to the error is parsed with each candidate behind it; one that the parser gets past fits. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "service/service.h"
#include "service/sql_text.h"
#include "service/statement.h"
#include "sql/foreign.h"
#include "sql/lex/keywords.h"

#define MAX_EXPECTED    8
#define MAX_PREFIX      (16u * 1024) /* longer statements would take too long to try */
#define MAX_ALL_WORDS   2048u /* up to here all keywords are tried */
#define MAX_TOKEN_SHOWN 60u

struct candidate {
	const char *text; /* tried behind the text */
	const char *shown;
};

static const struct candidate candidates[] = {
	{ "", "the end of the statement" },
	{ "zq1", "a name" },
	{ "17", "a number" },
	{ "'zq'", "a string" },
	{ ",", "\",\"" },
	{ "(", "\"(\"" },
	{ ")", "\")\"" },
	{ "=", "\"=\"" },
	{ "*", "\"*\"" },
	{ ".", "\".\"" },
};

/* Those that people mean most often, in the order in which they are told. */
static const char *const common_words[] = { "SELECT", "FROM", "WHERE", "VALUES", "SET", "INTO", "AS", "ON", "USING",
	"JOIN", "BY", "AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "GROUP", "ORDER", "HAVING", "LIMIT",
	"OFFSET", "UNION", "THEN", "WHEN", "ELSE", "END", "CASE", "EXISTS", "TABLE", "INDEX", "VIEW", "KEY", "TO",
	"DEFAULT", "INSERT", "UPDATE", "DELETE", "MATCHED", "CONFLICT", "DO", "NOTHING", "ROW", "ROWS", "OVER", "WITH",
	"DISTINCT", "ALL", "PRIMARY", "REFERENCES", "CHECK", "CONSTRAINT", "COLUMN", "ADD", "DROP", "IF", "FOR" };

struct trial {
	TALLOC_CTX *tmp;
	struct so_parser *parser;
	enum so_dialect dialect;
	const char *text;
	size_t len; /* up to the error */
	struct so_strs *found;
};

/* True when the parser takes `word` behind the text: what it then misses comes later. */
static bool fits(struct trial *t, const char *word)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	char *text = so_printf(tmp, "%.*s %s", (int)t->len, t->text, word);

	return so_sql_parse(tmp, t->parser, t->dialect, text, strlen(text), &options, &ast, &err) ||
	       (*word && err.kind == SO_INPUT && err.position > (int32_t)t->len + 1);
}

static void found(struct trial *t, const char *shown)
{
	t->found->items = so_renew_array(t->found, t->found->items, char *, t->found->count + 1);
	t->found->items[t->found->count++] = so_strdup(t->found, shown);
}

static bool is_found(const struct trial *t, const char *word)
{
	for (size_t i = 0; i < t->found->count; i++)
		if (strcmp(t->found->items[i], word) == 0)
			return true;
	return false;
}

/* A word that is a name in this dialect fits wherever a name does, which says nothing. */
static void try_words(struct trial *t, bool names_fit)
{
	for (size_t i = 0; i < sizeof common_words / sizeof common_words[0] && t->found->count < MAX_EXPECTED; i++)
		if (fits(t, common_words[i]) && !(names_fit && fits(t, so_printf(t->tmp, "%s.zq1", common_words[i]))))
			found(t, common_words[i]);
	for (int kw = 1; kw < SO_KW_MAX && t->len <= MAX_ALL_WORDS && t->found->count < MAX_EXPECTED && !names_fit;
		kw++) {
		char *word = so_strdup(t->tmp, so_keywords[kw].name);

		for (char *p = word; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		if (!is_found(t, word) && fits(t, word))
			found(t, word);
	}
}

/* Where the statement of a script that holds `position` starts. */
static size_t statement_start(const struct trial *t, const char *text, size_t position)
{
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES };
	struct so_err ignored = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count, start = 0;

	if (!so_sql_split(t->tmp, t->parser, t->dialect, text, position, &options, &pieces, &count, &ignored))
		return 0;
	for (size_t i = 0; i < count; i++)
		start = pieces[i].offset;
	/* a semicolon directly before the error: the statement begins there */
	return count && memchr(text + start + pieces[count - 1].len, ';', position - start - pieces[count - 1].len)
		       ? position
		       : start;
}

/* Behind the statement of a script that starts at `start` and holds `position`: of one that cannot be cut into
 * statements, the end of the text. */
static size_t statement_end(const struct trial *t, const char *text, size_t start, size_t position)
{
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES };
	struct so_err ignored = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count;

	if (!so_sql_split(t->tmp, t->parser, t->dialect, text + start, strlen(text + start), &options, &pieces, &count,
		    &ignored))
		return strlen(text);
	for (size_t i = 0; i < count; i++)
		if (start + pieces[i].offset + pieces[i].len >= position)
			return start + pieces[i].offset + pieces[i].len;
	return strlen(text);
}

static void find_expected(struct trial *t)
{
	bool names_fit = false;

	if (t->len > MAX_PREFIX)
		return;
	for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
		if (!fits(t, candidates[i].text))
			continue;
		found(t, candidates[i].shown);
		names_fit = names_fit || i == 1;
	}
	try_words(t, names_fit);
}

/* What parsing tells of the statement at `position`: what could stand there (where the grammar was what refused it),
 * and whose syntax it looks like. */
static void ask_parsers(struct so_sql_text_error *error, const struct so_sql_text_request *request, size_t position)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = request->lenient };
	struct trial t = { .tmp = tmp, .found = error->expected };
	size_t start, end;

	t.dialect = so_statement_dialect(request->dialect);
	t.parser = so_parser_new(tmp);
	start = statement_start(&t, request->sql, position);
	end = statement_end(&t, request->sql, start, position);
	t.text = request->sql + start;
	t.len = position - start;
	if (strncmp(error->message, "syntax error", 12) == 0)
		find_expected(&t);
	error->hint = so_sql_foreign_hint(
		error, t.parser, t.dialect, t.text, end - start, &options, (int32_t)(position - start));
}

/* ---- Where ------------------------------------------------------------------------------------------------------ */

/* Lines end with \n, \r\n or \r; columns count characters. */
static void find_line(const char *text, size_t position, struct so_sql_text_error *error)
{
	error->line = 1;
	error->column = 1;
	for (size_t i = 0; i < position && text[i]; i++) {
		if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) {
			error->line++;
			error->column = 1;
		} else if (((unsigned char)text[i] & 0xC0) != 0x80 && text[i] != '\r') {
			error->column++;
		}
	}
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static char *token_at(TALLOC_CTX *ctx, const char *text)
{
	size_t len = *text != '\0';

	if (is_word(*text)) {
		while (is_word(text[len]))
			len++;
	} else if (*text == '\'' || *text == '"' || *text == '`') {
		while (text[len] && text[len] != *text)
			len++;
		len += text[len] != '\0';
	} else if (strchr("<>=!|&:-", *text)) {
		while (text[len] && strchr("<>=|&:", text[len]))
			len++;
	}
	if (len > MAX_TOKEN_SHOWN)
		for (len = MAX_TOKEN_SHOWN; len && ((unsigned char)text[len] & 0xC0) == 0x80;)
			len--;
	return len ? so_strndup(ctx, text, len) : NULL;
}

struct so_sql_text_error *so_sql_text_explain(
	TALLOC_CTX *ctx, const struct so_sql_text_request *request, const struct so_err *err, bool with_reasons)
{
	struct so_sql_text_error *error = so_new(ctx, struct so_sql_text_error);

	error->message = so_strdup(error, err->message);
	error->kind = so_strdup(error, so_kind_name(err->kind));
	error->position = error->line = error->column = SO_INT_NONE;
	error->expected = so_new(error, struct so_strs);
	if (err->position < 0 || (size_t)err->position > strlen(request->sql))
		return error;
	error->position = err->position;
	find_line(request->sql, (size_t)err->position, error);
	error->token = token_at(error, request->sql + err->position);
	if (with_reasons && err->kind == SO_INPUT)
		ask_parsers(error, request, (size_t)err->position);
	return error;
}

char *so_sql_text_error_line(TALLOC_CTX *ctx, const struct so_sql_text_error *error)
{
	const struct so_strs *words = error->expected;
	struct so_buf buf;

	so_buf_init(&buf, ctx, 4096);
	if (error->position != SO_INT_NONE)
		so_buf_addf(&buf, "line %lld, column %lld: ", (long long)error->line, (long long)error->column);
	so_buf_adds(&buf, error->message);
	for (size_t i = 0; i < words->count; i++)
		so_buf_addf(&buf, "%s%s",
			i == 0                 ? "; expected "
			: i + 1 < words->count ? ", "
					       : " or ",
			words->items[i]);
	if (error->hint)
		so_buf_addf(&buf, "; %s", error->hint);
	return buf.data ? buf.data : so_strdup(ctx, "");
}

void so_sql_text_refuse(const struct so_sql_text_request *request, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_sql_text_error *error = so_sql_text_explain(tmp, request, err, true);

	so_fail_at(err, err->kind, err->position, "%s", so_sql_text_error_line(tmp, error));
}
