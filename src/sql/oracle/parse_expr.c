/* Expressions that only Oracle has: pseudo operators, calls with words between the arguments, methods, types. */
#include "sql/oracle/oracle.h"

#include <stdio.h>
#include <strings.h>

so_ref so_oracle_phrase(struct parse *p, uint32_t first, size_t mark)
{
	struct so_list items = so_parse_take(p, mark);
	so_ref ref = so_parse_node(p, SO_N_PHRASE, first);

	NEW(p, phrase, ref)->items = items;
	return ref;
}

static so_ref pushed_one(struct parse *p, so_ref ref, struct so_list *list)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, ref);
	*list = so_parse_take(p, mark);
	return ref;
}

/* ---- Types ------------------------------------------------------------------------------------------------------ */

/* 10, *, 10 BYTE, 20 CHAR */
static so_ref type_modifier(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref;

	if (at_op(p, SO_OP_MUL))
		return so_parse_word(p);
	ref = so_parse_expr(p);
	if (!so_parse_at_word(p, 0, "byte") && !so_parse_at_word(p, 0, "char"))
		return ref;
	so_parse_push(p, ref);
	so_parse_push(p, so_parse_word(p));
	return so_oracle_phrase(p, first, mark);
}

/* TIMESTAMP, LONG RAW ..: the words before and behind the modifiers. */
struct worded_type {
	const char *words, *behind, *name;
};

static const struct worded_type worded_types[] = {
	{ "timestamp", "with local time zone", "TIMESTAMP WITH LOCAL TIME ZONE" },
	{ "timestamp", "with time zone", "TIMESTAMP WITH TIME ZONE" },
	{ "timestamp", "", "TIMESTAMP" },
	{ "double precision", "", "DOUBLE PRECISION" },
	{ "long raw", "", "LONG RAW" },
	{ "long varchar", "", "LONG VARCHAR" },
	{ "national character varying", "", "NATIONAL CHARACTER VARYING" },
	{ "national char varying", "", "NATIONAL CHAR VARYING" },
	{ "national character", "", "NATIONAL CHARACTER" },
	{ "national char", "", "NATIONAL CHAR" },
	{ "character varying", "", "CHARACTER VARYING" },
	{ "char varying", "", "CHAR VARYING" },
	{ "nchar varying", "", "NCHAR VARYING" },
	{ "integer", "", "INTEGER" },
};

static struct so_list type_modifiers(struct parse *p)
{
	if (!at(p, SO_TOK_LPAREN) || (peek_at(p, 1)->kind == SO_TOK_OP && peek_at(p, 1)->kw == SO_OP_ADD))
		return (struct so_list){ 0, 0 };
	return so_parse_paren_list(p, type_modifier);
}

/* The type whose words stand here, with its modifiers; 0 when it is none of the table. */
static so_ref worded_type(struct parse *p)
{
	uint32_t first = p->pos;
	const struct worded_type *type = worded_types, *end = type + sizeof worded_types / sizeof *type;
	char letter = so_parse_letter(p);
	struct so_list mods;
	so_ref ref;

	while (type < end && (*type->words != letter || !so_parse_words(p, type->words)))
		type++;
	if (type == end)
		return 0;
	mods = type_modifiers(p);
	/* the longer tail stands first in the table */
	while (*type->behind && !so_parse_words(p, type->behind))
		type++;
	ref = so_parse_node(p, SO_N_TYPE, first);
	AS(p, type, ref)->name = so_parse_made_name(p, type->name);
	AS(p, type, ref)->builtin = SO_TYPE_WORDS;
	AS(p, type, ref)->mods = mods;
	return ref;
}

static so_ref phrase_type(struct parse *p, so_ref phrase)
{
	so_ref ref = so_parse_node(p, SO_N_TYPE, first_of(p, phrase));

	pushed_one(p, phrase, &AS(p, type, ref)->mods);
	AS(p, type, ref)->builtin = SO_TYPE_PHRASE;
	return ref;
}

