#include "plan/render.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/printable.h"

#define RENDER_MAX (16u << 20) /* bytes of output */

struct render {
	const struct so_plan *plan;
	const struct so_finding_list *findings;
	int width;
	bool color;
	struct so_buf out;
};

static const char *const severity_colors[] = { "\033[36m", "\033[33m", "\033[31m", "\033[1;31m" };

static void number(char text[32], double value)
{
	static const struct {
		double from, unit;
		const char *suffix;
	} units[] = { { 1e10, 1e9, "G" }, { 1e7, 1e6, "M" }, { 1e5, 1e3, "k" } };

	if (isnan(value)) {
		snprintf(text, 32, "?");
		return;
	}
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (fabs(value) >= units[i].from) {
			snprintf(text, 32, "%.0f%s", value / units[i].unit, units[i].suffix);
			return;
		}
	snprintf(text, 32, value != floor(value) && value < 10 ? "%.1f" : "%.0f", value);
}

static void milliseconds(char text[32], double ms)
{
	if (ms >= 10000)
		snprintf(text, 32, "%.1f s", ms / 1000);
	else
		snprintf(text, 32, ms >= 100 ? "%.0f ms" : ms >= 1 ? "%.1f ms" : "%.2f ms", ms);
}

/* Columns that a text takes; continuation bytes of UTF-8 take none. */
static int columns_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xC0) != 0x80;
	return n;
}

