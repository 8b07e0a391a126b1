/* Every statement that the driver sends of its own accord, by name. %s stands for a list of names or ids, %d for a
 * number. sql.c lists them for administrators. The views are Microsoft's documented ones; what needs a version later
 * than 2016 is asked only of servers that say they have it. */
#ifndef SO_ENGINE_MSSQL_SQL_H
#define SO_ENGINE_MSSQL_SQL_H

/* Each begins with this. The text of a batch is kept whole in the plan cache, comments included. */
#define TAG     "/* sqlopt */ "
#define TAG_LEN (sizeof TAG - 1)

/* Settings under which plans of other clients are compiled as well (Microsoft: "SET options that affect results"), so
 * that ours are theirs; and no waiting behind somebody's lock. */
#define MS_SQL_SETUP                                                                                                   \
	TAG "SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON;"                         \
	    " SET CONCAT_NULL_YIELDS_NULL ON; SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF;"                   \
	    " SET XACT_ABORT ON; SET NOCOUNT ON; SET DEADLOCK_PRIORITY LOW; SET LOCK_TIMEOUT %lld"

#define MS_SQL_LOCK_TIMEOUT TAG "SET LOCK_TIMEOUT %lld"
#define MS_SQL_BEGIN        TAG "BEGIN TRANSACTION"
#define MS_SQL_ROLLBACK     TAG "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"
#define MS_SQL_PING         TAG "SELECT 1"
#define MS_SQL_PLAN_ON      "SET SHOWPLAN_XML ON" /* has to be alone in its batch, comments and all */
#define MS_SQL_PLAN_OFF     "SET SHOWPLAN_XML OFF"
#define MS_SQL_ACTUAL_ON    TAG "SET STATISTICS XML ON"
#define MS_SQL_ACTUAL_OFF   TAG "SET STATISTICS XML OFF"

#define MS_SQL_IDENTITY                                                                                                \
	TAG "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)),"                                          \
	    " CAST(SERVERPROPERTY('Edition') AS nvarchar(128)), CAST(SERVERPROPERTY('EngineEdition') AS int),"         \
	    " @@VERSION, DB_NAME(), SUSER_SNAME(), CAST(SERVERPROPERTY('ServerName') AS nvarchar(128)),"               \
	    " IS_SRVROLEMEMBER('sysadmin'), HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'),"                       \
	    " HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE'),"                                         \
	    " HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DATABASE STATE'),"                                        \
	    " HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'SHOWPLAN'),"                                                   \
	    " HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION'),"                                            \
	    " HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'SELECT'),"                                                     \
	    " CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(60)),"                                   \
	    " CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)), SCHEMA_NAME(),"                       \
	    " (SELECT compatibility_level FROM sys.databases WHERE database_id = DB_ID())"

#define MS_SQL_DATABASES                                                                                               \
	TAG "SELECT name FROM sys.databases WHERE state = 0 AND database_id > 4 AND HAS_DBACCESS(name) = 1 ORDER BY "  \
	    "name"

#define MS_SQL_ENCRYPTED                                                                                               \
	TAG "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID AND net_transport <> "       \
	    "'Session'"

#define MS_SQL_QUERY_STORE TAG "SELECT actual_state_desc FROM sys.database_query_store_options"

#define MS_SQL_COUNT_STATEMENTS TAG "SELECT COUNT(*) FROM sys.dm_exec_query_stats"

/* One statement has a row for each plan in the cache: summed by its hash, with the text of the plan that took most.
 * Times are microseconds; offsets are bytes of UTF-16, -1 the end of the batch. */
