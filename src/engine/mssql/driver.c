#include "engine/mssql/internal.h"
#include "engine/mssql/sql.h"

const struct so_engine so_engine_mssql = {
	.name = "mssql",
	.dialect = "tsql",
	.default_port = 1433,
	.sql = ms_sql,
	.databases = MS_SQL_DATABASES,
	.entry_database = "master",
	.open = ms_open,
	.ping = ms_ping,
	.cancel = ms_cancel,
	.info = ms_info,
	.statements = ms_statements,
	.counters = ms_counters,
	.texts = ms_texts,
	.activity = ms_activity,
	.samples = ms_samples,
	.catalog = ms_catalog,
	.inventory = ms_inventory,
	.ddl = ms_ddl,
	.explain = ms_explain,
	.no_what_if = "SQL Server has no documented way to plan with an index that does not exist: its cost is "
		      "estimated from the statistics",
	SO_NO_WHAT_IF,
	.query = bl_query,
	.digest = bl_digest,
	.execute = ms_execute,
};
