#include "plan/oracle/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct so_or_row *so_or_add_row(struct so_or_rows *rows, int32_t id)
{
	if (rows->n == 2 * SO_PLAN_MAX_NODES) { /* refused when the nodes are made */
		rows->too_many = true;
		rows->n--;
	}
	if (rows->n == rows->size) {
		rows->size = rows->size ? rows->size * 2 : 32;
		if (!rows->pages)
			rows->pages = so_mem_pages_new(rows->tmp, (size_t)rows->size * sizeof *rows->items);
		else
			so_mem_pages_grow(rows->pages, (size_t)rows->size * sizeof *rows->items);
		rows->items = rows->pages->at;
	}
	rows->items[rows->n] = (struct so_or_row){ .id = id,
		.operation = "",
		.rows = NAN,
		.bytes = NAN,
		.cost = NAN,
		.temp_kb = NAN,
		.starts = NAN,
		.actual = NAN,
		.ms = NAN,
		.buffers = NAN,
		.reads = NAN,
		.memory_kb = NAN,
		.used_temp_kb = NAN,
		.passes = NAN };
	return &rows->items[rows->n++];
}

struct so_or_row *so_or_find(struct so_or_rows *rows, int32_t id)
{
	int32_t low = 0, high = rows->n;

	while (low < high) {
		int32_t middle = low + (high - low) / 2;

		if (rows->items[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rows->n && rows->items[low].id == id ? &rows->items[low] : NULL;
}

/* ---- Operations ------------------------------------------------------------------------------------------------- */

/* Beginnings, first match wins. */
static const struct {
	const char *beginning;
	enum so_plan_op op;
} operations[] = {
	{ "TABLE ACCESS FULL", SO_PLAN_SEQ_SCAN },
	{ "TABLE ACCESS STORAGE FULL", SO_PLAN_SEQ_SCAN },
	{ "TABLE ACCESS INMEMORY FULL", SO_PLAN_SEQ_SCAN },
	{ "TABLE ACCESS SAMPLE", SO_PLAN_SEQ_SCAN },
	{ "TABLE ACCESS BY ROWID RANGE", SO_PLAN_SEQ_SCAN },
	{ "TABLE ACCESS BY", SO_PLAN_KEY_LOOKUP },
	{ "TABLE ACCESS CLUSTER", SO_PLAN_INDEX_SCAN },
	{ "TABLE ACCESS HASH", SO_PLAN_INDEX_SCAN },
	{ "MAT_VIEW ACCESS FULL", SO_PLAN_SEQ_SCAN },
	{ "MAT_VIEW REWRITE ACCESS FULL", SO_PLAN_SEQ_SCAN },
	{ "MAT_VIEW ACCESS BY", SO_PLAN_KEY_LOOKUP },
	{ "MAT_VIEW REWRITE ACCESS BY", SO_PLAN_KEY_LOOKUP },
	{ "EXTERNAL TABLE ACCESS", SO_PLAN_REMOTE },
	{ "FIXED TABLE", SO_PLAN_FUNCTION },
	{ "INDEX FULL SCAN", SO_PLAN_INDEX_ONLY_SCAN },
	{ "INDEX FAST FULL SCAN", SO_PLAN_INDEX_ONLY_SCAN },
	{ "INDEX STORAGE FAST FULL SCAN", SO_PLAN_INDEX_ONLY_SCAN },
	{ "INDEX ", SO_PLAN_INDEX_SCAN },
	{ "DOMAIN INDEX", SO_PLAN_INDEX_SCAN },
	{ "BITMAP ", SO_PLAN_BITMAP_SCAN },
	{ "AND-EQUAL", SO_PLAN_BITMAP_SCAN },
	{ "NESTED LOOPS", SO_PLAN_NESTED_LOOP },
	{ "HASH JOIN", SO_PLAN_HASH_JOIN },
	{ "MERGE JOIN", SO_PLAN_MERGE_JOIN },
	{ "SORT ORDER BY", SO_PLAN_SORT },
	{ "SORT JOIN", SO_PLAN_SORT },
	{ "SORT CREATE INDEX", SO_PLAN_SORT },
	{ "SORT PARTITION JOIN", SO_PLAN_SORT },
	{ "SORT ", SO_PLAN_AGGREGATE },
	{ "HASH ", SO_PLAN_AGGREGATE },
	{ "VECTOR GROUP BY", SO_PLAN_AGGREGATE },
	{ "WINDOW", SO_PLAN_WINDOW },
	{ "BUFFER SORT", SO_PLAN_MATERIALIZE },
	{ "RESULT CACHE", SO_PLAN_MATERIALIZE },
	{ "COUNT STOPKEY", SO_PLAN_LIMIT },
	{ "FIRST ROW", SO_PLAN_LIMIT },
	{ "VIEW", SO_PLAN_SUBQUERY },
	{ "UNION", SO_PLAN_SET_OP },
	{ "MINUS", SO_PLAN_SET_OP },
	{ "INTERSECTION", SO_PLAN_SET_OP },
	{ "EXCEPT", SO_PLAN_SET_OP },
	{ "INTERSECT", SO_PLAN_SET_OP },
	{ "CONCATENATION", SO_PLAN_SET_OP },
	{ "RECURSIVE WITH PUMP", SO_PLAN_CTE },
	{ "CONNECT BY PUMP", SO_PLAN_CTE },
	{ "PX ", SO_PLAN_GATHER },
	{ "FAST DUAL", SO_PLAN_VALUES },
	{ "COLLECTION ITERATOR", SO_PLAN_FUNCTION },
	{ "XPATH EVALUATION", SO_PLAN_FUNCTION },
	{ "XMLTABLE EVALUATION", SO_PLAN_FUNCTION },
	{ "JSONTABLE EVALUATION", SO_PLAN_FUNCTION },
	{ "REMOTE", SO_PLAN_REMOTE },
	{ "INSERT STATEMENT", SO_PLAN_OTHER },
	{ "UPDATE STATEMENT", SO_PLAN_OTHER },
	{ "DELETE STATEMENT", SO_PLAN_OTHER },
	{ "MERGE STATEMENT", SO_PLAN_OTHER },
	{ "CREATE ", SO_PLAN_OTHER },
	{ "INSERT", SO_PLAN_MODIFY },
	{ "UPDATE", SO_PLAN_MODIFY },
	{ "DELETE", SO_PLAN_MODIFY },
	{ "MERGE", SO_PLAN_MODIFY },
	{ "LOAD ", SO_PLAN_MODIFY },
	{ "MULTI-TABLE INSERT", SO_PLAN_MODIFY },
};

enum so_plan_op so_or_operation(const char *operation)
{
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
		if (strncmp(operation, operations[i].beginning, strlen(operations[i].beginning)) == 0)
			return operations[i].op;
	return SO_PLAN_OTHER;
}

static bool has(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

static const char *join_type(const char *operation)
{
	if (has(operation, " ANTI"))
		return "Anti";
	if (has(operation, " SEMI"))
		return "Semi";
	if (has(operation, "FULL OUTER"))
		return "Full";
	if (has(operation, "RIGHT OUTER"))
		return "Right";
	return has(operation, " OUTER") ? "Left" : "Inner";
}

static bool is_index(const char *operation)
{
	return strncmp(operation, "INDEX ", 6) == 0 || strncmp(operation, "BITMAP INDEX", 12) == 0 ||
	       strncmp(operation, "DOMAIN INDEX", 12) == 0;
}

static bool is_join(const struct so_plan_node *node)
{
	return node->op == SO_PLAN_NESTED_LOOP || node->op == SO_PLAN_HASH_JOIN || node->op == SO_PLAN_MERGE_JOIN;
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static void add_conditions(struct so_plan_builder *builder, struct so_plan_node *node, const struct so_or_row *row)
{
	enum so_condition_kind access = node->op == SO_PLAN_HASH_JOIN ? SO_COND_HASH
					: node->op == SO_PLAN_MERGE_JOIN || strcmp(node->label, "SORT JOIN") == 0
						? SO_COND_MERGE
						: SO_COND_ACCESS;

	so_plan_add_condition(builder, node, access, row->access);
	so_plan_add_condition(builder, node, is_join(node) ? SO_COND_JOIN : SO_COND_FILTER, row->filter);
}

static void set_object(struct so_plan *plan, struct so_plan_node *node, const struct so_or_row *row)
{
	const struct so_plan_node *parent = node->parent < 0 ? NULL : &plan->nodes[node->parent];

	node->schema = row->owner;
	if (row->name && row->name[0] == ':') /* a table queue between parallel servers */
		return;
	if (!is_index(row->operation)) {
		node->relation = row->name;
		node->alias = row->alias ? row->alias : row->name;
		return;
	}
	node->index = row->name;
	/* an index does not say of which table it is: the access above does, if it needs the table at all */
	while (parent && parent->op != SO_PLAN_KEY_LOOKUP && parent->op == SO_PLAN_BITMAP_SCAN)
		parent = parent->parent < 0 ? NULL : &plan->nodes[parent->parent];
	if (parent && parent->op == SO_PLAN_KEY_LOOKUP && parent->relation) {
		node->relation = parent->relation;
		node->alias = parent->alias;
	} else if (node->op == SO_PLAN_INDEX_SCAN) {
		node->op = SO_PLAN_INDEX_ONLY_SCAN;
	}
}

/* Without the list of aliases: the one that all columns of a table's predicates have. Two of them are a join. */
static const char *alias_in(struct so_plan_builder *builder, const struct so_or_row *row)
{
	const char *texts[] = { row->access, row->filter }, *found = NULL;
	size_t found_len = 0;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		for (const char *at = texts[i]; at && (at = strchr(at, '"'));) {
			const char *end = strchr(at + 1, '"');

			if (!end)
				break;
			if (end[1] == '.' && (!found || found_len != (size_t)(end - at - 1) ||
						     strncmp(found, at + 1, found_len) != 0)) {
				if (found)
					return NULL;
				found = at + 1;
				found_len = (size_t)(end - at - 1);
			}
			at = end + 1;
			if (*at == '.' && at[1] == '"') { /* the column itself */
				end = strchr(at + 2, '"');
				at = end ? end + 1 : NULL;
			}
		}
	return found ? so_plan_copy(builder, found, found_len) : NULL;
}

static void set_figures(struct so_plan_node *node, const struct so_or_row *row)
{
	node->rows_est = row->rows;
	node->width_est = row->rows > 0 ? row->bytes / row->rows : NAN;
	node->total_cost = row->cost;
	if (!isnan(row->starts)) {
		node->loops = row->starts;
		node->rows_actual = row->starts > 0 && !isnan(row->actual) ? row->actual / row->starts : 0;
		node->total_ms = row->starts > 0 ? row->ms / row->starts : isnan(row->ms) ? NAN : 0;
	}
	if (!isnan(row->buffers)) {
		node->buffers.shared_read = isnan(row->reads) ? 0 : so_plan_count(row->reads);
		node->buffers.shared_hit =
			so_plan_count(fmax(0, row->buffers - fmax(0, (double)node->buffers.shared_read)));
	}
	node->memory_kb = so_plan_count(row->memory_kb);
	node->disk_est_kb = so_plan_count(row->temp_kb);
	if (!isnan(row->used_temp_kb))
		node->disk_kb = so_plan_count(row->used_temp_kb);
	else if (row->passes > 0)
		node->disk_kb = 1; /* it went to disk; how much is not said */
	else if (row->passes == 0)
		node->disk_kb = 0;
	if (row->passes > 0)
		node->sort_method = row->passes > 1 ? "multi-pass" : "one-pass";
}

/* Row n of a node's children, counted from 0; `last`: no other comes after it. */
static enum so_plan_relationship relation_to(const struct so_plan_node *parent, int32_t n)
{
	switch ((int)parent->op) {
	case SO_PLAN_HASH_JOIN: /* the first input builds the hash table */
		return n == 0 ? SO_PLAN_REL_INNER : n == 1 ? SO_PLAN_REL_OUTER : SO_PLAN_REL_OTHER;
	case SO_PLAN_NESTED_LOOP:
	case SO_PLAN_MERGE_JOIN:
		return n == 0 ? SO_PLAN_REL_OUTER : n == 1 ? SO_PLAN_REL_INNER : SO_PLAN_REL_OTHER;
	case SO_PLAN_SET_OP:
	case SO_PLAN_BITMAP_SCAN:
		return SO_PLAN_REL_MEMBER;
	case SO_PLAN_SUBQUERY:
		return SO_PLAN_REL_SUBQUERY;
	default: /* FILTER tests each row by its other inputs */
		return n == 0 ? SO_PLAN_REL_OUTER : SO_PLAN_REL_SUB_PLAN;
	}
}

/* Scalar subqueries of the select list come first below the statement; its own plan is last. */
static void set_relationships(struct so_plan *plan)
{
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		bool statement = strstr(node->label, " STATEMENT") != NULL;
		int32_t n = 0;

		for (int32_t c = node->first_child; c >= 0; c = plan->nodes[c].next_sibling, n++)
			plan->nodes[c].relationship = !statement                        ? relation_to(node, n)
						      : plan->nodes[c].next_sibling < 0 ? SO_PLAN_REL_OUTER
											: SO_PLAN_REL_SUB_PLAN;
	}
}

/* "Degree of Parallelism is 8 because of table property": what the plan was made for. The coordinator's input says how
 * many servers it got. */
static void set_workers(struct so_plan *plan, const double *servers)
{
	double wanted = NAN;

	for (size_t i = 0; i < plan->n_notes; i++) {
		const char *degree = strstr(plan->notes[i].text, "Degree of Parallelism is ");

		if (degree && strcmp(plan->notes[i].kind, "note") == 0)
			wanted = strtod(degree + strlen("Degree of Parallelism is "), NULL);
	}
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		if (wanted > 0 && wanted <= 1e4 && strncmp(node->label, "PX COORDINATOR", 14) == 0 && node->loops > 0 &&
			node->first_child >= 0) {
			node->workers_planned = (int32_t)wanted;
			node->workers_launched = (int32_t)fmin(servers[node->first_child], wanted);
			return;
		}
	}
}

/* Below a coordinator parallel servers share each execution: their starts count once, and their times are at the same
 * time. The servers are the starts of the coordinator's input. */
static void set_parallel(struct so_plan *plan)
{
	double *servers = so_new_array(plan, double, (unsigned)plan->n_nodes);

	servers[0] = 1;
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *parent = &plan->nodes[node->parent];
		bool coordinated = strncmp(parent->label, "PX COORDINATOR", 14) == 0;

		node->parallel_aware = parent->parallel_aware || coordinated;
		servers[i] = servers[node->parent];
		if (coordinated && node->loops > parent->loops && parent->loops > 0)
			servers[i] = node->loops / parent->loops;
	}
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		if (servers[i] > 1 && node->loops > 0) {
			double loops = fmax(1, node->loops / servers[i]);

			node->time_ms = node->total_ms * node->loops / servers[i];
			node->rows_actual *= node->loops / loops;
			node->loops = loops;
			node->total_ms = node->time_ms / loops;
		}
	}
	set_workers(plan, servers);
	talloc_free(servers);
}

static void set_plan(struct so_plan *plan)
{
	plan->n_statements = 1;
	plan->total_cost = plan->nodes[0].total_cost;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		plan->has_analyze = plan->has_analyze || !isnan(plan->nodes[i].loops);
		plan->has_timing = plan->has_timing || !isnan(plan->nodes[i].total_ms);
		plan->has_buffers = plan->has_buffers || plan->nodes[i].buffers.shared_hit >= 0;
	}
	for (int32_t i = plan->n_nodes - 1; i >= 0 && plan->has_analyze; i--) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *child = node->first_child < 0 ? NULL : &plan->nodes[node->first_child];