#define MS_SQL_STATEMENTS                                                                                              \
	TAG "WITH s AS (SELECT query_hash, sql_handle, statement_start_offset AS b, statement_end_offset AS e,"        \
	    " ROW_NUMBER() OVER (PARTITION BY query_hash ORDER BY total_elapsed_time DESC) AS rn,"                     \
	    " SUM(execution_count) OVER (PARTITION BY query_hash) AS calls,"                                           \
	    " SUM(total_rows) OVER (PARTITION BY query_hash) AS rows_out,"                                             \
	    " SUM(total_elapsed_time) OVER (PARTITION BY query_hash) AS elapsed,"                                      \
	    " MIN(min_elapsed_time) OVER (PARTITION BY query_hash) AS shortest,"                                       \
	    " MAX(max_elapsed_time) OVER (PARTITION BY query_hash) AS longest,"                                        \
	    " SUM(total_logical_reads) OVER (PARTITION BY query_hash) AS logical,"                                     \
	    " SUM(total_physical_reads) OVER (PARTITION BY query_hash) AS physical,"                                   \
	    " SUM(total_logical_writes) OVER (PARTITION BY query_hash) AS writes"                                      \
	    " FROM sys.dm_exec_query_stats WHERE execution_count > 0)"                                                 \
	    " SELECT TOP (%lld) CONVERT(varchar(20), s.query_hash, 1), s.calls, s.rows_out, s.elapsed, s.shortest,"    \
	    " s.longest, s.logical, s.physical, s.writes,"                                                             \
	    " SUBSTRING(t.text, s.b / 2 + 1, CASE WHEN s.e = -1 THEN 16385 ELSE (s.e - s.b) / 2 + 1 END)"              \
	    " FROM s CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) AS t"                                              \
	    " WHERE s.rn = 1 AND (t.dbid = DB_ID() OR t.dbid IS NULL) AND t.text NOT LIKE '/* sqlopt %%'"              \
	    " ORDER BY s.elapsed DESC"

/* A session without a request has a transaction open, or is left out. %s: which databases. */
#define MS_SQL_ACTIVITY                                                                                                \
	TAG "SELECT TOP (%lld) s.session_id, DB_NAME(COALESCE(r.database_id, s.database_id)), s.login_name,"           \
	    " s.program_name, CASE WHEN r.session_id IS NULL THEN 'T' WHEN r.wait_type IS NULL THEN 'R' ELSE 'W' END," \
	    " r.wait_type, CONVERT(varchar(20), r.query_hash, 1), SUBSTRING(t.text, COALESCE("                         \
	    "r.statement_start_offset, 0) / 2 + 1, 16384), CASE WHEN COALESCE(r.statement_end_offset, -1) = -1 THEN"   \
	    " LEN(t.text) ELSE r.statement_end_offset / 2 + 1 END - COALESCE(r.statement_start_offset, 0) / 2,"        \
	    " DATEDIFF_BIG(microsecond, COALESCE(r.start_time, s.last_request_start_time), SYSDATETIME()), NULL,"      \
	    " r.blocking_session_id FROM sys.dm_exec_sessions s"                                                       \
	    " LEFT JOIN sys.dm_exec_requests r ON r.session_id = s.session_id"                                         \
	    " LEFT JOIN sys.dm_exec_connections c ON c.session_id = s.session_id AND c.parent_connection_id IS NULL"   \
	    " OUTER APPLY sys.dm_exec_sql_text(COALESCE(r.sql_handle, c.most_recent_sql_handle)) t"                    \
	    " WHERE s.is_user_process = 1 AND s.session_id <> @@SPID"                                                  \
	    " AND (r.session_id IS NOT NULL OR s.open_transaction_count > 0)"                                          \
	    " AND (t.text IS NULL OR t.text NOT LIKE '/* sqlopt %%')%s"                                                \
	    " ORDER BY COALESCE(r.start_time, s.last_request_start_time), s.session_id"

/* One row for each plan of each statement, as the server counts, without texts. Its times of creation are in its local
 * time, so the time of the reading is, too. The database is the one that the plan was compiled in. %s: which ones */
#define MS_SQL_COUNTERS                                                                                                \
	TAG "SELECT TOP (%lld) CONVERT(varchar(20), s.query_hash, 1), CONVERT(varchar(130), s.plan_handle, 1),"        \
	    " s.statement_start_offset, DB_NAME(d.id), DATEDIFF_BIG(microsecond, '19700101', s.creation_time),"        \
	    " DATEDIFF_BIG(microsecond, '19700101', SYSDATETIME()), s.execution_count, s.total_rows,"                  \
	    " s.total_elapsed_time, s.total_logical_reads, s.total_physical_reads, s.total_logical_writes"             \
	    " FROM sys.dm_exec_query_stats AS s CROSS APPLY (SELECT CONVERT(int, value) AS id"                         \
	    " FROM sys.dm_exec_plan_attributes(s.plan_handle) WHERE attribute = 'dbid') AS d"                          \
	    " WHERE s.execution_count > 0 AND s.query_hash IS NOT NULL AND DB_NAME(d.id) IN (%s)"                      \
	    " ORDER BY s.total_elapsed_time DESC"

