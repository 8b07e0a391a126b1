/* What single statements did over time: charts of one, small charts of many. */
#ifndef SO_SERVICE_QUERY_SERIES_H
#define SO_SERVICE_QUERY_SERIES_H

#include "service/query_list.h"

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

#endif
