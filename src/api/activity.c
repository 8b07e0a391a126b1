/* /api/connections/{id}/activity: what is running and waiting now. */
#include "service/activity.h"

#include <math.h>

#include "api/tables.h"

struct activity_query {
	int64_t limit;
};
#define S struct activity_query
static const struct so_field query_fields[] = {
	SO_FIELD(S, limit, .min = 1, .max = SO_ACTIVITY_MAX, .deflt = "100"),
};
#undef S
static const struct so_resource query_resource =
	SO_RESOURCE(struct activity_query, query_fields, .name = "ActivityQuery");

struct session_answer {
	int64_t id, query_id, blocked_by;
	const char *database, *username, *application, *state, *wait, *sql_text, *fingerprint;
	bool truncated;
	double query_ms, transaction_ms;
};
#define S struct session_answer
static const struct so_field session_fields[] = {
	SO_FIELD(S, id, .doc = "The engine's own number of the session."),
	SO_FIELD(S, database, .flags = SO_F_NULLABLE),
	SO_FIELD(S, username, .flags = SO_F_NULLABLE),
	SO_FIELD(S, application, .flags = SO_F_NULLABLE),
	SO_FIELD(S, state, .one_of = so_session_states,
		.doc = "in_transaction: it does nothing, but holds a transaction open; the statement is its last one."),
	SO_FIELD(S, wait, .flags = SO_F_NULLABLE, .doc = "What it waits for, in the engine's words."),
	SO_FIELD(S, sql_text, .flags = SO_F_NULLABLE, .doc = "Without its values; null when the privileges hide it."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE, .doc = "As in /api/queries."),
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE, .doc = "Of /api/queries; null: it is not watched, or new."),
	SO_FIELD(S, truncated),
	SO_FIELD(S, query_ms, .flags = SO_F_NULLABLE, .doc = "Since the statement began."),
	SO_FIELD(S, transaction_ms, .flags = SO_F_NULLABLE, .doc = "Since the transaction began."),
	SO_FIELD(S, blocked_by, .flags = SO_F_NULLABLE, .doc = "A session that holds the lock it waits for."),
};
#undef S
static const struct so_resource session_resource =
	SO_RESOURCE(struct session_answer, session_fields, .name = "Session");

struct activity_answer {
	json_t *sessions;
	int64_t hidden;
	bool truncated;
};
#define S struct activity_answer
static const struct so_field activity_fields[] = {
	SO_FIELD(S, sessions, .flags = SO_F_LIST, .of = &session_resource, .doc = "Longest statement first."),
	SO_FIELD(S, hidden, .doc = "Sessions of others whose state the privileges hide."),
	SO_FIELD(S, truncated, .doc = "There are more than the limit."),
};
#undef S
static const struct so_resource activity_resource =
	SO_RESOURCE(struct activity_answer, activity_fields, .name = "Activity");

static double ms_or_null(int64_t us)
{
	return us < 0 ? (double)NAN : (double)us / 1000;
}

static bool activity(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct activity_query *query = req->query;
	struct activity_answer answer;
	struct so_activity *found;
	struct so_session_name *names;

	if (!so_service_activity(req, req->api->service, *req->api->scope, req->id, query->limit, &found, &names, err))
		return false;
	answer = (struct activity_answer){ json_array(), (int64_t)found->hidden, found->truncated };
	for (size_t i = 0; i < found->count; i++) {
		const struct so_session *s = &found->items[i];
		const struct session_answer session = {
			.id = s->id,
			.blocked_by = s->blocked_by ? s->blocked_by : SO_INT_NONE,
			.database = s->database,
			.username = s->user,
			.application = s->application,
			.state = so_session_states[s->state],
			.wait = s->wait,
			.sql_text = s->text,
			.fingerprint = names[i].fingerprint,
			.query_id = names[i].query_id ? names[i].query_id : SO_INT_NONE,
			.truncated = s->truncated,
			.query_ms = ms_or_null(s->query_us),
			.transaction_ms = ms_or_null(s->transaction_us),
		};

		json_array_append_new(answer.sessions, so_field_encode(&session_resource, &session));
	}
	res->json = so_field_encode(&activity_resource, &answer);
	json_decref(answer.sessions);
	return true;
}

/* ---- the past ------------------------------------------------------------------------------------------------ */

struct past_query {
	int64_t from_us, to_us;
};
#define S struct past_query
static const struct so_field past_query_fields[] = {
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "An hour before `to` when absent."),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME | SO_F_NULLABLE, .doc = "Now when absent."),
};
#undef S
static const struct so_resource past_query_resource =
	SO_RESOURCE(struct past_query, past_query_fields, .name = "ActivityPastQuery");

