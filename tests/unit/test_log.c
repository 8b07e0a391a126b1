#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/log.h"
#include "base/secret.h"

/* The log goes into a pipe; what came out is read back. */
struct fixture {
	int fds[2];
	char text[65536];
};

static int setup(void **state)
{
	struct fixture *fix = so_new(NULL, struct fixture);

	*state = fix;
	return pipe(fix->fds);
}

static int teardown(void **state)
{
	struct fixture *fix = *state;

	so_log_init(SO_LOG_INFO, SO_LOG_TEXT, STDERR_FILENO);
	close(fix->fds[0]);
	close(fix->fds[1]);
	talloc_free(fix);
	return 0;
}

static const char *output(struct fixture *fix)
{
	size_t len = 0;
	ssize_t got;

	so_log_init(SO_LOG_INFO, SO_LOG_TEXT, STDERR_FILENO);
	close(fix->fds[1]);
	fix->fds[1] = -1;
	while ((got = read(fix->fds[0], fix->text + len, sizeof fix->text - 1 - len)) > 0)
		len += (size_t)got;
	fix->text[len] = '\0';
	return fix->text;
}

static void test_text_lines(void **state)
{
	struct fixture *fix = *state;
	struct so_log_at at = { .module = "http", .request_id = "r-1", .job_id = 7, .connection_id = 3 };
	struct so_err err = SO_ERR_INIT;
	const char *text;

	so_log_init(SO_LOG_INFO, SO_LOG_TEXT, fix->fds[1]);
	so_log(SO_LOG_DEBUG, NULL, "not this");
	so_log(SO_LOG_WARN, &at, "two\nlines %d", 5);
	so_fail(&err, SO_DENIED, "no such role");
	so_log_err(SO_LOG_ERROR, NULL, &err, "connecting");
	text = output(fix);
	assert_null(strstr(text, "not this"));
	assert_non_null(strstr(text, "Z warn  http request=r-1 job=7 connection=3 two?lines 5\n"));
	assert_non_null(strstr(text, "error [denied_by_target] connecting: no such role\n"));
}

static void test_json_lines(void **state)
{
	struct fixture *fix = *state;
	struct so_log_at at = { .module = "job", .request_id = "\"quoted\"", .job_id = 7 };
	struct so_err err = SO_ERR_INIT;
	json_t *json;
	char *line;

	so_log_init(SO_LOG_DEBUG, SO_LOG_JSON, fix->fds[1]);
	so_fail(&err, SO_TARGET, "bad");
	memcpy(err.sqlstate, "42601", 6);
	so_log_err(SO_LOG_DEBUG, &at, &err, "tab\there, bad byte \xff, good \xc3\xa9");
	line = (char *)output(fix);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	json = json_loads(line, 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "message")),
		"tab\there, bad byte \xEF\xBF\xBD, good \xc3\xa9: bad");
	assert_string_equal(json_string_value(json_object_get(json, "request_id")), "\"quoted\"");
	assert_string_equal(json_string_value(json_object_get(json, "sqlstate")), "42601");
	assert_string_equal(json_string_value(json_object_get(json, "kind")), "target_error");
	assert_string_equal(json_string_value(json_object_get(json, "level")), "debug");
	assert_int_equal(json_integer_value(json_object_get(json, "job_id")), 7);
	json_decref(json);
}

static void test_long_messages_stay_one_whole_line(void **state)
{
	struct fixture *fix = *state;
	char big[20000];
	json_t *json;

	memset(big, 1, sizeof big - 1);
	big[sizeof big - 1] = '\0';
	so_log_init(SO_LOG_INFO, SO_LOG_JSON, fix->fds[1]);
	so_log(SO_LOG_INFO, NULL, "%s", big);
	json = json_loads(output(fix), 0, NULL);
	assert_non_null(json);
	json_decref(json);
}

