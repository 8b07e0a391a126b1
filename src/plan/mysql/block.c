#include "plan/mysql/block.h"

#include <math.h>
#include <string.h>

#include "plan/mysql/names.h"

static double number_of(const json_t *object, const char *key)
{
	return so_plan_number(json_object_get(object, key));
}

static struct so_plan_node *node_at(struct so_my_blocks *r, int32_t id)
{
	return &r->builder->plan->nodes[id];
}

int32_t so_my_add(struct so_my_blocks *r, int32_t parent, enum so_plan_relationship relationship, enum so_plan_op op,
	const char *label)
{
	int32_t depth = parent < 0 ? 0 : node_at(r, parent)->depth + 1, id;
	struct so_plan_node *node;

	if (depth >= SO_PLAN_MAX_DEPTH) {
		so_plan_fail_depth(r->err);
		return -1;
	}
	id = so_plan_add_node(r->builder, parent, depth);
	if (id >= r->n_own) {
		r->n_own = r->n_own ? r->n_own * 2 : 64;
		r->own = so_renew_array(r->builder->plan, r->own, struct so_my_own, (unsigned)r->n_own);
	}
	r->own[id] = (struct so_my_own){ 0 };
	node = node_at(r, id);
	node->relationship = parent < 0 ? SO_PLAN_REL_ROOT : relationship;
	node->op = op;
	node->label = label;
	return id;
}

static bool read_content(
	struct so_my_blocks *r, const json_t *object, int32_t parent, enum so_plan_relationship relationship);

/* ---- Joins ------------------------------------------------------------------------------------------------------ */

/* One table of a join: {"table": ...}, in MariaDB also with something around it. */
struct join_item {
	const json_t *table; /* NULL: a nested list, or something unknown */
	const json_t *buffer; /* "block-nl-join" */
	bool rechecked;
};

static struct join_item item_of(const json_t *item)
{
	struct join_item out = { .table = json_object_get(item, "table") };
	const json_t *rechecked = json_object_get(item, "range-checked-for-each-record");

	out.buffer = json_object_get(item, "block-nl-join");
	if (out.buffer)
		out.table = json_object_get(out.buffer, "table");
	if (rechecked) {
		out.table = json_object_get(rechecked, "table");
		out.rechecked = true;
	}
	return out;
}

static bool has_word(const char *text, const char *word)
{
	return text && strstr(text, word);
}

/* The node that joins everything before an item with it. */
static int32_t add_join(
	struct so_my_blocks *r, const struct join_item *item, int32_t parent, enum so_plan_relationship relationship)
{
	const char *buffer = json_string_value(json_object_get(item->table, "using_join_buffer"));
	const char *kind = json_string_value(json_object_get(item->buffer, "join_type"));
	enum so_plan_op op = SO_PLAN_NESTED_LOOP;
	const char *label = "Nested loop join";
	struct so_plan_node *node;
	int32_t id;

	if (has_word(buffer, "hash") || (kind && strcmp(kind, "BNLH") == 0)) {
		op = SO_PLAN_HASH_JOIN;
		label = "Hash join";
	} else if (has_word(buffer, "Batched") || has_word(kind, "BKA")) {
		label = "Batched key access join";
	} else if (buffer || kind) {
		label = "Block nested loop join";
	}
	id = so_my_add(r, parent, relationship, op, label);
	if (id < 0)
		return -1;
	node = node_at(r, id);
	node->join_buffer = buffer || kind;
	if (json_object_get(item->table, "not_exists"))
		node->join_type = "Anti";
	else if (json_object_get(item->table, "first_match"))
		node->join_type = "Semi";
	so_plan_add_condition(r->builder, node, op == SO_PLAN_HASH_JOIN && kind ? SO_COND_HASH : SO_COND_JOIN,
		so_plan_text(r->builder, json_object_get(item->buffer, "attached_condition")));
	if (has_word(buffer, "hash"))
		so_plan_add_condition(r->builder, node, SO_COND_JOIN,
			so_plan_text(r->builder, json_object_get(item->table, "attached_condition")));
	return id;
}

/* Rows that leave the joins so far, and their cost, from item to item. */
struct join_sum {
	double rows, cost, actual;
};

