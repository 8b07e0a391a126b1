#include "store/plan.h"

#include <string.h>

#include "store/entity.h"

#define PLAN(member) SO_COLUMN(struct so_store_plan, member)
static const struct so_entity_column plan_columns[] = {
	PLAN(query_id),
	PLAN(shape),
	PLAN(format),
	PLAN(doc),
	PLAN(cost),
	PLAN(seen),
	PLAN(first_us),
	PLAN(last_us),
};
static const struct so_entity_shape plan_shape = SO_SHAPE("plan", struct so_store_plan, plan_columns);

#define RUN(member) SO_COLUMN(struct so_store_plan_run, member)
static const struct so_entity_column run_columns[] = { RUN(query_id), RUN(from_us), RUN(until_us), RUN(shape) };
static const struct so_entity_shape run_shape = SO_SHAPE("plan run", struct so_store_plan_run, run_columns);

#define LOOK(member) SO_COLUMN(struct so_store_look, member)
static const struct so_entity_column look_columns[] = { LOOK(query_id), LOOK(at_us), LOOK(mean_us), LOOK(error) };
static const struct so_entity_shape look_shape = SO_SHAPE("look", struct so_store_look, look_columns);

#define SNAPSHOT(member) SO_COLUMN(struct so_store_snapshot, member)
static const struct so_entity_column snapshot_columns[] = {
	SNAPSHOT(connection_id),
	SNAPSHOT(from_us),
	SNAPSHOT(until_us),
	SNAPSHOT(doc),
};
static const struct so_entity_shape snapshot_shape = SO_SHAPE("snapshot", struct so_store_snapshot, snapshot_columns);

#define CHANGE(member, ...) SO_COLUMN(struct so_store_change, member, ##__VA_ARGS__)
static const struct so_entity_column change_columns[] = {
	CHANGE(id, .read_only = true),
	CHANGE(connection_id),
	CHANGE(kind),
	CHANGE(from_us),
	CHANGE(to_us),
	CHANGE(relation),
	CHANGE(object),
	CHANGE(before),
	CHANGE(after),
	CHANGE(rows_before),
	CHANGE(rows_after),
};
static const struct so_entity_shape change_shape = SO_SHAPE("change", struct so_store_change, change_columns);

/* The rows of what belongs to `id`, into a list of the layout that all lists have. */
static bool list_of(void *list, struct so_store *store, struct so_scope scope, enum so_store_statement statement,
	int64_t id, const struct so_entity_shape *shape, struct so_entities *rows, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	return so_entity_list(list, store, statement, &params, SO_STMT_MAX, NULL, shape, rows, err);
}

struct so_store_plans *so_store_plan_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err)
{
	struct so_store_plans *list = so_new(ctx, struct so_store_plans);
	struct so_entities rows;

	if (!list_of(list, store, scope, SO_STMT_QUERY_PLAN_LIST, query_id, &plan_shape, &rows, err))
		return talloc_free(list), NULL;
	*list = (struct so_store_plans){ rows.count, (struct so_store_plan **)rows.items };
	return list;
}

struct so_store_plan_runs *so_store_plan_run_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err)
{
	struct so_store_plan_runs *list = so_new(ctx, struct so_store_plan_runs);
	struct so_entities rows;

	if (!list_of(list, store, scope, SO_STMT_PLAN_RUN_LIST, query_id, &run_shape, &rows, err))
		return talloc_free(list), NULL;
	*list = (struct so_store_plan_runs){ rows.count, (struct so_store_plan_run **)rows.items };
	return list;
}

struct so_store_looks *so_store_look_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_looks *list = so_new(ctx, struct so_store_looks);
	struct so_entities rows;

	if (!list_of(list, store, scope, SO_STMT_PLAN_LOOK_LIST, connection_id, &look_shape, &rows, err))
		return talloc_free(list), NULL;
	*list = (struct so_store_looks){ rows.count, (struct so_store_look **)rows.items };
	return list;
}

static bool trim(struct so_store *tx, enum so_store_statement statement, int64_t of, int64_t keep, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, of);
	so_param_int(&params, keep);
	return so_session_run(tx, statement, &params, NULL, err);
}

bool so_store_plan_seen(struct so_store *tx, const struct so_store_plan *plan, struct so_err *err)
{
	struct so_params put = { 0 }, run = { 0 };
	int64_t changed;

	so_param_int(&put, plan->query_id);
	so_param_int(&put, plan->shape);
	so_param_text(&put, plan->format);
	so_param_text(&put, plan->doc && strlen(plan->doc) <= SO_PLAN_DOC_MAX ? plan->doc : NULL);
	so_param_real(&put, plan->cost);
	so_param_int(&put, plan->last_us);
	so_param_int(&run, plan->query_id);
	so_param_int(&run, plan->shape);
	so_param_int(&run, plan->last_us);
	if (!so_session_run(tx, SO_STMT_QUERY_PLAN_PUT, &put, NULL, err) ||
		!so_session_run(tx, SO_STMT_PLAN_RUN_GO_ON, &run, &changed, err))
		return false;
	if (changed > 0)
		return true;
	return so_session_run(tx, SO_STMT_PLAN_RUN_BEGIN, &run, NULL, err) &&
	       trim(tx, SO_STMT_PLAN_RUN_TRIM, plan->query_id, SO_PLAN_RUNS_MAX, err) &&
	       trim(tx, SO_STMT_QUERY_PLAN_TRIM, plan->query_id, SO_PLANS_MAX, err);
}

bool so_store_look_put(struct so_store *tx, const struct so_store_look *look, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_entity(&params, &look_shape, look);
	return so_session_run(tx, SO_STMT_PLAN_LOOK_PUT, &params, NULL, err);
}

struct so_store_snapshot *so_store_snapshot_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_err missing = SO_ERR_INIT;
	struct so_store_snapshot *found =
		so_entity_get(ctx, store, SO_STMT_SNAPSHOT_GET, scope, connection_id, &snapshot_shape, &missing);

	if (missing.kind != SO_NONE && missing.kind != SO_NOT_FOUND)
		*err = missing;
	return found;
}

bool so_store_snapshot_put(struct so_store *tx, const struct so_store_snapshot *snapshot, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_entity(&params, &snapshot_shape, snapshot);
	return so_session_run(tx, SO_STMT_SNAPSHOT_PUT, &params, NULL, err) &&
	       trim(tx, SO_STMT_SNAPSHOT_TRIM, snapshot->connection_id, SO_SNAPSHOTS_MAX, err);
}

bool so_store_change_add(struct so_store *tx, const struct so_store_change *change, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_entity(&params, &change_shape, change);
	return so_session_run(tx, SO_STMT_CHANGE_ADD, &params, NULL, err) &&
	       trim(tx, SO_STMT_CHANGE_TRIM, change->connection_id, SO_CHANGES_MAX, err);
}

struct so_store_changes *so_store_change_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t since_us, int64_t limit, struct so_err *err)
{
	struct so_store_changes *list = so_new(ctx, struct so_store_changes);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	so_param_int(&params, since_us);
	so_param_int(&params, so_store_limit(limit));
	if (!so_entity_list(list, store, SO_STMT_CHANGE_LIST, &params, SO_STMT_MAX, NULL, &change_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_changes){ rows.count, (struct so_store_change **)rows.items };
	return list;
}
