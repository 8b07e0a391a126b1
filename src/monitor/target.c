/* One poll of a server, on a thread of the pool, and what is read of its databases after it. */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "monitor/inputs.h"
#include "monitor/internal.h"
#include "monitor/poll.h"
#include "monitor/samples.h"
#include "monitor/schedule.h"

#define INPUTS_US  (10 * SECOND) /* for the plans and tables of all its databases, after a poll */
#define READERS_US (10 * SECOND) /* in which a member is looked for that can read the statistics */
#define KEEP_US    (5 * 60 * SECOND) /* a connection that would idle longer is closed */

static const struct so_log_at log_at = { .module = "monitor" };

void mon_close_conn(struct mon_target *t)
{
	talloc_free(t->conn);
	t->conn = NULL;
}

static struct so_conn *open_for(
	struct so_monitor *m, const struct mon_target *t, const struct so_store_conn *member, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_engine *engine = m->options.engine(member->engine);
	struct so_conn_params params;

	if (!engine) {
		so_fail(err, SO_UNSUPPORTED, "engine '%s' has no driver in this build", member->engine);
		return NULL;
	}
	if (!m->options.params(m->options.arg, tmp, member, &params, err))
		return NULL;
	params.statement_timeout_ms = STATEMENT_TIMEOUT_MS;
	return engine->open(NULL, &params, t->cancel, err);
}

/* The connection kept from last time, or a new one. */
static bool open_conn(struct so_monitor *m, struct mon_target *t, struct so_err *err)
{
	const struct so_store_conn *first = t->members->items[t->lead % t->members->count];

	if (t->conn && (!so_conn_usable(t->conn) || t->conn_of != first->id || t->conn_updated_us != first->updated_us))
		mon_close_conn(t);
	if (t->conn)
		return true;
	t->conn = open_for(m, t, first, err);
	t->conn_of = first->id;
	t->conn_updated_us = first->updated_us;
	return t->conn != NULL;
}

static void tell(
	struct so_monitor *m, const struct mon_target *t, const struct so_poll_result *result, const struct so_err *why)
{
	for (size_t i = 0; m->options.events && i < t->members->count; i++) {
		SO_TMP(tmp, NULL);
		const char *data =
			why->kind == SO_NONE
				? so_printf(tmp,
					  "{\"connection_id\":%" PRId64 ",\"ok\":true,\"statements\":%" PRId64
					  ",\"moved\":%" PRId64 "}",
					  t->members->items[i]->id, result->statements, result->moved)
				: so_printf(tmp, "{\"connection_id\":%" PRId64 ",\"ok\":false,\"error_kind\":\"%s\"}",
					  t->members->items[i]->id, so_kind_name(why->kind));

		so_events_publish(m->options.events, m->options.scope.organisation_id, 0, "poll", data);
	}
}

struct opener {
	struct so_monitor *monitor;
	struct mon_target *target;
	bool tried;
	struct so_conn *conn; /* what was opened, or NULL */
	struct so_err why; /* why nothing was */
};

static struct so_conn *open_once(struct opener *opener, int64_t connection_id, struct so_err *err)
{
	const struct mon_target *t = opener->target;

	for (size_t i = 0; i < t->members->count && !opener->conn; i++)
		if (t->members->items[i]->id == connection_id)
			opener->conn = open_for(opener->monitor, t, t->members->items[i], err);
	if (opener->conn)
		so_conn_set_cancel(opener->conn, t->cancel);
	return opener->conn;
}

static struct so_conn *open_member(void *arg, int64_t connection_id, struct so_err *err)
{
	struct opener *opener = arg;

	if (!opener->tried)
		(void)open_once(opener, connection_id, &opener->why);
	opener->tried = true;
	if (!opener->conn)
		*err = opener->why;
	return opener->conn;
}

static void read_member(
	struct so_monitor *m, struct mon_target *t, const struct so_poll_rules *rules, size_t member, int64_t at_us)
{
	const struct so_store_conn *conn = t->members->items[member];
	struct opener opener = { .monitor = m, .target = t, .why = SO_ERR_INIT };
	const struct so_inputs_of of = { .connection_id = conn->id,
		.engine = so_conn_engine(t->conn),
		.heavies = &rules->heavies[member],
		.conn = conn->id == t->conn_of ? t->conn : NULL,
		.open = open_member,
		.arg = &opener };
	struct so_err err = SO_ERR_INIT;

