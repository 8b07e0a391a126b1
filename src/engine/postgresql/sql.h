/* Every statement that the driver sends of its own accord, by name. `%s` stands for what the server's version or the
 * schema of an extension decides, $n for parameters. sql.c lists them for administrators. */
#ifndef SO_ENGINE_POSTGRESQL_SQL_H
#define SO_ENGINE_POSTGRESQL_SQL_H

/* Each begins with this. pg_stat_statements keeps leading comments. */
#define TAG     "/* sqlopt */ "
#define TAG_LEN (sizeof TAG - 1)

#define PG_SQL_SESSION                                                                                                 \
	TAG "SELECT pg_catalog.current_schemas(true)::text[], pg_catalog.current_schemas(false)::text[],"              \
	    " pg_catalog.current_setting('server_version'), d.datname, d.datcollate, pg_catalog.to_jsonb(d)::text,"    \
	    " pg_catalog.current_setting('TimeZone') FROM pg_catalog.pg_database d"                                    \
	    " WHERE d.datname = pg_catalog.current_database()"

#define PG_SQL_SETTINGS                                                                                                \
	TAG "SELECT name, setting, unit FROM pg_catalog.pg_settings WHERE name IN ('work_mem', 'hash_mem_multiplier'," \
	    " 'maintenance_work_mem', 'shared_buffers', 'effective_cache_size', 'effective_io_concurrency', "          \
	    "'random_page_cost',"                                                                                      \
	    " 'seq_page_cost', 'cpu_tuple_cost', 'cpu_index_tuple_cost', 'cpu_operator_cost', 'parallel_setup_cost',"  \
	    " 'parallel_tuple_cost', 'max_parallel_workers_per_gather', 'max_parallel_workers', "                      \
	    "'max_worker_processes',"                                                                                  \
	    " 'min_parallel_table_scan_size', 'min_parallel_index_scan_size', 'jit', 'jit_above_cost',"                \
	    " 'jit_inline_above_cost', 'jit_optimize_above_cost', 'plan_cache_mode', 'from_collapse_limit',"           \
	    " 'join_collapse_limit', 'geqo', 'geqo_threshold', 'constraint_exclusion', 'default_statistics_target',"   \
	    " 'temp_buffers', 'temp_file_limit', 'track_io_timing', 'autovacuum', 'block_size', 'TimeZone', "          \
	    "'DateStyle',"                                                                                             \
	    " 'IntervalStyle', 'lc_collate', 'lc_ctype', 'server_encoding', 'standard_conforming_strings',"            \
	    " 'transform_null_equals', 'row_security', 'cursor_tuple_fraction', 'autovacuum_vacuum_scale_factor',"     \
	    " 'autovacuum_analyze_scale_factor', 'idle_in_transaction_session_timeout', 'fsync', 'max_connections',"   \
	    " 'checkpoint_timeout', 'max_wal_size', 'wal_buffers', 'synchronous_commit', "                             \
	    "'log_min_duration_statement')"                                                                            \
	    " OR name LIKE 'enable\\_%' ORDER BY name"

#define PG_SQL_BY_INDEX                                                                                                \
	TAG "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true),"                                         \
	    " pg_catalog.set_config('enable_seqscan', 'off', true), pg_catalog.set_config('enable_hashjoin', 'off', "  \
	    "true),"                                                                                                   \
	    " pg_catalog.set_config('enable_mergejoin', 'off', true), pg_catalog.set_config('jit', 'off', true),"      \
	    " pg_catalog.set_config('max_parallel_workers_per_gather', '0', true)"

