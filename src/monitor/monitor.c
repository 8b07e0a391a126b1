#include "monitor/monitor.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"
#include "monitor/fold.h"
#include "monitor/inputs.h"
#include "monitor/judge.h"
#include "monitor/poll.h"
#include "monitor/samples.h"
#include "monitor/schedule.h"

enum { CONNECTIONS_MAX = 5000, LIMIT = 20000 };

#define SECOND ((int64_t)1000000)

#define STATEMENT_TIMEOUT_MS 5000 /* the most that one statement of ours may take on a server */
#define POLL_LIMIT_US        (30 * SECOND)
#define INPUTS_US            (10 * SECOND) /* for the plans and tables of all its databases, after a poll */
#define RELOAD_US            (30 * SECOND)
#define KEEP_US              (5 * 60 * SECOND) /* a connection that would idle longer is closed */
#define LEASE_US             (15 * SECOND) /* a node that died is replaced after this */
#define RENEW_US             (5 * SECOND) /* polls that take longer have their leases renewed so often */
#define HISTORY_LEASE_US     (30 * SECOND) /* of folding and judging */
#define DUE_LEAST_MOST_US    (20 * 60 * SECOND) /* the longest wait after failures, and some */

static const struct so_log_at log_at = { .module = "monitor" };

/* A server and its watched connections. While `running` its `conn` and `members` belong to the poll. */
struct target {
	int64_t key; /* id of the instance, or minus that of a connection whose instance is not known */
	struct so_store_conns *members; /* a root of its own */
	int64_t due_us, late_us; /* monotonic; how late the last poll began */
	int64_t interval_us;
	bool running, seen, again;
	struct so_cancel *cancel; /* of the running poll */
	struct so_conn *conn; /* a root of its own, or NULL */
	int64_t conn_of, conn_updated_us; /* which connection it was opened for, and how that was then */
	size_t inputs_from; /* the member whose plans and tables are read first */
	size_t lead; /* the member through which the server is asked, modulo their number */
	int64_t unwritten; /* failed polls since the store last took one down: it is full, say */
	struct so_err why; /* of the last of them */
	bool forced; /* somebody wants it now, whatever another node knows of when it is due */
	struct so_store_lease lease; /* of the running poll, once it has one: fence 0 before and after */
	int64_t leased_us; /* when it was taken or renewed; monotonic */
};

struct so_monitor {
	struct so_monitor_options options;
	struct so_pool *pool;
	struct so_fold_rules fold_rules;
	char node[SO_NODE_MAX];
	struct so_store_lease history; /* to fold and judge; of the running fold */
	atomic_bool stop;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	struct so_steady steady;
	size_t count;
	struct target *targets[CONNECTIONS_MAX]; /* roots of their own */
	size_t running;
	bool paused, reload, folding, dirty; /* dirty: polls that no fold has seen */
	int64_t reload_us, fold_us, last_us, hour; /* hour: of the last tick */
	unsigned seed;
};

static int64_t mono(const struct so_monitor *m)
{
	return m->options.clocks->monotonic_us(m->options.clocks->arg);
}

static uint32_t dice(struct so_monitor *m)
{
	uint32_t number;

	pthread_mutex_lock(&m->lock);
	number = (uint32_t)rand_r(&m->seed);
	pthread_mutex_unlock(&m->lock);
	return number;
}

/* ---- one poll, on a thread of the pool ---- */

struct task {
	struct so_monitor *monitor;
	struct target *target;
	int64_t at_us;
	bool forced;
};

/* The shortest that one of its connections wants. */
static int64_t interval_of(const struct so_monitor *m, const struct so_store_conns *members)
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

static void close_conn(struct target *t)
{
	talloc_free(t->conn);
	t->conn = NULL;
}

