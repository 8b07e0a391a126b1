/* Internal to plan/mysql: plans as steps in words, "-> Nested loop inner join  (cost=4.2 rows=7)", which are
 * EXPLAIN FORMAT=TREE and EXPLAIN ANALYZE of MySQL 8 and later, and with more detail JSON of version 2. */
#ifndef SO_PLAN_MYSQL_STEPS_H
#define SO_PLAN_MYSQL_STEPS_H

#include "plan/reader.h"

/* One step, before it becomes a node. Figures are NAN when absent. */
struct so_my_step {
	const char *text; /* "Table scan on o", without figures; lives as long as the plan */
	const char *heading; /* "Select #2 (subquery in condition; dependent)" above it, or NULL */
	int32_t level; /* of indentation, from 0 */
	int32_t end; /* one past the last step below it */
	double startup_cost, cost, rows;
	double first_ms, last_ms, actual, loops;
	const json_t *json; /* version 2: its object; else NULL */
};

struct so_my_steps {
	TALLOC_CTX *tmp; /* owner of `items` */
	struct so_plan_builder *builder;
	struct so_my_step *items;
	int32_t n, size;
	struct so_mem_pages *pages; /* of the items */
	bool too_many;
};

/* A step at the end, with all figures absent. Invalidates pointers to other steps. */
struct so_my_step *so_my_add_step(struct so_my_steps *steps, int32_t level, const char *text);

/* Makes nodes of the steps. */
bool so_my_build_steps(struct so_my_steps *steps, struct so_err *err);

/* Text of FORMAT=TREE, whatever the client put around it. */
bool so_my_is_tree(const struct so_plan_document *doc);
bool so_my_read_tree(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);

/* JSON of version 2. */
bool so_my_is_steps(const struct so_plan_document *doc);
bool so_my_read_steps(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);

#endif
