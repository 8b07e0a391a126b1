/* The statements that cost most, and the counters of all, from the plan cache. */
#include <string.h>

#include "base/clock.h"
#include "engine/mssql/internal.h"
#include "engine/reading.h"

#define MAX_TEXT       16384 /* bytes of a text that are kept */
#define MAX_STATEMENTS 10000

/* Cuts at a character boundary. */
static char *capped(TALLOC_CTX *ctx, const char *text, bool *truncated)
{
	size_t len = strlen(text);

	if (len <= MAX_TEXT)
		return so_strdup(ctx, text);
	*truncated = true;
	for (len = MAX_TEXT; len && ((unsigned char)text[len] & 0xC0) == 0x80;)
		len--;
	return so_strndup(ctx, text, len);
}

static void fill(struct so_query_list *list, struct so_query *query, const struct so_text_result *r, size_t row)
{
	struct so_query_counters *c = &query->counters;
	const char *text = so_text_cell(r, row, 9);
	int64_t logical = so_text_int(r, row, 6, -1), physical = so_text_int(r, row, 7, -1);

	query->engine_id = so_strdup(list->items, so_text_cell(r, row, 0));
	query->text = text ? capped(list->items, text, &query->truncated) : NULL;
	c->calls = so_text_int(r, row, 1, 0);
	c->rows = so_text_int(r, row, 2, 0);
	c->exec_us = so_text_int(r, row, 3, 0);
	c->min_us = so_text_int(r, row, 4, 0);
	c->max_us = so_text_int(r, row, 5, 0);
	c->shared_read = physical;
	c->shared_hit = logical < 0 || physical < 0 ? -1 : logical > physical ? logical - physical : 0;
	c->shared_dirtied = so_text_int(r, row, 8, -1);
	c->temp_read = c->temp_written = -1;
}

static bool readable(struct so_conn *base, struct so_err *err)
{
	return ms_info(base, err) &&
	       ((ms_conn_of(base)->info->caps & SO_CAP_STATEMENTS) ||
		       so_fail(err, SO_UNSUPPORTED,
			       "sys.dm_exec_query_stats is not readable here: see the check list"));
}

struct so_query_list *ms_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct so_query_list *list;
	struct so_text_result *r;

	if (!readable(base, err))
		return NULL;
	if (limit < 1 || limit > MAX_STATEMENTS)
		limit = MAX_STATEMENTS;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, MS_SQL_STATEMENTS, (long long)limit), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "sys.dm_exec_query_stats"), NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, so_text_rows(r) + 1);
	list->deallocated = -1;
	for (size_t i = 0; i < so_text_rows(r); i++)
		if (so_text_cell(r, i, 0)) {
			fill(list, &list->items[list->count], r, i);
			list->items[list->count++].database = so_strdup(list->items, conn->info->database);
		}
	return list;
}

/* --- counters of single rows --- */

/* N'a', N'b': the databases asked for, or the connection's own. */
static char *database_list(TALLOC_CTX *ctx, const struct ms_conn *conn, const char *const *databases, size_t n)
{
	char *list = n ? so_strdup(ctx, "") : ms_text_literal(ctx, conn->info->database);

	for (size_t i = 0; i < n; i++)
		list = so_printf(ctx, "%s%s%s", list, i ? ", " : "", ms_text_literal(ctx, databases[i]));
	return list;
}

/* A plan that was compiled anew, or that comes back after the cache gave it up, has another time of creation. */
static void fill_counters(struct so_reading *reading, struct so_reading_row *row, const struct so_text_result *r,
	size_t i, int64_t *at_us)
{
	const char *handle = so_text_cell(r, i, 1), *start = so_text_cell(r, i, 2);
	int64_t logical = so_text_int(r, i, 9, 0), physical = so_text_int(r, i, 10, 0);

	row->id = so_strdup(reading->rows, so_text_cell(r, i, 0));
	so_reading_key(row, so_printf(reading->rows, "%s/%s", handle ? handle : "", start ? start : ""));
	row->own_login = true; /* the view does not say whose plan it is: the text tells */
	row->since_us = so_text_int(r, i, 4, 0);
	*at_us = so_text_int(r, i, 5, *at_us);
	row->counters[SO_COUNT_CALLS] = so_text_int(r, i, 6, 0);
	row->counters[SO_COUNT_ROWS] = so_text_int(r, i, 7, 0);
	row->counters[SO_COUNT_EXEC_US] = so_text_int(r, i, 8, 0);
	row->counters[SO_COUNT_SHARED_HIT] = logical > physical ? logical - physical : 0;
	row->counters[SO_COUNT_SHARED_READ] = physical;
	row->counters[SO_COUNT_SHARED_DIRTIED] = so_text_int(r, i, 11, 0);
	reading->bytes += (int64_t)sizeof *row;
}

struct so_reading *ms_counters(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct so_reading *reading;
	struct so_text_result *r;

	if (!readable(base, err))
		return NULL;
	limit = so_reading_limit(limit);
	r = bl_ask(tmp, &conn->bl,
		so_printf(tmp, MS_SQL_COUNTERS, (long long)limit, database_list(tmp, conn, databases, n)),
		OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "sys.dm_exec_query_stats"), NULL;
	reading = so_new(ctx, struct so_reading);
	reading->at_us = so_time_now_us();
	reading->rows = so_new_array(reading, struct so_reading_row, so_text_rows(r) + 1);
	reading->server_uid = so_strdup(reading, conn->info->system_id ? conn->info->system_id : "");
	reading->evicted = -1;
	reading->complete = (int64_t)so_text_rows(r) < limit;
	for (size_t i = 0; i < so_text_rows(r) && (int64_t)reading->count < limit; i++) {
		int at = so_reading_database(databases, n, so_text_cell(r, i, 3));

		if (at < 0 || !so_text_cell(r, i, 0))
			continue;
		reading->rows[reading->count].database = (uint32_t)at;
		fill_counters(reading, &reading->rows[reading->count++], r, i, &reading->at_us);
	}
	return reading;
}

bool ms_texts(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	char *list = bl_id_list(tmp, "0x", "0123456789ABCDEFabcdef", "", ids, n);
	int64_t *rows = so_new_array(tmp, int64_t, n + 1);
	struct so_text_result *r;

	memset(out, 0, n * sizeof *out);
	if (!list)
		return true;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, MS_SQL_TEXTS, list), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "sys.dm_exec_sql_text");
	bl_rows_of_ids(r, ids, n, rows);
	for (size_t i = 0; i < n; i++)
		if (rows[i] >= 0)
			out[i].text = capped(ctx, so_text_cell(r, (size_t)rows[i], 1), &out[i].truncated);
	return true;
}
