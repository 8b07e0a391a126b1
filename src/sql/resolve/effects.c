#include "sql/effects.h"

#include <string.h>
#include <strings.h>

#include "sql/functions.h"

/* Names in lower case; '*' at the end: a prefix; "package.name" with a qualifier only; "name(0)": harmless, or not,
 * without arguments only. Each list ends with NULL. The first list that has a name decides: exceptions stand first. */

/* ---- PostgreSQL: functions.h knows its own; here extensions, and what reads files or runs a text as a statement
 * ------ */

static const char *const pg_effects[] = { "dblink*", "lo_*", "lowrite", "pg_read_*", "pg_ls_*", "pg_stat_file",
	"pg_file_*", "pg_logdir_ls", "hypopg*", "http*", "pg_prewarm", "autoprewarm_*", "pg_background_*", "plsh*",
	"net_*", "pg_stat_statements_reset", "pg_qualstats_reset", "pg_stat_kcache_reset", "pg_stat_monitor_reset",
	"set_config", "setval", "nextval", "pg_advisory_*", "pg_try_advisory_*", "pg_terminate_backend",
	"pg_cancel_backend", "pg_reload_conf", "pg_rotate_*", "pg_switch_*", "pg_wal_replay_*", "pg_promote",
	"pg_create_*", "pg_drop_*", "pg_copy_*", "pg_export_snapshot", "pg_notify", "pg_sleep*", "pg_start_backup",
	"pg_stop_backup", "pg_backup_*", "pg_logical_*", "pg_replication_origin_*", "pg_replication_slot_*",
	"pg_stat_reset*", "pg_import_*", "pg_nextoid", "pg_restore_*", "pg_clear_*", "pg_log_*",
	"pg_sync_replication_slots", "query_to_xml*", "cursor_to_xml*", "table_to_xml*", "schema_to_xml*",
	"database_to_xml*", "xpath_table", "crosstab*", "connectby", "cron.*", "aws_s3.*", "aws_lambda.*", "gp_*",
	"run_command_on_*", "master_*", "citus_*", "create_distributed_table", "create_hypertable", "drop_chunks",
	"add_*_policy", "compress_chunk", "decompress_chunk", "postgis_install*", "addgeometrycolumn",
	"dropgeometrycolumn", "dropgeometrytable", "updategeometrysrid", "populate_geometry_columns", "pgq.*", "pgmq.*",
	"orafce.*", "dbms_*", "utl_*", "txid_current", "pg_current_xact_id", "brin_summarize_*", "brin_desummarize_*",
	"gin_clean_pending_list", "ts_rewrite", "ts_stat", "setseed", NULL };

/* ---- MySQL and MariaDB ------------------------------------------------------------------------------------------ */

static const char *const my_effects[] = { "get_lock", "release_lock", "release_all_locks", "sleep", "benchmark",
	"load_file", "master_pos_wait", "source_pos_wait", "master_gtid_wait", "wait_for_executed_gtid_set",
	"wait_until_sql_thread_after_gtids", "nextval", "setval", "sys_exec", "sys_eval", "sys_set", "sys_get",
	"group_replication_*", "asynchronous_connection_failover_*", "service_get_*", "service_release_*",
	"version_tokens_*", "audit_log_*", "audit_api_*", "keyring_*", "mysql_firewall_*", "set_firewall_*",
	"read_firewall_*", "firewall_*", "mask_dictionaries_*", "masking_dictionar*", "gen_blacklist",
	"gen_dictionary*", "http_*", "mysql_query_attribute_*", "mysqlx_*", "ps_truncate*", "binlog_gtid_pos",
	"spider_*", "load_rewrite_rules", "flush_rewrite_rules", "query_rewrite.*", "sys.*", NULL };

