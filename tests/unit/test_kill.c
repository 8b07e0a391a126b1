/* kill -9 while regressions open, change and end, and while alerts are queued and sent. What is left in the store must
 * be what an uninterrupted run leaves, byte for byte; what a receiver got is each alert, under one number. KILL_ROUNDS=
 * (12; 200 in `make soak`), SEED=. */
#include "store_fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert/rules.h"
#include "base/buf.h"
#include "db/sqlite.h"
#include "lib/fake_target.h"
#include "monitor/fold.h"
#include "monitor/judge.h"
#include "monitor/poll.h"

#define SECOND ((int64_t)1000000)
#define START  ((int64_t)490000 * SO_HOUR_US)
#define STEP   (10 * SECOND)

enum { QUERIES = 10, STEPS_MAX = 2400, SENT_MAX = 4000 };
enum stage { IDLE, POLL, FOLD, JUDGE, RULES, SEND, STAGES };
static const char *const stage_names[STAGES] = { "idle", "poll", "fold", "judge", "rules", "send" };

struct sent {
	int64_t id;
	char event[24];
	int64_t finding_id;
};

/* In shared memory, so that a child that is killed leaves it as it was: the servers' counters at each step, where the
 * child is, and what the receiver of the alerts got. */
static struct world {
	int64_t calls[STEPS_MAX + 1][QUERIES], us[STEPS_MAX + 1][QUERIES];
	atomic_int step, stage, n_sent;
	struct sent sent[SENT_MAX];
} * world;

static int reading_step; /* which the server answers with */

/* ---- what the server counts ---- */

static void make_counters(void)
{
	uint32_t noise = 7;

	for (int step = 1; step <= STEPS_MAX; step++)
		for (int q = 0; q < QUERIES; q++) {
			int phase = (step + 40 * q) % (110 + 30 * q);
			int64_t calls, mean_us = 2000;

			noise = noise * 1103515245 + 12345;
			calls = 90 + (noise >> 16) % 21;
			noise = noise * 1103515245 + 12345;
			mean_us += (noise >> 16) % 400;
			/* four of them are slow now and then, and get slower while they are */
			if (q < 4 && step > 60 && phase < 30)
				mean_us *= phase < 18 ? 15 : 60;
			world->calls[step][q] = world->calls[step - 1][q] + calls;
			world->us[step][q] = world->us[step - 1][q] + calls * mean_us;
		}
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading = fake_reading(ctx, "one/here", QUERIES);

	(void)conn;
	(void)databases;
	(void)n;
	(void)limit;
	(void)err;
	reading->at_us = START + reading_step * STEP;
	for (size_t q = 0; q < QUERIES; q++) {
		const int64_t calls = 1000 + world->calls[reading_step][q];
		const char *text = so_printf(reading->rows, "SELECT * FROM t%zu WHERE id = $1", q);

		fake_row(reading, q, text, calls, 1000 + world->us[reading_step][q])->counters[SO_COUNT_ROWS] = calls;
	}
	return reading;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.info = fake_info,
	.counters = fake_counters,
	.texts = so_reading_no_texts };

/* ---- one step: what monitor and alerts do in ten seconds ---- */

static void enter(enum stage stage)
{
	atomic_store(&world->stage, stage);
}

static void poll_once(struct fixture *fix, struct so_store_conn *conn, int64_t at_us)
{
	const struct so_poll_rules rules = { .store = fix->store, .scope = SCOPE, .top = 10, .limit = 100 };
	struct so_conn handle = { .engine = &fake };
	struct so_poll_result result;
	struct so_store_watch *watch;

	OK(watch = so_store_watch_get(fix->root, fix->store, SCOPE, conn->id, &err));
	if (watch->last_us < at_us) /* else it was polled before the kill: it is not due again */
		OK(so_poll_run(&rules, &handle, &conn, 1, at_us, so_time_monotonic_us(), so_time_thread_cpu_us(),
			&result, &err));
	talloc_free(watch);
}

/* Sent means that the receiver has it; a kill before that is noted has it sent again. */
static void send_due(struct fixture *fix, struct world *to, int64_t at_us)
{
	for (;;) {
		SO_TMP(tmp, NULL);
		struct so_store_deliveries *due;

		OK(due = so_store_delivery_due(tmp, fix->store, SCOPE, at_us, &err));
		if (!due->count)
			return;
		enter(SEND);
		for (size_t i = 0; i < due->count; i++) {
			struct so_store_delivery *d = due->items[i];
			const char *finding = strstr(d->doc, "\"finding\":{\"id\":");
			int n = atomic_load(&to->n_sent);

			assert_true(n < SENT_MAX && finding);
			to->sent[n].id = d->id;
			snprintf(to->sent[n].event, sizeof to->sent[n].event, "%s", d->event);
			to->sent[n].finding_id = atoll(finding + strlen("\"finding\":{\"id\":"));
			atomic_store(&to->n_sent, n + 1);
			if (to == world)
				usleep(500); /* the way back of the answer */
			d->state = (char *)"sent";
			d->attempts++;
			d->done_us = at_us;
			OK(so_store_delivery_update(fix->store, SCOPE, d, &err));
		}
	}
}