/* %s: hashes. A batch of ours is told by how it begins, whichever of its statements this is. */
#define MS_SQL_TEXTS                                                                                                   \
	TAG "WITH s AS (SELECT query_hash, sql_handle, statement_start_offset AS b, statement_end_offset AS e,"        \
	    " ROW_NUMBER() OVER (PARTITION BY query_hash ORDER BY total_elapsed_time DESC) AS rn"                      \
	    " FROM sys.dm_exec_query_stats WHERE query_hash IN (%s))"                                                  \
	    " SELECT CONVERT(varchar(20), s.query_hash, 1), CASE WHEN t.text LIKE '/* sqlopt %%' THEN '" TAG "' ELSE"  \
	    " SUBSTRING(t.text, s.b / 2 + 1, CASE WHEN s.e = -1 THEN 16385 ELSE (s.e - s.b) / 2 + 1 END) END"          \
	    " FROM s CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) AS t WHERE s.rn = 1"

/* From the first parameter on, as far as values are taken; the reader looks for the end. */
#define PARAMETERS_BYTES "16384"

/* The newest plan of each statement in this database, its text, and the parameters that it was compiled with. One
 * statement's plan as text, since XML has a limit of depth. %s: hashes */
#define SAMPLES_FROM                                                                                                   \
	"WITH s AS (SELECT q.query_hash, q.sql_handle, q.plan_handle, q.statement_start_offset AS b,"                  \
	" q.statement_end_offset AS e, ROW_NUMBER() OVER (PARTITION BY q.query_hash"                                   \
	" ORDER BY q.last_execution_time DESC) AS rn FROM sys.dm_exec_query_stats AS q"                                \
	" CROSS APPLY (SELECT CONVERT(int, value) AS id FROM sys.dm_exec_plan_attributes(q.plan_handle)"               \
	" WHERE attribute = 'dbid') AS d WHERE d.id = DB_ID() AND q.query_hash IN (%s))"                               \
	" SELECT CONVERT(varchar(20), s.query_hash, 1), SUBSTRING(t.text, s.b / 2 + 1,"                                \
	" CASE WHEN s.e = -1 OR s.e - s.b > 32768 THEN 16385 ELSE (s.e - s.b) / 2 + 1 END),"                           \
	" SUBSTRING(p.query_plan, NULLIF(CHARINDEX(N'<ParameterList', p.query_plan), 0), " PARAMETERS_BYTES ")"
#define SAMPLES_OF                                                                                                     \
	" FROM s CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) AS t"                                                  \
	" OUTER APPLY (SELECT y.query_plan COLLATE Latin1_General_BIN2 AS query_plan"                                  \
	" FROM sys.dm_exec_text_query_plan(s.plan_handle, s.b, s.e) AS y) AS p"
#define SAMPLES_WHERE " WHERE s.rn = 1 AND t.text NOT LIKE '/* sqlopt %%'"

#define MS_SQL_SAMPLES TAG SAMPLES_FROM SAMPLES_OF SAMPLES_WHERE

/* SQL Server 2019 and later: also what it ran with last, where the database keeps that (LAST_QUERY_PLAN_STATS). The
 * plan is that of the batch: the statement is found by its hash, and ends at its closing tag.
 * https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-query-plan-stats-transact-sql
 */
#define MS_SQL_SAMPLES_LAST                                                                                            \
	TAG SAMPLES_FROM                                                                                               \
		", SUBSTRING(l.doc, w.p, " PARAMETERS_BYTES ")" SAMPLES_OF                                             \
		" OUTER APPLY (SELECT CONVERT(nvarchar(max), y.query_plan) COLLATE Latin1_General_BIN2 AS doc"         \
		" FROM sys.dm_exec_query_plan_stats(s.plan_handle) AS y) AS l"                                         \
		" OUTER APPLY (SELECT NULLIF(CHARINDEX(N'QueryHash=\"' + CONVERT(nvarchar(20), s.query_hash, 1),"      \
		" l.doc), 0) AS a) AS h"                                                                               \
		" OUTER APPLY (SELECT x.p FROM (SELECT CHARINDEX(N'<ParameterList', l.doc, h.a) AS p,"                 \
		" CHARINDEX(N'</StmtSimple>', l.doc, h.a) AS z WHERE h.a IS NOT NULL) AS x"                            \
		" WHERE x.p > 0 AND x.p < x.z) AS w" SAMPLES_WHERE

