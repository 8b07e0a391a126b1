/* SQLite: SELECT, VALUES, WITH, FROM. */
#include "sql/sqlite/parse.h"

/* ---- WITH ------------------------------------------------------------------------------------------------------- */

static so_ref paren_query(struct parse *p)
{
	so_ref query = 0;

	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		query = so_sqlite_query(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return query;
}

static so_ref cte(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CTE, p->pos);
	struct so_n_cte *node = NEW(p, cte, ref);

	node->name = so_sqlite_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_sqlite_name_list(p);
	so_parse_expect_kw(p, SO_KW_as);
	if (accept_kw(p, SO_KW_materialized)) {
		node->materialized = SO_MATERIALIZED_ALWAYS;
	} else if (accept_kw(p, SO_KW_not)) {
		so_parse_expect_kw(p, SO_KW_materialized);
		node->materialized = SO_MATERIALIZED_NEVER;
	}
	node->query = paren_query(p);
	return so_parse_done(p, ref);
}

so_ref so_sqlite_with(struct parse *p)
{
	uint32_t first = p->pos;
	bool recursive = kw_at(p, 1) == SO_KW_recursive;
	struct so_list ctes;
	so_ref ref;

	so_parse_move(p, recursive ? 2 : 1);
	ctes = so_parse_list(p, cte);
	ref = so_parse_node(p, SO_N_WITH, first);
	NEW(p, with, ref)->ctes = ctes;
	if (recursive)
		set_flag(p, ref, SO_NF_RECURSIVE);
	return ref;
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

/* expr AS label, *, t.*; a.b.* is not SQLite's */
static so_ref target(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_target(p), expr = ref ? AS(p, target, ref)->expr : 0;

	if (!p->failed && so_ast_kind(p->ast, expr) == SO_N_STAR && AS(p, star, expr)->qualifier &&
		AS(p, name, AS(p, star, expr)->qualifier)->qualifier) {
		so_parse_go_to(p, first + 3);
		so_parse_unexpected(p);
	}
	return ref;
}

static so_ref window_item(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_sqlite_name(p);
	so_ref ref;

	so_parse_expect_kw(p, SO_KW_as);
	ref = so_parse_window_spec(p, first);
	AS(p, window, ref)->name = name;
	return ref;
}

static so_ref select_core(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SELECT, p->pos);
	struct so_n_select *node = NEW(p, select, ref);

	advance(p);
	if (accept_kw(p, SO_KW_distinct))
		node->hdr.flags |= SO_NF_DISTINCT;
	else
		accept_kw(p, SO_KW_all);
	node->targets = so_parse_list(p, target);
	if (accept_kw(p, SO_KW_from))
		node->from = so_sqlite_from(p);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if (at_kw(p, SO_KW_group)) {
		advance(p);
		so_parse_expect_kw(p, SO_KW_by);
		node->group_by = so_parse_list(p, so_parse_expr);
	}
	if (accept_kw(p, SO_KW_having))
		node->having = so_parse_expr(p);
	if (accept_kw(p, SO_KW_window))
		so_set_rare(p->ast, select, node, windows, so_parse_list(p, window_item));
	return so_parse_done(p, ref);
}

static so_ref values_row(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items = so_parse_paren_list(p, so_parse_expr);
	so_ref ref = so_parse_node(p, SO_N_ROW, first);

	NEW(p, row, ref)->items = items;
	return ref;
}

static so_ref core(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list rows;
	so_ref ref;

	if (at_kw(p, SO_KW_select))
		return select_core(p);
	so_parse_expect_kw(p, SO_KW_values);
	rows = so_parse_list(p, values_row);
	ref = so_parse_node(p, SO_N_VALUES, first);
	NEW(p, values, ref)->rows = rows;
	return ref;
}

/* All set operations bind alike, from left to right. */
static so_ref compound(struct parse *p, so_ref *last)
{
	so_ref left = core(p);

	*last = left;
	for (;;) {
		enum so_set_op op = at_kw(p, SO_KW_union)    ? SO_UNION
				    : at_kw(p, SO_KW_except) ? SO_EXCEPT
							     : SO_INTERSECT;
		bool all;
		so_ref ref;

		if (op == SO_INTERSECT && !at_kw(p, SO_KW_intersect))
			return left;
		advance(p);
		all = op == SO_UNION && accept_kw(p, SO_KW_all);
		*last = core(p);
		ref = so_parse_node(p, SO_N_SETOP, open_of(p, left));
		NEW(p, setop, ref)->op = op;
		NEW(p, setop, ref)->left = left;
		NEW(p, setop, ref)->right = *last;
		if (all)
			set_flag(p, ref, SO_NF_ALL);
		left = ref;
	}
}

static void limit(struct parse *p, struct so_n_query *query)
{
	query->limit = so_parse_expr(p);
	if (accept_kw(p, SO_KW_offset)) {
		so_set_rare(p->ast, query, query, offset, so_parse_expr(p));
	} else if (accept(p, SO_TOK_COMMA)) {
		so_set_rare(p->ast, query, query, offset, query->limit);
		query->limit = so_parse_expr(p);
	}
}

