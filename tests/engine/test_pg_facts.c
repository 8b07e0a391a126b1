/* What sql/facts.h claims of random queries must hold in what the server returns for them. */
#include <libpq-fe.h>

#include "common.h"
#include "facts_gen.h"
#include "pg_tests.h"
#include "sql/facts.h"
#include "sql/parse.h"

#define PER_SCHEMA 60

struct counts {
	unsigned queries, refused_by_server, refused_by_us, empty, claims[7];
};

enum claim { NOT_NULL, UNIQUE, ONE_ROW, ROWS_UNIQUE, DETERMINES, EQUAL, CONSTANT };

static const char *const claim_names[] = { "not null", "unique", "one row", "rows unique", "determines", "equal",
	"constant" };

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

/* Adds one claim to the query that checks all of them: `violation` returns rows when it does not hold. */
static void SO_PRINTF(4, 5)
	claim(struct so_buf *check, struct counts *counts, enum claim kind, const char *violation, ...)
{
	char text[4096];
	va_list args;

	va_start(args, violation);
	vsnprintf(text, sizeof text, violation, args);
	va_end(args);
	counts->claims[kind]++;
	so_buf_addf(check, "%s CASE WHEN EXISTS (%s) THEN $c$%s: %s$c$ END", check->len ? "," : "", text,
		claim_names[kind], text);
}

static void list(char out[512], const int32_t *outputs, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, 512 - at, "%so%d", i ? ", " : "", outputs[i]);
}

static size_t subset(struct gen *gen, size_t n, int32_t *out)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++)
		if (gen_below(gen, 2) == 0)
			out[taken++] = (int32_t)i;
	return taken;
}

static void output_claims(
	struct gen *gen, const struct so_resolved *resolved, struct so_buf *check, struct counts *counts)
{
	const struct so_block *block = &resolved->blocks[so_resolved_block(resolved, resolved->root)];
	int32_t set[64];
	char names[512];
	size_t n;

	for (size_t i = 0; i < block->n_outputs; i++)
		if (block->outputs[i].not_null)
			claim(check, counts, NOT_NULL, "SELECT FROM q WHERE o%zu IS NULL", i);
	if (so_block_max_one_row(resolved, so_resolved_block(resolved, resolved->root)))
		claim(check, counts, ONE_ROW, "SELECT FROM q HAVING count(*) > 1");
	for (int round = 0; round < 6 && block->n_outputs <= 60; round++) {
		n = subset(gen, block->n_outputs, set);
		list(names, set, n);
		if (n && so_block_outputs_unique(resolved, so_resolved_block(resolved, resolved->root), set, n))
			claim(check, counts, UNIQUE, "SELECT FROM q GROUP BY %s HAVING count(*) > 1", names);
	}
}

/* A query whose result is exactly the rows of FROM and WHERE. */
static bool is_plain(const struct so_resolved *resolved)
{
	const struct so_n_select *select;

	if (so_ast_kind(resolved->ast, resolved->root) != SO_N_SELECT)
		return false;
	select = so_as_select(resolved->ast, resolved->root);
	if (select->group_by.count || (select->hdr.flags & SO_NF_DISTINCT) || select->limit)
		return false;
	for (size_t i = 0; i < resolved->blocks[0].n_outputs; i++)
		if (resolved->blocks[0].outputs[i].rel < 0)
			return false;
	return true;
}

static void row_claims(struct gen *gen, const struct so_resolved *resolved, struct so_buf *check, struct counts *counts)
{
	const struct so_block *block = &resolved->blocks[0];
	struct so_rel_col cols[64], set_cols[64];
	int32_t set[64];
	char names[512];

	for (size_t i = 0; i < block->n_outputs && i < 60; i++)
		cols[i] = (struct so_rel_col){ block->outputs[i].rel, block->outputs[i].column };
	for (int round = 0; round < 4 && block->n_outputs < 60; round++) {
		size_t n = round ? subset(gen, block->n_outputs, set) : 0;

		list(names, set, n);
		for (size_t i = 0; i < n; i++)
			set_cols[i] = cols[set[i]];
		if (n && so_block_rows_unique(resolved, 0, set_cols, n))
			claim(check, counts, ROWS_UNIQUE, "SELECT FROM q GROUP BY %s HAVING count(*) > 1", names);
		for (size_t i = 0; i < block->n_outputs; i++)
			if (so_block_determines(resolved, 0, set_cols, n, cols[i]))
				claim(check, counts, DETERMINES,
					"SELECT FROM q %s%s HAVING count(DISTINCT o%zu) + bool_or(o%zu IS NULL)::int > "
					"1",
					n ? "GROUP BY " : "", names, i, i);
	}
	for (size_t i = 0; i < block->n_outputs && i < 60; i++) {
		so_ref value = so_block_constant(resolved, 0, cols[i]);
		struct so_text text = so_ast_source_of(resolved->ast, value);

		if (value)
			claim(check, counts, CONSTANT, "SELECT FROM q WHERE (o%zu = %.*s) IS NOT TRUE", i,
				(int)text.len, text.s);
		for (size_t k = 0; k < i; k++)
			if (so_block_columns_equal(resolved, 0, cols[i], cols[k]) &&
				(cols[i].rel != cols[k].rel || cols[i].column != cols[k].column))
				claim(check, counts, EQUAL, "SELECT FROM q WHERE (o%zu = o%zu) IS NOT TRUE", i, k);
	}
}

