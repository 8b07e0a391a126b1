/* What the fuzz targets of plans share: any bytes give a plan or an error with a reason, and what was read can be
 * judged, drawn, written, and compared. */
#ifndef SO_FUZZ_PLAN_HARNESS_H
#define SO_FUZZ_PLAN_HARNESS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>
#include <talloc.h>

#include "plan/diff.h"
#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"

/* One table under the names that the seeds use, so that rules which need a catalog run as well. */
static const struct so_catalog *fuzz_catalog(TALLOC_CTX *ctx)
{
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);
	struct so_table *table = catalog->tables = so_new_array(catalog, struct so_table, 1);

	catalog->taken_at_us = 86400000000;
	catalog->search_path = so_new_array(catalog, char *, 1);
	catalog->search_path[catalog->n_search_path++] = so_strdup(catalog, "shop");
	catalog->n_tables = 1;
	table->schema = so_strdup(catalog, "shop");
	table->name = so_strdup(catalog, "orders");
	table->rows = 600000;
	table->live_rows = 600000;
	table->mods_since_analyze = 300000;
	table->has_stats = true;
	table->n_columns = 1;
	table->columns = so_new_array(catalog, struct so_column, 1);
	table->columns[0] = (struct so_column){
		.name = so_strdup(catalog, "user_id"), .type_class = SO_TYPE_INT, .has_stats = true, .n_distinct = 1000
	};
	return catalog;
}

/* A plan has links that fit each other, whatever it was read from. */
static void fuzz_check_tree(const struct so_plan *plan)
{
	if (plan->n_nodes < 1 || plan->nodes[0].parent != -1 || plan->nodes[0].end != plan->n_nodes)
		__builtin_trap();
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (node->id != i || node->parent < 0 || node->parent >= i || node->end <= i ||
			node->end > plan->nodes[node->parent].end || !node->label ||
			node->depth != plan->nodes[node->parent].depth + 1 || node->depth >= SO_PLAN_MAX_DEPTH)
			__builtin_trap();
	}
}

static void fuzz_compare(TALLOC_CTX *ctx, const struct so_plan *plan)
{
	static const char other_text[] = "Hash Join  (cost=1.00..50.00 rows=10 width=8)\n"
					 "  ->  Seq Scan on orders o  (cost=0.00..10.00 rows=10 width=8)\n"
					 "  ->  Seq Scan on users u  (cost=0.00..10.00 rows=10 width=8)\n";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *other;

	if (!so_plan_read(ctx, other_text, strlen(other_text), &other, &err))
		__builtin_trap();
	if (so_plan_compare(ctx, plan, plan)->n_changes)
		__builtin_trap(); /* differs from itself */
	for (int turn = 0; turn < 2; turn++) {
		const struct so_plan_diff *diff = so_plan_compare(ctx, turn ? other : plan, turn ? plan : other);
		json_t *json = so_plan_diff_to_json(diff);

		if (!json)
			__builtin_trap();
		json_decref(json);
		so_plan_diff_render(ctx, diff, 80, true);
	}
}

static void fuzz_plan(const void *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_plan *plan = NULL;
	struct so_err err = SO_ERR_INIT;

	if (so_plan_read(root, data, size, &plan, &err)) {
		struct so_finding_list *list = so_finding_list_new(root);
		json_t *json;

		fuzz_check_tree(plan);
		so_plan_findings(plan, fuzz_catalog(root), NULL, list);
		json = so_finding_list_to_json(list);
		if (json_array_size(json) != list->count)
			__builtin_trap(); /* a finding that is no valid JSON */
		json_decref(json);
		json_decref(so_plan_to_json(plan));
		so_plan_render(root, plan, list, 80, true);
		fuzz_compare(root, plan);
	} else if (err.kind == SO_NONE || err.message[0] == '\0') {
		__builtin_trap(); /* refused without a reason */
	}
	talloc_free(root);
}

/* The same of a document that begins like one of the format under test, when the first byte is a '+'. */
static inline void fuzz_plan_behind(const char *prefix, const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);

	if (size && *data == '+') {
		size_t len = strlen(prefix);
		char *text = so_mem_need(talloc_size(root, len + size));

		memcpy(text, prefix, len);
		memcpy(text + len, data + 1, size - 1);
		fuzz_plan(text, len + size - 1);
	} else {
		fuzz_plan(data, size);
	}
	talloc_free(root);
}

#endif
