#include "service/query_series.h"

#include <math.h>

#include "base/clock.h"
#include "base/config.h"
#include "store/history.h"

#define DAY_US (24 * SO_HOUR_US)

const char *const so_query_metric_names[] = { "total_time", "calls", "mean_time", "rows", "rows_per_call", "hits",
	"reads", "hit_ratio", "temp_written", "wal_bytes", "plan_time", NULL };

/* The counters of a sample and of a roll-up, by place. */
enum { CALLS, ROWS, EXEC, PLAN, HIT, READ, DIRTIED, TEMP_READ, TEMP_WRITTEN, WAL };

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* Of counters that were added up; NAN where there is nothing to divide by. Times are milliseconds. */
static double metric_of(enum so_query_metric metric, const int64_t sum[SO_SAMPLE_COUNTERS])
{
	switch (metric) {
	case SO_METRIC_TOTAL_TIME:
		return (double)sum[EXEC] / 1000;
	case SO_METRIC_CALLS:
		return (double)sum[CALLS];
	case SO_METRIC_MEAN_TIME:
		return ratio((double)sum[EXEC] / 1000, (double)sum[CALLS]);
	case SO_METRIC_ROWS:
		return (double)sum[ROWS];
	case SO_METRIC_ROWS_PER_CALL:
		return ratio((double)sum[ROWS], (double)sum[CALLS]);
	case SO_METRIC_HITS:
		return (double)sum[HIT];
	case SO_METRIC_READS:
		return (double)sum[READ];
	case SO_METRIC_HIT_RATIO:
		return ratio((double)sum[HIT], (double)(sum[HIT] + sum[READ]));
	case SO_METRIC_TEMP_WRITTEN:
		return (double)sum[TEMP_WRITTEN];
	case SO_METRIC_WAL_BYTES:
		return (double)sum[WAL];
	case SO_METRIC_PLAN_TIME:
		return (double)sum[PLAN] / 1000;
	case SO_METRIC_MAX:
		break;
	}
	return NAN;
}

/* The roll-ups of one statement, by hour or by day. */
static struct so_store_hours *read_units(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t query_id, const struct so_period *period, struct so_err *err)
{
	if (period->unit == SO_PERIOD_DAYS)
		return so_store_day_list(ctx, service->store, scope, query_id, period->from, period->to - 1, err);
	return so_store_hour_list(ctx, service->store, scope, query_id, period->from, period->to - 1, err);
}

/* ---- small charts ---- */

static bool add_sparkline(struct so_service *service, struct so_scope scope, int64_t id, enum so_query_metric metric,
	const struct so_period *period, int64_t merged, struct so_sparklines *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sparkline *line = &out->items[out->count];
	struct so_err gone = SO_ERR_INIT;
	struct so_store_hours *units;
	int64_t(*sums)[SO_SAMPLE_COUNTERS];

	if (!so_store_query_brief_get(tmp, service->store, scope, id, 0, &gone)) {
		if (gone.kind == SO_NOT_FOUND)
			return true;
		*err = gone;
		return false;
	}
	units = read_units(tmp, service, scope, id, period, err);
	if (!units)
		return false;
	sums = (int64_t(*)[SO_SAMPLE_COUNTERS])so_new_array(tmp, int64_t, out->n_points * SO_SAMPLE_COUNTERS);
	for (size_t i = 0; i < units->count; i++)
		for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
			sums[(units->items[i].hour - period->from) / merged][k] += units->items[i].sum[k];
	line->query_id = id;
	line->values = so_new_array(out->items, double, out->n_points);
	for (size_t i = 0; i < out->n_points; i++)
		line->values[i] = metric_of(metric, sums[i]);
	out->count++;
	return true;
}

struct so_sparklines *so_service_sparklines(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const int64_t *ids, size_t n, enum so_query_metric metric, const struct so_period_request *request,
	struct so_err *err)
{
	struct so_sparklines *out = so_new(ctx, struct so_sparklines);
	int64_t now_us = so_time_now_us(), before_us, units, merged;
	struct so_period period;
	bool ok = so_period_of(request, now_us, &period, err);

	so_assert(n <= SO_SPARKLINES_MAX);
	if (ok) {
		so_assert(period.unit != SO_PERIOD_LIFETIME);
		so_period_times(&period, now_us, &out->from_us, &out->to_us, &before_us);
		units = period.to - period.from;
		merged = (units + SO_SPARKLINE_POINTS_MAX - 1) / SO_SPARKLINE_POINTS_MAX;
		out->n_points = (size_t)((units + merged - 1) / merged);
		out->step_us = merged * (period.unit == SO_PERIOD_DAYS ? DAY_US : SO_HOUR_US);
		out->items = so_new_array(out, struct so_sparkline, n + 1);
		for (size_t i = 0; i < n && ok; i++)
			ok = add_sparkline(service, scope, ids[i], metric, &period, merged, out, err);
	}
	if (ok)
		return out;
	talloc_free(out);
	return NULL;
}

