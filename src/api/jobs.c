/* /api/jobs: work that outlives a request. Live ones come from the job system, older ones from the store. */
#include "api/tables.h"
#include "job/job.h"
#include "service/service.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

static const char *const states[] = { "queued", "running", "done", "failed", "cancelled", "interrupted", NULL };

struct step_answer {
	const char *name, *state, *note;
	int64_t started_us, finished_us;
};
#define S struct step_answer
static const struct so_field step_fields[] = {
	SO_FIELD(S, name),
	SO_FIELD(S, state),
	SO_FIELD_AS(S, started_us, "started_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, finished_us, "finished_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, note, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource step_resource = SO_RESOURCE(struct step_answer, step_fields, .name = "JobStep");

struct job_answer {
	int64_t id, connection_id, optimization_id, created_us, started_us, finished_us;
	const char *kind, *state, *title, *error, *error_kind;
	double progress;
	json_t *steps;
};
#define S struct job_answer
static const struct so_field job_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, kind),
	SO_FIELD(S, state, .one_of = states),
	SO_FIELD(S, title, .flags = SO_F_NULLABLE),
	SO_FIELD(S, progress, .doc = "0 to 1"),
	SO_FIELD(S, steps, .flags = SO_F_LIST, .of = &step_resource),
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, optimization_id, .flags = SO_F_NULLABLE, .doc = "What it made: /api/optimizer/optimizations/{id}"),
	SO_FIELD(S, error_kind, .flags = SO_F_NULLABLE),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, started_us, "started_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, finished_us, "finished_at", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S
static const struct so_resource job_resource = SO_RESOURCE(
	struct job_answer, job_fields, .name = "Job", .doc = "Ends in done, failed, cancelled or interrupted.");

struct list_query {
	int64_t connection_id, limit, offset;
	char *state;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, state, .flags = SO_F_NULLABLE, .one_of = states),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource list_resource = SO_RESOURCE(struct list_query, list_fields, .name = "JobsQuery");

/* ---- encoding ------------------------------------------------------------------------------------------------ */

static int64_t id_or_none(int64_t id)
{
	return id ? id : SO_INT_NONE;
}

static json_t *encode_steps(const struct so_job_info *info)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < info->n_steps; i++) {
		const struct so_job_step_info *from = &info->steps[i];
		struct step_answer step = { .name = from->name,
			.state = so_job_step_state_name(from->state),
			.note = from->note,
			.started_us = from->started_us,
			.finished_us = from->finished_us };

		json_array_append_new(steps, so_field_encode(&step_resource, &step));
	}
	return steps;
}

static json_t *encode_live(const struct so_job_info *info)
{
	bool failed = info->err.kind != SO_NONE;
	struct job_answer job = { .id = info->id,
		.connection_id = id_or_none(info->connection_id),
		.optimization_id = id_or_none(info->result_id),
		.created_us = info->created_us,
		.started_us = info->started_us,
		.finished_us = info->finished_us,
		.kind = info->kind,
		.state = so_job_state_name(info->state),
		.title = info->title,
		.error = failed ? info->err.message : NULL,
		.error_kind = failed ? so_kind_name(info->err.kind) : NULL,
		.progress = info->progress,
		.steps = encode_steps(info) };
	json_t *json = so_field_encode(&job_resource, &job);

	json_decref(job.steps);
	return json;
}

static json_t *encode_stored(const struct so_store_job *row)
{
	struct job_answer job = { .id = row->id,
		.connection_id = id_or_none(row->connection_id),
		.optimization_id = id_or_none(row->result_id),
		.created_us = row->created_us,
		.started_us = row->started_us,
		.finished_us = row->finished_us,
		.kind = row->kind,
		.state = row->state,
		.title = row->title,
		.error = row->error,
		.error_kind = row->error_kind,
		.progress = row->progress,
		.steps = row->steps_json ? json_loads(row->steps_json, 0, NULL) : NULL };
	json_t *json = so_field_encode(&job_resource, &job);

	json_decref(job.steps);
	return json;
}

/* The live state of a job wins over its row: steps and progress are written less often than they change. */
static json_t *encode(struct so_request *req, const struct so_store_job *row)
{
	SO_TMP(tmp, req);
	struct so_err ignored = SO_ERR_INIT;
	struct so_job_info *info = so_job_info(tmp, req->api->service->jobs, *req->api->scope, row->id, &ignored);

	return info ? encode_live(info) : encode_stored(row);
}

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	struct so_store_job_filter filter = { .state = query->state,
		.limit = query->limit,
		.offset = query->offset,
		.connection_id = query->connection_id == SO_INT_NONE ? 0 : query->connection_id };
	struct so_store_jobs *jobs = so_store_job_list(req, req->api->service->store, *req->api->scope, &filter, err);

	if (!jobs)
		return false;
	res->json = json_array();
	for (size_t i = 0; i < jobs->count; i++)
		json_array_append_new(res->json, encode(req, jobs->items[i]));
	res->total = jobs->total;
	return true;
}

static bool get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_job *row = so_store_job_get(req, req->api->service->store, *req->api->scope, req->id, err);

	if (!row)
		return false;
	res->json = encode(req, row);
	return true;
}

static bool cancel(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_job *row = so_store_job_get(req, req->api->service->store, *req->api->scope, req->id, err);

	if (!row)
		return false;
	struct so_job_info *info = so_job_info(req, req->api->service->jobs, *req->api->scope, req->id, err);

	if (!info || so_job_state_final(info->state))
		return so_fail(err, SO_CONFLICT, "job %lld has ended already: %s", (long long)req->id,
			info ? so_job_state_name(info->state) : row->state);
	if (!so_job_cancel(req->api->service->jobs, *req->api->scope, req->id, err))
		return false;
	res->json = encode(req, row);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "jobs", .blocking = true, .status = 200, .answer = &job_resource
static const struct so_route routes[] = {
	{ "GET", "/api/jobs", "listJobs", TAG, .summary = "Jobs, newest first", .query = &list_resource, .list = true,
		.permission = SO_PERM_READ, .handler = list },
	{ "GET", "/api/jobs/{id}", "getJob", TAG, .summary = "State, steps and result of a job",
		.permission = SO_PERM_READ, .handler = get },
	{ "POST", "/api/jobs/{id}/cancel", "cancelJob", TAG, .summary = "Ask a job to stop",
		.permission = SO_PERM_OPTIMIZE, .handler = cancel },
};

const struct so_route_table so_routes_jobs = { routes, sizeof(routes) / sizeof(routes[0]) };
