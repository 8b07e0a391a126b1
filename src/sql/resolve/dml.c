/* INSERT, UPDATE, DELETE, MERGE. */
#include <string.h>
#include <strings.h>

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

/* The row that was to be inserted, in MySQL: AS n (a, b). */
static int32_t new_row(struct resolver *r, int32_t block, so_ref node, int32_t target)
{
	const struct so_n_insert *insert = so_as_insert(r->ast, node);
	const struct so_n_alias *alias = so_as_alias(r->ast, insert->alias);
	int32_t rel = excluded(r, block, insert->alias, target);
	struct so_rel *row = &r->out->rels[rel];
	struct so_col *cols;

	row->name = so_res_name(r, alias->name);
	row->qualified_only = !alias->columns.count;
	if (!alias->columns.count)
		return rel;
	cols = so_new_array(r->out, struct so_col, alias->columns.count);
	for (uint32_t i = 0; i < alias->columns.count; i++) {
		const struct so_use *use = i < insert->columns.count
						   ? so_resolved_use(r->out, so_list_get(r->ast, insert->columns, i))
						   : NULL;
		size_t column = use && use->column >= 0 ? (size_t)use->column : i;

		cols[i] = column < row->n_cols ? row->cols[column]
					       : (struct so_col){ .type = "", .rel = -1, .column = -1 };
		cols[i].name = so_res_name(r, so_as_name(r->ast, so_list_get(r->ast, alias->columns, i))->name);
	}
	row->table = NULL;
	row->kind = SO_REL_QUERY;
	row->cols = cols;
	row->n_cols = alias->columns.count;
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
	if (kind == SO_N_NAME) {
		struct so_text name = so_ast_name(ast, so_as_name(ast, ref)->name);

		if (name.len == strlen(mention->name) && strncasecmp(name.s, mention->name, name.len) == 0)
			mention->found = true;
	}
	return mention->found ? SO_WALK_STOP : SO_WALK_ON;
}

/* The row before or after the change, where RETURNING or OUTPUT mentions it and nothing else has the name. */
static void row_relation(
	struct resolver *r, so_ref node, int32_t target, struct scope *scope, const char *name, bool nullable)
{
	const struct so_n_dml *dml = so_as_dml(r->ast, node);
	struct mention mention = { .name = name };
	int32_t rel;

	for (uint32_t i = 0; i < dml->returning.count && !mention.found; i++)
		so_ast_walk(r->ast, so_list_get(r->ast, dml->returning, i), look_for_mention, &mention);
	if (dml->output)
		so_ast_walk(r->ast, dml->output, look_for_mention, &mention);
	for (int32_t i = scope->from; i < scope->to; i++)
		if (r->out->rels[i].block == scope->block && strcmp(r->out->rels[i].name, name) == 0)
			mention.found = false;
	if (!mention.found || r->failed)
		return;
	rel = excluded(r, scope->block, dml->table, target);
	r->out->rels[rel].name = name;
	r->out->rels[rel].nullable = nullable;
	r->out->rels[rel].qualified_only = true;
	scope->to = rel + 1;
}

static void on_conflict(struct resolver *r, so_ref node, so_ref insert, int32_t target, const struct scope *scope,
	const struct cte_scope *ctes)
{
	const struct so_n_on_conflict *conflict = so_as_on_conflict(r->ast, node);
	struct scope with_excluded = *scope;

	for (uint32_t i = 0; i < conflict->elems.count; i++)
		so_res_expr(r, so_as_index_elem(r->ast, so_list_get(r->ast, conflict->elems, i))->expr, scope, ctes);
	so_res_expr(r, conflict->elems_where, scope, ctes);
	if (!r->failed && conflict->next)
		on_conflict(r, conflict->next, insert, target, scope, ctes);
	if (r->failed || !conflict->update)
		return;
	if (!so_ast_has_flag(r->ast, node, SO_NF_ALL))
		with_excluded.to = excluded(r, scope->block, node, target) + 1;
	else if (so_as_insert(r->ast, insert)->alias)
		with_excluded.to = new_row(r, scope->block, insert, target) + 1;
	assignments(r, conflict->sets, target, &with_excluded, ctes);
	so_res_expr(r, conflict->where, &with_excluded, ctes);
}

