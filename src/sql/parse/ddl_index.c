/* CREATE INDEX, VIEW, MATERIALIZED VIEW, STATISTICS. */
#include "sql/parse/ddl.h"

/* ---- Keys ------------------------------------------------------------------------------------------------------- */

/* A bare name, or a call: anything else needs parentheses. */
static bool is_bare_key(const struct parse *p, so_ref ref)
{
	switch (so_ast_kind(p->ast, ref)) {
	case SO_N_COLUMN:
		return !AS(p, column, ref)->qualifier;
	case SO_N_FUNC:
		return !AS(p, func, ref)->over && !AS(p, func, ref)->filter;
	case SO_N_CAST:
		return AS(p, cast, ref)->style == SO_CAST_FUNC;
	default:
		return false;
	}
}

static so_ref key_expr(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (accept(p, SO_TOK_LPAREN)) {
		ref = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		add_parens(p, ref);
		return ref;
	}
	/* a name as a key may be one that no expression begins with */
	if (so_parse_is_name(p, peek(p), SO_USE_COLUMN) && peek_at(p, 1)->kind != SO_TOK_LPAREN &&
		peek_at(p, 1)->kind != SO_TOK_DOT) {
		ref = so_parse_node(p, SO_N_COLUMN, first);
		AS(p, column, ref)->name = so_parse_name(p, SO_USE_COLUMN);
		return so_parse_done(p, ref);
	}
	ref = so_parse_c_expr(p);
	if (!p->failed && !p->truncated && !is_bare_key(p, ref))
		so_parse_unexpected(p);
	return ref;
}

so_ref so_parse_index_elem(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);
	struct so_n_index_elem *node = NEW(p, index_elem, ref);

	node->expr = key_expr(p);
	if (accept_kw(p, SO_KW_collate))
		node->collation = so_parse_any_name(p);
	if (so_parse_is_name(p, peek(p), SO_USE_COLUMN) && !at_kw(p, SO_KW_nulls)) {
		node->opclass = so_parse_any_name(p);
		if (at(p, SO_TOK_LPAREN))
			node->options = so_parse_storage_options(p);
	}
	if (accept_kw(p, SO_KW_asc))
		node->dir = SO_SORT_ASC;
	else if (accept_kw(p, SO_KW_desc))
		node->dir = SO_SORT_DESC;
	if (accept_kw2(p, SO_KW_nulls, SO_KW_first))
		node->nulls = SO_NULLS_FIRST;
	else if (accept_kw2(p, SO_KW_nulls, SO_KW_last))
		node->nulls = SO_NULLS_LAST;
	return so_parse_done(p, ref);
}

/* ---- CREATE INDEX ----------------------------------------------------------------------------------------------- */

/* At what follows the word INDEX. */
so_ref so_parse_create_index(struct parse *p, uint32_t first, unsigned bits)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_INDEX, first);
	struct so_n_create_index *node = NEW(p, create_index, ref);

	node->bits = bits | (accept_kw(p, SO_KW_concurrently) ? SO_DDL_CONCURRENTLY : 0);
	if (so_parse_if_not_exists(p))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	if (node->bits & SO_DDL_IF_NOT_EXISTS || !at_kw(p, SO_KW_on))
		node->name = so_parse_name(p, SO_USE_COLUMN);
	so_parse_expect_kw(p, SO_KW_on);
	node->table = so_parse_relation(p, false);
	node->method = so_parse_accept_name_after(p, SO_KW_using);
	node->keys = so_parse_paren_list(p, so_parse_index_elem);
	if (accept_kw(p, SO_KW_include))
		node->include = so_parse_paren_list(p, so_parse_index_elem);
	if (accept_kw(p, SO_KW_nulls)) {
		if (accept_kw(p, SO_KW_not))
			node->bits |= SO_DDL_NULLS_NOT_DISTINCT;
		so_parse_expect_kw(p, SO_KW_distinct);
	}
	if (accept_kw(p, SO_KW_with))
		node->options = so_parse_storage_options(p);
	node->tablespace = so_parse_accept_name_after(p, SO_KW_tablespace);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	return so_parse_done(p, ref);
}

/* ---- Views ------------------------------------------------------------------------------------------------------ */

static uint32_t check_option(struct parse *p)
{
	uint32_t check = SO_CHECK_DEFAULT;

	if (!accept_kw(p, SO_KW_with))
		return SO_CHECK_NONE;
	if (accept_kw(p, SO_KW_local))
		check = SO_CHECK_LOCAL;
	else if (accept_kw(p, SO_KW_cascaded))
		check = SO_CHECK_CASCADED;
	so_parse_expect_kw(p, SO_KW_check);
	so_parse_expect_kw(p, SO_KW_option);
	return check;
}

static void materialized_view(struct parse *p, struct so_n_create_view *node)
{
	node->method = so_parse_accept_name_after(p, SO_KW_using);
	if (accept_kw(p, SO_KW_with))
		node->options = so_parse_storage_options(p);
	node->tablespace = so_parse_accept_name_after(p, SO_KW_tablespace);
	so_parse_expect_kw(p, SO_KW_as);
	node->query = so_parse_query(p);
	if (!accept_kw(p, SO_KW_with))
		return;
	if (accept_kw(p, SO_KW_no))
		node->bits |= SO_DDL_NO_DATA;
	so_parse_expect_kw(p, SO_KW_data);
}

/* At what follows the word VIEW. */
so_ref so_parse_create_view(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_VIEW, first);
	struct so_n_create_view *node = NEW(p, create_view, ref);

	node->bits = bits;
	node->persistence = persistence;
	if (bits & SO_DDL_MATERIALIZED) {
		if (bits & SO_DDL_OR_REPLACE || persistence == SO_TEMPORARY)
			so_parse_unexpected(p);
		if (so_parse_if_not_exists(p))
			node->bits |= SO_DDL_IF_NOT_EXISTS;
	}
	node->view = so_parse_ddl_table(p);
	if (at(p, SO_TOK_LPAREN) || bits & SO_DDL_RECURSIVE)
		node->columns = so_parse_name_list(p);
	if (bits & SO_DDL_MATERIALIZED) {
		materialized_view(p, node);
		return so_parse_done(p, ref);
	}
	if (accept_kw(p, SO_KW_with))
		node->options = so_parse_storage_options(p);
	so_parse_expect_kw(p, SO_KW_as);
	node->query = so_parse_query(p);
	if (!(bits & SO_DDL_RECURSIVE))
		node->check = check_option(p);
	return so_parse_done(p, ref);
}

/* ---- CREATE STATISTICS ------------------------------------------------------------------------------------------ */

so_ref so_parse_create_statistics(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_STATISTICS, first);
	struct so_n_create_statistics *node = NEW(p, create_statistics, ref);

	if (so_parse_if_not_exists(p))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	if (node->bits || (!at(p, SO_TOK_LPAREN) && !at_kw(p, SO_KW_on)))
		node->name = so_parse_any_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->kinds = so_parse_name_list(p);
	so_parse_expect_kw(p, SO_KW_on);
	size_t mark = so_parse_mark(p);

	do {
		so_ref elem = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);

		AS(p, index_elem, elem)->expr = key_expr(p);
		so_parse_push(p, so_parse_done(p, elem));
	} while (accept(p, SO_TOK_COMMA));
	node->exprs = so_parse_take(p, mark);
	so_parse_expect_kw(p, SO_KW_from);
	node->from = so_parse_from_list(p);
	return so_parse_done(p, ref);
}
