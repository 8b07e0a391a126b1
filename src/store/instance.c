/* Servers, as polls have found them. */
#include "store/entity.h"
#include "store/history.h"

#define INSTANCE(member) SO_COLUMN(struct so_store_instance, member)
static const struct so_entity_column columns[] = { INSTANCE(id), INSTANCE(engine), INSTANCE(host), INSTANCE(port),
	INSTANCE(system_id), INSTANCE(version) };
static const struct so_entity_shape shape = SO_SHAPE("instance", struct so_store_instance, columns);

struct so_store_instances *so_store_instance_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit, struct so_err *err)
{
	struct so_store_instances *list = so_new(ctx, struct so_store_instances);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, limit);
	if (!so_entity_list(list, store, SO_STMT_INSTANCE_LIST, &params, SO_STMT_MAX, NULL, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_instances){ rows.count, (struct so_store_instance **)rows.items };
	return list;
}