static void run_step(struct fixture *fix, struct so_store_conn *conn, struct world *to, int step)
{
	SO_TMP(tmp, NULL);
	const struct so_fold_rules fold = { fix->store, SCOPE, 24 * 365, 24 * 365, 3650, 0 };
	const struct so_judge_rules rules = { .past = { fix->store, SCOPE }, .interval_us = STEP };
	int64_t at_us = START + step * STEP;
	struct so_judge *judge;
	bool more = true;

	reading_step = step;
	enter(POLL);
	poll_once(fix, conn, at_us);
	enter(FOLD);
	OK(judge = so_judge_new(tmp, &rules, &err));
	OK(so_fold_run(&fold, at_us, NULL, &err));
	enter(JUDGE);
	while (more)
		OK(so_judge_run(judge, NULL, &more, &err));
	enter(RULES);
	for (more = true; more;)
		OK(so_rules_run(fix->store, SCOPE, at_us, NULL, &more, &err));
	send_due(fix, to, at_us);
	enter(IDLE);
}

/* ---- a store with somebody to be told ---- */

static struct so_store_conn *prepare(struct fixture *fix)
{
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_channel channel = { .name = (char *)"ops",
		.kind = (char *)"webhook",
		.enabled = true,
		.settings = (char *)"{}",
		.max_per_hour = 100000 };
	struct so_store_rule rule = {
		.name = (char *)"all", .enabled = true, .events = (1 << SO_ALERT_EVENT_MAX) - 1, .failures = 3
	};
	bool more;

	conn->interval_s = STEP / SECOND;
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	OK(so_store_channel_save(fix->store, SCOPE, &channel, &err));
	rule.channel_id = channel.id;
	OK(so_store_rule_save(fix->store, SCOPE, &rule, &err));
	OK(so_rules_run(fix->store, SCOPE, START, NULL, &more, &err));
	return conn;
}

/* Everything that follows from polls; without the times of the machine. */
static char *dump(struct fixture *fix)
{
	static const char *const selects[] = {
		"SELECT 'finding ' || id || ' ' || query_id || ' ' || rule || ' ' || title || ' ' || description || ' "
		"' || "
		"severity || ' ' || doc || ' ' || resolved || ' ' || detected_us || ' ' || resolved_us || ' ' || "
		"coalesce(cause, '-') || ' ' || coalesce(ended, '-') || ' ' || returns || ' ' || coalesce(factor, 0) "
		"FROM "
		"finding ORDER BY id",
		"SELECT 'verdict ' || query_id || ' ' || level || ' ' || coalesce(finding_id, 0) || ' ' || state || ' "
		"' || hot "
		"|| ' ' || cool || ' ' || returns || ' ' || opened_us || ' ' || closed_us || ' ' || told_us || ' ' || "
		"coalesce(factor, 0) FROM verdict ORDER BY query_id, level",
		"SELECT 'judged ' || level || ' ' || until_us FROM judged ORDER BY level",
		"SELECT 'delivery ' || id || ' ' || event || ' ' || title || ' ' || doc || ' ' || state || ' ' || "
		"attempts || "
		"' ' || created_us || ' ' || done_us FROM alert_delivery ORDER BY id",
		"SELECT 'firing ' || matter || ' ' || finding_id || ' ' || since_us || ' ' || ended_us FROM "
		"alert_firing ORDER "
		"BY matter",
		"SELECT 'returns ' || count(*) FROM finding_return",
		"SELECT 'cursor ' || finding_id FROM alert_cursor",
		"SELECT 'hour ' || hour || ' ' || query_id || ' ' || polls || ' ' || calls || ' ' || exec_us FROM "
		"query_hour "
		"ORDER BY hour, query_id",
		"SELECT 'load ' || hour || ' ' || calls || ' ' || exec_us FROM load_hour ORDER BY hour",
		"SELECT 'samples ' || id || ' ' || hex(samples) FROM sample_block ORDER BY id",
		"SELECT 'watch ' || polls || ' ' || attempts || ' ' || last_us FROM watch",
		NULL,
	};
	struct so_sqlite_options options = { .read_only = true };
	struct so_sqlite *raw;
	struct so_buf text;

	so_buf_init(&text, fix->root, 64 << 20);
	OK(raw = so_sqlite_open(fix->root, fix->path, &options, &err));
	for (int i = 0; selects[i]; i++) {
		struct so_sqlite_stmt *stmt;
		bool row;

		OK(stmt = so_sqlite_stmt(raw, selects[i], selects[i], &err));
		for (;;) {
			OK(so_sqlite_step(stmt, &row, &err));
			if (!row)
				break;
			so_buf_adds(&text, so_sqlite_col_text(stmt, 0));
			so_buf_addc(&text, '\n');
		}
		so_sqlite_reset(stmt);
	}
	talloc_free(raw);
	return so_strdup(fix->root, so_buf_text(&text));
}

