/* /api/alerts: who is told what, and what was told. */
#include "service/alerts.h"

#include <math.h>
#include <string.h>

#include "api/tables.h"
#include "api/watched.h"
#include "core/finding.h"

/* ---- channels ------------------------------------------------------------------------------------------------ */

struct channel_answer {
	int64_t id, smtp_port, max_per_hour, created_us, updated_us;
	const char *name, *kind, *target, *smtp_host, *smtp_security, *username, *from, *tls_ca;
	bool enabled, has_secret, has_login;
	struct so_strs *to;
};
#define S struct channel_answer
static const struct so_field channel_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, name),
	SO_FIELD(S, kind, .one_of = so_channel_kinds),
	SO_FIELD(S, enabled),
	SO_FIELD(S, target, .doc = "Where it goes, without secrets."),
	SO_FIELD(S, has_secret, .doc = "A URL, password or authorization is kept, encrypted; it is never shown."),
	SO_FIELD(S, has_login,
		.doc = "A password (email) or authorization (webhook) is kept; \"\" in its place removes it."),
	SO_FIELD(S, smtp_host, .flags = SO_F_NULLABLE),
	SO_FIELD(S, smtp_port, .flags = SO_F_NULLABLE),
	SO_FIELD(S, smtp_security, .flags = SO_F_NULLABLE),
	SO_FIELD(S, username, .flags = SO_F_NULLABLE),
	SO_FIELD(S, from, .flags = SO_F_NULLABLE),
	SO_FIELD(S, to),
	SO_FIELD(S, tls_ca, .flags = SO_F_NULLABLE),
	SO_FIELD(S, max_per_hour),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, updated_us, "updated_at", .flags = SO_F_TIME),
};
#undef S
static const struct so_resource channel_resource =
	SO_RESOURCE(struct channel_answer, channel_fields, .name = "AlertChannel", .doc = "A receiver of alerts.");

#define S struct so_channel_input
#define CHANNEL_FIELDS                                                                                                 \
	SO_FIELD(S, enabled, .deflt = "true"),                                                                         \
		SO_FIELD(S, url, .flags = SO_F_NULLABLE | SO_F_SECRET, .max = 2048,                                    \
			.doc = "Of webhook and slack. http or https; the whole of it is kept as a secret."),           \
		SO_FIELD(S, authorization, .flags = SO_F_NULLABLE | SO_F_SECRET, .max = 2048,                          \
			.doc = "Of webhook: value of the header, as in \"Bearer ...\"."),                              \
		SO_FIELD(S, smtp_host, .flags = SO_F_NULLABLE, .max = 255),                                            \
		SO_FIELD(S, smtp_port, .flags = SO_F_NULLABLE, .min = 1, .max = 65535,                                 \
			.doc = "Default: 465 for tls, 587 for starttls, 25 for none."),                                \
		SO_FIELD(S, smtp_security, .flags = SO_F_NULLABLE, .one_of = so_smtp_securities,                       \
			.doc = "Default starttls, which is then required. A password needs it or tls."),               \
		SO_FIELD(S, username, .flags = SO_F_NULLABLE, .max = 255),                                             \
		SO_FIELD(S, password, .flags = SO_F_NULLABLE | SO_F_SECRET, .max = 1024),                              \
		SO_FIELD(S, from, .flags = SO_F_NULLABLE, .max = 254), SO_FIELD(S, to, .max = SO_CHANNEL_TO_MAX),      \
		SO_FIELD(S, tls_ca, .flags = SO_F_NULLABLE, .max = 1024,                                               \
			.doc = "File on the server with the CA's certificate; null: those of the system."),            \
		SO_FIELD(S, max_per_hour, .min = 1, .max = 1000, .deflt = "60",                                        \
			.doc = "Alerts over it are held back and told in one sum later.")
static const struct so_field channel_create_fields[] = {
	SO_FIELD(S, name, .flags = SO_F_REQUIRED, .min = 1, .max = 100, .doc = "Unique."),
	SO_FIELD(S, kind, .flags = SO_F_REQUIRED, .one_of = so_channel_kinds),
	CHANNEL_FIELDS,
};
static const struct so_field channel_update_fields[] = {
	SO_FIELD(S, name, .min = 1, .max = 100),
	CHANNEL_FIELDS,
};
#undef S
static const struct so_resource channel_create_resource =
	SO_RESOURCE(struct so_channel_input, channel_create_fields, .name = "AlertChannelCreate");
