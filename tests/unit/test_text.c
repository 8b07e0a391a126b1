/* The index of texts: what it finds is what LIKE finds, whatever is looked for and whatever has come and gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/sqlite.h"
#include "monitor/fold.h"
#include "store/gram.h"
#include "store/history.h"
#include "store/text.h"
#include "store/use.h"
#include "unit/store_fixture.h"

static uint64_t state_of_dice;

static uint64_t dice(uint64_t below)
{
	state_of_dice ^= state_of_dice << 13;
	state_of_dice ^= state_of_dice >> 7;
	state_of_dice ^= state_of_dice << 17;
	return state_of_dice % below;
}

static void seed(void)
{
	const char *given = getenv("SEED");

	state_of_dice = given ? strtoull(given, NULL, 10) * 2 + 1 : 88172645463325252u;
	printf("SEED=%s\n", given ? given : "(fixed)");
}

/* Few pieces, so that needles are found; with all that LIKE, FTS and C take for something else. */
static const char *const pieces[] = { "SELECT ", "select ", "FROM ", "orders", "Orders_42", " o", " WHERE ", "=", "$1",
	"%", "_", "\"", "*", "\\", "'", "é", "É", "ß", "中文", "\xf0\x9f\x98\x80", "\t", "\n", "a", "A", "aa", "AaA",
	"\x7f", "K", "\xe2\x84\xaa" /* the Kelvin sign, which some fold to k */, "0", "00", "[", "^", "ORDER BY ",
	"LIMIT " };

static char *new_text(TALLOC_CTX *ctx, int most)
{
	char *text = talloc_strdup(ctx, "");
	int n = (int)dice((uint64_t)most);

	for (int i = 0; i < n; i++)
		text = talloc_strdup_append(text, pieces[dice(sizeof pieces / sizeof *pieces)]);
	return text;
}

static bool at_character(const char *at)
{
	return ((unsigned char)*at & 0xc0) != 0x80;
}

