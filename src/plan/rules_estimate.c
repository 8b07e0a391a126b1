/* Findings on estimates and statistics, and on conditions that hide a column from both. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "plan/rules.h"

/* ---- Misestimates ----------------------------------------------------------------------------------------------- */

/* How far off: actual / estimated, below 1 when overestimated. Rows below one count as one. */
static double factor_of(const struct so_plan_node *node)
{
	return fmax(node->rows_actual, 1) / fmax(node->rows_est, 1);
}

static double off(double factor)
{
	return factor >= 1 ? factor : 1 / factor;
}

/* Whether something above may have stopped the node before its last row, so that few rows prove nothing. */
static bool may_be_cut_short(const struct so_plan *plan, const struct so_plan_node *node)
{
	for (const struct so_plan_node *at = node; at->parent >= 0; at = &plan->nodes[at->parent]) {
		const struct so_plan_node *up = &plan->nodes[at->parent];

		if (up->op == SO_PLAN_LIMIT || up->op == SO_PLAN_MERGE_JOIN ||
			at->relationship == SO_PLAN_REL_SUB_PLAN || at->relationship == SO_PLAN_REL_INIT_PLAN)
			return true;
		if (up->op == SO_PLAN_NESTED_LOOP && at->relationship == SO_PLAN_REL_INNER)
			return true; /* semi joins and unique inner sides stop at the first match */
		if (up->op == SO_PLAN_HASH_JOIN && at->relationship == SO_PLAN_REL_OUTER)
			continue; /* an empty hash table stops it, then it has no rows at all */
		if (so_node_is(up, "Sort") || up->op == SO_PLAN_HASH ||
			(up->op == SO_PLAN_AGGREGATE && !so_node_is(up, "Unique")))
			return false; /* takes everything before it gives the first row */
	}
	return false;
}

static bool is_estimated(const struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan *plan = c->plan;

	if (isnan(node->rows_actual) || !(node->loops > 0) || isnan(node->rows_est))
		return false;
	if (so_node_is(node, "BitmapAnd") || so_node_is(node, "BitmapOr") || node->op == SO_PLAN_MODIFY)
		return false; /* they report no rows */
	if (so_node_condition(node, SO_COND_RUN))
		return false; /* stops itself early */
	return factor_of(node) >= 1 || (so_check_limits_are_shown(c) && !may_be_cut_short(plan, node));
}

/* Whether a child is off in the same direction already: then this node only passes it on. */
static bool inherits(const struct so_plan *plan, const struct so_plan_node *node, double bound)
{
	double factor = factor_of(node);

	for (int32_t i = node->first_child; i >= 0; i = plan->nodes[i].next_sibling) {
		const struct so_plan_node *child = &plan->nodes[i];
		double below = factor_of(child);

		if (!isnan(below) && child->loops > 0 && off(below) >= bound && (below >= 1) == (factor >= 1))
			return true;
	}
	if (node->cte_root >= 0)
		return off(factor_of(&plan->nodes[node->cte_root])) >= bound;
	return false;
}

