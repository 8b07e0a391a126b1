#include <string.h>

#include "service/harvest.h"
#include "service/optimize.h"
#include "service/targets.h"

bool so_service_analyze(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_optimize_request *request, struct so_optimize_result **out, struct so_err *err)
{
	struct so_optimize_options options = {
		.sql = request->sql_query,
		.analyze = request->analyze,
		.findings_only = true,
	};
	struct so_store_conn *target = so_store_conn_get(ctx, service->store, scope, request->connection_id, err);
	struct so_conn *conn = target ? so_targets_take(service, target, NULL, err) : NULL;
	bool done;

	if (!conn)
		return false;
	so_service_harvest(service, target, request->sql_query);
	options.seen = so_service_harvested(ctx, service, target, request->sql_query);
	done = so_optimize(ctx, conn, &options, out, err);
	so_targets_give(service, conn);
	return done;
}
