/* Every statement that the driver sends of its own accord, by name. %s stands for a list of ('OWNER', 'NAME') pairs or
 * of names. sql.c lists them for administrators. */
#ifndef SO_ENGINE_ORACLE_SQL_H
#define SO_ENGINE_ORACLE_SQL_H

/* Each begins with this. */
#define TAG     "/* sqlopt */ "
#define TAG_LEN (sizeof TAG - 1)

#define EPOCH_US(column) "ROUND((CAST(" column " AS DATE) - DATE '1970-01-01') * 86400000000)"

/* A statement's text as a CLOB: as a VARCHAR2 (DBMS_LOB.SUBSTR) 4,000 characters of more than a byte each would be
 * ORA-06502, and one such statement would cost the whole answer. */
#define TEXT_OF(view) "SUBSTR(" view ".sql_fulltext, 1, 16384)"

#define ORA_SQL_READ_ONLY  TAG "SET TRANSACTION READ ONLY"
#define ORA_SQL_ROLLBACK   TAG "ROLLBACK"
#define ORA_SQL_PING       TAG "SELECT 1 FROM dual"
#define ORA_SQL_SCHEMA     TAG "ALTER SESSION SET CURRENT_SCHEMA = %s"
#define ORA_SQL_LOCK_LIMIT TAG "ALTER SESSION SET DDL_LOCK_TIMEOUT = %lld"

#define ORA_SQL_IDENTITY                                                                                               \
	TAG "SELECT (SELECT MAX(version) FROM product_component_version WHERE product LIKE 'Oracle%'),"                \
	    " SYS_CONTEXT('USERENV', 'DB_NAME'), SYS_CONTEXT('USERENV', 'SESSION_USER'),"                              \
	    " SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'), SYS_CONTEXT('USERENV', 'SERVICE_NAME'),"                       \
	    " SYS_CONTEXT('USERENV', 'DATABASE_ROLE'), SYS_CONTEXT('USERENV', 'ISDBA'),"                               \
	    " SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL'), SYS_CONTEXT('USERENV', 'CON_NAME'),"                         \
	    " SYS_CONTEXT('USERENV', 'DB_UNIQUE_NAME'), SESSIONTIMEZONE FROM dual"

#define ORA_SQL_COUNT_STATEMENTS TAG "SELECT COUNT(*) FROM v$sqlstats WHERE ROWNUM <= 1"
#define ORA_SQL_COUNT_BINDS      TAG "SELECT COUNT(*) FROM v$sql_bind_capture WHERE ROWNUM <= 1"
#define ORA_SQL_PLAN_TABLE       TAG "SELECT COUNT(*) FROM plan_table WHERE ROWNUM <= 1"
#define ORA_SQL_PRIVILEGES                                                                                             \
	TAG "SELECT COUNT(CASE WHEN privilege IN ('SELECT ANY TABLE', 'READ ANY TABLE') THEN 1 END),"                  \
	    " COUNT(CASE WHEN privilege = 'SELECT ANY DICTIONARY' THEN 1 END) FROM session_privs"

/* Cumulative since the cursor came into the cache; times are microseconds. */
#define ORA_SQL_STATEMENTS                                                                                             \
	TAG "SELECT s.sql_id, s.executions, s.rows_processed, s.elapsed_time, s.buffer_gets, s.disk_reads,"            \
	    " s.direct_writes, " TEXT_OF(                                                                              \
		    "s") ", DBMS_LOB.GETLENGTH(s.sql_fulltext)"                                                        \
			 " FROM v$sqlstats s WHERE s.executions > 0 AND s.sql_text NOT LIKE '/* sqlopt %%'"            \
			 " AND s.sql_text NOT LIKE 'BEGIN%%' AND s.sql_text NOT LIKE 'DECLARE%%'"                      \
			 " ORDER BY s.elapsed_time DESC FETCH FIRST %lld ROWS ONLY"

