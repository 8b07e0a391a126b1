#include "plan/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "plan/reader.h"

/* A list or map that is not closed yet. */
struct level {
	json_t *value; /* borrowed from what holds it; the first one is owned */
	json_t *key; /* map: the key whose value comes next, owned */
};

struct build {
	struct level *levels;
	size_t depth, size;
	json_t *root;
};

static json_t *plain_scalar(const char *text, size_t len)
{
	char *end;
	long long whole;
	double real;

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(*text == 't');
	if (!len || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
		return json_null();
	if (strchr("+-.0123456789", *text)) {
		errno = 0;
		whole = strtoll(text, &end, 10);
		if (!*end && !errno)
			return json_integer(whole);
		errno = 0;
		real = strtod(text, &end);
		if (!*end && !errno && isfinite(real) && !strpbrk(text, "xX"))
			return json_real(real);
	}
	return NULL;
}

static json_t *scalar(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	json_t *value = NULL;

	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && len < 64)
		value = plain_scalar(text, len);
	return so_mem_need(value ? value : json_stringn(text, len));
}

/* Puts a value where the document is at. Takes the reference; false: a key that is no scalar, or a second document. */
static bool place(struct build *b, json_t *value)
{
	struct level *level = b->depth ? &b->levels[b->depth - 1] : NULL;
	bool placed = true;

	if (!level) {
		placed = !b->root;
		if (placed)
			b->root = json_incref(value);
	} else if (json_is_array(level->value)) {
		json_array_append(level->value, value);
	} else if (level->key) {
		json_object_setn(level->value, json_string_value(level->key), json_string_length(level->key), value);
		json_decref(level->key);
		level->key = NULL;
	} else if (json_is_string(value)) {
		level->key = json_incref(value);
	} else {
		placed = false;
	}
	json_decref(value);
	return placed;
}

static bool open_level(TALLOC_CTX *tmp, struct build *b, json_t *value)
{
	bool placed = place(b, json_incref(value));

	if (placed) {
		if (b->depth == b->size) {
			b->size = b->size ? b->size * 2 : 32;
			b->levels = so_renew_array(tmp, b->levels, struct level, (unsigned)b->size);
		}
		b->levels[b->depth++] = (struct level){ .value = value };
	}
	json_decref(value);
	return placed;
}

static bool fail_at(const yaml_event_t *event, struct so_err *err, const char *what)
{
	return so_fail(err, SO_INPUT, "the plan's YAML has %s, at line %zu", what, event->start_mark.line + 1);
}

static bool take(TALLOC_CTX *tmp, struct build *b, const yaml_event_t *event, struct so_err *err)
{
	bool map = event->type == YAML_MAPPING_START_EVENT;
	bool done;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return fail_at(event, err, "an alias (*), which no plan has");
	case YAML_SCALAR_EVENT:
		if (event->data.scalar.tag)
			return fail_at(event, err, "a tag (!), which no plan has");
		/* what stands where a key is expected is a key, whatever it looks like */
		if (b->depth && json_is_object(b->levels[b->depth - 1].value) && !b->levels[b->depth - 1].key)
			done = place(b, so_mem_need(json_stringn(
						(const char *)event->data.scalar.value, event->data.scalar.length)));
		else
			done = place(b, scalar(event));
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (b->depth >= SO_PLAN_YAML_MAX_DEPTH)
			return so_plan_fail_depth(err);
		done = open_level(tmp, b, so_mem_need(map ? json_object() : json_array()));
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		done = true;
		break;
	default:
		done = true;
	}
	return done || fail_at(event, err, "a list or map as a key, which no plan has");
}

static bool fail_syntax(const yaml_parser_t *parser, size_t len, struct so_err *err)
{
	size_t line = parser->problem_mark.line + 1;

	if (parser->error == YAML_READER_ERROR)
		return so_fail(err, SO_INPUT, "the plan is no valid YAML: %s at byte %zu", parser->problem,
			parser->problem_offset);
	if (parser->problem_mark.index >= len)
		return so_fail(err, SO_INPUT, "the plan is cut off: its YAML ends early, at line %zu", line);
	return so_fail(err, SO_INPUT, "the plan is no valid YAML: %s at line %zu, column %zu", parser->problem, line,
		parser->problem_mark.column + 1);
}

json_t *so_plan_yaml_parse(const char *text, size_t len, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct build b = { 0 };
	bool ok = true, ended = false;
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		so_mem_need(NULL);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (ok && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			ok = fail_syntax(&parser, len, err);
			break;
		}
		ok = take(tmp, &b, &event, err);
		ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	for (size_t i = 0; i < b.depth; i++)
		json_decref(b.levels[i].key);
	yaml_parser_delete(&parser);
	if (ok && !b.root)
		ok = so_fail(err, SO_INPUT, "the plan is empty");
	if (!ok)
		json_decref(b.root);
	return ok ? b.root : NULL;
}
