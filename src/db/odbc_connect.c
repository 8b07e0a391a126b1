/* Opening and closing. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "db/odbc_internal.h"

#define CONNECT_TIMEOUT_MS 10000
#define DEFAULT_PORT       1433

/* FreeTDS's driver where distributions keep it; the first is where this build's own distribution does. */
static const char *const driver_paths[] = {
	SO_LIB_DIR "/odbc/libtdsodbc.so",
	"/usr/lib/odbc/libtdsodbc.so",
	"/usr/lib64/libtdsodbc.so.0",
	"/usr/lib64/libtdsodbc.so",
	"/usr/lib/libtdsodbc.so",
	"/usr/local/lib/libtdsodbc.so",
};

static const char *find_driver(const char *asked, struct so_err *err)
{
	if (asked) {
		if (access(asked, R_OK) == 0)
			return asked;
		return so_fail(err, SO_UNSUPPORTED, "the ODBC driver %.200s cannot be read", asked), NULL;
	}
	for (size_t i = 0; i < sizeof driver_paths / sizeof driver_paths[0]; i++)
		if (access(driver_paths[i], R_OK) == 0)
			return driver_paths[i];
	so_fail(err, SO_UNSUPPORTED,
		"SQL Server needs the ODBC driver of FreeTDS, which is not installed: apt-get install tdsodbc");
	return NULL;
}

/* A value of a connection string: in braces, a closing brace doubled (ODBC reference, SQLDriverConnect). */
static void add_value(struct so_buf *buf, const char *key, const char *value)
{
	so_buf_addf(buf, "%s={", key);
	for (; *value; value++) {
		so_buf_addc(buf, *value);
		if (*value == '}')
			so_buf_addc(buf, '}');
	}
	so_buf_add(buf, "};", 2);
}

/* TDS 7.4 is said outright: while guessing versions FreeTDS does not keep its own login timeout. */
static char *connect_string(TALLOC_CTX *ctx, const struct so_odbc_params *p, const char *driver)
{
	static const char *const encryption[] = { "off", "request", "require" };
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024);
	so_buf_addf(&buf, "Driver=%s;TDS_Version=7.4;ClientCharset=UTF-8;APP=sqlopt;Encryption=%s;", driver,
		encryption[p->tls]);
	if (p->instance && *p->instance)
		so_buf_addf(&buf, "Server=%s\\%s;", p->host, p->instance);
	else
		so_buf_addf(&buf, "Server=%s;Port=%d;", p->host, (int)(p->port ? p->port : DEFAULT_PORT));
	if (p->database && *p->database)
		add_value(&buf, "Database", p->database);
	if (p->read_only_intent)
		so_buf_adds(&buf, "ApplicationIntent=ReadOnly;");
	add_value(&buf, "UID", p->username ? p->username : "");
	add_value(&buf, "PWD", p->password ? p->password : "");
	return buf.overflow ? NULL : buf.data;
}

/* What would end a value that stands in the string without braces. */
static bool plain(const char *text)
{
	return text && *text && !strpbrk(text, ";{}=[]");
}

static bool check_params(const struct so_odbc_params *p, struct so_err *err)
{
	if (!plain(p->host))
		return so_fail(err, SO_INPUT, p->host && *p->host ? "the host name is not valid" : "no host was given");
	if (p->instance && *p->instance && !plain(p->instance))
		return so_fail(err, SO_INPUT, "the instance name is not valid");
	if (p->port < 0 || p->port > 65535)
		return so_fail(err, SO_INPUT, "the port has to be between 1 and 65535");
	if (p->password && strlen(p->password) > 128)
		return so_fail(err, SO_LIMIT, "the password is longer than the 128 characters that SQL Server takes");
	return true;
}

static const struct db_library library = {
	.act = odbc_act, .interrupt = odbc_interrupt, .close = odbc_close, .fail = odbc_fail
};

struct so_blocking *so_odbc_open(
	TALLOC_CTX *ctx, const struct so_odbc_params *params, struct so_cancel *cancel, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *driver = check_params(params, err) ? find_driver(params->driver, err) : NULL;
	char *connect = driver ? connect_string(tmp, params, driver) : NULL, *host;
	int64_t timeout_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	struct odbc_handles *handles;

	if (!driver)
		return NULL;
	if (!connect)
		return so_fail(err, SO_LIMIT, "the connection values are too long"), NULL;
	host = params->instance && *params->instance
		       ? so_printf(tmp, "%s\\%s", params->host, params->instance)
		       : so_printf(tmp, "%s:%d", params->host, (int)(params->port ? params->port : DEFAULT_PORT));
	handles = so_mem_need(calloc(1, sizeof *handles));
	atomic_init(&handles->base.refs, 1);
	handles->base.library = &library;
	handles->connect = so_mem_need(strdup(connect));
	explicit_bzero(connect, strlen(connect));
	return db_blocking_open(ctx, &handles->base, host, timeout_ms, cancel, err);
}
