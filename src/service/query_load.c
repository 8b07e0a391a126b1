#include "service/query_load.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "store/history.h"

enum {
	KEPT = 6, /* periods that are kept summed up: those of the page and some more */
	STATEMENTS_MAX = 1000000, /* of one period */
};

const char *const so_query_kind_names[] = { "unknown", "select", "insert", "update", "delete", "merge", NULL };

struct snapshot {
	struct so_query_loads loads; /* first: what callers get is the snapshot */
	struct so_scope scope;
	struct so_period period;
	int64_t base_version, newest_version; /* of the hours before the newest unit, and in it */
	int users; /* guarded by the cache's lock, the cache being one of them */
	uint64_t used; /* when last, in calls */
	bool partial; /* while it is made: there were too many statements */
	SO_VEC(struct so_query_load) rows;
	size_t n_slots; /* a power of two, at least twice the rows */
	uint32_t *slots; /* index + 1 by query id */
};

struct so_load_cache {
	struct so_store *store;
	pthread_mutex_t lock; /* guards kept, calls and the users of all snapshots */
	pthread_mutex_t making; /* held by the one thread that sums up; taken before `lock` */
	struct snapshot *kept[KEPT];
	uint64_t calls;
};

/* ---- adding up ---- */

static size_t slot_of(const struct snapshot *snap, int64_t query_id)
{
	size_t at = (uint64_t)query_id * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (snap->n_slots - 1);

	while (snap->slots[at] && snap->rows.items[snap->slots[at] - 1].query_id != query_id)
		at = (at + 1) & (snap->n_slots - 1);
	return at;
}

static void index_rows(struct snapshot *snap, size_t n_slots)
{
	talloc_free(snap->slots);
	snap->n_slots = n_slots;
	snap->slots = so_new_array(snap, uint32_t, n_slots);
	for (size_t i = 0; i < snap->rows.count; i++)
		snap->slots[slot_of(snap, snap->rows.items[i].query_id)] = (uint32_t)i + 1;
}

/* The row of a statement, made when it is new; NULL: there are too many. */
static struct so_query_load *row_of(struct snapshot *snap, int64_t query_id)
{
	size_t at = slot_of(snap, query_id);
	struct so_query_load *row;

	if (snap->slots[at])
		return &snap->rows.items[snap->slots[at] - 1];
	row = so_vec_add(&snap->rows);
	if (!row) {
		snap->partial = true;
		return NULL;
	}
	row->query_id = query_id;
	snap->slots[at] = (uint32_t)snap->rows.count;
	if (snap->rows.count * 2 > snap->n_slots)
		index_rows(snap, snap->n_slots * 2);
	return row;
}

static void add(struct so_use_sums *sums, const struct so_store_use *use, int sign)
{
	sums->calls += sign * use->calls;
	sums->rows += sign * use->rows;
	sums->exec_us += sign * use->exec_us;
	sums->hits += sign * use->hits;
	sums->reads += sign * use->reads;
}

static void add_now(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (row)
		add(&row->now, use, 1);
}

static void add_newest(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (!row)
		return;
	add(&row->now, use, 1);
	add(&row->newest, use, 1);
}

static void add_before(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (!row)
		return;
	row->before_calls += use->calls;
	row->before_exec_us += use->exec_us;
}

/* The newest unit is read anew: what it had is taken out. */
static void forget_newest(struct snapshot *snap)
{
	SO_VEC_EACH (row, &snap->rows) {
		const struct so_store_use old = { row->query_id, row->newest.calls, row->newest.rows,
			row->newest.exec_us, row->newest.hits, row->newest.reads };

		add(&row->now, &old, -1);
		row->newest = (struct so_use_sums){ 0 };
	}
}

/* ---- whose they are ---- */

static enum so_query_kind kind_of(const char *name)
{
	for (int i = 0; i < SO_QUERY_KIND_MAX; i++)
		if (strcmp(so_query_kind_names[i], name) == 0)
			return (enum so_query_kind)i;
	return SO_QUERY_KIND_UNKNOWN;
}

static void note_query(void *arg, const struct so_store_query_note *note)
{
	struct snapshot *snap = arg;
	size_t at = slot_of(snap, note->id);
	struct so_query_load *row;

	if (!snap->slots[at])
		return;
	row = &snap->rows.items[snap->slots[at] - 1];
	row->connection_id = note->connection_id;
	row->discovered_us = note->discovered_us;
	row->kind = kind_of(note->kind);
	row->other = note->fingerprint_version == SO_OTHER_VERSION;
	row->fingerprint = row->other ? 0 : strtoull(note->fingerprint, NULL, 16);
}

