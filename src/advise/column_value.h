/* Values of a column for what is compared with it, from the statistics of the snapshot. */
#ifndef SO_ADVISE_COLUMN_VALUE_H
#define SO_ADVISE_COLUMN_VALUE_H

#include "advise/parameters.h"

/* How the value is used. */
enum so_value_use {
	SO_VALUE_EQUAL,
	SO_VALUE_LOWER, /* column >= value, and no upper bound */
	SO_VALUE_UPPER,
	SO_VALUE_FROM, /* lower bound of a range with both */
	SO_VALUE_TO,
	SO_VALUE_PATTERN, /* of LIKE */
	SO_VALUE_LIST /* an array of values, as PostgreSQL writes them */
};

/* The value as plain text, or NULL when the statistics have none. `nth`: the how many-th of a list, from 0. *share is
 * the part of the rows that have it, NAN when it is not known. */
char *so_column_value(TALLOC_CTX *ctx, const struct so_column *column, const struct so_table *table,
	enum so_value_use use, enum so_value_choice choice, size_t nth, double *share);

/* The text as a literal of the dialect; `quoted` also for numbers. NULL when the dialect has no literal of that type
 * that means the same in every session (dates in Oracle). */
char *so_column_literal(
	TALLOC_CTX *ctx, enum so_dialect dialect, const struct so_column *column, const char *text, bool quoted);

#endif
