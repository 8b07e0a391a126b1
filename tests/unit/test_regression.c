/* Slower than it used to be, and why: monitor/regression.h, season.h, cause.h, watch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/regression_cases.h"
#include "monitor/finding.h"
#include "monitor/robust.h"

#define MONDAY (INT64_C(1790553600) * 1000000) /* 2026-09-28 */
#define DAYS   14
#define N      (DAYS * 24)

static const struct so_regression_config config = SO_REGRESSION_DEFAULTS;

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(talloc_total_blocks(*state), 1);
	talloc_free(*state);
	return 0;
}

#define assert_near(a, b, epsilon) assert_true(fabs((a) - (b)) <= (epsilon))

static struct so_bucket items[N];
static const struct so_series series = { items, N, SO_HOUR_US };

/* Two weeks of hours, 100 calls of 10 ms each, a fixed pattern of up to 10 % around it; times `factor` from bucket
 * `onset` on. */
static void fill(size_t onset, double factor)
{
	for (size_t i = 0; i < N; i++)
		items[i] = (struct so_bucket){ .start_us = MONDAY + (int64_t)i * SO_HOUR_US,
			.calls = 100,
			.exec_us = 1e6 * (0.9 + 0.2 * (double)(i * 7919 % 101) / 100) * (i >= onset ? factor : 1),
			.rows = 1000,
			.hits = 10000,
			.reads = 100,
			.plan = 1 };
}

static struct so_regression detect(TALLOC_CTX *ctx, size_t count, const struct so_regression_input *input)
{
	struct so_series seen = { items, count, SO_HOUR_US };
	struct so_regression_input nothing = { 0 };
	struct so_regression found;

	so_regression_detect(&found, ctx, &seen, input ? input : &nothing, &config);
	return found;
}

static void test_robust_statistics(void **state)
{
	double odd[] = { 5, 1, 9 }, even[] = { 4, 1, 3, 2 }, wild[] = { 1, 1, 2, 2, 4, 6, 9 }, scratch[20];
	struct so_weighted weighted[] = { { 9, 1 }, { 1, 1 }, { 2, 5 } };
	const double a[] = { 1, 2, 3, 4, 5 }, b[] = { 10, 20, 30, 40, 50 }, c[] = { 5, 4, 3, 2, 1 },
		     d[] = { 1, 1, 1, 1, 1 };
	double e[] = { 7 };

	(void)state;
	assert_near(so_median(odd, 3), 5, 0);
	assert_near(so_median(even, 4), 2.5, 0);
	assert_near(so_median(e, 1), 7, 0);
	assert_true(isnan(so_median(e, 0)));
	assert_near(so_mad(wild, 7, 2), 1.4826, 1e-9);
	assert_near(so_weighted_median(weighted, 3), 2, 0);
	assert_near(so_spearman(a, b, 5, scratch), 1, 1e-12);
	assert_near(so_spearman(a, c, 5, scratch), -1, 1e-12);
	assert_near(so_spearman(a, d, 5, scratch), 0, 0);
}

static void test_season_learns_hours_and_weekends(void **state)
{
	const struct so_season_config season_config = SO_SEASON_DEFAULTS;
	struct so_season season;

	fill(N, 1);
	for (size_t i = 0; i < N; i++)
		items[i].exec_us *= (i % 24 >= 9 && i % 24 < 17 ? 3 : 1) * (i / 24 % 7 >= 5 ? 0.5 : 1);
	so_season_fit(&season, *state, &series, 0, N, &season_config);
	assert_true(season.daily && season.weekly);
	for (size_t i = 0; i < N; i++)
		assert_true(fabs(so_season_residual(&season, &items[i])) < 0.2);
	assert_true(sqrt(season.tau2 + season.kappa2 / 100) < 0.12);
}