/* A part of a text, its letters in any case; now and then something that is in none, or in all. */
static char *new_needle(TALLOC_CTX *ctx, const char *text)
{
	size_t len = strlen(text), from, to;
	char *needle;

	if (len == 0 || dice(8) == 0)
		return talloc_strdup_append(new_text(ctx, 4), pieces[dice(sizeof pieces / sizeof *pieces)]);
	from = dice(len);
	to = from + 1 + dice(dice(3) ? 8 : 60);
	to = to < len ? to : len;
	while (from && !at_character(text + from))
		from--;
	while (to < len && !at_character(text + to))
		to++;
	needle = talloc_strndup(ctx, text + from, to - from);
	for (char *c = needle; *c; c++)
		if (((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z')) && dice(4) == 0)
			*c = (char)(*c ^ 0x20);
	return needle;
}

/* ---- against LIKE, in a store ---- */

struct texts {
	struct fixture *fix;
	struct so_store_conn *conns[4];
	struct so_sqlite *raw;
	char *sample[64]; /* some of the texts */
	int added, wide;
	int from, to, conn;
};

static bool add_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct texts *t = arg;

	for (int i = t->from; i < t->to; i++) {
		SO_TMP(tmp, NULL);
		struct so_store_query query = { .connection_id = t->conns[t->conn]->id,
			.fingerprint = so_printf(tmp, "%016x", i),
			.fingerprint_version = 1,
			.sql_text = so_printf(tmp, "%s/*%d*/", new_text(tmp, t->wide), i) };

		if (dice(20) == 0)
			t->sample[dice(64)] = so_strdup(t->fix->root, query.sql_text);
		if (!so_store_query_add(tx, SCOPE, &query, err))
			return false;
	}
	return true;
}

static void add(struct texts *t, int conn, int count)
{
	t->conn = conn;
	t->from = t->added;
	t->to = t->added += count;
	OK(so_store_tx(t->fix->store, add_tx, t, &err));
}

static int64_t number(struct texts *t, const char *sql)
{
	int64_t value;

	OK(so_sqlite_int(t->raw, sql, &value, &err));
	return value;
}

static int build(struct texts *t)
{
	bool more = true;
	int built = 0;

	while (more) {
		OK(so_store_text_index(t->fix->store, &more, &err));
		built += more;
	}
	return built;
}

static bool has(const struct so_store_texts *found, int64_t id)
{
	return so_store_texts_hold(found, 0, id);
}

static void compare(struct texts *t, const char *needle)
{
	SO_TMP(tmp, t->fix->root);
	struct so_store_texts *found;
	struct so_sqlite_stmt *stmt;
	char *pattern = talloc_strdup(tmp, "%");
	int64_t wanted = 0, got = 0;

	for (const char *c = needle; *c; c++)
		pattern = talloc_asprintf_append(pattern, strchr("%_\\", *c) ? "\\%c" : "%c", *c);
	pattern = talloc_strdup_append(pattern, "%");
	OK(found = so_store_text_search(tmp, t->fix->store, needle, &err));
	OK(stmt = so_sqlite_stmt(t->raw, "like", "SELECT id, text LIKE ?1 ESCAPE '\\' FROM query_text", &err));
	so_sqlite_bind_text(stmt, 1, pattern);
	for (;;) {
		bool row;

		OK(so_sqlite_step(stmt, &row, &err));
		if (!row)
			break;
		wanted += so_sqlite_col_int(stmt, 1);
		if (so_sqlite_col_int(stmt, 1) != has(found, so_sqlite_col_int(stmt, 0)))
			fail_msg("text %lld, looked for \"%s\": LIKE says %lld", (long long)so_sqlite_col_int(stmt, 0),
				needle, (long long)so_sqlite_col_int(stmt, 1));
		got += has(found, so_sqlite_col_int(stmt, 0));
	}
	so_sqlite_reset(stmt);
	assert_int_equal(got, wanted);
}

static void compare_many(struct texts *t, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		SO_TMP(tmp, t->fix->root);
		const char *of = t->sample[dice(64)];

		compare(t, new_needle(tmp, of ? of : ""));
	}
	/* one and two characters, and what is in all */
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		compare(t, pieces[i]);
	compare(t, "/*");
	compare(t, "*/");
	compare(t, "1*/");
	compare(t, "\x01");
}

static struct texts *new_texts(struct fixture *fix)
{
	static const struct so_sqlite_options options = { .busy_timeout_ms = 5000 };
	struct texts *t = so_new(fix->root, struct texts);

	seed();
	t->fix = fix;
	t->wide = 24;
	for (int i = 0; i < 4; i++)
		t->conns[i] = new_conn(fix, so_printf(fix->root, "db%d", i));
	OK(t->raw = so_sqlite_open(fix->root, fix->path, &options, &err));
	return t;
}

static void test_finds_what_like_finds(void **state)
{
	struct texts *t = new_texts(*state);

	compare(t, "nothing is there");
	add(t, 0, 1000);
	assert_int_equal(build(t), 0); /* not worth a block yet */
	compare_many(t, 40);
	add(t, 1, 1700);
	assert_int_equal(build(t), 2);
	assert_int_equal(build(t), 0);
	assert_int_equal(number(t, "SELECT max(last_id) FROM text_block"), 2048);
	compare_many(t, 300);
	add(t, 2, 2000);
	compare_many(t, 60); /* the end of them is read */
	assert_int_equal(build(t), 2);
	compare_many(t, 300);
	/* two of three blocks' texts go with their connection */
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[1]->id, &err));
	compare_many(t, 60);
	assert_true(build(t) > 0);
	compare_many(t, 100);
	assert_int_equal(
		number(t, "SELECT sum(texts) FROM text_block") +
			number(t, "SELECT count(*) FROM query_text WHERE id > (SELECT max(last_id) FROM text_block)"),
		number(t, "SELECT count(*) FROM query_text") + number(t, "SELECT sum(gone) FROM text_block"));
	/* the ids of those that go from the end are not given to others while a block has them */
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[2]->id, &err));
	add(t, 3, 1500);
	compare_many(t, 100);
	build(t);
	compare_many(t, 100);
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[0]->id, &err));
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[3]->id, &err));
	build(t);
	assert_int_equal(number(t, "SELECT count(*) FROM text_list"), 0);
	compare(t, "select");
	talloc_free(t->raw);
}

/* Blocks that are worn take their neighbours in as far as they fit, and nothing is lost of those. */
static void test_worn_blocks_are_joined(void **state)
{
	struct texts *t = new_texts(*state);

	for (int i = 0; i < 80; i++)
		add(t, i % 10 < 6 ? 0 : 1, 64);
	add(t, 1, 1); /* the fifth block is full when there is another text */
	assert_int_equal(build(t), 5);
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[0]->id, &err));
	assert_true(build(t) > 0);
	assert_true(number(t, "SELECT count(*) FROM text_block") < 4);
	assert_int_equal(number(t, "SELECT sum(texts) FROM text_block"), 2048);
	compare_many(t, 200);
	talloc_free(t->raw);
}

