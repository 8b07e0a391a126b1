/* What a job looks like from outside: snapshots, events, rows of the store. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_out.h"
#include "job/internal.h"

struct job_key so_job_key(int64_t id)
{
	struct job_key key;

	snprintf(key.text, sizeof key.text, "%" PRId64, id);
	return key;
}

struct so_job *so_job_find(struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_job *job = so_map_get(jobs->by_id, so_job_key(id).text);

	if (job && job->scope.organisation_id == scope.organisation_id)
		return job;
	so_fail(err, SO_NOT_FOUND, "there is no job %" PRId64 " in memory", id);
	return NULL;
}

/* Under the lock. */
static char *job_json(TALLOC_CTX *ctx, const struct so_job *job)
{
	struct so_buf buf;
	struct so_json_out out;

	so_buf_init(&buf, ctx, SO_EVENT_DATA_MAX);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '{');
	so_json_out_key(&out, "id");
	so_json_out_int(&out, job->id);
	so_json_out_key(&out, "kind");
	so_json_out_text(&out, job->handler->kind);
	so_json_out_key(&out, "connection_id");
	if (job->connection_id)
		so_json_out_int(&out, job->connection_id);
	else
		so_json_out_null(&out);
	so_json_out_key(&out, "state");
	so_json_out_text(&out, so_job_state_name(job->state));
	so_json_out_key(&out, "progress");
	so_json_out_real(&out, job->progress);
	so_json_out_key(&out, "result_id");
	if (job->result_id)
		so_json_out_int(&out, job->result_id);
	else
		so_json_out_null(&out);
	so_json_out_key(&out, "error");
	so_json_out_text(&out, job->err.kind == SO_NONE ? NULL : job->err.message);
	so_json_out_close(&out, '}');
	return so_strdup(ctx, so_buf_text(&buf));
}

/* Whoever calls holds the job in memory: it runs on this thread, or has a reference. */
void so_job_publish(struct so_job *job)
{
	struct so_jobs *jobs = job->jobs;
	SO_TMP(tmp, NULL);
	char *json;
	int64_t id;

	pthread_mutex_lock(&jobs->lock);
	json = job_json(tmp, job);
	pthread_mutex_unlock(&jobs->lock);
	id = so_events_publish(jobs->events, job->scope.organisation_id, job->id, "job", json);
	pthread_mutex_lock(&jobs->lock);
	job->last_event_id = id;
	pthread_mutex_unlock(&jobs->lock);
}

/* Under the lock. */
static char *steps_json(TALLOC_CTX *ctx, const struct so_job *job)
{
	struct so_buf buf;
	struct so_json_out out;

	so_buf_init(&buf, ctx, (size_t)STEPS_MAX * 4096);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '[');
	for (size_t i = 0; i < job->steps.count; i++) {
		const struct so_job_step_info *step = &job->steps.items[i];

		so_json_out_open(&out, '{');
		so_json_out_key(&out, "name");
		so_json_out_text(&out, step->name);
		so_json_out_key(&out, "state");
		so_json_out_text(&out, so_job_step_state_name(step->state));
		so_json_out_key(&out, "started_at");
		so_json_out_time(&out, step->started_us);
		so_json_out_key(&out, "finished_at");
		so_json_out_time(&out, step->finished_us);
		so_json_out_key(&out, "note");
		so_json_out_text(&out, step->note);
		so_json_out_close(&out, '}');
	}
	so_json_out_close(&out, ']');
	so_assert(!buf.overflow);
	return so_strdup(ctx, so_buf_text(&buf));
}

bool so_job_keep_state(struct so_job *job, enum so_job_state state, struct so_err *err)
{
	struct so_jobs *jobs = job->jobs;
	SO_TMP(tmp, NULL);
	struct so_store_job row;

	pthread_mutex_lock(&jobs->lock);
	so_assert(so_job_may(job->state, state));
	row = (struct so_store_job){ .id = job->id,
		.connection_id = job->connection_id,
		.result_id = job->result_id,
		.kind = so_strdup(tmp, job->handler->kind),
		.state = so_strdup(tmp, so_job_state_name(state)),
		.title = so_strdup(tmp, job->title),
		.steps_json = steps_json(tmp, job),
		.progress = job->progress,
		.error_kind = job->err.kind == SO_NONE ? NULL : so_strdup(tmp, so_kind_name(job->err.kind)),
		.error = job->err.kind == SO_NONE ? NULL : so_strdup(tmp, job->err.message),
		.user_id = job->scope.user_id,
		.created_us = job->created_us,
		.started_us = job->started_us,
		.finished_us = job->finished_us };
	pthread_mutex_unlock(&jobs->lock);
	return jobs->keep.update(jobs->keep.arg, job->scope, &row, err);
}

struct so_job_info *so_job_info(
	TALLOC_CTX *ctx, struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_job_info *info = so_new(ctx, struct so_job_info);
	const struct so_job *job;

	pthread_mutex_lock(&jobs->lock);
	job = so_job_find(jobs, scope, id, err);
	if (job) {
		*info = (struct so_job_info){ .id = id,
			.connection_id = job->connection_id,
			.result_id = job->result_id,
			.user_id = job->scope.user_id,
			.kind = so_strdup(info, job->handler->kind),
			.title = so_strdup(info, job->title),
			.state = job->state,
			.progress = job->progress,
			.n_steps = job->steps.count,
			.err = job->err,
			.created_us = job->created_us,
			.started_us = job->started_us,
			.finished_us = job->finished_us,
			.last_event_id = job->last_event_id };
		info->steps = so_new_array(info, struct so_job_step_info, job->steps.count + 1);
		for (size_t i = 0; i < job->steps.count; i++) {
			info->steps[i] = job->steps.items[i];
			info->steps[i].name = so_strdup(info, job->steps.items[i].name);
			info->steps[i].note = so_strdup_or_null(info, job->steps.items[i].note);
		}
	}
	pthread_mutex_unlock(&jobs->lock);
	if (job)
		return info;
	talloc_free(info);
	return NULL;
}
