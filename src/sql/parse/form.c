/* Runs the codes that form_code.py makes of forms: see sql/parse/form.h. Most alternatives are told by their first
 * token, so that nothing of them is looked at when another one stands there. */
#include "sql/parse/form.h"

#include <strings.h>

/* ---- Going back ------------------------------------------------------------------------------------------------- */

struct state {
	uint32_t pos;
	unsigned depth;
	size_t stack;
};

static struct state save(const struct so_form_run *run)
{
	return (struct state){ run->p->pos, run->p->depth, so_parse_mark(run->p) };
}

static void restore(struct so_form_run *run, struct state state)
{
	run->p->depth = state.depth;
	run->p->warm->stack_count = state.stack;
	so_parse_go_back(run->p, state.pos);
}

/* ---- Words and signs -------------------------------------------------------------------------------------------- */

static bool is_text(const struct parse *p, const struct so_token *token, const char *text)
{
	return is_this_word(p, token, text, strlen(text));
}

/* Words that are no keywords in this dialect, or at this place, are told by their text. */
static inline bool is_word(const struct parse *p, const struct so_token *token, unsigned word)
{
	if (token->kind != SO_TOK_WORD)
		return false;
	return token->kw ? token->kw == word : is_this_word(p, token, so_keywords[word].name, so_keywords[word].len);
}

static bool is_sign(const struct parse *p, const struct so_token *token, const char *text)
{
	size_t len = strlen(text);

	return token->kind != SO_TOK_END && token->kind != SO_TOK_STRING && token->kind != SO_TOK_QUOTED &&
	       token->len == len && memcmp(so_parse_token_text(p, token), text, len) == 0;
}

static inline bool take(struct so_form_run *run)
{
	if (run->forms->check)
		advance(run->p);
	else
		so_parse_push(run->p, so_parse_word(run->p));
	return true;
}

/* Whether one of the set stands here. Lenient texts have placeholders, and their end, where anything else may stand. */
static inline bool may_begin(const struct so_form_run *run, const struct so_token *token, unsigned set)
{
	const struct so_form_set *first = &run->forms->sets[set];

	if (!set || (first->kinds >> token->kind & 1) || run->p->lenient)
		return true;
	if (token->kind != SO_TOK_WORD)
		return false;
	if (token->kw)
		return (first->words[token->kw / 64] >> token->kw % 64 & 1) != 0;
	return (first->texts >> so_form_hash(so_parse_token_text(run->p, token), token->len) & 1) != 0;
}

/* ---- Groups ----------------------------------------------------------------------------------------------------- */

/* a, or several with commas between them; a comma that no further one follows is left */
static bool list(struct so_form_run *run, unsigned item)
{
	struct parse *p = run->p;

	if (!so_form_fits(run, item))
		return false;
	while (at(p, SO_TOK_COMMA)) {
		struct state before = save(run);

		take(run);
		if (so_form_fits(run, item))
			continue;
		if (p->failed)
			return false;
		restore(run, before);
		break;
	}
	return true;
}

static bool repeat(struct so_form_run *run, unsigned item)
{
	uint32_t pos;

	do {
		pos = run->p->pos;
	} while (so_form_fits(run, item) && run->p->pos > pos);
	return !run->p->failed;
}

/* Whether the group fits, with nothing read. */
static bool ahead(struct so_form_run *run, unsigned inner)
{
	struct state before = save(run);
	bool fits = so_form_fits(run, inner);

	if (!run->p->failed)
		restore(run, before);
	return fits;
}

static bool group(struct so_form_run *run, unsigned kind, unsigned inner)
{
	switch (kind) {
	case DO_OPTIONAL:
		return so_form_fits(run, inner) || !run->p->failed;
	case DO_LIST:
		return list(run, inner);
	case DO_SOME:
		return so_form_fits(run, inner) && repeat(run, inner);
	case DO_ANY:
		return repeat(run, inner);
	case DO_NOT:
		return (!ahead(run, inner) && !run->p->failed) || so_form_miss(run);
	case DO_AHEAD:
		return ahead(run, inner) || so_form_miss(run);
	default:
		return so_form_fits(run, inner);
	}
}

