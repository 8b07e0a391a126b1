/* A cancel token: one flag and one deadline that a whole job shares. The flag may be set from any thread; the owner
 * of a blocking call registers a hook (for instance "cancel this server connection") that runs at most once. */
#ifndef SO_BASE_CANCEL_H
#define SO_BASE_CANCEL_H

#include "base/mem.h"

struct so_cancel;

/* `deadline_us`: monotonic microseconds (so_time_monotonic_us), 0 for none. Freed with its parent; by then no hook
 * may be registered. */
struct so_cancel *so_cancel_new(TALLOC_CTX *ctx, int64_t deadline_us);
/* Thread-safe, idempotent. Runs the registered hook, if any, under the token's mutex. */
void so_cancel_request(struct so_cancel *cancel);
/* Thread-safe. NULL is never cancelled. */
bool so_cancel_requested(const struct so_cancel *cancel);
/* Fails with SO_CANCELLED or SO_TIMEOUT when the job should stop now; NULL always passes. */
bool so_cancel_check(const struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;
/* Milliseconds until the deadline, at most `max_ms`, at least 0; `max_ms` when there is no deadline or no token. */
int64_t so_cancel_left_ms(const struct so_cancel *cancel, int64_t max_ms);
/* Registers the hook of the call now blocking (one at a time). If the token was already cancelled the hook runs at
 * once. `so_cancel_unhook` returns only when the hook is not running and will not run again. NULL token: no-op. */
void so_cancel_hook(struct so_cancel *cancel, void (*hook)(void *arg), void *arg);
void so_cancel_unhook(struct so_cancel *cancel);

#endif
