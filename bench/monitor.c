/* The collector with many servers. Without MONITOR_PG_DSN three kinds of figures come from servers that are made up:
 * MONITOR_TARGETS (100; the long form is 1000) servers of 5,000 statements, of which 500 move in a minute, polled for
 * MONITOR_MINUTES (3; 10) simulated minutes; before that, 20 servers of 500 statements for MONITOR_HOURS (3; 60)
 * simulated hours, which must leave no trace in memory, descriptors and threads: the second half is compared with the
 * first, MONITOR_VERBOSE=1 lists the hours, MONITOR_MAX_MB is the limit of the store. With MONITOR_PG_DSN it polls that
 * server MONITOR_POLLS (20) times, and waits for a line on stdin before each: bench/monitor.py runs it so. Prints `name
 * value unit`. */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/fake_target.h"
#include "monitor/poll.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define START  (490000 * HOUR)

enum { STATEMENTS_MAX = 5000, THREADS = 4, SOAK_TARGETS = 20, SOAK_STATEMENTS = 500 };

static void die(const char *what, const struct so_err *err)
{
	fprintf(stderr, "bench: %s: %s\n", what, err->message);
	exit(1);
}

static int64_t number_of(const char *name, int64_t deflt)
{
	const char *text = getenv(name);

	return text && *text ? atoll(text) : deflt;
}

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A line of /proc/self/status, in KiB. */
static int64_t status_kib(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	int64_t kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0)
			kib = atoll(line + strlen(name));
	if (file)
		fclose(file);
	return kib;
}

static int entries_of(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* ---- the servers: what a statement has counted follows from its number and the time, so they take no memory ---- */

static size_t statements; /* of each server */
static char ids[STATEMENTS_MAX][8];

struct fake_conn {
	struct so_conn base;
	struct so_engine_info info;
	uint64_t target;
};

static const struct so_engine fake;

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct fake_conn *c = so_new(ctx, struct fake_conn);

	(void)cancel;
	(void)err;
	c->base.engine = &fake;
	c->target = strtoull(params->host + 1, NULL, 10);
	c->info = (struct so_engine_info){ .version = (char *)"1", .system_id = so_strdup(c, params->host) };
	return &c->base;
}

static const struct so_engine_info *target_info(struct so_conn *conn, struct so_err *err)
{
	(void)err;
	return &((struct fake_conn *)conn)->info;
}

/* In how many of the minutes so far it ran: eight in a hundred do in every one, the others take turns, so that one in
 * ten moves from minute to minute. */
static int64_t runs_of(size_t i, int64_t minute)
{
	size_t steady = statements * 8 / 100, turns = (statements - steady) / (statements * 2 / 100);
	int64_t turn;

	if (i < steady)
		return 1 + minute;
	turn = (int64_t)((i - steady) % turns);
	return 1 + (minute + (int64_t)turns - turn) / (int64_t)turns;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 31) * UINT64_C(0x9E3779B97F4A7C15);
	return x ^ x >> 29;
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	const struct fake_conn *c = (struct fake_conn *)conn;
	struct so_reading *reading = fake_reading(ctx, c->info.system_id, statements);
	int64_t minute = (fake_hands.wall - START) / MINUTE;

	(void)databases;
	(void)n;
	(void)limit;
	(void)err;
	reading->count = statements;
	for (size_t i = 0; i < statements; i++) {
		struct so_reading_row *row = &reading->rows[i];
		int64_t runs = runs_of(i, minute), weight = 1 + (int64_t)(mix(i) % 1000);

		row->id = ids[i];
		row->key[0] = mix(c->target << 32 | i);
		row->key[1] = mix(row->key[0]);
		row->counters[SO_COUNT_CALLS] = runs * (weight % 50 + 1);
		row->counters[SO_COUNT_ROWS] = runs * weight;
		row->counters[SO_COUNT_EXEC_US] = runs * weight * 131;
		row->counters[SO_COUNT_SHARED_HIT] = runs * weight * 17;
		if (i % 10 == 0)
			row->counters[SO_COUNT_SHARED_READ] = runs * weight * 3;
		if (i % 5 == 0)
			row->counters[SO_COUNT_WAL_BYTES] = runs * weight * 300;
	}
	return reading;
}

