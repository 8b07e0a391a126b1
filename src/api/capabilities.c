/* /api/capabilities: what the page may offer. */
#include "service/capabilities.h"

#include "api/tables.h"
#include "service/query_series.h"

struct engine_answer {
	const char *name, *dialect, *no_what_if;
	int64_t default_port;
	bool needs_host, needs_database, needs_user, monitoring, activity, catalog, health_checks, explain, what_if,
		compare_results, apply;
};
#define S struct engine_answer
static const struct so_field engine_fields[] = {
	SO_FIELD(S, name),
	SO_FIELD(S, dialect, .doc = "As far as one can tell before a server has answered."),
	SO_FIELD(S, default_port, .flags = SO_F_NULLABLE, .doc = "Null: it has no ports."),
	SO_FIELD(S, needs_host),
	SO_FIELD(S, needs_database),
	SO_FIELD(S, needs_user),
	SO_FIELD(S, monitoring, .doc = "Counters of statements can be read."),
	SO_FIELD(S, activity, .doc = "What the sessions do can be read."),
	SO_FIELD(S, catalog),
	SO_FIELD(S, health_checks),
	SO_FIELD(S, explain),
	SO_FIELD(S, what_if, .doc = "Hypothetical indexes, where the server allows them."),
	SO_FIELD(S, no_what_if, .flags = SO_F_NULLABLE, .doc = "Why it has none."),
	SO_FIELD(S, compare_results, .doc = "Results of two statements can be compared on the server."),
	SO_FIELD(S, apply, .doc = "Changes can be made, where the configuration allows it."),
};
#undef S
static const struct so_resource engine_resource =
	SO_RESOURCE(struct engine_answer, engine_fields, .name = "EngineCapabilities");

struct answer {
	const char *version;
	json_t *engines;
	bool monitoring, model, ddl_execution, annotations, query_user, events, websocket;
	int64_t activity_s, max_sql_bytes, max_series_points, max_sparklines, max_period_days;
};
#define S struct answer
static const struct so_field fields[] = {
	SO_FIELD(S, version),
	SO_FIELD(S, engines, .flags = SO_F_LIST, .of = &engine_resource,
		.doc = "What the drivers can. What one connection can is in its /privileges."),
	SO_FIELD(S, monitoring),
	SO_FIELD(S, model, .doc = "A language model is configured; /health says whether it answers."),
	SO_FIELD(S, ddl_execution, .doc = "ENABLE_DDL_EXECUTION."),
	SO_FIELD(S, annotations),
	SO_FIELD(S, query_user, .doc = "Statements are told apart by the user who runs them."),
	SO_FIELD(S, events, .doc = "Server-sent events at /api/events."),
	SO_FIELD(S, websocket, .doc = "The same events at /api/ws."),
	SO_FIELD(S, activity_s, .doc = "MONITORING_ACTIVITY_SECONDS: between two looks at the sessions; 0: never."),
	SO_FIELD(S, max_sql_bytes),
	SO_FIELD(S, max_series_points),
	SO_FIELD(S, max_sparklines),
	SO_FIELD(S, max_period_days),
};
#undef S
static const struct so_resource resource = SO_RESOURCE(struct answer, fields, .name = "Capabilities");

static json_t *encode_engine(const struct so_engine_abilities *engine)
{
	struct engine_answer answer = { .name = engine->name,
		.dialect = engine->dialect,
		.no_what_if = engine->no_what_if,
		.default_port = engine->default_port ? engine->default_port : SO_INT_NONE,
		.needs_host = engine->needs_host,
		.needs_database = engine->needs_database,
		.needs_user = engine->needs_user,
		.monitoring = engine->monitoring,
		.activity = engine->activity,
		.catalog = engine->catalog,
		.health_checks = engine->health_checks,
		.explain = engine->explain,
		.what_if = engine->what_if,
		.compare_results = engine->compare_results,
		.apply = engine->apply };

	return so_field_encode(&engine_resource, &answer);
}

static bool capabilities(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_abilities *can = so_service_abilities(req, req->api->service);
	struct answer answer = { .version = SO_VERSION,
		.engines = so_json_own(req, json_array()),
		.monitoring = can->monitoring,
		.model = can->model,
		.ddl_execution = can->ddl_execution,
		.annotations = true,
		.events = true,
		.websocket = true,
		.activity_s = can->activity_s,
		.max_sql_bytes = SO_MAX_SQL_BYTES,
		.max_series_points = SO_SERIES_POINTS_MAX,
		.max_sparklines = SO_SPARKLINES_MAX,
		.max_period_days = SO_PERIOD_DAYS_MAX };

	(void)err;
	for (size_t i = 0; i < can->n_engines; i++)
		json_array_append_new(answer.engines, encode_engine(&can->engines[i]));
	res->json = so_field_encode(&resource, &answer);
	return true;
}

static const struct so_route routes[] = {
	{ "GET", "/api/capabilities", "capabilities", .tag = "system", .status = 200, .permission = SO_PERM_READ,
		.summary = "What this server and its drivers can do", .answer = &resource, .handler = capabilities },
};

const struct so_route_table so_routes_capabilities = { routes, sizeof(routes) / sizeof(routes[0]) };
