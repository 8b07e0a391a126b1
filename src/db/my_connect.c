/* Opening a connection. libmariadb resolves names with a call that cannot be interrupted, and checks a certificate
 * against the name it was given, so the whole login runs on a helper thread: whoever waits for it may leave at any
 * time, and the helper then closes what it made. */
#include "db/my_internal.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 10000
#define DEFAULT_PORT       3306
#define SYSTEM_CA          "/etc/ssl/certs/ca-certificates.crt"
#define SLICE_MS           50 /* how soon an abandoned login notices */
#define STACK_BYTES        (512 * 1024) /* of libmariadb's coroutines: getaddrinfo and TLS need more than its default */
#define ASKED_PLUGINS      "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,dialog"

void so_my_global_init(void)
{
	mysql_server_init(0, NULL, NULL);
}

short my_poll_events(int status)
{
	return (short)((status & MYSQL_WAIT_READ ? POLLIN : 0) | (status & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
		       (status & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
}

/* Which of the events came is not told by db_wait: claiming all that was waited for makes libmariadb try, and a try
 * that would block just waits again. */
int my_ready_status(int status)
{
	return status & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT);
}

struct my_place *my_place_share(struct my_place *place)
{
	atomic_fetch_add(&place->refs, 1);
	return place;
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void my_place_drop(struct my_place *place)
{
	if (!place || atomic_fetch_sub(&place->refs, 1) != 1)
		return;
	free(place->host);
	free(place->socket);
	free(place->user);
	free(place->database);
	free(place->ca);
	wipe(place->password);
	free(place);
}

static void fail_raw(MYSQL *raw, struct my_failure *failure)
{
	failure->number = mysql_errno(raw);
	snprintf(failure->state, sizeof failure->state, "%.5s", mysql_sqlstate(raw));
	snprintf(failure->text, sizeof failure->text, "%.511s", mysql_error(raw));
}

static void fail_late(struct my_failure *failure)
{
	*failure = (struct my_failure){ .number = 0, .text = "no answer in time" };
}

/* False: the deadline passed, or nobody waits any more. */
static bool wait_raw(MYSQL *raw, int status, int64_t deadline_us, const atomic_bool *abandoned)
{
	for (;;) {
		struct pollfd fd = { .fd = mysql_get_socket(raw), .events = my_poll_events(status) };
		int64_t left_ms = (deadline_us - so_time_monotonic_us() + 999) / 1000;

		if (left_ms <= 0 || (abandoned && atomic_load(abandoned)))
			return false;
		if (poll(&fd, 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS) > 0)
			return true;
	}
}

static void set_options(MYSQL *raw, const struct my_place *place, int64_t deadline_us)
{
	unsigned seconds = (unsigned)((deadline_us - so_time_monotonic_us()) / 1000000 + 1), stack = STACK_BYTES;
	unsigned local_files = 0, protocol = place->socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	my_bool yes = 1, no = 0, verify = place->tls == SO_MY_TLS_VERIFY;
	size_t stack_bytes = stack;

	mysql_options(raw, MYSQL_OPT_NONBLOCK, &stack_bytes);
	mysql_options(raw, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(raw, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(raw, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(raw, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	/* or "localhost" would mean a socket of the library's own choice */
	mysql_options(raw, MYSQL_OPT_PROTOCOL, &protocol);
	/* a server may ask for any file of this machine in answer to any statement */
	mysql_options(raw, MYSQL_OPT_LOCAL_INFILE, &local_files);
	mysql_options(raw, MYSQL_OPT_RECONNECT, &no);
	mysql_options4(raw, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "sqlopt");
	/* the password itself goes only to a server that proved who it is */
	mysql_options(raw, MARIADB_OPT_RESTRICTED_AUTH, verify ? ASKED_PLUGINS ",mysql_clear_password" : ASKED_PLUGINS);
	mysql_options(raw, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (place->tls != SO_MY_TLS_DISABLE && !place->socket)
		mysql_options(raw, MYSQL_OPT_SSL_ENFORCE, &yes);
	if (verify)
		mysql_options(raw, MYSQL_OPT_SSL_CA, place->ca);
}

MYSQL *my_connect(
	const struct my_place *place, int64_t deadline_us, const atomic_bool *abandoned, struct my_failure *failure)
{
	MYSQL *raw, *ret = NULL;
	int status;

	raw = so_mem_need(mysql_init(NULL));
	set_options(raw, place, deadline_us);
	status = mysql_real_connect_start(
		&ret, raw, place->host, place->user, place->password, place->database, place->port, place->socket, 0);
	while (status) {
		if (!wait_raw(raw, status, deadline_us, abandoned)) {
			fail_late(failure);
			mysql_close(raw);
			return NULL;
		}
		status = mysql_real_connect_cont(&ret, raw, my_ready_status(status));
	}
	if (!ret) {
		fail_raw(raw, failure);
		mysql_close(raw);
		return NULL;
	}
	if (place->tls >= SO_MY_TLS_REQUIRE && !place->socket && !mysql_get_ssl_cipher(raw)) {
		*failure =
			(struct my_failure){ .number = 2026, .text = "the server offers no TLS, and it is required" };
		mysql_close(raw);
		return NULL;
	}
	return raw;
}

bool my_command(MYSQL *raw, const char *sql, int64_t deadline_us)
{
	int failed = 0, status = mysql_real_query_start(&failed, raw, sql, strlen(sql));

	while (status) {
		if (!wait_raw(raw, status, deadline_us, NULL))
			return false;
		status = mysql_real_query_cont(&failed, raw, my_ready_status(status));
	}
	return !failed;
}

/* ---- Connection strings ---- */

static char *decode(const char *text, size_t len, struct so_err *err)
{
	char *out = so_mem_need(malloc(len + 1)), *to = out;

	for (size_t i = 0; i < len; i++) {
		char hex[3] = { 0 };

		if (text[i] != '%') {
			*to++ = text[i];
			continue;
		}
		if (i + 2 >= len || !isxdigit((unsigned char)text[i + 1]) || !isxdigit((unsigned char)text[i + 2])) {
			free(out);
			so_fail(err, SO_INPUT,
				"the connection string holds a %% that is not followed by two hex digits");
			return NULL;
		}
		hex[0] = text[i + 1];
		hex[1] = text[i + 2];
		*to++ = (char)strtol(hex, NULL, 16);
		i += 2;
	}
	*to = '\0';
	return out;
}

static bool set_part(char **part, const char *text, size_t len, struct so_err *err)
{
	free(*part);
	*part = decode(text, len, err);
	return *part != NULL;
}

static bool set_port(struct my_place *place, const char *text, size_t len, struct so_err *err)
{
	unsigned long port = 0;

	for (size_t i = 0; i < len; i++)
		port = isdigit((unsigned char)text[i]) && port < 100000 ? port * 10 + (unsigned long)(text[i] - '0')
									: 100000;
	if (port < 1 || port > 65535)
		return so_fail(err, SO_INPUT, "the port of the connection string is not between 1 and 65535");
	place->port = (unsigned)port;
	return true;
}

static bool tls_option(struct my_place *place, const char *value, struct so_err *err)
{
	static const struct {
		const char *name;
		enum so_my_tls tls;
	} modes[] = { { "DISABLED", SO_MY_TLS_DISABLE }, { "PREFERRED", SO_MY_TLS_PREFER },
		{ "REQUIRED", SO_MY_TLS_REQUIRE }, { "VERIFY_CA", SO_MY_TLS_VERIFY },
		{ "VERIFY_IDENTITY", SO_MY_TLS_VERIFY } };

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcasecmp(modes[i].name, value) == 0) {
			place->tls = modes[i].tls;
			return true;
		}
	return so_fail(err, SO_INPUT, "ssl-mode is DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY");
}

static bool dsn_option(struct my_place *place, const char *text, size_t len, struct so_err *err)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals ? (size_t)(equals - text) : len;
	char *value = NULL, **part = NULL;
	bool fine;

	if (name_len == 8 && strncmp(text, "ssl-mode", 8) == 0) {
		if (!equals)
			return so_fail(err, SO_INPUT, "ssl-mode has no value");
		fine = set_part(&value, equals + 1, len - name_len - 1, err) && tls_option(place, value, err);
		free(value);
		return fine;
	}
	if (name_len == 6 && strncmp(text, "ssl-ca", 6) == 0)
		part = &place->ca;
	else if (name_len == 6 && strncmp(text, "socket", 6) == 0)
		part = &place->socket;
	if (!part || !equals)
		return so_fail(err, SO_INPUT,
			"the connection string has an option that is not known: it takes ssl-mode, ssl-ca and socket");
	return set_part(part, equals + 1, len - name_len - 1, err);
}

/* mysql://user:password@host:port/database?option=value&...; nothing of it is ever quoted in a message. */
static bool read_dsn(struct my_place *place, const char *dsn, struct so_err *err)
{
	const char *at = strstr(dsn, "://"), *end, *query, *slash, *sign = NULL, *colon;

	if (!at || (strncmp(dsn, "mysql", (size_t)(at - dsn)) != 0 && strncmp(dsn, "mariadb", (size_t)(at - dsn)) != 0))
		return so_fail(err, SO_INPUT,
			"the connection string cannot be read: expected mysql://user@host:port/database");
	at += 3;
	query = at + strcspn(at, "?");
	end = query;
	slash = memchr(at, '/', (size_t)(end - at));
	for (const char *look = at; look < (slash ? slash : end); look++)
		if (*look == '@')
			sign = look;
	if (sign) {
		colon = memchr(at, ':', (size_t)(sign - at));
		if (!set_part(&place->user, at, (size_t)((colon ? colon : sign) - at), err) ||
			(colon && !set_part(&place->password, colon + 1, (size_t)(sign - colon - 1), err)))
			return false;
		at = sign + 1;
	}
	end = slash ? slash : end;
	if (*at == '[') {
		const char *bracket = memchr(at, ']', (size_t)(end - at));

		if (!bracket || !set_part(&place->host, at + 1, (size_t)(bracket - at - 1), err))
			return so_fail(err, SO_INPUT, "the connection string has a [ without ]");
		at = bracket + 1;
		colon = at < end && *at == ':' ? at : NULL;
	} else {
		colon = memchr(at, ':', (size_t)(end - at));
		if ((colon ? colon : end) > at &&
			!set_part(&place->host, at, (size_t)((colon ? colon : end) - at), err))
			return false;
	}
	if (colon && !set_port(place, colon + 1, (size_t)(end - colon - 1), err))
		return false;
	if (slash && query > slash + 1 && !set_part(&place->database, slash + 1, (size_t)(query - slash - 1), err))
		return false;
	while (*query) {
		size_t len = strcspn(++query, "&");

		if (len && !dsn_option(place, query, len, err))
			return false;
		query += len;
	}
	return true;
}

static void replace(char **part, const char *text)
{
	if (!text || !*text)
		return;
	wipe(*part);
	*part = so_mem_need(strdup(text));
}

static bool fill_place(struct my_place *place, const struct so_my_params *p, struct so_err *err)
{
	place->port = DEFAULT_PORT;
	if (p->dsn && *p->dsn && !read_dsn(place, p->dsn, err))
		return false;
	if (p->port < 0 || p->port > 65535)
		return so_fail(err, SO_INPUT, "port %lld is not between 1 and 65535", (long long)p->port);
	replace(&place->host, p->host);
	replace(&place->user, p->username);
	replace(&place->password, p->password);
	replace(&place->database, p->database);
	replace(&place->ca, p->tls_ca);
	if (p->port)
		place->port = (unsigned)p->port;
	if (p->tls > place->tls)
		place->tls = p->tls;
	if (place->host && *place->host == '/') {
		free(place->socket);
		place->socket = place->host;
		place->host = NULL;
	}
	if (!place->host && !place->socket)
		return so_fail(err, SO_INPUT, "a host, or the path of a socket, is needed");
	if (!place->user)
		return so_fail(err, SO_INPUT, "a user name is needed");
	if (place->tls == SO_MY_TLS_VERIFY && !place->ca)
		place->ca = so_mem_need(strdup(SYSTEM_CA));
	if (place->ca && place->tls == SO_MY_TLS_VERIFY && access(place->ca, R_OK) != 0)
		return so_fail(
			err, SO_INPUT, "the file of certificate authorities \"%.200s\" cannot be read", place->ca);
	return true;
}

/* ---- The login ---- */

struct login {
	struct my_place *place;
	int64_t deadline_us;
	atomic_bool abandoned;
	MYSQL *raw;
	struct my_failure failure;
};

static void login_work(struct db_helper *helper)
{
	struct login *login = helper->own;

	login->raw = my_connect(login->place, login->deadline_us, &login->abandoned, &login->failure);
}

static void login_drop(struct db_helper *helper)
{
	struct login *login = helper->own;

	if (login->raw)
		mysql_close(login->raw);
	my_place_drop(login->place);
	free(login);
}

static bool log_in(struct so_my *my, const struct so_my_params *p, struct so_cancel *cancel, struct so_err *err)
{
	int64_t limit_ms = p->connect_timeout_ms > 0 ? p->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	struct login *login = so_mem_need(calloc(1, sizeof *login));
	struct db_helper *helper = db_helper_new(login_work, login_drop, login);
	enum db_wait came = DB_LATE;

	login->place = my_place_share(my->place);
	login->deadline_us = so_time_monotonic_us() + limit_ms * 1000;
	atomic_init(&login->abandoned, false);
	if (!db_helper_start(helper)) {
		db_helper_leave(helper);
		return so_fail(err, SO_INTERNAL, "no thread to connect with");
	}
	came = db_wait(helper->done_fd, POLLIN, -1, cancel, login->deadline_us);
	if (came == DB_READY && atomic_load(&helper->done)) {
		my->raw = login->raw;
		login->raw = NULL;
		if (!my->raw && login->failure.number)
			my_fail_login(my->place, my->host_text, &login->failure, err);
		else if (!my->raw)
			came = DB_LATE;
	} else {
		atomic_store(&login->abandoned, true);
	}
	db_helper_leave(helper);
	if (came == DB_TOKEN && so_cancel_requested(cancel))
		return so_fail(err, SO_CANCELLED, "cancelled while connecting to %s", my->host_text);
	if (came != DB_READY)
		return so_fail(err, SO_TIMEOUT, "no answer from %s within %lld ms", my->host_text, (long long)limit_ms);
	return my->raw != NULL;
}

static int my_dtor(struct so_my *my)
{
	if (my->raw) {
		if (my->broken) /* its answer may still come: nothing polite is possible */
			shutdown(mysql_get_socket(my->raw), SHUT_RDWR);
		mysql_close(my->raw);
	}
	db_stop_done(&my->stop);
	my_place_drop(my->place);
	return 0;
}

struct so_my *so_my_open(
	TALLOC_CTX *ctx, const struct so_my_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct so_my *my = so_new(ctx, struct so_my);
	int64_t start = so_time_monotonic_us();
	const char *version;
	bool has_fd, fine;

	has_fd = db_stop_init(&my->stop);
	my->place = so_mem_need(calloc(1, sizeof *my->place));
	atomic_init(&my->place->refs, 1);
	talloc_set_destructor(my, my_dtor);
	fine = fill_place(my->place, params, err);
	if (fine && !has_fd)
		fine = so_fail(err, SO_INTERNAL, "no file descriptor left");
	if (fine) {
		my->host_text = my->place->socket ? so_strdup(my, my->place->socket)
						  : so_printf(my, "%s:%u", my->place->host, my->place->port);
		fine = log_in(my, params, cancel, err);
	}
	if (!fine) {
		talloc_free(my);
		return NULL;
	}
	version = mysql_get_server_info(my->raw);
	my->mariadb = mariadb_connection(my->raw) || strstr(version, "MariaDB");
	my->connection_id = mysql_thread_id(my->raw);
	if (mysql_get_ssl_cipher(my->raw)) {
		const char *protocol = NULL;

		mariadb_get_infov(my->raw, MARIADB_CONNECTION_TLS_VERSION, &protocol);
		my->tls = so_strdup(my, protocol ? protocol : "TLS");
	}
	my->wait_us = so_time_monotonic_us() - start;
	return my;
}
