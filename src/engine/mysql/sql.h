/* Every statement that the driver sends of its own accord, by name. The digest tables of the server drop comments, so
 * the tag does not reach them: what reads has the alias sqlopt_own, by which it is left out of the findings. */
#ifndef SO_ENGINE_MYSQL_SQL_H
#define SO_ENGINE_MYSQL_SQL_H

#define TAG     "/* sqlopt */ "
#define TAG_LEN (sizeof TAG - 1)

#define MY_SQL_DATABASES                                                                                               \
	TAG "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ('information_schema',"      \
	    " 'performance_schema', 'mysql', 'sys') ORDER BY schema_name"

#define MY_SQL_PING TAG "SELECT 1 AS sqlopt_own"

#define MY_SQL_SESSION                                                                                                 \
	TAG "SELECT CONNECTION_ID() AS sqlopt_own, @@SESSION.sql_mode, DATABASE(), CURRENT_USER(), @@GLOBAL.read_only"

#define MY_SQL_READ_ONLY  TAG "SET SESSION TRANSACTION READ ONLY"
#define MY_SQL_READ_WRITE TAG "SET SESSION TRANSACTION READ WRITE"
#define MY_SQL_LOCK_LIMIT TAG "SET SESSION lock_wait_timeout = %lld, SESSION innodb_lock_wait_timeout = %lld"
/* milliseconds, SELECT only */
#define MY_SQL_LIMIT_MYSQL TAG "SET SESSION max_execution_time = %lld"
/* seconds, every statement */
#define MY_SQL_LIMIT_MARIADB TAG "SET SESSION max_statement_time = %lld.%03lld"
/* Cardinalities come from a cache of up to a day otherwise, which reading would refill. */
#define MY_SQL_FRESH_STATS TAG "SET SESSION information_schema_stats_expiry = 0"
#define MY_SQL_JSON_FORMAT TAG "SET SESSION explain_json_format_version = %d"
#define MY_SQL_BEGIN       TAG "START TRANSACTION READ ONLY"
#define MY_SQL_BEGIN_WRITE TAG "START TRANSACTION READ WRITE"
#define MY_SQL_ROLLBACK    TAG "ROLLBACK"

#define MY_SQL_VARIABLES                                                                                               \
	TAG "SHOW VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'performance_schema',"               \
	    " 'aurora_version', 'basedir', 'azure_kernel_version', 'server_uuid', 'server_id', 'server_uid',"          \
	    " 'slow_query_log', 'log_output', 'long_query_time', 'collation_database', 'time_zone',"                   \
	    " 'system_time_zone', 'sql_mode', 'innodb_page_size', 'innodb_buffer_pool_size', 'sort_buffer_size',"      \
	    " 'join_buffer_size', 'tmp_table_size', 'max_heap_table_size', 'optimizer_switch',"                        \
	    " 'lower_case_table_names', 'max_digest_length', 'performance_schema_max_sql_text_length',"                \
	    " 'innodb_stats_persistent_sample_pages', 'read_only', 'super_read_only')"

#define MY_SQL_COUNT_DIGESTS                                                                                           \
	TAG "SELECT COUNT(*), SUM(DIGEST IS NULL) FROM performance_schema.events_statements_summary_by_digest AS "     \
	    "sqlopt_own"
#define MY_SQL_DIGEST_COLUMNS                                                                                          \
	TAG "SELECT COLUMN_NAME FROM information_schema.COLUMNS AS sqlopt_own WHERE TABLE_SCHEMA = "                   \
	    "'performance_schema' AND TABLE_NAME = 'events_statements_summary_by_digest'"
#define MY_SQL_HISTORY                                                                                                 \
	TAG "SELECT COUNT(*) FROM performance_schema.events_statements_history_long AS sqlopt_own WHERE EVENT_ID = 0"
#define MY_SQL_CONSUMERS                                                                                               \
	TAG "SELECT NAME, ENABLED FROM performance_schema.setup_consumers AS sqlopt_own WHERE NAME IN "                \
	    "('statements_digest', 'events_statements_current', 'events_statements_history_long')"
