/* What the files of SQLite's own rules share (internal to sql/). They follow SQLite's grammar rule by rule; only
 * expressions are the shared ones. */
#ifndef SO_SQL_PARSE_SQLITE_H
#define SO_SQL_PARSE_SQLITE_H

#include "sql/parse/ddl.h"

/* A name where SQLite also takes a string: tables, columns, aliases behind AS. */
struct so_name so_sqlite_name(struct parse *p);
bool so_sqlite_at_name(const struct parse *p);
so_ref so_sqlite_name_node(struct parse *p);
/* (a, b) */
struct so_list so_sqlite_name_list(struct parse *p);
/* [schema.]table as a TABLE without alias. */
so_ref so_sqlite_table(struct parse *p);
/* ROLLBACK, ABORT, FAIL, IGNORE, REPLACE */
uint32_t so_sqlite_action(struct parse *p);
/* column or expression of an index or a conflict target, ASC | DESC */
so_ref so_sqlite_index_elem(struct parse *p);
/* Type words and their numbers; 0 when there are none. */
so_ref so_sqlite_type(struct parse *p);

so_ref so_sqlite_query(struct parse *p);
/* Behind a WITH (0: none) that was read; `first` is its first token. */
so_ref so_sqlite_query_rest(struct parse *p, so_ref with, uint32_t first);
so_ref so_sqlite_with(struct parse *p);
so_ref so_sqlite_in_table(struct parse *p);
struct so_list so_sqlite_from(struct parse *p);
/* AS name, or name; 0 when there is none. */
so_ref so_sqlite_alias(struct parse *p, bool as_only);
/* INDEXED BY name, NOT INDEXED behind a table */
void so_sqlite_indexed(struct parse *p, so_ref table);
/* INSERT, REPLACE, UPDATE, DELETE */
so_ref so_sqlite_dml(struct parse *p, so_ref with, uint32_t first);
bool so_sqlite_at_dml(const struct parse *p);

so_ref so_sqlite_create(struct parse *p);
so_ref so_sqlite_alter(struct parse *p);
so_ref so_sqlite_drop(struct parse *p);

#endif
