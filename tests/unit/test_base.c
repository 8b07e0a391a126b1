#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/clock.h"
#include "base/utf8.h"

static void test_err_keeps_kind_when_prefixed(void **state)
{
	struct so_err err = SO_ERR_INIT;

	(void)state;
	assert_false(so_fail_at(&err, SO_INPUT, 7, "syntax error at '%s'", "frm"));
	assert_false(so_fail_in(&err, "optimize"));
	assert_int_equal(err.kind, SO_INPUT);
	assert_int_equal(err.position, 7);
	assert_string_equal(err.message, "optimize: syntax error at 'frm'");
}

static void test_err_cuts_at_a_character(void **state)
{
	struct so_err err = SO_ERR_INIT;
	char text[sizeof err.message + 8];

	(void)state;
	memset(text, 'x', sizeof text);
	/* a two-byte character that straddles the end of the message buffer */
	text[sizeof err.message - 2] = (char)0xC3;
	text[sizeof err.message - 1] = (char)0xA9;
	text[sizeof text - 1] = '\0';
	so_fail(&err, SO_INPUT, "%s", text);
	assert_int_equal(strlen(err.message), sizeof err.message - 2);
	assert_int_equal(err.message[sizeof err.message - 3], 'x');
}

static void test_buf_stops_at_its_maximum(void **state)
{
	struct so_buf buf;

	so_buf_init(&buf, *state, 10);
	so_buf_adds(&buf, "12345");
	assert_false(buf.overflow);
	so_buf_addf(&buf, "%s", "678901");
	assert_true(buf.overflow);
	assert_string_equal(so_buf_text(&buf), "1234567890");
	so_buf_reset(&buf);
	assert_string_equal(so_buf_text(&buf), "");
	assert_false(buf.overflow);
}

static void count_call(void *arg)
{
	++*(int *)arg;
}

static void test_cancel_runs_its_hook_once(void **state)
{
	struct so_cancel *cancel = so_cancel_new(*state, 0);
	struct so_err err = SO_ERR_INIT;
	int calls = 0;

	assert_true(so_cancel_check(cancel, &err));
	so_cancel_hook(cancel, count_call, &calls);
	so_cancel_request(cancel);
	so_cancel_request(cancel);
	assert_int_equal(calls, 1);
	so_cancel_unhook(cancel);
	assert_false(so_cancel_check(cancel, &err));
	assert_int_equal(err.kind, SO_CANCELLED);
	/* a hook that comes too late runs at once, or the call it belongs to would block for good */
	so_cancel_hook(cancel, count_call, &calls);
	assert_int_equal(calls, 2);
	so_cancel_unhook(cancel);
	talloc_free(cancel);
}

static void test_cancel_deadline(void **state)
{
	struct so_cancel *cancel = so_cancel_new(*state, so_time_monotonic_us() - 1);
	struct so_err err = SO_ERR_INIT;

	assert_false(so_cancel_check(cancel, &err));
	assert_int_equal(err.kind, SO_TIMEOUT);
	assert_int_equal(so_cancel_left_ms(cancel, 1000), 0);
	assert_int_equal(so_cancel_left_ms(NULL, 1000), 1000);
	talloc_free(cancel);
}

static void test_time_format(void **state)
{
	char text[SO_TIME_TEXT];

	(void)state;
	assert_string_equal(so_time_format(0, text), "1970-01-01T00:00:00.000Z");
	assert_string_equal(so_time_format(1700000000123456, text), "2023-11-14T22:13:20.123Z");
	assert_string_equal(so_time_format(-1, text), "1969-12-31T23:59:59.999Z");
}

