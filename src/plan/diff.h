/* What changed between two plans of one query. */
#ifndef SO_PLAN_DIFF_H
#define SO_PLAN_DIFF_H

#include "plan/plan.h"

/* Of figures, what counts as a change: both the factor and, for measured ones, the difference. */
#define SO_PLAN_DIFF_ROWS_FACTOR    2.0
#define SO_PLAN_DIFF_COST_FACTOR    1.1
#define SO_PLAN_DIFF_TIME_FACTOR    1.5
#define SO_PLAN_DIFF_TIME_MS        1.0
#define SO_PLAN_DIFF_BUFFERS_FACTOR 1.5
#define SO_PLAN_DIFF_BUFFERS_PAGES  16

enum so_plan_change_kind {
	/* Structure, in the order of the second plan */
	SO_CHANGE_ACCESS_PATH, /* how a table is read: "Seq Scan" -> "Index Scan using i" */
	SO_CHANGE_JOIN_METHOD, /* the same tables, joined in another way */
	SO_CHANGE_JOIN_SIDES, /* outer and inner side are swapped */
	SO_CHANGE_JOIN_ORDER, /* tables are joined in groups that the other plan does not have */
	SO_CHANGE_STRATEGY, /* of an aggregate, set operation, sort ...: "Sorted" -> "Hashed" */
	SO_CHANGE_PARALLEL, /* workers came, went, or are more or fewer */
	SO_CHANGE_SPILL, /* went to disk, or no longer does */
	SO_CHANGE_REMOVED, /* a node without a counterpart */
	SO_CHANGE_ADDED,
	/* Figures, largest factor first */
	SO_CHANGE_ROWS_EST,
	SO_CHANGE_ROWS_ACTUAL,
	SO_CHANGE_COST,
	SO_CHANGE_TIME, /* without children */
	SO_CHANGE_BUFFERS, /* without children */
	SO_CHANGE_KIND_MAX
};

struct so_plan_change {
	enum so_plan_change_kind kind;
	int32_t a, b; /* nodes of the two plans; -1: none */
	const char *object; /* table, "a, b" of a join, or the label */
	const char *before, *after; /* in words; NULL: there was or is none */
	double factor; /* figures: after / before; else NAN */
};

/* A node of either plan with its counterpart. */
struct so_plan_pair {
	int32_t a, b; /* -1: none */
	uint32_t changes; /* bits of 1 << kind */
};

struct so_plan_diff {
	const struct so_plan *a, *b; /* must outlive the diff */
	bool same_shape; /* of all that does not depend on estimates: the hash is the same */
	bool same_tables; /* both read the same tables; if not, they are hardly plans of one query */
	bool same_engine; /* if not, costs are not compared */
	size_t n_pairs, n_changes;
	struct so_plan_pair *pairs; /* nodes of `b` in their order, then those of `a` without a counterpart */
	struct so_plan_change *changes;
	double buffers_a, buffers_b; /* shared pages touched by the whole plan; NAN: not counted */
};

/* Never fails; time n log n. The result is a child of `ctx`. */
struct so_plan_diff *so_plan_compare(TALLOC_CTX *ctx, const struct so_plan *a, const struct so_plan *b);

const char *so_plan_change_name(enum so_plan_change_kind kind); /* "access_path" */

/* New reference:
 * {"same_shape","same_tables","same_engine",
 *  "before":{"engine","format","shape","total_cost"|null,"planning_ms"|null,"execution_ms"|null,"buffers"|null},"after":{...},
 *  "changes":[{"kind","before_node"|null,"after_node"|null,"object","before"|null,"after"|null,"factor"|null}],
 *  "nodes":[{"before_node"|null,"after_node"|null,"changes":["access_path"],
 *    "before":{"label","object","index"|null,"rows_est"|null,"rows_actual"|null,"loops"|null,"cost"|null,"time_ms"|null,
 *      "time_exclusive_ms"|null,"buffers"|null}|null,"after":{...}|null}]} */
json_t *so_plan_diff_to_json(const struct so_plan_diff *diff);

/* For a terminal, as so_plan_render: totals, then a line a change. Child of `ctx`. */
char *so_plan_diff_render(TALLOC_CTX *ctx, const struct so_plan_diff *diff, int width, bool color);

#endif
