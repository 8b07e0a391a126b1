/* Findings on rows that are produced for nothing: skipped by OFFSET, read from partitions that hold none, fetched from
 * another server or computed into a temporary table before they are filtered. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* Oracle makes OFFSET a condition on a number that each row gets. */
static bool numbers_rows(const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);

	return node->op == SO_PLAN_SUBQUERY && filter && strstr(filter->text, "rowlimit_$$_rownumber\">");
}

/* OFFSET reads rows to skip them. limit: rows, ratio. */
void so_rule_large_offset(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *child = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	double skipped, rows;
	struct so_finding *f;

	if (!child)
		child = so_node_child(c->plan, node, SO_PLAN_REL_SUBQUERY);
	if ((node->op != SO_PLAN_LIMIT && !numbers_rows(node)) || !child)
		return;
	if (c->plan->has_analyze) {
		rows = node->rows_actual;
		skipped = so_node_rows(c, child) - rows;
		/* a child that computes all its rows whatever the limit (a gather, a sort in each worker) proves
		 * nothing */
		if (child->op == SO_PLAN_GATHER)
			return;
	} else {
		double span = child->total_cost - child->startup_cost;

		rows = node->rows_est;
		skipped = span > 0 ? (node->startup_cost - child->startup_cost) / span * child->rows_est : 0;
	}
	if (!(skipped >= c->limit[0] && skipped >= c->limit[1] * fmax(1, rows)))
		return;
	f = so_check_found(c, node, so_severity_of(skipped, 0, 100000, 10000000), "OFFSET skips %s rows to return %s",
		so_check_number(c, skipped), so_check_number(c, rows));
	so_check_explain(c, f, "%s rows (%s) are produced only to be skipped; every further page costs more.",
		so_check_number(c, skipped), c->plan->has_analyze ? "measured" : "estimated");
	so_check_evidence(c, f, "rows_skipped", skipped, "rows");
	so_check_evidence(c, f, "rows_returned", rows, "rows");
}

/* Engines that read partitions in one step say how many, but not which of them held the rows. */
static void check_partitions_of_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	double removed = node->removed_filter * node->loops, rows = node->rows_actual * node->loops;
	double share = removed / fmax(1, removed + rows) * 100;
	struct so_finding *f;

	if (node->partitions < c->limit[0] || !(share >= c->limit[2]) || !(removed >= c->limit[3]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%d partitions of %s are read to keep %s of %s rows",
		(int)node->partitions, so_check_object_name(c, node), so_check_number(c, rows),
		so_check_number(c, removed + rows));
	so_check_explain(c, f,
		"The condition does not restrict the partition key enough: %d partitions were read, and %s of %s rows "
		"(measured) "
		"thrown away.",
		(int)node->partitions, so_check_number(c, removed), so_check_number(c, removed + rows));
	so_check_evidence(c, f, "partitions", node->partitions, "partitions");
	so_check_evidence(c, f, "rows_removed", removed, "rows");
}