static void set_join_mysql(struct so_my_blocks *r, const json_t *table, int32_t join, int32_t id, struct join_sum *sum)
{
	double prefix = number_of(json_object_get(table, "cost_info"), "prefix_cost");
	double rows = number_of(table, "rows_produced_per_join");
	struct so_plan_node *node = node_at(r, id);

	if (join < 0) {
		node->rows_est = isnan(rows) ? node->rows_est : rows;
		node->total_cost = isnan(prefix) ? node->total_cost : prefix;
	} else { /* the cost of one table counts all of its reads */
		bool once = node_at(r, join)->join_buffer;

		if (!isnan(prefix) && !isnan(sum->cost))
			node->total_cost = fmax(0, prefix - sum->cost) / (once ? 1 : fmax(1, sum->rows));
		node_at(r, join)->rows_est = rows;
		node_at(r, join)->total_cost = prefix;
	}
	*sum = (struct join_sum){ .rows = isnan(rows) ? node->rows_est : rows, .cost = prefix };
}

static void set_join_mariadb(
	struct so_my_blocks *r, const struct join_item *item, int32_t join, int32_t id, struct join_sum *sum)
{
	struct so_plan_node *node = node_at(r, id);
	double cost = number_of(item->table, "cost"), out = node->rows_est, actual = node->loops * node->rows_actual;
	double pairs = number_of(item->buffer, "r_loops") * number_of(item->buffer, "r_effective_rows"), passed;

	if (item->buffer && join >= 0) { /* the table is read once for each filling of the buffer */
		node->total_cost = cost;
		passed = number_of(item->buffer, "r_filtered");
		if (!isnan(pairs))
			actual = pairs * (isnan(passed) ? 1 : passed / 100);
		r->own[join].ms = fmax(0, number_of(item->buffer, "r_unpack_time_ms")) +
				  fmax(0, number_of(item->buffer, "r_other_time_ms"));
		node_at(r, join)->removed_join = isnan(pairs) ? NAN : pairs - actual;
	}
	sum->rows = join < 0 ? out : sum->rows * out;
	sum->cost = join < 0 ? cost : sum->cost + cost;
	sum->actual = node->loops == 0 ? 0 : actual;
	if (join >= 0) {
		node_at(r, join)->rows_est = sum->rows;
		node_at(r, join)->total_cost = sum->cost;
		node_at(r, join)->rows_actual = sum->actual; /* of all loops; made a mean with the block */
	}
}

static bool read_join(
	struct so_my_blocks *r, const json_t *list, int32_t parent, enum so_plan_relationship relationship)
{
	size_t n = json_array_size(list);
	struct join_sum sum = { NAN, NAN, NAN };
	int32_t top = parent, first = -1;

	if (!n)
		return so_fail(r->err, SO_INPUT, "a 'nested_loop' of the plan is no list of tables");
	for (size_t k = n; k-- > 1;) { /* the join with the last table is the top */
		struct join_item item = item_of(json_array_get(list, k));

		top = add_join(r, &item, top, relationship);
		if (top < 0)
			return false;
		relationship = SO_PLAN_REL_OUTER;
		first = top;
	}
	for (size_t k = 0; k < n; k++) {
		const json_t *entry = json_array_get(list, k);
		struct join_item item = item_of(entry);
		/* joins were added from the last to the second */
		int32_t join = k ? first - (int32_t)k + 1 : -1, id = r->builder->plan->n_nodes;
		int32_t under = k ? join : n > 1 ? first : parent;
		enum so_plan_relationship as = k ? SO_PLAN_REL_INNER : relationship;

		if (item.table ? so_my_read_table(r, item.table, under, as, item.rechecked) < 0
			       : !read_content(r, entry, under, as))
			return false;
		if (id == r->builder->plan->n_nodes)
			return so_fail(r->err, SO_INPUT, "a 'nested_loop' of the plan has an entry without a table");
		if (r->mariadb)
			set_join_mariadb(r, &item, join, id, &sum);
		else
			set_join_mysql(r, item.table, join, id, &sum);
	}
	return true;
}

/* ---- What is done with the rows --------------------------------------------------------------------------------- */

