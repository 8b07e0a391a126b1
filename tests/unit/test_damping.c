/* When verdicts become findings: monitor/damping.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "monitor/damping.h"

#define HOUR INT64_C(3600000000)

static const struct so_damp_config config = SO_DAMP_DEFAULTS;

struct run {
	struct so_damp damp;
	int64_t at_us;
	double factor;
	bool notify;
};

/* One bucket an hour: h hot, H overwhelming, w warm, c cool, - nothing, x hot and changed. Answers with what happened
 * at each: . nothing, O opened, U updated, C closed, R reopened; a '!' behind it: told. */
static const char *feed(struct run *run, const char *buckets)
{
	static char out[512];
	static const char letters[SO_DAMP_EVENT_MAX] = { '.', 'O', 'U', 'C', 'R' };
	char *p = out;

	for (const char *b = buckets; *b; b++) {
		struct so_damp_input input = { .at_us = run->at_us += HOUR,
			.heat = *b == 'c'   ? SO_HEAT_COOL
				: *b == 'w' ? SO_HEAT_WARM
				: *b == '-' ? SO_HEAT_NONE
					    : SO_HEAT_HOT,
			.overwhelming = *b == 'H',
			.changed = *b == 'x',
			.onset_us = run->at_us - 3 * HOUR,
			.factor = run->factor };
		enum so_damp_event event = so_damp_step(&run->damp, &input, &config, &run->notify);

		*p++ = letters[event];
		if (run->notify)
			*p++ = '!';
	}
	*p = '\0';
	return out;
}

static struct run begin(void)
{
	return (struct run){ .at_us = 1000 * HOUR, .factor = 2 };
}

static void test_two_hot_buckets_open(void **state)
{
	struct run run = begin();

	(void)state;
	assert_string_equal(feed(&run, "chch"), "....");
	assert_int_equal(run.damp.state, SO_DAMP_QUIET);
	assert_string_equal(feed(&run, "h"), "O!");
	assert_int_equal(run.damp.state, SO_DAMP_OPEN);
	assert_int_equal(run.damp.onset_us, run.at_us - 3 * HOUR);
	/* Still slow is no news. */
	assert_string_equal(feed(&run, "hhhhhh"), "......");
}

static void test_a_bucket_without_calls_breaks_nothing(void **state)
{
	struct run run = begin();

	(void)state;
	assert_string_equal(feed(&run, "h--h"), "...O!");
	assert_string_equal(feed(&run, "cc--c"), "....C!");
}

static void test_one_overwhelming_bucket_opens(void **state)
{
	struct run run = begin();

	(void)state;
	assert_string_equal(feed(&run, "cH"), ".O!");
}

static void test_three_cool_buckets_close(void **state)
{
	struct run run = begin();

	(void)state;
	assert_string_equal(feed(&run, "hhcchccwccc"), ".O!........C!");
	assert_int_equal(run.damp.end, SO_END_RECOVERED);
	assert_int_equal(run.damp.closed_us, run.at_us);
}

static void test_what_comes_back_continues_and_is_closed_later_each_time(void **state)
{
	struct run run = begin();
	int64_t opened;

	(void)state;
	feed(&run, "hh");
	opened = run.damp.opened_us;
	assert_string_equal(feed(&run, "ccc"), "..C!");
	assert_string_equal(feed(&run, "hh"), ".R!");
	assert_int_equal(run.damp.opened_us, opened);
	assert_string_equal(feed(&run, "cccccc"), ".....C");
	assert_string_equal(feed(&run, "hh"), ".R!");
	assert_string_equal(feed(&run, "cccccccccccc"), "...........C");
	/* The third return of a flapping finding is not told. */
	assert_string_equal(feed(&run, "hh"), ".R");
	assert_int_equal(run.damp.returns, 3);
}

