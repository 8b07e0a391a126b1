/* Our own cost of an index when the engine cannot be asked, and shares of rows from column statistics. */
#ifndef SO_ADVISE_ESTIMATE_H
#define SO_ADVISE_ESTIMATE_H

#include "advise/candidate.h"
#include "plan/plan.h"

/* Planner cost of the statement's plan with the scan of the candidate's table done through it; NAN when the plan has no
 * such scan. An estimate from page counts, row shares and the server's cost settings: good to a factor, not to a
 * figure. */
double so_estimate_cost(const struct so_catalog *catalog, const struct so_plan *plan, const struct so_cand *cand);

/* Fills in the costs of a plan whose engine tells none (total_cost is NAN), by one formula of rows and pages; with
 * `anew` also instead of those that it tells, in units of its own. False, and nothing changed, when it has costs or
 * when a table of it is not in the catalog. */
bool so_estimate_plan(const struct so_catalog *catalog, struct so_plan *plan, bool anew);

/* Shares of a table's rows, from 0 to 1; a default as planners use it where there are no statistics. `value` is the
 * constant's text, or NULL when unknown. */
double so_share_equal(const struct so_table *table, const struct so_column *column, const char *value);
double so_share_null(const struct so_column *column);
/* Rows below `value` (NULL: a third). */
double so_share_below(const struct so_column *column, const char *value);

#endif
