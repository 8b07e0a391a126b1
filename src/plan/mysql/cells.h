/* Internal to plan/mysql: rows and columns of EXPLAIN's table form. */
#ifndef SO_PLAN_MYSQL_CELLS_H
#define SO_PLAN_MYSQL_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum so_my_column {
	SO_MY_ID,
	SO_MY_SELECT_TYPE,
	SO_MY_NAME,
	SO_MY_PARTITIONS,
	SO_MY_TYPE,
	SO_MY_POSSIBLE_KEYS,
	SO_MY_KEY,
	SO_MY_KEY_LEN,
	SO_MY_REF,
	SO_MY_ROWS,
	SO_MY_R_ROWS,
	SO_MY_FILTERED,
	SO_MY_R_FILTERED,
	SO_MY_EXTRA,
	SO_MY_N_COLUMNS
};

struct so_my_row {
	const char *cells[SO_MY_N_COLUMNS]; /* NULL: absent, or NULL */
	int id; /* for whoever works with the rows: of the query block */
	int unit; /* the block that it is a part of: another one for members of a union */
	bool used, is_result, is_member; /* "UNION RESULT" stands for all members: UNION, INTERSECT, EXCEPT */
};

struct so_my_cells {
	TALLOC_CTX *tmp; /* owner of all */
	struct so_my_row *rows;
	size_t n, size;
};

/* The rows of the first table in a text; false when there is none. */
bool so_my_read_cells(TALLOC_CTX *tmp, const char *text, size_t len, struct so_my_cells *table);

#endif
