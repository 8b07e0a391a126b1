/* A bounded HTTP request through libcurl, with time limits of our own. */
#ifndef SO_LLM_HTTP_CLIENT_H
#define SO_LLM_HTTP_CLIENT_H

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_http_request {
	const char *url;
	const char *body; /* NULL: GET; else POST application/json */
	int64_t timeout_ms;
	size_t max_bytes; /* of the answer */
	struct so_cancel *cancel;
};

/* Blocks. *status is the HTTP status; any status is a success here. */
bool so_http_fetch(TALLOC_CTX *ctx, const struct so_http_request *request, long *status, char **body,
	struct so_err *err) SO_MUST_CHECK;
/* The URL without user name and password, for messages. */
char *so_http_safe_url(TALLOC_CTX *ctx, const char *url);

#endif
