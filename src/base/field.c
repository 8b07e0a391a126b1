#include "base/field.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

/* ---- owning JSON --------------------------------------------------------------------------------------------- */

struct json_owner {
	json_t *json;
};

static int json_owner_dtor(struct json_owner *owner)
{
	json_decref(owner->json);
	return 0;
}

json_t *so_json_own(TALLOC_CTX *ctx, json_t *json)
{
	struct json_owner *owner = so_new(ctx, struct json_owner);

	owner->json = json;
	talloc_set_destructor(owner, json_owner_dtor);
	return json;
}

/* ---- errors -------------------------------------------------------------------------------------------------- */

void so_field_errors_init(struct so_field_errors *errors, TALLOC_CTX *ctx)
{
	errors->list = NULL;
	errors->ctx = ctx;
}

void so_field_error(
	struct so_field_errors *errors, const char *where, const char *name, const char *type, const char *fmt, ...)
{
	SO_TMP(tmp, NULL);
	va_list args;

	va_start(args, fmt);
	char *message = so_vprintf(tmp, fmt, args);
	va_end(args);
	if (!errors->list)
		errors->list = so_json_own(errors->ctx, json_array());
	json_t *loc = json_pack("[s]", where);

	if (name)
		json_array_append_new(loc, json_string(name));
	json_array_append_new(errors->list, json_pack("{s:o, s:s, s:s}", "loc", loc, "msg", message, "type", type));
}

/* ---- one value ----------------------------------------------------------------------------------------------- */

struct decode {
	TALLOC_CTX *ctx;
	const char *where;
	struct so_field_errors *errors;
};

static void *member(const struct so_field *field, void *object)
{
	return (char *)object + field->offset;
}

static const void *member_const(const struct so_field *field, const void *object)
{
	return (const char *)object + field->offset;
}

static bool bounded(const struct so_field *field)
{
	return field->min != 0 || field->max != 0;
}

static void put_nothing(const struct so_field *field, void *object)
{
	switch (field->type) {
	case SO_T_INT:
		*(int64_t *)member(field, object) = SO_INT_NONE;
		break;
	case SO_T_REAL:
		*(double *)member(field, object) = NAN;
		break;
	case SO_T_STR:
	case SO_T_BOOL:
	case SO_T_STRS:
	case SO_T_JSON:
		break; /* the struct is zeroed */
	}
}

static bool word_allowed(const struct so_field *field, const char *text)
{
	for (const char *const *word = field->one_of; *word; word++)
		if (strcmp(*word, text) == 0)
			return true;
	return false;
}

static void refuse_word(const struct so_field *field, struct decode *d)
{
	SO_TMP(tmp, NULL);
	char *words = so_strdup(tmp, "");

	for (const char *const *word = field->one_of; *word; word++)
		words = so_printf(tmp, "%s%s%s", words, word == field->one_of ? "" : ", ", *word);
	so_field_error(d->errors, d->where, field->name, "value_error", "must be one of: %s", words);
}

static bool blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* A string that C code can hold: no NUL inside (jansson accepts \u0000 only when asked, text parameters cannot). */
static void put_string(const struct so_field *field, void *object, const char *text, size_t len, struct decode *d)
{
	int64_t size = (int64_t)len;

	if (field->one_of && !word_allowed(field, text)) {
		refuse_word(field, d);
		return;
	}
	if (field->max && size > field->max) {
		so_field_error(d->errors, d->where, field->name, "value_error",
			"must have at most %lld bytes, has %lld", (long long)field->max, (long long)size);
		return;
	}
	if (field->min > 0 && (size < field->min || (!(field->flags & SO_F_BLANK_OK) && blank(text)))) {
		if (field->min == 1 || blank(text))
			so_field_error(d->errors, d->where, field->name, "value_error", "must not be empty");
		else
			so_field_error(d->errors, d->where, field->name, "value_error", "must have at least %lld bytes",
				(long long)field->min);
		return;
	}
	*(char **)member(field, object) = so_strndup(d->ctx, text, len);
}

