/* PostgreSQL's plans in text, YAML and XML: each must give the tree that its JSON gives. The captures under
 * tests/data/plans/postgresql come from tests/data/plans/capture/postgresql_plans. */
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
#include "base/clock.h"
#include "plan/plan.h"

#define DIR_PLANS SO_TEST_DATA "/plans/postgresql"

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
	long size;
	char *text;

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

static struct so_plan *read_text(TALLOC_CTX *ctx, const char *text)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	if (!so_plan_read(ctx, text, strlen(text), &plan, &err))
		fail_msg("%s\n%s", text, err.message);
	return plan;
}

/* Differences are printed and counted, so that a run shows all of them. */
static int differences;

static void differ(const char *fmt, ...) SO_PRINTF(1, 2);
static void differ(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (differences++ < 40) {
		vfprintf(stderr, fmt, args);
		fputc('\n', stderr);
	}
	va_end(args);
}

/* ---- Comparing trees -------------------------------------------------------------------------------------------- */

enum member_type { M_TEXT, M_REAL, M_INT64, M_INT32, M_BOOL };
enum { ALWAYS = 0, TIMED = 1, VERBOSE_ONLY = 2, BUFFERS = 4, WAL = 8 };

#define M(name, type, when)                                                                                            \
	{                                                                                                              \
#name, M_##type, offsetof(struct so_plan_node, name), when                                             \
	}

