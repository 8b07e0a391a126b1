/* Open connections to the watched databases: a small, bounded pool, so that neither a hundred jobs nor a dead target
 * fills somebody's max_connections. A connection is used by one thread at a time. */
#ifndef SO_SERVICE_TARGETS_H
#define SO_SERVICE_TARGETS_H

#include "base/cancel.h"
#include "engine/engine.h"
#include "service/service.h"
#include "store/store.h"

#define SO_TARGET_MAX_OPEN 4 /* connections to one target at a time */

struct so_targets *so_targets_new(TALLOC_CTX *ctx);

/* An open connection to the stored target, kept from last time or new. Waits at most 10 s for one of its
 * SO_TARGET_MAX_OPEN places, then SO_BUSY. While it is checked out, `cancel` (may be NULL) stops its running statement.
 */
struct so_conn *so_targets_take(struct so_service *service, const struct so_store_conn *target,
	struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;
/* Gives it back, to be kept for the next one, or closed when it is no longer usable. */
void so_targets_give(struct so_service *service, struct so_conn *conn);
/* Closes what is idle for a target whose settings changed or that was deleted; 0: for all that was unused for a minute.
 */
void so_targets_forget(struct so_service *service, int64_t connection_id);

/* Connects with values that are not stored. */
struct so_conn *so_target_open(TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel,
	struct so_err *err) SO_MUST_CHECK;
/* Parameters of a stored target, with its secrets decrypted into `ctx`. */
bool so_target_params(TALLOC_CTX *ctx, struct so_service *service, const struct so_store_conn *target,
	struct so_conn_params *out, struct so_err *err) SO_MUST_CHECK;

#endif
