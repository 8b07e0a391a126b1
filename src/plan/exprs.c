/* The conditions of a plan as expressions: parsing them, and the questions that rules ask about them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "plan/reader.h"
#include "plan/rules.h"
#include "sql/parse.h"

#define CONDITIONS_MAX_BYTES (8u << 20) /* of all conditions of a plan; later ones stay text */

static enum so_dialect dialect_of(const struct so_plan *plan)
{
	static const struct {
		const char *engine;
		enum so_dialect dialect;
	} rows[] = { { "mysql", SO_MYSQL }, { "mariadb", SO_MARIADB }, { "mssql", SO_TSQL }, { "oracle", SO_ORACLE },
		{ "sqlite", SO_SQLITE } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(plan->engine, rows[i].engine) == 0)
			return rows[i].dialect;
	return SO_POSTGRESQL;
}

/* Partitions and members of unions have the same condition again and again. */
#define SAME_TEXTS 512 /* power of two */

struct same_texts {
	const struct so_condition *slots[SAME_TEXTS]; /* parsed ones, by the hash of their text */
};

/* The condition of the same text that was parsed before, or NULL; puts this one into its place then. */
static const struct so_condition *parsed_before(
	struct same_texts *same, const struct so_condition *condition, size_t len)
{
	const struct so_condition **slot = &same->slots[XXH3_64bits(condition->text, len) % SAME_TEXTS],
				  *before = *slot;

	if (before && strcmp(before->text, condition->text) == 0)
		return before;
	*slot = condition;
	return NULL;
}