static const struct {
	const char *name;
	enum member_type type;
	size_t offset;
	int when;
} members[] = {
	M(parent, INT32, ALWAYS),
	M(depth, INT32, ALWAYS),
	M(end, INT32, ALWAYS),
	M(first_child, INT32, ALWAYS),
	M(next_sibling, INT32, ALWAYS),
	M(n_children, INT32, ALWAYS),
	M(relationship, INT32, ALWAYS),
	M(subplan_name, TEXT, ALWAYS),
	M(cte_defined, TEXT, ALWAYS),
	M(cte_name, TEXT, ALWAYS),
	M(cte_root, INT32, ALWAYS),
	M(op, INT32, ALWAYS),
	M(label, TEXT, ALWAYS),
	M(operation, TEXT, ALWAYS),
	M(schema, TEXT, ALWAYS),
	M(relation, TEXT, ALWAYS),
	M(alias, TEXT, ALWAYS),
	M(index, TEXT, ALWAYS),
	M(function, TEXT, ALWAYS),
	M(join_type, TEXT, ALWAYS),
	M(strategy, TEXT, ALWAYS),
	M(partial_mode, TEXT, ALWAYS),
	M(scan_direction, TEXT, ALWAYS),
	M(parallel_aware, BOOL, ALWAYS),
	M(single_copy, BOOL, ALWAYS),
	M(inner_unique, BOOL, VERBOSE_ONLY),
	M(never_executed, BOOL, ALWAYS),
	M(hashed_subplan, BOOL, ALWAYS),
	M(rows_est, REAL, ALWAYS),
	M(width_est, REAL, ALWAYS),
	M(startup_cost, REAL, ALWAYS),
	M(total_cost, REAL, ALWAYS),
	M(rows_actual, REAL, ALWAYS),
	M(loops, REAL, ALWAYS),
	M(removed_filter, REAL, ALWAYS),
	M(removed_join, REAL, ALWAYS),
	M(removed_recheck, REAL, ALWAYS),
	M(processes, REAL, ALWAYS),
	M(cost_exclusive, REAL, ALWAYS),
	M(heap_fetches, REAL, ALWAYS),
	M(exact_blocks, INT64, ALWAYS),
	M(lossy_blocks, INT64, ALWAYS),
	M(buffers.shared_hit, INT64, BUFFERS),
	M(buffers.shared_read, INT64, BUFFERS),
	M(buffers.shared_dirtied, INT64, BUFFERS),
	M(buffers.shared_written, INT64, BUFFERS),
	M(buffers.local_hit, INT64, BUFFERS),
	M(buffers.temp_read, INT64, BUFFERS),
	M(buffers.temp_written, INT64, BUFFERS),
	M(buffers_exclusive.shared_hit, INT64, BUFFERS),
	M(wal_records, INT64, WAL),
	M(wal_fpi, INT64, WAL),
	M(wal_bytes, INT64, WAL),
	M(sort_method, TEXT, ALWAYS),
	M(memory_kb, INT64, ALWAYS),
	M(disk_kb, INT64, ALWAYS),
	M(hash_buckets, INT64, ALWAYS),
	M(hash_batches, INT64, ALWAYS),
	M(hash_batches_planned, INT64, ALWAYS),
	M(agg_batches, INT64, ALWAYS),
	M(agg_partitions, INT64, ALWAYS),
	M(cache_hits, INT64, ALWAYS),
	M(cache_misses, INT64, ALWAYS),
	M(cache_evictions, INT64, ALWAYS),
	M(cache_overflows, INT64, ALWAYS),
	M(workers_planned, INT32, ALWAYS),
	M(workers_launched, INT32, ALWAYS),
	M(subplans_removed, INT32, ALWAYS),
	M(startup_ms, REAL, TIMED),
	M(total_ms, REAL, TIMED),
	M(time_exclusive_ms, REAL, TIMED),
	M(io_read_ms, REAL, TIMED),
	M(io_write_ms, REAL, TIMED),
	M(temp_io_ms, REAL, TIMED),
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_member(const void *a, const void *b, enum member_type type)
{
	switch (type) {
	case M_TEXT:
		return same_text(*(const char *const *)a, *(const char *const *)b);
	case M_REAL:
		return *(const double *)a == *(const double *)b ||
		       (isnan(*(const double *)a) && isnan(*(const double *)b));
	case M_INT64:
		return *(const int64_t *)a == *(const int64_t *)b;
	case M_INT32:
		return *(const int32_t *)a == *(const int32_t *)b;
	case M_BOOL:
		return *(const bool *)a == *(const bool *)b;
	}
	return false;
}

static char *show(TALLOC_CTX *ctx, const void *value, enum member_type type)
{
	switch (type) {
	case M_TEXT:
		return so_strdup(ctx, *(const char *const *)value ? *(const char *const *)value : "(none)");
	case M_REAL:
		return so_printf(ctx, "%.17g", *(const double *)value);
	case M_INT64:
		return so_printf(ctx, "%lld", (long long)*(const int64_t *)value);
	case M_INT32:
		return so_printf(ctx, "%d", *(const int32_t *)value);
	case M_BOOL:
		return so_strdup(ctx, *(const bool *)value ? "true" : "false");
	}
	return NULL;
}

static void same_list(
	const char *path, int32_t node, const char *what, const char **a, size_t n_a, const char **b, size_t n_b)
{
	if (n_a != n_b) {
		differ("%s: node %d: %zu %s, expected %zu", path, node, n_b, what, n_a);
		return;
	}
	for (size_t i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			differ("%s: node %d: %s \"%s\", expected \"%s\"", path, node, what, b[i], a[i]);
}

/* Conditions may come in another order: JSON prints some before what text prints first. */
static void same_conditions(const char *path, const struct so_plan_node *a, const struct so_plan_node *b)
{
	if (a->n_conditions != b->n_conditions)
		differ("%s: node %d has %zu conditions, expected %zu", path, b->id, b->n_conditions, a->n_conditions);
	for (size_t i = 0; i < a->n_conditions; i++) {
		bool found = false;

		for (size_t k = 0; k < b->n_conditions && !found; k++)
			found = a->conditions[i].kind == b->conditions[k].kind &&
				strcmp(a->conditions[i].text, b->conditions[k].text) == 0 &&
				!a->conditions[i].expr == !b->conditions[k].expr;
		if (!found)
			differ("%s: node %d has no condition %s", path, b->id, a->conditions[i].text);
	}
}

static void same_whole(const char *path, const struct so_plan *a, const struct so_plan *b)
{
	if (a->n_statements != b->n_statements || a->has_analyze != b->has_analyze || a->total_cost != b->total_cost ||
		a->n_triggers != b->n_triggers || a->n_settings != b->n_settings ||
		!isnan(a->jit_functions) != !isnan(b->jit_functions)) {
		differ("%s: differs as a whole", path);
		return;
	}
	for (size_t i = 0; i < a->n_triggers; i++)
		/* without VERBOSE, text leaves out the name of a constraint's trigger */
		if ((b->triggers[i].name && !same_text(a->triggers[i].name, b->triggers[i].name)) ||
			!same_text(a->triggers[i].constraint, b->triggers[i].constraint) ||
			a->triggers[i].calls != b->triggers[i].calls)
			differ("%s: trigger %zu differs", path, i);
	for (size_t i = 0; i < a->n_settings; i++)
		if (!same_text(a->settings[i].name, b->settings[i].name) ||
			!same_text(a->settings[i].value, b->settings[i].value))
			differ("%s: setting %s differs", path, a->settings[i].name);
}

static void same_tree(TALLOC_CTX *ctx, const char *path, const struct so_plan *a, const struct so_plan *b, int when)
{
	if (a->n_nodes != b->n_nodes) {
		differ("%s: %d nodes, expected %d", path, b->n_nodes, a->n_nodes);
		return;
	}
	for (int32_t i = 0; i < a->n_nodes; i++) {
		const struct so_plan_node *x = &a->nodes[i], *y = &b->nodes[i];

		for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
			const void *p = (const char *)x + members[m].offset, *q = (const char *)y + members[m].offset;

			/* which scans of an index without an order have a direction depends on the version */
			if (members[m].type == M_TEXT && same_text(*(const char *const *)p, "NoMovement"))
				continue;
			if ((members[m].when & when) == members[m].when && !same_member(p, q, members[m].type))
				differ("%s: node %d (%s): %s is %s, expected %s", path, i, x->label, members[m].name,
					show(ctx, q, members[m].type), show(ctx, p, members[m].type));
		}
		same_list(path, i, "sort key", x->sort_keys, x->n_sort_keys, y->sort_keys, y->n_sort_keys);
		same_list(path, i, "presorted key", x->presorted_keys, x->n_presorted_keys, y->presorted_keys,
			y->n_presorted_keys);
		same_list(path, i, "group key", x->group_keys, x->n_group_keys, y->group_keys, y->n_group_keys);
		same_list(path, i, "output", x->output, x->n_output, y->output, y->n_output);
		same_list(path, i, "parameter", x->params, x->n_params, y->params, y->n_params);
		same_conditions(path, x, y);
	}
	if (so_plan_shape_hash(a) != so_plan_shape_hash(b))
		differ("%s: another shape", path);
	same_whole(path, a, b);
}

/* Calls `test` with the path of each capture in JSON, without its ending, of all versions; SO_TEST_PLANS names
 * a folder to be looked at instead. */
static size_t each_capture(TALLOC_CTX *ctx, const char *kind, void (*test)(TALLOC_CTX *ctx, const char *path))
{
	const char *fresh = getenv("SO_TEST_PLANS");
	char *versions_folder = fresh ? so_printf(ctx, "%s/postgresql", fresh) : so_strdup(ctx, DIR_PLANS);
	DIR *versions = opendir(versions_folder);
	size_t n = 0;

	assert_non_null(versions);
	for (struct dirent *v; (v = readdir(versions));) {
		char *folder = so_printf(ctx, "%s/%s", versions_folder, v->d_name);
		DIR *dir = *v->d_name == '.' ? NULL : opendir(folder);

		for (struct dirent *e; dir && (e = readdir(dir));) {
			SO_TMP(tmp, ctx);
			const char *end = strstr(e->d_name, ".json");

			if (!end || !strstr(e->d_name, kind))
				continue;
			test(tmp, so_printf(tmp, "%s/%.*s", folder, (int)(end - e->d_name), e->d_name));
			n++;
		}
		if (dir)
			closedir(dir);
	}
	closedir(versions);
	return n;
}

/* Text leaves out what is zero, so that a plan without any page or WAL record does not show that it was counted. */
static int what_is_printed(const char *path, const struct so_plan *plan)
{
	if (strcmp(plan->nodes[0].label, "ModifyTable") == 0) /* two runs do not find the pages in the same state */
		return 0;
	if (strcmp(plan->format, "postgresql-text") != 0)
		return TIMED | VERBOSE_ONLY | BUFFERS | WAL;
	return (strstr(path, "-verbose") ? VERBOSE_ONLY : 0) | (plan->has_buffers ? BUFFERS : 0) |
	       (plan->has_wal ? WAL : 0);
}

static void compare_formats(TALLOC_CTX *ctx, const char *path)
{
	static const char *const formats[][2] = { { "yaml", "postgresql-yaml" }, { "xml", "postgresql-xml" },
		{ "txt", "postgresql-text" } };
	const struct so_plan *json = read_file(ctx, so_printf(ctx, "%s.json", path));

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		const char *other = so_printf(ctx, "%s.%s", path, formats[i][0]);
		FILE *exists = fopen(other, "rb");
		const struct so_plan *plan;

		if (!exists) {
			assert_string_not_equal(formats[i][0], "txt");
			continue;
		}
		fclose(exists);
		plan = read_file(ctx, other);
		assert_string_equal(plan->format, formats[i][1]);
		assert_string_equal(plan->engine, "postgresql");
		same_tree(ctx, other, json, plan, what_is_printed(path, plan));
	}
}

