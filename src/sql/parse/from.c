/* FROM: tables, subqueries, functions, joins. */
#include "sql/parse/parser.h"

#include <strings.h>

static so_ref coldef(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLDEF, p->pos);
	struct so_n_coldef *node = NEW(p, coldef, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->type = so_parse_type(p);
	if (accept_kw(p, SO_KW_collate))
		node->collation = so_parse_any_name(p);
	return so_parse_done(p, ref);
}

/* ( name, .. ) or ( name type, .. ) into an ALIAS. */
static void alias_columns(struct parse *p, so_ref ref, bool coldefs)
{
	bool typed = coldefs && peek_at(p, 2)->kind != SO_TOK_COMMA && peek_at(p, 2)->kind != SO_TOK_RPAREN;

	if (typed)
		AS(p, alias, ref)->coldefs = so_parse_paren_list(p, coldef);
	else
		AS(p, alias, ref)->columns = so_parse_name_list(p);
}

/* [AS] name [(columns)]; for functions also AS (coldefs). 0 when there is none. */
static so_ref alias_clause(struct parse *p, bool function)
{
	uint32_t first = p->pos;
	bool as;
	so_ref ref;

	if (p->own && p->rules->alias)
		return p->rules->alias(p);
	as = accept_kw(p, SO_KW_as);
	if (!as && !so_parse_is_name(p, peek(p), SO_USE_COLUMN))
		return 0;
	ref = so_parse_node(p, SO_N_ALIAS, first);
	if (!(as && function && at(p, SO_TOK_LPAREN)))
		AS(p, alias, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	if (at(p, SO_TOK_LPAREN))
		alias_columns(p, ref, function);
	return so_parse_done(p, ref);
}

static so_ref sample_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SAMPLE, p->pos);
	struct so_n_sample *node = NEW(p, sample, ref);

	advance(p);
	if (peek_at(p, 1)->kind == SO_TOK_DOT)
		node->qualifier = so_parse_qualified(p, &node->method);
	else
		node->method = so_parse_name(p, SO_USE_FUNC);
	node->args = so_parse_paren_list(p, so_parse_expr);
	if (accept_kw(p, SO_KW_repeatable)) {
		so_parse_expect(p, SO_TOK_LPAREN);
		node->repeatable = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

/* [ONLY] name [*] */
so_ref so_parse_relation(struct parse *p, bool with_alias)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);
	struct so_n_table *node = NEW(p, table, ref);

	if (accept_kw(p, SO_KW_only)) {
		bool paren = accept(p, SO_TOK_LPAREN);

		node->hdr.flags |= SO_NF_ONLY;
		node->qualifier = so_parse_qualified(p, &node->name);
		if (paren)
			so_parse_expect(p, SO_TOK_RPAREN);
	} else {
		node->qualifier = so_parse_qualified(p, &node->name);
		if (at_op(p, SO_OP_MUL))
			advance(p);
	}
	if (with_alias)
		node->alias = alias_clause(p, false);
	return so_parse_done(p, ref);
}

/* ---- Functions -------------------------------------------------------------------------------------------------- */

static so_ref rows_from_item(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref, alias = 0;

	so_parse_push(p, so_parse_c_expr(p));
	struct so_list funcs = so_parse_take(p, mark);

	if (at_kw(p, SO_KW_as)) {
		alias = so_parse_node(p, SO_N_ALIAS, p->pos);
		advance(p);
		AS(p, alias, alias)->coldefs = so_parse_paren_list(p, coldef);
		so_parse_done(p, alias);
	}
	ref = so_parse_node(p, SO_N_FROM_FUNC, first);
	NEW(p, from_func, ref)->funcs = funcs;
	NEW(p, from_func, ref)->alias = alias;
	return ref;
}

static bool is_windowed(const struct parse *p, so_ref call)
{
	const struct so_n_func *func;

	if (p->own || so_ast_kind(p->ast, call) != SO_N_FUNC)
		return false;
	func = so_as_func(p->ast, call);
	return func->over || func->filter || (func->hdr.flags & SO_NF_WITHIN);
}

