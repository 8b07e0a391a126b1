/* Internal to plan/mysql: trees of query blocks, which are EXPLAIN FORMAT=JSON of MySQL 5.6-9 (version 1 of the format)
 * and EXPLAIN and ANALYZE FORMAT=JSON of MariaDB. */
#ifndef SO_PLAN_MYSQL_BLOCK_H
#define SO_PLAN_MYSQL_BLOCK_H

#include "plan/reader.h"

/* What belongs to a node while the plan is read: milliseconds over all its runs, without its children. */
struct so_my_own {
	double ms;
	bool sink; /* takes what a block's total has over its parts: a temporary table is filled by nobody else */
};

struct so_my_blocks {
	struct so_plan_builder *builder;
	struct so_err *err;
	bool mariadb, timed;
	struct so_my_own *own; /* by node */
	int32_t n_own;
};

/* A node below `parent`, or -1 with the error set when the tree gets too deep. */
int32_t so_my_add(struct so_my_blocks *r, int32_t parent, enum so_plan_relationship relationship, enum so_plan_op op,
	const char *label);

/* The node of a "table" object and of what hangs under it; -1 on failure. `access` tells whether the table is read in
 * the usual way, or looked up anew for each record ("range-checked-for-each-record"). */
int32_t so_my_read_table(struct so_my_blocks *r, const json_t *table, int32_t parent,
	enum so_plan_relationship relationship, bool rechecked);

/* A "query_block" with its figures; false on failure. `name` (or NULL) names it as a subplan. */
bool so_my_read_block(struct so_my_blocks *r, const json_t *block, int32_t parent,
	enum so_plan_relationship relationship, const char *name);

/* The lists of subqueries that `object` has, below node `id`. */
bool so_my_read_subqueries(struct so_my_blocks *r, const json_t *object, int32_t id);

/* A document: has "query_block". `timed`: made by ANALYZE. */
bool so_my_read_blocks(
	struct so_plan_builder *builder, const json_t *doc, bool mariadb, bool timed, struct so_err *err);

#endif
