/* Two plans of one query, compared. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/diff.h"

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

static struct so_plan *read_text(TALLOC_CTX *ctx, const char *text)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	if (!so_plan_read(ctx, text, strlen(text), &plan, &err))
		fail_msg("%s\n%s", text, err.message);
	return plan;
}

static const char nested[] =
	"Sort  (cost=100.00..101.00 rows=400 width=8) (actual time=30.0..30.1 rows=400 loops=1)\n"
	"  Sort Key: o.id\n"
	"  Sort Method: external merge  Disk: 2048kB\n"
	"  Buffers: shared hit=900 read=100\n"
	"  ->  Nested Loop  (cost=0.29..90.00 rows=400 width=8) (actual time=0.1..25.0 rows=400 loops=1)\n"
	"        Buffers: shared hit=900 read=100\n"
	"        ->  Seq Scan on users u  (cost=0.00..30.00 rows=10 width=4) (actual time=0.1..5.0 rows=10 loops=1)\n"
	"              Filter: (country = 'DE'::text)\n"
	"              Buffers: shared hit=100 read=100\n"
	"        ->  Index Scan using orders_user on orders o  (cost=0.29..5.00 rows=40 width=8) (actual time=0.1..1.5 "
	"rows=40 loops=10)\n"
	"              Index Cond: (user_id = u.id)\n"
	"              Buffers: shared hit=800\n"
	"Planning Time: 0.5 ms\n"
	"Execution Time: 30.5 ms\n";

static const char hashed[] =
	"Sort  (cost=50.00..51.00 rows=400 width=8) (actual time=3.0..3.1 rows=400 loops=1)\n"
	"  Sort Key: o.id\n"
	"  Sort Method: quicksort  Memory: 40kB\n"
	"  Buffers: shared hit=60\n"
	"  ->  Hash Join  (cost=10.00..40.00 rows=400 width=8) (actual time=0.3..2.6 rows=400 loops=1)\n"
	"        Hash Cond: (o.user_id = u.id)\n"
	"        Buffers: shared hit=60\n"
	"        ->  Seq Scan on orders o  (cost=0.00..20.00 rows=4000 width=8) (actual time=0.1..1.0 rows=4000 "
	"loops=1)\n"
	"              Buffers: shared hit=50\n"
	"        ->  Hash  (cost=9.00..9.00 rows=10 width=4) (actual time=0.2..0.2 rows=10 loops=1)\n"
	"              Buckets: 1024  Batches: 1  Memory Usage: 9kB\n"
	"              Buffers: shared hit=10\n"
	"              ->  Index Scan using users_country on users u  (cost=0.00..9.00 rows=10 width=4) (actual "
	"time=0.1..0.1 rows=10 loops=1)\n"
	"                    Index Cond: (country = 'DE'::text)\n"
	"                    Buffers: shared hit=10\n"
	"Planning Time: 0.6 ms\n"
	"Execution Time: 3.2 ms\n";

static const struct so_plan_change *find(
	const struct so_plan_diff *diff, enum so_plan_change_kind kind, const char *object)
{
	for (size_t i = 0; i < diff->n_changes; i++)
		if (diff->changes[i].kind == kind && strcmp(diff->changes[i].object, object) == 0)
			return &diff->changes[i];
	fail_msg("no change %s of %s", so_plan_change_name(kind), object);
	return NULL;
}

static size_t count(const struct so_plan_diff *diff, enum so_plan_change_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->n_changes; i++)
		n += diff->changes[i].kind == kind;
	return n;
}

static void test_nothing_changed(void **state)
{
	const struct so_plan_diff *diff = so_plan_compare(*state, read_text(*state, nested), read_text(*state, nested));

	assert_true(diff->same_shape && diff->same_tables && diff->same_engine);
	assert_int_equal(diff->n_changes, 0);
	assert_int_equal(diff->n_pairs, 4);
	for (size_t i = 0; i < diff->n_pairs; i++)
		assert_true(diff->pairs[i].a == (int32_t)i && diff->pairs[i].b == (int32_t)i);
	assert_string_equal(so_plan_diff_render(*state, diff, 0, false), "The plans have the same shape.\n"
									 "cost           101.00 → 101.00\n"
									 "time           30.500 → 30.500 ms\n"
									 "planning       0.500 → 0.500 ms\n"
									 "buffers        1000 → 1000 pages\n");
}

static void test_structure(void **state)
{
	const struct so_plan_diff *diff = so_plan_compare(*state, read_text(*state, nested), read_text(*state, hashed));
	const struct so_plan_change *c;

	assert_false(diff->same_shape);
	assert_true(diff->same_tables && diff->same_engine);
	c = find(diff, SO_CHANGE_ACCESS_PATH, "users u");
	assert_string_equal(c->before, "Seq Scan");
	assert_string_equal(c->after, "Index Scan using users_country");
	assert_int_equal(c->a, 2);
	assert_int_equal(c->b, 4);
	c = find(diff, SO_CHANGE_ACCESS_PATH, "orders o");
	assert_string_equal(c->before, "Index Scan using orders_user");
	assert_string_equal(c->after, "Seq Scan");
	assert_int_equal(count(diff, SO_CHANGE_ACCESS_PATH), 2);
	c = find(diff, SO_CHANGE_JOIN_METHOD, "o, u");
	assert_string_equal(c->before, "Nested Loop");
	assert_string_equal(c->after, "Hash Join");
	c = find(diff, SO_CHANGE_JOIN_SIDES, "o, u");
	assert_string_equal(c->before, "users u outside");
	assert_string_equal(c->after, "orders o outside");
	assert_int_equal(count(diff, SO_CHANGE_JOIN_ORDER), 0);
	c = find(diff, SO_CHANGE_SPILL, "o, u");
	assert_string_equal(c->before, "2048 kB on disk");
	assert_string_equal(c->after, "in memory");
	c = find(diff, SO_CHANGE_ADDED, "u");
	assert_null(c->before);
	assert_string_equal(c->after, "Hash");
	assert_int_equal(count(diff, SO_CHANGE_REMOVED), 0);
	/* structure first, then figures by how much they changed */
	for (size_t i = 1; i < diff->n_changes; i++) {
		const struct so_plan_change *last = &diff->changes[i - 1];

		assert_false(last->kind >= SO_CHANGE_ROWS_EST && diff->changes[i].kind < SO_CHANGE_ROWS_EST);
		if (last->kind >= SO_CHANGE_ROWS_EST)
			assert_true(fabs(log(last->factor)) >= fabs(log(diff->changes[i].factor)));
	}
}

