/* Nullability and uniqueness. */
#include "sql/facts.h"

#include <stdlib.h>
#include <string.h>

#include "sql/functions.h"

/* ---- Nullability ------------------------------------------------------------------------------------------------ */

static bool is_column(const struct so_resolved *resolved, so_ref expr, int32_t rel, int32_t column)
{
	const struct so_use *use = so_resolved_use(resolved, expr);

	return use && use->kind == SO_USE_OF_COLUMN && use->rel == rel && use->column == column;
}

/* Whether the expression is NULL when the column is: strict all the way down. */
static bool strict_in(const struct so_resolved *resolved, so_ref expr, int32_t rel, int32_t column, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;
	struct so_builtin builtin;

	if (depth > 100)
		return false;
	switch (so_ast_kind(ast, expr)) {
	case SO_N_COLUMN:
		return is_column(resolved, expr, rel, column);
	case SO_N_CAST:
		return strict_in(resolved, so_as_cast(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_COLLATE:
		return strict_in(resolved, so_as_collate(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_OP:
		/* operators of other types may not be strict: only those known to be; of arrays NULL || a is a */
		if (so_as_op(ast, expr)->op == SO_OP_OTHER || so_as_op(ast, expr)->op == SO_OP_CONCAT ||
			so_as_op(ast, expr)->schema)
			return false;
		return (so_as_op(ast, expr)->left &&
			       strict_in(resolved, so_as_op(ast, expr)->left, rel, column, depth + 1)) ||
		       strict_in(resolved, so_as_op(ast, expr)->right, rel, column, depth + 1);
	case SO_N_LIKE:
		return strict_in(resolved, so_as_like(ast, expr)->arg, rel, column, depth + 1) ||
		       strict_in(resolved, so_as_like(ast, expr)->pattern, rel, column, depth + 1);
	case SO_N_NOT:
		return strict_in(resolved, so_as_not(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_FUNC: {
		const struct so_n_func *func = so_as_func(ast, expr);

		if (func->syntax == SO_FS_COALESCE || func->over || func->qualifier ||
			!so_builtin_find(so_ast_name(ast, func->name), &builtin) || !builtin.strict ||
			builtin.kind != 'f')
			return false;
		for (uint32_t i = 0; i < func->args.count; i++)
			if (strict_in(resolved, so_list_get(ast, func->args, i), rel, column, depth + 1))
				return true;
		return false;
	}
	default:
		return false;
	}
}

static bool rejects(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_bool *chain;
	const struct so_n_is *is;
	bool negated = so_ast_has_flag(ast, cond, SO_NF_NOT);

	if (depth > 100)
		return false;
	switch (so_ast_kind(ast, cond)) {
	case SO_N_BOOL:
		chain = so_as_bool(ast, cond);
		for (uint32_t i = 0; i < chain->args.count; i++)
			if (rejects(resolved, so_list_get(ast, chain->args, i), rel, column, depth + 1) ==
				(chain->op == SO_AND))
				return chain->op == SO_AND;
		return chain->op == SO_OR;
	case SO_N_IS:
		is = so_as_is(ast, cond);
		if (is->test == SO_IS_NULL)
			return negated && strict_in(resolved, is->arg, rel, column, 0);
		if (is->test == SO_IS_TRUE || is->test == SO_IS_FALSE)
			return !negated && strict_in(resolved, is->arg, rel, column, 0);
		return false;
	case SO_N_BETWEEN:
		/* NOT BETWEEN may be TRUE by one bound alone, but never for a NULL argument */
		return strict_in(resolved, so_as_between(ast, cond)->arg, rel, column, 0);
	case SO_N_IN:
		/* NULL IN (empty query) is FALSE, NOT IN then TRUE */
		return strict_in(resolved, so_as_in(ast, cond)->arg, rel, column, 0) &&
		       !(negated && so_as_in(ast, cond)->query);
	case SO_N_QUANT:
		return so_as_quant(ast, cond)->quantifier == SO_ANY && so_as_quant(ast, cond)->op != SO_OP_OTHER &&
		       strict_in(resolved, so_as_quant(ast, cond)->left, rel, column, 0);
	default:
		return strict_in(resolved, cond, rel, column, 0);
	}
}

bool so_cond_rejects_null(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column)
{
	return cond && rejects(resolved, cond, rel, column, 0);
}

static bool not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond, unsigned depth);

static bool all_not_null(const struct so_resolved *resolved, struct so_list list, so_ref cond, unsigned depth, bool any)
{
	for (uint32_t i = 0; i < list.count; i++)
		if (not_null(resolved, so_list_get(resolved->ast, list, i), cond, depth) == any)
			return any;
	return !any;
}

static bool func_not_null(const struct so_resolved *resolved, const struct so_n_func *func, so_ref cond, unsigned depth)
{
	struct so_text name = so_ast_name(resolved->ast, func->name);

	if (func->syntax == SO_FS_COALESCE)
		return so_text_is(name, "coalesce") && all_not_null(resolved, func->args, cond, depth, true);
	if (func->syntax == SO_FS_VALUE)
		return !so_text_is(name, "current_schema");
	return func->syntax == SO_FS_CALL && !func->qualifier &&
	       (so_text_is(name, "count") || so_text_is(name, "now") || so_text_is(name, "row_number") ||
		       so_text_is(name, "rank") || so_text_is(name, "dense_rank"));
}

static bool column_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond)
{
	const struct so_use *use = so_resolved_use(resolved, expr);
	const struct so_rel *rel;

	if (!use || use->kind != SO_USE_OF_COLUMN)
		return false;
	rel = &resolved->rels[use->rel];
	if (rel->cols[use->column].not_null && !rel->nullable)
		return true;
	return so_cond_rejects_null(resolved, cond, use->rel, use->column);
}

static bool case_not_null(const struct so_resolved *resolved, const struct so_n_case *node, so_ref cond, unsigned depth)
{
	if (!node->otherwise || !not_null(resolved, node->otherwise, cond, depth))
		return false;
	for (uint32_t i = 0; i < node->whens.count; i++)
		if (!not_null(resolved, so_as_when(resolved->ast, so_list_get(resolved->ast, node->whens, i))->result,
			    cond, depth))
			return false;
	return true;
}

static bool not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_op *op;

	if (++depth > 100)
		return false;
	switch (so_ast_kind(ast, expr)) {
	case SO_N_CONST:
		return so_as_const(ast, expr)->type != SO_C_NULL;
	case SO_N_COLUMN:
		return column_not_null(resolved, expr, cond);
	case SO_N_EXISTS:
	case SO_N_ROW:
	case SO_N_ARRAY:
		return true;
	case SO_N_IS:
		return so_as_is(ast, expr)->test != SO_IS_DOCUMENT && so_as_is(ast, expr)->test != SO_IS_NORMALIZED &&
		       so_as_is(ast, expr)->test != SO_IS_JSON;
	case SO_N_CAST:
		return not_null(resolved, so_as_cast(ast, expr)->arg, cond, depth);
	case SO_N_COLLATE:
		return not_null(resolved, so_as_collate(ast, expr)->arg, cond, depth);
	case SO_N_NOT:
		return not_null(resolved, so_as_not(ast, expr)->arg, cond, depth);
	case SO_N_BOOL:
		return all_not_null(resolved, so_as_bool(ast, expr)->args, cond, depth, false);
	case SO_N_OP:
		/* comparisons and arithmetic of non-NULL values; -> and the like may yield NULL */
		op = so_as_op(ast, expr);
		return op->op >= SO_OP_EQ && op->op <= SO_OP_CONCAT && !op->schema &&
		       (!op->left || not_null(resolved, op->left, cond, depth)) &&
		       not_null(resolved, op->right, cond, depth);
	case SO_N_BETWEEN:
		return not_null(resolved, so_as_between(ast, expr)->arg, cond, depth) &&
		       not_null(resolved, so_as_between(ast, expr)->low, cond, depth) &&
		       not_null(resolved, so_as_between(ast, expr)->high, cond, depth);
	case SO_N_FUNC:
		return func_not_null(resolved, so_as_func(ast, expr), cond, depth);
	case SO_N_CASE:
		return case_not_null(resolved, so_as_case(ast, expr), cond, depth);
	default:
		return false;
	}
}

bool so_expr_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond)
{
	return not_null(resolved, expr, cond, 0);
}

/* ---- Uniqueness ------------------------------------------------------------------------------------------------- */

/* Which columns are determined by the ones we began with. */
struct closure {
	const struct so_resolved *resolved;
	int32_t block;
	so_ref where;
	bool **known; /* [rel][column]; NULL for relations of other blocks */
	bool *done; /* the whole row of the relation is determined */
	bool changed;
};

static void know(struct closure *c, int32_t rel, int32_t column)
{
	if (rel < 0 || column < 0 || !c->known[rel] || c->known[rel][column])
		return;
	c->known[rel][column] = true;
	c->changed = true;
}

static bool is_known(const struct closure *c, so_ref expr)
{
	const struct so_use *use = so_resolved_use(c->resolved, expr);

	if (!use)
		return so_expr_is_fixed(c->resolved, expr);
	if (use->kind != SO_USE_OF_COLUMN)
		return false;
	/* a column of an outer block is fixed while this one runs */
	return use->outer || (c->known[use->rel] && c->known[use->rel][use->column]);
}

struct equality_arg {
	struct closure *c;
	int32_t from, to; /* relations that may become known by this condition */
};

static void equal_to(struct equality_arg *arg, so_ref column, so_ref other)
{
	const struct so_use *use = so_resolved_use(arg->c->resolved, column);

	if (!use || use->kind != SO_USE_OF_COLUMN || use->outer || use->rel < arg->from || use->rel >= arg->to)
		return;
	if (is_known(arg->c, other))
		know(arg->c, use->rel, use->column);
}

static enum so_walk each_equality(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	const struct so_n_op *op;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_OP || so_as_op(ast, ref)->op != SO_OP_EQ || !so_as_op(ast, ref)->left)
		return SO_WALK_ON;
	op = so_as_op(ast, ref);
	equal_to(arg, op->left, op->right);
	equal_to(arg, op->right, op->left);
	return SO_WALK_ON;
}

/* First and last relation below a FROM item, by the order in which they were made. */
static enum so_walk widen_range(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct equality_arg *range = arg;
	int32_t rel = so_resolved_rel(range->c->resolved, ref);

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (rel >= 0) {
		range->from = rel < range->from ? rel : range->from;
		range->to = rel + 1 > range->to ? rel + 1 : range->to;
	}
	return SO_WALK_ON;
}

/* Equalities in ON hold for all rows of an inner join; of an outer join they only tell the nullable side. */
static enum so_walk each_join(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct closure *c = arg;
	struct equality_arg range = { c, INT32_MAX, 0 };
	const struct so_n_join *join;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) != SO_N_JOIN)
		return SO_WALK_ON;
	join = so_as_join(ast, ref);
	if (join->type == SO_JOIN_FULL || join->columns.count || (join->hdr.flags & SO_NF_NATURAL))
		return SO_WALK_ON;
	if (join->type == SO_JOIN_LEFT)
		so_ast_walk(ast, join->right, widen_range, &range);
	else if (join->type == SO_JOIN_RIGHT)
		so_ast_walk(ast, join->left, widen_range, &range);
	else
		so_ast_walk(ast, ref, widen_range, &range);
	so_ast_conjuncts(ast, join->on, each_equality, &range);
	return SO_WALK_ON;
}

