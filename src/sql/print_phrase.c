/* Clauses that a dialect has alone: words, signs and values one after the other. */
#include "sql/printer.h"

/* No blank in front of this sign. */
static bool is_tight_before(struct so_text text)
{
	return text.len == 1 && (*text.s == ')' || *text.s == ',' || *text.s == '.' || *text.s == '@');
}

static bool is_tight_behind(const struct printer *pr)
{
	char last = pr->buf->len ? pr->buf->data[pr->buf->len - 1] : '(';

	return last == '(' || last == '.' || last == '@' || last == ' ' || last == '\n';
}

void so_put_phrase(struct printer *pr, so_ref ref)
{
	struct so_list items = GET(pr, phrase, ref)->items;

	for (uint32_t i = 0; i < items.count; i++) {
		so_ref item = so_list_get(pr->ast, items, i);
		bool word = so_ast_kind(pr->ast, item) == SO_N_WORD;
		struct so_text text = { "", 0 };

		if (word)
			text = so_ast_name(pr->ast, GET(pr, word, item)->text);
		if (i && !(word && is_tight_before(text)) && !is_tight_behind(pr))
			so_put(pr, " ");
		if (word)
			so_put_text(pr, text);
		else if (so_kind_is_query(so_ast_kind(pr->ast, item)))
			so_put_statement(pr, item);
		else
			so_put_node(pr, item);
	}
}

void so_put_phrases(struct printer *pr, struct so_list phrases)
{
	for (uint32_t i = 0; i < phrases.count; i++) {
		so_ref item = so_list_get(pr->ast, phrases, i);

		so_put(pr, " ");
		so_put_node(pr, item);
	}
}
