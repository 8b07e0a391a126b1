/* The grammar of T-SQL: batches, queries, data changes, objects, bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/parse.h"
#include "sql/print.h"

static struct so_ast *parse(TALLOC_CTX *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_TSQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

struct print_case {
	const char *sql;
	const char *print; /* NULL: as written */
};

static const struct print_case queries[] = {
	{ "SELECT TOP 5 PERCENT WITH TIES a FROM t ORDER BY a",
		"SELECT TOP (5) PERCENT WITH TIES a FROM t ORDER BY a" },
	{ "SELECT total = a + b, c 'the c', N'x' AS d FROM shop..orders o (nolock)",
		"SELECT a + b AS total, c AS [the c], N'x' AS d FROM shop..orders AS o WITH (nolock)" },
	{ "SELECT @n = 1, @m += x FROM t", NULL },
	{ "SELECT * FROM a CROSS APPLY f(a.x) AS g OUTER APPLY (SELECT 1 AS one) AS h", NULL },
	{ "SELECT * FROM a INNER HASH JOIN b ON a.x = b.x", NULL },
	{ "SELECT p.[1] FROM s PIVOT (SUM(v) FOR k IN ([1], [2])) AS p", NULL },
	{ "SELECT k, v FROM s UNPIVOT (v FOR k IN (a, b)) AS u", NULL },
	{ "SELECT 1 FROM stock FOR SYSTEM_TIME BETWEEN @a AND @b AS s", NULL },
	{ "SELECT a FROM t TABLESAMPLE (10) REPEATABLE (3)",
		"SELECT a FROM t TABLESAMPLE (10 PERCENT) REPEATABLE (3)" },
	{ "SELECT id FROM OPENJSON(@j, '$.rows') WITH (id int '$.i', doc nvarchar(max) '$.d' AS JSON) AS r", NULL },
	{ "SELECT x.c.value('@k', 'int') FROM @d.nodes('/r') AS x(c)", NULL },
	{ "SELECT geography::Point(1, 2, 4326).STDistance(@g), point::Null, (@p).X",
		"SELECT geography::Point(1, 2, 4326).STDistance(@g), point::[Null], @p.X" },
	{ "SELECT CONVERT(varchar(8), d, 112), TRY_CAST(x AS date), PARSE(y AS money USING 'de-DE') FROM t", NULL },
	{ "SELECT {d '2024-02-03'}, {fn UCASE('x')}", "SELECT {d '2024-02-03'}, {fn UCASE('x')}" },
	{ "SELECT a, COUNT(*) FROM t GROUP BY a, b WITH ROLLUP", "SELECT a, COUNT(*) FROM t GROUP BY ROLLUP (a, b)" },
	{ "SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 2 ROWS ONLY FOR JSON PATH, ROOT('r')",
		"SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 2 ROWS ONLY FOR JSON PATH, ROOT ('r')" },
	{ "SELECT a FROM t OPTION (MAXDOP 2, OPTIMIZE FOR (@p = 1))",
		"SELECT a FROM t OPTION (MAXDOP 2, OPTIMIZE FOR (@p = 1))" },
	{ "SELECT LAG(a) IGNORE NULLS OVER (ORDER BY b), NEXT VALUE FOR s FROM t", NULL },
	{ "SELECT a FROM t WHERE a !< 1 AND b IS NOT DISTINCT FROM c",
		"SELECT a FROM t WHERE a >= 1 AND b IS NOT DISTINCT FROM c" },
	{ "WITH XMLNAMESPACES('u' AS n), c AS (SELECT 1 AS one) SELECT one FROM c", NULL },
	{ "SELECT 1 FROM n, e, m WHERE MATCH(n-(e)->m)", NULL },
	{ "SELECT a INTO #copy FROM t", NULL },
	{ "INSERT TOP (3) INTO t (a, b) OUTPUT inserted.a INTO @log(a) OUTPUT inserted.b VALUES (1, DEFAULT)", NULL },
	{ "INSERT t EXEC p 1", "INSERT INTO t EXEC p 1" },
	{ "UPDATE t SET a += 1, @v = b = 2, doc.modify('delete /x') FROM t INNER JOIN u ON t.i = u.i WHERE CURRENT OF "
	  "c",
		"UPDATE t SET a += 1, @v = b = 2, doc.modify('delete /x') FROM t JOIN u ON t.i = u.i WHERE CURRENT OF "
		"c" },
	{ "DELETE a OUTPUT deleted.* FROM t a WHERE a.i = 1",
		"DELETE FROM a OUTPUT deleted.* FROM t AS a WHERE a.i = 1" },
	{ "MERGE t AS x USING u ON x.i = u.i WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1 "
	  "WHEN NOT MATCHED THEN INSERT (i) VALUES (u.i) OUTPUT $action;",
		"MERGE INTO t AS x USING u ON x.i = u.i WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN "
		"UPDATE "
		"SET a = 1 WHEN NOT MATCHED THEN INSERT (i) VALUES (u.i) OUTPUT $action" },
};