static void test_figures(void **state)
{
	const struct so_plan_diff *diff = so_plan_compare(*state, read_text(*state, nested), read_text(*state, hashed));
	const struct so_plan_change *c = find(diff, SO_CHANGE_ROWS_ACTUAL, "orders o");

	assert_string_equal(c->before, "400");
	assert_string_equal(c->after, "4000");
	assert_true(fabs(c->factor - 10) < 1e-9);
	c = find(diff, SO_CHANGE_TIME, "orders o");
	assert_string_equal(c->before, "15.000 ms");
	assert_string_equal(c->after, "1.000 ms");
	c = find(diff, SO_CHANGE_BUFFERS, "orders o");
	assert_string_equal(c->before, "800");
	assert_string_equal(c->after, "50");
	assert_true(diff->buffers_a == 1000 && diff->buffers_b == 60);
	/* 10 and 10 rows of users are no change */
	for (size_t i = 0; i < diff->n_changes; i++)
		assert_false(diff->changes[i].kind == SO_CHANGE_ROWS_ACTUAL &&
			     strcmp(diff->changes[i].object, "users u") == 0);
	assert_non_null(strstr(so_plan_diff_render(*state, diff, 0, false),
		"The plans have another shape.\n"
		"cost           101.00 → 51.00 (÷ 2.0)\n"
		"time           30.500 → 3.200 ms (÷ 9.5)\n"
		"planning       0.500 → 0.600 ms (× 1.2)\n"
		"buffers        1000 → 60 pages (÷ 17)\n"
		"\n"
		"access path    orders o: Index Scan using orders_user → Seq Scan\n"
		"access path    users u: Seq Scan → Index Scan using users_country\n"
		"join method    o, u: Nested Loop → Hash Join\n"));
}

/* The same shape with other figures: nothing but figures is told, and small ones are left alone. */
static void test_only_figures(void **state)
{
	char *slower = so_strdup(*state, nested);
	const struct so_plan_diff *diff;

	memcpy(strstr(slower, "time=0.1..5.0"), "time=0.1..9.0", 13); /* the scan of users: 5 -> 9 ms */
	memcpy(strstr(slower, "rows=10 width=4"), "rows=90 width=4", 15);
	diff = so_plan_compare(*state, read_text(*state, nested), read_text(*state, slower));
	assert_true(diff->same_shape);
	assert_string_equal(find(diff, SO_CHANGE_TIME, "users u")->after, "9.000 ms");
	assert_string_equal(find(diff, SO_CHANGE_ROWS_EST, "users u")->after, "90");
	for (size_t i = 0; i < diff->n_changes; i++)
		assert_true(diff->changes[i].kind >= SO_CHANGE_ROWS_EST);
}

