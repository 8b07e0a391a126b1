#include "plan/findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"
#include "plan/rules.h"

/* ---- Writing a finding ------------------------------------------------------------------------------------------ */

const char *so_check_number(struct so_rule_check *c, double value)
{
	char digits[64], *out;
	size_t len, at = 0;

	if (isnan(value))
		return "an unknown number of";
	if (fabs(value) >= 1e7 && fabs(value) < 1e9)
		return so_printf(c->tmp, "%.1f million", value / 1e6);
	if (fabs(value) >= 1e9)
		return so_printf(
			c->tmp, fabs(value) < 1e15 ? "%.1f billion" : "%.3g", fabs(value) < 1e15 ? value / 1e9 : value);
	if (fabs(value) < 100 && value != floor(value))
		return so_printf(c->tmp, fabs(value) < 10 ? "%.2f" : "%.1f", value);
	len = (size_t)snprintf(digits, sizeof digits, "%.0f", value);
	out = so_new_array(c->tmp, char, (unsigned)(len + len / 3 + 2));
	for (size_t i = 0; i < len; i++) {
		out[at++] = digits[i];
		if (digits[i] != '-' && i + 1 < len && (len - i - 1) % 3 == 0)
			out[at++] = ',';
	}
	return out;
}

const char *so_check_object_name(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_table *table = so_check_table(c, node);

	/* only VERBOSE plans name the schema */
	if (table && !node->schema)
		return so_printf(c->tmp, "%s.%s", table->schema, table->name);
	return so_plan_node_object(c->tmp, node);
}

const char *so_check_condition(struct so_rule_check *c, const struct so_condition *condition)
{
	size_t len = strlen(condition->text);

	if (len <= 120)
		return condition->text;
	len = 117;
	while (len && (condition->text[len] & 0xC0) == 0x80) /* not inside a character */
		len--;
	return so_printf(c->tmp, "%.*s...", (int)len, condition->text);
}

enum so_severity so_severity_of(double value, double medium, double high, double critical)
{
	if (value >= critical)
		return SO_SEVERITY_CRITICAL;
	if (value >= high)
		return SO_SEVERITY_HIGH;
	return value >= medium ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW;
}

struct so_finding *so_check_found(
	struct so_rule_check *c, const struct so_plan_node *node, enum so_severity severity, const char *fmt, ...)
{
	struct so_finding *f;
	va_list args;

	if (c->found++ >= SO_PLAN_FINDINGS_PER_RULE)
		return NULL;
	f = so_finding_add(c->list, c->rule->id, severity);
	f->issue_type = c->rule->issue_type;
	f->docs = so_printf(c->list, "/docs/findings/%s", c->rule->id);
	f->remedy = so_strdup(c->list, so_plan_rule_remedy(c->rule, c->plan->engine));
	va_start(args, fmt);
	f->title = so_vprintf(c->list, fmt, args);
	va_end(args);
	if (node) {
		f->node = node->id;
		if (node->relation)
			so_finding_add_object(c->list, f, so_check_object_name(c, node));
		if (node->index)
			so_finding_add_object(c->list, f, node->index);
	}
	return f;
}

void so_check_explain(struct so_rule_check *c, struct so_finding *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	f->explanation = so_vprintf(c->list, fmt, args);
	va_end(args);
}

void so_check_remedy(struct so_rule_check *c, struct so_finding *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	f->remedy = so_vprintf(c->list, fmt, args);
	va_end(args);
}

void so_check_evidence(struct so_rule_check *c, struct so_finding *f, const char *name, double value, const char *unit)
{
	if (f && !isnan(value) && !isinf(value))
		so_finding_add_evidence(c->list, f, name, value, unit);
}

void so_check_object(struct so_rule_check *c, struct so_finding *f, const char *object)
{
	if (f)
		so_finding_add_object(c->list, f, object);
}

/* ---- Figures ---------------------------------------------------------------------------------------------------- */

const struct so_table *so_check_table(const struct so_rule_check *c, const struct so_plan_node *node)
{
	return c->catalog && node->relation ? so_catalog_table(c->catalog, node->schema, node->relation) : NULL;
}

const struct so_condition *so_node_condition(const struct so_plan_node *node, enum so_condition_kind kind)
{
	for (size_t i = 0; i < node->n_conditions; i++)
		if (node->conditions[i].kind == kind)
			return &node->conditions[i];
	return NULL;
}

