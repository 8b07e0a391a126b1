#include "service/query_load.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "service/query_sum.h"

enum {
	KEPT = 8, /* periods that are kept summed up: those of the page and some more */
	FOLLOWED_MAX = 100000, /* statements of a period that is followed although nobody asks for it */
};

#define WANTED_US (INT64_C(600) * 1000000) /* how long somebody who asked may come again */

struct so_load_cache {
	struct so_store *store;
	pthread_mutex_t lock; /* guards kept, calls, following and what all sums have of the cache's */
	pthread_mutex_t making; /* held by the one thread that sums up; taken before `lock` */
	struct so_query_sum *kept[KEPT];
	uint64_t calls;
	bool following; /* somebody keeps periods up to now, and the last time it went well */
};

/* ---- keeping ---- */

static bool same_period(const struct so_query_sum *sum, struct so_scope scope, const struct so_period *period)
{
	const struct so_period *own = &sum->loads.period;

	return sum->scope.organisation_id == scope.organisation_id && own->unit == period->unit &&
	       own->before == period->before && own->from == period->from && own->to == period->to;
}

/* Under the lock. */
static void release(struct so_query_sum *sum)
{
	if (--sum->users == 0)
		talloc_free(sum);
}

/* Under the lock. */
static void take(struct so_load_cache *cache, struct so_query_sum *sum)
{
	sum->users++;
	sum->used = ++cache->calls;
}

/* Takes part in the sums of the period, else in the nearest ones that it continues; NULL: there are none. */
static struct so_query_sum *find(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period)
{
	struct so_query_sum *found = NULL;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < KEPT; i++) {
		struct so_query_sum *kept = cache->kept[i];

		if (!kept || kept->scope.organisation_id != scope.organisation_id)
			continue;
		if (same_period(kept, scope, period)) {
			found = kept;
			break;
		}
		if (so_query_sum_continues(kept, period) && (!found || found->loads.period.to < kept->loads.period.to))
			found = kept;
	}
	if (found)
		take(cache, found);
	pthread_mutex_unlock(&cache->lock);
	return found;
}

/* The place of the same period's sums, or of the followed ones that these continue; else of the ones that were not
 * asked for the longest. Under the lock. */
static int place_of(const struct so_load_cache *cache, const struct so_query_sum *sum)
{
	int at = 0;

	for (int i = 0; i < KEPT; i++) {
		const struct so_query_sum *kept = cache->kept[i];

		if (kept &&
			(same_period(kept, sum->scope, &sum->loads.period) ||
				(sum->follows && kept->follows && so_query_sum_continues(kept, &sum->loads.period))))
			return i;
		if (cache->kept[at] && (!kept || kept->used < cache->kept[at]->used))
			at = i;
	}
	return at;
}

static void keep(struct so_load_cache *cache, struct so_query_sum *sum, const struct so_query_sum *old)
{
	int at;

	pthread_mutex_lock(&cache->lock);
	sum->asked_us = old ? old->asked_us : 0;
	at = place_of(cache, sum);
	if (cache->kept[at])
		release(cache->kept[at]);
	cache->kept[at] = sum;
	sum->users = 1;
	take(cache, sum);
	pthread_mutex_unlock(&cache->lock);
}

struct versions {
	int64_t base, newest;
};

static bool read_versions(
	struct so_load_cache *cache, const struct so_period *p, struct versions *out, struct so_err *err)
{
	int64_t unit = p->unit == SO_PERIOD_DAYS ? 24 : 1;

	if (p->unit == SO_PERIOD_LIFETIME) { /* one row a statement, and discovery changes them without a poll */
		*out = (struct versions){ 0 };
		return true;
	}
	return so_store_use_version(cache->store, p->before * unit, (p->to - 1) * unit - 1, &out->base, err) &&
	       so_store_use_version(cache->store, (p->to - 1) * unit, p->to * unit - 1, &out->newest, err);
}

static bool is_fresh(const struct so_query_sum *sum, struct so_scope scope, const struct so_period *period,
	const struct versions *now)
{
	return sum && period->unit != SO_PERIOD_LIFETIME && same_period(sum, scope, period) &&
	       sum->base_version == now->base && sum->newest_version == now->newest;
}

/* Whether what `old` has of the hours before its newest is still so. */
static bool base_holds(struct so_load_cache *cache, const struct so_query_sum *old, bool *holds, struct so_err *err)
{
	struct versions now;

	if (!read_versions(cache, &old->loads.period, &now, err))
		return false;
	*holds = old->base_version == now.base;
	return true;
}

/* Sums up what is not kept, or not as it is now. Only one thread does at a time: the others would do the same work. */
static struct so_query_sum *refresh(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period,
	const struct versions *now, bool follows, struct so_err *err)
{
	struct so_query_sum *old, *made = NULL;
	bool holds = false;

	pthread_mutex_lock(&cache->making);
	old = find(cache, scope, period);
	if (is_fresh(old, scope, period, now) && (old->follows || !follows)) {
		pthread_mutex_unlock(&cache->making);
		return old;
	}
	if (!old || period->unit == SO_PERIOD_LIFETIME || base_holds(cache, old, &holds, err))
		made = so_query_sum_make(cache->store, scope, period, holds ? old : NULL, err);
	if (made) {
		made->base_version = now->base;
		made->newest_version = now->newest;
		made->follows = follows || (old && old->follows && same_period(old, scope, period));
		keep(cache, made, old);
	}
	pthread_mutex_unlock(&cache->making);
	if (old)
		so_load_cache_release(cache, &old->loads);
	return made;
}

