/* What the collector did by itself, or could not do, and what helps: one notice for each connection and kind. */
#ifndef SO_SERVICE_NOTICES_H
#define SO_SERVICE_NOTICES_H

#include "service/service.h"
#include "store/history.h"

/* Last seen first; those of the store itself have connection 0. */
struct so_store_notices *so_service_notices(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t limit, struct so_err *err);

#endif
