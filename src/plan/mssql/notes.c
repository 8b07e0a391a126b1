#include "plan/mssql/notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/mssql/operators.h"

#define PAGE_KB 8

static const char *attribute(const struct so_plan_xml *element, const char *name)
{
	return so_plan_xml_attribute(element, name);
}

static double number_of(const struct so_plan_xml *element, const char *name)
{
	const char *text = attribute(element, name);

	double value = text ? strtod(text, NULL) : NAN;

	return isfinite(value) ? value : NAN;
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

static void add_text(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	if (text && used + 1 < size)
		snprintf(out + used, size - used, "%s", text);
}

/* "orders.status, orders.note" of ColumnReferences. */
static void read_no_statistics(struct so_plan_builder *builder, int32_t id, const struct so_plan_xml *list)
{
	char text[1024] = "";

	for (const struct so_plan_xml *c = list->first; c; c = c->next) {
		add_text(text, sizeof text, text[0] ? ", " : "");
		add_text(text, sizeof text, attribute(c, "Table"));
		add_text(text, sizeof text, attribute(c, "Table") ? "." : "");
		add_text(text, sizeof text, attribute(c, "Column"));
	}
	so_plan_add_note(builder, id, "no_statistics", text, NAN);
}

/* Details of a spill come beside the warning itself, with what was written. */
static void read_spill(struct so_plan_builder *builder, int32_t id, const struct so_plan_xml *e)
{
	struct so_plan_node *node = id < 0 ? NULL : &builder->plan->nodes[id];
	double pages = number_of(e, "WritesToTempDb"), level = number_of(e, "SpillLevel"),
	       memory = number_of(e, "UsedMemoryKb");

	if (is_named(e, "SpillToTempDb") || is_named(e, "SpillOccurred")) {
		so_plan_add_note(builder, id, "spill", "", isnan(level) ? 1 : level);
		if (node && node->disk_kb < 0)
			node->disk_kb = 1; /* how much, the details say, in plans that have them */
		if (node && node->op == SO_PLAN_SORT)
			node->sort_method = "external sort";
		return;
	}
	if (!node)
		return;
	if (so_plan_count(pages * PAGE_KB) > 0)
		node->disk_kb = so_plan_count(pages * PAGE_KB);
	if (so_plan_count(memory) >= 0)
		node->memory_kb = so_plan_count(memory);
}

void so_ms_read_warnings(struct so_plan_builder *builder, int32_t id, const struct so_plan_xml *warnings)
{
	if (is_true(warnings, "NoJoinPredicate"))
		so_plan_add_note(builder, id, "no_join_predicate", "", NAN);
	if (is_true(warnings, "UnmatchedIndexes"))
		so_plan_add_note(builder, id, "unmatched_indexes", "", NAN);
	for (const struct so_plan_xml *e = warnings->first; e; e = e->next) {
		if (is_named(e, "ColumnsWithNoStatistics")) {
			read_no_statistics(builder, id, e);
		} else if (strstr(e->name, "Spill")) {
			read_spill(builder, id, e);
		} else if (is_named(e, "PlanAffectingConvert")) {
			const char *issue = attribute(e, "ConvertIssue"), *text = attribute(e, "Expression");

			so_plan_add_note(builder, id,
				issue && strcmp(issue, "Seek Plan") == 0 ? "convert_seek" : "convert_estimate",
				text ? so_ms_expression(builder, text, strlen(text)) : "", NAN);
		} else if (is_named(e, "MemoryGrantWarning")) {
			const char *kind = attribute(e, "GrantWarningKind");

			so_plan_add_note(builder, id, "memory_grant", kind ? kind : "", number_of(e, "GrantedMemory"));
		}
	}
}

/* CREATE INDEX for what the optimiser missed: equality columns first, in its own order. */
static void read_missing(struct so_plan_builder *builder, const struct so_plan_xml *index, double impact)
{
	static const char *const usages[] = { "EQUALITY", "INEQUALITY", "INCLUDE" };
	const char *schema = attribute(index, "Schema"), *table = attribute(index, "Table");
	char text[4096] = "CREATE INDEX ON ";
	bool open = false;

	add_text(text, sizeof text, schema);
	add_text(text, sizeof text, schema ? "." : "");
	add_text(text, sizeof text, table);
	for (size_t u = 0; u < sizeof usages / sizeof usages[0]; u++) {
		bool include = u == 2, first = true;

		for (const struct so_plan_xml *g = index->first; g; g = g->next) {
			const char *usage = attribute(g, "Usage");

			if (!usage || strcmp(usage, usages[u]) != 0)
				continue;
			for (const struct so_plan_xml *c = g->first; c; c = c->next) {
				if (include && first)
					add_text(text, sizeof text, open ? ") INCLUDE (" : " (");
				else
					add_text(text, sizeof text, open ? ", " : " (");
				add_text(text, sizeof text, attribute(c, "Name"));
				open = true;
				first = false;
			}
		}
	}
	add_text(text, sizeof text, open ? ")" : "");
	so_plan_add_note(builder, -1, "missing_index", text, impact);
}

/* The value that the plan was run with, else made for: "(42)" and "N'abc'" as they stand in the document. */
static void read_bind(struct so_plan_builder *builder, const char *name, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	while (len > 2 && value[0] == '(' && value[len - 1] == ')') {
		value++;
		len -= 2;
	}
	if (name)
		so_plan_add_bind(builder, name, strlen(name), value, len);
}

static void read_parameters(struct so_plan_builder *builder, const struct so_plan_xml *list)
{
	for (const struct so_plan_xml *p = list->first; p; p = p->next) {
		const char *compiled = attribute(p, "ParameterCompiledValue"),
			   *used = attribute(p, "ParameterRuntimeValue");
		char text[1024] = "";

		read_bind(builder, attribute(p, "Column"), used ? used : compiled);
		if (!compiled || !used || strcmp(compiled, used) == 0)
			continue;
		add_text(text, sizeof text, attribute(p, "Column"));
		add_text(text, sizeof text, " planned for ");
		add_text(text, sizeof text, compiled);
		add_text(text, sizeof text, ", run with ");
		add_text(text, sizeof text, used);
		so_plan_add_note(builder, -1, "parameter", text, NAN);
	}
}

/* Waits for locks, of all kinds together: {"LCK_M_S", 1200 ms}. Only actual plans have them. */
static void read_waits(struct so_plan_builder *builder, const struct so_plan_xml *waits)
{
	char text[256] = "";
	double ms = 0;

	for (const struct so_plan_xml *w = waits->first; w; w = w->next) {
		const char *type = attribute(w, "WaitType");
		double value = number_of(w, "WaitTimeMs");

		if (!type || strncmp(type, "LCK_", 4) != 0 || !(value > 0))
			continue;
		ms += value;
		add_text(text, sizeof text, text[0] ? ", " : "");
		add_text(text, sizeof text, type);
	}
	if (ms > 0)
		so_plan_add_note(builder, -1, "lock_wait_ms", text, ms);
}

/* How many threads the plan was made for, and how many it got, at the topmost exchange. */
static void read_threads(struct so_plan *plan, const struct so_plan_xml *query_plan)
{
	const struct so_plan_xml *hardware = so_plan_xml_child(query_plan, "OptimizerHardwareDependentProperties");
	double got = number_of(query_plan, "DegreeOfParallelism");
	double wanted = hardware ? number_of(hardware, "EstimatedAvailableDegreeOfParallelism") : NAN;

	for (int32_t i = 0; plan->has_analyze && got >= 0 && wanted <= 1e4 && i < plan->n_nodes; i++)
		if (plan->nodes[i].op == SO_PLAN_GATHER) {
			plan->nodes[i].workers_planned = (int32_t)wanted;
			plan->nodes[i].workers_launched = (int32_t)fmin(got, wanted);
			return;
		}
}

static void read_forced(
	struct so_plan_builder *builder, const struct so_plan_xml *statement, const struct so_plan_xml *plan)
{
	char text[256] = "";

	if (attribute(statement, "PlanGuideName")) {
		add_text(text, sizeof text, "plan guide ");
		add_text(text, sizeof text, attribute(statement, "PlanGuideName"));
	} else if (attribute(statement, "QueryStoreStatementHintText")) {
		add_text(text, sizeof text, "Query Store hint ");
		add_text(text, sizeof text, attribute(statement, "QueryStoreStatementHintText"));
	} else if (is_true(plan, "UsePlan")) {
		add_text(text, sizeof text, "a plan given to it (USE PLAN, or forced in Query Store)");
	}
	if (text[0])
		so_plan_add_note(builder, -1, "forced", text, NAN);
}

void so_ms_read_plan_notes(
	struct so_plan_builder *builder, const struct so_plan_xml *statement, const struct so_plan_xml *plan)
{
	const char *reason = attribute(plan, "NonParallelPlanReason");

	if (reason)
		so_plan_add_note(builder, -1, "not_parallel", reason, NAN);
	if (statement)
		read_forced(builder, statement, plan);
	read_threads(builder->plan, plan);
	for (const struct so_plan_xml *e = plan->first; e; e = e->next) {
		if (is_named(e, "Warnings"))
			so_ms_read_warnings(builder, -1, e);
		else if (is_named(e, "ParameterList"))
			read_parameters(builder, e);
		else if (is_named(e, "WaitStats"))
			read_waits(builder, e);
		else if (is_named(e, "MemoryGrantInfo") && number_of(e, "GrantedMemory") > 0) {
			so_plan_add_note(builder, -1, "granted_kb", "", number_of(e, "GrantedMemory"));
			if (attribute(e, "MaxUsedMemory"))
				so_plan_add_note(builder, -1, "used_kb", "", number_of(e, "MaxUsedMemory"));
			if (number_of(e, "GrantWaitTime") > 0)
				so_plan_add_note(builder, -1, "grant_wait_s", "", number_of(e, "GrantWaitTime"));
		}
		for (const struct so_plan_xml *g = is_named(e, "MissingIndexes") ? e->first : NULL; g; g = g->next)
			if (so_plan_xml_child(g, "MissingIndex"))
				read_missing(builder, so_plan_xml_child(g, "MissingIndex"), number_of(g, "Impact"));
	}
}
