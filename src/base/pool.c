#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

struct task {
	void (*run)(void *arg);
	void (*drop)(void *arg);
	void *arg;
};

struct so_pool {
	struct so_pool_options options;
	pthread_t *threads;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work; /* a task was queued, or the pool stops */
	pthread_cond_t idle; /* a task ended, or the queue is empty */
	struct task *ring;
	size_t first, queued, busy, started;
	int64_t done, refused;
	bool draining, stopping;
	char name[13];
};

static void *pool_thread(void *arg)
{
	struct so_pool *pool = arg;

	if (pool->options.thread_begin)
		pool->options.thread_begin(pool->options.hook_arg);
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct task task;

		while (!pool->queued && !pool->stopping)
			pthread_cond_wait(&pool->work, &pool->lock);
		if (!pool->queued)
			break;
		task = pool->ring[pool->first];
		pool->first = (pool->first + 1) % pool->options.queue_max;
		pool->queued--;
		pool->busy++;
		pthread_mutex_unlock(&pool->lock);
		task.run(task.arg);
		pthread_mutex_lock(&pool->lock);
		pool->busy--;
		pool->done++;
		pthread_cond_broadcast(&pool->idle);
	}
	pthread_mutex_unlock(&pool->lock);
	if (pool->options.thread_end)
		pool->options.thread_end(pool->options.hook_arg);
	return NULL;
}

/* Takes what is queued out of the ring, then calls the drop functions without the lock. */
static void drop_queued(struct so_pool *pool)
{
	for (;;) {
		struct task task;

		pthread_mutex_lock(&pool->lock);
		if (!pool->queued) {
			pthread_mutex_unlock(&pool->lock);
			return;
		}
		task = pool->ring[pool->first];
		pool->first = (pool->first + 1) % pool->options.queue_max;
		pool->queued--;
		pthread_mutex_unlock(&pool->lock);
		if (task.drop)
			task.drop(task.arg);
	}
}

static int pool_dtor(struct so_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->draining = true;
	pthread_mutex_unlock(&pool->lock);
	drop_queued(pool);
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->idle);
	pthread_mutex_destroy(&pool->lock);
	return 0;
}

/* Signals belong to the main thread: they are blocked while the workers are made, who inherit that. */
static bool start_threads(struct so_pool *pool, struct so_err *err)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int rc = 0;

	so_assert(pthread_attr_init(&attr) == 0);
	if (pool->options.stack_bytes)
		so_assert(pthread_attr_setstacksize(&attr, pool->options.stack_bytes) == 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (size_t i = 0; i < pool->options.threads && rc == 0; i++) {
		char name[16];

		rc = pthread_create(&pool->threads[i], &attr, pool_thread, pool);
		if (rc != 0)
			break;
		snprintf(name, sizeof name, "%.11s-%zu", pool->name, i % 1000);
		pthread_setname_np(pool->threads[i], name);
		pool->started++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		return so_fail(err, SO_LIMIT, "cannot start thread %zu of %zu of the %s pool: %s", pool->started + 1,
			pool->options.threads, pool->name, strerrordesc_np(rc));
	return true;
}

struct so_pool *so_pool_new(TALLOC_CTX *ctx, const struct so_pool_options *options, struct so_err *err)
{
	struct so_pool *pool = so_new(ctx, struct so_pool);
	pthread_condattr_t attr;

	so_assert(options->threads >= 1 && options->threads <= 256 && options->queue_max >= 1);
	pool->options = *options;
	snprintf(pool->name, sizeof pool->name, "%s", options->name);
	pool->threads = so_new_array(pool, pthread_t, options->threads);
	pool->ring = so_new_array(pool, struct task, options->queue_max);
	so_assert(pthread_mutex_init(&pool->lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&pool->work, &attr) == 0 && pthread_cond_init(&pool->idle, &attr) == 0);
	pthread_condattr_destroy(&attr);
	talloc_set_destructor(pool, pool_dtor);
	if (!start_threads(pool, err)) {
		talloc_free(pool);
		return NULL;
	}
	return pool;
}

bool so_pool_submit(
	struct so_pool *pool, void (*run)(void *arg), void (*drop)(void *arg), void *arg, struct so_err *err)
{
	bool stopping, full;

	pthread_mutex_lock(&pool->lock);
	stopping = pool->draining || pool->stopping;
	full = pool->queued == pool->options.queue_max;
	if (stopping || full) {
		pool->refused++;
	} else {
		pool->ring[(pool->first + pool->queued++) % pool->options.queue_max] =
			(struct task){ .run = run, .drop = drop, .arg = arg };
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	if (stopping)
		return so_fail(err, SO_BUSY, "the server is stopping");
	if (full)
		return so_fail(err, SO_BUSY, "the %s queue is full (%zu waiting); try again", pool->name,
			pool->options.queue_max);
	return true;
}

bool so_pool_drain(struct so_pool *pool, int64_t deadline_us)
{
	struct timespec until = { .tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000 };
	bool idle;
	int rc = 0;

	pthread_mutex_lock(&pool->lock);
	pool->draining = true;
	while ((pool->queued || pool->busy) && rc == 0)
		rc = pthread_cond_timedwait(&pool->idle, &pool->lock, &until);
	pthread_mutex_unlock(&pool->lock);
	drop_queued(pool);
	pthread_mutex_lock(&pool->lock);
	idle = pool->busy == 0;
	pthread_mutex_unlock(&pool->lock);
	return idle;
}

struct so_pool_stats so_pool_stats(struct so_pool *pool)
{
	struct so_pool_stats stats;

	pthread_mutex_lock(&pool->lock);
	stats = (struct so_pool_stats){ .threads = pool->options.threads,
		.busy = pool->busy,
		.queued = pool->queued,
		.queue_max = pool->options.queue_max,
		.done = pool->done,
		.refused = pool->refused };
	pthread_mutex_unlock(&pool->lock);
	return stats;
}