static const struct so_resource channel_update_resource = SO_RESOURCE(struct so_channel_input, channel_update_fields,
	.name = "AlertChannelUpdate", .doc = "What is not named stays as it is.");

struct test_answer {
	bool success;
	char *message;
	double latency_ms;
};
static const struct so_field test_fields[] = {
	SO_FIELD(struct test_answer, success),
	SO_FIELD(struct test_answer, message, .doc = "Why not, and what to do."),
	SO_FIELD(struct test_answer, latency_ms),
};
static const struct so_resource test_resource =
	SO_RESOURCE(struct test_answer, test_fields, .name = "AlertChannelTest");

static bool encode_channel(
	struct so_request *req, const struct so_store_channel *row, json_t **json, struct so_err *err)
{
	struct channel_answer answer = { .id = row->id,
		.name = row->name,
		.kind = row->kind,
		.enabled = row->enabled,
		.target = so_channel_target(req, row),
		.has_secret = row->secret_token != NULL,
		.max_per_hour = row->max_per_hour,
		.created_us = row->created_us,
		.updated_us = row->updated_us };
	struct so_channel channel;
	struct so_strs to;

	if (!so_channel_open(req, row, NULL, &channel, err))
		return false;
	answer.has_login = channel.has_login;
	answer.smtp_host = channel.smtp_host;
	answer.smtp_port = channel.smtp_port ? channel.smtp_port : SO_INT_NONE;
	answer.smtp_security = channel.smtp_security;
	answer.username = channel.username;
	answer.from = channel.from;
	answer.tls_ca = channel.tls_ca;
	to = (struct so_strs){ channel.n_to, (char **)(uintptr_t)channel.to };
	answer.to = &to;
	*json = so_field_encode(&channel_resource, &answer);
	return true;
}

static bool channel_create(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_channel_input *input = req->body;
	struct so_store_channel *row;

	if (input->smtp_port == SO_INT_NONE)
		input->smtp_port = 0;
	if (!so_service_channel_create(req, req->api->service, *req->api->scope, input, &row, err))
		return false;
	res->location = so_printf(req, "/api/alerts/channels/%lld", (long long)row->id);
	return encode_channel(req, row, &res->json, err);
}

static bool channel_list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_channels *list = so_service_alert_channel_list(req, req->api->service, *req->api->scope, err);

	res->json = list ? json_array() : NULL;
	for (size_t i = 0; list && i < list->count; i++) {
		json_t *json;

		if (!encode_channel(req, list->items[i], &json, err))
			return false;
		json_array_append_new(res->json, json);
	}
	res->total = list ? list->total : -1;
	return list != NULL;
}

static bool channel_get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_channel *row =
		so_service_alert_channel_get(req, req->api->service, *req->api->scope, req->id, err);

	return row && encode_channel(req, row, &res->json, err);
}

static bool channel_update(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_channel_input input;
	struct so_store_channel *row;

	if (!so_service_channel_as_input(req, req->api->service, *req->api->scope, req->id, &input, err))
		return false;
	so_field_merge(&channel_update_resource, &input, req->body, req->body_present);
	if (input.smtp_port == SO_INT_NONE)
		input.smtp_port = 0;
	return so_service_channel_update(req, req->api->service, *req->api->scope, req->id, &input, &row, err) &&
	       encode_channel(req, row, &res->json, err);
}

static bool channel_delete(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)res;
	return so_service_channel_delete(req->api->service, *req->api->scope, req->id, err);
}

static bool channel_test(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_channel_test test = { 0 };
	struct test_answer answer;

	if (!so_service_channel_test(req, req->api->service, *req->api->scope, req->id, &test, err))
		return false;
	answer = (struct test_answer){ test.success, test.message, test.latency_ms };
	res->json = so_field_encode(&test_resource, &answer);
	return true;
}

/* ---- rules --------------------------------------------------------------------------------------------------- */

static const char *const severities[] = { "low", "medium", "high", "critical", NULL };

struct rule_input {
	char *name, *min_severity;
	bool enabled;
	struct so_strs *events;
	int64_t channel_id, connection_id, failures, quiet_s;
};
struct rule_answer {
	int64_t id, channel_id, connection_id, failures, quiet_s, created_us, updated_us;
	const char *name, *min_severity;
	bool enabled;
	struct so_strs *events;
};
#define EVENTS_DOC                                                                                                     \
	"regression (a query got slower, a slow one is new, or one is called in a loop), finding (any other), "        \
	"collection_failure (polls of a connection fail), resolved (what was told has ended). Default: all."