/* Waiting for the next statement (ClientRead) is no wait of an active session. %s: its query id, from version 14 on. */
#define PG_SQL_ACTIVITY                                                                                                \
	TAG "SELECT a.pid, a.datname, a.usename, a.application_name, a.state,"                                         \
	    " CASE WHEN a.state = 'active' THEN a.wait_event_type END, a.wait_event, %s,"                              \
	    " pg_catalog.left(a.query, %d), pg_catalog.length(a.query) > %d,"                                          \
	    " (extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start) * 1000000)::int8,"                     \
	    " (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000000)::int8,"                      \
	    " CASE WHEN a.wait_event_type = 'Lock' THEN (pg_catalog.pg_blocking_pids(a.pid))[1] END"                   \
	    " FROM pg_catalog.pg_stat_activity a WHERE (a.backend_type = 'client backend'"                             \
	    " OR a.query = '<insufficient privilege>')"                                                                \
	    " AND a.pid <> pg_catalog.pg_backend_pid() AND (a.state IS NULL OR a.state NOT IN ('idle', 'disabled'))"   \
	    " AND ($1::text[] IS NULL OR a.datname = ANY ($1::text[]))"                                                \
	    " AND a.query NOT LIKE '/* sqlopt */%%' AND a.application_name <> 'sqlopt'"                                \
	    " ORDER BY a.query_start, a.pid LIMIT $2::int8"

#define PG_SQL_RESOLVE                                                                                                 \
	TAG "WITH RECURSIVE asked AS (SELECT f.oid FROM unnest($1::text[], $2::text[]) AS i(s, n), LATERAL"            \
	    " (SELECT c.oid FROM unnest(CASE WHEN i.s IS NULL THEN $3::text[] ELSE ARRAY[i.s] END)"                    \
	    "   WITH ORDINALITY AS p(nsp, pos)"                                                                        \
	    "   JOIN pg_namespace ns ON ns.nspname = p.nsp::name"                                                      \
	    "   JOIN pg_class c ON c.relnamespace = ns.oid AND c.relname = i.n::name"                                  \
	    "   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY p.pos LIMIT 1) AS f),"                           \
	    " below AS (SELECT oid FROM asked UNION SELECT d.refobjid FROM below b JOIN pg_rewrite w ON w.ev_class = " \
	    "b.oid"                                                                                                    \
	    "   JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid"                            \
	    "     AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.oid"                                     \
	    "   JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p', 'v', 'm', 'f'))"                     \
	    " SELECT oid FROM below UNION SELECT k.confrelid FROM below b"                                             \
	    "   JOIN pg_constraint k ON k.conrelid = b.oid AND k.contype = 'f' LIMIT 1001"

#define PG_SQL_TABLES                                                                                                  \
	TAG "SELECT c.oid, n.nspname, c.relname, c.relkind,"                                                           \
	    " CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,"                                       \
	    " CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,"                                            \
	    " coalesce(p.tuples, c.reltuples), coalesce(p.pages, c.relpages),"                                         \
	    " CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE coalesce(p.pages, 0) *"                 \
	    "   current_setting('block_size')::int8 END,"                                                              \
	    " coalesce(p.visible, c.relallvisible), c.relrowsecurity,"                                                 \
	    " (extract(epoch FROM greatest(pg_stat_get_last_analyze_time(c.oid), "                                     \
	    "pg_stat_get_last_autoanalyze_time(c.oid)))"                                                               \
	    "   * 1000000)::int8,"                                                                                     \
	    " (extract(epoch FROM greatest(pg_stat_get_last_vacuum_time(c.oid), "                                      \
	    "pg_stat_get_last_autovacuum_time(c.oid)))"                                                                \
	    "   * 1000000)::int8,"                                                                                     \
	    " pg_stat_get_mod_since_analyze(c.oid), pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid),"   \
	    " pg_stat_get_numscans(c.oid),"                                                                            \
	    " (SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid)::int8,"        \
	    " pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), "                                 \
	    "pg_stat_get_tuples_hot_updated(c.oid),"                                                                   \
	    " pg_stat_get_tuples_deleted(c.oid), c.relhassubclass"                                                     \
	    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN LATERAL"                         \
	    " (SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END AS tuples,"                 \
	    "   sum(l.relpages)::int8 AS pages, sum(l.relallvisible)::int8 AS visible"                                 \
	    "   FROM pg_partition_tree(c.oid) AS t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf) AS p ON "        \
	    "c.relkind = 'p'"                                                                                          \
	    " WHERE c.oid = ANY ($1::oid[]) ORDER BY n.nspname, c.relname"

