/* Texts that ran, with their values: MySQL 8 keeps one with each digest; MariaDB and MySQL 5.7 keep the latest
 * statements of all (events_statements_history_long) and of each session that still is there
 * (events_statements_history); a server that only has the slow log has them there. */
#include <string.h>

#include "base/buf.h"
#include "engine/mysql/internal.h"

#define MARGIN 8 /* bytes: a text that was cut may end before a character that had no room */

/* Of those that have none yet. */
static char *missing(
	TALLOC_CTX *ctx, struct my_conn *conn, const char *const *ids, size_t n, const struct so_sample *out)
{
	struct so_buf list;

	so_buf_init(&list, ctx, 1024 * 1024);
	for (size_t i = 0; i < n; i++)
		if (!out[i].text)
			so_buf_addf(&list, "%s%s", list.len ? ", " : "", so_my_quote(ctx, conn->my, ids[i]));
	return list.len ? list.data : NULL;
}

static bool take(TALLOC_CTX *ctx, struct my_conn *conn, const char *sql, const char *const *ids, size_t n,
	struct so_sample *out, struct so_err *err)
{
	struct so_my_result *r = my_ask(NULL, conn, sql, err);

	if (!r)
		return so_fail_in(err, "texts that ran");
	for (size_t row = 0; row < so_my_rows(r); row++)
		for (size_t i = 0; i < n; i++)
			if (!out[i].text && so_my_cell(r, row, 1) && strcmp(ids[i], so_my_cell(r, row, 0)) == 0)
				out[i].text = so_strdup(ctx, so_my_cell(r, row, 1));
	talloc_free(r);
	return true;
}

bool my_samples(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	static const char *const histories[] = { "events_statements_history_long", "events_statements_history" };
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	long long below;

	so_assert(n <= SO_SAMPLES_MAX);
	memset(out, 0, n * sizeof *out);
	if (!my_info(base, err))
		return false;
	if (n > 0 && conn->source == MY_SLOW_LOG)
		return my_slow_samples(ctx, conn, ids, n, out, err);
	if (n == 0 || (!conn->has_samples && !conn->has_history))
		return true;
	below = (conn->sample_bytes < SO_SAMPLE_BYTES ? conn->sample_bytes : SO_SAMPLE_BYTES) - MARGIN;
	if (conn->has_samples)
		return take(ctx, conn, so_printf(tmp, MY_SQL_SAMPLES_MYSQL, missing(tmp, conn, ids, n, out), below),
			ids, n, out, err);
	for (size_t i = 0; i < sizeof histories / sizeof *histories; i++) {
		const char *list = missing(tmp, conn, ids, n, out);

		if (list && !take(ctx, conn, so_printf(tmp, MY_SQL_SAMPLES_HISTORY, histories[i], list, below), ids, n,
				    out, err))
			return false;
	}
	return true;
}
