/* Routes, decoding into handlers, problems, and the OpenAPI document, over a small table of routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "api/errors.h"
#include "api/openapi.h"
#include "api/route.h"

struct item {
	int64_t id, size;
	char *name;
};

static const struct so_field item_fields[] = {
	SO_FIELD(struct item, id),
	SO_FIELD(struct item, name, .flags = SO_F_REQUIRED, .min = 1),
	SO_FIELD(struct item, size, .min = 1, .max = 9, .deflt = "3"),
};
static const struct so_resource item_resource = SO_RESOURCE(struct item, item_fields, .name = "Item");
static const struct so_field query_fields[] = { SO_FIELD(struct item, size, .min = 1, .max = 9, .deflt = "3") };
static const struct so_resource query_resource = SO_RESOURCE(struct item, query_fields, .name = "ItemQuery");

static bool ok_handler(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)req;
	(void)err;
	res->json = json_object();
	return true;
}

static bool taken_handler(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)req;
	res->json = json_object();
	return so_fail(err, SO_CONFLICT, "name '%s' is taken", "a");
}

static const struct so_route rows[] = {
	{ "GET", "/api/items", "listItems", "items", "List", .query = &query_resource, .answer = &item_resource,
		.list = true, .status = 200, .handler = ok_handler },
	{ "POST", "/api/items", "createItem", "items", "Create", .body = &item_resource, .answer = &item_resource,
		.status = 201, .old_errors = true, .handler = taken_handler },
	{ "GET", "/api/items/{id}", "getItem", "items", "Get", .answer = &item_resource, .status = 200,
		.handler = taken_handler },
	{ "DELETE", "/api/items/{id}", "deleteItem", "items", "Delete", .status = 204, .handler = ok_handler },
	{ "POST", "/api/items/{id}/test", "testItem", "items", "Test", .status = 200, .handler = ok_handler },
	{ "POST", "/api/items/test", "tryItem", "items", "Try", .status = 200, .handler = ok_handler },
	{ "GET", "/", "root", "items", "Root", .status = 200, .handler = ok_handler },
};
static const struct so_route_table table = { rows, sizeof(rows) / sizeof(rows[0]) };
static const struct so_route_table *const tables[] = { &table, NULL };
static const struct so_api api = { .tables = tables };

static void test_find(void **state)
{
	static const struct {
		const char *method, *path;
		enum so_match match;
		const char *id; /* operation, or what Allow must hold */
		const char *hole;
	} cases[] = {
		{ "GET", "/api/items", SO_MATCH, "listItems", NULL },
		{ "GET", "/api/items/", SO_MATCH, "listItems", NULL },
		{ "HEAD", "/api/items", SO_MATCH, "listItems", NULL },
		{ "GET", "/api/items/7", SO_MATCH, "getItem", "7" },
		{ "GET", "/api/items/7/", SO_MATCH, "getItem", "7/" },
		{ "POST", "/api/items/7/test/", SO_MATCH, "testItem", "7/test/" },
		{ "POST", "/api/items/test", SO_MATCH, "tryItem", NULL },
		{ "GET", "/", SO_MATCH, "root", NULL },
		{ "PUT", "/api/items/7", SO_MATCH_NO_METHOD, "GET, HEAD, DELETE", NULL },
		{ "GET", "/api/items/test", SO_MATCH_NO_METHOD, "POST", NULL },
		{ "GET", "/api/items//", SO_MATCH_NO_PATH, "", NULL },
		{ "GET", "/api/items/7/8", SO_MATCH_NO_PATH, "", NULL },
		{ "GET", "/api", SO_MATCH_NO_PATH, "", NULL },
		{ "GET", "", SO_MATCH_NO_PATH, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct so_route *route;
		const char *hole;
		char allow[64];
		enum so_match match = so_route_find(&api, cases[i].method, cases[i].path, &route, &hole, allow);

		if (match != cases[i].match)
			fail_msg("%s %s: match %d", cases[i].method, cases[i].path, match);
		if (match == SO_MATCH)
			assert_string_equal(route->id, cases[i].id);
		else
			assert_string_equal(allow, cases[i].id);
		if (cases[i].hole)
			assert_string_equal(hole, cases[i].hole);
		else
			assert_null(hole);
	}
}

static const char *no_value(void *arg, const char *name)
{
	(void)name;
	return arg;
}

static struct so_request *request(TALLOC_CTX *ctx, const struct so_route *route)
{
	struct so_request *req = so_new(ctx, struct so_request);

	req->api = &api;
	req->route = route;
	req->request_id = "r1";
	return req;
}

