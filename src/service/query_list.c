#include "service/query_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/history.h"
#include "store/text.h"

#define DAY_US (24 * SO_HOUR_US)

enum {
	HOURLY_MAX = 72, /* hours: longer periods are read by the day */
	PREVIEW = 300, /* characters of a text */
	COMPARED_MIN = 10, /* per cent of a period that must have been watched to compare with it */
};

const char so_regression_rule[] = "query-regression";
const char so_new_query_rule[] = "new-slow-query";

const char *const so_query_sort_names[] = { "total_time", "load", "calls", "mean_time", "rows", "reads", "hits",
	"change", "first_seen", NULL };
const char *const so_query_only_names[] = { "all", "findings", "regressed", "new", NULL };
const char *const so_period_names[] = { "hour", "day", "week", "month", "all", NULL };

/* ---- periods ---- */

static int64_t ceil_div(int64_t value, int64_t by)
{
	return value / by + (value % by > 0);
}

static void set_period(struct so_period *out, enum so_period_unit unit, int64_t from, int64_t to)
{
	*out = (struct so_period){ unit, from - (to - from), from, to };
	if (out->before < 0)
		out->before = 0;
}

static bool named_period(const char *word, int64_t now_us, struct so_period *out)
{
	int64_t hour = now_us / SO_HOUR_US + 1, day = now_us / DAY_US + 1;

	if (strcmp(word, "all") == 0)
		*out = (struct so_period){ .unit = SO_PERIOD_LIFETIME };
	else if (strcmp(word, "hour") == 0)
		set_period(out, SO_PERIOD_HOURS, hour - 2, hour); /* just after the full hour it would be empty else */
	else if (strcmp(word, "day") == 0)
		set_period(out, SO_PERIOD_HOURS, hour - 24, hour);
	else
		set_period(out, SO_PERIOD_DAYS, day - (strcmp(word, "week") == 0 ? 7 : 30), day);
	return true;
}

bool so_period_of(const struct so_period_request *request, int64_t now_us, struct so_period *out, struct so_err *err)
{
	int64_t to_us = request->to_us ? request->to_us : now_us;

	if (request->word)
		return named_period(request->word, now_us, out);
	if (to_us <= request->from_us)
		return so_fail(err, SO_INPUT, "the period must end after it begins");
	if (to_us - request->from_us > SO_PERIOD_DAYS_MAX * DAY_US)
		return so_fail(err, SO_LIMIT, "a period may have at most %d days", SO_PERIOD_DAYS_MAX);
	if (to_us - request->from_us <= HOURLY_MAX * SO_HOUR_US)
		set_period(out, SO_PERIOD_HOURS, request->from_us / SO_HOUR_US, ceil_div(to_us, SO_HOUR_US));
	else
		set_period(out, SO_PERIOD_DAYS, request->from_us / DAY_US, ceil_div(to_us, DAY_US));
	return true;
}

void so_period_times(
	const struct so_period *period, int64_t now_us, int64_t *from_us, int64_t *to_us, int64_t *before_us)
{
	int64_t unit_us = period->unit == SO_PERIOD_DAYS ? DAY_US : SO_HOUR_US;

	*from_us = period->from * unit_us;
	*to_us = period->to * unit_us < now_us ? period->to * unit_us : now_us;
	*before_us = period->before * unit_us;
	if (period->unit == SO_PERIOD_LIFETIME)
		*to_us = now_us;
}

/* ---- one statement ---- */

struct listing {
	const struct so_query_request *request;
	const struct so_query_loads *loads;
	const struct so_store_watcheds *conns;
	const struct so_store_query_finding_list *findings;
	const struct so_store_texts *found; /* of the search; NULL: none */
	struct so_query_page *page;
};

struct ranked {
	double key;
	const struct so_query_load *load;
	const struct so_store_watched *conn;
};

static int by_conn(const void *key, const void *item)
{
	const int64_t *id = key;
	const struct so_store_watched *const *conn = item;

	return (*id > (*conn)->id) - (*id < (*conn)->id);
}

static const struct so_store_watched *conn_of(const struct listing *l, int64_t id)
{
	const struct so_store_watched *const *found =
		bsearch(&id, l->conns->items, l->conns->count, sizeof *l->conns->items, by_conn);

	return l->conns->count && found ? *found : NULL;
}

static int by_query(const void *key, const void *item)
{
	const int64_t *id = key;
	const struct so_store_query_findings *findings = item;

	return (*id > findings->query_id) - (*id < findings->query_id);
}

static const struct so_store_query_findings *findings_of(const struct listing *l, int64_t query_id)
{
	if (!l->findings->count)
		return NULL;
	return bsearch(&query_id, l->findings->items, l->findings->count, sizeof *l->findings->items, by_query);
}

static int64_t covered(int64_t from_us, int64_t to_us, int64_t since_us)
{
	if (since_us > from_us)
		from_us = since_us;
	return to_us > from_us ? to_us - from_us : 0;
}