		if (!isnan(node->loops)) /* the statement's own line may be empty */
			continue;
		node->loops = child ? child->loops : 0;
		node->rows_actual = child ? child->rows_actual : 0;
		node->total_ms = child ? child->total_ms : 0;
	}
	if (plan->has_timing)
		plan->execution_ms = plan->nodes[0].total_ms * fmax(1, plan->nodes[0].loops);
}

bool so_or_build(struct so_plan_builder *builder, const struct so_or_rows *rows, struct so_err *err)
{
	struct so_plan *plan = builder->plan;
	int32_t *open = so_new_array(rows->tmp, int32_t, SO_PLAN_MAX_DEPTH), *depths, depth = 0;

	if (!rows->n)
		return so_fail(err, SO_INPUT, "Oracle plan: it has no rows");
	if (rows->too_many)
		return so_fail(err, SO_LIMIT, "Oracle plan: it has more than %d rows", 2 * SO_PLAN_MAX_NODES);
	depths = so_new_array(rows->tmp, int32_t, SO_PLAN_MAX_DEPTH);
	for (int32_t i = 0; i < rows->n; i++) {
		const struct so_or_row *row = &rows->items[i];
		struct so_plan_node *node;
		int32_t id;

		while (depth > 1 && depths[depth - 1] >= row->depth)
			depth--;
		if (depth >= SO_PLAN_MAX_DEPTH)
			return so_plan_fail_depth(err) || so_fail_in(err, "Oracle plan");
		id = so_plan_add_node(builder, depth ? open[depth - 1] : -1, depth);
		node = &plan->nodes[id];
		node->op = so_or_operation(row->operation);
		node->label = row->operation[0] ? row->operation : "OPERATION";
		if (is_join(node))
			node->join_type = join_type(node->label);
		if (node->op == SO_PLAN_AGGREGATE)
			node->strategy = strncmp(node->label, "HASH", 4) == 0 ? "Hashed" : "Sorted";
		if (row->partitions)
			node->strategy = row->partitions;
		set_object(plan, node, row);
		if (!row->alias && node->relation && !is_index(row->operation)) {
			const char *alias = alias_in(builder, row);

			node->alias = alias ? alias : node->alias;
		}
		set_figures(node, row);
		add_conditions(builder, node, row);
		open[depth] = id;
		depths[depth++] = row->depth;
	}
	so_plan_close_nodes(plan);
	set_relationships(plan);
	set_parallel(plan);
	set_plan(plan);
	return true;
}
