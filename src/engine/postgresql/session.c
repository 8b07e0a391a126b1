/* The connection, its settings, and the transactions in which everything happens. */
#include "engine/postgresql/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define IDLE_TIMEOUT "60000"

static const char *const ssl_modes[SO_TLS_MODE_MAX] = { "disable", "prefer", "require", "verify-full" };

struct pg_conn *pg_conn_of(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct pg_conn);
}

void pg_note(struct pg_conn *conn)
{
	conn->base.wait_us = so_pg_wait_us(conn->pg);
	if (!so_pg_usable(conn->pg))
		conn->base.broken = true;
}

/* PostgreSQL 18 keeps no comment in front of a statement in its statistics, but one behind it. */
const char *pg_tagged(TALLOC_CTX *ctx, const struct pg_conn *conn, const char *sql)
{
	size_t len = strlen(sql);

	if (so_pg_server_version(conn->pg) < 180000 || strncmp(sql, TAG, TAG_LEN) != 0)
		return sql;
	while (len > TAG_LEN && (isspace((unsigned char)sql[len - 1]) || sql[len - 1] == ';'))
		len--;
	return so_printf(ctx, "%.*s\n%.*s", (int)len, sql, (int)TAG_LEN - 1, TAG);
}

struct so_pg_result *pg_run(TALLOC_CTX *ctx, struct pg_conn *conn, const struct so_pg_query *query, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_pg_query limited = *query;
	struct so_pg_result *result;

	limited.sql = pg_tagged(tmp, conn, query->sql);
	limited.timeout_ms = so_conn_wait_limit(&conn->base, query->timeout_ms);
	so_pg_set_cancel(conn->pg, conn->base.cancel);
	result = so_pg_query(ctx, conn->pg, &limited, err);
	so_pg_set_cancel(conn->pg, NULL);
	pg_note(conn);
	if (!result && !query->prefix_len)
		err->position = -1; /* of a text that the caller never saw */
	return result;
}

bool pg_command(struct pg_conn *conn, const char *sql, struct so_err *err)
{
	struct so_pg_query query = { .sql = sql };
	struct so_pg_result *result = pg_run(NULL, conn, &query, err);

	talloc_free(result);
	return result != NULL;
}

/* Undoing must not depend on the token: a cancelled job still has to end its transaction. */
static void undo(struct pg_conn *conn, const char *sql)
{
	struct so_cancel *token = conn->base.cancel;
	struct so_pg_query query = { .sql = sql, .outcome = true };
	struct so_err ignored = SO_ERR_INIT;
	struct so_pg_result *result;

	conn->base.cancel = NULL;
	conn->base.call_limit_ms = SO_UNDO_LIMIT_MS;
	result = pg_run(NULL, conn, &query, &ignored);
	if (!result)
		conn->base.broken = true;
	talloc_free(result);
	conn->base.call_limit_ms = 0;
	conn->base.cancel = token;
}

struct settings {
	struct pg_setting items[PG_WORK_SETTINGS + 8];
	size_t n;
};

static void setting(struct settings *list, const char *name, const char *value)
{
	so_assert(list->n < sizeof list->items / sizeof list->items[0]);
	list->items[list->n++] = (struct pg_setting){ name, value };
}

/* set_config takes values as parameters, so that no value can be anything but a value. */
static bool apply(struct pg_conn *conn, const struct settings *list, bool local, struct so_err *err)
{
	const char *params[2 * (PG_WORK_SETTINGS + 8)];
	struct so_pg_query query = { .params = params, .n_params = 2 * list->n };
	struct so_pg_result *result;
	SO_TMP(tmp, NULL);
	struct so_buf sql;

	if (!list->n)
		return true;
	so_buf_init(&sql, tmp, 8192);
	so_buf_adds(&sql, TAG "SELECT ");
	for (size_t i = 0; i < list->n; i++) {
		params[2 * i] = list->items[i].name;
		params[2 * i + 1] = list->items[i].value;
		so_buf_addf(&sql, "%spg_catalog.set_config($%zu, $%zu, %s)", i ? ", " : "", 2 * i + 1, 2 * i + 2,
			local ? "true" : "false");
	}
	query.sql = so_buf_text(&sql);
	result = pg_run(tmp, conn, &query, err);
	return result != NULL;
}

static bool session_settings(struct pg_conn *conn, struct so_err *err)
{
	struct settings list = { .n = 0 };
	char statement[24], lock[24];

	if (!conn->session)
		return true;
	snprintf(statement, sizeof statement, "%lld", (long long)conn->base.statement_timeout_ms);
	snprintf(lock, sizeof lock, "%lld", (long long)conn->base.lock_timeout_ms);
	setting(&list, "default_transaction_read_only", "on");
	setting(&list, "statement_timeout", statement);
	setting(&list, "lock_timeout", lock);
	setting(&list, "idle_in_transaction_session_timeout", IDLE_TIMEOUT);
	if (conn->search_path)
		setting(&list, "search_path", conn->search_path);
	return apply(conn, &list, false, err) || so_fail_in(err, "session settings");
}

