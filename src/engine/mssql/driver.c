#include "engine/mssql/internal.h"

const struct so_engine so_engine_mssql = {
	.name = "mssql",
	.dialect = "tsql",
	.default_port = 1433,
	.sql = ms_sql,
	.open = ms_open,
	.ping = ms_ping,
	.cancel = ms_cancel,
	.info = ms_info,
	.statements = ms_statements,
	.catalog = ms_catalog,
	.inventory = ms_inventory,
	.ddl = ms_ddl,
	.explain = ms_explain,
	.what_if_begin = ms_what_if_begin,
	.what_if_add = ms_what_if_add,
	.what_if_drop = ms_what_if_drop,
	.what_if_end = ms_what_if_end,
	.query = ms_read_query,
	.digest = ms_read_digest,
	.execute = ms_execute,
};
