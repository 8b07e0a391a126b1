/* Ranges (uniform, or log-uniform where it says "log"), chosen from what servers show and not from what is easy:
 *   time of a call            0.2 to 500 ms log; single calls lognormal, sigma 0.1 to 1.0
 *   a bucket as a whole       sigma 0.02 to 0.4, in a quarter of the histories Student's t with 3 degrees; neighbours
 * correlated by 0 to 0.4; 0 to 3 % of the buckets 2 to 10 times as slow whole days                sigma 0 to 0.08 time
 * of day               peak 1 to 3 times the trough, any hour; weekends 0.6 to 1.5 times in half of the histories calls
 * 20 to 20,000 an hour log, peak 1 to 10 times the trough, weekends 0.2 to 1 times; Poisson resets, gaps              a
 * broken bucket each 10 days, with figures of another bucket length; a gap of 1 to 12 hours each 20 days plans not
 * recorded in 10 % of the buckets events                    statistics of a table each 1 to 4 days, a setting in a
 * third of the histories, at any time history                   10 to 28 days of hours before it is judged, 10 days
 * judged in controls, 2 to 4 after an onset regressions               steps of 1.6 to 10 times log; drifts to 1.6 to 4
 * times within 5 to 12 days; sparse ones 0.3 to 4 calls an hour, 3 to 10 times */
#include "lib/regression_cases.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define START_US (INT64_C(1790553600) * 1000000) /* 2026-09-28, a Monday */

/* ---- Chance --------------------------------------------------------------------------------------------------- */

struct rng {
	uint64_t state;
};

static uint64_t next(struct rng *rng) /* splitmix64 */
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double unit(struct rng *rng)
{
	return ((double)(next(rng) >> 11) + 0.5) / 9007199254740992.0;
}

static double between(struct rng *rng, double low, double high)
{
	return low + (high - low) * unit(rng);
}

static double between_log(struct rng *rng, double low, double high)
{
	return exp(between(rng, log(low), log(high)));
}

static bool chance(struct rng *rng, double p)
{
	return unit(rng) < p;
}

static double normal(struct rng *rng)
{
	double u = unit(rng);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * unit(rng));
}

/* Three degrees of freedom, scaled so that its quartiles are those of a normal; cut at six of them: e^(0.4 * 20) would
 * be a bucket 3,000 times as slow, which no timeout lets happen. */
static double heavy(struct rng *rng)
{
	double a = normal(rng), b = normal(rng), c = normal(rng);

	return fmax(-6, fmin(6, normal(rng) / sqrt((a * a + b * b + c * c) / 3) * 0.882));
}

static int64_t poisson(struct rng *rng, double mean)
{
	double limit, product = 1;
	int64_t n = 0;

	if (mean > 60)
		return (int64_t)fmax(0, round(mean + sqrt(mean) * normal(rng)));
	limit = exp(-mean);
	for (product = unit(rng); product > limit; product *= unit(rng))
		n++;
	return n;
}

/* ---- A query -------------------------------------------------------------------------------------------------- */

enum shape { FLAT, STEP, RAMP };

struct query {
	double base_us, call_sigma, sigma, rho, outliers, day_sigma, swing, peak_hour, weekend;
	bool heavy_tails;
	double calls, calls_swing, calls_weekend; /* an hour */
	double rows, pages, miss;
	uint64_t plan, plan_after;
	bool plans_recorded;
	double resets, gaps; /* a day */
	/* What happens */
	enum shape shape;
	double factor, rows_factor, pages_factor, miss_after, calls_factor;
	size_t onset, recovery, ramp; /* buckets; recovery 0 never */
	/* Of controls */
	size_t spike_length;
	double spike_factor, batch_factor;
	int batch_day; /* -1 each day */
	bool has_batch;
	double mix_calls; /* calls left after the onset; their time stays */
	uint64_t plan_flaps; /* other plan, as fast, in some buckets */
};