	if (rules->heavies[member].twin)
		return;
	/* the poll is what counts: without plans and snapshots, causes are only harder to find */
	if (!so_inputs_read(rules, &of, at_us, &err) || !so_samples_take(rules, m->options.harvest, &of, &err))
		so_log(SO_LOG_INFO, &log_at, "plans and tables of '%s': %s", conn->name, err.message);
	talloc_free(opener.conn);
}

/* Those that there was no time for are the first after the next poll. */
static void read_inputs(struct so_monitor *m, struct mon_target *t, const struct so_poll_rules *rules, int64_t at_us)
{
	int64_t until_us = mon_now_us(m) + INPUTS_US;
	size_t n = t->members->count, first = t->inputs_from % n;

	for (size_t i = 0; i < n; i++) {
		size_t member = (first + i) % n;

		t->inputs_from = member;
		if (mon_now_us(m) > until_us || so_cancel_requested(t->cancel) || !so_conn_usable(t->conn))
			return;
		read_member(m, t, rules, member, at_us);
	}
	t->inputs_from = 0;
}

static bool is_about_the_reader(enum so_kind kind)
{
	return kind == SO_UNSUPPORTED || kind == SO_DENIED || kind == SO_NOT_FOUND;
}

/* Through one member after the other, until one of them can read: an extension is often in one database only. A login
 * that was refused is not tried in other databases, since that may lock its account. *why: of the first. */
static bool read_through(struct so_monitor *m, struct mon_target *t, const struct so_poll_rules *rules, int64_t at_us,
	int64_t began_us, int64_t cpu_us, struct so_poll_result *result, struct so_err *why)
{
	for (size_t tried = 0; tried < t->members->count; tried++) {
		const struct so_store_conn *by = t->members->items[t->lead % t->members->count], *next;
		struct so_err err = SO_ERR_INIT;
		bool opened = open_conn(m, t, &err);

		if (opened) {
			so_conn_set_cancel(t->conn, t->cancel);
			if (so_poll_run(rules, t->conn, t->members->items, t->members->count, at_us, began_us, cpu_us,
				    result, &err)) {
				*why = (struct so_err)SO_ERR_INIT;
				return true;
			}
			so_conn_set_cancel(t->conn, NULL);
		}
		if (tried == 0 || !is_about_the_reader(err.kind))
			*why = err;
		if (!is_about_the_reader(err.kind))
			return false;
		mon_close_conn(t);
		t->lead++;
		next = t->members->items[t->lead % t->members->count];
		if ((!opened && strcmp(next->username, by->username) == 0) ||
			so_time_monotonic_us() - began_us > READERS_US)
			return false;
	}
	return false;
}

/* *lost: it failed, and the store could not take that down. Another node that took over, or a connection that was
 * deleted meanwhile, is no such case: there is nothing to take down. */
static bool poll_target(struct so_monitor *m, struct mon_target *t, int64_t at_us, const struct so_store_lease *lease,
	struct so_poll_result *result, bool *lost, struct so_err *why)
{
	SO_TMP(tmp, NULL);
	const struct so_poll_rules rules = { .store = m->options.store,
		.scope = m->options.scope,
		.top = m->options.top,
		.limit = m->options.limit,
		.heavies = so_new_array(tmp, struct so_poll_heavies, t->members->count),
		.lease = lease,
		.interval_us = t->interval_us,
		.random = mon_dice(m) };
	int64_t began_us = so_time_monotonic_us(), cpu_us = so_time_thread_cpu_us();
	struct so_err err = SO_ERR_INIT;
	bool good = read_through(m, t, &rules, at_us, began_us, cpu_us, result, why);