static void test_all_formats_give_one_tree(void **state)
{
	assert_true(each_capture(*state, "-explain", compare_formats) >= 60);
	assert_true(each_capture(*state, "-verbose", compare_formats) >= 60);
	assert_true(each_capture(*state, "-counted", compare_formats) >= 60);
	assert_int_equal(differences, 0);
}

/* ---- Figures to the digit --------------------------------------------------------------------------------------- */

/* Prints the figures of each node as PostgreSQL does and finds them in the text, one behind the other. */
static void figures_survive(TALLOC_CTX *ctx, const char *path)
{
	const char *file = so_printf(ctx, "%s.txt", path), *at;
	const struct so_plan *plan = read_file(ctx, file);
	const char *version = strstr(path, "/postgresql/");
	int digits = version && atoi(version + 12) >= 18 ? 2 : 0; /* of mean rows */
	size_t len;

	at = load(ctx, file, &len);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];
		char *figures = so_printf(ctx, "(cost=%.2f..%.2f rows=%.0f width=%.0f)", node->startup_cost,
			node->total_cost, node->rows_est, node->width_est);
		bool timed = plan->has_timing && !node->never_executed;

		if (node->never_executed)
			figures = so_printf(ctx, "%s (never executed)", figures);
		else if (timed)
			figures = so_printf(ctx, "%s (actual time=%.3f..%.3f rows=%.*f loops=%.0f)", figures,
				node->startup_ms, node->total_ms, digits, node->rows_actual, node->loops);
		else if (plan->has_analyze)
			figures = so_printf(ctx, "%s (actual rows=%.*f loops=%.0f)", figures, digits, node->rows_actual,
				node->loops);
		at = strstr(at, figures);
		if (!at)
			fail_msg("%s: node %d: not in the text: %s", file, i, figures);
		at += strlen(figures);
	}
	if (plan->has_timing) {
		assert_non_null(strstr(at, so_printf(ctx, "Planning Time: %.3f ms", plan->planning_ms)));
		assert_non_null(strstr(at, so_printf(ctx, "Execution Time: %.3f ms", plan->execution_ms)));
	}
	for (; (at = strstr(at, "(cost=")); at++)
		fail_msg("%s: a node was not read: %.60s", file, at);
}

