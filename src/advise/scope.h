/* Which catalog column a reference means, which relation of which query block, and whether it can be NULL there: what
 * preconditions and index candidates ask. Answers are conservative: a name that might come from a subquery, a common
 * table expression or a function is no column of a table. The statement is one that the engine has planned, so names
 * are known to be valid and unambiguous. */
#ifndef SO_ADVISE_SCOPE_H
#define SO_ADVISE_SCOPE_H

#include "advise/tree.h"
#include "core/catalog.h"
#include "sql/ast.h"

/* One relation of one query block. */
struct so_scope_rel {
	const struct so_table *table; /* NULL: not a table (CTE, subquery, function, unknown) */
	so_ref node; /* its item of FROM, or the target of UPDATE and DELETE */
	so_ref block; /* the SELECT or statement that it belongs to */
	so_ref query; /* of a subquery or CTE reference: what it reads, else 0 */
	const char *name; /* by which columns are qualified; decoded */
	bool null_extended; /* on the nullable side of an outer join */
	bool renamed; /* its alias renames columns: FROM t AS x(a, b) */
};

struct so_scope_column {
	const struct so_scope_rel *rel;
	int32_t column; /* index into rel->table->columns */
	bool not_null; /* declared so, and not null-extended */
};

struct so_scope;

struct so_scope *so_scope_new(
	TALLOC_CTX *ctx, const struct so_ast *ast, const struct so_tree *tree, const struct so_catalog *catalog);
/* A COLUMN node that means a column of a table; false for any other (also one that comes out of a subquery). */
bool so_scope_column(const struct so_scope *scope, so_ref column, struct so_scope_column *out);
size_t so_scope_rel_count(const struct so_scope *scope);
const struct so_scope_rel *so_scope_rel_at(const struct so_scope *scope, size_t i);
/* The relation of a node of FROM, or NULL. */
const struct so_scope_rel *so_scope_rel_of(const struct so_scope *scope, so_ref node);
/* The common table expression that a TABLE node reads, or 0. */
so_ref so_scope_cte(const struct so_scope *scope, so_ref table_node);

#endif
