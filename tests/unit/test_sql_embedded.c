/* The SQL inside procedures, triggers and blocks of every dialect, with the places where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "sql/embedded.h"
#include "sql_fixture.h"

/* `found`: the text for so_sql_parse of each, one a line; "~" in front: rows go into variables, "?": a condition or
 * value. `at`: what stands in the source, where it differs, in the same order; NULL: the same but for case. */
static const struct {
	enum so_dialect dialect;
	const char *sql;
	const char *found[12];
	const char *at[12];
} rows[] = {
	{ SO_POSTGRESQL,
		"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x int; c CURSOR FOR SELECT d FROM k; "
		"BEGIN "
		"SELECT a INTO x FROM t WHERE b = 1; IF EXISTS (SELECT 1 FROM u) THEN UPDATE t SET a = 2; END IF; FOR "
		"r IN "
		"SELECT * FROM v LOOP PERFORM g(r.a); DELETE FROM w; END LOOP; RETURN QUERY SELECT 7; END $$",
		{ "SELECT d FROM k", "~SELECT a FROM t WHERE b = 1", "?SELECT (EXISTS (SELECT 1 FROM u))",
			"UPDATE t SET a = 2", "SELECT * FROM v", "SELECT g(r.a)", "DELETE FROM w", "SELECT 7" },
		{ NULL, "SELECT a INTO x FROM t WHERE b = 1", "EXISTS (SELECT 1 FROM u)", NULL, NULL, "g(r.a)" } },
	{ SO_POSTGRESQL, "DO $x$ BEGIN INSERT INTO t VALUES (1); END $x$", { "INSERT INTO t VALUES (1)" }, { NULL } },
	{ SO_POSTGRESQL, "CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); DELETE FROM u; END",
		{ "INSERT INTO t VALUES (1)", "DELETE FROM u" }, { NULL } },
	{ SO_POSTGRESQL, "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; UPDATE v SET a = 1)",
		{ "DELETE FROM u", "UPDATE v SET a = 1" }, { NULL } },
	{ SO_ORACLE,
		"CREATE OR REPLACE PROCEDURE p IS x NUMBER; CURSOR c IS SELECT a FROM t; BEGIN SELECT a BULK COLLECT "
		"INTO x "
		"FROM t WHERE b = 1; IF x > 1 THEN UPDATE t SET a = 2 RETURNING a INTO x; END IF; FOR r IN (SELECT * "
		"FROM "
		"v) LOOP DELETE FROM w WHERE a = r.a; END LOOP; EXCEPTION WHEN OTHERS THEN INSERT INTO l VALUES (1); "
		"END;",
		{ "SELECT A FROM T", "~SELECT a FROM t WHERE b = 1", "~UPDATE t SET a = 2 RETURNING a",
			"SELECT * FROM V", "DELETE FROM W WHERE A = R.A", "INSERT INTO L VALUES (1)" },
		{ NULL, "SELECT a BULK COLLECT INTO x FROM t WHERE b = 1", "UPDATE t SET a = 2 RETURNING a INTO x" } },
	{ SO_ORACLE,
		"CREATE PACKAGE BODY k IS PROCEDURE p IS BEGIN DELETE FROM t; END; FUNCTION f RETURN NUMBER IS n "
		"NUMBER; "
		"BEGIN SELECT COUNT(*) INTO n FROM u; RETURN n; END; END;",
		{ "DELETE FROM T", "~SELECT COUNT(*) FROM u" }, { NULL, "SELECT COUNT(*) INTO n FROM u" } },
	{ SO_ORACLE, "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN UPDATE u SET a = :NEW.a; END;",
		{ "UPDATE U SET A = :NEW.A" }, { NULL } },
	{ SO_ORACLE, "DECLARE n NUMBER; BEGIN DELETE FROM t; END;", { "DELETE FROM T" }, { NULL } },
	{ SO_TSQL,
		"CREATE PROCEDURE p @a int AS BEGIN DECLARE @x int = (SELECT MAX(a) FROM t); IF EXISTS (SELECT 1 FROM "
		"u) "
		"UPDATE t SET a = 2 ELSE BEGIN DELETE w WHERE a = @x END; WHILE @x > 0 BEGIN INSERT INTO l SELECT 1; "
		"SET @x "
		"= @x - 1 END; DECLARE c CURSOR FOR SELECT b FROM t; BEGIN TRY SELECT 1 END TRY BEGIN CATCH EXEC q END "
		"CATCH END",
		{ "?SELECT ((SELECT MAX(a) FROM t))", "?SELECT CASE WHEN EXISTS (SELECT 1 FROM u) THEN 1 END",
			"UPDATE t SET a = 2", "DELETE FROM w WHERE a = @x", "INSERT INTO l SELECT 1", "SELECT b FROM t",
			"SELECT 1", "EXEC q" },
		{ "(SELECT MAX(a) FROM t)", "EXISTS (SELECT 1 FROM u)", NULL, "DELETE w WHERE a = @x" } },
	{ SO_TSQL, "CREATE TRIGGER g ON t AFTER INSERT AS UPDATE u SET a = 1 WHERE EXISTS (SELECT 1 FROM inserted)",
		{ "UPDATE u SET a = 1 WHERE EXISTS (SELECT 1 FROM inserted)" }, { NULL } },
	{ SO_MYSQL,
		"CREATE PROCEDURE p(IN a INT) BEGIN DECLARE x INT; DECLARE c CURSOR FOR SELECT a FROM t; SELECT b INTO "
		"x FROM t "
		"WHERE d = a; IF x > 1 THEN UPDATE t SET a = 2; ELSEIF EXISTS (SELECT 1 FROM u) THEN DELETE FROM w; "
		"END IF; "
		"l: LOOP INSERT INTO k VALUES (1); LEAVE l; END LOOP; SET x = (SELECT MAX(q) FROM r); END",
		{ "SELECT a FROM t", "~SELECT b FROM t WHERE d = a", "UPDATE t SET a = 2",
			"?SELECT (EXISTS (SELECT 1 FROM u))", "DELETE FROM w", "INSERT INTO k VALUES (1)",
			"?SELECT ((SELECT MAX(q) FROM r))" },
		{ NULL, "SELECT b INTO x FROM t WHERE d = a", NULL, "EXISTS (SELECT 1 FROM u)", NULL, NULL,
			"(SELECT MAX(q) FROM r)" } },
	{ SO_MYSQL, "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW UPDATE u SET a = NEW.a WHERE b = 1",
		{ "UPDATE u SET a = NEW.a WHERE b = 1" }, { NULL } },
	{ SO_MARIADB, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t WHERE a < 3",
		{ "DELETE FROM t WHERE a < 3" }, { NULL } },
	{ SO_MARIADB, "BEGIN NOT ATOMIC DELETE FROM t; INSERT INTO u VALUES (1); END",
		{ "DELETE FROM t", "INSERT INTO u VALUES (1)" }, { NULL } },
	{ SO_SQLITE,
		"CREATE TRIGGER g AFTER INSERT ON t WHEN new.a > (SELECT max(a) FROM z) BEGIN UPDATE u SET a = new.a; "
		"INSERT "
		"INTO l SELECT * FROM w; DELETE FROM m; SELECT 1; END",
		{ "?SELECT (new.a > (SELECT max(a) FROM z))", "UPDATE u SET a = new.a", "INSERT INTO l SELECT * FROM w",
			"DELETE FROM m", "SELECT 1" },
		{ "new.a > (SELECT max(a) FROM z)" } },
};

