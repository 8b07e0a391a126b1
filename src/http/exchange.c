#include "http/internal.h"
#include "http/socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/errors.h"
#include "base/clock.h"
#include "job/job.h"
#include "store/store.h"

/* A refused body is read and thrown away up to here, so that the client gets to read the answer. */
#define DRAIN_MAX (8 * 1024 * 1024)

/* ---- begin and end ------------------------------------------------------------------------------------------- */

void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct so_http *http = cls;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct exchange *ex = so_new(NULL, struct exchange);

	ex->http = http;
	ex->connection = connection;
	ex->reaper = info->socket_context;
	ex->raw_uri = so_strdup(ex, uri);
	ex->started_us = so_time_monotonic_us();
	ex->res.total = -1;
	atomic_fetch_add(&http->in_flight, 1);
	atomic_fetch_add(&http->requests, 1);
	so_reaper_phase(http->reaper, ex->reaper, SO_REAPER_READING);
	return ex;
}

void exchange_end(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct so_http *http = cls;
	struct exchange *ex = *con_cls;

	(void)connection;
	(void)code;
	if (!ex)
		return;
	*con_cls = NULL;
	so_reaper_phase(http->reaper, ex->reaper, SO_REAPER_IDLE);
	json_decref(ex->res.json);
	if (ex->socket)
		socket_abandon(ex->socket);
	talloc_free(ex);
	atomic_fetch_sub(&http->in_flight, 1);
}

void exchange_refuse(struct exchange *ex, int status, const char *code, const char *detail)
{
	json_decref(ex->res.json);
	ex->res.json = so_problem_http(status, code, detail, ex->request_id);
	ex->res.status = status;
	ex->res.problem = true;
	ex->res.total = -1;
	ex->refused = true;
}

/* ---- headers ------------------------------------------------------------------------------------------------- */

static enum MHD_Result note_header(
	void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	so_guard_header(cls, name, name_len, value, value_len);
	return MHD_YES;
}

static void choose_request_id(struct exchange *ex)
{
	const char *given = request_header(ex, "X-Request-ID");
	unsigned char random[12];

	if (given && so_guard_sane_id(given)) {
		snprintf(ex->request_id, sizeof(ex->request_id), "%s", given);
		return;
	}
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		memset(random, 0, sizeof(random)); /* the id only has to be handy, not secret */
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(ex->request_id + 2 * i, 3, "%02x", random[i]);
}

static bool has_body(const struct exchange *ex)
{
	return ex->guard.n_encoding > 0 || ex->guard.length > 0;
}

/* Methods that libmicrohttpd passes on and nobody here has a use for. */
static bool known_method(const char *method)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", NULL };

	for (const char *const *row = methods; *row; row++)
		if (strcmp(*row, method) == 0)
			return true;
	return false;
}

static bool prefers_async(const char *prefer)
{
	return prefer && strcasestr(prefer, "respond-async") != NULL;
}

static void edge_figures(const void *arg, struct so_edge_figures *out)
{
	struct so_http *http = (struct so_http *)(uintptr_t)arg; /* counting takes its lock */
	struct so_http_stats stats = so_http_stats(http);

	*out = (struct so_edge_figures){ stats.connections, stats.in_flight, stats.waiting, stats.streams,
		stats.requests, stats.reaped, so_pool_stats(http->options.pool) };
}

/* Of equally welcome forms the first. False: the client takes none. */
static bool choose_media(struct exchange *ex)
{
	const char *accept = request_header(ex, "Accept");
	const char *const *media = ex->req->route->media;
	int best = 0;

	for (size_t i = 0; media[i]; i++) {
		char *type = so_strndup(ex, media[i], strcspn(media[i], ";"));
		int quality = so_guard_accept(accept, type);

		if (quality > best) {
			best = quality;
			ex->req->media = i;
		}
		talloc_free(type);
	}
	return best > 0;
}

