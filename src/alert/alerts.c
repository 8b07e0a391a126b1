#include "alert/alerts.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "alert/message.h"
#include "alert/rules.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"

enum { THREADS = 4, LOOK_MS = 2000 };

static const struct so_log_at log_at = { .module = "alert" };

struct so_alerts {
	struct so_alerts_options options;
	struct so_pool *pool;
	struct so_cancel *cancel; /* of all attempts */
	struct so_store_lease lease; /* of the thread */
	pthread_t thread;
	bool has_thread;
	_Atomic int64_t sent, failed, retried;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool stop, look;
	size_t n_busy;
	int64_t busy[THREADS]; /* channels that are being sent to */
};

int64_t so_alert_backoff_s(int64_t attempts, int64_t retry_after_s)
{
	int64_t wait = 5;

	if (attempts >= SO_ALERT_ATTEMPTS)
		return 0;
	for (int64_t i = 1; i < attempts; i++)
		wait *= 4;
	if (wait > 3600)
		wait = 3600;
	if (retry_after_s > wait)
		wait = retry_after_s < 3600 ? retry_after_s : 3600;
	return wait;
}

/* ---- one attempt, on a thread of the pool ---- */

struct task {
	struct so_alerts *alerts;
	struct so_store_delivery *delivery;
};

static void leave(struct so_alerts *alerts, int64_t channel_id)
{
	pthread_mutex_lock(&alerts->lock);
	for (size_t i = 0; i < alerts->n_busy; i++)
		if (alerts->busy[i] == channel_id)
			alerts->busy[i] = alerts->busy[--alerts->n_busy];
	pthread_cond_broadcast(&alerts->wake);
	pthread_mutex_unlock(&alerts->lock);
}

static bool attempt(struct so_alerts *alerts, const struct so_store_delivery *delivery, struct so_send_result *result,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_alerts_options *o = &alerts->options;
	struct so_store_channel *row = so_store_channel_get(tmp, o->store, o->scope, delivery->channel_id, err);
	struct so_channel channel;
	json_t *doc;
	char *body;

	result->permanent = true;
	if (!row || !so_channel_open(tmp, row, o->fernet, &channel, err))
		return false;
	if (!row->enabled)
		return so_fail(err, SO_CONFLICT, "the channel is switched off");
	doc = json_loads(delivery->doc, 0, NULL);
	body = so_alert_body(tmp, doc, &channel, delivery->id);
	json_decref(doc);
	return so_alert_send(&channel, o->allowed, body, delivery->id, alerts->cancel, result, err);
}

static void note(struct so_alerts *alerts, struct so_store_delivery *delivery, bool sent,
	const struct so_send_result *result, struct so_err *why)
{
	struct so_err err = SO_ERR_INIT;
	int64_t wait_s = so_alert_backoff_s(++delivery->attempts, result->retry_after_s);

	delivery->error = sent ? NULL : why->message;
	delivery->done_us = so_time_now_us();
	if (sent) {
		delivery->state = (char *)"sent";
		atomic_fetch_add(&alerts->sent, 1);
	} else if (result->permanent || !wait_s) {
		delivery->state = (char *)"failed";
		atomic_fetch_add(&alerts->failed, 1);
		so_log(SO_LOG_WARN, &log_at, "delivery %lld of '%s' is given up: %s", (long long)delivery->id,
			delivery->event, why->message);
	} else {
		delivery->next_us = delivery->done_us + wait_s * 1000000;
		delivery->done_us = 0;
		atomic_fetch_add(&alerts->retried, 1);
	}
	if (!so_store_delivery_update(alerts->options.store, alerts->options.scope, delivery, &err))
		so_log_err(SO_LOG_ERROR, &log_at, &err, "history of deliveries");
}

static void run_task(void *arg)
{
	struct task *task = arg;
	struct so_send_result result = { 0 };
	struct so_err why = SO_ERR_INIT;
	bool sent = attempt(task->alerts, task->delivery, &result, &why);

	if (sent || why.kind != SO_CANCELLED)
		note(task->alerts, task->delivery, sent, &result, &why);
	leave(task->alerts, task->delivery->channel_id);
	talloc_free(task);
}

static void drop_task(void *arg)
{
	struct task *task = arg;

	leave(task->alerts, task->delivery->channel_id);
	talloc_free(task);
}

/* ---- the thread ---- */

/* A place for the channel, when there is one and it is not being sent to. */
static bool enter(struct so_alerts *alerts, int64_t channel_id)
{
	bool free_place;

	pthread_mutex_lock(&alerts->lock);
	free_place = alerts->n_busy < THREADS && !alerts->stop;
	for (size_t i = 0; i < alerts->n_busy; i++)
		free_place = free_place && alerts->busy[i] != channel_id;
	if (free_place)
		alerts->busy[alerts->n_busy++] = channel_id;
	pthread_mutex_unlock(&alerts->lock);
	return free_place;
}

