/* Plans of each format, made of the captures' most common nodes. */
#include "plan_forms.h"

static const char buffers[] = "\"Shared Hit Blocks\": 2645, \"Shared Read Blocks\": 12, \"Shared Dirtied Blocks\": 0, "
			      "\"Shared Written Blocks\": 0, \"Local Hit Blocks\": 0, \"Local Read Blocks\": 0, "
			      "\"Local Dirtied Blocks\": 0, \"Local Written Blocks\": 0, \"Temp Read Blocks\": 0, "
			      "\"Temp Written Blocks\": 0, \"I/O Read Time\": 0.112, \"I/O Write Time\": 0.000";

/* A join of two filtered scans, about 2.8 kB, different in names and figures. */
void so_bench_json_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"{\"Node Type\": \"Hash Join\", \"Parent Relationship\": \"Member\", \"Parallel Aware\": false, "
		"\"Async Capable\": false, \"Join Type\": \"Inner\", \"Startup Cost\": 4.50, \"Total Cost\": %d.79, "
		"\"Plan Rows\": 250, \"Plan Width\": 36, \"Actual Startup Time\": 0.046, \"Actual Total Time\": "
		"13.118, "
		"\"Actual Rows\": 240, \"Actual Loops\": 1, \"Inner Unique\": true, \"Hash Cond\": \"(o_%d.user_id = "
		"u_%d.id)\", %s, "
		"\"Plans\": [",
		4000 + i, i, i, buffers);
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

static void mysql_batch_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%d\tUNION\torders_%d\tNULL\tref\torders_user\torders_user\t4\tshop.u.id\t%d\t33.33\tUsing where\n",
		i + 2, i, i % 100000);
}

static void mysql_vertical_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"*************************** %d. row ***************************\n           id: %d\n  select_type: "
		"UNION\n        table: orders_%d\n   partitions: NULL\n         type: ref\npossible_keys: "
		"orders_user\n          key: orders_user\n      key_len: 4\n          ref: shop.u.id\n         rows: "
		"%d\n     filtered: 33.33\n        Extra: Using where\n",
		i + 2, i + 2, i, i % 100000);
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

static void mariadb_table_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"| %4d | UNION | orders_%-8d | ref | orders_user | orders_user | 4 | shop.u.id | %6d | %6d.00 | 33.33 "
		"| "
		"100.00 | Using where |\n",
		i + 2, i, i % 100000, i % 1000);
}

static void mssql_text_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"       |--Clustered Index Scan(OBJECT:([shop].[dbo].[orders_%d].[PK_orders] AS [o]), "
		"WHERE:([shop].[dbo].[orders_%d].[amount] as [o].[amount]>(990.00)))\n",
		i, i);
}

static void mssql_profile_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%d\t1\t       |--Clustered Index Scan(OBJECT:([shop].[dbo].[orders_%d].[PK_orders] AS "
		"[o]))\t1\t%d\t3\t"
		"Clustered Index Scan\tClustered Index Scan\t40000\t0\t0\t35\t3.2\tNULL\tPLAN_ROW\t0\t1\n",
		i, i, i + 3);
}

static void oracle_rows_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		",\n {\"SQL_ID\": \"8fq5pqtgk0qzv\", \"ID\": %d, \"PARENT_ID\": 0, \"DEPTH\": 1, "
		"\"OPERATION\": \"TABLE ACCESS\", \"OPTIONS\": \"FULL\", \"OBJECT_OWNER\": \"SHOP\", "
		"\"OBJECT_NAME\": \"ORDERS_%d\", \"OBJECT_ALIAS\": \"\\\"O\\\"@\\\"SEL$1\\\"\", "
		"\"CARDINALITY\": 400, \"BYTES\": 10400, \"COST\": 1109, \"ACCESS_PREDICATES\": null, "
		"\"FILTER_PREDICATES\": \"\\\"O%d\\\".\\\"STATUS\\\"='open'\", \"LAST_STARTS\": 1, "
		"\"LAST_OUTPUT_ROWS\": 400, \"LAST_ELAPSED_TIME\": 120000, \"LAST_CR_BUFFER_GETS\": 4012, "
		"\"LAST_DISK_READS\": 0, \"LAST_MEMORY_USED\": null}",
		i + 1, i, i);
}

static void mysql_steps_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%s{\"operation\": \"Index lookup on orders_%d using orders_user (user_id = 17)\", \"access_type\": "
		"\"index\", \"index_access_type\": \"index_lookup\", \"table_name\": \"orders_%d\", \"index_name\": "
		"\"orders_user\", \"lookup_condition\": \"user_id = 17\", \"estimated_rows\": 4000.0, "
		"\"estimated_total_cost\": 405.0, \"actual_rows\": 4000.0, \"actual_loops\": 1, "
		"\"actual_first_row_ms\": 0.0519, \"actual_last_row_ms\": 0.657}",
		i ? ",\n" : "", i, i);
}

static void json_member(struct so_buf *buf, int i)
{
	so_buf_adds(buf, i ? ",\n" : "");
	so_bench_json_member(buf, i);
}

