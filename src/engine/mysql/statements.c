/* The statements that cost most: from the digests of performance_schema, or out of the slow query log. */
#include "engine/mysql/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "sql/fingerprint.h"

#define MAX_TEXT       16384 /* characters of a text that are kept */
#define MAX_STATEMENTS 10000
#define MAX_LOG_ROWS   5000 /* the latest of the slow log that are read */

static char *clean(TALLOC_CTX *ctx, const char *text)
{
	char *copy = so_strdup(ctx, text);
	size_t len = strlen(copy);

	while (len && copy[len - 1] == ' ') /* MariaDB ends every digest text with one */
		copy[--len] = '\0';
	so_utf8_mend(copy, len);
	return copy;
}

/* The counters of a server-side prepared statement stand under its execution. */
static const char *without_execute(const char *text)
{
	return strncmp(text, "EXECUTE ", 8) == 0 ? text + 8 : text;
}

char *my_digest_text(TALLOC_CTX *ctx, const char *text, bool *truncated)
{
	char *cleaned = clean(ctx, without_execute(text ? text : ""));

	if (strlen(cleaned) > 3 && strcmp(cleaned + strlen(cleaned) - 3, "...") == 0)
		*truncated = true; /* cut by max_digest_length */
	return cleaned;
}

static void no_pages(struct so_query_counters *c)
{
	c->shared_hit = c->shared_read = c->shared_dirtied = c->temp_read = c->temp_written = -1;
}

static void fill(struct so_query_list *list, struct so_query *query, const struct so_my_result *r, size_t row)
{
	struct so_query_counters *c = &query->counters;

	query->engine_id = so_strdup(list->items, so_my_cell(r, row, 0));
	query->database = so_strdup_or_null(list->items, so_my_cell(r, row, 1));
	query->truncated = so_my_int(r, row, 3, 0) != 0;
	query->text = my_digest_text(list->items, so_my_cell(r, row, 2), &query->truncated);
	c->calls = so_my_int(r, row, 4, 0);
	c->rows = so_my_int(r, row, 5, 0);
	c->exec_us = so_my_int(r, row, 6, 0);
	c->min_us = so_my_int(r, row, 7, 0);
	c->max_us = so_my_int(r, row, 8, 0);
	no_pages(c);
}

static struct so_query_list *digests(TALLOC_CTX *ctx, struct my_conn *conn, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_query_list *list;
	struct so_my_result *r, *lost;

	r = my_ask(tmp, conn, so_printf(tmp, MY_SQL_STATEMENTS, MAX_TEXT, MAX_TEXT, (long long)limit), err);
	if (!r)
		return so_fail_in(err, "events_statements_summary_by_digest"), NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, so_my_rows(r) + 1);
	for (size_t i = 0; i < so_my_rows(r); i++)
		fill(list, &list->items[list->count++], r, i);
	lost = my_ask(tmp, conn, MY_SQL_LOST, &ignored);
	list->deallocated = lost ? so_my_int(lost, 0, 1, -1) : -1;
	return list;
}

struct so_query_list *my_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct my_conn *conn = my_conn_of(base);

	if (!my_info(base, err))
		return NULL;
	if (limit < 1 || limit > MAX_STATEMENTS)
		limit = MAX_STATEMENTS;
	switch (conn->source) {
	case MY_DIGESTS:
		return digests(ctx, conn, limit, err);
	case MY_SLOW_LOG:
		return my_slow_statements(ctx, conn, limit, err);
	case MY_NO_STATEMENTS:
		break;
	}
	return so_info_unreadable(conn->info, conn->unreadable, "performance_schema", err), NULL;
}

/* The log holds whole statements: those with the same fingerprint are one. */
static struct so_query *same_query(struct so_query_list *list, const char *id, const char *database)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].engine_id, id) == 0 && list->items[i].database &&
			strcmp(list->items[i].database, database) == 0)
			return &list->items[i];
	return NULL;
}

