/* The rules: looks at what the store has new, and queues what is to be told. */
#ifndef SO_ALERT_RULES_H
#define SO_ALERT_RULES_H

#include "store/alert.h"
#include "store/lease.h"

/* How long a node has alerts to itself after it last had something to write or send. */
#define SO_ALERT_LEASE_US INT64_C(30000000)

enum so_alert_event {
	SO_ALERT_REGRESSION, /* a query got slower, a slow one is new, or one is called in a loop */
	SO_ALERT_FINDING, /* any other finding of at least the rule's severity */
	SO_ALERT_COLLECTION_FAILURE, /* polls of a connection fail */
	SO_ALERT_RESOLVED, /* what was told as one of these has ended */
	SO_ALERT_EVENT_MAX
};
/* "regression", "finding", "collection_failure", "resolved", ended by NULL; in the order of the enum. */
extern const char *const so_alert_events[];

/* One look: findings since the last look, failing polls, and what has ended. *more: there were more findings than one
 * look takes. The state and what it queued are one transaction: nothing is told twice, and nothing forgotten, whenever
 * the process dies. Of several nodes one has the lease and writes; it is only taken when there is something to write,
 * so the others, and a store without news, cost reads. `lease` NULL: there are no others. SO_CONFLICT: another node
 * took over while this one looked. */
bool so_rules_run(struct so_store *store, struct so_scope scope, int64_t now_us, struct so_store_lease *lease,
	bool *more, struct so_err *err) SO_MUST_CHECK;

#endif
