/* What the files of Oracle's grammar share (internal to sql/). */
#ifndef SO_SQL_ORACLE_H
#define SO_SQL_ORACLE_H

#include "sql/ora_forms.h"
#include "sql/parse/ddl.h"
#include "sql/parse/form.h"

/* oracle/parse_expr.c */
so_ref so_oracle_primary(struct parse *p);
so_ref so_oracle_suffix(struct parse *p, so_ref arg);
so_ref so_oracle_type(struct parse *p);
bool so_oracle_is_test(struct parse *p, so_ref ref);
enum so_level so_oracle_word_level(const struct parse *p);
so_ref so_oracle_word_operator(struct parse *p, so_ref left);
/* A PHRASE of what was pushed since `mark`. */
so_ref so_oracle_phrase(struct parse *p, uint32_t first, size_t mark);

/* oracle/parse_query.c */
so_ref so_oracle_select(struct parse *p);
so_ref so_oracle_with(struct parse *p);
bool so_oracle_query_tail(struct parse *p, so_ref ref);
/* The hint in front of the current token, pushed as a PHRASE. */
void so_oracle_push_hint(struct parse *p);
struct so_list so_oracle_hint(struct parse *p);

/* oracle/parse_from.c */
so_ref so_oracle_from(struct parse *p);
/* Table with partition and link, or ONLY (..), a subquery or a collection: the target of DML; alias too. */
so_ref so_oracle_target(struct parse *p);
so_ref so_oracle_table_name(struct parse *p);

/* oracle/parse_dml.c */
so_ref so_oracle_dml(struct parse *p, so_ref with, uint32_t first);

/* oracle/parse_ddl.c, oracle/parse_table.c */
so_ref so_oracle_ddl(struct parse *p);
so_ref so_oracle_create_table(struct parse *p);
so_ref so_oracle_alter_table(struct parse *p);
so_ref so_oracle_column_def(struct parse *p);
/* A constraint of a table; 0 when none begins here. */
so_ref so_oracle_constraint(struct parse *p, bool of_column);
so_ref so_oracle_partition_by(struct parse *p);
so_ref so_oracle_index_elem(struct parse *p);
/* Forms of that name one after the other. */
struct so_list so_oracle_options(struct parse *p, enum so_ora_form form);

so_ref so_oracle_form_value(struct parse *p, char kind);

/* oracle/plsql.c */
so_ref so_plsql_block(struct parse *p);

/* CREATE PROCEDURE and so on, from CREATE on; `skip`: words in front of the kind. */
so_ref so_plsql_create(struct parse *p, uint32_t skip);
so_ref so_plsql_call(struct parse *p);
bool so_plsql_at_block(const struct parse *p);
/* FUNCTION or PROCEDURE of WITH. */
so_ref so_plsql_unit(struct parse *p);

#endif
