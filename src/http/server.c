#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/socket.h"
#include "job/job.h"

#define DESCRIPTORS_KEPT  256 /* for targets, the store, the model */
#define CONNECTION_MEMORY (16 * 1024) /* of one connection: longest request line plus headers */
#define INACTIVITY_S      30
#define SLOW_MS           10000

/* ---- listening ----------------------------------------------------------------------------------------------- */

static bool resolve(const struct so_http_options *options, struct addrinfo **out, struct so_err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	char port[16];

	snprintf(port, sizeof(port), "%lld", (long long)options->port);
	int rc = getaddrinfo(options->host, port, &hints, out);

	if (rc == 0)
		return true;
	return so_fail(err, SO_INPUT, "cannot listen on '%s': %s; set BACKEND_HOST to an address of this machine",
		options->host, gai_strerror(rc));
}

static bool fail_listen(const struct so_http_options *options, int code, struct so_err *err)
{
	long long port = options->port;

	if (code == EADDRINUSE)
		return so_fail(err, SO_CONFLICT,
			"port %lld of %s is in use by another program; stop it, or choose another with --port", port,
			options->host);
	if (code == EACCES)
		return so_fail(err, SO_FORBIDDEN,
			"port %lld needs a privilege that this user has not; choose one above 1023", port);
	return so_fail(err, SO_INPUT, "cannot listen on %s port %lld: %s", options->host, port, strerror(code));
}

/* A listening socket, or -1. */
static int open_socket(const struct so_http_options *options, struct so_err *err)
{
	struct addrinfo *found;
	int on = 1, fd, code = 0;

	if (!resolve(options, &found, err))
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0)
		code = errno;
	freeaddrinfo(found);
	if (!code)
		return fd;
	if (fd >= 0)
		close(fd);
	(void)!fail_listen(options, code, err);
	return -1;
}

static int bound_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
		return 0;
	if (addr.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
	return ntohs(((struct sockaddr_in *)&addr)->sin_port);
}

/* As many as wanted and the process may have; raises the soft limit of descriptors for that. */
static unsigned connection_limit(size_t wanted)
{
	struct rlimit limit;

	if (wanted == 0)
		wanted = 4096;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 512;
	rlim_t need = wanted + DESCRIPTORS_KEPT;

	if (limit.rlim_cur < need) {
		limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > need ? need : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= need)
		return (unsigned)wanted;
	return limit.rlim_cur > 2 * DESCRIPTORS_KEPT ? (unsigned)(limit.rlim_cur - DESCRIPTORS_KEPT) : 64;
}

/* ---- policy -------------------------------------------------------------------------------------------------- */

static bool is_wildcard(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 || strcmp(host, "*") == 0;
}

static void make_policy(struct so_http *http)
{
	const struct so_http_options *options = &http->options;
	size_t n = options->allowed_hosts ? options->allowed_hosts->count : 0;
	const char **hosts = so_new_array(http, const char *, n + 1);

	for (size_t i = 0; i < n; i++)
		hosts[i] = options->allowed_hosts->items[i];
	hosts[n++] = strchr(options->host, ':') ? so_printf(http, "[%s]", options->host) : options->host;
	http->policy.hosts = hosts;
	http->policy.n_hosts = n;
	http->policy.any_address = is_wildcard(options->host);
	if (options->cors_origins) {
		http->policy.origins = (const char *const *)options->cors_origins->items;
		http->policy.n_origins = options->cors_origins->count;
	}
}

/* ---- connections --------------------------------------------------------------------------------------------- */

static void connection_changed(
	void *cls, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct so_http *http = cls;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		*socket_context = so_reaper_add(http->reaper,
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (*socket_context)
			so_reaper_remove(http->reaper, *socket_context);
		*socket_context = NULL;
		break;
	}
}

static void log_mhd(void *cls, const char *fmt, va_list args)
{
	SO_TMP(tmp, NULL);
	struct so_log_at at = { .module = "http" };

	(void)cls;
	if (!so_log_on(SO_LOG_DEBUG))
		return;
	char *text = so_vprintf(tmp, fmt, args);

	text[strcspn(text, "\r\n")] = '\0';
	so_log(SO_LOG_DEBUG, &at, "libmicrohttpd: %s", text);
}

/* ---- the ticker ---------------------------------------------------------------------------------------------- */

static void *tick(void *arg)
{
	struct so_http *http = arg;
	struct timespec until;

	pthread_mutex_lock(&http->tick_lock);
	while (!http->tick_stop) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 1;
		pthread_cond_timedwait(&http->tick_cond, &http->tick_lock, &until);
		pthread_mutex_unlock(&http->tick_lock);
		atomic_fetch_add(&http->reaped, (int64_t)so_reaper_tick(http->reaper, so_time_monotonic_us()));
		streams_tick(http, false);
		pthread_mutex_lock(&http->tick_lock);
	}
	pthread_mutex_unlock(&http->tick_lock);
	return NULL;
}

static bool start_ticker(struct so_http *http, struct so_err *err)
{
	pthread_condattr_t attr;
	sigset_t all, old;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&http->tick_cond, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&http->ticker, NULL, tick, http);

	pthread_sigmask(SIG_SETMASK, &old, NULL);
	http->ticker_runs = rc == 0;
	return rc == 0 || so_fail(err, SO_LIMIT, "cannot start a thread: %s", strerror(rc));
}

