#include "store/alert.h"

#include "base/clock.h"
#include "store/entity.h"

#define CHANNEL(m, ...) SO_COLUMN(struct so_store_channel, m, ##__VA_ARGS__)
static const struct so_entity_column channel_columns[] = {
	CHANNEL(id, .read_only = true),
	CHANNEL(name),
	CHANNEL(kind),
	CHANNEL(enabled),
	CHANNEL(settings),
	CHANNEL(secret_token),
	CHANNEL(max_per_hour),
	CHANNEL(created_us),
	CHANNEL(updated_us),
};
static const struct so_entity_shape channel_shape = SO_SHAPE("alert channel", struct so_store_channel, channel_columns);

#define RULE(m, ...) SO_COLUMN(struct so_store_rule, m, ##__VA_ARGS__)
static const struct so_entity_column rule_columns[] = {
	RULE(id, .read_only = true),
	RULE(name),
	RULE(channel_id),
	RULE(enabled),
	RULE(events),
	RULE(min_severity),
	RULE(connection_id),
	RULE(failures),
	RULE(quiet_s),
	RULE(created_us),
	RULE(updated_us),
};
static const struct so_entity_shape rule_shape = SO_SHAPE("alert rule", struct so_store_rule, rule_columns);

#define NEWS(m) SO_COLUMN(struct so_store_news, m)
static const struct so_entity_column news_columns[] = { NEWS(id), NEWS(connection_id), NEWS(connection), NEWS(engine),
	NEWS(query_id), NEWS(rule), NEWS(title), NEWS(description), NEWS(severity), NEWS(resolved), NEWS(detected_us) };
static const struct so_entity_shape news_shape = SO_SHAPE("finding", struct so_store_news, news_columns);

#define FAILING(m) SO_COLUMN(struct so_store_failing, m)
static const struct so_entity_column failing_columns[] = { FAILING(connection_id), FAILING(connection), FAILING(engine),
	FAILING(failures), FAILING(error_kind), FAILING(error), FAILING(last_us) };
static const struct so_entity_shape failing_shape = SO_SHAPE("connection", struct so_store_failing, failing_columns);

#define FIRING(m) SO_COLUMN(struct so_store_firing, m)
static const struct so_entity_column firing_columns[] = { FIRING(rule_id), FIRING(matter), FIRING(finding_id),
	FIRING(connection_id), FIRING(title), FIRING(severity), FIRING(since_us), FIRING(ended_us), FIRING(over) };
static const struct so_entity_shape firing_shape = SO_SHAPE("alert", struct so_store_firing, firing_columns);

#define DELIVERY(m, ...) SO_COLUMN(struct so_store_delivery, m, ##__VA_ARGS__)
static const struct so_entity_column delivery_columns[] = {
	DELIVERY(id, .read_only = true),
	DELIVERY(channel_id),
	DELIVERY(rule_id),
	DELIVERY(event),
	DELIVERY(title),
	DELIVERY(doc),
	DELIVERY(state),
	DELIVERY(attempts),
	DELIVERY(next_us),
	DELIVERY(created_us),
	DELIVERY(done_us),
	DELIVERY(error),
};
static const struct so_entity_shape delivery_shape = SO_SHAPE("delivery", struct so_store_delivery, delivery_columns);

#define HELD(m) SO_COLUMN(struct so_store_held, m)
static const struct so_entity_column held_columns[] = { HELD(channel_id), HELD(count), HELD(max_per_hour),
	HELD(first) };
static const struct so_entity_shape held_shape = SO_SHAPE("channel", struct so_store_held, held_columns);

/* A list with the layout that so_entities has too; NULL on failure. */
static void *list_of(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement list,
	const struct so_params *list_params, enum so_store_statement count, const struct so_params *count_params,
	const struct so_entity_shape *shape, struct so_err *err)
{
	struct so_entities *rows = so_new(ctx, struct so_entities);

	if (so_entity_list(rows, store, list, list_params, count, count_params, shape, rows, err))
		return rows;
	talloc_free(rows);
	return NULL;
}

/* ?1 the organisation, ?2 the number given */
static struct so_params params_of(struct so_scope scope, int64_t number)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, number);
	return params;
}

/* ---- channels and rules ---- */

struct save {
	struct so_scope scope;
	const struct so_entity_shape *shape;
	enum so_store_statement insert, update;
	void *entity;
	int64_t *id;
	const char *name;
};

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct save *save = arg;
	struct so_params params = { 0 };
	int64_t changed = 0;
	bool ran;

	so_param_int(&params, save->scope.organisation_id);
	so_param_entity(&params, save->shape, save->entity);
	if (*save->id) {
		so_param_int(&params, *save->id);
		ran = so_session_run(tx, save->update, &params, &changed, err);
	} else {
		ran = so_session_insert(tx, save->insert, &params, save->id, err);
		changed = *save->id;
	}
	if (!ran && err->kind == SO_CONFLICT)
		return so_fail(err, SO_CONFLICT, "an %s named '%s' exists already; choose another name",
			save->shape->noun, save->name);
	return ran && (changed > 0 || so_fail(err, SO_NOT_FOUND, "there is no such %s, or what it names is not there",
					      save->shape->noun));
}

