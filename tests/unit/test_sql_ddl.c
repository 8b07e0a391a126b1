/* Statements that define objects, statements that have no nodes, and SQL inside statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/embedded.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/print.h"

static struct so_ast *parse(const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

static void test_a_table_has_columns_and_constraints(void **state)
{
	struct so_ast *ast =
		parse("CREATE TABLE s.orders (id bigint PRIMARY KEY, user_id int NOT NULL REFERENCES users "
		      "(id) ON DELETE CASCADE, UNIQUE (user_id, id)) PARTITION BY RANGE (id)");
	const struct so_n_create_table *table = so_as_create_table(ast, so_ast_statement(ast));
	const struct so_n_column_def *column;
	const struct so_n_constraint *key;

	(void)state;
	assert_true(so_ast_name_is(ast, so_as_table(ast, table->table)->name, "orders"));
	assert_int_equal(table->elems.count, 3);
	column = so_as_column_def(ast, so_list_get(ast, table->elems, 1));
	assert_true(so_ast_name_is(ast, column->name, "user_id"));
	assert_true(so_ast_name_is(ast, so_as_type(ast, column->type)->name, "int4"));
	assert_int_equal(column->constraints.count, 2);
	key = so_as_constraint(ast, so_list_get(ast, column->constraints, 1));
	assert_int_equal(key->type, SO_CON_FOREIGN_KEY);
	assert_int_equal(so_rare_constraint(ast, key)->on_delete, SO_KEY_CASCADE);
	assert_true(so_ast_name_is(ast, so_as_table(ast, key->ref_table)->name, "users"));
	key = so_as_constraint(ast, so_list_get(ast, table->elems, 2));
	assert_int_equal(key->type, SO_CON_UNIQUE);
	assert_int_equal(key->columns.count, 2);
	assert_true(so_ast_name_is(ast, so_as_partition_by(ast, table->partition_by)->method, "range"));
	talloc_free(ast);
}

static void test_an_alter_is_a_list_of_actions(void **state)
{
	struct so_ast *ast = parse("ALTER TABLE t ADD COLUMN a int, ALTER b SET NOT NULL, DROP CONSTRAINT c CASCADE");
	const struct so_n_alter *alter = so_as_alter(ast, so_ast_statement(ast));
	const struct so_n_alter_action *action;

	(void)state;
	assert_int_equal(alter->object, SO_OBJ_TABLE);
	assert_int_equal(alter->actions.count, 3);
	action = so_as_alter_action(ast, so_list_get(ast, alter->actions, 0));
	assert_int_equal(action->type, SO_ALTER_ADD_COLUMN);
	assert_int_equal(action->items.count, 1);
	action = so_as_alter_action(ast, so_list_get(ast, alter->actions, 2));
	assert_int_equal(action->type, SO_ALTER_DROP_CONSTRAINT);
	assert_true(so_ast_name_is(ast, action->name, "c"));
	assert_int_equal(action->behavior, SO_CASCADE);
	/* an action that code makes prints by its type */
	so_as_alter_action(ast, so_list_get(ast, alter->actions, 1))->form = 0;
	assert_string_equal(so_sql_print(ast, ast, so_ast_statement(ast)),
		"ALTER TABLE t ADD a integer, ALTER b SET NOT NULL, DROP CONSTRAINT c CASCADE");
	talloc_free(ast);
}

static const char *const accepted[] = { "GRANT SELECT (a), UPDATE ON s.t, u TO bob, GROUP staff WITH GRANT OPTION",
	"GRANT admin, dev TO bob WITH ADMIN OPTION", "REVOKE GRANT OPTION FOR ALL ON SCHEMA s FROM PUBLIC CASCADE",
	"SET LOCAL search_path TO a, \"B\"", "SET TIME ZONE INTERVAL '1' HOUR", "SET SESSION AUTHORIZATION DEFAULT",
	"RESET ALL", "SHOW TRANSACTION ISOLATION LEVEL", "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY DEFERRABLE",
	"ROLLBACK TO SAVEPOINT x", "COMMIT AND NO CHAIN",
	"COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER) WHERE a > 1",
	"COPY (SELECT 1) TO PROGRAM 'gzip' CSV HEADER", "VACUUM (VERBOSE, ANALYZE) t (a), u", "ANALYZE",
	"CREATE OR REPLACE FUNCTION f(a int, OUT b text DEFAULT 'x') RETURNS SETOF t LANGUAGE sql STABLE AS $$SELECT "
	"1$$",
	"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
	"CREATE TRIGGER x AFTER UPDATE OF a, b OR INSERT ON t REFERENCING NEW TABLE AS n FOR EACH STATEMENT WHEN (a > "
	"1) "
	"EXECUTE FUNCTION f('x', 1)",
	"CREATE RULE r AS ON INSERT TO t WHERE a > 1 DO INSTEAD (INSERT INTO u VALUES (1); DELETE FROM v)",
	"CREATE POLICY p ON t FOR SELECT TO bob USING (a = 1) WITH CHECK (a = 2)", "CREATE ROLE bob LOGIN PASSWORD 'x'",
	"DROP FUNCTION IF EXISTS f(int, text), g CASCADE", "DROP OPERATOR CLASS c USING btree",
	"DROP OPERATOR + (int, NONE)", "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT ALL ON TABLES TO bob",
	"EXECUTE p (1, 'x')", "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT 1", "FETCH BACKWARD 5 FROM c",
	"LOCK TABLE t IN SHARE MODE NOWAIT", "CREATE PUBLICATION p FOR TABLE a, b WHERE (c > 1), TABLES IN SCHEMA s",
	"PREPARE p (int) AS SELECT $1", "COMMENT ON FUNCTION f(int) IS 'x'", "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
	"LISTEN x", "DO $$BEGIN END$$" };

