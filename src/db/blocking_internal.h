/* Between blocking_client.c, which waits, and the libraries behind it, which block. */
#ifndef SO_DB_BLOCKING_INTERNAL_H
#define SO_DB_BLOCKING_INTERNAL_H

#include <stdatomic.h>

#include "db/blocking_client.h"
#include "db/helper.h"
#include "db/stop.h"

/* What the library said of a failure. */
struct db_failure {
	int number;
	char state[6];
	char text[1024];
};

enum db_step {
	DB_CONNECT,
	DB_EXECUTE, /* send the statement, wait for the first result */
	DB_FETCH, /* some rows */
	DB_NEXT, /* the next result set */
	DB_END /* forget what is left */
};

struct db_column {
	char *name, *type;
};

struct db_library;

/* The handles of one connection: shared by it and by the threads that call the library for it, so from malloc, with a
 * count. A call that hangs keeps them alive after the connection was given up; the last one closes them. The library's
 * own struct has this as its first member. */
struct db_handles {
	atomic_int refs;
	const struct db_library *library;
};

/* One blocking call, made by a helper thread. From malloc: after a wait that was given up the thread alone owns it. The
 * output is a talloc tree of its own, which belongs to whoever is at work. */
struct db_call {
	struct db_handles *handles;
	enum db_step step;
	char *sql;
	int64_t timeout_ms; /* CONNECT */
	size_t n_columns; /* FETCH: of the current result set */
	/* out */
	TALLOC_CTX *out;
	bool failed, done; /* done: no more rows, or no more result sets */
	struct db_failure failure;
	struct db_column *columns; /* EXECUTE, NEXT: of the result set that begins; n_columns of them */
	size_t n_rows;
	char **cells; /* FETCH: row-major, children of `out` */
	size_t *lengths;
};

struct db_library {
	/* Does the call, on whatever thread; touches nothing but the call. */
	void (*act)(struct db_call *call);
	/* From another thread while `act` is at work: asks the server to stop. Does not wait. */
	void (*interrupt)(struct db_handles *handles);
	/* The last reference is gone. */
	void (*close)(struct db_handles *handles);
	/* Fills *err; returns false. */
	bool (*fail)(const struct so_blocking *conn, const struct db_failure *failure, struct so_err *err);
};

struct so_blocking {
	struct db_handles *handles;
	struct so_cancel *token; /* of the calls now made, or NULL */
	struct db_stop stop;
	bool broken; /* an answer never came: nothing may be sent any more */
	int last_error;
	int64_t wait_us;
	char *host_text;
};

struct so_text_result {
	size_t n_columns, n_rows, room;
	struct db_column *columns;
	char **cells; /* row-major */
};

/* Logs in within the deadline. Takes over the reference to `handles`, also when it fails. */
struct so_blocking *db_blocking_open(TALLOC_CTX *ctx, struct db_handles *handles, const char *host_text,
	int64_t timeout_ms, struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;

/* Rows of one DB_FETCH, so that a cancel is seen between them, and where it may stop sooner. */
#define DB_FETCH_ROWS  256
#define DB_FETCH_BYTES (1 << 20)

#endif