static bool key_known(const struct closure *c, int32_t rel, const struct so_key *key)
{
	if (!key->validated || key->deferrable)
		return false;
	for (size_t i = 0; i < key->n_columns; i++) {
		int32_t column = key->columns[i];
		const struct so_rel *r = &c->resolved->rels[rel];

		if (!c->known[rel][column])
			return false;
		/* two rows may both hold NULL */
		if (!key->nulls_not_distinct && !r->cols[column].not_null &&
			!so_cond_rejects_null(c->resolved, c->where, rel, column))
			return false;
	}
	return true;
}

static bool source_known(const struct closure *c, int32_t rel)
{
	const struct so_rel *r = &c->resolved->rels[rel];
	int32_t *outputs;
	size_t n = 0;
	bool unique;

	if (r->source < 0 || r->kind == SO_REL_FUNCTION)
		return false;
	outputs = so_mem_need(calloc(r->n_cols + 1, sizeof *outputs));
	for (size_t i = 0; i < r->n_cols; i++)
		if (c->known[rel][i])
			outputs[n++] = (int32_t)i;
	unique = so_block_outputs_unique(c->resolved, r->source, outputs, n);
	free(outputs);
	return unique;
}

static void determine_rels(struct closure *c)
{
	for (size_t i = 0; i < c->resolved->n_rels; i++) {
		const struct so_rel *rel = &c->resolved->rels[i];
		bool known = false;

		if (!c->known[i] || c->done[i])
			continue;
		for (size_t k = 0; rel->kind == SO_REL_TABLE && rel->table && k < rel->table->n_keys && !known; k++)
			known = key_known(c, (int32_t)i, &rel->table->keys[k]);
		if (!known && rel->kind != SO_REL_TABLE)
			known = source_known(c, (int32_t)i);
		if (!known)
			continue;
		c->done[i] = true;
		for (size_t column = 0; column < rel->n_cols; column++)
			know(c, (int32_t)i, (int32_t)column);
		c->changed = true;
	}
}

