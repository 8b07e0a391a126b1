/* The store under monitoring: whole polls of 5,000 statements a minute (samples, baseline, log, and the fold of hours
 * and days along with them) against a bare SQLite loop that writes the same samples as rows, and nothing else, with the
 * same durability and page cache. Both take turns, poll by poll, so that what else the machine does falls on both. Then
 * the dashboard's reads while polls go on. STORE_SAMPLES says how many samples (default 600,000; the long form is
 * 10,000,000). Prints `name value unit`. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/sqlite.h"
#include "lib/fake_target.h"
#include "monitor/fold.h"
#include "monitor/poll.h"

#define START  ((int64_t)490000 * SO_HOUR_US)
#define MINUTE ((int64_t)60 * 1000000)

enum { STATEMENTS = 5000, WARM_UP = 8, READS = 5, READS_MAX = 20000 };

static uint64_t state = 88172645463325252u;
static int64_t counters[STATEMENTS][SO_COUNTERS];
static char ids[STATEMENTS][8];

static uint64_t dice(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void die(const char *what, const struct so_err *err)
{
	fprintf(stderr, "bench: %s: %s\n", what, err->message);
	exit(1);
}

/* What a minute adds: every statement runs; one in five writes, one in ten reads from disk, one in fifty spills. */
static void work(void)
{
	static const uint64_t most[SO_COUNTERS] = { 100, 1000, 200000, 5000, 20000, 300, 50, 20, 20, 60000 };
	static const int one_in[SO_COUNTERS] = { 1, 1, 1, 1, 1, 10, 5, 50, 50, 5 };

	for (int i = 0; i < STATEMENTS; i++)
		for (int k = 0; k < SO_COUNTERS; k++)
			if (i % one_in[k] == 0)
				counters[i][k] += (int64_t)(1 + dice(most[k]));
}

/* Processor time of the whole process: what the other programs of the machine do matters little to it. */
static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- a server that is an array ---- */

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct so_reading *reading = fake_reading(ctx, "bench", STATEMENTS);

	(void)conn;
	(void)databases;
	(void)n;
	(void)limit;
	(void)err;
	reading->count = STATEMENTS;
	reading->at_us = so_time_now_us();
	for (int i = 0; i < STATEMENTS; i++) {
		reading->rows[i].id = ids[i];
		so_reading_key(&reading->rows[i], ids[i]);
		memcpy(reading->rows[i].counters, counters[i], sizeof counters[i]);
	}
	return reading;
}

static bool bench_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *wanted, size_t n,
	struct so_statement_text *out, struct so_err *err)
{
	(void)conn;
	(void)err;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct so_statement_text){ .text = so_printf(
							     ctx, "SELECT a FROM t%s WHERE b = $1", wanted[i]) };
	return true;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.info = fake_info,
	.counters = fake_counters,
	.texts = bench_texts };

/* ---- ours ---- */

/* What one side has used so far. */
struct cost {
	int64_t wall_us;
	double cpu_s;
};

struct bench {
	TALLOC_CTX *root;
	char *folder, *path;
	struct so_store *store;
	struct so_store_conn *conn;
	struct so_sqlite *bare;
	struct cost ours, theirs;
	int64_t polls, stored, written, fold_due_us, query_id;
	atomic_bool reading;
	struct times {
		size_t count;
		int64_t wall_us[READS_MAX], cpu_us[READS_MAX];
	} times[READS];
};

static void poll_once(struct bench *b)
{
	const struct so_poll_rules rules = { b->store, SO_SCOPE_DEFAULT, STATEMENTS, 20000 };
	const struct so_fold_rules fold = { b->store, SO_SCOPE_DEFAULT, 24 * 365, 24 * 365, 3650, 0 };
	struct so_conn conn = { .engine = &fake };
	struct so_poll_result result;
	struct so_err err = SO_ERR_INIT;
	int64_t at_us = START + b->polls++ * MINUTE, began_us = so_time_monotonic_us();

	if (!so_poll_run(&rules, &conn, &b->conn, 1, at_us, began_us, 0, &result, &err))
		die("poll", &err);
	b->stored += result.stored;
	b->written += result.stored;
	/* as the monitor does: at most a tenth of the time */
	if (so_time_monotonic_us() < b->fold_due_us)
		return;
	began_us = so_time_monotonic_us();
	if (!so_fold_run(&fold, at_us, NULL, &err))
		die("fold", &err);
	b->fold_due_us = so_time_monotonic_us() + 10 * (so_time_monotonic_us() - began_us);
}

