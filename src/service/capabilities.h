/* What this server can do, and the drivers of its engines: for a page that shows only what there is. No store, no
 * target; callable from any thread. */
#ifndef SO_SERVICE_CAPABILITIES_H
#define SO_SERVICE_CAPABILITIES_H

#include "service/service.h"

/* The driver can, where the server and the login let it: what a connection can stands in its check list. */
struct so_engine_abilities {
	const char *name, *dialect;
	int64_t default_port; /* 0: it has no ports */
	bool needs_host, needs_database, needs_user;
	bool monitoring, activity; /* counters of statements, sessions */
	bool catalog, health_checks, explain, what_if, compare_results, apply;
	const char *no_what_if; /* why not, or NULL */
};

struct so_abilities {
	size_t n_engines;
	struct so_engine_abilities *engines;
	bool monitoring, model, ddl_execution; /* as configured */
	int64_t activity_s; /* between two looks at the sessions; 0: nobody looks */
};

struct so_abilities *so_service_abilities(TALLOC_CTX *ctx, struct so_service *service);

#endif
