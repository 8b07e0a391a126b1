/* The lines below a node of a text plan: conditions, lists, figures. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/postgresql/text.h"

typedef void item_fn(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value);

enum item_type { ITEM_CONDITION, ITEM_LIST, ITEM_REAL, ITEM_INT32, ITEM_TEXT, ITEM_TRUE, ITEM_CUSTOM };

struct item {
	const char *key;
	enum item_type type;
	enum so_condition_kind condition;
	size_t offset, count; /* of the members in struct so_plan_node */
	item_fn *custom;
};

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

double so_plan_pg_value(struct so_span text, const char *key)
{
	size_t len = strlen(key);

	while (text.len > len) {
		const char *found = memmem(text.at, text.len, key, len);

		if (!found)
			return NAN;
		text.len -= (size_t)(found - text.at);
		text.at = found;
		if (text.at[len] == '=' || text.at[len] == ':') {
			text.at += len + 1;
			text.len -= len + 1;
			while (text.len && *text.at == ' ') {
				text.at++;
				text.len--;
			}
			return so_span_take_number(&text);
		}
		text.at++;
		text.len--;
	}
	return NAN;
}

static int64_t whole_value(struct so_span text, const char *key)
{
	return so_plan_count(so_plan_pg_value(text, key));
}

/* ---- Lists ------------------------------------------------------------------------------------------------------ */

/* The end of the element that starts at `i`: a comma that is in no quotes and no brackets. */
static size_t element_end(struct so_span text, size_t i)
{
	size_t depth = 0;
	char quote = 0;

	for (; i < text.len; i++) {
		char c = text.at[i];

		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == '(' || c == '[' || c == '{') {
			depth++;
		} else if ((c == ')' || c == ']' || c == '}') && depth) {
			depth--;
		} else if (c == ',' && !depth) {
			break;
		}
	}
	return i;
}

static const char **read_list(struct so_plan_builder *builder, struct so_span text, size_t *count)
{
	const char **list;
	size_t n = 0;

	for (size_t i = 0; i < text.len; i = element_end(text, i) + 1)
		n++;
	list = so_plan_alloc(builder, (n ? n : 1) * sizeof *list);
	*count = 0;
	for (size_t i = 0, end; i < text.len; i = end + 1) {
		end = element_end(text, i);
		while (i < end && text.at[i] == ' ')
			i++;
		if (*count < n)
			list[(*count)++] = so_plan_copy(builder, text.at + i, end - i);
	}
	return list;
}

/* ---- Items of several figures ----------------------------------------------------------------------------------- */

/* "quicksort  Memory: 25kB", "external merge  Disk: 4000kB" */
static void read_sort_method(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	const char *two = memmem(value.at, value.len, "  ", 2);
	size_t len = two ? (size_t)(two - value.at) : value.len;

	node->sort_method = so_plan_copy(r->builder, value.at, len);
	node->disk_kb = whole_value(value, "Disk");
	if (node->disk_kb < 0) {
		node->memory_kb = whole_value(value, "Memory");
		node->disk_kb = 0;
	}
}

/* "32  Sort Method: quicksort  Average Memory: 27kB  Peak Memory: 27kB", and the same for Disk */
static void read_sort_groups(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	double groups = so_span_take_number(&value);
	int64_t memory = whole_value(value, "Peak Memory"), disk = whole_value(value, "Average Disk");
	const char *method = memmem(value.at, value.len, "Sort Method", 11);

	if (node->disk_kb < 0)
		node->disk_kb = 0;
	if (memory > node->memory_kb)
		node->memory_kb = memory;
	if (disk > 0 && groups > 0)
		node->disk_kb = so_plan_count((double)node->disk_kb + (double)disk * groups);
	if (disk > 0) {
		node->sort_method = "external merge";
	} else if (!node->sort_method && method) {
		const char *from = memchr(method, ':', value.len - (size_t)(method - value.at)), *to;

		if (!from)
			return;
		from += 2;
		for (to = from; to < value.at + value.len && *to != ','; to++)
			if (*to == ' ' && to + 1 < value.at + value.len && to[1] == ' ')
				break;
		if (from < to)
			node->sort_method = so_plan_copy(r->builder, from, (size_t)(to - from));
	}
}

