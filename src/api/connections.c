/* /api/connections: the databases that users registered. */
#include "service/connections.h"

#include <math.h>

#include "api/shapes.h"
#include "api/tables.h"

static const char *const engines[] = { "postgresql", "mysql", "mariadb", "mssql", "oracle", "sqlite", NULL };

/* ---- resources ----------------------------------------------------------------------------------------------- */

struct connection_answer {
	struct so_store_conn row; /* first: its fields are found by their offsets in it */
	json_t *labels;
};
#define S struct so_store_conn
static const struct so_field connection_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, name),
	SO_FIELD(S, engine, .one_of = engines),
	SO_FIELD(S, host),
	SO_FIELD(S, port, .flags = SO_F_NULLABLE, .doc = "Null: the engine has no ports."),
	SO_FIELD(S, database),
	SO_FIELD(S, username),
	SO_FIELD(S, ssl_enabled),
	SO_FIELD(S, monitoring_enabled),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, updated_us, "updated_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, last_monitored_us, "last_monitored_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, server_flavor, .flags = SO_F_NULLABLE, .doc = "What the server says it is."),
	SO_FIELD(S, tls_ca, .flags = SO_F_NULLABLE),
	SO_FIELD(S, search_path, .flags = SO_F_NULLABLE),
	SO_FIELD(S, scratch, .doc = "May create and drop objects of its own there."),
	SO_FIELD(S, interval_s, .flags = SO_F_NULLABLE, .doc = "Seconds between polls; null: as configured."),
	SO_FIELD(S, environment, .doc = "As given, for sorting; \"\": none."),
	SO_FIELD(struct connection_answer, labels, .flags = SO_F_MAP, .doc = "As given, for sorting."),
	SO_FIELD(S, instance_id, .flags = SO_F_NULLABLE, .doc = "The server it lives on; null: not polled yet."),
};
#undef S
static const struct so_resource connection_resource = SO_RESOURCE(
	struct connection_answer, connection_fields, .name = "Connection", .doc = "A database that is watched.");

/* Members that creating, trying and updating share; what differs is what must be there. */
#define S struct so_connection_input
#define WHERE_FIELDS                                                                                                   \
	SO_FIELD(S, host, .max = 1024, .doc = "Name, address, or folder of a Unix socket. Not for sqlite."),           \
		SO_FIELD(                                                                                              \
			S, port, .min = 1, .max = 65535, .flags = SO_F_NULLABLE, .doc = "Default: the engine's own."), \
		SO_FIELD(S, database, .max = 255, .doc = "Its name; of sqlite, the path of the file."),                \
		SO_FIELD(S, username, .max = 255),                                                                     \
		SO_FIELD(S, dsn, .flags = SO_F_NULLABLE | SO_F_SECRET, .max = 2048,                                    \
			.doc = "URI, key=value or service=NAME; wins over host, port, database, username."),           \
		SO_FIELD(S, password, .flags = SO_F_NULLABLE | SO_F_SECRET, .max = 1024),                              \
		SO_FIELD(S, tls_ca, .flags = SO_F_NULLABLE, .max = 1024,                                               \
			.doc = "File on the server with the CA's certificate; with ssl_enabled it is verified."),      \
		SO_FIELD(S, environment, .flags = SO_F_NULLABLE, .max = 63, .doc = "\"production\", for sorting."),    \
		SO_FIELD(S, labels, .flags = SO_F_NULLABLE | SO_F_MAP,                                                 \
			.doc = "At most 32 texts by name, for sorting: {\"team\": \"payments\"}."),                    \
		SO_FIELD(S, interval_s, .flags = SO_F_NULLABLE, .min = 10, .max = 86400,                               \
			.doc = "Seconds between polls; null: as configured."),                                         \
		SO_FIELD(S, search_path, .flags = SO_F_NULLABLE, .max = 1024, .doc = "As in \"app, public\".")
#define NEW_FIELDS                                                                                                     \
	SO_FIELD(S, name, .flags = SO_F_REQUIRED, .min = 1, .max = 255, .doc = "Unique."),                             \
		SO_FIELD(S, engine, .flags = SO_F_REQUIRED, .one_of = engines), WHERE_FIELDS,                          \
		SO_FIELD(S, ssl_enabled, .deflt = "false"), SO_FIELD(S, monitoring_enabled, .deflt = "true"),          \
		SO_FIELD(S, scratch, .deflt = "false", .doc = "May create and drop objects of its own there.")

static const struct so_field create_fields[] = {
	NEW_FIELDS,
	SO_FIELD(S, like, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "Id of a connection to the same server: its password is used, without being told. What leads "
		       "there (host, port, username, ssl_enabled, tls_ca) is as it is there, and may be left out."),
};
static const struct so_field try_fields[] = { NEW_FIELDS };
static const struct so_field update_fields[] = {
	SO_FIELD(S, name, .min = 1, .max = 255),
	WHERE_FIELDS,
	SO_FIELD(S, ssl_enabled),
	SO_FIELD(S, monitoring_enabled),
	SO_FIELD(S, scratch),
};
#undef S

