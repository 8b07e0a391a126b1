/* Internal to plan/mssql: what the optimiser itself remarks in a plan, as notes of the plan. */
#ifndef SO_PLAN_MSSQL_NOTES_H
#define SO_PLAN_MSSQL_NOTES_H

#include "plan/reader.h"

/* "Warnings" of an operator (node `id`) or of the plan (-1). */
void so_ms_read_warnings(struct so_plan_builder *builder, int32_t id, const struct so_plan_xml *warnings);

/* What a QueryPlan element and its statement (may be NULL) say about the plan: missing indexes, warnings, parameters,
 * memory grant, waits, threads, what it was forced by. Comes last: it sets the threads of an exchange. */
void so_ms_read_plan_notes(
	struct so_plan_builder *builder, const struct so_plan_xml *statement, const struct so_plan_xml *plan);

#endif
