/* Findings on plans that were made for other values than those they ran with: parameters, table variables, conversions
 * that hide a column from the estimate. All need measured rows. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "plan/reader.h"
#include "plan/rules.h"

static double factor_of(const struct so_plan_node *node)
{
	return fmax(node->rows_actual, 1) / fmax(node->rows_est, 1);
}

static double off(const struct so_plan_node *node)
{
	double factor = factor_of(node);

	return factor >= 1 ? factor : 1 / factor;
}

static double all_rows(const struct so_rule_check *c, const struct so_plan_node *node)
{
	double runs = so_node_runs(c, node);

	return so_node_rows(c, node) * (runs > 0 ? runs : 1);
}

/* ---- Parameters ------------------------------------------------------------------------------------------------- */

/* Whether "$3" is the result of a subquery that runs first, which PostgreSQL up to 16 writes like a parameter. */
static bool is_computed(const struct so_plan *plan, const char *word)
{
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const char *returns =
			plan->nodes[i].subplan_name ? strstr(plan->nodes[i].subplan_name, "(returns ") : NULL;

		if (returns && so_plan_mentions(returns, word))
			return true;
	}
	return false;
}

/* The first parameter in a text whose value came with the statement: "$1", ":B1". NULL when there is none. */
static const char *parameter_in(struct so_rule_check *c, const char *text)
{
	for (const char *at = text; *at; at++) {
		size_t len = 1;

		if (*at == '\'') { /* not inside a literal */
			at = strchr(at + 1, '\'');
			if (!at)
				return NULL;
			continue;
		}
		if ((*at != '$' && *at != ':') || (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == ':')))
			continue;
		while (isalnum((unsigned char)at[len]) || at[len] == '_')
			len++;
		if (len > 1 && (*at == ':' || isdigit((unsigned char)at[1]))) {
			const char *word = so_strndup(c->tmp, at, len);

			if (*at == ':' || !is_computed(c->plan, word))
				return word;
		}
	}
	return NULL;
}

static const char *parameter_of(struct so_rule_check *c, const struct so_plan_node *node)
{
	for (size_t i = 0; i < node->n_conditions; i++) {
		const char *word = parameter_in(c, node->conditions[i].text);

		if (word)
			return word;
	}
	return NULL;
}

/* The node whose rows are furthest from the estimate among those that a parameter decides. */
static const struct so_plan_node *worst_by_parameter(struct so_rule_check *c, const char **word)
{
	const struct so_plan_node *worst = NULL;
	double most = 0;

	for (int32_t i = 0; c->plan->has_analyze && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		const char *parameter;

		if (!(node->loops > 0) || isnan(node->rows_est) || !node->relation ||
			fmax(node->rows_est, all_rows(c, node)) < c->limit[1] || off(node) <= fmax(most, c->limit[0]))
			continue;
		/* fewer rows than expected may mean that enough had come */
		if (factor_of(node) < 1 && node->relationship != SO_PLAN_REL_ROOT &&
			c->plan->nodes[node->parent].op == SO_PLAN_LIMIT)
			continue;
		parameter = parameter_of(c, node);
		/* inside a correlated subquery Oracle writes the outer column as a bind variable */
		for (const struct so_plan_node *up = node; parameter && up->parent >= 0;
			up = &c->plan->nodes[up->parent])
			if (up->relationship == SO_PLAN_REL_SUB_PLAN)
				parameter = NULL;
		if (!parameter)
			continue;
		*word = parameter;
		most = off(node);
		worst = node;
	}
	return worst;
}

