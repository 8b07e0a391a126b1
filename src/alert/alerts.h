/* Alerts as a whole: a thread that looks at the rules every two seconds and sees what is to be sent, and a small pool
 * of its own that sends. Nobody else waits for a receiver: a hanging one holds one of its four threads for ten seconds,
 * and each channel has at most one of them. */
#ifndef SO_ALERT_ALERTS_H
#define SO_ALERT_ALERTS_H

#include "alert/send.h"
#include "base/fernet.h"
#include "store/alert.h"

struct so_alerts;

struct so_alerts_options {
	struct so_store *store;
	struct so_scope scope;
	const struct so_fernet *fernet;
	const struct so_config_list *allowed; /* ALERT_ALLOWED_HOSTS */
	const char *node; /* for the lease, see store/lease.h; outlives them */
};

struct so_alerts *so_alerts_new(
	TALLOC_CTX *ctx, const struct so_alerts_options *options, struct so_err *err) SO_MUST_CHECK;
/* False when an attempt still runs at `deadline_us` (monotonic): end the process without freeing. */
bool so_alerts_stop(struct so_alerts *alerts, int64_t deadline_us) SO_MUST_CHECK;
/* Rules or channels were changed: looks now. Thread-safe. */
void so_alerts_changed(struct so_alerts *alerts);

struct so_alerts_stats {
	int64_t sent, failed, retried; /* attempts that went well, gave up, will be repeated; since the start */
	size_t busy, queued;
};
struct so_alerts_stats so_alerts_stats(struct so_alerts *alerts);

/* Attempts there are of one delivery, and how long after a failed one the next comes (seconds; 0: none). `attempts`:
 * those made so far. Pure. */
#define SO_ALERT_ATTEMPTS 7
int64_t so_alert_backoff_s(int64_t attempts, int64_t retry_after_s);

#endif
