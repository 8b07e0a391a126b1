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
	.counters = ora_counters,
	.texts = ora_texts,
	.activity = ora_activity,
	.samples = ora_samples,
	.catalog = ora_catalog,
	.inventory = ora_inventory,
	.ddl = ora_ddl,
	.explain = ora_explain,
	.no_what_if = "Oracle plans with an index only once it was made (invisible, or without a segment), which "
		      "changes the schema: its cost is estimated from the statistics",
	SO_NO_WHAT_IF,
	.query = bl_query,
	.digest = bl_digest,
	.execute = ora_execute,
};
