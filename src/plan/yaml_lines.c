/* YAML as PostgreSQL writes it. Whatever a line has that PostgreSQL would not write ends the attempt. */
#include <ctype.h>
#include <string.h>

#include "plan/yaml.h"

/* A list or map that later lines may go on with. */
struct level {
	struct so_plan_value *value;
	size_t column; /* of its keys or dashes */
};

struct lines {
	struct so_plan_chunks chunks;
	struct level *levels;
	size_t depth, size;
	struct so_plan_value *root;
	struct so_plan_value *pending; /* its contents, if any, begin in the next line; above them stands `depth` */
};

static const struct so_span no_key;

/* A new value in the innermost list or map, or the root. */
static struct so_plan_value *add(struct lines *l, struct so_span key)
{
	return so_plan_value_add(&l->chunks, l->levels[l->depth - 1].value, key);
}

/* Brings the list (or map) whose dashes (keys) stand in `column` to the end of `levels`. False: there is none. */
static bool go_to(struct lines *l, size_t column, enum so_plan_value_type type)
{
	if (l->pending && (!l->depth || column > l->levels[l->depth - 1].column)) {
		if (l->depth >= SO_PLAN_YAML_MAX_DEPTH)
			return false;
		if (l->depth == l->size) {
			l->size = l->size ? l->size * 2 : 32;
			l->levels = so_renew_array(l->chunks.ctx, l->levels, struct level, (unsigned)l->size);
		}
		l->pending->type = type;
		l->levels[l->depth++] = (struct level){ l->pending, column };
		l->pending = NULL;
		return true;
	}
	l->pending = NULL;
	while (l->depth && l->levels[l->depth - 1].column > column)
		l->depth--;
	return l->depth && l->levels[l->depth - 1].column == column && l->levels[l->depth - 1].value->type == type;
}

static char unescape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '"':
	case '\\':
	case '/':
		return c;
	default:
		return '\0';
	}
}

/* A string with escapes: all but \u, which PostgreSQL writes for control characters only. `at` stands behind the quote.
 */
static bool set_escaped(struct lines *l, struct so_plan_value *value, const char *at, const char *end)
{
	char *out = so_plan_chunk(&l->chunks, (size_t)(end - at) + 1);
	size_t len = 0;

	for (; at < end && *at != '"'; at++) {
		char c = *at;

		if (c == '\\')
			c = at + 1 < end ? unescape(*++at) : '\0';
		if (!c || (unsigned char)*at < ' ')
			return false;
		out[len++] = c;
	}
	value->text = (struct so_span){ out, len };
	return at + 1 == end;
}

static bool is_word(const char *at, const char *end, const char *word)
{
	return so_span_is((struct so_span){ at, (size_t)(end - at) }, word);
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

static bool set_number(struct so_plan_value *value, const char *at, const char *end)
{
	struct so_span text = { at, (size_t)(end - at) };
	bool negative = *at == '-',
	     real = memchr(at, '.', text.len) || memchr(at, 'e', text.len) || memchr(at, 'E', text.len);

	text = so_span_without(text, negative);
	if (!text.len || text.len > 15 || !isdigit((unsigned char)*text.at)) /* longer ones: let libyaml's reader see */
		return false;
	value->real = so_span_take_number(&text);
	if (negative)
		value->real = -value->real;
	value->type = SO_VALUE_REAL;
	if (!real) {
		value->type = SO_VALUE_INTEGER;
		value->whole = (int64_t)value->real;
	}
	return !text.len && memchr("0123456789", end[-1], 10);
}

static bool set_string(struct lines *l, struct so_plan_value *value, const char *at, const char *end)
{
	const char *quote = memchr(at + 1, '"', (size_t)(end - at) - 1);

	value->type = SO_VALUE_STRING;
	if (quote != end - 1 || memchr(at + 1, '\\', (size_t)(quote - at) - 1))
		return set_escaped(l, value, at + 1, end);
	value->text = (struct so_span){ at + 1, (size_t)(quote - at) - 1 };
	for (const char *c = at + 1; c < quote; c++)
		if ((unsigned char)*c < ' ')
			return false;
	return true;
}

/* ["a", "b"]: grouping sets. */
static bool set_list(struct lines *l, struct so_plan_value *value, const char *at, const char *end)
{
	value->type = SO_VALUE_ARRAY;
	for (at++; at < end && *at == '"';) {
		const char *quote = at + 1;

		while (quote < end && *quote != '"')
			quote += 1 + (*quote == '\\');
		if (quote >= end || !set_string(l, so_plan_value_add(&l->chunks, value, no_key), at, quote + 1))
			return false;
		at = quote + 1;
		if (end - at > 2 && at[0] == ',' && at[1] == ' ' && at[2] == '"')
			at += 2;
		else
			break;
	}
	return at + 1 == end && *at == ']';
}

/* What stands behind a key or a dash, without blanks around it, not empty. */
static bool set_value(struct lines *l, struct so_plan_value *value, const char *at, const char *end)
{
	if (*at == '"')
		return set_string(l, value, at, end);
	if (*at == '[')
		return set_list(l, value, at, end);
	if (isdigit((unsigned char)*at) || *at == '-')
		return set_number(value, at, end);
	if (is_word(at, end, "true") || is_word(at, end, "false")) {
		value->type = *at == 't' ? SO_VALUE_TRUE : SO_VALUE_FALSE;
		return true;
	}
	return false;
}

/* "Key: value", "Key:" */
static bool take_key(struct lines *l, const char *at, const char *end, size_t column)
{
	const char *colon = at;
	struct so_plan_value *value;

	if (!isalpha((unsigned char)*at))
		return false;
	while (colon < end && (is_name(*colon) || *colon == ' '))
		colon++;
	if (colon == end || *colon != ':' || colon[-1] == ' ' || (colon + 1 < end && colon[1] != ' ') ||
		!go_to(l, column, SO_VALUE_OBJECT))
		return false;
	value = add(l, (struct so_span){ at, (size_t)(colon - at) });
	for (at = colon + 1; at < end && *at == ' '; at++) {
	}
	if (at < end)
		return set_value(l, value, at, end);
	l->pending = value;
	return true;
}

/* A line that has something, without blanks at its end. */
static bool take_line(struct lines *l, const char *begin, const char *end)
{
	const char *at = begin;

	while (*at == ' ')
		at++;
	while (*at == '-' && (at + 1 == end || at[1] == ' ')) {
		struct so_plan_value *item;

		if (!go_to(l, (size_t)(at - begin), SO_VALUE_ARRAY))
			return false;
		item = add(l, no_key);
		for (at++; at < end && *at == ' '; at++) {
		}
		if (at < end && (*at == '"' || *at == '['))
			return set_value(l, item, at, end);
		l->pending = item;
		if (at == end)
			return true;
	}
	return take_key(l, at, end, (size_t)(at - begin));
}

struct so_plan_value *so_plan_yaml_lines(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct lines l = { .chunks = { .ctx = ctx, .size = len < 4096 ? 2048 : 32768 } };

	l.root = l.pending = so_plan_value_add(&l.chunks, NULL, no_key);
	for (const char *at = text, *stop = text + len, *next; at < stop; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(stop - at)), *end = newline ? newline : stop;

		next = end + (newline != NULL);
		if (end > at && end[-1] == '\r')
			end--;
		while (end > at && end[-1] == ' ')
			end--;
		if (end > at && !take_line(&l, at, end))
			return NULL;
	}
	return l.root->type == SO_VALUE_NULL ? NULL : l.root;
}
