/* /api/queries: watched statements by what they did in a period. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/tables.h"
#include "api/watched.h"
#include "api/periods.h"
#include "service/query_series.h"

/* ---- what is asked for --------------------------------------------------------------------------------------- */

static const char *const orders[] = { "desc", "asc", NULL };

struct list_query {
	int64_t connection_id, from_us, to_us, limit, offset;
	char *search, *fingerprint, *kind, *database, *only, *sort, *order, *period;
};
#define S struct list_query
static const struct so_field list_query_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, search, .flags = SO_F_NULLABLE, .min = 1, .max = 200,
		.doc = "Part of the text, whatever the case of its ASCII letters."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE, .min = 16, .max = 16,
		.doc = "16 hexadecimal digits; the same statement on several connections has the same."),
	SO_FIELD(S, kind, .flags = SO_F_NULLABLE, .one_of = so_query_kind_names),
	SO_FIELD(S, database, .flags = SO_F_NULLABLE, .min = 1, .max = 255, .doc = "Of the connection."),
	SO_FIELD(S, only, .one_of = so_query_only_names, .deflt = "all",
		.doc = "findings: with open ones; regressed: with an open regression; new: first seen in the period, "
		       "and not "
		       "in the first hour of watching its connection."),
	SO_FIELD(S, sort, .one_of = so_query_sort_names, .deflt = "total_time",
		.doc = "change: by the time gained over the period before."),
	SO_FIELD(S, order, .one_of = orders, .deflt = "desc"),
	SO_FIELD(S, period, .flags = SO_F_NULLABLE, .one_of = so_period_names,
		.doc = "Up to now; hour: this hour and the one before. all: since the statistics of the server began, "
		       "with "
		       "nothing to compare with. day when neither this nor from is given."),
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "Instead of period. Up to 72 hours are read by the hour, longer ones (at most 400 days) by the "
		       "day, "
		       "UTC; what is asked for is widened to whole ones."),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Now when absent."),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "50"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S

static void check_list_query(const void *object, struct so_field_errors *errors)
{
	const struct list_query *query = object;

	so_period_check(query->period, query->from_us, query->to_us, errors);
	if (query->fingerprint && strspn(query->fingerprint, "0123456789abcdefABCDEF") != 16)
		so_field_error(errors, "query", "fingerprint", "value_error", "must be 16 hexadecimal digits");
}

static const struct so_resource list_query_resource =
	SO_RESOURCE(struct list_query, list_query_fields, .name = "QueryListQuery", .check = check_list_query);

/* ---- a row --------------------------------------------------------------------------------------------------- */

