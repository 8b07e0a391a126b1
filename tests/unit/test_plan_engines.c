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

#define DIR_PLANS   SO_TEST_DATA "/plans"
#define ALL_OF_THEM SIZE_MAX /* of one server's fresh plans, in SO_TEST_PLANS, there are fewer */

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

/* Calls `check` for each capture of an engine whose name ends in `suffix`; returns how many there are. SO_TEST_PLANS
 * names a folder to be looked at instead (tests/lib/check-captures). */
static size_t each_plan(TALLOC_CTX *ctx, const char *engine, const char *suffix,
	void (*check)(const char *path, const struct so_plan *plan, const char *text, size_t len))
{
	const char *fresh = getenv("SO_TEST_PLANS");
	char *folder = so_printf(ctx, "%s/%s", fresh ? fresh : DIR_PLANS, engine);
	DIR *versions = opendir(folder);
	size_t n = 0;

	if (fresh && !versions)
		return ALL_OF_THEM;
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
	return fresh && n ? ALL_OF_THEM : n;
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
	for (size_t i = 0; i < list->count; i++) {
		const struct so_finding *f = &list->items[i];

		if (!f->n_evidence || !f->explanation || strstr(f->explanation, "nan") || strstr(f->title, "nan") ||
			strstr(f->title, "unknown number") ||
			(!plan->has_analyze && strstr(f->explanation, "(measured)")))
			fail_msg("%s: %s: %s %s", path, f->rule, f->title, f->explanation);
	}
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
	assert_true(each_plan(*state, "mysql", ".json", check_general) >= 160);
	assert_true(each_plan(*state, "mysql", ".txt", check_general) >= 200);
	assert_true(each_plan(*state, "mariadb", ".txt", check_general) >= 200);
	assert_true(each_plan(*state, "mssql", ".xml", check_general) >= 25);
	assert_true(each_plan(*state, "mssql", ".txt", check_general) >= 12);
	assert_true(each_plan(*state, "oracle", ".txt", check_general) >= 40);
	assert_true(each_plan(*state, "oracle", ".json", check_general) >= 5);
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

/* ---- Steps: FORMAT=TREE and JSON of version 2 ------------------------------------------------------------------- */

/* Adds up the values behind each `key`, and takes the first one. */
static double sum_of(const char *text, const char *key, double *first)
{
	double sum = 0;

	*first = NAN;
	for (const char *at = strstr(text, key); at; at = strstr(at + 1, key)) {
		double value = strtod(at + strlen(key), NULL);

		if (isnan(*first))
			*first = value;
		sum += value;
	}
	return sum;
}

/* What the nodes of a plan say together: a scan with a filter stands for two steps. */
static void sum_steps(const struct so_plan *plan, double *rows, double *actual)
{
	*rows = *actual = 0;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];
		bool two = node->alias && strcmp(node->label, "Filter") != 0 && node->n_conditions &&
			   node->conditions[node->n_conditions - 1].kind == SO_COND_FILTER;

		*rows += (isnan(node->rows_est) ? 0 : node->rows_est) + (two ? node->tested_est : 0);
		if (node->op == SO_PLAN_HASH || strncmp(node->label, "Repeat", 6) == 0)
			continue; /* they have no figures of their own */
		*actual += node->rows_actual + (two && node->loops > 0 ? node->rows_actual + node->removed_filter : 0);
	}
}

static void check_tree(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	double rows, actual, first, ms;
	char *cost = strstr(text, "(cost="), *line_end = strchr(strstr(text, "-> "), '\n');

	(void)len;
	sum_steps(plan, &rows, &actual);
	if (strstr(text, "(actual time=")) {
		assert_same(path, "rows", actual + rows, sum_of(text, " rows=", &first));
		ms = strtod(strstr(strstr(text, "(actual time=") + 13, "..") + 2, NULL);
		assert_same(path, "time", plan->nodes[0].time_ms, ms);
		assert_true(plan->has_analyze && plan->has_timing);
	} else {
		assert_same(path, "rows", rows, sum_of(text, " rows=", &first));
		assert_false(plan->has_analyze);
	}
	if (cost && cost < line_end && !strstr(cost, "..")) /* of the first step */
		assert_same(path, "cost", plan->total_cost, strtod(cost + 6, NULL));
}

