/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/oracle/internal.h"

#include <string.h>

/* A transaction that is rolled back around it. */
static struct bl_reading reading_of(
	TALLOC_CTX *ctx, const char *sql, int64_t max_rows, int64_t max_bytes, int64_t timeout_ms)
{
	return (struct bl_reading){ .sql = so_printf(ctx, TAG "%s", sql),
		.begin = ORA_SQL_READ_ONLY,
		.undo = ORA_SQL_ROLLBACK,
		.timeout_ms = timeout_ms,
		.max_rows = max_rows,
		.max_bytes = max_bytes };
}

bool ora_read_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct bl_reading reading = reading_of(tmp, sql, max_rows, max_bytes, timeout_ms);

	return ora_check_read(sql, err) && bl_read_query(ctx, &ora_conn_of(base)->bl, &reading, out, err);
}

bool ora_read_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct bl_reading reading = reading_of(tmp, sql, max_rows, max_bytes, timeout_ms);

	return ora_check_read(sql, err) && bl_read_digest(ctx, &ora_conn_of(base)->bl, &reading, out, err);
}

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
	long long lock_ms = lock_timeout_ms > 0 ? lock_timeout_ms : conn->bl.lock_timeout_ms;

	if (!check_executable(sql, err) || !ora_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_WRITABLE))
		return so_fail(err, SO_FORBIDDEN, "database %s is read-only", conn->info->database);
	return bl_execute(&conn->bl, so_printf(tmp, TAG "%s", sql), timeout_ms,
		so_printf(tmp, ORA_SQL_LOCK_LIMIT, (lock_ms + 999) / 1000), so_printf(tmp, ORA_SQL_LOCK_LIMIT, 0LL),
		err);
}
