/* The test. y is the log of the time of a call, so that "x times slower" is a difference and noise that grows with the
 * level is constant. From y the expectation for the hour is taken (season.c). For every possible onset in the last days
 * the mean of what is left since then, weighted by the inverse of its variance and clipped as Huber's M-estimators are,
 * is divided by its standard error: a generalised likelihood ratio test for a shift that goes on until now (Lorden
 * 1971; Basseville and Nikiforov, "Detection of Abrupt Changes", 2.4). The standard error knows of correlated
 * neighbours, of days that differ as a whole and of the error of the expectation. The limit of 5 standard errors: an
 * installation tests 5,000 statements an hour; each test is a maximum over about ten independent onsets. At 5 normal
 * errors that is a false alarm in two years of an hour's test of one statement, one a week in the installation, before
 * the other conditions. */
#include "monitor/regression.h"

#include "monitor/drift.h"
#include "monitor/robust.h"

/* Huber's constant for scores: a bucket counts at most as three deviations, so that no single one makes a regression.
 */
#define CLIP 3.0
/* Onsets whose log likelihood is within this of the best are possible. Around a change point it falls as a random walk,
 * and the true one is c below the best with a chance of about 2 exp(-c) (Hinkley 1970): 95 %. */
#define ONSET_LIKELIHOOD 3.7
/* Fewer are too easily wild by the majority. */
#define MEDIAN_BUCKETS 6
/* Buckets before an onset that tell from which level it starts. */
#define LEVEL_BUCKETS 48

struct scan {
	const struct so_series *series; /* usable buckets only */
	const struct so_regression_config *config;
	const struct so_regression_input *input;
	struct so_season season;
	size_t begin; /* first bucket that can be an onset */
	double *left; /* residual of each bucket */
	double *weight; /* 1 / variance */
	double score_mean, score_sigma; /* of clipped residuals in the history, in deviations */
	size_t onset; /* most likely one */
	struct so_weighted *scratch;
};

const char *so_regression_kind_name(enum so_regression_kind kind)
{
	static const char *const names[SO_REGRESSION_KIND_MAX] = { "none", "step", "drift", "new" };

	return names[kind];
}

const char *so_regression_veto_text(enum so_regression_veto veto)
{
	static const char *const texts[SO_VETO_MAX] = {
		[SO_VETO_NONE] = "",
		[SO_VETO_SHORT] = "too few calls or too short a history",
		[SO_VETO_EVIDENCE] = "within the noise",
		[SO_VETO_RATIO] = "real, but too small to matter",
		[SO_VETO_OVER] = "was slower, no longer is",
		[SO_VETO_UNSEEN] = "slower, but no such hour or day was seen before",
		[SO_VETO_RECURS] = "was as slow a week ago",
		[SO_VETO_MIX] = "the cheaper calls went away, the time did not grow",
		[SO_VETO_SHARE] = "too small a part of the server's time",
	};

	return texts[veto];
}

/* The usable buckets of the history, and not more than SO_SERIES_MAX. */
static struct so_series usable(TALLOC_CTX *ctx, const struct so_series *series, int64_t history_us)
{
	size_t first = 0, n = 0;
	struct so_bucket *items;

	if (series->count)
		first = so_series_find(series, series->items[series->count - 1].start_us - history_us);
	if (series->count - first > SO_SERIES_MAX)
		first = series->count - SO_SERIES_MAX;
	items = so_new_array(ctx, struct so_bucket, series->count - first + 1);
	for (size_t i = first; i < series->count; i++)
		if (so_bucket_usable(&series->items[i]))
			items[n++] = series->items[i];
	return (struct so_series){ items, n, series->bucket_us };
}

static double days_between(int64_t from_us, int64_t to_us)
{
	return (double)(to_us - from_us) / (double)SO_DAY_US;
}

/* Weighted median of what is left in [begin, end). */
static double typical(const struct scan *scan, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		scan->scratch[i - begin] = (struct so_weighted){ scan->left[i], scan->weight[i] };
	return so_weighted_median(scan->scratch, end - begin);
}

/* Clipped distance of a bucket in deviations. */
static double score(const struct scan *scan, size_t i)
{
	return fmax(-CLIP, fmin(CLIP, scan->left[i] * sqrt(scan->weight[i])));
}