/* limit: factor, medium from, high from, rows. */
void so_rule_row_misestimate(struct so_rule_check *c, const struct so_plan_node *node)
{
	double factor, rows;
	struct so_finding *f;

	if (!c->plan->has_analyze || !is_estimated(c, node))
		return;
	factor = factor_of(node);
	rows = fmax(node->rows_est * so_node_divisor(c->plan, node), so_node_rows(c, node)) * so_node_runs(c, node);
	if (!(off(factor) >= c->limit[0] && rows >= c->limit[3]) || inherits(c->plan, node, c->limit[0]))
		return;
	/* too many rows expected costs less than too few */
	f = so_check_found(c, node,
		so_severity_of(off(factor), c->limit[1], factor >= 1 ? c->limit[2] : INFINITY, INFINITY),
		"%s%s%s: %s rows expected, %s came", node->label, node->relation || node->cte_name ? " on " : "",
		node->relation || node->cte_name ? so_check_object_name(c, node) : "",
		so_check_number(c, node->rows_est), so_check_number(c, node->rows_actual));
	so_check_explain(c, f,
		"The estimate is %s times too %s here, and it is here that it goes wrong: the nodes below are "
		"estimated better. "
		"Everything above (join order, join method, memory) was planned for %s rows%s.",
		so_check_number(c, off(factor)), factor >= 1 ? "low" : "high", so_check_number(c, node->rows_est),
		node->loops > 1 ? " a loop" : "");
	so_check_evidence(c, f, "rows_estimated", node->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", node->rows_actual, "rows");
	so_check_evidence(c, f, "factor", off(factor), "x");
}

/* A CTE whose wrong row count misleads the joins that read it. limit: factor, rows. */
void so_rule_cte_misestimate(struct so_rule_check *c, const struct so_plan_node *node)
{
	double factor = factor_of(node);
	const char *readers = NULL;
	struct so_finding *f;

	if (!node->cte_readers || !c->plan->has_analyze || isnan(factor) || off(factor) < c->limit[0] ||
		fmax(node->rows_est, node->rows_actual) < c->limit[1])
		return;
	for (int32_t i = 0; i < c->plan->n_nodes; i++) {
		const struct so_plan_node *scan = &c->plan->nodes[i];
		int32_t up = scan->parent;

		if (scan->cte_root != node->id)
			continue;
		while (up >= 0 && !so_node_is_join(&c->plan->nodes[up]))
			up = c->plan->nodes[up].parent;
		if (up >= 0)
			readers = so_printf(c->tmp, "%s%s%s (node %d)", readers ? readers : "", readers ? ", " : "",
				c->plan->nodes[up].label, (int)up);
	}
	if (!readers)
		return;
	f = so_check_found(c, node, so_severity_of(off(factor), 0, 100, INFINITY), "CTE %s: %s rows expected, %s came",
		node->cte_defined, so_check_number(c, node->rows_est), so_check_number(c, node->rows_actual));
	so_check_explain(c, f,
		"The planner has no statistics for the result of a CTE. Its estimate for %s is %s times too %s, and "
		"these joins were "
		"planned on it: %s.",
		node->cte_defined, so_check_number(c, off(factor)), factor >= 1 ? "low" : "high", readers);
	so_check_object(c, f, node->cte_defined);
	so_check_evidence(c, f, "rows_estimated", node->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", node->rows_actual, "rows");
}

/* ---- Statistics ------------------------------------------------------------------------------------------------- */

static void check_statistics(struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table)
{
	double rows = table->live_rows >= 0 ? (double)table->live_rows : table->rows;
	double changed = (double)table->mods_since_analyze, share = changed / fmax(1, rows) * 100;
	double days =
		table->last_analyze_us > 0 ? (double)(c->catalog->taken_at_us - table->last_analyze_us) / 86400e6 : NAN;
	const char *name = so_printf(c->tmp, "%s.%s", table->schema, table->name);
	struct so_finding *f;

	if (table->kind != SO_TABLE && table->kind != SO_TABLE_MATVIEW)
		return;
	if (!table->has_stats) {
		if (so_check_other_rule(c, "statistics-missing") ||
			!(fmax(rows, (double)table->pages * 10) >= c->limit[0]))
			return;
		f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s was never analysed", name);
		so_check_explain(c, f,
			"There are no statistics for %s (%s pages): the planner guesses every share of its rows.", name,
			so_check_number(c, (double)table->pages));
	} else {
		bool many = changed >= c->limit[0] && share >= c->limit[1];
		bool old = days >= c->limit[2] && changed >= c->limit[0] && share >= c->limit[1] / 2;

		if (!many && !old)
			return;
		f = so_check_found(c, node, so_severity_of(share, 50, 1000, INFINITY),
			"Statistics of %s are stale: %s rows changed since", name, so_check_number(c, changed));
		so_check_explain(c, f,
			"%s rows of %s (%.0f %% of %s) were inserted, changed or deleted since its statistics were "
			"gathered%s.",
			so_check_number(c, changed), name, share, so_check_number(c, rows),
			days >= 1 ? so_printf(c->tmp, " %.0f days ago", days) : "");
	}
	so_check_evidence(c, f, "rows_changed", changed < 0 ? NAN : changed, "rows");
	so_check_evidence(c, f, "rows", rows < 0 ? NAN : rows, "rows");
	so_check_evidence(c, f, "age", days, "days");
}

/* limit: rows changed, share %, days. */
void so_rule_stale_statistics(struct so_rule_check *c)
{
	bool *seen = c->catalog ? so_new_array(c->tmp, bool, (unsigned)c->catalog->n_tables + 1) : NULL;

	for (int32_t i = 0; c->catalog && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		const struct so_table *table = so_node_is_scan(node) ? so_check_table(c, node) : NULL;

		if (!table || seen[table - c->catalog->tables])
			continue;
		seen[table - c->catalog->tables] = true;
		check_statistics(c, node, table);
	}
}

/* ---- Columns in conditions -------------------------------------------------------------------------------------- */

#define MAX_COLUMNS 16

/* Adds the columns that a condition compares with = to `names`; returns the new count. */
static size_t equality_columns(struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table,
	so_ref expr, const char *names[MAX_COLUMNS], size_t n)
{
	const struct so_ast *ast = c->plan->ast;
	size_t n_parts;
	so_ref *parts = so_expr_parts(c->tmp, ast, expr, &n_parts);

	for (size_t i = 0; i < n_parts && n < MAX_COLUMNS; i++) {
		struct so_comparison cmp;
		so_ref column;
		const char *name;
		bool seen = false;

		if (!so_expr_comparison(ast, parts[i], &cmp) || cmp.op != SO_OP_EQ ||
			!(column = so_expr_own_column(c, node, table, cmp.arg)))
			continue;
		name = so_ast_name_dup(c->tmp, ast, so_as_column(ast, column)->name);
		for (size_t k = 0; k < n; k++)
			seen = seen || strcmp(names[k], name) == 0;
		if (!seen)
			names[n++] = name;
	}
	return n;
}

/* Whether some extended statistics object covers two or more of the columns. */
static bool has_extended_stats(const struct so_table *table, const char *const *names, size_t n)
{
	for (size_t i = 0; table && i < table->n_ext_stats; i++) {
		size_t covered = 0;

		for (size_t k = 0; k < table->ext_stats[i].n_columns; k++)
			for (size_t m = 0; m < n; m++)
				covered += strcmp(table->columns[table->ext_stats[i].columns[k]].name, names[m]) == 0;
		if (covered >= 2)
			return true;
	}
	return false;
}

/* Several equalities on one table whose product is far from the truth. limit: factor, rows. */
void so_rule_correlated_columns(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_table *table = so_check_table(c, node);
	const char *names[MAX_COLUMNS], *list = NULL;
	size_t n = 0;
	double factor;
	struct so_finding *f;

	if (!c->plan->has_analyze || !so_node_is_scan(node) || !is_estimated(c, node) || !c->plan->ast)
		return;
	factor = factor_of(node);
	if (!(off(factor) >= c->limit[0] && fmax(node->rows_actual, node->rows_est) >= c->limit[1]))
		return;
	for (size_t i = 0; i < node->n_conditions; i++)
		if (node->conditions[i].expr && node->conditions[i].kind != SO_COND_RECHECK)
			n = equality_columns(c, node, table, node->conditions[i].expr, names, n);
	if (n < 2 || has_extended_stats(table, names, n))
		return;
	for (size_t i = 0; i < n; i++)
		list = list ? so_printf(c->tmp, "%s, %s", list, names[i]) : names[i];
	f = so_check_found(
		c, node, SO_SEVERITY_LOW, "Columns %s of %s depend on each other", list, so_check_object_name(c, node));
	so_check_explain(c, f,
		"The planner multiplies the shares of %s as if they were independent and expects %s rows; %s came, %s "
		"times as %s.",
		list, so_check_number(c, node->rows_est), so_check_number(c, node->rows_actual),
		so_check_number(c, off(factor)), factor >= 1 ? "many" : "few");
	for (size_t i = 0; i < n; i++)
		so_check_object(c, f, so_printf(c->tmp, "%s.%s", so_check_object_name(c, node), names[i]));
	so_check_evidence(c, f, "rows_estimated", node->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", node->rows_actual, "rows");
	so_check_evidence(c, f, "factor", off(factor), "x");
}

/* ---- Wrapped columns -------------------------------------------------------------------------------------------- */

/* Casts that the planner adds by itself when the types of both sides differ. */
static bool is_implicit_cast(enum so_type_class from, struct so_text to)
{
	switch (from) {
	case SO_TYPE_INT:
		return so_text_is(to, "numeric") || so_text_is(to, "float8") || so_text_is(to, "float4");
	case SO_TYPE_NUMERIC:
		return so_text_is(to, "float8") || so_text_is(to, "float4");
	case SO_TYPE_DATE:
		return so_text_is(to, "timestamp") || so_text_is(to, "timestamptz");
	case SO_TYPE_TIMESTAMP:
		return so_text_is(to, "timestamptz");
	case SO_TYPE_BPCHAR:
		return so_text_is(to, "text");
	case SO_TYPE_UNKNOWN:
	case SO_TYPE_BOOL:
	case SO_TYPE_FLOAT:
	case SO_TYPE_TEXT:
	case SO_TYPE_TIME:
	case SO_TYPE_TIMESTAMPTZ:
	case SO_TYPE_INTERVAL:
	case SO_TYPE_UUID:
	case SO_TYPE_BYTES:
	case SO_TYPE_JSON:
	case SO_TYPE_JSONB:
	case SO_TYPE_ARRAY:
	case SO_TYPE_OTHER:
	case SO_TYPE_CLASS_MAX:
		break;
	}
	return false;
}

struct wrapped {
	so_ref expr; /* the side of the comparison that is no plain column */
	so_ref column; /* the column inside */
	bool implicit; /* an implicit conversion of the column */
	const char *name, *type;
};

static bool is_text(enum so_type_class type)
{
	return type == SO_TYPE_TEXT || type == SO_TYPE_BPCHAR;
}

static bool is_number(const struct so_ast *ast, so_ref value)
{
	return so_ast_kind(ast, value) == SO_N_CONST &&
	       (so_as_const(ast, value)->type == SO_C_INT || so_as_const(ast, value)->type == SO_C_FLOAT);
}

/* Functions that an engine writes round a column by itself; the type that they convert to. */
static const char *conversion_by(const struct so_ast *ast, so_ref expr)
{
	static const char *const functions[][2] = { { "internal_function", "the other side's type" },
		{ "to_number", "a number" }, { "sys_op_c2c", "the national character set" },
		{ "convert_implicit", "the other side's type" } };

	struct so_text name;

	if (so_ast_kind(ast, expr) != SO_N_FUNC)
		return NULL;
	name = so_ast_name(ast, so_as_func(ast, expr)->name); /* Oracle folds to capitals */
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (name.len == strlen(functions[i][0]) && strncasecmp(name.s, functions[i][0], name.len) == 0)
			return functions[i][1];
	return NULL;
}

static bool part_wraps(struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table,
	so_ref part, struct wrapped *w)
{
	const struct so_ast *ast = c->plan->ast;
	struct so_comparison cmp;
	int32_t column;

	if (!so_expr_comparison(ast, part, &cmp) || cmp.op == SO_OP_NE)
		return false;
	if (so_expr_own_column(c, node, table, cmp.arg)) {
		*w = (struct wrapped){ .expr = cmp.arg, .column = cmp.arg, .implicit = true, .type = "a number" };
		w->name = so_ast_name_dup(c->tmp, ast, so_as_column(ast, so_ast_strip_casts(ast, cmp.arg))->name);
		column = table ? so_table_column(table, w->name) : -1;
		return column >= 0 && so_check_texts_become_numbers(c) && is_text(table->columns[column].type_class) &&
		       is_number(ast, cmp.value);
	}
	*w = (struct wrapped){ .expr = cmp.arg, .column = so_expr_column_inside(c, node, cmp.arg) };
	if (!w->column || so_ast_kind(ast, w->expr) == SO_N_COLUMN)
		return false;
	w->name = so_ast_name_dup(c->tmp, ast, so_as_column(ast, w->column)->name);
	column = table ? so_table_column(table, w->name) : -1;
	w->type = conversion_by(ast, w->expr);
	w->implicit = w->type != NULL;
	if (so_ast_kind(ast, w->expr) == SO_N_CAST && so_as_cast(ast, w->expr)->arg == w->column && column >= 0) {
		struct so_text type = so_ast_name(ast, so_as_type(ast, so_as_cast(ast, w->expr)->type)->name);

		w->implicit = is_implicit_cast(table->columns[column].type_class, type);
		w->type = so_strndup(c->tmp, type.s, type.len);
	}
	return true;
}

static void report_wrapped(
	struct so_rule_check *c, const struct so_plan_node *node, const struct wrapped *w, double tested, double rows)
{
	struct so_text text = so_ast_source_of(c->plan->ast, w->expr);
	const char *object = so_check_object_name(c, node), *how = c->plan->has_analyze ? "measured" : "estimated";
	const char *expr = text.len && text.len <= 80 ? so_strndup(c->tmp, text.s, text.len) : "an expression";
	const char *on = isnan(tested) ? so_printf(c->tmp, "a scan that costs %s (estimated)",
						 so_check_number(c, node->total_cost))
				       : so_printf(c->tmp, "%s rows (%s)", so_check_number(c, tested), how);
	struct so_finding *f;

	if (w->implicit) {
		f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s.%s is converted to %s for every row", object,
			w->name, w->type);
		so_check_explain(c, f,
			"The other side of the comparison has another type, so column %s is converted to %s on each "
			"row, for "
			"%s, and an index on it cannot be used.",
			w->name, w->type, on);
	} else {
		f = so_check_found(
			c, node, SO_SEVERITY_MEDIUM, "Condition on %s hides column %s of %s", expr, w->name, object);
		so_check_explain(c, f,
			"The condition compares %s, not the column itself: a plain index on %s cannot serve it and its "
			"statistics do not apply. It is computed for %s, %s rows remain.",
			expr, w->name, on, so_check_number(c, rows));
	}
	if (isnan(tested))
		so_check_evidence(c, f, "cost", node->total_cost, "cost");
	so_check_object(c, f, so_printf(c->tmp, "%s.%s", object, w->name));
	so_check_evidence(c, f, "rows_tested", tested, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

static void check_wrapped(struct so_rule_check *c, const struct so_plan_node *node, bool implicit)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const struct so_table *table = so_check_table(c, node);
	const char *how;
	double tested, rows;
	so_ref *parts;
	size_t n;

	if (!so_node_is_scan(node) || !filter || !filter->expr)
		return;
	tested = so_node_tested(c, node, &how);
	rows = so_node_rows(c, node);
	/* Oracle's plans do not tell how many rows a scan reads: its cost does */
	if (isnan(tested) ? !(node->op == SO_PLAN_SEQ_SCAN && node->first_child < 0 && node->total_cost >= c->limit[2])
			  : !(tested >= c->limit[0] && (1 - rows / tested) * 100 >= c->limit[1]))
		return;
	parts = so_expr_parts(c->tmp, c->plan->ast, filter->expr, &n);
	for (size_t i = 0; i < n; i++) {
		struct wrapped w;

		if (part_wraps(c, node, table, parts[i], &w) && w.implicit == implicit) {
			report_wrapped(c, node, &w, tested, rows);
			return; /* one is enough for a node */
		}
	}
}

/* limit: rows tested, removed %. */
void so_rule_function_on_column(struct so_rule_check *c, const struct so_plan_node *node)
{
	check_wrapped(c, node, false);
}

void so_rule_implicit_conversion(struct so_rule_check *c, const struct so_plan_node *node)
{
	if (!so_check_note(c, "convert_seek", node->id)) /* conversion-prevents-seek knows more */
		check_wrapped(c, node, true);
}
