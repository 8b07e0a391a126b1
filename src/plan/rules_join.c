/* Findings on joins, loops and subplans. */
#include <math.h>
#include <string.h>

#include "plan/reader.h"
#include "plan/rules.h"

static const char *how_of(const struct so_rule_check *c)
{
	return c->plan->has_analyze ? "measured" : "estimated";
}

#define DEPENDS_MAX 10000 /* pairs of nodes that are compared; beyond, sides are taken to depend on each other */

bool so_node_depends_on(
	const struct so_rule_check *c, const struct so_plan_node *inner, const struct so_plan_node *outer)
{
	if ((int64_t)(inner->end - inner->id) * (outer->end - outer->id) > DEPENDS_MAX)
		return true;
	for (int32_t i = inner->id; i < inner->end; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];

		if (node->relation == NULL && node->first_child < 0)
			return true; /* a function or VALUES: its arguments are not in the plan */
		for (size_t k = 0; k < node->n_conditions; k++) {
			if (strchr(node->conditions[k].text, '$'))
				return true;
			for (int32_t o = outer->id; o < outer->end; o++) {
				const char *alias = c->plan->nodes[o].alias;

				if (alias && strstr(node->conditions[k].text, so_printf(c->tmp, "%s.", alias)))
					return true;
			}
		}
	}
	return false;
}

/* Every row with every row. limit: pairs, rows of each side. */
void so_rule_cartesian(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *outer = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	const struct so_plan_node *inner = so_node_child(c->plan, node, SO_PLAN_REL_INNER);
	double a, b;
	struct so_finding *f;

	if (node->op != SO_PLAN_NESTED_LOOP || !outer || !inner || node->n_conditions)
		return;
	if (node->join_type && (strcmp(node->join_type, "Semi") == 0 || strcmp(node->join_type, "Anti") == 0))
		return;
	a = so_node_rows(c, outer);
	b = so_node_rows(c, inner);
	if (!(a * b >= c->limit[0] && a >= c->limit[1] && b >= c->limit[1]) || so_node_depends_on(c, inner, outer))
		return;
	f = so_check_found(c, node, so_severity_of(a * b, 0, 1000000, 100000000),
		"Join without a condition: %s x %s rows", so_check_number(c, a), so_check_number(c, b));
	so_check_explain(c, f,
		"Nothing connects the two sides of this join, so each of %s rows is paired with each of %s: %s pairs "
		"(%s).",
		so_check_number(c, a), so_check_number(c, b), so_check_number(c, a * b), how_of(c));
	for (int32_t i = node->id; f && i < node->end; i++)
		if (c->plan->nodes[i].relation && f->n_objects < 8)
			so_check_object(c, f, so_check_object_name(c, &c->plan->nodes[i]));
	so_check_evidence(c, f, "outer_rows", a, "rows");
	so_check_evidence(c, f, "inner_rows", b, "rows");
	so_check_evidence(c, f, "pairs", a * b, "rows");
}

/* Time spent in an inner side that runs very often. limit: loops, ms, high ms, critical ms. */
void so_rule_nested_loop_high(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *inner = so_node_child(c->plan, node, SO_PLAN_REL_INNER);
	struct so_finding *f;

	if (node->op != SO_PLAN_NESTED_LOOP || !inner || !c->plan->has_timing)
		return;
	if (!(inner->loops >= c->limit[0] && inner->time_ms >= c->limit[1]))
		return;
	f = so_check_found(c, node, so_severity_of(inner->time_ms, 0, c->limit[2], c->limit[3]),
		"Inner side of a nested loop runs %s times, %s ms", so_check_number(c, inner->loops),
		so_check_number(c, inner->time_ms));
	so_check_explain(c, f,
		"The %s on the inner side was executed %s times and took %s ms of %s. The planner expected %s "
		"executions.",
		inner->label, so_check_number(c, inner->loops), so_check_number(c, inner->time_ms),
		so_check_number(c, c->plan->nodes[0].time_ms), so_check_number(c, inner->loops_est));
	if (inner->relation)
		so_check_object(c, f, so_check_object_name(c, inner));
	so_check_evidence(c, f, "loops", inner->loops, "loops");
	so_check_evidence(c, f, "loops_expected", inner->loops_est, "loops");
	so_check_evidence(c, f, "inner_time", inner->time_ms, "ms");
}

