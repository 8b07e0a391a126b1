/* Names, types and nullability by the rules of each dialect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sql/parse.h"
#include "sql/resolve.h"

/* users (id pk, email null, name not null); orders (id pk, user_id null, total, created_at null). */
static struct so_column user_columns[] = {
	{ .name = "id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64, .not_null = true },
	{ .name = "email", .type = "text", .type_class = SO_TYPE_TEXT },
	{ .name = "name", .type = "text", .type_class = SO_TYPE_TEXT, .not_null = true },
};
static struct so_column order_columns[] = {
	{ .name = "id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64, .not_null = true },
	{ .name = "user_id", .type = "bigint", .type_class = SO_TYPE_INT, .width_bits = 64 },
	{ .name = "total", .type = "numeric(10,2)", .type_class = SO_TYPE_NUMERIC, .not_null = true },
	{ .name = "created_at", .type = "timestamp with time zone", .type_class = SO_TYPE_TIMESTAMPTZ },
};
static int32_t first[] = { 0 };
static struct so_key keys[] = {
	{ .name = "pk", .kind = SO_KEY_PRIMARY, .validated = true, .n_columns = 1, .columns = first },
};
static struct so_table tables[] = {
	{ .schema = "public", .name = "users", .n_columns = 3, .columns = user_columns, .n_keys = 1, .keys = keys },
	{ .schema = "public", .name = "orders", .n_columns = 4, .columns = order_columns, .n_keys = 1, .keys = keys },
};
static char *search_path[] = { "public" };
static const struct so_catalog lower = {
	.n_tables = 2, .tables = tables, .n_search_path = 1, .search_path = search_path
};

static char *capitals(TALLOC_CTX *ctx, const char *name)
{
	char *out = so_strdup(ctx, name);

	for (char *p = out; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
	return out;
}

/* Oracle's has the names in capitals. */
static const struct so_catalog *catalog_of(TALLOC_CTX *ctx, enum so_dialect dialect)
{
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);

	if (dialect != SO_ORACLE)
		return &lower;
	*catalog = lower;
	catalog->tables = so_memdup(ctx, tables, sizeof tables);
	catalog->search_path = so_new_array(ctx, char *, 1);
	catalog->search_path[0] = capitals(ctx, "public");
	for (size_t i = 0; i < 2; i++) {
		struct so_table *table = &catalog->tables[i];

		table->schema = capitals(ctx, table->schema);
		table->name = capitals(ctx, table->name);
		table->columns = so_memdup(ctx, table->columns, table->n_columns * sizeof *table->columns);
		for (size_t c = 0; c < table->n_columns; c++)
			table->columns[c].name = capitals(ctx, table->columns[c].name);
	}
	return catalog;
}

/* What comes out: "name type!, .." with ! for what is never NULL and ? for an unknown type; "!message" for an error. */
static const struct {
	enum so_dialect dialect;
	const char *sql, *outputs;
} rows[] = {
	/* UPDATE and DELETE of several tables */
	{ SO_MYSQL,
		"UPDATE users u JOIN orders o ON o.user_id = u.id SET u.name = 'x', o.total = 1 WHERE u.email = 'y'",
		"" },
	{ SO_MYSQL, "UPDATE users, orders SET name = total WHERE users.id = user_id", "" },
	{ SO_MYSQL, "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.total = 1",
		"!column \"u.total\" does not exist" },
	{ SO_MYSQL, "UPDATE users u, orders o SET id = 1", "!column reference \"id\" is ambiguous" },
	{ SO_MYSQL, "DELETE u, o FROM users u JOIN orders o ON o.user_id = u.id WHERE total > 1", "" },
	{ SO_MYSQL, "DELETE FROM u USING users u JOIN orders o ON o.user_id = u.id", "" },
	{ SO_MYSQL, "DELETE x FROM users u", "!table \"x\" is not among those that the statement reads" },
	{ SO_MARIADB, "DELETE FROM orders WHERE total > 1 RETURNING id, TOTAL", "id bigint!, TOTAL numeric(10,2)!" },
	{ SO_TSQL, "UPDATE u SET name = o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = 'y'",
		"" },
	{ SO_TSQL, "UPDATE users SET name = 'x' FROM users JOIN orders ON orders.user_id = users.id", "" },
	{ SO_TSQL, "UPDATE u SET total = 1 FROM users u JOIN orders o ON o.user_id = u.id",
		"!column \"total\" of relation \"u\" does not exist" },
	{ SO_TSQL, "DELETE o FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE u.id IS NULL", "" },
	{ SO_TSQL, "DELETE FROM orders FROM users u WHERE u.id = orders.user_id", "" },
	{ SO_TSQL, "WITH x AS (SELECT TOP (3) id, name FROM users ORDER BY id) UPDATE x SET name = 'y'", "" },
	{ SO_POSTGRESQL,
		"UPDATE users SET name = o.total FROM orders o WHERE o.user_id = users.id RETURNING users.id, o.total",
		"id bigint!, total numeric(10,2)!" },
	{ SO_SQLITE, "UPDATE users SET name = o.total FROM orders o WHERE o.user_id = users.id", "" },
	/* OUTPUT and RETURNING */
	{ SO_TSQL, "UPDATE users SET name = 'x' OUTPUT inserted.name, deleted.email, DELETED.id WHERE id = 1",
		"name text!, email text, id bigint!" },
	{ SO_TSQL, "DELETE FROM users OUTPUT deleted.*", "id bigint!, email text, name text!" },
	{ SO_TSQL, "INSERT INTO users (id, name) OUTPUT inserted.id, INSERTED.name VALUES (1, 'a')",
		"id bigint!, name text!" },
	{ SO_TSQL,
		"MERGE users AS t USING orders AS s ON t.id = s.user_id WHEN MATCHED AND s.total > 1 THEN UPDATE SET "
		"name = s.id WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, 'x') WHEN NOT MATCHED BY SOURCE "
		"THEN DELETE OUTPUT $action, inserted.id, deleted.name, s.total;",
		"$action ?, id bigint, name text, total numeric(10,2)!" },
	{ SO_TSQL, "UPDATE users SET name = 'x' OUTPUT inserted.nope", "!column \"inserted.nope\" does not exist" },
	{ SO_TSQL, "DELETE FROM users OUTPUT deleted.id INTO @gone (id) WHERE id = 1", "" },
	{ SO_POSTGRESQL, "UPDATE users SET name = 'x' RETURNING old.name, new.email, old.id + 1 AS n",
		"name text!, email text, n bigint!" },
	{ SO_POSTGRESQL, "INSERT INTO users (id, name) VALUES (1, 'x') RETURNING old.id, new.id, id",
		"id bigint, id bigint!, id bigint!" },
	{ SO_POSTGRESQL, "DELETE FROM users RETURNING old.id, new.id", "id bigint!, id bigint" },
	{ SO_POSTGRESQL,
		"MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN UPDATE SET name = 'x' "
		"RETURNING merge_action(), old.name, new.name, o.id",
		"merge_action ?, name text, name text, id bigint!" },
	/* upserts */
	{ SO_MYSQL,
		"INSERT INTO users (id, name) VALUES (1, 'a') ON DUPLICATE KEY UPDATE name = VALUES(name), email = "
		"users.name",
		"" },
	{ SO_MYSQL,
		"INSERT INTO users (id, name) VALUES (1, 'a') AS n ON DUPLICATE KEY UPDATE name = CONCAT(n.name, "
		"email)",
		"" },
	{ SO_MYSQL,
		"INSERT INTO users (id, name) VALUES (1, 'a') AS n (x, y) ON DUPLICATE KEY UPDATE name = y, email = "
		"n.x",
		"" },
	{ SO_MYSQL, "INSERT INTO users (id, name) VALUES (1, 'a') AS n (x, y) ON DUPLICATE KEY UPDATE name = n.name",
		"!column \"n.name\" does not exist" },
	{ SO_MYSQL,
		"INSERT INTO users (id, name) SELECT o.id, o.total FROM orders o ON DUPLICATE KEY UPDATE name = "
		"o.total",
		"" },
	{ SO_MYSQL, "INSERT INTO users (id, name) VALUES (1, 'a') ON DUPLICATE KEY UPDATE name = VALUES(nope)",
		"!column \"nope\" does not exist" },
	{ SO_POSTGRESQL,
		"INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name "
		"WHERE users.email = excluded.email RETURNING id",
		"id bigint!" },
	{ SO_SQLITE,
		"INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING ON CONFLICT (email) DO "
		"UPDATE SET name = excluded.name",
		"" },
	{ SO_SQLITE, "INSERT INTO users (id, name) VALUES (1, 'a') ON CONFLICT (nope) DO NOTHING",
		"!column \"nope\" does not exist" },
	{ SO_ORACLE,
		"MERGE INTO users u USING orders o ON (u.id = o.user_id) WHEN MATCHED THEN UPDATE SET name = o.total "
		"WHERE o.total > 1 DELETE WHERE u.email IS NULL WHEN NOT MATCHED THEN INSERT (id, name) VALUES (o.id, "
		"'x') WHERE o.total > 2",
		"" },
	{ SO_ORACLE,
		"MERGE INTO users u USING orders o ON (u.id = o.user_id) WHEN MATCHED THEN UPDATE SET name = 'x' WHERE "
		"o.nope > 1",
		"!column \"O.NOPE\" does not exist" },
	{ SO_ORACLE,
		"INSERT ALL WHEN total > 1 THEN INTO users (id, name) VALUES (id, total) ELSE INTO orders (id) VALUES "
		"(user_id) SELECT * FROM orders",
		"" },
	{ SO_ORACLE, "INSERT ALL INTO users (id) VALUES (nope) SELECT id FROM orders",
		"!column \"NOPE\" does not exist" },
	/* PIVOT, UNPIVOT */
	{ SO_TSQL,
		"SELECT * FROM (SELECT user_id, total, name FROM orders JOIN users ON users.id = user_id) s PIVOT "
		"(SUM(total) FOR name IN ([a], [b])) p",
		"user_id bigint, a numeric(10,2), b numeric(10,2)" },
	{ SO_TSQL,
		"SELECT p.a, p.user_id FROM (SELECT user_id, total, name FROM orders, users) s PIVOT (COUNT(total) FOR "
		"name IN ([a])) AS p WHERE p.a > 1",
		"a int, user_id bigint" },
	{ SO_TSQL, "SELECT p.total FROM orders PIVOT (SUM(total) FOR user_id IN ([1])) p",
		"!column \"p.total\" does not exist" },
	{ SO_TSQL, "SELECT * FROM users UNPIVOT (v FOR c IN (email, name)) u",
		"id bigint!, v text!, c nvarchar(128)!" },
	{ SO_ORACLE,
		"SELECT * FROM (SELECT user_id, total, id FROM orders) PIVOT (SUM(total) AS s FOR user_id IN (1 AS a, "
		"2))",
		"ID bigint!, A_S numeric, 2_S numeric" },
	{ SO_ORACLE, "SELECT * FROM (SELECT user_id, total FROM orders) PIVOT (SUM(total) FOR user_id IN ('x', 'y' z))",
		"'x' numeric, Z numeric" },
	{ SO_ORACLE, "SELECT * FROM users UNPIVOT (v FOR c IN (email AS 'E', name))", "ID bigint!, C ?!, V text!" },
	{ SO_ORACLE, "SELECT * FROM users UNPIVOT INCLUDE NULLS (v FOR c IN (email, name))",
		"ID bigint!, C ?!, V text" },
	/* MATCH_RECOGNIZE */
	{ SO_ORACLE,
		"SELECT * FROM orders MATCH_RECOGNIZE (PARTITION BY user_id ORDER BY created_at MEASURES a.total AS "
		"first_total, LAST(b.total) AS last_total, b.id AS i ONE ROW PER MATCH PATTERN (a b+) DEFINE b AS "
		"b.total > PREV(b.total)) m",
		"USER_ID bigint, FIRST_TOTAL numeric(10,2), LAST_TOTAL ?, I bigint" },
	{ SO_ORACLE,
		"SELECT m.id, n FROM orders MATCH_RECOGNIZE (PARTITION BY user_id ORDER BY id MEASURES MATCH_NUMBER() "
		"AS n ALL ROWS PER MATCH PATTERN (a+) DEFINE a AS total > 1) m",
		"ID bigint!, N ?" },
	{ SO_ORACLE, "SELECT 1 FROM orders MATCH_RECOGNIZE (MEASURES c.id AS x PATTERN (a b) DEFINE a AS total > 1) m",
		"!missing FROM-clause entry for table \"C\"" },
	{ SO_ORACLE,
		"SELECT id FROM orders MATCH_RECOGNIZE (MEASURES a.id AS x ONE ROW PER MATCH PATTERN (a) DEFINE a AS "
		"total > 1)",
		"!column \"ID\" does not exist" },
	/* hierarchies, (+), MODEL, pseudo-columns */
	{ SO_ORACLE,
		"SELECT id, PRIOR id AS p, LEVEL, CONNECT_BY_ROOT name AS r, CONNECT_BY_ISLEAF l, "
		"SYS_CONNECT_BY_PATH(name, '/') FROM users START WITH email IS NULL CONNECT BY NOCYCLE PRIOR id = "
		"email AND LEVEL < 5 ORDER SIBLINGS BY name",
		"ID bigint!, P bigint, LEVEL NUMBER, R text, L NUMBER, SYS_CONNECT_BY_PATH(NAME,'/') ?" },
	{ SO_ORACLE, "SELECT id FROM users CONNECT BY PRIOR nope = id", "!column \"NOPE\" does not exist" },
	{ SO_ORACLE, "SELECT id FROM users START WITH nope = 1 CONNECT BY PRIOR id = id",
		"!column \"NOPE\" does not exist" },
	{ SO_ORACLE, "SELECT u.id, o.id AS oid FROM users u, orders o WHERE u.id = o.user_id(+) AND o.total(+) > 1",
		"ID bigint!, OID bigint" },
	{ SO_ORACLE, "SELECT u.id, o.id AS oid FROM users u, orders o WHERE u.id(+) = o.user_id",
		"ID bigint, OID bigint!" },
	{ SO_ORACLE, "SELECT u.id, o.id AS oid FROM users u, orders o WHERE u.id = o.user_id",
		"ID bigint!, OID bigint!" },
	{ SO_ORACLE,
		"SELECT user_id, m, cell FROM orders MODEL PARTITION BY (user_id) DIMENSION BY (id) MEASURES (total AS "
		"m, 0 AS cell) RULES (m[1] = m[2] + 1, cell[ANY] = CV(id))",
		"USER_ID bigint, M ?, CELL ?" },
	{ SO_ORACLE, "SELECT ROWNUM, u.ROWID, SYSDATE, s.NEXTVAL, hr.s.CURRVAL FROM users u WHERE ROWNUM < 3",
		"ROWNUM NUMBER, ROWID ROWID, SYSDATE DATE, NEXTVAL NUMBER, CURRVAL NUMBER" },
	{ SO_ORACLE, "SELECT id FROM users@far", "ID ?" },
	{ SO_ORACLE, "SELECT VALUE(u) FROM users u", "VALUE(U) ?" },
	{ SO_POSTGRESQL, "SELECT ctid, xmin, users.tableoid FROM users", "ctid tid, xmin xid, tableoid oid" },
	{ SO_SQLITE, "SELECT rowid, users._rowid_, oid FROM users", "rowid INTEGER, _rowid_ INTEGER, oid INTEGER" },
	{ SO_TSQL, "SELECT $IDENTITY, u.$rowguid FROM users u", "$IDENTITY ?, $rowguid ?" },
	{ SO_MYSQL, "SELECT _rowid FROM users", "_rowid ?" },
	{ SO_MYSQL, "SELECT rowid FROM users", "!column \"rowid\" does not exist" },
	/* columns of table functions */
	{ SO_POSTGRESQL,
		"SELECT j.*, u.id FROM users u, JSON_TABLE(u.name, '$[*]' COLUMNS (rn FOR ORDINALITY, a text PATH "
		"'$.a', ok bool EXISTS PATH '$.k', NESTED PATH '$.b[*]' COLUMNS (c int PATH '$.c'))) j",
		"rn integer!, a text, ok boolean, c integer, id bigint!" },
	{ SO_POSTGRESQL, "SELECT j.nope FROM JSON_TABLE('[]', '$[*]' COLUMNS (a int PATH '$.a')) j",
		"!column \"j.nope\" does not exist" },
	{ SO_POSTGRESQL,
		"SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS n FOR ORDINALITY, b int PATH 'b' NOT NULL, c text) "
		"x",
		"n integer!, b integer!, c text" },
	{ SO_POSTGRESQL, "SELECT * FROM json_to_recordset('[]') AS x (a int, b numeric(4,1), c text[])",
		"a integer, b numeric, c text[]" },
	{ SO_POSTGRESQL,
		"SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a'])) WITH ORDINALITY AS x (a, b, n)",
		"a ?, b ?, n ?" },
	{ SO_MYSQL,
		"SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (rn FOR ORDINALITY, a VARCHAR(10) PATH '$.a', NESTED "
		"PATH '$.b[*]' COLUMNS (n FOR ORDINALITY, c INT PATH '$.c'))) AS j",
		"rn int!, a varchar, n int, c int" },
	{ SO_TSQL,
		"SELECT j.a, J.B, o.id FROM orders o CROSS APPLY OPENJSON(o.total) WITH (a int '$.a', b nvarchar(max) "
		"AS JSON) j",
		"a int, B nvarchar, id bigint!" },
	{ SO_TSQL, "SELECT o.id, j.a FROM orders o OUTER APPLY OPENJSON(o.total) WITH (a int '$.a') j",
		"id bigint!, a int" },
	{ SO_ORACLE,
		"SELECT j.a, j.rn FROM users u, JSON_TABLE(u.name, '$[*]' COLUMNS (rn FOR ORDINALITY, a VARCHAR2(10) "
		"PATH '$.a', NESTED PATH '$.b' COLUMNS (c NUMBER PATH '$.c'))) j",
		"A VARCHAR2, RN NUMBER!" },
	{ SO_ORACLE, "SELECT x.* FROM XMLTABLE('/a' PASSING :d COLUMNS n FOR ORDINALITY, b NUMBER PATH 'b') x",
		"N NUMBER!, B NUMBER" },
	/* lateral and apply */
	{ SO_POSTGRESQL,
		"SELECT u.id, l.m FROM users u LEFT JOIN LATERAL (SELECT max(total) AS m, count(*) AS n FROM orders "
		"WHERE user_id = u.id) l ON true",
		"id bigint!, m numeric(10,2)" },
	{ SO_POSTGRESQL,
		"SELECT l.n FROM users u CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders WHERE user_id = u.id) l",
		"n bigint!" },
	{ SO_POSTGRESQL,
		"SELECT l.n FROM users u LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders WHERE user_id = u.id) l "
		"ON true",
		"n bigint" },
	{ SO_TSQL,
		"SELECT u.id, l.id AS oid FROM users u OUTER APPLY (SELECT TOP (1) o.id FROM orders o WHERE o.user_id "
		"= u.id ORDER BY o.total) l",
		"id bigint!, oid bigint" },
	{ SO_TSQL, "SELECT l.id FROM users u CROSS APPLY (SELECT o.id FROM orders o WHERE o.user_id = u.id) l",
		"id bigint!" },
	{ SO_TSQL, "SELECT l.id FROM users u CROSS JOIN (SELECT o.id FROM orders o WHERE o.user_id = u.id) l",
		"!missing FROM-clause entry for table \"u\"" },
	{ SO_MYSQL, "SELECT l.m FROM users u, LATERAL (SELECT MAX(total) AS m FROM orders WHERE user_id = u.id) l",
		"m numeric(10,2)" },
	{ SO_ORACLE, "SELECT l.id FROM users u CROSS APPLY (SELECT o.id FROM orders o WHERE o.user_id = u.id) l",
		"ID bigint!" },
	/* outer joins, USING, NATURAL */
	{ SO_POSTGRESQL, "SELECT id, u.name, o.total FROM users u LEFT JOIN orders o USING (id)",
		"id bigint!, name text!, total numeric(10,2)" },
	{ SO_POSTGRESQL, "SELECT id, u.id, o.id FROM users u RIGHT JOIN orders o USING (id)",
		"id bigint!, id bigint, id bigint!" },
	{ SO_POSTGRESQL, "SELECT id, u.id, o.id FROM users u FULL JOIN orders o USING (id)",
		"id bigint!, id bigint, id bigint" },
	{ SO_POSTGRESQL, "SELECT * FROM users NATURAL LEFT JOIN orders",
		"id bigint!, email text, name text!, user_id bigint, total numeric(10,2), created_at timestamp with "
		"time zone" },
	{ SO_POSTGRESQL, "SELECT * FROM (users u JOIN orders o USING (id)) AS j",
		"id bigint!, email text, name text!, user_id bigint, total numeric(10,2)!, created_at timestamp with "
		"time zone" },
	{ SO_MYSQL, "SELECT * FROM users u JOIN orders o USING (ID)",
		"id bigint!, email text, name text!, user_id bigint, total numeric(10,2)!, created_at timestamp with "
		"time zone" },
	{ SO_SQLITE, "SELECT ID, o.* FROM users u LEFT JOIN orders o USING (id)",
		"ID bigint!, id bigint, user_id bigint, total numeric(10,2), created_at timestamp with time zone" },
	{ SO_ORACLE, "SELECT id, o.total FROM users NATURAL JOIN orders o", "ID bigint!, TOTAL numeric(10,2)!" },
	{ SO_POSTGRESQL,
		"SELECT v.id FROM (users u LEFT JOIN orders o ON o.user_id = u.id) LEFT JOIN users v ON v.id = "
		"o.user_id",
		"id bigint" },
	/* stars */
	{ SO_TSQL, "SELECT U.*, 1 AS one FROM users u", "id bigint!, email text, name text!, one integer!" },
	{ SO_MYSQL, "SELECT u.* FROM users U", "id bigint!, email text, name text!" },
	{ SO_POSTGRESQL, "SELECT u.* FROM users \"U\"", "!missing FROM-clause entry for table \"u\"" },
	/* names and case */
	{ SO_POSTGRESQL, "SELECT ID, Users.Name FROM USERS", "id bigint!, name text!" },
	{ SO_POSTGRESQL, "SELECT \"Id\" FROM users", "!column \"Id\" does not exist" },
	{ SO_POSTGRESQL, "SELECT id FROM \"Users\"", "!relation \"Users\" does not exist" },
	{ SO_ORACLE, "SELECT Id, \"NAME\" FROM Users", "ID bigint!, NAME text!" },
	{ SO_ORACLE, "SELECT \"id\" FROM users", "!column \"id\" does not exist" },
	{ SO_MYSQL, "SELECT ID, `Name` FROM Users", "ID bigint!, Name text!" },
	{ SO_SQLITE, "SELECT [ID], \"Name\" FROM USERS", "ID bigint!, Name text!" },
	{ SO_TSQL, "SELECT ID, [Name] FROM [PUBLIC].Users", "ID bigint!, Name text!" },
	/* what an output without a label is called */
	{ SO_POSTGRESQL, "SELECT count(*), 1 + 1, lower(name), id::text FROM users GROUP BY name, id",
		"count bigint!, ?column? integer!, lower ?, id text!" },
	{ SO_MYSQL, "SELECT d.`COUNT(*)` FROM (SELECT COUNT(*) FROM users) d", "COUNT(*) bigint!" },
	{ SO_SQLITE, "SELECT d.\"count(*)\" FROM (SELECT count(*) FROM users) d", "count(*) bigint!" },
	{ SO_ORACLE, "SELECT d.\"COUNT(*)\" FROM (SELECT count( * ) FROM users) d", "COUNT(*) numeric!" },
	{ SO_TSQL, "SELECT d.count FROM (SELECT COUNT(*) FROM users) d", "!column \"d.count\" does not exist" },
	/* labels */
	{ SO_POSTGRESQL, "SELECT name AS n FROM users GROUP BY n ORDER BY n", "n text!" },
	{ SO_POSTGRESQL, "SELECT name AS n FROM users ORDER BY lower(n)", "!column \"n\" does not exist" },
	{ SO_POSTGRESQL, "SELECT name AS n FROM users WHERE n = 'x'", "!column \"n\" does not exist" },
	{ SO_MYSQL, "SELECT name AS n, COUNT(*) AS c FROM users GROUP BY n HAVING c > 1 ORDER BY c * 2, n",
		"n text!, c bigint!" },
	{ SO_MYSQL, "SELECT name AS n FROM users WHERE n = 'x'", "!column \"n\" does not exist" },
	{ SO_SQLITE, "SELECT name AS n FROM users WHERE n = 'x' GROUP BY n HAVING n > 'a' ORDER BY lower(n)",
		"n text!" },
	{ SO_TSQL, "SELECT name AS n FROM users ORDER BY n", "n text!" },
	{ SO_TSQL, "SELECT name AS n FROM users GROUP BY n", "!column \"n\" does not exist" },
	{ SO_TSQL, "SELECT n = name FROM users ORDER BY n", "n text!" },
	{ SO_ORACLE, "SELECT name AS n FROM users WHERE n = 'x'", "!column \"N\" does not exist" },
	{ SO_ORACLE, "SELECT name AS n FROM users ORDER BY UPPER(n)", "N text!" },
	/* one row for no rows */
	{ SO_MYSQL, "SELECT id, COUNT(*) AS c, 1 AS k FROM users", "id bigint, c bigint!, k integer" },
	{ SO_SQLITE, "SELECT id, max(total) AS m FROM orders", "id bigint, m numeric(10,2)" },
	{ SO_SQLITE, "SELECT id, max(id, 3) AS m FROM orders", "id bigint!, m bigint" },
};

static const char *describe(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql, const struct so_catalog *catalog)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	struct so_resolved *resolved = NULL;
	const struct so_block *block;
	char *out = so_strdup(ctx, "");

