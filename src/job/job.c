#include "job/job.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "job/internal.h"

static const struct so_log_at log_at = { .module = "job" };

/* ---- the life of a job ---- */

/* Under the lock: forgets finished jobs over the limit; they are in the store. */
static void evict(struct so_jobs *jobs)
{
	while (jobs->finished > jobs->options.history_max && jobs->oldest->refs == 0) {
		struct so_job *job = jobs->oldest;

		jobs->oldest = job->next_finished;
		if (!jobs->oldest)
			jobs->newest = &jobs->oldest;
		jobs->finished--;
		so_map_remove(jobs->by_id, so_job_key(job->id).text);
		talloc_free(job);
	}
}

/* The one place where a job ends: store first, then memory, then everybody who waits. */
static void finish(struct so_job *job, enum so_job_state state, const struct so_err *why)
{
	struct so_jobs *jobs = job->jobs;
	struct so_scope scope = job->scope;
	struct so_err err = SO_ERR_INIT;
	struct job_waiter *waiters;
	bool trim;

	pthread_mutex_lock(&jobs->lock);
	job->finished_us = so_time_now_us();
	if (state == SO_JOB_DONE)
		job->progress = 1;
	else
		job->err = *why;
	for (size_t i = 0; i < job->steps.count; i++)
		if (job->steps.items[i].state == SO_STEP_RUNNING) {
			job->steps.items[i].state = state == SO_JOB_DONE ? SO_STEP_DONE : SO_STEP_FAILED;
			job->steps.items[i].finished_us = job->finished_us;
		}
	pthread_mutex_unlock(&jobs->lock);
	/* a store that cannot be written does not keep a job from ending; on restart it shows as interrupted */
	if (!so_job_keep_state(job, state, &err))
		so_log_err(SO_LOG_ERROR, &(struct so_log_at){ .module = "job", .job_id = job->id }, &err,
			"cannot store the end of the job");
	pthread_mutex_lock(&jobs->lock);
	if (job->state == SO_JOB_RUNNING)
		jobs->running--;
	job->state = state;
	job->refs++;
	*jobs->newest = job;
	jobs->newest = &job->next_finished;
	jobs->finished++;
	trim = ++jobs->ended % TRIM_EVERY == 0;
	waiters = so_job_take_waiters(jobs, job->id, state);
	pthread_mutex_unlock(&jobs->lock);
	so_job_publish(job);
	so_job_call_waiters(waiters);
	pthread_mutex_lock(&jobs->lock);
	job->refs--;
	evict(jobs);
	pthread_mutex_unlock(&jobs->lock);
	if (trim && !jobs->keep.trim(jobs->keep.arg, scope, (int64_t)jobs->options.history_max, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "cannot forget old jobs");
}

struct task {
	struct so_jobs *jobs;
	int64_t id;
};

/* By id: a job that was cancelled while it waited may be forgotten by now. NULL when it is not to be run. */
static struct so_job *begin(struct so_jobs *jobs, int64_t id)
{
	struct so_job *job;

	pthread_mutex_lock(&jobs->lock);
	jobs->in_queue--;
	job = so_map_get(jobs->by_id, so_job_key(id).text);
	if (job && (job->claimed || job->state != SO_JOB_QUEUED))
		job = NULL;
	if (job) {
		int64_t limit_ms = job->handler->time_limit_ms;

		job->claimed = true;
		job->started_us = so_time_now_us();
		job->cancel = so_cancel_new(job, limit_ms ? so_time_monotonic_us() + limit_ms * 1000 : 0);
		jobs->running++;
	}
	pthread_mutex_unlock(&jobs->lock);
	return job;
}

static void drop(const struct so_job *job, void *arg, const struct so_err *why)
{
	if (job->handler->drop)
		job->handler->drop(job->scope, job->id, arg, why);
}

static void run_task(void *arg)
{
	struct task task = *(struct task *)arg;
	struct so_err err = SO_ERR_INIT, why = SO_ERR_INIT;
	enum so_job_state state;
	struct so_job *job;
	bool ok, interrupted;

	talloc_free(arg);
	job = begin(task.jobs, task.id);
	if (!job)
		return;
	if (!so_job_keep_state(job, SO_JOB_RUNNING, &err))
		so_log_err(SO_LOG_ERROR, &(struct so_log_at){ .module = "job", .job_id = job->id }, &err,
			"cannot store the start of the job");
	pthread_mutex_lock(&task.jobs->lock);
	job->state = SO_JOB_RUNNING;
	/* asked to stop while the start was being written */
	interrupted = job->interrupted;
	pthread_mutex_unlock(&task.jobs->lock);
	so_job_publish(job);
	if (interrupted)
		so_cancel_request(job->cancel);
	ok = so_cancel_check(job->cancel, &why);
	if (ok)
		ok = job->handler->run(job, job->arg, &why);
	else
		drop(job, job->arg, &why);
	pthread_mutex_lock(&task.jobs->lock);
	interrupted = job->interrupted;
	pthread_mutex_unlock(&task.jobs->lock);
	talloc_free(job->work);
	job->work = job->arg = NULL;
	if (!ok && why.kind == SO_NONE)
		so_fail(&why, SO_INTERNAL, "job %" PRId64 " failed without saying why", job->id);
	state = ok                         ? SO_JOB_DONE
		: why.kind != SO_CANCELLED ? SO_JOB_FAILED
		: interrupted              ? SO_JOB_INTERRUPTED
					   : SO_JOB_CANCELLED;
	finish(job, state, &why);
}

static void drop_task(void *arg)
{
	struct task *task = arg;

	pthread_mutex_lock(&task->jobs->lock);
	task->jobs->in_queue--;
	pthread_mutex_unlock(&task->jobs->lock);
	talloc_free(task);
}

/* Ends a job that has not started. False when somebody else was faster. */
static bool end_queued(struct so_jobs *jobs, struct so_job *job, enum so_job_state state, const char *message)
{
	struct so_err why = SO_ERR_INIT;
	TALLOC_CTX *work = NULL;
	void *arg = NULL;
	bool mine;

	pthread_mutex_lock(&jobs->lock);
	mine = job->state == SO_JOB_QUEUED && !job->claimed;
	if (mine) {
		job->claimed = true;
		work = job->work;
		arg = job->arg;
		job->work = job->arg = NULL;
	}
	pthread_mutex_unlock(&jobs->lock);
	if (!mine)
		return false;
	so_fail(&why, SO_CANCELLED, "%s", message);
	drop(job, arg, &why);
	talloc_free(work);
	finish(job, state, &why);
	return true;
}

/* ---- submitting and cancelling ---- */

static const struct so_job_handler *find_handler(const struct so_jobs *jobs, const char *kind)
{
	for (const struct so_job_handler *handler = jobs->handlers; handler->kind; handler++)
		if (strcmp(handler->kind, kind) == 0)
			return handler;
	return NULL;
}

/* A place in the queue, before anything is written: a full queue costs the store nothing. */
static bool reserve(struct so_jobs *jobs, struct so_err *err)
{
	bool stopping, full;

	pthread_mutex_lock(&jobs->lock);
	stopping = jobs->stopping;
	full = jobs->in_queue >= jobs->options.queue_max;
	if (stopping || full)
		jobs->refused++;
	else
		jobs->in_queue++;
	pthread_mutex_unlock(&jobs->lock);
	if (stopping)
		return so_fail(err, SO_BUSY, "the server is stopping");
	if (full)
		return so_fail(err, SO_BUSY, "%zu jobs are waiting already; try again later", jobs->options.queue_max);
	return true;
}

static void unreserve(struct so_jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->in_queue--;
	jobs->refused++;
	pthread_mutex_unlock(&jobs->lock);
}

static struct so_job *new_job(
	struct so_jobs *jobs, const struct so_job_request *request, const struct so_job_handler *handler)
{
	struct so_job *job = so_new(NULL, struct so_job);

	job->jobs = jobs;
	job->handler = handler;
	job->connection_id = request->connection_id;
	job->result_id = request->result_id;
	job->scope = request->scope;
	job->title = so_strndup(job, request->title ? request->title : request->kind, 256);
	job->created_us = so_time_now_us();
	job->err = (struct so_err)SO_ERR_INIT;
	so_vec_init(&job->steps, job, STEPS_MAX);
	return job;
}

static bool store_job(struct so_job *job, struct so_err *err)
{
	struct so_store_job row = { .connection_id = job->connection_id,
		.kind = (char *)job->handler->kind,
		.state = (char *)so_job_state_name(SO_JOB_QUEUED),
		.title = job->title,
		.result_id = job->result_id,
		.created_us = job->created_us };

	if (!job->jobs->keep.create(job->jobs->keep.arg, job->scope, &row, err))
		return false;
	job->id = row.id;
	return true;
}

bool so_job_submit(
	struct so_jobs *jobs, const struct so_job_request *request, void *arg, int64_t *id, struct so_err *err)
{
	const struct so_job_handler *handler = find_handler(jobs, request->kind);
	TALLOC_CTX *work = so_mem_need(talloc_new(NULL));
	struct so_job *job;
	struct task *task;
	bool stopping;

	so_assert(handler);
	if (arg)
		talloc_steal(work, arg);
	if (!reserve(jobs, err)) {
		talloc_free(work);
		return false;
	}
	job = new_job(jobs, request, handler);
	if (!store_job(job, err)) {
		unreserve(jobs);
		talloc_free(job);
		talloc_free(work);
		return false;
	}
	job->work = work;
	job->arg = arg;
	*id = job->id;
	task = so_new(NULL, struct task);
	*task = (struct task){ jobs, job->id };
	pthread_mutex_lock(&jobs->lock);
	jobs->submitted++;
	job->refs++; /* until it is announced: a worker may be done with it before that */
	so_assert(so_map_put(jobs->by_id, so_job_key(job->id).text, job));
	stopping = jobs->stopping; /* from now on the stopping thread finds the job by itself */
	pthread_mutex_unlock(&jobs->lock);
	so_job_publish(job);
	if (stopping || !so_pool_submit(jobs->pool, run_task, drop_task, task, err)) {
		/* only when the system stops meanwhile: the queue has room for all reservations */
		drop_task(task);
		end_queued(jobs, job, SO_JOB_INTERRUPTED, "the server stopped before the job started");
	}
	pthread_mutex_lock(&jobs->lock);
	job->refs--;
	evict(jobs);
	pthread_mutex_unlock(&jobs->lock);
	return true;
}

bool so_job_cancel(struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_job *job;
	struct so_cancel *token = NULL;
	bool ended = false;

	pthread_mutex_lock(&jobs->lock);
	job = so_job_find(jobs, scope, id, err);
	if (job) {
		ended = so_job_state_final(job->state);
		token = job->cancel;
		job->refs++;
	}
	pthread_mutex_unlock(&jobs->lock);
	if (!job)
		return false;
	/* the hook of a token talks to a server: never under our lock */
	if (!ended && (token || !end_queued(jobs, job, SO_JOB_CANCELLED, "cancelled before it started"))) {
		pthread_mutex_lock(&jobs->lock);
		token = job->cancel;
		pthread_mutex_unlock(&jobs->lock);
		if (token)
			so_cancel_request(token);
	}
	pthread_mutex_lock(&jobs->lock);
	job->refs--;
	evict(jobs);
	pthread_mutex_unlock(&jobs->lock);
	return ended ? so_fail(err, SO_CONFLICT, "job %" PRId64 " has already ended", id) : true;
}

/* ---- the system ---- */

struct so_events *so_jobs_events(struct so_jobs *jobs)
{
	return jobs->events;
}

struct so_jobs_stats so_jobs_stats(struct so_jobs *jobs)
{
	struct so_jobs_stats stats;

	pthread_mutex_lock(&jobs->lock);
	stats = (struct so_jobs_stats){ .queued = jobs->in_queue,
		.running = jobs->running,
		.finished_in_memory = jobs->finished,
		.waiters = jobs->n_waiters,
		.submitted = jobs->submitted,
		.refused = jobs->refused };
	pthread_mutex_unlock(&jobs->lock);
	return stats;
}

/* Under the lock: one unfinished job that was not asked to stop yet, with a reference, or NULL. */
static struct so_job *next_to_stop(struct so_jobs *jobs)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (so_map_next(jobs->by_id, &at, &key, &value)) {
		struct so_job *job = value;

		if (so_job_state_final(job->state) || job->interrupted)
			continue;
		job->interrupted = true;
		job->refs++;
		return job;
	}
	return NULL;
}

