#include "service/query_detail.h"

#include <string.h>

#include "engine/engine.h"
#include "service/sql_text.h"
#include "store/history.h"
#include "store/values.h"

/* A statement may name a table twice. */
static bool named(const struct so_query_detail *detail, const char *name)
{
	for (size_t i = 0; i < detail->n_tables; i++)
		if (strcmp(detail->tables[i], name) == 0)
			return true;
	return false;
}

static void name_tables(struct so_query_detail *detail)
{
	SO_TMP(tmp, NULL);
	struct so_sql_text_request request = {
		.sql = detail->query->sql_text, .dialect = (char *)(uintptr_t)detail->dialect, .lenient = true
	};
	struct so_err ignored = SO_ERR_INIT;
	struct so_sql_text *text = detail->other ? NULL : so_sql_text_parse(tmp, &request, &ignored);

	if (!text || !text->count)
		return;
	detail->tables = so_new_array(detail, char *, text->statements[0].n_tables + 1);
	for (size_t i = 0; i < text->statements[0].n_tables; i++) {
		const struct so_sql_text_table *table = &text->statements[0].tables[i];
		char *name = table->schema ? so_printf(detail, "%s.%s", table->schema, table->name)
					   : so_strdup(detail, table->name);

		if (!named(detail, name))
			detail->tables[detail->n_tables++] = name;
	}
}

static bool count_findings(
	struct so_service *service, struct so_scope scope, struct so_query_detail *detail, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_query_finding_list *list =
		so_store_query_finding_list(tmp, service->store, scope, so_regression_rule, so_new_query_rule, err);

	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i].query_id == detail->query->id) {
			detail->findings = list->items[i].count;
			detail->regressed = list->items[i].of_first > 0;
		}
	return list != NULL;
}

static void add_source(struct so_query_detail *detail, const char *source)
{
	for (size_t i = 0; i < detail->n_value_sources; i++)
		if (strcmp(detail->value_sources[i], source) == 0)
			return;
	detail->value_sources[detail->n_value_sources++] = so_strdup(detail, source);
}

static bool count_values(
	struct so_service *service, struct so_scope scope, struct so_query_detail *detail, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_values_list *list = so_store_values_list(tmp, service->store, scope, detail->query->id, err);

	if (!list)
		return false;
	detail->value_sets = (int64_t)list->count;
	detail->value_sources = so_new_array(detail, char *, list->count + 1);
	for (size_t i = list->count; i-- > 0;) /* the oldest is the last */
		add_source(detail, list->items[i]->source);
	if (list->count) {
		detail->values_last_us = list->items[0]->seen_us;
		detail->values_first_us = list->items[list->count - 1]->seen_us;
	}
	return true;
}

struct so_query_detail *so_service_query_detail(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_query_detail *detail = so_new(ctx, struct so_query_detail);

	detail->query = so_store_query_get(detail, service->store, scope, id, err);
	detail->conn = detail->query
			       ? so_store_conn_get(detail, service->store, scope, detail->query->connection_id, err)
			       : NULL;
	if (!detail->conn || !count_findings(service, scope, detail, err) ||
		!count_values(service, scope, detail, err)) {
		talloc_free(detail);
		return NULL;
	}
	detail->other = detail->query->fingerprint_version == SO_OTHER_VERSION;
	detail->dialect = so_engine_dialect(detail->conn->engine, detail->conn->server_flavor);
	name_tables(detail);
	return detail;
}

/* NULL fields when nobody has looked yet. */
static bool last_look(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_query *query, struct so_query_plans *out, struct so_err *err)
{
	struct so_store_looks *looks = so_store_look_list(ctx, service->store, scope, query->connection_id, err);

	for (size_t i = 0; looks && i < looks->count; i++)
		if (looks->items[i]->query_id == query->id) {
			out->looked_us = looks->items[i]->at_us;
			out->error = looks->items[i]->error;
		}
	return looks != NULL;
}

struct so_query_plans *so_service_query_plans(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_query_plans *out = so_new(ctx, struct so_query_plans);
	const struct so_store_query *query = so_store_query_get(out, service->store, scope, id, err);

	if (query && last_look(out, service, scope, query, out, err)) {
		out->plans = so_store_plan_list(out, service->store, scope, id, err);
		out->runs = out->plans ? so_store_plan_run_list(out, service->store, scope, id, err) : NULL;
		if (out->runs)
			return out;
	}
	talloc_free(out);
	return NULL;
}