#define ORA_SQL_ACTIVITY                                                                                               \
	TAG "SELECT s.sid, SYS_CONTEXT('USERENV', 'DB_NAME'), s.username, s.program,"                                  \
	    " CASE WHEN s.status <> 'ACTIVE' THEN 'T' WHEN s.state = 'WAITING' AND s.wait_class <> 'Idle' THEN 'W'"    \
	    " ELSE 'R' END, s.wait_class || ': ' || s.event, COALESCE(s.sql_id, s.prev_sql_id),"                       \
	    " " TEXT_OF("q") ", DBMS_LOB.GETLENGTH(q.sql_fulltext), s.last_call_et * 1000000,"                         \
			     " ROUND((SYSDATE - t.start_date) * 86400000000), s.blocking_session FROM v$session s"     \
			     " LEFT JOIN v$transaction t ON t.ses_addr = s.saddr"                                      \
			     " LEFT JOIN v$sqlstats q ON q.sql_id = COALESCE(s.sql_id, s.prev_sql_id)"                 \
			     " WHERE s.type = 'USER' AND s.username IS NOT NULL AND s.sid <> SYS_CONTEXT('USERENV', "  \
			     "'SID')"                                                                                  \
			     " AND (s.status = 'ACTIVE' OR s.taddr IS NOT NULL)"                                       \
			     " AND (q.sql_text IS NULL OR q.sql_text NOT LIKE '/* sqlopt %%')"                         \
			     " ORDER BY s.last_call_et DESC, s.sid FETCH FIRST %lld ROWS ONLY"

/* V$SQLSTATS has one row for each statement, and a statement that comes back after the cache gave it up counts from 0:
 * the same rows without texts. The view belongs to the instance that answers. */
#define ORA_SQL_COUNTERS                                                                                               \
	TAG "SELECT s.sql_id, s.executions, s.rows_processed, s.elapsed_time, s.buffer_gets, s.disk_reads,"            \
	    " s.direct_writes, SYS_CONTEXT('USERENV', 'INSTANCE_NAME')"                                                \
	    " FROM v$sqlstats s WHERE s.executions > 0 AND s.sql_text NOT LIKE '/* sqlopt %%'"                         \
	    " AND s.sql_text NOT LIKE 'BEGIN%%' AND s.sql_text NOT LIKE 'DECLARE%%'"                                   \
	    " ORDER BY s.elapsed_time DESC FETCH FIRST %lld ROWS ONLY"

/* %s: 'id', 'id' ..., at most 1,000 */
#define ORA_SQL_TEXTS                                                                                                  \
	TAG "SELECT s.sql_id, " TEXT_OF("s") ", DBMS_LOB.GETLENGTH(s.sql_fulltext)"                                    \
					     " FROM v$sqlstats s WHERE s.sql_id IN (%s)"

/* Longer texts are no samples. */
#define ORA_SQL_SAMPLES                                                                                                \
	TAG "SELECT s.sql_id, " TEXT_OF(                                                                               \
		"s") " FROM v$sqlstats s WHERE s.sql_id IN (%s)"                                                       \
		     " AND DBMS_LOB.GETLENGTH(s.sql_fulltext) <= 16384 AND s.sql_text NOT LIKE '/* sqlopt %%'"

/* The binds of the cursor whose values were taken last. A time as a text of VALUE_STRING has a year of two digits or
 * none at all, so it is made from the value itself. %s: hash values, which the view is indexed by, and ids */
