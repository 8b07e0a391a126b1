/* Talks to a running server's API. */
#ifndef SO_CLI_CLIENT_H
#define SO_CLI_CLIENT_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

#define SO_CLI_URL     "http://127.0.0.1:8000"
#define SO_CLI_URL_DOC "The server. Default: the environment's SQLOPT_URL, else " SO_CLI_URL "."

/* What --url says, else SQLOPT_URL, else the default; without a slash at its end. */
char *so_cli_url(TALLOC_CTX *ctx, const char *given);

/* One request, at most 60 s; `body` NULL: none. *out is a new reference, NULL when the answer has no content. A problem
 * of the server becomes an error of the same kind with its words; SO_UNREACHABLE when nothing answers there, with what
 * to do. */
bool so_cli_call(const char *url, const char *method, const char *path, const json_t *body, json_t **out,
	struct so_err *err) SO_MUST_CHECK;
/* The same with another limit. */
bool so_cli_call_within(const char *url, const char *method, const char *path, const json_t *body, long timeout_ms,
	json_t **out, struct so_err *err) SO_MUST_CHECK;
/* A text as part of a query string. */
char *so_cli_escape(TALLOC_CTX *ctx, const char *text);

#endif