static int by_id(const void *a, const void *b)
{
	const struct so_query_load *x = a, *y = b;

	return (x->query_id > y->query_id) - (x->query_id < y->query_id);
}

/* Fills in what is not known yet, and drops the rows that belong to somebody else or to nobody any more. */
static bool note_queries(struct so_load_cache *cache, struct snapshot *snap, struct so_err *err)
{
	int64_t first = INT64_MAX;
	size_t kept = 0;

	SO_VEC_EACH (row, &snap->rows)
		if (!row->connection_id && row->query_id < first)
			first = row->query_id;
	if (first < INT64_MAX && !so_store_query_directory(cache->store, snap->scope, first, note_query, snap, err))
		return false;
	for (size_t i = 0; i < snap->rows.count; i++)
		if (snap->rows.items[i].connection_id)
			snap->rows.items[kept++] = snap->rows.items[i];
	snap->rows.count = kept;
	if (kept)
		qsort(snap->rows.items, kept, sizeof *snap->rows.items, by_id);
	index_rows(snap, snap->n_slots);
	return true;
}

/* ---- reading ---- */

static bool read_units(struct so_load_cache *cache, const struct snapshot *snap, int64_t from, int64_t to,
	so_store_use_fn *each, struct so_err *err)
{
	if (from >= to)
		return true;
	if (snap->period.unit == SO_PERIOD_DAYS)
		return so_store_use_days(cache->store, from, to - 1, each, (void *)(uintptr_t)snap, err);
	return so_store_use_hours(cache->store, from, to - 1, each, (void *)(uintptr_t)snap, err);
}

static struct snapshot *new_snapshot(struct so_scope scope, const struct so_period *period)
{
	struct snapshot *snap = so_new(NULL, struct snapshot);

	snap->scope = scope;
	snap->period = *period;
	so_vec_init(&snap->rows, snap, STATEMENTS_MAX);
	index_rows(snap, 1024);
	return snap;
}

static bool read_all(struct so_load_cache *cache, struct snapshot *snap, struct so_err *err)
{
	const struct so_period *p = &snap->period;

	if (p->unit == SO_PERIOD_LIFETIME)
		return so_store_use_lifetimes(cache->store, snap->scope, add_now, snap, err);
	return read_units(cache, snap, p->before, p->from, add_before, err) &&
	       read_units(cache, snap, p->from, p->to - 1, add_now, err);
}

/* A copy of `old` without its newest unit, or all of it anew. */
static struct snapshot *begin_snapshot(struct so_load_cache *cache, struct so_scope scope,
	const struct so_period *period, const struct snapshot *old, struct so_err *err)
{
	struct snapshot *snap = new_snapshot(scope, period);

	if (!old) {
		if (read_all(cache, snap, err))
			return snap;
		talloc_free(snap);
		return NULL;
	}
	if (old->rows.count) {
		snap->rows.items = so_memdup(snap, old->rows.items, old->rows.count * sizeof *old->rows.items);
		snap->rows.count = snap->rows.size = old->rows.count;
	}
	index_rows(snap, old->n_slots);
	forget_newest(snap);
	return snap;
}

static struct snapshot *make(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period,
	const struct snapshot *old, struct so_err *err)
{
	struct snapshot *snap = begin_snapshot(cache, scope, period, old, err);

	if (!snap)
		return NULL;
	if ((period->unit == SO_PERIOD_LIFETIME ||
		    read_units(cache, snap, period->to - 1, period->to, add_newest, err)) &&
		note_queries(cache, snap, err)) {
		if (!snap->partial) {
			snap->loads = (struct so_query_loads){ snap->rows.count, snap->rows.items };
			return snap;
		}
		so_fail(err, SO_LIMIT,
			"more than %d statements ran in this period; ask for a shorter one, or raise what is kept as "
			"`other`",
			STATEMENTS_MAX);
	}
	talloc_free(snap);
	return NULL;
}

/* ---- keeping ---- */

static bool same_period(const struct snapshot *snap, struct so_scope scope, const struct so_period *period)
{
	return snap->scope.organisation_id == scope.organisation_id && snap->period.unit == period->unit &&
	       snap->period.before == period->before && snap->period.from == period->from &&
	       snap->period.to == period->to;
}

