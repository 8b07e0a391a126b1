/* Statements as tokens, for what works without a tree (internal to sql/). */
#ifndef SO_SQL_TOKENS_H
#define SO_SQL_TOKENS_H

#include "sql/lex.h"
#include "sql/parse.h"

/* The tokens of a text, in memory of the parser until it is used again. After a failure those before it are there. */
bool so_text_lex(struct so_parser *parser, const char *text, size_t len, enum so_dialect dialect,
	const struct so_sql_options *options, struct so_lexer *lexer, struct so_err *err);

/* The types of parameters that a cached text of T-SQL begins with are no part of the statement: leaves them out. */
void so_text_drop_parameters(struct so_lexer *lexer);

static inline bool so_text_is_literal(const struct so_token *token)
{
	return token->kind >= SO_TOK_INT && token->kind <= SO_TOK_DOLLAR;
}

/* Token i is a minus that belongs to the number behind it, as in the tree. */
bool so_text_is_sign(const struct so_lexer *lexer, uint32_t i);

#endif
