/* What the rules of statements that define objects share (internal to sql/). */
#ifndef SO_SQL_PARSE_DDL_H
#define SO_SQL_PARSE_DDL_H

#include "sql/parse/parser.h"

/* At CREATE, ALTER, DROP, TRUNCATE, COMMENT: the statement, or 0 and nothing read when its object has no node. */
so_ref so_parse_ddl(struct parse *p);
so_ref so_parse_create(struct parse *p);
so_ref so_parse_alter(struct parse *p);
so_ref so_parse_drop(struct parse *p);
so_ref so_parse_truncate(struct parse *p);
so_ref so_parse_comment(struct parse *p);

/* The object that the words at `n` name ("foreign table"); *count is the number of words, 0 when they name none. */
enum so_object so_parse_object_at(const struct parse *p, uint32_t n, uint32_t *count);
const char *so_object_words(enum so_object object);
/* Tables and what is named like them: TABLE nodes. */
bool so_object_is_relation(enum so_object object);

/* schema.name as a TABLE without alias. */
so_ref so_parse_ddl_table(struct parse *p);
uint32_t so_parse_behavior(struct parse *p);
bool so_parse_if_exists(struct parse *p);
bool so_parse_if_not_exists(struct parse *p);
/* A node with the name `text` (a constant), and a value. */
so_ref so_parse_made_option(
	struct parse *p, uint32_t first, const char *text, so_ref value, enum so_option_style style);
/* (a = 1, toast.b = off, c) */
struct so_list so_parse_storage_options(struct parse *p);
/* (a = 1, b): no points; never empty */
struct so_list so_parse_definition(struct parse *p);
/* name type [COLLATE c] of a composite type */
so_ref so_parse_attribute(struct parse *p);
/* What stands behind the `=` of such an option. */
so_ref so_parse_option_value(struct parse *p);
/* (a 'x', ADD b 'y'): `change` allows ADD, SET, DROP */
struct so_list so_parse_fdw_options(struct parse *p, bool change);
/* INCREMENT BY 2 CACHE 5 ...; may be empty */
struct so_list so_parse_sequence_options(struct parse *p);
/* One of them, or 0. */
so_ref so_parse_sequence_option(struct parse *p);
so_ref so_parse_number(struct parse *p);
so_ref so_parse_role(struct parse *p);
struct so_name so_parse_accept_name_after(struct parse *p, enum so_kw word);

so_ref so_parse_create_table(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence);
so_ref so_parse_column_def(struct parse *p);
/* CONSTRAINT .., COLLATE, DEFERRABLE after a column or a domain. */
struct so_list so_parse_column_constraints(struct parse *p, so_ref *collation);
bool so_parse_at_table_constraint(const struct parse *p);
so_ref so_parse_table_constraint(struct parse *p);
void so_parse_constraint_attributes(struct parse *p, so_ref constraint);
so_ref so_parse_partition_by(struct parse *p);
so_ref so_parse_partition_bound(struct parse *p);

/* Key of an index or partition: column, call or (expression), COLLATE, class, order. */
so_ref so_parse_index_elem(struct parse *p);
so_ref so_parse_create_index(struct parse *p, uint32_t first, unsigned bits);
so_ref so_parse_create_view(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence);
so_ref so_parse_create_sequence(struct parse *p, uint32_t first, uint32_t persistence);
so_ref so_parse_create_type(struct parse *p, uint32_t first);
so_ref so_parse_create_domain(struct parse *p, uint32_t first);
so_ref so_parse_create_schema(struct parse *p, uint32_t first);
so_ref so_parse_create_statistics(struct parse *p, uint32_t first);

#endif
