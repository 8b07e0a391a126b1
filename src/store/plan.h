/* Plans of watched queries over time, and what changed around them: version, settings, tables, indexes, statistics. The
 * rules of store.h hold; functions that take `tx` belong inside so_store_tx. All of it is bounded: SO_PLANS_MAX shapes
 * and SO_PLAN_RUNS_MAX runs of a query, SO_SNAPSHOTS_MAX snapshots and SO_CHANGES_MAX changes of a connection. */
#ifndef SO_STORE_PLAN_H
#define SO_STORE_PLAN_H

#include "store/store.h"

enum {
	SO_PLANS_MAX = 20,
	SO_PLAN_RUNS_MAX = 100,
	SO_SNAPSHOTS_MAX = 50,
	SO_CHANGES_MAX = 1000,
	SO_PLAN_DOC_MAX = 256 * 1024
};

struct so_store_plan {
	int64_t query_id;
	int64_t shape; /* so_plan_shape_hash, its bits as a signed number */
	char *format; /* "postgresql-json" */
	char *doc; /* as the engine wrote it; NULL over SO_PLAN_DOC_MAX */
	double cost; /* of the root when it was last seen; NAN */
	int64_t seen, first_us, last_us;
};
struct so_store_plans {
	size_t count;
	struct so_store_plan **items;
};
/* Of one query, the last seen first. */
struct so_store_plans *so_store_plan_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err);

struct so_store_plan_run {
	int64_t query_id, from_us, until_us, shape; /* looked at from .. until, each time this shape */
};
struct so_store_plan_runs {
	size_t count;
	struct so_store_plan_run **items;
};
/* Of one query, oldest first. */
struct so_store_plan_runs *so_store_plan_run_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err);

/* A look at a query's plan: at plan->last_us it was this one. Nothing is written when the query is gone. */
bool so_store_plan_seen(struct so_store *tx, const struct so_store_plan *plan, struct so_err *err) SO_MUST_CHECK;

struct so_store_look {
	int64_t query_id, at_us;
	double mean_us; /* of a call, then */
	char *error; /* why there was no plan, or NULL */
};
struct so_store_looks {
	size_t count;
	struct so_store_look **items;
};
struct so_store_looks *so_store_look_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err);
bool so_store_look_put(struct so_store *tx, const struct so_store_look *look, struct so_err *err) SO_MUST_CHECK;

struct so_store_snapshot {
	int64_t connection_id, from_us, until_us;
	char *doc; /* JSON; monitor/changes.h has the shape */
};
/* The newest; NULL with err->kind SO_NONE when there is none. */
struct so_store_snapshot *so_store_snapshot_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err);
/* Writes it; the one with the same from_us is written over. */
bool so_store_snapshot_put(
	struct so_store *tx, const struct so_store_snapshot *snapshot, struct so_err *err) SO_MUST_CHECK;

struct so_store_change {
	int64_t id, connection_id;
	int64_t kind; /* enum so_event_kind of the monitor */
	int64_t from_us, to_us; /* it happened in between */
	char *relation; /* the table concerned; NULL: the whole server */
	char *object, *before, *after;
	double rows_before, rows_after;
};
struct so_store_changes {
	size_t count;
	struct so_store_change **items;
};
bool so_store_change_add(struct so_store *tx, const struct so_store_change *change, struct so_err *err) SO_MUST_CHECK;
/* Newest first. */
struct so_store_changes *so_store_change_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t since_us, int64_t limit, struct so_err *err);

#endif
