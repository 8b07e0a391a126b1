/* How a statement that runs on a server is ended early: by a deadline, by a cancel token, or from another thread. The
 * network clients share it; they differ only in how a server is asked to stop. */
#ifndef SO_DB_STOP_H
#define SO_DB_STOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"

#define DB_STOP_GRACE_MS 10000 /* how long a server may take to obey a request to stop */

struct db_helper;

/* A connection's side of it: what another thread may ask for, while a statement runs. */
struct db_stop {
	pthread_mutex_t lock; /* guards running and asked */
	int wake_fd; /* eventfd: wakes the thread that waits for the answer */
	bool running, asked;
};

/* False: no file descriptor is free. db_stop_done is called in either case. */
bool db_stop_init(struct db_stop *stop) SO_MUST_CHECK;
/* Waits for a db_stop_ask that is just running; none may come later. */
void db_stop_done(struct db_stop *stop);
/* From any thread: the statement that runs now is to be stopped. Does nothing when none runs. */
void db_stop_ask(struct db_stop *stop);

/* One statement between its sending and the end of its answer; of the thread that waits for it. */
struct db_run {
	struct db_stop *stop;
	const struct so_cancel *token; /* may be NULL */
	/* Asks the server to stop, without waiting; called again every second. What takes time it does on a helper,
	 * which it returns (not started; NULL for none): the next one is asked for when that has ended, so that at most
	 * one is on its way. */
	struct db_helper *(*ask)(struct db_run *run);
	void *arg; /* of `ask` */
	struct db_helper *asking;
	int64_t grace_ms; /* after a request to stop: then the answer is given up */
	int64_t start_us, deadline_us;
	int64_t ask_again_us;
	bool ending; /* the server was asked: deadline_us is now when we give up on the answer */
	enum so_kind why; /* why: SO_CANCELLED, SO_TIMEOUT, or SO_NONE for a row callback that had enough */
};

/* Begins a statement that may last `timeout_ms`. False, with *err, when the token says that there is nothing to begin.
 * The caller has filled stop, token, ask and arg, and calls db_run_end whenever this succeeded. */
bool db_run_begin(struct db_run *run, int64_t timeout_ms, struct so_err *err) SO_MUST_CHECK;
/* A request to stop must have ended as well, or it could hit the next statement: false when it does not. */
bool db_run_end(struct db_run *run);
/* Asks the server to stop, because of `why`; from now on the wait lasts the grace time at most. The first reason stays.
 */
void db_run_stop(struct db_run *run, enum so_kind why);
/* Waits until fd is ready for `events`, and asks the server to stop when it is time to. False: the answer is given up,
 * and so must be the connection. */
bool db_run_wait(struct db_run *run, int fd, short events) SO_MUST_CHECK;
/* The message for a statement that we stopped, whatever the server then said. Returns false. */
bool db_run_fail(const struct db_run *run, const char *sqlstate, struct so_err *err);

#endif
