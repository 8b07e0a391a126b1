/* INSERT, UPDATE, DELETE, MERGE. */
#include <string.h>

#include "sql/resolve/resolver.h"

/* Columns that are set must be columns of the target. */
static void target_columns(struct resolver *r, struct so_list columns, int32_t rel, const struct scope *scope,
	const struct cte_scope *ctes)
{
	for (uint32_t i = 0; i < columns.count && !r->failed; i++) {
		so_ref node = so_list_get(r->ast, columns, i);
		int32_t column;
		const char *name;

		while (so_ast_kind(r->ast, node) != SO_N_COLUMN) {
			if (so_ast_kind(r->ast, node) == SO_N_SUBSCRIPT) {
				so_res_expr(r, so_as_subscript(r->ast, node)->lower, scope, ctes);
				so_res_expr(r, so_as_subscript(r->ast, node)->upper, scope, ctes);
				node = so_as_subscript(r->ast, node)->arg;
			} else {
				node = so_as_field(r->ast, node)->arg;
			}
		}
		name = so_res_name(r, so_as_column(r->ast, node)->name);
		column = so_res_find_col(r, &r->out->rels[rel], name);
		if (column < 0 && !r->out->rels[rel].open) {
			so_res_fail(r, node, "column \"%s\" of relation \"%s\" does not exist", name,
				r->out->rels[rel].name);
			return;
		}
		so_res_add_use(r, (struct so_use){ .node = node,
					  .kind = column < 0 ? SO_USE_OF_OTHER : SO_USE_OF_COLUMN,
					  .block = scope->block,
					  .rel = rel,
					  .column = column });
	}
}

static void assignments(
	struct resolver *r, struct so_list sets, int32_t rel, const struct scope *scope, const struct cte_scope *ctes)
{
	for (uint32_t i = 0; i < sets.count && !r->failed; i++) {
		const struct so_n_assign *assign = so_as_assign(r->ast, so_list_get(r->ast, sets, i));

		target_columns(r, assign->columns, rel, scope, ctes);
		so_res_expr(r, assign->value, scope, ctes);
	}
}

static int32_t excluded(struct resolver *r, int32_t block, so_ref node, int32_t target)
{
	int32_t rel = so_res_add_rel(r, block, node, SO_REL_TABLE);

	r->out->rels[rel].name = "excluded";
	r->out->rels[rel].table = r->out->rels[target].table;
	r->out->rels[rel].cols = r->out->rels[target].cols;
	r->out->rels[rel].n_cols = r->out->rels[target].n_cols;
	r->out->rels[rel].open = r->out->rels[target].open;
	return rel;
}

struct mention {
	const char *name;
	bool found;
};

static enum so_walk look_for_mention(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct mention *mention = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	if (kind == SO_N_NAME && so_ast_name_is(ast, so_as_name(ast, ref)->name, mention->name))
		mention->found = true;
	return mention->found ? SO_WALK_STOP : SO_WALK_ON;
}

/* The row before or after the change, where RETURNING mentions it and nothing else has the name. */
static void row_relation(struct resolver *r, so_ref node, int32_t target, struct scope *scope, const char *name)
{
	const struct so_n_dml *dml = so_as_dml(r->ast, node);
	struct mention mention = { .name = name };
	int32_t rel;

	for (uint32_t i = 0; i < dml->returning.count && !mention.found; i++)
		so_ast_walk(r->ast, so_list_get(r->ast, dml->returning, i), look_for_mention, &mention);
	for (int32_t i = scope->from; i < scope->to; i++)
		if (r->out->rels[i].block == scope->block && strcmp(r->out->rels[i].name, name) == 0)
			mention.found = false;
	if (!mention.found || r->failed)
		return;
	rel = excluded(r, scope->block, dml->table, target);
	r->out->rels[rel].name = name;
	r->out->rels[rel].nullable = true;
	r->out->rels[rel].qualified_only = true;
	scope->to = rel + 1;
}

