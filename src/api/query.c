/* /api/queries/{id}: one watched statement. */
#include <math.h>
#include <string.h>

#include "api/tables.h"
#include "api/watched.h"
#include "service/query_detail.h"

struct detail_answer {
	int64_t id, connection_id, calls, rows, hits, reads, findings, first_us, last_us;
	const char *connection_name, *engine, *database, *dialect, *sql_text, *fingerprint, *engine_id, *kind;
	double total_ms, mean_ms;
	bool other, regressed, optimized;
	struct so_strs *tables;
};
#define S struct detail_answer
static const struct so_field detail_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, engine),
	SO_FIELD(S, database),
	SO_FIELD(S, dialect, .doc = "In which the text is read."),
	SO_FIELD(S, sql_text, .doc = "As the server keeps it, with placeholders for values; at most 16 KiB."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE, .doc = "16 hexadecimal digits."),
	SO_FIELD(S, engine_id, .flags = SO_F_NULLABLE,
		.doc = "What the server calls it: queryid, digest, query_hash ..."),
	SO_FIELD(S, kind, .one_of = so_query_kind_names),
	SO_FIELD(S, other, .doc = "True: the sum of all statements that were not kept singly, not a statement."),
	SO_FIELD(S, tables, .doc = "Names in the text, each once; empty when it does not parse."),
	SO_FIELD(S, calls, .doc = "All that is known, from before it was watched and over resets of the server."),
	SO_FIELD(S, total_ms),
	SO_FIELD(S, mean_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, rows),
	SO_FIELD(S, hits, .flags = SO_F_NULLABLE,
		.doc = "Pages found in the cache; null: the engine does not count them."),
	SO_FIELD(S, reads, .flags = SO_F_NULLABLE, .doc = "Pages read."),
	SO_FIELD(S, findings, .doc = "Open ones."),
	SO_FIELD(S, regressed, .doc = "One of them is a regression."),
	SO_FIELD(S, optimized),
	SO_FIELD_AS(S, first_us, "first_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, last_us, "last_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S
static const struct so_resource detail_resource =
	SO_RESOURCE(struct detail_answer, detail_fields, .name = "QueryDetail");

static int64_t known(int64_t value)
{
	return value < 0 ? SO_INT_NONE : value;
}

static bool detail(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_query_detail *found = so_service_query_detail(req, req->api->service, *req->api->scope, req->id, err);

	if (!found)
		return false;
	const struct so_store_query *query = found->query;
	double total_ms = (double)query->total_us / 1000;
	struct so_strs tables = { found->n_tables, found->tables };
	struct detail_answer answer = { .id = query->id,
		.connection_id = query->connection_id,
		.connection_name = found->conn->name,
		.engine = found->conn->engine,
		.database = found->conn->database,
		.dialect = found->dialect,
		.sql_text = query->sql_text,
		.fingerprint = found->other ? NULL : query->fingerprint,
		.engine_id = query->engine_id,
		.kind = query->kind ? query->kind : so_query_kind_names[SO_QUERY_KIND_UNKNOWN],
		.other = found->other,
		.tables = &tables,
		.calls = query->calls,
		.total_ms = total_ms,
		.mean_ms = query->calls > 0 ? total_ms / (double)query->calls : NAN,
		.rows = query->rows_returned,
		.hits = known(query->buffer_hits),
		.reads = known(query->buffer_reads),
		.findings = found->findings,
		.regressed = found->regressed,
		.optimized = query->optimized,
		.first_us = query->discovered_us,
		.last_us = query->last_seen_us };

	res->json = so_field_encode(&detail_resource, &answer);
	return true;
}

#define TAG .tag = "queries", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "GET", "/api/queries/{id}", "query", TAG, .summary = "A watched statement", .answer = &detail_resource,
		.handler = detail },
};

const struct so_route_table so_routes_query = { routes, sizeof(routes) / sizeof(routes[0]) };
