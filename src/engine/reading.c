#include "engine/reading.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/clock.h"
#include "engine/conn.h"

void so_reading_key(struct so_reading_row *row, const char *identity)
{
	XXH128_hash_t hash = XXH3_128bits(identity, strlen(identity));

	row->key[0] = hash.low64;
	row->key[1] = hash.high64;
}

int so_reading_database(const char *const *databases, size_t n, const char *name)
{
	if (n == 0)
		return 0;
	for (size_t i = 0; name && i < n; i++)
		if (strcmp(databases[i], name) == 0)
			return (int)i;
	/* some servers fold names as their file system does */
	for (size_t i = 0; name && i < n; i++)
		if (strcasecmp(databases[i], name) == 0)
			return (int)i;
	return -1;
}

int64_t so_reading_limit(int64_t limit)
{
	return limit < 1 || limit > SO_READING_ROWS_MAX ? SO_READING_ROWS_MAX : limit;
}

static int64_t counted(int64_t value)
{
	return value > 0 ? value : 0;
}

static void fill(struct so_reading *reading, struct so_reading_row *row, const struct so_query *query)
{
	const struct so_query_counters *c = &query->counters;

	row->id = so_strdup(reading->rows, query->engine_id);
	row->text = so_strdup_or_null(reading->rows, query->text);
	row->truncated = query->truncated;
	so_reading_key(row, so_printf(reading->rows, "%s/%s/%s", query->engine_id,
				    query->database ? query->database : "", query->user ? query->user : ""));
	row->counters[SO_COUNT_CALLS] = counted(c->calls);
	row->counters[SO_COUNT_ROWS] = counted(c->rows);
	row->counters[SO_COUNT_EXEC_US] = counted(c->exec_us);
	row->counters[SO_COUNT_PLAN_US] = counted(c->plan_us);
	row->counters[SO_COUNT_SHARED_HIT] = counted(c->shared_hit);
	row->counters[SO_COUNT_SHARED_READ] = counted(c->shared_read);
	row->counters[SO_COUNT_SHARED_DIRTIED] = counted(c->shared_dirtied);
	row->counters[SO_COUNT_TEMP_READ] = counted(c->temp_read);
	row->counters[SO_COUNT_TEMP_WRITTEN] = counted(c->temp_written);
	row->counters[SO_COUNT_WAL_BYTES] = counted(c->wal_bytes);
	reading->bytes += (int64_t)sizeof *row + (row->text ? (int64_t)strlen(row->text) : 0);
}

struct so_reading *so_reading_of_statements(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases,
	size_t n, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_engine_info *info;
	struct so_query_list *list;
	struct so_reading *reading;

	limit = so_reading_limit(limit);
	info = conn->engine->info(conn, err);
	list = info ? conn->engine->statements(tmp, conn, limit, err) : NULL;
	if (!list)
		return NULL;
	reading = so_new(ctx, struct so_reading);
	reading->at_us = so_time_now_us();
	reading->rows = so_new_array(reading, struct so_reading_row, list->count + 1);
	reading->server_uid = so_strdup(reading, info->system_id ? info->system_id : "");
	reading->epoch_us = list->stats_reset_us;
	reading->evicted = list->deallocated;
	reading->summed = true;
	reading->complete = (int64_t)list->count < limit;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].engine_id && so_reading_database(databases, n, list->items[i].database) >= 0)
			fill(reading, &reading->rows[reading->count++], &list->items[i]);
	return reading;
}

bool so_reading_no_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n,
	struct so_statement_text *out, struct so_err *err)
{
	(void)ctx;
	(void)conn;
	(void)ids;
	(void)err;
	memset(out, 0, n * sizeof *out);
	return true;
}

struct so_activity *so_no_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	(void)ctx;
	(void)databases;
	(void)n;
	(void)limit;
	return so_fail(err, SO_UNSUPPORTED, "%s does not tell what its sessions are doing", so_conn_engine(conn)->name),
	       NULL;
}

bool so_no_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	(void)ctx;
	(void)conn;
	(void)ids;
	(void)err;
	memset(out, 0, n * sizeof *out);
	return true;
}
