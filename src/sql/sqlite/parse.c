/* What only SQLite has: names as strings, its own primaries, statements. */
#include "sql/sqlite/parse.h"

/* ---- Names ------------------------------------------------------------------------------------------------------ */

bool so_sqlite_at_name(const struct parse *p)
{
	return at(p, SO_TOK_STRING) || so_parse_is_name(p, peek(p), SO_USE_COLUMN);
}

struct so_name so_sqlite_name(struct parse *p)
{
	struct so_token token = *peek(p);

	if (token.kind != SO_TOK_STRING)
		return so_parse_name(p, SO_USE_COLUMN);
	advance(p);
	token.kind = SO_TOK_QUOTED;
	return so_parse_decode_name(p, &token);
}

so_ref so_sqlite_name_node(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_sqlite_name(p);
	so_ref ref = so_parse_node(p, SO_N_NAME, first);

	NEW(p, name, ref)->name = name;
	return ref;
}

struct so_list so_sqlite_name_list(struct parse *p)
{
	return so_parse_paren_list(p, so_sqlite_name_node);
}

so_ref so_sqlite_table(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_TABLE, first), schema;

	if (peek_at(p, 1)->kind == SO_TOK_DOT) {
		schema = so_sqlite_name_node(p);
		AS(p, table, ref)->qualifier = schema;
		advance(p);
	}
	AS(p, table, ref)->name = so_sqlite_name(p);
	return so_parse_done(p, ref);
}

/* 'a'.'b', COLLATE 'c': strings that can only be names. */
static bool is_string_name(const struct so_token *before, const struct so_token *token)
{
	return token->kind == SO_TOK_STRING &&
	       (token[1].kind == SO_TOK_DOT || before->kind == SO_TOK_DOT || kw_of(before) == SO_KW_collate);
}

static bool is_word(const struct so_token *token)
{
	return token->kind == SO_TOK_WORD || token->kind == SO_TOK_QUOTED || token->kind == SO_TOK_STRING;
}

static bool is_name(const struct so_token *token)
{
	return is_word(token) &&
	       (token->kind != SO_TOK_WORD || !token->kw || so_kw_class_of(token->kw, SO_SQLITE) != SO_KWC_R);
}

/* OVER, FILTER and WINDOW are words of the grammar only between what stands around them there. */
static bool is_plain_word(const struct so_token *before, const struct so_token *token)
{
	switch (kw_of(token)) {
	case SO_KW_over:
		return before->kind != SO_TOK_RPAREN || (token[1].kind != SO_TOK_LPAREN && !is_name(&token[1]));
	case SO_KW_filter:
		return before->kind != SO_TOK_RPAREN || token[1].kind != SO_TOK_LPAREN;
	case SO_KW_window:
		return !is_word(&token[1]) || kw_of(&token[2]) != SO_KW_as;
	default:
		return false;
	}
}

