/* The strict reading of a model's answer, and the client against a double of the model server that misbehaves. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "llm/advice.h"
#include "llm/http_client.h"
#include "llm/llm.h"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

/* ---- answers ---- */

static bool reads(TALLOC_CTX *ctx, const char *text, struct so_advice **out, struct so_err *err)
{
	json_t *doc = json_loads(text, 0, NULL);
	bool done;

	assert_non_null(doc);
	*err = (struct so_err)SO_ERR_INIT;
	done = so_advice_read(ctx, doc, out, err);
	json_decref(doc);
	return done;
}

static void test_a_good_answer_is_read(void **state)
{
	struct so_advice *advice;
	struct so_err err;

	assert_true(reads(*state,
		"{\"explanation\":\"e\",\"rewrites\":[{\"sql\":\"SELECT "
		"1\",\"reason\":\"r\"}],\"indexes\":[{\"ddl\":\"CREATE INDEX ON t (a)\",\"reason\":\"q\"}]}",
		&advice, &err));
	assert_int_equal(advice->n_rewrites, 1);
	assert_string_equal(advice->rewrites[0].sql, "SELECT 1");
	assert_string_equal(advice->indexes[0].ddl, "CREATE INDEX ON t (a)");
}

static void test_bad_answers_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"explanation\":1,\"rewrites\":[],\"indexes\":[]}",
		"{\"explanation\":\"\",\"rewrites\":{},\"indexes\":[]}",
		"{\"explanation\":\"\",\"rewrites\":[1],\"indexes\":[]}",
		"{\"explanation\":\"\",\"rewrites\":[{\"sql\":\"x\"}],\"indexes\":[]}",
		"{\"explanation\":\"\",\"rewrites\":[{\"sql\":\"x\",\"reason\":\"\",\"run\":true}],\"indexes\":[]}",
		"{\"explanation\":\"\",\"rewrites\":[],\"indexes\":[],\"execute\":\"DROP TABLE t\"}",
		"{\"explanation\":\"\",\"rewrites\":[],\"indexes\":[{},{},{},{},{},{}]}",
	};
	struct so_advice *advice;
	struct so_err err;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (reads(*state, bad[i], &advice, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.kind, SO_MODEL);
	}
}

static void test_the_prompt_keeps_the_statement_whole(void **state)
{
	char *ddl = so_new_array(*state, char, 100001);
	struct so_advice_question question = {
		.engine = "postgresql", .server_version = "15", .sql = "SELECT $1", .ddl = ddl, .plan = "p"
	};
	char *prompt;

	memset(ddl, 'd', 100000);
	prompt = so_advice_prompt(*state, &question);
	assert_non_null(strstr(prompt, "SELECT $1"));
	assert_non_null(strstr(prompt, "bytes left out"));
	assert_true(strlen(prompt) < 50000);
}

static void test_urls_lose_their_credentials(void **state)
{
	assert_string_equal(so_http_safe_url(*state, "http://me:secret@host:1/p?q=1"), "http://host:1/p");
	assert_string_equal(so_http_safe_url(*state, "http://host:1/a@b"), "http://host:1/a@b");
}

/* ---- the server double ---- */

struct twin { /* one connection after another gets `answer`, then silence for `hold_ms`, then the end */
	int fd, port;
	const char *answer;
	int hold_ms;
	pthread_t thread;
};

static void *twin_main(void *arg)
{
	struct twin *twin = arg;

	for (;;) {
		char request[65536];
		int client = accept(twin->fd, NULL, NULL);

		if (client < 0)
			return NULL;
		if (recv(client, request, sizeof request, 0) > 0 && twin->answer)
			(void)!write(client, twin->answer, strlen(twin->answer));
		if (twin->hold_ms)
			usleep((useconds_t)twin->hold_ms * 1000);
		close(client);
	}
}

static void twin_start(struct twin *twin, const char *answer, int hold_ms)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;

	*twin = (struct twin){
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .answer = answer, .hold_ms = hold_ms
	};
	assert_int_equal(bind(twin->fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(twin->fd, 8), 0);
	assert_int_equal(getsockname(twin->fd, (struct sockaddr *)&address, &len), 0);
	twin->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&twin->thread, NULL, twin_main, twin), 0);
}

