/* /api/annotations: notes on the time line. */
#include "api/annotations.h"

#include <stdlib.h>
#include <string.h>

#include "api/tables.h"
#include "api/watched.h"
#include "base/clock.h"

#define DAY_US (INT64_C(86400) * 1000000)

struct annotation {
	int64_t id, connection_id, at_us, created_us;
	char *text;
	json_t *labels;
};
#define S struct annotation
static const struct so_field answer_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .doc = "Null: of all connections."),
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME),
	SO_FIELD(S, text),
	SO_FIELD(S, labels, .flags = SO_F_MAP, .doc = "Names and values, both texts."),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
};
static const struct so_field body_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "Null or absent: of all connections."),
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Now when absent; at most a day ahead."),
	SO_FIELD(S, text, .flags = SO_F_REQUIRED, .min = 1, .max = 500, .doc = "\"deploy 2026.11.3\""),
	SO_FIELD(S, labels, .flags = SO_F_MAP | SO_F_NULLABLE,
		.doc = "{\"version\": \"2026.11.3\"}: at most 16; names of 1 to 40 letters, digits, - _ . and values "
		       "of at most "
		       "200 bytes."),
};
#undef S
const struct so_resource so_shape_annotation = SO_RESOURCE(struct annotation, answer_fields, .name = "Annotation");

static bool sane_name(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= 40 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static void check_body(const void *object, struct so_field_errors *errors)
{
	const struct annotation *body = object;
	const char *name;
	json_t *value;

	if (body->at_us != SO_INT_NONE && body->at_us > so_time_now_us() + DAY_US)
		so_field_error(errors, "body", "at", "value_error", "must be at most a day ahead");
	if (json_object_size(body->labels) > SO_ANNOTATION_LABELS_MAX)
		so_field_error(errors, "body", "labels", "value_error", "must have at most %d names",
			SO_ANNOTATION_LABELS_MAX);
	json_object_foreach(body->labels, name, value)
	{
		if (!sane_name(name))
			so_field_error(errors, "body", "labels", "value_error",
				"a name has 1 to 40 letters, digits, - _ or .");
		else if (!json_is_string(value) || json_string_length(value) > 200 ||
			 strlen(json_string_value(value)) != json_string_length(value))
			so_field_error(errors, "body", "labels", "value_error",
				"%s must be a text of at most 200 bytes", name);
	}
}

static const struct so_resource body_resource =
	SO_RESOURCE(struct annotation, body_fields, .name = "AnnotationCreate", .check = check_body);

struct list_query {
	int64_t connection_id, from_us, to_us, limit, offset;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "Those of this one and those of all connections."),
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Excluded."),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource list_resource = SO_RESOURCE(struct list_query, list_fields, .name = "AnnotationsQuery");

static json_t *encode(struct so_request *req, const struct so_store_annotation *row)
{
	json_t *labels = json_loads(row->labels_json, 0, NULL);
	struct annotation answer = { .id = row->id,
		.connection_id = row->connection_id ? row->connection_id : SO_INT_NONE,
		.at_us = row->at_us,
		.text = row->text,
		.labels = so_json_own(req, labels ? labels : json_object()),
		.created_us = row->created_us };

	return so_field_encode(&so_shape_annotation, &answer);
}

json_t *so_annotations_encode(struct so_request *req, const struct so_store_annotations *list)
{
	json_t *json = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(json, encode(req, list->items[i]));
	return json;
}

static bool create(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct annotation *body = req->body;
	char *labels = body->labels ? json_dumps(body->labels, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	struct so_store_annotation row = { .connection_id = so_id_or_all(body->connection_id),
		.at_us = body->at_us == SO_INT_NONE ? so_time_now_us() : body->at_us,
		.text = body->text,
		.labels_json = so_strdup(req, labels ? labels : "{}") };

	free(labels);
	if (!so_service_annotation_create(req->api->service, *req->api->scope, &row, err))
		return false;
	res->json = encode(req, &row);
	res->location = so_printf(req, "/api/annotations/%lld", (long long)row.id);
	return true;
}

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	const struct so_store_annotation_filter filter = { .connection_id = so_id_or_all(query->connection_id),
		.from_us = query->from_us == SO_INT_NONE ? 0 : query->from_us,
		.to_us = query->to_us == SO_INT_NONE ? INT64_MAX : query->to_us,
		.limit = query->limit,
		.offset = query->offset };
	struct so_store_annotations *found =
		so_service_annotation_list(req, req->api->service, *req->api->scope, &filter, err);

	if (!found)
		return false;
	res->json = so_annotations_encode(req, found);
	res->total = found->total;
	return true;
}

static bool forget(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)res;
	return so_service_annotation_delete(req->api->service, *req->api->scope, req->id, err);
}

#define TAG .tag = "annotations", .blocking = true
static const struct so_route routes[] = {
	{ "GET", "/api/annotations", "annotations", TAG, .status = 200, .permission = SO_PERM_READ,
		.summary = "Notes on the time line, newest first", .query = &list_resource,
		.answer = &so_shape_annotation, .list = true, .handler = list },
	{ "POST", "/api/annotations", "createAnnotation", TAG, .status = 201, .permission = SO_PERM_OPTIMIZE,
		.summary = "Note a deployment or another event", .body = &body_resource, .answer = &so_shape_annotation,
		.handler = create },
	{ "DELETE", "/api/annotations/{id}", "deleteAnnotation", TAG, .status = 204, .permission = SO_PERM_OPTIMIZE,
		.summary = "Forget a note", .handler = forget },
};

const struct so_route_table so_routes_annotations = { routes, sizeof(routes) / sizeof(routes[0]) };
