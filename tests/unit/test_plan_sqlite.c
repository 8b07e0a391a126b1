/* SQLite's EXPLAIN QUERY PLAN. The captures under tests/data/plans/sqlite come from
 * tests/data/plans/capture/sqlite_plans. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"

#define DIR_PLANS SO_TEST_DATA "/plans/sqlite/3.40"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static struct so_plan *read_bytes(TALLOC_CTX *ctx, const char *text, size_t len, const char *what)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	if (!so_plan_read(ctx, text, len, &plan, &err))
		fail_msg("%s: %s", what, err.message);
	assert_string_equal(plan->format, "sqlite");
	assert_string_equal(plan->engine, "sqlite");
	return plan;
}

static struct so_plan *read_text(TALLOC_CTX *ctx, const char *text)
{
	return read_bytes(ctx, text, strlen(text), text);
}

static struct so_plan *read_file(TALLOC_CTX *ctx, const char *name)
{
	char *path = so_printf(ctx, DIR_PLANS "/%s", name), text[65536];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file)
		fail_msg("cannot open %s", path);
	len = fread(text, 1, sizeof text, file);
	fclose(file);
	return read_bytes(ctx, text, len, name);
}

static char *as_json(TALLOC_CTX *ctx, const struct so_plan *plan)
{
	json_t *json = so_plan_to_json(plan);
	char *dump = json_dumps(json, JSON_SORT_KEYS), *copy = so_strdup(ctx, dump);

	free(dump);
	json_decref(json);
	return copy;
}

/* The shell's drawing and the rows in several modes say the same, and nothing is invented. */
static void test_all_forms_give_one_tree(void **state)
{
	static const char *const forms[] = { "list.txt", "box.txt", "json" };
	DIR *dir = opendir(DIR_PLANS);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		SO_TMP(tmp, *state);
		const char *end = strstr(e->d_name, ".tree.txt");
		struct so_plan *tree;

		if (!end)
			continue;
		tree = read_file(tmp, e->d_name);
		n++;
		for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
			char *other = so_printf(tmp, "%.*s.%s", (int)(end - e->d_name), e->d_name, forms[i]);

			assert_string_equal(as_json(tmp, tree), as_json(tmp, read_file(tmp, other)));
		}
		assert_true(isnan(tree->total_cost) && isnan(tree->execution_ms) && !tree->has_analyze);
		for (int32_t i = 0; i < tree->n_nodes; i++) {
			const struct so_plan_node *node = &tree->nodes[i];

			assert_true(isnan(node->rows_est) && isnan(node->rows_actual) && isnan(node->total_cost));
			assert_true(isnan(node->cost_exclusive) && isnan(node->share));
			if (i && node->op == SO_PLAN_OTHER && strncmp(node->label, "INDEX ", 6) != 0 &&
				strcmp(node->label, "BLOOM FILTER") != 0 && strncmp(node->label, "RIGHT-JOIN", 10) != 0)
				fail_msg("%s: no operation for %s", e->d_name, node->label);
		}
		assert_null(strstr(so_plan_render(tmp, tree, NULL, 0, false), "%"));
		assert_null(strstr(so_plan_render(tmp, tree, NULL, 0, false), "rows"));
	}
	closedir(dir);
	assert_true(n >= 40);
}

static void assert_node(const struct so_plan *plan, int32_t id, enum so_plan_op op, const char *label,
	const char *relation, const char *index, const char *condition)
{
	const struct so_plan_node *node = &plan->nodes[id];

	assert_true(id < plan->n_nodes);
	assert_int_equal(node->op, op);
	assert_string_equal(node->label, label);
	assert_string_equal(node->relation ? node->relation : "", relation ? relation : "");
	assert_string_equal(node->index ? node->index : "", index ? index : "");
	assert_string_equal(node->n_conditions ? node->conditions[0].text : "", condition ? condition : "");
}

