/* What a database holds, and what is wrong with it whatever its statements: the schema audit. */
#ifndef SO_SERVICE_SCHEMA_AUDIT_H
#define SO_SERVICE_SCHEMA_AUDIT_H

#include "advise/audit/audit.h"
#include "engine/engine.h"
#include "service/service.h"
#include "store/store.h"

#define SO_AUDIT_MAX_TABLES 5000 /* the largest are looked at; a notice says so when there are more */

struct so_schema_audit {
	const struct so_inventory *inventory; /* the relations looked at, and the state of the server */
	struct so_finding_list *findings; /* most severe first */
	struct so_proposal_list *proposals;
	const struct so_audit_line *lines; /* each rule: what it looked at, what it found */
	size_t n_lines;
	size_t n_tables; /* looked at */
	size_t n_notices;
	char **notices; /* what could not be read, and what was left out */
};

/* Looks at the `max_tables` largest tables (0: SO_AUDIT_MAX_TABLES) over an open connection. SO_UNSUPPORTED where the
 * engine's driver has no inventory. Reads only. */
bool so_schema_audit_run(TALLOC_CTX *ctx, struct so_conn *conn, size_t max_tables, struct so_schema_audit *out,
	struct so_err *err) SO_MUST_CHECK;

/* The same for a registered database. */
bool so_service_schema_audit(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	size_t max_tables, struct so_schema_audit *out, struct so_err *err) SO_MUST_CHECK;

/* The relations of a registered database, largest first, whose "schema.name" contains `search` (NULL: all; letter case
 * does not count). */
bool so_service_schema_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *search, const struct so_inventory **out, struct so_err *err) SO_MUST_CHECK;

/* One table with its columns, keys and indexes; `ddl` as the engine would create it. */
struct so_schema_table {
	const struct so_table *table;
	const char *ddl;
};
bool so_service_schema_table(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *schema, const char *name, struct so_schema_table *out, struct so_err *err) SO_MUST_CHECK;

#endif
