/* The parts of the HTTP edge that need no socket: guard, content negotiation, reaper, assets, Markdown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "http/assets.h"
#include "http/guard.h"
#include "http/handshake.h"
#include "http/markdown.h"
#include "http/reaper.h"

struct framing_row {
	const char *headers; /* name, 1, value, 2, ... */
	const char *uri, *version, *code; /* NULL: passes */
};

static void add_headers(struct so_guard *guard, char *text)
{
	for (char *line = text; *line;) {
		char *value = strchr(line, '\1'), *end = strchr(line, '\2');

		*value++ = '\0';
		*end = '\0';
		so_guard_header(guard, line, strlen(line), value, (size_t)(end - value));
		line = end + 1;
	}
}

static void test_framing(void **state)
{
	static const struct framing_row rows[] = {
		{ "Host\1a\2", "/x", "HTTP/1.1", NULL },
		{ "", "/x", "HTTP/1.0", NULL },
		{ "", "/x", "HTTP/1.1", "bad_host" },
		{ "Host\1a\2host\1b\2", "/x", "HTTP/1.1", "bad_host" },
		{ "Host\1a\2Content-Length\1"
		  "2\2Content-Length\1"
		  "2\2",
			"/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Content-Length\1+2\2", "/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Content-Length\1"
		  "2,2\2",
			"/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Content-Length\1\2", "/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Content-Length\1"
		  "99999999999999999999\2",
			"/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Content-Length\1"
		  "2\2Transfer-Encoding\1chunked\2",
			"/x", "HTTP/1.1", "bad_length" },
		{ "Host\1a\2Transfer-Encoding\1chunked\2", "/x", "HTTP/1.1", NULL },
		{ "Host\1a\2Transfer-Encoding\1xchunked\2", "/x", "HTTP/1.1", "bad_encoding" },
		{ "Host\1a\2Transfer-Encoding\1gzip, chunked\2", "/x", "HTTP/1.1", "bad_encoding" },
		{ "Host\1a\2X \1"
		  "1\2",
			"/x", "HTTP/1.1", "bad_header" },
		{ "Host\1a\2X\1a\x01z\2", "/x", "HTTP/1.1", "bad_header" },
		{ "Host\1a\2Origin\1http://a\2Origin\1http://b\2", "/x", "HTTP/1.1", "bad_header" },
		{ "Host\1a\2", "/x%00", "HTTP/1.1", "bad_uri" },
		{ "Host\1a\2", "/x%zz", "HTTP/1.1", "bad_uri" },
		{ "Host\1a\2", "/x%2", "HTTP/1.1", "bad_uri" },
		{ "Host\1a\2", "/x\x07", "HTTP/1.1", "bad_uri" },
		{ "Host\1a\2", "http://evil/x", "HTTP/1.1", "bad_uri" },
		{ "Host\1a\2", "*", "HTTP/1.1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct so_guard guard = { 0 };
		char *headers = strdup(rows[i].headers);

		add_headers(&guard, headers);
		const struct so_guard_refusal *got = so_guard_framing(&guard, rows[i].uri, rows[i].version);

		if (!rows[i].code != !got || (got && strcmp(got->code, rows[i].code) != 0))
			fail_msg("row %zu: got %s", i, got ? got->code : "pass");
		free(headers);
	}
}

static void test_nul_in_header(void **state)
{
	struct so_guard guard = { 0 };

	(void)state;
	so_guard_header(&guard, "Host", 4, "a", 1);
	so_guard_header(&guard, "X", 1, "a\0b", 3);
	assert_non_null(so_guard_framing(&guard, "/", "HTTP/1.1"));
}

static void test_host(void **state)
{
	static const char *const listed[] = { "db.example" };
	static const struct {
		const char *host;
		bool ok, ok_any;
	} rows[] = {
		{ "localhost", true, true },
		{ "LOCALHOST:8000", true, true },
		{ "127.0.0.1:8000", true, true },
		{ "127.9.9.9", true, true },
		{ "[::1]:8000", true, true },
		{ "db.example", true, true },
		{ "DB.example:1", true, true },
		{ "evil.example", false, false },
		{ "localhost.evil.example", false, false },
		{ "127.0.0.1.evil.example", false, false },
		{ "localhost:80:80", false, false },
		{ "localhost:x", false, false },
		{ "", false, false },
		{ "[::1", false, false },
		{ "192.168.1.7:8000", false, true },
		{ "[fe80::1]:8000", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct so_guard guard = { .n_host = 1, .host = rows[i].host };
		struct so_guard_policy policy = { .n_hosts = 1, .hosts = listed };

		if ((so_guard_host(&guard, &policy) == NULL) != rows[i].ok)
			fail_msg("host '%s'", rows[i].host);
		policy.any_address = true;
		if ((so_guard_host(&guard, &policy) == NULL) != rows[i].ok_any)
			fail_msg("host '%s' on all addresses", rows[i].host);
	}
}

static void test_origin(void **state)
{
	static const char *const listed[] = { "http://localhost:3000" };
	static const struct {
		const char *origin, *method;
		bool passes, may_read;
	} rows[] = {
		{ NULL, "POST", true, false },
		{ "http://localhost:3000", "POST", true, true },
		{ "http://127.0.0.1:8000", "DELETE", true, true }, /* the page itself */
		{ "https://127.0.0.1:8000", "POST", true, true },
		{ "http://127.0.0.1:8001", "POST", false, false },
		{ "http://evil.example", "POST", false, false },
		{ "http://evil.example", "GET", true, false },
		{ "null", "POST", false, false },
		{ "ftp://127.0.0.1:8000", "POST", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct so_guard guard = { .n_host = 1, .host = "127.0.0.1:8000", .origin = rows[i].origin };
		struct so_guard_policy policy = { .n_origins = 1, .origins = listed };

		if ((so_guard_origin(&guard, &policy, rows[i].method) == NULL) != rows[i].passes)
			fail_msg("row %zu: %s", i, rows[i].origin);
		assert_int_equal(so_guard_origin_allowed(&guard, &policy), rows[i].may_read);
	}
}

/* "*" opens the answers to everybody, and still nobody acts with a user's credentials. */
static void test_anybody_is_nobody_in_particular(void **state)
{
	static const char *const anybody[] = { "*" };
	struct so_guard_policy policy = { 0 };
	struct so_guard guard = { .host = "localhost:8000", .origin = "http://evil.example" };

	(void)state;
	policy.origins = (void *)anybody;
	policy.n_origins = 1;
	assert_true(so_guard_origin_allowed(&guard, &policy));
	assert_false(so_guard_origin_listed(&guard, &policy));
	guard.origin = "http://localhost:8000";
	assert_true(so_guard_origin_listed(&guard, &policy));
	guard.origin = NULL;
	assert_false(so_guard_origin_allowed(&guard, &policy));
}

static void test_negotiation(void **state)
{
	static const char browser[] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

	(void)state;
	assert_int_equal(so_guard_accept(browser, "text/html"), 1000);
	assert_int_equal(so_guard_accept(browser, "application/json"), 800);
	assert_int_equal(so_guard_accept("*/*", "text/html"), so_guard_accept("*/*", "application/json"));
	assert_int_equal(so_guard_accept("text/*;q=0.5", "text/html"), 500);
	assert_int_equal(so_guard_accept("application/json", "text/html"), 0);
	assert_int_equal(so_guard_accept(NULL, "text/html"), 1000);
	assert_true(so_guard_accepts_gzip("deflate, gzip;q=0.5"));
	assert_true(so_guard_accepts_gzip("*"));
	assert_false(so_guard_accepts_gzip("gzip;q=0"));
	assert_false(so_guard_accepts_gzip("br"));
	assert_false(so_guard_accepts_gzip(NULL));
	assert_false(so_guard_accepts_gzip(" "));
	assert_true(so_guard_is_json("application/json; charset=utf-8"));
	assert_true(so_guard_is_json("Application/JSON"));
	assert_false(so_guard_is_json("application/jsonp"));
	assert_false(so_guard_is_json("text/plain"));
	assert_false(so_guard_is_json(NULL));
	assert_true(so_guard_sane_id("a-b_c.9"));
	assert_false(so_guard_sane_id("a b"));
	assert_false(so_guard_sane_id(""));
	assert_false(so_guard_sane_id("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static bool is_shut(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_reaper(void **state)
{
	struct so_reaper_limits limits = { .read_ms = 1000, .send_ms = 5000, .idle_ms = 9000 };
	struct so_reaper *reaper = so_reaper_new(NULL, &limits);
	int pair[2];
	int64_t now = so_time_monotonic_us();

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct so_reaper_conn *conn = so_reaper_add(reaper, pair[0]);

	assert_int_equal(so_reaper_tick(reaper, now + 500000), 0);
	so_reaper_phase(reaper, conn, SO_REAPER_BUSY);
	assert_int_equal(so_reaper_tick(reaper, now + 100000000), 0);
	so_reaper_phase(reaper, conn, SO_REAPER_READING);
	so_reaper_received(reaper, conn, SO_REAPER_MIN_RATE); /* worth one second more */
	assert_int_equal(so_reaper_tick(reaper, now + 1900000), 0);
	assert_false(is_shut(pair[1]));
	assert_int_equal(so_reaper_tick(reaper, now + 3000000), 1);
	assert_true(is_shut(pair[1]));
	assert_int_equal(so_reaper_tick(reaper, now + 3000000), 0); /* once is enough */
	assert_int_equal(so_reaper_count(reaper), 1);
	so_reaper_remove(reaper, conn);
	assert_int_equal(so_reaper_count(reaper), 0);
	close(pair[0]);
	close(pair[1]);
	talloc_free(reaper);
}

static void test_assets(void **state)
{
	unsigned char packed[128];
	z_stream z = { .next_in = (Bytef *)"hello", .avail_in = 5, .next_out = packed, .avail_out = sizeof(packed) };
	struct so_asset_body body;
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	struct so_asset items[] = {
		{ "/assets/a-1.js", "text/javascript", "\"1\"", packed, z.total_out, 5 },
		{ "/index.html", "text/html", "\"2\"", packed, z.total_out, 5 },
	};
	struct so_asset_set set = { .items = items, .count = 2 };

	deflateEnd(&z);
	assert_true(so_asset_get(ctx, &set, "/assets/a-1.js", true, &body));
	assert_true(body.gzip && body.hashed && !body.owned);
	assert_true(so_asset_get(ctx, &set, "/index.html", false, &body));
	assert_false(body.gzip || body.hashed);
	assert_int_equal(body.len, 5);
	assert_memory_equal(body.data, "hello", 5);
	free((void *)body.data);
	items[1].raw_len = 4; /* a damaged table is not served */
	assert_false(so_asset_get(ctx, &set, "/index.html", false, &body));
	assert_false(so_asset_get(ctx, &set, "/none", true, &body));
	set.folder = "/etc";
	assert_false(so_asset_get(ctx, &set, "/passwd", true, &body)); /* not a type that is served */
	assert_false(so_asset_get(ctx, &set, "/../etc/mime.txt", true, &body));
	talloc_free(ctx);
}

static void test_markdown(void **state)
{
	static const char text[] = "# A <b> title\n\nText with `code <x>` and **bold**\nand [a link](/docs) and "
				   "[bad](javascript:alert(1)).\n\n- one\n- two\n  more\n\n```\n<pre> & \n```\n\n| a | "
				   "b |\n|---|---|\n| 1 | 2 |\n";
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *html = so_markdown_page(ctx, text, sizeof(text) - 1);

	(void)state;
	assert_non_null(strstr(html, "<h1>A &lt;b&gt; title</h1>"));
	assert_non_null(strstr(html, "<code>code &lt;x&gt;</code> and <strong>bold</strong>"));
	assert_non_null(strstr(html, "<a href=\"/docs\">a link</a>"));
	assert_null(strstr(html, "href=\"javascript"));
	assert_non_null(strstr(html, "<ul><li>one</li>\n<li>two\n  more</li></ul>"));
	assert_non_null(strstr(html, "<pre><code>&lt;pre&gt; &amp; \n</code></pre>"));
	assert_non_null(strstr(html, "<tr><td> 1 </td><td> 2 </td></tr>"));
	assert_null(strstr(html, "<b>"));

	/* Pages come out of inflate without a NUL: nothing may be read behind the last line, whatever it is. */
	static const char *const ends[] = { "| a |\n|---|", "|", "#", "- ", "[a](", "`", "**", "```", "1 | " };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t len = strlen(ends[i]);
		char *exact = malloc(len);

		memcpy(exact, ends[i], len);
		html = so_markdown_page(ctx, exact, len);
		assert_non_null(strstr(html, "</body></html>"));
		assert_null(strstr(html, "---"));
		free(exact);
	}
	talloc_free(ctx);
}

static void test_handshake(void **state)
{
	static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
	static const struct {
		struct so_handshake request;
		int status; /* 0: passes */
	} rows[] = {
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", key }, 0 },
		{ { "HTTP/1.1", "h2c, WebSocket", "keep-alive,\tupgrade", "13", key }, 0 },
		{ { "HTTP/1.0", "websocket", "Upgrade", "13", key }, 400 },
		{ { NULL, "websocket", "Upgrade", "13", key }, 400 },
		{ { "HTTP/1.1", NULL, "Upgrade", "13", key }, 426 },
		{ { "HTTP/1.1", "websockets", "Upgrade", "13", key }, 426 },
		{ { "HTTP/1.1", "websocket", "keep-alive", "13", key }, 426 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "8", key }, 426 },
		{ { "HTTP/1.1", "websocket", "Upgrade", NULL, key }, 426 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", NULL }, 400 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", "" }, 400 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQ=" }, 400 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZ===" }, 400 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25j!Q==" }, 400 },
		{ { "HTTP/1.1", "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQAA" }, 400 },
	};
	char accept[SO_HANDSHAKE_KEY];
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *wrong = so_handshake_check(&rows[i].request, &status);

		if (!wrong != !rows[i].status || (wrong && status != rows[i].status))
			fail_msg("row %zu: %s, %d", i, wrong ? wrong : "passes", status);
	}
	so_handshake_accept(key, accept); /* of RFC 6455, section 1.3 */
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(so_handshake_has_token(NULL, "upgrade"));
	assert_false(so_handshake_has_token(", ,", "upgrade"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_nul_in_header),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_anybody_is_nobody_in_particular),
		cmocka_unit_test(test_negotiation),
		cmocka_unit_test(test_reaper),
		cmocka_unit_test(test_assets),
		cmocka_unit_test(test_markdown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
