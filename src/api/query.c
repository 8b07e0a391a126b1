/* /api/queries/{id}: one watched statement. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/annotations.h"
#include "api/periods.h"
#include "api/shapes.h"
#include "api/tables.h"
#include "api/watched.h"
#include "base/clock.h"
#include "service/query_detail.h"
#include "service/query_series.h"

struct detail_answer {
	int64_t id, connection_id, calls, rows, hits, reads, findings, first_us, last_us;
	int64_t value_sets, values_first_us, values_last_us;
	const char *connection_name, *engine, *database, *dialect, *sql_text, *fingerprint, *engine_id, *kind;
	double total_ms, mean_ms;
	bool other, regressed, optimized;
	struct so_strs *tables, *value_sources;
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
	SO_FIELD(S, findings, .doc = "Open ones, muted ones aside."),
	SO_FIELD(S, regressed, .doc = "One of them is a regression."),
	SO_FIELD(S, optimized),
	SO_FIELD(S, value_sets,
		.doc = "Sets of values that it was called with and that are kept to plan and prove with; the values "
		       "themselves are told to nobody."),
	SO_FIELD(S, value_sources, .doc = "Where these were seen, each once: session, statement, sample, plan."),
	SO_FIELD_AS(S, values_first_us, "values_first_seen", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "When the oldest of them was last seen."),
	SO_FIELD_AS(S, values_last_us, "values_last_seen", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "When the newest was."),
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
	struct so_strs sources = { found->n_value_sources, found->value_sources };
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
		.value_sets = found->value_sets,
		.value_sources = &sources,
		.values_first_us = found->values_first_us,
		.values_last_us = found->values_last_us,
		.first_us = query->discovered_us,
		.last_us = query->last_seen_us };

	res->json = so_field_encode(&detail_resource, &answer);
	return true;
}

/* ---- a chart ------------------------------------------------------------------------------------------------- */

struct series_query {
	char *metric, *period;
	int64_t from_us, to_us, points;
};
#define S struct series_query
static const struct so_field series_query_fields[] = {
	SO_FIELD(S, metric, .one_of = so_query_metric_names, .deflt = "mean_time"),
	SO_FIELD(S, period, .flags = SO_F_NULLABLE, .one_of = so_chart_periods,
		.doc = "Up to now; day when neither is given."),
	SO_FIELD_AS(
		S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Instead of period; at most 400 days."),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Now when absent."),
	SO_FIELD(S, points, .min = 1, .max = SO_SERIES_POINTS_MAX, .deflt = "300"),
};
#undef S

static void check_series(const void *object, struct so_field_errors *errors)
{
	const struct series_query *query = object;

	so_period_check(query->period, query->from_us, query->to_us, errors);
}

static const struct so_resource series_query_resource =
	SO_RESOURCE(struct series_query, series_query_fields, .name = "QuerySeriesQuery", .check = check_series);

struct point_answer {
	int64_t at_us, calls;
	double value, min, max;
};
#define S struct point_answer
static const struct so_field point_fields[] = {
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME, .doc = "Begin of the step."),
	SO_FIELD(S, value, .flags = SO_F_NULLABLE,
		.doc = "Of the whole step: a sum, or a mean over its calls; times in ms."),
	SO_FIELD(S, min, .flags = SO_F_NULLABLE, .doc = "Of the smallest pieces that are known of the step."),
	SO_FIELD(S, max, .flags = SO_F_NULLABLE),
	SO_FIELD(S, calls),
};
#undef S
static const struct so_resource point_resource = SO_RESOURCE(struct point_answer, point_fields, .name = "SeriesPoint");

struct flip_answer {
	int64_t from_us, to_us;
	const char *before, *after;
};
#define S struct flip_answer
static const struct so_field flip_fields[] = {
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME, .doc = "It was the plan before until then at least."),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME, .doc = "And the other one from then on."),
	SO_FIELD(S, before, .doc = "Shape, as in /plans."),
	SO_FIELD(S, after),
};
#undef S
static const struct so_resource flip_resource = SO_RESOURCE(struct flip_answer, flip_fields, .name = "PlanChange");

