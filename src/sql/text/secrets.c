#include "sql/text/secrets.h"

#include <string.h>
#include <strings.h>

#include "sql/lex/keywords.h"

/* What the rules read: tokens of one text, from left to right. */
struct reader {
	const char *text;
	struct so_token *tokens;
	uint32_t count;
};

static enum so_kw word_at(const struct reader *r, uint32_t i)
{
	return i < r->count && r->tokens[i].kind == SO_TOK_WORD ? (enum so_kw)r->tokens[i].kw : SO_KW_NONE;
}

static enum so_tok kind_at(const struct reader *r, uint32_t i)
{
	return i < r->count ? (enum so_tok)r->tokens[i].kind : SO_TOK_END;
}

/* Any word, whether the dialect has it as a keyword or not. */
static bool spells(const struct reader *r, uint32_t i, const char *word)
{
	size_t len = strlen(word);

	return i < r->count && r->tokens[i].len == len && strncasecmp(r->text + r->tokens[i].off, word, len) == 0;
}

static bool is_operator(const struct reader *r, uint32_t i, char c)
{
	return i < r->count && r->tokens[i].len == 1 && r->text[r->tokens[i].off] == c;
}

/* A name, in quotes or not, becomes what literals are. */
static void hide(struct reader *r, uint32_t i)
{
	if (kind_at(r, i) == SO_TOK_WORD || kind_at(r, i) == SO_TOK_QUOTED || kind_at(r, i) == SO_TOK_UQUOTED)
		r->tokens[i].kind = SO_TOK_STRING;
}

/* ---- Strings in double quotes ----------------------------------------------------------------------------------- */

static bool is_double_quoted(const struct reader *r, uint32_t i)
{
	return kind_at(r, i) == SO_TOK_QUOTED && r->text[r->tokens[i].off] == '"';
}

/* "name": what nobody would have to put in quotes. */
static bool is_plain_name(const char *text, uint32_t len)
{
	for (uint32_t i = 1; i + 1 < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';

		if (!letter && c != '_' && (i == 1 || ((c < '0' || c > '9') && c != '$')))
			return false;
	}
	return len > 2;
}

/* Behind this token a value may stand; behind a value or a name there is a label at most. */
static bool takes_value(const struct reader *r, uint32_t i)
{
	switch (kind_at(r, i)) {
	case SO_TOK_OP:
	case SO_TOK_LPAREN:
	case SO_TOK_COMMA:
	case SO_TOK_LBRACKET:
		return true;
	case SO_TOK_WORD:
		break;
	default:
		return false;
	}
	switch (r->tokens[i].kw) {
	case SO_KW_select:
	case SO_KW_distinct:
	case SO_KW_all:
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
	case SO_KW_like:
	case SO_KW_glob:
	case SO_KW_match:
	case SO_KW_regexp:
	case SO_KW_escape:
	case SO_KW_is:
	case SO_KW_returning:
	case SO_KW_default:
	case SO_KW_limit:
	case SO_KW_offset:
	case SO_KW_print:
	case SO_KW_return:
	case SO_KW_key:
		return true;
	default:
		return false;
	}
}

/* Where a column would be odd: behind LIKE and its relatives, PRINT, DEFAULT, in IN (..); on the right of a comparison
 * or assignment whose left side is no name in quotes (who quotes every name quotes that one, too). */
static bool is_likely_string(const struct reader *r, uint32_t i, bool in_list)
{
	enum so_kw before = word_at(r, i - 1);

	if (in_list || before == SO_KW_like || before == SO_KW_glob || before == SO_KW_match ||
		before == SO_KW_regexp || before == SO_KW_escape || before == SO_KW_print || before == SO_KW_default ||
		before == SO_KW_limit || before == SO_KW_offset || before == SO_KW_key)
		return true;
	return kind_at(r, i - 1) == SO_TOK_OP && i > 1 && kind_at(r, i - 2) != SO_TOK_QUOTED;
}

/* How far a list of values reaches. */
struct value_list {
	unsigned depth; /* parentheses that are open */
	unsigned values; /* 1 + the depth that VALUES stands at; 0: not behind VALUES */
	unsigned in; /* the depth inside IN (..); 0: not in one */
	uint32_t first; /* token of the statement */
	bool columns; /* of a table that is made, at depth 1 */
	bool targets; /* between INTO and what is inserted */
};

static void follow_lists(const struct reader *r, uint32_t i, struct value_list *list)
{
	switch (kind_at(r, i)) {
	case SO_TOK_LPAREN:
		list->depth++;
		if (i && (word_at(r, i - 1) == SO_KW_in || spells(r, i - 1, "raiserror")))
			list->in = list->depth;
		break;
	case SO_TOK_RPAREN:
		if (list->in == list->depth)
			list->in = 0;
		list->depth -= list->depth > 0;
		if (list->values && list->depth + 1 < list->values)
			list->values = 0;
		break;
	case SO_TOK_WORD:
		if (r->tokens[i].kw == SO_KW_values)
			list->values = list->depth + 1;
		else if (list->values && list->depth < list->values)
			list->values = 0; /* a word behind the rows */
		/* IN (SELECT ..) */
		if (r->tokens[i].kw == SO_KW_select)
			list->in = 0;
		if (r->tokens[i].kw == SO_KW_into)
			list->targets = true;
		else if (r->tokens[i].kw == SO_KW_values || r->tokens[i].kw == SO_KW_select)
			list->targets = false;
		else if (r->tokens[i].kw == SO_KW_table)
			list->columns = word_at(r, list->first) == SO_KW_create;
		break;
	case SO_TOK_SEMICOLON:
		*list = (struct value_list){ .first = i + 1 };
		break;
	default:
		break;
	}
}

