/* What the sessions are doing: V$SESSION, V$TRANSACTION and V$SQLSTATS. V$SESSION is no part of the Diagnostics Pack,
 * as the history of active sessions is (Database Licensing Information, 1.3). */
#include "engine/oracle/internal.h"

/* The sessions of a pluggable database are those that its views show, so names of databases do not choose. */
struct so_activity *ora_activity(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	(void)databases;
	(void)n;
	return bl_activity(ctx, &ora_conn_of(base)->bl, so_printf(tmp, ORA_SQL_ACTIVITY, (long long)limit + 1), limit,
		"V$SESSION (needs SELECT on V_$SESSION, V_$TRANSACTION and V_$SQLSTATS)", err);
}
