#include "plan/postgresql/text_lines.h"

#include <ctype.h>

#include "plan/postgresql/text.h"

#define MAX_JOINED (1u << 20) /* bytes of a line that was wrapped or holds newlines */

size_t so_pg_skip_blanks(struct so_span *text)
{
	size_t column = 0;

	while (text->len) {
		size_t n = 0;

		if (*text->at == ' ' || *text->at == '\t')
			n = 1;
		else if (text->len > 1 && (unsigned char)*text->at == 0xC2 && (unsigned char)text->at[1] == 0xA0)
			n = 2;
		if (!n)
			break;
		*text = so_span_without(*text, n);
		column++;
	}
	return column;
}

const char *so_pg_figures_of(struct so_span text)
{
	const char *at = text.at, *end = text.at + text.len;

	while ((at = memchr(at, '(', (size_t)(end - at)))) {
		struct so_span rest = { at, (size_t)(end - at) };

		if (at > text.at && (so_span_starts(rest, "(cost=") || so_span_starts(rest, "(actual ") ||
					    so_span_starts(rest, "(never executed)")))
			return at;
		at++;
	}
	return NULL;
}

static bool is_heading(struct so_span text)
{
	if (!so_span_starts(text, "SubPlan ") && !so_span_starts(text, "InitPlan ") && !so_span_starts(text, "CTE "))
		return false;
	return !so_span_starts(text, "CTE Scan") && !so_pg_figures_of(text);
}

static bool is_target(struct so_span text)
{
	if (so_span_starts(text, "Foreign "))
		text = so_span_without(text, 8);
	return so_span_starts(text, "Insert on ") || so_span_starts(text, "Update on ") ||
	       so_span_starts(text, "Delete on ") || so_span_starts(text, "Merge on ");
}

static bool is_worker(struct so_span text)
{
	return so_span_starts(text, "Worker ") && text.len > 8 && isdigit((unsigned char)text.at[7]) &&
	       memchr(text.at, ':', text.len < 20 ? text.len : 20);
}

static bool is_footer(struct so_span text)
{
	switch (*text.at) {
	case 'P':
		return so_span_starts(text, "Planning Time: ") || so_span_starts(text, "Planning time: ") ||
		       so_span_is(text, "Planning:");
	case 'E':
		return so_span_starts(text, "Execution Time: ") || so_span_starts(text, "Execution time: ");
	case 'T':
		return so_span_starts(text, "Trigger ") || so_span_starts(text, "Total runtime: ");
	case 'S':
		return so_span_starts(text, "Settings: ") || so_span_starts(text, "Serialization: ");
	case 'Q':
		return so_span_starts(text, "Query Identifier: ");
	case 'J':
		return so_span_is(text, "JIT:");
	default:
		return false;
	}
}

static bool is_row_count(struct so_span text)
{
	return text.len > 6 && *text.at == '(' && isdigit((unsigned char)text.at[1]) &&
	       (memcmp(text.at + text.len - 5, " row)", 5) == 0 || memcmp(text.at + text.len - 5, "rows)", 5) == 0);
}

static enum so_pg_line_kind kind_of(struct so_span text)
{
	if (!text.len)
		return LINE_OTHER;
	if (is_footer(text))
		return LINE_FOOTER;
	if (is_worker(text))
		return LINE_WORKER;
	if (so_plan_pg_is_item(text))
		return LINE_ITEM;
	if (is_heading(text))
		return LINE_HEADING;
	if (is_row_count(text))
		return LINE_END;
	if (*text.at != '(' && so_pg_figures_of(text))
		return LINE_NODE;
	if (is_target(text))
		return LINE_TARGET;
	return so_plan_pg_is_label(text) ? LINE_LABEL : LINE_OTHER;
}

static bool physical_line(struct so_pg_lines *r, struct so_pg_line *line)
{
	const char *newline;
	struct so_span text;

	if (r->has_ahead) {
		*line = r->ahead;
		r->has_ahead = false;
		return true;
	}
	if (r->at >= r->stop)
		return false;
	newline = memchr(r->at, '\n', (size_t)(r->stop - r->at));
	text = (struct so_span){ r->at, (size_t)((newline ? newline : r->stop) - r->at) };
	line->begin = r->at;
	r->at = newline ? newline + 1 : r->stop;
	while (text.len && isspace((unsigned char)text.at[text.len - 1]))
		text.len--;
	line->column = so_pg_skip_blanks(&text);
	line->whole = text;
	if (so_span_starts(text, "->")) {
		text = so_span_without(text, 2);
		so_pg_skip_blanks(&text);
		line->kind = LINE_ARROW;
	} else {
		line->kind = kind_of(text);
	}
	line->text = text;
	return true;
}

