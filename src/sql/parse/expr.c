/* Expressions: precedence climbing with the levels of the dialect. Chains of one level are loops, not recursion. */
#include "sql/parse/parser.h"

/* What the operator at the current token is parsed by. */
enum rule {
	RULE_NONE,
	RULE_OPERATOR,
	RULE_OR,
	RULE_AND,
	RULE_IS,
	RULE_LIKE,
	RULE_AT,
	RULE_COLLATE,
	RULE_WORD,
	RULE_OWN
};

/* An operator: how strongly it binds what stands left of it, and its rule. */
struct infix {
	enum so_level level; /* SO_LV_ANY: the token is no operator */
	enum rule rule;
};

/* The words that are operators in some dialect; all others end the expression. */
static const bool infix_words[SO_KW_MAX] = {
	[SO_KW_and] = true,
	[SO_KW_at] = true,
	[SO_KW_between] = true,
	[SO_KW_collate] = true,
	[SO_KW_day] = true,
	[SO_KW_div] = true,
	[SO_KW_glob] = true,
	[SO_KW_ilike] = true,
	[SO_KW_in] = true,
	[SO_KW_is] = true,
	[SO_KW_isnull] = true,
	[SO_KW_like] = true,
	[SO_KW_like2] = true,
	[SO_KW_like4] = true,
	[SO_KW_likec] = true,
	[SO_KW_match] = true,
	[SO_KW_member] = true,
	[SO_KW_mod] = true,
	[SO_KW_multiset] = true,
	[SO_KW_not] = true,
	[SO_KW_notnull] = true,
	[SO_KW_operator] = true,
	[SO_KW_or] = true,
	[SO_KW_overlaps] = true,
	[SO_KW_regexp] = true,
	[SO_KW_rlike] = true,
	[SO_KW_similar] = true,
	[SO_KW_sounds] = true,
	[SO_KW_submultiset] = true,
	[SO_KW_xor] = true,
	[SO_KW_year] = true,
};

/* What stands behind a whole expression, or behind its first operand. */
enum follow { FOLLOW_OTHER, FOLLOW_END, FOLLOW_OPERATOR, FOLLOW_WORD };

static inline enum follow follow_of(const struct so_token *token)
{
	static const uint8_t follows[SO_TOK_MAX] = {
		[SO_TOK_END] = FOLLOW_END,
		[SO_TOK_COMMA] = FOLLOW_END,
		[SO_TOK_RPAREN] = FOLLOW_END,
		[SO_TOK_SEMICOLON] = FOLLOW_END,
		[SO_TOK_OP] = FOLLOW_OPERATOR,
		[SO_TOK_WORD] = FOLLOW_WORD,
	};
	enum follow follow = (enum follow)follows[token->kind];

	if (follow != FOLLOW_WORD)
		return follow;
	return infix_words[token->kw] ? FOLLOW_OPERATOR : FOLLOW_END;
}

/* Operators that other dialects read as part of the operand in front of them: a -> '$.b', c%FOUND. */
static bool is_suffix(const struct so_token *token)
{
	return token->kind == SO_TOK_OP &&
	       (token->kw == SO_OP_ARROW || token->kw == SO_OP_ARROW_TEXT || token->kw == SO_OP_MOD);
}

struct level {
	enum so_level min; /* operators that bind less are left alone */
	bool restricted; /* a b_expr: no AND, OR, NOT, IN, LIKE, BETWEEN, IS NULL, AT, COLLATE */
};

static so_ref parse_level(struct parse *p, enum so_level min, bool restricted);
static so_ref climb(struct parse *p, so_ref left, struct level level);

so_ref so_parse_expr(struct parse *p)
{
	return parse_level(p, SO_LV_ANY, false);
}

so_ref so_parse_level(struct parse *p, enum so_level min)
{
	return parse_level(p, min, false);
}

so_ref so_parse_b_expr(struct parse *p)
{
	return parse_level(p, SO_LV_ANY, true);
}

so_ref so_parse_expr_from(struct parse *p, so_ref left)
{
	return climb(p, left, (struct level){ SO_LV_ANY, false });
}

struct so_list so_parse_expr_list(struct parse *p)
{
	return so_parse_list(p, so_parse_expr);
}

/* NOT in front of BETWEEN, IN, LIKE, ILIKE, SIMILAR. */
static bool at_not_like(const struct parse *p)
{
	switch (kw_at(p, 1)) {
	case SO_KW_between:
	case SO_KW_in:
	case SO_KW_like:
	case SO_KW_ilike:
	case SO_KW_similar:
		return true;
	case SO_KW_regexp:
	case SO_KW_rlike:
	case SO_KW_glob:
	case SO_KW_match:
		return p->own;
	default:
		return false;
	}
}

