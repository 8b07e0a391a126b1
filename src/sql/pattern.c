#include "sql/pattern.h"

#include <stdlib.h>
#include <strings.h>

#include "sql/parse_ddl.h"

struct match {
	struct parse *p;
	const struct so_pattern *grammar;
	uint32_t furthest; /* token at which the longest attempt ended */
	struct so_err inner; /* why an operand was refused there */
	bool refused;
};

struct span {
	const char *at, *end;
};

static bool any_of(struct match *m, struct span pattern);

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
	struct so_err err = SO_ERR_INIT, *outer = m->p->err;
	uint32_t pos = m->p->pos;
	int small = small_operand(m->p, which);
	bool failed;

	if (small >= 0)
		return small || miss(m);
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

static inline bool opens(char c)
{
	return c == '(' || c == '[' || c == '{';
}

/* Behind the bracket that closes the one at `at`. */
static const char *closing(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (opens(*at))
			depth++;
		else if ((*at == ')' || *at == ']' || *at == '}') && --depth == 0)
			return at + 1;
	}
	return end;
}

static const char *find(const struct so_pattern *grammar, const char *name, size_t len)
{
	for (; grammar->name; grammar++)
		if (grammar->name[0] == *name && strncmp(grammar->name, name, len) == 0 && !grammar->name[len])
			return grammar->text;
	return NULL;
}

static bool word(struct match *m, struct span text)
{
	const struct so_token *token = peek(m->p);
	size_t len = (size_t)(text.end - text.at);

	if (token->kind != SO_TOK_WORD || token->len != len ||
		strncasecmp(so_parse_token_text(m->p, token), text.at, len) != 0)
		return miss(m);
	advance(m->p);
	return true;
}

static bool punctuation(struct match *m, char c)
{
	bool fits;

	switch (c) {
	case '<':
		fits = accept(m->p, SO_TOK_LPAREN);
		break;
	case '>':
		fits = accept(m->p, SO_TOK_RPAREN);
		break;
	case ',':
		fits = accept(m->p, SO_TOK_COMMA);
		break;
	case '.':
		fits = accept(m->p, SO_TOK_DOT);
		break;
	case ';':
		fits = accept(m->p, SO_TOK_SEMICOLON);
		break;
	default:
		fits = at_op(m->p, c == '=' ? SO_OP_EQ : SO_OP_MUL);
		if (fits)
			advance(m->p);
		break;
	}
	return fits || miss(m);
}

/* Goes back when it does not fit. */
static bool attempt(struct match *m, struct span pattern)
{
	struct state before = save(m);

	if (any_of(m, pattern))
		return true;
	restore(m, before);
	return false;
}

static bool list(struct match *m, struct span item)
{
	if (!any_of(m, item))
		return false;
	while (at(m->p, SO_TOK_COMMA)) {
		struct state before = save(m);

		advance(m->p);
		if (attempt(m, item))
			continue;
		restore(m, before);
		break;
	}
	return true;
}

static bool repeat(struct match *m, struct span item, bool once)
{
	uint32_t pos;

	if (once && !any_of(m, item))
		return false;
	do {
		pos = m->p->pos;
	} while (attempt(m, item) && m->p->pos > pos);
	return true;
}

static bool group(struct match *m, struct span pattern, char kind)
{
	struct span inner = { pattern.at + 1, pattern.end - 1 };
	struct state before;
	bool fits;

	switch (kind) {
	case '[':
		attempt(m, inner);
		return true;
	case '{':
		return list(m, inner);
	case '*':
	case '+':
		return repeat(m, inner, kind == '+');
	case '!':
		before = save(m);
		fits = any_of(m, inner);
		restore(m, before);
		return !fits || miss(m);
	default:
		return any_of(m, inner);
	}
}

/* One alternative: all its elements in turn. */
static bool sequence(struct match *m, struct span pattern)
{
	const char *at = pattern.at, *next;

	for (; at < pattern.end; at = next) {
		char c = *at;

		next = at + 1;
		if (c == ' ')
			continue;
		if (opens(c) || ((c == '*' || c == '+' || c == '!') && at[1] == '(')) {
			const char *open = opens(c) ? at : at + 1;

			next = closing(open, pattern.end);
			if (!group(m, (struct span){ open, next }, c))
				return false;
		} else if (c == '%') {
			next = at + 2;
			if (!operand(m, at[1]))
				return false;
		} else if (c == '$') {
			while (next < pattern.end && *next >= 'a' && *next <= 'z')
				next++;
			const char *text = find(m->grammar, at + 1, (size_t)(next - at - 1));

			if (!text || !any_of(m, (struct span){ text, text + strlen(text) }))
				return false;
		} else if ((c >= 'A' && c <= 'Z') || c == '_') {
			while (next < pattern.end && ((*next >= 'A' && *next <= 'Z') || *next == '_'))
				next++;
			if (!word(m, (struct span){ at, next }))
				return false;
		} else if (!punctuation(m, c)) {
			return false;
		}
	}
	return true;
}

/* The first alternative that fits. */
static bool any_of(struct match *m, struct span pattern)
{
	struct state before = save(m);
	const char *at = pattern.at;

	for (;;) {
		const char *bar = at;

		while (bar < pattern.end && *bar != '|')
			bar = opens(*bar) ? closing(bar, pattern.end) : bar + 1;
		if (sequence(m, (struct span){ at, bar }))
			return true;
		restore(m, before);
		if (bar >= pattern.end)
			return false;
		at = bar + 1;
	}
}

bool so_parse_pattern(struct parse *p, const struct so_pattern *grammar, const char *name)
{
	struct match m = { .p = p, .grammar = grammar, .furthest = p->pos };
	const char *text = find(grammar, name, strlen(name));

	if (!text)
		return false;
	/* what goes wrong in an optional end is found out here, as nothing can follow */
	if (any_of(&m, (struct span){ text, text + strlen(text) }) &&
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
