#include "engine/postgresql/internal.h"

const struct so_engine so_engine_postgresql = {
	.name = "postgresql",
	.dialect = "postgresql",
	.default_port = 5432,
	.sql = pg_sql,
	.open = pg_open,
	.ping = pg_ping,
	.cancel = pg_cancel,
	.info = pg_info,
	.statements = pg_statements,
	.catalog = pg_catalog,
	.inventory = pg_inventory,
	.ddl = pg_ddl,
	.explain = pg_explain,
	.what_if_begin = pg_what_if_begin,
	.what_if_add = pg_what_if_add,
	.what_if_drop = pg_what_if_drop,
	.what_if_end = pg_what_if_end,
	.query = pg_read_query,
	.digest = pg_read_digest,
	.execute = pg_execute,
};
