#include "advise/uses.h"

#include <string.h>

#include "advise/atoms.h"
#include "advise/estimate.h"

static void join_conditions(struct so_collector *c, so_ref item)
{
	const struct so_n_join *join;

	if (so_ast_kind(c->rw->ast, item) != SO_N_JOIN)
		return;
	join = so_as_join(c->rw->ast, item);
	join_conditions(c, join->left);
	join_conditions(c, join->right);
	so_ast_conjuncts(c->rw->ast, join->on, so_atoms_visit, c);
}

/* The column that a key of ORDER BY or GROUP BY means: a reference, a label or a number of the select list. */
static bool key_column(const struct so_collector *c, const struct so_n_select *select, so_ref expr, bool labels_first,
	struct so_scope_column *out)
{
	const struct so_ast *ast = c->rw->ast;
	int64_t number;

	if (so_ast_kind(ast, expr) == SO_N_CONST && so_ast_int(ast, expr, &number) && number >= 1 &&
		number <= select->targets.count)
		expr = so_as_target(ast, so_list_get(ast, select->targets, (uint32_t)number - 1))->expr;
	else if (labels_first && so_ast_kind(ast, expr) == SO_N_COLUMN && !so_as_column(ast, expr)->qualifier)
		for (uint32_t i = 0; i < select->targets.count; i++) {
			const struct so_n_target *target = so_as_target(ast, so_list_get(ast, select->targets, i));

			if (target->label.len &&
				so_ast_name_equal(ast, target->label, ast, so_as_column(ast, expr)->name)) {
				expr = target->expr;
				break;
			}
		}
	return so_scope_column(c->rw->scope, expr, out) && out->rel->block == c->block;
}

static void collect_sort(struct so_collector *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->rw->ast;
	struct so_use *use = NULL;
	size_t first = 0, len, end;

	for (uint32_t i = 0; i < select->order_by.count; i++) {
		const struct so_n_sort *sort = so_as_sort(ast, so_list_get(ast, select->order_by, i));
		struct so_scope_column column;
		bool desc = sort->dir == SO_SORT_DESC;

		if (sort->dir == SO_SORT_USING || !key_column(c, select, sort->arg, true, &column) ||
			(use && use->rel != column.rel)) {
			if (use)
				use->n_sort = 0;
			return;
		}
		use = so_atoms_use(c, column.rel);
		if (!use || use->n_sort == SO_USE_SORT)
			return;
		use->sort[use->n_sort++] = (struct so_cand_key){ .column = column.column,
			.desc = desc,
			.nulls_first = sort->nulls == SO_NULLS_DEFAULT ? desc : sort->nulls == SO_NULLS_FIRST };
	}
	if (!use || !so_ast_span(ast, so_list_get(ast, select->order_by, 0), &first, &len))
		return;
	if (so_ast_span(ast, so_list_get(ast, select->order_by, select->order_by.count - 1), &end, &len))
		use->sort_text = so_printf(c->ctx, "ORDER BY %.*s", (int)(end + len - first), c->rw->sql + first);
}

static void collect_group(struct so_collector *c, const struct so_n_select *select)
{
	struct so_use *use = NULL;

	for (uint32_t i = 0; i < select->group_by.count; i++) {
		struct so_scope_column column;

		if (!key_column(c, select, so_list_get(c->rw->ast, select->group_by, i), false, &column) ||
			(use && use->rel != column.rel)) {
			if (use)
				use->n_group = 0;
			return;
		}
		use = so_atoms_use(c, column.rel);
		if (!use || use->n_group == SO_USE_SORT)
			return;
		use->group[use->n_group++] = column.column;
	}
}

/* SELECT min(col) or max(col) and nothing else. */
static void collect_extreme(struct so_collector *c, const struct so_n_select *select)
{
	struct so_scope_column column;
	struct so_use *use;
	so_ref expr;

	if (select->targets.count != 1 || select->group_by.count)
		return;
	expr = so_as_target(c->rw->ast, so_list_get(c->rw->ast, select->targets, 0))->expr;
	if (!so_rewrite_is_call(c->rw, expr, "min", 1) && !so_rewrite_is_call(c->rw, expr, "max", 1))
		return;
	if (!so_scope_column(c->rw->scope, so_list_get(c->rw->ast, so_as_func(c->rw->ast, expr)->args, 0), &column))
		return;
	use = so_atoms_use(c, column.rel);
	if (use && column.rel->block == c->block)
		use->extreme = column.column;
}

/* x IN (SELECT y ...): an index on y finds the rows of the subquery for one x. */
static void collect_tested(struct so_collector *c, const struct so_n_select *select)
{
	enum so_node_kind parent = so_ast_kind(c->rw->ast, so_tree_parent(c->rw->tree, c->block));
	struct so_operand operand;
	struct so_atom *atom;
	so_ref target;

	if ((parent != SO_N_IN && parent != SO_N_QUANT) || select->targets.count != 1)
		return;
	target = so_as_target(c->rw->ast, so_list_get(c->rw->ast, select->targets, 0))->expr;
	if (!so_operand_read(c->ctx, c->rw, target, &operand) || operand.key.expr)
		return;
	atom = so_atoms_add(c, &operand, SO_ATOM_JOIN, target);
	if (atom)
		atom->share =
			so_share_equal(operand.rel->table, &operand.rel->table->columns[operand.key.column], NULL);
}