#define MY_SQL_SLOW_LOG TAG "SELECT COUNT(*) FROM (SELECT 1 FROM mysql.slow_log LIMIT 1) AS sqlopt_own"
#define MY_SQL_PROCESS  TAG "SELECT COUNT(*) FROM information_schema.INNODB_METRICS AS sqlopt_own WHERE NAME = ''"
#define MY_SQL_SOME_TABLES                                                                                             \
	TAG "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES AS sqlopt_own WHERE TABLE_TYPE = "         \
	    "'BASE TABLE' AND TABLE_SCHEMA %s LIMIT %d"
#define MY_SQL_TABLE_READABLE "(SELECT 1 AS sqlopt_own FROM %s.%s LIMIT 0)"

/* Timers are picoseconds, in unsigned 64-bit numbers that the client must not have to hold. Factors are integers: times
 * 1e6 it would be a double, which MySQL writes with an exponent. Without a default database a digest occurs once for
 * each schema. Only what can have a plan: not what we send besides (SET, START ...), and of server-side prepared
 * statements the executions, not the preparations. */
#define MY_SQL_STATEMENTS                                                                                              \
	TAG "SELECT DIGEST, SCHEMA_NAME, LEFT(DIGEST_TEXT, %d), CHAR_LENGTH(DIGEST_TEXT) > %d, COUNT_STAR,"            \
	    " SUM_ROWS_SENT + SUM_ROWS_AFFECTED, ROUND(SUM_TIMER_WAIT / 1000000), ROUND(MIN_TIMER_WAIT / 1000000),"    \
	    " ROUND(MAX_TIMER_WAIT / 1000000), SUM_ROWS_EXAMINED"                                                      \
	    " FROM performance_schema.events_statements_summary_by_digest AS sqlopt_own WHERE DIGEST IS NOT NULL"      \
	    " AND COUNT_STAR > 0 AND SCHEMA_NAME IS NOT NULL AND (DATABASE() IS NULL OR SCHEMA_NAME = DATABASE())"     \
	    " AND SCHEMA_NAME NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')"                     \
	    " AND DIGEST_TEXT NOT LIKE '%%sqlopt\\_own%%' AND DIGEST_TEXT REGEXP"                                      \
	    " '^(EXECUTE )?[( ]*(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE|TABLE|VALUES) '"                             \
	    " ORDER BY SUM_TIMER_WAIT DESC LIMIT %lld"
/* The same rows without their texts. %s: the databases, or DATABASE(); FIRST_SEEN tells a row that began anew. */
#define MY_SQL_COUNTERS                                                                                                \
	TAG "SELECT DIGEST, SCHEMA_NAME, ROUND(UNIX_TIMESTAMP(FIRST_SEEN) * 1000000), COUNT_STAR,"                     \
	    " SUM_ROWS_SENT + SUM_ROWS_AFFECTED, ROUND(SUM_TIMER_WAIT / 1000000)"                                      \
	    " FROM performance_schema.events_statements_summary_by_digest AS sqlopt_own WHERE DIGEST IS NOT NULL"      \
	    " AND COUNT_STAR > 0 AND SCHEMA_NAME IS NOT NULL AND %s"                                                   \
	    " AND SCHEMA_NAME NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')"                     \
	    " AND DIGEST_TEXT NOT LIKE '%%sqlopt\\_own%%' AND DIGEST_TEXT REGEXP"                                      \
	    " '^(EXECUTE )?[( ]*(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE|TABLE|VALUES) '"                             \
	    " ORDER BY SUM_TIMER_WAIT DESC LIMIT %lld"
#define MY_SQL_COUNTERS_CLOCK                                                                                          \
	TAG "SELECT ROUND(UNIX_TIMESTAMP(NOW(6)) * 1000000) AS sqlopt_own, CONCAT(@@hostname, ':', @@port)"
#define MY_SQL_TEXTS                                                                                                   \
	TAG "SELECT DIGEST, MIN(LEFT(DIGEST_TEXT, %d)), MAX(CHAR_LENGTH(DIGEST_TEXT) > %d)"                            \
	    " FROM performance_schema.events_statements_summary_by_digest AS sqlopt_own WHERE DIGEST IN (%s) GROUP "   \
	    "BY DIGEST"
