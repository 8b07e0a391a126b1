/* The store's part of alerts: channels, rules, what lasts, and the history of deliveries. The rules of store.h hold;
 * functions that take `tx` belong inside so_store_tx. Secrets come and go as Fernet tokens. */
#ifndef SO_STORE_ALERT_H
#define SO_STORE_ALERT_H

#include "store/store.h"

#define SO_ALERT_CHANNELS_MAX   50
#define SO_ALERT_RULES_MAX      200
#define SO_ALERT_FIRING_MAX     10000
#define SO_ALERT_DELIVERIES_MAX 10000 /* remembered ones */

/* Every list of this file begins like this. */
#define SO_ALERT_LIST(type)                                                                                            \
	{                                                                                                              \
		size_t count;                                                                                          \
		struct type **items;                                                                                   \
		int64_t total;                                                                                         \
	}

struct so_store_channel {
	int64_t id;
	char *name, *kind; /* see alert/channel.h */
	bool enabled;
	char *settings; /* JSON without secrets */
	char *secret_token; /* or NULL */
	int64_t max_per_hour;
	int64_t created_us, updated_us;
};
struct so_store_channels SO_ALERT_LIST(so_store_channel);

/* id 0: inserted, else written over. SO_CONFLICT when the name is taken. */
bool so_store_channel_save(struct so_store *store, struct so_scope scope, struct so_store_channel *channel,
	struct so_err *err) SO_MUST_CHECK;
struct so_store_channel *so_store_channel_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err);
struct so_store_channels *so_store_channel_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err);
/* With its rules and deliveries. */
bool so_store_channel_delete(
	struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

struct so_store_rule {
	int64_t id;
	char *name;
	int64_t channel_id;
	bool enabled;
	int64_t events; /* bits, see alert/rules.h */
	int64_t min_severity;
	int64_t connection_id; /* 0: all */
	int64_t failures; /* polls in a row that have to fail */
	int64_t quiet_s;
	int64_t created_us, updated_us;
};
struct so_store_rules SO_ALERT_LIST(so_store_rule);

/* SO_NOT_FOUND also when its channel or connection is not there. */
bool so_store_rule_save(
	struct so_store *store, struct so_scope scope, struct so_store_rule *rule, struct so_err *err) SO_MUST_CHECK;
struct so_store_rule *so_store_rule_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err);
struct so_store_rules *so_store_rule_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err);
bool so_store_rule_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* ---- what the rules look at ---- */
struct so_store_news { /* a finding that is new to the rules */
	int64_t id, connection_id;
	char *connection, *engine;
	int64_t query_id; /* 0: none */
	char *rule, *title, *description;
	int64_t severity;
	bool resolved;
	int64_t detected_us;
};
struct so_store_news_list SO_ALERT_LIST(so_store_news);
/* *cursor: the last finding that was looked at, -1: none ever was; *newest: the newest there is. */
bool so_store_alert_cursor(struct so_store *store, struct so_scope scope, int64_t *cursor, int64_t *newest,
	struct so_err *err) SO_MUST_CHECK;
bool so_store_alert_cursor_put(
	struct so_store *tx, struct so_scope scope, int64_t cursor, struct so_err *err) SO_MUST_CHECK;
/* By id, the first `limit` after `cursor`. */
struct so_store_news_list *so_store_alert_news(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t cursor, int64_t limit, struct so_err *err);

/* Findings that were closed and opened again, whoever did it; `resolved` when nobody is to be told of it: closed again,
 * muted or acknowledged. They stay until so_store_alert_return_seen. */
struct so_store_news_list *so_store_alert_returns(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t now_us, int64_t limit, struct so_err *err);
bool so_store_alert_return_seen(struct so_store *tx, int64_t finding_id, struct so_err *err) SO_MUST_CHECK;

struct so_store_failing { /* a watched connection whose polls fail */
	int64_t connection_id;
	char *connection, *engine;
	int64_t failures;
	char *error_kind, *error; /* or NULL */
	int64_t last_us; /* the last good poll, 0: none */
};
struct so_store_failing_list SO_ALERT_LIST(so_store_failing);
struct so_store_failing_list *so_store_alert_failing(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t failures, struct so_err *err);

struct so_store_firing {
	int64_t rule_id;
	char *matter; /* unique for the rule */
	int64_t finding_id, connection_id; /* finding_id 0: about polls of the connection */
	char *title;
	int64_t severity;
	int64_t since_us, ended_us; /* ended 0: it lasts */
	bool over; /* filled on reading: its reason is gone */
};
struct so_store_firings SO_ALERT_LIST(so_store_firing);
/* At most SO_ALERT_FIRING_MAX; also what ended and is remembered: when that is not over, it has come back. */
struct so_store_firings *so_store_firing_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t now_us, struct so_err *err);
bool so_store_firing_put(struct so_store *tx, const struct so_store_firing *firing, struct so_err *err) SO_MUST_CHECK;
bool so_store_firing_drop(struct so_store *tx, const struct so_store_firing *firing, struct so_err *err) SO_MUST_CHECK;

/* ---- deliveries ---- */
struct so_store_delivery {
	int64_t id, channel_id, rule_id; /* rule 0: none, or gone */
	char *event, *title;
	char *doc; /* what is sent, as JSON */
	char *state; /* queued, sent, failed, held (over the limit of its channel), summed (held, and told in a sum) */
	int64_t attempts, next_us, created_us, done_us;
	char *error; /* of the last attempt, or NULL */
};
struct so_store_deliveries SO_ALERT_LIST(so_store_delivery);

bool so_store_delivery_add(struct so_store *tx, struct so_scope scope, struct so_store_delivery *delivery,
	struct so_err *err) SO_MUST_CHECK;
/* Writes state, attempts, times and error after an attempt. A delivery that is gone, or of which that attempt or a
 * later one was noted already, is no error. */
bool so_store_delivery_update(struct so_store *store, struct so_scope scope, const struct so_store_delivery *delivery,
	struct so_err *err) SO_MUST_CHECK;
struct so_store_delivery_filter {
	int64_t channel_id; /* 0: all */
	const char *state; /* NULL: any */
	int64_t limit, offset;
};
/* Newest first. */
struct so_store_deliveries *so_store_delivery_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_delivery_filter *filter, struct so_err *err);
/* The next one of each channel that has one whose time has come. */
struct so_store_deliveries *so_store_delivery_due(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t now_us, struct so_err *err);
/* How many of the channel count against its limit since then: tests, and what was held back, do not. */
bool so_store_delivery_recent(struct so_store *store, struct so_scope scope, int64_t channel_id, int64_t since_us,
	int64_t *n, struct so_err *err) SO_MUST_CHECK;
struct so_store_held {
	int64_t channel_id, count, max_per_hour;
	char *first; /* title */
};
struct so_store_held_list SO_ALERT_LIST(so_store_held);
struct so_store_held_list *so_store_held_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err);
/* What the channel holds back is told in a sum now. */
bool so_store_held_sum_up(
	struct so_store *tx, struct so_scope scope, int64_t channel_id, struct so_err *err) SO_MUST_CHECK;
/* Forgets all but the newest SO_ALERT_DELIVERIES_MAX. */
bool so_store_delivery_trim(struct so_store *tx, struct so_scope scope, struct so_err *err) SO_MUST_CHECK;

#endif
