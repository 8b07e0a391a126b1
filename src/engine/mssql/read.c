/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/mssql/internal.h"

#include <string.h>

const struct bl_reader ms_reader = { .check = ms_check_read, .begin = MS_SQL_BEGIN, .undo = MS_SQL_ROLLBACK };

/* What may be applied: one statement that defines or maintains, or one that changes rows; nothing that touches the
 * session, logins, the server or other databases. */
static bool check_executable(const char *sql, struct so_err *err)
{
	static const char *const accepted[] = { "CREATE", "ALTER", "DROP", "UPDATE", "INSERT", "DELETE", "MERGE",
		"TRUNCATE", NULL };

	return so_executable_check(SO_TSQL, 0, accepted, MAX_STATEMENT, sql, err);
}

bool ms_execute(struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	long long usual_ms = conn->bl.base.lock_timeout_ms, lock_ms = lock_timeout_ms > 0 ? lock_timeout_ms : usual_ms;

	if (!check_executable(sql, err) || !ms_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE))
		return so_fail(err, SO_FORBIDDEN, "database %s is read-only", conn->info->database);
	return bl_execute(&conn->bl, so_printf(tmp, TAG "%s", sql), timeout_ms,
		so_printf(tmp, MS_SQL_LOCK_TIMEOUT, lock_ms), so_printf(tmp, MS_SQL_LOCK_TIMEOUT, usual_ms), err);
}