static void check_steps(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	json_t *doc = json_loadb(text, len, 0, NULL);
	const json_t *top = json_object_get(doc, "query_plan");
	double rows, actual, first;

	sum_steps(plan, &rows, &actual);
	assert_same(path, "expected rows", rows, sum_of(text, "\"estimated_rows\": ", &first));
	if (json_object_get(top, "actual_rows")) {
		assert_same(path, "actual rows", actual, sum_of(text, "\"actual_rows\": ", &first));
		assert_same(path, "time", plan->nodes[0].time_ms,
			json_number_value(json_object_get(top, "actual_last_row_ms")));
	}
	if (json_object_get(top, "estimated_total_cost"))
		assert_same(path, "cost", plan->total_cost,
			json_number_value(json_object_get(top, "estimated_total_cost")));
	json_decref(doc);
}

static void test_steps_keep_their_figures(void **state)
{
	assert_true(each_plan(*state, "mysql", "tree.txt", check_tree) > 100);
	assert_true(each_plan(*state, "mysql", "v2.json", check_steps) > 100);
}

/* The same statement in text and JSON gives the same nodes. */
static void same_as_text(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	SO_TMP(tmp, NULL);
	const struct so_plan *other =
		read_file(tmp, so_printf(tmp, "%.*stree.txt", (int)(strlen(path) - strlen("v2.json")), path));

	(void)text;
	(void)len;
	if (other->n_nodes != plan->n_nodes)
		fail_msg("%s: %d nodes, in text %d", path, plan->n_nodes, other->n_nodes);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *a = &plan->nodes[i], *b = &other->nodes[i];

		if (a->op != b->op || strcmp(a->label, b->label) != 0 || a->parent != b->parent ||
			a->relationship != b->relationship || a->n_conditions != b->n_conditions)
			fail_msg("%s: node %d is '%s', in text '%s'", path, i, a->label, b->label);
	}
}

static void test_text_and_json_are_one_plan(void **state)
{
	assert_true(each_plan(*state, "mysql", ".v2.json", same_as_text) > 50);
}

static void test_steps(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mysql/9.7/dependent-in-where.analyze-tree.txt");
	const struct so_plan_node *node = &plan->nodes[0];

	assert_string_equal(plan->format, "mysql-tree");
	assert_string_equal(node->label, "Index lookup");
	assert_string_equal(node->conditions[0].text, "region_id = 1");
	assert_string_equal(node->conditions[1].text, "(c.created_at > (select #2))");
	assert_same("filter", "tested", node->tested_est, 400);
	assert_same("filter", "removed", node->removed_filter, 195);
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_SUB_PLAN);
	assert_string_equal(plan->nodes[1].subplan_name, "SubPlan 2");
	assert_same("subquery", "time", plan->nodes[1].time_ms, 0.0155 * 400);
	plan = read_plan(*state, "mysql/9.7/cte-twice.analyze-tree.txt");
	assert_true(plan->nodes[plan->n_nodes - 1].never_executed);
	plan = read_plan(*state, "mysql/9.7/join-no-index.analyze-v2.json");
	node = find(plan, "Inner hash join", NULL);
	assert_int_equal(node->op, SO_PLAN_HASH_JOIN);
	assert_int_equal(node->conditions[0].kind, SO_COND_HASH);
	assert_int_equal(plan->nodes[node->next_sibling < 0 ? plan->n_nodes - 2 : 0].relationship, SO_PLAN_REL_INNER);
	assert_string_equal(find(plan, NULL, "orders")->alias, "o");
	assert_string_equal(find(plan, NULL, "orders")->schema, "shop");
}