static so_ref from_func(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_FUNC, p->pos);
	struct so_n_from_func *node = NEW(p, from_func, ref);
	size_t mark = so_parse_mark(p);

	if (at_kw(p, SO_KW_rows) && kw_at(p, 1) == SO_KW_from && peek_at(p, 2)->kind == SO_TOK_LPAREN) {
		so_parse_move(p, 2);
		node->hdr.flags |= SO_NF_ROWS_FROM;
		node->funcs = so_parse_paren_list(p, rows_from_item);
	} else {
		so_parse_push(p, so_parse_c_expr(p));
		node->funcs = so_parse_take(p, mark);
		if (!p->failed && so_ast_kind(p->ast, so_list_get(p->ast, node->funcs, 0)) == SO_N_COLUMN)
			so_parse_unexpected(p);
		if (!p->failed && is_windowed(p, so_list_get(p->ast, node->funcs, 0)))
			so_parse_fail(p, &p->tok[p->pos - 1], "a function in FROM has no OVER, FILTER or WITHIN GROUP");
	}
	if (accept_kw2(p, SO_KW_with, SO_KW_ordinality))
		node->hdr.flags |= SO_NF_ORDINALITY;
	node->alias = alias_clause(p, true);
	return so_parse_done(p, ref);
}

/* Whether a function call, not a table, starts here. */
static bool at_function(const struct parse *p)
{
	uint32_t n = 0;

	if (at_kw(p, SO_KW_rows) && kw_at(p, 1) == SO_KW_from && peek_at(p, 2)->kind == SO_TOK_LPAREN)
		return true;
	if (at_kw(p, SO_KW_only) || (!at(p, SO_TOK_WORD) && !at(p, SO_TOK_QUOTED) && !at(p, SO_TOK_UQUOTED)))
		return false;
	while (peek_at(p, n + 1)->kind == SO_TOK_DOT)
		n += 2;
	if (peek_at(p, n + 1)->kind == SO_TOK_LPAREN)
		return true;
	/* CURRENT_DATE and the like are functions without parentheses */
	return n == 0 && !so_parse_is_name(p, peek(p), SO_USE_COLUMN);
}

/* ---- XMLTABLE --------------------------------------------------------------------------------------------------- */

so_ref so_parse_xml_namespace(struct parse *p)
{
	uint32_t first = p->pos;
	bool deflt = accept_kw(p, SO_KW_default);
	so_ref expr = so_parse_b_expr(p), ref = so_parse_node(p, SO_N_TARGET, first);

	NEW(p, target, ref)->expr = expr;
	if (!deflt) {
		so_parse_expect_kw(p, SO_KW_as);
		AS(p, target, ref)->label = so_parse_name(p, SO_USE_LABEL);
	}
	return so_parse_done(p, ref);
}

static so_ref xml_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLDEF, p->pos);
	struct so_n_coldef *node = NEW(p, coldef, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (accept_kw2(p, SO_KW_for, SO_KW_ordinality)) {
		node->hdr.flags |= SO_NF_ORDINALITY;
		return so_parse_done(p, ref);
	}
	node->type = so_parse_type(p);
	for (;;) {
		if (accept_kw(p, SO_KW_default)) {
			node->otherwise = so_parse_b_expr(p);
		} else if (accept_kw2(p, SO_KW_not, SO_KW_null)) {
			node->hdr.flags |= SO_NF_NOT;
		} else if (accept_kw(p, SO_KW_null)) {
			node->hdr.flags |= SO_NF_ALL;
		} else if (at(p, SO_TOK_WORD) && peek(p)->len == 4 &&
			   strncasecmp(so_parse_token_text(p, peek(p)), "path", 4) == 0) {
			advance(p);
			node->value = so_parse_b_expr(p);
		} else {
			break;
		}
	}
	return so_parse_done(p, ref);
}

static unsigned by_ref(struct parse *p)
{
	if (accept_kw2(p, SO_KW_by, SO_KW_ref))
		return 1;
	return accept_kw2(p, SO_KW_by, SO_KW_value) ? 4 : 0;
}

static so_ref from_xml(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_XML, p->pos);
	struct so_n_from_xml *node = NEW(p, from_xml, ref);

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	if (accept_kw(p, SO_KW_xmlnamespaces)) {
		node->namespaces = so_parse_paren_list(p, so_parse_xml_namespace);
		so_parse_expect(p, SO_TOK_COMMA);
	}
	node->path = so_parse_c_expr(p);
	so_parse_expect_kw(p, SO_KW_passing);
	node->option = by_ref(p);
	node->document = so_parse_c_expr(p);
	node->option |= by_ref(p) << 1;
	so_parse_expect_kw(p, SO_KW_columns);
	node->columns = so_parse_list(p, xml_column);
	so_parse_expect(p, SO_TOK_RPAREN);
	node->alias = alias_clause(p, false);
	return so_parse_done(p, ref);
}

/* ---- Items and joins -------------------------------------------------------------------------------------------- */

static so_ref joins(struct parse *p, so_ref left);

