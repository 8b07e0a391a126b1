/* Statements called in a loop over another one's result: monitor/n_plus_one.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "monitor/n_plus_one.h"

#define MONDAY     (INT64_C(1790553600) * 1000000)
#define N          (7 * 24)
#define STATEMENTS 14

static const struct so_n_plus_one_config config = SO_N_PLUS_ONE_DEFAULTS;

struct server {
	struct so_bucket items[STATEMENTS][N];
	struct so_series series[STATEMENTS];
	const struct so_series *list[STATEMENTS];
	uint64_t state;
};

static double unit(struct server *s)
{
	uint64_t z = s->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return ((double)((z ^ z >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct server *s)
{
	double u = unit(s);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * unit(s));
}

/* A server whose statements all follow its users through the day, each with 20 % of its own. */
static struct server *new_server(TALLOC_CTX *ctx, uint64_t seed)
{
	struct server *s = so_new(ctx, struct server);

	s->state = seed;
	for (size_t k = 0; k < STATEMENTS; k++) {
		double rate = exp(5 + 4 * unit(s)), rows = exp(4 * unit(s));

		s->series[k] = (struct so_series){ s->items[k], N, SO_HOUR_US };
		s->list[k] = &s->series[k];
		for (size_t i = 0; i < N; i++) {
			double calls = rate * exp(cos(2 * M_PI * (double)i / 24) + 0.2 * normal(s));

			s->items[k][i] = (struct so_bucket){ .start_us = MONDAY + (int64_t)i * SO_HOUR_US,
				.calls = (int64_t)calls + 1,
				.exec_us = calls * 1000,
				.rows = (int64_t)(calls * rows),
				.hits = -1,
				.reads = -1 };
		}
	}
	return s;
}

/* Makes statement 1 be called by statement 0, `ratio` times a call, or for each of its rows if 0. */
static void call_in_loop(struct server *s, double ratio)
{
	for (size_t i = 0; i < N; i++) {
		struct so_bucket *p = &s->items[0][i], *c = &s->items[1][i];
		double rows = 10 * exp(0.3 * normal(s));

		if (ratio > 0) {
			c->calls = (int64_t)(ratio * (double)p->calls * exp(0.05 * normal(s)));
		} else {
			p->rows = (int64_t)(rows * (double)p->calls);
			c->calls = p->rows;
		}
		c->exec_us = 1000 * (double)c->calls;
	}
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void test_unrelated_statements_are_left_alone(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct server *s = new_server(*state, seed);
		size_t n;

		so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
		assert_int_equal(n, 0);
		talloc_free(s);
	}
}

static void test_a_stable_ratio_is_found(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct server *s = new_server(*state, seed);
		double ratio = 2.5 + 40 * unit(s);
		struct so_n_plus_one *found;
		size_t n;

		call_in_loop(s, ratio);
		found = so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
		/* Where the family is a thousandth of the load nobody wants to hear of it. */
		if (!n) {
			double own = 0, all = 0;

			for (size_t k = 0; k < STATEMENTS; k++)
				for (size_t i = 0; i < N; i++) {
					all += s->items[k][i].exec_us;
					own += k == 1 ? s->items[k][i].exec_us : 0;
				}
			assert_true(own < 0.01 * all);
			continue;
		}
		assert_int_equal(n, 1);
		assert_int_equal(found->parent, 0);
		assert_int_equal(found->child, 1);
		assert_true(fabs(found->ratio / ratio - 1) < 0.05);
		assert_true(found->correlation > 0.8);
		assert_non_null(strstr(found->text, "times for each call"));
		talloc_free(s);
	}
}

static void test_a_call_for_each_row_is_found(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct server *s = new_server(*state, seed);
		struct so_n_plus_one *found;
		size_t n;

		call_in_loop(s, 0);
		found = so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
		assert_int_equal(n, 1);
		assert_int_equal(found->parent, 0);
		assert_true(found->follows_rows);
		assert_true(found->ratio > 8 && found->ratio < 12);
		assert_non_null(strstr(found->text, "once for each row it returns"));
		talloc_free(s);
	}
}

static void test_siblings_have_the_same_parent(void **state)
{
	struct server *s = new_server(*state, 7);
	struct so_n_plus_one *found;
	size_t n;

	call_in_loop(s, 20);
	for (size_t i = 0; i < N; i++) {
		s->items[2][i].calls = 4 * s->items[0][i].calls;
		s->items[2][i].exec_us = 5e3 * (double)s->items[2][i].calls;
	}
	found = so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
	assert_int_equal(n, 2);
	assert_int_equal(found[0].parent, 0);
	assert_int_equal(found[1].parent, 0);
	assert_true(found[0].share >= found[1].share);
}

static void test_what_does_not_qualify(void **state)
{
	struct server *s = new_server(*state, 3);
	size_t n;

	/* Once for each call is a page, not a loop. */
	call_in_loop(s, 1);
	so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
	assert_int_equal(n, 0);
	/* An expensive child is slow by itself. */
	call_in_loop(s, 20);
	for (size_t i = 0; i < N; i++)
		s->items[1][i].exec_us *= 50;
	so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
	assert_int_equal(n, 0);
	/* A day is too short. */
	call_in_loop(s, 20);
	for (size_t k = 0; k < STATEMENTS; k++)
		s->series[k].count = 20;
	so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
	assert_int_equal(n, 0);
	/* Two jobs that run by the clock: the ratio is stable, but neither moves, so nothing tells that one drives the
	 * other. */
	for (size_t k = 0; k < STATEMENTS; k++)
		s->series[k].count = N;
	for (size_t i = 0; i < N; i++) {
		s->items[0][i].calls = 600;
		s->items[1][i].calls = 6000;
		s->items[1][i].exec_us = 6e6;
	}
	so_n_plus_one_find(s, s->list, STATEMENTS, &config, &n);
	assert_int_equal(n, 0);
	so_n_plus_one_find(s, s->list, 0, &config, &n);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unrelated_statements_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stable_ratio_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_call_for_each_row_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_siblings_have_the_same_parent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_does_not_qualify, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
