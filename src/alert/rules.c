#include "alert/rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/message.h"
#include "base/map.h"
#include "base/vec.h"
#include "core/finding.h"

#define NEWS_MAX 200 /* findings in one look */
/* A finding that comes back within three days is the same finding again: its row is needed for so long. */
#define KEEP_US ((int64_t)4 * 24 * 3600 * 1000000)
#define HOUR_US ((int64_t)3600 * 1000000)

const char *const so_alert_events[] = { "regression", "finding", "collection_failure", "resolved", NULL };

/* One change of what lasts, with what is told about it. */
struct change {
	struct so_store_firing firing;
	bool drop; /* else it is put */
	struct so_store_delivery *delivery; /* or NULL */
};

struct look {
	TALLOC_CTX *ctx;
	struct so_store *store;
	struct so_scope scope;
	const struct so_store_lease *lease; /* or NULL */
	int64_t now_us, cursor;
	const struct so_store_rules *rules;
	struct so_store_channels *channels;
	int64_t *sent; /* of each channel in the last hour */
	struct so_map *known; /* rule and matter -> struct so_store_firing */
	struct so_store_news_list *returns; /* findings that are open again */
	SO_VEC(struct change) changes;
	SO_VEC(int64_t) summed; /* channels whose held deliveries are told now */
	SO_VEC(struct so_store_delivery *) sums;
};

static const char *key_of(TALLOC_CTX *ctx, int64_t rule_id, const char *matter)
{
	return so_printf(ctx, "%" PRId64 " %s", rule_id, matter);
}

static bool wants(const struct so_store_rule *rule, enum so_alert_event event, int64_t connection_id)
{
	return rule->enabled && rule->events >> event & 1 &&
	       (!rule->connection_id || rule->connection_id == connection_id);
}

/* Queued, or held back when the channel has had its share of this hour. */
static struct so_store_delivery *new_delivery(
	struct look *look, const struct so_store_rule *rule, const struct so_alert *alert, bool sum)
{
	struct so_store_delivery *delivery = so_new(look->ctx, struct so_store_delivery);
	json_t *doc = so_alert_to_json(alert);
	char *text = json_dumps(doc, JSON_COMPACT);

	*delivery = (struct so_store_delivery){ .channel_id = rule->channel_id,
		.rule_id = rule->id,
		.event = so_strdup(delivery, alert->event),
		.title = so_strdup(delivery, json_string_value(json_object_get(doc, "title"))),
		.doc = so_strdup(delivery, text),
		.state = (char *)"held",
		.next_us = look->now_us,
		.created_us = look->now_us };
	free(text);
	json_decref(doc);
	for (size_t i = 0; i < look->channels->count; i++)
		if (look->channels->items[i]->id == rule->channel_id &&
			(sum || look->sent[i] < look->channels->items[i]->max_per_hour)) {
			look->sent[i]++;
			delivery->state = (char *)"queued";
		}
	return delivery;
}

static void change(
	struct look *look, const struct so_store_firing *firing, bool drop, struct so_store_delivery *delivery)
{
	struct change *c = so_vec_add(&look->changes);

	so_assert(c); /* three for each matter at most, and the matters are counted */
	*c = (struct change){ *firing, drop, delivery };
}

/* since_us of what came back too soon: not told yet, and when it will be if it lasts until then. */
static int64_t later(int64_t at_us)
{
	return -at_us;
}

/* Something is the matter: told once while it lasts, and not again when it comes back too soon. */
static void fire(
	struct look *look, const struct so_store_rule *rule, const char *matter, struct so_alert *alert, int severity)
{
	struct so_store_firing *known = so_map_get(look->known, key_of(look->ctx, rule->id, matter));
	struct so_store_firing firing = { .rule_id = rule->id,
		.matter = (char *)matter,
		.finding_id = alert->finding_id,
		.connection_id = alert->connection_id,
		.title = so_alert_redact(look->ctx, alert->title),
		.severity = severity,
		.since_us = look->now_us };
	bool quiet = known && known->ended_us && look->now_us - known->ended_us < rule->quiet_s * 1000000;