static void draw_query(struct query *q, struct rng *rng)
{
	*q = (struct query){
		.base_us = between_log(rng, 200, 500000),
		.call_sigma = between(rng, 0.1, 1),
		.sigma = between(rng, 0.02, 0.4),
		.rho = between(rng, 0, 0.4),
		.outliers = between(rng, 0, 0.03),
		.day_sigma = between(rng, 0, 0.08),
		.swing = between(rng, 1, 3),
		.peak_hour = between(rng, 0, 24),
		.weekend = chance(rng, 0.5) ? between(rng, 0.6, 1.5) : 1,
		.heavy_tails = chance(rng, 0.25),
		.calls = between_log(rng, 20, 20000),
		.calls_swing = between(rng, 1, 10),
		.calls_weekend = between(rng, 0.2, 1),
		.rows = between_log(rng, 1, 1000),
		.pages = between_log(rng, 5, 5000),
		.miss = between_log(rng, 0.001, 0.1),
		.plan = next(rng) | 1,
		.plans_recorded = true,
		.resets = 0.1,
		.gaps = 0.05,
		.factor = 1,
		.rows_factor = 1,
		.pages_factor = 1,
		.calls_factor = 1,
		.mix_calls = 1,
		.batch_day = -1,
	};
	q->plan_after = q->plan;
	q->miss_after = q->miss;
}

static double day_wave(double hour, double peak_hour, double swing)
{
	return pow(swing, 0.5 * cos(2 * M_PI * (hour - peak_hour) / 24));
}

/* How far what happens has come at bucket i: 0 before, 1 after. */
static double progress(const struct query *q, size_t i)
{
	if (q->shape == FLAT || i < q->onset || (q->recovery && i >= q->recovery))
		return 0;
	return q->shape == STEP || i >= q->onset + q->ramp ? 1 : (double)(i - q->onset) / (double)q->ramp;
}

/* Mean time of `calls` lognormal calls of mean 1. */
static double mean_of(struct rng *rng, int64_t calls, double sigma)
{
	double sum = 0;

	if (calls > 200)
		return fmax(0.05, 1 + normal(rng) * sqrt((exp(sigma * sigma) - 1) / (double)calls));
	for (int64_t i = 0; i < calls; i++)
		sum += exp(sigma * normal(rng) - sigma * sigma / 2);
	return sum / (double)calls;
}

static bool in_batch(const struct query *q, int64_t at_us)
{
	int hour = (int)(at_us / SO_HOUR_US % 24), weekday = (int)((at_us / SO_DAY_US + 3) % 7);

	return q->has_batch && hour >= 1 && hour < 5 && (q->batch_day < 0 || weekday == q->batch_day);
}