struct row_answer {
	int64_t id, connection_id, calls, rows, hits, reads, previous_calls, findings, first_us, last_us;
	const char *connection_name, *engine, *database, *sql_text, *fingerprint, *kind;
	double total_ms, mean_ms, load_share, previous_total_ms, previous_mean_ms, gained_ms, load_change, mean_change;
	bool sql_cut, other, regressed, is_new;
};
#define S struct row_answer
static const struct so_field row_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, connection_id),
	SO_FIELD(S, connection_name),
	SO_FIELD(S, engine),
	SO_FIELD(S, database),
	SO_FIELD(S, sql_text, .doc = "Its first 300 characters."),
	SO_FIELD(S, sql_cut, .doc = "True: there is more of it."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE),
	SO_FIELD(S, kind, .one_of = so_query_kind_names),
	SO_FIELD(S, other, .doc = "True: the sum of all statements that were not kept singly, not a statement."),
	SO_FIELD(S, calls),
	SO_FIELD(S, total_ms),
	SO_FIELD(S, mean_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, rows),
	SO_FIELD(S, hits, .flags = SO_F_NULLABLE,
		.doc = "Pages found in the cache; null: the engine does not count them."),
	SO_FIELD(S, reads, .flags = SO_F_NULLABLE, .doc = "Pages read."),
	SO_FIELD(S, load_share, .doc = "Of all time on the connections asked for, 0 to 1."),
	SO_FIELD(S, previous_calls, .flags = SO_F_NULLABLE,
		.doc = "In the period before, scaled to the length of this one where a part of either was not watched; "
		       "null: "
		       "hardly any of it was."),
	SO_FIELD(S, previous_total_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, previous_mean_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, gained_ms, .flags = SO_F_NULLABLE,
		.doc = "total_ms less previous_total_ms; negative: it became less."),
	SO_FIELD(S, load_change, .flags = SO_F_NULLABLE, .doc = "Factor of the total time: 2 is twice as much."),
	SO_FIELD(S, mean_change, .flags = SO_F_NULLABLE, .doc = "Factor of the time of a call."),
	SO_FIELD(S, findings, .doc = "Open ones, muted ones aside."),
	SO_FIELD(S, regressed, .doc = "One of them is a regression."),
	SO_FIELD(S, is_new, .doc = "First seen in this period."),
	SO_FIELD_AS(S, first_us, "first_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, last_us, "last_seen", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S
static const struct so_resource row_resource =
	SO_RESOURCE(struct row_answer, row_fields, .name = "QueryRow", .doc = "What a statement did in the period.");

static double mean_ms(double total_ms, double calls)
{
	return calls > 0 ? total_ms / calls : NAN;
}

static json_t *encode_row(const struct so_query_item *item)
{
	const struct so_query_load *load = item->load;
	const struct so_query_change *change = &item->change;
	double total_ms = (double)load->now.exec_us / 1000;
	struct row_answer row = { .id = load->query_id,
		.connection_id = item->conn->id,
		.connection_name = item->conn->name,
		.engine = item->conn->engine,
		.database = item->conn->database,
		.sql_text = item->brief->sql_text,
		.sql_cut = item->brief->cut,
		.fingerprint = load->other ? NULL : item->brief->fingerprint,
		.kind = so_query_kind_names[load->kind],
		.other = load->other,
		.calls = load->now.calls,
		.total_ms = total_ms,
		.mean_ms = mean_ms(total_ms, (double)load->now.calls),
		.rows = load->now.rows,
		.hits = item->brief->has_hits || load->now.hits ? load->now.hits : SO_INT_NONE,
		.reads = item->brief->has_reads || load->now.reads ? load->now.reads : SO_INT_NONE,
		.load_share = item->share,
		.previous_calls = isnan(change->before_calls) ? SO_INT_NONE : llround(change->before_calls),
		.previous_total_ms = change->before_ms,
		.previous_mean_ms = mean_ms(change->before_ms, change->before_calls),
		.gained_ms = change->gained_ms,
		.load_change = change->load,
		.mean_change = change->mean,
		.findings = item->findings,
		.regressed = item->regressed,
		.is_new = item->is_new,
		.first_us = load->discovered_us,
		.last_us = item->brief->last_seen_us };

	return so_field_encode(&row_resource, &row);
}

/* ---- a page -------------------------------------------------------------------------------------------------- */

struct page_answer {
	int64_t from_us, to_us, before_us, total, calls;
	double total_ms;
	json_t *queries;
};
#define S struct page_answer
static const struct so_field page_fields[] = {
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Null: since the statistics began."),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME),
	SO_FIELD_AS(S, before_us, "previous_from", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "Begin of the period that this one is compared with; it ends where this one begins."),
	SO_FIELD(S, total, .doc = "Statements that match, also in X-Total-Count."),
	SO_FIELD(S, calls, .doc = "Of all statements of the connections asked for, matching or not."),
	SO_FIELD(S, total_ms, .doc = "Of the same."),
	SO_FIELD(S, queries, .flags = SO_F_LIST, .of = &row_resource),
};
#undef S
static const struct so_resource page_resource = SO_RESOURCE(struct page_answer, page_fields, .name = "QueryPage");

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct list_query *query = req->query;
	const struct so_query_request request = { .connection_id = so_id_or_all(query->connection_id),
		.database = query->database,
		.search = query->search,
		.by_fingerprint = query->fingerprint != NULL,
		.fingerprint = query->fingerprint ? strtoull(query->fingerprint, NULL, 16) : 0,
		.any_kind = !query->kind,
		.kind = query->kind ? (enum so_query_kind)so_word_index(so_query_kind_names, query->kind)
				    : SO_QUERY_KIND_UNKNOWN,
		.only = (enum so_query_only)so_word_index(so_query_only_names, query->only),
		.sort = (enum so_query_sort)so_word_index(so_query_sort_names, query->sort),
		.ascending = query->order[0] == 'a',
		.period = so_period_request_of(query->period, query->from_us, query->to_us),
		.limit = query->limit,
		.offset = query->offset };
	struct so_query_page *page = so_service_query_page(req, req->api->service, *req->api->scope, &request, err);

	if (!page)
		return false;
	struct page_answer answer = { .from_us = page->from_us,
		.to_us = page->to_us,
		.before_us = page->before_us,
		.total = page->total,
		.calls = page->calls,
		.total_ms = (double)page->exec_us / 1000,
		.queries = so_json_own(req, json_array()) };

	for (size_t i = 0; i < page->count; i++)
		json_array_append_new(answer.queries, encode_row(&page->items[i]));
	res->json = so_field_encode(&page_resource, &answer);
	res->total = page->total;
	return true;
}

/* ---- small charts -------------------------------------------------------------------------------------------- */

