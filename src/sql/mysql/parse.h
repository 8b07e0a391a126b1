/* What the files of the MySQL and MariaDB grammar share (internal to sql/). */
#ifndef SO_SQL_PARSE_MYSQL_H
#define SO_SQL_PARSE_MYSQL_H

#include "sql/my_forms.h"
#include "sql/parse/ddl.h"
#include "sql/parse/form.h"

static inline bool is_maria(const struct parse *p)
{
	return p->ast->dialect == SO_MARIADB;
}

/* mysql/parse_expr.c, mysql/parse_func.c, mysql/parse_type.c */
so_ref so_my_primary(struct parse *p);
so_ref so_my_suffix(struct parse *p, so_ref arg);
enum so_level so_my_word_level(const struct parse *p);
so_ref so_my_word_operator(struct parse *p, so_ref left);
so_ref so_my_call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier);
/* Functions with a syntax of their own, by keyword; 0 for all other words. */
so_ref so_my_special(struct parse *p);
so_ref so_my_type(struct parse *p);
/* A type that CAST takes. */
so_ref so_my_cast_type(struct parse *p);
/* DAY, YEAR_MONTH ...: whether one stands here; the unit as a string CONST. */
bool so_my_at_unit(const struct parse *p);
so_ref so_my_unit(struct parse *p);
/* @v, @@global.v */
so_ref so_my_variable(struct parse *p);

/* mysql/parse_query.c */
so_ref so_my_select(struct parse *p);
bool so_my_query_tail(struct parse *p, so_ref query);
so_ref so_my_values_row(struct parse *p);
/* The optimizer hint in front of the current token, as a list of OPTION. */
struct so_list so_my_hints(struct parse *p);
struct so_list so_my_order_by(struct parse *p);

/* mysql/parse_from.c */
so_ref so_my_from(struct parse *p);
so_ref so_my_table(struct parse *p, bool alias);

/* mysql/parse_dml.c: at INSERT, REPLACE, UPDATE, DELETE */
so_ref so_my_dml(struct parse *p, so_ref with, uint32_t first);

/* mysql/parse_table.c, mysql/parse_alter.c, mysql/parse_object.c */
so_ref so_my_create(struct parse *p);
so_ref so_my_create_table(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence);
so_ref so_my_column_def(struct parse *p);
/* [USING BTREE] */
void so_my_index_type(struct parse *p, struct so_name *method);
bool so_my_at_key(const struct parse *p);
so_ref so_my_key(struct parse *p);
so_ref so_my_partition_by(struct parse *p);
struct so_list so_my_partition_defs(struct parse *p);
so_ref so_my_key_part(struct parse *p);
so_ref so_my_alter_table(struct parse *p, uint32_t first);
so_ref so_my_alter(struct parse *p);
so_ref so_my_drop(struct parse *p);
so_ref so_my_truncate(struct parse *p);

/* A statement that is checked by the form of that name and kept as OPAQUE with what it holds. */
so_ref so_my_opaque(struct parse *p, enum so_statement_class cls, const char *verb, enum so_my_form form);

#endif
