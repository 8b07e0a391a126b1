/* INSERT, UPDATE, DELETE, MERGE. */
#include "sql/parse/ddl.h"

#include <strings.h>

/* WITH (OLD AS o, NEW AS n) */
static void row_aliases(struct parse *p, struct so_n_dml *node)
{
	so_parse_move(p, 2);
	do {
		struct so_name *alias = so_parse_at_word(p, 0, "old") ? &node->old_alias : &node->new_alias;

		if (alias->len || (!so_parse_at_word(p, 0, "old") && !so_parse_at_word(p, 0, "new")))
			so_parse_unexpected(p);
		advance(p);
		so_parse_expect_kw(p, SO_KW_as);
		*alias = so_parse_name(p, SO_USE_COLUMN);
	} while (accept(p, SO_TOK_COMMA));
	so_parse_expect(p, SO_TOK_RPAREN);
}

static void returning(struct parse *p, so_ref ref)
{
	struct so_n_dml *node = so_as_dml(p->ast, ref);

	if (accept_kw(p, SO_KW_returning)) {
		if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN)
			row_aliases(p, node);
		node->returning = so_parse_list(p, so_parse_target);
	}
	so_parse_done(p, ref);
}

/* A column to be set, with subscripts and fields. */
static so_ref set_target(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, SO_USE_COLUMN);
	so_ref ref = so_parse_node(p, SO_N_COLUMN, first);

	NEW(p, column, ref)->name = name;
	return so_parse_indirection(p, ref);
}

/* column = value, or (columns) = value */
static so_ref assignment(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ASSIGN, p->pos);
	struct so_n_assign *node = NEW(p, assign, ref);

	if (at(p, SO_TOK_LPAREN)) {
		node->hdr.flags |= SO_NF_ALL;
		node->columns = so_parse_paren_list(p, set_target);
	} else {
		size_t mark = so_parse_mark(p);

		so_parse_push(p, set_target(p));
		node->columns = so_parse_take(p, mark);
	}
	if (at_op(p, SO_OP_EQ))
		advance(p);
	else
		so_parse_unexpected(p);
	node->value = so_parse_expr(p);
	return so_parse_done(p, ref);
}

/* Target table with an alias that is no SET and needs AS in INSERT. */
static so_ref target_table(struct parse *p, bool as_only)
{
	so_ref ref = so_parse_relation(p, false);
	bool as = at_kw(p, SO_KW_as);

	if (as || (!as_only && !at_kw(p, SO_KW_set) && so_parse_is_name(p, peek(p), SO_USE_COLUMN))) {
		so_ref alias = so_parse_node(p, SO_N_ALIAS, p->pos);

		accept_kw(p, SO_KW_as);
		AS(p, alias, alias)->name = so_parse_name(p, SO_USE_COLUMN);
		AS(p, table, ref)->alias = so_parse_done(p, alias);
	}
	return so_parse_done(p, ref);
}

static enum so_overriding overriding(struct parse *p)
{
	enum so_overriding which = SO_OVERRIDING_USER;

	if (!accept_kw(p, SO_KW_overriding))
		return SO_OVERRIDING_NONE;
	if (accept_kw(p, SO_KW_system))
		which = SO_OVERRIDING_SYSTEM;
	else
		so_parse_expect_kw(p, SO_KW_user);
	so_parse_expect_kw(p, SO_KW_value);
	return which;
}

/* ---- INSERT ----------------------------------------------------------------------------------------------------- */

static so_ref on_conflict(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ON_CONFLICT, p->pos);
	struct so_n_on_conflict *node = NEW(p, on_conflict, ref);

	so_parse_move(p, 2);
	if (at(p, SO_TOK_LPAREN)) {
		node->elems = so_parse_paren_list(p, so_parse_index_elem);
		if (accept_kw(p, SO_KW_where))
			node->elems_where = so_parse_expr(p);
	} else if (accept_kw(p, SO_KW_on)) {
		so_parse_expect_kw(p, SO_KW_constraint);
		node->constraint = so_parse_name(p, SO_USE_COLUMN);
	}
	so_parse_expect_kw(p, SO_KW_do);
	if (accept_kw(p, SO_KW_update)) {
		node->update = 1;
		so_parse_expect_kw(p, SO_KW_set);
		node->sets = so_parse_list(p, assignment);
		if (accept_kw(p, SO_KW_where))
			node->where = so_parse_expr(p);
	} else {
		so_parse_expect_kw(p, SO_KW_nothing);
	}
	return so_parse_done(p, ref);
}

/* The column list of INSERT, unless the parenthesis opens a query. */
static void insert_columns(struct parse *p, struct so_list *columns)
{
	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0))
		*columns = so_parse_paren_list(p, set_target);
}

static so_ref insert(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT, first);
	struct so_n_insert *node = NEW(p, insert, ref);

	advance(p);
	so_parse_expect_kw(p, SO_KW_into);
	node->with = with;
	node->table = target_table(p, true);
	insert_columns(p, &node->columns);
	node->overriding = overriding(p);
	if (node->columns.count || node->overriding || !accept_kw2(p, SO_KW_default, SO_KW_values))
		node->query = so_parse_query(p);
	if (at_kw(p, SO_KW_on) && kw_at(p, 1) == SO_KW_conflict)
		node->on_conflict = on_conflict(p);
	returning(p, ref);
	return ref;
}

