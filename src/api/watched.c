#include "api/watched.h"

#include <string.h>

#include "api/shapes.h"

enum { PREVIEW = 200 };

struct query_answer {
	int64_t id, connection_id, calls, rows_returned, buffer_hits, buffer_reads, discovered_us, last_seen_us;
	char *query_hash, *sql_text;
	double avg_execution_time, total_execution_time;
	bool optimized;
};
#define S struct query_answer
static const struct so_field query_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, query_hash, .flags = SO_F_NULLABLE),
	SO_FIELD(S, sql_text),
	SO_FIELD(S, avg_execution_time, .doc = "ms"),
	SO_FIELD(S, total_execution_time, .doc = "ms"),
	SO_FIELD(S, calls),
	SO_FIELD(S, rows_returned, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_hits, .flags = SO_F_NULLABLE),
	SO_FIELD(S, buffer_reads, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, discovered_us, "discovered_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, last_seen_us, "last_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, optimized),
};
#undef S
const struct so_resource so_shape_query = SO_RESOURCE(struct query_answer, query_fields, .name = "Query",
	.doc = "A watched statement; its figures are all that is known of it, resets of the server included.");

static int64_t known(int64_t value)
{
	return value < 0 ? SO_INT_NONE : value;
}

json_t *so_query_encode(const struct so_store_query *query)
{
	double total_ms = (double)query->total_us / 1000.0;
	struct query_answer row = { .id = query->id,
		.connection_id = query->connection_id,
		.calls = query->calls,
		.rows_returned = known(query->rows_returned),
		.buffer_hits = known(query->buffer_hits),
		.buffer_reads = known(query->buffer_reads),
		.discovered_us = query->discovered_us,
		.last_seen_us = query->last_seen_us,
		.query_hash = query->hash,
		.sql_text = query->sql_text,
		.total_execution_time = total_ms,
		.avg_execution_time = query->calls > 0 ? total_ms / (double)query->calls : 0,
		.optimized = query->optimized };

	return so_field_encode(&so_shape_query, &row);
}

struct issue_answer {
	int64_t id, query_id, connection_id, detected_us;
	const char *issue_type, *severity, *title, *description;
	json_t *affected_objects, *recommendations, *metrics;
	bool resolved;
};
#define S struct issue_answer
static const struct so_field issue_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title),
	SO_FIELD(S, description),
	SO_FIELD(S, affected_objects, .flags = SO_F_LIST),
	SO_FIELD(S, recommendations, .flags = SO_F_LIST),
	SO_FIELD(S, metrics, .flags = SO_F_MAP),
	SO_FIELD_AS(S, detected_us, "detected_at", .flags = SO_F_TIME),
	SO_FIELD(S, resolved),
};
#undef S
const struct so_resource so_shape_query_issue = SO_RESOURCE(struct issue_answer, issue_fields, .name = "QueryIssue");

static json_t *metrics_of(struct so_request *req, const json_t *doc)
{
	json_t *metrics = so_json_own(req, json_object());
	const json_t *evidence = json_object_get(doc, "evidence");

	for (size_t i = 0; i < json_array_size(evidence); i++) {
		const json_t *one = json_array_get(evidence, i);
		const char *name = json_string_value(json_object_get(one, "name"));

		if (name)
			json_object_set(metrics, name, json_object_get(one, "value"));
	}
	return metrics;
}

json_t *so_query_issue_encode(struct so_request *req, const struct so_store_finding *finding)
{
	/* a row that does not parse must not take the list with it */
	json_t *parsed = json_loads(finding->doc, 0, NULL);
	json_t *doc = so_json_own(req, parsed ? parsed : json_object());
	json_t *objects = json_object_get(doc, "objects"), *remedy = json_object_get(doc, "remedy");
	struct issue_answer answer = { .id = finding->id,
		.query_id = finding->query_id ? finding->query_id : SO_INT_NONE,
		.connection_id = finding->connection_id,
		.detected_us = finding->detected_us,
		.issue_type = finding->issue_type,
		.severity = so_severity_name((enum so_severity)finding->severity),
		.title = finding->title,
		.description = finding->description,
		.affected_objects = json_is_array(objects) ? objects : so_json_own(req, json_array()),
		.recommendations = so_json_own(req, json_array()),
		.metrics = metrics_of(req, doc),
		.resolved = finding->resolved };

	if (json_is_string(remedy))
		json_array_append(answer.recommendations, remedy);
	return so_field_encode(&so_shape_query_issue, &answer);
}

struct issue_type_answer {
	const char *issue_type;
	int64_t count, critical, high, medium, low;
};
#define S struct issue_type_answer
static const struct so_field issue_type_fields[] = {
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, count),
	SO_FIELD(S, critical),
	SO_FIELD(S, high),
	SO_FIELD(S, medium),
	SO_FIELD(S, low),
};
#undef S
const struct so_resource so_shape_issue_type =
	SO_RESOURCE(struct issue_type_answer, issue_type_fields, .name = "IssueTypeCount");

json_t *so_issue_types_encode(const struct so_issue_summary *summary)
{
	json_t *list = json_array();

	for (size_t i = 0; i < summary->n_types; i++) {
		const struct so_issue_type_count *type = &summary->types[i];
		struct issue_type_answer line = { .issue_type = type->issue_type,
			.count = type->count,
			.critical = type->by_severity[SO_SEVERITY_CRITICAL],
			.high = type->by_severity[SO_SEVERITY_HIGH],
			.medium = type->by_severity[SO_SEVERITY_MEDIUM],
			.low = type->by_severity[SO_SEVERITY_LOW] };

		json_array_append_new(list, so_field_encode(&so_shape_issue_type, &line));
	}
	return list;
}

char *so_sql_preview(TALLOC_CTX *ctx, const char *sql)
{
	size_t len = strlen(sql);

	if (len > PREVIEW)
		for (len = PREVIEW; len && ((unsigned char)sql[len] & 0xC0) == 0x80;)
			len--;
	return so_strndup(ctx, sql, len);
}

int64_t so_id_or_all(int64_t id)
{
	return id == SO_INT_NONE ? 0 : id;
}
