/* Internal to plan/sqlite: the rows of EXPLAIN QUERY PLAN, from whatever printed them. */
#ifndef SO_PLAN_SQLITE_ROWS_H
#define SO_PLAN_SQLITE_ROWS_H

#include "plan/reader.h"
#include "plan/span.h"

struct so_sqlite_row {
	int32_t level; /* 0: top */
	struct so_span detail; /* "SEARCH t USING INDEX i (a=?)" */
};

struct so_sqlite_rows {
	TALLOC_CTX *tmp; /* owner of `items` and of copied texts */
	struct so_sqlite_row *items;
	size_t n, size;
	size_t n_more; /* plans below the first, which are not read */
};

/* Whether a text is a step of a plan, by its first words. */
bool so_sqlite_is_step(struct so_span detail);
/* The shell's drawing of a tree, rows of id, parent, notused and detail in any of the shell's modes, bare details, and
 * JSON rows. Rows of versions before 3.24 (selectid, order, from, detail) come without levels. False: the document has
 * something else in it. */
bool so_sqlite_read_rows(struct so_sqlite_rows *rows, const struct so_plan_document *doc);

#endif