/* ---- one chart ---- */

enum {
	RAW_HOURS = 3, /* a sample is a read of its own: a poll every ten seconds is a thousand of them */
	HOURLY_HOURS = 31 * 24,
	MARKERS = 100,
};

struct step {
	int64_t sum[SO_SAMPLE_COUNTERS];
	double min, max;
};

struct chart {
	enum so_query_metric metric;
	struct so_series *out;
	struct step *steps;
	size_t n_steps;
};

/* A piece of the smallest kind; peak_us: the slowest mean within it, 0: not known. */
static void add_piece(struct chart *chart, int64_t at_us, const int64_t sum[SO_SAMPLE_COUNTERS], int64_t peak_us)
{
	double value = metric_of(chart->metric, sum), highest = value;
	int64_t at = (at_us - chart->out->from_us) / chart->out->step_us;
	struct step *step;

	if (at_us < chart->out->from_us || (size_t)at >= chart->n_steps)
		return;
	step = &chart->steps[at];
	for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
		step->sum[k] += sum[k];
	if (chart->metric == SO_METRIC_MEAN_TIME && (double)peak_us / 1000 > highest)
		highest = (double)peak_us / 1000;
	if (isnan(step->min) || value < step->min)
		step->min = value;
	if (isnan(step->max) || highest > step->max)
		step->max = highest;
}

/* `units` pieces of unit_us from from_us on, in at most `points` steps of whole pieces. */
static void lay_out(struct chart *chart, int64_t from_us, int64_t unit_us, int64_t units, int64_t points)
{
	int64_t merged = (units + points - 1) / points;

	chart->out->from_us = from_us;
	chart->out->step_us = merged * unit_us;
	chart->n_steps = (size_t)((units + merged - 1) / merged);
	chart->steps = so_new_array(chart->out, struct step, chart->n_steps);
	for (size_t i = 0; i < chart->n_steps; i++)
		chart->steps[i].min = chart->steps[i].max = NAN;
}

static void finish(struct chart *chart)
{
	struct so_series *out = chart->out;

	out->items = so_new_array(out, struct so_series_point, chart->n_steps + 1);
	for (size_t i = 0; i < chart->n_steps; i++) {
		const struct step *step = &chart->steps[i];

		if (step->sum[CALLS] > 0 || step->sum[EXEC] > 0)
			out->items[out->count++] = (struct so_series_point){ out->from_us + (int64_t)i * out->step_us,
				step->sum[CALLS], metric_of(chart->metric, step->sum), step->min, step->max };
	}
	TALLOC_FREE(chart->steps);
}

/* Into whole seconds, so that a poll's stamp falls into its own step. */
static bool chart_samples(struct chart *chart, struct so_service *service, struct so_scope scope, int64_t from_us,
	int64_t to_us, int64_t points, struct so_err *err)
{
	int64_t from_s = from_us / 1000000;
	struct so_store_samples *samples;

	lay_out(chart, from_s * 1000000, 1000000, (to_us + 999999) / 1000000 - from_s, points);
	samples = so_store_sample_list(
		chart->out, service->store, scope, chart->out->query->id, chart->out->from_us, to_us, err);
	if (!samples)
		return false;
	chart->out->source = "samples";
	for (size_t i = 0; i < samples->count; i++)
		add_piece(chart, samples->items[i].at_us, samples->items[i].delta, 0);
	talloc_free(samples);
	return true;
}

static bool chart_units(struct chart *chart, struct so_service *service, struct so_scope scope,
	const struct so_period *period, int64_t points, struct so_err *err)
{
	int64_t unit_us = period->unit == SO_PERIOD_DAYS ? DAY_US : SO_HOUR_US;
	struct so_store_hours *units;

	lay_out(chart, period->from * unit_us, unit_us, period->to - period->from, points);
	units = read_units(chart->out, service, scope, chart->out->query->id, period, err);
	if (!units)
		return false;
	chart->out->source = period->unit == SO_PERIOD_DAYS ? "days" : "hours";
	for (size_t i = 0; i < units->count; i++)
		add_piece(chart, units->items[i].hour * unit_us, units->items[i].sum, units->items[i].peak_us);
	talloc_free(units);
	return true;
}

/* The ends as asked for, not widened. */
static void ends_of(const struct so_period_request *request, const struct so_period *period, int64_t now_us,
	int64_t *from, int64_t *to)
{
	int64_t before_us;

	if (request->word && period->unit == SO_PERIOD_HOURS) {
		*to = now_us;
		*from = now_us - (period->to - period->from > 2 ? 24 : 1) * SO_HOUR_US;
	} else if (request->word) {
		so_period_times(period, now_us, from, to, &before_us);
	} else {
		*from = request->from_us;
		*to = request->to_us ? request->to_us : now_us;
	}
}

