/* Internal to plan/mysql: the query blocks that the rows of EXPLAIN's table form belong to. */
#ifndef SO_PLAN_MYSQL_TABLE_BLOCKS_H
#define SO_PLAN_MYSQL_TABLE_BLOCKS_H

#include "plan/mysql/cells.h"
#include "plan/reader.h"

struct so_my_block;

/* A subquery of a block. */
struct so_my_inner {
	struct so_my_inner *next;
	struct so_my_block *block;
	bool dependent;
	bool kept; /* in a temporary table, for IN */
};

struct so_my_inners {
	struct so_my_inner *first, *last;
};

/* The rows of one id, in the order of the joins; with `member` a union that begins with it. */
struct so_my_block {
	int id;
	bool temporary, sort; /* of what was joined */
	struct so_my_row *first, *last;
	size_t n;
	const struct so_my_row *insert; /* "INSERT ... SELECT", or NULL */
	struct so_my_inners inners;
	/* Of the first block of a union. */
	struct so_my_block *member; /* the next one */
	const struct so_my_row *result; /* or NULL */
	struct so_my_inners union_inners; /* of the union itself */
};

/* Puts the rows of a table together: the block at the top, or NULL. Takes time as a table has rows. */
struct so_my_block *so_my_table_blocks(struct so_plan_chunks *chunks, struct so_my_cells *table);

/* Makes nodes of blocks; false when the tree gets too deep. `analyzed`: the table has what ANALYZE measured. */
bool so_my_add_blocks(
	struct so_plan_builder *builder, const struct so_my_block *top, bool analyzed, struct so_err *err);

#endif
