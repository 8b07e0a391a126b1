/* INSERT, UPDATE, DELETE, MERGE of T-SQL. */
#include "sql/tsql/parse.h"

/* ---- Targets ---------------------------------------------------------------------------------------------------- */

/* A table, a variable, or a function such as OPENQUERY, with hints. */
static so_ref target(struct parse *p, bool with_alias)
{
	so_ref ref;

	if (at(p, SO_TOK_VARIABLE) && peek_at(p, 1)->kind != SO_TOK_DOT) {
		ref = so_tsql_variable_table(p);
	} else if (so_parse_at_word(p, 0, "openrowset") || so_parse_at_word(p, 0, "openquery") ||
		   so_parse_at_word(p, 0, "opendatasource")) {
		return so_tsql_from_item(p);
	} else {
		ref = so_tsql_table_name(p);
	}
	if (with_alias)
		AS(p, table, ref)->alias = so_tsql_alias(p);
	if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		so_set_rare(p->ast, table, AS(p, table, ref), hints, so_tsql_table_hints(p));
	} else if (at(p, SO_TOK_LPAREN)) {
		struct so_list hints = so_tsql_table_hints(p);

		so_set_rare(p->ast, table, AS(p, table, ref), hints, hints);
	}
	if (with_alias && !AS(p, table, ref)->alias)
		AS(p, table, ref)->alias = so_tsql_alias(p);
	return so_parse_done(p, ref);
}

static so_ref column(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref name = so_parse_any_name(p), ref = so_parse_node(p, SO_N_COLUMN, first);

	AS(p, column, ref)->name = AS(p, name, name)->name;
	AS(p, column, ref)->qualifier = AS(p, name, name)->qualifier;
	return ref;
}

/* ---- OUTPUT ----------------------------------------------------------------------------------------------------- */

/* One OUTPUT goes into a table, one to the client. */
static void output(struct parse *p, so_ref dml)
{
	while (at_kw(p, SO_KW_output)) {
		uint32_t first = p->pos;
		struct so_list targets;
		so_ref ref;

		advance(p);
		targets = so_parse_list(p, so_tsql_target);
		if (!accept_kw(p, SO_KW_into)) {
			so_as_dml(p->ast, dml)->returning = targets;
			continue;
		}
		ref = so_parse_node(p, SO_N_OUTPUT, first);
		NEW(p, output, ref)->targets = targets;
		AS(p, output, ref)->table = at(p, SO_TOK_VARIABLE) ? so_tsql_variable_table(p) : so_tsql_table_name(p);
		if (at(p, SO_TOK_LPAREN))
			AS(p, output, ref)->columns = so_parse_paren_list(p, column);
		so_as_dml(p->ast, dml)->output = so_parse_done(p, ref);
	}
}

static void top(struct parse *p, so_ref dml)
{
	struct so_n_dml *node = so_as_dml(p->ast, dml);

	/* unlike SELECT's, it needs its parentheses */
	if (at_kw(p, SO_KW_top) && peek_at(p, 1)->kind == SO_TOK_INT && !p->lenient) {
		advance(p);
		so_parse_unexpected(p);
		return;
	}
	so_tsql_top(p, &node->limit, &node->limit_style, &node->hdr.flags);
}

static so_ref finish(struct parse *p, so_ref dml)
{
	so_as_dml(p->ast, dml)->hints = so_tsql_query_hints(p);
	return so_parse_done(p, dml);
}

/* ---- INSERT ----------------------------------------------------------------------------------------------------- */

static so_ref insert(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT, first);
	struct so_n_insert *node = NEW(p, insert, ref);

	advance(p);
	node->with = with;
	top(p, ref);
	accept_kw(p, SO_KW_into);
	node->table = target(p, false);
	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0) && peek_at(p, 1)->kind == SO_TOK_RPAREN)
		so_parse_move(p, 2); /* () */
	else if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0))
		node->columns = so_parse_paren_list(p, column);
	output(p, ref);
	if (at_kw(p, SO_KW_exec) || at_kw(p, SO_KW_execute))
		node->query = so_tsql_execute(p);
	else if (!accept_kw2(p, SO_KW_default, SO_KW_values))
		node->query = so_parse_query(p);
	return finish(p, ref);
}

/* ---- UPDATE, DELETE ---------------------------------------------------------------------------------------------- */

static void assign_operator(struct parse *p, so_ref ref)
{
	const struct so_token *token = peek(p);

	if (!so_tsql_is_assign(token)) {
		so_parse_unexpected(p);
		return;
	}
	if (token->kw != SO_OP_EQ)
		AS(p, assign, ref)->op = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	advance(p);
}

/* column = value, @v = value, @v = column = value, column.WRITE(..), column.modify('..') */
static so_ref assignment(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ASSIGN, p->pos);
	struct so_n_assign *node = NEW(p, assign, ref);
	size_t mark = so_parse_mark(p);

	if (at(p, SO_TOK_VARIABLE)) {
		so_parse_push(p, so_parse_own_param(p));
		if (at_op(p, SO_OP_EQ) && so_parse_is_name(p, peek_at(p, 1), SO_USE_COLUMN)) {
			uint32_t n = 2;

			while (peek_at(p, n)->kind == SO_TOK_DOT)
				n += 2;
			if (so_tsql_is_assign(peek_at(p, n))) {
				advance(p);
				so_parse_push(p, column(p));
				node->hdr.flags |= SO_NF_STAR;
			}
		}
	} else {
		uint32_t n = 1;

		while (peek_at(p, n)->kind == SO_TOK_DOT)
			n += 2;
		if (peek_at(p, n)->kind == SO_TOK_LPAREN) {
			node->value = so_parse_c_expr(p);
			return so_parse_done(p, ref);
		}
		so_parse_push(p, column(p));
	}
	node->columns = so_parse_take(p, mark);
	assign_operator(p, ref);
	node->value = so_parse_expr(p);
	return so_parse_done(p, ref);
}

