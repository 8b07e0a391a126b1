/* From the query blocks of EXPLAIN's table form to nodes. The table tells rows only: neither costs, times nor loops,
 * which are what comes out of the tables before. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plan/mysql/names.h"
#include "plan/mysql/table_blocks.h"

struct adder {
	struct so_plan_builder *builder;
	bool analyzed;
	struct so_err *err;
};

static bool add_unit(struct adder *a, const struct so_my_block *unit, int32_t parent, enum so_plan_relationship as);

static struct so_plan_node *node_at(struct adder *a, int32_t id)
{
	return &a->builder->plan->nodes[id];
}

static int32_t add_node(
	struct adder *a, int32_t parent, enum so_plan_relationship as, enum so_plan_op op, const char *label)
{
	int32_t depth = parent < 0 ? 0 : node_at(a, parent)->depth + 1, id;

	if (depth >= SO_PLAN_MAX_DEPTH) {
		so_plan_fail_depth(a->err);
		return -1;
	}
	id = so_plan_add_node(a->builder, parent, depth);
	node_at(a, id)->relationship = as;
	node_at(a, id)->op = op;
	node_at(a, id)->label = label;
	return id;
}

static const char *copy(struct adder *a, struct so_span text)
{
	return text.at ? so_plan_copy(a->builder, text.at, text.len) : NULL;
}

/* ---- A table ---------------------------------------------------------------------------------------------------- */

/* How a table is joined through a buffer. */
struct buffer {
	enum so_plan_op op; /* of the join */
	const char *label; /* NULL: there is no buffer */
	bool tests; /* what passes is said of the pairs, not of the table */
};

static bool has_word(struct so_span text, const char *word)
{
	size_t len = strlen(word);

	for (; text.len >= len; text = so_span_without(text, 1))
		if (strncasecmp(text.at, word, len) == 0)
			return true;
	return false;
}

static struct buffer buffer_of(const struct so_my_row *row)
{
	struct so_span text = row->extra;

	if (!(row->extras & SO_MY_EXTRA_BUFFER))
		return (struct buffer){ SO_PLAN_NESTED_LOOP, NULL, false };
	while (strncasecmp(text.at, "Using join buffer", 17) != 0)
		text = so_span_without(text, 1);
	return has_word(text, "hash") || has_word(text, "BNLH")
		       ? (struct buffer){ SO_PLAN_HASH_JOIN, "Hash join", !(row->extras & SO_MY_EXTRA_RECHECKED) }
	       : has_word(text, "BKA") || has_word(text, "Batched")
		       ? (struct buffer){ SO_PLAN_NESTED_LOOP, "Batched key access join",
				 !(row->extras & SO_MY_EXTRA_RECHECKED) }
		       : (struct buffer){ SO_PLAN_NESTED_LOOP, "Block nested loop join",
				 !(row->extras & SO_MY_EXTRA_RECHECKED) };
}

static double share(double percent)
{
	return isnan(percent) ? 1 : percent / 100;
}

static void set_measured(const struct so_my_row *row, double filtered, double loops, struct so_plan_node *node)
{
	double rows = row->r_rows;

	node->loops = isnan(rows) ? 0 : loops;
	if (node->loops == 0 && strcmp(node->label, SO_MY_CONSTANT) == 0) {
		node->loops = 1;
		rows = 1;
	}
	node->rows_actual = isnan(rows) ? 0 : rows * share(filtered);
	node->removed_filter = isnan(rows) || isnan(filtered) ? NAN : rows - node->rows_actual;
}

/* A table that is read `loops` times. `buffer`: whose join has the condition, or NULL. */
static int32_t add_table(struct adder *a, const struct so_my_row *row, const struct buffer *buffer, double loops,
	int32_t parent, enum so_plan_relationship as)
{
	bool covering = (row->extras & (SO_MY_EXTRA_INDEX | SO_MY_EXTRA_INDEX_CONDITION)) == SO_MY_EXTRA_INDEX;
	bool tests = buffer && buffer->tests;
	struct so_my_access way = so_my_access(row->access, covering);
	struct so_plan_node *node;
	int32_t id, into;

	if (!row->access.at) /* the words of Extra say why there is nothing to read */
		return add_node(a, parent, as, SO_PLAN_VALUES, row->extra.at ? copy(a, row->extra) : "No tables used");
	if (row->extras & SO_MY_EXTRA_RECHECKED)
		way = (struct so_my_access){ SO_PLAN_OTHER, SO_MY_RECHECKED };
	id = add_node(a, parent, as, way.op, way.label ? way.label : copy(a, row->access));
	if (id < 0)
		return -1;
	node = node_at(a, id);
	node->relation = node->alias = row->name.at ? copy(a, row->name) : "";
	node->index = copy(a, row->key);
	if ((*node->relation == '<' && node->op != SO_PLAN_OTHER) || row->derived)
		node->op = SO_PLAN_SUBQUERY; /* a temporary table */
	node->tested_est = row->rows;
	node->rows_est = tests || isnan(row->filtered) ? row->rows : row->rows * row->filtered / 100;
	if (!tests && row->extras & SO_MY_EXTRA_WHERE) /* which one, the table does not say */
		so_plan_add_condition(a->builder, node, SO_COND_FILTER, SO_MY_SOME_CONDITION);
	if (a->analyzed)
		set_measured(row, tests ? NAN : row->r_filtered, loops, node);
	if (!row->derived)
		return id;
	into = add_node(a, id, SO_PLAN_REL_SUBQUERY, SO_PLAN_MATERIALIZE, "Materialize");
	if (into < 0)
		return -1;
	node_at(a, into)->runs_once = true;
	return add_unit(a, row->derived, into, SO_PLAN_REL_OUTER) ? id : -1;
}

