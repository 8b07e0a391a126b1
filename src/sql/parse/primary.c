/* Primaries: literals, names, parentheses, CASE, ARRAY, ROW, and what EXPLAIN prints for subplans. */
#include "sql/lex/scan.h"
#include "sql/parse/parser.h"

/* ---- Literals --------------------------------------------------------------------------------------------------- */

static so_ref missing(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_MISSING, p->pos);

	if (at(p, SO_TOK_ELLIPSIS) || at(p, SO_TOK_CUT))
		advance(p);
	if (at_end(p)) {
		p->truncated = true;
		set_flag(p, ref, SO_NF_TRUNCATED);
	}
	return ref;
}

/* Number text without underscores. */
static struct so_str number_value(struct parse *p, const struct so_token *token)
{
	const char *text = so_parse_token_text(p, token);
	struct so_str value = { token->off, token->len };
	char *out;

	if (token->kw != SO_NUM_UNDERSCORES)
		return value;
	value.off = so_arena_raw(p->ast, token->len);
	value.len = 0;
	out = so_ast_at(p->ast, value.off);
	for (uint32_t i = 0; i < token->len; i++)
		if (text[i] != '_')
			out[value.len++] = text[i];
	return value;
}

static so_ref word_const(struct parse *p, enum so_const_type type)
{
	uint32_t first = p->pos;
	so_ref ref;

	advance(p);
	ref = so_parse_node(p, SO_N_CONST, first);
	NEW(p, const, ref)->type = type;
	return ref;
}

/* U&'..' [UESCAPE 'c'] */
static struct so_str unicode_string(struct parse *p, const struct so_token *token)
{
	struct so_token escaped = *token;
	const struct so_token *escape = peek_at(p, 1);

	if (at_kw(p, SO_KW_uescape) && escape->kind == SO_TOK_STRING && escape->len == 3) {
		escaped.kw = (unsigned char)so_parse_token_text(p, escape)[1];
		so_parse_move(p, 2);
	}
	return so_parse_decode_string(p, &escaped);
}

static inline so_ref make_const(struct parse *p, uint32_t first, enum so_const_type type, struct so_str value)
{
	so_ref ref = so_parse_node(p, SO_N_CONST, first);
	struct so_n_const *node = so_arena_last(p->ast, ref);

	node->type = type;
	node->value = value;
	return ref;
}

/* The token in front of the current one as a literal of the rarer sorts. */
static so_ref rare_const(struct parse *p, uint32_t first)
{
	const struct so_token *token = &p->tok[first];

	switch ((enum so_tok)token->kind) {
	case SO_TOK_BITS:
		return make_const(p, first, SO_C_BITS, so_parse_decode_string(p, token));
	case SO_TOK_HEX:
		return make_const(p, first, SO_C_HEX, so_parse_decode_string(p, token));
	case SO_TOK_USTRING:
		return make_const(p, first, SO_C_STRING, unicode_string(p, token));
	case SO_TOK_NSTRING:
		return make_const(p, first, p->own ? SO_C_NSTRING : SO_C_STRING, so_parse_decode_string(p, token));
	default:
		return make_const(p, first, SO_C_STRING, so_parse_decode_string(p, token));
	}
}

so_ref so_parse_const(struct parse *p)
{
	const struct so_token *token = peek(p);
	uint32_t first = p->pos;

	advance(p);
	if (token->kind == SO_TOK_INT)
		return make_const(p, first, SO_C_INT, number_value(p, token));
	if (token->kind == SO_TOK_STRING)
		return make_const(p, first, SO_C_STRING, so_parse_decode_string(p, token));
	if (token->kind == SO_TOK_FLOAT)
		return make_const(p, first, SO_C_FLOAT, number_value(p, token));
	return rare_const(p, first);
}

bool so_parse_at_placeholder(const struct parse *p)
{
	return p->lenient && (at(p, SO_TOK_PARAM) || at_op(p, SO_OP_EXISTS_KEY));
}

static so_ref param(struct parse *p)
{
	const struct so_token *token = peek(p);
	const char *text = so_parse_token_text(p, token);
	uint32_t number = 0, first = p->pos;
	so_ref ref;

	for (uint32_t i = 1; i < token->len && number < 100000000; i++)
		number = number * 10 + (uint32_t)(text[i] - '0');
	advance(p);
	/* U&'..' UESCAPE '!', normalised */
	if (p->lenient && at_kw(p, SO_KW_uescape) &&
		(peek_at(p, 1)->kind == SO_TOK_PARAM || peek_at(p, 1)->kw == SO_OP_EXISTS_KEY ||
			so_tok_is_string(peek_at(p, 1)))) {
		advance(p);
		advance(p);
	}
	ref = so_parse_node(p, SO_N_PARAM, first);
	NEW(p, param, ref)->number = number;
	/* EXPLAIN's $0: no number tells it from ? */
	if (!number && token->len > 1)
		AS(p, param, ref)->name = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	return ref;
}

