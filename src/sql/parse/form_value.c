/* The values of forms that are kept: see sql/parse/form.h. */
#include "sql/parse/form.h"

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

/* The tokens from `first` on as a WORD; as they are when `raw`. */
static so_ref word_node(struct parse *p, uint32_t first, bool raw)
{
	const struct so_token *from = &p->tok[first], *to = &p->tok[p->pos - 1];
	uint32_t len = to->off + to->len - from->off;
	so_ref ref = so_parse_node(p, SO_N_WORD, first);
	struct so_n_word *node = NEW(p, word, ref);
	so_ref made;
	char *text;

	if (raw) {
		node->text = (struct so_name){ .off = from->off, .len = len & 0x7FFFFFFFu, .quoted = 1 };
		return ref;
	}
	made = so_arena_raw(p->ast, len);
	text = so_ast_at(p->ast, made);
	so_scan_flip(text, so_parse_token_text(p, from), len, 'a');
	node->text = (struct so_name){ .off = made, .len = len & 0x7FFFFFFFu };
	return ref;
}

so_ref so_parse_word(struct parse *p)
{
	advance(p);
	return word_node(p, p->pos - 1, false);
}

static bool push_raw(struct parse *p, uint32_t first)
{
	if (p->pos > first)
		so_parse_push(p, word_node(p, first, true));
	return true;
}

/* Everything up to the parenthesis that closes, or the end of the statement. */
static bool push_rest(struct parse *p, bool inside)
{
	uint32_t first = p->pos;
	unsigned depth = 0;

	for (; !at_end(p); advance(p)) {
		if (at(p, SO_TOK_LPAREN))
			depth++;
		else if (at(p, SO_TOK_RPAREN) && depth)
			depth--;
		else if (at(p, SO_TOK_RPAREN) && inside)
			break;
		else if (at(p, SO_TOK_RPAREN))
			return false;
		else if (at(p, SO_TOK_SEMICOLON) && !depth && !inside)
			break;
	}
	return depth == 0 && push_raw(p, first);
}

/* ---- Values ----------------------------------------------------------------------------------------------------- */

static bool push(struct parse *p, so_ref ref)
{
	so_parse_push(p, ref);
	return ref && !p->failed;
}

static bool at_operand(const struct parse *p)
{
	return !at_end(p) && !at(p, SO_TOK_RPAREN) && !at(p, SO_TOK_COMMA) && !at(p, SO_TOK_SEMICOLON) &&
	       !at(p, SO_TOK_RBRACKET) && !at(p, SO_TOK_RBRACE);
}

static so_ref column_value(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN, p->pos);

	AS(p, column, ref)->qualifier = so_parse_qualified(p, &AS(p, column, ref)->name);
	return so_parse_done(p, ref);
}

static bool at_name(const struct parse *p)
{
	return so_parse_is_name(p, peek(p), SO_USE_COLUMN);
}

static bool number_value(struct parse *p)
{
	bool sign = at_op(p, SO_OP_SUB) || at_op(p, SO_OP_ADD);
	enum so_tok kind = (enum so_tok)peek_at(p, sign)->kind;

	if (kind != SO_TOK_INT && kind != SO_TOK_FLOAT && kind != SO_TOK_PARAM)
		return false;
	return push(p, sign ? so_parse_level(p, SO_LV_UNARY) : so_parse_c_expr(p));
}

/* 10, 10K, 10 M */
static bool size_value(struct parse *p)
{
	const struct so_token *unit = peek_at(p, 1);

	if (!at(p, SO_TOK_INT) && !at(p, SO_TOK_FLOAT))
		return false;
	so_parse_push(p, so_parse_const(p));
	if (unit->kind == SO_TOK_WORD && unit->len == 1 && strchr("kKmMgGtTpPeE", *so_parse_token_text(p, unit)))
		so_parse_push(p, so_parse_word(p));
	return true;
}

static so_ref label_value(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;
	struct so_name name = so_parse_name(p, SO_USE_FIELD);

	ref = so_parse_node(p, SO_N_NAME, first);
	NEW(p, name, ref)->name = name;
	return ref;
}

static bool expression_value(struct parse *p, char kind)
{
	so_ref ref = 0;

	if (!at_operand(p))
		return false;
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return false;
	}
	switch (kind) {
	case 'e':
		ref = so_parse_expr(p);
		break;
	case 'o':
		ref = so_parse_level(p, (enum so_level)(p->traits->like_level + 1));
		break;
	case 'x':
		ref = so_parse_c_expr(p);
		break;
	case 'S':
		ref = so_parse_sort_item(p);
		break;
	default:
		ref = so_parse_type(p);
	}
	so_parse_leave(p);
	return push(p, ref);
}

static bool statement_value(struct parse *p, char kind)
{
	bool done;

	if (kind == 'Q' && !so_parse_starts_query(p, 0))
		return false;
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return false;
	}
	done = push(p, kind == 'Q' ? so_parse_query(p) : so_parse_statement(p));
	so_parse_leave(p);
	return done;
}

/* @v, @@global.v */
static so_ref variable_value(struct parse *p)
{
	so_ref ref = so_parse_own_param(p);

	while (at(p, SO_TOK_DOT)) {
		advance(p);
		(void)so_parse_name(p, SO_USE_FIELD);
	}
	return so_parse_done(p, ref);
}

bool so_form_value(struct parse *p, char kind)
{
	if (p->lenient && at(p, SO_TOK_PARAM) && strchr("vshdz", kind))
		return push(p, so_parse_c_expr(p));
	switch (kind) {
	case 'n':
		return at_name(p) && push(p, so_parse_name_node(p));
	case 'L':
		return (at(p, SO_TOK_WORD) || at(p, SO_TOK_QUOTED)) && push(p, label_value(p));
	case 'q':
		return at_name(p) && push(p, so_parse_any_name(p));
	case 'c':
		return at_name(p) && push(p, column_value(p));
	case 'i':
		return (at(p, SO_TOK_INT) || at(p, SO_TOK_PARAM)) && push(p, so_parse_c_expr(p));
	case 'v':
		return number_value(p);
	case 's':
		return (so_tok_is_string(peek(p)) || at(p, SO_TOK_NSTRING)) && push(p, so_parse_const(p));
	case 'V':
		return at(p, SO_TOK_VARIABLE) && push(p, variable_value(p));
	case 'G':
		return at(p, SO_TOK_VARIABLE) && peek(p)->len > 1 && so_parse_token_text(p, peek(p))[1] == '@' &&
		       push(p, variable_value(p));
	case 'd':
		return at(p, SO_TOK_DOLLAR) && push(p, so_parse_const(p));
	case 'h':
		return (so_tok_is_string(peek(p)) || at(p, SO_TOK_HEX) || at(p, SO_TOK_BITS) || at(p, SO_TOK_INT)) &&
		       push(p, so_parse_const(p));
	case 'z':
		return size_value(p);
	case 'e':
	case 'o':
	case 'x':
	case 'S':
	case 't':
		return expression_value(p, kind);
	case 'Q':
	case 'D':
		return statement_value(p, kind);
	case 'p':
	case 'C':
	case 'K':
		return p->rules->form_value && push(p, p->rules->form_value(p, kind));
	case 'T':
		return at_name(p) && push(p, so_parse_relation(p, false));
	case 'a':
		return at_operand(p) && !at(p, SO_TOK_LPAREN) && (advance(p), push_raw(p, p->pos - 1));
	case 'b':
		return push_rest(p, true);
	default:
		return push_rest(p, false);
	}
}
