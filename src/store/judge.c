/* Verdicts on queries, and how far judging has come. */
#include "store/judge.h"

#include "base/vec.h"
#include "store/entity.h"

enum { HEAVY_MAX = 1000 };

#define COLUMN(member, ...) SO_COLUMN(struct so_store_verdict, member, ##__VA_ARGS__)
static const struct so_entity_column columns[] = {
	COLUMN(query_id),
	COLUMN(level),
	COLUMN(connection_id),
	COLUMN(finding_id),
	COLUMN(state),
	COLUMN(ended),
	COLUMN(hot),
	COLUMN(cool),
	COLUMN(returns),
	COLUMN(onset_us),
	COLUMN(opened_us),
	COLUMN(closed_us),
	COLUMN(told_us),
	COLUMN(last_data_us),
	COLUMN(normal_since_us),
	COLUMN(factor),
	COLUMN(told_factor),
	COLUMN(kind),
	COLUMN(cause),
	COLUMN(baseline_until_us),
	COLUMN(discovered_us, .read_only = true),
	COLUMN(acknowledged_us, .read_only = true),
	COLUMN(acknowledged_factor, .read_only = true),
	COLUMN(muted_until_us, .read_only = true),
};
static const struct so_entity_shape shape = SO_SHAPE("verdict", struct so_store_verdict, columns);

struct so_store_verdicts *so_store_verdict_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_verdicts *list = so_new(ctx, struct so_store_verdicts);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	if (!so_entity_list(list, store, SO_STMT_VERDICT_LIST, &params, SO_STMT_MAX, NULL, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_verdicts){ rows.count, (struct so_store_verdict **)rows.items };
	return list;
}

bool so_store_verdict_put(struct so_store *tx, const struct so_store_verdict *verdict, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_entity(&params, &shape, verdict);
	return so_session_run(tx, SO_STMT_VERDICT_PUT, &params, NULL, err);
}

bool so_store_verdict_drop(struct so_store *tx, int64_t query_id, enum so_store_level level, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, query_id);
	so_param_int(&params, level);
	return so_session_run(tx, SO_STMT_VERDICT_DROP, &params, NULL, err);
}

static void read_judged(const struct so_row *row, void *arg)
{
	int64_t *until_us = arg, level = row->ops->number(row->raw, 0);

	if (level >= 0 && level < SO_LEVEL_MAX)
		until_us[level] = row->ops->number(row->raw, 1);
}

bool so_store_judged(struct so_store *store, struct so_scope scope, int64_t connection_id,
	int64_t until_us[SO_LEVEL_MAX], struct so_err *err)
{
	struct so_params params = { 0 };

	for (int level = 0; level < SO_LEVEL_MAX; level++)
		until_us[level] = 0;
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	return so_store_select(store, SO_STMT_JUDGED_LIST, &params, read_judged, until_us, err);
}

bool so_store_judged_put(struct so_store *tx, struct so_scope scope, int64_t connection_id, enum so_store_level level,
	int64_t until_us, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t changed;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	so_param_int(&params, level);
	so_param_int(&params, until_us);
	if (!so_session_run(tx, SO_STMT_JUDGED_PUT, &params, &changed, err))
		return false;
	return changed > 0 || so_store_overtaken(tx, scope, connection_id, "judged", err);
}

struct heavies {
	SO_VEC(struct so_store_heavy) found;
};

static void read_heavy(const struct so_row *row, void *arg)
{
	struct heavies *heavies = arg;
	struct so_store_heavy *heavy = so_vec_add(&heavies->found);

	if (heavy)
		*heavy = (struct so_store_heavy){ .query_id = row->ops->number(row->raw, 0),
			.calls = row->ops->number(row->raw, 1),
			.exec_us = row->ops->number(row->raw, 2),
			.rows = row->ops->number(row->raw, 3),
			.discovered_us = row->ops->number(row->raw, 4) };
}

struct so_store_heavies *so_store_heavy_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t hour, bool by_calls, int64_t limit, struct so_err *err)
{
	struct so_store_heavies *list = so_new(ctx, struct so_store_heavies);
	struct heavies heavies;
	struct so_params params = { 0 };

	so_assert(limit <= HEAVY_MAX);
	so_vec_init(&heavies.found, list, HEAVY_MAX);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	so_param_int(&params, hour);
	so_param_int(&params, by_calls);
	so_param_int(&params, limit);
	if (!so_store_select(store, SO_STMT_HEAVY_LIST, &params, read_heavy, &heavies, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_heavies){ heavies.found.count, heavies.found.items };
	return list;
}