/* What clients do to the text: one line with escapes, a box, a quoted cell, an indented block. */
static void test_steps_in_frames(void **state)
{
	static const char *const texts[] = {
		"-> Limit: 3 row(s)  (cost=4 rows=3)\n    -> Table scan on t  (cost=4.5 rows=9)\n",
		"EXPLAIN\n-> Limit: 3 row(s)  (cost=4 rows=3)\\n    -> Table scan on t  (cost=4.5 rows=9)\\n\n",
		"+---+\n| EXPLAIN |\n+---+\n| -> Limit: 3 row(s)  (cost=4 rows=3)\n    -> Table scan on t  (cost=4.5 "
		"rows=9)\n"
		" |\n+---+\n1 row in set (0.00 sec)\n",
		"*************************** 1. row ***************************\nEXPLAIN: -> Limit: 3 row(s)  (cost=4 "
		"rows=3)\n"
		"    -> Table scan on t  (cost=4.5 rows=9)\n\n1 row in set (0.00 sec)\n",
		"  -> Limit: 3 row(s)  (cost=4 rows=3)\r\n      -> Table scan on t  (cost=4.5 rows=9)\r\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;

		if (!so_plan_read(*state, texts[i], strlen(texts[i]), &plan, &err))
			fail_msg("%zu: %s", i, err.message);
		assert_int_equal(plan->n_nodes, 2);
		assert_int_equal(plan->nodes[1].op, SO_PLAN_SEQ_SCAN);
		assert_string_equal(plan->nodes[1].relation, "t");
		assert_same(texts[i], "rows", plan->nodes[1].rows_est, 9);
		assert_same(texts[i], "cost", plan->total_cost, 4);
	}
}

/* A part of a plan, cut out with the heading of its subquery, has a root like any other. */
static void test_a_subquery_alone(void **state)
{
	const char *text =
		"-> Select #2 (subquery in condition; dependent)\n    -> Aggregate: max(o.amount)  (cost=5.99 rows=1)\n"
		"        -> Index lookup on o using ix (a = c.id)  (cost=3.6 rows=10)\n";
	struct so_finding_list *list = so_finding_list_new(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	assert_true(so_plan_read(*state, text, strlen(text), &plan, &err));
	assert_int_equal(plan->n_nodes, 2);
	assert_int_equal(plan->nodes[0].relationship, SO_PLAN_REL_ROOT);
	so_plan_findings(plan, NULL, NULL, list);
}

/* ---- The table form --------------------------------------------------------------------------------------------- */

/* Adds up the column `rows` of a text, found by the place of its header. */
static double rows_column(const char *text, double *lines)
{
	SO_TMP(tmp, NULL);
	char *rest = so_strdup(tmp, text), *line;
	int column = -1;
	double sum = 0;

	*lines = 0;
	while ((line = strsep(&rest, "\n"))) {
		char separator[2] = { strchr(line, '|') ? '|' : '\t', 0 }, *cell;
		bool is_header = strstr(line, "select_type") != NULL;
		int at = 0;

		if (*separator == '|' && *line == '|')
			line++;
		if (!strchr(line, *separator) || strstr(line, " RESULT"))
			continue;
		while ((cell = strsep(&line, separator))) {
			while (*cell == ' ')
				cell++;
			if (is_header && strncmp(cell, "rows", 4) == 0)
				column = at;
			if (!is_header && at == column) {
				sum += atof(cell);
				*lines += *cell >= '0' && *cell <= '9';
			}
			at++;
		}
	}
	return sum;
}

static void check_table(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	double lines, sum = rows_column(text, &lines), rows = 0, n = 0;

	(void)len;
	if (strstr(text, "*** 1. row"))
		return;
	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (!isnan(plan->nodes[i].tested_est)) {
			rows += plan->nodes[i].tested_est;
			n++;
		}
	assert_same(path, "rows", rows, sum);
	assert_same(path, "tables", n, lines);
	assert_true(isnan(plan->total_cost) && !plan->has_timing);
}

static void test_tables_keep_their_figures(void **state)
{
	assert_true(each_plan(*state, "mysql", ".table.txt", check_table) > 50);
	assert_true(each_plan(*state, "mysql", ".batch.txt", check_table) > 5);
	assert_true(each_plan(*state, "mariadb", ".table.txt", check_table) > 100);
	assert_true(each_plan(*state, "mariadb", ".analyze.txt", check_table) > 100);
}

static void test_rows_become_a_tree(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mysql/9.7/union-distinct.table.txt");
	const struct so_plan_node *node;

	assert_string_equal(plan->format, "mysql-table");
	assert_int_equal(plan->nodes[0].op, SO_PLAN_SET_OP);
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_MEMBER);
	assert_int_equal(plan->nodes[2].relationship, SO_PLAN_REL_MEMBER);
	plan = read_plan(*state, "mariadb/10.11/derived-table.analyze.txt");
	assert_string_equal(plan->format, "mariadb-table");
	assert_true(plan->has_analyze);
	node = find(plan, NULL, "<derived2>");
	assert_same("derived", "loops", node->loops, 4000);
	assert_true(find(plan, NULL, "orders")->id > node->id && find(plan, NULL, "orders")->id < node->end);
	plan = read_plan(*state, "mysql/9.7/dependent-subquery.table.txt");
	assert_int_equal(find(plan, NULL, "o")->relationship, SO_PLAN_REL_SUB_PLAN);
	plan = read_plan(*state, "mariadb/10.11/join-no-index.table.txt");
	assert_true(plan->nodes[0].join_buffer);
	plan = read_plan(*state, "mysql/9.7/full-scan-filter.vertical.txt");
	assert_same("vertical", "rows", plan->nodes[0].tested_est, 40324);
	plan = read_plan(*state, "mysql/9.7/insert-select.table.txt");
	assert_int_equal(plan->nodes[0].op, SO_PLAN_MODIFY);
	plan = read_plan(*state, "mysql/9.7/range-checked.table.txt");
	assert_non_null(find(plan, "Range checked for each record", "o"));
}