	/* of one matter the newest finding is followed: the older ones are the same thing told before */
	if (known && !known->ended_us && known->finding_id == firing.finding_id && !known->over)
		return;
	if (known && !known->ended_us)
		firing.since_us = known->since_us;
	alert->rule = rule->name;
	alert->at_us = look->now_us;
	alert->severity = so_severity_name((enum so_severity)severity);
	if (known) {
		bool tell = known->ended_us && !quiet;

		if (quiet)
			firing.since_us = later(known->ended_us + rule->quiet_s * 1000000);
		*known = firing;
		change(look, &firing, false, tell ? new_delivery(look, rule, alert, false) : NULL);
		return;
	}
	known = so_memdup(look->ctx, &firing, sizeof firing);
	/* when there are too many of them the oldest keep their places: they are the cause, as a rule */
	if (so_map_put(look->known, key_of(look->ctx, rule->id, matter), known))
		change(look, &firing, false, new_delivery(look, rule, alert, false));
}

/* ---- findings ---- */

static bool is_regression(const char *rule)
{
	static const char *const rules[] = { "query-regression", "new-slow-query", "n-plus-one", NULL };

	for (size_t i = 0; rules[i]; i++)
		if (strcmp(rule, rules[i]) == 0)
			return true;
	return false;
}

static void look_at_finding(struct look *look, const struct so_store_news *news)
{
	enum so_alert_event event = is_regression(news->rule) ? SO_ALERT_REGRESSION : SO_ALERT_FINDING;
	/* the same thing found again is the same matter: by its query, else by what it says of what */
	const char *matter = news->query_id ? so_printf(look->ctx, "finding %" PRId64 " %s query %" PRId64,
						      news->connection_id, news->rule, news->query_id)
					    : so_printf(look->ctx, "finding %" PRId64 " %s %.200s", news->connection_id,
						      news->rule, news->title);

	for (size_t i = 0; i < look->rules->count && !news->resolved; i++) {
		const struct so_store_rule *rule = look->rules->items[i];
		struct so_alert alert = { .event = so_alert_events[event],
			.title = news->title,
			.text = news->description,
			.connection = news->connection,
			.engine = news->engine,
			.connection_id = news->connection_id,
			.finding_id = news->id,
			.query_id = news->query_id,
			.finding_rule = news->rule };

		if (wants(rule, event, news->connection_id) && news->severity >= rule->min_severity)
			fire(look, rule, matter, &alert, (int)news->severity);
	}
}

static bool look_at_findings(struct look *look, bool *more, struct so_err *err)
{
	int64_t cursor, newest;
	const struct so_store_news_list *list;

	*more = false;
	if (!so_store_alert_cursor(look->store, look->scope, &cursor, &newest, err))
		return false;
	look->cursor = -1;
	/* what was there before anybody asked to be told, or was in an older copy of the store, is no news */
	if (cursor < 0 || cursor > newest || look->rules->count == 0) {
		look->cursor = cursor == newest ? -1 : newest;
		return true;
	}
	if (cursor == newest)
		return true;
	list = so_store_alert_news(look->ctx, look->store, look->scope, cursor, NEWS_MAX, err);
	if (!list)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		look_at_finding(look, list->items[i]);
		look->cursor = list->items[i]->id;
	}
	*more = list->count == NEWS_MAX;
	if (!*more && look->cursor < newest)
		look->cursor = newest;
	return true;
}

/* What the rules had told is followed by look_at_firing; this tells what they had not: it was found before there was a
 * rule, or was not severe enough then. */
