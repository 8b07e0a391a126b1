#include "http/internal.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

/* Scripts only from ourselves, none inline; styles also inline, since the page's libraries inject some. */
#define PAGE_POLICY                                                                                                    \
	"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "                \
	"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
#define CORS_METHODS "GET, POST, PUT, DELETE, OPTIONS, PATCH"

const char *request_header(struct exchange *ex, const char *name)
{
	return MHD_lookup_connection_value(ex->connection, MHD_HEADER_KIND, name);
}

void answer_header(struct MHD_Response *response, const char *name, const char *value)
{
	/* Fails only for bytes that cannot stand in a header, and none of ours can hold such. */
	so_assert(MHD_add_response_header(response, name, value) == MHD_YES);
}

static void add_cors(struct exchange *ex, struct MHD_Response *response)
{
	answer_header(response, "Vary", "Origin");
	if (!so_guard_origin_allowed(&ex->guard, &ex->http->policy))
		return;
	answer_header(response, "Access-Control-Allow-Origin", ex->guard.origin);
	/* "*" lets everybody ask, but nobody with the cookies of a user. */
	if (so_guard_origin_listed(&ex->guard, &ex->http->policy))
		answer_header(response, "Access-Control-Allow-Credentials", "true");
	answer_header(response, "Access-Control-Expose-Headers", "X-Request-ID, X-Total-Count, Location");
}

/* What the log may say of a problem: messages about a statement quote its literals, so that only their kind is told. */
static const char *loggable_detail(const struct exchange *ex)
{
	const char *code = ex->res.problem ? json_string_value(json_object_get(ex->res.json, "code")) : NULL;

	if (code && (strcmp(code, so_kind_name(SO_TARGET)) == 0 || strcmp(code, so_kind_name(SO_INPUT)) == 0))
		return code;
	return ex->res.problem ? json_string_value(json_object_get(ex->res.json, "detail")) : NULL;
}

static void log_answer(struct exchange *ex, int status)
{
	struct so_log_at at = { .module = "http", .request_id = ex->request_id };
	bool api = strncmp(ex->url ? ex->url : "", "/api/", 5) == 0;
	enum so_log_level level = status >= 500 ? SO_LOG_WARN : api ? SO_LOG_INFO : SO_LOG_DEBUG;

	if (!so_log_on(level))
		return;
	const char *detail = loggable_detail(ex);

	so_log(level, &at, "%s %s %d %lldus%s%s", ex->method ? ex->method : "?", ex->url ? ex->url : "?", status,
		(long long)(so_time_monotonic_us() - ex->started_us), detail ? ": " : "", detail ? detail : "");
}

enum MHD_Result answer_queue(struct exchange *ex, int status, struct MHD_Response *response)
{
	answer_header(response, "X-Request-ID", ex->request_id);
	answer_header(response, "X-Content-Type-Options", "nosniff");
	answer_header(response, "X-Frame-Options", "DENY");
	answer_header(response, "Referrer-Policy", "no-referrer");
	answer_header(response, "Cross-Origin-Opener-Policy", "same-origin");
	answer_header(response, "Content-Security-Policy", PAGE_POLICY);
	add_cors(ex, response);
	if (atomic_load(&ex->http->stopping))
		answer_header(response, "Connection", "close");
	log_answer(ex, status);
	ex->stage = EXCHANGE_DONE;
	so_reaper_phase(ex->http->reaper, ex->reaper, SO_REAPER_SENDING);
	enum MHD_Result result = MHD_queue_response(ex->connection, (unsigned)status, response);

	MHD_destroy_response(response);
	return result;
}

static char *dump(struct exchange *ex, size_t *len)
{
	char *text = ex->res.json ? json_dumps(ex->res.json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))
				  : NULL;

	*len = text ? strlen(text) : 0;
	return text;
}

enum MHD_Result answer_json(struct exchange *ex)
{
	char number[24];
	size_t len;
	bool plain = ex->res.text && !ex->res.problem;
	char *text = plain ? NULL : dump(ex, &len);
	struct MHD_Response *response = plain  ? MHD_create_response_from_buffer(strlen(ex->res.text),
							 (void *)(uintptr_t)ex->res.text, MHD_RESPMEM_MUST_COPY)
					: text ? MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE)
					       : MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);

	if (!response) {
		free(text);
		return MHD_NO;
	}
	if (plain)
		answer_header(response, "Content-Type", ex->req->route->media[ex->req->media]);
	else if (text)
		answer_header(
			response, "Content-Type", ex->res.problem ? "application/problem+json" : "application/json");
	answer_header(response, "Cache-Control", "no-store");
	if (ex->res.total >= 0) {
		snprintf(number, sizeof(number), "%lld", (long long)ex->res.total);
		answer_header(response, "X-Total-Count", number);
	}
	if (ex->res.status == 426) {
		answer_header(response, "Upgrade", "websocket");
		answer_header(response, "Sec-WebSocket-Version", "13");
	}
	if (ex->allow)
		answer_header(response, "Allow", ex->allow);
	if (ex->res.location)
		answer_header(response, "Location", ex->res.location);
	if (ex->res.problem && json_is_true(json_object_get(ex->res.json, "retry")))
		answer_header(response, "Retry-After", "2");
	return answer_queue(ex, ex->res.status, response);
}

/* Asked-for headers are allowed as they are, when they are header names at all. */
static bool sane_list(const char *text)
{
	return strlen(text) <= 256 &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ")] == '\0';
}

enum MHD_Result answer_options(struct exchange *ex, const char *allow)
{
	const char *wanted = request_header(ex, "Access-Control-Request-Headers");
	struct MHD_Response *response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	if (allow && *allow)
		answer_header(response, "Allow", allow);
	if (so_guard_origin_allowed(&ex->guard, &ex->http->policy)) {
		answer_header(response, "Access-Control-Allow-Methods", CORS_METHODS);
		answer_header(response, "Access-Control-Allow-Headers",
			wanted && sane_list(wanted) ? wanted : "Content-Type, X-Request-ID, Last-Event-ID");
		answer_header(response, "Access-Control-Max-Age", "600");
	}
	return answer_queue(ex, 204, response);
}
