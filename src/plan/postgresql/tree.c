#include "plan/postgresql/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum key_type { KEY_TEXT, KEY_REAL, KEY_INT, KEY_INT32, KEY_BOOL, KEY_LIST, KEY_CONDITION, KEY_PLANS, KEY_CUSTOM };

typedef void custom_fn(struct so_plan_builder *builder, struct so_plan_node *node, const struct so_plan_value *object,
	const struct so_plan_value *value);

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

/* A copy of a string; NULL for anything else. */
static const char *text_of(struct so_plan_builder *builder, const struct so_plan_value *value)
{
	struct so_span text = so_plan_value_text(value);

	return text.at ? so_plan_copy(builder, text.at, text.len) : NULL;
}

static bool text_is(const struct so_plan_value *value, const char *word)
{
	struct so_span text = so_plan_value_text(value);

	return text.at && so_span_is(text, word);
}

/* ---- Values that need more than a store ------------------------------------------------------------------------- */

/* The text may hold anything, NUL bytes too. */
static int compare_name(const struct so_span *text, const char *name)
{
	size_t len = strlen(name);
	int order = memcmp(text->at, name, text->len < len ? text->len : len);

	return order ? order : (text->len > len) - (text->len < len);
}

static int compare_node_type(const void *name, const void *type)
{
	return compare_name(name, ((const struct node_type *)type)->label);
}

enum so_plan_op so_plan_postgresql_op(const char *name, size_t len, const char **label)
{
	const struct so_span key = { name, len };
	const struct node_type *found = bsearch(
		&key, node_types, sizeof node_types / sizeof node_types[0], sizeof node_types[0], compare_node_type);

	if (!found)
		return SO_PLAN_OTHER;
	*label = found->label;
	return found->op;
}

static void read_node_type(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	struct so_span name = so_plan_value_text(value);
	const char *known = NULL;

	(void)object;
	if (!name.at)
		return;
	node->op = so_plan_postgresql_op(name.at, name.len, &known);
	node->label = known ? known : text_of(builder, value);
}

static void read_relationship(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
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

	(void)builder;
	(void)object;
	node->relationship = SO_PLAN_REL_OTHER;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(value, words[i].word))
			node->relationship = words[i].relationship;
}

static void read_subplan_name(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	(void)object;
	node->subplan_name = text_of(builder, value);
	if (node->subplan_name && strncmp(node->subplan_name, "CTE ", 4) == 0)
		node->cte_defined = node->subplan_name + 4;
}

static void read_relations(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	if (!node->alias && !so_plan_value_get(object, "Alias"))
		node->alias = text_of(builder, value);
}

static void read_temp_io(struct so_plan_builder *builder, struct so_plan_node *node, const struct so_plan_value *object,
	const struct so_plan_value *value)
{
	double ms = so_plan_value_number(value);

	(void)builder;
	(void)object;
	if (!isnan(ms))
		node->temp_io_ms = (isnan(node->temp_io_ms) ? 0 : node->temp_io_ms) + ms;
}

static int64_t integer_of(const struct so_plan_value *object, const char *key)
{
	return so_plan_value_integer(so_plan_value_get(object, key));
}

/* Sort Space Used is the memory or the file, as Sort Space Type says. */
static void read_sort_space(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	int64_t used = integer_of(object, "Sort Space Used");

	(void)builder;
	if (text_is(value, "Disk")) {
		node->disk_kb = used;
	} else {
		node->memory_kb = used;
		node->disk_kb = 0;
	}
}

/* Full-sort and pre-sorted groups of an incremental sort: the worst of both counts. */
static void read_sort_groups(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	int64_t groups = integer_of(value, "Group Count");
	int64_t memory = integer_of(so_plan_value_get(value, "Sort Space Memory"), "Peak Sort Space Used");
	int64_t disk = integer_of(so_plan_value_get(value, "Sort Space Disk"), "Average Sort Space Used");

	(void)object;
	if (node->disk_kb < 0)
		node->disk_kb = 0;
	if (memory > node->memory_kb)
		node->memory_kb = memory;
	if (disk > 0 && groups > 0)
		node->disk_kb = so_plan_count((double)node->disk_kb + (double)disk * (double)groups);
	if (!node->sort_method || disk > 0)
		node->sort_method =
			disk > 0 ? "external merge"
				 : text_of(builder, so_plan_value_first(so_plan_value_get(value, "Sort Methods Used")));
}

/* PostgreSQL 18 says for tuple stores where they ended up. */
static void read_storage(struct so_plan_builder *builder, struct so_plan_node *node, const struct so_plan_value *object,
	const struct so_plan_value *value)
{
	const struct so_plan_value *storage = so_plan_value_get(object, "Storage");
	int64_t used = integer_of(object, "Maximum Storage");

	(void)builder;
	(void)value;
	if (text_is(storage, "Disk")) {
		node->disk_kb = used;
	} else if (so_plan_value_is(storage, SO_VALUE_STRING)) {
		node->memory_kb = used;
		node->disk_kb = 0;
	}
}

