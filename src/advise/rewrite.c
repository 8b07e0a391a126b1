#include "advise/rewrite.h"

#include <string.h>
#include <strings.h>

#include "advise/rules.h"
#include "sql/facts.h"

static const char *const not_in_findings[] = { "not-in-subquery", "not-in-subplan", NULL };
static const char *const count_findings[] = { "count-for-existence", "correlated-subplan", NULL };
static const char *const function_findings[] = { "function-on-column", "seq-scan-filter", NULL };
static const char *const conversion_findings[] = { "implicit-conversion", "function-on-column", "seq-scan-filter",
	NULL };
static const char *const distinct_findings[] = { "distinct-unneeded", "hashagg-spill", "sort-spill", NULL };
static const char *const cte_findings[] = { "materialized-cte", NULL };

#define IN(dialect) (1u << (dialect))
#define IN_MYSQL    (IN(SO_MYSQL) | IN(SO_MARIADB))
/* The argument is one of the standard's NULLs, keys and truth values, which all six have. */
#define IN_ALL (IN(SO_POSTGRESQL) | IN_MYSQL | IN(SO_SQLITE) | IN(SO_TSQL) | IN(SO_ORACLE))

const struct so_rewrite_rule so_rewrite_rules[] = {
	{ 1, "not-in-to-not-exists", "NOT IN (subquery) as NOT EXISTS",
		"With no NULL on either side x NOT IN (SELECT y ...) is true exactly when no row has y = x, which is "
		"what NOT EXISTS says.",
		not_in_findings, so_rule_not_in, IN_ALL },
	{ 4, "count-to-exists", "COUNT(*) compared with zero as EXISTS",
		"A count of rows is above zero exactly when there is a row; nothing else of the subquery is looked at.",
		count_findings, so_rule_count, IN_ALL },
	{ 10, "function-to-range", "function of a date column as a range",
		"The function is monotone in its argument, so that the values it maps to the constant lie between two "
		"bounds; both "
		"sides are NULL for exactly the same rows.",
		function_findings, so_rule_date_range, IN(SO_POSTGRESQL) | IN_MYSQL },
	{ 11, "arithmetic-on-column", "arithmetic moved from the column to the constant",
		"Adding the same exact number on both sides keeps the order; both sides are NULL for exactly the same "
		"rows.",
		function_findings, so_rule_arithmetic, IN(SO_POSTGRESQL) | IN_MYSQL },
	{ 12, "constant-type", "constant in the type of the column",
		"The constant has the same value in the column's type, and the comparison is exact in both.",
		conversion_findings, so_rule_constant_type, IN(SO_POSTGRESQL) },
	{ 14, "coalesce-comparison", "comparison with COALESCE without it",
		"Where the column is NULL the replacement value decides alone, and it is a constant that can be "
		"compared now.",
		function_findings, so_rule_coalesce, IN(SO_POSTGRESQL) | IN_MYSQL },
	{ 21, "distinct-removal", "DISTINCT over rows that are unique already",
		"Each row of the result holds a unique, non-NULL key of a join that cannot multiply it, so that no two "
		"rows are equal.",
		distinct_findings, so_rule_distinct, IN_ALL },
	{ 33, "inline-cte", "common table expression without MATERIALIZED",
		"The expression is read once and has no side effects, so that computing it in place gives the same "
		"rows.",
		cte_findings, so_rule_inline_cte, IN(SO_POSTGRESQL) | IN(SO_SQLITE) },
};

size_t so_rewrite_rule_count(void)
{
	return sizeof so_rewrite_rules / sizeof so_rewrite_rules[0];
}

void so_rewrite_edit(struct so_rewrite *out, size_t begin, size_t end, const char *fmt, ...)
{
	va_list args;

	so_assert(out->n_edits < SO_REWRITE_EDITS);
	va_start(args, fmt);
	out->edits[out->n_edits++] = (struct so_edit){ begin, end - begin, so_vprintf(out, fmt, args) };
	va_end(args);
}

void so_rewrite_evidence(struct so_rewrite *out, const char *fmt, ...)
{
	va_list args;

	if (out->n_evidence == SO_REWRITE_EVIDENCE)
		return;
	va_start(args, fmt);
	out->evidence[out->n_evidence++] = so_vprintf(out, fmt, args);
	va_end(args);
}

