#include "engine/postgresql/internal.h"
#include "engine/postgresql/sql.h"
#include "engine/reading.h"

const struct so_engine so_engine_postgresql = {
	.name = "postgresql",
	.dialect = "postgresql",
	.default_port = 5432,
	.sql = pg_sql,
	.databases = PG_SQL_DATABASES,
	.entry_database = "postgres",
	.open = pg_open,
	.ping = pg_ping,
	.cancel = pg_cancel,
	.info = pg_info,
	.statements = pg_statements,
	.counters = pg_counters,
	.texts = pg_texts,
	.activity = pg_activity,
	.samples = so_no_samples,
	.no_samples = PG_NO_SAMPLES,
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
