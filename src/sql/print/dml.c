/* INSERT, UPDATE, DELETE, MERGE. */
#include "sql/print/ddl.h"

/* A column to be set: here fields follow without parentheses, address.street. */
static void put_set_target(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_FIELD:
		put_set_target(pr, GET(pr, field, ref)->arg);
		so_put(pr, ".");
		so_put_name(pr, GET(pr, field, ref)->name, SO_PLACE_LABEL);
		return;
	case SO_N_SUBSCRIPT:
		put_set_target(pr, GET(pr, subscript, ref)->arg);
		so_put_brackets(pr, GET(pr, subscript, ref));
		return;
	default:
		so_put_expr(pr, ref, SO_LV_ANY);
	}
}

static void put_columns(struct printer *pr, struct so_list columns)
{
	so_put(pr, "(");
	so_put_list(pr, columns, put_set_target);
	so_put(pr, ")");
}

static void put_assign(struct printer *pr, so_ref ref)
{
	const struct so_n_assign *node = GET(pr, assign, ref);

	if (node->hdr.flags & SO_NF_ALL)
		put_columns(pr, node->columns);
	else
		so_put_list(pr, node->columns, put_set_target);
	so_put(pr, " = ");
	so_put_expr(pr, node->value, SO_LV_ANY);
}

static void put_overriding(struct printer *pr, uint32_t overriding)
{
	static const char *const words[] = { "", " OVERRIDING USER VALUE", " OVERRIDING SYSTEM VALUE", " BY NAME",
		" BY POSITION" };

	so_put(pr, words[overriding]);
}

static void put_where(struct printer *pr, so_ref where)
{
	if (!where)
		return;
	so_put_break(pr);
	so_put(pr, "WHERE ");
	so_put_expr(pr, where, SO_LV_ANY);
}

static void put_from(struct printer *pr, const char *word, struct so_list from)
{
	if (!from.count)
		return;
	so_put_break(pr);
	so_put(pr, word);
	so_put_list(pr, from, so_put_from_item);
}

static void put_on_conflict(struct printer *pr, so_ref ref)
{
	const struct so_n_on_conflict *node = GET(pr, on_conflict, ref);

	so_put_break(pr);
	so_put(pr, "ON CONFLICT");
	if (node->elems.count) {
		so_put(pr, " (");
		so_put_list(pr, node->elems, so_put_index_elem);
		so_put(pr, ")");
	}
	if (node->elems_where) {
		so_put(pr, " WHERE ");
		so_put_expr(pr, node->elems_where, SO_LV_ANY);
	}
	if (node->constraint.len) {
		so_put(pr, " ON CONSTRAINT ");
		so_put_name(pr, node->constraint, SO_PLACE_COLUMN);
	}
	if (!node->update) {
		so_put(pr, " DO NOTHING");
		return;
	}
	so_put(pr, " DO UPDATE");
	pr->indent++;
	so_put_break(pr);
	so_put(pr, "SET");
	so_put_lines(pr, node->sets, put_assign);
	put_where(pr, node->where);
	pr->indent--;
}

static void put_insert(struct printer *pr, const struct so_n_insert *node)
{
	so_put(pr, "INSERT");
	so_put_hints(pr, node->hints);
	so_put(pr, so_lite_action(node->or_action));
	so_put(pr, " INTO ");
	so_put_from_item(pr, node->table);
	if (node->columns.count) {
		so_put(pr, " ");
		put_columns(pr, node->columns);
	}
	put_overriding(pr, node->overriding);
	if (node->query) {
		so_put_break(pr);
		so_put_statement(pr, node->query);
	} else if (!node->extra.count) {
		so_put_break(pr);
		so_put(pr, "DEFAULT VALUES");
	}
	for (so_ref next = node->on_conflict; next; next = GET(pr, on_conflict, next)->next)
		put_on_conflict(pr, next);
}

/* INTO table (columns) VALUES (..) of INSERT ALL. */
void so_put_insert_branch(struct printer *pr, so_ref ref)
{
	const struct so_n_insert *node = GET(pr, insert, ref);

	so_put(pr, "INTO ");
	so_put_from_item(pr, node->table);
	if (node->columns.count) {
		so_put(pr, " ");
		put_columns(pr, node->columns);
	}
	if (node->query) {
		so_put(pr, " ");
		so_put_statement(pr, node->query);
	}
	so_put_phrases(pr, node->extra);
}

static void put_set(struct printer *pr, struct so_list sets)
{
	so_put_break(pr);
	so_put(pr, "SET");
	so_put_lines(pr, sets, put_assign);
}

void so_put_merge_match(struct printer *pr, const struct so_n_merge_when *node)
{
	static const char *const matches[] = { "WHEN MATCHED", "WHEN NOT MATCHED", "WHEN NOT MATCHED BY SOURCE" };

	so_put_break(pr);
	so_put(pr, matches[node->match]);
	if (node->cond) {
		so_put(pr, " AND ");
		so_put_expr(pr, node->cond, SO_LV_ANY);
	}
	so_put(pr, " THEN ");
}