/* "first name" text in CREATE TABLE, INSERT INTO t ("first name") */
static bool is_column_name(const struct reader *r, uint32_t i, const struct value_list *list)
{
	return (kind_at(r, i - 1) == SO_TOK_LPAREN || kind_at(r, i - 1) == SO_TOK_COMMA) && list->depth == 1 &&
	       (list->columns || list->targets);
}

static void hide_double_quoted(struct reader *r)
{
	struct value_list list = { 0 };

	for (uint32_t i = 0; i < r->count; i++) {
		const struct so_token *token = &r->tokens[i];
		bool in_values;

		follow_lists(r, i, &list);
		if (!i || !is_double_quoted(r, i) || !takes_value(r, i - 1) || kind_at(r, i + 1) == SO_TOK_DOT)
			continue;
		/* a table in CREATE INDEX .. ON, a function */
		if (kind_at(r, i + 1) == SO_TOK_LPAREN || is_column_name(r, i, &list))
			continue;
		in_values = list.values && list.depth >= list.values;
		if (in_values || !is_plain_name(r->text + token->off, token->len) ||
			is_likely_string(r, i, list.in && list.in == list.depth))
			hide(r, i);
	}
}

/* ---- Values without quotes -------------------------------------------------------------------------------------- */

/* EXECUTE p a, @x = b: words are strings there. Returns the token behind the arguments. */
static uint32_t hide_arguments(struct reader *r, uint32_t i)
{
	bool expected = true; /* an argument, not the comma behind it */

	if (kind_at(r, i) == SO_TOK_VARIABLE && is_operator(r, i + 1, '='))
		i += 2;
	if (kind_at(r, i) == SO_TOK_LPAREN)
		return i;
	i++;
	while (kind_at(r, i) == SO_TOK_DOT || kind_at(r, i) == SO_TOK_DOTS)
		i += 2;
	for (; i < r->count; i++) {
		enum so_kw word = word_at(r, i);

		if (!expected && kind_at(r, i) == SO_TOK_COMMA) {
			expected = true;
			continue;
		}
		if (word == SO_KW_output || word == SO_KW_out)
			continue;
		if (!expected)
			break;
		if (kind_at(r, i) == SO_TOK_VARIABLE && is_operator(r, i + 1, '=')) {
			i++;
			continue;
		}
		if (kind_at(r, i) == SO_TOK_OP)
			continue; /* a sign */
		if (kind_at(r, i) == SO_TOK_WORD && word && word != SO_KW_null && word != SO_KW_default &&
			kind_at(r, i - 1) != SO_TOK_COMMA && !is_operator(r, i - 1, '='))
			break; /* the next statement */
		if (kind_at(r, i) == SO_TOK_SEMICOLON || kind_at(r, i) == SO_TOK_END)
			break;
		if (word != SO_KW_null && word != SO_KW_default)
			hide(r, i);
		expected = false;
	}
	return i;
}

static bool at_end(const struct reader *r, uint32_t i)
{
	return i >= r->count || kind_at(r, i) == SO_TOK_SEMICOLON || kind_at(r, i) == SO_TOK_END;
}

/* SET app.secret TO word, word; also as a clause of ALTER and CREATE. */
static void hide_custom_setting(struct reader *r, uint32_t i)
{
	for (; !at_end(r, i) && word_at(r, i) != SO_KW_set; i++)
		continue;
	i++;
	i += word_at(r, i) == SO_KW_session || word_at(r, i) == SO_KW_local;
	if (kind_at(r, i + 1) != SO_TOK_DOT)
		return;
	for (i += 3; !at_end(r, i); i++)
		if (word_at(r, i) != SO_KW_to && kind_at(r, i - 1) != SO_TOK_DOT && kind_at(r, i + 1) != SO_TOK_DOT)
			hide(r, i);
}

/* Money with another sign than a dollar is a word to the lexer. */
static void hide_money(struct reader *r)
{
	static const char *const signs[] = { "\xC2\xA2", "\xC2\xA3", "\xC2\xA4", "\xC2\xA5", "\xE2\x82", "\xE0\xB8\xBF",
		"\xEF\xBF", "\xEF\xBC\x84", "\xEF\xB9\xA9" };

	for (uint32_t i = 0; i < r->count; i++)
		for (size_t k = 0; kind_at(r, i) == SO_TOK_WORD && k < sizeof signs / sizeof signs[0]; k++)
			if (r->tokens[i].len > strlen(signs[k]) &&
				memcmp(r->text + r->tokens[i].off, signs[k], strlen(signs[k])) == 0)
				hide(r, i);
}