/* Fits the expectation to what is before `begin` and measures all buckets against it. */
static void scan_from(struct scan *scan, TALLOC_CTX *ctx, size_t begin)
{
	const struct so_series *series = scan->series;

	scan->begin = begin;
	scan->left = so_new_array(ctx, double, series->count);
	scan->weight = so_new_array(ctx, double, series->count);
	scan->scratch = so_new_array(ctx, struct so_weighted, series->count);
	so_season_fit(&scan->season, ctx, series, 0, begin, &scan->config->season);
	for (size_t i = 0; i < series->count; i++) {
		scan->left[i] = so_season_residual(&scan->season, &series->items[i]);
		scan->weight[i] = 1 / so_season_variance(&scan->season, &series->items[i]);
	}
	/* Medians are the same with and without a few slow buckets, means of scores are not: what history has of them
	 * is taken into account. */
	for (size_t i = 0; i < begin; i++)
		scan->score_mean += score(scan, i) / (double)begin;
	scan->score_mean = fmax(0, scan->score_mean);
	for (size_t i = 0; i < begin; i++)
		scan->score_sigma += pow(score(scan, i) - scan->score_mean, 2) / (double)begin;
	scan->score_sigma = fmax(1, sqrt(scan->score_sigma));
}

/* Between which two levels, and where: with Laplace's distribution, so that wild buckets on either side do not move it.
 * The level before is that of the last buckets before the first guess. The onset itself, and what is hardly less
 * likely. */
static void refine_onset(struct scan *scan, struct so_regression *found)
{
	const struct so_bucket *items = scan->series->items;
	size_t n = scan->series->count, from = scan->begin, best_at;
	double inflation = (1 + scan->season.rho) / (1 - scan->season.rho), best;

	for (int round = 0; round < 2; round++) {
		size_t before = scan->onset > from + LEVEL_BUCKETS ? scan->onset - LEVEL_BUCKETS : from;
		double low = scan->onset > from + 2 ? typical(scan, before, scan->onset) : 0;
		double high = typical(scan, scan->onset, n), sum = 0;

		low = fmin(low, high / 2);
		best = 0;
		best_at = scan->onset;
		for (int pass = 0; pass < 2; pass++) {
			sum = 0;
			for (size_t i = n; i-- > from;) {
				sum += (fabs(scan->left[i] - low) - fabs(scan->left[i] - high)) *
				       sqrt(2 * scan->weight[i]);
				if (!pass && sum > best) {
					best = sum;
					best_at = i;
					found->onset_from_us = found->onset_to_us = items[i].start_us;
				} else if (pass && (best - sum) / inflation <= ONSET_LIKELIHOOD) {
					if (items[i].start_us < found->onset_from_us)
						found->onset_from_us = items[i].start_us;
					if (items[i].start_us > found->onset_to_us)
						found->onset_to_us = items[i].start_us;
				}
			}
		}
		scan->onset = best_at;
	}
	found->onset_us = items[scan->onset].start_us;
	/* Nobody saw what happened in a gap before the onset. */
	if (scan->onset > 0 && items[scan->onset - 1].start_us + scan->series->bucket_us < found->onset_from_us)
		found->onset_from_us = items[scan->onset - 1].start_us + scan->series->bucket_us;
}

/* The median since the onset in its standard errors. Scores are clipped, so their mean cannot tell 5 deviations from
 * 50: with noise that is correlated for days it would need days. The median can, and half of the buckets may be wild.
 */
static double median_distance(const struct scan *scan)
{
	const struct so_bucket *items = scan->series->items;
	size_t n = scan->series->count, count = n - scan->onset;
	double weight = 0;

	if (count < MEDIAN_BUCKETS)
		return 0;
	for (size_t i = scan->onset; i < n; i++)
		weight += scan->weight[i];
	return typical(scan, scan->onset, n) / sqrt(SO_MEDIAN_VARIANCE) / scan->score_sigma /
	       so_season_error(&scan->season, count, weight,
		       days_between(items[scan->onset].start_us, items[n - 1].start_us + scan->series->bucket_us));
}

/* The distance, in standard errors, of what is since the most likely onset. */
static double find_onset(struct scan *scan, struct so_regression *found)
{
	const struct so_bucket *items = scan->series->items;
	double sum = 0, weight = 0, best = 0, best_sum = 0, best_weight = 1, z;
	size_t n = scan->series->count;

	scan->onset = n - 1;
	for (size_t i = n; i-- > scan->begin;) {
		sum += (score(scan, i) - scan->score_mean) * sqrt(scan->weight[i]);
		weight += scan->weight[i];
		if (sum / sqrt(weight) > best) {
			best = sum / sqrt(weight);
			scan->onset = i;
			best_sum = sum;
			best_weight = weight;
		}
	}
	z = best_sum / best_weight / scan->score_sigma /
	    so_season_error(&scan->season, n - scan->onset, best_weight,
		    days_between(items[scan->onset].start_us, items[n - 1].start_us + scan->series->bucket_us));
	refine_onset(scan, found);
	return fmax(z, median_distance(scan));
}

