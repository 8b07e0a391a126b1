/* Rungs 5 and 6 on request, for a stored optimization: same result, and timed before and after. */
#ifndef SO_SERVICE_PROVE_H
#define SO_SERVICE_PROVE_H

#include "service/optimize.h"
#include "store/store.h"

struct so_prove_request { /* POST /api/optimizer/validate-performance */
	int64_t optimization_id;
	int64_t proposal_id; /* 0: the best one that can be measured */
	bool run_original, run_optimized;
	int64_t iterations; /* 1 to 10 */
};

struct so_prove_metrics {
	double execution_time_ms; /* median */
	double planning_time_ms; /* -1 unknown */
	int64_t rows_returned, buffer_hits, buffer_reads; /* -1 unknown */
};

struct so_prove_result {
	bool success, is_faster, same_result;
	bool has_original, has_optimized;
	struct so_prove_metrics original, optimized;
	double improvement_pct, improvement_ms; /* NAN unless both ran */
	char **notes;
	size_t n_notes;
	int64_t validated_at_us;
	struct so_proposal *proposal; /* with its new proof entries, or NULL when there was nothing to prove */
};

/* Executes read-only statements on the target, under a timeout; updates the stored proof record. */
bool so_service_prove(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_prove_request *request, struct so_prove_result *out, struct so_err *err) SO_MUST_CHECK;

#endif
