/* How long a 1 MB plan takes from text to findings, against jansson's own parse of the same text: prints
 * `plan.read_vs_jansson<TAB>ratio<TAB>x`. Then how fast the other formats are read (conditions parsed, figures
 * derived): `plan.text<TAB>rate<TAB>MB/s` and so on; of JSON and XML also as a multiple of a bare parse. With a name,
 * only that format. The plans are made of the captures' most common nodes under one Append. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/findings.h"

#define ROUNDS 15

static const char buffers[] = "\"Shared Hit Blocks\": 2645, \"Shared Read Blocks\": 12, \"Shared Dirtied Blocks\": 0, "
			      "\"Shared Written Blocks\": 0, \"Local Hit Blocks\": 0, \"Local Read Blocks\": 0, "
			      "\"Local Dirtied Blocks\": 0, \"Local Written Blocks\": 0, \"Temp Read Blocks\": 0, "
			      "\"Temp Written Blocks\": 0, \"I/O Read Time\": 0.112, \"I/O Write Time\": 0.000";

/* A join of two filtered scans, about 2.8 kB, different in names and figures. */
static void add_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%s{\"Node Type\": \"Hash Join\", \"Parent Relationship\": \"Member\", \"Parallel Aware\": false, "
		"\"Async Capable\": false, \"Join Type\": \"Inner\", \"Startup Cost\": 4.50, \"Total Cost\": %d.79, "
		"\"Plan Rows\": 250, \"Plan Width\": 36, \"Actual Startup Time\": 0.046, \"Actual Total Time\": "
		"13.118, "
		"\"Actual Rows\": 240, \"Actual Loops\": 1, \"Inner Unique\": true, \"Hash Cond\": \"(o_%d.user_id = "
		"u_%d.id)\", %s, "
		"\"Plans\": [",
		i ? ",\n" : "", 4000 + i, i, i, buffers);
	so_buf_addf(buf,
		"{\"Node Type\": \"Seq Scan\", \"Parent Relationship\": \"Outer\", \"Parallel Aware\": false, \"Async "
		"Capable\": false, "
		"\"Relation Name\": \"orders_%d\", \"Schema\": \"shop\", \"Alias\": \"o_%d\", \"Startup Cost\": 0.00, "
		"\"Total Cost\": 1703.00, "
		"\"Plan Rows\": 400, \"Plan Width\": 36, \"Actual Startup Time\": 0.009, \"Actual Total Time\": 9.182, "
		"\"Actual Rows\": 380, \"Actual Loops\": 1, \"Filter\": \"((o_%d.status = 'pending'::text) AND "
		"(o_%d.created_at >= "
		"'2025-01-01 00:00:00+00'::timestamp with time zone))\", \"Rows Removed by Filter\": %d, %s},",
		i, i, i, i, 40000 + i, buffers);
	so_buf_addf(buf,
		"{\"Node Type\": \"Hash\", \"Parent Relationship\": \"Inner\", \"Parallel Aware\": false, \"Async "
		"Capable\": false, "
		"\"Startup Cost\": 4.50, \"Total Cost\": 4.50, \"Plan Rows\": 1, \"Plan Width\": 36, \"Actual Startup "
		"Time\": 0.041, "
		"\"Actual Total Time\": 0.041, \"Actual Rows\": 1, \"Actual Loops\": 1, \"Hash Buckets\": 1024, "
		"\"Original Hash Buckets\": 1024, \"Hash Batches\": 1, \"Original Hash Batches\": 1, \"Peak Memory "
		"Usage\": 9, %s, \"Plans\": ["
		"{\"Node Type\": \"Index Scan\", \"Parent Relationship\": \"Outer\", \"Parallel Aware\": false, "
		"\"Async Capable\": false, "
		"\"Scan Direction\": \"Forward\", \"Index Name\": \"users_%d_pkey\", \"Relation Name\": \"users_%d\", "
		"\"Schema\": \"shop\", "
		"\"Alias\": \"u_%d\", \"Startup Cost\": 0.00, \"Total Cost\": 4.50, \"Plan Rows\": 1, \"Plan Width\": "
		"36, "
		"\"Actual Startup Time\": 0.010, \"Actual Total Time\": 0.025, \"Actual Rows\": 1, \"Actual Loops\": "
		"1, "
		"\"Index Cond\": \"(u_%d.id = 17)\", %s}]}]}",
		buffers, i, i, i, i, buffers);
}

