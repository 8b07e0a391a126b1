/* What happened on a server, as causes take it: changes between snapshots and users' annotations, and which plan a
 * query had when. Read from the store. */
#ifndef SO_MONITOR_HAPPENED_H
#define SO_MONITOR_HAPPENED_H

#include "monitor/cause.h"
#include "monitor/past.h"

/* Everything on a connection in the eight days before `end_us`. */
struct so_happened;
struct so_happened *so_happened_read(TALLOC_CTX *ctx, const struct so_past *past, int64_t connection_id,
	const char *dialect, int64_t end_us, struct so_err *err) SO_MUST_CHECK;

/* Of it what can concern a query: what is about the whole server, or about a table that its text names. */
bool so_happened_to(struct so_event **events, size_t *n, bool *writes, TALLOC_CTX *ctx,
	const struct so_happened *happened, int64_t query_id, struct so_err *err) SO_MUST_CHECK;

/* Writes into the buckets of the query's series which plan it had. Between two looks it is the one that was seen last;
 * a bucket in which another one was seen has that. */
bool so_happened_plans(struct so_bucket *items, const struct so_series *series, TALLOC_CTX *ctx,
	const struct so_past *past, int64_t query_id, struct so_err *err) SO_MUST_CHECK;

#endif
