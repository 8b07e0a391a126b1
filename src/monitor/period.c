#include "monitor/period.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/finding.h"
#include "monitor/happened.h"
#include "monitor/watch.h"

/* New suspects of a period, the heaviest. A query below the least share of the load would be refused anyway. */
enum { FINE_QUERIES = 10, HOUR_QUERIES = 50, SUSPECTS_MAX = 200 };
#define LEAST_SHARE 0.005
/* Short periods that have to be known: a server that is watched since three minutes is told of all the same. What they
 * find has to be four times slower, since no earlier day is known. */
#define FINE_BEFORE 8

struct suspect {
	int64_t query_id, discovered_us;
	struct so_store_verdict verdict; /* as it was */
	struct so_series series;
	double usual_us;
	struct so_event *events;
	size_t n_events;
	bool writes;
};

struct bench { /* everybody of one period */
	const struct so_period *period;
	struct so_watch_config config;
	struct so_store_verdicts *verdicts;
	size_t n;
	struct suspect suspects[SUSPECTS_MAX];
	const struct so_series *peers[SUSPECTS_MAX];
	struct so_load *load;
	size_t n_load;
	struct so_happened *happened;
};

/* ---- verdicts ---- */

static struct so_watch watch_of(const struct so_store_verdict *v)
{
	return (struct so_watch){ .damp = { .state = (enum so_damp_state)v->state,
					  .end = (enum so_damp_end)v->ended,
					  .hot = (uint32_t)v->hot,
					  .cool = (uint32_t)v->cool,
					  .returns = (uint32_t)v->returns,
					  .onset_us = v->onset_us,
					  .opened_us = v->opened_us,
					  .closed_us = v->closed_us,
					  .told_us = v->told_us,
					  .last_data_us = v->last_data_us,
					  .factor = v->factor,
					  .told_factor = v->told_factor,
					  .normal_since_us = v->normal_since_us,
					  .acknowledged = v->acknowledged_us > 0,
					  .acknowledged_factor = v->acknowledged_factor,
					  .muted_until_us = v->muted_until_us },
		.kind = (enum so_regression_kind)v->kind,
		.cause = (enum so_cause_kind)v->cause,
		.baseline_until_us = v->baseline_until_us };
}

static void fill_verdict(struct so_store_verdict *v, const struct so_watch *watch)
{
	v->state = watch->damp.state;
	v->ended = watch->damp.end;
	v->hot = watch->damp.hot;
	v->cool = watch->damp.cool;
	v->returns = watch->damp.returns;
	v->onset_us = watch->damp.onset_us;
	v->opened_us = watch->damp.opened_us;
	v->closed_us = watch->damp.closed_us;
	v->told_us = watch->damp.told_us;
	v->last_data_us = watch->damp.last_data_us;
	v->factor = watch->damp.factor;
	v->told_factor = watch->damp.told_factor;
	v->normal_since_us = watch->damp.normal_since_us;
	v->kind = watch->kind;
	v->cause = watch->cause;
	v->baseline_until_us = watch->baseline_until_us;
}

/* Nothing in it that a later period would need: a query that was muted for ever stays so. */
static bool is_idle(const struct so_store_verdict *v, int64_t now_us, const struct so_watch_config *config)
{
	bool over = v->state == SO_DAMP_QUIET ||
		    (v->state == SO_DAMP_CLOSED && now_us - v->closed_us > config->damp.reopen_us);

	return over && v->hot == 0 && v->muted_until_us <= now_us &&
	       now_us - v->normal_since_us > config->regression.history_us;
}

/* ---- suspects ---- */

static const struct so_store_verdict *find_verdict(const struct bench *b, int64_t query_id, int64_t level)
{
	for (size_t i = 0; i < b->verdicts->count; i++)
		if (b->verdicts->items[i]->query_id == query_id && b->verdicts->items[i]->level == level)
			return b->verdicts->items[i];
	return NULL;
}

static bool is_suspect(const struct bench *b, int64_t query_id)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->suspects[i].query_id == query_id)
			return true;
	return false;
}

