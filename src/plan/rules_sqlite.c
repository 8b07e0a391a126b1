/* What SQLite's plans give reason for. They have no figures: sizes come from the catalog, or are not claimed. The rules
 * that other engines' plans answer with figures ask so_unfigured_... here for plans without any. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* Whether a name may be one of a CTE, view or subquery that the statement itself computes: nobody can index these. */
static bool computes_inputs(const struct so_plan *plan)
{
	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (so_node_is(&plan->nodes[i], "MATERIALIZE") || so_node_is(&plan->nodes[i], "CO-ROUTINE"))
			return true;
	return false;
}

/* An index that the statement builds each time it runs. limit: rows, high rows. */
void so_rule_automatic_index(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *access = so_node_condition(node, SO_COND_ACCESS);
	const struct so_table *table = so_check_table(c, node);
	double rows = table && table->rows >= 0 ? table->rows : NAN;
	struct so_finding *f;

	if (!node->relation || !node->strategy || strncmp(node->strategy, "AUTOMATIC ", 10) != 0)
		return;
	if ((!table && computes_inputs(c->plan)) || rows < c->limit[0])
		return;
	f = so_check_found(c, node,
		isnan(rows)           ? SO_SEVERITY_LOW
		: rows >= c->limit[1] ? SO_SEVERITY_HIGH
				      : SO_SEVERITY_MEDIUM,
		"An index on %s is built every time the statement runs", so_check_object_name(c, node));
	so_check_explain(c, f,
		"No index of %s serves the condition %s, so SQLite reads the table, builds an index of its own, and "
		"throws it away at the end%s%s.",
		so_check_object_name(c, node), access ? so_check_condition(c, access) : "of the join",
		isnan(rows) ? "" : so_printf(c->tmp, ": %s rows", so_check_number(c, rows)),
		isnan(rows) ? "" : " (estimated)");
	so_check_evidence(c, f, "rows", rows, "rows");
	so_check_evidence(c, f, "indexes_built", 1, "a run");
}

/* ---- Plans without figures -------------------------------------------------------------------------------------- */

/* Rows of a table that a step scans whole, as the catalog has it; NAN when it does not scan or the catalog does not
 * know it. What stays after its conditions the plan does not tell. */
static double scanned_rows(const struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_table *table = so_check_table(c, node);
	bool scan =
		so_node_is(node, "SCAN") && !so_node_condition(node, SO_COND_ACCESS) &&
		(node->op == SO_PLAN_SEQ_SCAN || node->op == SO_PLAN_INDEX_SCAN || node->op == SO_PLAN_INDEX_ONLY_SCAN);

	return scan && table && table->rows >= 0 ? table->rows : NAN;
}

#define SIBLINGS_MAX 256 /* SQLite joins at most 64 tables; more are no plan of it */

/* The largest table that is scanned whole at the level of a step, before it. */
static const struct so_plan_node *largest_before(
	const struct so_rule_check *c, const struct so_plan_node *step, double *rows)
{
	const struct so_plan_node *found = NULL;

	int32_t left = SIBLINGS_MAX;

	*rows = NAN;
	for (int32_t i = step->parent < 0 ? -1 : c->plan->nodes[step->parent].first_child;
		i >= 0 && i < step->id && left-- > 0; i = c->plan->nodes[i].next_sibling) {
		double n = scanned_rows(c, &c->plan->nodes[i]);

		if (!isnan(n) && !(n <= *rows)) {
			*rows = n;
			found = &c->plan->nodes[i];
		}
	}
	return found;
}

/* limit: rows. */
void so_unfigured_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = node->op == SO_PLAN_SEQ_SCAN ? scanned_rows(c, node) : NAN;
	struct so_finding *f;

	if (!(rows >= c->limit[0]) || node->relationship == SO_PLAN_REL_INNER)
		return;
	for (const struct so_plan_node *up = node; up->parent >= 0; up = &c->plan->nodes[up->parent])
		if (up->relationship == SO_PLAN_REL_SUB_PLAN)
			return; /* correlated-subplan says it better */
	f = so_check_found(c, node, SO_SEVERITY_LOW, "All rows of %s are read, about %s", so_check_object_name(c, node),
		so_check_number(c, rows));
	so_check_explain(c, f,
		"No index is used for %s: its %s rows (estimated) are read one after the other and tested. The plan "
		"does not "
		"show conditions or LIMIT; a LIMIT without ORDER BY may end the scan sooner.",
		so_check_object_name(c, node), so_check_number(c, rows));
	so_check_evidence(c, f, "rows", rows, "rows");
}

