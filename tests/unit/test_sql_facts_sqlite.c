/* What sql/facts.h claims of SQLite's queries must hold in what the engine returns, in this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "../engine/facts_check.h"
#include "sql/facts.h"

#define PER_SCHEMA 60

static TALLOC_CTX *ctx;
static sqlite3 *db;

static int setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return sqlite3_open(":memory:", &db) == SQLITE_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	sqlite3_close(db);
	talloc_free(ctx);
	return 0;
}

static const char *column_text(sqlite3_stmt *statement, int i)
{
	const unsigned char *text = sqlite3_column_text(statement, i);

	return text ? (const char *)text : "";
}

static bool ask(void *arg, TALLOC_CTX *tmp, const char *sql, char **first, char **second)
{
	sqlite3_stmt *statement = NULL;
	bool answered = sqlite3_prepare_v2(arg, sql, -1, &statement, NULL) == SQLITE_OK &&
			sqlite3_step(statement) == SQLITE_ROW;

	if (answered) {
		*first = so_strdup(tmp, column_text(statement, 0));
		*second = so_strdup(tmp, column_text(statement, 1));
	} else if (getenv("SO_FACTS_VERBOSE")) {
		printf("%s\n", sqlite3_errmsg(arg));
	}
	sqlite3_finalize(statement);
	return answered;
}

/* ---- The catalog, as the engine's own pragmas give it ------------------------------------------------------------ */

static sqlite3_stmt *rows_of(const char *pragma, const char *name)
{
	char sql[128];
	sqlite3_stmt *statement = NULL;

	snprintf(sql, sizeof sql, pragma, name);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	return statement;
}

static void add_key(TALLOC_CTX *tmp, struct so_table *table, const char *name, const int32_t *columns, size_t n)
{
	struct so_key *key;

	table->keys = so_renew_array(tmp, table->keys, struct so_key, table->n_keys + 1);
	key = &table->keys[table->n_keys++];
	*key = (struct so_key){ .name = so_strdup(tmp, name), .kind = SO_KEY_UNIQUE, .validated = true };
	key->columns = so_memdup(tmp, columns, n * sizeof *columns);
	key->n_columns = n;
}

/* A unique index without WHERE is a key; the index says by which collations. */
static void read_index(TALLOC_CTX *tmp, struct so_table *table, const char *name)
{
	sqlite3_stmt *rows = rows_of("PRAGMA index_xinfo(%s)", name);
	struct so_index *index;
	int32_t columns[GEN_COLUMNS];

	table->indexes = so_renew_array(tmp, table->indexes, struct so_index, table->n_indexes + 1);
	index = &table->indexes[table->n_indexes++];
	*index = (struct so_index){ .name = so_strdup(tmp, name), .unique = true, .valid = true };
	index->keys = so_new_array(tmp, struct so_index_key, GEN_COLUMNS);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		if (!sqlite3_column_int(rows, 5))
			continue;
		columns[index->n_keys] = sqlite3_column_int(rows, 1);
		index->keys[index->n_keys++] = (struct so_index_key){ .column = sqlite3_column_int(rows, 1),
			.collation = so_strdup(tmp, column_text(rows, 4)) };
	}
	sqlite3_finalize(rows);
	add_key(tmp, table, name, columns, index->n_keys);
}

static void read_table(TALLOC_CTX *tmp, struct so_table *table, const char *name)
{
	sqlite3_stmt *rows = rows_of("PRAGMA table_info(%s)", name);
	int32_t primary = -1;
	int n_primary = 0;

	*table = (struct so_table){ .schema = so_strdup(tmp, "main"), .name = so_strdup(tmp, name) };
	table->columns = so_new_array(tmp, struct so_column, GEN_COLUMNS);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		struct so_column *column = &table->columns[table->n_columns];
		const char *collation = NULL;

		sqlite3_table_column_metadata(db, NULL, name, column_text(rows, 1), NULL, &collation, NULL, NULL, NULL);
		*column = (struct so_column){ .name = so_strdup(tmp, column_text(rows, 1)),
			.type = so_strdup(tmp, column_text(rows, 2)),
			.collation = so_strdup(tmp, collation),
			.not_null = sqlite3_column_int(rows, 3) };
		column->type_class = so_type_classify(column->type, &column->width_bits);
		if (sqlite3_column_int(rows, 5)) {
			primary = (int32_t)table->n_columns;
			n_primary++;
		}
		table->n_columns++;
	}
	sqlite3_finalize(rows);
	/* the only kind of primary key that keeps NULL out, and that has no index */
	if (n_primary == 1 && strcmp(table->columns[primary].type, "integer") == 0) {
		table->columns[primary].not_null = true;
		add_key(tmp, table, "rowid", &primary, 1);
	}
	rows = rows_of("PRAGMA index_list(%s)", name);
	while (sqlite3_step(rows) == SQLITE_ROW)
		if (sqlite3_column_int(rows, 2) && !sqlite3_column_int(rows, 4))
			read_index(tmp, table, column_text(rows, 1));
	sqlite3_finalize(rows);
}

static struct so_catalog *new_schema(TALLOC_CTX *tmp, struct gen *gen)
{
	static char *path[] = { "main" };
	struct so_catalog *catalog = so_new(tmp, struct so_catalog);
	struct so_buf sql;
	char name[8], *message = NULL;

	so_buf_init(&sql, tmp, 1 << 20);
	gen_schema(gen, &sql);
	if (sqlite3_exec(db, sql.data, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s\n%s", message, sql.data);
	*catalog = (struct so_catalog){ .n_search_path = 1, .search_path = path, .n_tables = GEN_TABLES };
	catalog->tables = so_new_array(tmp, struct so_table, GEN_TABLES);
	for (unsigned t = 0; t < GEN_TABLES; t++) {
		snprintf(name, sizeof name, "t%u", t);
		read_table(tmp, &catalog->tables[t], name);
	}
	return catalog;
}

/* ---- The tests ----------------------------------------------------------------------------------------------------
 */

static unsigned number(const char *variable, unsigned otherwise)
{
	const char *text = getenv(variable);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void run(struct facts_counts *counts, unsigned n, bool invented)
{
	struct facts_judge judge = { ask, db };
	struct gen gen;

	gen_seed(&gen, SO_SQLITE, number("SO_FACTS_SEED", 1));
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

static void test_claims_hold(void **state)
{
	struct facts_counts counts = { 0 };

	(void)state;
	run(&counts, number("SO_FACTS_QUERIES", 2000), false);
	facts_check_summary("SQLite", &counts);
}

static void test_invented_claims_are_refuted(void **state)
{
	struct facts_counts counts = { 0 };

	(void)state;
	run(&counts, number("SO_FACTS_QUERIES", 300), true);
	for (size_t i = 0; i < FACTS_CLAIMS; i++)
		if (!counts.refuted[i])
			fail_msg("of %u invented claims that something is \"%s\" none was refuted", counts.claims[i],
				facts_claim_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_claims_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invented_claims_are_refuted, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
