#include "plan/value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

struct so_plan_value *so_plan_value_add(struct so_plan_chunks *chunks, struct so_plan_value *parent, struct so_span key)
{
	struct so_plan_value *value = so_plan_chunk(chunks, sizeof *value);

	value->key = key;
	if (!parent)
		return value;
	if (parent->last)
		parent->last->next = value;
	else
		parent->first = value;
	parent->last = value;
	parent->count++;
	return value;
}

/* Everything but what an array or object holds. */
static void set_json(struct so_plan_value *value, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		value->type = SO_VALUE_OBJECT;
		break;
	case JSON_ARRAY:
		value->type = SO_VALUE_ARRAY;
		break;
	case JSON_STRING:
		value->type = SO_VALUE_STRING;
		value->text = (struct so_span){ json_string_value(json), json_string_length(json) };
		break;
	case JSON_INTEGER:
		value->type = SO_VALUE_INTEGER;
		value->whole = json_integer_value(json);
		break;
	case JSON_REAL:
		value->type = SO_VALUE_REAL;
		value->real = json_real_value(json);
		break;
	case JSON_TRUE:
		value->type = SO_VALUE_TRUE;
		break;
	case JSON_FALSE:
		value->type = SO_VALUE_FALSE;
		break;
	case JSON_NULL:
		break;
	}
}

/* As deep as jansson reads: 2,048 levels. */
static void add_json(struct so_plan_chunks *chunks, struct so_plan_value *into, const json_t *json)
{
	const char *name;
	size_t i, len;
	json_t *item;

	if (into->type == SO_VALUE_OBJECT)
		json_object_keylen_foreach((json_t *)json, name, len, item)
		{
			struct so_plan_value *value = so_plan_value_add(chunks, into, (struct so_span){ name, len });

			set_json(value, item);
			add_json(chunks, value, item);
		}
	else if (into->type == SO_VALUE_ARRAY)
		json_array_foreach((json_t *)json, i, item)
		{
			struct so_plan_value *value = so_plan_value_add(chunks, into, (struct so_span){ NULL, 0 });

			set_json(value, item);
			add_json(chunks, value, item);
		}
}

struct so_plan_value *so_plan_value_of_json(struct so_plan_chunks *chunks, const json_t *json)
{
	struct so_plan_value *root = so_plan_value_add(chunks, NULL, (struct so_span){ NULL, 0 });

	set_json(root, json);
	add_json(chunks, root, json);
	return root;
}

const struct so_plan_value *so_plan_value_get(const struct so_plan_value *object, const char *key)
{
	const struct so_plan_value *value = so_plan_value_is(object, SO_VALUE_OBJECT) ? object->first : NULL;
	size_t len = strlen(key);

	while (value && (value->key.len != len || memcmp(value->key.at, key, len) != 0))
		value = value->next;
	return value;
}

struct so_span so_plan_value_text(const struct so_plan_value *value)
{
	return so_plan_value_is(value, SO_VALUE_STRING) ? value->text : (struct so_span){ NULL, 0 };
}

double so_plan_value_number(const struct so_plan_value *value)
{
	struct so_span text = so_plan_value_text(value);
	bool negative = text.len > 1 && *text.at == '-';
	double number;

	if (so_plan_value_is(value, SO_VALUE_INTEGER))
		return (double)value->whole;
	if (so_plan_value_is(value, SO_VALUE_REAL))
		return value->real;
	if (!text.at)
		return NAN;
	text = so_span_without(text, negative);
	number = so_span_take_number(&text);
	return text.len ? NAN : negative ? -number : number;
}

int64_t so_plan_value_integer(const struct so_plan_value *value)
{
	struct so_span text = so_plan_value_text(value);
	int64_t number = 0;

	if (so_plan_value_is(value, SO_VALUE_INTEGER))
		return value->whole >= 0 && value->whole <= SO_PLAN_MAX_COUNT ? value->whole : -1;
	if (!text.len)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (!isdigit((unsigned char)text.at[i]) ||
			(number = number * 10 + (text.at[i] - '0')) > SO_PLAN_MAX_COUNT)
			return -1;
	return number;
}