/* Runs prepare with a body; returns the "type" of the first error, or "ok". */
static const char *prepare(TALLOC_CTX *ctx, const struct so_route *route, const char *body, const char *id_text)
{
	struct so_request *req = request(ctx, route);
	struct so_response res = { .total = -1 };
	struct so_request_text text = {
		.body = body, .body_len = body ? strlen(body) : 0, .id_text = id_text, .lookup = no_value
	};

	if (so_api_prepare(req, &text, &res))
		return "ok";
	assert_int_equal(res.status, 422);
	assert_true(res.problem);
	json_t *detail = json_object_get(res.json, "detail");
	char *type = so_strdup(ctx, json_string_value(json_object_get(json_array_get(detail, 0), "type")));

	assert_true(json_is_string(json_object_get(res.json, "title")));
	json_decref(res.json);
	return type;
}

static void test_prepare(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(prepare(ctx, &rows[1], "{\"name\":\"a\",\"id\":1}", NULL), "ok");
	assert_string_equal(prepare(ctx, &rows[1], "{\"name\":\"a\",", NULL), "json_invalid");
	assert_string_equal(prepare(ctx, &rows[1], "{\"name\":\"a\",\"name\":\"b\"}", NULL), "json_invalid");
	assert_string_equal(prepare(ctx, &rows[1], "[1]", NULL), "type_error");
	assert_string_equal(prepare(ctx, &rows[1], "{}", NULL), "missing");
	assert_string_equal(prepare(ctx, &rows[1], "", NULL), "missing");
	assert_string_equal(prepare(ctx, &rows[1], "{\"name\":\"a\\u0000b\"}", NULL), "json_invalid");
	assert_string_equal(prepare(ctx, &rows[1], "{\"name\":\"\xff\"}", NULL), "json_invalid");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "7"), "ok");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "7/"), "ok");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "x"), "type_error");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "0"), "type_error");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "-1"), "type_error");
	assert_string_equal(prepare(ctx, &rows[2], NULL, "99999999999999999999x"), "type_error");
	talloc_free(ctx);
}

/* What a broken body holds must not come back: it may be a password. */
static void test_json_error_is_silent(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_request *req = request(ctx, &rows[1]);
	struct so_response res = { .total = -1 };
	static const char body[] = "{\"password\": hunter2}";
	struct so_request_text text = { .body = body, .body_len = sizeof(body) - 1, .lookup = no_value };

	(void)state;
	assert_false(so_api_prepare(req, &text, &res));
	char *dump = json_dumps(res.json, 0);

	assert_null(strstr(dump, "hunter2"));
	free(dump);
	json_decref(res.json);
	talloc_free(ctx);
}

static void test_run(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_response res = { .total = -1 };
	struct so_request *req = request(ctx, &rows[1]);

	(void)state;
	so_api_run(req, rows[1].handler, &res);
	assert_int_equal(res.status, 400); /* the older API's word for a conflict */
	assert_string_equal(json_string_value(json_object_get(res.json, "detail")), "name 'a' is taken");
	assert_string_equal(json_string_value(json_object_get(res.json, "code")), "conflict");
	json_decref(res.json);
	res.json = NULL;
	so_api_run(request(ctx, &rows[2]), rows[2].handler, &res);
	assert_int_equal(res.status, 409);
	json_decref(res.json);
	talloc_free(ctx);
}

static void test_problem_rows(void **state)
{
	(void)state;
	for (int kind = SO_NONE + 1; kind < SO_KIND_MAX; kind++) {
		struct so_err err = SO_ERR_INIT;

		so_fail_at(&err, (enum so_kind)kind, 4, "bad \xff byte");
		json_t *json = so_problem(&err, 0, "r1");

		assert_non_null(json);
		assert_true(json_integer_value(json_object_get(json, "status")) >= 400);
		assert_int_equal(json_integer_value(json_object_get(json, "position")), 4);
		assert_true(so_error_row((enum so_kind)kind)->exit_status > 0);
		json_decref(json);
	}
}

static void test_openapi(void **state)
{
	json_t *doc = so_openapi(tables);
	json_t *paths = json_object_get(doc, "paths");
	json_t *schemas = json_object_get(json_object_get(doc, "components"), "schemas");
	json_t *create = json_object_get(json_object_get(paths, "/api/items"), "post");
	json_t *get = json_object_get(json_object_get(paths, "/api/items/{id}"), "get");

	(void)state;
	assert_int_equal(json_object_size(paths), 5);
	assert_non_null(json_object_get(schemas, "Item"));
	assert_non_null(json_object_get(schemas, "Problem"));
	assert_non_null(json_object_get(json_object_get(create, "responses"), "201"));
	assert_non_null(json_object_get(json_object_get(create, "responses"), "422"));
	assert_non_null(json_object_get(json_object_get(get, "responses"), "404"));
	assert_int_equal(json_array_size(json_object_get(get, "parameters")), 1);
	json_decref(doc);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_json_error_is_silent),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_problem_rows),
		cmocka_unit_test(test_openapi),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