static void insert(struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_insert *insert = so_as_insert(r->ast, node);
	size_t columns, values;
	int32_t query, from = (int32_t)r->out->n_rels;
	struct scope selected, around = *scope;

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
		/* ON DUPLICATE KEY UPDATE may name what the query reads */
		selected = (struct scope){
			.outer = scope->outer, .block = query, .from = from, .to = (int32_t)r->out->n_rels
		};
		if (insert->on_conflict && so_ast_has_flag(r->ast, insert->on_conflict, SO_NF_ALL))
			around.outer = &selected;
	}
	if (insert->on_conflict && !r->failed)
		on_conflict(r, insert->on_conflict, node, target, &around, ctes);
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
		so_res_expr(r, when->where, scope, ctes);
		so_res_expr(r, when->delete_where, scope, ctes);
	}
}

/* The relation of FROM that UPDATE a SET .. FROM t a means, or -1. */
static int32_t target_in_from(struct resolver *r, so_ref table, const struct scope *scope)
{
	const struct so_n_table *node = so_as_table(r->ast, table);
	const char *name = so_res_name(r, node->name);

	for (int32_t i = scope->from; i < scope->to; i++) {
		const struct so_rel *rel = &r->out->rels[i];

		if (rel->block != scope->block)
			continue;
		if (node->qualifier ? rel->table && so_res_same_table(r, rel->table->name, name)
				    : so_res_same_table(r, rel->name, name))
			return i;
	}
	return -1;
}

/* UPDATE a JOIN b SET .., DELETE a FROM .. : what changes are relations of FROM. */
static void several_tables(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	bool update = so_ast_kind(r->ast, node) == SO_N_UPDATE;

	so_res_from(r, update ? so_as_update(r->ast, node)->from : so_as_delete(r->ast, node)->using, scope, ctes);
	for (uint32_t i = 0; update && i < so_as_update(r->ast, node)->sets.count && !r->failed; i++) {
		const struct so_n_assign *assign =
			so_as_assign(r->ast, so_list_get(r->ast, so_as_update(r->ast, node)->sets, i));

		so_res_exprs(r, assign->columns, scope, ctes);
		so_res_expr(r, assign->value, scope, ctes);
	}
	for (uint32_t i = 0; !update && i < so_as_delete(r->ast, node)->targets.count && !r->failed; i++) {
		so_ref table = so_list_get(r->ast, so_as_delete(r->ast, node)->targets, i);

		if (target_in_from(r, table, scope) < 0)
			so_res_fail(r, table, "table \"%s\" is not among those that the statement reads",
				so_res_name(r, so_as_table(r->ast, table)->name));
	}
	so_res_expr(r, update ? so_as_update(r->ast, node)->where : so_as_delete(r->ast, node)->where, scope, ctes);
}

static void change_rows(
	struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	/* T-SQL has read FROM before, to find the target in it */
	bool read = r->ast->dialect == SO_TSQL;

	if (so_ast_kind(r->ast, node) == SO_N_UPDATE) {
		const struct so_n_update *update = so_as_update(r->ast, node);

		if (!read)
			so_res_from(r, update->from, scope, ctes);
		assignments(r, update->sets, target, scope, ctes);
		so_res_expr(r, update->where, scope, ctes);
		so_res_exprs(r, update->order_by, scope, ctes);
	} else {
		const struct so_n_delete *delete = so_as_delete(r->ast, node);

		if (!read)
			so_res_from(r, delete->using, scope, ctes);
		so_res_expr(r, delete->where, scope, ctes);
		so_res_exprs(r, delete->order_by, scope, ctes);
	}
}

/* Adds the target, or finds it in the FROM clause (T-SQL). */
static int32_t read_target(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	so_ref table = so_as_dml(r->ast, node)->table;
	enum so_node_kind kind = so_ast_kind(r->ast, node);
	int32_t target = -1;

	scope->from = scope->to = (int32_t)r->out->n_rels;
	if (so_ast_kind(r->ast, table) != SO_N_TABLE) {
		so_res_fail(r, table, "only changes of tables and views are resolved");
		return -1;
	}
	if (r->ast->dialect == SO_TSQL && (kind == SO_N_UPDATE || kind == SO_N_DELETE)) {
		so_res_from(r,
			kind == SO_N_UPDATE ? so_as_update(r->ast, node)->from : so_as_delete(r->ast, node)->using,
			scope, ctes);
		target = r->failed ? -1 : target_in_from(r, table, scope);
	}
	if (target < 0 && !r->failed)
		/* a CTE may be what is changed */
		target = so_res_table(r, table, scope->block, r->ast->dialect == SO_TSQL ? ctes : NULL);
	scope->to = (int32_t)r->out->n_rels;
	return target;
}