/* A string where the grammar wants nothing else, or in lenient mode a placeholder. */
so_ref so_parse_string_const(struct parse *p)
{
	if (so_tok_is_string(peek(p)))
		return so_parse_const(p);
	if (so_parse_at_placeholder(p))
		return param(p);
	so_parse_unexpected(p);
	return 0;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

static so_ref literal_cast(struct parse *p, uint32_t first, so_ref type)
{
	so_ref arg = so_parse_string_const(p), ref = so_parse_node(p, SO_N_CAST, first);

	NEW(p, cast, ref)->style = SO_CAST_LITERAL;
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

static so_ref named_type(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = so_parse_node(p, SO_N_TYPE, first);

	NEW(p, type, ref)->name = name;
	NEW(p, type, ref)->qualifier = qualifier;
	return ref;
}

static bool at_literal(const struct parse *p)
{
	return so_tok_is_string(peek(p)) || so_parse_at_placeholder(p);
}

/* The same behind a dotted name or a call, where ? is an operator. */
static bool at_typed_literal(const struct parse *p)
{
	return !p->own && !p->failed && (so_tok_is_string(peek(p)) || (p->lenient && at(p, SO_TOK_PARAM)));
}

/* type(10, 2) 'literal': the call that was read is a type. */
static so_ref call_as_type(struct parse *p, uint32_t first, so_ref call)
{
	const struct so_n_func *func = AS(p, func, call);
	so_ref type = named_type(p, first, func->name, func->qualifier);

	AS(p, type, type)->mods = func->args;
	return literal_cast(p, first, type);
}

static so_ref column(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN, first);

	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	so_parse_mark_quotes(p, ref);
	return at(p, SO_TOK_LBRACKET) ? so_parse_indirection(p, ref) : ref;
}

/* `date ?` is a literal where the question mark cannot be an operator, because nothing follows that it could take. */
static bool at_typed_placeholder(const struct parse *p)
{
	const struct so_token *mark = peek_at(p, 1), *after = mark + 1;

	if (!p->lenient || (peek(p)->kind != SO_TOK_WORD && peek(p)->kind != SO_TOK_QUOTED))
		return false;
	if (mark->kind == SO_TOK_PARAM)
		return true;
	if (mark->kind != SO_TOK_OP || mark->kw != SO_OP_EXISTS_KEY)
		return false;
	switch ((enum so_tok)after->kind) {
	case SO_TOK_COMMA:
	case SO_TOK_RPAREN:
	case SO_TOK_RBRACKET:
	case SO_TOK_SEMICOLON:
	case SO_TOK_CAST:
	case SO_TOK_OP:
	case SO_TOK_END:
		return true;
	default:
		return after->kind == SO_TOK_WORD && after->kw &&
		       so_kw_class_of(after->kw, SO_POSTGRESQL) != SO_KWC_U &&
		       so_kw_class_of(after->kw, SO_POSTGRESQL) != SO_KWC_C && after->kw != SO_KW_array &&
		       after->kw != SO_KW_null && after->kw != SO_KW_case;
	}
}

/* The word was no keyword with a rule of its own: column, function, or type before a literal. */
static so_ref name_expr(struct parse *p)
{
	uint32_t first = p->pos;
	bool call = peek_at(p, 1)->kind == SO_TOK_LPAREN;
	bool literal = !has(p, SO_FEAT_NO_TYPE_LITERAL) && (so_tok_is_string(peek_at(p, 1)) || at_typed_placeholder(p));
	struct so_name name = so_parse_name(p, call || literal ? SO_USE_FUNC : SO_USE_COLUMN);
	so_ref qualifier = 0;
	unsigned parts = 1;

	while (at(p, SO_TOK_DOT) && so_parse_more_parts(p, &parts)) {
		so_ref part = so_parse_node(p, SO_N_NAME, first);

		NEW(p, name, part)->name = name;
		NEW(p, name, part)->qualifier = qualifier;
		qualifier = part;
		advance(p);
		if (at_op(p, SO_OP_MUL)) {
			advance(p);
			so_ref star = so_parse_node(p, SO_N_STAR, first);

			NEW(p, star, star)->qualifier = qualifier;
			return star;
		}
		name = so_parse_name(p, SO_USE_FIELD);
	}
	if (at(p, SO_TOK_LPAREN)) {
		so_ref func = so_parse_call(p, first, name, qualifier);

		return at_typed_literal(p) ? call_as_type(p, first, func) : func;
	}
	if ((literal && at_literal(p)) || (qualifier && at_typed_literal(p)))
		return literal_cast(p, first, named_type(p, first, name, qualifier));
	return column(p, first, name, qualifier);
}

/* Indirection after a name or parentheses: [..], .field, .* */
/* (a[1])[2] takes an element of an element, a[1][2] one of a two-dimensional array. */
static void mark_own_value(struct parse *p, so_ref ref, so_ref arg)
{
	enum so_node_kind kind = so_ast_kind(p->ast, arg);

	if ((kind == SO_N_SUBSCRIPT || kind == SO_N_FIELD) && so_ast_has_flag(p->ast, arg, SO_NF_PAREN))
		set_flag(p, ref, SO_NF_DISTINCT);
}

static so_ref subscript(struct parse *p, so_ref arg)
{
	so_ref ref = so_parse_node(p, SO_N_SUBSCRIPT, open_of(p, arg));
	struct so_n_subscript *node = NEW(p, subscript, ref);

	advance(p);
	node->arg = arg;
	mark_own_value(p, ref, arg);
	if (!at(p, SO_TOK_COLON))
		node->upper = so_parse_expr(p);
	if (accept(p, SO_TOK_COLON)) {
		node->hdr.flags |= SO_NF_ALL;
		node->lower = node->upper;
		node->upper = at(p, SO_TOK_RBRACKET) ? 0 : so_parse_expr(p);
	}
	so_parse_expect(p, SO_TOK_RBRACKET);
	return so_parse_done(p, ref);
}

static so_ref field(struct parse *p, so_ref arg)
{
	so_ref ref = so_parse_node(p, SO_N_FIELD, open_of(p, arg));

	advance(p);
	AS(p, field, ref)->arg = arg;
	mark_own_value(p, ref, arg);
	if (at_op(p, SO_OP_MUL)) {
		advance(p);
		set_flag(p, ref, SO_NF_STAR);
	} else {
		AS(p, field, ref)->name = so_parse_name(p, SO_USE_FIELD);
	}
	return so_parse_done(p, ref);
}

so_ref so_parse_indirection(struct parse *p, so_ref arg)
{
	unsigned depth = p->depth;

	if (has(p, SO_FEAT_BATCH))
		return arg; /* members, which are the suffixes of that dialect */
	while (arg && (at(p, SO_TOK_LBRACKET) || at(p, SO_TOK_DOT)) && so_parse_enter(p)) {
		if (at(p, SO_TOK_LBRACKET))
			arg = subscript(p, arg);
		else
			arg = field(p, arg);
	}
	p->depth = depth;
	return arg;
}

/* ---- Parentheses ------------------------------------------------------------------------------------------------ */

/* Whether the tokens from n places ahead begin a query, maybe in more parentheses. */
bool so_parse_starts_query(const struct parse *p, uint32_t n)
{
	while (peek_at(p, n)->kind == SO_TOK_LPAREN && n < 1000)
		n++;
	switch (kw_at(p, n)) {
	case SO_KW_select:
	case SO_KW_with:
	case SO_KW_table:
		return true;
	case SO_KW_values:
		return peek_at(p, n + 1)->kind == SO_TOK_LPAREN || kw_at(p, n + 1) == SO_KW_row;
	default:
		return false;
	}
}

so_ref so_parse_subquery_node(struct parse *p, so_ref query, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_SUBQUERY, first);

	NEW(p, subquery, ref)->query = query;
	return ref;
}

