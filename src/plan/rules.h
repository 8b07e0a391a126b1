/* Internal to plan/: what the rules of findings share. */
#ifndef SO_PLAN_RULES_H
#define SO_PLAN_RULES_H

#include "plan/findings.h"
#include "sql/ast.h"

/* One run of one rule over one plan. */
struct so_rule_check {
	const struct so_plan *plan;
	const struct so_catalog *catalog; /* or NULL */
	struct so_finding_list *list;
	const struct so_plan_rule *rule;
	double limit[SO_PLAN_RULE_THRESHOLDS]; /* the rule's thresholds, overrides applied */
	bool has_figures; /* any node has an estimate or a measurement; SQLite's plans have none */
	size_t found;
	TALLOC_CTX *tmp; /* texts while a finding is put together */
};

struct so_plan_rule_impl {
	struct so_plan_rule rule;
	void (*node)(struct so_rule_check *c, const struct so_plan_node *node); /* called for every executed node */
	void (*plan)(struct so_rule_check *c); /* or once */
};

extern const struct so_plan_rule_impl so_plan_rules[]; /* rules.c */
extern const size_t so_plan_n_rules;

/* What to do on some engines, where it differs from the rule's own advice. Ends with a row of NULLs. */
struct so_plan_remedy {
	const char *rule, *engines, *text;
};

extern const struct so_plan_remedy so_plan_remedies[]; /* remedies.c */

/* ---- Writing a finding ------------------------------------------------------------------------------------------ */

/* Adds a finding of the current rule on `node` (may be NULL), with the rule's issue type, remedy and page; NULL when
 * the rule has spoken often enough. The title is in printf form. The node's table becomes an object. */
struct so_finding *so_check_found(struct so_rule_check *c, const struct so_plan_node *node, enum so_severity severity,
	const char *fmt, ...) SO_PRINTF(4, 5);
/* All three take NULL as finding and then do nothing. */
void so_check_explain(struct so_rule_check *c, struct so_finding *f, const char *fmt, ...) SO_PRINTF(3, 4);
void so_check_remedy(struct so_rule_check *c, struct so_finding *f, const char *fmt, ...) SO_PRINTF(3, 4);
void so_check_evidence(struct so_rule_check *c, struct so_finding *f, const char *name, double value, const char *unit);
void so_check_object(struct so_rule_check *c, struct so_finding *f, const char *object);

/* "599,980", "12.3 million", "0.4": for titles and explanations. Child of c->tmp. */
const char *so_check_number(struct so_rule_check *c, double value);
/* "shop.orders" or "\"x\"": how a node's input is called in texts. */
const char *so_check_object_name(struct so_rule_check *c, const struct so_plan_node *node);
/* The text of a condition, cut to the length of a sentence. */
const char *so_check_condition(struct so_rule_check *c, const struct so_condition *condition);
/* low below the first bound, then medium, high, critical. */
enum so_severity so_severity_of(double value, double medium, double high, double critical);

/* ---- Figures ---------------------------------------------------------------------------------------------------- */

const struct so_table *so_check_table(const struct so_rule_check *c, const struct so_plan_node *node);
const struct so_condition *so_node_condition(const struct so_plan_node *node, enum so_condition_kind kind);
/* A remark of the optimiser of that kind on a node; -1: on the whole plan, -2: anywhere. NULL when there is none. */
const struct so_plan_note *so_check_note(const struct so_rule_check *c, const char *kind, int32_t node);
/* What limits the memory of a sort or hash table: "work_mem". */
const char *so_check_memory_name(const struct so_rule_check *c);
/* Where pages are kept in memory: "shared_buffers". */
const char *so_check_cache_name(const struct so_rule_check *c);
/* Whether a text that is compared with a number is converted, and not the number. */
bool so_check_texts_become_numbers(const struct so_rule_check *c);
/* Whether this index scan fetches each row from the table without a node that says so (InnoDB's secondary indexes). */
bool so_check_index_scans_look_up(const struct so_rule_check *c, const struct so_plan_node *node);
/* Whether the plan's engine is one that the rule `id` speaks of. */
bool so_check_other_rule(const struct so_rule_check *c, const char *id);
/* Whether a LIMIT has a node: without one, few rows may mean that enough had come. */
bool so_check_limits_are_shown(const struct so_rule_check *c);
/* Whether the optimiser takes fixed shares for conditions on columns without an index: its row counts after a filter
 * prove nothing then. */
bool so_check_filters_are_guesses(const struct so_rule_check *c);
bool so_node_is(const struct so_plan_node *node, const char *label);
/* A scan of a whole table, or of a whole index by an engine that says how many entries it has. */
bool so_node_is_full_scan(const struct so_plan_node *node);
/* A scan of one relation, whatever the way. */
bool so_node_is_scan(const struct so_plan_node *node);
bool so_node_is_join(const struct so_plan_node *node);
const struct so_plan_node *so_node_child(
	const struct so_plan *plan, const struct so_plan_node *node, enum so_plan_relationship relationship);
/* Whether some condition in the subtree of `inner` names a relation of the subtree of `outer`, or a parameter. */
bool so_node_depends_on(
	const struct so_rule_check *c, const struct so_plan_node *inner, const struct so_plan_node *outer);
