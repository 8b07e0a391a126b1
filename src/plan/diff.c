#include "plan/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

/* Nodes are matched by what they do and by which tables are below them, so that a scan finds its table wherever the
 * join order put it, and a join finds the join of the same tables whatever its method. */

static const char *const change_names[] = {
	[SO_CHANGE_ACCESS_PATH] = "access_path",
	[SO_CHANGE_JOIN_METHOD] = "join_method",
	[SO_CHANGE_JOIN_SIDES] = "join_sides",
	[SO_CHANGE_JOIN_ORDER] = "join_order",
	[SO_CHANGE_STRATEGY] = "strategy",
	[SO_CHANGE_PARALLEL] = "parallel",
	[SO_CHANGE_SPILL] = "spill",
	[SO_CHANGE_REMOVED] = "removed",
	[SO_CHANGE_ADDED] = "added",
	[SO_CHANGE_ROWS_EST] = "rows_est",
	[SO_CHANGE_ROWS_ACTUAL] = "rows_actual",
	[SO_CHANGE_COST] = "cost",
	[SO_CHANGE_TIME] = "time",
	[SO_CHANGE_BUFFERS] = "buffers",
};
_Static_assert(sizeof change_names / sizeof change_names[0] == SO_CHANGE_KIND_MAX, "a name for every kind");

const char *so_plan_change_name(enum so_plan_change_kind kind)
{
	so_assert(kind < SO_CHANGE_KIND_MAX);
	return change_names[kind];
}

/* ---- Matching --------------------------------------------------------------------------------------------------- */

enum node_class {
	CLASS_SCAN, /* reads a table, CTE, function ...: the key is what it reads */
	CLASS_PART, /* part of the scan above it: a bitmap index scan, an index of a MULTI-INDEX OR */
	CLASS_JOIN,
	CLASS_SORT,
	CLASS_GROUP,
	CLASS_GATHER,
	CLASS_OTHER, /* the operation itself */
};

static enum node_class class_of(const struct so_plan *plan, const struct so_plan_node *node)
{
	switch (node->op) {
	case SO_PLAN_NESTED_LOOP:
	case SO_PLAN_HASH_JOIN:
	case SO_PLAN_MERGE_JOIN:
		return CLASS_JOIN;
	case SO_PLAN_SORT:
		return CLASS_SORT;
	case SO_PLAN_AGGREGATE:
		return CLASS_GROUP;
	case SO_PLAN_GATHER:
		return CLASS_GATHER;
	case SO_PLAN_BITMAP_SCAN:
		if (node->parent >= 0 && plan->nodes[node->parent].op == SO_PLAN_BITMAP_SCAN)
			return CLASS_PART;
		break;
	case SO_PLAN_SEQ_SCAN:
	case SO_PLAN_INDEX_SCAN:
	case SO_PLAN_INDEX_ONLY_SCAN:
	case SO_PLAN_KEY_LOOKUP:
	case SO_PLAN_CTE:
	case SO_PLAN_FUNCTION:
	case SO_PLAN_REMOTE:
	case SO_PLAN_VALUES:
		break;
	default:
		return CLASS_OTHER;
	}
	return node->relation || node->cte_name || node->alias || node->function ? CLASS_SCAN : CLASS_OTHER;
}

static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdu;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53u;
	return value ^ value >> 33;
}

/* What a scan reads, by the name that the query gives it. */
static uint64_t table_key(const struct so_plan_node *node)
{
	const char *name = node->relation ? node->relation : node->cte_name ? node->cte_name : node->function;
	const char *alias = node->alias ? node->alias : name;
	uint64_t key = XXH3_64bits(alias, strlen(alias));

	return name ? mix(key ^ XXH3_64bits_withSeed(name, strlen(name), 1)) : key;
}

struct side {
	const struct so_plan *plan;
	uint64_t *tables; /* by node: the tables at and below it, whatever their order */
	uint64_t *keys; /* by node: what its counterpart must have, too */
	int32_t *order; /* nodes by key, and by depth from below */
	int32_t *other; /* by node: the counterpart, or -1 */
};