#define PG_SQL_FUNCTIONS                                                                                               \
	TAG "SELECT n.nspname, p.proname, format_type(p.prorettype, NULL), CASE WHEN p.provariadic <> 0 THEN -1 ELSE " \
	    "p.pronargs"                                                                                               \
	    " END, p.provolatile, p.prokind, p.proisstrict, p.proretset, p.proparallel"                                \
	    " FROM unnest($1::text[], $2::text[]) AS i(s, n) JOIN pg_proc p ON p.proname = i.n::name"                  \
	    " JOIN pg_namespace n ON n.oid = p.pronamespace"                                                           \
	    " WHERE CASE WHEN i.s IS NULL THEN n.nspname = ANY ($3::name[]) ELSE n.nspname = i.s END AND p.prokind "   \
	    "<> 'p'"                                                                                                   \
	    " ORDER BY 1, 2, p.pronargs LIMIT $4::int4"

#define PG_SQL_COLUMNS                                                                                                 \
	TAG "SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),"                            \
	    " CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) WHEN t.typtype = 'e' THEN 'enum'" \
	    "   WHEN t.typtype = 'b' AND t.typcategory = 'A' THEN 'array' END,"                                        \
	    " a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conrelid = a.attrelid"                  \
	    "   AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated)," /* 18: NOT VALID */       \
	    " pg_get_expr(d.adbin, d.adrelid), a.attgenerated, l.collname, l.collprovider, "                           \
	    "l.collisdeterministic,"                                                                                   \
	    " a.attcollation = 100"                                                                                    \
	    " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"                                                \
	    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"                                 \
	    " LEFT JOIN pg_collation l ON l.oid = a.attcollation"                                                      \
	    " WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, "        \
	    "a.attnum"

#define PG_SQL_COLUMN_STATS                                                                                            \
	TAG "SELECT schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct, correlation,"         \
	    " CASE WHEN octet_length(most_common_vals::text) <= 262144 THEN most_common_vals::text END,"               \
	    " CASE WHEN octet_length(most_common_vals::text) <= 262144 THEN most_common_freqs::text END,"              \
	    " CASE WHEN octet_length(histogram_bounds::text) <= 262144 THEN histogram_bounds::text END"                \
	    " FROM pg_catalog.pg_stats WHERE tablename = ANY ($1::name[]) AND schemaname = ANY ($2::name[])"

#define PG_SQL_FKEYS                                                                                                   \
	TAG "SELECT k.conrelid, k.conname, k.conkey::text, n.nspname, c.relname,"                                      \
	    " ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS f(num, pos)"                      \
	    "   JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = f.num ORDER BY f.pos),"                 \
	    " k.convalidated AND %s AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid"             \
	    "   AND g.tgenabled NOT IN ('O', 'A')),"                                                                   \
	    " k.condeferrable, k.confdeltype"                                                                          \
	    " FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = "             \
	    "c.relnamespace"                                                                                           \
	    " WHERE k.conrelid = ANY ($1::oid[]) AND k.contype = 'f' ORDER BY k.conrelid, k.conname"

/* From the referenced side pg_constraint has no index: the triggers of the constraint lead to it. */
#define PG_SQL_UNINDEXED_REFS                                                                                          \
	TAG "SELECT DISTINCT k.confrelid, n.nspname, c.relname"                                                        \
	    " FROM (SELECT DISTINCT g.tgconstraint AS id FROM pg_trigger g WHERE g.tgrelid = ANY ($1::oid[])"          \
	    "   AND g.tgisinternal AND g.tgenabled IN ('O', 'A')) t"                                                   \
	    " JOIN pg_constraint k ON k.oid = t.id AND k.contype = 'f' AND k.convalidated AND k.conparentid::int8 = 0" \
	    "   AND k.confrelid = ANY ($1::oid[])"                                                                     \
	    " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"                     \
	    " WHERE NOT EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"                        \
	    "   JOIN pg_am m ON m.oid = x.relam WHERE i.indrelid = k.conrelid AND i.indisvalid"                        \
	    "   AND i.indpred IS NULL AND i.indkey[0] = ANY (k.conkey) AND m.amname IN ('btree', 'hash'))"             \
	    " ORDER BY 1, 2, 3 LIMIT 50"

