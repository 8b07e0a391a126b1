/* Plans as texts: read, judged, compared. Touches no store, target or model, and never blocks; callable from any
 * thread. Any format that plan/plan.h reads, recognised by itself. */
#ifndef SO_SERVICE_PLAN_TEXT_H
#define SO_SERVICE_PLAN_TEXT_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

struct so_plan_text_request {
	char *plan;
};

struct so_plan_text_report {
	json_t *plan; /* so_plan_to_json */
	json_t *findings; /* so_finding_list_to_json */
	char *text; /* so_plan_render, without colours and not cut */
};

struct so_plan_pair_request {
	char *before, *after;
};

struct so_plan_pair_report {
	json_t *diff; /* so_plan_diff_to_json */
	char *text; /* so_plan_diff_render */
};

/* The report is a child of `ctx`, its documents with it. */
struct so_plan_text_report *so_plan_text_analyze(
	TALLOC_CTX *ctx, const struct so_plan_text_request *request, struct so_err *err) SO_MUST_CHECK;
/* An error says which of the two plans it is about. */
struct so_plan_pair_report *so_plan_text_diff(
	TALLOC_CTX *ctx, const struct so_plan_pair_request *request, struct so_err *err) SO_MUST_CHECK;

#endif