#define RULE_FIELDS                                                                                                    \
	SO_FIELD(S, enabled, .deflt = "true"), SO_FIELD(S, events, .max = 4, .doc = EVENTS_DOC),                       \
		SO_FIELD(S, min_severity, .one_of = severities, .deflt = "high",                                       \
			.doc = "Of regressions and findings."),                                                        \
		SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX,                         \
			.doc = "Only of this connection; null: of all."),                                              \
		SO_FIELD(S, failures, .min = 1, .max = 100, .deflt = "3",                                              \
			.doc = "So many polls in a row have to fail before it is told."),                              \
		SO_FIELD(S, quiet_s, .min = 0, .max = 604800, .deflt = "3600",                                         \
			.doc = "What ended and comes back is told again only after this time, if it still lasts "      \
			       "then.")
#define S struct rule_input
static const struct so_field rule_create_fields[] = {
	SO_FIELD(S, name, .flags = SO_F_REQUIRED, .min = 1, .max = 100, .doc = "Unique."),
	SO_FIELD(S, channel_id, .flags = SO_F_REQUIRED, .min = 1, .max = INT64_MAX),
	RULE_FIELDS,
};
static const struct so_field rule_update_fields[] = {
	SO_FIELD(S, name, .min = 1, .max = 100),
	SO_FIELD(S, channel_id, .min = 1, .max = INT64_MAX),
	RULE_FIELDS,
};
#undef S
#define S struct rule_answer
static const struct so_field rule_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, name),
	SO_FIELD(S, channel_id),
	SO_FIELD(S, enabled),
	SO_FIELD(S, events),
	SO_FIELD(S, min_severity, .one_of = severities),
	SO_FIELD(S, connection_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, failures),
	SO_FIELD(S, quiet_s),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, updated_us, "updated_at", .flags = SO_F_TIME),
};
#undef S

static bool event_bits(const struct so_strs *words, int64_t *bits)
{
	*bits = 0;
	for (size_t i = 0; i < words->count; i++) {
		int at = 0;

		while (so_alert_events[at] && strcmp(so_alert_events[at], words->items[i]) != 0)
			at++;
		if (!so_alert_events[at])
			return false;
		*bits |= 1 << at;
	}
	return *bits != 0;
}

static void check_rule(const void *object, struct so_field_errors *errors)
{
	const struct rule_input *input = object;
	int64_t bits;

	if (input->events && !event_bits(input->events, &bits))
		so_field_error(errors, "body", "events", "value_error",
			"must be one or several of: regression, finding, collection_failure, resolved");
}

static const struct so_resource rule_resource =
	SO_RESOURCE(struct rule_answer, rule_fields, .name = "AlertRule", .doc = "What is told to whom.");
static const struct so_resource rule_create_resource =
	SO_RESOURCE(struct rule_input, rule_create_fields, .name = "AlertRuleCreate", .check = check_rule);
static const struct so_resource rule_update_resource = SO_RESOURCE(struct rule_input, rule_update_fields,
	.name = "AlertRuleUpdate", .check = check_rule, .doc = "What is not named stays as it is.");

static json_t *encode_rule(const struct so_store_rule *rule)
{
	char *words[SO_ALERT_EVENT_MAX];
	struct so_strs events = { .items = words };
	struct rule_answer answer = { .id = rule->id,
		.name = rule->name,
		.channel_id = rule->channel_id,
		.enabled = rule->enabled,
		.events = &events,
		.min_severity = so_severity_name((enum so_severity)rule->min_severity),
		.connection_id = rule->connection_id ? rule->connection_id : SO_INT_NONE,
		.failures = rule->failures,
		.quiet_s = rule->quiet_s,
		.created_us = rule->created_us,
		.updated_us = rule->updated_us };

	for (int i = 0; i < SO_ALERT_EVENT_MAX; i++)
		if (rule->events >> i & 1)
			words[events.count++] = (char *)(uintptr_t)so_alert_events[i];
	return so_field_encode(&rule_resource, &answer);
}

static void fill_rule(TALLOC_CTX *ctx, const struct rule_input *input, struct so_store_rule *rule)
{
	rule->name = so_strdup(ctx, input->name);
	rule->channel_id = input->channel_id;
	rule->enabled = input->enabled;
	rule->connection_id = input->connection_id == SO_INT_NONE ? 0 : input->connection_id;
	rule->failures = input->failures;
	rule->quiet_s = input->quiet_s;
	if (!input->events || !event_bits(input->events, &rule->events))
		rule->events = (1 << SO_ALERT_EVENT_MAX) - 1;
	for (int i = 0; severities[i]; i++)
		if (strcmp(severities[i], input->min_severity) == 0)
			rule->min_severity = i;
}

