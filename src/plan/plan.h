/* The normalised plan tree: what every engine's EXPLAIN output becomes. Nodes stand in one array in pre-order, so that
 * a node's id is its index and its subtree is the range [id, end). Pure data, read-only once read; one talloc tree.
 * How exclusive figures are computed is written down in docs/internals/plan.md.
 *
 * Absent figures: NAN for doubles, -1 for integers, NULL for texts. */
#ifndef SO_PLAN_PLAN_H
#define SO_PLAN_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define SO_PLAN_MAX_BYTES ((size_t)100 << 20) /* largest document that so_plan_read accepts */
#define SO_PLAN_MAX_NODES 1000000
#define SO_PLAN_MAX_COUNT (INT64_MAX / SO_PLAN_MAX_NODES / 2) /* pages, KB ...: sums of them over all nodes fit */
#define SO_PLAN_MAX_DEPTH 900 /* deepest tree; one level costs two levels of JSON */

struct so_ast; /* sql/ast.h */

/* What a node does, in terms that all engines share. The engine's own word is kept in `label`. */
enum so_plan_op {
	SO_PLAN_SEQ_SCAN,
	SO_PLAN_INDEX_SCAN,
	SO_PLAN_INDEX_ONLY_SCAN,
	SO_PLAN_BITMAP_SCAN, /* heap scan by bitmap, and the bitmap nodes below it: Bitmap Index Scan, BitmapAnd,
				BitmapOr */
	SO_PLAN_KEY_LOOKUP, /* by row identifier */
	SO_PLAN_NESTED_LOOP,
	SO_PLAN_HASH_JOIN,
	SO_PLAN_MERGE_JOIN,
	SO_PLAN_HASH,
	SO_PLAN_SORT,
	SO_PLAN_AGGREGATE, /* also Group and Unique */
	SO_PLAN_WINDOW,
	SO_PLAN_MATERIALIZE, /* also Memoize */
	SO_PLAN_LIMIT,
	SO_PLAN_SET_OP, /* also Append, Merge Append, Recursive Union */
	SO_PLAN_SUBQUERY,
	SO_PLAN_CTE, /* reads a common table expression or its working table */
	SO_PLAN_GATHER,
	SO_PLAN_MODIFY,
	SO_PLAN_VALUES,
	SO_PLAN_FUNCTION,
	SO_PLAN_REMOTE,
	SO_PLAN_OTHER,
	SO_PLAN_OP_MAX
};

/* How a node hangs under its parent. */
enum so_plan_relationship {
	SO_PLAN_REL_ROOT,
	SO_PLAN_REL_OUTER,
	SO_PLAN_REL_INNER,
	SO_PLAN_REL_MEMBER, /* of an Append, BitmapAnd ... */
	SO_PLAN_REL_SUBQUERY, /* below a Subquery Scan */
	SO_PLAN_REL_INIT_PLAN, /* uncorrelated, run at most once; also a CTE, then cte_defined is set */
	SO_PLAN_REL_SUB_PLAN, /* run per row, or once when hashed */
	SO_PLAN_REL_OTHER,
	SO_PLAN_REL_MAX
};

enum so_condition_kind {
	SO_COND_ACCESS, /* decides which rows are fetched: Index Cond, TID Cond */
	SO_COND_FILTER, /* tested on every fetched row */
	SO_COND_JOIN, /* tested on every pair: Join Filter */
	SO_COND_HASH, /* equality of a hash join */
	SO_COND_MERGE, /* equality of a merge join */
	SO_COND_RECHECK, /* tested again on lossy pages or lossy index methods */
	SO_COND_ONE_TIME, /* tested once, before the first row */
	SO_COND_ORDER_BY, /* distance ordering that the index delivers */
	SO_COND_RUN, /* stops a window early */
	SO_COND_KIND_MAX
};

struct so_condition {
	enum so_condition_kind kind;
	const char *text;
	uint32_t expr; /* so_ref of the expression in plan->ast, or 0 when it could not be parsed */
};

/* Pages, cumulative: over all loops, processes and children. -1 when not reported. */
struct so_plan_buffers {
	int64_t shared_hit, shared_read, shared_dirtied, shared_written;
	int64_t local_hit, local_read, local_dirtied, local_written;
	int64_t temp_read, temp_written;
};

struct so_plan_worker {
	int32_t number;
	double rows, loops, total_ms; /* as reported: per loop; NAN when absent */
	int64_t sort_kb;
	bool sort_on_disk;
};