static struct so_series make_series(
	TALLOC_CTX *ctx, const struct query *q, size_t n, int64_t bucket_us, struct rng *rng)
{
	struct so_bucket *items = so_new_array(ctx, struct so_bucket, n);
	double wander = 0, day_effect = 0, per_day = (double)SO_DAY_US / (double)bucket_us;
	size_t count = 0, gap = 0, spike = q->spike_length ? n / 2 + (size_t)between(rng, 0, (double)n / 3) : n;
	int64_t day = -1;

	for (size_t i = 0; i < n; i++) {
		int64_t at = START_US + (int64_t)i * bucket_us;
		double hour = (double)(at % SO_DAY_US) / (double)SO_HOUR_US, p = progress(q, i), noise, log_time, calls,
		       rows;
		bool weekend = (at / SO_DAY_US + 3) % 7 >= 5;
		struct so_bucket *b = &items[count];

		if (at / SO_DAY_US != day) {
			day = at / SO_DAY_US;
			day_effect = q->day_sigma * normal(rng);
		}
		wander = q->rho * wander + sqrt(1 - q->rho * q->rho) * (q->heavy_tails ? heavy(rng) : normal(rng));
		noise = q->sigma * wander + day_effect + (chance(rng, q->outliers) ? log(between(rng, 2, 10)) : 0);
		calls = q->calls * (double)bucket_us / (double)SO_HOUR_US *
			day_wave(hour, q->peak_hour, q->calls_swing) * (weekend ? q->calls_weekend : 1) *
			pow(q->calls_factor, p) * pow(q->mix_calls, p);
		log_time = log(q->base_us) + log(day_wave(hour, q->peak_hour, q->swing)) +
			   (weekend ? log(q->weekend) : 0) + p * log(q->factor) - p * log(q->mix_calls) + noise;
		if (i >= spike && i < spike + q->spike_length)
			log_time += log(q->spike_factor);
		if (in_batch(q, at))
			log_time += log(q->batch_factor);
		if (chance(rng, q->gaps / per_day))
			gap = (size_t)between(rng, 1, 12);
		if (gap) {
			gap--;
			continue;
		}
		b->start_us = at;
		b->calls = poisson(rng, calls);
		b->exec_us = b->calls ? (double)b->calls * exp(log_time) * mean_of(rng, b->calls, q->call_sigma) : 0;
		rows = q->rows * pow(q->rows_factor, p) * exp(0.1 * normal(rng));
		b->rows = (int64_t)round(rows * (double)b->calls);
		rows = q->pages * pow(q->pages_factor, p) * exp(0.1 * normal(rng)) * (double)b->calls;
		b->reads = (int64_t)(rows *
				     fmin(1, exp((1 - p) * log(q->miss) + p * log(q->miss_after) + 0.2 * normal(rng))));
		b->hits = (int64_t)rows - b->reads;
		b->plan = q->plans_recorded && !chance(rng, 0.1) ? (p > 0 ? q->plan_after : q->plan) : 0;
		if (q->plan_flaps && b->plan && chance(rng, 0.2))
			b->plan = q->plan_flaps;
		if (chance(rng, q->resets / per_day)) {
			b->broken = true;
			b->calls = (int64_t)((double)b->calls * between(rng, 0, 5));
			b->exec_us *= between(rng, 0, 20);
		}
		count++;
	}
	return (struct so_series){ items, count, bucket_us };
}

/* ---- Sorts of histories ---------------------------------------------------------------------------------------- */

struct draft {
	struct query q;
	size_t n; /* buckets */
	int64_t bucket_us;
	double share; /* of the instance's time */
	double peers_factor; /* they slow down with the query */
	enum so_event_kind event; /* at the onset; KIND_MAX none */
	bool no_decoys;
	double table_growth; /* told by snapshots, daily */
	double step_low, step_high;
};

typedef void change(struct regression_case *c, struct draft *d, struct rng *rng);

static void step(struct draft *d, struct rng *rng)
{
	d->q.shape = STEP;
	d->q.factor = between_log(rng, 1.6, 10);
}

static void ramp(struct draft *d, struct rng *rng)
{
	d->q.shape = RAMP;
	d->q.factor = between_log(rng, 1.6, 4);
	d->q.ramp = (size_t)between(rng, 5 * 24, 12 * 24);
}

static void flip(struct draft *d, struct rng *rng)
{
	d->q.plan_after = next(rng) | 1;
	d->q.pages_factor = d->q.factor;
}

#define SORT(name) static void name(struct regression_case *c, struct draft *d, struct rng *rng)
#define UNUSED     (void)c, (void)d, (void)rng

SORT(step_plain)
{
	UNUSED;
	step(d, rng);
}

SORT(step_noisy)
{
	UNUSED;
	step(d, rng);
	d->q.sigma = between(rng, 0.25, 0.4);
	d->q.heavy_tails = true;
}

SORT(step_seasonal)
{
	UNUSED;
	step(d, rng);
	d->q.swing = 3;
	d->q.weekend = chance(rng, 0.5) ? 0.6 : 1.5;
	c->watch_from = 16 * 24;
}

SORT(step_resets)
{
	UNUSED;
	step(d, rng);
	d->q.resets = 1;
	d->q.gaps = 0.5;
}