/* %s: the age of the statement, and which databases. */
#define MY_SQL_ACTIVITY                                                                                                \
	TAG "SELECT ID, DB, USER, STATE, LEFT(INFO, %d), CHAR_LENGTH(INFO) > %d, %s"                                   \
	    " FROM information_schema.PROCESSLIST AS sqlopt_own WHERE INFO IS NOT NULL AND COMMAND IN ('Query',"       \
	    " 'Execute') AND ID <> CONNECTION_ID() AND INFO NOT LIKE '/* sqlopt */%%' AND %s"                          \
	    " ORDER BY TIME DESC, ID LIMIT %lld"
/* What this session's statements looked at; asking does not count. */
#define MY_SQL_LOOKED_AT TAG "SHOW SESSION STATUS LIKE 'Handler_read%'"

#define MY_SQL_LOST TAG "SHOW GLOBAL STATUS LIKE 'Performance_schema_digest_lost'"

/* A real statement behind a normalised text. MySQL keeps one in the row; MariaDB only in the history. */
#define MY_SQL_SAMPLE_MYSQL                                                                                            \
	TAG "SELECT QUERY_SAMPLE_TEXT FROM performance_schema.events_statements_summary_by_digest AS sqlopt_own"       \
	    " WHERE TRIM(DIGEST_TEXT) = %s AND QUERY_SAMPLE_TEXT IS NOT NULL AND (DATABASE() IS NULL OR SCHEMA_NAME"   \
	    " = DATABASE()) LIMIT 1"
#define MY_SQL_SAMPLE_HISTORY                                                                                          \
	TAG "SELECT SQL_TEXT FROM performance_schema.events_statements_history_long AS sqlopt_own WHERE"               \
	    " TRIM(DIGEST_TEXT) = %s AND SQL_TEXT IS NOT NULL AND (DATABASE() IS NULL OR CURRENT_SCHEMA ="             \
	    " DATABASE()) ORDER BY EVENT_ID DESC LIMIT 1"

/* The newest text of each digest, in one pass. What the server cut off ends in "...", or is as long as it may be. */
#define MY_SQL_SAMPLES_MYSQL                                                                                           \
	TAG "SELECT DIGEST, SUBSTRING(MAX(CONCAT(QUERY_SAMPLE_SEEN, QUERY_SAMPLE_TEXT)), 27)"                          \
	    " FROM performance_schema.events_statements_summary_by_digest AS sqlopt_own WHERE DIGEST IN (%s)"          \
	    " AND OCTET_LENGTH(QUERY_SAMPLE_TEXT) < %lld AND QUERY_SAMPLE_TEXT NOT LIKE '%%...' AND"                   \
	    " QUERY_SAMPLE_TEXT NOT LIKE '/* sqlopt */%%' AND (DATABASE() IS NULL OR SCHEMA_NAME = DATABASE())"        \
	    " GROUP BY DIGEST"
/* %s: one of the histories */
#define MY_SQL_SAMPLES_HISTORY                                                                                         \
	TAG "SELECT DIGEST, SUBSTRING(MAX(CONCAT(LPAD(COALESCE(TIMER_START, 0), 20, '0'), SQL_TEXT)), 21)"             \
	    " FROM performance_schema.%s AS sqlopt_own WHERE DIGEST IN (%s)"                                           \
	    " AND OCTET_LENGTH(SQL_TEXT) < %lld AND SQL_TEXT NOT LIKE '%%...' AND SQL_TEXT NOT LIKE"                   \
	    " '/* sqlopt */%%' AND (DATABASE() IS NULL OR CURRENT_SCHEMA = DATABASE()) GROUP BY DIGEST"

