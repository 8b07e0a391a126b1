/* Control flow, variables and calls of T-SQL: statements that stay text, around the queries, statements and expressions
 * inside them. */
#include "sql/tsql/parse.h"

/* ---- Statements in statements ------------------------------------------------------------------------------------ */

static void nested(struct parse *p)
{
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_statement(p));
	so_parse_leave(p);
}

/* Statements up to END. */
static void statements(struct parse *p)
{
	while (accept(p, SO_TOK_SEMICOLON))
		;
	while (!at_end(p) && !(at_kw(p, SO_KW_end) && kw_at(p, 1) != SO_KW_conversation)) {
		uint32_t before = p->pos;

		nested(p);
		while (accept(p, SO_TOK_SEMICOLON))
			;
		if (p->pos == before)
			so_parse_unexpected(p);
	}
}

so_ref so_tsql_block(struct parse *p, bool whole_batch)
{
	uint32_t first = p->pos;
	uint32_t last = first;
	size_t mark = so_parse_mark(p);
	struct so_list list;
	so_ref ref;

	if (!whole_batch) {
		nested(p);
		last = p->pos;
	} else {
		while (!at_end(p) && !so_tsql_at_go(p)) {
			uint32_t before = p->pos;

			nested(p);
			last = p->pos;
			while (accept(p, SO_TOK_SEMICOLON))
				;
			if (p->pos == before)
				so_parse_unexpected(p);
		}
	}
	list = so_parse_take(p, mark);
	/* the semicolon behind the last one belongs to nobody */
	ref = so_parse_node(p, SO_N_BLOCK, first);
	NEW(p, block, ref)->statements = list;
	if (last > first)
		so_node_set_span(p->ast, so_ast_node(p->ast, ref), first + p->first_token, last - 1 + p->first_token);
	return ref;
}

static so_ref if_statement(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	so_parse_push(p, so_tsql_condition(p));
	accept(p, SO_TOK_SEMICOLON);
	nested(p);
	if (at(p, SO_TOK_SEMICOLON) && kw_at(p, 1) == SO_KW_else)
		advance(p);
	if (accept_kw(p, SO_KW_else))
		nested(p);
	return so_tsql_opaque(p, first, "if", SO_CLASS_READ, mark);
}

static so_ref while_statement(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	so_parse_push(p, so_tsql_condition(p));
	nested(p);
	return so_tsql_opaque(p, first, "while", SO_CLASS_READ, mark);
}

static so_ref transaction(struct parse *p, const char *verb)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	accept_kw(p, SO_KW_distributed);
	if (accept_kw(p, SO_KW_tran) || accept_kw(p, SO_KW_transaction)) {
		if (at(p, SO_TOK_VARIABLE) || (!so_tsql_at_statement(p) && so_parse_is_name(p, peek(p), SO_USE_COLUMN)))
			advance(p);
		if (accept_kw2(p, SO_KW_with, SO_KW_mark)) {
			if (so_tok_is_string(peek(p)) || at(p, SO_TOK_NSTRING) || at(p, SO_TOK_VARIABLE))
				advance(p);
		}
	} else {
		accept_kw(p, SO_KW_work);
	}
	if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		so_tsql_items(p);
	}
	return so_tsql_opaque(p, first, verb, SO_CLASS_UTILITY, mark);
}

/* BEGIN TRY .. END TRY BEGIN CATCH .. END CATCH */
static so_ref try_catch(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	statements(p);
	so_parse_expect_kw(p, SO_KW_end);
	so_parse_expect_kw(p, SO_KW_try);
	accept(p, SO_TOK_SEMICOLON);
	so_parse_expect_kw(p, SO_KW_begin);
	so_parse_expect_kw(p, SO_KW_catch);
	statements(p);
	so_parse_expect_kw(p, SO_KW_end);
	so_parse_expect_kw(p, SO_KW_catch);
	return so_tsql_opaque(p, first, "begin try", SO_CLASS_READ, mark);
}

static so_ref begin(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	switch (kw_at(p, 1)) {
	case SO_KW_try:
		return try_catch(p);
	case SO_KW_tran:
	case SO_KW_transaction:
	case SO_KW_distributed:
		return transaction(p, "begin transaction");
	case SO_KW_dialog:
	case SO_KW_conversation:
		return 0;
	default:
		break;
	}
	advance(p);
	if (so_parse_at_word(p, 0, "atomic") && kw_at(p, 1) == SO_KW_with) {
		so_parse_move(p, 2);
		so_tsql_items(p);
	}
	statements(p);
	so_parse_expect_kw(p, SO_KW_end);
	return so_tsql_opaque(p, first, "begin", SO_CLASS_READ, mark);
}

