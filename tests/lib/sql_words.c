#include "sql_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/dialect.h"
#include "sql/lex.h"
#include "sql/lex/keywords.h"

/* ---- What says the same ----------------------------------------------------------------------------------------- */

#define PG  (1u << SO_POSTGRESQL)
#define MY  (1u << SO_MYSQL | 1u << SO_MARIADB)
#define LT  (1u << SO_SQLITE)
#define TS  (1u << SO_TSQL)
#define OR  (1u << SO_ORACLE)
#define ALL (PG | MY | LT | TS | OR)

/* Wherever the words of `from` stand in a row, in the source or the print, they are taken for `to`. X is any one token,
 * which stays: as many in `to`, in the same order. Rows work one after the other, from the top; parentheses, commas,
 * points and semicolons are not there any more, AS may be left out. Besides, a lost string and a name that was gained
 * (or the other way round) are one thing when they spell the same: labels as strings, fields of EXTRACT. */
struct same {
	unsigned dialects;
	const char *from;
	const char *to;
};

static const struct same same[] = {
	/* words that may be left out */
	{ ALL, "inner join", "join" },
	{ ALL, "left outer", "left" },
	{ ALL, "right outer", "right" },
	{ ALL, "full outer", "full" },
	{ PG | LT, "add column", "add" },
	{ PG | LT, "drop column", "drop" },
	{ PG | LT, "rename column", "rename" },
	{ PG, "alter column", "alter" },
	{ PG, "set data type", "type" },
	{ MY, "add column", "add" },
	{ MY, "change column", "change" },
	{ MY, "drop column", "drop" },
	{ MY, "alter column", "alter" },
	{ MY, "modify column", "modify" },
	{ MY, "key primary", "primary" },
	{ PG, "is json value", "is json" },
	{ PG, "is not json value", "is not json" },
	{ PG, "with data", "" },
	{ PG, "nulls distinct", "" },
	{ PG, "without oids", "" },
	{ PG, "trim both", "trim" },
	{ MY, "trim both", "trim" },
	{ PG, "from X *", "from X" },
	{ MY, "constraint primary", "primary" },
	{ MY, "constraint unique", "unique" },
	{ MY, "constraint foreign", "foreign" },
	{ MY, "constraint check", "check" },
	{ MY, "delete from X * X * using", "delete from X X using" },
	/* one thing, two words */
	{ PG | MY | LT | TS | OR, "some", "any" },
	{ PG, "temp", "temporary" },
	{ PG, "isnull", "is null" },
	{ PG, "notnull", "is not null" },
	{ PG | MY, "int", "integer" },
	{ TS, "integer", "int" },
	{ TS, "decimal", "numeric" },
	{ TS, "dec", "numeric" },
	{ TS, "proc", "procedure" },
	{ PG, "decimal", "numeric" },
	{ PG, "dec", "numeric" },
	{ PG | MY, "national character", "nchar" },
	{ PG | MY, "national char", "nchar" },
	{ PG | MY, "nchar varying", "nvarchar" },
	{ PG | MY, "national varchar", "nvarchar" },
	{ PG | MY, "character varying", "varchar" },
	{ PG | MY, "char varying", "varchar" },
	{ MY, "varcharacter", "varchar" },
	{ PG, "char", "character" },
	{ MY, "character X", "char X" },
	{ PG, "float", "double precision" },
	{ PG, "time without time zone", "time" },
	{ PG, "timestamp without time zone", "timestamp" },
	{ PG, ":=", "=>" },
	{ MY, "bool", "boolean" },
	{ MY, "index", "key" },
	{ MY, "distinctrow", "distinct" },
	{ MY, "distinct distinct", "distinct" },
	{ MY, "convert", "cast" },
	{ MY, "mod", "%" },
	{ MY, "rlike", "regexp" },
	{ MY, "||", "or" },
	{ MY, "&&", "and" },
	{ MY, "substr X from X for X", "substr X X X" },
	{ MY, "\\n", "null" },
	{ MY, "persistent", "stored" },
	{ MY, "X value X", "X values X" },
	{ ALL, "fetch next", "fetch first" },
	{ TS | OR | PG, "rows only", "row only" },
	{ TS, "! <", ">=" },
	{ TS, "! >", "<=" },
	{ LT, "- -", "" },
	{ PG, "offset X rows", "offset X" },
	{ PG, "into unlogged table", "into unlogged" },
	{ PG | TS, "not matched by target", "not matched" },
	{ LT, "isnull", "is null" },
	{ LT, "notnull", "is not null" },
	{ LT, "X not null and", "X is not null and" },
	{ LT, "is not distinct from", "is" },
	{ LT, "is distinct from", "is not" },
	{ LT, "temp", "temporary" },
	{ TS, "with rollup", "rollup" },
	{ TS, "with cube", "cube" },
	{ TS, "tablesample system", "tablesample" },
	{ OR, "unique", "distinct" },
	{ PG, "create local", "create" },
	{ PG, "into temporary table", "into temporary" },
	{ PG, "into table", "into" },
	{ PG, "table X *", "table X" },
	{ PG, "truncate X *", "truncate X" },
	{ PG, "integer array", "integer" },
	{ PG, "uescape X", "" },
	{ PG, "fetch first X row only", "limit X" },
	{ PG, "fetch first row only", "limit 1" },
	{ PG, "fetch first X row with", "fetch first X rows with" },
	{ PG, "json_object X value", "json_object X" },
	{ PG, "json_object X :", "json_object X" },
	{ PG, "without unique keys", "" },
	{ PG, "without unique", "" },
	{ PG, "excluding X", "" },
	{ PG, "time X without time zone", "time X" },
	{ PG, "timestamp X without time zone", "timestamp X" },
	{ MY, "unique key", "unique" },
	{ MY, "signed integer", "signed" },
	{ MY, "unsigned integer", "unsigned" },
	{ MY, "select all", "select" },
	{ MY, "select high_priority all", "select high_priority" },
	{ MY, "select distinct all", "select distinct" },
	{ PG | MY, "union distinct", "union" },
	{ PG | MY, "except distinct", "except" },
	{ PG | MY, "intersect distinct", "intersect" },
	{ OR, "max all", "max" },
	{ OR, "constraints", "constraint" },
};

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