/* The rest of "( expr" in an expression: a row, or the expression itself. */
static so_ref close_paren(struct parse *p, so_ref expr, uint32_t first)
{
	size_t mark;
	so_ref ref;

	if (!at(p, SO_TOK_COMMA)) {
		so_parse_expect(p, SO_TOK_RPAREN);
		add_parens(p, expr);
		return expr;
	}
	mark = so_parse_mark(p);
	so_parse_push(p, expr);
	while (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_expr(p));
	struct so_list items = so_parse_take(p, mark);

	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	return ref;
}

/* Casts behind a primary, or what the dialect has there. */
static so_ref suffixes(struct parse *p, so_ref ref)
{
	unsigned depth = p->depth;

	if (p->own) {
		const struct so_rules *rules = p->rules;

		return ref && rules->suffix ? rules->suffix(p, ref) : ref;
	}
	while (at(p, SO_TOK_CAST)) {
		so_ref type, cast;
		uint32_t first = open_of(p, ref);

		/* readers recurse into chains of casts: they count as nesting */
		if (!so_parse_enter(p))
			break;

		advance(p);
		type = so_parse_type(p);
		cast = so_parse_node(p, SO_N_CAST, first);
		NEW(p, cast, cast)->style = SO_CAST_COLON;
		NEW(p, cast, cast)->arg = ref;
		NEW(p, cast, cast)->type = type;
		ref = cast;
	}
	p->depth = depth;
	return ref;
}

