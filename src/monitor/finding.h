/* Regressions, new slow queries and N+1 as findings, in words and figures. */
#ifndef SO_MONITOR_FINDING_H
#define SO_MONITOR_FINDING_H

#include "core/finding.h"
#include "monitor/cause.h"
#include "monitor/n_plus_one.h"

/* "query-regression" or "new-slow-query"; `found` has a kind. Its severity is that of the time lost to it: the part of
 * the instance's time that would be free if the query were as fast as before. */
struct so_finding *so_regression_finding(
	struct so_finding_list *list, const struct so_regression *found, const struct so_cause *cause);
/* "n-plus-one". `parent` is how the calling statement is named to the reader. */
struct so_finding *so_n_plus_one_finding(
	struct so_finding_list *list, const struct so_n_plus_one *pair, const char *parent);

#endif