/* last_insert_id(x) sets what last_insert_id() answers */
static const char *const my_plain[] = { "last_insert_id(0)", "abs", "acos", "adddate", "addtime", "aes_decrypt",
	"aes_encrypt", "any_value", "ascii", "asin", "atan", "atan2", "avg", "bin", "bin_to_uuid", "bit_and",
	"bit_count", "bit_length", "bit_or", "bit_xor", "ceil", "ceiling", "char", "char_length", "character_length",
	"charset", "coalesce", "coercibility", "collation", "compress", "concat", "concat_ws", "connection_id", "conv",
	"convert", "convert_tz", "cos", "cot", "count", "crc32", "crc32c", "cume_dist", "curdate", "current_date",
	"current_role", "current_time", "current_timestamp", "current_user", "curtime", "database", "date", "date_add",
	"date_format", "date_sub", "datediff", "day", "dayname", "dayofmonth", "dayofweek", "dayofyear", "default",
	"degrees", "dense_rank", "elt", "exp", "export_set", "extract", "extractvalue", "field", "find_in_set",
	"first_value", "floor", "format", "format_bytes", "format_pico_time", "found_rows", "from_base64", "from_days",
	"from_unixtime", "get_format", "greatest", "group_concat", "grouping", "hex", "hour", "if", "ifnull",
	"inet_aton", "inet_ntoa", "inet6_aton", "inet6_ntoa", "insert", "instr", "interval", "is_free_lock", "is_ipv4",
	"is_ipv6", "is_used_lock", "is_uuid", "isnull", "json_*", "lag", "last_day", "last_value", "lastval", "lcase",
	"lead", "least", "left", "length", "ln", "localtime", "localtimestamp", "locate", "log", "log10", "log2",
	"lower", "lpad", "ltrim", "make_set", "makedate", "maketime", "max", "md5", "median", "microsecond", "mid",
	"min", "minute", "mod", "month", "monthname", "mbr*", "name_const", "natural_sort_key", "now", "nth_value",
	"ntile", "nullif", "nvl", "nvl2", "oct", "octet_length", "ord", "percent_rank", "percentile_cont",
	"percentile_disc", "period_add", "period_diff", "pi", "point", "position", "pow", "power", "quarter", "quote",
	"radians", "rand", "random_bytes", "rank", "regexp_instr", "regexp_like", "regexp_replace", "regexp_substr",
	"repeat", "replace", "reverse", "right", "roles_graphml", "round", "row_count", "row_number", "rpad", "rtrim",
	"schema", "sec_to_time", "second", "session_user", "sformat", "sha", "sha1", "sha2", "sign", "sin", "soundex",
	"space", "sqrt", "st_*", "statement_digest", "statement_digest_text", "std", "stddev", "stddev_pop",
	"stddev_samp", "str_to_date", "strcmp", "subdate", "substr", "substring", "substring_index", "subtime", "sum",
	"sysdate", "system_user", "tan", "time", "time_format", "time_to_sec", "timediff", "timestamp", "timestampadd",
	"timestampdiff", "to_base64", "to_char", "to_days", "to_seconds", "trim", "truncate", "ucase", "uncompress",
	"uncompressed_length", "unhex", "unix_timestamp", "updatexml", "upper", "user", "utc_date", "utc_time",
	"utc_timestamp", "uuid", "uuid_short", "uuid_to_bin", "values", "var_pop", "var_samp", "variance", "version",
	"week", "weekday", "weekofyear", "weight_string", "year", "yearweek", NULL };

/* ---- SQLite ----------------------------------------------------------------------------------------------------- */

static const char *const sqlite_effects[] = { "load_extension", "readfile", "writefile", "edit", "eval", "fsdir",
	"lsmode", "sqlite_log", "fts3_tokenizer", "sqlite_offset", "spellfix1_*", "http_*", "exec", "zipfile", NULL };

