#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "job/job.h"

#define SCOPE   SO_SCOPE_DEFAULT
#define SECONDS (int64_t)1000000

/* A store in memory that remembers the last state of each job, and can be told to fail. */
enum { ROWS_MAX = 4096 };
struct memory {
	pthread_mutex_t lock;
	int64_t last_id, creates, updates, trims;
	enum so_job_state states[ROWS_MAX];
	int64_t results[ROWS_MAX];
	char steps[ROWS_MAX][512];
	bool fail_create, fail_update;
};

static bool memory_create(void *arg, struct so_scope scope, struct so_store_job *job, struct so_err *err)
{
	struct memory *memory = arg;
	bool ok;

	(void)scope;
	pthread_mutex_lock(&memory->lock);
	ok = !memory->fail_create;
	memory->creates++;
	if (ok) {
		job->id = ++memory->last_id;
		memory->states[job->id % ROWS_MAX] = so_job_state_find(job->state);
	}
	pthread_mutex_unlock(&memory->lock);
	return ok || so_fail(err, SO_STORE, "disk full");
}

static bool memory_update(void *arg, struct so_scope scope, const struct so_store_job *job, struct so_err *err)
{
	struct memory *memory = arg;
	bool ok;

	(void)scope;
	pthread_mutex_lock(&memory->lock);
	ok = !memory->fail_update;
	memory->updates++;
	if (ok) {
		memory->states[job->id % ROWS_MAX] = so_job_state_find(job->state);
		memory->results[job->id % ROWS_MAX] = job->result_id;
		snprintf(memory->steps[job->id % ROWS_MAX], 512, "%s", job->steps_json);
	}
	pthread_mutex_unlock(&memory->lock);
	return ok || so_fail(err, SO_STORE, "disk full");
}

static bool memory_trim(void *arg, struct so_scope scope, int64_t keep, struct so_err *err)
{
	struct memory *memory = arg;

	(void)scope;
	(void)keep;
	(void)err;
	pthread_mutex_lock(&memory->lock);
	memory->trims++;
	pthread_mutex_unlock(&memory->lock);
	return true;
}

static enum so_job_state stored(struct memory *memory, int64_t id)
{
	enum so_job_state state;

	pthread_mutex_lock(&memory->lock);
	state = memory->states[id % ROWS_MAX];
	pthread_mutex_unlock(&memory->lock);
	return state;
}

/* ---- handlers ---- */

#define RESULT 70

struct gate { /* what a test and its handler say to each other */
	atomic_int entered, leave, dropped;
};

struct work {
	struct gate *gate;
	int number;
};

static bool run_quick(struct so_job *job, void *arg, struct so_err *err)
{
	(void)arg;
	(void)err;
	so_job_step(job, "parse");
	so_job_step(job, "model");
	so_job_step_end(job, false, "not configured");
	so_job_step(job, "store");
	so_job_progress(job, 0.5, "half");
	return true;
}