static bool target_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *wanted, size_t n,
	struct so_statement_text *out, struct so_err *err)
{
	(void)err;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct so_statement_text){
			.text = so_printf(ctx,
				"SELECT o.id, o.state, c.name, sum(l.price * l.amount) AS total FROM app%" PRIu64
				".orders_%s AS o JOIN customers AS c ON c.id = o.customer_id JOIN lines AS l ON "
				"l.order_id = "
				"o.id WHERE o.state = $1 AND c.region = $2 GROUP BY o.id, o.state, c.name ORDER BY "
				"total DESC "
				"LIMIT $3",
				((struct fake_conn *)conn)->target, wanted[i]),
		};
	return true;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.open = fake_open,
	.info = target_info,
	.counters = fake_counters,
	.texts = target_texts };

static const struct so_engine *find(const char *name)
{
	(void)name;
	return &fake;
}

/* ---- a store and a monitor over them ---- */

struct bench {
	TALLOC_CTX *root;
	char *folder, *path;
	struct so_store *store;
	struct so_monitor *monitor;
};

static struct so_store_conn *add_conn(struct bench *b, int64_t number)
{
	struct so_err err = SO_ERR_INIT;
	struct so_store_conn *conn = so_new(b->root, struct so_store_conn);

	*conn = (struct so_store_conn){ .name = so_printf(conn, "server %" PRId64, number),
		.engine = (char *)"postgresql",
		.host = so_printf(conn, "h%" PRId64, number),
		.database = (char *)"app",
		.username = (char *)"watcher",
		.interval_s = 60,
		.monitoring_enabled = true };
	if (!so_store_conn_create(b->store, SO_SCOPE_DEFAULT, conn, &err))
		die("connection", &err);
	return conn;
}