#define MY_SQL_SLOW_STATEMENTS                                                                                         \
	TAG "SELECT CONVERT(LEFT(sql_text, %d) USING utf8mb4), db, user_host, ((HOUR(query_time) * 60 + "              \
	    "MINUTE(query_time)) * 60 + SECOND(query_time)) * 1000000 + MICROSECOND(query_time), rows_sent,"           \
	    " rows_examined, LENGTH(sql_text) > %d FROM mysql.slow_log AS sqlopt_own WHERE sql_text NOT LIKE"          \
	    " '/* sqlopt %%' AND (DATABASE() IS NULL OR db = DATABASE()) ORDER BY start_time DESC LIMIT %d"

/* ---- The catalog. Each is repeated with UNION ALL for every relation: a condition on two constant names opens
 * just that table, while a list of names reads whole schemas. %1$s, %2$s: literals of schema and name. ---- */
#define MY_SQL_TABLES                                                                                                  \
	"(SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, CREATE_OPTIONS"  \
	" FROM information_schema.TABLES AS sqlopt_own WHERE TABLE_SCHEMA = %1$s AND TABLE_NAME = %2$s)"
#define MY_SQL_VIEWS                                                                                                   \
	"(SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS AS sqlopt_own"                \
	" WHERE TABLE_SCHEMA = %1$s AND TABLE_NAME = %2$s)"
#define MY_SQL_COLUMNS                                                                                                 \
	"(SELECT TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE,"        \
	" COLUMN_DEFAULT, COLLATION_NAME, EXTRA, GENERATION_EXPRESSION FROM information_schema.COLUMNS AS sqlopt_own"  \
	" WHERE TABLE_SCHEMA = %1$s AND TABLE_NAME = %2$s)"
/* %3$s: the columns that hide an index and hold its expression, by version */
#define MY_SQL_INDEXES                                                                                                 \
	"(SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, NON_UNIQUE, COLUMN_NAME, COLLATION, CARDINALITY," \
	" SUB_PART, INDEX_TYPE, %3$s FROM information_schema.STATISTICS AS sqlopt_own"                                 \
	" WHERE TABLE_SCHEMA = %1$s AND TABLE_NAME = %2$s)"
#define MY_SQL_FKEY_COLUMNS                                                                                            \
	"(SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION, COLUMN_NAME, REFERENCED_TABLE_SCHEMA,"   \
	" REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE AS sqlopt_own"        \
	" WHERE TABLE_SCHEMA = %1$s AND TABLE_NAME = %2$s AND REFERENCED_TABLE_NAME IS NOT NULL)"
#define MY_SQL_FKEY_RULES                                                                                              \
	"(SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE FROM"                                     \
	" information_schema.REFERENTIAL_CONSTRAINTS AS sqlopt_own WHERE CONSTRAINT_SCHEMA = %1$s AND TABLE_NAME ="    \
	" %2$s)"
#define MY_SQL_INDEX_SIZES                                                                                             \
	"(SELECT database_name, table_name, index_name, stat_value FROM mysql.innodb_index_stats AS sqlopt_own"        \
	" WHERE database_name = %1$s AND table_name = %2$s AND stat_name = 'size')"
#define MY_SQL_EITS                                                                                                    \
	"(SELECT db_name, table_name, column_name, nulls_ratio, avg_length, avg_frequency, hist_type,"                 \
	" CONVERT(LEFT(histogram, %3$s) USING utf8mb4) FROM mysql.column_stats AS sqlopt_own"                          \
	" WHERE db_name = %1$s AND table_name = %2$s)"
#define MY_SQL_HISTOGRAMS                                                                                              \
	"(SELECT SCHEMA_NAME, TABLE_NAME, COLUMN_NAME, HISTOGRAM FROM information_schema.COLUMN_STATISTICS AS"         \
	" sqlopt_own WHERE SCHEMA_NAME = %1$s AND TABLE_NAME = %2$s)"
#define MY_SQL_SAMPLE_COLUMNS TAG "SELECT COUNT(*)%s FROM (SELECT %s FROM %s.%s LIMIT %d) AS sqlopt_own"
#define MY_SQL_ROUTINES                                                                                                \
	TAG "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, DTD_IDENTIFIER, IS_DETERMINISTIC, SQL_DATA_ACCESS FROM"              \
	    " information_schema.ROUTINES AS sqlopt_own WHERE ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA = "         \
	    "DATABASE() AND ROUTINE_NAME IN (%s)"