#define INFIX(level, rule)                                                                                             \
	(struct infix)                                                                                                 \
	{                                                                                                              \
		(enum so_level)(level), rule                                                                           \
	}
#define NO_INFIX INFIX(SO_LV_ANY, RULE_NONE)

/* Operators that are words only in dialects other than PostgreSQL. */
static struct infix own_word_infix(const struct parse *p)
{
	enum so_op op;
	enum so_level level;

	switch (kw(p)) {
	case SO_KW_regexp:
	case SO_KW_rlike:
		return has(p, SO_FEAT_REGEXP_WORDS) || has(p, SO_FEAT_GLOB) ? INFIX(p->traits->like_level, RULE_LIKE)
									    : NO_INFIX;
	case SO_KW_glob:
	case SO_KW_match:
		return has(p, SO_FEAT_GLOB) ? INFIX(p->traits->like_level, RULE_LIKE) : NO_INFIX;
	case SO_KW_not:
		if (kw_at(p, 1) == SO_KW_null && has(p, SO_FEAT_IS_ANY))
			return INFIX(p->traits->is_level, RULE_IS);
		/* fallthrough */
	default:
		level = so_parse_word_operator(p, &op);
		if (!level && p->rules->word_level) {
			level = p->rules->word_level(p);
			return level ? INFIX(level, RULE_OWN) : NO_INFIX;
		}
		return level ? INFIX(level, RULE_WORD) : NO_INFIX;
	}
}

static struct infix word_infix(const struct parse *p)
{
	const struct so_dialect_traits *traits = p->traits;

	switch (kw(p)) {
	case SO_KW_or:
		return INFIX(SO_LV_OR, RULE_OR);
	case SO_KW_and:
		return INFIX(SO_LV_AND, RULE_AND);
	case SO_KW_is:
	case SO_KW_isnull:
	case SO_KW_notnull:
		return INFIX(traits->is_level, RULE_IS);
	case SO_KW_not:
		if (at_not_like(p))
			return INFIX(traits->like_level, RULE_LIKE);
		return p->own ? own_word_infix(p) : NO_INFIX;
	case SO_KW_between:
	case SO_KW_in:
	case SO_KW_like:
	case SO_KW_ilike:
		return INFIX(traits->like_level, RULE_LIKE);
	case SO_KW_similar:
		return kw_at(p, 1) == SO_KW_to ? INFIX(SO_LV_LIKE, RULE_LIKE) : NO_INFIX;
	case SO_KW_operator:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN && !p->own ? INFIX(SO_LV_OPERATOR, RULE_OPERATOR)
								       : NO_INFIX;
	case SO_KW_at:
		return (kw_at(p, 1) == SO_KW_time || kw_at(p, 1) == SO_KW_local) && has(p, SO_FEAT_AT_TIME_ZONE)
			       ? INFIX(SO_LV_AT, RULE_AT)
			       : NO_INFIX;
	case SO_KW_collate:
		return INFIX(SO_LV_COLLATE, RULE_COLLATE);
	default:
		return p->own ? own_word_infix(p) : NO_INFIX;
	}
}

/* The words that are operators in a b_expr. */
static struct infix restricted_infix(const struct parse *p)
{
	if (at_kw(p, SO_KW_operator))
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? INFIX(SO_LV_OPERATOR, RULE_OPERATOR) : NO_INFIX;
	return at_kw(p, SO_KW_is) ? INFIX(SO_LV_IS, RULE_IS) : NO_INFIX;
}

static inline struct infix infix_of(const struct parse *p, bool restricted)
{
	const struct so_token *token = peek(p);

	if (token->kind == SO_TOK_OP) {
		if (p->own && token->kw == SO_OP_CONCAT && has(p, SO_FEAT_PIPES_OR))
			return INFIX(SO_LV_OR, RULE_OR);
		if (p->own && token->kw == SO_OP_AND)
			return INFIX(SO_LV_AND, RULE_AND);
		return INFIX(p->traits->levels[token->kw], RULE_OPERATOR);
	}
	if (token->kind == SO_TOK_WORD && infix_words[token->kw])
		return restricted ? restricted_infix(p) : word_infix(p);
	return NO_INFIX;
}

static enum so_level infix_power(const struct parse *p, bool restricted)
{
	return infix_of(p, restricted).level;
}