static void send_due(struct so_alerts *alerts)
{
	SO_TMP(tmp, NULL);
	const struct so_alerts_options *o = &alerts->options;
	struct so_err err = SO_ERR_INIT;
	struct so_store_deliveries *due = so_store_delivery_due(tmp, o->store, o->scope, so_time_now_us(), &err);

	/* renewed while attempts run: what is being sent is due until it was */
	if (!due || (due->count && !so_store_lease_keep(o->store, &alerts->lease, SO_ALERT_LEASE_US, &err)))
		so_log_err(SO_LOG_ERROR, &log_at, &err, "deliveries");
	else if (due->count && !alerts->lease.fence)
		return; /* another node sends */
	for (size_t i = 0; due && i < due->count; i++) {
		struct task *task;

		if (!enter(alerts, due->items[i]->channel_id))
			continue;
		task = so_new(NULL, struct task);
		task->alerts = alerts;
		task->delivery = talloc_steal(task, due->items[i]);
		if (so_pool_submit(alerts->pool, run_task, drop_task, task, &err))
			continue;
		drop_task(task);
	}
}

static void look(struct so_alerts *alerts)
{
	struct so_err err = SO_ERR_INIT;
	bool more = true;

	while (more)
		if (!so_rules_run(alerts->options.store, alerts->options.scope, so_time_now_us(), &alerts->lease, &more,
			    &err)) {
			if (err.kind == SO_CONFLICT)
				alerts->lease.fence = 0;
			so_log_err(SO_LOG_ERROR, &log_at, &err, "rules of alerts");
			return;
		}
}

/* Looks every two seconds; sends when a channel got free, and what waits for its time at each look. */
static void *alert_thread(void *arg)
{
	struct so_alerts *alerts = arg;
	int64_t look_us = 0;
	bool stop = false;

	while (!stop) {
		int64_t now_us = so_time_monotonic_us(), until_us;
		struct timespec until;

		if (now_us >= look_us) {
			look(alerts);
			look_us = so_time_monotonic_us() + LOOK_MS * 1000;
		}
		send_due(alerts);
		pthread_mutex_lock(&alerts->lock);
		until_us = look_us;
		until = (struct timespec){ .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
		if (!alerts->stop && !alerts->look)
			pthread_cond_timedwait(&alerts->wake, &alerts->lock, &until);
		if (alerts->look)
			look_us = 0;
		alerts->look = false;
		stop = alerts->stop;
		pthread_mutex_unlock(&alerts->lock);
	}
	return NULL;
}

/* ---- life ---- */

static int alerts_dtor(struct so_alerts *alerts)
{
	bool stopped = so_alerts_stop(alerts, so_time_monotonic_us() + 2 * SO_ALERT_TIMEOUT_MS * 1000);

	so_assert(stopped);
	talloc_free(alerts->pool);
	pthread_cond_destroy(&alerts->wake);
	pthread_mutex_destroy(&alerts->lock);
	return 0;
}

static bool start_thread(struct so_alerts *alerts, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&alerts->thread, NULL, alert_thread, alerts);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return so_fail(err, SO_LIMIT, "cannot start the thread of alerts: %s", strerrordesc_np(rc));
	pthread_setname_np(alerts->thread, "alerts");
	return alerts->has_thread = true;
}

struct so_alerts *so_alerts_new(TALLOC_CTX *ctx, const struct so_alerts_options *options, struct so_err *err)
{
	struct so_pool_options pool = { .name = "alert", .threads = THREADS, .queue_max = THREADS };
	struct so_alerts *alerts = so_new(ctx, struct so_alerts);
	pthread_condattr_t attr;

	alerts->options = *options;
	alerts->lease = (struct so_store_lease){
		.work = "alerts", .subject = options->scope.organisation_id, .node = options->node
	};
	alerts->cancel = so_cancel_new(alerts, 0);
	so_assert(pthread_mutex_init(&alerts->lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&alerts->wake, &attr) == 0);
	pthread_condattr_destroy(&attr);
	alerts->pool = so_pool_new(NULL, &pool, err);
	talloc_set_destructor(alerts, alerts_dtor);
	if (alerts->pool && start_thread(alerts, err))
		return alerts;
	talloc_free(alerts);
	return NULL;
}

bool so_alerts_stop(struct so_alerts *alerts, int64_t deadline_us)
{
	struct so_err err = SO_ERR_INIT;

	pthread_mutex_lock(&alerts->lock);
	alerts->stop = true;
	pthread_cond_broadcast(&alerts->wake);
	pthread_mutex_unlock(&alerts->lock);
	so_cancel_request(alerts->cancel);
	if (alerts->has_thread)
		pthread_join(alerts->thread, NULL);
	alerts->has_thread = false;
	if (alerts->pool && !so_pool_drain(alerts->pool, deadline_us))
		return false;
	if (!so_store_leases_release(alerts->options.store, &alerts->lease, 1, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "the lease runs out instead of being given back");
	return true;
}

void so_alerts_changed(struct so_alerts *alerts)
{
	pthread_mutex_lock(&alerts->lock);
	alerts->look = true;
	pthread_cond_broadcast(&alerts->wake);
	pthread_mutex_unlock(&alerts->lock);
}

struct so_alerts_stats so_alerts_stats(struct so_alerts *alerts)
{
	struct so_pool_stats pool = so_pool_stats(alerts->pool);

	return (struct so_alerts_stats){ .sent = atomic_load(&alerts->sent),
		.failed = atomic_load(&alerts->failed),
		.retried = atomic_load(&alerts->retried),
		.busy = pool.busy,
		.queued = pool.queued };
}