static void check_where(const void *object, struct so_field_errors *errors)
{
	const struct so_connection_input *input = object;
	const char *name;

	/* what a connection that is like another lacks is looked up; only the database is its own */
	if ((input->dsn && *input->dsn) || input->like > 0)
		return;
	for (size_t i = 0; (name = so_service_connection_lacks(input, i)); i++)
		so_field_error(errors, "body", name, "missing", "field is required (or give a dsn)");
}

static const struct so_resource create_resource = SO_RESOURCE(struct so_connection_input, create_fields,
	.name = "ConnectionCreate", .ignore_unknown = true, .check = check_where);
const struct so_resource so_shape_connection_try =
	SO_RESOURCE(struct so_connection_input, try_fields, .name = "ConnectionTry", .check = check_where);
#define S struct so_connection_input
static const struct so_field discover_fields[] = {
	SO_FIELD(S, engine, .flags = SO_F_REQUIRED, .one_of = engines),
	WHERE_FIELDS,
	SO_FIELD(S, ssl_enabled, .deflt = "false"),
};
#undef S
const struct so_resource so_shape_discover = SO_RESOURCE(struct so_connection_input, discover_fields,
	.name = "DatabaseDiscovery",
	.doc = "A server, and how to log in. `database` is the one to get in through; the engine has a default.");
static const struct so_resource update_resource = SO_RESOURCE(struct so_connection_input, update_fields,
	.name = "ConnectionUpdate", .ignore_unknown = true, .doc = "What is not named stays as it is.");

#define S struct so_check
static const struct so_field check_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, title, .flags = SO_F_NULLABLE),
	SO_FIELD(S, ok),
	SO_FIELD(S, required, .doc = "False: a failure is a notice, not an obstacle."),
	SO_FIELD(S, detail, .flags = SO_F_NULLABLE),
	SO_FIELD(S, remedy, .flags = SO_F_NULLABLE, .doc = "What to run on the server."),
};
#undef S
static const struct so_resource check_resource = SO_RESOURCE(struct so_check, check_fields, .name = "Check");

struct test_answer {
	bool success;
	char *message, *server_version, *server_flavor;
	double latency_ms;
	json_t *checks;
};
#define S struct test_answer
static const struct so_field test_fields[] = {
	SO_FIELD(S, success),
	SO_FIELD(S, message),
	SO_FIELD(S, latency_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, server_version, .flags = SO_F_NULLABLE),
	SO_FIELD(S, server_flavor, .flags = SO_F_NULLABLE),
	SO_FIELD(S, checks, .flags = SO_F_LIST, .of = &check_resource),
};
#undef S
static const struct so_resource test_resource = SO_RESOURCE(struct test_answer, test_fields, .name = "ConnectionTest");

static json_t *encode(const struct so_store_conn *conn)
{
	struct connection_answer shown = { .row = *conn, .labels = json_loads(conn->labels, 0, NULL) };
	json_t *json;

	if (!shown.labels)
		shown.labels = json_object();
	if (!shown.row.port)
		shown.row.port = SO_INT_NONE;
	if (!shown.row.interval_s)
		shown.row.interval_s = SO_INT_NONE;
	if (!shown.row.instance_id)
		shown.row.instance_id = SO_INT_NONE;
	json = so_field_encode(&connection_resource, &shown);
	json_decref(shown.labels);
	return json;
}

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool create(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_conn *conn;
	struct so_connection_input *input = req->body, login;

	if (input->like > 0) {
		if (!so_service_connection_login(req, req->api->service, *req->api->scope, input->like, &login, err))
			return false;
		so_field_merge(&create_resource, &login, input, req->body_present);
		input = &login;
	}
	if (input->port == SO_INT_NONE)
		input->port = 0;
	if (!so_service_connection_create(req, req->api->service, *req->api->scope, input, &conn, err))
		return false;
	res->json = encode(conn);
	res->location = so_printf(req, "/api/connections/%lld", (long long)conn->id);
	return true;
}

