/* Values that were seen: where they stand in a text, how they get into another one, which sets are kept, and that the
 * store holds none of them in clear. */
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "advise/parameters.h"
#include "engine/conn.h"
#include "engine/reading.h"
#include "monitor/harvest.h"
#include "monitor/samples.h"
#include "sql/fingerprint.h"
#include "store/history.h"

static struct so_ast *parse(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql)
{
	struct so_sql_options options = { .lenient = true };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), &options, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

/* `to` with the values of `from`, or NULL. */
static char *give(TALLOC_CTX *ctx, enum so_dialect dialect, const char *from, const char *to)
{
	struct so_value_set *set = so_value_set_take(ctx, dialect, from, strlen(from));
	struct so_ast *ast = parse(ctx, dialect, to);
	struct so_parameters *p = so_parameters_unknown(ctx, ast, "no names");

	if (!set)
		return NULL;
	so_parameters_see(p, ast, (const struct so_value_set *const *)&set, 1);
	return so_parameters_fill(ctx, ast, p, ast, SO_VALUE_SEEN);
}

static void assert_gives(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *from, const char *to, const char *expected)
{
	char *got = give(ctx, dialect, from, to);

	if (!got != !expected)
		fail_msg("%s: %s", to, got ? got : "does not fit");
	if (got)
		assert_string_equal(got, expected);
	if (got)
		(void)parse(ctx, dialect, got);
}

static void test_values_move(void **state)
{
	TALLOC_CTX *ctx = ((struct fixture *)*state)->root;

	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 'x' AND c > -5 LIMIT 10",
		"select a from T where B = $1 and c > $2 limit $3;",
		"select a from T where B = 'x' and c > (-5) limit 10;");
	/* numbers that are not in the order of the text, comments, a value that is there already */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 1 AND c = 'day' AND d = 3",
		"SELECT a FROM t /* why */ WHERE b = $3 AND c = 'day' AND d = $1",
		"SELECT a FROM t /* why */ WHERE b = 1 AND c = 'day' AND d = 3");
	/* one parameter in two places */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 7 OR c = 7",
		"SELECT a FROM t WHERE b = $1 OR c = $1", "SELECT a FROM t WHERE b = 7 OR c = 7");
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 7 OR c = 8",
		"SELECT a FROM t WHERE b = $1 OR c = $1", NULL);
	/* IN is a set: lists of any length fit */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b IN (1, 2, 3)", "SELECT a FROM t WHERE b IN ($1, $2)",
		"SELECT a FROM t WHERE b IN (1, 2)");
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b IN (1, 2)", "SELECT a FROM t WHERE b IN ($1, $2, $3)",
		"SELECT a FROM t WHERE b IN (1, 2, 1)");
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b IN (1, 2)",
		"SELECT a FROM t WHERE b IN ($1 /*, ... */)", "SELECT a FROM t WHERE b IN (1, 2 /*, ... */)");
	/* other lists are none */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT f(1, 2) FROM t", "SELECT f($1, $2) FROM t", "SELECT f(1, 2) FROM t");
	assert_gives(ctx, SO_POSTGRESQL, "SELECT f(1, 2, 3) FROM t", "SELECT f($1, $2) FROM t", NULL);
	/* NULL as a value, and as a condition */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = NULL AND c IS NULL",
		"SELECT a FROM t WHERE b = $1 AND c IS NULL", "SELECT a FROM t WHERE b = NULL AND c IS NULL");
	/* the same fingerprint, but another order: which is which is not known */
	assert_gives(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 1 AND c = 2",
		"SELECT a FROM t WHERE c = $1 AND b = $2", NULL);
	/* a placeholder of its own, nothing, or too much */
	assert_null(give(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = $1 AND c = 2",
		"SELECT a FROM t WHERE b = $1 AND c = $2"));
	assert_null(give(ctx, SO_POSTGRESQL, "SELECT a FROM t", "SELECT a FROM t"));
	assert_null(give(ctx, SO_POSTGRESQL, so_printf(ctx, "SELECT a FROM t WHERE b = '%0*d'", SO_VALUE_BYTES, 7),
		"SELECT a FROM t WHERE b = $1"));
	assert_null(give(ctx, SO_POSTGRESQL, "SELECT a FROM t WHERE b = 'cut o", "SELECT a FROM t WHERE b = $1"));
}

