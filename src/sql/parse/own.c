/* Small rules that more than one dialect has and PostgreSQL has not. */
#include "sql/parse/parser.h"

/* How digests print 'a' 'b' and @@session.x: with all tokens apart. */
static void lenient_rest(struct parse *p, const struct so_token *first)
{
	const char *mark = so_parse_token_text(p, first);

	while (first->kind == SO_TOK_PARAM && *mark == '?' && at(p, SO_TOK_PARAM) && peek(p)->len == 1)
		advance(p);
	if (first->kind == SO_TOK_VARIABLE && mark[1] == '@' && at(p, SO_TOK_DOT)) {
		advance(p);
		so_parse_any_name(p);
	}
}

so_ref so_parse_own_param(struct parse *p)
{
	const struct so_token *token = peek(p);
	uint32_t first = p->pos;
	so_ref ref;

	advance(p);
	if (p->lenient)
		lenient_rest(p, token);
	ref = so_parse_node(p, SO_N_PARAM, first);
	AS(p, param, ref)->name = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	return ref;
}

enum so_level so_parse_word_operator(const struct parse *p, enum so_op *op)
{
	switch (kw(p)) {
	case SO_KW_div:
		*op = SO_OP_INT_DIV;
		return has(p, SO_FEAT_DIV_WORDS) ? SO_LV_MUL : SO_LV_ANY;
	case SO_KW_mod:
		*op = SO_OP_MOD;
		return has(p, SO_FEAT_DIV_WORDS) ? SO_LV_MUL : SO_LV_ANY;
	case SO_KW_xor:
		*op = SO_OP_XOR;
		return has(p, SO_FEAT_XOR) ? SO_LV_XOR : SO_LV_ANY;
	default:
		return SO_LV_ANY;
	}
}
