/* The grammar of MySQL and MariaDB: what is read, how it prints, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/names.h"
#include "sql/parse.h"
#include "sql/print.h"

#define MY    1u
#define MARIA 2u
#define BOTH  3u

/* NULL: prints as it is written. */
static const struct {
	unsigned dialects;
	const char *sql, *print;
} accepted[] = {
	/* queries */
	{ BOTH, "select high_priority sql_calc_found_rows distinct a from t limit 3, 4",
		"SELECT DISTINCT HIGH_PRIORITY SQL_CALC_FOUND_ROWS a FROM t LIMIT 4 OFFSET 3" },
	{ BOTH, "SELECT /*+ MAX_EXECUTION_TIME(5) */ 1", NULL },
	{ BOTH, "SELECT a FROM t AS x USE INDEX FOR JOIN (i, PRIMARY) WHERE a <=> NULL", NULL },
	{ BOTH, "SELECT a FROM t PARTITION (p0, p1) AS x FORCE INDEX (i) STRAIGHT_JOIN u ON x.a = u.a", NULL },
	{ BOTH, "SELECT a FROM t JOIN u JOIN v ON u.b = v.b", NULL },
	{ BOTH, "SELECT a FROM {oj t LEFT JOIN u ON t.a = u.a}", "SELECT a FROM t LEFT JOIN u ON t.a = u.a" },
	{ BOTH, "SELECT a, COUNT(*) FROM t GROUP BY a, b WITH ROLLUP HAVING COUNT(*) > 1 ORDER BY NULL", NULL },
	{ BOTH, "SELECT a FROM t INTO OUTFILE '/x' FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\n'",
		"SELECT a FROM t INTO OUTFILE '/x' FIELDS TERMINATED BY ',' LINES TERMINATED BY '\n'" },
	{ BOTH, "SELECT a, b INTO @x, @y FROM t LIMIT 1", "SELECT a, b FROM t LIMIT 1 INTO @x, @y" },
	{ BOTH, "SELECT a FROM t FOR UPDATE SKIP LOCKED", NULL },
	{ BOTH, "SELECT a FROM t LOCK IN SHARE MODE", NULL },
	{ MY, "SELECT a FROM t FOR SHARE OF t NOWAIT", NULL },
	{ MY, "SELECT a FROM t, LATERAL (SELECT 1 AS b) AS d", NULL },
	{ MY, "VALUES ROW(1, 2), ROW(3, 4)", NULL },
	{ MY, "TABLE t ORDER BY a LIMIT 3", NULL },
	{ MARIA, "VALUES (1, 2), (3, 4)", NULL },
	{ MARIA, "SELECT a FROM t FOR SYSTEM_TIME AS OF '2024-01-01' AS x", NULL },
	{ MARIA, "SELECT a FROM t FOR SYSTEM_TIME AS OF TIMESTAMP @evening", NULL },
	{ MARIA, "SELECT a FROM t FOR SYSTEM_TIME BETWEEN TIMESTAMP now(6) AND TIMESTAMP @app.until", NULL },
	{ MARIA, "SELECT @app.until, WEIGHT_STRING(a, 1, 2, 0xC0) FROM t", NULL },
	{ MARIA, "SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH FIRST 3 ROWS WITH TIES", NULL },
	{ MARIA, "SELECT a FROM t LIMIT 5 ROWS EXAMINED 100", NULL },
	{ MARIA, "SELECT a FROM t PROCEDURE ANALYSE (10, 20)", "SELECT a FROM t PROCEDURE ANALYSE (10, 20)" },
	{ BOTH, "SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (i FOR ORDINALITY, a INT PATH '$' NULL ON EMPTY)) AS j",
		NULL },
	{ MARIA, "SELECT a FROM (SELECT a FROM t) FOR SYSTEM_TIME AS OF TIMESTAMP @x AS d", NULL },
	{ MARIA, "SELECT a FROM t NATURAL STRAIGHT_JOIN u", NULL },
	{ BOTH, "SELECT a FROM t UNION SELECT b INTO @x FROM u", "SELECT a FROM t UNION SELECT b FROM u INTO @x" },
	{ BOTH, "(SELECT a FROM t) UNION (SELECT b FROM u) ORDER BY 1 INTO OUTFILE '/x'",
		"SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 INTO OUTFILE '/x'" },
	{ BOTH, "SELECT json_add(a + 1 one, 'x' AS `two`, f(b)) AS c FROM t",
		"SELECT json_add(a + 1 one, 'x' AS two, f(b)) AS c FROM t" },
	{ BOTH, "SELECT Avg2(a 'label', b) FROM t", "SELECT Avg2(a 'label', b) FROM t" },
	{ MARIA, "SELECT CAST(a AS POLYGON), CAST(b AS INTERVAL DAY_SECOND(6)) FROM t", NULL },
	/* expressions */
	{ BOTH, "SELECT a DIV b MOD c, a XOR b, !a, NOT b, a REGEXP 'x', a NOT RLIKE b, a SOUNDS LIKE b FROM t",
		"SELECT a DIV b % c, a XOR b, !a, NOT b, a REGEXP 'x', a NOT REGEXP b, a SOUNDS LIKE b FROM t" },
	{ BOTH, "SELECT a || b && c", "SELECT a OR b AND c" },
	{ BOTH, "SELECT @a := @b + 1, @@global.x, _utf8mb4 'y', N'z', X'41', 0x41, B'1'", NULL },
	{ BOTH, "SELECT d + INTERVAL 1 day, DATE_SUB(d, INTERVAL (a + 1) MONTH), INTERVAL(1, 2, 3) FROM t",
		"SELECT d + INTERVAL 1 DAY, DATE_SUB(d, INTERVAL a + 1 MONTH), INTERVAL(1, 2, 3) FROM t" },
	{ BOTH, "SELECT GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ', ') FROM t", NULL },
	{ BOTH, "SELECT a FROM t WHERE MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)", NULL },
	{ BOTH, "SELECT CONVERT(a USING utf8mb4), CONVERT(a, SIGNED), CAST(a AS CHAR(3) CHARACTER SET latin1)",
		"SELECT CONVERT(a USING utf8mb4), CAST(a AS SIGNED), CAST(a AS CHAR(3) CHARACTER SET latin1)" },
	{ BOTH, "SELECT EXTRACT(YEAR_MONTH FROM d), BINARY a = b, LEFT(a, 2), IF(a, b, c), {d '2024-01-01'}",
		"SELECT EXTRACT(YEAR_MONTH FROM d), CAST(a AS BINARY) = b, LEFT(a, 2), IF(a, b, c), date "
		"'2024-01-01'" },
	{ MY, "SELECT a -> '$.x', a ->> '$.y' FROM t WHERE 3 MEMBER OF (b)", NULL },
	{ MARIA, "SELECT NEXT VALUE FOR s, PREVIOUS VALUE FOR s", NULL },
	{ BOTH, "SELECT /*!50000 1 + */ 2", "SELECT 1 + 2" },
	/* data changes */
	{ BOTH,
		"insert ignore into t partition (p0) (a, b) values (1, default), () on duplicate key update a = "
		"values(a) + 1",
		"INSERT IGNORE INTO t PARTITION (p0) (a, b) VALUES (1, DEFAULT), () ON DUPLICATE KEY UPDATE a = "
		"VALUES(a) + 1" },
	{ BOTH, "REPLACE INTO t SET a = 1, b = 2", NULL },
	{ MY, "INSERT INTO t (a) VALUES (1) AS n(x) ON DUPLICATE KEY UPDATE a = n.x", NULL },
	{ MARIA, "INSERT INTO t (a) VALUES (1) RETURNING a, b AS c", NULL },
	{ BOTH, "UPDATE LOW_PRIORITY t SET a = a + 1 WHERE b = 2 ORDER BY c LIMIT 3", NULL },
	{ BOTH, "UPDATE t AS x JOIN u ON x.a = u.a SET x.b = 1, u.c = 2 WHERE x.d", NULL },
	{ BOTH, "DELETE QUICK FROM t WHERE a ORDER BY b LIMIT 1", NULL },
	{ BOTH, "DELETE x, u FROM t AS x JOIN u ON x.a = u.a", NULL },
	{ BOTH, "DELETE FROM x USING t AS x JOIN u ON x.a = u.a WHERE u.b", NULL },
	{ MARIA, "DELETE FROM t FOR PORTION OF p FROM '2024-01-01' TO '2024-02-01'", NULL },
	{ MARIA, "DELETE HISTORY FROM t BEFORE SYSTEM_TIME '2024-01-01'", NULL },
	/* definitions */
	{ BOTH,
		"create table if not exists t (a bigint unsigned not null auto_increment primary key, b varchar(20) "
		"charset latin1 "
		"collate latin1_bin default 'x' comment 'c', c int as (a + 1) stored, unique key k (b(5) desc), "
		"constraint f foreign key (c) references u (d) on delete cascade) engine=InnoDB default "
		"charset=utf8mb4",
		"CREATE TABLE IF NOT EXISTS t (a BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, b VARCHAR(20) "
		"CHARSET "
		"latin1 COLLATE latin1_bin DEFAULT 'x' COMMENT 'c', c INT AS (a + 1) STORED, UNIQUE KEY k (b(5) DESC), "
		"CONSTRAINT f FOREIGN KEY (c) REFERENCES u (d) ON DELETE CASCADE) ENGINE = InnoDB DEFAULT CHARSET = "
		"utf8mb4" },
	{ BOTH,
		"CREATE TABLE t (a INT) PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 2 (PARTITION p0 "
		"VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (MAXVALUE))",
		NULL },
	{ BOTH, "CREATE TEMPORARY TABLE t (KEY (a)) AS SELECT 1 AS a",
		"CREATE TEMPORARY TABLE t (KEY (a)) AS SELECT 1 AS a" },
	{ MY, "CREATE INDEX i ON t ((a + b), c DESC) INVISIBLE ALGORITHM = INPLACE", NULL },
	{ BOTH,
		"CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v (a) AS SELECT 1 WITH LOCAL CHECK "
		"OPTION",
		NULL },
	{ MARIA,
		"CREATE OR REPLACE TABLE t (a INT, PERIOD FOR p (b, c), UNIQUE KEY (a, p WITHOUT OVERLAPS)) WITH "
		"SYSTEM VERSIONING",
		NULL },
	{ MARIA, "CREATE SEQUENCE IF NOT EXISTS s START WITH 5 INCREMENT BY 2 NOCACHE", NULL },
	{ BOTH, "ALTER TABLE t ADD COLUMN a INT FIRST, DROP COLUMN b, CHANGE COLUMN c d INT AFTER e, RENAME TO u",
		NULL },
	{ BOTH, "ALTER TABLE t ALTER COLUMN a SET DEFAULT 3, DROP PRIMARY KEY, ADD CONSTRAINT k UNIQUE KEY (a)", NULL },
	{ BOTH, "ALTER TABLE t REORGANIZE PARTITION p0 INTO (PARTITION p1 VALUES LESS THAN (5))", NULL },
	{ BOTH, "DROP TEMPORARY TABLE IF EXISTS t, u RESTRICT", NULL },
};