so_ref so_oracle_type(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = 0, phrase;

	if (so_parse_at_word(p, 0, "interval") || so_parse_at_word(p, 0, "ref")) {
		phrase = so_parse_form(p, SO_ORA_worded_type);
		if (phrase)
			return phrase_type(p, phrase);
	}
	ref = at(p, SO_TOK_WORD) ? worded_type(p) : 0;
	if (!ref) {
		ref = so_parse_node(p, SO_N_TYPE, first);
		AS(p, type, ref)->qualifier = so_parse_qualified(p, &AS(p, type, ref)->name);
		if (at_op(p, SO_OP_MOD)) {
			advance(p);
			if (so_parse_accept_word(p, "rowtype"))
				AS(p, type, ref)->builtin = SO_TYPE_ROWTYPE;
			else if (so_parse_accept_word(p, "type"))
				AS(p, type, ref)->builtin = SO_TYPE_OF_COLUMN;
			else
				so_parse_unexpected(p);
		} else {
			AS(p, type, ref)->mods = type_modifiers(p);
		}
		so_parse_done(p, ref);
	}
	if (so_parse_at_word(p, 0, "character") && so_parse_at_word(p, 1, "set")) {
		size_t mark = so_parse_mark(p);

		so_parse_push(p, ref);
		so_parse_push(p, so_parse_form(p, SO_ORA_character_set));
		return phrase_type(p, so_oracle_phrase(p, first, mark));
	}
	return ref;
}

/* ---- Calls ------------------------------------------------------------------------------------------------------ */

static so_ref call_argument(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_tok after = (enum so_tok)peek_at(p, 1)->kind;
	size_t mark = so_parse_mark(p);
	so_ref ref, tail;

	if (after == SO_TOK_ARROW && so_parse_is_name(p, peek(p), SO_USE_FUNC)) {
		struct so_name name = so_parse_name(p, SO_USE_FUNC);

		advance(p);
		ref = so_parse_node(p, SO_N_NAMED_ARG, first);
		NEW(p, named_arg, ref)->name = name;
		AS(p, named_arg, ref)->value = so_parse_expr(p);
		return so_parse_done(p, ref);
	}
	/* vector('[1]', *, INT8): as many as there are */
	if (at_op(p, SO_OP_MUL) && after == SO_TOK_COMMA) {
		advance(p);
		return so_parse_node(p, SO_N_STAR, first);
	}
	ref = so_parse_expr(p);
	if (at(p, SO_TOK_COMMA) || at(p, SO_TOK_RPAREN) || at_kw(p, SO_KW_order) || p->failed)
		return ref;
	tail = so_parse_form(p, SO_ORA_argument_tail);
	if (!tail)
		return ref;
	so_parse_push(p, ref);
	so_parse_push(p, tail);
	return so_oracle_phrase(p, first, mark);
}

static void call_arguments(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);

	if (at(p, SO_TOK_RPAREN))
		return;
	if (at_op(p, SO_OP_MUL) && peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		advance(p);
		set_flag(p, ref, SO_NF_STAR);
		return;
	}
	if (accept_kw(p, SO_KW_distinct) || accept_kw(p, SO_KW_unique))
		set_flag(p, ref, SO_NF_DISTINCT);
	else
		accept_kw(p, SO_KW_all);
	do {
		so_parse_push(p, call_argument(p));
	} while (accept(p, SO_TOK_COMMA));
	AS(p, func, ref)->args = so_parse_take(p, mark);
	if (at_kw(p, SO_KW_order))
		AS(p, func, ref)->order_by = so_parse_order_by(p);
}

/* KEEP (..), IGNORE NULLS and the like, in front of OVER. */
static void call_tail(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);
	so_ref phrase;

	if (at_kw(p, SO_KW_within) && kw_at(p, 1) == SO_KW_group) {
		so_parse_move(p, 2);
		so_parse_expect(p, SO_TOK_LPAREN);
		AS(p, func, ref)->order_by = so_parse_order_by(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		set_flag(p, ref, SO_NF_WITHIN);
	}
	for (;;) {
		if (!at(p, SO_TOK_WORD) ||
			(at_kw(p, SO_KW_from) && !so_parse_at_word(p, 1, "first") && !so_parse_at_word(p, 1, "last")))
			break;
		/* FROM first_table .. is no FROM FIRST */
		if (at_kw(p, SO_KW_from) && !so_parse_at_word(p, 2, "respect") && !so_parse_at_word(p, 2, "ignore") &&
			kw_at(p, 2) != SO_KW_over)
			break;
		phrase = so_parse_form(p, SO_ORA_call_tail);
		if (!phrase)
			break;
		so_parse_push(p, phrase);
	}
	AS(p, func, ref)->tail = so_parse_take(p, mark);
	so_parse_filter_over(p, ref);
}

