#include "cli/client.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define ANSWER_MAX ((size_t)64 * 1024 * 1024)
#define TIMEOUT_MS 60000

char *so_cli_url(TALLOC_CTX *ctx, const char *given)
{
	const char *environment = getenv("SQLOPT_URL");
	const char *url = given ? given : environment && *environment ? environment : SO_CLI_URL;
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return so_strndup(ctx, url, len);
}

char *so_cli_escape(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 16384);
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-_.~", *text))
			so_buf_addc(&buf, *text);
		else
			so_buf_addf(&buf, "%%%02X", (unsigned char)*text);
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
	struct so_buf *answer = arg;

	so_buf_add(answer, data, size * count);
	return answer->overflow ? 0 : size * count;
}

/* The server's own words, with the kind that its code names. */
static bool problem(const char *url, long status, const json_t *doc, struct so_err *err)
{
	const json_t *detail = json_object_get(doc, "detail");
	const char *text = json_string_value(detail), *code = json_string_value(json_object_get(doc, "code"));
	enum so_kind kind = status == 422 ? SO_INPUT : status >= 500 ? SO_UNREACHABLE : SO_INPUT;

	for (int i = 0; code && i < SO_KIND_MAX; i++)
		if (strcmp(so_kind_name((enum so_kind)i), code) == 0)
			kind = (enum so_kind)i;
	if (json_is_array(detail)) {
		const json_t *first = json_array_get(detail, 0), *loc = json_object_get(first, "loc");
		const char *field = json_string_value(json_array_get(loc, 1));

		return so_fail(err, kind, "%s: %s", field ? field : "request",
			json_string_value(json_object_get(first, "msg")));
	}
	if (text)
		return so_fail(err, kind, "%s", text);
	return so_fail(err, SO_UNREACHABLE, "'%s' answered %ld, and not as a server of sqlopt does", url, status);
}

static CURLcode perform(
	const char *address, const char *method, const char *text, long timeout_ms, struct so_buf *answer, long *status)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	CURL *curl = curl_easy_init();
	CURLcode code;

	so_assert(curl);
	if (text)
		headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(curl, CURLOPT_URL, address);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sqlopt/" SO_VERSION);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (text)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return code;
}

bool so_cli_call_within(const char *url, const char *method, const char *path, const json_t *body, long timeout_ms,
	json_t **out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct so_buf answer;
	long status = 0;
	json_t *doc;
	CURLcode code;

	so_buf_init(&answer, tmp, ANSWER_MAX);
	code = perform(so_printf(tmp, "%s%s", url, path), method, text, timeout_ms, &answer, &status);
	if (text)
		explicit_bzero(text, strlen(text)); /* it may hold passwords */
	free(text);
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
		return so_fail(err, SO_UNREACHABLE,
			"no server answers at '%s'; start one with sqlopt serve, or name it "
			"with --url",
			url);
	if (code != CURLE_OK)
		return so_fail(err, SO_UNREACHABLE, "'%s': %s", url,
			answer.overflow ? "the answer is over 64 MiB" : curl_easy_strerror(code));
	doc = answer.len ? json_loadb(answer.data, answer.len, JSON_DECODE_ANY, NULL) : NULL;
	if (status < 200 || status > 299 || (answer.len && !doc)) {
		problem(url, status, doc, err);
		json_decref(doc);
		return false;
	}
	*out = doc;
	return true;
}

bool so_cli_call(
	const char *url, const char *method, const char *path, const json_t *body, json_t **out, struct so_err *err)
{
	return so_cli_call_within(url, method, path, body, TIMEOUT_MS, out, err);
}