/* A period that was watched in part is scaled to the length of the other; one that was hardly watched says nothing. */
static struct so_query_change change_of(
	const struct so_query_page *page, const struct so_store_watched *conn, const struct so_query_load *load)
{
	struct so_query_change change = { NAN, NAN, NAN, NAN, NAN };
	int64_t before_us = covered(page->before_us, page->from_us, conn->first_us);
	int64_t now_us = covered(page->from_us, page->to_us, conn->first_us);
	double scale, now_ms = (double)load->now.exec_us / 1000;

	if (page->period.unit == SO_PERIOD_LIFETIME || !conn->first_us || !now_us ||
		before_us * 100 < (page->from_us - page->before_us) * COMPARED_MIN)
		return change;
	scale = (double)now_us / (double)before_us;
	change.before_calls = (double)load->before_calls * scale;
	change.before_ms = (double)load->before_exec_us / 1000 * scale;
	change.gained_ms = now_ms - change.before_ms;
	if (load->before_exec_us > 0)
		change.load = now_ms / change.before_ms;
	if (load->before_exec_us > 0 && load->before_calls > 0 && load->now.calls > 0)
		change.mean = (double)load->now.exec_us / (double)load->now.calls /
			      ((double)load->before_exec_us / (double)load->before_calls);
	return change;
}

/* Not one of those that the first polls of a connection find: what ran in its first hour has been there before. */
static bool is_new(const struct so_query_page *page, const struct so_store_watched *conn,
	const struct so_query_load *load, const struct so_store_query_findings *findings)
{
	if (findings && findings->of_second)
		return true;
	return conn->first_us && load->discovered_us >= page->from_us &&
	       load->discovered_us > conn->first_us + SO_HOUR_US && !load->other;
}

static bool passes_only(const struct listing *l, const struct so_query_load *load, const struct so_store_watched *conn)
{
	const struct so_store_query_findings *findings;

	if (l->request->only == SO_ONLY_ALL)
		return true;
	findings = findings_of(l, load->query_id);
	switch (l->request->only) {
	case SO_ONLY_FINDINGS:
		return findings != NULL;
	case SO_ONLY_REGRESSED:
		return findings && findings->of_first;
	case SO_ONLY_NEW:
		return is_new(l->page, conn, load, findings);
	case SO_ONLY_ALL:
	case SO_ONLY_MAX:
		break;
	}
	return true;
}

static bool passes(const struct listing *l, const struct so_query_load *load, const struct so_store_watched *conn)
{
	const struct so_query_request *request = l->request;

	if (load->now.calls <= 0 && load->now.exec_us <= 0)
		return false;
	if (request->by_fingerprint && (load->other || load->fingerprint != request->fingerprint))
		return false;
	if (!request->any_kind && (load->kind != request->kind || load->other))
		return false;
	if (l->found && (load->other || !so_store_texts_hold(l->found, load->query_id, load->text_id)))
		return false;
	return passes_only(l, load, conn);
}

static double key_of(const struct listing *l, const struct so_query_load *load, const struct so_store_watched *conn)
{
	struct so_query_change change;

	switch (l->request->sort) {
	case SO_SORT_TOTAL_TIME:
	case SO_SORT_LOAD:
		return (double)load->now.exec_us;
	case SO_SORT_CALLS:
		return (double)load->now.calls;
	case SO_SORT_MEAN_TIME:
		return load->now.calls > 0 ? (double)load->now.exec_us / (double)load->now.calls : 0;
	case SO_SORT_ROWS:
		return (double)load->now.rows;
	case SO_SORT_READS:
		return (double)load->now.reads;
	case SO_SORT_HITS:
		return (double)load->now.hits;
	case SO_SORT_CHANGE:
		change = change_of(l->page, conn, load);
		return isnan(change.gained_ms) ? -INFINITY : change.gained_ms;
	case SO_SORT_FIRST_SEEN:
		return (double)load->discovered_us;
	case SO_SORT_MAX:
		break;
	}
	return 0;
}

/* ---- the page ---- */

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return (x->load->query_id > y->load->query_id) - (x->load->query_id < y->load->query_id);
}

/* Moves the first `wanted` of the order to the front, in no order among themselves: sorting all of them for a page of
 * fifty would be the larger part of the work, wherever that page is. */
static void select_first(struct ranked *rows, size_t count, size_t wanted)
{
	size_t low = 0, high = count;

	while (high - low > 16 && wanted > low && wanted < high) {
		const struct ranked pivot = rows[low + (high - low) / 2];
		size_t i = low, j = high - 1;

		for (;;) {
			while (by_key(&rows[i], &pivot) < 0)
				i++;
			while (by_key(&pivot, &rows[j]) < 0)
				j--;
			if (i >= j)
				break;
			struct ranked swapped = rows[i];

			rows[i++] = rows[j];
			rows[j--] = swapped;
		}
		if (wanted <= j + 1)
			high = j + 1;
		else
			low = j + 1;
	}
	if (high - low <= 16)
		qsort(rows + low, high - low, sizeof *rows, by_key);
}

