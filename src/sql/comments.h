/* Comments are no part of the tree; these functions bring them into text that was printed from it. */
#ifndef SO_SQL_COMMENTS_H
#define SO_SQL_COMMENTS_H

#include "sql/parse.h"

/* `printed` is the parse of a text that was printed from the tree of `source` (each with one text). Returns that text
 * with the comments of the source: one that ends its line behind the same word, one on a line of its own before the
 * same word, one inside a line before the same word, a hint (the forms with + and !) right behind its word. */
char *so_sql_weave_comments(TALLOC_CTX *ctx, const struct so_ast *source, const struct so_ast *printed);

/* Formats one statement or a script: each statement as so_sql_pretty() prints it, with its comments and semicolon, a
 * blank line between them. Formatting the result changes nothing. Fails as so_sql_parse does, with the position in the
 * whole text; and with SO_INTERNAL, rather than with a text of another meaning. */
char *so_sql_format(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err);

#endif
