/* Reaching a server, or failing to, with a clear word and in time. */
#include <pthread.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "db/pg_client.h"
#include "pg_tests.h"

#define PASSWORD "re@der s3cret"

/* Opens, expecting failure; checks that the password is nowhere in the message. */
static struct so_err refused(const struct so_conn_params *params)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = pg->open(NULL, params, NULL, &err);

	assert_null(conn);
	assert_int_not_equal(err.kind, SO_NONE);
	assert_has_not(err.message, "s3cret");
	return err;
}

static struct so_conn_params tcp(enum so_tls_mode tls)
{
	return (struct so_conn_params){ .engine = "postgresql",
		.host = "127.0.0.1",
		.port = server.port,
		.database = "shop",
		.username = "reader",
		.password = PASSWORD,
		.tls = tls,
		.connect_timeout_ms = 5000 };
}

static void works(const struct so_conn_params *params)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = pg->open(NULL, params, NULL, &err);
	int64_t latency;

	assert_ok(conn, err);
	assert_ok(pg->ping(conn, &latency, &err), err);
	assert_true(latency > 0 && so_conn_wait_us(conn) > 0);
	talloc_free(conn);
}

static void test_forms(void **state)
{
	char text[512];
	struct so_conn_params params = tcp(SO_TLS_PREFER);
	FILE *file;

	(void)state;
	works(&params);
	params = (struct so_conn_params){
		.host = server.dir, .port = server.port, .username = "reader", .database = "shop"
	};
	works(&params);
	params = (struct so_conn_params){ .dsn = text, .tls = SO_TLS_PREFER };
	snprintf(text, sizeof text, "postgresql://reader:re%%40der%%20s3cret@localhost:%d/shop?sslmode=require",
		server.port);
	works(&params);
	snprintf(text, sizeof text, "host=127.0.0.1 port=%d user=reader password='%s' dbname=shop", server.port,
		PASSWORD);
	works(&params);

	snprintf(text, sizeof text, "%s/services.conf", server.dir);
	file = fopen(text, "w");
	assert_non_null(file);
	fprintf(file, "[shop]\nhost=localhost\nport=%d\ndbname=shop\nuser=reader\nsslmode=require\n", server.port);
	fclose(file);
	setenv("PGSERVICEFILE", text, 1);
	snprintf(text, sizeof text, "%s/pgpass", server.dir);
	file = fopen(text, "w");
	assert_non_null(file);
	fprintf(file, "localhost:%d:shop:reader:%s\n", server.port, PASSWORD);
	fclose(file);
	assert_int_equal(chmod(text, 0600), 0);
	setenv("PGPASSFILE", text, 1);
	params.dsn = "service=shop";
	works(&params);
	unsetenv("PGPASSFILE");
	assert_int_equal(refused(&params).kind, SO_DENIED);
	params.dsn = "service=nowhere";
	assert_has(refused(&params).message, "service");
	unsetenv("PGSERVICEFILE");
}

static void test_refusals(void **state)
{
	struct so_conn_params params = tcp(SO_TLS_PREFER);
	char text[256];
	struct so_err err;

	(void)state;
	params.password = "wrong s3cret";
	err = refused(&params);
	assert_kind(err, SO_DENIED);
	assert_string_equal(err.sqlstate, "28P01");
	assert_has(err.message, "wrong password");
	assert_has(err.message, "reader");
	params.password = NULL;
	err = refused(&params);
	assert_kind(err, SO_DENIED);
	assert_has(err.message, "asks for a password");
	params = tcp(SO_TLS_PREFER);
	params.database = "nosuchdb";
	err = refused(&params);
	assert_string_equal(err.sqlstate, "3D000");
	assert_has(err.message, "nosuchdb");
	params = tcp(SO_TLS_PREFER);
	params.port = pg_server_free_port();
	err = refused(&params);
	assert_kind(err, SO_UNREACHABLE);
	snprintf(text, sizeof text, "127.0.0.1:%d", (int)params.port);
	assert_has(err.message, text);
	params = tcp(SO_TLS_PREFER);
	params.host = "no-such-host.invalid";
	err = refused(&params);
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "no-such-host.invalid");
	params = (struct so_conn_params){ .dsn = "postgresql://u:s3cret%zz@h/db" };
	assert_int_equal(refused(&params).kind, SO_INPUT);
	params.dsn = "host=x password=my s3cret";
	assert_int_equal(refused(&params).kind, SO_INPUT);
	params.dsn = "host=x replication=database password=s3cret";
	assert_int_equal(refused(&params).kind, SO_INPUT);
	params = tcp(SO_TLS_PREFER);
	params.port = 70000;
	assert_int_equal(refused(&params).kind, SO_INPUT);
}

