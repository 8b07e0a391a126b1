/* The plan as the API and the page see it; the shape is in plan.h. */
#include <inttypes.h>
#include <math.h>

#include "plan/plan.h"

static json_t *text_or_null(const char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	return value ? value : json_null();
}

/* Doubles keep enough digits for a reader and no more. */
static json_t *real_or_null(double value)
{
	if (isnan(value) || isinf(value))
		return json_null();
	if (value == floor(value) && fabs(value) < 1e15)
		return json_integer((json_int_t)value);
	if (fabs(value) < 1e12)
		value = round(value * 1000) / 1000;
	return json_real(value);
}

/* Shares and factors: six digits after the point. */
static json_t *ratio_or_null(double value)
{
	if (isnan(value) || isinf(value))
		return json_null();
	return json_real(fabs(value) < 1e9 ? round(value * 1e6) / 1e6 : value);
}

static json_t *integer_or_null(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *list_to_json(const char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, text_or_null(list[i]));
	return array;
}

static json_t *conditions_to_json(const struct so_plan_node *node)
{
	json_t *array = json_array();

	for (size_t i = 0; i < node->n_conditions; i++) {
		json_t *item = json_object();

		json_object_set_new(item, "kind", json_string(so_condition_kind_name(node->conditions[i].kind)));
		json_object_set_new(item, "text", text_or_null(node->conditions[i].text));
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *buffers_to_json(const struct so_plan *plan, const struct so_plan_buffers *b)
{
	json_t *object;

	if (!plan->has_buffers)
		return json_null();
	object = json_object();
	json_object_set_new(object, "hit", integer_or_null(b->shared_hit));
	json_object_set_new(object, "read", integer_or_null(b->shared_read));
	json_object_set_new(object, "dirtied", integer_or_null(b->shared_dirtied));
	json_object_set_new(object, "written", integer_or_null(b->shared_written));
	json_object_set_new(object, "temp_read", integer_or_null(b->temp_read));
	json_object_set_new(object, "temp_written", integer_or_null(b->temp_written));
	return object;
}

/* Rows that were read and thrown away per loop, by whatever condition; NAN when nothing was measured. */
static double rows_removed(const struct so_plan_node *node)
{
	double sum = 0;

	if (isnan(node->removed_filter) && isnan(node->removed_join) && isnan(node->removed_recheck))
		return NAN;
	sum += isnan(node->removed_filter) ? 0 : node->removed_filter;
	sum += isnan(node->removed_join) ? 0 : node->removed_join;
	sum += isnan(node->removed_recheck) ? 0 : node->removed_recheck;
	return sum;
}

static double estimate_factor(const struct so_plan_node *node)
{
	if (isnan(node->rows_actual) || node->never_executed)
		return NAN;
	return fmax(node->rows_actual, 1) / fmax(node->rows_est, 1);
}

static json_t *node_to_json(const struct so_plan *plan, const struct so_plan_node *node)
{
	json_t *o = json_object();

	json_object_set_new(o, "id", json_integer(node->id));
	json_object_set_new(o, "parent", integer_or_null(node->parent));
	json_object_set_new(o, "depth", json_integer(node->depth));
	json_object_set_new(o, "relationship", json_string(so_plan_relationship_name(node->relationship)));
	json_object_set_new(o, "subplan", text_or_null(node->subplan_name));
	json_object_set_new(o, "operation", json_string(so_plan_op_name(node->op)));
	json_object_set_new(o, "label", text_or_null(node->label));
	json_object_set_new(o, "parallel", json_boolean(node->parallel_aware));
	json_object_set_new(o, "schema", text_or_null(node->schema));
	json_object_set_new(o, "relation", text_or_null(node->relation));
	json_object_set_new(o, "alias", text_or_null(node->alias));
	json_object_set_new(o, "cte", text_or_null(node->cte_name));
	json_object_set_new(o, "index", text_or_null(node->index));
	json_object_set_new(o, "join_type", text_or_null(node->join_type));
	json_object_set_new(o, "strategy", text_or_null(node->strategy));
	json_object_set_new(o, "sort_keys", list_to_json(node->sort_keys, node->n_sort_keys));
	json_object_set_new(o, "group_keys", list_to_json(node->group_keys, node->n_group_keys));
	json_object_set_new(o, "conditions", conditions_to_json(node));
	json_object_set_new(o, "rows_est", real_or_null(node->rows_est));
	json_object_set_new(o, "rows_actual", real_or_null(node->rows_actual));
	json_object_set_new(o, "loops", real_or_null(node->loops));
	json_object_set_new(o, "estimate_factor", ratio_or_null(estimate_factor(node)));
	json_object_set_new(o, "cost", real_or_null(node->total_cost));
	json_object_set_new(o, "cost_exclusive", real_or_null(node->cost_exclusive));
	json_object_set_new(o, "time_ms", real_or_null(node->time_ms));
	json_object_set_new(o, "time_exclusive_ms", real_or_null(node->time_exclusive_ms));
	json_object_set_new(o, "share", ratio_or_null(node->share));
	json_object_set_new(o, "rows_removed", real_or_null(rows_removed(node)));
	json_object_set_new(o, "never_executed", json_boolean(node->never_executed));
	json_object_set_new(o, "heap_fetches", real_or_null(node->heap_fetches));
	json_object_set_new(o, "buffers", buffers_to_json(plan, &node->buffers_exclusive));
	json_object_set_new(o, "io_ms", plan->has_io_timing ? real_or_null(node->io_read_exclusive_ms) : json_null());
	json_object_set_new(o, "sort_method", text_or_null(node->sort_method));
	json_object_set_new(o, "memory_kb", integer_or_null(node->memory_kb));
	json_object_set_new(o, "disk_kb", integer_or_null(node->disk_kb));
	json_object_set_new(o, "workers_planned", integer_or_null(node->workers_planned));
	json_object_set_new(o, "workers_launched", integer_or_null(node->workers_launched));
	return o;
}

static json_t *triggers_to_json(const struct so_plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_triggers; i++) {
		const struct so_plan_trigger *t = &plan->triggers[i];
		json_t *o = json_object();

		json_object_set_new(o, "name", text_or_null(t->name));
		json_object_set_new(o, "relation", text_or_null(t->relation));
		json_object_set_new(o, "time_ms", real_or_null(t->time_ms));
		json_object_set_new(o, "calls", real_or_null(t->calls));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *notes_to_json(const struct so_plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_notes; i++) {
		const struct so_plan_note *note = &plan->notes[i];
		json_t *o = json_object();

		json_object_set_new(o, "node", integer_or_null(note->node));
		json_object_set_new(o, "kind", json_string(note->kind));
		json_object_set_new(o, "text", text_or_null(note->text));
		json_object_set_new(o, "value", real_or_null(note->value));
		json_array_append_new(array, o);
	}
	return array;
}

json_t *so_plan_to_json(const struct so_plan *plan)
{
	json_t *o = json_object(), *nodes = json_array(), *settings = json_object();
	char shape[17];

	snprintf(shape, sizeof shape, "%016" PRIx64, so_plan_shape_hash(plan));
	for (size_t i = 0; i < plan->n_settings; i++)
		json_object_set_new(settings, plan->settings[i].name, text_or_null(plan->settings[i].value));
	for (int32_t i = 0; i < plan->n_nodes; i++)
		json_array_append_new(nodes, node_to_json(plan, &plan->nodes[i]));
	json_object_set_new(o, "format", json_string(plan->format));
	json_object_set_new(o, "engine", json_string(plan->engine));
	json_object_set_new(o, "total_cost", real_or_null(plan->total_cost));
	json_object_set_new(o, "planning_ms", real_or_null(plan->planning_ms));
	json_object_set_new(o, "execution_ms", real_or_null(plan->execution_ms));
	json_object_set_new(o, "jit_ms", real_or_null(plan->jit_ms));
	json_object_set_new(o, "analyzed", json_boolean(plan->has_analyze));
	json_object_set_new(o, "buffers", json_boolean(plan->has_buffers));
	json_object_set_new(o, "shape", json_string(shape));
	json_object_set_new(o, "query_id", text_or_null(plan->query_id));
	json_object_set_new(o, "settings", settings);
	json_object_set_new(o, "notes", notes_to_json(plan));
	json_object_set_new(o, "triggers", triggers_to_json(plan));
	json_object_set_new(o, "nodes", nodes);
	return o;
}
