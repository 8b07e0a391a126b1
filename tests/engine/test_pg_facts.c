/* What sql/facts.h claims of random queries must hold in what the server returns for them. */
#include <libpq-fe.h>

#include "common.h"
#include "facts_check.h"
#include "pg_tests.h"

#define PER_SCHEMA 60

static TALLOC_CTX *ctx;
static PGconn *db;
static struct so_conn *conn;

static int setup(void **state)
{
	char dsn[512];

	(void)state;
	ctx = talloc_new(NULL);
	conn = connect_as(ctx, "postgres", "shop");
	snprintf(dsn, sizeof dsn,
		"host=%s port=%d user=postgres dbname=shop options='-c client_min_messages=error -c "
		"statement_timeout=3000'",
		server.dir, server.port);
	db = PQconnectdb(dsn);
	return PQstatus(db) == CONNECTION_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	PQfinish(db);
	talloc_free(ctx);
	return 0;
}

static bool ask(void *arg, TALLOC_CTX *tmp, const char *sql, char **first, char **second)
{
	PGresult *result = PQexec(arg, sql);
	bool answered = PQresultStatus(result) == PGRES_TUPLES_OK;

	if (answered) {
		*first = so_strdup(tmp, PQgetvalue(result, 0, 0));
		*second = so_strdup(tmp, PQgetvalue(result, 0, 1));
	} else if (getenv("SO_FACTS_VERBOSE")) {
		printf("%s", PQresultErrorMessage(result));
	}
	PQclear(result);
	return answered;
}

static struct so_catalog *new_schema(TALLOC_CTX *tmp, struct gen *gen)
{
	static const char *const tables[] = { "g.t0", "g.t1", "g.t2", "g.t3" };
	static const char *const functions[] = { "g.maybe", "g.twice" };
	struct so_err err = SO_ERR_INIT;
	struct so_catalog *catalog;
	struct so_buf sql;
	PGresult *result;

	so_buf_init(&sql, tmp, 1 << 20);
	gen_schema(gen, &sql);
	result = PQexec(db, sql.data);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s\n%s", PQresultErrorMessage(result), sql.data);
	PQclear(result);
	catalog = pg->catalog(tmp, conn, tables, 4, functions, 2, &err);
	assert_ok(catalog, err);
	return catalog;
}

static void run(struct facts_counts *counts, unsigned n, bool invented)
{
	const char *seed = getenv("SO_FACTS_SEED");
	struct facts_judge judge = { ask, db };
	struct gen gen;

	gen_seed(&gen, SO_POSTGRESQL, seed ? strtoul(seed, NULL, 10) : 1);
	while (counts->queries < n) {
		SO_TMP(tmp, ctx);
		struct so_catalog *catalog = new_schema(tmp, &gen);

		for (unsigned i = 0; i < PER_SCHEMA; i++) {
			const char *wrong = facts_check_query(tmp, &gen, catalog, &judge, invented, counts);

			if (wrong && !invented)
				fail_msg("wrong claims on\n%s", wrong);
		}
	}
}

static unsigned wanted(void)
{
	const char *text = getenv("SO_FACTS_QUERIES");

	return text ? (unsigned)strtoul(text, NULL, 10) : 150;
}

static void test_claims_hold(void **state)
{
	struct facts_counts counts = { 0 };

	(void)state;
	run(&counts, wanted(), false);
	facts_check_summary("PostgreSQL", &counts);
}

/* The rows must contradict what is not claimed, of each kind: else they would say nothing of what is. */
static void test_invented_claims_are_refuted(void **state)
{
	struct facts_counts counts = { 0 };

	(void)state;
	run(&counts, wanted(), true);
	for (size_t i = 0; i < FACTS_CLAIMS; i++)
		if (!counts.refuted[i])
			fail_msg("of %u invented claims that something is \"%s\" none was refuted", counts.claims[i],
				facts_claim_names[i]);
}

int pg_facts_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_hold),
		cmocka_unit_test(test_invented_claims_are_refuted),
	};

	return cmocka_run_group_tests_name("facts", tests, setup, teardown);
}
