#include "service/activity.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "monitor/harvest.h"
#include "service/statement.h"
#include "service/targets.h"
#include "sql/fingerprint.h"
#include "store/activity.h"
#include "store/use.h"

/* The text without its values, and its fingerprint. */
static void conceal(struct so_activity *activity, struct so_session *session, enum so_dialect dialect, char **print)
{
	char *text = session->text, hex[SO_FINGERPRINT_TEXT];
	struct so_sql_options options = { .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	uint64_t fingerprint;

	if (!text)
		return;
	if (!session->truncated &&
		so_sql_fingerprint_text(NULL, dialect, text, strlen(text), &options, &fingerprint, &ignored))
		*print = so_strdup(activity, so_fingerprint_text(fingerprint, hex));
	session->text = so_sql_redact(activity, NULL, dialect, text, strlen(text));
	talloc_free(text);
}

static struct so_activity *ask(
	TALLOC_CTX *ctx, struct so_conn *conn, const char *database, int64_t limit, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(conn);
	const char *databases[] = { database };

	return engine->activity(ctx, conn, databases, database && *database ? 1 : 0, limit, err);
}

bool so_service_activity(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t limit, struct so_activity **out, struct so_session_name **names, struct so_err *err)
{
	struct so_store_conn *target = so_store_conn_get(ctx, service->store, scope, connection_id, err);
	struct so_conn *conn = target ? so_targets_take(service, target, NULL, err) : NULL;
	enum so_dialect dialect;
	const char *name;

	if (!conn)
		return false;
	name = so_conn_dialect(conn);
	dialect = so_statement_dialect(name);
	*out = ask(ctx, conn, target->database, limit < SO_ACTIVITY_MAX ? limit : SO_ACTIVITY_MAX, err);
	so_targets_give(service, conn);
	if (!*out)
		return false;
	*names = so_new_array(*out, struct so_session_name, (*out)->count + 1);
	for (size_t i = 0; i < (*out)->count; i++)
		if ((*out)->items[i].text && !(*out)->items[i].truncated)
			so_harvest_text(service->harvest, target->id, name, (*out)->items[i].text, SO_HARVEST_SESSION);
	for (size_t i = 0; i < (*out)->count; i++) {
		struct so_session_name *of = &(*names)[i];

		conceal(*out, &(*out)->items[i], dialect, &of->fingerprint);
		if (of->fingerprint && !so_store_query_find(service->store, scope, connection_id, of->fingerprint,
					       SO_FINGERPRINT_VERSION, &of->query_id, err))
			return false;
	}
	return true;
}

/* ---- the past ---- */

#define MAX_POINTS   300
#define MAX_SHARES   100
#define SHARE_CHARS  200
#define HOUR_MINUTES 60
#define YEAR_MINUTES (366 * 24 * 60)

static bool lay_out(struct so_activity_past *out, int64_t from_us, int64_t to_us, struct so_err *err)
{
	int64_t to = (to_us ? to_us : so_time_now_us()) / SO_MINUTE_US + 1;
	int64_t from = from_us ? from_us / SO_MINUTE_US : to - HOUR_MINUTES, width;

	if (from >= to)
		return so_fail(err, SO_INPUT, "'from' has to be before 'to'");
	if (to - from > YEAR_MINUTES)
		return so_fail(err, SO_INPUT, "ask for a year at most");
	width = (to - from + MAX_POINTS - 1) / MAX_POINTS;
	from -= from % width; /* as the buckets of the store lie */
	out->from_us = from * SO_MINUTE_US;
	out->to_us = to * SO_MINUTE_US;
	out->step_us = width * SO_MINUTE_US;
	out->n_points = (size_t)((to - from + width - 1) / width);
	return true;
}

struct wait_sum {
	const char *name;
	int64_t seen;
};

static int by_seen(const void *a, const void *b)
{
	const struct wait_sum *x = a, *y = b;

	return x->seen != y->seen ? (x->seen < y->seen ? 1 : -1) : strcmp(x->name, y->name);
}

/* Which waits get figures of their own: those that were seen most. */
static void name_waits(struct so_activity_past *out, const struct so_store_activities *rows)
{
	SO_TMP(tmp, NULL);
	struct wait_sum *sums = so_new_array(tmp, struct wait_sum, rows->count + 1);
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct so_store_activity *row = rows->items[i];
		size_t at = 0;

		if (strcmp(row->state, so_session_states[SO_SESSION_WAITING]) != 0 || !*row->wait)
			continue;
		while (at < n && strcmp(sums[at].name, row->wait) != 0)
			at++;
		if (at == n)
			sums[n++] = (struct wait_sum){ .name = row->wait };
		sums[at].seen += row->seen;
	}
	qsort(sums, n, sizeof(*sums), by_seen);
	for (out->n_waits = 0; out->n_waits < n && out->n_waits < SO_ACTIVITY_WAITS; out->n_waits++)
		out->waits[out->n_waits] = sums[out->n_waits].name;
}

