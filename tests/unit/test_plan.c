/* Reading plans: real captures of PostgreSQL 15 and 18 under tests/data/plans, and what must be refused. */
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
#include "plan/plan.h"
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

static char *load(TALLOC_CTX *ctx, const char *name, size_t *len)
{
	char *path = so_printf(ctx, DIR_PLANS "/%s%s", name, strchr(name, '.') ? "" : ".json"), *text;
	FILE *file = fopen(path, "rb");
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

static struct so_plan *read_plan(TALLOC_CTX *ctx, const char *name)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;
	size_t len;
	char *text = load(ctx, name, &len);

	if (!so_plan_read(ctx, text, len, &plan, &err))
		fail_msg("%s: %s", name, err.message);
	return plan;
}

static enum so_kind refuse(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err)
{
	struct so_plan *plan = NULL;

	*err = (struct so_err)SO_ERR_INIT;
	assert_false(so_plan_read(ctx, text, len, &plan, err));
	assert_null(plan);
	assert_true(err->message[0]);
	return err->kind;
}

/* Names of all captures, sorted by nothing in particular. */
static size_t all_plans(TALLOC_CTX *ctx, char **names, size_t max)
{
	DIR *dir = opendir(DIR_PLANS);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) && n < max;)
		if (strstr(e->d_name, ".json") && strncmp(e->d_name, "other-", 6) != 0)
			names[n++] = so_strdup(ctx, e->d_name);
	closedir(dir);
	return n;
}

/* Nothing is counted twice and nothing is lost, whatever the shape: exclusive figures add up to the root's. */
static void test_exclusive_figures_add_up(void **state)
{
	char *names[512];
	size_t n = all_plans(*state, names, 512);

	assert_true(n > 40);
	for (size_t p = 0; p < n; p++) {
		const struct so_plan *plan = read_plan(*state, names[p]);
		double ms = 0, cost = 0, rounding = 0.01, root_ms = plan->nodes[0].time_ms, share = 0;
		int64_t hit = 0, root_hit = plan->nodes[0].buffers.shared_hit;

		for (int32_t i = 0; i < plan->n_nodes; i++) {
			const struct so_plan_node *node = &plan->nodes[i];

			/* a data-modifying CTE that nothing reads runs after the main plan */
			if (node->cte_defined && strcmp(node->label, "ModifyTable") == 0) {
				root_ms += node->time_ms;
				root_hit += node->buffers.shared_hit;
			}
			ms += node->time_exclusive_ms;
			cost += node->cost_exclusive;
			share += node->share;
			hit += node->buffers_exclusive.shared_hit;
			rounding += 0.001 + (node->loops > 0 ? node->loops * 0.0011 : 0);
			assert_true(node->cost_exclusive >= 0);
			assert_true(node->end > i && node->end <= plan->n_nodes);
		}
		if (plan->has_timing && fabs(ms - root_ms) > rounding + root_ms * 0.005)
			fail_msg("%s: exclusive times %.3f, root %.3f", names[p], ms, root_ms);
		if (plan->has_buffers && hit != root_hit)
			fail_msg("%s: exclusive buffers %ld, root %ld", names[p], (long)hit, (long)root_hit);
		if (fabs(cost - plan->total_cost) > plan->total_cost * 1e-6 + 0.01)
			fail_msg("%s: exclusive costs %.3f, total %.3f", names[p], cost, plan->total_cost);
		if (plan->total_cost > 0 && fabs(share - 1) > 1e-6)
			fail_msg("%s: shares add up to %f", names[p], share);
	}
}

static const struct so_plan_node *find(const struct so_plan *plan, const char *label, const char *relation, int nth)
{
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (strcmp(node->label, label) == 0 &&
			(!relation || (node->relation && !strcmp(node->relation, relation))) && nth-- == 0)
			return node;
	}
	fail_msg("no %s %s", label, relation ? relation : "");
	return NULL;
}

