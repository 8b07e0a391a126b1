#include "plan/mysql/table_form.h"

#include "plan/mysql/table_blocks.h"

bool so_my_is_table_form(const struct so_plan_document *doc, bool *analyzed)
{
	if (doc->syntax != SO_PLAN_TEXT || !so_plan_head_has(doc, "select_type") ||
		!so_plan_head_has(doc, "possible_keys"))
		return false;
	if (analyzed)
		*analyzed = so_plan_head_has(doc, "r_filtered") || so_plan_head_has(doc, "r_rows");
	return true;
}

bool so_my_read_table_form(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	struct so_plan_chunks chunks = { .ctx = tmp, .size = 4096 };
	const struct so_my_block *top;
	struct so_my_cells table;
	bool analyzed = false;

	if (!so_my_read_cells(tmp, doc->raw, doc->raw_len, &table))
		return so_fail(
			err, SO_INPUT, "the table of EXPLAIN has no rows: send it with its header and unbroken lines");
	if (table.n > SO_MY_MAX_ROWS)
		return so_fail(err, SO_LIMIT, "the table of EXPLAIN has more than %d rows", SO_MY_MAX_ROWS);
	so_my_is_table_form(doc, &analyzed);
	top = so_my_table_blocks(&chunks, &table);
	if (!top)
		return so_fail(err, SO_INPUT, "the table of EXPLAIN has no row of a first SELECT");
	builder->plan->n_statements = 1 + table.n_more;
	return so_my_add_blocks(builder, top, analyzed, err);
}