static bool look_at_returns(struct look *look, bool *more, struct so_err *err)
{
	look->returns = so_store_alert_returns(look->ctx, look->store, look->scope, look->now_us, NEWS_MAX, err);
	for (size_t i = 0; look->returns && i < look->returns->count; i++)
		look_at_finding(look, look->returns->items[i]);
	*more = *more || (look->returns && look->returns->count == NEWS_MAX);
	return look->returns != NULL;
}

/* ---- polls ---- */

static bool look_at_polls(struct look *look, struct so_err *err)
{
	const struct so_store_failing_list *list;
	int64_t fewest = INT64_MAX;

	for (size_t i = 0; i < look->rules->count; i++)
		if (look->rules->items[i]->events >> SO_ALERT_COLLECTION_FAILURE & 1 &&
			look->rules->items[i]->failures < fewest)
			fewest = look->rules->items[i]->failures;
	if (fewest == INT64_MAX)
		return true;
	list = so_store_alert_failing(look->ctx, look->store, look->scope, fewest, err);
	for (size_t k = 0; list && k < list->count; k++) {
		const struct so_store_failing *failing = list->items[k];
		const char *matter = so_printf(look->ctx, "polls %" PRId64, failing->connection_id);

		for (size_t i = 0; i < look->rules->count; i++) {
			const struct so_store_rule *rule = look->rules->items[i];
			struct so_alert alert = { .event = so_alert_events[SO_ALERT_COLLECTION_FAILURE],
				.title = so_printf(look->ctx, "Statistics cannot be read (%s)",
					failing->error_kind ? failing->error_kind : "unknown"),
				.text = failing->error,
				.own_text = true,
				.connection = failing->connection,
				.engine = failing->engine,
				.connection_id = failing->connection_id };

			if (wants(rule, SO_ALERT_COLLECTION_FAILURE, failing->connection_id) &&
				failing->failures >= rule->failures)
				fire(look, rule, matter, &alert, SO_SEVERITY_HIGH);
		}
	}
	return list != NULL;
}

/* ---- what has ended ---- */

static const struct so_store_rule *rule_of(const struct look *look, int64_t id)
{
	for (size_t i = 0; i < look->rules->count; i++)
		if (look->rules->items[i]->id == id)
			return look->rules->items[i];
	return NULL;
}

static bool conn_of(struct look *look, int64_t id, struct so_store_conn **conn, struct so_err *err)
{
	struct so_err missing = SO_ERR_INIT;

	*conn = so_store_conn_get(look->ctx, look->store, look->scope, id, &missing);
	if (*conn || missing.kind == SO_NOT_FOUND)
		return true;
	*err = missing;
	return false;
}

static bool end(struct look *look, struct so_store_firing *firing, struct so_err *err)
{
	const struct so_store_rule *rule = rule_of(look, firing->rule_id);
	struct so_store_delivery *delivery = NULL;
	struct so_store_conn *conn;

	if (!conn_of(look, firing->connection_id, &conn, err))
		return false;
	firing->ended_us = look->now_us;
	/* of a connection that was deleted nobody wants to hear that it is well */
	if (conn && firing->since_us > 0 && rule && rule->enabled && rule->events >> SO_ALERT_RESOLVED & 1) {
		struct so_alert alert = { .event = so_alert_events[SO_ALERT_RESOLVED],
			.resolved = true,
			.title = firing->title,
			.text = firing->finding_id ? "The finding is closed." : "Statistics are read again.",
			.severity = so_severity_name((enum so_severity)firing->severity),
			.connection = conn->name,
			.engine = conn->engine,
			.connection_id = conn->id,
			.finding_id = firing->finding_id,
			.rule = rule->name,
			.at_us = look->now_us };

		if (!conn->monitoring_enabled && !firing->finding_id)
			alert.text = "The connection is not watched any more.";
		delivery = new_delivery(look, rule, &alert, false);
	}
	change(look, firing, false, delivery);
	return true;
}

