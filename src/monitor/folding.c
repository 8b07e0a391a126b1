/* What follows the polls, on a thread of the pool: samples become hours and days, and are judged. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "monitor/internal.h"
#include "monitor/judge.h"

#define HISTORY_LEASE_US (30 * SECOND) /* of folding and judging */

static const struct so_log_at log_at = { .module = "monitor" };

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

void mon_run_fold(void *arg)
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
	m->fold_us = mon_now_us(m) + (took_us * 10 > SECOND ? took_us * 10 : SECOND);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

void mon_drop_fold(void *arg)
{
	struct so_monitor *m = arg;

	pthread_mutex_lock(&m->lock);
	m->folding = false;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}