#define MS_SQL_STORES                                                                                                  \
	TAG "SELECT name FROM sys.databases WHERE is_query_store_on = 1 AND state = 0 AND database_id > 4"             \
	    " AND HAS_DBACCESS(name) = 1"

/* %s: [database], here and below */
#define MS_SQL_STORE_STATE TAG "SELECT actual_state_desc FROM %s.sys.database_query_store_options"

/* One row for each plan, interval and kind of ending. What is in memory has a row beside what is on disk, and a mean
 * says how much one execution took: summed. In the server's local time, as the counters of the plan cache.
 * https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-query-store-runtime-stats-transact-sql
 */
#define MS_SQL_STORE_COUNTERS                                                                                          \
	TAG "SELECT TOP (%lld) CONVERT(varchar(20), q.query_hash, 1), r.plan_id, r.runtime_stats_interval_id,"         \
	    " r.execution_type, DATEDIFF_BIG(microsecond, '19700101', CONVERT(datetime2, SWITCHOFFSET("                \
	    "MIN(r.first_execution_time), DATEPART(TZOFFSET, SYSDATETIMEOFFSET())))),"                                 \
	    " DATEDIFF_BIG(microsecond, '19700101', SYSDATETIME()), SUM(r.count_executions),"                          \
	    " CONVERT(bigint, ROUND(SUM(r.avg_rowcount * r.count_executions), 0)),"                                    \
	    " CONVERT(bigint, ROUND(SUM(r.avg_duration * r.count_executions), 0)),"                                    \
	    " CONVERT(bigint, ROUND(SUM(r.avg_logical_io_reads * r.count_executions), 0)),"                            \
	    " CONVERT(bigint, ROUND(SUM(r.avg_physical_io_reads * r.count_executions), 0)),"                           \
	    " CONVERT(bigint, ROUND(SUM(r.avg_logical_io_writes * r.count_executions), 0))"                            \
	    " FROM %s.sys.query_store_runtime_stats r JOIN %s.sys.query_store_runtime_stats_interval i"                \
	    " ON i.runtime_stats_interval_id = r.runtime_stats_interval_id"                                            \
	    " JOIN %s.sys.query_store_plan p ON p.plan_id = r.plan_id"                                                 \
	    " JOIN %s.sys.query_store_query q ON q.query_id = p.query_id"                                              \
	    " WHERE i.end_time > DATEADD(hour, -2, SYSDATETIMEOFFSET()) AND q.query_hash IS NOT NULL"                  \
	    " GROUP BY q.query_hash, r.plan_id, r.runtime_stats_interval_id, r.execution_type"                         \
	    " ORDER BY MAX(r.last_execution_time) DESC"

/* %s: [database] twice, hashes. Leading comments may not be part of a statement's text, so a batch of ours is told by
 * its own text as well, as long as that is cached. */
#define MS_SQL_STORE_TEXTS                                                                                             \
	TAG "WITH s AS (SELECT q.query_hash, t.query_sql_text, q.last_compile_batch_sql_handle AS h, ROW_NUMBER() "    \
	    "OVER"                                                                                                     \
	    " (PARTITION BY q.query_hash ORDER BY q.last_execution_time DESC) AS rn FROM %s.sys.query_store_query q"   \
	    " JOIN %s.sys.query_store_query_text t ON t.query_text_id = q.query_text_id WHERE q.query_hash IN (%s))"   \
	    " SELECT CONVERT(varchar(20), s.query_hash, 1), CASE WHEN b.text LIKE '/* sqlopt %%' THEN '" TAG "' ELSE"  \
	    " SUBSTRING(s.query_sql_text, 1, 16385) END"                                                               \
	    " FROM s OUTER APPLY sys.dm_exec_sql_text(s.h) AS b WHERE s.rn = 1"

