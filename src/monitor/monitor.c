#include "monitor/monitor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "monitor/internal.h"

#define RELOAD_US (30 * SECOND)

int64_t mon_now_us(const struct so_monitor *m)
{
	return m->options.clocks->monotonic_us(m->options.clocks->arg);
}

uint32_t mon_dice(struct so_monitor *m)
{
	uint32_t number;

	pthread_mutex_lock(&m->lock);
	number = (uint32_t)rand_r(&m->seed);
	pthread_mutex_unlock(&m->lock);
	return number;
}

/* Under the lock. A pool that is full is asked again at the next tick. */
static void start_poll(struct so_monitor *m, struct mon_target *t)
{
	struct mon_task *task = so_new(NULL, struct mon_task);
	struct so_err err = SO_ERR_INIT;

	*task = (struct mon_task){ m, t, so_steady_now(&m->steady), t->forced };
	t->forced = false;
	t->cancel = so_cancel_new(NULL, so_time_monotonic_us() + POLL_LIMIT_US);
	t->running = true;
	m->running++;
	if (so_pool_submit(m->pool, mon_run_poll, mon_drop_poll, task, &err))
		return;
	t->running = false;
	m->running--;
	talloc_free(t->cancel);
	t->cancel = NULL;
	talloc_free(task);
}

static void start_fold(struct so_monitor *m)
{
	struct so_err err = SO_ERR_INIT;

	m->folding = true;
	m->dirty = false;
	if (so_pool_submit(m->pool, mon_run_fold, mon_drop_fold, m, &err))
		return;
	m->folding = false;
	m->dirty = true;
}

void so_monitor_tick(struct so_monitor *m)
{
	int64_t now_us = mon_now_us(m);
	bool reload;

	pthread_mutex_lock(&m->lock);
	reload = m->reload || !m->reload_us || now_us - m->reload_us >= RELOAD_US;
	m->reload = false;
	pthread_mutex_unlock(&m->lock);
	mon_renew_leases(m);
	if (reload) {
		mon_reconcile(m);
		m->reload_us = now_us;
	}
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; !m->paused && i < m->count; i++)
		if (!m->targets[i]->running && m->targets[i]->due_us <= now_us)
			start_poll(m, m->targets[i]);
	if (so_steady_now(&m->steady) / SO_HOUR_US != m->hour) {
		m->hour = so_steady_now(&m->steady) / SO_HOUR_US;
		m->dirty = true; /* what ends now has moved on, polls or not */
	}
	if (m->dirty && !m->folding && m->fold_us <= now_us)
		start_fold(m);
	pthread_mutex_unlock(&m->lock);
}

/* Until the next poll or fold, at most a second: a clock that is changed, or a pool that was full, is noticed by then.
 */
static void *schedule_thread(void *arg)
{
	struct so_monitor *m = arg;

	while (!atomic_load(&m->stop)) {
		int64_t until_us;
		struct timespec until;

		so_monitor_tick(m);
		pthread_mutex_lock(&m->lock);
		until_us = mon_now_us(m) + SECOND;
		for (size_t i = 0; !m->paused && i < m->count; i++)
			if (!m->targets[i]->running && m->targets[i]->due_us < until_us)
				until_us = m->targets[i]->due_us;
		if (until_us < mon_now_us(m) + SECOND / 100)
			until_us = mon_now_us(m) + SECOND / 100;
		until = (struct timespec){ .tv_sec = until_us / SECOND, .tv_nsec = until_us % SECOND * 1000 };
		if (!atomic_load(&m->stop) && !m->reload)
			pthread_cond_timedwait(&m->changed, &m->lock, &until);
		pthread_mutex_unlock(&m->lock);
	}
	return NULL;
}

/* ---- life ---- */

static int monitor_dtor(struct so_monitor *m)
{
	bool stopped = so_monitor_stop(m, so_time_monotonic_us() + POLL_LIMIT_US);

	so_assert(stopped);
	talloc_free(m->pool);
	for (size_t i = 0; i < m->count; i++)
		mon_free_target(m->targets[i]);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	return 0;
}

static void init_locks(struct so_monitor *m)
{
	pthread_condattr_t attr;

	so_assert(pthread_mutex_init(&m->lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&m->changed, &attr) == 0);
	pthread_condattr_destroy(&attr);
}

static bool start_thread(struct so_monitor *m, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&m->thread, NULL, schedule_thread, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return so_fail(err, SO_LIMIT, "cannot start the scheduler of monitoring: %s", strerrordesc_np(rc));
	pthread_setname_np(m->thread, "monitor");
	return m->has_thread = true;
}

struct so_monitor *so_monitor_new(TALLOC_CTX *ctx, const struct so_monitor_options *options, struct so_err *err)
{
	struct so_pool_options pool = { .name = "poll", .threads = options->threads, .queue_max = CONNECTIONS_MAX + 1 };
	struct so_monitor *m;
	int64_t newest;

