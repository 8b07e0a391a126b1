/* The syntax of other dialects: found by what stands at the error, confirmed by the parsers of those dialects. */
#include "sql/foreign.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/lex.h"
#include "sql/text/foreign_table.h"

#define MAX_BYTES  (64u * 1024) /* longer statements are not looked at */
#define MAX_HINT   400u
#define MAX_SIGN   3u
#define ITEMS_BACK 2u /* how far behind a marker the parser may find that it makes no sense */

/* ---- Items ------------------------------------------------------------------------------------------------------ */

/* Tokens as all dialects together have them. */
enum item_type {
	ITEM_WORD = 'w',
	ITEM_SIGN = '.',
	ITEM_NUMBER = 'd',
	ITEM_STRING = 's',
	ITEM_BACKTICKS = 'b',
	ITEM_BRACKETS = 'r',
	ITEM_DQUOTES = 'q',
	ITEM_DOLLARS = 'D',
	ITEM_NSTRING = 'N',
	ITEM_ESTRING = 'E',
	ITEM_QSTRING = 'Q',
	ITEM_BACKSLASH = 'K', /* a string with \' in it */
	ITEM_HASH = 'h',
	ITEM_QUESTION = 'p',
	ITEM_POSITION = 'P',
	ITEM_COLON = 'c',
	ITEM_AT = 'v'
};

struct item {
	uint32_t off, len;
	char type;
};

struct items {
	const char *text;
	size_t len;
	struct item *list;
	size_t count;
};

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
	return is_letter(c) || isdigit((unsigned char)c) || c == '$' || c == '#';
}

static size_t word_end(const struct items *s, size_t i)
{
	while (i < s->len && is_word(s->text[i]))
		i++;
	return i;
}

/* Behind the closing `quote`, which stands twice for itself; the end of the text when there is none. */
static size_t quoted_end(const struct items *s, size_t i, char quote)
{
	for (i++; i < s->len; i++) {
		if (s->text[i] != quote)
			continue;
		if (i + 1 >= s->len || s->text[i + 1] != quote)
			return i + 1;
		i++;
	}
	return s->len;
}

/* '..' and, where a backslash stands in front of the closing quote, '..\'..'. */
static size_t string_end(const struct items *s, size_t i, char *type)
{
	size_t end = quoted_end(s, i, '\'');

	while (end - i > 2 && end < s->len && s->text[end - 1] == '\'' && s->text[end - 2] == '\\' &&
		memchr(s->text + end, '\'', s->len - end)) {
		*type = *type == ITEM_STRING ? ITEM_BACKSLASH : *type;
		end = quoted_end(s, end - 1, '\'');
	}
	return end;
}

/* q'[..]' from its quote on. */
static size_t q_end(const struct items *s, size_t i)
{
	static const char open[] = "[({<", close[] = "])}>";
	char mark = i + 1 < s->len ? s->text[i + 1] : '\0';
	const char *pair = mark ? strchr(open, mark) : NULL;

	if (pair)
		mark = close[pair - open];
	for (i += 2; i + 1 < s->len; i++)
		if (s->text[i] == mark && s->text[i + 1] == '\'')
			return i + 2;
	return s->len;
}

/* $tag$..$tag$; 0 when there is none. */
static size_t dollar_end(const struct items *s, size_t i)
{
	size_t tag = i + 1;
	const char *end;

	while (tag < s->len && (is_letter(s->text[tag]) || isdigit((unsigned char)s->text[tag])))
		tag++;
	if (tag >= s->len || s->text[tag] != '$' || isdigit((unsigned char)s->text[i + 1]))
		return 0;
	end = memmem(s->text + tag + 1, s->len - tag - 1, s->text + i, tag + 1 - i);
	return end ? (size_t)(end - s->text) + tag + 1 - i : 0;
}