void so_rewrite_caveat(struct so_rewrite *out, const char *fmt, ...)
{
	va_list args;

	if (out->n_caveats == SO_REWRITE_EVIDENCE)
		return;
	va_start(args, fmt);
	out->caveats[out->n_caveats++] = so_vprintf(out, fmt, args);
	va_end(args);
}

void so_rewrite_obstacle(struct so_rewrite *out, enum so_rewrite_proof proof, const char *fmt, ...)
{
	va_list args;

	if (proof <= out->proof)
		return;
	out->proof = proof;
	va_start(args, fmt);
	out->why_not = so_vprintf(out, fmt, args);
	va_end(args);
}

const char *so_rewrite_text(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref)
{
	size_t begin, len;

	if (!so_ast_span_paren(rw->ast, ref, &begin, &len))
		return so_strdup(ctx, "");
	return so_strndup(ctx, rw->sql + begin, len);
}

/* An alias with a column list gives the columns other names than the table's. */
static bool is_renamed(const struct so_ast *ast, so_ref table_node)
{
	so_ref alias = so_as_table(ast, table_node)->alias;

	return alias && (so_as_alias(ast, alias)->columns.count || so_as_alias(ast, alias)->coldefs.count);
}

const struct so_table *so_rewrite_rel_table(const struct so_rewriter *rw, const struct so_rel *rel)
{
	if (rel->kind != SO_REL_TABLE || so_ast_kind(rw->ast, rel->node) != SO_N_TABLE ||
		is_renamed(rw->ast, rel->node))
		return NULL;
	return rel->table;
}

bool so_rewrite_rel_column(const struct so_rewriter *rw, int32_t rel, int32_t column, struct so_table_col *out)
{
	const struct so_table *table;

	if (!rw->resolved || rel < 0 || column < 0)
		return false;
	table = so_rewrite_rel_table(rw, &rw->resolved->rels[rel]);
	if (!table || (size_t)column >= table->n_columns)
		return false;
	*out = (struct so_table_col){ &rw->resolved->rels[rel], column,
		table->columns[column].not_null && !rw->resolved->rels[rel].nullable };
	return true;
}

/* The columns that USING merged have one type, so that the merged one has it too, and its values. */
static bool is_merged_plainly(const struct so_rewriter *rw, const struct so_use *use)
{
	const struct so_rel *chosen = &rw->resolved->rels[use->rel];
	const struct so_col *column = &chosen->cols[use->column];

	if (chosen->nullable)
		return false;
	for (size_t i = 0; i < rw->resolved->n_rels; i++) {
		const struct so_rel *rel = &rw->resolved->rels[i];

		for (size_t k = 0; rel->block == chosen->block && k < rel->n_cols; k++)
			if (strcmp(rel->cols[k].name, column->name) == 0 &&
				strcmp(rel->cols[k].type, column->type) != 0)
				return false;
	}
	return true;
}

static bool has_grouping_sets(const struct so_ast *ast, const struct so_n_select *select)
{
	for (uint32_t i = 0; i < select->group_by.count; i++)
		if (so_ast_kind(ast, so_list_get(ast, select->group_by, i)) == SO_N_GROUPING)
			return true;
	return false;
}

/* After ROLLUP, CUBE and GROUPING SETS a column is NULL in rows of the groups that it is no part of: whatever its table
 * says about it holds only below the grouping, in FROM and WHERE. */
static bool is_above_grouping_sets(const struct so_rewriter *rw, so_ref ref, so_ref block)
{
	const struct so_n_select *select;
	so_ref parent = so_tree_parent(rw->tree, ref);

	if (so_ast_kind(rw->ast, block) != SO_N_SELECT)
		return false;
	select = so_as_select(rw->ast, block);
	if (!has_grouping_sets(rw->ast, select))
		return false;
	for (; parent && parent != block; parent = so_tree_parent(rw->tree, ref))
		ref = parent;
	if (ref == select->where)
		return false;
	for (uint32_t i = 0; i < select->from.count; i++)
		if (so_list_get(rw->ast, select->from, i) == ref)
			return false;
	return true;
}

bool so_rewrite_column(const struct so_rewriter *rw, so_ref ref, struct so_table_col *out)
{
	const struct so_use *use = rw->resolved ? so_resolved_use(rw->resolved, ref) : NULL;

	if (!use || use->kind != SO_USE_OF_COLUMN || (use->merged && !is_merged_plainly(rw, use)) ||
		!so_rewrite_rel_column(rw, use->rel, use->column, out))
		return false;
	return !is_above_grouping_sets(rw, ref, so_rewrite_block(rw, out->rel));
}

