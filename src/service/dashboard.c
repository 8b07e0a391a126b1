#include "service/dashboard.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { RECENT_CRITICAL = 10 };

static bool known(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	return !connection_id || so_store_conn_get(ctx, service->store, scope, connection_id, err);
}

bool so_service_query_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_query_filter *filter, struct so_store_queries **out, struct so_err *err)
{
	if (!known(ctx, service, scope, filter->connection_id, err))
		return false;
	*out = so_store_query_list(ctx, service->store, scope, filter, err);
	return *out != NULL;
}

bool so_service_query_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_store_query **out, struct so_err *err)
{
	*out = so_store_query_get(ctx, service->store, scope, id, err);
	return *out != NULL;
}

bool so_service_load(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t hours, struct so_store_loads **out, struct so_err *err)
{
	int64_t now = so_time_now_us() / SO_HOUR_US;

	if (!known(ctx, service, scope, connection_id, err))
		return false;
	*out = so_store_load_list(ctx, service->store, scope, connection_id, now - hours + 1, now, err);
	return *out != NULL;
}

bool so_service_finding_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_finding_filter *filter, struct so_store_findings **out, struct so_err *err)
{
	if (!known(ctx, service, scope, filter->connection_id, err))
		return false;
	*out = so_store_finding_list(ctx, service->store, scope, filter, err);
	return *out != NULL;
}

static int by_count(const void *a, const void *b)
{
	const struct so_issue_type_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->issue_type, y->issue_type);
}

static void add_counts(struct so_issue_summary *out, const struct so_store_finding_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++) {
		const struct so_store_finding_count *row = counts->items[i];
		struct so_issue_type_count *type;

		so_assert(row->severity >= 0 && row->severity < SO_SEVERITY_MAX);
		/* rows come by type */
		if (!out->n_types || strcmp(out->types[out->n_types - 1].issue_type, row->issue_type) != 0)
			out->types[out->n_types++] = (struct so_issue_type_count){ .issue_type = row->issue_type };
		type = &out->types[out->n_types - 1];
		type->by_severity[row->severity] += row->count;
		type->count += row->count;
		out->by_severity[row->severity] += row->count;
		out->total += row->count;
	}
}

bool so_service_issue_summary(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	struct so_issue_summary *out, struct so_err *err)
{
	const struct so_store_finding_filter critical = { .connection_id = connection_id,
		.severity = SO_SEVERITY_CRITICAL,
		.resolved = 0,
		.limit = RECENT_CRITICAL };
	const struct so_store_run_filter found = { .connection_id = connection_id, .with_issues = true, .limit = 1 };
	struct so_store_finding_counts *counts;
	struct so_store_runs *runs;

	if (!known(ctx, service, scope, connection_id, err))
		return false;
	counts = so_store_finding_counts(ctx, service->store, scope, connection_id, err);
	runs = counts ? so_store_run_list(ctx, service->store, scope, &found, err) : NULL;
	if (!runs)
		return false;
	*out = (struct so_issue_summary){ .runs_with_issues = runs->total };
	out->types = so_new_array(ctx, struct so_issue_type_count, counts->count + 1);
	add_counts(out, counts);
	qsort(out->types, out->n_types, sizeof *out->types, by_count);
	out->critical = so_store_finding_list(ctx, service->store, scope, &critical, err);
	return out->critical != NULL;
}

bool so_service_latest_runs(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	bool with_issues, int64_t limit, struct so_run_view **views, struct so_store_runs **runs, struct so_err *err)
{
	const struct so_store_run_filter filter = {
		.connection_id = connection_id, .status = -1, .with_issues = with_issues, .limit = limit
	};

	if (!known(ctx, service, scope, connection_id, err))
		return false;
	*runs = so_store_run_list(ctx, service->store, scope, &filter, err);
	if (!*runs)
		return false;
	*views = so_new_array(ctx, struct so_run_view, (*runs)->count + 1);
	for (size_t i = 0; i < (*runs)->count; i++) {
		(*views)[i].run = (*runs)->items[i];
		if (with_issues &&
			!so_service_run_get(*views, service, scope, (*runs)->items[i]->id, &(*views)[i], err))
			return false;
	}
	return true;
}

const char *so_service_connection_name(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id)
{
	struct so_err ignored = SO_ERR_INIT;
	const struct so_store_conn *conn = so_store_conn_get(ctx, service->store, scope, connection_id, &ignored);

	return conn ? conn->name : "";
}