#define ORA_SQL_BINDS                                                                                                  \
	TAG "SELECT sql_id, name, position, dup_position, datatype, datatype_string, was_captured, bound FROM ("       \
	    "SELECT c.*, DENSE_RANK() OVER (PARTITION BY c.sql_id ORDER BY c.newest DESC NULLS LAST,"                  \
	    " c.child_number DESC) AS nth FROM (SELECT b.sql_id, b.child_number, b.name, b.position,"                  \
	    " b.dup_position, b.datatype, b.datatype_string, b.was_captured, CASE"                                     \
	    " WHEN b.datatype = 12 AND b.value_anydata IS NOT NULL"                                                    \
	    " THEN TO_CHAR(ANYDATA.ACCESSDATE(b.value_anydata), 'YYYY-MM-DD HH24:MI:SS')"                              \
	    " WHEN b.datatype = 180 AND b.value_anydata IS NOT NULL"                                                   \
	    " THEN TO_CHAR(ANYDATA.ACCESSTIMESTAMP(b.value_anydata), 'YYYY-MM-DD HH24:MI:SS.FF9')"                     \
	    " ELSE b.value_string END AS bound, MAX(b.last_captured) OVER (PARTITION BY b.sql_id, b.child_number)"     \
	    " AS newest FROM v$sql_bind_capture b WHERE b.hash_value IN (%s) AND b.sql_id IN (%s)) c)"                 \
	    " WHERE nth = 1 ORDER BY sql_id, position"

/* --- the snapshot --- */

#define ORA_SQL_RESOLVE                                                                                                \
	TAG "SELECT owner, object_name, 0 FROM all_objects WHERE (owner, object_name) IN (%s)"                         \
	    " AND object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW')"                                               \
	    " UNION SELECT s.table_owner, s.table_name, 1 FROM all_synonyms s WHERE s.db_link IS NULL"                 \
	    " AND s.table_name = s.synonym_name AND (s.owner, s.synonym_name) IN (%s)"

/* What the relations found lead to: tables below views, and what foreign keys point at. */
#define ORA_SQL_BELOW                                                                                                  \
	TAG "SELECT d.referenced_owner, d.referenced_name FROM all_dependencies d WHERE (d.owner, d.name) IN (%s)"     \
	    " AND d.type IN ('VIEW', 'MATERIALIZED VIEW') AND d.referenced_type IN ('TABLE', 'VIEW',"                  \
	    " 'MATERIALIZED VIEW') AND d.referenced_link_name IS NULL"                                                 \
	    " UNION SELECT r.owner, r.table_name FROM all_constraints c JOIN all_constraints r"                        \
	    " ON r.owner = c.r_owner AND r.constraint_name = c.r_constraint_name"                                      \
	    " WHERE c.constraint_type = 'R' AND (c.owner, c.table_name) IN (%s)"

#define ORA_SQL_TABLES                                                                                                 \
	TAG "SELECT t.owner, t.table_name, t.num_rows, t.blocks, " EPOCH_US(                                           \
		"t.last_analyzed") ", t.partitioned,"                                                                  \
				   " (SELECT SUM(m.inserts + m.updates + m.deletes) FROM all_tab_modifications m"      \
				   "   WHERE m.table_owner = t.owner AND m.table_name = t.table_name AND "             \
				   "m.partition_name IS NULL),"                                                        \
				   " (SELECT MAX(c.column_name) FROM all_part_key_columns c WHERE c.owner = t.owner"   \
				   "   AND c.name = t.table_name AND c.object_type = 'TABLE' AND c.column_position = " \
				   "1)"                                                                                \
				   " FROM all_tables t WHERE (t.owner, t.table_name) IN (%s) ORDER BY 1, 2"

#define ORA_SQL_VIEWS                                                                                                  \
	TAG "SELECT v.owner, v.view_name, v.text_vc FROM all_views v WHERE (v.owner, v.view_name) IN (%s) ORDER BY "   \
	    "1, "                                                                                                      \
	    "2"

#define ORA_SQL_COLUMNS                                                                                                \
	TAG "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.data_length, c.data_precision, c.data_scale," \
	    " c.nullable, c.char_used, c.char_length, c.num_distinct, c.num_nulls, c.avg_col_len, c.virtual_column,"   \
	    " c.identity_column, c.last_analyzed FROM all_tab_cols c WHERE (c.owner, c.table_name) IN (%s)"            \
	    " AND c.hidden_column = 'NO' ORDER BY c.owner, c.table_name, c.column_id"