#define TEMP "USE TEMP B-TREE"

/* limit: rows, high rows. */
void so_unfigured_sort(struct so_rule_check *c, const struct so_plan_node *node, const char *purpose, const char *what)
{
	const struct so_plan_node *table;
	const char *by;
	double rows;
	struct so_finding *f;

	if (strncmp(node->label, TEMP, strlen(TEMP)) != 0 ||
		(!node->strategy && strncmp(node->label, TEMP " FOR ", strlen(TEMP " FOR ")) != 0))
		return;
	by = node->strategy ? node->strategy : node->label + strlen(TEMP " FOR ");
	if (strncmp(by, purpose, strlen(purpose)) != 0)
		return;
	table = largest_before(c, node, &rows);
	if (!table || !(rows >= c->limit[0]))
		return;
	f = so_check_found(c, node, rows >= c->limit[1] ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"Up to %s rows of %s are %s in a temporary b-tree", so_check_number(c, rows),
		so_check_object_name(c, table), what);
	so_check_explain(c, f,
		"No index delivers the rows in the order of %s, so those of %s that pass its conditions, up to %s "
		"(estimated), "
		"are put into a temporary b-tree before the first one is returned.",
		by, so_check_object_name(c, table), so_check_number(c, rows));
	so_check_object(c, f, so_check_object_name(c, table));
	so_check_evidence(c, f, "rows", rows, "rows");
}

#define CORRELATED_ROWS 1000 /* a smaller table may be scanned for every row */

/* A subquery for each row of the outer query, in which a table is scanned. */
void so_unfigured_subplan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *scan = NULL;
	double rows = NAN;
	struct so_finding *f;

	for (int32_t i = node->id + 1; i < node->end && !scan; i++) {
		const struct so_plan_node *at = &c->plan->nodes[i];
		bool automatic = at->strategy && strncmp(at->strategy, "AUTOMATIC ", 10) == 0;

		if (at->relation && (at->op == SO_PLAN_SEQ_SCAN || automatic) &&
			!(scanned_rows(c, at) < CORRELATED_ROWS))
			scan = at;
	}
	if (!scan || (!so_check_table(c, scan) && computes_inputs(c->plan)))
		return;
	rows = scanned_rows(c, scan);
	f = so_check_found(c, node,
		isnan(rows)      ? SO_SEVERITY_LOW
		: rows >= 100000 ? SO_SEVERITY_HIGH
				 : SO_SEVERITY_MEDIUM,
		"%s is scanned again for every row", so_check_object_name(c, scan));
	so_check_explain(c, f,
		"The subquery depends on the outer row and is run for each one, and no index of %s serves it: %s "
		"rows%s are "
		"read each time.",
		so_check_object_name(c, scan), isnan(rows) ? "all its" : so_check_number(c, rows),
		isnan(rows) ? "" : " (estimated)");
	so_check_object(c, f, so_check_object_name(c, scan));
	so_check_evidence(c, f, "rows_a_scan", rows, "rows");
	so_check_evidence(c, f, "scans", 1, "a row");
}

/* limit: rows a scan, loops, rows in all. */
void so_unfigured_inner_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = scanned_rows(c, node), outer;
	struct so_finding *f;

	if (node->relationship != SO_PLAN_REL_INNER || !(rows >= c->limit[0]) || !largest_before(c, node, &outer) ||
		!(outer >= c->limit[1] && rows * outer >= c->limit[2]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s is scanned whole up to %s times",
		so_check_object_name(c, node), so_check_number(c, outer));
	so_check_explain(c, f,
		"The inner side of the join is a full scan of %s: %s rows (estimated) for each row of the table before "
		"it that passes its conditions, at most %s of them.",
		so_check_object_name(c, node), so_check_number(c, rows), so_check_number(c, outer));
	so_check_evidence(c, f, "loops_at_most", outer, "loops");
	so_check_evidence(c, f, "rows_a_scan", rows, "rows");
}