static size_t rank_all(const struct listing *l, struct ranked *rows)
{
	const struct so_query_request *request = l->request;
	const struct so_store_watched *conn = NULL;
	size_t count = 0;

	for (size_t i = 0; i < l->loads->count; i++) {
		const struct so_query_load *load = &l->loads->items[i];

		if (request->connection_id && load->connection_id != request->connection_id)
			continue;
		if (!conn || conn->id != load->connection_id)
			conn = conn_of(l, load->connection_id);
		if (!conn || (request->database && strcmp(conn->database, request->database) != 0))
			continue;
		l->page->calls += load->now.calls;
		l->page->exec_us += load->now.exec_us;
		if (!passes(l, load, conn))
			continue;
		rows[count].load = load;
		rows[count].conn = conn;
		rows[count].key = key_of(l, load, conn);
		if (request->ascending && isfinite(rows[count].key)) /* what is not known comes last either way */
			rows[count].key = -rows[count].key;
		count++;
	}
	return count;
}

static bool fill_item(struct so_service *service, struct so_scope scope, const struct listing *l,
	const struct ranked *row, struct so_query_item *item, struct so_err *err)
{
	const struct so_store_query_findings *findings = findings_of(l, row->load->query_id);
	struct so_query_page *page = l->page;

	*item = (struct so_query_item){ .conn = row->conn,
		.load = so_memdup(page, row->load, sizeof *row->load),
		.brief = so_store_query_brief_get(page, service->store, scope, row->load->query_id, PREVIEW, err),
		.share = page->exec_us > 0 ? (double)row->load->now.exec_us / (double)page->exec_us : 0,
		.change = change_of(page, row->conn, row->load),
		.findings = findings ? findings->count : 0,
		.regressed = findings && findings->of_first,
		.is_new = is_new(page, row->conn, row->load, findings) };
	return item->brief != NULL;
}

static bool fill_page(struct so_service *service, struct so_scope scope, struct listing *l, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ranked *rows = so_new_array(tmp, struct ranked, l->loads->count + 1);
	size_t count = rank_all(l, rows), first = (size_t)l->request->offset, end;

	l->page->total = (int64_t)count;
	if (first >= count)
		return true;
	end = (size_t)l->request->limit < count - first ? first + (size_t)l->request->limit : count;
	select_first(rows, count, first);
	select_first(rows + first, count - first, end - first);
	qsort(rows + first, end - first, sizeof *rows, by_key);
	l->page->items = so_new_array(l->page, struct so_query_item, end - first);
	for (size_t i = first; i < end; i++) {
		struct so_err gone = SO_ERR_INIT;

		if (fill_item(service, scope, l, &rows[i], &l->page->items[l->page->count], &gone))
			l->page->count++;
		else if (gone.kind != SO_NOT_FOUND) { /* its connection was deleted this moment */
			*err = gone;
			return false;
		}
	}
	return true;
}

static bool read_filters(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct listing *l, struct so_err *err)
{
	l->conns = so_store_watched_list(ctx, service->store, scope, err);
	if (!l->conns)
		return false;
	if (l->request->connection_id && !conn_of(l, l->request->connection_id))
		return so_fail(err, SO_NOT_FOUND, "there is no connection %lld", (long long)l->request->connection_id);
	l->findings =
		so_store_query_finding_list(ctx, service->store, scope, so_regression_rule, so_new_query_rule, err);
	if (!l->findings)
		return false;
	if (l->request->search) {
		l->found = so_store_text_search(ctx, service->store, l->request->search, err);
		if (!l->found)
			return false;
	}
	return true;
}

struct so_query_page *so_service_query_page(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_query_request *request, struct so_err *err)
{
	struct so_query_page *page = so_new(ctx, struct so_query_page);
	struct listing l = { .request = request, .page = page };
	int64_t now_us = so_time_now_us();
	struct so_period period;
	bool ok;

	ok = so_period_of(&request->period, now_us, &period, err) && read_filters(page, service, scope, &l, err);
	if (ok) {
		l.loads = request->period.word ? so_load_cache_latest(service->loads, scope, &period, err)
					       : so_load_cache_get(service->loads, scope, &period, err);
		ok = l.loads != NULL;
	}
	if (ok) {
		page->period = l.loads->period;
		so_period_times(&page->period, now_us, &page->from_us, &page->to_us, &page->before_us);
		ok = fill_page(service, scope, &l, err);
		so_load_cache_release(service->loads, l.loads);
	}
	if (ok)
		return page;
	talloc_free(page);
	return NULL;
}

bool so_service_follow_loads(struct so_service *service, struct so_scope scope, struct so_err *err)
{
	struct so_period periods[sizeof so_period_names / sizeof so_period_names[0]];
	int64_t now_us = so_time_now_us();
	size_t n = 0;

	for (; so_period_names[n]; n++) {
		const struct so_period_request request = { .word = so_period_names[n] };

		if (!so_period_of(&request, now_us, &periods[n], err))
			return false;
	}
	return so_load_cache_follow(service->loads, scope, periods, n, err);
}
