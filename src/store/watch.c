/* Where the polling of connections stands: servers, baselines, the log of polls, notices. */
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "store/entity.h"
#include "store/history.h"

#define WATCH(member) SO_COLUMN(struct so_store_watch, member)
static const struct so_entity_column watch_columns[] = {
	WATCH(connection_id),
	WATCH(polls),
	WATCH(attempts),
	WATCH(failures),
	WATCH(first_us),
	WATCH(last_us),
	WATCH(reading_us),
	WATCH(server_uid),
	WATCH(epoch_us),
	WATCH(evicted),
	WATCH(complete),
	WATCH(statements),
	WATCH(error_kind),
	WATCH(error),
};
static const struct so_entity_shape watch_shape = SO_SHAPE("watch", struct so_store_watch, watch_columns);

#define POLL(member) SO_COLUMN(struct so_store_poll, member)
static const struct so_entity_column poll_columns[] = {
	POLL(connection_id),
	POLL(started_us),
	POLL(duration_us),
	POLL(wait_us),
	POLL(cpu_us),
	POLL(statements),
	POLL(bytes),
	POLL(moved),
	POLL(stored),
	POLL(texts),
	POLL(restarted),
	POLL(calls),
	POLL(exec_us),
	POLL(error_kind),
	POLL(error),
};
static const struct so_entity_shape poll_shape = SO_SHAPE("poll", struct so_store_poll, poll_columns);

#define NOTICE(member) SO_COLUMN(struct so_store_notice, member)
static const struct so_entity_column notice_columns[] = {
	NOTICE(connection_id),
	NOTICE(kind),
	NOTICE(message),
	NOTICE(seen),
	NOTICE(first_us),
	NOTICE(last_us),
	NOTICE(dismissed_us),
};
static const struct so_entity_shape notice_shape = SO_SHAPE("notice", struct so_store_notice, notice_columns);

static void read_name(const struct so_row *row, void *arg)
{
	struct so_store_conn *found = arg;

	found->name = so_strdup_or_null(found, row->ops->text(row->raw, 0));
}

bool so_store_conn_twin(TALLOC_CTX *ctx, struct so_store *tx, struct so_scope scope, int64_t connection_id, char **name,
	struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_conn *found = so_new(tmp, struct so_store_conn);
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	if (!so_store_select(tx, SO_STMT_CONN_TWIN, &params, read_name, found, err))
		return false;
	*name = so_strdup_or_null(ctx, found->name);
	return true;
}

bool so_store_instance_put(struct so_store *tx, struct so_scope scope, int64_t connection_id,
	struct so_store_instance *instance, struct so_err *err)
{
	struct so_params params = { 0 }, link = { 0 };
	int64_t changed;

	so_param_int(&params, scope.organisation_id);
	so_param_text(&params, instance->engine);
	so_param_text(&params, instance->host);
	so_param_int(&params, instance->port);
	so_param_text(&params, instance->system_id);
	so_param_text(&params, instance->version);
	so_param_int(&params, so_time_now_us());
	if (!so_session_insert(tx, SO_STMT_INSTANCE_PUT, &params, &instance->id, err))
		return false;
	so_param_int(&link, scope.organisation_id);
	so_param_int(&link, connection_id);
	so_param_int(&link, instance->id);
	return so_session_run(tx, SO_STMT_CONN_INSTANCE, &link, &changed, err) &&
	       (changed > 0 || so_store_missing(err, "connection", connection_id));
}

struct so_store_watch *so_store_watch_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_err missing = SO_ERR_INIT;
	struct so_store_watch *watch =
		so_entity_get(ctx, store, SO_STMT_WATCH_GET, scope, connection_id, &watch_shape, &missing);

	if (watch)
		return watch;
	if (missing.kind != SO_NOT_FOUND) {
		*err = missing;
		return NULL;
	}
	watch = so_new(ctx, struct so_store_watch);
	watch->connection_id = connection_id;
	return watch;
}

bool so_store_watch_put(
	struct so_store *tx, struct so_scope scope, const struct so_store_watch *watch, struct so_err *err)
{
	struct so_params params = { 0 }, seen = { 0 };
	int64_t changed;

	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &watch_shape, watch);
	if (!so_session_run(tx, SO_STMT_WATCH_PUT, &params, &changed, err))
		return false;
	if (changed == 0)
		return so_store_overtaken(tx, scope, watch->connection_id, "polled", err);
	so_param_int(&seen, scope.organisation_id);
	so_param_int(&seen, watch->connection_id);
	so_param_int(&seen, watch->last_us);
	return so_session_run(tx, SO_STMT_CONN_MONITORED, &seen, NULL, err);
}

/* ---- baselines ---- */

enum { CHUNKS_MAX = 4096 };

struct chunks {
	TALLOC_CTX *ctx;
	SO_VEC(struct so_store_chunk) found;
};