enum openness { CLOSED, IN_PARENTHESIS, IN_LITERAL };

static enum openness openness_of(struct so_span text)
{
	int depth = 0;
	char quote = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
	}
	return quote ? IN_LITERAL : depth > 0 ? IN_PARENTHESIS : CLOSED;
}

static bool is_node(enum so_pg_line_kind kind)
{
	return kind == LINE_ARROW || kind == LINE_LABEL || kind == LINE_NODE;
}

/* "Sort Method: quicksort" / "Memory: 25kB": what never begins a line. */
static bool is_inner_item(struct so_span line, struct so_span next)
{
	static const char *const words[] = { "Memory: ", "Disk: ", "Memory Usage: ", "Disk Usage: ", "Misses: ",
		"Evictions: ", "Overflows: ", "Average Memory: ", "Peak Memory: ", "Average Disk: ", "Peak Disk: ",
		"Maximum Storage: " };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (so_span_starts(next, words[i]))
			return true;
	return so_span_starts(next, "Batches: ") &&
	       (so_span_starts(line, "Buckets: ") || so_span_starts(line, "Planned Partitions: "));
}

/* Whether `next` is the rest of `line`: wrapped by whoever showed it, or behind a newline in a literal. */
static bool continues(const struct so_pg_line *line, const struct so_pg_line *next, enum openness *open)
{
	struct so_span value = line->text;

	if (next->kind == LINE_ARROW && (so_pg_figures_of(next->text) || so_plan_pg_is_label(next->text)))
		return false;
	if (line->kind == LINE_OTHER && so_span_starts(line->text, "Rows Removed"))
		return true; /* "Rows Removed by" / "Filter: 90" */
	if (is_node(line->kind) && next->kind == LINE_NODE && !so_plan_pg_is_label(next->text))
		/* "Index Scan using i on" / "t  (cost=...", or "... (cost=0.00..1.00 rows=1" / "width=4) (never
		 * executed)" */
		return !so_pg_figures_of(line->text) || openness_of(line->text) == IN_PARENTHESIS;
	if (next->kind == LINE_ITEM && is_inner_item(line->text, next->text))
		return true;
	if (next->kind != LINE_OTHER && !memchr(line->text.at, '\'', line->text.len))
		return false;
	*open = openness_of(line->text);
	if (*open == IN_LITERAL)
		return true;
	if (next->kind != LINE_OTHER || !next->text.len)
		return false;
	if (*open == IN_PARENTHESIS || *next->text.at == '(')
		return true;
	if (line->kind == LINE_ITEM) { /* a condition is complete with its parenthesis */
		const char *colon = memchr(value.at, ':', value.len);

		return colon && !(colon + 2 < value.at + value.len && colon[2] == '(');
	}
	return (line->kind == LINE_ARROW || line->kind == LINE_LABEL) && !so_pg_figures_of(line->text) &&
	       so_pg_figures_of(next->text);
}

bool so_pg_next_line(struct so_pg_lines *r, struct so_pg_line *line)
{
	size_t size = 0;
	char *joined = NULL;

	do
		if (!physical_line(r, line))
			return false;
	while (!line->text.len);
	while (physical_line(r, &r->ahead)) {
		struct so_span rest = r->ahead.whole;
		enum openness open = CLOSED;
		size_t need = line->text.len + rest.len + 1;

		if (need > MAX_JOINED || !continues(line, &r->ahead, &open)) {
			r->has_ahead = true;
			break;
		}
		if (need > size) {
			char *grown = so_mem_need(talloc_size(r->tmp, need * 2));

			memcpy(grown, line->text.at, line->text.len);
			talloc_free(joined);
			joined = grown;
			size = need * 2;
		}
		joined[line->text.len] = open == IN_LITERAL ? '\n' : ' ';
		memcpy(joined + line->text.len + 1, rest.at, rest.len);
		line->text = (struct so_span){ joined, need };
		if (line->kind == LINE_LABEL || line->kind == LINE_OTHER)
			line->kind = kind_of(line->text);
	}
	return true;
}