static void tell_rows(struct so_rule_check *c, struct so_finding *f, const struct so_plan_node *worst)
{
	so_check_evidence(c, f, "rows_estimated", worst->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", worst->rows_actual, "rows");
	so_check_evidence(c, f, "factor", off(worst), "x");
}

/* A generic plan: its conditions still have the parameters in them. limit: factor, rows. */
void so_rule_generic_plan(struct so_rule_check *c)
{
	const char *word = NULL;
	const struct so_plan_node *worst = worst_by_parameter(c, &word);
	struct so_finding *f;

	if (!worst)
		return;
	f = so_check_found(c, worst, so_severity_of(off(worst), 100, 1000, INFINITY),
		"The plan was made without the values: %s rows expected, %s came", so_check_number(c, worst->rows_est),
		so_check_number(c, worst->rows_actual));
	so_check_explain(c, f,
		"The conditions still show parameter %s, so this is a generic plan: the planner did not know the value "
		"and took the mean over all values. With this value %s times as %s rows came (measured).",
		word, so_check_number(c, off(worst)), factor_of(worst) >= 1 ? "many" : "few");
	tell_rows(c, f, worst);
}

static void tell_sniffing(struct so_rule_check *c, const struct so_plan_node *worst, const char *what)
{
	struct so_finding *f = so_check_found(c, worst, off(worst) >= 1000 ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"The plan was made for another value: %s rows expected, %s came", so_check_number(c, worst->rows_est),
		so_check_number(c, worst->rows_actual));

	so_check_explain(c, f,
		"%s. The plan that is good for the first value is used for all; here %s times as %s rows came as it "
		"was made for.",
		what, so_check_number(c, off(worst)), factor_of(worst) >= 1 ? "many" : "few");
	tell_rows(c, f, worst);
}

/* The optimiser itself tells both values of the parameter. */
static void check_noted(struct so_rule_check *c, const struct so_plan_note *note)
{
	const struct so_plan_node *worst = NULL;

	for (int32_t i = 0; c->plan->has_analyze && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];

		if (so_node_condition(node, SO_COND_ACCESS) && !isnan(node->rows_est) &&
			all_rows(c, node) >= c->limit[1] &&
			factor_of(node) > fmax(worst ? factor_of(worst) : 0, c->limit[0]))
			worst = node;
	}
	if (worst)
		tell_sniffing(c, worst, so_printf(c->tmp, "Parameter %s", note->text));
}

/* A plan made for one value and run with another. limit: factor, rows. */
void so_rule_parameter_sniffing(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "parameter", -1), *peeked = so_check_note(c, "peeked", -1);
	const struct so_plan_node *worst;
	const char *word = NULL;

	if (note) {
		check_noted(c, note);
		return;
	}
	worst = worst_by_parameter(c, &word);
	if (worst)
		tell_sniffing(c, worst,
			peeked ? so_printf(c->tmp, "The plan was made for the first value of bind variable %s",
					 peeked->text)
			       : so_printf(c->tmp, "The condition compares with bind variable %s", word));
}

/* ---- Table variables and conversions ---------------------------------------------------------------------------- */

/* Table variables have no statistics. limit: factor, rows. */
void so_rule_table_variable(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = all_rows(c, node);
	struct so_finding *f;

	if (!node->relation || node->relation[0] != '@' || !c->plan->has_analyze || !(rows >= c->limit[1]) ||
		!(factor_of(node) >= c->limit[0]))
		return;
	f = so_check_found(c, node, factor_of(node) >= 1000 ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"Table variable %s: %s rows expected, %s came", node->relation, so_check_number(c, node->rows_est),
		so_check_number(c, node->rows_actual));
	so_check_explain(c, f,
		"Table variables have no statistics: the optimiser planned with %s rows, %s came (measured). Joins "
		"with it "
		"and memory were chosen for that number.",
		so_check_number(c, node->rows_est), so_check_number(c, node->rows_actual));
	so_check_evidence(c, f, "rows_estimated", node->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", node->rows_actual, "rows");
	so_check_evidence(c, f, "factor", factor_of(node), "x");
}

/* The warning is given for every conversion of a column, also where nothing depends on it: it counts only where rows
 * were misestimated at a node that tests the conversion. limit: factor, rows. */
void so_rule_conversion_estimate(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_note *note = so_check_note(c, "convert_estimate", -2);
	bool tested = false;
	struct so_finding *f;

	if (!note || !c->plan->has_analyze || !(node->loops > 0) || isnan(node->rows_est))
		return;
	for (size_t i = 0; i < node->n_conditions; i++)
		tested = tested || strstr(node->conditions[i].text, "CONVERT");
	if (!tested || !(off(node) >= c->limit[0]) || !(fmax(all_rows(c, node), node->rows_est) >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM,
		"A conversion hides the column from the estimate: %s rows for %s", so_check_number(c, node->rows_est),
		so_check_number(c, node->rows_actual));
	so_check_explain(c, f,
		"The optimiser warns that %s affects its estimate. It expected %s rows here and %s came, %s times as "
		"%s "
		"(measured).",
		note->text, so_check_number(c, node->rows_est), so_check_number(c, node->rows_actual),
		so_check_number(c, off(node)), factor_of(node) >= 1 ? "many" : "few");
	so_check_evidence(c, f, "rows_estimated", node->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", node->rows_actual, "rows");
	so_check_evidence(c, f, "factor", off(node), "x");
}
