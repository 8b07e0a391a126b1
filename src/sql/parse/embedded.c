#include "sql/embedded.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/parse/parser.h"
#include "sql/print.h"

struct body {
	TALLOC_CTX *ctx;
	const char *text; /* decoded, padded for the lexer */
	const struct so_token *tokens;
	uint32_t count; /* without the end token */
	size_t offset; /* of the body in the source text */
	bool exact; /* the body stands there byte by byte */
	struct so_sql_embedded *list;
	size_t n;
};

static struct so_sql_embedded *add(struct body *b)
{
	b->list = so_renew_array(b->ctx, b->list, struct so_sql_embedded, b->n + 1);
	memset(&b->list[b->n], 0, sizeof b->list[b->n]);
	return &b->list[b->n++];
}

/* ---- Tokens of a body ------------------------------------------------------------------------------------------- */

static enum so_kw word_at(const struct body *b, uint32_t i)
{
	return i < b->count ? kw_of(&b->tokens[i]) : SO_KW_NONE;
}

/* Words of PL/pgSQL that SQL does not know. */
static bool is_word(const struct body *b, uint32_t i, const char *word)
{
	return i < b->count && b->tokens[i].kind == SO_TOK_WORD && b->tokens[i].len == strlen(word) &&
	       strncasecmp(b->text + b->tokens[i].off, word, b->tokens[i].len) == 0;
}

static bool is_kind(const struct body *b, uint32_t i, enum so_tok kind)
{
	return i < b->count && b->tokens[i].kind == kind;
}

/* The first token from i on, outside parentheses, that is a semicolon or the word. */
static uint32_t find_end(const struct body *b, uint32_t i, const char *word)
{
	int depth = 0;

	for (; i < b->count; i++) {
		if (is_kind(b, i, SO_TOK_LPAREN) || is_kind(b, i, SO_TOK_LBRACKET))
			depth++;
		else if (is_kind(b, i, SO_TOK_RPAREN) || is_kind(b, i, SO_TOK_RBRACKET))
			depth--;
		else if (depth <= 0 && (is_kind(b, i, SO_TOK_SEMICOLON) || (word && is_word(b, i, word))))
			break;
	}
	return i;
}

static bool begins_query(const struct body *b, uint32_t i)
{
	while (is_kind(b, i, SO_TOK_LPAREN))
		i++;
	switch (word_at(b, i)) {
	case SO_KW_select:
	case SO_KW_with:
	case SO_KW_values:
	case SO_KW_table:
		return true;
	default:
		return false;
	}
}

static bool begins_statement(const struct body *b, uint32_t i)
{
	switch (word_at(b, i)) {
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
	case SO_KW_create:
	case SO_KW_alter:
	case SO_KW_drop:
	case SO_KW_truncate:
	case SO_KW_copy:
	case SO_KW_lock:
	case SO_KW_refresh:
	case SO_KW_analyze:
	case SO_KW_grant:
	case SO_KW_revoke:
	case SO_KW_notify:
		return true;
	default:
		return begins_query(b, i);
	}
}

/* ---- Statements of a body --------------------------------------------------------------------------------------- */

static void put_tokens(const struct body *b, struct so_buf *buf, uint32_t from, uint32_t to)
{
	if (from >= to)
		return;
	if (buf->len)
		so_buf_addc(buf, ' ');
	so_buf_add(buf, b->text + b->tokens[from].off,
		b->tokens[to - 1].off + b->tokens[to - 1].len - b->tokens[from].off);
}

/* INTO [STRICT] target, ..: `i` is at INTO; the token behind. */
static uint32_t skip_targets(const struct body *b, uint32_t i, uint32_t to)
{
	i++;
	if (is_word(b, i, "strict"))
		i++;
	for (;;) {
		i++;
		while (i < to && (is_kind(b, i, SO_TOK_DOT) || is_kind(b, i, SO_TOK_LBRACKET))) {
			if (is_kind(b, i, SO_TOK_DOT)) {
				i += 2;
				continue;
			}
			while (i < to && !is_kind(b, i, SO_TOK_RBRACKET))
				i++;
			i++;
		}
		if (i >= to || !is_kind(b, i, SO_TOK_COMMA))
			return i < to ? i : to;
		i++;
	}
}