/* A table scanned whole for every row of the other side. limit: rows a scan, loops, rows in all. */
void so_rule_nested_loop_inner_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *at = node;
	const char *how;
	double tested, runs;
	struct so_finding *f;

	if (!c->has_figures) {
		so_unfigured_inner_scan(c, node);
		return;
	}
	if (node->op != SO_PLAN_SEQ_SCAN)
		return;
	for (; at->relationship == SO_PLAN_REL_OUTER && at->parent >= 0; at = &c->plan->nodes[at->parent])
		if (so_node_is(at, "Materialize") || so_node_is_join(&c->plan->nodes[at->parent]))
			return; /* kept in memory after the first run, or the outer side */
	if (at->relationship != SO_PLAN_REL_INNER || c->plan->nodes[at->parent].op != SO_PLAN_NESTED_LOOP ||
		c->plan->nodes[at->parent].join_buffer || so_node_is(at, "Materialize") ||
		so_node_is(at, "Index Spool") || so_node_is(at, "Table Spool"))
		return;
	tested = so_node_tested(c, node, &how);
	runs = so_node_runs(c, node);
	if (!(tested >= c->limit[0] && runs >= c->limit[1] && tested * runs >= c->limit[2]))
		return;
	f = so_check_found(c, node, so_severity_of(tested * runs, 0, 1000000, 100000000),
		"%s is scanned whole %s times", so_check_object_name(c, node), so_check_number(c, runs));
	so_check_explain(c, f,
		"The inner side of a nested loop is a full scan of %s: %s rows (%s) each time, %s in all.",
		so_check_object_name(c, node), so_check_number(c, tested), how, so_check_number(c, tested * runs));
	so_check_evidence(c, f, "loops", runs, "loops");
	so_check_evidence(c, f, "rows_a_scan", tested, "rows");
	so_check_evidence(c, f, "rows_in_all", tested * runs, "rows");
}