static void test_join_order(void **state)
{
	const char *format = "Hash Join  (cost=1.00..50.00 rows=10 width=8)\n"
			     "  ->  Hash Join  (cost=1.00..30.00 rows=10 width=8)\n"
			     "        ->  Seq Scan on %s  (cost=0.00..10.00 rows=10 width=8)\n"
			     "        ->  Seq Scan on %s  (cost=0.00..10.00 rows=10 width=8)\n"
			     "  ->  Seq Scan on %s  (cost=0.00..10.00 rows=10 width=8)\n";
	const struct so_plan *a = read_text(*state, so_printf(*state, format, "a", "b", "c"));
	const struct so_plan *b = read_text(*state, so_printf(*state, format, "a", "c", "b"));
	const struct so_plan_diff *diff = so_plan_compare(*state, a, b);

	assert_int_equal(count(diff, SO_CHANGE_JOIN_ORDER), 2);
	assert_string_equal(find(diff, SO_CHANGE_JOIN_ORDER, "a, b")->before, "Hash Join");
	assert_string_equal(find(diff, SO_CHANGE_JOIN_ORDER, "a, c")->after, "Hash Join");
	assert_int_equal(count(diff, SO_CHANGE_ACCESS_PATH), 0);
	assert_int_equal(count(diff, SO_CHANGE_ADDED) + count(diff, SO_CHANGE_REMOVED), 0);
}

static void test_parallel_and_strategy(void **state)
{
	const struct so_plan *a = read_text(*state, "GroupAggregate  (cost=1.00..50.00 rows=10 width=8)\n"
						    "  Group Key: k\n"
						    "  ->  Sort  (cost=1.00..40.00 rows=100 width=8)\n"
						    "        Sort Key: k\n"
						    "        ->  Seq Scan on t  (cost=0.00..30.00 rows=100 width=8)\n");
	const struct so_plan *b =
		read_text(*state, "HashAggregate  (cost=1.00..50.00 rows=10 width=8)\n"
				  "  Group Key: k\n"
				  "  ->  Gather  (cost=1.00..40.00 rows=100 width=8)\n"
				  "        Workers Planned: 2\n"
				  "        ->  Parallel Seq Scan on t  (cost=0.00..30.00 rows=42 width=8)\n");
	const struct so_plan_diff *diff = so_plan_compare(*state, a, b);

	assert_string_equal(find(diff, SO_CHANGE_STRATEGY, "t")->before, "Aggregate (Sorted)");
	assert_string_equal(find(diff, SO_CHANGE_STRATEGY, "t")->after, "Aggregate (Hashed)");
	assert_string_equal(find(diff, SO_CHANGE_ACCESS_PATH, "t")->after, "Parallel Seq Scan");
	assert_string_equal(find(diff, SO_CHANGE_PARALLEL, "t")->after, "Gather");
	assert_string_equal(find(diff, SO_CHANGE_REMOVED, "t")->before, "Sort");
}

/* A bitmap scan is one access path, with the indexes below it. */
static void test_bitmaps(void **state)
{
	const struct so_plan *a = read_text(*state, "Seq Scan on t  (cost=0.00..30.00 rows=100 width=8)\n");
	const struct so_plan *b =
		read_text(*state, "Bitmap Heap Scan on t  (cost=1.00..20.00 rows=100 width=8)\n"
				  "  Recheck Cond: ((a = 1) OR (b = 2))\n"
				  "  ->  BitmapOr  (cost=1.00..1.00 rows=100 width=0)\n"
				  "        ->  Bitmap Index Scan on t_a  (cost=0.00..0.50 rows=50 width=0)\n"
				  "              Index Cond: (a = 1)\n"
				  "        ->  Bitmap Index Scan on t_b  (cost=0.00..0.50 rows=50 width=0)\n"
				  "              Index Cond: (b = 2)\n");
	const struct so_plan_diff *diff = so_plan_compare(*state, a, b);

	assert_string_equal(find(diff, SO_CHANGE_ACCESS_PATH, "t")->after, "Bitmap Heap Scan using t_a, t_b");
	assert_int_equal(count(diff, SO_CHANGE_ADDED), 0);
	/* cut out of its plan, a bitmap has no table */
	a = read_text(*state, "BitmapOr  (cost=1.00..1.00 rows=100 width=0)\n");
	diff = so_plan_compare(*state, a, b);
	assert_false(diff->same_tables);
	assert_string_equal(find(diff, SO_CHANGE_REMOVED, "BitmapOr")->before, "BitmapOr");
}