static int64_t parse_only(const char *text, size_t len)
{
	json_error_t at;
	int64_t from = so_time_thread_cpu_us();
	json_t *doc = json_loadb(text, len, 0, &at);

	so_assert(doc);
	json_decref(doc);
	return so_time_thread_cpu_us() - from;
}

static int64_t read_and_judge(TALLOC_CTX *ctx, const char *text, size_t len, size_t *n_findings)
{
	int64_t from = so_time_thread_cpu_us();
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	struct so_finding_list *list = so_finding_list_new(ctx);

	if (!so_plan_read(ctx, text, len, &plan, &err)) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	so_plan_findings(plan, NULL, NULL, list);
	*n_findings = list->count;
	talloc_free(plan);
	talloc_free(list);
	return so_time_thread_cpu_us() - from;
}

/* ---- Other formats ---------------------------------------------------------------------------------------------- */

static void text_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"  ->  Hash Join  (cost=4.50..%d.79 rows=250 width=36) (actual time=0.046..13.118 rows=240 loops=1)\n"
		"        Hash Cond: (o_%d.user_id = u_%d.id)\n"
		"        Buffers: shared hit=2645 read=12\n"
		"        ->  Seq Scan on orders_%d o_%d  (cost=0.00..1703.00 rows=400 width=36) (actual "
		"time=0.009..9.182 "
		"rows=380 loops=1)\n"
		"              Filter: ((o_%d.status = 'pending'::text) AND (o_%d.created_at >= '2025-01-01 "
		"00:00:00+00'::timestamp with time zone))\n"
		"              Rows Removed by Filter: %d\n"
		"              Buffers: shared hit=2645 read=12\n",
		4000 + i % 1000, i, i, i, i, i, i, 40000 + i);
	so_buf_addf(buf,
		"        ->  Hash  (cost=4.50..4.50 rows=1 width=36) (actual time=0.041..0.041 rows=1 loops=1)\n"
		"              Buckets: 1024  Batches: 1  Memory Usage: 9kB\n"
		"              Buffers: shared hit=3\n"
		"              ->  Index Scan using users_%d_pkey on users_%d u_%d  (cost=0.00..4.50 rows=1 width=36) "
		"(actual time=0.010..0.025 rows=1 loops=1)\n"
		"                    Index Cond: (u_%d.id = 17)\n"
		"                    Buffers: shared hit=3\n",
		i, i, i, i);
}

static void xml_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"<Plan>\n<Node-Type>Seq Scan</Node-Type>\n<Parent-Relationship>Member</Parent-Relationship>\n"
		"<Parallel-Aware>false</Parallel-Aware>\n<Relation-Name>orders_%d</Relation-Name>\n<Alias>o_%d</"
		"Alias>\n"
		"<Startup-Cost>0.00</Startup-Cost>\n<Total-Cost>1703.00</Total-Cost>\n<Plan-Rows>400</Plan-Rows>\n"
		"<Plan-Width>36</Plan-Width>\n<Actual-Total-Time>9.182</Actual-Total-Time>\n<Actual-Rows>380</"
		"Actual-Rows>\n"
		"<Actual-Loops>1</Actual-Loops>\n<Filter>(status = 'pending'::text)</Filter>\n</Plan>\n",
		i, i);
}

static void yaml_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"      - Node Type: \"Seq Scan\"\n        Parent Relationship: \"Member\"\n        Parallel Aware: "
		"false\n"
		"        Relation Name: \"orders_%d\"\n        Alias: \"o_%d\"\n        Startup Cost: 0.00\n"
		"        Total Cost: 1703.00\n        Plan Rows: 400\n        Plan Width: 36\n"
		"        Actual Total Time: 9.182\n        Actual Rows: 380\n        Actual Loops: 1\n"
		"        Filter: \"(status = 'pending'::text)\"\n",
		i, i);
}

