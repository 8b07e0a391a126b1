#include "plan/paste.h"

#include <stdbool.h>
#include <string.h>

#include "plan/frame.h"

#define HEAD     65536 /* bytes in which a fence, or the first blank of a page, has to stand */
#define NO_BREAK "\xC2\xA0"

static const char *blanks_end(const char *at, const char *stop)
{
	while (at < stop && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

static const char *line_end(const char *at, const char *stop)
{
	const char *newline = memchr(at, '\n', (size_t)(stop - at));

	return newline ? newline : stop;
}

/* Whether unbreakable blanks are the layout of a text, and not part of a name or value: a line begins with one, or
 * there are no others. */
static bool has_page_blanks(const char *text, size_t len)
{
	const char *stop = text + (len < HEAD ? len : HEAD);

	if (!memmem(text, (size_t)(stop - text), NO_BREAK, 2))
		return false;
	if (!memchr(text, ' ', len))
		return true;
	for (const char *at = text; at < stop; at = line_end(at, stop) + 1) {
		const char *first = blanks_end(at, stop);

		if (stop - first >= 2 && memcmp(first, NO_BREAK, 2) == 0)
			return true;
	}
	return false;
}

static void break_blanks(char *text, size_t *len)
{
	char *to = text;

	for (const char *at = text, *stop = text + *len; at < stop; at++) {
		bool page = stop - at >= 2 && memcmp(at, NO_BREAK, 2) == 0;

		*to++ = *at;
		if (page) {
			to[-1] = ' ';
			at++;
		}
	}
	*to = '\0';
	*len = (size_t)(to - text);
}

/* The fence that a line is; NULL: none. What stands behind an opening one names the language. */
static const char *fence_of(const char *at, const char *stop, bool closes)
{
	const char *end = line_end(at, stop), *first = blanks_end(at, end), *mark;

	if (end - first < 3 || (memcmp(first, "```", 3) != 0 && memcmp(first, "~~~", 3) != 0))
		return NULL;
	mark = first;
	while (first < end && *first == *mark)
		first++;
	if (closes)
		while (first < end && strchr(" \t\r", *first))
			first++;
	return (closes ? first == end : !memchr(first, *mark, (size_t)(end - first))) ? mark : NULL;
}

/* What stands between the first two fences, or behind the only one; NULL: there is none. */
static char *fenced(char *text, size_t *len)
{
	char *stop = text + *len, *head = text + (*len < HEAD ? *len : HEAD), *from = NULL;
	const char *mark = NULL;

	if (!memmem(text, (size_t)(head - text), "```", 3) && !memmem(text, (size_t)(head - text), "~~~", 3))
		return NULL;
	for (char *at = text; at < head && !from; at = (char *)line_end(at, stop) + 1) {
		mark = fence_of(at, stop, false);
		if (mark)
			from = (char *)line_end(at, stop);
	}
	if (!from || from == stop)
		return NULL;
	from++;
	for (char *at = from; at < stop; at = (char *)line_end(at, stop) + 1) {
		const char *end = fence_of(at, stop, true);

		if (end && *end == *mark) {
			*at = '\0';
			stop = at;
		}
	}
	*len = (size_t)(stop - from);
	return from;
}

/* How many blanks, the same ones, all lines begin with. */
static size_t common_blanks(const char *text, const char *stop)
{
	const char *first = NULL;
	size_t n = 0;

	for (const char *at = text; at < stop; at = line_end(at, stop) + 1) {
		const char *end = line_end(at, stop), *inner = blanks_end(at, end);

		if (inner == end || *inner == '\r')
			continue;
		if (!first) {
			first = at;
			n = (size_t)(inner - at);
		}
		while (n && ((size_t)(inner - at) < n || memcmp(at, first, n) != 0))
			n--;
		if (!n)
			return 0;
	}
	return n;
}

static void remove_blanks(char *text, size_t *len, size_t n)
{
	const char *stop = text + *len;
	char *to = text;

	for (const char *at = text; at < stop;) {
		const char *end = line_end(at, stop), *from = blanks_end(at, end);

		from = from > at + n ? at + n : from;
		end += end < stop;
		memmove(to, from, (size_t)(end - from));
		to += end - from;
		at = end;
	}
	*to = '\0';
	*len = (size_t)(to - text);
}

char *so_plan_unpaste(TALLOC_CTX *ctx, char *text, size_t *len)
{
	size_t inner_len, n;
	char *inner = NULL;

	if (has_page_blanks(text, *len))
		break_blanks(text, len);
	if (*len && text[strspn(text, " \t\r\n")] == '>')
		inner = so_plan_unframe_mail(ctx, text, *len, &inner_len);
	if (inner) {
		text = inner;
		*len = inner_len;
	}
	inner = fenced(text, len);
	if (inner)
		text = inner;
	n = common_blanks(text, text + *len);
	if (n)
		remove_blanks(text, len, n);
	return text;
}
