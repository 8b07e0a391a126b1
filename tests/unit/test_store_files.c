/* What a store suffers that lies in a file: death of its server, damage, locks, a full disk. */
#include "store_fixture.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/sqlite.h"
#include "store/history.h"
#include "store/migrations.h"
#include "store/statements.h"

/* What was found before the server died stays; a run without a plan has failed. */
static void test_unfinished_runs_are_closed(void **state)
{
	struct fixture *fix = *state;
	struct so_store_run bare = { .original_sql = (char *)"SELECT 1", .improvement_pct = NAN };
	struct so_store_run half = { .original_sql = (char *)"SELECT 2",
		.improvement_pct = NAN,
		.plan_json = (char *)"{}",
		.explanation = (char *)"an index helps",
		.extra_json = (char *)"{\"model\":{\"status\":\"pending\"},\"kept\":1}" };
	struct so_store_run whole = { .original_sql = (char *)"SELECT 3", .improvement_pct = NAN, .complete = true };
	struct so_store_run *back;

	bare.connection_id = half.connection_id = whole.connection_id = new_conn(fix, "target")->id;
	OK(so_store_run_save(fix->store, SCOPE, &bare, NULL, &err));
	OK(so_store_run_save(fix->store, SCOPE, &half, NULL, &err));
	OK(so_store_run_save(fix->store, SCOPE, &whole, NULL, &err));
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, bare.id, &err));
	assert_true(back->complete && back->status == SO_RUN_FAILED && back->error);
	assert_non_null(strstr(back->extra_json, "\"error_kind\":\"cancelled\""));
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, half.id, &err));
	assert_true(back->complete && back->status == SO_RUN_PENDING && !back->error);
	assert_string_equal(back->explanation, "an index helps");
	assert_non_null(strstr(back->extra_json, "\"status\":\"failed\""));
	assert_non_null(strstr(back->extra_json, "\"kept\":1"));
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, whole.id, &err));
	assert_true(back->complete && !back->error && back->updated_us == whole.updated_us);
}

static void test_state_survives_and_jobs_are_interrupted(void **state)
{
	struct fixture *fix = *state;
	struct so_store_job queued = { .kind = (char *)"optimize", .state = (char *)"queued" };
	struct so_store_job done = { .kind = (char *)"optimize", .state = (char *)"done" };
	struct so_store_job *back;

	new_conn(fix, "kept");
	OK(so_store_job_create(fix->store, SCOPE, &queued, &err));
	OK(so_store_job_create(fix->store, SCOPE, &done, &err));
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	OK(so_store_conn_get(fix->root, fix->store, SCOPE, 1, &err));
	OK(back = so_store_job_get(fix->root, fix->store, SCOPE, queued.id, &err));
	assert_string_equal(back->state, "interrupted");
	assert_true(back->finished_us > 0);
	assert_non_null(back->error);
	OK(back = so_store_job_get(fix->root, fix->store, SCOPE, done.id, &err));
	assert_string_equal(back->state, "done");
}

/* A child writes and reports each acknowledged id through a pipe until it is killed; the parent then counts. */
static void test_kill_loses_nothing_acknowledged(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conns *list;
	int64_t id, acknowledged = 0;
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct so_err err = SO_ERR_INIT;
		struct so_store *store = so_store_open(NULL, fix->url, NULL, &err);

		for (int i = 0; store && i < 100000; i++) {
			struct so_store_conn conn = { .name = so_printf(NULL, "c%d", i),
				.engine = (char *)"postgresql" };

			if (!so_store_conn_create(store, SCOPE, &conn, &err) ||
				write(fds[1], &conn.id, sizeof conn.id) < 0)
				break;
		}
		_exit(1);
	}
	close(fds[1]);
	while (acknowledged < 50 && read(fds[0], &id, sizeof id) == (ssize_t)sizeof id)
		acknowledged++;
	kill(child, SIGKILL);
	while (read(fds[0], &id, sizeof id) == (ssize_t)sizeof id)
		acknowledged++;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && acknowledged >= 50);
	fix->store = open_store(fix, NULL);
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 1, 0, &err));
	assert_true(list->total >= acknowledged);
}

static void test_one_server_a_store(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;

	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_non_null(strstr(err.message, so_printf(fix->root, "process %d", (int)getpid())));
}