so_ref so_sqlite_query_rest(struct parse *p, so_ref with, uint32_t first)
{
	so_ref last, ref = compound(p, &last);
	struct so_n_query *query;

	if (!so_kind_is_query(so_ast_kind(p->ast, ref)))
		return ref;
	query = so_as_query(p->ast, ref);
	query->with = with;
	/* the rows of VALUES take no order */
	if (so_ast_kind(p->ast, last) == SO_N_VALUES && (at_kw(p, SO_KW_order) || at_kw(p, SO_KW_limit)))
		so_parse_unexpected(p);
	if (at_kw(p, SO_KW_order))
		query->order_by = so_parse_order_by(p);
	if (accept_kw(p, SO_KW_limit))
		limit(p, query);
	so_parse_begin_at(p, ref, first);
	return so_parse_done(p, ref);
}

so_ref so_sqlite_query(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = 0;

	if (so_parse_enter(p))
		ref = so_sqlite_query_rest(p, at_kw(p, SO_KW_with) ? so_sqlite_with(p) : 0, first);
	so_parse_leave(p);
	return ref;
}

/* ---- FROM ------------------------------------------------------------------------------------------------------- */

so_ref so_sqlite_alias(struct parse *p, bool as_only)
{
	uint32_t first = p->pos;
	bool as = accept_kw(p, SO_KW_as);
	so_ref ref;

	if (!as && (as_only || (!so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL) && !at(p, SO_TOK_STRING))))
		return 0;
	ref = so_parse_node(p, SO_N_ALIAS, first);
	AS(p, alias, ref)->name = so_sqlite_name(p);
	return so_parse_done(p, ref);
}

void so_sqlite_indexed(struct parse *p, so_ref table)
{
	size_t mark = so_parse_mark(p);
	uint32_t first = p->pos;
	so_ref option;

	if (accept_kw2(p, SO_KW_not, SO_KW_indexed)) {
		option = so_parse_made_option(p, first, "not indexed", 0, SO_OPTION_WORD);
	} else if (at_kw(p, SO_KW_indexed) && kw_at(p, 1) == SO_KW_by) {
		so_parse_move(p, 2);
		option = so_parse_made_option(p, first, "indexed by", so_sqlite_name_node(p), SO_OPTION_PLAIN);
	} else {
		return;
	}
	so_parse_done(p, option);
	so_parse_push(p, option);
	so_set_rare(p->ast, table, AS(p, table, table), hints, so_parse_take(p, mark));
	so_parse_done(p, table);
}

/* [schema.]function(args) */
static so_ref from_func(struct parse *p, uint32_t first, so_ref table)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_FUNC, first), func = so_parse_node(p, SO_N_FUNC, first);
	size_t mark = so_parse_mark(p);

	advance(p);
	AS(p, func, func)->name = AS(p, table, table)->name;
	AS(p, func, func)->qualifier = AS(p, table, table)->qualifier;
	if (!at(p, SO_TOK_RPAREN))
		AS(p, func, func)->args = so_parse_expr_list(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_push(p, so_parse_done(p, func));
	AS(p, from_func, ref)->funcs = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static so_ref joined(struct parse *p, so_ref left, bool commas);
static so_ref primary(struct parse *p);

static so_ref from_query(struct parse *p, so_ref query, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_QUERY, first);

	NEW(p, from_query, ref)->query = query;
	AS(p, from_query, ref)->alias = so_sqlite_alias(p, false);
	return so_parse_done(p, ref);
}

/* The alias behind ( table ), ( a JOIN b ), ( (query) ) belongs to what stands inside. */
static so_ref alias_inner(struct parse *p, so_ref inner, uint32_t first)
{
	so_ref alias = so_sqlite_alias(p, false), *at_alias = NULL;

	switch (so_ast_kind(p->ast, inner)) {
	case SO_N_TABLE:
		at_alias = &AS(p, table, inner)->alias;
		break;
	case SO_N_FROM_QUERY:
		at_alias = &AS(p, from_query, inner)->alias;
		break;
	case SO_N_FROM_FUNC:
		at_alias = &AS(p, from_func, inner)->alias;
		break;
	case SO_N_JOIN:
		at_alias = &AS(p, join, inner)->alias;
		break;
	default:
		return inner;
	}
	if (alias) {
		*at_alias = alias;
		so_parse_begin_at(p, inner, first);
		so_ast_node(p->ast, inner)->parens = 0;
		so_parse_done(p, inner);
	}
	return inner;
}

