#include "engine/blocking.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/utf8.h"
#include "engine/collect.h"
#include "engine/reading.h"
#include "sql/values.h"

#define OWN_TIMEOUT_MS 20000 /* for statements of ours that read catalogs */
#define MAX_STATEMENTS 10000

/* After any call on the client. */
static void note(struct bl_conn *conn)
{
	so_blocking_set_cancel(conn->client, NULL);
	conn->base.wait_us = so_blocking_wait_us(conn->client);
	if (!so_blocking_usable(conn->client))
		conn->base.broken = true;
}

static struct so_text_result *run(
	TALLOC_CTX *ctx, struct bl_conn *conn, struct so_blocking_query query, bool last, struct so_err *err)
{
	struct so_text_result *result;

	if (conn->base.call_limit_ms)
		query.timeout_ms = conn->base.call_limit_ms;
	so_blocking_set_cancel(conn->client, conn->base.cancel);
	result = so_blocking_query(ctx, conn->client, &query, last, err);
	note(conn);
	return result;
}

struct so_text_result *bl_ask(
	TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, int64_t timeout_ms, bool last, struct so_err *err)
{
	struct so_blocking_query query = { .sql = sql,
		.timeout_ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms };

	return run(ctx, conn, query, last, err);
}

bool bl_command(struct bl_conn *conn, const char *sql, struct so_err *err)
{
	struct so_text_result *result = bl_ask(NULL, conn, sql, 0, false, err);

	talloc_free(result);
	return result != NULL;
}

void bl_undo(struct bl_conn *conn, const char *sql)
{
	struct so_cancel *token = conn->base.cancel;
	struct so_blocking_query query = { .sql = sql, .timeout_ms = SO_UNDO_LIMIT_MS, .outcome = true };
	struct so_err ignored = SO_ERR_INIT;
	struct so_text_result *result;

	if (conn->base.broken)
		return;
	conn->base.cancel = NULL;
	result = run(NULL, conn, query, false, &ignored);
	if (!result)
		conn->base.broken = true;
	talloc_free(result);
	conn->base.cancel = token;
}

bool bl_ping(struct bl_conn *conn, const char *sql, int64_t *latency_us, struct so_err *err)
{
	int64_t start_us = so_time_monotonic_us();

	if (!bl_command(conn, sql, err))
		return false;
	*latency_us = so_time_monotonic_us() - start_us;
	return true;
}

/* ---- reads --------------------------------------------------------------------------------------------------------
 */

/* Between the reader's two statements; the second, which is a round trip, only with `end`. */
static bool stream(TALLOC_CTX *ctx, bool end, struct bl_conn *conn, const char *sql, int64_t timeout_ms,
	bool (*row)(void *arg, const struct so_blocking_row *row), void *arg, struct so_text_result **shape,
	int64_t *exec_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_blocking_query query = { .sql = so_printf(tmp, BL_TAG "%s", sql),
		.timeout_ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms };
	int64_t start_us;
	bool fine;

	if (!bl_command(conn, conn->reader->begin, err))
		return false;
	so_blocking_set_cancel(conn->client, conn->base.cancel);
	start_us = so_time_monotonic_us();
	fine = so_blocking_stream(ctx, conn->client, &query, row, arg, NULL, shape, err);
	*exec_us = so_time_monotonic_us() - start_us;
	note(conn);
	if (end)
		bl_undo(conn, conn->reader->undo);
	return fine;
}

/* Names and types of the result, as children of ctx. */
static void take_shape(TALLOC_CTX *ctx, const struct so_text_result *shape, size_t *n, char ***columns, char ***types)
{
	*n = so_text_columns(shape);
	*columns = so_new_array(ctx, char *, *n + 1);
	*types = so_new_array(ctx, char *, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		(*columns)[i] = so_strdup(*columns, so_text_column(shape, i));
		so_utf8_mend((*columns)[i], strlen((*columns)[i]));
		(*types)[i] = so_strdup(*types, so_text_column_type(shape, i));
	}
}

static bool keep_row(void *arg, const struct so_blocking_row *row)
{
	return so_keep_row(arg, row->n_columns, row->values, row->lengths);
}

bool bl_query(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	struct bl_conn *conn = (struct bl_conn *)base;
	struct so_text_result *shape = NULL;
	struct so_rows rows = { .truncated = false };
	struct so_row_keeper keeper = { .out = &rows, .max_rows = max_rows, .max_bytes = max_bytes };
	int64_t before_us = conn->base.wait_us, exec_us;

	if (!conn->reader->check(sql, err))
		return false;
	rows.cells = so_new_array(ctx, char *, 1);
	if (!stream(ctx, true, conn, sql, timeout_ms, keep_row, &keeper, &shape, &exec_us, err)) {
		talloc_free(rows.cells);
		return false;
	}
	take_shape(ctx, shape, &rows.n_columns, &rows.columns, &rows.types);
	rows.wait_us = conn->base.wait_us - before_us;
	talloc_free(shape);
	*out = rows;
	return true;
}

static bool digest_row(void *arg, const struct so_blocking_row *row)
{
	return so_digest_row(arg, row->n_columns, row->values, row->lengths);
}