static const struct wrapper {
	const char *key;
	enum so_plan_op op;
	const char *label; /* NULL: no node of its own */
} wrappers[] = {
	{ "ordering_operation", SO_PLAN_SORT, "Sort" },
	{ "filesort", SO_PLAN_SORT, "Sort" },
	{ "grouping_operation", SO_PLAN_AGGREGATE, "Group" },
	{ "duplicates_removal", SO_PLAN_AGGREGATE, "Remove duplicates" },
	{ "temporary_table", SO_PLAN_MATERIALIZE, "Temporary table" },
	{ "windowing", SO_PLAN_WINDOW, "Window" },
	{ "window_functions_computation", SO_PLAN_WINDOW, "Window" },
	{ "buffer_result", SO_PLAN_MATERIALIZE, "Buffer result" },
	{ "read_sorted_file", SO_PLAN_OTHER, NULL },
	{ "insert_from", SO_PLAN_OTHER, NULL },
	{ "block-nl-join", SO_PLAN_OTHER, NULL },
	{ "range-checked-for-each-record", SO_PLAN_OTHER, NULL },
	{ "expression_cache", SO_PLAN_MATERIALIZE, "Subquery cache" },
	{ "subquery_cache", SO_PLAN_MATERIALIZE, "Subquery cache" },
	{ "union_result", SO_PLAN_SET_OP, "Union" },
	{ "unary_result", SO_PLAN_MATERIALIZE, "Temporary table" },
	{ "recursive_union", SO_PLAN_SET_OP, "Recursive union" },
	{ "intersect_result", SO_PLAN_SET_OP, "Intersect" },
	{ "except_result", SO_PLAN_SET_OP, "Except" },
};

static void set_keys(struct so_my_blocks *r, int32_t id, const json_t *keys)
{
	struct so_plan_node *node = node_at(r, id);
	size_t n = json_is_string(keys) ? 1 : json_array_size(keys);

	if (!n)
		return;
	node->sort_keys = so_plan_alloc(r->builder, n * sizeof *node->sort_keys);
	for (size_t i = 0; i < n; i++) {
		const char *key = so_plan_text(r->builder, json_is_string(keys) ? keys : json_array_get(keys, i));

		if (key)
			node->sort_keys[node->n_sort_keys++] = key;
	}
}

/* "2047KiB" */
static int64_t kilobytes(const char *text)
{
	double number;
	int end = 0;

	if (!text || sscanf(text, "%lf%n", &number, &end) != 1)
		return -1;
	return so_plan_count(strncmp(text + end, "KiB", 3) == 0   ? number
			     : strncmp(text + end, "MiB", 3) == 0 ? number * 1024
			     : strncmp(text + end, "GiB", 3) == 0 ? number * 1024 * 1024
								  : number / 1024);
}

/* What ANALYZE says of a sort. */
static void read_filesort(struct so_my_blocks *r, const json_t *sort, int32_t id)
{
	struct so_plan_node *node = node_at(r, id);
	double rows = number_of(sort, "r_output_rows"), loops = number_of(sort, "r_loops");
	double passes = number_of(sort, "r_sort_passes");

	set_keys(r, id, json_object_get(sort, "sort_key"));
	if (isnan(loops))
		return;
	node->loops = loops;
	node->rows_actual = loops > 0 && !isnan(rows) ? rows : 0;
	node->memory_kb = kilobytes(json_string_value(json_object_get(sort, "r_buffer_size")));
	node->sort_method =
		json_is_true(json_object_get(sort, "r_used_priority_queue")) ? "priority queue" : "filesort";
	if (passes > 0) {
		node->sort_method = "merge of files";
		node->disk_kb = node->memory_kb > 0 ? so_plan_count((double)node->memory_kb * (passes + 1)) : 1;
	}
}

/* A sort over a table reads the table itself; over a temporary table, that was filled before. */
static void time_filesort(struct so_my_blocks *r, const json_t *sort, int32_t id)
{
	double total = number_of(sort, "r_total_time_ms");
	bool reads = !json_object_get(sort, "temporary_table");

	if (isnan(total))
		return;
	for (int32_t i = id + 1; reads && i < r->builder->plan->n_nodes; i++)
		total -= r->own[i].ms;
	r->own[id].ms = fmax(0, total);
}

static const char *strategy_of(const json_t *object)
{
	bool table = json_is_true(json_object_get(object, "using_temporary_table"));
	bool sort = json_is_true(json_object_get(object, "using_filesort"));

	return table && sort ? "temporary table, filesort" : table ? "temporary table" : sort ? "filesort" : NULL;
}