struct words {
	TALLOC_CTX *ctx;
	const char **at;
	size_t count, room;
};

static void add_word(struct words *w, const char *prefix, const char *text, size_t len, bool lower)
{
	size_t head = strlen(prefix);
	char *word = so_new_array(w->ctx, char, head + len + 1);

	memcpy(word, prefix, head);
	for (size_t i = 0; i < len; i++)
		word[head + i] = lower ? (char)tolower((unsigned char)text[i]) : text[i];
	word[head + len] = '\0';
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 64;
		w->at = so_renew_array(w->ctx, w->at, const char *, w->room);
	}
	w->at[w->count++] = word;
}

static void add_decoded(struct words *w, const char *prefix, const struct so_token *token, const char *text, bool lower)
{
	char *out = so_new_array(w->ctx, char, token->len + SO_LEX_PADDING);
	int64_t len = so_lex_decode(token, text, out);

	if (len < 0)
		add_word(w, prefix, text, token->len, lower);
	else
		add_word(w, prefix, out, (size_t)len, lower);
}

static void add_operator(struct words *w, const char *text, size_t len)
{
	static const char *const twins[][2] = { { "!=", "<>" }, { "^=", "<>" }, { "~=", "<>" }, { "==", "=" },
		{ "!<", ">=" }, { "!>", "<=" } };

	char *symbol = so_new_array(w->ctx, char, len + 1);
	size_t n = 0;

	/* T-SQL and Oracle allow blanks inside */
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)text[i]))
			symbol[n++] = text[i];
	symbol[n] = '\0';
	for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
		if (strcmp(twins[i][0], symbol) == 0) {
			add_word(w, "", twins[i][1], strlen(twins[i][1]), false);
			return;
		}
	add_word(w, "", symbol, n, true);
}

/* U&'..', with its escape character where UESCAPE names one. */
static void add_escaped(struct words *w, const struct so_token *token, const char *text)
{
	struct so_token copy = *token;

	if (token[1].kind == SO_TOK_WORD && token[1].kw == SO_KW_uescape && token[2].kind == SO_TOK_STRING)
		copy.kw = (unsigned char)text[token[2].off - token->off + 1];
	add_decoded(w, "'", &copy, text, false);
}

/* Without the underscores between digits. */
static void add_number(struct words *w, const char *text, size_t len)
{
	char *digits = so_new_array(w->ctx, char, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] != '_')
			digits[n++] = text[i];
	add_word(w, "", digits, n, true);
}

static void add_token(struct words *w, const struct so_token *token, const char *text)
{
	switch ((enum so_tok)token->kind) {
	case SO_TOK_QUOTED:
	case SO_TOK_UQUOTED:
		add_decoded(w, "", token, text, true);
		return;
	case SO_TOK_USTRING:
		add_escaped(w, token, text);
		return;
	case SO_TOK_STRING:
	case SO_TOK_ESTRING:
	case SO_TOK_QSTRING:
	case SO_TOK_DOLLAR:
		add_decoded(w, "'", token, text, false);
		return;
	case SO_TOK_NSTRING:
		add_decoded(w, "n'", token, text, false);
		return;
	case SO_TOK_BITS:
	case SO_TOK_HEX:
		add_decoded(w, "x'", token, text, true);
		return;
	case SO_TOK_OP:
		add_operator(w, text, token->len);
		return;
	case SO_TOK_LPAREN:
	case SO_TOK_RPAREN:
	case SO_TOK_COMMA:
	case SO_TOK_SEMICOLON:
	case SO_TOK_DOT:
	case SO_TOK_END:
		return;
	case SO_TOK_INT:
	case SO_TOK_FLOAT:
		add_number(w, text, token->len);
		return;
	default:
		add_word(w, "", text, token->len, true);
	}
}

/* A hint stands behind one of these words; anywhere else it is a comment. */
static bool takes_hint(const char *word)
{
	static const char *const verbs[] = { "select", "insert", "update", "delete", "merge", "replace" };

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i], word) == 0)
			return true;
	return false;
}