/* It came back too soon to be told, and stayed. */
static bool tell_late(struct look *look, struct so_store_firing *firing, struct so_err *err)
{
	const struct so_store_rule *rule = rule_of(look, firing->rule_id);
	char finding_rule[64] = "";
	enum so_alert_event event;
	struct so_store_conn *conn;
	struct so_alert alert;

	if (!conn_of(look, firing->connection_id, &conn, err))
		return false;
	if (!conn || !rule)
		return true;
	if (firing->finding_id && sscanf(firing->matter, "finding %*d %63s", finding_rule) != 1)
		finding_rule[0] = '\0';
	event = !firing->finding_id           ? SO_ALERT_COLLECTION_FAILURE
		: is_regression(finding_rule) ? SO_ALERT_REGRESSION
					      : SO_ALERT_FINDING;
	alert = (struct so_alert){ .event = so_alert_events[event],
		.title = firing->title,
		.text = "It came back after it had ended, and lasts.",
		.severity = so_severity_name((enum so_severity)firing->severity),
		.connection = conn->name,
		.engine = conn->engine,
		.connection_id = conn->id,
		.finding_id = firing->finding_id,
		.finding_rule = *finding_rule ? finding_rule : NULL,
		.rule = rule->name,
		.at_us = look->now_us };
	firing->since_us = look->now_us;
	change(look, firing, false, new_delivery(look, rule, &alert, false));
	return true;
}

/* The finding that had ended was opened again. */
static bool return_of(struct look *look, struct so_store_firing *firing, int64_t quiet_us, struct so_err *err)
{
	int64_t due_us = firing->ended_us + quiet_us;

	firing->ended_us = 0;
	if (look->now_us >= due_us)
		return tell_late(look, firing, err);
	firing->since_us = later(due_us);
	change(look, firing, false, NULL);
	return true;
}

static bool look_at_firing(struct look *look, struct so_err *err)
{
	struct so_store_firings *list = so_store_firing_list(look->ctx, look->store, look->scope, look->now_us, err);

	if (!list)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		struct so_store_firing *firing = list->items[i];
		const struct so_store_rule *rule = rule_of(look, firing->rule_id);
		int64_t quiet_us = rule ? rule->quiet_s * 1000000 : 0;

		if (!so_map_put(look->known, key_of(look->ctx, firing->rule_id, firing->matter), firing))
			return so_fail(err, SO_LIMIT, "over %d alerts last", SO_ALERT_FIRING_MAX);
		if (!firing->ended_us && firing->over) {
			if (!end(look, firing, err))
				return false;
		} else if (!firing->ended_us && firing->since_us < 0 && look->now_us >= -firing->since_us &&
			   !tell_late(look, firing, err)) {
			return false;
		}
		if (firing->ended_us && firing->ended_us != look->now_us && firing->finding_id && !firing->over &&
			!return_of(look, firing, quiet_us, err))
			return false;
		if (firing->finding_id && quiet_us < KEEP_US)
			quiet_us = KEEP_US;
		/* a clock that stepped back must not keep it for ever */
		if (firing->ended_us && firing->ended_us != look->now_us &&
			(look->now_us - firing->ended_us >= quiet_us || firing->ended_us > look->now_us))
			change(look, firing, true, NULL);
	}
	return true;
}

/* ---- what was held back ---- */

static bool look_at_held(struct look *look, struct so_err *err)
{
	const struct so_store_held_list *list = so_store_held_list(look->ctx, look->store, look->scope, err);

	for (size_t i = 0; list && i < list->count; i++) {
		const struct so_store_held *held = list->items[i];
		const struct so_store_rule rule = { .channel_id = held->channel_id };
		struct so_alert alert = { .event = "summary",
			.title = so_printf(look->ctx, "%" PRId64 " alerts were held back", held->count),
			.text = so_printf(look->ctx,
				"This channel takes %" PRId64
				" an hour. The first of them: %s. All are in the history of deliveries.",
				held->max_per_hour, held->first),
			.at_us = look->now_us };

		for (size_t k = 0; k < look->channels->count; k++) {
			int64_t *channel_id;
			struct so_store_delivery **sum;

			if (look->channels->items[k]->id != held->channel_id || look->sent[k] >= held->max_per_hour)
				continue;
			channel_id = so_vec_add(&look->summed);
			sum = so_vec_add(&look->sums);
			if (!channel_id || !sum)
				continue;
			*channel_id = held->channel_id;
			*sum = new_delivery(look, &rule, &alert, true);
		}
	}
	return list != NULL;
}