so_ref so_rewrite_block(const struct so_rewriter *rw, const struct so_rel *rel)
{
	return rw->resolved->blocks[rel->block].node;
}

bool so_rewrite_never_null(
	const struct so_rewriter *rw, so_ref expr, so_ref cond, const char *name, struct so_rewrite *out)
{
	if (!rw->resolved)
		return false;
	if (so_expr_not_null(rw->resolved, expr, SO_REF_NONE)) {
		so_rewrite_evidence(out, "%s is NOT NULL", name);
		return true;
	}
	if (!so_expr_not_null(rw->resolved, expr, cond))
		return false;
	so_rewrite_evidence(out, "a condition of the query keeps out rows where %s is NULL", name);
	return true;
}

const char *so_rewrite_column_name(TALLOC_CTX *ctx, const struct so_table_col *column)
{
	return so_printf(ctx, "%s.%s", column->rel->table->name, column->rel->table->columns[column->column].name);
}

struct volatile_search {
	TALLOC_CTX *ctx;
	const struct so_rewriter *rw;
	const char *found;
};

/* Functions of the grammar have no entry in the catalog and are immutable or stable. */
static bool is_grammar_function(const struct so_n_func *func)
{
	return func->syntax == SO_FS_COALESCE || func->syntax == SO_FS_VALUE;
}

static enum so_walk find_volatile(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct volatile_search *search = arg;
	const struct so_n_func *func;
	char *name;
	bool known = false;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_FUNC)
		return SO_WALK_ON;
	func = so_as_func(ast, ref);
	if (is_grammar_function(func))
		return SO_WALK_ON;
	if (ast->dialect != SO_POSTGRESQL)
		return SO_WALK_ON; /* snapshots of other engines hold no functions: the facts know those of the engine
				    */
	name = so_ast_name_dup(search->ctx, ast, func->name);
	for (size_t i = 0; i < search->rw->catalog->n_functions; i++) {
		const struct so_function *entry = &search->rw->catalog->functions[i];

		if (strcmp(entry->name, name) != 0)
			continue;
		known = true;
		if (entry->volatility == 'v')
			search->found = so_printf(search->ctx, "%s() is volatile", name);
	}
	if (!known)
		search->found = so_printf(search->ctx, "the volatility of %s() is not known", name);
	return search->found ? SO_WALK_STOP : SO_WALK_ON;
}

const char *so_rewrite_volatile(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref)
{
	struct volatile_search search = { .ctx = ctx, .rw = rw };

	so_ast_walk(rw->ast, ref, find_volatile, &search);
	if (!search.found && (!rw->resolved || so_expr_volatility(rw->resolved, ref) == 'v'))
		search.found = "what it calls may be volatile";
	return search.found;
}

bool so_rewrite_is_named(const struct so_rewriter *rw, const struct so_n_func *func, const char *name)
{
	SO_TMP(tmp, NULL);

	if (rw->ast->dialect == SO_POSTGRESQL)
		return so_ast_name_is(rw->ast, func->name, name);
	return strcasecmp(so_ast_name_dup(tmp, rw->ast, func->name), name) == 0;
}

bool so_rewrite_is_call(const struct so_rewriter *rw, so_ref ref, const char *name, uint32_t n_args)
{
	const struct so_n_func *func;

	if (so_ast_kind(rw->ast, ref) != SO_N_FUNC)
		return false;
	func = so_as_func(rw->ast, ref);
	if (func->args.count != n_args || !so_rewrite_is_named(rw, func, name) || func->over || func->filter ||
		func->order_by.count || (func->hdr.flags & (SO_NF_DISTINCT | SO_NF_STAR | SO_NF_VARIADIC)))
		return false;
	if (func->qualifier && !so_ast_name_is(rw->ast, so_as_name(rw->ast, func->qualifier)->name, "pg_catalog"))
		return false;
	/* A user's function of that name might be the one that is meant. */
	for (size_t i = 0; !func->qualifier && i < rw->catalog->n_functions; i++)
		if (strcmp(rw->catalog->functions[i].name, name) == 0 &&
			strcmp(rw->catalog->functions[i].schema, "pg_catalog") != 0)
			return false;
	return true;
}

