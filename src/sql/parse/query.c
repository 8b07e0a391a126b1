/* SELECT, VALUES, TABLE, set operations, WITH. */
#include "sql/parse/parser.h"

/* ---- WITH ------------------------------------------------------------------------------------------------------- */

static so_ref search_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SEARCH, p->pos);
	struct so_n_search *node = NEW(p, search, ref);

	advance(p);
	if (accept_kw(p, SO_KW_breadth))
		node->breadth_first = 1;
	else
		so_parse_expect_kw(p, SO_KW_depth);
	so_parse_expect_kw(p, SO_KW_first);
	so_parse_expect_kw(p, SO_KW_by);
	node->columns = so_parse_list(p, so_parse_name_node);
	so_parse_expect_kw(p, SO_KW_set);
	node->sequence = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

static so_ref cycle_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CYCLE, p->pos);
	struct so_n_cycle *node = NEW(p, cycle, ref);

	advance(p);
	node->columns = so_parse_list(p, so_parse_name_node);
	/* MariaDB: rows that were there are left out, nothing is added */
	if (has(p, SO_FEAT_SYSTEM_TIME) && has(p, SO_FEAT_RETURNING) && accept_kw(p, SO_KW_restrict))
		return so_parse_done(p, ref);
	so_parse_expect_kw(p, SO_KW_set);
	node->mark = so_parse_name(p, SO_USE_COLUMN);
	if (accept_kw(p, SO_KW_to)) {
		node->value = so_parse_c_expr(p);
		so_parse_expect_kw(p, SO_KW_default);
		node->otherwise = so_parse_c_expr(p);
	}
	so_parse_expect_kw(p, SO_KW_using);
	node->path = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

static so_ref cte_body(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with = 0;

	/* a WITH inside belongs to whatever statement follows it */
	if (at_kw(p, SO_KW_with))
		with = so_parse_with(p);
	switch (kw(p)) {
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
		return so_parse_dml(p, with, first);
	default:
		break;
	}
	if (with)
		return so_parse_query_rest(p, 0, with, first);
	return so_parse_query(p);
}

static so_ref cte(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CTE, p->pos);
	struct so_n_cte *node = NEW(p, cte, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_name_list(p);
	so_parse_expect_kw(p, SO_KW_as);
	if (accept_kw(p, SO_KW_materialized)) {
		node->materialized = SO_MATERIALIZED_ALWAYS;
	} else if (accept_kw(p, SO_KW_not)) {
		so_parse_expect_kw(p, SO_KW_materialized);
		node->materialized = SO_MATERIALIZED_NEVER;
	}
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		node->query = cte_body(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	if (at_kw(p, SO_KW_search))
		node->search = search_clause(p);
	if (at_kw(p, SO_KW_cycle))
		node->cycle = cycle_clause(p);
	return so_parse_done(p, ref);
}

so_ref so_parse_with(struct parse *p)
{
	uint32_t first = p->pos;
	bool recursive;
	struct so_list ctes = { 0, 0 }, namespaces = { 0, 0 };
	so_ref ref;

	if (p->own && p->rules->with)
		return p->rules->with(p);
	so_parse_expect_kw(p, SO_KW_with);
	recursive = accept_kw(p, SO_KW_recursive);
	if (p->own && at_kw(p, SO_KW_xmlnamespaces) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		namespaces = so_parse_paren_list(p, so_parse_xml_namespace);
	}
	if (!namespaces.count || accept(p, SO_TOK_COMMA))
		ctes = so_parse_list(p, cte);
	ref = so_parse_node(p, SO_N_WITH, first);
	NEW(p, with, ref)->ctes = ctes;
	NEW(p, with, ref)->namespaces = namespaces;
	if (recursive)
		set_flag(p, ref, SO_NF_RECURSIVE);
	return ref;
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

/* [AS] label */
static struct so_name target_label(struct parse *p)
{
	if (accept_kw(p, SO_KW_as)) {
		/* a digest shows labels that are strings as literals */
		if (!p->own || !p->lenient || !at(p, SO_TOK_PARAM))
			return so_parse_name(p, SO_USE_LABEL);
		advance(p);
	} else if (so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL)) {
		return so_parse_name(p, SO_USE_BARE_LABEL);
	}
	return (struct so_name){ 0 };
}

so_ref so_parse_target(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name label = { 0 };
	so_ref expr, ref;

	if (p->own && p->rules->target)
		return p->rules->target(p);
	if (at_op(p, SO_OP_MUL)) {
		advance(p);
		expr = so_parse_node(p, SO_N_STAR, first);
	} else {
		expr = so_parse_expr(p);
		if (!at(p, SO_TOK_COMMA) && !at_kw(p, SO_KW_from))
			label = target_label(p);
	}
	ref = so_parse_node(p, SO_N_TARGET, first);
	NEW(p, target, ref)->expr = expr;
	NEW(p, target, ref)->label = label;
	return ref;
}

static so_ref into_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INTO, p->pos);
	struct so_n_into *node = NEW(p, into, ref);

	advance(p);
	if ((at_kw(p, SO_KW_local) || at_kw(p, SO_KW_global)) &&
		(kw_at(p, 1) == SO_KW_temp || kw_at(p, 1) == SO_KW_temporary))
		advance(p);
	if (accept_kw(p, SO_KW_temp) || accept_kw(p, SO_KW_temporary))
		node->persistence = SO_TEMPORARY;
	else if (accept_kw(p, SO_KW_unlogged))
		node->persistence = SO_UNLOGGED;
	accept_kw(p, SO_KW_table);
	node->qualifier = so_parse_qualified(p, &node->name);
	return so_parse_done(p, ref);
}

