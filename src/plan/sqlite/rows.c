#include "plan/sqlite/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- Steps ------------------------------------------------------------------------------------------------------ */

bool so_sqlite_is_step(struct so_span detail)
{
	/* with what follows them, where a word alone would be too common */
	static const char *const words[] = { "SCAN ", "SEARCH ", "USE TEMP B-TREE FOR ", "CO-ROUTINE ", "MATERIALIZE ",
		"COMPOUND QUERY", "COMPOUND SUBQUERIES ", "MULTI-INDEX OR", "CORRELATED ", "SCALAR SUBQUERY ",
		"LIST SUBQUERY ", "EXECUTE ", "MERGE (", "LEFT-MOST SUBQUERY", "UNION ALL", "UNION USING TEMP B-TREE",
		"EXCEPT USING TEMP B-TREE", "INTERSECT USING TEMP B-TREE", "RECURSIVE STEP", "BLOOM FILTER ON ",
		"REUSE ", "USING ROWID SEARCH ON TABLE ", "USING INDEX ", "RIGHT-JOIN ", "SETUP", "LEFT", "RIGHT",
		"INDEX " };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t len = strlen(words[i]);

		if (!so_span_starts(detail, words[i]))
			continue;
		if (words[i][len - 1] == ' ' || words[i][len - 1] == '(' || detail.len == len || detail.at[len] == ' ')
			return true;
	}
	return false;
}

static void add(struct so_sqlite_rows *rows, int32_t level, struct so_span detail)
{
	if (rows->n == rows->size) {
		rows->size = rows->size ? rows->size * 2 : 16;
		rows->items = so_renew_array(rows->tmp, rows->items, struct so_sqlite_row, (unsigned)rows->size);
	}
	rows->items[rows->n++] = (struct so_sqlite_row){ .level = level, .detail = detail };
}

/* ---- Levels from ids -------------------------------------------------------------------------------------------- */

/* Ids of the rows above the one at hand. */
struct ids {
	int64_t open[SO_PLAN_MAX_DEPTH];
	int32_t depth;
	bool flat; /* selectid, order, from: tells no parent */
	int64_t last;
};

static void add_by_parent(
	struct so_sqlite_rows *rows, struct ids *ids, int64_t id, int64_t parent, struct so_span detail)
{
	/* ids are positions in the program and so only grow; a selectid stays, goes down, or is 0 */
	if (rows->n && id <= ids->last)
		ids->flat = true;
	ids->flat = ids->flat || id == 0;
	ids->last = id;
	while (ids->depth && ids->open[ids->depth - 1] != parent)
		ids->depth--;
	add(rows, ids->depth, detail);
	if (ids->depth < SO_PLAN_MAX_DEPTH)
		ids->open[ids->depth++] = id;
}

/* Every plan reads something: "LEFT" alone is a text of somebody else. */
static bool reads_something(const struct so_sqlite_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (so_span_starts(rows->items[i].detail, "SCAN ") || so_span_starts(rows->items[i].detail, "SEARCH "))
			return true;
	return false;
}

