#include "api/openapi.h"

#include <ctype.h>
#include <string.h>

#include "api/examples.h"

struct builder {
	json_t *paths, *schemas;
	json_t *examples; /* {"operationId": {"body": .., "answer": ..}} */
};

const char *so_permission_name(enum so_permission permission)
{
	switch (permission) {
	case SO_PERM_PUBLIC:
		return "public";
	case SO_PERM_READ:
		return "read";
	case SO_PERM_OPTIMIZE:
		return "optimize";
	case SO_PERM_EXECUTE:
		return "execute";
	case SO_PERM_APPLY:
		return "apply";
	case SO_PERM_MANAGE:
		return "manage";
	case SO_PERM_MAX:
		break;
	}
	return "public";
}

/* ---- components ---------------------------------------------------------------------------------------------- */

static void add_schema(struct builder *b, const struct so_resource *resource, bool answer)
{
	if (!resource || json_object_get(b->schemas, resource->name))
		return;
	json_object_set_new(b->schemas, resource->name, so_field_schema(resource, answer));
	for (size_t i = 0; i < resource->n_fields; i++)
		add_schema(b, resource->fields[i].of, answer);
}

static json_t *problem_schema(void)
{
	return json_pack(
		"{s:s, s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}},"
		" s:[s, s, s, s, s, s, s]}",
		"type", "object", "description", "RFC 9457 problem; detail is a sentence for people.", "properties",
		"type", "type", "string", "title", "type", "string", "status", "type", "integer", "detail", "type",
		"string", "code", "type", "string", "request_id", "type", "string", "retry", "type", "boolean",
		"sqlstate", "type", "string", "position", "type", "integer", "required", "type", "title", "status",
		"detail", "code", "request_id", "retry");
}

static json_t *validation_schema(void)
{
	json_t *item = json_pack("{s:s, s:{s:{s:s, s:{s:[s, s]}}, s:{s:s}, s:{s:s}}, s:[s, s, s]}", "type", "object",
		"properties", "loc", "type", "array", "items", "type", "string", "integer", "msg", "type", "string",
		"type", "type", "string", "required", "loc", "msg", "type");
	json_t *schema = problem_schema();
	json_t *properties = json_object_get(schema, "properties");

	json_object_set_new(properties, "detail", json_pack("{s:s, s:o}", "type", "array", "items", item));
	json_object_set_new(schema, "description", json_string("Every error of the request at once."));
	return schema;
}

/* ---- one operation ------------------------------------------------------------------------------------------- */

static json_t *content(const char *media_type, json_t *schema)
{
	return json_pack("{s:{s:{s:o}}}", "content", media_type, "schema", schema);
}

static json_t *reference(const char *name)
{
	return json_pack("{s:s+}", "$ref", "#/components/schemas/", name);
}

/* Puts the example of the operation beside the schema, where there is one. */
static void add_example(const struct builder *b, const struct so_route *route, const char *which, json_t *holder)
{
	json_t *example = json_object_get(json_object_get(b->examples, route->id), which);

	if (example)
		json_object_set(
			json_object_get(json_object_get(holder, "content"), "application/json"), "example", example);
}

static json_t *problem_answer(const char *description, const char *schema)
{
	json_t *answer = content("application/problem+json", reference(schema));

	json_object_set_new(answer, "description", json_string(description));
	return answer;
}

static json_t *header(const char *description, const char *type)
{
	return json_pack("{s:s, s:{s:s}}", "description", description, "schema", "type", type);
}

static json_t *success_answer(const struct builder *b, const struct so_route *route)
{
	json_t *answer;

	if (route->stream) {
		answer = content("text/event-stream", json_pack("{s:s}", "type", "string"));
	} else if (route->media) {
		json_t *types = json_object();

		for (const char *const *media = route->media; *media; media++)
			json_object_set_new(types, *media, json_pack("{s:{s:s}}", "schema", "type", "string"));
		answer = json_pack("{s:o}", "content", types);
	} else if (!route->answer) {
		answer = json_object();
	} else if (route->list) {
		answer = content("application/json",
			json_pack("{s:s, s:o}", "type", "array", "items", reference(route->answer->name)));
	} else {
		answer = content("application/json", reference(route->answer->name));
	}
	add_example(b, route, "answer", answer);
	const char *description = route->socket ? "From here on the connection is a WebSocket."
				  : route->answer || route->stream || route->media ? "Success"
										   : "No content";

	json_object_set_new(answer, "description", json_string(description));
	json_t *headers = json_pack("{s:o}", "X-Request-ID", header("Identifies the request in the log.", "string"));

	if (route->list || route->paged)
		json_object_set_new(
			headers, "X-Total-Count", header("Number of items there are, before the limit.", "integer"));
	json_object_set_new(answer, "headers", headers);
	return answer;
}

