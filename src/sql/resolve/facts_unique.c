/* Uniqueness, functional dependencies, constants and equal columns of a block, from its keys and conditions: what is
 * asked of the closure. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/facts.h"
#include "sql/resolve/facts_closure.h"
#include "sql/resolve/facts_function.h"
#include "sql/resolve/memo.h"

static enum so_walk find_partitioned(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	(void)arg;
	if (so_ast_kind(ast, ref) == SO_N_JOIN &&
		(so_as_join(ast, ref)->partition.count || so_as_join(ast, ref)->right_partition.count))
		return SO_WALK_STOP;
	return so_kind_is_query(so_ast_kind(ast, ref)) ? SO_WALK_SKIP : SO_WALK_ON;
}

/* CONNECT BY, MODEL and partitioned outer joins make rows that are in no table, or a row several times. */
static bool makes_rows(const struct so_resolved *resolved, int32_t block)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_select *select = so_as_select(ast, resolved->blocks[block].node);
	const struct so_rare_select *rare = so_rare_select(ast, select);

	if (ast->dialect != SO_ORACLE)
		return false;
	for (uint32_t i = 0; i < rare->extra.count; i++)
		if (so_closure_phrase_begins(ast, so_list_get(ast, rare->extra, i), "MODEL"))
			return true;
	for (uint32_t i = 0; i < select->from.count; i++)
		if (!so_ast_walk(ast, so_list_get(ast, select->from, i), find_partitioned, NULL))
			return true;
	return rare->hierarchy != 0;
}

static bool everything_done(const struct closure *c)
{
	return !makes_rows(c->resolved, c->block) && so_closure_all_done(c, c->from, c->to);
}

static bool valid_col(const struct closure *c, struct so_rel_col col)
{
	return col.rel >= 0 && (size_t)col.rel < c->resolved->n_rels && so_closure_known(c, col.rel) &&
	       col.column >= 0 && (size_t)col.column < c->resolved->rels[col.rel].n_cols;
}

bool so_block_rows_unique(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	bool unique;

	if (!so_closure_begin(tmp, resolved, block, &c))
		return false;
	for (size_t i = 0; i < n; i++)
		so_closure_know(&c, cols[i].rel, cols[i].column);
	so_closure_run(&c);
	unique = everything_done(&c);
	so_closure_end(&c);
	return unique;
}

bool so_block_determines(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n,
	struct so_rel_col col)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	bool determined;

	if (!so_closure_begin(tmp, resolved, block, &c))
		return false;
	for (size_t i = 0; i < n; i++)
		so_closure_know(&c, cols[i].rel, cols[i].column);
	so_closure_run(&c);
	determined = valid_col(&c, col) && so_closure_known(&c, col.rel)[col.column];
	so_closure_end(&c);
	return determined;
}

/* ---- Equal columns and constants -------------------------------------------------------------------------------- */

static bool same_col(struct so_rel_col a, struct so_rel_col b)
{
	return a.rel == b.rel && a.column == b.column;
}

/* The columns that equal `col` in every row: found[0] is itself. All steps compare in one way, so it is transitive. */
static size_t equal_columns(const struct closure *c, struct so_rel_col col, struct so_rel_col *found)
{
	struct so_comparison cmp;
	size_t n = 0;

	found[n++] = col;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < c->n; k++) {
			const struct equality *e = &c->equalities[k];
			struct so_rel_col other;
			bool again = false;

			if (!e->holds || e->left.rel < 0 || e->right.rel < 0 ||
				(!same_col(e->left, found[i]) && !same_col(e->right, found[i])))
				continue;
			other = same_col(e->left, found[i]) ? e->right : e->left;
			so_column_comparison(c->resolved, found[i], other, &cmp);
			for (size_t m = 0; m < n; m++)
				again = again || same_col(found[m], other);
			if (!again && cmp.left_gives_right && cmp.right_gives_left)
				found[n++] = other;
		}
	return n;
}

bool so_block_columns_equal(const struct so_resolved *resolved, int32_t block, struct so_rel_col a, struct so_rel_col b)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	struct so_rel_col *found;
	bool equal = false;

	if (!so_closure_begin(tmp, resolved, block, &c))
		return false;
	if (valid_col(&c, a) && valid_col(&c, b)) {
		found = so_new_array(tmp, struct so_rel_col, 2 * c.n + 2);
		for (size_t i = equal_columns(&c, a, found); i--;)
			equal = equal || same_col(found[i], b);
	}
	so_closure_end(&c);
	return equal;
}

