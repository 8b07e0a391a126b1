/* Everything that reads statements, for tests that must know that none of it fails: on trees of texts that were cut off
 * anywhere, and on any bytes. */
#ifndef TEST_SQL_READERS_H
#define TEST_SQL_READERS_H

#include "sql/parse.h"

/* Prints, hashes, classifies, copies, edits, walks and names a statement, resolves it against a catalog that has the
 * relations and columns it mentions, and asks for facts. Aborts where one of them breaks its contract. */
void sql_read_tree(const struct so_ast *ast);
/* Splits, normalises, redacts and formats a text, and prints the SQL inside of its bodies. */
void sql_read_text(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options);

#endif