/* One reader, so that all of them are open from the start. */
static void open_store(struct bench *b)
{
	const struct so_store_options options = { .readers = 1 };
	struct so_err err = SO_ERR_INIT;

	b->root = talloc_new(NULL);
	b->folder = so_printf(b->root, "%s/sqlopt-bench-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->folder))
		exit(1);
	b->path = so_printf(b->root, "%s/store.db", b->folder);
	b->store = so_store_open(b->root, so_printf(b->root, "sqlite:///%s", b->path), &options, &err);
	if (!b->store)
		die("store", &err);
}

static void start(struct bench *b, int64_t targets, size_t each, int64_t max_mb)
{
	struct so_monitor_options options;
	struct so_err err = SO_ERR_INIT;

	open_store(b);
	options = fake_options(b->store, MINUTE, find);
	options.threads = THREADS;
	options.top = 100;
	options.rollup_hours = 24 * 60;
	options.rollup_days = 800;
	options.max_bytes = max_mb << 20;
	statements = each;
	for (int64_t i = 0; i < targets; i++)
		talloc_free(add_conn(b, i));
	fake_hands = (struct fake_hands){ START, 1000 * SECOND };
	b->monitor = so_monitor_new(b->root, &options, &err);
	if (!b->monitor)
		die("monitor", &err);
}

static void end(struct bench *b)
{
	static const char *const endings[] = { "", "-wal", "-shm", ".lock" };

	if (b->monitor && !so_monitor_stop(b->monitor, so_time_monotonic_us() + 30 * SECOND))
		exit(1);
	talloc_free(b->monitor);
	talloc_free(b->store);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		unlink(so_printf(b->root, "%s%s", b->path, endings[i]));
	if (rmdir(b->folder) != 0)
		fprintf(stderr, "bench: %s is not empty\n", b->folder);
	talloc_free(b->root);
}

static void pass(struct bench *b, int64_t us, int64_t step_us)
{
	for (int64_t until_us = fake_hands.monotonic + us; fake_hands.monotonic < until_us;) {
		fake_turn(step_us);
		so_monitor_tick(b->monitor);
		so_monitor_wait(b->monitor);
	}
}

/* All polls that the store remembers: those that failed, and what the others counted; and whether they were as many as
 * were due. */
static void check_polls(struct bench *b, const char *name, int64_t targets, int64_t minutes)
{
	struct so_err err = SO_ERR_INIT;
	int64_t polls = 0;

	for (int64_t i = 1; i <= targets; i++) {
		SO_TMP(tmp, NULL);
		struct so_store_watch *watch = so_store_watch_get(tmp, b->store, SO_SCOPE_DEFAULT, i, &err);

		if (!watch || watch->failures || watch->statements != (int64_t)statements)
			die("a server was not polled", &err);
		polls += watch->polls;
	}
	printf("monitor.%s\t%" PRId64 "\tpolls\n", name, polls);
	printf("monitor.%s_of_due_pct\t%.1f\t%%\n", name, 100 * (double)polls / (double)(targets * minutes));
}

/* A minute by clocks that run as fast as the one on the wall while there is something to do, and jump over the time in
 * which there is nothing: polls that are late are as late as they would be in life. */
static void pass_minute(struct bench *b, int64_t *busy_us, int64_t *late_us)
{
	int64_t until_us = fake_hands.monotonic + MINUTE, tick_us = fake_hands.monotonic,
		last_us = so_time_monotonic_us();

	while (fake_hands.monotonic < until_us) {
		struct so_monitor_status status;
		int64_t now_us = so_time_monotonic_us();

		so_monitor_status(b->monitor, &status);
		*late_us = status.late_us > *late_us ? status.late_us : *late_us;
		if (status.running || status.folding) {
			fake_turn(now_us - last_us);
			*busy_us += now_us - last_us;
			usleep(2000);
		} else {
			int64_t rest_us = status.next_us ? status.next_us - fake_hands.wall : SECOND;

			fake_turn(rest_us < 0 ? 0 : rest_us < SECOND ? rest_us : SECOND);
			tick_us = fake_hands.monotonic;
		}
		last_us = now_us;
		if (fake_hands.monotonic < tick_us)
			continue;
		so_monitor_tick(b->monitor);
		tick_us = fake_hands.monotonic + SECOND / 10;
	}
}

/* Every watched server once a minute. */
static void run_many(int64_t targets, int64_t minutes)
{
	struct bench b = { 0 };
	int64_t busiest_us = 0, bytes = 0, late_us[2] = { 0 };
	double cpu, first_cpu = 0;
	struct so_err err = SO_ERR_INIT;

	start(&b, targets, STATEMENTS_MAX, 0);
	cpu = cpu_s();
	for (int64_t minute = 0; minute < minutes; minute++) {
		int64_t busy_us = 0;

		pass_minute(&b, &busy_us, &late_us[minute > 0]);
		busiest_us = busy_us > busiest_us ? busy_us : busiest_us;
		if (minute == 0)
			first_cpu = cpu_s() - cpu;
	}
	so_monitor_wait(b.monitor);
	cpu = cpu_s() - cpu;
	check_polls(&b, "polls", targets, minutes);
	printf("monitor.core_pct\t%.1f\t%%\n", 100 * cpu / (60 * (double)minutes));
	printf("monitor.first_minute_core_pct\t%.1f\t%%\n", 100 * first_cpu / 60);
	printf("monitor.busiest_minute_s\t%.1f\ts\n", (double)busiest_us / 1e6);
	printf("monitor.first_minute_latest_poll_s\t%.1f\ts\n", (double)late_us[0] / 1e6);
	printf("monitor.latest_poll_s\t%.1f\ts\n", (double)late_us[1] / 1e6);
	printf("monitor.rss_mib\t%.1f\tMiB\n", (double)status_kib("VmHWM:") / 1024);
	printf("monitor.bytes_per_statement\t%.1f\tbytes\n",
		(double)status_kib("VmHWM:") * 1024 / (double)(targets * STATEMENTS_MAX));
	if (!so_store_used(b.store, &bytes, &err))
		die("store", &err);
	printf("monitor.store_bytes_per_statement\t%.0f\tbytes\n", (double)bytes / (double)(targets * STATEMENTS_MAX));
	end(&b);
}

/* What the process holds. SQLite's share is its page caches, which fill up to their limit and stay. */
struct held {
	int64_t rss_kib, cached_kib, allocated_kib; /* allocated: without what SQLite has */
	int descriptors, threads;
};

static struct held held_now(void)
{
	struct mallinfo2 info = mallinfo2();
	int64_t cached = sqlite3_memory_used();

	return (struct held){ .rss_kib = status_kib("VmRSS:"),
		.cached_kib = cached / 1024,
		.allocated_kib = ((int64_t)(info.uordblks + info.hblkhd) - cached) / 1024,
		.descriptors = entries_of("/proc/self/fd"),
		.threads = entries_of("/proc/self/task") };
}

/* Nothing grows: what the second half of the time adds. */
static void run_long(int64_t hours)
{
	struct bench b = { 0 };
	struct held half = { 0 }, end_of = { 0 };
	struct so_store_stats stats;
	struct so_err err = SO_ERR_INIT;
	int64_t most_bytes = 0;

	start(&b, SOAK_TARGETS, SOAK_STATEMENTS, number_of("MONITOR_MAX_MB", 0));
	for (int64_t hour = 1; hour <= hours; hour++) {
		pass(&b, HOUR, 10 * SECOND);
		end_of = held_now();
		if (!so_store_stats(b.store, &stats, &err))
			die("store", &err);
		most_bytes = stats.size_bytes > most_bytes ? stats.size_bytes : most_bytes;
		if (hour == (hours + 1) / 2)
			half = end_of;
		if (number_of("MONITOR_VERBOSE", 0))
			fprintf(stderr,
				"hour %" PRId64 ": RSS %" PRId64 " KiB, page caches %" PRId64
				", allocated else %" PRId64 ", descriptors %d, threads %d, store %.1f MiB\n",
				hour, end_of.rss_kib, end_of.cached_kib, end_of.allocated_kib, end_of.descriptors,
				end_of.threads, (double)stats.size_bytes / (1 << 20));
	}
	printf("monitor.soak_hours\t%" PRId64 "\thours\n", hours);
	printf("monitor.soak_rss_kib\t%" PRId64 "\tKiB\n", end_of.rss_kib);
	printf("monitor.soak_rss_growth_kib\t%" PRId64 "\tKiB\n", end_of.rss_kib - half.rss_kib);
	printf("monitor.soak_cache_growth_kib\t%" PRId64 "\tKiB\n", end_of.cached_kib - half.cached_kib);
	printf("monitor.soak_allocated_growth_kib\t%" PRId64 "\tKiB\n", end_of.allocated_kib - half.allocated_kib);
	printf("monitor.soak_store_mib\t%.1f\tMiB\n", (double)most_bytes / (1 << 20));
	printf("monitor.soak_fd_growth\t%d\tdescriptors\n", end_of.descriptors - half.descriptors);
	printf("monitor.soak_thread_growth\t%d\tthreads\n", end_of.threads - half.threads);
	check_polls(&b, "soak_polls", SOAK_TARGETS, hours * 60);
	end(&b);
}

/* ---- a real PostgreSQL ---- */

static void run_server(const char *dsn, int64_t polls)
{
	struct bench b = { 0 };
	struct so_err err = SO_ERR_INIT;
	const struct so_engine *engine = so_engine_find("postgresql");
	const struct so_conn_params login = { .engine = "postgresql", .dsn = dsn };
	struct so_conn *conn = engine ? engine->open(NULL, &login, NULL, &err) : NULL;
	struct so_store_conn *target;
	int64_t rows = 0, wait_us = 0, moved = 0;
	double cpu = 0;
	char line[16];

	if (!conn)
		die("server", &err);
	open_store(&b);
	target = add_conn(&b, 1);
	for (int64_t i = -3; i < polls && fgets(line, sizeof line, stdin); i++) {
		const struct so_poll_rules rules = { b.store, SO_SCOPE_DEFAULT, 100, 20000 };
		struct so_poll_result result;
		double before_s = cpu_s();
		int64_t before_us = so_conn_wait_us(conn);

		if (!so_poll_run(&rules, conn, &target, 1, START + i * MINUTE, so_time_monotonic_us(),
			    so_time_thread_cpu_us(), &result, &err))
			die("poll", &err);
		if (i >= 0) { /* the first ones read texts */
			cpu += cpu_s() - before_s;
			wait_us += so_conn_wait_us(conn) - before_us;
			rows += result.statements;
			moved += result.moved;
		}
		puts("polled");
		fflush(stdout);
	}
	printf("monitor.pg_statements\t%.0f\tstatements\n", (double)rows / (double)polls);
	printf("monitor.pg_moved\t%.0f\tstatements\n", (double)moved / (double)polls);
	printf("monitor.pg_wait_ms\t%.2f\tms\n", (double)wait_us / 1000 / (double)polls);
	printf("monitor.core_ms_per_100_rows\t%.3f\tms\n", cpu * 1e5 / (double)rows);
	talloc_free(conn);
	end(&b);
}

int main(void)
{
	const char *dsn = getenv("MONITOR_PG_DSN");

	so_mem_init();
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < STATEMENTS_MAX; i++)
		snprintf(ids[i], sizeof ids[i], "%d", i);
	if (dsn) {
		run_server(dsn, number_of("MONITOR_POLLS", 20));
		return 0;
	}
	if (number_of("MONITOR_HOURS", 3) > 0)
		run_long(number_of("MONITOR_HOURS", 3));
	run_many(number_of("MONITOR_TARGETS", 100), number_of("MONITOR_MINUTES", 3));
	return 0;
}
