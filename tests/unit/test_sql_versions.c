/* What came with which version is refused for older servers, by name, and taken for those that have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/parse.h"
#include "sql_fixture.h"

/* `before`: the last version without it, `since`: the first that has it. */
static const struct {
	enum so_dialect dialect;
	uint32_t before, since;
	const char *sql, *named;
} rows[] = {
	{ SO_POSTGRESQL, 130000, 140000,
		"WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a FROM x) SEARCH DEPTH FIRST BY a SET o SELECT * "
		"FROM x",
		"SEARCH" },
	{ SO_POSTGRESQL, 130000, 140000, "SELECT a FROM t GROUP BY DISTINCT a, ROLLUP (a)", "GROUP BY DISTINCT" },
	{ SO_POSTGRESQL, 130000, 140000, "SELECT 1 FROM t JOIN u USING (a) AS j", "USING" },
	{ SO_POSTGRESQL, 140012, 150000, "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "MERGE" },
	{ SO_POSTGRESQL, 140000, 150000, "CREATE TABLE t (a int, UNIQUE NULLS NOT DISTINCT (a))",
		"NULLS NOT DISTINCT" },
	{ SO_POSTGRESQL, 140000, 150000, "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT", "NULLS NOT DISTINCT" },
	{ SO_POSTGRESQL, 150000, 160000, "SELECT 0x1F", "base" },
	{ SO_POSTGRESQL, 150000, 160000, "SELECT 1_000", "underscores" },
	{ SO_POSTGRESQL, 150000, 160000, "SELECT a IS JSON FROM t", "IS JSON" },
	{ SO_POSTGRESQL, 150000, 160000, "SELECT * FROM (SELECT 1)", "without an alias" },
	{ SO_POSTGRESQL, 150000, 160000, "SELECT JSON_ARRAY(1, 2 NULL ON NULL)", "SQL/JSON" },
	{ SO_POSTGRESQL, 160004, 170000, "SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a int PATH '$.a')) j",
		"SQL/JSON" },
	{ SO_POSTGRESQL, 160000, 170000, "SELECT JSON_VALUE(a, '$.b' RETURNING int) FROM t", "SQL/JSON" },
	{ SO_POSTGRESQL, 160000, 170000, "SELECT now() AT LOCAL", "AT LOCAL" },
	{ SO_POSTGRESQL, 160000, 170000, "MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED BY SOURCE THEN DELETE",
		"NOT MATCHED BY" },
	{ SO_POSTGRESQL, 160000, 170000, "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE RETURNING t.a",
		"RETURNING of MERGE" },
	{ SO_POSTGRESQL, 170000, 180000, "UPDATE t SET a = 1 RETURNING WITH (OLD AS o) o.a", "RETURNING WITH" },
	{ SO_POSTGRESQL, 170000, 180000, "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)",
		"STORED" },
	{ SO_POSTGRESQL, 170000, 180000, "CREATE TABLE t (a int CHECK (a > 0) NOT ENFORCED)", "ENFORCED" },
	{ SO_POSTGRESQL, 170000, 180000, "CREATE TABLE t (a int, v daterange, PRIMARY KEY (a, v WITHOUT OVERLAPS))",
		"temporal" },
	{ SO_MYSQL, 50744, 80001, "WITH x AS (SELECT 1) SELECT * FROM x", "WITH" },
	{ SO_MYSQL, 50744, 80002, "SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t", "window" },
	{ SO_MYSQL, 50744, 80004, "SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$.a')) j", "JSON_TABLE" },
	{ SO_MYSQL, 50744, 80001, "SELECT * FROM t FOR UPDATE SKIP LOCKED", "SKIP LOCKED" },
	{ SO_MYSQL, 80013, 80014, "SELECT * FROM t, LATERAL (SELECT t.a) l", "" },
	{ SO_MYSQL, 80016, 80017, "SELECT 1 MEMBER OF ('[1]')", "MEMBER OF" },
	{ SO_MYSQL, 80018, 80019, "VALUES ROW(1, 2)", "VALUES" },
	{ SO_MYSQL, 80018, 80019, "TABLE t", "TABLE" },
	{ SO_MYSQL, 80018, 80019, "INSERT INTO t (a) VALUES (1) AS n ON DUPLICATE KEY UPDATE a = n.a", "alias" },
	{ SO_MYSQL, 80030, 80031, "SELECT 1 INTERSECT SELECT 2", "INTERSECT" },
	{ SO_MYSQL, 80017, 80018, "EXPLAIN ANALYZE SELECT 1", "EXPLAIN ANALYZE" },
	{ SO_MARIADB, 100428, 100500, "INSERT INTO t VALUES (1) RETURNING a", "RETURNING" },
	{ SO_MARIADB, 101119, 110700, "SELECT b FROM (SELECT a FROM t) AS x (b)", "names of the columns" },
	{ SO_MARIADB, 101119, 110800, "DELETE a FROM t AS a LIMIT 1", "LIMIT" },
	{ SO_MYSQL, 80400, 90700, "SELECT a FROM t TABLESAMPLE SYSTEM (5)", "TABLESAMPLE" },
	{ SO_MARIADB, 100524, 100600, "SELECT * FROM t FOR UPDATE SKIP LOCKED", "SKIP LOCKED" },
	{ SO_MARIADB, 100524, 100600, "SELECT * FROM t ORDER BY a FETCH FIRST 1 ROW ONLY", "" },
	{ SO_MARIADB, 100524, 100600, "SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$.a')) j",
		"JSON_TABLE" },
	{ SO_SQLITE, 32401, 32500, "SELECT row_number() OVER (ORDER BY a) FROM t", "window" },
	{ SO_SQLITE, 32300, 32400, "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT" },
	{ SO_SQLITE, 32900, 33000, "SELECT a FROM t ORDER BY a NULLS LAST", "NULLS" },
	{ SO_SQLITE, 33000, 33100, "CREATE TABLE t (a, b AS (a + 1))", "generated" },
	{ SO_SQLITE, 33200, 33300, "UPDATE t SET a = u.a FROM u", "FROM of UPDATE" },
	{ SO_SQLITE, 33400, 33500, "INSERT INTO t VALUES (1) RETURNING a", "RETURNING" },
	{ SO_SQLITE, 33400, 33500, "WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x", "MATERIALIZED" },
	{ SO_SQLITE, 33600, 33700, "CREATE TABLE t (a int) STRICT", "STRICT" },
	{ SO_SQLITE, 33705, 33800, "SELECT a ->> '$.b' FROM t", "->" },
	{ SO_SQLITE, 33805, 33900, "SELECT * FROM t FULL JOIN u ON t.a = u.a", "FULL JOIN" },
	{ SO_SQLITE, 33805, 33900, "SELECT a IS NOT DISTINCT FROM b FROM t", "DISTINCT" },
	{ SO_SQLITE, 34300, 34400, "SELECT group_concat(a ORDER BY b) FROM t", "ORDER BY" },
	{ SO_TSQL, 150000, 160000, "SELECT 1 FROM t WHERE a IS DISTINCT FROM b", "IS DISTINCT FROM" },
	{ SO_TSQL, 150000, 160000, "SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY b)", "WINDOW" },
	{ SO_TSQL, 160000, 170000, "SELECT 'a' || b FROM t", "||" },
	{ SO_ORACLE, 190000, 210000, "SELECT a FROM t INTERSECT ALL SELECT a FROM u", "ALL" },
	{ SO_ORACLE, 190000, 230000, "SELECT 1", "without FROM" },
	{ SO_ORACLE, 210000, 230000, "DROP TABLE IF EXISTS t", "IF EXISTS" },
};

/* Valid in MySQL `last`, no longer in `gone`; MariaDB still has it. */
static const struct {
	uint32_t last, gone;
	const char *sql;
} removed[] = {
	{ 50744, 80000, "EXPLAIN EXTENDED SELECT 1" },
	{ 50744, 80000, "EXPLAIN PARTITIONS SELECT 1 FROM t" },
	{ 50744, 80000, "GRANT SELECT ON *.* TO u@localhost IDENTIFIED BY 'x'" },
	{ 50744, 80000, "GRANT USAGE ON *.* TO u REQUIRE SSL WITH MAX_USER_CONNECTIONS 3" },
	{ 50744, 80000, "SET PASSWORD FOR u = PASSWORD('x')" },
	{ 50744, 80000, "FLUSH QUERY CACHE" },
	{ 80012, 80013, "SELECT a, count(*) FROM t GROUP BY a DESC" },
	{ 80300, 80400, "CHANGE MASTER TO MASTER_HOST = 'h'" },
	{ 80300, 80400, "START SLAVE SQL_THREAD" },
	{ 80300, 80400, "STOP SLAVE" },
	{ 80300, 80400, "RESET SLAVE ALL" },
	{ 80300, 80400, "RESET MASTER" },
	{ 80300, 80400, "SHOW SLAVE STATUS" },
	{ 80300, 80400, "SHOW MASTER STATUS" },
	{ 80300, 80400, "PURGE MASTER LOGS TO 'b.1'" },
};

/* What only MariaDB, or only MySQL has. */
static const struct {
	enum so_dialect has, lacks;
	const char *sql;
} of_one[] = {
	{ SO_MARIADB, SO_MYSQL, "EXECUTE IMMEDIATE 'SELECT 1'" },
	{ SO_MARIADB, SO_MYSQL, "EXECUTE s USING 3" },
	{ SO_MARIADB, SO_MYSQL, "GET DIAGNOSTICS CONDITION 1 @a = ROW_NUMBER" },
	{ SO_MARIADB, SO_MYSQL, "GRANT BINLOG ADMIN ON *.* TO u" },
	{ SO_MARIADB, SO_MYSQL, "GRANT DELETE HISTORY ON d.t TO u" },
	{ SO_MARIADB, SO_MYSQL, "SET DEFAULT ROLE r FOR u" },
	{ SO_MARIADB, SO_MYSQL, "SHOW CREATE SEQUENCE s" },
	{ SO_MARIADB, SO_MYSQL, "START ALL SLAVES" },
	{ SO_MARIADB, SO_MYSQL, "RESET SLAVE 'c' ALL" },
	{ SO_MARIADB, SO_MYSQL, "INSTALL SONAME 'x'" },
	{ SO_MARIADB, SO_MYSQL, "CHECK VIEW v" },
	{ SO_MARIADB, SO_MYSQL, "BACKUP LOCK t" },
	{ SO_MARIADB, SO_MYSQL, "LOCK TABLES t WRITE WAIT 3" },
	{ SO_MARIADB, SO_MYSQL, "KILL HARD USER u" },
	{ SO_MARIADB, SO_MYSQL, "SELECT NEXT VALUE FOR s" },
	{ SO_MARIADB, SO_MYSQL, "SELECT * FROM (SELECT 1 AS a) FOR SYSTEM_TIME ALL AS d" },
	{ SO_MARIADB, SO_MYSQL, "SELECT a FROM t NATURAL STRAIGHT_JOIN u" },
	{ SO_MARIADB, SO_MYSQL, "SHOW ANALYZE FOR 3" },
	{ SO_MYSQL, SO_MARIADB, "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'h'" },
	{ SO_MYSQL, SO_MARIADB, "SET DEFAULT ROLE r TO u" },
};

static bool reads(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql, uint32_t version, struct so_err *err)
{
	struct so_sql_options options = { .server_version = version };
	struct so_ast *ast;

	*err = (struct so_err)SO_ERR_INIT;
	if (!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), &options, &ast, err))
		return false;
	talloc_free(ast);
	return true;
}