#define PG_SQL_INDEXES                                                                                                 \
	TAG "SELECT i.indrelid, n.nspname, c.relname, m.amname, pg_get_indexdef(i.indexrelid),"                        \
	    " pg_get_expr(i.indpred, i.indrelid), i.indkey::text, i.indnkeyatts, i.indoption::text,"                   \
	    " ARRAY(SELECT CASE WHEN i.indkey[k] = 0 THEN pg_get_indexdef(i.indexrelid, k + 1, true) END"              \
	    "   FROM generate_series(0, i.indnkeyatts - 1) AS k ORDER BY k),"                                          \
	    " ARRAY(SELECT CASE WHEN NOT o.opcdefault THEN o.opcname::text END FROM generate_series(0, i.indnkeyatts " \
	    "- 1)"                                                                                                     \
	    "   AS k LEFT JOIN pg_opclass o ON o.oid = i.indclass[k] ORDER BY k),"                                     \
	    " ARRAY(SELECT CASE WHEN i.indcollation[k] <> coalesce(a.attcollation, 100) THEN l.collname::text END"     \
	    "   FROM generate_series(0, i.indnkeyatts - 1) AS k LEFT JOIN pg_collation l ON l.oid = i.indcollation[k]" \
	    "   LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND i.indkey[k] <> 0"   \
	    "   ORDER BY k),"                                                                                          \
	    " i.indisunique, i.indisprimary, EXISTS (SELECT FROM pg_constraint q WHERE q.conrelid = i.indrelid"        \
	    "   AND q.conindid = i.indexrelid AND q.contype IN ('p', 'u', 'x')),"                                      \
	    " i.indisvalid AND i.indisready AND i.indislive, i.indisreplident, pg_relation_size(i.indexrelid),"        \
	    " pg_stat_get_numscans(i.indexrelid), i.indimmediate, %s"                                                  \
	    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"   \
	    " JOIN pg_am m ON m.oid = c.relam WHERE i.indrelid = ANY ($1::oid[])"                                      \
	    " ORDER BY i.indrelid, NOT i.indisprimary, c.relname"

#define PG_SQL_EXT_STATS                                                                                               \
	TAG "SELECT e.stxrelid, n.nspname, e.stxname, array_to_string(e.stxkind, ''), e.stxkeys::text"                 \
	    " FROM pg_statistic_ext e JOIN pg_namespace n ON n.oid = e.stxnamespace"                                   \
	    " WHERE e.stxrelid = ANY ($1::oid[]) ORDER BY e.stxrelid, e.stxname"

#define PG_SQL_DDL_COLUMNS                                                                                             \
	TAG "SELECT format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),"                            \
	    " CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN format(' COLLATE %I', l.collname) ELSE '' END," \
	    " CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, "    \
	    "d.adrelid))"                                                                                              \
	    "   WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY'"                                         \
	    "   WHEN a.attidentity = 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY'"                                     \
	    "   WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END,"             \
	    " CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END)"                                                    \
	    " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"                                                \
	    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"                                 \
	    " LEFT JOIN pg_collation l ON l.oid = a.attcollation"                                                      \
	    " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"

#define PG_SQL_DDL_CONSTRAINTS                                                                                         \
	TAG "SELECT format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint"                 \
	    " WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'f', 'c', 'x')"                                       \
	    " ORDER BY array_position('{p,u,f,c,x}'::\"char\"[], contype), conname"

#define PG_SQL_DDL_INDEXES                                                                                             \
	TAG "SELECT pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN ';' ELSE ';  -- INVALID' END FROM "   \
	    "pg_index i"                                                                                               \
	    " JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::oid AND NOT EXISTS (SELECT FROM "         \
	    "pg_constraint q"                                                                                          \
	    "   WHERE q.conrelid = i.indrelid AND q.conindid = i.indexrelid AND q.contype IN ('p', 'u', 'x')) ORDER "  \
	    "BY c.relname"

#define PG_SQL_DDL_COMMENTS                                                                                            \
	TAG "SELECT a.attname, d.description FROM pg_description d LEFT JOIN pg_attribute a ON a.attrelid = d.objoid"  \
	    " AND a.attnum = d.objsubid AND d.objsubid > 0 WHERE d.classoid = 'pg_class'::regclass AND d.objoid = "    \
	    "$1::oid"                                                                                                  \
	    " ORDER BY d.objsubid"

