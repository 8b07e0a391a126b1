#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/sqlite/internal.h"

static int row_columns(void *raw)
{
	return so_sqlite_columns(raw);
}

static int64_t row_number(void *raw, int at)
{
	return so_sqlite_col_int(raw, at);
}

static double row_real(void *raw, int at)
{
	return so_sqlite_col_real(raw, at);
}

static const char *row_text(void *raw, int at)
{
	return so_sqlite_col_text(raw, at);
}

static const void *row_blob(void *raw, int at, size_t *len)
{
	return so_sqlite_col_blob(raw, at, len);
}

static const struct so_row_ops row_ops = { row_columns, row_number, row_real, row_text, row_blob };

static void bind(struct so_sqlite_stmt *stmt, const struct so_params *params)
{
	so_assert(so_sqlite_params(stmt) == params->count);
	for (int i = 0; i < params->count; i++) {
		const struct so_value *value = &params->values[i];

		switch (value->type) {
		case SO_VALUE_NULL:
			so_sqlite_bind_null(stmt, i + 1);
			break;
		case SO_VALUE_INT:
			so_sqlite_bind_int(stmt, i + 1, value->number);
			break;
		case SO_VALUE_REAL:
			so_sqlite_bind_real(stmt, i + 1, value->real);
			break;
		case SO_VALUE_TEXT:
			so_sqlite_bind_text(stmt, i + 1, value->text);
			break;
		case SO_VALUE_BLOB:
			so_sqlite_bind_blob(stmt, i + 1, value->bytes, value->len);
			break;
		}
	}
}

bool so_sqlite_session_run(struct so_session *session, enum so_store_statement statement,
	const struct so_params *params, so_row_fn each, void *arg, int64_t *changed, struct so_err *err)
{
	const struct so_store_sql *sql = &so_store_statements[statement];
	struct so_sqlite_stmt *stmt = so_sqlite_stmt(session->db, sql->name, sql->text, err);
	struct so_row row = { &row_ops, stmt };
	bool more;

	if (!stmt)
		return false;
	bind(stmt, params);
	do {
		if (!so_sqlite_step(stmt, &more, err))
			return false;
		if (more && each)
			each(&row, arg);
	} while (more);
	if (changed)
		*changed = so_sqlite_changes(session->db);
	so_sqlite_reset(stmt);
	return true;
}

/* ---- readers: each thread takes one for the length of a read ---- */

static bool open_reader(struct sqlite_backend *backend, struct so_session *session, struct so_err *err)
{
	const struct so_sqlite_options options = { .query_only = true,
		.sync = SO_SQLITE_SYNC_NORMAL,
		.busy_timeout_ms = backend->options.busy_timeout_ms,
		.cache_kib = SO_STORE_READER_CACHE_KIB };

	session->db = so_sqlite_open(NULL, backend->path, &options, err);
	return session->db;
}

static struct so_session *take_reader(struct sqlite_backend *backend, struct so_err *err)
{
	struct reader_pool *pool = &backend->readers;
	int64_t deadline = so_time_monotonic_us() + backend->options.busy_timeout_ms * 1000;
	struct timespec until = { .tv_sec = deadline / 1000000, .tv_nsec = deadline % 1000000 * 1000 };
	struct so_session *taken = NULL;
	int rc = 0;

	pthread_mutex_lock(&pool->lock);
	while (!taken && rc == 0) {
		for (size_t i = 0; i < pool->count && !taken; i++)
			if (!pool->busy[i]) {
				pool->busy[i] = true;
				taken = &pool->sessions[i];
			}
		if (!taken)
			rc = pthread_cond_timedwait(&pool->free_again, &pool->lock, &until);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!taken)
		so_fail(err, SO_BUSY, "all %zu read connections of the store are in use; try again", pool->count);
	return taken;
}

static void release_reader(struct reader_pool *pool, struct so_session *session)
{
	pthread_mutex_lock(&pool->lock);
	pool->busy[session - pool->sessions] = false;
	pthread_cond_signal(&pool->free_again);
	pthread_mutex_unlock(&pool->lock);
}

