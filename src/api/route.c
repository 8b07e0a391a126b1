#include "api/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/errors.h"

/* ---- finding a route ----------------------------------------------------------------------------------------- */

/* Length of a path without its trailing slashes; "/" stays. */
static size_t path_length(const char *path)
{
	size_t len = strlen(path);

	return len > 1 && path[len - 1] == '/' ? len - 1 : len;
}

/* 0: no match, 1: with {id}, 2: literal. One {id} per pattern at most. */
static int match_path(const char *pattern, const char *path, size_t len, const char **id_text)
{
	const char *hole = strstr(pattern, "{id}");

	if (!hole)
		return strlen(pattern) == len && memcmp(pattern, path, len) == 0 ? 2 : 0;
	size_t head = (size_t)(hole - pattern);
	const char *tail = hole + strlen("{id}");
	size_t tail_len = strlen(tail);

	if (len <= head + tail_len || memcmp(pattern, path, head) != 0 ||
		memcmp(tail, path + len - tail_len, tail_len) != 0)
		return 0;
	if (memchr(path + head, '/', len - head - tail_len))
		return 0;
	*id_text = path + head;
	return 1;
}

static void allow_add(char allow[64], const char *method)
{
	size_t used = strlen(allow);

	snprintf(allow + used, 64 - used, "%s%s", used ? ", " : "", method);
	if (strcmp(method, "GET") == 0)
		allow_add(allow, "HEAD");
}

enum so_match so_route_find(const struct so_api *api, const char *method, const char *path,
	const struct so_route **route, const char **id_text, char allow[64])
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	size_t len = path_length(path);
	int best = 0, best_path = 0;

	*route = NULL;
	*id_text = NULL;
	allow[0] = '\0';
	for (const struct so_route_table *const *table = api->tables; *table; table++)
		for (size_t i = 0; i < (*table)->n_routes; i++) {
			const struct so_route *row = &(*table)->routes[i];
			const char *id = NULL;
			int quality = match_path(row->path, path, len, &id);

			if (!quality || quality < best_path)
				continue;
			if (quality > best_path) { /* a literal path hides the methods of the {id} path */
				best_path = quality;
				best = 0;
				allow[0] = '\0';
			}
			allow_add(allow, row->method);
			if (strcmp(row->method, wanted) != 0)
				continue;
			best = quality;
			*route = row;
			*id_text = id;
		}
	if (best)
		return SO_MATCH;
	*route = NULL;
	*id_text = NULL;
	return best_path ? SO_MATCH_NO_METHOD : SO_MATCH_NO_PATH;
}

/* ---- decoding ------------------------------------------------------------------------------------------------ */

static void decode_id(struct so_request *req, const char *text, struct so_field_errors *errors)
{
	char *end;
	long long value = strtoll(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || (*end != '\0' && *end != '/') || value < 1)
		so_field_error(errors, "path", "id", "type_error", "must be a positive integer");
	else
		req->id = value;
}

/* jansson quotes the text near the error; a body may hold a password, so only place and reason are told. */
static void refuse_json(struct so_field_errors *errors, const json_error_t *where)
{
	const char *near = strstr(where->text, " near ");
	int len = near ? (int)(near - where->text) : (int)strlen(where->text);

	so_field_error(errors, "body", NULL, "json_invalid", "not JSON: %.*s (line %d, column %d)", len, where->text,
		where->line, where->column);
}

static void decode_body(struct so_request *req, const struct so_request_text *text, struct so_field_errors *errors)
{
	json_error_t where;
	size_t len = text->body_len;

	if (len == 0) {
		so_field_error(errors, "body", NULL, "missing", "a JSON object is required");
		return;
	}
	json_t *json = json_loadb(text->body, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

	if (!json) {
		refuse_json(errors, &where);
		return;
	}
	req->body = so_field_decode(req, req->route->body, json, &req->body_present, errors);
	json_decref(json);
}

bool so_api_prepare(struct so_request *req, const struct so_request_text *text, struct so_response *res)
{
	const struct so_route *route = req->route;
	struct so_field_errors errors;

	so_field_errors_init(&errors, req);
	if (text->id_text)
		decode_id(req, text->id_text, &errors);
	if (route->query)
		req->query = so_field_decode_text(
			req, route->query, "query", text->lookup, text->lookup_arg, &req->query_present, &errors);
	if (route->body)
		decode_body(req, text, &errors);
	if (!errors.list)
		return true;
	res->status = 422;
	res->problem = true;
	res->json = so_problem_fields(errors.list, req->request_id);
	return false;
}

/* ---- running ------------------------------------------------------------------------------------------------- */

/* The older API answers 400 for whatever the user's values met: a refused login, no such host, a name that is taken. */
static bool is_old_400(enum so_kind kind)
{
	return kind == SO_CONFLICT || kind == SO_DENIED || kind == SO_UNREACHABLE || kind == SO_TIMEOUT ||
	       kind == SO_TARGET || kind == SO_UNSUPPORTED;
}

void so_api_fail(struct so_request *req, const struct so_err *err, struct so_response *res)
{
	bool old = req->route && req->route->old_errors && is_old_400(err->kind);

	json_decref(res->json);
	res->json = so_problem(err, old ? 400 : 0, req->request_id);
	res->status = (int)json_integer_value(json_object_get(res->json, "status"));
	res->problem = true;
	res->total = -1;
	res->wait_job = 0;
}

void so_api_run(struct so_request *req, so_handler *handler, struct so_response *res)
{
	struct so_err err = SO_ERR_INIT;

	res->status = req->route->status;
	res->wait_job = 0;
	if (!handler(req, res, &err))
		so_api_fail(req, &err, res);
}
