/* Plans as texts: read, judged, compared. No target or model is asked. Any format that plan/plan.h reads, recognised by
 * itself. */
#ifndef SO_SERVICE_PLAN_TEXT_H
#define SO_SERVICE_PLAN_TEXT_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"
#include "service/service.h"
#include "store/store.h"

struct so_plan_text_request {
	char *plan;
	int64_t connection_id; /* whose statement it is of: its values are kept for that; SO_INT_NONE: nothing is */
	char *sql_query; /* the statement, where the plan does not have it; or NULL */
};

struct so_plan_text_report {
	json_t *plan; /* so_plan_to_json */
	json_t *findings; /* so_finding_list_to_json */
	char *text; /* so_plan_render, without colours and not cut */
	int64_t query_id; /* the watched statement that its values are kept for; SO_INT_NONE: there is none */
};

struct so_plan_pair_request {
	char *before, *after;
};

struct so_plan_pair_report {
	json_t *diff; /* so_plan_diff_to_json */
	char *text; /* so_plan_diff_render */
};

/* The report is a child of `ctx`, its documents with it. */
/* With a connection this blocks on the store, and fails with SO_NOT_FOUND. */
struct so_plan_text_report *so_plan_text_analyze(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_plan_text_request *request, struct so_err *err) SO_MUST_CHECK;
/* An error says which of the two plans it is about. */
struct so_plan_pair_report *so_plan_text_diff(
	TALLOC_CTX *ctx, const struct so_plan_pair_request *request, struct so_err *err) SO_MUST_CHECK;

#endif
