/* A fixed number of threads and a bounded queue. A full queue is an error for the caller at once (SO_BUSY), never a
 * list that grows or a wait. */
#ifndef SO_BASE_POOL_H
#define SO_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct so_pool;

struct so_pool_options {
	const char *name; /* thread names and messages: "request", "job"; at most 12 bytes */
	size_t threads; /* 1 to 256 */
	size_t queue_max; /* tasks that may wait */
	size_t stack_bytes; /* 0: the system's default */
	/* Run on each thread before its first and after its last task (client libraries want that); may be NULL. */
	void (*thread_begin)(void *arg);
	void (*thread_end)(void *arg);
	void *hook_arg;
};

/* Starts the threads (all signals blocked in them). SO_LIMIT when the system refuses to start them. */
struct so_pool *so_pool_new(TALLOC_CTX *ctx, const struct so_pool_options *options, struct so_err *err) SO_MUST_CHECK;

/* Queues `run(arg)`. SO_BUSY when the queue is full or the pool is stopping; then neither function is called. If the
 * pool is drained before the task started, `drop(arg)` (may be NULL) is called instead. Ownership of `arg` passes with
 * the call: a talloc object must be a root by then. Thread-safe, never blocks. */
bool so_pool_submit(struct so_pool *pool, void (*run)(void *arg), void (*drop)(void *arg), void *arg,
	struct so_err *err) SO_MUST_CHECK;

/* Graceful stop: refuses new tasks, runs the queued ones until `deadline_us` (monotonic), then drops those that have
 * not started. True when every task has ended; false when one still runs at the deadline: then the process should end
 * without freeing what that task may use. Thread-safe, may be called again. */
bool so_pool_drain(struct so_pool *pool, int64_t deadline_us) SO_MUST_CHECK;

struct so_pool_stats {
	size_t threads, busy, queued, queue_max;
	int64_t done, refused; /* since the start */
};
struct so_pool_stats so_pool_stats(struct so_pool *pool);

/* talloc_free(pool) drops what is queued and joins the threads: it waits for running tasks without a deadline, so
 * drain first. */

#endif