/* ---- Variables -------------------------------------------------------------------------------------------------- */

/* [LOCAL | GLOBAL] [FORWARD_ONLY | SCROLL] .. FOR query [FOR ..] behind CURSOR */
static void cursor(struct parse *p)
{
	while (at(p, SO_TOK_WORD) && !at_kw(p, SO_KW_for) && !so_tsql_at_statement_end(p))
		advance(p);
	if (!accept_kw(p, SO_KW_for))
		return;
	so_parse_push(p, so_parse_query(p));
	if (at_kw(p, SO_KW_for)) {
		advance(p);
		accept_kw(p, SO_KW_read);
		accept_kw(p, SO_KW_only);
	}
}

static void declaration(struct parse *p)
{
	if (!at(p, SO_TOK_VARIABLE)) {
		/* DECLARE name [INSENSITIVE] [SCROLL] CURSOR */
		so_parse_name(p, SO_USE_COLUMN);
		while (at(p, SO_TOK_WORD) && !at_kw(p, SO_KW_cursor) && !so_tsql_at_statement_end(p))
			advance(p);
		so_parse_expect_kw(p, SO_KW_cursor);
		cursor(p);
		return;
	}
	advance(p);
	accept_kw(p, SO_KW_as);
	if (accept_kw(p, SO_KW_table)) {
		struct so_list elems = so_tsql_table_elems(p);

		for (uint32_t i = 0; i < elems.count; i++)
			so_parse_push(p, so_list_get(p->ast, elems, i));
		return;
	}
	if (accept_kw(p, SO_KW_cursor))
		return;
	so_tsql_type(p);
	if (at_op(p, SO_OP_EQ)) {
		advance(p);
		so_parse_push(p, so_parse_expr(p));
	}
}

so_ref so_tsql_declare(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	do {
		declaration(p);
	} while (accept(p, SO_TOK_COMMA));
	return so_tsql_opaque(p, first, "declare", SO_CLASS_UTILITY, mark);
}

/* SET @v = x, SET @v += x, SET @v = CURSOR .. FOR query, SET @v.method(..), SET @v.property = x */
static void set_variable(struct parse *p)
{
	if (peek_at(p, 1)->kind == SO_TOK_DOT || peek_at(p, 1)->kind == SO_TOK_CAST) {
		so_parse_push(p, so_parse_c_expr(p));
		if (!at_op(p, SO_OP_EQ))
			return;
	} else {
		advance(p);
	}
	if (!so_tsql_is_assign(peek(p))) {
		so_parse_unexpected(p);
		return;
	}
	advance(p);
	if (accept_kw(p, SO_KW_cursor))
		cursor(p);
	else
		so_parse_push(p, so_parse_expr(p));
}

/* SET NOCOUNT ON, SET TRANSACTION ISOLATION LEVEL .., SET IDENTITY_INSERT t ON ... */
static void set_option(struct parse *p)
{
	if (!at(p, SO_TOK_WORD)) {
		so_parse_unexpected(p);
		return;
	}
	while (at(p, SO_TOK_WORD) && peek_at(p, 1)->kind == SO_TOK_COMMA)
		so_parse_move(p, 2);
	advance(p);
	while (!so_tsql_at_statement_end(p) && !at(p, SO_TOK_LPAREN)) {
		bool last = at_kw(p, SO_KW_on) || at_kw(p, SO_KW_off);

		advance(p);
		if (last)
			return;
	}
}

static so_ref set(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (at(p, SO_TOK_VARIABLE))
		set_variable(p);
	else
		set_option(p);
	return so_tsql_opaque(p, first, "set", SO_CLASS_UTILITY, mark);
}

/* ---- EXECUTE ---------------------------------------------------------------------------------------------------- */

static bool at_argument(const struct parse *p)
{
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_INT:
	case SO_TOK_FLOAT:
	case SO_TOK_STRING:
	case SO_TOK_NSTRING:
	case SO_TOK_QUOTED:
	case SO_TOK_VARIABLE:
	case SO_TOK_PARAM:
	case SO_TOK_LBRACE:
		return true;
	case SO_TOK_OP:
		return at_op(p, SO_OP_SUB) || at_op(p, SO_OP_ADD);
	case SO_TOK_WORD:
		if (at_kw(p, SO_KW_default) || at_kw(p, SO_KW_null))
			return true;
		return so_parse_is_name(p, peek(p), SO_USE_COLUMN) && !so_tsql_at_statement(p);
	default:
		return false;
	}
}

