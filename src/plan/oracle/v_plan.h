/* Internal to plan/oracle: rows of V$SQL_PLAN, V$SQL_PLAN_STATISTICS_ALL or PLAN_TABLE as a JSON array of objects, or
 * as SQLcl writes it. Names of columns in any case. */
#ifndef SO_PLAN_ORACLE_V_PLAN_H
#define SO_PLAN_ORACLE_V_PLAN_H

#include "plan/reader.h"

bool so_or_is_v_plan(const struct so_plan_document *doc);
bool so_or_read_v_plan(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);

#endif
