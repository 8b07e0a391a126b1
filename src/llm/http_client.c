#include "llm/http_client.h"

#include <curl/curl.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 5000

struct transfer {
	struct so_buf body;
	struct so_cancel *cancel;
	int64_t deadline_us;
	bool cancelled, late;
};

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;

	so_buf_add(&transfer->body, data, size * count);
	return transfer->body.overflow ? 0 : size * count; /* 0 makes curl stop */
}

/* Called at least once a second; libcurl's own LOW_SPEED_TIME fires far too late to be a deadline. */
static int on_progress(void *arg, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
	struct transfer *transfer = arg;

	(void)total_down, (void)down, (void)total_up, (void)up;
	transfer->cancelled = so_cancel_requested(transfer->cancel);
	transfer->late = so_time_monotonic_us() >= transfer->deadline_us;
	return transfer->cancelled || transfer->late;
}

char *so_http_safe_url(TALLOC_CTX *ctx, const char *url)
{
	const char *scheme_end = strstr(url, "://"), *host = scheme_end ? scheme_end + 3 : url;
	const char *path = host + strcspn(host, "/?#"), *at = NULL;

	for (const char *p = host; p < path; p++)
		if (*p == '@')
			at = p;
	if (!at)
		return so_strndup(ctx, url, (size_t)(path - url) + strcspn(path, "?#"));
	return so_printf(ctx, "%.*s%.*s", (int)(host - url), url, (int)strcspn(at + 1, "?#"), at + 1);
}

static bool explain(
	CURLcode code, const struct transfer *transfer, const struct so_http_request *request, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *url = so_http_safe_url(tmp, request->url);

	if (transfer->cancelled)
		return so_fail(err, SO_CANCELLED, "cancelled while waiting for '%s'", url);
	if (transfer->late || code == CURLE_OPERATION_TIMEDOUT)
		return so_fail(err, SO_TIMEOUT, "no complete answer from '%s' within %.1f s", url,
			(double)request->timeout_ms / 1000);
	if (transfer->body.overflow)
		return so_fail(err, SO_MODEL, "answer of '%s' is over %zu bytes", url, request->max_bytes);
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return so_fail(err, SO_INPUT, "'%s' is not an http or https URL", url);
	if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE)
		return so_fail(err, SO_MODEL, "'%s' closed the connection before its answer was complete", url);
	return so_fail(err, SO_UNREACHABLE, "cannot reach '%s': %s", url, curl_easy_strerror(code));
}

static void set_options(
	CURL *curl, struct transfer *transfer, const struct so_http_request *request, struct curl_slist *headers)
{
	long timeout_ms = (long)request->timeout_ms;

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* threads */
	curl_easy_setopt(
		curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms < CONNECT_TIMEOUT_MS ? timeout_ms : CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sqlopt/" SO_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (request->body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
}

bool so_http_fetch(
	TALLOC_CTX *ctx, const struct so_http_request *request, long *status, char **body, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct transfer transfer = { .cancel = request->cancel };
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	CURLcode code;

	if (!curl)
		return so_fail(err, SO_INTERNAL, "cannot start an HTTP request");
	transfer.deadline_us = so_time_monotonic_us() + request->timeout_ms * 1000;
	so_buf_init(&transfer.body, tmp, request->max_bytes);
	headers = curl_slist_append(headers, "Accept: application/json");
	if (request->body)
		headers = curl_slist_append(headers, "Content-Type: application/json");
	set_options(curl, &transfer, request, headers);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		return explain(code, &transfer, request, err);
	*body = so_strdup(ctx, so_buf_text(&transfer.body));
	return true;
}
