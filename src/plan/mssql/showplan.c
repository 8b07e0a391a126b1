/* Showplan XML of SQL Server: estimated and actual plans, from SSMS, the plan cache, Query Store. Rows and executions
 * are counts per thread; elapsed times are those of the slowest thread: with children in row mode, without in batch
 * mode; costs count all executions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/mssql/notes.h"
#include "plan/mssql/operators.h"
#include "plan/mssql/text.h"

struct showplan {
	struct so_plan_builder *builder;
	struct so_err *err;
	double *own_ms; /* elapsed time as reported, by node; NAN: none */
	bool *batch; /* whether that is without children */
	int32_t size;
};

static const char *attribute(const struct so_plan_xml *element, const char *name)
{
	return so_plan_xml_attribute(element, name);
}

static double number_of(const struct so_plan_xml *element, const char *name)
{
	const char *text = attribute(element, name);
	struct so_span number = { text, text ? strlen(text) : 0 };
	double value = so_span_take_number(&number);

	return number.len ? NAN : value; /* no figure of a plan is negative */
}

static bool is_true(const struct so_plan_xml *element, const char *name)
{
	const char *text = attribute(element, name);

	return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static bool is_named(const struct so_plan_xml *element, const char *name)
{
	return strcmp(element->name, name) == 0;
}

static const char *copy(struct showplan *s, const char *text)
{
	return text ? so_plan_copy(s->builder, text, strlen(text)) : NULL;
}

/* "[orders]" without brackets; NULL stays NULL. */
static const char *bare_name(struct showplan *s, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']')
		return so_plan_copy(s->builder, text + 1, len - 2);
	return copy(s, text);
}

/* ---- Conditions ------------------------------------------------------------------------------------------------- */

static const char *scalar(struct showplan *s, const struct so_plan_xml *element)
{
	const struct so_plan_xml *inner = so_plan_xml_child(element, "ScalarOperator");
	const char *text = attribute(inner ? inner : element, "ScalarString");

	return text ? so_ms_expression(s->builder, text, strlen(text)) : NULL;
}

/* "[o].[status]" of a ColumnReference. */
static void put_column(char *out, size_t size, const struct so_plan_xml *column)
{
	const char *owner = attribute(column, "Alias"), *name = attribute(column, "Column");
	size_t used = strlen(out);

	if (!owner)
		owner = attribute(column, "Table");
	if (used < size)
		snprintf(out + used, size - used, "%s%s[%s]", owner ? owner : "", owner ? "." : "", name ? name : "?");
}

static const char *scan_operator(const char *type)
{
	static const char *const words[][2] = { { "EQ", "=" }, { "GT", ">" }, { "GE", ">=" }, { "LT", "<" },
		{ "LE", "<=" }, { "NE", "<>" }, { "IS", "IS" }, { "IS NOT", "IS NOT" }, { "BINARY IS", "IS" } };

	for (size_t i = 0; type && i < sizeof words / sizeof words[0]; i++)
		if (strcmp(type, words[i][0]) == 0)
			return words[i][1];
	return "=";
}

/* One Prefix, StartRange or EndRange: columns and expressions side by side. */
static void put_range(struct showplan *s, char *out, size_t size, const struct so_plan_xml *range)
{
	const struct so_plan_xml *columns = so_plan_xml_child(range, "RangeColumns");
	const struct so_plan_xml *values = so_plan_xml_child(range, "RangeExpressions");
	const struct so_plan_xml *value = values ? values->first : NULL;

	for (const struct so_plan_xml *c = columns ? columns->first : NULL; c; c = c->next) {
		const char *text = value ? scalar(s, value) : NULL;
		size_t used = strlen(out);

		if (used)
			snprintf(out + used, size - used, " AND ");
		put_column(out, size, c);
		used = strlen(out);
		snprintf(out + used, size - used, " %s %s", scan_operator(attribute(range, "ScanType")),
			text ? text : "?");
		value = value ? value->next : NULL;
	}
}