struct silent_host {
	int fd, port;
};

static struct silent_host listen_silently(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	struct silent_host host = { .fd = socket(AF_INET, SOCK_STREAM, 0) };

	assert_int_equal(bind(host.fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(host.fd, 8), 0);
	assert_int_equal(getsockname(host.fd, (struct sockaddr *)&address, &len), 0);
	host.port = ntohs(address.sin_port);
	return host;
}

static void test_silent_host(void **state)
{
	struct silent_host host = listen_silently();
	struct so_conn_params params = tcp(SO_TLS_PREFER);
	int64_t start = so_time_monotonic_us();
	struct so_err err;

	(void)state;
	params.port = host.port;
	params.connect_timeout_ms = 400;
	err = refused(&params);
	assert_kind(err, SO_TIMEOUT);
	assert_has(err.message, "400 ms");
	assert_true(so_time_monotonic_us() - start >= 390 * 1000);
	assert_true(so_time_monotonic_us() - start < 3000 * 1000);
	close(host.fd);
}

static void *cancel_soon(void *arg)
{
	usleep(150 * 1000);
	so_cancel_request(arg);
	return NULL;
}

static void test_cancel_connect(void **state)
{
	struct silent_host host = listen_silently();
	struct so_conn_params params = tcp(SO_TLS_PREFER);
	struct so_cancel *token = so_cancel_new(NULL, 0);
	int64_t start = so_time_monotonic_us();
	struct so_err err = SO_ERR_INIT;
	pthread_t thread;

	(void)state;
	params.port = host.port;
	params.connect_timeout_ms = 20000;
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, token), 0);
	assert_null(pg->open(NULL, &params, token, &err));
	pthread_join(thread, NULL);
	assert_kind(err, SO_CANCELLED);
	assert_true(so_time_monotonic_us() - start < 5000 * 1000);
	talloc_free(token);
	close(host.fd);
}

static void tls_is(struct so_conn_params *params, bool encrypted)
{
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = pg->open(NULL, params, NULL, &err);
	const struct so_engine_info *info;

	assert_ok(conn, err);
	info = pg->info(conn, &err);
	assert_ok(info, err);
	if (encrypted)
		assert_has(info->tls, "TLSv1");
	else
		assert_null(info->tls);
	assert_int_equal(check_of(info, "tls")->ok, encrypted);
	talloc_free(conn);
}

static void test_tls(void **state)
{
	struct so_conn_params params = tcp(SO_TLS_DISABLE);
	char ca[256], other[256];
	struct so_err err;

	(void)state;
	snprintf(ca, sizeof ca, "%s/ca.crt", server.dir);
	snprintf(other, sizeof other, "%s/other.crt", server.dir);
	tls_is(&params, false);
	params.tls = SO_TLS_PREFER;
	tls_is(&params, true);
	params.tls = SO_TLS_REQUIRE;
	tls_is(&params, true);
	params.tls = SO_TLS_VERIFY_FULL;
	params.tls_ca = ca;
	params.host = "localhost";
	tls_is(&params, true);
	params.host = "127.0.0.1"; /* the certificate names localhost */
	err = refused(&params);
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "TLS failed");
	assert_has(err.message, "127.0.0.1");
	params.host = "localhost";
	params.tls_ca = other;
	assert_has(refused(&params).message, "certificate verify failed");
	params.tls_ca = NULL; /* the system's authorities did not sign it */
	assert_has(refused(&params).message, "TLS failed");
}

static void test_tls_expired(void **state)
{
	struct so_conn_params params = tcp(SO_TLS_VERIFY_FULL);
	char ca[256];
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn;

	(void)state;
	snprintf(ca, sizeof ca, "%s/ca.crt", server.dir);
	params.host = "localhost";
	params.tls_ca = ca;
	pg_server_cert(&server, "expired");
	for (int i = 0; i < 50 && (conn = pg->open(NULL, &params, NULL, &err)); i++) {
		talloc_free(conn);
		usleep(100 * 1000);
	}
	assert_kind(err, SO_UNREACHABLE);
	assert_has(err.message, "TLS failed");
	assert_has(err.message, "expired");
	pg_server_cert(&server, "good");
	err = (struct so_err)SO_ERR_INIT;
	for (int i = 0; i < 50 && !(conn = pg->open(NULL, &params, NULL, &err)); i++)
		usleep(100 * 1000);
	assert_ok(conn, err);
	talloc_free(conn);
}

