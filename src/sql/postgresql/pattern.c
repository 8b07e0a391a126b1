/* Runs the codes that pattern_code.py makes of the patterns. Most alternatives are told by their first token, so that
 * nothing of them is looked at when another one stands there. */
#include "sql/postgresql/pattern.h"

#include <stdlib.h>
#include <strings.h>

#include "sql/parse/ddl.h"

enum {
	DO_END, /* of an alternative */
	/* an element, and what it takes */
	DO_WORD, /* keyword */
	DO_TEXT, /* index of a word that is no keyword */
	DO_TOKEN, /* kind */
	DO_OP, /* operator */
	DO_OPERAND, /* letter */
	DO_CALL, /* where the pattern begins */
	/* alternatives follow; where the next element is */
	DO_OF,
	DO_OPTIONAL,
	DO_LIST,
	DO_ANY,
	DO_SOME,
	DO_NOT
};

#define FIRST_TOKEN 0x4000u /* more than any keyword: a kind of token */
#define FIRST_SET   0x8000u /* one of a set of keywords */

#include "sql/pattern_code.h"

struct match {
	struct parse *p;
	uint32_t furthest; /* token at which the longest attempt ended */
	bool refused;
	struct so_err inner; /* why an operand was refused there */
};

static bool any_of(struct match *m, const uint16_t *at);

/* ---- Going back ------------------------------------------------------------------------------------------------- */

struct state {
	uint32_t pos;
	unsigned depth;
	size_t stack;
};

static struct state save(const struct match *m)
{
	return (struct state){ m->p->pos, m->p->depth, so_parse_mark(m->p) };
}

static void restore(struct match *m, struct state state)
{
	m->p->pos = state.pos;
	m->p->depth = state.depth;
	m->p->failed = false;
	m->p->warm->stack_count = state.stack;
}

static bool miss(struct match *m)
{
	if (m->p->pos > m->furthest) {
		m->furthest = m->p->pos;
		m->refused = false;
	}
	return false;
}

/* ---- Operands --------------------------------------------------------------------------------------------------- */

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
			p->pos += 2;
		if (!at(p, SO_TOK_OP) || at_kw(p, SO_KW_operator))
			so_parse_unexpected(p);
		else
			so_parse_operator(p, &op, &schema);
		return;
	default:
		so_parse_unexpected(p);
	}
}

static bool operand(struct match *m, char which)
{
	struct so_err err, *outer = m->p->err;
	uint32_t pos = m->p->pos;
	int small = small_operand(m->p, which);
	bool failed;

	if (small >= 0)
		return small || miss(m);
	/* not the whole of it, which is large */
	err.kind = SO_NONE;
	err.position = -1;
	err.sqlstate[0] = err.message[0] = 0;
	m->p->err = &err;
	large_operand(m->p, which);
	m->p->err = outer;
	failed = m->p->failed;
	if (!failed)
		return true;
	/* where inside the operand: the rules end on the last token */
	while (pos < m->p->end && (int32_t)(m->p->tok[pos].off - m->p->text) < err.position)
		pos++;
	m->p->failed = false;
	m->p->pos = pos;
	if (pos >= m->furthest) {
		m->furthest = pos;
		m->inner = err;
		m->refused = true;
	}
	return false;
}

/* ---- Patterns --------------------------------------------------------------------------------------------------- */

static bool word(struct match *m, const char *text)
{
	const struct so_token *token = peek(m->p);

	if (token->kind != SO_TOK_WORD || token->kw || token->len != strlen(text) ||
		strncasecmp(so_parse_token_text(m->p, token), text, token->len) != 0)
		return miss(m);
	advance(m->p);
	return true;
}

/* a, or several with commas between them; a comma that no further one follows is left */
static bool list(struct match *m, const uint16_t *item)
{
	if (!any_of(m, item))
		return false;
	while (at(m->p, SO_TOK_COMMA)) {
		struct state before = save(m);

		advance(m->p);
		if (any_of(m, item))
			continue;
		restore(m, before);
		break;
	}
	return true;
}

static void repeat(struct match *m, const uint16_t *item)
{
	uint32_t pos;

	do {
		pos = m->p->pos;
	} while (any_of(m, item) && m->p->pos > pos);
}

static bool group(struct match *m, unsigned kind, const uint16_t *inner)
{
	struct state before;
	bool fits;

	switch (kind) {
	case DO_OPTIONAL:
		any_of(m, inner);
		return true;
	case DO_LIST:
		return list(m, inner);
	case DO_SOME:
		if (!any_of(m, inner))
			return false;
		repeat(m, inner);
		return true;
	case DO_ANY:
		repeat(m, inner);
		return true;
	case DO_NOT:
		before = save(m);
		fits = any_of(m, inner);
		restore(m, before);
		return !fits || miss(m);
	default:
		return any_of(m, inner);
	}
}

/* One alternative: all its elements in turn. */
static bool sequence(struct match *m, const uint16_t *at)
{
	struct parse *p = m->p;

	for (;; at += 2) {
		switch (at[0]) {
		case DO_END:
			return true;
		case DO_WORD:
			if (!accept_kw(p, (enum so_kw)at[1]))
				return miss(m);
			break;
		case DO_TEXT:
			if (!word(m, pattern_words[at[1]]))
				return false;
			break;
		case DO_TOKEN:
			if (!accept(p, (enum so_tok)at[1]))
				return miss(m);
			break;
		case DO_OP:
			if (!at_op(p, (enum so_op)at[1]))
				return miss(m);
			advance(p);
			break;
		case DO_OPERAND:
			if (!operand(m, (char)at[1]))
				return false;
			break;
		case DO_CALL:
			if (!any_of(m, pattern_codes + at[1]))
				return false;
			break;
		default:
			if (!group(m, at[0], at + 2))
				return false;
			at = pattern_codes + at[1] - 2;
		}
	}
}

/* Whether an alternative can begin with this token. */
static inline bool may_begin(const struct so_token *token, unsigned first)
{
	if (!first)
		return true;
	if (first < FIRST_TOKEN)
		return kw_of(token) == first;
	if (first < FIRST_SET)
		return token->kind == first - FIRST_TOKEN;
	return (pattern_sets[first - FIRST_SET][kw_of(token) / 64] >> kw_of(token) % 64 & 1) != 0;
}

/* The first alternative that fits; goes back when there is none. */
static bool any_of(struct match *m, const uint16_t *at)
{
	const struct so_token *token = peek(m->p);

	for (;; at = pattern_codes + at[1]) {
		if (may_begin(token, at[0])) {
			struct state before = save(m);

			if (sequence(m, at + 2))
				return true;
			restore(m, before);
		}
		if (!at[1])
			return miss(m);
	}
}

bool so_parse_pattern(struct parse *p, enum so_kw verb)
{
	struct match m;

	if (!pattern_starts[verb])
		return false;
	m.p = p;
	m.furthest = p->pos;
	m.refused = false;
	/* what goes wrong in an optional end is found out here, as nothing can follow */
	if (any_of(&m, pattern_codes + pattern_starts[verb]) &&
		(at_end(p) || at(p, SO_TOK_SEMICOLON) || p->depth || m.furthest <= p->pos))
		return true;
	p->pos = m.furthest;
	if (!m.refused) {
		so_parse_unexpected(p);
		return true;
	}
	*p->err = m.inner;
	p->failed = true;
	p->pos = p->end;
	return true;
}