/* ---- Operators -------------------------------------------------------------------------------------------------- */

static struct so_name operator_name(struct parse *p, const struct so_token *token)
{
	/* one spelling for each comparison; of one character there is no other */
	if (token->kw == SO_OP_NE || (p->own && token->len > 1 && token->kw >= SO_OP_EQ && token->kw <= SO_OP_GE))
		return so_parse_made_name(p, so_op_name((enum so_op)token->kw));
	return (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
}

struct so_name so_parse_any_operator(struct parse *p, enum so_op *op, so_ref *schema)
{
	const struct so_token *token;
	unsigned parts = 1;

	*schema = 0;
	while (!at(p, SO_TOK_OP) && !at_end(p)) {
		so_ref part = so_parse_name_node(p);

		AS(p, name, part)->qualifier = *schema;
		*schema = part;
		so_parse_expect(p, SO_TOK_DOT);
		if (!so_parse_more_parts(p, &parts))
			break;
	}
	token = peek(p);
	so_parse_expect(p, SO_TOK_OP);
	*op = token->kind == SO_TOK_OP ? (enum so_op)token->kw : SO_OP_OTHER;
	return operator_name(p, token);
}

struct so_name so_parse_operator(struct parse *p, enum so_op *op, so_ref *schema)
{
	const struct so_token *token;
	struct so_name name;

	if (accept_kw(p, SO_KW_operator)) {
		so_parse_expect(p, SO_TOK_LPAREN);
		name = so_parse_any_operator(p, op, schema);
		so_parse_expect(p, SO_TOK_RPAREN);
		return name;
	}
	*schema = 0;
	token = peek(p);
	so_parse_expect(p, SO_TOK_OP);
	*op = token->kind == SO_TOK_OP ? (enum so_op)token->kw : SO_OP_OTHER;
	return operator_name(p, token);
}

static so_ref make_op(struct parse *p, uint32_t first, struct so_name name, enum so_op op, so_ref left, so_ref right)
{
	so_ref ref = so_parse_node(p, SO_N_OP, first);
	struct so_n_op *node = NEW(p, op, ref);

	node->op = op;
	node->name = name;
	node->left = left;
	node->right = right;
	return ref;
}

bool so_parse_at_quantifier(const struct parse *p)
{
	return (at_kw(p, SO_KW_any) || at_kw(p, SO_KW_some) || at_kw(p, SO_KW_all)) &&
	       peek_at(p, 1)->kind == SO_TOK_LPAREN && !has(p, SO_FEAT_NO_QUANTIFIERS);
}

/* ANY (1, 2, 3): a ROW with SO_NF_WITHIN, whose parentheses are those of ANY. */
static so_ref quantified_list(struct parse *p, so_ref item)
{
	uint32_t first = open_of(p, item);
	size_t mark = so_parse_mark(p);
	struct so_list items;
	so_ref ref;

	so_parse_push(p, item);
	while (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_expr(p));
	items = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	set_flag(p, ref, SO_NF_WITHIN);
	return ref;
}

so_ref so_parse_quantified(struct parse *p, so_ref left, struct so_name name, enum so_op op, so_ref schema)
{
	enum so_quantifier quantifier = at_kw(p, SO_KW_all) ? SO_ALL : SO_ANY;
	so_ref inner = 0, ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		inner = so_parse_query_or_expr(p);
	so_parse_leave(p);
	if (at(p, SO_TOK_COMMA) && has(p, SO_FEAT_OUTER_PLUS))
		inner = quantified_list(p, inner);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_QUANT, open_of(p, left));
	struct so_n_quant *node = NEW(p, quant, ref);

	node->op = op;
	node->name = name;
	node->schema = schema;
	node->quantifier = quantifier;
	node->left = left;
	if (so_kind_is_query(so_ast_kind(p->ast, inner)))
		node->query = inner;
	else
		node->array = inner;
	return ref;
}

static so_ref binary_operator(struct parse *p, so_ref left, struct level level, enum so_level power)
{
	const struct so_token *token = peek(p);
	enum so_op op = (enum so_op)token->kw;
	so_ref schema = 0, right, ref;
	struct so_name name;

	if (token->kind == SO_TOK_OP) {
		so_parse_move(p, 1);
		name = operator_name(p, token);
	} else {
		name = so_parse_operator(p, &op, &schema);
	}
	if (kw(p) && so_parse_at_quantifier(p) && !level.restricted)
		return so_parse_quantified(p, left, name, op, schema);
	right = parse_level(p, power + 1, level.restricted);
	ref = make_op(p, open_of(p, left), name, op, left, right);
	AS(p, op, ref)->schema = schema;
	/* comparisons do not associate */
	if (power == SO_LV_COMPARE && follow_of(peek(p)) == FOLLOW_OPERATOR && !has(p, SO_FEAT_COMPARE_CHAIN) &&
		infix_power(p, level.restricted) == SO_LV_COMPARE)
		so_parse_unexpected(p);
	return ref;
}