static void assert_near(double got, double expected)
{
	if (!(fabs(got - expected) <= 0.0015 + fabs(expected) * 1e-9))
		fail_msg("got %f, expected %f", got, expected);
}

static void test_reads_a_node(void **state)
{
	const struct so_plan *plan = read_plan(*state, "pg15-analyze");
	const struct so_plan_node *node = find(plan, "Seq Scan", "orders", 0);

	assert_string_equal(plan->format, "postgresql-json");
	assert_true(plan->has_analyze && plan->has_timing && plan->has_buffers);
	assert_int_equal(node->op, SO_PLAN_SEQ_SCAN);
	assert_string_equal(node->alias, "o");
	assert_true(node->parallel_aware);
	assert_int_equal(node->relationship, SO_PLAN_REL_OUTER);
	assert_near(node->rows_est, 101628);
	assert_near(node->rows_actual, 86320);
	assert_near(node->loops, 2);
	assert_int_equal(node->buffers.shared_hit, 1471);
	assert_int_equal(node->depth, 6);
	assert_int_equal(plan->nodes[node->parent].op, SO_PLAN_HASH_JOIN);
	assert_string_equal(plan->nodes[node->parent].join_type, "Inner");
	assert_int_equal(plan->nodes[node->parent].conditions[0].kind, SO_COND_HASH);
	assert_true(plan->nodes[node->parent].n_children == 2);
	assert_int_equal(plan->nodes[node->parent].first_child, node->id);
	assert_int_equal(node->next_sibling, find(plan, "Hash", NULL, 0)->id);
	assert_int_equal(find(plan, "Hash", NULL, 0)->hash_batches, 1);
	assert_string_equal(find(plan, "Sort", NULL, 0)->sort_method, "top-N heapsort");
	assert_string_equal(find(plan, "Sort", NULL, 0)->sort_keys[0], "(sum(o.amount)) DESC");
	assert_int_equal(find(plan, "Gather", NULL, 0)->workers_launched, 1);
}

/* PostgreSQL 18 prints rows with decimals and splits I/O times by kind. */
static void test_reads_version_18(void **state)
{
	const struct so_plan *plan = read_plan(*state, "pg18-analyze");

	assert_near(find(plan, "Seq Scan", "orders", 0)->rows_actual, 172640);
	assert_near(find(plan, "Seq Scan", "orders", 0)->io_read_ms, 0);
	assert_false(find(plan, "Seq Scan", "orders", 0)->disabled);
	assert_true(plan->planning_ms > 0 && plan->execution_ms > 0);
}

static void test_estimates_only(void **state)
{
	const struct so_plan *plan = read_plan(*state, "limit-explain");

	assert_false(plan->has_analyze || plan->has_timing || plan->has_buffers);
	assert_true(isnan(plan->nodes[1].rows_actual) && isnan(plan->nodes[1].time_ms) && isnan(plan->planning_ms));
	assert_false(plan->nodes[1].never_executed);
	assert_int_equal(plan->nodes[1].buffers.shared_hit, -1);
	/* the limit stops the scan early: the scan is charged only what the limit takes of it */
	assert_near(plan->nodes[1].cost_exclusive, plan->total_cost);
}

static void test_loops_multiply(void **state)
{
	const struct so_plan *plan = read_plan(*state, "materialize-loops");
	const struct so_plan_node *mat = find(plan, "Materialize", NULL, 0);

	assert_near(mat->loops, 200);
	assert_near(mat->time_ms, mat->total_ms * 200);
	assert_near(mat->time_exclusive_ms, mat->time_ms - plan->nodes[mat->first_child].time_ms);
	assert_near(so_plan_rows_total(mat), 200 * 200);
}

/* Figures below a gather are means of one process: three of them worked at the same time. */
static void test_workers_share_the_time(void **state)
{
	const struct so_plan *plan = read_plan(*state, "parallel-nested-loop");
	const struct so_plan_node *gather = find(plan, "Gather", NULL, 0), *below = &plan->nodes[gather->first_child];
	const struct so_plan_node *inner = find(plan, "Index Only Scan", "products", 0);

	assert_near(gather->processes, 1);
	assert_near(below->processes, 3);
	assert_near(below->time_ms, below->total_ms);
	assert_near(gather->time_exclusive_ms, gather->total_ms - below->total_ms);
	assert_true(inner->loops > 900);
	assert_near(inner->time_ms, inner->total_ms * inner->loops / 3);
	assert_true(inner->time_ms < gather->total_ms);
}

