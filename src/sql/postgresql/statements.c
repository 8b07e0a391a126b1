/* Statements of PostgreSQL without nodes: the values of their forms (statements.form), and what is wrong with a
 * statement that does not fit. */
#include "sql/postgresql/statements.h"

#include <stdlib.h>

#include "sql/parse/ddl.h"
#include "sql/parse/form.h"

/* ---- Values --------------------------------------------------------------------------------------------------- */

static bool is_number(const struct parse *p)
{
	return at(p, SO_TOK_INT) || at(p, SO_TOK_FLOAT);
}

/* Fits the engine's integer. */
static bool integer(struct parse *p)
{
	const struct so_token *token = peek(p);

	if (!at(p, SO_TOK_INT) || (token->len >= 10 && strtoull(so_parse_token_text(p, token), NULL, 10) > 2147483647u))
		return false;
	advance(p);
	return true;
}

static bool accept_name(struct parse *p, enum so_name_use use)
{
	if (!so_parse_is_name(p, peek(p), use))
		return false;
	advance(p);
	return true;
}

static bool accept_string(struct parse *p)
{
	if (!so_tok_is_string(peek(p)))
		return false;
	advance(p);
	return true;
}

static void accept_sign(struct parse *p)
{
	if (at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB))
		advance(p);
}

static bool dotted(struct parse *p, enum so_name_use first, enum so_name_use rest)
{
	if (!accept_name(p, first))
		return false;
	while (accept(p, SO_TOK_DOT))
		if (!accept_name(p, rest))
			return false;
	return true;
}

static bool word_or_string(struct parse *p)
{
	return accept_string(p) || accept_name(p, SO_USE_NON_RESERVED);
}

/* An operand that is one token or a few; -1 when `which` is none of these. */
static int small_operand(struct parse *p, char which)
{
	switch (which) {
	case 'n':
		return accept_name(p, SO_USE_COLUMN);
	case 'p':
		return accept_name(p, SO_USE_FUNC);
	case 'N':
		return accept_name(p, SO_USE_NON_RESERVED);
	case 'l':
		return accept_name(p, SO_USE_LABEL);
	case 'I':
		return !kw(p) && accept_name(p, SO_USE_COLUMN);
	case 'q':
		return dotted(p, SO_USE_COLUMN, SO_USE_LABEL);
	case 'g':
		return dotted(p, SO_USE_COLUMN, SO_USE_COLUMN);
	case 's':
		return accept_string(p);
	case 'w':
		return word_or_string(p);
	case 'v':
		return accept_kw(p, SO_KW_true) || accept_kw(p, SO_KW_false) || accept_kw(p, SO_KW_on) ||
		       word_or_string(p);
	case 'u':
		return integer(p);
	case 'i':
		accept_sign(p);
		return integer(p);
	case 'f':
		accept_sign(p);
		if (!is_number(p))
			return false;
		advance(p);
		return true;
	case 'A':
		if (at_end(p) || at(p, SO_TOK_SEMICOLON))
			return false;
		advance(p);
		return true;
	default:
		return -1;
	}
}

static so_ref call(struct parse *p)
{
	so_ref ref = so_parse_c_expr(p);

	if (!p->failed && (so_ast_kind(p->ast, ref) != SO_N_FUNC || AS(p, func, ref)->over ||
				  AS(p, func, ref)->filter || AS(p, func, ref)->syntax != SO_FS_CALL))
		so_parse_unexpected(p);
	return ref;
}

static bool at_data_change(const struct parse *p)
{
	return at_kw(p, SO_KW_insert) || at_kw(p, SO_KW_update) || at_kw(p, SO_KW_delete) || at_kw(p, SO_KW_merge);
}

static so_ref nested_statement(struct parse *p, bool query, bool any)
{
	so_ref ref = 0;
	bool reads = at_kw(p, SO_KW_select) || at_kw(p, SO_KW_values) || at_kw(p, SO_KW_table) ||
		     at_kw(p, SO_KW_with) || at(p, SO_TOK_LPAREN);

	if (!any && !reads && (query || !at_data_change(p))) {
		so_parse_unexpected(p);
		return 0;
	}
	if (so_parse_enter(p))
		ref = so_parse_statement(p);
	so_parse_leave(p);
	if (query && !p->failed && !so_kind_is_query(so_ast_kind(p->ast, ref)))
		so_parse_unexpected(p);
	return ref;
}

/* An operand that the other rules read. Its node is a part when it is worth finding. */
static void large_operand(struct parse *p, char which)
{
	enum so_op op;
	so_ref schema = 0;

	switch (which) {
	case 'e':
		so_parse_push(p, so_parse_expr(p));
		return;
	case 'c':
		so_parse_push(p, call(p));
		return;
	case 'Q':
		so_parse_push(p, nested_statement(p, false, false));
		return;
	case 'S':
		so_parse_push(p, nested_statement(p, true, false));
		return;
	case 'X':
		so_parse_push(p, nested_statement(p, false, true));
		return;
	case 't':
		so_parse_type(p);
		return;
	case 'd':
		so_parse_option_value(p);
		return;
	case 'r':
		so_parse_role(p);
		return;
	case 'R':
		so_parse_relation(p, false);
		return;
	case 'o':
		while (at(p, SO_TOK_WORD) && peek_at(p, 1)->kind == SO_TOK_DOT)
			so_parse_move(p, 2);
		if (!at(p, SO_TOK_OP) || at_kw(p, SO_KW_operator))
			so_parse_unexpected(p);
		else
			so_parse_operator(p, &op, &schema);
		return;
	default:
		so_parse_unexpected(p);
	}
}

/* What fails in a value is no end of the form: the longest attempt is told. */
bool so_pg_statement_check(struct so_form_run *run, char value)
{
	struct parse *p = run->p;
	struct so_err err, *outer = p->err;
	uint32_t pos = p->pos;
	int small = small_operand(p, value);
	unsigned depth = p->depth;

	if (small >= 0)
		return small || so_form_miss(run);
	/* not the whole of it, which is large */
	err.kind = SO_NONE;
	err.position = -1;
	err.sqlstate[0] = err.message[0] = 0;
	p->err = &err;
	large_operand(p, value);
	p->err = outer;
	if (!p->failed)
		return true;
	if (err.kind == SO_LIMIT) {
		*p->err = err; /* other ways to read it would come to the same limit */
		return false;
	}
	/* where inside the operand: the rules end on the last token */
	while (pos < p->end && (int32_t)(p->tok[pos].off - p->text) < err.position)
		pos++;
	p->failed = false;
	p->depth = depth;
	so_parse_go_to(p, pos);
	if (pos >= run->furthest) {
		run->furthest = pos;
		*run->inner = err;
		run->refused = true;
	}
	return false;
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

bool so_pg_check(struct parse *p, enum so_kw verb)
{
	unsigned form = so_pg_statement_form_starts[verb];
	struct so_err inner;
	struct so_form_run run = { .p = p, .forms = &so_pg_statement_forms, .furthest = p->pos, .inner = &inner };

	if (!form)
		return false;
	/* what goes wrong in an optional end is found out here, as nothing can follow */
	if (so_form_fits(&run, form) && (at_end(p) || at(p, SO_TOK_SEMICOLON) || p->depth || run.furthest <= p->pos))
		return true;
	if (p->failed)
		return true;
	so_parse_go_to(p, run.furthest);
	if (!run.refused) {
		so_parse_unexpected(p);
		return true;
	}
	*p->err = inner;
	p->failed = true;
	so_parse_go_to(p, p->end);
	return true;
}
