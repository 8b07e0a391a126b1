/* Shapes of watched statements and of issues, which several routes of the older API answer with. */
#ifndef SO_API_WATCHED_H
#define SO_API_WATCHED_H

#include "api/route.h"
#include "service/dashboard.h"

extern const struct so_resource so_shape_query; /* Query of the older API */
json_t *so_query_encode(const struct so_store_query *query); /* new reference */

extern const struct so_resource so_shape_query_issue; /* QueryIssue of the older API */
json_t *so_query_issue_encode(struct so_request *req, const struct so_store_finding *finding); /* new reference */

extern const struct so_resource so_shape_issue_type; /* one line of issues_by_type */
json_t *so_issue_types_encode(const struct so_issue_summary *summary); /* new reference */

/* The first 200 bytes of a statement, cut at a character. */
char *so_sql_preview(TALLOC_CTX *ctx, const char *sql);
/* A query parameter that may be absent: 0 then. */
int64_t so_id_or_all(int64_t id);

#endif