/* %s: hashes. As MS_SQL_SAMPLES, of this database's Query Store. */
#define MS_SQL_STORE_SAMPLES                                                                                           \
	TAG "WITH s AS (SELECT q.query_hash, t.query_sql_text AS text, p.query_plan COLLATE Latin1_General_BIN2 AS"    \
	    " query_plan, q.last_compile_batch_sql_handle AS h, ROW_NUMBER() OVER (PARTITION BY q.query_hash"          \
	    " ORDER BY p.last_execution_time DESC) AS rn FROM sys.query_store_query q"                                 \
	    " JOIN sys.query_store_query_text t ON t.query_text_id = q.query_text_id"                                  \
	    " JOIN sys.query_store_plan p ON p.query_id = q.query_id WHERE q.query_hash IN (%s))"                      \
	    " SELECT CONVERT(varchar(20), s.query_hash, 1), SUBSTRING(s.text, 1, 16385),"                              \
	    " SUBSTRING(s.query_plan, NULLIF(CHARINDEX(N'<ParameterList', s.query_plan), 0), " PARAMETERS_BYTES ")"    \
	    " FROM s OUTER APPLY sys.dm_exec_sql_text(s.h) AS b"                                                       \
	    " WHERE s.rn = 1 AND (b.text IS NULL OR b.text NOT LIKE '/* sqlopt %%')"

/* --- the snapshot: %s is a list of "(N'schema' or NULL, N'name')" or of object ids --- */

#define MS_SQL_RESOLVE                                                                                                 \
	TAG "WITH asked AS (SELECT o.object_id AS id FROM (VALUES %s) AS n(s, n)"                                      \
	    " JOIN sys.objects o ON o.name = n.n AND o.schema_id = SCHEMA_ID(COALESCE(n.s, SCHEMA_NAME()))"            \
	    " WHERE o.type IN ('U', 'V')),"                                                                            \
	    " below AS (SELECT id, 0 AS depth FROM asked UNION ALL SELECT d.referenced_id, b.depth + 1 FROM below b"   \
	    " JOIN sys.sql_expression_dependencies d ON d.referencing_id = b.id AND d.referenced_id IS NOT NULL"       \
	    " JOIN sys.objects o ON o.object_id = d.referenced_id AND o.type IN ('U', 'V') WHERE b.depth < 16)"        \
	    " SELECT id FROM below UNION SELECT f.referenced_object_id FROM below b JOIN sys.foreign_keys f"           \
	    " ON f.parent_object_id = b.id"

#define MS_SQL_TABLES                                                                                                  \
	TAG "SELECT o.object_id, SCHEMA_NAME(o.schema_id), o.name, o.type, m.definition,"                              \
	    " (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1)),"    \
	    " (SELECT SUM(a.used_pages) FROM sys.partitions p JOIN sys.allocation_units a"                             \
	    "   ON a.container_id = p.partition_id WHERE p.object_id = o.object_id AND p.index_id IN (0, 1)),"         \
	    " (SELECT TOP (1) COL_NAME(c.object_id, c.column_id) FROM sys.index_columns c"                             \
	    "   WHERE c.object_id = o.object_id AND c.index_id IN (0, 1) AND c.partition_ordinal = 1)"                 \
	    " FROM sys.objects o LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id"                             \
	    " WHERE o.object_id IN (%s) ORDER BY 2, 3"

#define MS_SQL_COLUMNS                                                                                                 \
	TAG "SELECT c.object_id, c.column_id, c.name, COALESCE(t.name, b.name), c.max_length, c.precision, c.scale,"   \
	    " c.is_nullable, c.collation_name, c.is_computed, c.is_identity, d.definition, COALESCE(b.name, t.name)"   \
	    " FROM sys.columns c LEFT JOIN sys.types t ON t.user_type_id = c.user_type_id"                             \
	    " LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id"                                              \
	    " LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id"                                \
	    " WHERE c.object_id IN (%s) ORDER BY c.object_id, c.column_id"

