/* One watched statement: all that is known of it at once. */
#ifndef SO_SERVICE_QUERY_DETAIL_H
#define SO_SERVICE_QUERY_DETAIL_H

#include "service/query_list.h"
#include "store/plan.h"

struct so_query_detail {
	struct so_store_query *query;
	struct so_store_conn *conn;
	bool other; /* what was not stored singly */
	const char *dialect;
	size_t n_tables;
	char **tables; /* "schema.name" as far as the text names them, each once; empty when it does not parse */
	int64_t findings; /* open ones */
	bool regressed;
	int64_t value_sets, values_first_us, values_last_us; /* what is kept of its values; 0: nothing */
	size_t n_value_sources;
	char **value_sources; /* each once */
};

struct so_query_detail *so_service_query_detail(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err);

struct so_query_plans {
	struct so_store_plans *plans; /* the last seen first */
	struct so_store_plan_runs *runs; /* which of them was in use when, oldest first */
	int64_t looked_us; /* when a plan was last asked for, 0: never */
	const char *error; /* why there was none then, or NULL */
};
/* The plans that the monitor has seen of a statement. */
struct so_query_plans *so_service_query_plans(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err);

#endif
