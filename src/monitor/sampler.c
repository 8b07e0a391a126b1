#include "monitor/sampler.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "monitor/baseline.h"
#include "monitor/harvest.h"
#include "monitor/statement.h"
#include "sql/fingerprint.h"
#include "store/lease.h"

#define LOOK_LIMIT    500 /* sessions of one look */
#define LOOK_MS       2000 /* of connecting and of reading, each */
#define ROWS_MAX      1000 /* different rows of a minute; what is over has no query */
#define BACK_OFF_US   (10 * INT64_C(1000000))
#define BACK_OFF_MOST (600 * INT64_C(1000000))
#define LEASE_US      (90 * INT64_C(1000000))

/* One database that is looked at. A talloc object. */
struct place {
	int64_t connection_id, updated_us;
	struct so_conn *conn; /* or NULL */
	bool silent; /* its engine has no sessions: not asked again before it was edited */
	int64_t again_us, back_off_us; /* after a failure; monotonic */
	int64_t minute; /* that the rows are of */
	size_t n_rows;
	struct so_activity_seen rows[ROWS_MAX + SO_SESSION_STATE_MAX + 1];
	TALLOC_CTX *texts; /* of the rows */
};

struct so_sampler {
	struct so_sampler_options options;
	struct so_cancel *cancel;
	struct so_store_lease lease; /* of the sampler's thread */
	pthread_mutex_t lock; /* of `stop` */
	pthread_cond_t changed;
	pthread_t thread;
	bool has_thread, stop, ended, too_many;
	size_t n_places;
	struct place *places[SO_SAMPLER_TARGETS]; /* of the sampler's thread */
};

static const struct so_log_at log_at = { .module = "activity" };

/* ---- a minute's rows ---- */

static void count(struct place *place, const char *state, const char *wait, const char *fingerprint)
{
	for (;;) {
		for (size_t i = 0; i < place->n_rows; i++) {
			struct so_activity_seen *row = &place->rows[i];

			if (strcmp(row->state, state) == 0 && strcmp(row->wait, wait) == 0 &&
				(fingerprint ? row->fingerprint && strcmp(row->fingerprint, fingerprint) == 0
					     : !row->fingerprint)) {
				row->seen++;
				return;
			}
		}
		if (place->n_rows < ROWS_MAX)
			break;
		if (place->n_rows == sizeof place->rows / sizeof *place->rows)
			return;
		if (!fingerprint && !*wait)
			break;
		fingerprint = NULL;
		wait = "";
	}
	place->rows[place->n_rows++] = (struct so_activity_seen){ .state = so_strdup(place->texts, state),
		.wait = so_strdup(place->texts, wait),
		.fingerprint = so_strdup_or_null(place->texts, fingerprint),
		.fingerprint_version = SO_FINGERPRINT_VERSION,
		.seen = 1 };
}

static void clear(struct place *place)
{
	talloc_free(place->texts);
	place->texts = talloc_new(place);
	place->n_rows = 0;
}

/* Writes what was seen. What the store does not take is lost: it is a sample. */
static void flush(struct so_sampler *sampler, struct place *place)
{
	struct so_err err = SO_ERR_INIT;

	if (place->n_rows > 0 &&
		!so_store_activity_add(sampler->options.store, place->connection_id, place->minute,
			place->minute - sampler->options.keep_minutes, place->rows, place->n_rows, &err) &&
		err.kind != SO_NOT_FOUND)
		so_log(SO_LOG_WARN, &log_at, "activity of connection %lld was not stored: %s",
			(long long)place->connection_id, err.message);
	clear(place);
}

/* ---- looking ---- */

static void fail(struct place *place, const struct so_err *err)
{
	place->silent = err->kind == SO_UNSUPPORTED;
	place->back_off_us = place->back_off_us ? 2 * place->back_off_us : BACK_OFF_US;
	if (place->back_off_us > BACK_OFF_MOST)
		place->back_off_us = BACK_OFF_MOST;
	place->again_us = so_time_monotonic_us() + place->back_off_us;
	talloc_free(place->conn);
	place->conn = NULL;
	if (!place->silent && place->back_off_us == BACK_OFF_US)
		so_log(SO_LOG_INFO, &log_at, "sessions of connection %lld cannot be read: %s",
			(long long)place->connection_id, err->message);
}

