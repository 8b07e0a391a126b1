/* Routes as data. A row says all that the server, the OpenAPI document and the tests need to know about one operation;
 * nothing about it is listed anywhere else. To add a route: add its row (and resources) to the table of its file. */
#ifndef SO_API_ROUTE_H
#define SO_API_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/field.h"
#include "base/pool.h"

struct so_scope;
struct so_service;
struct so_request;
struct so_response;

/* Who may call, once there are logins. Shown in OpenAPI as x-permission. */
enum so_permission {
	SO_PERM_PUBLIC,
	SO_PERM_READ,
	SO_PERM_OPTIMIZE, /* plans statements on a target */
	SO_PERM_EXECUTE, /* runs read-only statements on a target */
	SO_PERM_APPLY, /* changes a target */
	SO_PERM_MANAGE, /* changes connections */
	SO_PERM_MAX
};

/* Fills *res, or fails with the reason. Runs on a worker thread when the route is `blocking`. */
typedef bool so_handler(struct so_request *req, struct so_response *res, struct so_err *err);

struct so_route {
	const char *method, *path; /* "/api/jobs/{id}/cancel"; {id} is a positive integer */
	const char *id; /* operationId */
	const char *tag, *summary;
	const struct so_resource *body; /* NULL: the route takes none */
	const struct so_resource *query; /* query parameters, or NULL */
	const struct so_resource *answer; /* NULL: no content */
	const struct so_resource *accepted; /* body of a 202, for a client that prefers not to wait; or NULL */
	bool list; /* the answer is a bare array of `answer`, its total in X-Total-Count */
	bool paged; /* an object that holds a page of a list; its total is in X-Total-Count too */
	bool blocking; /* touches store, target or model: runs on a worker */
	/* The media types of an answer that is text, the default first, ended by NULL: the edge chooses by Accept, the
	 * handler fills res->text. NULL: JSON. */
	const char *const *media;
	bool socket; /* a WebSocket; the edge serves it, handler is NULL */
	bool stream; /* server-sent events; the edge serves it, handler is NULL */
	bool old_errors; /* older API: what the target or a taken name refuses is a 400 */
	int status; /* of success */
	enum so_permission permission;
	so_handler *handler;
};

struct so_route_table {
	const struct so_route *routes;
	size_t n_routes;
};

/* Everything that the routes work on. */
struct so_api {
	const struct so_route_table *const *tables; /* ended by NULL */
	struct so_service *service;
	const struct so_scope *scope; /* until there are logins: the default organisation */
	json_t *openapi; /* built once before threads start; never changed */
};

/* What the edge counts, for /metrics. */
struct so_edge_figures {
	size_t connections, in_flight, waiting, streams;
	int64_t requests, reaped;
	struct so_pool_stats pool; /* of the workers that run blocking handlers */
};

struct so_request { /* root of its own talloc tree; one thread at a time */
	const struct so_api *api;
	const struct so_route *route;
	const char *request_id;
	size_t media; /* which of route->media */
	void (*edge)(const void *arg, struct so_edge_figures *out); /* NULL: there is no edge */
	const void *edge_arg;
	bool respond_async; /* "Prefer: respond-async": rather a job than a wait */
	int64_t id; /* {id} of the path */
	void *body; /* decoded struct of route->body, or NULL */
	void *query; /* decoded struct of route->query, or NULL */
	uint64_t body_present, query_present; /* bits of so_field_bit */
};

struct so_response {
	int status;
	json_t *json; /* owned by the response; NULL: no content */
	const char *text; /* instead of json, for a route with media; child of the request */
	bool problem; /* application/problem+json */
	int64_t total; /* of a list; -1: none */
	char *location; /* or NULL */
	/* A handler that started a job and wants to answer when it has ended returns with wait_job set. The edge waits
	 * without a thread, at most wait_ms, then calls `finish` on a worker, which fills the rest. */
	int64_t wait_job, wait_ms, wait_arg;
	so_handler *finish;
};

enum so_match { SO_MATCH, SO_MATCH_NO_PATH, SO_MATCH_NO_METHOD };

/* Finds the route of a decoded path, with or without a trailing slash; literals win over {id}; HEAD means GET. Sets
 * *id_text to the start of {id} in `path` (or NULL). On SO_MATCH_NO_METHOD `allow` holds the methods there are. */
enum so_match so_route_find(const struct so_api *api, const char *method, const char *path,
	const struct so_route **route, const char **id_text, char allow[64]);

/* What the edge read: text forms that so_api_prepare turns into structs. */
struct so_request_text {
	const char *id_text;
	const char *body;
	size_t body_len;
	const char *(*lookup)(void *arg, const char *name); /* query parameters */
	void *lookup_arg;
};

/* Decodes path id, query and body into `req`; false after writing a 422 into *res. */
bool so_api_prepare(struct so_request *req, const struct so_request_text *text, struct so_response *res) SO_MUST_CHECK;
/* Runs a handler (the route's, or res->finish) and turns an error into a problem in *res. */
void so_api_run(struct so_request *req, so_handler *handler, struct so_response *res);
void so_api_fail(struct so_request *req, const struct so_err *err, struct so_response *res);

#endif
