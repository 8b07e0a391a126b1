#include "plan/postgresql/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum key_type { KEY_TEXT, KEY_REAL, KEY_INT, KEY_INT32, KEY_BOOL, KEY_LIST, KEY_CONDITION, KEY_CUSTOM };

typedef void custom_fn(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value);

struct key {
	const char *name;
	enum key_type type;
	size_t offset; /* of the member in struct so_plan_node */
	size_t count; /* KEY_LIST: of the member that counts */
	enum so_condition_kind condition;
	custom_fn *custom;
};

struct node_type {
	const char *label;
	enum so_plan_op op;
};

struct name {
	const char *at;
	size_t len;
};

/* In byte order: found by bisection. */
static const struct node_type node_types[] = {
	{ "Aggregate", SO_PLAN_AGGREGATE },
	{ "Append", SO_PLAN_SET_OP },
	{ "Bitmap Heap Scan", SO_PLAN_BITMAP_SCAN },
	{ "Bitmap Index Scan", SO_PLAN_BITMAP_SCAN },
	{ "BitmapAnd", SO_PLAN_BITMAP_SCAN },
	{ "BitmapOr", SO_PLAN_BITMAP_SCAN },
	{ "CTE Scan", SO_PLAN_CTE },
	{ "Custom Scan", SO_PLAN_OTHER },
	{ "Foreign Scan", SO_PLAN_REMOTE },
	{ "Function Scan", SO_PLAN_FUNCTION },
	{ "Gather", SO_PLAN_GATHER },
	{ "Gather Merge", SO_PLAN_GATHER },
	{ "Group", SO_PLAN_AGGREGATE },
	{ "Hash", SO_PLAN_HASH },
	{ "Hash Join", SO_PLAN_HASH_JOIN },
	{ "Incremental Sort", SO_PLAN_SORT },
	{ "Index Only Scan", SO_PLAN_INDEX_ONLY_SCAN },
	{ "Index Scan", SO_PLAN_INDEX_SCAN },
	{ "Limit", SO_PLAN_LIMIT },
	{ "LockRows", SO_PLAN_OTHER },
	{ "Materialize", SO_PLAN_MATERIALIZE },
	{ "Memoize", SO_PLAN_MATERIALIZE },
	{ "Merge Append", SO_PLAN_SET_OP },
	{ "Merge Join", SO_PLAN_MERGE_JOIN },
	{ "ModifyTable", SO_PLAN_MODIFY },
	{ "Named Tuplestore Scan", SO_PLAN_OTHER },
	{ "Nested Loop", SO_PLAN_NESTED_LOOP },
	{ "ProjectSet", SO_PLAN_FUNCTION },
	{ "Recursive Union", SO_PLAN_SET_OP },
	{ "Result", SO_PLAN_OTHER },
	{ "Sample Scan", SO_PLAN_OTHER },
	{ "Seq Scan", SO_PLAN_SEQ_SCAN },
	{ "SetOp", SO_PLAN_SET_OP },
	{ "Sort", SO_PLAN_SORT },
	{ "Subquery Scan", SO_PLAN_SUBQUERY },
	{ "Table Function Scan", SO_PLAN_FUNCTION },
	{ "Tid Range Scan", SO_PLAN_KEY_LOOKUP },
	{ "Tid Scan", SO_PLAN_KEY_LOOKUP },
	{ "Unique", SO_PLAN_AGGREGATE },
	{ "Values Scan", SO_PLAN_VALUES },
	{ "WindowAgg", SO_PLAN_WINDOW },
	{ "WorkTable Scan", SO_PLAN_CTE },
};

/* ---- Values that need more than a store ------------------------------------------------------------------------- */

static int compare_node_type(const void *name, const void *type)
{
	const struct name *n = name;
	const char *label = ((const struct node_type *)type)->label;
	int order = strncmp(n->at, label, n->len);

	return order ? order : label[n->len] ? -1 : 0;
}

