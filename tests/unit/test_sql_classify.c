/* What a statement does: above all, that nothing which acts is taken for a read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/effects.h"
#include "sql/functions.h"
#include "sql/parse.h"

enum { PURE = 1, INTO = 2, LOCKS = 4, MODIFIES = 8, CALLS = 16, UNKNOWN = 32, SETS = 64 };

#define R SO_CLASS_READ
#define W SO_CLASS_WRITE
#define D SO_CLASS_DDL
#define U SO_CLASS_UTILITY

static const struct {
	enum so_dialect dialect;
	const char *sql;
	enum so_statement_class cls;
	unsigned flags;
} rows[] = {
	{ SO_POSTGRESQL, "SELECT lower(a) FROM t", R, PURE },
	{ SO_POSTGRESQL, "SELECT mine(a) FROM t", R, PURE | UNKNOWN },
	{ SO_POSTGRESQL, "SELECT nextval('s')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM dblink('dbname=x', 'delete from t') AS d (a int)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM t, LATERAL lo_export(t.o, '/tmp/x') e", R, CALLS },
	{ SO_POSTGRESQL, "SELECT 1 WHERE pg_terminate_backend(3)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT set_config('a.b', 'c', false)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_read_file('x')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_catalog.pg_advisory_lock(1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT \"pg_sleep\"(1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT query_to_xml('delete from t', true, true, '')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT database_to_xml(true, true, '')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT cron.schedule('a', 'b')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT a FROM t ORDER BY setval('s', 1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * INTO x FROM t", W, INTO },
	{ SO_POSTGRESQL, "SELECT * FROM t FOR NO KEY UPDATE", R, LOCKS },
	{ SO_POSTGRESQL, "SELECT * FROM (SELECT * FROM t FOR SHARE) s", R, LOCKS },
	{ SO_POSTGRESQL, "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", W, MODIFIES },
	{ SO_POSTGRESQL, "INSERT INTO t VALUES (1)", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE DELETE FROM t", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN SELECT pg_sleep(1)", R, CALLS },
	{ SO_POSTGRESQL, "CALL p()", W, 0 },
	{ SO_POSTGRESQL, "DO 'begin end'", W, 0 },
	{ SO_POSTGRESQL, "COPY t TO '/tmp/x'", W, 0 },
	{ SO_POSTGRESQL, "CREATE TABLE t (a int)", D, 0 },
	{ SO_POSTGRESQL, "VACUUM t", U, 0 },
	{ SO_MYSQL, "SELECT lower(a) FROM t", R, PURE },
	{ SO_MYSQL, "SELECT GET_LOCK('a', 1)", R, CALLS },
	{ SO_MYSQL, "SELECT SLEEP(1) FROM t", R, CALLS },
	{ SO_MYSQL, "SELECT BENCHMARK(1000, MD5(1))", R, CALLS },
	{ SO_MYSQL, "SELECT LOAD_FILE('/etc/passwd')", R, CALLS },
	{ SO_MYSQL, "SELECT LAST_INSERT_ID()", R, PURE },
	{ SO_MYSQL, "SELECT LAST_INSERT_ID(5)", R, CALLS },
	{ SO_MYSQL, "SELECT MASTER_POS_WAIT('a', 1)", R, CALLS },
	{ SO_MYSQL, "SELECT sys.ps_setup_enable_consumer('x')", R, CALLS },
	{ SO_MYSQL, "SELECT own(1)", R, PURE | UNKNOWN },
	{ SO_MYSQL, "SELECT * FROM t FOR UPDATE", R, LOCKS },
	{ SO_MYSQL, "REPLACE INTO t VALUES (1)", W, 0 },
	{ SO_MYSQL, "CALL p()", W, 0 },
	{ SO_MYSQL, "DO SLEEP(1)", W, 0 },
	{ SO_MYSQL, "TRUNCATE TABLE t", D, 0 },
	{ SO_MYSQL, "FLUSH TABLES", U, 0 },
	{ SO_MARIADB, "SELECT NEXTVAL(s)", R, CALLS },
	{ SO_MARIADB, "SELECT SETVAL(s, 1)", R, CALLS },
	{ SO_MARIADB, "SELECT s.nextval", R, CALLS },
	{ SO_SQLITE, "SELECT abs(a) FROM t", R, PURE },
	{ SO_SQLITE, "SELECT load_extension('x')", R, CALLS },
	{ SO_SQLITE, "SELECT writefile('x', a) FROM t", R, CALLS },
	{ SO_SQLITE, "SELECT readfile('x')", R, CALLS },
	{ SO_SQLITE, "SELECT a FROM t WHERE edit(a) = 1", R, CALLS },
	{ SO_SQLITE, "PRAGMA user_version = 3", U, 0 },
	{ SO_SQLITE, "ATTACH 'x' AS y", U, 0 },
	{ SO_TSQL, "SELECT LEN(a) FROM t", R, PURE },
	{ SO_TSQL, "SELECT * INTO #x FROM t", W, INTO },
	{ SO_TSQL, "SELECT * FROM t WITH (UPDLOCK, ROWLOCK)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (NOLOCK)", R, PURE },
	{ SO_TSQL, "SELECT * FROM t WITH (XLOCK) JOIN u ON t.a = u.a", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (SERIALIZABLE)", R, LOCKS },
	{ SO_TSQL, "SELECT NEXT VALUE FOR dbo.s", R, CALLS },
	{ SO_TSQL, "SELECT @a = 1", R, SETS },
	{ SO_TSQL, "SELECT @a += a FROM t", R, SETS },
	{ SO_TSQL, "SELECT 1 WHERE @a = 1", R, PURE },
	{ SO_TSQL, "EXEC p", W, 0 },
	{ SO_TSQL, "INSERT INTO t OUTPUT inserted.a INTO u SELECT 1", W, INTO },
	{ SO_ORACLE, "SELECT SUBSTR(a, 1) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT s.NEXTVAL FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT s.CURRVAL FROM dual", R, PURE },
	{ SO_ORACLE, "SELECT DBMS_PIPE.SEND_MESSAGE('a') FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT SYS.DBMS_LOCK.REQUEST(1) FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT UTL_HTTP.REQUEST('http://x') FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT DBMS_LOB.SUBSTR(a, 10, 1) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT pkg.f(a) FROM t", R, PURE | UNKNOWN },
	{ SO_ORACLE, "SELECT * FROM t FOR UPDATE", R, LOCKS },
	{ SO_ORACLE, "LOCK TABLE t IN EXCLUSIVE MODE", W, 0 },
};

static void test_statements(void **state)
{
	size_t judged = 0, wrong = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_sql_class cls;
		struct so_ast *ast;
		unsigned flags;

		if (!so_sql_parse(*state, NULL, rows[i].dialect, rows[i].sql, strlen(rows[i].sql), NULL, &ast, &err)) {
			/* acceptance is tests/corpus's matter */
			print_message("not parsed: %s: %s\n", rows[i].sql, err.message);
			assert_true(rows[i].dialect != SO_POSTGRESQL);
			continue;
		}
		judged++;
		so_sql_classify(ast, so_ast_statement(ast), &cls);
		flags = (cls.pure_read ? PURE : 0) | (cls.selects_into ? INTO : 0) | (cls.locks_rows ? LOCKS : 0) |
			(cls.modifying_cte ? MODIFIES : 0) | (cls.volatile_call ? CALLS : 0) |
			(cls.unknown_call ? UNKNOWN : 0) | (cls.sets_variable ? SETS : 0);
		wrong += cls.cls != rows[i].cls || flags != rows[i].flags;
		if (cls.cls != rows[i].cls || flags != rows[i].flags)
			print_message("%s (%s): class %d flags %u, not %d and %u\n", rows[i].sql,
				so_dialects[rows[i].dialect].name, cls.cls, flags, rows[i].cls, rows[i].flags);
		talloc_free(ast);
	}
	assert_int_equal(wrong, 0);
	assert_true(judged > 60);
}