static bool parses(TALLOC_CTX *ctx, size_t row, uint32_t version, struct so_err *err)
{
	return reads(ctx, rows[row].dialect, rows[row].sql, version, err);
}

/* What a newer server, or the other of the two, refuses; and texts of statistics views, which any server may have sent.
 */
static void test_removed(void **state)
{
	size_t wrong = 0;
	struct so_err err;

	for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++) {
		bool right = reads(*state, SO_MYSQL, removed[i].sql, removed[i].last, &err) &&
			     !reads(*state, SO_MYSQL, removed[i].sql, removed[i].gone, &err) &&
			     !reads(*state, SO_MYSQL, removed[i].sql, 0, &err) &&
			     reads(*state, SO_MARIADB, removed[i].sql, 0, &err);

		if (!right)
			print_error("removed: %s\n", removed[i].sql);
		wrong += !right;
	}
	for (size_t i = 0; i < sizeof of_one / sizeof of_one[0]; i++) {
		bool right = reads(*state, of_one[i].has, of_one[i].sql, 0, &err) &&
			     !reads(*state, of_one[i].lacks, of_one[i].sql, 0, &err);

		if (!right)
			print_error("of one: %s: %s\n", of_one[i].sql, err.message);
		wrong += !right;
	}
	assert_int_equal(wrong, 0);
}

