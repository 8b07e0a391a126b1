#include "alert/send.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "alert/address.h"
#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 5000
#define ANSWER_MAX         65536

struct transfer {
	struct so_cancel *cancel;
	int64_t deadline_us;
	bool any_address; /* the host is listed */
	bool refused, late, cancelled;
	const char *rest; /* of a mail that is being sent */
	size_t received;
};

/* Called with the address that is about to be connected to. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;

	(void)purpose;
	if (!transfer->any_address && !so_address_is_public(&address->addr)) {
		transfer->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t drop_answer(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;

	(void)data;
	transfer->received += size * count;
	return transfer->received > ANSWER_MAX ? 0 : size * count;
}

static size_t read_mail(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = strlen(transfer->rest), n = size * count < len ? size * count : len;

	memcpy(data, transfer->rest, n);
	transfer->rest += n;
	return n;
}

static int on_progress(void *arg, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
	struct transfer *transfer = arg;

	(void)total_down, (void)down, (void)total_up, (void)up;
	transfer->cancelled = so_cancel_requested(transfer->cancel);
	transfer->late = so_time_monotonic_us() >= transfer->deadline_us;
	return transfer->cancelled || transfer->late;
}

static void set_common(CURL *curl, struct transfer *transfer, const struct so_channel *channel)
{
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* threads */
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SO_ALERT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* its address would be judged instead of the receiver's */
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (channel->tls_ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, channel->tls_ca);
}

static struct curl_slist *set_http(
	CURL *curl, TALLOC_CTX *ctx, const struct so_channel *channel, const char *body, int64_t delivery_id)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	headers = curl_slist_append(headers, "Expect:");
	/* so that a receiver can tell a repeated attempt from another alert */
	headers = curl_slist_append(headers, so_printf(ctx, "X-Sqlopt-Delivery: %" PRId64, delivery_id));
	if (channel->authorization && *channel->authorization)
		headers = curl_slist_append(headers, so_printf(ctx, "Authorization: %s", channel->authorization));
	curl_easy_setopt(curl, CURLOPT_URL, channel->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sqlopt/" SO_VERSION);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	return headers;
}

static struct curl_slist *set_smtp(
	CURL *curl, TALLOC_CTX *ctx, struct transfer *transfer, const struct so_channel *channel, const char *body)
{
	bool tls = strcmp(channel->smtp_security, "tls") == 0, start = strcmp(channel->smtp_security, "starttls") == 0;
	int64_t port = channel->smtp_port ? channel->smtp_port : tls ? 465 : start ? 587 : 25;
	bool v6 = strchr(channel->smtp_host, ':') != NULL;
	struct curl_slist *to = NULL;

	/* the path is what we greet the server as */
	curl_easy_setopt(curl, CURLOPT_URL,
		so_printf(ctx, "%s://%s%s%s:%" PRId64 "/sqlopt", tls ? "smtps" : "smtp", v6 ? "[" : "",
			channel->smtp_host, v6 ? "]" : "", port));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(tls || start ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	if (channel->username)
		curl_easy_setopt(curl, CURLOPT_USERNAME, channel->username);
	if (channel->password)
		curl_easy_setopt(curl, CURLOPT_PASSWORD, channel->password);
	for (size_t i = 0; i < channel->n_to; i++)
		to = curl_slist_append(to, so_printf(ctx, "<%s>", channel->to[i]));
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, so_printf(ctx, "<%s>", channel->from));
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	transfer->rest = body;
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
	curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	return to;
}

static bool explain(CURLcode code, const struct transfer *transfer, const struct so_channel *channel, const char *host,
	struct so_send_result *out, struct so_err *err)
{
	if (transfer->cancelled)
		return so_fail(err, SO_CANCELLED, "the server stops");
	if (transfer->refused) {
		out->permanent = true;
		return so_fail(err, SO_FORBIDDEN,
			"'%s' has a private address; an administrator may allow it with ALERT_ALLOWED_HOSTS", host);
	}
	if (transfer->late || code == CURLE_OPERATION_TIMEDOUT)
		return so_fail(err, SO_TIMEOUT, "'%s' did not answer within %d s", host, SO_ALERT_TIMEOUT_MS / 1000);
	if (channel->kind == SO_CHANNEL_EMAIL && out->status >= 400) {
		out->permanent = out->status >= 500;
		return so_fail(err, SO_TARGET, "mail server '%s' answered %ld%s", host, out->status,
			code == CURLE_LOGIN_DENIED ? " to the login" : "");
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
		code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED || code == CURLE_URL_MALFORMAT)
		out->permanent = true;
	return so_fail(err, SO_UNREACHABLE, "cannot deliver to '%s': %s", host, curl_easy_strerror(code));
}

static bool judge(const struct so_channel *channel, const char *host, struct so_send_result *out, struct so_err *err)
{
	if (channel->kind == SO_CHANNEL_EMAIL || (out->status >= 200 && out->status < 300))
		return true;
	/* a redirect is not followed: it could lead anywhere */
	out->permanent = out->status < 500 && out->status != 408 && out->status != 425 && out->status != 429;
	return so_fail(err, SO_TARGET, "'%s' answered %ld", host, out->status);
}

bool so_alert_send(const struct so_channel *channel, const struct so_config_list *allowed, const char *body,
	int64_t delivery_id, struct so_cancel *cancel, struct so_send_result *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool mail = channel->kind == SO_CHANNEL_EMAIL;
	const char *host = mail ? channel->smtp_host : channel->url ? so_url_host(tmp, channel->url) : NULL;
	struct transfer transfer = { .cancel = cancel };
	struct curl_slist *list;
	curl_off_t wait = 0;
	CURLcode code;
	CURL *curl;

	*out = (struct so_send_result){ 0 };
	if (!host) {
		out->permanent = true;
		return so_fail(err, SO_INPUT, "the channel has no address");
	}
	transfer.any_address = so_host_is_listed(host, allowed->items, allowed->count);
	if (allowed->count && !transfer.any_address) {
		out->permanent = true;
		return so_fail(err, SO_FORBIDDEN, "'%s' is not among ALERT_ALLOWED_HOSTS", host);
	}
	curl = curl_easy_init();
	if (!curl)
		return so_fail(err, SO_INTERNAL, "cannot start a transfer");
	transfer.deadline_us = so_time_monotonic_us() + SO_ALERT_TIMEOUT_MS * 1000;
	set_common(curl, &transfer, channel);
	list = mail ? set_smtp(curl, tmp, &transfer, channel, body) : set_http(curl, tmp, channel, body, delivery_id);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
	out->retry_after_s = wait;
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	if (code == CURLE_WRITE_ERROR && transfer.received > ANSWER_MAX)
		code = CURLE_OK; /* a long answer is nobody's business */
	return code == CURLE_OK ? judge(channel, host, out, err) : explain(code, &transfer, channel, host, out, err);
}