static bool read_members(struct so_my_blocks *r, const json_t *object, int32_t id)
{
	const json_t *list = json_object_get(object, "query_specifications"), *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		const json_t *block = json_object_get(item, "query_block");

		if (block ? !so_my_read_block(r, block, id, SO_PLAN_REL_MEMBER, NULL)
			  : !read_content(r, item, id, SO_PLAN_REL_MEMBER))
			return false;
	}
	return true;
}

static bool read_windows(struct so_my_blocks *r, const json_t *object, int32_t id)
{
	const json_t *list = json_object_get(object, "windows"), *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		if (json_object_get(item, "filesort_key") && !node_at(r, id)->sort_keys)
			set_keys(r, id, json_object_get(item, "filesort_key"));
		if (strategy_of(item))
			node_at(r, id)->strategy = strategy_of(item);
	}
	list = json_object_get(object, "sorts");
	json_array_foreach((json_t *)list, i, item)
	{
		const json_t *sort = json_object_get(item, "filesort");
		double total = number_of(sort, "r_total_time_ms");

		if (!node_at(r, id)->sort_keys)
			set_keys(r, id, json_object_get(sort, "sort_key"));
		if (total > 0)
			r->own[id].ms += total;
	}
	return true;
}

/* How a wrapper without a node passes on what is in it. */
static bool read_bare(struct so_my_blocks *r, const char *key, const json_t *value, int32_t parent,
	enum so_plan_relationship relationship)
{
	bool rechecked = strcmp(key, "range-checked-for-each-record") == 0;
	const json_t *table = json_object_get(value, "table");

	if (table && (rechecked || strcmp(key, "block-nl-join") == 0))
		return so_my_read_table(r, table, parent, relationship, rechecked) >= 0;
	return read_content(r, value, parent, relationship);
}

static bool read_wrapper(struct so_my_blocks *r, const struct wrapper *wrapper, const json_t *value, int32_t parent,
	enum so_plan_relationship relationship)
{
	const json_t *sorts = json_object_get(value, "using_filesort");
	bool is_sort = wrapper->op == SO_PLAN_SORT;
	int32_t id;

	if (!json_is_object(value))
		return so_fail(r->err, SO_INPUT, "'%s' of the plan is no object", wrapper->key);
	if (!wrapper->label || (is_sort && json_is_false(sorts) && !strategy_of(value))) {
		int32_t first = r->builder->plan->n_nodes;

		if (!read_bare(r, wrapper->key, value, parent, relationship))
			return false;
		return first == r->builder->plan->n_nodes || so_my_read_subqueries(r, value, first);
	}
	if (wrapper->op == SO_PLAN_SET_OP && json_is_true(sorts)) { /* ORDER BY of the whole union */
		parent = so_my_add(r, parent, relationship, SO_PLAN_SORT, "Sort");
		if (parent < 0)
			return false;
		relationship = SO_PLAN_REL_OUTER;
	}
	id = so_my_add(r, parent, relationship, wrapper->op, wrapper->label);
	if (id < 0)
		return false;
	if (wrapper->op != SO_PLAN_SET_OP)
		node_at(r, id)->strategy = is_sort ? NULL : strategy_of(value);
	r->own[id].sink = wrapper->op == SO_PLAN_MATERIALIZE;
	if (json_object_get(value, "r_loops") && wrapper->op == SO_PLAN_SET_OP) {
		node_at(r, id)->loops = number_of(value, "r_loops");
		node_at(r, id)->rows_actual = fmax(0, number_of(value, "r_rows"));
	}
	if (strcmp(wrapper->key, "filesort") == 0)
		read_filesort(r, value, id);
	if (!read_windows(r, value, id) || !read_members(r, value, id) ||
		!read_content(r, value, id, SO_PLAN_REL_OUTER) || !so_my_read_subqueries(r, value, id))
		return false;
	if (strcmp(wrapper->key, "filesort") == 0)
		time_filesort(r, value, id);
	if (wrapper->op == SO_PLAN_SORT && id + 1 < r->builder->plan->n_nodes) {
		double limit = number_of(value, "r_limit"), rows = node_at(r, id + 1)->rows_est;

		node_at(r, id)->rows_est = isnan(rows) || isnan(limit) ? rows : fmin(rows, limit);
	}
	return true;
}

