#include "db/stop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/helper.h"

#define ASK_AGAIN_MS 1000

bool db_stop_init(struct db_stop *stop)
{
	so_assert(pthread_mutex_init(&stop->lock, NULL) == 0);
	stop->running = stop->asked = false;
	stop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return stop->wake_fd >= 0;
}

void db_stop_done(struct db_stop *stop)
{
	pthread_mutex_lock(&stop->lock);
	stop->running = false;
	pthread_mutex_unlock(&stop->lock);
	if (stop->wake_fd >= 0)
		close(stop->wake_fd);
	pthread_mutex_destroy(&stop->lock);
}

void db_stop_ask(struct db_stop *stop)
{
	uint64_t one = 1;

	pthread_mutex_lock(&stop->lock);
	if (stop->running) {
		stop->asked = true;
		if (write(stop->wake_fd, &one, sizeof one) < 0)
			so_assert(errno == EAGAIN);
	}
	pthread_mutex_unlock(&stop->lock);
}

static bool was_asked(struct db_stop *stop)
{
	bool asked;

	pthread_mutex_lock(&stop->lock);
	asked = stop->asked;
	pthread_mutex_unlock(&stop->lock);
	return asked;
}

bool db_run_begin(struct db_run *run, int64_t timeout_ms, struct so_err *err)
{
	struct db_stop *stop = run->stop;
	uint64_t count;

	if (!so_cancel_check(run->token, err))
		return false;
	run->ending = false;
	run->why = SO_NONE;
	run->grace_ms = DB_STOP_GRACE_MS;
	run->start_us = so_time_monotonic_us();
	run->deadline_us = run->start_us + timeout_ms * 1000;
	pthread_mutex_lock(&stop->lock);
	/* under the lock, or the wake of a cancel that comes right now would be taken for an old one */
	if (read(stop->wake_fd, &count, sizeof count) < 0)
		so_assert(errno == EAGAIN || errno == EINTR);
	stop->asked = false;
	stop->running = true;
	pthread_mutex_unlock(&stop->lock);
	return true;
}

bool db_run_end(struct db_run *run)
{
	int64_t deadline_us = so_time_monotonic_us() + (int64_t)DB_STOP_GRACE_MS * 1000;
	bool ended = true;

	pthread_mutex_lock(&run->stop->lock);
	run->stop->running = false;
	pthread_mutex_unlock(&run->stop->lock);
	if (run->asking) {
		ended = atomic_load(&run->asking->done) ||
			db_wait(run->asking->done_fd, POLLIN, -1, NULL, deadline_us) == DB_READY;
		db_helper_leave(run->asking);
		run->asking = NULL;
	}
	return ended;
}

/* A request has no answer, may be lost, and has no effect when it comes before the statement began: so it is repeated.
 */
static void ask(struct db_run *run)
{
	run->ask_again_us = so_time_monotonic_us() + (int64_t)ASK_AGAIN_MS * 1000;
	if (run->asking && !atomic_load(&run->asking->done))
		return;
	if (run->asking)
		db_helper_leave(run->asking);
	run->asking = run->ask(run);
	if (run->asking && !db_helper_start(run->asking)) {
		db_helper_leave(run->asking);
		run->asking = NULL;
	}
}

void db_run_stop(struct db_run *run, enum so_kind why)
{
	if (run->ending)
		return;
	run->ending = true;
	run->why = why;
	run->deadline_us = so_time_monotonic_us() + run->grace_ms * 1000;
	ask(run);
}

bool db_run_wait(struct db_run *run, int fd, short events)
{
	for (;;) {
		/* Once the statement is being stopped the token has said all it can. */
		const struct so_cancel *token = run->ending ? NULL : run->token;
		int64_t until_us = run->deadline_us;

		if (run->ending && run->ask_again_us < until_us)
			until_us = run->ask_again_us;
		switch (db_wait(fd, events, run->stop->wake_fd, token, until_us)) {
		case DB_READY:
			return true;
		case DB_WOKEN:
			if (was_asked(run->stop))
				db_run_stop(run, SO_CANCELLED);
			break;
		case DB_TOKEN:
			db_run_stop(run, so_cancel_requested(run->token) ? SO_CANCELLED : SO_TIMEOUT);
			break;
		case DB_LATE:
			if (!run->ending)
				db_run_stop(run, SO_TIMEOUT);
			/* PostgreSQL 15 on a loaded machine was seen to go on for ten seconds after a request that it
			 * had taken */
			else if (so_time_monotonic_us() < run->deadline_us)
				ask(run);
			else
				return false;
		}
	}
}

bool db_run_fail(const struct db_run *run, const char *sqlstate, struct so_err *err)
{
	int64_t ms = (so_time_monotonic_us() - run->start_us) / 1000;
	char state[6];

	memcpy(state, sqlstate, sizeof state); /* perhaps that of *err itself */
	*err = (struct so_err)SO_ERR_INIT;
	if (run->why == SO_CANCELLED)
		so_fail(err, SO_CANCELLED, "cancelled while the server worked on the statement");
	else
		so_fail(err, SO_TIMEOUT, "the statement was stopped after %lld ms", (long long)ms);
	memcpy(err->sqlstate, state, sizeof state);
	return false;
}
