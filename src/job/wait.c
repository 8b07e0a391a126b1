/* Waiting for jobs without a thread each: a list of callbacks, and one timer thread for their deadlines. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "job/internal.h"

struct job_waiter *so_job_take_waiters(struct so_jobs *jobs, int64_t id, enum so_job_state state)
{
	struct job_waiter *taken = NULL, **at = &jobs->waiters;

	while (*at) {
		struct job_waiter *waiter = *at;

		if (id && waiter->job_id != id) {
			at = &waiter->next;
			continue;
		}
		*at = waiter->next;
		waiter->next = taken;
		waiter->state = state;
		taken = waiter;
		jobs->n_waiters--;
	}
	return taken;
}

void so_job_call_waiters(struct job_waiter *list)
{
	while (list) {
		struct job_waiter *next = list->next;

		list->fn(list->arg, list->job_id, list->state);
		talloc_free(list);
		list = next;
	}
}

static enum so_job_state state_now(struct so_jobs *jobs, int64_t id)
{
	const struct so_job *job = so_map_get(jobs->by_id, so_job_key(id).text);

	return job ? job->state : SO_JOB_INTERRUPTED;
}

/* Under the lock: takes out what is due, tells the next deadline (0: none). */
static struct job_waiter *take_due(struct so_jobs *jobs, int64_t *next_us)
{
	struct job_waiter *due = NULL, **at = &jobs->waiters;
	int64_t now = so_time_monotonic_us();

	*next_us = 0;
	while (*at) {
		struct job_waiter *waiter = *at;

		if (waiter->deadline_us > now) {
			if (!*next_us || waiter->deadline_us < *next_us)
				*next_us = waiter->deadline_us;
			at = &waiter->next;
			continue;
		}
		*at = waiter->next;
		waiter->next = due;
		waiter->state = state_now(jobs, waiter->job_id);
		due = waiter;
		jobs->n_waiters--;
	}
	return due;
}

static void *timer_thread(void *arg)
{
	struct so_jobs *jobs = arg;

	pthread_mutex_lock(&jobs->lock);
	while (!jobs->timer_stop) {
		int64_t next_us;
		struct job_waiter *due = take_due(jobs, &next_us);
		struct timespec until = { .tv_sec = next_us / 1000000, .tv_nsec = next_us % 1000000 * 1000 };

		if (due) {
			pthread_mutex_unlock(&jobs->lock);
			so_job_call_waiters(due);
			pthread_mutex_lock(&jobs->lock);
		} else if (next_us) {
			pthread_cond_timedwait(&jobs->deadline, &jobs->lock, &until);
		} else {
			pthread_cond_wait(&jobs->deadline, &jobs->lock);
		}
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

bool so_job_timer_start(struct so_jobs *jobs, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&jobs->timer, NULL, timer_thread, jobs);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return so_fail(err, SO_LIMIT, "cannot start the timer of the jobs: %s", strerrordesc_np(rc));
	pthread_setname_np(jobs->timer, "job-timer");
	return true;
}

void so_job_timer_stop(struct so_jobs *jobs)
{
	bool again;

	pthread_mutex_lock(&jobs->lock);
	again = jobs->timer_stop;
	jobs->timer_stop = true;
	pthread_cond_broadcast(&jobs->deadline);
	pthread_mutex_unlock(&jobs->lock);
	if (!again)
		pthread_join(jobs->timer, NULL);
}

bool so_job_notify(struct so_jobs *jobs, struct so_scope scope, int64_t id, int64_t deadline_us,
	void (*fn)(void *arg, int64_t id, enum so_job_state state), void *arg, struct so_err *err)
{
	struct job_waiter *waiter = so_new(NULL, struct job_waiter);
	const struct so_job *job;
	bool full = false, at_once = false;

	*waiter = (struct job_waiter){ .job_id = id, .deadline_us = deadline_us, .fn = fn, .arg = arg };
	pthread_mutex_lock(&jobs->lock);
	job = so_job_find(jobs, scope, id, err);
	if (job) {
		waiter->state = job->state;
		at_once = so_job_state_final(job->state) || jobs->timer_stop;
		full = !at_once && jobs->n_waiters >= jobs->options.waiters_max;
	}
	if (job && !full && !at_once) {
		waiter->next = jobs->waiters;
		jobs->waiters = waiter;
		jobs->n_waiters++;
		pthread_cond_signal(&jobs->deadline);
		waiter = NULL; /* from here on it belongs to whoever calls it */
	}
	pthread_mutex_unlock(&jobs->lock);
	if (!job || full) {
		talloc_free(waiter);
		return job ? so_fail(err, SO_BUSY, "%zu requests wait for jobs already; try again later",
				     jobs->options.waiters_max)
			   : false;
	}
	if (at_once)
		so_job_call_waiters(waiter);
	return true;
}

struct wait {
	pthread_mutex_t lock;
	pthread_cond_t called;
	bool done;
	enum so_job_state state;
};

static void wait_over(void *arg, int64_t id, enum so_job_state state)
{
	struct wait *wait = arg;

	(void)id;
	pthread_mutex_lock(&wait->lock);
	wait->done = true;
	wait->state = state;
	pthread_cond_signal(&wait->called);
	pthread_mutex_unlock(&wait->lock);
}

bool so_job_wait(struct so_jobs *jobs, struct so_scope scope, int64_t id, int64_t deadline_us, enum so_job_state *state,
	struct so_err *err)
{
	struct wait wait = { .lock = PTHREAD_MUTEX_INITIALIZER, .called = PTHREAD_COND_INITIALIZER };

	if (!so_job_notify(jobs, scope, id, deadline_us, wait_over, &wait, err))
		return false;
	/* it is called for certain: by the job, at the deadline, or when the system stops */
	pthread_mutex_lock(&wait.lock);
	while (!wait.done)
		pthread_cond_wait(&wait.called, &wait.lock);
	*state = wait.state;
	pthread_mutex_unlock(&wait.lock);
	return true;
}