static bool rule_create(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_rule rule = { 0 };

	fill_rule(req, req->body, &rule);
	if (!so_service_rule_save(req->api->service, *req->api->scope, &rule, err))
		return false;
	res->location = so_printf(req, "/api/alerts/rules/%lld", (long long)rule.id);
	res->json = encode_rule(&rule);
	return true;
}

static bool rule_list(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_rules *list = so_service_alert_rule_list(req, req->api->service, *req->api->scope, err);

	res->json = list ? json_array() : NULL;
	for (size_t i = 0; list && i < list->count; i++)
		json_array_append_new(res->json, encode_rule(list->items[i]));
	res->total = list ? list->total : -1;
	return list != NULL;
}

static bool rule_get(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_rule *rule = so_service_alert_rule_get(req, req->api->service, *req->api->scope, req->id, err);

	res->json = rule ? encode_rule(rule) : NULL;
	return rule != NULL;
}

static bool rule_update(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_store_rule *rule = so_service_alert_rule_get(req, req->api->service, *req->api->scope, req->id, err);
	struct rule_input input = { 0 };
	char *words[SO_ALERT_EVENT_MAX];
	struct so_strs events = { .items = words };

	if (!rule)
		return false;
	for (int i = 0; i < SO_ALERT_EVENT_MAX; i++)
		if (rule->events >> i & 1)
			words[events.count++] = (char *)(uintptr_t)so_alert_events[i];
	input = (struct rule_input){ .name = rule->name,
		.min_severity = (char *)(uintptr_t)severities[rule->min_severity],
		.enabled = rule->enabled,
		.events = &events,
		.channel_id = rule->channel_id,
		.connection_id = rule->connection_id ? rule->connection_id : SO_INT_NONE,
		.failures = rule->failures,
		.quiet_s = rule->quiet_s };
	so_field_merge(&rule_update_resource, &input, req->body, req->body_present);
	fill_rule(req, &input, rule);
	if (!so_service_rule_save(req->api->service, *req->api->scope, rule, err))
		return false;
	res->json = encode_rule(rule);
	return true;
}

static bool rule_delete(struct so_request *req, struct so_response *res, struct so_err *err)
{
	(void)res;
	return so_service_rule_delete(req->api->service, *req->api->scope, req->id, err);
}

/* ---- deliveries ---------------------------------------------------------------------------------------------- */

static const char *const delivery_states[] = { "queued", "sent", "failed", "held", "summed", NULL };

struct delivery_answer {
	int64_t id, channel_id, rule_id, attempts, created_us, next_us, done_us;
	const char *event, *title, *state, *error;
	json_t *message;
};
#define S struct delivery_answer
static const struct so_field delivery_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, channel_id),
	SO_FIELD(S, rule_id, .flags = SO_F_NULLABLE),
	SO_FIELD(S, event),
	SO_FIELD(S, title),
	SO_FIELD(S, state, .one_of = delivery_states,
		.doc = "held: over the channel's limit; summed: was held, and then told in a sum."),
	SO_FIELD(S, attempts),
	SO_FIELD(S, error, .flags = SO_F_NULLABLE, .doc = "Of the last attempt."),
	SO_FIELD_AS(S, created_us, "created_at", .flags = SO_F_TIME),
	SO_FIELD_AS(S, next_us, "next_attempt_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD_AS(S, done_us, "done_at", .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(S, message, .flags = SO_F_MAP, .doc = "What a webhook gets."),
};
#undef S
static const struct so_resource delivery_resource =
	SO_RESOURCE(struct delivery_answer, delivery_fields, .name = "AlertDelivery");

