/* Statements that run: capped reads, digests of whole results, and DDL. */
#include "engine/oracle/internal.h"

#include <ctype.h>
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
		"TRUNCATE", "COMMENT", "RENAME" };
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };
	struct so_sql_piece *pieces;
	size_t n = 0, count;
	char word[16] = "";
	const char *at;

	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	if (!so_sql_split(tmp, NULL, SO_ORACLE, sql, strlen(sql), &options, &pieces, &count, err))
		return false;
	if (count != 1)
		return so_fail(err, SO_INPUT, count ? "more than one statement" : "the statement is empty");
	at = sql + pieces[0].offset;
	for (; isalpha((unsigned char)at[n]) && n + 1 < sizeof word; n++)
		word[n] = (char)toupper((unsigned char)at[n]);
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
		if (strcmp(word, accepted[i]) == 0)
			return true;
	return so_fail(err, SO_INPUT, "%s is not executed here", *word ? word : "this statement");
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
