/* SELECT of T-SQL: TOP, assignments, labels in front, INTO, FOR XML, OPTION. */
#include "sql/tsql/parse.h"

static const struct so_list no_list;

/* ---- TOP -------------------------------------------------------------------------------------------------------- */

void so_tsql_top(struct parse *p, so_ref *limit, uint32_t *style, uint16_t *flags)
{
	if (!accept_kw(p, SO_KW_top))
		return;
	*style = SO_LIMIT_TOP;
	if (at(p, SO_TOK_LPAREN) || at(p, SO_TOK_VARIABLE) || at(p, SO_TOK_PARAM) || p->lenient)
		*limit = at(p, SO_TOK_LPAREN) ? so_parse_paren(p) : so_parse_c_expr(p);
	else if (at(p, SO_TOK_INT) || at(p, SO_TOK_FLOAT))
		*limit = so_parse_const(p);
	else
		so_parse_unexpected(p);
	if (accept_kw(p, SO_KW_percent))
		*style |= SO_LIMIT_PERCENT;
	if (accept_kw2(p, SO_KW_with, SO_KW_ties))
		*flags |= SO_NF_WITH_TIES;
}

/* ---- Select list ------------------------------------------------------------------------------------------------ */

static so_ref assignment(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref left = so_parse_own_param(p), right, ref;
	const struct so_token *token = peek(p);

	advance(p);
	right = so_parse_expr(p);
	ref = so_parse_node(p, SO_N_OP, first);
	NEW(p, op, ref)->op = SO_OP_OTHER;
	AS(p, op, ref)->name = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	AS(p, op, ref)->left = left;
	AS(p, op, ref)->right = right;
	return ref;
}

/* label = expr */
static bool at_label(const struct parse *p)
{
	const struct so_token *next = peek_at(p, 1);

	if (next->kind != SO_TOK_OP || next->kw != SO_OP_EQ)
		return false;
	return at(p, SO_TOK_STRING) || at(p, SO_TOK_NSTRING) || so_parse_is_name(p, peek(p), SO_USE_COLUMN);
}

static struct so_name label(struct parse *p)
{
	struct so_name name;

	if (!at(p, SO_TOK_NSTRING))
		return so_parse_name(p, SO_USE_LABEL);
	struct so_str text = so_parse_decode_string(p, peek(p));

	advance(p);
	name = (struct so_name){ .off = text.off, .len = text.len & 0x7FFFFFFFu, .quoted = 1 };
	return name;
}

/* The words that may follow a select list although they are no reserved ones. */
static bool at_bare_label(const struct parse *p)
{
	if (at(p, SO_TOK_NSTRING))
		return true;
	if (!so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL))
		return false;
	if (kw_at(p, 0) == SO_KW_output && kw_at(p, 1) == SO_KW_into)
		return false;
	return !so_tsql_at_statement(p);
}

so_ref so_tsql_target(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TARGET, p->pos);
	struct so_n_target *node = NEW(p, target, ref);

	if (at_op(p, SO_OP_MUL)) {
		advance(p);
		node->expr = so_parse_node(p, SO_N_STAR, p->pos - 1);
		return so_parse_done(p, ref);
	}
	if (at(p, SO_TOK_VARIABLE) && so_tsql_is_assign(peek_at(p, 1))) {
		node->expr = assignment(p);
		return so_parse_done(p, ref);
	}
	if (at_label(p)) {
		node->label = label(p);
		advance(p);
		node->expr = so_tsql_value(p);
		return so_parse_done(p, ref);
	}
	node->expr = so_tsql_value(p);
	if (accept_kw(p, SO_KW_as) || at_bare_label(p))
		node->label = label(p);
	return so_parse_done(p, ref);
}

/* ---- GROUP BY --------------------------------------------------------------------------------------------------- */

/* Puts all items under one GROUPING. */
static void wrap_groups(struct parse *p, struct so_n_select *node, enum so_grouping type)
{
	size_t mark = so_parse_mark(p);
	struct so_list items = node->group_by;
	so_ref ref;

	ref = so_parse_node(p, SO_N_GROUPING, items.count ? first_of(p, so_list_get(p->ast, items, 0)) : p->pos);
	NEW(p, grouping, ref)->type = type;
	NEW(p, grouping, ref)->items = items;
	so_parse_push(p, ref);
	node->group_by = so_parse_take(p, mark);
}

