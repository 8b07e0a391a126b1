/* What the files of the printer share (internal to sql/). */
#ifndef SO_SQL_PRINTER_H
#define SO_SQL_PRINTER_H

#include "base/buf.h"
#include "sql/lex.h"
#include "sql/print.h"

struct printer {
	struct so_buf *buf;
	const struct so_ast *ast;
	const struct so_dialect_traits *traits;
	struct so_features features;
	enum so_dialect dialect;
	bool pretty;
	bool restricted; /* inside a b_expr */
	unsigned indent;
	size_t margin, margin_len; /* where in the buffer the white space stands that each new line begins with */
	so_ref *stack; /* left spines of long chains */
	size_t count, room;
};

enum so_name_place { SO_PLACE_COLUMN, SO_PLACE_FUNC, SO_PLACE_LABEL };

/* Inline, since most texts are constants, whose length the compiler knows. */
static inline void so_put(struct printer *pr, const char *text)
{
	so_buf_adds(pr->buf, text);
}

static inline void so_put_text(struct printer *pr, struct so_text text)
{
	so_buf_add(pr->buf, text.s, text.len);
}

void so_put_name(struct printer *pr, struct so_name name, enum so_name_place place);
/* "name", also where it needs no quotes */
void so_put_double_quoted(struct printer *pr, struct so_name name);
/* qualifier.name */
void so_put_qualified(struct printer *pr, so_ref qualifier, struct so_name name, enum so_name_place place);
void so_put_string(struct printer *pr, struct so_text text);
/* A clause starts: a new line, or a blank. */
void so_put_break(struct printer *pr);
void so_put_push(struct printer *pr, so_ref ref);

/* An expression; in parentheses when it binds less than `min`. */
void so_put_expr(struct printer *pr, so_ref ref, enum so_level min);
void so_put_list(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref));
void so_put_expr_item(struct printer *pr, so_ref ref);
void so_put_type(struct printer *pr, so_ref ref);
void so_put_sort(struct printer *pr, so_ref ref);
void so_put_window(struct printer *pr, so_ref ref);
void so_put_target(struct printer *pr, so_ref ref);
/* ( query ), indented. */
void so_put_paren_query(struct printer *pr, so_ref query);
void so_put_name_node(struct printer *pr, so_ref ref);
void so_put_func(struct printer *pr, so_ref ref);
void so_put_operator(struct printer *pr, so_ref schema, struct so_name name);
/* The [..] of a subscript. */
void so_put_brackets(struct printer *pr, const struct so_n_subscript *node);
void so_put_coldef(struct printer *pr, so_ref ref);
/* Any node. */
void so_put_node(struct printer *pr, so_ref ref);
void so_put_from_item(struct printer *pr, so_ref ref);
void so_put_statement(struct printer *pr, so_ref ref);
void so_put_with(struct printer *pr, so_ref ref);
void so_put_dml(struct printer *pr, so_ref ref);
/* " INTO table USING source ON condition" */
void so_put_merge_head(struct printer *pr, const struct so_n_merge *node);
/* "WHEN MATCHED AND condition THEN " */
void so_put_merge_match(struct printer *pr, const struct so_n_merge_when *node);
/* " AS name (columns)"; nothing for 0 */
void so_put_alias(struct printer *pr, so_ref ref);
/* " TOP (n) PERCENT WITH TIES" */
void so_put_top(struct printer *pr, so_ref limit, uint32_t style, uint16_t flags);
/* OPTION (..) */
void so_put_query_hints(struct printer *pr, struct so_list hints);

/* print/pretty.c: whether a list takes a line for each item, because there are many or they are wide. */
bool so_put_breaks(const struct printer *pr, struct so_list list);
/* A new line one step deeper, or a blank. */
void so_put_line(struct printer *pr, bool line);
/* " a, b", or the lines, one step deeper */
void so_put_lines(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref));
/* "(a, b)", in pretty texts always a line for each */
void so_put_elements(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref));
/* "VALUES (1, 2), (3, 4)" */
void so_put_rows(struct printer *pr, struct so_list rows, void (*item)(struct printer *pr, so_ref ref));

/* print/phrase.c */
void so_put_phrase(struct printer *pr, so_ref ref);
/* PHRASEs and other nodes, a blank before each. */
void so_put_phrases(struct printer *pr, struct so_list list);
/* The hints that are comments. */
void so_put_hints(struct printer *pr, struct so_list hints);

/* Oracle; so_put_oracle_ddl answers false for what it leaves to the shared printer. */
void so_put_hierarchy(struct printer *pr, so_ref ref);
void so_put_insert_all(struct printer *pr, so_ref ref);
/* INTO table .. of INSERT ALL. */
void so_put_insert_branch(struct printer *pr, so_ref ref);
bool so_put_oracle_ddl(struct printer *pr, so_ref ref);

/* MySQL and MariaDB; the bool ones answer false for what they leave to the shared printer. */
void so_put_my_type(struct printer *pr, so_ref ref);
bool so_put_my_func(struct printer *pr, const struct so_n_func *node);
void so_put_my_select(struct printer *pr, so_ref ref);
void so_put_my_tail(struct printer *pr, so_ref ref);
bool so_put_my_dml(struct printer *pr, so_ref ref);
bool so_put_my_ddl(struct printer *pr, so_ref ref);

/* SQLite; so_put_lite_ddl answers false for what it leaves to the shared printer. */
void so_put_lite_type(struct printer *pr, so_ref ref);
/* INDEXED BY of a table */
void so_put_lite_indexed(struct printer *pr, struct so_list hints);
/* " OR REPLACE" */
const char *so_lite_action(uint32_t action);
/* ORDER BY and LIMIT of UPDATE and DELETE */
void so_put_lite_dml_tail(struct printer *pr, so_ref ref);
bool so_put_lite_ddl(struct printer *pr, so_ref ref);

static inline bool is_lite(const struct printer *pr)
{
	return pr->dialect == SO_SQLITE;
}

static inline bool is_my(const struct printer *pr)
{
	return pr->dialect == SO_MYSQL || pr->dialect == SO_MARIADB;
}

#define GET(pr, lower, ref) so_as_##lower((pr)->ast, ref)

static inline bool so_put_flag(const struct printer *pr, so_ref ref, unsigned flag)
{
	return so_ast_has_flag(pr->ast, ref, flag);
}

#endif
