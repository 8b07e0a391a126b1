/* Where statements of MySQL's and MariaDB's scripts end: at semicolons outside the bodies of routines, triggers and
 * events, or at what the client's DELIMITER says. */
#include "sql/lex/token_words.h"
#include "sql/parse/parser.h"

#define CONDITION_TOKENS 1000 /* looked at for the THEN behind an IF: the time stays linear */
#define HEAD_WORDS       16 /* between CREATE and the kind of the object: OR REPLACE, DEFINER = user */

static bool is_kind(const struct so_tokens *s, uint32_t i, enum so_tok kind)
{
	return i < s->count && s->tokens[i].kind == (uint8_t)kind;
}

/* ---- Bodies ----------------------------------------------------------------------------------------------------- */

static const char *const routines[] = { "procedure", "function", "trigger", "event", "package", NULL };
static const char *const blocks[] = { "if", "case", "loop", "while", "repeat", "for", NULL };

enum body { NO_BODY, BODY, PACKAGE };

/* Whether semicolons may stand inside the statement at token i. */
static enum body body_of(const struct so_tokens *s, uint32_t i)
{
	static const char *const others[] = { "table", "view", "index", "user", "database", "schema", "as", NULL };

	if (so_token_is_word(s, i, "begin") && so_token_is_word(s, i + 1, "not"))
		return BODY;
	if (so_token_is_any(s, i, blocks))
		return BODY;
	if (!so_token_is_word(s, i, "create") && !so_token_is_word(s, i, "alter"))
		return NO_BODY;
	for (uint32_t k = i + 1; k < i + HEAD_WORDS && k < s->count; k++) {
		if (so_token_is_any(s, k, others) || is_kind(s, k, SO_TOK_SEMICOLON))
			return NO_BODY;
		if (so_token_is_any(s, k, routines))
			return so_token_is_word(s, k, "package") ? PACKAGE : BODY;
	}
	return NO_BODY;
}

/* A statement may begin at token i of a body. */
static bool begins_statement(const struct so_tokens *s, uint32_t i, uint32_t start)
{
	static const char *const before[] = { "begin", "then", "else", "do", "loop", "repeat", "row", "atomic", NULL };

	return i == start || is_kind(s, i - 1, SO_TOK_SEMICOLON) || is_kind(s, i - 1, SO_TOK_COLON) ||
	       so_token_is_any(s, i - 1, before);
}

/* IF .. THEN, not if(a, b, c): what comes first outside parentheses tells. */
static bool is_if_statement(const struct so_tokens *s, uint32_t i)
{
	static const char *const ends[] = { "when", "else", "end", NULL };
	unsigned parens = 0;
	uint32_t end = s->count - i > CONDITION_TOKENS ? i + CONDITION_TOKENS : s->count;

	for (i++; i < end; i++) {
		if (is_kind(s, i, SO_TOK_LPAREN))
			parens++;
		else if (is_kind(s, i, SO_TOK_RPAREN) && !parens--)
			return false;
		else if (parens)
			continue;
		else if (so_token_is_word(s, i, "then"))
			return true;
		else if (is_kind(s, i, SO_TOK_SEMICOLON) || is_kind(s, i, SO_TOK_COMMA) || so_token_is_any(s, i, ends))
			return false;
	}
	return false;
}

/* Token i opens what an END closes. `head`: nothing is open yet, so a body without BEGIN may begin anywhere. */
static bool opens(const struct so_tokens *s, uint32_t i, uint32_t start, bool head)
{
	bool first = begins_statement(s, i, start);

	if (so_token_is_word(s, i, "begin") || so_token_is_word(s, i, "case"))
		return true;
	if (so_token_is_word(s, i, "if"))
		return (first || (head && !so_token_is_any(s, i - 1, routines))) && is_if_statement(s, i);
	if (so_token_is_word(s, i, "loop") || so_token_is_word(s, i, "while"))
		return first || head;
	if (so_token_is_word(s, i, "repeat"))
		return first || (head && !is_kind(s, i + 1, SO_TOK_LPAREN));
	return so_token_is_word(s, i, "for") && first;
}

/* Index of the semicolon, or of the end, behind the statement at token i. */
static uint32_t body_end(const struct so_tokens *s, uint32_t start, enum body body)
{
	unsigned depth = body == PACKAGE;

	for (uint32_t i = start; i < s->count; i++) {
		if (is_kind(s, i, SO_TOK_SEMICOLON) && !depth)
			return i;
		if (opens(s, i, start, !depth)) {
			depth++;
		} else if (so_token_is_word(s, i, "end") && depth) {
			depth--;
			i += so_token_is_any(s, i + 1, blocks);
		}
	}
	return s->count;
}

/* ---- DELIMITER -------------------------------------------------------------------------------------------------- */

/* What stands behind DELIMITER on its line. */
static struct so_text delimiter_at(const struct so_tokens *s, uint32_t i)
{
	const char *at = s->text + s->tokens[i].off + s->tokens[i].len;