so_ref so_parse_query_or_expr(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref inner;

	if (!so_parse_starts_query(p, 0))
		return so_parse_expr(p);
	if (!at(p, SO_TOK_LPAREN))
		return so_parse_query(p);
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	advance(p);
	inner = so_parse_query_or_expr(p);
	if (so_kind_is_query(so_ast_kind(p->ast, inner)) && at(p, SO_TOK_RPAREN)) {
		advance(p);
		add_parens(p, inner);
		if (so_parse_continues_query(p) && !has(p, SO_FEAT_FLAT_SETS))
			inner = so_parse_query_rest(p, inner, 0, first);
		else if (!at(p, SO_TOK_RPAREN))
			inner = so_parse_expr_from(
				p, suffixes(p, so_parse_indirection(p, so_parse_subquery_node(p, inner, first))));
	} else {
		inner = close_paren(p, inner, first);
		inner = so_parse_expr_from(p, suffixes(p, so_parse_indirection(p, inner)));
	}
	so_parse_leave(p);
	return inner;
}

/* (a, b) OVERLAPS (c, d) */
static so_ref overlaps(struct parse *p, so_ref row)
{
	uint32_t first = open_of(p, row);
	size_t mark = so_parse_mark(p);
	so_ref sides[2] = { row, 0 }, ref;

	advance(p);
	sides[1] = so_parse_c_expr(p);
	for (int side = 0; side < 2; side++) {
		if (so_ast_kind(p->ast, sides[side]) != SO_N_ROW)
			continue;
		struct so_list items = AS(p, row, sides[side])->items;

		for (uint32_t i = 0; i < items.count; i++)
			so_parse_push(p, so_list_get(p->ast, items, i));
	}
	struct so_list args = so_parse_take(p, mark);

	if (args.count != 4)
		so_parse_fail(p, &p->tok[first], "wrong number of parameters on a side of OVERLAPS expression");
	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, "overlaps");
	AS(p, func, ref)->syntax = SO_FS_OVERLAPS;
	AS(p, func, ref)->args = args;
	return ref;
}

so_ref so_parse_paren(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref inner = p->plan ? so_parse_planref(p) : 0;

	if (inner)
		return inner;
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	advance(p);
	inner = so_parse_query_or_expr(p);
	if (so_kind_is_query(so_ast_kind(p->ast, inner)) && !at(p, SO_TOK_COMMA)) {
		so_parse_expect(p, SO_TOK_RPAREN);
		add_parens(p, inner);
		inner = so_parse_subquery_node(p, inner, first);
	} else {
		if (so_kind_is_query(so_ast_kind(p->ast, inner)))
			inner = so_parse_subquery_node(p, inner, open_of(p, inner));
		inner = close_paren(p, inner, first);
	}
	so_parse_leave(p);
	if (so_ast_kind(p->ast, inner) == SO_N_ROW && at_kw(p, SO_KW_overlaps))
		return overlaps(p, inner);
	return so_parse_indirection(p, inner);
}

/* ---- CASE, ARRAY, ROW, EXISTS, plan references ------------------------------------------------------------------- */

static so_ref when_item(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref cond, result, ref;

	so_parse_expect_kw(p, SO_KW_when);
	cond = so_parse_expr(p);
	so_parse_expect_kw(p, SO_KW_then);
	result = so_parse_expr(p);
	ref = so_parse_node(p, SO_N_WHEN, first);
	NEW(p, when, ref)->cond = cond;
	NEW(p, when, ref)->result = result;
	return ref;
}