/* All partitions are read although few hold matching rows. limit: partitions, empty %. */
void so_rule_partition_pruning(struct so_rule_check *c, const struct so_plan_node *node)
{
	double members = 0, empty = 0, rows = 0;
	const struct so_plan_node *first = NULL;
	struct so_finding *f;

	if (node->partitions > 0) {
		check_partitions_of_scan(c, node);
		return;
	}
	if (!so_node_is(node, "Append") && !so_node_is(node, "Merge Append"))
		return;
	if (!c->plan->has_analyze || node->subplans_removed > 0)
		return;
	for (int32_t i = node->first_child; i >= 0; i = c->plan->nodes[i].next_sibling) {
		const struct so_plan_node *member = &c->plan->nodes[i];
		const char *tail = member->alias ? strrchr(member->alias, '_') : NULL;

		/* a partition's alias is that of its parent with a number */
		if (!so_node_is_scan(member) || !tail || strspn(tail + 1, "0123456789") != strlen(tail + 1))
			return;
		if (!so_node_condition(member, SO_COND_FILTER) && !so_node_condition(member, SO_COND_ACCESS))
			return;
		if (!first)
			first = member;
		members += member->loops > 0;
		empty += member->loops > 0 && member->rows_actual == 0;
		rows += member->rows_actual * member->loops;
	}
	if (!first || !(members >= c->limit[0] && empty / members * 100 >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s partitions are read, %s of them for nothing",
		so_check_number(c, members), so_check_number(c, empty));
	so_check_explain(c, f,
		"The condition does not restrict the partition key, so %s partitions were read to find %s rows; %s of "
		"them hold "
		"none.",
		so_check_number(c, members), so_check_number(c, rows), so_check_number(c, empty));
	so_check_object(c, f, so_check_object_name(c, first));
	so_check_evidence(c, f, "partitions", members, "partitions");
	so_check_evidence(c, f, "partitions_empty", empty, "partitions");
}

/* Rows cross the network before they are filtered. limit: rows, removed %. */
void so_rule_foreign_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	double removed = node->removed_filter * node->loops, rows = node->rows_actual * node->loops;
	struct so_finding *f;

	if (node->op != SO_PLAN_REMOTE || !filter || !(removed >= c->limit[0]) ||
		!(removed / (removed + rows) * 100 >= c->limit[1]))
		return;
	f = so_check_found(c, node, so_severity_of(removed, 0, 100000, 10000000),
		"%s rows of %s are fetched and then thrown away", so_check_number(c, removed),
		so_check_object_name(c, node));
	so_check_explain(c, f,
		"The condition %s is not sent to the other server: %s rows came over the network, %s were kept.",
		so_check_condition(c, filter), so_check_number(c, removed + rows), so_check_number(c, rows));
	so_check_evidence(c, f, "rows_removed", removed, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* A derived table or view that is filled whole, and read with a condition. limit: as below. */
static void check_derived_table(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *filled = so_node_child(c->plan, node, SO_PLAN_REL_SUBQUERY);
	double all, kept, share = so_node_share(c->plan, node) * 100;
	struct so_finding *f;

	if (!filled || !so_node_is(filled, "Materialize") || !c->plan->has_analyze)
		return;
	all = so_node_rows(c, filled);
	if (isnan(all) && filled->first_child >= 0)
		all = so_node_rows(c, &c->plan->nodes[filled->first_child]);
	kept = so_node_rows(c, node) * fmax(1, so_node_runs(c, node));
	if (!(all >= c->limit[0] && (1 - kept / all) * 100 >= c->limit[1] && share >= c->limit[2]))
		return;
	f = so_check_found(c, node, so_severity_of(all, 0, 100000, 10000000),
		"Derived table %s has %s rows, %s are used", node->relation, so_check_number(c, all),
		so_check_number(c, kept));
	so_check_explain(c, f,
		"All %s rows of the derived table or view (measured) are computed into a temporary table before its "
		"conditions "
		"are tested; %s are used.",
		so_check_number(c, all), so_check_number(c, kept));
	so_check_evidence(c, f, "rows", all, "rows");
	so_check_evidence(c, f, "rows_used", kept, "rows");
	so_check_evidence(c, f, "plan_share", share, "%");
}

/* A CTE computed whole although its only reader keeps few of its rows. limit: rows, removed %, share %. */
void so_rule_materialized_cte(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const struct so_plan_node *cte;
	double all, kept, share;
	struct so_finding *f;

	if (node->op == SO_PLAN_SUBQUERY && node->relation) {
		check_derived_table(c, node);
		return;
	}
	if (node->cte_root < 0 || !filter)
		return;
	cte = &c->plan->nodes[node->cte_root];
	if (cte->cte_readers != 1 || cte->op == SO_PLAN_MODIFY || so_node_is(cte, "Recursive Union"))
		return;
	all = so_node_rows(c, cte);
	kept = so_node_rows(c, node);
	share = so_node_share(c->plan, cte) + node->share;
	if (!(all >= c->limit[0] && (1 - kept / all) * 100 >= c->limit[1] && share * 100 >= c->limit[2]))
		return;
	f = so_check_found(c, node, so_severity_of(all, 0, 100000, 10000000), "CTE %s computes %s rows, %s are used",
		node->cte_name, so_check_number(c, all), so_check_number(c, kept));
	so_check_explain(c, f,
		"The CTE is materialised, so the condition %s is tested only after all its %s rows (%s) have been "
		"computed and kept. Inlined, "
		"the condition could reach the tables inside it.",
		so_check_condition(c, filter), so_check_number(c, all),
		c->plan->has_analyze ? "measured" : "estimated");
	so_check_object(c, f, node->cte_name);
	so_check_evidence(c, f, "rows", all, "rows");
	so_check_evidence(c, f, "rows_used", kept, "rows");
	so_check_evidence(c, f, "plan_share", share * 100, "%");
}