/* UPDATE ... ORDER BY ... LIMIT sorts its table first, and changes it all the same. */
static void test_sorted_changes(void **state)
{
	static const char *const extras[] = { "Using where; Using filesort", "Using where; Using temporary" };

	for (size_t i = 0; i < 2; i++) {
		const char *text = so_printf(*state,
			"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n"
			"1\tUPDATE\torders\tALL\tNULL\tNULL\tNULL\tNULL\t40\t100.00\t%s\n",
			extras[i]);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;

		assert_true(so_plan_read(*state, text, strlen(text), &plan, &err));
		assert_int_equal(plan->n_nodes, 3);
		assert_int_equal(plan->nodes[0].op, SO_PLAN_MODIFY);
		assert_string_equal(plan->nodes[0].label, "Update");
		assert_string_equal(plan->nodes[0].relation, "orders");
		assert_int_equal(plan->nodes[1].op, i ? SO_PLAN_MATERIALIZE : SO_PLAN_SORT);
		assert_string_equal(plan->nodes[2].relation, "orders");
	}
}

/* A row's words count in any case and order, and a line of Extra may hold the frame's own sign. */
static void test_cells(void **state)
{
	static const char text[] =
		"mysql> EXPLAIN ANALYZE SELECT 1;\r\n"
		"+------+\r\n"
		"| id | SELECT_TYPE select_type | select_type | table | type | possible_keys | key | key_len | ref | "
		"rows "
		"| r_rows | filtered | r_filtered | Extra |\r\n"
		"+------+\r\n"
		"| 1 | x | SIMPLE | a | range | k | k | 4 | NULL | 100 | 80.00 | 50.00 | 25.00 | USING INDEX; using "
		"WHERE |\r\n"
		"| 1 | x | SIMPLE | b | ALL | NULL | NULL | NULL | NULL | 10 | 10.00 | 20.00 | 10.00 | Using where; "
		"Using join buffer (flat, BNLH join) a|b |\r\n"
		"| 1 | x | SIMPLE | c | eq_ref | k | k | 4 | s.a.x | 1 | 0.50 | 100.00 | 100.00 | Not exists |\r\n"
		"+------+\r\n3 rows in set\r\n";
	struct so_err err = SO_ERR_INIT;
	const struct so_plan_node *nodes;
	struct so_plan *plan;

	if (!so_plan_read(*state, text, sizeof text - 1, &plan, &err))
		fail_msg("%s", err.message);
	nodes = plan->nodes;
	assert_int_equal(plan->n_nodes, 5);
	assert_true(plan->has_analyze && !plan->has_timing && isnan(nodes[0].time_ms));
	assert_string_equal(nodes[0].join_type, "Anti");
	assert_int_equal(nodes[1].op, SO_PLAN_HASH_JOIN);
	assert_true(nodes[1].join_buffer && nodes[1].n_conditions == 1);
	assert_int_equal(nodes[1].conditions[0].kind, SO_COND_HASH);
	assert_string_equal(nodes[2].label, "Covering index range scan");
	assert_same("cells", "rows of a", nodes[2].rows_est, 50);
	assert_same("cells", "rows read of a", nodes[2].rows_actual, 20);
	assert_same("cells", "rows removed of a", nodes[2].removed_filter, 60);
	/* 20 rows of a, once 10 of b: 200 pairs, of which a tenth passes */
	assert_same("cells", "loops of b", nodes[3].loops, 1);
	assert_same("cells", "pairs that pass", nodes[1].rows_actual, 20);
	assert_same("cells", "pairs that do not", nodes[1].removed_join, 180);
	assert_same("cells", "loops of c", nodes[4].loops, 20);
	assert_same("cells", "rows of the join", nodes[0].rows_actual, 10);
	assert_same("cells", "estimate of the join", nodes[0].rows_est, 50 * 10 * 0.2);
}

