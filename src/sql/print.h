/* From struct so_ast back to text, and editing the text of a statement in place. */
#ifndef SO_SQL_PRINT_H
#define SO_SQL_PRINT_H

#include "base/buf.h"
#include "sql/ast.h"

/* Longest text that is printed; more is cut, and so_buf.overflow tells (so_sql_print: our bug, it aborts). */
#define SO_PRINT_MAX (16u * 1024 * 1024)

/* The node as SQL on one line: keywords in upper case, as few parentheses and quotes as its meaning allows. Uses only
 * the tree, never the source text, so trees edited or made by hand print as well. Parsing the result gives an equal
 * tree. ref 0: "". */
char *so_sql_print(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref ref);
/* The same with a line for each clause and condition. */
char *so_sql_pretty(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref ref);
void so_sql_print_buf(struct so_buf *buf, const struct so_ast *ast, so_ref ref);

/* A name as it must be written: in quotes only if it needs them. */
char *so_sql_quote_name(TALLOC_CTX *ctx, enum so_dialect dialect, const char *name);
/* A string as a literal. */
char *so_sql_quote_string(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len);

/* Replace `len` bytes at `offset` by `text`. Insertions have len 0. */
struct so_edit {
	size_t offset;
	size_t len;
	const char *text;
};

/* The text with all edits applied; every other byte stays. The edits may come in any order but must not overlap (two
 * insertions at one place keep their order). NULL when they overlap or leave the text. */
char *so_sql_splice(TALLOC_CTX *ctx, const char *text, size_t len, const struct so_edit *edits, size_t count);

/* Adds to `edits` (a talloc array under ctx, *count long) the replacement of a parsed node's span by a text. The span
 * is without the parentheses around the node, which therefore stay. False for a node without a span. */
bool so_sql_edit_node(
	TALLOC_CTX *ctx, struct so_edit **edits, size_t *count, const struct so_ast *ast, so_ref old, const char *text);

#endif