static void sqlite_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf, "|--SEARCH orders_%d USING INDEX orders_%d_user (user_id=? AND created_at>?)\n", i, i);
}

static void mysql_json_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%s{\"dependent\": false, \"query_block\": {\"select_id\": 2, \"table\": {\"table_name\": "
		"\"orders_%d\", \"access_type\": \"ref\", \"possible_keys\": "
		"[\"orders_%d_user\"], "
		"\"key\": \"orders_%d_user\", \"used_key_parts\": [\"user_id\"], \"key_length\": \"4\", \"ref\": "
		"[\"shop.u.id\"], "
		"\"rows_examined_per_scan\": 10, \"rows_produced_per_join\": 40000, \"filtered\": \"33.33\", "
		"\"cost_info\": {\"read_cost\": \"100.00\", \"eval_cost\": \"4.00\", \"prefix_cost\": \"%d.00\", "
		"\"data_read_per_join\": \"80K\"}, \"used_columns\": [\"id\", \"user_id\", \"status\"], "
		"\"attached_condition\": \"(`shop`.`orders_%d`.`status` = 'paid')\"}}}",
		i ? ",\n" : "", i, i, i, 1000 + i, i);
}

static void mysql_tree_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"    -> Filter: (orders_%d.`status` = 'paid')  (cost=405 rows=400) (actual time=0.297..0.841 rows=1 "
		"loops=1)\n"
		"        -> Index lookup on orders_%d using orders_%d_user (user_id = 17)  (cost=405 rows=4000) "
		"(actual "
		"time=0.0519..0.657 rows=4000 loops=1)\n",
		i, i, i);
}

static void mysql_table_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"| %4d | UNION | orders_%-8d | ref | orders_user | orders_user | 4 | shop.u.id | %6d | 33.33 | Using "
		"where |\n",
		i + 2, i, i % 100000);
}

static void mariadb_json_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%s{\"query_block\": {\"select_id\": 2, \"r_loops\": 1, \"r_total_time_ms\": 10, \"table\": "
		"{\"table_name\": \"orders_%d\", \"access_type\": \"ALL\", \"r_loops\": 1, \"rows\": "
		"40335, "
		"\"r_rows\": 40000, \"r_table_time_ms\": 6.62, \"r_other_time_ms\": 3.3, \"r_engine_stats\": "
		"{\"pages_accessed\": 114}, \"filtered\": 100, \"r_filtered\": 2.5, "
		"\"attached_condition\": \"orders_%d.`status` = 'paid'\"}}}",
		i ? ",\n" : "", i, i);
}

static void mssql_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"<RelOp NodeId=\"%d\" PhysicalOp=\"Clustered Index Scan\" LogicalOp=\"Clustered Index Scan\" "
		"EstimateRows=\"400\" "
		"EstimateIO=\"0\" EstimateCPU=\"0\" AvgRowSize=\"35\" EstimatedTotalSubtreeCost=\"3.2\" Parallel=\"0\" "
		"EstimateRebinds=\"0\" EstimateRewinds=\"0\" EstimatedExecutionMode=\"Row\" "
		"EstimatedRowsRead=\"40000\">\n<OutputList/>\n",
		i + 1);
	so_buf_addf(buf,
		"<RunTimeInformation>\n<RunTimeCountersPerThread Thread=\"0\" ActualRows=\"380\" "
		"ActualRowsRead=\"40000\" "
		"ActualExecutions=\"1\" ActualElapsedms=\"38\" ActualCPUms=\"38\" ActualScans=\"1\" "
		"ActualLogicalReads=\"412\" "
		"ActualPhysicalReads=\"0\" ActualReadAheads=\"0\" "
		"ActualExecutionMode=\"Row\"/>\n</RunTimeInformation>\n<IndexScan>\n"
		"<Object Database=\"[shop]\" Schema=\"[dbo]\" Table=\"[orders_%d]\" Index=\"[PK_orders]\" "
		"Alias=\"[o]\"/>\n"
		"<Predicate><ScalarOperator ScalarString=\"[shop].[dbo].[orders_%d].[amount] as "
		"[o].[amount]&gt;(990.00)\"/>"
		"</Predicate>\n</IndexScan></RelOp>\n",
		i, i);
}