static void test_steps(void **state)
{
	const struct so_plan *plan =
		read_text(*state, "QUERY PLAN\n"
				  "|--SCAN o\n"
				  "|--SEARCH main.users USING INTEGER PRIMARY KEY (rowid=?)\n"
				  "|--SEARCH v USING AUTOMATIC PARTIAL COVERING INDEX (email=?) LEFT-JOIN\n"
				  "|--SEARCH odd (name) USING INDEX odd index (a b=? AND c>?)\n"
				  "|--SCAN x USING COVERING INDEX i\n"
				  "|--MULTI-INDEX OR\n"
				  "|  |--INDEX 1\n"
				  "|  |  `--SEARCH y USING INDEX y_a (a=?)\n"
				  "|  `--INDEX 2\n"
				  "|     `--SEARCH y USING INDEX y_b (b=?)\n"
				  "|--CORRELATED SCALAR SUBQUERY 2\n"
				  "|  `--SCAN z VIRTUAL TABLE INDEX 0:M1\n"
				  "`--USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY\n");

	assert_int_equal(plan->n_nodes, 14);
	assert_node(plan, 0, SO_PLAN_NESTED_LOOP, "QUERY PLAN", NULL, NULL, NULL);
	assert_int_equal(plan->nodes[0].n_children, 8);
	assert_node(plan, 1, SO_PLAN_SEQ_SCAN, "SCAN", "o", NULL, NULL);
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_OUTER);
	assert_node(plan, 2, SO_PLAN_KEY_LOOKUP, "SEARCH", "main.users", NULL, "rowid=?");
	assert_int_equal(plan->nodes[2].relationship, SO_PLAN_REL_INNER);
	assert_node(plan, 3, SO_PLAN_INDEX_ONLY_SCAN, "SEARCH", "v", NULL, "email=?");
	assert_string_equal(plan->nodes[3].strategy, "AUTOMATIC PARTIAL COVERING INDEX");
	assert_string_equal(plan->nodes[3].join_type, "Left");
	assert_true(plan->nodes[3].conditions[0].expr);
	assert_node(plan, 4, SO_PLAN_INDEX_SCAN, "SEARCH", "odd (name)", "odd index", "a b=? AND c>?");
	assert_node(plan, 5, SO_PLAN_INDEX_ONLY_SCAN, "SCAN", "x", "i", NULL);
	assert_node(plan, 6, SO_PLAN_SET_OP, "MULTI-INDEX OR", NULL, NULL, NULL);
	assert_node(plan, 8, SO_PLAN_INDEX_SCAN, "SEARCH", "y", "y_a", "a=?");
	assert_int_equal(plan->nodes[8].parent, 7);
	assert_int_equal(plan->nodes[10].parent, 9);
	assert_int_equal(plan->nodes[9].parent, 6);
	assert_node(plan, 11, SO_PLAN_SUBQUERY, "CORRELATED SCALAR SUBQUERY 2", NULL, NULL, NULL);
	assert_int_equal(plan->nodes[11].relationship, SO_PLAN_REL_SUB_PLAN);
	assert_node(plan, 12, SO_PLAN_FUNCTION, "SCAN", "z", NULL, NULL);
	assert_node(plan, 13, SO_PLAN_SORT, "USE TEMP B-TREE", NULL, NULL, NULL);
	assert_string_equal(plan->nodes[13].strategy, "LAST 2 TERMS OF ORDER BY");
}

/* A filter over a subquery begins with the parenthesis that otherwise begins its condition. */
static void test_bloom_filters(void **state)
{
	const struct so_plan *plan = read_text(*state, "QUERY PLAN\n"
						       "|--BLOOM FILTER ON u (email=?)\n"
						       "|--BLOOM FILTER ON (subquery-2) (a=? AND b=?)\n"
						       "|--BLOOM FILTER ON (subquery-3)\n"
						       "|--BLOOM FILTER ON  (a=?)\n"
						       "`--SCAN t\n");

	assert_int_equal(plan->n_nodes, 6);
	assert_node(plan, 1, SO_PLAN_OTHER, "BLOOM FILTER", "u", NULL, "email=?");
	assert_node(plan, 2, SO_PLAN_OTHER, "BLOOM FILTER", NULL, NULL, "a=? AND b=?");
	assert_string_equal(plan->nodes[2].alias, "(subquery-2)");
	assert_node(plan, 3, SO_PLAN_OTHER, "BLOOM FILTER", NULL, NULL, NULL);
	assert_string_equal(plan->nodes[3].alias, "(subquery-3)");
	assert_node(plan, 4, SO_PLAN_OTHER, "BLOOM FILTER", NULL, NULL, "a=?");
}