#define PG_SQL_IDENTITY                                                                                                \
	TAG "SELECT pg_catalog.current_setting('server_version'), pg_catalog.current_database(), current_user,"        \
	    " pg_catalog.pg_is_in_recovery(), (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = "              \
	    "current_user),"                                                                                           \
	    " pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),"                                     \
	    " (SELECT pg_catalog.pg_has_role(current_user, oid, 'USAGE') FROM pg_catalog.pg_roles"                     \
	    "   WHERE rolname = 'pg_read_all_data'),"                                                                  \
	    " (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only'),"            \
	    " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries'),"                   \
	    " CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"                \
	    "   THEN (SELECT system_identifier FROM pg_catalog.pg_control_system())::text END,"                        \
	    " EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = 'aurora_version'),"                               \
	    " (SELECT rolname FROM pg_catalog.pg_roles WHERE rolname IN ('rds_superuser', 'cloudsqlsuperuser',"        \
	    "   'alloydbsuperuser', 'azure_pg_admin', 'neon_superuser', 'supabase_admin') ORDER BY 1 LIMIT 1),"        \
	    " EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max')"

#define PG_SQL_EXTENSIONS                                                                                              \
	TAG "SELECT a.name, n.nspname, e.extversion, pg_catalog.has_schema_privilege(n.oid, 'USAGE')"                  \
	    " FROM pg_catalog.pg_available_extensions a LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name"     \
	    " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"                                           \
	    " WHERE a.name IN ('pg_stat_statements', 'hypopg')"                                                        \
	    " UNION SELECT e.extname, n.nspname, e.extversion, pg_catalog.has_schema_privilege(n.oid, 'USAGE')"        \
	    " FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"                 \
	    " WHERE e.extname IN ('pg_stat_statements', 'hypopg', 'timescaledb', 'citus')"

#define PG_SQL_COUNT_STATEMENTS                                                                                        \
	TAG "SELECT count(*), count(*) FILTER (WHERE queryid IS NULL)"                                                 \
	    " FROM %s.pg_stat_statements(false)"

#define PG_SQL_READABLE                                                                                                \
	TAG "SELECT n.nspname, count(*), count(*) FILTER (WHERE NOT pg_catalog.has_table_privilege(c.oid, 'SELECT'))," \
	    " count(*) FILTER (WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid)) FROM"                 \
	    " (SELECT t.oid, t.relnamespace, t.relrowsecurity FROM pg_catalog.pg_class t"                              \
	    "   WHERE t.relkind IN ('r', 'p', 'm') AND t.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace" \
	    "   WHERE nspname ~ '^pg_' OR nspname = 'information_schema') LIMIT %d) AS c"                              \
	    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace GROUP BY n.nspname ORDER BY 3 DESC, 1"

#define PG_SQL_STATEMENTS                                                                                              \
	TAG "WITH s AS MATERIALIZED (SELECT * FROM %s.pg_stat_statements WHERE dbid ="                                 \
	    " (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AND calls > 0)"   \
	    " SELECT q.queryid, pg_catalog.current_database(), pg_catalog.pg_get_userbyid(q.userid),"                  \
	    " left(q.query, %d), length(q.query) > %d, q.calls, q.rows, q.exec, q.plan, q.min, q.max, q.stddev, "      \
	    "q.hit,"                                                                                                   \
	    " q.read, q.dirtied, q.tread, q.twritten, q.wal, (SELECT count(*) FROM s WHERE queryid IS NULL), %s"       \
	    " FROM (SELECT queryid, userid, min(query) AS query, sum(calls) AS calls, sum(rows) AS rows,"              \
	    " sum(total_exec_time) AS exec, sum(total_plan_time) AS plan, min(min_exec_time) AS min,"                  \
	    " max(max_exec_time) AS max, max(stddev_exec_time) AS stddev, sum(shared_blks_hit) AS hit,"                \
	    " sum(shared_blks_read) AS read, sum(shared_blks_dirtied) AS dirtied, sum(temp_blks_read) AS tread,"       \
	    " sum(temp_blks_written) AS twritten, sum(wal_bytes)::bigint AS wal FROM s"                                \
	    " WHERE queryid IS NOT NULL AND query <> '<insufficient privilege>' AND query NOT LIKE '/* sqlopt %%'"     \
	    " AND query NOT LIKE '%%/* sqlopt */'"                                                                     \
	    " GROUP BY queryid, userid ORDER BY sum(total_exec_time) DESC LIMIT $1::pg_catalog.int8) AS q"             \
	    " RIGHT JOIN (SELECT 1) AS always ON true ORDER BY q.exec DESC"

