/* /api/optimizer: the main job, and what it has stored. */
#include "service/optimize.h"

#include <math.h>

#include "api/shapes.h"
#include "api/tables.h"
#include "base/clock.h"
#include "job/job.h"
#include "service/runs.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

#define S struct so_optimize_request
static const struct so_field request_fields[] = {
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE, .min = 0, .max = INT64_MAX,
		.doc = "The watched query it is, or none."),
	SO_FIELD(S, connection_id, .flags = SO_F_REQUIRED, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, sql_query, .flags = SO_F_REQUIRED, .min = 1, .max = SO_MAX_SQL_BYTES, .doc = "One statement."),
	SO_FIELD(S, include_execution_plan, .deflt = "true", .doc = "Answer with the engine's own plan document too."),
	SO_FIELD(S, analyze, .deflt = "false",
		.doc = "EXPLAIN ANALYZE: executes the statement, read-only, with a timeout."),
	SO_FIELD(S, verify, .deflt = "false", .doc = "Run rewrites and compare their results; read-only."),
	SO_FIELD(S, measure, .deflt = "false", .doc = "Time proposals before and after."),
};
#undef S
static const struct so_resource request_resource =
	SO_RESOURCE(struct so_optimize_request, request_fields, .name = "OptimizeRequest", .ignore_unknown = true);

struct verdict_answer {
	bool fine;
	char *reason;
};
#define S struct verdict_answer
static const struct so_field verdict_fields[] = {
	SO_FIELD(S, fine, .doc = "Nothing to do."),
	SO_FIELD(S, reason, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource verdict_resource =
	SO_RESOURCE(struct verdict_answer, verdict_fields, .name = "Verdict");

struct model_part {
	char *status, *name, *note;
};
static const char *const model_states[] = { "off", "pending", "done", "failed", NULL };
#define S struct model_part
static const struct so_field model_fields[] = {
	SO_FIELD(S, status, .flags = SO_F_NULLABLE, .one_of = model_states),
	SO_FIELD(S, name, .flags = SO_F_NULLABLE),
	SO_FIELD(S, note, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource model_resource = SO_RESOURCE(struct model_part, model_fields, .name = "ModelPart");

struct run_answer {
	int64_t id, query_id, connection_id, job_id, created_us, applied_us, validated_us;
	const char *original_sql, *optimized_sql, *explanation, *recommendations, *status, *parameter_note, *error;
	const char *error_kind;
	int64_t error_position;
	double estimated_improvement_pct, duration_ms, own_cpu_ms, wait_ms;
	bool complete;
	json_t *execution_plan, *detected_issues, *findings, *proposals, *plan, *verdict, *model;
};
static const char *const run_states[] = { "pending", "applied", "validated", "failed", NULL };
#define S struct run_answer
static const struct so_field run_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, original_sql),
	SO_FIELD(S, optimized_sql, .doc = "The original while no rewrite is proved."),
	SO_FIELD(S, execution_plan, .flags = SO_F_NULLABLE, .doc = "The engine's own plan document; null in lists."),
	SO_FIELD(S, explanation),
	SO_FIELD(S, recommendations, .flags = SO_F_NULLABLE),
	SO_FIELD(S, estimated_improvement_pct, .flags = SO_F_NULLABLE, .doc = "From planner cost, not time."),
	SO_FIELD(S, status, .one_of = run_states),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, applied_us, "applied_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, validated_us, "validated_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, detected_issues, .flags = SO_F_NULLABLE, .of = &so_shape_detection),
	SO_FIELD(S, proposals, .flags = SO_F_LIST, .of = &so_shape_proposal),
	SO_FIELD(S, findings, .flags = SO_F_LIST, .of = &so_shape_finding),
	SO_FIELD(S, plan, .flags = SO_F_NULLABLE, .doc = "The plan in one shape for all engines; null in lists."),
	SO_FIELD(S, verdict, .of = &verdict_resource),
	SO_FIELD(S, job_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, complete, .doc = "False: the job goes on; ask again, or follow /api/events."),
	SO_FIELD(S, model, .of = &model_resource),
	SO_FIELD(S, parameter_note, .flags = SO_F_NULLABLE),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE, .doc = "Why it failed."),
	SO_FIELD(S, error_kind, .flags = SO_F_NULLABLE, .doc = "What kind of failure: cancelled, timeout, target ..."),
	SO_FIELD(S, error_position, .flags = SO_F_NULLABLE,
		.doc = "Where in original_sql, as an offset in bytes of UTF-8."),
	SO_FIELD(S, duration_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, own_cpu_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, wait_ms, .flags = SO_F_NULLABLE, .doc = "Time spent waiting for the database."),
};
#undef S
static const struct so_resource run_resource = SO_RESOURCE(struct run_answer, run_fields, .name = "Optimization");