static void test_digests(void **state)
{
	TALLOC_CTX *ctx = ((struct fixture *)*state)->root;
	const char *call = "SELECT no FROM orders WHERE (LOWER(note) = 'x' OR SLEEP(0.5) > 0) AND shop IN (1, 4711, 3)";

	assert_gives(ctx, SO_MARIADB, call,
		"SELECT `no` FROM `orders` WHERE ( `LOWER` ( `note` ) = ? OR `SLEEP` (?) > ? ) AND `shop` IN (...)",
		"SELECT `no` FROM `orders` WHERE ( `LOWER` ( `note` ) = 'x' OR `SLEEP` (0.5) > 0 ) AND `shop` IN (1, "
		"4711, 3)");
	assert_gives(ctx, SO_MARIADB, call,
		"SELECT no FROM orders WHERE (LOWER(note) = ? OR SLEEP(?) > ?) AND shop IN (?, ?)",
		"SELECT no FROM orders WHERE (LOWER(note) = 'x' OR SLEEP(0.5) > 0) AND shop IN (1, 4711)");
	assert_gives(ctx, SO_MYSQL,
		"select a from t where b != 1 and d between '2024-01-01' and \"2024-02-01\" limit 5, 10",
		"SELECT `a` FROM `t` WHERE `b` <> ? AND `d` BETWEEN ? AND ? LIMIT ?, ...",
		"SELECT `a` FROM `t` WHERE `b` <> 1 AND `d` BETWEEN '2024-01-01' AND \"2024-02-01\" LIMIT 5, 10");
}

static bool holds_all(TALLOC_CTX *ctx, const char *sql)
{
	return so_value_set_take(ctx, SO_TSQL, sql, strlen(sql));
}

/* Parameters of T-SQL look like local variables: those stand for values where a value could stand. */
static void test_parameters_of_tsql(void **state)
{
	TALLOC_CTX *ctx = ((struct fixture *)*state)->root;

	assert_gives(ctx, SO_TSQL, "SELECT TOP (5) a FROM t WHERE b = N'x' AND c BETWEEN -1 AND 2 AND d LIKE 'y%'",
		"SELECT TOP (@n) a FROM t WHERE b = @b AND c BETWEEN @lo AND @hi AND d LIKE @d",
		"SELECT TOP (5) a FROM t WHERE b = N'x' AND c BETWEEN (-1) AND 2 AND d LIKE 'y%'");
	assert_gives(ctx, SO_TSQL, "UPDATE t SET a = 1, b = 2 WHERE id IN (3, 4)",
		"UPDATE t SET a = @a, b = @b WHERE id IN (@x, @y)", "UPDATE t SET a = 1, b = 2 WHERE id IN (3, 4)");
	/* one in two places, with another case */
	assert_gives(ctx, SO_TSQL, "SELECT a FROM t WHERE b = 7 OR c = 7", "SELECT a FROM t WHERE b = @p OR c = @P",
		"SELECT a FROM t WHERE b = 7 OR c = 7");
	/* what is assigned to, a table, and the server's own are no values */
	assert_gives(ctx, SO_TSQL, "SELECT a FROM @t WHERE b = 5", "SELECT a FROM @t WHERE b = @b",
		"SELECT a FROM @t WHERE b = 5");
	assert_true(holds_all(ctx, "SELECT @n = COUNT(*), @m = 1 FROM t WHERE b = 5 AND c = @@SPID"));
	assert_false(holds_all(ctx, "SELECT @n = COUNT(*), @m = @o FROM t WHERE b = 5 AND c = @@SPID"));
	/* variables of MySQL are what the session says */
	assert_null(give(ctx, SO_MYSQL, "SELECT a FROM t WHERE b = @b", "SELECT a FROM t WHERE b = ?"));
}

/* ---- what is kept ---- */

#define TEXT "SELECT a FROM t WHERE b = $1 AND c = $2"

struct kept {
	struct so_store_conn *conn;
	struct so_store_query query;
	struct so_harvest *harvest;
};

static struct kept begin(struct fixture *fix, int64_t every_us)
{
	struct so_harvest_options options = { .store = fix->store, .scope = SCOPE, .every_us = every_us };
	struct kept out = { .conn = new_conn(fix, "shop") };
	char hex[SO_FINGERPRINT_TEXT];
	struct so_ast *ast = parse(fix->root, SO_POSTGRESQL, TEXT);
	char *key;