bool bl_digest(TALLOC_CTX *ctx, struct so_conn *base, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct bl_conn *conn = (struct bl_conn *)base;
	struct so_text_result *shape = NULL;
	struct so_result_digest digest = { .n_rows = 0 };
	struct so_row_digester digester = { .out = &digest, .max_rows = max_rows, .max_bytes = max_bytes };

	if (!conn->reader->check(sql, err) ||
		!stream(ctx, true, conn, sql, timeout_ms, digest_row, &digester, &shape, &digest.exec_us, err))
		return false;
	take_shape(ctx, shape, &digest.n_columns, &digest.columns, &digest.types);
	talloc_free(shape);
	*out = digest;
	return true;
}

static bool forget_row(void *arg, const struct so_blocking_row *row)
{
	(void)arg;
	(void)row;
	return true;
}

bool bl_run_forgetting_rows(struct bl_conn *conn, const char *sql, int64_t timeout_ms, struct so_err *err)
{
	int64_t exec_us;

	return stream(NULL, false, conn, sql, timeout_ms, forget_row, NULL, NULL, &exec_us, err);
}

bool bl_execute(struct bl_conn *conn, const char *sql, int64_t timeout_ms, const char *before, const char *after,
	struct so_err *err)
{
	struct so_blocking_query query = {
		.sql = sql, .timeout_ms = timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms, .outcome = true
	};
	struct so_text_result *result = NULL;

	if (bl_command(conn, before, err))
		result = run(NULL, conn, query, false, err);
	bl_undo(conn, after);
	talloc_free(result);
	return result != NULL;
}

struct so_query_list *bl_statements(TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, const char *view,
	int64_t limit, const char *database,
	void (*fill)(struct so_query_list *list, struct so_query *query, const struct so_text_result *r, size_t row),
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_query_list *list;
	struct so_text_result *r;

	if (limit < 1 || limit > MAX_STATEMENTS)
		limit = MAX_STATEMENTS;
	r = bl_ask(tmp, conn, so_printf(tmp, sql, (long long)limit), OWN_TIMEOUT_MS, false, err); // NOLINT
	if (!r)
		return so_fail_in(err, "%s", view), NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, so_text_rows(r) + 1);
	list->deallocated = -1;
	for (size_t i = 0; i < so_text_rows(r); i++)
		if (so_text_cell(r, i, 0)) {
			fill(list, &list->items[list->count], r, i);
			list->items[list->count++].database = so_strdup(list->items, database);
		}
	return list;
}

/* ---- the schema audit -----------------------------------------------------------------------------------------------
 */

static bool read_relations(
	struct so_inventory *out, struct bl_conn *conn, const char *sql, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = bl_ask(tmp, conn, sql, OWN_TIMEOUT_MS, false, err);
	size_t n;

	if (!r)
		return so_fail_in(err, "list of relations");
	n = so_text_rows(r);
	out->truncated = (int64_t)n > limit;
	out->n_relations = out->truncated ? (size_t)limit : n;
	out->relations = so_new_array(out, struct so_relation, out->n_relations + 1);
	for (size_t i = 0; i < out->n_relations; i++) {
		const char *type = so_text_cell(r, i, 2);
		char kind = type ? *type : 'T';

		out->relations[i] = (struct so_relation){
			.schema = so_strdup(out->relations, so_text_cell(r, i, 0)),
			.name = so_strdup(out->relations, so_text_cell(r, i, 1)),
			.kind = kind == 'V'   ? SO_TABLE_VIEW
				: kind == 'P' ? SO_TABLE_PARTITIONED
					      : SO_TABLE,
			.rows = kind == 'V' ? -1 : so_text_real(r, i, 3, -1),
			.size_bytes = kind == 'V' ? -1 : so_text_int(r, i, 4, -1),
		};
	}
	return true;
}

/* False only when the connection is lost or the call was stopped. */
static bool read_vitals(
	struct so_inventory *out, struct bl_conn *conn, const struct bl_vital *vital, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = bl_ask(tmp, conn, vital->sql, OWN_TIMEOUT_MS, false, err);

	if (!r) {
		if (err->kind == SO_CANCELLED || conn->base.broken)
			return false;
		out->notes = so_renew_array(out, out->notes, char *, out->n_notes + 1);
		out->notes[out->n_notes++] = so_printf(out, "%s: not read: %s", vital->what, err->message);
		*err = (struct so_err)SO_ERR_INIT;
		return true;
	}
	out->vitals = so_renew_array(out, out->vitals, struct so_vital, out->n_vitals + so_text_rows(r) + 1);
	for (size_t i = 0; i < so_text_rows(r); i++)
		if (so_text_cell(r, i, 0))
			out->vitals[out->n_vitals++] = (struct so_vital){
				.kind = vital->kind,
				.object = so_strdup(out, so_text_cell(r, i, 0)),
				.value = so_text_real(r, i, 1, NAN),
				.limit = so_text_real(r, i, 2, NAN),
				.detail = so_strdup_or_null(out, so_text_cell(r, i, 3)),
			};
	return true;
}