/* ---- SQL Server ------------------------------------------------------------------------------------------------- */

/* Adds up an attribute of all elements with a name. */
static double sum_attribute(const char *text, const char *element, const char *name)
{
	SO_TMP(tmp, NULL);
	const char *open = so_printf(tmp, "<%s ", element), *key = so_printf(tmp, " %s=\"", name);
	double sum = 0;

	for (const char *at = strstr(text, open); at; at = strstr(at + 1, open)) {
		const char *value = strstr(at, key), *end = strchr(at, '>');

		if (value && value < end)
			sum += strtod(value + strlen(key), NULL);
	}
	return sum;
}

static void check_showplan(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	double rows = 0, actual = 0, loops = 0, cost = 0;

	(void)len;
	assert_string_equal(plan->engine, "mssql");
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		rows += plan->nodes[i].rows_est;
		actual += plan->nodes[i].rows_actual * plan->nodes[i].loops;
		loops += plan->nodes[i].loops;
	}
	cost = strtod(strstr(text, " StatementSubTreeCost=\"") + 23, NULL);
	if (plan->n_statements == 1) {
		assert_same(path, "cost", plan->total_cost, cost);
		assert_same(path, "rows", rows, sum_attribute(text, "RelOp", "EstimateRows"));
		if (plan->has_analyze) {
			assert_same(
				path, "rows", actual, sum_attribute(text, "RunTimeCountersPerThread", "ActualRows"));
			if (!strstr(text, "Thread=\"1\"")) /* threads share an execution */
				assert_same(path, "executions", loops,
					sum_attribute(text, "RunTimeCountersPerThread", "ActualExecutions"));
		}
	}
}

static void test_showplans_keep_their_figures(void **state)
{
	assert_true(each_plan(*state, "mssql", ".xml", check_showplan) >= 25);
}

