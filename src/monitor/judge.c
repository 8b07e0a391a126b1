#include "monitor/judge.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/engine.h"

#define SECOND INT64_C(1000000)

/* Short periods are read from raw samples: those of some connections only, the ones that are polled most often. */
enum { CONNECTIONS_MAX = 1000, FINE_CONNECTIONS = 20, HOURS_BEHIND = 24, PERIODS_BEHIND = 30 };
#define FINE_INTERVAL_US (60 * SECOND)
#define LOOPS_US         (600 * SECOND) /* how often loops are looked for by short periods */
#define LOOP_BUCKETS     3 /* short periods in one of theirs: few calls would say little of a ratio */
#define RUN_US           SECOND

struct subject {
	int64_t connection_id, instance_id, interval_us, first_us, last_us;
	const char *dialect;
	bool fine;
};

struct so_judge {
	struct so_judge_rules rules;
	size_t n;
	struct subject *subjects;
};

int64_t so_judge_bucket(int64_t interval_us)
{
	static const int64_t seconds[] = { 20, 30, 60, 120 };

	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
		if (2 * interval_us <= seconds[i] * SECOND)
			return seconds[i] * SECOND;
	return SO_HOUR_US;
}

static int by_interval(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	if (x->interval_us != y->interval_us)
		return x->interval_us < y->interval_us ? -1 : 1;
	return (x->connection_id > y->connection_id) - (x->connection_id < y->connection_id);
}

struct so_judge *so_judge_new(TALLOC_CTX *ctx, const struct so_judge_rules *rules, struct so_err *err)
{
	struct so_judge *judge = so_new(ctx, struct so_judge);
	struct so_store_conns *conns =
		so_store_conn_list(judge, rules->past.store, rules->past.scope, CONNECTIONS_MAX, 0, err);

	if (!conns)
		return talloc_free(judge), NULL;
	judge->rules = *rules;
	judge->subjects = so_new_array(judge, struct subject, conns->count + 1);
	for (size_t i = 0; i < conns->count; i++) {
		const struct so_store_conn *conn = conns->items[i];
		struct so_store_watch *watch =
			so_store_watch_get(judge, rules->past.store, rules->past.scope, conn->id, err);

		if (!watch)
			return talloc_free(judge), NULL;
		if (watch->polls)
			judge->subjects[judge->n++] = (struct subject){ .connection_id = conn->id,
				.instance_id = conn->instance_id,
				.interval_us = conn->interval_s ? conn->interval_s * SECOND : rules->interval_us,
				.first_us = watch->first_us,
				.last_us = watch->last_us,
				.dialect = so_engine_dialect(conn->engine, conn->server_flavor) };
		talloc_free(watch);
	}
	talloc_free(conns);
	qsort(judge->subjects, judge->n, sizeof *judge->subjects, by_interval);
	for (size_t i = 0; i < judge->n && i < FINE_CONNECTIONS; i++)
		judge->subjects[i].fine = judge->subjects[i].interval_us <= FINE_INTERVAL_US;
	return judge;
}

struct run {
	struct so_judge *judge;
	const atomic_bool *stop;
	int64_t until_us; /* monotonic */
	bool more;
};

/* Between two periods: whether to go on. */
static bool may_go_on(struct run *run)
{
	bool stopped = run->stop && atomic_load(run->stop);

	if (stopped || so_time_monotonic_us() >= run->until_us)
		run->more = true;
	return !run->more;
}

/* The periods of one level that ended since the last one judged; what is far behind is left out. */
static bool judge_level(struct run *run, struct so_period *period, int64_t until_us, int64_t last_us, int64_t behind,
	struct so_err *err)
{
	int64_t newest_us = last_us - last_us % period->bucket_us;
	int64_t from_us = newest_us - behind * period->bucket_us;

	if (from_us < until_us)
		from_us = until_us - until_us % period->bucket_us;
	for (int64_t end_us = from_us + period->bucket_us; end_us <= newest_us && may_go_on(run);
		end_us += period->bucket_us) {
		period->end_us = end_us;
		if (!so_period_judge(period, err))
			return false;
	}
	return true;
}

static bool judge_loops(
	struct run *run, struct so_period *period, bool fine, int64_t until_us, int64_t last_us, struct so_err *err)
{
	int64_t step_us = fine ? LOOPS_US : SO_HOUR_US;

	period->level = SO_LEVEL_LOOP;
	period->end_us = last_us - last_us % step_us;
	period->bucket_us = fine ? LOOP_BUCKETS * period->bucket_us : SO_HOUR_US;
	if (period->end_us <= until_us || !may_go_on(run))
		return true;
	return so_period_loops(period, err);
}

static bool judge_subject(struct run *run, const struct subject *s, struct so_err *err)
{
	const struct so_judge *judge = run->judge;
	int64_t until_us[SO_LEVEL_MAX], connections[CONNECTIONS_MAX];
	struct so_period period = { .past = &judge->rules.past,
		.connection_id = s->connection_id,
		.dialect = s->dialect,
		.watched_since_us = s->first_us,
		.connections = connections,
		.tell = judge->rules.tell,
		.arg = judge->rules.arg };

	for (size_t i = 0; i < judge->n; i++)
		if (&judge->subjects[i] == s || (s->instance_id && judge->subjects[i].instance_id == s->instance_id))
			connections[period.n_connections++] = judge->subjects[i].connection_id;
	if (!so_store_judged(judge->rules.past.store, judge->rules.past.scope, s->connection_id, until_us, err))
		return false;
	period.level = SO_LEVEL_HOURS;
	period.bucket_us = SO_HOUR_US;
	period.fresh = true;
	if (!judge_level(run, &period, until_us[SO_LEVEL_HOURS] ? until_us[SO_LEVEL_HOURS] : s->first_us, s->last_us,
		    HOURS_BEHIND, err))
		return false;
	/* one that is no longer polled so often, or not among the first, follows what it had opened to its end */
	period.level = SO_LEVEL_FINE;
	period.bucket_us = s->fine ? so_judge_bucket(s->interval_us) : SO_HOUR_US;
	period.fresh = s->fine;
	if ((s->fine || until_us[SO_LEVEL_FINE]) &&
		!judge_level(run, &period, until_us[SO_LEVEL_FINE] ? until_us[SO_LEVEL_FINE] : s->first_us, s->last_us,
			PERIODS_BEHIND, err))
		return false;
	return judge_loops(run, &period, s->fine, until_us[SO_LEVEL_LOOP], s->last_us, err);
}

bool so_judge_run(struct so_judge *judge, const atomic_bool *stop, bool *more, struct so_err *err)
{
	struct run run = { .judge = judge, .stop = stop, .until_us = so_time_monotonic_us() + RUN_US };
	size_t first = judge->n ? (size_t)(so_time_now_us() / SECOND) % judge->n : 0;

	/* begins anywhere, so that who comes last today is not last for ever */
	for (size_t i = 0; i < judge->n && may_go_on(&run); i++) {
		const struct subject *s = &judge->subjects[(first + i) % judge->n];
		struct so_err gone = SO_ERR_INIT;

		if (!judge_subject(&run, s, &gone) && gone.kind != SO_NOT_FOUND) {
			*err = gone;
			return false;
		}
	}
	*more = run.more;
	return true;
}
