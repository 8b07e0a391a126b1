/* /api/dashboard. */
#include "api/tables.h"
#include "service/runs.h"

struct stats_query {
	int64_t connection_id;
};
static const struct so_field query_fields[] = {
	SO_FIELD(struct stats_query, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
};
static const struct so_resource query_resource = SO_RESOURCE(struct stats_query, query_fields, .name = "StatsQuery");

struct top_query {
	int64_t id, connection_id, calls, rows_returned, buffer_hits, buffer_reads, discovered_us, last_seen_us;
	char *query_hash, *sql_text;
	double avg_execution_time, total_execution_time;
	bool optimized;
};
#define S struct top_query
static const struct so_field top_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, query_hash, .flags = SO_F_NULLABLE),
	SO_FIELD(S, sql_text),
	SO_FIELD(S, avg_execution_time, .doc = "ms"),
	SO_FIELD(S, total_execution_time, .doc = "ms"),
	SO_FIELD(S, calls),
	SO_FIELD(S, rows_returned, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_hits, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_reads, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, discovered_us, "discovered_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, last_seen_us, "last_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, optimized),
};
#undef S
static const struct so_resource top_resource = SO_RESOURCE(struct top_query, top_fields, .name = "Query");

struct stats_answer {
	int64_t total_connections, active_connections, total_queries_discovered, total_optimizations,
		optimizations_applied;
	int64_t optimizations_with_issues, total_detected_issues;
	double avg_improvement_pct;
	json_t *top_bottlenecks;
};
#define S struct stats_answer
static const struct so_field stats_fields[] = {
	SO_FIELD(S, total_connections),
	SO_FIELD(S, active_connections),
	SO_FIELD(S, total_queries_discovered),
	SO_FIELD(S, total_optimizations),
	SO_FIELD(S, optimizations_applied),
	SO_FIELD(S, avg_improvement_pct, .flags = SO_F_NULLABLE, .doc = "From planner cost, not time."),
	SO_FIELD(S, top_bottlenecks, .flags = SO_F_LIST, .of = &top_resource),
	SO_FIELD(S, optimizations_with_issues),
	SO_FIELD(S, total_detected_issues),
};
#undef S
static const struct so_resource stats_resource =
	SO_RESOURCE(struct stats_answer, stats_fields, .name = "DashboardStats");

static int64_t known(int64_t value)
{
	return value < 0 ? SO_INT_NONE : value;
}

static json_t *encode_query(const struct so_store_query *query)
{
	double total_ms = (double)query->total_us / 1000.0;
	struct top_query row = { .id = query->id,
		.connection_id = query->connection_id,
		.calls = query->calls,
		.rows_returned = known(query->rows_returned),
		.buffer_hits = known(query->buffer_hits),
		.buffer_reads = known(query->buffer_reads),
		.discovered_us = query->discovered_us,
		.last_seen_us = query->last_seen_us,
		.query_hash = query->hash,
		.sql_text = query->sql_text,
		.total_execution_time = total_ms,
		.avg_execution_time = query->calls > 0 ? total_ms / (double)query->calls : 0,
		.optimized = query->optimized };

	return so_field_encode(&top_resource, &row);
}

static bool stats(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct stats_query *query = req->query;
	struct so_store_dashboard *all;
	int64_t connection_id = query->connection_id == SO_INT_NONE ? 0 : query->connection_id;

	if (!so_service_dashboard(req, req->api->service, *req->api->scope, connection_id, &all, err))
		return false;
	struct stats_answer answer = { .total_connections = all->connections,
		.active_connections = all->active_connections,
		.total_queries_discovered = all->queries,
		.total_optimizations = all->runs,
		.optimizations_applied = all->runs_applied,
		.optimizations_with_issues = all->runs_with_issues,
		.total_detected_issues = all->issues,
		.avg_improvement_pct = all->avg_improvement_pct,
		.top_bottlenecks = so_json_own(req, json_array()) };

	for (size_t i = 0; all->top && i < all->top->count; i++)
		json_array_append_new(answer.top_bottlenecks, encode_query(all->top->items[i]));
	res->json = so_field_encode(&stats_resource, &answer);
	return true;
}

static const struct so_route routes[] = {
	{ "GET", "/api/dashboard/stats", "dashboardStats", .tag = "dashboard",
		.summary = "The figures of the dashboard", .query = &query_resource, .answer = &stats_resource,
		.blocking = true, .status = 200, .permission = SO_PERM_READ, .handler = stats },
};

const struct so_route_table so_routes_dashboard = { routes, sizeof(routes) / sizeof(routes[0]) };
