/* Stored optimizations ("runs") and what the dashboard counts. */
#ifndef SO_SERVICE_RUNS_H
#define SO_SERVICE_RUNS_H

#include <jansson.h>

#include "service/service.h"
#include "store/store.h"

/* A run with everything that hangs on it, ready to be encoded. The json_t members belong to `ctx`. */
struct so_run_view {
	struct so_store_run *run;
	json_t *findings; /* [so_finding_to_json] with "id" and "resolved" added */
	json_t *proposals; /* [so_proposal_to_json], ids filled */
	json_t *plan; /* so_plan_to_json, or NULL */
	json_t *execution_plan; /* the engine's own document, when it was asked for; or NULL */
	json_t *detected; /* DetectionResult of the compatible API, or NULL */
	bool fine;
	char *reason; /* of the verdict; "" while the job is not that far */
	char *parameter_note, *model_status, *model_name,
		*model_note; /* or NULL; status: "off", "pending", "done", "failed" */
	char *error_kind; /* of a failed run: so_kind_name, or NULL */
	int64_t error_position; /* byte offset in the statement, or -1 */
	double own_cpu_ms, wait_ms; /* NAN while unknown */
};

bool so_service_run_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_run_view *out, struct so_err *err) SO_MUST_CHECK;
/* Newest first; *views has runs->count elements. `status`: name of a run status, or NULL. */
bool so_service_run_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *status, int64_t limit, int64_t offset, struct so_run_view **views, struct so_store_runs **runs,
	struct so_err *err) SO_MUST_CHECK;
bool so_service_run_delete(
	struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* SO_NOT_FOUND for an unknown connection; `connection_id` 0: all. */
bool so_service_dashboard(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	struct so_store_dashboard **out, struct so_err *err) SO_MUST_CHECK;

#endif
