/* /api/findings: what was found, by the monitor and by runs, and what people do with it. */
#include "service/findings.h"

#include <math.h>
#include <string.h>

#include "api/shapes.h"
#include "api/tables.h"
#include "api/watched.h"
#include "base/clock.h"

/* ---- resources ----------------------------------------------------------------------------------------------- */

static const char *const states[] = { "open", "acknowledged", "muted", "closed", NULL };
static const char *const wanted_states[] = { "active", "open", "acknowledged", "muted", "closed", "any", NULL };
static const char *const endings[] = { "recovered", "gone", "settled", NULL };

struct comment {
	int64_t id, user_id, at_us;
	char *text;
};
#define S struct comment
static const struct so_field comment_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, user_id, .flags = SO_F_NULLABLE),
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME),
	SO_FIELD(S, text),
};
static const struct so_field comment_body_fields[] = {
	SO_FIELD(S, text, .flags = SO_F_REQUIRED, .min = 1, .max = SO_COMMENT_MAX),
};
#undef S
static const struct so_resource comment_resource =
	SO_RESOURCE(struct comment, comment_fields, .name = "FindingComment");
static const struct so_resource comment_body =
	SO_RESOURCE(struct comment, comment_body_fields, .name = "FindingCommentCreate");

struct record {
	int64_t id, connection_id, query_id, optimization_id, returns, comments;
	int64_t detected_us, updated_us, closed_us, acknowledged_us, muted_until_us;
	const char *rule, *issue_type, *severity, *state, *title, *description, *remedy, *docs, *cause, *ended;
	double factor;
	bool muted_for_ever;
	json_t *objects, *evidence, *notes;
};
#define S struct record
#define RECORD_FIELDS                                                                                                  \
	SO_FIELD(S, id), SO_FIELD(S, connection_id), SO_FIELD(S, query_id, .flags = SO_F_NULLABLE),                    \
		SO_FIELD(S, optimization_id, .flags = SO_F_NULLABLE,                                                   \
			.doc = "The run that found it; null: the monitor did."),                                       \
		SO_FIELD(S, rule, .doc = "Its page is at docs."),                                                      \
		SO_FIELD(S, issue_type, .one_of = so_issue_type_words),                                                \
		SO_FIELD(S, severity, .one_of = so_severity_words),                                                    \
		SO_FIELD(S, state, .one_of = states,                                                                   \
			.doc = "The first that holds: closed, muted, acknowledged, open."),                            \
		SO_FIELD(S, title), SO_FIELD(S, description), SO_FIELD(S, remedy, .flags = SO_F_NULLABLE),             \
		SO_FIELD(S, docs, .flags = SO_F_NULLABLE),                                                             \
		SO_FIELD(S, cause, .flags = SO_F_NULLABLE, .doc = "Of a regression; \"none\": none was found."),       \
		SO_FIELD(S, factor, .flags = SO_F_NULLABLE,                                                            \
			.doc = "Times slower; of a loop: calls for each call of the other statement."),                \
		SO_FIELD(S, returns, .doc = "How often it came back after it was closed."),                            \
		SO_FIELD(S, objects, .flags = SO_F_LIST),                                                              \
		SO_FIELD(S, evidence, .flags = SO_F_LIST, .doc = "Names, values and units behind the claim."),         \
		SO_FIELD_AS(S, detected_us, "detected_at", .flags = SO_F_TIME),                                        \
		SO_FIELD_AS(S, updated_us, "updated_at", .flags = SO_F_TIME | SO_F_NULLABLE),                          \
		SO_FIELD_AS(S, closed_us, "closed_at", .flags = SO_F_TIME | SO_F_NULLABLE),                            \
		SO_FIELD(S, ended, .flags = SO_F_NULLABLE, .one_of = endings, .doc = "Why it is closed."),             \
		SO_FIELD_AS(S, acknowledged_us, "acknowledged_at", .flags = SO_F_TIME | SO_F_NULLABLE),                \
		SO_FIELD_AS(S, muted_until_us, "muted_until", .flags = SO_F_TIME | SO_F_NULLABLE),                     \
		SO_FIELD(S, muted_for_ever)
static const struct so_field record_fields[] = {
	RECORD_FIELDS,
	SO_FIELD(S, comments, .doc = "How many."),
};
static const struct so_field detail_fields[] = {
	RECORD_FIELDS,
	SO_FIELD_AS(S, notes, "comments", .flags = SO_F_LIST, .of = &comment_resource, .doc = "Oldest first."),
};
#undef S
static const struct so_resource record_resource = SO_RESOURCE(struct record, record_fields, .name = "FindingRecord");
static const struct so_resource detail_resource = SO_RESOURCE(struct record, detail_fields, .name = "FindingDetail");

