/* What is known of PostgreSQL's own functions without asking a server. */
#ifndef SO_SQL_FUNCTIONS_H
#define SO_SQL_FUNCTIONS_H

#include "sql/ast.h"

struct so_builtin {
	char volatility; /* 'i' immutable, 's' stable, 'v' volatile: the worst of all overloads */
	char kind; /* 'f' function, 'a' aggregate, 'w' window function */
	bool strict; /* NULL in, NULL out, for all overloads */
	bool returns_set;
	bool side_effects; /* does more than compute a value: nextval, pg_sleep, lo_import ... */
	const char *result; /* catalog name of the result type, or "" when it depends on the arguments */
};

/* By name as stored (lower case); false when PostgreSQL 15 has no such function for users. */
bool so_builtin_find(struct so_text name, struct so_builtin *out);

#endif