/* ---- Joins ------------------------------------------------------------------------------------------------------ */

/* The node that joins everything before a row's table with it. */
static int32_t add_join(struct adder *a, const struct so_my_row *row, int32_t parent, enum so_plan_relationship as)
{
	struct buffer buffer = buffer_of(row);
	int32_t id = add_node(a, parent, as, buffer.op, buffer.label ? buffer.label : "Nested loop join");
	struct so_plan_node *node;

	if (id < 0)
		return -1;
	node = node_at(a, id);
	node->join_buffer = buffer.label;
	if (row->access.at && !(buffer.label && !buffer.tests))
		node->join_type = row->extras & SO_MY_EXTRA_NOT_EXISTS    ? "Anti"
				  : row->extras & SO_MY_EXTRA_FIRST_MATCH ? "Semi"
									  : NULL;
	if (buffer.tests && row->access.at && row->extras & SO_MY_EXTRA_WHERE)
		so_plan_add_condition(a->builder, node, buffer.op == SO_PLAN_HASH_JOIN ? SO_COND_HASH : SO_COND_JOIN,
			SO_MY_SOME_CONDITION);
	return id;
}

/* Rows that leave the joins so far, from table to table. */
struct join_sum {
	double rows;
	double loops; /* of the next table, measured */
};

/* What comes out of a row's table (its node, or that of its sort) and the join above it, or -1. */
static void set_join(struct adder *a, const struct so_my_row *row, int32_t id, int32_t join, struct join_sum *sum)
{
	const struct so_plan_node *node = node_at(a, id);
	struct buffer buffer = buffer_of(row);
	bool buffered = buffer.label && !row->alone, measured = row->access.at && a->analyzed;
	double rows = node->rows_est, actual = node->loops * node->rows_actual, removed = NAN;
	double once = measured ? (isnan(row->r_rows) ? 0 : row->r_rows) : 1;

	if (buffered && buffer.tests && row->access.at)
		rows *= share(row->filtered);
	if (measured && !(buffered && buffer.tests))
		once *= isnan(row->r_rows) ? 1 : share(row->r_filtered);
	if (buffered && a->analyzed) { /* read once for each filling of the buffer */
		double pairs = sum->loops * once;
		double passed = pairs * (buffer.tests && row->access.at ? share(row->r_filtered) : 1);

		actual = join < 0 ? actual : passed;
		removed = pairs - passed;
		sum->loops = passed;
	} else if (measured) {
		sum->loops *= once;
	}
	sum->rows = join < 0 ? rows : sum->rows * rows;
	if (join < 0)
		return;
	node_at(a, join)->rows_est = sum->rows;
	node_at(a, join)->rows_actual = node->loops == 0 ? 0 : actual;
	node_at(a, join)->removed_join = removed;
}

/* A row's table, below a sort if that is for it alone. */
static int32_t add_item(
	struct adder *a, const struct so_my_row *row, double loops, int32_t parent, enum so_plan_relationship as)
{
	struct buffer buffer = buffer_of(row);
	int32_t sort = row->alone ? add_node(a, parent, as, SO_PLAN_SORT, "Sort") : parent, id;

	if (row->alone && sort < 0)
		return -1;
	id = add_table(a, row, &buffer, buffer.label ? 1 : loops, sort, row->alone ? SO_PLAN_REL_OUTER : as);
	if (row->alone && id >= 0)
		node_at(a, sort)->rows_est = node_at(a, id)->rows_est;
	return row->alone && id >= 0 ? sort : id;
}

static bool add_joins(struct adder *a, const struct so_my_block *block, int32_t parent, enum so_plan_relationship as)
{
	struct join_sum sum = { .rows = NAN, .loops = 1 };
	int32_t join = parent;

	/* the join with the last table is the top */
	for (const struct so_my_row *row = block->last; row && row->before; row = row->before) {
		join = add_join(a, row, join, as);
		if (join < 0)
			return false;
		as = SO_PLAN_REL_OUTER;
	}
	for (const struct so_my_row *row = block->first; row; row = row->after) {
		int32_t id = add_item(a, row, sum.loops, join, row->before ? SO_PLAN_REL_INNER : as);

		if (id < 0)
			return false;
		set_join(a, row, id, row->before ? join : -1, &sum);
		if (row->before)
			join = node_at(a, join)->parent; /* the second table stands below the innermost join */
	}
	return true;
}