static const char *const sqlite_plain[] = { "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg",
	"ceil", "ceiling", "changes", "char", "coalesce", "concat", "concat_ws", "cos", "cosh", "count", "cume_dist",
	"current_date", "current_time", "current_timestamp", "date", "datetime", "degrees", "dense_rank", "exp",
	"first_value", "floor", "format", "generate_series", "glob", "group_concat", "hex", "highlight", "bm25",
	"snippet", "ifnull", "iif", "instr", "json", "json_*", "jsonb", "jsonb_*", "julianday", "lag",
	"last_insert_rowid", "last_value", "lead", "length", "like", "likelihood", "likely", "ln", "log", "log10",
	"log2", "lower", "ltrim", "matchinfo", "max", "min", "mod", "nth_value", "ntile", "nullif", "octet_length",
	"offsets", "percent_rank", "pi", "pow", "power", "printf", "quote", "radians", "random", "randomblob", "rank",
	"replace", "round", "row_number", "rtrim", "sign", "sin", "sinh", "soundex", "sqlite_compileoption_*",
	"sqlite_source_id", "sqlite_version", "sqrt", "strftime", "string_agg", "substr", "substring", "subtype", "sum",
	"tan", "tanh", "time", "timediff", "total", "total_changes", "trim", "trunc", "typeof", "unhex", "unicode",
	"unistr", "unistr_quote", "unixepoch", "unlikely", "upper", "zeroblob", NULL };

/* ---- T-SQL ------------------------------------------------------------------------------------------------------ */

static const char *const ts_effects[] = { "openrowset", "openquery", "opendatasource", "xp_*", "sp_*", "nextval",
	"modify", "fn_dblog", "fn_dump_dblog", "fn_trace_gettable", "fn_get_audit_file", "fn_xe_file_target_read_file",
	"fn_xe_telemetry_blob_target_read_file", "newsequentialid", NULL };

static const char *const ts_plain[] = { "abs", "acos", "app_name", "applock_mode", "applock_test",
	"approx_count_distinct", "ascii", "asin", "atan", "atn2", "avg", "base64_*", "binary_checksum", "bit_count",
	"cast", "ceiling", "char", "charindex", "checksum", "checksum_agg", "choose", "coalesce", "col_length",
	"col_name", "collationproperty", "columnproperty", "compress", "concat", "concat_ws", "connectionproperty",
	"containstable", "context_info", "convert", "cos", "cot", "count", "count_big", "cume_dist", "current_date",
	"current_request_id", "current_timestamp", "current_timezone", "current_timezone_id", "current_transaction_id",
	"current_user", "cursor_status", "databasepropertyex", "datalength", "date_bucket", "dateadd", "datediff",
	"datediff_big", "datefromparts", "datename", "datepart", "datetime2fromparts", "datetimefromparts",
	"datetimeoffsetfromparts", "datetrunc", "day", "db_id", "db_name", "decompress", "degrees", "dense_rank",
	"difference", "edge_id_*", "eomonth", "error_line", "error_message", "error_number", "error_procedure",
	"error_severity", "error_state", "exist", "exp", "file_id", "file_idex", "file_name", "filegroup_id",
	"filegroup_name", "fileproperty", "first_value", "floor", "fn_my_permissions", "fn_helpcollations", "format",
	"formatmessage", "freetexttable", "fulltextcatalogproperty", "fulltextserviceproperty", "generate_series",
	"get_bit", "getansinull", "getdate", "getutcdate", "greatest", "grouping", "grouping_id", "has_perms_by_name",
	"hashbytes", "host_id", "host_name", "ident_current", "ident_incr", "ident_seed", "iif", "index_col",
	"indexkey_property", "indexproperty", "is_member", "is_rolemember", "is_srvrolemember", "isdate", "isjson",
	"isnull", "isnumeric", "json_*", "lag", "last_value", "lead", "least", "left", "left_shift", "len", "log",
	"log10", "lower", "ltrim", "max", "min", "month", "nchar", "newid", "node_id_*", "nodes", "ntile", "nullif",
	"object_definition", "object_id", "object_name", "object_schema_name", "objectproperty", "objectpropertyex",
	"openjson", "openxml", "original_db_name", "original_login", "parsename", "patindex", "percent_rank",
	"percentile_cont", "percentile_disc", "permissions", "pi", "power", "query", "quotename", "radians", "rand",
	"rank", "regexp_*", "replace", "replicate", "reverse", "right", "right_shift", "round", "row_number",
	"rowcount_big", "rtrim", "schema_id", "schema_name", "scope_identity", "serverproperty", "session_context",
	"session_user", "sessionproperty", "set_bit", "sign", "sin", "smalldatetimefromparts", "soundex", "space",
	"sql_variant_property", "sqrt", "square", "stats_date", "stdev", "stdevp", "str", "string_agg", "string_escape",
	"string_split", "stuff", "substring", "sum", "suser_id", "suser_name", "suser_sid", "suser_sname",
	"switchoffset", "sysdatetime", "sysdatetimeoffset", "system_user", "sysutcdatetime", "tan", "textptr",
	"timefromparts", "todatetimeoffset", "translate", "trigger_nestlevel", "trim", "try_cast", "try_convert",
	"try_parse", "type_id", "type_name", "typeproperty", "unicode", "upper", "user_id", "user_name", "value", "var",
	"varp", "xact_state", "year", NULL };

