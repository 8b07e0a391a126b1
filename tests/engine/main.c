/* The engine suite: starts the servers that its groups need, prepares their data, runs the groups. PostgreSQL 15 and
 * MariaDB 10.11, or those that SO_PG_BIN and SO_MY_BIN name. */
#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "common.h"
#include "lite_tests.h"
#include "my_tests.h"
#include "ora_tests.h"
#include "ms_tests.h"
#include "pg_tests.h"

#include "base/mem.h"
#include "db/my_client.h"

struct pg_server server;
struct ms_server mssql_double;
const struct so_engine *pg;
struct my_server mariadb, mariadb_slow;
bool no_mariadb;

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0)
		abort();
	fclose(file);
	return text;
}

struct so_conn *connect_as(TALLOC_CTX *ctx, const char *user, const char *db)
{
	struct so_conn_params params = {
		.engine = "postgresql",
		.host = server.dir,
		.port = server.port,
		.username = user,
		.database = db,
	};
	struct so_err err = SO_ERR_INIT;
	struct so_conn *conn = pg->open(ctx, &params, NULL, &err);

	assert_ok(conn, err);
	return conn;
}

const struct so_check *check_of(const struct so_engine_info *info, const char *id)
{
	for (size_t i = 0; i < info->n_checks; i++)
		if (strcmp(info->checks[i].id, id) == 0)
			return &info->checks[i];
	fail_msg("no check \"%s\"", id);
	return NULL;
}

struct starting {
	struct my_server *server;
	const char *kind;
	bool started;
	char reason[256];
	pthread_t thread;
};

static void *start_one(void *arg)
{
	struct starting *s = arg;

	s->started = my_server_start(s->server, s->kind, s->reason);
	if (s->started)
		my_server_file(s->server, SO_TEST_TOOLS "/setup_my.sql");
	return NULL;
}

struct group {
	const char *name;
	int (*run)(void);
	bool pg, my; /* the servers that it talks to */
};

static const struct group groups[] = {
	{ "conformance", conformance_tests, true, true },
	{ "conformance/fake", conformance_of_fake, false, false },
	{ "conformance/postgresql", conformance_of_pg, true, false },
	{ "conformance/mariadb", conformance_of_my, false, true },
	{ "conformance/sqlite", conformance_of_lite, false, false },
	{ "sqlite", lite_tests, false, false },
	{ "mariadb", my_tests, false, true },
	{ "connect", pg_connect_tests, true, false },
	{ "info", pg_info_tests, true, false },
	{ "catalog", pg_catalog_tests, true, false },
	{ "run", pg_run_tests, true, false },
	{ "facts", pg_facts_tests, true, false },
	{ "topology", pg_topology_tests, true, false },
	{ "mssql", ms_tests, false, false },
	{ "oracle", ora_tests, false, false },
};

/* With arguments: only the groups named. Without: all, where `conformance` has its parts. */
static bool wanted(int argc, char **argv, const struct group *group)
{
	if (argc < 2)
		return !strchr(group->name, '/');
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], group->name) == 0)
			return true;
	return false;
}

static bool start_pg(void)
{
	char reason[256], *script;

	if (!pg_server_start(&server, reason)) {
		printf("skipped: %s\n", reason);
		return false;
	}
	pg_server_sql(&server, "postgres", "CREATE DATABASE shop");
	script = read_whole(SO_TEST_TOOLS "/setup.sql");
	pg_server_sql(&server, "shop", script);
	free(script);
	pg_server_sql(&server, "shop", "ANALYZE"); /* after the commit, or the rows count as changed since */
	pg_server_sql(&server, "postgres", "CREATE DATABASE bare");
	return true;
}

/* Connections that were given up have threads that end by themselves; the leak checker must not look while one frees
 * what it held. */
static void wait_until_alone(void)
{
	for (int tries = 0; tries < 500; tries++) {
		int threads = -2; /* "." and ".." */
		DIR *dir = opendir("/proc/self/task");

		if (!dir)
			return;
		while (readdir(dir))
			threads++;
		closedir(dir);
		if (threads <= 1)
			return;
		usleep(20000);
	}
}

int main(int argc, char **argv)
{
	struct starting starting[] = { { &mariadb, "digests" }, { &mariadb_slow, "slow-log" } };
	bool with_pg = false, with_my = false, has_pg = true;
	int failed = 0;

	so_mem_init();
	so_my_global_init();
	ora_client_start();
	pg = so_engine_find("postgresql");
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		with_pg = with_pg || (groups[i].pg && wanted(argc, argv, &groups[i]));
		with_my = with_my || (groups[i].my && wanted(argc, argv, &groups[i]));
	}
	/* side by side: starting them is most of the suite's time */
	for (size_t i = 0; with_my && i < 2; i++)
		if (pthread_create(&starting[i].thread, NULL, start_one, &starting[i]) != 0)
			abort();
	if (with_pg)
		has_pg = start_pg();
	for (size_t i = 0; with_my && i < 2; i++) {
		pthread_join(starting[i].thread, NULL);
		if (!starting[i].started)
			printf("# no MariaDB: %s\n", starting[i].reason);
		no_mariadb = no_mariadb || !starting[i].started;
	}
	if (!has_pg)
		return 77;
	if (with_pg)
		printf("# PostgreSQL %s\n", pg_server_ask(&server, "postgres", "SHOW server_version"));
	if (with_my && !no_mariadb)
		printf("# %s %s\n", mariadb.is_mysql ? "MySQL" : "MariaDB",
			my_server_ask(&mariadb, "SELECT VERSION()"));
	ms_server_start(&mssql_double);
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (wanted(argc, argv, &groups[i]))
			failed += groups[i].run();
	ora_client_stop();
	ms_server_stop(&mssql_double);
	wait_until_alone();
	return failed ? 1 : 0;
}
