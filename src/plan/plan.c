#include "plan/plan.h"

#include <math.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

static const char *const op_names[] = {
	[SO_PLAN_SEQ_SCAN] = "seq_scan",
	[SO_PLAN_INDEX_SCAN] = "index_scan",
	[SO_PLAN_INDEX_ONLY_SCAN] = "index_only_scan",
	[SO_PLAN_BITMAP_SCAN] = "bitmap_scan",
	[SO_PLAN_KEY_LOOKUP] = "key_lookup",
	[SO_PLAN_NESTED_LOOP] = "nested_loop",
	[SO_PLAN_HASH_JOIN] = "hash_join",
	[SO_PLAN_MERGE_JOIN] = "merge_join",
	[SO_PLAN_HASH] = "hash",
	[SO_PLAN_SORT] = "sort",
	[SO_PLAN_AGGREGATE] = "aggregate",
	[SO_PLAN_WINDOW] = "window",
	[SO_PLAN_MATERIALIZE] = "materialize",
	[SO_PLAN_LIMIT] = "limit",
	[SO_PLAN_SET_OP] = "set_op",
	[SO_PLAN_SUBQUERY] = "subquery",
	[SO_PLAN_CTE] = "cte",
	[SO_PLAN_GATHER] = "gather",
	[SO_PLAN_MODIFY] = "modify",
	[SO_PLAN_VALUES] = "values",
	[SO_PLAN_FUNCTION] = "function",
	[SO_PLAN_REMOTE] = "remote",
	[SO_PLAN_OTHER] = "other",
};
_Static_assert(sizeof op_names / sizeof op_names[0] == SO_PLAN_OP_MAX, "a name for every operation");

static const char *const condition_names[] = {
	[SO_COND_ACCESS] = "access",
	[SO_COND_FILTER] = "filter",
	[SO_COND_JOIN] = "join",
	[SO_COND_HASH] = "hash",
	[SO_COND_MERGE] = "merge",
	[SO_COND_RECHECK] = "recheck",
	[SO_COND_ONE_TIME] = "one_time",
	[SO_COND_ORDER_BY] = "order_by",
	[SO_COND_RUN] = "run",
};
_Static_assert(sizeof condition_names / sizeof condition_names[0] == SO_COND_KIND_MAX, "a name for every kind");

static const char *const relationship_names[] = {
	[SO_PLAN_REL_ROOT] = "root",
	[SO_PLAN_REL_OUTER] = "outer",
	[SO_PLAN_REL_INNER] = "inner",
	[SO_PLAN_REL_MEMBER] = "member",
	[SO_PLAN_REL_SUBQUERY] = "subquery",
	[SO_PLAN_REL_INIT_PLAN] = "init_plan",
	[SO_PLAN_REL_SUB_PLAN] = "sub_plan",
	[SO_PLAN_REL_OTHER] = "other",
};
_Static_assert(sizeof relationship_names / sizeof relationship_names[0] == SO_PLAN_REL_MAX, "a name for every one");

const char *so_plan_op_name(enum so_plan_op op)
{
	so_assert(op < SO_PLAN_OP_MAX);
	return op_names[op];
}

const char *so_condition_kind_name(enum so_condition_kind kind)
{
	so_assert(kind < SO_COND_KIND_MAX);
	return condition_names[kind];
}

const char *so_plan_relationship_name(enum so_plan_relationship relationship)
{
	so_assert(relationship < SO_PLAN_REL_MAX);
	return relationship_names[relationship];
}

char *so_plan_node_object(TALLOC_CTX *ctx, const struct so_plan_node *node)
{
	if (node->relation && node->schema)
		return so_printf(ctx, "%s.%s", node->schema, node->relation);
	if (node->relation)
		return so_strdup(ctx, node->relation);
	return so_strdup(ctx, node->cte_name ? node->cte_name : node->alias ? node->alias : node->label);
}

bool so_plan_uses_index(const struct so_plan *plan, const char *index)
{
	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (plan->nodes[i].index && strcmp(plan->nodes[i].index, index) == 0)
			return true;
	return false;
}

double so_plan_rows_total(const struct so_plan_node *node)
{
	return isnan(node->rows_actual) ? node->rows_est * node->loops_est : node->rows_actual * node->loops;
}

static void hash_text(XXH3_state_t *state, const char *text)
{
	if (text)
		XXH3_64bits_update(state, text, strlen(text));
	XXH3_64bits_update(state, "\x1f", 1);
}

uint64_t so_plan_shape_hash(const struct so_plan *plan)
{
	XXH3_state_t state;
	uint64_t hash;

	XXH3_64bits_reset(&state);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];
		const int32_t numbers[] = { (int32_t)node->op, (int32_t)node->relationship, node->depth,
			node->parallel_aware };

		XXH3_64bits_update(&state, numbers, sizeof numbers);
		hash_text(&state, node->label);
		hash_text(&state, node->operation);
		hash_text(&state, node->relation);
		hash_text(&state, node->index);
		hash_text(&state, node->cte_name);
		hash_text(&state, node->cte_defined);
		hash_text(&state, node->join_type);
		hash_text(&state, node->strategy);
	}
	hash = XXH3_64bits_digest(&state);
	return hash ? hash : 1;
}