#define MS_SQL_INDEXES                                                                                                 \
	TAG "SELECT i.object_id, i.index_id, i.name, i.type, i.is_unique, i.is_primary_key, i.is_unique_constraint,"   \
	    " i.is_disabled, i.filter_definition, c.column_id, c.key_ordinal, c.is_descending_key,"                    \
	    " c.is_included_column, (SELECT SUM(a.used_pages) FROM sys.partitions p JOIN sys.allocation_units a"       \
	    "   ON a.container_id = p.partition_id WHERE p.object_id = i.object_id AND p.index_id = i.index_id)"       \
	    " FROM sys.indexes i JOIN sys.index_columns c ON c.object_id = i.object_id AND c.index_id = i.index_id"    \
	    " WHERE i.object_id IN (%s) AND i.type IN (1, 2, 5, 6) AND i.is_hypothetical = 0"                          \
	    " ORDER BY i.object_id, i.index_id, c.is_included_column, c.key_ordinal, c.index_column_id"

#define MS_SQL_INDEX_USE                                                                                               \
	TAG "SELECT object_id, index_id, user_seeks, user_scans, user_lookups, user_updates"                           \
	    " FROM sys.dm_db_index_usage_stats WHERE database_id = DB_ID() AND object_id IN (%s)"

#define MS_SQL_FKEYS                                                                                                   \
	TAG "SELECT f.parent_object_id, f.name, SCHEMA_NAME(o.schema_id), o.name, f.is_not_trusted, f.is_disabled,"    \
	    " f.delete_referential_action, k.parent_column_id, COL_NAME(k.referenced_object_id, "                      \
	    "k.referenced_column_id)"                                                                                  \
	    " FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id"          \
	    " JOIN sys.objects o ON o.object_id = f.referenced_object_id WHERE f.parent_object_id IN (%s)"             \
	    " ORDER BY f.parent_object_id, f.name, k.constraint_column_id"

/* Tables with a foreign key to these whose first column leads no index. */
#define MS_SQL_UNINDEXED_REFS                                                                                          \
	TAG "SELECT DISTINCT TOP (50) f.referenced_object_id, SCHEMA_NAME(o.schema_id), o.name"                        \
	    " FROM sys.foreign_keys f JOIN sys.objects o ON o.object_id = f.parent_object_id"                          \
	    " WHERE f.referenced_object_id IN (%s) AND f.is_disabled = 0 AND NOT EXISTS (SELECT 1"                     \
	    "   FROM sys.indexes i JOIN sys.index_columns c ON c.object_id = i.object_id AND c.index_id = i.index_id"  \
	    "   JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id"                                \
	    "     AND k.parent_column_id = c.column_id"                                                                \
	    "   WHERE i.object_id = f.parent_object_id AND i.type IN (1, 2) AND i.is_disabled = 0"                     \
	    "     AND i.has_filter = 0 AND c.key_ordinal = 1) ORDER BY 1, 2, 3"

#define MS_SQL_STATS                                                                                                   \
	TAG "SELECT s.object_id, s.stats_id, c.column_id, p.rows, p.modification_counter,"                             \
	    " DATEDIFF_BIG(microsecond, '19700101', CAST(p.last_updated AS datetime2))"                                \
	    "   - DATEPART(TZOFFSET, SYSDATETIMEOFFSET()) * CAST(60000000 AS bigint), s.name, s.auto_created"          \
	    " FROM sys.stats s JOIN sys.stats_columns c ON c.object_id = s.object_id AND c.stats_id = s.stats_id"      \
	    "   AND c.stats_column_id = 1 CROSS APPLY sys.dm_db_stats_properties(s.object_id, s.stats_id) AS p"        \
	    " WHERE s.object_id IN (%s) AND p.rows > 0 AND s.has_filter = 0 ORDER BY s.object_id, s.stats_id"

/* 2016 SP1 CU2, 2017 and later. */
#define MS_SQL_HISTOGRAMS                                                                                              \
	TAG "SELECT s.object_id, s.stats_id, h.step_number, CONVERT(nvarchar(200), h.range_high_key), h.range_rows,"   \
	    " h.equal_rows, h.distinct_range_rows FROM sys.stats s"                                                    \
	    " CROSS APPLY sys.dm_db_stats_histogram(s.object_id, s.stats_id) AS h WHERE s.object_id IN (%s)"           \
	    " AND s.has_filter = 0 ORDER BY s.object_id, s.stats_id, h.step_number"

