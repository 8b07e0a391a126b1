/* What single statements did over time: charts of one, small charts of many. */
#ifndef SO_SERVICE_QUERY_SERIES_H
#define SO_SERVICE_QUERY_SERIES_H

#include "service/query_list.h"
#include "store/annotation.h"
#include "store/plan.h"

#define SO_SPARKLINES_MAX       100
#define SO_SPARKLINE_POINTS_MAX 60

enum so_query_metric {
	SO_METRIC_TOTAL_TIME,
	SO_METRIC_CALLS,
	SO_METRIC_MEAN_TIME,
	SO_METRIC_ROWS,
	SO_METRIC_ROWS_PER_CALL,
	SO_METRIC_HITS,
	SO_METRIC_READS,
	SO_METRIC_HIT_RATIO,
	SO_METRIC_TEMP_WRITTEN,
	SO_METRIC_WAL_BYTES,
	SO_METRIC_PLAN_TIME,
	SO_METRIC_MAX
};
/* "total_time" ... by enum so_query_metric, ended by NULL. */
extern const char *const so_query_metric_names[];

struct so_sparkline {
	int64_t query_id;
	double *values; /* one a step, NAN: nothing to tell; as many as so_sparklines.n_points */
};
struct so_sparklines {
	int64_t from_us, to_us, step_us;
	size_t n_points, count;
	struct so_sparkline *items; /* in the order asked for; what there is not is left out */
};

/* At most SO_SPARKLINES_MAX ids, over a period that is not "all". */
struct so_sparklines *so_service_sparklines(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const int64_t *ids, size_t n, enum so_query_metric metric, const struct so_period_request *period,
	struct so_err *err);

#define SO_SERIES_POINTS_MAX 300

struct so_series_point {
	int64_t at_us, calls; /* begin of its step */
	double value, min, max; /* of the whole step; of the smallest pieces that are known of it */
};
struct so_series {
	struct so_store_query *query;
	int64_t from_us, to_us, step_us;
	const char *source; /* "samples", "hours" or "days": the smallest pieces */
	size_t count;
	struct so_series_point *items; /* ascending; steps without calls are left out */
	struct so_store_plan_runs *plan_runs; /* all that are known, oldest first */
	struct so_store_annotations *annotations; /* of its connection and of all, at most 100, newest first */
};
/* Over a period that is not "all", in at most `points` steps. Up to three hours are read from samples, where there
 * still are any, longer ones from roll-ups by the hour or, over 31 days or beyond their retention, by the day. */
struct so_series *so_service_query_series(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t query_id, enum so_query_metric metric, const struct so_period_request *period, int64_t points,
	struct so_err *err);

struct so_sample_page {
	size_t count;
	struct so_store_sample *items; /* newest first */
	int64_t before_us; /* where to go on; 0: there are no older ones */
};
/* The latest samples before `before_us`, at most `limit`. */
struct so_sample_page *so_service_query_samples(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t query_id, int64_t before_us, int64_t limit, struct so_err *err);

#endif