/* Behind white space and the comments that all dialects have. */
static size_t skip_blanks(const struct items *s, size_t i)
{
	const char *end;

	for (;;) {
		while (i < s->len && isspace((unsigned char)s->text[i]))
			i++;
		if (i + 1 < s->len && s->text[i] == '-' && s->text[i + 1] == '-') {
			end = memchr(s->text + i, '\n', s->len - i);
			i = end ? (size_t)(end - s->text) : s->len;
		} else if (i + 1 < s->len && s->text[i] == '/' && s->text[i + 1] == '*') {
			end = memmem(s->text + i + 2, s->len - i - 2, "*/", 2);
			i = end ? (size_t)(end - s->text) + 2 : s->len;
		} else {
			return i;
		}
	}
}

/* A word, or a string with a letter in front of it. */
static size_t read_word(const struct items *s, size_t i, char *type)
{
	size_t end = word_end(s, i);
	char first = (char)toupper((unsigned char)s->text[i]);

	*type = ITEM_WORD;
	if (end >= s->len || s->text[end] != '\'' || end - i != 1)
		return end;
	if (first == ITEM_QSTRING) {
		*type = ITEM_QSTRING;
		return q_end(s, end);
	}
	if (first == ITEM_NSTRING || first == ITEM_ESTRING) {
		*type = first;
		return string_end(s, end, type);
	}
	return end;
}

/* A [ that opens a name, not a subscript or a list of values. */
static bool opens_name(const struct items *s, size_t i)
{
	char before = i ? s->text[i - 1] : ' ', next = i + 1 < s->len ? s->text[i + 1] : '\0';
	const struct item *last = s->count ? &s->list[s->count - 1] : NULL;

	if (!is_letter(next) || is_word(before) || before == ']' || before == ')' || before == '"')
		return false;
	return !last || last->len != 5 || strncasecmp(s->text + last->off, "array", 5) != 0;
}

static size_t read_sign(const struct items *s, size_t i)
{
	static const char signs[][MAX_SIGN + 1] = { "->>", "<=>", "||=", "!~*", "->", "::", ":=", "==", "~*", "!~",
		"||", "<=", ">=", "<>", "!=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=" };

	for (size_t k = 0; k < sizeof signs / sizeof signs[0]; k++)
		if (strncmp(s->text + i, signs[k], strlen(signs[k])) == 0)
			return i + strlen(signs[k]);
	return i + 1;
}

/* ?, $1, :name, @name: what begins with a sign and is no operator. 0: none. */
static size_t read_marked(const struct items *s, size_t i, char *type)
{
	char next = i + 1 < s->len ? s->text[i + 1] : '\0';
	bool behind_word = i && (is_word(s->text[i - 1]) || strchr(":'\"])", s->text[i - 1]));

	switch (s->text[i]) {
	case '?':
		*type = ITEM_QUESTION;
		return i + 1;
	case '$':
		*type = isdigit((unsigned char)next) ? ITEM_POSITION : ITEM_DOLLARS;
		return isdigit((unsigned char)next) ? word_end(s, i + 1) : dollar_end(s, i);
	case ':':
		*type = ITEM_COLON;
		return is_word(next) && !behind_word ? word_end(s, i + 1) : 0;
	case '@':
		*type = ITEM_AT;
		if (next == '@' && i + 2 < s->len && is_letter(s->text[i + 2]))
			return word_end(s, i + 2);
		return is_letter(next) && !behind_word ? word_end(s, i + 1) : 0;
	case '#':
		*type = ITEM_HASH;
		if (!isspace((unsigned char)next) && (i == 0 || s->text[i - 1] != '\n'))
			return 0;
		while (i < s->len && s->text[i] != '\n')
			i++;
		return i;
	default:
		return 0;
	}
}