/* Times and calls since the onset against what the same hours used to have. */
static void measure_after(const struct scan *scan, size_t onset, struct so_regression *found)
{
	double expected = 0;

	found->calls_after = 0;
	found->n_after = scan->series->count - onset;
	for (size_t i = onset; i < scan->series->count; i++) {
		const struct so_bucket *b = &scan->series->items[i];

		expected += (double)b->calls * exp(so_season_expected(&scan->season, b->start_us));
		found->calls_after += b->calls;
	}
	found->factor = exp(typical(scan, onset, scan->series->count));
	found->before_us = expected / (double)found->calls_after;
	found->after_us = found->before_us * found->factor;
}

static double share_of_load(const struct scan *scan, int64_t from_us)
{
	const struct so_regression_input *input = scan->input;
	double own = 0, all = 0;
	int64_t until_us = scan->series->count ? scan->series->items[scan->series->count - 1].start_us : from_us;

	for (size_t i = scan->series->count; i-- > 0 && scan->series->items[i].start_us >= from_us;)
		own += scan->series->items[i].exec_us;
	for (size_t i = input->n_load; i-- > 0 && input->load[i].start_us >= from_us;)
		if (input->load[i].start_us <= until_us)
			all += input->load[i].exec_us;
	return all > 0 ? fmin(1, own / all) : NAN;
}

/* Differences between buckets since the onset and the last one before it at the same time of day (or week):
 * their weighted median, NAN if fewer than half have such a partner. */
static double against_period(const struct scan *scan, int64_t period_us)
{
	const struct so_series *series = scan->series;
	int64_t onset_us = series->items[scan->onset].start_us;
	size_t k = 0, n = series->count - scan->onset;

	for (size_t i = scan->onset; i < series->count; i++) {
		int64_t at = series->items[i].start_us, back = (at - onset_us) / period_us + 1;
		size_t j = so_series_find(series, at - back * period_us);

		if (j < scan->onset && series->items[j].start_us - (at - back * period_us) < series->bucket_us)
			scan->scratch[k++] = (struct so_weighted){ so_bucket_log_mean(&series->items[i]) -
									   so_bucket_log_mean(&series->items[j]),
				scan->weight[i] };
	}
	return 2 * k >= n ? so_weighted_median(scan->scratch, k) : NAN;
}

/* No earlier day tells what this hour, or this sort of day, is like. */
static bool is_unseen(const struct scan *scan)
{
	const struct so_season *season = &scan->season;
	size_t unseen = 0, n = scan->series->count - scan->onset;
	double ratio;

	if (days_between(season->from_us, season->to_us) >= 1) {
		for (size_t i = scan->onset; i < scan->series->count; i++)
			unseen += !so_season_saw(season, scan->series->items[i].start_us);
		if (2 * unseen > n)
			return true;
	}
	if (season->daily)
		return false;
	ratio = against_period(scan, SO_DAY_US);
	return !(ratio >= log(scan->config->min_ratio));
}

/* The same hours of the last two weeks (of one, if there is one only) were above the expectation as well, and now is
 * not clearly above them: a weekly job, not a change. */
static bool recurs(const struct scan *scan)
{
	const struct so_series *series = scan->series;
	size_t n = series->count - scan->onset, weeks = 0;
	double now = typical(scan, scan->onset, series->count), then = 0, weight = 0,
	       limit = log(scan->config->min_ratio);
	double error;

	for (size_t i = scan->onset; i < series->count; i++)
		weight += scan->weight[i];
	for (int week = 1; week <= 2; week++) {
		size_t k = 0;

		for (size_t i = scan->onset; i < series->count; i++) {
			int64_t at = series->items[i].start_us - week * 7 * SO_DAY_US;
			size_t j = so_series_find(series, at);

			if (j < scan->onset && series->items[j].start_us - at < series->bucket_us)
				scan->scratch[k++] = (struct so_weighted){ scan->left[j], scan->weight[j] };
		}
		if (2 * k < n)
			continue;
		then += so_weighted_median(scan->scratch, k);
		weeks++;
	}
	if (!weeks)
		return false;
	then /= (double)weeks;
	error = so_season_error(&scan->season, n, weight / SO_MEDIAN_VARIANCE,
			days_between(series->items[scan->onset].start_us, series->items[series->count - 1].start_us)) *
		sqrt(1 + 1 / (double)weeks);
	return then >= limit / 2 && now - then < fmax(limit, 2 * error);
}

