/* SQLite: INSERT, REPLACE, UPDATE, DELETE. */
#include "sql/sqlite/parse.h"

uint32_t so_sqlite_action(struct parse *p)
{
	static const struct {
		enum so_kw word;
		enum so_or_action action;
	} actions[] = {
		{ SO_KW_rollback, SO_OR_ROLLBACK },
		{ SO_KW_abort, SO_OR_ABORT },
		{ SO_KW_fail, SO_OR_FAIL },
		{ SO_KW_ignore, SO_OR_IGNORE },
		{ SO_KW_replace, SO_OR_REPLACE },
	};

	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (accept_kw(p, actions[i].word))
			return actions[i].action;
	so_parse_unexpected(p);
	return SO_OR_NONE;
}

/* [schema.]table [AS alias] */
static so_ref target_table(struct parse *p)
{
	so_ref ref = so_sqlite_table(p);

	AS(p, table, ref)->alias = so_sqlite_alias(p, true);
	return so_parse_done(p, ref);
}

static so_ref column(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_sqlite_name(p);
	so_ref ref = so_parse_node(p, SO_N_COLUMN, first);

	NEW(p, column, ref)->name = name;
	return ref;
}

/* column = value, or (columns) = value */
static so_ref assignment(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ASSIGN, p->pos);
	struct so_n_assign *node = NEW(p, assign, ref);
	size_t mark = so_parse_mark(p);

	if (at(p, SO_TOK_LPAREN)) {
		node->hdr.flags |= SO_NF_ALL;
		node->columns = so_parse_paren_list(p, column);
	} else {
		so_parse_push(p, column(p));
		node->columns = so_parse_take(p, mark);
	}
	if (at_op(p, SO_OP_EQ))
		advance(p);
	else
		so_parse_unexpected(p);
	node->value = so_parse_expr(p);
	return so_parse_done(p, ref);
}

static so_ref where(struct parse *p)
{
	return accept_kw(p, SO_KW_where) ? so_parse_expr(p) : 0;
}

static void returning(struct parse *p, so_ref ref)
{
	if (accept_kw(p, SO_KW_returning))
		so_as_dml(p->ast, ref)->returning = so_parse_list(p, so_parse_target);
}

/* ON CONFLICT .. DO .., as often as it is written; each but the last names its columns. */
static so_ref upsert(struct parse *p)
{
	so_ref ref;
	struct so_n_on_conflict *node;

	if (!at_kw(p, SO_KW_on))
		return 0;
	ref = so_parse_node(p, SO_N_ON_CONFLICT, p->pos);
	node = AS(p, on_conflict, ref);
	advance(p);
	so_parse_expect_kw(p, SO_KW_conflict);
	if (at(p, SO_TOK_LPAREN)) {
		node->elems = so_parse_paren_list(p, so_sqlite_index_elem);
		node->elems_where = where(p);
	}
	so_parse_expect_kw(p, SO_KW_do);
	if (accept_kw(p, SO_KW_update)) {
		node->update = 1;
		so_parse_expect_kw(p, SO_KW_set);
		node->sets = so_parse_list(p, assignment);
		node->where = where(p);
	} else {
		so_parse_expect_kw(p, SO_KW_nothing);
	}
	so_parse_done(p, ref);
	if (node->elems.count && so_parse_enter(p)) {
		node->next = upsert(p);
		so_parse_leave(p);
	}
	return ref;
}

static so_ref insert(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT, first);
	struct so_n_insert *node = NEW(p, insert, ref);

	node->with = with;
	if (accept_kw(p, SO_KW_replace)) {
		node->or_action = SO_OR_REPLACE;
	} else {
		advance(p);
		if (accept_kw(p, SO_KW_or))
			node->or_action = so_sqlite_action(p);
	}
	so_parse_expect_kw(p, SO_KW_into);
	node->table = target_table(p);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_paren_list(p, column);
	if (!accept_kw2(p, SO_KW_default, SO_KW_values)) {
		node->query = so_sqlite_query(p);
		node->on_conflict = upsert(p);
	}
	returning(p, ref);
	return so_parse_done(p, ref);
}

struct tail {
	struct so_list order_by;
	so_ref limit, offset;
};

/* ORDER BY and LIMIT, which SQLite has for changes when it is built with them */
static struct tail tail(struct parse *p)
{
	struct tail tail = { .limit = 0 };

	if (at_kw(p, SO_KW_order))
		tail.order_by = so_parse_order_by(p);
	if (!accept_kw(p, SO_KW_limit))
		return tail;
	tail.limit = so_parse_expr(p);
	if (accept_kw(p, SO_KW_offset)) {
		tail.offset = so_parse_expr(p);
	} else if (accept(p, SO_TOK_COMMA)) {
		tail.offset = tail.limit;
		tail.limit = so_parse_expr(p);
	}
	return tail;
}

static so_ref update(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_UPDATE, first);
	struct so_n_update *node = NEW(p, update, ref);
	struct tail end;

	advance(p);
	node->with = with;
	if (accept_kw(p, SO_KW_or))
		node->or_action = so_sqlite_action(p);
	node->table = target_table(p);
	so_sqlite_indexed(p, node->table);
	so_parse_expect_kw(p, SO_KW_set);
	node->sets = so_parse_list(p, assignment);
	if (accept_kw(p, SO_KW_from))
		node->from = so_sqlite_from(p);
	node->where = where(p);
	returning(p, ref);
	end = tail(p);
	node->order_by = end.order_by;
	node->limit = end.limit;
	node->offset = end.offset;
	return so_parse_done(p, ref);
}

static so_ref delete_from(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_DELETE, first);
	struct so_n_delete *node = NEW(p, delete, ref);
	struct tail end;

	advance(p);
	so_parse_expect_kw(p, SO_KW_from);
	node->with = with;
	node->table = target_table(p);
	so_sqlite_indexed(p, node->table);
	node->where = where(p);
	returning(p, ref);
	end = tail(p);
	node->order_by = end.order_by;
	node->limit = end.limit;
	node->offset = end.offset;
	return so_parse_done(p, ref);
}

bool so_sqlite_at_dml(const struct parse *p)
{
	return at_kw(p, SO_KW_insert) || at_kw(p, SO_KW_update) || at_kw(p, SO_KW_delete) || at_kw(p, SO_KW_replace);
}

so_ref so_sqlite_dml(struct parse *p, so_ref with, uint32_t first)
{
	if (at_kw(p, SO_KW_update))
		return update(p, with, first);
	if (at_kw(p, SO_KW_delete))
		return delete_from(p, with, first);
	return insert(p, with, first);
}
