/* XML as the engines write it: elements, attributes, character data, and the entities that XML itself names. Names and
 * texts stay where they are in a copy of the document. Whatever else there is (document types, CDATA, comments inside)
 * ends the attempt, and so does every mistake: expat tells what it is. */
#include <string.h>

#include "plan/span.h"
#include "plan/xml_tree.h"

#define MAX_ATTRIBUTES 64 /* of one element; Showplan's have up to 30 */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.' || c == ':';
}

/* The next such character, or NULL. By hand: the distances are short, and strict checks of strings, which a sanitizer
 * may do, would read the document to its end for each strchr. */
static char *find(char *at, char c)
{
	while (*at && *at != c)
		at++;
	return *at ? at : NULL;
}

/* ---- Character data --------------------------------------------------------------------------------------------- */

static char *put_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		*out++ = (char)code;
		return out;
	}
	if (code < 0x800) {
		*out++ = (char)(0xC0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*out++ = (char)(0xE0 | code >> 12);
		} else {
			*out++ = (char)(0xF0 | code >> 18);
			*out++ = (char)(0x80 | (code >> 12 & 63));
		}
		*out++ = (char)(0x80 | (code >> 6 & 63));
	}
	*out++ = (char)(0x80 | (code & 63));
	return out;
}

/* "#10" or "#x0A", without & and ; - 0 for what is no character of XML. */
static unsigned reference(const char *at, const char *end)
{
	unsigned code = 0, base = 10;

	at++;
	if (at < end && *at == 'x') {
		base = 16;
		at++;
	}
	if (at == end || end - at > 7)
		return 0;
	for (; at < end; at++) {
		unsigned digit = *at >= '0' && *at <= '9' ? (unsigned)(*at - '0') : (unsigned)((*at | 32) - 'a') + 10;

		if (digit >= base)
			return 0;
		code = code * base + digit;
	}
	if (code < ' ' && code != '\n' && code != '\t' && code != '\r')
		return 0;
	return code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) || (code & 0xFFFE) == 0xFFFE ? 0 : code;
}

/* Replaces what stands for something else, in place, and ends the text with a NUL. False: an entity that is unknown. */
static bool decode(char *at, char *end, bool attribute)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' } };
	const char *begin = at;
	char *out;

	*end = '\0';
	while (at < end && *at != '&' && *at != '>' && (unsigned char)*at >= ' ')
		at++;
	for (out = at; at < end;) {
		char *semicolon;
		unsigned code = 0;
		size_t len;

		if (((unsigned char)*at < ' ' && !is_space(*at)) ||
			(*at == '>' && !attribute && at - begin > 1 && at[-1] == ']' && at[-2] == ']'))
			return false;
		if (*at != '&') {
			if (*at == '\r') { /* a line end */
				at += at[1] == '\n';
				*at = '\n';
			}
			*out++ = attribute && is_space(*at) ? ' ' : *at;
			at++;
			continue;
		}
		semicolon = memchr(at, ';', (size_t)(end - at) < 12 ? (size_t)(end - at) : 12);
		if (!semicolon)
			return false;
		len = (size_t)(semicolon - at) - 1;
		if (at[1] == '#')
			code = reference(at + 1, semicolon);
		for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
			if (strlen(entities[i].name) == len && memcmp(at + 1, entities[i].name, len) == 0)
				code = (unsigned char)entities[i].c;
		if (!code)
			return false;
		out = put_utf8(out, code); /* never longer than the reference */
		at = semicolon + 1;
	}
	*out = '\0';
	return true;
}

/* ---- Tags ------------------------------------------------------------------------------------------------------- */

/* The name at *at, without the prefix of its namespace if `local`; *at moves behind it. Empty: there is none. */
static struct so_span take_name(char **at, bool local)
{
	char *begin = *at, *end = begin;
	bool letter = (*begin >= 'a' && *begin <= 'z') || (*begin >= 'A' && *begin <= 'Z') || *begin == '_';

	for (; letter && is_name(*end); end++)
		if (*end == ':' && local) {
			begin = end + 1;
			local = false;
		}
	*at = end;
	return (struct so_span){ begin, (size_t)(end - begin) };
}

