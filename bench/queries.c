/* The list of statements and what it opens, over a store as monitoring fills it: 5,000 statements of one server, polled
 * every minute up to now, while polls go on. QUERIES_SAMPLES says how many samples (default 600,000; the long form is
 * 10,000,000), QUERIES_TEXTS how many statements there are, of which 5,000 move at a time (default 5,000, the long form
 * 100,000). Prints `name value unit`: the 99th
 * percentile of each read by the clock on the wall, by the same less the time in which the thread was ready and waited
 * for a processor that other programs had (own), and by its processor time; and what it costs to sum up a period that
 * nobody has asked for yet, and one that has moved on by an hour or a day. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "db/sqlite.h"
#include "monitor/fold.h"
#include "service/query_detail.h"
#include "service/query_load.h"
#include "service/query_series.h"
#include "service/service.h"
#include "store/history.h"

#define MINUTE ((int64_t)60 * 1000000)

enum { MOVING = 5000, READS_MAX = 20000 };

enum {
	LIST_HOUR,
	LIST_DAY,
	LIST_WEEK,
	LIST_MONTH,
	LIST_ALL,
	LIST_CHANGE,
	LIST_SEARCH,
	LIST_SEARCH_NONE,
	LIST_SEARCH_ALL,
	LIST_SEARCH_LONG,
	LIST_SEARCH_PAIR,
	LIST_SEARCH_BYTE,
	LIST_SORTED,
	LIST_DEEP,
	LIST_FINDINGS,
	SPARKLINES,
	DETAIL,
	SERIES_HOUR,
	SERIES_DAY,
	SERIES_MONTH,
	SAMPLES,
	READS
};
static const char *const names[READS] = { "list_hour", "list_day", "list_week", "list_month", "list_all", "list_change",
	"list_search", "list_search_none", "list_search_all", "list_search_long", "list_search_pair",
	"list_search_byte", "list_sorted", "list_deep", "list_findings", "sparklines", "detail", "series_hour",
	"series_day", "series_month", "samples" };

struct times {
	size_t count;
	int64_t wall_us[READS_MAX], own_us[READS_MAX], cpu_us[READS_MAX];
};

/* What one read took. */
struct took {
	int64_t wall_us, own_us, cpu_us;
};

struct bench {
	TALLOC_CTX *root;
	char *folder, *path;
	struct so_store *store;
	struct so_service service;
	struct so_config config;
	int64_t connection_id, *ids, statements, written, polls;
	atomic_bool reading;
	unsigned turn; /* the reader's */
	struct times times[READS];
};

static uint64_t state = 88172645463325252u;

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

/* ---- a store full of history ---- */

static bool add_queries(struct so_store *tx, void *arg, struct so_err *err)
{
	static const char *const kinds[] = { "select", "select", "select", "update", "insert" };
	struct bench *b = arg;

	for (int i = 0; i < b->statements; i++) {
		SO_TMP(tmp, NULL);
		struct so_store_query query = { .connection_id = b->connection_id,
			.fingerprint = so_printf(tmp, "%016x", i + 1),
			.fingerprint_version = i ? 1 : SO_OTHER_VERSION,
			.hash = so_printf(tmp, "%064x", i + 1),
			.sql_text = so_printf(tmp,
				"SELECT o.id, o.created_at, o.total, c.name, c.email FROM orders_%d o JOIN customers c "
				"ON c.id "
				"= o.customer_id WHERE o.status = $1 AND o.created_at > $2 AND c.region_%d = $3 ORDER "
				"BY "
				"o.created_at DESC LIMIT $4",
				i % 97, i),
			.kind = so_strdup(tmp, kinds[i % 5]),
			.discovered_us = 1,
			.last_seen_us = 1 };

		if (!so_store_query_add(tx, SO_SCOPE_DEFAULT, &query, err))
			return false;
		b->ids[i] = query.id;
	}
	return true;
}

