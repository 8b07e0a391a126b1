#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/vec.h"

#define SECONDS (int64_t)1000000

struct shared {
	atomic_int begun, ended, ran, dropped, entered, leave;
};

static void thread_begin(void *arg)
{
	atomic_fetch_add(&((struct shared *)arg)->begun, 1);
}

static void thread_end(void *arg)
{
	atomic_fetch_add(&((struct shared *)arg)->ended, 1);
}

static void run(void *arg)
{
	atomic_fetch_add(&((struct shared *)arg)->ran, 1);
}

static void drop(void *arg)
{
	atomic_fetch_add(&((struct shared *)arg)->dropped, 1);
}

static void run_gate(void *arg)
{
	struct shared *shared = arg;

	atomic_fetch_add(&shared->entered, 1);
	while (!atomic_load(&shared->leave))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static struct so_pool *new_pool(TALLOC_CTX *ctx, struct shared *shared, size_t threads, size_t queue_max)
{
	struct so_pool_options options = { "test", threads, queue_max, 0, thread_begin, thread_end, shared };
	struct so_err err = SO_ERR_INIT;
	struct so_pool *pool = so_pool_new(ctx, &options, &err);

	assert_non_null(pool);
	return pool;
}

static void wait_entered(struct shared *shared, int n)
{
	int64_t deadline = so_time_monotonic_us() + 10 * SECONDS;

	while (atomic_load(&shared->entered) < n) {
		assert_true(so_time_monotonic_us() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void test_runs_everything_that_was_accepted(void **state)
{
	struct shared shared = { 0 };
	struct so_pool *pool = new_pool(*state, &shared, 4, 100);
	struct so_err err = SO_ERR_INIT;
	int accepted = 0;

	for (int i = 0; i < 5000; i++)
		accepted += so_pool_submit(pool, run, drop, &shared, &err);
	assert_true(so_pool_drain(pool, so_time_monotonic_us() + 10 * SECONDS));
	assert_int_equal(atomic_load(&shared.ran), accepted);
	assert_int_equal(so_pool_stats(pool).done, accepted);
	assert_int_equal(so_pool_stats(pool).refused, 5000 - accepted);
	assert_false(so_pool_submit(pool, run, drop, &shared, &err));
	assert_int_equal(err.kind, SO_BUSY);
	assert_true(so_pool_drain(pool, 0));
	talloc_free(pool);
	assert_int_equal(atomic_load(&shared.begun), 4);
	assert_int_equal(atomic_load(&shared.ended), 4);
	assert_int_equal(atomic_load(&shared.dropped), 0);
}

static void test_full_queue_is_busy(void **state)
{
	struct shared shared = { 0 };
	struct so_pool *pool = new_pool(*state, &shared, 2, 3);
	struct so_err err = SO_ERR_INIT;

	for (int i = 0; i < 2; i++)
		assert_true(so_pool_submit(pool, run_gate, drop, &shared, &err));
	wait_entered(&shared, 2);
	for (int i = 0; i < 3; i++)
		assert_true(so_pool_submit(pool, run, drop, &shared, &err));
	assert_false(so_pool_submit(pool, run, drop, &shared, &err));
	assert_int_equal(err.kind, SO_BUSY);
	assert_non_null(strstr(err.message, "test queue is full"));
	assert_int_equal(so_pool_stats(pool).busy, 2);
	assert_int_equal(so_pool_stats(pool).queued, 3);
	atomic_store(&shared.leave, 1);
	assert_true(so_pool_drain(pool, so_time_monotonic_us() + 10 * SECONDS));
	assert_int_equal(atomic_load(&shared.ran), 3);
	talloc_free(pool);
}

static void test_drain_keeps_its_deadline(void **state)
{
	struct shared shared = { 0 };
	struct so_pool *pool = new_pool(*state, &shared, 1, 10);
	struct so_err err = SO_ERR_INIT;
	int64_t before = so_time_monotonic_us();

	assert_true(so_pool_submit(pool, run_gate, drop, &shared, &err));
	wait_entered(&shared, 1);
	assert_true(so_pool_submit(pool, run, drop, &shared, &err));
	assert_true(so_pool_submit(pool, run, NULL, &shared, &err));
	assert_false(so_pool_drain(pool, so_time_monotonic_us() + 20000));
	assert_true(so_time_monotonic_us() - before >= 20000);
	assert_int_equal(atomic_load(&shared.dropped), 1);
	assert_int_equal(atomic_load(&shared.ran), 0);
	atomic_store(&shared.leave, 1);
	talloc_free(pool); /* joins */
	assert_int_equal(atomic_load(&shared.ended), 1);
}

struct crowd {
	struct so_pool *pool;
	struct shared *shared;
	int accepted;
};

static void *crowd_thread(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < 2000; i++) {
		struct so_err err = SO_ERR_INIT;

		crowd->accepted += so_pool_submit(crowd->pool, run, drop, crowd->shared, &err);
	}
	return NULL;
}

/* Producers keep coming while it is drained: every accepted task is run or dropped, none is lost. */
static void test_drain_under_load(void **state)
{
	struct shared shared = { 0 };
	struct so_pool *pool = new_pool(*state, &shared, 2, 50);
	struct crowd crowds[4];
	pthread_t threads[4];
	int accepted = 0;

	for (int i = 0; i < 4; i++) {
		crowds[i] = (struct crowd){ pool, &shared, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_thread, &crowds[i]), 0);
	}
	while (atomic_load(&shared.ran) == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
	assert_true(so_pool_drain(pool, so_time_monotonic_us() + 10 * SECONDS));
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		accepted += crowds[i].accepted;
	}
	assert_int_equal(atomic_load(&shared.ran) + atomic_load(&shared.dropped), accepted);
	talloc_free(pool);
}

static void test_map(void **state)
{
	TALLOC_CTX *root = talloc_new(*state);
	struct so_map *map = so_map_new(root, 500);
	size_t before = talloc_total_blocks(root), at = 0, seen = 0;
	static int values[500];
	const char *key;
	char text[16];
	void *value;

	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "key%d", i);
		assert_true(so_map_put(map, text, &values[i]));
	}
	assert_false(so_map_put(map, "one more", &values[0]));
	assert_true(so_map_put(map, "key3", &values[4])); /* replacing is no growth */
	assert_ptr_equal(so_map_get(map, "key3"), &values[4]);
	assert_null(so_map_get(map, "nothing"));
	while (so_map_next(map, &at, &key, &value))
		seen++;
	assert_int_equal(seen, 500);
	/* removing in another order than adding moves entries around */
	for (int i = 0; i < 500; i += 3) {
		snprintf(text, sizeof text, "key%d", i);
		assert_non_null(so_map_remove(map, text));
		assert_null(so_map_remove(map, text));
	}
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "key%d", i);
		assert_true(!so_map_get(map, text) == (i % 3 == 0));
		so_map_remove(map, text);
	}
	assert_int_equal(so_map_count(map), 0);
	assert_int_equal(talloc_total_blocks(root), before);
}

static void test_vec(void **state)
{
	SO_VEC(int) vec;
	int sum = 0;

	so_vec_init(&vec, *state, 20);
	for (int i = 0; i < 20; i++)
		*so_vec_add(&vec) = i;
	assert_null(so_vec_add(&vec));
	so_vec_remove(&vec, 0);
	so_vec_remove(&vec, vec.count - 1);
	SO_VEC_EACH (item, &vec) {
		sum += *item;
	}
	assert_int_equal(vec.count, 18);
	assert_int_equal(vec.items[0], 1);
	assert_int_equal(sum, 190 - 19);
	assert_int_equal(*so_vec_add(&vec), 0);
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

int main(void)
{
#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_runs_everything_that_was_accepted),
		WITH(test_full_queue_is_busy),
		WITH(test_drain_keeps_its_deadline),
		WITH(test_drain_under_load),
		WITH(test_map),
		WITH(test_vec),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