static void test_step(void **state)
{
	struct so_regression found;

	fill(N - 10, 2);
	found = detect(*state, N, NULL);
	assert_int_equal(found.kind, SO_REGRESSION_STEP);
	assert_int_equal(found.onset_us, items[N - 10].start_us);
	assert_true(found.factor > 1.9 && found.factor < 2.1);
	assert_true(found.before_us > 9500 && found.before_us < 10500);
	assert_true(found.after_us > 19000 && found.after_us < 21000);
	assert_int_equal(found.calls_after, 1000);
	assert_int_equal(found.n_after, 10);
	/* Two buckets are too few, three are hardly beyond chance, four are enough. */
	assert_int_equal(detect(*state, N - 8, NULL).veto, SO_VETO_SHORT);
	assert_int_equal(detect(*state, N - 7, NULL).veto, SO_VETO_EVIDENCE);
	assert_int_equal(detect(*state, N - 6, NULL).kind, SO_REGRESSION_STEP);
	assert_int_equal(detect(*state, N - 10, NULL).kind, SO_REGRESSION_NONE);
}

static void test_drift(void **state)
{
	struct so_regression found;

	fill(N, 1);
	for (size_t i = N / 2; i < N; i++)
		items[i].exec_us *= 1 + 1.5 * (double)(i - N / 2) / (N / 2);
	found = detect(*state, N, NULL);
	assert_int_equal(found.kind, SO_REGRESSION_DRIFT);
	assert_true(llabs(found.onset_us - items[N / 2].start_us) <= 2 * SO_DAY_US);
}

static void test_vetoes(void **state)
{
	struct so_load load[N];
	struct so_regression_input input = { .load = load, .n_load = N };

	/* Small. */
	fill(N - 72, 1.15);
	assert_int_equal(detect(*state, N, NULL).veto, SO_VETO_RATIO);
	/* Over. */
	fill(N - 72, 3);
	for (size_t i = N - 5; i < N; i++)
		items[i].exec_us /= 3;
	assert_int_equal(detect(*state, N, NULL).veto, SO_VETO_OVER);
	/* One spike. */
	fill(N, 1);
	items[N - 2].exec_us *= 50;
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_NONE);
	/* The same each week. */
	fill(N, 1);
	for (size_t i = 0; i < N; i++)
		if (i % 168 >= 157)
			items[i].exec_us *= 3;
	assert_int_equal(detect(*state, N, NULL).veto, SO_VETO_RECURS);
	/* Few calls are left, the expensive ones. */
	fill(N - 48, 1);
	for (size_t i = N - 48; i < N; i++)
		items[i].calls = 30;
	assert_int_equal(detect(*state, N, NULL).veto, SO_VETO_MIX);
	/* As many fewer, but each returns what it did: callers wait for a slow answer. */
	for (size_t i = N - 48; i < N; i++)
		items[i].rows = 300;
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_STEP);
	/* A thousandth of the load. */
	fill(N - 48, 3);
	for (size_t i = 0; i < N; i++)
		load[i] = (struct so_load){ items[i].start_us, 5e9 };
	assert_int_equal(detect(*state, N, &input).veto, SO_VETO_SHARE);
	/* The first morning. */
	fill(8, 3);
	for (size_t i = 0; i < 20; i++)
		items[i].start_us += 1;
	assert_int_equal(detect(*state, 20, NULL).kind, SO_REGRESSION_NONE);
	assert_int_equal(detect(*state, 5, NULL).veto, SO_VETO_SHORT);
	assert_int_equal(detect(*state, 0, NULL).veto, SO_VETO_SHORT);
}

static void test_resets_and_empty_buckets_are_left_out(void **state)
{
	fill(N, 1);
	for (size_t i = N - 20; i < N; i++)
		if (i % 3) {
			items[i].broken = true;
			items[i].exec_us *= 100;
		}
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_NONE);
	for (size_t i = N - 20; i < N; i++)
		items[i].calls = 0;
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_NONE);
}

static void test_one_bucket_is_enough_when_the_plan_changed(void **state)
{
	struct so_regression found;

	fill(N - 1, 10);
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_NONE);
	items[N - 1].plan = 2;
	found = detect(*state, N, NULL);
	assert_int_equal(found.kind, SO_REGRESSION_STEP);
	assert_true(found.overwhelming);
	/* A plan that was in use before does not explain it. */
	items[N - 100].plan = 2;
	assert_int_equal(detect(*state, N, NULL).kind, SO_REGRESSION_NONE);
}

