/* /api/monitoring: polls, and what they found. */
#include "service/monitoring.h"

#include <math.h>
#include <string.h>

#include "api/issue_summary.h"
#include "api/shapes.h"
#include "api/tables.h"
#include "api/watched.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

struct status_answer {
	bool is_running;
	int64_t last_us, next_us, interval_minutes, queries_discovered, active_connections;
};
#define S struct status_answer
static const struct so_field status_fields[] = {
	SO_FIELD(S, is_running),
	SO_FIELD_AS(S, last_us, "last_poll_time", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, next_us, "next_poll_time", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, interval_minutes),
	SO_FIELD(S, queries_discovered),
	SO_FIELD(S, active_connections, .doc = "Connections that are watched."),
};
#undef S
static const struct so_resource status_resource =
	SO_RESOURCE(struct status_answer, status_fields, .name = "MonitoringStatus");

struct message_answer {
	char *message;
};
static const struct so_field message_fields[] = { SO_FIELD(struct message_answer, message) };
static const struct so_resource message_resource =
	SO_RESOURCE(struct message_answer, message_fields, .name = "Message");

struct trigger_answer {
	bool success;
	char *message;
};
static const struct so_field trigger_fields[] = {
	SO_FIELD(struct trigger_answer, success),
	SO_FIELD(struct trigger_answer, message),
};
static const struct so_resource trigger_resource =
	SO_RESOURCE(struct trigger_answer, trigger_fields, .name = "MonitoringTrigger");

struct queries_query {
	int64_t connection_id, limit, offset;
	char *optimized;
};
static const char *const truths[] = { "true", "false", NULL };
#define S struct queries_query
static const struct so_field queries_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
	SO_FIELD(S, optimized, .flags = SO_F_NULLABLE, .one_of = truths),
};
#undef S
static const struct so_resource queries_resource =
	SO_RESOURCE(struct queries_query, queries_fields, .name = "QueriesQuery");

struct issues_query {
	int64_t connection_id, limit, offset;
	char *severity, *issue_type, *resolved;
};
#define S struct issues_query
static const struct so_field issues_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, severity, .flags = SO_F_NULLABLE, .one_of = so_severity_words),
	SO_FIELD(S, issue_type, .flags = SO_F_NULLABLE, .one_of = so_issue_type_words),
	SO_FIELD(S, resolved, .one_of = truths, .deflt = "false"),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource issues_resource =
	SO_RESOURCE(struct issues_query, issues_fields, .name = "IssuesQuery");

