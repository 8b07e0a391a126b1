/* The life of findings: who knows of one, who does not want to hear of it, what people say about it. Each change is an
 * event "finding" and an audit entry. */
#ifndef SO_SERVICE_FINDINGS_H
#define SO_SERVICE_FINDINGS_H

#include "service/service.h"
#include "store/judge.h"

/* SO_NOT_FOUND when a connection or query is named that there is not. */
struct so_store_findings *so_service_finding_search(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_finding_search *search, struct so_err *err);
/* `comments` may be NULL. */
struct so_store_finding *so_service_finding_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t id, struct so_store_comments **comments, struct so_err *err);

enum so_finding_act { SO_FINDING_ACKNOWLEDGE, SO_FINDING_UNACKNOWLEDGE, SO_FINDING_MUTE, SO_FINDING_UNMUTE };
/* `until_us` of a mute: INT64_MAX for ever. The finding as it is then. */
struct so_store_finding *so_service_finding_act(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t id, enum so_finding_act act, int64_t until_us, struct so_err *err);
bool so_service_finding_comment(struct so_service *service, struct so_scope scope, struct so_store_comment *comment,
	struct so_err *err) SO_MUST_CHECK;

#endif
