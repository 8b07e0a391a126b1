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

static const char *const states[] = { "running", "waiting", "in_transaction", NULL };

struct session_answer {
	int64_t id, blocked_by;
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
	SO_FIELD(S, state, .one_of = states,
		.doc = "in_transaction: it does nothing, but holds a transaction open; the statement is its last one."),
	SO_FIELD(S, wait, .flags = SO_F_NULLABLE, .doc = "What it waits for, in the engine's words."),
	SO_FIELD(S, sql_text, .flags = SO_F_NULLABLE, .doc = "Without its values; null when the privileges hide it."),
	SO_FIELD(S, fingerprint, .flags = SO_F_NULLABLE, .doc = "As in /api/queries."),
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
	char **fingerprints;

	if (!so_service_activity(
		    req, req->api->service, *req->api->scope, req->id, query->limit, &found, &fingerprints, err))
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
			.state = so_session_state_name(s->state),
			.wait = s->wait,
			.sql_text = s->text,
			.fingerprint = fingerprints[i],
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

static const struct so_route routes[] = {
	{ "GET", "/api/connections/{id}/activity", "listActivity", .tag = "connections", .blocking = true,
		.status = 200, .permission = SO_PERM_READ,
		.summary = "What the sessions are doing now: statements that run or wait, and open transactions",
		.query = &query_resource, .answer = &activity_resource, .handler = activity },
};

const struct so_route_table so_routes_activity = { routes, sizeof(routes) / sizeof(routes[0]) };
