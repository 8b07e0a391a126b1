/* /api/notices: what the collector did by itself, with what helps, until somebody dismisses it. */
#include "service/notices.h"

#include "api/tables.h"

struct notices_query {
	int64_t limit;
	bool dismissed;
};
static const struct so_field query_fields[] = {
	SO_FIELD(struct notices_query, dismissed, .deflt = "false", .doc = "Those that were dismissed as well."),
	SO_FIELD(struct notices_query, limit, .min = 1, .max = 1000, .deflt = "100"),
};
static const struct so_resource query_resource =
	SO_RESOURCE(struct notices_query, query_fields, .name = "NoticesQuery");

struct notice_answer {
	int64_t connection_id, seen, first_us, last_us, dismissed_us;
	const char *kind, *message;
};
#define S struct notice_answer
static const struct so_field fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .doc = "Null: the store of this server itself."),
	SO_FIELD(S, kind,
		.doc = "size: old samples were dropped; cap: more statements than are read; evicted: the database gave "
		       "up counters; texts: some texts cannot be read; twin: another connection counts what runs in "
		       "its database."),
	SO_FIELD(S, message, .doc = "What happened, and what helps."),
	SO_FIELD(S, seen, .doc = "How often."),
	SO_FIELD_AS(S, first_us, "first_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, last_us, "last_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, dismissed_us, "dismissed_at", .flags = SO_F_TIME | SO_F_NULLABLE,
		.doc = "It comes back when it happens again after a day without it."),
};
#undef S
static const struct so_resource resource = SO_RESOURCE(struct notice_answer, fields, .name = "Notice");

struct dismissal {
	int64_t connection_id;
	char *kind;
	bool dismissed;
};
#define S struct dismissal
static const struct so_field dismissal_fields[] = {
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,
		.doc = "As in the notice; null: the store of this server itself."),
	SO_FIELD(S, kind, .flags = SO_F_REQUIRED, .min = 1, .max = 63, .doc = "As in the notice."),
	SO_FIELD(S, dismissed, .deflt = "true", .doc = "False: show it again."),
};
#undef S
static const struct so_resource dismissal_resource =
	SO_RESOURCE(struct dismissal, dismissal_fields, .name = "NoticeDismissal");

static bool dismiss(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct dismissal *body = req->body;

	(void)res;
	return so_service_notice_dismiss(req->api->service, *req->api->scope,
		body->connection_id == SO_INT_NONE ? 0 : body->connection_id, body->kind, body->dismissed, err);
}

static bool notices(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct notices_query *query = req->query;
	struct so_store_notices *list =
		so_service_notices(req, req->api->service, *req->api->scope, query->dismissed, query->limit, err);

	if (!list)
		return false;
	res->json = json_array();
	for (size_t i = 0; i < list->count; i++) {
		const struct so_store_notice *n = list->items[i];
		const struct notice_answer answer = {
			.connection_id = n->connection_id ? n->connection_id : SO_INT_NONE,
			.seen = n->seen,
			.first_us = n->first_us,
			.last_us = n->last_us,
			.dismissed_us = n->dismissed_us,
			.kind = n->kind,
			.message = n->message,
		};

		json_array_append_new(res->json, so_field_encode(&resource, &answer));
	}
	return true;
}

static const struct so_route routes[] = {
	{ "GET", "/api/notices", "listNotices", .tag = "monitoring", .blocking = true, .status = 200,
		.permission = SO_PERM_READ, .summary = "What the collector did by itself, last seen first",
		.query = &query_resource, .answer = &resource, .list = true, .handler = notices },
	{ "POST", "/api/notices/dismiss", "dismissNotice", .tag = "monitoring", .blocking = true, .status = 204,
		.permission = SO_PERM_MANAGE, .summary = "Show a notice no more, until it happens anew",
		.body = &dismissal_resource, .handler = dismiss },
};

const struct so_route_table so_routes_notices = { routes, sizeof(routes) / sizeof(routes[0]) };
