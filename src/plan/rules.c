/* The one table of plan findings. Each row has a page docs/findings/<id>.md; a test compares both. */
#include "plan/rules.h"

#define ISSUE_INDEX     "missing_index"
#define ISSUE_BAD_INDEX "inefficient_index"
#define ISSUE_JOIN      "poor_join_strategy"
#define ISSUE_SCAN      "full_table_scan"
#define ISSUE_PATTERN   "suboptimal_pattern"
#define ISSUE_STATS     "stale_statistics"
#define ISSUE_CARD      "wrong_cardinality"
#define ISSUE_IO        "high_io_workload"
#define ISSUE_REPORT    "inefficient_reporting"
#define ISSUE_CONFIG    "config_tuning"

const struct so_plan_rule_impl so_plan_rules[] = {
	/* Scans and index use */
	{ { "seq-scan-filter", ISSUE_INDEX, "postgresql", "A full scan throws most of its rows away.",
		  "An index on the columns of the condition lets the engine read only the rows that match.",
		  { { "rows", "rows", 10000 }, { "removed", "%", 80 }, { "share", "%", 5 } } },
		.node = so_rule_seq_scan_filter },
	{ { "seq-scan-in-join", ISSUE_INDEX, "postgresql", "A large table is scanned whole to be joined with few rows.",
		  "An index on the join columns (or the filter columns) of the large table lets the join look its rows "
		  "up.",
		  { { "rows", "rows", 10000 }, { "ratio", "x", 10 }, { "share", "%", 10 } } },
		.node = so_rule_seq_scan_in_join },
	{ { "full-scan-large", ISSUE_SCAN, "postgresql", "A whole large table is returned to the client.",
		  "If not all rows are needed, say which: a condition, a LIMIT, or an aggregate on the server.",
		  { { "rows", "rows", 100000 } } },
		.node = so_rule_full_scan_large },
	{ { "index-filter-inefficient", ISSUE_BAD_INDEX, "postgresql",
		  "An index finds far more rows than the filter keeps.",
		  "Add the filtered columns to the index (equality columns first), or use a partial index for a "
		  "constant condition.",
		  { { "rows", "rows", 1000 }, { "removed", "%", 50 }, { "high", "%", 95 }, { "share", "%", 5 } } },
		.node = so_rule_index_filter },
	{ { "order-by-limit-wrong-index", ISSUE_BAD_INDEX, "postgresql",
		  "An index is walked in order until enough rows pass a filter.",
		  "An index on the filtered columns followed by the ORDER BY columns gives the first rows at once.",
		  { { "rows", "rows", 1000 }, { "ratio", "x", 20 } } },
		.node = so_rule_order_by_limit },
	{ { "index-low-selectivity", ISSUE_IO, "postgresql",
		  "An index scan fetches very many rows, most pages from disk.",
		  "A covering index (INCLUDE), clustering the table by the index, or a more selective condition avoids "
		  "the single fetches.",
		  { { "rows", "rows", 10000 }, { "pages", "pages", 1000 }, { "read", "%", 50 } } },
		.node = so_rule_index_low_selectivity },
	{ { "bitmap-lossy", ISSUE_CONFIG, "postgresql", "A bitmap did not fit into work_mem and remembers whole pages.",
		  "Raise work_mem for this statement, or make the index condition more selective.",
		  { { "pages", "pages", 100 }, { "lossy", "%", 50 }, { "high", "%", 90 } } },
		.node = so_rule_bitmap_lossy },
	{ { "recheck-removed", ISSUE_BAD_INDEX, "postgresql", "An index returns many candidates that turn out wrong.",
		  "Use an operator class that decides the condition exactly, or a more selective pattern.",
		  { { "rows", "rows", 10000 }, { "removed", "%", 50 } } },
		.node = so_rule_recheck_removed },
	{ { "heap-fetches", ISSUE_IO, "postgresql", "An index-only scan visits the table for many rows.",
		  "Run VACUUM on the table, and let autovacuum run more often on it.",
		  { { "fetches", "rows", 1000 }, { "share", "%", 40 }, { "medium", "%", 90 } } },
		.node = so_rule_heap_fetches },
	{ { "large-offset", ISSUE_PATTERN, "postgresql", "OFFSET produces rows only to skip them.",
		  "Page by key instead: remember the last row and ask for the rows after it (WHERE (sort key, id) > "
		  "(...) ORDER BY ... LIMIT n).",
		  { { "rows", "rows", 10000 }, { "ratio", "x", 10 } } },
		.node = so_rule_large_offset },
	{ { "bitmap-and", ISSUE_BAD_INDEX, "postgresql",
		  "Several indexes are combined where one composite index would do.",
		  "One index on all the columns of the condition.",
		  { { "entries", "rows", 5000 }, { "ratio", "x", 5 }, { "share", "%", 20 } } },
		.node = so_rule_bitmap_and },
	{ { "partition-pruning-absent", ISSUE_PATTERN, "postgresql",
		  "All partitions are read, most of them for nothing.",
		  "Add a condition on the partition key, or an index on the filtered column (it is created on every "
		  "partition).",
		  { { "partitions", "partitions", 8 }, { "empty", "%", 50 } } },
		.node = so_rule_partition_pruning },
	{ { "function-on-column", ISSUE_PATTERN, "postgresql",
		  "A condition computes something from a column instead of comparing it.",
		  "Compare the bare column where the condition can be turned round; else an index on the expression.",
		  { { "rows", "rows", 10000 }, { "removed", "%", 50 } } },
		.node = so_rule_function_on_column },
	{ { "implicit-conversion", ISSUE_PATTERN, "postgresql",
		  "A column is converted to the type of the value it is compared with.",
		  "Pass the value in the column's own type.", { { "rows", "rows", 10000 }, { "removed", "%", 50 } } },
		.node = so_rule_implicit_conversion },
	{ { "materialized-cte", ISSUE_PATTERN, "postgresql",
		  "A CTE is computed whole although its reader keeps few rows.",
		  "Leave MATERIALIZED out, or write NOT MATERIALIZED, so that the CTE is inlined; or put the condition "
		  "inside it.",
		  { { "rows", "rows", 10000 }, { "removed", "%", 80 }, { "share", "%", 20 } } },
		.node = so_rule_materialized_cte },
	{ { "foreign-scan-no-pushdown", ISSUE_PATTERN, "postgresql",
		  "Rows of a foreign table are filtered after they were fetched.",
		  "Use operators and functions that the other server is known to have (extensions option), or compare "
		  "the bare column.",
		  { { "rows", "rows", 1000 }, { "removed", "%", 50 } } },
		.node = so_rule_foreign_scan },

	/* Joins and loops */
	{ { "cartesian-join", ISSUE_JOIN, "postgresql", "Two sides are joined without a condition.",
		  "Add the missing join condition.", { { "pairs", "rows", 100000 }, { "side", "rows", 10 } } },
		.node = so_rule_cartesian },
	{ { "nested-loop-high", ISSUE_JOIN, "postgresql",
		  "The inner side of a nested loop runs very often and takes long.",
		  "See whether the outer row count was misestimated (statistics), and whether an index makes one "
		  "execution cheaper.",
		  { { "loops", "loops", 1000 }, { "time", "ms", 500 }, { "high", "ms", 5000 },
			  { "critical", "ms", 60000 } } },
		.node = so_rule_nested_loop_high },
	{ { "nested-loop-inner-scan", ISSUE_INDEX, "postgresql",
		  "A table is scanned whole for every row of the other side.",
		  "An index on the join columns of the inner table.",
		  { { "rows", "rows", 1000 }, { "loops", "loops", 5 }, { "total", "rows", 100000 } } },
		.node = so_rule_nested_loop_inner_scan },
	{ { "join-filter-removal", ISSUE_JOIN, "postgresql", "A join builds pairs and throws most of them away.",
		  "Turn part of the condition into an equality between columns, or index the column that it restricts.",
		  { { "pairs", "rows", 100000 }, { "ratio", "x", 5 }, { "high", "rows", 1000000 } } },
		.node = so_rule_join_filter_removal },
	{ { "materialize-loops", ISSUE_JOIN, "postgresql", "Materialised rows are read again for every outer row.",
		  "An equality in the join condition would allow a hash or merge join.",
		  { { "loops", "loops", 100 }, { "read", "rows", 1000000 }, { "read_estimated", "rows", 10000000 } } },
		.node = so_rule_materialize_loops },
	{ { "correlated-subplan", ISSUE_PATTERN, "postgresql", "A subquery is executed again for every row.",
		  "An index on the column that the subquery compares with the outer row; or write it as a join or "
		  "EXISTS.",
		  { { "loops", "loops", 1000 }, { "share", "%", 30 }, { "time", "ms", 50 }, { "cost", "cost", 100 } } },
		.node = so_rule_correlated_subplan },
	{ { "not-in-subplan", ISSUE_PATTERN, "postgresql", "NOT IN searches a list, or keeps a large one in memory.",
		  "NOT EXISTS allows an anti join; it gives the same result only if neither side can be NULL.",
		  { { "rows", "rows", 1000 }, { "total", "rows", 100000 }, { "hashed", "rows", 10000 } } },
		.node = so_rule_not_in_subplan },
	{ { "memoize-thrash", ISSUE_CONFIG, "postgresql",
		  "The cache of a nested loop drops entries more often than it helps.",
		  "Raise work_mem or hash_mem_multiplier for this statement; if the keys hardly repeat, the planner's "
		  "estimate of them is wrong.",
		  { { "misses", "rows", 1000 } } },
		.node = so_rule_memoize_thrash },

	/* Memory */
	{ { "sort-spill", ISSUE_CONFIG, "postgresql", "A sort does not fit into work_mem.",
		  "An index in the order of the sort, fewer columns in it, or more work_mem for this statement (more "
		  "memory does not always gain "
		  "time).",
		  { { "disk", "kB", 1 }, { "high", "kB", 102400 } } },
		.node = so_rule_sort_spill },
	{ { "hash-spill", ISSUE_CONFIG, "postgresql", "The hash table of a join does not fit into memory.",
		  "More work_mem for this statement, fewer or narrower rows on the hashed side, or an index for "
		  "another kind of join.",
		  { { "batches", "batches", 2 }, { "high", "batches", 8 } } },
		.node = so_rule_hash_spill },
	{ { "hashagg-spill", ISSUE_CONFIG, "postgresql", "The groups of an aggregate do not fit into memory.",
		  "Fewer groups (is the DISTINCT needed?), an index in the order of the group keys, or more work_mem "
		  "for this statement.",
		  { { "disk", "kB", 1 }, { "high", "kB", 102400 } } },
		.node = so_rule_hashagg_spill },
	{ { "temp-io", ISSUE_IO, "postgresql", "Kept rows go through temporary files.",
		  "Keep fewer rows or columns: filter inside the CTE or function, avoid MATERIALIZED, or raise "
		  "work_mem for this statement.",
		  { { "pages", "pages", 1000 } } },
		.node = so_rule_temp_io },
	{ { "wide-rows", ISSUE_REPORT, "postgresql", "Very wide rows are sorted, hashed or kept.",
		  "Select only the columns that are needed, or sort the keys first and fetch the wide columns "
		  "afterwards.",
		  { { "width", "bytes", 2000 }, { "rows", "rows", 10000 } } },
		.node = so_rule_wide_rows },
	{ { "incremental-sort-missed", ISSUE_CONFIG, "postgresql",
		  "A full sort although the rows come sorted by the first key.",
		  "See whether enable_incremental_sort is off; an index on all sort keys avoids the sort.",
		  { { "rows", "rows", 10000 } } },
		.node = so_rule_incremental_sort_missed },
	{ { "jit-dominates", ISSUE_CONFIG, "postgresql", "Compiling the statement takes longer than it saves.",
		  "Raise jit_above_cost, or switch jit off for this kind of statement.",
		  { { "time", "ms", 20 }, { "share", "%", 30 } } },
		.plan = so_rule_jit_dominates },
	{ { "planning-time-dominates", ISSUE_CONFIG, "postgresql", "Making the plan takes longer than running it.",
		  "Prepare the statement once and execute it often; fewer partitions, indexes and joined tables make "
		  "planning cheaper.",
		  { { "time", "ms", 20 }, { "ratio", "x", 1 } } },
		.plan = so_rule_planning_dominates },

	/* Estimates and statistics */
	{ { "row-misestimate", ISSUE_CARD, "postgresql",
		  "A row count was estimated wrongly, and this is where it starts.",
		  "Run ANALYZE; raise the statistics target of the columns; extended statistics for columns that "
		  "depend on each other.",
		  { { "factor", "x", 10 }, { "medium", "x", 100 }, { "high", "x", 1000 }, { "rows", "rows", 1000 } } },
		.node = so_rule_row_misestimate },
	{ { "cte-misestimate-propagation", ISSUE_CARD, "postgresql",
		  "Joins were planned on a wrong row count of a CTE.",
		  "Let the CTE be inlined (NOT MATERIALIZED), or put its result into a temporary table and analyse "
		  "that.",
		  { { "factor", "x", 10 }, { "rows", "rows", 1000 } } },
		.node = so_rule_cte_misestimate },
	{ { "correlated-columns", ISSUE_CARD, "postgresql",
		  "Conditions on columns that depend on each other are estimated as independent.",
		  "CREATE STATISTICS on the columns, then ANALYZE.",
		  { { "factor", "x", 5 }, { "rows", "rows", 1000 } } },
		.node = so_rule_correlated_columns },
	{ { "stale-statistics", ISSUE_STATS, "postgresql", "A table changed much since its statistics were gathered.",
		  "Run ANALYZE on the table.",
		  { { "rows", "rows", 1000 }, { "share", "%", 20 }, { "age", "days", 30 } } },
		.plan = so_rule_stale_statistics },

	/* I/O, parallelism, other */
	{ { "cache-miss", ISSUE_IO, "postgresql", "Many pages come from outside the buffer cache.",
		  "Read fewer pages (index, narrower rows), or give shared_buffers more memory if this happens on "
		  "every run.",
		  { { "pages", "pages", 1000 }, { "hit", "%", 90 }, { "medium", "%", 70 } } },
		.node = so_rule_cache_miss },
	{ { "io-time-dominates", ISSUE_IO, "postgresql", "Most of a node's time is waiting for reads.",
		  "Read fewer pages (index, narrower rows), or see why the storage is slow.",
		  { { "time", "ms", 100 }, { "share", "%", 50 } } },
		.node = so_rule_io_time },
	{ { "workers-short", ISSUE_CONFIG, "postgresql", "Fewer parallel workers were started than planned.",
		  "Raise max_parallel_workers and max_worker_processes, or lower max_parallel_workers_per_gather so "
		  "that plans fit.",
		  { { "time", "ms", 10 } } },
		.node = so_rule_workers_short },
	{ { "trigger-time", ISSUE_INDEX, "postgresql", "Triggers or foreign key checks take most of the time.",
		  "For a foreign key: an index on the referencing columns. For a trigger: what it does for each row.",
		  { { "time", "ms", 50 }, { "share", "%", 30 } } },
		.plan = so_rule_trigger_time },
	{ { "disabled-node-used", ISSUE_CONFIG, "postgresql", "The plan needs a kind of node that is switched off.",
		  "Reset the enable_... settings of the session; they are for tests.", { { NULL, NULL, 0 } } },
		.node = so_rule_disabled_node },
	{ { "expensive-node", ISSUE_PATTERN, "postgresql",
		  "One node takes most of a long time, for no reason that a rule knows.", "Look at this node first.",
		  { { "share", "%", 50 }, { "time", "ms", 1000 } } },
		.node = so_rule_expensive_node },
};

const size_t so_plan_n_rules = sizeof so_plan_rules / sizeof so_plan_rules[0];