/* Waits for the test, or for a cancel. */
static bool run_gate(struct so_job *job, void *arg, struct so_err *err)
{
	struct work *work = talloc_get_type_abort(arg, struct work);

	so_job_step(job, "wait");
	atomic_fetch_add(&work->gate->entered, 1);
	while (!atomic_load(&work->gate->leave)) {
		if (!so_cancel_check(so_job_token(job), err))
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return true;
}

/* The others see the end of the job only after this. */
static void drop_gate(struct so_scope scope, int64_t id, void *arg, const struct so_err *why)
{
	struct work *work = talloc_get_type_abort(arg, struct work);

	assert_true(scope.organisation_id == SCOPE.organisation_id && id > 0);
	assert_int_equal(why->kind, SO_CANCELLED);
	atomic_fetch_add(&work->gate->dropped, 1);
}

static bool run_bad(struct so_job *job, void *arg, struct so_err *err)
{
	(void)arg;
	so_job_step(job, "plan");
	return so_fail(err, SO_TARGET, "the server said no");
}

static const struct so_job_handler handlers[] = {
	{ .kind = "quick", .run = run_quick },
	{ .kind = "gate", .run = run_gate, .drop = drop_gate },
	{ .kind = "bad", .run = run_bad },
	{ .kind = "limited", .run = run_gate, .time_limit_ms = 20 },
	{ .kind = NULL },
};

struct fixture {
	TALLOC_CTX *root;
	struct memory *memory;
	struct gate *gate;
	struct so_jobs *jobs;
};

static void start(struct fixture *fix, const struct so_jobs_options *options)
{
	struct so_job_keep keep = { fix->memory, memory_create, memory_update, memory_trim };
	struct so_err err = SO_ERR_INIT;

	fix->jobs = so_jobs_new(fix->root, &keep, handlers, options, &err);
	if (!fix->jobs)
		fail_msg("%s", err.message);
}

static int setup(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct fixture *fix = so_new(root, struct fixture);

	fix->root = root;
	fix->memory = so_new(root, struct memory);
	fix->gate = so_new(root, struct gate);
	pthread_mutex_init(&fix->memory->lock, NULL);
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fix = *state;

	atomic_store(&fix->gate->leave, 1);
	talloc_free(fix->jobs);
	talloc_free(fix->root);
	return 0;
}

static bool submit(struct fixture *fix, const char *kind, int64_t *id, struct so_err *err)
{
	struct so_job_request request = { .kind = kind, .title = "a test", .result_id = RESULT, .scope = SCOPE };
	struct work *work = so_new(NULL, struct work);

	work->gate = fix->gate;
	return so_job_submit(fix->jobs, &request, work, id, err);
}

static int64_t submit_ok(struct fixture *fix, const char *kind)
{
	struct so_err err = SO_ERR_INIT;
	int64_t id = 0;

	if (!submit(fix, kind, &id, &err))
		fail_msg("%s", err.message);
	return id;
}

static enum so_job_state wait_for(struct fixture *fix, int64_t id, int64_t us)
{
	struct so_err err = SO_ERR_INIT;
	enum so_job_state state;

	if (!so_job_wait(fix->jobs, SCOPE, id, so_time_monotonic_us() + us, &state, &err))
		fail_msg("%s", err.message);
	return state;
}

static void wait_entered(struct fixture *fix, int n)
{
	int64_t deadline = so_time_monotonic_us() + 10 * SECONDS;

	while (atomic_load(&fix->gate->entered) < n) {
		assert_true(so_time_monotonic_us() < deadline);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

/* ---- tests ---- */

static void test_transitions(void **state)
{
	(void)state;
	for (int from = 0; from < SO_JOB_STATE_MAX; from++)
		for (int to = 0; to < SO_JOB_STATE_MAX; to++)
			if (so_job_state_final(from))
				assert_false(so_job_may(from, to));
	assert_true(so_job_may(SO_JOB_QUEUED, SO_JOB_RUNNING));
	assert_false(so_job_may(SO_JOB_QUEUED, SO_JOB_DONE));
	assert_true(so_job_may(SO_JOB_RUNNING, SO_JOB_INTERRUPTED));
	assert_false(so_job_may(SO_JOB_RUNNING, SO_JOB_QUEUED));
	for (int i = 0; i < SO_JOB_STATE_MAX; i++)
		assert_int_equal(so_job_state_find(so_job_state_name(i)), i);
}

static void test_a_job_runs(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	struct so_job_info *info;
	int64_t id;

	start(fix, NULL);
	id = submit_ok(fix, "quick");
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_DONE);
	assert_int_equal(stored(fix->memory, id), SO_JOB_DONE);
	assert_int_equal(fix->memory->results[id], RESULT);
	assert_non_null(strstr(fix->memory->steps[id], "\"not configured\""));
	info = so_job_info(fix->root, fix->jobs, SCOPE, id, &err);
	assert_non_null(info);
	assert_int_equal(info->state, SO_JOB_DONE);
	assert_int_equal(info->result_id, RESULT);
	assert_int_equal(info->n_steps, 3);
	assert_string_equal(info->steps[1].name, "model");
	assert_int_equal(info->steps[1].state, SO_STEP_SKIPPED);
	assert_int_equal(info->steps[2].state, SO_STEP_DONE);
	assert_true(info->progress == 1);
	assert_true(info->finished_us >= info->started_us && info->started_us >= info->created_us);
	assert_null(so_job_info(fix->root, fix->jobs, (struct so_scope){ 2, 0 }, id, &err));
	assert_int_equal(err.kind, SO_NOT_FOUND);
	assert_false(so_job_cancel(fix->jobs, SCOPE, id, &err));
	assert_int_equal(err.kind, SO_CONFLICT);
}

static void test_a_job_fails(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	struct so_job_info *info;
	int64_t id;

	start(fix, NULL);
	id = submit_ok(fix, "bad");
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_FAILED);
	info = so_job_info(fix->root, fix->jobs, SCOPE, id, &err);
	assert_int_equal(info->err.kind, SO_TARGET);
	assert_int_equal(info->steps[0].state, SO_STEP_FAILED);
	id = submit_ok(fix, "limited");
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_FAILED);
	info = so_job_info(fix->root, fix->jobs, SCOPE, id, &err);
	assert_int_equal(info->err.kind, SO_TIMEOUT);
}

