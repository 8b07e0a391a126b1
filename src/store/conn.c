#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/entity.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_conn, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(name),
	COLUMN(engine),
	COLUMN(server_flavor),
	COLUMN(host),
	COLUMN(port),
	COLUMN(database),
	COLUMN(username),
	COLUMN(dsn_token),
	COLUMN(password_token),
	COLUMN(ssl_enabled),
	COLUMN(tls_ca),
	COLUMN(search_path),
	COLUMN(scratch),
	COLUMN(monitoring_enabled),
	COLUMN(interval_s),
	COLUMN(environment),
	COLUMN(labels),
	COLUMN(created_us),
	COLUMN(updated_us),
	COLUMN(last_monitored_us),
	COLUMN(instance_id, .read_only = true),
};
static const struct so_entity_shape shape = SO_SHAPE("connection", struct so_store_conn, columns);

struct save {
	struct so_scope scope;
	struct so_store_conn *conn;
};

/* Texts that a form with a DSN leaves empty are empty here, never NULL. */
static void fill_params(struct so_params *params, struct so_scope scope, const struct so_store_conn *conn)
{
	struct so_store_conn row = *conn;

	if (!row.host)
		row.host = (char *)"";
	if (!row.database)
		row.database = (char *)"";
	if (!row.username)
		row.username = (char *)"";
	if (!row.environment)
		row.environment = (char *)"";
	if (!row.labels)
		row.labels = (char *)"{}";
	so_param_int(params, scope.organisation_id);
	so_param_entity(params, &shape, &row);
}

/* The only unique thing that a caller chooses is the name. */
static bool name_taken(const struct so_store_conn *conn, struct so_err *err)
{
	if (err->kind == SO_CONFLICT)
		so_fail(err, SO_CONFLICT, "a connection named '%s' exists already; choose another name", conn->name);
	return false;
}

static bool create_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct save *save = arg;
	struct so_params params = { 0 };

	fill_params(&params, save->scope, save->conn);
	return so_session_insert(tx, SO_STMT_CONN_INSERT, &params, &save->conn->id, err) || name_taken(save->conn, err);
}

bool so_store_conn_create(struct so_store *store, struct so_scope scope, struct so_store_conn *conn, struct so_err *err)
{
	struct save save = { scope, conn };

	conn->created_us = conn->updated_us = so_time_now_us();
	return so_store_tx(store, create_tx, &save, err);
}

struct so_store_conn *so_store_conn_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_CONN_GET, scope, id, &shape, err);
}

struct so_store_conns *so_store_conn_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit,
	int64_t offset, struct so_err *err)
{
	struct so_store_conns *list = so_new(ctx, struct so_store_conns);
	struct so_params params = { 0 }, count = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, so_store_limit(limit));
	so_param_int(&params, offset);
	so_param_int(&count, scope.organisation_id);
	if (!so_entity_list(list, store, SO_STMT_CONN_LIST, &params, SO_STMT_CONN_COUNT, &count, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_conns){ rows.count, (struct so_store_conn **)rows.items, rows.total };
	return list;
}

static bool update_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct save *save = arg;
	struct so_params params = { 0 };
	int64_t changed;

	fill_params(&params, save->scope, save->conn);
	so_param_int(&params, save->conn->id);
	if (!so_session_run(tx, SO_STMT_CONN_UPDATE, &params, &changed, err))
		return name_taken(save->conn, err);
	return changed > 0 || so_store_missing(err, shape.noun, save->conn->id);
}

bool so_store_conn_update(struct so_store *store, struct so_scope scope, struct so_store_conn *conn, struct so_err *err)
{
	struct save save = { scope, conn };

	conn->updated_us = so_time_now_us();
	return so_store_tx(store, update_tx, &save, err);
}

struct removal {
	struct so_scope scope;
	int64_t id;
};

static bool delete_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct removal *removal = arg;
	struct so_params params = { 0 };
	int64_t changed;

	so_param_int(&params, removal->scope.organisation_id);
	so_param_int(&params, removal->id);
	/* samples without a query cannot be read any more, and go with their hour */
	if (!so_session_run(tx, SO_STMT_CONN_DELETE_TEXTS, &params, NULL, err) ||
		!so_session_run(tx, SO_STMT_CONN_DELETE_NOTICES, &params, NULL, err) ||
		!so_session_run(tx, SO_STMT_CONN_DELETE, &params, &changed, err))
		return false;
	return changed > 0 || so_store_missing(err, shape.noun, removal->id);
}

bool so_store_conn_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct removal removal = { scope, id };

	return so_store_tx(store, delete_tx, &removal, err);
}
