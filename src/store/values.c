#include "store/values.h"

#include "store/entity.h"

#define DROP_AT_ONCE 64 /* of the oldest, when all together are too much */

#define VALUES(member, ...) SO_COLUMN(struct so_store_values, member, ##__VA_ARGS__)
static const struct so_entity_column columns[] = {
	VALUES(id, .read_only = true),
	VALUES(query_id),
	VALUES(source),
	VALUES(seen_us),
	VALUES(token),
};
static const struct so_entity_shape shape = SO_SHAPE("set of values", struct so_store_values, columns);

static void read_number(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

struct so_store_values_list *so_store_values_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err)
{
	struct so_store_values_list *list = so_new(ctx, struct so_store_values_list);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, query_id);
	if (!so_entity_list(list, store, SO_STMT_VALUES_LIST, &params, SO_STMT_MAX, NULL, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_values_list){ rows.count, (struct so_store_values **)rows.items, rows.total };
	return list;
}

struct put {
	const struct so_store_values *values;
	int64_t instead;
};

static bool run_with(
	struct so_store *tx, enum so_store_statement statement, int64_t a, const int64_t *b, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, a);
	if (b)
		so_param_int(&params, *b);
	return so_session_run(tx, statement, &params, NULL, err);
}

static bool keep_below_limit(struct so_store *tx, struct so_err *err)
{
	const struct so_params none = { 0 };
	int64_t bytes = 0, before = INT64_MAX;

	for (;;) {
		if (!tx->ops->run(tx->session, SO_STMT_VALUES_TOTAL, &none, read_number, &bytes, NULL, err))
			return false;
		if (bytes <= SO_VALUES_BYTES || bytes >= before)
			return true;
		before = bytes;
		if (!run_with(tx, SO_STMT_VALUES_DROP_OLDEST, DROP_AT_ONCE, NULL, err))
			return false;
	}
}

static bool put_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct put *put = arg;
	const struct so_store_values *v = put->values;
	const int64_t most = SO_VALUE_SETS;
	struct so_params params = { 0 };

	if (v->id) {
		so_param_int(&params, v->id);
		so_param_text(&params, v->source);
		so_param_int(&params, v->seen_us);
		return so_session_run(tx, SO_STMT_VALUES_SEEN, &params, NULL, err);
	}
	so_param_entity(&params, &shape, v);
	return (!put->instead || run_with(tx, SO_STMT_VALUES_DROP, put->instead, NULL, err)) &&
	       so_session_run(tx, SO_STMT_VALUES_ADD, &params, NULL, err) &&
	       run_with(tx, SO_STMT_VALUES_TRIM, v->query_id, &most, err) && keep_below_limit(tx, err);
}

bool so_store_values_put(
	struct so_store *store, const struct so_store_values *values, int64_t instead, struct so_err *err)
{
	struct put put = { values, instead };

	return so_store_tx_lazy(store, put_tx, &put, err);
}

static bool forget_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return run_with(tx, SO_STMT_VALUES_FORGET, *(const int64_t *)arg, NULL, err);
}

bool so_store_values_forget(struct so_store *store, int64_t before_us, struct so_err *err)
{
	return so_store_tx_lazy(store, forget_tx, &before_us, err);
}