SORT(step_sparse)
{
	UNUSED;
	step(d, rng);
	d->q.factor = between_log(rng, 3, 10);
	d->q.calls = between_log(rng, 0.3, 4);
	d->q.calls_swing = between(rng, 1, 3);
	d->q.call_sigma = between(rng, 0.1, 0.6);
	d->share = between_log(rng, 0.05, 0.6);
}

SORT(step_recovers)
{
	UNUSED;
	step(d, rng);
	d->q.factor = between_log(rng, 2, 10);
	c->recovers = true;
}

SORT(step_fewer_calls)
{
	UNUSED;
	step(d, rng);
	d->q.factor = between_log(rng, 2, 10);
	d->q.calls_factor = between(rng, 0.75, 1);
}

SORT(step_callers_wait)
{
	/* A few workers that call again when the answer is there. */
	UNUSED;
	step(d, rng);
	d->q.calls_factor = 1 / d->q.factor;
	d->share = between_log(rng, 0.1, 0.6);
}

SORT(step_plan)
{
	UNUSED;
	step(d, rng);
	flip(d, rng);
}

SORT(step_plan_index)
{
	UNUSED;
	step(d, rng);
	flip(d, rng);
	d->event = c->event = SO_EVENT_INDEX_DROPPED;
}

SORT(step_plan_statistics)
{
	UNUSED;
	step(d, rng);
	flip(d, rng);
	d->event = c->event = SO_EVENT_STATISTICS;
}

SORT(step_index_blind)
{
	UNUSED;
	step(d, rng);
	d->q.plans_recorded = false;
	d->event = c->event = SO_EVENT_INDEX_DROPPED;
}

SORT(step_statistics_blind)
{
	UNUSED;
	step(d, rng);
	d->q.plans_recorded = false;
	d->no_decoys = true;
	d->event = c->event = SO_EVENT_STATISTICS;
}

SORT(step_setting)
{
	UNUSED;
	step(d, rng);
	d->event = c->event = SO_EVENT_SETTING;
}

SORT(step_version)
{
	UNUSED;
	step(d, rng);
	d->event = c->event = SO_EVENT_VERSION;
	if (chance(rng, 0.5))
		d->peers_factor = d->q.factor * between(rng, 0.7, 1.2);
}

SORT(step_load)
{
	UNUSED;
	step(d, rng);
	d->peers_factor = pow(d->q.factor, between(rng, 0.7, 1.2));
}

SORT(step_rows)
{
	UNUSED;
	step(d, rng);
	d->q.rows_factor = pow(d->q.factor, between(rng, 0.8, 1.3));
	d->q.pages_factor = d->q.rows_factor;
}

SORT(step_cache)
{
	UNUSED;
	step(d, rng);
	d->q.factor = between_log(rng, 1.6, 8);
	d->q.miss = between_log(rng, 0.01, 0.05);
	d->q.miss_after = fmin(0.9, d->q.miss * fmax(4, d->q.factor * between(rng, 1, 2)));
}

SORT(drift_plain)
{
	UNUSED;
	ramp(d, rng);
}

SORT(drift_rows)
{
	UNUSED;
	ramp(d, rng);
	d->q.rows_factor = pow(d->q.factor, between(rng, 0.8, 1.3));
	d->q.pages_factor = d->q.rows_factor;
}

SORT(drift_table)
{
	UNUSED;
	ramp(d, rng);
	d->q.pages_factor = d->q.factor;
	d->table_growth = pow(d->q.factor, between(rng, 0.8, 1.3));
}

SORT(drift_cache)
{
	UNUSED;
	ramp(d, rng);
	d->q.miss = between_log(rng, 0.02, 0.05);
	d->q.miss_after = fmin(0.9, d->q.miss * fmax(5, d->q.factor * 2));
}