/* A non-partial member of a parallel append runs in one process of three. */
static void test_parallel_append_members(void **state)
{
	const struct so_plan *plan = read_plan(*state, "parallel-append");

	assert_near(find(plan, "Subquery Scan", NULL, 1)->loops, 2);
	assert_near(find(plan, "Subquery Scan", NULL, 1)->processes, 3);
}

static void test_cte_is_charged_to_its_scans(void **state)
{
	const struct so_plan *plan = read_plan(*state, "cte-twice");
	const struct so_plan_node *cte = &plan->nodes[plan->nodes[0].first_child];
	const struct so_plan_node *first = find(plan, "CTE Scan", NULL, 0), *second = find(plan, "CTE Scan", NULL, 1);

	assert_string_equal(cte->cte_defined, "x");
	assert_int_equal(cte->relationship, SO_PLAN_REL_INIT_PLAN);
	assert_string_equal(second->cte_name, "x");
	/* the first scan pulled all rows, the second read what was there; the join itself pays for neither */
	assert_near(first->time_exclusive_ms, first->time_ms - cte->time_ms);
	assert_near(second->time_exclusive_ms, second->time_ms);
	assert_true(plan->nodes[0].time_exclusive_ms < 10);
}

static void test_cte_inside_a_cte(void **state)
{
	const struct so_plan *plan = read_plan(*state, "cte-nested");
	const struct so_plan_node *b = find(plan, "CTE Scan", NULL, 0); /* computes b, reads a */

	assert_string_equal(b->cte_defined, "b");
	assert_string_equal(b->cte_name, "a");
	assert_near(b->time_exclusive_ms, b->time_ms - plan->nodes[1].time_ms);
}

static void test_cte_that_nothing_reads(void **state)
{
	const struct so_plan *plan = read_plan(*state, "cte-insert-unread");
	const struct so_plan_node *insert = find(plan, "ModifyTable", NULL, 0);

	assert_string_equal(insert->operation, "Insert");
	assert_true(insert->time_ms > plan->nodes[0].time_ms);
	assert_near(
		plan->nodes[0].time_exclusive_ms, plan->nodes[0].time_ms - plan->nodes[insert->next_sibling].time_ms);
}

/* An InitPlan hangs under the top of its query level but runs in the node that needs its value. */
static void test_init_plan_is_charged_where_it_ran(void **state)
{
	const struct so_plan *plan = read_plan(*state, "initplan-two");
	const struct so_plan_node *scan = find(plan, "Index Scan", "orders", 0);
	double inits = 0;

	for (int32_t c = plan->nodes[0].first_child; c >= 0; c = plan->nodes[c].next_sibling)
		if (plan->nodes[c].relationship == SO_PLAN_REL_INIT_PLAN && !strstr(plan->nodes[c].subplan_name, "$1"))
			inits += plan->nodes[c].time_ms;
	assert_true(inits > 9);
	assert_true(scan->time_exclusive_ms < 0.5);
	plan = read_plan(*state, "initplan-filter-parallel");
	/* the gather computes it before it starts workers */
	assert_string_equal(find(plan, "Gather", NULL, 1)->params[0], "$1");
	assert_true(find(plan, "Gather", NULL, 1)->time_exclusive_ms < 15);
	assert_true(plan->nodes[0].time_exclusive_ms < 1);
}