static void test_cancel_running_and_queued(void **state)
{
	struct fixture *fix = *state;
	struct so_jobs_options options = { .threads = 1 };
	struct so_err err = SO_ERR_INIT;
	int64_t running, queued;

	start(fix, &options);
	running = submit_ok(fix, "gate");
	queued = submit_ok(fix, "gate");
	wait_entered(fix, 1);
	assert_true(so_job_cancel(fix->jobs, SCOPE, queued, &err));
	assert_int_equal(wait_for(fix, queued, 10 * SECONDS), SO_JOB_CANCELLED);
	assert_int_equal(atomic_load(&fix->gate->dropped), 1);
	assert_int_equal(stored(fix->memory, queued), SO_JOB_CANCELLED);
	assert_true(so_job_cancel(fix->jobs, SCOPE, running, &err));
	assert_int_equal(wait_for(fix, running, 10 * SECONDS), SO_JOB_CANCELLED);
	assert_false(so_job_cancel(fix->jobs, SCOPE, 999, &err));
	assert_int_equal(err.kind, SO_NOT_FOUND);
	/* the cancelled one never ran */
	assert_int_equal(atomic_load(&fix->gate->entered), 1);
	assert_int_equal(atomic_load(&fix->gate->dropped), 1);
}

static void test_wait_ends_at_its_deadline(void **state)
{
	struct fixture *fix = *state;
	int64_t id, before = so_time_monotonic_us();

	start(fix, NULL);
	id = submit_ok(fix, "gate");
	wait_entered(fix, 1);
	assert_int_equal(wait_for(fix, id, 30000), SO_JOB_RUNNING);
	assert_true(so_time_monotonic_us() - before >= 30000);
	atomic_store(&fix->gate->leave, 1);
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_DONE);
}

static void test_the_queue_has_an_end(void **state)
{
	struct fixture *fix = *state;
	struct so_jobs_options options = { .threads = 1, .queue_max = 2 };
	struct so_err err = SO_ERR_INIT;
	int64_t id, creates;

	start(fix, &options);
	submit_ok(fix, "gate");
	wait_entered(fix, 1);
	submit_ok(fix, "gate");
	submit_ok(fix, "gate");
	creates = fix->memory->creates;
	assert_false(submit(fix, "gate", &id, &err));
	assert_int_equal(err.kind, SO_BUSY);
	assert_int_equal(fix->memory->creates, creates);
	assert_int_equal(so_jobs_stats(fix->jobs).refused, 1);
}