static void test_removed_in_lenient_texts(void **state)
{
	struct so_sql_options options = { .lenient = true };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++) {
		const char *sql = removed[i].sql;

		assert_true(so_sql_parse(*state, NULL, SO_MYSQL, sql, strlen(sql), &options, &ast, &err));
		talloc_free(ast);
	}
}

static void test_versions(void **state)
{
	size_t wrong = 0;
	struct so_err err;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!parses(*state, i, 0, &err) || !parses(*state, i, rows[i].since, &err)) {
			print_error("%s: %s: refused for %u: %s\n", so_dialects[rows[i].dialect].name, rows[i].sql,
				rows[i].since, err.message);
			wrong++;
		}
		if (parses(*state, i, rows[i].before, &err) || !strstr(err.message, rows[i].named)) {
			print_error("%s: %s: for %u: %s\n", so_dialects[rows[i].dialect].name, rows[i].sql,
				rows[i].before, err.message);
			wrong++;
		}
	}
	if (wrong)
		fail_msg("%zu verdicts are wrong", wrong);
}

/* A function that a user called json_value is none of the grammar's before it was. */
static void test_calls_without_words_are_calls(void **state)
{
	static const char sql[] = "SELECT json_value(a, 'b') FROM t";
	struct so_sql_options options = { .server_version = 150000 };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	assert_true(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), &options, &ast, &err));
	talloc_free(ast);
}