struct poll {
	struct bench *b;
	int64_t at_us;
};

static bool add_poll(struct so_store *tx, void *arg, struct so_err *err)
{
	static const uint64_t most[SO_SAMPLE_COUNTERS] = { 100, 1000, 200000, 5000, 20000, 300, 50, 20, 20, 60000 };
	static const int one_in[SO_SAMPLE_COUNTERS] = { 1, 1, 1, 1, 1, 10, 5, 50, 50, 5 };
	const struct poll *poll = arg;
	struct so_store_sample *samples = so_new_array(poll->b->root, struct so_store_sample, MOVING);
	struct so_store_watch watch = { .connection_id = poll->b->connection_id,
		.polls = poll->b->polls,
		.attempts = poll->b->polls,
		.first_us = 1,
		.last_us = poll->at_us,
		.complete = true };
	/* each part of them in turn */
	const int64_t *ids = poll->b->ids + poll->b->polls % (poll->b->statements / MOVING) * MOVING;
	bool ok;

	for (int i = 0; i < MOVING; i++) {
		samples[i].query_id = ids[i];
		samples[i].at_us = poll->at_us;
		for (int k = 0; k < SO_SAMPLE_COUNTERS; k++)
			if (i % one_in[k] == 0)
				samples[i].delta[k] = (int64_t)(1 + dice(most[k]));
	}
	ok = so_store_samples_add(tx, samples, MOVING, err) && so_store_watch_put(tx, SO_SCOPE_DEFAULT, &watch, err);
	talloc_free(samples);
	return ok;
}

static void poll_once(struct bench *b, int64_t at_us)
{
	struct poll poll = { b, at_us };
	struct so_err err = SO_ERR_INIT;

	b->polls++;
	if (!so_store_tx(b->store, add_poll, &poll, &err))
		die("poll", &err);
	b->written += MOVING;
}

static void fold(struct bench *b, int64_t at_us)
{
	const struct so_fold_rules rules = { b->store, SO_SCOPE_DEFAULT, 24 * 365, 24 * 365, 3650, 0 };
	struct so_err err = SO_ERR_INIT;

	if (!so_fold_run(&rules, at_us, NULL, &err))
		die("fold", &err);
	/* as the monitor does after a fold, once there is somebody who may ask */
	if (b->service.loads && !so_service_follow_loads(&b->service, SO_SCOPE_DEFAULT, &err))
		die("follow", &err);
}

static void fill(struct bench *b, int64_t samples)
{
	int64_t polls = samples / MOVING, now_us = so_time_now_us(), at_us = now_us - polls * MINUTE;
	struct so_store_conn conn = { .name = (char *)"bench",
		.engine = (char *)"postgresql",
		.host = (char *)"h",
		.database = (char *)"d",
		.username = (char *)"u",
		.monitoring_enabled = true };
	struct so_err err = SO_ERR_INIT;

	b->store = so_store_open(b->root, so_printf(b->root, "sqlite:///%s", b->path), NULL, &err);
	if (!b->store || !so_store_conn_create(b->store, SO_SCOPE_DEFAULT, &conn, &err))
		die("store", &err);
	b->connection_id = conn.id;
	if (!so_store_tx(b->store, add_queries, b, &err))
		die("queries", &err);
	for (int64_t i = 0; i < polls; i++, at_us += MINUTE) {
		poll_once(b, at_us);
		if ((at_us + MINUTE) / SO_HOUR_US != at_us / SO_HOUR_US)
			fold(b, at_us);
	}
	fold(b, now_us);
	b->config.history_hourly_days = 62;
	b->service.store = b->store;
	b->service.config = &b->config;
	b->service.loads = so_load_cache_new(b->root, b->store);
}

/* ---- reading ---- */