bool so_rewrite_comparison(const struct so_rewriter *rw, so_ref ref, enum so_op *op, so_ref *left, so_ref *right)
{
	const struct so_n_op *node;

	if (so_ast_kind(rw->ast, ref) != SO_N_OP)
		return false;
	node = so_as_op(rw->ast, ref);
	if (node->op < SO_OP_EQ || node->op > SO_OP_GE || node->schema || !node->left)
		return false;
	*op = (enum so_op)node->op;
	*left = node->left;
	*right = node->right;
	if (so_ast_is_constant(rw->ast, *right))
		return !so_ast_is_constant(rw->ast, *left);
	if (!so_ast_is_constant(rw->ast, *left))
		return false;
	*left = node->right;
	*right = node->left;
	*op = so_op_commute(*op);
	return true;
}

void so_rewrite_replace(const struct so_rewriter *rw, struct so_rewrite *out, so_ref node, const char *text)
{
	size_t begin, len;
	bool bare = so_tree_place(rw->tree, node) == SO_PLACE_CONJUNCT;

	if (!so_ast_span(rw->ast, node, &begin, &len))
		return;
	so_rewrite_edit(out, begin, begin + len, bare ? "%s" : "(%s)", text);
}

char *so_rewrite_apply(TALLOC_CTX *ctx, const struct so_rewriter *rw, const struct so_rewrite *const *items, size_t n)
{
	SO_TMP(tmp, ctx);
	struct so_edit *edits = so_new_array(tmp, struct so_edit, n * SO_REWRITE_EDITS + 1);
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < items[i]->n_edits; k++)
			edits[count++] = items[i]->edits[k];
	return so_sql_splice(ctx, rw->sql, rw->len, edits, count);
}

const char *so_rewrite_output_difference(
	TALLOC_CTX *ctx, const struct so_resolved *before, const struct so_resolved *after)
{
	const struct so_block *x = &before->blocks[so_resolved_block(before, before->root)];
	const struct so_block *y = &after->blocks[so_resolved_block(after, after->root)];

	if (x->n_outputs != y->n_outputs)
		return so_printf(ctx, "%zu columns instead of %zu", y->n_outputs, x->n_outputs);
	for (size_t i = 0; i < x->n_outputs; i++) {
		const struct so_col *a = &x->outputs[i], *b = &y->outputs[i];

		if (strcmp(a->name, b->name) != 0)
			return so_printf(ctx, "column %zu is called \"%s\" instead of \"%s\"", i + 1, b->name, a->name);
		if (strcmp(a->type, b->type) != 0)
			return so_printf(ctx, "column \"%s\" is %s instead of %s", a->name,
				*b->type ? b->type : "of unknown type", *a->type ? a->type : "of unknown type");
	}
	return NULL;
}

/* Where an engine calls a column without a label as its expression is written, another text is another name. */
static bool names_a_column(const struct so_rewriter *rw, so_ref ref)
{
	if (rw->ast->dialect == SO_POSTGRESQL)
		return false; /* there the rules and the comparison of the results' columns look after it */
	for (; ref; ref = so_tree_parent(rw->tree, ref))
		if (so_ast_kind(rw->ast, ref) == SO_N_TARGET && !so_as_target(rw->ast, ref)->label.len)
			return true;
	return false;
}

struct so_rewrite_list *so_rewrite_find(TALLOC_CTX *ctx, const struct so_rewriter *rw)
{
	struct so_rewrite_list *list = so_new(ctx, struct so_rewrite_list);

	for (size_t i = 0; i < so_tree_count(rw->tree); i++)
		for (size_t k = 0; k < so_rewrite_rule_count(); k++) {
			struct so_rewrite *found;
			const struct so_rewrite *only;

			if (!(so_rewrite_rules[k].dialects >> rw->ast->dialect & 1) ||
				names_a_column(rw, so_tree_at(rw->tree, i)))
				continue;
			only = found = so_new(list, struct so_rewrite);

			found->rule = &so_rewrite_rules[k];
			found->node = so_tree_at(rw->tree, i);
			if (list->count == SO_REWRITE_MAX || !found->rule->match(rw, found->node, found)) {
				talloc_free(found);
				continue;
			}
			if (found->n_edits)
				found->sql = so_rewrite_apply(found, rw, &only, 1);
			if (!found->sql)
				so_rewrite_obstacle(
					found, SO_REWRITE_UNPROVED, "the new text could not be put together");
			list->items = so_renew_array(list, list->items, struct so_rewrite *, list->count + 1);
			list->items[list->count++] = found;
		}
	return list;
}