/* ---- the whole ---- */

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct look *look = arg;

	if (look->lease && !so_store_lease_check(tx, look->lease, err))
		return false;
	if (look->cursor >= 0 && !so_store_alert_cursor_put(tx, look->scope, look->cursor, err))
		return false;
	for (size_t i = 0; i < look->returns->count; i++)
		if (!so_store_alert_return_seen(tx, look->returns->items[i]->id, err))
			return false;
	/* first what was held before this look, which the sum has counted */
	for (size_t i = 0; i < look->summed.count; i++)
		if (!so_store_held_sum_up(tx, look->scope, look->summed.items[i], err) ||
			!so_store_delivery_add(tx, look->scope, look->sums.items[i], err))
			return false;
	for (size_t i = 0; i < look->changes.count; i++) {
		struct change *c = &look->changes.items[i];

		if (!(c->drop ? so_store_firing_drop(tx, &c->firing, err) : so_store_firing_put(tx, &c->firing, err)))
			return false;
		if (c->delivery && !so_store_delivery_add(tx, look->scope, c->delivery, err))
			return false;
	}
	return so_store_delivery_trim(tx, look->scope, err);
}

static bool count_sent(struct look *look, struct so_err *err)
{
	look->sent = so_new_array(look->ctx, int64_t, look->channels->count + 1);
	for (size_t i = 0; i < look->channels->count; i++)
		if (!so_store_delivery_recent(look->store, look->scope, look->channels->items[i]->id,
			    look->now_us - HOUR_US, &look->sent[i], err))
			return false;
	return true;
}

/* Whether this node may write. What was read before the lease was taken may have been changed by another node. */
static bool may_write(struct look *look, struct so_store_lease *lease, bool *again, struct so_err *err)
{
	int64_t before = lease->fence;

	if (!so_store_lease_keep(look->store, lease, SO_ALERT_LEASE_US, err))
		return false;
	*again = lease->fence && lease->fence != before;
	look->lease = lease;
	return lease->fence != 0;
}

bool so_rules_run(struct so_store *store, struct so_scope scope, int64_t now_us, struct so_store_lease *lease,
	bool *more, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct look look = { .ctx = tmp, .store = store, .scope = scope, .now_us = now_us };
	bool again = false;

	look.rules = so_store_rule_list(tmp, store, scope, err);
	look.channels = look.rules ? so_store_channel_list(tmp, store, scope, err) : NULL;
	look.known = so_map_new(tmp, SO_ALERT_FIRING_MAX + 1);
	so_vec_init(&look.changes, tmp, (SO_ALERT_FIRING_MAX + 1) * 3);
	so_vec_init(&look.summed, tmp, SO_ALERT_CHANNELS_MAX);
	so_vec_init(&look.sums, tmp, SO_ALERT_CHANNELS_MAX);
	if (!look.channels || !count_sent(&look, err) || !look_at_firing(&look, err) ||
		!look_at_findings(&look, more, err) || !look_at_returns(&look, more, err) ||
		!look_at_polls(&look, err) || !look_at_held(&look, err))
		return false;
	if (look.cursor < 0 && !look.changes.count && !look.sums.count && !look.returns->count)
		return true;
	if (lease && !may_write(&look, lease, &again, err)) {
		*more = false;
		return err->kind == SO_NONE;
	}
	if (again) {
		*more = true;
		return true;
	}
	return so_store_tx(store, save_tx, &look, err);
}
