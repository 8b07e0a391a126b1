#include "serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/tables.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/pool.h"
#include "http/server.h"
#include "job/job.h"
#include "service/alerts.h"
#include "service/monitoring.h"
#include "service/service.h"
#include "store/store.h"

#define STOP_LIMIT_US (10 * 1000000LL)

extern char **environ;

/* Everything that serves; children of one context, freed in the reverse order of their making. */
struct server {
	struct so_config *config;
	struct so_store *store;
	struct so_jobs *jobs;
	struct so_service *service;
	struct so_pool *pool;
	struct so_api api;
	struct so_scope scope;
	struct so_http *http;
};

static const struct so_log_at at_main = { .module = "main" };

/* There are no logins yet: whoever reaches the port may do what the page can do. */
static bool check_host(const struct so_config *config, struct so_err *err)
{
	if (!so_config_check_serve(config, err))
		return false;
	if (!so_config_is_loopback(config->backend_host))
		so_log(SO_LOG_WARN, &at_main,
			"listening on '%s' without any login: anybody who reaches it can use the connections stored "
			"here",
			config->backend_host);
	return true;
}

static bool start_http(TALLOC_CTX *ctx, struct server *s, const char *ui_dir, struct so_err *err)
{
	struct so_http_options options = {
		.host = s->config->backend_host,
		.port = s->config->backend_port,
		.threads = (size_t)s->config->http_threads,
		.cors_origins = &s->config->cors_origins,
		.allowed_hosts = &s->config->allowed_hosts,
		.api = &s->api,
		.pool = s->pool,
		.jobs = s->jobs,
		.assets = { .items = so_assets, .count = so_assets_count, .folder = ui_dir },
	};

	s->http = so_http_start(ctx, &options, err);
	return s->http != NULL;
}

static bool start(TALLOC_CTX *ctx, struct server *s, const char *ui_dir, struct so_err *err)
{
	const struct so_config *config = s->config;
	struct so_pool_options pool = { .name = "request",
		.threads = (size_t)config->request_threads,
		.queue_max = (size_t)config->request_queue };
	struct so_jobs_options jobs = { .threads = (size_t)config->job_threads,
		.queue_max = (size_t)config->job_queue };
	struct so_job_keep keep;

	if (!check_host(config, err) || !so_config_keys(s->config, err))
		return false;
	s->store = so_store_open(ctx, config->database_url, NULL, err);
	if (!s->store)
		return so_fail_in(err, "store");
	keep = so_job_store(s->store);
	s->jobs = so_jobs_new(ctx, &keep, so_service_job_handlers(), &jobs, err);
	s->service = s->jobs ? so_service_new(ctx, config, s->store, s->jobs, err) : NULL;
	s->pool = s->service ? so_pool_new(ctx, &pool, err) : NULL;
	if (!s->pool)
		return false;
	s->scope = SO_SCOPE_DEFAULT;
	if (!so_service_monitoring_begin(s->service, s->scope, err))
		return so_fail_in(err, "monitoring");
	if (!so_service_alerts_begin(s->service, s->scope, err))
		return so_fail_in(err, "alerts");
	so_api_init(&s->api, s->service, &s->scope);
	return start_http(ctx, s, ui_dir, err);
}

/* Jobs end before HTTP does: ending them answers the requests that wait for them. */
static bool stop(struct server *s)
{
	int64_t deadline_us = so_time_monotonic_us() + STOP_LIMIT_US;
	bool clean;

	so_log(SO_LOG_INFO, &at_main, "stopping");
	so_http_quiesce(s->http);
	clean = so_service_monitoring_end(s->service, deadline_us);
	clean = so_service_alerts_end(s->service, deadline_us) && clean;
	clean = so_jobs_stop(s->jobs, deadline_us) && clean;
	clean = so_http_stop(s->http, deadline_us) && clean;
	return so_pool_drain(s->pool, deadline_us) && clean;
}

static void log_start(const struct so_config *config, const struct so_http *http, int64_t start_us)
{
	for (size_t i = 0; i < config->notes.count; i++)
		so_log(SO_LOG_INFO, &at_main, "%s", config->notes.items[i]);
	so_log(SO_LOG_INFO, &at_main, "sqlopt " SO_VERSION " listens on http://%s:%d, store '%s', started in %.1f ms",
		config->backend_host, so_http_port(http), config->store_path,
		(double)(so_time_monotonic_us() - start_us) / 1000);
}

/* Takes "--ui-dir DIR" out of what the configuration did not know. */
static bool read_rest(int n, char **rest, const char **ui_dir, bool *help, struct so_err *err)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(rest[i], "--help") == 0)
			*help = true;
		else if (strcmp(rest[i], "--ui-dir") == 0 && i + 1 < n)
			*ui_dir = rest[++i];
		else if (strncmp(rest[i], "--ui-dir=", 9) == 0)
			*ui_dir = rest[i] + 9;
		else
			return so_fail(err, SO_USAGE, "unknown flag '%.60s'; sqlopt serve --help lists them", rest[i]);
	}
	return true;
}

static int print_help(TALLOC_CTX *ctx)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 65536);
	so_config_help(&buf);
	printf("Usage: sqlopt serve %s\n\n%s.\n\n  --ui-dir DIR\n        Development: serve the page from this folder "
	       "instead of the one in the binary.\n\n%s",
		so_cmd_serve.synopsis, so_cmd_serve.summary, so_buf_text(&buf));
	return 0;
}

static int run_serve(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	int64_t start_us = so_time_monotonic_us();
	struct so_config_input input = { .argc = argc, .argv = argv, .environ = environ };
	struct server *s = so_new(ctx, struct server);
	const char *ui_dir = NULL;
	int n_rest = 0, sig = 0;
	bool help = false;
	sigset_t signals;

	input.rest = so_new_array(ctx, char *, (size_t)argc + 1);
	input.n_rest = &n_rest;
	for (int i = 0; i < argc; i++)
		help = help || strcmp(argv[i], "--help") == 0;
	if (help)
		return print_help(ctx);
	s->config = so_config_load(ctx, &input, err);
	if (!s->config || !read_rest(n_rest, input.rest, &ui_dir, &help, err))
		return -1;
	so_log_init((enum so_log_level)s->config->log_level, (enum so_log_format)s->config->log_format, STDERR_FILENO);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* inherited by every thread: only sigwait below sees them */
	if (!start(ctx, s, ui_dir, err)) {
		so_api_done(&s->api);
		return -1;
	}
	log_start(s->config, s->http, start_us);
	sigwait(&signals, &sig);
	if (!stop(s))
		_exit(0); /* a handler still runs: what it uses must not be freed under it; the store is crash-safe */
	talloc_free(s->http);
	talloc_free(s->pool);
	talloc_free(s->service);
	talloc_free(s->jobs);
	talloc_free(s->store);
	so_api_done(&s->api);
	return 0;
}

const struct so_cli_command so_cmd_serve = {
	.name = "serve",
	.synopsis = "[FLAGS]",
	.summary = "the server: REST API, page, and history",
	.run = run_serve,
};
