/* The rules. "Before" is a week until the onset, "after" is what follows it; of a drift the first and last part of the
 * rise. Only the same hours are compared. A figure explains a slowdown by factor f if it grew by at least the square
 * root of f (half of it on the log scale), so that another cause of the same size would have to be found beside it.
 * What merely happened at the time is named only if it can act without a trace in the figures. */
#include "monitor/cause.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/cause_text.h"
#include "monitor/robust.h"

#define BEFORE_US (7 * SO_DAY_US)
/* Least part of the log factor that a figure has to account for. */
#define EXPLAINS 0.5
/* Other queries are "slowed alike" from this part on: they are hit as hard only if they wait for the same thing. */
#define ALIKE        0.4
#define ALIKE_QUORUM 0.6
#define PEERS_MIN    4
/* Growth below this is within what any workload does. */
#define GROWTH_MIN 1.2
/* The part of pages not in the cache has to rise by this much: a read takes 50 times as long as a hit or more, so that
 * 2 % more of them double the time of the pages. */
#define MISS_MIN 0.02
/* As many pages as before a call, give or take. */
#define SAME_PAGES 1.4

struct window {
	int64_t from_us, to_us;
};

struct finder {
	const struct so_regression *found;
	const struct so_cause_input *input;
	const struct so_regression_config *config;
	struct window before, after;
	uint32_t hours; /* bits: hours of the day that both windows have */
	double *scratch;
	struct so_weighted *weighted;
	double log_factor;
};

const char *so_cause_name(enum so_cause_kind kind)
{
	static const char *const names[SO_CAUSE_KIND_MAX] = { "none", "plan_change", "row_growth", "cache",
		"statistics", "setting", "index", "version", "load" };

	return names[kind];
}

static int hour_of(const struct finder *f, int64_t at_us)
{
	struct so_season zone = { .utc_offset_us = f->config->season.utc_offset_us };

	return so_season_hour(&zone, at_us);
}

static bool inside(const struct finder *f, const struct window *window, const struct so_bucket *b)
{
	return b->start_us >= window->from_us && b->start_us < window->to_us && so_bucket_usable(b) &&
	       (f->hours >> hour_of(f, b->start_us) & 1);
}

typedef double bucket_value(const struct so_bucket *bucket); /* NAN: not known */

static double value_time(const struct so_bucket *b)
{
	return so_bucket_log_mean(b);
}

static double value_rows(const struct so_bucket *b)
{
	return b->rows >= 0 ? log(((double)b->rows + 0.5) / (double)b->calls) : NAN;
}

static double value_pages(const struct so_bucket *b)
{
	return b->hits >= 0 && b->reads >= 0 ? log((double)(b->hits + b->reads + 1) / (double)b->calls) : NAN;
}

static double value_reads(const struct so_bucket *b)
{
	return b->reads >= 0 ? log(((double)b->reads + 0.5) / (double)b->calls) : NAN;
}

static double value_miss(const struct so_bucket *b)
{
	return b->hits >= 0 && b->reads >= 0 && b->hits + b->reads > 0 ? (double)b->reads / (double)(b->hits + b->reads)
								       : NAN;
}

/* Median over the buckets of a window, weighted by the root of their calls; of those with a plan if `plan` is not 0.
 * NAN for none. */
static double typical(const struct finder *f, const struct so_series *series, const struct window *window,
	bucket_value *value, uint64_t plan)
{
	size_t n = 0;

	for (size_t i = so_series_find(series, window->from_us); i < series->count && n < SO_SERIES_MAX; i++) {
		const struct so_bucket *b = &series->items[i];
		double v;

		if (b->start_us >= window->to_us)
			break;
		if (!inside(f, window, b) || (plan && b->plan != plan))
			continue;
		v = value(b);
		if (!isnan(v))
			f->weighted[n++] = (struct so_weighted){ v, sqrt((double)b->calls) };
	}
	return so_weighted_median(f->weighted, n);
}