static struct side make_side(TALLOC_CTX *tmp, const struct so_plan *plan)
{
	unsigned n = (unsigned)plan->n_nodes;
	struct side side = { .plan = plan,
		.tables = so_new_array(tmp, uint64_t, n),
		.keys = so_new_array(tmp, uint64_t, n),
		.order = so_new_array(tmp, int32_t, n),
		.other = so_new_array(tmp, int32_t, n) };

	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		const struct so_plan_node *node = &plan->nodes[i];
		enum node_class class = class_of(plan, node);
		uint64_t what = class == CLASS_OTHER ? 100 + (uint64_t)node->op : (uint64_t) class;

		if (class == CLASS_SCAN)
			side.tables[i] += mix(table_key(node));
		if (class == CLASS_PART && node->index)
			what = XXH3_64bits(node->index, strlen(node->index));
		/* subplans are told apart from the rest of their level by what they are called */
		if (node->cte_defined)
			what ^= XXH3_64bits(node->cte_defined, strlen(node->cte_defined));
		side.keys[i] = mix(side.tables[i] + mix(what + 1));
		side.order[i] = i;
		side.other[i] = -1;
		if (node->parent >= 0)
			side.tables[node->parent] += side.tables[i];
	}
	return side;
}

static int compare_order(const void *x, const void *y, void *arg)
{
	const struct side *side = arg;
	int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;

	if (side->keys[a] != side->keys[b])
		return side->keys[a] < side->keys[b] ? -1 : 1;
	return a < b ? 1 : -1; /* inner nodes first: the innermost sort is the one that both have */
}

static void match(struct side *a, struct side *b)
{
	int32_t i = 0, k = 0;

	if (so_plan_shape_hash(a->plan) == so_plan_shape_hash(b->plan) && a->plan->n_nodes == b->plan->n_nodes) {
		for (i = 0; i < a->plan->n_nodes; i++)
			a->other[i] = b->other[i] = i;
		return;
	}
	qsort_r(a->order, (size_t)a->plan->n_nodes, sizeof *a->order, compare_order, a);
	qsort_r(b->order, (size_t)b->plan->n_nodes, sizeof *b->order, compare_order, b);
	while (i < a->plan->n_nodes && k < b->plan->n_nodes) {
		int32_t x = a->order[i], y = b->order[k];

		if (a->keys[x] == b->keys[y]) {
			a->other[x] = y;
			b->other[y] = x;
			i++;
			k++;
		} else if (a->keys[x] < b->keys[y]) {
			i++;
		} else {
			k++;
		}
	}
	/* roots of other tables are roots all the same */
	if (a->other[0] < 0 && b->other[0] < 0 && strcmp(a->plan->nodes[0].label, b->plan->nodes[0].label) == 0 &&
		class_of(a->plan, &a->plan->nodes[0]) != CLASS_SCAN)
		a->other[0] = b->other[0] = 0;
}

/* ---- Words ------------------------------------------------------------------------------------------------------ */

static const char *object_of(TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_plan_node *node)
{
	const char *name = so_plan_node_object(ctx, node);
	char *list = NULL;
	int n = 0;

	if (class_of(plan, node) == CLASS_SCAN || class_of(plan, node) == CLASS_PART) {
		if (node->alias && node->relation && strcmp(node->alias, node->relation) != 0)
			return so_printf(ctx, "%s %s", name, node->alias);
		return name;
	}
	for (int32_t i = node->id + 1; i < node->end && n < 5; i++) {
		const struct so_plan_node *below = &plan->nodes[i];

		if (class_of(plan, below) != CLASS_SCAN)
			continue;
		name = below->alias ? below->alias : so_plan_node_object(ctx, below);
		if (++n == 5)
			list = so_printf(ctx, "%s ...", list);
		else
			list = list ? so_printf(ctx, "%s, %s", list, name) : so_strdup(ctx, name);
	}
	return list ? list : so_strdup(ctx, node->label);
}