enum so_plan_op so_plan_postgresql_op(const char *name, size_t len, const char **label)
{
	const struct name key = { name, len };
	const struct node_type *found = bsearch(
		&key, node_types, sizeof node_types / sizeof node_types[0], sizeof node_types[0], compare_node_type);

	if (!found)
		return SO_PLAN_OTHER;
	*label = found->label;
	return found->op;
}

static void read_node_type(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	const char *known = NULL;

	(void)object;
	if (!json_is_string(value))
		return;
	node->op = so_plan_postgresql_op(json_string_value(value), json_string_length(value), &known);
	node->label = known ? known : so_plan_text(builder, value);
}

static void read_relationship(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	static const struct {
		const char *word;
		enum so_plan_relationship relationship;
	} words[] = {
		{ "Outer", SO_PLAN_REL_OUTER },
		{ "Inner", SO_PLAN_REL_INNER },
		{ "Member", SO_PLAN_REL_MEMBER },
		{ "Subquery", SO_PLAN_REL_SUBQUERY },
		{ "InitPlan", SO_PLAN_REL_INIT_PLAN },
		{ "SubPlan", SO_PLAN_REL_SUB_PLAN },
	};
	const char *word = json_string_value(value);

	(void)builder;
	(void)object;
	node->relationship = SO_PLAN_REL_OTHER;
	for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i].word) == 0)
			node->relationship = words[i].relationship;
}

static void read_subplan_name(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	(void)object;
	node->subplan_name = so_plan_text(builder, value);
	if (node->subplan_name && strncmp(node->subplan_name, "CTE ", 4) == 0)
		node->cte_defined = node->subplan_name + 4;
}

static void read_relations(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	if (!node->alias && !json_object_get(object, "Alias"))
		node->alias = so_plan_text(builder, value);
}

static void read_temp_io(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	double ms = so_plan_number(value);

	(void)builder;
	(void)object;
	if (!isnan(ms))
		node->temp_io_ms = (isnan(node->temp_io_ms) ? 0 : node->temp_io_ms) + ms;
}

static int64_t integer_of(const json_t *object, const char *key)
{
	return so_plan_integer(json_object_get(object, key));
}

/* Sort Space Used is the memory or the file, as Sort Space Type says. */
static void read_sort_space(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	int64_t used = integer_of(object, "Sort Space Used");
	const char *type = json_string_value(value);

	(void)builder;
	if (type && strcmp(type, "Disk") == 0) {
		node->disk_kb = used;
	} else {
		node->memory_kb = used;
		node->disk_kb = 0;
	}
}

/* Full-sort and pre-sorted groups of an incremental sort: the worst of both counts. */
static void read_sort_groups(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	int64_t groups = integer_of(value, "Group Count");
	int64_t memory = integer_of(json_object_get(value, "Sort Space Memory"), "Peak Sort Space Used");
	int64_t disk = integer_of(json_object_get(value, "Sort Space Disk"), "Average Sort Space Used");

	(void)object;
	if (node->disk_kb < 0)
		node->disk_kb = 0;
	if (memory > node->memory_kb)
		node->memory_kb = memory;
	if (disk > 0 && groups > 0)
		node->disk_kb += disk * (groups < 1000000000 ? groups : 1000000000);
	if (!node->sort_method || disk > 0)
		node->sort_method = disk > 0 ? "external merge"
					     : so_plan_text(builder,
						       json_array_get(json_object_get(value, "Sort Methods Used"), 0));
}

/* PostgreSQL 18 says for tuple stores where they ended up. */
static void read_storage(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	const char *storage = json_string_value(json_object_get(object, "Storage"));
	int64_t used = integer_of(object, "Maximum Storage");

	(void)builder;
	(void)value;
	if (storage && strcmp(storage, "Disk") == 0) {
		node->disk_kb = used;
	} else if (storage) {
		node->memory_kb = used;
		node->disk_kb = 0;
	}
}