static void test_sub_plans(void **state)
{
	const struct so_plan *plan = read_plan(*state, "subplan-correlated");

	assert_int_equal(plan->nodes[1].relationship, SO_PLAN_REL_SUB_PLAN);
	assert_false(plan->nodes[1].hashed_subplan);
	assert_near(plan->nodes[0].time_exclusive_ms, plan->nodes[0].time_ms - plan->nodes[1].time_ms);
	plan = read_plan(*state, "subplan-hashed");
	assert_true(plan->nodes[2].hashed_subplan);
	plan = read_plan(*state, "subplan-not-hashed");
	assert_false(plan->nodes[2].hashed_subplan);
}

static void test_memory_and_disk(void **state)
{
	const struct so_plan *plan = read_plan(*state, "sort-spill");

	assert_string_equal(plan->nodes[0].sort_method, "external merge");
	assert_true(plan->nodes[0].disk_kb > 10000);
	assert_true(plan->nodes[0].buffers_exclusive.temp_written > 1000);
	plan = read_plan(*state, "sort-spill-parallel");
	assert_int_equal(plan->nodes[1].n_workers, 2);
	assert_true(plan->nodes[1].disk_kb > plan->nodes[1].workers[0].sort_kb + plan->nodes[1].workers[1].sort_kb);
	plan = read_plan(*state, "hash-batches");
	assert_true(find(plan, "Hash", NULL, 0)->hash_batches > 8);
	plan = read_plan(*state, "hashagg-spill");
	assert_true(plan->nodes[0].disk_kb > 0 && plan->nodes[0].agg_batches > 1);
	plan = read_plan(*state, "memoize");
	assert_true(find(plan, "Memoize", NULL, 0)->cache_misses == 5639);
	assert_int_equal(find(plan, "Memoize", NULL, 0)->cache_hits, 5998 - 5639);
	plan = read_plan(*state, "incremental-sort");
	assert_int_equal(find(plan, "Incremental Sort", NULL, 0)->n_presorted_keys, 1);
	assert_non_null(find(plan, "Incremental Sort", NULL, 0)->sort_method);
}

static void test_other_figures(void **state)
{
	const struct so_plan *plan = read_plan(*state, "modify-triggers");

	assert_int_equal(plan->n_triggers, 2);
	assert_true(plan->triggers[0].calls == 2000 && plan->triggers[0].time_ms > 0);
	plan = read_plan(*state, "jit");
	assert_true(plan->jit_ms > 1 && plan->jit_functions > 0);
	plan = read_plan(*state, "never-executed");
	assert_true(find(plan, "Index Scan", "orders", 0)->never_executed);
	assert_near(find(plan, "Index Scan", "orders", 0)->time_ms, 0);
	plan = read_plan(*state, "timing-off");
	assert_true(plan->has_analyze && !plan->has_timing && isnan(plan->nodes[0].time_ms));
	assert_near(plan->nodes[1].rows_actual, 109);
	plan = read_plan(*state, "initplan-two"); /* VERBOSE, SETTINGS, WAL */
	assert_true(plan->n_settings > 0 && plan->has_wal && plan->nodes[0].n_output > 0);
	assert_string_equal(find(plan, "Index Scan", "orders", 0)->schema, "shop");
	plan = read_plan(*state, "bitmap-or");
	assert_string_equal(find(plan, "Bitmap Index Scan", NULL, 0)->relation, "payments");
	assert_true(so_plan_uses_index(plan, "payments_provider_ref_idx"));
	assert_false(so_plan_uses_index(plan, "payments_provider_ref"));
	plan = read_plan(*state, "bitmap-lossy");
	assert_true(find(plan, "Bitmap Heap Scan", NULL, 0)->lossy_blocks > 100);
}

