/* Plans of MySQL, MariaDB, SQL Server and Oracle: every capture under tests/data/plans/<engine>/<version> is read,
 * drawn and written as JSON, and its figures are compared with those that stand in the document, found in another way.
 */
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

#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"
#include "sql/ast.h"

#define DIR_PLANS SO_TEST_DATA "/plans"

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

static char *load(TALLOC_CTX *ctx, const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long size;

	if (!file)
		fail_msg("cannot open %s", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = so_new_array(ctx, char, (unsigned)size + 1);
	*len = fread(text, 1, (size_t)size, file);
	fclose(file);
	return text;
}

static struct so_plan *read_file(TALLOC_CTX *ctx, const char *path)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;
	size_t len;
	char *text = load(ctx, path, &len);

	if (!so_plan_read(ctx, text, len, &plan, &err))
		fail_msg("%s: %s", path, err.message);
	return plan;
}

static struct so_plan *read_plan(TALLOC_CTX *ctx, const char *name)
{
	return read_file(ctx, so_printf(ctx, DIR_PLANS "/%s", name));
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

/* Calls `check` for each capture of an engine whose name ends in `suffix`; returns how many there are. */
static size_t each_plan(TALLOC_CTX *ctx, const char *engine, const char *suffix,
	void (*check)(const char *path, const struct so_plan *plan, const char *text, size_t len))
{
	char *folder = so_printf(ctx, DIR_PLANS "/%s", engine);
	DIR *versions = opendir(folder);
	size_t n = 0;

	assert_non_null(versions);
	for (struct dirent *v; (v = readdir(versions));) {
		char *inner = so_printf(ctx, "%s/%s", folder, v->d_name);
		DIR *dir = v->d_name[0] == '.' ? NULL : opendir(inner);

		if (!dir)
			continue;
		for (struct dirent *e; (e = readdir(dir));) {
			SO_TMP(tmp, ctx);
			char *path = so_printf(tmp, "%s/%s", inner, e->d_name), *text;
			size_t len;

			if (e->d_name[0] == '.' || !ends_in(e->d_name, suffix))
				continue;
			text = load(tmp, path, &len);
			check(path, read_file(tmp, path), text, len);
			n++;
		}
		closedir(dir);
	}
	closedir(versions);
	return n;
}

static void assert_same(const char *path, const char *what, double got, double expected)
{
	if (!(fabs(got - expected) <= fabs(expected) * 1e-9 + 1e-9))
		fail_msg("%s: %s is %.10g, expected %.10g", path, what, got, expected);
}

/* ---- Every plan of every engine --------------------------------------------------------------------------------- */

static void check_general(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	SO_TMP(tmp, NULL);
	struct so_finding_list *list = so_finding_list_new(tmp);
	double time = 0, cost = 0, share = 0;
	char *drawn;
	json_t *json;

	(void)text;
	(void)len;
	if (!plan->n_nodes)
		fail_msg("%s: no nodes", path);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (!node->label || !node->label[0])
			fail_msg("%s: node %d has no label", path, i);
		if (node->end <= i || node->end > plan->n_nodes || (i && (node->parent < 0 || node->parent >= i)))
			fail_msg("%s: node %d is out of place", path, i);
		if (i && plan->nodes[node->parent].end < node->end)
			fail_msg("%s: node %d leaves its parent", path, i);
		time += node->time_exclusive_ms;
		cost += node->cost_exclusive;
		share += node->share;
	}
	if (plan->has_timing && !(time >= plan->nodes[0].time_ms * 0.995 - 0.02))
		fail_msg("%s: exclusive times %.4f, root %.4f", path, time, plan->nodes[0].time_ms);
	if (plan->total_cost > 0 && fabs(cost - plan->total_cost) > plan->total_cost * 1e-6 + 0.01)
		fail_msg("%s: exclusive costs %.4f, total %.4f", path, cost, plan->total_cost);
	if (share > 0 && fabs(share - 1) > 1e-6)
		fail_msg("%s: shares add up to %f", path, share);
	so_plan_findings(plan, NULL, NULL, list);
	drawn = so_plan_render(tmp, plan, list, 0, false);
	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (plan->nodes[i].relation && !strstr(drawn, plan->nodes[i].relation))
			fail_msg("%s: '%s' is not drawn", path, plan->nodes[i].relation);
	if (strstr(drawn, "nan"))
		fail_msg("%s: drawn with 'nan':\n%s", path, drawn);
	json = so_plan_to_json(plan);
	assert_int_equal(json_array_size(json_object_get(json, "nodes")), plan->n_nodes);
	json_decref(json);
}

static void test_every_plan_is_read(void **state)
{
	assert_true(each_plan(*state, "mysql", ".v1.json", check_general) >= 55);
	assert_true(each_plan(*state, "mariadb", ".json", check_general) >= 200);
}

/* ---- Query blocks: MySQL version 1 and MariaDB ------------------------------------------------------------------ */

struct sums {
	double read, tables, own_ms, produced;
};

/* Adds up what all objects of a document say, wherever they stand. */
static void add_up(const json_t *value, struct sums *sums)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_array(value))
		json_array_foreach((json_t *)value, i, item) add_up(item, sums);
	if (!json_is_object(value))
		return;
	if (json_object_get(value, "access_type") && !json_object_get(value, "query_specifications") &&
		!json_object_get(value, "insert")) {
		sums->tables++;
		sums->read += json_number_value(json_object_get(value, "rows_examined_per_scan"));
		sums->read += json_number_value(json_object_get(value, "rows"));
		sums->own_ms += json_number_value(json_object_get(value, "r_table_time_ms"));
	}
	json_object_foreach((json_t *)value, key, item) if (strcmp(key, "rowid_filter") != 0) add_up(item, sums);
}