/* A function whose arguments have words between them; 0 when the name has no form. */
static so_ref worded_call(struct parse *p, uint32_t first, struct so_name name)
{
	struct so_text text = so_ast_name(p->ast, name);
	unsigned form = name.quoted ? 0 : so_form_of_function(p, text.s, text.len);
	so_ref phrase, ref;
	uint32_t start = p->pos;

	if (!form)
		return 0;
	advance(p);
	phrase = so_parse_form(p, form);
	if (!phrase || !at(p, SO_TOK_RPAREN)) {
		so_parse_go_back(p, start);
		return 0;
	}
	advance(p);
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->syntax = SO_FS_WORDS;
	pushed_one(p, phrase, &AS(p, func, ref)->args);
	return ref;
}

/* CAST(x AS type), when nothing else stands in it; else it is one of the worded calls. */
static so_ref plain_cast(struct parse *p, uint32_t first)
{
	uint32_t start = p->pos;
	so_ref arg, type, ref;

	if (so_parse_at_word(p, 1, "multiset"))
		return 0;
	advance(p);
	arg = so_parse_expr(p);
	if (!accept_kw(p, SO_KW_as)) {
		so_parse_go_back(p, start);
		return 0;
	}
	type = so_parse_type(p);
	if (!at(p, SO_TOK_RPAREN)) {
		so_ref phrase, func;
		size_t mark = so_parse_mark(p);
		uint32_t from = start + 1;

		so_parse_push(p, arg);
		ref = so_parse_node(p, SO_N_WORD, from);
		AS(p, word, ref)->text = so_parse_made_name(p, "AS");
		so_parse_push(p, ref);
		so_parse_push(p, type);
		so_parse_push(p, so_parse_form(p, SO_ORA_cast_tail));
		phrase = so_oracle_phrase(p, from, mark);
		so_parse_expect(p, SO_TOK_RPAREN);
		func = so_parse_node(p, SO_N_FUNC, first);
		AS(p, func, func)->name = so_parse_made_name(p, "CAST");
		AS(p, func, func)->syntax = SO_FS_WORDS;
		pushed_one(p, phrase, &AS(p, func, func)->args);
		return func;
	}
	advance(p);
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

static so_ref call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = 0;

	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	if (!qualifier && so_ast_name_is(p->ast, name, "CAST"))
		ref = plain_cast(p, first);
	if (!ref && !p->failed && !qualifier)
		ref = worded_call(p, first, name);
	if (!ref && !p->failed) {
		ref = so_parse_node(p, SO_N_FUNC, first);
		NEW(p, func, ref)->name = name;
		NEW(p, func, ref)->qualifier = qualifier;
		so_parse_expect(p, SO_TOK_LPAREN);
		call_arguments(p, ref);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	so_parse_leave(p);
	if (so_ast_kind(p->ast, ref) == SO_N_FUNC)
		call_tail(p, ref);
	return ref ? so_parse_done(p, ref) : 0;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

static bool at_outer_mark(const struct parse *p)
{
	return at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind == SO_TOK_OP && peek_at(p, 1)->kw == SO_OP_ADD &&
	       peek_at(p, 2)->kind == SO_TOK_RPAREN;
}

static so_ref name_node(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = so_parse_node(p, SO_N_NAME, first);

	NEW(p, name, ref)->name = name;
	NEW(p, name, ref)->qualifier = qualifier;
	return ref;
}

/* column@link, function@link(..) */
static so_ref linked(struct parse *p, uint32_t first, so_ref column)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, column);
	so_parse_push(p, so_parse_form(p, SO_ORA_remote_call));
	return so_oracle_phrase(p, first, mark);
}

