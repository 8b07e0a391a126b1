/* Jobs: work that outlives a request. A job has a kind, an argument, named steps, progress, a result id, and ends in
 * exactly one final state; each change is an event, and is in the store before anybody is told. */
#ifndef SO_JOB_JOB_H
#define SO_JOB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "job/events.h"
#include "store/store.h"

enum so_job_state {
	SO_JOB_QUEUED,
	SO_JOB_RUNNING,
	SO_JOB_DONE,
	SO_JOB_FAILED,
	SO_JOB_CANCELLED,
	SO_JOB_INTERRUPTED, /* the server stopped or died meanwhile */
	SO_JOB_STATE_MAX
};
const char *so_job_state_name(enum so_job_state state);
/* SO_JOB_STATE_MAX when there is no such state. */
enum so_job_state so_job_state_find(const char *name);
bool so_job_state_final(enum so_job_state state);
/* The transition table. */
bool so_job_may(enum so_job_state from, enum so_job_state to);

struct so_jobs; /* the system: one a process */
struct so_job; /* one running job, as its handler sees it */

/* ---- the system ---- */

/* Does the work on a job thread. `arg` is what so_job_submit was given, now a child of the job. True: done; false:
 * failed, or cancelled when err->kind is SO_CANCELLED. Must look at so_job_token() often. */
typedef bool (*so_job_fn)(struct so_job *job, void *arg, struct so_err *err);

struct so_job_handler {
	const char *kind; /* "optimize" */
	so_job_fn run;
	/* Called instead of `run` for a job that ends before it starts (cancelled in the queue, or the system stops),
	 * before anybody hears of its end; on any thread, must not block but for the store. NULL: nothing is left open.
	 */
	void (*drop)(struct so_scope scope, int64_t id, void *arg, const struct so_err *why);
	int64_t time_limit_ms; /* of the whole job; 0: none. Over it the cancel token says SO_TIMEOUT. */
};

/* Where jobs are kept; so_job_store() gives the one over store/. Called on any thread, may block for disk time. */
struct so_job_keep {
	void *arg;
	bool (*create)(
		void *arg, struct so_scope scope, struct so_store_job *job, struct so_err *err); /* fills job->id */
	bool (*update)(void *arg, struct so_scope scope, const struct so_store_job *job, struct so_err *err);
	bool (*trim)(void *arg, struct so_scope scope, int64_t keep, struct so_err *err);
};
struct so_job_keep so_job_store(struct so_store *store);

struct so_jobs_options {
	size_t threads; /* 0: 2 */
	size_t queue_max; /* jobs that may wait; 0: 600 */
	size_t waiters_max; /* so_job_notify and so_job_wait at a time; 0: 2,048 */
	size_t history_max; /* finished jobs kept in memory, and in the store; 0: 1,000 */
	size_t event_capacity, event_bytes, event_readers; /* 0: 4,096 events, 4 MiB, 1,024 readers */
	void (*thread_begin)(void *arg); /* on each job thread, see base/pool.h */
	void (*thread_end)(void *arg);
	void *hook_arg;
};

/* `handlers`: rows ended by a NULL kind, kept by the caller. `options` may be NULL. */
struct so_jobs *so_jobs_new(TALLOC_CTX *ctx, const struct so_job_keep *keep, const struct so_job_handler *handlers,
	const struct so_jobs_options *options, struct so_err *err) SO_MUST_CHECK;

struct so_job_request {
	const char *kind;
	const char *title; /* one line for lists; no literals of statements. NULL: the kind */
	int64_t connection_id; /* 0: none */
	int64_t result_id; /* the row that the job makes or fills; 0: none */
	struct so_scope scope;
};

/* Stores and queues a job; *id is durable on return. `arg` (talloc, or NULL) becomes the job's: it must have no other
 * user from here on; it is freed on failure too. SO_BUSY when the queue is full. */
