/* Procedures, functions and triggers of T-SQL: the header is checked and stays text, the body is a BLOCK. */
#include "sql/tsql/parse.h"

#include <stdio.h>

/* @p [AS] type [VARYING] [[NOT] NULL] [= default] [OUTPUT] [READONLY] */
static void parameter(struct parse *p)
{
	so_parse_expect(p, SO_TOK_VARIABLE);
	accept_kw(p, SO_KW_as);
	if (!accept_kw(p, SO_KW_cursor))
		so_tsql_type(p);
	accept_kw(p, SO_KW_varying);
	if (accept_kw(p, SO_KW_not))
		so_parse_expect_kw(p, SO_KW_null);
	else
		accept_kw(p, SO_KW_null);
	if (at_op(p, SO_OP_EQ)) {
		advance(p);
		so_parse_push(p, so_parse_expr(p));
	}
	for (;;) {
		if (!so_parse_accept_word(p, "output") && !so_parse_accept_word(p, "out") &&
			!so_parse_accept_word(p, "readonly"))
			return;
	}
}

static void parameters(struct parse *p)
{
	bool paren = accept(p, SO_TOK_LPAREN);

	if (at(p, SO_TOK_VARIABLE)) {
		do {
			parameter(p);
		} while (accept(p, SO_TOK_COMMA));
	}
	if (paren)
		so_parse_expect(p, SO_TOK_RPAREN);
}

/* WITH RECOMPILE, EXECUTE AS OWNER .. */
static void options(struct parse *p)
{
	do {
		advance(p); /* WITH or the comma */
		if (accept_kw(p, SO_KW_exec) || accept_kw(p, SO_KW_execute))
			so_parse_expect_kw(p, SO_KW_as);
		else if (so_parse_accept_word(p, "returns")) {
			so_parse_expect_kw(p, SO_KW_null);
			so_parse_expect_kw(p, SO_KW_on);
			so_parse_expect_kw(p, SO_KW_null);
			advance(p);
		} else if (so_parse_accept_word(p, "called")) {
			so_parse_move(p, 2);
		}
		advance(p);
		if (at_op(p, SO_OP_EQ))
			so_parse_move(p, 2);
	} while (at(p, SO_TOK_COMMA) && !at_end(p));
}

static bool external(struct parse *p)
{
	if (!at_kw(p, SO_KW_external))
		return false;
	so_parse_move(p, 2);
	so_parse_any_name(p);
	return true;
}

/* AS statements, to the end of the batch */
static void body(struct parse *p)
{
	so_parse_expect_kw(p, SO_KW_as);
	if (!external(p))
		so_parse_push(p, so_tsql_block(p, true));
}

static void procedure(struct parse *p)
{
	if (accept(p, SO_TOK_SEMICOLON))
		so_parse_expect(p, SO_TOK_INT);
	parameters(p);
	if (at_kw(p, SO_KW_with))
		options(p);
	if (accept_kw(p, SO_KW_for))
		advance(p); /* REPLICATION */
	body(p);
}

static void push_all(struct parse *p, struct so_list list)
{
	for (uint32_t i = 0; i < list.count; i++)
		so_parse_push(p, so_list_get(p->ast, list, i));
}

static void function(struct parse *p)
{
	parameters(p);
	if (!so_parse_accept_word(p, "returns"))
		so_parse_unexpected(p);
	if (accept(p, SO_TOK_VARIABLE)) {
		so_parse_expect_kw(p, SO_KW_table);
		push_all(p, so_tsql_table_elems(p));
	} else if (accept_kw(p, SO_KW_table)) {
		if (at(p, SO_TOK_LPAREN))
			push_all(p, so_tsql_table_elems(p));
	} else {
		so_tsql_type(p);
	}
	if (at_kw(p, SO_KW_with))
		options(p);
	if (accept_kw(p, SO_KW_order))
		so_tsql_items(p);
	accept_kw(p, SO_KW_as);
	if (external(p))
		return;
	so_parse_push(p, so_tsql_block(p, at_kw(p, SO_KW_begin) || at_kw(p, SO_KW_return) ? false : true));
}

static void trigger(struct parse *p)
{
	so_parse_expect_kw(p, SO_KW_on);
	if (accept_kw(p, SO_KW_all))
		advance(p); /* SERVER */
	else if (!accept_kw(p, SO_KW_database))
		so_parse_push(p, so_tsql_table_name(p));
	if (at_kw(p, SO_KW_with))
		options(p);
	if (so_parse_accept_word(p, "instead"))
		so_parse_expect_kw(p, SO_KW_of);
	else if (!accept_kw(p, SO_KW_for) && !so_parse_accept_word(p, "after"))
		so_parse_unexpected(p);
	do {
		if (at(p, SO_TOK_WORD))
			advance(p);
		else
			so_parse_unexpected(p);
	} while (accept(p, SO_TOK_COMMA));
	if (at_kw(p, SO_KW_with))
		so_parse_move(p, 2); /* APPEND */
	if (accept_kw(p, SO_KW_not)) {
		so_parse_expect_kw(p, SO_KW_for);
		advance(p);
	}
	body(p);
}

so_ref so_tsql_routine(struct parse *p)
{
	uint32_t first = p->pos, n = 1;
	size_t mark = so_parse_mark(p);
	enum so_kw object;
	char verb[40];

	if (!at_kw(p, SO_KW_create) && !at_kw(p, SO_KW_alter))
		return 0;
	if (kw_at(p, 1) == SO_KW_or && kw_at(p, 2) == SO_KW_alter)
		n = 3;
	object = kw_at(p, n);
	if (object != SO_KW_proc && object != SO_KW_procedure && object != SO_KW_function && object != SO_KW_trigger)
		return 0;
	snprintf(verb, sizeof verb, "%.20s %.15s", so_keywords[kw(p)].name,
		object == SO_KW_proc ? "procedure" : so_keywords[object].name);
	so_parse_move(p, n + 1);
	so_tsql_table_name(p);
	if (object == SO_KW_function)
		function(p);
	else if (object == SO_KW_trigger)
		trigger(p);
	else
		procedure(p);
	return so_tsql_opaque(p, first, verb, SO_CLASS_DDL, mark);
}
