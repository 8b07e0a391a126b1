#include "plan/mysql/warnings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CODE_REWRITTEN    1003 /* the statement as the optimiser wrote it */
#define CODE_INAPPLICABLE 1739 /* MySQL: which index cannot be used for what */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line without what stands around cells; false at the end. */
static bool next_line(struct so_span *rest, struct so_span *line)
{
	const char *newline = memchr(rest->at, '\n', rest->len);
	size_t len = newline ? (size_t)(newline - rest->at) : rest->len;

	if (!rest->len)
		return false;
	*line = (struct so_span){ rest->at, len };
	*rest = so_span_without(*rest, len + (newline != NULL));
	while (line->len && (is_blank(*line->at) || *line->at == '|'))
		*line = so_span_without(*line, 1);
	while (line->len && (is_blank(line->at[line->len - 1]) || line->at[line->len - 1] == '|'))
		line->len--;
	return true;
}

/* Takes the word that a line begins with, and what divides it from the rest. */
static struct so_span take_word(struct so_span *line)
{
	struct so_span word = *line;

	word.len = 0;
	while (word.len < line->len && isalnum((unsigned char)line->at[word.len]))
		word.len++;
	*line = so_span_without(*line, word.len);
	while (line->len && (is_blank(*line->at) || *line->at == '|' || *line->at == ':'))
		*line = so_span_without(*line, 1);
	return word;
}

static bool is_level(struct so_span word)
{
	return so_span_is(word, "Note") || so_span_is(word, "Warning") || so_span_is(word, "Error");
}

static int code_of(struct so_span word)
{
	int code = 0;

	for (size_t i = 0; i < word.len && i < 6; i++)
		code = isdigit((unsigned char)word.at[i]) ? code * 10 + (word.at[i] - '0') : 0;
	return code;
}

/* ---- What they mean --------------------------------------------------------------------------------------------- */

/* The table of "... lookup: `shop`.`orders`.`status` of type ...": MariaDB. Empty: the text tells none. */
static struct so_span table_of(const char *message)
{
	const char *at = strstr(message, "lookup: `"), *end = at ? strstr(at, "` of type") : NULL;
	struct so_span last = { NULL, 0 }, before = last;

	if (!end)
		return last;
	for (at = strchr(at, '`'); at && at < end;) {
		const char *close = strchr(at + 1, '`');

		before = last;
		last = (struct so_span){ at + 1, (size_t)(close - at) - 1 };
		at = close < end ? strchr(close + 1, '`') : NULL;
	}
	return before;
}

static int32_t node_of(const struct so_plan *plan, struct so_span table)
{
	for (int32_t i = 0; table.len && i < plan->n_nodes; i++)
		if (plan->nodes[i].relation && so_span_is(table, plan->nodes[i].relation))
			return i;
	return -1;
}

static void add(struct so_plan_builder *builder, int code, struct so_span text)
{
	const char *message = so_plan_copy(builder, text.at, text.len);
	bool unusable = code == CODE_INAPPLICABLE || strncmp(message, "Cannot use key `", 16) == 0;
	const char *kind = code == CODE_REWRITTEN ? "rewritten" : unusable ? "convert_seek" : "note";

	if (text.len)
		so_plan_add_note(builder, unusable ? node_of(builder->plan, table_of(message)) : -1, kind, message,
			(double)code);
}

/* ---- Rows ------------------------------------------------------------------------------------------------------- */

/* "Note  | 1003 | select ...", below a header with these columns. */
static void read_rows(struct so_plan_builder *builder, struct so_span rest)
{
	struct so_span line, level;
	int code;

	while (builder->plan->n_notes < SO_PLAN_MAX_NOTES && next_line(&rest, &line)) {
		if (so_span_starts(line, "+--"))
			continue;
		level = take_word(&line);
		if (!is_level(level))
			return;
		code = code_of(take_word(&line));
		add(builder, code, line);
	}
}

/* "Level: Note", "Code: 1003", "Message: select ..." */
static void read_vertical(struct so_plan_builder *builder, struct so_span rest)
{
	struct so_span line, key;
	int code = 0;

	while (builder->plan->n_notes < SO_PLAN_MAX_NOTES && next_line(&rest, &line)) {
		key = take_word(&line);
		if (so_span_is(key, "Code")) {
			code = code_of(line);
		} else if (so_span_is(key, "Message") && code) {
			add(builder, code, line);
			code = 0;
		}
	}
}

void so_my_read_warnings(struct so_plan_builder *builder, const struct so_plan_document *doc)
{
	struct so_span rest = { doc->raw, doc->raw_len };
	const char *at;

	while ((at = memmem(rest.at, rest.len, "Level", 5))) {
		const char *begin = at;
		struct so_span line, below;

		while (begin > rest.at && (is_blank(begin[-1]) || begin[-1] == '|'))
			begin--;
		rest = so_span_without(rest, (size_t)(at - rest.at));
		if (begin > doc->raw && begin[-1] != '\n') { /* a word in a line of something else */
			rest = so_span_without(rest, 5);
			continue;
		}
		below = rest;
		next_line(&below, &line);
		if (line.len > 5 && line.at[5] == ':') {
			take_word(&line);
			if (is_level(line)) {
				read_vertical(builder, below);
				return;
			}
		} else if (take_word(&line).len == 5 && so_span_is(take_word(&line), "Code") &&
			   so_span_is(line, "Message")) {
			read_rows(builder, below);
			return;
		}
		rest = so_span_without(rest, 5);
	}
}
