/* What the sessions are doing:
 * https://www.postgresql.org/docs/15/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW */
#include <string.h>

#include "engine/postgresql/internal.h"

#define MAX_TEXT 16384

/* Waiting for the client, in the middle of a statement, is the client's time. */
static enum so_session_state state_of(const char *state, const char *wait_type)
{
	if (strncmp(state, "idle in transaction", 19) == 0)
		return SO_SESSION_IN_TRANSACTION;
	return wait_type ? SO_SESSION_WAITING : SO_SESSION_RUNNING;
}

static void fill(struct so_activity *activity, const struct so_pg_result *r, size_t row)
{
	struct so_session *s = &activity->items[activity->count];
	const char *state = so_pg_cell(r, row, 4), *wait_type = so_pg_cell(r, row, 5);

	if (!state) { /* of a role that this one may not see */
		activity->hidden++;
		return;
	}
	activity->count++;
	s->id = so_pg_int(r, row, 0, 0);
	s->database = so_strdup_or_null(activity->items, so_pg_cell(r, row, 1));
	s->user = so_strdup_or_null(activity->items, so_pg_cell(r, row, 2));
	s->application = so_strdup_or_null(activity->items, so_pg_cell(r, row, 3));
	s->state = state_of(state, wait_type);
	if (s->state == SO_SESSION_WAITING)
		s->wait = so_printf(
			activity->items, "%s: %s", wait_type, so_pg_cell(r, row, 6) ? so_pg_cell(r, row, 6) : "");
	s->query_id = so_strdup_or_null(activity->items, so_pg_cell(r, row, 7));
	s->text = so_strdup_or_null(activity->items, so_pg_cell(r, row, 8));
	s->truncated = so_pg_true(r, row, 9);
	s->query_us = so_pg_int(r, row, 10, -1);
	s->transaction_us = so_pg_int(r, row, 11, -1);
	s->blocked_by = so_pg_int(r, row, 12, 0);
}

struct so_activity *pg_activity(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	bool has_id = so_pg_server_version(conn->pg) >= 140000;
	const char *params[] = { n ? so_pg_array_text(tmp, databases, n) : NULL,
		so_printf(tmp, "%lld", (long long)limit + 1) };
	struct so_pg_query query = {
		.sql = so_printf(tmp, PG_SQL_ACTIVITY, has_id ? "a.query_id::text" : "NULL", MAX_TEXT, MAX_TEXT),
		.n_params = 2,
		.params = params,
	};
	struct so_activity *activity;
	struct so_pg_result *r;

	if (conn->in_block)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection"), NULL;
	r = pg_run(tmp, conn, &query, err);
	if (!r)
		return so_fail_in(err, "pg_stat_activity"), NULL;
	activity = so_new(ctx, struct so_activity);
	activity->items = so_new_array(activity, struct so_session, so_pg_rows(r) + 1);
	activity->truncated = so_pg_rows(r) > (size_t)limit;
	for (size_t i = 0; i < so_pg_rows(r) && i < (size_t)limit; i++)
		fill(activity, r, i);
	return activity;
}
