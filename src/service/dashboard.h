/* What dashboards show: watched statements, hourly load, findings by type, latest runs. Everything about load is read
 * from roll-ups. `connection_id` 0 is all; an unknown one is SO_NOT_FOUND. */
#ifndef SO_SERVICE_DASHBOARD_H
#define SO_SERVICE_DASHBOARD_H

#include "core/finding.h"
#include "service/runs.h"
#include "store/history.h"

/* By total time, largest first; `optimized` -1: any. */
bool so_service_query_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_query_filter *filter, struct so_store_queries **out, struct so_err *err) SO_MUST_CHECK;
bool so_service_query_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_store_query **out, struct so_err *err) SO_MUST_CHECK;

/* Hours with load, ascending, of the last `hours` (at most 744) up to now. */
bool so_service_load(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t hours, struct so_store_loads **out, struct so_err *err) SO_MUST_CHECK;

/* Newest first. */
bool so_service_finding_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_finding_filter *filter, struct so_store_findings **out, struct so_err *err) SO_MUST_CHECK;

struct so_issue_type_count {
	const char *issue_type;
	int64_t by_severity[SO_SEVERITY_MAX], count;
};
struct so_issue_summary {
	int64_t total, by_severity[SO_SEVERITY_MAX]; /* open ones */
	size_t n_types;
	struct so_issue_type_count *types; /* the most frequent first */
	struct so_store_findings *critical; /* open critical ones, newest first, at most ten */
	int64_t runs_with_issues;
};
bool so_service_issue_summary(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	struct so_issue_summary *out, struct so_err *err) SO_MUST_CHECK;

/* Latest runs; with their findings when only those that found something are asked for. */
bool so_service_latest_runs(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	bool with_issues, int64_t limit, struct so_run_view **views, struct so_store_runs **runs,
	struct so_err *err) SO_MUST_CHECK;

/* "" for a connection that is gone. */
const char *so_service_connection_name(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id);

#endif
