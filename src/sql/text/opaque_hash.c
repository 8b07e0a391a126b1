/* Fingerprints of what the grammars only recognise. */
#include <string.h>

#include "sql/parse/parser.h"
#include "sql/print.h"
#include "sql/text/hash.h"
#include "sql/tree/shape.h"

#define WORD_BYTES 64 /* of a plain word that is folded; longer ones are not */

/* PostgreSQL has an operator ?; in texts of statistics views it stands for a literal. */
static bool is_placeholder(const struct so_ast *ast, const struct so_token *token, const char *at)
{
	return token->kind == SO_TOK_OP && token->len == 1 && *at == '?' && ast->source_count &&
	       ast->sources[0].lenient;
}

static uint64_t hash_token(const struct so_ast *ast, uint64_t hash, const struct so_token *token, const char *at)
{
	struct so_text text = { at, token->len };
	char word[WORD_BYTES];
	const char *name;

	if ((token->kind >= SO_TOK_INT && token->kind <= SO_TOK_PARAM) || is_placeholder(ast, token, at))
		return so_mix(hash, VALUE_HASH);
	if (kw_of(token)) {
		name = so_keywords[kw_of(token) == SO_KW_analyse ? SO_KW_analyze : kw_of(token)].name;
		return so_mix_text(hash, (struct so_text){ name, strlen(name) });
	}
	if (token->kind != SO_TOK_WORD || token->len > sizeof word ||
		so_dialects[ast->dialect].name_case == SO_CASE_KEEP)
		return so_mix_text(hash, text);
	for (size_t i = 0; i < text.len; i++)
		word[i] = (char)(text.s[i] >= 'A' && text.s[i] <= 'Z' ? text.s[i] + 'a' - 'A' : text.s[i]);
	return so_mix_text(hash, (struct so_text){ word, text.len });
}

/* Statements whose first name is one that programs make up: of a prepared statement, a cursor, a savepoint. */
static bool names_handle(const struct so_ast *ast, const struct so_token *verb)
{
	switch (kw_of(verb)) {
	case SO_KW_execute: /* of a batch: a procedure */
		return !so_features_have(&so_dialects[ast->dialect].features, SO_FEAT_BATCH);
	case SO_KW_prepare:
	case SO_KW_deallocate:
	case SO_KW_declare:
	case SO_KW_close:
	case SO_KW_fetch:
	case SO_KW_move:
	case SO_KW_savepoint:
	case SO_KW_release:
	case SO_KW_rollback:
		return true;
	default:
		return false;
	}
}

static bool is_name(const struct so_token *token)
{
	return (token->kind == SO_TOK_WORD && !kw_of(token)) || token->kind == SO_TOK_QUOTED;
}

/* As so_hash_opaque, over the tokens of the print. */
static uint64_t hash_print(const struct so_ast *ast, uint64_t hash, so_ref ref, bool skips_name)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .modes = ast->modes };
	struct so_err err = SO_ERR_INIT;
	struct so_lexer lexer = { 0 };
	struct so_buf buf;

	so_buf_init(&buf, tmp, SO_PRINT_MAX);
	so_sql_print_buf(&buf, ast, ref);
	lexer.len = (uint32_t)buf.len;
	for (unsigned i = 0; i < SO_LEX_PADDING; i++)
		so_buf_addc(&buf, '\0');
	lexer.text = buf.data;
	lexer.tokens = so_new_array(tmp, struct so_token, lexer.len + 2);
	so_lexer_set(&lexer, ast->dialect, &options);
	/* trees made by hand may print anything */
	if (buf.overflow || !so_parse_lex(&lexer, &err))
		return so_mix_text(hash, (struct so_text){ lexer.text, lexer.len });
	for (uint32_t i = 0; i < lexer.count && lexer.tokens[i].kind != SO_TOK_END; i++) {
		bool name = is_name(&lexer.tokens[i]);

		if (!skips_name || !name)
			hash = hash_token(ast, hash, &lexer.tokens[i], lexer.text + lexer.tokens[i].off);
		skips_name = skips_name && !name;
	}
	return hash;
}

uint64_t so_hash_opaque(const struct so_ast *ast, so_ref ref)
{
	const struct so_n_opaque *opaque = so_as_opaque(ast, ref);
	uint64_t hash = so_shapes[SO_N_OPAQUE].tag;
	uint32_t inner = opaque->inner ? so_node_first(ast, so_ast_node(ast, opaque->inner)) : SO_TOK_NONE;
	const struct so_token *tokens = so_ast_tokens(ast);
	uint32_t first = so_node_first(ast, &opaque->hdr), last = so_node_last(ast, &opaque->hdr);
	bool named = first == SO_TOK_NONE || !names_handle(ast, &tokens[first]);

	/* what is inside prints as a tree: two spellings of it are one */
	if (!opaque->text.len && opaque->parts.count)
		return hash_print(ast, hash, ref, !named);
	for (uint32_t i = first; i <= last && i < inner && i < ast->token_count; i++) {
		const struct so_token *token = &tokens[i];
		bool name = is_name(token);

		if (named || !name)
			hash = hash_token(ast, hash, token, so_ast_at(ast, token->off));
		named = named || name;
	}
	return hash;
}