/* Not kept as trees, but checked. */
static const struct {
	unsigned dialects;
	const char *sql;
} checked[] = {
	{ BOTH, "SET @a = 1, SESSION sort_buffer_size = 1000, GLOBAL x.y = ON, NAMES utf8mb4" },
	{ BOTH, "SHOW FULL COLUMNS FROM t FROM d LIKE 'a%'" },
	{ BOTH, "GRANT SELECT (a), INSERT ON d.* TO 'u'@'h' WITH GRANT OPTION" },
	{ BOTH, "CREATE USER IF NOT EXISTS 'u'@'%' IDENTIFIED BY 'x' REQUIRE SSL ACCOUNT LOCK" },
	{ BOTH, "CREATE DEFINER = 'u'@'h' PROCEDURE p(IN a INT, OUT b TEXT) READS SQL DATA BEGIN DECLARE c INT DEFAULT "
		"0; "
		"DECLARE EXIT HANDLER FOR NOT FOUND SET c = 1; l: WHILE c < 3 DO SET c = c + 1; IF c > 1 THEN LEAVE l; "
		"ELSE SELECT c; END IF; END WHILE l; END" },
	{ BOTH, "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.b + 1" },
	{ BOTH, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2024-01-01' DO DELETE FROM t WHERE a < 1" },
	{ BOTH, "LOAD DATA LOCAL INFILE 'x' IGNORE INTO TABLE t FIELDS TERMINATED BY ',' IGNORE 1 LINES (a, @b) SET c "
		"= @b + 1" },
	{ BOTH, "XA START 'a', 'b', 3" },
	{ BOTH, "HANDLER t READ i >= (1, 2) WHERE a LIMIT 5" },
	{ MARIA, "SET STATEMENT max_statement_time = 1 FOR SELECT 1" },
	{ MARIA, "BEGIN NOT ATOMIC SELECT 1; END" },
};

static const struct {
	unsigned dialects;
	const char *sql;
} refused[] = {
	{ BOTH, "SELECT 1 FROM (SELECT 1)" },
	{ BOTH, "SELECT a FROM t LEFT JOIN u" },
	{ BOTH, "SELECT INTERVAL 1 DAY" },
	{ BOTH, "SELECT a INTO @x FROM t UNION SELECT b FROM u" },
	{ BOTH, "(SELECT a FROM t) UNION (SELECT b FROM u INTO @x)" },
	{ BOTH, "HANDLER d.t READ FIRST" },
	{ BOTH, "ALTER TABLE t OPTIMIZE PARTITION p EXTENDED" },
	{ BOTH, "SELECT COUNT()" },
	{ BOTH, "UPDATE t SET" },
	{ BOTH, "CREATE TABLE t (a)" },
	{ BOTH, "CREATE TABLE t (a VARCHAR(1, 2))" },
	{ BOTH, "DROP INDEX i" },
	{ BOTH, "SHOW NOTHING AT ALL" },
	{ MY, "INSERT INTO t VALUES (1) RETURNING a" },
	{ MY, "CREATE SEQUENCE s" },
	{ MY, "CREATE OR REPLACE TABLE t (a INT)" },
	{ MY, "CREATE TABLE t (a INT DEFAULT f())" },
	{ MARIA, "SELECT a -> '$.x' FROM t" },
	{ MARIA, "TABLE t" },
	{ MARIA, "SELECT 1 FROM t, LATERAL (SELECT 1) d" },
	{ MARIA, "CREATE INDEX i ON t ((a + b))" },
	{ MARIA, "CREATE ROLE 'r'@'h'" },
};

static bool parse(enum so_dialect dialect, const char *sql, size_t len, bool lenient, struct so_ast **ast)
{
	struct so_err err = SO_ERR_INIT;

	return so_sql_parse(NULL, NULL, dialect, sql, len, &(struct so_sql_options){ .lenient = lenient }, ast, &err);
}

static void check_print(enum so_dialect dialect, const char *sql, const char *wanted)
{
	struct so_ast *ast, *again;
	char *print;

	if (!parse(dialect, sql, strlen(sql), false, &ast))
		fail_msg("refused: %s", sql);
	assert_int_not_equal(so_ast_kind(ast, so_ast_statement(ast)), SO_N_OPAQUE);
	print = so_sql_print(ast, ast, so_ast_statement(ast));
	assert_string_equal(print, wanted ? wanted : sql);
	if (!parse(dialect, print, strlen(print), false, &again))
		fail_msg("print refused: %s", print);
	assert_true(so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)));
	talloc_free(so_sql_names(NULL, ast, so_ast_statement(ast)));
	talloc_free(again);
	talloc_free(ast);
}

