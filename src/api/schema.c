/* /api/connections/{id}/schema and /health-checks: what a database holds, and what is wrong with it. */
#include "service/schema_audit.h"

#include <math.h>

#include "api/shapes.h"
#include "api/tables.h"

/* ---- relations ----------------------------------------------------------------------------------------------- */

struct list_query {
	char *search;
	int64_t limit, offset;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, search, .flags = SO_F_NULLABLE, .max = 255, .doc = "Part of \"schema.name\"."),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource list_resource = SO_RESOURCE(struct list_query, list_fields, .name = "SchemaQuery");

static const char *const kinds[] = { "table", "partitioned_table", "view", "materialized_view", "foreign_table", NULL };

struct relation_answer {
	const char *schema, *name, *kind;
	double rows;
	int64_t size_bytes;
};
#define S struct relation_answer
static const struct so_field relation_fields[] = {
	SO_FIELD(S, schema),
	SO_FIELD(S, name),
	SO_FIELD(S, kind, .one_of = kinds),
	SO_FIELD(S, rows, .flags = SO_F_NULLABLE, .doc = "The engine's estimate."),
	SO_FIELD(S, size_bytes, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource relation_resource =
	SO_RESOURCE(struct relation_answer, relation_fields, .name = "Relation");

static double rows_or_null(double rows)
{
	return rows < 0 ? (double)NAN : rows;
}

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	const struct so_inventory *inventory;

	if (!so_service_schema_list(req, req->api->service, *req->api->scope, req->id, query->search, &inventory, err))
		return false;
	res->json = json_array();
	res->total = (int64_t)inventory->n_relations;
	for (int64_t i = query->offset; i < res->total && i - query->offset < query->limit; i++) {
		const struct so_relation *r = &inventory->relations[i];
		const struct relation_answer answer = { r->schema, r->name, so_table_kind_name(r->kind),
			rows_or_null(r->rows), r->size_bytes < 0 ? SO_INT_NONE : r->size_bytes };

		json_array_append_new(res->json, so_field_encode(&relation_resource, &answer));
	}
	return true;
}

/* ---- one table ----------------------------------------------------------------------------------------------- */

struct table_query {
	char *schema, *name;
};
#define S struct table_query
static const struct so_field table_query_fields[] = {
	SO_FIELD(S, schema, .flags = SO_F_REQUIRED, .min = 1, .max = 255, .doc = "As it is stored."),
	SO_FIELD(S, name, .flags = SO_F_REQUIRED, .min = 1, .max = 255, .doc = "As it is stored."),
};
#undef S
static const struct so_resource table_query_resource =
	SO_RESOURCE(struct table_query, table_query_fields, .name = "SchemaTableQuery");

struct column_answer {
	const char *name, *type, *default_text, *collation;
	bool not_null;
	double null_share, distinct;
};
#define S struct column_answer
static const struct so_field column_fields[] = {
	SO_FIELD(S, name),
	SO_FIELD(S, type),
	SO_FIELD(S, not_null),
	SO_FIELD_AS(S, default_text, "default", .flags = SO_F_NULLABLE),
	SO_FIELD(S, collation, .flags = SO_F_NULLABLE),
	SO_FIELD(S, null_share, .flags = SO_F_NULLABLE, .doc = "0 to 1, from the statistics."),
	SO_FIELD(S, distinct, .flags = SO_F_NULLABLE, .doc = "Values, from the statistics."),
};
#undef S
static const struct so_resource column_resource =
	SO_RESOURCE(struct column_answer, column_fields, .name = "SchemaColumn");

struct index_answer {
	const char *name, *definition, *method;
	bool unique, primary, valid;
	int64_t size_bytes, scans;
};
#define S struct index_answer
static const struct so_field index_fields[] = {
	SO_FIELD(S, name),
	SO_FIELD(S, definition, .flags = SO_F_NULLABLE),
	SO_FIELD(S, method, .flags = SO_F_NULLABLE),
	SO_FIELD(S, unique),
	SO_FIELD(S, primary),
	SO_FIELD(S, valid, .doc = "False: no query can use it."),
	SO_FIELD(S, size_bytes, .flags = SO_F_NULLABLE),
	SO_FIELD(S, scans, .flags = SO_F_NULLABLE, .doc = "Since the counters began."),
};
#undef S
static const struct so_resource index_resource = SO_RESOURCE(struct index_answer, index_fields, .name = "SchemaIndex");

struct table_answer {
	const char *schema, *name, *kind, *ddl;
	double rows;
	int64_t size_bytes, last_analyze_us, last_vacuum_us;
	json_t *columns, *indexes;
};
#define S struct table_answer
static const struct so_field table_fields[] = {
	SO_FIELD(S, schema),
	SO_FIELD(S, name),
	SO_FIELD(S, kind, .one_of = kinds),
	SO_FIELD(S, rows, .flags = SO_F_NULLABLE, .doc = "The engine's estimate."),
	SO_FIELD(S, size_bytes, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, last_analyze_us, "last_analyze", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, last_vacuum_us, "last_vacuum", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, columns, .flags = SO_F_LIST, .of = &column_resource),
	SO_FIELD(S, indexes, .flags = SO_F_LIST, .of = &index_resource),
	SO_FIELD(S, ddl),
};
#undef S
static const struct so_resource table_resource = SO_RESOURCE(struct table_answer, table_fields, .name = "SchemaTable");

static json_t *columns_of(const struct so_table *table)
{
	json_t *array = json_array();

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct so_column *c = &table->columns[i];
		double distinct = c->has_stats ? so_column_distinct(table, c) : 0;
		const struct column_answer answer = { c->name, c->type, c->default_text, c->collation, c->not_null,
			c->has_stats ? c->null_frac : (double)NAN, distinct > 0 ? distinct : (double)NAN };

		json_array_append_new(array, so_field_encode(&column_resource, &answer));
	}
	return array;
}

