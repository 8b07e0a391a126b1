/* Leases: the right of one node to do a piece of background work, so that several nodes can share a store. A lease is
 * taken for a short time, renewed while the work goes on, and free for everybody when it has run out: a node that died
 * is replaced. All times are the store's clock, so nodes need not agree about theirs.
 *
 * Running out does not stop a node that slept. Therefore each lease that is taken has a new number, its fence, and the
 * transaction that writes what was done checks it: when another node has taken over meanwhile, nothing is written. The
 * rules of store.h hold. */
#ifndef SO_STORE_LEASE_H
#define SO_STORE_LEASE_H

#include "store/store.h"

#define SO_NODE_MAX 96

/* A name for this process, other than that of any process before or beside it: host, process, random digits. */
void so_node_name(char name[SO_NODE_MAX]);

struct so_store_lease {
	const char *work; /* what is done: "instance", "connection", "history", "alerts", "activity" */
	int64_t subject; /* to which of them; 0: there is only one */
	const char *node; /* who asks */
	int64_t fence; /* 0: not held */
	int64_t until_us; /* while it is held its end as far as we know, else when asking again makes sense */
};

/* The store's clock: of the machine it is on. Wall clock, which may be set back: no lease is longer than it was given
 * for, whatever the clock says. */
int64_t so_store_clock_us(struct so_store *store);

/* How long others wait after the work was due before they take it from the node that did it last: that one has the
 * connection open, and loses it only when it is late or gone. */
#define SO_LEASE_HEAD_US INT64_C(2000000)

/* Takes the lease for `for_us`, when nobody has it and it is due; lease->fence says whether it did. `due_most_us`: no
 * node would have made it due later than in this time; 0: whether it is due does not matter. */
bool so_store_lease_take(struct so_store *store, struct so_store_lease *lease, int64_t for_us, int64_t due_most_us,
	struct so_err *err) SO_MUST_CHECK;
/* For work that is done over and over: renews the lease when less than half of `for_us` is left, takes it when it is
 * free, and costs nothing else: another node's lease is asked for again when it has run out. lease->fence says who has
 * it. */
bool so_store_lease_keep(
	struct so_store *store, struct so_store_lease *lease, int64_t for_us, struct so_err *err) SO_MUST_CHECK;
/* Renews them in one transaction; the fence of one that was lost becomes 0. */
bool so_store_leases_renew(struct so_store *store, struct so_store_lease *leases, size_t n, int64_t for_us,
	struct so_err *err) SO_MUST_CHECK;

/* Inside the transaction of what was done: SO_CONFLICT when another node has taken over. */
bool so_store_lease_check(struct so_store *tx, const struct so_store_lease *lease, struct so_err *err) SO_MUST_CHECK;
/* The same, and ends the lease: the work is due again in `delay_us`. */
bool so_store_lease_end(
	struct so_store *tx, const struct so_store_lease *lease, int64_t delay_us, struct so_err *err) SO_MUST_CHECK;

/* Gives back what is held of them. */
bool so_store_leases_release(
	struct so_store *store, struct so_store_lease *leases, size_t n, struct so_err *err) SO_MUST_CHECK;
/* Forgets work that there is no more, where this node did it last. */
bool so_store_leases_drop(
	struct so_store *store, const struct so_store_lease *leases, size_t n, struct so_err *err) SO_MUST_CHECK;

#endif
