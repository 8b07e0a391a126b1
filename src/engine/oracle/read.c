/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/oracle/internal.h"

#include <string.h>

const struct bl_reader ora_reader = { .check = ora_check_read, .begin = ORA_SQL_READ_ONLY, .undo = ORA_SQL_ROLLBACK };

/* What may be applied: one statement that defines or maintains, or one that changes rows; nothing that touches the
 * session or accounts. */
static bool check_executable(const char *sql, struct so_err *err)
{
	static const char *const accepted[] = { "CREATE", "ALTER", "DROP", "UPDATE", "INSERT", "DELETE", "MERGE",
		"TRUNCATE", "COMMENT", "RENAME", NULL };

	return so_executable_check(SO_ORACLE, 0, accepted, MAX_STATEMENT, sql, err);
}

bool ora_execute(struct so_conn *base, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	/* whole seconds; DML waits for rows without a limit of its own, so the statement's timeout bounds it */
	long long lock_ms = lock_timeout_ms > 0 ? lock_timeout_ms : conn->bl.base.lock_timeout_ms;

	if (!check_executable(sql, err) || !ora_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE))
		return so_fail(err, SO_FORBIDDEN, "database %s is read-only", conn->info->database);
	return bl_execute(&conn->bl, so_printf(tmp, TAG "%s", sql), timeout_ms,
		so_printf(tmp, ORA_SQL_LOCK_LIMIT, (lock_ms + 999) / 1000), so_printf(tmp, ORA_SQL_LOCK_LIMIT, 0LL),
		err);
}