struct so_plan_node {
	/* Place in the tree. -1: none. */
	int32_t id, parent, first_child, next_sibling;
	int32_t end; /* one past the last node of this subtree */
	int32_t depth, n_children;
	enum so_plan_relationship relationship;
	const char *subplan_name; /* "SubPlan 1", "InitPlan 1 (returns $0)", "CTE x" */
	const char *cte_defined; /* name of the CTE that this subplan root computes */
	const char *cte_name; /* name of the CTE that this node reads */
	int32_t cte_root; /* of a node that reads a CTE: the subplan root that computes it, or -1 */
	int32_t cte_readers; /* of such a root: how many nodes read it */

	/* What it does */
	enum so_plan_op op;
	const char *label; /* "Parallel Seq Scan" comes as "Seq Scan" + parallel_aware */
	const char *operation; /* modify: "Insert", "Update", "Delete", "Merge"; set op: "Except" ... */
	const char *schema, *relation, *alias, *index, *function;
	const char *join_type; /* "Inner", "Left", "Semi", "Anti" ... */
	const char *strategy; /* "Hashed", "Sorted", "Plain", "Mixed" */
	const char *partial_mode; /* "Partial", "Finalize", "Simple" */
	const char *scan_direction; /* "Forward", "Backward" */
	const char *remote_sql;
	size_t n_sort_keys, n_presorted_keys, n_group_keys, n_output, n_params, n_conditions, n_workers;
	const char **sort_keys, **presorted_keys, **group_keys;
	const char **output; /* VERBOSE only */
	const char **params; /* gather: the InitPlan results that it computes before it starts workers */
	struct so_condition *conditions;
	struct so_plan_worker *workers;
	bool parallel_aware, inner_unique, single_copy;
	bool runs_once; /* fills a temporary table, however often that is read */
	bool join_buffer; /* join that reads its inner side once for each filling of a buffer, not for each row */
	bool disabled; /* chosen although an enable_... setting speaks against it */
	bool never_executed; /* analysed, zero loops */
	bool hashed_subplan; /* a SubPlan whose result its parent keeps in a hash table */

	/* Estimates, as reported: for one loop of one process */
	double rows_est, width_est, startup_cost, total_cost;
	double tested_est; /* rows that a scan reads, before its filter; NAN when the engine does not say */

	/* Measured, as reported: mean of one loop of one process. NAN without ANALYZE (times also with TIMING off) */
	double rows_actual, loops, startup_ms, total_ms;
	double removed_filter, removed_join, removed_recheck; /* rows per loop */

	/* Derived, over the whole run: elapsed milliseconds. Exclusive times of all nodes add up to the root's. */
	double time_ms, time_exclusive_ms;
	double processes; /* that shared this node's loops: 1, or the participants below a gather */
	double cost_exclusive; /* with repeated executions counted; adds up to the root's total_cost */
	double cost_inclusive; /* the same, with children */
	double share; /* of the exclusive time, else of the exclusive cost: 0..1 */
	double loops_est; /* estimated executions */

	/* Access, memory, I/O */
	double heap_fetches; /* over all loops */
	int64_t exact_blocks, lossy_blocks;
	struct so_plan_buffers buffers, buffers_exclusive;
	double io_read_ms, io_write_ms, temp_io_ms; /* cumulative like buffers; NAN when not tracked */
	double io_read_exclusive_ms;
	int64_t wal_records, wal_fpi, wal_bytes;
	const char *sort_method; /* "quicksort", "top-N heapsort", "external merge" */
	int64_t memory_kb; /* sort in memory, hash table, hash aggregate, memoize: peak */
	int64_t disk_kb; /* sort, hash aggregate, materialize: what was spilled, 0 none, -1 not reported */
	int64_t disk_est_kb; /* what the optimiser expects to be spilled; -1: it does not say */
	int64_t hash_buckets, hash_batches, hash_batches_planned;
	int64_t agg_batches, agg_partitions;
	int64_t cache_hits, cache_misses, cache_evictions, cache_overflows;
	int32_t workers_planned, workers_launched;
	int32_t subplans_removed; /* partitions pruned at run time */
	int32_t partitions; /* that are read, where one node reads several; -1: not reported */
};

struct so_plan_trigger {
	const char *name, *constraint, *relation;
	double time_ms, calls;
};

struct so_plan_setting {
	const char *name, *value;
};

/* What the optimiser itself remarks. Kinds: missing_index (text: the CREATE INDEX, value: its impact in %),
 * convert_seek, convert_estimate (text: the conversion), no_join_predicate, no_statistics (text: the columns), spill
 * (value: level), memory_grant (text: the kind), granted_kb, used_kb, grant_wait_s, parameter (text: planned for ..,
 * run with ..), peeked (text: the bind variable and the value that the plan was made for), not_parallel (text: the
 * reason), rewritten (text: the statement that was planned), hint_unused (text: the hint), forced (text: by what),
 * lock_wait_ms, note (text: as printed). */
