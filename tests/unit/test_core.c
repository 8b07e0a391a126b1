#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/catalog.h"
#include "core/finding.h"
#include "core/proposal.h"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void test_types_are_classified(void **state)
{
	static const struct {
		const char *type;
		enum so_type_class type_class;
		int32_t width;
	} rows[] = {
		{ "integer", SO_TYPE_INT, 32 },
		{ "bigint", SO_TYPE_INT, 64 },
		{ "int8range", SO_TYPE_OTHER, 0 },
		{ "numeric(10,2)", SO_TYPE_NUMERIC, 0 },
		{ "double precision", SO_TYPE_FLOAT, 64 },
		{ "character varying(20)", SO_TYPE_TEXT, 0 },
		{ "character(3)", SO_TYPE_BPCHAR, 0 },
		{ "\"char\"", SO_TYPE_OTHER, 0 },
		{ "date", SO_TYPE_DATE, 0 },
		{ "daterange", SO_TYPE_OTHER, 0 },
		{ "timestamp without time zone", SO_TYPE_TIMESTAMP, 0 },
		{ "timestamp(3) with time zone", SO_TYPE_TIMESTAMPTZ, 0 },
		{ "timestamptz", SO_TYPE_TIMESTAMPTZ, 0 },
		{ "time without time zone", SO_TYPE_TIME, 0 },
		{ "time with time zone", SO_TYPE_OTHER, 0 },
		{ "integer[]", SO_TYPE_ARRAY, 0 },
		{ "jsonb", SO_TYPE_JSONB, 0 },
		{ "json", SO_TYPE_JSON, 0 },
		{ "citext", SO_TYPE_OTHER, 0 },
		{ "", SO_TYPE_UNKNOWN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int32_t width = -1;

		if (so_type_classify(rows[i].type, &width) != rows[i].type_class || width != rows[i].width)
			fail_msg("type '%s' is class %d width %d", rows[i].type, so_type_classify(rows[i].type, NULL),
				width);
	}
}

static void test_names_follow_the_search_path(void **state)
{
	char *path[] = { (char *)"app", (char *)"public" };
	struct so_table tables[] = {
		{ .schema = (char *)"public", .name = (char *)"users" },
		{ .schema = (char *)"app", .name = (char *)"users" },
		{ .schema = (char *)"other", .name = (char *)"hidden" },
		{ .schema = (char *)"pg_catalog", .name = (char *)"pg_class" },
	};
	struct so_catalog catalog = { .n_search_path = 2, .search_path = path, .n_tables = 4, .tables = tables };

	(void)state;
	assert_ptr_equal(so_catalog_table(&catalog, NULL, "users"), &tables[1]);
	assert_ptr_equal(so_catalog_table(&catalog, "public", "users"), &tables[0]);
	assert_null(so_catalog_table(&catalog, NULL, "hidden"));
	assert_ptr_equal(so_catalog_table(&catalog, NULL, "pg_class"), &tables[3]);
}

static void test_only_keys_in_force_prove_uniqueness(void **state)
{
	int32_t key_columns[] = { 0, 1 }, asked[] = { 1, 2, 0 };
	struct so_key key = { .n_columns = 2, .columns = key_columns, .validated = true };
	struct so_table table = { .n_keys = 1, .keys = &key };

	(void)state;
	assert_true(so_table_unique_within(&table, asked, 3));
	assert_false(so_table_unique_within(&table, asked, 2)); /* columns 1, 2: the key needs 0 as well */
	key.deferrable = true;
	assert_false(so_table_unique_within(&table, asked, 3));
	key.deferrable = false;
	key.validated = false;
	assert_false(so_table_unique_within(&table, asked, 3));
}

static void test_distinct_counts(void **state)
{
	struct so_table table = { .rows = 1000 };
	struct so_column column = { .has_stats = true, .n_distinct = -0.5 };

	(void)state;
	assert_float_equal(so_column_distinct(&table, &column), 500, 0.001);
	column.n_distinct = 7;
	assert_float_equal(so_column_distinct(&table, &column), 7, 0.001);
	column.has_stats = false;
	assert_float_equal(so_column_distinct(&table, &column), 0, 0.001);
}

static void test_findings_sort_by_severity_and_keep_their_order(void **state)
{
	struct so_finding_list *list = so_finding_list_new(*state);

	so_finding_add(list, "a", SO_SEVERITY_LOW);
	so_finding_add(list, "b", SO_SEVERITY_HIGH);
	so_finding_add(list, "c", SO_SEVERITY_LOW);
	so_finding_add(list, "d", SO_SEVERITY_CRITICAL);
	so_finding_list_sort(list);
	assert_string_equal(list->items[0].rule, "d");
	assert_string_equal(list->items[1].rule, "b");
	assert_string_equal(list->items[2].rule, "a");
	assert_string_equal(list->items[3].rule, "c");
}

static struct so_proposal *make_full(struct so_proposal_list *list)
{
	struct so_proposal *p = so_proposal_add(list, SO_PROPOSAL_INDEX, "advisor");

	p->title = so_strdup(p, "Index on shop.users (email)");
	p->explanation = so_strdup(p, "because");
	p->sql = so_strdup(p, "CREATE INDEX CONCURRENTLY i ON shop.users (email)");
	p->undo_sql = so_strdup(p, "DROP INDEX CONCURRENTLY shop.i");
	p->cost_before = 4000;
	p->cost_after = 8;
	p->cost_source = SO_FIGURE_WHAT_IF;
	p->size_bytes = 1 << 20;
	so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED, "cost %d", 8);
	so_proposal_add_object(p, "shop.users");
	so_proposal_add_caveat(p, "replica usage %s", "unknown");
	return p;
}

