#include "service/alerts.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alert/message.h"
#include "base/clock.h"
#include "base/config.h"

#define TESTS_MAX 2 /* at a time: each may hold a thread of the requests for ten seconds */

bool so_service_alerts_begin(struct so_service *service, struct so_scope scope, struct so_err *err)
{
	const struct so_alerts_options options = { .store = service->store,
		.scope = scope,
		.fernet = service->fernet,
		.allowed = &service->config->alert_allowed_hosts,
		.node = service->node };

	service->alerts = so_alerts_new(service, &options, err);
	return service->alerts != NULL;
}

bool so_service_alerts_end(struct so_service *service, int64_t deadline_us)
{
	return so_alerts_stop(service->alerts, deadline_us);
}

static bool changed(struct so_service *service, struct so_scope scope, const char *action, const char *type, int64_t id,
	struct so_err *err)
{
	struct so_store_audit entry = {
		.action = (char *)action, .object_type = (char *)type, .object_id = id, .ok = true
	};

	if (service->alerts)
		so_alerts_changed(service->alerts);
	return so_store_audit_add(service->store, scope, &entry, err);
}

/* ---- channels ---- */

static const char *some(const char *text)
{
	return text && *text ? text : NULL;
}

static bool kind_of(const char *word, enum so_channel_kind *kind, struct so_err *err)
{
	for (int i = 0; word && so_channel_kinds[i]; i++)
		if (strcmp(so_channel_kinds[i], word) == 0) {
			*kind = (enum so_channel_kind)i;
			return true;
		}
	return so_fail(err, SO_INPUT, "kind: must be webhook, slack or email");
}

static bool to_channel(const struct so_channel_input *input, struct so_channel *out, struct so_err *err)
{
	*out = (struct so_channel){ .url = some(input->url),
		.authorization = some(input->authorization),
		.password = some(input->password),
		.smtp_host = some(input->smtp_host),
		.smtp_security = some(input->smtp_security) ? input->smtp_security : "starttls",
		.username = some(input->username),
		.from = some(input->from),
		.tls_ca = some(input->tls_ca),
		.smtp_port = input->smtp_port };
	if (input->to && input->to->count > SO_CHANNEL_TO_MAX)
		return so_fail(err, SO_INPUT, "to: at most %d addresses; use the address of a list", SO_CHANNEL_TO_MAX);
	for (size_t i = 0; input->to && i < input->to->count; i++)
		out->to[out->n_to++] = input->to->items[i];
	return kind_of(input->kind, &out->kind, err);
}

static bool fill_row(TALLOC_CTX *ctx, struct so_service *service, const struct so_channel_input *input,
	const struct so_channel *channel, struct so_store_channel *row, struct so_err *err)
{
	if (!input->name || !*input->name)
		return so_fail(err, SO_INPUT, "a channel needs a name");
	row->name = so_strdup(ctx, input->name);
	row->enabled = input->enabled;
	row->max_per_hour = input->max_per_hour;
	return so_channel_check(channel, err) && so_channel_seal(ctx, channel, service->fernet, row, err);
}

bool so_service_channel_create(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_channel_input *input, struct so_store_channel **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_channel *row = so_new(tmp, struct so_store_channel);
	struct so_store_channels *all = so_store_channel_list(tmp, service->store, scope, err);
	struct so_channel channel;

	if (!all || !to_channel(input, &channel, err))
		return false;
	if (all->total >= SO_ALERT_CHANNELS_MAX)
		return so_fail(err, SO_LIMIT, "there are %d channels already, the limit", SO_ALERT_CHANNELS_MAX);
	if (!fill_row(row, service, input, &channel, row, err) ||
		!so_store_channel_save(service->store, scope, row, err) ||
		!changed(service, scope, "alert_channel.create", "alert_channel", row->id, err))
		return false;
	*out = talloc_steal(ctx, row);
	return true;
}

