/* What the facts know of a call by its name, in every dialect (internal to sql/). Names count as the dialect takes
 * them; "no" when in doubt. */
#ifndef SO_SQL_FACTS_FUNCTION_H
#define SO_SQL_FACTS_FUNCTION_H

#include "sql/facts.h"

/* Surely an aggregate: without GROUP BY it makes one row of all. */
bool so_fact_is_aggregate(const struct so_ast *ast, const struct so_n_func *func);
/* Cannot be ruled out: functions of users may be. */
bool so_fact_may_be_aggregate(const struct so_ast *ast, so_ref func);
/* NULL when one argument is. */
bool so_fact_is_strict(const struct so_ast *ast, const struct so_n_func *func);
/* Type of the result in dialects other than PostgreSQL, by that of the first argument; NULL: not known. */
const char *so_fact_result(const struct so_ast *ast, const struct so_n_func *func, struct so_expr_type arg);
/* 'i', 's' or 'v' of the call itself. */
char so_fact_volatility(const struct so_resolved *resolved, so_ref func);
/* Oracle's a.x = b.y(+) is the condition of an outer join: it need not hold, and no row is left out for it. */
bool so_fact_has_outer_plus(const struct so_ast *ast, so_ref expr);

#endif
