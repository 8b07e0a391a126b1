/* Lenient texts end anywhere: inside a word, inside a clause that the rules do not know without its end. */
#include "sql/parse/parser.h"

/* How far in front of the end of the text a rule may tell that it does not go on: what rules look ahead. */
#define LOOK_AHEAD 3u

static void end_at(struct parse *p, uint32_t end)
{
	struct so_token *token = &p->warm->tokens[end];

	token->kind = SO_TOK_END;
	token->kw = 0;
	token->len = 0;
	p->end = end;
	p->truncated = true;
}

/* VALUES (...) , ... and VALUES (?) , ... are how digests show many rows. */
static bool at_more_rows(const struct parse *p)
{
	const struct so_token *last = &p->tok[p->end] - 1;

	return p->end > 5 && has(p, SO_FEAT_ADJACENT_STRINGS) && last[0].kind == SO_TOK_ELLIPSIS &&
	       last[-1].kind == SO_TOK_COMMA && last[-2].kind == SO_TOK_RPAREN &&
	       (last[-3].kind == SO_TOK_ELLIPSIS || last[-3].kind == SO_TOK_PARAM) && last[-4].kind == SO_TOK_LPAREN;
}

/* The text ends with "...", in a comment at the end of a line. */
static bool comment_is_cut(const struct parse *p)
{
	const struct so_token *end = &p->tok[p->end];
	const char *text = so_ast_at(p->ast, p->text), *behind = so_parse_token_text(p, end);
	const char *last = p->end ? so_parse_token_text(p, end - 1) + end[-1].len : text;

	while (behind > last && strchr(" \t\r\n", behind[-1]))
		behind--;
	return behind - last > 3 && memcmp(behind - 3, "...", 3) == 0;
}

void so_parse_drop_cut_tail(struct parse *p)
{
	uint32_t end = p->end;

	if (!p->lenient || at_more_rows(p))
		return;
	while (end > 0 && (p->tok[end - 1].kind == SO_TOK_CUT || p->tok[end - 1].kind == SO_TOK_ELLIPSIS))
		end--;
	if (end < p->end)
		end_at(p, end);
	else
		p->truncated = comment_is_cut(p);
}

static uint32_t token_at(const struct parse *p, int32_t position)
{
	uint32_t i = 0;

	while (i < p->end && (int64_t)p->tok[i].off - p->text < position)
		i++;
	return i;
}

bool so_parse_shorten(struct parse *p, const struct so_err *err)
{
	uint32_t wrong;

	if (!p->lenient || err->kind != SO_INPUT || p->several)
		return false;
	wrong = token_at(p, err->position);
	if (!p->shortened && wrong + LOOK_AHEAD < p->end && p->furthest + LOOK_AHEAD < p->end)
		return false;
	if (wrong >= p->end)
		wrong = p->end ? p->end - 1 : 0;
	if (wrong)
		end_at(p, wrong);
	else if (p->only_class)
		return false;
	else
		p->only_class = p->truncated = true;
	p->shortened = true;
	p->failed = false;
	so_parse_go_to(p, 0);
	p->depth = 0;
	p->levels = 0;
	p->given_back = 0;
	p->warm->stack_count = 0;
	return true;
}