/* a DIV b */
static so_ref word_operator(struct parse *p, so_ref left, enum so_level level)
{
	enum so_op op = SO_OP_OTHER;
	so_ref right;

	(void)so_parse_word_operator(p, &op);
	advance(p);
	right = parse_level(p, level + 1, false);
	return make_op(p, open_of(p, left), so_parse_made_name(p, so_op_name(op)), op, left, right);
}

/* Words that look like an operator and are none would be looked at for ever. */
static so_ref own_operator(struct parse *p, so_ref left)
{
	uint32_t before = p->pos;
	so_ref ref = p->rules->word_operator(p, left);

	if (p->pos == before)
		so_parse_unexpected(p);
	return ref;
}

/* All of "left AND b AND c": one node. A left side that is itself an AND is opened, as PostgreSQL does. */
static so_ref bool_chain(struct parse *p, so_ref left, enum rule rule)
{
	enum so_bool_op op = rule == RULE_AND ? SO_AND : SO_OR;
	uint32_t first = open_of(p, left);
	size_t mark = so_parse_mark(p);
	struct so_list args;
	so_ref ref;

	if (so_ast_kind(p->ast, left) == SO_N_BOOL && AS(p, bool, left)->op == op) {
		args = AS(p, bool, left)->args;
		for (uint32_t i = 0; i < args.count; i++)
			so_parse_push(p, so_list_get(p->ast, args, i));
	} else {
		so_parse_push(p, left);
	}
	while (infix_of(p, false).rule == rule) {
		advance(p);
		so_parse_push(p, parse_level(p, (op == SO_AND ? SO_LV_AND : SO_LV_OR) + 1, false));
	}
	args = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_BOOL, first);
	NEW(p, bool, ref)->op = op;
	NEW(p, bool, ref)->args = args;
	return ref;
}

/* ---- IS --------------------------------------------------------------------------------------------------------- */

static void is_json(struct parse *p, struct so_n_is *node)
{
	static const enum so_kw forms[] = { SO_KW_value, SO_KW_array, SO_KW_object, SO_KW_scalar };

	node->test = SO_IS_JSON;
	node->form = so_parse_made_name(p, "value");
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (accept_kw(p, forms[i])) {
			node->form = so_parse_made_name(p, so_keywords[forms[i]].name);
			break;
		}
	}
	if (accept_kw2(p, SO_KW_with, SO_KW_unique)) {
		accept_kw(p, SO_KW_keys);
		node->hdr.flags |= SO_NF_DISTINCT;
	} else if (accept_kw2(p, SO_KW_without, SO_KW_unique)) {
		accept_kw(p, SO_KW_keys);
	}
}

static bool is_normalized(struct parse *p, struct so_n_is *node)
{
	static const enum so_kw forms[] = { SO_KW_nfc, SO_KW_nfd, SO_KW_nfkc, SO_KW_nfkd };

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (at_kw(p, forms[i]) && kw_at(p, 1) == SO_KW_normalized) {
			node->form = so_parse_made_name(p, so_keywords[forms[i]].name);
			advance(p);
		}
	}
	if (so_parse_at_placeholder(p) && kw_at(p, 1) == SO_KW_normalized)
		advance(p);
	if (!accept_kw(p, SO_KW_normalized))
		return false;
	node->test = SO_IS_NORMALIZED;
	return true;
}

static void is_test(struct parse *p, so_ref ref, bool restricted)
{
	struct so_n_is *node = AS(p, is, ref);

	if (accept_kw2(p, SO_KW_distinct, SO_KW_from)) {
		node->test = SO_IS_DISTINCT;
		node->right = parse_level(p, SO_LV_IS + 1, restricted);
	} else if (accept_kw(p, SO_KW_document)) {
		node->test = SO_IS_DOCUMENT;
	} else if (restricted) {
		so_parse_unexpected(p);
	} else if (accept_kw(p, SO_KW_null)) {
		node->test = SO_IS_NULL;
	} else if (accept_kw(p, SO_KW_true)) {
		node->test = SO_IS_TRUE;
	} else if (accept_kw(p, SO_KW_false)) {
		node->test = SO_IS_FALSE;
	} else if (accept_kw(p, SO_KW_unknown)) {
		node->test = SO_IS_UNKNOWN;
	} else if (p->own && p->rules->is_test && p->rules->is_test(p, ref)) {
		return;
	} else if (accept_kw(p, SO_KW_json)) {
		is_json(p, node);
	} else if (!is_normalized(p, node)) {
		so_parse_unexpected(p);
	}
}

