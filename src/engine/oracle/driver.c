#include "engine/oracle/internal.h"

const struct so_engine so_engine_oracle = {
	.name = "oracle",
	.dialect = "oracle",
	.default_port = 1521,
	.sql = ora_sql,
	.open = ora_open,
	.ping = ora_ping,
	.cancel = ora_cancel,
	.info = ora_info,
	.statements = ora_statements,
	.catalog = ora_catalog,
	.inventory = ora_inventory,
	.ddl = ora_ddl,
	.explain = ora_explain,
	.what_if_begin = ora_what_if_begin,
	.what_if_add = ora_what_if_add,
	.what_if_drop = ora_what_if_drop,
	.what_if_end = ora_what_if_end,
	.query = ora_read_query,
	.digest = ora_read_digest,
	.execute = ora_execute,
};