/* ---- Oracle ----------------------------------------------------------------------------------------------------- */

static const char *const ora_effects[] = { "dbms_*", "utl_*", "owa*", "apex_*", "htp.*", "htf.*", "ctx_ddl.*",
	"ctx_output.*", "httpuritype", "sys.dbms_*", "sys.utl_*", "dbms_*.*", "utl_*.*", "owa*.*", "apex_*.*",
	"sdo_util.*", "nextval", NULL };

static const char *const ora_plain[] = { "dbms_lob.substr", "dbms_lob.getlength", "dbms_lob.instr", "dbms_lob.compare",
	"dbms_random.*", "dbms_metadata.get_*", "dbms_xplan.display*", "dbms_utility.get_*", "dbms_assert.*",
	"dbms_rowid.*", "dbms_crypto.hash", "dbms_crypto.mac", "utl_raw.*", "utl_i18n.*", "utl_encode.*", "utl_match.*",
	"dbms_db_version.*", "abs", "acos", "add_months", "any_value", "approx_*", "ascii", "asciistr", "asin", "atan",
	"atan2", "avg", "bfilename", "bin_to_num", "bitand", "bit_*_agg", "cardinality", "cast", "ceil", "chartorowid",
	"chr", "cluster_*", "coalesce", "collect", "column_value", "compose", "concat", "convert", "corr*", "cos",
	"cosh", "count", "covar_*", "cume_dist", "current_date", "current_timestamp", "cv", "dbtimezone", "decode",
	"decompose", "dense_rank", "deref", "dump", "empty_blob", "empty_clob", "existsnode", "exp", "extract",
	"extractvalue", "feature_*", "first_value", "floor", "from_tz", "greatest", "group_id", "grouping",
	"grouping_id", "hextoraw", "initcap", "instr*", "iteration_number", "json_*", "lag", "last_day", "last_value",
	"lead", "least", "length*", "listagg", "ln", "lnnvl", "localtimestamp", "log", "lower", "lpad", "ltrim",
	"make_ref", "max", "median", "min", "mod", "months_between", "nanvl", "nchr", "new_time", "next_day", "nls_*",
	"nth_value", "ntile", "nullif", "numtodsinterval", "numtoyminterval", "nvl", "nvl2", "ora_dst_*", "ora_hash",
	"path", "percent_rank", "percentile_*", "power", "powermultiset*", "prediction*", "presentnnv", "presentv",
	"previous", "rank", "ratio_to_report", "rawtohex", "rawtonhex", "ref", "reftohex", "regexp_*", "regr_*",
	"remainder", "replace", "round", "row_number", "rowidtochar", "rowidtonchar", "rpad", "rtrim",
	"scn_to_timestamp", "sessiontimezone", "set", "sign", "sin", "sinh", "soundex", "sqrt", "standard_hash",
	"stats_*", "stddev*", "substr*", "sum", "sys_connect_by_path", "sys_context", "sys_dburigen", "sys_extract_utc",
	"sys_guid", "sys_op_*", "sys_typeid", "sys_xmlagg", "sys_xmlgen", "sysdate", "systimestamp", "table", "tan",
	"tanh", "timestamp_to_scn", "to_*", "translate", "treat", "trim", "trunc", "tz_offset", "uid", "unistr",
	"upper", "user", "userenv", "validate_conversion", "value", "var_pop", "var_samp", "variance", "vsize",
	"width_bucket", "xml*", NULL };

