/* The values that a plan tells of the statement that it is of: in the text of the statement, where the plan has it, as
 * values of its parameters, or as literals of the conditions of its nodes. */
#ifndef SO_SERVICE_PLAN_VALUES_H
#define SO_SERVICE_PLAN_VALUES_H

#include "plan/plan.h"
#include "sql/parse.h"

/* The statement with all of its values: data of the target. `sql` is the statement where the plan does not have it, or
 * NULL. NULL when there is none, or when the plan does not tell a value for each of its parameters, and one only. */
char *so_plan_values_text(TALLOC_CTX *ctx, enum so_dialect dialect, const struct so_plan *plan, const char *sql);

#endif
