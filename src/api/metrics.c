/* /metrics: figures of the server and of what it watches, for Prometheus and whatever reads its formats. */
#include "service/metrics.h"

#include <inttypes.h>

#include "api/exposition.h"
#include "api/tables.h"
#include "core/finding.h"

#define TEXT_MAX (32 * 1024 * 1024)

/* Text first: that is what one gets who asks for nothing. */
static const char *const media[] = { "text/plain; version=0.0.4; charset=utf-8",
	"application/openmetrics-text; version=1.0.0; charset=utf-8", NULL };

enum unit { NUMBER, SECONDS };

/* One family of a sample each. */
static void single(struct so_exposition *out, const char *name, enum so_metric_type type, enum unit unit, int64_t value,
	const char *help)
{
	so_exposition_family(out, name, type, help);
	if (unit == SECONDS)
		so_exposition_seconds(out, NULL, value);
	else
		so_exposition_number(out, NULL, value);
}

static void add_process(struct so_exposition *out, const struct so_metrics *m)
{
	so_exposition_family(out, "sqlopt_build", SO_METRIC_INFO, "The version that runs.");
	so_exposition_number(out, "version=\"" SO_VERSION "\"", 1);
	single(out, "process_cpu_seconds", SO_METRIC_COUNTER, SECONDS, m->cpu_us, "Processor time of the server.");
	single(out, "process_resident_memory_bytes", SO_METRIC_GAUGE, NUMBER, m->resident_bytes,
		"Memory of the server.");
	single(out, "process_start_time_seconds", SO_METRIC_GAUGE, SECONDS, m->start_us, "When the server started.");
	single(out, "process_open_fds", SO_METRIC_GAUGE, NUMBER, m->open_files, "Open file descriptors.");
	if (m->max_files)
		single(out, "process_max_fds", SO_METRIC_GAUGE, NUMBER, m->max_files, "Most file descriptors allowed.");
	single(out, "process_threads", SO_METRIC_GAUGE, NUMBER, m->threads, "Threads of the server.");
}

static void add_edge(struct so_exposition *out, const struct so_request *req)
{
	struct so_edge_figures edge;

	if (!req->edge)
		return;
	req->edge(req->edge_arg, &edge);
	single(out, "sqlopt_http_requests", SO_METRIC_COUNTER, NUMBER, edge.requests, "HTTP requests so far.");
	single(out, "sqlopt_http_reaped", SO_METRIC_COUNTER, NUMBER, edge.reaped,
		"Connections closed because they were too slow.");
	single(out, "sqlopt_http_connections", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.connections,
		"Open HTTP connections.");
	single(out, "sqlopt_http_in_flight", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.in_flight,
		"HTTP requests that are not answered yet.");
	single(out, "sqlopt_http_waiting", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.waiting,
		"HTTP requests that wait for a thread or a job.");
	single(out, "sqlopt_http_streams", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.streams, "Streams of events.");
	single(out, "sqlopt_request_threads", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.pool.threads,
		"Threads that answer requests.");
	single(out, "sqlopt_request_threads_busy", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.pool.busy,
		"Those of them that are at work.");
	single(out, "sqlopt_request_queue_length", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.pool.queued,
		"Requests that wait for one of them.");
	single(out, "sqlopt_request_queue_limit", SO_METRIC_GAUGE, NUMBER, (int64_t)edge.pool.queue_max,
		"Most requests that may wait; more are answered 503.");
	single(out, "sqlopt_requests_refused", SO_METRIC_COUNTER, NUMBER, edge.pool.refused,
		"Requests refused because the queue was full.");
}