/* The INTO that names variables: not that of INSERT INTO and MERGE INTO. `to`: none. */
static uint32_t find_into(const struct body *b, uint32_t from, uint32_t to)
{
	int depth = 0;

	for (uint32_t i = from; i < to; i++) {
		if (is_kind(b, i, SO_TOK_LPAREN))
			depth++;
		else if (is_kind(b, i, SO_TOK_RPAREN))
			depth--;
		else if (!depth && word_at(b, i) == SO_KW_into && i > from && word_at(b, i - 1) != SO_KW_insert &&
			 word_at(b, i - 1) != SO_KW_merge)
			return i;
	}
	return to;
}

/* Tokens from..to as a statement, `first` in front of them (NULL: nothing). */
static void add_statement(struct body *b, uint32_t from, uint32_t to, const char *first)
{
	uint32_t into = find_into(b, from, to);
	struct so_sql_embedded *item;
	struct so_buf buf;

	if (from >= to)
		return;
	item = add(b);
	so_buf_init(&buf, b->list, SO_PRINT_MAX);
	if (first)
		so_buf_adds(&buf, first);
	put_tokens(b, &buf, from, into);
	if (into < to)
		put_tokens(b, &buf, skip_targets(b, into, to), to);
	item->text = buf.data;
	item->into = into < to;
	if (!b->exact)
		return;
	item->offset = b->offset + b->tokens[from].off;
	item->len = b->tokens[to - 1].off + b->tokens[to - 1].len - b->tokens[from].off;
}

/* A condition or value, when there is a query in it. */
static void add_expression(struct body *b, uint32_t from, uint32_t to)
{
	uint32_t i = from;
	struct so_sql_embedded *item;

	while (i < to && word_at(b, i) != SO_KW_select)
		i++;
	if (i == to)
		return;
	item = add(b);
	item->expression = true;
	item->text = so_printf(b->list, "SELECT (%.*s)",
		(int)(b->tokens[to - 1].off + b->tokens[to - 1].len - b->tokens[from].off),
		b->text + b->tokens[from].off);
	if (!b->exact)
		return;
	item->offset = b->offset + b->tokens[from].off;
	item->len = b->tokens[to - 1].off + b->tokens[to - 1].len - b->tokens[from].off;
}

/* FOR x IN query LOOP, OPEN c FOR query, c CURSOR FOR query: the token where the query begins, or `to`. */
static uint32_t query_behind(const struct body *b, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i + 1 < to; i++)
		if ((word_at(b, i) == SO_KW_in || word_at(b, i) == SO_KW_for || word_at(b, i) == SO_KW_is) &&
			begins_query(b, i + 1))
			return i + 1;
	return to;
}

/* One statement of PL/pgSQL at token i; the token behind it, where the next one may begin. */
static uint32_t plpgsql_statement(struct body *b, uint32_t i)
{
	uint32_t end = find_end(b, i, NULL), to;

	if (begins_statement(b, i)) {
		add_statement(b, i, end, NULL);
	} else if (is_word(b, i, "perform")) {
		add_statement(b, i + 1, end, "SELECT");
	} else if (is_word(b, i, "return") && is_word(b, i + 1, "query")) {
		if (begins_query(b, i + 2))
			add_statement(b, i + 2, end, NULL);
	} else if (is_word(b, i, "for") || is_word(b, i, "while")) {
		to = find_end(b, i, "loop");
		if (is_word(b, i, "while"))
			add_expression(b, i + 1, to);
		else
			add_statement(b, query_behind(b, i, to), to, NULL);
		return to + 1;
	} else if (is_word(b, i, "if") || is_word(b, i, "elsif") || is_word(b, i, "elseif")) {
		to = find_end(b, i, "then");
		add_expression(b, i + 1, to);
		return to + 1;
	} else if (is_word(b, i, "begin") || is_word(b, i, "declare") || is_word(b, i, "else") ||
		   is_word(b, i, "loop") || is_word(b, i, "exception")) {
		return i + 1;
	} else if (is_word(b, i, "when") || is_word(b, i, "case")) {
		to = find_end(b, i, "then");
		return to + 1;
	} else if (!is_word(b, i, "execute") && !is_word(b, i, "raise")) {
		to = query_behind(b, i, end);
		if (to < end)
			add_statement(b, to, end, NULL);
		else if (is_kind(b, i + 1, SO_TOK_ASSIGN) || is_kind(b, i + 1, SO_TOK_OP))
			add_expression(b, i + 2, end);
		else if (is_word(b, i, "return"))
			add_expression(b, i + 1, end);
	}
	return end + 1;
}