/* What is looked at first decides. */
static const struct {
	const char *const *first;
	enum so_call_effect first_effect;
	const char *const *second;
	enum so_call_effect second_effect;
} lists[SO_DIALECT_MAX] = {
	[SO_POSTGRESQL] = { pg_effects, SO_CALL_EFFECT, NULL, SO_CALL_UNKNOWN },
	[SO_MYSQL] = { my_effects, SO_CALL_EFFECT, my_plain, SO_CALL_PLAIN },
	[SO_MARIADB] = { my_effects, SO_CALL_EFFECT, my_plain, SO_CALL_PLAIN },
	[SO_TSQL] = { ts_effects, SO_CALL_EFFECT, ts_plain, SO_CALL_PLAIN },
	[SO_ORACLE] = { ora_plain, SO_CALL_PLAIN, ora_effects, SO_CALL_EFFECT },
	[SO_SQLITE] = { sqlite_effects, SO_CALL_EFFECT, sqlite_plain, SO_CALL_PLAIN },
};

/* The piece of a pattern against one name: "x*", "x", "x*y". */
static bool piece_is(const char *pattern, size_t len, struct so_text name)
{
	const char *star = memchr(pattern, '*', len);
	size_t head = star ? (size_t)(star - pattern) : len, tail = star ? len - head - 1 : 0;

	if (star ? name.len < head + tail : name.len != head)
		return false;
	return strncasecmp(pattern, name.s, head) == 0 &&
	       strncasecmp(pattern + len - tail, name.s + name.len - tail, tail) == 0;
}

static bool matches(const char *pattern, struct so_text package, struct so_text name, int n_args)
{
	const char *dot = strchr(pattern, '.'), *paren = strchr(pattern, '(');
	size_t len = paren ? (size_t)(paren - pattern) : strlen(pattern);

	if (paren && n_args >= 0 && n_args != paren[1] - '0')
		return false;
	if (!dot)
		return piece_is(pattern, len, name);
	return package.len && piece_is(pattern, (size_t)(dot - pattern), package) &&
	       piece_is(dot + 1, len - (size_t)(dot + 1 - pattern), name);
}

static bool listed(const char *const *list, struct so_text package, struct so_text name, int n_args)
{
	for (; list && *list; list++)
		if (matches(*list, package, name, n_args))
			return true;
	return false;
}

enum so_call_effect so_name_effect(enum so_dialect dialect, struct so_text package, struct so_text name, int n_args)
{
	struct so_builtin builtin;

	if (listed(lists[dialect].first, package, name, n_args))
		return lists[dialect].first_effect;
	if (listed(lists[dialect].second, package, name, n_args))
		return lists[dialect].second_effect;
	/* last_insert_id(x): known, but not in this form */
	if (n_args > 0 && listed(lists[dialect].second, package, name, 0))
		return SO_CALL_EFFECT;
	if (dialect != SO_POSTGRESQL || !so_builtin_find(name, &builtin))
		return SO_CALL_UNKNOWN;
	return builtin.side_effects ? SO_CALL_EFFECT : SO_CALL_PLAIN;
}

enum so_call_effect so_call_effect(const struct so_ast *ast, so_ref ref)
{
	const struct so_n_func *func = so_as_func(ast, ref);
	struct so_text package = { "", 0 };

	if (func->qualifier && so_ast_kind(ast, func->qualifier) == SO_N_NAME)
		package = so_ast_name(ast, so_as_name(ast, func->qualifier)->name);
	switch ((enum so_func_syntax)func->syntax) {
	case SO_FS_NEXT_VALUE:
		return SO_CALL_EFFECT;
	case SO_FS_CALL:
	case SO_FS_METHOD:
		return so_name_effect(ast->dialect, package, so_ast_name(ast, func->name), (int)func->args.count);
	case SO_FS_STATIC:
		return SO_CALL_UNKNOWN;
	default: /* forms of the grammar */
		return SO_CALL_PLAIN;
	}
}