struct sparklines_query {
	char *ids, *metric, *period;
	int64_t from_us, to_us;
};
#define S struct sparklines_query
static const struct so_field sparklines_query_fields[] = {
	SO_FIELD(S, ids, .flags = SO_F_REQUIRED, .min = 1, .max = 2048, .doc = "At most 100, with commas between."),
	SO_FIELD(S, metric, .one_of = so_query_metric_names, .deflt = "total_time"),
	SO_FIELD(S, period, .flags = SO_F_NULLABLE, .one_of = so_chart_periods, .doc = "day when neither is given."),
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME | SO_F_NULLABLE),
};
#undef S

/* -1: something in it is no id, or there are more than SO_SPARKLINES_MAX. */
static int read_ids(const char *text, int64_t ids[SO_SPARKLINES_MAX])
{
	int n = 0;

	for (;;) {
		char *end;
		errno = 0;
		long long id = strtoll(text, &end, 10);

		if (errno || *text < '0' || *text > '9' || id < 1 || n == SO_SPARKLINES_MAX || (*end && *end != ','))
			return -1;
		ids[n++] = id;
		if (!*end)
			return n;
		text = end + 1;
	}
}

static void check_sparklines(const void *object, struct so_field_errors *errors)
{
	const struct sparklines_query *query = object;
	int64_t ids[SO_SPARKLINES_MAX];

	if (read_ids(query->ids, ids) < 0)
		so_field_error(errors, "query", "ids", "value_error",
			"must be 1 to %d positive integers with commas between", SO_SPARKLINES_MAX);
	so_period_check(query->period, query->from_us, query->to_us, errors);
}

static const struct so_resource sparklines_query_resource = SO_RESOURCE(
	struct sparklines_query, sparklines_query_fields, .name = "SparklinesQuery", .check = check_sparklines);

struct sparkline_answer {
	int64_t id;
	json_t *points;
};
static const struct so_field sparkline_fields[] = {
	SO_FIELD(struct sparkline_answer, id),
	SO_FIELD(struct sparkline_answer, points, .flags = SO_F_LIST,
		.doc = "A number a step, 0 where it did not run; null: there is nothing to divide by."),
};
static const struct so_resource sparkline_resource =
	SO_RESOURCE(struct sparkline_answer, sparkline_fields, .name = "Sparkline");

struct sparklines_answer {
	int64_t from_us, to_us, step_s;
	json_t *series;
};
#define S struct sparklines_answer
static const struct so_field sparklines_fields[] = {
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME),
	SO_FIELD(S, step_s, .doc = "Seconds between two points."),
	SO_FIELD(S, series, .flags = SO_F_LIST, .of = &sparkline_resource,
		.doc = "In the order asked for; statements that there are not are left out."),
};
#undef S
static const struct so_resource sparklines_resource =
	SO_RESOURCE(struct sparklines_answer, sparklines_fields, .name = "Sparklines");

static json_t *encode_points(const double *values, size_t n)
{
	json_t *points = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(points, isnan(values[i]) ? json_null() : json_real(values[i]));
	return points;
}

static bool sparklines(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct sparklines_query *query = req->query;
	const struct so_period_request period = so_period_request_of(query->period, query->from_us, query->to_us);
	int64_t ids[SO_SPARKLINES_MAX];
	int n = read_ids(query->ids, ids);
	struct so_sparklines *found = so_service_sparklines(req, req->api->service, *req->api->scope, ids, (size_t)n,
		(enum so_query_metric)so_word_index(so_query_metric_names, query->metric), &period, err);

	if (!found)
		return false;
	struct sparklines_answer answer = { .from_us = found->from_us,
		.to_us = found->to_us,
		.step_s = found->step_us / 1000000,
		.series = so_json_own(req, json_array()) };

	for (size_t i = 0; i < found->count; i++) {
		struct sparkline_answer line = { found->items[i].query_id,
			so_json_own(req, encode_points(found->items[i].values, found->n_points)) };

		json_array_append_new(answer.series, so_field_encode(&sparkline_resource, &line));
	}
	res->json = so_field_encode(&sparklines_resource, &answer);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "queries", .blocking = true, .status = 200, .permission = SO_PERM_READ
static const struct so_route routes[] = {
	{ "GET", "/api/queries", "queries", TAG, .summary = "Watched statements by what they did in a period",
		.query = &list_query_resource, .answer = &page_resource, .paged = true, .handler = list },
	{ "GET", "/api/queries/sparklines", "querySparklines", TAG, .summary = "Small charts of several statements",
		.query = &sparklines_query_resource, .answer = &sparklines_resource, .handler = sparklines },
};

const struct so_route_table so_routes_queries = { routes, sizeof(routes) / sizeof(routes[0]) };