/* The first plan since the onset is known, and none of those before it. */
static bool plan_is_new(const struct scan *scan)
{
	const struct so_bucket *items = scan->series->items;
	uint64_t plan = 0;
	bool known = false;

	for (size_t i = scan->onset; i < scan->series->count && !plan; i++)
		plan = items[i].plan;
	for (size_t i = 0; i < scan->onset; i++) {
		if (items[i].plan == plan)
			return false;
		known |= items[i].plan != 0;
	}
	return known && plan;
}

/* Log of the rows of a call, typically, in [begin, end); NAN not known. */
static double rows_of_call(const struct scan *scan, size_t begin, size_t end)
{
	size_t k = 0;

	for (size_t i = begin; i < end; i++) {
		const struct so_bucket *b = &scan->series->items[i];

		if (b->rows >= 0)
			scan->scratch[k++] = (struct so_weighted){ log(((double)b->rows + 0.5) / (double)b->calls),
				scan->weight[i] };
	}
	return so_weighted_median(scan->scratch, k);
}

/* Calls became significantly fewer (Poisson), what the time of a call grew by is what they fell by, and those that are
 * left return more rows: the cheap ones went away, and the time of all together did not grow. Without the rows it would
 * be callers that wait: a few workers that each call again when the answer is there call half as often when it takes
 * twice as long. A new plan is no question of calls either. */
static bool is_mix(const struct scan *scan, const struct so_regression *found)
{
	const struct so_series *series = scan->series;
	size_t n = series->count - scan->onset;
	double calls = 0, was = 0, least, rows;

	if (plan_is_new(scan))
		return false;
	/* The later half: an onset that is guessed too early is not to dilute it. */
	for (size_t i = series->count - (n / 2 > 3 ? n / 2 : n < 3 ? n : 3); i < series->count; i++) {
		calls += (double)series->items[i].calls;
		was += so_season_calls(&scan->season, series->items[i].start_us);
	}
	rows = rows_of_call(scan, scan->onset, series->count) - rows_of_call(scan, 0, scan->begin);
	if (isnan(rows) ? found->factor >= scan->config->overwhelming_ratio : rows < log(found->factor) / 2)
		return false;
	/* The least that the factor may be, two standard errors below its estimate. */
	least = log(found->factor) * fmax(0, 1 - 2 / fmax(1, found->z));
	return calls < 0.7 * was && was - calls > 4 * sqrt(was) && least < log(scan->config->min_ratio * was / calls);
}

static bool sudden_at(const struct scan *scan, int64_t from_us, int64_t to_us)
{
	for (size_t i = 0; i < scan->input->n_sudden; i++)
		if (scan->input->sudden_us[i] >= from_us && scan->input->sudden_us[i] < to_us)
			return true;
	return plan_is_new(scan);
}

/* So slow, and with a new plan or without its index: one bucket is enough. A lock or a checkpoint makes a bucket as
 * slow, but not just then. */
static bool is_overwhelming(const struct scan *scan, const struct so_regression *found)
{
	double one = scan->left[scan->onset];

	return found->factor >= scan->config->overwhelming_ratio && one >= log(scan->config->overwhelming_ratio) &&
	       one * sqrt(scan->weight[scan->onset]) >= scan->config->min_z &&
	       sudden_at(scan, found->onset_us - scan->series->bucket_us, found->onset_us + scan->series->bucket_us);
}

static bool refuse(struct so_regression *found, enum so_regression_veto veto)
{
	found->kind = SO_REGRESSION_NONE;
	found->veto = veto;
	return false;
}

/* All tests but that of the kind. */
static bool judge(struct scan *scan, struct so_regression *found)
{
	const struct so_regression_config *config = scan->config;
	size_t n = scan->series->count, last = n > config->min_after ? n - config->min_after : 0;
	double limit = log(config->min_ratio), z = find_onset(scan, found);

	measure_after(scan, scan->onset, found);
	found->z = z;
	found->n_before = scan->season.n;
	found->noise = exp(sqrt(scan->season.tau2 + scan->season.kappa2 * scan->season.inverse_calls));
	found->seasonal = scan->season.daily;
	found->share = share_of_load(scan, found->onset_us);
	found->overwhelming = is_overwhelming(scan, found);
	if (found->calls_after < config->min_calls || (found->n_after < config->min_after && !found->overwhelming))
		return refuse(found, SO_VETO_SHORT);
	if (z < config->min_z && !found->overwhelming)
		return refuse(found, SO_VETO_EVIDENCE);
	if (log(found->factor) < limit)
		return refuse(found, SO_VETO_RATIO);
	if (typical(scan, last > scan->onset ? last : scan->onset, n) < limit)
		return refuse(found, SO_VETO_OVER);
	if (found->factor < config->unseen_ratio && is_unseen(scan))
		return refuse(found, SO_VETO_UNSEEN);
	if (!isnan(found->share) && found->share < config->min_load_share)
		return refuse(found, SO_VETO_SHARE);
	if (is_mix(scan, found))
		return refuse(found, SO_VETO_MIX);
	return true;
}