static void test_new_query(void **state)
{
	struct so_load load[N];
	struct so_regression_input input = {
		.load = load, .n_load = N, .first_seen_us = MONDAY, .watched_since_us = MONDAY - 3 * SO_DAY_US
	};

	fill(0, 2);
	for (size_t i = 0; i < N; i++)
		load[i] = (struct so_load){ items[i].start_us, 5e6 };
	assert_int_equal(detect(*state, 4, &input).kind, SO_REGRESSION_NEW);
	assert_int_equal(detect(*state, 2, &input).kind, SO_REGRESSION_NONE);
	/* Everything is new when watching began. */
	input.watched_since_us = MONDAY - SO_HOUR_US;
	assert_int_equal(detect(*state, 4, &input).kind, SO_REGRESSION_NONE);
}

static void test_measure_does_not_get_used_to_it(void **state)
{
	struct so_regression_now now;

	fill(N / 3, 4);
	so_regression_measure(&now, *state, &series, items[N / 3].start_us, 6, &config);
	assert_true(now.known && now.factor > 3.7 && now.factor < 4.3);
	for (size_t i = N - 6; i < N; i++)
		items[i].exec_us /= 4;
	so_regression_measure(&now, *state, &series, items[N / 3].start_us, 6, &config);
	assert_true(now.factor > 0.9 && now.factor < 1.1);
	so_regression_measure(&now, *state, &series, items[0].start_us, 6, &config);
	assert_false(now.known);
}

static struct so_cause cause_of(TALLOC_CTX *ctx, const struct so_event *events, size_t n_events)
{
	struct so_cause_input input = { .series = &series, .events = events, .n_events = n_events };
	struct so_regression found = detect(ctx, N, NULL);
	struct so_cause cause;

	assert_int_equal(found.kind, SO_REGRESSION_STEP);
	so_cause_find(&cause, ctx, &found, &input, &config);
	return cause;
}

static void test_causes(void **state)
{
	const size_t at = N - 24;
	const int64_t when = MONDAY + (int64_t)at * SO_HOUR_US;
	struct so_event dropped = { SO_EVENT_INDEX_DROPPED, when, when, "shop.orders_user", NULL, NULL, 0, 0 };
	struct so_event setting = { SO_EVENT_SETTING, when, when, "work_mem", "64MB", "64kB", 0, 0 };
	struct so_event long_ago = { SO_EVENT_SETTING, when - SO_DAY_US, when - SO_DAY_US, "work_mem", "1", "2", 0, 0 };
	struct so_event grew = { SO_EVENT_TABLE_ROWS, when, when, "shop.orders", NULL, NULL, 1000, 4000 };
	struct so_cause cause;

	fill(at, 4);
	cause = cause_of(*state, &long_ago, 1);
	assert_int_equal(cause.kind, SO_CAUSE_NONE);
	assert_non_null(strstr(cause.text, "No cause found"));
	talloc_free(cause.text);

	cause = cause_of(*state, &setting, 1);
	assert_int_equal(cause.kind, SO_CAUSE_SETTING);
	assert_string_equal(cause.text,
		"It began when setting \"work_mem\" was changed from 64MB to 64kB; nothing else "
		"that was looked at changed then.");
	talloc_free(cause.text);

	/* The plan is known to be the same: a dropped index did nothing to this query. */
	cause = cause_of(*state, &dropped, 1);
	assert_int_equal(cause.kind, SO_CAUSE_NONE);
	talloc_free(cause.text);
	for (size_t i = at; i < N; i++)
		items[i].plan = 2;
	cause = cause_of(*state, &dropped, 1);
	assert_int_equal(cause.kind, SO_CAUSE_PLAN);
	assert_ptr_equal(cause.event, &dropped);
	assert_non_null(strstr(cause.text, "when index \"shop.orders_user\" was dropped"));
	talloc_free(cause.text);
	for (size_t i = 0; i < N; i++)
		items[i].plan = 0;
	cause = cause_of(*state, &dropped, 1);
	assert_int_equal(cause.kind, SO_CAUSE_INDEX);
	talloc_free(cause.text);

	fill(at, 4);
	cause = cause_of(*state, &grew, 1);
	assert_int_equal(cause.kind, SO_CAUSE_ROWS);
	assert_non_null(strstr(cause.text, "from 1000 to 4000 rows"));
	talloc_free(cause.text);
	for (size_t i = at; i < N; i++)
		items[i].rows *= 4;
	cause = cause_of(*state, NULL, 0);
	assert_int_equal(cause.kind, SO_CAUSE_ROWS);
	talloc_free(cause.text);

	fill(at, 4);
	for (size_t i = at; i < N; i++) {
		items[i].reads = 3000;
		items[i].hits = 7100;
	}
	cause = cause_of(*state, &long_ago, 1);
	assert_int_equal(cause.kind, SO_CAUSE_CACHE);
	talloc_free(cause.text);
}