struct series_answer {
	int64_t query_id, from_us, to_us, step_s;
	const char *metric, *source;
	json_t *points, *plan_changes, *annotations;
};
static const char *const sources[] = { "samples", "hours", "days", NULL };
#define S struct series_answer
static const struct so_field series_fields[] = {
	SO_FIELD(S, query_id),
	SO_FIELD(S, metric, .one_of = so_query_metric_names),
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME),
	SO_FIELD(S, step_s, .doc = "Seconds of a step."),
	SO_FIELD(S, source, .one_of = sources, .doc = "What the smallest pieces are."),
	SO_FIELD(S, points, .flags = SO_F_LIST, .of = &point_resource, .doc = "Steps without calls are left out."),
	SO_FIELD(S, plan_changes, .flags = SO_F_LIST, .of = &flip_resource, .doc = "Oldest first."),
	SO_FIELD(S, annotations, .flags = SO_F_LIST, .of = &so_shape_annotation,
		.doc = "Of its connection and of all, newest first, at most 100."),
};
#undef S
static const struct so_resource series_resource =
	SO_RESOURCE(struct series_answer, series_fields, .name = "QuerySeries");

/* 16 hexadecimal digits: a number of 64 bits is more than a page can hold. */
static char *shape_text(struct so_request *req, int64_t shape)
{
	return so_printf(req, "%016" PRIx64, (uint64_t)shape);
}

/* Of the time that the chart shows. */
static json_t *encode_flips(
	struct so_request *req, const struct so_store_plan_runs *runs, int64_t from_us, int64_t to_us)
{
	json_t *list = json_array();

	for (size_t i = 1; i < runs->count; i++) {
		const struct so_store_plan_run *before = runs->items[i - 1], *after = runs->items[i];
		struct flip_answer answer = { before->until_us, after->from_us, shape_text(req, before->shape),
			shape_text(req, after->shape) };

		if (before->shape != after->shape && after->from_us >= from_us && before->until_us <= to_us)
			json_array_append_new(list, so_field_encode(&flip_resource, &answer));
	}
	return list;
}

static bool series(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct series_query *query = req->query;
	const struct so_period_request period = so_period_request_of(query->period, query->from_us, query->to_us);
	struct so_series *found = so_service_query_series(req, req->api->service, *req->api->scope, req->id,
		(enum so_query_metric)so_word_index(so_query_metric_names, query->metric), &period, query->points, err);

	if (!found)
		return false;
	struct series_answer answer = { .query_id = req->id,
		.from_us = found->from_us,
		.to_us = found->to_us,
		.step_s = found->step_us / 1000000,
		.metric = query->metric,
		.source = found->source,
		.points = so_json_own(req, json_array()),
		.plan_changes = so_json_own(req, encode_flips(req, found->plan_runs, found->from_us, found->to_us)),
		.annotations = so_json_own(req, so_annotations_encode(req, found->annotations)) };

	for (size_t i = 0; i < found->count; i++) {
		const struct so_series_point *point = &found->items[i];
		struct point_answer line = { point->at_us, point->calls, point->value, point->min, point->max };

		json_array_append_new(answer.points, so_field_encode(&point_resource, &line));
	}
	res->json = so_field_encode(&series_resource, &answer);
	return true;
}

/* ---- plans --------------------------------------------------------------------------------------------------- */

struct plans_query {
	char *shape;
};
static const struct so_field plans_query_fields[] = {
	SO_FIELD(struct plans_query, shape, .flags = SO_F_NULLABLE, .min = 16, .max = 16,
		.doc = "Of which plan the text is wanted, too: 16 hexadecimal digits."),
};

static void check_plans(const void *object, struct so_field_errors *errors)
{
	const struct plans_query *query = object;

	if (query->shape && strspn(query->shape, "0123456789abcdefABCDEF") != 16)
		so_field_error(errors, "query", "shape", "value_error", "must be 16 hexadecimal digits");
}

