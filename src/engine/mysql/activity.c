/* What the sessions are doing: https://mariadb.com/kb/en/information-schema-processlist-table/ and
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema-processlist-table.html (both servers have the view). */
#include <string.h>

#include "engine/mysql/internal.h"

#define MAX_TEXT 16384

/* "Waiting for table metadata lock", "Locked", "User lock": the server's words for a statement that stands still;
 * all other states are stages of its work. */
static bool is_wait(const char *state)
{
	return state && (strncmp(state, "Waiting", 7) == 0 || strncmp(state, "waiting", 7) == 0 ||
				strcmp(state, "Locked") == 0 || strcmp(state, "User lock") == 0 ||
				strcmp(state, "User sleep") == 0);
}

static void fill(struct so_activity *activity, const struct so_my_result *r, size_t row)
{
	struct so_session *s = &activity->items[activity->count++];
	const char *state = so_my_cell(r, row, 3);

	s->id = so_my_int(r, row, 0, 0);
	s->database = so_strdup_or_null(activity->items, so_my_cell(r, row, 1));
	s->user = so_strdup_or_null(activity->items, so_my_cell(r, row, 2));
	s->state = is_wait(state) ? SO_SESSION_WAITING : SO_SESSION_RUNNING;
	if (s->state == SO_SESSION_WAITING)
		s->wait = so_strdup(activity->items, state);
	s->text = so_strdup_or_null(activity->items, so_my_cell(r, row, 4));
	s->truncated = so_my_int(r, row, 5, 0) != 0;
	s->query_us = so_my_int(r, row, 6, -1);
	s->transaction_us = -1;
}

struct so_activity *my_activity(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	const char *age = strcmp(so_conn_dialect(base), "mariadb") == 0 ? "TIME_MS * 1000" : "TIME * 1000000";
	struct so_my_result *r = my_ask(tmp, conn,
		so_printf(tmp, MY_SQL_ACTIVITY, MAX_TEXT, MAX_TEXT, age,
			my_among(tmp, conn, "DB", databases, n, "TRUE"), (long long)limit + 1),
		err);
	struct so_activity *activity;

	if (!r)
		return so_fail_in(err, "information_schema.PROCESSLIST"), NULL;
	activity = so_new(ctx, struct so_activity);
	activity->items = so_new_array(activity, struct so_session, so_my_rows(r) + 1);
	activity->truncated = so_my_rows(r) > (size_t)limit;
	for (size_t i = 0; i < so_my_rows(r) && i < (size_t)limit; i++)
		fill(activity, r, i);
	return activity;
}