static void check_blocks(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	json_t *doc = json_loadb(text, len, 0, NULL);
	const json_t *block = json_object_get(doc, "query_block");
	const char *cost = json_string_value(json_object_get(json_object_get(block, "cost_info"), "query_cost"));
	struct sums sums = { 0 };
	double read = 0, tables = 0;

	assert_non_null(doc);
	add_up(doc, &sums);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (!node->alias || strcmp(node->label, "Rowid filter") == 0)
			continue;
		tables++;
		read += isnan(node->tested_est) ? 0 : node->tested_est;
	}
	assert_same(path, "number of tables", tables, sums.tables);
	assert_same(path, "rows to be read", read, sums.read);
	if (cost)
		assert_same(path, "cost", plan->total_cost, strtod(cost, NULL));
	if (json_object_get(block, "cost"))
		assert_same(path, "cost", plan->total_cost, json_number_value(json_object_get(block, "cost")));
	if (json_object_get(block, "r_total_time_ms") && plan->nodes[0].op != SO_PLAN_VALUES)
		assert_true(plan->nodes[0].time_ms >=
			    json_number_value(json_object_get(block, "r_total_time_ms")) * (1 - 1e-9));
	json_decref(doc);
}

static void test_query_blocks_keep_their_figures(void **state)
{
	assert_true(each_plan(*state, "mysql", ".v1.json", check_blocks) > 50);
	assert_true(each_plan(*state, "mariadb", ".json", check_blocks) > 200);
}

static const struct so_plan_node *find(const struct so_plan *plan, const char *label, const char *relation)
{
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if ((!label || strcmp(node->label, label) == 0) &&
			(!relation || (node->relation && strcmp(node->relation, relation) == 0)))
			return node;
	}
	fail_msg("no %s %s", label ? label : "node", relation ? relation : "");
	return NULL;
}

static void test_joins_of_a_block_are_left_deep(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mysql/9.7/three-tables.v1.json");
	const struct so_plan_node *c = find(plan, NULL, "c"), *p = find(plan, NULL, "p"), *i = find(plan, NULL, "i");

	assert_string_equal(plan->format, "mysql-json");
	assert_string_equal(plan->engine, "mysql");
	assert_int_equal(plan->n_nodes, 7);
	assert_int_equal(c->parent, 0);
	assert_int_equal(c->relationship, SO_PLAN_REL_INNER);
	assert_int_equal(p->relationship, SO_PLAN_REL_OUTER);
	assert_int_equal(i->parent, p->parent);
	assert_int_equal(i->op, SO_PLAN_INDEX_SCAN);
	assert_string_equal(i->index, "items_product");
	assert_string_equal(i->conditions[0].text, "product_id = shop.p.id");
	assert_int_equal(i->conditions[0].kind, SO_COND_ACCESS);
	assert_true(i->conditions[0].expr);
	/* the document has the cost of all reads together: 40 lookups */
	assert_same("three-tables", "reads", i->loops_est, 40);
	assert_true(i->total_cost < 30);
}

static void test_mariadb_times_are_of_the_table_alone(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mariadb/10.11/derived-table.analyze.json");
	const struct so_plan_node *derived = find(plan, NULL, "<derived2>"), *orders = find(plan, NULL, "orders");

	assert_true(plan->has_timing && plan->has_analyze && isnan(plan->total_cost));
	assert_same("derived", "loops", derived->loops, 4000);
	assert_same("derived", "rows", derived->rows_actual, 0.375);
	assert_int_equal(derived->op, SO_PLAN_SUBQUERY);
	assert_true(derived->time_ms > orders->time_ms && derived->time_exclusive_ms < 1);
	assert_same("orders", "rows", orders->rows_actual, 30000);
	assert_same("orders", "removed rows", orders->removed_filter, 10000);
	assert_same("orders", "rows to be read", orders->tested_est, 40335);
	assert_true(orders->buffers.shared_hit == 114);
}

static void test_subqueries_hang_under_their_block(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mysql/9.7/dependent-subquery.v1.json");
	const struct so_plan_node *sub = find(plan, NULL, "o");

	assert_int_equal(sub->relationship, SO_PLAN_REL_SUB_PLAN);
	assert_string_equal(sub->subplan_name, "SubPlan 2");
	assert_same("dependent", "reads", sub->loops_est, 400);
	plan = read_plan(*state, "mysql/9.7/scalar-subquery.v1.json");
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_INIT_PLAN);
	plan = read_plan(*state, "mariadb/10.11/not-in.explain.json");
	sub = find(plan, "Materialize", NULL);
	assert_true(sub->hashed_subplan && sub->relationship == SO_PLAN_REL_SUB_PLAN);
	plan = read_plan(*state, "mysql/9.7/insert-select.v1.json");
	assert_int_equal(plan->nodes[0].op, SO_PLAN_MODIFY);
	assert_string_equal(plan->nodes[0].label, "Insert");
	assert_string_equal(plan->nodes[0].relation, "log_lines");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_plan_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_query_blocks_keep_their_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_joins_of_a_block_are_left_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mariadb_times_are_of_the_table_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subqueries_hang_under_their_block, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
