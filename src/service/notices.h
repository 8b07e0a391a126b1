/* What the collector did by itself, or could not do, and what helps: one notice for each connection and kind. */
#ifndef SO_SERVICE_NOTICES_H
#define SO_SERVICE_NOTICES_H

#include "service/service.h"
#include "store/history.h"

/* Last seen first; those of the store itself have connection 0. `dismissed`: also those that were dismissed. */
struct so_store_notices *so_service_notices(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	bool dismissed, int64_t limit, struct so_err *err);
/* Hides a notice until it happens anew (a day after it was last seen, or later), or shows it again. */
bool so_service_notice_dismiss(struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *kind, bool dismissed, struct so_err *err) SO_MUST_CHECK;

#endif