static void interrupt_all(struct so_jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->stopping = true;
	for (struct so_job *job; (job = next_to_stop(jobs));) {
		struct so_cancel *token = job->cancel;

		pthread_mutex_unlock(&jobs->lock);
		if (token)
			so_cancel_request(token);
		else
			end_queued(jobs, job, SO_JOB_INTERRUPTED, "the server stopped before the job started");
		pthread_mutex_lock(&jobs->lock);
		job->refs--;
	}
	pthread_mutex_unlock(&jobs->lock);
}

bool so_jobs_stop(struct so_jobs *jobs, int64_t deadline_us)
{
	struct job_waiter *waiters;
	bool drained;

	interrupt_all(jobs);
	drained = so_pool_drain(jobs->pool, deadline_us);
	so_job_timer_stop(jobs);
	pthread_mutex_lock(&jobs->lock);
	waiters = so_job_take_waiters(jobs, 0, SO_JOB_RUNNING);
	pthread_mutex_unlock(&jobs->lock);
	so_job_call_waiters(waiters);
	so_events_wake_all(jobs->events);
	return drained;
}

static int jobs_dtor(struct so_jobs *jobs)
{
	const char *key;
	size_t at = 0;
	void *value;

	if (jobs->pool) {
		/* a handler that does not listen is waited for: freeing under it would be worse */
		if (!so_jobs_stop(jobs, so_time_monotonic_us() + (int64_t)5 * 1000000))
			so_log(SO_LOG_WARN, &log_at, "waiting for a job that does not stop");
		talloc_free(jobs->pool);
		so_job_timer_stop(jobs);
	}
	while (so_map_next(jobs->by_id, &at, &key, &value)) {
		struct so_job *job = value;

		talloc_free(job->work);
		talloc_free(job);
	}
	pthread_cond_destroy(&jobs->deadline);
	pthread_mutex_destroy(&jobs->lock);
	return 0;
}

