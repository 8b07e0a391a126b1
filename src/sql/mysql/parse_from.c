/* FROM of MySQL and MariaDB: tables with index hints, JSON_TABLE, joins. */
#include "sql/mysql/parse.h"

static so_ref alias_clause(struct parse *p, bool columns)
{
	uint32_t first = p->pos;
	bool as = accept_kw(p, SO_KW_as);
	so_ref ref;

	if (!as && (!so_parse_is_name(p, peek(p), SO_USE_COLUMN) || so_parse_at_word(p, 0, "qualify") ||
			   (so_parse_at_word(p, 0, "window") && kw_at(p, 2) == SO_KW_as)))
		return 0;
	ref = so_parse_node(p, SO_N_ALIAS, first);
	AS(p, alias, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	if (columns && at(p, SO_TOK_LPAREN))
		AS(p, alias, ref)->columns = so_parse_name_list(p);
	return so_parse_done(p, ref);
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

static struct so_list index_hints(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref hint;

	while (at_kw(p, SO_KW_use) || at_kw(p, SO_KW_force) || at_kw(p, SO_KW_ignore)) {
		if (kw_at(p, 1) != SO_KW_index && kw_at(p, 1) != SO_KW_key)
			break;
		hint = so_parse_form(p, at_kw(p, SO_KW_use) ? SO_MY_use_index : SO_MY_force_index);
		if (!hint) {
			so_parse_unexpected(p);
			break;
		}
		so_parse_push(p, hint);
		if (!p->failed && at(p, SO_TOK_COMMA) &&
			(kw_at(p, 1) == SO_KW_use || kw_at(p, 1) == SO_KW_force || kw_at(p, 1) == SO_KW_ignore))
			advance(p);
	}
	return so_parse_take(p, mark);
}

/* TABLESAMPLE SYSTEM (10) */
static so_ref sample(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SAMPLE, p->pos);
	size_t mark = so_parse_mark(p);

	advance(p);
	if (!so_parse_at_word(p, 0, "system") && !so_parse_at_word(p, 0, "bernoulli"))
		so_parse_unexpected(p);
	NEW(p, sample, ref)->method = so_parse_name(p, SO_USE_FIELD);
	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, so_parse_c_expr(p));
	so_parse_expect(p, SO_TOK_RPAREN);
	AS(p, sample, ref)->args = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* name [PARTITION (p0)] [FOR SYSTEM_TIME ..] [alias] [index hints] */
so_ref so_my_table(struct parse *p, bool alias)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);
	struct so_n_table *node = NEW(p, table, ref);
	size_t mark = so_parse_mark(p);

	accept(p, SO_TOK_DOT);
	node->qualifier = so_parse_qualified(p, &node->name);
	if (at_kw(p, SO_KW_partition) && peek_at(p, 1)->kind == SO_TOK_LPAREN)
		so_parse_push(p, so_parse_form(p, SO_MY_table_partition));
	if (at_kw(p, SO_KW_for) && so_parse_at_word(p, 1, "system_time") && has(p, SO_FEAT_SYSTEM_TIME))
		so_parse_push(p, so_parse_form(p, SO_MY_system_time));
	so_set_rare(p->ast, table, node, extra, so_parse_take(p, mark));
	if (alias) {
		node->alias = alias_clause(p, false);
		so_set_rare(p->ast, table, node, index_hints, index_hints(p));
		if (at_kw(p, SO_KW_tablesample) && !is_maria(p))
			so_set_rare(p->ast, table, node, sample, sample(p));
	}
	return so_parse_done(p, ref);
}