static bool connect_to(struct so_sampler *sampler, struct place *place, const struct so_store_conn *target,
	const struct so_engine *engine, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_conn_params params = { 0 };

	if (!sampler->options.params(sampler->options.arg, tmp, target, &params, err))
		return false;
	params.connect_timeout_ms = params.statement_timeout_ms = LOOK_MS;
	place->conn = engine->open(place, &params, sampler->cancel, err);
	if (!place->conn)
		return false;
	so_conn_set_cancel(place->conn, sampler->cancel);
	return true;
}

static void note_session(
	struct so_sampler *sampler, struct place *place, const struct so_session *session, const char *dialect)
{
	SO_TMP(tmp, NULL);
	struct so_store_query row;
	const char *fingerprint = NULL;

	if (session->text && !session->truncated &&
		so_statement_row(tmp, dialect, session->text, &row) == SO_QUERY_APPLICATION)
		fingerprint = row.fingerprint;
	if (fingerprint)
		so_harvest_text(
			sampler->options.harvest, place->connection_id, dialect, session->text, SO_HARVEST_SESSION);
	count(place, so_session_states[session->state], session->wait ? session->wait : "", fingerprint);
}

static bool read_sessions(struct so_sampler *sampler, struct place *place, const struct so_store_conn *target,
	const struct so_engine *engine, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *databases[] = { target->database };
	struct so_activity *activity;

	if (!place->conn && !connect_to(sampler, place, target, engine, err))
		return false;
	activity = engine->activity(
		tmp, place->conn, databases, target->database && *target->database ? 1 : 0, LOOK_LIMIT, err);
	if (!activity)
		return false;
	count(place, SO_ACTIVITY_LOOK, "", NULL);
	for (size_t i = 0; i < activity->count; i++)
		note_session(sampler, place, &activity->items[i], so_conn_dialect(place->conn));
	return true;
}

static void look_at(struct so_sampler *sampler, struct place *place, const struct so_store_conn *target, int64_t now_us)
{
	const struct so_engine *engine = sampler->options.engine(target->engine);
	struct so_err err = SO_ERR_INIT;

	if (place->minute != now_us / SO_MINUTE_US) {
		flush(sampler, place);
		place->minute = now_us / SO_MINUTE_US;
	}
	if (place->updated_us != target->updated_us) {
		talloc_free(place->conn);
		place->conn = NULL;
		place->silent = false;
		place->again_us = place->back_off_us = 0;
		place->updated_us = target->updated_us;
	}
	if (!engine || place->silent || so_time_monotonic_us() < place->again_us)
		return;
	if (read_sessions(sampler, place, target, engine, &err))
		place->back_off_us = 0;
	else if (!so_cancel_requested(sampler->cancel))
		fail(place, &err);
}

static struct place *place_of(struct so_sampler *sampler, int64_t connection_id)
{
	struct place *place;

	for (size_t i = 0; i < sampler->n_places; i++)
		if (sampler->places[i]->connection_id == connection_id)
			return sampler->places[i];
	if (sampler->n_places == SO_SAMPLER_TARGETS) {
		if (!sampler->too_many)
			so_log(SO_LOG_WARN, &log_at, "sessions are looked at for the first %d databases only",
				SO_SAMPLER_TARGETS);
		sampler->too_many = true;
		return NULL;
	}
	place = so_new(NULL, struct place);
	place->connection_id = connection_id;
	clear(place);
	return sampler->places[sampler->n_places++] = place;
}

static bool is_watched(const struct so_store_conns *conns, int64_t connection_id)
{
	for (size_t i = 0; i < conns->count; i++)
		if (conns->items[i]->id == connection_id)
			return conns->items[i]->monitoring_enabled;
	return false;
}

static void drop_unwatched(struct so_sampler *sampler, const struct so_store_conns *conns)
{
	size_t kept = 0;

	for (size_t i = 0; i < sampler->n_places; i++) {
		struct place *place = sampler->places[i];

		if (conns && is_watched(conns, place->connection_id)) {
			sampler->places[kept++] = place;
			continue;
		}
		flush(sampler, place);
		talloc_free(place);
	}
	sampler->n_places = kept;
}