static so_ref name_expr(struct parse *p)
{
	uint32_t first = p->pos;
	bool is_call = peek_at(p, 1)->kind == SO_TOK_LPAREN;
	struct so_name name = so_parse_name(p, is_call ? SO_USE_FUNC : SO_USE_COLUMN);
	so_ref qualifier = 0, ref;
	unsigned parts = 1;

	while (at(p, SO_TOK_DOT) && so_parse_more_parts(p, &parts)) {
		qualifier = name_node(p, first, name, qualifier);
		advance(p);
		if (at_op(p, SO_OP_MUL)) {
			advance(p);
			ref = so_parse_node(p, SO_N_STAR, first);
			NEW(p, star, ref)->qualifier = qualifier;
			return ref;
		}
		name = so_parse_name(p, SO_USE_FIELD);
	}
	if (at(p, SO_TOK_LPAREN) && !at_outer_mark(p))
		return call(p, first, name, qualifier);
	ref = so_parse_node(p, SO_N_COLUMN, first);
	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	return at(p, SO_TOK_AT) ? linked(p, first, ref) : ref;
}

/* ---- Behind a primary -------------------------------------------------------------------------------------------- */

static so_ref subscript(struct parse *p, so_ref arg)
{
	so_ref ref = so_parse_node(p, SO_N_SUBSCRIPT, open_of(p, arg));

	advance(p);
	AS(p, subscript, ref)->arg = arg;
	AS(p, subscript, ref)->upper = so_parse_form(p, SO_ORA_subscript);
	if (!AS(p, subscript, ref)->upper)
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_RBRACKET);
	return so_parse_done(p, ref);
}

/* .field, .method(..), .* */
static so_ref member(struct parse *p, so_ref arg)
{
	uint32_t first = open_of(p, arg), at_name;
	size_t mark = so_parse_mark(p);
	struct so_name name;
	so_ref ref;

	advance(p);
	at_name = p->pos;
	if (peek_at(p, 1)->kind != SO_TOK_LPAREN || peek_at(p, 2)->kind == SO_TOK_OP) {
		ref = so_parse_node(p, SO_N_FIELD, first);
		NEW(p, field, ref)->arg = arg;
		if (at_op(p, SO_OP_MUL)) {
			advance(p);
			set_flag(p, ref, SO_NF_STAR);
		} else {
			AS(p, field, ref)->name = so_parse_name(p, SO_USE_FIELD);
		}
		return so_parse_done(p, ref);
	}
	name = so_parse_name(p, SO_USE_FIELD);
	so_parse_push(p, arg);
	ref = so_parse_node(p, SO_N_WORD, at_name);
	AS(p, word, ref)->text = so_parse_made_name(p, ".");
	so_parse_push(p, ref);
	so_parse_push(p, call(p, at_name, name, 0));
	ref = so_oracle_phrase(p, first, mark);
	set_flag(p, ref, SO_NF_WITHIN);
	return ref;
}

/* SQL%ROWCOUNT, c%FOUND */
static so_ref cursor_attribute(struct parse *p, so_ref arg)
{
	uint32_t first = open_of(p, arg);
	size_t mark = so_parse_mark(p);

	so_parse_push(p, arg);
	so_parse_push(p, so_parse_form(p, SO_ORA_cursor_attribute));
	return so_oracle_phrase(p, first, mark);
}

static bool at_cursor_attribute(const struct parse *p)
{
	return at_op(p, SO_OP_MOD) &&
	       (so_parse_at_word(p, 1, "found") || so_parse_at_word(p, 1, "notfound") ||
		       so_parse_at_word(p, 1, "isopen") || so_parse_at_word(p, 1, "rowcount") ||
		       so_parse_at_word(p, 1, "bulk_rowcount") || so_parse_at_word(p, 1, "bulk_exceptions"));
}

/* Whether anything that is a suffix can begin with this token. */
static bool at_suffix(const struct parse *p)
{
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_LPAREN:
	case SO_TOK_LBRACKET:
	case SO_TOK_DOT:
	case SO_TOK_PARAM:
		return true;
	case SO_TOK_OP:
		return peek(p)->kw == SO_OP_MOD;
	case SO_TOK_WORD:
		return so_parse_at_word(p, 0, "indicator");
	default:
		return false;
	}
}