/* Before 3.36 the detail says TABLE and the alias, before 3.24 the rows tell no parent, before 3.8 they guess rows. */
static void test_older_versions(void **state)
{
	const struct so_plan *plan =
		read_text(*state, "0|0|0|SCAN TABLE orders AS o (~1000 rows)\n"
				  "0|1|1|SEARCH TABLE users AS u USING INTEGER PRIMARY KEY (rowid=?) (~1 rows)\n"
				  "0|0|0|EXECUTE CORRELATED SCALAR SUBQUERY 1\n"
				  "1|0|0|SEARCH TABLE items USING COVERING INDEX i (a=?) (~10 rows)\n"
				  "0|0|0|USE TEMP B-TREE FOR ORDER BY\n");

	assert_int_equal(plan->n_nodes, 6);
	assert_node(plan, 1, SO_PLAN_SEQ_SCAN, "SCAN", "orders", NULL, NULL);
	assert_string_equal(plan->nodes[1].alias, "o");
	assert_true(plan->nodes[1].rows_est == 1000);
	assert_node(plan, 2, SO_PLAN_KEY_LOOKUP, "SEARCH", "users", NULL, "rowid=?");
	assert_int_equal(plan->nodes[3].relationship, SO_PLAN_REL_SUB_PLAN);
	assert_node(plan, 4, SO_PLAN_INDEX_ONLY_SCAN, "SEARCH", "items", "i", "a=?");
	assert_true(plan->nodes[4].rows_est == 10);
	plan = read_text(*state, "QUERY PLAN\n`--SEARCH b USING -> AUTOMATIC COVERING (an INDEX =?)\n");
	assert_node(plan, 1, SO_PLAN_INDEX_SCAN, "SEARCH", "b", NULL, "an INDEX =?");
	plan = read_text(*state, "QUERY PLAN\n`--SCAN SUBQUERY 1 AS x\n");
	assert_int_equal(plan->nodes[1].op, SO_PLAN_SUBQUERY);
	assert_string_equal(plan->nodes[1].alias, "x");
}

static void test_modes_of_the_shell(void **state)
{
	static const char *const modes[] = {
		"sqlite> explain query plan select 1;\nQUERY PLAN\n|--SCAN a\n|  `--SEARCH b USING INDEX i (c=?)\n",
		"id|parent|notused|detail\n3|0|0|SCAN a\n9|3|0|SEARCH b USING INDEX i (c=?)\n",
		"id  parent  notused  detail\n--  ------  -------  ------\n3   0       0        SCAN a\n9   3       0  "
		"      SEARCH b USING INDEX i (c=?)\n",
		"+----+--------+\n| id | parent | notused | detail |\n+----+--------+\n| 3 | 0 | 0 | SCAN a |\n| 9 | 3 "
		"| 0 | SEARCH b USING INDEX i (c=?) |\n+--+\n",
		"id,parent,notused,detail\n3,0,0,\"SCAN a\"\n9,3,0,\"SEARCH b USING INDEX i (c=?)\"\n",
		"'id','parent','notused','detail'\n3,0,0,'SCAN a'\n9,3,0,'SEARCH b USING INDEX i (c=?)'\n",
		"id\tparent\tnotused\tdetail\n3\t0\t0\tSCAN a\n9\t3\t0\tSEARCH b USING INDEX i (c=?)\n",
		"| id | parent | notused | detail |\n|----|----|----|----|\n| 3  | 0 | 0 | SCAN a |\n| 9 | 3 | 0 | "
		"SEARCH b USING INDEX i (c=?) |\n",
		"(3, 0, 0, 'SCAN a')\n(9, 3, 0, 'SEARCH b USING INDEX i (c=?)')\n",
		"[{\"id\":3,\"parent\":0,\"notused\":0,\"detail\":\"SCAN "
		"a\"},{\"id\":9,\"parent\":3,\"notused\":0,\"detail\":\"SEARCH b USING INDEX i (c=?)\"}]",
	};

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		const struct so_plan *plan = read_text(*state, modes[i]);

		assert_int_equal(plan->n_nodes, 3);
		assert_node(plan, 1, SO_PLAN_SEQ_SCAN, "SCAN", "a", NULL, NULL);
		assert_node(plan, 2, SO_PLAN_INDEX_SCAN, "SEARCH", "b", "i", "c=?");
		assert_int_equal(plan->nodes[2].parent, 1);
	}
}

static void test_is_not_taken_for_a_plan(void **state)
{
	static const char *const texts[] = { "LEFT", "SETUP\nRIGHT",
		"[{\"detail\": \"SCAN the room\"}, {\"detail\": 7}]", "SCAN t\nand then something else",
		"QUERY PLAN\n`--DANCE t" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;

		if (so_plan_read(*state, texts[i], strlen(texts[i]), &plan, &err))
			fail_msg("taken for a plan of %s: %s", plan->engine, texts[i]);
		assert_int_equal(err.kind, SO_INPUT);
	}
}

static void test_depth(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;
	struct so_buf buf;

	for (int depth = SO_PLAN_MAX_DEPTH - 1; depth <= 10000; depth += 9200) {
		so_buf_init(&buf, *state, 400u << 20);
		so_buf_adds(&buf, "id|parent|notused|detail\n");
		for (int i = 0; i < depth; i++)
			so_buf_addf(&buf, "%d|%d|0|SCAN t\n", i + 2, i ? i + 1 : 0);
		if (depth < SO_PLAN_MAX_DEPTH) {
			assert_true(so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err));
			assert_int_equal(plan->n_nodes, depth + 1);
		} else {
			assert_false(so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err));
			assert_int_equal(err.kind, SO_LIMIT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_forms_give_one_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bloom_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_older_versions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_modes_of_the_shell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_not_taken_for_a_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
