/* Statements that are called in a loop, as findings: opened when they were found twice in a row, closed when they were
 * not three times. */
#include "monitor/period.h"

#include <string.h>

#include "monitor/damping.h"
#include "monitor/finding.h"

enum { QUERIES = 30, OPEN_AFTER = 2, CLOSE_AFTER = 3, HOURS = 168, TEXT = 500 };
#define UPDATE_US    SO_HOUR_US
#define UPDATE_RATIO 1.25

struct loops {
	const struct so_period *period;
	size_t n;
	int64_t ids[2 * QUERIES];
	struct so_series series[2 * QUERIES];
	const struct so_series *list[2 * QUERIES];
};

static bool add_heavies(struct loops *l, TALLOC_CTX *ctx, bool by_calls, struct so_err *err)
{
	const struct so_period *p = l->period;
	struct so_store_heavies *heavies = so_store_heavy_list(ctx, p->past->store, p->past->scope, p->connection_id,
		(p->end_us - 1) / SO_HOUR_US, by_calls, QUERIES, err);

	if (!heavies)
		return false;
	for (size_t i = 0; i < heavies->count && l->n < QUERIES + (by_calls ? QUERIES : 0); i++) {
		size_t at = 0;

		while (at < l->n && l->ids[at] != heavies->items[i].query_id)
			at++;
		if (at == l->n)
			l->ids[l->n++] = heavies->items[i].query_id;
	}
	return true;
}

static bool read_series(struct loops *l, TALLOC_CTX *ctx, struct so_err *err)
{
	const struct so_period *p = l->period;

	for (size_t i = 0; i < l->n; i++) {
		struct so_series *s = &l->series[i];

		if (p->bucket_us == SO_HOUR_US
				? !so_past_hours(s, ctx, p->past, l->ids[i], p->end_us / SO_HOUR_US, err)
				: !so_past_fine(s, ctx, p->past, l->ids[i], p->bucket_us, p->end_us, 0, err))
			return false;
		if (s->count > HOURS && p->bucket_us == SO_HOUR_US) {
			s->items += s->count - HOURS;
			s->count = HOURS;
		}
		l->list[i] = s;
	}
	return true;
}

static struct so_store_verdict verdict_of(
	const struct so_store_verdicts *all, const struct so_period *p, int64_t query_id)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i]->query_id == query_id && all->items[i]->level == SO_LEVEL_LOOP)
			return *all->items[i];
	return (struct so_store_verdict){ .query_id = query_id,
		.level = SO_LEVEL_LOOP,
		.connection_id = p->connection_id,
		.factor = NAN,
		.told_factor = NAN };
}

/* How the parent is named to the reader: its text, or the beginning of it. */
static char *name_of(TALLOC_CTX *ctx, const struct so_period *p, int64_t query_id, struct so_err *err)
{
	struct so_store_query *query = so_store_query_get(ctx, p->past->store, p->past->scope, query_id, err);

	if (!query)
		return NULL;
	return strlen(query->sql_text) <= TEXT ? query->sql_text : so_printf(ctx, "%.*s ...", TEXT, query->sql_text);
}

/* The pair was found in this period. */
static bool rule_found(const struct loops *l, TALLOC_CTX *ctx, const struct so_n_plus_one *pair, struct so_ruling *out,
	struct so_err *err)
{
	const struct so_period *p = l->period;
	struct so_store_verdict *v = &out->verdict;
	bool open = v->state == SO_DAMP_OPEN, again = v->state == SO_DAMP_CLOSED && v->finding_id;
	int64_t parent = l->ids[pair->parent];
	bool moved = v->cause != parent || pair->ratio > v->told_factor * UPDATE_RATIO ||
		     pair->ratio < v->told_factor / UPDATE_RATIO;
	struct so_finding_list *list;
	char *name;

	v->cool = 0;
	v->factor = pair->ratio;
	v->last_data_us = p->end_us;
	if (!open && ++v->hot < OPEN_AFTER)
		return true;
	if (open && (!moved || p->end_us - v->told_us < UPDATE_US))
		return true;
	name = name_of(ctx, p, parent, err);
	if (!name)
		return false;
	list = so_finding_list_new(ctx);
	out->finding =
		so_period_finding(ctx, p, v->query_id, v->finding_id, so_n_plus_one_finding(list, pair, name), err);
	if (!out->finding)
		return false;
	out->change = open ? "updated" : again ? "reopened" : "opened";
	out->notify = !open && !v->acknowledged_us && v->muted_until_us <= p->end_us;
	if (!open) {
		v->opened_us = p->end_us;
		v->onset_us = p->end_us;
		v->returns += again;
	}
	out->finding->returns = v->returns;
	out->finding->factor = pair->ratio;
	v->state = SO_DAMP_OPEN;
	v->ended = SO_END_NONE;
	v->hot = 0;
	v->told_us = p->end_us;
	v->told_factor = pair->ratio;
	v->cause = parent;
	return true;
}

static bool rule_lost(const struct so_period *p, TALLOC_CTX *ctx, struct so_ruling *out, struct so_err *err)
{
	struct so_store_verdict *v = &out->verdict;
	struct so_err missing = SO_ERR_INIT;

	v->hot = 0;
	if (v->state != SO_DAMP_OPEN) {
		out->drop = p->end_us - v->closed_us > 3 * SO_DAMP_DAY_US;
		return true;
	}
	if (++v->cool < CLOSE_AFTER)
		return true;
	v->state = SO_DAMP_CLOSED;
	v->ended = SO_END_RECOVERED;
	v->closed_us = p->end_us;
	out->change = "closed";
	if (v->finding_id)
		out->finding = so_store_finding_get(ctx, p->past->store, p->past->scope, v->finding_id, &missing);
	if (missing.kind != SO_NONE && missing.kind != SO_NOT_FOUND) {
		*err = missing;
		return false;
	}
	if (out->finding) {
		out->finding->resolved = true;
		out->finding->resolved_us = p->end_us;
		out->finding->ended = so_strdup(out->finding, so_damp_end_name(SO_END_RECOVERED));
	}
	return true;
}

bool so_period_loops(const struct so_period *period, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_n_plus_one_config config = SO_N_PLUS_ONE_DEFAULTS;
	struct loops *l = so_new(tmp, struct loops);
	struct so_store_verdicts *verdicts =
		so_store_verdict_list(tmp, period->past->store, period->past->scope, period->connection_id, err);
	struct so_n_plus_one *pairs;
	struct so_ruling *rulings;
	size_t count, n = 0;

	l->period = period;
	if (!verdicts || !add_heavies(l, tmp, false, err) || !add_heavies(l, tmp, true, err) ||
		!read_series(l, tmp, err))
		return false;
	pairs = so_n_plus_one_find(tmp, l->list, l->n, &config, &count);
	rulings = so_new_array(tmp, struct so_ruling, count + verdicts->count + 1);
	for (size_t i = 0; i < count; i++) {
		rulings[n].verdict = verdict_of(verdicts, period, l->ids[pairs[i].child]);
		if (!rule_found(l, tmp, &pairs[i], &rulings[n++], err))
			return false;
	}
	for (size_t i = 0; i < verdicts->count; i++) {
		size_t at = 0;

		while (at < count && l->ids[pairs[at].child] != verdicts->items[i]->query_id)
			at++;
		if (verdicts->items[i]->level != SO_LEVEL_LOOP || at < count)
			continue;
		rulings[n].verdict = *verdicts->items[i];
		if (!rule_lost(period, tmp, &rulings[n++], err))
			return false;
	}
	return so_period_save(period, rulings, n, err);
}