/* One idea of UTF-8 for all: what a character is, what is cut off, and what is none. */
static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		int length;
	} rows[] = {
		{ "a", 1 },
		{ "\xC3\xA4", 2 },
		{ "\xE2\x82\xAC", 3 },
		{ "\xF0\x9F\x98\x80", 4 },
		{ "\xF4\x8F\xBF\xBF", 4 },
		{ "\x80", 0 },
		{ "\xC0\xAF", 0 },
		{ "\xC1\xBF", 0 },
		{ "\xE0\x9F\xBF", 0 },
		{ "\xED\xA0\x80", 0 },
		{ "\xF0\x8F\xBF\xBF", 0 },
		{ "\xF4\x90\x80\x80", 0 },
		{ "\xF5\x80\x80\x80", 0 },
		{ "\xFF", 0 },
		{ "\xC3z", 0 },
		{ "\xE2\x82z", 0 },
		{ "\xC3", -1 },
		{ "\xE2\x82", -1 },
		{ "\xF0\x9F\x98", -1 },
	};
	char *copy;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t len = strlen(rows[i].text);

		assert_int_equal(so_utf8_length(rows[i].text, len), rows[i].length);
		/* a text that ends with NUL: what is cut off is none */
		assert_int_equal(so_utf8_length(rows[i].text, 4), rows[i].length < 0 ? 0 : rows[i].length);
	}
	copy = so_utf8_copy(*state, "a\xff\xc3\xa4\xed\xa0\x80z\xc3", 9);
	assert_string_equal(copy, "a?\xc3\xa4???z?");
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void test_times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: refused */
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2023-11-14T22:13:20.123Z", 1700000000123000 },
		{ "2023-11-14T22:13:20.123456789Z", 1700000000123456 },
		{ "2023-11-14 23:13:20+01:00", 1700000000000000 },
		{ "2023-11-14t20:43:20-01:30", 1700000000000000 },
		{ "2024-02-29T00:00:00z", 1709164800000000 },
		{ "2000-03-01T00:00:00Z", 951868800000000 },
		{ "2100-03-01T00:00:00Z", 4107542400000000 },
		{ "9999-12-31T23:59:60Z", 253402300800000000 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2100-02-29T00:00:00Z", -1 },
		{ "2023-13-01T00:00:00Z", -1 },
		{ "2023-00-01T00:00:00Z", -1 },
		{ "2023-01-32T00:00:00Z", -1 },
		{ "2023-01-01T24:00:00Z", -1 },
		{ "2023-01-01T00:60:00Z", -1 },
		{ "2023-01-01T00:00:61Z", -1 },
		{ "2023-01-01T00:00:00", -1 },
		{ "2023-01-01T00:00:00+24:00", -1 },
		{ "2023-01-01T00:00:00+0100", -1 },
		{ "2023-01-01T00:00:00Zx", -1 },
		{ "2023-01-01T00:00:00.Z", -1 },
		{ "2023-01-01T00:00Z", -1 },
		{ "2023-1-1T00:00:00Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "1970-01-01T00:00:00+01:00", -1 },
		{ "now", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t us = -1;
		bool good = so_time_parse(rows[i].text, &us);

		if (us != rows[i].us || good != (us >= 0))
			fail_msg("'%s' is %lld", rows[i].text, (long long)us);
	}
	for (int64_t us = 0; us < INT64_C(8000000000000000); us += INT64_C(86399123000) * 31) {
		char text[SO_TIME_TEXT];
		int64_t back = -1;

		assert_true(so_time_parse(so_time_format(us, text), &back));
		assert_true(us - back >= 0 && us - back < 1000);
	}
}

/* They keep what is in them, and end with their owner. */
static void test_pages_grow(void **state)
{
	struct so_mem_pages *pages = so_mem_pages_new(*state, 5000);
	unsigned char *at = pages->at;

	assert_true(pages->bytes >= 5000 && at[4999] == 0);
	for (size_t bytes = 5000; bytes < (64u << 20); bytes = bytes * 3 + 1) {
		at = pages->at;
		at[0] = 7;
		at[bytes - 1] = (unsigned char)bytes;
		so_mem_pages_grow(pages, bytes * 3 + 1);
		at = pages->at;
		assert_true(pages->bytes >= bytes * 3 + 1);
		assert_int_equal(at[0], 7);
		assert_int_equal(at[bytes - 1], (unsigned char)bytes);
		assert_int_equal(at[bytes * 3], 0);
	}
	talloc_free(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_are_read),
		cmocka_unit_test(test_err_keeps_kind_when_prefixed),
		cmocka_unit_test(test_err_cuts_at_a_character),
		cmocka_unit_test_setup_teardown(test_buf_stops_at_its_maximum, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel_runs_its_hook_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel_deadline, setup, teardown),
		cmocka_unit_test(test_time_format),
		cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages_grow, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