static void stop_ticker(struct so_http *http)
{
	if (!http->ticker_runs)
		return;
	pthread_mutex_lock(&http->tick_lock);
	http->tick_stop = true;
	pthread_cond_signal(&http->tick_cond);
	pthread_mutex_unlock(&http->tick_lock);
	pthread_join(http->ticker, NULL);
	http->ticker_runs = false;
}

static bool start_sockets(struct so_http *http, struct so_err *err)
{
	const struct so_http_options *options = &http->options;

	if (!options->jobs)
		return true;
	http->sockets = sockets_start(http, options->slow_client_ms ? options->slow_client_ms : SLOW_MS, err);
	return http->sockets != NULL;
}

static void stop_sockets(struct so_http *http)
{
	if (http->sockets)
		sockets_free(http->sockets);
	http->sockets = NULL;
}

/* ---- start and stop ------------------------------------------------------------------------------------------ */

static bool start_daemon(struct so_http *http, int fd, struct so_err *err)
{
	const struct so_http_options *options = &http->options;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* libmicrohttpd's threads inherit the mask: signals are main's */
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_UPGRADE | MHD_ALLOW_SUSPEND_RESUME |
						MHD_USE_ERROR_LOG | MHD_USE_TURBO,
		0, NULL, NULL, exchange_step, http, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, http, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)(options->threads ? options->threads : 2),
		MHD_OPTION_CONNECTION_LIMIT, connection_limit(options->max_connections), MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)INACTIVITY_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, http,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_end, http, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, http,
		MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return http->daemon || so_fail(err, SO_INTERNAL, "libmicrohttpd did not start");
}

static int http_dtor(struct so_http *http)
{
	/* Only reached running when a test forgets to stop; requests that never end would hang here. */
	if (http->daemon)
		so_assert(so_http_stop(http, so_time_monotonic_us() + 5000000));
	stop_ticker(http);
	pthread_mutex_destroy(&http->tick_lock);
	pthread_cond_destroy(&http->tick_cond);
	pthread_mutex_destroy(&http->streams_lock);
	return 0;
}

struct so_http *so_http_start(TALLOC_CTX *ctx, const struct so_http_options *options, struct so_err *err)
{
	struct so_http *http = so_new(ctx, struct so_http);
	int64_t slow_ms = options->slow_client_ms ? options->slow_client_ms : SLOW_MS;
	struct so_reaper_limits limits = { .read_ms = slow_ms, .send_ms = 60000, .idle_ms = 60000 };

	http->options = *options;
	http->listening = -1;
	make_policy(http);
	http->reaper = so_reaper_new(http, &limits);
	pthread_mutex_init(&http->tick_lock, NULL);
	pthread_mutex_init(&http->streams_lock, NULL);
	talloc_set_destructor(http, http_dtor);
	int fd = open_socket(options, err);

	if (fd >= 0) {
		http->port = bound_port(fd);
		if (start_ticker(http, err) && start_sockets(http, err)) {
			if (start_daemon(http, fd, err))
				return http;
			if (http->sockets)
				sockets_stop(http->sockets);
			stop_sockets(http);
		}
		close(fd);
	} else {
		pthread_cond_init(&http->tick_cond, NULL);
	}
	talloc_free(http);
	return NULL;
}

int so_http_port(const struct so_http *http)
{
	return http->port;
}

void so_http_quiesce(struct so_http *http)
{
	if (atomic_exchange(&http->stopping, true))
		return;
	http->listening = MHD_quiesce_daemon(http->daemon);
	/* New connections are refused from now on. Closing has to wait: MHD_quiesce_daemon(3). */
	if (http->listening >= 0)
		shutdown(http->listening, SHUT_RDWR);
	streams_tick(http, true);
	if (http->sockets)
		sockets_close(http->sockets);
}

bool so_http_stop(struct so_http *http, int64_t deadline_us)
{
	int64_t now_us, send_until_us = 0;

	so_http_quiesce(http);
	/* A suspended connection must not meet MHD_stop_daemon; then answers get a second to leave. */
	while ((now_us = so_time_monotonic_us()) < deadline_us) {
		streams_tick(http, true);
		if (atomic_load(&http->waiting) == 0) {
			if (!send_until_us)
				send_until_us = now_us + 1000000;
			if (atomic_load(&http->in_flight) == 0 || now_us > send_until_us)
				break;
		}
		struct timespec pause = { .tv_nsec = 5000000 };

		nanosleep(&pause, NULL);
	}
	if (atomic_load(&http->waiting) != 0)
		return false;
	streams_tick(http, true);
	/* an upgraded connection must not meet MHD_stop_daemon either */
	if (http->sockets)
		sockets_stop(http->sockets);
	MHD_stop_daemon(http->daemon);
	stop_sockets(http);
	http->daemon = NULL;
	if (http->listening >= 0)
		close(http->listening);
	http->listening = -1;
	stop_ticker(http);
	return true;
}

struct so_http_stats so_http_stats(struct so_http *http)
{
	pthread_mutex_lock(&http->streams_lock);
	size_t streams = http->n_streams;

	pthread_mutex_unlock(&http->streams_lock);
	return (struct so_http_stats){ .connections = so_reaper_count(http->reaper),
		.in_flight = atomic_load(&http->in_flight),
		.waiting = atomic_load(&http->waiting),
		.streams = streams,
		.requests = atomic_load(&http->requests),
		.reaped = atomic_load(&http->reaped) };
}