static so_ref case_expr(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CASE, p->pos);
	size_t mark = so_parse_mark(p);
	unsigned depth = p->depth;

	advance(p);
	/* twice, since CASE, WHEN and the condition are a level each to readers */
	if (so_parse_enter(p) && so_parse_enter(p)) {
		if (!at_kw(p, SO_KW_when))
			AS(p, case, ref)->arg = so_parse_expr(p);
		do {
			so_parse_push(p, when_item(p));
		} while (at_kw(p, SO_KW_when));
		AS(p, case, ref)->whens = so_parse_take(p, mark);
		if (accept_kw(p, SO_KW_else))
			AS(p, case, ref)->otherwise = so_parse_expr(p);
		so_parse_expect_kw(p, SO_KW_end);
	}
	p->depth = depth;
	return so_parse_done(p, ref);
}

static so_ref array_brackets(struct parse *p);

static so_ref array_item(struct parse *p)
{
	return at(p, SO_TOK_LBRACKET) ? array_brackets(p) : so_parse_expr(p);
}

static so_ref array_brackets(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ARRAY, p->pos);

	so_parse_expect(p, SO_TOK_LBRACKET);
	if (so_parse_enter(p) && !at(p, SO_TOK_RBRACKET))
		AS(p, array, ref)->items = so_parse_list(p, array_item);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RBRACKET);
	return so_parse_done(p, ref);
}

static so_ref array_expr(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref, query;

	advance(p);
	if (at(p, SO_TOK_LPAREN)) {
		query = p->plan && !so_parse_starts_query(p, 0) ? so_parse_planref(p) : so_parse_paren_query(p);
		if (so_ast_kind(p->ast, query) == SO_N_PLANREF)
			return query;
		ref = so_parse_subquery_node(p, query, first);
		AS(p, subquery, ref)->type = SO_SUBQUERY_ARRAY;
		return ref;
	}
	ref = array_brackets(p);
	so_parse_begin_at(p, ref, first);
	return ref;
}

static so_ref row_expr(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items = { 0, 0 };
	so_ref ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p) && !at(p, SO_TOK_RPAREN))
		items = so_parse_expr_list(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	set_flag(p, ref, SO_NF_ALL);
	return at_kw(p, SO_KW_overlaps) ? overlaps(p, ref) : ref;
}

static so_ref exists(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref query, ref;

	advance(p);
	query = p->plan && !so_parse_starts_query(p, 0) ? so_parse_planref(p) : so_parse_paren_query(p);
	ref = so_parse_node(p, SO_N_EXISTS, first);
	NEW(p, exists, ref)->query = query;
	return ref;
}

static bool word_is(const struct parse *p, uint32_t n, const char *word)
{
	const struct so_token *token = peek_at(p, n);

	return token->kind == SO_TOK_WORD && token->len == strlen(word) &&
	       memcmp(so_parse_token_text(p, token), word, token->len) == 0;
}

/* EXPLAIN writes (SubPlan 1), (hashed SubPlan 1), (alternatives: SubPlan 1 or hashed SubPlan 2), (InitPlan 1).col1,
 * (rescan SubPlan 1), (CTE x). */
so_ref so_parse_planref(struct parse *p)
{
	uint32_t first = p->pos, start;
	so_ref ref;

	if (!at(p, SO_TOK_LPAREN) ||
		!(word_is(p, 1, "SubPlan") || word_is(p, 1, "InitPlan") || word_is(p, 1, "hashed") ||
			word_is(p, 1, "alternatives") || word_is(p, 1, "rescan")))
		return 0;
	if (word_is(p, 1, "hashed") && !word_is(p, 2, "SubPlan"))
		return 0;
	advance(p);
	start = p->pos;
	while (!at(p, SO_TOK_RPAREN) && !at_end(p))
		advance(p);
	ref = so_parse_node(p, SO_N_PLANREF, first);
	const struct so_token *from = &p->tok[start], *to = &p->tok[p->pos - 1];

	AS(p, planref, ref)->text = (struct so_str){ from->off, to->off + to->len - from->off };
	so_parse_expect(p, SO_TOK_RPAREN);
	if (accept(p, SO_TOK_DOT))
		AS(p, planref, ref)->column = so_parse_name(p, SO_USE_FIELD);
	return so_parse_done(p, ref);
}