/* Under the lock. */
static void release(struct snapshot *snap)
{
	if (--snap->users == 0)
		talloc_free(snap);
}

/* Takes part in the snapshot of the period, if there is one. */
static struct snapshot *find(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period)
{
	struct snapshot *found = NULL;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < KEPT && !found; i++)
		if (cache->kept[i] && same_period(cache->kept[i], scope, period))
			found = cache->kept[i];
	if (found) {
		found->users++;
		found->used = ++cache->calls;
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}

/* In the place of the same period's, else of the one that was not asked for the longest. */
static void keep(struct so_load_cache *cache, struct snapshot *snap)
{
	int at = 0;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < KEPT; i++) {
		struct snapshot *kept = cache->kept[i];

		if (kept && same_period(kept, snap->scope, &snap->period)) {
			at = i;
			break;
		}
		if (cache->kept[at] && (!kept || kept->used < cache->kept[at]->used))
			at = i;
	}
	if (cache->kept[at])
		release(cache->kept[at]);
	cache->kept[at] = snap;
	snap->users = 2;
	snap->used = ++cache->calls;
	pthread_mutex_unlock(&cache->lock);
}

struct versions {
	int64_t base, newest;
};

static bool read_versions(
	struct so_load_cache *cache, const struct so_period *p, struct versions *out, struct so_err *err)
{
	int64_t unit = p->unit == SO_PERIOD_DAYS ? 24 : 1;

	return so_store_use_version(cache->store, p->before * unit, (p->to - 1) * unit - 1, &out->base, err) &&
	       so_store_use_version(cache->store, (p->to - 1) * unit, p->to * unit - 1, &out->newest, err);
}

static bool is_fresh(const struct snapshot *snap, const struct versions *now)
{
	return snap && snap->base_version == now->base && snap->newest_version == now->newest;
}

/* Only one thread sums up at a time: the others would do the same work. */
static struct snapshot *refresh(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period,
	const struct versions *now, struct so_err *err)
{
	struct snapshot *old, *made;
	bool extend;

	pthread_mutex_lock(&cache->making);
	old = find(cache, scope, period);
	if (is_fresh(old, now)) {
		pthread_mutex_unlock(&cache->making);
		return old;
	}
	extend = old && old->base_version == now->base;
	made = make(cache, scope, period, extend ? old : NULL, err);
	if (made) {
		made->base_version = now->base;
		made->newest_version = now->newest;
		keep(cache, made);
	}
	pthread_mutex_unlock(&cache->making);
	if (old)
		so_load_cache_release(cache, &old->loads);
	return made;
}

const struct so_query_loads *so_load_cache_get(
	struct so_load_cache *cache, struct so_scope scope, const struct so_period *period, struct so_err *err)
{
	struct snapshot *snap;
	struct versions now;

	if (period->unit == SO_PERIOD_LIFETIME) { /* one row a statement, and discovery changes them without a poll */
		snap = make(cache, scope, period, NULL, err);
		if (snap)
			snap->users = 1;
		return snap ? &snap->loads : NULL;
	}
	so_assert(period->from < period->to);
	if (!read_versions(cache, period, &now, err))
		return NULL;
	snap = find(cache, scope, period);
	if (is_fresh(snap, &now))
		return &snap->loads;
	if (snap)
		so_load_cache_release(cache, &snap->loads);
	snap = refresh(cache, scope, period, &now, err);
	return snap ? &snap->loads : NULL;
}

void so_load_cache_release(struct so_load_cache *cache, const struct so_query_loads *loads)
{
	pthread_mutex_lock(&cache->lock);
	release((struct snapshot *)(uintptr_t)loads);
	pthread_mutex_unlock(&cache->lock);
}

static int cache_dtor(struct so_load_cache *cache)
{
	for (int i = 0; i < KEPT; i++)
		if (cache->kept[i])
			release(cache->kept[i]);
	pthread_mutex_destroy(&cache->lock);
	pthread_mutex_destroy(&cache->making);
	return 0;
}

struct so_load_cache *so_load_cache_new(TALLOC_CTX *ctx, struct so_store *store)
{
	struct so_load_cache *cache = so_new(ctx, struct so_load_cache);

	cache->store = store;
	so_assert(pthread_mutex_init(&cache->lock, NULL) == 0 && pthread_mutex_init(&cache->making, NULL) == 0);
	talloc_set_destructor(cache, cache_dtor);
	return cache;
}
