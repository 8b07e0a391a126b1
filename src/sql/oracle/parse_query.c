/* SELECT, WITH and what ends queries, as Oracle has them. */
#include "sql/oracle/oracle.h"

void so_oracle_push_hint(struct parse *p)
{
	struct so_text text = so_parse_hint(p);
	size_t mark = so_parse_mark(p);
	so_ref word, ref;

	if (!text.len)
		return;
	word = so_parse_node(p, SO_N_WORD, p->pos ? p->pos - 1 : 0);
	AS(p, word, word)->text = (struct so_name){
		.off = so_arena_bytes(p->ast, text.s, text.len), .len = (uint32_t)text.len & 0x7FFFFFFFu, .quoted = 1
	};
	so_parse_push(p, word);
	ref = so_oracle_phrase(p, p->pos ? p->pos - 1 : 0, mark);
	set_flag(p, ref, SO_NF_STAR);
	so_parse_push(p, ref);
}

struct so_list so_oracle_hint(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_oracle_push_hint(p);
	return so_parse_take(p, mark);
}

/* ---- WITH ------------------------------------------------------------------------------------------------------- */

static so_ref search_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SEARCH, p->pos);

	advance(p);
	if (accept_kw(p, SO_KW_breadth))
		AS(p, search, ref)->breadth_first = 1;
	else
		so_parse_expect_kw(p, SO_KW_depth);
	so_parse_expect_kw(p, SO_KW_first);
	so_parse_expect_kw(p, SO_KW_by);
	AS(p, search, ref)->columns = so_parse_list(p, so_parse_sort_item);
	so_parse_expect_kw(p, SO_KW_set);
	AS(p, search, ref)->sequence = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

static so_ref cycle_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CYCLE, p->pos);

	advance(p);
	AS(p, cycle, ref)->columns = so_parse_list(p, so_parse_name_node);
	so_parse_expect_kw(p, SO_KW_set);
	AS(p, cycle, ref)->mark = so_parse_name(p, SO_USE_COLUMN);
	so_parse_expect_kw(p, SO_KW_to);
	AS(p, cycle, ref)->value = so_parse_c_expr(p);
	so_parse_expect_kw(p, SO_KW_default);
	AS(p, cycle, ref)->otherwise = so_parse_c_expr(p);
	return so_parse_done(p, ref);
}

static so_ref cte(struct parse *p)
{
	so_ref ref;

	if (so_parse_at_word(p, 0, "function") || so_parse_at_word(p, 0, "procedure"))
		if (peek_at(p, 1)->kind != SO_TOK_LPAREN && kw_at(p, 1) != SO_KW_as)
			return so_plsql_unit(p);
	ref = so_parse_node(p, SO_N_CTE, p->pos);
	AS(p, cte, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	if (so_parse_at_word(p, 0, "analytic")) {
		AS(p, cte, ref)->query = so_parse_form(p, SO_ORA_analytic_view);
		return so_parse_done(p, ref);
	}
	if (at(p, SO_TOK_LPAREN))
		AS(p, cte, ref)->columns = so_parse_name_list(p);
	so_parse_expect_kw(p, SO_KW_as);
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		AS(p, cte, ref)->query = so_parse_query(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	if (so_parse_at_word(p, 0, "search"))
		AS(p, cte, ref)->search = search_clause(p);
	if (so_parse_at_word(p, 0, "cycle"))
		AS(p, cte, ref)->cycle = cycle_clause(p);
	return so_parse_done(p, ref);
}

so_ref so_oracle_with(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list ctes;
	so_ref ref;

	advance(p);
	for (;;) {
		so_ref one = cte(p);
		bool unit = so_ast_kind(p->ast, one) == SO_N_OPAQUE;

		so_parse_push(p, one);
		/* no comma stands behind a function */
		if (!accept(p, SO_TOK_COMMA) && (!unit || p->failed || at_kw(p, SO_KW_select) || at(p, SO_TOK_LPAREN)))
			break;
	}
	ctes = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_WITH, first);
	NEW(p, with, ref)->ctes = ctes;
	return ref;
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

static so_ref into_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INTO, p->pos);

	if (so_parse_words(p, "bulk collect"))
		set_flag(p, ref, SO_NF_ALL);
	so_parse_expect_kw(p, SO_KW_into);
	AS(p, into, ref)->targets = so_parse_list(p, so_parse_c_expr);
	return so_parse_done(p, ref);
}

