/* Shared by the files of the ODBC client only. */
#ifndef SO_DB_ODBC_INTERNAL_H
#define SO_DB_ODBC_INTERNAL_H

#include <pthread.h>
#include <sql.h>
#include <sqlext.h>
#include <stdatomic.h>

#include "db/helper.h"
#include "db/odbc_client.h"

/* What the first diagnostic record said. */
struct odbc_failure {
	int number;
	char state[6];
	char text[1024];
};

/* The handles: shared by the connection and by the threads that call ODBC for it, so malloc and a count. A call that
 * hangs keeps them alive after the connection was given up; the last one closes them. */
struct odbc_handles {
	atomic_int refs;
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt;
	bool connected;
	char *connect; /* the connection string, with the password: wiped after the login */
};

enum odbc_step {
	ODBC_CONNECT,
	ODBC_EXECUTE, /* send the batch, wait for the first result */
	ODBC_FETCH, /* some rows */
	ODBC_NEXT, /* the next result set */
	ODBC_END /* forget what is left */
};

struct odbc_column {
	char *name, *type;
};

/* One blocking call, by a helper thread. From malloc: after a wait that was given up the thread alone owns it. The
 * output is a talloc tree of its own, which belongs to whoever is at work. */
struct odbc_call {
	struct odbc_handles *handles;
	enum odbc_step step;
	char *sql;
	int64_t timeout_ms;
	size_t n_columns; /* FETCH: of the current result set */
	/* out */
	TALLOC_CTX *out;
	bool failed, done; /* done: no more rows, or no more result sets */
	struct odbc_failure failure;
	struct odbc_column *columns; /* EXECUTE, NEXT: of the result set that begins; n_columns of them */
	size_t n_rows;
	char **cells; /* FETCH: row-major */
	size_t *lengths;
};

struct so_odbc {
	struct odbc_handles *handles;
	struct so_cancel *token; /* of the calls now made, or NULL */
	int wake_fd; /* eventfd: so_odbc_cancel wakes the waiting thread */
	pthread_mutex_t lock; /* guards running and cancel_asked */
	bool running, cancel_asked;
	bool broken; /* an answer never came: nothing may be sent any more */
	int last_error;
	int64_t wait_us;
	char *host_text;
};

struct so_odbc_result {
	size_t n_columns, n_rows, room;
	struct odbc_column *columns;
	char **cells; /* row-major */
};

/* Does the call, on whatever thread. */
void odbc_do(struct odbc_call *call);
struct odbc_call *odbc_call_new(struct odbc_handles *handles, enum odbc_step step);
void odbc_call_free(struct odbc_call *call);
void odbc_handles_leave(struct odbc_handles *handles);

/* One call with a deadline, on a helper thread: `stop` is asked whenever the wait should end; see odbc_client.c. */
struct odbc_wait {
	struct so_odbc *odbc;
	int64_t start_us, deadline_us;
	int64_t ask_again_us; /* when the cancel is to be repeated */
	bool ending; /* a cancel was sent: deadline_us is now when we give up on the answer */
	bool can_cancel; /* there is a statement that SQLCancel could stop */
	enum so_kind why; /* SO_CANCELLED, SO_TIMEOUT, or SO_NONE for a row callback that had enough */
};
/* True when the call came back (whatever it said); false, with *err, when the connection was given up: the call then
 * belongs to its thread and may not be touched. */
bool odbc_wait_for(struct odbc_wait *wait, struct odbc_call *call, struct so_err *err);

bool odbc_fail(const struct so_odbc *odbc, const struct odbc_failure *failure, struct so_err *err);

#endif