static void assert_json_is(const json_t *object, const char *key, const char *expected)
{
	char *text = json_dumps(json_object_get(object, key), JSON_ENCODE_ANY | JSON_COMPACT);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

/* All conditions of a plan are parsed, into one AST. */
static void test_conditions_are_expressions(void **state)
{
	const struct so_plan *plan = read_plan(*state, "correlated-columns");
	const struct so_plan_node *scan = find(plan, "Seq Scan", "users", 0);
	char *names[512];
	size_t n = all_plans(*state, names, 512), total = 0, parsed = 0;

	assert_int_equal(so_ast_kind(plan->ast, scan->conditions[0].expr), SO_N_BOOL);
	assert_int_equal(so_as_bool(plan->ast, scan->conditions[0].expr)->args.count, 2);
	for (size_t p = 0; p < n; p++) {
		plan = read_plan(*state, names[p]);
		for (int32_t i = 0; i < plan->n_nodes; i++)
			for (size_t k = 0; k < plan->nodes[i].n_conditions; k++) {
				total++;
				parsed += plan->nodes[i].conditions[k].expr != 0;
				if (!plan->nodes[i].conditions[k].expr)
					print_message("%s: %s\n", names[p], plan->nodes[i].conditions[k].text);
			}
	}
	assert_true(total > 100);
	assert_int_equal(parsed, total);
}

static void test_json_shape(void **state)
{
	json_t *json = so_plan_to_json(read_plan(*state, "cte-twice")), *node;

	assert_json_is(json, "format", "\"postgresql-json\"");
	assert_json_is(json, "analyzed", "true");
	assert_json_is(json, "jit_ms", "null");
	assert_int_equal(json_array_size(json_object_get(json, "nodes")), 7);
	node = json_array_get(json_object_get(json, "nodes"), 4);
	assert_json_is(node, "parent", "3");
	assert_json_is(node, "operation", "\"cte\"");
	assert_json_is(node, "label", "\"CTE Scan\"");
	assert_json_is(node, "rows_actual", "1179");
	assert_json_is(node, "rows_removed", "176058");
	assert_json_is(node, "conditions", "[{\"kind\":\"filter\",\"text\":\"(n > 20)\"}]");
	node = json_array_get(json_object_get(json, "nodes"), 0);
	assert_json_is(node, "parent", "null");
	assert_json_is(node, "rows_removed", "null");
	json_decref(json);
	json = so_plan_to_json(read_plan(*state, "limit-explain"));
	assert_json_is(json, "analyzed", "false");
	assert_json_is(json_array_get(json_object_get(json, "nodes"), 1), "time_ms", "null");
	assert_json_is(json_array_get(json_object_get(json, "nodes"), 1), "buffers", "null");
	json_decref(json);
}

/* Figures do not change a plan's shape; another access path does. */
static void test_shape_hash(void **state)
{
	uint64_t explain = so_plan_shape_hash(read_plan(*state, "pg15-explain"));

	assert_true(explain == so_plan_shape_hash(read_plan(*state, "pg15-analyze")));
	assert_true(explain != so_plan_shape_hash(read_plan(*state, "pg18-explain")));
	assert_true(so_plan_shape_hash(read_plan(*state, "initplan-filter")) !=
		    so_plan_shape_hash(read_plan(*state, "initplan-filter-parallel")));
}

/* ---- Framing ---------------------------------------------------------------------------------------------------- */

/* Wraps each line as a client would print it. */
static char *frame(
	TALLOC_CTX *ctx, const char *text, const char *head, const char *before, const char *after, const char *tail)
{
	char *out = so_strdup(ctx, head), *copy = so_strdup(ctx, text), *rest = copy;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line)
			out = talloc_asprintf_append(out, "%s%-60s%s\n", before, line, rest && *rest ? after : "");
	return talloc_strdup_append(out, tail);
}

static void test_accepts_framing(void **state)
{
	static const struct {
		const char *head, *before, *after, *tail;
	} frames[] = {
		{ "", "", "", "" },
		{ "\xef\xbb\xbf", "", "", "\r\n" },
		{ "           QUERY PLAN\n-----------------\n", " ", "+", "(1 row)\n\n" },
		{ "shop=# explain (format json) select 1;\n    QUERY PLAN\n----------\n", " ", " +",
			"(1 row)\n\nTime: 1.2 ms\n" },
		{ "+------+\n|  QUERY PLAN  |\n+-----+\n", "| ", "+|", "+------+\n(1 row)\n" },
		{ "┌───┐\n│ QUERY PLAN │\n├───┤\n", "│ ", "+│", "└───┘\n(1 row)\n" },
	};
	size_t len;
	char *text = load(*state, "limit-explain", &len);
	uint64_t hash = so_plan_shape_hash(read_plan(*state, "limit-explain"));

	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		char *framed = frame(*state, text, frames[i].head, frames[i].before, frames[i].after, frames[i].tail);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;

		if (!so_plan_read(*state, framed, strlen(framed), &plan, &err))
			fail_msg("frame %zu: %s", i, err.message);
		assert_true(so_plan_shape_hash(plan) == hash);
	}
}