struct so_inventory *bl_inventory(TALLOC_CTX *ctx, struct bl_conn *conn, const char *relations, int64_t limit,
	const struct bl_vital *vitals, size_t n_vitals, struct so_err *err)
{
	struct so_inventory *out = so_new(ctx, struct so_inventory);

	out->dialect = so_conn_dialect(&conn->base);
	if (!read_relations(out, conn, relations, limit, err))
		return talloc_free(out), NULL;
	for (size_t i = 0; i < n_vitals; i++)
		if (!read_vitals(out, conn, &vitals[i], err))
			return talloc_free(out), NULL;
	return out;
}

/* Characters of well-formed UTF-8. */
static size_t count_chars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void fill_session(struct so_activity *activity, const struct so_text_result *r, size_t row)
{
	struct so_session *s = &activity->items[activity->count++];
	const char *state = so_text_cell(r, row, 4), *text = so_text_cell(r, row, 7);
	int64_t blocked_by = so_text_int(r, row, 11, 0);

	s->id = so_text_int(r, row, 0, 0);
	s->database = so_strdup_or_null(activity->items, so_text_cell(r, row, 1));
	s->user = so_strdup_or_null(activity->items, so_text_cell(r, row, 2));
	s->application = so_strdup_or_null(activity->items, so_text_cell(r, row, 3));
	s->state = state && *state == 'W'   ? SO_SESSION_WAITING
		   : state && *state == 'T' ? SO_SESSION_IN_TRANSACTION
					    : SO_SESSION_RUNNING;
	if (s->state == SO_SESSION_WAITING)
		s->wait = so_strdup_or_null(activity->items, so_text_cell(r, row, 5));
	s->query_id = so_strdup_or_null(activity->items, so_text_cell(r, row, 6));
	s->text = so_strdup_or_null(activity->items, text);
	s->truncated = text && so_text_int(r, row, 8, 0) > (int64_t)count_chars(text);
	s->query_us = so_text_int(r, row, 9, -1);
	s->transaction_us = so_text_int(r, row, 10, -1);
	s->blocked_by = blocked_by > 0 ? blocked_by : 0;
}

struct so_activity *bl_activity(
	TALLOC_CTX *ctx, struct bl_conn *conn, const char *sql, int64_t limit, const char *what, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = bl_ask(tmp, conn, sql, OWN_TIMEOUT_MS, false, err);
	struct so_activity *activity;

	if (!r)
		return so_fail_in(err, "%s", what), NULL;
	activity = so_new(ctx, struct so_activity);
	activity->items = so_new_array(activity, struct so_session, so_text_rows(r) + 1);
	activity->truncated = so_text_rows(r) > (size_t)limit;
	for (size_t i = 0; i < so_text_rows(r) && i < (size_t)limit; i++)
		fill_session(activity, r, i);
	return activity;
}

char *bl_id_list(
	TALLOC_CTX *ctx, const char *prefix, const char *letters, const char *quote, const char *const *ids, size_t n)
{
	size_t skip = strlen(prefix);
	struct so_buf list;

	so_buf_init(&list, ctx, (size_t)SO_READING_TEXTS * 32);
	for (size_t i = 0; i < n && i < SO_READING_TEXTS; i++)
		if (strncmp(ids[i], prefix, skip) == 0 && ids[i][skip] &&
			strspn(ids[i] + skip, letters) == strlen(ids[i] + skip))
			so_buf_addf(&list, "%s%s%s%s", list.len ? "," : "", quote, ids[i], quote);
	return list.len ? so_strdup(ctx, so_buf_text(&list)) : NULL;
}

void bl_rows_of_ids(const struct so_text_result *answer, const char *const *ids, size_t n, int64_t *rows)
{
	SO_TMP(tmp, NULL);
	struct so_map *found = so_map_new(tmp, SO_READING_TEXTS);

	for (size_t i = 0; i < so_text_rows(answer); i++) {
		const char *id = so_text_cell(answer, i, 0);

		if (id && so_text_cell(answer, i, 1) && !so_map_get(found, id) &&
			!so_map_put(found, id, (void *)(uintptr_t)(i + 1)))
			break; /* more than was asked for */
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = (int64_t)(uintptr_t)so_map_get(found, ids[i]) - 1;
}

bool bl_sample(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, bl_value_fn value, void *arg, struct so_sample *out)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_sample sample = { .text = NULL };
	struct so_value_places *places;

	if (strlen(text) > SO_SAMPLE_BYTES)
		return false;
	places = so_value_places(tmp, dialect, text, strlen(text), &ignored);
	if (!places)
		return false;
	sample.values = so_new_array(tmp, char *, places->n_open + 1);
	for (size_t i = 0; i < places->n_items; i++) {
		const struct so_value_item *item = &places->items[i];
		const char *found;

		if (!item->open)
			continue;
		found = item->rest ? NULL : value(arg, so_strndup(tmp, text + item->off, item->len), sample.n_values);
		if (!found)
			return false;
		sample.values[sample.n_values++] = so_strdup(sample.values, found);
	}
	sample.values = talloc_steal(ctx, sample.values);
	sample.text = so_strdup(ctx, text);
	*out = sample;
	return true;
}