static void test_figures_survive_to_the_digit(void **state)
{
	assert_true(each_capture(*state, "-timed", figures_survive) >= 60);
	assert_true(each_capture(*state, "-counted", figures_survive) >= 60);
}

/* Times are from another run than those in JSON; everything that does not depend on the run is the same. */
static void same_shape(TALLOC_CTX *ctx, const char *path)
{
	const struct so_plan *json = read_file(ctx, so_printf(ctx, "%s.json", path));
	const struct so_plan *text = read_file(ctx, so_printf(ctx, "%s.txt", path));

	assert_true(so_plan_shape_hash(json) == so_plan_shape_hash(text));
	assert_true(text->has_timing && text->has_analyze);
	assert_int_equal(json->n_settings, text->n_settings);
	assert_int_equal(json->n_triggers, text->n_triggers);
	assert_int_equal(!isnan(json->jit_ms), !isnan(text->jit_ms));
	for (int32_t i = 0; i < json->n_nodes; i++) {
		const struct so_plan_node *x = &json->nodes[i], *y = &text->nodes[i];
		double sum = 0;

		/* how many workers a run gets depends on what else the machine does */
		if (getenv("SO_TEST_PLANS") && x->n_workers != y->n_workers)
			continue;
		assert_int_equal(x->n_workers, y->n_workers);
		assert_int_equal(x->n_output, y->n_output);
		for (size_t k = 0; k < y->n_workers; k++) {
			assert_int_equal(y->workers[k].number, x->workers[k].number);
			assert_int_equal(!isnan(y->workers[k].total_ms), !isnan(x->workers[k].total_ms));
			sum += isnan(y->workers[k].loops) ? 0 : y->workers[k].loops;
		}
		assert_true(sum <= y->loops);
	}
}