so_ref so_oracle_suffix(struct parse *p, so_ref arg)
{
	unsigned depth = p->depth;
	enum so_node_kind kind;

	if (!at_suffix(p))
		return arg;
	kind = so_ast_kind(p->ast, arg);
	if (kind == SO_N_COLUMN && at_outer_mark(p)) {
		so_parse_move(p, 3);
		set_flag(p, arg, SO_NF_OUTER);
		return so_parse_done(p, arg);
	}
	if (kind == SO_N_CONST || kind == SO_N_STAR)
		return arg;
	while (arg && !p->failed && so_parse_enter(p)) {
		if (at(p, SO_TOK_LBRACKET))
			arg = subscript(p, arg);
		else if (at(p, SO_TOK_DOT))
			arg = member(p, arg);
		else if (at_cursor_attribute(p))
			arg = cursor_attribute(p, arg);
		else
			break;
	}
	p->depth = depth;
	if (so_ast_kind(p->ast, arg) == SO_N_PARAM && (at(p, SO_TOK_PARAM) || so_parse_at_word(p, 0, "indicator"))) {
		uint32_t first = first_of(p, arg);
		size_t mark = so_parse_mark(p);

		so_parse_push(p, arg);
		if (!at(p, SO_TOK_PARAM))
			so_parse_push(p, so_parse_word(p));
		so_parse_push(p, so_parse_own_param(p));
		return so_oracle_phrase(p, first, mark);
	}
	return arg;
}

/* ---- Primaries -------------------------------------------------------------------------------------------------- */

static so_ref prefix_word(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref word = so_parse_word(p), ref, arg = 0;

	if (so_parse_enter(p))
		arg = so_parse_level(p, SO_LV_UNARY);
	so_parse_leave(p);
	ref = so_parse_node(p, SO_N_OP, first);
	NEW(p, op, ref)->op = SO_OP_PRIOR;
	AS(p, op, ref)->name = AS(p, word, word)->text;
	AS(p, op, ref)->right = arg;
	return ref;
}

/* DATE '..', TIMESTAMP '..' */
static so_ref typed_literal(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, SO_USE_FIELD);
	so_ref type = so_parse_node(p, SO_N_TYPE, first), ref = so_parse_node(p, SO_N_CAST, first);

	AS(p, type, type)->name = name;
	AS(p, cast, ref)->style = SO_CAST_LITERAL;
	AS(p, cast, ref)->type = type;
	AS(p, cast, ref)->arg = at(p, SO_TOK_PARAM) ? so_parse_own_param(p) : so_parse_const(p);
	return so_parse_done(p, ref);
}

/* CURSOR(query), MULTISET(query), TABLE(query), THE(query) */
static so_ref query_call(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, SO_USE_FIELD);
	so_ref ref = so_parse_node(p, SO_N_FUNC, first);

	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->syntax = SO_FS_WORDS;
	advance(p);
	pushed_one(p, so_parse_form(p, SO_ORA_query), &AS(p, func, ref)->args);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_done(p, ref);
}

static bool before_operand(const struct parse *p)
{
	enum so_tok kind = (enum so_tok)peek_at(p, 1)->kind;

	return kind == SO_TOK_QUOTED || (kind == SO_TOK_WORD && so_parse_is_name(p, peek_at(p, 1), SO_USE_BARE_LABEL) &&
						peek_at(p, 2)->kind != SO_TOK_COMMA);
}

static so_ref interval_literal(struct parse *p)
{
	return so_parse_form(p, SO_ORA_interval_literal);
}