/* A regression that is open at the other level is followed there. */
static bool is_open_elsewhere(const struct bench *b, int64_t query_id)
{
	int64_t other = b->period->level == SO_LEVEL_FINE ? SO_LEVEL_HOURS : SO_LEVEL_FINE;
	const struct so_store_verdict *v = find_verdict(b, query_id, other);

	return v && v->state == SO_DAMP_OPEN;
}

static void add_suspect(struct bench *b, int64_t query_id, int64_t discovered_us)
{
	const struct so_store_verdict *v = find_verdict(b, query_id, b->period->level);
	struct suspect *s;

	if (b->n == SUSPECTS_MAX || is_suspect(b, query_id) || is_open_elsewhere(b, query_id))
		return;
	s = &b->suspects[b->n++];
	s->query_id = query_id;
	s->discovered_us = discovered_us;
	s->usual_us = NAN;
	s->verdict = (struct so_store_verdict){ .query_id = query_id,
		.level = b->period->level,
		.connection_id = b->period->connection_id,
		.factor = NAN,
		.told_factor = NAN };
	if (v)
		s->verdict = *v;
}

/* Those that something is known of come first. */
static bool find_suspects(struct bench *b, TALLOC_CTX *ctx, struct so_err *err)
{
	const struct so_period *p = b->period;
	struct so_store_heavies *heavies;
	double all = 0;

	for (size_t i = 0; i < b->verdicts->count; i++) {
		const struct so_store_verdict *v = b->verdicts->items[i];

		if (v->level == p->level && (v->state == SO_DAMP_OPEN || v->hot > 0))
			add_suspect(b, v->query_id, v->discovered_us);
	}
	if (!p->fresh)
		return true;
	heavies = so_store_heavy_list(ctx, p->past->store, p->past->scope, p->connection_id,
		(p->end_us - 1) / SO_HOUR_US, false, p->level == SO_LEVEL_FINE ? FINE_QUERIES : HOUR_QUERIES, err);
	if (!heavies)
		return false;
	for (size_t i = 0; i < heavies->count; i++)
		all += (double)heavies->items[i].exec_us;
	for (size_t i = 0; i < heavies->count; i++)
		if ((double)heavies->items[i].exec_us >= LEAST_SHARE * all)
			add_suspect(b, heavies->items[i].query_id, heavies->items[i].discovered_us);
	return true;
}

static bool read_suspect(struct bench *b, TALLOC_CTX *ctx, struct suspect *s, struct so_err *err)
{
	const struct so_period *p = b->period;

	if (p->level == SO_LEVEL_HOURS)
		return so_past_hours(&s->series, ctx, p->past, s->query_id, p->end_us / SO_HOUR_US, err);
	return so_past_fine(&s->series, ctx, p->past, s->query_id, p->bucket_us, p->end_us,
		       s->verdict.state == SO_DAMP_OPEN ? s->verdict.baseline_until_us : 0, err) &&
	       so_past_usual(&s->usual_us, ctx, p->past, s->query_id, (p->end_us - 1) / SO_HOUR_US, err);
}

static bool read_all(struct bench *b, TALLOC_CTX *ctx, struct so_err *err)
{
	const struct so_period *p = b->period;

	if (b->n == 0)
		return true;
	b->happened = so_happened_read(ctx, p->past, p->connection_id, p->dialect, p->end_us, err);
	if (!b->happened)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		struct suspect *s = &b->suspects[i];

		if (!read_suspect(b, ctx, s, err) ||
			!so_happened_plans(
				(struct so_bucket *)s->series.items, &s->series, ctx, p->past, s->query_id, err) ||
			!so_happened_to(&s->events, &s->n_events, &s->writes, ctx, b->happened, s->query_id, err))
			return false;
		b->peers[i] = &s->series;
	}
	return p->level == SO_LEVEL_HOURS ? so_past_load_hours(&b->load, &b->n_load, ctx, p->past, p->connections,
						    p->n_connections, p->end_us / SO_HOUR_US, err)
					  : so_past_load_fine(&b->load, &b->n_load, ctx, p->past, p->connections,
						    p->n_connections, p->bucket_us, p->end_us, err);
}

/* ---- findings ---- */

