#include "plan/mssql/operators.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum so_plan_op op;
} operators[] = {
	{ "Table Scan", SO_PLAN_SEQ_SCAN },
	{ "Clustered Index Scan", SO_PLAN_SEQ_SCAN },
	{ "Columnstore Index Scan", SO_PLAN_SEQ_SCAN },
	{ "Index Scan", SO_PLAN_INDEX_ONLY_SCAN },
	{ "Index Seek", SO_PLAN_INDEX_ONLY_SCAN },
	{ "Clustered Index Seek", SO_PLAN_INDEX_SCAN },
	{ "Key Lookup", SO_PLAN_KEY_LOOKUP },
	{ "RID Lookup", SO_PLAN_KEY_LOOKUP },
	{ "Bookmark Lookup", SO_PLAN_KEY_LOOKUP }, /* SQL Server 2000 */
	{ "Nested Loops", SO_PLAN_NESTED_LOOP },
	{ "Hash Match", SO_PLAN_HASH_JOIN },
	{ "Merge Join", SO_PLAN_MERGE_JOIN },
	{ "Adaptive Join", SO_PLAN_HASH_JOIN },
	{ "Batch Hash Table Build", SO_PLAN_HASH },
	{ "Sort", SO_PLAN_SORT },
	{ "Stream Aggregate", SO_PLAN_AGGREGATE },
	{ "Window Aggregate", SO_PLAN_WINDOW },
	{ "Segment", SO_PLAN_WINDOW },
	{ "Sequence Project", SO_PLAN_WINDOW },
	{ "Window Spool", SO_PLAN_WINDOW },
	{ "Top", SO_PLAN_LIMIT },
	{ "Table Spool", SO_PLAN_MATERIALIZE },
	{ "Index Spool", SO_PLAN_MATERIALIZE },
	{ "Row Count Spool", SO_PLAN_MATERIALIZE },
	{ "Concatenation", SO_PLAN_SET_OP },
	{ "Switch", SO_PLAN_SET_OP },
	{ "Parallelism", SO_PLAN_GATHER },
	{ "Constant Scan", SO_PLAN_VALUES },
	{ "Parameter Table Scan", SO_PLAN_VALUES },
	{ "Inserted Scan", SO_PLAN_VALUES },
	{ "Deleted Scan", SO_PLAN_VALUES },
	{ "Log Row Scan", SO_PLAN_VALUES },
	{ "Table-valued function", SO_PLAN_FUNCTION },
	{ "UDX", SO_PLAN_FUNCTION },
	{ "Remote Query", SO_PLAN_REMOTE },
	{ "Remote Scan", SO_PLAN_REMOTE },
	{ "Remote Index Scan", SO_PLAN_REMOTE },
	{ "Remote Index Seek", SO_PLAN_REMOTE },
	{ "Remote Insert", SO_PLAN_REMOTE },
	{ "Remote Update", SO_PLAN_REMOTE },
	{ "Remote Delete", SO_PLAN_REMOTE },
};

static const char *join_type(const char *logical)
{
	static const char *const types[][2] = { { "Anti Semi Join", "Anti" }, { "Semi Join", "Semi" },
		{ "Left Outer Join", "Left" }, { "Right Outer Join", "Right" }, { "Full Outer Join", "Full" },
		{ "Inner Join", "Inner" }, { "Cross Join", "Inner" } };

	for (size_t i = 0; logical && i < sizeof types / sizeof types[0]; i++)
		if (strcasestr(logical, types[i][0]))
			return types[i][1];
	return NULL;
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcasecmp(text + len - n, end) == 0;
}

static bool has(const char *text, const char *word)
{
	return text && strcasestr(text, word);
}

void so_ms_set_operator(struct so_plan_node *node, const char *physical, const char *logical)
{
	node->label = physical;
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
		if (strcasecmp(physical, operators[i].name) == 0) {
			node->op = operators[i].op;
			node->label = operators[i].name;
			break;
		}
	if (node->op == SO_PLAN_OTHER && (ends_in(physical, " Insert") || ends_in(physical, " Update") ||
						 ends_in(physical, " Delete") || ends_in(physical, " Merge")))
		node->op = SO_PLAN_MODIFY;
	if (node->op == SO_PLAN_HASH_JOIN && (has(logical, "Aggregate") || has(logical, "Distinct")))
		node->op = SO_PLAN_AGGREGATE;
	else if ((node->op == SO_PLAN_HASH_JOIN || node->op == SO_PLAN_MERGE_JOIN) &&
		 (has(logical, "Union") || has(logical, "Concatenation")))
		node->op = SO_PLAN_SET_OP;
	if (node->op == SO_PLAN_NESTED_LOOP || node->op == SO_PLAN_HASH_JOIN || node->op == SO_PLAN_MERGE_JOIN)
		node->join_type = join_type(logical);
	else if (logical && strcasecmp(logical, physical) != 0)
		node->strategy = logical; /* "Gather Streams", "TopN Sort", "Eager Spool", "Partial Aggregate" */
}