static void add_tokens(struct words *w, const struct so_ast *ast)
{
	const struct so_source *source = &ast->sources[0];
	struct so_features features = so_dialect_features(ast->dialect, 0, ast->modes);
	bool hints = so_features_have(&features, SO_FEAT_HINT_COMMENTS);

	for (uint32_t i = 0; i < source->token_count; i++) {
		const struct so_token *token = &so_ast_tokens(ast)[source->first_token + i];
		const char *text = so_ast_at(ast, token->off);

		if (hints && i && w->count && token[-1].kind == SO_TOK_WORD && takes_hint(w->at[w->count - 1])) {
			const char *before = so_ast_at(ast, token[-1].off);
			struct so_text hint = so_lex_hint(before + token[-1].len, text);

			if (hint.len)
				add_word(w, "hint:", hint.s, hint.len, false);
		}
		add_token(w, token, text);
	}
}

/* ---- Comparison ------------------------------------------------------------------------------------------------- */

#define SAME_MAX 12 /* words of a row */
#define ANY      "X"

static size_t split_row(TALLOC_CTX *ctx, const char *text, const char *words[SAME_MAX])
{
	size_t count = 0;
	char *save = NULL;

	for (char *word = strtok_r(so_strdup(ctx, text), " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		so_assert(count < SAME_MAX);
		words[count++] = word;
	}
	return count;
}

static bool row_fits(const struct words *w, size_t at, const char *const *from, size_t count)
{
	if (at + count > w->count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(from[i], ANY) != 0 && strcmp(from[i], w->at[at + i]) != 0)
			return false;
	return true;
}

/* Applies a row from the left to the right, each place once. */
static void apply_row(struct words *w, const struct same *row)
{
	const char *from[SAME_MAX], *to[SAME_MAX];
	size_t from_count = split_row(w->ctx, row->from, from), to_count = split_row(w->ctx, row->to, to);
	struct words made = { .ctx = w->ctx };
	bool any = false;

	for (size_t i = 0; i < w->count && !any; i++)
		any = row_fits(w, i, from, from_count);
	if (!any)
		return;
	for (size_t i = 0; i < w->count;) {
		size_t star = 0;

		if (!row_fits(w, i, from, from_count)) {
			add_word(&made, "", w->at[i], strlen(w->at[i]), false);
			i++;
			continue;
		}
		for (size_t k = 0; k < to_count; k++) {
			const char *word = to[k];

			if (strcmp(word, ANY) == 0) {
				while (strcmp(from[star], ANY) != 0)
					star++;
				word = w->at[i + star++];
			}
			add_word(&made, "", word, strlen(word), false);
		}
		i += from_count;
	}
	*w = made;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct words read_words(TALLOC_CTX *ctx, const struct so_ast *ast)
{
	struct words w = { .ctx = ctx };

	add_tokens(&w, ast);
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (same[i].dialects >> ast->dialect & 1)
			apply_row(&w, &same[i]);
	if (w.count)
		qsort(w.at, w.count, sizeof *w.at, compare_words);
	return w;
}

/* A string and a name that spell the same; x = 1 and 1 AS x; keys of JSON objects. */
static bool spell_same(const char *a, const char *b)
{
	if (strcmp(a, "=") == 0 && strcmp(b, "as") == 0)
		return true;
	if (strcmp(a, "value") == 0 && strcmp(b, ":") == 0)
		return true;
	if ((*a == '\'') == (*b == '\''))
		return false;
	return strcasecmp(*a == '\'' ? a + 1 : a, *b == '\'' ? b + 1 : b) == 0;
}

/* Takes the twin of a lost word out of the gained ones. */
static bool take_twin(struct words *gained, const char *lost)
{
	for (size_t i = 0; i < gained->count; i++)
		if (spell_same(lost, gained->at[i])) {
			gained->at[i] = gained->at[--gained->count];
			return true;
		}
	return false;
}

char *so_test_lost_words(TALLOC_CTX *ctx, const struct so_ast *source, const struct so_ast *print)
{
	SO_TMP(tmp, ctx);
	struct words wanted = read_words(tmp, source), found = read_words(tmp, print);
	struct words lost = { .ctx = tmp }, gained = { .ctx = tmp };
	struct so_buf text;

	for (size_t i = 0, k = 0; i < wanted.count || k < found.count;) {
		int order = i == wanted.count ? 1 : k == found.count ? -1 : strcmp(wanted.at[i], found.at[k]);

		if (order < 0)
			add_word(&lost, "", wanted.at[i], strlen(wanted.at[i]), false);
		else if (order > 0)
			add_word(&gained, "", found.at[k], strlen(found.at[k]), false);
		i += order <= 0;
		k += order >= 0;
	}
	so_buf_init(&text, tmp, 1u << 20);
	for (size_t i = 0; i < lost.count; i++) {
		if (strcmp(lost.at[i], "as") == 0 || take_twin(&gained, lost.at[i]))
			continue;
		so_buf_adds(&text, text.len ? " " : "");
		so_buf_adds(&text, lost.at[i]);
	}
	return so_strdup(ctx, so_buf_text(&text));
}
