/* The counters of all statements: of databases that keep a Query Store from there, since it loses nothing when plans
 * leave the cache or the server restarts; of the others from the plan cache. And the texts that belong to them. */
#include <string.h>

#include "base/clock.h"
#include "engine/mssql/internal.h"
#include "engine/reading.h"

struct counting {
	struct ms_conn *conn;
	struct so_reading *reading;
	const char *const *databases; /* as asked for */
	size_t n;
	int64_t limit; /* rows of the reading */
	bool full;
};

/* N'a', N'b': those that do not keep a store; NULL: all do. */
static char *cached_databases(TALLOC_CTX *ctx, const char *const *databases, const bool *stored, size_t n)
{
	char *list = NULL;

	for (size_t i = 0; i < n; i++)
		if (!stored[i])
			list = so_printf(
				ctx, "%s%s%s", list ? list : "", list ? ", " : "", ms_text_literal(ctx, databases[i]));
	return list;
}

static struct so_reading_row *add_row(struct counting *c, int database)
{
	struct so_reading *reading = c->reading;

	if ((int64_t)reading->count >= c->limit) {
		c->full = true;
		return NULL;
	}
	reading->rows[reading->count].database = (uint32_t)database;
	reading->rows[reading->count].own_login = true; /* neither says whose statement it is: the text tells */
	reading->bytes += (int64_t)sizeof *reading->rows;
	return &reading->rows[reading->count++];
}

/* From the cell on: calls, rows, elapsed microseconds, pages read logically, physically, written. */
static void fill_counters(struct so_reading_row *row, const struct so_text_result *r, size_t i, size_t cell)
{
	int64_t logical = so_text_int(r, i, cell + 3, 0), physical = so_text_int(r, i, cell + 4, 0);

	row->counters[SO_COUNT_CALLS] = so_text_int(r, i, cell, 0);
	row->counters[SO_COUNT_ROWS] = so_text_int(r, i, cell + 1, 0);
	row->counters[SO_COUNT_EXEC_US] = so_text_int(r, i, cell + 2, 0);
	row->counters[SO_COUNT_SHARED_HIT] = logical > physical ? logical - physical : 0;
	row->counters[SO_COUNT_SHARED_READ] = physical;
	row->counters[SO_COUNT_SHARED_DIRTIED] = so_text_int(r, i, cell + 5, 0);
}

/* Room for the rows of one more result. */
static void make_room(struct counting *c, const struct so_text_result *r)
{
	struct so_reading *reading = c->reading;

	reading->rows =
		so_renew_array(reading, reading->rows, struct so_reading_row, reading->count + so_text_rows(r) + 1);
	memset(&reading->rows[reading->count], 0, (so_text_rows(r) + 1) * sizeof *reading->rows);
}

/* A plan that was compiled anew, or that comes back after the cache gave it up, has another time of creation. */
static bool read_cache(struct counting *c, const char *list, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = bl_ask(tmp, &c->conn->bl, so_printf(tmp, MS_SQL_COUNTERS, (long long)c->limit, list),
		OWN_TIMEOUT_MS, false, err);

	if (!r)
		return so_fail_in(err, "sys.dm_exec_query_stats"), false;
	c->full = (int64_t)so_text_rows(r) >= c->limit;
	make_room(c, r);
	for (size_t i = 0; i < so_text_rows(r); i++) {
		int at = so_reading_database(c->databases, c->n, so_text_cell(r, i, 3));
		const char *handle = so_text_cell(r, i, 1), *start = so_text_cell(r, i, 2);
		struct so_reading_row *row = at < 0 || !so_text_cell(r, i, 0) ? NULL : add_row(c, at);

		c->reading->at_us = so_text_int(r, i, 5, c->reading->at_us);
		if (!row)
			continue;
		row->id = so_strdup(c->reading, so_text_cell(r, i, 0));
		so_reading_key(row, so_printf(tmp, "%s/%s", handle ? handle : "", start ? start : ""));
		row->since_us = so_text_int(r, i, 4, 0);
		fill_counters(row, r, i, 6);
	}
	return true;
}

/* Whether a store takes new statements: one that reached its size turns READ_ONLY, and counts no more. A store that may
 * not be read is as good as none. */
static bool is_kept(struct ms_conn *conn, const char *database)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_text_result *r =
		conn->bl.base.broken
			? NULL
			: bl_ask(tmp, &conn->bl, so_printf(tmp, MS_SQL_STORE_STATE, ms_text_quoted(tmp, database)),
				  OWN_TIMEOUT_MS, false, &ignored);

	return r && so_text_cell(r, 0, 0) && strcmp(so_text_cell(r, 0, 0), "READ_WRITE") == 0;
}

/* Names of the databases whose store is on, in whatever state; none when that cannot be asked. */
static struct so_text_result *with_store(TALLOC_CTX *ctx, struct ms_conn *conn)
{
	struct so_err ignored = SO_ERR_INIT;

	return bl_ask(ctx, &conn->bl, MS_SQL_STORES, OWN_TIMEOUT_MS, false, &ignored);
}