static void test_trees_print_and_parse_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
		if (accepted[i].dialects & MY)
			check_print(SO_MYSQL, accepted[i].sql, accepted[i].print);
		if (accepted[i].dialects & MARIA)
			check_print(SO_MARIADB, accepted[i].sql, accepted[i].print);
	}
}

static void test_utilities(void **state)
{
	struct so_ast *ast;

	(void)state;
	for (size_t i = 0; i < sizeof checked / sizeof checked[0]; i++)
		for (unsigned d = 0; d < 2; d++) {
			if (!(checked[i].dialects >> d & 1))
				continue;
			if (!parse(d ? SO_MARIADB : SO_MYSQL, checked[i].sql, strlen(checked[i].sql), false, &ast))
				fail_msg("refused: %s", checked[i].sql);
			talloc_free(ast);
		}
}

static void test_refused(void **state)
{
	struct so_ast *ast;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		for (unsigned d = 0; d < 2; d++)
			if ((refused[i].dialects >> d & 1) &&
				parse(d ? SO_MARIADB : SO_MYSQL, refused[i].sql, strlen(refused[i].sql), false, &ast))
				fail_msg("accepted: %s", refused[i].sql);
}

/* A text that ends anywhere is an error or a tree that prints; never a crash. */
static void test_truncation(void **state)
{
	struct so_ast *ast;

	(void)state;
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
		for (size_t len = 0; len <= strlen(accepted[i].sql); len++)
			for (unsigned mode = 0; mode < 4; mode++)
				if (parse(mode & 1 ? SO_MARIADB : SO_MYSQL, accepted[i].sql, len, mode & 2, &ast)) {
					(void)so_sql_print(ast, ast, so_ast_statement(ast));
					talloc_free(ast);
				}
}