static struct so_session *read_begin(void *arg, struct so_err *err)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);
	struct so_session *session = take_reader(backend, err);

	if (!session)
		return NULL;
	if ((session->db || open_reader(backend, session, err)) && so_sqlite_exec(session->db, "BEGIN", err))
		return session;
	release_reader(&backend->readers, session);
	return NULL;
}

static void read_end(void *arg, struct so_session *session)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);
	struct so_err err = SO_ERR_INIT;

	/* a connection that cannot end its read would keep the WAL from being reset: open a new one next time */
	if (so_sqlite_in_tx(session->db) && !so_sqlite_exec(session->db, "COMMIT", &err)) {
		talloc_free(session->db);
		session->db = NULL;
	}
	release_reader(&backend->readers, session);
}

/* ---- open and close ---- */

static int backend_dtor(struct sqlite_backend *backend)
{
	so_sqlite_writer_stop(&backend->writer);
	for (size_t i = 0; i < READERS_MAX; i++)
		talloc_free(backend->readers.sessions[i].db);
	/* last: closing it moves the WAL into the file */
	talloc_free(backend->writer.session.db);
	pthread_cond_destroy(&backend->readers.free_again);
	pthread_mutex_destroy(&backend->readers.lock);
	if (backend->lock_fd >= 0)
		close(backend->lock_fd);
	return 0;
}

/* What a server that ended left behind: jobs that nobody runs any more, the runs that they were to finish, leases (the
 * lock of the file is ours, so there is no other node), and which statements changed their text under its caches. */
static bool close_unfinished(struct so_session *session, void *arg, struct so_err *err)
{
	static const char why[] = "the server stopped while the job was waiting or running";
	const struct so_value now = { .type = SO_VALUE_INT, .number = so_time_now_us() };
	const struct so_value kind = { .type = SO_VALUE_TEXT, .text = so_kind_name(SO_CANCELLED) };
	const struct so_value reason = { .type = SO_VALUE_TEXT, .text = why };
	const struct so_params none = { 0 };
	struct so_params jobs = { .count = 3, .values = { now, kind, reason } };
	struct so_params runs = { .count = 5,
		.values = { now, reason, kind,
			{ .type = SO_VALUE_TEXT, .text = "the server stopped before the model had answered" },
			{ .type = SO_VALUE_INT, .number = SO_RUN_FAILED } } };

	(void)arg;
	return so_sqlite_session_run(session, SO_STMT_JOB_INTERRUPT, &jobs, NULL, NULL, NULL, err) &&
	       so_sqlite_session_run(session, SO_STMT_RUN_INTERRUPT, &runs, NULL, NULL, NULL, err) &&
	       so_sqlite_session_run(session, SO_STMT_LEASE_CLEAR, &none, NULL, NULL, NULL, err) &&
	       so_sqlite_session_run(session, SO_STMT_TEXT_MOVES_CLEAR, &none, NULL, NULL, NULL, err);
}

/* The path of "sqlite:///x" is relative, that of "sqlite:////x" absolute. */
static bool url_path(TALLOC_CTX *ctx, const char *url, char **path, struct so_err *err)
{
	static const char prefix[] = "sqlite:///";

	if (strncmp(url, prefix, strlen(prefix)) != 0 || !url[strlen(prefix)])
		return so_fail(err, SO_INPUT,
			"the store's URL must be sqlite:///relative/path.db or sqlite:////absolute/path.db");
	*path = so_strdup(ctx, url + strlen(prefix));
	return true;
}

static bool open_files(struct sqlite_backend *backend, struct so_err *err)
{
	const struct so_sqlite_options options = { .create = true,
		.incremental = true,
		.wal = true,
		.sync = SO_SQLITE_SYNC_FULL,
		.busy_timeout_ms = backend->options.busy_timeout_ms,
		.cache_kib = SO_STORE_CACHE_KIB,
		.max_pages = backend->options.max_pages };
	struct so_sqlite *db;

	if (!so_sqlite_store_check_file(backend->path, err) || !so_sqlite_store_lock(backend, err))
		return false;
	db = so_sqlite_open(NULL, backend->path, &options, err);
	if (!db)
		return false;
	backend->writer.session.db = db;
	return so_sqlite_store_migrate(db, err) &&
	       so_sqlite_writer_start(&backend->writer, db, &backend->options, err) &&
	       so_sqlite_writer_tx(&backend->writer, close_unfinished, NULL, false, err);
}