static const char *const refused[] = { "GRANT SELECT ON t", "GRANT TO bob", "SET", "SET a", "SHOW a b", "RESET",
	"BEGIN WORK NOW", "COMMIT AND CHAIN NOW", "COPY t", "COPY (SELECT 1) FROM 'x'", "COPY t TO 'x' WHERE a = 1",
	"VACUUM t u", "LISTEN", "CREATE FUNCTION f RETURNS int", "CREATE FUNCTION f() AS 'x' LANGUAGE",
	"CREATE TRIGGER x BEFORE ON t EXECUTE FUNCTION f()", "CREATE POLICY p ON t FOR NOTHING",
	"CREATE ROLE bob FLYING", "DROP FUNCTION f(a int = 1)", "DROP OPERATOR CLASS a, b USING btree",
	"DROP OPERATOR + (int)", "EXECUTE", "DECLARE c CURSOR FOR DELETE FROM t", "FETCH FROM", "LOCK t IN NO MODE",
	"CREATE FOO", "CREATE TABLE", "CREATE TABLE t", "CREATE TABLE t (a)", "CREATE TABLE t (a int,)",
	"CREATE TABLE t (a int NOT NUL)", "CREATE TABLE t (a int) WITH OIDS", "CREATE TABLE t (a int) INHERITS ()",
	"CREATE TABLE t (CHECK (a > 0) DEFERRABLE)", "CREATE TABLE t (a int REFERENCES u ON UPDATE SET NULL (a))",
	"CREATE TABLE t (a interval day(3))", "CREATE TABLE p PARTITION OF q",
	"CREATE TABLE p PARTITION OF q FOR VALUES WITH (MODULUS 4)", "CREATE INDEX i ON t",
	"CREATE INDEX i ON t (a + b)", "CREATE INDEX IF NOT EXISTS ON t (a)", "CREATE UNIQUE TABLE t (a int)",
	"CREATE VIEW v", "CREATE RECURSIVE VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW v AS DELETE FROM t",
	"CREATE TYPE t AS ENUM ('a', b)", "ALTER TABLE t", "ALTER TABLE t ADD",
	"ALTER TABLE t ALTER a SET RESTART WITH 3", "ALTER TABLE t DETACH PARTITION p CONCURRENTLY FINALIZE",
	"ALTER TABLE t RENAME TO u, ADD a int", "ALTER VIEW v FLY", "DROP TABLE", "DROP TABLE a CASCADE RESTRICT",
	"DROP TRIGGER x", "TRUNCATE", "COMMENT ON TABLE t", "COMMENT ON TABLE t IS x" };

static void test_statements_without_nodes_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
		struct so_ast *ast = parse(accepted[i]);

		assert_int_equal(so_ast_kind(ast, so_ast_statement(ast)), SO_N_OPAQUE);
		talloc_free(ast);
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (so_sql_parse(NULL, NULL, SO_POSTGRESQL, refused[i], strlen(refused[i]), NULL, &ast, &err))
			fail_msg("accepted: %s", refused[i]);
		assert_int_equal(err.kind, SO_INPUT);
		assert_true(err.position >= 0 && err.position <= (int32_t)strlen(refused[i]));
	}
}

static void test_errors_stand_where_the_longest_attempt_ended(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	const char *sql = "GRANT SELECT ON TABLE t TO bob WITH GRANT POWER";

	(void)state;
	assert_false(so_sql_parse(NULL, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err));
	assert_string_equal(err.message, "syntax error at or near \"POWER\"");
	assert_int_equal(err.position, 42);
}

