/* Lists of options in T-SQL: every clause that is words, values and parentheses reads and prints by one rule. */
#include "sql/tsql/parse.h"

static bool item_ends(const struct parse *p, so_tsql_stop stop)
{
	return at_end(p) || at(p, SO_TOK_COMMA) || at(p, SO_TOK_RPAREN) || at(p, SO_TOK_SEMICOLON) || (stop && stop(p));
}

static bool is_literal(enum so_tok kind)
{
	return kind == SO_TOK_INT || kind == SO_TOK_FLOAT || kind == SO_TOK_STRING || kind == SO_TOK_NSTRING;
}

/* Names and marks are joined without blanks, all else with one. */
static bool joins(const struct so_token *left, const struct so_token *right)
{
	return left->kind == SO_TOK_DOT || right->kind == SO_TOK_DOT || left->kind == SO_TOK_DOTS ||
	       right->kind == SO_TOK_DOTS || left->kind == SO_TOK_CAST || right->kind == SO_TOK_CAST;
}

/* The words of an item as one text. */
static struct so_name words(struct parse *p, so_tsql_stop stop)
{
	uint32_t first = p->pos, len = 0;
	const struct so_token *token;
	struct so_name name;
	char *out;

	while (!item_ends(p, stop && p->pos > first ? stop : NULL) && !at(p, SO_TOK_LPAREN) && !at_op(p, SO_OP_EQ)) {
		len += peek(p)->len + 1;
		advance(p);
	}
	if (p->pos == first)
		return (struct so_name){ 0 };
	name = (struct so_name){ .off = so_arena_raw(p->ast, len), .len = 0 };
	out = so_ast_at(p->ast, name.off);
	len = 0;
	for (token = &p->tok[first]; token < &p->tok[p->pos]; token++) {
		if (token > &p->tok[first] && !joins(token - 1, token))
			out[len++] = ' ';
		memcpy(out + len, so_parse_token_text(p, token), token->len);
		len += token->len;
	}
	name.len = len & 0x7FFFFFFFu;
	return name;
}

struct so_list so_tsql_items(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p) && !at(p, SO_TOK_RPAREN)) {
		do {
			so_parse_push(p, so_tsql_item(p, NULL));
		} while (accept(p, SO_TOK_COMMA));
	}
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_take(p, mark);
}

so_ref so_tsql_item(struct parse *p, so_tsql_stop stop)
{
	uint32_t first = p->pos;
	struct so_list values;
	so_ref ref;

	bool param = at(p, SO_TOK_VARIABLE) || at(p, SO_TOK_PARAM);

	if (param || is_literal((enum so_tok)peek(p)->kind)) {
		ref = param ? so_parse_own_param(p) : so_parse_const(p);
		if (item_ends(p, stop))
			return ref;
		so_parse_go_to(p, first);
	}
	ref = so_parse_node(p, SO_N_OPTION, first);
	NEW(p, option, ref)->style = SO_OPTION_PLAIN;
	AS(p, option, ref)->name = words(p, stop);
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return ref;
	}
	if (at_op(p, SO_OP_EQ)) {
		advance(p);
		AS(p, option, ref)->style = SO_OPTION_EQUALS;
		AS(p, option, ref)->value = so_tsql_item(p, stop);
	} else if (at(p, SO_TOK_LPAREN)) {
		values = so_tsql_items(p);
		AS(p, option, ref)->values = values;
		set_flag(p, ref, SO_NF_ALL);
		if (!item_ends(p, stop))
			AS(p, option, ref)->value = so_tsql_item(p, stop);
	} else if (p->pos == first) {
		so_parse_unexpected(p);
	}
	so_parse_leave(p);
	return so_parse_done(p, ref);
}

so_ref so_tsql_clause(struct parse *p, uint32_t first, const char *word)
{
	struct so_list values = so_tsql_items(p);
	so_ref ref = so_parse_made_option(p, first, word, 0, SO_OPTION_PLAIN);

	AS(p, option, ref)->values = values;
	set_flag(p, ref, SO_NF_ALL);
	return ref;
}

so_ref so_tsql_open_clause(struct parse *p, uint32_t first, const char *word, so_tsql_stop stop)
{
	size_t mark = so_parse_mark(p);
	struct so_list values;
	so_ref ref;

	do {
		so_parse_push(p, so_tsql_item(p, stop));
	} while (accept(p, SO_TOK_COMMA));
	values = so_parse_take(p, mark);
	ref = so_parse_made_option(p, first, word, 0, SO_OPTION_PLAIN);
	AS(p, option, ref)->values = values;
	return ref;
}
