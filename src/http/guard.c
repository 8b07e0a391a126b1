#include "http/guard.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- framing ------------------------------------------------------------------------------------------------- */

static bool name_is(const char *name, size_t len, const char *wanted)
{
	return strlen(wanted) == len && strncasecmp(name, wanted, len) == 0;
}

/* RFC 9110 token characters. */
static bool good_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("!#$%&'*+-.^_`|~", name[i]))
			return false;
	return len > 0 && memchr(name, '\0', len) == NULL;
}

static bool good_value(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
			return false;
	return true;
}

static void note_length(struct so_guard *guard, const char *value)
{
	char *end;

	guard->n_length++;
	errno = 0;
	guard->length = strtoll(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end || errno)
		guard->bad_length = true;
}

void so_guard_header(struct so_guard *guard, const char *name, size_t name_len, const char *value, size_t value_len)
{
	if (!value) {
		value = "";
		value_len = 0;
	}
	if (!good_name(name, name_len))
		guard->bad_name = true;
	if (!good_value(value, value_len))
		guard->bad_value = true;
	if (name_is(name, name_len, "Host")) {
		guard->n_host++;
		guard->host = value;
	} else if (name_is(name, name_len, "Content-Length")) {
		note_length(guard, value);
	} else if (name_is(name, name_len, "Transfer-Encoding")) {
		guard->n_encoding++;
		if (strcasecmp(value, "chunked") != 0)
			guard->bad_encoding = true;
	} else if (name_is(name, name_len, "Origin")) {
		guard->n_origin++;
		guard->origin = value;
	} else if (name_is(name, name_len, "Content-Type")) {
		guard->n_type++;
		guard->content_type = value;
	} else if (name_is(name, name_len, "Expect")) {
		guard->expect = value;
	}
}

static bool bad_uri(const char *raw)
{
	if (raw[0] != '/' && strcmp(raw, "*") != 0)
		return true;
	for (const char *p = raw; *p; p++) {
		if ((unsigned char)*p <= 0x20 || *p == 0x7f)
			return true;
		if (*p == '%' && (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2])))
			return true;
		if (*p == '%' && p[1] == '0' && p[2] == '0')
			return true;
	}
	return false;
}

const struct so_guard_refusal *so_guard_framing(const struct so_guard *guard, const char *raw_uri, const char *version)
{
	static const struct so_guard_refusal uri = {
		400, "bad_uri",
		"the request target must be a path without control characters, with complete %xx escapes other than %00"
	};
	static const struct so_guard_refusal header = { 400, "bad_header",
		"a header has a malformed name or a control character in its value" };
	static const struct so_guard_refusal no_host = { 400, "bad_host", "exactly one Host header is required" };
	static const struct so_guard_refusal length = { 400, "bad_length",
		"Content-Length must be one whole number, and not come with Transfer-Encoding" };
	static const struct so_guard_refusal encoding = { 400, "bad_encoding",
		"the only Transfer-Encoding understood is chunked" };

	if (bad_uri(raw_uri))
		return &uri;
	if (guard->bad_name || guard->bad_value || guard->n_origin > 1 || guard->n_type > 1)
		return &header;
	if (guard->n_host > 1 || (guard->n_host == 0 && strcmp(version, "HTTP/1.0") != 0))
		return &no_host;
	if (guard->n_length > 1 || guard->bad_length || (guard->n_length && guard->n_encoding))
		return &length;
	if (guard->bad_encoding || guard->n_encoding > 1)
		return &encoding;
	return NULL;
}

/* ---- who is asking ------------------------------------------------------------------------------------------- */

/* Length of the name in "name:port" or "[::1]:port"; 0 when it is malformed. */
static size_t host_length(const char *host)
{
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	const char *rest = host + (len <= strlen(host) ? len : strlen(host));

	if (host[0] == '[' && !strchr(host, ']'))
		return 0;
	if (*rest == '\0')
		return len;
	return *rest == ':' && rest[strspn(rest + 1, "0123456789") + 1] == '\0' ? len : 0;
}

static bool same_name(const char *host, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(host, name, len) == 0;
}

static bool literal_v4(const char *host, size_t len)
{
	int dots = 0;

	for (size_t i = 0; i < len; i++) {
		if (host[i] == '.')
			dots++;
		else if (!isdigit((unsigned char)host[i]))
			return false;
	}
	return dots == 3 && len >= 7 && len <= 15;
}