struct so_plan_note {
	int32_t node; /* -1: of the whole plan */
	const char *kind, *text;
	double value; /* NAN: none */
};

/* A parameter of the statement and the value that the plan was run with, else made for, as a literal of the engine.
 * Data of the target: so_plan_to_json leaves it out. */
struct so_plan_bind {
	const char *name, *value;
};

struct so_plan {
	const char *format; /* "postgresql-json" */
	const char *engine; /* "postgresql" */
	int32_t n_nodes;
	struct so_plan_node *nodes; /* never empty; [0] is the root */
	struct so_ast *ast; /* the conditions of all nodes, or NULL */
	bool has_analyze, has_timing, has_buffers, has_io_timing, has_wal;
	double total_cost; /* NAN when the engine tells no costs */
	bool cost_estimated; /* the engine told none: the costs are ours (advise/estimate.h) */
	double planning_ms, execution_ms; /* NAN when absent */
	double jit_ms, jit_functions; /* NAN when JIT did not run */
	size_t n_triggers, n_settings, n_notes, n_binds;
	struct so_plan_bind *binds;
	struct so_plan_trigger *triggers;
	struct so_plan_setting *settings;
	struct so_plan_note *notes;
	const char *query_id; /* decimal text, or NULL */
	const char *query_text; /* the statement, where the document has it (auto_explain, Showplan), or NULL */
	size_t n_statements; /* plans in the document; the first one is read, of Showplan the most expensive */
};

/* Recognises the format and reads the document. Plans pasted from psql (header, rules, '+' continuation, row count)
 * or quoted by a GUI are accepted. *plan is a child of `ctx`. Fails with SO_LIMIT above SO_PLAN_MAX_BYTES,
 * SO_PLAN_MAX_NODES or SO_PLAN_MAX_DEPTH, and with SO_INPUT for anything that is no plan, saying where it went wrong.
 */
bool so_plan_read(
	TALLOC_CTX *ctx, const char *text, size_t len, struct so_plan **plan, struct so_err *err) SO_MUST_CHECK;

/* The same hash for plans of the same shape: operations, relations, indexes, join types and how they hang together.
 * Estimates, costs and literals do not count. Never 0. */
uint64_t so_plan_shape_hash(const struct so_plan *plan);

/* New reference:
 * {"format","engine","total_cost","planning_ms"|null,"execution_ms"|null,"jit_ms"|null,"analyzed":bool,"buffers":bool,
 *  "shape":"16 hex
 * digits","query_id"|null,"settings":{},"notes":[{"node"|null,"kind","text","value"|null}],"triggers":[{"name","relation"|null,"time_ms","calls"}],
 *  "nodes":[{"id","parent"|null,"depth","relationship","subplan"|null,"operation","label","relation"|null,"alias"|null,
 *    "index"|null,"join_type"|null,"strategy"|null,"sort_keys":[],"group_keys":[],"conditions":[{"kind","text"}],
 *    "rows_est","rows_actual"|null,"loops"|null,"estimate_factor"|null,"cost","cost_exclusive","time_ms"|null,
 *    "time_exclusive_ms"|null,"share","rows_removed"|null,"never_executed":bool,"heap_fetches"|null,
 *    "buffers":{"hit","read","dirtied","written","temp_read","temp_written"}|null (exclusive),"io_ms"|null,
 *    "memory_kb"|null,"disk_kb"|null,"workers_planned"|null,"workers_launched"|null}]}
 * Row counts and rows_removed are per loop; time_ms is over all loops. */
json_t *so_plan_to_json(const struct so_plan *plan);

const char *so_plan_op_name(enum so_plan_op op); /* "seq_scan" */
const char *so_condition_kind_name(enum so_condition_kind kind); /* "access" */
const char *so_plan_relationship_name(enum so_plan_relationship relationship); /* "init_plan" */

/* "shop.orders", "orders" without a schema; the alias or label when there is no relation. Child of `ctx`. */
char *so_plan_node_object(TALLOC_CTX *ctx, const struct so_plan_node *node);
/* Whether some node uses the index of that name. */
bool so_plan_uses_index(const struct so_plan *plan, const char *index);
/* Rows over all loops (and processes): measured, else estimated with loops_est. */
double so_plan_rows_total(const struct so_plan_node *node);

#endif