/* A query inside a routine is a part of it. */
static void test_bodies_hold_their_statements(void **state)
{
	static const char sql[] = "CREATE PROCEDURE p() BEGIN SELECT a FROM t; UPDATE u SET b = 1; END";
	struct so_ast *ast;
	const struct so_n_opaque *node;
	unsigned queries = 0, changes = 0;

	(void)state;
	assert_true(parse(SO_MYSQL, sql, strlen(sql), false, &ast));
	node = so_as_opaque(ast, so_ast_statement(ast));
	for (uint32_t i = 0; i < node->parts.count; i++) {
		queries += so_ast_kind(ast, so_list_get(ast, node->parts, i)) == SO_N_SELECT;
		changes += so_ast_kind(ast, so_list_get(ast, node->parts, i)) == SO_N_UPDATE;
	}
	assert_int_equal(queries, 1);
	assert_int_equal(changes, 1);
	talloc_free(ast);
}

/* Statements of a script, parted by bars. */
static const struct {
	unsigned dialects;
	const char *script, *pieces;
} scripts[] = {
	{ BOTH, "SELECT 1; SELECT IF(a, b, c);", "SELECT 1|SELECT IF(a, b, c)" },
	{ BOTH, "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; ELSE SELECT 2; END IF; END; SELECT 3",
		"CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; ELSE SELECT 2; END IF; END|SELECT 3" },
	{ BOTH,
		"CREATE DEFINER = `a`@`b` FUNCTION IF NOT EXISTS f() RETURNS INT RETURN (SELECT COUNT(*) AS n FROM t); "
		"SELECT 1",
		"CREATE DEFINER = `a`@`b` FUNCTION IF NOT EXISTS f() RETURNS INT RETURN (SELECT COUNT(*) AS n FROM t)|"
		"SELECT 1" },
	{ BOTH,
		"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW IF (a) AND b THEN SET c = IF(1, 2, 3); END IF; "
		"SELECT 1",
		"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW IF (a) AND b THEN SET c = IF(1, 2, 3); END IF|SELECT "
		"1" },
	{ BOTH,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET d = 1; "
		"REPEAT "
		"SET a = REPEAT('b', 2); UNTIL c END REPEAT; CASE a WHEN 1 THEN SELECT CASE WHEN IF(1, 2, 3) THEN "
		"IF(4, "
		"5, 6) ELSE 7 END; ELSE BEGIN END; END CASE; l: LOOP LEAVE l; END LOOP l; END; SELECT 1",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET d = 1; "
		"REPEAT "
		"SET a = REPEAT('b', 2); UNTIL c END REPEAT; CASE a WHEN 1 THEN SELECT CASE WHEN IF(1, 2, 3) THEN "
		"IF(4, "
		"5, 6) ELSE 7 END; ELSE BEGIN END; END CASE; l: LOOP LEAVE l; END LOOP l; END|SELECT 1" },
	{ BOTH,
		"DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\nSELECT 2 $$\nDELIMITER ;\nSELECT 3; SELECT "
		"4",
		"CREATE PROCEDURE p() BEGIN SELECT 1; END|SELECT 2|SELECT 3|SELECT 4" },
	{ BOTH,
		"delimiter ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR "
		"EACH ROW BEGIN SET NEW.a = 1; END */;;\ndelimiter ;\n/*!40101 SET NAMES utf8 */;",
		"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN "
		"SET "
		"NEW.a = 1; END */|/*!40101 SET NAMES utf8 */" },
	{ MARIA,
		"BEGIN NOT ATOMIC SELECT 1; END; IF 1 THEN SELECT 2; END IF; FOR i IN 1..3 DO SELECT i; END FOR; "
		"BEGIN; SELECT 3",
		"BEGIN NOT ATOMIC SELECT 1; END|IF 1 THEN SELECT 2; END IF|FOR i IN 1..3 DO SELECT i; END "
		"FOR|BEGIN|SELECT 3" },
	{ MARIA, "/*M!100100 SET a = 1 */; CREATE TABLE IF NOT EXISTS t (a INT); SELECT 1 FOR UPDATE",
		"/*M!100100 SET a = 1 */|CREATE TABLE IF NOT EXISTS t (a INT)|SELECT 1 FOR UPDATE" },
};