static void find_stores(struct counting *c, bool *stored)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = with_store(tmp, c->conn);

	for (size_t i = 0; r && i < so_text_rows(r); i++) {
		int at = so_text_cell(r, i, 0) ? so_reading_database(c->databases, c->n, so_text_cell(r, i, 0)) : -1;

		if (at >= 0)
			stored[at] = is_kept(c->conn, c->databases[at]);
	}
}

/* Each plan has a row for each interval of the store (an hour, when nobody changed it), which counts from its first
 * execution there and is final when the interval ends, so only the last hours are read. */
static bool read_store(struct counting *c, int database, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *name = c->databases[database], *quoted = ms_text_quoted(tmp, name);
	struct so_text_result *r = bl_ask(tmp, &c->conn->bl,
		so_printf(tmp, MS_SQL_STORE_COUNTERS, (long long)c->limit, quoted, quoted, quoted, quoted),
		OWN_TIMEOUT_MS, false, err);

	if (!r)
		return so_fail_in(err, "the Query Store of %s", name), false;
	c->full = c->full || (int64_t)so_text_rows(r) >= c->limit;
	make_room(c, r);
	for (size_t i = 0; i < so_text_rows(r); i++) {
		struct so_reading_row *row = so_text_cell(r, i, 0) ? add_row(c, database) : NULL;

		c->reading->at_us = so_text_int(r, i, 5, c->reading->at_us);
		if (!row)
			continue;
		row->id = so_strdup(c->reading, so_text_cell(r, i, 0));
		so_reading_key(row, so_printf(tmp, "store %s %lld/%lld/%lld", name, (long long)so_text_int(r, i, 1, 0),
					    (long long)so_text_int(r, i, 2, 0), (long long)so_text_int(r, i, 3, 0)));
		row->since_us = so_text_int(r, i, 4, 0);
		fill_counters(row, r, i, 6);
	}
	return true;
}

struct so_reading *ms_counters(TALLOC_CTX *ctx, struct so_conn *base, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct counting c = {
		.conn = ms_conn_of(base), .databases = databases, .n = n, .limit = so_reading_limit(limit)
	};
	const char *list, *own;
	bool *stored, ok;

	if (!ms_statistics_readable(base, err))
		return NULL;
	own = c.conn->info->database;
	if (n == 0) {
		c.databases = &own;
		c.n = 1;
	}
	stored = so_new_array(tmp, bool, c.n);
	find_stores(&c, stored);
	c.reading = so_new(tmp, struct so_reading);
	c.reading->at_us = so_time_now_us();
	c.reading->server_uid = so_strdup(c.reading, c.conn->info->system_id ? c.conn->info->system_id : "");
	c.reading->evicted = -1;
	list = cached_databases(tmp, c.databases, stored, c.n);
	ok = !list || read_cache(&c, list, err);
	for (size_t i = 0; ok && i < c.n; i++)
		ok = !stored[i] || read_store(&c, (int)i, err);
	c.reading->complete = !c.full;
	return ok ? talloc_steal(ctx, c.reading) : NULL;
}

/* ---- texts ---- */

/* Of those without one. */
static char *hashes_left(TALLOC_CTX *ctx, const char *const *ids, const struct so_statement_text *out, size_t n)
{
	const char **left = so_new_array(ctx, const char *, n + 1);
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (!out[i].text)
			left[count++] = ids[i];
	return bl_id_list(ctx, "0x", "0123456789ABCDEFabcdef", "", left, count);
}

static void take_texts(TALLOC_CTX *ctx, const struct so_text_result *r, const char *const *ids, size_t n,
	struct so_statement_text *out)
{
	SO_TMP(tmp, NULL);
	int64_t *rows = so_new_array(tmp, int64_t, n + 1);

	bl_rows_of_ids(r, ids, n, rows);
	for (size_t i = 0; i < n; i++)
		if (rows[i] >= 0 && !out[i].text && so_text_cell(r, (size_t)rows[i], 1))
			out[i].text = ms_text_capped(ctx, so_text_cell(r, (size_t)rows[i], 1), &out[i].truncated);
}

bool ms_texts(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct so_text_result *r, *stores;
	char *list;

	memset(out, 0, n * sizeof *out);
	list = hashes_left(tmp, ids, out, n);
	if (!list)
		return true;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, MS_SQL_TEXTS, list), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return so_fail_in(err, "sys.dm_exec_sql_text");
	take_texts(ctx, r, ids, n, out);
	list = hashes_left(tmp, ids, out, n);
	stores = list ? with_store(tmp, conn) : NULL;
	for (size_t i = 0; stores && list && i < so_text_rows(stores); i++) {
		const char *quoted =
			so_text_cell(stores, i, 0) ? ms_text_quoted(tmp, so_text_cell(stores, i, 0)) : NULL;
		struct so_err ignored = SO_ERR_INIT; /* a store that is not readable has none of these texts */

		r = quoted && !conn->bl.base.broken
			    ? bl_ask(tmp, &conn->bl, so_printf(tmp, MS_SQL_STORE_TEXTS, quoted, quoted, list),
				      OWN_TIMEOUT_MS, false, &ignored)
			    : NULL;
		if (r)
			take_texts(ctx, r, ids, n, out);
		list = hashes_left(tmp, ids, out, n);
	}
	return true;
}
