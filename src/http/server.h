/* The HTTP edge: libmicrohttpd with an epoll thread pool. HTTP threads parse, route and send; whatever may block runs
 * on the request pool while its connection is suspended. See docs/internals/http.md. */
#ifndef SO_HTTP_SERVER_H
#define SO_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "api/route.h"
#include "base/config.h"
#include "base/pool.h"
#include "http/assets.h"

struct so_jobs;
struct so_http;

struct so_http_options {
	const char *host; /* "127.0.0.1", "::1", "0.0.0.0", "localhost" */
	int64_t port; /* 0: any free one */
	size_t threads; /* 0: 2 */
	size_t max_connections; /* 0: 4,096, or what the descriptor limit allows */
	const struct so_config_list *cors_origins, *allowed_hosts; /* or NULL */
	const struct so_api *api;
	struct so_pool *pool; /* runs blocking handlers */
	struct so_jobs *jobs; /* waiters and events; NULL: no route may wait or stream */
	struct so_asset_set assets;
	int64_t slow_client_ms; /* 0: 10,000: longest time for a request to arrive, or for a message to leave */
};

/* Starts listening; everything given must outlive the server. A port in use is SO_CONFLICT, with the remedy. */
struct so_http *so_http_start(TALLOC_CTX *ctx, const struct so_http_options *options, struct so_err *err) SO_MUST_CHECK;

/* The port that it listens on. */
int so_http_port(const struct so_http *http);

/* First half of a graceful stop: no new connections, new requests get 503, streams end. Then stop the jobs (which
 * answers who waits for them), then so_http_stop. */
void so_http_quiesce(struct so_http *http);

/* Waits for running requests until `deadline_us` (monotonic), then closes everything and joins the threads. False when
 * a handler still runs: then the process should end without freeing what that handler may use. */
bool so_http_stop(struct so_http *http, int64_t deadline_us) SO_MUST_CHECK;

struct so_http_stats {
	size_t connections, in_flight, waiting, streams;
	int64_t requests, reaped;
};
struct so_http_stats so_http_stats(struct so_http *http);

#define SO_HTTP_BODY_MAX    (1024 * 1024)
#define SO_HTTP_STREAMS_MAX 1000

#endif
