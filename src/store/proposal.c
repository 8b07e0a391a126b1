#include "base/clock.h"
#include "store/entity.h"
#include "store/parts.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_proposal, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(run_id),
	COLUMN(kind),
	COLUMN(verdict),
	COLUMN(title),
	COLUMN(origin),
	COLUMN(cost_before),
	COLUMN(cost_after),
	COLUMN(doc),
	COLUMN(created_us),
	COLUMN(updated_us),
};
static const struct so_entity_shape shape = SO_SHAPE("proposal", struct so_store_proposal, columns);

bool so_proposal_save_tx(
	struct so_store *tx, struct so_scope scope, struct so_store_proposal *proposal, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t changed;

	proposal->updated_us = so_time_now_us();
	if (!proposal->created_us)
		proposal->created_us = proposal->updated_us;
	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &shape, proposal);
	if (!proposal->id)
		return so_session_insert(tx, SO_STMT_PROPOSAL_INSERT, &params, &proposal->id, err);
	so_param_int(&params, proposal->id);
	if (!so_session_run(tx, SO_STMT_PROPOSAL_UPDATE, &params, &changed, err))
		return false;
	return changed > 0 || so_store_missing(err, shape.noun, proposal->id);
}

struct so_store_proposals *so_store_proposal_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t run_id, struct so_err *err)
{
	struct so_store_proposals *list = so_new(ctx, struct so_store_proposals);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, run_id);
	if (!so_entity_list(list, store, SO_STMT_PROPOSAL_LIST, &params, SO_STMT_MAX, NULL, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_proposals){ rows.count, (struct so_store_proposal **)rows.items, rows.total };
	return list;
}

struct so_store_proposal *so_store_proposal_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_PROPOSAL_GET, scope, id, &shape, err);
}

struct save {
	struct so_scope scope;
	struct so_store_proposal *proposal;
};

static bool update_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct save *save = arg;

	return so_proposal_save_tx(tx, save->scope, save->proposal, err);
}

bool so_store_proposal_update(
	struct so_store *store, struct so_scope scope, struct so_store_proposal *proposal, struct so_err *err)
{
	struct save save = { scope, proposal };

	so_assert(proposal->id);
	return so_store_tx(store, update_tx, &save, err);
}