static void test_other_queries_and_engines(void **state)
{
	const struct so_plan *a = read_text(*state, "Seq Scan on t  (cost=0.00..30.00 rows=100 width=8)\n");
	const struct so_plan *b = read_text(*state, "QUERY PLAN\n`--SEARCH t USING INDEX t_a (a=?)\n");
	const struct so_plan *c = read_text(*state, "QUERY PLAN\n`--SCAN u\n");
	const struct so_plan_diff *diff = so_plan_compare(*state, a, b);

	assert_true(diff->same_tables && !diff->same_engine);
	assert_string_equal(find(diff, SO_CHANGE_ACCESS_PATH, "t")->after, "SEARCH using t_a");
	assert_int_equal(count(diff, SO_CHANGE_COST), 0);
	assert_non_null(strstr(so_plan_diff_render(*state, diff, 0, false), "costs are not compared"));
	diff = so_plan_compare(*state, b, c);
	assert_false(diff->same_tables);
	assert_non_null(strstr(so_plan_diff_render(*state, diff, 0, false), "hardly plans of one query"));
	assert_string_equal(find(diff, SO_CHANGE_REMOVED, "t")->before, "SEARCH using t_a");
	assert_string_equal(find(diff, SO_CHANGE_ADDED, "u")->after, "SCAN");
}

static void test_json(void **state)
{
	const struct so_plan_diff *diff = so_plan_compare(*state, read_text(*state, nested), read_text(*state, hashed));
	json_t *json = so_plan_diff_to_json(diff);
	const json_t *change = json_array_get(json_object_get(json, "changes"), 0);
	const json_t *nodes = json_object_get(json, "nodes"), *hash = json_array_get(nodes, 3);

	assert_non_null(json);
	assert_true(json_is_false(json_object_get(json, "same_shape")));
	assert_string_equal(json_string_value(json_object_get(change, "kind")), "access_path");
	assert_string_equal(json_string_value(json_object_get(change, "object")), "orders o");
	assert_true(json_is_null(json_object_get(change, "factor")));
	assert_int_equal(json_array_size(nodes), 5);
	assert_true(
		json_is_null(json_object_get(hash, "before_node")) && json_is_null(json_object_get(hash, "before")));
	assert_string_equal(json_string_value(json_array_get(json_object_get(hash, "changes"), 0)), "added");
	assert_true(json_real_value(json_object_get(json_object_get(json, "before"), "execution_ms")) == 30.5);
	assert_true(json_integer_value(
			    json_object_get(json_object_get(json_array_get(nodes, 2), "after"), "buffers")) == 50);
	json_decref(json);
}

static struct so_plan *wide(TALLOC_CTX *ctx, int n, const char *scan)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 << 20);
	so_buf_adds(&buf, "Append  (cost=0.00..9.00 rows=1 width=8)\n");
	for (int i = 0; i < n; i++)
		so_buf_addf(&buf, "  ->  %s on part_%d p_%d  (cost=0.00..1.00 rows=1 width=8)\n", scan, i, i);
	return read_text(ctx, so_buf_text(&buf));
}

#define RUNS 3 /* the fastest counts: caches and page faults of a busy machine are no part of the growth */

/* Matching is not quadratic (64 times as long): eight times the nodes may not take 30 times as long. */
static void test_many_nodes(void **state)
{
	int64_t took[2] = { INT64_MAX, INT64_MAX };

	for (int i = 0; i < 2 * RUNS; i++) {
		int n = i % 2 ? 16000 : 2000;
		const struct so_plan *a = wide(*state, n, "Seq Scan"), *b = wide(*state, n, "Index Scan using i");
		int64_t from = so_time_thread_cpu_us(), spent;
		const struct so_plan_diff *diff = so_plan_compare(*state, a, b);

		spent = so_time_thread_cpu_us() - from;
		took[i % 2] = spent < took[i % 2] ? spent : took[i % 2];
		assert_int_equal(count(diff, SO_CHANGE_ACCESS_PATH), n);
	}
	assert_true(took[1] < 30 * (took[0] > 1000 ? took[0] : 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_structure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_join_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parallel_and_strategy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bitmaps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_queries_and_engines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_nodes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
