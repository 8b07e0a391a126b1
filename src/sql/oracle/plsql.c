/* PL/SQL: blocks and units. Their statements are only told apart; the SQL inside them is parsed and becomes the parts
 * of an OPAQUE node. */
#include "sql/oracle/oracle.h"

static void statements(struct parse *p);
static void declarations(struct parse *p);

static bool at_any(const struct parse *p, const char *const *words)
{
	for (; *words; words++)
		if (so_parse_at_word(p, 0, *words))
			return true;
	return false;
}

/* The tokens up to one of the words (or a semicolon) that stands outside parentheses and CASE expressions. */
static void skip_to(struct parse *p, const char *const *words)
{
	unsigned parens = 0, cases = 0;

	for (; !at_end(p); advance(p)) {
		if (at(p, SO_TOK_LPAREN))
			parens++;
		else if (at(p, SO_TOK_RPAREN) && parens)
			parens--;
		else if (at(p, SO_TOK_RPAREN))
			break;
		else if (at_kw(p, SO_KW_case) && peek_at(p, 1)->kind != SO_TOK_SEMICOLON)
			cases++;
		else if (cases && so_parse_at_word(p, 0, "end"))
			cases--;
		else if (!parens && !cases && (at(p, SO_TOK_SEMICOLON) || at_any(p, words)))
			return;
	}
	if (parens || cases || !at_end(p))
		so_parse_unexpected(p);
}

static void skip_statement(struct parse *p)
{
	static const char *const none[] = { NULL };

	skip_to(p, none);
}

/* A semicolon; the last one of a text may be missing. */
static void semicolon(struct parse *p)
{
	if (!accept(p, SO_TOK_SEMICOLON) && !at_end(p))
		so_parse_unexpected(p);
}

static void expect_word(struct parse *p, const char *word)
{
	if (!so_parse_accept_word(p, word))
		so_parse_unexpected(p);
}

/* SQL inside the block: a part of it. */
static void embedded(struct parse *p)
{
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_statement(p));
	so_parse_leave(p);
}

static void embedded_query(struct parse *p)
{
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_query(p));
	so_parse_leave(p);
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

static void nested(struct parse *p, void (*rule)(struct parse *p))
{
	if (so_parse_enter(p))
		rule(p);
	so_parse_leave(p);
}

/* Condition THEN statements, once for each WHEN or ELSIF, then ELSE. */
static void branches(struct parse *p, const char *word)
{
	static const char *const then[] = { "then", NULL };

	do {
		skip_to(p, then);
		expect_word(p, "then");
		nested(p, statements);
	} while (so_parse_accept_word(p, word));
	if (so_parse_accept_word(p, "else"))
		nested(p, statements);
	expect_word(p, "end");
}

static void if_statement(struct parse *p)
{
	advance(p);
	branches(p, "elsif");
	expect_word(p, "if");
}

static void case_statement(struct parse *p)
{
	static const char *const when[] = { "when", NULL };

	advance(p);
	skip_to(p, when);
	expect_word(p, "when");
	branches(p, "when");
	so_parse_accept_word(p, "case");
}

/* The name of a loop or block behind its END. */
static void end_name(struct parse *p)
{
	if (!at(p, SO_TOK_SEMICOLON) && (at(p, SO_TOK_WORD) || at(p, SO_TOK_QUOTED)))
		advance(p);
	while (accept(p, SO_TOK_DOT))
		advance(p);
}

static void loop_body(struct parse *p)
{
	expect_word(p, "loop");
	nested(p, statements);
	expect_word(p, "end");
	expect_word(p, "loop");
	end_name(p);
}

