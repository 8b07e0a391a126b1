/* Internal to plan/mysql: what SHOW WARNINGS printed, pasted together with the plan. */
#ifndef SO_PLAN_MYSQL_WARNINGS_H
#define SO_PLAN_MYSQL_WARNINGS_H

#include "plan/reader.h"

/* Adds the warnings in the document as notes of the plan, which has its nodes: as the client draws them (--table), with
 * tabs (--batch) or one below the other (\G). There need not be any. */
void so_my_read_warnings(struct so_plan_builder *builder, const struct so_plan_document *doc);

#endif
