/* /api/optimizer: rungs 5 and 6 of the proof ladder on request, and applying what was proved. */
#include <math.h>

#include "api/shapes.h"
#include "api/tables.h"
#include "service/apply.h"
#include "service/prove.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

#define S struct so_prove_request
static const struct so_field validate_fields[] = {
	SO_FIELD(S, optimization_id, .flags = SO_F_REQUIRED, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, proposal_id, .flags = SO_F_NULLABLE, .min = 0, .max = INT64_MAX, .doc = "Default: the best one."),
};
static const struct so_field prove_fields[] = {
	SO_FIELD(S, optimization_id, .flags = SO_F_REQUIRED, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, proposal_id, .flags = SO_F_NULLABLE, .min = 0, .max = INT64_MAX, .doc = "Default: the best one."),
	SO_FIELD(S, run_original, .deflt = "true"),
	SO_FIELD(S, run_optimized, .deflt = "true"),
	SO_FIELD(S, iterations, .min = 1, .max = 10, .deflt = "3"),
};
#undef S
static const struct so_resource validate_resource =
	SO_RESOURCE(struct so_prove_request, validate_fields, .name = "ValidateRequest", .ignore_unknown = true);
static const struct so_resource prove_resource = SO_RESOURCE(
	struct so_prove_request, prove_fields, .name = "ValidatePerformanceRequest", .ignore_unknown = true);