static void add_store(struct so_exposition *out, const struct so_metrics *m)
{
	const struct so_store_stats *store = &m->store;

	so_exposition_family(out, "sqlopt_jobs", SO_METRIC_GAUGE, "Jobs that wait or run.");
	so_exposition_number(out, "state=\"queued\"", (int64_t)m->jobs.queued);
	so_exposition_number(out, "state=\"running\"", (int64_t)m->jobs.running);
	single(out, "sqlopt_jobs_submitted", SO_METRIC_COUNTER, NUMBER, m->jobs.submitted, "Jobs accepted so far.");
	single(out, "sqlopt_jobs_refused", SO_METRIC_COUNTER, NUMBER, m->jobs.refused,
		"Jobs refused because the queue was full.");
	single(out, "sqlopt_store_size_bytes", SO_METRIC_GAUGE, NUMBER, store->size_bytes, "Size of the store's file.");
	single(out, "sqlopt_store_used_bytes", SO_METRIC_GAUGE, NUMBER, m->store_used_bytes,
		"What of it is in use; HISTORY_MAX_MB limits this.");
	single(out, "sqlopt_store_transactions", SO_METRIC_COUNTER, NUMBER, store->transactions,
		"Transactions written.");
	single(out, "sqlopt_store_commits", SO_METRIC_COUNTER, NUMBER, store->commits,
		"Commits; transactions that come together share one.");
	single(out, "sqlopt_store_schema_version", SO_METRIC_GAUGE, NUMBER, store->schema_version,
		"Version of the store's schema.");
}

static void add_monitor(struct so_exposition *out, const struct so_metrics *m)
{
	single(out, "sqlopt_monitoring_running", SO_METRIC_GAUGE, NUMBER, !m->monitor.paused,
		"1 while servers are polled, 0 while monitoring is stopped.");
	single(out, "sqlopt_monitoring_instances", SO_METRIC_GAUGE, NUMBER, (int64_t)m->monitor.servers,
		"Servers that are watched.");
	single(out, "sqlopt_monitoring_polls_running", SO_METRIC_GAUGE, NUMBER, (int64_t)m->monitor.running,
		"Polls that run now.");
	so_exposition_family(out, "sqlopt_alert_attempts", SO_METRIC_COUNTER, "Attempts to deliver an alert.");
	so_exposition_number(out, "result=\"sent\"", m->alerts.sent);
	so_exposition_number(out, "result=\"failed\"", m->alerts.failed);
	so_exposition_number(out, "result=\"retried\"", m->alerts.retried);
	so_exposition_family(out, "sqlopt_findings_open", SO_METRIC_GAUGE, "Open findings.");
	for (int i = 0; i < SO_METRICS_SEVERITIES; i++) {
		SO_TMP(tmp, NULL);
		const char *pairs[] = { "severity", so_severity_name((enum so_severity)i), NULL };

		so_exposition_number(out, so_exposition_labels(tmp, pairs), m->findings[i]);
	}
	single(out, "sqlopt_connections", SO_METRIC_GAUGE, NUMBER, m->targets->total, "Registered connections.");
	single(out, "sqlopt_connections_left_out", SO_METRIC_GAUGE, NUMBER,
		m->targets->total - (int64_t)m->targets->count,
		"Connections that have no figures below, since METRICS_MAX_CONNECTIONS is reached.");
}

/* ---- families with a sample for each connection ---- */

static int64_t up(const struct so_store_figure *f)
{
	return f->failures == 0;
}

#define FIGURE(member) offsetof(struct so_store_figure, member)
static const struct family {
	const char *name;
	enum so_metric_type type;
	enum unit unit;
	size_t offset; /* of an int64_t member */
	int64_t (*of)(const struct so_store_figure *figure); /* instead of the member */
	enum { ALWAYS, ONCE_POLLED, ONCE_GOOD } from;
	const char *help;
} families[] = {
	{ "sqlopt_poll_up", SO_METRIC_GAUGE, NUMBER, 0, up, ONCE_POLLED, "1 when the last poll was good." },
	{ "sqlopt_poll_consecutive_failures", SO_METRIC_GAUGE, NUMBER, FIGURE(failures), NULL, ONCE_POLLED,
		"Polls that failed since the last good one." },
	{ "sqlopt_poll_last_success_timestamp_seconds", SO_METRIC_GAUGE, SECONDS, FIGURE(success_us), NULL, ONCE_GOOD,
		"When the last good poll was." },
	{ "sqlopt_poll_last_duration_seconds", SO_METRIC_GAUGE, SECONDS, FIGURE(last_duration_us), NULL, ONCE_POLLED,
		"How long the last poll took, good or not." },
	{ "sqlopt_polls", SO_METRIC_COUNTER, NUMBER, FIGURE(polls), NULL, ALWAYS, "Polls, good or not." },
	{ "sqlopt_poll_failures", SO_METRIC_COUNTER, NUMBER, FIGURE(failed), NULL, ALWAYS, "Polls that failed." },
	{ "sqlopt_poll_duration_seconds", SO_METRIC_COUNTER, SECONDS, FIGURE(duration_us), NULL, ALWAYS,
		"Time that polls took." },
	{ "sqlopt_poll_server_seconds", SO_METRIC_COUNTER, SECONDS, FIGURE(wait_us), NULL, ALWAYS,
		"What polls cost the watched server; told once for the databases of an instance." },
	{ "sqlopt_poll_cpu_seconds", SO_METRIC_COUNTER, SECONDS, FIGURE(cpu_us), NULL, ALWAYS,
		"What polls cost this server; told once for the databases of an instance." },
	{ "sqlopt_connection_statements", SO_METRIC_GAUGE, NUMBER, FIGURE(statements), NULL, ONCE_GOOD,
		"Statements that the last good poll saw." },
	{ "sqlopt_connection_calls", SO_METRIC_COUNTER, NUMBER, FIGURE(calls), NULL, ALWAYS,
		"Calls of all statements between polls." },
	{ "sqlopt_connection_exec_seconds", SO_METRIC_COUNTER, SECONDS, FIGURE(exec_us), NULL, ALWAYS,
		"Time of all statements between polls: its rate is the mean number of active sessions." },
};

