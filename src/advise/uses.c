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
static bool key_column(const struct so_collector *c, so_ref expr, struct so_table_col *out)
{
	const struct so_block *block = &c->rw->resolved->blocks[c->number];
	const struct so_use *use = so_resolved_use(c->rw->resolved, expr);
	const struct so_col *output = NULL;
	int64_t number;

	if (use && use->kind == SO_USE_OF_OUTPUT)
		output = &block->outputs[use->column];
	else if (so_ast_kind(c->rw->ast, expr) == SO_N_CONST && so_ast_int(c->rw->ast, expr, &number) && number >= 1 &&
		 (uint64_t)number <= block->n_outputs)
		output = &block->outputs[number - 1];
	if (output && output->expr)
		expr = output->expr;
	else if (output)
		return so_rewrite_rel_column(c->rw, output->rel, output->column, out) && out->rel->block == c->number;
	return so_rewrite_column(c->rw, expr, out) && out->rel->block == c->number;
}

/* One key more of the order that the block wants of a single relation; false when it is of no or another relation. */
static bool add_sort_key(
	const struct so_collector *c, struct so_usage **use, so_ref expr, bool desc, enum so_nulls nulls)
{
	struct so_table_col column;

	if (!key_column(c, expr, &column) || (*use && (*use)->rel != column.rel))
		return false;
	*use = so_atoms_use(c, column.rel);
	if (!*use || (*use)->n_sort == SO_USE_SORT)
		return false;
	(*use)->sort[(*use)->n_sort++] = (struct so_cand_key){ .column = column.column,
		.desc = desc,
		.nulls_first = nulls == SO_NULLS_DEFAULT ? desc : nulls == SO_NULLS_FIRST };
	return true;
}

/* The keys of a list of SORT nodes; forgets all of them when one is no column of the relation. */
static bool add_sort_list(const struct so_collector *c, struct so_usage **use, struct so_list list)
{
	for (uint32_t i = 0; i < list.count; i++) {
		const struct so_n_sort *sort = so_as_sort(c->rw->ast, so_list_get(c->rw->ast, list, i));

		if (sort->dir != SO_SORT_USING &&
			add_sort_key(c, use, sort->arg, sort->dir == SO_SORT_DESC, sort->nulls))
			continue;
		if (*use)
			(*use)->n_sort = 0;
		return false;
	}
	return *use != NULL;
}

static void collect_sort(struct so_collector *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->rw->ast;
	struct so_usage *use = NULL;
	size_t first = 0, len, end;

	if (!add_sort_list(c, &use, select->order_by) ||
		!so_ast_span(ast, so_list_get(ast, select->order_by, 0), &first, &len))
		return;
	if (so_ast_span(ast, so_list_get(ast, select->order_by, select->order_by.count - 1), &end, &len))
		use->sort_text = so_printf(c->ctx, "ORDER BY %.*s", (int)(end + len - first), c->rw->sql + first);
}

static enum so_walk find_window(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	so_ref *found = arg;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) == SO_N_WINDOW && !so_as_window(ast, ref)->base.len)
		*found = ref;
	return *found ? SO_WALK_STOP : SO_WALK_ON;
}

/* The first window of the select list: rows come sorted by its partition, then by its order. */
static void collect_window(struct so_collector *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->rw->ast;
	const struct so_n_window *window;
	struct so_usage *use = NULL;
	so_ref found = SO_REF_NONE;

	for (uint32_t i = 0; i < select->targets.count && !found; i++)
		so_ast_walk(ast, so_list_get(ast, select->targets, i), find_window, &found);
	if (!found)
		return;
	window = so_as_window(ast, found);
	for (uint32_t i = 0; i < window->partition.count; i++)
		if (!add_sort_key(c, &use, so_list_get(ast, window->partition, i), false, SO_NULLS_DEFAULT)) {
			if (use)
				use->n_sort = 0;
			return;
		}
	if (add_sort_list(c, &use, window->order_by))
		use->sort_text = so_printf(c->ctx, "window %s", so_rewrite_text(c->ctx, c->rw, found));
}