struct point_answer {
	int64_t at_us;
	double running, waiting, in_transaction;
	json_t *waits;
};
#define S struct point_answer
static const struct so_field point_fields[] = {
	SO_FIELD_AS(S, at_us, "at", .flags = SO_F_TIME, .doc = "Begin of the step."),
	SO_FIELD(S, running, .flags = SO_F_NULLABLE, .doc = "Mean number of sessions; null when nobody looked."),
	SO_FIELD(S, waiting, .flags = SO_F_NULLABLE),
	SO_FIELD(S, in_transaction, .flags = SO_F_NULLABLE),
	SO_FIELD(S, waits, .flags = SO_F_LIST, .doc = "Of those that wait: for each of `waits`, in its order."),
};
#undef S
static const struct so_resource point_resource =
	SO_RESOURCE(struct point_answer, point_fields, .name = "ActivityPoint");

struct share_answer {
	int64_t query_id;
	const char *sql_text, *state, *wait;
	double sessions;
};
#define S struct share_answer
static const struct so_field share_fields[] = {
	SO_FIELD(S, query_id, .flags = SO_F_NULLABLE, .doc = "Null: no watched query."),
	SO_FIELD(S, sql_text, .flags = SO_F_NULLABLE, .doc = "The begin of its text."),
	SO_FIELD(S, state, .one_of = so_session_states),
	SO_FIELD(S, wait, .flags = SO_F_NULLABLE),
	SO_FIELD(S, sessions, .doc = "Mean number over the whole time."),
};
#undef S
static const struct so_resource share_resource =
	SO_RESOURCE(struct share_answer, share_fields, .name = "ActivityShare");

struct past_answer {
	int64_t from_us, to_us, step_s;
	json_t *waits, *points, *shares;
};
#define S struct past_answer
static const struct so_field past_fields[] = {
	SO_FIELD_AS(S, from_us, "from", .flags = SO_F_TIME),
	SO_FIELD_AS(S, to_us, "to", .flags = SO_F_TIME),
	SO_FIELD(S, step_s, .doc = "Seconds of a step, whole minutes."),
	SO_FIELD(S, waits, .flags = SO_F_LIST, .doc = "What most waited for, in the engine's words, most first."),
	SO_FIELD(S, points, .flags = SO_F_LIST, .of = &point_resource),
	SO_FIELD(S, shares, .flags = SO_F_LIST, .of = &share_resource, .doc = "Who it was and what for, most first."),
};
#undef S
static const struct so_resource past_resource = SO_RESOURCE(struct past_answer, past_fields, .name = "ActivityPast");

static json_t *encode_waits(const double *sessions, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, json_real(sessions[i]));
	return out;
}

static bool past(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct past_query *query = req->query;
	struct so_activity_past found;
	struct past_answer answer;

	if (!so_service_activity_past(req, req->api->service, *req->api->scope, req->id,
		    query->from_us == SO_INT_NONE ? 0 : query->from_us, query->to_us == SO_INT_NONE ? 0 : query->to_us,
		    &found, err))
		return false;
	answer = (struct past_answer){ found.from_us, found.to_us, found.step_us / 1000000, json_array(), json_array(),
		json_array() };
	for (size_t i = 0; i < found.n_waits; i++)
		json_array_append_new(answer.waits, json_string(found.waits[i]));
	for (size_t i = 0; i < found.n_points; i++) {
		const struct so_activity_point *p = &found.points[i];
		const struct point_answer point = { p->at_us, p->sessions[SO_SESSION_RUNNING],
			p->sessions[SO_SESSION_WAITING], p->sessions[SO_SESSION_IN_TRANSACTION],
			so_json_own(req, encode_waits(p->waits, p->looks ? found.n_waits : 0)) };

		json_array_append_new(answer.points, so_field_encode(&point_resource, &point));
	}
	for (size_t i = 0; i < found.n_shares; i++) {
		const struct so_activity_share *s = &found.shares[i];
		const struct share_answer share = { s->query_id ? s->query_id : SO_INT_NONE, s->sql_text, s->state,
			*s->wait ? s->wait : NULL, s->sessions };

		json_array_append_new(answer.shares, so_field_encode(&share_resource, &share));
	}
	res->json = so_field_encode(&past_resource, &answer);
	json_decref(answer.waits);
	json_decref(answer.points);
	json_decref(answer.shares);
	return true;
}

static const struct so_route routes[] = {
	{ "GET", "/api/connections/{id}/activity/past", "listActivityPast", .tag = "connections", .blocking = true,
		.status = 200, .permission = SO_PERM_READ,
		.summary = "What the sessions did, minute by minute, where MONITORING_ACTIVITY_SECONDS is set",
		.query = &past_query_resource, .answer = &past_resource, .handler = past },
	{ "GET", "/api/connections/{id}/activity", "listActivity", .tag = "connections", .blocking = true,
		.status = 200, .permission = SO_PERM_READ,
		.summary = "What the sessions are doing now: statements that run or wait, and open transactions",
		.query = &query_resource, .answer = &activity_resource, .handler = activity },
};

const struct so_route_table so_routes_activity = { routes, sizeof(routes) / sizeof(routes[0]) };