/* X'..' holds pairs of hexadecimal digits. */
static bool is_blob(const struct parse *p, const struct so_token *token)
{
	const char *text = so_parse_token_text(p, token);

	if (token->len % 2 == 0)
		return false;
	for (uint32_t i = 2; i + 1 < token->len; i++)
		if (!strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	return true;
}

/* What tokens are depends on their neighbours. */
static void settle(struct so_token *tokens, uint32_t count)
{
	static const struct so_token none;

	for (uint32_t i = 0; i + 1 < count; i++) {
		const struct so_token *before = i ? &tokens[i - 1] : &none;

		if (is_string_name(before, &tokens[i]))
			tokens[i].kind = SO_TOK_QUOTED;
		else if (is_plain_word(before, &tokens[i]))
			tokens[i].kw = SO_KW_NONE;
	}
}

static void check_blobs(struct parse *p)
{
	for (uint32_t i = p->pos; i < p->end; i++)
		if (p->tok[i].kind == SO_TOK_HEX && !is_blob(p, &p->tok[i]))
			so_parse_fail(p, &p->tok[i], "malformed blob literal: X'..' takes pairs of hexadecimal digits");
}

/* ---- Primaries -------------------------------------------------------------------------------------------------- */

static so_ref cast(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg, type, ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	arg = so_parse_enter(p) ? so_parse_expr(p) : 0;
	so_parse_leave(p);
	so_parse_expect_kw(p, SO_KW_as);
	type = so_sqlite_type(p);
	/* without any word: no conversion */
	if (!type)
		type = so_parse_node(p, SO_N_TYPE, p->pos);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->style = SO_CAST_FUNC;
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

/* RAISE(IGNORE), RAISE(ABORT, 'message') */
static so_ref raise(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref = so_parse_node(p, SO_N_FUNC, first), word = so_parse_node(p, SO_N_COLUMN, p->pos + 2);
	struct so_name name;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	name = so_parse_name(p, SO_USE_COLUMN);
	if (!at(p, SO_TOK_RPAREN) && !p->failed) {
		so_parse_move(p, -1);
		if (so_sqlite_action(p) == SO_OR_REPLACE)
			so_parse_unexpected(p);
		so_parse_expect(p, SO_TOK_COMMA);
	}
	AS(p, column, word)->name = name;
	so_parse_push(p, word);
	if (!at(p, SO_TOK_RPAREN) && so_parse_enter(p)) {
		so_parse_push(p, so_parse_expr(p));
		so_parse_leave(p);
	}
	AS(p, func, ref)->name = so_parse_made_name(p, "raise");
	AS(p, func, ref)->args = so_parse_take(p, mark);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_done(p, ref);
}

static so_ref primary(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_cast:
		return cast(p);
	case SO_KW_raise:
		return raise(p);
	case SO_KW_default:
		so_parse_unexpected(p);
		return 0;
	default:
		return 0;
	}
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

static so_ref opaque(struct parse *p, const char *verb, enum so_statement_class cls)
{
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, p->pos);

	AS(p, opaque, ref)->verb = so_parse_made_name(p, verb);
	AS(p, opaque, ref)->cls = cls;
	advance(p);
	return ref;
}

/* EXPLAIN [QUERY PLAN] statement */
static so_ref explain(struct parse *p)
{
	so_ref ref = opaque(p, "explain", SO_CLASS_UTILITY);

	accept_kw2(p, SO_KW_query, SO_KW_plan);
	if (at_kw(p, SO_KW_explain))
		so_parse_unexpected(p);
	if (so_parse_enter(p))
		AS(p, opaque, ref)->inner = so_parse_statement(p);
	so_parse_leave(p);
	return so_parse_done(p, ref);
}

/* A number, a name, or one of the words that settings take. */
static void pragma_value(struct parse *p)
{
	if (at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB) || at(p, SO_TOK_INT) || at(p, SO_TOK_FLOAT))
		(void)so_parse_number(p);
	else if (at_kw(p, SO_KW_on) || at_kw(p, SO_KW_delete) || at_kw(p, SO_KW_default))
		advance(p);
	else
		(void)so_sqlite_name(p);
}