static so_ref group_item(struct parse *p);

static so_ref grouping_set(struct parse *p, enum so_grouping type, uint32_t words)
{
	so_ref ref = so_parse_node(p, SO_N_GROUPING, p->pos);

	so_parse_move(p, words);
	AS(p, grouping, ref)->type = type;
	if (so_parse_enter(p))
		AS(p, grouping, ref)->items =
			so_parse_paren_list(p, type == SO_GROUPING_SETS ? group_item : so_parse_expr);
	so_parse_leave(p);
	return so_parse_done(p, ref);
}

static so_ref group_item(struct parse *p)
{
	bool paren = peek_at(p, 1)->kind == SO_TOK_LPAREN;

	if (at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		so_ref ref = so_parse_node(p, SO_N_GROUPING, p->pos);

		so_parse_move(p, 2);
		return so_parse_done(p, ref);
	}
	if (at_kw(p, SO_KW_rollup) && paren)
		return grouping_set(p, SO_GROUPING_ROLLUP, 1);
	if (at_kw(p, SO_KW_cube) && paren)
		return grouping_set(p, SO_GROUPING_CUBE, 1);
	if (at_kw(p, SO_KW_grouping) && kw_at(p, 1) == SO_KW_sets)
		return grouping_set(p, SO_GROUPING_SETS, 2);
	return so_parse_expr(p);
}

static so_ref window_item(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, SO_USE_COLUMN);
	so_ref ref;

	so_parse_expect_kw(p, SO_KW_as);
	ref = so_parse_window_spec(p, first);
	AS(p, window, ref)->name = name;
	return ref;
}

struct so_list so_parse_group_by(struct parse *p)
{
	return so_parse_list(p, group_item);
}

struct so_list so_parse_window_list(struct parse *p)
{
	return so_parse_list(p, window_item);
}

static void select_list(struct parse *p, struct so_n_select *node)
{
	if (accept_kw(p, SO_KW_distinct)) {
		node->hdr.flags |= SO_NF_DISTINCT;
		if (accept_kw(p, SO_KW_on))
			so_set_rare(p->ast, select, node, distinct_on, so_parse_paren_list(p, so_parse_expr));
	} else {
		accept_kw(p, SO_KW_all);
	}
	switch (kw(p)) {
	case SO_KW_from:
	case SO_KW_into:
	case SO_KW_where:
	case SO_KW_group:
	case SO_KW_having:
	case SO_KW_window:
	case SO_KW_union:
	case SO_KW_intersect:
	case SO_KW_except:
	case SO_KW_order:
	case SO_KW_limit:
	case SO_KW_offset:
	case SO_KW_fetch:
	case SO_KW_for:
		return; /* an empty list is legal */
	default:
		break;
	}
	if (at_kw(p, SO_KW_returning) && !p->own)
		return;
	if (!at(p, SO_TOK_RPAREN) && !at(p, SO_TOK_SEMICOLON) && (!at_end(p) || p->lenient))
		node->targets = so_parse_list(p, so_parse_target);
}