static void test_a_store_that_fails(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	int64_t id;

	start(fix, NULL);
	fix->memory->fail_create = true;
	assert_false(submit(fix, "quick", &id, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_int_equal(so_jobs_stats(fix->jobs).queued, 0);
	fix->memory->fail_create = false;
	fix->memory->fail_update = true;
	id = submit_ok(fix, "quick");
	/* the work was done, and whoever waits learns it */
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_DONE);
}

struct called {
	atomic_int calls, states[SO_JOB_STATE_MAX];
};

static void on_end(void *arg, int64_t id, enum so_job_state state)
{
	struct called *called = arg;

	(void)id;
	atomic_fetch_add(&called->states[state], 1);
	atomic_fetch_add(&called->calls, 1);
}

/* 500 requests wait, none holds a thread, each is called exactly once: at the end, at the deadline, or at the stop. */
static void test_many_waiters_without_threads(void **state)
{
	struct fixture *fix = *state;
	struct called ended = { 0 }, late = { 0 }, stopped = { 0 };
	struct so_err err = SO_ERR_INIT;
	int64_t now = so_time_monotonic_us(), first, second;
	struct so_jobs_options options = { .waiters_max = 1000, .threads = 1 };

	start(fix, &options);
	first = submit_ok(fix, "gate");
	second = submit_ok(fix, "gate");
	wait_entered(fix, 1);
	for (int i = 0; i < 500; i++) {
		assert_true(so_job_notify(fix->jobs, SCOPE, first, now + 60 * SECONDS, on_end, &ended, &err));
		assert_true(i >= 100 || so_job_notify(fix->jobs, SCOPE, second, now + i * 100, on_end, &late, &err));
	}
	assert_int_equal(wait_for(fix, second, 20000), SO_JOB_QUEUED);
	assert_int_equal(atomic_load(&late.states[SO_JOB_QUEUED]), 100);
	assert_int_equal(atomic_load(&ended.calls), 0);
	assert_int_equal(so_jobs_stats(fix->jobs).waiters, 500);
	for (int i = 0; i < 500; i++)
		assert_true(so_job_notify(fix->jobs, SCOPE, second, now + 60 * SECONDS, on_end, &stopped, &err));
	assert_false(so_job_notify(fix->jobs, SCOPE, second, now + 60 * SECONDS, on_end, &stopped, &err));
	assert_int_equal(err.kind, SO_BUSY);
	/* the first ends by the stop too: both are interrupted, and everybody is told */
	assert_true(so_jobs_stop(fix->jobs, so_time_monotonic_us() + 10 * SECONDS));
	assert_int_equal(atomic_load(&ended.states[SO_JOB_INTERRUPTED]), 500);
	assert_int_equal(atomic_load(&stopped.states[SO_JOB_INTERRUPTED]), 500);
	assert_int_equal(stored(fix->memory, first), SO_JOB_INTERRUPTED);
	assert_int_equal(stored(fix->memory, second), SO_JOB_INTERRUPTED);
	assert_false(submit(fix, "quick", &first, &err));
	assert_int_equal(err.kind, SO_BUSY);
}

static void test_notify_of_an_ended_job_calls_at_once(void **state)
{
	struct fixture *fix = *state;
	struct called called = { 0 };
	struct so_err err = SO_ERR_INIT;
	int64_t id;

	start(fix, NULL);
	id = submit_ok(fix, "quick");
	wait_for(fix, id, 10 * SECONDS);
	assert_true(so_job_notify(fix->jobs, SCOPE, id, so_time_monotonic_us() + 60 * SECONDS, on_end, &called, &err));
	assert_int_equal(atomic_load(&called.states[SO_JOB_DONE]), 1);
	assert_false(so_job_notify(fix->jobs, SCOPE, 77, 0, on_end, &called, &err));
	assert_int_equal(err.kind, SO_NOT_FOUND);
}

static void test_history_is_bounded(void **state)
{
	struct fixture *fix = *state;
	struct so_jobs_options options = { .history_max = 5 };
	struct so_err err = SO_ERR_INIT;
	size_t blocks = 0;
	int64_t first = 0, last = 0;

	start(fix, &options);
	for (int i = 0; i < 250; i++) {
		last = submit_ok(fix, "quick");
		first = first ? first : last;
		wait_for(fix, last, 10 * SECONDS);
		if (i == 50)
			blocks = talloc_total_blocks(fix->root);
	}
	assert_null(so_job_info(fix->root, fix->jobs, SCOPE, first, &err));
	assert_non_null(so_job_info(fix->root, fix->jobs, SCOPE, last, &err));
	assert_true(so_jobs_stats(fix->jobs).finished_in_memory <= 6);
	assert_true(talloc_total_blocks(fix->root) <= blocks + 10 + 12 /* the info */);
	assert_true(fix->memory->trims >= 2);
}

enum { CROWD = 6, EACH = 40 };

struct crowd {
	struct fixture *fix;
	int failures;
};

/* Submit, cancel and look, all at once: for the thread sanitizer, and for what must hold in any order. */
static void *crowd_thread(void *arg)
{
	struct crowd *crowd = arg;
	TALLOC_CTX *tmp = talloc_new(NULL);

	for (int i = 0; i < EACH; i++) {
		struct so_err err = SO_ERR_INIT;
		enum so_job_state state;
		int64_t id;

		if (!submit(crowd->fix, i % 3 ? "quick" : "gate", &id, &err)) {
			crowd->failures += err.kind != SO_BUSY;
			continue;
		}
		if (i % 3 == 0 && !so_job_cancel(crowd->fix->jobs, SCOPE, id, &err))
			crowd->failures++;
		if (!so_job_wait(crowd->fix->jobs, SCOPE, id, so_time_monotonic_us() + 20 * SECONDS, &state, &err) ||
			state != (i % 3 ? SO_JOB_DONE : SO_JOB_CANCELLED))
			crowd->failures++;
		so_job_info(tmp, crowd->fix->jobs, SCOPE, id, &err) ? (void)0 : (void)crowd->failures++;
	}
	talloc_free(tmp);
	return NULL;
}

static void test_many_at_once(void **state)
{
	struct fixture *fix = *state;
	struct so_jobs_options options = { .threads = 4 };
	struct crowd crowds[CROWD];
	pthread_t threads[CROWD];

	start(fix, &options);
	for (int i = 0; i < CROWD; i++) {
		crowds[i] = (struct crowd){ fix, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_thread, &crowds[i]), 0);
	}
	for (int i = 0; i < CROWD; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(crowds[i].failures, 0);
	}
}

