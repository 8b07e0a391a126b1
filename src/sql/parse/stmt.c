/* What kind of statement it is; statements that are not looked into. */
#include <string.h>

#include "sql/parse/ddl.h"
#include "sql/postgresql/statements.h"

/* Words between CREATE and the kind of object. */
static bool is_modifier(enum so_kw word)
{
	switch (word) {
	case SO_KW_or:
	case SO_KW_replace:
	case SO_KW_global:
	case SO_KW_local:
	case SO_KW_temp:
	case SO_KW_temporary:
	case SO_KW_unlogged:
	case SO_KW_unique:
	case SO_KW_recursive:
		return true;
	default:
		return false;
	}
}

static struct so_name verb_name(struct parse *p, bool two_words)
{
	const struct so_keyword *word = &so_keywords[kw(p)], *next;
	char text[2 * sizeof word->name + 1];
	uint32_t n = 1, len = word->len;

	while (two_words && is_modifier(kw_at(p, n)))
		n++;
	memcpy(text, word->name, sizeof word->name);
	if (two_words && kw_at(p, n)) {
		next = &so_keywords[kw_at(p, n)];
		text[len++] = ' ';
		memcpy(text + len, next->name, sizeof next->name);
		len += next->len;
	}
	return (struct so_name){ .off = so_arena_bytes(p->ast, text, len), .len = len & 0x7FFFFFFFu };
}

/* In batches the next statement may begin without a semicolon. */
static bool at_next(const struct parse *p)
{
	return has(p, SO_FEAT_BATCH) && p->rules->at_statement(p);
}

/* The tokens up to the semicolon, with balanced parentheses; BEGIN ATOMIC bodies hold semicolons of their own. */
static void skip_statement(struct parse *p)
{
	uint32_t first = p->pos;
	unsigned parens = 0, blocks = 0;

	for (; !at_end(p); advance(p)) {
		if (at(p, SO_TOK_LPAREN)) {
			parens++;
		} else if (at(p, SO_TOK_RPAREN)) {
			if (!parens) {
				so_parse_unexpected(p);
				return;
			}
			parens--;
		} else if (at_kw(p, SO_KW_begin) && kw_at(p, 1) == SO_KW_atomic) {
			blocks = 1;
		} else if (blocks && at_kw(p, SO_KW_case)) {
			blocks++;
		} else if (blocks && at_kw(p, SO_KW_end)) {
			blocks--;
		} else if (!parens && !blocks && (at(p, SO_TOK_SEMICOLON) || (p->pos > first && at_next(p)))) {
			return;
		}
	}
	if (parens)
		so_parse_unexpected(p);
}

/* EXPLAIN [ANALYZE] [VERBOSE] [(options)] statement */
static void explain(struct parse *p, so_ref ref)
{
	advance(p);
	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 1)) {
		while (!at(p, SO_TOK_RPAREN) && !at_end(p)) {
			if (at_kw(p, SO_KW_analyze) && kw_at(p, 1) != SO_KW_false && kw_at(p, 1) != SO_KW_off)
				set_flag(p, ref, SO_NF_ALL);
			advance(p);
		}
		so_parse_expect(p, SO_TOK_RPAREN);
	} else {
		if (accept_kw(p, SO_KW_analyze) || accept_kw(p, SO_KW_analyse))
			set_flag(p, ref, SO_NF_ALL);
		accept_kw(p, SO_KW_verbose);
	}
	if (so_parse_enter(p))
		AS(p, opaque, ref)->inner = so_parse_statement(p);
	so_parse_leave(p);
}

/* Reads the statement by the grammar of its dialect, if there is one for it. Texts that may be cut off are not held to
 * it. */
static bool check_statement(struct parse *p, enum so_kw word, so_ref ref)
{
	size_t mark = so_parse_mark(p);

	if (p->own || p->lenient || !so_pg_check(p, word))
		return false;
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return true;
}

so_ref so_parse_opaque(struct parse *p)
{
	enum so_kw word = kw(p);
	const struct so_verb verb = (p->rules ? p->rules->verbs : so_verbs_postgresql)[word];
	so_ref ref;

	if (!verb.known) {
		so_parse_unexpected(p);
		return 0;
	}
	ref = so_parse_node(p, SO_N_OPAQUE, p->pos);
	NEW(p, opaque, ref)->cls = verb.cls;
	AS(p, opaque, ref)->verb = verb_name(p, verb.two_words);
	if (word == SO_KW_explain)
		explain(p, ref);
	else if (!check_statement(p, word, ref))
		skip_statement(p);
	return so_parse_done(p, ref);
}

/* The text of tokens from .. to - 1 of this source. */
static struct so_str text_of(const struct parse *p, uint32_t from, uint32_t to)
{
	const struct so_token *first = &p->tok[from], *last;

	if (from >= to)
		return (struct so_str){ 0, 0 };
	last = &p->tok[to - 1];
	return (struct so_str){ first->off, last->off + last->len - first->off };
}

/* Keeps what was not looked into, so that copies print, too. */
static void keep_text(struct parse *p, so_ref ref, uint32_t first)
{
	struct so_n_opaque *node = AS(p, opaque, ref);
	const struct so_node *inner = node->inner ? so_ast_node(p->ast, node->inner) : NULL;

	/* a procedural statement is told by its parts; what lies between them is in the source only */
	if (has(p, SO_FEAT_BATCH) && node->parts.count)
		return;
	if (!inner || so_node_first(p->ast, inner) == SO_TOK_NONE) {
		node->text = text_of(p, first, p->pos);
		return;
	}
	node->text = text_of(p, first, so_node_first(p->ast, inner) - p->first_token - inner->parens);
	node->tail = text_of(p, so_node_last(p->ast, inner) - p->first_token + 1 + inner->parens, p->pos);
}

static so_ref statement(struct parse *p);

so_ref so_parse_statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = statement(p);

	if (so_ast_kind(p->ast, ref) == SO_N_OPAQUE && !p->failed && p->pos > first)
		keep_text(p, ref, first);
	return ref;
}

static so_ref statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with, ref;

	if (p->only_class)
		return so_parse_opaque(p);
	if (p->own && p->rules->statement) {
		ref = p->rules->statement(p);
		if (ref || p->failed)
			return ref;
	}
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_values:
	case SO_KW_table:
		return so_parse_query(p);
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
		return so_parse_dml(p, 0, first);
	case SO_KW_with:
		with = so_parse_with(p);
		if (at_kw(p, SO_KW_insert) || at_kw(p, SO_KW_update) || at_kw(p, SO_KW_delete) || at_kw(p, SO_KW_merge))
			return so_parse_dml(p, with, first);
		return so_parse_query_rest(p, 0, with, first);
	default:
		break;
	}
	if (at(p, SO_TOK_LPAREN))
		return so_parse_query(p);
	/* the other dialects call what they share of it */
	ref = p->own ? 0 : so_parse_ddl(p);
	return ref ? ref : so_parse_opaque(p);
}