bool so_job_submit(struct so_jobs *jobs, const struct so_job_request *request, void *arg, int64_t *id,
	struct so_err *err) SO_MUST_CHECK;

struct so_job_step_info {
	char *name, *note; /* note may be NULL */
	enum { SO_STEP_RUNNING, SO_STEP_DONE, SO_STEP_FAILED, SO_STEP_SKIPPED } state;
	int64_t started_us, finished_us;
};
const char *so_job_step_state_name(int state);

struct so_job_info {
	int64_t id, connection_id, result_id, user_id;
	char *kind, *title;
	enum so_job_state state;
	double progress; /* 0 to 1 */
	size_t n_steps;
	struct so_job_step_info *steps;
	struct so_err err; /* kind SO_NONE unless it failed, was cancelled or interrupted */
	int64_t created_us, started_us, finished_us, last_event_id;
};

/* A snapshot of a job that is in memory (queued, running, or finished lately); SO_NOT_FOUND otherwise: then ask the
 * store, so_store_job_get. */
struct so_job_info *so_job_info(
	TALLOC_CTX *ctx, struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* Asks a job to stop: a queued one is cancelled at once, a running one as soon as it looks. SO_CONFLICT when it has
 * already ended, SO_NOT_FOUND. Never blocks for the job. */
bool so_job_cancel(struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* Waits until the job has ended or `deadline_us` (monotonic) is past; *state is its state then. Holds the calling
 * thread: for the command line and tests. */
bool so_job_wait(struct so_jobs *jobs, struct so_scope scope, int64_t id, int64_t deadline_us, enum so_job_state *state,
	struct so_err *err) SO_MUST_CHECK;

/* The same without a thread: `fn(arg, id, state)` is called exactly once, when the job has ended, at the deadline, or
 * when the system stops; on a job thread, on the timer thread, or before this returns when the job has already ended.
 * No lock is held then. It must not block: resume the HTTP connection and be done. SO_BUSY when too many wait; on
 * failure `fn` is not called. */
bool so_job_notify(struct so_jobs *jobs, struct so_scope scope, int64_t id, int64_t deadline_us,
	void (*fn)(void *arg, int64_t id, enum so_job_state state), void *arg, struct so_err *err) SO_MUST_CHECK;

/* The ring that all job events go to; other parts of the program may publish there too. Events of a job: type "job"
 * with {"id","kind","state","progress","result_id","error"}, "step" with {"id","name","state","note"}, "progress" with
 * {"id","progress","note"}. */
struct so_events *so_jobs_events(struct so_jobs *jobs);

/* Stops: refuses new jobs, cancels the queued and running ones (they become interrupted), calls every waiter, and waits
 * for the handlers until `deadline_us`. False when one has not returned by then: the process should end without
 * freeing. */
bool so_jobs_stop(struct so_jobs *jobs, int64_t deadline_us) SO_MUST_CHECK;

struct so_jobs_stats {
	size_t queued, running, finished_in_memory, waiters;
	int64_t submitted, refused;
};
struct so_jobs_stats so_jobs_stats(struct so_jobs *jobs);

/* ---- for handlers, on the job's own thread ---- */
int64_t so_job_id(const struct so_job *job);
struct so_scope so_job_scope(const struct so_job *job);
int64_t so_job_connection(const struct so_job *job);
/* Valid as long as the job; give it to every blocking call. */
struct so_cancel *so_job_token(struct so_job *job);
/* Memory of the job, freed when it has ended. */
TALLOC_CTX *so_job_ctx(struct so_job *job);
/* Begins the named step (static text or copied), ends the one before as done. At most 64 steps, further ones are only
 * events. */
void so_job_step(struct so_job *job, const char *name);
/* Ends the current step as failed or skipped, the job goes on: "model: not reachable". */
void so_job_step_end(struct so_job *job, bool failed, const char *note);
/* 0 to 1; at most ten events a second leave the process. */
void so_job_progress(struct so_job *job, double progress, const char *note);

#endif
