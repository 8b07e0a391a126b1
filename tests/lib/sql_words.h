/* Which words, literals and operators of a statement its print has lost. */
#ifndef SO_TEST_SQL_WORDS_H
#define SO_TEST_SQL_WORDS_H

#include "sql/ast.h"

/* Compares the tokens of two parsed texts as multisets, after what says the same was made the same: case, quotes,
 * punctuation, layout and spelling of literals, and the rows of the table in sql_words.c (optional words, two ways to
 * write one thing). Returns what `source` has and `print` has not, apart by blanks, "" when nothing is missing: `'` in
 * front of strings, `hint:` of optimizer hints. */
char *so_test_lost_words(TALLOC_CTX *ctx, const struct so_ast *source, const struct so_ast *print);

#endif