static void test_showplan(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mssql/documented/key-lookup-actual.xml");
	const struct so_plan_node *lookup = &plan->nodes[2], *node;

	assert_string_equal(plan->format, "mssql-xml");
	assert_int_equal(lookup->op, SO_PLAN_KEY_LOOKUP);
	assert_same("lookup", "loops", lookup->loops, 9000);
	assert_same("lookup", "rows", lookup->rows_actual, 1);
	assert_same("lookup", "time", lookup->time_ms, 236);
	assert_true(plan->nodes[0].buffers.shared_hit == 27006);
	assert_string_equal(plan->nodes[1].conditions[0].text, "[o].[status] = 'void'");
	assert_true(plan->nodes[1].conditions[0].expr);
	assert_same("lookup", "cost of all", lookup->cost_inclusive, 2.8);
	plan = read_plan(*state, "mssql/documented/hash-spill-actual.xml");
	assert_true(plan->nodes[0].disk_kb == 5600);
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_INNER);
	assert_int_equal(plan->nodes[0].conditions[0].kind, SO_COND_HASH);
	plan = read_plan(*state, "mssql/documented/parallel-actual.xml");
	node = &plan->nodes[2];
	assert_same("parallel", "loops", node->loops, 1);
	assert_same("parallel", "rows of all threads", node->rows_actual, 40000);
	assert_same("parallel", "time", node->time_ms, 50);
	plan = read_plan(*state, "mssql/documented/batch-columnstore-actual.xml");
	assert_same("batch", "time with children", plan->nodes[0].time_ms, 15);
	plan = read_plan(*state, "mssql/documented/range-seek.xml");
	assert_string_equal(plan->nodes[0].conditions[0].text,
		"[o].[status] = 'open' AND [o].[created_at] >= '2025-06-01' AND [o].[created_at] < '2025-07-01'");
	plan = read_plan(*state, "mssql/documented/two-statements.xml");
	assert_int_equal(plan->n_statements, 2);
	assert_string_equal(plan->nodes[0].relation, "orders");
	plan = read_plan(*state, "mssql/documented/never-executed-actual.xml");
	assert_true(plan->nodes[2].never_executed);
}

static void test_showplan_notes(void **state)
{
	const struct so_plan *plan = read_plan(*state, "mssql/documented/missing-index.xml");

	assert_int_equal(plan->n_notes, 1);
	assert_string_equal(plan->notes[0].kind, "missing_index");
	assert_string_equal(
		plan->notes[0].text, "CREATE INDEX ON [dbo].[orders] ([note], [amount]) INCLUDE ([status])");
	assert_same("missing index", "impact", plan->notes[0].value, 93.5);
	plan = read_plan(*state, "mssql/documented/implicit-conversion.xml");
	assert_string_equal(plan->notes[0].kind, "convert_seek");
	assert_string_equal(plan->notes[0].text, "CONVERT_IMPLICIT(int,[c].[code],0)=(1234)");
	plan = read_plan(*state, "mssql/documented/parameter-sniffing-actual.xml");
	assert_string_equal(plan->notes[0].text, "@status planned for 'new', run with 'paid'");
	plan = read_plan(*state, "mssql/documented/no-statistics.xml");
	assert_int_equal(plan->notes[0].node, 0);
	assert_string_equal(plan->notes[0].text, "[log_lines].body");
}

static void test_showplan_text(void **state)
{
	static const char *const names[] = { "key-lookup", "hash-join", "sort" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct so_plan *text =
			read_plan(*state, so_printf(*state, "mssql/documented/%s-text.txt", names[i]));

		assert_true(isnan(text->total_cost));
		for (const char *const *form = (const char *const[]){ "all", "profile", "tabs", NULL }; *form; form++) {
			const struct so_plan *plan =
				read_plan(*state, so_printf(*state, "mssql/documented/%s-%s.txt", names[i], *form));

			assert_string_equal(plan->format, "mssql-text");
			assert_int_equal(plan->n_nodes, text->n_nodes);
			assert_int_equal(so_plan_shape_hash(plan), so_plan_shape_hash(text));
			assert_true(plan->total_cost > 2);
			assert_int_equal(plan->has_analyze, strcmp(*form, "profile") == 0);
			for (int32_t k = 0; k < plan->n_nodes; k++)
				assert_false(isnan(plan->nodes[k].rows_est));
		}
	}
}

/* Columns that are narrower than what stands in them: the mark of an operator is cut in two by the end of its column.
 */
static void test_showplan_text_in_narrow_columns(void **state)
{
	const char *text = "StmtText Rows\n--- ---\n  |--Table Scan(OBJECT:([shop].[dbo].[orders]))\n";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	assert_true(so_plan_read(*state, text, strlen(text), &plan, &err));
	assert_string_equal(plan->nodes[0].label, "Table Scan");
	assert_string_equal(plan->nodes[0].relation, "orders");
}

/* ---- Oracle ----------------------------------------------------------------------------------------------------- */

/* "40K" as Oracle means it: 40,000. */
static double oracle_number(const char *cell)
{
	char *end;
	double value = strtod(cell, &end);

	return value * (*end == 'K' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 1);
}

