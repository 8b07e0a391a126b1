#include "alert/message.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"

#define TEXT_MAX 8192

/* ---- redaction ---- */

/* Behind =, <, > or in a list that follows an opening parenthesis of one: where a literal stands in SQL. */
static bool begins_operand(const char *text, size_t at)
{
	while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '-'))
		at--;
	return at > 0 && strchr("=<>~", text[at - 1]);
}

/* The end of a quoted text that begins at `at`; doubled quotes belong to it. `at` when it has no end. */
static size_t quoted_end(const char *text, size_t at)
{
	for (size_t i = at + 1; text[i]; i++)
		if (text[i] == '\'') {
			if (text[i + 1] != '\'')
				return i + 1;
			i++;
		}
	return at;
}

/* The numbers of "IN (1, 2)", from its parenthesis on. */
static size_t list_end(const char *text, size_t at)
{
	size_t end = at + 1 + strspn(text + at + 1, "0123456789., -+eE");

	return text[end] == ')' && end > at + 1 ? end : at;
}

static bool is_in_list(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] == ' ')
		at--;
	return at >= 2 && strncasecmp(text + at - 2, "in", 2) == 0 &&
	       (at == 2 || !isalnum((unsigned char)text[at - 3]));
}

char *so_alert_redact(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, TEXT_MAX);
	for (size_t i = 0; text[i];) {
		size_t end = i;

		/* an apostrophe inside a word is none of SQL's */
		if (text[i] == '\'' && !(i > 0 && isalnum((unsigned char)text[i - 1])))
			end = quoted_end(text, i);
		else if (isdigit((unsigned char)text[i]) && begins_operand(text, i))
			end = i + strspn(text + i, "0123456789.eE+");
		else if (text[i] == '(' && is_in_list(text, i) && list_end(text, i) > i) {
			so_buf_addc(&buf, '(');
			end = list_end(text, i);
		}
		if (end == i) {
			so_buf_addc(&buf, text[i++]);
			continue;
		}
		so_buf_addc(&buf, '?');
		i = end;
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

/* ---- the document ---- */

json_t *so_alert_to_json(const struct so_alert *alert)
{
	SO_TMP(tmp, NULL);
	json_t *doc = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s?, s:s, s:s?}", "version", 1, "event", alert->event,
		"state", alert->resolved ? "resolved" : "firing", "title", so_alert_redact(tmp, alert->title), "text",
		alert->own_text && alert->text ? alert->text : so_alert_redact(tmp, alert->text ? alert->text : ""),
		"severity", alert->severity, "at", so_time_text(tmp, alert->at_us), "rule", alert->rule);

	json_object_set_new(doc, "connection",
		alert->connection ? json_pack("{s:I, s:s, s:s?}", "id", (json_int_t)alert->connection_id, "name",
					    alert->connection, "engine", alert->engine)
				  : json_null());
	json_object_set_new(doc, "finding",
		alert->finding_id
			? json_pack("{s:I, s:s?, s:o, s:o}", "id", (json_int_t)alert->finding_id, "rule",
				  alert->finding_rule, "query_id",
				  alert->query_id ? json_integer(alert->query_id) : json_null(), "docs",
				  alert->finding_rule
					  ? json_string(so_printf(tmp, "/docs/findings/%s", alert->finding_rule))
					  : json_null())
			: json_null());
	return doc;
}

static const char *member(const json_t *doc, const char *name)
{
	const char *text = json_string_value(json_object_get(doc, name));

	return text ? text : "";
}

/* "[RESOLVED] shop: Called 40 times ..." */
static char *headline(TALLOC_CTX *ctx, const json_t *doc)
{
	const json_t *connection = json_object_get(doc, "connection");
	bool resolved = strcmp(member(doc, "state"), "resolved") == 0;
	const char *severity = member(doc, "severity");
	char mark[16];
	size_t n = 0;

	for (; severity[n] && n + 1 < sizeof mark; n++)
		mark[n] = (char)toupper((unsigned char)severity[n]);
	mark[n] = '\0';
	return so_printf(ctx, "[%s] %s%s%s",
		resolved ? "RESOLVED"
		: *mark  ? mark
			 : "SQLOPT",
		member(connection, "name"), json_is_object(connection) ? ": " : "", member(doc, "title"));
}

/* ---- Slack ---- */

/* Slack gives a meaning to these three only. */
static char *slack_text(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, TEXT_MAX * 5);
	for (; *text; text++)
		switch (*text) {
		case '&':
			so_buf_adds(&buf, "&amp;");
			break;
		case '<':
			so_buf_adds(&buf, "&lt;");
			break;
		case '>':
			so_buf_adds(&buf, "&gt;");
			break;
		default:
			so_buf_addc(&buf, *text);
		}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

