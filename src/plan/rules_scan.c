/* Findings on scans: rows that are read and thrown away, and indexes that do not fit. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* Whether all parts of a condition are subplans, which no index on this table can serve. */
static bool only_subplans(struct so_rule_check *c, const struct so_condition *condition)
{
	size_t n = 0;
	so_ref *parts = condition->expr ? so_expr_parts(c->tmp, c->plan->ast, condition->expr, &n) : NULL;

	for (size_t i = 0; i < n; i++) {
		struct so_text text = so_ast_source_of(c->plan->ast, parts[i]);

		if (!memmem(text.s, text.len, "SubPlan ", 8))
			return false;
	}
	return n > 0;
}

static const struct so_plan_node *limit_above(const struct so_plan *plan, const struct so_plan_node *node)
{
	for (int32_t i = node->parent; i >= 0; i = plan->nodes[i].parent) {
		const struct so_plan_node *up = &plan->nodes[i];

		if (up->op == SO_PLAN_LIMIT)
			return up;
		if (!so_node_is(up, "Incremental Sort") && up->op != SO_PLAN_GATHER && up->op != SO_PLAN_SUBQUERY &&
			up->op != SO_PLAN_NESTED_LOOP)
			return NULL;
	}
	return NULL;
}

/* What a filter throws away of what was read for it. */
struct waste {
	const char *how; /* where the figures are from */
	double tested, rows, removed, share;
};

/* False: below the limits of the rule: rows, removed %, share % of the plan. */
static bool wastes(struct so_rule_check *c, const struct so_plan_node *node, struct waste *waste)
{
	waste->tested = so_node_tested(c, node, &waste->how);
	waste->rows = so_node_rows(c, node);
	waste->removed = 1 - waste->rows / waste->tested;
	waste->share = so_node_share(c->plan, node);
	return waste->tested >= c->limit[0] && waste->removed * 100 >= c->limit[1] && waste->share * 100 >= c->limit[2];
}

static void tell_waste(struct so_rule_check *c, struct so_finding *f, const char *read, const struct waste *waste)
{
	so_check_evidence(c, f, read, waste->tested, "rows");
	so_check_evidence(c, f, "rows_removed", waste->tested - waste->rows, "rows");
	so_check_evidence(c, f, "removed_share", waste->removed * 100, "%");
	so_check_evidence(c, f, "plan_share", waste->share * 100, "%");
}

/* A sequential scan whose filter throws most rows away. limit: rows, removed %, share % of the plan. */
void so_rule_seq_scan_filter(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	struct waste waste;
	struct so_finding *f;

	if (node->op != SO_PLAN_SEQ_SCAN || !filter || only_subplans(c, filter))
		return;
	if (!wastes(c, node, &waste))
		return;
	f = so_check_found(c, node,
		waste.removed >= 0.99 && waste.how[0] != 'r' ? so_severity_of(waste.tested, 0, 100000, 10000000)
							     : SO_SEVERITY_MEDIUM,
		"Full scan of %s to keep %s of %s rows", so_check_object_name(c, node), so_check_number(c, waste.rows),
		so_check_number(c, waste.tested));
	so_check_explain(c, f,
		"Every row of %s is read and tested against %s; %s of %s rows (%s) are thrown away (%s). The scan is "
		"%.0f %% of the plan's %s.",
		so_check_object_name(c, node), so_check_condition(c, filter),
		so_check_number(c, waste.tested - waste.rows), so_check_number(c, waste.tested),
		so_printf(c->tmp, waste.removed > 0.999 ? "%.3f %%" : "%.1f %%", waste.removed * 100), waste.how,
		waste.share * 100, c->plan->has_timing ? "time" : "cost");
	tell_waste(c, f, "rows_tested", &waste);
}

/* All entries of an index are read and most of them thrown away. limit: rows, removed %, share % of the plan. */
void so_rule_index_full_scan(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	bool whole = so_node_is_full_scan(node) && node->op != SO_PLAN_SEQ_SCAN;
	struct waste waste;
	struct so_finding *f;

	if (!whole || !node->index || !filter || only_subplans(c, filter) || limit_above(c->plan, node))
		return;
	if (!wastes(c, node, &waste))
		return;
	f = so_check_found(c, node,
		waste.removed >= 0.99 ? so_severity_of(waste.tested, 0, 100000, 10000000) : SO_SEVERITY_MEDIUM,
		"All %s entries of index %s are read to keep %s", so_check_number(c, waste.tested), node->index,
		so_check_number(c, waste.rows));
	so_check_explain(c, f,
		"The condition %s does not bound the index: every entry of %s is read and tested, %s of %s (%s) are "
		"thrown away. That is %.0f %% of the plan's %s.",
		so_check_condition(c, filter), node->index, so_check_number(c, waste.tested - waste.rows),
		so_check_number(c, waste.tested), waste.how, waste.share * 100, c->plan->has_timing ? "time" : "cost");
	tell_waste(c, f, "entries_read", &waste);
}