static void plpgsql_body(struct body *b)
{
	for (uint32_t i = 0; i < b->count;) {
		/* <<label>> */
		if (is_kind(b, i, SO_TOK_OP) && is_kind(b, i + 1, SO_TOK_WORD) && is_kind(b, i + 2, SO_TOK_OP))
			i += 3;
		else
			i = plpgsql_statement(b, i);
	}
}

static void sql_body(struct body *b)
{
	for (uint32_t i = 0; i < b->count;) {
		uint32_t end = find_end(b, i, NULL);

		add_statement(b, i, end, NULL);
		i = end + 1;
	}
}

/* ---- The statement around it ------------------------------------------------------------------------------------ */

/* The token of the body: the string behind AS (or of DO); and the language. */
static const struct so_token *find_body(
	const struct so_ast *ast, const struct so_n_opaque *node, const struct so_token **language)
{
	bool is_do = so_ast_name_is(ast, node->verb, "do");
	const struct so_token *body = NULL, *tokens = so_ast_tokens(ast);

	uint32_t first = so_node_first(ast, &node->hdr), last = so_node_last(ast, &node->hdr);

	for (uint32_t i = first; i <= last && i < ast->token_count; i++) {
		const struct so_token *token = &tokens[i], *before = token - 1;

		if (i == first)
			continue;
		if (kw_of(before) == SO_KW_language)
			*language = token;
		else if (so_tok_is_string(token) && (is_do || kw_of(before) == SO_KW_as))
			body = token;
	}
	return body;
}

static bool language_is(const struct so_ast *ast, const struct so_token *token, const char *name)
{
	struct so_text text = { so_ast_at(ast, token->off), token->len };

	if (text.len > 2 && (*text.s == '\'' || *text.s == '"'))
		text = (struct so_text){ text.s + 1, text.len - 2 };
	return text.len == strlen(name) && strncasecmp(text.s, name, text.len) == 0;
}

static void read_body(struct body *b, const struct so_ast *ast, const struct so_token *token, bool plpgsql)
{
	SO_TMP(tmp, b->ctx);
	char *text = so_new_array(tmp, char, token->len + SO_LEX_PADDING);
	const char *source = so_ast_at(ast, token->off);
	int64_t len = so_lex_decode(token, source, text);
	struct so_err err = SO_ERR_INIT;
	struct so_lexer lexer = { .text = text, .dialect = ast->dialect };
	const char *content;

	if (len < 0)
		return;
	memset(text + len, 0, SO_LEX_PADDING);
	lexer.len = (uint32_t)len;
	lexer.features = so_dialect_features(ast->dialect, 0, 0);
	lexer.tokens = so_new_array(tmp, struct so_token, (size_t)len + 2);
	if (!so_lex(&lexer, &err))
		return;
	b->text = text;
	b->tokens = lexer.tokens;
	b->count = lexer.count - 1;
	content = len ? memmem(source, token->len, text, (size_t)len) : NULL;
	b->exact = content != NULL;
	if (content)
		b->offset = (size_t)(content - so_ast_source_text(ast, 0).s);
	if (plpgsql)
		plpgsql_body(b);
	else
		sql_body(b);
}

static bool is_statement(enum so_node_kind kind)
{
	return so_kind_is_query(kind) || so_kind_is_dml(kind) || so_kind_is_ddl(kind) || kind == SO_N_OPAQUE;
}

/* The first of the variables that rows go into, 0 when there are none; *all: everything of INTO. */
static so_ref into_of(const struct so_ast *ast, so_ref statement, struct so_list *all)
{
	enum so_node_kind kind = so_ast_kind(ast, statement);
	so_ref into;

	*all = (struct so_list){ 0, 0 };
	if (so_kind_is_dml(kind))
		*all = so_as_dml(ast, statement)->into;
	while (so_ast_kind(ast, statement) == SO_N_SETOP)
		statement = so_as_setop(ast, statement)->left;
	if (so_ast_kind(ast, statement) == SO_N_SELECT) {
		into = so_rare_select(ast, so_as_select(ast, statement))->into;
		if (into && so_as_into(ast, into)->targets.count && !so_as_into(ast, into)->file)
			*all = so_as_into(ast, into)->targets;
	}
	return all->count ? so_list_get(ast, *all, 0) : 0;
}

