/* Plan files come from anywhere: any bytes give a plan or an error, and what was read can be judged, drawn and written
 * again. */
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <talloc.h>

#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One table under the names that the seeds use, so that rules which need a catalog run as well. */
static const struct so_catalog *make_catalog(TALLOC_CTX *ctx)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_plan *plan = NULL;
	struct so_err err = SO_ERR_INIT;

	if (so_plan_read(root, (const char *)data, size, &plan, &err)) {
		struct so_finding_list *list = so_finding_list_new(root);
		json_t *json;

		so_plan_shape_hash(plan);
		so_plan_findings(plan, make_catalog(root), NULL, list);
		json = so_finding_list_to_json(list);
		if (json_array_size(json) != list->count)
			__builtin_trap(); /* a finding that is no valid JSON */
		json_decref(json);
		json_decref(so_plan_to_json(plan));
		so_plan_render(root, plan, list, 80, true);
	} else if (err.kind == SO_NONE || err.message[0] == '\0') {
		__builtin_trap(); /* refused without a reason */
	}
	talloc_free(root);
	return 0;
}
