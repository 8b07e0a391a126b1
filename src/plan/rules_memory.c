/* Findings on memory: sorts, hash tables and other stores that do not fit, and where the time outside the nodes goes.
 */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* Bytes of one row in a sort: the planner's relation_byte_size(). */
static double sort_bytes(double rows, double width)
{
	return rows * (ceil(width / 8) * 8 + 24);
}

static const char *size_text(struct so_rule_check *c, double kb)
{
	if (kb >= 10240)
		return so_printf(c->tmp, "%.0f MB", kb / 1024);
	return so_printf(c->tmp, kb >= 1024 ? "%.1f MB" : "%.0f kB", kb >= 1024 ? kb / 1024 : kb);
}

/* Memory of a hash table or hash aggregate: work_mem times the multiplier (2 since PostgreSQL 15, 1 before). */
static double hash_memory_kb(const struct so_rule_check *c)
{
	double otherwise = c->catalog && c->catalog->version_num && c->catalog->version_num < 150000 ? 1 : 2;

	return so_check_setting_kb(c, "work_mem") * so_check_setting(c, "hash_mem_multiplier", otherwise);
}

/* limit: kB spilled, high kB. */
void so_rule_sort_spill(struct so_rule_check *c, const struct so_plan_node *node)
{
	bool measured = c->plan->has_analyze;
	double kb = (double)node->disk_kb, memory = so_check_setting_kb(c, "work_mem");
	struct so_finding *f;

	if (node->op != SO_PLAN_SORT)
		return;
	if (!measured) {
		/* under a limit only the best rows are kept; an incremental sort sorts small groups */
		if (so_node_is(node, "Incremental Sort") ||
			(node->parent >= 0 && c->plan->nodes[node->parent].op == SO_PLAN_LIMIT))
			return;
		kb = node->disk_est_kb > 0 ? (double)node->disk_est_kb
					   : sort_bytes(node->rows_est, node->width_est) / 1024;
		if (node->disk_est_kb <= 0 && !(kb > memory))
			return;
	}
	if (!(kb >= c->limit[0]))
		return;
	f = so_check_found(c, node, kb >= c->limit[1] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"Sort of %s rows %s %s on disk", so_check_number(c, so_node_rows(c, node)), measured ? "uses" : "needs",
		size_text(c, kb));
	so_check_explain(c, f,
		measured ? "The sort by %s did not fit into %s and was written to %s of temporary files (%s)."
			 : "The sort by %s needs more than %s: about %s (estimated from %s).",
		node->n_sort_keys ? node->sort_keys[0] : "its keys", so_check_memory_name(c), size_text(c, kb),
		measured                ? (node->sort_method ? node->sort_method : "external sort")
		: node->disk_est_kb > 0 ? "the optimiser's temporary space"
					: "the planner's row count and width");
	so_check_evidence(c, f, measured ? "disk" : "sort_size", kb * 1024, "bytes");
	so_check_evidence(c, f, "rows", so_node_rows(c, node), "rows");
	so_check_evidence(c, f, "work_mem", memory * 1024, "bytes");
}

/* Engines that have no node for the hash table say with the join what went to disk. */
static void tell_hash_join_spill(struct so_rule_check *c, const struct so_plan_node *node, double kb)
{
	bool measured = c->plan->has_analyze;
	struct so_finding *f = so_check_found(c, node, kb >= 102400 ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"Hash table of the join %s %s to disk", measured ? "spills" : "is expected to spill", size_text(c, kb));

	so_check_explain(c, f,
		measured ? "The hash table did not fit into %s: %s of both sides of the join were written to temporary "
			   "files "
			   "and read back (measured)."
			 : "The hash table is expected not to fit into %s: the optimiser counts on %s of temporary "
			   "space "
			   "(estimated).",
		so_check_memory_name(c), size_text(c, kb));
	so_check_evidence(c, f, "disk", kb * 1024, "bytes");
	so_check_evidence(c, f, "rows", so_node_rows(c, node), "rows");
}