/* The text of a statement without [BULK COLLECT] INTO a, b. */
static char *without_into(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref statement)
{
	struct so_text text = so_ast_source_of(ast, statement), first, last;
	struct so_list all;
	so_ref into = into_of(ast, statement, &all);
	size_t from, to;

	if (!into)
		return NULL;
	first = so_ast_source_of(ast, into);
	last = so_ast_source_of(ast, so_list_get(ast, all, all.count - 1));
	if (first.s < text.s || last.s + last.len > text.s + text.len)
		return NULL;
	from = (size_t)(first.s - text.s);
	to = (size_t)(last.s + last.len - text.s);
	while (from > 4 && strncasecmp(text.s + from - 4, "into", 4) != 0)
		from--;
	from -= from >= 4 ? 4 : 0;
	while (from && (text.s[from - 1] == ' ' || text.s[from - 1] == '\n' || text.s[from - 1] == '\t'))
		from--;
	if (from >= 12 && strncasecmp(text.s + from - 12, "bulk collect", 12) == 0)
		from -= 13;
	return so_printf(ctx, "%.*s%.*s", (int)from, text.s, (int)(text.len - to), text.s + to);
}

static enum so_walk find_query(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	(void)arg;
	return so_kind_is_query(so_ast_kind(ast, ref)) ? SO_WALK_STOP : SO_WALK_ON;
}

static void add_parts(struct body *b, const struct so_ast *ast, struct so_list parts, unsigned depth);

/* IF, WHILE, DECLARE and the like are looked into; so is what is not a statement. */
static void add_node(struct body *b, const struct so_ast *ast, so_ref ref, unsigned depth)
{
	enum so_node_kind kind = so_ast_kind(ast, ref);
	struct so_sql_embedded *item;
	struct so_list all;
	bool expression = !is_statement(kind);

	if (depth > SO_SQL_MAX_DEPTH)
		return;
	if (kind == SO_N_BLOCK) {
		add_parts(b, ast, so_as_block(ast, ref)->statements, depth + 1);
		return;
	}
	if (kind == SO_N_OPAQUE && depth) {
		const struct so_n_opaque *node = so_as_opaque(ast, ref);

		if (node->cls == SO_CLASS_READ || node->cls == SO_CLASS_UTILITY || node->parts.count) {
			add_parts(b, ast, node->parts, depth + 1);
			return;
		}
	}
	if (expression && so_ast_walk(ast, ref, find_query, NULL))
		return;
	item = add(b);
	item->node = ref;
	item->expression = expression;
	item->into = into_of(ast, ref, &all) != 0;
	item->text = item->into ? without_into(b->list, ast, ref) : NULL;
	if (!item->text)
		item->text = so_sql_print(b->list, ast, ref);
	if (expression && ast->dialect == SO_TSQL && so_tsql_is_condition(ast, ref))
		item->text = so_printf(b->list, "SELECT CASE WHEN %s THEN 1 END", item->text);
	else if (expression)
		item->text = so_printf(b->list, "SELECT (%s)", item->text);
	so_ast_span(ast, ref, &item->offset, &item->len);
}

static void add_parts(struct body *b, const struct so_ast *ast, struct so_list parts, unsigned depth)
{
	for (uint32_t i = 0; i < parts.count; i++)
		add_node(b, ast, so_list_get(ast, parts, i), depth);
}

size_t so_sql_embedded(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref statement, struct so_sql_embedded **list)
{
	struct body b = { .ctx = ctx, .list = so_new_array(ctx, struct so_sql_embedded, 1) };
	const struct so_token *language = NULL, *body;
	const struct so_n_opaque *node;

	*list = b.list;
	if (so_ast_kind(ast, statement) != SO_N_OPAQUE)
		return 0;
	node = so_as_opaque(ast, statement);
	if (node->inner)
		add_node(&b, ast, node->inner, 0);
	add_parts(&b, ast, node->parts, 1);
	body = find_body(ast, node, &language);
	if (body && (language ? language_is(ast, language, "plpgsql") : so_ast_name_is(ast, node->verb, "do")))
		read_body(&b, ast, body, true);
	else if (body && language && language_is(ast, language, "sql"))
		read_body(&b, ast, body, false);
	*list = b.list;
	return b.n;
}