static void group_by(struct parse *p, struct so_n_select *node)
{
	bool all = accept_kw(p, SO_KW_all);

	node->group_by = so_parse_group_by(p);
	/* (a, b) WITH ROLLUP is ROLLUP(a, b); not together with ALL */
	if (all)
		wrap_groups(p, node, SO_GROUPING_ALL);
	else if (accept_kw2(p, SO_KW_with, SO_KW_rollup))
		wrap_groups(p, node, SO_GROUPING_ROLLUP);
	else if (accept_kw2(p, SO_KW_with, SO_KW_cube))
		wrap_groups(p, node, SO_GROUPING_CUBE);
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

static so_ref into(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INTO, p->pos), table;

	advance(p);
	table = so_tsql_table_name(p);
	AS(p, into, ref)->name = AS(p, table, table)->name;
	AS(p, into, ref)->qualifier = AS(p, table, table)->qualifier;
	if (accept_kw(p, SO_KW_on))
		AS(p, into, ref)->file = so_parse_any_name(p);
	return so_parse_done(p, ref);
}

so_ref so_tsql_select(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SELECT, p->pos);
	struct so_n_select *node = NEW(p, select, ref);
	uint32_t limit_style = 0;

	advance(p);
	if (accept_kw(p, SO_KW_distinct))
		node->hdr.flags |= SO_NF_DISTINCT;
	else
		accept_kw(p, SO_KW_all);
	so_tsql_top(p, &node->limit, &limit_style, &node->hdr.flags);
	so_set_rare(p->ast, select, node, limit_style, limit_style);
	node->targets = so_parse_list(p, so_tsql_target);
	if (at_kw(p, SO_KW_into))
		so_set_rare(p->ast, select, node, into, into(p));
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	if (accept_kw(p, SO_KW_where))
		node->where = so_tsql_condition(p);
	if (accept_kw2(p, SO_KW_group, SO_KW_by))
		group_by(p, node);
	if (accept_kw(p, SO_KW_having))
		node->having = so_tsql_condition(p);
	if (at_kw(p, SO_KW_window) && kw_at(p, 2) == SO_KW_as) {
		advance(p);
		so_set_rare(p->ast, select, node, windows, so_parse_window_list(p));
	}
	return so_parse_done(p, ref);
}

/* ---- The end of a query ------------------------------------------------------------------------------------------ */

static so_ref row_count(struct parse *p)
{
	so_ref ref = so_parse_expr(p);

	if (!accept_kw(p, SO_KW_row))
		so_parse_expect_kw(p, SO_KW_rows);
	return ref;
}

/* OFFSET n ROWS [FETCH NEXT m ROWS ONLY] */
static void offset(struct parse *p, struct so_n_query *query)
{
	advance(p);
	so_set_rare(p->ast, query, query, offset, row_count(p));
	so_need_query(p->ast, query)->limit_style |= SO_LIMIT_OFFSET_ROWS;
	if (!accept_kw(p, SO_KW_fetch))
		return;
	if (!accept_kw(p, SO_KW_first))
		so_parse_expect_kw(p, SO_KW_next);
	query->limit = row_count(p);
	so_need_query(p->ast, query)->limit_style |= SO_LIMIT_FETCH;
	so_parse_expect_kw(p, SO_KW_only);
}

static bool at_format_end(const struct parse *p)
{
	return at_kw(p, SO_KW_option) || so_tsql_at_statement_end(p);
}

/* FOR XML PATH('x'), ROOT('r'), TYPE */
static so_ref format(struct parse *p)
{
	uint32_t first = p->pos;
	bool browse = kw_at(p, 1) == SO_KW_browse;
	so_ref ref;

	so_parse_move(p, 2);
	if (browse)
		return so_parse_made_option(p, first, "FOR BROWSE", 0, SO_OPTION_PLAIN);
	ref = so_tsql_open_clause(
		p, first, kw_of(&p->tok[first + 1]) == SO_KW_xml ? "FOR XML" : "FOR JSON", at_format_end);
	return so_parse_done(p, ref);
}

struct so_list so_tsql_query_hints(struct parse *p)
{
	if (!at_kw(p, SO_KW_option) || peek_at(p, 1)->kind != SO_TOK_LPAREN)
		return no_list;
	advance(p);
	return so_tsql_items(p);
}

bool so_tsql_tail(struct parse *p, so_ref ref)
{
	struct so_n_query *query = so_as_query(p->ast, ref);

	switch (kw(p)) {
	case SO_KW_offset:
		if (so_rare_query(p->ast, query)->offset || query->limit)
			return false;
		offset(p, query);
		return true;
	case SO_KW_for:
		if (kw_at(p, 1) != SO_KW_xml && kw_at(p, 1) != SO_KW_json && kw_at(p, 1) != SO_KW_browse)
			return false;
		so_set_rare(p->ast, query, query, format, format(p));
		return true;
	case SO_KW_option:
		if (so_rare_query(p->ast, query)->hints.count)
			return false;
		so_set_rare(p->ast, query, query, hints, so_tsql_query_hints(p));
		return so_rare_query(p->ast, query)->hints.count > 0;
	default:
		return false;
	}
}