/* --- plans of texts with parameters that nobody declared --- */
#define MS_SQL_UNDECLARED TAG "EXEC sys.sp_describe_undeclared_parameters @tsql = %s"

/* --- the schema audit --- */
#define MS_SQL_RELATIONS                                                                                               \
	TAG "SELECT TOP (%lld) SCHEMA_NAME(o.schema_id), o.name, o.type, x.rows, x.pages * CAST(8192 AS bigint)"       \
	    " FROM sys.objects o OUTER APPLY (SELECT SUM(CASE WHEN a.type = 1 THEN p.rows END) AS rows,"               \
	    "   SUM(a.used_pages) AS pages FROM sys.partitions p JOIN sys.allocation_units a"                          \
	    "   ON a.container_id = p.partition_id WHERE p.object_id = o.object_id AND p.index_id IN (0, 1)) AS x"     \
	    " WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY x.pages DESC, 1, 2"

#define MS_SQL_VITAL_IDENTITIES                                                                                        \
	TAG "SELECT QUOTENAME(SCHEMA_NAME(o.schema_id)) + N'.' + QUOTENAME(o.name), CAST(c.last_value AS float),"      \
	    " CASE TYPE_NAME(c.system_type_id) WHEN 'tinyint' THEN 255.0 WHEN 'smallint' THEN 32767.0"                 \
	    "   WHEN 'int' THEN 2147483647.0 ELSE 9223372036854775807.0 END,"                                          \
	    " c.name + N' ' + TYPE_NAME(c.system_type_id) FROM sys.identity_columns c"                                 \
	    " JOIN sys.objects o ON o.object_id = c.object_id AND o.is_ms_shipped = 0"                                 \
	    " WHERE c.last_value IS NOT NULL AND CAST(c.increment_value AS float) > 0"                                 \
	    " AND TYPE_NAME(c.system_type_id) IN ('tinyint', 'smallint', 'int', 'bigint')"

#define MS_SQL_VITAL_SEQUENCES                                                                                         \
	TAG "SELECT QUOTENAME(SCHEMA_NAME(schema_id)) + N'.' + QUOTENAME(name), CAST(current_value AS float),"         \
	    " CAST(maximum_value AS float), TYPE_NAME(system_type_id) FROM sys.sequences"                              \
	    " WHERE is_cycling = 0 AND CAST(increment AS float) > 0"

#define MS_SQL_VITAL_CONSTRAINTS                                                                                       \
	TAG "SELECT QUOTENAME(SCHEMA_NAME(o.schema_id)) + N'.' + QUOTENAME(o.name), NULL, NULL, k.name"                \
	    " FROM (SELECT parent_object_id, name FROM sys.foreign_keys WHERE is_not_trusted = 1 OR is_disabled = 1"   \
	    "   UNION ALL SELECT parent_object_id, name FROM sys.check_constraints WHERE is_not_trusted = 1"           \
	    "   OR is_disabled = 1) AS k JOIN sys.objects o ON o.object_id = k.parent_object_id ORDER BY 1, 4"

#define MS_SQL_VITAL_TRANSACTIONS                                                                                      \
	TAG "SELECT N'session ' + CAST(s.session_id AS nvarchar(12)), DATEDIFF(second, t.transaction_begin_time, "     \
	    "GETDATE()), NULL, s.status + N', ' + COALESCE(s.program_name, N'') + N', user ' + s.login_name"           \
	    " FROM sys.dm_tran_active_transactions t JOIN sys.dm_tran_session_transactions x"                          \
	    " ON x.transaction_id = t.transaction_id JOIN sys.dm_exec_sessions s ON s.session_id = x.session_id"       \
	    " WHERE s.session_id <> @@SPID AND s.database_id = DB_ID() ORDER BY 2 DESC"

#define MS_SQL_VITAL_COUNTERS                                                                                          \
	TAG "SELECT QUOTENAME(DB_NAME()), (DATEDIFF_BIG(microsecond, '19700101', CAST(sqlserver_start_time AS "        \
	    "datetime2)) - DATEPART(TZOFFSET, SYSDATETIMEOFFSET()) * CAST(60000000 AS bigint)), NULL, NULL"            \
	    " FROM sys.dm_os_sys_info"

#endif