static void check_script(enum so_dialect dialect, const char *script, const char *expected)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_sql_piece *pieces;
	struct so_err err = SO_ERR_INIT;
	char *found = talloc_strdup(ctx, "");
	size_t count;

	assert_true(so_sql_split(ctx, NULL, dialect, script, strlen(script), NULL, &pieces, &count, &err));
	for (size_t i = 0; i < count; i++) {
		struct so_ast *ast;

		found = talloc_asprintf_append(
			found, "%s%.*s", i ? "|" : "", (int)pieces[i].len, script + pieces[i].offset);
		if (!so_sql_parse(ctx, NULL, dialect, script + pieces[i].offset, pieces[i].len, NULL, &ast, &err))
			fail_msg("%.*s: %s", (int)pieces[i].len, script + pieces[i].offset, err.message);
	}
	assert_string_equal(found, expected);
	talloc_free(ctx);
}

static void test_scripts_are_split_behind_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		if (scripts[i].dialects & MY)
			check_script(SO_MYSQL, scripts[i].script, scripts[i].pieces);
		if (scripts[i].dialects & MARIA)
			check_script(SO_MARIADB, scripts[i].script, scripts[i].pieces);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees_print_and_parse_again),
		cmocka_unit_test(test_utilities),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_bodies_hold_their_statements),
		cmocka_unit_test(test_scripts_are_split_behind_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