SORT(minutes_young)
{
	/* A server that is watched since an hour, and polled often. */
	UNUSED;
	step(d, rng);
	d->q.factor = between_log(rng, 6, 30);
	d->bucket_us = 60 * INT64_C(1000000);
	c->watch_from = 30;
	d->q.calls = between_log(rng, 1000, 20000);
	flip(d, rng);
	d->event = c->event = SO_EVENT_INDEX_DROPPED;
}

SORT(new_heavy)
{
	UNUSED;
	d->q.base_us = between_log(rng, 20000, 2000000);
	d->share = between(rng, 0.1, 0.6);
}

SORT(control)
{
	UNUSED;
}

SORT(control_noisy)
{
	UNUSED;
	d->q.sigma = 0.4;
	d->q.heavy_tails = true;
	d->q.outliers = 0.05;
}

SORT(control_seasonal)
{
	UNUSED;
	d->q.swing = 3;
	d->q.weekend = chance(rng, 0.5) ? 0.6 : 1.5;
}

SORT(control_correlated)
{
	UNUSED;
	d->q.rho = between(rng, 0.4, 0.6);
	d->q.day_sigma = between(rng, 0.08, 0.15);
	d->q.sigma = between(rng, 0.1, 0.3);
}

SORT(control_spike)
{
	UNUSED;
	d->q.spike_length = 1 + (size_t)between(rng, 0, 3);
	d->q.spike_factor = between_log(rng, 3, 50);
}

SORT(control_night)
{
	UNUSED;
	d->q.has_batch = true;
	d->q.batch_factor = between_log(rng, 2, 8);
}

SORT(control_weekly)
{
	UNUSED;
	d->q.has_batch = true;
	d->q.batch_factor = between_log(rng, 2, 8);
	d->q.batch_day = (int)between(rng, 0, 7);
}

SORT(control_resets)
{
	UNUSED;
	d->q.resets = 2;
	d->q.gaps = 1;
}

SORT(control_sparse)
{
	UNUSED;
	d->q.calls = between_log(rng, 0.2, 4);
}

SORT(control_mix)
{
	UNUSED;
	d->q.shape = STEP;
	d->q.mix_calls = between(rng, 0.2, 0.5);
	/* The calls that are left are those for much. */
	d->q.rows_factor = pow(1 / d->q.mix_calls, between(rng, 0.8, 1.2));
	d->q.pages_factor = d->q.rows_factor;
}

SORT(control_faster)
{
	UNUSED;
	d->q.shape = STEP;
	d->q.factor = between(rng, 0.2, 0.8);
}

SORT(control_plan)
{
	UNUSED;
	d->q.shape = STEP;
	d->q.plan_after = next(rng) | 1;
	d->event = SO_EVENT_INDEX_DROPPED;
}

SORT(control_plan_flaps)
{
	UNUSED;
	d->q.plan_flaps = next(rng) | 1;
}

SORT(control_setting)
{
	UNUSED;
	d->event = chance(rng, 0.5) ? SO_EVENT_SETTING : SO_EVENT_VERSION;
	d->q.shape = STEP;
}

SORT(control_small_share)
{
	UNUSED;
	step(d, rng);
	d->share = 0.0005;
}

SORT(control_small_step)
{
	UNUSED;
	d->q.shape = STEP;
	d->q.factor = between(rng, 1, 1.12);
}

SORT(control_surge)
{
	UNUSED;
	d->q.shape = STEP;
	d->q.calls_factor = between(rng, 2, 10);
}

SORT(control_growth)
{
	UNUSED;
	d->q.shape = RAMP;
	d->q.ramp = 200;
	d->table_growth = between(rng, 1.5, 4);
}

SORT(control_young)
{
	/* Judged from the first day on: the first morning must not be a regression. */
	UNUSED;
	c->watch_from = 12;
	d->q.swing = between(rng, 1, 3);
}

