/* What the sessions are doing: sys.dm_exec_requests, sys.dm_exec_sessions, sys.dm_exec_connections and
 * sys.dm_exec_sql_text, as their reference pages describe them. */
#include "base/buf.h"
#include "engine/mssql/internal.h"

struct so_activity *ms_activity(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_buf where;

	so_buf_init(&where, tmp, 4 * 1024 * 1024);
	if (n > 0)
		so_buf_adds(&where, " AND DB_NAME(COALESCE(r.database_id, s.database_id)) IN (");
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&where, "%s%s", i ? ", " : "", ms_text_literal(tmp, databases[i]));
	if (n > 0)
		so_buf_addc(&where, ')');
	return bl_activity(ctx, &ms_conn_of(base)->bl,
		so_printf(tmp, MS_SQL_ACTIVITY, (long long)limit + 1, so_buf_text(&where)), limit,
		"sys.dm_exec_requests (needs VIEW SERVER STATE)", err);
}
