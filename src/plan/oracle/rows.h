/* Internal to plan/oracle: a plan as rows, which DBMS_XPLAN prints and V$SQL_PLAN holds, and the nodes made of them. */
#ifndef SO_PLAN_ORACLE_ROWS_H
#define SO_PLAN_ORACLE_ROWS_H

#include "plan/reader.h"

/* Figures are NAN when absent. Measured ones are of all starts together. Texts live as long as the plan. */
struct so_or_row {
	int32_t id, depth; /* depth: any number that grows from parent to child */
	const char *operation; /* with its options: "TABLE ACCESS FULL" */
	const char *owner, *name, *alias; /* of the object */
	const char *access, *filter;
	const char *partitions; /* "1-16" */
	double rows, bytes, cost, temp_kb;
	double starts, actual, ms, buffers, reads, memory_kb, used_temp_kb, passes;
};

struct so_or_rows {
	TALLOC_CTX *tmp; /* owner of `items` */
	struct so_or_row *items;
	int32_t n, size;
	struct so_mem_pages *pages; /* of the items */
	bool too_many;
};

/* A row at the end, with all figures absent. Invalidates pointers to other rows. */
struct so_or_row *so_or_add_row(struct so_or_rows *rows, int32_t id);
/* The row with that id, of rows in the order of their ids; NULL when there is none. */
struct so_or_row *so_or_find(struct so_or_rows *rows, int32_t id);

/* Makes nodes of rows that stand in pre-order. */
bool so_or_build(struct so_plan_builder *builder, const struct so_or_rows *rows, struct so_err *err);

/* What an operation is in the tree's terms; `other` when nobody knows it. */
enum so_plan_op so_or_operation(const char *operation);

#endif
