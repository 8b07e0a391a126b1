/* What the file is, and the check list. */
#include "engine/sqlite/internal.h"

#include <string.h>
#include <unistd.h>

/* A number, or -1 when the statement does not run. */
static int64_t ask(struct lite_conn *conn, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(conn->raw, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

const struct so_engine_info *lite_info(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct lite_conn *conn = lite_conn_of(base);
	struct so_engine_info *info;
	int64_t start_us, tables, analysed;
	bool writable, listed;

	if (conn->info)
		return conn->info;
	if (!lite_begin(conn, 0, &start_us, err))
		return NULL;
	tables = ask(conn,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
	analysed = ask(conn, "SELECT count(DISTINCT tbl) FROM sqlite_stat1");
	lite_end(conn, start_us);
	if (tables < 0)
		return lite_fail(conn, conn->raw, sqlite3_extended_errcode(conn->raw), err), NULL;
	writable = !conn->path || access(conn->path, W_OK) == 0;
	info = so_new(conn, struct so_engine_info);
	info->version = so_strdup(info, sqlite3_libversion());
	info->version_num = sqlite3_libversion_number();
	info->flavor = so_strdup(info, "sqlite");
	info->database = so_strdup(info, conn->path ? conn->path : ":memory:");
	info->user = so_strdup(info, "");
	info->host_text = so_strdup(info, info->database);
	info->caps = SO_CAP_WHAT_IF | SO_CAP_GENERIC_PLAN | SO_CAP_SESSION_STATE | (writable ? SO_CAP_WRITABLE : 0) |
		     (analysed > 0 ? SO_CAP_STATS : 0);
	so_info_check(info, "reach", "the file can be read", true, true, info->database, NULL);
	so_info_check(info, "version", "SQLite of this program", true, true, info->version, NULL);
	so_info_check(info, "read_only", "statements that change something could be run", writable, false,
		writable ? "our own connection only reads" : "no permission to write the file",
		writable ? NULL
			 : so_printf(tmp, "give this user the right to write \"%s\" and its folder", info->database));
	listed = conn->workload && access(conn->workload, R_OK) == 0;
	if (listed)
		info->caps |= SO_CAP_STATEMENTS;
	so_info_check(info, "statistics", "statement statistics are readable", listed, conn->workload != NULL,
		!conn->workload ? "SQLite keeps no statistics of statements, and no workload file is named"
		: listed        ? so_printf(tmp, "the workload file \"%s\"", conn->workload)
				: so_printf(tmp, "the workload file \"%s\" cannot be read", conn->workload),
		conn->workload ? so_printf(tmp, "write it, readable for this user: \"%s\"", conn->workload)
			       : "add ?workload=/path/to/statements.csv to the connection string: lines of sql, count, "
				 "total_ms that the application writes");
	so_info_check(info, "what_if", "indexes can be tried without building them", true, false,
		"a copy of the schema and the statistics in memory", NULL);
	so_info_check(info, "read", "the planner has statistics of the tables", analysed > 0 || tables == 0, false,
		so_printf(tmp, "%lld of %lld tables were analysed", (long long)(analysed > 0 ? analysed : 0),
			(long long)tables),
		"ANALYZE;  -- in the database, as its application, and again when the data has changed much");
	conn->info = info;
	return info;
}
