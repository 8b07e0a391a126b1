#include "base/clock.h"
#include "store/entity.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_audit, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(at_us),
	COLUMN(user_id),
	COLUMN(action),
	COLUMN(object_type),
	COLUMN(object_id),
	COLUMN(ok),
	COLUMN(request_id),
	COLUMN(detail),
};
static const struct so_entity_shape shape = SO_SHAPE("audit entry", struct so_store_audit, columns);

struct add {
	struct so_scope scope;
	struct so_store_audit *entry;
};

static bool add_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct add *add = arg;
	struct so_params params = { 0 };

	so_param_int(&params, add->scope.organisation_id);
	so_param_entity(&params, &shape, add->entry);
	return so_session_insert(tx, SO_STMT_AUDIT_INSERT, &params, &add->entry->id, err);
}

bool so_store_audit_add(struct so_store *store, struct so_scope scope, struct so_store_audit *entry, struct so_err *err)
{
	struct add add = { scope, entry };

	entry->user_id = scope.user_id;
	if (!entry->at_us)
		entry->at_us = so_time_now_us();
	return so_store_tx(store, add_tx, &add, err);
}

struct so_store_audits *so_store_audit_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t limit, int64_t offset, struct so_err *err)
{
	struct so_store_audits *list = so_new(ctx, struct so_store_audits);
	struct so_params params = { 0 }, count = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, so_store_limit(limit));
	so_param_int(&params, offset);
	so_param_int(&count, scope.organisation_id);
	if (!so_entity_list(
		    list, store, SO_STMT_AUDIT_LIST, &params, SO_STMT_AUDIT_COUNT, &count, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_audits){ rows.count, (struct so_store_audit **)rows.items, rows.total };
	return list;
}