/* The fingerprint of a statement of the log; false: an administrative command, or one that was cut off. */
static bool logged_id(struct my_conn *conn, const char *text, char id[SO_FINGERPRINT_TEXT])
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = true, .modes = conn->modes };
	struct so_err ignored = SO_ERR_INIT;
	struct so_ast *ast;

	if (!so_sql_parse(tmp, NULL, my_dialect(conn), text, strlen(text), &options, &ast, &ignored))
		return false;
	if (!so_kind_is_query(so_ast_kind(ast, so_ast_statement(ast))) &&
		!so_kind_is_dml(so_ast_kind(ast, so_ast_statement(ast))))
		return false;
	so_fingerprint_text(so_sql_fingerprint(ast, so_ast_statement(ast)), id);
	return true;
}

static void add_logged(struct so_query_list *list, struct my_conn *conn, const struct so_my_result *r, size_t row)
{
	const char *text = so_my_cell(r, row, 0), *database = so_my_cell(r, row, 1) ? so_my_cell(r, row, 1) : "";
	int64_t took_us = so_my_int(r, row, 3, 0);
	char id[SO_FINGERPRINT_TEXT];
	struct so_query *query;

	if (!text || !logged_id(conn, text, id))
		return;
	query = same_query(list, id, database);
	if (!query) {
		query = &list->items[list->count++];
		*query = (struct so_query){ .engine_id = so_strdup(list->items, id),
			.database = so_strdup(list->items, database),
			.truncated = so_my_int(r, row, 6, 0) != 0 };
		query->text = so_sql_redact(list->items, NULL, my_dialect(conn), text, strlen(text));
		query->counters.min_us = took_us;
		no_pages(&query->counters);
	}
	query->counters.calls++;
	query->counters.exec_us += took_us;
	query->counters.rows += so_my_int(r, row, 4, 0);
	if (took_us < query->counters.min_us)
		query->counters.min_us = took_us;
	if (took_us > query->counters.max_us)
		query->counters.max_us = took_us;
}

static int by_time(const void *a, const void *b)
{
	const struct so_query *x = a, *y = b;

	return (x->counters.exec_us < y->counters.exec_us) - (x->counters.exec_us > y->counters.exec_us);
}

struct so_query_list *my_slow_statements(TALLOC_CTX *ctx, struct my_conn *conn, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_query_list *list;
	struct so_my_result *r;

	r = my_ask(tmp, conn, so_printf(tmp, MY_SQL_SLOW_STATEMENTS, MAX_TEXT, MAX_TEXT, MAX_LOG_ROWS), err);
	if (!r)
		return so_fail_in(err, "mysql.slow_log"), NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, so_my_rows(r) + 1);
	list->deallocated = -1;
	for (size_t i = 0; i < so_my_rows(r); i++)
		add_logged(list, conn, r, i);
	qsort(list->items, list->count, sizeof list->items[0], by_time);
	if ((int64_t)list->count > limit)
		list->count = (size_t)limit;
	return list;
}

bool my_slow_samples(TALLOC_CTX *ctx, struct my_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_my_result *r;
	size_t left = n;

	r = my_ask(tmp, conn, so_printf(tmp, MY_SQL_SLOW_STATEMENTS, MAX_TEXT, MAX_TEXT, MAX_LOG_ROWS), err);
	if (!r)
		return so_fail_in(err, "mysql.slow_log");
	for (size_t row = 0; row < so_my_rows(r) && left; row++) { /* the newest first */
		const char *text = so_my_cell(r, row, 0);
		char id[SO_FINGERPRINT_TEXT];

		if (!text || so_my_int(r, row, 6, 0) || strlen(text) > SO_SAMPLE_BYTES || !logged_id(conn, text, id))
			continue;
		for (size_t i = 0; i < n; i++)
			if (!out[i].text && strcmp(ids[i], id) == 0) {
				out[i].text = so_strdup(ctx, text);
				left--;
			}
	}
	return true;
}