static void put_ranges(struct showplan *s, char *out, size_t size, const struct so_plan_xml *element)
{
	for (const struct so_plan_xml *e = element->first; e && strlen(out) + 1 < size; e = e->next)
		if (is_named(e, "Prefix") || is_named(e, "StartRange") || is_named(e, "EndRange"))
			put_range(s, out, size, e);
		else if (is_named(e, "IsNotNull")) {
			size_t used = strlen(out);

			snprintf(out + used, size - used, "%s", used ? " AND " : "");
			put_column(out, size, e->first ? e->first : e);
			used = strlen(out);
			snprintf(out + used, size - used, " IS NOT NULL");
		} else {
			put_ranges(s, out, size, e);
		}
}

/* Each SeekPredicateNew is one place to look; several are alternatives. */
static void read_seek(struct showplan *s, struct so_plan_node *node, const struct so_plan_xml *predicates)
{
	char text[4096];

	for (const struct so_plan_xml *p = predicates->first; p; p = p->next) {
		text[0] = '\0';
		put_ranges(s, text, sizeof text, p);
		if (text[0])
			so_plan_add_condition(s->builder, node, SO_COND_ACCESS, copy(s, text));
	}
}

static void add_scalar(
	struct showplan *s, struct so_plan_node *node, enum so_condition_kind kind, const struct so_plan_xml *element)
{
	if (element)
		so_plan_add_condition(s->builder, node, kind, scalar(s, element));
}

/* "[a].[x] = [b].[y] AND ..." of the two lists of a hash or merge join. */
static void add_equalities(struct showplan *s, struct so_plan_node *node, enum so_condition_kind kind,
	const struct so_plan_xml *left, const struct so_plan_xml *right)
{
	const struct so_plan_xml *b = right ? right->first : NULL;
	char text[4096] = "";

	for (const struct so_plan_xml *a = left ? left->first : NULL; a && b; a = a->next, b = b->next) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof text - used, "%s", used ? " AND " : "");
		put_column(text, sizeof text, a);
		used = strlen(text);
		snprintf(text + used, sizeof text - used, " = ");
		put_column(text, sizeof text, b);
	}
	if (text[0])
		so_plan_add_condition(s->builder, node, kind, copy(s, text));
}

/* ---- One operator ----------------------------------------------------------------------------------------------- */

static const char **read_columns(struct showplan *s, const struct so_plan_xml *list, size_t *count)
{
	const char **out;
	size_t n = 0;

	for (const struct so_plan_xml *c = list->first; c; c = c->next)
		n++;
	out = so_plan_alloc(s->builder, (n ? n : 1) * sizeof *out);
	for (const struct so_plan_xml *c = list->first; c; c = c->next) {
		const struct so_plan_xml *column =
			is_named(c, "ColumnReference") ? c : so_plan_xml_child(c, "ColumnReference");
		const char *ascending = attribute(c, "Ascending");
		char text[512] = "";

		if (!column)
			continue;
		put_column(text, sizeof text - 8, column);
		if (ascending && (strcmp(ascending, "0") == 0 || strcmp(ascending, "false") == 0))
			strncat(text, " DESC", sizeof text - strlen(text) - 1);
		out[(*count)++] = copy(s, text);
	}
	return out;
}

static void read_object(struct showplan *s, struct so_plan_node *node, const struct so_plan_xml *object)
{
	node->schema = bare_name(s, attribute(object, "Schema"));
	node->relation = bare_name(s, attribute(object, "Table"));
	node->alias = bare_name(s, attribute(object, "Alias"));
	node->index = bare_name(s, attribute(object, "Index"));
	if (!node->alias)
		node->alias = node->relation;
}

