/* The diff of two plans for the API, and for a terminal. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/printable.h"
#include "plan/diff.h"

#define RENDER_MAX (16u << 20) /* bytes of output */

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *id_or_null(int32_t id)
{
	return id >= 0 ? json_integer(id) : json_null();
}

static json_t *plan_to_json(const struct so_plan *plan, double buffers)
{
	char shape[17];

	snprintf(shape, sizeof shape, "%016" PRIx64, so_plan_shape_hash(plan));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "engine", plan->engine, "format", plan->format, "shape",
		shape, "total_cost", real_or_null(plan->total_cost), "planning_ms", real_or_null(plan->planning_ms),
		"execution_ms", real_or_null(plan->execution_ms), "buffers", real_or_null(buffers));
}

static json_t *node_to_json(const struct so_plan *plan, int32_t id)
{
	SO_TMP(tmp, NULL);
	const struct so_plan_node *node = id >= 0 ? &plan->nodes[id] : NULL;
	const struct so_plan_buffers *b = node ? &node->buffers_exclusive : NULL;

	if (!node)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "label", text_or_null(node->label),
		"object", text_or_null(so_plan_node_object(tmp, node)), "index", text_or_null(node->index), "rows_est",
		real_or_null(node->rows_est), "rows_actual", real_or_null(node->rows_actual), "loops",
		real_or_null(node->loops), "cost", real_or_null(node->cost_exclusive), "time_ms",
		real_or_null(node->time_ms), "time_exclusive_ms", real_or_null(node->time_exclusive_ms), "buffers",
		b->shared_hit < 0 ? json_null()
				  : json_integer(b->shared_hit + (b->shared_read > 0 ? b->shared_read : 0)));
}

json_t *so_plan_diff_to_json(const struct so_plan_diff *diff)
{
	json_t *changes = json_array(), *nodes = json_array();

	for (size_t i = 0; i < diff->n_changes; i++) {
		const struct so_plan_change *c = &diff->changes[i];

		json_array_append_new(
			changes, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", so_plan_change_name(c->kind),
					 "before_node", id_or_null(c->a), "after_node", id_or_null(c->b), "object",
					 text_or_null(c->object), "before", text_or_null(c->before), "after",
					 text_or_null(c->after), "factor", real_or_null(c->factor)));
	}
	for (size_t i = 0; i < diff->n_pairs; i++) {
		const struct so_plan_pair *pair = &diff->pairs[i];
		json_t *kinds = json_array();

		for (unsigned kind = 0; kind < SO_CHANGE_KIND_MAX; kind++)
			if (pair->changes >> kind & 1)
				json_array_append_new(kinds, json_string(so_plan_change_name(kind)));
		json_array_append_new(
			nodes, json_pack("{s:o, s:o, s:o, s:o, s:o}", "before_node", id_or_null(pair->a), "after_node",
				       id_or_null(pair->b), "changes", kinds, "before", node_to_json(diff->a, pair->a),
				       "after", node_to_json(diff->b, pair->b)));
	}
	return json_pack("{s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "same_shape", diff->same_shape, "same_tables",
		diff->same_tables, "same_engine", diff->same_engine, "before", plan_to_json(diff->a, diff->buffers_a),
		"after", plan_to_json(diff->b, diff->buffers_b), "changes", changes, "nodes", nodes);
}

/* ---- Terminal --------------------------------------------------------------------------------------------------- */

struct render {
	struct so_buf out;
	int width;
	bool color;
};

static const char *const titles[] = {
	[SO_CHANGE_ACCESS_PATH] = "access path",
	[SO_CHANGE_JOIN_METHOD] = "join method",
	[SO_CHANGE_JOIN_SIDES] = "join sides",
	[SO_CHANGE_JOIN_ORDER] = "join order",
	[SO_CHANGE_STRATEGY] = "strategy",
	[SO_CHANGE_PARALLEL] = "parallelism",
	[SO_CHANGE_SPILL] = "memory",
	[SO_CHANGE_REMOVED] = "removed",
	[SO_CHANGE_ADDED] = "added",
	[SO_CHANGE_ROWS_EST] = "rows expected",
	[SO_CHANGE_ROWS_ACTUAL] = "rows",
	[SO_CHANGE_COST] = "cost",
	[SO_CHANGE_TIME] = "time",
	[SO_CHANGE_BUFFERS] = "buffers",
};
_Static_assert(sizeof titles / sizeof titles[0] == SO_CHANGE_KIND_MAX, "a title for every kind");