/* %s: schema, is it at the top level, since when it counts. Every row is one to the extension: by user, database,
 * level. */
#define PG_SQL_COUNTERS                                                                                                \
	TAG "SELECT s.userid, s.dbid, s.queryid, %2$s, d.datname, s.userid = (SELECT oid FROM pg_catalog.pg_roles"     \
	    " WHERE rolname = current_user), %3$s, s.calls, s.rows, (s.total_exec_time * 1000)::pg_catalog.int8,"      \
	    " (s.total_plan_time * 1000)::pg_catalog.int8, s.shared_blks_hit, s.shared_blks_read, "                    \
	    "s.shared_blks_dirtied,"                                                                                   \
	    " s.temp_blks_read, s.temp_blks_written, s.wal_bytes::pg_catalog.int8"                                     \
	    " FROM %1$s.pg_stat_statements(false) AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid"             \
	    " WHERE s.queryid IS NOT NULL AND s.calls > 0 AND CASE WHEN $1::text[] = '{}' THEN d.datname = "           \
	    "current_database()"                                                                                       \
	    " ELSE d.datname = ANY ($1::text[]) END ORDER BY s.total_exec_time DESC LIMIT $2::pg_catalog.int8"

/* Rows of other users have no id for a login without that role. %s: when the counters were reset, how many rows were
 * given up */
#define PG_SQL_COUNTERS_EPOCH                                                                                          \
	TAG "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8,"                    \
	    " coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), ''), %s, %s,"                                   \
	    " pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"

/* Only for ids that are new: the texts of all statements are loaded for it. */
#define PG_SQL_TEXTS                                                                                                   \
	TAG "SELECT queryid, min(left(query, %d)), max(length(query)) > %d FROM %s.pg_stat_statements"                 \
	    " WHERE queryid = ANY ($1::pg_catalog.int8[]) AND query <> '<insufficient privilege>' GROUP BY queryid"

#define PG_SQL_TYPES                                                                                                   \
	TAG "SELECT pg_catalog.format_type(t, nullif(m, -1)) FROM ROWS FROM (pg_catalog.unnest("                       \
	    "$1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[])) WITH ORDINALITY AS u(t, m, ord) ORDER "  \
	    "BY ord"

#define PG_SQL_LEFTOVER                                                                                                \
	TAG "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c"                       \
	    " JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid"                                                      \
	    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                                                \
	    " WHERE c.relname = $1 AND NOT i.indisvalid LIMIT 1"

#define PG_SQL_EXECUTE_SETTINGS                                                                                        \
	TAG "SELECT pg_catalog.set_config('statement_timeout', $1, false),"                                            \
	    " pg_catalog.set_config('lock_timeout', $2, false),"                                                       \
	    " pg_catalog.set_config('default_transaction_read_only', $3, false)"

#define PG_SQL_HYPO_DROP_UNKNOWN                                                                                       \
	TAG "SELECT %s(h.indexrelid) FROM (SELECT indexrelid FROM %s() OFFSET 0) AS h"                                 \
	    " WHERE h.indexrelid <> ALL ($1::pg_catalog.oid[])"

#define PG_SQL_HYPO_DROP TAG "SELECT %s(i) FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS i"

#define PG_SQL_HYPO_CREATE                                                                                             \
	TAG "SELECT h.ord, h.indexrelid, h.indexname, %s(h.indexrelid) FROM (SELECT d.ord, c.indexrelid, c.indexname"  \
	    " FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS d(sql, ord),"                           \
	    " LATERAL %s(d.sql) AS c OFFSET 0) AS h"

#define PG_SQL_HYPO_RESET TAG "SELECT %s()"

#define PG_SQL_BACKEND TAG "SELECT pg_catalog.pg_backend_pid()"