/* What an object holds that yields rows, if anything: a wrapper, a join, a table, a block or a message. */
static bool read_content(
	struct so_my_blocks *r, const json_t *object, int32_t parent, enum so_plan_relationship relationship)
{
	const json_t *value;

	for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
		if ((value = json_object_get(object, wrappers[i].key)))
			return read_wrapper(r, &wrappers[i], value, parent, relationship);
	if ((value = json_object_get(object, "nested_loop")))
		return read_join(r, value, parent, relationship);
	if ((value = json_object_get(object, "query_block")))
		return so_my_read_block(r, value, parent, relationship, NULL);
	value = json_object_get(object, "table");
	if (json_is_object(value) && !json_object_get(value, "insert") && !json_object_get(value, "replace")) {
		int32_t id = so_my_read_table(r, value, parent, relationship, false);
		struct join_item item = { .table = value };
		struct join_sum sum;

		if (id < 0)
			return false;
		if (!r->mariadb)
			set_join_mysql(r, value, -1, id, &sum);
		else
			set_join_mariadb(r, &item, -1, id, &sum);
		return true;
	}
	value = json_object_get(object, "message");
	return !json_is_string(value) ||
	       so_my_add(r, parent, relationship, SO_PLAN_VALUES, so_plan_text(r->builder, value)) >= 0;
}

/* ---- Subqueries ------------------------------------------------------------------------------------------------- */

static bool read_subquery(struct so_my_blocks *r, const json_t *item, int32_t id)
{
	const json_t *cache = json_object_get(item, "expression_cache"), *block = json_object_get(item, "query_block");
	const json_t *kept = json_object_get(item, "materialization");
	double loops = node_at(r, id)->loops;
	enum so_plan_relationship as = SO_PLAN_REL_INIT_PLAN;
	int32_t first = r->builder->plan->n_nodes, into = id;
	char name[32];

	if (!cache)
		cache = json_object_get(item, "subquery_cache");
	if (cache || kept)
		block = json_object_get(cache ? cache : kept, "query_block");
	if (!block) /* a table of its own: {"table": {"materialized_from_subquery": ...}} */
		return read_content(r, item, id, SO_PLAN_REL_SUB_PLAN);
	if (json_is_true(json_object_get(item, "dependent")) || cache || kept ||
		number_of(block, "r_loops") > fmax(1, loops))
		as = SO_PLAN_REL_SUB_PLAN;
	if (kept) {
		into = so_my_add(r, id, as, SO_PLAN_MATERIALIZE, "Materialize");
		if (into < 0)
			return false;
		as = SO_PLAN_REL_OUTER;
		r->own[into].sink = true;
	}
	if (!so_my_read_block(r, block, into, as, NULL))
		return false;
	if (first < r->builder->plan->n_nodes) {
		snprintf(name, sizeof name, "SubPlan %d", (int)fmax(0, fmin(1e9, number_of(block, "select_id"))));
		node_at(r, first)->subplan_name = so_plan_copy(r->builder, name, strlen(name));
		node_at(r, first)->hashed_subplan = kept != NULL;
	}
	return true;
}

bool so_my_read_subqueries(struct so_my_blocks *r, const json_t *object, int32_t id)
{
	static const char *const lists[] = { "attached_subqueries", "select_list_subqueries",
		"optimized_away_subqueries", "order_by_subqueries", "group_by_subqueries", "having_subqueries",
		"update_value_subqueries", "insert_values_subqueries", "subqueries" };

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		const json_t *list = json_object_get(object, lists[i]), *item;
		size_t k;

		json_array_foreach((json_t *)list, k, item) if (!read_subquery(r, item, id)) return false;
	}
	return true;
}

/* ---- Blocks ----------------------------------------------------------------------------------------------------- */

static const char *modified(const json_t *table)
{
	static const char *const words[][2] = { { "update", "Update" }, { "delete", "Delete" }, { "insert", "Insert" },
		{ "replace", "Replace" } };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (json_object_get(table, words[i][0]))
			return words[i][1];
	return NULL;
}

/* The table that a block changes: its own, or one of a join. */
static const json_t *find_modified(const json_t *block)
{
	const json_t *list = json_object_get(block, "nested_loop"), *item;
	size_t i;

	if (modified(json_object_get(block, "table")))
		return json_object_get(block, "table");
	json_array_foreach((json_t *)list, i, item)
	{
		const json_t *table = item_of(item).table;

		if (modified(table))
			return table;
	}
	return NULL;
}