static void test_file_mode(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	struct stat info;

	assert_int_equal(stat(fix->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(so_printf(fix->root, "%s-wal", fix->path), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	talloc_free(fix->store);
	assert_int_equal(chmod(fix->path, 0644), 0);
	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_non_null(strstr(err.message, "chmod 600"));
}

static void raw_exec(struct fixture *fix, const char *sql)
{
	struct so_sqlite_options options = { .create = true };
	struct so_sqlite *raw;

	OK(raw = so_sqlite_open(fix->root, fix->path, &options, &err));
	OK(so_sqlite_exec(raw, sql, &err));
	talloc_free(raw);
}

static void test_newer_and_foreign_schemas_are_refused(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;

	talloc_free(open_store(fix, NULL));
	raw_exec(fix, "PRAGMA user_version = 999");
	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_non_null(strstr(err.message, "newer sqlopt"));
	unlink(fix->path);
	raw_exec(fix, "CREATE TABLE users (id)");
	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_non_null(strstr(err.message, "another program"));
}

/* A store of version 3, which had a row for each sample: they are all there afterwards, and roll-ups go on. */
static void test_rows_of_samples_become_blocks(void **state)
{
	enum { QUERIES = 150, HOURS = 3, HOUR0 = 490000 };
	struct fixture *fix = *state;
	int64_t hour, polls, after = 0;
	struct so_store_query *kept;
	bool more = true;

	for (int version = 0; version < 3; version++)
		raw_exec(fix, migration_sql[version]);
	raw_exec(fix, "PRAGMA application_id = 0x53514f50; PRAGMA user_version = 3");
	raw_exec(fix, "INSERT INTO connection (id, organisation_id, name, engine, host, port, database, username, "
		      "ssl_enabled,"
		      " scratch, monitoring_enabled, created_us, updated_us, last_monitored_us)"
		      " VALUES (1, 1, 'old', 'postgresql', 'h', 1, 'd', 'u', 0, 0, 1, 1, 1, 0);"
		      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
		      " INSERT INTO query (id, organisation_id, connection_id, fingerprint, fingerprint_version, "
		      "sql_text, calls,"
		      " rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us)"
		      " SELECT i, 1, 1, i, 1, 'SELECT ' || i, 0, 0, 0, -1, -1, 0, 1, 1 FROM n;"
		      "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 150 * 12 * 3 - 1)"
		      " INSERT INTO sample (hour, query_id, second, calls, exec_us, wal_bytes)"
		      " SELECT 490000 + i / 1800, i % 150 + 1, i / 150 % 12 * 300, i + 1, i * 1000003, nullif(i % 7, "
		      "0) FROM n;"
		      "INSERT INTO hour (hour, polls, folded, dropped) VALUES (490000, 12, 0, 0), (490001, 12, 0, 0), "
		      "(490002, 12, 0, 0)");
	fix->store = open_store(fix, NULL);
	for (int64_t query = 1; query <= QUERIES; query++) {
		struct so_store_samples *list;

		OK(list = so_store_sample_list(fix->root, fix->store, SCOPE, query, HOUR0 * SO_HOUR_US,
			   (HOUR0 + HOURS) * SO_HOUR_US, &err));
		assert_int_equal(list->count, 12 * HOURS);
		for (int64_t k = 0; k < 12 * HOURS; k++) {
			const struct so_store_sample *sample = &list->items[k];
			int64_t i = k * QUERIES + query - 1;

			assert_int_equal(sample->at_us, HOUR0 * SO_HOUR_US + k * 300 * 1000000);
			assert_int_equal(sample->delta[0], i + 1);
			assert_int_equal(sample->delta[1], 0);
			assert_int_equal(sample->delta[2], i * 1000003);
			assert_int_equal(sample->delta[9], i % 7);
		}
	}
	OK(kept = so_store_query_get(fix->root, fix->store, SCOPE, 77, &err));
	assert_string_equal(kept->sql_text, "SELECT 77"); /* without a hash, and a table of its own since */
	assert_null(kept->hash);
	OK(so_store_fold_next(fix->store, 0, &hour, &polls, &err));
	assert_int_equal(hour, HOUR0);
	while (more)
		OK(so_store_fold_slice(fix->store, hour, &after, &more, &err));
	{
		struct so_store_hours *hours;

		OK(hours = so_store_hour_list(fix->root, fix->store, SCOPE, QUERIES, HOUR0, HOUR0, &err));
		assert_int_equal(hours->count, 1);
		assert_int_equal(hours->items[0].polls, 12);
		assert_int_equal(hours->items[0].sum[0], 12 * 150 + 150 * (11 * 12 / 2));
	}
}

static void test_damaged_files_are_named(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;
	char page[4096];
	FILE *file;

	umask(077);
	file = fopen(fix->path, "w");
	assert_non_null(file);
	fputs("this is a text file, and long enough to be looked at as a header of a database: 100 bytes and more, "
	      "really.",
		file);
	fclose(file);
	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_non_null(strstr(err.message, "not an SQLite database"));
	unlink(fix->path);
	talloc_free(open_store(fix, NULL));
	/* all pages after the first are rubbish */
	file = fopen(fix->path, "r+");
	assert_non_null(file);
	memset(page, 0xA5, sizeof page);
	for (long i = 1; i < 20; i++) {
		assert_int_equal(fseek(file, i * 4096, SEEK_SET), 0);
		assert_int_equal(fwrite(page, sizeof page, 1, file), 1);
	}
	fclose(file);
	assert_null(so_store_open(fix->root, fix->url, NULL, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_non_null(strstr(err.message, "corrupt"));
}

static void test_a_locked_store_says_so(void **state)
{
	struct fixture *fix = *state;
	struct so_sqlite_options raw_options = { 0 };
	struct so_store_options options = { .busy_timeout_ms = 50 };
	struct so_store_conn conn = { .name = (char *)"x", .engine = (char *)"postgresql" };
	struct so_sqlite *raw;

	fix->store = open_store(fix, &options);
	OK(raw = so_sqlite_open(fix->root, fix->path, &raw_options, &err));
	OK(so_sqlite_exec(raw, "BEGIN IMMEDIATE", &err));
	FAILS(SO_STORE, so_store_conn_create(fix->store, SCOPE, &conn, &err));
	OK(so_store_ping(fix->store, &err)); /* readers go on */
	OK(so_sqlite_exec(raw, "COMMIT", &err));
	OK(so_store_conn_create(fix->store, SCOPE, &conn, &err));
	talloc_free(raw);
}

static void test_a_full_disk_loses_nothing_acknowledged(void **state)
{
	struct fixture *fix = *state;
	struct so_store_options options = { .max_pages = 120 };
	struct so_err why = SO_ERR_INIT;
	struct so_store_conns *list;
	char *big = so_new_array(fix->root, char, 5000);
	struct so_store_conn conn = { .engine = (char *)"postgresql", .search_path = big };
	int written = 0;

	memset(big, 'x', 4999);
	fix->store = open_store(fix, &options);
	for (;; written++) {
		conn.name = so_printf(fix->root, "c%d", written);
		if (!so_store_conn_create(fix->store, SCOPE, &conn, &why))
			break;
		assert_true(written < 1000);
	}
	assert_int_equal(why.kind, SO_STORE);
	assert_non_null(strstr(why.message, "disk full"));
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 3, 0, &err));
	assert_int_equal(list->total, written);
	/* room again: the store goes on without a restart */
	for (size_t i = 0; i < list->count; i++)
		OK(so_store_conn_delete(fix->store, SCOPE, list->items[i]->id, &err));
	OK(so_store_conn_create(fix->store, SCOPE, &conn, &err));
}

/* The operating system refuses to let files grow: writes fail below SQLite, in the WAL. */
static void test_files_that_cannot_grow(void **state)
{
	struct fixture *fix = *state;
	struct rlimit old, low;
	struct so_err why = SO_ERR_INIT;
	struct so_store_conns *list;
	char *big = so_new_array(fix->root, char, 20000);
	struct so_store_conn conn = { .engine = (char *)"postgresql", .search_path = big };
	int written = 0;

	memset(big, 'x', 19999);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = 2000000; /* the log of a new store has half of it */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	for (; written < 1000; written++) {
		conn.name = so_printf(fix->root, "c%d", written);
		if (!so_store_conn_create(fix->store, SCOPE, &conn, &why))
			break;
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(written > 0 && written < 1000);
	assert_int_equal(why.kind, SO_STORE);
	assert_non_null(strstr(why.message, "disk full"));
	OK(so_store_conn_create(fix->store, SCOPE, &conn, &err));
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 1, 0, &err));
	assert_int_equal(list->total, written + 1);
}

static void test_folder_that_does_not_exist(void **state)
{
	struct fixture *fix = *state;
	struct so_err err = SO_ERR_INIT;

	assert_null(so_store_open(
		fix->root, so_printf(fix->root, "sqlite:///%s/no/such/store.db", fix->folder), NULL, &err));
	assert_int_equal(err.kind, SO_STORE);
	assert_null(so_store_open(fix->root, "mysql://x", NULL, &err));
	assert_int_equal(err.kind, SO_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_state_survives_and_jobs_are_interrupted),
		WITH(test_unfinished_runs_are_closed),
		FOLDER(test_kill_loses_nothing_acknowledged),
		WITH(test_one_server_a_store),
		WITH(test_file_mode),
		FOLDER(test_newer_and_foreign_schemas_are_refused),
		FOLDER(test_rows_of_samples_become_blocks),
		FOLDER(test_damaged_files_are_named),
		FOLDER(test_a_locked_store_says_so),
		FOLDER(test_a_full_disk_loses_nothing_acknowledged),
		WITH(test_files_that_cannot_grow),
		FOLDER(test_folder_that_does_not_exist),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