	at += strspn(at, " \t");
	return (struct so_text){ at, strcspn(at, " \t\r\n") };
}

/* Where the delimiter stands in token i, which it may be a part of (END$$); NULL: nowhere. */
static const char *find_delimiter(const struct so_tokens *s, uint32_t i, struct so_text delimiter)
{
	const char *at = s->text + s->tokens[i].off;
	uint32_t steps = s->tokens[i].kind == SO_TOK_WORD ? s->tokens[i].len : 1;

	if (s->tokens[i].kind == SO_TOK_STRING || s->tokens[i].kind == SO_TOK_QUOTED)
		return NULL;
	for (; steps; steps--, at++)
		if (strncmp(at, delimiter.s, delimiter.len) == 0)
			return at;
	return NULL;
}

/* The first token that begins at or behind `at`. */
static uint32_t token_behind(const struct so_tokens *s, uint32_t i, const char *at)
{
	while (i < s->count && s->text + s->tokens[i].off < at)
		i++;
	return i;
}

static uint32_t delimited_end(
	const struct so_tokens *s, uint32_t i, struct so_text delimiter, size_t *stop, uint32_t *next)
{
	for (; i < s->count; i++) {
		const char *at = find_delimiter(s, i, delimiter);

		if (!at)
			continue;
		*next = token_behind(s, i, at + delimiter.len);
		*stop = (size_t)(at - s->text);
		return i + (at > s->text + s->tokens[i].off);
	}
	*next = s->count;
	*stop = 0;
	return i;
}

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

static bool is_conditional(const char *at)
{
	return at[0] == '/' && at[1] == '*' && (at[2] == '!' || (at[2] == 'M' && at[3] == '!'));
}

static const char *behind_comment(const char *at, const char *end)
{
	const char *stop = at + 2 < end ? memmem(at + 2, (size_t)(end - at - 2), "*/", 2) : NULL;

	return stop ? stop + 2 : end;
}

/* The first comment with a version between two places where no token is, or `to`. */
static const char *find_conditional(const char *from, const char *to)
{
	while ((from = skip_blanks(from)) < to) {
		if (is_conditional(from))
			return from;
		if (from[0] == '/' && from[1] == '*')
			from = behind_comment(from, to);
		else if (from[0] == '#' || (from[0] == '-' && from[1] == '-'))
			from += strcspn(from, "\n");
		else
			break;
	}
	return to;
}

/* Comments with a version belong to the statement: a dump has whole statements in them, and what only newer servers
 * read may do anything. `gap`: where the text before is over. */
static void take_comments(const char *text, size_t len, size_t gap, struct so_sql_piece *piece)
{
	const char *end = text + piece->offset + piece->len, *at = skip_blanks(end);

	piece->offset = (size_t)(find_conditional(text + gap, text + piece->offset) - text);
	if (at[0] == '*' && at[1] == '/') {
		end = at + 2;
		at = skip_blanks(end);
	}
	while (is_conditional(at)) {
		end = behind_comment(at, text + len);
		at = skip_blanks(end);
	}
	piece->len = (size_t)(end - text) - piece->offset;
}

/* Behind the statement at token i that ends at a semicolon. */
static uint32_t plain_end(const struct so_tokens *s, uint32_t i)
{
	enum body body = body_of(s, i);
	unsigned parens = 0;

	if (body)
		return body_end(s, i, body);
	for (; i < s->count && (parens || !is_kind(s, i, SO_TOK_SEMICOLON)); i++) {
		if (is_kind(s, i, SO_TOK_LPAREN))
			parens++;
		else if (is_kind(s, i, SO_TOK_RPAREN) && parens)
			parens--;
	}
	return i;
}

bool so_mysql_split(const char *text, const struct so_token *tokens, uint32_t count, uint32_t i,
	struct so_text *delimiter, uint32_t *next, struct so_sql_piece *piece)
{
	struct so_tokens s = { text, tokens, count - 1 };
	size_t stop = 0;
	uint32_t end;

	if (so_token_is_word(&s, i, "delimiter")) {
		*delimiter = delimiter_at(&s, i);
		*next = token_behind(&s, i + 1, delimiter->s + delimiter->len);
		return false;
	}
	if (delimiter->len && !so_text_is(*delimiter, ";")) {
		end = delimited_end(&s, i, *delimiter, &stop, next);
		/* END ;; */
		while (end > i && is_kind(&s, end - 1, SO_TOK_SEMICOLON))
			end--;
	} else {
		end = plain_end(&s, i);
		*next = end + 1;
	}
	if (end == i)
		return false;
	piece->offset = tokens[i].off;
	piece->len = tokens[end - 1].off + tokens[end - 1].len - piece->offset;
	if (stop && piece->offset + piece->len > stop)
		piece->len = stop - piece->offset;
	take_comments(text, tokens[count - 1].off, i ? tokens[i - 1].off + tokens[i - 1].len : 0, piece);
	return true;
}
