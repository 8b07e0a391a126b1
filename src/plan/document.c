#include "plan/document.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "plan/encoding.h"
#include "plan/frame.h"
#include "plan/paste.h"
#include "plan/yaml.h"

#define MAX_FRAMES 4 /* around each other: a quoted cell with a table in it ... */

bool so_plan_fail_depth(struct so_err *err)
{
	return so_fail(err, SO_LIMIT, "the plan is nested more than %d nodes deep", SO_PLAN_MAX_DEPTH);
}

/* Whether a text starts as JSON of a plan does: "[2026-11-22 ..." is a line of a log. */
static bool looks_like_json(const char *text)
{
	if (*text != '[' && *text != '{')
		return false;
	for (text++; isspace((unsigned char)*text); text++) {
	}
	return !*text || strchr("\"[{]}", *text);
}

static bool fail_json(const char *text, size_t len, const json_error_t *at, struct so_err *err)
{
	enum json_error_code code = json_error_code(at);

	if (code == json_error_stack_overflow)
		return so_plan_fail_depth(err);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	/* a document that ends inside a word or a number is an invalid token to jansson */
	if (code == json_error_premature_end_of_input || (code == json_error_invalid_syntax && at->position >= 0 &&
								 (size_t)at->position >= len && memchr("[{", *text, 2)))
		return so_fail(err, SO_INPUT, "the plan is cut off: its JSON ends early, at line %d", at->line);
	if (code == json_error_end_of_input_expected)
		return so_fail(err, SO_INPUT,
			"something stands behind the plan's JSON, from line %d on: send one plan at a time", at->line);
	return so_fail(
		err, SO_INPUT, "the plan is no valid JSON: %s at line %d, column %d", at->text, at->line, at->column);
}

/* The beginning of a line of YAML that only PostgreSQL's plans have. */
static bool looks_like_yaml(const char *text)
{
	const char *plan = strstr(text, "Plan:");

	while (plan) {
		const char *after = plan + 5;

		while (*after == ' ' || *after == '\t' || *after == '\r')
			after++;
		if (*after == '\n') {
			while (isspace((unsigned char)*after))
				after++;
			if (strncmp(after, "Node Type:", 10) == 0)
				return true;
		}
		plan = strstr(plan + 5, "Plan:");
	}
	return false;
}

static void set_text(struct so_plan_document *doc, const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text) && *text != ' ' && *text != '\t') {
		text++;
		len--;
	}
	doc->text = text;
	doc->len = len;
}

/* The value of a JSON string, or of a cell with doubled quotes. */
static char *unquote(struct so_plan_document *doc, const char *first, size_t *len)
{
	size_t left = doc->len - (size_t)(first - doc->text);
	json_t *string = json_loadb(first, left, JSON_DECODE_ANY, NULL);
	char *inner;

	if (json_is_string(string)) {
		*len = json_string_length(string);
		inner = so_strndup(doc->tmp, json_string_value(string), *len);
	} else {
		inner = so_plan_unquote(doc->tmp, first, left, len);
	}
	json_decref(string);
	return inner;
}

/* Takes one frame off; false when there is none. */
static bool unframe(struct so_plan_document *doc)
{
	const char *first = doc->text;
	char *inner = NULL;
	size_t len = 0, n = 0;

	while (isspace((unsigned char)*first))
		first++;
	if (*first == '<' || (looks_like_json(first) && !so_plan_head_has(doc, "\"message\":")))
		return false;
	inner = so_plan_unframe_log(doc->tmp, doc->text, doc->len, &len, &n);
	if (inner && n > doc->n_plans)
		doc->n_plans = n;
	if (!inner && *first != '{' && *first != '[')
		inner = so_plan_unframe_table(doc->tmp, doc->text, doc->len, &len);
	if (!inner && (*first == '"' || *first == 'Q'))
		inner = so_plan_unframe_csv(doc->tmp, doc->text, doc->len, &len);
	if (!inner && *first == '"')
		inner = unquote(doc, first, &len);
	if (!inner && (so_plan_head_has(doc, "\nEXPLAIN: ") || so_plan_head_has(doc, "\nANALYZE: ")))
		inner = so_plan_unframe_vertical(doc->tmp, doc->text, doc->len, &len);
	if (!inner && *first == '>')
		inner = so_plan_unframe_mail(doc->tmp, doc->text, doc->len, &len);
	if (inner)
		set_text(doc, inner, len);
	return inner;
}

/* Rows as clients print them in JSON: [{"QUERY PLAN": "Sort ..."}, {"QUERY PLAN": "  Sort Key ..."}]. Texts are joined;
 * a cell that is JSON itself takes the place of the document. */
