/* The route tables, one a file; so_api_tables lists them all. */
#ifndef SO_API_TABLES_H
#define SO_API_TABLES_H

#include "api/route.h"

extern const struct so_route_table so_routes_system; /* system.c: /, /health, /openapi.json, /api/events */
extern const struct so_route_table so_routes_connections; /* connections.c */
extern const struct so_route_table so_routes_schema; /* schema.c: health-checks, schema */
extern const struct so_route_table so_routes_activity; /* activity.c */
extern const struct so_route_table so_routes_optimizer; /* optimizer.c */
extern const struct so_route_table so_routes_proofs; /* proofs.c: validate, validate-performance, apply */
extern const struct so_route_table so_routes_jobs; /* jobs.c */
extern const struct so_route_table so_routes_sql; /* sql.c: parse, format, fingerprint */
extern const struct so_route_table so_routes_plans; /* plans.c: plans as texts */
extern const struct so_route_table so_routes_monitoring; /* monitoring.c */
extern const struct so_route_table so_routes_dashboard; /* dashboard.c */
extern const struct so_route_table so_routes_findings; /* findings.c */
extern const struct so_route_table so_routes_alerts; /* alerts.c */
extern const struct so_route_table so_routes_fleet; /* fleet.c: lists of connections, discovery, instances */
extern const struct so_route_table so_routes_metrics; /* metrics.c */
extern const struct so_route_table so_routes_queries; /* queries.c */
extern const struct so_route_table so_routes_query; /* query.c: one of them */
extern const struct so_route_table so_routes_capabilities; /* capabilities.c */
extern const struct so_route_table so_routes_annotations; /* annotations.c */
extern const struct so_route_table so_routes_notices; /* notices.c */

/* All of them, ended by NULL. */
extern const struct so_route_table *const so_api_tables[];

/* Fills an api over the tables; builds the OpenAPI document. `service` and `scope` are kept. */
void so_api_init(struct so_api *api, struct so_service *service, const struct so_scope *scope);
void so_api_done(struct so_api *api);

#endif