static void test_findings(void **state)
{
	struct so_finding_list *list = so_finding_list_new(*state);
	struct so_regression found = { .kind = SO_REGRESSION_STEP,
		.onset_us = MONDAY,
		.factor = 4,
		.before_us = 2500,
		.after_us = 10000,
		.share = 0.2,
		.z = 9,
		.noise = 1.1,
		.calls_after = 400 };
	struct so_cause cause = { .kind = SO_CAUSE_STATISTICS, .explained = NAN, .text = "It began when." };
	struct so_n_plus_one pair = { .ratio = 20, .spread = 0.1, .share = 0.01, .text = "Called 20 times." };
	struct so_finding *f = so_regression_finding(list, &found, &cause);

	assert_string_equal(f->rule, "query-regression");
	assert_string_equal(f->issue_type, "stale_statistics");
	assert_int_equal(f->severity, SO_SEVERITY_HIGH);
	assert_string_equal(f->title, "4.0 times slower");
	assert_non_null(
		strstr(f->explanation, "a call takes 10.0 ms; before, at the same hours, it was 2.50 ms, 20 % of the "
				       "server's time. It began when."));
	found.share = 0.5;
	assert_int_equal(so_regression_finding(list, &found, &cause)->severity, SO_SEVERITY_CRITICAL);
	found.kind = SO_REGRESSION_NEW;
	f = so_regression_finding(list, &found, &cause);
	assert_string_equal(f->rule, "new-slow-query");
	assert_string_equal(f->title, "New query takes 50 % of the server's time");
	f = so_n_plus_one_finding(list, &pair, "SELECT 1");
	assert_string_equal(f->title, "Called 20 times for each call of another statement");
	assert_string_equal(f->explanation, "Called 20 times. The other statement: SELECT 1");
	assert_int_equal(f->severity, SO_SEVERITY_LOW);
	talloc_free(list);
}

/* A few made-up histories of each important sort; the benchmark has more. */
static void test_made_up_histories(void **state)
{
	size_t n = 0, failed = 0;

	for (size_t sort = 0; sort < regression_case_sorts(); sort += 2, n++) {
		struct regression_case *c = regression_case_new(*state, 42, sort, 0);
		struct regression_outcome o;

		regression_case_run(&o, *state, c);
		if (o.early || (c->expected != SO_REGRESSION_NONE && !(o.detected && o.cause_right))) {
			print_message("%s: early %d, detected %d, cause %s\n", c->name, o.early, o.detected,
				so_cause_name(o.cause));
			failed++;
		}
		talloc_free(c);
	}
	assert_true(n > 20);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_robust_statistics),
		cmocka_unit_test_setup_teardown(test_season_learns_hours_and_weekends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_step, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drift, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vetoes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resets_and_empty_buckets_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_bucket_is_enough_when_the_plan_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_query, setup, teardown),
		cmocka_unit_test_setup_teardown(test_measure_does_not_get_used_to_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_causes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_findings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_made_up_histories, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