/* Words inside strings are no words. */
static void test_strings_are_not_words(void **state)
{
	static const struct {
		enum so_dialect dialect;
		uint32_t version;
		const char *sql;
	} old[] = {
		{ SO_MYSQL, 50744, "INSERT INTO t VALUES ('a row (', 1), ('values row', 2)" },
		{ SO_POSTGRESQL, 160000,
			"MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED AND u.b = ' by source' THEN INSERT VALUES "
			"(1)" },
		{ SO_SQLITE, 33800, "SELECT a IS ' is distinct from ' FROM t WHERE (a) IS (b)" },
	};

	for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
		struct so_sql_options options = { .server_version = old[i].version };
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (!so_sql_parse(*state, NULL, old[i].dialect, old[i].sql, strlen(old[i].sql), &options, &ast, &err))
			fail_msg("%s: %s", old[i].sql, err.message);
		talloc_free(ast);
	}
}

static void test_the_message_says_where(void **state)
{
	static const char sql[] = "SELECT 1 FROM (SELECT 2)";
	struct so_sql_options options = { .server_version = 150004 };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	assert_false(so_sql_parse(*state, NULL, SO_POSTGRESQL, sql, strlen(sql), &options, &ast, &err));
	assert_string_equal(err.message, "subqueries in FROM without an alias came with version 16, the server has 15");
	assert_int_equal(err.position, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removed_in_lenient_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_calls_without_words_are_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings_are_not_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_message_says_where, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