static void refuse_range(const struct so_field *field, struct decode *d)
{
	if (field->max == INT64_MAX)
		so_field_error(d->errors, d->where, field->name, "value_error", "must be at least %lld",
			(long long)field->min);
	else
		so_field_error(d->errors, d->where, field->name, "value_error", "must be %lld to %lld",
			(long long)field->min, (long long)field->max);
}

static void put_int(const struct so_field *field, void *object, int64_t value, struct decode *d)
{
	if (bounded(field) && (value < field->min || value > field->max)) {
		refuse_range(field, d);
		return;
	}
	*(int64_t *)member(field, object) = value;
}

static void put_real(const struct so_field *field, void *object, double value, struct decode *d)
{
	if (!isfinite(value) || (bounded(field) && (value < (double)field->min || value > (double)field->max))) {
		refuse_range(field, d);
		return;
	}
	*(double *)member(field, object) = value;
}

static void put_strs(const struct so_field *field, void *object, const json_t *value, struct decode *d)
{
	size_t n = json_array_size(value);

	if (field->max && n > (size_t)field->max) {
		so_field_error(d->errors, d->where, field->name, "value_error", "must have at most %lld items",
			(long long)field->max);
		return;
	}
	struct so_strs *strs = so_new(d->ctx, struct so_strs);

	strs->items = so_new_array(strs, char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(value, i);

		if (!json_is_string(item)) {
			so_field_error(d->errors, d->where, field->name, "type_error", "item %zu must be a string", i);
			return;
		}
		strs->items[strs->count++] = so_strdup(strs, json_string_value(item));
	}
	*(struct so_strs **)member(field, object) = strs;
}

static const char *type_words(const struct so_field *field)
{
	switch (field->type) {
	case SO_T_STR:
		return "a string";
	case SO_T_INT:
		return field->flags & SO_F_TIME ? "a time such as 2026-11-22T11:43:44Z" : "an integer";
	case SO_T_REAL:
		return "a number";
	case SO_T_BOOL:
		return "true or false";
	case SO_T_STRS:
		return "an array of strings";
	case SO_T_JSON:
		return field->flags & SO_F_LIST ? "an array" : "an object";
	}
	return "";
}

static void refuse_type(const struct so_field *field, struct decode *d)
{
	so_field_error(d->errors, d->where, field->name, "type_error", "must be %s", type_words(field));
}

static bool put_time(const struct so_field *field, void *object, const char *text)
{
	return text && so_time_parse(text, member(field, object));
}

static void put_json(const struct so_field *field, void *object, json_t *value, struct decode *d)
{
	switch (field->type) {
	case SO_T_STR:
		if (!json_is_string(value))
			break;
		put_string(field, object, json_string_value(value), json_string_length(value), d);
		return;
	case SO_T_INT:
		if (field->flags & SO_F_TIME) {
			if (!put_time(field, object, json_string_value(value)))
				break;
			return;
		}
		if (!json_is_integer(value))
			break;
		put_int(field, object, json_integer_value(value), d);
		return;
	case SO_T_REAL:
		if (!json_is_number(value))
			break;
		put_real(field, object, json_number_value(value), d);
		return;
	case SO_T_BOOL:
		if (!json_is_boolean(value))
			break;
		*(bool *)member(field, object) = json_boolean_value(value);
		return;
	case SO_T_STRS:
		if (!json_is_array(value))
			break;
		put_strs(field, object, value, d);
		return;
	case SO_T_JSON:
		if (field->flags & SO_F_LIST ? !json_is_array(value) : !json_is_object(value))
			break;
		*(json_t **)member(field, object) = so_json_own(d->ctx, json_incref(value));
		return;
	}
	refuse_type(field, d);
}

static bool parse_bool(const char *text, bool *value)
{
	if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
		*value = true;
	else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
		*value = false;
	else
		return false;
	return true;
}

static bool parse_int(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	long long parsed = strtoll(text, &end, 10);

	if (end == text || *end || errno || text[0] == ' ' || text[0] == '+')
		return false;
	*value = parsed;
	return true;
}

/* JSON is by itself; what stands in a URL need not be. */
static bool is_utf8(const char *text)
{
	while (*text) {
		int len = so_utf8_length(text, 4);

		if (len <= 0)
			return false;
		text += len;
	}
	return true;
}