static const struct so_resource plans_query_resource =
	SO_RESOURCE(struct plans_query, plans_query_fields, .name = "QueryPlansQuery", .check = check_plans);

struct plan_answer {
	const char *shape, *format, *text;
	double cost;
	int64_t seen, first_us, last_us;
	bool current, stored;
};
#define S struct plan_answer
static const struct so_field plan_fields[] = {
	SO_FIELD(S, shape, .doc = "Plans of the same shape differ in figures only."),
	SO_FIELD(S, format, .doc = "\"postgresql-json\""),
	SO_FIELD(S, cost, .flags = SO_F_NULLABLE, .doc = "Of the root, when it was last seen."),
	SO_FIELD(S, seen, .doc = "How often."),
	SO_FIELD_AS(S, first_us, "first_seen", .flags = SO_F_TIME),
	SO_FIELD_AS(S, last_us, "last_seen", .flags = SO_F_TIME),
	SO_FIELD(S, current, .doc = "It is the one seen last."),
	SO_FIELD(S, stored, .doc = "False: it was too large to keep its text."),
	SO_FIELD(S, text, .flags = SO_F_NULLABLE,
		.doc = "As the engine wrote it, for /api/plans/analyze; of the shape asked for only."),
};
#undef S
static const struct so_resource plan_resource = SO_RESOURCE(struct plan_answer, plan_fields, .name = "QueryPlan");

struct run_answer {
	const char *shape;
	int64_t from_us, until_us;
};
static const struct so_field run_fields[] = {
	SO_FIELD(struct run_answer, shape),
	SO_FIELD_AS(struct run_answer, from_us, "from", .flags = SO_F_TIME),
	SO_FIELD_AS(struct run_answer, until_us, "until", .flags = SO_F_TIME),
};
static const struct so_resource run_resource = SO_RESOURCE(struct run_answer, run_fields, .name = "QueryPlanRun");

struct plans_answer {
	int64_t looked_us;
	const char *error;
	json_t *plans, *runs;
};
#define S struct plans_answer
static const struct so_field plans_fields[] = {
	SO_FIELD(S, plans, .flags = SO_F_LIST, .of = &plan_resource, .doc = "The last seen first."),
	SO_FIELD(S, runs, .flags = SO_F_LIST, .of = &run_resource,
		.doc = "Which shape was seen at each look from when until when, oldest first."),
	SO_FIELD_AS(S, looked_us, "looked_at", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "When the monitor last asked for a plan; null: not yet."),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE, .doc = "Why it got none then."),
};
#undef S
static const struct so_resource plans_resource = SO_RESOURCE(struct plans_answer, plans_fields, .name = "QueryPlans");

static bool plans(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct plans_query *query = req->query;
	int64_t wanted = query->shape ? (int64_t)strtoull(query->shape, NULL, 16) : 0;
	struct so_query_plans *found = so_service_query_plans(req, req->api->service, *req->api->scope, req->id, err);

	if (!found)
		return false;
	struct plans_answer answer = { found->looked_us, found->error, so_json_own(req, json_array()),
		so_json_own(req, json_array()) };

	for (size_t i = 0; i < found->plans->count; i++) {
		const struct so_store_plan *plan = found->plans->items[i];
		struct plan_answer line = { .shape = shape_text(req, plan->shape),
			.format = plan->format,
			.cost = plan->cost,
			.seen = plan->seen,
			.first_us = plan->first_us,
			.last_us = plan->last_us,
			.current = i == 0,
			.stored = plan->doc != NULL,
			.text = query->shape && plan->shape == wanted ? plan->doc : NULL };

		json_array_append_new(answer.plans, so_field_encode(&plan_resource, &line));
	}
	for (size_t i = 0; i < found->runs->count; i++) {
		const struct so_store_plan_run *run = found->runs->items[i];
		struct run_answer line = { shape_text(req, run->shape), run->from_us, run->until_us };

		json_array_append_new(answer.runs, so_field_encode(&run_resource, &line));
	}
	res->json = so_field_encode(&plans_resource, &answer);
	return true;
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

struct samples_query {
	int64_t before_us, limit;
};
static const struct so_field samples_query_fields[] = {
	SO_FIELD_AS(struct samples_query, before_us, "before", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "Now when absent."),
	SO_FIELD(struct samples_query, limit, .min = 1, .max = 1000, .deflt = "100"),
};
static const struct so_resource samples_query_resource =
	SO_RESOURCE(struct samples_query, samples_query_fields, .name = "QuerySamplesQuery");

struct sample_answer {
	int64_t at_us, calls, rows, hits, reads, dirtied, temp_read, temp_written, wal_bytes;
	double total_ms, mean_ms, plan_ms;
};
#define S struct sample_answer
static const struct so_field sample_fields[] = {
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME,
		.doc = "When it was read; the figures are of the time since the poll before."),
	SO_FIELD(S, calls),
	SO_FIELD(S, total_ms),
	SO_FIELD(S, mean_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, plan_ms),
	SO_FIELD(S, rows),
	SO_FIELD(S, hits),
	SO_FIELD(S, reads),
	SO_FIELD(S, dirtied),
	SO_FIELD(S, temp_read),
	SO_FIELD(S, temp_written),
	SO_FIELD(S, wal_bytes),
};
#undef S
static const struct so_resource sample_resource =
	SO_RESOURCE(struct sample_answer, sample_fields, .name = "QuerySample");