so_ref so_block_constant(const struct so_resolved *resolved, int32_t block, struct so_rel_col col)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	struct so_comparison cmp;
	struct so_rel_col *found;
	so_ref constant = 0;

	if (!so_closure_begin(tmp, resolved, block, &c))
		return 0;
	found = so_new_array(tmp, struct so_rel_col, 2 * c.n + 2);
	for (size_t i = valid_col(&c, col) ? equal_columns(&c, col, found) : 0; i-- && !constant;)
		for (size_t k = 0; k < c.n && !constant; k++) {
			const struct equality *e = &c.equalities[k];
			bool left = same_col(e->left, found[i]);
			so_ref value = left ? e->right_expr : e->left_expr;

			if (!e->holds || !value || (!left && !same_col(e->right, found[i])) ||
				(left ? e->right.rel : e->left.rel) >= 0 || !so_ast_is_constant(resolved->ast, value))
				continue;
			so_exprs_comparison(resolved, value, left ? e->left_expr : e->right_expr, &cmp);
			if (cmp.left_gives_right)
				constant = value;
		}
	so_closure_end(&c);
	return constant;
}

/* ---- Outputs ---------------------------------------------------------------------------------------------------- */

static bool has_output(const int32_t *outputs, size_t n, size_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if ((size_t)outputs[i] == wanted)
			return true;
	return false;
}

/* The value of the expression is determined by what the closure began with. */
static bool expr_known(const struct closure *c, so_ref expr)
{
	struct so_rel_col col = so_closure_column(c, expr);

	return col.rel >= 0 ? so_closure_known(c, col.rel)[col.column] : so_closure_is_fixed(c, expr);
}

static bool output_known(const struct closure *c, const struct so_col *col)
{
	if (col->rel >= 0)
		return so_closure_known(c, col->rel) && so_closure_known(c, col->rel)[col->column];
	return col->expr && so_closure_is_fixed(c, col->expr);
}

/* Rows of two groups that agree on the outputs agree on every GROUP BY expression. */
static bool groups_known(const struct closure *c, const struct so_block *block, const int32_t *outputs, size_t n)
{
	const struct so_ast *ast = c->resolved->ast;
	struct so_list groups = so_as_select(ast, block->node)->group_by;

	for (uint32_t i = 0; i < groups.count; i++) {
		so_ref group = so_list_get(ast, groups, i);
		const struct so_use *use = so_resolved_use(c->resolved, group);
		int64_t position = 0;
		int32_t output = -1;
		bool found;

		if (so_ast_kind(ast, group) == SO_N_GROUPING)
			return false;
		if (use && use->kind == SO_USE_OF_OUTPUT)
			output = use->column;
		else if (so_ast_int(ast, group, &position))
			output = position >= 1 && (size_t)position <= block->n_outputs ? (int32_t)position - 1 : -1;
		if (output >= 0)
			found = has_output(outputs, n, (size_t)output) || output_known(c, &block->outputs[output]);
		else
			found = !position && expr_known(c, group);
		for (size_t k = 0; k < n && !found; k++)
			found = block->outputs[outputs[k]].expr &&
				so_ast_equal(ast, block->outputs[outputs[k]].expr, ast, group);
		if (!found)
			return false;
	}
	return groups.count > 0;
}

struct calls {
	const struct so_resolved *resolved;
	bool aggregates, sets;
};

struct own_arg {
	const struct closure *c;
	bool fixed;
};

static enum so_walk find_column_of_own(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct own_arg *job = arg;
	const struct so_use *use;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref))) {
		job->fixed = true; /* what it refers to may decide */
		return SO_WALK_SKIP;
	}
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	use = so_resolved_use(job->c->resolved, ref);
	job->fixed = !use || use->outer;
	return job->fixed ? SO_WALK_ON : SO_WALK_STOP;
}

/* An aggregate over nothing but columns of an outer block belongs to that block. */
static bool is_own(const struct so_resolved *resolved, so_ref func)
{
	struct closure c = { .resolved = resolved };
	struct own_arg job = { &c, false };

	so_ast_walk(resolved->ast, func, find_column_of_own, &job);
	return !job.fixed;
}

