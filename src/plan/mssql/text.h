/* Internal to plan/mssql: showplan as text. */
#ifndef SO_PLAN_MSSQL_TEXT_H
#define SO_PLAN_MSSQL_TEXT_H

#include "plan/reader.h"

bool so_ms_is_text(const struct so_plan_document *doc);
bool so_ms_read_text(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);

#endif