/* The connection kept from last time, or a new one. */
static bool open_conn(struct so_monitor *m, struct target *t, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_store_conn *first = t->members->items[t->lead % t->members->count];
	const struct so_engine *engine = m->options.engine(first->engine);
	struct so_conn_params params;

	if (t->conn && (!so_conn_usable(t->conn) || t->conn_of != first->id || t->conn_updated_us != first->updated_us))
		close_conn(t);
	if (t->conn)
		return true;
	if (!engine)
		return so_fail(err, SO_UNSUPPORTED, "engine '%s' has no driver in this build", first->engine);
	if (!m->options.params(m->options.arg, tmp, first, &params, err))
		return false;
	params.statement_timeout_ms = STATEMENT_TIMEOUT_MS;
	t->conn = engine->open(NULL, &params, t->cancel, err);
	t->conn_of = first->id;
	t->conn_updated_us = first->updated_us;
	return t->conn != NULL;
}

static void tell(
	struct so_monitor *m, const struct target *t, const struct so_poll_result *result, const struct so_err *why)
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

/* ---- plans, tables and samples of each database, one after the other ---- */

struct opener {
	struct so_monitor *monitor;
	struct target *target;
	bool tried;
	struct so_conn *conn; /* what was opened, or NULL */
	struct so_err why; /* why nothing was */
};

static struct so_conn *open_once(struct opener *opener, int64_t connection_id, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_monitor *m = opener->monitor;
	const struct so_store_conns *members = opener->target->members;
	struct so_conn_params params;

	for (size_t i = 0; i < members->count; i++) {
		if (members->items[i]->id != connection_id)
			continue;
		if (!m->options.params(m->options.arg, tmp, members->items[i], &params, err))
			return NULL;
		params.statement_timeout_ms = STATEMENT_TIMEOUT_MS;
		opener->conn =
			m->options.engine(members->items[i]->engine)->open(NULL, &params, opener->target->cancel, err);
		if (opener->conn)
			so_conn_set_cancel(opener->conn, opener->target->cancel);
	}
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
	struct so_monitor *m, struct target *t, const struct so_poll_rules *rules, size_t member, int64_t at_us)
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

	/* the poll is what counts: without plans and snapshots, causes are only harder to find */
	if (!so_inputs_read(rules, &of, at_us, &err) || !so_samples_take(rules, m->options.harvest, &of, &err))
		so_log(SO_LOG_INFO, &log_at, "plans and tables of '%s': %s", conn->name, err.message);
	talloc_free(opener.conn);
}

/* Those that there was no time for are the first after the next poll. */
static void read_inputs(struct so_monitor *m, struct target *t, const struct so_poll_rules *rules, int64_t at_us)
{
	int64_t until_us = so_time_monotonic_us() + INPUTS_US;
	size_t n = t->members->count, first = t->inputs_from % n;

	for (size_t i = 0; i < n; i++) {
		size_t member = (first + i) % n;

		t->inputs_from = member;
		if (so_time_monotonic_us() > until_us || so_cancel_requested(t->cancel) || !so_conn_usable(t->conn))
			return;
		read_member(m, t, rules, member, at_us);
	}
	t->inputs_from = 0;
}

/* *lost: it failed, and the store could not take that down. Another node that took over, or a connection that was
 * deleted meanwhile, is no such case: there is nothing to take down. */
static bool poll_target(struct so_monitor *m, struct target *t, int64_t at_us, const struct so_store_lease *lease,
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
		.random = dice(m) };
	int64_t began_us = so_time_monotonic_us(), cpu_us = so_time_thread_cpu_us();
	struct so_err err = SO_ERR_INIT;
	bool good = open_conn(m, t, why);

	if (good) {
		so_conn_set_cancel(t->conn, t->cancel);
		good = so_poll_run(
			&rules, t->conn, t->members->items, t->members->count, at_us, began_us, cpu_us, result, why);
		if (good)
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
static int64_t next_due(struct so_monitor *m, const struct target *t, int64_t unwritten, int64_t at_us, uint32_t random)
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
	return mono(m) + so_schedule_delay(&schedule, random);
}

static struct so_store_lease lease_of(const struct so_monitor *m, int64_t key)
{
	return (struct so_store_lease){
		.work = key > 0 ? "instance" : "connection", .subject = key > 0 ? key : -key, .node = m->node
	};
}