struct accepted_answer {
	int64_t job_id, optimization_id;
};
static const struct so_field accepted_fields[] = {
	SO_FIELD(struct accepted_answer, job_id),
	SO_FIELD(struct accepted_answer, optimization_id),
};
static const struct so_resource accepted_resource =
	SO_RESOURCE(struct accepted_answer, accepted_fields, .name = "OptimizeAccepted");

struct list_query {
	int64_t connection_id, limit, offset;
	char *status_filter;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, status_filter, .flags = SO_F_NULLABLE, .one_of = run_states),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource list_resource =
	SO_RESOURCE(struct list_query, list_fields, .name = "OptimizationsQuery");

/* ---- encoding ------------------------------------------------------------------------------------------------ */

static int64_t id_or_none(int64_t id)
{
	return id ? id : SO_INT_NONE;
}

static json_t *encode_run(struct so_request *req, const struct so_run_view *view, bool with_plan)
{
	const struct so_store_run *run = view->run;
	struct verdict_answer verdict = { .fine = view->fine, .reason = view->reason };
	struct model_part model = { .status = view->model_status, .name = view->model_name, .note = view->model_note };
	struct run_answer answer = { .id = run->id,
		.query_id = id_or_none(run->query_id),
		.connection_id = run->connection_id,
		.job_id = id_or_none(run->job_id),
		.created_us = run->created_us,
		.applied_us = run->applied_us,
		.validated_us = run->validated_us,
		.original_sql = run->original_sql,
		.optimized_sql = run->optimized_sql ? run->optimized_sql : run->original_sql,
		.explanation = run->explanation ? run->explanation : "",
		.recommendations = run->recommendations,
		.status = so_run_status_name(run->status),
		.parameter_note = view->parameter_note,
		.error = run->error,
		.error_kind = view->error_kind,
		.error_position = view->error_position < 0 ? SO_INT_NONE : view->error_position,
		.estimated_improvement_pct = run->improvement_pct,
		.duration_ms = run->duration_us > 0 ? (double)run->duration_us / 1000.0 : NAN,
		.own_cpu_ms = view->own_cpu_ms,
		.wait_ms = view->wait_ms,
		.complete = run->complete,
		.execution_plan = with_plan ? view->execution_plan : NULL,
		.detected_issues = view->detected,
		.findings = view->findings,
		.proposals = view->proposals,
		.plan = view->plan,
		.verdict = so_json_own(req, so_field_encode(&verdict_resource, &verdict)),
		.model = so_json_own(req, so_field_encode(&model_resource, &model)) };

	return so_field_encode(&run_resource, &answer);
}

/* ---- optimize ------------------------------------------------------------------------------------------------ */

static struct so_optimize_request *take_request(struct so_request *req)
{
	struct so_optimize_request *request = req->body;

	if (request->query_id == SO_INT_NONE)
		request->query_id = 0;
	return request;
}

/* A job that failed before there was anything to show answers with its reason, as if it had run here. */
static bool check_job(struct so_request *req, int64_t job_id, struct so_err *err)
{
	struct so_err none = SO_ERR_INIT;
	struct so_job_info *job = so_job_info(req, req->api->service->jobs, *req->api->scope, job_id, &none);

	if (!job || job->state == SO_JOB_QUEUED || job->state == SO_JOB_RUNNING || job->state == SO_JOB_DONE)
		return true;
	*err = job->err;
	if (err->kind == SO_NONE)
		return so_fail(err, SO_CANCELLED, "job %lld was %s", (long long)job_id, so_job_state_name(job->state));
	return false;
}