bool pg_work_begin(struct pg_conn *conn, const struct pg_work *work, struct so_err *err)
{
	struct settings list = { .n = 0 };
	char statement[24], lock[24];
	bool block = conn->in_block;

	snprintf(statement, sizeof statement, "%lld",
		(long long)(work->timeout_ms > 0 ? work->timeout_ms : conn->base.statement_timeout_ms));
	snprintf(lock, sizeof lock, "%lld", (long long)conn->base.lock_timeout_ms);
	if (!conn->session || work->timeout_ms > 0)
		setting(&list, "statement_timeout", statement);
	if (!conn->session && !block) {
		setting(&list, "lock_timeout", lock);
		setting(&list, "idle_in_transaction_session_timeout", IDLE_TIMEOUT);
	}
	if (work->own_path)
		setting(&list, "search_path", "pg_catalog");
	else if (!conn->session && !block && conn->search_path)
		setting(&list, "search_path", conn->search_path);
	for (size_t i = 0; i < work->n_settings; i++)
		setting(&list, work->settings[i].name, work->settings[i].value);
	if (!pg_command(conn,
		    block         ? TAG "SAVEPOINT sqlopt_work"
		    : work->begin ? work->begin
				  : TAG "BEGIN READ ONLY",
		    err)) {
		if (!block && so_pg_in_transaction(conn->pg)) /* it began, and was cancelled */
			undo(conn, TAG "ROLLBACK");
		return false;
	}
	if (apply(conn, &list, true, err))
		return true;
	pg_work_end(conn);
	return false;
}

void pg_work_end(struct pg_conn *conn)
{
	if (conn->in_block) {
		undo(conn, TAG "ROLLBACK TO SAVEPOINT sqlopt_work");
		undo(conn, TAG "RELEASE SAVEPOINT sqlopt_work");
		return;
	}
	undo(conn, TAG "ROLLBACK");
	if (so_pg_in_transaction(conn->pg))
		conn->base.broken = true;
}

/* A pooler invents the process id of the login, and may give every transaction to another process. */
static bool find_pooler(struct pg_conn *conn, struct so_err *err)
{
	struct so_pg_query query = { .sql = PG_SQL_BACKEND };
	int64_t login = so_pg_backend_pid(conn->pg);

	conn->session = true;
	for (int i = 0; i < 2; i++) {
		struct so_pg_result *result = pg_run(NULL, conn, &query, err);

		if (!result)
			return false;
		if (so_pg_int(result, 0, 0, 0) != login)
			conn->session = false;
		talloc_free(result);
	}
	return true;
}

static bool set_up(struct pg_conn *conn, struct so_err *err)
{
	int version = so_pg_server_version(conn->pg);

	if (version < MIN_VERSION)
		return so_fail(err, SO_UNSUPPORTED, "PostgreSQL %d is too old: 13 or later is needed", version / 10000);
	return find_pooler(conn, err) && session_settings(conn, err);
}

struct so_conn *pg_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct so_pg_params pg = {
		.dsn = params->dsn,
		.tls_ca = params->tls_ca,
		.connect_timeout_ms = params->connect_timeout_ms,
	};
	struct pg_conn *conn;
	int64_t start = so_time_monotonic_us();
	bool fine;

	so_assert(params->tls >= 0 && params->tls < SO_TLS_MODE_MAX);
	if (!params->dsn) {
		if (!params->host || !params->username)
			return so_fail(err, SO_INPUT, "a host and a user name are needed"), NULL;
		pg.host = params->host;
		pg.database = params->database;
		pg.username = params->username;
		pg.port = params->port;
		pg.sslmode = ssl_modes[params->tls];
	} else if (params->tls == SO_TLS_VERIFY_FULL ||
		   (params->tls == SO_TLS_REQUIRE && !strstr(params->dsn, "sslmode=verify"))) {
		pg.sslmode = ssl_modes[params->tls]; /* never less than either says */
	}
	pg.password = params->password;
	conn = so_new(ctx, struct pg_conn);
	so_conn_init(&conn->base, &so_engine_postgresql, params, cancel);
	conn->search_path = so_strdup_or_null(conn, params->search_path);
	conn->pg = so_pg_open(conn, &pg, cancel, err);
	so_conn_limit_setup(&conn->base, params, start);
	fine = conn->pg && set_up(conn, err);
	so_conn_opened(&conn->base);
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	return &conn->base;
}

bool pg_ping(struct so_conn *base, int64_t *latency_us, struct so_err *err)
{
	struct pg_conn *conn = pg_conn_of(base);
	int64_t start = so_time_monotonic_us();

	if (!pg_command(conn, PG_SQL_PING, err))
		return false;
	*latency_us = so_time_monotonic_us() - start;
	return true;
}

void pg_cancel(struct so_conn *base)
{
	so_pg_cancel(pg_conn_of(base)->pg);
}
