/* The values that a plan tells of its statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "service/plan_values.h"

static const struct {
	enum so_dialect dialect;
	const char *plan, *sql, *text; /* text NULL: it does not tell all of them */
} cases[] = {
	/* auto_explain has the statement; with parameters it has their values from PostgreSQL 16 on */
	{ SO_POSTGRESQL,
		"Query Text: SELECT * FROM orders WHERE id = 7\n"
		"Index Scan using orders_pkey on orders  (cost=0.29..8.30 rows=1 width=50)\n  Index Cond: (id = 7)\n",
		NULL, "SELECT * FROM orders WHERE id = 7" },
	{ SO_POSTGRESQL,
		"\tQuery Text: SELECT *\n\tFROM orders WHERE status = $2 AND id > $1 AND status <> $2\n"
		"\tQuery Parameters: $1 = '42', $2 = 'it''s'\n"
		"\tSeq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n\t  Filter: (id > 42)\n",
		NULL, "SELECT *\nFROM orders WHERE status = 'it''s' AND id > '42' AND status <> 'it''s'" },
	{ SO_POSTGRESQL,
		"Query Text: SELECT * FROM orders WHERE note = $1\nQuery Parameters: $1 = 'it was too lo...'\n"
		"Seq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n",
		NULL, NULL },
	{ SO_POSTGRESQL,
		"[{\"Query Text\": \"SELECT * FROM orders WHERE id = $1 AND note IS NOT DISTINCT FROM $2\","
		" \"Query Parameters\": \"$1 = '1', $2 = NULL\", \"Plan\": {\"Node Type\": \"Seq Scan\","
		" \"Relation Name\": \"orders\", \"Startup Cost\": 0, \"Total Cost\": 1, \"Plan Rows\": 1, \"Plan "
		"Width\": 4}}]",
		NULL, "SELECT * FROM orders WHERE id = '1' AND note IS NOT DISTINCT FROM NULL" },
	/* the conditions of the nodes, without the types that EXPLAIN puts there */
	{ SO_POSTGRESQL,
		"Index Scan using a on orders o  (cost=0.29..8.30 rows=1 width=50)\n"
		"  Index Cond: ((o.id >= 7) AND (o.id <= 9))\n"
		"  Filter: ((status = 'open'::text) AND (note ~~ 'a%'::text) AND (total < '1.5'::numeric))\n",
		"select * from orders o where o.id between $1 and $2 and status = $3 and note like $4 and $5 > total",
		"select * from orders o where o.id between 7 and 9 and status = 'open' and note like 'a%' and '1.5' > "
		"total" },
	/* one of them is not there, or there twice with different values */
	{ SO_POSTGRESQL, "Seq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n  Filter: (status = 'open'::text)\n",
		"select * from orders where status = $1 limit $2", NULL },
	{ SO_POSTGRESQL,
		"Seq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n"
		"  Filter: ((status = 'open'::text) OR (status = 'new'::text))\n",
		"select * from orders where status = $1 or status = $2", NULL },
	{ SO_POSTGRESQL,
		"Nested Loop  (cost=0.00..8.30 rows=1 width=50)\n"
		"  ->  Seq Scan on orders a  (cost=0.00..8.30 rows=1 width=50)\n        Filter: (a.id = 1)\n"
		"  ->  Seq Scan on orders b  (cost=0.00..8.30 rows=1 width=50)\n        Filter: (b.id = 2)\n",
		"select * from orders a, orders b where a.id = $1 and b.id = $2",
		"select * from orders a, orders b where a.id = 1 and b.id = 2" },
	/* a generic plan tells nothing */
	{ SO_POSTGRESQL, "Seq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n  Filter: (status = $1)\n",
		"select * from orders where status = $1", NULL },
	{ SO_POSTGRESQL, "Seq Scan on orders  (cost=0.00..8.30 rows=1 width=50)\n", NULL, NULL },
	{ SO_TSQL,
		"<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\" Version=\"1.5\" "
		"Build=\"16\">"
		"<BatchSequence><Batch><Statements><StmtSimple StatementText=\"SELECT id FROM orders WHERE status = "
		"@p1 "
		"AND id "
		"&gt; @P2\" StatementSubTreeCost=\"1\" StatementType=\"SELECT\"><QueryPlan>"
		"<RelOp NodeId=\"0\" PhysicalOp=\"Table Scan\" LogicalOp=\"Table Scan\" EstimateRows=\"1\" "
		"EstimateIO=\"1\" "
		"EstimateCPU=\"0\" AvgRowSize=\"9\" EstimatedTotalSubtreeCost=\"1\"><OutputList/><TableScan><Object "
		"Table=\"[orders]\"/></TableScan></RelOp>"
		"<ParameterList><ColumnReference Column=\"@p1\" ParameterCompiledValue=\"N'new'\" "
		"ParameterRuntimeValue=\"N'open'\"/><ColumnReference Column=\"@p2\" ParameterCompiledValue=\"(42)\"/>"
		"</ParameterList></QueryPlan></StmtSimple></Statements></Batch></BatchSequence></ShowPlanXML>",
		NULL, "SELECT id FROM orders WHERE status = N'open' AND id > 42" },
};

static void test_values_of_plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;
		char *text;

		if (!so_plan_read(ctx, cases[i].plan, strlen(cases[i].plan), &plan, &err))
			fail_msg("case %zu: %s", i, err.message);
		text = so_plan_values_text(ctx, cases[i].dialect, plan, cases[i].sql);
		if (!cases[i].text != !text || (text && strcmp(text, cases[i].text) != 0))
			fail_msg("case %zu: %s", i, text ? text : "(none)");
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_values_of_plans) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