static void find_route(struct exchange *ex)
{
	const struct so_route *route;
	const char *id_text;
	char allow[64];
	const struct so_api *api = ex->http->options.api;

	switch (so_route_find(api, ex->method, ex->url, &route, &id_text, allow)) {
	case SO_MATCH:
		break;
	case SO_MATCH_NO_METHOD:
		ex->allow = so_strdup(ex, allow);
		exchange_refuse(ex, 405, "method_not_allowed",
			so_printf(ex, "'%s' does not take %s; it takes %s", ex->url, ex->method, allow));
		return;
	case SO_MATCH_NO_PATH:
		exchange_refuse(ex, 404, "not_found", so_printf(ex, "there is nothing at '%s'", ex->url));
		return;
	}
	ex->req = so_new(ex, struct so_request);
	ex->req->api = api;
	ex->req->route = route;
	ex->req->request_id = ex->request_id;
	ex->req->respond_async = prefers_async(request_header(ex, "Prefer"));
	ex->req->edge = edge_figures;
	ex->req->edge_arg = ex->http;
	ex->handler = route->handler;
	if (route->media && !choose_media(ex)) {
		exchange_refuse(ex, 406, "not_acceptable",
			so_printf(ex, "'%s' is %s; Accept takes none of its forms", ex->url, route->media[0]));
		return;
	}
	if (route->body && has_body(ex) && !so_guard_is_json(ex->guard.content_type))
		exchange_refuse(
			ex, 415, "unsupported_media_type", "the body must come as Content-Type: application/json");
}

static bool refuse_by_guard(struct exchange *ex, const struct so_guard_refusal *refusal)
{
	if (!refusal)
		return false;
	exchange_refuse(ex, refusal->status, refusal->code, refusal->detail);
	return true;
}