static void set_windows(struct finder *f)
{
	const struct so_series *series = f->input->series;
	int64_t end = f->found->last_us, onset = f->found->onset_us, bucket = series->bucket_us;
	uint32_t before = 0, after = 0;

	f->before = (struct window){ onset - BEFORE_US, f->found->onset_from_us };
	f->after = (struct window){ f->found->onset_to_us < end - bucket ? f->found->onset_to_us : onset, end };
	if (f->found->kind == SO_REGRESSION_DRIFT) {
		int64_t part = (end - onset) / 4;

		if (series->count && series->items[0].start_us > onset - part)
			f->before.to_us = onset + part;
		f->after.from_us = end - (part > bucket ? part : bucket);
	}
	f->hours = 0xffffff;
	for (size_t i = 0; i < series->count; i++) {
		if (inside(f, &f->before, &series->items[i]))
			before |= 1u << hour_of(f, series->items[i].start_us);
		if (inside(f, &f->after, &series->items[i]))
			after |= 1u << hour_of(f, series->items[i].start_us);
	}
	if (before & after)
		f->hours = before & after;
}

/* The plan that most buckets of a window have; 0 not known. */
static uint64_t usual_plan(const struct finder *f, const struct window *window)
{
	const struct so_series *series = f->input->series;
	uint64_t candidate = 0;
	size_t lead = 0, n = 0, with = 0;

	/* Majority vote of Boyer and Moore, then counted. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < series->count; i++) {
			const struct so_bucket *b = &series->items[i];

			if (b->start_us < window->from_us || b->start_us >= window->to_us || !so_bucket_usable(b) ||
				!b->plan)
				continue;
			if (pass) {
				n++;
				with += b->plan == candidate;
			} else if (!lead) {
				candidate = b->plan;
				lead = 1;
			} else {
				lead = b->plan == candidate ? lead + 1 : lead - 1;
			}
		}
	return 2 * with > n ? candidate : 0;
}

/* [from, to] touches the window, give or take a bucket. */
static bool touches(const struct finder *f, const struct window *window, int64_t from_us, int64_t to_us)
{
	int64_t slack = f->input->series->bucket_us;

	return from_us <= window->to_us + slack && to_us >= window->from_us - slack;
}

static struct window onset_window(const struct finder *f)
{
	return (struct window){ f->found->onset_from_us, f->found->onset_to_us };
}

/* The event of a kind that happened in the window, the nearest to its middle; NULL none. */
static const struct so_event *event_in(const struct finder *f, const struct window *window, enum so_event_kind kind)
{
	const struct so_event *best = NULL;
	int64_t best_distance = INT64_MAX;

	for (size_t i = 0; i < f->input->n_events; i++) {
		const struct so_event *e = &f->input->events[i];
		int64_t distance = llabs((e->from_us + e->to_us) / 2 - (window->from_us + window->to_us) / 2);

		if (e->kind == kind && touches(f, window, e->from_us, e->to_us) && distance < best_distance) {
			best = e;
			best_distance = distance;
		}
	}
	return best;
}

/* The shape changed within a bucket of the onset, and the new shape is the slow one: also where it was in use before.
 */
static bool check_plan(const struct finder *f, struct so_cause *cause)
{
	static const enum so_event_kind triggers[] = { SO_EVENT_INDEX_DROPPED, SO_EVENT_VERSION, SO_EVENT_SETTING,
		SO_EVENT_STATISTICS, SO_EVENT_INDEX_CREATED, SO_EVENT_TABLE_ROWS, SO_EVENT_DEPLOY };
	const struct so_series *series = f->input->series;
	uint64_t old = usual_plan(f, &f->before), new = usual_plan(f, &f->after);
	int64_t old_until = INT64_MIN, new_from = INT64_MAX;
	struct window onset = onset_window(f), used;
	double slower, earlier;

	if (!old || !new || old == new)
		return false;
	for (size_t i = 0; i < series->count; i++)
		if (series->items[i].plan == old &&
			series->items[i].start_us <= f->found->onset_to_us + series->bucket_us)
			old_until = series->items[i].start_us;
	for (size_t i = series->count; i-- > 0 && series->items[i].start_us > old_until;)
		if (series->items[i].plan == new)
			new_from = series->items[i].start_us;
	if (new_from == INT64_MAX || !touches(f, &onset, old_until, new_from))
		return false;
	slower = typical(f, series, &f->after, value_time, new) - typical(f, series, &f->before, value_time, old);
	/* In use before the last time of the old one: then it was as slow, or it is not the plan. */
	used = (struct window){ f->before.from_us, old_until < f->before.to_us ? old_until : f->before.to_us };
	earlier = typical(f, series, &used, value_time, new) - typical(f, series, &f->before, value_time, old);
	if (!(slower >= EXPLAINS * f->log_factor) || earlier < EXPLAINS * f->log_factor)
		return false;
	cause->kind = SO_CAUSE_PLAN;
	cause->plan_before = old;
	cause->plan_after = new;
	cause->explained = slower / f->log_factor;
	for (size_t i = 0; i < sizeof triggers / sizeof *triggers && !cause->event; i++)
		cause->event = event_in(f, &(struct window){ old_until, new_from }, triggers[i]);
	return true;
}

/* How much a table grew from the onset on: the product of what was seen. */
static double table_growth(const struct finder *f, const char *table, const struct so_event **last)
{
	bool drift = f->found->kind == SO_REGRESSION_DRIFT;
	struct window onset = onset_window(f);
	double growth = 1;

	for (size_t i = 0; i < f->input->n_events; i++) {
		const struct so_event *e = &f->input->events[i];

		if (e->kind != SO_EVENT_TABLE_ROWS || strcmp(e->object, table) != 0 || !(e->rows_before > 0) ||
			!(e->rows_after > 0))
			continue;
		if (drift ? e->to_us < f->before.to_us : !touches(f, &onset, e->from_us, e->to_us))
			continue;
		growth *= e->rows_after / e->rows_before;
		*last = e;
	}
	return growth;
}

static bool check_rows(const struct finder *f, struct so_cause *cause)
{
	double before = typical(f, f->input->series, &f->before, value_rows, 0);
	double after = typical(f, f->input->series, &f->after, value_rows, 0), most = 1;

	if (after - before >= fmax(log(GROWTH_MIN), EXPLAINS * f->log_factor)) {
		cause->kind = SO_CAUSE_ROWS;
		cause->before = exp(before);
		cause->after = exp(after);
		cause->explained = (after - before) / f->log_factor;
		return true;
	}
	for (size_t i = 0; i < f->input->n_events; i++) {
		const struct so_event *last = NULL;
		double growth;

		if (f->input->events[i].kind != SO_EVENT_TABLE_ROWS)
			continue;
		growth = table_growth(f, f->input->events[i].object, &last);
		if (growth > most && log(growth) >= fmax(log(GROWTH_MIN), EXPLAINS * f->log_factor)) {
			most = growth;
			cause->kind = SO_CAUSE_ROWS;
			cause->event = last;
			cause->before = last->rows_after / growth;
			cause->after = last->rows_after;
			cause->explained = log(growth) / f->log_factor;
		}
	}
	return cause->kind == SO_CAUSE_ROWS;
}

/* As many pages a call as before, but more of them from outside the cache. */
static bool check_cache(const struct finder *f, struct so_cause *cause)
{
	const struct so_series *series = f->input->series;
	double pages = typical(f, series, &f->after, value_pages, 0) - typical(f, series, &f->before, value_pages, 0);
	double reads = typical(f, series, &f->after, value_reads, 0) - typical(f, series, &f->before, value_reads, 0);
	double before = typical(f, series, &f->before, value_miss, 0),
	       after = typical(f, series, &f->after, value_miss, 0);

	if (!(fabs(pages) <= log(SAME_PAGES)) || !(reads >= EXPLAINS * f->log_factor) || !(after - before >= MISS_MIN))
		return false;
	cause->kind = SO_CAUSE_CACHE;
	cause->before = before;
	cause->after = after;
	cause->explained = fmin(1, reads / f->log_factor);
	return true;
}

/* Whether most other queries slowed alike at the same time. */
static bool peers_slowed(const struct finder *f, struct so_cause *cause, double *factor)
{
	size_t n = 0, slow = 0;

	for (size_t i = 0; i < f->input->n_peers; i++) {
		const struct so_series *peer = f->input->peers[i];
		double change =
			typical(f, peer, &f->after, value_time, 0) - typical(f, peer, &f->before, value_time, 0);

		if (isnan(change) || peer == f->input->series)
			continue;
		f->scratch[n++] = change;
		slow += change >= fmax(log(1.15), ALIKE * f->log_factor);
	}
	cause->n_peers = n;
	cause->n_peers_slow = slow;
	*factor = n ? exp(so_median(f->scratch, n)) : NAN;
	return n >= PEERS_MIN && (double)slow >= ALIKE_QUORUM * (double)n;
}

/* Statistics and dropped indexes act through the plan only; if the plan is known to be the same, they did not. */
static bool can_act(const struct finder *f, enum so_event_kind kind, bool plan_same, bool alike)
{
	switch (kind) {
	case SO_EVENT_STATISTICS:
	case SO_EVENT_INDEX_DROPPED:
		return !plan_same && !alike;
	case SO_EVENT_INDEX_CREATED:
		return !alike && (f->input->writes || !plan_same);
	case SO_EVENT_SETTING:
	case SO_EVENT_VERSION:
		return true;
	case SO_EVENT_TABLE_ROWS:
	case SO_EVENT_DEPLOY:
	case SO_EVENT_KIND_MAX:
		break;
	}
	return false;
}

static bool check_events(const struct finder *f, struct so_cause *cause, bool alike)
{
	static const struct {
		enum so_event_kind event;
		enum so_cause_kind cause;
	} order[] = { { SO_EVENT_INDEX_DROPPED, SO_CAUSE_INDEX }, { SO_EVENT_VERSION, SO_CAUSE_VERSION },
		{ SO_EVENT_SETTING, SO_CAUSE_SETTING }, { SO_EVENT_STATISTICS, SO_CAUSE_STATISTICS },
		{ SO_EVENT_INDEX_CREATED, SO_CAUSE_INDEX } };
	uint64_t old = usual_plan(f, &f->before), new = usual_plan(f, &f->after);
	struct window onset = onset_window(f);

	/* Nothing that happens at one moment makes a query slower little by little. */
	if (f->found->kind == SO_REGRESSION_DRIFT)
		return false;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		const struct so_event *e = event_in(f, &onset, order[i].event);

		if (!e || !can_act(f, order[i].event, old && old == new, alike))
			continue;
		cause->kind = order[i].cause;
		cause->event = e;
		return true;
	}
	return false;
}