static json_t *indexes_of(const struct so_table *table)
{
	json_t *array = json_array();

	for (size_t i = 0; i < table->n_indexes; i++) {
		const struct so_index *x = &table->indexes[i];
		const struct index_answer answer = { x->name, x->definition, x->method, x->unique, x->primary, x->valid,
			x->size_bytes < 0 ? SO_INT_NONE : x->size_bytes, x->scans < 0 ? SO_INT_NONE : x->scans };

		json_array_append_new(array, so_field_encode(&index_resource, &answer));
	}
	return array;
}

static bool table(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct table_query *query = req->query;
	struct so_schema_table found;
	struct table_answer answer;

	if (!so_service_schema_table(
		    req, req->api->service, *req->api->scope, req->id, query->schema, query->name, &found, err))
		return false;
	answer = (struct table_answer){ .schema = found.table->schema,
		.name = found.table->name,
		.kind = so_table_kind_name(found.table->kind),
		.ddl = found.ddl,
		.rows = rows_or_null(found.table->rows),
		.size_bytes = found.table->size_bytes < 0 ? SO_INT_NONE : found.table->size_bytes,
		.last_analyze_us = found.table->last_analyze_us,
		.last_vacuum_us = found.table->last_vacuum_us,
		.columns = columns_of(found.table),
		.indexes = indexes_of(found.table) };
	res->json = so_field_encode(&table_resource, &answer);
	json_decref(answer.columns);
	json_decref(answer.indexes);
	return true;
}

/* ---- the audit ----------------------------------------------------------------------------------------------- */

static const char *const states[] = { "ok", "found", "not_checked", NULL };
static const char *const severities[] = { "low", "medium", "high", "critical", NULL };

struct check_answer {
	const char *id, *title, *docs, *state, *severity;
	int64_t checked, found;
};
#define S struct check_answer
static const struct so_field check_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, title, .doc = "What the check looks for."),
	SO_FIELD(S, docs),
	SO_FIELD(S, state, .one_of = states, .doc = "not_checked: the server has none, or does not tell."),
	SO_FIELD(S, severity, .flags = SO_F_NULLABLE, .one_of = severities, .doc = "Of the worst that was found."),
	SO_FIELD(S, checked, .doc = "Objects looked at."),
	SO_FIELD(S, found, .doc = "Of those; at most 50 are listed as findings."),
};
#undef S
static const struct so_resource check_resource = SO_RESOURCE(struct check_answer, check_fields, .name = "HealthCheck");

struct audit_answer {
	int64_t tables;
	json_t *checks, *findings, *proposals;
	struct so_strs *notices;
};
#define S struct audit_answer
static const struct so_field audit_fields[] = {
	SO_FIELD(S, tables, .doc = "Looked at, the largest first."),
	SO_FIELD(S, checks, .flags = SO_F_LIST, .of = &check_resource),
	SO_FIELD(S, findings, .flags = SO_F_LIST, .of = &so_shape_finding),
	SO_FIELD(S, proposals, .flags = SO_F_LIST, .of = &so_shape_proposal),
	SO_FIELD(S, notices, .doc = "What could not be read, or was left out."),
};
#undef S
static const struct so_resource audit_resource = SO_RESOURCE(struct audit_answer, audit_fields, .name = "HealthChecks");

static json_t *checks_of(TALLOC_CTX *ctx, const struct so_schema_audit *audit)
{
	json_t *array = json_array();

	for (size_t i = 0; i < audit->n_lines; i++) {
		const struct so_audit_line *line = &audit->lines[i];
		const struct check_answer answer = { line->rule->id, line->rule->what,
			so_printf(ctx, "/docs/findings/%s", line->rule->id),
			line->n_found     ? "found"
			: line->n_checked ? "ok"
					  : "not_checked",
			line->n_found ? so_severity_name(line->worst) : NULL, (int64_t)line->n_checked,
			(int64_t)line->n_found };

		json_array_append_new(array, so_field_encode(&check_resource, &answer));
	}
	return array;
}

static bool health(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_schema_audit audit;
	struct so_strs notices;
	struct audit_answer answer;

	if (!so_service_schema_audit(req, req->api->service, *req->api->scope, req->id, 0, &audit, err))
		return false;
	notices = (struct so_strs){ audit.n_notices, audit.notices };
	answer = (struct audit_answer){ .tables = (int64_t)audit.n_tables,
		.checks = checks_of(req, &audit),
		.findings = so_finding_list_to_json(audit.findings),
		.proposals = so_proposal_list_to_json(audit.proposals),
		.notices = &notices };
	res->json = so_field_encode(&audit_resource, &answer);
	json_decref(answer.checks);
	json_decref(answer.findings);
	json_decref(answer.proposals);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "connections", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "GET", "/api/connections/{id}/health-checks", "auditSchema", TAG,
		.summary = "What is wrong with the tables of the database and the state of its server",
		.answer = &audit_resource, .handler = health },
	{ "GET", "/api/connections/{id}/schema", "listRelations", TAG, .summary = "Tables and views, largest first",
		.query = &list_resource, .answer = &relation_resource, .list = true, .handler = list },
	{ "GET", "/api/connections/{id}/schema/table", "getTable", TAG,
		.summary = "Columns, indexes and definition of one table", .query = &table_query_resource,
		.answer = &table_resource, .handler = table },
};

const struct so_route_table so_routes_schema = { routes, sizeof(routes) / sizeof(routes[0]) };