static void test_accepts_quoting(void **state)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	const char *doubled = "\"[{\"\"Plan\"\": {\"\"Node Type\"\": \"\"Result\"\", \"\"Total Cost\"\": 0.01}}]\"";
	const char *json = "\"[{\\\"Plan\\\": {\\\"Node Type\\\": \\\"Result\\\"}}]\"";
	const char *bare = "{\"Query Text\": \"select 1\", \"Plan\": {\"Node Type\": \"Result\"}}";

	assert_true(so_plan_read(*state, doubled, strlen(doubled), &plan, &err));
	assert_string_equal(plan->nodes[0].label, "Result");
	assert_true(so_plan_read(*state, json, strlen(json), &plan, &err));
	assert_true(so_plan_read(*state, bare, strlen(bare), &plan, &err));
	assert_string_equal(plan->query_text, "select 1");
}

/* ---- Refusals --------------------------------------------------------------------------------------------------- */

static void test_refuses_with_a_reason(void **state)
{
	static const struct {
		const char *text;
		enum so_kind kind;
		const char *says;
	} cases[] = {
		{ "", SO_INPUT, "empty" },
		{ " \n\t ", SO_INPUT, "empty" },
		{ "hello", SO_INPUT, "no execution plan" },
		{ "null", SO_INPUT, "no execution plan" },
		{ "[]", SO_INPUT, "no execution plan" },
		{ "{}", SO_INPUT, "no execution plan" },
		{ "[1, 2]", SO_INPUT, "no execution plan" },
		{ "\"hello\"", SO_INPUT, "no execution plan" },
		{ "[{\"Plan\": 7}]", SO_INPUT, "no execution plan" },
		{ "[{\"Plan\": {}}]", SO_INPUT, "node 0 of the plan has no 'Node Type'" },
		{ "[{\"Plan\": {\"Node Type\": \"Sort\", \"Plans\": 1}}]", SO_INPUT, "no list" },
		{ "[{\"Plan\": {\"Node Type\": \"Sort\", \"Plans\": [1]}}]", SO_INPUT, "node 1 of the plan" },
		{ "[\"Utility Statement\"]", SO_INPUT, "utility statements" },
		{ "[{\"Plan\": {\"Node Type\": \"Sort\",", SO_INPUT, "cut off" },
		{ "[{\"Plan\": {\"Node Type\" \"Sort\"}}]", SO_INPUT, "line 1" },
		{ "[{\"Plan\": {\"Node Type\": \"S\xff\"}}]", SO_INPUT, "UTF-8" },
		{ "[{\"Plan\": {\"Node Type\": \"Sort\", \"Total Cost\": 1e999}}]", SO_INPUT, "overflow" },
		{ "x (cost=0.00..1.00 width=4)", SO_INPUT, "node 0 has figures that cannot be read" },
		{ "Filter: (cost= width=", SO_INPUT, "no line with a node" },
		{ "- Plan: \n    Node Type: \"Result\"\n    Plans: 1", SO_INPUT, "no list" },
		{ "- Plan: \n    Node Type: *a", SO_INPUT, "an alias (*), which no plan has, at line 2" },
		{ "- Plan: \n    Node Type: !!str a", SO_INPUT, "a tag (!)" },
		{ "- Plan: \n    Node Type: \"Result", SO_INPUT, "cut off: its YAML ends early" },
		{ "- Plan: \n    Node Type: 'a' 'b'", SO_INPUT, "no valid YAML" },
		{ "- Plan: \n    Node Type: 'a'\n    [1]: 'b'", SO_INPUT, "as a key" },
		{ "<explain xmlns=\"http://www.postgresql.org/2009/explain\">", SO_INPUT,
			"cut off: its XML ends early" },
		{ "<explain/>", SO_INPUT, "no element 'Plan'" },
		{ "<explain><a></b></explain>", SO_INPUT, "no valid XML: mismatched tag at line 1" },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]>\n<explain>&b;</explain>", SO_INPUT, "document type" },
		{ "<explain>&b;</explain>", SO_INPUT, "undefined entity" },
		{ "<?xml version=\"1.0\"?><ShowPlanXML Version=\"1.5\"/>", SO_INPUT, "SQL Server" },
		{ "\xff\xfe<", SO_INPUT, "UTF-16 and ends inside a character" },
		{ "\xff\xfe"
		  "a\xd8"
		  "b\xd8",
			SO_INPUT, "half a surrogate pair at byte 0" },
		{ "Plan hash value: 1357081020", SO_INPUT, "Oracle" },
	};
	struct so_err err;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum so_kind kind = refuse(*state, cases[i].text, strlen(cases[i].text), &err);

		if (kind != cases[i].kind || !strstr(err.message, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].text, so_kind_name(kind), err.message);
	}
}