static void argument(struct parse *p)
{
	if (at(p, SO_TOK_VARIABLE) && peek_at(p, 1)->kind == SO_TOK_OP && peek_at(p, 1)->kw == SO_OP_EQ)
		so_parse_move(p, 2);
	so_parse_push(p, so_parse_expr(p));
	if (!accept_kw(p, SO_KW_output))
		accept_kw(p, SO_KW_out);
}

/* (text) AS USER = 'x' AT server */
static void execute_text(struct parse *p)
{
	advance(p);
	do {
		so_parse_push(p, so_parse_expr(p));
		if (!accept_kw(p, SO_KW_output))
			accept_kw(p, SO_KW_out);
	} while (accept(p, SO_TOK_COMMA));
	so_parse_expect(p, SO_TOK_RPAREN);
	if (at_kw(p, SO_KW_as)) {
		so_parse_move(p, 2);
		if (at_op(p, SO_OP_EQ))
			so_parse_move(p, 2);
	}
	if (accept_kw(p, SO_KW_at)) {
		so_parse_accept_word(p, "data_source");
		so_parse_any_name(p);
	}
}

static bool at_execute_end(const struct parse *p)
{
	return so_tsql_at_statement_end(p);
}

/* [@status =] procedure [;n] arguments [WITH RECOMPILE | RESULT SETS ..] */
static void execute_procedure(struct parse *p)
{
	if (at(p, SO_TOK_VARIABLE) && peek_at(p, 1)->kind == SO_TOK_OP)
		so_parse_move(p, 2);
	if (at(p, SO_TOK_VARIABLE))
		advance(p);
	else
		so_tsql_table_name(p);
	if (at(p, SO_TOK_SEMICOLON) && peek_at(p, 1)->kind == SO_TOK_INT)
		so_parse_move(p, 2);
	if (at_argument(p)) {
		do {
			argument(p);
		} while (accept(p, SO_TOK_COMMA));
	}
	if (at_kw(p, SO_KW_with) && (kw_at(p, 1) == SO_KW_recompile || kw_at(p, 1) == SO_KW_result)) {
		advance(p);
		so_tsql_open_clause(p, p->pos, "WITH", at_execute_end);
	}
}

/* EXECUTE AS USER = 'x' WITH NO REVERT */
static void execute_as(struct parse *p)
{
	so_parse_move(p, 2);
	so_tsql_open_clause(p, p->pos, "AS", at_execute_end);
}

so_ref so_tsql_execute(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	if (accept_kw(p, SO_KW_exec) || accept_kw(p, SO_KW_execute)) {
		if (at_kw(p, SO_KW_as)) {
			so_parse_move(p, -1);
			execute_as(p);
			return so_tsql_opaque(p, first, "execute as", SO_CLASS_UTILITY, mark);
		}
		if (at(p, SO_TOK_LPAREN)) {
			execute_text(p);
			return so_tsql_opaque(p, first, "execute", SO_CLASS_WRITE, mark);
		}
	}
	execute_procedure(p);
	return so_tsql_opaque(p, first, "execute", SO_CLASS_WRITE, mark);
}

/* ---- Small statements -------------------------------------------------------------------------------------------- */

static so_ref with_expr(struct parse *p, const char *verb)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (at_kw(p, SO_KW_select) || at_kw(p, SO_KW_with))
		so_parse_push(p, so_parse_query(p)); /* RETURN query: a function that is one query */
	else if (!so_tsql_at_statement_end(p))
		so_parse_push(p, so_parse_expr(p));
	return so_tsql_opaque(p, first, verb, SO_CLASS_UTILITY, mark);
}

static so_ref raiserror(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (accept(p, SO_TOK_LPAREN)) {
		do {
			so_parse_push(p, so_parse_expr(p));
		} while (accept(p, SO_TOK_COMMA));
		so_parse_expect(p, SO_TOK_RPAREN);
		if (at_kw(p, SO_KW_with)) {
			do {
				so_parse_move(p, 2);
			} while (at(p, SO_TOK_COMMA) && !at_end(p));
		}
	} else {
		/* RAISERROR 50001 'text' */
		so_parse_push(p, so_parse_expr(p));
		if (at(p, SO_TOK_COMMA))
			advance(p);
		so_parse_push(p, so_parse_expr(p));
	}
	return so_tsql_opaque(p, first, "raiserror", SO_CLASS_UTILITY, mark);
}