static void one_query(struct gen *gen, const struct so_catalog *catalog, struct counts *counts)
{
	SO_TMP(tmp, ctx);
	struct so_buf sql, check, all;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	struct so_resolved *resolved;
	const char *failed;
	PGresult *result;
	unsigned n;

	so_buf_init(&sql, tmp, 1 << 20);
	so_buf_init(&check, tmp, 1 << 22);
	so_buf_init(&all, tmp, 1 << 22);
	n = gen_query(gen, &sql);
	counts->queries++;
	if (!so_sql_parse(tmp, NULL, SO_POSTGRESQL, sql.data, sql.len, NULL, &ast, &err))
		fail_msg("%s: %s", sql.data, err.message);
	if (!so_sql_resolve(tmp, ast, so_ast_statement(ast), catalog, &resolved, &err)) {
		counts->refused_by_us++;
		result = PQexec(db, sql.data);
		if (PQresultStatus(result) == PGRES_TUPLES_OK)
			fail_msg("the server takes %s, the resolver says %s", sql.data, err.message);
		PQclear(result);
		return;
	}
	output_claims(gen, resolved, &check, counts);
	if (is_plain(resolved))
		row_claims(gen, resolved, &check, counts);
	so_buf_adds(&all, "WITH q (");
	for (unsigned i = 0; i < n; i++)
		so_buf_addf(&all, "%so%u", i ? ", " : "", i);
	so_buf_addf(&all, ") AS MATERIALIZED (%s) SELECT concat_ws(E'\\n', NULL%s%s), (SELECT count(*) FROM q)",
		sql.data, check.len ? "," : "", so_buf_text(&check));
	result = PQexec(db, all.data);
	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		counts->refused_by_server++;
		if (getenv("SO_FACTS_VERBOSE"))
			printf("%s%s\n", PQresultErrorMessage(result), sql.data);
		PQclear(result);
		return;
	}
	failed = PQgetvalue(result, 0, 0);
	if (*failed)
		fail_msg("wrong claims on\n%s\n%s", sql.data, failed);
	counts->empty += strcmp(PQgetvalue(result, 0, 1), "0") == 0;
	PQclear(result);
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

static void test_claims_hold(void **state)
{
	const char *wanted = getenv("SO_FACTS_QUERIES"), *seed = getenv("SO_FACTS_SEED");
	unsigned n = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 150;
	struct counts counts = { 0 };
	struct gen gen;

	(void)state;
	gen_seed(&gen, seed ? strtoul(seed, NULL, 10) : 1);
	while (counts.queries < n) {
		SO_TMP(tmp, ctx);
		struct so_catalog *catalog = new_schema(tmp, &gen);

		for (unsigned i = 0; i < PER_SCHEMA; i++)
			one_query(&gen, catalog, &counts);
	}
	printf("facts: %u queries, %u refused by the server, %u by the resolver, %u without rows; claims:",
		counts.queries, counts.refused_by_server, counts.refused_by_us, counts.empty);
	for (size_t i = 0; i < sizeof claim_names / sizeof claim_names[0]; i++) {
		printf(" %s %u", claim_names[i], counts.claims[i]);
		assert_true(counts.claims[i] > 0);
	}
	printf("\n");
	assert_true(counts.refused_by_server + counts.refused_by_us < counts.queries / 3);
}

int pg_facts_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_hold),
	};

	return cmocka_run_group_tests_name("facts", tests, setup, teardown);
}
