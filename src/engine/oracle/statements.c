/* The statements that cost most, and the counters of all, from the cursor cache. */
#include <string.h>

#include "base/clock.h"
#include "engine/oracle/internal.h"
#include "engine/reading.h"

#define TEXT_PIECE 16384 /* characters of a text that are read: TEXT_OF */

static void fill(struct so_query_list *list, struct so_query *query, const struct so_text_result *r, size_t row)
{
	struct so_query_counters *c = &query->counters;
	int64_t gets = so_text_int(r, row, 4, -1), reads = so_text_int(r, row, 5, -1);

	query->engine_id = so_strdup(list->items, so_text_cell(r, row, 0));
	query->text = so_strdup_or_null(list->items, so_text_cell(r, row, 7));
	query->truncated = so_text_int(r, row, 8, 0) > TEXT_PIECE;
	c->calls = so_text_int(r, row, 1, 0);
	c->rows = so_text_int(r, row, 2, 0);
	c->exec_us = so_text_int(r, row, 3, 0);
	c->shared_read = reads;
	c->shared_hit = gets < 0 || reads < 0 ? -1 : gets > reads ? gets - reads : 0;
	c->shared_dirtied = c->temp_read = -1;
	c->temp_written = so_text_int(r, row, 6, -1);
}

static bool readable(struct so_conn *base, struct so_err *err)
{
	return ora_info(base, err) &&
	       ((ora_conn_of(base)->info->caps & SO_CAP_STATEMENTS) ||
		       so_info_unreadable(ora_conn_of(base)->info, SO_UNSUPPORTED, "V$SQLSTATS", err));
}

struct so_query_list *ora_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct ora_conn *conn = ora_conn_of(base);

	return readable(base, err) ? bl_statements(ctx, &conn->bl, ORA_SQL_STATEMENTS, "V$SQLSTATS", limit,
					     conn->info->database, fill, err)
				   : NULL;
}

/* --- counters of single rows --- */

static void fill_counters(
	struct so_reading *reading, struct so_reading_row *row, const struct so_text_result *r, size_t i)
{
	int64_t gets = so_text_int(r, i, 4, 0), reads = so_text_int(r, i, 5, 0);

	row->id = so_strdup(reading->rows, so_text_cell(r, i, 0));
	so_reading_key(row, row->id);
	row->counters[SO_COUNT_CALLS] = so_text_int(r, i, 1, 0);
	row->counters[SO_COUNT_ROWS] = so_text_int(r, i, 2, 0);
	row->counters[SO_COUNT_EXEC_US] = so_text_int(r, i, 3, 0);
	row->counters[SO_COUNT_SHARED_HIT] = gets > reads ? gets - reads : 0;
	row->counters[SO_COUNT_SHARED_READ] = reads;
	row->counters[SO_COUNT_TEMP_WRITTEN] = so_text_int(r, i, 6, 0);
	reading->bytes += (int64_t)sizeof *row;
}

struct so_reading *ora_counters(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	const char *instance = NULL;
	struct so_reading *reading;
	struct so_text_result *r;
	int at;

	if (!readable(base, err))
		return NULL;
	limit = so_reading_limit(limit);
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_COUNTERS, (long long)limit), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "V$SQLSTATS"), NULL;
	at = so_reading_database(databases, n, conn->info->database);
	reading = so_new(ctx, struct so_reading);
	reading->at_us = so_time_now_us();
	reading->rows = so_new_array(reading, struct so_reading_row, so_text_rows(r) + 1);
	reading->evicted = -1;
	reading->complete = (int64_t)so_text_rows(r) < limit;
	for (size_t i = 0; i < so_text_rows(r) && (int64_t)reading->count < limit; i++) {
		instance = so_text_cell(r, i, 7) ? so_text_cell(r, i, 7) : instance;
		if (at < 0 || !so_text_cell(r, i, 0))
			continue;
		reading->rows[reading->count].database = (uint32_t)at;
		fill_counters(reading, &reading->rows[reading->count++], r, i);
	}
	/* behind one address there may be several instances, each with counters of its own */
	reading->server_uid = so_printf(
		reading, "%s/%s", conn->info->system_id ? conn->info->system_id : "", instance ? instance : "");
	return reading;
}

bool ora_texts(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	char *list = bl_id_list(tmp, "", "0123456789abcdefghijklmnopqrstuvwxyz", "'", ids, n);
	int64_t *rows = so_new_array(tmp, int64_t, n + 1);
	struct so_text_result *r;

	memset(out, 0, n * sizeof *out);
	if (!list)
		return true;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_TEXTS, list), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "V$SQLSTATS");
	bl_rows_of_ids(r, ids, n, rows);
	for (size_t i = 0; i < n; i++)
		if (rows[i] >= 0) {
			out[i].text = so_strdup(ctx, so_text_cell(r, (size_t)rows[i], 1));
			out[i].truncated = so_text_int(r, (size_t)rows[i], 2, 0) > TEXT_PIECE;
		}
	return true;
}