/* SQL Server's tools save plans as UTF-16, and any editor may do so. */
static void test_accepts_utf16(void **state)
{
	static const char *const marks[] = { "", "\xff\xfe", "\xfe\xff" };
	const char *key = "\x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80";
	const char *plan = so_printf(*state,
		"<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<explain><Query><Plan><Node-Type>Sort</Node-Type>"
		"<Sort-Key><Item>%s</Item></Sort-Key></Plan></Query></explain>",
		key);
	/* the same characters as UTF-16 units; the last one is a pair */
	static const unsigned tail[] = { 0x7f, ' ', 0xe4, ' ', 0x20ac, ' ', 0xd83d, 0xde00 };

	for (int order = 0; order < 3; order++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *read;
		struct so_buf buf;
		bool big = order == 2;

		so_buf_init(&buf, *state, 4096);
		so_buf_adds(&buf, marks[order]);
		for (const char *at = plan; *at; at++) {
			if (*at == '\x7f') {
				for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++) {
					so_buf_addc(&buf, (char)(big ? tail[i] >> 8 : tail[i]));
					so_buf_addc(&buf, (char)(big ? tail[i] : tail[i] >> 8));
				}
				at = strstr(at, "</Item>") - 1;
				continue;
			}
			so_buf_addc(&buf, big ? '\0' : *at);
			so_buf_addc(&buf, big ? *at : '\0');
		}
		if (!so_plan_read(*state, so_buf_text(&buf), buf.len, &read, &err))
			fail_msg("order %d: %s", order, err.message);
		assert_string_equal(read->format, "postgresql-xml");
		assert_string_equal(read->nodes[0].sort_keys[0], key);
	}
}

/* Cut anywhere, a plan is refused; memory checkers watch. A capture is a single document, so no prefix is whole. */
static void test_truncated_plans(void **state)
{
	char *names[512];
	size_t n = all_plans(*state, names, 512);

	for (size_t p = 0; p < n; p++) {
		SO_TMP(tmp, *state);
		size_t len, step;
		char *text = load(tmp, names[p], &len);

		while (len && strchr(" \n\r\t", text[len - 1]))
			len--;
		step = len / 100 + 1;
		for (size_t cut = 0; cut < len; cut += step) {
			struct so_err err;
			char *part = so_memdup(tmp, text, cut ? cut : 1);

			assert_int_equal(refuse(tmp, part, cut, &err), SO_INPUT);
			if (cut > 1 && !strstr(err.message, "cut off"))
				fail_msg("%s cut at %zu: %s", names[p], cut, err.message);
			talloc_free(part);
		}
	}
}