static json_t *answers(const struct builder *b, const struct so_route *route)
{
	json_t *map = json_object();
	char status[16];
	bool has_id = strstr(route->path, "{id}") != NULL;

	snprintf(status, sizeof(status), "%d", route->status);
	json_object_set_new(map, status, success_answer(b, route));
	if (route->accepted) {
		json_t *accepted = content("application/json", reference(route->accepted->name));

		json_object_set_new(accepted, "description",
			json_string("The job was queued (the request had Prefer: respond-async)."));
		json_object_set_new(map, "202", accepted);
	}
	if (route->socket)
		json_object_set_new(map, "426", problem_answer("The request is not that of a WebSocket.", "Problem"));
	if (has_id)
		json_object_set_new(map, "404", problem_answer("There is no such object.", "Problem"));
	if (route->body) {
		json_object_set_new(map, "413", problem_answer("The body or a part of it is too large.", "Problem"));
		json_object_set_new(map, "415", problem_answer("The body is not application/json.", "Problem"));
	}
	if (has_id || route->body || route->query)
		json_object_set_new(map, "422", problem_answer("Fields are wrong.", "ValidationProblem"));
	json_object_set_new(map, "default", problem_answer("Any other failure; code says which.", "Problem"));
	return map;
}

static json_t *parameter(const char *name, const char *where, bool required, json_t *schema, const char *doc)
{
	json_t *json =
		json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", where, "required", required, "schema", schema);

	if (doc)
		json_object_set_new(json, "description", json_string(doc));
	return json;
}

static json_t *parameters(const struct so_route *route)
{
	json_t *list = json_array();

	if (strstr(route->path, "{id}"))
		json_array_append_new(
			list, parameter("id", "path", true,
				      json_pack("{s:s, s:s, s:i}", "type", "integer", "format", "int64", "minimum", 1),
				      NULL));
	for (size_t i = 0; route->query && i < route->query->n_fields; i++) {
		const struct so_field *field = &route->query->fields[i];
		json_t *schema = so_field_schema_of(field, false);

		json_object_del(schema, "description");
		json_array_append_new(
			list, parameter(field->name, "query", (field->flags & SO_F_REQUIRED) != 0, schema, field->doc));
	}
	if (route->accepted)
		json_array_append_new(list, parameter("Prefer", "header", false, json_pack("{s:s}", "type", "string"),
						    "respond-async: answer 202 with the job at once."));
	if (route->stream)
		json_array_append_new(
			list, parameter("Last-Event-ID", "header", false, json_pack("{s:s}", "type", "string"),
				      "Resume after this event, as far as the server still remembers."));
	return list;
}

static json_t *operation(struct builder *b, const struct so_route *route)
{
	json_t *op = json_pack("{s:s, s:s, s:[s], s:s, s:o, s:o}", "operationId", route->id, "summary", route->summary,
		"tags", route->tag, "x-permission", so_permission_name(route->permission), "parameters",
		parameters(route), "responses", answers(b, route));

	if (route->body) {
		json_t *body = content("application/json", reference(route->body->name));

		add_example(b, route, "body", body);
		json_object_set_new(body, "required", json_true());
		json_object_set_new(op, "requestBody", body);
		add_schema(b, route->body, false);
	}
	add_schema(b, route->answer, true);
	add_schema(b, route->accepted, true);
	return op;
}

static void add_route(struct builder *b, const struct so_route *route)
{
	char method[16] = "";
	json_t *item = json_object_get(b->paths, route->path);

	for (size_t i = 0; route->method[i] && i + 1 < sizeof(method); i++)
		method[i] = (char)tolower((unsigned char)route->method[i]);
	if (!item) {
		item = json_object();
		json_object_set_new(b->paths, route->path, item);
	}
	json_object_set_new(item, method, operation(b, route));
}

json_t *so_openapi(const struct so_route_table *const *tables)
{
	struct builder b = {
		.paths = json_object(), .schemas = json_object(), .examples = json_loads(examples_json, 0, NULL)
	};

	so_assert(b.examples);

	json_object_set_new(b.schemas, "Problem", problem_schema());
	json_object_set_new(b.schemas, "ValidationProblem", validation_schema());
	for (const struct so_route_table *const *table = tables; *table; table++)
		for (size_t i = 0; i < (*table)->n_routes; i++)
			add_route(&b, &(*table)->routes[i]);
	json_decref(b.examples);
	json_t *info = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "title", "AI SQL Optimizer Pro", "version",
		SO_VERSION, "description",
		"Watches databases, finds slow queries, says why they are slow and proposes changes with their proof.",
		"license", "name", "Apache-2.0", "identifier", "Apache-2.0");

	return json_pack("{s:s, s:o, s:o, s:{s:o}}", "openapi", "3.1.0", "info", info, "paths", b.paths, "components",
		"schemas", b.schemas);
}
