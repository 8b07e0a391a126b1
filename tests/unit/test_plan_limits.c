/* What no plan may do to a reader, in any format: cost more than its length, or nest without end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/findings.h"

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

/* A format: what stands before, for each of n members side by side, and behind; for each of n levels on the way down
 * and up again. %d: the number of the member, in indentation twice as many blanks. */
struct form {
	const char *name, *head, *member, *between, *tail;
	const char *deep_head, *down, *bottom, *up, *deep_tail;
	int members; /* most that the format takes */
	int indent; /* blanks a level before `down` */
};

static const struct form forms[] = {
	{ "postgresql-json", "[{\"Plan\": {\"Node Type\": \"Append\", \"Total Cost\": 9, \"Plans\": [",
		"{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t%d\", \"Total Cost\": 1, \"Plan Rows\": 4, "
		"\"Filter\": \"(a = 1)\"}",
		",", "]}}]", "[{\"Plan\": ", "{\"Node Type\": \"Sort\", \"Total Cost\": 9, \"Plans\": [",
		"{\"Node Type\": \"Result\"}", "]}", "}]", 20000, 0 },
	{ "postgresql-text", "Append  (cost=0.00..9.00 rows=4 width=4)\n",
		"  ->  Seq Scan on t%d  (cost=0.00..1.00 rows=4 width=4)\n        Filter: (a = 1)\n", "", "",
		"Sort  (cost=0.00..9.00 rows=4 width=4)\n", "->  Sort  (cost=0.00..9.00 rows=4 width=4)\n", "", "", "",
		20000, 2 },
	{ "postgresql-yaml", "- Plan:\n    Node Type: \"Append\"\n    Plans:\n",
		"      - Node Type: \"Seq Scan\"\n        Relation Name: \"t%d\"\n        Total Cost: 1.00\n", "", "",
		NULL, NULL, NULL, NULL, NULL, 20000, 0 }, /* its indentation is measured in test_plan_postgresql */
	{ "postgresql-xml", "<explain><Query><Plan><Node-Type>Append</Node-Type><Plans>",
		"<Plan><Node-Type>Seq "
		"Scan</Node-Type><Relation-Name>t%d</Relation-Name><Total-Cost>1.0</Total-Cost></Plan>",
		"", "</Plans></Plan></Query></explain>", "<explain><Query>", "<Plan><Node-Type>Sort</Node-Type><Plans>",
		"<Plan><Node-Type>Result</Node-Type></Plan>", "</Plans></Plan>", "</Query></explain>", 20000, 0 },
	{ "sqlite", "QUERY PLAN\n", "|--SCAN t%d\n", "", "`--USE TEMP B-TREE FOR ORDER BY\n", "QUERY PLAN\n",
		"`--SCAN x\n", "", "", "", 20000, 3 },
	{ "mysql-json", "{\"query_block\": {\"union_result\": {\"query_specifications\": [",
		"{\"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": \"1.0\"}, \"table\": "
		"{\"table_name\": \"t%d\", "
		"\"access_type\": \"ALL\", \"rows_examined_per_scan\": 9, \"filtered\": \"100.00\", \"cost_info\": "
		"{\"prefix_cost\": \"1.0\"}}}}",
		",", "]}}}", "{\"query_block\": ", "{\"ordering_operation\": ",
		"{\"table\": {\"table_name\": \"t\", \"access_type\": \"ALL\"}}", "}", "}", 20000, 0 },
	{ "mysql-json-v2", "{\"query_plan\": {\"operation\": \"Append\", \"inputs\": [",
		"{\"operation\": \"Table scan on t%d\", \"access_type\": \"table\", \"table_name\": \"t\", "
		"\"estimated_rows\": 9.0}",
		",", "]}}", "{\"query_plan\": ", "{\"operation\": \"Sort\", \"inputs\": [",
		"{\"operation\": \"Table scan on t\"}", "]}", "}", 20000, 0 },
	{ "mysql-tree", "-> Append  (cost=9 rows=9)\n", "    -> Table scan on t%d  (cost=1 rows=9)\n", "", "",
		"-> Sort  (cost=9 rows=9)\n", "-> Sort  (cost=9 rows=9)\n", "", "", "", 20000, 4 },
	{ "mysql-table",
		"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_"
		"len\tref\trows\tfiltered\tExtra\n1\tPRIMARY\tt\tALL\tNULL\tNULL\tNULL\t"
		"NULL\t9\t100.00\tNULL\n",
		"%d\tUNION\tt\tref\ta\ta\t4\tshop.u.id\t9\t100.00\tUsing where\n", "", "", NULL, NULL, NULL, NULL, NULL,
		20000, 0 },
	{ "mariadb-json", "{\"query_block\": {\"union_result\": {\"query_specifications\": [",
		"{\"query_block\": {\"select_id\": 1, \"r_loops\": 1, \"table\": {\"table_name\": \"t%d\", "
		"\"access_type\": \"ALL\", \"r_loops\": 1, "
		"\"rows\": 9, \"r_rows\": 9, \"r_table_time_ms\": 1, \"filtered\": 100, \"r_filtered\": 100}}}",
		",", "]}}}", "{\"query_block\": {\"r_loops\": 1, \"table\": ",
		"{\"table_name\": \"t\", \"access_type\": \"ALL\", \"materialized\": {\"query_block\": {\"table\": ",
		"{\"table_name\": \"t\", \"access_type\": \"ALL\"}", "}}}", "}}", 20000, 0 },
	{ "mssql-xml",
		"<ShowPlanXML><Batch><StmtSimple><QueryPlan><RelOp PhysicalOp=\"Concatenation\" "
		"LogicalOp=\"Concatenation\"><Concat>",
		"<RelOp PhysicalOp=\"Table Scan\" LogicalOp=\"Table Scan\" "
		"EstimateRows=\"9\"><RunTimeInformation><RunTimeCountersPerThread "
		"ActualRows=\"9\" ActualExecutions=\"1\"/></RunTimeInformation><TableScan><Object "
		"Table=\"[t%d]\"/></TableScan></RelOp>",
		"", "</Concat></RelOp></QueryPlan></StmtSimple></Batch></ShowPlanXML>",
		"<ShowPlanXML><Batch><StmtSimple><QueryPlan>", "<RelOp PhysicalOp=\"Sort\" LogicalOp=\"Sort\"><Sort>",
		"<RelOp PhysicalOp=\"Table Scan\" LogicalOp=\"Table Scan\"/>", "</Sort></RelOp>",
		"</QueryPlan></StmtSimple></Batch></ShowPlanXML>", 20000, 0 },
	{ "oracle-xplan", "Plan hash value: 1\n\n| Id | Operation | Name | Rows |\n| 0 | UNION-ALL | | 9 |\n",
		"| %d |  TABLE ACCESS FULL | T | 9 |\n", "", "",
		"Plan hash value: 1\n\n| Id | Operation | Name | Rows |\n", NULL, "", "", "", 20000, 0 },
	{ "oracle-rows", "[{\"ID\": 0, \"PARENT_ID\": null, \"OPERATION\": \"UNION-ALL\", \"OPTIONS\": null}",
		", {\"ID\": %d, \"PARENT_ID\": 0, \"OPERATION\": \"TABLE ACCESS\", \"OPTIONS\": \"FULL\", "
		"\"CARDINALITY\": 9}",
		"", "]", "[{\"ID\": 0, \"PARENT_ID\": null, \"OPERATION\": \"VIEW\", \"OPTIONS\": null}", NULL, "", "",
		"]", 20000, 0 },
};