/* A damaged byte may change a figure or break the document, never the reader. */
static void test_damaged_plans(void **state)
{
	size_t len;
	char *text = load(*state, "initplan-two", &len);

	for (size_t i = 0; i < len; i += 7) {
		SO_TMP(tmp, *state);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan = NULL;
		char old = text[i];

		text[i] = "\0-\"{9"[i % 5];
		if (so_plan_read(tmp, text, len, &plan, &err))
			json_decref(so_plan_to_json(plan));
		text[i] = old;
	}
}

static void test_depth_and_width(void **state)
{
	const char *open = "{\"Node Type\": \"Materialize\", \"Total Cost\": 5, \"Plans\": [";
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	struct so_buf buf;

	for (int depth = SO_PLAN_MAX_DEPTH - 1; depth <= 5000; depth += 1 + 4100 * (depth >= SO_PLAN_MAX_DEPTH)) {
		so_buf_init(&buf, *state, 1 << 20);
		so_buf_adds(&buf, "[{\"Plan\": ");
		for (int i = 0; i < depth; i++)
			so_buf_adds(&buf, open);
		so_buf_adds(&buf, "{\"Node Type\": \"Result\"}");
		for (int i = 0; i < depth; i++)
			so_buf_adds(&buf, "]}");
		so_buf_adds(&buf, "}]");
		if (depth < SO_PLAN_MAX_DEPTH) {
			assert_true(so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err));
			assert_int_equal(plan->n_nodes, depth + 1);
			assert_int_equal(plan->nodes[depth].depth, depth);
		} else {
			assert_int_equal(refuse(*state, so_buf_text(&buf), buf.len, &err), SO_LIMIT);
			assert_non_null(strstr(err.message, "900"));
		}
	}
	so_buf_init(&buf, *state, 4 << 20);
	so_buf_adds(&buf, "[{\"Plan\": {\"Node Type\": \"Append\", \"Total Cost\": 100000, \"Plans\": [");
	for (int i = 0; i < 10000; i++)
		so_buf_addf(&buf,
			"%s{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"part_%d\", \"Total Cost\": 10, "
			"\"Filter\": \"(x = %d)\"}",
			i ? "," : "", i, i);
	so_buf_adds(&buf, "]}}]");
	assert_true(buf.len > 900000);
	assert_true(so_plan_read(*state, so_buf_text(&buf), buf.len, &plan, &err));
	assert_int_equal(plan->n_nodes, 10001);
	assert_int_equal(plan->nodes[0].n_children, 10000);
	assert_string_equal(plan->nodes[10000].relation, "part_9999");
}

static void test_size_limit(void **state)
{
	struct so_err err;

	/* the length alone is looked at: the text is never touched */
	assert_int_equal(refuse(*state, "[", SO_PLAN_MAX_BYTES + 1, &err), SO_LIMIT);
	assert_non_null(strstr(err.message, "100 MiB"));
}

static void test_leaves_nothing_behind(void **state)
{
	size_t before = talloc_total_blocks(*state), len;
	char *text = load(*state, "initplan-two", &len);
	size_t loaded = talloc_total_blocks(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	assert_true(so_plan_read(*state, text, len, &plan, &err));
	talloc_free(plan);
	assert_int_equal(talloc_total_blocks(*state), loaded);
	refuse(*state, text, len / 2, &err);
	assert_int_equal(talloc_total_blocks(*state), loaded);
	assert_true(loaded > before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exclusive_figures_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reads_a_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reads_version_18, setup, teardown),
		cmocka_unit_test_setup_teardown(test_estimates_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loops_multiply, setup, teardown),
		cmocka_unit_test_setup_teardown(test_workers_share_the_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parallel_append_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cte_is_charged_to_its_scans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cte_inside_a_cte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cte_that_nothing_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_init_plan_is_charged_where_it_ran, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sub_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_and_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conditions_are_expressions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shape_hash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accepts_framing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accepts_quoting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accepts_utf16, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuses_with_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth_and_width, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leaves_nothing_behind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