/* ---- UPDATE, DELETE ---------------------------------------------------------------------------------------------- */

static so_ref where_or_current(struct parse *p)
{
	uint32_t first;
	so_ref ref;

	if (!accept_kw(p, SO_KW_where))
		return 0;
	if (!at_kw(p, SO_KW_current) || kw_at(p, 1) != SO_KW_of)
		return so_parse_expr(p);
	first = p->pos;
	so_parse_move(p, 2);
	ref = so_parse_node(p, SO_N_CURRENT_OF, first);
	AS(p, current_of, ref)->cursor = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

static so_ref update(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_UPDATE, first);
	struct so_n_update *node = NEW(p, update, ref);

	advance(p);
	node->with = with;
	node->table = target_table(p, false);
	so_parse_expect_kw(p, SO_KW_set);
	node->sets = so_parse_list(p, assignment);
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	node->where = where_or_current(p);
	returning(p, ref);
	return ref;
}

static so_ref delete (struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_DELETE, first);
	struct so_n_delete *node = NEW(p, delete, ref);

	advance(p);
	so_parse_expect_kw(p, SO_KW_from);
	node->with = with;
	node->table = target_table(p, false);
	if (accept_kw(p, SO_KW_using))
		node->using = so_parse_from_list(p);
	node->where = where_or_current(p);
	returning(p, ref);
	return ref;
}

/* ---- MERGE ------------------------------------------------------------------------------------------------------ */

static void merge_insert(struct parse *p, struct so_n_merge_when *node)
{
	uint32_t first;

	node->action = SO_MERGE_INSERT;
	insert_columns(p, &node->columns);
	node->overriding = overriding(p);
	if (!node->columns.count && !node->overriding && accept_kw2(p, SO_KW_default, SO_KW_values))
		return;
	so_parse_expect_kw(p, SO_KW_values);
	first = p->pos;
	struct so_list items = so_parse_paren_list(p, so_parse_expr);

	node->values = so_parse_node(p, SO_N_ROW, first);
	AS(p, row, node->values)->items = items;
}

static void merge_match(struct parse *p, struct so_n_merge_when *node)
{
	node->match = accept_kw(p, SO_KW_not) ? SO_NOT_MATCHED : SO_MATCHED;
	so_parse_expect_kw(p, SO_KW_matched);
	if (node->match == SO_NOT_MATCHED && accept_kw(p, SO_KW_by)) {
		if (at(p, SO_TOK_WORD) && peek(p)->len == 6 &&
			strncasecmp(so_parse_token_text(p, peek(p)), "source", 6) == 0)
			node->match = SO_NOT_MATCHED_BY_SOURCE;
		advance(p);
	}
	if (accept_kw(p, SO_KW_and))
		node->cond = so_parse_expr(p);
}

static so_ref merge_when(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE_WHEN, p->pos);
	struct so_n_merge_when *node = NEW(p, merge_when, ref);

	so_parse_expect_kw(p, SO_KW_when);
	merge_match(p, node);
	so_parse_expect_kw(p, SO_KW_then);
	if (accept_kw(p, SO_KW_do)) {
		so_parse_expect_kw(p, SO_KW_nothing);
	} else if (node->match != SO_NOT_MATCHED && accept_kw(p, SO_KW_delete)) {
		node->action = SO_MERGE_DELETE;
	} else if (node->match != SO_NOT_MATCHED) {
		node->action = SO_MERGE_UPDATE;
		so_parse_expect_kw(p, SO_KW_update);
		so_parse_expect_kw(p, SO_KW_set);
		node->sets = so_parse_list(p, assignment);
	} else {
		so_parse_expect_kw(p, SO_KW_insert);
		merge_insert(p, node);
	}
	return so_parse_done(p, ref);
}

static so_ref merge(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE, first);
	struct so_n_merge *node = NEW(p, merge, ref);
	size_t mark;

	advance(p);
	so_parse_expect_kw(p, SO_KW_into);
	node->with = with;
	node->table = target_table(p, false);
	so_parse_expect_kw(p, SO_KW_using);
	node->source = so_parse_from_item(p);
	so_parse_expect_kw(p, SO_KW_on);
	node->on = so_parse_expr(p);
	mark = so_parse_mark(p);
	do {
		so_parse_push(p, merge_when(p));
	} while (at_kw(p, SO_KW_when));
	node->whens = so_parse_take(p, mark);
	returning(p, ref);
	return ref;
}

so_ref so_parse_dml(struct parse *p, so_ref with, uint32_t first)
{
	if (p->own && p->rules->dml)
		return p->rules->dml(p, with, first);
	switch (kw(p)) {
	case SO_KW_insert:
		return insert(p, with, first);
	case SO_KW_update:
		return update(p, with, first);
	case SO_KW_delete:
		return delete (p, with, first);
	case SO_KW_merge:
		return merge(p, with, first);
	default:
		so_parse_unexpected(p);
		return 0;
	}
}
