/* INSERT (also into several tables), UPDATE, DELETE and MERGE of Oracle. */
#include "sql/oracle/oracle.h"

/* RETURNING .. INTO .., LOG ERRORS */
static void dml_tail(struct parse *p, so_ref ref, size_t mark)
{
	struct so_n_dml *node = so_as_dml(p->ast, ref);

	if (accept_kw(p, SO_KW_returning) || accept_kw(p, SO_KW_return)) {
		node->returning = so_parse_list(p, so_parse_target);
		if (so_parse_words(p, "bulk collect"))
			set_flag(p, ref, SO_NF_ALL);
		if (accept_kw(p, SO_KW_into))
			node->into = so_parse_list(p, so_parse_c_expr);
	}
	if (at_kw(p, SO_KW_log))
		so_parse_push(p, so_parse_form(p, SO_ORA_log_errors));
	node->extra = so_parse_take(p, mark);
	so_parse_done(p, ref);
}

static so_ref set_target(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN, p->pos);

	AS(p, column, ref)->qualifier = so_parse_qualified(p, &AS(p, column, ref)->name);
	so_parse_done(p, ref);
	return so_oracle_suffix(p, ref);
}

static so_ref assignment(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ASSIGN, p->pos);
	struct so_n_assign *node = NEW(p, assign, ref);
	size_t mark = so_parse_mark(p);

	if (at(p, SO_TOK_LPAREN)) {
		node->hdr.flags |= SO_NF_ALL;
		node->columns = so_parse_paren_list(p, set_target);
	} else if (at_kw(p, SO_KW_value) || so_parse_at_word(p, 0, "row")) {
		/* VALUE(alias) = object, ROW = record */
		so_parse_push(p, so_parse_c_expr(p));
		node->columns = so_parse_take(p, mark);
	} else {
		so_parse_push(p, set_target(p));
		node->columns = so_parse_take(p, mark);
	}
	if (!at_op(p, SO_OP_EQ))
		so_parse_unexpected(p);
	advance(p);
	node->value = so_parse_expr(p);
	return so_parse_done(p, ref);
}

static so_ref where(struct parse *p)
{
	uint32_t first;
	so_ref ref;

	if (!accept_kw(p, SO_KW_where))
		return 0;
	if (!so_parse_at_word(p, 0, "current") || kw_at(p, 1) != SO_KW_of)
		return so_parse_expr(p);
	first = p->pos;
	so_parse_move(p, 2);
	ref = so_parse_node(p, SO_N_CURRENT_OF, first);
	AS(p, current_of, ref)->cursor = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

/* ---- INSERT ----------------------------------------------------------------------------------------------------- */

static so_ref values_row(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items = { 0, 0 };
	so_ref ref;

	if (at(p, SO_TOK_LPAREN)) {
		items = so_parse_paren_list(p, so_parse_expr);
	} else {
		/* a record variable */
		size_t mark = so_parse_mark(p);

		so_parse_push(p, so_parse_c_expr(p));
		items = so_parse_take(p, mark);
	}
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	if (p->tok[first].kind != SO_TOK_LPAREN)
		set_flag(p, ref, SO_NF_STAR);
	return ref;
}

/* INTO table [(columns)] [VALUES ..] */
static void into_table(struct parse *p, so_ref ref)
{
	struct so_n_insert *node = AS(p, insert, ref);

	so_parse_expect_kw(p, SO_KW_into);
	node->table = so_oracle_target(p);
	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0))
		node->columns = so_parse_paren_list(p, set_target);
	if (at_kw(p, SO_KW_values))
		node->query = so_parse_values(p, values_row);
}

static so_ref insert_branch(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT, p->pos);
	size_t mark = so_parse_mark(p);

	into_table(p, ref);
	if (at_kw(p, SO_KW_log))
		so_parse_push(p, so_parse_form(p, SO_ORA_log_errors));
	AS(p, insert, ref)->extra = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static so_ref insert_branches(struct parse *p, so_ref cond, uint32_t first)
{
	so_ref ref, block = so_parse_node(p, SO_N_BLOCK, p->pos);
	size_t mark = so_parse_mark(p);

	do {
		so_parse_push(p, insert_branch(p));
	} while (at_kw(p, SO_KW_into));
	AS(p, block, block)->statements = so_parse_take(p, mark);
	so_parse_done(p, block);
	ref = so_parse_node(p, SO_N_WHEN, first);
	NEW(p, when, ref)->cond = cond;
	NEW(p, when, ref)->result = block;
	return ref;
}

static so_ref insert_all(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT_ALL, first), cond;
	struct so_n_insert_all *node = NEW(p, insert_all, ref);
	size_t mark;

	node->extra = so_oracle_hint(p);
	if (so_parse_at_word(p, 0, "first"))
		node->hdr.flags |= SO_NF_DISTINCT;
	advance(p);
	mark = so_parse_mark(p);
	if (at_kw(p, SO_KW_into)) {
		so_parse_push(p, insert_branches(p, 0, p->pos));
	} else {
		do {
			uint32_t start = p->pos;

			so_parse_expect_kw(p, SO_KW_when);
			cond = so_parse_expr(p);
			so_parse_expect_kw(p, SO_KW_then);
			so_parse_push(p, insert_branches(p, cond, start));
		} while (at_kw(p, SO_KW_when));
		if (accept_kw(p, SO_KW_else))
			so_parse_push(p, insert_branches(p, 0, p->pos - 1));
	}
	node->whens = so_parse_take(p, mark);
	node->query = so_parse_query(p);
	return so_parse_done(p, ref);
}