static const struct print_case objects[] = {
	{ "CREATE TABLE t (id int IDENTITY(1, 1) NOT NULL CONSTRAINT pk PRIMARY KEY CLUSTERED WITH (FILLFACTOR = 70), "
	  "twice AS id * 2 PERSISTED, n varchar(5) MASKED WITH (FUNCTION = 'default()') NULL, INDEX ix UNIQUE (n) "
	  "INCLUDE (id), CHECK (id > 0)) ON [PRIMARY] WITH (DATA_COMPRESSION = PAGE)",
		"CREATE TABLE t (id int IDENTITY(1, 1) NOT NULL CONSTRAINT pk PRIMARY KEY CLUSTERED WITH "
		"(FILLFACTOR "
		"= 70), twice AS id * 2 PERSISTED, n varchar(5) MASKED WITH (FUNCTION = 'default()') NULL, INDEX ix "
		"UNIQUE (n) INCLUDE (id), CHECK (id > 0)) ON [PRIMARY] WITH (DATA_COMPRESSION = PAGE)" },
	{ "CREATE TABLE v (a datetime2 GENERATED ALWAYS AS ROW START HIDDEN, b datetime2 GENERATED ALWAYS AS ROW END, "
	  "PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.old))",
		NULL },
	{ "CREATE TABLE k (n int) AS NODE", "CREATE TABLE k (n int) AS NODE" },
	{ "CREATE UNIQUE NONCLUSTERED INDEX i ON t (a, b DESC) INCLUDE (c) WHERE a > 1 WITH (ONLINE = ON) ON ps (a)",
		"CREATE UNIQUE NONCLUSTERED INDEX i ON t (a, b DESC) INCLUDE (c) WHERE a > 1 WITH (ONLINE = ON) ON ps "
		"(a)" },
	{ "CREATE CLUSTERED COLUMNSTORE INDEX i ON t", NULL },
	{ "CREATE OR ALTER VIEW v WITH SCHEMABINDING AS SELECT a FROM dbo.t WITH CHECK OPTION", NULL },
	{ "CREATE SEQUENCE s AS bigint START WITH 5 NO CACHE", NULL },
	{ "ALTER TABLE t WITH NOCHECK ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a) ON DELETE SET NULL", NULL },
	{ "ALTER TABLE t DROP CONSTRAINT IF EXISTS c, COLUMN d", NULL },
	{ "ALTER TABLE t ALTER COLUMN a nvarchar(5) NOT NULL", NULL },
	{ "ALTER TABLE t SWITCH PARTITION 2 TO u", NULL },
	{ "ALTER INDEX ALL ON t REBUILD WITH (ONLINE = ON)", NULL },
	{ "UPDATE STATISTICS t WITH FULLSCAN", NULL },
	{ "DROP INDEX i ON t, u.j", NULL },
	{ "DROP PROC IF EXISTS p", "DROP PROCEDURE IF EXISTS p" },
};

static void check_prints(const struct print_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		TALLOC_CTX *root = talloc_new(NULL);
		struct so_ast *ast = parse(root, cases[i].sql), *again;
		const char *print = so_sql_print(root, ast, so_ast_statement(ast));

		assert_string_equal(print, cases[i].print ? cases[i].print : cases[i].sql);
		again = parse(root, print);
		assert_string_equal(so_sql_print(root, again, so_ast_statement(again)), print);
		assert_true(so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)));
		talloc_free(root);
	}
}

static void test_tsql_prints(void **state)
{
	(void)state;
	check_prints(queries, sizeof queries / sizeof queries[0]);
	check_prints(objects, sizeof objects / sizeof objects[0]);
}

