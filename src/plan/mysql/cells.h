/* Internal to plan/mysql: rows of EXPLAIN's table form, each cell taken apart once. */
#ifndef SO_PLAN_MYSQL_CELLS_H
#define SO_PLAN_MYSQL_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "plan/span.h"

#define SO_MY_MAX_ROWS 1000000 /* of a table; a join has 61 at most, but a union any number */

/* What `select_type` says. */
enum {
	SO_MY_TYPE_INSERT = 1,
	SO_MY_TYPE_REPLACE = 2,
	SO_MY_TYPE_UPDATE = 4,
	SO_MY_TYPE_DELETE = 8,
	SO_MY_TYPE_SUBQUERY = 16,
	SO_MY_TYPE_DEPENDENT = 32, /* a subquery that is run again: DEPENDENT, UNCACHEABLE */
	SO_MY_TYPE_MATERIALIZED = 64,
	SO_MY_TYPE_RESULT = 128, /* stands for all members: "UNION RESULT" */
	SO_MY_TYPE_UNION = 256,
	SO_MY_TYPE_INTERSECT = 512,
	SO_MY_TYPE_EXCEPT = 1024,
};

/* What `Extra` says. */
enum {
	SO_MY_EXTRA_INDEX = 1,
	SO_MY_EXTRA_INDEX_CONDITION = 2,
	SO_MY_EXTRA_WHERE = 4,
	SO_MY_EXTRA_TEMPORARY = 8,
	SO_MY_EXTRA_USING_FILESORT = 16,
	SO_MY_EXTRA_FILESORT = 32, /* the word alone, too */
	SO_MY_EXTRA_BUFFER = 64,
	SO_MY_EXTRA_RECHECKED = 128,
	SO_MY_EXTRA_NOT_EXISTS = 256,
	SO_MY_EXTRA_FIRST_MATCH = 512,
};

/* Texts are borrowed from the document; .at is NULL for a cell that is absent, or NULL. */
struct so_my_row {
	struct so_span name, access, key, ref, extra;
	double rows, filtered, r_rows, r_filtered; /* NAN: absent */
	int id; /* of the query block; 0: none */
	unsigned short type, extras; /* SO_MY_TYPE_..., SO_MY_EXTRA_... */

	/* For whoever puts the rows together. */
	int unit; /* the block that it is a part of: another one for members of a union */
	bool used;
	bool alone; /* sorted before it is joined */
	struct so_my_row *before, *after; /* in its block */
	struct so_my_block *derived; /* what fills the table that it reads, or NULL */
};

struct so_my_cells {
	TALLOC_CTX *tmp; /* owner of all */
	struct so_my_row *rows;
	size_t n, size;
	size_t n_more; /* further tables in the text, which are not read */
};

/* The rows of the first table in a text; false when there is none. Stops behind SO_MY_MAX_ROWS. */
bool so_my_read_cells(TALLOC_CTX *tmp, const char *text, size_t len, struct so_my_cells *table);

/* Takes the digits off the front of a text: their number, at most INT_MAX; 0 without any. */
int so_my_take_id(struct so_span *text);

#endif