static void test_timed_plans(void **state)
{
	assert_true(each_capture(*state, "-timed", same_shape) >= 60);
}

/* ---- Frames around text ----------------------------------------------------------------------------------------- */

static const char *const plan_lines[] = {
	"Sort  (cost=10.00..10.50 rows=200 width=36) (actual time=0.500..0.510 rows=10 loops=1)",
	"  Sort Key: o.total DESC, o.id",
	"  Sort Method: quicksort  Memory: 25kB",
	"  ->  Nested Loop Left Join  (cost=0.29..9.00 rows=200 width=36) (actual time=0.010..0.400 rows=10 loops=1)",
	"        Join Filter: (u.id = o.user_id)",
	"        ->  Seq Scan on orders o  (cost=0.00..5.00 rows=200 width=36) (actual time=0.005..0.300 rows=10 "
	"loops=1)",
	"              Filter: ((status = 'open'::text) AND (total > '5'::numeric))",
	"              Rows Removed by Filter: 90",
	"        ->  Materialize  (cost=0.00..1.00 rows=1 width=4) (never executed)",
	"              ->  Seq Scan on \"Users\" u  (cost=0.00..1.00 rows=1 width=4) (never executed)",
	"Planning Time: 0.123 ms",
	"Execution Time: 0.600 ms",
	NULL,
};

static char *lines_with(
	TALLOC_CTX *ctx, const char *head, const char *first, const char *before, const char *after, const char *tail)
{
	char *out = so_strdup(ctx, head);

	for (size_t i = 0; plan_lines[i]; i++)
		out = so_printf(ctx, "%s%s%s%s\n", out, i ? before : first, plan_lines[i], after);
	return so_printf(ctx, "%s%s", out, tail);
}

static void assert_the_plan(const char *what, const struct so_plan *plan)
{
	if (plan->n_nodes != 5)
		fail_msg("%s: %d nodes", what, plan->n_nodes);
	assert_string_equal(plan->nodes[0].sort_keys[0], "o.total DESC");
	assert_int_equal(plan->nodes[0].memory_kb, 25);
	assert_string_equal(plan->nodes[1].join_type, "Left");
	assert_string_equal(plan->nodes[1].conditions[0].text, "(u.id = o.user_id)");
	assert_int_equal(plan->nodes[2].parent, 1);
	assert_true(plan->nodes[2].removed_filter == 90);
	assert_string_equal(plan->nodes[2].conditions[0].text, "((status = 'open'::text) AND (total > '5'::numeric))");
	assert_int_equal(plan->nodes[3].parent, 1);
	assert_int_equal(plan->nodes[4].parent, 3);
	assert_string_equal(plan->nodes[4].relation, "Users");
	assert_true(plan->nodes[4].never_executed);
	assert_true(plan->planning_ms == 0.123 && plan->execution_ms == 0.6);
}