/* a IS b: like = and <>, but NULL equals NULL. NULL, TRUE and FALSE are told apart from other values. */
static void is_any(struct parse *p, so_ref ref)
{
	enum so_level level = (enum so_level)(p->traits->is_level + 1);
	struct so_n_is *node = AS(p, is, ref);
	const struct so_n_const *value;
	bool distinct = accept_kw2(p, SO_KW_distinct, SO_KW_from);

	node->test = SO_IS_DISTINCT;
	node->right = parse_level(p, level, false);
	if (distinct)
		return;
	node->hdr.flags ^= SO_NF_NOT;
	if (so_ast_kind(p->ast, node->right) != SO_N_CONST || so_ast_has_flag(p->ast, node->right, SO_NF_PAREN))
		return;
	value = AS(p, const, node->right);
	if (value->type > SO_C_FALSE)
		return;
	node->test = value->type == SO_C_NULL ? SO_IS_NULL : value->type == SO_C_TRUE ? SO_IS_TRUE : SO_IS_FALSE;
	node->hdr.flags ^= SO_NF_NOT;
	node->right = 0;
}

static so_ref is_postfix(struct parse *p, so_ref left, bool restricted)
{
	so_ref ref = so_parse_node(p, SO_N_IS, open_of(p, left));
	struct so_n_is *node = NEW(p, is, ref);

	node->arg = left;
	if (accept_kw(p, SO_KW_isnull)) {
		node->test = SO_IS_NULL;
	} else if (accept_kw(p, SO_KW_notnull) || accept_kw2(p, SO_KW_not, SO_KW_null)) {
		node->test = SO_IS_NULL;
		node->hdr.flags |= SO_NF_NOT;
	} else {
		so_parse_expect_kw(p, SO_KW_is);
		if (accept_kw(p, SO_KW_not))
			node->hdr.flags |= SO_NF_NOT;
		if (has(p, SO_FEAT_IS_ANY))
			is_any(p, ref);
		else
			is_test(p, ref, restricted);
	}
	so_parse_done(p, ref);
	if (node->test == SO_IS_DISTINCT && !has(p, SO_FEAT_COMPARE_CHAIN) && infix_power(p, restricted) == SO_LV_IS)
		so_parse_unexpected(p);
	return ref;
}

/* ---- BETWEEN, IN, LIKE ------------------------------------------------------------------------------------------- */

static so_ref between(struct parse *p, so_ref left)
{
	so_ref ref = so_parse_node(p, SO_N_BETWEEN, open_of(p, left));
	struct so_n_between *node = NEW(p, between, ref);

	node->arg = left;
	if (accept_kw(p, SO_KW_symmetric))
		node->hdr.flags |= SO_NF_SYMMETRIC;
	else
		accept_kw(p, SO_KW_asymmetric);
	if (p->own)
		node->low = parse_level(
			p, (enum so_level)(p->traits->like_level + (has(p, SO_FEAT_IS_ANY) ? 0 : 1)), false);
	else
		node->low = so_parse_b_expr(p);
	so_parse_expect_kw(p, SO_KW_and);
	node->high = parse_level(p, (enum so_level)(p->traits->like_level + 1), false);
	return so_parse_done(p, ref);
}

/* ( items ) or ( query ) */
static void in_list(struct parse *p, struct so_list *items, so_ref *query)
{
	size_t mark = so_parse_mark(p);
	so_ref item;
	bool bare = !at(p, SO_TOK_LPAREN) && has(p, SO_FEAT_OUTER_PLUS);

	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return;
	}
	/* Oracle takes a single value without parentheses */
	if (!bare)
		so_parse_expect(p, SO_TOK_LPAREN);
	item = bare ? parse_level(p, (enum so_level)(p->traits->like_level + 1), false) : so_parse_query_or_expr(p);
	if (so_kind_is_query(so_ast_kind(p->ast, item)) && at(p, SO_TOK_RPAREN)) {
		*query = item;
	} else {
		if (so_kind_is_query(so_ast_kind(p->ast, item)))
			item = so_parse_subquery_node(p, item, open_of(p, item));
		so_parse_push(p, item);
		while (!bare && accept(p, SO_TOK_COMMA))
			so_parse_push(p, so_parse_expr(p));
		*items = so_parse_take(p, mark);
	}
	if (!bare)
		so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_leave(p);
}

