/* Values for a statement whose own are gone: the texts of statistics views hold `$1` or `?` where the literals stood.
 * A parameter is traced to the column that it is compared with, and the column's statistics give three choices of
 * values: a common one, a rare one, and one that no row has. Plans, and the rungs that execute, are then tried with
 * each. These come from the snapshot each time and are kept nowhere. Values that were really used come from the
 * caller, which keeps them (monitor/harvest.h). */
#ifndef SO_ADVISE_PARAMETERS_H
#define SO_ADVISE_PARAMETERS_H

#include "sql/resolve.h"
#include "sql/values.h"

/* The choices that statistics give, then up to SO_VALUE_SEEN_MAX sets of values that somebody really used. */
#define SO_VALUE_SEEN_MAX 3
enum so_value_choice {
	SO_VALUE_COMMON,
	SO_VALUE_RARE,
	SO_VALUE_ABSENT,
	SO_VALUE_CHOICES,
	SO_VALUE_SEEN = SO_VALUE_CHOICES,
	SO_VALUE_SLOTS = SO_VALUE_SEEN + SO_VALUE_SEEN_MAX
};
/* "common", "rare", "absent", "seen", "seen (2)" ... */
const char *so_value_choice_name(enum so_value_choice choice);

struct so_parameter {
	so_ref node; /* PARAM of the statement's tree */
	const struct so_table *table; /* what it is compared with, or NULL: then the value is assumed */
	const struct so_column *column;
	double share[SO_VALUE_CHOICES]; /* of the rows that an equality finds, by the statistics; NAN: not known */
	char *sql[SO_VALUE_SLOTS]; /* the value as a literal */
	bool several[SO_VALUE_SLOTS]; /* it is values with commas between them: good for an IN list only */
};

struct so_parameters {
	size_t count;
	struct so_parameter *items; /* in the order of the text; one for each place, also of one parameter */
	bool differ[SO_VALUE_CHOICES]; /* this choice is not the same as an earlier one */
	char *why_not; /* the parameter that the statistics have no value for, and why; NULL: all have one */
	size_t n_seen; /* sets of values that fit */
	struct {
		size_t set; /* the how many-th of those given */
		char *sql; /* the statement with them */
	} seen[SO_VALUE_SEEN_MAX];
};

/* Never fails: what cannot be known is `why_not`. Texts are children of the result. */
struct so_parameters *so_parameters_choose(TALLOC_CTX *ctx, const struct so_resolved *resolved);
/* Where names could not be resolved: no values but those that are seen. `why_not` is borrowed. */
struct so_parameters *so_parameters_unknown(TALLOC_CTX *ctx, const struct so_ast *ast, const char *why_not);

/* Adds the first SO_VALUE_SEEN_MAX of the sets that fit the statement and do not say the same. */
void so_parameters_see(
	struct so_parameters *parameters, const struct so_ast *ast, const struct so_value_set *const *sets, size_t n);

/* The text of the statement with its parameters replaced by the values of that choice. `ast` may be that of another
 * statement, a rewrite of the first one: its parameters are told by number or name. NULL when a parameter has no value
 * or cannot be told. */
char *so_parameters_fill(TALLOC_CTX *ctx, const struct so_ast *ast, const struct so_parameters *parameters,
	const struct so_ast *of, enum so_value_choice choice);

/* "orders.status common (38 % of the rows), limit 20": what a choice means, without the values themselves. */
char *so_parameters_describe(TALLOC_CTX *ctx, const struct so_parameters *parameters, enum so_value_choice choice);

#endif