/* Adds up a column of DBMS_XPLAN's table; *first is its first value. Rows that an adaptive plan does not use are left
 * out. NAN: no such column. */
static double xplan_column(const char *text, const char *name, double *first)
{
	SO_TMP(tmp, NULL);
	char *rest = so_strdup(tmp, text), *line, *cell;
	int column = -1;
	double sum = 0;

	*first = NAN;
	while ((line = strsep(&rest, "\n"))) {
		bool is_header = strstr(line, "| Operation") != NULL;
		int at = 0;

		if (*line != '|' || line[1] == '-')
			continue;
		while ((cell = strsep(&line, "|"))) {
			while (*cell == ' ')
				cell++;
			if (is_header && strncmp(cell, name, strlen(name)) == 0 && cell[strlen(name)] == ' ')
				column = at;
			if (!is_header && at == column) {
				sum += oracle_number(cell);
				if (isnan(*first))
					*first = oracle_number(cell);
			}
			at++;
		}
	}
	return column < 0 ? NAN : sum;
}

static void check_xplan(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	double rows = 0, actual = 0, starts = 0, first, sum;

	(void)len;
	assert_string_equal(plan->format, "oracle-xplan");
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		rows += isnan(plan->nodes[i].rows_est) ? 0 : plan->nodes[i].rows_est;
		actual += plan->nodes[i].rows_actual * plan->nodes[i].loops;
		starts += plan->nodes[i].loops;
	}
	if (!isnan(sum = xplan_column(text, "Rows", &first)) || !isnan(sum = xplan_column(text, "E-Rows", &first)))
		assert_same(path, "rows", rows, sum);
	if (!isnan(sum = xplan_column(text, "A-Rows", &first)))
		assert_same(path, "rows", actual, sum);
	if (!isnan(sum = xplan_column(text, "Starts", &first)) && !strstr(text, "PX "))
		assert_same(path, "starts", starts, sum);
	if (!isnan(xplan_column(text, "Cost (%CPU)", &first)))
		assert_same(path, "cost", plan->total_cost, first);
	if (!isnan(xplan_column(text, "Buffers", &first)))
		assert_same(path, "buffers",
			(double)(plan->nodes[0].buffers.shared_hit + plan->nodes[0].buffers.shared_read), first);
}

static void check_rows(const char *path, const struct so_plan *plan, const char *text, size_t len)
{
	json_t *doc = json_loadb(text, len, 0, NULL), *list = doc;
	double cardinality = 0, output = 0, micros = 0, rows = 0, actual = 0;

	assert_string_equal(plan->format, "oracle-rows");
	if (json_is_object(doc))
		list = json_object_get(json_array_get(json_object_get(doc, "results"), 0), "items");
	assert_int_equal(json_array_size(list), plan->n_nodes);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		bool lower = json_object_get(row, "id") != NULL;

		cardinality += json_number_value(json_object_get(row, lower ? "cardinality" : "CARDINALITY"));
		output += json_number_value(json_object_get(row, lower ? "last_output_rows" : "LAST_OUTPUT_ROWS"));
		if (!i)
			micros = json_number_value(
				json_object_get(row, lower ? "last_elapsed_time" : "LAST_ELAPSED_TIME"));
		rows += plan->nodes[i].rows_est;
		actual += plan->nodes[i].rows_actual * plan->nodes[i].loops;
	}
	assert_same(path, "rows", rows, cardinality);
	if (plan->has_analyze) {
		assert_same(path, "rows", actual, output);
		assert_same(path, "time", plan->nodes[0].time_ms, micros / 1000);
	}
	json_decref(doc);
}

static void test_oracle_keeps_its_figures(void **state)
{
	assert_true(each_plan(*state, "oracle", ".txt", check_xplan) >= 40);
	assert_true(each_plan(*state, "oracle", ".json", check_rows) >= 5);
}