static void check_embedded(const char *sql, const char *const *texts)
{
	struct so_ast *ast = parse(sql);
	struct so_sql_embedded *list;
	size_t n = so_sql_embedded(ast, ast, so_ast_statement(ast), &list), i = 0;

	for (; texts[i]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *inner;

		assert_true(i < n);
		assert_string_equal(list[i].text, texts[i]);
		if (!so_sql_parse(ast, NULL, SO_POSTGRESQL, list[i].text, strlen(list[i].text), NULL, &inner, &err))
			fail_msg("%s: %s", list[i].text, err.message);
		assert_true(list[i].offset + list[i].len <= strlen(sql));
		/* the first words stand there */
		if (list[i].len && strncmp(texts[i], "SELECT (", 8) != 0 && strncmp(texts[i], "SELECT log", 10) != 0)
			assert_memory_equal(sql + list[i].offset, texts[i], 6);
	}
	assert_int_equal(n, i);
	talloc_free(ast);
}

static void test_sql_inside_bodies_is_found(void **state)
{
	static const char *const plpgsql[] = { "SELECT a , b FROM t WHERE id = key", "UPDATE t SET a = 1 RETURNING a",
		"SELECT (EXISTS (SELECT 1 FROM u))", "INSERT INTO log VALUES (1)", "SELECT * FROM v ORDER BY 1",
		"DELETE FROM w WHERE id = r.id", "SELECT log_it('x;y')", "SELECT ((SELECT max(a) FROM t))",
		"SELECT * FROM x", "WITH q AS (SELECT 1) SELECT * FROM q", NULL };
	static const char *const sql_body[] = { "INSERT INTO t VALUES ($1)", "SELECT 1", NULL };
	static const char *const atomic[] = { "SELECT 1", "DELETE FROM t", NULL };
	static const char *const cursor[] = { "SELECT a FROM t", NULL };

	(void)state;
	check_embedded("CREATE FUNCTION f(key int) RETURNS SETOF t LANGUAGE plpgsql AS $body$\n"
		       "DECLARE c CURSOR FOR SELECT a , b FROM t WHERE id = key; n int := 0; r record;\n"
		       "BEGIN\n"
		       "  UPDATE t SET a = 1 RETURNING a INTO STRICT n;\n"
		       "  IF EXISTS (SELECT 1 FROM u) THEN INSERT INTO log VALUES (1); END IF;\n"
		       "  <<outer>> FOR r IN SELECT * FROM v ORDER BY 1 LOOP\n"
		       "    DELETE FROM w WHERE id = r.id; -- gone\n"
		       "  END LOOP;\n"
		       "  PERFORM log_it('x;y');\n"
		       "  n := (SELECT max(a) FROM t);\n"
		       "  EXECUTE 'SELECT ' || n;\n"
		       "  RETURN QUERY SELECT * FROM x;\n"
		       "  OPEN d FOR WITH q AS (SELECT 1) SELECT * FROM q;\n"
		       "END $body$",
		plpgsql);
	check_embedded(
		"CREATE FUNCTION f(int) RETURNS int AS 'INSERT INTO t VALUES ($1); SELECT 1' LANGUAGE sql", sql_body);
	check_embedded("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; DELETE FROM t; END", atomic);
	check_embedded("DECLARE c CURSOR FOR SELECT a FROM t", cursor);
	check_embedded(
		"DO $$BEGIN SELECT a INTO x.y[1], z FROM t; END$$", (const char *const[]){ "SELECT a FROM t", NULL });
	check_embedded(
		"CREATE FUNCTION f() RETURNS int AS $$return 1$$ LANGUAGE plpython3u", (const char *const[]){ NULL });
}

static void test_names_tell_what_is_written(void **state)
{
	struct so_ast *ast = parse("CREATE TABLE a (x int REFERENCES b)");
	struct so_sql_names *names = so_sql_names(ast, ast, so_ast_statement(ast));

	(void)state;
	assert_int_equal(names->table_count, 2);
	assert_string_equal(names->tables[0].name, "a");
	assert_true(names->tables[0].written);
	assert_false(names->tables[1].written);
	talloc_free(ast);
	ast = parse("DROP INDEX i");
	assert_int_equal(so_sql_names(ast, ast, so_ast_statement(ast))->table_count, 0);
	talloc_free(ast);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_has_columns_and_constraints),
		cmocka_unit_test(test_an_alter_is_a_list_of_actions),
		cmocka_unit_test(test_statements_without_nodes_are_checked),
		cmocka_unit_test(test_errors_stand_where_the_longest_attempt_ended),
		cmocka_unit_test(test_sql_inside_bodies_is_found),
		cmocka_unit_test(test_names_tell_what_is_written),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