/* A query that was not there when watching began, and now takes a good part of the instance's time. */
static bool detect_new(const struct scan *scan, const struct so_series *series, struct so_regression *found)
{
	const struct so_regression_config *config = scan->config;
	const struct so_regression_input *input = scan->input;
	int64_t first = input->first_seen_us;
	double exec = 0;

	if (!first || !input->watched_since_us || first - input->watched_since_us < config->new_after_us ||
		!series->count || found->last_us - first > config->scan_us ||
		series->items[0].start_us < first - series->bucket_us)
		return false;
	found->calls_after = 0;
	for (size_t i = 0; i < series->count; i++) {
		exec += series->items[i].exec_us;
		found->calls_after += series->items[i].calls;
	}
	found->share = share_of_load(scan, series->items[0].start_us);
	if (series->count < config->min_after || found->calls_after < config->min_calls || isnan(found->share) ||
		found->share < config->new_share || exec / (double)found->calls_after < config->new_min_us)
		return false;
	found->kind = SO_REGRESSION_NEW;
	found->veto = SO_VETO_NONE;
	found->onset_us = found->onset_from_us = found->onset_to_us = first;
	found->after_us = exec / (double)found->calls_after;
	found->n_after = series->count;
	return true;
}

void so_regression_detect(struct so_regression *found, TALLOC_CTX *ctx, const struct so_series *series,
	const struct so_regression_input *input, const struct so_regression_config *config)
{
	SO_TMP(tmp, ctx);
	struct so_series seen = usable(tmp, series, config->history_us);
	struct scan scan = { .series = &seen, .config = config, .input = input };
	int64_t first, last;
	size_t begin;

	*found = (struct so_regression){ .before_us = NAN, .after_us = NAN, .factor = NAN, .share = NAN };
	if (series->count)
		found->last_us = series->items[series->count - 1].start_us + series->bucket_us;
	if (detect_new(&scan, &seen, found))
		return;
	if (seen.count < config->min_before + 1) {
		refuse(found, SO_VETO_SHORT);
		return;
	}
	/* At least half of the history is "before". */
	first = seen.items[0].start_us;
	last = seen.items[seen.count - 1].start_us;
	begin = so_series_find(
		&seen, input->baseline_until_us
			       ? input->baseline_until_us
			       : last - (config->scan_us < (last - first) / 2 ? config->scan_us : (last - first) / 2));
	if (begin < config->min_before)
		begin = config->min_before;
	if (begin > seen.count - 1)
		begin = seen.count - 1;
	found->baseline_until_us = seen.items[begin].start_us;
	scan_from(&scan, tmp, begin);
	if (!judge(&scan, found))
		return;
	found->kind = SO_REGRESSION_STEP;
	if (so_drift_begin(&found->onset_us, tmp, &seen, scan.left, scan.onset)) {
		found->kind = SO_REGRESSION_DRIFT;
		found->onset_from_us = found->onset_to_us = found->onset_us;
	} else if (recurs(&scan)) {
		refuse(found, SO_VETO_RECURS);
	}
}

void so_regression_measure(struct so_regression_now *now, TALLOC_CTX *ctx, const struct so_series *series,
	int64_t onset_us, size_t n_last, const struct so_regression_config *config)
{
	SO_TMP(tmp, ctx);
	struct so_series seen = usable(tmp, series, config->history_us);
	struct so_regression_input nothing = { 0 };
	struct scan scan = { .series = &seen, .config = config, .input = &nothing };
	struct so_regression found;
	size_t begin = so_series_find(&seen, onset_us), last;

	*now = (struct so_regression_now){ .factor = NAN, .before_us = NAN, .after_us = NAN };
	if (begin < 1 || begin >= seen.count)
		return;
	scan_from(&scan, tmp, begin);
	last = seen.count - begin > n_last ? seen.count - n_last : begin;
	measure_after(&scan, last, &found);
	now->known = true;
	now->factor = found.factor;
	now->before_us = found.before_us;
	now->after_us = found.after_us;
}