#define N_FORMS (sizeof forms / sizeof forms[0])

static void add_numbered(struct so_buf *buf, const char *text, int number)
{
	const char *at = strstr(text, "%d");

	so_buf_add(buf, text, at ? (size_t)(at - text) : strlen(text));
	if (at) {
		so_buf_addf(buf, "%d", number);
		so_buf_adds(buf, at + 2);
	}
}

static void make_wide(struct so_buf *buf, const struct form *form, int n)
{
	so_buf_adds(buf, form->head);
	for (int i = 0; i < n; i++) {
		if (i)
			so_buf_adds(buf, form->between);
		add_numbered(buf, form->member, i + 1);
	}
	so_buf_adds(buf, form->tail);
}

/* Processor time of reading and judging, the least of three runs. */
static double cost_of(TALLOC_CTX *ctx, const struct form *form, int n)
{
	int64_t best = INT64_MAX;
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 << 20);
	make_wide(&buf, form, n);
	for (int round = 0; round < 3; round++) {
		SO_TMP(tmp, ctx);
		struct so_finding_list *list = so_finding_list_new(tmp);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;
		int64_t from = so_time_thread_cpu_us();

		if (!so_plan_read(tmp, so_buf_text(&buf), buf.len, &plan, &err))
			fail_msg("%s: %s", form->name, err.message);
		so_plan_findings(plan, NULL, NULL, list);
		from = so_time_thread_cpu_us() - from;
		best = from < best ? from : best;
		if (plan->n_nodes < n)
			fail_msg("%s: %d nodes of %d", form->name, plan->n_nodes, n);
	}
	return (double)(best > 1 ? best : 1);
}

