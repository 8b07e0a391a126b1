/* Clauses of words with values between them, and hints. */
#include <string.h>

#include "sql/print/printer.h"

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c) != NULL;
}

/* A blank in front of what begins with `next`, unless signs keep close. */
static void put_gap(struct printer *pr, char next)
{
	char last = pr->buf->len ? pr->buf->data[pr->buf->len - 1] : ' ';

	if (!is_one_of(last, "( .@[\n") && !is_one_of(next, "),.@"))
		so_put(pr, " ");
}

static bool is_operation(const struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OP:
	case SO_N_BOOL:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_IN:
	case SO_N_BETWEEN:
	case SO_N_LIKE:
		return true;
	default:
		return false;
	}
}

static void put_item(struct printer *pr, so_ref ref, bool first, bool tight)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_WORD:
		put_gap(pr, *so_ast_name(pr->ast, GET(pr, word, ref)->text).s);
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, ref)->text));
		return;
	case SO_N_PHRASE:
		if (!first)
			put_gap(pr, 0);
		so_put_phrase(pr, ref);
		return;
	case SO_N_SELECT:
	case SO_N_SETOP:
	case SO_N_VALUES:
		put_gap(pr, 0);
		so_put_statement(pr, ref);
		return;
	default:
		if (!first)
			put_gap(pr, 0);
		/* the operand of a suffix, and what was in parentheses */
		if (is_operation(pr, ref) && ((first && tight) || so_put_flag(pr, ref, SO_NF_PAREN)))
			so_put_expr(pr, ref, SO_LV_PRIMARY);
		else
			so_put_node(pr, ref);
	}
}

void so_put_phrase(struct printer *pr, so_ref ref)
{
	const struct so_n_phrase *node = GET(pr, phrase, ref);
	bool restricted = pr->restricted;

	pr->restricted = false;
	if (node->hdr.flags & SO_NF_STAR) {
		/* a hint: its text stands as it was */
		so_put(pr, "/*+");
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, so_list_get(pr->ast, node->items, 0))->text));
		so_put(pr, "*/");
		pr->restricted = restricted;
		return;
	}
	for (uint32_t i = 0; i < node->items.count; i++)
		put_item(pr, so_list_get(pr->ast, node->items, i), i == 0, (node->hdr.flags & SO_NF_WITHIN) != 0);
	pr->restricted = restricted;
}

/* Text of the first word of a phrase. */
static const char *first_text(const struct printer *pr, so_ref ref)
{
	struct so_list items = GET(pr, phrase, ref)->items;
	so_ref first = items.count ? so_list_get(pr->ast, items, 0) : 0;

	return so_ast_kind(pr->ast, first) == SO_N_WORD ? so_ast_name(pr->ast, GET(pr, word, first)->text).s : "";
}

void so_put_phrases(struct printer *pr, struct so_list list)
{
	for (uint32_t i = 0; i < list.count; i++) {
		so_ref ref = so_list_get(pr->ast, list, i);

		put_gap(pr, so_ast_kind(pr->ast, ref) == SO_N_PHRASE ? *first_text(pr, ref) : 0);
		so_put_node(pr, ref);
	}
}

void so_put_hints(struct printer *pr, struct so_list hints)
{
	for (uint32_t i = 0; i < hints.count; i++) {
		so_ref ref = so_list_get(pr->ast, hints, i);

		if (so_ast_kind(pr->ast, ref) != SO_N_PHRASE)
			continue;
		so_put(pr, " ");
		so_put_phrase(pr, ref);
	}
}