	if (!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), NULL, &ast, &err))
		return so_printf(ctx, "not parsed: %s", err.message);
	if (!so_sql_resolve(ctx, ast, so_ast_statement(ast), catalog, &resolved, &err))
		return so_printf(ctx, "!%s", err.message);
	block = &resolved->blocks[so_resolved_block(resolved, resolved->root)];
	for (size_t i = 0; i < block->n_outputs; i++) {
		const struct so_col *col = &block->outputs[i];

		out = so_printf(ctx, "%s%s%s %s%s", out, i ? ", " : "", col->name, *col->type ? col->type : "?",
			col->not_null ? "!" : "");
	}
	return out;
}

static void test_outputs(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *found = describe(*state, rows[i].dialect, rows[i].sql, catalog_of(*state, rows[i].dialect));

		if (strcmp(found, rows[i].outputs) == 0)
			continue;
		print_error("%s: %s\n  gives %s\n  not   %s\n", so_dialects[rows[i].dialect].name, rows[i].sql, found,
			rows[i].outputs);
		wrong++;
	}
	if (wrong)
		fail_msg("%zu statements resolve to something else", wrong);
}

/* Settings that decide whether names differ by case. */
static void test_case_by_setting(void **state)
{
	struct so_setting exact = { .name = "lower_case_table_names", .value = "0" };
	struct so_catalog files = lower, strict = lower;

	files.settings = &exact;
	files.n_settings = 1;
	strict.collation = "Latin1_General_100_CS_AS";
	assert_string_equal(describe(*state, SO_MYSQL, "SELECT ID FROM users u", &files), "ID bigint!");
	assert_string_equal(
		describe(*state, SO_MYSQL, "SELECT ID FROM Users", &files), "!relation \"Users\" does not exist");
	assert_string_equal(describe(*state, SO_MYSQL, "SELECT U.id FROM users u", &files),
		"!missing FROM-clause entry for table \"U\"");
	assert_string_equal(describe(*state, SO_TSQL, "SELECT id FROM users", &strict), "id bigint!");
	assert_string_equal(
		describe(*state, SO_TSQL, "SELECT Id FROM users", &strict), "!column \"Id\" does not exist");
	strict.collation = "Latin1_General_100_CI_AS";
	assert_string_equal(describe(*state, SO_TSQL, "SELECT Id FROM Users", &strict), "Id bigint!");
}

/* The columns of several tables that one statement changes are those of the right one. */
static void test_changed_columns_know_their_table(void **state)
{
	static const char sql[] = "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.name = 'x', total = 1";
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	struct so_resolved *resolved = NULL;
	const struct so_n_update *update;

	assert_true(so_sql_parse(*state, NULL, SO_MYSQL, sql, strlen(sql), NULL, &ast, &err));
	assert_true(so_sql_resolve(*state, ast, so_ast_statement(ast), &lower, &resolved, &err));
	update = so_as_update(ast, so_ast_statement(ast));
	for (uint32_t i = 0; i < 2; i++) {
		const struct so_n_assign *set = so_as_assign(ast, so_list_get(ast, update->sets, i));
		const struct so_table *table = NULL;
		const struct so_column *column =
			so_resolved_column(resolved, so_list_get(ast, set->columns, 0), &table);

		assert_non_null(column);
		assert_string_equal(table->name, i ? "orders" : "users");
		assert_string_equal(column->name, i ? "total" : "name");
	}
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_outputs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_case_by_setting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed_columns_know_their_table, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