static void test_long_texts(void **state)
{
	struct texts *t = new_texts(*state);

	t->wide = 4000; /* 10 KB as a rule: a block is full of bytes before it is of texts */
	add(t, 0, 100);
	assert_true(build(t) >= 2);
	assert_true(number(t, "SELECT max(texts) FROM text_block") < 100);
	compare_many(t, 100);
	OK(so_store_conn_delete(t->fix->store, SCOPE, t->conns[0]->id, &err));
	build(t);
	compare(t, "select");
	talloc_free(t->raw);
}

/* The fold after a poll makes the blocks, also those of a store that has texts from before there was an index. */
static void test_the_fold_builds_it(void **state)
{
	struct texts *t = new_texts(*state);
	const struct so_fold_rules rules = { t->fix->store, SCOPE, 24, 24, 24, 0 };

	add(t, 0, 3000);
	OK(so_fold_run(&rules, INT64_C(490000) * SO_HOUR_US, NULL, &err));
	assert_int_equal(number(t, "SELECT count(*) FROM text_block"), 2);
	assert_int_equal(number(t, "SELECT sum(texts) FROM text_block"), 2048);
	compare_many(t, 40);
	talloc_free(t->raw);
}

struct noted {
	int64_t query_id, text_id;
};

static void note(void *arg, const struct so_store_query_note *found)
{
	struct noted *noted = arg;

	if (found->id == noted->query_id)
		noted->text_id = found->text_id;
}

/* Who keeps in memory which text a statement has finds it by its new one, too. */
static void test_a_text_that_changes(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "db");
	struct so_store_query query = { .connection_id = conn->id,
		.fingerprint = (char *)"f",
		.fingerprint_version = 1,
		.sql_text = (char *)"SELECT before" };
	struct so_store_texts *found;
	struct noted noted = { 0 };

	OK(so_store_query_put(fix->store, SCOPE, &query, &err));
	noted.query_id = query.id;
	OK(so_store_query_directory(fix->store, SCOPE, 1, note, &noted, &err));
	assert_int_not_equal(noted.text_id, 0);
	query.sql_text = (char *)"SELECT after";
	OK(so_store_query_put(fix->store, SCOPE, &query, &err));
	assert_int_equal(query.id, noted.query_id);
	OK(found = so_store_text_search(fix->root, fix->store, "AFTER", &err));
	assert_true(so_store_texts_hold(found, query.id, noted.text_id));
	OK(found = so_store_text_search(fix->root, fix->store, "before", &err));
	assert_false(so_store_texts_hold(found, query.id, noted.text_id));
	/* caches begin anew with the store */
	talloc_free(fix->store);
	fix->store = open_store(fix, NULL);
	OK(found = so_store_text_search(fix->root, fix->store, "AFTER", &err));
	assert_int_equal(found->n_moves, 0);
}

/* ---- bytes that are no index ---- */

static void count_text(void *arg, int64_t id)
{
	(void)id;
	++*(int *)arg;
}

/* Nothing is read or written out of bounds, and it ends: ASan and the clock look. */
static void test_damaged_bytes(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_gram_text texts[200];
	struct so_gram_block *block;
	int found = 0;

	(void)state;
	seed();
	for (int i = 0; i < 200; i++)
		texts[i] = (struct so_gram_text){ 10 + i * 3, new_text(root, 20) };
	block = so_gram_block_make(root, texts, 200);
	for (int round = 0; round < 3000; round++) {
		TALLOC_CTX *tmp = talloc_new(root);
		struct so_gram_needle *needle = so_gram_needle_new(tmp, pieces[dice(sizeof pieces / sizeof *pieces)]);
		struct so_gram_match match;
		const struct so_gram_list *list;
		unsigned char *bytes;
		bool ok = true;

		so_gram_match_init(&match, tmp);
		for (size_t step = 0; step <= needle->steps && ok; step++) {
			int which = step < needle->steps ? so_gram_step_list(needle, step) : SO_GRAM_TEXTS;
			size_t len;

			list = &block->lists[which];
			len = list->len ? dice(4) ? list->len : dice(list->len) : 0;
			bytes = malloc(len + 1); /* so that ASan sees the end */
			assert_non_null(bytes);
			if (len)
				memcpy(bytes, list->bytes, len);
			for (uint64_t flips = dice(4); flips && len; flips--)
				bytes[dice(len)] = (unsigned char)dice(256);
			ok = step < needle->steps ? so_gram_step(&match, needle, step, bytes, len)
						  : so_gram_texts(&match, bytes, len, count_text, &found);
			free(bytes);
		}
		talloc_free(tmp);
	}
	assert_true(found > 0);
	talloc_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_finds_what_like_finds),
		WITH(test_worn_blocks_are_joined),
		WITH(test_long_texts),
		WITH(test_the_fold_builds_it),
		WITH(test_a_text_that_changes),
		cmocka_unit_test(test_damaged_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
