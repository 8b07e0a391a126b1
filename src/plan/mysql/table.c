/* One table of a query block: the way it is read, its figures and conditions. */
#include <math.h>
#include <string.h>

#include "plan/mysql/block.h"
#include "plan/mysql/names.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static double number_of(const json_t *object, const char *key)
{
	return so_plan_number(json_object_get(object, key));
}

/* "status = ?" and "id = shop.o.customer_id" from the parts of the key and what each is looked up with. */
static const char *lookup_text(struct so_plan_builder *builder, const json_t *table)
{
	const json_t *parts = json_object_get(table, "used_key_parts"), *refs = json_object_get(table, "ref");
	size_t n = json_array_size(refs), len = 0;
	char *text = NULL;

	if (!n || json_array_size(parts) < n)
		return NULL;
	for (int pass = 0; pass < 2; pass++) {
		size_t at = 0;

		for (size_t i = 0; i < n; i++) {
			const char *part = json_string_value(json_array_get(parts, i));
			const char *ref = json_string_value(json_array_get(refs, i));

			if (!part || !ref)
				return NULL;
			if (strcmp(ref, "const") == 0 || strcmp(ref, "func") == 0)
				ref = "?"; /* a value that the plan does not show */
			if (text)
				snprintf(text + at, len + 1 - at, "%s%s = %s", i ? " and " : "", part, ref);
			at += strlen(part) + strlen(ref) + 3 + (i ? 5 : 0);
		}
		if (!pass) {
			len = at;
			text = so_plan_alloc(builder, len + 1);
		}
	}
	return text;
}

static void read_conditions(struct so_my_blocks *r, const json_t *table, struct so_plan_node *node)
{
	struct so_plan_builder *builder = r->builder;
	const char *buffer = text_of(table, "using_join_buffer");
	bool hash = buffer && strcmp(buffer, "hash join") == 0;
	const char *lookup = lookup_text(builder, table);

	if (lookup)
		so_plan_add_condition(builder, node, SO_COND_ACCESS, lookup);
	so_plan_add_condition(
		builder, node, SO_COND_ACCESS, so_plan_text(builder, json_object_get(table, "index_condition")));
	if (!hash) /* else it belongs to the join */
		so_plan_add_condition(builder, node, SO_COND_FILTER,
			so_plan_text(builder, json_object_get(table, "attached_condition")));
}

/* How MariaDB and MySQL 5.6-9 say what a join of several indexes does: "union(a,b)" or lists of ranges. */
static const char *merged_indexes(struct so_plan_builder *builder, const json_t *value, char *text, size_t size)
{
	size_t used = strlen(text), i;
	const char *name;
	json_t *item;

	if (json_is_string(value)) {
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "," : "", json_string_value(value));
	} else if (json_is_array(value)) {
		json_array_foreach((json_t *)value, i, item) merged_indexes(builder, item, text, size);
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, name, item)
		{
			if (strcmp(name, "used_key_parts") != 0)
				merged_indexes(builder, item, text, size);
			if (strlen(text) + 1 >= size)
				break;
		}
	}
	return text;
}

static const char *index_of(struct so_plan_builder *builder, const json_t *table)
{
	const json_t *merge = json_object_get(table, "index_merge");
	char text[256] = "";

	if (!merge)
		return so_plan_text(builder, json_object_get(table, "key"));
	merged_indexes(builder, merge, text, sizeof text);
	return so_plan_copy(builder, text, strlen(text));
}

/* Figures of one read of the table. The cost of one read among many is set by the join. */
static void read_figures(struct so_my_blocks *r, const json_t *table, struct so_plan_node *node)
{
	const json_t *cost = json_object_get(table, "cost_info");
	double filtered = number_of(table, "filtered"), loops = number_of(table, "loops");

	node->tested_est = r->mariadb ? number_of(table, "rows") : number_of(table, "rows_examined_per_scan");
	if (isnan(node->tested_est)) /* MySQL 5.6 */
		node->tested_est = number_of(table, "rows");
	node->rows_est = isnan(filtered) ? node->tested_est : node->tested_est * filtered / 100;
	if (r->mariadb)
		node->total_cost = number_of(table, "cost") / fmax(1, isnan(loops) ? 1 : loops);
	else
		node->total_cost = number_of(cost, "read_cost") + number_of(cost, "eval_cost");
}

static void read_measured(struct so_my_blocks *r, const json_t *table, struct so_plan_node *node)
{
	double filtered = number_of(table, "r_filtered"), rows = number_of(table, "r_rows");
	double own = number_of(table, "r_table_time_ms"), other = number_of(table, "r_other_time_ms");
	double pages = number_of(json_object_get(table, "r_engine_stats"), "pages_accessed");
	double read = number_of(json_object_get(table, "r_engine_stats"), "pages_read_count");
	double ahead = number_of(json_object_get(table, "r_engine_stats"), "pages_prefetch_read_count");

	node->loops = number_of(table, "r_loops");
	if (isnan(node->loops))
		return;
	if (node->loops == 0 && strcmp(node->label, SO_MY_CONSTANT) == 0) {
		node->loops = 1;
		rows = 1;
	}
	node->rows_actual = isnan(rows) ? 0 : rows * (isnan(filtered) ? 1 : filtered / 100);
	node->removed_filter = isnan(rows) || isnan(filtered) ? NAN : rows - node->rows_actual;
	r->own[node->id].ms = (isnan(own) ? 0 : own) + (isnan(other) ? 0 : other);
	if (!isnan(pages)) {
		read = (isnan(read) ? 0 : read) + (isnan(ahead) ? 0 : ahead);
		node->buffers.shared_read = so_plan_count(fmin(read, pages));
		node->buffers.shared_hit = so_plan_count(pages - fmin(read, pages));
	}
}