/* Four times the nodes take about four times the work; were it quadratic, sixteen times. */
static void test_work_grows_with_the_length(void **state)
{
	for (size_t i = 0; i < N_FORMS; i++) {
		double ratio = INFINITY;

		for (int attempt = 0; attempt < 3 && ratio > 9; attempt++) /* the machine is shared */
			ratio = cost_of(*state, &forms[i], forms[i].members) /
				cost_of(*state, &forms[i], forms[i].members / 4);
		if (ratio > 9)
			fail_msg("%s: four times the nodes take %.1f times as long", forms[i].name, ratio);
	}
}

static void make_deep(struct so_buf *buf, const struct form *form, int depth)
{
	so_buf_adds(buf, form->deep_head);
	for (int i = 0; i < depth; i++) {
		if (strcmp(form->name, "oracle-xplan") == 0) {
			so_buf_addf(buf, "| %d | %*sVIEW | | 9 |\n", i, i, "");
			continue;
		}
		if (strcmp(form->name, "oracle-rows") == 0) {
			so_buf_addf(buf,
				", {\"ID\": %d, \"PARENT_ID\": %d, \"OPERATION\": \"VIEW\", \"OPTIONS\": null}", i + 1,
				i);
			continue;
		}
		so_buf_addf(buf, "%*s%s", form->indent * (form->indent == 3 ? i : i + 1), "", form->down);
	}
	so_buf_adds(buf, form->bottom);
	for (int i = 0; i < depth; i++)
		so_buf_adds(buf, form->up);
	so_buf_adds(buf, form->deep_tail);
}

/* Ten thousand levels are refused by the nesting, twenty are read. */
static void test_depth_is_refused(void **state)
{
	for (size_t i = 0; i < N_FORMS; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;
		struct so_buf buf;

		if (!forms[i].deep_head)
			continue;
		/* with indentation 10,000 levels are longer than the largest document */
		for (int depth = 20, deep = forms[i].indent ? 1200 : 10000; depth <= deep; depth += deep - 20) {
			SO_TMP(tmp, *state);
			bool ok;

			so_buf_init(&buf, tmp, 64u << 20);
			make_deep(&buf, &forms[i], depth);
			ok = so_plan_read(tmp, so_buf_text(&buf), buf.len, &plan, &err);
			if (depth == 20 && !ok)
				fail_msg("%s: %s", forms[i].name, err.message);
			if (depth == 20 && plan->nodes[plan->n_nodes - 1].depth < 19)
				fail_msg("%s: only %d deep", forms[i].name, plan->nodes[plan->n_nodes - 1].depth);
			if (depth > 20 && (ok || err.kind != SO_LIMIT || !strstr(err.message, "nested")))
				fail_msg("%s: %d levels: %s", forms[i].name, depth, ok ? "read" : err.message);
		}
	}
}

/* A table of MySQL that names the same members over and over, subqueries that could stand under any block, and one
 * temporary table that everybody reads. */
static void write_tangle(struct so_buf *buf, int n)
{
	so_buf_adds(buf, "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n");
	for (int i = 1; i <= n; i++)
		so_buf_addf(buf, "%d\tPRIMARY\tt%d\tALL\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tNULL\n",
			i == 1 ? 1 : 7000 + i, i);
	for (int i = 1; i <= n; i++)
		so_buf_addf(buf, "5000\tDEPENDENT SUBQUERY\ts%d\tref\ta\ta\t4\tshop.nowhere.id\t9\t100.00\tNULL\n", i);
	for (int i = 1; i <= n; i++)
		so_buf_addf(buf, "%d\tDEPENDENT SUBQUERY\to\tref\ta\ta\t4\tshop.o.id,shop.o.x\t9\t100.00\tNULL\n",
			600000 + i);
	for (int i = 1; i <= n; i++)
		so_buf_addf(
			buf, "%d\tUNION\t<derived5000>\tALL\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tNULL\n", 300000 + i);
	for (int i = 1; i <= n; i++)
		so_buf_addf(buf,
			"NULL\tUNION "
			"RESULT\t<union%d,%d,5000,5000,1,2,3,4>\tALL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\n",
			i, i + 1);
}