	if (!so_store_hour_newest(options->store, &newest, err))
		return NULL;
	m = so_new(ctx, struct so_monitor);
	m->options = *options;
	if (options->node)
		snprintf(m->node, sizeof m->node, "%s", options->node);
	else
		so_node_name(m->node);
	m->history = (struct so_store_lease){ .work = "history", .node = m->node };
	if (!m->options.engine)
		m->options.engine = so_engine_find;
	if (!m->options.clocks)
		m->options.clocks = &so_clocks_system;
	if (!m->options.limit)
		m->options.limit = LIMIT;
	m->fold_rules = (struct so_fold_rules){ options->store, options->scope, options->sample_hours,
		options->rollup_hours, options->rollup_days, options->max_bytes };
	m->paused = options->paused;
	m->dirty = true; /* what a server that died has not folded */
	m->seed = (unsigned)so_time_now_us();
	so_steady_init(&m->steady, m->options.clocks, newest * SO_HOUR_US);
	init_locks(m);
	m->pool = so_pool_new(NULL, &pool, err);
	talloc_set_destructor(m, monitor_dtor);
	if (m->pool && (options->manual || start_thread(m, err)))
		return m;
	talloc_free(m);
	return NULL;
}

bool so_monitor_stop(struct so_monitor *m, int64_t deadline_us)
{
	atomic_store(&m->stop, true);
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->count; i++)
		if (m->targets[i]->cancel)
			so_cancel_request(m->targets[i]->cancel);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	if (m->has_thread)
		pthread_join(m->thread, NULL);
	m->has_thread = false;
	if (m->pool && !so_pool_drain(m->pool, deadline_us))
		return false;
	mon_release_leases(m);
	return true;
}

void so_monitor_pause(struct so_monitor *m, bool paused)
{
	pthread_mutex_lock(&m->lock);
	m->paused = paused;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

bool so_monitor_trigger(struct so_monitor *m)
{
	bool paused;

	pthread_mutex_lock(&m->lock);
	paused = m->paused;
	m->reload = true;
	for (size_t i = 0; !paused && i < m->count; i++) {
		m->targets[i]->due_us = mon_now_us(m);
		m->targets[i]->again = m->targets[i]->running;
		m->targets[i]->forced = true;
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	return !paused;
}

void so_monitor_changed(struct so_monitor *m)
{
	pthread_mutex_lock(&m->lock);
	m->reload = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

void so_monitor_wait(struct so_monitor *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->running || m->folding)
		pthread_cond_wait(&m->changed, &m->lock);
	pthread_mutex_unlock(&m->lock);
}

/* ---- what it is at ---- */

static int64_t wall_of(const struct so_monitor *m, int64_t due_us)
{
	return m->options.clocks->wall_us(m->options.clocks->arg) + due_us - mon_now_us(m);
}

void so_monitor_status(struct so_monitor *m, struct so_monitor_status *out)
{
	int64_t next_us = 0;

	pthread_mutex_lock(&m->lock);
	*out = (struct so_monitor_status){ .paused = m->paused,
		.folding = m->folding,
		.servers = m->count,
		.running = m->running,
		.last_us = m->last_us };
	for (size_t i = 0; i < m->count; i++) {
		out->connections += m->targets[i]->members->count;
		if (!m->paused && !m->targets[i]->running && (!next_us || m->targets[i]->due_us < next_us))
			next_us = m->targets[i]->due_us;
		if (m->targets[i]->late_us > out->late_us)
			out->late_us = m->targets[i]->late_us;
	}
	if (next_us && mon_now_us(m) - next_us > out->late_us)
		out->late_us = mon_now_us(m) - next_us;
	out->next_us = next_us ? wall_of(m, next_us) : 0;
	pthread_mutex_unlock(&m->lock);
}

bool so_monitor_unwritten(struct so_monitor *m, int64_t connection_id, int64_t *failures, struct so_err *why)
{
	*failures = 0;
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->count && !*failures; i++)
		for (size_t k = 0; k < m->targets[i]->members->count && !*failures; k++)
			if (m->targets[i]->members->items[k]->id == connection_id) {
				*failures = m->targets[i]->unwritten;
				*why = m->targets[i]->why;
			}
	pthread_mutex_unlock(&m->lock);
	return *failures > 0;
}

enum so_monitor_state so_monitor_state(struct so_monitor *m, int64_t connection_id, int64_t *next_us)
{
	enum so_monitor_state state = SO_MONITOR_UNWATCHED;

	*next_us = 0;
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->count; i++)
		for (size_t k = 0; k < m->targets[i]->members->count; k++) {
			const struct mon_target *t = m->targets[i];

			if (t->members->items[k]->id != connection_id)
				continue;
			state = t->running ? SO_MONITOR_RUNNING : m->paused ? SO_MONITOR_PAUSED : SO_MONITOR_WAITING;
			if (state == SO_MONITOR_WAITING)
				*next_us = wall_of(m, t->due_us);
		}
	pthread_mutex_unlock(&m->lock);
	return state;
}
