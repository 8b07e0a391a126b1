/* Readings of the statement digests: counters without texts, and texts of new digests. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "engine/mysql/internal.h"
#include "engine/reading.h"

#define MAX_TEXT 16384 /* characters of a text that are kept */

/* The time of a digest is picoseconds in 64 bits, full after 213 days of executing: 2^64 / 1e6. */
#define EXEC_WRAP_US INT64_C(18446744073710)

static void fill(
	struct so_reading *reading, const struct so_my_result *r, size_t row, const char *const *databases, size_t n)
{
	int database = so_reading_database(databases, n, so_my_cell(r, row, 1));
	struct so_reading_row *to = &reading->rows[reading->count];

	if (database < 0)
		return;
	reading->count++;
	to->id = so_strdup(reading->rows, so_my_cell(r, row, 0));
	to->database = (uint32_t)database;
	so_reading_key(to, so_printf(reading->rows, "%s/%s", to->id, so_my_cell(r, row, 1)));
	to->since_us = so_my_int(r, row, 2, 0);
	to->counters[SO_COUNT_CALLS] = so_my_int(r, row, 3, 0);
	to->counters[SO_COUNT_ROWS] = so_my_int(r, row, 4, 0);
	to->counters[SO_COUNT_EXEC_US] = so_my_int(r, row, 5, 0);
	for (size_t i = 0; i < 6; i++)
		reading->bytes += so_my_cell(r, row, i) ? (int64_t)strlen(so_my_cell(r, row, i)) + 1 : 1;
}

/* A privilege that was there when the connection was opened. */
static bool unreadable(const struct my_conn *conn, struct so_err *err)
{
	struct so_err why = *err;

	if (why.kind != SO_DENIED)
		return so_fail_in(err, "events_statements_summary_by_digest");
	*err = (struct so_err)SO_ERR_INIT;
	so_fail(err, SO_DENIED, "%s; run: %s", why.message, conn->grant);
	memcpy(err->sqlstate, why.sqlstate, sizeof err->sqlstate);
	return false;
}

/* What the log holds are counters of another kind: whoever changes between the two begins anew. */
static struct so_reading *read_log(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading = so_reading_of_statements(ctx, base, databases, n, limit, err);

	if (reading)
		reading->server_uid = so_printf(reading, "%s, slow log", reading->server_uid);
	else if (err->kind == SO_DENIED && my_conn_of(base)->source == MY_SLOW_LOG)
		(void)unreadable(my_conn_of(base), err);
	return reading;
}

struct so_reading *my_counters(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *clock, *r, *lost;
	struct so_reading *reading;

	limit = so_reading_limit(limit);
	if (!my_info(base, err))
		return NULL;
	if (conn->source != MY_DIGESTS)
		return read_log(ctx, base, databases, n, limit, err); /* or the reason why not */
	clock = my_ask(tmp, conn, MY_SQL_COUNTERS_CLOCK, err);
	r = clock ? my_ask(tmp, conn,
			    so_printf(tmp, MY_SQL_COUNTERS,
				    my_among(tmp, conn, "SCHEMA_NAME", databases, n,
					    "(DATABASE() IS NULL OR SCHEMA_NAME = DATABASE())"),
				    (long long)limit + 1),
			    err)
		  : NULL;
	if (!r)
		return unreadable(conn, err), NULL;
	lost = my_ask(tmp, conn, MY_SQL_LOST, &ignored);
	reading = so_new(ctx, struct so_reading);
	reading->at_us = so_my_int(clock, 0, 0, 0);
	reading->server_uid = so_strdup(reading, conn->info->system_id     ? conn->info->system_id
						 : so_my_cell(clock, 0, 1) ? so_my_cell(clock, 0, 1)
									   : "");
	reading->evicted = lost ? so_my_int(lost, 0, 1, -1) : -1;
	reading->complete = so_my_rows(r) <= (size_t)limit;
	reading->exec_wrap_us = EXEC_WRAP_US;
	reading->rows = so_new_array(reading, struct so_reading_row, so_my_rows(r) + 1);
	for (size_t i = 0; i < so_my_rows(r) && i < (size_t)limit; i++)
		fill(reading, r, i, databases, n);
	return reading;
}

bool my_texts(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct so_my_result *r;
	struct so_buf list;

	so_assert(n <= SO_READING_TEXTS);
	memset(out, 0, n * sizeof *out);
	if (n == 0)
		return true;
	so_buf_init(&list, tmp, 1024 * 1024);
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&list, "%s%s", i ? ", " : "", so_my_quote(tmp, conn->my, ids[i]));
	r = my_ask(tmp, conn, so_printf(tmp, MY_SQL_TEXTS, MAX_TEXT, MAX_TEXT, so_buf_text(&list)), err);
	if (!r)
		return unreadable(conn, err);
	for (size_t row = 0; row < so_my_rows(r); row++)
		for (size_t i = 0; i < n; i++)
			if (!out[i].text && so_my_cell(r, row, 1) && strcmp(ids[i], so_my_cell(r, row, 0)) == 0) {
				out[i].truncated = so_my_int(r, row, 2, 0) != 0;
				out[i].text = my_digest_text(ctx, so_my_cell(r, row, 1), &out[i].truncated);
			}
	return true;
}