/* Of a foreign scan: what it does elsewhere. That it reads goes without saying, as in text. */
static void read_operation(struct so_plan_builder *builder, struct so_plan_node *node,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	(void)object;
	if (!text_is(value, "Select"))
		node->operation = text_of(builder, value);
}

static double real_of(const struct so_plan_value *object, const char *key)
{
	return so_plan_value_number(so_plan_value_get(object, key));
}

static void read_workers(struct so_plan_builder *builder, struct so_plan_node *node, const struct so_plan_value *object,
	const struct so_plan_value *value)
{
	size_t n = so_plan_value_count(value);
	const struct so_plan_value *w = so_plan_value_first(value);

	(void)object;
	node->workers = so_plan_alloc(builder, n * sizeof *node->workers);
	node->n_workers = n;
	for (size_t i = 0; i < n; i++, w = w->next)
		node->workers[i] = (struct so_plan_worker){ .number = (int32_t)integer_of(w, "Worker Number"),
			.rows = real_of(w, "Actual Rows"),
			.loops = real_of(w, "Actual Loops"),
			.total_ms = real_of(w, "Actual Total Time"),
			.sort_kb = integer_of(w, "Sort Space Used"),
			.sort_on_disk = text_is(so_plan_value_get(w, "Sort Space Type"), "Disk") };
}

