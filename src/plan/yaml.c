#include "plan/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "plan/reader.h"

/* A list or map that is not closed yet. */
struct level {
	struct so_plan_value *value;
	struct so_span key; /* map: the key whose value comes next; .at is NULL when a key does */
};

struct build {
	struct so_plan_chunks chunks;
	struct level *levels;
	size_t depth, size;
	struct so_plan_value *root;
};

static void set_plain(struct so_plan_value *value, const char *text, size_t len)
{
	char *end;
	long long whole;
	double real;

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		value->type = *text == 't' ? SO_VALUE_TRUE : SO_VALUE_FALSE;
		return;
	}
	if (!len || strcmp(text, "~") == 0 || strcmp(text, "null") == 0) {
		value->type = SO_VALUE_NULL;
		return;
	}
	if (!strchr("+-.0123456789", *text))
		return;
	errno = 0;
	whole = strtoll(text, &end, 10);
	if (!*end && !errno) {
		value->type = SO_VALUE_INTEGER;
		value->whole = whole;
		return;
	}
	errno = 0;
	real = strtod(text, &end);
	if (!*end && !errno && isfinite(real) && !strpbrk(text, "xX")) {
		value->type = SO_VALUE_REAL;
		value->real = real;
	}
}

static struct so_span copy_scalar(struct build *b, const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;

	return (struct so_span){ so_plan_chunk_text(&b->chunks, (const char *)event->data.scalar.value, len), len };
}

/* A new value where the document is at. NULL: a key that is no scalar, or a second document. */
static struct so_plan_value *place(struct build *b)
{
	struct level *level = b->depth ? &b->levels[b->depth - 1] : NULL;
	struct so_plan_value *value;

	if (!level ? b->root != NULL : level->value->type == SO_VALUE_OBJECT && !level->key.at)
		return NULL;
	value = so_plan_value_add(
		&b->chunks, level ? level->value : NULL, level ? level->key : (struct so_span){ NULL, 0 });
	if (level)
		level->key = (struct so_span){ NULL, 0 };
	else
		b->root = value;
	return value;
}

static bool take_scalar(struct build *b, const yaml_event_t *event)
{
	struct level *level = b->depth ? &b->levels[b->depth - 1] : NULL;
	struct so_plan_value *value;

	/* what stands where a key is expected is a key, whatever it looks like */
	if (level && level->value->type == SO_VALUE_OBJECT && !level->key.at) {
		level->key = copy_scalar(b, event);
		return true;
	}
	value = place(b);
	if (!value)
		return false;
	value->type = SO_VALUE_STRING;
	value->text = copy_scalar(b, event);
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && value->text.len < 64)
		set_plain(value, value->text.at, value->text.len);
	return true;
}

static bool open_level(struct build *b, enum so_plan_value_type type)
{
	struct so_plan_value *value = place(b);

	if (!value)
		return false;
	value->type = type;
	if (b->depth == b->size) {
		b->size = b->size ? b->size * 2 : 32;
		b->levels = so_renew_array(b->chunks.ctx, b->levels, struct level, (unsigned)b->size);
	}
	b->levels[b->depth++] = (struct level){ .value = value };
	return true;
}

static bool fail_at(const yaml_event_t *event, struct so_err *err, const char *what)
{
	return so_fail(err, SO_INPUT, "the plan's YAML has %s, at line %zu", what, event->start_mark.line + 1);
}

static bool take(struct build *b, const yaml_event_t *event, struct so_err *err)
{
	bool done = true;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return fail_at(event, err, "an alias (*), which no plan has");
	case YAML_SCALAR_EVENT:
		if (event->data.scalar.tag)
			return fail_at(event, err, "a tag (!), which no plan has");
		done = take_scalar(b, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (b->depth >= SO_PLAN_YAML_MAX_DEPTH)
			return so_plan_fail_depth(err);
		done = open_level(b, event->type == YAML_MAPPING_START_EVENT ? SO_VALUE_OBJECT : SO_VALUE_ARRAY);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		break;
	default:
		break;
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

struct so_plan_value *so_plan_yaml_by_libyaml(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err)
{
	struct build b = { .chunks = { .ctx = ctx, .size = len < 4096 ? 2048 : 32768 } };
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
		ok = take(&b, &event, err);
		ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (ok && !b.root)
		ok = so_fail(err, SO_INPUT, "the plan is empty");
	return ok ? b.root : NULL;
}

struct so_plan_value *so_plan_yaml_parse(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err)
{
	struct so_plan_value *root = so_plan_yaml_lines(ctx, text, len);

	return root ? root : so_plan_yaml_by_libyaml(ctx, text, len, err);
}