static void on_conflict(
	struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_on_conflict *conflict = so_as_on_conflict(r->ast, node);
	struct scope with_excluded = *scope;

	for (uint32_t i = 0; i < conflict->elems.count; i++)
		so_res_expr(r, so_as_index_elem(r->ast, so_list_get(r->ast, conflict->elems, i))->expr, scope, ctes);
	so_res_expr(r, conflict->elems_where, scope, ctes);
	if (r->failed || !conflict->update)
		return;
	with_excluded.to = excluded(r, scope->block, node, target) + 1;
	assignments(r, conflict->sets, target, &with_excluded, ctes);
	so_res_expr(r, conflict->where, &with_excluded, ctes);
}

static void insert(struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_insert *insert = so_as_insert(r->ast, node);
	size_t columns, values;
	int32_t query;

	target_columns(r, insert->columns, target, scope, ctes);
	/* not INSERT .. EXECUTE, whose columns nobody knows */
	if (insert->query && !r->failed && so_kind_is_query(so_ast_kind(r->ast, insert->query))) {
		query = so_res_query(r, insert->query, scope->outer, ctes, scope->block);
		if (r->failed)
			return;
		columns = insert->columns.count ? insert->columns.count : r->out->rels[target].n_cols;
		values = r->out->blocks[query].n_outputs;
		if (values > columns && !r->out->rels[target].open)
			so_res_fail(r, insert->query, "INSERT has more expressions than target columns");
		else if (insert->columns.count > values && values)
			so_res_fail(r, insert->query, "INSERT has more target columns than expressions");
	}
	if (insert->on_conflict && !r->failed)
		on_conflict(r, insert->on_conflict, target, scope, ctes);
}

static void merge(struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_merge *merge = so_as_merge(r->ast, node);

	so_res_from_item(r, merge->source, scope, ctes);
	so_res_expr(r, merge->on, scope, ctes);
	for (uint32_t i = 0; i < merge->whens.count && !r->failed; i++) {
		const struct so_n_merge_when *when = so_as_merge_when(r->ast, so_list_get(r->ast, merge->whens, i));

		so_res_expr(r, when->cond, scope, ctes);
		assignments(r, when->sets, target, scope, ctes);
		target_columns(r, when->columns, target, scope, ctes);
		so_res_expr(r, when->values, scope, ctes);
	}
}

static int32_t dml_body(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	int32_t block = so_res_add_block(r, node, parent);
	const struct so_n_dml *dml = so_as_dml(r->ast, node);
	struct scope scope = { .outer = outer, .block = block };
	int32_t target;

	if (!dml->table)
		so_res_fail(r, node, "statements that change several tables are not resolved");
	target = r->failed ? -1 : so_res_table(r, dml->table, block, NULL);
	if (r->failed)
		return block;
	scope.from = target;
	scope.to = target + 1;
	switch (so_ast_kind(r->ast, node)) {
	case SO_N_INSERT:
		insert(r, node, target, &scope, ctes);
		break;
	case SO_N_UPDATE:
		so_res_from(r, so_as_update(r->ast, node)->from, &scope, ctes);
		assignments(r, so_as_update(r->ast, node)->sets, target, &scope, ctes);
		so_res_expr(r, so_as_update(r->ast, node)->where, &scope, ctes);
		break;
	case SO_N_DELETE:
		so_res_from(r, so_as_delete(r->ast, node)->using, &scope, ctes);
		so_res_expr(r, so_as_delete(r->ast, node)->where, &scope, ctes);
		break;
	default:
		merge(r, node, target, &scope, ctes);
	}
	if (r->ast->dialect == SO_POSTGRESQL) {
		row_relation(r, node, target, &scope, dml->old_alias.len ? so_res_name(r, dml->old_alias) : "old");
		row_relation(r, node, target, &scope, dml->new_alias.len ? so_res_name(r, dml->new_alias) : "new");
	}
	for (uint32_t i = 0; i < dml->returning.count; i++)
		so_res_expr(r, so_list_get(r->ast, dml->returning, i), &scope, ctes);
	if (!r->failed)
		so_res_outputs(r, block, dml->returning, &scope);
	return block;
}

int32_t so_res_dml(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	so_ref with = so_as_dml(r->ast, node)->with;

	if (r->failed)
		return -1;
	if (with)
		return so_res_with(r, node, with, outer, ctes, parent, dml_body);
	return dml_body(r, node, outer, ctes, parent);
}