static void collect_group(struct so_collector *c, const struct so_n_select *select)
{
	struct so_usage *use = NULL;

	for (uint32_t i = 0; i < select->group_by.count; i++) {
		struct so_table_col column;

		if (!key_column(c, so_list_get(c->rw->ast, select->group_by, i), &column) ||
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
	if (use)
		use->group_text = "GROUP BY";
}

/* SELECT DISTINCT of columns of one relation, unless they hold a key of it: DISTINCT has nothing to do then. */
static void collect_distinct(struct so_collector *c)
{
	const struct so_block *block = &c->rw->resolved->blocks[c->number];
	struct so_usage *use = NULL;
	int32_t columns[SO_USE_SORT];

	if (block->n_outputs == 0 || block->n_outputs > SO_USE_SORT)
		return;
	for (size_t i = 0; i < block->n_outputs; i++) {
		struct so_table_col column;

		if (!so_rewrite_rel_column(c->rw, block->outputs[i].rel, block->outputs[i].column, &column) ||
			column.rel->block != c->number || (use && use->rel != column.rel))
			return;
		use = so_atoms_use(c, column.rel);
		if (!use)
			return;
		columns[i] = column.column;
	}
	if (so_table_unique_within(use->rel->table, columns, block->n_outputs))
		return;
	memcpy(use->group, columns, block->n_outputs * sizeof columns[0]);
	use->n_group = block->n_outputs;
	use->group_text = "DISTINCT";
}

/* SELECT min(col) or max(col) and nothing else. */
static void collect_extreme(struct so_collector *c, const struct so_n_select *select)
{
	struct so_table_col column;
	struct so_usage *use;
	so_ref expr;

	if (select->targets.count != 1 || select->group_by.count)
		return;
	expr = so_as_target(c->rw->ast, so_list_get(c->rw->ast, select->targets, 0))->expr;
	if (!so_rewrite_is_call(c->rw, expr, "min", 1) && !so_rewrite_is_call(c->rw, expr, "max", 1))
		return;
	if (!so_rewrite_column(c->rw, so_list_get(c->rw->ast, so_as_func(c->rw->ast, expr)->args, 0), &column))
		return;
	use = so_atoms_use(c, column.rel);
	if (use && column.rel->block == c->number)
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
	if (!select->group_by.count && select->order_by.count)
		collect_sort(c, select);
	else if (!select->group_by.count)
		collect_window(c, select);
	if (select->group_by.count)
		collect_group(c, select);
	else if (so_ast_has_flag(c->rw->ast, c->block, SO_NF_DISTINCT) &&
		 !so_rare_select(c->rw->ast, select)->distinct_on.count)
		collect_distinct(c);
	collect_extreme(c, select);
	if (select->limit && so_ast_int(c->rw->ast, select->limit, &limit) && limit > 0)
		for (size_t i = 0; i < c->list->count; i++)
			if (c->list->items[i].rel->block == c->number)
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

/* `*` and `t.*` read whole rows. */
static void note_star(const struct so_collector *c, so_ref star)
{
	const struct so_ast *ast = c->rw->ast;
	int32_t block = so_resolved_block(c->rw->resolved, so_tree_block(c->rw->tree, star));
	so_ref qualifier = so_as_star(ast, star)->qualifier;

	for (size_t i = 0; i < c->list->count; i++) {
		struct so_usage *use = &c->list->items[i];

		if (use->rel->block == block &&
			(!qualifier || so_ast_name_is(ast, so_as_name(ast, qualifier)->name, use->rel->name)))
			use->needs_all = true;
	}
}

static enum so_walk note_needed(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_collector *c = arg;
	struct so_table_col column;
	const struct so_use *meaning;
	struct so_usage *use;

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_STAR)
		note_star(c, ref);
	meaning = so_resolved_use(c->rw->resolved, ref);
	if (!meaning || meaning->rel < 0)
		return SO_WALK_ON;
	use = so_atoms_use(c, &c->rw->resolved->rels[meaning->rel]);
	if (use && so_rewrite_column(c->rw, ref, &column))
		use->needed[column.column] = true;
	else if (use)
		use->needs_all = true; /* the whole row, or a system column, which no index holds */
	return SO_WALK_ON;
}

static void mark_single_row(struct so_usage *use)
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

static void add_usage(struct so_usage_list *list, const struct so_rewriter *rw, const struct so_rel *rel)
{
	const struct so_table *table = so_rewrite_rel_table(rw, rel);

	if (!table ||
		(table->kind != SO_TABLE && table->kind != SO_TABLE_PARTITIONED && table->kind != SO_TABLE_MATVIEW))
		return;
	list->items[list->count++] = (struct so_usage){
		.rel = rel, .extreme = -1, .needed = so_new_array(list, bool, table->n_columns + 1)
	};
}

static bool is_block(const struct so_ast *ast, so_ref ref)
{
	return so_kind_is_query(so_ast_kind(ast, ref)) || so_kind_is_dml(so_ast_kind(ast, ref));
}

/* Relations in the order of the text, block by block; the resolver has those of a subquery before its neighbours. */
static void list_relations(struct so_usage_list *list, const struct so_rewriter *rw)
{
	list->items = so_new_array(list, struct so_usage, rw->resolved->n_rels + 1);
	for (size_t i = 0; i < so_tree_count(rw->tree); i++) {
		int32_t block;

		if (!is_block(rw->ast, so_tree_at(rw->tree, i)))
			continue;
		block = so_resolved_block(rw->resolved, so_tree_at(rw->tree, i));
		for (size_t k = 0; block >= 0 && k < rw->resolved->n_rels; k++)
			if (rw->resolved->rels[k].block == block)
				add_usage(list, rw, &rw->resolved->rels[k]);
	}
}

struct so_usage_list *so_uses_collect(TALLOC_CTX *ctx, const struct so_rewriter *rw, const so_ref *skip, size_t n_skip)
{
	struct so_usage_list *list = so_new(ctx, struct so_usage_list);
	struct so_collector c = { .ctx = list, .rw = rw, .list = list, .skip = skip, .n_skip = n_skip };

	if (!rw->resolved)
		return list;
	list_relations(list, rw);
	for (size_t i = 0; i < so_tree_count(rw->tree); i++) {
		c.block = so_tree_at(rw->tree, i);
		if (!is_block(rw->ast, c.block))
			continue;
		c.number = so_resolved_block(rw->resolved, c.block);
		c.pending_or = SO_REF_NONE;
		if (c.number >= 0)
			collect_block(&c);
		if (c.pending_or)
			so_atoms_or(&c, c.pending_or);
	}
	so_ast_walk(rw->ast, so_tree_root(rw->tree), note_needed, &c);
	for (size_t i = 0; i < list->count; i++)
		mark_single_row(&list->items[i]);
	return list;
}