/* JSON_TABLE(x, '$[*]' COLUMNS (..)) alias */
static so_ref json_table(struct parse *p)
{
	uint32_t first = p->pos, start = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref func, ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, so_parse_form(p, SO_MY_json_table));
	if (so_parse_mark(p) == mark)
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	struct so_list args = so_parse_take(p, mark);

	func = so_parse_node(p, SO_N_FUNC, start);
	AS(p, func, func)->name = so_parse_made_name(p, "json_table");
	AS(p, func, func)->syntax = SO_FS_WORDS;
	AS(p, func, func)->args = args;
	ref = so_parse_node(p, SO_N_FROM_FUNC, first);
	so_parse_push(p, func);
	AS(p, from_func, ref)->funcs = so_parse_take(p, mark);
	AS(p, from_func, ref)->alias = alias_clause(p, false);
	if (!p->failed && !AS(p, from_func, ref)->alias)
		so_parse_fail(p, peek(p), "every table function must have an alias");
	return so_parse_done(p, ref);
}

/* ---- Parentheses ------------------------------------------------------------------------------------------------ */

static so_ref joins(struct parse *p, so_ref left);
static so_ref primary(struct parse *p);

/* FOR SYSTEM_TIME behind a derived table is a node around it, which has the alias. */
static so_ref derived(struct parse *p, so_ref query, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_QUERY, first), outer, alias;

	NEW(p, from_query, ref)->query = query;
	if (at_kw(p, SO_KW_for) && so_parse_at_word(p, 1, "system_time") && has(p, SO_FEAT_SYSTEM_TIME)) {
		so_parse_done(p, ref);
		outer = so_parse_node(p, SO_N_FROM_CLAUSE, first);
		AS(p, from_clause, outer)->item = ref;
		AS(p, from_clause, outer)->clause = so_parse_form(p, SO_MY_system_time);
		if (!AS(p, from_clause, outer)->clause)
			so_parse_unexpected(p);
		alias = AS(p, from_clause, outer)->alias = alias_clause(p, false);
		ref = outer;
	} else {
		alias = AS(p, from_query, ref)->alias = alias_clause(p, true);
	}
	if (!p->failed && !alias)
		so_parse_fail(p, peek(p), "every derived table must have its own alias");
	return so_parse_done(p, ref);
}

/* a, b inside parentheses is a cross join */
static so_ref comma_list(struct parse *p, so_ref left)
{
	while (at(p, SO_TOK_COMMA)) {
		so_ref right, ref;

		advance(p);
		right = so_my_from(p);
		ref = so_parse_node(p, SO_N_JOIN, open_of(p, left));
		NEW(p, join, ref)->type = SO_JOIN_CROSS;
		NEW(p, join, ref)->left = left;
		NEW(p, join, ref)->right = right;
		left = ref;
	}
	return left;
}

/* '(' in FROM: a query, or tables. */
static so_ref paren(struct parse *p)
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

		inner = paren(p);
		if (so_kind_is_query(so_ast_kind(p->ast, inner))) {
			if (so_parse_continues_query(p))
				inner = so_parse_query_rest(p, inner, 0, start);
			else if (!at(p, SO_TOK_RPAREN))
				inner = comma_list(p, joins(p, derived(p, inner, start)));
		} else {
			inner = comma_list(p, joins(p, inner));
		}
	} else if (so_parse_starts_query(p, 0)) {
		inner = so_parse_query(p);
	} else {
		inner = comma_list(p, so_my_from(p));
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_leave(p);
	add_parens(p, inner);
	(void)first;
	return inner;
}

/* {OJ a LEFT JOIN b ON ..} */
static so_ref outer_escape(struct parse *p)
{
	so_ref ref = 0;

	advance(p);
	(void)so_parse_name(p, SO_USE_FIELD);
	if (so_parse_enter(p))
		ref = so_my_from(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RBRACE);
	return ref;
}

static so_ref primary(struct parse *p)
{
	uint32_t first = p->pos;
	bool lateral = has(p, SO_FEAT_LATERAL) && accept_kw(p, SO_KW_lateral);
	so_ref ref;

	if (at(p, SO_TOK_LPAREN)) {
		ref = paren(p);
		if (so_kind_is_query(so_ast_kind(p->ast, ref)))
			ref = derived(p, ref, first);
		else if (lateral)
			so_parse_unexpected(p);
	} else if (lateral) {
		so_parse_unexpected(p);
		return 0;
	} else if (at(p, SO_TOK_LBRACE)) {
		ref = outer_escape(p);
	} else if (at_kw(p, SO_KW_json_table) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		ref = json_table(p);
	} else {
		ref = so_my_table(p, true);
	}
	if (lateral && ref)
		set_flag(p, ref, SO_NF_LATERAL);
	return ref;
}

