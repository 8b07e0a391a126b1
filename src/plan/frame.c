#include "plan/frame.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

/* Length of a frame character that psql draws at the edge of a row: | or a box-drawing bar. */
static size_t bar_length(const char *at, const char *end)
{
	static const char *const bars[] = { "|", "│", "║", "┃" };

	if (at == end || (*at != '|' && (unsigned char)*at != 0xE2))
		return 0;
	for (size_t i = 0; i < sizeof bars / sizeof bars[0]; i++) {
		size_t len = strlen(bars[i]);

		if ((size_t)(end - at) >= len && memcmp(at, bars[i], len) == 0)
			return len;
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim_blanks(const char **begin, const char **end)
{
	while (*begin < *end && is_blank(**begin))
		(*begin)++;
	while (*end > *begin && is_blank((*end)[-1]))
		(*end)--;
}

/* Cuts blanks, a bar, and the mark that a cell goes on in the next line (+ or ↵) off the end of a line. */
static void trim_end(const char *begin, const char **end)
{
	while (*end > begin && is_blank((*end)[-1]))
		(*end)--;
	for (size_t len = 1; len <= 3 && *end - begin >= (ptrdiff_t)len; len += 2)
		if (bar_length(*end - len, *end) == len) {
			*end -= len;
			break;
		}
	while (*end > begin && is_blank((*end)[-1]))
		(*end)--;
	if (*end > begin && (*end)[-1] == '+')
		(*end)--;
	else if (*end - begin >= 3 && memcmp(*end - 3, "↵", 3) == 0)
		*end -= 3;
	while (*end > begin && is_blank((*end)[-1]))
		(*end)--;
}

/* The same at both ends. A line of JSON never ends in '+' itself, since a string holds no newline. */
static void trim_line(const char **begin, const char **end)
{
	trim_blanks(begin, end);
	*begin += bar_length(*begin, *end);
	trim_end(*begin, end);
	trim_blanks(begin, end);
}

/* The next line of a text, without its newline; false at the end. */
static bool next_line(const char **at, const char *stop, const char **begin, const char **end)
{
	const char *newline;

	if (*at >= stop)
		return false;
	newline = memchr(*at, '\n', (size_t)(stop - *at));
	*begin = *at;
	*end = newline ? newline : stop;
	*at = newline ? newline + 1 : stop;
	return true;
}

static bool line_is(const char *begin, const char *end, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(end - begin) == len && memcmp(begin, text, len) == 0;
}

/* ---- Quotes ----------------------------------------------------------------------------------------------------- */

char *so_plan_unquote(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	char *out;
	size_t used = 0;

	if (!len || *text != '"')
		return NULL;
	out = so_mem_need(talloc_size(ctx, len + 1));
	for (size_t i = 1; i < len; i++) {
		if (text[i] == '"' && (i + 1 >= len || text[i + 1] != '"'))
			break;
		if (text[i] == '"')
			i++;
		out[used++] = text[i];
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

/* A line that only draws: dashes, box characters, plus signs, "-[ RECORD 1 ]---", in any style. */
static bool is_rule(const char *begin, const char *end)
{
	size_t dashes = 0;

	trim_blanks(&begin, &end);
	if (end - begin > 4 && (memmem(begin, (size_t)(end - begin), "[ RECORD ", 9)))
		return *begin == '-' || *begin == '+' || *begin == '*' || (unsigned char)*begin == 0xE2;
	for (const char *at = begin; at < end; at++) {
		if (*at == '-' || *at == '=')
			dashes++;
		else if ((unsigned char)*at == 0xE2 && end - at >= 3 && (unsigned char)at[1] >= 0x94 &&
			 (unsigned char)at[1] <= 0x96) { /* U+2500 - U+259F */
			dashes++;
			at += 2;
		} else if (*at != '+' && *at != '|') {
			return false;
		}
	}
	return dashes > 1;
}

/* "(12 rows)", "(1 row)" */
static bool is_row_count(const char *begin, const char *end)
{
	trim_blanks(&begin, &end);
	if (end - begin < 7 || *begin != '(')
		return false;
	begin++;
	if (!isdigit((unsigned char)*begin))
		return false;
	while (begin < end && isdigit((unsigned char)*begin))
		begin++;
	return line_is(begin, end, " row)") || line_is(begin, end, " rows)");
}

/* Expanded output: how many bytes of "QUERY PLAN | " or "           | " stand before the cell; 0: neither. */
static size_t record_prefix(const char *begin, const char *end)
{
	const char *at = begin, *name_end;

	if (at < end) /* border 2 has a bar at the edge as well */
		at += bar_length(at, end);
	while (at < end && *at == ' ')
		at++;
	if (end - at >= 10 && memcmp(at, "QUERY PLAN", 10) == 0)
		at += 10;
	name_end = at;
	while (at < end && *at == ' ')
		at++;
	if (at == end || !bar_length(at, end) || at - name_end > 12)
		return 0;
	at += bar_length(at, end);
	return (size_t)(at - begin) + (at < end && *at == ' ');
}

enum table_kind { TABLE_NONE, TABLE_ROWS, TABLE_RECORDS };

/* Where the first table begins: behind its header and the rule below it, or at its first record. */
static enum table_kind find_table(const char **at, const char *stop)
{
	const char *begin, *end;
	bool header = false;

	while (next_line(at, stop, &begin, &end)) {
		const char *inner = begin, *inner_end = end;

		if (header && is_rule(begin, end))
			return TABLE_ROWS;
		trim_line(&inner, &inner_end);
		header = line_is(inner, inner_end, "QUERY PLAN");
		if (!header && end - begin > 12 && memmem(begin, (size_t)(end - begin), "QUERY PLAN", 10) &&
			record_prefix(begin, end)) {
			*at = begin;
			return TABLE_RECORDS;
		}
	}
	return TABLE_NONE;
}

char *so_plan_unframe_table(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	const char *at = text, *stop = text + len, *begin, *end;
	enum table_kind kind = memmem(text, len, "QUERY PLAN", 10) ? find_table(&at, stop) : TABLE_NONE;
	size_t used = 0;
	char *out;

	if (kind == TABLE_NONE)
		return NULL;
	out = so_mem_need(talloc_size(ctx, (size_t)(stop - at) + 2));
	while (next_line(&at, stop, &begin, &end)) {
		if (is_row_count(begin, end))
			break;
		if (end - begin > 1 && is_rule(begin, end))
			continue;
		if (kind == TABLE_RECORDS) {
			size_t prefix = record_prefix(begin, end);

			if (!prefix)
				break;
			begin += prefix;
		} else {
			begin += bar_length(begin, end);
		}
		trim_end(begin, &end);
		memcpy(out + used, begin, (size_t)(end - begin));
		used += (size_t)(end - begin);
		out[used++] = '\n';
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* ---- Lists and mails -------------------------------------------------------------------------------------------- */

/* Whether a line is one value in quotes; a comma may follow. */
static bool is_quoted(const char *begin, const char **end)
{
	const char *stop = *end;

	if (stop > begin && (stop[-1] == ',' || stop[-1] == ';'))
		stop--;
	if (stop - begin < 2 || *begin != '"' || stop[-1] != '"')
		return false;
	*end = stop;
	return true;
}

char *so_plan_unframe_csv(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	const char *at = text, *stop = text + len, *begin, *end;
	bool header = false, all_quoted = true;
	size_t used = 0, n = 0;
	char *out;

	while (next_line(&at, stop, &begin, &end)) {
		trim_blanks(&begin, &end);
		if (begin == end)
			continue;
		if (!n++ && (line_is(begin, end, "QUERY PLAN") || line_is(begin, end, "\"QUERY PLAN\""))) {
			header = true;
			text = at;
			break;
		}
		if (!is_quoted(begin, &end))
			all_quoted = false;
		if (!all_quoted)
			return NULL;
	}
	if ((!header && n < 2) || (text < stop && strchr("|`", *text))) /* SQLite draws its tree below that header */
		return NULL;
	at = text;
	out = so_mem_need(talloc_size(ctx, (size_t)(stop - at) + 2));
	while (next_line(&at, stop, &begin, &end)) {
		size_t inner_len;
		char *inner;

		while (end > begin && is_blank(end[-1]))
			end--;
		if (is_row_count(begin, end))
			break;
		if (is_quoted(begin, &end)) {
			inner = so_plan_unquote(ctx, begin, (size_t)(end - begin), &inner_len);
			memcpy(out + used, inner, inner_len);
			talloc_free(inner);
		} else {
			inner_len = (size_t)(end - begin);
			memcpy(out + used, begin, inner_len);
		}
		used += inner_len;
		out[used++] = '\n';
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

char *so_plan_unframe_mail(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	const char *at = text, *stop = text + len, *begin, *end;
	size_t used = 0;
	char *out;

	while (next_line(&at, stop, &begin, &end)) {
		trim_blanks(&begin, &end);
		if (begin < end && *begin != '>')
			return NULL;
	}
	out = so_mem_need(talloc_size(ctx, len + 2));
	at = text;
	while (next_line(&at, stop, &begin, &end)) {
		while (begin < end && is_blank(*begin))
			begin++;
		begin += begin < end;
		begin += begin < end && *begin == ' ';
		memcpy(out + used, begin, (size_t)(end - begin));
		used += (size_t)(end - begin);
		out[used++] = '\n';
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* ---- Columns below each other ----------------------------------------------------------------------------------- */

char *so_plan_unframe_vertical(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	static const char *const names[] = { "EXPLAIN: ", "ANALYZE: " };
	const char *at = text, *stop = text + len, *begin, *end, *cell = NULL;
	bool row = false;

	while (!cell && next_line(&at, stop, &begin, &end)) {
		for (size_t i = 0; row && i < sizeof names / sizeof names[0]; i++)
			if (end - begin > 9 && memcmp(begin, names[i], 9) == 0 && strchr("[{", begin[9]))
				cell = begin + 9;
		row = end - begin > 3 && memcmp(begin, "***", 3) == 0;
	}
	while (cell && next_line(&at, stop, &begin, &end))
		if (begin < end && (*begin == '*' || isdigit((unsigned char)*begin))) { /* "1 row in set" */
			stop = begin;
			break;
		}
	if (!cell)
		return NULL;
	*out_len = (size_t)(stop - cell);
	return so_strndup(ctx, cell, *out_len);
}

/* ---- Logs ------------------------------------------------------------------------------------------------------- */

/* The next line with "duration: 1.234 ms  plan:"; *entry is where "duration" stands. False: there is none. */
static bool find_entry(const char **at, const char *stop, const char **entry, const char **line)
{
	const char *begin, *end;

	while (*at < stop) {
		const char *duration = memmem(*at, (size_t)(stop - *at), "duration: ", 10), *plan;

		if (!duration)
			return false;
		for (begin = duration; begin > *at && begin[-1] != '\n'; begin--) {
		}
		end = memchr(duration, '\n', (size_t)(stop - duration));
		end = end ? end : stop;
		plan = memmem(duration, (size_t)(end - duration), "plan:", 5);
		*at = end < stop ? end + 1 : stop;
		if (!plan || plan - duration > 80)
			continue;
		*entry = duration;
		*line = begin;
		return true;
	}
	return false;
}

/* The lines below an entry: behind a tab in the server's own log, behind #011 in syslog. */
static char *entry_lines(TALLOC_CTX *ctx, const char *at, const char *stop, size_t *out_len)
{
	char *out = so_mem_need(talloc_size(ctx, (size_t)(stop - at) + 2));
	const char *begin, *end;
	size_t used = 0;

	while (next_line(&at, stop, &begin, &end)) {
		const char *tab = memmem(begin, (size_t)(end - begin), "#011", 4);

		if (begin < end && *begin == '\t')
			begin++;
		else if (tab)
			begin = tab + 4;
		else
			break;
		memcpy(out + used, begin, (size_t)(end - begin));
		used += (size_t)(end - begin);
		out[used++] = '\n';
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* jsonlog: the message of the entry's line. */
static char *entry_message(TALLOC_CTX *ctx, const char *line, const char *stop, size_t *out_len)
{
	const char *end = memchr(line, '\n', (size_t)(stop - line)), *message, *plan;
	json_t *doc = json_loadb(line, (size_t)((end ? end : stop) - line), 0, NULL);
	char *out = NULL;

	message = json_string_value(json_object_get(doc, "message"));
	plan = message ? strstr(message, "plan:\n") : NULL;
	if (plan) {
		*out_len = strlen(plan + 6);
		out = so_strdup(ctx, plan + 6);
	}
	json_decref(doc);
	return out;
}

char *so_plan_unframe_log(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len, size_t *n)
{
	const char *at = text, *stop = text + len, *entry, *line, *below;
	char *out = NULL;

	*n = 0;
	if (!find_entry(&at, stop, &entry, &line))
		return NULL;
	below = at;
	if (*line == '{') {
		out = entry_message(ctx, line, stop, out_len);
	} else if (entry > line && entry[-1] == '"') { /* csvlog: a field with newlines */
		size_t skip = (size_t)(below - entry);

		out = so_plan_unquote(ctx, entry - 1, (size_t)(stop - entry) + 1, out_len);
		if (out && *out_len > skip) {
			*out_len -= skip;
			memmove(out, out + skip, *out_len + 1);
		} else {
			out = NULL;
		}
	} else if (below < stop) {
		out = entry_lines(ctx, below, stop, out_len);
		if (!*out_len)
			out = NULL;
	}
	for (*n = 1; find_entry(&at, stop, &entry, &line);)
		(*n)++;
	return out;
}

/* ---- Documents between other lines ------------------------------------------------------------------------------ */

char *so_plan_unframe_lines(
	TALLOC_CTX *ctx, const char *text, size_t len, const char *first, const char *last, size_t *out_len)
{
	const char *at = text, *stop = text + len, *begin, *end;
	size_t used = 0, ended = 0;
	char *out = NULL;

	while (next_line(&at, stop, &begin, &end)) {
		if (!used) { /* most texts have no such line: look at its beginning only */
			while (begin < end && is_blank(*begin))
				begin++;
			begin += bar_length(begin, end);
			while (begin < end && is_blank(*begin))
				begin++;
			if (begin == end || !strchr(first, *begin))
				continue;
		}
		trim_line(&begin, &end);
		if (end == begin)
			continue;
		if (!out) /* a last line without a newline gets one */
			out = so_mem_need(talloc_size(ctx, (size_t)(stop - begin) + 2));
		memcpy(out + used, begin, (size_t)(end - begin));
		used += (size_t)(end - begin);
		if (strchr(last, end[-1]))
			ended = used;
		out[used++] = '\n';
	}
	if (!out)
		return NULL;
	*out_len = ended ? ended : used;
	out[*out_len] = '\0';
	return out;
}
