#include "service/annotations.h"

#include <jansson.h>
#include <stdlib.h>

#include "job/job.h"

static void publish(struct so_service *service, struct so_scope scope, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	if (text)
		so_events_publish(so_jobs_events(service->jobs), scope.organisation_id, 0, "annotation", text);
	free(text);
	json_decref(json);
}

bool so_service_annotation_create(
	struct so_service *service, struct so_scope scope, struct so_store_annotation *annotation, struct so_err *err)
{
	if (!so_store_annotation_create(service->store, scope, annotation, err))
		return false;
	publish(service, scope,
		json_pack("{s:s, s:I, s:o, s:s}", "what", "created", "id", (json_int_t)annotation->id, "connection_id",
			annotation->connection_id ? json_integer(annotation->connection_id) : json_null(), "text",
			annotation->text));
	return true;
}

struct so_store_annotations *so_service_annotation_list(TALLOC_CTX *ctx, struct so_service *service,
	struct so_scope scope, const struct so_store_annotation_filter *filter, struct so_err *err)
{
	if (filter->connection_id && !so_store_conn_get(ctx, service->store, scope, filter->connection_id, err))
		return NULL;
	return so_store_annotation_list(ctx, service->store, scope, filter, err);
}

bool so_service_annotation_delete(struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	if (!so_store_annotation_delete(service->store, scope, id, err))
		return false;
	publish(service, scope, json_pack("{s:s, s:I}", "what", "deleted", "id", (json_int_t)id));
	return true;
}
