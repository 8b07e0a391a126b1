/* The statements that cost most, from the plan cache. */
#include <string.h>

#include "engine/mssql/internal.h"

#define MAX_TEXT 16384 /* bytes of a text that are kept */

char *ms_text_capped(TALLOC_CTX *ctx, const char *text, bool *truncated)
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
	query->text = text ? ms_text_capped(list->items, text, &query->truncated) : NULL;
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

bool ms_statistics_readable(struct so_conn *base, struct so_err *err)
{
	return ms_info(base, err) &&
	       ((ms_conn_of(base)->info->caps & SO_CAP_STATEMENTS) ||
		       so_info_unreadable(ms_conn_of(base)->info, SO_UNSUPPORTED, "sys.dm_exec_query_stats", err));
}

struct so_query_list *ms_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct ms_conn *conn = ms_conn_of(base);

	return ms_statistics_readable(base, err)
		       ? bl_statements(ctx, &conn->bl, MS_SQL_STATEMENTS, "sys.dm_exec_query_stats", limit,
				 conn->info->database, fill, err)
		       : NULL;
}