static struct so_text text(const char *s)
{
	return (struct so_text){ s, strlen(s) };
}

/* What an engine is known for must not be missing from its table. */
static void test_dangerous_names(void **state)
{
	static const char *const names[SO_DIALECT_MAX][24] = {
		[SO_POSTGRESQL] = { "set_config", "pg_terminate_backend", "pg_cancel_backend", "lo_import", "lo_unlink",
			"lowrite", "dblink_exec", "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file",
			"pg_advisory_xact_lock", "pg_try_advisory_lock", "pg_notify", "pg_sleep_for", "pg_promote",
			"pg_switch_wal", "pg_logical_emit_message", "pg_stat_reset", "pg_reload_conf", "pg_file_write",
			"setseed", "txid_current" },
		[SO_MYSQL] = { "GET_LOCK", "release_lock", "Sleep", "benchmark", "load_file", "source_pos_wait",
			"wait_for_executed_gtid_set", "sys_exec", "sys_eval", "group_replication_set_as_primary" },
		[SO_MARIADB] = { "get_lock", "sleep", "nextval", "setval", "master_gtid_wait", "load_file" },
		[SO_SQLITE] = { "load_extension", "writefile", "readfile", "edit", "eval", "fts3_tokenizer", "fsdir" },
		[SO_TSQL] = { "OPENROWSET", "openquery", "opendatasource", "xp_cmdshell", "sp_executesql", "fn_dblog" },
		[SO_ORACLE] = { "dbms_lock", "utl_http", "httpuritype", "nextval" },
	};
	struct so_builtin builtin;

	(void)state;
	for (int dialect = 0; dialect < SO_DIALECT_MAX; dialect++)
		for (size_t i = 0; i < 24 && names[dialect][i]; i++)
			if (so_name_effect((enum so_dialect)dialect, text(""), text(names[dialect][i]), 1) !=
				SO_CALL_EFFECT)
				fail_msg("%s: %s", so_dialects[dialect].name, names[dialect][i]);
	assert_true(so_builtin_find(text("lower"), &builtin));
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(talloc_total_blocks(*state), 1);
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dangerous_names, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