static void check(TALLOC_CTX *ctx, size_t row)
{
	const char *sql = rows[row].sql;
	struct so_err err = SO_ERR_INIT;
	struct so_sql_embedded *list;
	struct so_ast *ast, *inner;
	size_t n, last = 0;

	if (!so_sql_parse(ctx, NULL, rows[row].dialect, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	n = so_sql_embedded(ast, ast, so_ast_statement(ast), &list);
	for (size_t i = 0; i < n || rows[row].found[i]; i++) {
		const char *wanted = rows[row].found[i], *at = rows[row].at[i];
		char *found = i < n ? so_printf(ast, "%s%s%s", list[i].into ? "~" : "", list[i].expression ? "?" : "",
					      list[i].text)
				    : NULL;

		if (!found || !wanted || strcmp(found, wanted) != 0)
			fail_msg("%s\nnumber %zu is %s\nnot %s", sql, i, found ? found : "(none)",
				wanted ? wanted : "(none)");
		at = at ? at : wanted;
		if (list[i].len != strlen(at) || strncasecmp(sql + list[i].offset, at, list[i].len) != 0)
			fail_msg("%s\nnumber %zu stands at %.*s\nnot %s", sql, i, (int)list[i].len,
				sql + list[i].offset, at);
		/* in the order of the text, and each a statement of its own */
		assert_true(list[i].offset >= last);
		last = list[i].offset;
		if (!so_sql_parse(ast, NULL, rows[row].dialect, list[i].text, strlen(list[i].text), NULL, &inner, &err))
			fail_msg("%s: %s", list[i].text, err.message);
	}
	talloc_free(ast);
}

static void test_statements_inside_are_reachable(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(*state, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_statements_inside_are_reachable, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