static bool unwrap_rows(struct so_plan_document *doc)
{
	static const char *const names[] = { "QUERY PLAN", "EXPLAIN" };
	const json_t *rows = doc->json, *first = json_is_array(rows) ? json_array_get(rows, 0) : rows, *cell = NULL;
	const char *name = NULL;
	struct so_buf buf;

	for (size_t i = 0; i < sizeof names / sizeof names[0] && !cell && json_object_size(first) == 1; i++) {
		name = names[i];
		cell = json_object_get(first, name);
	}
	if (!cell)
		return false;
	if (!json_is_string(cell)) {
		json_t *old = (json_t *)doc->json;

		doc->json = json_incref((json_t *)cell);
		json_decref(old);
		return false;
	}
	so_buf_init(&buf, doc->tmp, doc->len + json_array_size(rows) + 2);
	for (size_t i = 0; i < json_array_size(rows) || (i == 0 && !json_is_array(rows)); i++) {
		cell = json_object_get(json_is_array(rows) ? json_array_get(rows, i) : rows, name);
		so_buf_add(&buf, json_string_value(cell) ? json_string_value(cell) : "", json_string_length(cell));
		so_buf_addc(&buf, '\n');
	}
	so_plan_document_close(doc);
	doc->syntax = SO_PLAN_TEXT;
	set_text(doc, so_buf_text(&buf), buf.len);
	return true;
}

/* JSON between lines of something else, or with something around each line. */
static bool open_json_lines(struct so_plan_document *doc, struct so_err *err, bool must)
{
	json_error_t at;
	size_t len;
	char *clean = so_plan_unframe_lines(doc->tmp, doc->text, doc->len, "[{", "]}", &len);

	if (!clean || !looks_like_json(clean))
		return false;
	doc->json = json_loadb(clean, len, 0, &at);
	if (!doc->json) {
		if (must || memmem(clean, len, "\"Plan\"", 6) || memmem(clean, len, "\"Node Type\"", 11))
			fail_json(clean, len, &at, err);
		return false;
	}
	doc->syntax = SO_PLAN_JSON;
	doc->text = clean;
	doc->len = len;
	return true;
}

/* A text whose first character opens JSON. */
static bool open_json(struct so_plan_document *doc, struct so_err *err)
{
	json_error_t at;

	doc->json = json_loadb(doc->text, doc->len, 0, &at);
	doc->syntax = SO_PLAN_JSON;
	if (doc->json)
		return true;
	if (json_error_code(&at) != json_error_invalid_syntax && /* what lines around or between look like */
		json_error_code(&at) != json_error_end_of_input_expected)
		return fail_json(doc->text, doc->len, &at, err);
	return open_json_lines(doc, err, true);
}

/* `text` begins with a tag. */
static bool open_xml(struct so_plan_document *doc, char *text, size_t len, struct so_err *err)
{
	doc->syntax = SO_PLAN_XML;
	doc->text = text;
	doc->len = len;
	doc->xml = so_plan_xml_parse(doc->tmp, text, len, err);
	return doc->xml;
}

static bool has_line_of_xml(const struct so_plan_document *doc)
{
	return so_plan_head_has(doc, "<explain xmlns") || so_plan_head_has(doc, "<ShowPlanXML");
}

static bool open_parsed(struct so_plan_document *doc, struct so_err *err)
{
	const char *first = doc->text;
	char *xml = NULL;
	size_t len = 0;

	while (isspace((unsigned char)*first))
		first++;
	if (!*first)
		return so_fail(err, SO_INPUT, "the plan is empty");
	if (looks_like_json(first)) {
		set_text(doc, first, doc->len - (size_t)(first - doc->text));
		return open_json(doc, err);
	}
	if (*first == '<' || has_line_of_xml(doc))
		xml = so_plan_unframe_lines(doc->tmp, doc->text, doc->len, "<", ">", &len);
	if (xml) /* else the tag stands within a line of something else */
		return open_xml(doc, xml, len, err);
	if (looks_like_yaml(first)) {
		doc->syntax = SO_PLAN_YAML;
		doc->yaml = so_plan_yaml_parse(doc->tmp, doc->text, doc->len, err);
		return doc->yaml;
	}
	return open_json_lines(doc, err, false) || err->kind == SO_NONE;
}

bool so_plan_document_open(
	TALLOC_CTX *tmp, const char *bytes, size_t len, struct so_plan_document *doc, struct so_err *err)
{
	size_t raw_len = 0;
	char *raw = so_plan_decode(tmp, bytes, len, &raw_len, err);

	if (!raw)
		return false;
	raw = so_plan_unpaste(tmp, raw, &raw_len);
	*doc = (struct so_plan_document){
		.tmp = tmp, .syntax = SO_PLAN_TEXT, .raw = raw, .raw_len = raw_len, .n_plans = 1
	};
	set_text(doc, raw, raw_len);
	for (int i = 0; i < MAX_FRAMES; i++) {
		for (int k = 0; k < MAX_FRAMES && unframe(doc); k++) {
		}
		if (!open_parsed(doc, err))
			return false;
		if (!unwrap_rows(doc))
			break;
	}
	return true;
}

void so_plan_document_close(struct so_plan_document *doc)
{
	json_decref((json_t *)doc->json);
	doc->json = NULL;
}

bool so_plan_head_has(const struct so_plan_document *doc, const char *needle)
{
	return memmem(doc->text, doc->len < 65536 ? doc->len : 65536, needle, strlen(needle));
}
