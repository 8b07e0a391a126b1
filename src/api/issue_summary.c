#include "api/issue_summary.h"

#include "api/shapes.h"
#include "api/watched.h"
#include "base/clock.h"

struct line_answer {
	int64_t issue_id, optimization_id, query_id, detected_us;
	const char *connection_name, *issue_type, *severity, *title, *description, *sql_preview;
};
#define S struct line_answer
static const struct so_field critical_fields[] = {
	SO_FIELD(S, issue_id),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title),
	SO_FIELD(S, description),
	SO_FIELD_AS(S, detected_us, "detected_at", .flags = SO_F_TIME),
	SO_FIELD(S, sql_preview, .flags = SO_F_NULLABLE),
};
static const struct so_field detected_fields[] = {
	SO_FIELD(S, issue_id),
	SO_FIELD(S, optimization_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title),
	SO_FIELD(S, description),
	SO_FIELD_AS(S, detected_us, "detected_at", .flags = SO_F_TIME),
};
#undef S
static const struct so_resource critical_resource =
	SO_RESOURCE(struct line_answer, critical_fields, .name = "CriticalIssue");
static const struct so_resource detected_resource =
	SO_RESOURCE(struct line_answer, detected_fields, .name = "DetectedCriticalIssue");

struct summary_answer {
	int64_t total_issues, critical_issues, high_issues, medium_issues, low_issues, last_updated_us;
	int64_t total_optimizations_with_issues;
	json_t *issues_by_type, *recent_critical_issues;
};
#define S struct summary_answer
static const struct so_field summary_fields[] = {
	SO_FIELD(S, total_issues),
	SO_FIELD(S, critical_issues),
	SO_FIELD(S, high_issues),
	SO_FIELD(S, medium_issues),
	SO_FIELD(S, low_issues),
	SO_FIELD(S, issues_by_type, .flags = SO_F_LIST, .of = &so_shape_issue_type),
	SO_FIELD(S, recent_critical_issues, .flags = SO_F_LIST, .of = &critical_resource),
	SO_FIELD_AS(S, last_updated_us, "last_updated", .flags = SO_F_TIME),
};
static const struct so_field detection_fields[] = {
	SO_FIELD(S, total_issues),
	SO_FIELD(S, critical_issues),
	SO_FIELD(S, high_issues),
	SO_FIELD(S, medium_issues),
	SO_FIELD(S, low_issues),
	SO_FIELD(S, total_optimizations_with_issues),
	SO_FIELD(S, issues_by_type, .flags = SO_F_LIST, .of = &so_shape_issue_type),
	SO_FIELD(S, recent_critical_issues, .flags = SO_F_LIST, .of = &detected_resource),
	SO_FIELD_AS(S, last_updated_us, "last_updated", .flags = SO_F_TIME),
};
#undef S
const struct so_resource so_shape_issue_summary =
	SO_RESOURCE(struct summary_answer, summary_fields, .name = "IssueSummary");
const struct so_resource so_shape_detection_summary =
	SO_RESOURCE(struct summary_answer, detection_fields, .name = "DetectionSummary");

/* The statement that a finding is about: of its query, or of the run that found it. */
static const char *preview_of(struct so_request *req, const struct so_store_finding *finding)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_store_query *found;
	struct so_run_view view = { 0 };

	if (finding->query_id &&
		so_service_query_get(req, req->api->service, *req->api->scope, finding->query_id, &found, &ignored))
		return so_sql_preview(req, found->sql_text);
	if (finding->run_id &&
		so_service_run_get(req, req->api->service, *req->api->scope, finding->run_id, &view, &ignored))
		return so_sql_preview(req, view.run->original_sql);
	return NULL;
}

json_t *so_issue_summary_encode(
	struct so_request *req, const struct so_resource *shape, const struct so_issue_summary *summary)
{
	bool with_statement = shape == &so_shape_issue_summary;
	struct summary_answer answer = { .total_issues = summary->total,
		.critical_issues = summary->by_severity[SO_SEVERITY_CRITICAL],
		.high_issues = summary->by_severity[SO_SEVERITY_HIGH],
		.medium_issues = summary->by_severity[SO_SEVERITY_MEDIUM],
		.low_issues = summary->by_severity[SO_SEVERITY_LOW],
		.total_optimizations_with_issues = summary->runs_with_issues,
		.last_updated_us = so_time_now_us(),
		.issues_by_type = so_json_own(req, so_issue_types_encode(summary)),
		.recent_critical_issues = so_json_own(req, json_array()) };

	for (size_t i = 0; i < summary->critical->count; i++) {
		const struct so_store_finding *finding = summary->critical->items[i];
		struct line_answer line = { .issue_id = finding->id,
			.optimization_id = finding->run_id ? finding->run_id : SO_INT_NONE,
			.query_id = finding->query_id ? finding->query_id : SO_INT_NONE,
			.detected_us = finding->detected_us,
			.connection_name = so_service_connection_name(
				req, req->api->service, *req->api->scope, finding->connection_id),
			.issue_type = finding->issue_type,
			.severity = so_severity_name((enum so_severity)finding->severity),
			.title = finding->title,
			.description = finding->description,
			.sql_preview = with_statement ? preview_of(req, finding) : NULL };

		json_array_append_new(answer.recent_critical_issues,
			so_field_encode(with_statement ? &critical_resource : &detected_resource, &line));
	}
	return so_field_encode(shape, &answer);
}