static bool has(const struct family *family, const struct so_store_figure *figure)
{
	switch (family->from) {
	case ALWAYS:
		return true;
	case ONCE_POLLED:
		return figure->last_us > 0;
	case ONCE_GOOD:
		return figure->success_us > 0;
	}
	return false;
}

static void add_family(struct so_exposition *out, const struct family *family, const struct so_store_figures *targets,
	char *const *labels)
{
	so_exposition_family(out, family->name, family->type, family->help);
	for (size_t i = 0; i < targets->count; i++) {
		const struct so_store_figure *figure = targets->items[i];
		int64_t value;

		if (!has(family, figure))
			continue;
		value = family->of ? family->of(figure) : *(const int64_t *)((const char *)figure + family->offset);
		if (family->unit == SECONDS)
			so_exposition_seconds(out, labels[i], value);
		else
			so_exposition_number(out, labels[i], value);
	}
}

static void add_targets(struct so_exposition *out, const struct so_store_figures *targets)
{
	SO_TMP(tmp, NULL);
	char **labels = so_new_array(tmp, char *, targets->count + 1);

	so_exposition_family(out, "sqlopt_connection", SO_METRIC_INFO, "Facts of a connection, to join with.");
	for (size_t i = 0; i < targets->count; i++) {
		const struct so_store_figure *t = targets->items[i];
		const char *id = so_printf(tmp, "%" PRId64, t->connection_id);
		const char *pairs[] = { "connection_id", id, "connection", t->name, "engine", t->engine, NULL };
		const char *facts[] = { "instance_id", so_printf(tmp, "%" PRId64, t->instance_id), "environment",
			t->environment, "monitored", t->monitoring_enabled ? "true" : "false", NULL };

		labels[i] = so_exposition_labels(tmp, pairs);
		so_exposition_number(out, so_printf(tmp, "%s,%s", labels[i], so_exposition_labels(tmp, facts)), 1);
	}
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		add_family(out, &families[i], targets, labels);
}

static bool metrics(struct so_request *req, struct so_response *res, struct so_err *err)
{
	struct so_exposition out;
	struct so_metrics m;

	if (!so_service_metrics(req, req->api->service, *req->api->scope, &m, err))
		return false;
	so_exposition_init(&out, req, req->media == 1, TEXT_MAX);
	add_process(&out, &m);
	add_edge(&out, req);
	add_store(&out, &m);
	add_monitor(&out, &m);
	add_targets(&out, m.targets);
	res->text = so_exposition_end(&out);
	return res->text ||
	       so_fail(err, SO_LIMIT, "the figures are over %d bytes; lower METRICS_MAX_CONNECTIONS", TEXT_MAX);
}

static const struct so_route routes[] = {
	{ "GET", "/metrics", "metrics", .tag = "system", .status = 200, .permission = SO_PERM_READ, .blocking = true,
		.summary = "Figures of the server and of what it watches, for Prometheus", .media = media,
		.handler = metrics },
};

const struct so_route_table so_routes_metrics = { routes, sizeof(routes) / sizeof(routes[0]) };
