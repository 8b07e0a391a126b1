/* Plans that came through a chat, a mail, a wiki or a web page are the plans that they were: every capture of every
 * engine, in each of these wrappings. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "plan/diff.h"
#include "plan/plan.h"

#define DIR_PLANS SO_TEST_DATA "/plans"
#define MAX_PLAN  (1024 * 1024)

static const struct wrapping {
	const char *name, *before, *line, *end, *after;
	bool page; /* blanks become unbreakable ones */
} wrappings[] = {
	{ "fence", "This one is slow:\n\n```\n", "", "\n", "```\n\nWhat can I do?\n", false },
	{ "fence with a language", "```sql\n", "", "\n", "```\n", false },
	{ "open fence, CRLF", "~~~ text\r\n", "", "\r\n", "", false },
	{ "fence in a list", "- the plan:\n\n    ```json\n", "    ", "\n", "    ```\n", false },
	{ "mail", "", "> ", "\n", "", false },
	{ "fence in a mail", "> ```\n", "> ", "\n", "> ```\n", false },
	{ "indented code", "\n", "    ", "\n", "\n", false },
	{ "tabs before each line", "", "\t", "\n", "", false },
	{ "web page", "", "", "\n", "", true },
};

static unsigned tried, seen;

/* The text in a wrapping. What a page makes of its blanks is told by how lines begin, so one line begins so. */
static const char *wrap(TALLOC_CTX *ctx, const struct wrapping *w, const char *text)
{
	struct so_buf out;

	so_buf_init(&out, ctx, 4 * (size_t)MAX_PLAN);
	so_buf_adds(&out, w->page ? "\xC2\xA0\n" : w->before);
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n");

		so_buf_adds(&out, w->line);
		for (size_t i = 0; i < len; i++)
			if (w->page && at[i] == ' ')
				so_buf_adds(&out, "\xC2\xA0");
			else if (at[i] != '\r')
				so_buf_addc(&out, at[i]);
		so_buf_adds(&out, w->end);
		at += len + (at[len] == '\n');
	}
	so_buf_adds(&out, w->after);
	return so_buf_text(&out);
}

static struct so_plan *read_text(TALLOC_CTX *ctx, const char *text, struct so_err *err)
{
	struct so_plan *plan = NULL;

	return so_plan_read(ctx, text, strlen(text), &plan, err) ? plan : NULL;
}

static int try_file(const char *path, const struct stat *info, int type, struct FTW *at)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *text = talloc_zero_size(ctx, MAX_PLAN);
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan, *again;
	FILE *file;

	(void)at;
	if (type == FTW_F && !strstr(path, "/capture/") && !strstr(path, ".md") && info->st_size < MAX_PLAN &&
		seen++ % 7 == 0) {
		file = fopen(path, "re");
		(void)!fread(text, 1, MAX_PLAN - 1, file);
		fclose(file);
		plan = read_text(ctx, text, &err);
		for (size_t i = 0; plan && i < sizeof wrappings / sizeof *wrappings; i++) {
			again = read_text(ctx, wrap(ctx, &wrappings[i], text), &err);
			if (!again)
				fail_msg("%s, %s: %s", path, wrappings[i].name, err.message);
			if (again->n_nodes != plan->n_nodes || so_plan_shape_hash(again) != so_plan_shape_hash(plan))
				fail_msg("%s, %s: another plan", path, wrappings[i].name);
			tried++;
		}
	}
	talloc_free(ctx);
	return 0;
}

static void test_wrappings(void **state)
{
	(void)state;
	assert_int_equal(nftw(DIR_PLANS, try_file, 8, FTW_PHYS), 0);
	assert_true(tried > 1000);
}

