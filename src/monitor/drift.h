/* Whether a change came little by little. */
#ifndef SO_MONITOR_DRIFT_H
#define SO_MONITOR_DRIFT_H

#include "base/mem.h"
#include "monitor/series.h"

/* `left`: log distance of each bucket from the expectation; `onset`: where a step would be. True if a line that begins
 * to rise explains the buckets clearly better than a step; then *begin_us is where it begins. */
bool so_drift_begin(
	int64_t *begin_us, TALLOC_CTX *ctx, const struct so_series *series, const double *left, size_t onset);

#endif
