/* Shared by the files of the SQLite backend; nobody else includes it. */
#ifndef SO_STORE_SQLITE_INTERNAL_H
#define SO_STORE_SQLITE_INTERNAL_H

#include <pthread.h>

#include "db/sqlite.h"
#include "store/backend.h"

enum { READERS_MAX = 64 };

struct so_session {
	struct so_sqlite *db;
};

/* One caller of so_store_tx, on its stack while it waits. */
struct writer_request {
	struct writer_request *next;
	so_tx_fn fn;
	void *arg;
	struct so_err *err;
	bool lazy, ok, finished;
};

struct writer {
	struct so_session session; /* used by the writer thread only */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work; /* something was queued, or the store closes */
	pthread_cond_t done; /* a group was committed */
	struct writer_request *first, **last;
	size_t waiting, waiting_max;
	int64_t commits, transactions;
	bool stopping;
};

struct reader_pool {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t free_again;
	struct so_session sessions[READERS_MAX]; /* opened on first use; roots of their own, since threads take turns */
	bool busy[READERS_MAX];
	size_t count;
};

struct sqlite_backend {
	char *path;
	struct so_store_options options;
	int lock_fd;
	struct reader_pool readers;
	struct writer writer;
};

/* schema.c */
/* Takes "<path>.lock" for as long as the descriptor is open; names the process that has it. */
bool so_sqlite_store_lock(struct sqlite_backend *backend, struct so_err *err) SO_MUST_CHECK;
/* Checks the file's mode before it is opened. */
bool so_sqlite_store_check_file(const char *path, struct so_err *err) SO_MUST_CHECK;
/* Brings the schema to this program's version. */
bool so_sqlite_store_migrate(struct so_sqlite *db, struct so_err *err) SO_MUST_CHECK;
int64_t so_sqlite_store_version(void);

/* writer.c */
bool so_sqlite_writer_start(struct writer *writer, struct so_sqlite *db, const struct so_store_options *options,
	struct so_err *err) SO_MUST_CHECK;
/* Writes what is queued, then ends the thread. */
void so_sqlite_writer_stop(struct writer *writer);
bool so_sqlite_writer_tx(struct writer *writer, so_tx_fn fn, void *arg, bool lazy, struct so_err *err) SO_MUST_CHECK;

/* convert.c */
/* Migration: the rows of table `sample` become blocks, and the table goes. Inside the migration's transaction. */
bool so_sqlite_samples_convert(struct so_sqlite *db, struct so_err *err) SO_MUST_CHECK;

/* backend.c */
bool so_sqlite_session_run(struct so_session *session, enum so_store_statement statement,
	const struct so_params *params, so_row_fn each, void *arg, int64_t *changed, struct so_err *err) SO_MUST_CHECK;

#endif