/* The join above a scan, through nodes that pass rows on unchanged; NULL when something else comes first. `*side` is
 * the join's child on the way. */
static const struct so_plan_node *join_above(
	const struct so_plan *plan, const struct so_plan_node *node, const struct so_plan_node **side)
{
	*side = node;
	for (int32_t i = node->parent; i >= 0; i = plan->nodes[i].parent) {
		const struct so_plan_node *up = &plan->nodes[i];

		if ((*side)->relationship == SO_PLAN_REL_INIT_PLAN || (*side)->relationship == SO_PLAN_REL_SUB_PLAN)
			return NULL;
		if (so_node_is_join(up))
			return up;
		if (up->op != SO_PLAN_HASH && up->op != SO_PLAN_SORT && up->op != SO_PLAN_MATERIALIZE &&
			up->op != SO_PLAN_GATHER)
			return NULL;
		*side = up;
	}
	return NULL;
}

/* A large table scanned whole to be joined with few rows. limit: rows, ratio, share %. */
void so_rule_seq_scan_in_join(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *side, *join, *other = NULL;
	const char *how;
	double tested, few, out, share;
	struct so_finding *f;

	if (node->op != SO_PLAN_SEQ_SCAN || !(join = join_above(c->plan, node, &side)))
		return;
	for (int32_t i = join->first_child; i >= 0; i = c->plan->nodes[i].next_sibling)
		if (i != side->id && (c->plan->nodes[i].relationship == SO_PLAN_REL_OUTER ||
					     c->plan->nodes[i].relationship == SO_PLAN_REL_INNER))
			other = &c->plan->nodes[i];
	if (!other)
		return;
	tested = so_node_tested(c, node, &how);
	few = so_node_rows(c, other) * fmax(1, so_node_runs(c, other) / fmax(1, so_node_runs(c, join)));
	out = so_node_rows(c, join);
	share = so_node_share(c->plan, node);
	if (!(tested >= c->limit[0] && few * c->limit[1] <= tested && out * c->limit[1] <= tested &&
		    share * 100 >= c->limit[2]))
		return;
	f = so_check_found(c, node, so_severity_of(tested, 0, 1000000, 100000000),
		"Full scan of %s (%s rows) for a join that needs %s", so_check_object_name(c, node),
		so_check_number(c, tested), so_check_number(c, out));
	so_check_explain(c, f,
		"All %s rows of %s are read (%s), while the other side of the %s has %s and the join returns %s. With "
		"an index on the join or filter columns only the matching rows would be read.",
		so_check_number(c, tested), so_check_object_name(c, node), how, join->label, so_check_number(c, few),
		so_check_number(c, out));
	so_check_evidence(c, f, "rows_scanned", tested, "rows");
	so_check_evidence(c, f, "rows_other_side", few, "rows");
	so_check_evidence(c, f, "rows_joined", out, "rows");
	so_check_evidence(c, f, "plan_share", share * 100, "%");
}

/* Whether every node above passes the rows on to the client: nothing filters, counts or stops them. */
static bool reaches_client(const struct so_plan *plan, const struct so_plan_node *node)
{
	for (const struct so_plan_node *at = node; at->parent >= 0; at = &plan->nodes[at->parent]) {
		const struct so_plan_node *up = &plan->nodes[at->parent];

		if (up->op != SO_PLAN_SORT && up->op != SO_PLAN_GATHER && up->op != SO_PLAN_MATERIALIZE &&
			!(up->op == SO_PLAN_SUBQUERY && !so_node_condition(up, SO_COND_FILTER)) &&
			!so_node_is(up, "SELECT STATEMENT") && !so_node_is(up, "Compute Scalar"))
			return false;
	}
	return true;
}

