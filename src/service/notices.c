#include "service/notices.h"

struct so_store_notices *so_service_notices(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t limit, struct so_err *err)
{
	return so_store_notice_list(ctx, service->store, scope, limit, err);
}