static void test_lost(void **state)
{
	struct so_conn *conn = connect_as(NULL, "postgres", "shop");
	struct so_err err = SO_ERR_INIT;
	int64_t latency;

	(void)state;
	assert_true(so_conn_usable(conn));
	pg_server_sql(&server, "shop",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sqlopt'");
	assert_false(pg->ping(conn, &latency, &err));
	assert_kind(err, SO_UNREACHABLE);
	assert_false(so_conn_usable(conn));
	err = (struct so_err)SO_ERR_INIT;
	assert_false(pg->ping(conn, &latency, &err));
	assert_kind(err, SO_UNREACHABLE);
	talloc_free(conn);
}

static void test_states(void **state)
{
	static const struct {
		const char *code;
		enum so_kind kind;
	} rows[] = { { "57014", SO_TIMEOUT }, { "42501", SO_DENIED }, { "42601", SO_TARGET }, { "28P01", SO_DENIED },
		{ "08006", SO_UNREACHABLE }, { "57P01", SO_UNREACHABLE }, { "25006", SO_INPUT },
		{ "0A000", SO_UNSUPPORTED }, { "XX000", SO_TARGET }, { "", SO_TARGET }, { NULL, SO_TARGET } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(so_pg_state_kind(rows[i].code), rows[i].kind);
}

static void test_arrays(void **state)
{
	static const char *const items[] = { "a", NULL, "NULL", "x \"y\\", "", "{,}" };
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *text = so_pg_array_text(ctx, items, 6), **back;
	size_t n;

	(void)state;
	back = so_pg_array_parse(ctx, text, &n);
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++)
		if (items[i])
			assert_string_equal(back[i], items[i]);
		else
			assert_null(back[i]);
	assert_non_null(so_pg_array_parse(ctx, "[0:1]={1,NULL}", &n));
	assert_int_equal(n, 2);
	assert_non_null(so_pg_array_parse(ctx, "{}", &n));
	assert_int_equal(n, 0);
	assert_null(so_pg_array_parse(ctx, "{a", &n));
	assert_null(so_pg_array_parse(ctx, "{\"a}", &n));
	assert_null(so_pg_array_parse(ctx, "{{1},{2}}", &n));
	assert_null(so_pg_array_parse(ctx, "{a}b", &n));
	assert_null(so_pg_array_parse(ctx, NULL, &n));
	talloc_free(ctx);
}

/* The way for parameters without values takes one statement as well, and the client is usable afterwards. */
static void test_unbound(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_pg_params params = {
		.host = server.dir, .port = server.port, .username = "postgres", .database = "shop"
	};
	struct so_err err = SO_ERR_INIT;
	struct so_pg *raw = so_pg_open(ctx, &params, NULL, &err);
	struct so_pg_query two = { .sql = "SELECT 1; CREATE TABLE app.unbound (a int)", .unbound = true };
	struct so_pg_query wrong = { .sql = "/* me */ SELECT nope", .unbound = true, .prefix_len = 9 };
	struct so_pg_query one = { .sql = "SELECT 7", .unbound = true };
	struct so_pg_result *result;

	(void)state;
	assert_ok(raw, err);
	assert_null(so_pg_query(ctx, raw, &two, &err));
	assert_has(err.message, "multiple commands");
	assert_string_equal(pg_server_ask(&server, "shop", "SELECT to_regclass('app.unbound')"), "");
	assert_null(so_pg_query(ctx, raw, &wrong, &err));
	assert_string_equal(err.sqlstate, "42703");
	assert_int_equal(err.position, 7);
	result = so_pg_query(ctx, raw, &one, &err);
	assert_ok(result, err);
	assert_string_equal(so_pg_cell(result, 0, 0), "7");
	talloc_free(ctx);
}

int pg_connect_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_unbound),
		cmocka_unit_test(test_silent_host),
		cmocka_unit_test(test_cancel_connect),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_tls_expired),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