/* Statements end without semicolons; splitting finds the same ones as parsing. */
static void test_tsql_batches(void **state)
{
	static const struct {
		const char *text;
		unsigned count;
	} cases[] = {
		{ "SELECT 1 SELECT 2", 2 },
		{ "DECLARE @x int = 1 SET @x += 2 PRINT @x", 3 },
		{ "IF @a = 1 SELECT 1; ELSE SELECT 2 SELECT 3", 2 },
		{ "BEGIN TRY SELECT 1; THROW END TRY BEGIN CATCH ROLLBACK END CATCH COMMIT", 2 },
		{ "CREATE TABLE t (a int) INSERT t VALUES (1) DROP TABLE t", 3 },
		{ "CREATE PROC p AS SELECT 1 SELECT 2\nGO\nEXEC p\nGO 3\n", 2 },
		{ "again: SET NOCOUNT ON GOTO again", 3 },
		{ "EXEC p 1, @b = 'x' EXEC (@s)", 2 },
		{ "GRANT SELECT, EXECUTE ON x TO y WITH GRANT OPTION SELECT 1", 2 },
		{ "OPEN c FETCH NEXT FROM c INTO @a CLOSE c DEALLOCATE c", 4 },
		{ "WITH c AS (SELECT 1 a) SELECT a FROM c UPDATE t SET a = 1 DELETE t", 3 },
		{ "(SELECT 1) SELECT 2", 2 },
		{ "SET IDENTITY_INSERT t ON SET LANGUAGE us_english SELECT 1", 3 },
		{ "WHILE 1 = 1 BEGIN BREAK END WAITFOR DELAY '0:1' USE d", 3 },
		{ "ALTER TABLE t ADD a int ALTER TABLE t DROP COLUMN b TRUNCATE TABLE t", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		TALLOC_CTX *root = talloc_new(NULL);
		struct so_sql_piece *pieces;
		struct so_err err = SO_ERR_INIT;
		size_t count;

		assert_true(so_sql_split(
			root, NULL, SO_TSQL, cases[i].text, strlen(cases[i].text), NULL, &pieces, &count, &err));
		if (count != cases[i].count)
			fail_msg("%s: %zu statements", cases[i].text, count);
		for (size_t k = 0; k < count; k++) {
			char *piece = talloc_strndup(root, cases[i].text + pieces[k].offset, pieces[k].len);
			struct so_ast *ast = parse(root, piece);

			assert_int_not_equal(so_ast_kind(ast, so_ast_statement(ast)), SO_N_BLOCK);
		}
		talloc_free(root);
	}
}

static enum so_walk count_kind(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	unsigned *counts = arg;

	(void)parent;
	counts[so_ast_kind(ast, ref)]++;
	return SO_WALK_ON;
}

static void test_tsql_bodies(void **state)
{
	static const char sql[] =
		"CREATE OR ALTER PROCEDURE dbo.p @a int = 1, @t dbo.tt READONLY, @o int OUTPUT WITH RECOMPILE AS\n"
		"BEGIN TRY\n IF EXISTS (SELECT 1 FROM t) INSERT u SELECT a FROM @t -- why\n"
		" ELSE UPDATE u SET a = @a WHERE b = 2\n"
		" DECLARE c CURSOR FOR SELECT b FROM v\n"
		"END TRY BEGIN CATCH DELETE w END CATCH RETURN 1";
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_ast *ast = parse(root, sql);
	unsigned counts[SO_N_MAX] = { 0 };
	struct so_sql_class cls;

	(void)state;
	so_ast_walk(ast, so_ast_statement(ast), count_kind, counts);
	assert_int_equal(counts[SO_N_SELECT], 3);
	assert_int_equal(counts[SO_N_INSERT], 1);
	assert_int_equal(counts[SO_N_UPDATE], 1);
	assert_int_equal(counts[SO_N_DELETE], 1);
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	assert_int_equal(cls.cls, SO_CLASS_DDL);
	assert_string_equal(cls.verb, "create procedure");
	assert_non_null(strstr(so_sql_print(root, ast, so_ast_statement(ast)), "-- why\n"));
	talloc_free(root);
}

static void test_tsql_classes(void **state)
{
	static const struct {
		const char *sql;
		enum so_statement_class cls;
		bool pure;
	} cases[] = {
		{ "SELECT 1 SELECT 2", SO_CLASS_READ, true },
		{ "DECLARE @a int SELECT @a", SO_CLASS_UTILITY, false },
		{ "SELECT 1 DELETE t", SO_CLASS_WRITE, false },
		{ "IF 1 = 1 SELECT 1 ELSE UPDATE t SET a = 1", SO_CLASS_WRITE, false },
		{ "WHILE 1 = 1 BEGIN EXEC p END", SO_CLASS_WRITE, false },
		{ "SELECT a INTO b FROM c", SO_CLASS_WRITE, false },
		{ "SELECT 1 DROP TABLE t", SO_CLASS_DDL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct so_ast *ast = parse(NULL, cases[i].sql);
		struct so_sql_class cls;

		so_sql_classify(ast, so_ast_statement(ast), &cls);
		if (cls.cls != cases[i].cls || cls.pure_read != cases[i].pure)
			fail_msg("%s: class %d", cases[i].sql, (int)cls.cls);
		talloc_free(ast);
	}
}

static void test_tsql_takes_conditions(void **state)
{
	static const char *const cases[] = { "SELECT b = a FROM t WHERE a = 1 AND NOT b IS NULL",
		"SELECT IIF(a > 1, 2, 3) FROM t WHERE CONTAINS(b, 'x') OR FREETEXT(*, 'y')",
		"SELECT CASE WHEN a IN (1) THEN 2 END FROM t HAVING COUNT(*) > 1",
		"SELECT 1 FROM t WHERE x.exist('/a') = 1", "SELECT @v = a FROM t WHERE (b LIKE 'x')",
		"IF NOT EXISTS (SELECT 1) SELECT 2", "IF UPDATE(a) SELECT 1", "WHILE @@FETCH_STATUS = 0 BREAK",
		"SELECT 1 FROM t JOIN u ON (t.a = u.a)", "SELECT ~a, -b, a & 1 FROM t",
		"DELETE TOP (2) FROM t WHERE CURRENT OF c", "SELECT 1 FROM t WHERE a > ALL (SELECT 1)",
		"SELECT SUM(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		talloc_free(parse(NULL, cases[i]));
}

static void test_tsql_refuses(void **state)
{
	static const char *const cases[] = { "SELECT TOP FROM t", "SELECT a FROM t WHERE", "IF 1 = 1", "BEGIN SELECT 1",
		"BEGIN TRY SELECT 1 END TRY", "DECLARE @a", "SET", "EXEC", "INSERT t (a VALUES (1)", "UPDATE t a = 1",
		"MERGE t USING u ON 1 = 1", "SELECT * FROM a CROSS APPLY", "SELECT * FROM t PIVOT (SUM(a) FOR b)",
		"CREATE TABLE t", "CREATE TABLE t (a int", "ALTER TABLE t", "CREATE INDEX ON t (a)", "DROP TABLE",
		"SELECT CAST(a) FROM t", "CREATE PROCEDURE p SELECT 1", "GRANT SELECT ON t", "SELECT 1 FOR XML",
		"RAISERROR", "END", "ELSE SELECT 1",
		/* conditions and values are two things */
		"SELECT a BETWEEN 1 AND 2 FROM t", "SELECT a > 1 AS b FROM t", "SELECT b = a IS NULL FROM t",
		"SELECT NOT a FROM t", "SELECT EXISTS (SELECT 1)", "SELECT a FROM t WHERE 1", "SELECT a FROM t WHERE b",
		"SELECT a FROM t WHERE (SELECT 1)", "SELECT a FROM t HAVING COUNT(*)", "IF 1 SELECT 1",
		"WHILE a SELECT 1", "SELECT 1 FROM t JOIN u ON t.a", "DELETE t WHERE a",
		"UPDATE t SET a = 1 WHERE CASE WHEN a = 1 THEN 1 END",
		"MERGE t USING u ON t.a WHEN MATCHED THEN DELETE;",
		/* parentheses that only SELECT may leave out */
		"UPDATE TOP 2 t SET a = 1", "DELETE TOP 2 FROM t",
		"SELECT SUM(a) OVER (PARTITION BY b ROWS UNBOUNDED PRECEDING) FROM t" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (so_sql_parse(NULL, NULL, SO_TSQL, cases[i], strlen(cases[i]), NULL, &ast, &err))
			fail_msg("accepted: %s", cases[i]);
	}
}

/* A text that ends anywhere is refused or read, in both modes, and what was read prints. */
static void test_tsql_truncated(void **state)
{
	static const struct so_sql_options modes[] = { { .lenient = false }, { .lenient = true } };

	(void)state;
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		for (size_t len = 1; len < strlen(queries[i].sql); len++) {
			for (size_t mode = 0; mode < 2; mode++) {
				struct so_err err = SO_ERR_INIT;
				struct so_ast *ast;

				if (!so_sql_parse(NULL, NULL, SO_TSQL, queries[i].sql, len, &modes[mode], &ast, &err))
					continue;
				so_sql_print(ast, ast, so_ast_statement(ast));
				talloc_free(ast);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tsql_prints),
		cmocka_unit_test(test_tsql_batches),
		cmocka_unit_test(test_tsql_bodies),
		cmocka_unit_test(test_tsql_classes),
		cmocka_unit_test(test_tsql_takes_conditions),
		cmocka_unit_test(test_tsql_refuses),
		cmocka_unit_test(test_tsql_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