static void *backend_open(TALLOC_CTX *ctx, const char *url, const struct so_store_options *options, struct so_err *err)
{
	struct sqlite_backend *backend = so_new(ctx, struct sqlite_backend);
	pthread_condattr_t attr;

	backend->options = *options;
	backend->lock_fd = -1;
	backend->readers.count = options->readers < READERS_MAX ? options->readers : READERS_MAX;
	so_assert(pthread_mutex_init(&backend->readers.lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&backend->readers.free_again, &attr) == 0);
	pthread_condattr_destroy(&attr);
	talloc_set_destructor(backend, backend_dtor);
	if (url_path(backend, url, &backend->path, err) && open_files(backend, err))
		return backend;
	talloc_free(backend);
	return NULL;
}

static bool backend_tx(void *arg, so_tx_fn fn, void *fn_arg, bool lazy, struct so_err *err)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);

	return so_sqlite_writer_tx(&backend->writer, fn, fn_arg, lazy, err);
}

static int64_t backend_clock_us(void *arg)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);

	return backend->options.clock_us ? backend->options.clock_us() : so_time_now_us();
}

static bool backend_used(void *arg, int64_t *bytes, struct so_err *err)
{
	struct so_session *session = read_begin(arg, err);
	int64_t pages = 0, unused = 0, size = 0;
	bool ok;

	if (!session)
		return false;
	ok = so_sqlite_int(session->db, "PRAGMA page_count", &pages, err) &&
	     so_sqlite_int(session->db, "PRAGMA freelist_count", &unused, err) &&
	     so_sqlite_int(session->db, "PRAGMA page_size", &size, err);
	read_end(arg, session);
	*bytes = (pages - unused) * size;
	return ok;
}

struct shrinking {
	int64_t most_bytes;
	bool more;
};

static bool shrink_tx(struct so_session *session, void *arg, struct so_err *err)
{
	struct shrinking *s = arg;
	int64_t pages, unused, size, left;

	if (!so_sqlite_int(session->db, "PRAGMA page_count", &pages, err) ||
		!so_sqlite_int(session->db, "PRAGMA freelist_count", &unused, err) ||
		!so_sqlite_int(session->db, "PRAGMA page_size", &size, err))
		return false;
	s->more = false;
	if (unused == 0 || pages * size <= s->most_bytes)
		return true;
	if (!so_sqlite_exec(session->db, "PRAGMA incremental_vacuum(128)", err) ||
		!so_sqlite_int(session->db, "PRAGMA page_count", &left, err))
		return false;
	s->more = left < pages; /* a file of an earlier version stays as it is */
	return true;
}

static bool backend_shrink(void *arg, int64_t most_bytes, bool *more, struct so_err *err)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);
	struct shrinking s = { .most_bytes = most_bytes };

	if (!so_sqlite_writer_tx(&backend->writer, shrink_tx, &s, true, err))
		return false;
	*more = s.more;
	return true;
}

static bool backend_stats(void *arg, struct so_store_stats *out, struct so_err *err)
{
	struct sqlite_backend *backend = talloc_get_type_abort(arg, struct sqlite_backend);
	struct stat info;

	if (stat(backend->path, &info) != 0)
		return so_fail(err, SO_STORE, "the store '%s' is gone: %s", backend->path, strerrordesc_np(errno));
	out->size_bytes = info.st_size;
	out->schema_version = so_sqlite_store_version();
	pthread_mutex_lock(&backend->writer.lock);
	out->commits = backend->writer.commits;
	out->transactions = backend->writer.transactions;
	pthread_mutex_unlock(&backend->writer.lock);
	return true;
}

const struct so_backend_ops so_store_sqlite = {
	.scheme = "sqlite:",
	.open = backend_open,
	.tx = backend_tx,
	.read_begin = read_begin,
	.read_end = read_end,
	.run = so_sqlite_session_run,
	.clock_us = backend_clock_us,
	.used = backend_used,
	.shrink = backend_shrink,
	.stats = backend_stats,
};
