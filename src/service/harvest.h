/* Values of watched queries, for the use cases: see monitor/harvest.h. Nothing is done when MONITORING_PARAMETERS is
 * off. */
#ifndef SO_SERVICE_HARVEST_H
#define SO_SERVICE_HARVEST_H

#include "monitor/harvest.h"
#include "service/service.h"
#include "store/store.h"

struct so_plan;

/* Makes service->harvest, or forgets what was harvested when it is switched off. */
bool so_service_harvest_begin(struct so_service *service, struct so_scope scope, struct so_err *err) SO_MUST_CHECK;

/* Takes the values of a statement that somebody gave. */
void so_service_harvest(struct so_service *service, const struct so_store_conn *target, const char *sql);
/* Those that a plan of the connection tells of its statement, see plan_values.h; `sql` may be NULL. Returns the watched
 * query that they are kept for, 0: none. */
int64_t so_service_harvest_plan(
	struct so_service *service, const struct so_store_conn *target, const struct so_plan *plan, const char *sql);
/* The values that are known for a statement with parameters; NULL when it is switched off. */
struct so_harvested_list *so_service_harvested(
	TALLOC_CTX *ctx, struct so_service *service, const struct so_store_conn *target, const char *sql);

#endif
