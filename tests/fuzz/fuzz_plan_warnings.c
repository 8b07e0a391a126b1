/* SHOW WARNINGS of MySQL and MariaDB pasted below a plan. The first byte chooses the plan. */
#include "plan_harness.h"

static const char *const plans[] = {
	"-> Filter: (t.`code` = 5)  (cost=405 rows=4000)\n    -> Table scan on orders  (cost=405 rows=40000)\n\n",
	"*************************** 1. row ***************************\nEXPLAIN: {\"query_block\": {\"select_id\": 1, "
	"\"cost_info\": {\"query_cost\": \"4.05\"}, \"table\": {\"table_name\": \"orders\", \"access_type\": "
	"\"ALL\"}}}\n"
	"1 row in set, 1 warning (0.00 sec)\n\n",
	"EXPLAIN\n{\"query_block\": {\"select_id\": 1, \"table\": {\"table_name\": \"orders\", \"access_type\": "
	"\"ALL\", "
	"\"rows\": 9}}}\n",
	"id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tExtra\n"
	"1\tSIMPLE\torders\tALL\tk\tNULL\tNULL\tNULL\t9\tUsing where\n",
	"+----+-------------+--------+------+---------------+-----+---------+-----+------+-------+\n"
	"| id | select_type | table  | type | possible_keys | key | key_len | ref | rows | Extra |\n"
	"+----+-------------+--------+------+---------------+-----+---------+-----+------+-------+\n"
	"|  1 | SIMPLE      | orders | ALL  | k             | k   | 4       | x   | 9    | NULL  |\n"
	"+----+-------------+--------+------+---------------+-----+---------+-----+------+-------+\n"
	"1 row in set, 2 warnings (0.00 sec)\n\n",
	"*************************** 1. row ***************************\n           id: 1\n  select_type: SIMPLE\n"
	"        table: orders\n         type: ALL\npossible_keys: k\n          key: NULL\n      key_len: NULL\n"
	"          ref: NULL\n         rows: 9\n        Extra: Using where\n1 row in set, 1 warning (0.00 sec)\n\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A remark has a text, and belongs to the plan or to one of its nodes. */
static void check_notes(const char *text, size_t len)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_plan *plan = NULL;
	struct so_err err = SO_ERR_INIT;

	if (so_plan_read(root, text, len, &plan, &err))
		for (size_t i = 0; i < plan->n_notes; i++) {
			const struct so_plan_note *note = &plan->notes[i];

			if (!*note->text || note->node < -1 || note->node >= plan->n_nodes ||
				!memmem(text, len, note->text, strlen(note->text)))
				__builtin_trap();
		}
	talloc_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = sizeof plans / sizeof plans[0], len;
	char *text;

	if (!size)
		return 0;
	len = strlen(plans[*data % n]);
	text = so_mem_need(talloc_size(NULL, len + size));
	memcpy(text, plans[*data % n], len);
	memcpy(text + len, data + 1, size - 1);
	check_notes(text, len + size - 1);
	fuzz_plan(text, len + size - 1);
	talloc_free(text);
	return 0;
}
