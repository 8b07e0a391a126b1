/* What queries did, read from the store as the series that detectors take. Each call reads a bounded number of rows. */
#ifndef SO_MONITOR_PAST_H
#define SO_MONITOR_PAST_H

#include "monitor/regression.h"
#include "store/history.h"

#define SO_PAST_HOURS   672 /* hours of a series: 28 days */
#define SO_PAST_BUCKETS 360 /* short periods of one */

struct so_past {
	struct so_store *store;
	struct so_scope scope;
};

/* The hours of one query before `to_hour`. With a bucket for the last of them, an empty one if it was not called. */
bool so_past_hours(struct so_series *out, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id,
	int64_t to_hour, struct so_err *err) SO_MUST_CHECK;
/* Its last SO_PAST_BUCKETS periods of `bucket_us` before `to_us`, from raw samples. `onset_us` not 0: of these only the
 * newer half, and as many before the onset, so that what was normal is not forgotten. */
bool so_past_fine(struct so_series *out, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id,
	int64_t bucket_us, int64_t to_us, int64_t onset_us, struct so_err *err) SO_MUST_CHECK;
/* Median of the means of a call at this hour of the last seven days; NAN when it was called on none of them. */
bool so_past_usual(double *usual_us, TALLOC_CTX *ctx, const struct so_past *past, int64_t query_id, int64_t hour,
	struct so_err *err) SO_MUST_CHECK;

/* Time that all statements of the connections took: in the hours before `to_hour`; in periods before `to_us`, from the
 * log of polls, and where that has ended from the hours in equal parts. */
bool so_past_load_hours(struct so_load **out, size_t *n, TALLOC_CTX *ctx, const struct so_past *past,
	const int64_t *connections, size_t n_connections, int64_t to_hour, struct so_err *err) SO_MUST_CHECK;
bool so_past_load_fine(struct so_load **out, size_t *n, TALLOC_CTX *ctx, const struct so_past *past,
	const int64_t *connections, size_t n_connections, int64_t bucket_us, int64_t to_us,
	struct so_err *err) SO_MUST_CHECK;

#endif
