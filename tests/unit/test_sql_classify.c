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
#include "sql_fixture.h"

enum { PURE = 1, INTO = 2, LOCKS = 4, MODIFIES = 8, CALLS = 16, UNKNOWN = 32, SETS = 64, UNCLEAR = 128 };

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
	{ SO_POSTGRESQL, "VALUES (1, upper('a'))", R, PURE },
	{ SO_POSTGRESQL, "TABLE t", R, PURE },
	{ SO_POSTGRESQL, "(SELECT 1) UNION ALL SELECT a FROM t ORDER BY 1 LIMIT 3", R, PURE },
	{ SO_POSTGRESQL,
		"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r", R,
		PURE },
	{ SO_POSTGRESQL, "SELECT pg_catalog.lower(a) FROM t", R, PURE },
	{ SO_POSTGRESQL, "SELECT * FROM generate_series(1, 3) g, jsonb_to_recordset('[]') AS x (a int)", R, PURE },
	{ SO_POSTGRESQL, "SELECT random(), now(), gen_random_uuid(), currval('s')", R, PURE },
	{ SO_POSTGRESQL, "SELECT JSON_VALUE(a, '$.b'), ANY_VALUE(a) FROM t", R, PURE },
	{ SO_POSTGRESQL, "SELECT a @> b, a -|- b, a ->> 'x', a <-> b FROM t", R, PURE },
	{ SO_POSTGRESQL, "SELECT mine(a) FROM t", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT mine.lower(a) FROM t", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT * FROM mine(1)", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT * FROM ROWS FROM (generate_series(1, 2), mine(3)) AS x (a, b)", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT a FROM t ORDER BY mine(a)", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT a FROM t LIMIT mine(1)", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT count(*) FILTER (WHERE mine(a)) OVER (PARTITION BY mine(b)) FROM t", R, UNKNOWN },
	{ SO_POSTGRESQL, "SELECT a <%%> b FROM t", R, UNCLEAR },
	{ SO_POSTGRESQL, "SELECT a OPERATOR(mine.+) b FROM t", R, UNCLEAR },
	{ SO_POSTGRESQL, "SELECT a OPERATOR(pg_catalog.+) b FROM t", R, PURE },
	{ SO_POSTGRESQL, "SELECT a FROM t WHERE a ==> ANY (b)", R, UNCLEAR },
	{ SO_POSTGRESQL, "SELECT a FROM t ORDER BY a USING ~<~", R, PURE },
	{ SO_POSTGRESQL, "SELECT a FROM t ORDER BY a USING OPERATOR(mine.<)", R, UNCLEAR },
	{ SO_POSTGRESQL, "SELECT nextval('s')", R, CALLS },
	{ SO_POSTGRESQL, "VALUES (nextval('s'))", R, CALLS },
	{ SO_POSTGRESQL, "WITH x AS (SELECT nextval('s') AS n) SELECT n FROM x", R, CALLS },
	{ SO_POSTGRESQL, "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE setval('s', 1) = 1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT a FROM t ORDER BY setval('s', 1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT a FROM t GROUP BY a HAVING pg_sleep(1) IS NULL", R, CALLS },
	{ SO_POSTGRESQL, "SELECT 1 UNION SELECT 2 FROM pg_sleep(5)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM dblink('dbname=x', 'delete from t') AS d (a int)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM ROWS FROM (dblink('dbname=x', 'delete from t') AS (a int)) AS d", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM t, LATERAL lo_export(t.o, '/tmp/x') e", R, CALLS },
	{ SO_POSTGRESQL, "SELECT lo_import('/etc/passwd')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT 1 WHERE pg_terminate_backend(3)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT set_config('a.b', 'c', false)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_read_file('x')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM pg_ls_dir('.')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_catalog.pg_advisory_lock(1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT \"pg_sleep\"(1)", R, CALLS },
	{ SO_POSTGRESQL, "SELECT query_to_xml('delete from t', true, true, '')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT database_to_xml(true, true, '')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * FROM ts_stat('select mine()')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT cron.schedule('a', 'b')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT net.http_get('http://x')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_notify('a', 'b')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_stat_reset()", R, CALLS },
	{ SO_POSTGRESQL, "SELECT txid_current()", R, CALLS },
	{ SO_POSTGRESQL, "SELECT pg_create_logical_replication_slot('a', 'b')", R, CALLS },
	{ SO_POSTGRESQL, "SELECT * INTO x FROM t", W, INTO },
	{ SO_POSTGRESQL, "SELECT a INTO TEMP x FROM t UNION SELECT 1", W, INTO },
	{ SO_POSTGRESQL, "SELECT * FROM t FOR UPDATE", R, LOCKS },
	{ SO_POSTGRESQL, "SELECT * FROM t FOR NO KEY UPDATE", R, LOCKS },
	{ SO_POSTGRESQL, "SELECT * FROM t FOR KEY SHARE SKIP LOCKED", R, LOCKS },
	{ SO_POSTGRESQL, "SELECT * FROM (SELECT * FROM t FOR SHARE) s", R, LOCKS },
	{ SO_POSTGRESQL, "WITH x AS (SELECT * FROM t FOR UPDATE OF t NOWAIT) SELECT * FROM x", R, LOCKS },
	{ SO_POSTGRESQL, "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", W, MODIFIES },
	{ SO_POSTGRESQL, "WITH x AS (INSERT INTO t VALUES (1)) SELECT 1", W, MODIFIES },
	{ SO_POSTGRESQL, "WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT (SELECT a FROM x)", W, MODIFIES },
	{ SO_POSTGRESQL,
		"WITH x AS (MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING t.a) SELECT * FROM x", W,
		MODIFIES },
	{ SO_POSTGRESQL, "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", W, 0 },
	{ SO_POSTGRESQL, "INSERT INTO t VALUES (1)", W, 0 },
	{ SO_POSTGRESQL, "INSERT INTO t SELECT nextval('s')", W, CALLS },
	{ SO_POSTGRESQL, "UPDATE t SET a = mine(a)", W, UNKNOWN },
	{ SO_POSTGRESQL, "MERGE INTO t USING u ON true WHEN MATCHED THEN DO NOTHING", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN SELECT a FROM t", R, 0 },
	{ SO_POSTGRESQL, "EXPLAIN DELETE FROM t", R, 0 },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE DELETE FROM t", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN (ANALYZE true) UPDATE t SET a = 1", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN (COSTS off, ANALYZE on) UPDATE t SET a = 1", W, 0 },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE SELECT nextval('s')", R, CALLS },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", W, MODIFIES },
	{ SO_POSTGRESQL, "EXPLAIN SELECT pg_sleep(1)", R, CALLS },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE EXECUTE p", U, 0 },
	{ SO_POSTGRESQL, "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1", D, 0 },
	{ SO_POSTGRESQL, "CALL p()", W, UNKNOWN },
	{ SO_POSTGRESQL, "DO 'begin end'", W, 0 },
	{ SO_POSTGRESQL, "COPY t TO '/tmp/x'", W, 0 },
	{ SO_POSTGRESQL, "COPY (SELECT 1) TO STDOUT", W, 0 },
	{ SO_POSTGRESQL, "COPY t FROM PROGRAM 'x'", W, 0 },
	{ SO_POSTGRESQL, "EXECUTE p", U, 0 },
	{ SO_POSTGRESQL, "PREPARE p AS DELETE FROM t", U, 0 },
	{ SO_POSTGRESQL, "DECLARE c CURSOR FOR SELECT 1", U, 0 },
	{ SO_POSTGRESQL, "FETCH ALL FROM c", U, 0 },
	{ SO_POSTGRESQL, "LOCK TABLE t", U, 0 },
	{ SO_POSTGRESQL, "NOTIFY a", U, 0 },
	{ SO_POSTGRESQL, "LISTEN a", U, 0 },
	{ SO_POSTGRESQL, "SET a.b = 'c'", U, 0 },
	{ SO_POSTGRESQL, "SHOW all", U, 0 },
	{ SO_POSTGRESQL, "BEGIN", U, 0 },
	{ SO_POSTGRESQL, "COMMIT", U, 0 },
	{ SO_POSTGRESQL, "VACUUM t", U, 0 },
	{ SO_POSTGRESQL, "ANALYZE t", U, 0 },
	{ SO_POSTGRESQL, "CREATE TABLE t (a int)", D, 0 },
	{ SO_POSTGRESQL, "CREATE TABLE t AS SELECT nextval('s')", D, CALLS },
	{ SO_POSTGRESQL, "CREATE INDEX i ON t (a)", D, 0 },
	{ SO_POSTGRESQL, "CREATE VIEW v AS SELECT 1", D, 0 },
	{ SO_POSTGRESQL, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'delete from t returning 1'", D, 0 },
	{ SO_POSTGRESQL, "REFRESH MATERIALIZED VIEW v", D, 0 },
	{ SO_POSTGRESQL, "TRUNCATE t", D, 0 },
	{ SO_POSTGRESQL, "DROP TABLE t", D, 0 },
	{ SO_POSTGRESQL, "ALTER SYSTEM SET work_mem = '1MB'", D, 0 },
	{ SO_POSTGRESQL, "GRANT SELECT ON t TO x", D, 0 },
	{ SO_MYSQL, "SELECT lower(a) FROM t", R, PURE },
	{ SO_MYSQL, "SELECT @a, @@global.x, a FROM t", R, PURE },
	{ SO_MYSQL, "TABLE t", R, PURE },
	{ SO_MYSQL, "VALUES ROW(1, 2)", R, PURE },
	{ SO_MYSQL, "WITH x AS (SELECT 1) SELECT ST_AsText(g), JSON_EXTRACT(a, '$.b') FROM t, x", R, PURE },
	{ SO_MYSQL, "SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$')) j", R, PURE },
	{ SO_MYSQL, "SELECT LAST_INSERT_ID()", R, PURE },
	{ SO_MYSQL, "SELECT LAST_INSERT_ID(5)", R, CALLS },
	{ SO_MYSQL, "SELECT GET_LOCK('a', 1)", R, CALLS },
	{ SO_MYSQL, "SELECT RELEASE_ALL_LOCKS()", R, CALLS },
	{ SO_MYSQL, "SELECT IS_FREE_LOCK('a')", R, PURE },
	{ SO_MYSQL, "SELECT SLEEP(1) FROM t", R, CALLS },
	{ SO_MYSQL, "SELECT sleep (1)", R, CALLS },
	{ SO_MYSQL, "SELECT `sleep`(1)", R, CALLS },
	{ SO_MYSQL, "SELECT a FROM t WHERE a = 1 AND SLEEP(5)", R, CALLS },
	{ SO_MYSQL, "SELECT BENCHMARK(1000, MD5(1))", R, CALLS },
	{ SO_MYSQL, "SELECT LOAD_FILE('/etc/passwd')", R, CALLS },
	{ SO_MYSQL, "SELECT * FROM (SELECT LOAD_FILE('x') AS f) d", R, CALLS },
	{ SO_MYSQL, "SELECT MASTER_POS_WAIT('a', 1)", R, CALLS },
	{ SO_MYSQL, "SELECT sys.ps_setup_enable_consumer('x')", R, CALLS },
	{ SO_MYSQL, "SELECT sys_exec('x')", R, CALLS },
	{ SO_MYSQL, "SELECT own(1)", R, UNKNOWN },
	{ SO_MYSQL, "SELECT d.lower(1)", R, UNKNOWN },
	{ SO_MYSQL, "SELECT `lower`(1)", R, UNKNOWN },
	{ SO_MYSQL, "SELECT st_mine(1), json_mine(2)", R, UNKNOWN },
	{ SO_MYSQL, "SELECT @a := 1", R, SETS },
	{ SO_MYSQL, "SELECT a FROM t WHERE (@b := a) > 1", R, SETS },
	{ SO_MYSQL, "SELECT a INTO @b FROM t", W, INTO },
	{ SO_MYSQL, "SELECT a FROM t INTO OUTFILE '/tmp/x' FIELDS TERMINATED BY ','", W, INTO },
	{ SO_MYSQL, "SELECT a INTO DUMPFILE '/tmp/x' FROM t", W, INTO },
	{ SO_MYSQL, "SELECT 1 UNION SELECT 2 INTO OUTFILE '/tmp/x'", W, INTO },
	{ SO_MYSQL, "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", W, INTO },
	{ SO_MYSQL, "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */", W, INTO },
	{ SO_MYSQL, "SELECT 1 /*!99999 INTO OUTFILE '/tmp/x' */", R, UNCLEAR },
	{ SO_MYSQL, "SELECT 1 /* INTO OUTFILE '/tmp/x' */", R, PURE },
	{ SO_MYSQL, "SELECT * FROM t FOR UPDATE", R, LOCKS },
	{ SO_MYSQL, "SELECT * FROM t FOR SHARE OF t SKIP LOCKED", R, LOCKS },
	{ SO_MYSQL, "SELECT * FROM t LOCK IN SHARE MODE", R, LOCKS },
	{ SO_MYSQL, "SELECT * FROM (SELECT * FROM t FOR UPDATE) d", R, LOCKS },
	{ SO_MYSQL, "REPLACE INTO t VALUES (1)", W, 0 },
	{ SO_MYSQL, "INSERT INTO t SET a = 1", W, 0 },
	{ SO_MYSQL, "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)", W, 0 },
	{ SO_MYSQL, "UPDATE t, u SET t.a = u.a WHERE t.b = u.b", W, 0 },
	{ SO_MYSQL, "DELETE t FROM t JOIN u ON t.a = u.a", W, 0 },
	{ SO_MYSQL, "LOAD DATA INFILE 'x' INTO TABLE t", W, 0 },
	{ SO_MYSQL, "CALL p()", W, 0 },
	{ SO_MYSQL, "DO SLEEP(1)", W, CALLS },
	{ SO_MYSQL, "HANDLER t OPEN", U, 0 },
	{ SO_MYSQL, "HANDLER t READ FIRST", U, 0 },
	{ SO_MYSQL, "EXPLAIN SELECT 1", R, 0 },
	{ SO_MYSQL, "EXPLAIN DELETE FROM t", R, 0 },
	{ SO_MYSQL, "EXPLAIN ANALYZE SELECT SLEEP(1)", R, CALLS },
	{ SO_MYSQL, "SHOW TABLES", R, 0 },
	{ SO_MYSQL, "SHOW TABLES WHERE SLEEP(1)", R, CALLS },
	{ SO_MYSQL, "SET GLOBAL max_connections = 1", U, 0 },
	{ SO_MYSQL, "SET @a = 1", U, 0 },
	{ SO_MYSQL, "LOCK TABLES t WRITE", U, 0 },
	{ SO_MYSQL, "FLUSH TABLES", U, 0 },
	{ SO_MYSQL, "KILL 3", U, 0 },
	{ SO_MYSQL, "PREPARE p FROM 'delete from t'", U, 0 },
	{ SO_MYSQL, "EXECUTE p", U, 0 },
	{ SO_MYSQL, "TRUNCATE TABLE t", D, 0 },
	{ SO_MYSQL, "CREATE TABLE t AS SELECT 1", D, 0 },
	{ SO_MYSQL, "RENAME TABLE t TO u", D, 0 },
	{ SO_MYSQL, "GRANT SELECT ON t TO x", D, 0 },
	{ SO_MARIADB, "SELECT NEXTVAL(s)", R, CALLS },
	{ SO_MARIADB, "SELECT SETVAL(s, 1)", R, CALLS },
	{ SO_MARIADB, "SELECT NEXT VALUE FOR s", R, CALLS },
	{ SO_MARIADB, "SELECT s.nextval", R, CALLS },
	{ SO_MARIADB, "SELECT LASTVAL(s)", R, PURE },
	{ SO_MARIADB, "SELECT PREVIOUS VALUE FOR s", R, PURE },
	{ SO_MARIADB, "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */", W, INTO },
	{ SO_MARIADB, "SELECT 1 /*M!999999 INTO OUTFILE '/tmp/x' */", R, UNCLEAR },
	{ SO_MARIADB, "ANALYZE DELETE FROM t", W, 0 },
	{ SO_MARIADB, "ANALYZE FORMAT=JSON UPDATE t SET a = 1", W, 0 },
	{ SO_MARIADB, "EXPLAIN UPDATE t SET a = 1", R, 0 },
	{ SO_MARIADB, "INSERT INTO t VALUES (1) RETURNING a", W, 0 },
	{ SO_MARIADB, "BEGIN NOT ATOMIC DELETE FROM t; END", W, 0 },
	{ SO_SQLITE, "SELECT abs(a) FROM t", R, PURE },
	{ SO_SQLITE, "SELECT * FROM json_each('[1]'), generate_series(1, 3)", R, PURE },
	{ SO_SQLITE, "SELECT * FROM pragma_table_info('t')", R, PURE },
	{ SO_SQLITE, "SELECT * FROM pragma_table_list", R, PURE },
	{ SO_SQLITE, "SELECT * FROM pragma_optimize", R, CALLS },
	{ SO_SQLITE, "SELECT * FROM pragma_new_one", R, UNCLEAR },
	{ SO_SQLITE, "SELECT mine(a) FROM t", R, UNKNOWN },
	{ SO_SQLITE, "SELECT json_mine(a) FROM t", R, UNKNOWN },
	{ SO_SQLITE, "SELECT load_extension('x')", R, CALLS },
	{ SO_SQLITE, "SELECT writefile('x', a) FROM t", R, CALLS },
	{ SO_SQLITE, "SELECT readfile('x')", R, CALLS },
	{ SO_SQLITE, "SELECT * FROM fsdir('.')", R, CALLS },
	{ SO_SQLITE, "SELECT a FROM t WHERE edit(a) = 1", R, CALLS },
	{ SO_SQLITE, "WITH x AS (SELECT writefile('y', 1)) SELECT * FROM x", R, CALLS },
	{ SO_SQLITE, "INSERT INTO t VALUES (1) RETURNING a", W, 0 },
	{ SO_SQLITE, "REPLACE INTO t VALUES (1)", W, 0 },
	{ SO_SQLITE, "UPDATE t SET a = 1", W, 0 },
	{ SO_SQLITE, "DELETE FROM t", W, 0 },
	{ SO_SQLITE, "EXPLAIN QUERY PLAN DELETE FROM t", R, 0 },
	{ SO_SQLITE, "EXPLAIN DELETE FROM t", R, 0 },
	{ SO_SQLITE, "PRAGMA user_version = 3", U, 0 },
	{ SO_SQLITE, "PRAGMA journal_mode(delete)", U, 0 },
	{ SO_SQLITE, "PRAGMA table_info(t)", U, 0 },
	{ SO_SQLITE, "ATTACH 'x' AS y", U, 0 },
	{ SO_SQLITE, "VACUUM INTO 'x'", U, 0 },
	{ SO_SQLITE, "BEGIN IMMEDIATE", U, 0 },
	{ SO_SQLITE, "CREATE TABLE t (a)", D, 0 },
	{ SO_SQLITE, "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; END", D, 0 },
	{ SO_SQLITE, "DROP TABLE t", D, 0 },
	{ SO_SQLITE, "REINDEX t", D, 0 },
	{ SO_TSQL, "SELECT LEN(a) FROM t", R, PURE },
	{ SO_TSQL, "SELECT TOP (3) a AS b FROM t ORDER BY a", R, PURE },
	{ SO_TSQL, "SELECT b = a FROM t", R, PURE },
	{ SO_TSQL, "SELECT x.value('(/a)[1]', 'int') FROM t", R, PURE },
	{ SO_TSQL, "SELECT * FROM t CROSS APPLY t.x.nodes('/a') AS n (c)", R, PURE },
	{ SO_TSQL, "SELECT * FROM OPENJSON(@j) WITH (a int '$.a')", R, PURE },
	{ SO_TSQL, "SELECT * FROM STRING_SPLIT('a,b', ',')", R, PURE },
	{ SO_TSQL, "SELECT * FROM sys.dm_exec_sql_text(@h)", R, PURE },
	{ SO_TSQL, "SELECT 1 WHERE @a = 1", R, PURE },
	{ SO_TSQL, "SELECT dbo.f(a) FROM t", R, UNKNOWN },
	{ SO_TSQL, "SELECT dbo.LEN(a) FROM t", R, UNKNOWN },
	{ SO_TSQL, "SELECT * FROM dbo.f(1)", R, UNKNOWN },
	{ SO_TSQL, "SELECT * FROM t CROSS APPLY dbo.f(t.a) x", R, UNKNOWN },
	{ SO_TSQL, "SELECT geography::Point(1, 2, 4326)", R, UNKNOWN },
	{ SO_TSQL, "SELECT * INTO #x FROM t", W, INTO },
	{ SO_TSQL, "SELECT a INTO dbo.x FROM t", W, INTO },
	{ SO_TSQL, "SELECT * FROM t WITH (UPDLOCK, ROWLOCK)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (HOLDLOCK)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t (UPDLOCK)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (TABLOCKX)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (NOLOCK)", R, PURE },
	{ SO_TSQL, "SELECT * FROM t (NOLOCK)", R, PURE },
	{ SO_TSQL, "SELECT * FROM t WITH (XLOCK) JOIN u ON t.a = u.a", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (SERIALIZABLE)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t WITH (REPEATABLEREAD)", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM (SELECT a FROM t WITH (UPDLOCK)) d", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t OPTION (TABLE HINT (t, UPDLOCK))", R, LOCKS },
	{ SO_TSQL, "SELECT * FROM t OPTION (MAXDOP 1, RECOMPILE)", R, PURE },
	{ SO_TSQL, "SELECT NEXT VALUE FOR dbo.s", R, CALLS },
	{ SO_TSQL, "SELECT NEXT VALUE FOR dbo.s OVER (ORDER BY a) FROM t", R, CALLS },
	{ SO_TSQL, "SELECT @a = 1", R, SETS },
	{ SO_TSQL, "SELECT @a += a FROM t", R, SETS },
	{ SO_TSQL, "SELECT * FROM OPENROWSET(BULK 'x', SINGLE_CLOB) AS f", R, CALLS },
	{ SO_TSQL, "SELECT * FROM OPENROWSET('SQLNCLI', 'Server=x;', 'DELETE t') AS f", R, CALLS },
	{ SO_TSQL, "SELECT * FROM OPENQUERY(x, 'delete from t')", R, CALLS },
	{ SO_TSQL, "SELECT * FROM OPENDATASOURCE('SQLNCLI', 'x').a.dbo.t", R, CALLS },
	{ SO_TSQL, "SELECT * FROM (DELETE FROM t OUTPUT deleted.a) d", W, MODIFIES },
	{ SO_TSQL, "INSERT INTO u SELECT a FROM (DELETE FROM t OUTPUT deleted.a) d", W, MODIFIES },
	{ SO_TSQL, "INSERT INTO t OUTPUT inserted.a INTO u SELECT 1", W, INTO },
	{ SO_TSQL, "INSERT INTO t EXEC p", W, UNCLEAR },
	{ SO_TSQL, "UPDATE t SET a = 1 FROM t JOIN u ON t.b = u.b", W, 0 },
	{ SO_TSQL, "MERGE t USING u ON t.a = u.a WHEN MATCHED THEN DELETE;", W, 0 },
	{ SO_TSQL, "UPDATE t SET x.modify('delete /a')", W, CALLS },
	{ SO_TSQL, "EXEC p", W, 0 },
	{ SO_TSQL, "EXECUTE ('delete t')", W, 0 },
	{ SO_TSQL, "p 1, 2", W, 0 },
	{ SO_TSQL, "EXEC xp_cmdshell 'x'", W, 0 },
	{ SO_TSQL, "BULK INSERT t FROM 'x'", W, 0 },
	{ SO_TSQL, "DBCC FREEPROCCACHE", W, 0 },
	{ SO_TSQL, "WAITFOR DELAY '00:00:05'", U, 0 },
	{ SO_TSQL, "USE x", U, 0 },
	{ SO_TSQL, "SET NOCOUNT ON", U, 0 },
	{ SO_TSQL, "KILL 3", U, 0 },
	{ SO_TSQL, "SHUTDOWN", U, 0 },
	{ SO_TSQL, "BACKUP DATABASE x TO DISK = 'y'", U, 0 },
	{ SO_TSQL, "SELECT 1 SELECT LEN('a')", R, PURE },
	{ SO_TSQL, "SELECT 1; SELECT dbo.f(1)", R, UNKNOWN },
	{ SO_TSQL, "SELECT 1 SELECT @a = 2", R, SETS },
	{ SO_TSQL, "SELECT 1 DELETE t", W, 0 },
	{ SO_TSQL, "SELECT 1; EXEC p", W, 0 },
	{ SO_TSQL, "IF EXISTS (SELECT NEXT VALUE FOR s) SELECT 1", R, CALLS },
	{ SO_TSQL, "IF dbo.f() = 1 SELECT 1", R, UNKNOWN },
	{ SO_TSQL, "IF 1 = 1 BEGIN TRY DELETE t END TRY BEGIN CATCH SELECT 1 END CATCH", W, 0 },
	{ SO_TSQL, "TRUNCATE TABLE t", D, 0 },
	{ SO_TSQL, "CREATE TABLE t (a int)", D, 0 },
	{ SO_TSQL, "DROP TABLE t", D, 0 },
	{ SO_TSQL, "CREATE PROCEDURE p AS DELETE t", D, 0 },
	{ SO_TSQL, "GRANT SELECT ON t TO x", D, 0 },
	{ SO_ORACLE, "SELECT SUBSTR(a, 1) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT s.CURRVAL FROM dual", R, PURE },
	{ SO_ORACLE, "SELECT SYSDATE, ROWNUM, USER, 1 AS x FROM dual ORDER BY x", R, PURE },
	{ SO_ORACLE, "SELECT t.a, t.b.c, u.d FROM t, hr.u u WHERE hr.u.x = t.y", R, PURE },
	{ SO_ORACLE, "SELECT e.a FROM e START WITH a = 1 CONNECT BY PRIOR a = b", R, PURE },
	{ SO_ORACLE, "SELECT DBMS_LOB.SUBSTR(a, 10, 1) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT SYS.DBMS_LOB.GETLENGTH(a) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT DBMS_RANDOM.VALUE(1, 2) FROM dual", R, PURE },
	{ SO_ORACLE, "SELECT UTL_RAW.CAST_TO_VARCHAR2(a) FROM t", R, PURE },
	{ SO_ORACLE, "SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a NUMBER PATH '$')) j", R, PURE },
	{ SO_ORACLE, "SELECT * FROM t AS OF TIMESTAMP SYSTIMESTAMP - 1", R, PURE },
	{ SO_ORACLE, "SELECT * FROM t MATCH_RECOGNIZE (MEASURES a.p AS x PATTERN (a b+) DEFINE b AS b.p > PREV(b.p))",
		R, PURE },
	{ SO_ORACLE, "SELECT s.NEXTVAL FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT hr.s.NEXTVAL FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT DBMS_PIPE.SEND_MESSAGE('a') FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT SYS.DBMS_LOCK.REQUEST(1) FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT DBMS_RANDOM.SEED(1) FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT UTL_HTTP.REQUEST('http://x') FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT HTTPURITYPE('http://x').GETCLOB() FROM dual", R, CALLS | UNKNOWN },
	{ SO_ORACLE, "SELECT DBMS_XMLGEN.GETXML('select f from dual') FROM dual", R, CALLS },
	{ SO_ORACLE, "SELECT * FROM TABLE(DBMS_XPLAN.DISPLAY_CURSOR())", R, PURE },
	{ SO_ORACLE, "SELECT * FROM TABLE(pkg.f(1))", R, UNKNOWN },
	{ SO_ORACLE, "SELECT pkg.f(a) FROM t", R, UNKNOWN },
	{ SO_ORACLE, "SELECT pkg.substr(a) FROM t", R, UNKNOWN },
	{ SO_ORACLE, "SELECT mine.dbms_lob.substr(a) FROM t", R, UNKNOWN },
	{ SO_ORACLE, "SELECT to_mine(a), json_mine(a) FROM t", R, UNKNOWN },
	{ SO_ORACLE, "SELECT pkg.f FROM t", R, UNCLEAR },
	{ SO_ORACLE, "SELECT hr.pkg.f FROM t WHERE t.a = 1", R, UNCLEAR },
	{ SO_ORACLE, "SELECT f FROM dual", R, UNCLEAR },
	{ SO_ORACLE, "SELECT a FROM t WHERE EXISTS (SELECT pkg.f FROM dual)", R, UNCLEAR },
	{ SO_ORACLE,
		"WITH FUNCTION upper(x NUMBER) RETURN NUMBER IS BEGIN DELETE FROM t; RETURN 1; END; SELECT upper(1) "
		"FROM dual",
		W, MODIFIES | UNCLEAR },
	{ SO_ORACLE, "SELECT * FROM t FOR UPDATE", R, LOCKS },
	{ SO_ORACLE, "SELECT * FROM t FOR UPDATE OF a WAIT 5", R, LOCKS },
	{ SO_ORACLE, "SELECT * FROM t FOR UPDATE SKIP LOCKED", R, LOCKS },
	{ SO_ORACLE, "INSERT ALL INTO t VALUES (1) INTO u VALUES (2) SELECT 1 FROM dual", W, 0 },
	{ SO_ORACLE, "INSERT INTO t VALUES (s.NEXTVAL)", W, CALLS },
	{ SO_ORACLE, "UPDATE t SET a = 1 RETURNING a INTO :b", W, 0 },
	{ SO_ORACLE, "MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET b = 1", W, 0 },
	{ SO_ORACLE, "EXPLAIN PLAN FOR SELECT * FROM t", W, 0 },
	{ SO_ORACLE, "EXPLAIN PLAN INTO x FOR DELETE FROM t", W, 0 },
	{ SO_ORACLE, "LOCK TABLE t IN EXCLUSIVE MODE", W, 0 },
	{ SO_ORACLE, "CALL p()", W, 0 },
	{ SO_ORACLE, "BEGIN p; END;", W, 0 },
	{ SO_ORACLE, "DECLARE x NUMBER; BEGIN DELETE FROM t; END;", W, 0 },
	{ SO_ORACLE, "ALTER SESSION SET a = 1", D, 0 },
	{ SO_ORACLE, "ALTER SYSTEM KILL SESSION '1,2'", D, 0 },
	{ SO_ORACLE, "TRUNCATE TABLE t", D, 0 },
	{ SO_ORACLE, "DROP TABLE t PURGE", D, 0 },
	{ SO_ORACLE, "FLASHBACK TABLE t TO BEFORE DROP", D, 0 },
	{ SO_ORACLE, "COMMIT", U, 0 },
	{ SO_ORACLE, "SET ROLE x", U, 0 },
};

static void test_statements(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_sql_class cls;
		struct so_ast *ast;
		unsigned flags;

		if (!so_sql_parse(*state, NULL, rows[i].dialect, rows[i].sql, strlen(rows[i].sql), NULL, &ast, &err)) {
			wrong++;
			print_error("%s (%s): not parsed: %s\n", rows[i].sql, so_dialects[rows[i].dialect].name,
				err.message);
			continue;
		}
		so_sql_classify(ast, so_ast_statement(ast), &cls);
		flags = (cls.pure_read ? PURE : 0) | (cls.selects_into ? INTO : 0) | (cls.locks_rows ? LOCKS : 0) |
			(cls.modifying_cte ? MODIFIES : 0) | (cls.volatile_call ? CALLS : 0) |
			(cls.unknown_call ? UNKNOWN : 0) | (cls.sets_variable ? SETS : 0) | (cls.unclear ? UNCLEAR : 0);
		wrong += cls.cls != rows[i].cls || flags != rows[i].flags;
		if (cls.cls != rows[i].cls || flags != rows[i].flags)
			print_message("%s (%s): class %d flags %u, not %d and %u\n", rows[i].sql,
				so_dialects[rows[i].dialect].name, cls.cls, flags, rows[i].cls, rows[i].flags);
		talloc_free(ast);
	}
	if (wrong)
		fail_msg("%zu statements are not what they should be", wrong);
}

static struct so_text text(const char *s)
{
	return (struct so_text){ s, strlen(s) };
}

/* What users may call their own functions must not be taken for one of the engine. */
static void test_names_of_users(void **state)
{
	static const char *const names[] = { "to_audit", "json_audit", "xml_audit", "stats_audit", "st_audit",
		"regexp_audit", "substr_audit", "pragma_audit", "fn_audit", "nls_audit", "sys_audit", "x", "f" };

	(void)state;
	for (int dialect = 0; dialect < SO_DIALECT_MAX; dialect++)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (so_name_effect((enum so_dialect)dialect, text(""), text(names[i]), 1) == SO_CALL_PLAIN)
				fail_msg("%s: %s", so_dialects[dialect].name, names[i]);
}

/* What an engine is known for must not be missing from its table. */
static void test_dangerous_names(void **state)
{
	static const char *const names[SO_DIALECT_MAX][24] = {
		[SO_POSTGRESQL] = { "set_config", "pg_terminate_backend", "pg_cancel_backend", "lo_import", "lo_unlink",
			"lowrite", "dblink_exec", "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file",
			"pg_advisory_xact_lock", "pg_try_advisory_lock", "pg_notify", "pg_sleep_for", "pg_promote",
			"pg_switch_wal", "pg_logical_emit_message", "pg_stat_reset", "pg_reload_conf", "pg_file_write",
			"setseed", "txid_current", "pg_truncate_visibility_map" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_of_users, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dangerous_names, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
