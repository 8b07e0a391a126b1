/* Names against a catalog: scopes, common table expressions, correlation, * expansion, USING. Everything that a rewrite
 * or an index candidate may ask about where a column comes from is answered from the result (and by sql/facts.h). */
#ifndef SO_SQL_RESOLVE_H
#define SO_SQL_RESOLVE_H

#include "core/catalog.h"
#include "sql/ast.h"

/* A column that a relation offers or a query returns. */
struct so_col {
	const char *name; /* as the engine would call it; "?column?" when it has no name */
	const char *type; /* the engine's spelling, or "" when unknown */
	enum so_type_class type_class; /* SO_TYPE_UNKNOWN when unknown */
	const char *collation; /* of a column of a table, also through queries; NULL: none, or not known */
	bool not_null; /* cannot be NULL inside its relation (before outer joins around it) */
	so_ref expr; /* of a query's output: the expression; 0 after * expansion, see rel and column */
	int32_t rel, column; /* the relation and its column when the output is a plain column, else -1 */
};

enum so_rel_kind { SO_REL_TABLE, SO_REL_QUERY, SO_REL_CTE, SO_REL_FUNCTION };

/* One entry of FROM, or the target of INSERT, UPDATE, DELETE, MERGE ("excluded" is one of its own). */
struct so_rel {
	enum so_rel_kind kind;
	so_ref node; /* TABLE, FROM_QUERY, FROM_FUNC, FROM_XML; JOIN for an aliased join */
	const char *name; /* alias, else the table's name: what qualifies its columns */
	const struct so_table *table; /* SO_REL_TABLE, or NULL for a system relation that the catalog does not hold */
	int32_t block; /* the block whose FROM it stands in */
	int32_t source; /* QUERY, CTE: the block that yields its rows, -1 if data-modifying */
	bool nullable; /* on the nullable side of an outer join: all its columns may be NULL */
	bool nullable_below; /* and was so before the last outer join around it */
	bool lateral;
	bool qualified_only; /* RETURNING's old and new rows: no bare name means them, nor does * */
	bool open; /* not all columns are known (functions without a column list) */
	struct so_col *cols;
	size_t n_cols;
	struct so_name_index *names; /* of cols, for the resolver; NULL until many are asked for */
};

/* One query block: SELECT, VALUES, SETOP, INSERT, UPDATE, DELETE, MERGE. */
struct so_block {
	so_ref node;
	int32_t parent; /* block that it is nested in, or -1 */
	int32_t n_rels; /* its relations are those of `rels` whose `block` is this one, in the order of FROM */
	bool correlated; /* refers to a relation of an outer block */
	bool grouping_sets; /* ROLLUP, CUBE, GROUPING SETS: what is grouped by may be NULL in outputs */
	struct so_col *outputs; /* what it returns (RETURNING for INSERT ...) */
	size_t n_outputs;
	struct so_name_index *names; /* of outputs, for the resolver; NULL until many are asked for */
};

enum so_use_kind {
	SO_USE_OF_COLUMN, /* rel and column */
	SO_USE_OF_ROW, /* the whole row of rel: column -1 */
	SO_USE_OF_OUTPUT, /* ORDER BY, GROUP BY: the block's output number `column` */
	SO_USE_OF_OTHER /* system column, or a column of an open relation: column -1 */
};

/* A column of a relation, by number. */
struct so_rel_col {
	int32_t rel, column;
};

/* What a COLUMN node means. */
struct so_use {
	so_ref node;
	enum so_use_kind kind;
	int32_t block; /* where it is written */
	int32_t rel; /* -1 for an output */
	int32_t column; /* index into the relation's cols; for a table also into so_table.columns */
	bool outer; /* the relation belongs to an outer block */
	bool merged; /* unqualified name of a USING or NATURAL column */
	bool coalesced; /* merged by a FULL JOIN: whichever side has a row; rel and column are the left one */
	bool not_null; /* coalesced: one side always has a value */
	bool grouped; /* stands above grouping sets of its block, which may make it NULL */
};

/* The two columns that USING or NATURAL made one (FULL JOIN left out, which does not make them equal). */
struct so_pair {
	so_ref join;
	int32_t left, left_column, right, right_column; /* relations and their columns */
};

struct so_resolved {
	const struct so_ast *ast;
	const struct so_catalog *catalog;
	so_ref root;
	struct so_block *blocks; /* those of WITH before the statement's own: so_resolved_block(resolved, root) */
	size_t n_blocks;
	struct so_rel *rels;
	size_t n_rels;
	struct so_use *uses; /* see so_resolved_use */
	size_t n_uses;
	uint32_t *use_slots; /* hash of nodes to numbers of uses + 1; use_mask + 1 slots */
	uint32_t use_mask;
	struct so_pair *pairs;
	size_t n_pairs;
	struct so_facts_memo *memo; /* what the facts found out, for when it is asked again; so one thread at a time */
};

/* Resolves a statement. Fails with SO_INPUT, naming the object and its byte position, for an unknown table or column,
 * an ambiguous name, or a wrong number of columns. Relations of pg_catalog and information_schema may be missing from
 * the catalog; functions are not checked (sql/names.h lists them). The result refers to `ast` and `catalog`. */
bool so_sql_resolve(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root, const struct so_catalog *catalog,
	struct so_resolved **resolved, struct so_err *err) SO_MUST_CHECK;

/* What a COLUMN node means, or NULL for any other node. */
const struct so_use *so_resolved_use(const struct so_resolved *resolved, so_ref column);
/* The catalog column behind a COLUMN node when it is a column of a table, directly; else NULL. *table may be NULL. */
const struct so_column *so_resolved_column(
	const struct so_resolved *resolved, so_ref column, const struct so_table **table);
/* The block of a query or DML node, or -1. */
int32_t so_resolved_block(const struct so_resolved *resolved, so_ref node);
/* The relation of a FROM item (TABLE, FROM_QUERY ...), or -1. */
int32_t so_resolved_rel(const struct so_resolved *resolved, so_ref node);

#endif
