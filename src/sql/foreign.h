/* A statement that its dialect refuses, read as the other dialects would: whose syntax it looks like, and what to write
 * instead. For the path of errors only: it parses the statement once for each other dialect. */
#ifndef SO_SQL_FOREIGN_H
#define SO_SQL_FOREIGN_H

#include "sql/parse.h"

/* `text` is one statement of a person (a script is cut at semicolons), `position` where `dialect` refused it, in bytes.
 * Returns what a DBA would say, as a child of `ctx`: "TOP n is SQL Server's; write LIMIT n behind the query (the
 * statement is valid in SQL Server)". NULL when nothing in it belongs to another dialect: it is merely
 * wrong. Options are those of the parse that failed, NULL for none. */
char *so_sql_foreign_hint(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text,
	size_t len, const struct so_sql_options *options, int32_t position);

#endif