static char *slack_body(TALLOC_CTX *ctx, const json_t *doc)
{
	SO_TMP(tmp, ctx);
	const char *text = member(doc, "text"), *rule = member(doc, "rule");
	json_t *body = json_pack("{s:s}", "text",
		so_printf(tmp, "*%s*%s%s%s%s%s", slack_text(tmp, headline(tmp, doc)), *text ? "\n" : "",
			slack_text(tmp, text), *rule ? "\n_rule " : "", slack_text(tmp, rule), *rule ? "_" : ""));
	char *dumped = json_dumps(body, JSON_COMPACT), *copy = so_strdup(ctx, dumped);

	free(dumped);
	json_decref(body);
	return copy;
}

/* ---- mail ---- */

static char *base64(TALLOC_CTX *ctx, const char *bytes, size_t len, size_t line)
{
	char *flat = so_new_array(ctx, char, (len + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock((unsigned char *)flat, (const unsigned char *)bytes, (int)len);
	struct so_buf buf;

	so_buf_init(&buf, ctx, TEXT_MAX * 4);
	for (int i = 0; i < n; i += (int)line) {
		so_buf_add(&buf, flat + i, (size_t)(n - i) < line ? (size_t)(n - i) : line);
		if (line < (size_t)n)
			so_buf_adds(&buf, "\r\n");
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

/* A header's value of any text, by RFC 2047: each word at most 75 bytes, no character cut in two. */
static char *encoded(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;
	size_t len = strlen(text);

	so_buf_init(&buf, ctx, TEXT_MAX);
	len = len < 400 ? len : 400;
	for (size_t at = 0; at < len;) {
		size_t n = len - at < 36 ? len - at : 36;

		while (n > 1 && at + n < strlen(text) && ((unsigned char)text[at + n] & 0xc0) == 0x80)
			n--;
		so_buf_addf(&buf, "%s=?UTF-8?B?%s?=", at ? "\r\n " : "", base64(ctx, text + at, n, 1000));
		at += n;
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

static char *mail_date(TALLOC_CTX *ctx, int64_t at_us)
{
	/* not strftime: its names follow the locale */
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return so_printf(ctx, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000", days + tm.tm_wday * 3, tm.tm_mday,
		months + tm.tm_mon * 3, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static char *mail_body(TALLOC_CTX *ctx, const json_t *doc, const struct so_channel *channel, int64_t delivery_id)
{
	SO_TMP(tmp, ctx);
	const json_t *connection = json_object_get(doc, "connection"), *finding = json_object_get(doc, "finding");
	int64_t now_us = so_time_now_us();
	const char *domain = strchr(channel->from, '@') + 1;
	char *head = headline(tmp, doc);
	struct so_buf to, text;

	so_buf_init(&to, tmp, TEXT_MAX);
	so_buf_init(&text, tmp, TEXT_MAX * 2);
	for (size_t i = 0; i < channel->n_to; i++)
		so_buf_addf(&to, "%s%s", i ? ",\r\n " : "", channel->to[i]);
	so_buf_addf(&text, "%s\r\n\r\n%s\r\n\r\n", head, member(doc, "text"));
	if (json_is_object(connection))
		so_buf_addf(&text, "Connection: %s (%s)\r\n", member(connection, "name"), member(connection, "engine"));
	if (json_is_object(finding))
		so_buf_addf(&text, "Finding: %s, number %lld\r\n", member(finding, "rule"),
			(long long)json_integer_value(json_object_get(finding, "id")));
	so_buf_addf(&text, "At: %s\r\n", member(doc, "at"));
	if (*member(doc, "rule"))
		so_buf_addf(&text, "Alert rule: %s\r\n", member(doc, "rule"));
	return so_printf(ctx,
		"Date: %s\r\nFrom: sqlopt <%s>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%lld.%lld@%s>\r\n"
		"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n%s",
		mail_date(tmp, now_us), channel->from, so_buf_text(&to), encoded(tmp, head), (long long)delivery_id,
		(long long)now_us, domain, base64(tmp, so_buf_text(&text), text.len, 76));
}

char *so_alert_body(TALLOC_CTX *ctx, const json_t *doc, const struct so_channel *channel, int64_t delivery_id)
{
	char *dumped, *copy;

	switch (channel->kind) {
	case SO_CHANNEL_SLACK:
		return slack_body(ctx, doc);
	case SO_CHANNEL_EMAIL:
		return mail_body(ctx, doc, channel, delivery_id);
	case SO_CHANNEL_WEBHOOK:
	case SO_CHANNEL_KIND_MAX:
		break;
	}
	dumped = json_dumps(doc, JSON_COMPACT);
	copy = so_strdup(ctx, dumped);
	free(dumped);
	return copy;
}