#define PG_SQL_DATABASES                                                                                               \
	TAG "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datallowconn AND NOT d.datistemplate"              \
	    " AND pg_catalog.has_database_privilege(d.oid, 'CONNECT') ORDER BY d.datname"

#define PG_SQL_PING TAG "SELECT 1"

/* --- the schema audit (inventory.c) --- */

/* Partitions stand for their parent, whose own pages are not counted: parents first. */
#define PG_SQL_RELATIONS                                                                                               \
	TAG "SELECT r.nspname, r.relname, r.relkind, coalesce(p.tuples, r.reltuples),"                                 \
	    " CASE WHEN r.relkind IN ('r', 'm') THEN pg_table_size(r.oid) ELSE p.bytes END"                            \
	    " FROM (SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relpages FROM pg_class c"            \
	    "   JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"            \
	    "   AND NOT c.relispartition AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'"                          \
	    "   AND n.nspname <> 'information_schema'"                                                                 \
	    "   ORDER BY (c.relkind = 'p') DESC, c.relpages DESC, n.nspname, c.relname LIMIT $1::int8) AS r"           \
	    " LEFT JOIN LATERAL (SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END AS "      \
	    "tuples, sum(pg_table_size(l.oid))::int8 AS bytes FROM pg_partition_tree(r.oid) AS t"                      \
	    "   JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf) AS p ON r.relkind = 'p'"                            \
	    " ORDER BY 5 DESC NULLS LAST, 1, 2"

/* What a sequence may still give out is bounded by the column that it fills as well, by OWNED BY or by its default. */
#define PG_SQL_VITAL_SEQUENCES                                                                                         \
	TAG "SELECT format('%I.%I', n.nspname, c.relname), q.last, least(q.seqmax, f.top),"                            \
	    " f.label FROM (SELECT s.*, CASE WHEN has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') THEN "           \
	    "pg_sequence_last_value(s.seqrelid) END AS last FROM pg_sequence s WHERE NOT s.seqcycle AND "              \
	    "s.seqincrement > 0) AS q"                                                                                 \
	    " JOIN pg_class c ON c.oid = q.seqrelid AND c.relpersistence <> 't'"                                       \
	    " JOIN pg_namespace n ON n.oid = c.relnamespace"                                                           \
	    " LEFT JOIN LATERAL (SELECT CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE "              \
	    "9223372036854775807 END AS top, format('%I.%I.%I %s', tn.nspname, t.relname, a.attname, "                 \
	    "format_type(a.atttypid, NULL)) AS label FROM"                                                             \
	    "   (SELECT d.refobjid AS rel, d.refobjsubid AS num FROM pg_depend d WHERE d.classid = "                   \
	    "'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"   \
	    "   AND d.deptype IN ('a', 'i') UNION SELECT e.adrelid, e.adnum FROM pg_depend d JOIN pg_attrdef e ON "    \
	    "e.oid = d.objid WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass"         \
	    "   AND d.refobjid = c.oid) AS o JOIN pg_attribute a ON a.attrelid = o.rel AND a.attnum = o.num"           \
	    "   JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace"                 \
	    "   ORDER BY 1, 2 LIMIT 1) AS f ON true"                                                                   \
	    " WHERE q.last IS NOT NULL ORDER BY q.last::float8 / least(q.seqmax, f.top) DESC, 1 LIMIT 100"

/* The server refuses new transactions three million before the ids run out. Toast tables stand for their table. */
#define PG_SQL_VITAL_XIDS                                                                                              \
	TAG "SELECT format('%I.%I', n.nspname, c.relname), a.age, 2144483647, "                                        \
	    "current_setting('autovacuum_freeze_max_age') FROM (SELECT coalesce(o.oid, t.oid) AS oid, "                \
	    "max(age(t.relfrozenxid)) AS age FROM pg_class t LEFT JOIN pg_class o ON o.reltoastrelid = t.oid"          \
	    "   WHERE t.relkind IN ('r', 'm', 't') AND t.relpersistence <> 't' AND t.relfrozenxid <> '0'::xid"         \
	    "   GROUP BY 1 ORDER BY 2 DESC LIMIT 20) AS a JOIN pg_class c ON c.oid = a.oid JOIN pg_namespace n ON "    \
	    "n.oid = c.relnamespace ORDER BY 2 DESC, 1"