static so_ref where(struct parse *p)
{
	uint32_t first;
	bool global;
	so_ref ref;

	if (!accept_kw(p, SO_KW_where))
		return 0;
	if (!at_kw(p, SO_KW_current) || kw_at(p, 1) != SO_KW_of)
		return so_tsql_condition(p);
	first = p->pos;
	so_parse_move(p, 2);
	global = accept_kw(p, SO_KW_global);
	ref = so_parse_node(p, SO_N_CURRENT_OF, first);
	set_flag(p, ref, global ? SO_NF_ALL : 0);
	if (at(p, SO_TOK_VARIABLE)) {
		AS(p, current_of, ref)->cursor =
			(struct so_name){ .off = peek(p)->off, .len = peek(p)->len & 0x7FFFFFFFu };
		advance(p);
	} else {
		AS(p, current_of, ref)->cursor = so_parse_name(p, SO_USE_COLUMN);
	}
	return so_parse_done(p, ref);
}

static so_ref update(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_UPDATE, first);
	struct so_n_update *node = NEW(p, update, ref);

	advance(p);
	node->with = with;
	top(p, ref);
	node->table = target(p, false);
	so_parse_expect_kw(p, SO_KW_set);
	node->sets = so_parse_list(p, assignment);
	output(p, ref);
	if (accept_kw(p, SO_KW_from))
		node->from = so_parse_from_list(p);
	node->where = where(p);
	return finish(p, ref);
}

static so_ref delete_from(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_DELETE, first);
	struct so_n_delete *node = NEW(p, delete, ref);

	advance(p);
	node->with = with;
	top(p, ref);
	accept_kw(p, SO_KW_from);
	node->table = target(p, false);
	output(p, ref);
	if (accept_kw(p, SO_KW_from))
		node->using = so_parse_from_list(p);
	node->where = where(p);
	return finish(p, ref);
}

/* ---- MERGE ------------------------------------------------------------------------------------------------------ */

static void merge_action(struct parse *p, struct so_n_merge_when *node)
{
	uint32_t first;
	struct so_list items;

	if (node->match != SO_NOT_MATCHED && accept_kw(p, SO_KW_delete)) {
		node->action = SO_MERGE_DELETE;
	} else if (node->match != SO_NOT_MATCHED) {
		node->action = SO_MERGE_UPDATE;
		so_parse_expect_kw(p, SO_KW_update);
		so_parse_expect_kw(p, SO_KW_set);
		node->sets = so_parse_list(p, assignment);
	} else {
		node->action = SO_MERGE_INSERT;
		so_parse_expect_kw(p, SO_KW_insert);
		if (at(p, SO_TOK_LPAREN))
			node->columns = so_parse_paren_list(p, column);
		if (accept_kw2(p, SO_KW_default, SO_KW_values))
			return;
		so_parse_expect_kw(p, SO_KW_values);
		first = p->pos;
		items = so_parse_paren_list(p, so_parse_expr);
		node->values = so_parse_node(p, SO_N_ROW, first);
		AS(p, row, node->values)->items = items;
	}
}

static so_ref merge_when(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE_WHEN, p->pos);
	struct so_n_merge_when *node = NEW(p, merge_when, ref);

	advance(p);
	node->match = accept_kw(p, SO_KW_not) ? SO_NOT_MATCHED : SO_MATCHED;
	so_parse_expect_kw(p, SO_KW_matched);
	if (node->match == SO_NOT_MATCHED && accept_kw(p, SO_KW_by)) {
		if (accept_kw(p, SO_KW_source))
			node->match = SO_NOT_MATCHED_BY_SOURCE;
		else
			so_parse_expect_kw(p, SO_KW_target);
	}
	if (accept_kw(p, SO_KW_and))
		node->cond = so_tsql_condition(p);
	so_parse_expect_kw(p, SO_KW_then);
	merge_action(p, node);
	return so_parse_done(p, ref);
}

static so_ref merge(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_MERGE, first);
	struct so_n_merge *node = NEW(p, merge, ref);
	size_t mark;

	advance(p);
	node->with = with;
	top(p, ref);
	accept_kw(p, SO_KW_into);
	node->table = target(p, true);
	so_parse_expect_kw(p, SO_KW_using);
	node->source = so_parse_from_item(p);
	so_parse_expect_kw(p, SO_KW_on);
	node->on = so_tsql_condition(p);
	mark = so_parse_mark(p);
	if (!at_kw(p, SO_KW_when))
		so_parse_unexpected(p);
	while (at_kw(p, SO_KW_when))
		so_parse_push(p, merge_when(p));
	node->whens = so_parse_take(p, mark);
	output(p, ref);
	return finish(p, ref);
}

so_ref so_tsql_dml(struct parse *p, so_ref with, uint32_t first)
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
		so_parse_unexpected(p);
		return 0;
	}
}
