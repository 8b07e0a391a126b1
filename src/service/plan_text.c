#include "service/plan_text.h"

#include <string.h>

#include "base/field.h"
#include "plan/diff.h"
#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"
#include "service/harvest.h"

struct so_plan_text_report *so_plan_text_analyze(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_plan_text_request *request, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_conn *target = NULL;
	struct so_finding_list *findings = so_finding_list_new(tmp);
	struct so_plan_text_report *report;
	struct so_plan *plan;

	if (request->connection_id > 0) {
		target = so_store_conn_get(tmp, service->store, scope, request->connection_id, err);
		if (!target)
			return NULL;
	}
	if (!so_plan_read(tmp, request->plan, strlen(request->plan), &plan, err))
		return NULL;
	so_plan_findings(plan, NULL, NULL, findings);
	report = so_new(ctx, struct so_plan_text_report);
	report->plan = so_json_own(report, so_plan_to_json(plan));
	report->findings = so_json_own(report, so_finding_list_to_json(findings));
	report->text = so_plan_render(report, plan, findings, 0, false);
	report->query_id = target ? so_service_harvest_plan(service, target, plan, request->sql_query) : 0;
	if (!report->query_id)
		report->query_id = SO_INT_NONE;
	return report;
}

struct so_plan_pair_report *so_plan_text_diff(
	TALLOC_CTX *ctx, const struct so_plan_pair_request *request, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_plan_pair_report *report;
	struct so_plan_diff *diff;
	struct so_plan *before, *after;

	if (!so_plan_read(tmp, request->before, strlen(request->before), &before, err)) {
		so_fail_in(err, "plan before");
		return NULL;
	}
	if (!so_plan_read(tmp, request->after, strlen(request->after), &after, err)) {
		so_fail_in(err, "plan after");
		return NULL;
	}
	diff = so_plan_compare(tmp, before, after);
	report = so_new(ctx, struct so_plan_pair_report);
	report->diff = so_json_own(report, so_plan_diff_to_json(diff));
	report->text = so_plan_diff_render(report, diff, 0, false);
	return report;
}