const struct so_bench_form so_bench_forms[] = {
	{ "pg_text",
		"Append  (cost=0.00..2000000.00 rows=90000 width=36) (actual time=0.100..9000.000 rows=90000 "
		"loops=1)\n",
		"Planning Time: 1.5 ms\nExecution Time: 9001.2 ms\n", text_member },
	{ "pg_xml", "<explain><Query><Plan><Node-Type>Append</Node-Type><Plans>\n",
		"</Plans></Plan></Query></explain>\n", xml_member },
	{ "pg_json",
		"[{\"Plan\": {\"Node Type\": \"Append\", \"Startup Cost\": 0.00, \"Total Cost\": 2000000.00, \"Plan "
		"Rows\": 90000, \"Plan Width\": 36, \"Actual Startup Time\": 0.1, \"Actual Total Time\": 9000.0, "
		"\"Actual Rows\": 90000, \"Actual Loops\": 1, \"Plans\": [",
		"]}, \"Planning Time\": 1.5, \"Execution Time\": 9001.2}]", json_member },
	{ "pg_yaml", "- Plan:\n    Node Type: \"Append\"\n    Plans:\n", "", yaml_member },
	{ "sqlite", "QUERY PLAN\n", "`--USE TEMP B-TREE FOR ORDER BY\n", sqlite_member },
	{ "mysql_json",
		"{\"query_block\": {\"union_result\": {\"using_temporary_table\": false, \"query_specifications\": [",
		"]}}}", mysql_json_member },
	{ "mysql_json_v2", "{\"query_plan\": {\"operation\": \"Append\", \"inputs\": [", "]}}", mysql_steps_member },
	{ "mysql_tree", "-> Append  (cost=900000 rows=400000) (actual time=0.1..9000 rows=1 loops=1)\n", "",
		mysql_tree_member },
	{ "mysql_table",
		"| id   | select_type | table | type | possible_keys | key | key_len | ref | rows | filtered | Extra "
		"|\n"
		"+------+---------+-------+-----+-----+-----+-----+-----+-----+-----+-----+\n"
		"| 1 | PRIMARY | orders | ref | orders_user | orders_user | 4 | shop.u.id | 5 | 33.33 | Using where "
		"|\n",
		"", mysql_table_member },
	{ "mysql_batch",
		"id\tselect_type\ttable\tpartitions\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n"
		"1\tPRIMARY\torders\tNULL\tref\torders_user\torders_user\t4\tshop.u.id\t5\t33.33\tUsing where\n",
		"", mysql_batch_member },
	{ "mysql_vertical",
		"*************************** 1. row ***************************\n           id: 1\n  select_type: "
		"PRIMARY\n        table: orders\n   partitions: NULL\n         type: ref\npossible_keys: orders_user\n"
		"          key: orders_user\n      key_len: 4\n          ref: shop.u.id\n         rows: 5\n     "
		"filtered: 33.33\n        Extra: Using where\n",
		"", mysql_vertical_member },
	{ "mariadb_table",
		"| id   | select_type | table | type | possible_keys | key | key_len | ref | rows | r_rows | filtered "
		"| "
		"r_filtered | Extra |\n"
		"+------+-------------+-------+------+---------------+-----+---------+-----+------+--------+----------+"
		"------------+-------+\n"
		"| 1 | PRIMARY | orders | ref | orders_user | orders_user | 4 | shop.u.id | 5 | 5.00 | 33.33 | 100.00 "
		"| "
		"Using where |\n",
		"", mariadb_table_member },
	{ "mariadb_json",
		"{\"query_block\": {\"union_result\": {\"table_name\": \"<union1,2>\", \"access_type\": \"ALL\", "
		"\"r_loops\": 1, "
		"\"r_rows\": 9, \"query_specifications\": [",
		"]}}}", mariadb_json_member },
	{ "mssql_xml",
		"<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\" "
		"Version=\"1.564\"><BatchSequence><Batch>"
		"<Statements><StmtSimple StatementText=\"SELECT 1\" StatementSubTreeCost=\"900\"><QueryPlan "
		"CompileTime=\"3\">"
		"<RelOp NodeId=\"0\" PhysicalOp=\"Concatenation\" LogicalOp=\"Concatenation\" EstimateRows=\"40000\" "
		"EstimatedTotalSubtreeCost=\"900\"><Concat>\n",
		"</Concat></RelOp></QueryPlan></StmtSimple></Statements></Batch></BatchSequence></ShowPlanXML>\n",
		mssql_member },
	{ "oracle_text",
		"Plan hash value: 1357081020\n\n----\n"
		"|      Id | Operation                            | Name           | Starts | E-Rows | A-Rows | A-Time "
		"     | Buffers | Reads |\n"
		"----\n|       0 | UNION-ALL                            |                |      1 |    400 |    380 | "
		"00:00:00.12 |    4012 |     0 |\n",
		"----\n", oracle_member },
	{ "oracle_rows",
		"[{\"SQL_ID\": \"8fq5pqtgk0qzv\", \"ID\": 0, \"PARENT_ID\": null, \"DEPTH\": 0, \"OPERATION\": "
		"\"UNION-ALL\", \"OPTIONS\": null, \"CARDINALITY\": 400}",
		"]", oracle_rows_member },
	{ "mssql_text", "StmtText\n--------\n  |--Concatenation\n", "\n(9 rows affected)\n", mssql_text_member },
	{ "mssql_profile",
		"Rows\tExecutes\tStmtText\tStmtId\tNodeId\tParent\tPhysicalOp\tLogicalOp\tEstimateRows\tEstimateIO\t"
		"EstimateCPU\tAvgRowSize\tTotalSubtreeCost\tWarnings\tType\tParallel\tEstimateExecutions\n"
		"7\t1\tSELECT 1\t1\t1\t0\tNULL\tNULL\t40000\tNULL\tNULL\tNULL\t4.9\tNULL\tSELECT\t0\tNULL\n"
		"9\t1\t  "
		"|--Concatenation\t1\t2\t1\tConcatenation\tConcatenation\t40000\t0\t0\t35\t4.9\tNULL\tPLAN_ROW\t"
		"0\t1\n",
		"", mssql_profile_member },
	{ NULL },
};