static size_t read_item(const struct items *s, size_t i, char *type)
{
	char c = s->text[i];
	size_t end;

	if (is_letter(c))
		return read_word(s, i, type);
	if (isdigit((unsigned char)c)) {
		*type = ITEM_NUMBER;
		for (i++; i < s->len && (is_word(s->text[i]) || s->text[i] == '.');)
			i++;
		return i;
	}
	if (c == '\'') {
		*type = ITEM_STRING;
		return string_end(s, i, type);
	}
	if (c == '"' || c == '`') {
		*type = c == '"' ? ITEM_DQUOTES : ITEM_BACKTICKS;
		return quoted_end(s, i, c);
	}
	if (c == '[' && opens_name(s, i) && memchr(s->text + i, ']', s->len - i)) {
		*type = ITEM_BRACKETS;
		return quoted_end(s, i, ']');
	}
	end = read_marked(s, i, type);
	if (end)
		return end;
	*type = ITEM_SIGN;
	return read_sign(s, i);
}

static void read_items(TALLOC_CTX *ctx, struct items *s)
{
	size_t room = 0;

	for (size_t i = skip_blanks(s, 0); i < s->len; i = skip_blanks(s, i)) {
		struct item item = { .off = (uint32_t)i };

		i = read_item(s, i, &item.type);
		item.len = (uint32_t)i - item.off;
		if (s->count == room) {
			room = room ? room * 2 : 64;
			s->list = so_renew_array(ctx, s->list, struct item, room);
		}
		s->list[s->count++] = item;
	}
}

/* ---- Patterns --------------------------------------------------------------------------------------------------- */

static bool is_grammar_word(const char *word, size_t len)
{
	static const char *const words[] = { "select", "from", "where", "into", "values", "set", "on", "and", "or",
		"not", "group", "order", "by", "having", "join", "left", "right", "inner", "outer", "cross", "full",
		"natural", "union", "as", "is", "in", "like", "ignore", "all", "first", "top", "using", "when", "then",
		"else", "end", "limit", "offset", "fetch", "for", "with", "overwrite", "low_priority", "delayed",
		"high_priority", "only" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], word, len) == 0)
			return true;
	return false;
}

static bool fits_choice(const struct items *s, const struct item *item, const char *choice, size_t len)
{
	const char *text = s->text + item->off;

	if (len == 2 && choice[0] == '%' && choice[1] == 'n')
		return strchr("brq", item->type) || (item->type == ITEM_WORD && !is_grammar_word(text, item->len));
	if (len == 2 && choice[0] == '%' && choice[1] == 'd')
		return strchr("dpPcv", item->type) != NULL;
	if (len == 2 && choice[0] == '%' && isalpha((unsigned char)choice[1]))
		return item->type == choice[1];
	return (item->type == ITEM_WORD || item->type == ITEM_SIGN) && item->len == len &&
	       strncasecmp(text, choice, len) == 0;
}

static bool fits_element(const struct items *s, const struct item *item, const char *element, size_t len)
{
	const char *end = element + len;

	if (*element == '|')
		return fits_choice(s, item, element, len);
	while (element < end) {
		const char *bar = memchr(element, '|', (size_t)(end - element));
		size_t part = bar ? (size_t)(bar - element) : (size_t)(end - element);

		if (fits_choice(s, item, element, part))
			return true;
		element += part + 1;
	}
	return false;
}

/* Number of items from `i` on that fit the pattern, 0 when it does not; `at` is the item that was refused. */
static size_t match(const struct items *s, size_t i, const char *pattern, size_t at)
{
	size_t count = 0;

	while (*pattern) {
		size_t len = strcspn(pattern, " ");
		bool refused = *pattern == '^';

		if (i + count >= s->count || (refused && i + count != at) ||
			!fits_element(s, &s->list[i + count], pattern + refused, len - refused))
			return 0;
		count++;
		pattern += len + (pattern[len] == ' ');
	}
	return count;
}

/* ---- The other dialects ----------------------------------------------------------------------------------------- */

static const char *const shown[SO_DIALECT_MAX] = {
	[SO_POSTGRESQL] = "PostgreSQL",
	[SO_MYSQL] = "MySQL",
	[SO_MARIADB] = "MariaDB",
	[SO_TSQL] = "SQL Server",
	[SO_ORACLE] = "Oracle",
	[SO_SQLITE] = "SQLite",
};