/* False without an error: another node polls this server, or has polled it a moment ago. */
static bool take_lease(
	struct so_monitor *m, struct target *t, bool forced, struct so_store_lease *lease, struct so_err *err)
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
	t->leased_us = mono(m);
	pthread_mutex_unlock(&m->lock);
	return true;
}

/* When another node's lease will have run out, or the server is due if that one does not come. */
static int64_t wait_for_lease(struct so_monitor *m, const struct so_store_lease *lease)
{
	int64_t wait_us = lease->until_us - so_store_clock_us(m->options.store);

	return mono(m) + (wait_us < SECOND / 10 ? SECOND / 10 : wait_us);
}

static bool is_about_the_server(enum so_kind kind)
{
	return kind == SO_DENIED || kind == SO_UNSUPPORTED || kind == SO_NOT_FOUND || kind == SO_TARGET;
}

static void run_poll(void *arg)
{
	struct task *task = arg;
	struct so_monitor *m = task->monitor;
	struct target *t = task->target;
	struct so_err why = SO_ERR_INIT;
	struct so_poll_result result = { 0 };
	struct so_store_lease lease = lease_of(m, t->key);
	bool leased, lost, good;
	int64_t due_us, unwritten;

	pthread_mutex_lock(&m->lock);
	t->late_us = mono(m) - t->due_us;
	pthread_mutex_unlock(&m->lock);
	leased = take_lease(m, t, task->forced, &lease, &why);
	lost = !leased && why.kind != SO_NONE;
	good = leased && poll_target(m, t, task->at_us, &lease, &result, &lost, &why);
	unwritten = lost ? t->unwritten + 1 : 0;
	if (leased || lost)
		tell(m, t, &result, &why);
	if (!leased && !lost)
		due_us = wait_for_lease(m, &lease);
	else
		due_us = result.delay_us ? mono(m) + result.delay_us : next_due(m, t, unwritten, task->at_us, dice(m));
	/* what the driver knows of the server since it connected may be what is wrong */
	if ((!leased && !lost) || due_us - mono(m) > KEEP_US || is_about_the_server(why.kind))
		close_conn(t);
	pthread_mutex_lock(&m->lock);
	if (result.delay_us) /* what was written ended it */
		t->lease.fence = 0;
	t->running = false;
	m->running--;
	talloc_free(t->cancel);
	t->cancel = NULL;
	t->due_us = t->again ? mono(m) : due_us;
	t->again = false;
	t->unwritten = unwritten;
	t->why = why;
	if (good) {
		m->last_us = task->at_us;
		m->dirty = true;
	} else if (why.kind == SO_UNSUPPORTED || why.kind == SO_DENIED || why.kind == SO_NOT_FOUND) {
		t->lead++; /* another of its databases or logins may be able to */
	}
	/* found to live on a server that is known: polled with the others from now on */
	if (result.instance_id && t->members->items[0]->instance_id != result.instance_id)
		m->reload = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	talloc_free(task);
}

static void drop_poll(void *arg)
{
	struct task *task = arg;
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

/* ---- the fold and the judgement, on a thread of the pool, too ---- */

static void tell_finding(void *arg, const struct so_told *told)
{
	struct so_monitor *m = arg;
	json_t *json = json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:b}", "finding_id", (json_int_t)told->finding_id,
		"connection_id", (json_int_t)told->connection_id, "query_id", (json_int_t)told->query_id, "rule",
		told->rule, "change", told->change, "severity", so_severity_name(told->severity), "title", told->title,
		"notify", told->notify);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	so_log(SO_LOG_INFO, &log_at, "finding %" PRId64 " %s: %s: %s", told->finding_id, told->change, told->rule,
		told->title);
	if (text && m->options.events)
		so_events_publish(m->options.events, m->options.scope.organisation_id, 0, "finding", text);
	free(text);
	json_decref(json);
}

static void tell_folded(struct so_monitor *m)
{
	if (m->options.folded)
		m->options.folded(m->options.arg, m->options.scope);
}