static void oracle_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"|* %7d |  TABLE ACCESS FULL                   | ORDERS_%-7d |      1 |    400 |    380 | 00:00:00.12 "
		"|    4012 |     0 |\n",
		i + 1, i);
}

static const struct {
	const char *name, *head, *tail;
	void (*member)(struct so_buf *buf, int i);
	size_t bytes;
} formats[] = {
	{ "text",
		"Append  (cost=0.00..2000000.00 rows=90000 width=36) (actual time=0.100..9000.000 rows=90000 "
		"loops=1)\n",
		"Planning Time: 1.5 ms\nExecution Time: 9001.2 ms\n", text_member, 1 << 20 },
	{ "text_12MB",
		"Append  (cost=0.00..2000000.00 rows=90000 width=36) (actual time=0.100..9000.000 rows=90000 "
		"loops=1)\n",
		"Planning Time: 1.5 ms\nExecution Time: 9001.2 ms\n", text_member, 12 << 20 },
	{ "text_50MB",
		"Append  (cost=0.00..2000000.00 rows=90000 width=36) (actual time=0.100..9000.000 rows=90000 "
		"loops=1)\n",
		"Planning Time: 1.5 ms\nExecution Time: 9001.2 ms\n", text_member, 50 << 20 },
	{ "xml", "<explain><Query><Plan><Node-Type>Append</Node-Type><Plans>\n", "</Plans></Plan></Query></explain>\n",
		xml_member, 1 << 20 },
	{ "yaml", "- Plan:\n    Node Type: \"Append\"\n    Plans:\n", "", yaml_member, 1 << 20 },
	{ "sqlite", "QUERY PLAN\n", "`--USE TEMP B-TREE FOR ORDER BY\n", sqlite_member, 1 << 20 },
	{ "sqlite_12MB", "QUERY PLAN\n", "`--USE TEMP B-TREE FOR ORDER BY\n", sqlite_member, 12 << 20 },
	{ "mysql_json",
		"{\"query_block\": {\"union_result\": {\"using_temporary_table\": false, \"query_specifications\": [",
		"]}}}", mysql_json_member, 1 << 20 },
	{ "mysql_tree", "-> Append  (cost=900000 rows=400000) (actual time=0.1..9000 rows=1 loops=1)\n", "",
		mysql_tree_member, 1 << 20 },
	{ "mysql_table",
		"| id   | select_type | table | type | possible_keys | key | key_len | ref | rows | filtered | Extra "
		"|\n"
		"+------+---------+-------+-----+-----+-----+-----+-----+-----+-----+-----+\n"
		"| 1 | PRIMARY | orders | ref | orders_user | orders_user | 4 | shop.u.id | 5 | 33.33 | Using where "
		"|\n",
		"", mysql_table_member, 1 << 18 },
	{ "mariadb_json",
		"{\"query_block\": {\"union_result\": {\"table_name\": \"<union1,2>\", \"access_type\": \"ALL\", "
		"\"r_loops\": 1, "
		"\"r_rows\": 9, \"query_specifications\": [",
		"]}}}", mariadb_json_member, 1 << 20 },
	{ "mssql",
		"<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\" "
		"Version=\"1.564\"><BatchSequence><Batch>"
		"<Statements><StmtSimple StatementText=\"SELECT 1\" StatementSubTreeCost=\"900\"><QueryPlan "
		"CompileTime=\"3\">"
		"<RelOp NodeId=\"0\" PhysicalOp=\"Concatenation\" LogicalOp=\"Concatenation\" EstimateRows=\"40000\" "
		"EstimatedTotalSubtreeCost=\"900\"><Concat>\n",
		"</Concat></RelOp></QueryPlan></StmtSimple></Statements></Batch></BatchSequence></ShowPlanXML>\n",
		mssql_member, 1 << 20 },
	{ "oracle",
		"Plan hash value: 1357081020\n\n----\n"
		"|      Id | Operation                            | Name           | Starts | E-Rows | A-Rows | A-Time "
		"     | Buffers | Reads |\n"
		"----\n|       0 | UNION-ALL                            |                |      1 |    400 |    380 | "
		"00:00:00.12 |    4012 |     0 |\n",
		"----\n", oracle_member, 1 << 20 },
};