struct metrics_answer {
	double execution_time_ms, planning_time_ms, io_cost;
	int64_t rows_returned, buffer_hits, buffer_reads;
};
#define S struct metrics_answer
static const struct so_field metrics_fields[] = {
	SO_FIELD(S, execution_time_ms, .flags = SO_F_NULLABLE, .doc = "Median."),
	SO_FIELD(S, planning_time_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, rows_returned, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_hits, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_reads, .flags = SO_F_NULLABLE),
	SO_FIELD(S, io_cost, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource metrics_resource =
	SO_RESOURCE(struct metrics_answer, metrics_fields, .name = "PerformanceMetrics");

struct prove_answer {
	bool success, is_faster, same_result;
	int64_t optimization_id, validated_us;
	double improvement_pct, improvement_ms;
	json_t *original_metrics, *optimized_metrics, *proposal;
	struct so_strs *validation_notes;
};
#define S struct prove_answer
static const struct so_field prove_answer_fields[] = {
	SO_FIELD(S, success),
	SO_FIELD(S, optimization_id),
	SO_FIELD(S, original_metrics, .flags = SO_F_NULLABLE, .of = &metrics_resource),
	SO_FIELD(S, optimized_metrics, .flags = SO_F_NULLABLE, .of = &metrics_resource),
	SO_FIELD(S, improvement_pct, .flags = SO_F_NULLABLE),
	SO_FIELD(S, improvement_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, is_faster, .doc = "By 1.2 times at least."),
	SO_FIELD(S, same_result),
	SO_FIELD(S, validation_notes),
	SO_FIELD_AS(S, validated_us, "validated_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, proposal, .flags = SO_F_NULLABLE, .of = &so_shape_proposal),
};
#undef S
static const struct so_resource prove_answer_resource =
	SO_RESOURCE(struct prove_answer, prove_answer_fields, .name = "ValidatePerformanceResult");

struct validate_answer {
	bool success;
	char *message;
	int64_t optimization_id, validated_us, applied_us;
	double original_time_ms, optimized_time_ms, improvement_pct;
};
#define S struct validate_answer
static const struct so_field validate_answer_fields[] = {
	SO_FIELD(S, success),
	SO_FIELD(S, message),
	SO_FIELD(S, optimization_id),
	SO_FIELD(S, original_time_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, optimized_time_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, improvement_pct, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, validated_us, "validated_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, applied_us, "applied_at", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S
static const struct so_resource validate_answer_resource =
	SO_RESOURCE(struct validate_answer, validate_answer_fields, .name = "ValidateResult");

#define S struct so_apply_request
static const struct so_field apply_fields[] = {
	SO_FIELD(S, optimization_id, .flags = SO_F_REQUIRED, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, proposal_id, .flags = SO_F_NULLABLE, .min = 0, .max = INT64_MAX,
		.doc = "Default: the first offered one that is DDL."),
	SO_FIELD(S, sql_to_execute, .flags = SO_F_NULLABLE, .max = SO_MAX_SQL_BYTES,
		.doc = "Only the SQL of an offered proposal is accepted."),
	SO_FIELD(S, dry_run, .deflt = "false", .doc = "Say what would be done, with checks; always allowed."),
	SO_FIELD(S, force, .deflt = "false", .doc = "Accepted for older clients; changes nothing."),
	SO_FIELD(S, skip_safety_checks, .deflt = "false", .doc = "Accepted for older clients; changes nothing."),
};
#undef S
static const struct so_resource apply_resource =
	SO_RESOURCE(struct so_apply_request, apply_fields, .name = "ApplyRequest", .ignore_unknown = true);

#define S struct so_apply_check
static const struct so_field apply_check_fields[] = {
	SO_FIELD(S, title),
	SO_FIELD(S, ok),
	SO_FIELD(S, detail, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource apply_check_resource =
	SO_RESOURCE(struct so_apply_check, apply_check_fields, .name = "ApplyCheck");

struct apply_answer {
	bool success, dry_run;
	char *message, *sql, *undo_sql, *lock;
	int64_t optimization_id, applied_us;
	json_t *checks;
};
#define S struct apply_answer
static const struct so_field apply_answer_fields[] = {
	SO_FIELD(S, success),
	SO_FIELD(S, message),
	SO_FIELD(S, optimization_id),
	SO_FIELD_AS(S, applied_us, "applied_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, dry_run),
	SO_FIELD(S, sql, .flags = SO_F_NULLABLE),
	SO_FIELD(S, undo_sql, .flags = SO_F_NULLABLE),
	SO_FIELD(S, lock, .flags = SO_F_NULLABLE),
	SO_FIELD(S, checks, .flags = SO_F_LIST, .of = &apply_check_resource),
};
#undef S
static const struct so_resource apply_answer_resource =
	SO_RESOURCE(struct apply_answer, apply_answer_fields, .name = "ApplyResult");

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static double known(double value)
{
	return value < 0 ? NAN : value;
}

static int64_t known_int(int64_t value)
{
	return value < 0 ? SO_INT_NONE : value;
}

static json_t *encode_metrics(struct so_request *req, bool has, const struct so_prove_metrics *from)
{
	struct metrics_answer metrics = { .execution_time_ms = known(from->execution_time_ms),
		.planning_time_ms = known(from->planning_time_ms),
		.io_cost = NAN,
		.rows_returned = known_int(from->rows_returned),
		.buffer_hits = known_int(from->buffer_hits),
		.buffer_reads = known_int(from->buffer_reads) };

	return has ? so_json_own(req, so_field_encode(&metrics_resource, &metrics)) : NULL;
}

static void clean(struct so_prove_request *request)
{
	if (request->proposal_id == SO_INT_NONE)
		request->proposal_id = 0;
}

static bool prove(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_prove_request *request = req->body;
	struct so_prove_result result = { 0 };

	clean(request);
	if (!so_service_prove(req, req->api->service, *req->api->scope, request, &result, err))
		return false;
	struct so_strs notes = { .count = result.n_notes, .items = result.notes };
	struct prove_answer answer = { .success = result.success,
		.is_faster = result.is_faster,
		.same_result = result.same_result,
		.optimization_id = request->optimization_id,
		.validated_us = result.validated_at_us,
		.improvement_pct = result.improvement_pct,
		.improvement_ms = result.improvement_ms,
		.original_metrics = encode_metrics(req, result.has_original, &result.original),
		.optimized_metrics = encode_metrics(req, result.has_optimized, &result.optimized),
		.proposal = result.proposal ? so_json_own(req, so_proposal_to_json(result.proposal)) : NULL,
		.validation_notes = &notes };

	res->json = so_field_encode(&prove_answer_resource, &answer);
	return true;
}

/* The older API has one message where we have notes. */
static char *join_notes(struct so_request *req, const struct so_prove_result *result)
{
	char *text = NULL;

	for (size_t i = 0; i < result->n_notes; i++)
		text = so_printf(req, "%s%s%s", text ? text : "", text ? "; " : "", result->notes[i]);
	return text ? text : so_strdup(req, result->is_faster ? "measured: faster" : "measured: not faster");
}

static bool validate(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_prove_request *request = req->body;
	struct so_prove_result result = { 0 };

	clean(request);
	request->run_original = request->run_optimized = true;
	request->iterations = 3;
	if (!so_service_prove(req, req->api->service, *req->api->scope, request, &result, err))
		return false;
	struct validate_answer answer = { .success = result.success,
		.message = join_notes(req, &result),
		.optimization_id = request->optimization_id,
		.validated_us = result.validated_at_us,
		.original_time_ms = result.has_original ? result.original.execution_time_ms : NAN,
		.optimized_time_ms = result.has_optimized ? result.optimized.execution_time_ms : NAN,
		.improvement_pct = result.improvement_pct };

	res->json = so_field_encode(&validate_answer_resource, &answer);
	return true;
}

static bool apply(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_apply_request *request = req->body;
	struct so_apply_result result = { 0 };

	if (request->proposal_id == SO_INT_NONE)
		request->proposal_id = 0;
	if (!so_service_apply(req, req->api->service, *req->api->scope, request, &result, err))
		return false;
	struct apply_answer answer = { .success = result.success,
		.dry_run = result.dry_run,
		.message = result.message,
		.sql = result.sql,
		.undo_sql = result.undo_sql,
		.lock = result.lock,
		.optimization_id = result.optimization_id,
		.applied_us = result.applied_at_us,
		.checks =
			so_json_own(req, so_field_encode_list(&apply_check_resource, result.checks, result.n_checks)) };

	res->json = so_field_encode(&apply_answer_resource, &answer);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "optimizer", .blocking = true, .status = 200
static const struct so_route routes[] = {
	{ "POST", "/api/optimizer/validate", "validate", TAG,
		.summary = "Same result, and timed before and after; read-only", .body = &validate_resource,
		.answer = &validate_answer_resource, .permission = SO_PERM_EXECUTE, .handler = validate },
	{ "POST", "/api/optimizer/validate-performance", "validatePerformance", TAG,
		.summary = "The same with medians of several runs and the proof record", .body = &prove_resource,
		.answer = &prove_answer_resource, .permission = SO_PERM_EXECUTE, .handler = prove },
	{ "POST", "/api/optimizer/apply", "apply", TAG,
		.summary = "Dry run of an offered proposal, or the change itself where the configuration allows it",
		.body = &apply_resource, .answer = &apply_answer_resource, .permission = SO_PERM_APPLY,
		.handler = apply },
};

const struct so_route_table so_routes_proofs = { routes, sizeof(routes) / sizeof(routes[0]) };
