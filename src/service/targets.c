#include "service/targets.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fernet.h"
#include "base/secret.h"

#define MAX_TARGETS_OPEN 256
#define MAX_IDLE_US      (60 * 1000000LL)
#define WAIT_MS          10000

struct slot {
	struct so_conn *conn; /* its own talloc root; NULL while it is being opened */
	int64_t connection_id, updated_us, used_us;
	bool busy;
};

struct so_targets {
	pthread_mutex_t lock; /* guards slots */
	pthread_cond_t freed;
	size_t count;
	struct slot slots[MAX_TARGETS_OPEN];
};

static int targets_dtor(struct so_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		talloc_free(targets->slots[i].conn);
	pthread_cond_destroy(&targets->freed);
	pthread_mutex_destroy(&targets->lock);
	return 0;
}

struct so_targets *so_targets_new(TALLOC_CTX *ctx)
{
	struct so_targets *targets = so_new(ctx, struct so_targets);
	pthread_condattr_t attr;

	pthread_mutex_init(&targets->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&targets->freed, &attr);
	pthread_condattr_destroy(&attr);
	talloc_set_destructor(targets, targets_dtor);
	return targets;
}

static void drop_slot(struct so_targets *targets, size_t i)
{
	targets->slots[i] = targets->slots[--targets->count];
}

/* Takes idle connections out of the table, for closing outside the lock: those of one target, or the long unused. */
static size_t take_stale(struct so_targets *targets, int64_t connection_id, struct so_conn **stale)
{
	int64_t oldest = so_time_monotonic_us() - MAX_IDLE_US;
	size_t n = 0;

	for (size_t i = targets->count; i-- > 0;) {
		struct slot *slot = &targets->slots[i];

		if (slot->busy || (connection_id ? slot->connection_id != connection_id : slot->used_us > oldest))
			continue;
		stale[n++] = slot->conn;
		drop_slot(targets, i);
	}
	return n;
}

void so_targets_forget(struct so_service *service, int64_t connection_id)
{
	struct so_targets *targets = service->targets;
	struct so_conn *stale[MAX_TARGETS_OPEN];
	size_t n;

	pthread_mutex_lock(&targets->lock);
	n = take_stale(targets, connection_id, stale);
	pthread_mutex_unlock(&targets->lock);
	for (size_t i = 0; i < n; i++)
		talloc_free(stale[i]);
}

bool so_target_params(TALLOC_CTX *ctx, struct so_service *service, const struct so_store_conn *target,
	struct so_conn_params *out, struct so_err *err)
{
	struct so_fernet_plain plain;

	*out = (struct so_conn_params){
		.engine = target->engine,
		.host = target->host,
		.port = target->port,
		.database = target->database,
		.username = target->username,
		.search_path = target->search_path,
		.tls_ca = target->tls_ca,
	};
	/* false asks for no TLS, but takes it where the server offers it, as every libpq client does */
	out->tls = !target->ssl_enabled ? SO_TLS_PREFER : target->tls_ca ? SO_TLS_VERIFY_FULL : SO_TLS_REQUIRE;
	if (target->password_token) {
		if (!so_fernet_decrypt(ctx, service->fernet, target->password_token, 0, 0, &plain, err))
			return so_fail_in(err, "password of connection '%s'", target->name);
		out->password = plain.text;
	}
	if (target->dsn_token) {
		if (!so_fernet_decrypt(ctx, service->fernet, target->dsn_token, 0, 0, &plain, err))
			return so_fail_in(err, "DSN of connection '%s'", target->name);
		out->dsn = plain.text;
	}
	return true;
}

struct so_conn *so_target_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	const struct so_engine *engine = so_engine_find(params->engine);

	if (!engine) {
		so_fail(err, SO_UNSUPPORTED, "engine '%s' has no driver in this build", params->engine);
		return NULL;
	}
	return engine->open(ctx, params, cancel, err);
}