so_ref so_parse_in_rest(struct parse *p, so_ref left, bool negated)
{
	uint32_t first = open_of(p, left);
	so_ref ref, query = 0;
	struct so_list items = { 0, 0 };

	if (!at(p, SO_TOK_LPAREN) && has(p, SO_FEAT_IN_TABLE))
		query = p->rules->in_table(p);
	else if (peek_at(p, 1)->kind == SO_TOK_RPAREN && has(p, SO_FEAT_IN_TABLE))
		so_parse_move(p, 2);
	else
		in_list(p, &items, &query);
	ref = so_parse_node(p, SO_N_IN, first);
	struct so_n_in *node = NEW(p, in, ref);

	node->arg = left;
	node->items = items;
	node->query = query;
	node->hdr.flags = negated ? SO_NF_NOT : 0;
	return ref;
}

/* x [NOT] LIKE ANY (..) is the operator ~~ with a quantifier. */
static so_ref like_quantified(struct parse *p, so_ref left, enum so_like_op like, bool negated)
{
	enum so_op op =
		like == SO_LIKE ? (negated ? SO_OP_NOT_LIKE : SO_OP_LIKE) : (negated ? SO_OP_NOT_ILIKE : SO_OP_ILIKE);

	return so_parse_quantified(p, left, so_parse_made_name(p, so_op_name(op)), op, 0);
}

static so_ref like(struct parse *p, so_ref left, enum so_like_op op, bool negated)
{
	so_ref ref, pattern = 0, escape = 0;

	if (op <= SO_ILIKE && so_parse_at_quantifier(p))
		return like_quantified(p, left, op, negated);
	/* its readers go deeper than those of other operators */
	if (so_parse_enter(p))
		pattern = parse_level(p, (enum so_level)(p->traits->like_level + 1), false);
	if (accept_kw(p, SO_KW_escape))
		escape = parse_level(p, (enum so_level)(p->traits->like_level + 1), false);
	so_parse_leave(p);
	ref = so_parse_node(p, SO_N_LIKE, open_of(p, left));
	struct so_n_like *node = NEW(p, like, ref);

	node->op = op;
	node->arg = left;
	node->pattern = pattern;
	node->escape = escape;
	node->hdr.flags = negated ? SO_NF_NOT : 0;
	return ref;
}

static so_ref like_family(struct parse *p, so_ref left)
{
	bool negated = accept_kw(p, SO_KW_not), associates = false;
	so_ref ref;

	if (accept_kw(p, SO_KW_between)) {
		ref = between(p, left);
		if (negated)
			set_flag(p, ref, SO_NF_NOT);
	} else if (accept_kw(p, SO_KW_in)) {
		ref = so_parse_in_rest(p, left, negated);
		associates = true;
	} else if (accept_kw(p, SO_KW_like)) {
		ref = like(p, left, SO_LIKE, negated);
	} else if (accept_kw(p, SO_KW_ilike)) {
		ref = like(p, left, SO_ILIKE, negated);
	} else if (p->own && (accept_kw(p, SO_KW_regexp) || accept_kw(p, SO_KW_rlike))) {
		ref = like(p, left, SO_REGEXP, negated);
	} else if (p->own && accept_kw(p, SO_KW_glob)) {
		ref = like(p, left, SO_GLOB, negated);
	} else if (p->own && accept_kw(p, SO_KW_match)) {
		ref = like(p, left, SO_MATCH, negated);
	} else {
		so_parse_expect_kw(p, SO_KW_similar);
		so_parse_expect_kw(p, SO_KW_to);
		ref = like(p, left, SO_SIMILAR, negated);
	}
	associates = associates || so_ast_kind(p->ast, ref) == SO_N_QUANT;
	if (!associates && !has(p, SO_FEAT_COMPARE_CHAIN) && infix_power(p, false) == SO_LV_LIKE)
		so_parse_unexpected(p);
	return ref;
}

/* ---- AT TIME ZONE, COLLATE, unary -------------------------------------------------------------------------------- */

