/* What an alert says, where it may go, and when it is tried again. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/address.h"
#include "alert/alerts.h"
#include "alert/message.h"

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return so_address_is_public((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return so_address_is_public((const struct sockaddr *)&v6);
}

static void test_addresses(void **state)
{
	static const char *const open[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
		"::ffff:8.8.8.8", "2002:0808:0808::1", "64:ff9b::8.8.8.8", NULL };
	static const char *const closed[] = { "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
		"127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.0.1", "198.18.0.1",
		"224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00:ec2::254", "fc00::1",
		"ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::169.254.169.254",
		"2002:7f00:0001::1", "2001:db8::1", "2001::1", "3fff::1", NULL };
	const struct sockaddr local = { .sa_family = AF_UNIX };

	(void)state;
	for (size_t i = 0; open[i]; i++)
		if (!is_public(open[i]))
			fail_msg("%s is public", open[i]);
	for (size_t i = 0; closed[i]; i++)
		if (is_public(closed[i]))
			fail_msg("%s is not public", closed[i]);
	assert_false(so_address_is_public(&local));
}

static void test_listed_hosts(void **state)
{
	char *list[] = { (char *)"Hooks.example.com", (char *)".corp.test", (char *)"::1" };

	(void)state;
	assert_true(so_host_is_listed("hooks.EXAMPLE.com", list, 3));
	assert_true(so_host_is_listed("a.b.corp.test", list, 3));
	assert_true(so_host_is_listed("::1", list, 3));
	assert_false(so_host_is_listed("corp.test", list, 3));
	assert_false(so_host_is_listed(".corp.test.evil.com", list, 3));
	assert_false(so_host_is_listed("evilhooks.example.com", list, 3));
	assert_false(so_host_is_listed("evilcorp.test", list, 3));
	assert_false(so_host_is_listed("x", list, 0));
}

static void test_hosts_of_urls(void **state)
{
	static const struct {
		const char *url, *host;
	} rows[] = { { "https://a.b/c?d@e", "a.b" }, { "http://u:p@h:81", "h" }, { "http://u@v@h/", "h" },
		{ "https://[2001:db8::1]:443/", "2001:db8::1" }, { "http://[::1", NULL }, { "http:///x", NULL },
		{ "a.b", NULL } };
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *host = so_url_host(ctx, rows[i].url);

		if (rows[i].host)
			assert_string_equal(host, rows[i].host);
		else
			assert_null(host);
	}
	talloc_free(ctx);
}

static void test_redaction(void **state)
{
	static const struct {
		const char *text, *redacted;
	} rows[] = {
		{ "3.2 times slower", "3.2 times slower" },
		{ "Filter (status = 'paid') reads 600000 rows", "Filter (status = ?) reads 600000 rows" },
		{ "name = 'O''Brien' AND x", "name = ? AND x" },
		{ "a>=17 or b < -4.5e6, c=ANY('{1,2}')", "a>=? or b < -?, c=ANY(?)" },
		{ "id IN (1, 2, 3) and join (4)", "id IN (?) and join (4)" },
		{ "it's 5 o'clock = 7", "it's 5 o'clock = ?" },
		{ "open 'quote", "open 'quote" },
		{ "", "" },
	};
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(so_alert_redact(ctx, rows[i].text), rows[i].redacted);
	talloc_free(ctx);
}

static void test_attempts_end(void **state)
{
	int64_t sum = 0, before = 0;

	(void)state;
	for (int64_t i = 1; i < SO_ALERT_ATTEMPTS; i++) {
		int64_t wait = so_alert_backoff_s(i, 0);

		assert_true(wait > before && wait <= 3600);
		sum += before = wait;
	}
	assert_int_equal(so_alert_backoff_s(SO_ALERT_ATTEMPTS, 0), 0);
	assert_int_equal(so_alert_backoff_s(SO_ALERT_ATTEMPTS, 60), 0);
	assert_true(sum > 3600); /* longer than a receiver that is being updated is away */
	assert_int_equal(so_alert_backoff_s(1, 120), 120);
	assert_int_equal(so_alert_backoff_s(1, 99999999), 3600);
	assert_int_equal(so_alert_backoff_s(5, 1), so_alert_backoff_s(5, 0));
}

/* A subject of any bytes makes one header: nothing of it can begin another. */
static void test_mail_headers(void **state)
{
	const struct so_alert alert = { .event = "finding",
		.title = "x\r\nBcc: evil@example.com\r\n\r\nbody äöü äöü äöü äöü äöü äöü äöü äöü äöü äöü äöü äöü äöü "
			 "äöü",
		.text = "\r\n.\r\nQUIT",
		.severity = "high",
		.connection = "c",
		.at_us = 1 };
	const struct so_channel channel = {
		.kind = SO_CHANNEL_EMAIL, .from = "a@example.com", .n_to = 1, .to = { "b@example.com" }
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	json_t *doc = so_alert_to_json(&alert);
	const char *body = so_alert_body(ctx, doc, &channel, 7), *end = strstr(body, "\r\n\r\n");

	(void)state;
	assert_null(strstr(body, "evil"));
	assert_null(strstr(body, "\r\n.\r\n"));
	assert_non_null(end);
	assert_null(strstr(end + 4, "\r\n\r\n"));
	for (const char *line = body; *line; line += strcspn(line, "\r") + 2) {
		assert_true(strcspn(line, "\r") <= 76);
		if (!strchr(line, '\r'))
			break;
	}
	json_decref(doc);
	talloc_free(ctx);
}

static void test_channels_are_checked(void **state)
{
	static const struct {
		struct so_channel channel;
		const char *word; /* NULL: fine */
	} rows[] = {
		{ { .kind = SO_CHANNEL_WEBHOOK, .url = "https://h/x" }, NULL },
		{ { .kind = SO_CHANNEL_WEBHOOK }, "url" },
		{ { .kind = SO_CHANNEL_WEBHOOK, .url = "ftp://h/x" }, "url" },
		{ { .kind = SO_CHANNEL_SLACK, .url = "https://h/x y" }, "url" },
		{ { .kind = SO_CHANNEL_WEBHOOK, .url = "https://h/", .authorization = "a\nb" }, "authorization" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_security = "tls", .from = "a@b", .n_to = 1, .to = { "a@b" } },
			"smtp_host" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_host = "h/x", .smtp_security = "tls" }, "smtp_host" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_host = "h", .smtp_security = "maybe" }, "smtp_security" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_host = "h", .smtp_security = "none", .password = "p" },
			"smtp_security" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_host = "h", .smtp_security = "tls", .from = "a@b>" }, "from" },
		{ { .kind = SO_CHANNEL_EMAIL, .smtp_host = "h", .smtp_security = "tls", .from = "a@b" }, "to" },
		{ { .kind = SO_CHANNEL_EMAIL,
			  .smtp_host = "h",
			  .smtp_security = "tls",
			  .from = "a@b",
			  .n_to = 2,
			  .to = { "a@b", "c@d\nX" } },
			"to" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		bool fine = so_channel_check(&rows[i].channel, &err);

		assert_int_equal(fine, !rows[i].word);
		if (rows[i].word)
			assert_int_equal(strncmp(err.message, rows[i].word, strlen(rows[i].word)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_listed_hosts),
		cmocka_unit_test(test_hosts_of_urls),
		cmocka_unit_test(test_redaction),
		cmocka_unit_test(test_attempts_end),
		cmocka_unit_test(test_mail_headers),
		cmocka_unit_test(test_channels_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