static void returned_rows(
	struct resolver *r, so_ref node, int32_t target, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_dml *dml = so_as_dml(r->ast, node);
	enum so_node_kind kind = so_ast_kind(r->ast, node);
	/* which of the two rows there may be none of */
	bool no_old = kind == SO_N_INSERT || kind == SO_N_MERGE, no_new = kind == SO_N_DELETE || kind == SO_N_MERGE;
	bool output = r->ast->dialect == SO_TSQL;
	int32_t into;

	if (r->ast->dialect == SO_POSTGRESQL || output) {
		row_relation(r, node, target, scope,
			dml->old_alias.len ? so_res_name(r, dml->old_alias)
			: output           ? "deleted"
					   : "old",
			no_old);
		row_relation(r, node, target, scope,
			dml->new_alias.len ? so_res_name(r, dml->new_alias)
			: output           ? "inserted"
					   : "new",
			no_new);
	}
	for (uint32_t i = 0; i < dml->returning.count; i++)
		so_res_expr(r, so_list_get(r->ast, dml->returning, i), scope, ctes);
	if (dml->output && !r->failed) {
		const struct so_n_output *out = so_as_output(r->ast, dml->output);

		so_res_exprs(r, out->targets, scope, ctes);
		into = r->failed ? -1 : so_res_table(r, out->table, scope->block, NULL);
		if (!r->failed)
			target_columns(r, out->columns, into, scope, ctes);
	}
	if (!r->failed)
		so_res_outputs(r, scope->block, dml->returning, scope);
}

static int32_t dml_body(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	int32_t block = so_res_add_block(r, node, parent);
	struct scope scope = {
		.outer = outer, .block = block, .from = (int32_t)r->out->n_rels, .to = (int32_t)r->out->n_rels
	};
	int32_t target;

	if (!so_as_dml(r->ast, node)->table) {
		several_tables(r, node, &scope, ctes);
		return block;
	}
	target = read_target(r, node, &scope, ctes);
	if (r->failed)
		return block;
	switch (so_ast_kind(r->ast, node)) {
	case SO_N_INSERT:
		insert(r, node, target, &scope, ctes);
		break;
	case SO_N_MERGE:
		merge(r, node, target, &scope, ctes);
		break;
	default:
		change_rows(r, node, target, &scope, ctes);
	}
	if (!r->failed)
		returned_rows(r, node, target, &scope, ctes);
	return block;
}

/* INSERT ALL WHEN .. THEN INTO a VALUES (..) SELECT ..: conditions and values are over what the query returns. */
static int32_t insert_all(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	const struct so_n_insert_all *all = so_as_insert_all(r->ast, node);
	int32_t block = so_res_add_block(r, node, parent), rel, query;
	struct scope scope = { .outer = outer, .block = block };

	query = so_res_query(r, all->query, outer, ctes, block);
	if (r->failed)
		return block;
	rel = so_res_add_rel(r, block, all->query, SO_REL_QUERY);
	r->out->rels[rel].source = query;
	r->out->rels[rel].cols = r->out->blocks[query].outputs;
	r->out->rels[rel].n_cols = r->out->blocks[query].n_outputs;
	scope.from = rel;
	scope.to = rel + 1;
	for (uint32_t i = 0; i < all->whens.count && !r->failed; i++) {
		const struct so_n_when *when = so_as_when(r->ast, so_list_get(r->ast, all->whens, i));
		struct so_list inserts = so_as_block(r->ast, when->result)->statements;

		so_res_expr(r, when->cond, &scope, ctes);
		for (uint32_t k = 0; k < inserts.count && !r->failed; k++)
			so_res_dml(r, so_list_get(r->ast, inserts, k), &scope, ctes, block);
	}
	return block;
}

int32_t so_res_dml(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	so_ref with;

	if (r->failed)
		return -1;
	if (so_ast_kind(r->ast, node) == SO_N_INSERT_ALL)
		return insert_all(r, node, outer, ctes, parent);
	with = so_as_dml(r->ast, node)->with;
	if (with)
		return so_res_with(r, node, with, outer, ctes, parent, dml_body);
	return dml_body(r, node, outer, ctes, parent);
}
