/* What a database looked like, and what is different from then to now. Pure. A snapshot is a JSON object:
 * {"version":"15.20","settings":{"work_mem":"4MB"},"tables":{"shop.orders":{"schema","name","rows","analyzed_us",
 * "indexes":{"orders_pkey":"CREATE UNIQUE INDEX ..."}}}}. */
#ifndef SO_MONITOR_CHANGES_H
#define SO_MONITOR_CHANGES_H

#include <jansson.h>

#include "core/catalog.h"
#include "store/plan.h"

/* New reference. */
json_t *so_snapshot_of(const struct so_catalog *catalog);

/* What changed between two snapshots that were taken at from_us and to_us; children of `ctx`. A table that only one of
 * them has tells nothing: it was not looked at. Row counts that moved by less than a fifth are no change. */
struct so_store_changes *so_snapshot_changes(
	TALLOC_CTX *ctx, const json_t *old, const json_t *now, int64_t connection_id, int64_t from_us, int64_t to_us);

#endif