static const struct {
	const char *name;
	enum so_regression_kind expected;
	enum so_cause_kind cause;
	change *change;
} sorts[] = {
	{ "step", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_plain },
	{ "step, noisy", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_noisy },
	{ "step, seasonal", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_seasonal },
	{ "step, resets and gaps", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_resets },
	{ "step, sparse calls", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_sparse },
	{ "step that recovers", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_recovers },
	{ "step, fewer calls", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_fewer_calls },
	{ "step, callers wait", SO_REGRESSION_STEP, SO_CAUSE_NONE, step_callers_wait },
	{ "plan", SO_REGRESSION_STEP, SO_CAUSE_PLAN, step_plan },
	{ "plan, index dropped", SO_REGRESSION_STEP, SO_CAUSE_PLAN, step_plan_index },
	{ "plan, statistics", SO_REGRESSION_STEP, SO_CAUSE_PLAN, step_plan_statistics },
	{ "index dropped, plans unknown", SO_REGRESSION_STEP, SO_CAUSE_INDEX, step_index_blind },
	{ "statistics, plans unknown", SO_REGRESSION_STEP, SO_CAUSE_STATISTICS, step_statistics_blind },
	{ "setting", SO_REGRESSION_STEP, SO_CAUSE_SETTING, step_setting },
	{ "version", SO_REGRESSION_STEP, SO_CAUSE_VERSION, step_version },
	{ "load", SO_REGRESSION_STEP, SO_CAUSE_LOAD, step_load },
	{ "rows", SO_REGRESSION_STEP, SO_CAUSE_ROWS, step_rows },
	{ "cache", SO_REGRESSION_STEP, SO_CAUSE_CACHE, step_cache },
	{ "drift", SO_REGRESSION_DRIFT, SO_CAUSE_NONE, drift_plain },
	{ "drift, rows", SO_REGRESSION_DRIFT, SO_CAUSE_ROWS, drift_rows },
	{ "drift, table", SO_REGRESSION_DRIFT, SO_CAUSE_ROWS, drift_table },
	{ "drift, cache", SO_REGRESSION_DRIFT, SO_CAUSE_CACHE, drift_cache },
	{ "minutes, young", SO_REGRESSION_STEP, SO_CAUSE_PLAN, minutes_young },
	{ "new", SO_REGRESSION_NEW, SO_CAUSE_NONE, new_heavy },
	{ "control", SO_REGRESSION_NONE, SO_CAUSE_NONE, control },
	{ "control, noisy", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_noisy },
	{ "control, seasonal", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_seasonal },
	{ "control, correlated", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_correlated },
	{ "control, spike", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_spike },
	{ "control, nightly batch", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_night },
	{ "control, weekly batch", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_weekly },
	{ "control, resets and gaps", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_resets },
	{ "control, sparse", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_sparse },
	{ "control, mix", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_mix },
	{ "control, faster", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_faster },
	{ "control, plan as fast", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_plan },
	{ "control, plans flap", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_plan_flaps },
	{ "control, setting", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_setting },
	{ "control, small share", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_small_share },
	{ "control, small step", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_small_step },
	{ "control, more calls", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_surge },
	{ "control, table grows", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_growth },
	{ "control, young", SO_REGRESSION_NONE, SO_CAUSE_NONE, control_young },
};

size_t regression_case_sorts(void)
{
	return sizeof sorts / sizeof *sorts;
}

/* ---- A history with its surroundings ---------------------------------------------------------------------------- */

static struct so_event *add_event(struct regression_case *c, enum so_event_kind kind, int64_t from_us, int64_t to_us)
{
	static const char *const objects[SO_EVENT_KIND_MAX] = { "shop.orders_user", "shop.orders_new", "shop.orders",
		"work_mem", "server", "shop.orders", "release" };
	struct so_event *e = &c->events[c->n_events < CASE_EVENTS_MAX ? c->n_events++ : CASE_EVENTS_MAX - 1];

	*e = (struct so_event){ .kind = kind, .from_us = from_us, .to_us = to_us, .object = objects[kind] };
	if (kind == SO_EVENT_SETTING) {
		e->before = "4MB";
		e->after = "64kB";
	}
	return e;
}