struct samples_answer {
	json_t *samples;
	int64_t before_us;
};
static const struct so_field samples_fields[] = {
	SO_FIELD(struct samples_answer, samples, .flags = SO_F_LIST, .of = &sample_resource, .doc = "Newest first."),
	SO_FIELD_AS(struct samples_answer, before_us, "next_before", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "Give it as before for the next page; null: there are no older ones."),
};
static const struct so_resource samples_resource =
	SO_RESOURCE(struct samples_answer, samples_fields, .name = "QuerySamples");

static json_t *encode_sample(const struct so_store_sample *sample)
{
	const int64_t *d = sample->delta;
	double total_ms = (double)d[2] / 1000;
	struct sample_answer answer = { .at_us = sample->at_us,
		.calls = d[0],
		.rows = d[1],
		.total_ms = total_ms,
		.mean_ms = d[0] > 0 ? total_ms / (double)d[0] : NAN,
		.plan_ms = (double)d[3] / 1000,
		.hits = d[4],
		.reads = d[5],
		.dirtied = d[6],
		.temp_read = d[7],
		.temp_written = d[8],
		.wal_bytes = d[9] };

	return so_field_encode(&sample_resource, &answer);
}

static bool samples(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct samples_query *query = req->query;
	int64_t before_us = query->before_us == SO_INT_NONE ? so_time_now_us() + 1000000 : query->before_us;
	struct so_sample_page *page = so_service_query_samples(
		req, req->api->service, *req->api->scope, req->id, before_us, query->limit, err);

	if (!page)
		return false;
	struct samples_answer answer = { so_json_own(req, json_array()), page->before_us };

	for (size_t i = 0; i < page->count; i++)
		json_array_append_new(answer.samples, encode_sample(&page->items[i]));
	res->json = so_field_encode(&samples_resource, &answer);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "queries", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "GET", "/api/queries/{id}", "query", TAG, .summary = "A watched statement", .answer = &detail_resource,
		.handler = detail },
	{ "GET", "/api/queries/{id}/series", "querySeries", TAG, .summary = "What it did over time",
		.query = &series_query_resource, .answer = &series_resource, .handler = series },
	{ "GET", "/api/queries/{id}/plans", "queryPlans", TAG, .summary = "Plans that were seen of it, and when",
		.query = &plans_query_resource, .answer = &plans_resource, .handler = plans },
	{ "GET", "/api/queries/{id}/samples", "querySamples", TAG, .summary = "Its latest samples",
		.query = &samples_query_resource, .answer = &samples_resource, .handler = samples },
};

const struct so_route_table so_routes_query = { routes, sizeof(routes) / sizeof(routes[0]) };