/* "Index Scan Backward using i", without the table. */
static char *access_of(TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_plan_node *node)
{
	char *text = so_printf(ctx, "%s%s", node->parallel_aware ? "Parallel " : "", node->label);

	if (node->scan_direction && strcmp(node->scan_direction, "Backward") == 0)
		text = so_printf(ctx, "%s Backward", text);
	if (node->index)
		return so_printf(ctx, "%s using %s", text, node->index);
	for (int32_t i = node->id + 1; node->op == SO_PLAN_BITMAP_SCAN && i < node->end; i++)
		if (plan->nodes[i].index)
			text = so_printf(
				ctx, "%s%s%s", text, strstr(text, " using ") ? ", " : " using ", plan->nodes[i].index);
	if (node->strategy)
		text = so_printf(ctx, "%s (%s)", text, node->strategy);
	return text;
}

static char *label_of(TALLOC_CTX *ctx, const struct so_plan_node *node)
{
	char *text = so_strdup(ctx, node->label);

	if (node->join_type && strcmp(node->join_type, "Inner") != 0)
		text = so_printf(ctx, "%s %s", text, node->join_type);
	if (node->strategy && strcmp(node->strategy, "Plain") != 0)
		text = so_printf(ctx, "%s (%s)", text, node->strategy);
	return text;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- Changes ---------------------------------------------------------------------------------------------------- */

struct compare {
	struct so_plan_diff *diff;
	struct side a, b;
	size_t size; /* of diff->changes */
	struct so_plan_pair *pair; /* the one at hand */
};

static void add(struct compare *c, enum so_plan_change_kind kind, const char *before, const char *after, double factor)
{
	struct so_plan_diff *diff = c->diff;
	const struct so_plan_pair *pair = c->pair;
	const struct so_plan *plan = pair->b >= 0 ? diff->b : diff->a;

	if (diff->n_changes == c->size) {
		c->size = c->size ? c->size * 2 : 32;
		diff->changes = so_renew_array(diff, diff->changes, struct so_plan_change, (unsigned)c->size);
	}
	c->pair->changes |= 1u << kind;
	diff->changes[diff->n_changes++] = (struct so_plan_change){ .kind = kind,
		.a = pair->a,
		.b = pair->b,
		.object = object_of(diff, plan, &plan->nodes[pair->b >= 0 ? pair->b : pair->a]),
		.before = before,
		.after = after,
		.factor = factor };
}

/* A figure whose change counts when it is `factor` times more or less, and differs by `least`. */
static void compare_figure(
	struct compare *c, enum so_plan_change_kind kind, double before, double after, double factor, double least)
{
	double low = fmin(before, after), high = fmax(before, after);
	char was[64], is[64];

	if (isnan(before) || isnan(after) || before == after /* both infinite */ || high - low < least ||
		high < fmax(low, 1e-9) * factor)
		return;
	if ((kind == SO_CHANGE_ROWS_EST || kind == SO_CHANGE_ROWS_ACTUAL) && high < factor)
		return; /* none or one row */
	if (kind == SO_CHANGE_TIME) {
		snprintf(was, sizeof was, "%.3f ms", before);
		snprintf(is, sizeof is, "%.3f ms", after);
	} else if (kind == SO_CHANGE_COST) {
		snprintf(was, sizeof was, "%.2f", before);
		snprintf(is, sizeof is, "%.2f", after);
	} else {
		snprintf(was, sizeof was, "%.0f", before);
		snprintf(is, sizeof is, "%.0f", after);
	}
	add(c, kind, so_strdup(c->diff, was), so_strdup(c->diff, is), after / fmax(before, 1e-9));
}

static double pages(const struct so_plan_buffers *b)
{
	if (b->shared_hit < 0 && b->shared_read < 0)
		return NAN;
	return (double)(b->shared_hit > 0 ? b->shared_hit : 0) + (double)(b->shared_read > 0 ? b->shared_read : 0);
}

static double rows_total(const struct so_plan_node *node)
{
	return isnan(node->rows_actual) || isnan(node->loops) ? NAN : node->rows_actual * node->loops;
}

static void compare_figures(struct compare *c, const struct so_plan_node *x, const struct so_plan_node *y)
{
	compare_figure(c, SO_CHANGE_ROWS_EST, x->rows_est * x->loops_est, y->rows_est * y->loops_est,
		SO_PLAN_DIFF_ROWS_FACTOR, 1);
	compare_figure(c, SO_CHANGE_ROWS_ACTUAL, rows_total(x), rows_total(y), SO_PLAN_DIFF_ROWS_FACTOR, 1);
	if (c->diff->same_engine)
		compare_figure(c, SO_CHANGE_COST, x->cost_exclusive, y->cost_exclusive, SO_PLAN_DIFF_COST_FACTOR, 0.01);
	compare_figure(c, SO_CHANGE_TIME, x->time_exclusive_ms, y->time_exclusive_ms, SO_PLAN_DIFF_TIME_FACTOR,
		SO_PLAN_DIFF_TIME_MS);
	compare_figure(c, SO_CHANGE_BUFFERS, pages(&x->buffers_exclusive), pages(&y->buffers_exclusive),
		SO_PLAN_DIFF_BUFFERS_FACTOR, SO_PLAN_DIFF_BUFFERS_PAGES);
}

/* The tables on the outer side of a join. */
static uint64_t outer_tables(const struct side *side, const struct so_plan_node *join)
{
	return join->first_child < 0 ? 0 : side->tables[join->first_child];
}

static void compare_join(struct compare *c, const struct so_plan_node *x, const struct so_plan_node *y)
{
	const char *was = label_of(c->diff, x), *is = label_of(c->diff, y);

	if (strcmp(was, is) != 0)
		add(c, SO_CHANGE_JOIN_METHOD, was, is, NAN);
	if (outer_tables(&c->a, x) != outer_tables(&c->b, y) && x->first_child >= 0 && y->first_child >= 0)
		add(c, SO_CHANGE_JOIN_SIDES,
			so_printf(c->diff, "%s outside",
				object_of(c->diff, c->a.plan, &c->a.plan->nodes[x->first_child])),
			so_printf(c->diff, "%s outside",
				object_of(c->diff, c->b.plan, &c->b.plan->nodes[y->first_child])),
			NAN);
}

static void compare_workers(struct compare *c, const struct so_plan_node *x, const struct so_plan_node *y)
{
	if (x->workers_planned == y->workers_planned && x->workers_launched == y->workers_launched)
		return;
	add(c, SO_CHANGE_PARALLEL, so_printf(c->diff, "%d of %d workers", x->workers_launched, x->workers_planned),
		so_printf(c->diff, "%d of %d workers", y->workers_launched, y->workers_planned), NAN);
}

static void compare_nodes(struct compare *c, const struct so_plan_node *x, const struct so_plan_node *y)
{
	enum node_class class = class_of(c->b.plan, y);

	if (class == CLASS_SCAN) {
		const char *was = access_of(c->diff, c->a.plan, x), *is = access_of(c->diff, c->b.plan, y);

		if (strcmp(was, is) != 0)
			add(c, SO_CHANGE_ACCESS_PATH, was, is, NAN);
	} else if (class == CLASS_JOIN) {
		compare_join(c, x, y);
	} else if (class == CLASS_GATHER) {
		compare_workers(c, x, y);
	} else if (!same_text(x->label, y->label) || !same_text(x->strategy, y->strategy)) {
		add(c, SO_CHANGE_STRATEGY, label_of(c->diff, x), label_of(c->diff, y), NAN);
	}
	if ((x->disk_kb > 0) != (y->disk_kb > 0) && x->disk_kb >= 0 && y->disk_kb >= 0)
		add(c, SO_CHANGE_SPILL,
			x->disk_kb > 0 ? so_printf(c->diff, "%lld kB on disk", (long long)x->disk_kb) : "in memory",
			y->disk_kb > 0 ? so_printf(c->diff, "%lld kB on disk", (long long)y->disk_kb) : "in memory",
			NAN);
	compare_figures(c, x, y);
}

/* A node of one plan only. Joins of tables that the other plan does not join so tell of the order. */
static void report_single(struct compare *c, const struct so_plan *plan, const struct so_plan_node *node, bool added)
{
	enum node_class class = class_of(plan, node);
	const char *words = class == CLASS_SCAN ? access_of(c->diff, plan, node) : label_of(c->diff, node);
	enum so_plan_change_kind kind = added ? SO_CHANGE_ADDED : SO_CHANGE_REMOVED;

	if (class == CLASS_PART)
		return; /* told with the scan above it */
	if (class == CLASS_JOIN && c->diff->same_tables)
		kind = SO_CHANGE_JOIN_ORDER;
	else if (class == CLASS_GATHER)
		kind = SO_CHANGE_PARALLEL;
	add(c, kind, added ? NULL : words, added ? words : NULL, NAN);
}

static int compare_changes(const void *x, const void *y)
{
	const struct so_plan_change *a = x, *b = y;
	bool a_figure = a->kind >= SO_CHANGE_ROWS_EST, b_figure = b->kind >= SO_CHANGE_ROWS_EST;
	double a_size, b_size;

	if (a_figure != b_figure)
		return a_figure ? 1 : -1;
	if (!a_figure && a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	a_size = a_figure ? fabs(log(fmax(a->factor, 1e-12))) : 0;
	b_size = b_figure ? fabs(log(fmax(b->factor, 1e-12))) : 0;
	if (a_size != b_size)
		return a_size > b_size ? -1 : 1;
	if (a->b != b->b)
		return a->b < b->b ? -1 : 1;
	return a->a < b->a ? -1 : a->a > b->a;
}

struct so_plan_diff *so_plan_compare(TALLOC_CTX *ctx, const struct so_plan *a, const struct so_plan *b)
{
	struct so_plan_diff *diff = so_new(ctx, struct so_plan_diff);
	SO_TMP(tmp, ctx);
	struct compare c = { .diff = diff, .a = make_side(tmp, a), .b = make_side(tmp, b) };

	diff->a = a;
	diff->b = b;
	diff->same_shape = so_plan_shape_hash(a) == so_plan_shape_hash(b);
	diff->same_engine = strcmp(a->engine, b->engine) == 0;
	diff->same_tables = c.a.tables[0] == c.b.tables[0];
	diff->buffers_a = pages(&a->nodes[0].buffers);
	diff->buffers_b = pages(&b->nodes[0].buffers);
	match(&c.a, &c.b);
	diff->pairs = so_new_array(diff, struct so_plan_pair, (unsigned)(a->n_nodes + b->n_nodes));
	for (int32_t i = 0; i < b->n_nodes; i++)
		diff->pairs[diff->n_pairs++] = (struct so_plan_pair){ .a = c.b.other[i], .b = i };
	for (int32_t i = 0; i < a->n_nodes; i++)
		if (c.a.other[i] < 0)
			diff->pairs[diff->n_pairs++] = (struct so_plan_pair){ .a = i, .b = -1 };
	for (size_t i = 0; i < diff->n_pairs; i++) {
		c.pair = &diff->pairs[i];
		if (c.pair->a >= 0 && c.pair->b >= 0)
			compare_nodes(&c, &a->nodes[c.pair->a], &b->nodes[c.pair->b]);
		else if (c.pair->b >= 0)
			report_single(&c, b, &b->nodes[c.pair->b], true);
		else
			report_single(&c, a, &a->nodes[c.pair->a], false);
	}
	if (diff->n_changes)
		qsort(diff->changes, diff->n_changes, sizeof *diff->changes, compare_changes);
	return diff;
}
