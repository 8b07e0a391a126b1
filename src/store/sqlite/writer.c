/* One thread writes. It takes everything that waits, runs it as one SQLite transaction with a savepoint a caller, and
 * commits once: with synchronous=FULL a commit costs a disk flush, and callers that come together share it. */
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite/internal.h"

enum { GROUP_MAX = 256 };

/* What one transaction consists of; taken out of the queue under the lock. */
struct group {
	struct writer_request *requests;
	size_t n_requests;
	bool lazy; /* all of it may go with the power */
};

static const struct so_log_at log_at = { .module = "store" };

static struct group take_group(struct writer *writer)
{
	struct group group = { .requests = writer->first, .lazy = true };
	struct writer_request **request = &writer->first, *rest;

	while (*request && group.n_requests < GROUP_MAX) {
		group.n_requests++;
		group.lazy = group.lazy && (*request)->lazy;
		request = &(*request)->next;
	}
	/* cut the list after what was taken */
	rest = *request;
	*request = NULL;
	writer->first = rest;
	if (!rest)
		writer->last = &writer->first;
	writer->waiting -= group.n_requests;
	return group;
}

/* Runs fn in a savepoint of its own, so that its failure leaves the rest of the group alone. False only when the whole
 * transaction is gone: SQLite rolls back by itself when the disk is full. */
static bool in_savepoint(
	struct so_sqlite *db, struct so_session *session, so_tx_fn fn, void *arg, bool *ok, struct so_err *err)
{
	struct so_err undo = SO_ERR_INIT;

	*ok = so_sqlite_exec(db, "SAVEPOINT one", err) && fn(session, arg, err);
	if (!so_sqlite_in_tx(db)) {
		if (*ok)
			so_fail(err, SO_INTERNAL, "a transaction of the store ended before its time");
		return *ok = false;
	}
	if (*ok)
		return *ok = so_sqlite_exec(db, "RELEASE one", err);
	return so_sqlite_exec(db, "ROLLBACK TO one", &undo) && so_sqlite_exec(db, "RELEASE one", &undo);
}

/* Everything between BEGIN and COMMIT. False with *err set when nothing of the group was kept. */
static bool write_group(struct writer *writer, struct group *group, struct so_err *err)
{
	struct so_sqlite *db = writer->session.db;

	/* polls may be lost with the power: users, jobs and audit may not */
	if (!so_sqlite_set_sync(db, group->lazy ? SO_SQLITE_SYNC_NORMAL : SO_SQLITE_SYNC_FULL, err) ||
		!so_sqlite_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	for (struct writer_request *request = group->requests; request; request = request->next)
		if (!in_savepoint(db, &writer->session, request->fn, request->arg, &request->ok, request->err)) {
			*err = *request->err;
			return false;
		}
	return so_sqlite_exec(db, "COMMIT", err);
}

static void finish_group(struct writer *writer, struct group *group, bool committed, const struct so_err *err)
{
	pthread_mutex_lock(&writer->lock);
	if (committed)
		writer->commits++;
	writer->transactions += (int64_t)group->n_requests;
	for (struct writer_request *request = group->requests, *next; request; request = next) {
		next = request->next;
		if (!committed && (request->ok || request->err->kind == SO_NONE)) {
			request->ok = false;
			*request->err = *err;
		}
		request->finished = true; /* its memory is the caller's again as soon as the lock is free */
	}
	pthread_cond_broadcast(&writer->done);
	pthread_mutex_unlock(&writer->lock);
}

static void *writer_thread(void *arg)
{
	struct writer *writer = arg;
	struct so_log_limit limit = { 0 };

	for (;;) {
		struct so_err err = SO_ERR_INIT, undo = SO_ERR_INIT;
		struct group group;
		bool committed;

		pthread_mutex_lock(&writer->lock);
		while (!writer->first && !writer->stopping)
			pthread_cond_wait(&writer->work, &writer->lock);
		group = take_group(writer);
		pthread_mutex_unlock(&writer->lock);
		if (!group.n_requests)
			return NULL;
		committed = write_group(writer, &group, &err);
		if (!committed && so_sqlite_in_tx(writer->session.db) &&
			!so_sqlite_exec(writer->session.db, "ROLLBACK", &undo))
			so_log_err(SO_LOG_ERROR, &log_at, &undo, "cannot roll back");
		if (!committed)
			so_log_limited(&limit, 10, SO_LOG_ERROR, &log_at, "cannot write: %s", err.message);
		finish_group(writer, &group, committed, &err);
	}
}

bool so_sqlite_writer_start(
	struct writer *writer, struct so_sqlite *db, const struct so_store_options *options, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	writer->session.db = db;
	writer->waiting_max = options->queue_max;
	writer->last = &writer->first;
	so_assert(pthread_mutex_init(&writer->lock, NULL) == 0);
	so_assert(pthread_cond_init(&writer->work, NULL) == 0 && pthread_cond_init(&writer->done, NULL) == 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&writer->thread, NULL, writer_thread, writer);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		pthread_cond_destroy(&writer->work);
		pthread_cond_destroy(&writer->done);
		pthread_mutex_destroy(&writer->lock);
		return so_fail(err, SO_LIMIT, "cannot start the writer of the store: %s", strerrordesc_np(rc));
	}
	pthread_setname_np(writer->thread, "store");
	writer->started = true;
	return true;
}

void so_sqlite_writer_stop(struct writer *writer)
{
	if (!writer->started)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_broadcast(&writer->work);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->work);
	pthread_cond_destroy(&writer->done);
	pthread_mutex_destroy(&writer->lock);
	writer->started = false;
}

bool so_sqlite_writer_tx(struct writer *writer, so_tx_fn fn, void *arg, bool lazy, struct so_err *err)
{
	struct so_err own = SO_ERR_INIT;
	struct writer_request request = { .fn = fn, .arg = arg, .lazy = lazy, .err = &own };
	bool refused;

	/* a transaction that starts another one on the outer store would wait for itself */
	so_assert(!pthread_equal(pthread_self(), writer->thread));
	pthread_mutex_lock(&writer->lock);
	refused = writer->stopping || writer->waiting >= writer->waiting_max;
	if (!refused) {
		writer->waiting++;
		*writer->last = &request;
		writer->last = &request.next;
		pthread_cond_signal(&writer->work);
		while (!request.finished)
			pthread_cond_wait(&writer->done, &writer->lock);
	}
	pthread_mutex_unlock(&writer->lock);
	if (refused)
		return so_fail(
			err, SO_BUSY, "%zu writes to the store are waiting already; try again", writer->waiting_max);
	if (!request.ok)
		*err = own;
	return request.ok;
}