/* Pairs that are built and thrown away. limit: rows, ratio, high rows. */
void so_rule_join_filter_removal(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *join = so_node_condition(node, SO_COND_JOIN);
	double removed = node->removed_join * node->loops, rows = node->rows_actual * node->loops;
	struct so_finding *f;

	if (!so_node_is_join(node) || !join || !(removed >= c->limit[0] && removed >= c->limit[1] * fmax(1, rows)))
		return;
	f = so_check_found(c, node, removed >= c->limit[2] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"The join throws %s pairs away to keep %s", so_check_number(c, removed), so_check_number(c, rows));
	so_check_explain(c, f,
		"%s is tested on every pair of rows after the %s: %s pairs failed it. A condition that is an equality, "
		"or an "
		"index on it, would avoid building them.",
		so_check_condition(c, join), node->label, so_check_number(c, removed));
	so_check_evidence(c, f, "pairs_removed", removed, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* Rows kept in memory and read over and over. limit: loops, rows read, rows read when only estimated. */
void so_rule_materialize_loops(struct so_rule_check *c, const struct so_plan_node *node)
{
	double runs = so_node_runs(c, node), rows = so_node_rows(c, node);
	struct so_finding *f;

	if ((!so_node_is(node, "Materialize") && !so_node_is(node, "Table Spool")) ||
		node->relationship != SO_PLAN_REL_INNER)
		return;
	if (!(runs >= c->limit[0] && rows * runs >= (c->plan->has_analyze ? c->limit[1] : c->limit[2])))
		return;
	f = so_check_found(c, node, so_severity_of(rows * runs, 0, 100000000, INFINITY),
		"%s rows kept in memory are read %s times", so_check_number(c, rows), so_check_number(c, runs));
	so_check_explain(c, f,
		"The join compares every outer row with all %s materialised rows: %s comparisons (%s). A hash or merge "
		"join, "
		"which needs an equality, would read them once.",
		so_check_number(c, rows), so_check_number(c, rows * runs), how_of(c));
	so_check_evidence(c, f, "loops", runs, "loops");
	so_check_evidence(c, f, "rows", rows, "rows");
	so_check_evidence(c, f, "rows_read", rows * runs, "rows");
}

/* NOT IN over a list: "NOT (SubPlan 1)" or "NOT (hashed SubPlan 1)", from PostgreSQL 17 on
 * "NOT (ANY (a = (SubPlan 1).col1))". */
static bool is_not_in(const struct so_rule_check *c, const struct so_plan_node *sub)
{
	const struct so_plan_node *parent = &c->plan->nodes[sub->parent];
	const struct so_condition *filter = so_node_condition(parent, SO_COND_FILTER);
	const char *name = sub->subplan_name, *hashed = sub->hashed_subplan ? "hashed " : "";

	if (sub->relationship != SO_PLAN_REL_SUB_PLAN || !filter || !name)
		return false;
	return so_plan_mentions(filter->text, so_printf(c->tmp, "NOT (%s%s", hashed, name)) ||
	       (strstr(filter->text, "NOT (ANY (") &&
		       so_plan_mentions(filter->text, so_printf(c->tmp, "(%s%s", hashed, name)));
}

/* The list is in a hash table: quick, but no anti join, and one NULL in it empties the result. */
static void tell_hashed_not_in(struct so_rule_check *c, const struct so_plan_node *node, double rows)
{
	struct so_finding *f = so_check_found(c, node, SO_SEVERITY_LOW,
		"NOT IN over a list of %s rows cannot be an anti join", so_check_number(c, rows));

	so_check_explain(c, f,
		"The list (%s rows) is kept in a hash table of each process instead of being joined; should it outgrow "
		"the memory, it is "
		"searched row by row. If it holds a NULL, the condition is never true.",
		so_check_number(c, rows));
	so_check_evidence(c, f, "list_rows", rows, "rows");
}

/* limit: rows of the list, comparisons, rows of a list that is hashed. */
void so_rule_not_in_subplan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *source = node;
	double rows, runs, compared;
	struct so_finding *f;

	if (node->parent < 0 || !is_not_in(c, node))
		return;
	rows = c->plan->has_analyze ? fmax(node->rows_actual, node->rows_est) : node->rows_est;
	runs = c->plan->has_analyze ? node->loops : node->loops_est;
	if (node->hashed_subplan) {
		if (rows >= c->limit[2])
			tell_hashed_not_in(c, node, rows);
		return;
	}
	compared = c->plan->has_analyze ? node->rows_actual * node->loops : rows * runs;
	if (!(rows >= c->limit[0] && compared >= c->limit[1]))
		return;
	while (!source->relation && source->first_child >= 0)
		source = &c->plan->nodes[source->first_child];
	f = so_check_found(c, node, so_severity_of(compared, 0, 1000000, 1000000000),
		"NOT IN searches a list of %s rows for every row", so_check_number(c, rows));
	so_check_explain(c, f,
		"The list of NOT IN (%s rows) was not put into a hash table because it would not fit into work_mem; it "
		"is read from the start "
		"for each of %s rows (%s).",
		so_check_number(c, rows), so_check_number(c, runs), how_of(c));
	if (source->relation)
		so_check_object(c, f, so_check_object_name(c, source));
	so_check_evidence(c, f, "list_rows", rows, "rows");
	so_check_evidence(c, f, "rows_compared", compared, "rows");
	so_check_evidence(c, f, "loops", runs, "loops");
}

/* A subquery executed again for every row. limit: loops, share %, ms, cost of one execution. */
void so_rule_correlated_subplan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *source = node;
	double share;
	bool heavy;
	struct so_finding *f;

	if (node->relationship != SO_PLAN_REL_SUB_PLAN || node->hashed_subplan || is_not_in(c, node))
		return;
	if (!c->has_figures) {
		so_unfigured_subplan(c, node);
		return;
	}
	share = so_node_share(c->plan, node) * 100;
	if (c->plan->has_analyze)
		heavy = node->loops >= c->limit[0] || (node->loops >= 2 && node->time_ms >= c->limit[2]);
	else
		heavy = node->total_cost >= c->limit[3];
	if (!heavy || !(share >= c->limit[1]))
		return;
	while (!source->relation && source->first_child >= 0)
		source = &c->plan->nodes[source->first_child];
	f = so_check_found(c, node,
		c->plan->has_timing ? so_severity_of(node->time_ms, 0, 200, 10000)
				    : so_severity_of(node->total_cost, 0, 1000, 1e6),
		"%s runs again for every row", node->subplan_name ? node->subplan_name : "A subquery");
	if (c->plan->has_analyze)
		so_check_explain(c, f,
			"The subquery on %s was executed %s times, %s ms in all: %.0f %% of the statement.",
			so_check_object_name(c, source), so_check_number(c, node->loops),
			so_check_number(c, node->time_ms), share);
	else
		so_check_explain(c, f,
			"The subquery on %s depends on the outer row and is executed for each one; one execution costs "
			"%s (planner "
			"cost, estimated), together %.0f %% of the plan.",
			so_check_object_name(c, source), so_check_number(c, node->total_cost), share);
	if (source->relation)
		so_check_object(c, f, so_check_object_name(c, source));
	so_check_evidence(c, f, "loops", node->loops, "loops");
	so_check_evidence(c, f, "time", node->time_ms, "ms");
	so_check_evidence(c, f, "cost_once", node->total_cost, "cost");
	so_check_evidence(c, f, "plan_share", share, "%");
}

/* A cache that is emptied before it is used. limit: misses. */
void so_rule_memoize_thrash(struct so_rule_check *c, const struct so_plan_node *node)
{
	double lost = (double)(node->cache_evictions + node->cache_overflows);
	struct so_finding *f;

	if (!so_node_is(node, "Memoize") || node->cache_hits < 0 || lost <= (double)node->cache_hits ||
		(double)node->cache_misses < c->limit[0])
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "Memoize drops %s entries and hits %s times",
		so_check_number(c, lost), so_check_number(c, (double)node->cache_hits));
	so_check_explain(c, f,
		"The cache of the inner side is too small for the keys that come: %s misses, %s evictions, %s hits.",
		so_check_number(c, (double)node->cache_misses), so_check_number(c, lost),
		so_check_number(c, (double)node->cache_hits));
	so_check_evidence(c, f, "hits", (double)node->cache_hits, "rows");
	so_check_evidence(c, f, "misses", (double)node->cache_misses, "rows");
	so_check_evidence(c, f, "evictions", lost, "rows");
}
