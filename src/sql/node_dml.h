/* Nodes of statements that change data: part of sql/node.h. */
#ifndef SO_SQL_NODE_DML_H
#define SO_SQL_NODE_DML_H

#include "sql/node.h"

/* INSERT, UPDATE, DELETE and MERGE all start with these fields; so_as_dml() reads any of them. */
#define SO_DML_FIELDS                                                                                                  \
	struct so_node hdr;                                                                                            \
	so_ref with;                                                                                                   \
	so_ref table; /* TABLE */                                                                                      \
	struct so_list returning; /* TARGET */                                                                         \
	so_ref limit; /* TOP (n) */                                                                                    \
	uint32_t limit_style; /* SO_LIMIT_* */                                                                         \
	struct so_list hints; /* OPTION, as in queries */                                                              \
	struct so_name old_alias; /* RETURNING WITH (OLD AS .., NEW AS ..) */                                          \
	struct so_name new_alias;                                                                                      \
	so_ref output; /* OUTPUT: rows that go into a table instead of to the client */                                \
	struct so_list into; /* variables of RETURNING */                                                              \
	struct so_list extra /* PHRASE: hints, error logging: what a dialect adds */

struct so_n_dml {
	SO_DML_FIELDS;
};

/* INSERT OR .., UPDATE OR .., ON CONFLICT .. of a constraint: what SQLite does about a row that breaks one. */
enum so_or_action { SO_OR_NONE, SO_OR_ROLLBACK, SO_OR_ABORT, SO_OR_FAIL, SO_OR_IGNORE, SO_OR_REPLACE };

/* How the values of INSERT find their columns. BY NAME and BY POSITION: Oracle. */
enum so_overriding {
	SO_OVERRIDING_NONE,
	SO_OVERRIDING_USER,
	SO_OVERRIDING_SYSTEM,
	SO_OVERRIDING_BY_NAME,
	SO_OVERRIDING_BY_POSITION
};

/* SO_NF_ALL: REPLACE. SO_NF_STAR: written SET a = 1; then `query` is VALUES with one row. */
struct so_n_insert {
	SO_DML_FIELDS;
	struct so_list columns; /* COLUMN, or FIELD / SUBSCRIPT around it */
	uint32_t overriding;
	so_ref query; /* none: DEFAULT VALUES */
	so_ref alias; /* ALIAS of the new row */
	so_ref on_conflict;
	uint32_t or_action; /* enum so_or_action; REPLACE INTO is INSERT OR REPLACE in SQLite */
};

/* INSERT ALL | FIRST: SO_NF_DISTINCT for FIRST. `whens`: WHEN with a condition or none, result a BLOCK of INSERT; ELSE
 * is a WHEN without condition behind others. */
struct so_n_insert_all {
	struct so_node hdr;
	struct so_list extra; /* PHRASE: hints */
	struct so_list whens;
	so_ref query;
};

/* SO_NF_ALL: ON DUPLICATE KEY UPDATE. */
struct so_n_on_conflict {
	struct so_node hdr;
	struct so_list elems; /* INDEX_ELEM */
	so_ref elems_where;
	struct so_name constraint;
	uint32_t update; /* 0: DO NOTHING, 1: DO UPDATE */
	struct so_list sets; /* ASSIGN */
	so_ref where;
	so_ref next; /* ON_CONFLICT: SQLite takes several, the first that fits is taken */
};

struct so_n_index_elem {
	struct so_node hdr;
	so_ref expr;
	so_ref collation; /* NAME */
	so_ref opclass; /* NAME */
	struct so_list options; /* OPTION: of the operator class */
	so_ref length; /* MySQL: prefix */
	uint32_t dir;
	uint32_t nulls;
	struct so_name with_op; /* EXCLUDE: WITH operator */
	so_ref with_schema;
};

/* Of several tables (MySQL: UPDATE a JOIN b SET ..): `table` is absent and `from` has them. */
struct so_n_update {
	SO_DML_FIELDS;
	struct so_list sets; /* ASSIGN */
	struct so_list from;
	so_ref where;
	struct so_list order_by; /* SORT */
	so_ref offset; /* SQLite */
	uint32_t or_action; /* enum so_or_action */
};

/* column = value (`op` is the operator where it is another: +=); with SO_NF_STAR a chain @v = column = value; without
 * columns the value is a method that changes one. Or with SO_NF_ALL (columns) = value, value being a ROW, a SUBQUERY or
 * another expression. */
struct so_n_assign {
	struct so_node hdr;
	struct so_list columns; /* COLUMN, or FIELD / SUBSCRIPT around it */
	so_ref value;
	struct so_name op;
};

/* From several tables: `table` is absent, `targets` names those (or their aliases) in `using` whose rows go. SO_NF_ALL:
 * written DELETE FROM targets USING, not DELETE targets FROM. */
struct so_n_delete {
	SO_DML_FIELDS;
	struct so_list targets; /* TABLE */
	struct so_list using;
	so_ref where;
	struct so_list order_by; /* SORT */
	so_ref offset; /* SQLite */
};

struct so_n_merge {
	SO_DML_FIELDS;
	so_ref source;
	so_ref on;
	struct so_list whens; /* MERGE_WHEN */
};

enum so_merge_match { SO_MATCHED, SO_NOT_MATCHED, SO_NOT_MATCHED_BY_SOURCE };
enum so_merge_action { SO_MERGE_NOTHING, SO_MERGE_UPDATE, SO_MERGE_DELETE, SO_MERGE_INSERT };

struct so_n_merge_when {
	struct so_node hdr;
	uint32_t match;
	uint32_t action;
	so_ref cond;
	struct so_list columns; /* INSERT */
	uint32_t overriding;
	so_ref values; /* INSERT: ROW; none: DEFAULT VALUES */
	struct so_list sets; /* UPDATE: ASSIGN */
	so_ref where; /* Oracle: behind the action */
	so_ref delete_where; /* UPDATE .. DELETE WHERE */
};

/* OUTPUT targets INTO table (columns) */
struct so_n_output {
	struct so_node hdr;
	struct so_list targets; /* TARGET */
	so_ref table; /* TABLE */
	struct so_list columns; /* COLUMN */
};

#endif
