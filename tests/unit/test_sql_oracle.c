/* Statements of Oracle: they parse, their prints parse to equal trees, and printing is a fixed point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "sql/ast.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql/resolve.h"

static struct so_ast *parse(TALLOC_CTX *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_ORACLE, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

static void check_print(const char *sql)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_ast *first = parse(ctx, sql), *second;
	char *print = so_sql_print(ctx, first, so_ast_statement(first));

	second = parse(ctx, print);
	if (!so_ast_equal(first, so_ast_statement(first), second, so_ast_statement(second)))
		fail_msg("%s prints another tree: %s", sql, print);
	assert_string_equal(so_sql_print(ctx, second, so_ast_statement(second)), print);
	talloc_free(ctx);
}

static void test_queries(void **state)
{
	static const char *const statements[] = {
		"select /*+ full(o) */ unique o.id, rownum from orders o where o.cust = :c and o.shop = s.id(+)",
		"select level, prior boss, connect_by_root id from staff start with boss is null connect by nocycle "
		"prior id = boss "
		"order siblings by name",
		"select a from t minus select b from u intersect select c from v",
		"select * from shop.sales@far partition (p1) sample block (5, 2) seed (3) s where s.d > date "
		"'2024-01-01'",
		"select * from t as of timestamp systimestamp - interval '5' minute x, table(f(x.a)) y",
		"select * from (select area, amount from sales) pivot (sum(amount) as s for area in ('n' as north, "
		"'s')) p",
		"select * from t unpivot include nulls (v for k in (a as 'A', b as 'B'))",
		"select * from ticks match_recognize (partition by sym order by at measures first(up.px) as lo one row "
		"per match after match "
		"skip past last row pattern (strt down+ up{1,3}) define down as px < prev(px), up as px > prev(px))",
		"select c, y, v from s model partition by (c) dimension by (y) measures (v) rules upsert (v[2025] = "
		"v[2024] * 2, v[any] = "
		"cv(y))",
		"select max(a) keep (dense_rank last order by b) over (partition by c), listagg(x, ',' on overflow "
		"truncate '..' with count) "
		"within group (order by x) from t",
		"select x.* from t left join u on t.a = u.a cross apply (select 1 one from dual) x order by 1 offset 2 "
		"rows fetch next 10 percent "
		"rows with ties",
		"with r (n) as (select 1 from dual union all select n + 1 from r) search depth first by n set o cycle "
		"n set c to 'y' default 'n' "
		"select * from r for update of r.n wait 3",
		"select json_value(d, '$.a' returning number null on error), xmlelement(\"e\", xmlattributes(a as "
		"\"b\"), c), q'[it's]' from t",
		"select a multiset union distinct b from t where x member of y and z is not a set or n is nan or v = "
		"any (1, 2)",
		"select cast(multiset(select 1 from dual) as nums), cursor(select 2 from dual), (a - b) day to second "
		"from t",
	};

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		check_print(statements[i]);
}

static void test_changes(void **state)
{
	static const char *const statements[] = {
		"insert all when a > 1 then into t (x) values (a) into u values (a, b) else into v select a, b from w",
		"insert into t (a, b) values (:a, s.nextval) returning a into :x log errors into e ('tag') reject "
		"limit unlimited",
		"update t x set (a, b) = (select c, d from u where u.k = x.k), z = default where current of c1",
		"delete t where a in (select b from u)",
		"merge into t using u on (t.k = u.k) when matched then update set t.a = u.a where u.a > 0 delete where "
		"t.a = 9 when not "
		"matched then insert (k) values (u.k) where u.k > 3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		check_print(statements[i]);
}

static void test_definitions(void **state)
{
	static const char *const statements[] = {
		"create global temporary table t (a number(5, 0) default 3 not null enable, b varchar2(9 char) "
		"invisible, c as (a * 2) "
		"virtual, constraint k primary key (a) using index tablespace x) on commit preserve rows",
		"create table t (a date, b clob) tablespace x lob (b) store as securefile (cache) partition by range "
		"(a) interval "
		"(numtodsinterval(1, 'DAY')) subpartition by hash (a) subpartitions 4 (partition p values less than "
		"(maxvalue) compress)",
		"create bitmap index s.i on s.t (lower(a) desc) local nologging parallel 4",
		"create or replace force view v (a, b) as select 1, 2 from dual with read only",
		"create materialized view m build immediate refresh fast on commit enable query rewrite as select a "
		"from t",
		"create sequence s start with 5 increment by 2 nocache cycle",
		"alter table t add (x number, constraint f foreign key (x) references u (y) on delete cascade) modify "
		"z varchar2(5)",
		"alter table t split partition p at (10) into (partition p1, partition p2) update indexes",
		"drop table t cascade constraints purge",
		"truncate table t reuse storage",
	};

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		check_print(statements[i]);
}

static void test_what_oracle_refuses(void **state)
{
	static const char *const statements[] = { "create temporary view v as select 1 from dual",
		"create global index i on t (a)", "select a from t as x", "select a from t as of" };

	(void)state;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_ast *ast;

		if (so_sql_parse(NULL, NULL, SO_ORACLE, statements[i], strlen(statements[i]), NULL, &ast, &err))
			fail_msg("%s", statements[i]);
		assert_int_equal(err.kind, SO_INPUT);
		assert_true(err.position >= 0);
	}
}

