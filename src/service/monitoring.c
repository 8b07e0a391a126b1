#include "service/monitoring.h"

#include "base/config.h"
#include "base/log.h"
#include "job/job.h"
#include "monitor/sampler.h"
#include "service/harvest.h"
#include "service/query_list.h"
#include "service/targets.h"

static const struct so_log_at log_at = { .module = "monitor" };

static bool target_params(
	void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out, struct so_err *err)
{
	return so_target_params(ctx, arg, conn, out, err);
}

/* What is not followed is summed up when somebody asks. */
static void follow(void *arg, struct so_scope scope)
{
	struct so_err err = SO_ERR_INIT;

	if (!so_service_follow_loads(arg, scope, &err))
		so_log(SO_LOG_INFO, &log_at, "sums of statements: %s", err.message);
}

static bool runs(void *arg)
{
	return so_service_monitoring_runs(arg);
}

static bool begin_sampler(struct so_service *service, struct so_scope scope, struct so_err *err)
{
	const struct so_config *config = service->config;
	const struct so_sampler_options options = {
		.store = service->store,
		.scope = scope,
		.interval_us = config->monitoring_activity_s * 1000000,
		.keep_minutes = config->history_sample_days * 24 * 60,
		.node = service->node,
		.params = target_params,
		.enabled = runs,
		.arg = service,
		.harvest = service->harvest,
	};

	service->sampler = so_sampler_new(service, &options, err);
	return service->sampler != NULL;
}

bool so_service_monitoring_begin(struct so_service *service, struct so_scope scope, struct so_err *err)
{
	const struct so_config *config = service->config;
	struct so_monitor_options options = {
		.store = service->store,
		.scope = scope,
		.node = service->node,
		.events = so_jobs_events(service->jobs),
		.interval_us = config->monitoring_interval_min * 60 * 1000000,
		.threads = (size_t)config->monitoring_threads,
		.top = (size_t)config->max_queries_per_poll,
		.limit = config->monitoring_max_statements,
		.sample_hours = config->history_sample_days * 24,
		.rollup_hours = config->history_hourly_days * 24,
		.rollup_days = config->history_daily_days,
		.max_bytes = config->history_max_mb * 1024 * 1024,
		.paused = !config->monitoring_enabled,
		.params = target_params,
		.folded = follow,
		.arg = service,
	};

	if (!so_service_harvest_begin(service, scope, err))
		return false;
	options.harvest = service->harvest;
	service->monitor = so_monitor_new(service, &options, err);
	return service->monitor && begin_sampler(service, scope, err);
}

bool so_service_monitoring_end(struct so_service *service, int64_t deadline_us)
{
	bool ended = !service->sampler || so_sampler_stop(service->sampler, deadline_us);

	return so_monitor_stop(service->monitor, deadline_us) && ended;
}

bool so_service_monitoring_runs(struct so_service *service)
{
	struct so_monitor_status status = { .paused = true };

	if (service->monitor)
		so_monitor_status(service->monitor, &status);
	return !status.paused;
}

static bool need_monitor(struct so_service *service, struct so_err *err)
{
	return service->monitor || so_fail(err, SO_UNSUPPORTED, "monitoring is part of the server: run sqlopt serve");
}

bool so_service_monitoring_set(struct so_service *service, bool run, struct so_err *err)
{
	if (!need_monitor(service, err))
		return false;
	so_monitor_pause(service->monitor, !run);
	return true;
}

bool so_service_monitoring_trigger(struct so_service *service, struct so_err *err)
{
	if (!need_monitor(service, err))
		return false;
	return so_monitor_trigger(service->monitor) ||
	       so_fail(err, SO_CONFLICT, "monitoring is stopped; start it first");
}

bool so_service_monitoring_status(
	struct so_service *service, struct so_scope scope, struct so_monitoring_status *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_store_query_filter none = { .optimized = -1, .limit = 1 };
	struct so_store_queries *queries = so_store_query_list(tmp, service->store, scope, &none, err);
	struct so_store_conns *conns =
		queries ? so_store_conn_list(tmp, service->store, scope, SO_MAX_CONNECTIONS, 0, err) : NULL;
	struct so_monitor_status status;

	if (!conns || !need_monitor(service, err))
		return false;
	so_monitor_status(service->monitor, &status);
	*out = (struct so_monitoring_status){ .is_running = !status.paused,
		.last_us = status.last_us,
		.next_us = status.next_us,
		.interval_minutes = service->config->monitoring_interval_min,
		.queries_discovered = queries->total };
	for (size_t i = 0; i < conns->count; i++) {
		out->active_connections += conns->items[i]->monitoring_enabled;
		/* of before our start, too */
		if (conns->items[i]->last_monitored_us > out->last_us)
			out->last_us = conns->items[i]->last_monitored_us;
	}
	return true;
}

static const char *const states[] = { [SO_MONITOR_UNWATCHED] = "unwatched",
	[SO_MONITOR_PAUSED] = "paused",
	[SO_MONITOR_WAITING] = "waiting",
	[SO_MONITOR_RUNNING] = "running" };

/* What the store could not be told is in the monitor's memory. */
static void add_unwritten(struct so_service *service, struct so_store_watch *watch)
{
	struct so_err why = SO_ERR_INIT;
	int64_t failures;

	if (!so_monitor_unwritten(service->monitor, watch->connection_id, &failures, &why))
		return;
	watch->attempts += failures;
	watch->failures += failures;
	watch->error_kind = so_strdup(watch, so_kind_name(why.kind));
	watch->error = so_strdup(watch, why.message);
}

static bool fill_target(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_conn *conn, struct so_monitoring_target *out, struct so_err *err)
{
	struct so_store_watch *watch = so_store_watch_get(ctx, service->store, scope, conn->id, err);
	struct so_store_polls *polls = watch ? so_store_poll_list(ctx, service->store, scope, conn->id, 1, err) : NULL;

	if (!polls)
		return false;
	add_unwritten(service, watch);
	*out = (struct so_monitoring_target){ .conn = conn, .watch = watch };
	out->state = states[so_monitor_state(service->monitor, conn->id, &out->next_us)];
	out->last = polls->count ? polls->items[0] : NULL;
	out->interval_s = conn->interval_s ? conn->interval_s : service->config->monitoring_interval_min * 60;
	return true;
}

bool so_service_monitoring_targets(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t limit,
	int64_t offset, struct so_monitoring_target **out, size_t *n, int64_t *total, struct so_err *err)
{
	struct so_store_conns *conns = so_store_conn_list(ctx, service->store, scope, limit, offset, err);

	if (!conns || !need_monitor(service, err))
		return false;
	*out = so_new_array(ctx, struct so_monitoring_target, conns->count + 1);
	*n = conns->count;
	*total = conns->total;
	for (size_t i = 0; i < conns->count; i++)
		if (!fill_target(ctx, service, scope, conns->items[i], &(*out)[i], err))
			return false;
	return true;
}