static void test_text_in_frames(void **state)
{
	static const char log_prefix[] =
		"2026-11-22 18:00:00.000 UTC [4711] app@shop LOG:  duration: 0.612 ms  plan:\n";
	static const struct {
		const char *what, *head, *first, *before, *after, *tail;
	} frames[] = {
		{ "bare", "", "", "", "", "" },
		{ "indented", "", "    ", "    ", "", "" },
		{ "indented except for the first line", "", "", "   ", "", "" },
		{ "psql", "    QUERY PLAN\n------------\n", " ", " ", "", "(12 rows)\n\n" },
		{ "psql session", "shop=# explain analyze select 1\nshop-# where (a = 'x');\n  QUERY PLAN\n-----\n",
			" ", " ", "   ", "(12 rows)\n\nTime: 3.1 ms\nshop=# \n" },
		{ "psql border 2", "+-------+\n|  QUERY PLAN |\n+------+\n", "| ", "| ", "   |",
			"+------+\n(12 rows)\n" },
		{ "psql unicode", "┌──────┐\n│ QUERY PLAN │\n├──────┤\n", "│ ", "│ ", "  │", "└──────┘\n(12 rows)\n" },
		{ "psql unaligned", "QUERY PLAN\n", "", "", "", "(12 rows)\n" },
		{ "psql csv", "QUERY PLAN\n", "\"", "\"", "\"", "" },
		{ "quoted lines", "", "\"", "\"", "\",", "" },
		{ "mail", "", "> ", "> ", "", "" },
		{ "mail, twice", "", "> > ", "> > ", "", "" },
		{ "carriage returns", "", "", "", "\r", "\r\n" },
		{ "web page", "", "\xc2\xa0\xc2\xa0", "\xc2\xa0\xc2\xa0", "", "" },
		{ "log", log_prefix, "\tQuery Text: select 'a'\n\t", "\t", "", "2026-11-22 18:00:01 UTC LOG:  done\n" },
		{ "syslog", "Nov 22 18:00:00 db postgres[4711]: [5-1] LOG:  duration: 0.612 ms  plan:\n",
			"Nov 22 18:00:00 db postgres[4711]: [5-2] #011Query Text: select 'a'\nNov 22 db postgres[1]: "
			"[5-3] #011",
			"Nov 22 18:00:00 db postgres[4711]: [5-4] #011", "", "Nov 22 db postgres: [6-1] LOG: x\n" },
	};

	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		bool csv = strcmp(frames[i].what, "psql csv") == 0 || strcmp(frames[i].what, "quoted lines") == 0;
		char *text = lines_with(
			*state, frames[i].head, frames[i].first, frames[i].before, frames[i].after, frames[i].tail);
		const struct so_plan *plan;

		if (csv) { /* the one name in quotes */
			char *quoted = strstr(text, "\"Users\"");

			text = so_printf(*state, "%.*s\"\"Users\"\"%s", (int)(quoted - text), text, quoted + 7);
		}
		plan = read_text(*state, text);
		assert_the_plan(frames[i].what, plan);
		assert_string_equal(plan->format, "postgresql-text");
		if (strstr(frames[i].what, "log"))
			assert_string_equal(plan->query_text, "select 'a'");
	}
}

static void test_text_in_other_documents(void **state)
{
	char *message = lines_with(*state, "duration: 1.234 ms  plan:\nQuery Text: select 1\n", "", "", "", "");
	json_t *entry =
		json_pack("{s:s, s:s, s:s}", "timestamp", "2026-11-22", "error_severity", "LOG", "message", message);
	json_t *rows = json_array();
	char *dump = json_dumps(entry, JSON_COMPACT), *text = so_strdup(*state, ""), *rows_dump;
	struct so_plan *plan;

	/* jsonlog, between other lines of it */
	plan = read_text(
		*state, so_printf(*state, "{\"message\":\"connection received\"}\n%s\n{\"message\":\"bye\"}\n", dump));
	assert_the_plan("jsonlog", plan);
	/* csvlog: a field with doubled quotes */
	for (const char *at = message; *at; at++)
		text = so_printf(*state, "%s%s%c", text, *at == '"' ? "\"" : "", *at);
	plan = read_text(
		*state, so_printf(*state, "2026-11-22,\"app\",\"shop\",1,LOG,00000,\"%s\",,,\"\"\n2026,x\n", text));
	assert_the_plan("csvlog", plan);
	/* rows as clients print them */
	for (size_t i = 0; plan_lines[i]; i++)
		json_array_append_new(rows, json_pack("{s:s}", "QUERY PLAN", plan_lines[i]));
	rows_dump = json_dumps(rows, JSON_INDENT(2));
	plan = read_text(*state, rows_dump);
	assert_the_plan("rows", plan);
	free(dump);
	free(rows_dump);
	json_decref(entry);
	json_decref(rows);
	/* the same around JSON */
	plan = read_text(*state, "[{\"QUERY PLAN\": [{\"Plan\": {\"Node Type\": \"Result\", \"Total Cost\": 1}}]}]");
	assert_string_equal(plan->format, "postgresql-json");
	plan = read_text(*state, "[{\"QUERY PLAN\": \"[{\\\"Plan\\\": {\\\"Node Type\\\": \\\"Result\\\"}}]\"}]");
	assert_string_equal(plan->nodes[0].label, "Result");
	plan = read_text(*state, "QUERY PLAN\n\"[{\"\"Plan\"\": {\"\"Node Type\"\": \"\"Result\"\"}}]\"\n");
	assert_string_equal(plan->nodes[0].label, "Result");
	plan = read_text(*state,
		"-[ RECORD 1 ]----\nQUERY PLAN | [          +\n           |   {        +\n"
		"           |     \"Plan\": {\"Node Type\": \"Result\"}   +\n           |   }   +\n           | ]\n");
	assert_string_equal(plan->nodes[0].label, "Result");
	plan = read_text(*state,
		"2026 LOG:  duration: 1.2 ms  plan:\n\t{\n\t  \"Query Text\": \"select 1\",\n"
		"\t  \"Plan\": {\"Node Type\": \"Result\"}\n\t}\n2026 LOG:  duration: 1.2 ms  plan:\n\t{}\n");
	assert_string_equal(plan->query_text, "select 1");
	assert_int_equal(plan->n_statements, 2);
}