/* "MySQL, MariaDB and SQLite", each with `ending`. */
static void add_dialects(struct so_buf *buf, unsigned dialects, const char *ending)
{
	int left = __builtin_popcount(dialects);

	for (int i = 0; i < SO_DIALECT_MAX; i++) {
		if (!(dialects >> i & 1))
			continue;
		left--;
		so_buf_addf(buf, "%s%s%s", shown[i], ending, left > 1 ? ", " : left == 1 ? " and " : "");
	}
}

static enum so_walk find_users_operator(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_OP || so_as_op(ast, ref)->op != SO_OP_OTHER)
		return SO_WALK_ON;
	*(bool *)arg = true;
	return SO_WALK_STOP;
}

/* Grammars take much that means nothing there: operators that a user may have made, queries without columns, calls of
 * procedures by their names alone, texts that fall apart into statements, definitions with words of any kind. */
static bool says_little(const struct so_ast *ast)
{
	so_ref root = so_ast_statement(ast);
	enum so_node_kind kind = so_ast_kind(ast, root);
	bool found = false;

	if (ast->sources[0].truncated || (!so_kind_is_query(kind) && !so_kind_is_dml(kind)))
		return true;
	if (ast->dialect != SO_POSTGRESQL)
		return false;
	so_ast_walk(ast, root, find_users_operator, &found);
	return found || (kind == SO_N_SELECT && !so_as_select(ast, root)->targets.count);
}

/* The dialects that take the statement whole. */
static unsigned acceptors(TALLOC_CTX *tmp, struct so_parser *parser, enum so_dialect dialect, const char *text,
	size_t len, const struct so_sql_options *options)
{
	struct so_sql_options others = { 0 };
	unsigned found = 0;

	if (options)
		others = *options;
	others.server_version = 0;
	others.modes = 0;
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		struct so_err ignored = SO_ERR_INIT;
		struct so_ast *ast;

		if ((enum so_dialect)d != dialect &&
			so_sql_parse(tmp, parser, (enum so_dialect)d, text, len, &others, &ast, &ignored) &&
			!says_little(ast))
			found |= 1u << d;
	}
	return found;
}

/* ---- The sentence ----------------------------------------------------------------------------------------------- */

struct search {
	struct items items;
	enum so_dialect dialect;
	size_t at; /* item that was refused; count: the end */
	unsigned accepted; /* bits of those that take the statement */
	const struct so_foreign_row *row; /* the best so far */
	size_t distance, length;
};

/* NULL: the row says nothing in this dialect. */
static const char *advice_of(const struct so_foreign_row *row, enum so_dialect dialect)
{
	const char *advice = row->advice[dialect];

	if (!advice && !(row->owners >> dialect & 1))
		advice = row->rest;
	return advice && *advice ? advice : NULL;
}

/* Takes the row when it stands at the error, or, if one of its dialects takes the whole statement, in front of it; the
 * nearest wins, of those the longest. */
static void try_row(struct search *s, const struct so_foreign_row *row, size_t i)
{
	bool taken = (row->owners & s->accepted) != 0, only_taken = *row->pattern == '!';
	size_t count = match(&s->items, i, row->pattern + only_taken, s->at), distance;

	if (!count || (only_taken && !taken))
		return;
	if (s->at < i)
		distance = i - s->at + ITEMS_BACK;
	else
		distance = s->at < i + count ? 0 : s->at - (i + count - 1);
	if (distance > ITEMS_BACK && !taken)
		return;
	if (s->row && (distance > s->distance || (distance == s->distance && count <= s->length)))
		return;
	s->row = row;
	s->distance = distance;
	s->length = count;
}