static void add_row(struct so_activity_past *out, const struct so_store_activity *row)
{
	int64_t at = (row->bucket * SO_MINUTE_US - out->from_us) / out->step_us;

	if (at < 0 || (size_t)at >= out->n_points)
		return;
	if (strcmp(row->state, SO_ACTIVITY_LOOK) == 0)
		out->points[at].looks += row->seen;
	for (int s = 0; s < SO_SESSION_STATE_MAX; s++)
		if (strcmp(row->state, so_session_states[s]) == 0)
			out->points[at].sessions[s] += (double)row->seen;
	for (size_t w = 0; w < out->n_waits; w++)
		if (strcmp(row->wait, out->waits[w]) == 0)
			out->points[at].waits[w] += (double)row->seen;
}

/* From sums to means; returns the looks of the whole time. */
static int64_t divide(struct so_activity_past *out)
{
	int64_t looks = 0;

	for (size_t i = 0; i < out->n_points; i++) {
		struct so_activity_point *p = &out->points[i];

		p->at_us = out->from_us + (int64_t)i * out->step_us;
		looks += p->looks;
		for (int s = 0; s < SO_SESSION_STATE_MAX; s++)
			p->sessions[s] = p->looks ? p->sessions[s] / (double)p->looks : (double)NAN;
		for (size_t w = 0; w < SO_ACTIVITY_WAITS; w++)
			p->waits[w] = p->looks ? p->waits[w] / (double)p->looks : (double)NAN;
	}
	return looks;
}

/* NULL also for a query that is gone: its sessions were there all the same. */
static const char *text_of(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t query_id)
{
	struct so_err ignored = SO_ERR_INIT;
	const struct so_store_query_brief *brief =
		query_id ? so_store_query_brief_get(ctx, service->store, scope, query_id, SHARE_CHARS, &ignored) : NULL;

	return brief ? brief->sql_text : NULL;
}

bool so_service_activity_past(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t from_us, int64_t to_us, struct so_activity_past *out, struct so_err *err)
{
	struct so_store_activities *series, *queries;
	int64_t from, to, looks;

	*out = (struct so_activity_past){ 0 };
	if (!so_store_conn_get(ctx, service->store, scope, connection_id, err) || !lay_out(out, from_us, to_us, err))
		return false;
	from = out->from_us / SO_MINUTE_US;
	to = out->to_us / SO_MINUTE_US;
	series = so_store_activity_series(
		ctx, service->store, scope, connection_id, from, to, out->step_us / SO_MINUTE_US, err);
	queries =
		series ? so_store_activity_queries(ctx, service->store, scope, connection_id, from, to, MAX_SHARES, err)
		       : NULL;
	if (!queries)
		return false;
	out->points = so_new_array(ctx, struct so_activity_point, out->n_points + 1);
	name_waits(out, series);
	for (size_t i = 0; i < series->count; i++)
		add_row(out, series->items[i]);
	looks = divide(out);
	out->shares = so_new_array(ctx, struct so_activity_share, queries->count + 1);
	for (size_t i = 0; i < queries->count && looks > 0; i++) {
		const struct so_store_activity *row = queries->items[i];

		out->shares[out->n_shares++] =
			(struct so_activity_share){ row->query_id, text_of(ctx, service, scope, row->query_id),
				row->state, row->wait, (double)row->seen / (double)looks };
	}
	return true;
}