/* False in *more: all that is known has been folded and judged. */
static bool fold_and_judge(struct so_monitor *m, int64_t now_us, bool *more, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_judge_rules rules = { .past = { m->options.store, m->options.scope },
		.interval_us = m->options.interval_us,
		.tell = tell_finding,
		.arg = m };
	struct so_judge *judge = so_judge_new(tmp, &rules, err);

	*more = false;
	if (!judge || !so_fold_run(&m->fold_rules, now_us, &m->stop, err))
		return false;
	tell_folded(m);
	if (!so_store_lease_keep(m->options.store, &m->history, HISTORY_LEASE_US, err))
		return false;
	*more = true;
	return !m->history.fence || so_judge_run(judge, &m->stop, more, err);
}

static void run_fold(void *arg)
{
	struct so_monitor *m = arg;
	int64_t began_us = so_time_monotonic_us(), took_us;
	struct so_err err = SO_ERR_INIT;
	int64_t now_us;
	bool more = false;

	pthread_mutex_lock(&m->lock);
	now_us = so_steady_now(&m->steady);
	pthread_mutex_unlock(&m->lock);
	/* another node's lease: it folds what we have polled, too, but it may go away */
	if (so_store_lease_keep(m->options.store, &m->history, HISTORY_LEASE_US, &err) && !m->history.fence) {
		tell_folded(m);
		more = true;
	} else if (err.kind != SO_NONE || !fold_and_judge(m, now_us, &more, &err)) {
		so_log_err(SO_LOG_ERROR, &log_at, &err, "roll-ups");
	}
	took_us = so_time_monotonic_us() - began_us;
	pthread_mutex_lock(&m->lock);
	m->folding = false;
	m->dirty = m->dirty || more || err.kind != SO_NONE; /* again, when there is room */
	/* at most a tenth of the time */
	m->fold_us = mono(m) + (took_us * 10 > SECOND ? took_us * 10 : SECOND);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void drop_fold(void *arg)
{
	struct so_monitor *m = arg;

	pthread_mutex_lock(&m->lock);
	m->folding = false;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static struct target *find_target(struct so_monitor *m, int64_t key)
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

/* ---- the table of targets: only the scheduler adds and removes ---- */

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
		/* the same database a second time: polled by itself, so that both connections have their statements */
		for (size_t k = 0; at < n && k < groups[at]->count; k++)
			if (strcmp(groups[at]->items[k]->database, conn->database) == 0) {
				key = -conn->id;
				at = n;
			}
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

static void free_target(struct target *t)
{
	close_conn(t);
	talloc_free(t->members);
	talloc_free(t);
}

/* A server that is new to us: at once, or, when it was polled before our start, when it is due by that. */
static struct target *new_target(struct so_monitor *m, int64_t key, struct so_store_conns *members, uint32_t servers)
{
	SO_TMP(tmp, NULL);
	struct target *t = so_new(NULL, struct target);
	struct so_err err = SO_ERR_INIT;
	struct so_store_watch *watch =
		so_store_watch_get(tmp, m->options.store, m->options.scope, members->items[0]->id, &err);
	int64_t spread_us = m->reload_us ? 0 : so_schedule_start(servers, dice(m)), rest_us = 0;

	t->key = key;
	t->members = talloc_steal(NULL, members);
	t->interval_us = interval_of(m, members);
	if (watch && watch->polls > 0) {
		int64_t now_us = m->options.clocks->wall_us(m->options.clocks->arg);
		struct so_schedule schedule = { .interval_us = t->interval_us,
			.polls = watch->polls,
			.age_us = now_us - watch->first_us,
			.failures = watch->failures };

		rest_us = watch->last_us + so_schedule_delay(&schedule, dice(m)) - now_us;
		/* the clock may have been anywhere while we were not there */
		if (rest_us > t->interval_us)
			rest_us = t->interval_us;
	}
	t->due_us = mono(m) + (rest_us > spread_us ? rest_us : spread_us);
	return t;
}

static void reconcile(struct so_monitor *m)
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
		struct target *t = find_target(m, keys[i]), *fresh = NULL;

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
			if (edited || interval_of(m, t->members) != t->interval_us) {
				t->due_us = mono(m); /* somebody may have mended what kept it from being polled */
				t->forced = true;
			}
			t->interval_us = interval_of(m, t->members);
		}
		t->seen = true;
		pthread_mutex_unlock(&m->lock);
	}
	gone = so_new_array(tmp, struct so_store_lease, m->count + 1);
	pthread_mutex_lock(&m->lock);
	for (size_t i = m->count; i-- > 0;) {
		struct target *t = m->targets[i];

		if (t->seen)
			continue;
		if (t->running) {
			m->reload = true;
			continue;
		}
		gone[n_gone++] = lease_of(m, t->key);
		m->targets[i] = m->targets[--m->count];
		free_target(t);
	}
	pthread_mutex_unlock(&m->lock);
	if (!so_store_leases_drop(m->options.store, gone, n_gone, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "leases of servers that are gone");
}