static void find_row(struct search *s)
{
	for (const struct so_foreign_row *row = so_foreign_rows; row->pattern; row++) {
		if (!advice_of(row, s->dialect))
			continue;
		for (size_t i = 0; i < s->items.count; i++)
			try_row(s, row, i);
	}
}

/* The word is a keyword here, and a name to all who take the statement. */
static bool is_reserved(const struct search *s, const struct item *item)
{
	const char *text = s->items.text + item->off;
	enum so_kw kw = item->type == ITEM_WORD ? so_keyword_find(text, item->len) : SO_KW_NONE;

	if (!kw || !s->accepted || so_kw_class_of(kw, s->dialect) < SO_KWC_C || is_grammar_word(text, item->len))
		return false;
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		enum so_kw_class cls = so_kw_class_of(kw, (enum so_dialect)d);

		if (s->accepted >> d & 1 && cls > SO_KWC_U && cls != SO_KWC_U_AS)
			return false;
	}
	return true;
}

/* The word that was refused, or the one in front of it. */
static bool add_reserved(struct so_buf *buf, const struct search *s)
{
	char quote = so_dialects[s->dialect].quote;

	for (size_t i = s->at + 1; i > 0 && i + 1 > s->at; i--) {
		const struct item *item = i <= s->items.count ? &s->items.list[i - 1] : NULL;
		const char *text = item ? s->items.text + item->off : NULL;

		if (!item || !is_reserved(s, item))
			continue;
		so_buf_addf(buf, "\"%.*s\" is a word of %s's grammar; as a name write %c%.*s%c", (int)item->len, text,
			shown[s->dialect], quote, (int)item->len, text, quote == '[' ? ']' : quote);
		return true;
	}
	return false;
}

/* A word of all grammars, a string, a comma .. in the wrong place, or an early end is a mistake in any dialect, even if
 * one of them makes something of it. */
static bool is_mistake(const struct search *s)
{
	const struct item *item = &s->items.list[s->at];

	if (s->at >= s->items.count)
		return true;
	if (item->type == ITEM_WORD)
		return is_grammar_word(s->items.text + item->off, item->len);
	return item->type == ITEM_STRING || item->type == ITEM_ESTRING ||
	       (item->type == ITEM_SIGN && strchr(",.();", s->items.text[item->off]));
}

static void search_start(TALLOC_CTX *tmp, struct search *s, int32_t position)
{
	read_items(tmp, &s->items);
	while (s->at < s->items.count && s->items.list[s->at].off + s->items.list[s->at].len <= (uint32_t)position)
		s->at++;
}

char *so_sql_foreign_hint(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text,
	size_t len, const struct so_sql_options *options, int32_t position)
{
	SO_TMP(tmp, ctx);
	struct search s = { .dialect = dialect };
	struct so_buf buf;
	char *padded;

	if (len > MAX_BYTES || position < 0 || (size_t)position > len)
		return NULL;
	padded = so_new_array(tmp, char, len + SO_LEX_PADDING);
	memcpy(padded, text, len);
	s.items.text = padded;
	s.items.len = len;
	search_start(tmp, &s, position);
	s.accepted = acceptors(tmp, parser, dialect, text, len, options);
	find_row(&s);
	so_buf_init(&buf, ctx, MAX_HINT);
	if (s.row) {
		so_buf_addf(&buf, "%s ", s.row->what);
		add_dialects(&buf, s.row->owners & ~(1u << dialect), "'s");
		so_buf_addf(&buf, "; %s", advice_of(s.row, dialect));
	} else if (add_reserved(&buf, &s)) {
		return buf.data;
	}
	if (s.row ? s.row->owners & s.accepted : s.accepted && !is_mistake(&s)) {
		so_buf_adds(&buf, s.row ? " (the statement is valid in " : "the statement is valid in ");
		add_dialects(&buf, s.row ? s.row->owners & s.accepted : s.accepted, "");
		so_buf_adds(&buf, s.row ? ")" : ": is that the dialect it is meant for?");
	}
	return buf.data;
}