static void put_text(const struct so_field *field, void *object, const char *text, struct decode *d)
{
	int64_t whole;
	bool truth;
	char *end;

	switch (field->type) {
	case SO_T_STR:
		if (!is_utf8(text)) {
			so_field_error(d->errors, d->where, field->name, "value_error", "must be UTF-8");
			return;
		}
		put_string(field, object, text, strlen(text), d);
		return;
	case SO_T_INT:
		if (field->flags & SO_F_TIME) {
			if (!put_time(field, object, text))
				break;
			return;
		}
		if (!parse_int(text, &whole))
			break;
		put_int(field, object, whole, d);
		return;
	case SO_T_REAL: {
		double real = strtod(text, &end);

		if (end == text || *end)
			break;
		put_real(field, object, real, d);
		return;
	}
	case SO_T_BOOL:
		if (!parse_bool(text, &truth))
			break;
		*(bool *)member(field, object) = truth;
		return;
	case SO_T_STRS:
	case SO_T_JSON:
		break;
	}
	refuse_type(field, d);
}

/* ---- whole objects ------------------------------------------------------------------------------------------- */

static void *new_object(TALLOC_CTX *ctx, const struct so_resource *resource)
{
	void *object = so_mem_need(talloc_zero_size(ctx, resource->size));

	so_assert(resource->n_fields <= 64);
	talloc_set_name_const(object, resource->name);
	for (size_t i = 0; i < resource->n_fields; i++)
		put_nothing(&resource->fields[i], object);
	return object;
}

static void missing(const struct so_field *field, void *object, struct decode *d)
{
	if (field->deflt)
		put_text(field, object, field->deflt, d);
	else if (field->flags & SO_F_REQUIRED)
		so_field_error(d->errors, d->where, field->name, "missing", "field is required");
}

static const struct so_field *find_field(const struct so_resource *resource, const char *name)
{
	for (size_t i = 0; i < resource->n_fields; i++)
		if (strcmp(resource->fields[i].name, name) == 0)
			return &resource->fields[i];
	return NULL;
}

static size_t n_errors(const struct so_field_errors *errors)
{
	return errors->list ? json_array_size(errors->list) : 0;
}

void *so_field_decode(TALLOC_CTX *ctx, const struct so_resource *resource, const json_t *body, uint64_t *present,
	struct so_field_errors *errors)
{
	size_t before = n_errors(errors);
	uint64_t seen = 0;
	const char *name;
	json_t *value;

	if (!json_is_object(body)) {
		so_field_error(errors, "body", NULL, "type_error", "must be a JSON object");
		return NULL;
	}
	void *object = new_object(ctx, resource);
	struct decode d = { .ctx = object, .where = "body", .errors = errors };

	for (size_t i = 0; i < resource->n_fields; i++) {
		const struct so_field *field = &resource->fields[i];

		value = json_object_get(body, field->name);
		if (!value) {
			missing(field, object, &d);
			continue;
		}
		seen |= UINT64_C(1) << i;
		if (!json_is_null(value))
			put_json(field, object, value, &d);
		else if (!(field->flags & SO_F_NULLABLE))
			so_field_error(
				errors, "body", field->name, "type_error", "must be %s, not null", type_words(field));
	}
	json_object_foreach((json_t *)body, name, value) if (!resource->ignore_unknown && !find_field(resource, name))
		so_field_error(errors, "body", name, "unknown_field", "there is no such field");
	if (present)
		*present = seen;
	if (n_errors(errors) == before && resource->check)
		resource->check(object, errors);
	if (n_errors(errors) == before)
		return object;
	talloc_free(object);
	return NULL;
}

void *so_field_decode_text(TALLOC_CTX *ctx, const struct so_resource *resource, const char *where,
	const char *(*lookup)(void *arg, const char *name), void *arg, uint64_t *present,
	struct so_field_errors *errors)
{
	size_t before = n_errors(errors);
	uint64_t seen = 0;
	void *object = new_object(ctx, resource);
	struct decode d = { .ctx = object, .where = where, .errors = errors };