/* A pass of expat that does nothing: what no reader of XML can be faster than. */
static int64_t expat_only(const char *text, size_t len)
{
	int64_t from = so_time_thread_cpu_us();
	XML_Parser parser = XML_ParserCreate("UTF-8");

	so_assert(parser && XML_Parse(parser, text, (int)len, 1) == XML_STATUS_OK);
	XML_ParserFree(parser);
	return so_time_thread_cpu_us() - from;
}

static void time_format(TALLOC_CTX *ctx, size_t f)
{
	int64_t best = INT64_MAX, best_bare = INT64_MAX;
	int rounds = formats[f].bytes > (4 << 20) ? 4 : ROUNDS;
	bool xml = formats[f].head[0] == '<', json = formats[f].head[0] == '{';
	TALLOC_CTX *own = talloc_new(ctx);
	struct so_buf buf;

	so_buf_init(&buf, own, 128 << 20);
	so_buf_adds(&buf, formats[f].head);
	for (int i = 0; buf.len < formats[f].bytes; i++)
		formats[f].member(&buf, i);
	so_buf_adds(&buf, formats[f].tail);
	for (int i = 0; i < rounds; i++) {
		int64_t bare = xml    ? expat_only(so_buf_text(&buf), buf.len)
			       : json ? parse_only(so_buf_text(&buf), buf.len)
				      : INT64_MAX;
		int64_t from = so_time_thread_cpu_us();
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;

		if (!so_plan_read(ctx, so_buf_text(&buf), buf.len, &plan, &err)) {
			fprintf(stderr, "%s: %s\n", formats[f].name, err.message);
			exit(1);
		}
		from = so_time_thread_cpu_us() - from;
		best = from < best ? from : best;
		best_bare = bare < best_bare ? bare : best_bare;
		talloc_free(plan);
	}
	printf("plan.%s\t%.1f\tMB/s\n", formats[f].name, (double)buf.len / (double)best);
	if (xml || json)
		printf("plan.%s_vs_%s\t%.2f\tx\n", formats[f].name, xml ? "expat" : "jansson",
			(double)best / (double)best_bare);
	talloc_free(own);
}

static void compare_with_jansson(TALLOC_CTX *ctx)
{
	int64_t best_parse = INT64_MAX, best_read = INT64_MAX;
	struct so_buf buf;
	size_t n_findings = 0;
	int members = 0;

	so_buf_init(&buf, ctx, 4 << 20);
	so_buf_adds(&buf, "[{\"Plan\": {\"Node Type\": \"Append\", \"Startup Cost\": 0.00, \"Total Cost\": 2000000.00, "
			  "\"Plan Rows\": 90000, "
			  "\"Plan Width\": 36, \"Actual Startup Time\": 0.1, \"Actual Total Time\": 9000.0, \"Actual "
			  "Rows\": 90000, "
			  "\"Actual Loops\": 1, \"Plans\": [");
	while (buf.len < 1000000)
		add_member(&buf, members++);
	so_buf_adds(&buf, "]}, \"Planning Time\": 1.5, \"Execution Time\": 9001.2}]");
	/* in turn, best of all: the machine is shared */
	for (int i = 0; i < ROUNDS; i++) {
		int64_t parse = parse_only(so_buf_text(&buf), buf.len);
		int64_t read = read_and_judge(ctx, so_buf_text(&buf), buf.len, &n_findings);

		best_parse = parse < best_parse ? parse : best_parse;
		best_read = read < best_read ? read : best_read;
	}
	printf("plan.jansson\t%.2f\tms\nplan.read\t%.2f\tms\nplan.findings\t%zu\tfindings\n", (double)best_parse / 1000,
		(double)best_read / 1000, n_findings);
	printf("plan.read_vs_jansson\t%.2f\tx\n", (double)best_read / (double)best_parse);
}

int main(int argc, char **argv)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	if (argc < 2)
		compare_with_jansson(ctx);
	for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++)
		if (argc < 2 || strcmp(argv[1], formats[f].name) == 0)
			time_format(ctx, f);
	talloc_free(ctx);
	return 0;
}