static so_ref at_time_zone(struct parse *p, so_ref left)
{
	so_ref ref, args[2];
	bool local;

	advance(p);
	local = accept_kw(p, SO_KW_local);
	if (!local) {
		so_parse_expect_kw(p, SO_KW_time);
		so_parse_expect_kw(p, SO_KW_zone);
	}
	size_t mark = so_parse_mark(p);

	args[0] = local ? 0 : parse_level(p, SO_LV_AT + 1, false);
	args[1] = left;
	so_parse_push(p, args[0]);
	so_parse_push(p, args[1]);
	struct so_list list = so_parse_take(p, mark);

	ref = so_parse_node(p, SO_N_FUNC, open_of(p, left));
	AS(p, func, ref)->name = so_parse_made_name(p, "timezone");
	AS(p, func, ref)->syntax = local ? SO_FS_AT_LOCAL : SO_FS_AT_TIME_ZONE;
	AS(p, func, ref)->args = list;
	return ref;
}

static so_ref collate(struct parse *p, so_ref left)
{
	so_ref ref, name;

	advance(p);
	name = so_parse_any_name(p);
	ref = so_parse_node(p, SO_N_COLLATE, open_of(p, left));
	NEW(p, collate, ref)->arg = left;
	NEW(p, collate, ref)->collation = name;
	return ref;
}

/* -5 is a number, as in PostgreSQL's parser. Returns false when `arg` is no number. */
static bool fold_minus(struct parse *p, so_ref arg, uint32_t first)
{
	struct so_n_const *node;
	struct so_text text;

	if (so_ast_kind(p->ast, arg) != SO_N_CONST)
		return false;
	node = AS(p, const, arg);
	if (node->type != SO_C_INT && node->type != SO_C_FLOAT)
		return false;
	text = so_ast_str(p->ast, node->value);
	if (text.len && text.s[0] == '-') {
		node->value.off++;
		node->value.len--;
	} else {
		so_ref made = so_arena_raw(p->ast, text.len + 2);
		char *at = so_ast_at(p->ast, made);

		at[0] = '-';
		memcpy(at + 1, text.s, text.len);
		node->value = (struct so_str){ made, (uint32_t)text.len + 1 };
	}
	so_parse_begin_at(p, arg, first);
	node->hdr.flags &= (uint16_t)~SO_NF_PAREN;
	node->hdr.parens = 0;
	so_parse_done(p, arg);
	return true;
}

static so_ref prefix_operator(struct parse *p, bool restricted)
{
	uint32_t first = p->pos;
	enum so_op op;
	so_ref schema, arg, ref;
	struct so_name name = so_parse_operator(p, &op, &schema);
	enum so_level level = schema ? SO_LV_OPERATOR : (enum so_level)p->traits->prefix[op];
	bool sign = level == SO_LV_UNARY;

	if (!level) {
		so_parse_go_to(p, first);
		so_parse_unexpected(p);
		return 0;
	}
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	arg = parse_level(p, sign ? SO_LV_UNARY : (enum so_level)(level + 1), restricted);
	so_parse_leave(p);
	if (sign && op == SO_OP_SUB && !schema && fold_minus(p, arg, first))
		return arg;
	ref = make_op(p, first, name, op, 0, arg);
	AS(p, op, ref)->schema = schema;
	return ref;
}

static so_ref prefix_not(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg = 0, ref;

	advance(p);
	if (so_parse_enter(p))
		arg = parse_level(p, SO_LV_NOT, false);
	so_parse_leave(p);
	ref = so_parse_node(p, SO_N_NOT, first);
	NEW(p, not, ref)->arg = arg;
	return ref;
}

/* ---- The loop --------------------------------------------------------------------------------------------------- */

/* Chains of binary operators may be long; other chains (a IS NULL IS NULL ...) count as nesting, because what reads the
 * tree recurses into them. */
static bool too_long(struct parse *p, enum rule rule, unsigned *length)
{
	bool counted = rule >= RULE_IS && rule <= RULE_COLLATE;

	if (!counted || ++*length + p->depth <= p->max_depth)
		return false;
	p->depth = p->max_depth;
	so_parse_enter(p);
	return true;
}

static so_ref climb(struct parse *p, so_ref left, struct level level)
{
	unsigned length = 0;

	for (;;) {
		struct infix infix;

		if (follow_of(peek(p)) != FOLLOW_OPERATOR)
			return left;
		infix = infix_of(p, level.restricted);
		if (infix.level == SO_LV_ANY || infix.level < level.min || too_long(p, infix.rule, &length))
			return left;
		switch (infix.rule) {
		case RULE_OR:
		case RULE_AND:
			left = bool_chain(p, left, infix.rule);
			break;
		case RULE_IS:
			left = is_postfix(p, left, level.restricted);
			break;
		case RULE_LIKE:
			left = like_family(p, left);
			break;
		case RULE_AT:
			left = at_time_zone(p, left);
			break;
		case RULE_COLLATE:
			left = collate(p, left);
			break;
		case RULE_OWN:
			left = own_operator(p, left);
			break;
		case RULE_WORD:
			left = word_operator(p, left, infix.level);
			break;
		default:
			left = binary_operator(p, left, level, infix.level);
			/* a = ANY (b) = ANY (c) ...: no chain of operators to its readers */
			if (so_ast_kind(p->ast, left) == SO_N_QUANT && too_long(p, RULE_LIKE, &length))
				return left;
		}
	}
}

