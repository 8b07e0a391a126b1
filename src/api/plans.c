/* /api/plans: execution plans as texts, in any format of any engine. No target is asked, and nothing but values is
 * stored. */
#include "api/shapes.h"
#include "api/tables.h"
#include "service/plan_text.h"

#define MAX_PLAN (1 << 20) /* bytes: what a request may have at all; larger plans go through the command line */

/* ---- requests ------------------------------------------------------------------------------------------------ */

#define S struct so_plan_text_request
static const struct so_field analyze_fields[] = {
	SO_FIELD(S, plan, .flags = SO_F_REQUIRED, .min = 1, .max = MAX_PLAN,
		.doc = "What EXPLAIN printed, in any format, also with what a client or a log put around it."),
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "The connection that it is a plan of: values that it tells of a watched statement are kept, "
		       "encrypted, for plans of that statement later (MONITORING_PARAMETERS)."),
	SO_FIELD(S, sql_query, .flags = SO_F_NULLABLE, .min = 1, .max = SO_MAX_SQL_BYTES,
		.doc = "The statement, where the plan does not have it; its parameters are looked for in the "
		       "conditions of the plan."),
};
#undef S
static const struct so_resource analyze_resource =
	SO_RESOURCE(struct so_plan_text_request, analyze_fields, .name = "PlanText");

#define S struct so_plan_pair_request
static const struct so_field pair_fields[] = {
	SO_FIELD(S, before, .flags = SO_F_REQUIRED, .min = 1, .max = MAX_PLAN, .doc = "A plan, as in PlanText."),
	SO_FIELD(S, after, .flags = SO_F_REQUIRED, .min = 1, .max = MAX_PLAN,
		.doc = "Another plan of the same statement."),
};
#undef S
static const struct so_resource pair_resource =
	SO_RESOURCE(struct so_plan_pair_request, pair_fields, .name = "PlanPair");

/* ---- answers ------------------------------------------------------------------------------------------------- */

#define S struct so_plan_text_report
static const struct so_field report_fields[] = {
	SO_FIELD(S, plan, .doc = "The plan in one shape for all engines: engine, format, nodes in pre-order, figures."),
	SO_FIELD(S, findings, .flags = SO_F_LIST, .of = &so_shape_finding),
	SO_FIELD(S, text, .doc = "The tree as text, with the findings."),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE,
		.doc = "The watched statement that values of this plan are kept for now; null when there are none."),
};
#undef S
static const struct so_resource report_resource =
	SO_RESOURCE(struct so_plan_text_report, report_fields, .name = "PlanReport");

#define S struct so_plan_pair_report
static const struct so_field diff_fields[] = {
	SO_FIELD(S, diff,
		.doc = "same_shape, same_tables, same_engine; before and after: what belongs to the plan as a whole; "
		       "changes: "
		       "kind (access_path, join_method, join_sides, join_order, strategy, parallel, spill, removed, "
		       "added, "
		       "rows_est, rows_actual, cost, time, buffers), before_node, after_node, object, before, after, "
		       "factor; "
		       "nodes: all nodes with their counterparts."),
	SO_FIELD(S, text, .doc = "The same as text."),
};
#undef S
static const struct so_resource diff_resource =
	SO_RESOURCE(struct so_plan_pair_report, diff_fields, .name = "PlanDiff");

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static bool analyze(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_plan_text_report *report =
		so_plan_text_analyze(req, req->api->service, *req->api->scope, req->body, err);

	if (report)
		res->json = so_field_encode(&report_resource, report);
	return report != NULL;
}

static bool diff(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_plan_pair_report *report = so_plan_text_diff(req, req->body, err);

	if (report)
		res->json = so_field_encode(&diff_resource, report);
	return report != NULL;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

/* On a worker, because a large plan takes milliseconds. */
#define TAG .tag = "plans", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "POST", "/api/plans/analyze", "analyzePlan", TAG, .summary = "The tree and the findings of a plan as text",
		.body = &analyze_resource, .answer = &report_resource, .handler = analyze },
	{ "POST", "/api/plans/diff", "diffPlans", TAG, .summary = "What changed between two plans of one statement",
		.body = &pair_resource, .answer = &diff_resource, .handler = diff },
};

const struct so_route_table so_routes_plans = { routes, sizeof(routes) / sizeof(routes[0]) };
