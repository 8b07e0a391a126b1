#include "http/markdown.h"

#include <string.h>

#include "base/buf.h"

#define PAGE_MAX (4 * 1024 * 1024)

enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_LIST, BLOCK_CODE, BLOCK_TABLE };

static void escape(struct so_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (text[i]) {
		case '<':
			so_buf_adds(out, "&lt;");
			break;
		case '>':
			so_buf_adds(out, "&gt;");
			break;
		case '&':
			so_buf_adds(out, "&amp;");
			break;
		case '"':
			so_buf_adds(out, "&quot;");
			break;
		default:
			so_buf_addc(out, text[i]);
		}
}

static const char *find(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

/* [label](target); returns the bytes used, 0 when it is none. */
static size_t link_span(struct so_buf *out, const char *text, size_t len)
{
	const char *close = find(text, len, "](");
	const char *end = close ? memchr(close, ')', len - (size_t)(close - text)) : NULL;

	if (!end)
		return 0;
	const char *target = close + 2;
	size_t target_len = (size_t)(end - target);

	if (target[0] != '/' && target[0] != '#' && strncmp(target, "https://", 8) != 0 &&
		strncmp(target, "http://", 7) != 0)
		return 0;
	so_buf_adds(out, "<a href=\"");
	escape(out, target, target_len);
	so_buf_adds(out, "\">");
	escape(out, text + 1, (size_t)(close - text) - 1);
	so_buf_adds(out, "</a>");
	return (size_t)(end - text) + 1;
}

/* A span between two equal marks; returns the bytes used, 0 when it is not closed. */
static size_t marked_span(struct so_buf *out, const char *text, size_t len, const char *mark, const char *tag)
{
	size_t mark_len = strlen(mark);
	const char *end = len > mark_len ? find(text + mark_len, len - mark_len, mark) : NULL;

	if (!end)
		return 0;
	so_buf_addf(out, "<%s>", tag);
	escape(out, text + mark_len, (size_t)(end - text) - mark_len);
	so_buf_addf(out, "</%s>", tag);
	return (size_t)(end - text) + mark_len;
}

static void spans(struct so_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t used = 0;

		if (text[i] == '`')
			used = marked_span(out, text + i, len - i, "`", "code");
		else if (text[i] == '*' && i + 1 < len && text[i + 1] == '*')
			used = marked_span(out, text + i, len - i, "**", "strong");
		else if (text[i] == '[')
			used = link_span(out, text + i, len - i);
		if (!used) {
			escape(out, text + i, 1);
			used = 1;
		}
		i += used;
	}
}

static const char *closing(enum block block)
{
	switch (block) {
	case BLOCK_PARAGRAPH:
		return "</p>\n";
	case BLOCK_LIST:
		return "</li></ul>\n";
	case BLOCK_CODE:
		return "</code></pre>\n";
	case BLOCK_TABLE:
		return "</tbody></table>\n";
	case BLOCK_NONE:
		break;
	}
	return "";
}

static void enter(struct so_buf *out, enum block *block, enum block next, const char *opening)
{
	if (*block == next)
		return;
	so_buf_adds(out, closing(*block));
	so_buf_adds(out, opening);
	*block = next;
}

static void table_row(struct so_buf *out, const char *line, size_t len)
{
	so_buf_adds(out, "<tr>");
	for (size_t i = 1; i < len;) {
		const char *bar = memchr(line + i, '|', len - i);
		size_t end = bar ? (size_t)(bar - line) : len;

		so_buf_adds(out, "<td>");
		spans(out, line + i, end - i);
		so_buf_adds(out, "</td>");
		i = end + 1;
	}
	so_buf_adds(out, "</tr>\n");
}

/* The line between a table's head and its body, |---|:--|: nothing to show. */
static bool is_ruler(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!memchr("|-: ", line[i], 4))
			return false;
	return true;
}

static void add_line(struct so_buf *out, enum block *block, const char *line, size_t len)
{
	size_t marks = 0;

	while (marks < len && marks < 6 && line[marks] == '#')
		marks++;
	if (len == 0) {
		enter(out, block, BLOCK_NONE, "");
	} else if (marks && marks < len && line[marks] == ' ') {
		enter(out, block, BLOCK_NONE, "");
		so_buf_addf(out, "<h%zu>", marks);
		spans(out, line + marks + 1, len - marks - 1);
		so_buf_addf(out, "</h%zu>\n", marks);
	} else if (len > 2 && (line[0] == '-' || line[0] == '*') && line[1] == ' ') {
		if (*block == BLOCK_LIST)
			so_buf_adds(out, "</li>\n<li>");
		enter(out, block, BLOCK_LIST, "<ul><li>");
		spans(out, line + 2, len - 2);
	} else if (line[0] == '|') {
		enter(out, block, BLOCK_TABLE, "<table><tbody>\n");
		if (!is_ruler(line, len))
			table_row(out, line, line[len - 1] == '|' ? len - 1 : len);
	} else {
		if (*block == BLOCK_PARAGRAPH || *block == BLOCK_LIST)
			so_buf_addc(out, '\n');
		else
			enter(out, block, BLOCK_PARAGRAPH, "<p>");
		spans(out, line, len);
	}
}

static void add_title(struct so_buf *out, const char *text, size_t len)
{
	size_t skip = 0;

	while (skip < len && (text[skip] == '#' || text[skip] == ' '))
		skip++;
	const char *end = memchr(text + skip, '\n', len - skip);

	escape(out, text + skip, end ? (size_t)(end - text) - skip : len - skip);
}

char *so_markdown_page(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct so_buf out;
	enum block block = BLOCK_NONE;

	so_buf_init(&out, ctx, PAGE_MAX);
	so_buf_adds(&out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
			  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	add_title(&out, text, len);
	so_buf_adds(&out,
		" · sqlopt</title><style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;"
		"max-width:46rem;margin:2rem auto;padding:0 1rem}pre{overflow:auto;padding:.8rem;"
		"border:1px solid #8885;border-radius:6px}td{padding:.2rem .8rem .2rem 0;vertical-align:top}"
		"</style></head><body>\n");
	for (size_t i = 0; i < len;) {
		const char *end = memchr(text + i, '\n', len - i);
		size_t line_len = end ? (size_t)(end - text) - i : len - i;
		const char *line = text + i;

		i += line_len + 1;
		if (line_len >= 3 && memcmp(line, "```", 3) == 0) {
			enter(&out, &block, block == BLOCK_CODE ? BLOCK_NONE : BLOCK_CODE,
				block == BLOCK_CODE ? "" : "<pre><code>");
		} else if (block == BLOCK_CODE) {
			escape(&out, line, line_len);
			so_buf_addc(&out, '\n');
		} else {
			add_line(&out, &block, line, line_len);
		}
	}
	so_buf_adds(&out, closing(block));
	so_buf_adds(&out, "</body></html>\n");
	return so_strdup(ctx, so_buf_text(&out));
}
