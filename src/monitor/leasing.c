/* Which node polls a server: leases in the store. */
#include <string.h>

#include "base/log.h"
#include "monitor/internal.h"

#define LEASE_US          (15 * SECOND) /* a node that died is replaced after this */
#define RENEW_US          (5 * SECOND) /* polls that take longer have their leases renewed so often */
#define DUE_LEAST_MOST_US (20 * 60 * SECOND) /* the longest wait after failures, and some */

static const struct so_log_at log_at = { .module = "monitor" };

struct so_store_lease mon_lease_of(const struct so_monitor *m, int64_t key)
{
	return (struct so_store_lease){
		.work = key > 0 ? "instance" : "connection", .subject = key > 0 ? key : -key, .node = m->node
	};
}

bool mon_take_lease(
	struct so_monitor *m, struct mon_target *t, bool forced, struct so_store_lease *lease, struct so_err *err)
{
	int64_t most_us = t->interval_us + t->interval_us / 10;

	if (most_us < DUE_LEAST_MOST_US)
		most_us = DUE_LEAST_MOST_US;
	if (!so_store_lease_take(m->options.store, lease, LEASE_US, forced ? 0 : most_us, err)) {
		so_log_err(SO_LOG_ERROR, &log_at, err, "cannot poll '%s'", t->members->items[0]->name);
		return false;
	}
	if (!lease->fence)
		return false;
	pthread_mutex_lock(&m->lock);
	t->lease = *lease;
	t->leased_us = mon_now_us(m);
	pthread_mutex_unlock(&m->lock);
	return true;
}

int64_t mon_wait_for_lease(struct so_monitor *m, const struct so_store_lease *lease)
{
	int64_t wait_us = lease->until_us - so_store_clock_us(m->options.store);

	return mon_now_us(m) + (wait_us < SECOND / 10 ? SECOND / 10 : wait_us);
}

/* Under the lock: its lease was lost, so what it reads cannot be written any more. */
static void give_up(struct so_monitor *m, const struct so_store_lease *lost)
{
	for (size_t i = 0; i < m->count; i++) {
		struct mon_target *t = m->targets[i];

		if (t->running && t->lease.fence == lost->fence && t->lease.subject == lost->subject &&
			strcmp(t->lease.work, lost->work) == 0)
			so_cancel_request(t->cancel);
	}
}

void mon_renew_leases(struct so_monitor *m)
{
	SO_TMP(tmp, NULL);
	struct so_store_lease *leases = NULL, *before;
	struct so_err err = SO_ERR_INIT;
	size_t n = 0;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; m->running && i < m->count; i++) {
		struct mon_target *t = m->targets[i];

		if (!t->running || !t->lease.fence || mon_now_us(m) - t->leased_us < RENEW_US)
			continue;
		if (!leases)
			leases = so_new_array(tmp, struct so_store_lease, m->running);
		leases[n++] = t->lease;
		t->leased_us = mon_now_us(m);
	}
	pthread_mutex_unlock(&m->lock);
	if (!n)
		return;
	before = so_memdup(tmp, leases, n * sizeof *leases);
	if (!so_store_leases_renew(m->options.store, leases, n, LEASE_US, &err)) {
		so_log_err(SO_LOG_ERROR, &log_at, &err, "cannot renew leases");
		return;
	}
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < n; i++)
		if (!leases[i].fence)
			give_up(m, &before[i]);
	pthread_mutex_unlock(&m->lock);
}

void mon_release_leases(struct so_monitor *m)
{
	SO_TMP(tmp, NULL);
	struct so_store_lease *leases = so_new_array(tmp, struct so_store_lease, m->count + 1);
	struct so_err err = SO_ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (m->targets[i]->lease.fence)
			leases[n++] = m->targets[i]->lease;
		m->targets[i]->lease.fence = 0;
	}
	leases[n++] = m->history;
	m->history.fence = 0;
	if (!so_store_leases_release(m->options.store, leases, n, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "leases run out instead of being given back");
}