	so_fingerprint_text(so_sql_fingerprint(ast, so_ast_statement(ast)), hex);
	out.query = (struct so_store_query){ .connection_id = out.conn->id,
		.fingerprint = so_strdup(fix->root, hex),
		.fingerprint_version = SO_FINGERPRINT_VERSION,
		.sql_text = (char *)TEXT };
	OK(so_store_query_put(fix->store, SCOPE, &out.query, &err));
	OK(key = so_fernet_new_key(fix->root, &err));
	OK(options.fernet = so_fernet_new(fix->root, key, &err));
	out.harvest = so_harvest_new(fix->root, &options);
	return out;
}

static void harvest(struct fixture *fix, const struct kept *kept, int b, const char *c)
{
	so_harvest_text(kept->harvest, kept->conn->id, "postgresql",
		so_printf(fix->root, "SELECT a FROM t WHERE b = %d AND c = '%s'", b, c), SO_HARVEST_SESSION);
}

static size_t sets(struct fixture *fix, const struct kept *kept)
{
	struct so_store_values_list *list;

	OK(list = so_store_values_list(fix->root, fix->store, SCOPE, kept->query.id, &err));
	return list->count;
}

static bool is_kept(struct fixture *fix, const struct kept *kept, const char *b)
{
	struct so_harvested_list *list = so_harvest_read(fix->root, kept->harvest, kept->conn->id, "postgresql", TEXT);

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].set->places[0].texts[0], b) == 0)
			return true;
	return false;
}

static void test_sets_are_kept_by_variety(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, 0);
	struct so_harvested_list *list;

	harvest(fix, &kept, 1, "first");
	harvest(fix, &kept, 1, "first");
	assert_int_equal(sets(fix, &kept), 1);
	for (int i = 2; i <= 6; i++)
		harvest(fix, &kept, i, so_printf(fix->root, "value %d", i));
	/* two that are alike */
	harvest(fix, &kept, 71, "twin");
	harvest(fix, &kept, 72, "twin");
	assert_int_equal(sets(fix, &kept), SO_VALUE_SETS);
	harvest(fix, &kept, 9, "ninth");
	assert_int_equal(sets(fix, &kept), SO_VALUE_SETS);
	assert_false(is_kept(fix, &kept, "71"));
	assert_true(is_kept(fix, &kept, "72") && is_kept(fix, &kept, "1") && is_kept(fix, &kept, "9"));
	/* where none is like another the oldest goes */
	harvest(fix, &kept, 10, "tenth");
	assert_false(is_kept(fix, &kept, "1"));
	list = so_harvest_read(fix->root, kept.harvest, kept.conn->id, "postgresql", TEXT);
	assert_string_equal(list->items[0].set->places[1].texts[0], "'tenth'");
	assert_int_equal(list->items[0].source, SO_HARVEST_SESSION);
	/* other statements, and what is no statement of ours to watch */
	so_harvest_text(kept.harvest, kept.conn->id, "postgresql", "SELECT a FROM u WHERE b = 1", SO_HARVEST_SESSION);
	so_harvest_text(kept.harvest, kept.conn->id, "postgresql", "/* sqlopt */ SELECT a FROM t WHERE b = 3 AND c = 4",
		SO_HARVEST_SESSION);
	so_harvest_text(kept.harvest, kept.conn->id + 1, "postgresql", "SELECT a FROM t WHERE b = 3 AND c = 4",
		SO_HARVEST_SESSION);
	so_harvest_text(NULL, kept.conn->id, "postgresql", "SELECT a FROM t WHERE b = 3 AND c = 4", SO_HARVEST_SESSION);
	assert_int_equal(sets(fix, &kept), SO_VALUE_SETS);
	list = so_harvest_read(fix->root, kept.harvest, kept.conn->id, "postgresql", TEXT);
	assert_string_equal(list->items[0].set->places[1].texts[0], "'tenth'");
	assert_null(so_harvest_read(fix->root, NULL, kept.conn->id, "postgresql", TEXT));
}

static void test_not_more_often_than_asked(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, INT64_C(3600000000));

	harvest(fix, &kept, 1, "a");
	harvest(fix, &kept, 2, "b");
	assert_int_equal(sets(fix, &kept), 1);
	/* what somebody gives is always taken */
	so_harvest_text(kept.harvest, kept.conn->id, "postgresql", "SELECT a FROM t WHERE b = 3 AND c = 4",
		SO_HARVEST_STATEMENT);
	assert_int_equal(sets(fix, &kept), 2);
}