static bool host_allowed(const char *host, const struct so_guard_policy *policy)
{
	size_t len = host_length(host);

	if (len == 0)
		return false;
	if (same_name(host, len, "localhost") || same_name(host, len, "[::1]"))
		return true;
	if (literal_v4(host, len) && (policy->any_address || strncmp(host, "127.", 4) == 0))
		return true;
	if (policy->any_address && host[0] == '[')
		return true;
	for (size_t i = 0; i < policy->n_hosts; i++)
		if (same_name(host, len, policy->hosts[i]))
			return true;
	return false;
}

const struct so_guard_refusal *so_guard_host(const struct so_guard *guard, const struct so_guard_policy *policy)
{
	static const struct so_guard_refusal refusal = { 421, "host_not_allowed",
		"this Host is neither loopback nor listed; to serve it add its name to ALLOWED_HOSTS" };

	if (!guard->host) /* HTTP/1.0 without one: no browser sends that, so nothing was rebound */
		return NULL;
	return host_allowed(guard->host, policy) ? NULL : &refusal;
}

bool so_guard_origin_listed(const struct so_guard *guard, const struct so_guard_policy *policy)
{
	const char *origin = guard->origin;

	if (!origin)
		return false;
	const char *host = strstr(origin, "://");

	if (host && guard->host && strcasecmp(host + 3, guard->host) == 0 &&
		(strncasecmp(origin, "http:", 5) == 0 || strncasecmp(origin, "https:", 6) == 0))
		return true;
	for (size_t i = 0; i < policy->n_origins; i++)
		if (strcasecmp(policy->origins[i], origin) == 0)
			return true;
	return false;
}

bool so_guard_origin_allowed(const struct so_guard *guard, const struct so_guard_policy *policy)
{
	for (size_t i = 0; guard->origin && i < policy->n_origins; i++)
		if (strcmp(policy->origins[i], "*") == 0)
			return true;
	return so_guard_origin_listed(guard, policy);
}

const struct so_guard_refusal *so_guard_origin(
	const struct so_guard *guard, const struct so_guard_policy *policy, const char *method)
{
	static const struct so_guard_refusal refusal = { 403, "origin_not_allowed",
		"this Origin may not change anything here; to allow it add it to CORS_ORIGINS" };

	if (!guard->origin || strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return NULL;
	return so_guard_origin_allowed(guard, policy) ? NULL : &refusal;
}

/* ---- what is asked for --------------------------------------------------------------------------------------- */

bool so_guard_is_json(const char *content_type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	if (!content_type || strncasecmp(content_type, json, len) != 0)
		return false;
	return content_type[len] == '\0' || content_type[len] == ';' || content_type[len] == ' ';
}

/* The q parameter of one element, in thousandths. */
static int quality(const char *parameters, const char *end)
{
	for (const char *p = parameters; p < end; p++)
		if (*p == ';') {
			const char *q = p + 1;

			while (q < end && *q == ' ')
				q++;
			if (q + 2 < end && (q[0] == 'q' || q[0] == 'Q') && q[1] == '=')
				return (int)(strtod(q + 2, NULL) * 1000);
		}
	return 1000;
}

/* How closely an element such as "text/<star>" names the type: 3 exactly, 2 its family, 1 anything, 0 not. */
static int closeness(const char *element, size_t len, const char *type)
{
	size_t family = strcspn(type, "/") + 1;

	if (same_name(element, len, type))
		return 3;
	if (len == family + 1 && strncasecmp(element, type, family) == 0 && element[family] == '*')
		return 2;
	return same_name(element, len, "*/*") || same_name(element, len, "*") ? 1 : 0;
}

int so_guard_accept(const char *accept, const char *type)
{
	int best = 0, result = 0;

	if (!accept || accept[strspn(accept, " ")] == '\0')
		return 1000;
	for (const char *p = accept; *p;) {
		p += strspn(p, " \t,");
		const char *end = p + strcspn(p, ",");
		int close = closeness(p, strcspn(p, ";, \t"), type);

		if (close > best) {
			best = close;
			result = quality(p, end);
		}
		p = end;
	}
	return result;
}

bool so_guard_accepts_gzip(const char *accept_encoding)
{
	return accept_encoding && accept_encoding[strspn(accept_encoding, " ")] &&
	       so_guard_accept(accept_encoding, "gzip") > 0;
}

bool so_guard_sane_id(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len > 64)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	return true;
}
