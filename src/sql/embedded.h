/* SQL inside statements: bodies of functions, procedures and DO blocks, cursors, prepared statements, rules. */
#ifndef SO_SQL_EMBEDDED_H
#define SO_SQL_EMBEDDED_H

#include "sql/parse.h"

struct so_sql_embedded {
	char *text; /* one statement for so_sql_parse: without INTO targets, PERFORM as SELECT */
	so_ref node; /* the same as a tree of the outer statement, 0 when it stands in a string */
	size_t offset, len; /* where it stands in the source text; len 0 when the string had escapes */
	bool into; /* its rows go into variables */
	bool expression; /* a condition or value with a query inside: the text is SELECT (expression), of conditions
			    in T-SQL SELECT CASE WHEN condition THEN 1 END */
};

/* The embedded statements of `statement` (of an OPAQUE node, or of EXPLAIN), in the order of the text, however deep
 * they stand in blocks, branches and loops. Statements that are built at run time (EXECUTE) are not seen. Names of
 * variables look like columns. PostgreSQL's bodies are strings, of which those in SQL and PL/pgSQL are read; those of
 * the others (PL/SQL, T-SQL, MySQL's and SQLite's) are part of the tree. Returns their number; *list is a child of ctx.
 */
size_t so_sql_embedded(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref statement, struct so_sql_embedded **list);

#endif