/* An id that was not committed is taken back. */
static bool save_it(struct so_store *store, struct save *save, struct so_err *err)
{
	int64_t id = *save->id;

	if (so_store_tx(store, save_tx, save, err))
		return true;
	*save->id = id;
	return false;
}

bool so_store_channel_save(
	struct so_store *store, struct so_scope scope, struct so_store_channel *channel, struct so_err *err)
{
	struct save save = { scope, &channel_shape, SO_STMT_ALERT_CHANNEL_INSERT, SO_STMT_ALERT_CHANNEL_UPDATE, channel,
		&channel->id, channel->name };

	channel->updated_us = so_time_now_us();
	if (!channel->id)
		channel->created_us = channel->updated_us;
	return save_it(store, &save, err);
}

struct so_store_channel *so_store_channel_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_ALERT_CHANNEL_GET, scope, id, &channel_shape, err);
}

struct so_store_channels *so_store_channel_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err)
{
	struct so_params params = params_of(scope, SO_ALERT_CHANNELS_MAX), count = { 0 };

	so_param_int(&count, scope.organisation_id);
	return list_of(ctx, store, SO_STMT_ALERT_CHANNEL_LIST, &params, SO_STMT_ALERT_CHANNEL_COUNT, &count,
		&channel_shape, err);
}

bool so_store_channel_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_params params = params_of(scope, id);

	return so_store_write_one(store, SO_STMT_ALERT_CHANNEL_DELETE, &params, channel_shape.noun, id, err);
}

bool so_store_rule_save(struct so_store *store, struct so_scope scope, struct so_store_rule *rule, struct so_err *err)
{
	struct save save = { scope, &rule_shape, SO_STMT_ALERT_RULE_INSERT, SO_STMT_ALERT_RULE_UPDATE, rule, &rule->id,
		rule->name };

	rule->updated_us = so_time_now_us();
	if (!rule->id)
		rule->created_us = rule->updated_us;
	return save_it(store, &save, err);
}

struct so_store_rule *so_store_rule_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_ALERT_RULE_GET, scope, id, &rule_shape, err);
}

struct so_store_rules *so_store_rule_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err)
{
	struct so_params params = params_of(scope, SO_ALERT_RULES_MAX), count = { 0 };

	so_param_int(&count, scope.organisation_id);
	return list_of(
		ctx, store, SO_STMT_ALERT_RULE_LIST, &params, SO_STMT_ALERT_RULE_COUNT, &count, &rule_shape, err);
}

bool so_store_rule_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_params params = params_of(scope, id);

	return so_store_write_one(store, SO_STMT_ALERT_RULE_DELETE, &params, rule_shape.noun, id, err);
}

/* ---- what the rules look at ---- */

static void read_cursor(const struct so_row *row, void *arg)
{
	int64_t *numbers = arg;

	numbers[0] = row->ops->number(row->raw, 0);
	numbers[1] = row->ops->number(row->raw, 1);
}

bool so_store_alert_cursor(
	struct so_store *store, struct so_scope scope, int64_t *cursor, int64_t *newest, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t numbers[2] = { -1, 0 };

	so_param_int(&params, scope.organisation_id);
	if (!so_store_select(store, SO_STMT_ALERT_CURSOR_GET, &params, read_cursor, numbers, err))
		return false;
	*cursor = numbers[0];
	*newest = numbers[1];
	return true;
}

bool so_store_alert_cursor_put(struct so_store *tx, struct so_scope scope, int64_t cursor, struct so_err *err)
{
	struct so_params params = params_of(scope, cursor);

	return so_session_run(tx, SO_STMT_ALERT_CURSOR_PUT, &params, NULL, err);
}

struct so_store_news_list *so_store_alert_news(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t cursor, int64_t limit, struct so_err *err)
{
	struct so_params params = params_of(scope, cursor);

	so_param_int(&params, limit);
	return list_of(ctx, store, SO_STMT_ALERT_FINDINGS, &params, SO_STMT_MAX, NULL, &news_shape, err);
}

struct so_store_news_list *so_store_alert_returns(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t now_us, int64_t limit, struct so_err *err)
{
	struct so_params params = params_of(scope, now_us);

	so_param_int(&params, limit);
	return list_of(ctx, store, SO_STMT_ALERT_RETURNS, &params, SO_STMT_MAX, NULL, &news_shape, err);
}

bool so_store_alert_return_seen(struct so_store *tx, int64_t finding_id, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, finding_id);
	return so_session_run(tx, SO_STMT_ALERT_RETURN_SEEN, &params, NULL, err);
}