/* name="value" pairs up to the end of a tag. NULL: not in this form. */
static char *take_attributes(struct so_plan_xml_tree *tree, struct so_plan_xml *element, char *at)
{
	const char *pairs[2 * MAX_ATTRIBUTES];
	size_t n = 0;

	while (is_space(*at)) {
		struct so_span name;
		char *end, quote;

		while (is_space(*at))
			at++;
		if (*at == '>' || *at == '/')
			break;
		name = take_name(&at, false);
		quote = name.len && *at == '=' ? at[1] : '\0';
		end = quote == '"' || quote == '\'' ? find(at + 2, quote) : NULL;
		if (!end || n == 2 * MAX_ATTRIBUTES || memchr(at + 2, '<', (size_t)(end - at) - 2))
			return NULL;
		for (size_t i = 0; i < n; i += 2)
			if (so_span_is(name, pairs[i]))
				return NULL;
		pairs[n++] = so_plan_xml_share_name(tree, name.at, name.len);
		pairs[n++] = at + 2;
		if (!decode(at + 2, end, true))
			return NULL;
		at = end + 1;
	}
	if (!n)
		return at;
	element->n_attributes = n / 2;
	element->attributes = so_plan_chunk(&tree->chunks, n * sizeof *pairs);
	memcpy(element->attributes, pairs, n * sizeof *pairs);
	return at;
}

/* "<name ...>" or "<name .../>"; `at` is the name. Returns what is behind; NULL: not in this form. */
static char *take_open(struct so_plan_xml_tree *tree, char *at)
{
	struct so_span name = take_name(&at, true);
	struct so_plan_xml *element;

	if (!name.len || ++tree->n_elements > SO_PLAN_XML_MAX_ELEMENTS || ++tree->depth > SO_PLAN_XML_MAX_DEPTH ||
		(!tree->at && tree->root))
		return NULL;
	element = so_plan_xml_open(tree, name.at, name.len);
	at = take_attributes(tree, element, at);
	if (at && *at == '/') {
		at++;
		so_plan_xml_close(tree);
	}
	return at && *at == '>' ? at + 1 : NULL;
}

static bool is_blank(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at == end;
}

/* "</name>"; `at` is the name, `from` the first character behind the last tag. */
static char *take_close(struct so_plan_xml_tree *tree, char *at, char *from)
{
	struct so_plan_xml *element = tree->at;
	char *tag = at - 2;
	struct so_span name = take_name(&at, true);

	while (is_space(*at))
		at++;
	if (!element || !so_span_is(name, element->name) || *at != '>')
		return NULL;
	if (!element->first) {
		if (!decode(from, tag, false))
			return NULL;
		element->text = from;
	} else if (!is_blank(from, tag)) {
		return NULL;
	}
	so_plan_xml_close(tree);
	return at + 1;
}

/* What may stand beside the root: comments. */
static char *skip_beside(const struct so_plan_xml_tree *tree, char *at)
{
	char *end = NULL;

	if (!tree->at && strncmp(at, "<!--", 4) == 0)
		end = strstr(at + 4, "--"); /* nowhere else in a comment */
	return end && end[2] == '>' ? end + 3 : NULL;
}

/* "<?xml version="1.0" encoding="utf-16"?>" with what engines write in it, at the very beginning. */
static char *skip_declaration(char *at)
{
	static const char begin[] = "<?xml version=\"1.0\"", encoding[] = " encoding=\"";
	char *end = at + strlen(begin);

	if (strncmp(at, begin, strlen(begin)) != 0)
		return at;
	if (strncmp(end, encoding, strlen(encoding)) == 0) {
		end += strlen(encoding);
		while (is_name(*end))
			end++;
		end += *end == '"';
	}
	return strncmp(end, "?>", 2) == 0 ? end + 2 : at; /* at which the attempt ends */
}

struct so_plan_xml *so_plan_xml_plain(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct so_plan_xml_tree *tree = so_new(ctx, struct so_plan_xml_tree);
	char *at = so_strndup(ctx, text, len), *from;

	tree->chunks = (struct so_plan_chunks){ .ctx = ctx, .size = len < 4096 ? 2048 : 32768 };
	at = skip_declaration(at);
	while (at) {
		from = at;
		if (tree->at) {
			at = find(at, '<');
		} else {
			at += strspn(at, " \n\r\t");
			if (!*at)
				return tree->root;
			at = *at == '<' ? at : NULL;
		}
		if (!at)
			return NULL;
		if (at[1] == '/')
			at = take_close(tree, at + 2, from);
		else if (at[1] == '!')
			at = skip_beside(tree, at);
		else
			at = is_blank(from, at) ? take_open(tree, at + 1) : NULL;
	}
	return NULL;
}