/* What can be refused from the headers alone, cheapest first. */
static void check_headers(struct exchange *ex)
{
	struct so_http *http = ex->http;

	if (refuse_by_guard(ex, so_guard_host(&ex->guard, &http->policy)))
		return;
	if (refuse_by_guard(ex, so_guard_origin(&ex->guard, &http->policy, ex->method)))
		return;
	if (atomic_load(&http->stopping))
		exchange_refuse(ex, 503, "stopping", "the server is stopping");
	else if (!known_method(ex->method))
		exchange_refuse(ex, 501, "unknown_method", "methods are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
	else if (ex->guard.length > SO_HTTP_BODY_MAX)
		exchange_refuse(ex, 413, "body_too_large", "a body may have at most 1048576 bytes");
	else if (strcmp(ex->method, "OPTIONS") != 0 && !page_wanted(ex))
		find_route(ex);
}

/* First call: headers are complete. */
static enum MHD_Result take_headers(struct exchange *ex, const char *url, const char *method, const char *version)
{
	ex->method = method;
	ex->url = url;
	ex->version = version;
	ex->stage = EXCHANGE_READING;
	MHD_get_connection_values_n(ex->connection, MHD_HEADER_KIND, note_header, &ex->guard);
	choose_request_id(ex);
	if (refuse_by_guard(ex, so_guard_framing(&ex->guard, ex->raw_uri, version))) {
		/* Where the body ends is in doubt: answered at once, and libmicrohttpd closes the connection. */
		return has_body(ex) || ex->guard.n_length ? answer_json(ex) : MHD_YES;
	}
	check_headers(ex);
	if (ex->refused && (ex->guard.expect || ex->guard.length > DRAIN_MAX))
		return answer_json(ex); /* the client has not sent the body yet, or it is not worth reading */
	return MHD_YES;
}

/* ---- body ---------------------------------------------------------------------------------------------------- */

static enum MHD_Result take_body(struct exchange *ex, const char *data, size_t *len)
{
	size_t n = *len;

	ex->received += n;
	*len = 0;
	so_reaper_received(ex->http->reaper, ex->reaper, n);
	if (ex->received > DRAIN_MAX)
		return MHD_NO;
	if (!ex->refused && ex->received > SO_HTTP_BODY_MAX) {
		exchange_refuse(ex, 413, "body_too_large", "a body may have at most 1048576 bytes");
		TALLOC_FREE(ex->body);
	}
	if (ex->refused || !ex->req || !ex->req->route->body)
		return MHD_YES;
	if (ex->body_len + n > ex->body_size) {
		ex->body_size = ex->guard.length > 0 ? (size_t)ex->guard.length : (ex->body_len + n) * 2;
		ex->body = so_renew_array(ex, ex->body, char, ex->body_size);
	}
	memcpy(ex->body + ex->body_len, data, n);
	ex->body_len += n;
	return MHD_YES;
}

/* ---- running ------------------------------------------------------------------------------------------------- */

static void run_on_worker(void *arg);

/* Hands the answer back to the HTTP thread. */
static void wake(struct exchange *ex)
{
	struct so_http *http = ex->http;

	ex->stage = EXCHANGE_READY;
	MHD_resume_connection(ex->connection); /* from here on the exchange may be gone */
	atomic_fetch_sub(&http->waiting, 1);
}

static void drop_on_worker(void *arg)
{
	struct exchange *ex = talloc_get_type_abort(arg, struct exchange);

	exchange_refuse(ex, 503, "stopping", "the server is stopping");
	wake(ex);
}

static void submit(struct exchange *ex)
{
	struct so_err err = SO_ERR_INIT;

	if (so_pool_submit(ex->http->options.pool, run_on_worker, drop_on_worker, ex, &err))
		return;
	so_api_fail(ex->req, &err, &ex->res);
	wake(ex);
}

static void job_ended(void *arg, int64_t id, enum so_job_state state)
{
	struct exchange *ex = talloc_get_type_abort(arg, struct exchange);

	(void)id;
	(void)state;
	ex->handler = ex->res.finish;
	submit(ex);
}

static void wait_for_job(struct exchange *ex)
{
	struct so_err err = SO_ERR_INIT;
	int64_t deadline_us = so_time_monotonic_us() + ex->res.wait_ms * 1000;

	if (so_job_notify(
		    ex->http->options.jobs, *ex->req->api->scope, ex->res.wait_job, deadline_us, job_ended, ex, &err))
		return;
	/* Nobody will call: answer with what there is now, the job goes on. */
	ex->handler = ex->res.finish;
	so_api_run(ex->req, ex->handler, &ex->res);
	wake(ex);
}

static void run_on_worker(void *arg)
{
	struct exchange *ex = talloc_get_type_abort(arg, struct exchange);

	so_api_run(ex->req, ex->handler, &ex->res);
	if (ex->res.wait_job && ex->res.finish)
		wait_for_job(ex);
	else
		wake(ex);
}

static const char *query_value(void *arg, const char *name)
{
	return MHD_lookup_connection_value(arg, MHD_GET_ARGUMENT_KIND, name);
}

/* The request is complete: decodes it and runs its handler, here when it cannot block, else on a worker. */
static enum MHD_Result run(struct exchange *ex)
{
	const struct so_route *route = ex->req->route;
	struct so_request_text text = {
		.body = ex->body, .body_len = ex->body_len, .lookup = query_value, .lookup_arg = ex->connection
	};
	const char *hole = strstr(route->path, "{id}");

	text.id_text = hole ? ex->url + (hole - route->path) : NULL;
	if (!so_api_prepare(ex->req, &text, &ex->res))
		return answer_json(ex);
	if (route->socket)
		return socket_answer(ex);
	if (route->stream)
		return stream_answer(ex);
	if (!route->blocking) {
		so_api_run(ex->req, ex->handler, &ex->res);
		return answer_json(ex);
	}
	ex->stage = EXCHANGE_WAITING;
	so_reaper_phase(ex->http->reaper, ex->reaper, SO_REAPER_BUSY);
	atomic_fetch_add(&ex->http->waiting, 1);
	MHD_suspend_connection(ex->connection);
	submit(ex);
	return MHD_YES;
}

static enum MHD_Result complete(struct exchange *ex)
{
	char allow[64];
	const struct so_route *route;
	const char *id_text;

	if (ex->refused)
		return answer_json(ex);
	if (strcmp(ex->method, "OPTIONS") == 0) {
		so_route_find(ex->http->options.api, "OPTIONS", ex->url, &route, &id_text, allow);
		return answer_options(ex, *allow ? allow : "GET, HEAD");
	}
	if (!ex->req)
		return page_answer(ex);
	return run(ex);
}

enum MHD_Result exchange_step(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload_data, size_t *upload_data_size, void **con_cls)
{
	struct exchange *ex = *con_cls;

	(void)cls;
	(void)connection;
	switch (ex->stage) {
	case EXCHANGE_NEW:
		return take_headers(ex, url, method, version);
	case EXCHANGE_READING:
		return *upload_data_size ? take_body(ex, upload_data, upload_data_size) : complete(ex);
	case EXCHANGE_WAITING:
		return MHD_YES; /* still suspended */
	case EXCHANGE_READY:
		return answer_json(ex);
	case EXCHANGE_DONE:
		break;
	}
	*upload_data_size = 0;
	return MHD_YES;
}