static bool list(TALLOC_CTX *tmp, struct bench *b, const char *period, enum so_query_sort sort, const char *search,
	enum so_query_only only, int64_t offset, struct so_err *err)
{
	const struct so_query_request request = { .connection_id = b->connection_id,
		.any_kind = true,
		.search = search,
		.only = only,
		.sort = sort,
		.period = { .word = period },
		.offset = offset,
		.limit = 50 };

	return so_service_query_page(tmp, &b->service, SO_SCOPE_DEFAULT, &request, err) != NULL;
}

static bool series(TALLOC_CTX *tmp, struct bench *b, const char *period, struct so_err *err)
{
	const struct so_period_request request = { .word = period };

	return so_service_query_series(tmp, &b->service, SO_SCOPE_DEFAULT, b->ids[2000], SO_METRIC_MEAN_TIME, &request,
		       300, err) != NULL;
}

static bool read_once(TALLOC_CTX *tmp, struct bench *b, int which, struct so_err *err)
{
	static const char *const periods[] = { "hour", "day", "week", "month", "all" };
	const struct so_period_request day = { .word = "day" };

	switch (which) {
	case LIST_HOUR:
	case LIST_DAY:
	case LIST_WEEK:
	case LIST_MONTH:
	case LIST_ALL:
		return list(tmp, b, periods[which - LIST_HOUR], SO_SORT_TOTAL_TIME, NULL, SO_ONLY_ALL, 0, err);
	case LIST_CHANGE:
		return list(tmp, b, "day", SO_SORT_CHANGE, NULL, SO_ONLY_ALL, 0, err);
	case LIST_SEARCH:
		return list(tmp, b, "day", SO_SORT_CALLS, "Orders_42 o", SO_ONLY_ALL, 0, err);
	case LIST_SEARCH_NONE:
		return list(tmp, b, "day", SO_SORT_CALLS, "no text has this", SO_ONLY_ALL, 0, err);
	case LIST_SEARCH_ALL: /* in every text */
		return list(tmp, b, "day", SO_SORT_CALLS, "order by", SO_ONLY_ALL, 0, err);
	case LIST_SEARCH_LONG: /* as is this */
		return list(tmp, b, "day", SO_SORT_CALLS, "c.id = o.customer_id WHERE o.status = $1 AND", SO_ONLY_ALL,
			0, err);
	case LIST_SEARCH_PAIR:
		return list(tmp, b, "day", SO_SORT_CALLS, "o.", SO_ONLY_ALL, 0, err);
	case LIST_SEARCH_BYTE:
		return list(tmp, b, "day", SO_SORT_CALLS, "7", SO_ONLY_ALL, 0, err);
	case LIST_SORTED: /* each order in turn */
		return list(tmp, b, "week", (enum so_query_sort)(b->turn++ % SO_SORT_MAX), NULL, SO_ONLY_ALL, 0, err);
	case LIST_DEEP:
		return list(tmp, b, "day", SO_SORT_MEAN_TIME, NULL, SO_ONLY_ALL, b->statements - 100, err);
	case LIST_FINDINGS:
		return list(tmp, b, "day", SO_SORT_TOTAL_TIME, NULL, SO_ONLY_FINDINGS, 0, err);
	case SPARKLINES:
		return so_service_sparklines(tmp, &b->service, SO_SCOPE_DEFAULT, b->ids + 1000, 50,
			       SO_METRIC_TOTAL_TIME, &day, err) != NULL;
	case DETAIL:
		return so_service_query_detail(tmp, &b->service, SO_SCOPE_DEFAULT, b->ids[2000], err) != NULL;
	case SERIES_HOUR:
	case SERIES_DAY:
		return series(tmp, b, periods[which - SERIES_HOUR], err);
	case SERIES_MONTH:
		return series(tmp, b, "month", err);
	default:
		return so_service_query_samples(tmp, &b->service, SO_SCOPE_DEFAULT, b->ids[2000],
			       so_time_now_us() + 1000000, 100, err) != NULL;
	}
}