static so_ref hierarchy(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_HIERARCHY, p->pos);

	if (accept_kw2(p, SO_KW_start, SO_KW_with))
		AS(p, hierarchy, ref)->start = so_parse_expr(p);
	so_parse_expect_kw(p, SO_KW_connect);
	so_parse_expect_kw(p, SO_KW_by);
	if (accept_kw(p, SO_KW_nocycle))
		set_flag(p, ref, SO_NF_DISTINCT);
	AS(p, hierarchy, ref)->connect = so_parse_expr(p);
	if (!AS(p, hierarchy, ref)->start && accept_kw2(p, SO_KW_start, SO_KW_with))
		AS(p, hierarchy, ref)->start = so_parse_expr(p);
	return so_parse_done(p, ref);
}

/* GROUP BY ALL: all items of the select list that are no aggregates. */
static struct so_list group_by(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref ref;

	if (!at_kw(p, SO_KW_all))
		return so_parse_group_by(p);
	ref = so_parse_node(p, SO_N_GROUPING, p->pos);
	AS(p, grouping, ref)->type = SO_GROUPING_ALL;
	advance(p);
	so_parse_push(p, so_parse_done(p, ref));
	return so_parse_take(p, mark);
}

static void group_and_having(struct parse *p, struct so_n_select *node)
{
	for (int i = 0; i < 2; i++) {
		if (!node->group_by.count && accept_kw2(p, SO_KW_group, SO_KW_by))
			node->group_by = group_by(p);
		if (!node->having && accept_kw(p, SO_KW_having))
			node->having = so_parse_expr(p);
	}
}

so_ref so_oracle_select(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SELECT, p->pos), extra;
	struct so_n_select *node = NEW(p, select, ref);
	size_t mark;

	advance(p);
	so_set_rare(p->ast, select, node, hints, so_oracle_hint(p));
	mark = so_parse_mark(p);
	if (accept_kw(p, SO_KW_distinct) || accept_kw(p, SO_KW_unique))
		node->hdr.flags |= SO_NF_DISTINCT;
	else
		accept_kw(p, SO_KW_all);
	node->targets = so_parse_list(p, so_parse_target);
	if (at_kw(p, SO_KW_into) || (at_kw(p, SO_KW_bulk) && so_parse_at_word(p, 1, "collect")))
		so_set_rare(p->ast, select, node, into, into_clause(p));
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if ((at_kw(p, SO_KW_start) && kw_at(p, 1) == SO_KW_with) || at_kw(p, SO_KW_connect))
		so_set_rare(p->ast, select, node, hierarchy, hierarchy(p));
	group_and_having(p, node);
	if (at_kw(p, SO_KW_model)) {
		extra = so_parse_form(p, SO_ORA_model);
		if (!extra)
			so_parse_unexpected(p);
		so_parse_push(p, extra);
	}
	if (accept_kw(p, SO_KW_window))
		so_set_rare(p->ast, select, node, windows, so_parse_window_list(p));
	if (at_kw(p, SO_KW_qualify))
		so_parse_push(p, so_parse_form(p, SO_ORA_qualify));
	so_set_rare(p->ast, select, node, extra, so_parse_take(p, mark));
	return so_parse_done(p, ref);
}

/* ---- ORDER BY and what follows ----------------------------------------------------------------------------------- */

