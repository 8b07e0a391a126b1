#include "core/inventory.h"

const char *so_vital_kind_name(enum so_vital_kind kind)
{
	static const char *const names[SO_VITAL_KIND_MAX] = { "sequence", "xid_age", "mxid_age", "invalid_constraint",
		"sessions", "open_transaction", "prepared_transaction", "replication_slot", "cache", "maintenance_off",
		"counters_since" };

	return kind < SO_VITAL_KIND_MAX ? names[kind] : "unknown";
}

const char *so_table_kind_name(enum so_table_kind kind)
{
	static const char *const names[SO_TABLE_KIND_MAX] = { "table", "partitioned_table", "view", "materialized_view",
		"foreign_table" };

	return kind < SO_TABLE_KIND_MAX ? names[kind] : "unknown";
}