/* Of a foreign scan: what it does elsewhere. That it reads goes without saying, as in text. */
static void read_operation(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	const char *operation = json_string_value(value);

	(void)object;
	if (operation && strcmp(operation, "Select") != 0)
		node->operation = so_plan_text(builder, value);
}

static double real_of(const json_t *object, const char *key)
{
	return so_plan_number(json_object_get(object, key));
}

static void read_workers(
	struct so_plan_builder *builder, struct so_plan_node *node, const json_t *object, const json_t *value)
{
	size_t n = json_array_size(value);

	(void)object;
	node->workers = so_plan_alloc(builder, n * sizeof *node->workers);
	node->n_workers = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *w = json_array_get(value, i);
		const char *type = json_string_value(json_object_get(w, "Sort Space Type"));

		node->workers[i] = (struct so_plan_worker){ .number = (int32_t)integer_of(w, "Worker Number"),
			.rows = real_of(w, "Actual Rows"),
			.loops = real_of(w, "Actual Loops"),
			.total_ms = real_of(w, "Actual Total Time"),
			.sort_kb = integer_of(w, "Sort Space Used"),
			.sort_on_disk = type && strcmp(type, "Disk") == 0 };
	}
}

/* What workers spilled comes on top of the leader's own figure. Runs after all keys of the node. */
static void add_workers_spill(struct so_plan_node *node, const json_t *object)
{
	const json_t *workers = json_object_get(object, "Workers");

	for (size_t i = 0; i < node->n_workers; i++) {
		const json_t *w = json_array_get(workers, i);
		int64_t disk = node->workers[i].sort_on_disk ? node->workers[i].sort_kb : integer_of(w, "Disk Usage");
		int64_t memory = node->workers[i].sort_on_disk ? -1 : node->workers[i].sort_kb;
		int64_t batches = integer_of(w, "HashAgg Batches"), lossy = integer_of(w, "Lossy Heap Blocks");

		if (!node->sort_method)
			node->sort_method = node->workers[i].sort_on_disk ? "external merge" : NULL;
		if (disk > 0)
			node->disk_kb = (node->disk_kb > 0 ? node->disk_kb : 0) + disk;
		if (memory > node->memory_kb)
			node->memory_kb = memory;
		if (batches > node->agg_batches)
			node->agg_batches = batches;
		if (lossy > 0)
			node->lossy_blocks = (node->lossy_blocks > 0 ? node->lossy_blocks : 0) + lossy;
		if (integer_of(w, "Exact Heap Blocks") > 0)
			node->exact_blocks =
				(node->exact_blocks > 0 ? node->exact_blocks : 0) + integer_of(w, "Exact Heap Blocks");
	}
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

#define FIELD(member) offsetof(struct so_plan_node, member)

/* In byte order of the names: found by bisection. */
static const struct key keys[] = {
	{ "Actual Loops", KEY_REAL, .offset = FIELD(loops) },
	{ "Actual Rows", KEY_REAL, .offset = FIELD(rows_actual) },
	{ "Actual Startup Time", KEY_REAL, .offset = FIELD(startup_ms) },
	{ "Actual Total Time", KEY_REAL, .offset = FIELD(total_ms) },
	{ "Alias", KEY_TEXT, .offset = FIELD(alias) },
	{ "CTE Name", KEY_TEXT, .offset = FIELD(cte_name) },
	{ "Cache Evictions", KEY_INT, .offset = FIELD(cache_evictions) },
	{ "Cache Hits", KEY_INT, .offset = FIELD(cache_hits) },
	{ "Cache Misses", KEY_INT, .offset = FIELD(cache_misses) },
	{ "Cache Overflows", KEY_INT, .offset = FIELD(cache_overflows) },
	{ "Command", KEY_TEXT, .offset = FIELD(operation) },
	{ "Custom Plan Provider", KEY_TEXT, .offset = FIELD(function) },
	{ "Disabled", KEY_BOOL, .offset = FIELD(disabled) },
	{ "Disk Usage", KEY_INT, .offset = FIELD(disk_kb) },
	{ "Exact Heap Blocks", KEY_INT, .offset = FIELD(exact_blocks) },
	{ "Filter", KEY_CONDITION, .condition = SO_COND_FILTER },
	{ "Full-sort Groups", KEY_CUSTOM, .custom = read_sort_groups },
	{ "Function Name", KEY_TEXT, .offset = FIELD(function) },
	{ "Group Key", KEY_LIST, .offset = FIELD(group_keys), .count = FIELD(n_group_keys) },
	{ "Hash Batches", KEY_INT, .offset = FIELD(hash_batches) },
	{ "Hash Buckets", KEY_INT, .offset = FIELD(hash_buckets) },
	{ "Hash Cond", KEY_CONDITION, .condition = SO_COND_HASH },
	{ "HashAgg Batches", KEY_INT, .offset = FIELD(agg_batches) },
	{ "Heap Fetches", KEY_REAL, .offset = FIELD(heap_fetches) },
	{ "I/O Read Time", KEY_REAL, .offset = FIELD(io_read_ms) },
	{ "I/O Write Time", KEY_REAL, .offset = FIELD(io_write_ms) },
	{ "Index Cond", KEY_CONDITION, .condition = SO_COND_ACCESS },
	{ "Index Name", KEY_TEXT, .offset = FIELD(index) },
	{ "Inner Unique", KEY_BOOL, .offset = FIELD(inner_unique) },
	{ "Join Filter", KEY_CONDITION, .condition = SO_COND_JOIN },
	{ "Join Type", KEY_TEXT, .offset = FIELD(join_type) },
	{ "Local Dirtied Blocks", KEY_INT, .offset = FIELD(buffers.local_dirtied) },
	{ "Local Hit Blocks", KEY_INT, .offset = FIELD(buffers.local_hit) },
	{ "Local Read Blocks", KEY_INT, .offset = FIELD(buffers.local_read) },
	{ "Local Written Blocks", KEY_INT, .offset = FIELD(buffers.local_written) },
	{ "Lossy Heap Blocks", KEY_INT, .offset = FIELD(lossy_blocks) },
	{ "Maximum Storage", KEY_CUSTOM, .custom = read_storage },
	{ "Merge Cond", KEY_CONDITION, .condition = SO_COND_MERGE },
	{ "Node Type", KEY_CUSTOM, .custom = read_node_type },
	{ "One-Time Filter", KEY_CONDITION, .condition = SO_COND_ONE_TIME },
	{ "Operation", KEY_CUSTOM, .custom = read_operation },
	{ "Order By", KEY_CONDITION, .condition = SO_COND_ORDER_BY },
	{ "Original Hash Batches", KEY_INT, .offset = FIELD(hash_batches_planned) },
	{ "Output", KEY_LIST, .offset = FIELD(output), .count = FIELD(n_output) },
	{ "Parallel Aware", KEY_BOOL, .offset = FIELD(parallel_aware) },
	{ "Params Evaluated", KEY_LIST, .offset = FIELD(params), .count = FIELD(n_params) },
	{ "Parent Relationship", KEY_CUSTOM, .custom = read_relationship },
	{ "Partial Mode", KEY_TEXT, .offset = FIELD(partial_mode) },
	{ "Peak Memory Usage", KEY_INT, .offset = FIELD(memory_kb) },
	{ "Plan Rows", KEY_REAL, .offset = FIELD(rows_est) },
	{ "Plan Width", KEY_REAL, .offset = FIELD(width_est) },
	{ "Planned Partitions", KEY_INT, .offset = FIELD(agg_partitions) },
	{ "Pre-sorted Groups", KEY_CUSTOM, .custom = read_sort_groups },
	{ "Presorted Key", KEY_LIST, .offset = FIELD(presorted_keys), .count = FIELD(n_presorted_keys) },
	{ "Recheck Cond", KEY_CONDITION, .condition = SO_COND_RECHECK },
	{ "Relation Name", KEY_TEXT, .offset = FIELD(relation) },
	{ "Relations", KEY_CUSTOM, .custom = read_relations },
	{ "Remote SQL", KEY_TEXT, .offset = FIELD(remote_sql) },
	{ "Rows Removed by Filter", KEY_REAL, .offset = FIELD(removed_filter) },
	{ "Rows Removed by Index Recheck", KEY_REAL, .offset = FIELD(removed_recheck) },
	{ "Rows Removed by Join Filter", KEY_REAL, .offset = FIELD(removed_join) },
	{ "Run Condition", KEY_CONDITION, .condition = SO_COND_RUN },
	{ "Scan Direction", KEY_TEXT, .offset = FIELD(scan_direction) },
	{ "Schema", KEY_TEXT, .offset = FIELD(schema) },
	{ "Shared Dirtied Blocks", KEY_INT, .offset = FIELD(buffers.shared_dirtied) },
	{ "Shared Hit Blocks", KEY_INT, .offset = FIELD(buffers.shared_hit) },
	{ "Shared I/O Read Time", KEY_REAL, .offset = FIELD(io_read_ms) },
	{ "Shared I/O Write Time", KEY_REAL, .offset = FIELD(io_write_ms) },
	{ "Shared Read Blocks", KEY_INT, .offset = FIELD(buffers.shared_read) },
	{ "Shared Written Blocks", KEY_INT, .offset = FIELD(buffers.shared_written) },
	{ "Single Copy", KEY_BOOL, .offset = FIELD(single_copy) },
	{ "Sort Key", KEY_LIST, .offset = FIELD(sort_keys), .count = FIELD(n_sort_keys) },
	{ "Sort Method", KEY_TEXT, .offset = FIELD(sort_method) },
	{ "Sort Space Type", KEY_CUSTOM, .custom = read_sort_space },
	{ "Startup Cost", KEY_REAL, .offset = FIELD(startup_cost) },
	{ "Storage", KEY_CUSTOM, .custom = read_storage },
	{ "Strategy", KEY_TEXT, .offset = FIELD(strategy) },
	{ "Subplan Name", KEY_CUSTOM, .custom = read_subplan_name },
	{ "Subplans Removed", KEY_INT32, .offset = FIELD(subplans_removed) },
	{ "TID Cond", KEY_CONDITION, .condition = SO_COND_ACCESS },
	{ "Table Function Name", KEY_TEXT, .offset = FIELD(function) },
	{ "Temp I/O Read Time", KEY_CUSTOM, .custom = read_temp_io },
	{ "Temp I/O Write Time", KEY_CUSTOM, .custom = read_temp_io },
	{ "Temp Read Blocks", KEY_INT, .offset = FIELD(buffers.temp_read) },
	{ "Temp Written Blocks", KEY_INT, .offset = FIELD(buffers.temp_written) },
	{ "Total Cost", KEY_REAL, .offset = FIELD(total_cost) },
	{ "Tuplestore Name", KEY_TEXT, .offset = FIELD(alias) },
	{ "WAL Bytes", KEY_INT, .offset = FIELD(wal_bytes) },
	{ "WAL FPI", KEY_INT, .offset = FIELD(wal_fpi) },
	{ "WAL Records", KEY_INT, .offset = FIELD(wal_records) },
	{ "Workers", KEY_CUSTOM, .custom = read_workers },
	{ "Workers Launched", KEY_INT32, .offset = FIELD(workers_launched) },
	{ "Workers Planned", KEY_INT32, .offset = FIELD(workers_planned) },
};

static int compare_key(const void *name, const void *key)
{
	return strcmp(name, ((const struct key *)key)->name);
}

static const char **read_list(struct so_plan_builder *builder, const json_t *value, size_t *count)
{
	size_t n = json_array_size(value);
	const char **list = so_plan_alloc(builder, (n ? n : 1) * sizeof *list);

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		list[*count] = so_plan_text(builder, json_array_get(value, i));
		if (list[*count])
			(*count)++;
	}
	return list;
}