	if (good) {
		read_inputs(m, t, &rules, at_us);
		so_conn_set_cancel(t->conn, NULL);
	}
	if (good || why->kind == SO_CANCELLED)
		return good;
	if (why->kind == SO_TIMEOUT && so_time_monotonic_us() - began_us >= POLL_LIMIT_US) {
		*why = (struct so_err)SO_ERR_INIT;
		so_fail(why, SO_TIMEOUT,
			"the server took more than %d s for its statistics and was given up for now; is it overloaded, "
			"or the network slow?",
			(int)(POLL_LIMIT_US / SECOND));
	}
	so_log(SO_LOG_WARN, &log_at, "poll of '%s': %s", t->members->items[0]->name, why->message);
	*lost = !so_poll_failed(
			&rules, t->members->items, t->members->count, at_us, began_us, why, &result->delay_us, &err) &&
		err.kind != SO_NOT_FOUND && err.kind != SO_CONFLICT;
	if (*lost)
		so_log_err(SO_LOG_ERROR, &log_at, &err, "cannot write down a failed poll");
	return false;
}

/* When it is next after a poll of which nothing was written, from what the store knows of its first member. */
static int64_t next_due(
	struct so_monitor *m, const struct mon_target *t, int64_t unwritten, int64_t at_us, uint32_t random)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_store_watch *watch =
		so_store_watch_get(tmp, m->options.store, m->options.scope, t->members->items[0]->id, &err);
	struct so_schedule schedule = { .interval_us = t->interval_us, .failures = 1 };

	if (watch) {
		schedule.polls = watch->polls;
		schedule.failures = watch->failures + unwritten;
		schedule.age_us = at_us - watch->first_us;
	}
	return mon_now_us(m) + so_schedule_delay(&schedule, random);
}

static bool is_about_the_server(enum so_kind kind)
{
	return kind == SO_DENIED || kind == SO_UNSUPPORTED || kind == SO_NOT_FOUND || kind == SO_TARGET;
}

void mon_run_poll(void *arg)
{
	struct mon_task *task = arg;
	struct so_monitor *m = task->monitor;
	struct mon_target *t = task->target;
	struct so_err why = SO_ERR_INIT;
	struct so_poll_result result = { 0 };
	struct so_store_lease lease = mon_lease_of(m, t->key);
	bool leased, lost, good;
	int64_t due_us, unwritten;

	pthread_mutex_lock(&m->lock);
	t->late_us = mon_now_us(m) - t->due_us;
	pthread_mutex_unlock(&m->lock);
	leased = mon_take_lease(m, t, task->forced, &lease, &why);
	lost = !leased && why.kind != SO_NONE;
	good = leased && poll_target(m, t, task->at_us, &lease, &result, &lost, &why);
	unwritten = lost ? t->unwritten + 1 : 0;
	if (leased || lost)
		tell(m, t, &result, &why);
	if (!leased && !lost)
		due_us = mon_wait_for_lease(m, &lease);
	else
		due_us = result.delay_us ? mon_now_us(m) + result.delay_us
					 : next_due(m, t, unwritten, task->at_us, mon_dice(m));
	/* what the driver knows of the server since it connected may be what is wrong */
	if ((!leased && !lost) || due_us - mon_now_us(m) > KEEP_US || is_about_the_server(why.kind))
		mon_close_conn(t);
	pthread_mutex_lock(&m->lock);
	if (result.delay_us) /* what was written ended it */
		t->lease.fence = 0;
	t->running = false;
	m->running--;
	talloc_free(t->cancel);
	t->cancel = NULL;
	t->due_us = t->again ? mon_now_us(m) : due_us;
	t->again = false;
	t->unwritten = unwritten;
	t->why = why;
	if (good) {
		m->last_us = task->at_us;
		m->dirty = true;
	}
	/* found to live on a server that is known: polled with the others from now on */
	if (result.instance_id && t->members->items[0]->instance_id != result.instance_id)
		m->reload = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	talloc_free(task);
}

void mon_drop_poll(void *arg)
{
	struct mon_task *task = arg;
	struct so_monitor *m = task->monitor;

	pthread_mutex_lock(&m->lock);
	task->target->running = false;
	m->running--;
	talloc_free(task->target->cancel);
	task->target->cancel = NULL;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	talloc_free(task);
}
