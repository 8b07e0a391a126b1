#include "plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/document.h"
#include "plan/reader.h"

static const struct so_plan_reader *const engines[] = { so_plan_readers_postgresql, so_plan_readers_mysql,
	so_plan_readers_mariadb, so_plan_readers_mssql, so_plan_readers_oracle, so_plan_readers_sqlite };

/* ---- Building --------------------------------------------------------------------------------------------------- */

void *so_plan_alloc(struct so_plan_builder *builder, size_t bytes)
{
	return so_plan_chunk(&builder->chunks, bytes);
}

const char *so_plan_copy(struct so_plan_builder *builder, const char *text, size_t len)
{
	return so_plan_chunk_text(&builder->chunks, text, len);
}

const char *so_plan_text(struct so_plan_builder *builder, const json_t *value)
{
	if (!json_is_string(value))
		return NULL;
	return so_plan_copy(builder, json_string_value(value), json_string_length(value));
}

double so_plan_number(const json_t *value)
{
	const char *text = json_string_value(value);
	char *end;
	double number;

	if (!text)
		return json_is_number(value) ? json_number_value(value) : NAN;
	if (!isdigit((unsigned char)*text) && *text != '-')
		return NAN;
	number = strtod(text, &end);
	return *end || !isfinite(number) ? NAN : number;
}

static const struct so_plan_buffers no_buffers = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };

#define SMALL_NODES 512 /* beyond, pages of their own are cheaper */

/* Room for so many nodes. They are large: an array that is copied, or comes in small pages, took most of the time of
 * plans above 10 MB. */
static void take_nodes(struct so_plan_builder *builder, int32_t n)
{
	struct so_plan *plan = builder->plan;
	size_t bytes = (size_t)n * sizeof *plan->nodes;

	if (n <= SMALL_NODES) {
		plan->nodes = so_renew_array(plan, plan->nodes, struct so_plan_node, (unsigned)n);
	} else if (builder->pages) {
		so_mem_pages_grow(builder->pages, bytes);
		plan->nodes = builder->pages->at;
	} else {
		struct so_plan_node *small = plan->nodes;

		builder->pages = so_mem_pages_new(plan, bytes);
		plan->nodes = builder->pages->at;
		if (plan->n_nodes)
			memcpy(plan->nodes, small, (size_t)plan->n_nodes * sizeof *small);
		talloc_free(small);
	}
	builder->nodes_size = n;
}

int32_t so_plan_add_node(struct so_plan_builder *builder, int32_t parent, int32_t depth)
{
	struct so_plan *plan = builder->plan;

	if (plan->n_nodes == SO_PLAN_MAX_NODES) {
		builder->too_many = true;
		plan->n_nodes--;
		parent = parent < plan->n_nodes ? parent : plan->n_nodes - 1;
	}
	if (plan->n_nodes == builder->nodes_size)
		take_nodes(builder, builder->nodes_size ? builder->nodes_size * 2 : 16);
	plan->nodes[plan->n_nodes] = (struct so_plan_node){ .id = plan->n_nodes,
		.parent = parent,
		.depth = depth,
		.first_child = -1,
		.next_sibling = -1,
		.cte_root = -1,
		.op = SO_PLAN_OTHER,
		.label = "",
		.rows_est = NAN,
		.width_est = NAN,
		.startup_cost = NAN,
		.total_cost = NAN,
		.tested_est = NAN,
		.rows_actual = NAN,
		.loops = NAN,
		.startup_ms = NAN,
		.total_ms = NAN,
		.removed_filter = NAN,
		.removed_join = NAN,
		.removed_recheck = NAN,
		.time_ms = NAN,
		.time_exclusive_ms = NAN,
		.processes = 1,
		.heap_fetches = NAN,
		.exact_blocks = -1,
		.lossy_blocks = -1,
		.buffers = no_buffers,
		.buffers_exclusive = no_buffers,
		.io_read_ms = NAN,
		.io_write_ms = NAN,
		.temp_io_ms = NAN,
		.io_read_exclusive_ms = NAN,
		.wal_records = -1,
		.wal_fpi = -1,
		.wal_bytes = -1,
		.memory_kb = -1,
		.disk_kb = -1,
		.disk_est_kb = -1,
		.hash_buckets = -1,
		.hash_batches = -1,
		.hash_batches_planned = -1,
		.agg_batches = -1,
		.agg_partitions = -1,
		.cache_hits = -1,
		.cache_misses = -1,
		.cache_evictions = -1,
		.cache_overflows = -1,
		.workers_planned = -1,
		.workers_launched = -1,
		.subplans_removed = -1,
		.partitions = -1 };
	return plan->n_nodes++;
}

#define BYTES_A_NODE 40 /* of text, at least; lines that are no nodes make it more */

/* Room for the nodes that a document may have. What is not filled costs no memory. */
static void reserve_nodes(struct so_plan_builder *builder, const struct so_plan_document *doc)
{
	size_t n = 0, most = doc->len / BYTES_A_NODE;

	if (doc->len < (1 << 16))
		return;
	if (doc->syntax == SO_PLAN_TEXT)
		for (const char *at = doc->text, *end = at + doc->len; (at = memchr(at, '\n', (size_t)(end - at)));
			at++)
			n++;
	else
		n = doc->len / (BYTES_A_NODE * 10);
	n = n < most ? n : most;
	take_nodes(builder, (int32_t)(n < SO_PLAN_MAX_NODES ? n : SO_PLAN_MAX_NODES) + SMALL_NODES);
}

