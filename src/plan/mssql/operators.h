/* Internal to plan/mssql: the operators of SQL Server, whose names the XML and the text forms share. */
#ifndef SO_PLAN_MSSQL_OPERATORS_H
#define SO_PLAN_MSSQL_OPERATORS_H

#include "plan/reader.h"

/* Sets op, label, join type and strategy from the physical and logical operator; names that are not known stay `other`
 * under their own label. `physical` must live as long as the plan; `logical` may be NULL. */
void so_ms_set_operator(struct so_plan_node *node, const char *physical, const char *logical);

/* How the next child hangs under a node that has `n` children so far. */
enum so_plan_relationship so_ms_relationship(const struct so_plan_node *parent, int32_t n);

/* A scalar expression as showplan writes it, made readable and parseable: "[db].[dbo].[t].[c] as [a].[c]" becomes
 * "[a].[c]", longer names lose database and schema. Lives as long as the plan. */
const char *so_ms_expression(struct so_plan_builder *builder, const char *text, size_t len);

/* Turns costs that count all executions of a node into those of one execution, which is what the tree holds. For each
 * node the executions are those of its parent, times the outer rows below a nested loop. */
void so_ms_costs_per_execution(struct so_plan *plan);

/* Gives nodes without measured figures (compute scalars, mostly) what their first child has, in plans with some. */
void so_ms_fill_measured(struct so_plan *plan);

#endif
