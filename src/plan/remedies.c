/* What to do about a finding on each engine, where the advice of the rule's row is not for all of its engines. The
 * pages in docs/findings have the same sentences; a test compares them. */
#include <stddef.h>

#include "plan/rules.h"

#define MY   "mysql mariadb"
#define MS   "mssql"
#define ORA  "oracle"
#define LITE "sqlite"

const struct so_plan_remedy so_plan_remedies[] = {
	/* Scans and index use */
	{ "seq-scan-filter", MY,
		"Create an index whose first columns are those compared with =, then one range column; ANALYZE TABLE "
		"if one is "
		"there and is not used." },
	{ "seq-scan-filter", MS,
		"Create a nonclustered index on the columns of the predicate, with the other columns of the statement "
		"in INCLUDE." },
	{ "seq-scan-filter", ORA,
		"Create an index on the columns of the filter predicate; gather statistics with DBMS_STATS if one is "
		"there and is "
		"not used." },
	{ "seq-scan-in-join", MY,
		"Create an index on the join columns of the large table; a join buffer is then not needed." },
	{ "seq-scan-in-join", MS,
		"Create an index on the join columns of the large table, with the columns it delivers in INCLUDE." },
	{ "seq-scan-in-join", ORA,
		"Create an index on the join columns of the large table; where it is there, see whether its clustering "
		"factor or "
		"stale statistics keep it from being used." },
	{ "full-scan-large", MS,
		"Ask for fewer rows: a condition, TOP with ORDER BY, OFFSET ... FETCH, or an aggregate." },
	{ "full-scan-large", ORA, "Ask for fewer rows: a condition, FETCH FIRST n ROWS ONLY, or an aggregate." },
	{ "full-scan-large", MY, "Ask for fewer rows: a condition, LIMIT with ORDER BY, or an aggregate." },
	{ "full-scan-large", LITE,
		"Create an index on the columns that WHERE compares; with no condition, ask for fewer rows (LIMIT) or "
		"an aggregate." },
	{ "index-filter-inefficient", MY,
		"Add the filtered columns to the index, equality columns first; InnoDB then tests them in the index "
		"(index condition "
		"pushdown) before it fetches the row." },
	{ "index-filter-inefficient", MS,
		"Add the filtered columns to the index's key, equality columns first, or make a filtered index (WHERE) "
		"for a constant "
		"condition." },
	{ "index-filter-inefficient", ORA,
		"Add the filtered columns to the index, equality columns first, so that they become access predicates "
		"or are tested in "
		"the index." },
	{ "index-full-scan", MY,
		"Create an index that begins with the columns of the condition; the one that is read has them further "
		"behind, or not "
		"at all." },
	{ "index-full-scan", MS,
		"Create an index whose first key column is in the predicate, so that the scan becomes a seek." },
	{ "order-by-limit-wrong-index", "mysql",
		"Create an index on the filtered columns followed by the ORDER BY columns; MySQL 8.0.21 and later can "
		"also be told "
		"SET optimizer_switch = 'prefer_ordering_index=off'." },
	{ "index-low-selectivity", MS,
		"Make the index covering (INCLUDE), or cluster the table by the columns of the condition." },
	{ "index-low-selectivity", ORA,
		"Make the index covering, or order the table by it (attribute clustering, an index-organised table), "
		"which lowers its "
		"clustering factor." },
	{ "large-offset", "mysql",
		"Page by key instead of LIMIT n OFFSET m: WHERE (sort key, id) > (...) ORDER BY sort key, id LIMIT "
		"n." },
	{ "large-offset", MS,
		"Page by key instead of OFFSET ... FETCH: WHERE sort key > @last OR (sort key = @last AND id > @id), "
		"TOP (n), ORDER BY." },
	{ "large-offset", ORA,
		"Page by key instead of OFFSET ... FETCH: WHERE sort key > :last OR (sort key = :last AND id > :id) "
		"... FETCH FIRST n "
		"ROWS ONLY." },
	{ "partition-pruning-absent", "mariadb",
		"Add a condition on the bare partition column (not inside a function), or index the filtered column." },
	{ "partition-pruning-absent", MS,
		"Add a condition on the partitioning column with a value of its own type, or create an index on the "
		"filtered column "
		"that is not aligned with the partitions." },
	{ "function-on-column", MY,
		"Turn the condition round so that the bare column is compared (date(c) = d: c >= d AND c < d + 1 day), "
		"or index the "
		"expression: MySQL 8.0.13 a functional index ((expr)), MariaDB an index on a generated column." },
	{ "function-on-column", MS,
		"Turn the condition round so that the bare column is compared, or index a computed column with the "
		"expression." },
	{ "function-on-column", ORA,
		"Turn the condition round so that the bare column is compared, or create a function-based index on the "
		"expression." },
	{ "implicit-conversion", MY,
		"Write the value as a text ('1234'), or bind it as one: a number makes the column be converted. SHOW "
		"WARNINGS after "
		"EXPLAIN names the index that is lost (1739)." },
	{ "implicit-conversion", MS,
		"Declare the parameter with the column's type: varchar, not nvarchar; varchar, not int." },
	{ "implicit-conversion", ORA,
		"Bind the value in the column's type: a VARCHAR2 for a VARCHAR2 column, a DATE for a DATE column (Java "
		"and ODBC bind "
		"TIMESTAMP), not an NVARCHAR2." },
	{ "conversion-prevents-seek", MY,
		"Compare with a value of the column's type: a text in quotes, or bound as one; give both columns of a "
		"join one type and one collation." },
	{ "materialized-cte", MY,
		"Put the condition inside the derived table or view, or let it be merged: without LIMIT, DISTINCT, "
		"GROUP BY and UNION "
		"(hint MERGE; optimizer_switch derived_merge, MySQL 8.0.22 derived_condition_pushdown)." },

	/* Joins and loops */
	{ "nested-loop-high", MY,
		"Create an index on the inner table's join columns; MySQL 8.0.18 and later then weigh a hash join too. "
		"Run ANALYZE TABLE." },
	{ "nested-loop-high", MS,
		"Update the statistics that misled the row count of the outer side; create an index that makes one "
		"execution cheaper; "
		"OPTION (HASH JOIN) shows whether a hash join is better." },
	{ "nested-loop-high", ORA,
		"Gather the statistics that misled the row count of the outer side; create an index that makes one "
		"start cheaper; the "
		"hint USE_HASH shows whether a hash join is better." },
	{ "nested-loop-inner-scan", MY, "Create an index on the join columns of the inner table." },
	{ "nested-loop-inner-scan", MS,
		"Create an index on the join columns of the inner table, with what it delivers in INCLUDE." },
	{ "nested-loop-inner-scan", ORA,
		"Create an index on the join columns of the inner table; gather its statistics." },
	{ "nested-loop-inner-scan", LITE,
		"Create an index on the join columns of the inner table; without an equality in the join condition "
		"none can help." },
	{ "materialize-loops", MS,
		"Create an index that serves the inner side, so that no spool is needed; an equality in the join "
		"condition allows a hash "
		"or merge join." },
	{ "correlated-subplan", MY,
		"Create an index on the column that the subquery compares with the outer row, or write it as a join "
		"with a derived table "
		"that is grouped once." },
	{ "correlated-subplan", ORA,
		"Create an index on the column that the subquery compares with the outer row, or let it be unnested: a "
		"join, or the hint "
		"UNNEST." },
	{ "correlated-subplan", LITE,
		"Create an index on the column that the subquery compares with the outer row (and those it filters "
		"by); SQLite seldom "
		"turns a subquery into a join by itself." },
	{ "join-buffer", MY,
		"Create an index on the join columns of the inner table; a larger join_buffer_size only lowers the "
		"number of scans." },
	{ "no-join-predicate", MY,
		"Add the missing join condition; with a comma between tables it belongs into WHERE." },
	{ "no-join-predicate", MS,
		"Add the missing join condition; a condition on a computed value may connect the tables unseen." },
	{ "no-join-predicate", ORA,
		"Add the missing join condition; MERGE JOIN CARTESIAN is also chosen when one side is estimated as one "
		"row: then gather "
		"its statistics." },

	/* Memory */
	{ "sort-spill", "mariadb",
		"Create an index in the order of the sort, or select fewer and shorter columns; else a larger "
		"sort_buffer_size for this "
		"session." },
	{ "sort-spill", MS,
		"Correct the row estimate (statistics), from which the memory grant follows; an index in the order of "
		"the sort; narrower "
		"columns. SQL Server 2017 and later correct grants by themselves (memory grant feedback)." },
	{ "sort-spill", ORA,
		"Create an index in the order of the sort, or select fewer columns; else a larger "
		"pga_aggregate_target, or for this "
		"session workarea_size_policy = manual and sort_area_size." },
	{ "hash-spill", MS,
		"Correct the row estimate of the build side (statistics), from which the memory grant follows; filter "
		"it earlier, or "
		"select fewer columns." },
	{ "hash-spill", ORA,
		"Filter the build side earlier or select fewer columns of it; gather its statistics; else a larger "
		"pga_aggregate_target." },
	{ "hashagg-spill", MS,
		"Correct the estimate of the groups (statistics), or create an index in the order of the group keys." },
	{ "hashagg-spill", ORA,
		"Group fewer rows or columns, or create an index in the order of the group keys; else a larger "
		"pga_aggregate_target." },
	{ "temp-io", ORA,
		"Keep fewer rows or columns: filter inside the WITH clause, avoid the hint MATERIALIZE; else a larger "
		"pga_aggregate_target." },
	{ "wide-rows", MS,
		"Select only the columns that are needed: declared lengths count, half of varchar(max) is reserved for "
		"each row of a sort." },
	{ "wide-rows", ORA,
		"Select only the columns that are needed, or sort the keys first and join the wide columns "
		"afterwards." },
	{ "planning-time-dominates", MS,
		"Use parameters so that the plan is kept and found again (or PARAMETERIZATION FORCED); no OPTION "
		"(RECOMPILE) on frequent "
		"statements." },

	/* Estimates and statistics */
	{ "row-misestimate", MY,
		"Run ANALYZE TABLE; for columns without an index create histograms (MySQL: ANALYZE TABLE t UPDATE "
		"HISTOGRAM ON c; MariaDB: "
		"ANALYZE TABLE t PERSISTENT FOR ALL)." },
	{ "row-misestimate", MS,
		"UPDATE STATISTICS on the table, WITH FULLSCAN where values are uneven; multi-column statistics for "
		"columns that depend on "
		"each other." },
	{ "row-misestimate", ORA,
		"DBMS_STATS.GATHER_TABLE_STATS, with a histogram where values are uneven (METHOD_OPT SIZE AUTO) and a "
		"column group for "
		"columns that depend on each other." },
	{ "correlated-columns", MS,
		"CREATE STATISTICS on the columns together, or filtered statistics (WHERE) for a constant value." },
	{ "correlated-columns", ORA,
		"Create a column group (DBMS_STATS.CREATE_EXTENDED_STATS) on the columns, then gather the table's "
		"statistics." },
	{ "stale-statistics", MS, "UPDATE STATISTICS on the table; see that AUTO_UPDATE_STATISTICS is on." },
	{ "stale-statistics", ORA, "DBMS_STATS.GATHER_TABLE_STATS on the table; see that the automatic task runs." },
	{ "parameter-sniffing", MS,
		"OPTION (RECOMPILE) where the statement is rare and slow, OPTION (OPTIMIZE FOR ...) where one value is "
		"typical, or separate "
		"statements for the extremes; SQL Server 2022 keeps several plans by itself." },
	{ "parameter-sniffing", ORA,
		"Let adaptive cursor sharing learn it (a histogram on the column, the hint BIND_AWARE), or write the "
		"few extreme values as "
		"literals." },
	{ "statistics-missing", MS,
		"CREATE STATISTICS on the columns, or set AUTO_CREATE_STATISTICS ON for the database." },
	{ "statistics-missing", ORA, "DBMS_STATS.GATHER_TABLE_STATS on the table." },
	{ "statistics-missing", LITE,
		"Run ANALYZE once the tables have their rows, and PRAGMA optimize before connections are closed." },
	{ "plan-forced", MS,
		"Compare with the plan that the optimiser chooses by itself; drop the plan guide, or unforce the plan "
		"in Query Store "
		"(sp_query_store_unforce_plan)." },
	{ "plan-forced", ORA,
		"Compare with the plan that the optimiser chooses by itself; evolve or drop the baseline (DBMS_SPM), "
		"or drop the SQL "
		"profile." },

	/* Engines' own */
	{ "filesort", MY,
		"Create an index whose columns are those of the condition with = and then those of ORDER BY, in the "
		"same directions." },
	{ "filesort", LITE,
		"Create an index whose columns are those of WHERE with = and then those of ORDER BY; the rows then "
		"come in order." },
	{ "temporary-table", MY,
		"Create an index in the order of the GROUP BY or DISTINCT columns; filter rows before they are "
		"grouped." },
	{ "temporary-table", LITE,
		"Create an index in the order of the GROUP BY or DISTINCT columns; filter rows before they are "
		"grouped." },
	{ "index-merge", "mysql",
		"Create one index on all the columns of the condition; the hint NO_INDEX_MERGE or optimizer_switch "
		"index_merge_intersection "
		"shows what one index alone would cost." },
	{ "index-merge", ORA, "Create one b-tree index on all the columns of the condition." },
	{ "key-lookup-heavy", MY,
		"Add the selected columns to the index so that it covers the statement (Using index), or select fewer "
		"columns; the primary "
		"key is in every secondary index of InnoDB already." },
	{ "key-lookup-heavy", MS,
		"Add the columns that are looked up to the index with INCLUDE, or select fewer columns." },
	{ "key-lookup-heavy", ORA,
		"Add the columns to the index, or select fewer; a low clustering factor (rows stored in the order of "
		"the index) makes the "
		"lookups cheap." },

	/* I/O, parallelism */
	{ "cache-miss", "mariadb",
		"Read fewer pages (an index, narrower rows), or give innodb_buffer_pool_size more memory if this "
		"happens on every run." },
	{ "cache-miss", MS,
		"Read fewer pages (an index, narrower rows, page compression), or give max server memory more if this "
		"happens on every run." },
	{ "cache-miss", ORA,
		"Read fewer blocks (an index, narrower rows), or give db_cache_size or sga_target more if this happens "
		"on every run; large "
		"full scans pass the cache by on purpose." },
	{ "workers-short", MS,
		"See what used up the worker threads (max worker threads, many parallel statements at once) or lowered "
		"MAXDOP; a lower max "
		"degree of parallelism lets all fit." },
	{ "workers-short", ORA,
		"Raise parallel_max_servers, lower the degree of statements and tables, or let statements queue "
		"(parallel_degree_policy = AUTO)." },
	{ "lock-wait", MS,
		"Keep the transactions that hold the locks short; READ_COMMITTED_SNAPSHOT lets readers pass writers; "
		"an index lets "
		"fewer rows be locked." },
	{ NULL, NULL, NULL },
};