static bool file_has(TALLOC_CTX *ctx, const char *path, const char *word)
{
	FILE *f = fopen(path, "rb");
	char *bytes = so_new_array(ctx, char, 4 * 1024 * 1024);
	size_t n = f ? fread(bytes, 1, 4 * 1024 * 1024, f) : 0;

	if (f)
		fclose(f);
	return n > 0 && memmem(bytes, n, word, strlen(word)) != NULL;
}

static void test_nothing_is_readable(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, 0);
	struct so_harvested_list *list;
	struct so_harvest *other;
	struct so_harvest_options options = { .store = fix->store, .scope = SCOPE };
	char *key;

	harvest(fix, &kept, 1, "open sesame");
	assert_int_equal(sets(fix, &kept), 1);
	assert_true(file_has(fix->root, so_printf(fix->root, "%s-wal", fix->path), TEXT));
	assert_false(file_has(fix->root, fix->path, "sesame"));
	assert_false(file_has(fix->root, so_printf(fix->root, "%s-wal", fix->path), "sesame"));
	/* with another key it is nothing */
	OK(key = so_fernet_new_key(fix->root, &err));
	OK(options.fernet = so_fernet_new(fix->root, key, &err));
	other = so_harvest_new(fix->root, &options);
	list = so_harvest_read(fix->root, other, kept.conn->id, "postgresql", TEXT);
	assert_int_equal(list->count, 0);
}

static void test_sets_end(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, 0);
	struct so_store_values_list *list;

	harvest(fix, &kept, 1, "a");
	OK(list = so_store_values_list(fix->root, fix->store, SCOPE, kept.query.id, &err));
	OK(so_store_values_forget(fix->store, list->items[0]->seen_us, &err));
	assert_int_equal(sets(fix, &kept), 1);
	OK(so_store_values_forget(fix->store, list->items[0]->seen_us + 1, &err));
	assert_int_equal(sets(fix, &kept), 0);
	harvest(fix, &kept, 2, "b");
	OK(so_store_values_forget(fix->store, INT64_MAX, &err));
	assert_int_equal(sets(fix, &kept), 0);
	/* with the connection */
	harvest(fix, &kept, 3, "c");
	assert_int_equal(sets(fix, &kept), 1);
	OK(so_store_conn_delete(fix->store, SCOPE, kept.conn->id, &err));
	assert_int_equal(sets(fix, &kept), 0);
}

/* All together are bounded, too: the oldest of all go. */
static void test_the_sum_is_bounded(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, 0);
	const size_t bytes = SO_VALUES_BYTES / 4;
	char *token = so_new_array(fix->root, char, bytes + 1);
	struct so_store_values row = { .query_id = kept.query.id, .source = (char *)"session", .token = token };

	memset(token, 'x', bytes);
	for (int i = 1; i <= 4; i++) {
		row.seen_us = i;
		OK(so_store_values_put(fix->store, &row, 0, &err));
	}
	assert_int_equal(sets(fix, &kept), 4);
	row.seen_us = 5;
	OK(so_store_values_put(fix->store, &row, 0, &err));
	/* they go by the dozen */
	assert_int_equal(sets(fix, &kept), 0);
	token[10] = '\0';
	OK(so_store_values_put(fix->store, &row, 0, &err));
	assert_int_equal(sets(fix, &kept), 1);
}

/* ---- texts that a server kept ---- */

static struct {
	size_t calls, asked, opened;
	const char *text; /* for each id, with its number; NULL: none */
	char *values[3]; /* of its placeholders, if it has some */
	size_t n_values;
	bool fails;
} server;

static bool fake_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	assert_non_null(conn);
	server.calls++;
	server.asked += n;
	if (server.fails)
		return so_fail(err, SO_TARGET, "no");
	for (size_t i = 0; i < n; i++)
		out[i] = (struct so_sample){
			server.text ? so_printf(ctx, "%s%s", server.text, server.n_values ? "" : ids[i]) : NULL,
			server.values, server.n_values
		};
	return true;
}

static struct so_conn *fake_open(void *arg, int64_t connection_id, struct so_err *err)
{
	(void)connection_id;
	(void)err;
	server.opened++;
	return arg;
}

static const struct so_engine fake_engine = { .name = "fake", .dialect = "postgresql", .samples = fake_samples };

