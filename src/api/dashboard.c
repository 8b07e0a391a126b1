/* /api/dashboard. */
#include <math.h>
#include <string.h>

#include "api/issue_summary.h"
#include "api/shapes.h"
#include "api/tables.h"
#include "api/watched.h"

struct stats_query {
	int64_t connection_id;
};
static const struct so_field query_fields[] = {
	SO_FIELD(struct stats_query, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
};
static const struct so_resource query_resource = SO_RESOURCE(struct stats_query, query_fields, .name = "StatsQuery");

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
	SO_FIELD(S, top_bottlenecks, .flags = SO_F_LIST, .of = &so_shape_query),
	SO_FIELD(S, optimizations_with_issues),
	SO_FIELD(S, total_detected_issues),
};
#undef S
static const struct so_resource stats_resource =
	SO_RESOURCE(struct stats_answer, stats_fields, .name = "DashboardStats");

static bool stats(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct stats_query *query = req->query;
	struct so_store_dashboard *all;
	int64_t connection_id = so_id_or_all(query->connection_id);

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
		json_array_append_new(answer.top_bottlenecks, so_query_encode(all->top->items[i]));
	res->json = so_field_encode(&stats_resource, &answer);
	return true;
}

/* ---- top queries --------------------------------------------------------------------------------------------- */

struct some_query {
	int64_t connection_id, limit;
};
#define S struct some_query
static const struct so_field ten_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "10"),
};
static const struct so_field twenty_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "20"),
};
#undef S
static const struct so_resource ten_resource = SO_RESOURCE(struct some_query, ten_fields, .name = "TopQueriesQuery");
static const struct so_resource twenty_resource = SO_RESOURCE(struct some_query, twenty_fields, .name = "LatestQuery");

struct top_answer {
	int64_t id, calls;
	const char *connection_name, *sql_text, *severity;
	double avg_execution_time, total_execution_time;
};
static const char *const top_severities[] = { "high", "medium", "low", NULL };
#define S struct top_answer
static const struct so_field top_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, sql_text, .doc = "The first 200 bytes."),
	SO_FIELD(S, avg_execution_time, .doc = "ms"),
	SO_FIELD(S, total_execution_time, .doc = "ms"),
	SO_FIELD(S, calls),
	SO_FIELD(S, severity, .one_of = top_severities, .doc = "By the mean: over 5 s, over 1 s, less."),
};
#undef S
static const struct so_resource top_resource = SO_RESOURCE(struct top_answer, top_fields, .name = "TopQuery");

static const char *severity_of(double mean_ms)
{
	return mean_ms > 5000 ? "high" : mean_ms > 1000 ? "medium" : "low";
}

static bool top_queries(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct some_query *query = req->query;
	const struct so_store_query_filter filter = {
		.connection_id = so_id_or_all(query->connection_id), .optimized = -1, .limit = query->limit
	};
	struct so_store_queries *list;

	if (!so_service_query_list(req, req->api->service, *req->api->scope, &filter, &list, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < list->count; i++) {
		const struct so_store_query *row = list->items[i];
		double mean_ms = row->calls > 0 ? (double)row->total_us / 1000.0 / (double)row->calls : 0;
		struct top_answer line = { .id = row->id,
			.calls = row->calls,
			.connection_name = so_service_connection_name(
				req, req->api->service, *req->api->scope, row->connection_id),
			.sql_text = so_sql_preview(req, row->sql_text),
			.severity = severity_of(mean_ms),
			.avg_execution_time = mean_ms,
			.total_execution_time = (double)row->total_us / 1000.0 };

		json_array_append_new(res->json, so_field_encode(&top_resource, &line));
	}
	res->total = list->total;
	return true;
}

/* ---- load by the hour ---------------------------------------------------------------------------------------- */

struct trends_query {
	int64_t connection_id, hours;
};
#define S struct trends_query
static const struct so_field trends_query_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, hours, .min = 1, .max = 744, .deflt = "24"),
};
#undef S
static const struct so_resource trends_query_resource =
	SO_RESOURCE(struct trends_query, trends_query_fields, .name = "PerformanceTrendsQuery");

