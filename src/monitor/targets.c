/* The servers that are polled, made of the watched connections. */
#include "base/log.h"
#include "monitor/internal.h"
#include "monitor/schedule.h"

static const struct so_log_at log_at = { .module = "monitor" };

int64_t mon_interval_of(const struct so_monitor *m, const struct so_store_conns *members)
{
	int64_t shortest = INT64_MAX;

	for (size_t i = 0; i < members->count; i++) {
		int64_t own_us = members->items[i]->interval_s * SECOND;

		if (!own_us)
			own_us = m->options.interval_us;
		if (own_us < shortest)
			shortest = own_us;
	}
	return shortest;
}

static struct mon_target *find_target(struct so_monitor *m, int64_t key)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->targets[i]->key == key)
			return m->targets[i];
	return NULL;
}

/* A connection without a database of its own sees all of them: it is polled by itself. */
static int64_t key_of(const struct so_store_conn *conn)
{
	return conn->instance_id && *conn->database ? conn->instance_id : -conn->id;
}

/* The servers of all watched connections; children of `ctx` until a target takes them over. */
static size_t group(TALLOC_CTX *ctx, struct so_store_conns *all, struct so_store_conns **groups, int64_t *keys)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct so_store_conn *conn = all->items[i];
		int64_t key = key_of(conn);
		size_t at = 0;

		if (!conn->monitoring_enabled)
			continue;
		while (at < n && keys[at] != key)
			at++;
		if (at == n) {
			keys[n] = key;
			groups[n] = so_new(ctx, struct so_store_conns);
			n++;
		}
		/* room for 1, 2, 4 ...: most servers have few */
		if (!(groups[at]->count & (groups[at]->count - 1)))
			groups[at]->items = so_renew_array(groups[at], groups[at]->items, struct so_store_conn *,
				groups[at]->count ? groups[at]->count * 2 : 1);
		groups[at]->items[groups[at]->count++] = talloc_steal(groups[at], conn);
	}
	return n;
}

void mon_free_target(struct mon_target *t)
{
	mon_close_conn(t);
	talloc_free(t->members);
	talloc_free(t);
}

/* A server that is new to us: at once, or, when it was polled before our start, when it is due by that. */
static struct mon_target *new_target(
	struct so_monitor *m, int64_t key, struct so_store_conns *members, uint32_t servers)
{
	SO_TMP(tmp, NULL);
	struct mon_target *t = so_new(NULL, struct mon_target);
	struct so_err err = SO_ERR_INIT;
	struct so_store_watch *watch =
		so_store_watch_get(tmp, m->options.store, m->options.scope, members->items[0]->id, &err);
	int64_t spread_us = m->reload_us ? 0 : so_schedule_start(servers, mon_dice(m)), rest_us = 0;

	t->key = key;
	t->members = talloc_steal(NULL, members);
	t->interval_us = mon_interval_of(m, members);
	if (watch && watch->polls > 0) {
		int64_t now_us = m->options.clocks->wall_us(m->options.clocks->arg);
		struct so_schedule schedule = { .interval_us = t->interval_us,
			.polls = watch->polls,
			.age_us = now_us - watch->first_us,
			.failures = watch->failures };

		rest_us = watch->last_us + so_schedule_delay(&schedule, mon_dice(m)) - now_us;
		/* the clock may have been anywhere while we were not there */
		if (rest_us > t->interval_us)
			rest_us = t->interval_us;
	}
	t->due_us = mon_now_us(m) + (rest_us > spread_us ? rest_us : spread_us);
	return t;
}

void mon_reconcile(struct so_monitor *m)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_store_conns *all =
		so_store_conn_list(tmp, m->options.store, m->options.scope, CONNECTIONS_MAX, 0, &err);
	struct so_store_conns **groups = so_new_array(tmp, struct so_store_conns *, CONNECTIONS_MAX);
	struct so_store_lease *gone;
	int64_t *keys = so_new_array(tmp, int64_t, CONNECTIONS_MAX);
	size_t n, n_gone = 0;

	if (!all) {
		so_log_err(SO_LOG_ERROR, &log_at, &err, "cannot read the connections");
		return;
	}
	n = group(tmp, all, groups, keys);
	for (size_t i = 0; i < m->count; i++)
		m->targets[i]->seen = false;
	for (size_t i = 0; i < n; i++) {
		struct mon_target *t = find_target(m, keys[i]), *fresh = NULL;

		if (!t && m->count == CONNECTIONS_MAX)
			continue; /* those that were deleted are still being polled: the next time */
		if (!t)
			fresh = new_target(m, keys[i], groups[i], (uint32_t)n);
		pthread_mutex_lock(&m->lock);
		if (fresh) {
			t = m->targets[m->count++] = fresh;
		} else if (t->running) {
			m->reload = true; /* its members are the poll's: again when it has ended */
		} else {
			bool edited = t->members->items[0]->updated_us != groups[i]->items[0]->updated_us ||
				      groups[i]->count > t->members->count;

			talloc_free(t->members);
			t->members = talloc_steal(NULL, groups[i]);
			if (edited || mon_interval_of(m, t->members) != t->interval_us) {
				t->due_us = mon_now_us(m); /* somebody may have mended what kept it from being polled */
				t->forced = true;
			}
			t->interval_us = mon_interval_of(m, t->members);
		}
		t->seen = true;
		pthread_mutex_unlock(&m->lock);
	}
	gone = so_new_array(tmp, struct so_store_lease, m->count + 1);
	pthread_mutex_lock(&m->lock);
	for (size_t i = m->count; i-- > 0;) {
		struct mon_target *t = m->targets[i];

		if (t->seen)
			continue;
		if (t->running) {
			m->reload = true;
			continue;
		}
		gone[n_gone++] = mon_lease_of(m, t->key);
		m->targets[i] = m->targets[--m->count];
		mon_free_target(t);
	}
	pthread_mutex_unlock(&m->lock);
	if (!so_store_leases_drop(m->options.store, gone, n_gone, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "leases of servers that are gone");
}