/* What is recent has its samples, as far back as there was monitoring; what is older has them all or is read by the
 * hour. */
static bool are_samples(struct so_service *service, int64_t from_us, int64_t to_us, bool *out, struct so_err *err)
{
	bool recent = from_us >= so_time_now_us() - (RAW_HOURS + 1) * SO_HOUR_US;
	int64_t oldest;

	*out = false;
	if (to_us - from_us > RAW_HOURS * SO_HOUR_US)
		return true;
	if (!so_store_hour_oldest(service->store, &oldest, err))
		return false;
	*out = recent || (oldest >= 0 && oldest <= from_us / SO_HOUR_US);
	return true;
}

static bool draw(struct chart *chart, struct so_service *service, struct so_scope scope,
	const struct so_period_request *request, int64_t points, struct so_err *err)
{
	int64_t now_us = so_time_now_us(), from_us, to_us;
	struct so_period period;
	bool samples;

	if (!so_period_of(request, now_us, &period, err))
		return false;
	ends_of(request, &period, now_us, &from_us, &to_us);
	chart->out->to_us = to_us;
	if (!are_samples(service, from_us, to_us, &samples, err))
		return false;
	if (samples)
		return chart_samples(chart, service, scope, from_us, to_us, points, err);
	if (to_us - from_us <= HOURLY_HOURS * SO_HOUR_US &&
		from_us >= now_us - service->config->history_hourly_days * DAY_US)
		period = (struct so_period){ .unit = SO_PERIOD_HOURS,
			.from = from_us / SO_HOUR_US,
			.to = (to_us + SO_HOUR_US - 1) / SO_HOUR_US };
	else
		period = (struct so_period){
			.unit = SO_PERIOD_DAYS, .from = from_us / DAY_US, .to = (to_us + DAY_US - 1) / DAY_US
		};
	if (period.unit == SO_PERIOD_HOURS && period.to - period.from > HOURLY_HOURS)
		period.from = period.to - HOURLY_HOURS; /* both ends were widened */
	return chart_units(chart, service, scope, &period, points, err);
}

struct so_series *so_service_query_series(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t query_id, enum so_query_metric metric, const struct so_period_request *period, int64_t points,
	struct so_err *err)
{
	struct so_series *out = so_new(ctx, struct so_series);
	struct chart chart = { .metric = metric, .out = out };

	so_assert(points > 0 && points <= SO_SERIES_POINTS_MAX);
	out->query = so_store_query_get(out, service->store, scope, query_id, err);
	if (out->query && draw(&chart, service, scope, period, points, err)) {
		const struct so_store_annotation_filter filter = { .connection_id = out->query->connection_id,
			.from_us = out->from_us,
			.to_us = out->to_us + 1,
			.limit = MARKERS };

		finish(&chart);
		out->annotations = so_store_annotation_list(out, service->store, scope, &filter, err);
		out->plan_runs = so_store_plan_run_list(out, service->store, scope, query_id, err);
		if (out->annotations && out->plan_runs)
			return out;
	}
	talloc_free(out);
	return NULL;
}

/* ---- samples ---- */

/* Backwards in stretches that double, so that a busy statement costs a read of an hour and a rare one few reads. */
struct so_sample_page *so_service_query_samples(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t query_id, int64_t before_us, int64_t limit, struct so_err *err)
{
	struct so_sample_page *page = so_new(ctx, struct so_sample_page);
	int64_t to_us = before_us, hours = 1, oldest;
	struct so_store_samples *samples;

	if (!so_store_query_get(page, service->store, scope, query_id, err) ||
		!so_store_hour_oldest(service->store, &oldest, err)) {
		talloc_free(page);
		return NULL;
	}
	page->items = so_new_array(page, struct so_store_sample, (size_t)limit);
	while (oldest >= 0 && to_us > oldest * SO_HOUR_US && page->count < (size_t)limit) {
		int64_t from_us = to_us - hours * SO_HOUR_US;

		if (from_us < oldest * SO_HOUR_US)
			from_us = oldest * SO_HOUR_US;
		samples = so_store_sample_list(page, service->store, scope, query_id, from_us, to_us, err);
		if (!samples) {
			talloc_free(page);
			return NULL;
		}
		for (size_t i = samples->count; i > 0 && page->count < (size_t)limit; i--) {
			page->items[page->count++] = samples->items[i - 1];
			page->before_us = samples->items[i - 1].at_us;
		}
		talloc_free(samples);
		to_us = from_us;
		if (hours < HOURLY_HOURS / 2)
			hours *= 2;
	}
	if (page->count < (size_t)limit)
		page->before_us = 0;
	return page;
}