	for (size_t i = 0; i < resource->n_fields; i++) {
		const char *text = lookup(arg, resource->fields[i].name);

		if (!text) {
			missing(&resource->fields[i], object, &d);
			continue;
		}
		seen |= UINT64_C(1) << i;
		put_text(&resource->fields[i], object, text, &d);
	}
	if (present)
		*present = seen;
	if (n_errors(errors) == before && resource->check)
		resource->check(object, errors);
	if (n_errors(errors) == before)
		return object;
	talloc_free(object);
	return NULL;
}

uint64_t so_field_bit(const struct so_resource *resource, const char *name)
{
	const struct so_field *field = find_field(resource, name);

	so_assert(field);
	return UINT64_C(1) << (field - resource->fields);
}

static size_t member_size(enum so_field_type type)
{
	switch (type) {
	case SO_T_STR:
		return sizeof(char *);
	case SO_T_INT:
		return sizeof(int64_t);
	case SO_T_REAL:
		return sizeof(double);
	case SO_T_BOOL:
		return sizeof(bool);
	case SO_T_STRS:
		return sizeof(struct so_strs *);
	case SO_T_JSON:
		return sizeof(json_t *);
	}
	return 0;
}

void so_field_merge(const struct so_resource *resource, void *to, const void *from, uint64_t present)
{
	for (size_t i = 0; i < resource->n_fields; i++) {
		const struct so_field *field = &resource->fields[i];

		if (present >> i & 1)
			memcpy(member(field, to), member_const(field, from), member_size(field->type));
	}
}

/* ---- encoding ------------------------------------------------------------------------------------------------ */

static json_t *encode_int(const struct so_field *field, int64_t value)
{
	char text[SO_TIME_TEXT];

	if (value == SO_INT_NONE)
		return json_null();
	if (!(field->flags & SO_F_TIME))
		return json_integer(value);
	return value == 0 ? json_null() : json_string(so_time_format(value, text));
}

static json_t *encode_strs(const struct so_strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; strs && i < strs->count; i++)
		json_array_append_new(list, json_string(strs->items[i]));
	return list;
}

static json_t *encode_json(const struct so_field *field, json_t *value)
{
	if (value)
		return json_incref(value);
	if (field->flags & SO_F_NULLABLE)
		return json_null();
	return field->flags & SO_F_LIST ? json_array() : json_object();
}

static json_t *encode_member(const struct so_field *field, const void *object)
{
	const void *at = member_const(field, object);

	switch (field->type) {
	case SO_T_STR: {
		const char *text = *(char *const *)at;
		json_t *string = text ? json_string(text) : NULL;

		/* Bytes from a foreign server may not be UTF-8: say so rather than lose the whole answer. */
		if (text && !string)
			return json_string("(text is not valid UTF-8)");
		return string ? string : json_null();
	}
	case SO_T_INT:
		return encode_int(field, *(const int64_t *)at);
	case SO_T_REAL: {
		double value = *(const double *)at;

		return isfinite(value) ? json_real(value) : json_null();
	}
	case SO_T_BOOL:
		return json_boolean(*(const bool *)at);
	case SO_T_STRS:
		return encode_strs(*(struct so_strs *const *)at);
	case SO_T_JSON:
		return encode_json(field, *(json_t *const *)at);
	}
	return json_null();
}

json_t *so_field_encode(const struct so_resource *resource, const void *object)
{
	json_t *json = json_object();

	for (size_t i = 0; i < resource->n_fields; i++) {
		const struct so_field *field = &resource->fields[i];

		if (!(field->flags & SO_F_SECRET))
			json_object_set_new(json, field->name, encode_member(field, object));
	}
	return json;
}

json_t *so_field_encode_list(const struct so_resource *resource, const void *objects, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, so_field_encode(resource, (const char *)objects + i * resource->size));
	return list;
}

/* ---- schema -------------------------------------------------------------------------------------------------- */

static json_t *reference(const struct so_resource *resource)
{
	if (!resource)
		return json_object();
	return json_pack("{s:s+}", "$ref", "#/components/schemas/", resource->name);
}

