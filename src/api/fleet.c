/* Many databases at once: lists of connections made so, the databases of a server, the servers there are. */
#include "service/fleet.h"

#include "api/shapes.h"
#include "api/tables.h"

/* ---- a list made so ------------------------------------------------------------------------------------------ */

struct apply_input {
	json_t *connections;
	bool dry_run;
};
static const struct so_field apply_fields[] = {
	SO_FIELD(struct apply_input, connections, .flags = SO_F_REQUIRED | SO_F_LIST, .of = &so_shape_connection_try,
		.doc = "At most 500. They are known by their names; no password and no dsn: what is stored stays."),
	SO_FIELD(struct apply_input, dry_run, .deflt = "false", .doc = "Only say what would be done."),
};
static const struct so_resource apply_resource =
	SO_RESOURCE(struct apply_input, apply_fields, .name = "ConnectionsApply");

struct outcome_answer {
	const char *name, *action, *changes, *error;
	int64_t id;
};
#define S struct outcome_answer
static const struct so_field outcome_fields[] = {
	SO_FIELD(S, name, .flags = SO_F_NULLABLE),
	SO_FIELD(S, action, .one_of = so_apply_actions, .doc = "refused: then nothing of the whole list was written."),
	SO_FIELD(S, id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, changes, .flags = SO_F_NULLABLE, .doc = "Names of the members that differed."),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource outcome_resource =
	SO_RESOURCE(struct outcome_answer, outcome_fields, .name = "ConnectionOutcome");

/* Each of the list as its own shape says; what is wrong with one is that one's error. */
static struct so_connection_input *decode_list(struct so_request *req, const json_t *list, size_t n, char **refusals)
{
	struct so_connection_input *inputs = so_new_array(req, struct so_connection_input, n + 1);

	for (size_t i = 0; i < n; i++) {
		struct so_field_errors errors;
		struct so_connection_input *input;

		so_field_errors_init(&errors, req);
		input = so_field_decode(req, &so_shape_connection_try, json_array_get(list, i), NULL, &errors);
		if (input && !errors.list) {
			inputs[i] = *input;
			if (inputs[i].port == SO_INT_NONE)
				inputs[i].port = 0;
			continue;
		}
		const json_t *first = json_array_get(errors.list, 0), *loc = json_object_get(first, "loc");
		const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));
		const char *field = json_string_value(json_array_get(loc, 1)),
			   *msg = json_string_value(json_object_get(first, "msg"));

		inputs[i].name = so_strdup_or_null(req, name);
		refusals[i] = so_printf(
			req, "%s%s%s", field ? field : "", field ? ": " : "", msg ? msg : "must be an object");
	}
	return inputs;
}

static bool apply(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct apply_input *body = req->body;
	size_t n = json_array_size(body->connections);
	struct so_apply_outcome *out = so_new_array(req, struct so_apply_outcome, n + 1);
	char **refusals = so_new_array(req, char *, n + 1);
	struct so_connection_input *inputs;
	bool refused = false;

	if (n > SO_APPLY_MAX)
		return so_fail(
			err, SO_LIMIT, "connections: at most %d in one call; send the rest in the next", SO_APPLY_MAX);
	inputs = decode_list(req, body->connections, n, refusals);
	for (size_t i = 0; i < n; i++)
		refused = refused || refusals[i];
	if (!so_service_connections_apply(
		    req, req->api->service, *req->api->scope, inputs, n, body->dry_run || refused, out, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < n; i++) {
		bool bad = refusals[i] != NULL;
		struct outcome_answer answer = { .name = out[i].name,
			.action = so_apply_actions[bad ? SO_APPLY_REFUSED : out[i].action],
			.id = out[i].id ? out[i].id : SO_INT_NONE,
			.changes = out[i].changes && *out[i].changes ? out[i].changes : NULL,
			.error = bad ? refusals[i] : out[i].error };

		json_array_append_new(res->json, so_field_encode(&outcome_resource, &answer));
	}
	res->total = (int64_t)n;
	return true;
}

/* ---- databases of a server ----------------------------------------------------------------------------------- */

struct database_answer {
	const char *name;
	int64_t connection_id;
};
static const struct so_field database_fields[] = {
	SO_FIELD(struct database_answer, name),
	SO_FIELD(struct database_answer, connection_id, .flags = SO_F_NULLABLE,
		.doc = "Of the connection that is registered for it at this host and port."),
};
static const struct so_resource database_resource =
	SO_RESOURCE(struct database_answer, database_fields, .name = "FoundDatabase");

static void encode_databases(struct so_response *res, const struct so_found_database *found, size_t n)
{
	res->json = json_array();
	for (size_t i = 0; i < n; i++) {
		struct database_answer answer = { found[i].name,
			found[i].connection_id ? found[i].connection_id : SO_INT_NONE };

		json_array_append_new(res->json, so_field_encode(&database_resource, &answer));
	}
	res->total = (int64_t)n;
}

static bool discover(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_connection_input *input = req->body;
	struct so_found_database *found;
	size_t n;

	if (input->port == SO_INT_NONE)
		input->port = 0;
	if (!so_service_databases_of(req, req->api->service, *req->api->scope, input, &found, &n, err))
		return false;
	encode_databases(res, found, n);
	return true;
}

static bool discover_stored(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_found_database *found;
	size_t n;

	if (!so_service_databases(req, req->api->service, *req->api->scope, req->id, &found, &n, err))
		return false;
	encode_databases(res, found, n);
	return true;
}

/* ---- instances ----------------------------------------------------------------------------------------------- */

struct member_answer {
	int64_t id, statements;
	const char *name, *database, *environment;
	bool monitoring_enabled;
};
#define S struct member_answer
static const struct so_field member_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, name),
	SO_FIELD(S, database),
	SO_FIELD(S, environment),
	SO_FIELD(S, monitoring_enabled),
	SO_FIELD(S, statements, .doc = "Of this database, in the last good poll."),
};
#undef S
static const struct so_resource member_resource =
	SO_RESOURCE(struct member_answer, member_fields, .name = "InstanceConnection");

