/* What the files of the resolver share (internal to sql/). */
#ifndef SO_SQL_RESOLVER_H
#define SO_SQL_RESOLVER_H

#include "sql/resolve.h"
#include "sql/resolve/index.h"

/* A common table expression that is visible. */
struct cte_scope {
	const struct cte_scope *outer;
	so_ref node;
	const char *name;
	int32_t block; /* that yields its rows; -1 while its own body is read (then see cols) */
	struct so_col *cols;
	size_t n_cols;
	bool open; /* recursive reference before its columns are known */
	const struct cte_level *level; /* a long WITH clause, whose number `number` it is; NULL: a short one */
	int32_t number;
};

/* A WITH clause with many queries. */
struct cte_level {
	struct so_name_index *names;
	const struct cte_scope *first;
};

/* The names that an expression can use: relations [from, to) of a block, then those of the scopes around it. */
struct scope {
	const struct scope *outer;
	int32_t block;
	int32_t from, to;
	bool outputs_first; /* ORDER BY: output names win */
	bool outputs_last; /* GROUP BY: output names after columns */
	bool grouped; /* above GROUP BY with grouping sets */
	bool apply; /* the right side of APPLY sees the left one */
	bool any_name; /* MODEL makes names of its own */
};

/* A column that USING or NATURAL made one of two. */
struct merged {
	int32_t block, rel, column;
	int32_t from, to; /* relations of the join */
	bool coalesced; /* of a FULL JOIN, or one below */
	bool not_null; /* coalesced: has a value in every row of the join */
};

struct resolver {
	struct so_resolved *out;
	const struct so_ast *ast;
	const struct so_catalog *catalog;
	struct so_err *err;
	bool failed;
	unsigned guesses; /* recursive queries whose first branch is being read in advance */
	struct merged *merged;
	size_t n_merged;
	struct so_name_index *rel_names; /* of the first of out->rels */
	struct so_name_index *table_names; /* of the catalog's tables */
	unsigned n_table_lookups;
	size_t n_probes; /* relations and merged columns that were asked for a name */
	size_t room_blocks, room_rels, room_uses;
};

bool so_res_fail(struct resolver *r, so_ref node, const char *fmt, ...) SO_PRINTF(3, 4);
/* Counts what a look through n relations costs; false, and the failure, when the statement has made too many: only bare
 * names over thousands of relations can, and the engines would take as long. */
bool so_res_probe(struct resolver *r, so_ref node, const char *column, size_t n);
int32_t so_res_add_block(struct resolver *r, so_ref node, int32_t parent);
int32_t so_res_add_rel(struct resolver *r, int32_t block, so_ref node, enum so_rel_kind kind);
void so_res_add_use(struct resolver *r, struct so_use use);
/* Forgets all but the first n_uses. */
void so_res_drop_uses(struct resolver *r, size_t n_uses);
const char *so_res_name(struct resolver *r, struct so_name name);
/* Whether two names are one, by the dialect's rule: of columns, of tables and what stands for them. */
bool so_res_same(const struct resolver *r, const char *a, const char *b);
bool so_res_same_table(const struct resolver *r, const char *a, const char *b);
/* Column of a relation by name, or -1. */
int32_t so_res_find_col(const struct resolver *r, const struct so_rel *rel, const char *name);
/* The first of n columns or outputs with this name; *names is their index, made when they are many. */
int32_t so_res_find_named(
	const struct resolver *r, const struct so_col *cols, size_t n, struct so_name_index **names, const char *name);
/* As so_catalog_table, by the dialect's rule for names. */
const struct so_table *so_res_catalog_table(struct resolver *r, const char *schema, const char *name);
/* Relations of the engine itself, temporary tables and table variables need not be in the snapshot. */
bool so_res_is_system_name(const struct resolver *r, const char *schema, const char *name);
/* Columns that are in no list of columns: ctid, rowid, LEVEL .. `alone`: it belongs to no relation. */
bool so_res_is_system_column(const struct resolver *r, const char *name, bool *alone);
/* Where labels of the select list are visible. */
#define SO_RES_LABELS_WHERE  1u
#define SO_RES_LABELS_GROUP  2u /* also inside expressions */
#define SO_RES_LABELS_HAVING 4u
#define SO_RES_LABELS_ORDER  8u /* also inside expressions */
#define SO_RES_LABELS_BARE   16u /* GROUP BY label */
unsigned so_res_labels(const struct resolver *r);

/* All names in an expression, and the queries inside it. */
void so_res_expr(struct resolver *r, so_ref expr, const struct scope *scope, const struct cte_scope *ctes);
void so_res_exprs(struct resolver *r, struct so_list list, const struct scope *scope, const struct cte_scope *ctes);
/* A query or data-modifying statement; returns its block. */
int32_t so_res_query(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent);
int32_t so_res_dml(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent);
/* Reads a FROM list into relations of scope->block; scope->to grows. */
void so_res_from(struct resolver *r, struct so_list from, struct scope *scope, const struct cte_scope *ctes);
void so_res_from_item(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes);
/* PIVOT, UNPIVOT, MATCH_RECOGNIZE behind an item of FROM. */
void so_res_from_pivot(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes);
void so_res_from_clause(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes);
/* Names the relation and its columns as its ALIAS says. */
void so_res_apply_alias(struct resolver *r, so_ref node, so_ref alias, int32_t rel);
/* COLUMNS (a INT PATH '$.a' ..) among the words of a table function; false when there are none. */
bool so_res_phrase_columns(struct resolver *r, so_ref phrase, int32_t rel);
/* Oracle's b.x(+) in a condition: b is the nullable side of an outer join. */
void so_res_outer_plus(struct resolver *r, so_ref cond);
/* What * means in a scope, a child of r->out; their number. *open: some relation has columns that are not known. */
size_t so_res_star(struct resolver *r, const struct scope *scope, struct so_col **cols, bool *open);
/* A column definition's type, as the engine spells it. */
void so_res_coldef_type(struct resolver *r, so_ref type, struct so_col *col);
/* One relation of a TABLE node. */
int32_t so_res_table(struct resolver *r, so_ref node, int32_t block, const struct cte_scope *ctes);
/* Fills the outputs of a block from a target list. */
void so_res_outputs(struct resolver *r, int32_t block, struct so_list targets, const struct scope *scope);
/* Makes of an output what a column merged by a FULL JOIN is. */
void so_res_coalesced_output(struct so_col *col, bool not_null);
/* With each CTE of `with` in scope, calls `body`. */
int32_t so_res_with(struct resolver *r, so_ref node, so_ref with, const struct scope *outer,
	const struct cte_scope *ctes, int32_t parent,
	int32_t (*body)(struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes,
		int32_t parent));

#endif