/* A derived table, a CTE or the result of a subquery in a temporary table, and the block that fills it. */
static bool read_materialized(struct so_my_blocks *r, const json_t *table, int32_t id)
{
	const json_t *from = json_object_get(table, "materialized_from_subquery");
	const json_t *block;
	int32_t into;

	if (!from)
		from = json_object_get(table, "materialized");
	block = json_object_get(from, "query_block");
	if (!block)
		return true; /* shared: "sharing_temporary_table_with" */
	into = so_my_add(r, id, SO_PLAN_REL_SUBQUERY, SO_PLAN_MATERIALIZE,
		json_object_get(from, "lateral") ? "Materialize lateral" : "Materialize");
	if (into < 0)
		return false;
	r->builder->plan->nodes[into].runs_once = !json_object_get(from, "lateral");
	return so_my_read_block(r, block, into, SO_PLAN_REL_OUTER, NULL);
}

/* The index ranges that thin out the row identifiers before rows are fetched (MariaDB). */
static bool read_rowid_filter(struct so_my_blocks *r, const json_t *table, int32_t id)
{
	const json_t *filter = json_object_get(table, "rowid_filter"), *range = json_object_get(filter, "range");
	struct so_plan_node *node;
	int32_t child;

	if (!json_is_object(filter))
		return true;
	child = so_my_add(r, id, SO_PLAN_REL_OTHER, SO_PLAN_BITMAP_SCAN, "Rowid filter");
	if (child < 0)
		return false;
	node = &r->builder->plan->nodes[child];
	node->relation = r->builder->plan->nodes[id].relation;
	node->alias = r->builder->plan->nodes[id].alias;
	node->index = so_plan_text(r->builder, json_object_get(range, "key"));
	node->rows_est = node->tested_est = number_of(filter, "rows");
	if (json_object_get(filter, "r_rows")) {
		node->rows_actual = number_of(filter, "r_rows");
		node->loops = isnan(node->rows_actual) ? 0 : 1;
		r->own[child].ms = number_of(filter, "r_filling_time_ms");
		if (isnan(r->own[child].ms))
			r->own[child].ms = 0;
	}
	return true;
}

int32_t so_my_read_table(struct so_my_blocks *r, const json_t *table, int32_t parent,
	enum so_plan_relationship relationship, bool rechecked)
{
	struct so_plan_builder *builder = r->builder;
	const char *access = text_of(table, "access_type"), *message = text_of(table, "message");
	struct so_my_access way;
	struct so_plan_node *node;
	int32_t id;

	if (!access) { /* "Impossible WHERE", "No tables used" ... */
		const char *copy = message ? so_plan_copy(builder, message, strlen(message)) : "Table";

		id = so_my_add(r, parent, relationship, message ? SO_PLAN_VALUES : SO_PLAN_OTHER, copy);
		if (id >= 0)
			builder->plan->nodes[id].relation = so_plan_text(builder, json_object_get(table, "table_name"));
		return id;
	}
	way = so_my_access(
		(struct so_span){ access, strlen(access) }, json_is_true(json_object_get(table, "using_index")));
	if (rechecked || json_object_get(table, "range_checked_for_each_record"))
		way = (struct so_my_access){ SO_PLAN_OTHER, SO_MY_RECHECKED };
	id = so_my_add(
		r, parent, relationship, way.op, way.label ? way.label : so_plan_copy(builder, access, strlen(access)));
	if (id < 0)
		return -1;
	node = &builder->plan->nodes[id];
	node->relation = so_plan_text(builder, json_object_get(table, "table_name"));
	node->alias = node->relation;
	node->index = index_of(builder, table);
	if (node->relation && *node->relation == '<' && node->op != SO_PLAN_OTHER)
		node->op = SO_PLAN_SUBQUERY; /* <derived2>, <subquery3>: a temporary table */
	if (json_object_get(table, "materialized_from_subquery") || json_object_get(table, "materialized"))
		node->op = SO_PLAN_SUBQUERY;
	if (json_object_get(table, "table_function"))
		node->op = SO_PLAN_FUNCTION;
	if (json_is_array(json_object_get(table, "partitions")))
		node->partitions = (int32_t)json_array_size(json_object_get(table, "partitions"));
	read_figures(r, table, node);
	read_conditions(r, table, node);
	read_measured(r, table, node);
	if (!read_rowid_filter(r, table, id) || !read_materialized(r, table, id) ||
		!so_my_read_subqueries(r, table, id))
		return -1;
	return id;
}