enum so_plan_relationship so_ms_relationship(const struct so_plan_node *parent, int32_t n)
{
	switch ((int)parent->op) {
	case SO_PLAN_HASH_JOIN: /* the first input builds the hash table */
		return n == 0 ? SO_PLAN_REL_INNER : n == 1 ? SO_PLAN_REL_OUTER : SO_PLAN_REL_OTHER;
	case SO_PLAN_SET_OP:
		return SO_PLAN_REL_MEMBER;
	default:
		return n == 0 ? SO_PLAN_REL_OUTER : n == 1 ? SO_PLAN_REL_INNER : SO_PLAN_REL_OTHER;
	}
}

/* ---- Expressions ------------------------------------------------------------------------------------------------ */

/* The end of "[...]" (with "]]" inside) at `at`, or NULL. */
static const char *bracket_end(const char *at, const char *stop)
{
	if (at >= stop || *at != '[')
		return NULL;
	for (at++; at < stop; at++)
		if (*at == ']' && (at + 1 == stop || at[1] != ']'))
			return at + 1;
		else if (*at == ']')
			at++;
	return NULL;
}

/* The end of a dotted name at `at`, and where its last but one part begins. NULL when there is none. */
static const char *name_end(const char *at, const char *stop, const char **last_two)
{
	const char *end = bracket_end(at, stop), *before = at, *last = at;

	if (!end)
		return NULL;
	while (end + 1 < stop && *end == '.') {
		const char *next = end + 1, *next_end;

		while (next < stop && *next == '.') /* [db]..[t] */
			next++;
		next_end = bracket_end(next, stop);
		if (!next_end)
			break;
		before = last;
		last = next;
		end = next_end;
	}
	*last_two = before;
	return end;
}

const char *so_ms_expression(struct so_plan_builder *builder, const char *text, size_t len)
{
	char *out = so_plan_alloc(builder, len + 1);
	const char *stop = text + len;
	size_t used = 0;

	while (text < stop) {
		const char *last_two, *end = NULL;

		if (*text == '\'') { /* a string stays as it is */
			end = memchr(text + 1, '\'', (size_t)(stop - text - 1));
			end = end ? end + 1 : stop;
			last_two = text;
		} else if (*text == '[') {
			end = name_end(text, stop, &last_two);
			if (end && stop - end > 5 && strncmp(end, " as [", 5) == 0) {
				text = end + 4;
				continue;
			}
		}
		if (!end) {
			out[used++] = *text++;
			continue;
		}
		memcpy(out + used, last_two, (size_t)(end - last_two));
		used += (size_t)(end - last_two);
		text = end;
	}
	out[used] = '\0';
	return out;
}

/* ---- Figures ---------------------------------------------------------------------------------------------------- */

void so_ms_costs_per_execution(struct so_plan *plan)
{
	double *runs = so_new_array(plan, double, (unsigned)plan->n_nodes);

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *parent = i ? &plan->nodes[node->parent] : NULL;

		runs[i] = parent ? runs[node->parent] : 1;
		if (parent && parent->op == SO_PLAN_NESTED_LOOP && node->relationship == SO_PLAN_REL_INNER) {
			const struct so_plan_node *outer = &plan->nodes[parent->first_child];

			runs[i] = fmin(1e100, runs[i] * fmax(1, outer->rows_est));
		}
		node->total_cost /= runs[i];
	}
	talloc_free(runs);
}

void so_ms_fill_measured(struct so_plan *plan)
{
	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *child = node->first_child < 0 ? NULL : &plan->nodes[node->first_child];

		if (!isnan(node->loops))
			continue;
		node->loops = child ? child->loops : plan->nodes[node->parent < 0 ? i : node->parent].loops;
		node->rows_actual = child ? child->rows_actual : node->rows_est;
		node->time_ms = child ? child->time_ms : plan->has_timing ? 0 : NAN;
		if (isnan(node->loops))
			node->loops = 1;
	}
}
