/* What a running job tells the world: steps, progress, its result. */
#include <math.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "job/internal.h"

int64_t so_job_id(const struct so_job *job)
{
	return job->id;
}

struct so_scope so_job_scope(const struct so_job *job)
{
	return job->scope;
}

int64_t so_job_connection(const struct so_job *job)
{
	return job->connection_id;
}

struct so_cancel *so_job_token(struct so_job *job)
{
	return job->cancel;
}

TALLOC_CTX *so_job_ctx(struct so_job *job)
{
	return job->work;
}

static void publish(struct so_job *job, const char *type, const char *data)
{
	int64_t id = so_events_publish(job->jobs->events, job->scope.organisation_id, job->id, type, data);

	pthread_mutex_lock(&job->jobs->lock);
	job->last_event_id = id;
	pthread_mutex_unlock(&job->jobs->lock);
}

static void publish_step(struct so_job *job, const char *name, int state, const char *note)
{
	struct so_buf buf;
	struct so_json_out out;

	so_buf_init(&buf, job->work, SO_EVENT_DATA_MAX);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '{');
	so_json_out_key(&out, "id");
	so_json_out_int(&out, job->id);
	so_json_out_key(&out, "name");
	so_json_out_text(&out, name);
	so_json_out_key(&out, "state");
	so_json_out_text(&out, so_job_step_state_name(state));
	so_json_out_key(&out, "note");
	so_json_out_text(&out, note);
	so_json_out_close(&out, '}');
	publish(job, "step", buf.overflow ? "{\"truncated\":true}" : so_buf_text(&buf));
	talloc_free(buf.data);
}

/* Under the lock: ends the step that runs; its name for the event, or NULL when none runs. */
static const char *end_step(struct so_job *job, int state, const char *note)
{
	struct so_job_step_info *step = job->steps.count ? &job->steps.items[job->steps.count - 1] : NULL;

	if (!step || step->state != SO_STEP_RUNNING)
		return NULL;
	step->state = state;
	step->finished_us = so_time_now_us();
	step->note = note ? so_strndup(job, note, 256) : NULL;
	return step->name;
}

void so_job_step(struct so_job *job, const char *name)
{
	const char *ended;
	struct so_job_step_info *step;

	pthread_mutex_lock(&job->jobs->lock);
	ended = end_step(job, SO_STEP_DONE, NULL);
	step = so_vec_add(&job->steps);
	if (step)
		*step = (struct so_job_step_info){
			.name = so_strndup(job, name, 64), .state = SO_STEP_RUNNING, .started_us = so_time_now_us()
		};
	pthread_mutex_unlock(&job->jobs->lock);
	/* only this thread adds steps, and names are never changed: safe to read without the lock */
	if (ended)
		publish_step(job, ended, SO_STEP_DONE, NULL);
	publish_step(job, name, SO_STEP_RUNNING, NULL);
}

void so_job_step_end(struct so_job *job, bool failed, const char *note)
{
	int state = failed ? SO_STEP_FAILED : SO_STEP_SKIPPED;
	const char *ended;

	pthread_mutex_lock(&job->jobs->lock);
	ended = end_step(job, state, note);
	pthread_mutex_unlock(&job->jobs->lock);
	if (ended)
		publish_step(job, ended, state, note);
}

void so_job_progress(struct so_job *job, double progress, const char *note)
{
	int64_t now = so_time_monotonic_us();
	struct so_buf buf;
	struct so_json_out out;

	if (!isfinite(progress) || progress < 0)
		progress = 0;
	progress = progress < 1 ? progress : 1;
	pthread_mutex_lock(&job->jobs->lock);
	job->progress = progress;
	pthread_mutex_unlock(&job->jobs->lock);
	if (now < job->next_progress_us)
		return;
	job->next_progress_us = now + PROGRESS_PERIOD_US;
	so_buf_init(&buf, job->work, SO_EVENT_DATA_MAX);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '{');
	so_json_out_key(&out, "id");
	so_json_out_int(&out, job->id);
	so_json_out_key(&out, "progress");
	so_json_out_real(&out, progress);
	so_json_out_key(&out, "note");
	so_json_out_text(&out, note);
	so_json_out_close(&out, '}');
	publish(job, "progress", buf.overflow ? "{\"truncated\":true}" : so_buf_text(&buf));
	talloc_free(buf.data);
}
