#include "api/tables.h"

#include "api/openapi.h"

const struct so_route_table *const so_api_tables[] = { &so_routes_system, &so_routes_connections, &so_routes_schema,
	&so_routes_activity, &so_routes_optimizer, &so_routes_proofs, &so_routes_jobs, &so_routes_sql, &so_routes_plans,
	&so_routes_monitoring, &so_routes_dashboard, &so_routes_metrics, &so_routes_alerts, &so_routes_fleet,
	&so_routes_queries, &so_routes_query, &so_routes_capabilities, &so_routes_annotations, &so_routes_findings,
	&so_routes_notices, NULL };

void so_api_init(struct so_api *api, struct so_service *service, const struct so_scope *scope)
{
	api->tables = so_api_tables;
	api->service = service;
	api->scope = scope;
	api->openapi = so_openapi(so_api_tables);
}

void so_api_done(struct so_api *api)
{
	json_decref(api->openapi);
	api->openapi = NULL;
}