static so_ref paren(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref inner = 0;

	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	advance(p);
	if (at_kw(p, SO_KW_select) || at_kw(p, SO_KW_values) || at_kw(p, SO_KW_with)) {
		inner = so_sqlite_query(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		inner = from_query(p, inner, first);
	} else {
		inner = joined(p, primary(p), true);
		so_parse_expect(p, SO_TOK_RPAREN);
		if (so_ast_kind(p->ast, inner) == SO_N_JOIN && !AS(p, join, inner)->alias)
			add_parens(p, inner);
		inner = alias_inner(p, inner, first);
	}
	so_parse_leave(p);
	return inner;
}

static so_ref primary(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref table;

	if (at(p, SO_TOK_LPAREN))
		return paren(p);
	table = so_sqlite_table(p);
	if (at(p, SO_TOK_LPAREN)) {
		so_ref func = from_func(p, first, table);

		AS(p, from_func, func)->alias = so_sqlite_alias(p, false);
		return so_parse_done(p, func);
	}
	AS(p, table, table)->alias = so_sqlite_alias(p, false);
	so_parse_done(p, table);
	so_sqlite_indexed(p, table);
	return table;
}

enum { NATURAL = 1, OUTER = 2, LEFT = 4, RIGHT = 8, INNER = 16, CROSS = 32 };

static unsigned join_word(enum so_kw word)
{
	switch (word) {
	case SO_KW_natural:
		return NATURAL;
	case SO_KW_left:
		return LEFT | OUTER;
	case SO_KW_right:
		return RIGHT | OUTER;
	case SO_KW_full:
		return LEFT | RIGHT | OUTER;
	case SO_KW_outer:
		return OUTER;
	case SO_KW_inner:
		return INNER;
	case SO_KW_cross:
		return INNER | CROSS;
	default:
		return 0;
	}
}

/* Up to three words in any order, as far as they make sense, and JOIN. False when no join follows. */
static bool join_words(struct parse *p, enum so_join_type *type, bool *natural)
{
	unsigned bits = 0, words = 0;
	uint32_t first = p->pos;

	while (words < 3 && join_word(kw(p))) {
		bits |= join_word(kw(p));
		words++;
		advance(p);
	}
	if (!accept_kw(p, SO_KW_join)) {
		if (words)
			so_parse_unexpected(p);
		return false;
	}
	if ((bits & (INNER | OUTER)) == (INNER | OUTER) || (bits & (OUTER | LEFT | RIGHT)) == OUTER)
		so_parse_fail(p, &p->tok[first], "unknown join type");
	*natural = (bits & NATURAL) != 0;
	*type = bits & CROSS                      ? SO_JOIN_CROSS
		: (bits & LEFT) && (bits & RIGHT) ? SO_JOIN_FULL
		: bits & LEFT                     ? SO_JOIN_LEFT
		: bits & RIGHT                    ? SO_JOIN_RIGHT
						  : SO_JOIN_INNER;
	return true;
}

static so_ref make_join(struct parse *p, so_ref left, so_ref right, enum so_join_type type, bool natural)
{
	so_ref ref = so_parse_node(p, SO_N_JOIN, open_of(p, left));
	struct so_n_join *node = NEW(p, join, ref);

	node->type = type;
	node->left = left;
	node->right = right;
	if (natural)
		node->hdr.flags |= SO_NF_NATURAL;
	if (accept_kw(p, SO_KW_on))
		node->on = so_parse_expr(p);
	else if (accept_kw(p, SO_KW_using))
		node->columns = so_sqlite_name_list(p);
	return so_parse_done(p, ref);
}

/* Joins from left to right. A comma with a condition behind is an inner join; one without ends an item of the list,
 * unless `commas` are wanted as joins, too. */
static so_ref joined(struct parse *p, so_ref left, bool commas)
{
	enum so_join_type type;
	bool natural;

	while (left && !p->failed) {
		if (at(p, SO_TOK_COMMA)) {
			so_ref right;

			advance(p);
			right = primary(p);
			if (commas || at_kw(p, SO_KW_on) || at_kw(p, SO_KW_using)) {
				left = make_join(p, left, right, SO_JOIN_INNER, false);
			} else {
				so_parse_push(p, left);
				left = right;
			}
		} else if (join_words(p, &type, &natural)) {
			left = make_join(p, left, primary(p), type, natural);
		} else {
			break;
		}
	}
	return left;
}

struct so_list so_sqlite_from(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, joined(p, primary(p), false));
	return so_parse_take(p, mark);
}

/* x IN table, x IN function(..): as a query, written like TABLE t. */
so_ref so_sqlite_in_table(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref table = so_sqlite_table(p), ref, target_ref;
	size_t mark = so_parse_mark(p);

	if (at(p, SO_TOK_LPAREN))
		table = from_func(p, first, table);
	ref = so_parse_node(p, SO_N_SELECT, first);
	set_flag(p, ref, SO_NF_TABLE_CMD);
	target_ref = so_parse_node(p, SO_N_TARGET, first);
	AS(p, target, target_ref)->expr = so_parse_node(p, SO_N_STAR, first);
	so_parse_push(p, target_ref);
	AS(p, select, ref)->targets = so_parse_take(p, mark);
	so_parse_push(p, table);
	AS(p, select, ref)->from = so_parse_take(p, mark);
	return ref;
}