void so_plan_parse_conditions(struct so_plan *plan)
{
	SO_TMP(tmp, plan);
	struct so_parser *parser = NULL;
	struct same_texts *same = NULL;
	const struct so_sql_options options = { .lenient = true }; /* a ? for a value that a plan does not show */
	size_t left = CONDITIONS_MAX_BYTES;

	for (int32_t i = 0; i < plan->n_nodes; i++)
		for (size_t k = 0; k < plan->nodes[i].n_conditions; k++) {
			struct so_condition *condition = &plan->nodes[i].conditions[k];
			const struct so_condition *before;
			struct so_err err = SO_ERR_INIT;
			size_t len = strlen(condition->text);

			if (!parser) {
				parser = so_parser_new(tmp);
				same = so_new(tmp, struct same_texts);
				plan->ast = so_ast_new(plan, dialect_of(plan));
			}
			before = parsed_before(same, condition, len);
			if (before) {
				condition->expr = before->expr;
				continue;
			}
			if (len > left)
				return;
			left -= len;
			if (!so_sql_parse_expr(plan->ast, parser, condition->text, len,
				    plan->ast->dialect == SO_POSTGRESQL ? NULL : &options, &condition->expr, &err))
				condition->expr = SO_REF_NONE;
		}
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

static bool column_is_of(const struct so_plan_node *node, const struct so_ast *ast, const struct so_n_column *column)
{
	const struct so_n_name *qualifier;

	if (!column->qualifier)
		return true;
	qualifier = so_as_name(ast, column->qualifier);
	return (node->alias && so_ast_name_is(ast, qualifier->name, node->alias)) ||
	       (node->relation && so_ast_name_is(ast, qualifier->name, node->relation));
}

/* varchar -> text and the like change nothing: the planner adds them to find an operator. */
static bool is_harmless_cast(const struct so_ast *ast, so_ref ref, const struct so_table *table, int32_t column)
{
	const struct so_n_type *type = so_as_type(ast, so_as_cast(ast, ref)->type);
	bool to_text = so_ast_name_is(ast, type->name, "text") || so_ast_name_is(ast, type->name, "varchar");

	if (type->bounds.count)
		return false;
	return to_text && (!table || (column >= 0 && table->columns[column].type_class == SO_TYPE_TEXT));
}

static int32_t column_index(TALLOC_CTX *tmp, const struct so_ast *ast, const struct so_table *table, so_ref ref)
{
	return table ? so_table_column(table, so_ast_name_dup(tmp, ast, so_as_column(ast, ref)->name)) : -1;
}

so_ref so_expr_own_column(
	const struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table, so_ref expr)
{
	const struct so_ast *ast = c->plan->ast;
	so_ref bare = expr;

	if (so_ast_kind(ast, expr) == SO_N_CAST) {
		bare = so_as_cast(ast, expr)->arg;
		if (so_ast_kind(ast, bare) != SO_N_COLUMN ||
			!is_harmless_cast(ast, expr, table, column_index(c->tmp, ast, table, bare)))
			return SO_REF_NONE;
	}
	if (so_ast_kind(ast, bare) != SO_N_COLUMN || !column_is_of(node, ast, so_as_column(ast, bare)))
		return SO_REF_NONE;
	return bare;
}

struct column_search {
	const struct so_plan_node *node;
	so_ref found;
	bool foreign; /* something that is neither a constant nor a column of the node */
};

static enum so_walk look_for_column(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct column_search *search = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	if (kind == SO_N_COLUMN) {
		if (column_is_of(search->node, ast, so_as_column(ast, ref)))
			search->found = search->found ? search->found : ref;
		else
			search->foreign = true;
		return SO_WALK_SKIP;
	}
	if (kind == SO_N_PLANREF || kind == SO_N_SUBQUERY || kind == SO_N_EXISTS)
		search->foreign = true;
	return SO_WALK_ON;
}

so_ref so_expr_column_inside(const struct so_rule_check *c, const struct so_plan_node *node, so_ref expr)
{
	struct column_search search = { .node = node };

	so_ast_walk(c->plan->ast, expr, look_for_column, &search);
	return search.foreign ? SO_REF_NONE : search.found;
}

static enum so_walk stop_at_variable(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	(void)arg;
	return kind == SO_N_COLUMN || kind == SO_N_PLANREF || kind == SO_N_SUBQUERY || kind == SO_N_EXISTS
		       ? SO_WALK_STOP
		       : SO_WALK_ON;
}

bool so_expr_is_constant(const struct so_ast *ast, so_ref expr)
{
	return expr && so_ast_walk(ast, expr, stop_at_variable, NULL);
}

/* ---- Parts ------------------------------------------------------------------------------------------------------ */

struct parts {
	TALLOC_CTX *ctx;
	so_ref *items;
	size_t n;
};

static enum so_walk add_part(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct parts *parts = arg;

	(void)ast;
	(void)parent;
	parts->items = so_renew_array(parts->ctx, parts->items, so_ref, (unsigned)parts->n + 1);
	parts->items[parts->n++] = ref;
	return SO_WALK_ON;
}

so_ref *so_expr_parts(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref expr, size_t *n)
{
	struct parts parts = { .ctx = ctx };

	so_ast_conjuncts(ast, expr, add_part, &parts);
	*n = parts.n;
	return parts.items;
}

bool so_expr_comparison(const struct so_ast *ast, so_ref part, struct so_comparison *out)
{
	struct so_like_view like;

	*out = (struct so_comparison){ .op = SO_OP_OTHER };
	if (so_ast_kind(ast, part) == SO_N_OP) {
		const struct so_n_op *op = so_as_op(ast, part);

		if (op->op >= SO_OP_EQ && op->op <= SO_OP_GE && op->left && op->right) {
			bool swapped = so_expr_is_constant(ast, op->left);

			out->op = swapped ? so_op_commute((enum so_op)op->op) : (enum so_op)op->op;
			out->arg = swapped ? op->right : op->left;
			out->value = swapped ? op->left : op->right;
			return so_expr_is_constant(ast, out->value);
		}
	}
	if (so_ast_like(ast, part, &like) && !like.negated) {
		out->op = SO_OP_LIKE;
		out->arg = like.arg;
		out->value = like.pattern;
		return so_expr_is_constant(ast, out->value);
	}
	if (so_ast_kind(ast, part) == SO_N_QUANT) {
		const struct so_n_quant *quant = so_as_quant(ast, part);

		out->op = (enum so_op)quant->op;
		out->arg = quant->left;
		out->value = quant->array;
		out->many = true;
		return quant->quantifier == SO_ANY && quant->op == SO_OP_EQ && so_expr_is_constant(ast, out->value);
	}
	return false;
}

/* ---- Selectivity ------------------------------------------------------------------------------------------------ */

static int compare_values(enum so_type_class type, const char *a, const char *b)
{
	if (type == SO_TYPE_INT || type == SO_TYPE_NUMERIC || type == SO_TYPE_FLOAT) {
		double x = strtod(a, NULL), y = strtod(b, NULL);

		return x < y ? -1 : x > y;
	}
	return strcmp(a, b); /* dates and times in ISO form sort as text */
}

static double share_equal(const struct so_table *table, const struct so_column *column, const char *value)
{
	double distinct = so_column_distinct(table, column), common = 0;

	for (size_t i = 0; i < column->n_common; i++) {
		if (value && compare_values(column->type_class, column->common_vals[i], value) == 0)
			return column->common_freqs[i];
		common += column->common_freqs[i];
	}
	if (distinct <= 0)
		return NAN;
	return fmax(0, 1 - common - column->null_frac) / fmax(1, distinct - (double)column->n_common);
}

/* Share of rows below a value: from the histogram and the common values. */
static double share_below(const struct so_column *column, const char *value)
{
	double common = 0, below = 0, inside = 0;

	for (size_t i = 0; i < column->n_common; i++) {
		common += column->common_freqs[i];
		if (compare_values(column->type_class, column->common_vals[i], value) < 0)
			below += column->common_freqs[i];
	}
	if (column->n_bounds < 2)
		return column->n_common ? below : NAN;
	for (size_t i = 0; i < column->n_bounds; i++)
		inside += compare_values(column->type_class, column->bounds[i], value) < 0;
	inside = inside <= 0 ? 0 : fmin(1, (inside - 0.5) / (double)(column->n_bounds - 1));
	return below + inside * fmax(0, 1 - common - column->null_frac);
}

static const char *constant_text(TALLOC_CTX *tmp, const struct so_ast *ast, so_ref ref)
{
	ref = so_ast_strip_casts(ast, ref);
	return so_ast_kind(ast, ref) == SO_N_CONST ? so_ast_str_dup(tmp, ast, so_as_const(ast, ref)->value) : NULL;
}

/* One part; *range is set for an open range over *column, so that two of them can be combined. */
static double part_selectivity(const struct so_rule_check *c, const struct so_plan_node *node,
	const struct so_table *table, so_ref part, int32_t *column, bool *range)
{
	const struct so_ast *ast = c->plan->ast;
	struct so_comparison cmp;
	const char *value;
	double below;
	so_ref own;

	*range = false;
	if (!so_expr_comparison(ast, part, &cmp) || !(own = so_expr_own_column(c, node, table, cmp.arg)))
		return NAN;
	*column = column_index(c->tmp, ast, table, own);
	if (*column < 0 || !table->columns[*column].has_stats || cmp.many)
		return NAN;
	value = constant_text(c->tmp, ast, cmp.value);
	if (cmp.op == SO_OP_EQ)
		return share_equal(table, &table->columns[*column], value);
	if (cmp.op != SO_OP_LT && cmp.op != SO_OP_LE && cmp.op != SO_OP_GT && cmp.op != SO_OP_GE)
		return NAN;
	below = value ? share_below(&table->columns[*column], value) : NAN;
	*range = true;
	return cmp.op == SO_OP_LT || cmp.op == SO_OP_LE ? below : 1 - table->columns[*column].null_frac - below;
}

double so_expr_selectivity(
	const struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table, so_ref expr)
{
	size_t n;
	so_ref *parts;
	double share = 1, range_share = NAN;
	int32_t range_column = -1;

	if (!expr || !table)
		return NAN;
	parts = so_expr_parts(c->tmp, c->plan->ast, expr, &n);
	for (size_t i = 0; i < n; i++) {
		int32_t column = -1;
		bool range;
		double part = part_selectivity(c, node, table, parts[i], &column, &range);

		if (isnan(part))
			return NAN;
		if (range && column == range_column) { /* both ends of one range overlap */
			share = share / range_share * fmax(1e-6, range_share + part - 1);
			range_column = -1;
			continue;
		}
		part = fmax(part, 1e-9);
		if (range) {
			range_column = column;
			range_share = part;
		}
		share *= part;
	}
	return share;
}
