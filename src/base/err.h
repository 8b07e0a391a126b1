/* Errors: a bool result plus a caller-owned value. See docs/internals/base.md. */
#ifndef SO_BASE_ERR_H
#define SO_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#define SO_MUST_CHECK   __attribute__((warn_unused_result))
#define SO_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* What went wrong, in the terms that an edge turns into an HTTP status, an MCP code or an exit status
 * (one table: api/errors.c). Names describe the world, not our code. */
enum so_kind {
	SO_NONE, /* no error: the value of a zeroed struct so_err */
	SO_USAGE, /* wrong command line */
	SO_INPUT, /* the request or statement is refused as given */
	SO_LIMIT, /* an input is larger or deeper than a stated limit */
	SO_NOT_FOUND, /* no such connection, run, job ... */
	SO_CONFLICT, /* name taken, wrong state for this action */
	SO_FORBIDDEN, /* our own configuration does not allow it */
	SO_DENIED, /* the target refused the login or lacks a privilege */
	SO_UNREACHABLE, /* no connection to the target or model, or it went away */
	SO_TIMEOUT, /* a deadline of ours, or the target's statement timeout */
	SO_CANCELLED, /* a user asked for it */
	SO_UNSUPPORTED, /* this engine, version or configuration cannot do it */
	SO_TARGET, /* the target rejected or failed the statement */
	SO_MODEL, /* the model server answered with an error or rubbish */
	SO_BUSY, /* a queue of ours is full; try again */
	SO_STORE, /* our own store failed: disk full, locked, corrupt, newer schema */
	SO_INTERNAL, /* our bug */
	SO_KIND_MAX
};

/* A value type: nothing to free, nothing shared. Messages are lower case, without a full stop, name the object in
 * double or single quotes and the limit or the remedy, and never hold a DSN, password or row value. */
struct so_err {
	enum so_kind kind;
	char sqlstate[6]; /* the target's own code, or "" */
	int32_t position; /* byte offset into the statement that the message is about, or -1 */
	char message[512]; /* UTF-8, NUL-terminated, cut at a character boundary */
};

#define SO_ERR_INIT                                                                                                    \
	{                                                                                                              \
		.kind = SO_NONE, .position = -1                                                                        \
	}

/* Fills *err and returns false, so that `return so_fail(...)` reads well. `err` is never NULL. */
bool so_fail(struct so_err *err, enum so_kind kind, const char *fmt, ...) SO_PRINTF(3, 4);

/* As so_fail, with the byte offset in the statement that the message points at. */
bool so_fail_at(struct so_err *err, enum so_kind kind, int32_t position, const char *fmt, ...) SO_PRINTF(4, 5);

/* Prefixes the message already in *err with "text: ", keeps kind, sqlstate and position; returns false. */
bool so_fail_in(struct so_err *err, const char *fmt, ...) SO_PRINTF(2, 3);

/* Stable lower-case identifier of a kind ("not_found"), for JSON and logs. */
const char *so_kind_name(enum so_kind kind);

/* Always on, also in release builds: for our own bugs, never for input. Prints and aborts. */
#define so_assert(cond)                                                                                                \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			so_assert_failed(#cond, __FILE__, __LINE__);                                                   \
	} while (0)

void so_assert_failed(const char *cond, const char *file, int line) __attribute__((noreturn));

#endif