static so_ref pragma(struct parse *p)
{
	so_ref ref = opaque(p, "pragma", SO_CLASS_UTILITY);

	(void)so_sqlite_table(p);
	if (at_op(p, SO_OP_EQ)) {
		advance(p);
		pragma_value(p);
	} else if (accept(p, SO_TOK_LPAREN)) {
		pragma_value(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

static so_ref attach(struct parse *p)
{
	bool attaches = at_kw(p, SO_KW_attach);
	so_ref ref = opaque(p, attaches ? "attach" : "detach", SO_CLASS_UTILITY);
	size_t mark = so_parse_mark(p);

	/* DATABASE may be a name, too; then something like AS follows */
	if (at_kw(p, SO_KW_database) && kw_at(p, 1) != SO_KW_as)
		advance(p);
	so_parse_push(p, so_parse_expr(p));
	if (attaches) {
		so_parse_expect_kw(p, SO_KW_as);
		so_parse_push(p, so_parse_expr(p));
		if (accept_kw(p, SO_KW_key))
			so_parse_push(p, so_parse_expr(p));
	}
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static so_ref vacuum(struct parse *p)
{
	so_ref ref = opaque(p, "vacuum", SO_CLASS_UTILITY);
	size_t mark = so_parse_mark(p);

	if (so_sqlite_at_name(p))
		(void)so_sqlite_name(p);
	if (accept_kw(p, SO_KW_into))
		so_parse_push(p, so_parse_expr(p));
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* ANALYZE and REINDEX [[schema.]name] */
static so_ref analyze(struct parse *p)
{
	bool analyzes = at_kw(p, SO_KW_analyze);
	so_ref ref = opaque(p, analyzes ? "analyze" : "reindex", analyzes ? SO_CLASS_UTILITY : SO_CLASS_DDL);

	if (so_sqlite_at_name(p))
		(void)so_sqlite_table(p);
	return so_parse_done(p, ref);
}

static void transaction_word(struct parse *p)
{
	if (accept_kw(p, SO_KW_transaction) && so_sqlite_at_name(p) && !at_kw(p, SO_KW_to))
		(void)so_sqlite_name(p);
}

static so_ref transaction(struct parse *p)
{
	enum so_kw word = kw(p);
	so_ref ref = opaque(p, so_keywords[word].name, SO_CLASS_UTILITY);

	switch (word) {
	case SO_KW_begin:
		if (!accept_kw(p, SO_KW_deferred) && !accept_kw(p, SO_KW_immediate))
			accept_kw(p, SO_KW_exclusive);
		transaction_word(p);
		break;
	case SO_KW_rollback:
		transaction_word(p);
		if (accept_kw(p, SO_KW_to)) {
			accept_kw(p, SO_KW_savepoint);
			(void)so_sqlite_name(p);
		}
		break;
	case SO_KW_savepoint:
		(void)so_sqlite_name(p);
		break;
	case SO_KW_release:
		accept_kw(p, SO_KW_savepoint);
		(void)so_sqlite_name(p);
		break;
	default:
		transaction_word(p);
	}
	return so_parse_done(p, ref);
}

static so_ref with_statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with = so_sqlite_with(p);

	if (so_sqlite_at_dml(p))
		return so_sqlite_dml(p, with, first);
	return so_sqlite_query_rest(p, with, first);
}

static so_ref statement(struct parse *p)
{
	check_blobs(p);
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_values:
		return so_sqlite_query(p);
	case SO_KW_with:
		return with_statement(p);
	case SO_KW_insert:
	case SO_KW_replace:
	case SO_KW_update:
	case SO_KW_delete:
		return so_sqlite_dml(p, 0, p->pos);
	case SO_KW_create:
		return so_sqlite_create(p);
	case SO_KW_alter:
		return so_sqlite_alter(p);
	case SO_KW_drop:
		return so_sqlite_drop(p);
	case SO_KW_explain:
		return explain(p);
	case SO_KW_pragma:
		return pragma(p);
	case SO_KW_attach:
	case SO_KW_detach:
		return attach(p);
	case SO_KW_vacuum:
		return vacuum(p);
	case SO_KW_analyze:
	case SO_KW_reindex:
		return analyze(p);
	case SO_KW_begin:
	case SO_KW_commit:
	case SO_KW_end:
	case SO_KW_rollback:
	case SO_KW_savepoint:
	case SO_KW_release:
		return transaction(p);
	default:
		so_parse_unexpected(p);
		return 0;
	}
}

const struct so_rules so_rules_sqlite = {
	.settle = settle,
	.statement = statement,
	.primary = primary,
	.query = so_sqlite_query,
	.in_table = so_sqlite_in_table,
	.type = so_sqlite_type,
	.verbs = so_verbs_sqlite,
};