struct so_store_finding *so_period_finding(TALLOC_CTX *ctx, const struct so_period *period, int64_t query_id,
	int64_t last_id, const struct so_finding *finding, struct so_err *err)
{
	struct so_err missing = SO_ERR_INIT;
	struct so_store_finding *row = NULL;
	json_t *json = so_finding_to_json(finding);
	char *doc = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (last_id)
		row = so_store_finding_get(ctx, period->past->store, period->past->scope, last_id, &missing);
	if (missing.kind != SO_NONE && missing.kind != SO_NOT_FOUND) {
		free(doc);
		*err = missing;
		return NULL;
	}
	if (!row) {
		row = so_new(ctx, struct so_store_finding);
		row->detected_us = period->end_us;
	}
	row->connection_id = period->connection_id;
	row->query_id = query_id;
	row->rule = so_strdup(row, finding->rule);
	row->issue_type = so_strdup(row, finding->issue_type);
	row->title = so_strdup(row, finding->title);
	row->description = so_strdup(row, finding->explanation);
	row->severity = finding->severity;
	row->doc = so_strdup(row, doc);
	row->resolved = false;
	row->resolved_us = 0;
	row->ended = NULL;
	row->factor = NAN;
	free(doc);
	return row;
}

/* What the step of one suspect changes; false in *changed: nothing. */
static bool rule(struct bench *b, TALLOC_CTX *ctx, const struct suspect *s, struct so_watch_result *result,
	struct so_ruling *out, struct so_err *err)
{
	static const char *const changes[SO_DAMP_EVENT_MAX] = { [SO_DAMP_OPENED] = "opened",
		[SO_DAMP_UPDATED] = "updated",
		[SO_DAMP_CLOSES] = "closed",
		[SO_DAMP_REOPENED] = "reopened" };
	const struct so_period *p = b->period;
	struct so_err missing = SO_ERR_INIT;

	out->change = changes[result->event];
	out->notify = result->notify;
	if (result->event == SO_DAMP_NOTHING)
		return true;
	if (result->event == SO_DAMP_CLOSES) {
		out->finding = !s->verdict.finding_id ? NULL
						      : so_store_finding_get(ctx, p->past->store, p->past->scope,
								s->verdict.finding_id, &missing);
		if (missing.kind != SO_NONE && missing.kind != SO_NOT_FOUND) {
			*err = missing;
			return false;
		}
		if (out->finding) {
			out->finding->resolved = true;
			out->finding->resolved_us = p->end_us;
			out->finding->ended =
				so_strdup(out->finding, so_damp_end_name((enum so_damp_end)out->verdict.ended));
		}
		return true;
	}
	struct so_finding_list *list = so_finding_list_new(ctx);
	const struct so_finding *finding = so_regression_finding(list, &result->found, &result->cause);

	out->finding = so_period_finding(
		ctx, p, s->query_id, result->event == SO_DAMP_OPENED ? 0 : s->verdict.finding_id, finding, err);
	if (!out->finding)
		return false;
	out->finding->cause = so_strdup(out->finding, so_cause_name(result->cause.kind));
	out->finding->returns = out->verdict.returns;
	out->finding->factor = result->found.factor;
	/* mute and factor of the one before: "never tell me of this query" outlives a finding */
	if (result->event == SO_DAMP_OPENED)
		out->finding->muted_until_us = s->verdict.muted_until_us > p->end_us ? s->verdict.muted_until_us : 0;
	return true;
}

