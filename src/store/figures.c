/* Figures of all connections in one reading, for those who watch the watcher. */
#include "store/figures.h"

#include "store/entity.h"

#define FIGURE(member) SO_COLUMN(struct so_store_figure, member)
static const struct so_entity_column columns[] = {
	FIGURE(connection_id),
	FIGURE(name),
	FIGURE(engine),
	FIGURE(environment),
	FIGURE(database),
	FIGURE(error),
	FIGURE(monitoring_enabled),
	FIGURE(instance_id),
	FIGURE(failures),
	FIGURE(success_us),
	FIGURE(statements),
	FIGURE(polls),
	FIGURE(failed),
	FIGURE(duration_us),
	FIGURE(wait_us),
	FIGURE(cpu_us),
	FIGURE(calls),
	FIGURE(exec_us),
	FIGURE(last_us),
	FIGURE(last_duration_us),
};
static const struct so_entity_shape shape = SO_SHAPE("figure", struct so_store_figure, columns);

struct so_store_figures *so_store_figure_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit, struct so_err *err)
{
	struct so_store_figures *list = so_new(ctx, struct so_store_figures);
	struct so_params params = { 0 }, count = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, limit);
	so_param_int(&count, scope.organisation_id);
	if (!so_entity_list(
		    list, store, SO_STMT_CONN_FIGURES, &params, SO_STMT_CONN_COUNT, &count, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_figures){ rows.count, (struct so_store_figure **)rows.items, rows.total };
	return list;
}