struct deliveries_query {
	int64_t channel_id, limit, offset;
	char *state;
};
#define S struct deliveries_query
static const struct so_field deliveries_query_fields[] = {
	SO_FIELD(S, channel_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(S, state, .flags = SO_F_NULLABLE, .one_of = delivery_states),
	SO_FIELD(S, limit, .min = 1, .max = 1000, .deflt = "100"),
	SO_FIELD(S, offset, .min = 0, .max = INT64_MAX, .deflt = "0"),
};
#undef S
static const struct so_resource deliveries_query_resource =
	SO_RESOURCE(struct deliveries_query, deliveries_query_fields, .name = "AlertDeliveriesQuery");

static json_t *encode_delivery(struct so_request *req, const struct so_store_delivery *row)
{
	json_t *message = json_loads(row->doc, 0, NULL);
	struct delivery_answer answer = { .id = row->id,
		.channel_id = row->channel_id,
		.rule_id = row->rule_id ? row->rule_id : SO_INT_NONE,
		.event = row->event,
		.title = row->title,
		.state = row->state,
		.attempts = row->attempts,
		.error = row->error,
		.created_us = row->created_us,
		.next_us = strcmp(row->state, "queued") == 0 ? row->next_us : 0,
		.done_us = row->done_us,
		.message = so_json_own(req, message ? message : json_object()) };

	return so_field_encode(&delivery_resource, &answer);
}

static bool deliveries(struct so_request *req, struct so_response *res, struct so_err *err)
{
	const struct deliveries_query *query = req->query;
	const struct so_store_delivery_filter filter = { so_id_or_all(query->channel_id), query->state, query->limit,
		query->offset };
	struct so_store_deliveries *list =
		so_service_alert_delivery_list(req, req->api->service, *req->api->scope, &filter, err);

	res->json = list ? json_array() : NULL;
	for (size_t i = 0; list && i < list->count; i++)
		json_array_append_new(res->json, encode_delivery(req, list->items[i]));
	res->total = list ? list->total : -1;
	return list != NULL;
}

/* ---- routes -------------------------------------------------------------------------------------------------- */

#define TAG   .tag = "alerts", .blocking = true
#define READ  .status = 200, .permission = SO_PERM_READ
#define WRITE .permission = SO_PERM_MANAGE
static const struct so_route routes[] = {
	{ "GET", "/api/alerts/channels", "listAlertChannels", TAG, READ, .summary = "All receivers of alerts",
		.answer = &channel_resource, .list = true, .handler = channel_list },
	{ "POST", "/api/alerts/channels", "createAlertChannel", TAG, WRITE, .status = 201,
		.summary = "Add a receiver: webhook, Slack-compatible, or e-mail", .body = &channel_create_resource,
		.answer = &channel_resource, .handler = channel_create },
	{ "GET", "/api/alerts/channels/{id}", "getAlertChannel", TAG, READ, .summary = "One receiver",
		.answer = &channel_resource, .handler = channel_get },
	{ "PUT", "/api/alerts/channels/{id}", "updateAlertChannel", TAG, WRITE, .status = 200,
		.summary = "Change some members", .body = &channel_update_resource, .answer = &channel_resource,
		.handler = channel_update },
	{ "DELETE", "/api/alerts/channels/{id}", "deleteAlertChannel", TAG, WRITE, .status = 204,
		.summary = "Forget a receiver with its rules and deliveries", .handler = channel_delete },
	{ "POST", "/api/alerts/channels/{id}/test", "testAlertChannel", TAG, WRITE, .status = 200,
		.summary = "Send it a message that says it is a test", .answer = &test_resource,
		.handler = channel_test },
	{ "GET", "/api/alerts/rules", "listAlertRules", TAG, READ, .summary = "All rules", .answer = &rule_resource,
		.list = true, .handler = rule_list },
	{ "POST", "/api/alerts/rules", "createAlertRule", TAG, WRITE, .status = 201,
		.summary = "Say what is told to a channel", .body = &rule_create_resource, .answer = &rule_resource,
		.handler = rule_create },
	{ "GET", "/api/alerts/rules/{id}", "getAlertRule", TAG, READ, .summary = "One rule", .answer = &rule_resource,
		.handler = rule_get },
	{ "PUT", "/api/alerts/rules/{id}", "updateAlertRule", TAG, WRITE, .status = 200,
		.summary = "Change some members", .body = &rule_update_resource, .answer = &rule_resource,
		.handler = rule_update },
	{ "DELETE", "/api/alerts/rules/{id}", "deleteAlertRule", TAG, WRITE, .status = 204, .summary = "Forget a rule",
		.handler = rule_delete },
	{ "GET", "/api/alerts/deliveries", "listAlertDeliveries", TAG, READ,
		.summary = "What was sent, or could not be, newest first", .query = &deliveries_query_resource,
		.answer = &delivery_resource, .list = true, .handler = deliveries },
};

const struct so_route_table so_routes_alerts = { routes, sizeof(routes) / sizeof(routes[0]) };
