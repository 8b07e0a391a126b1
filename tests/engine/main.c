/* The engine suite against PostgreSQL 15 and MariaDB 10.11: starts the servers, prepares their data, runs every group.
 */
#include <pthread.h>

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

/* With arguments: only the groups named. */
static int group(int argc, char **argv, const char *name, int (*run)(void))
{
	bool wanted = argc < 2;

	for (int i = 1; i < argc; i++)
		wanted = wanted || strcmp(argv[i], name) == 0;
	return wanted ? run() : 0;
}

int main(int argc, char **argv)
{
	struct starting starting[] = { { &mariadb, "digests" }, { &mariadb_slow, "slow-log" } };
	char reason[256], *script;
	bool with_pg;
	int failed;

	so_mem_init();
	so_my_global_init();
	ora_client_start();
	pg = so_engine_find("postgresql");
	/* side by side: starting them is most of the suite's time */
	for (size_t i = 0; i < 2; i++)
		if (pthread_create(&starting[i].thread, NULL, start_one, &starting[i]) != 0)
			abort();
	with_pg = pg_server_start(&server, reason);
	for (size_t i = 0; i < 2; i++) {
		pthread_join(starting[i].thread, NULL);
		if (!starting[i].started)
			printf("# no MariaDB: %s\n", starting[i].reason);
		no_mariadb = no_mariadb || !starting[i].started;
	}
	if (!with_pg) {
		printf("skipped: %s\n", reason);
		return 77;
	}
	pg_server_sql(&server, "postgres", "CREATE DATABASE shop");
	script = read_whole(SO_TEST_TOOLS "/setup.sql");
	pg_server_sql(&server, "shop", script);
	free(script);
	pg_server_sql(&server, "shop", "ANALYZE"); /* after the commit, or the rows count as changed since */
	pg_server_sql(&server, "postgres", "CREATE DATABASE bare");
	ms_server_start(&mssql_double);
	failed = group(argc, argv, "conformance", conformance_tests);
	failed += group(argc, argv, "sqlite", lite_tests);
	failed += group(argc, argv, "mariadb", my_tests);
	failed += group(argc, argv, "connect", pg_connect_tests);
	failed += group(argc, argv, "info", pg_info_tests);
	failed += group(argc, argv, "catalog", pg_catalog_tests);
	failed += group(argc, argv, "run", pg_run_tests);
	failed += group(argc, argv, "facts", pg_facts_tests);
	failed += group(argc, argv, "topology", pg_topology_tests);
	failed += group(argc, argv, "mssql", ms_tests);
	failed += group(argc, argv, "oracle", ora_tests);
	ora_client_stop();
	ms_server_stop(&mssql_double);
	return failed ? 1 : 0;
}
