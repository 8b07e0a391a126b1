/* Nodes of queries and of what stands in FROM: part of sql/node.h. */
#ifndef SO_SQL_NODE_QUERY_H
#define SO_SQL_NODE_QUERY_H

#include "sql/node.h"

/* ---- Queries ---------------------------------------------------------------------------------------------------- */

/* How `limit` is written. SO_LIMIT_PERCENT: it is a part of the rows, not a number of rows. */
#define SO_LIMIT_TOP         0x01u /* SELECT TOP (n) */
#define SO_LIMIT_FETCH       0x02u /* FETCH FIRST n ROWS ONLY */
#define SO_LIMIT_PERCENT     0x04u
#define SO_LIMIT_OFFSET_ROWS 0x08u /* OFFSET n ROWS */
#define SO_LIMIT_APPROX      0x10u /* FETCH APPROX FIRST n ROWS ONLY */
#define SO_LIMIT_EXACT       0x20u /* FETCH EXACT FIRST n ROWS ONLY */

/* SELECT, SETOP and VALUES all start with these fields; so_as_query() reads any of them. */
#define SO_QUERY_FIELDS                                                                                                \
	struct so_node hdr;                                                                                            \
	so_ref rare;                                                                                                   \
	so_ref with; /* WITH or none */                                                                                \
	struct so_list order_by; /* SORT */                                                                            \
	so_ref limit /* expression or none; CONST NULL with SO_NF_ALL for LIMIT ALL */

#define SO_QUERY_RARE_FIELDS                                                                                           \
	so_ref offset;                                                                                                 \
	struct so_list locking; /* LOCKING */                                                                          \
	uint32_t limit_style; /* SO_LIMIT_* */                                                                         \
	struct so_list hints; /* OPTION: what steers the optimizer, such as OPTION (MAXDOP 1) */                       \
	so_ref format /* OPTION: FOR XML, FOR JSON, FOR BROWSE; PHRASE: Oracle's WITH CHECK OPTION */

struct so_n_query {
	SO_QUERY_FIELDS;
};

struct so_rare_query {
	SO_QUERY_RARE_FIELDS;
};

/* SO_NF_DISTINCT, SO_NF_WITH_TIES, SO_NF_GROUP_DIST, SO_NF_TABLE_CMD */
struct so_n_select {
	SO_QUERY_FIELDS;
	struct so_list targets; /* TARGET */
	struct so_list from; /* TABLE, FROM_QUERY, FROM_FUNC, FROM_XML, JOIN */
	so_ref where;
	struct so_list group_by; /* expressions, GROUPING */
	so_ref having;
};

struct so_rare_select {
	SO_QUERY_RARE_FIELDS;
	struct so_list distinct_on;
	so_ref into; /* INTO or none */
	struct so_list windows; /* WINDOW with a name */
	so_ref hierarchy; /* HIERARCHY or none */
	struct so_list extra; /* PHRASE: hints, MODEL, QUALIFY: what a dialect adds */
};

enum so_set_op { SO_UNION, SO_INTERSECT, SO_EXCEPT };

/* left UNION [ALL] right (SO_NF_ALL). Chains nest to the left. */
struct so_n_setop {
	SO_QUERY_FIELDS;
	uint32_t op; /* enum so_set_op */
	so_ref left;
	so_ref right;
};

struct so_rare_setop {
	SO_QUERY_RARE_FIELDS;
	so_ref into; /* MySQL: INTO or none */
};

struct so_n_values {
	SO_QUERY_FIELDS;
	struct so_list rows; /* ROW */
};

struct so_rare_values {
	SO_QUERY_RARE_FIELDS;
};

struct so_n_with {
	struct so_node hdr;
	struct so_list namespaces; /* TARGET: WITH XMLNAMESPACES(..); without a label: DEFAULT */
	struct so_list ctes; /* CTE, OPAQUE (a function); SO_NF_RECURSIVE on the WITH */
};

enum so_materialized { SO_MATERIALIZED_DEFAULT, SO_MATERIALIZED_ALWAYS, SO_MATERIALIZED_NEVER };

struct so_n_cte {
	struct so_node hdr;
	struct so_name name;
	struct so_list columns; /* NAME */
	uint32_t materialized; /* enum so_materialized */
	so_ref query; /* query, INSERT, UPDATE, DELETE or MERGE */
	so_ref search;
	so_ref cycle;
};

struct so_n_search {
	struct so_node hdr;
	uint32_t breadth_first;
	struct so_list columns; /* NAME, in some dialects SORT */
	struct so_name sequence;
};

struct so_n_cycle {
	struct so_node hdr;
	struct so_list columns; /* NAME */
	struct so_name mark; /* absent: MariaDB's CYCLE columns RESTRICT */
	so_ref value; /* or none: TRUE and FALSE */
	so_ref otherwise;
	struct so_name path;
};

/* expr [AS label] of a select list, RETURNING, XMLFOREST. What T-SQL assigns in a select list, @v = x or @v += x, is an
 * OP with the variable on its left and SO_OP_OTHER. */
struct so_n_target {
	struct so_node hdr;
	so_ref expr;
	struct so_name label;
};

/* [START WITH start] CONNECT BY [NOCYCLE] connect; SO_NF_DISTINCT: NOCYCLE. */
struct so_n_hierarchy {
	struct so_node hdr;
	so_ref start;
	so_ref connect;
};

enum so_persistence { SO_PERMANENT, SO_TEMPORARY, SO_UNLOGGED };

struct so_n_into {
	struct so_node hdr;
	uint32_t persistence;
	struct so_name name;
	so_ref qualifier;
	struct so_list targets; /* variables, in procedural languages; SO_NF_ALL: BULK COLLECT */
	so_ref file; /* PHRASE: OUTFILE 'x' ..; NAME: T-SQL's ON filegroup */
};