static void flatten(struct so_sqlite_rows *rows, const struct ids *ids)
{
	for (size_t i = 0; ids->flat && i < rows->n; i++)
		rows->items[i].level = 0;
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

/* Cuts what stands between cells: blanks, bars (also drawn ones), commas and quotes. */
static void skip_between(struct so_span *line)
{
	for (;;) {
		if (line->len && strchr(" \t|,\"'(", *line->at))
			*line = so_span_without(*line, 1);
		else if (line->len >= 3 && (unsigned char)*line->at == 0xE2 && (unsigned char)line->at[1] >= 0x94 &&
			 (unsigned char)line->at[1] <= 0x96)
			*line = so_span_without(*line, 3);
		else
			return;
	}
}

/* How many more parentheses the text closes than it opens. */
static int surplus(struct so_span text)
{
	int n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += (text.at[i] == ')') - (text.at[i] == '(');
	return n;
}

static void cut_end(struct so_span *line)
{
	while (line->len) {
		if (line->at[line->len - 1] == ')' && surplus(*line) <= 0)
			return; /* the detail's own */
		if (strchr(" \t\r|\"',)", line->at[line->len - 1]))
			line->len--;
		else if (line->len >= 3 && (unsigned char)line->at[line->len - 3] == 0xE2)
			line->len -= 3;
		else
			return;
	}
}

/* Only the bar at the end of a row, and blanks. */
static void cut_bar(struct so_span *line)
{
	while (line->len) {
		if (strchr(" \t\r|", line->at[line->len - 1]))
			line->len--;
		else if (line->len >= 3 && memcmp(line->at + line->len - 3, "│", 3) == 0)
			line->len -= 3;
		else
			return;
	}
}

static bool take_integer(struct so_span *line, int64_t *value)
{
	size_t n = 0;

	skip_between(line);
	*value = 0;
	while (n < line->len && n < 18 && isdigit((unsigned char)line->at[n]))
		*value = *value * 10 + (line->at[n++] - '0');
	*line = so_span_without(*line, n);
	return n && line->len && !isalnum((unsigned char)*line->at);
}

/* "|  |--SCAN t", "   `--SCAN t": the level, or -1. */
static int32_t take_drawing(struct so_span *line)
{
	int32_t level = 0;

	while (line->len > 3) {
		if ((*line->at == '|' || *line->at == '`') && line->at[1] == '-' && line->at[2] == '-') {
			*line = so_span_without(*line, 3);
			return level;
		}
		if ((*line->at != '|' && *line->at != ' ') || line->at[1] != ' ' || line->at[2] != ' ')
			return -1;
		*line = so_span_without(*line, 3);
		level++;
	}
	return -1;
}

/* What stands above the rows of a plan, so that further down another plan begins. */
static bool is_heading(struct so_span line)
{
	skip_between(&line);
	return so_span_is(line, "QUERY PLAN") ||
	       (line.len > 8 && (strncasecmp(line.at, "id", 2) == 0 || strncasecmp(line.at, "selectid", 8) == 0) &&
		       memmem(line.at, line.len, "detail", 6));
}

/* A line that belongs to a table but is no row: a rule, the header. */
static bool is_decoration(struct so_span line)
{
	struct so_span rest = line;

	for (;;) {
		if (rest.len && strchr("-+=|", *rest.at))
			rest = so_span_without(rest, 1);
		else if (rest.len >= 3 && (unsigned char)*rest.at == 0xE2)
			rest = so_span_without(rest, 3);
		else
			break;
	}
	if (!rest.len)
		return true;
	skip_between(&line);
	return so_span_is(line, "QUERY PLAN") || (line.len >= 2 && strncasecmp(line.at, "id", 2) == 0) ||
	       (line.len >= 8 && strncasecmp(line.at, "selectid", 8) == 0) ||
	       (line.len >= 6 && strncasecmp(line.at, "detail", 6) == 0);
}

/* One line; false when it is neither a row nor decoration. */
static bool read_line(struct so_sqlite_rows *rows, struct ids *ids, struct so_span line)
{
	struct so_span rest = line;
	int32_t level = take_drawing(&rest);
	int64_t id, parent, unused;

	if (level >= 0 && so_sqlite_is_step(rest)) { /* a rule of Markdown begins like a drawing */
		add(rows, level, rest);
		return true;
	}
	rest = line;
	if (take_integer(&rest, &id) && take_integer(&rest, &parent) && take_integer(&rest, &unused)) {
		skip_between(&rest);
		cut_end(&rest);
		add_by_parent(rows, ids, id, parent, rest);
		return so_sqlite_is_step(rest);
	}
	rest = line;
	skip_between(&rest);
	cut_bar(&rest);
	/* the shell's box mode breaks a long cell: the other cells of the next line are empty */
	if (rows->n && rest.len && (*line.at == '|' || (unsigned char)*line.at == 0xE2) && !is_decoration(line)) {
		struct so_span *last = &rows->items[rows->n - 1].detail;

		last->at = so_printf(rows->tmp, "%.*s%.*s", (int)last->len, last->at, (int)rest.len, rest.at);
		last->len += rest.len;
		return true;
	}
	cut_end(&rest);
	if (so_sqlite_is_step(rest)) {
		add(rows, 0, rest);
		return true;
	}
	return is_decoration(line);
}

static bool read_text(struct so_sqlite_rows *rows, struct so_span text)
{
	struct ids *ids = so_new(rows->tmp, struct ids);

	while (text.len) {
		const char *newline = memchr(text.at, '\n', text.len);
		struct so_span line = { text.at, newline ? (size_t)(newline - text.at) : text.len };

		text = so_span_without(text, newline ? line.len + 1 : line.len);
		while (line.len && isspace((unsigned char)line.at[line.len - 1]))
			line.len--;
		if (rows->n && is_heading(line))
			rows->n_more++;
		/* the statement, a prompt and the like may stand above the plan; nothing of another kind below */
		if (!rows->n_more && line.len && !read_line(rows, ids, line) && rows->n)
			return false;
	}
	flatten(rows, ids);
	return reads_something(rows);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static bool read_json(struct so_sqlite_rows *rows, const json_t *list)
{
	struct ids *ids = so_new(rows->tmp, struct ids);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i), *detail = json_object_get(row, "detail");
		const json_t *id = json_object_get(row, "id"), *parent = json_object_get(row, "parent");
		struct so_span text = { json_string_value(detail), json_string_length(detail) };

		if (!text.at || !so_sqlite_is_step(text))
			return false;
		if (json_is_integer(id) && json_is_integer(parent))
			add_by_parent(rows, ids, json_integer_value(id), json_integer_value(parent), text);
		else
			add(rows, 0, text);
	}
	flatten(rows, ids);
	return reads_something(rows);
}

bool so_sqlite_read_rows(struct so_sqlite_rows *rows, const struct so_plan_document *doc)
{
	if (doc->syntax == SO_PLAN_JSON)
		return json_is_array(doc->json) && read_json(rows, doc->json);
	return doc->syntax == SO_PLAN_TEXT && read_text(rows, (struct so_span){ doc->raw, doc->raw_len });
}
