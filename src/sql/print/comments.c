#include "sql/comments.h"

#include <string.h>

#include "base/buf.h"
#include "sql/lex.h"
#include "sql/lex/keywords.h"
#include "sql/print.h"

#define WINDOW  24u /* how far the two texts may be apart before a token counts as lost */
#define NOWHERE UINT32_MAX

/* One comment, or a run of white space and comments as flags: `newline` says that a line ends before it. */
struct comment {
	const char *text;
	size_t len;
	uint32_t gap; /* source: number of the token that it stands before */
	uint32_t slot; /* number of the printed token that it goes before */
	bool newline, newline_after;
	bool hint, line, open;
};

/* A text and its tokens, the end token included. */
struct side {
	const char *text;
	size_t len;
	const struct so_token *tokens;
	so_ref base;
	uint32_t count;
	uint64_t *keys;
};

struct weave {
	TALLOC_CTX *tmp;
	struct side source, printed;
	uint32_t *match; /* of each source token: the printed one, or NOWHERE */
	struct comment *comments;
	size_t count;
	const char *line, *seen; /* where the line of the printed text begins in which the place `seen` is */
};

/* ---- Finding comments ------------------------------------------------------------------------------------------- */

static const char *line_end(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* End of a block comment: with nesting, or else without; NULL when it does not end here. */
static const char *block_end(const char *from, const char *end)
{
	unsigned depth = 1;
	const char *first = NULL;

	for (const char *p = from + 2; p + 1 < end; p++) {
		if (p[0] == '*' && p[1] == '/') {
			p++;
			if (!first)
				first = p + 1;
			if (--depth == 0)
				return p + 1;
		} else if (p[0] == '/' && p[1] == '*') {
			p++;
			depth++;
		}
	}
	return first;
}

static const char *comment_end(const char *p, const char *end, struct comment *c)
{
	const char *stop;

	if (p[0] == '#' || (p + 1 < end && p[0] == '-' && p[1] == '-')) {
		c->line = true;
		return line_end(p, end);
	}
	if (p + 1 >= end || p[0] != '/' || p[1] != '*')
		return NULL;
	c->hint = p + 2 < end && (p[2] == '+' || p[2] == '!');
	stop = block_end(p, end);
	/* SQLite takes the end of the text as the end of the comment; an opened hint is code to its engine */
	if (stop || c->hint)
		return stop;
	c->open = true;
	return end;
}

/* Adds the comments between two tokens. */
static void scan_gap(struct weave *w, const char *p, const char *end, uint32_t gap)
{
	bool newline = false;
	size_t first = w->count;

	while (p < end) {
		struct comment c = { .text = p, .gap = gap, .newline = newline };
		const char *stop = comment_end(p, end, &c);

		if (!stop) {
			newline = newline || *p == '\n' || *p == '\r';
			p++;
			continue;
		}
		c.len = (size_t)(stop - p);
		while (c.line && c.len && (c.text[c.len - 1] == ' ' || c.text[c.len - 1] == '\t'))
			c.len--;
		w->comments = so_renew_array(w->tmp, w->comments, struct comment, w->count + 1);
		w->comments[w->count++] = c;
		newline = c.line;
		p = stop;
	}
	if (w->count > first)
		w->comments[w->count - 1].newline_after = newline;
}

/* PostgreSQL: the pieces of one string stand on several lines, with comments between. */
static void scan_string(struct weave *w, const char *p, const char *end, bool escapes, uint32_t gap)
{
	const char *from;

	while (p < end && *p != '\'')
		p++;
	for (p++; p < end; p++) {
		if (escapes && *p == '\\') {
			p++;
		} else if (*p == '\'' && p + 1 < end && p[1] == '\'') {
			p++;
		} else if (*p == '\'') {
			from = ++p;
			while (p < end && *p != '\'')
				p = p[0] == '-' ? line_end(p, end) : p + 1;
			scan_gap(w, from, p, gap);
		}
	}
}

static const char *token_start(const struct side *side, uint32_t i)
{
	return side->text + (side->tokens[i].off - side->base);
}

static const char *token_end(const struct side *side, uint32_t i)
{
	return token_start(side, i) + side->tokens[i].len;
}

/* The white space before token i: from the end of the one before. */
static const char *gap_start(const struct side *side, uint32_t i)
{
	return i ? token_end(side, i - 1) : side->text;
}

static void find_comments(struct weave *w, bool string_pieces)
{
	const struct side *s = &w->source;

	for (uint32_t i = 0; i < s->count; i++) {
		const struct so_token *before = i ? &s->tokens[i - 1] : NULL;

		if (string_pieces && before && before->kind >= SO_TOK_STRING && before->kind <= SO_TOK_HEX)
			scan_string(w, token_start(s, i - 1), token_end(s, i - 1), before->kind == SO_TOK_ESTRING, i);
		scan_gap(w, gap_start(s, i), token_start(s, i), i);
	}
}

/* ---- Aligning the two texts ------------------------------------------------------------------------------------- */

static uint64_t mix_byte(uint64_t hash, unsigned char c)
{
	return (hash ^ c) * UINT64_C(0x100000001B3);
}

/* Equal for tokens that may stand for each other: words in any case, with and without quotes. */
static uint64_t token_key(const struct side *side, uint32_t i)
{
	const struct so_token *token = &side->tokens[i];
	const char *p = token_start(side, i), *end = token_end(side, i);
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	if (token->kind == SO_TOK_OP && token->kw)
		return mix_byte(mix_byte(hash, SO_TOK_OP), (unsigned char)token->kw);
	if (token->kind >= SO_TOK_STRING && token->kind <= SO_TOK_HEX)
		while (p < end && *p != '\'')
			p++;
	for (; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (c != '"' && c != '`' && c != '\'')
			hash = mix_byte(hash, c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return hash;
}

static void init_side(struct weave *w, struct side *side, const struct so_ast *ast)
{
	const struct so_source *source = &ast->sources[0];

	side->text = so_ast_at(ast, source->text);
	side->base = source->text;
	side->len = source->len;
	side->tokens = so_ast_tokens(ast) + source->first_token;
	side->count = source->token_count;
	side->keys = so_new_array(w->tmp, uint64_t, side->count);
	for (uint32_t i = 0; i < side->count; i++)
		side->keys[i] = token_key(side, i);
}

static bool same(const struct weave *w, uint32_t i, uint32_t j)
{
	return i < w->source.count && j < w->printed.count && w->source.keys[i] == w->printed.keys[j];
}

/* The nearest place behind (i, j) where both texts go on alike for `run` tokens. */
static bool find_next(const struct weave *w, uint32_t *i, uint32_t *j, uint32_t window, uint32_t run)
{
	for (uint32_t distance = 1; distance <= 2 * window; distance++) {
		for (uint32_t a = distance > window ? distance - window : 0; a <= distance && a <= window; a++) {
			uint32_t b = distance - a, n = 0;

			while (n < run && same(w, *i + a + n, *j + b + n))
				n++;
			if (n < run)
				continue;
			*i += a;
			*j += b;
			return true;
		}
	}
	return false;
}

static void align(struct weave *w)
{
	uint32_t i = 0, j = 0, last = w->source.count - 1;

	w->match = so_new_array(w->tmp, uint32_t, w->source.count);
	for (uint32_t k = 0; k < last; k++)
		w->match[k] = NOWHERE;
	w->match[last] = w->printed.count - 1;
	while (i < last && j < w->printed.count - 1) {
		if (same(w, i, j)) {
			w->match[i++] = j++;
			continue;
		}
		uint32_t from_i = i, from_j = j;

		if (!find_next(w, &i, &j, WINDOW, 2) && !find_next(w, &i, &j, WINDOW / 4, 1)) {
			i++;
			j++;
		}
		/* as many words on both sides: the same ones, spelled in another way */
		for (uint32_t k = 0; i - from_i == j - from_j && from_i + k < i && from_i + k < last; k++)
			w->match[from_i + k] = from_j + k;
	}
}

/* ---- Where each comment goes ------------------------------------------------------------------------------------ */

static bool has_comment(const char *p, const char *end)
{
	for (; p + 1 < end; p++)
		if ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*') || p[0] == '#')
			return true;
	return false;
}

static bool opens(const struct side *s, uint32_t i)
{
	return s->tokens[i].kind == SO_TOK_LPAREN || s->tokens[i].kind == SO_TOK_LBRACKET;
}

static bool closes(const struct side *s, uint32_t i)
{
	enum so_tok kind = (enum so_tok)s->tokens[i].kind;

	return kind == SO_TOK_RPAREN || kind == SO_TOK_RBRACKET || kind == SO_TOK_COMMA || kind == SO_TOK_SEMICOLON;
}

/* Not into a.b, x::int, f(: engines differ in what they read there. */
static bool is_place(const struct side *s, uint32_t slot)
{
	if (slot == 0 || slot >= s->count - 1 || gap_start(s, slot) < token_start(s, slot))
		return true;
	return opens(s, slot - 1) || s->tokens[slot - 1].kind == SO_TOK_COMMA || closes(s, slot);
}

static uint32_t slot_after(const struct weave *w, uint32_t gap)
{
	while (gap-- > 0)
		if (w->match[gap] != NOWHERE)
			return w->match[gap] + 1;
	return 0;
}

static uint32_t slot_before(const struct weave *w, uint32_t gap)
{
	if (w->match[gap] == NOWHERE && gap > 0 && w->match[gap - 1] != NOWHERE)
		return w->match[gap - 1] + 1;
	while (w->match[gap] == NOWHERE)
		gap++;
	return w->match[gap];
}

/* How many comments at `from` belong to the word before them: those that end its line, and hints. */
static size_t trailing(const struct weave *w, size_t from, size_t to)
{
	size_t n = from, hints = from;

	while (n < to && (!w->comments[n].newline || (n == from && w->comments[n].hint)))
		n++;
	if (n < to || w->comments[to - 1].newline_after)
		return n;
	while (hints < to && w->comments[hints].hint)
		hints++;
	return hints;
}

/* The slot of a comment alone that ends a line: behind a comma that comes next, and in front of AND or OR that begin a
 * line; not before `first`. */
static uint32_t slot_of_line(const struct weave *w, uint32_t slot, uint32_t first)
{
	const struct side *s = &w->printed;
	enum so_kw before = slot ? (enum so_kw)s->tokens[slot - 1].kw : SO_KW_NONE;

	/* in a text that is printed as it stood the comment is there */
	if (has_comment(gap_start(s, slot), token_start(s, slot)))
		return slot;
	if (s->tokens[slot].kind == SO_TOK_COMMA && !(slot && s->tokens[slot - 1].kind == SO_TOK_COMMA))
		return slot + 1;
	if (slot > first && s->tokens[slot - 1].kind == SO_TOK_WORD && (before == SO_KW_and || before == SO_KW_or) &&
		memchr(gap_start(s, slot - 1), '\n', (size_t)(token_start(s, slot - 1) - gap_start(s, slot - 1))))
		return slot - 1;
	return slot;
}

/* In the order of the text: no comment overtakes another. */
static void place(struct weave *w)
{
	uint32_t slot = 0, first;

	for (size_t from = 0, to; from < w->count; from = to) {
		uint32_t gap = w->comments[from].gap;
		size_t after;

		for (to = from; to < w->count && w->comments[to].gap == gap;)
			to++;
		after = gap ? trailing(w, from, to) : from;
		for (size_t i = from; i < to; i++) {
			uint32_t at = i < after ? slot_after(w, gap) : slot_before(w, gap);

			first = slot;
			slot = at > slot ? at : slot;
			while (!is_place(&w->printed, slot))
				slot++;
			if (to == from + 1 && after == to && w->comments[i].line && !w->comments[i].newline)
				slot = slot_of_line(w, slot, first);
			w->comments[i].slot = slot;
			if (i + 1 == after && after < to && w->comments[after].newline)
				w->comments[i].newline_after = true;
			if ((i == from || i == after) && w->comments[i].hint)
				w->comments[i].newline = false;
		}
	}
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

static void put_indent(struct so_buf *buf, const char *indent, size_t len, bool deeper)
{
	so_buf_addc(buf, '\n');
	so_buf_add(buf, indent, len);
	if (deeper)
		so_buf_adds(buf, "  ");
}

/* The blanks that the line of `p` begins with, which is asked for from the front to the back. */
static const char *indent_of(struct weave *w, const char *p, size_t *len)
{
	if (!w->line)
		w->line = w->seen = w->printed.text;
	for (; w->seen < p; w->seen++)
		if (*w->seen == '\n')
			w->line = w->seen + 1;
	for (*len = 0; w->line[*len] == ' ';)
		++*len;
	return w->line;
}

/* An empty line parts the statements of a script. */
static bool has_empty_line(const char *gap, const char *end)
{
	const char *first = memchr(gap, '\n', (size_t)(end - gap));

	return first && memchr(first + 1, '\n', (size_t)(end - first - 1));
}

/* A line ends next to one of the comments [from, to). */
static bool has_lines(const struct weave *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (w->comments[i].newline || w->comments[i].line)
			return true;
	return w->comments[to - 1].newline_after;
}

/* A gap of the printed text with the comments [from, to) in it. Lines end where they ended in the source, and where the
 * printed text has a new line. */
static void put_gap(struct weave *w, struct so_buf *buf, uint32_t slot, size_t from, size_t to)
{
	const struct side *s = &w->printed;
	const char *gap = gap_start(s, slot), *end = token_start(s, slot);
	bool broken = memchr(gap, '\n', (size_t)(end - gap)) != NULL, last = slot == s->count - 1;
	bool lines = has_lines(w, from, to), newline = false, tight = gap == end;
	bool parted = has_empty_line(gap, end);
	size_t len;
	const char *indent = indent_of(w, broken ? end : gap, &len);

	for (size_t i = from; i < to; i++) {
		const struct comment *c = &w->comments[i];

		newline = newline || c->newline || (i == from && broken && !lines && !c->hint);
		if (newline && (slot || i > from)) {
			so_buf_adds(buf, parted ? "\n" : "");
			parted = false;
			put_indent(buf, indent, len, !broken && slot && !last);
		} else if (i > from || (slot && !(tight && opens(s, slot - 1)))) {
			so_buf_addc(buf, ' ');
		}
		so_buf_add(buf, c->text, c->len);
		if (c->open)
			so_buf_adds(buf, "*/");
		newline = c->line || c->newline_after;
	}
	if (last)
		return;
	if (parted)
		so_buf_addc(buf, '\n');
	if (newline || parted || (broken && w->comments[from].hint && !lines))
		put_indent(buf, indent, len, !broken && slot);
	else if (!tight || !closes(s, slot))
		so_buf_addc(buf, ' ');
}

char *so_sql_weave_comments(TALLOC_CTX *ctx, const struct so_ast *source, const struct so_ast *printed)
{
	SO_TMP(tmp, ctx);
	struct weave w = { .tmp = tmp };
	struct so_buf buf;
	size_t from = 0;

	init_side(&w, &w.source, source);
	init_side(&w, &w.printed, printed);
	find_comments(&w, source->dialect == SO_POSTGRESQL);
	if (w.count) {
		align(&w);
		place(&w);
	}
	so_buf_init(&buf, ctx, 2 * (size_t)SO_PRINT_MAX);
	for (uint32_t j = 0; j < w.printed.count; j++) {
		const char *gap = gap_start(&w.printed, j), *start = token_start(&w.printed, j);
		size_t to = from;

		while (to < w.count && w.comments[to].slot == j)
			to++;
		/* text that is printed as it stood in the source brought its comments along */
		if (to == from || has_comment(gap, start))
			so_buf_add(&buf, gap, (size_t)(start - gap));
		else
			put_gap(&w, &buf, j, from, to);
		so_buf_add(&buf, start, w.printed.tokens[j].len);
		from = to;
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}
