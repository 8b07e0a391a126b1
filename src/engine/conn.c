#include "engine/conn.h"

#include "base/clock.h"

#define STATEMENT_TIMEOUT_MS 30000
#define LOCK_TIMEOUT_MS      2000
#define GRACE_MS             2000 /* the server's own timeout should come before ours */

void so_conn_init(struct so_conn *conn, const struct so_engine *engine, const struct so_conn_params *params,
	struct so_cancel *cancel)
{
	conn->engine = engine;
	conn->cancel = cancel;
	conn->statement_timeout_ms =
		params->statement_timeout_ms > 0 ? params->statement_timeout_ms : STATEMENT_TIMEOUT_MS;
	conn->lock_timeout_ms = params->lock_timeout_ms > 0 ? params->lock_timeout_ms : LOCK_TIMEOUT_MS;
}

void so_conn_limit_setup(struct so_conn *conn, const struct so_conn_params *params, int64_t start_us)
{
	int64_t left_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms : SO_CONNECT_TIMEOUT_MS;

	left_ms -= (so_time_monotonic_us() - start_us) / 1000;
	conn->call_limit_ms = left_ms > 1 ? left_ms : 1;
}

void so_conn_opened(struct so_conn *conn)
{
	conn->call_limit_ms = 0;
	conn->cancel = NULL;
}

int64_t so_conn_wait_limit(const struct so_conn *conn, int64_t timeout_ms)
{
	if (conn->call_limit_ms)
		return conn->call_limit_ms;
	return (timeout_ms > 0 ? timeout_ms : conn->statement_timeout_ms) + GRACE_MS;
}

/* ---- engines without hypothetical indexes ---- */

bool so_no_what_if_begin(struct so_conn *conn, struct so_err *err)
{
	return so_fail(err, SO_UNSUPPORTED, "%s", conn->engine->no_what_if);
}

bool so_no_what_if_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n,
	struct so_hypo_index *out, struct so_err *err)
{
	(void)ctx;
	(void)ddl;
	(void)n;
	(void)out;
	return so_no_what_if_begin(conn, err);
}

bool so_no_what_if_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err)
{
	(void)ids;
	(void)n;
	return so_no_what_if_begin(conn, err);
}

void so_no_what_if_end(struct so_conn *conn)
{
	(void)conn;
}
