/* Which relations and functions a statement mentions: what must be known of a catalog before names can be resolved. */
#ifndef SO_SQL_NAMES_H
#define SO_SQL_NAMES_H

#include "sql/ast.h"

struct so_sql_table_name {
	char *schema; /* NULL when not written */
	char *name; /* decoded, as a catalog stores it */
	so_ref node; /* first TABLE (or INTO) that mentions it */
	bool written; /* target of INSERT, UPDATE, DELETE, MERGE, somewhere in the statement */
};

struct so_sql_function_name {
	char *schema;
	char *name;
	so_ref node; /* first FUNC that calls it */
	bool builtin; /* unqualified or pg_catalog, and in the built-in table */
};

struct so_sql_names {
	struct so_sql_table_name *tables; /* each once, in the order of the text; names of CTEs in scope left out */
	size_t table_count;
	struct so_sql_function_name *functions; /* each once; forms of the grammar (COALESCE, CAST ..) left out */
	size_t function_count;
};

/* Everything below `root`. Needs no catalog and cannot fail. */
struct so_sql_names *so_sql_names(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root);

#endif
