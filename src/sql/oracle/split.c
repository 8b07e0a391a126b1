/* Where statements of Oracle's scripts end: at semicolons, and for units of PL/SQL at their END or at a slash. */
#include "sql/lex/token_words.h"
#include "sql/oracle/oracle.h"

#define DEEPEST 64 /* units nested deeper end where a slash stands */

/* A slash alone on its line. */
static bool is_slash(const struct so_tokens *s, uint32_t i)
{
	const char *at = s->text + s->tokens[i].off, *from = at, *to = at + 1;

	if (s->tokens[i].kind != SO_TOK_OP || s->tokens[i].len != 1 || *at != '/')
		return false;
	while (from > s->text && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	while (*to == ' ' || *to == '\t' || *to == '\r')
		to++;
	return (from == s->text || from[-1] == '\n') && (*to == '\n' || *to == '\0');
}

/* A unit of PL/SQL begins here. */
static bool at_unit(const struct so_tokens *s, uint32_t i)
{
	static const char *const modifiers[] = { "or", "replace", "editionable", "noneditionable", "and", "resolve",
		"compile", "force", NULL };
	static const char *const kinds[] = { "procedure", "function", "package", "trigger", "type", "java", NULL };

	if (so_token_is_word(s, i, "begin") || so_token_is_word(s, i, "declare"))
		return true;
	if (!so_token_is_word(s, i, "create"))
		return false;
	for (i++; so_token_is_any(s, i, modifiers);)
		i++;
	return so_token_is_any(s, i, kinds);
}

/* Opened, not yet closed: D declares and waits for BEGIN, B is a body, P a package or a type, X ends with END too. */
struct nest {
	char open[DEEPEST];
	unsigned depth;
	char pending; /* what the next IS or AS opens */
};

static void open_one(struct nest *n, char what)
{
	if (n->depth < DEEPEST)
		n->open[n->depth] = what;
	n->depth++;
}

static char top(const struct nest *n)
{
	return n->depth && n->depth <= DEEPEST ? n->open[n->depth - 1] : 0;
}

/* Words whose IS or AS opens a part with declarations: routines, and the timing points of compound triggers. */
static bool heads_part(const struct so_tokens *s, uint32_t i)
{
	return so_token_is_word(s, i, "procedure") || so_token_is_word(s, i, "function") ||
	       so_token_is_word(s, i, "statement") || so_token_is_word(s, i, "row");
}

/* Statements that end with an END of their own. IF and LOOP are none among declarations. */
static bool opens_statement(const struct so_tokens *s, uint32_t i, const struct nest *n)
{
	return so_token_is_word(s, i, "case") ||
	       ((so_token_is_word(s, i, "if") || so_token_is_word(s, i, "loop")) && top(n) != 'D');
}

/* One word of a unit; true when it is the END that closes all. */
static bool step(const struct so_tokens *s, uint32_t i, struct nest *n)
{
	bool after_end = i && so_token_is_word(s, i - 1, "end");

	if (heads_part(s, i)) {
		n->pending = top(n) == 'B' || after_end ? n->pending : 'D';
	} else if (so_token_is_word(s, i, "package") ||
		   (so_token_is_word(s, i, "type") && so_token_is_word(s, i + 1, "body"))) {
		n->pending = 'P';
	} else if (so_token_is_word(s, i, "compound") && so_token_is_word(s, i + 1, "trigger")) {
		open_one(n, 'P');
	} else if ((so_token_is_word(s, i, "is") || so_token_is_word(s, i, "as")) && n->pending) {
		if (!so_token_is_word(s, i + 1, "language") && !so_token_is_word(s, i + 1, "external"))
			open_one(n, n->pending);
		n->pending = 0;
	} else if (so_token_is_word(s, i, "declare") && top(n) != 'D') {
		open_one(n, 'D');
	} else if (so_token_is_word(s, i, "begin")) {
		if ((top(n) == 'D' || top(n) == 'P') && n->depth <= DEEPEST)
			n->open[n->depth - 1] = 'B';
		else
			open_one(n, 'B');
	} else if (n->depth && !after_end && opens_statement(s, i, n)) {
		open_one(n, 'X');
	} else if (so_token_is_word(s, i, "end") && n->depth) {
		n->depth--;
		return n->depth == 0;
	}
	return false;
}

static bool is_routine(const struct so_tokens *s, uint32_t i)
{
	return so_token_is_word(s, i, "function") || so_token_is_word(s, i, "procedure");
}

uint32_t so_plsql_split(const char *text, const struct so_token *tokens, uint32_t count, uint32_t i, uint32_t *next)
{
	struct so_tokens s = { text, tokens, count - 1 };
	struct nest n = { .depth = 0 };
	bool with = so_token_is_word(&s, i, "with") && is_routine(&s, i + 1), unit = with || at_unit(&s, i),
	     closed = false;

	for (; i < s.count; i++) {
		bool semicolon = tokens[i].kind == SO_TOK_SEMICOLON;

		if (is_slash(&s, i) || (semicolon && !unit)) {
			*next = i + 1;
			return i;
		}
		if (!unit)
			continue;
		if (step(&s, i, &n))
			closed = true;
		/* behind the functions in WITH comes the query, which is no unit */
		if (with && semicolon && closed) {
			closed = false;
			n.pending = 0;
			unit = is_routine(&s, i + 1);
			continue;
		}
		if (semicolon && !n.depth)
			n.pending = 0;
		/* a unit without a body, such as a type or a call of C, ends at its first semicolon */
		if (semicolon && (closed || !n.depth)) {
			*next = i + 1;
			return i + 1;
		}
	}
	*next = s.count;
	return s.count;
}