/* FOR i IN 1..10 LOOP, FOR r IN (query) LOOP, FOR r IN c LOOP */
static void for_loop(struct parse *p)
{
	static const char *const in[] = { "in", NULL }, *const loop[] = { "loop", NULL };

	advance(p);
	skip_to(p, in);
	expect_word(p, "in");
	so_parse_accept_word(p, "reverse");
	if (at(p, SO_TOK_LPAREN) && so_parse_starts_query(p, 1)) {
		advance(p);
		embedded_query(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	skip_to(p, loop);
	loop_body(p);
}

static void forall(struct parse *p)
{
	static const char *const dml[] = { "insert", "update", "delete", "merge", "execute", NULL };

	advance(p);
	skip_to(p, dml);
	if (so_parse_at_word(p, 0, "execute"))
		skip_statement(p);
	else
		embedded(p);
}

static void open_cursor(struct parse *p)
{
	static const char *const target[] = { "for", NULL };

	advance(p);
	skip_to(p, target);
	if (so_parse_accept_word(p, "for") && so_parse_starts_query(p, 0))
		embedded_query(p);
	skip_statement(p);
}

/* [DECLARE ..] BEGIN .. [EXCEPTION ..] END [name] */
static void block(struct parse *p)
{
	if (so_parse_accept_word(p, "declare"))
		nested(p, declarations);
	expect_word(p, "begin");
	nested(p, statements);
	if (so_parse_accept_word(p, "exception")) {
		static const char *const then[] = { "then", NULL };

		while (so_parse_accept_word(p, "when")) {
			skip_to(p, then);
			expect_word(p, "then");
			nested(p, statements);
		}
	}
	expect_word(p, "end");
	end_name(p);
}

/* <<label>> */
static void labels(struct parse *p)
{
	while (at(p, SO_TOK_OP) && peek(p)->len == 2 && memcmp(so_parse_token_text(p, peek(p)), "<<", 2) == 0) {
		advance(p);
		advance(p);
		if (at(p, SO_TOK_OP))
			advance(p);
		else
			so_parse_unexpected(p);
	}
}

static bool at_sql(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_with:
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
		return true;
	default:
		return false;
	}
}

static void one_statement(struct parse *p)
{
	static const char *const loop[] = { "loop", NULL };

	if (at_sql(p))
		embedded(p);
	else if (so_parse_at_word(p, 0, "if"))
		if_statement(p);
	else if (at_kw(p, SO_KW_case))
		case_statement(p);
	else if (so_parse_at_word(p, 0, "loop"))
		loop_body(p);
	else if (so_parse_at_word(p, 0, "for"))
		for_loop(p);
	else if (so_parse_at_word(p, 0, "forall"))
		forall(p);
	else if (so_parse_at_word(p, 0, "open"))
		open_cursor(p);
	else if (so_parse_at_word(p, 0, "begin") || so_parse_at_word(p, 0, "declare"))
		block(p);
	else if (so_parse_accept_word(p, "while")) {
		skip_to(p, loop);
		loop_body(p);
	} else if (at(p, SO_TOK_SEMICOLON) || at(p, SO_TOK_RPAREN)) {
		so_parse_unexpected(p);
	} else {
		skip_statement(p);
	}
}

/* $IF .. $THEN, $ELSE, $END: what is compiled is not known here, so all of it is read. */
static bool accept_condition(struct parse *p)
{
	const struct so_token *token = peek(p);
	const char *text = so_parse_token_text(p, token);

	if (token->kind != SO_TOK_PARAM || *text != '$')
		return false;
	advance(p);
	if (token->len > 2 && (text[2] | 0x20) != 'l' && (text[2] | 0x20) != 'f')
		return true;
	if (token->len == 5)
		return true; /* $ELSE */
	while (!at_end(p) && !(peek(p)->len == 5 && memcmp(so_parse_token_text(p, peek(p)), "$THEN", 5) == 0) &&
		!(peek(p)->len == 5 && memcmp(so_parse_token_text(p, peek(p)), "$then", 5) == 0))
		advance(p);
	advance(p);
	return true;
}

/* Up to END, ELSE, ELSIF, WHEN or EXCEPTION. */
static void statements(struct parse *p)
{
	static const char *const ends[] = { "end", "else", "elsif", "when", "exception", NULL };

	for (;;) {
		labels(p);
		if (accept_condition(p))
			continue;
		if (at_end(p) || at_any(p, ends))
			return;
		one_statement(p);
		semicolon(p);
	}
}

/* ---- Declarations ------------------------------------------------------------------------------------------------ */

/* CURSOR c (..) RETURN t IS query */
static void cursor(struct parse *p)
{
	static const char *const is[] = { "is", NULL };

	skip_to(p, is);
	if (so_parse_accept_word(p, "is"))
		embedded_query(p);
}

/* What stands behind IS or AS of a procedure or function. */
static void body(struct parse *p)
{
	if (so_parse_at_word(p, 0, "language") || so_parse_at_word(p, 0, "external") || so_parse_at_word(p, 0, "mle")) {
		skip_statement(p);
		return;
	}
	so_parse_accept_word(p, "declare");
	nested(p, declarations);
	block(p);
}

static void subprogram(struct parse *p)
{
	static const char *const is[] = { "is", "as", NULL };

	skip_to(p, is);
	if (so_parse_accept_word(p, "is") || so_parse_accept_word(p, "as"))
		body(p);
}

/* Whether the word begins a subprogram here, and is no name. */
static bool at_subprogram(const struct parse *p)
{
	return (so_parse_at_word(p, 0, "procedure") || so_parse_at_word(p, 0, "function")) &&
	       (peek_at(p, 1)->kind == SO_TOK_WORD || peek_at(p, 1)->kind == SO_TOK_QUOTED);
}

static bool at_method(const struct parse *p)
{
	static const char *const words[] = { "map", "order", "member", "static", "constructor", "overriding", "final",
		"instantiable", "not", NULL };

	return at_any(p, words) && peek_at(p, 1)->kind == SO_TOK_WORD;
}

/* Up to BEGIN, END, or the end. */
static void declarations(struct parse *p)
{
	static const char *const ends[] = { "begin", "end", NULL };

	while (!at_end(p) && !at_any(p, ends)) {
		if (accept_condition(p))
			continue;
		if (at_method(p)) {
			while (at_method(p))
				advance(p);
		}
		if (at_kw(p, SO_KW_cursor))
			cursor(p);
		else if (at_subprogram(p))
			subprogram(p);
		else if (at(p, SO_TOK_SEMICOLON))
			so_parse_unexpected(p);
		else
			skip_statement(p);
		semicolon(p);
	}
}

/* ---- Units ------------------------------------------------------------------------------------------------------ */

static so_ref unit_node(struct parse *p, uint32_t first, const char *verb, enum so_statement_class cls, size_t mark)
{
	struct so_list parts = so_parse_take(p, mark);
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, first);

	NEW(p, opaque, ref)->cls = cls;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, verb);
	AS(p, opaque, ref)->parts = parts;
	return ref;
}

