/* Findings that only some engines' plans give reason for: MySQL's temporary tables and join buffers, SQL Server's and
 * Oracle's lookups, and what their optimisers remark themselves. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

static const char *how_of(const struct so_rule_check *c)
{
	return c->plan->has_analyze ? "measured" : "estimated";
}

static const struct so_plan_node *first_child(const struct so_rule_check *c, const struct so_plan_node *node)
{
	return node->first_child < 0 ? NULL : &c->plan->nodes[node->first_child];
}

/* Rows of a node over all its executions; NAN when neither measured nor estimated. */
static double all_rows(const struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = so_node_rows(c, node), runs = so_node_runs(c, node);

	return rows * (runs > 0 ? runs : 1);
}

/* The rows that come into a node that adds none: from the nearest node below that knows. */
static double rows_into(const struct so_rule_check *c, const struct so_plan_node *node)
{
	for (node = first_child(c, node); node; node = first_child(c, node)) {
		double rows = all_rows(c, node);

		if (!isnan(rows))
			return rows;
	}
	return NAN;
}

/* ---- MySQL and MariaDB ------------------------------------------------------------------------------------------ */

/* limit: rows, high rows, share %. */
void so_rule_filesort(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = rows_into(c, node), share = so_node_share(c->plan, node) * 100;
	double own = node->share * 100;
	struct so_finding *f;

	if (!c->has_figures) {
		so_unfigured_sort(c, node, "ORDER BY", "sorted");
		return;
	}
	if (node->op != SO_PLAN_SORT || !(rows >= c->limit[0]) || (c->plan->has_timing && !(own >= c->limit[2])))
		return;
	f = so_check_found(c, node, rows >= c->limit[1] ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"%s rows are sorted in the end", so_check_number(c, rows));
	so_check_explain(c, f,
		"No index delivers the rows in the order %s%s%s, so all %s of them (%s) are collected and sorted "
		"before the "
		"first one is returned.",
		node->n_sort_keys ? "of " : "that is asked for", node->n_sort_keys ? node->sort_keys[0] : "",
		node->n_sort_keys > 1 ? " ..." : "", so_check_number(c, rows), how_of(c));
	so_check_evidence(c, f, "rows_sorted", rows, "rows");
	so_check_evidence(c, f, "plan_share", c->plan->has_timing ? own : share, "%");
}

static bool is_temporary_table(const struct so_plan_node *node)
{
	return so_node_is(node, "Temporary table") || so_node_is(node, "Temporary table with deduplication") ||
	       so_node_is(node, "Aggregate using temporary table") ||
	       (so_node_is(node, "Group") && node->strategy && strstr(node->strategy, "temporary table")) ||
	       (so_node_is(node, "Remove duplicates") && node->strategy && strstr(node->strategy, "temporary table"));
}