static void read_chunk(const struct so_row *row, void *arg)
{
	struct chunks *chunks = arg;
	struct so_store_chunk *chunk = so_vec_add(&chunks->found);
	const void *bytes;

	if (!chunk)
		return;
	chunk->number = row->ops->number(row->raw, 0);
	bytes = row->ops->blob(row->raw, 1, &chunk->len);
	chunk->bytes = so_memdup(chunks->ctx, bytes ? bytes : "", chunk->len);
}

struct so_store_chunks *so_store_baseline_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_chunks *list = so_new(ctx, struct so_store_chunks);
	struct chunks chunks = { .ctx = list };
	struct so_params params = { 0 };

	so_vec_init(&chunks.found, list, CHUNKS_MAX);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	if (!so_store_select(store, SO_STMT_BASELINE_LIST, &params, read_chunk, &chunks, err)) {
		talloc_free(list);
		return NULL;
	}
	list->count = chunks.found.count;
	list->items = chunks.found.items;
	return list;
}

bool so_store_baseline_put(
	struct so_store *tx, int64_t connection_id, const struct so_store_chunk *chunk, struct so_err *err)
{
	struct so_params params = { 0 };

	so_assert(chunk->number >= 0 && chunk->number < CHUNKS_MAX);
	so_param_int(&params, connection_id);
	so_param_int(&params, chunk->number);
	so_param_blob(&params, chunk->bytes, chunk->len);
	return so_session_run(tx, SO_STMT_BASELINE_PUT, &params, NULL, err);
}

bool so_store_baseline_cut(struct so_store *tx, int64_t connection_id, int64_t first, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, connection_id);
	so_param_int(&params, first);
	return so_session_run(tx, SO_STMT_BASELINE_CUT, &params, NULL, err);
}

/* ---- polls and notices ---- */

bool so_store_poll_put(struct so_store *tx, struct so_scope scope, const struct so_store_poll *poll, int64_t attempt,
	struct so_err *err)
{
	struct so_params params = { 0 }, sums = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, attempt % SO_POLL_LOG);
	so_param_entity(&params, &poll_shape, poll);
	so_param_int(&sums, scope.organisation_id);
	so_param_int(&sums, poll->connection_id);
	so_param_int(&sums, poll->error_kind != NULL);
	so_param_int(&sums, poll->started_us);
	so_param_int(&sums, poll->duration_us);
	so_param_int(&sums, poll->wait_us);
	so_param_int(&sums, poll->cpu_us);
	so_param_int(&sums, poll->calls);
	so_param_int(&sums, poll->exec_us);
	return so_session_run(tx, SO_STMT_POLL_PUT, &params, NULL, err) &&
	       so_session_run(tx, SO_STMT_POLL_TOTAL_ADD, &sums, NULL, err);
}

struct so_store_polls *so_store_poll_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t limit, struct so_err *err)
{
	struct so_store_polls *list = so_new(ctx, struct so_store_polls);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	so_param_int(&params, so_store_limit(limit));
	if (!so_entity_list(list, store, SO_STMT_POLL_LIST, &params, SO_STMT_MAX, NULL, &poll_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_polls){ rows.count, (struct so_store_poll **)rows.items };
	return list;
}

bool so_store_notice_put(struct so_store *tx, int64_t connection_id, const char *kind, const char *message,
	int64_t at_us, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, connection_id);
	so_param_text(&params, kind);
	so_param_text(&params, message);
	so_param_int(&params, at_us);
	so_param_int(&params, at_us - SO_NOTICE_OVER_US);
	return so_session_run(tx, SO_STMT_NOTICE_PUT, &params, NULL, err);
}

struct dismissal {
	struct so_params params;
	const char *kind;
};

static bool dismiss_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct dismissal *dismissal = arg;
	int64_t changed;

	return so_session_run(tx, SO_STMT_NOTICE_DISMISS, &dismissal->params, &changed, err) &&
	       (changed > 0 || so_fail(err, SO_NOT_FOUND, "there is no notice '%.63s' of it", dismissal->kind));
}

bool so_store_notice_dismiss(struct so_store *store, struct so_scope scope, int64_t connection_id, const char *kind,
	int64_t at_us, struct so_err *err)
{
	struct dismissal dismissal = { .kind = kind };

	so_param_int(&dismissal.params, scope.organisation_id);
	so_param_int(&dismissal.params, connection_id);
	so_param_text(&dismissal.params, kind);
	so_param_int(&dismissal.params, at_us);
	return so_store_tx(store, dismiss_tx, &dismissal, err);
}

struct so_store_notices *so_store_notice_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	bool dismissed, int64_t limit, struct so_err *err)
{
	struct so_store_notices *list = so_new(ctx, struct so_store_notices);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, so_store_limit(limit));
	so_param_int(&params, dismissed);
	if (!so_entity_list(list, store, SO_STMT_NOTICE_LIST, &params, SO_STMT_MAX, NULL, &notice_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_notices){ rows.count, (struct so_store_notice **)rows.items };
	return list;
}