struct summary_query {
	int64_t connection_id;
};
static const struct so_field summary_query_fields[] = {
	SO_FIELD(struct summary_query, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
};
static const struct so_resource summary_query_resource =
	SO_RESOURCE(struct summary_query, summary_query_fields, .name = "IssueSummaryQuery");

struct targets_query {
	int64_t limit, offset;
};
static const struct so_field targets_query_fields[] = {
	SO_FIELD(struct targets_query, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(struct targets_query, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
static const struct so_resource targets_query_resource =
	SO_RESOURCE(struct targets_query, targets_query_fields, .name = "MonitoringTargetsQuery");

struct target_answer {
	int64_t connection_id, instance_id, interval_s, polls, failures, last_us, next_us, statements, moved, bytes;
	const char *connection_name, *state, *error_kind, *error;
	double duration_ms, wait_ms, cpu_ms;
	bool complete;
};
static const char *const target_states[] = { "unwatched", "paused", "waiting", "running", NULL };
#define S struct target_answer
static const struct so_field target_fields[] = {
	SO_FIELD(S, connection_id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, instance_id, .flags = SO_F_NULLABLE, .doc = "Connections of one server have the same."),
	SO_FIELD(S, state, .one_of = target_states),
	SO_FIELD(S, interval_s),
	SO_FIELD(S, polls, .doc = "Good ones so far."),
	SO_FIELD(S, failures, .doc = "Since the last good one."),
	SO_FIELD(S, error_kind, .flags = SO_F_NULLABLE),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE, .doc = "Why the last poll failed, and what to do."),
	SO_FIELD_AS(S, last_us, "last_poll_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, next_us, "next_poll_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, statements, .doc = "Of this database, in the last good poll."),
	SO_FIELD(S, complete, .doc = "False: the server has more than MONITORING_MAX_STATEMENTS."),
	SO_FIELD(S, moved, .flags = SO_F_NULLABLE, .doc = "Statements that ran between the last two polls."),
	SO_FIELD(S, bytes, .flags = SO_F_NULLABLE, .doc = "Read by the last poll, for all databases of the server."),
	SO_FIELD(S, duration_ms, .flags = SO_F_NULLABLE, .doc = "Of the last poll, connecting included."),
	SO_FIELD(S, wait_ms, .flags = SO_F_NULLABLE, .doc = "What it cost the server: time that we waited for it."),
	SO_FIELD(S, cpu_ms, .flags = SO_F_NULLABLE, .doc = "What it cost us."),
};
#undef S
static const struct so_resource target_resource =
	SO_RESOURCE(struct target_answer, target_fields, .name = "MonitoringTarget");

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool status(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_monitoring_status now;

	if (!so_service_monitoring_status(req->api->service, *req->api->scope, &now, err))
		return false;
	struct status_answer answer = { now.is_running, now.last_us, now.next_us, now.interval_minutes,
		now.queries_discovered, now.active_connections };

	res->json = so_field_encode(&status_resource, &answer);
	return true;
}

static bool set(struct so_request *req, struct so_response *res, bool run, struct so_err *err)
{
	struct message_answer answer = { so_strdup(req, run ? "Monitoring started" : "Monitoring stopped") };

	if (!so_service_monitoring_set(req->api->service, run, err))
		return false;
	res->json = so_field_encode(&message_resource, &answer);
	return true;
}

static bool start(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return set(req, res, true, err);
}

static bool stop(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return set(req, res, false, err);
}

static bool trigger(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct trigger_answer answer = { true, so_strdup(req, "Every watched server is polled now") };

	if (!so_service_monitoring_trigger(req->api->service, err))
		return false;
	res->json = so_field_encode(&trigger_resource, &answer);
	return true;
}

/* -1 for absent. */
static int truth(const char *word)
{
	return !word ? -1 : word[0] == 't';
}

static bool queries(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct queries_query *query = req->query;
	const struct so_store_query_filter filter = { .connection_id = so_id_or_all(query->connection_id),
		.optimized = truth(query->optimized),
		.limit = query->limit,
		.offset = query->offset };
	struct so_store_queries *list;

	if (!so_service_query_list(req, req->api->service, *req->api->scope, &filter, &list, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(res->json, so_query_encode(list->items[i]));
	res->total = list->total;
	return true;
}

static bool query(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_query *found;

	if (!so_service_query_get(req, req->api->service, *req->api->scope, req->id, &found, err))
		return false;
	res->json = so_query_encode(found);
	return true;
}

static int severity_of(const char *word)
{
	for (int i = 0; word && i < SO_SEVERITY_MAX; i++)
		if (strcmp(so_severity_name((enum so_severity)i), word) == 0)
			return i;
	return -1;
}

static bool issues(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct issues_query *query = req->query;
	const struct so_store_finding_filter filter = { .connection_id = so_id_or_all(query->connection_id),
		.severity = severity_of(query->severity),
		.issue_type = query->issue_type,
		.resolved = truth(query->resolved),
		.limit = query->limit,
		.offset = query->offset };
	struct so_store_findings *list;

	if (!so_service_finding_list(req, req->api->service, *req->api->scope, &filter, &list, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(res->json, so_query_issue_encode(req, list->items[i]));
	res->total = list->total;
	return true;
}

static bool summary(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct summary_query *query = req->query;
	struct so_issue_summary all;

	if (!so_service_issue_summary(
		    req, req->api->service, *req->api->scope, so_id_or_all(query->connection_id), &all, err))
		return false;
	res->json = so_issue_summary_encode(req, &so_shape_issue_summary, &all);
	return true;
}

static json_t *encode_target(const struct so_monitoring_target *target)
{
	const struct so_store_poll *last = target->last;
	struct target_answer answer = { .connection_id = target->conn->id,
		.connection_name = target->conn->name,
		.instance_id = target->conn->instance_id ? target->conn->instance_id : SO_INT_NONE,
		.state = target->state,
		.interval_s = target->interval_s,
		.polls = target->watch->polls,
		.failures = target->watch->failures,
		.error_kind = target->watch->error_kind,
		.error = target->watch->error,
		.last_us = target->watch->last_us,
		.next_us = target->next_us,
		.statements = target->watch->statements,
		.complete = target->watch->complete || !target->watch->polls,
		.moved = last ? last->moved : SO_INT_NONE,
		.bytes = last ? last->bytes : SO_INT_NONE,
		.duration_ms = last ? (double)last->duration_us / 1000 : NAN,
		.wait_ms = last ? (double)last->wait_us / 1000 : NAN,
		.cpu_ms = last ? (double)last->cpu_us / 1000 : NAN };

	return so_field_encode(&target_resource, &answer);
}

static bool targets(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct targets_query *query = req->query;
	struct so_monitoring_target *list;
	size_t n;

	if (!so_service_monitoring_targets(
		    req, req->api->service, *req->api->scope, query->limit, query->offset, &list, &n, &res->total, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(res->json, encode_target(&list[i]));
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "monitoring", .status = 200, .blocking = true
static const struct so_route routes[] = {
	{ "GET", "/api/monitoring/status", "monitoringStatus", TAG,
		.summary = "Is it running, and when is the next poll", .answer = &status_resource,
		.permission = SO_PERM_READ, .handler = status },
	{ "POST", "/api/monitoring/start", "monitoringStart", TAG, .summary = "Poll what is due from now on",
		.answer = &message_resource, .permission = SO_PERM_MANAGE, .handler = start },
	{ "POST", "/api/monitoring/stop", "monitoringStop", TAG, .summary = "Start no poll from now on",
		.answer = &message_resource, .permission = SO_PERM_MANAGE, .handler = stop },
	{ "POST", "/api/monitoring/trigger", "monitoringTrigger", TAG, .summary = "Poll every watched server now",
		.answer = &trigger_resource, .old_errors = true, .permission = SO_PERM_MANAGE, .handler = trigger },
	{ "GET", "/api/monitoring/targets", "monitoringTargets", TAG,
		.summary = "Where the polling of each connection stands, and what it costs",
		.query = &targets_query_resource, .answer = &target_resource, .list = true, .permission = SO_PERM_READ,
		.handler = targets },
	{ "GET", "/api/monitoring/queries", "monitoringQueries", TAG, .summary = "Watched statements by total time",
		.query = &queries_resource, .answer = &so_shape_query, .list = true, .permission = SO_PERM_READ,
		.handler = queries },
	{ "GET", "/api/monitoring/queries/{id}", "monitoringQuery", TAG, .summary = "One of them",
		.answer = &so_shape_query, .permission = SO_PERM_READ, .handler = query },
	{ "GET", "/api/monitoring/issues", "monitoringIssues", TAG, .summary = "Findings, newest first",
		.query = &issues_resource, .answer = &so_shape_query_issue, .list = true, .permission = SO_PERM_READ,
		.handler = issues },
	{ "GET", "/api/monitoring/issues/summary", "monitoringIssueSummary", TAG, .summary = "Open findings by type",
		.query = &summary_query_resource, .answer = &so_shape_issue_summary, .permission = SO_PERM_READ,
		.handler = summary },
};

const struct so_route_table so_routes_monitoring = { routes, sizeof(routes) / sizeof(routes[0]) };
