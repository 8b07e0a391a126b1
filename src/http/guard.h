/* What is refused before anything else looks at a request: ambiguous framing (request smuggling), control bytes, a Host
 * that is not ours (DNS rebinding), a foreign Origin on a request that changes something. No I/O. */
#ifndef SO_HTTP_GUARD_H
#define SO_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct so_guard { /* what the headers of one request say; zeroed before the first */
	int n_host, n_length, n_encoding, n_origin, n_type;
	bool bad_name, bad_value, bad_encoding, bad_length;
	long long length; /* of Content-Length, when n_length == 1 */
	const char *host, *origin, *content_type, *expect; /* as in the request, or NULL */
};

struct so_guard_refusal {
	int status; /* HTTP */
	const char *code, *detail;
};

/* Where requests may come from. */
struct so_guard_policy {
	size_t n_hosts, n_origins;
	const char *const *hosts; /* lower case, without port: besides loopback names */
	const char *const *origins; /* "http://localhost:3000", or "*" */
	bool any_address; /* bound to all addresses: a literal address as Host is fine, names must be listed */
};

/* Notes one header. Strings must live as long as the guard. */
void so_guard_header(struct so_guard *guard, const char *name, size_t name_len, const char *value, size_t value_len);
/* NULL: pass. `raw_uri` as it came; `version` "HTTP/1.1". */
const struct so_guard_refusal *so_guard_framing(const struct so_guard *guard, const char *raw_uri, const char *version);
const struct so_guard_refusal *so_guard_host(const struct so_guard *guard, const struct so_guard_policy *policy);
/* Whether the Origin is named: listed, or the host itself. False without an Origin. */
bool so_guard_origin_listed(const struct so_guard *guard, const struct so_guard_policy *policy);
/* Whether the Origin may read answers: named, or anybody may ("*"). */
bool so_guard_origin_allowed(const struct so_guard *guard, const struct so_guard_policy *policy);
/* For a method that changes something: absent, same or listed. */
const struct so_guard_refusal *so_guard_origin(
	const struct so_guard *guard, const struct so_guard_policy *policy, const char *method);
/* "application/json", with or without parameters; also "application/merge-patch+json" style suffixes are refused. */
bool so_guard_is_json(const char *content_type);
/* The quality (0 to 1000) that an Accept header gives to a media type; 1000 without a header. */
int so_guard_accept(const char *accept, const char *type);
/* Whether an Accept-Encoding header allows gzip. */
bool so_guard_accepts_gzip(const char *accept_encoding);
/* A request id that we take over from a client: 1 to 64 of [A-Za-z0-9._-]. */
bool so_guard_sane_id(const char *text);

#endif
