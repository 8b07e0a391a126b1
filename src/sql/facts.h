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

/* How `=` compares two values. "Gives": rows that agree on one side, and for which the comparison is TRUE, agree on the
 * other side, too, as DISTINCT sees it (1.0 and 1.00 agree; several int8 equal one float8). Both: it is transitive. */
struct so_comparison {
	enum so_type_class type_class; /* the family in which they are compared; SO_TYPE_UNKNOWN when not provable */
	const char *collation; /* of texts; NULL: none, or not known */
	bool left_gives_right, right_gives_left;
	bool identical; /* equal values are the same in every respect: one may stand for the other anywhere */
	bool cast_left, cast_right; /* that side is converted first (an index on it cannot serve) */
};

void so_exprs_comparison(
	const struct so_resolved *resolved, so_ref left, so_ref right, struct so_comparison *comparison);
/* Families whose `=` is that of their keys and that are no containers of others. */
bool so_type_is_plain(enum so_type_class type_class);
/* The type that UNION, VALUES and the like give to both. */
struct so_expr_type so_expr_type_common(struct so_expr_type a, struct so_expr_type b);

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

/* A call that may return any number of rows; true when nothing is known of the function. */
bool so_func_returns_set(const struct so_resolved *resolved, so_ref func);

/* As so_exprs_comparison, of two columns of relations. */
void so_column_comparison(const struct so_resolved *resolved, struct so_rel_col left, struct so_rel_col right,
	struct so_comparison *comparison);

/* The following speak of the rows that FROM and WHERE of a SELECT block yield (before GROUP BY and all that comes
 * after it), while the block runs once: columns of outer blocks are fixed. Other blocks: "no". */

/* No two of these rows agree on all of the columns; n 0: there is at most one row. */
bool so_block_rows_unique(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n);
/* Functional dependency: rows that agree on `cols` agree on `col`; n 0: it has one value in all rows. */
bool so_block_determines(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n,
	struct so_rel_col col);
/* a = b is TRUE in every row, through any number of equalities that are transitive. */
bool so_block_columns_equal(
	const struct so_resolved *resolved, int32_t block, struct so_rel_col a, struct so_rel_col b);
/* The literal or parameter that equals the column in every row; 0: none is known. */
so_ref so_block_constant(const struct so_resolved *resolved, int32_t block, struct so_rel_col col);

/* The result of a block: no two rows agree on all of the outputs given by number. */
bool so_block_outputs_unique(const struct so_resolved *resolved, int32_t block, const int32_t *outputs, size_t n);
/* The block returns at most one row, each time that it runs (a subquery: for each row outside). */
bool so_block_max_one_row(const struct so_resolved *resolved, int32_t block);

/* For the resolver: fills type, nullability and origin of an output. */
void so_facts_output(const struct so_resolved *resolved, so_ref expr, struct so_col *col);

#endif
