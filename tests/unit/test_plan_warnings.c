/* What stands beside a plan: SHOW WARNINGS of MySQL and MariaDB, and what a file is packed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/findings.h"

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

static struct so_plan *read_plan(TALLOC_CTX *ctx, const char *name)
{
	char *path = so_printf(ctx, SO_TEST_DATA "/plans/%s", name), *text = so_new_array(ctx, char, 65536);
	FILE *file = fopen(path, "rb");
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	size_t len;

	if (!file)
		fail_msg("cannot open %s", path);
	len = fread(text, 1, 65536, file);
	fclose(file);
	if (!so_plan_read(ctx, text, len, &plan, &err))
		fail_msg("%s: %s", name, err.message);
	return plan;
}

static const struct so_plan_note *note_of(const struct so_plan *plan, const char *kind)
{
	for (size_t i = 0; i < plan->n_notes; i++)
		if (strcmp(plan->notes[i].kind, kind) == 0)
			return &plan->notes[i];
	return NULL;
}

static void test_warnings_beside_a_plan_become_notes(void **state)
{
	static const char *const forms[] = { "", "-batch", "-vertical", "-json" };

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const struct so_plan *plan = read_plan(
			*state, so_printf(*state, "mariadb/10.11/lookup-conversion.warnings%s.txt", forms[i]));
		const struct so_plan_note *seek = note_of(plan, "convert_seek"), *text = note_of(plan, "rewritten");

		assert_non_null(seek);
		assert_true(seek->node >= 0);
		assert_string_equal(plan->nodes[seek->node].relation, "orders");
		assert_string_equal(seek->text,
			"Cannot use key `orders_status_created` part[0] for lookup: `shop`.`orders`.`status` of type "
			"`varchar` = \"5\" of type `int`");
		if (strcmp(forms[i], "-json") == 0) { /* the server tells it for the table form only */
			assert_null(text);
			continue;
		}
		assert_non_null(text);
		assert_string_equal(text->text,
			"select `shop`.`orders`.`id` AS `id`,`shop`.`orders`.`amount` AS `amount` from "
			"`shop`.`orders` where `shop`.`orders`.`status` = 5");
	}
}

/* What MySQL says, after its manual, as the client prints it below other forms. */
static void test_warnings_of_mysql(void **state)
{
	static const char tree[] =
		"mysql> explain format=tree select id from t where code = 5\\G\n"
		"*************************** 1. row ***************************\n"
		"EXPLAIN: -> Filter: (t.`code` = 5)  (cost=405 rows=4000)\n"
		"    -> Table scan on t  (cost=405 rows=40000)\n\n"
		"1 row in set, 3 warnings (0.00 sec)\n\n"
		"mysql> show warnings\\G\n"
		"*************************** 1. row ***************************\n"
		"  Level: Warning\n   Code: 1739\n"
		"Message: Cannot use ref access on index 'code' due to type or collation conversion on "
		"field 'code'\n"
		"*************************** 2. row ***************************\n"
		"  Level: Note\n   Code: 1003\n"
		"Message: /* select#1 */ select `shop`.`t`.`id` AS `id` from `shop`.`t` where "
		"(`shop`.`t`.`code` = 5)\n"
		"*************************** 3. row ***************************\n"
		"  Level: Note\n   Code: 1276\nMessage: Field or reference 'a' was resolved\n"
		"3 rows in set (0.00 sec)\n";
	static const char json[] =
		"*************************** 1. row ***************************\n"
		"EXPLAIN: {\n  \"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": "
		"\"4.05\"}, \"table\": {\"table_name\": \"t\", \"access_type\": \"ALL\", "
		"\"rows_examined_per_scan\": 40000}}\n}\n1 row in set, 1 warning (0.00 sec)\n\n"
		"+---------+------+---------+\n| Level   | Code | Message |\n+---------+------+---------+\n"
		"| Warning | 1739 | Cannot use range access on index 'code' due to type or collation "
		"conversion on field 'code' |\n+---------+------+---------+\n";
	static const struct {
		const char *text, *format;
		size_t notes;
	} cases[] = { { tree, "mysql-tree", 3 }, { json, "mysql-json", 1 } };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct so_finding_list *list = so_finding_list_new(*state);
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;
		bool found = false;

		if (!so_plan_read(*state, cases[i].text, strlen(cases[i].text), &plan, &err))
			fail_msg("%s: %s", cases[i].format, err.message);
		assert_string_equal(plan->format, cases[i].format);
		assert_int_equal(plan->n_notes, cases[i].notes);
		assert_non_null(note_of(plan, "convert_seek"));
		assert_int_equal(note_of(plan, "rewritten") != NULL, cases[i].notes == 3);
		assert_int_equal(note_of(plan, "note") != NULL, cases[i].notes == 3);
		assert_string_equal(plan->nodes[plan->n_nodes - 1].relation, "t");
		so_plan_findings(plan, NULL, NULL, list);
		for (size_t k = 0; k < list->count; k++)
			found = found || strcmp(list->items[k].rule, "conversion-prevents-seek") == 0;
		assert_true(found);
	}
}

/* Nobody sends a text that begins so: what is in it has to be unpacked first, and the message says by what. */
static void test_packed_plans_are_told(void **state)
{
	static const struct {
		const char *bytes, *program;
	} cases[] = { { "\x1f\x8b\x08\x08 packed", "gzip" }, { "PK\x03\x04 packed", "zip" },
		{ "\x28\xb5\x2f\xfd packed", "zstd" } };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;

		assert_false(so_plan_read(*state, cases[i].bytes, strlen(cases[i].bytes), &plan, &err));
		assert_string_equal(err.message,
			so_printf(*state, "the plan is packed by %s: send what is in it", cases[i].program));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_warnings_beside_a_plan_become_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_warnings_of_mysql, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packed_plans_are_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