static so_ref throw_error(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (!so_tsql_at_statement_end(p)) {
		do {
			so_parse_push(p, so_parse_expr(p));
		} while (accept(p, SO_TOK_COMMA));
	}
	return so_tsql_opaque(p, first, "throw", SO_CLASS_UTILITY, mark);
}

static so_ref waitfor(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (accept_kw(p, SO_KW_delay) || accept_kw(p, SO_KW_time)) {
		so_parse_push(p, so_parse_expr(p));
	} else {
		so_parse_expect(p, SO_TOK_LPAREN);
		nested(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		if (accept(p, SO_TOK_COMMA)) {
			accept_kw(p, SO_KW_timeout);
			so_parse_push(p, so_parse_expr(p));
		}
	}
	return so_tsql_opaque(p, first, "waitfor", SO_CLASS_UTILITY, mark);
}

static void cursor_name(struct parse *p)
{
	if (accept(p, SO_TOK_VARIABLE))
		return;
	if (at_kw(p, SO_KW_global) && peek_at(p, 1)->kind == SO_TOK_WORD && !at_end(p))
		advance(p);
	so_parse_name(p, SO_USE_COLUMN);
}

/* FETCH [NEXT] [FROM] cursor [INTO @a, @b] */
static void fetch(struct parse *p)
{
	if (accept_kw(p, SO_KW_absolute) || accept_kw(p, SO_KW_relative))
		so_parse_push(p, so_parse_expr(p));
	else if (!accept_kw(p, SO_KW_next) && !accept_kw(p, SO_KW_prior) && !accept_kw(p, SO_KW_first))
		accept_kw(p, SO_KW_last);
	accept_kw(p, SO_KW_from);
	cursor_name(p);
	if (!accept_kw(p, SO_KW_into))
		return;
	do {
		so_parse_expect(p, SO_TOK_VARIABLE);
	} while (accept(p, SO_TOK_COMMA));
}

/* OPEN, CLOSE, DEALLOCATE, FETCH; not OPEN SYMMETRIC KEY and OPEN MASTER KEY. */
static so_ref cursor_statement(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	enum so_kw word = kw(p);

	if (kw_at(p, 1) == SO_KW_symmetric || so_parse_at_word(p, 1, "master") || kw_at(p, 1) == SO_KW_all)
		return 0;
	advance(p);
	if (word == SO_KW_fetch) {
		fetch(p);
	} else {
		accept_kw(p, SO_KW_cursor);
		cursor_name(p);
	}
	return so_tsql_opaque(p, first, so_keywords[word].name, SO_CLASS_UTILITY, mark);
}

/* A word and a name, or the word alone. */
static so_ref with_name(struct parse *p, const char *verb, bool name)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (name)
		so_parse_name(p, SO_USE_COLUMN);
	return so_tsql_opaque(p, first, verb, SO_CLASS_UTILITY, mark);
}

static so_ref label(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	if (peek_at(p, 1)->kind != SO_TOK_COLON || !so_parse_is_name(p, peek(p), SO_USE_COLUMN))
		return 0;
	so_parse_move(p, 2);
	return so_tsql_opaque(p, first, "label", SO_CLASS_READ, mark);
}

so_ref so_tsql_flow(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_if:
		return if_statement(p);
	case SO_KW_while:
		return while_statement(p);
	case SO_KW_begin:
		return begin(p);
	case SO_KW_declare:
		return so_tsql_declare(p);
	case SO_KW_set:
		return set(p);
	case SO_KW_exec:
	case SO_KW_execute:
		return so_tsql_execute(p);
	case SO_KW_print:
		return with_expr(p, "print");
	case SO_KW_return:
		return with_expr(p, "return");
	case SO_KW_raiserror:
		return raiserror(p);
	case SO_KW_throw:
		return throw_error(p);
	case SO_KW_waitfor:
		return waitfor(p);
	case SO_KW_break:
		return with_name(p, "break", false);
	case SO_KW_continue:
		return with_name(p, "continue", false);
	case SO_KW_goto:
		return with_name(p, "goto", true);
	case SO_KW_use:
		return with_name(p, "use", true);
	case SO_KW_checkpoint:
		return peek_at(p, 1)->kind == SO_TOK_INT ? 0 : with_name(p, "checkpoint", false);
	case SO_KW_commit:
		return transaction(p, "commit");
	case SO_KW_rollback:
		return transaction(p, "rollback");
	case SO_KW_save:
		return transaction(p, "save transaction");
	case SO_KW_open:
	case SO_KW_close:
	case SO_KW_deallocate:
	case SO_KW_fetch:
		return cursor_statement(p);
	default:
		return label(p);
	}
}
