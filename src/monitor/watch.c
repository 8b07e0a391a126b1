#include "monitor/watch.h"

#include <stdlib.h>

/* Buckets that decide whether an open regression goes on: their median is back to normal after four good ones. */
#define LAST_BUCKETS 6

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What makes this query slow from one call to the next, and nothing else does: a setting or a version that changed
 * comes with a restart, after which one slow bucket is natural. */
static size_t sudden_events(int64_t *out, const struct so_cause_input *known)
{
	size_t n = 0;

	for (size_t i = 0; i < known->n_events; i++) {
		const struct so_event *e = &known->events[i];

		if (e->kind == SO_EVENT_INDEX_DROPPED)
			out[n++] = e->to_us;
	}
	qsort(out, n, sizeof *out, by_time);
	return n;
}

/* The part of the series since it was last taken for normal. */
static struct so_series since(const struct so_series *series, int64_t from_us)
{
	size_t first = from_us ? so_series_find(series, from_us) : 0;

	return (struct so_series){ series->items + first, series->count - first, series->bucket_us };
}

/* Cool is nearer to before than to after, and not a regression by itself. */
static enum so_heat heat_of(const struct so_regression_now *now, double factor, double min_ratio)
{
	double is = log(now->factor), limit = log(min_ratio);

	return is < fmin(limit, log(factor) / 2) ? SO_HEAT_COOL : is < limit ? SO_HEAT_WARM : SO_HEAT_HOT;
}

/* Share of the instance's time in the last day; true where the load is not known. */
static bool still_heavy(
	const struct so_series *series, const struct so_watch_input *input, const struct so_watch_config *config)
{
	int64_t from = series->items[series->count - 1].start_us - SO_DAY_US;
	double own = 0, all = 0;

	for (size_t i = series->count; i-- > 0 && series->items[i].start_us > from;)
		own += series->items[i].exec_us;
	for (size_t i = input->n_load; i-- > 0 && input->load[i].start_us > from;)
		all += input->load[i].exec_us;
	return !(all > 0) || own / all >= config->regression.new_share / 2;
}

/* One that is open: is it still as slow as it was found to be? */
static void follow(struct so_damp_input *step, struct so_regression *found, TALLOC_CTX *ctx,
	const struct so_watch *watch, const struct so_series *series, const struct so_watch_input *input,
	const struct so_watch_config *config)
{
	struct so_regression_now now;
	bool again = found->kind != SO_REGRESSION_NONE;

	if (input->cut && again)
		found->kind = watch->kind;
	if (!again || input->cut)
		found->onset_us = found->onset_from_us = found->onset_to_us = watch->damp.onset_us;
	so_regression_measure(&now, ctx, series, watch->damp.onset_us, LAST_BUCKETS, &config->regression);
	if (!now.known) {
		/* what it was before is no longer known: it settles, or is gone */
		if (!again)
			step->heat = SO_HEAT_WARM;
		return;
	}
	step->heat = heat_of(&now, watch->damp.factor, config->regression.min_ratio);
	if (again)
		return;
	found->kind = watch->kind;
	found->before_us = now.before_us;
	found->after_us = now.after_us;
	found->factor = step->factor = now.factor;
}

void so_watch_step(struct so_watch_result *result, TALLOC_CTX *ctx, struct so_watch *watch,
	const struct so_watch_input *input, const struct so_watch_config *config)
{
	SO_TMP(tmp, ctx);
	struct so_series series = since(input->known.series, watch->damp.normal_since_us);
	int64_t *sudden = so_new_array(tmp, int64_t, input->known.n_events + 1);
	struct so_regression_input beside = { .load = input->load,
		.n_load = input->n_load,
		.first_seen_us = input->first_seen_us,
		.watched_since_us = input->watched_since_us,
		.sudden_us = sudden,
		.n_sudden = sudden_events(sudden, &input->known),
		.baseline_until_us = watch->damp.state == SO_DAMP_OPEN ? watch->baseline_until_us : 0 };
	struct so_damp_input step = { .heat = SO_HEAT_NONE };
	struct so_cause_input known = input->known;
	bool open = watch->damp.state == SO_DAMP_OPEN;

	*result = (struct so_watch_result){ .event = SO_DAMP_NOTHING };
	if (!series.count)
		return;
	known.series = &series;
	so_regression_detect(&result->found, ctx, &series, &beside, &config->regression);
	if (!open && input->usual_us > 0 && result->found.kind && result->found.kind != SO_REGRESSION_NEW &&
		result->found.after_us < input->usual_us * config->regression.min_ratio) {
		result->found.kind = SO_REGRESSION_NONE;
		result->found.veto = SO_VETO_RECURS;
	}
	step.at_us = result->found.last_us;
	if (so_bucket_usable(&series.items[series.count - 1])) {
		step.heat = result->found.kind ? SO_HEAT_HOT : SO_HEAT_COOL;
		step.overwhelming = result->found.overwhelming;
		step.factor = isnan(result->found.factor) ? 1 : result->found.factor;
		step.onset_us = result->found.onset_us;
	}
	if (open && watch->kind == SO_REGRESSION_NEW && step.heat != SO_HEAT_NONE) {
		/* It has no "before": it is over when it no longer takes much of the time, or normal after a while. */
		step.heat = still_heavy(&series, input, config) ? SO_HEAT_HOT : SO_HEAT_COOL;
		step.factor = 1;
		if (!result->found.kind)
			step.heat = step.heat == SO_HEAT_HOT ? SO_HEAT_WARM : step.heat;
	} else if (open && step.heat != SO_HEAT_NONE) {
		follow(&step, &result->found, ctx, watch, &series, input, config);
	}
	if (step.heat == SO_HEAT_HOT) {
		so_cause_find(&result->cause, ctx, &result->found, &known, &config->regression);
		/* the plan says most of all causes; when it is back again, it only seems to have been another one */
		step.changed = open && (result->found.kind != watch->kind ||
					       (result->cause.kind != watch->cause && watch->cause != SO_CAUSE_PLAN));
	}
	result->event = so_damp_step(&watch->damp, &step, &config->damp, &result->notify);
	if (result->event == SO_DAMP_OPENED || result->event == SO_DAMP_UPDATED || result->event == SO_DAMP_REOPENED) {
		watch->kind = result->found.kind;
		watch->cause = result->cause.kind;
		if (result->event != SO_DAMP_UPDATED)
			watch->baseline_until_us = result->found.baseline_until_us;
	}
}