static void test_proposal_survives_json(void **state)
{
	struct so_proposal_list *list = so_proposal_list_new(*state), *back = so_proposal_list_new(*state);
	struct so_proposal *p = make_full(list), *q;
	struct so_err err = SO_ERR_INIT;
	json_t *doc = so_proposal_to_json(p), *again;

	assert_non_null(doc);
	q = so_proposal_from_json(back, doc, &err);
	assert_non_null(q);
	again = so_proposal_to_json(q);
	assert_true(json_equal(doc, again));
	assert_int_equal(q->rungs[SO_RUNG_PLANNED].status, SO_RUNG_PASSED);
	assert_float_equal(so_proposal_gain(q), 500, 0.001);
	assert_true(isnan(q->measured_before_ms));
	json_decref(doc);
	json_decref(again);
}

static void test_only_offered_sql_may_be_copied(void **state)
{
	struct so_proposal *p = make_full(so_proposal_list_new(*state));
	json_t *doc;

	p->verdict = SO_VERDICT_UNPROVED;
	doc = so_proposal_to_json(p);
	assert_true(json_is_null(json_object_get(doc, "sql")));
	assert_string_equal(json_string_value(json_object_get(doc, "shown_sql")), p->sql);
	json_decref(doc);
}

static void test_foreign_documents_are_refused(void **state)
{
	struct so_proposal_list *list = so_proposal_list_new(*state);
	struct so_err err = SO_ERR_INIT;
	json_t *doc = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "kind", "index", "verdict", "offered", "origin", "x",
		"proof", "rung", "no such rung", "status", "passed");

	assert_null(so_proposal_from_json(list, doc, &err));
	assert_int_equal(err.kind, SO_INTERNAL);
	assert_int_equal(list->count, 0);
	json_decref(doc);
}

static void test_offered_comes_before_a_larger_doubtful_gain(void **state)
{
	struct so_proposal_list *list = so_proposal_list_new(*state);
	struct so_proposal *doubtful = make_full(list), *small = make_full(list), *large = make_full(list);

	doubtful->verdict = SO_VERDICT_UNPROVED;
	doubtful->cost_after = 0.1;
	small->cost_after = 2000;
	so_proposal_list_sort(list);
	assert_ptr_equal(list->items[0], large);
	assert_ptr_equal(list->items[1], small);
	assert_ptr_equal(list->items[2], doubtful);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_are_classified),
		cmocka_unit_test(test_names_follow_the_search_path),
		cmocka_unit_test(test_only_keys_in_force_prove_uniqueness),
		cmocka_unit_test(test_distinct_counts),
		cmocka_unit_test_setup_teardown(test_findings_sort_by_severity_and_keep_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proposal_survives_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_offered_sql_may_be_copied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_documents_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_offered_comes_before_a_larger_doubtful_gain, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
