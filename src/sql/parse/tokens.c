/* Tokens of texts, for the parser and for those who ask a tree for them later. */
#include <stdlib.h>

#include "sql/parse/parser.h"

bool so_parse_lex(struct so_lexer *lexer, struct so_err *err)
{
	const struct so_rules *rules = so_rules[lexer->dialect];

	if (!so_lex(lexer, err))
		return false;
	if (rules && rules->settle)
		rules->settle(lexer->tokens, lexer->count);
	return true;
}

/* Writes the tokens of a source to their place in ast->lexed. */
static void lex_again(struct so_ast *ast, const struct so_source *source)
{
	struct so_sql_options options = {
		.lenient = source->lenient, .server_version = source->version, .modes = source->modes
	};
	struct so_lexer lexer = { .len = source->len, .base = source->text };
	struct so_err err = SO_ERR_INIT;
	char *text = so_mem_need(calloc(1, source->len + SO_LEX_PADDING));

	/* the padding of the text in the arena was given to nodes */
	memcpy(text, so_ast_at(ast, source->text), source->len);
	so_lexer_set(&lexer, ast->dialect, &options);
	lexer.text = text;
	lexer.tokens = ast->lexed + source->first_token;
	/* as many as the first time */
	so_assert(so_parse_lex(&lexer, &err) && source->first_token + lexer.count <= ast->token_count);
	free(text);
}

const struct so_token *so_ast_tokens(const struct so_ast *tree)
{
	struct so_ast *ast = (struct so_ast *)tree; /* what is kept here changes nothing that readers see */

	if (ast->lexed_sources == ast->source_count)
		return ast->lexed;
	if (ast->token_count > ast->lexed_room) {
		ast->lexed_room = ast->token_count;
		ast->lexed_sources = 0;
		ast->lexed = so_ast_at(ast, so_arena_raw(ast, ast->token_count * sizeof *ast->lexed));
	}
	for (; ast->lexed_sources < ast->source_count; ast->lexed_sources++)
		if (ast->sources[ast->lexed_sources].token_count)
			lex_again(ast, &ast->sources[ast->lexed_sources]);
	return ast->lexed;
}