/* limit: rows, high rows. */
void so_rule_temporary_table(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = rows_into(c, node);
	struct so_finding *f;

	if (!c->has_figures) {
		so_unfigured_sort(c, node, "GROUP BY", "grouped");
		so_unfigured_sort(c, node, "DISTINCT", "made distinct");
		return;
	}
	if (!is_temporary_table(node) || !(rows >= c->limit[0]))
		return;
	f = so_check_found(c, node, rows >= c->limit[1] ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"%s rows go through a temporary table", so_check_number(c, rows));
	so_check_explain(c, f,
		"To group them or to remove duplicates, %s rows (%s) are looked up in or written to a temporary table, "
		"since they do not come in the order of the groups. A large one goes to disk.",
		so_check_number(c, rows), how_of(c));
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* limit: pairs, high pairs. */
void so_rule_join_buffer(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *outer = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	const struct so_plan_node *inner = so_node_child(c->plan, node, SO_PLAN_REL_INNER);
	double a, b;
	struct so_finding *f;

	if (node->op != SO_PLAN_NESTED_LOOP || !node->join_buffer || !outer || !inner ||
		!so_node_is(node, "Block nested loop join"))
		return;
	a = all_rows(c, outer);
	b = so_node_rows(c, inner);
	if (!(a * b >= c->limit[0]))
		return;
	f = so_check_found(c, node, a * b >= c->limit[1] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"%s x %s rows are compared in a join buffer", so_check_number(c, a), so_check_number(c, b));
	so_check_explain(c, f,
		"No index on %s serves the join: %s rows of the other side are put into a buffer and each of %s rows "
		"read is "
		"compared with them, %s pairs (%s).",
		so_check_object_name(c, inner), so_check_number(c, a), so_check_number(c, b), so_check_number(c, a * b),
		how_of(c));
	if (inner->relation)
		so_check_object(c, f, so_check_object_name(c, inner));
	so_check_evidence(c, f, "outer_rows", a, "rows");
	so_check_evidence(c, f, "inner_rows", b, "rows");
	so_check_evidence(c, f, "pairs", a * b, "rows");
}

/* limit: executions, rows. */
void so_rule_range_checked(struct so_rule_check *c, const struct so_plan_node *node)
{
	double runs = so_node_runs(c, node);
	struct so_finding *f;

	if (!so_node_is(node, "Range checked for each record") ||
		!(runs >= c->limit[0] && node->tested_est >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "How to read %s is decided anew for each of %s rows",
		so_check_object_name(c, node), so_check_number(c, runs));
	so_check_explain(c, f,
		"No index is good enough for the join in general, so for each of %s rows (%s) the optimiser looks "
		"whether one "
		"fits its values; otherwise all %s rows of the table are read.",
		so_check_number(c, runs), how_of(c), so_check_number(c, node->tested_est));
	so_check_evidence(c, f, "executions", runs, "loops");
	so_check_evidence(c, f, "table_rows", node->tested_est, "rows");
}

/* limit: entries, ratio. */
void so_rule_index_merge(struct so_rule_check *c, const struct so_plan_node *node)
{
	double entries = 0, rows = so_node_rows(c, node);
	size_t n = 0;
	struct so_finding *f;

	if (!so_node_is(node, "Index merge intersect") && !so_node_is(node, "BITMAP AND") &&
		!so_node_is(node, "AND-EQUAL"))
		return;
	if (isnan(rows) && node->parent >= 0)
		rows = so_node_rows(c, &c->plan->nodes[node->parent]);
	for (int32_t i = node->id + 1; i < node->end; i++) {
		const struct so_plan_node *index = &c->plan->nodes[i];

		if (index->index && !isnan(so_node_rows(c, index))) {
			entries += so_node_rows(c, index);
			n++;
		}
	}
	if (n < 2 || !(entries >= c->limit[0] && entries >= c->limit[1] * fmax(1, rows)))
		return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "%s entries of %zu indexes are read to find %s rows",
		so_check_number(c, entries), n, so_check_number(c, rows));
	so_check_explain(c, f,
		"Each of %zu indexes answers a part of the condition; %s entries (%s) are intersected. One index on "
		"all the "
		"columns would read the %s rows alone.",
		n, so_check_number(c, entries), how_of(c), so_check_number(c, rows));
	so_check_evidence(c, f, "entries", entries, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* ---- SQL Server and Oracle -------------------------------------------------------------------------------------- */

/* limit: lookups measured, lookups estimated, share %. */
void so_rule_key_lookup(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *below = first_child(c, node);
	/* SQL Server runs the lookup once a row, Oracle fetches the rows that an index below finds */
	bool inside = node->op == SO_PLAN_INDEX_SCAN && so_check_index_scans_look_up(c, node);
	double lookups = below ? all_rows(c, below) : so_node_runs(c, node), share = so_node_share(c->plan, node) * 100;
	struct so_finding *f;

	if (below)
		for (int32_t i = below->id; i < below->end; i++)
			share -= c->plan->nodes[i].share * 100;
	if (inside) {
		const char *how;

		lookups = so_node_tested(c, node, &how) * fmax(1, so_node_runs(c, node));
		share = node->share * 100;
	} else if (node->op != SO_PLAN_KEY_LOOKUP || (below && !below->index)) {
		return;
	}
	if (!(lookups >= c->limit[c->plan->has_analyze && !inside ? 0 : 1] && share >= c->limit[2]))
		return;
	f = so_check_found(c, node, so_severity_of(lookups, 10000, 1000000, INFINITY), "%s single lookups into %s",
		so_check_number(c, lookups), so_check_object_name(c, node));
	so_check_explain(c, f,
		"The index does not hold all the columns that are needed, so for each of %s entries (%s) the row "
		"itself is "
		"looked up: %.0f %% of the plan's %s.",
		so_check_number(c, lookups), how_of(c), share, c->plan->has_timing ? "time" : "cost");
	so_check_evidence(c, f, "lookups", lookups, "rows");
	so_check_evidence(c, f, "plan_share", share, "%");
}

/* limit: pairs, rows of a side. */
void so_rule_no_join_predicate(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *outer = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	const struct so_plan_node *inner = so_node_child(c->plan, node, SO_PLAN_REL_INNER);
	/* MySQL says what a hash join compares; a filter above may still connect the sides */
	bool hash = node->op == SO_PLAN_HASH_JOIN && strstr(node->label, "hash join") && !node->n_conditions &&
		    (node->parent < 0 || !so_node_is(&c->plan->nodes[node->parent], "Filter"));
	double a, b;
	struct so_finding *f;

	/* MariaDB puts the sides of such a join into a buffer */
	bool buffered = node->join_buffer && !node->n_conditions && inner && outer &&
			!so_node_depends_on(c, inner, outer) &&
			(node->parent < 0 || !so_node_is(&c->plan->nodes[node->parent], "Filter"));

	if (!so_check_note(c, "no_join_predicate", node->id) && !strstr(node->label, "CARTESIAN") && !hash && !buffered)
		return;
	if (!outer || !inner)
		return;
	a = so_node_rows(c, outer);
	b = isnan(so_node_rows(c, inner)) ? rows_into(c, inner) : so_node_rows(c, inner);
	if (!(a * b >= c->limit[0] && a >= c->limit[1] && b >= c->limit[1]))
		return;
	f = so_check_found(c, node, so_severity_of(a * b, 0, 1000000, 100000000),
		"Join without a condition: %s x %s rows", so_check_number(c, a), so_check_number(c, b));
	so_check_explain(c, f,
		"The optimiser found nothing that connects the two sides: each of %s rows is paired with each of %s, "
		"%s pairs "
		"(%s).",
		so_check_number(c, a), so_check_number(c, b), so_check_number(c, a * b), how_of(c));
	so_check_evidence(c, f, "pairs", a * b, "rows");
	so_check_evidence(c, f, "outer_rows", a, "rows");
	so_check_evidence(c, f, "inner_rows", b, "rows");
}

/* limit: executions, rows. */
void so_rule_index_spool(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *source = first_child(c, node);
	double runs = so_node_runs(c, node), rows;
	struct so_finding *f;

	if (!so_node_is(node, "Index Spool") || !source)
		return;
	rows = so_node_rows(c, source);
	if (!(runs >= c->limit[0] && rows >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_HIGH, "An index over %s rows is built for this statement alone",
		so_check_number(c, rows));
	so_check_explain(c, f,
		"SQL Server copies %s rows (%s) into an index in tempdb, looks it up %s times and throws it away, on "
		"every execution of the statement.",
		so_check_number(c, rows), how_of(c), so_check_number(c, runs));
	if (source->relation)
		so_check_object(c, f, so_check_object_name(c, source));
	so_check_evidence(c, f, "rows_indexed", rows, "rows");
	so_check_evidence(c, f, "lookups", runs, "loops");
}

/* limit: partitions, share %. */
void so_rule_partitions_all(struct so_rule_check *c, const struct so_plan_node *node)
{
	const char *range = node->strategy ? strchr(node->strategy, '-') : NULL;
	double share = so_node_share(c->plan, node) * 100, n = NAN;
	struct so_finding *f;

	if (strncmp(node->label, "PARTITION ", 10) != 0 || !strstr(node->label, " ALL") || !range ||
		sscanf(range + 1, "%lf", &n) != 1)
		return;
	if (!(n >= c->limit[0] && share >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "All %s partitions are read", so_check_number(c, n));
	so_check_explain(c, f,
		"No condition on the partition key leaves partitions out: %s are read, %.0f %% of the plan's %s.",
		node->strategy, share, c->plan->has_timing ? "time" : "cost");
	for (int32_t i = node->id; f && i < node->end; i++)
		if (c->plan->nodes[i].relation && f->n_objects < 4)
			so_check_object(c, f, so_check_object_name(c, &c->plan->nodes[i]));
	so_check_evidence(c, f, "partitions", n, "partitions");
	so_check_evidence(c, f, "plan_share", share, "%");
}

/* ---- Remarks of the optimiser ----------------------------------------------------------------------------------- */

/* Whether a table is read without looking anything up: tables of MySQL tell no lookup, but their labels do. */
static bool reads_all(const struct so_plan_node *node)
{
	return node->relation && !so_node_condition(node, SO_COND_ACCESS) && !strcasestr(node->label, "lookup") &&
	       !strcasestr(node->label, "range");
}

/* The conversion keeps an index from being looked up; it matters where many rows are read for it. limit: rows. */
void so_rule_conversion_seek(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "convert_seek", -2);
	const struct so_plan_node *worst = NULL;
	double most = 0;
	struct so_finding *f;

	for (int32_t i = 0; note && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		bool meant = note->node < 0 || note->node == i;
		const char *how;
		double tested = meant && reads_all(node) ? so_node_tested(c, node, &how) : NAN;

		if (tested > most) {
			most = tested;
			worst = node;
		}
	}
	if (!worst || !(most >= c->limit[0]))
		return;
	f = so_check_found(c, worst, SO_SEVERITY_HIGH, "A conversion keeps an index on %s from being used",
		so_check_object_name(c, worst));
	so_check_explain(c, f,
		"The column is converted in every row before it is compared: %s. So %s rows (%s) are read instead of "
		"those that match.",
		note->text, so_check_number(c, most), how_of(c));
	so_check_evidence(c, f, "rows_read", most, "rows");
}

/* limit: impact %, cost. */
void so_rule_missing_index(struct so_rule_check *c)
{
	for (size_t i = 0; i < c->plan->n_notes; i++) {
		const struct so_plan_note *note = &c->plan->notes[i];
		struct so_finding *f;

		if (strcmp(note->kind, "missing_index") != 0 ||
			!(note->value >= c->limit[0] && c->plan->total_cost >= c->limit[1]))
			continue;
		f = so_check_found(c, NULL, note->value >= 90 ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
			"The optimiser misses an index that would save %.0f %%", note->value);
		so_check_explain(c, f,
			"SQL Server estimates that this index would lower the statement's cost of %s by %.0f %%: %s. "
			"It knows "
			"neither the index's upkeep nor other statements, and the order of its columns is not thought "
			"through.",
			so_check_number(c, c->plan->total_cost), note->value, note->text);
		so_check_evidence(c, f, "impact", note->value, "%");
		so_check_evidence(c, f, "cost", c->plan->total_cost, "cost");
	}
}

/* "dynamic statistics used: dynamic sampling (level=2)": some table has none. Level 11 is a matter of settings. */
static const struct so_plan_note *sampling_note(const struct so_rule_check *c)
{
	for (size_t i = 0; i < c->plan->n_notes; i++) {
		const struct so_plan_note *note = &c->plan->notes[i];

		if (strcmp(note->kind, "note") == 0 && strstr(note->text, "dynamic sampling") &&
			strstr(note->text, "level=2"))
			return note;
	}
	return NULL;
}

/* Plans that say nothing of it: the catalog knows. */
static void check_never_analysed(struct so_rule_check *c)
{
	bool *seen = c->catalog ? so_new_array(c->tmp, bool, (unsigned)c->catalog->n_tables + 1) : NULL;

	for (int32_t i = 0; c->catalog && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		const struct so_table *table = so_check_table(c, node);
		struct so_finding *f;

		if (!table || seen[table - c->catalog->tables])
			continue;
		seen[table - c->catalog->tables] = true;
		if (table->kind != SO_TABLE || table->has_stats || !(table->rows >= c->limit[0]))
			continue;
		f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s has no statistics", so_check_object_name(c, node));
		so_check_explain(c, f,
			"There are no statistics of %s, which has about %s rows: the planner takes fixed shares for "
			"its conditions, "
			"and may choose the wrong index or the wrong order of the tables.",
			so_check_object_name(c, node), so_check_number(c, table->rows));
		so_check_evidence(c, f, "rows", table->rows, "rows");
	}
}

/* limit: rows. */
void so_rule_no_statistics(struct so_rule_check *c)
{
	const struct so_plan_note *columns = so_check_note(c, "no_statistics", -2), *sampled = sampling_note(c);
	double most = 0;
	struct so_finding *f;

	if (!columns && !sampled) {
		check_never_analysed(c);
		return;
	}
	for (int32_t i = 0; i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];

		most = fmax(most, fmax(all_rows(c, node), node->tested_est));
	}
	if (!(most >= c->limit[0]))
		return;
	f = so_check_found(c, columns && columns->node >= 0 ? &c->plan->nodes[columns->node] : NULL, SO_SEVERITY_MEDIUM,
		"The plan was made without statistics%s%s", columns ? " on " : "", columns ? columns->text : "");
	so_check_explain(c, f,
		columns ? "There are no statistics on %s: the optimiser took fixed shares for its conditions. The plan "
			  "handles up "
			  "to %s rows."
			: "The plan says \"%s\": at least one table has no statistics, and a sample was taken when the "
			  "plan was "
			  "made. It handles up to %s rows.",
		columns ? columns->text : sampled->text, so_check_number(c, most));
	so_check_evidence(c, f, "rows", most, "rows");
}

/* limit: kB granted, used %. */
void so_rule_memory_grant(struct so_rule_check *c)
{
	const struct so_plan_note *granted = so_check_note(c, "granted_kb", -1),
				  *used = so_check_note(c, "used_kb", -1);
	struct so_finding *f;

	if (!granted || !used || !(granted->value >= c->limit[0] && used->value * 100 <= granted->value * c->limit[1]))
		return;
	f = so_check_found(c, NULL, granted->value >= 1048576 ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"%.0f MB of memory are reserved, %.1f MB used", granted->value / 1024, used->value / 1024);
	so_check_explain(c, f,
		"While the statement runs, %.0f MB are kept from all others although it needs %.1f MB (measured): its "
		"sorts and "
		"hash tables were planned for more or wider rows than came.",
		granted->value / 1024, used->value / 1024);
	so_check_evidence(c, f, "granted", granted->value * 1024, "bytes");
	so_check_evidence(c, f, "used", used->value * 1024, "bytes");
}