/* The element of the physical operator: what is in it besides its inputs. */
static void read_details(struct showplan *s, int32_t id, const struct so_plan_xml *details)
{
	struct so_plan_node *node = &s->builder->plan->nodes[id];

	if (is_true(details, "Lookup")) {
		node->op = SO_PLAN_KEY_LOOKUP;
		node->label = "Key Lookup";
	}
	if (attribute(details, "ScanDirection") && strcmp(attribute(details, "ScanDirection"), "BACKWARD") == 0)
		node->scan_direction = "Backward";
	node->remote_sql = copy(s, attribute(details, "RemoteQuery"));
	for (const struct so_plan_xml *e = details->first; e; e = e->next) {
		if (is_named(e, "Object") && !node->relation)
			read_object(s, node, e);
		else if (is_named(e, "SeekPredicates"))
			read_seek(s, node, e);
		else if (is_named(e, "Predicate"))
			add_scalar(s, node, node->op == SO_PLAN_NESTED_LOOP ? SO_COND_JOIN : SO_COND_FILTER, e);
		else if (is_named(e, "ProbeResidual") || is_named(e, "Residual"))
			add_scalar(s, node, node->op == SO_PLAN_AGGREGATE ? SO_COND_FILTER : SO_COND_JOIN, e);
		else if (is_named(e, "StartupExpression"))
			add_scalar(s, node, SO_COND_ONE_TIME, e);
		else if (is_named(e, "OrderBy"))
			node->sort_keys = read_columns(s, e, &node->n_sort_keys);
		else if (is_named(e, "GroupBy"))
			node->group_keys = read_columns(s, e, &node->n_group_keys);
	}
	if (node->op == SO_PLAN_HASH_JOIN)
		add_equalities(s, node, SO_COND_HASH, so_plan_xml_child(details, "HashKeysBuild"),
			so_plan_xml_child(details, "HashKeysProbe"));
	else if (node->op == SO_PLAN_MERGE_JOIN)
		add_equalities(s, node, SO_COND_MERGE, so_plan_xml_child(details, "InnerSideJoinColumns"),
			so_plan_xml_child(details, "OuterSideJoinColumns"));
	else if (node->op == SO_PLAN_AGGREGATE && !node->group_keys && so_plan_xml_child(details, "HashKeysBuild"))
		node->group_keys = read_columns(s, so_plan_xml_child(details, "HashKeysBuild"), &node->n_group_keys);
}

static void read_threads(struct showplan *s, int32_t id, const struct so_plan_xml *information)
{
	struct so_plan_node *node = &s->builder->plan->nodes[id];
	double rows = 0, loops = 0, read = NAN, elapsed = NAN, logical = NAN, physical = 0, most = 0;

	for (const struct so_plan_xml *t = information->first; t; t = t->next) {
		double value = number_of(t, "ActualExecutions");

		if (!is_named(t, "RunTimeCountersPerThread"))
			continue;
		loops += value > 0 ? value : 0;
		most = fmax(most, value);
		value = number_of(t, "ActualRows");
		rows += value > 0 ? value : 0;
		value = number_of(t, "ActualRowsRead");
		if (!isnan(value))
			read = (isnan(read) ? 0 : read) + value;
		elapsed = fmax(elapsed, number_of(t, "ActualElapsedms"));
		value = number_of(t, "ActualLogicalReads");
		if (!isnan(value))
			logical = (isnan(logical) ? 0 : logical) + value;
		value = number_of(t, "ActualPhysicalReads");
		physical += value > 0 ? value : 0;
		value = number_of(t, "ActualReadAheads");
		physical += value > 0 ? value : 0;
		if (attribute(t, "ActualExecutionMode") && strcmp(attribute(t, "ActualExecutionMode"), "Batch") == 0)
			s->batch[id] = true;
	}
	if (most == 1) /* threads share one execution among them, as the estimate has it */
		loops = 1;
	node->loops = loops;
	node->rows_actual = loops > 0 ? rows / loops : 0;
	if (!isnan(read) && loops > 0)
		node->removed_filter = fmax(0, read - rows) / loops;
	s->own_ms[id] = elapsed;
	if (!isnan(logical)) {
		node->buffers.shared_read = so_plan_count(fmin(physical, logical));
		node->buffers.shared_hit = so_plan_count(logical - fmin(physical, logical));
	}
}