/* What workers spilled comes on top of the leader's own figure. Runs after all keys of the node. */
static void add_workers_spill(struct so_plan_node *node, const struct so_plan_value *workers)
{
	const struct so_plan_value *w = so_plan_value_first(workers);

	for (size_t i = 0; i < node->n_workers; i++, w = w->next) {
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
	{ "Plans", KEY_PLANS },
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

#define N_KEYS (sizeof keys / sizeof keys[0])

/* How the nodes of one document are read: they have their keys in the same order, nearly always. */
struct read {
	struct so_plan_builder *builder;
	uint8_t after[N_KEYS + 1]; /* by key: 1 + the known key that followed it last time; the last one: the first */
};
_Static_assert(N_KEYS < 255, "a key has one byte");

static int compare_key(const void *name, const void *key)
{
	return compare_name(name, ((const struct key *)key)->name);
}

/* The key of that name; `before`: the index of the known key before it, or N_KEYS. Sets it to the one found. */
static const struct key *find_key(struct read *read, struct so_span name, size_t *before)
{
	size_t guess = read->after[*before];
	const struct key *found;

	if (guess && so_span_is(name, keys[guess - 1].name)) {
		*before = guess - 1;
		return &keys[guess - 1];
	}
	found = bsearch(&name, keys, N_KEYS, sizeof keys[0], compare_key);
	if (!found)
		return NULL;
	read->after[*before] = (uint8_t)(found - keys + 1);
	*before = (size_t)(found - keys);
	return found;
}

static const char **read_list(struct so_plan_builder *builder, const struct so_plan_value *value, size_t *count)
{
	size_t n = so_plan_value_count(value);
	const char **list = so_plan_alloc(builder, (n ? n : 1) * sizeof *list);

	*count = 0;
	for (const struct so_plan_value *item = so_plan_value_first(value); item; item = item->next) {
		list[*count] = text_of(builder, item);
		if (list[*count])
			(*count)++;
	}
	return list;
}

static void read_value(struct so_plan_builder *builder, struct so_plan_node *node, const struct key *key,
	const struct so_plan_value *object, const struct so_plan_value *value)
{
	void *member = (char *)node + key->offset;
	int64_t whole;

	switch (key->type) {
	case KEY_TEXT:
		*(const char **)member = text_of(builder, value);
		break;
	case KEY_REAL:
		*(double *)member = so_plan_value_number(value);
		break;
	case KEY_INT:
		*(int64_t *)member = so_plan_value_integer(value);
		break;
	case KEY_INT32:
		whole = so_plan_value_integer(value);
		if (whole >= 0 && whole <= INT32_MAX)
			*(int32_t *)member = (int32_t)whole;
		break;
	case KEY_BOOL:
		*(bool *)member = value->type == SO_VALUE_TRUE || text_is(value, "true");
		break;
	case KEY_LIST:
		*(const char ***)member = read_list(builder, value, (size_t *)((char *)node + key->count));
		break;
	case KEY_CONDITION:
		so_plan_add_condition(builder, node, key->condition, text_of(builder, value));
		break;
	case KEY_PLANS: /* after all others: see read_node */
		break;
	case KEY_CUSTOM:
		key->custom(builder, node, object, value);
		break;
	}
}

static bool read_node(
	struct read *read, const struct so_plan_value *object, int32_t parent, int32_t depth, struct so_err *err)
{
	const struct so_plan_value *plans = NULL, *workers = NULL;
	struct so_plan_node *node;
	size_t before = N_KEYS;
	bool typed = false;
	int32_t id;

	if (depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(err);
	id = so_plan_add_node(read->builder, parent, depth);
	node = &read->builder->plan->nodes[id];
	for (const struct so_plan_value *value = so_plan_value_is(object, SO_VALUE_OBJECT) ? object->first : NULL;
		value; value = value->next) {
		const struct key *key = find_key(read, value->key, &before);

		if (!key)
			continue;
		if (key->type == KEY_PLANS)
			plans = value;
		else
			read_value(read->builder, node, key, object, value);
		workers = key->custom == read_workers ? value : workers;
		typed = typed || (key->custom == read_node_type && value->type == SO_VALUE_STRING);
	}
	if (!typed)
		return so_fail(err, SO_INPUT, "node %d of the plan has no 'Node Type'", id);
	if (node->n_workers)
		add_workers_spill(node, workers);
	if (parent < 0)
		node->relationship = SO_PLAN_REL_ROOT;
	else if (node->relationship == SO_PLAN_REL_ROOT)
		node->relationship = SO_PLAN_REL_OTHER;
	if (plans && plans->type != SO_VALUE_ARRAY)
		return so_fail(err, SO_INPUT, "node %d of the plan has 'Plans' that are no list", id);
	for (const struct so_plan_value *child = so_plan_value_first(plans); child; child = child->next)
		if (!read_node(read, child, id, depth + 1, err))
			return false;
	return true;
}

/* ---- The document ----------------------------------------------------------------------------------------------- */

static void read_triggers(struct so_plan_builder *builder, const struct so_plan_value *list)
{
	struct so_plan *plan = builder->plan;

	plan->triggers = so_plan_alloc(builder, so_plan_value_count(list) * sizeof *plan->triggers);
	for (const struct so_plan_value *t = so_plan_value_first(list); t; t = t->next)
		plan->triggers[plan->n_triggers++] =
			(struct so_plan_trigger){ .name = text_of(builder, so_plan_value_get(t, "Trigger Name")),
				.constraint = text_of(builder, so_plan_value_get(t, "Constraint Name")),
				.relation = text_of(builder, so_plan_value_get(t, "Relation")),
				.time_ms = real_of(t, "Time"),
				.calls = real_of(t, "Calls") };
}

static void read_settings(struct so_plan_builder *builder, const struct so_plan_value *settings)
{
	struct so_plan *plan = builder->plan;

	if (!so_plan_value_is(settings, SO_VALUE_OBJECT))
		return;
	plan->settings = so_plan_alloc(builder, settings->count * sizeof *plan->settings);
	for (const struct so_plan_value *value = settings->first; value; value = value->next) {
		struct so_plan_setting *setting = &plan->settings[plan->n_settings];

		setting->name = so_plan_copy(builder, value->key.at, value->key.len);
		setting->value = text_of(builder, value);
		if (setting->value)
			plan->n_settings++;
	}
}

static void read_query_id(struct so_plan_builder *builder, const struct so_plan_value *value)
{
	if (so_plan_value_is(value, SO_VALUE_INTEGER))
		builder->plan->query_id = so_printf(builder->plan, "%" PRId64, value->whole);
	else
		builder->plan->query_id = text_of(builder, value);
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

bool so_plan_postgresql_read(
	struct so_plan_builder *builder, const struct so_plan_value *doc, size_t n_statements, struct so_err *err)
{
	struct so_plan *plan = builder->plan;
	const struct so_plan_value *jit = so_plan_value_get(doc, "JIT"), *timing = so_plan_value_get(jit, "Timing");
	struct read read = { .builder = builder };
	const char *binds;

	if (so_plan_value_is(doc, SO_VALUE_STRING))
		return so_fail(err, SO_INPUT, "the document holds no plan: PostgreSQL plans no utility statements");
	plan->n_statements = n_statements;
	plan->planning_ms = real_of(doc, "Planning Time");
	plan->execution_ms = real_of(doc, "Execution Time");
	plan->jit_ms = real_of(timing, "Total");
	plan->jit_functions = real_of(jit, "Functions");
	plan->query_text = text_of(builder, so_plan_value_get(doc, "Query Text"));
	binds = text_of(builder, so_plan_value_get(doc, "Query Parameters"));
	if (binds)
		so_plan_pg_binds(builder, binds, strlen(binds));
	read_query_id(builder, so_plan_value_get(doc, "Query Identifier"));
	read_triggers(builder, so_plan_value_get(doc, "Triggers"));
	read_settings(builder, so_plan_value_get(doc, "Settings"));
	if (!read_node(&read, so_plan_value_get(doc, "Plan"), -1, 0, err))
		return so_fail_in(err, "PostgreSQL plan");
	so_plan_close_nodes(plan);
	so_plan_postgresql_end(plan);
	return true;
}