void so_cause_find(struct so_cause *cause, TALLOC_CTX *ctx, const struct so_regression *found,
	const struct so_cause_input *input, const struct so_regression_config *config)
{
	SO_TMP(tmp, ctx);
	struct finder f = { .found = found, .input = input, .config = config };
	struct so_cause_notes notes = { .pages_factor = NAN, .peers_factor = NAN };
	bool alike;

	*cause = (struct so_cause){ .before = NAN, .after = NAN, .explained = NAN };
	if (found->kind == SO_REGRESSION_STEP || found->kind == SO_REGRESSION_DRIFT) {
		f.scratch = so_new_array(tmp, double, input->n_peers + 1);
		f.weighted = so_new_array(tmp, struct so_weighted, SO_SERIES_MAX);
		f.log_factor = log(found->factor);
		set_windows(&f);
		alike = peers_slowed(&f, cause, &notes.peers_factor);
		notes.pages_factor = exp(typical(&f, input->series, &f.after, value_pages, 0) -
					 typical(&f, input->series, &f.before, value_pages, 0));
		notes.plan_known = usual_plan(&f, &f.before) && usual_plan(&f, &f.after);
		if (!check_plan(&f, cause) && !check_rows(&f, cause) && !check_cache(&f, cause) &&
			!check_events(&f, cause, alike) && alike) {
			cause->kind = SO_CAUSE_LOAD;
			cause->before = 1;
			cause->after = notes.peers_factor;
			cause->explained = log(notes.peers_factor) / f.log_factor;
		}
		notes.deploy =
			event_in(&f, &(struct window){ found->onset_from_us, found->onset_to_us }, SO_EVENT_DEPLOY);
	}
	cause->text = so_cause_text(ctx, cause, found, &notes);
}