static so_ref select_core(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SELECT, p->pos);
	struct so_n_select *node = NEW(p, select, ref);

	advance(p);
	select_list(p, node);
	if (at_kw(p, SO_KW_into))
		so_set_rare(p->ast, select, node, into, into_clause(p));
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if (accept_kw2(p, SO_KW_group, SO_KW_by)) {
		if (accept_kw(p, SO_KW_distinct))
			node->hdr.flags |= SO_NF_GROUP_DIST;
		else
			accept_kw(p, SO_KW_all);
		node->group_by = so_parse_list(p, group_item);
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
	struct so_list items;
	so_ref ref;

	if (p->own && p->rules->values_row)
		return p->rules->values_row(p);
	items = so_parse_paren_list(p, so_parse_expr);
	ref = so_parse_node(p, SO_N_ROW, first);

	NEW(p, row, ref)->items = items;
	return ref;
}

so_ref so_parse_values(struct parse *p, so_ref (*row)(struct parse *p))
{
	uint32_t first = p->pos;
	struct so_list rows;
	so_ref ref;

	advance(p);
	rows = so_parse_list(p, row);
	ref = so_parse_node(p, SO_N_VALUES, first);
	NEW(p, values, ref)->rows = rows;
	return ref;
}

/* TABLE t is SELECT * FROM t. */
static so_ref table_core(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref relation, star, target, ref;
	size_t mark = so_parse_mark(p);

	advance(p);
	relation = so_parse_relation(p, false);
	star = so_parse_node(p, SO_N_STAR, first);
	target = so_parse_node(p, SO_N_TARGET, first);
	NEW(p, target, target)->expr = star;
	ref = so_parse_node(p, SO_N_SELECT, first);
	set_flag(p, ref, SO_NF_TABLE_CMD);
	so_parse_push(p, target);
	AS(p, select, ref)->targets = so_parse_take(p, mark);
	so_parse_push(p, relation);
	AS(p, select, ref)->from = so_parse_take(p, mark);
	return ref;
}

/* ---- Set operations --------------------------------------------------------------------------------------------- */

so_ref so_parse_paren_query(struct parse *p)
{
	so_ref query = 0;

	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		query = so_parse_query(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	add_parens(p, query);
	return query;
}

static so_ref query_operand(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_select:
		if (p->own && p->rules->select)
			return p->rules->select(p);
		return select_core(p);
	case SO_KW_values:
		return so_parse_values(p, values_row);
	case SO_KW_table:
		return table_core(p);
	default:
		break;
	}
	if (at(p, SO_TOK_LPAREN))
		return so_parse_paren_query(p);
	so_parse_unexpected(p);
	return 0;
}

static bool at_minus(const struct parse *p)
{
	return at_kw(p, SO_KW_minus) && has(p, SO_FEAT_MINUS);
}

/* left INTERSECT right ..., and on level 0 UNION and EXCEPT around it. */
static so_ref into_of(const struct parse *p, so_ref query)
{
	return so_ast_kind(p->ast, query) == SO_N_SELECT ? so_rare_select(p->ast, AS(p, select, query))->into : 0;
}

/* INTO behind the last SELECT is that of the whole, and nowhere else may one stand. */
static void lift_into(struct parse *p, so_ref setop)
{
	struct so_n_setop *node = AS(p, setop, setop);
	so_ref right = into_of(p, node->right), wrong = into_of(p, node->left);

	if (so_ast_kind(p->ast, node->left) == SO_N_SETOP)
		wrong = so_rare_setop(p->ast, AS(p, setop, node->left))->into;
	if (!wrong && right && so_ast_has_flag(p->ast, node->right, SO_NF_PAREN))
		wrong = right;
	if (wrong) {
		so_parse_fail(p, &p->tok[so_node_first(p->ast, so_ast_node(p->ast, wrong))],
			"INTO stands behind the last SELECT of set operations, outside parentheses");
	} else if (right) {
		so_set_rare(p->ast, select, AS(p, select, node->right), into, 0);
		so_set_rare(p->ast, setop, node, into, right);
	}
}