static void read_value(struct so_plan_builder *builder, struct so_plan_node *node, const struct key *key,
	const json_t *object, const json_t *value)
{
	void *member = (char *)node + key->offset;
	int64_t whole;

	switch (key->type) {
	case KEY_TEXT:
		*(const char **)member = so_plan_text(builder, value);
		break;
	case KEY_REAL:
		*(double *)member = so_plan_number(value);
		break;
	case KEY_INT:
		*(int64_t *)member = so_plan_integer(value);
		break;
	case KEY_INT32:
		whole = so_plan_integer(value);
		if (whole >= 0 && whole <= INT32_MAX)
			*(int32_t *)member = (int32_t)whole;
		break;
	case KEY_BOOL:
		*(bool *)member =
			json_is_true(value) || (json_is_string(value) && strcmp(json_string_value(value), "true") == 0);
		break;
	case KEY_LIST:
		*(const char ***)member = read_list(builder, value, (size_t *)((char *)node + key->count));
		break;
	case KEY_CONDITION:
		so_plan_add_condition(builder, node, key->condition, so_plan_text(builder, value));
		break;
	case KEY_CUSTOM:
		key->custom(builder, node, object, value);
		break;
	}
}

static bool read_node(
	struct so_plan_builder *builder, const json_t *object, int32_t parent, int32_t depth, struct so_err *err);