const struct so_plan_note *so_check_note(const struct so_rule_check *c, const char *kind, int32_t node)
{
	for (size_t i = 0; i < c->plan->n_notes; i++)
		if (strcmp(c->plan->notes[i].kind, kind) == 0 && (node == -2 || c->plan->notes[i].node == node))
			return &c->plan->notes[i];
	return NULL;
}

const char *so_check_memory_name(const struct so_rule_check *c)
{
	static const char *const names[][2] = { { "postgresql", "work_mem" }, { "mysql", "sort_buffer_size" },
		{ "mariadb", "sort_buffer_size" }, { "mssql", "its memory grant" },
		{ "oracle", "its share of pga_aggregate_target" } };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(c->plan->engine, names[i][0]) == 0)
			return names[i][1];
	return "the memory for it";
}

const char *so_check_cache_name(const struct so_rule_check *c)
{
	static const char *const names[][2] = { { "postgresql", "shared_buffers" },
		{ "mysql", "the InnoDB buffer pool" }, { "mariadb", "the InnoDB buffer pool" },
		{ "mssql", "the buffer pool" }, { "oracle", "the buffer cache" } };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(c->plan->engine, names[i][0]) == 0)
			return names[i][1];
	return "the cache";
}

bool so_check_texts_become_numbers(const struct so_rule_check *c)
{
	return strcmp(c->plan->engine, "mysql") == 0 || strcmp(c->plan->engine, "mariadb") == 0;
}

bool so_check_index_scans_look_up(const struct so_rule_check *c, const struct so_plan_node *node)
{
	return (strcmp(c->plan->engine, "mysql") == 0 || strcmp(c->plan->engine, "mariadb") == 0) && node->index &&
	       strcmp(node->index, "PRIMARY") != 0;
}

bool so_check_limits_are_shown(const struct so_rule_check *c)
{
	return strcmp(c->plan->engine, "mariadb") != 0;
}

bool so_check_filters_are_guesses(const struct so_rule_check *c)
{
	return strcmp(c->plan->engine, "mysql") == 0 || strcmp(c->plan->engine, "mariadb") == 0;
}

bool so_node_is(const struct so_plan_node *node, const char *label)
{
	return strcmp(node->label, label) == 0;
}

bool so_node_is_full_scan(const struct so_plan_node *node)
{
	if (node->op == SO_PLAN_INDEX_SCAN || node->op == SO_PLAN_INDEX_ONLY_SCAN)
		return !isnan(node->tested_est) && !so_node_condition(node, SO_COND_ACCESS);
	return node->op == SO_PLAN_SEQ_SCAN;
}

bool so_node_is_scan(const struct so_plan_node *node)
{
	return node->relation && (node->op == SO_PLAN_SEQ_SCAN || node->op == SO_PLAN_INDEX_SCAN ||
					 node->op == SO_PLAN_INDEX_ONLY_SCAN || so_node_is(node, "Bitmap Heap Scan"));
}

bool so_node_is_join(const struct so_plan_node *node)
{
	return node->op == SO_PLAN_NESTED_LOOP || node->op == SO_PLAN_HASH_JOIN || node->op == SO_PLAN_MERGE_JOIN;
}

const struct so_plan_node *so_node_child(
	const struct so_plan *plan, const struct so_plan_node *node, enum so_plan_relationship relationship)
{
	for (int32_t i = node->first_child; i >= 0; i = plan->nodes[i].next_sibling)
		if (plan->nodes[i].relationship == relationship)
			return &plan->nodes[i];
	return NULL;
}

/* Whether the processes below a gather share this node's rows among them, instead of each producing all of them. */
static bool is_partial(const struct so_plan *plan, const struct so_plan_node *node)
{
	while (node && !node->parallel_aware && node->op != SO_PLAN_GATHER)
		node = so_node_child(plan, node, SO_PLAN_REL_OUTER);
	return node && node->parallel_aware;
}

double so_node_divisor(const struct so_plan *plan, const struct so_plan_node *node)
{
	if (!is_partial(plan, node))
		return 1;
	for (int32_t i = node->parent; i >= 0; i = plan->nodes[i].parent) {
		double workers = plan->nodes[i].workers_planned;

		/* the leader helps, less the more workers it serves (get_parallel_divisor in the planner) */
		if (plan->nodes[i].op == SO_PLAN_GATHER && workers > 0)
			return workers + fmax(0, 1 - 0.3 * workers);
	}
	return 1;
}