/* Oracle, in the statement at token i. */
static void hide_passwords(struct reader *r, uint32_t i)
{
	bool grant = spells(r, i, "grant");

	/* CONNECT user/password, as clients have it */
	if (spells(r, i, "connect") || spells(r, i, "conn"))
		for (i++; !at_end(r, i); i++)
			hide(r, i);
	for (i += 2; !at_end(r, i); i++) {
		if (word_at(r, i - 1) != SO_KW_by || word_at(r, i - 2) != SO_KW_identified)
			continue;
		hide(r, i);
		/* GRANT .. TO a, b IDENTIFIED BY x, y */
		while (grant && kind_at(r, i + 1) == SO_TOK_COMMA)
			hide(r, i += 2);
		if (spells(r, i + 1, "replace"))
			hide(r, i + 2);
	}
}

/* PRAGMA key = word, of encrypted databases */
static void hide_pragma(struct reader *r, uint32_t i)
{
	i += kind_at(r, i + 2) == SO_TOK_DOT ? 3 : 1;
	if (spells(r, i, "key") || spells(r, i, "rekey") || spells(r, i, "hexkey") || spells(r, i, "textkey"))
		for (i += 1; !at_end(r, i); i++)
			hide(r, i);
}

/* T-SQL: the first statement of a batch may be the name of a procedure alone, with its arguments. */
static bool is_bare_call(const struct reader *r, uint32_t i)
{
	bool first = !i || word_at(r, i - 1) == SO_KW_go ||
		     (i > 1 && kind_at(r, i - 1) == SO_TOK_INT && word_at(r, i - 2) == SO_KW_go);

	return first && kind_at(r, i) == SO_TOK_WORD && word_at(r, i) == SO_KW_NONE &&
	       kind_at(r, i + 1) != SO_TOK_COLON;
}

static void hide_calls(struct reader *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		if (word_at(r, i) == SO_KW_exec || word_at(r, i) == SO_KW_execute)
			i = hide_arguments(r, i + 1) - 1;
		else if (is_bare_call(r, i))
			i = hide_arguments(r, i) - 1;
		else if ((spells(r, i, "password") || spells(r, i, "mediapassword")) && is_operator(r, i + 1, '=') &&
			 (word_at(r, 0) == SO_KW_backup || word_at(r, 0) == SO_KW_restore))
			hide(r, i + 2);
	}
}

/* The token behind the next semicolon from i on, or one behind the last. Each text is gone through so, so there is
 * nothing else in the loop. */
static uint32_t next_statement(const struct reader *r, uint32_t i)
{
	while (i < r->count && r->tokens[i].kind != SO_TOK_SEMICOLON)
		i++;
	return i + 1;
}

/* What begins at token i, the first of a statement. */
static void hide_in_statement(struct reader *r, enum so_dialect dialect, uint32_t i)
{
	enum so_kw word = word_at(r, i);

	if (dialect == SO_POSTGRESQL && (word == SO_KW_set || word == SO_KW_alter || word == SO_KW_create))
		hide_custom_setting(r, i);
	else if (dialect == SO_SQLITE && word == SO_KW_pragma)
		hide_pragma(r, i);
	else if (dialect == SO_ORACLE)
		hide_passwords(r, i);
}

/* Behind COPY .. FROM STDIN; and the end of its line; 0 when the statement at token i is none. */
static size_t copy_data_behind(const struct reader *r, uint32_t i)
{
	bool from_client = false;
	const char *at;

	for (i++; !at_end(r, i); i++)
		from_client = from_client || (word_at(r, i) == SO_KW_stdin && word_at(r, i - 1) == SO_KW_from);
	if (!from_client || kind_at(r, i) != SO_TOK_SEMICOLON)
		return 0;
	at = r->text + r->tokens[i].off + 1;
	at += strspn(at, " \t\r");
	return *at == '\n' ? (size_t)(at + 1 - r->text) : 0;
}

size_t so_text_copy_data(const struct so_lexer *lexer)
{
	struct reader r = { .text = lexer->text, .tokens = lexer->tokens, .count = lexer->count };
	size_t found = 0;

	if (lexer->dialect != SO_POSTGRESQL)
		return 0;
	for (uint32_t i = 0; i < r.count && !found; i = next_statement(&r, i))
		if (word_at(&r, i) == SO_KW_copy)
			found = copy_data_behind(&r, i);
	return found;
}

void so_text_hide_values(struct so_lexer *lexer)
{
	struct reader r = { .text = lexer->text, .tokens = lexer->tokens, .count = lexer->count };

	for (uint32_t i = 0; i < r.count; i = next_statement(&r, i))
		hide_in_statement(&r, lexer->dialect, i);
	if (lexer->dialect == SO_TSQL) {
		hide_calls(&r);
		hide_money(&r);
	}
	if (lexer->dialect == SO_TSQL || lexer->dialect == SO_SQLITE)
		hide_double_quoted(&r);
}
