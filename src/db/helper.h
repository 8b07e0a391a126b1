/* Waiting, for the clients of db/: one thread for what cannot be interrupted, and one wait that looks at a
 * socket, a wake-up, a deadline and a cancel token. */
#ifndef SO_DB_HELPER_H
#define SO_DB_HELPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"

/* A thread that does one blocking thing which cannot be interrupted (resolve a name, connect, send a cancel request).
 * It shares this block with the waiter; whoever leaves last frees it. */
struct db_helper {
	atomic_int refs;
	atomic_bool done;
	bool started; /* the caller's: there is a thread to join or to let go */
	pthread_t thread;
	int done_fd; /* eventfd, readable when done */
	void (*work)(struct db_helper *helper);
	void (*drop)(struct db_helper *helper); /* frees `own` */
	void *own; /* what the work takes and makes: from malloc, since two threads may be the last to need it */
};

/* Both the thread and the caller hold it; a caller whose start failed still leaves. Leaving waits for a thread that is
 * done to be gone (microseconds), and lets one go that is still at work. */
struct db_helper *db_helper_new(void (*work)(struct db_helper *), void (*drop)(struct db_helper *), void *own);
bool db_helper_start(struct db_helper *helper);
void db_helper_leave(struct db_helper *helper);

enum db_wait { DB_READY, DB_WOKEN, DB_LATE, DB_TOKEN };
/* Waits for `events` on fd (< 0: none), for the wake fd (< 0: none), the deadline, or the token. */
enum db_wait db_wait(int fd, short events, int wake_fd, const struct so_cancel *token, int64_t deadline_us);

#endif