/* Of several nodes one looks: what two had seen would be added up. */
static bool is_ours(struct so_sampler *sampler)
{
	struct so_err err = SO_ERR_INIT;

	if (!sampler->options.node)
		return true;
	if (!so_store_lease_keep(sampler->options.store, &sampler->lease, LEASE_US, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "sessions are not looked at");
	return sampler->lease.fence != 0;
}

void so_sampler_look(struct so_sampler *sampler, int64_t now_us)
{
	SO_TMP(tmp, NULL);
	const struct so_sampler_options *o = &sampler->options;
	struct so_err err = SO_ERR_INIT;
	struct so_store_conns *conns = NULL;

	if ((!o->enabled || o->enabled(o->arg)) && is_ours(sampler)) {
		conns = so_store_conn_list(tmp, o->store, o->scope, 1000, 0, &err);
		if (!conns)
			return; /* the store says so itself */
	}
	drop_unwatched(sampler, conns);
	for (size_t i = 0;
		conns && i < conns->count && !so_cancel_requested(sampler->cancel) && (i == 0 || is_ours(sampler));
		i++) {
		struct place *place =
			conns->items[i]->monitoring_enabled ? place_of(sampler, conns->items[i]->id) : NULL;

		if (place)
			look_at(sampler, place, conns->items[i], now_us);
	}
}

/* ---- the thread ---- */

/* False when it is time to end. */
static bool wait_until(struct so_sampler *sampler, int64_t due_us)
{
	struct timespec at = { .tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000 };
	bool stop;

	pthread_mutex_lock(&sampler->lock);
	while (!sampler->stop && pthread_cond_timedwait(&sampler->changed, &sampler->lock, &at) == 0)
		;
	stop = sampler->stop;
	pthread_mutex_unlock(&sampler->lock);
	return !stop;
}

static void *sample_thread(void *arg)
{
	struct so_sampler *sampler = arg;
	int64_t due_us = so_time_monotonic_us();

	while (wait_until(sampler, due_us)) {
		so_sampler_look(sampler, so_time_now_us());
		due_us += sampler->options.interval_us;
		/* looks that slow targets held up are left out */
		if (due_us < so_time_monotonic_us())
			due_us = so_time_monotonic_us() + sampler->options.interval_us;
	}
	drop_unwatched(sampler, NULL);
	pthread_mutex_lock(&sampler->lock);
	sampler->ended = true;
	pthread_cond_broadcast(&sampler->changed);
	pthread_mutex_unlock(&sampler->lock);
	return NULL;
}

static int sampler_dtor(struct so_sampler *sampler)
{
	struct so_err err = SO_ERR_INIT;

	so_assert(so_sampler_stop(sampler, so_time_monotonic_us() + 30 * INT64_C(1000000)));
	drop_unwatched(sampler, NULL);
	if (!so_store_leases_release(sampler->options.store, &sampler->lease, 1, &err))
		so_log_err(SO_LOG_WARN, &log_at, &err, "the lease runs out instead of being given back");
	pthread_cond_destroy(&sampler->changed);
	pthread_mutex_destroy(&sampler->lock);
	return 0;
}

static bool start(struct so_sampler *sampler, struct so_err *err)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&sampler->thread, NULL, sample_thread, sampler);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return so_fail(
			err, SO_LIMIT, "cannot start the thread that looks at sessions: %s", strerrordesc_np(rc));
	pthread_setname_np(sampler->thread, "activity");
	return sampler->has_thread = true;
}

struct so_sampler *so_sampler_new(TALLOC_CTX *ctx, const struct so_sampler_options *options, struct so_err *err)
{
	struct so_sampler *sampler = so_new(ctx, struct so_sampler);
	pthread_condattr_t attr;

	sampler->options = *options;
	sampler->lease = (struct so_store_lease){
		.work = "activity", .subject = options->scope.organisation_id, .node = options->node
	};
	if (!sampler->options.engine)
		sampler->options.engine = so_engine_find;
	sampler->cancel = so_cancel_new(sampler, 0);
	so_assert(pthread_mutex_init(&sampler->lock, NULL) == 0);
	so_assert(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	so_assert(pthread_cond_init(&sampler->changed, &attr) == 0);
	pthread_condattr_destroy(&attr);
	talloc_set_destructor(sampler, sampler_dtor);
	if (options->manual || options->interval_us == 0 || start(sampler, err))
		return sampler;
	talloc_free(sampler);
	return NULL;
}

bool so_sampler_stop(struct so_sampler *sampler, int64_t deadline_us)
{
	struct timespec at = { .tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000 };
	bool ended;

	if (!sampler->has_thread)
		return true;
	so_cancel_request(sampler->cancel);
	pthread_mutex_lock(&sampler->lock);
	sampler->stop = true;
	pthread_cond_broadcast(&sampler->changed);
	while (!sampler->ended && pthread_cond_timedwait(&sampler->changed, &sampler->lock, &at) == 0)
		;
	ended = sampler->ended;
	pthread_mutex_unlock(&sampler->lock);
	if (!ended)
		return false;
	pthread_join(sampler->thread, NULL);
	sampler->has_thread = false;
	return true;
}
