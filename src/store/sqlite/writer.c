/* One thread writes. It takes everything that waits, runs it as one SQLite transaction with a savepoint a caller, and
 * commits once: with synchronous=FULL a commit costs a disk flush, and callers that come together share it. */
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite/internal.h"

enum { GROUP_MAX = 256, GROUP_SAMPLES_MAX = 20000 };

/* What one group consists of; taken out of the queues under the lock. */
struct group {
	struct writer_request *requests;
	struct so_sample_batch *batches;
	size_t n_requests, n_samples, n_batches;
};

static const struct so_log_at log_at = { .module = "store" };

static struct group take_group(struct writer *writer)
{
	struct group group = { .requests = writer->first, .batches = writer->first_batch };
	struct writer_request **request = &writer->first;
	struct so_sample_batch **batch = &writer->first_batch;

	while (*request && group.n_requests < GROUP_MAX) {
		group.n_requests++;
		request = &(*request)->next;
	}
	while (*batch && (group.n_samples == 0 || group.n_samples + (*batch)->count <= GROUP_SAMPLES_MAX)) {
		group.n_samples += (*batch)->count;
		group.n_batches++;
		batch = &(*batch)->next;
	}
	/* cut the lists after what was taken */
	if (group.n_requests) {
		struct writer_request *rest = *request;

		*request = NULL;
		writer->first = rest;
		if (!rest)
			writer->last = &writer->first;
	}
	if (group.n_batches) {
		struct so_sample_batch *rest = *batch;

		*batch = NULL;
		writer->first_batch = rest;
		if (!rest)
			writer->last_batch = &writer->first_batch;
	}
	writer->waiting -= group.n_requests;
	writer->samples_waiting -= group.n_samples;
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

/* The hot loop of a poll: one statement for the whole batch, bound in place. */
static bool write_samples(struct so_session *session, enum so_store_statement name, const struct so_store_sample *items,
	size_t n, struct so_err *err)
{
	const struct so_store_sql *sql = &so_store_statements[name];
	struct so_sqlite_stmt *stmt = so_sqlite_stmt(session->db, sql->name, sql->text, err);

	if (!stmt)
		return false;
	so_assert(so_sqlite_params(stmt) == 3 + SO_SAMPLE_COUNTERS);
	for (size_t i = 0; i < n; i++) {
		const struct so_store_sample *sample = &items[i];
		int64_t second = sample->at_us / 1000000;
		bool row;

		so_sqlite_bind_int(stmt, 1, second / 3600);
		so_sqlite_bind_int(stmt, 2, sample->query_id);
		so_sqlite_bind_int(stmt, 3, second % 3600);
		for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
			if (sample->delta[k]) /* a counter that did not move stays NULL */
				so_sqlite_bind_int(stmt, 4 + k, sample->delta[k]);
		if (!so_sqlite_step(stmt, &row, err))
			return false;
		so_sqlite_reset(stmt);
	}
	return true;
}

static bool insert_samples(struct so_session *session, void *arg, struct so_err *err)
{
	const struct so_sample_batch *batch = arg;

	return write_samples(session, SO_STMT_SAMPLE_INSERT, batch->items, batch->count, err);
}

bool so_sqlite_samples_add(
	struct so_session *session, const struct so_store_sample *items, size_t n, struct so_err *err)
{
	return write_samples(session, SO_STMT_SAMPLE_ADD, items, n, err);
}

/* Everything between BEGIN and COMMIT. False with *err set when nothing of the group was kept. */
static bool write_group(struct writer *writer, struct group *group, struct so_err *samples_err, struct so_err *err)
{
	struct so_sqlite *db = writer->session.db;
	bool ok;

	/* samples alone may be lost with the power: users, jobs and audit may not */
	if (!so_sqlite_set_sync(db, group->n_requests ? SO_SQLITE_SYNC_FULL : SO_SQLITE_SYNC_NORMAL, err) ||
		!so_sqlite_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	for (struct writer_request *request = group->requests; request; request = request->next)
		if (!in_savepoint(db, &writer->session, request->fn, request->arg, &request->ok, request->err)) {
			*err = *request->err;
			return false;
		}
	for (struct so_sample_batch *batch = group->batches; batch; batch = batch->next)
		if (!in_savepoint(db, &writer->session, insert_samples, batch, &ok, samples_err)) {
			*err = *samples_err;
			return false;
		}
	return so_sqlite_exec(db, "COMMIT", err);
}

static void finish_group(struct writer *writer, struct group *group, bool committed, const struct so_err *samples_err,
	const struct so_err *err)
{
	struct so_sample_batch *batches = group->batches;
	bool samples_ok = committed && samples_err->kind == SO_NONE;

	pthread_mutex_lock(&writer->lock);
	if (committed)
		writer->commits++;
	writer->transactions += (int64_t)group->n_requests;
	if (group->n_batches) {
		*(samples_ok ? &writer->samples_written : &writer->samples_refused) += (int64_t)group->n_samples;
		writer->samples_err = samples_ok ? (struct so_err)SO_ERR_INIT : committed ? *samples_err : *err;
		writer->batches_ended += (int64_t)group->n_batches;
	}
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
	while (batches) {
		struct so_sample_batch *next = batches->next;

		talloc_free(batches);
		batches = next;
	}
}

static void *writer_thread(void *arg)
{
	struct writer *writer = arg;
	struct so_log_limit limit = { 0 };

	for (;;) {
		struct so_err err = SO_ERR_INIT, samples_err = SO_ERR_INIT, undo = SO_ERR_INIT;
		struct group group;
		bool committed;

		pthread_mutex_lock(&writer->lock);
		while (!writer->first && !writer->first_batch && !writer->stopping)
			pthread_cond_wait(&writer->work, &writer->lock);
		group = take_group(writer);
		pthread_mutex_unlock(&writer->lock);
		if (!group.n_requests && !group.n_batches)
			return NULL;
		committed = write_group(writer, &group, &samples_err, &err);
		if (!committed && so_sqlite_in_tx(writer->session.db) &&
			!so_sqlite_exec(writer->session.db, "ROLLBACK", &undo))
			so_log_err(SO_LOG_ERROR, &log_at, &undo, "cannot roll back");
		if (!committed)
			so_log_limited(&limit, 10, SO_LOG_ERROR, &log_at, "cannot write: %s", err.message);
		else if (samples_err.kind != SO_NONE)
			so_log_limited(&limit, 10, SO_LOG_ERROR, &log_at, "samples are lost: %s", samples_err.message);
		finish_group(writer, &group, committed, &samples_err, &err);
	}
}

bool so_sqlite_writer_start(
	struct writer *writer, struct so_sqlite *db, const struct so_store_options *options, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	writer->session.db = db;
	writer->waiting_max = options->queue_max;
	writer->samples_max = options->samples_max;
	writer->last = &writer->first;
	writer->last_batch = &writer->first_batch;
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

bool so_sqlite_writer_tx(struct writer *writer, so_tx_fn fn, void *arg, struct so_err *err)
{
	struct so_err own = SO_ERR_INIT;
	struct writer_request request = { .fn = fn, .arg = arg, .err = &own };
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

bool so_sqlite_writer_append(struct writer *writer, struct so_sample_batch *batch, struct so_err *err)
{
	bool refused;

	pthread_mutex_lock(&writer->lock);
	refused = writer->stopping || batch->count > writer->samples_max - writer->samples_waiting;
	if (refused) {
		writer->samples_refused += (int64_t)batch->count;
	} else {
		writer->samples_waiting += batch->count;
		writer->batches_queued++;
		*writer->last_batch = batch;
		writer->last_batch = &batch->next;
		pthread_cond_signal(&writer->work);
	}
	pthread_mutex_unlock(&writer->lock);
	if (refused)
		return so_fail(err, SO_BUSY, "%zu samples do not fit into the queue of the store (%zu at most)",
			batch->count, writer->samples_max);
	return true;
}

bool so_sqlite_writer_flush(struct writer *writer, struct so_err *err)
{
	int64_t goal;
	bool ok;

	pthread_mutex_lock(&writer->lock);
	goal = writer->batches_queued;
	while (writer->batches_ended < goal)
		pthread_cond_wait(&writer->done, &writer->lock);
	ok = writer->samples_err.kind == SO_NONE;
	if (!ok)
		*err = writer->samples_err;
	pthread_mutex_unlock(&writer->lock);
	return ok;
}