static void test_with_the_real_store(void **state)
{
	struct fixture *fix = *state;
	char *folder = so_strdup(fix->root, "/tmp/sqlopt-test-XXXXXX"), *path;
	struct so_err err = SO_ERR_INIT;
	struct so_job_keep keep;
	struct so_store_job *row;
	struct so_store *store;
	int64_t id;

	assert_non_null(mkdtemp(folder));
	path = so_printf(fix->root, "%s/s.db", folder);
	store = so_store_open(fix->root, so_printf(fix->root, "sqlite:///%s", path), NULL, &err);
	assert_non_null(store);
	keep = so_job_store(store);
	fix->jobs = so_jobs_new(fix->root, &keep, handlers, NULL, &err);
	assert_non_null(fix->jobs);
	id = submit_ok(fix, "quick");
	assert_int_equal(wait_for(fix, id, 10 * SECONDS), SO_JOB_DONE);
	row = so_store_job_get(fix->root, store, SCOPE, id, &err);
	assert_non_null(row);
	assert_string_equal(row->state, "done");
	assert_string_equal(row->title, "a test");
	assert_int_equal(row->result_id, RESULT);
	talloc_free(fix->jobs);
	fix->jobs = NULL;
	talloc_free(store);
	unlink(path);
	unlink(so_printf(fix->root, "%s.lock", path));
	assert_int_equal(rmdir(folder), 0);
}

/* ---- events ---- */

static void count_wake(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
}

static void test_events_are_replayed(void **state)
{
	struct fixture *fix = *state;
	struct so_events *events = so_events_new(fix->root, 100, 100000, 10);
	struct so_err err = SO_ERR_INIT;
	struct so_events_reader *reader;
	struct so_event *event;
	atomic_int wakes = 0;
	int64_t first = so_events_publish(events, 1, 7, "job", "{\"n\":1}");

	assert_true(first > so_time_now_us() - 60 * SECONDS);
	so_events_publish(events, 1, 8, "job", "{\"n\":2}");
	so_events_publish(events, 2, 7, "job", "{\"secret\":true}");
	so_events_publish(events, 1, 7, "step", "{\"n\":3}");
	/* of one job, after the first id */
	reader = so_events_subscribe(fix->root, events, 1, 7, first, count_wake, &wakes, &err);
	event = so_events_next(fix->root, reader);
	assert_string_equal(event->data, "{\"n\":3}");
	assert_string_equal(event->type, "step");
	assert_int_equal(event->id, first + 3);
	assert_null(so_events_next(fix->root, reader));
	so_events_publish(events, 1, 8, "job", "{}");
	so_events_publish(events, 2, 7, "job", "{}");
	assert_int_equal(atomic_load(&wakes), 0);
	so_events_publish(events, 1, 7, "job", "{}");
	assert_int_equal(atomic_load(&wakes), 1);
	talloc_free(reader);
	so_events_publish(events, 1, 7, "job", "{}");
	assert_int_equal(atomic_load(&wakes), 1);
	/* from now on only */
	reader = so_events_subscribe(fix->root, events, 1, 0, -1, NULL, NULL, &err);
	assert_null(so_events_next(fix->root, reader));
	talloc_free(reader);
	talloc_free(events);
}