static const struct so_query_loads *get_now(
	struct so_load_cache *cache, struct so_scope scope, const struct so_period *period, struct so_err *err)
{
	struct so_query_sum *sum;
	struct versions now;

	if (!read_versions(cache, period, &now, err))
		return NULL;
	sum = find(cache, scope, period);
	if (is_fresh(sum, scope, period, &now))
		return &sum->loads;
	if (sum)
		so_load_cache_release(cache, &sum->loads);
	sum = refresh(cache, scope, period, &now, false, err);
	return sum ? &sum->loads : NULL;
}

const struct so_query_loads *so_load_cache_get(
	struct so_load_cache *cache, struct so_scope scope, const struct so_period *period, struct so_err *err)
{
	so_assert(period->unit == SO_PERIOD_LIFETIME || period->from < period->to);
	return get_now(cache, scope, period, err);
}

/* ---- following ---- */

/* As long, and of now or of the hour or day before: the next one is being made. Under the lock. */
static bool is_followed(const struct so_query_sum *sum, struct so_scope scope, const struct so_period *period)
{
	const struct so_period *own = &sum->loads.period;

	return sum->follows && sum->scope.organisation_id == scope.organisation_id &&
	       (same_period(sum, scope, period) || (so_query_sum_continues(sum, period) && period->to - own->to == 1));
}

const struct so_query_loads *so_load_cache_latest(
	struct so_load_cache *cache, struct so_scope scope, const struct so_period *period, struct so_err *err)
{
	struct so_query_sum *found = NULL;
	const struct so_query_loads *loads;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; cache->following && i < KEPT && !found; i++)
		if (cache->kept[i] && is_followed(cache->kept[i], scope, period))
			found = cache->kept[i];
	if (found) {
		take(cache, found);
		found->asked_us = so_time_monotonic_us();
	}
	pthread_mutex_unlock(&cache->lock);
	if (found)
		return &found->loads;
	loads = so_load_cache_get(cache, scope, period, err);
	if (loads) {
		pthread_mutex_lock(&cache->lock);
		((struct so_query_sum *)(uintptr_t)loads)->asked_us = so_time_monotonic_us();
		pthread_mutex_unlock(&cache->lock);
	}
	return loads;
}

/* Whether it is worth being kept up to now: small ones are before anybody asks. Lifetimes are all read anew each time:
 * only while somebody does. */
static bool is_wanted(struct so_load_cache *cache, struct so_scope scope, const struct so_period *period)
{
	int64_t since_us = so_time_monotonic_us() - WANTED_US;
	bool wanted = period->unit != SO_PERIOD_LIFETIME;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < KEPT; i++) {
		struct so_query_sum *kept = cache->kept[i];

		if (!kept || !(same_period(kept, scope, period) || is_followed(kept, scope, period)))
			continue;
		wanted = (kept->asked_us && kept->asked_us >= since_us) || (wanted && kept->rows.count <= FOLLOWED_MAX);
		kept->follows = kept->follows && wanted;
	}
	pthread_mutex_unlock(&cache->lock);
	return wanted;
}

static bool follow(
	struct so_load_cache *cache, struct so_scope scope, const struct so_period *period, struct so_err *err)
{
	struct so_err why = SO_ERR_INIT;
	struct so_query_sum *sum;
	struct versions now;

	if (!is_wanted(cache, scope, period))
		return true;
	if (!read_versions(cache, period, &now, err))
		return false;
	sum = refresh(cache, scope, period, &now, true, &why);
	if (!sum && why.kind == SO_LIMIT) /* who asks for it is told */
		return true;
	if (!sum) {
		*err = why;
		return false;
	}
	so_load_cache_release(cache, &sum->loads);
	return true;
}

bool so_load_cache_follow(struct so_load_cache *cache, struct so_scope scope, const struct so_period *periods, size_t n,
	struct so_err *err)
{
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = follow(cache, scope, &periods[i], err);
	pthread_mutex_lock(&cache->lock);
	cache->following = ok;
	pthread_mutex_unlock(&cache->lock);
	return ok;
}

void so_load_cache_lifetimes_changed(struct so_load_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < KEPT; i++)
		if (cache->kept[i] && cache->kept[i]->loads.period.unit == SO_PERIOD_LIFETIME)
			cache->kept[i]->follows = false;
	pthread_mutex_unlock(&cache->lock);
}

/* ---- life ---- */

void so_load_cache_release(struct so_load_cache *cache, const struct so_query_loads *loads)
{
	pthread_mutex_lock(&cache->lock);
	release((struct so_query_sum *)(uintptr_t)loads);
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
