/* The rows of statements, and reading the roll-ups that fold.c makes of samples. */
#include "store/history.h"

#include "base/vec.h"
#include "store/entity.h"

enum { HOURS_MAX = 744 };

static void read_id(const struct so_row *row, void *arg)
{
	struct so_store_query *query = arg;

	query->id = row->ops->number(row->raw, 0);
	query->discovered_us = row->ops->number(row->raw, 1);
}

bool so_store_query_add(struct so_store *tx, struct so_scope scope, struct so_store_query *query, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t text_id;

	so_assert(tx->session);
	query->id = 0;
	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &so_query_shape, query);
	if (!tx->ops->run(tx->session, SO_STMT_QUERY_SEEN, &params, read_id, query, NULL, err))
		return false;
	if (query->id)
		return true;
	if (!so_query_text_put(tx, query, &text_id, err))
		return false;
	so_param_int(&params, text_id);
	if (!tx->ops->run(tx->session, SO_STMT_QUERY_ADD, &params, read_id, query, NULL, err))
		return false;
	return query->id || so_store_missing(err, "connection", query->connection_id);
}

static bool check_range(int64_t from_hour, int64_t to_hour, struct so_err *err)
{
	if (from_hour < 0 || to_hour < from_hour || to_hour - from_hour >= HOURS_MAX)
		return so_fail(err, SO_LIMIT, "at most %d hours or days of history are read at a time", HOURS_MAX);
	return true;
}

struct loads {
	SO_VEC(struct so_store_load) found;
};

static void read_load(const struct so_row *row, void *arg)
{
	struct loads *loads = arg;
	struct so_store_load *load = so_vec_add(&loads->found);

	if (load)
		*load = (struct so_store_load){ .hour = row->ops->number(row->raw, 0),
			.queries = row->ops->number(row->raw, 1),
			.slow = row->ops->number(row->raw, 2),
			.calls = row->ops->number(row->raw, 3),
			.exec_us = row->ops->number(row->raw, 4),
			.shared_read = row->ops->number(row->raw, 5) };
}

struct so_store_loads *so_store_load_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_hour, int64_t to_hour, struct so_err *err)
{
	struct so_store_loads *list;
	struct so_params params = { 0 };
	struct loads loads;

	if (!check_range(from_hour, to_hour, err))
		return NULL;
	list = so_new(ctx, struct so_store_loads);
	so_vec_init(&loads.found, list, HOURS_MAX);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, from_hour);
	so_param_int(&params, to_hour);
	so_param_int(&params, connection_id);
	if (!so_store_select(store, SO_STMT_LOAD_HOURS, &params, read_load, &loads, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_loads){ loads.found.count, loads.found.items };
	return list;
}

struct hours {
	SO_VEC(struct so_store_hour) found;
};

static void read_hour(const struct so_row *row, void *arg)
{
	struct hours *hours = arg;
	struct so_store_hour *hour = so_vec_add(&hours->found);

	if (!hour)
		return;
	hour->hour = row->ops->number(row->raw, 0);
	hour->polls = row->ops->number(row->raw, 1);
	for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
		hour->sum[i] = row->ops->number(row->raw, 2 + i);
	hour->peak_us = row->ops->number(row->raw, 2 + SO_SAMPLE_COUNTERS);
}

static struct so_store_hours *unit_list(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement statement,
	struct so_scope scope, int64_t query_id, int64_t from, int64_t to, struct so_err *err)
{
	struct so_store_hours *list;
	struct so_params params = { 0 };
	struct hours hours;

	if (!check_range(from, to, err))
		return NULL;
	list = so_new(ctx, struct so_store_hours);
	so_vec_init(&hours.found, list, HOURS_MAX);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, query_id);
	so_param_int(&params, from);
	so_param_int(&params, to);
	if (!so_store_select(store, statement, &params, read_hour, &hours, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_hours){ hours.found.count, hours.found.items };
	return list;
}

struct so_store_hours *so_store_hour_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_hour, int64_t to_hour, struct so_err *err)
{
	return unit_list(ctx, store, SO_STMT_QUERY_HOURS, scope, query_id, from_hour, to_hour, err);
}

struct so_store_hours *so_store_day_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_day, int64_t to_day, struct so_err *err)
{
	return unit_list(ctx, store, SO_STMT_QUERY_DAYS, scope, query_id, from_day, to_day, err);
}