/* A query that stands in FROM; `first` is where its parenthesis (or LATERAL) stands. PostgreSQL before version 16
 * wants an alias here; we follow the later rule. */
static so_ref from_query(struct parse *p, so_ref query, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_QUERY, first);

	NEW(p, from_query, ref)->query = query;
	AS(p, from_query, ref)->alias = alias_clause(p, false);
	return so_parse_done(p, ref);
}

/* '(' in FROM: a query, or joined tables. Returns a query (closed) or an item. */
static so_ref from_paren(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref inner;

	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	advance(p);
	if (so_parse_starts_query(p, 0) && at(p, SO_TOK_LPAREN)) {
		uint32_t start = p->pos;

		inner = from_paren(p);
		if (so_kind_is_query(so_ast_kind(p->ast, inner))) {
			if (so_parse_continues_query(p))
				inner = so_parse_query_rest(p, inner, 0, start);
			else if (!at(p, SO_TOK_RPAREN))
				inner = joins(p, from_query(p, inner, start));
		} else {
			inner = joins(p, inner);
		}
	} else if (so_parse_starts_query(p, 0)) {
		inner = so_parse_query(p);
	} else {
		inner = so_parse_from_item(p);
		if (!p->failed && so_ast_kind(p->ast, inner) != SO_N_JOIN && so_ast_kind(p->ast, inner) != SO_N_PIVOT)
			so_parse_unexpected(p);
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_leave(p);
	add_parens(p, inner);
	if (so_ast_kind(p->ast, inner) == SO_N_FROM_QUERY)
		so_parse_unexpected(p);
	if (so_ast_kind(p->ast, inner) == SO_N_JOIN) {
		so_ref alias = alias_clause(p, false);

		if (alias) {
			AS(p, join, inner)->alias = alias;
			so_parse_begin_at(p, inner, first);
			so_ast_node(p->ast, inner)->parens = 0;
			so_parse_done(p, inner);
		}
	}
	return inner;
}

static so_ref from_one(struct parse *p)
{
	uint32_t first = p->pos;
	bool lateral;
	so_ref ref;

	if (p->own && p->rules->from_item) {
		ref = p->rules->from_item(p);
		if (ref || p->failed)
			return ref;
	}
	lateral = accept_kw(p, SO_KW_lateral);
	if (at(p, SO_TOK_LPAREN)) {
		ref = from_paren(p);
		if (so_kind_is_query(so_ast_kind(p->ast, ref)))
			ref = from_query(p, ref, first);
		else if (lateral)
			so_parse_unexpected(p);
	} else if (at_kw(p, SO_KW_xmltable) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		ref = from_xml(p);
	} else if (at_function(p)) {
		ref = from_func(p);
	} else {
		if (lateral)
			so_parse_unexpected(p);
		ref = so_parse_relation(p, true);
		if (at_kw(p, SO_KW_tablesample)) {
			so_set_rare(p->ast, table, AS(p, table, ref), sample, sample_clause(p));
			so_parse_done(p, ref);
		}
	}
	if (lateral && ref) {
		set_flag(p, ref, SO_NF_LATERAL);
		so_parse_begin_at(p, ref, first);
	}
	return ref;
}

static so_ref own_suffixes(struct parse *p, so_ref item)
{
	const struct so_rules *rules = p->rules;
	unsigned depth = p->depth;
	so_ref outer;

	/* readers recurse into chains of them: they count as nesting */
	while (item && (outer = rules->from_suffix(p, item)) != 0) {
		item = outer;
		if (!so_parse_enter(p))
			break;
	}
	p->depth = depth;
	return item;
}

/* PIVOT and its like behind an item; the item itself when there is none. */
static inline so_ref from_suffix(struct parse *p, so_ref item)
{
	return p->own && p->rules->from_suffix ? own_suffixes(p, item) : item;
}

static so_ref from_primary(struct parse *p)
{
	return from_suffix(p, from_one(p));
}

struct join_words {
	enum so_join_type type;
	bool natural, apply;
	struct so_name hint;
};

/* CROSS APPLY, OUTER APPLY */
static bool apply_words(struct parse *p, struct join_words *join)
{
	if (!has(p, SO_FEAT_APPLY) || kw_at(p, 1) != SO_KW_apply || (!at_kw(p, SO_KW_cross) && !at_kw(p, SO_KW_outer)))
		return false;
	*join = (struct join_words){ .type = at_kw(p, SO_KW_cross) ? SO_JOIN_CROSS : SO_JOIN_LEFT, .apply = true };
	so_parse_move(p, 2);
	return true;
}

/* INNER HASH JOIN: the algorithm in front of JOIN. */
static void join_hint(struct parse *p, struct join_words *join)
{
	if (!has(p, SO_FEAT_TABLE_HINTS) || kw_at(p, 1) != SO_KW_join)
		return;
	if (!at_kw(p, SO_KW_hash) && !at_kw(p, SO_KW_loop) && !at_kw(p, SO_KW_merge) && !at_kw(p, SO_KW_remote))
		return;
	join->hint = so_parse_made_name(p, so_keywords[kw(p)].name);
	advance(p);
}

/* The words that a join can begin with, in some dialect. */
static const bool may_join[SO_KW_MAX] = {
	[SO_KW_cross] = true,
	[SO_KW_full] = true,
	[SO_KW_hash] = true,
	[SO_KW_inner] = true,
	[SO_KW_join] = true,
	[SO_KW_left] = true,
	[SO_KW_loop] = true,
	[SO_KW_merge] = true,
	[SO_KW_natural] = true,
	[SO_KW_outer] = true,
	[SO_KW_remote] = true,
	[SO_KW_right] = true,
};

/* [NATURAL] [INNER | LEFT | RIGHT | FULL [OUTER] | CROSS] JOIN; false when no join follows. */
static bool join_words(struct parse *p, struct join_words *join)
{
	uint32_t start = p->pos;

	if (!may_join[kw(p)])
		return false;
	if (apply_words(p, join))
		return true;
	*join = (struct join_words){ .type = SO_JOIN_INNER, .natural = accept_kw(p, SO_KW_natural) };
	if (!join->natural && accept_kw(p, SO_KW_cross)) {
		join->type = SO_JOIN_CROSS;
	} else if (!accept_kw(p, SO_KW_inner)) {
		if (accept_kw(p, SO_KW_left))
			join->type = SO_JOIN_LEFT;
		else if (accept_kw(p, SO_KW_right))
			join->type = SO_JOIN_RIGHT;
		else if (accept_kw(p, SO_KW_full))
			join->type = SO_JOIN_FULL;
		if (join->type != SO_JOIN_INNER)
			accept_kw(p, SO_KW_outer);
	}
	join_hint(p, join);
	if (accept_kw(p, SO_KW_join))
		return true;
	if (p->pos != start)
		so_parse_unexpected(p);
	return false;
}

static void join_condition(struct parse *p, so_ref ref)
{
	if (accept_kw(p, SO_KW_on)) {
		AS(p, join, ref)->on = p->own && p->rules->condition ? p->rules->condition(p) : so_parse_expr(p);
	} else if (accept_kw(p, SO_KW_using)) {
		AS(p, join, ref)->columns = so_parse_name_list(p);
		if (accept_kw(p, SO_KW_as))
			AS(p, join, ref)->using_alias = so_parse_name(p, SO_USE_COLUMN);
	} else {
		so_parse_unexpected(p);
	}
}

/* The right side and condition of a join whose words were read. In `a JOIN b JOIN c ON x ON y` the inner join belongs
 * to the right side, because the outer one still waits for its ON. */
static so_ref join_one(struct parse *p, so_ref left, struct join_words words)
{
	bool conditional = words.type != SO_JOIN_CROSS && !words.natural && !words.apply;
	so_ref right = from_primary(p), ref;
	struct join_words inner;

	if (conditional && so_parse_enter(p))
		while (!at_kw(p, SO_KW_on) && !at_kw(p, SO_KW_using) && join_words(p, &inner))
			right = join_one(p, right, inner);
	if (conditional)
		so_parse_leave(p);
	ref = so_parse_node(p, SO_N_JOIN, open_of(p, left));
	NEW(p, join, ref)->type = words.type;
	NEW(p, join, ref)->left = left;
	NEW(p, join, ref)->right = right;
	NEW(p, join, ref)->hint = words.hint;
	if (words.natural)
		set_flag(p, ref, SO_NF_NATURAL);
	if (words.apply)
		set_flag(p, ref, SO_NF_LATERAL);
	if (conditional)
		join_condition(p, ref);
	return so_parse_done(p, ref);
}

/* left JOIN .. JOIN ..: a loop, however long. */
static so_ref joins(struct parse *p, so_ref left)
{
	struct join_words words;

	for (left = from_suffix(p, left); left && join_words(p, &words);)
		left = from_suffix(p, join_one(p, left, words));
	return left;
}

so_ref so_parse_from_item(struct parse *p)
{
	if (p->own && p->rules->from)
		return p->rules->from(p);
	return joins(p, from_primary(p));
}

struct so_list so_parse_from_list(struct parse *p)
{
	return so_parse_list(p, so_parse_from_item);
}