struct list_query {
	char *environment, *engine, *label;
	int64_t instance_id;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, environment, .flags = SO_F_NULLABLE, .max = 63),
	SO_FIELD(S, label, .flags = SO_F_NULLABLE, .max = 320, .doc = "\"team:payments\", or \"team\" for any value."),
	SO_FIELD(S, engine, .flags = SO_F_NULLABLE, .one_of = engines),
	SO_FIELD(S, instance_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
};
#undef S
static const struct so_resource list_resource = SO_RESOURCE(struct list_query, list_fields, .name = "ConnectionsQuery");

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	const struct so_connection_filter filter = { query->environment, query->engine, query->label,
		query->instance_id == SO_INT_NONE ? 0 : query->instance_id };
	struct so_store_conns *conns;

	if (!so_service_connection_list(req, req->api->service, *req->api->scope, &conns, err))
		return false;
	so_service_connection_filter(conns, &filter);
	res->json = json_array();
	for (size_t i = 0; i < conns->count; i++)
		json_array_append_new(res->json, encode(conns->items[i]));
	res->total = conns->total;
	return true;
}

static bool get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_conn *conn;

	if (!so_service_connection_get(req, req->api->service, *req->api->scope, req->id, &conn, err))
		return false;
	res->json = encode(conn);
	return true;
}

static bool update(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_connection_input input = { 0 };
	struct so_store_conn *conn;

	if (!so_service_connection_as_input(req, req->api->service, *req->api->scope, req->id, &input, err))
		return false;
	so_field_merge(&update_resource, &input, req->body, req->body_present);
	if (input.port == SO_INT_NONE)
		input.port = 0;
	if (!so_service_connection_update(req, req->api->service, *req->api->scope, req->id, &input, &conn, err))
		return false;
	res->json = encode(conn);
	return true;
}

static bool delete (struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)res;
	return so_service_connection_delete(req->api->service, *req->api->scope, req->id, err);
}

static json_t *encode_test(const struct so_connection_test *test)
{
	struct test_answer answer = { .success = test->success,
		.message = test->message,
		.server_version = test->server_version,
		.server_flavor = test->flavor,
		.latency_ms = test->latency_ms < 0 ? NAN : test->latency_ms,
		.checks = so_field_encode_list(&check_resource, test->checks, test->n_checks) };
	json_t *json = so_field_encode(&test_resource, &answer);

	json_decref(answer.checks);
	return json;
}

static bool test_stored(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_connection_test test;

	if (!so_service_connection_test(req, req->api->service, *req->api->scope, req->id, &test, err))
		return false;
	res->json = encode_test(&test);
	return true;
}

static bool test_given(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_connection_test test;
	struct so_connection_input *input = req->body;

	if (input->port == SO_INT_NONE)
		input->port = 0;
	if (!so_service_connection_try(req, req->api->service, input, &test, err))
		return false;
	res->json = encode_test(&test);
	return true;
}

static bool privileges(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_connection_test test;

	if (!so_service_connection_test(req, req->api->service, *req->api->scope, req->id, &test, err))
		return false;
	res->json = so_field_encode_list(&check_resource, test.checks, test.n_checks);
	res->total = (int64_t)test.n_checks;
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "connections", .blocking = true
static const struct so_route routes[] = {
	{ "POST", "/api/connections", "createConnection", TAG, .summary = "Register a database; tests the login first",
		.body = &create_resource, .answer = &connection_resource, .status = 201, .permission = SO_PERM_MANAGE,
		.old_errors = true, .handler = create },
	{ "GET", "/api/connections", "listConnections", TAG, .summary = "All registered databases",
		.query = &list_resource, .answer = &connection_resource, .list = true, .status = 200,
		.permission = SO_PERM_READ, .handler = list },
	{ "GET", "/api/connections/{id}", "getConnection", TAG, .summary = "One registered database",
		.answer = &connection_resource, .status = 200, .permission = SO_PERM_READ, .handler = get },
	{ "PUT", "/api/connections/{id}", "updateConnection", TAG, .summary = "Change some members",
		.body = &update_resource, .answer = &connection_resource, .status = 200, .permission = SO_PERM_MANAGE,
		.old_errors = true, .handler = update },
	{ "DELETE", "/api/connections/{id}", "deleteConnection", TAG, .summary = "Forget a database and its history",
		.status = 204, .permission = SO_PERM_MANAGE, .handler = delete },
	{ "POST", "/api/connections/{id}/test", "testConnection", TAG,
		.summary = "Reach it, log in, and check versions, privileges and extensions", .answer = &test_resource,
		.status = 200, .permission = SO_PERM_READ, .handler = test_stored },
	{ "GET", "/api/connections/{id}/privileges", "listPrivileges", TAG,
		.summary = "What the login may do, what is missing, and the statements that mend it",
		.answer = &check_resource, .list = true, .status = 200, .permission = SO_PERM_READ,
		.handler = privileges },
	{ "POST", "/api/connections/test", "tryConnection", TAG, .summary = "The same check for values not stored yet",
		.body = &so_shape_connection_try, .answer = &test_resource, .status = 200, .permission = SO_PERM_MANAGE,
		.handler = test_given },
};

const struct so_route_table so_routes_connections = { routes, sizeof(routes) / sizeof(routes[0]) };