struct so_store_failing_list *so_store_alert_failing(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t failures, struct so_err *err)
{
	struct so_params params = params_of(scope, failures);

	so_param_int(&params, SO_ALERT_FIRING_MAX);
	return list_of(ctx, store, SO_STMT_ALERT_FAILING, &params, SO_STMT_MAX, NULL, &failing_shape, err);
}

struct so_store_firings *so_store_firing_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t now_us, struct so_err *err)
{
	struct so_params params = params_of(scope, SO_ALERT_FIRING_MAX);

	so_param_int(&params, now_us);
	return list_of(ctx, store, SO_STMT_ALERT_FIRING_LIST, &params, SO_STMT_MAX, NULL, &firing_shape, err);
}

bool so_store_firing_put(struct so_store *tx, const struct so_store_firing *firing, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, firing->rule_id);
	so_param_text(&params, firing->matter);
	so_param_int(&params, firing->finding_id);
	so_param_int(&params, firing->connection_id);
	so_param_text(&params, firing->title);
	so_param_int(&params, firing->severity);
	so_param_int(&params, firing->since_us);
	so_param_int(&params, firing->ended_us);
	return so_session_run(tx, SO_STMT_ALERT_FIRING_PUT, &params, NULL, err);
}

bool so_store_firing_drop(struct so_store *tx, const struct so_store_firing *firing, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, firing->rule_id);
	so_param_text(&params, firing->matter);
	return so_session_run(tx, SO_STMT_ALERT_FIRING_DROP, &params, NULL, err);
}

/* ---- deliveries ---- */

bool so_store_delivery_add(
	struct so_store *tx, struct so_scope scope, struct so_store_delivery *delivery, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &delivery_shape, delivery);
	return so_session_insert(tx, SO_STMT_ALERT_DELIVERY_INSERT, &params, &delivery->id, err) &&
	       (delivery->id || so_store_missing(err, channel_shape.noun, delivery->channel_id));
}

struct update {
	struct so_scope scope;
	const struct so_store_delivery *delivery;
};

static bool update_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct update *update = arg;
	struct so_params params = params_of(update->scope, update->delivery->id);

	so_param_text(&params, update->delivery->state);
	so_param_int(&params, update->delivery->attempts);
	so_param_int(&params, update->delivery->next_us);
	so_param_int(&params, update->delivery->done_us);
	so_param_text(&params, update->delivery->error);
	return so_session_run(tx, SO_STMT_ALERT_DELIVERY_UPDATE, &params, NULL, err);
}

bool so_store_delivery_update(
	struct so_store *store, struct so_scope scope, const struct so_store_delivery *delivery, struct so_err *err)
{
	struct update update = { scope, delivery };

	return so_store_tx(store, update_tx, &update, err);
}

struct so_store_deliveries *so_store_delivery_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_delivery_filter *filter, struct so_err *err)
{
	struct so_params params = params_of(scope, filter->channel_id), count;

	so_param_text(&params, filter->state);
	count = params;
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	return list_of(ctx, store, SO_STMT_ALERT_DELIVERY_LIST, &params, SO_STMT_ALERT_DELIVERY_COUNT, &count,
		&delivery_shape, err);
}

struct so_store_deliveries *so_store_delivery_due(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t now_us, struct so_err *err)
{
	struct so_params params = params_of(scope, now_us);

	so_param_int(&params, now_us + (int64_t)2 * 3600 * 1000000);
	return list_of(ctx, store, SO_STMT_ALERT_DELIVERY_DUE, &params, SO_STMT_MAX, NULL, &delivery_shape, err);
}

static void read_number(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

bool so_store_delivery_recent(struct so_store *store, struct so_scope scope, int64_t channel_id, int64_t since_us,
	int64_t *n, struct so_err *err)
{
	struct so_params params = params_of(scope, channel_id);

	so_param_int(&params, since_us);
	*n = 0;
	return so_store_select(store, SO_STMT_ALERT_DELIVERY_RECENT, &params, read_number, n, err);
}

struct so_store_held_list *so_store_held_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	return list_of(ctx, store, SO_STMT_ALERT_DELIVERY_HELD, &params, SO_STMT_MAX, NULL, &held_shape, err);
}

bool so_store_held_sum_up(struct so_store *tx, struct so_scope scope, int64_t channel_id, struct so_err *err)
{
	struct so_params params = params_of(scope, channel_id);

	return so_session_run(tx, SO_STMT_ALERT_DELIVERY_SUM_UP, &params, NULL, err);
}

bool so_store_delivery_trim(struct so_store *tx, struct so_scope scope, struct so_err *err)
{
	struct so_params params = params_of(scope, SO_ALERT_DELIVERIES_MAX);

	return so_session_run(tx, SO_STMT_ALERT_DELIVERY_TRIM, &params, NULL, err);
}