/* How long this thread has been ready and waited for a processor. */
static int64_t queued_us(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	long long ran_ns = 0, waited_ns = 0;

	if (file && fscanf(file, "%lld %lld", &ran_ns, &waited_ns) != 2)
		waited_ns = 0;
	if (file)
		fclose(file);
	return waited_ns / 1000;
}

static struct took timed(struct bench *b, int which)
{
	TALLOC_CTX *tmp = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	int64_t queued = queued_us(), wall = so_time_monotonic_us(), cpu = so_time_thread_cpu_us();
	struct took took;

	if (!read_once(tmp, b, which, &err))
		die(names[which], &err);
	took.cpu_us = so_time_thread_cpu_us() - cpu;
	took.wall_us = so_time_monotonic_us() - wall;
	took.own_us = took.wall_us - (queued_us() - queued);
	talloc_free(tmp);
	return took;
}

static void *reader(void *arg)
{
	struct bench *b = arg;

	for (int which = 0; atomic_load(&b->reading); which = (which + 1) % READS) {
		struct times *times = &b->times[which];
		struct took took;

		if (times->count == READS_MAX)
			break;
		took = timed(b, which);
		times->wall_us[times->count] = took.wall_us;
		times->own_us[times->count] = took.own_us;
		times->cpu_us[times->count++] = took.cpu_us;
		usleep(1000);
	}
	return NULL;
}

/* What is done in the background when an hour or a day has ended: the sums of the period before are there. */
static void move_on(struct bench *b, const char *name, const struct so_period *now)
{
	struct so_period before = { now->unit, now->before - 1, now->from - 1, now->to - 1 };
	const struct so_query_loads *loads;
	struct so_err err = SO_ERR_INIT;
	int64_t wall, cpu;

	loads = so_load_cache_get(b->service.loads, SO_SCOPE_DEFAULT, &before, &err);
	if (!loads)
		die(name, &err);
	so_load_cache_release(b->service.loads, loads);
	wall = so_time_monotonic_us();
	cpu = so_time_thread_cpu_us();
	loads = so_load_cache_get(b->service.loads, SO_SCOPE_DEFAULT, now, &err);
	if (!loads)
		die(name, &err);
	printf("queries.move_on_%s_ms\t%.2f\tms\n", name, (double)(so_time_monotonic_us() - wall) / 1000);
	printf("queries.move_on_cpu_%s_ms\t%.2f\tms\n", name, (double)(so_time_thread_cpu_us() - cpu) / 1000);
	so_load_cache_release(b->service.loads, loads);
}