static bool optimize_done(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct so_optimize_request *request = req->body;
	struct so_run_view view = { 0 };

	if (!so_service_run_get(req, req->api->service, *req->api->scope, res->wait_arg, &view, err) ||
		!check_job(req, view.run->job_id, err))
		return false;
	res->json = encode_run(req, &view, request->include_execution_plan);
	return true;
}

static bool optimize(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct accepted_answer accepted;

	if (!so_service_optimize(req->api->service, *req->api->scope, take_request(req), &accepted.optimization_id,
		    &accepted.job_id, err))
		return false;
	res->location = so_printf(req, "/api/optimizer/optimizations/%lld", (long long)accepted.optimization_id);
	if (req->respond_async) {
		res->status = 202;
		res->json = so_field_encode(&accepted_resource, &accepted);
		return true;
	}
	res->wait_job = accepted.job_id;
	res->wait_arg = accepted.optimization_id;
	res->wait_ms = SO_OPTIMIZE_WAIT_MS;
	res->finish = optimize_done;
	return true;
}

static bool analyze(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_optimize_result *result;

	if (!so_service_analyze(req, req->api->service, *req->api->scope, take_request(req), &result, err))
		return false;
	res->json = so_detection_result(result->findings, so_time_now_us());
	return true;
}

/* ---- stored ones --------------------------------------------------------------------------------------------- */

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	struct so_run_view *views;
	struct so_store_runs *runs;
	int64_t connection_id = query->connection_id == SO_INT_NONE ? 0 : query->connection_id;

	if (!so_service_run_list(req, req->api->service, *req->api->scope, connection_id, query->status_filter,
		    query->limit, query->offset, &views, &runs, err))
		return false;
	res->json = json_array();
	for (size_t i = 0; i < runs->count; i++) {
		views[i].plan = NULL; /* a list of a thousand plans would have no bound worth the name */
		json_array_append_new(res->json, encode_run(req, &views[i], false));
	}
	res->total = runs->total;
	return true;
}

static bool get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_run_view view = { 0 };

	if (!so_service_run_get(req, req->api->service, *req->api->scope, req->id, &view, err))
		return false;
	res->json = encode_run(req, &view, true);
	return true;
}

static bool delete (struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)res;
	return so_service_run_delete(req->api->service, *req->api->scope, req->id, err);
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "optimizer", .blocking = true
static const struct so_route routes[] = {
	{ "POST", "/api/optimizer/optimize", "optimize", TAG,
		.summary = "Findings and proposals with their proof; waits at most 25 s", .body = &request_resource,
		.answer = &run_resource, .accepted = &accepted_resource, .status = 201, .permission = SO_PERM_OPTIMIZE,
		.handler = optimize },
	{ "POST", "/api/optimizer/analyze", "analyze", TAG, .summary = "Findings only; nothing is stored",
		.body = &request_resource, .answer = &so_shape_detection, .status = 200, .permission = SO_PERM_OPTIMIZE,
		.handler = analyze },
	{ "GET", "/api/optimizer/optimizations", "listOptimizations", TAG, .summary = "Stored ones, newest first",
		.query = &list_resource, .answer = &run_resource, .list = true, .status = 200,
		.permission = SO_PERM_READ, .handler = list },
	{ "GET", "/api/optimizer/optimizations/{id}", "getOptimization", TAG, .summary = "A stored one",
		.answer = &run_resource, .status = 200, .permission = SO_PERM_READ, .handler = get },
	{ "DELETE", "/api/optimizer/optimizations/{id}", "deleteOptimization", TAG, .summary = "Forget one",
		.status = 204, .permission = SO_PERM_OPTIMIZE, .handler = delete },
};

const struct so_route_table so_routes_optimizer = { routes, sizeof(routes) / sizeof(routes[0]) };