static void fill_defaults(struct so_jobs_options *options)
{
	if (!options->threads)
		options->threads = 2;
	if (!options->queue_max)
		options->queue_max = 600;
	if (!options->waiters_max)
		options->waiters_max = 2048;
	if (!options->history_max)
		options->history_max = 1000;
	if (!options->event_capacity)
		options->event_capacity = 4096;
	if (!options->event_bytes)
		options->event_bytes = (size_t)4 << 20;
	if (!options->event_readers)
		options->event_readers = 1024;
}

struct so_jobs *so_jobs_new(TALLOC_CTX *ctx, const struct so_job_keep *keep, const struct so_job_handler *handlers,
	const struct so_jobs_options *options, struct so_err *err)
{
	struct so_jobs *jobs = so_new(ctx, struct so_jobs);
	struct so_pool_options pool;
	pthread_condattr_t attr;

	jobs->keep = *keep;
	jobs->handlers = handlers;
	if (options)
		jobs->options = *options;
	fill_defaults(&jobs->options);
	jobs->newest = &jobs->oldest;
	/* waiting, running and finished jobs, and those that are just ending */
	jobs->by_id = so_map_new(
		jobs, jobs->options.history_max + jobs->options.queue_max * 2 + jobs->options.threads * 2 + 1024);
	jobs->events = so_events_new(
		jobs, jobs->options.event_capacity, jobs->options.event_bytes, jobs->options.event_readers);
	so_assert(pthread_mutex_init(&jobs->lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&jobs->deadline, &attr) == 0);
	pthread_condattr_destroy(&attr);
	talloc_set_destructor(jobs, jobs_dtor);
	pool = (struct so_pool_options){ .name = "job",
		.threads = jobs->options.threads,
		.queue_max = jobs->options.queue_max,
		.thread_begin = jobs->options.thread_begin,
		.thread_end = jobs->options.thread_end,
		.hook_arg = jobs->options.hook_arg };
	/* a root: its destructor waits for threads that use what hangs under `jobs` */
	jobs->pool = so_pool_new(NULL, &pool, err);
	if (jobs->pool && so_job_timer_start(jobs, err))
		return jobs;
	jobs->timer_stop = true; /* there is none to join */
	talloc_free(jobs);
	return NULL;
}