static void add_events(struct regression_case *c, const struct draft *d, struct rng *rng)
{
	int64_t end = START_US + (int64_t)d->n * d->bucket_us, onset = START_US + (int64_t)c->onset * d->bucket_us;

	if (d->event != SO_EVENT_KIND_MAX) {
		/* The catalog is looked at less often than the counters: the event happened in an interval around the
		 * onset. */
		int64_t before = (int64_t)between(rng, 0, 1.5 * (double)d->bucket_us);

		add_event(c, d->event, onset - before, onset + (int64_t)between(rng, 0, (double)d->bucket_us));
	}
	if (d->table_growth > 1) {
		double days = (double)d->q.ramp / 24, rows = between_log(rng, 1e4, 1e8);

		for (int k = 0; k < (int)days; k++) {
			struct so_event *e =
				add_event(c, SO_EVENT_TABLE_ROWS, onset + k * SO_DAY_US, onset + (k + 1) * SO_DAY_US);

			e->rows_before = rows * pow(d->table_growth, k / floor(days));
			e->rows_after = rows * pow(d->table_growth, (k + 1) / floor(days));
		}
	}
	if (d->no_decoys || d->bucket_us != SO_HOUR_US)
		return;
	for (int64_t at = START_US; at < end; at += (int64_t)(between(rng, 1, 4) * (double)SO_DAY_US))
		add_event(c, SO_EVENT_STATISTICS, at, at + SO_HOUR_US);
	if (chance(rng, 0.33)) {
		/* Not just at the onset: nobody could tell such a coincidence from a cause. */
		int64_t at = START_US + (int64_t)between(rng, 0, (double)(end - START_US));

		if (at < onset - 2 * SO_DAY_US || at > onset + 2 * SO_DAY_US)
			add_event(c, SO_EVENT_SETTING, at, at + SO_HOUR_US);
	}
}

static void add_peers(struct regression_case *c, const struct draft *d, struct rng *rng)
{
	double own = 0, others = 0;

	for (size_t k = 0; k < CASE_PEERS; k++) {
		struct query peer;

		draw_query(&peer, rng);
		peer.sigma = between(rng, 0.05, 0.3);
		if (d->peers_factor > 1) {
			peer.shape = STEP;
			peer.onset = c->onset;
			peer.factor = d->peers_factor;
		}
		c->peers[k] = make_series(c, &peer, d->n, d->bucket_us, rng);
		c->peer_list[k] = &c->peers[k];
	}
	/* What the instance does is the sum of its statements: this one and the peers, which stand for all others. */
	c->load = so_new_array(c, struct so_load, c->series.count);
	for (size_t i = 0; i < c->series.count; i++) {
		const struct so_bucket *b = &c->series.items[i];

		c->load[i].start_us = b->start_us;
		for (size_t k = 0; k < CASE_PEERS; k++) {
			size_t at = so_series_find(&c->peers[k], b->start_us);

			if (at < c->peers[k].count && c->peers[k].items[at].start_us == b->start_us)
				c->load[i].exec_us += c->peers[k].items[at].exec_us;
		}
		own += b->exec_us;
		others += c->load[i].exec_us;
	}
	for (size_t i = 0; i < c->series.count; i++)
		c->load[i].exec_us =
			c->load[i].exec_us * own * (1 / d->share - 1) / others + c->series.items[i].exec_us;
}

struct regression_case *regression_case_new(TALLOC_CTX *ctx, uint64_t seed, size_t sort, uint64_t nth)
{
	struct regression_case *c = so_new(ctx, struct regression_case);
	struct rng rng = { seed * 0x100000001b3u + sort * 0x9e3779b1u + nth * 0x85ebca77c2b2ae63u };
	struct draft d = { .bucket_us = SO_HOUR_US, .event = SO_EVENT_KIND_MAX };
	bool control;