static void read_partitions(struct showplan *s, int32_t id, const struct so_plan_xml *summary)
{
	const struct so_plan_xml *accessed = so_plan_xml_child(summary, "PartitionsAccessed");
	double count = accessed ? number_of(accessed, "PartitionCount") : NAN;

	if (count > 0 && count < 1e6)
		s->builder->plan->nodes[id].partitions = (int32_t)count;
}

static int32_t add_operator(
	struct showplan *s, const struct so_plan_xml *relop, int32_t parent, int32_t depth, int32_t n_before)
{
	int32_t id = so_plan_add_node(s->builder, parent, depth);
	struct so_plan_node *node = &s->builder->plan->nodes[id];
	const char *physical = attribute(relop, "PhysicalOp");

	if (id >= s->size) {
		s->size = s->size ? s->size * 2 : 64;
		s->own_ms = so_renew_array(s->builder->plan, s->own_ms, double, (unsigned)s->size);
		s->batch = so_renew_array(s->builder->plan, s->batch, bool, (unsigned)s->size);
	}
	s->own_ms[id] = NAN;
	s->batch[id] = false;
	so_ms_set_operator(node, physical ? copy(s, physical) : "Operator", copy(s, attribute(relop, "LogicalOp")));
	node->relationship =
		parent < 0 ? SO_PLAN_REL_ROOT : so_ms_relationship(&s->builder->plan->nodes[parent], n_before);
	node->rows_est = number_of(relop, "EstimateRows");
	node->tested_est = number_of(relop, "EstimatedRowsRead");
	node->width_est = number_of(relop, "AvgRowSize");
	node->total_cost = number_of(relop, "EstimatedTotalSubtreeCost");
	node->parallel_aware = is_true(relop, "Parallel");
	if (isnan(node->tested_est) && node->op == SO_PLAN_SEQ_SCAN)
		node->tested_est = number_of(relop, "TableCardinality");
	return id;
}

static bool read_operator(
	struct showplan *s, const struct so_plan_xml *relop, int32_t parent, int32_t depth, int32_t n_before);

/* The inputs of an operator: RelOps anywhere in its element, but not in each other. */
static bool read_inputs(struct showplan *s, const struct so_plan_xml *element, int32_t id, int32_t depth, int32_t *n)
{
	for (const struct so_plan_xml *e = element->first; e; e = e->next)
		if (is_named(e, "RelOp")) {
			if (!read_operator(s, e, id, depth + 1, (*n)++))
				return false;
		} else if (e->first && !read_inputs(s, e, id, depth, n)) {
			return false;
		}
	return true;
}

static bool read_operator(
	struct showplan *s, const struct so_plan_xml *relop, int32_t parent, int32_t depth, int32_t n_before)
{
	static const char *const others[] = { "OutputList", "Warnings", "MemoryFractions", "RunTimeInformation",
		"RunTimePartitionSummary", "InternalInfo" };
	int32_t id, n = 0;