/* ---- The schema audit. %s: one of the two. ---- */
#define MY_SQL_THIS_SCHEMA "= DATABASE()"
#define MY_SQL_ALL_SCHEMAS "NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')"
#define MY_SQL_RELATIONS                                                                                               \
	TAG "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH, CREATE_OPTIONS FROM" \
	    " information_schema.TABLES AS sqlopt_own WHERE TABLE_SCHEMA %s AND TABLE_TYPE IN ('BASE TABLE',"          \
	    " 'SYSTEM VERSIONED', 'VIEW') ORDER BY DATA_LENGTH + INDEX_LENGTH DESC, TABLE_NAME LIMIT %lld"
/* AUTO_INCREMENT is the number to come, and stays at the last one that fits. */
#define MY_SQL_VITAL_SEQUENCES                                                                                         \
	TAG "SELECT CONCAT(c.TABLE_SCHEMA, '.', c.TABLE_NAME), LEAST(sqlopt_own.AUTO_INCREMENT - 1, c.top), c.top,"    \
	    " CONCAT(c.TABLE_SCHEMA, '.', c.TABLE_NAME, '.', c.COLUMN_NAME, ' ', c.COLUMN_TYPE) FROM"                  \
	    " information_schema.TABLES AS sqlopt_own JOIN (SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, "            \
	    "COLUMN_TYPE,"                                                                                             \
	    " POW(2, CASE DATA_TYPE WHEN 'tinyint' THEN 8 WHEN 'smallint' THEN 16 WHEN 'mediumint' THEN 24 WHEN 'int'" \
	    " THEN 32 WHEN 'bigint' THEN 64 END - (COLUMN_TYPE NOT LIKE '%%unsigned%%')) - 1 AS top FROM"              \
	    " information_schema.COLUMNS WHERE TABLE_SCHEMA %1$s AND EXTRA LIKE '%%auto_increment%%') AS c"            \
	    " ON c.TABLE_SCHEMA = sqlopt_own.TABLE_SCHEMA AND c.TABLE_NAME = sqlopt_own.TABLE_NAME"                    \
	    " WHERE sqlopt_own.TABLE_SCHEMA %1$s AND sqlopt_own.AUTO_INCREMENT > 1 AND c.top IS NOT NULL"              \
	    " ORDER BY sqlopt_own.AUTO_INCREMENT / c.top DESC LIMIT 1000"
#define MY_SQL_VITAL_STATUS                                                                                            \
	TAG "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Uptime',"                                \
	    " 'Innodb_buffer_pool_read_requests', 'Innodb_buffer_pool_reads')"
#define MY_SQL_VITAL_LIMITS TAG "SELECT @@GLOBAL.max_connections AS sqlopt_own, UNIX_TIMESTAMP()"
/* Times of the table are the system's, NOW() is the session's. No thread: a prepared one of before a restart. Its
 * statement is not read, since it holds values. */
#define MY_SQL_VITAL_TRANSACTIONS                                                                                      \
	TAG "SELECT IF(trx_mysql_thread_id = 0, 'a prepared XA transaction', CONCAT('connection ',"                    \
	    " trx_mysql_thread_id)), TIMESTAMPDIFF(SECOND, trx_started, COALESCE(CONVERT_TZ(NOW(),"                    \
	    " @@SESSION.time_zone, 'SYSTEM'), NOW())), NULL, CONCAT(LOWER(trx_state), ', ', trx_rows_modified,"        \
	    " ' rows changed') FROM information_schema.INNODB_TRX AS sqlopt_own WHERE trx_mysql_thread_id <>"          \
	    " CONNECTION_ID() ORDER BY trx_started LIMIT 20"

#define MY_SQL_SHOW_TABLE TAG "SHOW CREATE TABLE %s.%s"
#define MY_SQL_SHOW_VIEW  TAG "SHOW CREATE VIEW %s.%s"

#endif
