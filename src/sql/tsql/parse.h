/* What the files of the T-SQL grammar share (internal to sql/). */
#ifndef SO_SQL_PARSE_TSQL_H
#define SO_SQL_PARSE_TSQL_H

#include "sql/parse/ddl.h"

/* Where a list of clause words ends, apart from ',' ')' ';' and the end of the text. */
typedef bool (*so_tsql_stop)(const struct parse *p);

/* GO alone on its line: the end of a batch. */
bool so_tsql_at_go(const struct parse *p);
/* A word that begins a statement, wherever statements need no semicolon; also ELSE, END and GO. */
bool so_tsql_at_statement(const struct parse *p);
/* No further clause or expression can begin here. */
bool so_tsql_at_statement_end(const struct parse *p);

/* One item of an option list: words and literals up to a comma, a closing parenthesis or `stop`; what follows '=' and
 * what stands in parentheses is nested. A literal or variable alone is itself, all others are OPTIONs. */
so_ref so_tsql_item(struct parse *p, so_tsql_stop stop);
/* ( item, .. ), maybe empty */
struct so_list so_tsql_items(struct parse *p);
/* An OPTION whose name is the word that was read, with the items in the parentheses that follow. */
so_ref so_tsql_clause(struct parse *p, uint32_t first, const char *word);
/* As so_tsql_clause without parentheses: the items up to `stop`. */
so_ref so_tsql_open_clause(struct parse *p, uint32_t first, const char *word, so_tsql_stop stop);

/* a, a.b, a..c, with the empty names between the points. */
so_ref so_tsql_table_name(struct parse *p);
so_ref so_tsql_variable_table(struct parse *p);
so_ref so_tsql_primary(struct parse *p);
so_ref so_tsql_suffix(struct parse *p, so_ref arg);
so_ref so_tsql_type(struct parse *p);
/* FUNC with a syntax of its own. */
so_ref so_tsql_func(struct parse *p, uint32_t first, const char *name, enum so_func_syntax syntax, struct so_list args);

so_ref so_tsql_select(struct parse *p);
bool so_tsql_tail(struct parse *p, so_ref query);
so_ref so_tsql_target(struct parse *p);
/* An expression that is a condition, and one that is none. */
so_ref so_tsql_condition(struct parse *p);
so_ref so_tsql_value(struct parse *p);
/* TOP (n) PERCENT WITH TIES: into the fields given. */
void so_tsql_top(struct parse *p, so_ref *limit, uint32_t *style, uint16_t *flags);
/* OPTION (..) */
struct so_list so_tsql_query_hints(struct parse *p);

so_ref so_tsql_from_item(struct parse *p);
so_ref so_tsql_from_suffix(struct parse *p, so_ref item);
so_ref so_tsql_alias(struct parse *p);
/* WITH (hints) of a table, or without WITH, in the form that still works. */
struct so_list so_tsql_table_hints(struct parse *p);

so_ref so_tsql_dml(struct parse *p, so_ref with, uint32_t first);

so_ref so_tsql_statement(struct parse *p);
/* Statements up to END, or up to the end of the batch: a BLOCK. */
so_ref so_tsql_block(struct parse *p, bool whole_batch);
so_ref so_tsql_opaque(struct parse *p, uint32_t first, const char *verb, enum so_statement_class cls, size_t mark);
so_ref so_tsql_flow(struct parse *p);
so_ref so_tsql_execute(struct parse *p);
so_ref so_tsql_declare(struct parse *p);
/* CREATE or ALTER PROCEDURE, FUNCTION, TRIGGER; 0 when it is another object. */
so_ref so_tsql_routine(struct parse *p);
so_ref so_tsql_ddl(struct parse *p);
/* ( columns and constraints ) of a table */
struct so_list so_tsql_table_elems(struct parse *p);
so_ref so_tsql_column_def(struct parse *p);
so_ref so_tsql_table_elem(struct parse *p);
/* WITH (..), ON filegroup, TEXTIMAGE_ON ..: what follows tables, keys and indexes. */
struct so_list so_tsql_storage(struct parse *p);
so_ref so_tsql_index(struct parse *p, uint32_t first, unsigned bits);
so_ref so_tsql_alter_table(struct parse *p, uint32_t first);
so_ref so_tsql_key(struct parse *p);

/* =, += .. ||=: no other operator of the dialect is without a number. */
static inline bool so_tsql_is_assign(const struct so_token *token)
{
	return token->kind == SO_TOK_OP && (token->kw == SO_OP_EQ || token->kw == SO_OP_OTHER);
}

#endif
