/* Internal to plan/: PostgreSQL's plans as a tree of keys and values, versions 9.6 to 18, and auto_explain's entries.
 * JSON and YAML are such trees, XML and text are brought into this form. Figures keep PostgreSQL's meaning: rows, times
 * and removed rows are means of one loop of one process, buffers are totals. */
#ifndef SO_PLAN_POSTGRESQL_TREE_H
#define SO_PLAN_POSTGRESQL_TREE_H

#include "plan/reader.h"
#include "plan/value.h"

/* Reads what EXPLAIN prints for one statement: the member "Plan" and those beside it. A string is what it prints for a
 * utility statement. Numbers may come as strings. */
bool so_plan_postgresql_read(struct so_plan_builder *builder, const struct so_plan_value *doc, size_t n_statements,
	struct so_err *err) SO_MUST_CHECK;

/* Takes the values of "$1 = '42', $2 = NULL"; those that were cut off are left out. */
void so_plan_pg_binds(struct so_plan_builder *builder, const char *text, size_t len);

/* What every format does before its first node (absent figures) and after its last, with the tree closed: relations of
 * bitmap index scans, and the figures of the plan as a whole. */
void so_plan_postgresql_begin(struct so_plan *plan);
void so_plan_postgresql_end(struct so_plan *plan);

/* The operation of a node type, and its name as a constant in *label; `other` and no label for a name that is unknown.
 */
enum so_plan_op so_plan_postgresql_op(const char *name, size_t len, const char **label);

/* XML as the tree that FORMAT JSON gives, except that all scalars are strings. Texts are borrowed from the elements. */
struct so_plan_value *so_plan_postgresql_from_xml(struct so_plan_chunks *chunks, const struct so_plan_xml *root);

#endif
