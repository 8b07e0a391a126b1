/* Alerts as the API shows them: channels, rules, the history of deliveries. The work is alert/'s. */
#ifndef SO_SERVICE_ALERTS_H
#define SO_SERVICE_ALERTS_H

#include "alert/alerts.h"
#include "alert/rules.h"
#include "base/field.h"
#include "service/service.h"

/* Makes service->alerts; `_end` stops it, false: an attempt still runs at the deadline. */
bool so_service_alerts_begin(struct so_service *service, struct so_scope scope, struct so_err *err) SO_MUST_CHECK;
bool so_service_alerts_end(struct so_service *service, int64_t deadline_us) SO_MUST_CHECK;

/* What a user enters; see alert/channel.h for what each kind needs. */
struct so_channel_input {
	char *name, *kind;
	bool enabled;
	char *url, *authorization, *password; /* secrets; of an update NULL: keep, "": none */
	char *smtp_host, *smtp_security, *username, *from, *tls_ca;
	int64_t smtp_port; /* 0: by smtp_security */
	struct so_strs *to;
	int64_t max_per_hour;
};

/* Makes a channel. SO_INPUT on what is wrong, SO_CONFLICT when the name is taken, SO_LIMIT at the 51st. */
bool so_service_channel_create(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_channel_input *input, struct so_store_channel **out, struct so_err *err) SO_MUST_CHECK;
/* The stored values as an input, secrets NULL. */
bool so_service_channel_as_input(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_channel_input *out, struct so_err *err) SO_MUST_CHECK;
/* A stored secret stays only while it goes to the same place: with another host, port, security or CA it has to be
 * given again, since otherwise whoever may edit a channel could have it sent to himself. */
bool so_service_channel_update(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	const struct so_channel_input *input, struct so_store_channel **out, struct so_err *err) SO_MUST_CHECK;
bool so_service_channel_delete(
	struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

struct so_channel_test {
	bool success;
	char *message;
	double latency_ms;
};
/* Sends a message that says it is a test, now; never fails for what the receiver does. SO_BUSY while two of them run.
 */
bool so_service_channel_test(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_channel_test *out, struct so_err *err) SO_MUST_CHECK;

/* Saves a rule (id 0: a new one). */
bool so_service_rule_save(struct so_service *service, struct so_scope scope, struct so_store_rule *rule,
	struct so_err *err) SO_MUST_CHECK;
bool so_service_rule_delete(
	struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* Reading; NULL with the reason. */
struct so_store_channels *so_service_alert_channel_list(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_err *err);
struct so_store_channel *so_service_alert_channel_get(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err);
struct so_store_rules *so_service_alert_rule_list(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_err *err);
struct so_store_rule *so_service_alert_rule_get(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err);
struct so_store_deliveries *so_service_alert_delivery_list(TALLOC_CTX *ctx, struct so_service *service,
	struct so_scope scope, const struct so_store_delivery_filter *filter, struct so_err *err);

#endif