static enum so_walk find_call(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct calls *job = arg;
	const struct so_n_func *func;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) != SO_N_FUNC)
		return SO_WALK_ON;
	func = so_as_func(ast, ref);
	/* only PostgreSQL's select list makes several rows of one */
	if (ast->dialect == SO_POSTGRESQL && so_func_returns_set(job->resolved, ref))
		job->sets = true;
	if (so_fact_is_aggregate(ast, func) && is_own(job->resolved, ref))
		job->aggregates = true;
	return SO_WALK_ON;
}

static bool select_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	SO_TMP(tmp, NULL);
	const struct so_ast *ast = resolved->ast;
	const struct so_block *block = &resolved->blocks[number];
	const struct so_n_select *select = so_as_select(ast, block->node);
	struct calls calls = { .resolved = resolved };
	struct closure c;
	bool all = true, unique;

	for (uint32_t i = 0; i < select->targets.count; i++)
		so_ast_walk(ast, so_list_get(ast, select->targets, i), find_call, &calls);
	if (!calls.sets && !select->group_by.count && calls.aggregates && !block->grouping_sets)
		return true;
	so_closure_begin(tmp, resolved, number, &c);
	/* columns above grouping sets may be NULL where the rows below are not */
	for (size_t i = 0; i < n && !block->grouping_sets; i++)
		so_closure_know(&c, block->outputs[outputs[i]].rel, block->outputs[outputs[i]].column);
	so_closure_run(&c);
	for (size_t i = 0; i < block->n_outputs; i++)
		all = all &&
		      (has_output(outputs, n, i) || (!block->grouping_sets && output_known(&c, &block->outputs[i])));
	if ((select->hdr.flags & SO_NF_DISTINCT) && !so_rare_select(ast, select)->distinct_on.count && all)
		unique = true;
	else if (calls.sets || block->grouping_sets)
		unique = false;
	else if (select->group_by.count)
		unique = groups_known(&c, block, outputs, n);
	else
		unique = everything_done(&c);
	so_closure_end(&c);
	return unique;
}

/* The same is asked in each round of the closure around it, and so in each round of all closures around those. */
static bool known_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	bool unique;

	if (resolved->memo && so_memo_unique(resolved->memo, number, outputs, n, &unique))
		return unique;
	unique = select_outputs_unique(resolved, number, outputs, n);
	if (resolved->memo)
		so_memo_keep_unique(resolved->memo, number, outputs, n, unique);
	return unique;
}

static bool node_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth);

static bool setop_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth)
{
	const struct so_n_setop *setop = so_as_setop(resolved->ast, node);
	size_t all = 0;

	for (size_t i = 0; i < n_outputs; i++)
		all += has_output(outputs, n, i);
	if (all == n_outputs && !(setop->hdr.flags & SO_NF_ALL))
		return true;
	/* what is left of one side is unique when that side is */
	if (setop->op == SO_UNION)
		return false;
	return node_outputs_unique(resolved, setop->left, outputs, n, n_outputs, depth) ||
	       (setop->op == SO_INTERSECT && node_outputs_unique(resolved, setop->right, outputs, n, n_outputs, depth));
}

static bool node_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_query *query;
	int64_t limit;
	int32_t block;

	if (!so_kind_is_query(so_ast_kind(ast, node)) || depth > 50)
		return false;
	query = so_as_query(ast, node);
	if (so_ast_int(ast, query->limit, &limit) && limit >= 0 && limit <= 1 &&
		!(query->hdr.flags & (SO_NF_WITH_TIES | SO_NF_PERCENT)) &&
		!(so_rare_query(ast, query)->limit_style & SO_LIMIT_PERCENT))
		return true;
	if (so_ast_kind(ast, node) == SO_N_SETOP)
		return setop_outputs_unique(resolved, node, outputs, n, n_outputs, depth + 1);
	if (so_ast_kind(ast, node) == SO_N_VALUES)
		return so_as_values(ast, node)->rows.count == 1;
	block = so_resolved_block(resolved, node);
	return block >= 0 && known_outputs_unique(resolved, block, outputs, n);
}

bool so_block_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	return node_outputs_unique(
		resolved, resolved->blocks[number].node, outputs, n, resolved->blocks[number].n_outputs, 0);
}

bool so_block_max_one_row(const struct so_resolved *resolved, int32_t block)
{
	return so_block_outputs_unique(resolved, block, NULL, 0);
}