/* "4096 (originally 1024)  Batches: 8 (originally 1)  Memory Usage: 161kB" */
static void read_buckets(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	const char *batches = memmem(value.at, value.len, "Batches:", 8);

	(void)r;
	node->hash_buckets = so_plan_count(so_span_take_number(&value));
	node->hash_batches = whole_value(value, "Batches");
	node->hash_batches_planned = node->hash_batches;
	node->memory_kb = whole_value(value, "Memory Usage");
	if (batches) {
		struct so_span rest = { batches, value.len - (size_t)(batches - value.at) };
		const char *originally = memmem(rest.at, rest.len, "(originally ", 12);

		if (originally) {
			rest.len -= (size_t)(originally + 12 - rest.at);
			rest.at = originally + 12;
			node->hash_batches_planned = so_plan_count(so_span_take_number(&rest));
		}
	}
}

/* "5  Memory Usage: 4145kB  Disk Usage: 7328kB", of a hash aggregate */
static void read_batches(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	(void)r;
	node->agg_batches = so_plan_count(so_span_take_number(&value));
	node->memory_kb = whole_value(value, "Memory Usage");
	node->disk_kb = whole_value(value, "Disk Usage");
	if (node->disk_kb < 0)
		node->disk_kb = 0;
}

/* "4  Batches: 5  Memory Usage: 4145kB  Disk Usage: 7328kB" */
static void read_partitions(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	const char *batches = memmem(value.at, value.len, "Batches: ", 9);

	if (batches)
		read_batches(r, node, (struct so_span){ batches + 9, value.len - (size_t)(batches + 9 - value.at) });
	node->agg_partitions = so_plan_count(so_span_take_number(&value));
}

/* "980  Misses: 20  Evictions: 0  Overflows: 0  Memory Usage: 3kB" */
static void read_hits(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	(void)r;
	node->cache_hits = so_plan_count(so_span_take_number(&value));
	node->cache_misses = whole_value(value, "Misses");
	node->cache_evictions = whole_value(value, "Evictions");
	node->cache_overflows = whole_value(value, "Overflows");
	node->memory_kb = whole_value(value, "Memory Usage");
}

static void read_heap_blocks(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	double exact = so_plan_pg_value(value, "exact"), lossy = so_plan_pg_value(value, "lossy");

	(void)r;
	node->exact_blocks = isnan(exact) ? 0 : so_plan_count(exact);
	node->lossy_blocks = isnan(lossy) ? 0 : so_plan_count(lossy);
}

/* "Memory  Maximum Storage: 17kB" */
static void read_storage(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	int64_t used = whole_value(value, "Maximum Storage");

	(void)r;
	if (value.len >= 4 && memcmp(value.at, "Disk", 4) == 0) {
		node->disk_kb = used;
	} else {
		node->memory_kb = used;
		node->disk_kb = 0;
	}
}

/* Calls `take` for each part of "shared hit=1 read=2, temp read=3": the part's word, the figure's word, the figure. */
static void each_figure(struct so_span value, struct so_plan_node *node,
	void (*take)(struct so_plan_node *node, struct so_span part, struct so_span word, double figure))
{
	struct so_span part = { value.at, 0 };

	while (value.len) {
		struct so_span word = { value.at, 0 };

		while (value.len && !strchr(" =,", *value.at)) {
			value.at++;
			value.len--;
		}
		word.len = (size_t)(value.at - word.at);
		if (value.len && *value.at == '=') {
			value.at++;
			value.len--;
			take(node, part, word, so_span_take_number(&value));
		} else if (word.len) {
			part = word;
		}
		while (value.len && strchr(" ,", *value.at)) {
			value.at++;
			value.len--;
		}
		if (value.len && *value.at == '=') { /* rubbish: go on behind it */
			value.at++;
			value.len--;
		}
	}
}

