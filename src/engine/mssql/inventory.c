/* What the database holds, and how the server fares: for the schema audit. */
#include "engine/mssql/internal.h"

#define MAX_LISTED 100000

struct so_inventory *ms_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	static const struct bl_vital vitals[] = {
		{ SO_VITAL_SEQUENCE, "identity columns", MS_SQL_VITAL_IDENTITIES },
		{ SO_VITAL_SEQUENCE, "sequences", MS_SQL_VITAL_SEQUENCES },
		{ SO_VITAL_INVALID_CONSTRAINT, "constraints", MS_SQL_VITAL_CONSTRAINTS },
		{ SO_VITAL_OPEN_TRANSACTION, "open transactions", MS_SQL_VITAL_TRANSACTIONS },
		{ SO_VITAL_COUNTERS_SINCE, "age of the counters", MS_SQL_VITAL_COUNTERS },
	};
	SO_TMP(tmp, NULL);

	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	return bl_inventory(ctx, &ms_conn_of(base)->bl, so_printf(tmp, MS_SQL_RELATIONS, (long long)limit + 1), limit,
		vitals, sizeof vitals / sizeof vitals[0], err);
}
