#include "engine/reading.h"
#include "engine/sqlite/internal.h"

/* For an administrator: what is run besides the pragmas that read the schema. */
static const struct so_engine_sql lite_sql[] = {
	{ "nothing is ever written by the connection", "PRAGMA query_only = ON" },
	{ "is the file there and a database", "PRAGMA schema_version" },
	{ "tables, indexes and views, for the copy in which indexes are tried",
		"SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index', 'view')" },
	{ "statistics of the planner", "SELECT tbl, idx, stat FROM sqlite_stat1" },
	{ "how often values repeat under the keys of a tried index, in at most 10,000 rows",
		"SELECT count(*), count(DISTINCT ...) FROM (SELECT ... FROM ... LIMIT 10000)" },
	{ "how many values its columns have, in at most 10,000 rows of each table of a statement",
		"SELECT count(*), count(DISTINCT ...) ... FROM (SELECT * FROM ... LIMIT 10000)" },
	{ "is there a table of statistics", LITE_SQL_HAS_STATS },
	{ "schema audit: may sizes be read", LITE_SQL_HAS_SIZES },
	{ "schema audit: the largest relations", LITE_SQL_RELATIONS },
	{ "schema audit: their rows, where there are statistics", LITE_SQL_ROWS },
	{ "schema audit: their sizes, in files of at most 64 MiB", LITE_SQL_SIZES },
	{ "schema audit: is there a table of AUTOINCREMENT numbers", LITE_SQL_HAS_SEQUENCES },
	{ "schema audit: numbers that AUTOINCREMENT columns gave out", LITE_SQL_SEQUENCES },
	{ NULL, NULL },
};

const struct so_engine so_engine_sqlite = {
	.name = "sqlite",
	.dialect = "sqlite",
	.optional = SO_WHERE_HOST | SO_WHERE_USER,
	.sql = lite_sql,
	.open = lite_open,
	.ping = lite_ping,
	.cancel = lite_cancel,
	.info = lite_info,
	.statements = lite_statements,
	.counters = so_reading_of_statements,
	.texts = so_reading_no_texts,
	.activity = so_no_activity,
	.catalog = lite_catalog,
	.inventory = lite_inventory,
	.ddl = lite_ddl,
	.explain = lite_explain,
	.what_if_begin = lite_what_if_begin,
	.what_if_add = lite_what_if_add,
	.what_if_drop = lite_what_if_drop,
	.what_if_end = lite_what_if_end,
	.query = lite_query,
	.digest = lite_digest,
	.execute = lite_execute,
};