/* What only looks like a wrapping. */
static void test_no_wrappings(void **state)
{
	static const struct {
		const char *text;
		size_t n_nodes; /* 0: refused */
	} cases[] = {
		{ "```\n", 0 },
		{ "```\n```\n", 0 },
		{ "> \n>\n", 0 },
		{ "\xC2\xA0", 0 },
		{ "    \n", 0 },
		{ "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = '```'::text)\n", 1 },
		{ "Seq Scan on \"a\xC2\xA0"
		  "b\"  (cost=0.00..1.00 rows=1 width=4)\n",
			1 },
		{ "Limit  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n",
			2 },
		/* the first line lost its blanks on the way */
		{ "Limit  (cost=0.00..1.00 rows=1 width=4)\n     ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n",
			2 },
	};
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = read_text(ctx, cases[i].text, &err);

		assert_int_equal(plan ? (size_t)plan->n_nodes : 0, cases[i].n_nodes);
		assert_true(plan || (err.kind == SO_INPUT && *err.message));
	}
	assert_string_equal(read_text(ctx, cases[6].text, &(struct so_err)SO_ERR_INIT)->nodes[0].relation, "a\xC2\xA0"
													   "b");
	talloc_free(ctx);
}

static unsigned doubled;

/* Tables of plan rows, however the client prints them, one behind the other. */
static int try_twice(const char *path, const struct stat *info, int type, struct FTW *at)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *text = talloc_zero_size(ctx, MAX_PLAN);
	struct so_err err = SO_ERR_INIT;
	struct so_plan *once, *twice;
	FILE *file;

	(void)at;
	if (type == FTW_F && info->st_size < MAX_PLAN &&
		(strstr(path, ".table.txt") || strstr(path, ".batch.txt") || strstr(path, ".vertical.txt"))) {
		file = fopen(path, "re");
		(void)!fread(text, 1, MAX_PLAN - 1, file);
		fclose(file);
		once = read_text(ctx, text, &err);
		twice = read_text(ctx, so_printf(ctx, "%s\n%s", text, text), &err);
		if (!once || !twice)
			fail_msg("%s: %s", path, err.message);
		if (twice->n_nodes != once->n_nodes || once->n_statements != 1 || twice->n_statements != 2)
			fail_msg("%s: %d nodes and %zu plans of two", path, twice->n_nodes, twice->n_statements);
		doubled++;
	}
	talloc_free(ctx);
	return 0;
}

static void test_two_tables(void **state)
{
	(void)state;
	assert_int_equal(nftw(DIR_PLANS "/mysql", try_twice, 8, FTW_PHYS), 0);
	assert_int_equal(nftw(DIR_PLANS "/mariadb", try_twice, 8, FTW_PHYS), 0);
	assert_true(doubled > 100);
}

/* Two plans in one text are not made one: the first is read, and that there are more is known, or they are refused with
 * where the second begins. */
static void test_two_plans(void **state)
{
	static const char
		json[] = "[{\"Plan\": {\"Node Type\": \"Result\", \"Startup Cost\": 0, \"Total Cost\": 1}}]\n",
		xml[] = "<explain xmlns=\"http://www.postgresql.org/2009/explain\"><Query><Plan><Node-Type>Result"
			"</Node-Type><Startup-Cost>0</Startup-Cost><Total-Cost>1</Total-Cost></Plan></Query>"
			"</explain>\n";
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	(void)state;
	plan = read_text(
		ctx, "QUERY PLAN\n|--SCAN a\n`--SEARCH b USING INDEX c (d=?)\n\nQUERY PLAN\n`--SCAN e\n", &err);
	assert_true(plan && plan->n_nodes == 3 && plan->n_statements == 2);
	plan = read_text(ctx, "id|parent|notused|detail\n2|0|0|SCAN a\nid|parent|notused|detail\n2|0|0|SCAN e\n", &err);
	assert_true(plan && plan->n_nodes == 2 && plan->n_statements == 2);
	assert_non_null(read_text(ctx, json, &err));
	assert_null(read_text(ctx, so_printf(ctx, "%s%s", json, json), &err));
	assert_string_equal(
		err.message, "something stands behind the plan's JSON, from line 2 on: send one plan at a time");
	err = (struct so_err)SO_ERR_INIT;
	assert_non_null(read_text(ctx, xml, &err));
	assert_null(read_text(ctx, so_printf(ctx, "%s%s", xml, xml), &err));
	assert_string_equal(
		err.message, "something stands behind the plan's XML, from line 2 on: send one plan at a time");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrappings),
		cmocka_unit_test(test_no_wrappings),
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_two_plans),
	};

	return cmocka_run_group_tests_name("plan_paste", tests, NULL, NULL);
}