static void put_merge_when(struct printer *pr, so_ref ref)
{
	const struct so_n_merge_when *node = GET(pr, merge_when, ref);

	so_put_merge_match(pr, node);
	switch ((enum so_merge_action)node->action) {
	case SO_MERGE_NOTHING:
		so_put(pr, "DO NOTHING");
		return;
	case SO_MERGE_DELETE:
		so_put(pr, "DELETE");
		pr->indent++;
		put_where(pr, node->where);
		pr->indent--;
		return;
	case SO_MERGE_UPDATE:
		so_put(pr, "UPDATE SET");
		pr->indent++;
		so_put_lines(pr, node->sets, put_assign);
		put_where(pr, node->where);
		if (node->delete_where) {
			so_put_break(pr);
			so_put(pr, "DELETE WHERE ");
			so_put_expr(pr, node->delete_where, SO_LV_ANY);
		}
		pr->indent--;
		return;
	case SO_MERGE_INSERT:
		break;
	}
	so_put(pr, "INSERT");
	if (node->columns.count) {
		so_put(pr, " ");
		put_columns(pr, node->columns);
	}
	put_overriding(pr, node->overriding);
	if (!node->values) {
		so_put(pr, " DEFAULT VALUES");
		return;
	}
	so_put(pr, " VALUES (");
	so_put_list(pr, GET(pr, row, node->values)->items, so_put_expr_item);
	so_put(pr, ")");
	pr->indent++;
	put_where(pr, node->where);
	pr->indent--;
}

void so_put_merge_head(struct printer *pr, const struct so_n_merge *node)
{
	bool paren = so_features_have(&pr->features, SO_FEAT_MERGE_PAREN);

	so_put(pr, " INTO ");
	so_put_from_item(pr, node->table);
	so_put_break(pr);
	so_put(pr, "USING ");
	so_put_from_item(pr, node->source);
	so_put(pr, paren ? " ON (" : " ON ");
	so_put_expr(pr, node->on, SO_LV_ANY);
	so_put(pr, paren ? ")" : "");
}

static void put_merge(struct printer *pr, const struct so_n_merge *node)
{
	so_put(pr, "MERGE");
	so_put_hints(pr, node->hints);
	so_put_merge_head(pr, node);
	for (uint32_t i = 0; i < node->whens.count; i++)
		put_merge_when(pr, so_list_get(pr->ast, node->whens, i));
}

static void put_statement(struct printer *pr, so_ref ref)
{
	if (is_my(pr) && so_put_my_dml(pr, ref))
		return;
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_INSERT:
		put_insert(pr, GET(pr, insert, ref));
		return;
	case SO_N_UPDATE:
		so_put(pr, "UPDATE");
		so_put_hints(pr, GET(pr, update, ref)->hints);
		so_put(pr, so_lite_action(GET(pr, update, ref)->or_action));
		so_put(pr, " ");
		so_put_from_item(pr, GET(pr, update, ref)->table);
		put_set(pr, GET(pr, update, ref)->sets);
		put_from(pr, "FROM ", GET(pr, update, ref)->from);
		put_where(pr, GET(pr, update, ref)->where);
		return;
	case SO_N_DELETE:
		so_put(pr, "DELETE");
		so_put_hints(pr, GET(pr, delete, ref)->hints);
		so_put(pr, " FROM ");
		so_put_from_item(pr, GET(pr, delete, ref)->table);
		put_from(pr, so_features_have(&pr->features, SO_FEAT_DELETE_FROM) ? "FROM " : "USING ",
			GET(pr, delete, ref)->using);
		put_where(pr, GET(pr, delete, ref)->where);
		return;
	default:
		put_merge(pr, GET(pr, merge, ref));
	}
}

/* WITH (OLD AS o, NEW AS n) */
static void put_row_aliases(struct printer *pr, const struct so_n_dml *node)
{
	if (!node->old_alias.len && !node->new_alias.len)
		return;
	so_put(pr, "WITH (");
	if (node->old_alias.len) {
		so_put(pr, "OLD AS ");
		so_put_name(pr, node->old_alias, SO_PLACE_COLUMN);
	}
	so_put(pr, node->old_alias.len && node->new_alias.len ? ", " : "");
	if (node->new_alias.len) {
		so_put(pr, "NEW AS ");
		so_put_name(pr, node->new_alias, SO_PLACE_COLUMN);
	}
	so_put(pr, ") ");
}

/* Statements that change data, and their parts. */
void so_put_dml(struct printer *pr, so_ref ref)
{
	const struct so_n_dml *node;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_ON_CONFLICT:
		put_on_conflict(pr, ref);
		return;
	case SO_N_INDEX_ELEM:
		so_put_index_elem(pr, ref);
		return;
	case SO_N_ASSIGN:
		put_assign(pr, ref);
		return;
	case SO_N_MERGE_WHEN:
		put_merge_when(pr, ref);
		return;
	default:
		break;
	}
	node = so_as_dml(pr->ast, ref);
	if (node->with) {
		so_put_with(pr, node->with);
		so_put_break(pr);
	}
	put_statement(pr, ref);
	if (node->returning.count) {
		so_put_break(pr);
		so_put(pr, "RETURNING ");
		put_row_aliases(pr, node);
		so_put_list(pr, node->returning, so_put_target);
	}
	if (is_lite(pr))
		so_put_lite_dml_tail(pr, ref);
	if (!so_features_have(&pr->features, SO_FEAT_RETURNING_INTO))
		return;
	if (node->into.count) {
		so_put(pr, node->hdr.flags & SO_NF_ALL ? " BULK COLLECT INTO " : " INTO ");
		so_put_list(pr, node->into, so_put_expr_item);
	}
	so_put_phrases(pr, node->extra);
}