/* Frequencies of values, where the optimizer keeps them one by one. */
#define ORA_SQL_FREQUENCIES                                                                                            \
	TAG "SELECT h.owner, h.table_name, h.column_name, h.endpoint_actual_value, h.endpoint_number"                  \
	    " - LAG(h.endpoint_number, 1, 0) OVER (PARTITION BY h.owner, h.table_name, h.column_name"                  \
	    "   ORDER BY h.endpoint_number), MAX(h.endpoint_number) OVER (PARTITION BY h.owner, h.table_name,"         \
	    "   h.column_name) FROM all_tab_histograms h JOIN all_tab_cols c ON c.owner = h.owner"                     \
	    " AND c.table_name = h.table_name AND c.column_name = h.column_name"                                       \
	    " AND c.histogram IN ('FREQUENCY', 'TOP-FREQUENCY') WHERE (h.owner, h.table_name) IN (%s)"                 \
	    " ORDER BY 1, 2, 3, 5 DESC"

#define ORA_SQL_INDEXES                                                                                                \
	TAG "SELECT i.table_owner, i.table_name, i.owner, i.index_name, i.index_type, i.uniqueness, i.status,"         \
	    " i.visibility, i.blevel, i.leaf_blocks, c.column_name, c.descend, (SELECT COUNT(*) FROM all_constraints " \
	    "k WHERE k.owner = i.table_owner AND k.table_name = i.table_name AND k.index_name = i.index_name"          \
	    "   AND k.constraint_type = 'P'), (SELECT COUNT(*) FROM all_constraints k WHERE k.owner = i.table_owner"   \
	    "   AND k.table_name = i.table_name AND k.index_name = i.index_name AND k.constraint_type = 'U')"          \
	    " FROM all_indexes i JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name"    \
	    " WHERE (i.table_owner, i.table_name) IN (%s) AND i.index_type <> 'LOB'"                                   \
	    " ORDER BY 1, 2, 3, 4, c.column_position"

/* the texts of keys that are none of a column; the dictionary keeps them as LONG */
#define ORA_SQL_INDEX_EXPRESSIONS                                                                                      \
	TAG "SELECT table_owner, table_name, index_owner, index_name, column_position, column_expression"              \
	    " FROM all_ind_expressions WHERE (table_owner, table_name) IN (%s) ORDER BY 1, 2, 3, 4, 5"

#define ORA_SQL_INDEX_USE                                                                                              \
	TAG "SELECT u.owner, u.name, u.total_access_count FROM dba_index_usage u JOIN all_indexes i"                   \
	    " ON i.owner = u.owner AND i.index_name = u.name WHERE (i.table_owner, i.table_name) IN (%s)"

#define ORA_SQL_KEYS                                                                                                   \
	TAG "SELECT c.owner, c.table_name, c.constraint_name, c.constraint_type, c.status, c.validated,"               \
	    " c.deferrable, c.delete_rule, k.column_name, r.owner, r.table_name, rk.column_name"                       \
	    " FROM all_constraints c JOIN all_cons_columns k ON k.owner = c.owner"                                     \
	    " AND k.constraint_name = c.constraint_name LEFT JOIN all_constraints r ON r.owner = c.r_owner"            \
	    " AND r.constraint_name = c.r_constraint_name LEFT JOIN all_cons_columns rk ON rk.owner = r.owner"         \
	    " AND rk.constraint_name = r.constraint_name AND rk.position = k.position"                                 \
	    " WHERE c.constraint_type IN ('P', 'U', 'R') AND (c.owner, c.table_name) IN (%s)"                          \
	    " ORDER BY 1, 2, 3, k.position"

/* --- plans --- */
#define ORA_SQL_EXPLAIN TAG "EXPLAIN PLAN SET STATEMENT_ID = '%s' FOR %s"

#define PLAN_COLUMNS                                                                                                   \
	"id, parent_id, depth, position, operation, options, object_owner, object_name, object_alias, object_type,"    \
	" optimizer, cost, cardinality, bytes, cpu_cost, io_cost, temp_space, access_predicates, filter_predicates,"   \
	" partition_start, partition_stop, distribution, qblock_name"

#define ORA_SQL_PLAN_ROWS TAG "SELECT " PLAN_COLUMNS " FROM plan_table WHERE statement_id = '%s' ORDER BY id"

