#include "service/notices.h"

#include "base/clock.h"

struct so_store_notices *so_service_notices(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	bool dismissed, int64_t limit, struct so_err *err)
{
	return so_store_notice_list(ctx, service->store, scope, dismissed, limit, err);
}

bool so_service_notice_dismiss(struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *kind, bool dismissed, struct so_err *err)
{
	struct so_store_audit entry = {
		.action = (char *)(dismissed ? "notice.dismiss" : "notice.show"),
		.object_type = (char *)"connection",
		.object_id = connection_id,
		.ok = true,
	};

	return so_store_notice_dismiss(
		       service->store, scope, connection_id, kind, dismissed ? so_time_now_us() : 0, err) &&
	       so_store_audit_add(service->store, scope, &entry, err);
}