static void test_repeats_are_limited(void **state)
{
	struct fixture *fix = *state;
	struct so_log_limit limit = { 0 };
	const char *text;

	so_log_init(SO_LOG_INFO, SO_LOG_TEXT, fix->fds[1]);
	for (int i = 0; i < 10; i++)
		so_log_limited(&limit, 60, SO_LOG_ERROR, NULL, "dead %d", i);
	atomic_store(&limit.next_us, 0);
	so_log_limited(&limit, 60, SO_LOG_ERROR, NULL, "dead again");
	text = output(fix);
	assert_non_null(strstr(text, "dead 0\n"));
	assert_null(strstr(text, "dead 1"));
	assert_non_null(strstr(text, "dead again (and 9 more like this)\n"));
}

static void *chatter(void *arg)
{
	struct so_log_at at = { .module = arg };

	for (int i = 0; i < 100; i++)
		so_log(SO_LOG_INFO, &at, "line %d", i);
	return NULL;
}

static void test_lines_of_threads_do_not_mix(void **state)
{
	struct fixture *fix = *state;
	pthread_t threads[4];
	int lines = 0;

	so_log_init(SO_LOG_INFO, SO_LOG_TEXT, fix->fds[1]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, chatter, (void *)"thread"), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (const char *p = output(fix); *p; p = strchr(p, '\n') + 1, lines++)
		assert_int_equal(strncmp(p + 24, " info  thread line ", 19), 0);
	assert_int_equal(lines, 400);
}

static void test_json_out(void **state)
{
	struct so_buf buf;
	struct so_json_out out;
	json_t *json;

	so_buf_init(&buf, *state, 10000);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '[');
	so_json_out_open(&out, '{');
	so_json_out_key(&out, "a\"b");
	so_json_out_textn(&out, "x\0y", 3);
	so_json_out_key(&out, "list");
	so_json_out_open(&out, '[');
	so_json_out_int(&out, INT64_MIN);
	so_json_out_real(&out, 0.1);
	so_json_out_real(&out, NAN);
	so_json_out_bool(&out, true);
	so_json_out_text(&out, NULL);
	so_json_out_raw(&out, "{\"raw\":[]}");
	so_json_out_time(&out, 0);
	so_json_out_time(&out, 1);
	so_json_out_close(&out, ']');
	so_json_out_close(&out, '}');
	so_json_out_open(&out, '{');
	so_json_out_close(&out, '}');
	so_json_out_text(&out, "surrogate \xed\xa0\x80, overlong \xc0\xaf, cut \xe2\x82");
	so_json_out_close(&out, ']');
	assert_string_equal(so_buf_text(&buf),
		"[{\"a\\\"b\":\"x\\u0000y\",\"list\":[-9223372036854775808,0.10000000000000001,null,true,null,{\"raw\":"
		"[]},null,"
		"\"1970-01-01T00:00:00.000Z\"]},{},\"surrogate \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD, overlong "
		"\xEF\xBF\xBD\xEF\xBF\xBD, "
		"cut \xEF\xBF\xBD\xEF\xBF\xBD\"]");
	json = json_loads(so_buf_text(&buf), JSON_ALLOW_NUL, NULL);
	assert_non_null(json);
	json_decref(json);
}

/* The memory may be looked at just before talloc gives it back: a child's destructor runs after its parent's. */
static char *watched;
static char after[32];

static int look(char *child)
{
	(void)child;
	memcpy(after, watched, sizeof "hunter2");
	return 0;
}

static void test_secrets_are_wiped(void **state)
{
	char *child;

	watched = so_secret_dup(*state, "hunter2");
	assert_string_equal(watched, "hunter2");
	child = so_strdup(watched, "child");
	talloc_set_destructor(child, look);
	memset(after, 'x', sizeof after);
	talloc_free(watched);
	for (size_t i = 0; i < sizeof "hunter2"; i++)
		assert_int_equal(after[i], 0);
	assert_null(so_secret_dup_or_null(*state, NULL));
}

int main(void)
{
#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_text_lines),
		WITH(test_json_lines),
		WITH(test_long_messages_stay_one_whole_line),
		WITH(test_repeats_are_limited),
		WITH(test_lines_of_threads_do_not_mix),
		WITH(test_json_out),
		WITH(test_secrets_are_wiped),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