static void test_slow_readers_get_a_gap(void **state)
{
	struct fixture *fix = *state;
	struct so_events *events = so_events_new(fix->root, 8, 100000, 10);
	struct so_err err = SO_ERR_INIT;
	struct so_events_reader *reader = so_events_subscribe(fix->root, events, 1, 0, -1, NULL, NULL, &err);
	struct so_event *event;
	int64_t last = 0;
	size_t blocks;

	for (int i = 0; i < 20; i++)
		last = so_events_publish(events, 1, 0, "job", "{}");
	event = so_events_next(fix->root, reader);
	assert_string_equal(event->type, "gap");
	assert_string_equal(event->data, "{\"missed\":12}");
	assert_int_equal(event->id, last - 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(so_events_next(fix->root, reader)->id, last - 7 + i);
	assert_null(so_events_next(fix->root, reader));
	talloc_free(reader);
	/* an id of an earlier life of the server */
	reader = so_events_subscribe(fix->root, events, 1, 0, 5, NULL, NULL, &err);
	assert_string_equal(so_events_next(fix->root, reader)->type, "gap");
	talloc_free(reader);
	blocks = talloc_total_blocks(fix->root);
	for (int i = 0; i < 1000; i++)
		so_events_publish(events, 1, 0, "job", "{}");
	assert_int_equal(talloc_total_blocks(fix->root), blocks);
	talloc_free(events);
}

static void test_events_are_bounded_in_bytes(void **state)
{
	struct fixture *fix = *state;
	struct so_events *events = so_events_new(fix->root, 1000, 1000, 1);
	struct so_err err = SO_ERR_INIT;
	struct so_events_reader *reader = so_events_subscribe(fix->root, events, 1, 0, -1, NULL, NULL, &err);
	char *big = so_new_array(fix->root, char, SO_EVENT_DATA_MAX + 2);
	int held = 0;

	memset(big, 'x', SO_EVENT_DATA_MAX + 1);
	so_events_publish(events, 1, 0, "job", big);
	assert_string_equal(so_events_next(fix->root, reader)->data, "{\"truncated\":true}");
	big[100] = '\0';
	for (int i = 0; i < 50; i++)
		so_events_publish(events, 1, 0, "job", big);
	assert_string_equal(so_events_next(fix->root, reader)->type, "gap");
	while (so_events_next(fix->root, reader))
		held++;
	assert_int_equal(held, 10);
	assert_null(so_events_subscribe(fix->root, events, 1, 0, -1, NULL, NULL, &err));
	assert_int_equal(err.kind, SO_BUSY);
	talloc_free(reader);
	talloc_free(events);
}

/* Somebody who asks for the state may learn of the end before the event is out. */
static struct so_event *next_in_time(struct fixture *fix, struct so_events_reader *reader)
{
	int64_t deadline = so_time_monotonic_us() + 10 * SECONDS;
	struct so_event *event;

	while (!(event = so_events_next(fix->root, reader)))
		assert_true(so_time_monotonic_us() < deadline);
	return event;
}

static void test_a_job_tells_its_story(void **state)
{
	static const char *const story[] = { "job", "job", "step", "step", "step", "step", "step", "progress", "job",
		NULL };
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	struct so_events_reader *reader;
	struct so_event *event = NULL;
	int64_t id;

	start(fix, NULL);
	reader = so_events_subscribe(fix->root, so_jobs_events(fix->jobs), 1, 0, 0, NULL, NULL, &err);
	id = submit_ok(fix, "quick");
	wait_for(fix, id, 10 * SECONDS);
	assert_string_equal(so_events_next(fix->root, reader)->type, "gap");
	for (int i = 0; story[i]; i++) {
		event = next_in_time(fix, reader);
		assert_string_equal(event->type, story[i]);
		assert_int_equal(event->job_id, id);
	}
	assert_non_null(strstr(event->data, "\"state\":\"done\""));
	talloc_free(reader);
}

int main(void)
{
#define WITH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transitions),
		WITH(test_a_job_runs),
		WITH(test_a_job_fails),
		WITH(test_cancel_running_and_queued),
		WITH(test_wait_ends_at_its_deadline),
		WITH(test_the_queue_has_an_end),
		WITH(test_a_store_that_fails),
		WITH(test_many_waiters_without_threads),
		WITH(test_notify_of_an_ended_job_calls_at_once),
		WITH(test_history_is_bounded),
		WITH(test_many_at_once),
		WITH(test_with_the_real_store),
		WITH(test_events_are_replayed),
		WITH(test_slow_readers_get_a_gap),
		WITH(test_events_are_bounded_in_bytes),
		WITH(test_a_job_tells_its_story),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