static void open_store(struct bench *b)
{
	struct so_err err = SO_ERR_INIT;
	struct so_store_conn conn = { .name = (char *)"bench",
		.engine = (char *)"postgresql",
		.host = (char *)"h",
		.database = (char *)"d",
		.username = (char *)"u",
		.monitoring_enabled = true };

	b->store = so_store_open(b->root, so_printf(b->root, "sqlite:///%s", b->path), NULL, &err);
	if (!b->store || !so_store_conn_create(b->store, SO_SCOPE_DEFAULT, &conn, &err))
		die("store", &err);
	b->conn = so_store_conn_get(b->root, b->store, SO_SCOPE_DEFAULT, conn.id, &err);
	if (!b->conn)
		die("store", &err);
}

/* ---- bare: the same rows, a transaction a poll, and nothing else ---- */

static void open_bare(struct bench *b)
{
	const struct so_sqlite_options options = {
		.create = true, .wal = true, .sync = SO_SQLITE_SYNC_NORMAL, .cache_kib = SO_STORE_CACHE_KIB
	};
	struct so_err err = SO_ERR_INIT;

	b->bare = so_sqlite_open(b->root, so_printf(b->root, "%s/bare.db", b->folder), &options, &err);
	if (!b->bare || !so_sqlite_exec(b->bare,
				"CREATE TABLE sample (hour INTEGER NOT NULL, query_id INTEGER NOT NULL, second INTEGER "
				"NOT NULL, a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, f INTEGER, g "
				"INTEGER, h INTEGER, i INTEGER, j INTEGER, PRIMARY KEY (hour, query_id, second)) "
				"STRICT, WITHOUT ROWID",
				&err))
		die("bare", &err);
}

static void bare_once(struct bench *b, int64_t before[STATEMENTS][SO_COUNTERS])
{
	static const char insert[] =
		"INSERT INTO sample VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
	int64_t second = START / 1000000 + b->polls * 60;
	struct so_err err = SO_ERR_INIT;
	struct so_sqlite_stmt *stmt;
	bool row;

	if (!so_sqlite_exec(b->bare, "BEGIN IMMEDIATE", &err) ||
		!(stmt = so_sqlite_stmt(b->bare, "insert", insert, &err)))
		die("bare", &err);
	for (int i = 0; i < STATEMENTS; i++) {
		so_sqlite_bind_int(stmt, 1, second / 3600);
		so_sqlite_bind_int(stmt, 2, i + 1);
		so_sqlite_bind_int(stmt, 3, second % 3600);
		for (int k = 0; k < SO_COUNTERS; k++)
			if (counters[i][k] != before[i][k])
				so_sqlite_bind_int(stmt, 4 + k, counters[i][k] - before[i][k]);
		if (!so_sqlite_step(stmt, &row, &err))
			die("bare", &err);
		so_sqlite_reset(stmt);
	}
	if (!so_sqlite_exec(b->bare, "COMMIT", &err))
		die("bare", &err);
}

static void begin(struct cost *cost)
{
	cost->wall_us -= so_time_monotonic_us();
	cost->cpu_s -= cpu_s();
}

static void end(struct cost *cost)
{
	cost->wall_us += so_time_monotonic_us();
	cost->cpu_s += cpu_s();
}

static void run_both(struct bench *b, int64_t samples)
{
	static int64_t before[STATEMENTS][SO_COUNTERS];

	work();
	for (int i = 0; i < WARM_UP; i++) { /* the texts come a thousand a poll */
		poll_once(b);
		work();
	}
	for (b->stored = 0; b->stored < samples;) {
		memcpy(before, counters, sizeof before);
		work();
		begin(&b->theirs);
		bare_once(b, before);
		end(&b->theirs);
		begin(&b->ours);
		poll_once(b);
		end(&b->ours);
	}
	talloc_free(b->bare);
}

/* ---- the dashboard while polls write ---- */

static bool read_once(TALLOC_CTX *tmp, const struct bench *b, int which, struct so_err *err)
{
	const struct so_store_query_filter filter = { .connection_id = b->conn->id, .optimized = -1, .limit = 100 };
	int64_t hour = (START + b->polls * MINUTE) / SO_HOUR_US;

	switch (which) {
	case 0:
		return so_store_dashboard(tmp, b->store, SO_SCOPE_DEFAULT, 0, err) != NULL;
	case 1:
		return so_store_query_list(tmp, b->store, SO_SCOPE_DEFAULT, &filter, err) != NULL;
	case 2:
		return so_store_load_list(tmp, b->store, SO_SCOPE_DEFAULT, 0, hour - 23, hour, err) != NULL;
	case 3:
		return so_store_finding_counts(tmp, b->store, SO_SCOPE_DEFAULT, 0, err) != NULL;
	default:
		return so_store_hour_list(tmp, b->store, SO_SCOPE_DEFAULT, b->query_id, hour - 167, hour, err) != NULL;
	}
}