/* The whole of a large table goes to the client. limit: rows. */
void so_rule_full_scan_large(struct so_rule_check *c, const struct so_plan_node *node)
{
	const char *how;
	double rows;
	struct so_finding *f;

	if (!c->has_figures) {
		so_unfigured_scan(c, node);
		return;
	}
	if (node->op != SO_PLAN_SEQ_SCAN || so_node_condition(node, SO_COND_FILTER) || !reaches_client(c->plan, node))
		return;
	rows = c->plan->has_analyze ? so_node_tested(c, node, &how) : so_node_rows(c, node);
	if (!(rows >= c->limit[0]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "All %s rows of %s are returned", so_check_number(c, rows),
		so_check_object_name(c, node));
	so_check_explain(c, f,
		"The statement has neither a condition nor a limit on %s: %s rows (%s) of about %s bytes go to the "
		"client.",
		so_check_object_name(c, node), so_check_number(c, rows),
		c->plan->has_analyze ? "measured" : "estimated", so_check_number(c, node->width_est));
	so_check_evidence(c, f, "rows", rows, "rows");
	so_check_evidence(c, f, "row_width", node->width_est, "bytes");
}

/* IS NOT NULL on the index is no restriction worth the name: min() and max() add it. */
static bool has_access(const struct so_plan_node *node)
{
	const struct so_condition *access = so_node_condition(node, SO_COND_ACCESS);
	size_t len = access ? strlen(access->text) : 0;

	return access && !(len >= 13 && strcmp(access->text + len - 13, "IS NOT NULL)") == 0);
}

/* Engines that look the rows of an index up in a step of their own test the other conditions there. */
static void check_lookup_filter(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const struct so_plan_node *index = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	double runs = so_node_runs(c, node), rows = so_node_rows(c, node) * runs, found, removed;
	struct so_finding *f;

	if (!filter || (index && !index->index) || (!c->plan->has_analyze && so_check_filters_are_guesses(c)))
		return;
	found = index ? so_node_rows(c, index) * so_node_runs(c, index) : runs;
	removed = 1 - rows / found;
	if (!(found >= c->limit[0] && removed * 100 >= c->limit[1] &&
		    so_node_share(c->plan, node) * 100 >= c->limit[3]))
		return;
	f = so_check_found(c, node, removed * 100 >= c->limit[2] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"The index on %s finds %s rows, the filter keeps %s", so_check_object_name(c, node),
		so_check_number(c, found), so_check_number(c, rows));
	so_check_explain(c, f,
		"%s rows of %s that an index has found are looked up (%s), then %s throws %.1f %% of them away. The "
		"filtered "
		"columns are not part of the index.",
		so_check_number(c, found), so_check_object_name(c, node),
		c->plan->has_analyze ? "measured" : "estimated", so_check_condition(c, filter), removed * 100);
	if (index)
		so_check_object(c, f, index->index);
	so_check_evidence(c, f, "rows_fetched", found, "rows");
	so_check_evidence(c, f, "rows_removed", found - rows, "rows");
	so_check_evidence(c, f, "removed_share", removed * 100, "%");
}

/* An index finds rows and a filter throws most of them away. limit: rows, removed %, high above %, share %. */
void so_rule_index_filter(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const char *how;
	double tested, rows, removed, runs, share;
	struct so_finding *f;

	if (node->op == SO_PLAN_KEY_LOOKUP) {
		check_lookup_filter(c, node);
		return;
	}
	if (!so_node_is_scan(node) || so_node_is_full_scan(node) || !filter || only_subplans(c, filter))
		return;
	if (strncmp(node->label, "Single-row", 10) == 0)
		return; /* one row by its key: no index finds fewer */
	if (!c->plan->has_analyze && so_check_filters_are_guesses(c))
		return;
	if (!has_access(node) && !so_node_is(node, "Bitmap Heap Scan") && limit_above(c->plan, node))
		return; /* order-by-limit-wrong-index says it better */
	tested = so_node_tested(c, node, &how);
	rows = so_node_rows(c, node);
	runs = so_node_runs(c, node);
	removed = 1 - rows / tested;
	share = so_node_share(c->plan, node);
	if (!(tested * runs >= c->limit[0] && removed * 100 >= c->limit[1] && share * 100 >= c->limit[3]))
		return;
	f = so_check_found(c, node, removed * 100 >= c->limit[2] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"The index on %s finds %s rows, the filter keeps %s", so_check_object_name(c, node),
		so_check_number(c, tested * runs), so_check_number(c, rows * runs));
	so_check_explain(c, f,
		"%s%s fetches %s rows of %s (%s), then %s throws %.1f %% of them away. The filtered columns are not "
		"part of "
		"the index.",
		node->index ? "Index " : "The bitmap", node->index ? node->index : "",
		so_check_number(c, tested * runs), so_check_object_name(c, node), how, so_check_condition(c, filter),
		removed * 100);
	so_check_evidence(c, f, "rows_fetched", tested * runs, "rows");
	so_check_evidence(c, f, "rows_removed", (tested - rows) * runs, "rows");
	so_check_evidence(c, f, "removed_share", removed * 100, "%");
}

/* An index chosen for its order is walked until enough rows happen to pass the filter. limit: rows, ratio. */
void so_rule_order_by_limit(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const struct so_plan_node *limit;
	const struct so_table *table = so_check_table(c, node);
	const char *how = "measured";
	double tested, rows, whole = table ? table->rows : NAN;
	struct so_finding *f;

	if ((node->op != SO_PLAN_INDEX_SCAN && node->op != SO_PLAN_INDEX_ONLY_SCAN) || !filter || has_access(node))
		return;
	limit = limit_above(c->plan, node);
	if (!limit)
		return;
	rows = limit->rows_est;
	if (c->plan->has_analyze) {
		tested = so_node_tested(c, node, &how);
		rows = so_node_rows(c, node);
	} else {
		/* the planner believes that matching rows are spread evenly along the index */
		how = "estimated";
		tested = whole * fmin(1, rows / fmax(1, node->rows_est));
	}
	if (!(tested >= c->limit[0] && tested >= c->limit[1] * fmax(1, rows)))
		return;
	f = so_check_found(c, node,
		so_severity_of(c->plan->has_analyze ? tested : fmax(tested, whole / 10), 0, 50000, 5000000),
		"%s is walked in index order: %s rows read to find %s", so_check_object_name(c, node),
		so_check_number(c, tested), so_check_number(c, rows));
	so_check_explain(c, f,
		"Index %s gives the order that LIMIT wants but no access condition; %s is tested on every row on the "
		"way: "
		"%s rows (%s) for %s.%s",
		node->index ? node->index : "", so_check_condition(c, filter), so_check_number(c, tested), how,
		so_check_number(c, rows),
		c->plan->has_analyze ? "" : " If the matching rows lie at the other end, the whole index is read.");
	so_check_evidence(c, f, "rows_tested", tested, "rows");
	so_check_evidence(c, f, "rows_returned", rows, "rows");
	so_check_evidence(c, f, "table_rows", whole, "rows");
}

/* An index scan that reads a large part of a table page by page from disk. limit: rows, pages, read %. */
void so_rule_index_low_selectivity(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = node->rows_actual * node->loops, pages, read;
	struct so_finding *f;

	if ((node->op != SO_PLAN_INDEX_SCAN && node->op != SO_PLAN_KEY_LOOKUP) || !c->plan->has_buffers)
		return;
	pages = (double)(node->buffers_exclusive.shared_hit + node->buffers_exclusive.shared_read);
	read = (double)node->buffers_exclusive.shared_read / fmax(1, pages);
	if (!(rows >= c->limit[0] && pages >= c->limit[1] && read * 100 >= c->limit[2]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "Index scan of %s fetches %s rows, mostly from disk",
		so_check_object_name(c, node), so_check_number(c, rows));
	so_check_explain(c, f,
		"%s rows are fetched one by one through %s; %s of %s pages came from outside the buffer cache. A "
		"condition "
		"that matches this many rows is cheaper with a covering index or a clustered table.",
		so_check_number(c, rows), node->index ? node->index : "an index",
		so_check_number(c, (double)node->buffers_exclusive.shared_read), so_check_number(c, pages));
	so_check_evidence(c, f, "rows", rows, "rows");
	so_check_evidence(c, f, "pages", pages, "pages");
	so_check_evidence(c, f, "pages_read", (double)node->buffers_exclusive.shared_read, "pages");
}

/* work_mem was too small for one bit per row. limit: lossy pages, lossy %, high above %. */
void so_rule_bitmap_lossy(struct so_rule_check *c, const struct so_plan_node *node)
{
	double lossy = (double)node->lossy_blocks, all = lossy + fmax(0, (double)node->exact_blocks);
	struct so_finding *f;

	if (node->lossy_blocks <= 0 || !(lossy >= c->limit[0] && lossy / all * 100 >= c->limit[1]))
		return;
	f = so_check_found(c, node, lossy / all * 100 >= c->limit[2] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"The bitmap on %s is lossy for %s of %s pages", so_check_object_name(c, node),
		so_check_number(c, lossy), so_check_number(c, all));
	so_check_explain(c, f,
		"work_mem could not hold one bit a row, so %.0f %% of the pages were only remembered whole and every "
		"row on "
		"them was tested again; %s rows were thrown away by that.",
		lossy / all * 100,
		so_check_number(c, isnan(node->removed_recheck) ? 0 : node->removed_recheck * node->loops));
	so_check_evidence(c, f, "lossy_pages", lossy, "pages");
	so_check_evidence(c, f, "exact_pages", all - lossy, "pages");
}

/* The index returns candidates of which most are wrong. limit: rows, removed %. */
void so_rule_recheck_removed(struct so_rule_check *c, const struct so_plan_node *node)
{
	double removed = node->removed_recheck * node->loops, rows = node->rows_actual * node->loops;
	struct so_finding *f;

	/* lossy pages are rechecked too: that is bitmap-lossy */
	if (isnan(removed) || node->lossy_blocks > 0 ||
		!(removed >= c->limit[0] && removed / (removed + rows) * 100 >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "The index on %s returns %s false candidates",
		so_check_object_name(c, node), so_check_number(c, removed));
	so_check_explain(c, f,
		"The index cannot decide the condition exactly: %s rows were fetched and thrown away again by the "
		"recheck, %s "
		"were kept.",
		so_check_number(c, removed), so_check_number(c, rows));
	so_check_evidence(c, f, "rows_removed", removed, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* An index-only scan that visits the table all the same. limit: fetches, %, high above %. */
void so_rule_heap_fetches(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_table *table = so_check_table(c, node);
	double rows = node->rows_actual * node->loops, fetches = node->heap_fetches, share;
	bool measured = c->plan->has_analyze;
	struct so_finding *f;

	if (node->op != SO_PLAN_INDEX_ONLY_SCAN)
		return;
	if (!measured) {
		rows = node->rows_est * node->loops_est;
		fetches = table ? rows * (1 - table->all_visible) : NAN;
	} else if (!isnan(node->removed_filter)) {
		rows += node->removed_filter * node->loops;
	}
	share = fetches / fmax(1, rows) * 100;
	if (!(fetches >= c->limit[0] && share >= c->limit[1]))
		return;
	f = so_check_found(c, node, share >= c->limit[2] ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"Index-only scan of %s visits the table for %s of %s rows", so_check_object_name(c, node),
		so_check_number(c, fetches), so_check_number(c, rows));
	so_check_explain(c, f,
		"The visibility map does not know these pages to be all-visible, so %s rows (%s) were looked up in the "
		"table although the index has all columns.",
		so_check_number(c, fetches), measured ? "measured" : "estimated");
	if (node->relation)
		so_check_remedy(
			c, f, "Run VACUUM %s, and let autovacuum run more often on it.", so_check_object_name(c, node));
	so_check_evidence(c, f, "heap_fetches", fetches, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* Several single-column indexes combined where one composite index would do. limit: rows, ratio, share %. */
void so_rule_bitmap_and(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *heap = node->parent >= 0 ? &c->plan->nodes[node->parent] : NULL;
	double least = INFINITY, all = 0, rows, share;
	struct so_finding *f;

	if (!so_node_is(node, "BitmapAnd") || !heap || !so_node_is(heap, "Bitmap Heap Scan"))
		return;
	for (int32_t i = node->first_child; i >= 0; i = c->plan->nodes[i].next_sibling) {
		const struct so_plan_node *bitmap = &c->plan->nodes[i];
		double entries = c->plan->has_analyze ? bitmap->rows_actual : bitmap->rows_est;

		if (!bitmap->index)
			return;
		all += entries;
		least = fmin(least, entries);
	}
	rows = so_node_rows(c, heap);
	share = so_node_share(c->plan, node);
	if (!(all >= c->limit[0] && least >= c->limit[1] * fmax(1, rows) && share * 100 >= c->limit[2]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%d indexes of %s are combined to find %s rows",
		(int)node->n_children, so_check_object_name(c, heap), so_check_number(c, rows));
	so_check_explain(c, f,
		"%s index entries (%s) are read into bitmaps, and their intersection has %s rows. One index on all "
		"these columns would read only those.",
		so_check_number(c, all), c->plan->has_analyze ? "measured" : "estimated", so_check_number(c, rows));
	for (int32_t i = node->first_child; f && i >= 0; i = c->plan->nodes[i].next_sibling)
		so_check_object(c, f, c->plan->nodes[i].index);
	so_check_evidence(c, f, "entries", all, "rows");
	so_check_evidence(c, f, "rows", rows, "rows");
}