static bool judge_all(struct bench *b, TALLOC_CTX *ctx, struct so_ruling *rulings, size_t *n, struct so_err *err)
{
	const struct so_period *p = b->period;

	for (size_t i = 0; i < b->n; i++) {
		const struct suspect *s = &b->suspects[i];
		struct so_watch watch = watch_of(&s->verdict);
		struct so_watch_result result;
		struct so_watch_input input = { .known = { .series = &s->series,
							.events = s->events,
							.n_events = s->n_events,
							.peers = b->peers,
							.n_peers = b->n,
							.writes = s->writes },
			.load = b->load,
			.n_load = b->n_load,
			.usual_us = s->usual_us,
			.cut = p->level == SO_LEVEL_FINE };
		struct so_ruling *out = &rulings[*n];

		/* A query is new by hours only: by minutes, each job that runs once would be. */
		if (p->level == SO_LEVEL_HOURS) {
			input.first_seen_us = s->discovered_us;
			input.watched_since_us = p->watched_since_us;
		}
		so_watch_step(&result, ctx, &watch, &input, &b->config);
		*out = (struct so_ruling){ .verdict = s->verdict };
		fill_verdict(&out->verdict, &watch);
		if (!rule(b, ctx, s, &result, out, err))
			return false;
		out->drop = is_idle(&out->verdict, p->end_us, &b->config);
		if (result.event != SO_DAMP_NOTHING || memcmp(&out->verdict, &s->verdict, sizeof s->verdict) != 0)
			(*n)++;
	}
	/* and those that were not looked at because nothing is left of them */
	for (size_t i = 0; i < b->verdicts->count && *n < 2 * SUSPECTS_MAX; i++)
		if (b->verdicts->items[i]->level == p->level && !is_suspect(b, b->verdicts->items[i]->query_id) &&
			is_idle(b->verdicts->items[i], p->end_us, &b->config))
			rulings[(*n)++] = (struct so_ruling){ .verdict = *b->verdicts->items[i], .drop = true };
	return true;
}

/* ---- the transaction ---- */

struct saving {
	const struct so_period *period;
	struct so_ruling *rulings;
	size_t n;
};

static bool save_one(struct so_store *tx, const struct so_period *p, struct so_ruling *ruling, struct so_err *err)
{
	struct so_err gone = SO_ERR_INIT;
	int64_t until_us;

	if (ruling->finding) {
		until_us = ruling->finding->muted_until_us;
		/* one that somebody deleted meanwhile stays deleted */
		if (!so_store_finding_tell(tx, p->past->scope, ruling->finding, &gone) && gone.kind != SO_NOT_FOUND) {
			*err = gone;
			return false;
		}
		ruling->verdict.finding_id = gone.kind == SO_NONE ? ruling->finding->id : 0;
		if (gone.kind == SO_NONE && strcmp(ruling->change, "opened") == 0 && until_us &&
			!so_store_finding_mute(tx, p->past->scope, ruling->finding->id, until_us, err))
			return false;
	}
	return ruling->drop ? so_store_verdict_drop(
				      tx, ruling->verdict.query_id, (enum so_store_level)ruling->verdict.level, err)
			    : so_store_verdict_put(tx, &ruling->verdict, err);
}

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct saving *saving = arg;
	const struct so_period *p = saving->period;

	for (size_t i = 0; i < saving->n; i++)
		if (!save_one(tx, p, &saving->rulings[i], err))
			return false;
	return so_store_judged_put(tx, p->past->scope, p->connection_id, p->level, p->end_us, err);
}

bool so_period_save(const struct so_period *period, struct so_ruling *rulings, size_t n, struct so_err *err)
{
	struct saving saving = { period, rulings, n };

	if (!so_store_tx_lazy(period->past->store, save_tx, &saving, err))
		return false;
	for (size_t i = 0; period->tell && i < n; i++)
		if (rulings[i].finding)
			period->tell(period->arg, &(struct so_told){ .connection_id = period->connection_id,
							  .query_id = rulings[i].verdict.query_id,
							  .finding_id = rulings[i].finding->id,
							  .rule = rulings[i].finding->rule,
							  .title = rulings[i].finding->title,
							  .change = rulings[i].change,
							  .severity = (enum so_severity)rulings[i].finding->severity,
							  .notify = rulings[i].notify });
	return true;
}

bool so_period_judge(const struct so_period *period, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct bench *b = so_new(tmp, struct bench);
	struct so_ruling *rulings = so_new_array(tmp, struct so_ruling, 2 * SUSPECTS_MAX + 1);
	size_t n = 0;

	b->period = period;
	b->config = (struct so_watch_config)SO_WATCH_DEFAULTS;
	if (period->level == SO_LEVEL_FINE)
		b->config.regression.min_before = FINE_BEFORE;
	b->verdicts = so_store_verdict_list(tmp, period->past->store, period->past->scope, period->connection_id, err);
	return b->verdicts && find_suspects(b, tmp, err) && read_all(b, tmp, err) &&
	       judge_all(b, tmp, rulings, &n, err) && so_period_save(period, rulings, n, err);
}