	next(&rng);
	draw_query(&d.q, &rng);
	d.share = between_log(&rng, 0.03, 0.6);
	c->name = sorts[sort].name;
	c->expected = sorts[sort].expected;
	c->cause = sorts[sort].cause;
	c->event = SO_EVENT_KIND_MAX;
	c->watch_from = (size_t)between(&rng, 10, 28) * 24;
	sorts[sort].change(c, &d, &rng);
	control = c->expected == SO_REGRESSION_NONE;
	c->onset = c->watch_from + (size_t)between(&rng, 6, control ? 100 : 36);
	d.n = c->onset + d.q.ramp + (size_t)between(&rng, 48, 96);
	if (d.q.calls < 4)
		d.n += 48;
	if (control)
		d.n = c->watch_from + 240;
	if (c->recovers) {
		c->recovery = c->onset + (size_t)between(&rng, 48, 72);
		d.n = c->recovery + 48;
	}
	d.q.onset = c->onset;
	c->onset_us = START_US + (int64_t)c->onset * d.bucket_us;
	d.q.recovery = c->recovery;
	c->factor = d.q.factor;
	c->series = make_series(c, &d.q, d.n, d.bucket_us, &rng);
	c->watched_since_us = START_US;
	c->first_seen_us = START_US;
	if (c->expected == SO_REGRESSION_NEW) {
		size_t first = so_series_find(&c->series, START_US + (int64_t)c->onset * d.bucket_us);

		c->series.items += first;
		c->series.count -= first;
		c->first_seen_us = c->series.items[0].start_us;
		c->watch_from = 0;
	}
	add_events(c, &d, &rng);
	add_peers(c, &d, &rng);
	return c;
}

void regression_case_run(struct regression_outcome *outcome, TALLOC_CTX *ctx, const struct regression_case *c)
{
	const struct so_watch_config config = SO_WATCH_DEFAULTS;
	struct so_watch watch = { 0 };
	int64_t bucket = c->series.bucket_us, onset = START_US + (int64_t)c->onset * bucket;
	int64_t recovery = START_US + (int64_t)c->recovery * bucket;

	*outcome = (struct regression_outcome){ 0 };
	for (size_t n = so_series_find(&c->series, START_US + (int64_t)c->watch_from * bucket); n <= c->series.count;
		n++) {
		SO_TMP(tmp, ctx);
		struct so_series seen = { c->series.items, n, bucket };
		struct so_watch_result result;
		struct so_event known[CASE_EVENTS_MAX];
		struct so_watch_input input = { .known = { &seen, known, 0, c->peer_list, CASE_PEERS, false },
			.load = c->load,
			.n_load = n,
			.first_seen_us = c->first_seen_us,
			.watched_since_us = c->watched_since_us };
		int64_t now;

		if (!n)
			continue;
		now = c->series.items[n - 1].start_us + bucket;
		for (size_t i = 0; i < c->n_events; i++)
			if (c->events[i].to_us <= now)
				known[input.known.n_events++] = c->events[i];
		so_watch_step(&result, tmp, &watch, &input, &config);
		if (result.event == SO_DAMP_CLOSES)
			outcome->closed = c->recovers && now > recovery;
		if (result.event != SO_DAMP_OPENED && result.event != SO_DAMP_UPDATED &&
			result.event != SO_DAMP_REOPENED)
			continue;
		if (c->expected == SO_REGRESSION_NONE || now <= onset) {
			outcome->early = true;
		} else if (!outcome->detected) {
			outcome->detected = true;
			outcome->opened_us = now;
			outcome->delay = (size_t)((now - onset) / bucket);
		}
		outcome->found = result.found;
		outcome->cause = result.cause.kind;
		outcome->kind_right = result.found.kind == c->expected;
		outcome->cause_right =
			result.cause.kind == c->cause &&
			(c->event == SO_EVENT_KIND_MAX || (result.cause.event && result.cause.event->kind == c->event));
		snprintf(outcome->text, sizeof outcome->text, "%s", result.cause.text);
	}
}