static so_ref word_primary(struct parse *p)
{
	enum so_tok after = (enum so_tok)peek_at(p, 1)->kind;

	switch (kw(p)) {
	case SO_KW_null:
	case SO_KW_case:
	case SO_KW_default:
		return 0;
	case SO_KW_true:
	case SO_KW_false:
		return after == SO_TOK_DOT ? name_expr(p) : 0;
	case SO_KW_exists:
		return after == SO_TOK_LPAREN && so_parse_starts_query(p, 1) ? 0 : name_expr(p);
	case SO_KW_prior:
	case SO_KW_connect_by_root:
		return prefix_word(p);
	case SO_KW_date:
	case SO_KW_timestamp:
		if (after == SO_TOK_STRING || after == SO_TOK_QSTRING || (after == SO_TOK_PARAM && p->lenient))
			return typed_literal(p);
		break;
	case SO_KW_cursor:
	case SO_KW_multiset:
	case SO_KW_table:
	case SO_KW_the:
		if (after == SO_TOK_LPAREN && so_parse_starts_query(p, 2))
			return query_call(p);
		if (at_kw(p, SO_KW_table) && after == SO_TOK_LPAREN) {
			uint32_t first = p->pos;

			return call(p, first, so_parse_name(p, SO_USE_FIELD), 0);
		}
		break;
	case SO_KW_set: /* of a nested table */
		if (after == SO_TOK_LPAREN) {
			uint32_t first = p->pos;

			return call(p, first, so_parse_name(p, SO_USE_FIELD), 0);
		}
		break;
	case SO_KW_final:
	case SO_KW_running:
	case SO_KW_new:
		if (before_operand(p))
			return prefix_word(p);
		break;
	default:
		/* no keyword here */
		if ((after == SO_TOK_STRING || after == SO_TOK_PARAM) && so_parse_at_word(p, 0, "interval"))
			return interval_literal(p);
		/* JSON {..}, JSON [..] */
		if ((after == SO_TOK_LBRACE || after == SO_TOK_LBRACKET) && so_parse_at_word(p, 0, "json"))
			return so_parse_form(p, SO_ORA_json_value);
		break;
	}
	return name_expr(p);
}

/* : name, with blanks between */
static so_ref spaced_param(struct parse *p)
{
	uint32_t first = p->pos;
	const struct so_token *token = peek_at(p, 1);
	struct so_name name = { .len = (token->len + 1) & 0x7FFFFFFFu };
	so_ref ref;

	if (token->kind != SO_TOK_WORD && token->kind != SO_TOK_INT && token->kind != SO_TOK_QUOTED)
		return 0;
	so_parse_move(p, 2);
	name.off = so_arena_raw(p->ast, token->len + 1);
	*(char *)so_ast_at(p->ast, name.off) = ':';
	memcpy((char *)so_ast_at(p->ast, name.off) + 1, so_parse_token_text(p, token), token->len);
	ref = so_parse_node(p, SO_N_PARAM, first);
	NEW(p, param, ref)->name = name;
	return ref;
}

so_ref so_oracle_primary(struct parse *p)
{
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_WORD:
		return word_primary(p);
	case SO_TOK_QUOTED:
		return name_expr(p);
	case SO_TOK_COLON:
		return spaced_param(p);
	default:
		return 0;
	}
}

/* ---- IS, and operators that are words ---------------------------------------------------------------------------- */

bool so_oracle_is_test(struct parse *p, so_ref ref)
{
	static const struct {
		const char *words, *name;
		unsigned rest; /* form */
	} tests[] = {
		{ "nan", "NAN", 0 },
		{ "infinite", "INFINITE", 0 },
		{ "present", "PRESENT", 0 },
		{ "dangling", "DANGLING", 0 },
		{ "empty", "EMPTY", 0 },
		{ "a set", "A SET", 0 },
		{ "any", "ANY", 0 },
		{ "source", "SOURCE OF", SO_ORA_is_of },
		{ "destination", "DESTINATION OF", SO_ORA_is_of },
		{ "of type", "OF TYPE", SO_ORA_is_of_type },
		{ "of", "OF", SO_ORA_is_of_type },
		{ "json", "JSON", SO_ORA_is_json },
	};
	struct so_n_is *node = AS(p, is, ref);

	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		if (*tests[i].words != so_parse_letter(p) || !so_parse_words(p, tests[i].words))
			continue;
		node->test = SO_IS_WORDS;
		node->form = so_parse_made_name(p, tests[i].name);
		if (tests[i].rest)
			node->right = so_parse_form(p, tests[i].rest);
		return true;
	}
	return false;
}

/* DAY TO SECOND, YEAR(2) TO MONTH behind the difference of dates. */
static bool at_interval_words(const struct parse *p)
{
	uint32_t n = 1;

	if (peek_at(p, 1)->kind == SO_TOK_LPAREN && peek_at(p, 2)->kind == SO_TOK_INT &&
		peek_at(p, 3)->kind == SO_TOK_RPAREN)
		n = 4;
	return kw_at(p, n) == SO_KW_to;
}