/* One line, newlines in it as blanks, cut to the width. */
static void put_line(struct render *r, const char *raw, const char *color)
{
	SO_TMP(tmp, r->out.ctx);
	char *text = so_strdup(tmp, so_printable(tmp, raw));
	size_t len = 0;
	int columns = 0;

	for (; text[len]; len++) {
		if (text[len] == '\n' || text[len] == '\t')
			text[len] = ' ';
		columns += (text[len] & 0xC0) != 0x80;
		if (r->width > 0 && columns > r->width)
			break;
	}
	if (color && r->color)
		so_buf_adds(&r->out, color);
	so_buf_add(&r->out, text, len);
	if (color && r->color)
		so_buf_adds(&r->out, "\033[0m");
	so_buf_addc(&r->out, '\n');
}

/* " (÷ 12)", " (× 3.4)", "" for what nearly stayed. */
static char *factor_text(TALLOC_CTX *ctx, double factor)
{
	double times = factor < 1 ? 1 / fmax(factor, 1e-12) : factor;

	if (isnan(factor) || times < 1.05)
		return so_strdup(ctx, "");
	if (times >= 1e9)
		return so_strdup(ctx, factor < 1 ? " (now next to nothing)" : " (was next to nothing)");
	return so_printf(ctx, times >= 10 ? " (%s %.0f)" : " (%s %.1f)", factor < 1 ? "÷" : "×", times);
}

static void put_total(struct render *r, const char *title, double before, double after, const char *unit, int decimals)
{
	SO_TMP(tmp, r->out.ctx);
	double factor = before > 0 ? after / before : NAN;

	if (isnan(before) && isnan(after))
		return;
	put_line(r,
		so_printf(tmp, "%-14s %s → %s%s%s", title,
			isnan(before) ? "?" : so_printf(tmp, "%.*f", decimals, before),
			isnan(after) ? "?" : so_printf(tmp, "%.*f", decimals, after), unit,
			isnan(after) ? "" : factor_text(tmp, factor)),
		factor > 1.05   ? "\033[31m"
		: factor < 0.95 ? "\033[32m"
				: NULL);
}

static void put_change(struct render *r, const struct so_plan_change *c)
{
	SO_TMP(tmp, r->out.ctx);
	const char *what = c->before && c->after ? so_printf(tmp, "%s → %s", c->before, c->after)
			   : c->before           ? so_printf(tmp, "%s is gone", c->before)
						 : so_printf(tmp, "%s is new", c->after);

	put_line(r, so_printf(tmp, "%-14s %s: %s%s", titles[c->kind], c->object, what, factor_text(tmp, c->factor)),
		c->kind < SO_CHANGE_ROWS_EST ? "\033[1m" : NULL);
}

char *so_plan_diff_render(TALLOC_CTX *ctx, const struct so_plan_diff *diff, int width, bool color)
{
	SO_TMP(tmp, ctx);
	struct render r = { .width = width, .color = color };

	so_buf_init(&r.out, tmp, RENDER_MAX);
	if (!diff->same_tables)
		put_line(&r, "The plans do not read the same tables: they are hardly plans of one query.", "\033[33m");
	if (!diff->same_engine)
		put_line(&r,
			so_printf(tmp, "Plans of %s and %s: costs are not compared.", diff->a->engine, diff->b->engine),
			"\033[33m");
	put_line(&r, diff->same_shape ? "The plans have the same shape." : "The plans have another shape.", NULL);
	if (diff->same_engine)
		put_total(&r, "cost", diff->a->total_cost, diff->b->total_cost, "", 2);
	put_total(&r, "time", diff->a->execution_ms, diff->b->execution_ms, " ms", 3);
	put_total(&r, "planning", diff->a->planning_ms, diff->b->planning_ms, " ms", 3);
	put_total(&r, "buffers", diff->buffers_a, diff->buffers_b, " pages", 0);
	if (diff->n_changes)
		so_buf_addc(&r.out, '\n');
	for (size_t i = 0; i < diff->n_changes && !r.out.overflow; i++)
		put_change(&r, &diff->changes[i]);
	return so_strdup(ctx, so_buf_text(&r.out));
}
