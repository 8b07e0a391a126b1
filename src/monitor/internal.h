/* Shared by the files of the scheduler of polls only: monitor.c is its life, targets.c its table of servers, target.c
 * one poll, leasing.c whose turn it is, folding.c what comes after polls. */
#ifndef SO_MONITOR_INTERNAL_H
#define SO_MONITOR_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/pool.h"
#include "monitor/fold.h"
#include "monitor/monitor.h"
#include "store/lease.h"

enum { CONNECTIONS_MAX = 5000, LIMIT = 20000 };

#define SECOND ((int64_t)1000000)

#define STATEMENT_TIMEOUT_MS 5000 /* the most that one statement of ours may take on a server */
#define POLL_LIMIT_US        (30 * SECOND)

/* A server and its watched connections. While `running` its `conn` and `members` belong to the poll. */
struct mon_target {
	int64_t key; /* id of the instance, or minus that of a connection whose instance is not known */
	struct so_store_conns *members; /* a root of its own */
	int64_t due_us, late_us; /* monotonic; how late the last poll began */
	int64_t interval_us;
	bool running, seen, again;
	struct so_cancel *cancel; /* of the running poll */
	struct so_conn *conn; /* a root of its own, or NULL */
	int64_t conn_of, conn_updated_us; /* which connection it was opened for, and how that was then */
	size_t inputs_from; /* the member whose plans and tables are read first */
	size_t lead; /* the member through which the server is asked, modulo their number */
	int64_t unwritten; /* failed polls since the store last took one down: it is full, say */
	struct so_err why; /* of the last of them */
	bool forced; /* somebody wants it now, whatever another node knows of when it is due */
	struct so_store_lease lease; /* of the running poll, once it has one: fence 0 before and after */
	int64_t leased_us; /* when it was taken or renewed; monotonic */
};

struct so_monitor {
	struct so_monitor_options options;
	struct so_pool *pool;
	struct so_fold_rules fold_rules;
	char node[SO_NODE_MAX];
	struct so_store_lease history; /* to fold and judge; of the running fold */
	atomic_bool stop;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	struct so_steady steady;
	size_t count;
	struct mon_target *targets[CONNECTIONS_MAX]; /* roots of their own */
	size_t running;
	bool paused, reload, folding, dirty; /* dirty: polls that no fold has seen */
	int64_t reload_us, fold_us, last_us, hour; /* hour: of the last tick */
	unsigned seed;
};

struct mon_task {
	struct so_monitor *monitor;
	struct mon_target *target;
	int64_t at_us;
	bool forced;
};

/* --- monitor.c --- */
/* Of the monitor's own clock, monotonic. */
int64_t mon_now_us(const struct so_monitor *m);
uint32_t mon_dice(struct so_monitor *m);

/* --- targets.c --- */
/* The shortest that one of its connections wants. */
int64_t mon_interval_of(const struct so_monitor *m, const struct so_store_conns *members);
void mon_free_target(struct mon_target *t);
/* Brings the table up to the store's connections. Only the scheduler's thread adds and removes. */
void mon_reconcile(struct so_monitor *m);

/* --- target.c --- */
void mon_close_conn(struct mon_target *t);
/* What the pool runs, or drops, for a struct mon_task. */
void mon_run_poll(void *arg);
void mon_drop_poll(void *arg);

/* --- leasing.c --- */
/* Of the server with this key, without a fence. */
struct so_store_lease mon_lease_of(const struct so_monitor *m, int64_t key);
/* False without an error: another node polls this server, or has polled it a moment ago. */
bool mon_take_lease(
	struct so_monitor *m, struct mon_target *t, bool forced, struct so_store_lease *lease, struct so_err *err);
/* When another node's lease will have run out, or the server is due if that one does not come. */
int64_t mon_wait_for_lease(struct so_monitor *m, const struct so_store_lease *lease);
/* The leases of polls that take long. */
void mon_renew_leases(struct so_monitor *m);
/* Of polls that were cancelled, and of the history: another node need not wait until they run out. */
void mon_release_leases(struct so_monitor *m);

/* --- folding.c --- */
/* What the pool runs, or drops, for a struct so_monitor. */
void mon_run_fold(void *arg);
void mon_drop_fold(void *arg);

#endif