static void test_samples_are_taken(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, 0);
	struct so_conn conn = { .engine = &fake_engine };
	struct so_poll_rules rules = { .store = fix->store, .scope = SCOPE };
	struct so_poll_heavies heavies = { .count = 1, .items = { { .query_id = kept.query.id, .calls = 1 } } };
	struct so_inputs_of of = { .connection_id = kept.conn->id,
		.engine = &fake_engine,
		.heavies = &heavies,
		.open = fake_open,
		.arg = &conn };
	struct so_harvested_list *list;

	memset(&server, 0, sizeof server);
	/* switched off; and a statement without an id of the engine */
	OK(so_samples_take(&rules, NULL, &of, &err));
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(server.calls + server.opened, 0);
	kept.query.engine_id = (char *)"7";
	OK(so_store_query_put(fix->store, SCOPE, &kept.query, &err));
	/* the server kept none: asked again */
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(sets(fix, &kept), 0);
	server.text = "SELECT a FROM t WHERE c = 'x' AND b = 7"; /* in another order */
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	server.text = "SELECT a FROM t WHERE b = 1 AND c = 5";
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	list = so_harvest_read(fix->root, kept.harvest, kept.conn->id, "postgresql", TEXT);
	assert_true(list->count > 0);
	assert_string_equal(list->items[0].set->places[1].texts[0], "57");
	assert_int_equal(list->items[0].source, SO_HARVEST_SAMPLE);
	assert_string_equal(so_harvest_describe(list->items[0].source), "a statement that the server kept");
	/* a text with placeholders, and what stood for them; one value too few is no set */
	server.text = "SELECT a FROM t WHERE b = $2 AND c = $1";
	server.values[0] = (char *)"TO_DATE('1.2.2026', 'D.M.YYYY')";
	server.values[1] = (char *)"-9";
	server.n_values = 1;
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	server.n_values = 2;
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	list = so_harvest_read(fix->root, kept.harvest, kept.conn->id, "postgresql", TEXT);
	assert_int_equal(list->count, 3);
	assert_string_equal(list->items[0].set->places[0].texts[0], server.values[0]);
	assert_string_equal(list->items[0].set->places[1].texts[0], "-9");
	/* enough of them, and new: nothing is asked */
	for (int i = 0; i < 4; i++)
		harvest(fix, &kept, i, "enough");
	assert_true(sets(fix, &kept) >= 4);
	memset(&server, 0, sizeof server);
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(server.calls + server.opened, 0);
	OK(so_store_values_forget(fix->store, INT64_MAX, &err));
	server.fails = true;
	FAILS(SO_TARGET, so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(server.calls, 1);
}

static void test_samples_are_few(void **state)
{
	struct fixture *fix = *state;
	struct kept kept = begin(fix, INT64_C(3600000000));
	struct so_conn conn = { .engine = &fake_engine };
	struct so_poll_rules rules = { .store = fix->store, .scope = SCOPE };
	struct so_poll_heavies heavies = { .count = SO_POLL_HEAVY };
	struct so_inputs_of of = {
		.connection_id = kept.conn->id, .engine = &fake_engine, .heavies = &heavies, .conn = &conn
	};

	memset(&server, 0, sizeof server);
	for (size_t i = 0; i < SO_POLL_HEAVY; i++) {
		struct so_store_query query = { .connection_id = kept.conn->id,
			.fingerprint = so_printf(fix->root, "%032zx", i),
			.fingerprint_version = SO_FINGERPRINT_VERSION,
			.sql_text = (char *)TEXT,
			.engine_id = so_printf(fix->root, "%zu", i) };

		OK(so_store_query_put(fix->store, SCOPE, &query, &err));
		heavies.items[i].query_id = query.id;
	}
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(server.calls, 1);
	assert_int_equal(server.asked, SO_SAMPLES_POLL);
	/* the next poll asks for the others, the one after that for none */
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	OK(so_samples_take(&rules, kept.harvest, &of, &err));
	assert_int_equal(server.calls, 2);
	assert_int_equal(server.asked, SO_POLL_HEAVY);
	assert_int_equal(server.opened, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_values_move),
		WITH(test_digests),
		WITH(test_parameters_of_tsql),
		WITH(test_sets_are_kept_by_variety),
		WITH(test_not_more_often_than_asked),
		WITH(test_nothing_is_readable),
		WITH(test_samples_are_taken),
		WITH(test_samples_are_few),
		WITH(test_sets_end),
		WITH(test_the_sum_is_bounded),
	};

	return cmocka_run_group_tests_name("harvest", tests, NULL, NULL);
}
