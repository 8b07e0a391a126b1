/* The connection, its settings, and the transactions in which everything happens. */
#include "engine/mysql/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

struct my_conn *my_conn_of(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct my_conn);
}

enum so_dialect my_dialect(const struct my_conn *conn)
{
	return conn->mariadb ? SO_MARIADB : SO_MYSQL;
}

void my_note(struct my_conn *conn)
{
	conn->base.wait_us = so_my_wait_us(conn->my);
	if (!so_my_usable(conn->my))
		conn->base.broken = true;
}

struct so_my_result *my_run(TALLOC_CTX *ctx, struct my_conn *conn, const struct so_my_query *query, struct so_err *err)
{
	struct so_my_query limited = *query;
	struct so_my_result *result;

	limited.timeout_ms = so_conn_wait_limit(&conn->base, query->timeout_ms);
	so_my_set_cancel(conn->my, conn->base.cancel);
	result = so_my_query(ctx, conn->my, &limited, err);
	so_my_set_cancel(conn->my, NULL);
	my_note(conn);
	if (!result && !query->prefix_len)
		err->position = -1; /* of a text that the caller never saw */
	return result;
}

char *my_among(
	TALLOC_CTX *ctx, struct my_conn *conn, const char *column, const char *const *names, size_t n, const char *all)
{
	struct so_buf buf;

	if (n == 0)
		return so_strdup(ctx, all);
	so_buf_init(&buf, ctx, 4 * 1024 * 1024);
	so_buf_addf(&buf, "%s IN (", column);
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&buf, "%s%s", i ? ", " : "", so_my_quote(ctx, conn->my, names[i]));
	so_buf_addc(&buf, ')');
	return buf.data;
}

struct so_my_result *my_ask(TALLOC_CTX *ctx, struct my_conn *conn, const char *sql, struct so_err *err)
{
	struct so_my_query query = { .sql = sql };

	return my_run(ctx, conn, &query, err);
}

bool my_run_command(struct my_conn *conn, const char *sql, struct so_err *err)
{
	struct so_my_result *result = my_ask(NULL, conn, sql, err);

	talloc_free(result);
	return result != NULL;
}

void my_undo(struct my_conn *conn, const char *sql)
{
	struct so_cancel *token = conn->base.cancel;
	struct so_my_query query = { .sql = sql, .outcome = true };
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *result;

	conn->base.cancel = NULL;
	conn->base.call_limit_ms = SO_UNDO_LIMIT_MS;
	result = my_run(NULL, conn, &query, &ignored);
	if (!result)
		conn->base.broken = true;
	talloc_free(result);
	conn->base.call_limit_ms = 0;
	conn->base.cancel = token;
}

bool my_set_timeout(struct my_conn *conn, int64_t timeout_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	long long ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms;

	if (ms == conn->set_timeout_ms)
		return true;
	if (!my_run_command(conn,
		    conn->mariadb ? so_printf(tmp, MY_SQL_LIMIT_MARIADB, ms / 1000, ms % 1000)
				  : so_printf(tmp, MY_SQL_LIMIT_MYSQL, ms),
		    err))
		return so_fail_in(err, "time limit of the session");
	conn->set_timeout_ms = ms;
	return true;
}

bool my_read_begin(struct my_conn *conn, int64_t timeout_ms, struct so_err *err)
{
	if (!my_set_timeout(conn, timeout_ms, err))
		return false;
	if (my_run_command(conn, MY_SQL_BEGIN, err))
		return true;
	if (!conn->base.broken && so_my_in_transaction(conn->my)) /* it began, and was cancelled */
		my_undo(conn, MY_SQL_ROLLBACK);
	return false;
}

void my_read_end(struct my_conn *conn)
{
	if (conn->base.broken)
		return;
	my_undo(conn, MY_SQL_ROLLBACK);
	if (!conn->base.broken && so_my_in_transaction(conn->my))
		conn->base.broken = true;
}

