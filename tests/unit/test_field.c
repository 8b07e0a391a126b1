/* The field-table codec: every row of the tables below is a value in, a value or an error out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/field.h"

struct target {
	char *name, *engine, *password, *note;
	int64_t port, interval_s, query_id, seen_us;
	double ratio;
	bool enabled;
	struct so_strs *tags;
	json_t *extra, *items;
};

static const char *const engines[] = { "postgresql", "mysql", NULL };

static const struct so_field item_fields[] = {
	SO_FIELD(struct target, name, .doc = "Name."),
};
static const struct so_resource item_resource = SO_RESOURCE(struct target, item_fields, .name = "Item");

static const struct so_field target_fields[] = {
	SO_FIELD(struct target, name, .flags = SO_F_REQUIRED, .min = 1, .max = 8, .doc = "Label."),
	SO_FIELD(struct target, engine, .flags = SO_F_REQUIRED, .one_of = engines),
	SO_FIELD(struct target, password, .flags = SO_F_SECRET, .max = 1024),
	SO_FIELD(struct target, note, .flags = SO_F_NULLABLE),
	SO_FIELD(struct target, port, .min = 1, .max = 65535, .deflt = "5432"),
	SO_FIELD(struct target, interval_s, .min = 5, .max = 86400),
	SO_FIELD(struct target, query_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(struct target, seen_us, .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(struct target, ratio),
	SO_FIELD(struct target, enabled, .deflt = "true"),
	SO_FIELD(struct target, tags, .max = 2),
	SO_FIELD(struct target, extra),
	SO_FIELD(struct target, items, .flags = SO_F_LIST, .of = &item_resource),
};
static const struct so_resource strict = SO_RESOURCE(struct target, target_fields, .name = "Target");
static const struct so_resource lenient =
	SO_RESOURCE(struct target, target_fields, .name = "Target", .ignore_unknown = true);

static int setup(void **state)
{
	so_mem_init();
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	size_t blocks = talloc_total_blocks(*state);

	talloc_free(*state);
	return blocks == 1 ? 0 : -1;
}

static struct target *decode(
	TALLOC_CTX *ctx, const struct so_resource *resource, const char *text, uint64_t *present, char **errors)
{
	struct so_field_errors found;
	json_t *body = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(body);
	so_field_errors_init(&found, ctx);
	struct target *target = so_field_decode(ctx, resource, body, present, &found);

	json_decref(body);
	*errors = NULL;
	if (found.list) {
		char *dump = json_dumps(found.list, JSON_COMPACT);

		*errors = so_strdup(ctx, dump);
		free(dump);
	}
	return target;
}

static void test_good(void **state)
{
	SO_TMP(tmp, *state);
	uint64_t present;
	char *errors;
	struct target *t = decode(tmp, &strict,
		"{\"name\":\"a\",\"engine\":\"mysql\",\"note\":null,\"interval_s\":60,\"tags\":[\"x\",\"y\"],"
		"\"extra\":{\"k\":1},\"items\":[],\"password\":\"s\",\"ratio\":2,"
		"\"seen_us\":\"1970-01-01T00:00:01Z\"}",
		&present, &errors);

	assert_null(errors);
	assert_string_equal(t->name, "a");
	assert_string_equal(t->engine, "mysql");
	assert_int_equal(t->port, 5432);
	assert_true(t->enabled);
	assert_true(t->query_id == SO_INT_NONE);
	assert_int_equal(t->seen_us, 1000000);
	assert_true(t->ratio > 1.99 && t->ratio < 2.01);
	assert_int_equal(t->tags->count, 2);
	assert_string_equal(t->tags->items[1], "y");
	assert_int_equal(json_integer_value(json_object_get(t->extra, "k")), 1);
	assert_true(present & so_field_bit(&strict, "note"));
	assert_false(present & so_field_bit(&strict, "port"));
}

static void test_all_errors_at_once(void **state)
{
	SO_TMP(tmp, *state);
	char *errors;

	assert_null(
		decode(tmp, &strict, "{\"engine\":\"db2\",\"port\":0,\"enabled\":\"yes\",\"nope\":1}", NULL, &errors));
	assert_string_equal(errors,
		"[{\"loc\":[\"body\",\"name\"],\"msg\":\"field is required\",\"type\":\"missing\"},"
		"{\"loc\":[\"body\",\"engine\"],\"msg\":\"must be one of: postgresql, "
		"mysql\",\"type\":\"value_error\"},"
		"{\"loc\":[\"body\",\"port\"],\"msg\":\"must be 1 to 65535\",\"type\":\"value_error\"},"
		"{\"loc\":[\"body\",\"enabled\"],\"msg\":\"must be true or false\",\"type\":\"type_error\"},"
		"{\"loc\":[\"body\",\"nope\"],\"msg\":\"there is no such field\",\"type\":\"unknown_field\"}]");
}

static void test_bad_values(void **state)
{
	static const struct {
		const char *member, *message;
	} rows[] = {
		{ "\"name\":\"\"", "must not be empty" },
		{ "\"name\":\"  \"", "must not be empty" },
		{ "\"name\":\"123456789\"", "at most 8 bytes, has 9" },
		{ "\"name\":7", "must be a string" },
		{ "\"name\":null", "must be a string, not null" },
		{ "\"port\":70000", "must be 1 to 65535" },
		{ "\"port\":1.5", "must be an integer" },
		{ "\"port\":\"5432\"", "must be an integer" },
		{ "\"query_id\":0", "must be at least 1" },
		{ "\"ratio\":\"x\"", "must be a number" },
		{ "\"seen_us\":5", "must be a time such as" },
		{ "\"seen_us\":\"2026-13-01T00:00:00Z\"", "must be a time such as" },
		{ "\"tags\":[\"a\",1]", "item 1 must be a string" },
		{ "\"tags\":[\"a\",\"b\",\"c\"]", "at most 2 items" },
		{ "\"tags\":\"a\"", "must be an array of strings" },
		{ "\"extra\":[]", "must be an object" },
		{ "\"items\":{}", "must be an array" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SO_TMP(tmp, *state);
		char *errors;
		const char *named = strncmp(rows[i].member, "\"name\"", 6) == 0 ? "" : "\"name\":\"a\",";
		char *text = so_printf(tmp, "{%s\"engine\":\"mysql\",%s}", named, rows[i].member);

		assert_null(decode(tmp, &strict, text, NULL, &errors));
		assert_non_null(errors);
		if (!strstr(errors, rows[i].message))
			fail_msg("%s gave %s", rows[i].member, errors);
	}
}

static void test_not_an_object(void **state)
{
	SO_TMP(tmp, *state);
	char *errors;

	assert_null(decode(tmp, &strict, "[1]", NULL, &errors));
	assert_string_equal(errors, "[{\"loc\":[\"body\"],\"msg\":\"must be a JSON object\",\"type\":\"type_error\"}]");
}

static void test_unknown_ignored(void **state)
{
	SO_TMP(tmp, *state);
	char *errors;

	assert_non_null(decode(tmp, &lenient, "{\"name\":\"a\",\"engine\":\"mysql\",\"nope\":1}", NULL, &errors));
	assert_null(errors);
}

static const char *lookup(void *arg, const char *name)
{
	const char *const *pairs = arg;

	for (; *pairs; pairs += 2)
		if (strcmp(pairs[0], name) == 0)
			return pairs[1];
	return NULL;
}

static void test_text(void **state)
{
	SO_TMP(tmp, *state);
	static const char *const good[] = { "name", "n", "engine", "mysql", "port", "99", "enabled", "0", "ratio",
		"0.5", NULL };
	static const char *const bad[] = { "name", "n", "engine", "mysql", "port", "9x", "enabled", "maybe", "ratio",
		"", NULL };
	static const char *const no_text[] = { "name", "n\xff", "engine", "mysql", "port", "99", NULL };
	struct so_field_errors errors;

	so_field_errors_init(&errors, tmp);
	assert_null(so_field_decode_text(tmp, &strict, "query", lookup, (void *)no_text, NULL, &errors));
	assert_int_equal(json_array_size(errors.list), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors.list, 0), "msg")), "must be UTF-8");
	so_field_errors_init(&errors, tmp);
	struct target *t = so_field_decode_text(tmp, &strict, "query", lookup, (void *)good, NULL, &errors);

	assert_non_null(t);
	assert_int_equal(t->port, 99);
	assert_false(t->enabled);
	assert_null(so_field_decode_text(tmp, &strict, "query", lookup, (void *)bad, NULL, &errors));
	assert_int_equal(json_array_size(errors.list), 3);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(json_array_get(errors.list, 0), "loc"), 0)), "query");
}

static void test_encode(void **state)
{
	SO_TMP(tmp, *state);
	char bad_utf8[] = "a\xff";
	struct target t = { .name = so_strdup(tmp, "a"),
		.engine = bad_utf8,
		.password = so_strdup(tmp, "secret"),
		.port = 1,
		.query_id = SO_INT_NONE,
		.seen_us = 1,
		.ratio = NAN };
	json_t *json = so_json_own(tmp, so_field_encode(&strict, &t));
	char *dump = json_dumps(json, JSON_COMPACT);

	assert_string_equal(dump,
		"{\"name\":\"a\",\"engine\":\"(text is not valid UTF-8)\",\"note\":null,\"port\":1,\"interval_s\":0,"
		"\"query_id\":null,\"seen_us\":\"1970-01-01T00:00:00.000Z\",\"ratio\":null,\"enabled\":false,\"tags\":["
		"],"
		"\"extra\":{},\"items\":[]}");
	free(dump);
}

static void test_schema(void **state)
{
	SO_TMP(tmp, *state);
	json_t *in = so_json_own(tmp, so_field_schema(&strict, false));
	json_t *out = so_json_own(tmp, so_field_schema(&lenient, true));
	json_t *properties = json_object_get(in, "properties");
	char *dump = json_dumps(json_object_get(properties, "port"), JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(
		dump, "{\"default\":5432,\"format\":\"int64\",\"maximum\":65535,\"minimum\":1,\"type\":\"integer\"}");
	free(dump);
	assert_int_equal(json_array_size(json_object_get(in, "required")), 2);
	assert_true(json_is_false(json_object_get(in, "additionalProperties")));
	assert_true(json_is_true(json_object_get(json_object_get(properties, "password"), "writeOnly")));
	assert_null(json_object_get(json_object_get(out, "properties"), "password"));
	assert_int_equal(json_array_size(json_object_get(out, "required")), 12);
	assert_null(json_object_get(out, "additionalProperties"));
	json_t *items = json_object_get(json_object_get(json_object_get(properties, "items"), "items"), "$ref");
	assert_string_equal(json_string_value(items), "#/components/schemas/Item");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_all_errors_at_once),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_not_an_object),
		cmocka_unit_test(test_unknown_ignored),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