double so_node_rows(const struct so_rule_check *c, const struct so_plan_node *node)
{
	if (c->plan->has_analyze)
		return node->rows_actual * (is_partial(c->plan, node) ? node->processes : 1);
	return node->rows_est * so_node_divisor(c->plan, node);
}

double so_node_runs(const struct so_rule_check *c, const struct so_plan_node *node)
{
	if (c->plan->has_analyze)
		return node->loops / (is_partial(c->plan, node) ? node->processes : 1);
	return node->loops_est;
}

/* With the planner's default costs and rows of about 100 bytes, a sequential scan costs this much a row. */
#define SEQ_COST_PER_ROW 0.025

/* Of other planners no such figure is known. */
static bool costs_tell_rows(const struct so_plan *plan)
{
	return strcmp(plan->engine, "postgresql") == 0;
}

static double tested_by_estimate(const struct so_rule_check *c, const struct so_plan_node *node, const char **how)
{
	const struct so_table *table = so_check_table(c, node);
	const struct so_condition *access = so_node_condition(node, SO_COND_ACCESS);
	const struct so_condition *filter = so_node_condition(node, SO_COND_FILTER);
	const struct so_plan_node *bitmap = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	double rows = table && table->rows > 0 ? table->rows : NAN, share;

	if (node->op == SO_PLAN_SEQ_SCAN && (!isnan(rows) || node->first_child >= 0))
		return rows; /* with a subplan its cost says nothing about its rows */
	if (node->op == SO_PLAN_SEQ_SCAN && !costs_tell_rows(c->plan))
		return filter ? NAN : node->rows_est;
	if (node->op == SO_PLAN_SEQ_SCAN) {
		*how = "roughly estimated from its cost";
		return (node->total_cost - node->startup_cost) / SEQ_COST_PER_ROW;
	}
	if (so_node_is(node, "Bitmap Heap Scan") && bitmap)
		return bitmap->rows_est;
	if (isnan(rows))
		return NAN;
	if (!access)
		return rows;
	share = so_expr_selectivity(c, node, table, access->expr);
	if (!isnan(share))
		return fmin(rows, fmax(rows * share, node->rows_est));
	share = filter ? so_expr_selectivity(c, node, table, filter->expr) : NAN;
	return share > 0 ? fmin(rows, node->rows_est / share) : NAN;
}

double so_node_tested(const struct so_rule_check *c, const struct so_plan_node *node, const char **how)
{
	double removed = 0;

	*how = c->plan->has_analyze ? "measured" : "estimated";
	if (!c->plan->has_analyze)
		return isnan(node->tested_est) ? tested_by_estimate(c, node, how) : node->tested_est;
	if (isnan(node->removed_filter) && so_node_condition(node, SO_COND_FILTER) && !costs_tell_rows(c->plan)) {
		*how = "estimated"; /* Oracle counts rows after the filter only */
		return isnan(node->tested_est) ? tested_by_estimate(c, node, how) : node->tested_est;
	}
	if (!isnan(node->removed_filter))
		removed += node->removed_filter;
	if (!isnan(node->removed_recheck))
		removed += node->removed_recheck;
	return (node->rows_actual + removed) * (is_partial(c->plan, node) ? node->processes : 1);
}

double so_node_share(const struct so_plan *plan, const struct so_plan_node *node)
{
	double sum = 0;

	for (int32_t i = node->id; i < node->end; i++)
		sum += plan->nodes[i].share;
	return sum;
}

/* "4MB", "4096 kB", "4096" (in `unit`): kB. */
static double parse_kb(const char *value, const char *unit)
{
	static const struct {
		const char *suffix;
		double kb;
	} units[] = { { "kB", 1 }, { "8kB", 8 }, { "MB", 1024 }, { "GB", 1024 * 1024 }, { "TB", 1024.0 * 1024 * 1024 },
		{ "B", 1 / 1024.0 } };
	char *rest;
	double number = strtod(value, &rest);

	if (rest == value)
		return NAN;
	while (*rest == ' ')
		rest++;
	if (!*rest && unit)
		rest = (char *)unit;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(rest, units[i].suffix) == 0)
			return number * units[i].kb;
	return *rest ? NAN : number;
}