bool so_plsql_at_block(const struct parse *p)
{
	return so_parse_at_word(p, 0, "declare") || so_parse_at_word(p, 0, "begin") ||
	       (at(p, SO_TOK_OP) && peek(p)->len == 2 && memcmp(so_parse_token_text(p, peek(p)), "<<", 2) == 0);
}

so_ref so_plsql_block(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	const char *verb;

	labels(p);
	verb = so_parse_at_word(p, 0, "declare") ? "declare" : "begin";
	nested(p, block);
	return unit_node(p, first, verb, SO_CLASS_WRITE, mark);
}

so_ref so_plsql_unit(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	const char *verb = so_parse_at_word(p, 0, "function") ? "function" : "procedure";

	nested(p, subprogram);
	semicolon(p);
	return unit_node(p, first, verb, SO_CLASS_DDL, mark);
}

static void package(struct parse *p)
{
	static const char *const is[] = { "is", "as", NULL };

	skip_to(p, is);
	if (!so_parse_accept_word(p, "is"))
		expect_word(p, "as");
	nested(p, declarations);
	if (so_parse_at_word(p, 0, "begin")) {
		block(p);
		return;
	}
	expect_word(p, "end");
	end_name(p);
}

/* BEFORE STATEMENT IS .. END BEFORE STATEMENT; */
static void timing_point(struct parse *p)
{
	static const char *const is[] = { "is", NULL };

	skip_to(p, is);
	expect_word(p, "is");
	nested(p, declarations);
	expect_word(p, "begin");
	nested(p, statements);
	if (so_parse_at_word(p, 0, "exception"))
		skip_statement(p);
	expect_word(p, "end");
	skip_statement(p);
	semicolon(p);
}

static void compound_trigger(struct parse *p)
{
	static const char *const points[] = { "before", "after", "instead", NULL };

	so_parse_accept_word(p, "compound");
	so_parse_accept_word(p, "trigger");
	while (!at_end(p) && !so_parse_at_word(p, 0, "end")) {
		if (at_any(p, points)) {
			timing_point(p);
			continue;
		}
		if (at_subprogram(p))
			subprogram(p);
		else
			skip_statement(p);
		semicolon(p);
	}
	expect_word(p, "end");
	end_name(p);
}

static void trigger(struct parse *p)
{
	static const char *const starts[] = { "declare", "begin", "call", "compound", NULL };

	skip_to(p, starts);
	labels(p);
	if (so_parse_at_word(p, 0, "compound"))
		nested(p, compound_trigger);
	else if (so_parse_at_word(p, 0, "call"))
		skip_statement(p);
	else
		nested(p, block);
}

static void to_end(struct parse *p)
{
	while (!at_end(p))
		advance(p);
}

/* The kind of unit behind CREATE and `skip` words; they stand in front. */
so_ref so_plsql_create(struct parse *p, uint32_t skip)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	const char *verb = NULL;

	so_parse_move(p, skip);
	if (so_parse_at_word(p, 0, "procedure") || so_parse_at_word(p, 0, "function")) {
		verb = so_parse_at_word(p, 0, "procedure") ? "create procedure" : "create function";
		nested(p, subprogram);
	} else if (so_parse_at_word(p, 0, "package") ||
		   (so_parse_at_word(p, 0, "type") && so_parse_at_word(p, 1, "body"))) {
		verb = so_parse_at_word(p, 0, "type")   ? "create type body"
		       : so_parse_at_word(p, 1, "body") ? "create package body"
							: "create package";
		nested(p, package);
	} else if (so_parse_at_word(p, 0, "trigger")) {
		verb = "create trigger";
		nested(p, trigger);
	} else if (so_parse_at_word(p, 0, "type")) {
		verb = "create type";
		skip_statement(p);
	} else if (so_parse_at_word(p, 0, "java") || so_parse_at_word(p, 0, "and")) {
		verb = "create java";
		to_end(p);
	} else {
		so_parse_go_to(p, first);
		return 0;
	}
	return unit_node(p, first, verb, SO_CLASS_DDL, mark);
}

/* name(..) alone: how procedures are called in PL/SQL. */
so_ref so_plsql_call(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_push(p, so_parse_c_expr(p));
	if (!at_end(p) && !at(p, SO_TOK_SEMICOLON) && !p->failed)
		so_parse_unexpected(p);
	return unit_node(p, first, "call", SO_CLASS_WRITE, mark);
}