static void run_closure(struct closure *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->resolved->ast;
	struct equality_arg all = { c, 0, INT32_MAX };

	do {
		c->changed = false;
		so_ast_conjuncts(ast, select->where, each_equality, &all);
		for (uint32_t i = 0; i < select->from.count; i++)
			so_ast_walk(ast, so_list_get(ast, select->from, i), each_join, c);
		determine_rels(c);
	} while (c->changed);
}

bool so_block_rows_unique(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n)
{
	SO_TMP(tmp, NULL);
	struct closure c = { .resolved = resolved, .block = block };
	const struct so_n_select *select;
	bool unique = true;

	if (so_ast_kind(resolved->ast, resolved->blocks[block].node) != SO_N_SELECT)
		return false;
	select = so_as_select(resolved->ast, resolved->blocks[block].node);
	c.where = select->where;
	c.known = so_new_array(tmp, bool *, resolved->n_rels + 1);
	c.done = so_new_array(tmp, bool, resolved->n_rels + 1);
	for (size_t i = 0; i < resolved->n_rels; i++) {
		bool alias_of_join = so_ast_kind(resolved->ast, resolved->rels[i].node) == SO_N_JOIN;

		if (resolved->rels[i].block == block && !alias_of_join)
			c.known[i] = so_new_array(tmp, bool, resolved->rels[i].n_cols + 1);
	}
	for (size_t i = 0; i < n; i++)
		know(&c, cols[i].rel, cols[i].column);
	run_closure(&c, select);
	for (size_t i = 0; i < resolved->n_rels; i++)
		unique = unique && (!c.known[i] || c.done[i]);
	return unique;
}