double so_check_setting_kb(const struct so_rule_check *c, const char *name)
{
	for (size_t i = 0; i < c->plan->n_settings; i++)
		if (strcmp(c->plan->settings[i].name, name) == 0)
			return parse_kb(c->plan->settings[i].value, NULL);
	for (size_t i = 0; c->catalog && i < c->catalog->n_settings; i++)
		if (strcmp(c->catalog->settings[i].name, name) == 0 && c->catalog->settings[i].value)
			return parse_kb(c->catalog->settings[i].value, c->catalog->settings[i].unit);
	return NAN;
}

double so_check_setting(const struct so_rule_check *c, const char *name, double otherwise)
{
	const char *text = c->catalog ? so_catalog_setting(c->catalog, name) : NULL;
	char *rest;
	double value;

	for (size_t i = 0; i < c->plan->n_settings; i++)
		if (strcmp(c->plan->settings[i].name, name) == 0)
			text = c->plan->settings[i].value;
	if (!text)
		return otherwise;
	value = strtod(text, &rest);
	return rest == text ? otherwise : value;
}

/* ---- Running the rules ------------------------------------------------------------------------------------------ */

/* Whether a list of engines has this one. */
static bool is_among(const char *engines, const char *engine)
{
	size_t len = strlen(engine);

	for (const char *at = strstr(engines, engine); at; at = strstr(at + 1, engine))
		if ((at == engines || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

bool so_check_other_rule(const struct so_rule_check *c, const char *id)
{
	const struct so_plan_rule *rule = so_plan_rule_find(id);

	return rule && is_among(rule->engines, c->plan->engine);
}

const char *so_plan_rule_remedy(const struct so_plan_rule *rule, const char *engine)
{
	for (const struct so_plan_remedy *r = so_plan_remedies; r->rule; r++)
		if (strcmp(r->rule, rule->id) == 0 && is_among(r->engines, engine))
			return r->text;
	return rule->remedy;
}

static void set_limits(struct so_rule_check *c, const struct so_plan_overrides *overrides)
{
	for (size_t i = 0; i < SO_PLAN_RULE_THRESHOLDS; i++) {
		const struct so_plan_threshold *t = &c->rule->thresholds[i];

		c->limit[i] = t->value;
		for (size_t k = 0; t->name && overrides && k < overrides->n; k++)
			if (strcmp(overrides->items[k].rule, c->rule->id) == 0 &&
				strcmp(overrides->items[k].name, t->name) == 0)
				c->limit[i] = overrides->items[k].value;
	}
}

static bool has_figures(const struct so_plan *plan)
{
	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (!isnan(plan->nodes[i].rows_est) || !isnan(plan->nodes[i].loops))
			return true;
	return false;
}

void so_plan_findings(const struct so_plan *plan, const struct so_catalog *catalog,
	const struct so_plan_overrides *overrides, struct so_finding_list *list)
{
	bool figures = has_figures(plan);

	for (size_t r = 0; r < so_plan_n_rules; r++) {
		const struct so_plan_rule_impl *impl = &so_plan_rules[r];
		SO_TMP(tmp, list);
		struct so_rule_check c = { .plan = plan,
			.catalog = catalog,
			.list = list,
			.rule = &impl->rule,
			.has_figures = figures,
			.tmp = tmp };

		if (!is_among(impl->rule.engines, plan->engine))
			continue;
		set_limits(&c, overrides);
		if (impl->plan)
			impl->plan(&c);
		for (int32_t i = 0; impl->node && i < plan->n_nodes && c.found < SO_PLAN_FINDINGS_PER_RULE; i++)
			if (!plan->nodes[i].never_executed)
				impl->node(&c, &plan->nodes[i]);
	}
	so_finding_list_sort(list);
}

size_t so_plan_rule_count(void)
{
	return so_plan_n_rules;
}

const struct so_plan_rule *so_plan_rule_at(size_t i)
{
	so_assert(i < so_plan_n_rules);
	return &so_plan_rules[i].rule;
}

const struct so_plan_rule *so_plan_rule_find(const char *id)
{
	for (size_t i = 0; i < so_plan_n_rules; i++)
		if (strcmp(so_plan_rules[i].rule.id, id) == 0)
			return &so_plan_rules[i].rule;
	return NULL;
}