static void test_units(void **state)
{
	static const char sql[] = "create or replace package body p as procedure q is cursor c is select a from t; "
				  "begin for r in (select b "
				  "from u) loop if r.b = case when true then 1 end then update w set x = 1; end if; "
				  "end loop; end q; end p;\n"
				  "/\nbegin <<l>> null; exception when others then delete from z; end;\n/";
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_ast *ast = parse(ctx, sql);
	struct so_list units;

	(void)state;
	assert_int_equal(so_ast_kind(ast, so_ast_statement(ast)), SO_N_BLOCK);
	units = so_as_block(ast, so_ast_statement(ast))->statements;
	assert_int_equal(units.count, 2);
	assert_int_equal(so_as_opaque(ast, so_list_get(ast, units, 0))->parts.count, 3);
	assert_int_equal(so_as_opaque(ast, so_list_get(ast, units, 1))->parts.count, 1);
	talloc_free(ctx);
}

static void test_split(void **state)
{
	static const char sql[] = "select 1 from dual; select 4 / 2 from dual\n/\ncreate procedure p is procedure q is "
				  "begin null; end; begin if a then "
				  "q; end if; end p;\n/\nbegin case x when 1 then null; end case; end;\ncreate type t "
				  "as object (a number);\ncreate package k is "
				  "function f return number; v number; end;\nupdate t set a = 1";
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_sql_piece *pieces;
	struct so_err err = SO_ERR_INIT;
	size_t count;

	(void)state;
	assert_true(so_sql_split(ctx, NULL, SO_ORACLE, sql, strlen(sql), NULL, &pieces, &count, &err));
	assert_int_equal(count, 7);
	assert_memory_equal(sql + pieces[2].offset, "create procedure", 16);
	assert_memory_equal(sql + pieces[2].offset + pieces[2].len - 6, "end p;", 6);
	assert_memory_equal(sql + pieces[5].offset, "create package", 14);
	for (size_t i = 0; i < count; i++) {
		struct so_ast *ast;

		assert_true(
			so_sql_parse(ctx, NULL, SO_ORACLE, sql + pieces[i].offset, pieces[i].len, NULL, &ast, &err));
	}
	talloc_free(ctx);
}

/* The query behind functions in WITH belongs to them, and readers of names and blocks meet what is no CTE. */
static void test_functions_in_with(void **state)
{
	static const char sql[] =
		"with function f(a number) return number is begin return a; end; procedure g is begin "
		"null; end; select f(b) from t, u where exists (select 1 from t); select 2 from dual";
	TALLOC_CTX *ctx = talloc_new(NULL);
	static const char nested[] = "select a from (select 1 d from dual) t nested d columns (a)";
	struct so_catalog catalog = { 0 };
	struct so_sql_piece *pieces;
	struct so_sql_names *names;
	struct so_resolved *resolved;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	size_t count;

	(void)state;
	assert_true(so_sql_split(ctx, NULL, SO_ORACLE, sql, strlen(sql), NULL, &pieces, &count, &err));
	assert_int_equal(count, 2);
	assert_memory_equal(sql + pieces[1].offset, "select 2", 8);
	assert_true(so_sql_parse(ctx, NULL, SO_ORACLE, sql, pieces[0].len, NULL, &ast, &err));
	names = so_sql_names(ctx, ast, so_ast_statement(ast));
	assert_int_equal(names->table_count, 2);
	assert_false(so_sql_resolve(ctx, ast, so_ast_statement(ast), &catalog, &resolved, &err));
	assert_string_equal(err.message, "only queries in WITH are resolved");
	err = (struct so_err)SO_ERR_INIT;
	assert_true(so_sql_parse(ctx, NULL, SO_ORACLE, nested, strlen(nested), NULL, &ast, &err));
	assert_false(so_sql_resolve(ctx, ast, so_ast_statement(ast), &catalog, &resolved, &err));
	assert_string_equal(err.message, "columns of NESTED are not resolved");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_definitions),
		cmocka_unit_test(test_what_oracle_refuses),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_functions_in_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