/* ---- Joins ------------------------------------------------------------------------------------------------------ */

struct words {
	enum so_join_type type;
	bool natural;
};

static bool join_words(struct parse *p, struct words *join)
{
	uint32_t start = p->pos;

	*join = (struct words){ SO_JOIN_INNER, accept_kw(p, SO_KW_natural) };
	if ((!join->natural || is_maria(p)) && accept_kw(p, SO_KW_straight_join)) {
		join->type = SO_JOIN_STRAIGHT;
		return true;
	}
	if (!join->natural && accept_kw(p, SO_KW_cross)) {
		join->type = SO_JOIN_CROSS;
	} else if (!accept_kw(p, SO_KW_inner)) {
		if (accept_kw(p, SO_KW_left))
			join->type = SO_JOIN_LEFT;
		else if (accept_kw(p, SO_KW_right))
			join->type = SO_JOIN_RIGHT;
		if (join->type != SO_JOIN_INNER)
			accept_kw(p, SO_KW_outer);
	}
	if (accept_kw(p, SO_KW_join))
		return true;
	if (p->pos != start)
		so_parse_unexpected(p);
	return false;
}

static bool at_condition(const struct parse *p)
{
	return at_kw(p, SO_KW_on) || at_kw(p, SO_KW_using);
}

static so_ref make_join(struct parse *p, so_ref left, so_ref right, struct words words)
{
	so_ref ref = so_parse_node(p, SO_N_JOIN, open_of(p, left));

	NEW(p, join, ref)->type = words.type;
	NEW(p, join, ref)->left = left;
	NEW(p, join, ref)->right = right;
	if (words.natural)
		set_flag(p, ref, SO_NF_NATURAL);
	return ref;
}

/* `a JOIN b JOIN c ON x` without a condition for the first join is (a JOIN b) JOIN c ON x: `left` goes down the left
 * side of `right`, which was read first. */
static so_ref join_below(struct parse *p, so_ref left, so_ref right, struct words words)
{
	so_ref leaf = right, parent = 0;

	while (so_ast_kind(p->ast, leaf) == SO_N_JOIN && !so_ast_has_flag(p->ast, leaf, SO_NF_PAREN)) {
		so_parse_begin_at(p, leaf, open_of(p, left));
		parent = leaf;
		leaf = AS(p, join, leaf)->left;
	}
	if (!parent)
		return make_join(p, left, right, words);
	AS(p, join, parent)->left = make_join(p, left, leaf, words);
	return right;
}

static so_ref join_one(struct parse *p, so_ref left, struct words words)
{
	so_ref right = primary(p), ref;
	struct words inner;

	if (words.natural)
		return make_join(p, left, right, words);
	if (so_parse_enter(p))
		while (!at_condition(p) && join_words(p, &inner))
			right = join_one(p, right, inner);
	so_parse_leave(p);
	if (!at_condition(p)) {
		if (words.type == SO_JOIN_LEFT || words.type == SO_JOIN_RIGHT)
			so_parse_unexpected(p);
		return p->failed ? 0 : join_below(p, left, right, words);
	}
	ref = make_join(p, left, right, words);
	if (accept_kw(p, SO_KW_on)) {
		AS(p, join, ref)->on = so_parse_expr(p);
	} else {
		advance(p);
		AS(p, join, ref)->columns = so_parse_name_list(p);
	}
	return so_parse_done(p, ref);
}

static so_ref joins(struct parse *p, so_ref left)
{
	struct words words;

	while (left && join_words(p, &words))
		left = join_one(p, left, words);
	return left;
}

so_ref so_my_from(struct parse *p)
{
	return joins(p, primary(p));
}