static double cost_of_tangle(TALLOC_CTX *ctx, int n)
{
	int64_t best = INT64_MAX;
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 << 20);
	write_tangle(&buf, n);
	for (int round = 0; round < 3; round++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;
		int64_t from = so_time_thread_cpu_us();

		/* the subqueries of block 5000 are one join: nested too deep when there are many */
		if (so_plan_read(ctx, so_buf_text(&buf), buf.len, &plan, &err))
			assert_true(plan->n_nodes >= n);
		else if (n <= 800 || err.kind != SO_LIMIT)
			fail_msg("%d: %s", n, err.message);
		from = so_time_thread_cpu_us() - from;
		best = from < best ? from : best;
		talloc_free(plan);
	}
	return (double)(best > 1 ? best : 1);
}

static void test_tables_are_not_searched_for_each_row(void **state)
{
	double ratio = INFINITY;

	for (int attempt = 0; attempt < 3 && ratio > 9; attempt++)
		ratio = cost_of_tangle(*state, 16000) / cost_of_tangle(*state, 4000);
	if (ratio > 9)
		fail_msg("four times the rows take %.1f times as long", ratio);
	cost_of_tangle(*state, 800); /* is read */
}

/* A million nodes are read, more are refused; both are more than one block of talloc's holds. */
static void test_nodes_are_limited(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;
	struct so_buf buf;

	so_buf_init(&buf, *state, 64 << 20);
	so_buf_adds(&buf, "QUERY PLAN\n");
	for (int i = 1; i < SO_PLAN_MAX_NODES; i++) /* the root counts */
		so_buf_adds(&buf, "|--SCAN t\n");
	if (!so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err))
		fail_msg("%s", err.message);
	assert_int_equal(plan->n_nodes, SO_PLAN_MAX_NODES);
	assert_string_equal(plan->nodes[SO_PLAN_MAX_NODES - 1].relation, "t");
	talloc_free(plan);
	so_buf_adds(&buf, "`--SCAN t\n");
	assert_false(so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err));
	assert_int_equal(err.kind, SO_LIMIT);
	assert_non_null(strstr(err.message, "1000000 nodes"));
}

