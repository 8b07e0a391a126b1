/* Upkeep of tables: what ANALYZE, CREATE STATISTICS and VACUUM would mend, and indexes to drop. */
#ifndef SO_ADVISE_UPKEEP_H
#define SO_ADVISE_UPKEEP_H

#include "core/catalog.h"
#include "core/finding.h"
#include "core/proposal.h"
#include "plan/plan.h"

/* Appends what the tables of the plan need. Estimates are compared with counted rows only when the plan was analysed.
 */
void so_upkeep_advise(const struct so_catalog *catalog, const struct so_plan *plan,
	const struct so_finding_list *findings, struct so_proposal_list *out);

/* Indexes that one table could do without. An index that one of the plans uses is not called unused. */
void so_hygiene_of_table(
	const struct so_table *table, const struct so_plan *const *plans, size_t n, struct so_proposal_list *out);

#endif
