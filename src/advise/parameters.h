/* Values for a statement whose own are gone: the texts of statistics views hold `$1` or `?` where the literals stood.
 * A parameter is traced to the column that it is compared with, and the column's statistics give three choices of
 * values: a common one, a rare one, and one that no row has. Plans, and the rungs that execute, are then tried with
 * each. The values come from the snapshot each time and are kept nowhere. */
#ifndef SO_ADVISE_PARAMETERS_H
#define SO_ADVISE_PARAMETERS_H

#include "sql/resolve.h"

enum so_value_choice { SO_VALUE_COMMON, SO_VALUE_RARE, SO_VALUE_ABSENT, SO_VALUE_CHOICES };
/* "common", "rare", "absent" */
const char *so_value_choice_name(enum so_value_choice choice);

struct so_parameter {
	so_ref node; /* PARAM of the statement's tree */
	const struct so_table *table; /* what it is compared with, or NULL: then the value is assumed */
	const struct so_column *column;
	double share[SO_VALUE_CHOICES]; /* of the rows that an equality finds, by the statistics; NAN: not known */
	char *sql[SO_VALUE_CHOICES]; /* the value as a literal */
};

struct so_parameters {
	size_t count;
	struct so_parameter *items; /* in the order of the text; one for each place, also of one parameter */
	bool differ[SO_VALUE_CHOICES]; /* this choice is not the same as an earlier one */
	char *why_not; /* the parameter that has no value, and why; NULL: all have one */
};

/* Never fails: what cannot be known is `why_not`. Texts are children of the result. */
struct so_parameters *so_parameters_choose(TALLOC_CTX *ctx, const struct so_resolved *resolved);

/* The text of the statement with its parameters replaced by the values of that choice. `ast` may be that of another
 * statement, a rewrite of the first one: its parameters are told by number or name. NULL when a parameter has no value
 * or cannot be told. */
char *so_parameters_fill(TALLOC_CTX *ctx, const struct so_ast *ast, const struct so_parameters *parameters,
	const struct so_ast *of, enum so_value_choice choice);

/* "orders.status common (38 % of the rows), limit 20": what a choice means, without the values themselves. */
char *so_parameters_describe(TALLOC_CTX *ctx, const struct so_parameters *parameters, enum so_value_choice choice);

#endif
