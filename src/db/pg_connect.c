/* Opening a connection: the options are merged by libpq without any network, names are resolved by a helper thread,
 * and libpq gets only numeric addresses, so that nothing here can block beyond the deadline. */
#include "db/pg_internal.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define CONNECT_TIMEOUT_MS 10000
#define MAX_HOSTS          8
#define SYSTEM_CA          "/etc/ssl/certs/ca-certificates.crt"

struct opening {
	const struct so_pg_params *params;
	struct so_cancel *token;
	int64_t deadline_us;
	PQconninfoOption *options; /* merged; holds the password: wiped by options_dtor */
	char where[300]; /* for messages: "db.example.com:5432" */
};

struct options_holder {
	PQconninfoOption *options;
};

static int options_dtor(struct options_holder *holder)
{
	for (PQconninfoOption *o = holder->options; o && o->keyword; o++)
		if (o->val)
			explicit_bzero(o->val, strlen(o->val));
	PQconninfoFree(holder->options);
	return 0;
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val && *options->val ? options->val : NULL;
	return NULL;
}

struct pairs {
	const char *keys[64], *values[64];
	size_t n;
};

static void pair(struct pairs *pairs, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	so_assert(pairs->n < 63);
	pairs->keys[pairs->n] = key;
	pairs->values[pairs->n++] = value;
}

/* What of a dsn must be looked at before libpq merges it with the other sources. */
static bool check_dsn(const char *dsn, struct so_err *err)
{
	char *problem = NULL;
	PQconninfoOption *parsed = PQconninfoParse(dsn, &problem);
	struct options_holder holder = { parsed };
	const char *gss;
	bool fine = true;

	/* libpq's own text quotes parts of the string, perhaps of the password: it is not passed on. */
	PQfreemem(problem);
	if (!parsed)
		return so_fail(err, SO_INPUT,
			"the connection string cannot be read: expected postgresql://user@host:port/database or "
			"key=value pairs");
	gss = option(parsed, "gssencmode");
	if (option(parsed, "replication"))
		fine = so_fail(err, SO_INPUT, "a replication connection cannot be used");
	else if (gss && strcmp(gss, "require") == 0)
		fine = so_fail(err, SO_UNSUPPORTED, "gssencmode=require is not supported: use TLS");
	options_dtor(&holder);
	return fine;
}

/* Lets libpq merge dsn, members, service file, environment and defaults: the gssencmode that does not exist makes it
 * stop before any network, and PQconninfo tells what it merged. */
static bool merge(struct opening *op, struct options_holder *holder, struct so_err *err)
{
	static const char stop[] = "stop-before-the-network";
	const struct so_pg_params *p = op->params;
	struct pairs pairs = { .n = 0 };
	const char *said;
	char port[24];
	PGconn *probe;
	bool stopped;

	if (p->dsn && *p->dsn && !check_dsn(p->dsn, err))
		return false;
	pair(&pairs, "dbname", p->dsn);
	pair(&pairs, "host", p->host);
	if (p->port) {
		snprintf(port, sizeof port, "%lld", (long long)p->port);
		pair(&pairs, "port", port);
	}
	pair(&pairs, "dbname", p->database);
	pair(&pairs, "user", p->username);
	pair(&pairs, "password", p->password);
	pair(&pairs, "sslmode", p->sslmode);
	pair(&pairs, "sslrootcert", p->tls_ca);
	pair(&pairs, "gssencmode", stop);
	probe = so_mem_need(PQconnectStartParams(pairs.keys, pairs.values, p->dsn && *p->dsn));
	said = PQerrorMessage(probe);
	stopped = strstr(said, stop) != NULL;
	if (stopped)
		holder->options = PQconninfo(probe);
	else if (strstr(said, "service"))
		so_fail(err, SO_INPUT, "the connection service is not defined in the service file");
	else
		so_fail(err, SO_INPUT, "the connection parameters hold a value that is not valid (port, sslmode ...)");
	PQfinish(probe);
	op->options = holder->options;
	return stopped;
}

struct resolving {
	char *host;
	char *addresses[MAX_HOSTS]; /* numeric */
	size_t n_addresses;
	int status; /* getaddrinfo's */
};

static void resolve_work(struct db_helper *helper)
{
	struct resolving *r = helper->own;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC }, *list = NULL;
	char text[NI_MAXHOST];

	r->status = getaddrinfo(r->host, NULL, &hints, &list);
	if (r->status != 0)
		return;
	for (struct addrinfo *at = list; at && r->n_addresses < MAX_HOSTS; at = at->ai_next)
		if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
			r->addresses[r->n_addresses++] = so_mem_need(strdup(text));
	freeaddrinfo(list);
}

static void resolve_drop(struct db_helper *helper)
{
	struct resolving *r = helper->own;

	for (size_t i = 0; i < r->n_addresses; i++)
		free(r->addresses[i]);
	free(r->host);
	free(r);
}