static void test_after_the_window_it_is_another_finding(void **state)
{
	struct run run = begin();

	(void)state;
	feed(&run, "hhccc");
	run.at_us += 4 * 24 * HOUR;
	assert_string_equal(feed(&run, "hh"), ".O!");
	assert_int_equal(run.damp.returns, 0);
}

static void test_updates_are_rare_and_told_only_when_worse(void **state)
{
	struct run run = begin();

	(void)state;
	feed(&run, "hh");
	run.factor = 2.2;
	assert_string_equal(feed(&run, "h"), ".");
	run.factor = 2.6;
	assert_string_equal(feed(&run, "h"), "U");
	run.factor = 4;
	assert_string_equal(feed(&run, "hh"), "U!.");
	run.factor = 3;
	assert_string_equal(feed(&run, "h"), "U");
	assert_string_equal(feed(&run, "x"), "U");
}

static void test_acknowledged_is_quiet_until_worse(void **state)
{
	struct run run = begin();

	(void)state;
	feed(&run, "hh");
	so_damp_acknowledge(&run.damp);
	run.factor = 2.9;
	assert_string_equal(feed(&run, "h"), "U");
	run.factor = 4.5;
	assert_string_equal(feed(&run, "h"), "U!");
	/* Told once for that. */
	run.factor = 6;
	assert_string_equal(feed(&run, "h"), "U");
	assert_string_equal(feed(&run, "ccc"), "..C");
	/* Back within the window it is the same, still acknowledged one. */
	assert_string_equal(feed(&run, "hh"), ".R");
	feed(&run, "cccccc");
	run.at_us += 10 * 24 * HOUR;
	assert_string_equal(feed(&run, "hh"), ".O!");
	assert_false(run.damp.acknowledged);
}

static void test_muted_keeps_book_and_silence(void **state)
{
	struct run run = begin();

	(void)state;
	so_damp_mute(&run.damp, run.at_us + 10 * HOUR);
	assert_string_equal(feed(&run, "hhccc"), ".O..C");
	assert_string_equal(feed(&run, "hhcccccc"), ".R.....C");
	so_damp_mute(&run.damp, INT64_MAX);
	run.at_us += 100 * 24 * HOUR;
	assert_string_equal(feed(&run, "hh"), ".O");
	so_damp_mute(&run.damp, 0);
	run.factor = 5;
	assert_string_equal(feed(&run, "h"), "U!");
}

static void test_without_calls_it_ends(void **state)
{
	struct run run = begin();

	(void)state;
	feed(&run, "hh");
	assert_string_equal(feed(&run, "-----------------------------------------------"),
		"...............................................");
	assert_string_equal(feed(&run, "-"), "C!");
	assert_int_equal(run.damp.end, SO_END_GONE);
}

static void test_what_lasts_two_weeks_is_normal(void **state)
{
	struct run run = begin();
	int64_t onset;

	(void)state;
	feed(&run, "hh");
	onset = run.damp.onset_us;
	run.at_us += 14 * 24 * HOUR;
	assert_string_equal(feed(&run, "h"), "C!");
	assert_int_equal(run.damp.end, SO_END_SETTLED);
	assert_int_equal(run.damp.normal_since_us, onset);
	/* Slower again is new, not a return. */
	assert_string_equal(feed(&run, "hh"), ".O!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_hot_buckets_open),
		cmocka_unit_test(test_a_bucket_without_calls_breaks_nothing),
		cmocka_unit_test(test_one_overwhelming_bucket_opens),
		cmocka_unit_test(test_three_cool_buckets_close),
		cmocka_unit_test(test_what_comes_back_continues_and_is_closed_later_each_time),
		cmocka_unit_test(test_after_the_window_it_is_another_finding),
		cmocka_unit_test(test_updates_are_rare_and_told_only_when_worse),
		cmocka_unit_test(test_acknowledged_is_quiet_until_worse),
		cmocka_unit_test(test_muted_keeps_book_and_silence),
		cmocka_unit_test(test_without_calls_it_ends),
		cmocka_unit_test(test_what_lasts_two_weeks_is_normal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