/* Expanded output: each line is a record. */
static void test_expanded_records(void **state)
{
	char *text = so_strdup(*state, "");

	for (int i = 0; plan_lines[i]; i++)
		text = so_printf(
			*state, "%s-[ RECORD %d ]----------------\nQUERY PLAN | %s\n", text, i + 1, plan_lines[i]);
	assert_the_plan("expanded", read_text(*state, text));
}

/* Breaks lines behind blanks, as mail programs and chats do. */
static void test_wrapped_text(void **state)
{
	for (size_t width = 30; width < 120; width += 7) {
		char *text = so_strdup(*state, "");

		for (size_t i = 0; plan_lines[i]; i++) {
			const char *line = plan_lines[i];

			while (strlen(line) > width) {
				size_t cut = width;

				while (cut > strspn(line, " ") + 4 && line[cut] != ' ')
					cut--;
				if (line[cut] != ' ' || cut <= strspn(line, " ->"))
					break;
				text = so_printf(*state, "%s%.*s\n", text, (int)cut, line);
				line += cut + strspn(line + cut, " ");
			}
			text = so_printf(*state, "%s%s\n", text, line);
		}
		assert_the_plan(text, read_text(*state, text));
	}
}

static void test_several_plans(void **state)
{
	char *one = lines_with(*state, "", "", "", "", "");
	const struct so_plan *plan = read_text(*state, so_printf(*state, "%s\n%s\n%s", one, one, one));

	assert_the_plan("three", plan);
	assert_int_equal(plan->n_statements, 3);
}

/* Found by fuzzing: what is said once may be said twice. */
static void test_settings_twice(void **state)
{
	const struct so_plan *plan = read_text(*state, "Sort  (cost=0.00..1.00 rows=1 width=4)\n"
						       "Settings: jit = 'off', search_path = 'shop, public'\n"
						       "Settings: work_mem = '64kB'\n");

	assert_int_equal(plan->n_settings, 2);
	assert_string_equal(plan->settings[0].name, "jit");
	assert_string_equal(plan->settings[1].value, "shop, public");
}

/* ---- Limits ----------------------------------------------------------------------------------------------------- */

static void refuse_deep(TALLOC_CTX *ctx, const struct so_buf *buf)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan = NULL;

	assert_false(buf->overflow);
	assert_false(so_plan_read(ctx, so_buf_text(buf), buf->len, &plan, &err));
	if (err.kind != SO_LIMIT || !strstr(err.message, "nested"))
		fail_msg("%.60s: %s", buf->data, err.message);
}

