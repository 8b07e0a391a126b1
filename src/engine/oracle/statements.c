/* The statements that cost most, from the cursor cache. */
#include "engine/oracle/internal.h"

#define MAX_STATEMENTS 10000
#define TEXT_PIECE     4000 /* characters of a text that are read */

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

struct so_query_list *ora_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	struct so_query_list *list;
	struct so_text_result *r;

	if (!ora_info(base, err))
		return NULL;
	if (!(conn->info->caps & SO_CAP_STATEMENTS))
		return so_fail(err, SO_UNSUPPORTED, "V$SQLSTATS is not readable here: see the check list"), NULL;
	if (limit < 1 || limit > MAX_STATEMENTS)
		limit = MAX_STATEMENTS;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_STATEMENTS, (long long)limit), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "V$SQLSTATS"), NULL;
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