bool so_service_channel_as_input(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_channel_input *out, struct so_err *err)
{
	struct so_store_channel *row = so_store_channel_get(ctx, service->store, scope, id, err);
	struct so_channel channel;

	if (!row || !so_channel_open(ctx, row, NULL, &channel, err))
		return false;
	*out = (struct so_channel_input){ .name = row->name,
		.kind = row->kind,
		.enabled = row->enabled,
		.smtp_host = (char *)channel.smtp_host,
		.smtp_security = (char *)channel.smtp_security,
		.username = (char *)channel.username,
		.from = (char *)channel.from,
		.tls_ca = (char *)channel.tls_ca,
		.smtp_port = channel.smtp_port,
		.to = so_new(ctx, struct so_strs),
		.max_per_hour = row->max_per_hour };
	out->to->items = so_new_array(ctx, char *, channel.n_to + 1);
	for (size_t i = 0; i < channel.n_to; i++)
		out->to->items[out->to->count++] = (char *)channel.to[i];
	return true;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Whether what is kept may go where the channel leads now. */
static bool check_secrets(const struct so_channel *now, const struct so_channel *old,
	const struct so_channel_input *input, struct so_err *err)
{
	bool moved = !same(now->tls_ca, old->tls_ca) || !same(now->smtp_host, old->smtp_host) ||
		     !same(now->smtp_security, old->smtp_security) || now->smtp_port != old->smtp_port;

	if (now->kind == SO_CHANNEL_EMAIL)
		return !moved || !old->password || input->password ||
		       so_fail(err, SO_INPUT, "password: the mail server changed, so it has to be given again");
	if (!input->url && old->url && !same(now->tls_ca, old->tls_ca))
		return so_fail(err, SO_INPUT, "url: tls_ca changed, so it has to be given again");
	return !input->url || same(input->url, old->url) || !old->authorization || input->authorization ||
	       so_fail(err, SO_INPUT, "authorization: the URL changed, so it has to be given again (\"\": none)");
}

bool so_service_channel_update(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	const struct so_channel_input *input, struct so_store_channel **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_channel *row = so_store_channel_get(tmp, service->store, scope, id, err);
	struct so_channel old, channel;

	if (!row || !so_channel_open(tmp, row, service->fernet, &old, err) || !to_channel(input, &channel, err))
		return false;
	if (channel.kind != old.kind)
		return so_fail(err, SO_INPUT, "kind: cannot be changed; create another channel");
	if (!check_secrets(&channel, &old, input, err))
		return false;
	channel.url = input->url ? channel.url : old.url;
	channel.authorization = input->authorization ? channel.authorization : old.authorization;
	channel.password = input->password ? channel.password : old.password;
	if (!fill_row(tmp, service, input, &channel, row, err) ||
		!so_store_channel_save(service->store, scope, row, err) ||
		!changed(service, scope, "alert_channel.update", "alert_channel", id, err))
		return false;
	*out = so_store_channel_get(ctx, service->store, scope, id, err);
	return *out != NULL;
}

bool so_service_channel_delete(struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_store_channel_delete(service->store, scope, id, err) &&
	       changed(service, scope, "alert_channel.delete", "alert_channel", id, err);
}

/* ---- the test button ---- */

struct test_row {
	struct so_scope scope;
	struct so_store_delivery *delivery;
};

static bool add_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct test_row *row = arg;

	return so_store_delivery_add(tx, row->scope, row->delivery, err);
}