enum so_lock_strength { SO_LOCK_KEY_SHARE, SO_LOCK_SHARE, SO_LOCK_NO_KEY_UPDATE, SO_LOCK_UPDATE };
enum so_lock_wait { SO_LOCK_WAIT, SO_LOCK_SKIP, SO_LOCK_NOWAIT };

struct so_n_locking {
	struct so_node hdr;
	uint32_t strength;
	uint32_t wait;
	struct so_list relations; /* NAME */
	so_ref seconds; /* WAIT n */
};

/* ---- FROM ------------------------------------------------------------------------------------------------------- */

/* [ONLY] schema.name [alias] [TABLESAMPLE ..]; also the target of INSERT, UPDATE, DELETE, MERGE. */
struct so_n_table {
	struct so_node hdr;
	so_ref rare;
	struct so_name name;
	so_ref qualifier; /* NAME */
	so_ref alias; /* ALIAS */
};

struct so_rare_table {
	so_ref sample; /* SAMPLE */
	so_ref temporal; /* TEMPORAL */
	struct so_list hints; /* OPTION: WITH (NOLOCK) */
	struct so_list extra; /* PHRASE: partition, time travel, link: what a dialect adds in front of the alias */
	struct so_list index_hints; /* PHRASE: USE INDEX (..) */
};

/* A FROM item under PIVOT, UNPIVOT, MATCH_RECOGNIZE: its columns are others than those of `item`. */
struct so_n_from_clause {
	struct so_node hdr;
	so_ref item; /* TABLE, FROM_QUERY, FROM_FUNC, FROM_CLAUSE */
	so_ref clause; /* PHRASE */
	so_ref alias;
};

/* [LATERAL] (query) alias */
struct so_n_from_query {
	struct so_node hdr;
	so_ref query;
	so_ref alias;
};

/* [LATERAL] func(..) [WITH ORDINALITY] alias: `funcs` has one expression, mostly a FUNC. ROWS FROM (f() AS (coldefs),
 * g()): SO_NF_ROWS_FROM, and each of `funcs` is a FROM_FUNC with one function whose alias may hold coldefs. */
struct so_n_from_func {
	struct so_node hdr;
	struct so_list funcs;
	so_ref alias; /* may hold coldefs */
	struct so_list hints; /* OPTION: WITH (NOLOCK) */
};

/* XMLTABLE(..): columns are COLDEF with value (PATH) and otherwise (DEFAULT). */
struct so_n_from_xml {
	struct so_node hdr;
	struct so_list namespaces; /* TARGET; without a label: DEFAULT */
	so_ref path;
	so_ref document;
	uint32_t option; /* BY REF 1 before, 2 after; BY VALUE 4 before, 8 after */
	struct so_list columns;
	so_ref alias;
};

enum so_join_type {
	SO_JOIN_INNER,
	SO_JOIN_LEFT,
	SO_JOIN_RIGHT,
	SO_JOIN_FULL,
	SO_JOIN_CROSS,
	SO_JOIN_CROSS_APPLY,
	SO_JOIN_OUTER_APPLY,
	SO_JOIN_STRAIGHT /* MySQL: an inner join in this order */
};

/* SO_NF_NATURAL. `alias` names a join in parentheses. SO_NF_LATERAL: CROSS APPLY, or OUTER APPLY with SO_JOIN_LEFT;
 * the right side sees the columns of the left one, and there is no condition. */
struct so_n_join {
	struct so_node hdr;
	uint32_t type; /* enum so_join_type */
	so_ref left;
	so_ref right;
	so_ref on;
	struct so_list columns; /* USING: NAME */
	struct so_name using_alias;
	so_ref alias;
	struct so_name hint; /* INNER HASH JOIN: hash, loop, merge, remote */
	struct so_list partition; /* Oracle: PARTITION BY in front of the join */
	struct so_list right_partition; /* and behind its right side */
};

struct so_n_alias {
	struct so_node hdr;
	struct so_name name; /* may be absent when there are coldefs */
	struct so_list columns; /* NAME */
	struct so_list coldefs; /* COLDEF */
};

struct so_n_coldef {
	struct so_node hdr;
	struct so_name name;
	so_ref type; /* TYPE; none for XMLTABLE's FOR ORDINALITY (SO_NF_ORDINALITY) */
	so_ref collation; /* NAME */
	so_ref value; /* XMLTABLE: PATH */
	so_ref otherwise; /* XMLTABLE: DEFAULT; SO_NF_NOT: NOT NULL, SO_NF_ALL: NULL */
};

struct so_n_sample {
	struct so_node hdr;
	struct so_name method;
	so_ref qualifier;
	struct so_list args;
	so_ref repeatable;
};

enum so_temporal {
	SO_TEMPORAL_AS_OF,
	SO_TEMPORAL_FROM_TO,
	SO_TEMPORAL_BETWEEN,
	SO_TEMPORAL_CONTAINED,
	SO_TEMPORAL_ALL
};

/* FOR SYSTEM_TIME ..: which versions of the rows. */
struct so_n_temporal {
	struct so_node hdr;
	uint32_t type; /* enum so_temporal */
	so_ref low;
	so_ref high;
};

/* source PIVOT (aggregates FOR columns IN (items)) alias; with SO_NF_NOT source UNPIVOT (values FOR columns IN
 * (items)). */
struct so_n_pivot {
	struct so_node hdr;
	so_ref source; /* item of FROM */
	struct so_list aggregates; /* PIVOT: TARGET; UNPIVOT: TARGET with the columns to be made */
	struct so_list columns; /* COLUMN */
	struct so_list items; /* TARGET */
	so_ref alias;
};

#endif