bool so_plan_mentions(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if (!isdigit((unsigned char)at[len]))
			return true;
	return false;
}

void so_plan_add_condition(
	struct so_plan_builder *builder, struct so_plan_node *node, enum so_condition_kind kind, const char *text)
{
	if (!text || node->n_conditions >= SO_PLAN_MAX_CONDITIONS)
		return;
	if ((node->n_conditions & (node->n_conditions - 1)) == 0) { /* 0, 1, 2, 4, 8 ...: full */
		size_t size = node->n_conditions ? node->n_conditions * 2 : 1;
		struct so_condition *grown = so_plan_alloc(builder, size * sizeof *grown);

		if (node->n_conditions)
			memcpy(grown, node->conditions, node->n_conditions * sizeof *grown);
		node->conditions = grown;
	}
	node->conditions[node->n_conditions++] = (struct so_condition){ .kind = kind, .text = text };
}

void so_plan_add_note(struct so_plan_builder *builder, int32_t node, const char *kind, const char *text, double value)
{
	struct so_plan *plan = builder->plan;

	if (plan->n_notes >= SO_PLAN_MAX_NOTES)
		return;
	if ((plan->n_notes & (plan->n_notes - 1)) == 0)
		plan->notes = so_renew_array(
			plan, plan->notes, struct so_plan_note, (unsigned)(plan->n_notes ? plan->n_notes * 2 : 1));
	plan->notes[plan->n_notes++] = (struct so_plan_note){
		.node = node, .kind = kind, .text = so_plan_copy(builder, text, strlen(text)), .value = value
	};
}

void so_plan_add_bind(struct so_plan_builder *builder, const char *name, size_t name_len, const char *value, size_t len)
{
	struct so_plan *plan = builder->plan;

	if (plan->n_binds >= SO_PLAN_MAX_BINDS || !name_len || !len)
		return;
	if ((plan->n_binds & (plan->n_binds - 1)) == 0)
		plan->binds = so_renew_array(
			plan, plan->binds, struct so_plan_bind, (unsigned)(plan->n_binds ? plan->n_binds * 2 : 1));
	plan->binds[plan->n_binds++] =
		(struct so_plan_bind){ so_plan_copy(builder, name, name_len), so_plan_copy(builder, value, len) };
}

void so_plan_close_nodes(struct so_plan *plan)
{
	plan->nodes[0].relationship = SO_PLAN_REL_ROOT; /* whatever the document calls it */
	for (int32_t i = 0; i < plan->n_nodes; i++)
		plan->nodes[i].n_children = 0;
	/* backwards: a node's last child comes first, and its subtree is complete when it is reached */
	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		struct so_plan_node *node = &plan->nodes[i];
		struct so_plan_node *parent = node->parent < 0 ? NULL : &plan->nodes[node->parent];

		if (node->end <= i)
			node->end = i + 1;
		if (!parent)
			continue;
		if (parent->end < node->end)
			parent->end = node->end;
		node->next_sibling = parent->first_child;
		parent->first_child = i;
		parent->n_children++;
	}
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static const struct so_plan_reader *recognise(const struct so_plan_document *doc)
{
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
		for (const struct so_plan_reader *reader = engines[i]; reader->format; reader++)
			if (reader->recognise(doc))
				return reader;
	return NULL;
}

bool so_plan_read(TALLOC_CTX *ctx, const char *text, size_t len, struct so_plan **plan, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_plan_builder builder = { .chunks.size = len < 4096 ? 1024 : 16384 };
	const struct so_plan_reader *reader = NULL;
	struct so_plan_document doc;
	bool ok;

	if (len > SO_PLAN_MAX_BYTES)
		return so_fail(
			err, SO_LIMIT, "the plan has %zu bytes, the limit is %zu (100 MiB)", len, SO_PLAN_MAX_BYTES);
	if (!so_plan_document_open(tmp, text, len, &doc, err))
		return false;
	builder.plan = so_new(tmp, struct so_plan);
	builder.chunks.ctx = builder.plan;
	builder.plan->total_cost = builder.plan->planning_ms = builder.plan->execution_ms = NAN;
	builder.plan->jit_ms = builder.plan->jit_functions = NAN;
	reader = recognise(&doc);
	if (reader) {
		reserve_nodes(&builder, &doc);
		builder.plan->format = reader->format;
		builder.plan->engine = reader->engine;
		ok = reader->read(&builder, &doc, err);
	} else {
		ok = so_fail(err, SO_INPUT,
			"this is no execution plan that can be recognised: expected what EXPLAIN, SHOWPLAN or "
			"DBMS_XPLAN print, from its first line on");
	}
	so_plan_document_close(&doc);
	if (builder.too_many)
		return so_fail(err, SO_LIMIT, "the plan has more than %d nodes, which is the limit", SO_PLAN_MAX_NODES);
	if (ok && builder.plan->n_statements < doc.n_plans)
		builder.plan->n_statements = doc.n_plans;
	if (!ok)
		return false;
	so_plan_parse_conditions(builder.plan);
	so_plan_derive(builder.plan);
	*plan = talloc_steal(ctx, builder.plan);
	return true;
}
