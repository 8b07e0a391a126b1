#include "store/activity.h"

#include "store/entity.h"

#define MAX_ROWS 10000

#define COLUMN(member, ...) SO_COLUMN(struct so_store_activity, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(bucket),
	COLUMN(state),
	COLUMN(wait),
	COLUMN(query_id),
	COLUMN(seen),
};
static const struct so_entity_shape shape = SO_SHAPE("activity", struct so_store_activity, columns);

struct add {
	int64_t connection_id, minute, keep_from;
	const struct so_activity_seen *rows;
	size_t n;
};

static void read_found(const struct so_row *row, void *arg)
{
	(void)row;
	*(bool *)arg = true;
}

static bool add_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct add *add = arg;
	struct so_params there = { 0 }, old = { 0 };
	bool found = false;

	so_param_int(&there, add->connection_id);
	if (!tx->ops->run(tx->session, SO_STMT_ACTIVITY_CONNECTION, &there, read_found, &found, NULL, err))
		return false;
	if (!found)
		return so_store_missing(err, "connection", add->connection_id);
	for (size_t i = 0; i < add->n; i++) {
		struct so_params params = { 0 };

		so_param_int(&params, add->connection_id);
		so_param_int(&params, add->minute);
		so_param_text(&params, add->rows[i].state);
		so_param_text(&params, add->rows[i].wait);
		so_param_text(&params, add->rows[i].fingerprint);
		so_param_int(&params, add->rows[i].fingerprint_version);
		so_param_int(&params, add->rows[i].seen);
		if (!so_session_run(tx, SO_STMT_ACTIVITY_ADD, &params, NULL, err))
			return false;
	}
	so_param_int(&old, add->connection_id);
	so_param_int(&old, add->keep_from);
	return so_session_run(tx, SO_STMT_ACTIVITY_FORGET, &old, NULL, err);
}

bool so_store_activity_add(struct so_store *store, int64_t connection_id, int64_t minute, int64_t keep_from,
	const struct so_activity_seen *rows, size_t n, struct so_err *err)
{
	struct add add = { connection_id, minute, keep_from, rows, n };

	return so_store_tx_lazy(store, add_tx, &add, err);
}

static struct so_store_activities *list(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement statement,
	const struct so_params *params, struct so_err *err)
{
	struct so_store_activities *out = so_new(ctx, struct so_store_activities);
	struct so_entities rows;

	if (!so_entity_list(out, store, statement, params, SO_STMT_MAX, NULL, &shape, &rows, err)) {
		talloc_free(out);
		return NULL;
	}
	*out = (struct so_store_activities){ rows.count, (struct so_store_activity **)rows.items, rows.total };
	return out;
}

static void param_range(
	struct so_params *params, struct so_scope scope, int64_t connection_id, int64_t from, int64_t to)
{
	so_param_int(params, scope.organisation_id);
	so_param_int(params, connection_id);
	so_param_int(params, from);
	so_param_int(params, to);
}

struct so_store_activities *so_store_activity_series(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_minute, int64_t to_minute, int64_t width, struct so_err *err)
{
	struct so_params params = { 0 };

	param_range(&params, scope, connection_id, from_minute, to_minute);
	so_param_int(&params, width);
	so_param_int(&params, MAX_ROWS);
	return list(ctx, store, SO_STMT_ACTIVITY_SERIES, &params, err);
}

struct so_store_activities *so_store_activity_queries(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_minute, int64_t to_minute, int64_t limit, struct so_err *err)
{
	struct so_params params = { 0 };

	param_range(&params, scope, connection_id, from_minute, to_minute);
	so_param_int(&params, so_store_limit(limit));
	return list(ctx, store, SO_STMT_ACTIVITY_QUERIES, &params, err);
}
