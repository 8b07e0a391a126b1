/* Shared by the files of the job system; nobody else includes it. */
#ifndef SO_JOB_INTERNAL_H
#define SO_JOB_INTERNAL_H

#include <pthread.h>

#include "base/log.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/vec.h"
#include "job/job.h"

enum { STEPS_MAX = 64, PROGRESS_PERIOD_US = 100000, TRIM_EVERY = 100 };

struct so_job {
	/* fixed before other threads see the job */
	struct so_jobs *jobs;
	const struct so_job_handler *handler;
	int64_t id, connection_id, created_us;
	struct so_scope scope;
	char *title;

	/* of the thread that runs it; `work` is a root of its own, since the rest of the tree is shared */
	TALLOC_CTX *work;
	void *arg;
	int64_t next_progress_us;

	/* guarded by jobs->lock */
	enum so_job_state state;
	bool claimed; /* somebody decided to take it out of `queued` and is writing that to the store */
	bool interrupted; /* the system stops */
	int refs; /* threads that use `cancel` without the lock: not to be freed */
	struct so_cancel *cancel; /* from the start of the run on */
	double progress;
	int64_t result_id, started_us, finished_us, last_event_id;
	struct so_err err;
	SO_VEC(struct so_job_step_info) steps;
	struct so_job *next_finished; /* of jobs->oldest */
};

/* Somebody who waits for a job, without a thread; a talloc root. */
struct job_waiter {
	struct job_waiter *next;
	int64_t job_id, deadline_us;
	void (*fn)(void *arg, int64_t id, enum so_job_state state);
	void *arg;
	enum so_job_state state; /* filled when it is taken out of the list */
};

struct so_jobs {
	struct so_job_keep keep;
	const struct so_job_handler *handlers;
	struct so_jobs_options options;
	struct so_events *events;
	struct so_pool *pool;
	pthread_t timer;

	pthread_mutex_t lock; /* guards all below, and the jobs; never held while anything foreign runs */
	pthread_cond_t deadline; /* the list of waiters changed, or the system stops */
	struct so_map *by_id; /* id as text -> struct so_job */
	struct so_job *oldest, **newest; /* finished ones, in the order they ended */
	struct job_waiter *waiters;
	size_t in_queue, running, finished, n_waiters;
	int64_t submitted, refused, ended;
	bool stopping, timer_stop;
};

struct job_key {
	char text[24];
};
struct job_key so_job_key(int64_t id);

/* Under the lock: the job of that id in that organisation, or NULL with *err. */
struct so_job *so_job_find(struct so_jobs *jobs, struct so_scope scope, int64_t id, struct so_err *err);
/* Publishes a "job" event with the present state. */
void so_job_publish(struct so_job *job);
/* Writes what `job` looks like with that state to the store. Not under the lock. */
bool so_job_keep_state(struct so_job *job, enum so_job_state state, struct so_err *err);

/* wait.c */
bool so_job_timer_start(struct so_jobs *jobs, struct so_err *err) SO_MUST_CHECK;
void so_job_timer_stop(struct so_jobs *jobs);
/* Under the lock: takes out the waiters of one job, or (id 0) all; give the result to so_job_call_waiters without it.
 */
struct job_waiter *so_job_take_waiters(struct so_jobs *jobs, int64_t id, enum so_job_state state);
void so_job_call_waiters(struct job_waiter *list);

#endif