static void schema_limits(const struct so_field *field, json_t *schema)
{
	const char *low = NULL, *high = NULL;

	if (!bounded(field))
		return;
	switch (field->type) {
	case SO_T_INT:
	case SO_T_REAL:
		low = "minimum";
		high = field->max == INT64_MAX ? NULL : "maximum";
		break;
	case SO_T_STR:
		low = field->min > 0 ? "minLength" : NULL;
		high = field->max ? "maxLength" : NULL;
		break;
	case SO_T_STRS:
		high = field->max ? "maxItems" : NULL;
		break;
	case SO_T_BOOL:
	case SO_T_JSON:
		break;
	}
	if (low)
		json_object_set_new(schema, low, json_integer(field->min));
	if (high)
		json_object_set_new(schema, high, json_integer(field->max));
}

static json_t *default_value(const struct so_field *field)
{
	int64_t whole;
	bool truth;

	switch (field->type) {
	case SO_T_INT:
		return parse_int(field->deflt, &whole) ? json_integer(whole) : json_null();
	case SO_T_REAL:
		return json_real(strtod(field->deflt, NULL));
	case SO_T_BOOL:
		return parse_bool(field->deflt, &truth) ? json_boolean(truth) : json_null();
	case SO_T_STR:
	case SO_T_STRS:
	case SO_T_JSON:
		break;
	}
	return json_string(field->deflt);
}

static json_t *json_field_schema(const struct so_field *field)
{
	if (field->flags & SO_F_LIST)
		return json_pack("{s:s, s:o}", "type", "array", "items", reference(field->of));
	if (field->flags & SO_F_MAP)
		return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", reference(field->of));
	return field->of ? reference(field->of) : json_pack("{s:s}", "type", "object");
}

static json_t *base_schema(const struct so_field *field)
{
	switch (field->type) {
	case SO_T_STR:
		return json_pack("{s:s}", "type", "string");
	case SO_T_INT:
		if (field->flags & SO_F_TIME)
			return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
		return json_pack("{s:s, s:s}", "type", "integer", "format", "int64");
	case SO_T_REAL:
		return json_pack("{s:s, s:s}", "type", "number", "format", "double");
	case SO_T_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case SO_T_STRS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
	case SO_T_JSON:
		return json_field_schema(field);
	}
	return json_object();
}

/* Adds null to the allowed types; a reference is wrapped in anyOf. */
static json_t *or_null(json_t *schema)
{
	json_t *type = json_object_get(schema, "type");

	if (!type)
		return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
	json_object_set_new(schema, "type", json_pack("[O, s]", type, "null"));
	json_t *words = json_object_get(schema, "enum");

	if (words)
		json_array_append_new(words, json_null());
	return schema;
}

json_t *so_field_schema_of(const struct so_field *field, bool answer)
{
	json_t *schema = base_schema(field);

	if (!answer)
		schema_limits(field, schema);
	if (field->one_of) {
		json_t *words = json_array();

		for (const char *const *word = field->one_of; *word; word++)
			json_array_append_new(words, json_string(*word));
		json_object_set_new(schema, "enum", words);
	}
	if (field->flags & SO_F_NULLABLE)
		schema = or_null(schema);
	if (field->deflt && !answer)
		json_object_set_new(schema, "default", default_value(field));
	if (field->flags & SO_F_SECRET)
		json_object_set_new(schema, "writeOnly", json_true());
	if (field->doc)
		json_object_set_new(schema, "description", json_string(field->doc));
	return schema;
}

json_t *so_field_schema(const struct so_resource *resource, bool answer)
{
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; i < resource->n_fields; i++) {
		const struct so_field *field = &resource->fields[i];

		if (answer && field->flags & SO_F_SECRET)
			continue;
		json_object_set_new(properties, field->name, so_field_schema_of(field, answer));
		if (answer ? !(field->flags & SO_F_MAYBE) : (field->flags & SO_F_REQUIRED) != 0)
			json_array_append_new(required, json_string(field->name));
	}
	json_t *schema = json_pack("{s:s, s:o}", "type", "object", "properties", properties);

	if (json_array_size(required) > 0)
		json_object_set(schema, "required", required);
	json_decref(required);
	if (!resource->ignore_unknown)
		json_object_set_new(schema, "additionalProperties", json_false());
	if (resource->doc)
		json_object_set_new(schema, "description", json_string(resource->doc));
	return schema;
}