/* The operand at the current token when it is the commonest there are: a or a.b, a number, a string. 0 when it is not,
 * or may be more. Only a short way to what c_expr makes of it, in any dialect. */
static so_ref plain_operand(struct parse *p, enum follow *follow)
{
	const struct so_token *token = peek(p);
	uint32_t first = p->pos;
	so_ref ref, qualifier = 0;
	struct so_name name;

	if (token->kind >= SO_TOK_INT && token->kind <= SO_TOK_STRING) {
		uint32_t quote = token->kind == SO_TOK_STRING;

		*follow = follow_of(token + 1);
		if (*follow == FOLLOW_OTHER || token->kw)
			return 0;
		so_parse_move(p, 1);
		ref = so_parse_node(p, SO_N_CONST, first);
		NEW(p, const, ref)->type = (uint32_t)(token->kind - SO_TOK_INT + SO_C_INT);
		NEW(p, const, ref)->value = (struct so_str){ token->off + quote, token->len - 2 * quote };
		return ref;
	}
	if (token->kind != SO_TOK_WORD || token->kw)
		return 0;
	if (token[1].kind != SO_TOK_DOT) {
		*follow = follow_of(token + 1);
		if (*follow == FOLLOW_OTHER || (p->own && is_suffix(token + 1)))
			return 0;
		name = so_parse_decode_name(p, token);
	} else {
		if (token[2].kind != SO_TOK_WORD)
			return 0;
		*follow = follow_of(token + 3);
		if (*follow == FOLLOW_OTHER || (p->own && (token[2].kw || is_suffix(token + 3))))
			return 0;
		name = so_parse_decode_name(p, token);
		qualifier = so_parse_node(p, SO_N_NAME, first);
		NEW(p, name, qualifier)->name = name;
		so_parse_move(p, 2);
		name = so_parse_decode_name(p, token + 2);
	}
	so_parse_move(p, 1);
	ref = so_parse_node(p, SO_N_COLUMN, first);
	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	return ref; /* words have no quotes that so_parse_mark_quotes would tell of */
}

_Static_assert(
	SO_TOK_FLOAT - SO_TOK_INT == SO_C_FLOAT - SO_C_INT && SO_TOK_STRING - SO_TOK_INT == SO_C_STRING - SO_C_INT,
	"plain_operand counts literals from the integer on");
_Static_assert(SO_NUM_BARE == 0 && SO_STR_BARE == 0, "literals whose token needs no decoding");

/* Behind the first operand `left`, if it was read; no part of parse_level, which often needs no more than that. */
static __attribute__((noinline)) so_ref parse_more(struct parse *p, so_ref left, enum so_level min, bool restricted)
{
	if (++p->levels > 2 * p->max_depth) {
		/* rules that contain themselves count by so_parse_enter; this holds for one that forgets to */
		p->depth = p->max_depth;
		so_parse_enter(p);
		p->levels--;
		return 0;
	}
	if (left)
		; /* the operand is there already */
	else if (p->lenient && at_op(p, SO_OP_EXISTS_KEY))
		left = so_parse_c_expr(p); /* a placeholder */
	else if (at(p, SO_TOK_OP) || (at_kw(p, SO_KW_operator) && peek_at(p, 1)->kind == SO_TOK_LPAREN && !p->own))
		left = prefix_operator(p, restricted);
	else if (at_kw(p, SO_KW_not) && !restricted)
		left = prefix_not(p);
	else
		left = so_parse_c_expr(p);
	if (left)
		left = climb(p, left, (struct level){ min, restricted });
	p->levels--;
	return left;
}

static so_ref parse_level(struct parse *p, enum so_level min, bool restricted)
{
	enum follow follow;
	so_ref left = 0;

	/* lenient texts have placeholders behind names */
	if (!p->lenient) {
		left = plain_operand(p, &follow);
		if (left && follow == FOLLOW_END)
			return left;
	}
	return parse_more(p, left, min, restricted);
}