static void *reader(void *arg)
{
	struct bench *b = arg;

	for (int which = 0; atomic_load(&b->reading); which = (which + 1) % READS) {
		struct times *times = &b->times[which];
		TALLOC_CTX *tmp = talloc_new(NULL);
		struct so_err err = SO_ERR_INIT;
		int64_t wall_us = so_time_monotonic_us(), thread_us = so_time_thread_cpu_us();

		if (!read_once(tmp, b, which, &err))
			die("dashboard", &err);
		if (times->count < READS_MAX) {
			times->cpu_us[times->count] = so_time_thread_cpu_us() - thread_us;
			times->wall_us[times->count++] = so_time_monotonic_us() - wall_us;
		}
		talloc_free(tmp);
		usleep(2000);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double p99_ms(int64_t *took, size_t n)
{
	qsort(took, n, sizeof *took, compare);
	return n ? (double)took[n * 99 / 100] / 1000 : 0;
}

/* The worst of the reads by its 99th percentile: by the clock on the wall, and by its own processor time, which a busy
 * machine does not stretch. */
static void run_dashboard(struct bench *b)
{
	static const char *const names[READS] = { "summary", "queries", "load", "findings", "history" };
	double wall = 0, cpu = 0;
	pthread_t thread;

	b->query_id = 2000; /* one of those in the middle */
	atomic_store(&b->reading, true);
	if (pthread_create(&thread, NULL, reader, b) != 0)
		exit(1);
	for (int64_t until_us = so_time_monotonic_us() + 5000000; so_time_monotonic_us() < until_us;) {
		work();
		poll_once(b);
		usleep(100000);
	}
	atomic_store(&b->reading, false);
	pthread_join(thread, NULL);
	for (int i = 0; i < READS; i++) {
		struct times *times = &b->times[i];
		double wall_ms = p99_ms(times->wall_us, times->count), cpu_ms = p99_ms(times->cpu_us, times->count);

		printf("store.p99_%s_ms\t%.2f\tms\n", names[i], wall_ms);
		wall = wall_ms > wall ? wall_ms : wall;
		cpu = cpu_ms > cpu ? cpu_ms : cpu;
	}
	printf("store.dashboard_p99_ms\t%.2f\tms\n", wall);
	printf("store.dashboard_p99_cpu_ms\t%.2f\tms\n", cpu);
}

static void print_bytes(struct bench *b, const char *name, const char *table, int64_t by)
{
	const struct so_sqlite_options options = { .read_only = true };
	struct so_err err = SO_ERR_INIT;
	struct so_sqlite *db = so_sqlite_open(b->root, b->path, &options, &err);
	int64_t bytes = 0;

	if (!db || !so_sqlite_int(db, so_printf(b->root, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%s'", table),
			   &bytes, &err))
		die("dbstat", &err);
	printf("%s\t%.1f\tbytes\n", name, (double)bytes / (double)by);
	talloc_free(db);
}

int main(void)
{
	const char *wanted = getenv("STORE_SAMPLES"), *endings[] = { "", "-wal", "-shm", ".lock" };
	int64_t samples = wanted ? atoll(wanted) : 600000;
	struct bench *b;
	TALLOC_CTX *root;

	so_mem_init();
	setvbuf(stdout, NULL, _IOLBF, 0);
	root = talloc_new(NULL);
	b = so_new(root, struct bench);
	b->root = root;
	b->folder = so_printf(root, "%s/sqlopt-bench-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->folder))
		return 1;
	b->path = so_printf(root, "%s/store.db", b->folder);
	for (int i = 0; i < STATEMENTS; i++)
		snprintf(ids[i], sizeof ids[i], "%d", i);
	open_bare(b);
	open_store(b);
	run_both(b, samples);
	printf("store.bare_rows_per_s\t%.0f\trows/s\n", (double)b->stored * 1e6 / (double)b->theirs.wall_us);
	printf("store.rows_per_s\t%.0f\trows/s\n", (double)b->stored * 1e6 / (double)b->ours.wall_us);
	printf("store.rows_vs_bare\t%.2f\tx\n", (double)b->theirs.wall_us / (double)b->ours.wall_us);
	printf("store.cpu_vs_bare\t%.2f\tx\n", b->theirs.cpu_s / b->ours.cpu_s);
	run_dashboard(b);
	talloc_free(b->store);
	print_bytes(b, "store.bytes_per_row", "sample_block", b->written);
	print_bytes(b, "store.baseline_bytes_per_statement", "%baseline%", STATEMENTS);
	for (int i = 0; i < 4; i++) {
		unlink(so_printf(root, "%s%s", b->path, endings[i]));
		unlink(so_printf(root, "%s/bare.db%s", b->folder, endings[i]));
	}
	if (rmdir(b->folder) != 0)
		return 1;
	talloc_free(root);
	return 0;
}