static void collect_select(struct so_collector *c)
{
	const struct so_n_select *select = so_as_select(c->rw->ast, c->block);
	int64_t limit = 0;

	for (uint32_t i = 0; i < select->from.count; i++)
		join_conditions(c, so_list_get(c->rw->ast, select->from, i));
	so_ast_conjuncts(c->rw->ast, select->where, so_atoms_visit, c);
	collect_tested(c, select);
	if (!select->group_by.count)
		collect_sort(c, select);
	collect_group(c, select);
	collect_extreme(c, select);
	if (select->limit && so_ast_int(c->rw->ast, select->limit, &limit) && limit > 0)
		for (size_t i = 0; i < c->list->count; i++)
			if (c->list->items[i].rel->block == c->block)
				c->list->items[i].limit = (double)limit;
}

/* Changing a row visits it: no index spares that. */
static void need_target_row(struct so_collector *c, so_ref table)
{
	for (size_t i = 0; i < c->list->count; i++)
		if (c->list->items[i].rel->node == table)
			c->list->items[i].needs_all = true;
}

static void collect_block(struct so_collector *c)
{
	const struct so_ast *ast = c->rw->ast;

	switch (so_ast_kind(ast, c->block)) {
	case SO_N_SELECT:
		collect_select(c);
		break;
	case SO_N_UPDATE:
		so_ast_conjuncts(ast, so_as_update(ast, c->block)->where, so_atoms_visit, c);
		need_target_row(c, so_as_update(ast, c->block)->table);
		break;
	case SO_N_DELETE:
		so_ast_conjuncts(ast, so_as_delete(ast, c->block)->where, so_atoms_visit, c);
		need_target_row(c, so_as_delete(ast, c->block)->table);
		break;
	default: /* INSERT: its query is a block of its own */
		break;
	}
}

static enum so_walk note_needed(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_collector *c = arg;
	struct so_scope_column column;
	struct so_use *use;

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_STAR) {
		so_ref block = so_tree_block(c->rw->tree, ref), qualifier = so_as_star(ast, ref)->qualifier;

		for (size_t i = 0; i < c->list->count; i++) {
			use = &c->list->items[i];
			if (use->rel->block == block &&
				(!qualifier || so_ast_name_is(ast, so_as_name(ast, qualifier)->name, use->rel->name)))
				use->needs_all = true;
		}
	}
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	if (so_scope_column(c->rw->scope, ref, &column)) {
		use = so_atoms_use(c, column.rel);
		if (use)
			use->needed[column.column] = true;
		return SO_WALK_ON;
	}
	for (size_t i = 0; i < c->list->count; i++) /* the whole row by the relation's name */
		if (so_ast_name_is(ast, so_as_column(ast, ref)->name, c->list->items[i].rel->name))
			c->list->items[i].needs_all = true;
	return SO_WALK_ON;
}

static void mark_single_row(struct so_use *use)
{
	const struct so_table *table = use->rel->table;

	for (size_t k = 0; k < table->n_keys && !use->single_row; k++) {
		const struct so_key *key = &table->keys[k];
		bool all = key->validated && key->n_columns > 0;

		for (size_t i = 0; all && i < key->n_columns; i++) {
			bool bound = false;

			for (size_t a = 0; a < use->n_atoms; a++)
				bound = bound ||
					(use->atoms[a].kind == SO_ATOM_EQUAL && !use->atoms[a].arm &&
						!use->atoms[a].key.expr && use->atoms[a].key.column == key->columns[i]);
			all = bound;
		}
		use->single_row = all;
	}
}

struct so_use_list *so_uses_collect(TALLOC_CTX *ctx, const struct so_rewriter *rw, const so_ref *skip, size_t n_skip)
{
	struct so_use_list *list = so_new(ctx, struct so_use_list);
	struct so_collector c = { .ctx = list, .rw = rw, .list = list, .skip = skip, .n_skip = n_skip };
	size_t n = so_scope_rel_count(rw->scope);

	list->items = so_new_array(list, struct so_use, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct so_scope_rel *rel = so_scope_rel_at(rw->scope, i);

		if (!rel->table || rel->renamed ||
			(rel->table->kind != SO_TABLE && rel->table->kind != SO_TABLE_PARTITIONED &&
				rel->table->kind != SO_TABLE_MATVIEW))
			continue;
		list->items[list->count] = (struct so_use){
			.rel = rel, .extreme = -1, .needed = so_new_array(list, bool, rel->table->n_columns + 1)
		};
		list->count++;
	}
	for (size_t i = 0; i < so_tree_count(rw->tree); i++) {
		c.block = so_tree_at(rw->tree, i);
		c.pending_or = SO_REF_NONE;
		collect_block(&c);
		if (c.pending_or)
			so_atoms_or(&c, c.pending_or);
	}
	so_ast_walk(rw->ast, so_tree_root(rw->tree), note_needed, &c);
	for (size_t i = 0; i < list->count; i++)
		mark_single_row(&list->items[i]);
	return list;
}