static so_ref locked(struct parse *p)
{
	return so_parse_any_name(p);
}

static so_ref locking(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_LOCKING, p->pos);
	struct so_n_locking *node = NEW(p, locking, ref);

	advance(p);
	so_parse_expect_kw(p, SO_KW_update);
	node->strength = SO_LOCK_UPDATE;
	if (accept_kw(p, SO_KW_of))
		node->relations = so_parse_list(p, locked);
	if (accept_kw(p, SO_KW_nowait))
		node->wait = SO_LOCK_NOWAIT;
	else if (accept_kw2(p, SO_KW_skip, SO_KW_locked))
		node->wait = SO_LOCK_SKIP;
	else if (so_parse_accept_word(p, "wait"))
		node->seconds = so_parse_c_expr(p);
	return so_parse_done(p, ref);
}

static so_ref made_one(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CONST, first);
	struct so_name one = so_parse_made_name(p, "1");

	AS(p, const, ref)->type = SO_C_INT;
	AS(p, const, ref)->value = (struct so_str){ one.off, one.len };
	return ref;
}

static void row_words(struct parse *p)
{
	if (!so_parse_accept_word(p, "row") && !so_parse_accept_word(p, "rows"))
		so_parse_unexpected(p);
}

static void fetch(struct parse *p, struct so_n_query *query)
{
	uint32_t first = p->pos;

	advance(p);
	so_need_query(p->ast, query)->limit_style |= SO_LIMIT_FETCH;
	so_need_query(p->ast, query)->limit_style |= so_parse_accept_word(p, "approx")  ? SO_LIMIT_APPROX
						     : so_parse_accept_word(p, "exact") ? SO_LIMIT_EXACT
											: 0;
	if (!so_parse_accept_word(p, "first") && !so_parse_accept_word(p, "next"))
		so_parse_unexpected(p);
	query->limit = so_parse_at_word(p, 0, "row") || so_parse_at_word(p, 0, "rows") ? made_one(p, first)
										       : so_parse_level(p, SO_LV_ADD);
	if (so_parse_accept_word(p, "percent"))
		so_need_query(p->ast, query)->limit_style |= SO_LIMIT_PERCENT;
	row_words(p);
	if (accept_kw2(p, SO_KW_with, SO_KW_ties))
		query->hdr.flags |= SO_NF_WITH_TIES;
	else
		so_parse_expect_kw(p, SO_KW_only);
}

bool so_oracle_query_tail(struct parse *p, so_ref ref)
{
	struct so_n_query *query = so_as_query(p->ast, ref);
	size_t mark = so_parse_mark(p);

	if (at_kw(p, SO_KW_for) && kw_at(p, 1) == SO_KW_update)
		so_parse_push(p, locking(p));
	if (at_kw(p, SO_KW_order)) {
		advance(p);
		if (accept_kw(p, SO_KW_siblings))
			query->hdr.flags |= SO_NF_SIBLINGS;
		so_parse_expect_kw(p, SO_KW_by);
		query->order_by = so_parse_list(p, so_parse_sort_item);
	}
	if (accept_kw(p, SO_KW_offset)) {
		so_set_rare(p->ast, query, query, offset, so_parse_level(p, SO_LV_ADD));
		so_need_query(p->ast, query)->limit_style |= SO_LIMIT_OFFSET_ROWS;
		row_words(p);
	}
	if (at_kw(p, SO_KW_fetch)) {
		fetch(p, query);
		if (at_kw(p, SO_KW_with) && so_parse_at_word(p, 1, "target"))
			so_set_rare(p->ast, query, query, format, so_parse_form(p, SO_ORA_query_accuracy));
	}
	if (at_kw(p, SO_KW_for) && kw_at(p, 1) == SO_KW_update && so_parse_mark(p) == mark)
		so_parse_push(p, locking(p));
	so_set_rare(p->ast, query, query, locking, so_parse_take(p, mark));
	return true;
}