static so_ref set_operations(struct parse *p, so_ref left, int level)
{
	for (;;) {
		enum so_set_op op;
		bool all;
		so_ref right, ref;

		if (at_kw(p, SO_KW_intersect))
			op = SO_INTERSECT;
		else if (level == 0 && at_kw(p, SO_KW_union))
			op = SO_UNION;
		else if (level == 0 && (at_kw(p, SO_KW_except) || at_minus(p)))
			op = SO_EXCEPT;
		else
			return left;
		advance(p);
		all = accept_kw(p, SO_KW_all);
		if (!all)
			accept_kw(p, SO_KW_distinct);
		right = query_operand(p);
		if (op != SO_INTERSECT && !has(p, SO_FEAT_MINUS))
			right = set_operations(p, right, 1);
		ref = so_parse_node(p, SO_N_SETOP, open_of(p, left));
		NEW(p, setop, ref)->op = op;
		NEW(p, setop, ref)->left = left;
		NEW(p, setop, ref)->right = right;
		if (all)
			set_flag(p, ref, SO_NF_ALL);
		if (has(p, SO_FEAT_INTO_BEHIND) && !p->failed)
			lift_into(p, ref);
		left = ref;
	}
}

/* ---- ORDER BY, LIMIT, FOR --------------------------------------------------------------------------------------- */

static so_ref lock_relation(struct parse *p)
{
	return so_parse_any_name(p);
}

static so_ref locking_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_LOCKING, p->pos);
	struct so_n_locking *node = NEW(p, locking, ref);

	advance(p);
	if (accept_kw(p, SO_KW_update)) {
		node->strength = SO_LOCK_UPDATE;
	} else if (accept_kw(p, SO_KW_no)) {
		so_parse_expect_kw(p, SO_KW_key);
		so_parse_expect_kw(p, SO_KW_update);
		node->strength = SO_LOCK_NO_KEY_UPDATE;
	} else if (accept_kw(p, SO_KW_share)) {
		node->strength = SO_LOCK_SHARE;
	} else {
		so_parse_expect_kw(p, SO_KW_key);
		so_parse_expect_kw(p, SO_KW_share);
		node->strength = SO_LOCK_KEY_SHARE;
	}
	if (accept_kw(p, SO_KW_of))
		node->relations = so_parse_list(p, lock_relation);
	if (accept_kw(p, SO_KW_nowait))
		node->wait = SO_LOCK_NOWAIT;
	else if (accept_kw2(p, SO_KW_skip, SO_KW_locked))
		node->wait = SO_LOCK_SKIP;
	return so_parse_done(p, ref);
}

static so_ref null_const(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CONST, first);

	set_flag(p, ref, SO_NF_ALL);
	return ref;
}

/* FETCH FIRST [n] ROWS ONLY | WITH TIES */
static void fetch_first(struct parse *p, struct so_n_query *query)
{
	uint32_t first = p->pos;

	advance(p);
	if (!accept_kw(p, SO_KW_first))
		so_parse_expect_kw(p, SO_KW_next);
	if (at_kw(p, SO_KW_row) || at_kw(p, SO_KW_rows)) {
		struct so_name one = so_parse_made_name(p, "1");

		query->limit = so_parse_node(p, SO_N_CONST, first);
		AS(p, const, query->limit)->type = SO_C_INT;
		AS(p, const, query->limit)->value = (struct so_str){ one.off, one.len };
	} else if (at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB)) {
		query->limit = so_parse_expr(p);
	} else {
		query->limit = so_parse_c_expr(p);
	}
	if (!accept_kw(p, SO_KW_row))
		so_parse_expect_kw(p, SO_KW_rows);
	if (accept_kw2(p, SO_KW_with, SO_KW_ties))
		query->hdr.flags |= SO_NF_WITH_TIES;
	else
		so_parse_expect_kw(p, SO_KW_only);
}

static void limit_clause(struct parse *p, struct so_n_query *query)
{
	if (at_kw(p, SO_KW_fetch)) {
		if (query->limit)
			so_parse_fail(p, peek(p), "multiple LIMIT clauses not allowed");
		else
			fetch_first(p, query);
	} else if (at_kw(p, SO_KW_limit)) {
		if (query->limit)
			so_parse_fail(p, peek(p), "multiple LIMIT clauses not allowed");
		advance(p);
		if (accept_kw(p, SO_KW_all))
			query->limit = null_const(p, p->pos - 1);
		else
			query->limit = so_parse_expr(p);
		if (at(p, SO_TOK_COMMA))
			so_parse_fail(p, peek(p), "LIMIT #,# syntax is not supported");
	} else {
		if (so_rare_query(p->ast, query)->offset)
			so_parse_fail(p, peek(p), "multiple OFFSET clauses not allowed");
		advance(p);
		so_set_rare(p->ast, query, query, offset, so_parse_expr(p));
		if (!accept_kw(p, SO_KW_row))
			accept_kw(p, SO_KW_rows);
	}
}