/* PostgreSQL 17: (ANY (x = (hashed SubPlan 1).col1)) */
static so_ref plan_quantifier(struct parse *p)
{
	uint32_t first = p->pos;
	const struct so_token *word = peek(p);
	so_ref test, ref;

	advance(p);
	test = so_parse_paren(p);
	ref = so_parse_node(p, SO_N_PLANREF, first);
	AS(p, planref, ref)->text = (struct so_str){ word->off, word->len };
	AS(p, planref, ref)->test = test;
	return ref;
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

/* Words of the grammar that begin a type before a literal: int '5', interval '1 day'. Otherwise they are columns. */
static so_ref type_literal(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref type = so_parse_builtin_type(p, true), ref, precision = 0;

	if (!type)
		return 0;
	if (p->failed || !at_literal(p)) {
		so_parse_go_back(p, first);
		return 0;
	}
	ref = literal_cast(p, first, type);
	if (so_ast_name_is(p->ast, AS(p, type, type)->name, "interval") && !AS(p, type, type)->mods.count) {
		AS(p, type, type)->interval = so_parse_interval_fields(p, &precision);
		if (precision) {
			size_t mark = so_parse_mark(p);

			so_parse_push(p, precision);
			AS(p, type, type)->mods = so_parse_take(p, mark);
		}
	}
	return so_parse_done(p, ref);
}

static so_ref keyword_expr(struct parse *p)
{
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_null:
		return word_const(p, SO_C_NULL);
	case SO_KW_true:
	case SO_KW_false:
		/* to SQLite they are names that mean something where no column has them */
		if (peek_at(p, 1)->kind == SO_TOK_DOT && so_parse_is_name(p, peek(p), SO_USE_COLUMN))
			return name_expr(p);
		return word_const(p, at_kw(p, SO_KW_true) ? SO_C_TRUE : SO_C_FALSE);
	case SO_KW_case:
		return case_expr(p);
	case SO_KW_array:
		return array_expr(p);
	case SO_KW_row:
		if (peek_at(p, 1)->kind == SO_TOK_LPAREN)
			return row_expr(p);
		return name_expr(p);
	case SO_KW_exists:
		if (peek_at(p, 1)->kind == SO_TOK_LPAREN)
			return exists(p);
		return name_expr(p);
	case SO_KW_default:
		advance(p);
		return so_parse_node(p, SO_N_DEFAULT, p->pos - 1);
	case SO_KW_any:
	case SO_KW_all:
		if (p->plan)
			return plan_quantifier(p);
		break;
	default:
		break;
	}
	ref = so_parse_special(p);
	if (!ref && !p->failed && !has(p, SO_FEAT_NO_TYPE_LITERAL))
		ref = type_literal(p);
	if (!ref && !p->failed)
		ref = name_expr(p);
	return ref;
}

/* N'..' is a literal of type character. */
static so_ref national_string(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg = so_parse_const(p), type = so_parse_node(p, SO_N_TYPE, first), ref;

	AS(p, type, type)->name = so_parse_made_name(p, "bpchar");
	AS(p, type, type)->builtin = 1;
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->style = SO_CAST_LITERAL;
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

static so_ref primary(struct parse *p)
{
	so_ref ref;

	if (p->own && p->rules->primary) {
		ref = p->rules->primary(p);
		if (ref || p->failed)
			return ref;
	}
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_WORD:
		return peek(p)->kw ? keyword_expr(p) : name_expr(p);
	case SO_TOK_QUOTED:
	case SO_TOK_UQUOTED:
		return name_expr(p);
	case SO_TOK_PARAM:
		return p->own ? so_parse_own_param(p) : so_parse_indirection(p, param(p));
	case SO_TOK_VARIABLE:
		return so_parse_own_param(p);
	case SO_TOK_LPAREN:
		return so_parse_paren(p);
	case SO_TOK_NSTRING:
		return p->own ? so_parse_const(p) : national_string(p);
	case SO_TOK_INT:
	case SO_TOK_FLOAT:
	case SO_TOK_STRING:
	case SO_TOK_ESTRING:
	case SO_TOK_QSTRING:
	case SO_TOK_USTRING:
	case SO_TOK_BITS:
	case SO_TOK_HEX:
	case SO_TOK_DOLLAR:
		return so_parse_const(p);
	default:
		if (so_parse_at_placeholder(p))
			return param(p);
		if (p->lenient && !p->failed && (at_end(p) || at(p, SO_TOK_ELLIPSIS) || at(p, SO_TOK_CUT)))
			return missing(p);
		so_parse_unexpected(p);
		return 0;
	}
}

so_ref so_parse_c_expr(struct parse *p)
{
	return suffixes(p, primary(p));
}
