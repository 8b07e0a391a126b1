/* What the printers of T-SQL share (internal to sql/). */
#ifndef SO_SQL_PRINT_TSQL_H
#define SO_SQL_PRINT_TSQL_H

#include "sql/print/ddl.h"

/* Nodes that T-SQL writes in its own way; false for all others. */
bool so_put_tsql(struct printer *pr, so_ref ref);
bool so_put_tsql_ddl(struct printer *pr, so_ref ref);
/* An OPTION as so_tsql_item() reads it, or a literal. */
void so_put_tsql_item(struct printer *pr, so_ref ref);
/* " item item ..": clauses one after the other */
void so_put_tsql_clauses(struct printer *pr, struct so_list clauses);
/* Functions and casts with a syntax of their own; false for all others. */
bool so_put_tsql_func(struct printer *pr, so_ref ref);

#endif