static bool at_tail(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_order:
	case SO_KW_limit:
	case SO_KW_offset:
	case SO_KW_for:
		return true;
	case SO_KW_into:
	case SO_KW_lock:
	case SO_KW_procedure:
		return has(p, SO_FEAT_INTO_BEHIND);
	case SO_KW_fetch:
		return has(p, SO_FEAT_LIMIT) || !has(p, SO_FEAT_BATCH);
	case SO_KW_option:
		return has(p, SO_FEAT_QUERY_HINTS) && peek_at(p, 1)->kind == SO_TOK_LPAREN;
	default:
		return false;
	}
}

bool so_parse_continues_query(const struct parse *p)
{
	return at_tail(p) || at_kw(p, SO_KW_union) || at_kw(p, SO_KW_intersect) || at_kw(p, SO_KW_except) ||
	       at_minus(p);
}

static void query_tail(struct parse *p, so_ref ref)
{
	struct so_n_query *query = so_as_query(p->ast, ref);
	size_t mark = so_parse_mark(p);
	struct so_list locking;

	if (p->own && p->rules->query_tail && p->rules->query_tail(p, ref))
		return;
	if (at_kw(p, SO_KW_order)) {
		if (query->order_by.count)
			so_parse_fail(p, peek(p), "multiple ORDER BY clauses not allowed");
		else
			query->order_by = so_parse_order_by(p);
	}
	locking = so_rare_query(p->ast, query)->locking;
	for (uint32_t i = 0; i < locking.count; i++)
		so_parse_push(p, so_list_get(p->ast, locking, i));
	for (;;) {
		if (p->own && p->rules->tail && p->rules->tail(p, ref))
			continue;
		if (at_kw(p, SO_KW_for) && (kw_at(p, 1) == SO_KW_read)) {
			advance(p);
			advance(p);
			so_parse_expect_kw(p, SO_KW_only);
		} else if (at_kw(p, SO_KW_for)) {
			so_parse_push(p, locking_clause(p));
		} else if (at_kw(p, SO_KW_limit) || at_kw(p, SO_KW_offset) || (at_kw(p, SO_KW_fetch) && at_tail(p))) {
			limit_clause(p, query);
		} else {
			break;
		}
	}
	locking = so_parse_take(p, mark);
	so_set_rare(p->ast, query, query, locking, locking);
	if ((query->hdr.flags & SO_NF_WITH_TIES) && !query->order_by.count)
		so_parse_fail(
			p, &p->tok[p->pos ? p->pos - 1 : 0], "WITH TIES cannot be specified without ORDER BY clause");
	for (uint32_t i = 0; (query->hdr.flags & SO_NF_WITH_TIES) && i < locking.count; i++)
		if (so_as_locking(p->ast, so_list_get(p->ast, locking, i))->wait == SO_LOCK_SKIP && !p->own)
			so_parse_fail(p, &p->tok[p->pos ? p->pos - 1 : 0],
				"SKIP LOCKED and WITH TIES options cannot be used together");
}

/* The node now spans its clauses and, when it was in parentheses that the clauses follow, those too. */
static void widen(struct parse *p, so_ref ref, uint32_t first)
{
	struct so_node *node = so_ast_node(p->ast, ref);

	so_parse_begin_at(p, ref, first);
	node->parens = 0;
	node->flags &= (uint16_t)~SO_NF_PAREN;
	so_parse_done(p, ref);
}

so_ref so_parse_query_rest(struct parse *p, so_ref query, so_ref with, uint32_t first)
{
	bool tail;

	if (!query)
		query = query_operand(p);
	query = set_operations(p, query, 0);
	if (!so_kind_is_query(so_ast_kind(p->ast, query)))
		return query;
	tail = at_tail(p);
	if (tail)
		query_tail(p, query);
	if (with) {
		if (so_as_query(p->ast, query)->with)
			so_parse_fail(p, &p->tok[first], "multiple WITH clauses not allowed");
		so_as_query(p->ast, query)->with = with;
	}
	if (tail || with)
		widen(p, query, first);
	return query;
}

so_ref so_parse_query(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with = 0, query;

	if (p->own && p->rules->query)
		return p->rules->query(p);
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	if (at_kw(p, SO_KW_with))
		with = so_parse_with(p);
	query = so_parse_query_rest(p, 0, with, first);
	so_parse_leave(p);
	return query;
}
