/* What is provable about a resolved statement: the preconditions of rewrites. Every answer errs on the side of "no". */
#ifndef SO_SQL_FACTS_H
#define SO_SQL_FACTS_H

#include "sql/resolve.h"

struct so_expr_type {
	const char *name; /* the engine's spelling ("timestamp with time zone"); "" when unknown, "unknown" for a bare
			     string */
	enum so_type_class type_class;
	int32_t width_bits; /* of INT and FLOAT */
};

/* Type of an expression: columns, literals, casts, comparisons, arithmetic, common functions. */
struct so_expr_type so_expr_type(const struct so_resolved *resolved, so_ref expr);

/* True when the expression cannot be NULL in any row that FROM yields and that satisfies `cond` (usually the WHERE of
 * the block; 0: nothing is assumed). */
bool so_expr_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond);

/* True when `cond` cannot be TRUE in a row where this column is NULL. */
bool so_cond_rejects_null(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column);

/* 'i', 's' or 'v': the worst of everything inside; functions that neither the catalog nor the built-in table knows are
 * 'v'. Subqueries count as 's'. */
char so_expr_volatility(const struct so_resolved *resolved, so_ref expr);

/* No column, no subquery, and not volatile: one value for the whole statement. */
bool so_expr_is_fixed(const struct so_resolved *resolved, so_ref expr);

struct so_rel_col {
	int32_t rel, column;
};

/* True when the rows that FROM and WHERE of a SELECT block yield are told apart by these columns: no two rows agree on
 * all of them. Follows keys, equalities with fixed values and between columns; n 0: at most one row. */
bool so_block_rows_unique(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n);

/* True when no two rows of a block's result agree on all of the outputs given by number. */
bool so_block_outputs_unique(const struct so_resolved *resolved, int32_t block, const int32_t *outputs, size_t n);

/* For the resolver: fills type, nullability and origin of an output. */
void so_facts_output(const struct so_resolved *resolved, so_ref expr, struct so_col *col);

#endif