/* Writes a line, newlines in it as blanks, cut to the width; `color` (or NULL) is around it and does not count. */
static void line(struct render *r, const char *raw, const char *color)
{
	SO_TMP(tmp, NULL);
	char *text = so_strdup(tmp, so_printable(tmp, raw));
	size_t len = strlen(text);
	bool cut = r->width > 0 && columns_of(text) > r->width;

	for (char *at = text; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	if (cut) {
		int n = 0;

		for (len = 0; text[len]; len++) {
			n += (text[len] & 0xC0) != 0x80;
			if (n >= r->width)
				break;
		}
	}
	if (color && r->color)
		so_buf_adds(&r->out, color);
	so_buf_add(&r->out, text, len);
	if (cut)
		so_buf_adds(&r->out, "…");
	if (color && r->color)
		so_buf_adds(&r->out, "\033[0m");
	so_buf_addc(&r->out, '\n');
}

/* The lines of the tree in front of a node: "│  ├─ ". Lines of the node itself or, with `below`, of what hangs under
 * its text. */
static const char *prefix(TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_plan_node *node, bool below)
{
	const char **parts = so_new_array(ctx, const char *, (unsigned)node->depth + 1);
	const struct so_plan_node *at = node;
	struct so_buf buf;

	for (int32_t i = node->depth - 1; i >= 0; i--, at = &plan->nodes[at->parent]) {
		bool last = at->next_sibling < 0;

		parts[i] = last ? "   " : "│  ";
		if (at == node && !below)
			parts[i] = last ? "└─ " : "├─ ";
	}
	so_buf_init(&buf, ctx, 65536);
	for (int32_t i = 0; i < node->depth; i++)
		so_buf_adds(&buf, parts[i]);
	if (below)
		so_buf_adds(&buf, node->n_children ? "│  " : "   ");
	return so_buf_text(&buf);
}

static char *node_name(TALLOC_CTX *ctx, const struct so_plan_node *node)
{
	char *text = so_printf(ctx, "%s%s", node->parallel_aware ? "Parallel " : "", node->label);

	if (node->subplan_name)
		text = so_printf(ctx, "[%s] %s", node->subplan_name, text);
	if (node->operation)
		text = so_printf(ctx, "%s %s", text, node->operation);
	if (node->join_type && strcmp(node->join_type, "Inner") != 0)
		text = so_printf(ctx, "%s %s", text, node->join_type);
	if (node->strategy && strcmp(node->strategy, "Plain") != 0)
		text = so_printf(ctx, "%s (%s)", text, node->strategy);
	if (node->relation)
		text = so_printf(ctx, "%s on %s", text, so_plan_node_object(ctx, node));
	else if (node->cte_name)
		text = so_printf(ctx, "%s on %s", text, node->cte_name);
	if (node->alias && node->relation && strcmp(node->alias, node->relation) != 0)
		text = so_printf(ctx, "%s %s", text, node->alias);
	if (node->index)
		text = so_printf(ctx, "%s using %s", text, node->index);
	return text;
}

static char *add_part(TALLOC_CTX *ctx, char *text, const char *part)
{
	return *text ? so_printf(ctx, "%s · %s", text, part) : so_strdup(ctx, part);
}

/* "rows 20 (240 expected)", "rows ~24" of an estimate; NULL: the plan does not tell. */
static char *rows_part(TALLOC_CTX *ctx, const struct so_plan_node *node)
{
	double factor = fmax(node->rows_actual, 1) / fmax(node->rows_est, 1);
	char actual[32], expected[32];

	number(expected, node->rows_est);
	if (isnan(node->rows_actual))
		return isnan(node->rows_est) ? NULL : so_printf(ctx, "rows ~%s", expected);
	number(actual, node->rows_actual);
	if (!isnan(node->rows_est) && (factor >= 10 || factor <= 0.1))
		return so_printf(ctx, "rows %s%s (%s expected)", node->loops > 1 ? "~" : "", actual, expected);
	return so_printf(ctx, "rows %s%s", node->loops > 1 ? "~" : "", actual);
}

/* "12 % · 54.3 ms · rows 20 (240 expected) · 3 loops"; without times "12 % · cost 8.4 · rows ~24". What the plan does
 * not tell is left out. */
static char *node_figures(TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_plan_node *node)
{
	char *text = so_strdup(ctx, ""), *rows = rows_part(ctx, node), a[32];

	if (node->never_executed)
		return so_strdup(ctx, "never executed");
	if (!isnan(node->share))
		text = so_printf(ctx, "%.0f %%", node->share * 100);
	if (plan->has_timing && !isnan(node->time_exclusive_ms)) {
		milliseconds(a, node->time_exclusive_ms);
		text = add_part(ctx, text, a);
	} else if (!plan->has_timing && !isnan(plan->total_cost) && !isnan(node->cost_exclusive)) {
		number(a, node->cost_exclusive);
		text = add_part(ctx, text, so_printf(ctx, "cost %s", a));
	}
	if (rows)
		text = add_part(ctx, text, rows);
	if (plan->has_analyze && node->loops > 1) {
		number(a, node->loops);
		text = add_part(ctx, text, so_printf(ctx, "%s loops", a));
	}
	if (node->removed_filter > 0) {
		number(a, node->removed_filter);
		text = add_part(ctx, text, so_printf(ctx, "%s removed", a));
	}
	if (node->disk_kb > 0)
		text = add_part(ctx, text, so_printf(ctx, "%lld kB on disk", (long long)node->disk_kb));
	return *text ? so_printf(ctx, "  %s", text) : text;
}

static void render_node(struct render *r, const struct so_plan_node *node)
{
	SO_TMP(tmp, r->out.ctx);
	const char *below = prefix(tmp, r->plan, node, true);
	const char *color = node->never_executed ? "\033[2m" : node->share >= 0.4 ? "\033[1m" : NULL;

	line(r,
		so_printf(tmp, "%s%s%s", prefix(tmp, r->plan, node, false), node_name(tmp, node),
			node_figures(tmp, r->plan, node)),
		color);
	for (size_t i = 0; i < node->n_conditions; i++)
		line(r,
			so_printf(tmp, "%s  %s: %s", below, so_condition_kind_name(node->conditions[i].kind),
				node->conditions[i].text),
			"\033[2m");
	for (size_t i = 0; r->findings && i < r->findings->count; i++) {
		const struct so_finding *f = &r->findings->items[i];

		if (f->node == node->id)
			line(r,
				so_printf(tmp, "%s  ▲ %s: %s [%s]", below, so_severity_name(f->severity), f->title,
					f->rule),
				severity_colors[f->severity]);
	}
}

char *so_plan_render(
	TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_finding_list *findings, int width, bool color)
{
	SO_TMP(tmp, ctx);
	struct render r = { .plan = plan, .findings = findings, .width = width, .color = color };
	char text[32];

	so_buf_init(&r.out, tmp, RENDER_MAX);
	for (int32_t i = 0; i < plan->n_nodes && !r.out.overflow; i++)
		render_node(&r, &plan->nodes[i]);
	if (!isnan(plan->planning_ms)) {
		milliseconds(text, plan->planning_ms);
		line(&r, so_printf(tmp, "planning %s", text), NULL);
	}
	if (!isnan(plan->execution_ms)) {
		milliseconds(text, plan->execution_ms);
		line(&r, so_printf(tmp, "execution %s", text), NULL);
	}
	if (!plan->has_analyze && !isnan(plan->total_cost))
		line(&r, so_printf(tmp, "total cost %.2f (planner cost, not time)", plan->total_cost), NULL);
	return so_strdup(ctx, so_buf_text(&r.out));
}