	if (depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(s->err);
	id = add_operator(s, relop, parent, depth, n_before);
	for (const struct so_plan_xml *e = relop->first; e; e = e->next) {
		bool details = true;

		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
			details = details && !is_named(e, others[i]);
		if (is_named(e, "RunTimeInformation"))
			read_threads(s, id, e);
		else if (is_named(e, "RunTimePartitionSummary"))
			read_partitions(s, id, e);
		else if (is_named(e, "Warnings"))
			so_ms_read_warnings(s->builder, id, e);
		else if (details) {
			read_details(s, id, e);
			if (!read_inputs(s, e, id, depth, &n))
				return false;
		}
	}
	return true;
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

struct choice {
	const struct so_plan_xml *statement, *plan;
	double cost;
	size_t n;
};

/* Finds the query plans of all statements: conditions, cursors, procedures and functions have theirs deeper down. */
static void choose(const struct so_plan_xml *element, const struct so_plan_xml *statement, struct choice *best)
{
	for (const struct so_plan_xml *e = element->first; e; e = e->next) {
		bool is_statement = strncmp(e->name, "Stmt", 4) == 0;
		double cost;

		if (is_named(e, "RelOp"))
			continue;
		if (!is_named(e, "QueryPlan") || !so_plan_xml_child(e, "RelOp")) {
			choose(e, is_statement ? e : statement, best);
			continue;
		}
		cost = number_of(statement, "StatementSubTreeCost");
		if (isnan(cost))
			cost = number_of(so_plan_xml_child(e, "RelOp"), "EstimatedTotalSubtreeCost");
		if (!best->plan || cost > best->cost)
			*best = (struct choice){ .statement = statement, .plan = e, .cost = cost, .n = best->n };
		best->n++;
	}
}

static void set_times(struct showplan *s)
{
	struct so_plan *plan = s->builder->plan;

	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		struct so_plan_node *node = &plan->nodes[i];
		double children = 0;

		for (int32_t c = node->first_child; c >= 0; c = plan->nodes[c].next_sibling) {
			const struct so_plan_buffers *b = &plan->nodes[c].buffers;

			children += isnan(plan->nodes[c].time_ms) ? 0 : plan->nodes[c].time_ms;
			if (b->shared_hit >= 0) {
				node->buffers.shared_hit =
					(node->buffers.shared_hit > 0 ? node->buffers.shared_hit : 0) + b->shared_hit;
				node->buffers.shared_read =
					(node->buffers.shared_read > 0 ? node->buffers.shared_read : 0) +
					b->shared_read;
			}
		}
		if (!isnan(s->own_ms[i]))
			node->time_ms = s->own_ms[i] + (s->batch[i] ? children : 0);
		else if (plan->has_timing)
			node->time_ms = children; /* a compute scalar is evaluated elsewhere */
		if (node->loops > 0)
			node->total_ms = node->time_ms / node->loops;
	}
}

static void set_plan(struct showplan *s, const struct choice *choice)
{
	struct so_plan *plan = s->builder->plan;
	const struct so_plan_xml *times = so_plan_xml_child(choice->plan, "QueryTimeStats");

	so_plan_close_nodes(plan);
	plan->n_statements = choice->n;
	plan->total_cost = plan->nodes[0].total_cost;
	if (!isnan(number_of(choice->statement, "StatementSubTreeCost")))
		plan->total_cost = number_of(choice->statement, "StatementSubTreeCost");
	plan->planning_ms = number_of(choice->plan, "CompileTime");
	plan->execution_ms = number_of(times, "ElapsedTime");
	plan->query_id = copy(s, attribute(choice->statement, "QueryHash"));
	plan->query_text = copy(s, attribute(choice->statement, "StatementText"));
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		plan->has_analyze = plan->has_analyze || !isnan(plan->nodes[i].loops);
		plan->has_timing = plan->has_timing || !isnan(s->own_ms[i]);
		plan->has_buffers = plan->has_buffers || plan->nodes[i].buffers.shared_hit >= 0;
	}
	set_times(s);
	if (plan->has_analyze)
		so_ms_fill_measured(plan);
	so_ms_costs_per_execution(plan);
}

static bool is_showplan(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_XML && is_named(doc->xml, "ShowPlanXML");
}

static bool read_showplan(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct showplan s = { .builder = builder, .err = err };
	struct choice choice = { .plan = NULL };
	bool ok;

	choose(doc->xml, NULL, &choice);
	if (!choice.plan)
		return so_fail(err, SO_INPUT, "SQL Server plan: no statement of the document has a plan");
	ok = read_operator(&s, so_plan_xml_child(choice.plan, "RelOp"), -1, 0, 0);
	if (ok) {
		set_plan(&s, &choice);
		so_ms_read_plan_notes(builder, choice.statement, choice.plan);
	}
	talloc_free(s.own_ms);
	talloc_free(s.batch);
	return ok || so_fail_in(err, "SQL Server plan");
}

const struct so_plan_reader so_plan_readers_mssql[] = {
	{ "mssql-xml", "mssql", is_showplan, read_showplan },
	{ "mssql-text", "mssql", so_ms_is_text, so_ms_read_text },
	{ NULL },
};