/* Formats whose readers keep rows of their own refuse them as well, instead of running out of memory. */
static void test_rows_are_limited(void **state)
{
	static const char *const texts[][2] = {
		{ "Plan hash value: 1\n\n| Id | Operation | Name | Rows |\n", "| 1 | A | | |\n" },
		{ "-> Append  (cost=9 rows=9)\n", "    -> a\n" },
		{ "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n",
			"1\t\t\t\t\t\t\t\t\t\t\n" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		SO_TMP(tmp, *state);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;
		struct so_buf buf;

		so_buf_init(&buf, tmp, 64 << 20);
		so_buf_adds(&buf, texts[i][0]);
		for (int k = 0; k <= 2 * SO_PLAN_MAX_NODES; k++)
			so_buf_adds(&buf, texts[i][1]);
		assert_false(so_plan_read(tmp, so_buf_text(&buf), buf.len, &plan, &err));
		if (err.kind != SO_LIMIT || !strstr(err.message, "more than"))
			fail_msg("%zu: %s", i, err.message);
	}
}

/* What the fuzzers found: a first table in a join buffer, and figures beyond those of doubles. */
static void test_odd_figures(void **state)
{
	static const char table[] =
		"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n"
		"1\tSIMPLE\ta\tALL\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tUsing join buffer (flat, BNL join)\n"
		"1\tSIMPLE\tb\tALL\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tUsing join buffer (flat, BNL join)\n";
	static const char zero[] =
		"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n"
		"1\tPRIMARY\ta\tALL\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tNULL\n"
		"NULL\tUNION RESULT\t<union0,0,0,0,0,1>\tALL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\n";
	static const char tree[] =
		"-> Nested loop inner join  (cost=1e+999 rows=1.5e+615)\n    -> Table scan on a  (cost=1 rows=9)\n"
		"    -> Table scan on b  (cost=1 rows=1e+999)\n";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	assert_true(so_plan_read(*state, table, sizeof table - 1, &plan, &err));
	assert_int_equal(plan->n_nodes, 3);
	assert_true(so_plan_read(*state, zero, sizeof zero - 1, &plan, &err));
	assert_true(so_plan_read(*state, tree, sizeof tree - 1, &plan, &err));
	assert_true(isnan(plan->nodes[0].rows_est) && isnan(plan->nodes[2].rows_est) && isfinite(plan->total_cost));
	assert_true(plan->nodes[1].rows_est == 9);
}

/* Figures of pages and KB that no server prints: left out, so that their sums over the nodes stay in range. */
static void test_huge_counts(void **state)
{
#define SCAN                                                                                                           \
	"{\"Node Type\": \"Seq Scan\", \"Actual Rows\": 1, \"Actual Loops\": 2, \"Actual Total Time\": 2, "            \
	"\"Shared Hit Blocks\": 9223372036854775807, \"Shared Read Blocks\": 9223372036854775807}"
	static const char *const plans[] = {
		"[{\"Plan\": {\"Node Type\": \"Nested Loop\", \"Actual Rows\": 1, \"Actual Loops\": 2, \"Actual Total "
		"Time\": "
		"2, \"Shared Hit Blocks\": 5, \"Shared Read Blocks\": 9223372036854775807, \"Plans\": [" SCAN "," SCAN
		"," SCAN "]}}]",
		"[{\"Plan\": {\"Node Type\": \"Incremental Sort\", \"Full-sort Groups\": {\"Group Count\": 4000000000, "
		"\"Sort "
		"Space Disk\": {\"Average Sort Space Used\": 4000000000000}}}}]",
		"- Plan: \n    Node Type: \"Seq Scan\"\n    Shared Hit Blocks: 3e90\n    Plan Rows: 3e90\n",
		"Sort  (cost=0.00..9.00 rows=4 width=4) (actual time=1.0..2.0 rows=1 loops=1)\n  Sort Method: external "
		"merge  Disk: 99999999999999999999kB\n  Buffers: shared hit=88888888888888888888 read=7\n",
		"{\"query_block\": {\"select_id\": 1, \"r_loops\": 1, \"filesort\": {\"sort_key\": \"a\", \"r_loops\": "
		"1, "
		"\"r_buffer_size\": \"9e14GiB\", \"r_sort_passes\": 1e300, \"table\": {\"table_name\": \"t\", "
		"\"access_type\": "
		"\"ALL\", \"r_loops\": 1, \"r_rows\": 3, \"r_engine_stats\": {\"pages_accessed\": 9e200, "
		"\"pages_read_count\": 1e100}}}}}",
		"<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\"><BatchSequence><Batch>"
		"<Statements><StmtSimple StatementText=\"SELECT 1\"><QueryPlan><RelOp NodeId=\"0\" PhysicalOp=\"Sort\" "
		"LogicalOp=\"Sort\"><Warnings><SortSpillDetails WritesToTempDb=\"9e14\" "
		"UsedMemoryKb=\"9e200\"/></Warnings>"
		"<RunTimeInformation><RunTimeCountersPerThread Thread=\"0\" ActualRows=\"1\" ActualExecutions=\"1\" "
		"ActualLogicalReads=\"9e200\" ActualPhysicalReads=\"8e200\"/></RunTimeInformation></RelOp></QueryPlan>"
		"</StmtSimple></Statements></Batch></BatchSequence></ShowPlanXML>",
	};

	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;

		if (!so_plan_read(*state, plans[i], strlen(plans[i]), &plan, &err))
			fail_msg("plan %zu: %s", i, err.message);
		for (int32_t k = 0; k < plan->n_nodes; k++) {
			const struct so_plan_node *node = &plan->nodes[k];

			assert_in_range(node->buffers.shared_hit + 1, 0, 6);
			assert_in_range(node->buffers.shared_read + 1, 0, 8);
			assert_true(node->disk_kb <= SO_PLAN_MAX_COUNT && node->disk_kb >= -1);
			assert_true(node->memory_kb <= SO_PLAN_MAX_COUNT && node->memory_kb >= -1);
		}
	}
#undef SCAN
}

/* A condition may hold anything, also what another format begins with. */
static void test_tags_within_a_line(void **state)
{
	static const char text[] = "                QUERY PLAN        <ShowPlanXML \n"
				   "-----------------------------\n"
				   " Seq Scan on t  (cost=0.00..1.00 rows=4 width=4)\n"
				   "   Filter: (a = '<ShowPlanXML>'::text)\n";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	if (!so_plan_read(*state, text, sizeof text - 1, &plan, &err))
		fail_msg("%s", err.message);
	assert_string_equal(plan->nodes[0].label, "Seq Scan");
}

/* What the fuzzer found: the label of the statement in a line that goes on in the next one. */
static void test_wrapped_query_text(void **state)
{
	static const char text[] = "2026 LOG:  duration: 1.2 ms  plan:\n"
				   "\tQuery Text: select 1on: 1.2 ms  plap:\n"
				   "\tQuery Text:_ select 1\n"
				   "\tResult  (cost=0.00.\n"
				   "\tRfers: shared hit=19\n"
				   "           width=4)\n";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	for (size_t len = 0; len < sizeof text; len++)
		if (so_plan_read(*state, text, len, &plan, &err) && plan->query_text)
			assert_true(strlen(plan->query_text) < sizeof text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_work_grows_with_the_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tables_are_not_searched_for_each_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nodes_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_huge_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags_within_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrapped_query_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