#define ORA_SQL_STATISTICS_ON  TAG "ALTER SESSION SET STATISTICS_LEVEL = ALL"
#define ORA_SQL_STATISTICS_OFF TAG "ALTER SESSION SET STATISTICS_LEVEL = TYPICAL"

#define ORA_SQL_LAST_CURSOR                                                                                            \
	TAG "SELECT prev_sql_id, prev_child_number FROM v$session WHERE sid = SYS_CONTEXT('USERENV', 'SID')"

#define ORA_SQL_ACTUAL_ROWS                                                                                            \
	TAG "SELECT " PLAN_COLUMNS                                                                                     \
	    ", last_starts, last_output_rows, last_cr_buffer_gets, last_cu_buffer_gets, last_disk_reads,"              \
	    " last_disk_writes, last_elapsed_time, last_memory_used, last_tempseg_size FROM"                           \
	    " v$sql_plan_statistics_all WHERE sql_id = '%s' AND child_number = %s ORDER BY id"

/* --- the schema audit --- */
#define ORA_SQL_RELATIONS                                                                                              \
	TAG "SELECT * FROM (SELECT t.owner, t.table_name, CASE t.partitioned WHEN 'YES' THEN 'P' ELSE 'T' END,"        \
	    " t.num_rows, t.blocks * 8192 FROM all_tables t WHERE t.owner NOT IN (SELECT username FROM all_users"      \
	    "   WHERE oracle_maintained = 'Y') AND t.nested = 'NO' AND t.secondary = 'N'"                              \
	    " UNION ALL SELECT v.owner, v.view_name, 'V', NULL, NULL FROM all_views v WHERE v.owner NOT IN"            \
	    "   (SELECT username FROM all_users WHERE oracle_maintained = 'Y'))"                                       \
	    " ORDER BY 5 DESC NULLS LAST, 1, 2 FETCH FIRST %lld ROWS ONLY"

#define ORA_SQL_VITAL_SEQUENCES                                                                                        \
	TAG "SELECT '\"' || s.sequence_owner || '\".\"' || s.sequence_name || '\"', s.last_number, s.max_value, NULL"  \
	    " FROM all_sequences s WHERE s.cycle_flag = 'N' AND s.increment_by > 0 AND s.sequence_owner NOT IN"        \
	    "   (SELECT username FROM all_users WHERE oracle_maintained = 'Y')"                                        \
	    " ORDER BY s.last_number / s.max_value DESC FETCH FIRST 100 ROWS ONLY"

#define ORA_SQL_VITAL_CONSTRAINTS                                                                                      \
	TAG "SELECT '\"' || c.owner || '\".\"' || c.table_name || '\"', NULL, NULL, c.constraint_name || ' ' ||"       \
	    " c.status || ' ' || c.validated FROM all_constraints c WHERE c.validated = 'NOT VALIDATED'"               \
	    " AND c.constraint_type IN ('P', 'U', 'R', 'C') AND c.owner NOT IN (SELECT username FROM all_users"        \
	    "   WHERE oracle_maintained = 'Y') ORDER BY 1, 4 FETCH FIRST 100 ROWS ONLY"

#define ORA_SQL_VITAL_TRANSACTIONS                                                                                     \
	TAG "SELECT 'session ' || s.sid || ',' || s.serial#, ROUND((SYSDATE - t.start_date) * 86400), NULL,"           \
	    " s.status || ', ' || s.program || ', user ' || s.username FROM v$transaction t JOIN v$session s"          \
	    " ON s.taddr = t.addr ORDER BY 2 DESC FETCH FIRST 20 ROWS ONLY"

#define ORA_SQL_VITAL_SESSIONS                                                                                         \
	TAG "SELECT 'sessions', current_utilization, TO_NUMBER(TRIM(limit_value)), NULL FROM v$resource_limit"         \
	    " WHERE resource_name = 'sessions' AND TRIM(limit_value) <> 'UNLIMITED'"

#endif