/* The comma-separated lists that libpq takes: one numeric address each. */
struct targets {
	struct so_buf hosts, addresses, ports;
	size_t n;
};

static void target(struct targets *t, const char *host, const char *address, const char *port)
{
	const char *comma = t->n++ ? "," : "";

	so_buf_addf(&t->hosts, "%s%s", comma, host);
	so_buf_addf(&t->addresses, "%s%s", comma, address);
	so_buf_addf(&t->ports, "%s%s", comma, port);
}

static bool too_late(const struct opening *op, struct so_err *err)
{
	if (so_cancel_requested(op->token))
		return so_fail(err, SO_CANCELLED, "cancelled while connecting to %s", op->where);
	return so_fail(err, SO_TIMEOUT, "no answer from %s within %lld ms", op->where,
		(long long)(op->params->connect_timeout_ms ? op->params->connect_timeout_ms : CONNECT_TIMEOUT_MS));
}

static bool resolve(struct opening *op, struct targets *t, const char *host, const char *port, struct so_err *err)
{
	struct db_helper *helper;
	struct resolving *r;
	bool fine = true;

	if (!*host || *host == '/' || *host == '@') { /* a socket: nothing to resolve */
		target(t, host, "", port);
		return true;
	}
	r = so_mem_need(calloc(1, sizeof *r));
	r->host = so_mem_need(strdup(host));
	helper = db_helper_new(resolve_work, resolve_drop, r);
	if (!db_helper_start(helper))
		fine = so_fail(err, SO_INTERNAL, "no thread to resolve the host name");
	else if (db_wait(helper->done_fd, POLLIN, -1, op->token, op->deadline_us) != DB_READY)
		fine = too_late(op, err) || so_fail_in(err, "resolving \"%s\"", host);
	else if (!atomic_load(&helper->done) || r->status != 0 || r->n_addresses == 0)
		fine = so_fail(err, SO_UNREACHABLE, "host \"%.200s\" cannot be resolved: %s", host,
			gai_strerror(r->status ? r->status : EAI_NONAME));
	else
		for (size_t i = 0; i < r->n_addresses && t->n < MAX_HOSTS; i++)
			target(t, host, r->addresses[i], port);
	db_helper_leave(helper);
	return fine;
}

/* Cuts the next element off a comma-separated list. */
static char *next_item(TALLOC_CTX *ctx, const char **list)
{
	size_t len = strcspn(*list, ",");
	char *item = so_strndup(ctx, *list, len);

	*list += len + ((*list)[len] == ',');
	return item;
}

static bool resolve_all(struct opening *op, TALLOC_CTX *tmp, struct targets *t, struct so_err *err)
{
	const char *hosts = option(op->options, "host"), *ports = option(op->options, "port");
	const char *port = "5432";
	bool many;

	so_buf_init(&t->hosts, tmp, 8192);
	so_buf_init(&t->addresses, tmp, 8192);
	so_buf_init(&t->ports, tmp, 1024);
	t->n = 0;
	if (!hosts || option(op->options, "hostaddr"))
		return true; /* the default socket, or addresses that the user gave */
	many = ports && strchr(ports, ',');
	if (ports && !many)
		port = ports;
	while (*hosts) {
		const char *host = next_item(tmp, &hosts);

		if (many)
			port = next_item(tmp, &ports);
		if (!resolve(op, t, host, port, err))
			return false;
	}
	return true;
}

/* verify-full without a CA of one's own means the system's authorities, which libpq 15 does not know by itself. */
static const char *root_cert(const struct opening *op)
{
	const char *mode = option(op->options, "sslmode"), *ca = option(op->options, "sslrootcert");
	const char *home = getenv("HOME");

	if (ca || !mode || strncmp(mode, "verify", 6) != 0)
		return ca;
	if (home) {
		SO_TMP(tmp, NULL);

		if (access(so_printf(tmp, "%s/.postgresql/root.crt", home), R_OK) == 0)
			return NULL;
	}
	return access(SYSTEM_CA, R_OK) == 0 ? SYSTEM_CA : NULL;
}

/* The final option list: the merged ones, with ours in place of those that decide where and how we connect. */
static void final_pairs(const struct opening *op, const struct targets *t, struct pairs *pairs)
{
	static const char *const ours[] = { "host", "hostaddr", "port", "service", "sslrootcert", "application_name",
		"fallback_application_name", "client_encoding", "gssencmode", "connect_timeout" };
	const PQconninfoOption *o;

	for (o = op->options; o->keyword; o++) {
		bool skip = false;

		for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
			skip = skip || (strcmp(o->keyword, ours[i]) == 0 && (t->n || strncmp(ours[i], "host", 4) != 0));
		if (!skip)
			pair(pairs, o->keyword, o->val);
	}
	if (t->n) {
		pair(pairs, "host", so_buf_text(&t->hosts));
		pair(pairs, "hostaddr", so_buf_text(&t->addresses));
		pair(pairs, "port", so_buf_text(&t->ports));
	} else {
		pair(pairs, "port", option(op->options, "port"));
	}
	pair(pairs, "sslrootcert", root_cert(op));
	pair(pairs, "application_name", op->params->application_name ? op->params->application_name : "sqlopt");
	pair(pairs, "client_encoding", "UTF8");
	pair(pairs, "gssencmode", "disable");
	if (!option(op->options, "tcp_user_timeout"))
		pair(pairs, "tcp_user_timeout", "30000");
	if (!option(op->options, "keepalives_idle"))
		pair(pairs, "keepalives_idle", "60");
}