/* Each with a cache of its own, before anything is kept. */
static void run_sums(struct bench *b)
{
	static const char *const periods[] = { "hour", "day", "week", "month" };
	struct so_err err = SO_ERR_INIT;

	for (int i = 0; i < 4; i++) {
		const struct so_period_request request = { .word = periods[i] };
		struct so_period period;
		struct took took = timed(b, LIST_HOUR + i);

		printf("queries.first_%s_ms\t%.2f\tms\n", names[LIST_HOUR + i], (double)took.wall_us / 1000);
		printf("queries.first_cpu_%s_ms\t%.2f\tms\n", names[LIST_HOUR + i], (double)took.cpu_us / 1000);
		talloc_free(b->service.loads);
		b->service.loads = so_load_cache_new(b->root, b->store);
		if (!so_period_of(&request, so_time_now_us(), &period, &err))
			die("period", &err);
		move_on(b, periods[i], &period);
	}
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

/* A poll and a fold every two seconds: thirty times as often as in life. */
static void read_while_polls_write(struct bench *b)
{
	double wall = 0, own = 0, cpu = 0;
	pthread_t thread;

	/* as in life, somebody follows the periods; what is read for the first time is told by run_sums */
	fold(b, so_time_now_us());
	for (int i = 0; i < READS; i++)
		timed(b, i);
	atomic_store(&b->reading, true);
	if (pthread_create(&thread, NULL, reader, b) != 0)
		exit(1);
	for (int64_t until_us = so_time_monotonic_us() + 20000000; so_time_monotonic_us() < until_us;) {
		poll_once(b, so_time_now_us());
		fold(b, so_time_now_us());
		usleep(2000000);
	}
	atomic_store(&b->reading, false);
	pthread_join(thread, NULL);
	for (int i = 0; i < READS; i++) {
		struct times *times = &b->times[i];
		double wall_ms = p99_ms(times->wall_us, times->count);
		double own_ms = p99_ms(times->own_us, times->count);
		double cpu_ms = p99_ms(times->cpu_us, times->count);

		printf("queries.p99_%s_ms\t%.2f\tms\n", names[i], wall_ms);
		printf("queries.p99_own_%s_ms\t%.2f\tms\n", names[i], own_ms);
		printf("queries.p99_cpu_%s_ms\t%.2f\tms\n", names[i], cpu_ms);
		wall = wall_ms > wall ? wall_ms : wall;
		own = own_ms > own ? own_ms : own;
		cpu = cpu_ms > cpu ? cpu_ms : cpu;
	}
	printf("queries.p99_ms\t%.2f\tms\n", wall);
	printf("queries.reads\t%zu\treads of each\n", b->times[0].count);
	printf("queries.p99_own_ms\t%.2f\tms\n", own);
	printf("queries.p99_cpu_ms\t%.2f\tms\n", cpu);
}

/* What the index of texts takes on the disk beside the texts. */
static void print_index(struct bench *b)
{
	static const struct so_sqlite_options options = { .query_only = true, .busy_timeout_ms = 5000 };
	struct so_err err = SO_ERR_INIT;
	struct so_sqlite *raw = so_sqlite_open(b->root, b->path, &options, &err);
	int64_t texts = 0, lists = 0;

	if (!raw || !so_sqlite_int(raw, "SELECT sum(length(text)) FROM query_text", &texts, &err) ||
		!so_sqlite_int(raw, "SELECT coalesce(sum(length(bytes)), 0) FROM text_list", &lists, &err))
		die("index", &err);
	printf("queries.texts\t%" PRId64 "\ttexts\n", b->statements);
	printf("queries.text_bytes\t%.0f\tbytes a text\n", (double)texts / (double)b->statements);
	printf("queries.text_index_bytes\t%.0f\tbytes a text\n", (double)lists / (double)b->statements);
	talloc_free(raw);
}

int main(void)
{
	const char *wanted = getenv("QUERIES_SAMPLES"), *texts = getenv("QUERIES_TEXTS"),
		   *endings[] = { "", "-wal", "-shm", ".lock" };
	struct bench *b;
	TALLOC_CTX *root;

	so_mem_init();
	setvbuf(stdout, NULL, _IOLBF, 0);
	root = talloc_new(NULL);
	b = so_new(root, struct bench);
	b->root = root;
	b->statements = (texts ? atoll(texts) : MOVING) / MOVING * MOVING;
	b->statements = b->statements ? b->statements : MOVING;
	b->ids = so_new_array(b, int64_t, (size_t)b->statements);
	b->folder = so_printf(root, "%s/sqlopt-bench-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->folder))
		return 1;
	b->path = so_printf(root, "%s/store.db", b->folder);
	fill(b, wanted ? atoll(wanted) : 600000);
	printf("queries.samples\t%" PRId64 "\trows\n", b->written);
	print_index(b);
	run_sums(b);
	read_while_polls_write(b);
	talloc_free(b->service.loads);
	talloc_free(b->store);
	for (int i = 0; i < 4; i++)
		unlink(so_printf(root, "%s%s", b->path, endings[i]));
	if (rmdir(b->folder) != 0)
		return 1;
	talloc_free(root);
	return 0;
}