/* Rows that a partial node stands for when only estimates are known: the planner divides by this number. */
double so_node_divisor(const struct so_plan *plan, const struct so_plan_node *node);
/* Rows out of a node in one execution, all processes together; measured, else estimated. */
double so_node_rows(const struct so_rule_check *c, const struct so_plan_node *node);
/* How often it was executed (all processes counted as one execution); measured, else estimated. */
double so_node_runs(const struct so_rule_check *c, const struct so_plan_node *node);
/* Rows that a scan looked at in one execution, before its filter: measured, or from the catalog and the statistics of
 * the columns, or (a sequential scan) from its cost. NAN when nothing tells. *how: "measured", "estimated". */
double so_node_tested(const struct so_rule_check *c, const struct so_plan_node *node, const char **how);
/* Share of the plan's time or cost spent in a node and everything below it, 0..1. */
double so_node_share(const struct so_plan *plan, const struct so_plan_node *node);
/* A memory setting in kB, from the plan's own settings or the catalog; NAN when unknown. */
double so_check_setting_kb(const struct so_rule_check *c, const char *name);
double so_check_setting(const struct so_rule_check *c, const char *name, double otherwise);

/* ---- Conditions ------------------------------------------------------------------------------------------------- */

/* A part of a condition of the form `arg op constant`, sides swapped where needed. LIKE in any spelling is SO_OP_LIKE;
 * `= ANY (array)` is SO_OP_EQ with `many`. */
struct so_comparison {
	enum so_op op;
	so_ref arg, value;
	bool many;
};

bool so_expr_comparison(const struct so_ast *ast, so_ref part, struct so_comparison *out);
/* The COLUMN node when `expr` is a column of the node's own relation, looked through casts that change nothing; else 0.
 * `table` may be NULL. */
so_ref so_expr_own_column(
	const struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table, so_ref expr);
/* The first column of the node's relation anywhere below `expr`; 0 when there is none, or when columns of other
 * relations or subplans occur as well. */
so_ref so_expr_column_inside(const struct so_rule_check *c, const struct so_plan_node *node, so_ref expr);
/* The parts of a condition that are joined with AND. Child of ctx. */
so_ref *so_expr_parts(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref expr, size_t *n);
/* Whether no column and no subplan occurs below `expr`. */
bool so_expr_is_constant(const struct so_ast *ast, so_ref expr);
/* Estimated share of rows that satisfy a condition, from the column statistics; NAN when they do not tell. */
double so_expr_selectivity(
	const struct so_rule_check *c, const struct so_plan_node *node, const struct so_table *table, so_ref expr);

/* ---- The rules -------------------------------------------------------------------------------------------------- */

typedef void so_node_rule(struct so_rule_check *c, const struct so_plan_node *node);
typedef void so_whole_rule(struct so_rule_check *c);

so_node_rule so_rule_seq_scan_filter, so_rule_seq_scan_in_join, so_rule_full_scan_large, so_rule_index_filter,
	so_rule_order_by_limit, so_rule_index_low_selectivity, so_rule_bitmap_lossy, so_rule_recheck_removed,
	so_rule_heap_fetches, so_rule_large_offset, so_rule_bitmap_and, so_rule_partition_pruning,
	so_rule_function_on_column, so_rule_implicit_conversion, so_rule_foreign_scan, so_rule_materialized_cte;
so_node_rule so_rule_cartesian, so_rule_nested_loop_high, so_rule_nested_loop_inner_scan, so_rule_join_filter_removal,
	so_rule_materialize_loops, so_rule_correlated_subplan, so_rule_not_in_subplan, so_rule_memoize_thrash;
so_node_rule so_rule_sort_spill, so_rule_hash_spill, so_rule_hashagg_spill, so_rule_temp_io, so_rule_wide_rows,
	so_rule_incremental_sort_missed;
so_whole_rule so_rule_jit_dominates, so_rule_planning_dominates, so_rule_trigger_time, so_rule_stale_statistics;
so_node_rule so_rule_row_misestimate, so_rule_cte_misestimate, so_rule_correlated_columns;
so_node_rule so_rule_expensive_node, so_rule_cache_miss, so_rule_io_time, so_rule_workers_short, so_rule_disabled_node;

so_node_rule so_rule_filesort, so_rule_temporary_table, so_rule_join_buffer, so_rule_key_lookup,
	so_rule_no_join_predicate, so_rule_index_merge, so_rule_range_checked, so_rule_index_spool,
	so_rule_partitions_all;
so_whole_rule so_rule_conversion_seek, so_rule_missing_index, so_rule_parameter_sniffing, so_rule_no_statistics,
	so_rule_memory_grant;
so_node_rule so_rule_automatic_index, so_rule_index_full_scan;
so_node_rule so_rule_table_variable, so_rule_conversion_estimate, so_rule_parallel_overhead;
so_whole_rule so_rule_generic_plan, so_rule_grant_wait, so_rule_parallelism_inhibited, so_rule_lock_wait,
	so_rule_wal_heavy, so_rule_hint_unused, so_rule_plan_forced;

/* The same questions to a plan without figures, answered from the catalog (rules_sqlite.c). `purpose`: how the step's
 * strategy begins, `what` is done with the rows. */
so_node_rule so_unfigured_scan, so_unfigured_subplan, so_unfigured_inner_scan;
void so_unfigured_sort(struct so_rule_check *c, const struct so_plan_node *node, const char *purpose, const char *what);

#endif