/* limit: batches, high above batches. */
void so_rule_hash_spill(struct so_rule_check *c, const struct so_plan_node *node)
{
	bool measured = c->plan->has_analyze;
	double batches = (double)node->hash_batches, rows = so_node_rows(c, node), memory = hash_memory_kb(c);
	struct so_finding *f;

	if (node->op == SO_PLAN_HASH_JOIN && (measured ? node->disk_kb : node->disk_est_kb) > 0) {
		tell_hash_join_spill(c, node, (double)(measured ? node->disk_kb : node->disk_est_kb));
		return;
	}
	if (node->op != SO_PLAN_HASH || (measured && node->hash_batches < 0))
		return;
	if (!measured)
		batches = ceil(sort_bytes(node->rows_est, node->width_est) / 1024 / memory);
	if (!(batches >= c->limit[0]))
		return;
	f = so_check_found(c, node, batches > c->limit[1] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"Hash table of %s rows is split into %s batches", so_check_number(c, rows),
		so_check_number(c, batches));
	so_check_explain(c, f,
		measured ? "The hash table did not fit into memory: both sides of the join were written to temporary "
			   "files in %s "
			   "batches and read back.%s"
			 : "The hash table is expected to need %s times the memory that work_mem allows (estimated); "
			   "both "
			   "sides of the join would go through temporary files.%s",
		so_check_number(c, batches),
		measured && node->hash_batches_planned >= 0 && node->hash_batches > node->hash_batches_planned
			? " The planner had expected fewer."
			: "");
	so_check_evidence(c, f, "batches", batches, "batches");
	so_check_evidence(c, f, "memory", (double)node->memory_kb < 0 ? NAN : (double)node->memory_kb * 1024, "bytes");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* limit: kB spilled, high kB. */
void so_rule_hashagg_spill(struct so_rule_check *c, const struct so_plan_node *node)
{
	bool measured = c->plan->has_analyze;
	double kb = (double)node->disk_kb, groups = so_node_rows(c, node);
	struct so_finding *f;

	if (node->op != SO_PLAN_AGGREGATE)
		return;
	if (!measured && node->disk_est_kb > 0)
		kb = (double)node->disk_est_kb;
	if (measured || node->disk_est_kb > 0 ? !(kb >= c->limit[0]) : node->agg_partitions <= 0)
		return;
	f = so_check_found(c, node, measured && kb >= c->limit[1] ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM,
		"Grouping into %s groups spills to disk", so_check_number(c, groups));
	if (measured)
		so_check_explain(c, f,
			"The groups did not fit into memory: %s were written to temporary files%s (measured).",
			size_text(c, kb),
			node->agg_batches > 0
				? so_printf(c->tmp, " in %s batches", so_check_number(c, (double)node->agg_batches))
				: "");
	else if (node->disk_est_kb > 0)
		so_check_explain(c, f,
			"The optimiser expects %s groups (estimated) and counts on %s of temporary space for them.",
			so_check_number(c, groups), size_text(c, kb));
	else
		so_check_explain(c, f,
			"The planner expects %s groups (estimated), more than fit into memory, and plans for %s "
			"partitions on disk.",
			so_check_number(c, groups), so_check_number(c, (double)node->agg_partitions));
	so_check_evidence(c, f, "groups", groups, "rows");
	if (measured || node->disk_est_kb > 0)
		so_check_evidence(c, f, measured ? "disk" : "disk_expected", kb * 1024, "bytes");
	else
		so_check_evidence(c, f, "partitions", (double)node->agg_partitions, "partitions");
}

/* Engines that do not count temporary pages say what a step had on disk. */
static void tell_kept_rows(struct so_rule_check *c, const struct so_plan_node *node)
{
	double kb = (double)node->disk_kb;
	struct so_finding *f;

	if (!(kb >= c->limit[0] * 8))
		return;
	f = so_check_found(c, node, so_severity_of(kb, 0, 800000, INFINITY), "%s keeps %s in temporary files",
		node->label, size_text(c, kb));
	so_check_explain(c, f,
		"The rows that this step keeps did not fit into %s: %s went to temporary files (measured).",
		so_check_memory_name(c), size_text(c, kb));
	so_check_evidence(c, f, "disk", kb * 1024, "bytes");
	so_check_evidence(c, f, "rows", so_node_rows(c, node), "rows");
}

/* Temporary files of nodes that no other rule speaks of. limit: pages. */
void so_rule_temp_io(struct so_rule_check *c, const struct so_plan_node *node)
{
	double pages = (double)(node->buffers_exclusive.temp_read + node->buffers_exclusive.temp_written);
	struct so_finding *f;

	if (node->op == SO_PLAN_SORT || node->op == SO_PLAN_HASH || node->op == SO_PLAN_HASH_JOIN ||
		node->op == SO_PLAN_AGGREGATE)
		return;
	if (c->plan->has_analyze && node->disk_kb > 0 && node->buffers.temp_written < 0) {
		tell_kept_rows(c, node);
		return;
	}
	if (!c->plan->has_buffers || !(pages >= c->limit[0]))
		return;
	f = so_check_found(c, node, so_severity_of(pages, 0, 100000, INFINITY),
		"%s%s%s moves %s through temporary files", node->label, node->cte_name ? " on " : "",
		node->cte_name ? node->cte_name : "", size_text(c, pages * 8));
	so_check_explain(c, f,
		"%s pages were written to and %s read from temporary files by this node itself: its rows are kept and "
		"do not fit "
		"into work_mem.",
		so_check_number(c, (double)node->buffers_exclusive.temp_written),
		so_check_number(c, (double)node->buffers_exclusive.temp_read));
	so_check_evidence(c, f, "temp_written", (double)node->buffers_exclusive.temp_written, "pages");
	so_check_evidence(c, f, "temp_read", (double)node->buffers_exclusive.temp_read, "pages");
}

/* limit: bytes a row, rows. */
void so_rule_wide_rows(struct so_rule_check *c, const struct so_plan_node *node)
{
	double rows = so_node_rows(c, node);
	struct so_finding *f;

	if (node->op != SO_PLAN_SORT && node->op != SO_PLAN_HASH && node->op != SO_PLAN_MATERIALIZE)
		return;
	if (!(node->width_est >= c->limit[0] && rows >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "%s keeps %s rows of %s bytes", node->label,
		so_check_number(c, rows), so_check_number(c, node->width_est));
	so_check_explain(c, f,
		"Rows of about %s bytes (estimated) are carried through the %s, about %s in all, though the node "
		"itself needs only "
		"its keys.",
		so_check_number(c, node->width_est), node->label, size_text(c, rows * node->width_est / 1024));
	so_check_evidence(c, f, "row_width", node->width_est, "bytes");
	so_check_evidence(c, f, "rows", rows, "rows");
}

/* A full sort of rows that come in the order of the first key. limit: rows. */
void so_rule_incremental_sort_missed(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *child = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	const struct so_table *table = child ? so_check_table(c, child) : NULL;
	const char *key, *dot;
	double rows = so_node_rows(c, node);
	struct so_finding *f;

	if (!so_node_is(node, "Sort") || node->n_sort_keys < 2 || !table || !child->index || !(rows >= c->limit[0]) ||
		(child->op != SO_PLAN_INDEX_SCAN && child->op != SO_PLAN_INDEX_ONLY_SCAN))
		return;
	dot = strrchr(node->sort_keys[0], '.');
	key = dot ? dot + 1 : node->sort_keys[0];
	for (size_t i = 0; i < table->n_indexes; i++) {
		const struct so_index *index = &table->indexes[i];

		if (strcmp(index->name, child->index) != 0 || !index->n_keys || index->keys[0].column < 0 ||
			index->keys[0].desc || strcmp(index->method, "btree") != 0 ||
			strcmp(table->columns[index->keys[0].column].name, key) != 0)
			continue;
		f = so_check_found(c, node, SO_SEVERITY_LOW, "Full sort of %s rows that come sorted by %s",
			so_check_number(c, rows), key);
		so_check_explain(c, f,
			"Index %s already delivers the rows in the order of %s, the first sort key; only ties would "
			"need sorting "
			"(incremental sort).",
			child->index, key);
		so_check_evidence(c, f, "rows", rows, "rows");
		return;
	}
}

/* limit: ms, share %. */
void so_rule_jit_dominates(struct so_rule_check *c)
{
	double ms = c->plan->jit_ms, total = c->plan->execution_ms;
	struct so_finding *f;

	if (!(ms >= c->limit[0] && ms / total * 100 >= c->limit[1]))
		return;
	f = so_check_found(c, NULL, so_severity_of(ms / total, 0, 0.7, INFINITY), "JIT compilation takes %s of %s ms",
		so_check_number(c, ms), so_check_number(c, total));
	so_check_explain(c, f,
		"%s functions were compiled, which took %.0f %% of the execution (measured). The statement is too "
		"short to earn that "
		"back.",
		so_check_number(c, c->plan->jit_functions), ms / total * 100);
	so_check_evidence(c, f, "jit_time", ms, "ms");
	so_check_evidence(c, f, "execution_time", total, "ms");
}

/* limit: ms, ratio to the execution. */
void so_rule_planning_dominates(struct so_rule_check *c)
{
	double plan = c->plan->planning_ms, run = c->plan->execution_ms;
	struct so_finding *f;

	if (!(plan >= c->limit[0] && plan >= run * c->limit[1]))
		return;
	f = so_check_found(c, NULL, SO_SEVERITY_LOW, "Planning takes %s ms, execution %s ms", so_check_number(c, plan),
		so_check_number(c, run));
	so_check_explain(c, f,
		"Making the plan took longer than running it (measured once; the first planning in a session also "
		"fills caches).");
	so_check_evidence(c, f, "planning_time", plan, "ms");
	so_check_evidence(c, f, "execution_time", run, "ms");
}

/* limit: ms, share %. */
void so_rule_trigger_time(struct so_rule_check *c)
{
	for (size_t i = 0; i < c->plan->n_triggers; i++) {
		const struct so_plan_trigger *t = &c->plan->triggers[i];
		const char *name = t->constraint ? t->constraint : t->name ? t->name : "?";
		double share = t->time_ms / c->plan->execution_ms * 100;
		struct so_finding *f;

		if (!(t->time_ms >= c->limit[0] && share >= c->limit[1]))
			continue;
		f = so_check_found(c, NULL, so_severity_of(share, 0, 70, INFINITY), "%s %s takes %s ms",
			t->constraint ? "Checking constraint" : "Trigger", name, so_check_number(c, t->time_ms));
		so_check_explain(c, f, "It ran %s times and took %.0f %% of the execution.%s",
			so_check_number(c, t->calls), share,
			t->constraint ? " A foreign key without an index on the referencing columns makes every "
					"deleted or changed parent row "
					"search the whole child table."
				      : "");
		if (t->relation)
			so_check_object(c, f, t->relation);
		so_check_evidence(c, f, "trigger_time", t->time_ms, "ms");
		so_check_evidence(c, f, "calls", t->calls, "calls");
		so_check_evidence(c, f, "time_a_call", t->calls > 0 ? t->time_ms / t->calls : NAN, "ms");
	}
}