static bool has_output(const int32_t *outputs, size_t n, size_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if ((size_t)outputs[i] == wanted)
			return true;
	return false;
}

/* Every GROUP BY expression is among the outputs. */
static bool groups_in_outputs(
	const struct so_resolved *resolved, const struct so_block *block, const int32_t *outputs, size_t n)
{
	const struct so_ast *ast = resolved->ast;
	struct so_list groups = so_as_select(ast, block->node)->group_by;

	for (uint32_t i = 0; i < groups.count; i++) {
		so_ref group = so_list_get(ast, groups, i);
		const struct so_use *use = so_resolved_use(resolved, group);
		bool found = false;
		int64_t position;

		if (so_ast_kind(ast, group) == SO_N_GROUPING)
			return false;
		for (size_t k = 0; k < n && !found; k++) {
			const struct so_col *col = &block->outputs[outputs[k]];

			found = (use && use->kind == SO_USE_OF_COLUMN && col->rel == use->rel &&
					col->column == use->column) ||
				(use && use->kind == SO_USE_OF_OUTPUT && use->column == outputs[k]) ||
				(so_ast_int(ast, group, &position) && position == outputs[k] + 1) ||
				(col->expr && so_ast_equal(ast, col->expr, ast, group));
		}
		if (!found)
			return false;
	}
	return groups.count > 0;
}

static enum so_walk find_aggregate(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_builtin builtin;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) == SO_N_FUNC && !so_as_func(ast, ref)->over &&
		so_builtin_find(so_ast_name(ast, so_as_func(ast, ref)->name), &builtin)) {
		/* one that returns a set multiplies the rows again */
		if (builtin.kind == 'a')
			*(int *)arg |= 1;
		if (builtin.returns_set)
			*(int *)arg |= 2;
	}
	return SO_WALK_ON;
}

bool so_block_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	SO_TMP(tmp, NULL);
	const struct so_ast *ast = resolved->ast;
	const struct so_block *block = &resolved->blocks[number];
	const struct so_n_query *query;
	struct so_rel_col *cols = so_new_array(tmp, struct so_rel_col, n + 1);
	size_t found = 0, all = 0;
	int64_t limit;
	int functions = 0;

	if (!so_kind_is_query(so_ast_kind(ast, block->node)))
		return false;
	query = so_as_query(ast, block->node);
	if (so_ast_int(ast, query->limit, &limit) && limit <= 1 && !(query->hdr.flags & SO_NF_WITH_TIES) &&
		!(query->limit_style & SO_LIMIT_PERCENT))
		return true;
	for (size_t i = 0; i < block->n_outputs; i++)
		all += has_output(outputs, n, i);
	if (so_ast_kind(ast, block->node) == SO_N_SETOP)
		return all == block->n_outputs && !(query->hdr.flags & SO_NF_ALL);
	if (so_ast_kind(ast, block->node) == SO_N_VALUES)
		return so_as_values(ast, block->node)->rows.count == 1;
	const struct so_n_select *select = so_as_select(ast, block->node);

	for (uint32_t i = 0; i < select->targets.count; i++)
		so_ast_walk(ast, so_list_get(ast, select->targets, i), find_aggregate, &functions);
	if ((query->hdr.flags & SO_NF_DISTINCT) && !select->distinct_on.count && all == block->n_outputs)
		return true;
	if (functions & 2)
		return false;
	if (select->group_by.count)
		return groups_in_outputs(resolved, block, outputs, n);
	if (functions & 1)
		return true;
	for (size_t i = 0; i < n; i++) {
		const struct so_col *col = &block->outputs[outputs[i]];

		if (col->rel >= 0)
			cols[found++] = (struct so_rel_col){ col->rel, col->column };
	}
	return so_block_rows_unique(resolved, number, cols, found);
}