/* Under the lock. A pool that is full is asked again at the next tick. */
static void start_poll(struct so_monitor *m, struct target *t)
{
	struct task *task = so_new(NULL, struct task);
	struct so_err err = SO_ERR_INIT;

	*task = (struct task){ m, t, so_steady_now(&m->steady), t->forced };
	t->forced = false;
	t->cancel = so_cancel_new(NULL, so_time_monotonic_us() + POLL_LIMIT_US);
	t->running = true;
	m->running++;
	if (so_pool_submit(m->pool, run_poll, drop_poll, task, &err))
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
	if (so_pool_submit(m->pool, run_fold, drop_fold, m, &err))
		return;
	m->folding = false;
	m->dirty = true;
}

/* Under the lock: its lease was lost, so what it reads cannot be written any more. */
static void give_up(struct so_monitor *m, const struct so_store_lease *lost)
{
	for (size_t i = 0; i < m->count; i++) {
		struct target *t = m->targets[i];

		if (t->running && t->lease.fence == lost->fence && t->lease.subject == lost->subject &&
			strcmp(t->lease.work, lost->work) == 0)
			so_cancel_request(t->cancel);
	}
}

/* The leases of polls that take long. */
static void renew_leases(struct so_monitor *m)
{
	SO_TMP(tmp, NULL);
	struct so_store_lease *leases = NULL, *before;
	struct so_err err = SO_ERR_INIT;
	size_t n = 0;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; m->running && i < m->count; i++) {
		struct target *t = m->targets[i];

		if (!t->running || !t->lease.fence || mono(m) - t->leased_us < RENEW_US)
			continue;
		if (!leases)
			leases = so_new_array(tmp, struct so_store_lease, m->running);
		leases[n++] = t->lease;
		t->leased_us = mono(m);
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

void so_monitor_tick(struct so_monitor *m)
{
	int64_t now_us = mono(m);
	bool reload;

	pthread_mutex_lock(&m->lock);
	reload = m->reload || !m->reload_us || now_us - m->reload_us >= RELOAD_US;
	m->reload = false;
	pthread_mutex_unlock(&m->lock);
	renew_leases(m);
	if (reload) {
		reconcile(m);
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
		until_us = mono(m) + SECOND;
		for (size_t i = 0; !m->paused && i < m->count; i++)
			if (!m->targets[i]->running && m->targets[i]->due_us < until_us)
				until_us = m->targets[i]->due_us;
		if (until_us < mono(m) + SECOND / 100)
			until_us = mono(m) + SECOND / 100;
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
		free_target(m->targets[i]);
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

/* Of polls that were cancelled, and of the history: another node need not wait until they run out. */
static void release_leases(struct so_monitor *m)
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
	release_leases(m);
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
		m->targets[i]->due_us = mono(m);
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
	return m->options.clocks->wall_us(m->options.clocks->arg) + due_us - mono(m);
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
	if (next_us && mono(m) - next_us > out->late_us)
		out->late_us = mono(m) - next_us;
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
			const struct target *t = m->targets[i];

			if (t->members->items[k]->id != connection_id)
				continue;
			state = t->running ? SO_MONITOR_RUNNING : m->paused ? SO_MONITOR_PAUSED : SO_MONITOR_WAITING;
			if (state == SO_MONITOR_WAITING)
				*next_us = wall_of(m, t->due_us);
		}
	pthread_mutex_unlock(&m->lock);
	return state;
}