static void take_buffer(struct so_plan_node *node, struct so_span part, struct so_span word, double figure)
{
	static const struct {
		const char *part, *word;
		size_t offset;
	} places[] = {
		{ "shared", "hit", offsetof(struct so_plan_node, buffers.shared_hit) },
		{ "shared", "read", offsetof(struct so_plan_node, buffers.shared_read) },
		{ "shared", "dirtied", offsetof(struct so_plan_node, buffers.shared_dirtied) },
		{ "shared", "written", offsetof(struct so_plan_node, buffers.shared_written) },
		{ "local", "hit", offsetof(struct so_plan_node, buffers.local_hit) },
		{ "local", "read", offsetof(struct so_plan_node, buffers.local_read) },
		{ "local", "dirtied", offsetof(struct so_plan_node, buffers.local_dirtied) },
		{ "local", "written", offsetof(struct so_plan_node, buffers.local_written) },
		{ "temp", "read", offsetof(struct so_plan_node, buffers.temp_read) },
		{ "temp", "written", offsetof(struct so_plan_node, buffers.temp_written) },
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (so_span_is(part, places[i].part) && so_span_is(word, places[i].word))
			*(int64_t *)((char *)node + places[i].offset) = so_plan_count(figure);
}

static void read_buffers(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	r->has_buffers = true;
	each_figure(value, node, take_buffer);
}

/* "shared read=0.1 write=0.2, local ..., temp read=..."; "shared/local" in version 15 and 16, no word before 15 */
static void take_io(struct so_plan_node *node, struct so_span part, struct so_span word, double figure)
{
	if (so_span_is(part, "temp"))
		node->temp_io_ms = (isnan(node->temp_io_ms) ? 0 : node->temp_io_ms) + figure;
	else if (so_span_is(part, "local"))
		return;
	else if (so_span_is(word, "read"))
		node->io_read_ms = figure;
	else if (so_span_is(word, "write"))
		node->io_write_ms = figure;
}

static void read_io(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	r->has_io = true;
	r->has_temp_io =
		r->has_temp_io || memmem(value.at, value.len, "shared", 6) || memmem(value.at, value.len, "temp", 4);
	each_figure(value, node, take_io);
}

static void take_wal(struct so_plan_node *node, struct so_span part, struct so_span word, double figure)
{
	(void)part;
	if (so_span_is(word, "records"))
		node->wal_records = so_plan_count(figure);
	else if (so_span_is(word, "fpi"))
		node->wal_fpi = so_plan_count(figure);
	else if (so_span_is(word, "bytes"))
		node->wal_bytes = so_plan_count(figure);
}

static void read_wal(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	r->has_wal = true;
	each_figure(value, node, take_wal);
}

static void read_relations(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	if (!node->alias)
		node->alias = so_plan_copy(r->builder, value.at, value.len);
}

/* Several of them are grouping sets, which the other formats keep apart from a group key. */
static void read_group_key(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	if (node->group_keys || so_span_is(value, "()"))
		node->n_group_keys = 0;
	else
		node->group_keys = read_list(r->builder, value, &node->n_group_keys);
}

static void read_hash_key(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	(void)value;
	node->n_group_keys = 0;
	if (!node->group_keys)
		node->group_keys = so_plan_alloc(r->builder, sizeof *node->group_keys);
}

static void read_sort_key(struct so_plan_pg_text *r, struct so_plan_node *node, struct so_span value)
{
	if (node->op != SO_PLAN_AGGREGATE) /* there it belongs to a grouping set */
		node->sort_keys = read_list(r->builder, value, &node->n_sort_keys);
}

/* ---- The table -------------------------------------------------------------------------------------------------- */

#define FIELD(member) .offset = offsetof(struct so_plan_node, member)
#define LIST(member)  FIELD(member), .count = offsetof(struct so_plan_node, n_##member)

/* In byte order of the keys. */
static const struct item items[] = {
	{ "Batches", ITEM_CUSTOM, .custom = read_batches },
	{ "Buckets", ITEM_CUSTOM, .custom = read_buckets },
	{ "Buffers", ITEM_CUSTOM, .custom = read_buffers },
	{ "Disabled", ITEM_TRUE, FIELD(disabled) },
	{ "Filter", ITEM_CONDITION, SO_COND_FILTER },
	{ "Full-sort Groups", ITEM_CUSTOM, .custom = read_sort_groups },
	{ "Group Key", ITEM_CUSTOM, .custom = read_group_key },
	{ "Hash Cond", ITEM_CONDITION, SO_COND_HASH },
	{ "Hash Key", ITEM_CUSTOM, .custom = read_hash_key },
	{ "Heap Blocks", ITEM_CUSTOM, .custom = read_heap_blocks },
	{ "Heap Fetches", ITEM_REAL, FIELD(heap_fetches) },
	{ "Hits", ITEM_CUSTOM, .custom = read_hits },
	{ "I/O Timings", ITEM_CUSTOM, .custom = read_io },
	{ "Index Cond", ITEM_CONDITION, SO_COND_ACCESS },
	{ "Inner Unique", ITEM_TRUE, FIELD(inner_unique) },
	{ "Join Filter", ITEM_CONDITION, SO_COND_JOIN },
	{ "Merge Cond", ITEM_CONDITION, SO_COND_MERGE },
	{ "One-Time Filter", ITEM_CONDITION, SO_COND_ONE_TIME },
	{ "Order By", ITEM_CONDITION, SO_COND_ORDER_BY },
	{ "Output", ITEM_LIST, LIST(output) },
	{ "Params Evaluated", ITEM_LIST, LIST(params) },
	{ "Planned Partitions", ITEM_CUSTOM, .custom = read_partitions },
	{ "Pre-sorted Groups", ITEM_CUSTOM, .custom = read_sort_groups },
	{ "Presorted Key", ITEM_LIST, LIST(presorted_keys) },
	{ "Recheck Cond", ITEM_CONDITION, SO_COND_RECHECK },
	{ "Relations", ITEM_CUSTOM, .custom = read_relations },
	{ "Remote SQL", ITEM_TEXT, FIELD(remote_sql) },
	{ "Rows Removed by Filter", ITEM_REAL, FIELD(removed_filter) },
	{ "Rows Removed by Index Recheck", ITEM_REAL, FIELD(removed_recheck) },
	{ "Rows Removed by Join Filter", ITEM_REAL, FIELD(removed_join) },
	{ "Run Condition", ITEM_CONDITION, SO_COND_RUN },
	{ "Single Copy", ITEM_TRUE, FIELD(single_copy) },
	{ "Sort Key", ITEM_CUSTOM, .custom = read_sort_key },
	{ "Sort Method", ITEM_CUSTOM, .custom = read_sort_method },
	{ "Storage", ITEM_CUSTOM, .custom = read_storage },
	{ "Subplans Removed", ITEM_INT32, FIELD(subplans_removed) },
	{ "TID Cond", ITEM_CONDITION, SO_COND_ACCESS },
	{ "WAL", ITEM_CUSTOM, .custom = read_wal },
	{ "Workers Launched", ITEM_INT32, FIELD(workers_launched) },
	{ "Workers Planned", ITEM_INT32, FIELD(workers_planned) },
};

static int compare_item(const void *key, const void *item)
{
	const struct so_span *span = key;
	const char *name = ((const struct item *)item)->key;
	int order = strncmp(span->at, name, span->len);

	return order ? order : name[span->len] ? -1 : 0;
}

/* The key of "Rows Removed by Filter: 3", without the colon; 0: the line has none. */
static size_t key_length(struct so_span line)
{
	size_t max = line.len < 48 ? line.len : 48;

	if (!line.len || *line.at < 'A' || *line.at > 'Z')
		return 0;
	for (size_t i = 0; i < max; i++) {
		char c = line.at[i];

		if (c == ':')
			return i + 1 == line.len || line.at[i + 1] == ' ' ? i : 0;
		if (!isalnum((unsigned char)c) && !strchr(" /-", c))
			return 0;
	}
	return 0;
}

bool so_plan_pg_is_item(struct so_span line)
{
	return key_length(line) != 0;
}

static struct so_plan_worker *worker_of(struct so_plan_pg_text *r, struct so_plan_node *node, int32_t number)
{
	struct so_plan_worker *grown;

	for (size_t i = 0; i < node->n_workers; i++)
		if (node->workers[i].number == number)
			return &node->workers[i];
	if (node->n_workers >= 1024) /* PostgreSQL's own maximum of max_parallel_workers_per_gather */
		return NULL;
	grown = so_plan_alloc(r->builder, (node->n_workers + 1) * sizeof *grown);
	if (node->n_workers)
		memcpy(grown, node->workers, node->n_workers * sizeof *grown);
	node->workers = grown;
	grown[node->n_workers] =
		(struct so_plan_worker){ .number = number, .rows = NAN, .loops = NAN, .total_ms = NAN, .sort_kb = -1 };
	return &grown[node->n_workers++];
}

/* "actual time=0.1..0.2 rows=1 loops=1" */
static void read_worker_figures(struct so_plan_worker *worker, struct so_span line)
{
	const char *dots = memmem(line.at, line.len, "..", 2);

	worker->rows = so_plan_pg_value(line, "rows");
	worker->loops = so_plan_pg_value(line, "loops");
	if (dots) {
		struct so_span total = { dots + 2, line.len - (size_t)(dots + 2 - line.at) };

		worker->total_ms = so_span_take_number(&total);
	}
}

/* What a worker adds to the node's own figures, as the reader of the tree does. */
static void read_worker_item(
	struct so_plan_pg_text *r, struct so_plan_node *node, int32_t number, struct so_span key, struct so_span value)
{
	struct so_plan_worker *worker = worker_of(r, node, number);
	int64_t disk = -1, memory = -1;

	if (!worker)
		return;
	if (so_span_is(key, "Sort Method")) {
		disk = whole_value(value, "Disk");
		memory = whole_value(value, "Memory");
		worker->sort_on_disk = disk >= 0;
		worker->sort_kb = disk >= 0 ? disk : memory;
		if (!node->sort_method && worker->sort_on_disk)
			node->sort_method = "external merge";
	} else if (so_span_is(key, "Batches")) {
		int64_t batches = so_plan_count(so_span_take_number(&value));

		disk = whole_value(value, "Disk Usage");
		if (node->agg_batches < batches)
			node->agg_batches = batches;
		if (node->memory_kb < 0)
			node->memory_kb = 0;
		if (node->disk_kb < 0)
			node->disk_kb = 0;
	} else if (so_span_is(key, "Heap Blocks")) {
		double exact = so_plan_pg_value(value, "exact"), lossy = so_plan_pg_value(value, "lossy");

		if (exact > 0)
			node->exact_blocks = (node->exact_blocks > 0 ? node->exact_blocks : 0) + so_plan_count(exact);
		if (lossy > 0)
			node->lossy_blocks = (node->lossy_blocks > 0 ? node->lossy_blocks : 0) + so_plan_count(lossy);
	}
	if (disk > 0)
		node->disk_kb = (node->disk_kb > 0 ? node->disk_kb : 0) + disk;
	if (memory > node->memory_kb)
		node->memory_kb = memory;
}

static void read_item(
	struct so_plan_pg_text *r, struct so_plan_node *node, const struct item *item, struct so_span value)
{
	void *member = (char *)node + item->offset;
	double number;

	switch (item->type) {
	case ITEM_CONDITION:
		so_plan_add_condition(r->builder, node, item->condition, so_plan_copy(r->builder, value.at, value.len));
		break;
	case ITEM_LIST:
		*(const char ***)member = read_list(r->builder, value, (size_t *)((char *)node + item->count));
		break;
	case ITEM_REAL:
		*(double *)member = so_span_take_number(&value);
		break;
	case ITEM_INT32:
		number = so_span_take_number(&value);
		if (number >= 0 && number <= INT32_MAX)
			*(int32_t *)member = (int32_t)number;
		break;
	case ITEM_TEXT:
		*(const char **)member = so_plan_copy(r->builder, value.at, value.len);
		break;
	case ITEM_TRUE:
		*(bool *)member = so_span_is(value, "true");
		break;
	case ITEM_CUSTOM:
		item->custom(r, node, value);
		break;
	}
}

bool so_plan_pg_item(struct so_plan_pg_text *r, struct so_plan_node *node, int32_t worker, struct so_span line)
{
	struct so_span key = { line.at, key_length(line) }, value;
	const struct item *item;

	if (worker >= 0 && line.len > 7 && memcmp(line.at, "actual ", 7) == 0) {
		struct so_plan_worker *w = worker_of(r, node, worker);

		if (w)
			read_worker_figures(w, line);
		return true;
	}
	if (!key.len)
		return false;
	value = (struct so_span){ line.at + key.len + 1, line.len - key.len - 1 };
	while (value.len && *value.at == ' ') {
		value.at++;
		value.len--;
	}
	if (worker >= 0) {
		read_worker_item(r, node, worker, key, value);
		return true;
	}
	item = bsearch(&key, items, sizeof items / sizeof items[0], sizeof items[0], compare_item);
	if (item)
		read_item(r, node, item, value);
	return true;
}

/* ---- What is not printed because it is zero --------------------------------------------------------------------- */

static bool has_condition(const struct so_plan_node *node, enum so_condition_kind kind)
{
	for (size_t i = 0; i < node->n_conditions; i++)
		if (node->conditions[i].kind == kind)
			return true;
	return false;
}

static void zero_if_absent(int64_t *value)
{
	if (*value < 0)
		*value = 0;
}

static void fill_analysed(struct so_plan_node *node)
{
	bool bitmap = strcmp(node->label, "Bitmap Heap Scan") == 0;

	if (isnan(node->removed_filter) && has_condition(node, SO_COND_FILTER))
		node->removed_filter = 0;
	if (isnan(node->removed_join) && has_condition(node, SO_COND_JOIN))
		node->removed_join = 0;
	if (isnan(node->removed_recheck) &&
		((bitmap && has_condition(node, SO_COND_RECHECK)) ||
			((node->op == SO_PLAN_INDEX_SCAN || node->op == SO_PLAN_INDEX_ONLY_SCAN) &&
				has_condition(node, SO_COND_ACCESS))))
		node->removed_recheck = 0;
	if (bitmap) {
		zero_if_absent(&node->exact_blocks);
		zero_if_absent(&node->lossy_blocks);
	}
	if (node->op == SO_PLAN_INDEX_ONLY_SCAN && isnan(node->heap_fetches))
		node->heap_fetches = 0;
}

static void fill_buffers(struct so_plan_buffers *b)
{
	int64_t *const all[] = { &b->shared_hit, &b->shared_read, &b->shared_dirtied, &b->shared_written, &b->local_hit,
		&b->local_read, &b->local_dirtied, &b->local_written, &b->temp_read, &b->temp_written };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		zero_if_absent(all[i]);
}

void so_plan_pg_fill_zeros(struct so_plan_pg_text *r)
{
	struct so_plan *plan = r->builder->plan;
	bool analysed = !isnan(plan->nodes[0].loops), timed = !isnan(plan->nodes[0].total_ms);
	bool has_costs = !isnan(plan->nodes[0].total_cost);

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		if (node->subplans_removed < 0 &&
			(strcmp(node->label, "Append") == 0 || strcmp(node->label, "Merge Append") == 0))
			node->subplans_removed = 0;
		if (analysed)
			fill_analysed(node);
		if (timed && node->loops == 0 && isnan(node->total_ms))
			node->startup_ms = node->total_ms = 0;
		if (has_costs && node->agg_partitions < 0 && node->strategy &&
			(strcmp(node->strategy, "Hashed") == 0 || strcmp(node->strategy, "Mixed") == 0) &&
			node->op == SO_PLAN_AGGREGATE)
			node->agg_partitions = 0;
		if (r->has_buffers)
			fill_buffers(&node->buffers);
		if (r->has_wal) {
			zero_if_absent(&node->wal_records);
			zero_if_absent(&node->wal_fpi);
			zero_if_absent(&node->wal_bytes);
		}
		if (r->has_io && isnan(node->io_read_ms))
			node->io_read_ms = 0;
		if (r->has_io && isnan(node->io_write_ms))
			node->io_write_ms = 0;
		if (r->has_temp_io && isnan(node->temp_io_ms))
			node->temp_io_ms = 0;
	}
}