struct list_query {
	int64_t connection_id, query_id, limit, offset;
	char *state, *severity, *rule, *issue_type;
};
#define S struct list_query
static const struct so_field list_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, state, .one_of = wanted_states, .deflt = "active", .doc = "active: all that are not closed."),
	SO_FIELD(S, severity, .flags = SO_F_NULLABLE, .one_of = so_severity_words),
	SO_FIELD(S, rule, .flags = SO_F_NULLABLE, .min = 1, .max = 60, .doc = "\"query-regression\""),
	SO_FIELD(S, issue_type, .flags = SO_F_NULLABLE, .one_of = so_issue_type_words),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_field of_query_fields[] = {
	SO_FIELD(struct list_query, state, .one_of = wanted_states, .deflt = "any",
		.doc = "active: all that are not closed."),
	SO_FIELD(struct list_query, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(struct list_query, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
static const struct so_resource of_query_resource =
	SO_RESOURCE(struct list_query, of_query_fields, .name = "QueryFindingsQuery");
static const struct so_resource list_resource = SO_RESOURCE(struct list_query, list_fields, .name = "FindingsQuery");

struct mute {
	int64_t until_us;
};
static const struct so_field mute_fields[] = {
	SO_FIELD_AS(struct mute, until_us, "until", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "Absent or null: for ever, also what is found of the same query later."),
};

static void check_mute(const void *object, struct so_field_errors *errors)
{
	const struct mute *body = object;

	if (body->until_us != SO_INT_NONE && body->until_us <= so_time_now_us())
		so_field_error(errors, "body", "until", "value_error", "must be in the future");
}

static const struct so_resource mute_resource =
	SO_RESOURCE(struct mute, mute_fields, .name = "FindingMute", .check = check_mute);

/* ---- encoding ------------------------------------------------------------------------------------------------ */

static int64_t or_none(int64_t value)
{
	return value ? value : SO_INT_NONE;
}

static json_t *list_of(struct so_request *req, const json_t *doc, const char *name)
{
	json_t *list = json_object_get(doc, name);

	return json_is_array(list) ? list : so_json_own(req, json_array());
}

static json_t *encode_comments(const struct so_store_comments *comments)
{
	json_t *list = json_array();

	for (size_t i = 0; i < comments->count; i++) {
		const struct so_store_comment *row = comments->items[i];
		struct comment answer = { row->id, or_none(row->user_id), row->at_us, row->text };

		json_array_append_new(list, so_field_encode(&comment_resource, &answer));
	}
	return list;
}

/* `comments` NULL: their number only. */
static json_t *encode(
	struct so_request *req, const struct so_store_finding *row, const struct so_store_comments *comments)
{
	/* a row that does not parse must not take the list with it */
	json_t *parsed = json_loads(row->doc, 0, NULL);
	json_t *doc = so_json_own(req, parsed ? parsed : json_object());
	int64_t now_us = so_time_now_us();
	bool muted = row->muted_until_us > now_us;
	struct record answer = { .id = row->id,
		.connection_id = row->connection_id,
		.query_id = or_none(row->query_id),
		.optimization_id = or_none(row->run_id),
		.rule = row->rule,
		.issue_type = row->issue_type,
		.severity = so_severity_name((enum so_severity)row->severity),
		.state = so_store_finding_state(row, now_us),
		.title = row->title,
		.description = row->description,
		.remedy = json_string_value(json_object_get(doc, "remedy")),
		.docs = json_string_value(json_object_get(doc, "docs")),
		.cause = row->cause,
		.factor = row->factor,
		.returns = row->returns,
		.objects = list_of(req, doc, "objects"),
		.evidence = list_of(req, doc, "evidence"),
		.detected_us = row->detected_us,
		.updated_us = row->updated_us,
		.closed_us = row->resolved ? row->resolved_us : 0,
		.ended = row->ended,
		.acknowledged_us = row->acknowledged_us,
		.muted_until_us = muted && row->muted_until_us != INT64_MAX ? row->muted_until_us : 0,
		.muted_for_ever = row->muted_until_us == INT64_MAX,
		.comments = row->comments };

	if (!comments)
		return so_field_encode(&record_resource, &answer);
	answer.notes = so_json_own(req, encode_comments(comments));
	return so_field_encode(&detail_resource, &answer);
}

/* ---- handlers ------------------------------------------------------------------------------------------------ */

static int severity_of(const char *word)
{
	for (int i = 0; word && i < SO_SEVERITY_MAX; i++)
		if (strcmp(so_severity_name((enum so_severity)i), word) == 0)
			return i;
	return -1;
}

/* `query_id` 0: as the request says. */
static bool list_of_query(struct so_request *req, struct so_response *res, int64_t query_id, struct so_err *err)
{
	const struct list_query *query = req->query;
	const struct so_store_finding_search search = { .connection_id = so_id_or_all(query->connection_id),
		.query_id = query_id ? query_id : so_id_or_all(query->query_id),
		.severity = severity_of(query->severity),
		.rule = query->rule,
		.issue_type = query->issue_type,
		.state = strcmp(query->state, "any") == 0 ? NULL : query->state,
		.limit = query->limit,
		.offset = query->offset };
	struct so_store_findings *found =
		so_service_finding_search(req, req->api->service, *req->api->scope, &search, err);

	if (!found)
		return false;
	res->json = json_array();
	for (size_t i = 0; i < found->count; i++)
		json_array_append_new(res->json, encode(req, found->items[i], NULL));
	res->total = found->total;
	return true;
}

static bool list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return list_of_query(req, res, 0, err);
}

static bool of_query(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return list_of_query(req, res, req->id, err);
}

static bool get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_comments *comments;
	struct so_store_finding *found =
		so_service_finding_get(req, req->api->service, *req->api->scope, req->id, &comments, err);

	if (!found)
		return false;
	res->json = encode(req, found, comments);
	return true;
}

static bool act(
	struct so_request *req, struct so_response *res, enum so_finding_act what, int64_t until_us, struct so_err *err)
{
	struct so_store_finding *found =
		so_service_finding_act(req, req->api->service, *req->api->scope, req->id, what, until_us, err);

	if (!found)
		return false;
	res->json = encode(req, found, NULL);
	return true;
}

static bool acknowledge(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return act(req, res, SO_FINDING_ACKNOWLEDGE, 0, err);
}

static bool unacknowledge(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return act(req, res, SO_FINDING_UNACKNOWLEDGE, 0, err);
}

static bool mute(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct mute *body = req->body;

	return act(req, res, SO_FINDING_MUTE, body->until_us == SO_INT_NONE ? INT64_MAX : body->until_us, err);
}

static bool unmute(struct so_request *req, struct so_response *res, struct so_err *err)
{
	return act(req, res, SO_FINDING_UNMUTE, 0, err);
}

static bool comment(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct comment *body = req->body;
	struct so_store_comment row = { .finding_id = req->id, .text = body->text };

	if (!so_service_finding_comment(req->api->service, *req->api->scope, &row, err))
		return false;
	struct comment answer = { row.id, or_none(row.user_id), row.at_us, row.text };

	res->json = so_field_encode(&comment_resource, &answer);
	return true;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG .tag = "findings", .blocking = true
#define ACT TAG, .status = 200, .answer = &record_resource, .permission = SO_PERM_OPTIMIZE
static const struct so_route routes[] = {
	{ "GET", "/api/findings", "findings", TAG, .status = 200, .summary = "What was found, newest first",
		.query = &list_resource, .answer = &record_resource, .list = true, .permission = SO_PERM_READ,
		.handler = list },
	{ "GET", "/api/queries/{id}/findings", "queryFindings", .tag = "queries", .blocking = true, .status = 200,
		.permission = SO_PERM_READ, .summary = "What was found of a statement, newest first",
		.query = &of_query_resource, .answer = &record_resource, .list = true, .handler = of_query },
	{ "GET", "/api/findings/{id}", "finding", TAG, .status = 200, .summary = "One of them, with its comments",
		.answer = &detail_resource, .permission = SO_PERM_READ, .handler = get },
	{ "POST", "/api/findings/{id}/acknowledge", "acknowledgeFinding", ACT,
		.summary = "Somebody knows: it is told again only when it gets clearly worse", .handler = acknowledge },
	{ "POST", "/api/findings/{id}/unacknowledge", "unacknowledgeFinding", ACT, .summary = "Nobody knows after all",
		.handler = unacknowledge },
	{ "POST", "/api/findings/{id}/mute", "muteFinding", ACT, .body = &mute_resource,
		.summary = "Do not tell of it, until some time or for ever", .handler = mute },
	{ "POST", "/api/findings/{id}/unmute", "unmuteFinding", ACT, .summary = "Tell of it again", .handler = unmute },
	{ "POST", "/api/findings/{id}/comments", "commentFinding", TAG, .status = 201, .body = &comment_body,
		.answer = &comment_resource, .permission = SO_PERM_OPTIMIZE, .summary = "Say something about it",
		.handler = comment },
};

const struct so_route_table so_routes_findings = { routes, sizeof(routes) / sizeof(routes[0]) };
