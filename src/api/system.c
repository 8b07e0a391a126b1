/* What the server says of itself: /, /health, /openapi.json; and the stream of events. */
#include "base/config.h"
#include "api/events.h"
#include "api/tables.h"
#include "service/health.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

struct root_answer {
	char *message, *version, *docs, *health;
};
#define S struct root_answer
static const struct so_field root_fields[] = {
	SO_FIELD(S, message),
	SO_FIELD(S, version),
	SO_FIELD(S, docs),
	SO_FIELD(S, health),
};
#undef S
static const struct so_resource root_resource = SO_RESOURCE(struct root_answer, root_fields, .name = "Root");

struct model_answer {
	const char *status;
	char *url, *model, *error;
	bool model_available;
	struct so_strs *available_models;
};
#define S struct model_answer
static const char *const model_states[] = { "healthy", "unhealthy", "disabled", NULL };
static const struct so_field model_fields[] = {
	SO_FIELD(S, status, .one_of = model_states),
	SO_FIELD(S, url, .flags = SO_F_NULLABLE),
	SO_FIELD(S, model, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(
		S, model, "model_checked", .flags = SO_F_NULLABLE, .doc = "The same as model; older clients read it."),
	SO_FIELD(S, model_available),
	SO_FIELD(S, available_models),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource model_resource = SO_RESOURCE(struct model_answer, model_fields, .name = "ModelHealth");

struct health_answer {
	const char *status, *version;
	json_t *ollama;
	bool monitoring_agent, remote_without_login, ddl_execution;
};
#define S struct health_answer
static const struct so_field health_fields[] = {
	SO_FIELD(S, status, .doc = "healthy, also when the model is down."),
	SO_FIELD(S, version),
	SO_FIELD(S, ollama, .of = &model_resource),
	SO_FIELD(S, monitoring_agent),
	SO_FIELD(S, remote_without_login, .doc = "True: reachable from other machines and nobody logs in."),
	SO_FIELD(S, ddl_execution, .doc = "ENABLE_DDL_EXECUTION."),
};
#undef S
static const struct so_resource health_resource = SO_RESOURCE(struct health_answer, health_fields, .name = "Health");

struct openapi_answer {
	char *openapi;
	json_t *info, *paths, *components;
};
#define S struct openapi_answer
static const struct so_field openapi_fields[] = {
	SO_FIELD(S, openapi),
	SO_FIELD(S, info),
	SO_FIELD(S, paths),
	SO_FIELD(S, components),
};
#undef S
static const struct so_resource openapi_resource =
	SO_RESOURCE(struct openapi_answer, openapi_fields, .name = "OpenAPI", .doc = "This document.");

static const struct so_field events_fields[] = {
	SO_FIELD(struct so_events_query, job_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "Only events of this job."),
};
static const struct so_resource events_resource =
	SO_RESOURCE(struct so_events_query, events_fields, .name = "EventsQuery");
static const struct so_field socket_fields[] = {
	SO_FIELD(struct so_events_query, job_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "Only events of this job."),
	SO_FIELD_AS(struct so_events_query, last_id, "last_event_id", .flags = SO_F_NULLABLE, .min = 0,
		.max = INT64_MAX,
		.doc = "Go on after this event, as far as the server still remembers; from now on when absent."),
};
static const struct so_resource socket_resource =
	SO_RESOURCE(struct so_events_query, socket_fields, .name = "SocketQuery");

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool root(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct root_answer answer = { .message = so_strdup(req, "AI SQL Optimizer Pro API"),
		.version = so_strdup(req, SO_VERSION),
		.docs = so_strdup(req, "/docs"),
		.health = so_strdup(req, "/health") };

	(void)err;
	res->json = so_field_encode(&root_resource, &answer);
	return true;
}

static json_t *encode_model(struct so_request *req, const struct so_health *health)
{
	struct so_strs models = { .count = health->n_models, .items = health->models };
	struct model_answer answer = { .status = health->model_status,
		.url = health->model_url,
		.model = health->model_checked,
		.error = health->model_error,
		.model_available = health->model_available,
		.available_models = &models };

	return so_json_own(req, so_field_encode(&model_resource, &answer));
}

static bool health(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_health now;

	(void)err;
	so_service_health(req, req->api->service, &now);
	struct health_answer answer = { .status = now.status,
		.version = SO_VERSION,
		.ollama = encode_model(req, &now),
		.monitoring_agent = now.monitoring_agent,
		.remote_without_login = now.remote_without_login,
		.ddl_execution = req->api->service->config->enable_ddl_execution };

	res->json = so_field_encode(&health_resource, &answer);
	return true;
}

static bool openapi(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)err;
	res->json = json_incref(req->api->openapi);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "system", .status = 200, .permission = SO_PERM_PUBLIC
static const struct so_route routes[] = {
	{ "GET", "/", "root", TAG, .summary = "What this is; the page when Accept prefers text/html",
		.answer = &root_resource, .handler = root },
	{ "GET", "/health", "health", TAG, .summary = "Is the server well, and the model", .answer = &health_resource,
		.handler = health },
	{ "GET", "/openapi.json", "openapi", TAG, .summary = "This document", .answer = &openapi_resource,
		.handler = openapi },
	{ "GET", "/api/events", "events", .tag = "system", .status = 200, .permission = SO_PERM_READ,
		.summary = "Server-sent events: jobs, their steps and progress", .query = &events_resource,
		.stream = true },
	{ "GET", "/api/ws", "socket", .tag = "system", .status = 101, .permission = SO_PERM_READ,
		.summary = "The same as a WebSocket: messages {\"id\", \"event\", \"data\"}; {\"type\": \"ping\"} is "
			   "answered by "
			   "{\"event\": \"pong\"}",
		.query = &socket_resource, .socket = true },
};

const struct so_route_table so_routes_system = { routes, sizeof(routes) / sizeof(routes[0]) };