static so_ref insert(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (at_kw(p, SO_KW_all) || so_parse_at_word(p, 0, "first"))
		return insert_all(p, first);
	ref = so_parse_node(p, SO_N_INSERT, first);
	AS(p, insert, ref)->hints = so_oracle_hint(p);
	AS(p, insert, ref)->with = with;
	into_table(p, ref);
	if (at_kw(p, SO_KW_set)) {
		so_parse_push(p, so_parse_form(p, SO_ORA_insert_set));
	} else if (!AS(p, insert, ref)->query || (at_kw(p, SO_KW_by))) {
		if (so_parse_words(p, "by name"))
			AS(p, insert, ref)->overriding = SO_OVERRIDING_BY_NAME;
		else if (so_parse_words(p, "by position"))
			AS(p, insert, ref)->overriding = SO_OVERRIDING_BY_POSITION;
		AS(p, insert, ref)->query = so_parse_query(p);
	}
	dml_tail(p, ref, mark);
	return ref;
}

/* ---- UPDATE, DELETE ---------------------------------------------------------------------------------------------- */

static so_ref update(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_UPDATE, first);
	struct so_n_update *node = NEW(p, update, ref);
	size_t mark = so_parse_mark(p);

	advance(p);
	node->hints = so_oracle_hint(p);
	node->with = with;
	node->table = so_oracle_target(p);
	so_parse_expect_kw(p, SO_KW_set);
	node->sets = so_parse_list(p, assignment);
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	node->where = where(p);
	dml_tail(p, ref, mark);
	return ref;
}

static so_ref delete_from(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_DELETE, first);
	struct so_n_delete *node = NEW(p, delete, ref);
	size_t mark = so_parse_mark(p);

	advance(p);
	node->hints = so_oracle_hint(p);
	accept_kw(p, SO_KW_from);
	node->with = with;
	node->table = so_oracle_target(p);
	if (accept_kw(p, SO_KW_from))
		node->using = so_parse_from_list(p);
	node->where = where(p);
	dml_tail(p, ref, mark);
	return ref;
}

/* ---- MERGE ------------------------------------------------------------------------------------------------------ */

static so_ref merge_when(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE_WHEN, p->pos);
	struct so_n_merge_when *node = NEW(p, merge_when, ref);

	so_parse_expect_kw(p, SO_KW_when);
	node->match = accept_kw(p, SO_KW_not) ? SO_NOT_MATCHED : SO_MATCHED;
	so_parse_expect_kw(p, SO_KW_matched);
	so_parse_expect_kw(p, SO_KW_then);
	if (node->match == SO_MATCHED && accept_kw(p, SO_KW_delete)) {
		node->action = SO_MERGE_DELETE;
		node->where = where(p);
	} else if (node->match == SO_MATCHED) {
		node->action = SO_MERGE_UPDATE;
		so_parse_expect_kw(p, SO_KW_update);
		so_parse_expect_kw(p, SO_KW_set);
		node->sets = so_parse_list(p, assignment);
		node->where = where(p);
		if (accept_kw(p, SO_KW_delete))
			node->delete_where = where(p);
	} else {
		node->action = SO_MERGE_INSERT;
		so_parse_expect_kw(p, SO_KW_insert);
		if (at(p, SO_TOK_LPAREN))
			node->columns = so_parse_paren_list(p, set_target);
		so_parse_expect_kw(p, SO_KW_values);
		node->values = values_row(p);
		node->where = where(p);
	}
	return so_parse_done(p, ref);
}

static so_ref merge(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE, first);
	struct so_n_merge *node = NEW(p, merge, ref);
	size_t mark = so_parse_mark(p), whens;

	advance(p);
	node->hints = so_oracle_hint(p);
	so_parse_expect_kw(p, SO_KW_into);
	node->with = with;
	node->table = so_oracle_target(p);
	so_parse_expect_kw(p, SO_KW_using);
	node->source = so_parse_from_item(p);
	so_parse_expect_kw(p, SO_KW_on);
	node->on = so_parse_expr(p);
	whens = so_parse_mark(p);
	do {
		so_parse_push(p, merge_when(p));
	} while (at_kw(p, SO_KW_when));
	node->whens = so_parse_take(p, whens);
	dml_tail(p, ref, mark);
	return ref;
}

so_ref so_oracle_dml(struct parse *p, so_ref with, uint32_t first)
{
	switch (kw(p)) {
	case SO_KW_insert:
		return insert(p, with, first);
	case SO_KW_update:
		return update(p, with, first);
	case SO_KW_delete:
		return delete_from(p, with, first);
	case SO_KW_merge:
		return merge(p, with, first);
	default:
		return 0;
	}
}