struct trend_answer {
	int64_t at_us, slow_queries, total_queries, calls;
	double avg_time, total_time;
};
#define S struct trend_answer
static const struct so_field trend_fields[] = {
	SO_FIELD_AS(S, at_us, "timestamp", .flags = SO_F_TIME, .doc = "Begin of the hour."),
	SO_FIELD(S, avg_time, .doc = "ms a call, over all calls of the hour."),
	SO_FIELD(S, slow_queries, .doc = "Statements with a mean over a second."),
	SO_FIELD(S, total_queries, .doc = "Statements that ran and are stored one by one."),
	SO_FIELD(S, calls, .doc = "Of all statements."),
	SO_FIELD(S, total_time, .doc = "ms"),
};
#undef S
static const struct so_resource trend_resource =
	SO_RESOURCE(struct trend_answer, trend_fields, .name = "PerformanceTrend");

static bool trends(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct trends_query *query = req->query;
	struct so_store_loads *loads;

	if (!so_service_load(req, req->api->service, *req->api->scope, so_id_or_all(query->connection_id), query->hours,
		    &loads, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < loads->count; i++) {
		const struct so_store_load *load = &loads->items[i];
		double total_ms = (double)load->exec_us / 1000.0;
		struct trend_answer line = { .at_us = load->hour * SO_HOUR_US,
			.avg_time = load->calls > 0 ? total_ms / (double)load->calls : 0,
			.total_time = total_ms,
			.slow_queries = load->slow,
			.total_queries = load->queries,
			.calls = load->calls };

		json_array_append_new(res->json, so_field_encode(&trend_resource, &line));
	}
	res->total = (int64_t)loads->count;
	return true;
}

/* ---- runs and their findings --------------------------------------------------------------------------------- */

struct activity_answer {
	int64_t id, created_us, applied_us;
	const char *connection_name, *status;
};
static const char *const run_states[] = { "pending", "applied", "validated", "failed", NULL };
#define S struct activity_answer
static const struct so_field activity_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, status, .one_of = run_states),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, applied_us, "applied_at", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S
static const struct so_resource activity_resource =
	SO_RESOURCE(struct activity_answer, activity_fields, .name = "RecentActivity");

static bool activity(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct some_query *query = req->query;
	struct so_run_view *views;
	struct so_store_runs *runs;

	if (!so_service_latest_runs(req, req->api->service, *req->api->scope, so_id_or_all(query->connection_id), false,
		    query->limit, &views, &runs, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < runs->count; i++) {
		const struct so_store_run *run = runs->items[i];
		struct activity_answer line = { .id = run->id,
			.created_us = run->created_us,
			.applied_us = run->applied_us,
			.connection_name = so_service_connection_name(
				req, req->api->service, *req->api->scope, run->connection_id),
			.status = so_run_status_name(run->status) };

		json_array_append_new(res->json, so_field_encode(&activity_resource, &line));
	}
	res->total = runs->total;
	return true;
}

static bool detection(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct stats_query *query = req->query;
	struct so_issue_summary all;

	if (!so_service_issue_summary(
		    req, req->api->service, *req->api->scope, so_id_or_all(query->connection_id), &all, err))
		return false;
	res->json = so_issue_summary_encode(req, &so_shape_detection_summary, &all);
	return true;
}

struct run_issue_answer {
	const char *issue_type, *severity, *title, *description;
	json_t *recommendations;
};
#define S struct run_issue_answer
static const struct so_field run_issue_fields[] = {
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title),
	SO_FIELD(S, description),
	SO_FIELD(S, recommendations, .flags = SO_F_LIST),
};
#undef S
static const struct so_resource run_issue_resource =
	SO_RESOURCE(struct run_issue_answer, run_issue_fields, .name = "OptimizationIssue");

struct with_issues_answer {
	int64_t optimization_id, connection_id, issue_count, critical_count, high_count, medium_count, low_count;
	int64_t detected_us;
	const char *connection_name, *original_sql, *optimized_sql, *sql_preview, *recommendations;
	double estimated_improvement_pct;
	json_t *issues;
};
#define S struct with_issues_answer
static const struct so_field with_issues_fields[] = {
	SO_FIELD(S, optimization_id),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, original_sql),
	SO_FIELD(S, optimized_sql),
	SO_FIELD(S, sql_preview, .doc = "The first 200 bytes."),
	SO_FIELD(S, issue_count),
	SO_FIELD(S, critical_count),
	SO_FIELD(S, high_count),
	SO_FIELD(S, medium_count),
	SO_FIELD(S, low_count),
	SO_FIELD(S, issues, .flags = SO_F_LIST, .of = &run_issue_resource),
	SO_FIELD_AS(S, detected_us, "detected_at", .flags = SO_F_TIME),
	SO_FIELD(S, recommendations, .flags = SO_F_NULLABLE),
	SO_FIELD(S, estimated_improvement_pct, .flags = SO_F_NULLABLE, .doc = "From planner cost, not time."),
};
#undef S
static const struct so_resource with_issues_resource =
	SO_RESOURCE(struct with_issues_answer, with_issues_fields, .name = "QueryWithIssues");