/* Another form. What is only checked has no forms that contain themselves without a value between. */
static bool call(struct so_form_run *run, unsigned form)
{
	bool fits;

	if (run->forms->check)
		return so_form_fits(run, form);
	if (!so_parse_enter(run->p)) {
		so_parse_leave(run->p);
		return false;
	}
	fits = so_form_fits(run, form);
	so_parse_leave(run->p);
	return fits;
}

/* One alternative: all its elements in turn. */
static bool sequence(struct so_form_run *run, unsigned i)
{
	const struct so_forms *forms = run->forms;
	const struct parse *p = run->p;
	bool fits;

	for (;; i += 2) {
		unsigned does = forms->codes[i], what = forms->codes[i + 1];

		switch (does) {
		case DO_END:
			return !p->failed;
		case DO_WORD:
			fits = is_word(p, peek(p), what) ? take(run) : so_form_miss(run);
			break;
		case DO_TEXT:
			fits = is_text(p, peek(p), forms->texts[what]) ? take(run) : so_form_miss(run);
			break;
		case DO_SIGN:
			fits = is_sign(p, peek(p), forms->texts[what]) ? take(run) : so_form_miss(run);
			break;
		case DO_TOKEN:
			fits = at(p, (enum so_tok)what) ? take(run) : so_form_miss(run);
			break;
		case DO_OP:
			fits = at_op(p, (enum so_op)what) ? take(run) : so_form_miss(run);
			break;
		case DO_VALUE:
			fits = forms->check ? forms->check(run, (char)what)
					    : so_form_value(run->p, (char)what) || so_form_miss(run);
			break;
		case DO_IF:
			fits = p->lenient || has(p, (enum so_feature)what) || so_form_miss(run);
			break;
		case DO_CALL:
			fits = call(run, what);
			break;
		default:
			/* most of what may be left out is left out */
			if (may_begin(run, peek(p), forms->codes[i + 2]))
				fits = group(run, does, i + 2);
			else
				fits = so_form_miss(run) || does == DO_OPTIONAL || does == DO_ANY || does == DO_NOT;
			i = what - 2;
		}
		if (!fits)
			return false;
	}
}

bool so_form_fits(struct so_form_run *run, unsigned form)
{
	const uint16_t *codes = run->forms->codes;
	const struct so_token *token = peek(run->p);
	unsigned at = form + 1;

	if (!may_begin(run, token, codes[form]))
		return so_form_miss(run);
	for (;; at = codes[at + 1]) {
		if (may_begin(run, token, codes[at])) {
			struct state before = save(run);

			if (sequence(run, at + 2))
				return true;
			if (run->p->failed)
				return false;
			restore(run, before);
		}
		if (!codes[at + 1])
			return so_form_miss(run);
	}
}

/* ---- Forms ------------------------------------------------------------------------------------------------------ */

so_ref so_parse_form(struct parse *p, unsigned form)
{
	struct so_form_run run = { .p = p, .forms = p->forms };
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list items;
	bool fits;
	so_ref ref;

	if (p->failed || !may_begin(&run, peek(p), p->forms->codes[form]))
		return 0;
	fits = so_form_fits(&run, form);
	if (run.furthest > p->furthest && !p->failed)
		p->furthest = run.furthest;
	if (!fits || p->pos == first) {
		p->warm->stack_count = mark;
		so_parse_go_back(p, first);
		return 0;
	}
	items = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_PHRASE, first);
	NEW(p, phrase, ref)->items = items;
	return ref;
}

bool so_parse_at_form(struct parse *p, uint32_t n, unsigned form)
{
	struct so_form_run run = { .p = p, .forms = p->forms };
	struct state before = save(&run);
	bool fits;

	if (!may_begin(&run, peek_at(p, n), p->forms->codes[form]))
		return false;
	so_parse_move(p, n);
	fits = p->pos <= p->end && so_form_fits(&run, form);
	if (!p->failed)
		restore(&run, before);
	return fits;
}

unsigned so_form_of_function(const struct parse *p, const char *name, size_t len)
{
	const struct so_forms *forms = p->forms;
	unsigned hash = so_form_hash(name, len);

	for (unsigned i = forms->by_hash[hash]; i < forms->by_hash[hash + 1]; i++)
		if (strlen(forms->functions[i].name) == len && strncasecmp(forms->functions[i].name, name, len) == 0)
			return forms->functions[i].form;
	return 0;
}