static void compare(const char *is, const char *should)
{
	size_t at = 0, line = 0;

	while (is[at] && is[at] == should[at]) {
		at++;
		if (is[at - 1] == '\n')
			line = at;
	}
	if (is[at] || should[at])
		fail_msg("interrupted: %.400s\nuninterrupted: %.400s", is + line, should + line);
}

/* ---- */

static void run_until_killed(struct fixture *fix, struct so_store_conn *conn, int steps)
{
	enter(IDLE);
	fix->store = so_store_open(fix->root, fix->url, NULL, &(struct so_err)SO_ERR_INIT);
	if (!fix->store)
		_exit(3);
	for (int step = atomic_load(&world->step) + 1; step <= steps; step++) {
		run_step(fix, conn, world, step);
		atomic_store(&world->step, step);
	}
	_exit(0);
}

/* After a step or more, at a moment of a stage that is drawn by lot: judging and alerts more often than the others.
 * True: the child was in that stage. */
static bool wait_for_moment(unsigned *seed, enum stage *stage)
{
	static const enum stage stages[] = { JUDGE, RULES, SEND, JUDGE, RULES, SEND, JUDGE, POLL, FOLD, IDLE };
	int first = atomic_load(&world->step) + rand_r(seed) % 3, seen = IDLE;

	*stage = stages[(size_t)rand_r(seed) % (sizeof stages / sizeof stages[0])];
	for (int n = 0; n < 100000; n++) {
		seen = atomic_load(&world->stage);
		/* not every step has something to send */
		if (atomic_load(&world->step) >= first + 30)
			break;
		if (atomic_load(&world->step) >= first && seen == (int)*stage)
			break;
		usleep(50);
	}
	usleep((useconds_t)(rand_r(seed) % (*stage == JUDGE ? 3000 : 800)));
	return seen == (int)*stage;
}

/* The receiver has all of them; the same number is the same alert. */
static void check_receiver(const struct world *killed, const struct world *whole)
{
	for (int i = 0; i < whole->n_sent; i++) {
		const struct sent *want = &whole->sent[i];
		int found = 0;

		for (int k = 0; k < killed->n_sent; k++) {
			const struct sent *got = &killed->sent[k];

			if (got->id != want->id)
				continue;
			found++;
			assert_string_equal(got->event, want->event);
			assert_int_equal(got->finding_id, want->finding_id);
		}
		assert_true(found >= 1);
	}
	for (int k = 0; k < killed->n_sent; k++)
		assert_in_range(killed->sent[k].id, 1, whole->n_sent);
}

static void test_kill_while_findings_and_alerts_come_and_go(void **state)
{
	struct fixture *fix = *state, *other;
	const char *text = getenv("KILL_ROUNDS");
	int rounds = text ? atoi(text) : 12, kills[STAGES] = { 0 }, steps, hit = 0;
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)getpid();
	struct world *whole = so_new(fix->root, struct world);
	struct so_store_conn *conn;
	void *second;

	steps = 260 + rounds * 6 < STEPS_MAX ? 260 + rounds * 6 : STEPS_MAX;
	print_message("SEED=%u, %d steps\n", seed, steps);
	make_counters();
	/* the same without a kill */
	assert_int_equal(setup(&second), 0);
	other = second;
	conn = prepare(other);
	for (int step = 1; step <= steps; step++)
		run_step(other, conn, whole, step);
	talloc_free(other->store);
	assert_true(whole->n_sent >= 4);
	conn = prepare(fix);
	for (int i = 0; i < rounds && atomic_load(&world->step) < steps; i++) {
		enum stage stage;
		pid_t child;
		int status;
		bool in_it;

		talloc_free(fix->store);
		fix->store = NULL;
		child = fork();
		if (child == 0)
			run_until_killed(fix, conn, steps);
		in_it = wait_for_moment(&seed, &stage);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFEXITED(status)) /* it had come to the end */
			assert_int_equal(WEXITSTATUS(status), 0);
		else if (in_it)
			kills[stage]++;
		fix->store = open_store(fix, NULL);
	}
	for (int i = 0; i < STAGES; i++) {
		print_message("%s%s %d", i ? ", " : "killed in: ", stage_names[i], kills[i]);
		hit += i >= JUDGE ? kills[i] : 0;
	}
	print_message("\n");
	assert_true(hit >= rounds / 6);
	for (int step = atomic_load(&world->step) + 1; step <= steps; step++)
		run_step(fix, conn, world, step);
	print_message("%d alerts, received %d times\n", whole->n_sent, world->n_sent);
	check_receiver(world, whole);
	compare(dump(fix), dump(other));
	other->store = NULL;
	assert_int_equal(teardown(&second), 0);
}

static int begin(void **state)
{
	world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(world != MAP_FAILED);
	return setup(state);
}

static int finish(void **state)
{
	int rc = teardown(state);

	munmap(world, sizeof *world);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill_while_findings_and_alerts_come_and_go, begin, finish),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