static const char *text_of(const json_t *finding, const char *name, const char *absent)
{
	const char *text = json_string_value(json_object_get(finding, name));

	return text ? text : absent;
}

/* Counts by severity, and the findings in the older API's words. */
static json_t *run_issues(struct so_request *req, const json_t *findings, int64_t counts[SO_SEVERITY_MAX])
{
	json_t *list = so_json_own(req, json_array());

	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		json_t *remedy = json_object_get(finding, "remedy");
		struct run_issue_answer line = { .issue_type = text_of(finding, "issue_type", "suboptimal_pattern"),
			.severity = text_of(finding, "severity", "low"),
			.title = text_of(finding, "title", ""),
			.description = text_of(finding, "explanation", ""),
			.recommendations = so_json_own(req, json_array()) };

		for (int k = 0; k < SO_SEVERITY_MAX; k++)
			counts[k] += strcmp(so_severity_name((enum so_severity)k), line.severity) == 0;
		if (json_is_string(remedy))
			json_array_append(line.recommendations, remedy);
		json_array_append_new(list, so_field_encode(&run_issue_resource, &line));
	}
	return list;
}

static bool with_issues(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct some_query *query = req->query;
	struct so_run_view *views;
	struct so_store_runs *runs;

	if (!so_service_latest_runs(req, req->api->service, *req->api->scope, so_id_or_all(query->connection_id), true,
		    query->limit, &views, &runs, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < runs->count; i++) {
		const struct so_store_run *run = views[i].run;
		int64_t counts[SO_SEVERITY_MAX] = { 0 };
		json_t *issues = run_issues(req, views[i].findings, counts);
		struct with_issues_answer line = { .optimization_id = run->id,
			.connection_id = run->connection_id,
			.connection_name = so_service_connection_name(
				req, req->api->service, *req->api->scope, run->connection_id),
			.original_sql = run->original_sql,
			.optimized_sql = run->optimized_sql ? run->optimized_sql : run->original_sql,
			.sql_preview = so_sql_preview(req, run->original_sql),
			.issue_count = (int64_t)json_array_size(issues),
			.critical_count = counts[SO_SEVERITY_CRITICAL],
			.high_count = counts[SO_SEVERITY_HIGH],
			.medium_count = counts[SO_SEVERITY_MEDIUM],
			.low_count = counts[SO_SEVERITY_LOW],
			.issues = issues,
			.detected_us = run->created_us,
			.recommendations = run->recommendations,
			.estimated_improvement_pct = run->improvement_pct };

		json_array_append_new(res->json, so_field_encode(&with_issues_resource, &line));
	}
	res->total = runs->total;
	return true;
}

#define TAG .tag = "dashboard", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "GET", "/api/dashboard/stats", "dashboardStats", .tag = "dashboard",
		.summary = "The figures of the dashboard", .query = &query_resource, .answer = &stats_resource,
		.blocking = true, .status = 200, .permission = SO_PERM_READ, .handler = stats },
	{ "GET", "/api/dashboard/top-queries", "dashboardTopQueries", TAG, .summary = "Statements by total time",
		.query = &ten_resource, .answer = &top_resource, .list = true, .handler = top_queries },
	{ "GET", "/api/dashboard/performance-trends", "dashboardTrends", TAG, .summary = "Load by the hour",
		.query = &trends_query_resource, .answer = &trend_resource, .list = true, .handler = trends },
	{ "GET", "/api/dashboard/recent-activity", "dashboardActivity", TAG, .summary = "Latest optimizations",
		.query = &twenty_resource, .answer = &activity_resource, .list = true, .handler = activity },
	{ "GET", "/api/dashboard/detection-summary", "dashboardDetection", TAG,
		.summary = "Open findings by type, and the latest critical ones", .query = &query_resource,
		.answer = &so_shape_detection_summary, .handler = detection },
	{ "GET", "/api/dashboard/queries-with-issues", "dashboardWithIssues", TAG,
		.summary = "Latest optimizations that found something", .query = &twenty_resource,
		.answer = &with_issues_resource, .list = true, .handler = with_issues },
};

const struct so_route_table so_routes_dashboard = { routes, sizeof(routes) / sizeof(routes[0]) };
