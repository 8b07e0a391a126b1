/* Internal to plan/mysql: the table form of EXPLAIN, a row for each table, as drawn by the client, in batches, or with
 * \G; of MySQL (EXTENDED, PARTITIONS) and MariaDB (also ANALYZE). */
#ifndef SO_PLAN_MYSQL_TABLE_FORM_H
#define SO_PLAN_MYSQL_TABLE_FORM_H

#include "plan/reader.h"

/* `analyzed` (may be NULL): whether it has ANALYZE's columns, which only MariaDB knows. */
bool so_my_is_table_form(const struct so_plan_document *doc, bool *analyzed);
bool so_my_read_table_form(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);

#endif
