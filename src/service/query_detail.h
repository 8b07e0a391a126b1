/* One watched statement: all that is known of it at once. */
#ifndef SO_SERVICE_QUERY_DETAIL_H
#define SO_SERVICE_QUERY_DETAIL_H

#include "service/query_list.h"

struct so_query_detail {
	struct so_store_query *query;
	struct so_store_conn *conn;
	bool other; /* what was not stored singly */
	const char *dialect;
	size_t n_tables;
	char **tables; /* "schema.name" as far as the text names them, each once; empty when it does not parse */
	int64_t findings; /* open ones */
	bool regressed;
};

struct so_query_detail *so_service_query_detail(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err);

#endif
