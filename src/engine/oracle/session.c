/* The connection and its settings. */
#include "engine/oracle/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 10000
#define DEFAULT_PORT       1521
#define SCHEME             "oracle://"

struct ora_conn *ora_conn_of(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct ora_conn);
}

/* ---- where to connect ------------------------------------------------------------------------------------------ */

struct place {
	char *host, *service, *sid, *alias;
	int64_t port;
	bool tcps;
	char *username, *password;
};

static bool parse_dsn(TALLOC_CTX *ctx, const char *dsn, struct place *p, struct so_err *err)
{
	char *text, *at, *path, *options, *password, *port, *end;

	if (strncmp(dsn, SCHEME, strlen(SCHEME)) != 0)
		return so_fail(err, SO_INPUT, "the DSN has to be oracle://user:password@host:port/service");
	text = so_strdup(ctx, dsn + strlen(SCHEME));
	options = strchr(text, '?');
	if (options)
		*options++ = '\0';
	at = strrchr(text, '@');
	if (at) {
		*at++ = '\0';
		password = strchr(text, ':');
		if (password)
			*password++ = '\0';
		p->username = text;
		p->password = password;
		if (!so_engine_unescape(text) || (password && !so_engine_unescape(password)))
			return so_fail(err, SO_INPUT, "the DSN holds a wrong %%-escape");
	} else {
		at = text;
	}
	if (options && strncmp(options, "sid=", 4) == 0 && options[4])
		p->sid = options + 4;
	else if (options)
		return so_fail(err, SO_INPUT, "the DSN's option '%.40s' is not known: sid=NAME", options);
	path = strchr(at, '/');
	if (path)
		*path++ = '\0';
	port = strrchr(at, ':');
	if (port) {
		*port++ = '\0';
		p->port = strtol(port, &end, 10);
		if (*end || p->port < 1 || p->port > 65535)
			return so_fail(err, SO_INPUT, "the DSN's port has to be a number from 1 to 65535");
	}
	if (path || p->sid || port)
		p->host = at;
	else
		p->alias = at;
	p->service = path && *path ? path : NULL;
	return true;
}

/* What would end a value inside a descriptor. */
static bool plain(const char *text)
{
	return text && *text && !strpbrk(text, "()=\"' \t\n");
}

/* A descriptor says all: Easy Connect knows no SID, and its options differ between versions of the client. "sid:X" as
 * database means the SID X. */
static char *descriptor(TALLOC_CTX *ctx, const struct place *p, int64_t timeout_ms, bool verify, struct so_err *err)
{
	const char *name = p->sid ? p->sid : p->service;
	bool sid = p->sid != NULL;

	if (p->alias) {
		if (plain(p->alias))
			return so_strdup(ctx, p->alias);
		return so_fail(err, SO_INPUT, "the alias is not valid"), NULL;
	}
	if (name && strncmp(name, "sid:", 4) == 0) {
		name += 4;
		sid = true;
	}
	if (!plain(p->host))
		return so_fail(err, SO_INPUT, p->host && *p->host ? "the host name is not valid" : "no host was given"),
		       NULL;
	if (!plain(name))
		return so_fail(err, SO_INPUT,
			       "a service name is needed as database (or sid:NAME), of letters, digits, _ and ."),
		       NULL;
	return so_printf(ctx,
		"(DESCRIPTION=(CONNECT_TIMEOUT=%lld)(RETRY_COUNT=0)(ADDRESS=(PROTOCOL=%s)(HOST=%s)(PORT=%lld))"
		"(CONNECT_DATA=(%s=%s))%s)",
		(long long)(timeout_ms + 999) / 1000, p->tcps ? "TCPS" : "TCP", p->host,
		(long long)(p->port ? p->port : DEFAULT_PORT), sid ? "SID" : "SERVICE_NAME", name,
		verify ? "(SECURITY=(SSL_SERVER_DN_MATCH=YES))" : "");
}

static bool place_of(TALLOC_CTX *ctx, const struct so_conn_params *params, struct place *p, struct so_err *err)
{
	if (params->tls_ca)
		return so_fail(err, SO_UNSUPPORTED,
			"Oracle takes certificate authorities from a wallet: name its folder in sqlnet.ora "
			"(WALLET_LOCATION, TNS_ADMIN) instead of tls_ca");
	if (params->dsn && !parse_dsn(ctx, params->dsn, p, err))
		return false;
	if (!params->dsn) {
		p->host = so_strdup_or_null(ctx, params->host);
		p->service = so_strdup_or_null(ctx, params->database);
		p->username = so_strdup_or_null(ctx, params->username);
		p->port = params->port;
	}
	if (params->password)
		p->password = so_strdup(ctx, params->password);
	p->tcps = params->tls == SO_TLS_REQUIRE || params->tls == SO_TLS_VERIFY_FULL;
	return true;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static bool set_up(struct ora_conn *conn, const char *search_path, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *schema, *name;

	if (!search_path)
		return true;
	if (!ora_text_name(tmp, search_path, &schema, &name) || schema)
		return so_fail(err, SO_INPUT, "the search path of Oracle is one schema");
	return bl_command(&conn->bl, so_printf(tmp, ORA_SQL_SCHEMA, so_engine_name(tmp, NULL, name)), err) ||
	       so_fail_in(err, "schema of the session");
}

static struct so_conn *open_at(TALLOC_CTX *ctx, const struct so_conn_params *params, const struct so_oci_params *oci,
	struct so_cancel *cancel, struct so_err *err)
{
	int64_t start_us = so_time_monotonic_us();
	struct ora_conn *conn = so_new(ctx, struct ora_conn);
	bool fine;

	so_conn_init(&conn->bl.base, &so_engine_oracle, params, cancel);
	conn->bl.reader = &ora_reader;
	conn->bl.client = so_oci_open(conn, oci, cancel, err);
	so_conn_limit_setup(&conn->bl.base, params, start_us);
	fine = conn->bl.client && set_up(conn, params->search_path, err);
	so_conn_opened(&conn->bl.base);
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	return &conn->bl.base;
}

struct so_conn *ora_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct place p = { .port = 0 };
	struct so_oci_params oci = { .connect_timeout_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms
											  : CONNECT_TIMEOUT_MS };

	if (!place_of(tmp, params, &p, err))
		return NULL;
	oci.descriptor = descriptor(tmp, &p, oci.connect_timeout_ms, params->tls == SO_TLS_VERIFY_FULL, err);
	if (!oci.descriptor)
		return NULL;
	oci.host_text =
		p.alias ? p.alias : so_printf(tmp, "%s:%lld", p.host, (long long)(p.port ? p.port : DEFAULT_PORT));
	oci.username = p.username;
	oci.password = p.password;
	return open_at(ctx, params, &oci, cancel, err);
}

bool ora_ping(struct so_conn *base, int64_t *latency_us, struct so_err *err)
{
	return bl_ping(&ora_conn_of(base)->bl, ORA_SQL_PING, latency_us, err);
}

void ora_cancel(struct so_conn *base)
{
	so_blocking_cancel(ora_conn_of(base)->bl.client);
}