static void test_xplan(void **state)
{
	const struct so_plan *plan = read_plan(*state, "oracle/documented/full-scan-filter-advanced.txt"), *other;
	const struct so_plan_node *node = &plan->nodes[1];

	assert_string_equal(node->label, "TABLE ACCESS FULL");
	assert_int_equal(node->op, SO_PLAN_SEQ_SCAN);
	assert_string_equal(node->relation, "ORDERS");
	assert_string_equal(node->alias, "O");
	assert_int_equal(node->n_conditions, 1);
	assert_string_equal(node->conditions[0].text, "\"O\".\"AMOUNT\">990");
	assert_true(node->conditions[0].expr);
	other = read_plan(*state, "oracle/documented/full-scan-filter-rows.json");
	assert_int_equal(so_plan_shape_hash(plan), so_plan_shape_hash(other));
	other = read_plan(*state, "oracle/documented/full-scan-filter-basic.txt");
	assert_int_equal(so_plan_shape_hash(plan), so_plan_shape_hash(other));
	assert_true(isnan(other->total_cost) && isnan(other->nodes[1].rows_est));
	plan = read_plan(*state, "oracle/documented/adaptive.txt");
	assert_int_equal(plan->n_nodes, 4); /* four others are inactive */
	assert_int_equal(plan->nodes[2].parent, 1);
	assert_int_equal(plan->nodes[2].relationship, SO_PLAN_REL_INNER);
	assert_string_equal(plan->nodes[1].conditions[0].text, "\"C\".\"ID\"=\"O\".\"CUSTOMER_ID\"");
	assert_string_equal(plan->notes[0].text, "this is an adaptive plan (rows marked '-' are inactive)");
	assert_string_equal(plan->query_id, "8fq5pqtgk0qzv");
	plan = read_plan(*state, "oracle/documented/hash-spill-allstats.txt");
	assert_true(plan->nodes[1].disk_kb == 15360 && plan->nodes[1].memory_kb == 2048);
	assert_same("hash", "time", plan->nodes[1].time_ms, 330);
	plan = read_plan(*state, "oracle/documented/nested-loops-allstats.txt");
	node = find(plan, "INDEX UNIQUE SCAN", NULL);
	assert_string_equal(node->relation, "CUSTOMERS");
	assert_string_equal(node->index, "CUSTOMERS_PK");
	assert_same("inner", "rows", node->rows_actual, 1);
	assert_same("inner", "loops", node->loops, 9000);
	plan = read_plan(*state, "oracle/documented/parallel-allstats.txt");
	node = find(plan, "TABLE ACCESS FULL", NULL);
	assert_same("parallel", "loops", node->loops, 1);
	assert_same("parallel", "rows of all servers", node->rows_actual, 40000);
	assert_same("parallel", "time", node->time_ms, 350.0 / 4);
	plan = read_plan(*state, "oracle/documented/scalar-subquery-allstats.txt");
	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_SUB_PLAN);
	assert_int_equal(plan->nodes[3].relationship, SO_PLAN_REL_OUTER);
}

static void test_oracle_refusals(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "Plan hash value: 1357081020\n", "no table of operations" },
		{ "| Id  | Operation | Name | Rows |\n|   0 | SELECT STATEMENT |\n", "line size" },
		{ "[{\"ID\":0,\"OPERATION\":\"SELECT STATEMENT\"},{\"ID\":0,\"OPERATION\":\"SORT\"}]", "occurs twice" },
		{ "[{\"ID\":0,\"OPERATION\":\"SELECT STATEMENT\"},{\"ID\":1,\"PARENT_ID\":7,\"OPERATION\":\"SORT\"}]",
			"parent of row 1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;

		assert_false(so_plan_read(*state, rows[i].text, strlen(rows[i].text), &plan, &err));
		assert_int_equal(err.kind, SO_INPUT);
		if (!strstr(err.message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, err.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_plan_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_query_blocks_keep_their_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_joins_of_a_block_are_left_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mariadb_times_are_of_the_table_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subqueries_hang_under_their_block, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps_keep_their_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_and_json_are_one_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps_in_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_subquery_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tables_keep_their_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_become_a_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sorted_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cells, setup, teardown),
		cmocka_unit_test_setup_teardown(test_showplans_keep_their_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_showplan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_showplan_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_showplan_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_showplan_text_in_narrow_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oracle_keeps_its_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_xplan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oracle_refusals, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