#define PG_SQL_VITAL_MXIDS                                                                                             \
	TAG "SELECT format('%I.%I', n.nspname, c.relname), a.age, 2144483647, "                                        \
	    "current_setting('autovacuum_multixact_freeze_max_age') FROM (SELECT coalesce(o.oid, t.oid) AS oid, "      \
	    "max(mxid_age(t.relminmxid)) AS age FROM pg_class t LEFT JOIN pg_class o ON o.reltoastrelid = t.oid"       \
	    "   WHERE t.relkind IN ('r', 'm', 't') AND t.relpersistence <> 't' AND t.relminmxid <> '0'::xid"           \
	    "   GROUP BY 1 ORDER BY 2 DESC LIMIT 20) AS a JOIN pg_class c ON c.oid = a.oid JOIN pg_namespace n ON "    \
	    "n.oid = c.relnamespace ORDER BY 2 DESC, 1"

#define PG_SQL_VITAL_CONSTRAINTS                                                                                       \
	TAG "SELECT format('%I.%I', n.nspname, c.relname), NULL, NULL, format('%I %s', k.conname, "                    \
	    "pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"                  \
	    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT k.convalidated AND n.nspname !~ '^pg_'"          \
	    " ORDER BY 1, k.conname LIMIT 100"

#define PG_SQL_VITAL_SESSIONS                                                                                          \
	TAG "SELECT current_setting('max_connections'), sum(d.numbackends), current_setting('max_connections')::int"   \
	    " - current_setting('superuser_reserved_connections')::int, NULL FROM pg_stat_database d"

/* Other users' transactions show their age to members of pg_read_all_stats only. */
#define PG_SQL_VITAL_TRANSACTIONS                                                                                      \
	TAG "SELECT 'pid ' || a.pid, extract(epoch FROM clock_timestamp() - a.xact_start), NULL,"                      \
	    " concat_ws(', ', a.state, nullif(a.application_name, ''), 'user ' || a.usename) FROM pg_stat_activity a"  \
	    " WHERE a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'"      \
	    " AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())"                          \
	    " ORDER BY a.xact_start LIMIT 20"

#define PG_SQL_VITAL_PREPARED                                                                                          \
	TAG "SELECT quote_literal(p.gid), extract(epoch FROM clock_timestamp() - p.prepared), NULL, 'owner ' || "      \
	    "p.owner FROM pg_prepared_xacts p WHERE p.database = current_database() ORDER BY p.prepared LIMIT 20"

#define PG_SQL_VITAL_SLOTS                                                                                             \
	TAG "SELECT s.slot_name, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE "   \
	    "pg_current_wal_lsn() END, s.restart_lsn), NULL, concat_ws(' ', s.slot_type, s.plugin, s.wal_status)"      \
	    " FROM pg_replication_slots s WHERE NOT s.active AND s.restart_lsn IS NOT NULL ORDER BY 2 DESC LIMIT 20"

#define PG_SQL_VITAL_CACHE                                                                                             \
	TAG "SELECT format('%I', d.datname), d.blks_hit, d.blks_hit + d.blks_read, NULL FROM pg_stat_database d"       \
	    " WHERE d.datname = current_database()"

#define PG_SQL_VITAL_MAINTENANCE                                                                                       \
	TAG "SELECT format('%I.%I', n.nspname, c.relname), c.reltuples, NULL, o.option FROM pg_class c"                \
	    " JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(c.reloptions) AS o(option)"                        \
	    " WHERE c.relkind IN ('r', 'm') AND o.option ~ '^autovacuum_enabled=(f|of|n|0)'"                           \
	    " ORDER BY c.reltuples DESC, 1 LIMIT 100"

#define PG_SQL_VITAL_COUNTERS                                                                                          \
	TAG "SELECT format('%I', d.datname), extract(epoch FROM coalesce(d.stats_reset, pg_postmaster_start_time()))"  \
	    " * 1000000, NULL, CASE WHEN d.stats_reset IS NULL THEN 'never reset; at least since the start of the "    \
	    "server' END FROM pg_stat_database d WHERE d.datname = current_database()"

#endif
