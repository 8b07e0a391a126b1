/* What SQLite's plans give reason for. They have no figures: sizes come from the catalog, or are not claimed. */
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
		"throws "
		"it away at the end%s%s.",
		so_check_object_name(c, node), access ? so_check_condition(c, access) : "of the join",
		isnan(rows) ? "" : so_printf(c->tmp, ": %s rows", so_check_number(c, rows)),
		isnan(rows) ? "" : " (estimated)");
	so_check_evidence(c, f, "rows", rows, "rows");
	so_check_evidence(c, f, "indexes_built", 1, "a run");
}