enum so_level so_oracle_word_level(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_multiset:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? SO_LV_ANY : SO_LV_ADD;
	case SO_KW_member:
	case SO_KW_submultiset:
		return SO_LV_LIKE;
	case SO_KW_likec:
	case SO_KW_like2:
	case SO_KW_like4:
		return SO_LV_LIKE;
	case SO_KW_overlaps:
		return SO_LV_LIKE;
	case SO_KW_not:
		switch (kw_at(p, 1)) {
		case SO_KW_member:
		case SO_KW_submultiset:
		case SO_KW_likec:
		case SO_KW_like2:
		case SO_KW_like4:
			return SO_LV_LIKE;
		default:
			return SO_LV_ANY;
		}
	case SO_KW_day:
	case SO_KW_year:
		return at_interval_words(p) ? SO_LV_UNARY : SO_LV_ANY;
	default:
		return SO_LV_ANY;
	}
}

static so_ref like_word(struct parse *p, so_ref left, bool negated)
{
	so_ref ref = so_parse_node(p, SO_N_LIKE, open_of(p, left));

	AS(p, like, ref)->op = at_kw(p, SO_KW_likec) ? SO_LIKEC : at_kw(p, SO_KW_like2) ? SO_LIKE2 : SO_LIKE4;
	advance(p);
	AS(p, like, ref)->arg = left;
	AS(p, like, ref)->pattern = so_parse_level(p, SO_LV_LIKE + 1);
	if (accept_kw(p, SO_KW_escape))
		AS(p, like, ref)->escape = so_parse_level(p, SO_LV_LIKE + 1);
	if (negated)
		set_flag(p, ref, SO_NF_NOT);
	return so_parse_done(p, ref);
}

/* The words as one operator name. */
static so_ref worded_operator(struct parse *p, so_ref left, enum so_op op, enum so_level level, const char *name)
{
	so_ref right = so_parse_level(p, (enum so_level)(level + 1));
	so_ref ref = so_parse_node(p, SO_N_OP, open_of(p, left));

	NEW(p, op, ref)->op = op;
	AS(p, op, ref)->name = so_parse_made_name(p, name);
	AS(p, op, ref)->left = left;
	AS(p, op, ref)->right = right;
	return so_parse_done(p, ref);
}

static so_ref multiset(struct parse *p, so_ref left)
{
	static const char *const names[] = { "UNION", "INTERSECT", "EXCEPT" };
	char text[40];
	unsigned which;

	advance(p);
	which = at_kw(p, SO_KW_intersect) ? 1 : at_kw(p, SO_KW_except) ? 2 : 0;
	if (!which && !at_kw(p, SO_KW_union))
		so_parse_unexpected(p);
	advance(p);
	snprintf(text, sizeof text, "MULTISET %s%s", names[which],
		accept_kw(p, SO_KW_all)        ? " ALL"
		: accept_kw(p, SO_KW_distinct) ? " DISTINCT"
					       : "");
	return worded_operator(p, left, SO_OP_MULTISET, SO_LV_ADD, text);
}

so_ref so_oracle_word_operator(struct parse *p, so_ref left)
{
	bool negated = accept_kw(p, SO_KW_not);
	size_t mark = so_parse_mark(p);
	uint32_t first = open_of(p, left);
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_multiset:
		return multiset(p, left);
	case SO_KW_member:
		advance(p);
		accept_kw(p, SO_KW_of);
		return worded_operator(p, left, SO_OP_MEMBER, SO_LV_LIKE, negated ? "NOT MEMBER OF" : "MEMBER OF");
	case SO_KW_submultiset:
		advance(p);
		accept_kw(p, SO_KW_of);
		return worded_operator(
			p, left, SO_OP_MEMBER, SO_LV_LIKE, negated ? "NOT SUBMULTISET OF" : "SUBMULTISET OF");
	case SO_KW_overlaps:
		advance(p);
		return worded_operator(p, left, SO_OP_MEMBER, SO_LV_LIKE, "OVERLAPS");
	case SO_KW_likec:
	case SO_KW_like2:
	case SO_KW_like4:
		return like_word(p, left, negated);
	default:
		so_parse_push(p, left);
		so_parse_push(p, so_parse_form(p, SO_ORA_interval_words));
		ref = so_oracle_phrase(p, first, mark);
		set_flag(p, ref, SO_NF_WITHIN);
		return ref;
	}
}