static void test_deep_nesting_is_refused(void **state)
{
	struct so_buf buf;

	for (int depth = 1000; depth <= 10000; depth += 9000) {
		so_buf_init(&buf, *state, 90 << 20);
		so_buf_adds(&buf, "<explain><Query><Plan><Node-Type>Sort</Node-Type>");
		for (int i = 0; i < depth; i++)
			so_buf_adds(&buf, "<Plans><Plan><Node-Type>Sort</Node-Type>");
		for (int i = 0; i < depth; i++)
			so_buf_adds(&buf, "</Plan></Plans>");
		so_buf_adds(&buf, "</Plan></Query></explain>");
		refuse_deep(*state, &buf);
		so_buf_init(&buf, *state, 90 << 20);
		so_buf_adds(&buf, "- Plan:\n    Node Type: \"Sort\"\n    Plans:\n      ");
		for (int i = 0; i < depth * 3; i++)
			so_buf_adds(&buf, "- ");
		refuse_deep(*state, &buf);
		so_buf_init(&buf, *state, 90 << 20);
		so_buf_adds(&buf, "- Plan:\n    Node Type: \"Sort\"\n    Plans: ");
		for (int i = 0; i < depth * 3; i++)
			so_buf_addc(&buf, '[');
		refuse_deep(*state, &buf);
		if (depth > 1000)
			continue; /* its indentation alone is more than a document may have */
		so_buf_init(&buf, *state, 90 << 20);
		so_buf_adds(&buf, "Sort  (cost=0.00..1.00 rows=1 width=4)\n");
		for (int i = 0; i < depth; i++)
			so_buf_addf(&buf, "%*s->  Sort  (cost=0.00..1.00 rows=1 width=4)\n", 2 + 6 * i, "");
		refuse_deep(*state, &buf);
	}
}

static void wide(struct so_buf *buf, int format, int n)
{
	static const char *const heads[] = { "Append  (cost=0.00..9.00 rows=1 width=8)\n",
		"<explain><Query><Plan><Node-Type>Append</Node-Type><Plans>",
		"- Plan:\n    Node Type: \"Append\"\n    Plans:\n" };
	static const char *const lines[] = {
		"  ->  Seq Scan on part_%d p  (cost=0.00..1.00 rows=1 width=8)\n        Filter: (a = %d)\n",
		("<Plan><Node-Type>Seq Scan</Node-Type><Relation-Name>part_%d</Relation-Name><Filter>(a = "
		 "%d)</Filter></Plan>"),
		"      - Node Type: \"Seq Scan\"\n        Relation Name: \"part_%d\"\n        Filter: \"(a = %d)\"\n",
	};

	so_buf_adds(buf, heads[format]);
	for (int i = 0; i < n; i++) {
		const char *at = lines[format], *percent;

		for (; (percent = strstr(at, "%d")); at = percent + 2) {
			so_buf_add(buf, at, (size_t)(percent - at));
			so_buf_addf(buf, "%d", i);
		}
		so_buf_adds(buf, at);
	}
	if (format == 1)
		so_buf_adds(buf, "</Plans></Plan></Query></explain>");
}

#define RUNS 3 /* the fastest counts: caches and page faults of a busy machine are no part of the growth */

static int64_t time_wide(TALLOC_CTX *ctx, int format, int n)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	struct so_buf buf;
	int64_t from, spent;

	so_buf_init(&buf, ctx, 90 << 20);
	wide(&buf, format, n);
	from = so_time_thread_cpu_us();
	assert_true(so_plan_read(ctx, so_buf_text(&buf), buf.len, &plan, &err));
	spent = so_time_thread_cpu_us() - from;
	assert_int_equal(plan->n_nodes, n + 1);
	assert_string_equal(plan->nodes[n].relation, so_printf(ctx, "part_%d", n - 1));
	return spent;
}

/* Sixteen times the nodes would take 256 times as long if reading were quadratic. */
static void test_many_nodes_stay_linear(void **state)
{
	for (int format = 0; format < 3; format++) {
		int64_t took[2] = { INT64_MAX, INT64_MAX };

		for (int i = 0; i < 2 * RUNS; i++) {
			SO_TMP(tmp, *state);
			int64_t spent = time_wide(tmp, format, i % 2 ? 32000 : 2000);

			took[i % 2] = spent < took[i % 2] ? spent : took[i % 2];
		}
		assert_true(took[1] < 100 * (took[0] > 1000 ? took[0] : 1000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_formats_give_one_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_figures_survive_to_the_digit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timed_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_in_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_in_other_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expanded_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrapped_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_plans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep_nesting_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_nodes_stay_linear, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