static void silent_notice(void *arg, const PGresult *notice)
{
	(void)arg;
	(void)notice;
}

static bool handshake(struct opening *op, struct so_pg *pg, struct so_err *err)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	PQsetErrorVerbosity(pg->raw, PQERRORS_VERBOSE); /* the only way to the SQLSTATE of a refused login */
	PQsetNoticeReceiver(pg->raw, silent_notice, NULL);
	if (PQstatus(pg->raw) == CONNECTION_BAD)
		return pg_fail_connection(pg->raw, op->where, err);
	while (status != PGRES_POLLING_OK) {
		short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (db_wait(PQsocket(pg->raw), events, -1, op->token, op->deadline_us) != DB_READY)
			return too_late(op, err);
		status = PQconnectPoll(pg->raw);
		if (status == PGRES_POLLING_FAILED)
			return pg_fail_connection(pg->raw, op->where, err);
	}
	PQsetErrorVerbosity(pg->raw, PQERRORS_DEFAULT);
	if (PQsetnonblocking(pg->raw, 1) != 0 || PQprotocolVersion(pg->raw) < 3)
		return so_fail(err, SO_UNSUPPORTED, "%s: the server speaks another protocol", op->where);
	return true;
}

static int pg_dtor(struct so_pg *pg)
{
	if (pg->raw)
		PQfinish(pg->raw);
	db_stop_done(&pg->stop);
	return 0;
}

static void name_where(struct opening *op)
{
	const char *host = option(op->options, "host"), *port = option(op->options, "port");

	if (!host)
		host = option(op->options, "hostaddr");
	snprintf(op->where, sizeof op->where, "%.200s:%.20s", host ? host : "the local socket", port ? port : "5432");
}

/* Remembers what the connection is, for so_pg_tls and so_pg_host_text. */
static void describe(struct so_pg *pg)
{
	const char *encoding = PQparameterStatus(pg->raw, "server_encoding");
	const char *host = PQhost(pg->raw), *protocol = NULL;

	if (PQsslInUse(pg->raw))
		protocol = PQsslAttribute(pg->raw, "protocol");
	pg->tls = PQsslInUse(pg->raw) ? so_strdup(pg, protocol ? protocol : "TLS") : NULL;
	pg->host_text = so_printf(pg, "%s:%s", host ? host : "", PQport(pg->raw));
	pg->clean_text = encoding && strcmp(encoding, "SQL_ASCII") == 0;
}

struct so_pg *so_pg_open(
	TALLOC_CTX *ctx, const struct so_pg_params *params, struct so_cancel *cancel, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	int64_t start = so_time_monotonic_us();
	int64_t timeout_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	struct opening op = { .params = params, .token = cancel, .deadline_us = start + timeout_ms * 1000 };
	struct options_holder *holder = so_new(tmp, struct options_holder);
	struct pairs pairs = { .n = 0 };
	struct targets targets;
	struct so_pg *pg;
	int64_t left_ms;
	bool fine;

	talloc_set_destructor(holder, options_dtor);
	if (params->port < 0 || params->port > 65535)
		return so_fail(err, SO_INPUT, "port %lld is not between 1 and 65535", (long long)params->port), NULL;
	if (!merge(&op, holder, err))
		return NULL;
	name_where(&op);
	if (!resolve_all(&op, tmp, &targets, err))
		return NULL;
	final_pairs(&op, &targets, &pairs);
	pg = so_new(ctx, struct so_pg);
	fine = db_stop_init(&pg->stop);
	talloc_set_destructor(pg, pg_dtor);
	if (!fine) {
		so_fail(err, SO_INTERNAL, "no file descriptor left");
		talloc_free(pg);
		return NULL;
	}
	pg->raw = so_mem_need(PQconnectStartParams(pairs.keys, pairs.values, 0));
	if (!handshake(&op, pg, err)) {
		talloc_free(pg);
		return NULL;
	}
	describe(pg);
	/* Such a server checks what it sends to a UTF-8 client and fails on the first foreign byte: take bytes, mend
	 * them. */
	left_ms = (op.deadline_us - so_time_monotonic_us()) / 1000;
	if (pg->clean_text &&
		!so_pg_exec(pg, "/* sqlopt */ SET client_encoding TO 'SQL_ASCII'", left_ms > 0 ? left_ms : 1, err)) {
		talloc_free(pg);
		return NULL;
	}
	pg->wait_us = so_time_monotonic_us() - start;
	return pg;
}