static bool send_test(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_channel *row, struct so_channel_test *out, struct so_err *err)
{
	const struct so_alert alert = { .event = "test",
		.title = "This is a test",
		.text = "Somebody pressed the test button of this channel. Nothing is wrong.",
		.at_us = so_time_now_us() };
	struct so_store_delivery delivery = { .channel_id = row->id,
		.event = (char *)"test",
		.title = (char *)alert.title,
		.state = (char *)"failed",
		.created_us = alert.at_us };
	struct test_row add = { scope, &delivery };
	struct so_err why = SO_ERR_INIT;
	struct so_send_result result;
	struct so_channel channel;
	int64_t began_us;
	json_t *doc;
	char *text;

	if (!so_channel_open(ctx, row, service->fernet, &channel, err))
		return false;
	doc = so_alert_to_json(&alert);
	text = json_dumps(doc, JSON_COMPACT);
	delivery.doc = so_strdup(ctx, text);
	free(text);
	/* written first, so that its number can be sent */
	if (!so_store_tx(service->store, add_tx, &add, err)) {
		json_decref(doc);
		return false;
	}
	began_us = so_time_monotonic_us();
	out->success = so_alert_send(&channel, &service->config->alert_allowed_hosts,
		so_alert_body(ctx, doc, &channel, delivery.id), delivery.id, NULL, &result, &why);
	json_decref(doc);
	out->latency_ms = (double)(so_time_monotonic_us() - began_us) / 1000;
	out->message = so_strdup(ctx, out->success ? "delivered" : why.message);
	delivery.state = (char *)(out->success ? "sent" : "failed");
	delivery.attempts = 1;
	delivery.done_us = so_time_now_us();
	delivery.error = out->success ? NULL : out->message;
	return so_store_delivery_update(service->store, scope, &delivery, err);
}

bool so_service_channel_test(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_channel_test *out, struct so_err *err)
{
	struct so_store_channel *row = so_store_channel_get(ctx, service->store, scope, id, err);
	bool done;

	if (!row)
		return false;
	if (atomic_fetch_add(&service->alert_tests, 1) >= TESTS_MAX)
		done = so_fail(err, SO_BUSY, "%d tests of channels run already; try again", TESTS_MAX);
	else
		done = send_test(ctx, service, scope, row, out, err);
	atomic_fetch_sub(&service->alert_tests, 1);
	return done;
}

/* ---- rules ---- */

bool so_service_rule_save(
	struct so_service *service, struct so_scope scope, struct so_store_rule *rule, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_rules *all = so_store_rule_list(tmp, service->store, scope, err);
	bool is_new = !rule->id;

	if (!all)
		return false;
	if (is_new && all->total >= SO_ALERT_RULES_MAX)
		return so_fail(err, SO_LIMIT, "there are %d rules already, the limit", SO_ALERT_RULES_MAX);
	/* the store refuses these, too, but cannot say which of them it is */
	if (!so_store_channel_get(tmp, service->store, scope, rule->channel_id, err) ||
		(rule->connection_id > 0 && !so_store_conn_get(tmp, service->store, scope, rule->connection_id, err)))
		return false;
	return so_store_rule_save(service->store, scope, rule, err) &&
	       changed(service, scope, is_new ? "alert_rule.create" : "alert_rule.update", "alert_rule", rule->id, err);
}

bool so_service_rule_delete(struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_store_rule_delete(service->store, scope, id, err) &&
	       changed(service, scope, "alert_rule.delete", "alert_rule", id, err);
}

/* ---- reading ---- */

struct so_store_channels *so_service_alert_channel_list(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_err *err)
{
	return so_store_channel_list(ctx, service->store, scope, err);
}

struct so_store_channel *so_service_alert_channel_get(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_store_channel_get(ctx, service->store, scope, id, err);
}

struct so_store_rules *so_service_alert_rule_list(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_err *err)
{
	return so_store_rule_list(ctx, service->store, scope, err);
}

struct so_store_rule *so_service_alert_rule_get(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_store_rule_get(ctx, service->store, scope, id, err);
}

struct so_store_deliveries *so_service_alert_delivery_list(TALLOC_CTX *ctx, struct so_service *service,
	struct so_scope scope, const struct so_store_delivery_filter *filter, struct so_err *err)
{
	return so_store_delivery_list(ctx, service->store, scope, filter, err);
}
