/* What the sessions of a registered database are doing now. Their texts are shown without values. */
#ifndef SO_SERVICE_ACTIVITY_H
#define SO_SERVICE_ACTIVITY_H

#include "core/activity.h"
#include "service/service.h"
#include "store/store.h"

#define SO_ACTIVITY_MAX 500 /* sessions, longest statement first */

/* "running", "waiting", "in_transaction" */
const char *so_session_state_name(enum so_session_state state);

/* At most `limit` sessions of the connection's database, or of all when it names none. Each `text` is redacted; the
 * hexadecimal fingerprint of each, or NULL, is in `fingerprints`. SO_UNSUPPORTED where the engine has no sessions.
 * Blocks on the target. */
bool so_service_activity(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t limit, struct so_activity **out, char ***fingerprints, struct so_err *err) SO_MUST_CHECK;

#endif
