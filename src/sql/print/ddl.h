/* What the printers of statements that define objects share (internal to sql/). */
#ifndef SO_SQL_PRINT_DDL_H
#define SO_SQL_PRINT_DDL_H

#include "sql/print/printer.h"

/* Any node of sql/node_ddl.h; false for other kinds. */
bool so_put_ddl(struct printer *pr, so_ref ref);
void so_put_alter(struct printer *pr, so_ref ref);
void so_put_alter_action(struct printer *pr, so_ref ref);
void so_put_column_def(struct printer *pr, so_ref ref);
void so_put_constraint(struct printer *pr, so_ref ref);
/* DEFERRABLE, NOT VALID ... of a constraint, each with a blank before it. */
void so_put_constraint_attributes(struct printer *pr, so_ref ref);
void so_put_partition_bound(struct printer *pr, so_ref ref);
void so_put_partition_by(struct printer *pr, so_ref ref);
void so_put_index_elem(struct printer *pr, so_ref ref);
void so_put_create_table(struct printer *pr, so_ref ref);
void so_put_create_index(struct printer *pr, so_ref ref);
void so_put_create_view(struct printer *pr, so_ref ref);
void so_put_create_object(struct printer *pr, so_ref ref);

/* " (a = 1, b)"; nothing for an empty list */
void so_put_options(struct printer *pr, const char *before, struct so_list options);
void so_put_fdw_options(struct printer *pr, struct so_list options);
/* Options with a blank before each: of a sequence, or after a table. */
void so_put_plain_options(struct printer *pr, struct so_list options);
void so_put_option(struct printer *pr, so_ref ref);
void so_put_behavior(struct printer *pr, uint32_t behavior);
/* " WORD name"; nothing without a name */
void so_put_named(struct printer *pr, const char *word, struct so_name name);
/* "(a, b)" */
void so_put_paren_list(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref));
void so_put_upper(struct printer *pr, struct so_text text);
/* An identifier, or DEFAULT where the grammar has it as a word. */
void so_put_name_or_default(struct printer *pr, struct so_name name);

#endif