/* ---- Blocks ----------------------------------------------------------------------------------------------------- */

static bool add_inners(struct adder *a, const struct so_my_inners *inners, int32_t id)
{
	for (const struct so_my_inner *inner = inners->first; inner; inner = inner->next) {
		enum so_plan_relationship as =
			inner->dependent || inner->kept ? SO_PLAN_REL_SUB_PLAN : SO_PLAN_REL_INIT_PLAN;
		int32_t first = a->builder->plan->n_nodes, into = id;
		char name[32];

		if (inner->kept) {
			into = add_node(a, id, as, SO_PLAN_MATERIALIZE, "Materialize");
			if (into < 0)
				return false;
			as = SO_PLAN_REL_OUTER;
		}
		if (!add_unit(a, inner->block, into, as))
			return false;
		snprintf(name, sizeof name, "SubPlan %d", inner->block->id);
		node_at(a, first)->subplan_name = so_plan_copy(a->builder, name, strlen(name));
		node_at(a, first)->hashed_subplan = inner->kept;
	}
	return true;
}

/* The row of the table that a block changes. */
static const struct so_my_row *changed_row(const struct so_my_block *block)
{
	const struct so_my_row *row = block->insert ? block->insert : block->first;

	while (row && row != block->insert && !(row->access.at && row->type & (SO_MY_TYPE_UPDATE | SO_MY_TYPE_DELETE)))
		row = row->after;
	return row;
}

static const char *change(const struct so_my_row *row)
{
	return row->type & SO_MY_TYPE_UPDATE   ? "Update"
	       : row->type & SO_MY_TYPE_DELETE ? "Delete"
	       : row->type & SO_MY_TYPE_INSERT ? "Insert"
					       : "Replace";
}

static bool add_block(struct adder *a, const struct so_my_block *block, int32_t parent, enum so_plan_relationship as)
{
	const struct so_my_row *changed = changed_row(block);
	int32_t first = a->builder->plan->n_nodes;

	if (changed) {
		parent = add_node(a, parent, as, SO_PLAN_MODIFY, change(changed));
		if (parent < 0)
			return false;
		node_at(a, parent)->relation = changed->name.at ? copy(a, changed->name) : "";
		as = SO_PLAN_REL_OUTER;
	}
	if (block->temporary && block->sort) {
		parent = add_node(a, parent, as, SO_PLAN_SORT, "Sort");
		if (parent < 0)
			return false;
		as = SO_PLAN_REL_OUTER;
	}
	if (block->temporary) {
		parent = add_node(a, parent, as, SO_PLAN_MATERIALIZE, "Temporary table");
		if (parent < 0)
			return false;
		as = SO_PLAN_REL_OUTER;
	}
	return add_joins(a, block, parent, as) && add_inners(a, &block->inners, first);
}

/* A block, or the union that begins with it. */
static bool add_unit(struct adder *a, const struct so_my_block *unit, int32_t parent, enum so_plan_relationship as)
{
	const struct so_my_row *result = unit->result;
	int32_t first = a->builder->plan->n_nodes, id;
	const char *label = "Union";

	if (!unit->member)
		return add_block(a, unit, parent, as);
	if (result && result->type & (SO_MY_TYPE_INTERSECT | SO_MY_TYPE_EXCEPT))
		label = result->type & SO_MY_TYPE_INTERSECT ? "Intersect" : "Except";
	if (result && result->extras & SO_MY_EXTRA_FILESORT) { /* ORDER BY of the whole union */
		parent = add_node(a, parent, as, SO_PLAN_SORT, "Sort");
		if (parent < 0)
			return false;
		as = SO_PLAN_REL_OUTER;
	}
	id = add_node(a, parent, as, SO_PLAN_SET_OP, label);
	if (id < 0)
		return false;
	if (result && a->analyzed) {
		node_at(a, id)->loops = 1;
		node_at(a, id)->rows_actual = isnan(result->r_rows) ? 0 : result->r_rows;
	}
	for (const struct so_my_block *member = unit; member; member = member->member)
		if (!add_block(a, member, id, SO_PLAN_REL_MEMBER))
			return false;
	return add_inners(a, &unit->union_inners, first);
}

bool so_my_add_blocks(struct so_plan_builder *builder, const struct so_my_block *top, bool analyzed, struct so_err *err)
{
	struct adder adder = { .builder = builder, .analyzed = analyzed, .err = err };
	struct so_plan *plan = builder->plan;

	if (!add_unit(&adder, top, -1, SO_PLAN_REL_ROOT))
		return so_fail_in(err, "table of EXPLAIN");
	for (int32_t i = 0; analyzed && i < plan->n_nodes; i++)
		if (isnan(plan->nodes[i].loops))
			plan->nodes[i].loops = 1; /* joins and sorts say nothing themselves */
	so_plan_close_nodes(plan);
	plan->has_analyze = analyzed;
	return true;
}
