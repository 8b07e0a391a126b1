/* Internal to sql/: the tokens of a text, for readers that look for words in it without parsing. */
#ifndef SO_SQL_LEX_TOKEN_WORDS_H
#define SO_SQL_LEX_TOKEN_WORDS_H

#include <string.h>
#include <strings.h>

#include "sql/lex/lexer.h"

struct so_tokens {
	const char *text;
	const struct so_token *tokens;
	uint32_t count;
};

/* Whether token i spells a word, in whatever case; what stands in quotes is none. False behind the last token. */
static inline bool so_token_is_word(const struct so_tokens *s, uint32_t i, const char *word)
{
	return i < s->count && s->tokens[i].kind == SO_TOK_WORD && s->tokens[i].len == strlen(word) &&
	       strncasecmp(s->text + s->tokens[i].off, word, s->tokens[i].len) == 0;
}

/* The same for any of a list that is ended by NULL. */
static inline bool so_token_is_any(const struct so_tokens *s, uint32_t i, const char *const *words)
{
	for (; *words; words++)
		if (so_token_is_word(s, i, *words))
			return true;
	return false;
}

#endif