/* Gives what runs in a block the block's loops, and what the block took beyond its parts to whoever filled a temporary
 * table, or else to its top. */
static void measure_block(struct so_my_blocks *r, const json_t *block, int32_t first)
{
	struct so_plan *plan = r->builder->plan;
	double loops = number_of(block, "r_loops"), total = number_of(block, "r_total_time_ms"), sum = 0;
	int32_t sink = -1;

	if (!r->timed)
		return;
	for (int32_t i = first; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		sum += r->own[i].ms;
		if (r->own[i].sink && sink < 0)
			sink = i;
		if (isnan(node->loops)) { /* joins and wrappers say nothing themselves */
			node->loops = isnan(loops) ? 1 : loops;
			if (!isnan(node->rows_actual))
				node->rows_actual /= fmax(1, node->loops);
		}
	}
	r->own[sink < 0 ? first : sink].ms += total > sum ? total - sum : 0;
}

bool so_my_read_block(struct so_my_blocks *r, const json_t *block, int32_t parent,
	enum so_plan_relationship relationship, const char *name)
{
	const json_t *change = find_modified(block);
	int32_t first = r->builder->plan->n_nodes;
	double cost = number_of(json_object_get(block, "cost_info"), "query_cost");
	struct so_plan_node *top;

	if (!json_is_object(block))
		return so_fail(r->err, SO_INPUT, "a 'query_block' of the plan is no object");
	if (isnan(cost))
		cost = number_of(block, "cost");
	if (change) {
		int32_t id = so_my_add(r, parent, relationship, SO_PLAN_MODIFY, modified(change));

		if (id < 0)
			return false;
		node_at(r, id)->relation = so_plan_text(r->builder, json_object_get(change, "table_name"));
		parent = id;
		relationship = SO_PLAN_REL_OUTER;
	}
	if (!read_content(r, block, parent, relationship))
		return false;
	if (first == r->builder->plan->n_nodes && so_my_add(r, parent, relationship, SO_PLAN_OTHER, "Query block") < 0)
		return false;
	if (!so_my_read_subqueries(r, block, first))
		return false;
	top = node_at(r, first);
	top->subplan_name = name;
	if (!isnan(cost))
		top->total_cost = cost;
	so_plan_add_condition(
		r->builder, top, SO_COND_FILTER, so_plan_text(r->builder, json_object_get(block, "having_condition")));
	measure_block(r, block, first);
	return true;
}

/* From what each node took itself to what it took with all below it, in all its runs. */
static void set_times(struct so_my_blocks *r)
{
	struct so_plan *plan = r->builder->plan;

	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		struct so_plan_node *node = &plan->nodes[i];

		if (r->own[i].ms > 0 && node->loops == 0)
			node->loops = 1; /* a union that counts its reads, not its filling */
		node->time_ms = r->own[i].ms;
		node->total_ms = node->loops > 0 ? node->time_ms / node->loops : 0;
		if (i)
			r->own[node->parent].ms += r->own[i].ms;
	}
}

bool so_my_read_blocks(struct so_plan_builder *builder, const json_t *doc, bool mariadb, bool timed, struct so_err *err)
{
	const json_t *block = json_object_get(doc, "query_block");
	struct so_my_blocks r = { .builder = builder, .err = err, .mariadb = mariadb, .timed = timed };
	struct so_plan *plan = builder->plan;

	if (!so_my_read_block(&r, block, -1, SO_PLAN_REL_ROOT, NULL)) {
		talloc_free(r.own);
		return so_fail_in(err, mariadb ? "MariaDB plan" : "MySQL plan");
	}
	so_plan_close_nodes(plan);
	plan->n_statements = 1;
	plan->has_analyze = plan->has_timing = r.timed;
	plan->planning_ms = number_of(json_object_get(doc, "query_optimization"), "r_total_time_ms");
	plan->execution_ms = number_of(block, "r_total_time_ms");
	plan->total_cost = plan->nodes[0].total_cost;
	if (r.timed)
		set_times(&r);
	for (int32_t i = 0; i < plan->n_nodes; i++)
		plan->has_buffers = plan->has_buffers || plan->nodes[i].buffers.shared_hit >= 0;
	talloc_free(r.own);
	return true;
}
