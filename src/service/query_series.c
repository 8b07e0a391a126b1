#include "service/query_series.h"

#include <math.h>

#include "base/clock.h"
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
