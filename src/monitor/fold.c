#include "monitor/fold.h"

#include <inttypes.h>

#include "store/judge.h"
#include "store/text.h"
#include "store/values.h"

enum {
	STEPS_MAX = 256, /* in which the file is made smaller, in one run */
	BLOCKS_MAX = 64, /* of texts that are indexed in one run */
	SLACK_BYTES = 1 << 20,
};

static bool stopped(const atomic_bool *stop)
{
	return stop && atomic_load(stop);
}

static bool fold_hours(const struct so_fold_rules *rules, const atomic_bool *stop, struct so_err *err)
{
	for (int64_t from = 0; !stopped(stop);) {
		int64_t hour, polls, after = 0;
		bool more = true;

		if (!so_store_fold_next(rules->store, from, &hour, &polls, err))
			return false;
		if (hour < 0)
			return true;
		while (more && !stopped(stop))
			if (!so_store_fold_slice(rules->store, hour, &after, &more, err))
				return false;
		/* polls that came meanwhile are for the next time */
		if (!more && !so_store_fold_done(rules->store, hour, polls, err))
			return false;
		from = hour + 1;
	}
	return true;
}

static bool drop_old(const struct so_fold_rules *rules, int64_t now_hour, const atomic_bool *stop, struct so_err *err)
{
	int64_t oldest;
	bool more = true;

	for (;;) {
		if (!so_store_hour_oldest(rules->store, &oldest, err))
			return false;
		if (oldest < 0 || oldest >= now_hour - rules->sample_hours || stopped(stop))
			break;
		if (!so_store_hour_drop(rules->store, oldest, err))
			return false;
	}
	while (more && !stopped(stop))
		if (!so_store_rollups_drop(rules->store, rules->scope, now_hour - rules->rollup_hours,
			    now_hour / 24 - rules->rollup_days, &more, err))
			return false;
	if (!so_store_values_forget(rules->store, (now_hour - rules->sample_hours) * SO_HOUR_US, err))
		return false;
	/* what the monitor found is kept as long as the days that it was found in */
	return so_store_finding_forget(
		rules->store, rules->scope, (now_hour / 24 - rules->rollup_days) * 24 * SO_HOUR_US, err);
}

struct notice {
	int64_t at_us, hours, max_bytes;
};

static bool notice_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct notice *notice = arg;

	return so_store_notice_put(tx, 0, "size",
		so_printf(tmp,
			"the store reached its limit of %" PRId64 " MiB: the oldest %" PRId64
			" hours of samples were dropped, their hourly figures stay; raise HISTORY_MAX_MB to keep more",
			notice->max_bytes >> 20, notice->hours),
		notice->at_us, err);
}

static bool drop_excess(const struct so_fold_rules *rules, int64_t now_us, const atomic_bool *stop, struct so_err *err)
{
	struct notice notice = { .at_us = now_us, .max_bytes = rules->max_bytes };
	int64_t bytes, oldest;

	while (rules->max_bytes && !stopped(stop)) {
		if (!so_store_used(rules->store, &bytes, err) || !so_store_hour_oldest(rules->store, &oldest, err))
			return false;
		/* the hour that is being written stays */
		if (bytes <= rules->max_bytes || oldest < 0 || oldest >= now_us / SO_HOUR_US)
			break;
		if (!so_store_hour_drop(rules->store, oldest, err))
			return false;
		notice.hours++;
	}
	return notice.hours == 0 || so_store_tx(rules->store, notice_tx, &notice, err);
}

/* Room that was made is used again by what comes; more of it than half of what is in use goes back to the disk, and so
 * does what keeps the file above its limit. In steps between which others write. */
static bool shrink(const struct so_fold_rules *rules, const atomic_bool *stop, struct so_err *err)
{
	int64_t bytes, most;
	bool more = true;

	if (!so_store_used(rules->store, &bytes, err))
		return false;
	most = bytes + bytes / 2 + SLACK_BYTES;
	if (rules->max_bytes && rules->max_bytes < most)
		most = rules->max_bytes;
	for (int step = 0; step < STEPS_MAX && more && !stopped(stop); step++)
		if (!so_store_shrink(rules->store, most, &more, err))
			return false;
	return true;
}

/* The index of texts comes up to those that polls brought: 65,536 of them in one run. */
static bool index_texts(const struct so_fold_rules *rules, const atomic_bool *stop, struct so_err *err)
{
	bool more = true;

	for (int i = 0; i < BLOCKS_MAX && more && !stopped(stop); i++)
		if (!so_store_text_index(rules->store, &more, err))
			return false;
	return true;
}

bool so_fold_run(const struct so_fold_rules *rules, int64_t now_us, const atomic_bool *stop, struct so_err *err)
{
	return fold_hours(rules, stop, err) && drop_old(rules, now_us / SO_HOUR_US, stop, err) &&
	       index_texts(rules, stop, err) && drop_excess(rules, now_us, stop, err) && shrink(rules, stop, err);
}