/* An idle connection with the target's current settings, else the right to open one more; -1 when all are busy. */
static int claim(struct so_targets *targets, const struct so_store_conn *target)
{
	size_t open = 0;

	for (size_t i = 0; i < targets->count; i++) {
		struct slot *slot = &targets->slots[i];

		if (slot->connection_id != target->id)
			continue;
		open++;
		if (!slot->busy && slot->updated_us == target->updated_us) {
			slot->busy = true;
			return (int)i;
		}
	}
	if (open >= SO_TARGET_MAX_OPEN || targets->count == MAX_TARGETS_OPEN)
		return -1;
	targets->slots[targets->count] =
		(struct slot){ .connection_id = target->id, .updated_us = target->updated_us, .busy = true };
	return (int)targets->count++;
}

/* Slots move when others are dropped, so a place that is being opened is found again by its own mark. */
static struct slot *find_slot(struct so_targets *targets, const struct so_conn *conn, int64_t connection_id)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->slots[i].conn == conn && (conn || targets->slots[i].connection_id == connection_id))
			return &targets->slots[i];
	return NULL;
}

static bool wait_for_place(struct so_targets *targets, const struct so_store_conn *target, int *place)
{
	int64_t until = so_time_monotonic_us() + WAIT_MS * 1000LL;
	struct timespec ts = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };

	while ((*place = claim(targets, target)) < 0)
		if (pthread_cond_timedwait(&targets->freed, &targets->lock, &ts) != 0)
			return (*place = claim(targets, target)) >= 0;
	return true;
}

static struct so_conn *open_place(
	struct so_service *service, const struct so_store_conn *target, struct so_cancel *cancel, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_targets *targets = service->targets;
	struct so_conn_params params;
	struct so_conn *conn = NULL;
	struct slot *slot;

	if (so_target_params(tmp, service, target, &params, err))
		conn = so_target_open(NULL, &params, cancel, err);
	pthread_mutex_lock(&targets->lock);
	slot = find_slot(targets, NULL, target->id);
	if (conn)
		slot->conn = conn;
	else
		drop_slot(targets, (size_t)(slot - targets->slots));
	pthread_cond_broadcast(&targets->freed);
	pthread_mutex_unlock(&targets->lock);
	return conn;
}

struct so_conn *so_targets_take(
	struct so_service *service, const struct so_store_conn *target, struct so_cancel *cancel, struct so_err *err)
{
	struct so_targets *targets = service->targets;
	struct so_conn *conn;
	int64_t latency_us;
	int place;
	bool found;

	so_targets_forget(service, 0);
	pthread_mutex_lock(&targets->lock);
	found = wait_for_place(targets, target, &place);
	conn = found ? targets->slots[place].conn : NULL;
	pthread_mutex_unlock(&targets->lock);
	if (!found) {
		so_fail(err, SO_BUSY, "all %d connections to '%s' are in use; try again", SO_TARGET_MAX_OPEN,
			target->name);
		return NULL;
	}
	if (conn && !so_conn_engine(conn)->ping(conn, &latency_us, err)) {
		/* it died while it was idle: open another one in its place */
		if (so_conn_usable(conn)) {
			so_targets_give(service, conn);
			return NULL;
		}
		*err = (struct so_err)SO_ERR_INIT;
		so_targets_give(service, conn);
		return so_targets_take(service, target, cancel, err);
	}
	if (!conn)
		conn = open_place(service, target, cancel, err);
	if (conn)
		so_conn_set_cancel(conn, cancel);
	return conn;
}

void so_targets_give(struct so_service *service, struct so_conn *conn)
{
	struct so_targets *targets = service->targets;
	bool usable = so_conn_usable(conn);
	struct slot *slot;

	so_conn_set_cancel(conn, NULL);
	pthread_mutex_lock(&targets->lock);
	slot = find_slot(targets, conn, 0);
	so_assert(slot && slot->busy);
	slot->busy = false;
	slot->used_us = so_time_monotonic_us();
	if (!usable)
		drop_slot(targets, (size_t)(slot - targets->slots));
	pthread_cond_broadcast(&targets->freed);
	pthread_mutex_unlock(&targets->lock);
	if (!usable)
		talloc_free(conn);
}