struct instance_answer {
	int64_t id, port, last_us, next_us, failures;
	const char *engine, *host, *version, *system_id, *state, *error;
	json_t *connections;
};
static const char *const poll_states[] = { "unwatched", "paused", "waiting", "running", NULL };
#define S struct instance_answer
static const struct so_field instance_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, engine),
	SO_FIELD(S, host),
	SO_FIELD(S, port, .flags = SO_F_NULLABLE),
	SO_FIELD(S, version, .flags = SO_F_NULLABLE),
	SO_FIELD(S, system_id, .flags = SO_F_NULLABLE, .doc = "What the server calls itself."),
	SO_FIELD(S, state, .one_of = poll_states, .doc = "One poll serves all databases of a server."),
	SO_FIELD_AS(S, last_us, "last_poll_at", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "The last good one."),
	SO_FIELD_AS(S, next_us, "next_poll_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, failures, .doc = "Since the last good poll."),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE),
	SO_FIELD(S, connections, .flags = SO_F_LIST, .of = &member_resource),
};
#undef S
static const struct so_resource instance_resource = SO_RESOURCE(struct instance_answer, instance_fields,
	.name = "Instance", .doc = "A server; a connection is one of its databases. Found by the first poll.");

static json_t *encode_instance(const struct so_instance_view *view)
{
	const struct so_store_instance *instance = view->instance;
	struct instance_answer answer = { .id = instance->id,
		.engine = instance->engine,
		.host = instance->host,
		.port = instance->port ? instance->port : SO_INT_NONE,
		.version = instance->version,
		.system_id = instance->system_id && *instance->system_id ? instance->system_id : NULL,
		.state = view->state,
		.last_us = view->success_us,
		.next_us = view->next_us,
		.failures = view->failures,
		.error = view->error,
		.connections = json_array() };
	json_t *json;

	for (size_t i = 0; i < view->n; i++) {
		const struct so_store_figure *c = view->connections[i];
		struct member_answer member = { c->connection_id, c->statements, c->name, c->database, c->environment,
			c->monitoring_enabled };

		json_array_append_new(answer.connections, so_field_encode(&member_resource, &member));
	}
	json = so_field_encode(&instance_resource, &answer);
	json_decref(answer.connections);
	return json;
}

static bool instances(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_instance_view *views;
	size_t n;

	if (!so_service_instances(req, req->api->service, *req->api->scope, &views, &n, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(res->json, encode_instance(&views[i]));
	res->total = (int64_t)n;
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "connections", .blocking = true, .list = true, .status = 200
static const struct so_route routes[] = {
	{ "POST", "/api/connections/apply", "applyConnections", TAG,
		.summary = "Make connections be as given: all of them or none", .body = &apply_resource,
		.answer = &outcome_resource, .permission = SO_PERM_MANAGE, .handler = apply },
	{ "POST", "/api/connections/discover", "discoverDatabases", TAG,
		.summary = "The databases of a server that a login may connect to", .body = &so_shape_discover,
		.answer = &database_resource, .permission = SO_PERM_MANAGE, .handler = discover },
	{ "POST", "/api/connections/{id}/discover", "discoverDatabasesOf", TAG,
		.summary = "The databases of the server of a connection", .answer = &database_resource,
		.permission = SO_PERM_READ, .handler = discover_stored },
	{ "GET", "/api/instances", "listInstances", TAG,
		.summary = "The servers, their databases, and where their polling stands", .answer = &instance_resource,
		.permission = SO_PERM_READ, .handler = instances },
};

const struct so_route_table so_routes_fleet = { routes, sizeof(routes) / sizeof(routes[0]) };
