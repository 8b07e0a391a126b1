/* The connection and its settings. SQL Server has no read-only transactions: nothing but what our own parser calls a
 * pure read is ever executed (read.c), in a transaction that is rolled back. */
#include "engine/mssql/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 10000
#define SCHEME             "mssql://"
#define OTHER_SCHEME       "sqlserver://"

struct ms_conn *ms_conn_of(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct ms_conn);
}

/* ---- where to connect ------------------------------------------------------------------------------------------ */

static bool set_option(struct so_odbc_params *p, char *option, struct so_err *err)
{
	char *value = strchr(option, '=');

	if (!value)
		return so_fail(err, SO_INPUT, "the DSN's option '%.40s' has no value", option);
	*value++ = '\0';
	if (!so_engine_unescape(value))
		return so_fail(err, SO_INPUT, "the DSN holds a wrong %%-escape");
	if (strcmp(option, "instance") == 0)
		p->instance = value;
	else if (strcmp(option, "encrypt") == 0 && strcmp(value, "disable") == 0)
		p->tls = SO_ODBC_TLS_DISABLE;
	else if (strcmp(option, "encrypt") == 0 && (strcmp(value, "true") == 0 || strcmp(value, "require") == 0))
		p->tls = SO_ODBC_TLS_REQUIRE;
	else if (strcmp(option, "applicationIntent") == 0 && strcmp(value, "ReadOnly") == 0)
		p->read_only_intent = true;
	else
		return so_fail(err, SO_INPUT,
			"the DSN's option '%.40s' is not known: instance=NAME, encrypt=disable or require, "
			"applicationIntent=ReadOnly",
			option);
	return true;
}

/* "10.0.0.1:1433", "[::1]:1433", "db\\SQLEXPRESS" */
static bool parse_host(struct so_odbc_params *p, char *text, struct so_err *err)
{
	char *bracket = *text == '[' ? strchr(text, ']') : NULL, *port = strchr(bracket ? bracket : text, ':'), *end;
	char *instance = strchr(text, '\\');

	if (port) {
		*port++ = '\0';
		p->port = strtol(port, &end, 10);
		if (*end || p->port < 1 || p->port > 65535)
			return so_fail(err, SO_INPUT, "the DSN's port has to be a number from 1 to 65535");
	}
	if (bracket) {
		*bracket = '\0';
		text++;
	}
	if (instance) {
		*instance++ = '\0';
		p->instance = instance;
	}
	p->host = text;
	return true;
}

/* mssql://user:password@host[\instance][:port]/database?instance=..&encrypt=.. */
static bool parse_dsn(TALLOC_CTX *ctx, const char *dsn, struct so_odbc_params *p, struct so_err *err)
{
	const char *rest = strncmp(dsn, SCHEME, strlen(SCHEME)) == 0               ? dsn + strlen(SCHEME)
			   : strncmp(dsn, OTHER_SCHEME, strlen(OTHER_SCHEME)) == 0 ? dsn + strlen(OTHER_SCHEME)
										   : NULL;
	char *text, *at, *path, *options, *password;

	if (!rest)
		return so_fail(err, SO_INPUT, "the DSN has to be mssql://user:password@host:port/database");
	text = so_strdup(ctx, rest);
	options = strchr(text, '?');
	if (options)
		*options++ = '\0';
	at = strrchr(text, '@');
	if (at) {
		*at++ = '\0';
		password = strchr(text, ':');
		if (password) {
			*password++ = '\0';
			if (!p->password)
				p->password = password;
		}
		p->username = text;
		if (!so_engine_unescape(text) || (password && !so_engine_unescape(password)))
			return so_fail(err, SO_INPUT, "the DSN holds a wrong %%-escape");
	} else {
		at = text;
	}
	path = strchr(at, '/');
	if (path) {
		*path++ = '\0';
		if (!so_engine_unescape(path))
			return so_fail(err, SO_INPUT, "the DSN holds a wrong %%-escape");
		p->database = path;
	}
	if (!parse_host(p, at, err))
		return false;
	for (char *save = NULL, *option = options ? strtok_r(options, "&", &save) : NULL; option;
		option = strtok_r(NULL, "&", &save))
		if (!set_option(p, option, err))
			return false;
	return true;
}

/* Host and port of the members, where an instance may follow the host. */
static bool take_members(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_odbc_params *p, struct so_err *err)
{
	char *host = so_strdup(ctx, params->host ? params->host : "");
	char *instance = strchr(host, '\\');

	if (instance) {
		*instance++ = '\0';
		p->instance = instance;
	}
	if (!*host)
		return so_fail(err, SO_INPUT, "no host was given");
	p->host = host;
	p->database = params->database;
	p->username = params->username;
	p->port = params->port;
	return true;
}

static bool place_of(TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_odbc_params *p, struct so_err *err)
{
	p->password = params->password;
	p->connect_timeout_ms = params->connect_timeout_ms;
	p->tls = params->tls == SO_TLS_DISABLE   ? SO_ODBC_TLS_DISABLE
		 : params->tls == SO_TLS_REQUIRE ? SO_ODBC_TLS_REQUIRE
						 : SO_ODBC_TLS_PREFER;
	/* FreeTDS takes certificate authorities from its own file only, for all connections of the process. */
	if (params->tls == SO_TLS_VERIFY_FULL || params->tls_ca)
		return so_fail(err, SO_UNSUPPORTED,
			"the certificate of a SQL Server cannot be checked here: name the authorities in freetds.conf "
			"([global] ca file = ..., check certificate hostname = yes) and ask for TLS without tls_ca");
	if (params->search_path)
		return so_fail(err, SO_INPUT,
			"SQL Server has no search path: give the login a default schema (ALTER USER ... WITH "
			"DEFAULT_SCHEMA)");
	return params->dsn ? parse_dsn(ctx, params->dsn, p, err) : take_members(ctx, params, p, err);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static bool set_up(struct ms_conn *conn, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	return bl_command(&conn->bl, so_printf(tmp, MS_SQL_SETUP, (long long)conn->bl.base.lock_timeout_ms), err) ||
	       so_fail_in(err, "session settings");
}

struct so_conn *ms_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_odbc_params place = { .tls = SO_ODBC_TLS_PREFER };
	int64_t start_us = so_time_monotonic_us();
	struct ms_conn *conn;
	bool fine;

	so_assert(params->tls >= 0 && params->tls < SO_TLS_MODE_MAX);
	if (!place_of(tmp, params, &place, err))
		return NULL;
	conn = so_new(ctx, struct ms_conn);
	so_conn_init(&conn->bl.base, &so_engine_mssql, params, cancel);
	conn->bl.reader = &ms_reader;
	conn->bl.client = so_odbc_open(conn, &place, cancel, err);
	so_conn_limit_setup(&conn->bl.base, params, start_us);
	fine = conn->bl.client && set_up(conn, err);
	so_conn_opened(&conn->bl.base);
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	return &conn->bl.base;
}

bool ms_ping(struct so_conn *base, int64_t *latency_us, struct so_err *err)
{
	return bl_ping(&ms_conn_of(base)->bl, MS_SQL_PING, latency_us, err);
}

void ms_cancel(struct so_conn *base)
{
	so_blocking_cancel(ms_conn_of(base)->bl.client);
}