static bool read_children(
	struct so_plan_builder *builder, const json_t *plans, int32_t id, int32_t depth, struct so_err *err)
{
	size_t i;
	const json_t *child;

	if (plans && !json_is_array(plans))
		return so_fail(err, SO_INPUT, "node %d of the plan has 'Plans' that are no list", id);
	json_array_foreach((json_t *)plans, i, child) if (!read_node(builder, child, id, depth + 1, err)) return false;
	return true;
}

static bool read_node(
	struct so_plan_builder *builder, const json_t *object, int32_t parent, int32_t depth, struct so_err *err)
{
	struct so_plan_node *node;
	const char *name;
	json_t *value;
	int32_t id;

	if (depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(err);
	if (!json_is_string(json_object_get(object, "Node Type")))
		return so_fail(err, SO_INPUT, "node %d of the plan has no 'Node Type'", builder->plan->n_nodes);
	id = so_plan_add_node(builder, parent, depth);
	node = &builder->plan->nodes[id];
	json_object_foreach((json_t *)object, name, value)
	{
		const struct key *key = bsearch(name, keys, sizeof keys / sizeof keys[0], sizeof keys[0], compare_key);

		if (key)
			read_value(builder, node, key, object, value);
	}
	add_workers_spill(node, object);
	if (parent < 0)
		node->relationship = SO_PLAN_REL_ROOT;
	else if (node->relationship == SO_PLAN_REL_ROOT)
		node->relationship = SO_PLAN_REL_OTHER;
	return read_children(builder, json_object_get(object, "Plans"), id, depth, err);
}

/* ---- The document ----------------------------------------------------------------------------------------------- */

bool so_plan_postgresql_recognise(const json_t *doc)
{
	const json_t *first = json_is_array(doc) ? json_array_get(doc, 0) : doc;

	if (json_is_array(doc) && json_is_string(first))
		return strcmp(json_string_value(first), "Utility Statement") == 0;
	return json_is_object(json_object_get(first, "Plan"));
}

static void read_triggers(struct so_plan_builder *builder, const json_t *list)
{
	struct so_plan *plan = builder->plan;
	size_t i;
	const json_t *t;

	plan->triggers = so_plan_alloc(builder, json_array_size(list) * sizeof *plan->triggers);
	json_array_foreach((json_t *)list, i, t) plan->triggers[plan->n_triggers++] =
		(struct so_plan_trigger){ .name = so_plan_text(builder, json_object_get(t, "Trigger Name")),
			.constraint = so_plan_text(builder, json_object_get(t, "Constraint Name")),
			.relation = so_plan_text(builder, json_object_get(t, "Relation")),
			.time_ms = real_of(t, "Time"),
			.calls = real_of(t, "Calls") };
}

static void read_settings(struct so_plan_builder *builder, const json_t *settings)
{
	struct so_plan *plan = builder->plan;
	const char *name;
	json_t *value;

	plan->settings = so_plan_alloc(builder, json_object_size(settings) * sizeof *plan->settings);
	json_object_foreach((json_t *)settings, name, value)
	{
		struct so_plan_setting *setting = &plan->settings[plan->n_settings];
		char *copy = so_plan_alloc(builder, strlen(name) + 1);

		memcpy(copy, name, strlen(name));
		setting->name = copy;
		setting->value = so_plan_text(builder, value);
		if (setting->value)
			plan->n_settings++;
	}
}

static void read_query_id(struct so_plan_builder *builder, const json_t *value)
{
	if (json_is_integer(value))
		builder->plan->query_id = so_printf(builder->plan, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		builder->plan->query_id = so_plan_text(builder, value);
}

void so_plan_postgresql_begin(struct so_plan *plan)
{
	plan->n_statements = 1;
	plan->planning_ms = NAN;
	plan->execution_ms = NAN;
	plan->jit_ms = NAN;
	plan->jit_functions = NAN;
}

void so_plan_postgresql_end(struct so_plan *plan)
{
	const struct so_plan_node *root = &plan->nodes[0];

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		/* it does not say of which table: the heap scan above does */
		for (int32_t up = node->parent; up >= 0 && strcmp(node->label, "Bitmap Index Scan") == 0;
			up = plan->nodes[up].parent) {
			const struct so_plan_node *heap = &plan->nodes[up];

			if (strcmp(heap->label, "Bitmap Heap Scan") != 0)
				continue;
			node->relation = heap->relation;
			node->schema = heap->schema;
			node->alias = heap->alias;
			break;
		}
		/* with track_io_timing off the times are all zero, if they appear at all */
		plan->has_io_timing = plan->has_io_timing || node->io_read_ms > 0 || node->io_write_ms > 0;
	}
	plan->total_cost = root->total_cost;
	plan->has_analyze = !isnan(root->loops);
	plan->has_timing = !isnan(root->total_ms);
	plan->has_buffers = root->buffers.shared_hit >= 0;
	plan->has_wal = root->wal_records >= 0;
}

bool so_plan_postgresql_read(struct so_plan_builder *builder, const json_t *doc, struct so_err *err)
{
	struct so_plan *plan = builder->plan;
	const json_t *top = json_is_array(doc) ? json_array_get(doc, 0) : doc;
	const json_t *jit = json_object_get(top, "JIT"), *timing = json_object_get(jit, "Timing");

	if (json_is_string(top))
		return so_fail(err, SO_INPUT, "the document holds no plan: PostgreSQL plans no utility statements");
	plan->n_statements = json_is_array(doc) ? json_array_size(doc) : 1;
	plan->planning_ms = real_of(top, "Planning Time");
	plan->execution_ms = real_of(top, "Execution Time");
	plan->jit_ms = real_of(timing, "Total");
	plan->jit_functions = real_of(jit, "Functions");
	plan->query_text = so_plan_text(builder, json_object_get(top, "Query Text"));
	read_query_id(builder, json_object_get(top, "Query Identifier"));
	read_triggers(builder, json_object_get(top, "Triggers"));
	read_settings(builder, json_object_get(top, "Settings"));
	if (!read_node(builder, json_object_get(top, "Plan"), -1, 0, err))
		return so_fail_in(err, "PostgreSQL plan");
	so_plan_close_nodes(plan);
	so_plan_postgresql_end(plan);
	return true;
}
