#include "service/runs.h"

#include <math.h>
#include <string.h>

#include "base/field.h"

#define MAX_LIST 1000

/* A stored JSON document as an object of `ctx`; NULL for NULL and for what does not parse (a damaged row must not take
 * the whole list with it). */
static json_t *load(TALLOC_CTX *ctx, const char *text)
{
	json_t *doc = text ? json_loads(text, 0, NULL) : NULL;

	return doc ? so_json_own(ctx, doc) : NULL;
}

static char *text_of(TALLOC_CTX *ctx, const json_t *object, const char *name)
{
	return so_strdup_or_null(ctx, json_string_value(json_object_get(object, name)));
}

static double number_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static int64_t position_of(const json_t *object)
{
	const json_t *value = json_object_get(object, "error_position");

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static bool load_findings(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_run_view *view,
	struct so_err *err)
{
	struct so_store_finding_filter filter = {
		.run_id = view->run->id,
		.severity = -1,
		.resolved = -1,
		.limit = MAX_LIST,
	};
	struct so_store_findings *rows = so_store_finding_list(ctx, service->store, scope, &filter, err);

	if (!rows)
		return false;
	view->findings = so_json_own(ctx, json_array());
	for (size_t i = 0; i < rows->count; i++) {
		json_t *doc = json_loads(rows->items[i]->doc, 0, NULL);

		if (!doc)
			continue;
		json_object_set_new(doc, "id", json_integer(rows->items[i]->id));
		json_object_set_new(doc, "resolved", json_boolean(rows->items[i]->resolved));
		json_array_append_new(view->findings, doc);
	}
	return true;
}

static bool load_proposals(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_run_view *view,
	struct so_err *err)
{
	struct so_store_proposals *rows = so_store_proposal_list(ctx, service->store, scope, view->run->id, err);

	if (!rows)
		return false;
	view->proposals = so_json_own(ctx, json_array());
	for (size_t i = 0; i < rows->count; i++) {
		json_t *doc = json_loads(rows->items[i]->doc, 0, NULL);

		if (!doc)
			continue;
		json_object_set_new(doc, "id", json_integer(rows->items[i]->id));
		json_array_append_new(view->proposals, doc);
	}
	return true;
}

static bool fill(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_store_run *run,
	struct so_run_view *out, struct so_err *err)
{
	const json_t *extra = load(ctx, run->extra_json), *model = json_object_get(extra, "model");
	json_t *plan;

	*out = (struct so_run_view){ .run = run };
	out->plan = load(ctx, run->plan_json);
	out->detected = load(ctx, run->detected_json);
	plan = json_object_get(extra, "execution_plan");
	out->execution_plan = json_is_object(plan) ? plan : NULL;
	out->fine = json_is_true(json_object_get(extra, "fine"));
	out->reason = text_of(ctx, extra, "reason");
	if (!out->reason)
		out->reason = so_strdup(ctx, "");
	out->parameter_note = text_of(ctx, extra, "parameter_note");
	out->model_status = text_of(ctx, model, "status");
	out->model_name = text_of(ctx, model, "name");
	out->model_note = text_of(ctx, model, "note");
	out->error_kind = text_of(ctx, extra, "error_kind");
	out->error_position = run->error ? position_of(extra) : -1;
	out->own_cpu_ms = number_of(extra, "own_cpu_ms");
	out->wait_ms = number_of(extra, "wait_ms");
	return load_findings(ctx, service, scope, out, err) && load_proposals(ctx, service, scope, out, err);
}

bool so_service_run_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_run_view *out, struct so_err *err)
{
	struct so_store_run *run = so_store_run_get(ctx, service->store, scope, id, err);

	return run && fill(ctx, service, scope, run, out, err);
}

bool so_service_run_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *status, int64_t limit, int64_t offset, struct so_run_view **views, struct so_store_runs **runs,
	struct so_err *err)
{
	struct so_store_run_filter filter = {
		.connection_id = connection_id,
		.status = -1,
		.limit = limit,
		.offset = offset,
	};

	if (status && *status) {
		filter.status = (int)so_run_status_find(status);
		if (filter.status == SO_RUN_STATUS_MAX)
			return so_fail(err, SO_INPUT,
				"status_filter '%.40s' is none of pending, applied, validated, failed", status);
	}
	*runs = so_store_run_list(ctx, service->store, scope, &filter, err);
	if (!*runs)
		return false;
	*views = so_new_array(ctx, struct so_run_view, (*runs)->count + 1);
	for (size_t i = 0; i < (*runs)->count; i++)
		if (!fill(*views, service, scope, (*runs)->items[i], &(*views)[i], err))
			return false;
	return true;
}

bool so_service_run_delete(struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_store_run_delete(service->store, scope, id, err);
}

bool so_service_dashboard(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	struct so_store_dashboard **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);

	if (connection_id && !so_store_conn_get(tmp, service->store, scope, connection_id, err))
		return false;
	*out = so_store_dashboard(ctx, service->store, scope, connection_id, err);
	return *out != NULL;
}