static void twin_stop(struct twin *twin)
{
	shutdown(twin->fd, SHUT_RDWR);
	pthread_join(twin->thread, NULL);
	close(twin->fd);
}

/* Asks the double once; the error kind, or SO_NONE. */
static enum so_kind ask(TALLOC_CTX *ctx, const char *answer, int hold_ms, int64_t timeout_ms, struct so_cancel *cancel)
{
	struct twin twin;
	struct so_llm_config config = { .model = "m", .timeout_ms = timeout_ms };
	struct so_err err = SO_ERR_INIT;
	json_t *schema = so_advice_schema(), *doc = NULL;

	twin_start(&twin, answer, hold_ms);
	config.base_url = so_printf(ctx, "http://127.0.0.1:%d/", twin.port);
	if (so_llm_ask(so_llm_new(ctx, &config), "s", "u", schema, cancel, &doc, &err))
		json_decref(doc);
	json_decref(schema);
	twin_stop(&twin);
	return err.kind;
}

#define HTTP_CLOSE "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define HTTP_OK(length)                                                                                                \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " length "\r\n\r\n"

static void test_servers_that_misbehave(void **state)
{
	static const struct {
		const char *what, *answer;
		int hold_ms;
		enum so_kind kind;
	} rows[] = {
		{ "well", HTTP_CLOSE "{\"message\":{\"content\":\"{\\\"a\\\":1}\"},\"done\":true}", 0, SO_NONE },
		{ "hangs", NULL, 900, SO_TIMEOUT },
		{ "dies at once", NULL, 0, SO_MODEL },
		{ "dies midway", HTTP_OK("4000") "{\"message\":", 0, SO_MODEL },
		{ "sends rubbish", HTTP_CLOSE "rubbish", 0, SO_MODEL },
		{ "content is no JSON", HTTP_CLOSE "{\"message\":{\"content\":\"Sure! Here it is\"},\"done\":true}", 0,
			SO_MODEL },
		{ "not done", HTTP_CLOSE "{\"message\":{\"content\":\"{}\"},\"done\":false}", 0, SO_MODEL },
		{ "error object",
			"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n{\"error\":\"model 'm' not found\"}", 0,
			SO_MODEL },
		{ "busy", "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n{\"error\":\"busy\"}", 0, SO_BUSY },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum so_kind kind = ask(*state, rows[i].answer, rows[i].hold_ms, 400, NULL);

		if (kind != rows[i].kind)
			fail_msg("%s: %s instead of %s", rows[i].what, so_kind_name(kind), so_kind_name(rows[i].kind));
	}
}

static void test_a_cancelled_question_ends(void **state)
{
	struct so_cancel *cancel = so_cancel_new(*state, 0);

	so_cancel_request(cancel);
	assert_int_equal(ask(*state, NULL, 1200, 60000, cancel), SO_CANCELLED);
	talloc_free(cancel);
}

static void test_nobody_there(void **state)
{
	struct so_llm_config config = { .base_url = "http://127.0.0.1:1", .model = "m", .timeout_ms = 1000 };
	struct so_llm_status status;

	so_llm_probe(*state, so_llm_new(*state, &config), 1000, &status);
	assert_true(status.configured);
	assert_false(status.reachable);
	assert_non_null(strstr(status.error, "cannot reach 'http://127.0.0.1:1"));
}

static void test_off(void **state)
{
	struct so_llm *llm = so_llm_new(*state, &(struct so_llm_config){ .base_url = "", .model = "m" });
	struct so_err err = SO_ERR_INIT;
	json_t *doc;

	assert_false(so_llm_configured(llm));
	assert_false(so_llm_ask(llm, "s", "u", NULL, NULL, &doc, &err));
	assert_int_equal(err.kind, SO_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_good_answer_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_answers_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_prompt_keeps_the_statement_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_urls_lose_their_credentials, setup, teardown),
		cmocka_unit_test_setup_teardown(test_servers_that_misbehave, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_cancelled_question_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_off, setup, teardown),
	};

	so_mem_init();
	so_llm_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