static unsigned parse_modes(const char *modes)
{
	unsigned found = 0;

	if (!modes)
		return 0;
	if (strstr(modes, "ANSI_QUOTES"))
		found |= SO_MODE_ANSI_QUOTES;
	if (strstr(modes, "PIPES_AS_CONCAT"))
		found |= SO_MODE_PIPES_AS_CONCAT;
	if (strstr(modes, "NO_BACKSLASH_ESCAPES"))
		found |= SO_MODE_NO_BACKSLASH_ESCAPES;
	return found;
}

static bool lock_limit(struct my_conn *conn, int64_t ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	long long seconds = ms > 1000 ? (ms + 999) / 1000 : 1;

	return my_run_command(conn, so_printf(tmp, MY_SQL_LOCK_LIMIT, seconds, seconds), err);
}

static bool set_up(struct my_conn *conn, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_my_result *r;

	conn->mariadb = so_my_is_mariadb(conn->my);
	conn->version = so_my_version(conn->my);
	if (conn->version < (conn->mariadb ? MIN_MARIADB : MIN_MYSQL))
		return so_fail(err, SO_UNSUPPORTED, "%s %.40s is too old: %s or later is needed",
			conn->mariadb ? "MariaDB" : "MySQL", so_my_version_text(conn->my),
			conn->mariadb ? "10.2" : "5.7");
	conn->base.dialect = conn->mariadb ? "mariadb" : "mysql";
	r = my_ask(tmp, conn, MY_SQL_SESSION, err);
	if (!r)
		return false;
	conn->session = (uint64_t)so_my_int(r, 0, 0, 0) == so_my_connection_id(conn->my);
	conn->modes = parse_modes(so_my_cell(r, 0, 1));
	if (!my_run_command(conn, MY_SQL_READ_ONLY, err) || !lock_limit(conn, conn->base.lock_timeout_ms, err) ||
		!my_set_timeout(conn, 0, err))
		return so_fail_in(err, "session settings");
	if (!conn->mariadb && conn->version >= 80000 && !my_run_command(conn, MY_SQL_FRESH_STATS, err))
		return so_fail_in(err, "session settings");
	return true;
}

static struct so_conn *open_as(const struct so_engine *engine, TALLOC_CTX *ctx, const struct so_conn_params *params,
	struct so_cancel *cancel, struct so_err *err)
{
	static const enum so_my_tls modes[SO_TLS_MODE_MAX] = { SO_MY_TLS_DISABLE, SO_MY_TLS_PREFER, SO_MY_TLS_REQUIRE,
		SO_MY_TLS_VERIFY };
	struct so_my_params my = {
		.dsn = params->dsn,
		.password = params->password,
		.tls = modes[params->tls],
		.tls_ca = params->tls_ca,
		.connect_timeout_ms = params->connect_timeout_ms,
	};
	int64_t start = so_time_monotonic_us();
	struct my_conn *conn;
	bool fine;

	so_assert(params->tls >= 0 && params->tls < SO_TLS_MODE_MAX);
	if (params->search_path)
		return so_fail(err, SO_INPUT, "MySQL and MariaDB have no search path: name the database instead"), NULL;
	if (!params->dsn) {
		my.host = params->host;
		my.database = params->database;
		my.username = params->username;
		my.port = params->port;
	}
	conn = so_new(ctx, struct my_conn);
	so_conn_init(&conn->base, engine, params, cancel);
	conn->my = so_my_open(conn, &my, cancel, err);
	so_conn_limit_setup(&conn->base, params, start);
	fine = conn->my && set_up(conn, err);
	so_conn_opened(&conn->base);
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	return &conn->base;
}

struct so_conn *my_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	return open_as(&so_engine_mysql, ctx, params, cancel, err);
}

struct so_conn *my_open_mariadb(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	return open_as(&so_engine_mariadb, ctx, params, cancel, err);
}

bool my_ping(struct so_conn *base, int64_t *latency_us, struct so_err *err)
{
	struct my_conn *conn = my_conn_of(base);
	int64_t start = so_time_monotonic_us();

	if (!my_run_command(conn, MY_SQL_PING, err))
		return false;
	*latency_us = so_time_monotonic_us() - start;
	return true;
}

void my_cancel(struct so_conn *base)
{
	so_my_cancel(my_conn_of(base)->my);
}
