/* Small rules that more than one dialect has and PostgreSQL has not. */
#include "sql/parser.h"

so_ref so_parse_own_param(struct parse *p)
{
	const struct so_token *token = peek(p);
	uint32_t first = p->pos;
	so_ref ref;

	advance(p);
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
