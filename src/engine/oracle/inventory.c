/* What the database holds, and how the server fares: for the schema audit. */
#include "engine/oracle/internal.h"

#define MAX_LISTED 100000

struct so_inventory *ora_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	static const struct bl_vital vitals[] = {
		{ SO_VITAL_SEQUENCE, "sequences", ORA_SQL_VITAL_SEQUENCES },
		{ SO_VITAL_INVALID_CONSTRAINT, "constraints", ORA_SQL_VITAL_CONSTRAINTS },
		{ SO_VITAL_OPEN_TRANSACTION, "open transactions", ORA_SQL_VITAL_TRANSACTIONS },
		{ SO_VITAL_SESSIONS, "sessions", ORA_SQL_VITAL_SESSIONS },
	};
	SO_TMP(tmp, NULL);

	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	return bl_inventory(ctx, &ora_conn_of(base)->bl, so_printf(tmp, ORA_SQL_RELATIONS, (long long)limit + 1), limit,
		vitals, sizeof vitals / sizeof vitals[0], err);
}
