/* Shared by the files of the libpq client only. */
#ifndef SO_DB_PG_INTERNAL_H
#define SO_DB_PG_INTERNAL_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "db/pg_client.h"

struct so_pg {
	PGconn *raw;
	struct so_cancel *token; /* of the calls now made, or NULL */
	int wake_fd; /* eventfd: so_pg_cancel wakes the waiting thread */
	pthread_mutex_t lock; /* guards running and cancel_asked */
	bool running, cancel_asked;
	bool broken; /* an answer never came: nothing may be sent any more */
	bool clean_text; /* the server stores bytes of unknown encoding (SQL_ASCII) */
	int64_t wait_us;
	char *host_text, *tls;
};

struct so_pg_result {
	PGresult *raw;
	bool clean_text;
};

/* A thread that does one blocking thing which cannot be interrupted (resolve a name, send a cancel request). It is
 * detached and shares this block with the waiter; whoever leaves last frees it. */
struct pg_helper {
	atomic_int refs;
	atomic_bool done;
	int done_fd; /* eventfd, readable when done */
	void (*work)(struct pg_helper *helper);
	void (*drop)(struct pg_helper *helper);
	char *host; /* resolve */
	char *addresses[8]; /* numeric */
	size_t n_addresses;
	int status; /* getaddrinfo's */
	PGcancel *cancel; /* cancel */
};

struct pg_helper *pg_helper_new(void (*work)(struct pg_helper *), void (*drop)(struct pg_helper *));
bool pg_helper_start(struct pg_helper *helper);
void pg_helper_leave(struct pg_helper *helper);

enum pg_wait { PG_READY, PG_WOKEN, PG_LATE, PG_TOKEN };
/* Waits for `events` on fd (< 0: none), for the wake fd (< 0: none), the deadline, or the token. */
enum pg_wait pg_wait(int fd, short events, int wake_fd, const struct so_cancel *token, int64_t deadline_us);

/* Fills *err from a failed result. `sql` and `prefix_len` place the position. */
bool pg_fail_result(const PGresult *raw, const char *sql, size_t prefix_len, struct so_err *err);
/* Fills *err from libpq's own message about a connection that failed or went away. */
bool pg_fail_connection(PGconn *raw, const char *where, struct so_err *err);

#endif
