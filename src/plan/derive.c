/* Exclusive time, buffers and cost. The rules, with their reasons, are in docs/internals/plan.md. In short: a node's
 * elapsed time is its mean time per loop x loops / processes that shared the loops; what a node spent itself is that
 * minus what is charged to it; a child is charged to the node in whose execution it ran, which is the parent except
 * for CTEs (the CTE scans that pulled the rows) and InitPlans (the first node that needed the result). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"

#define SEARCH_BUDGET (8u << 20) /* bytes of conditions looked through for InitPlan parameters, per plan */
#define NODE_BUDGET   16u /* what looking at a node takes of it at least */
#define NO_CHARGE     (-1)

struct derive {
	struct so_plan *plan;
	int32_t *charged_to; /* node that a node's figures are subtracted from, or NO_CHARGE */
	int32_t *outer; /* by node: its child that is an outer side, or -1 */
	double *cost; /* total cost of a node; without one, what its children cost */
	size_t budget;
};

static bool is_cte_root(const struct so_plan_node *node)
{
	return node->relationship == SO_PLAN_REL_INIT_PLAN && node->cte_defined;
}

static bool is_cte_scan(const struct so_plan_node *node)
{
	return node->op == SO_PLAN_CTE && node->cte_name && strcmp(node->label, "WorkTable Scan") != 0;
}

/* ---- Elapsed time ----------------------------------------------------------------------------------------------- */

/* A gather's child runs once in every participating process each time the gather runs; everything below it shares its
 * loops among the same processes. */
static void set_processes(struct so_plan *plan)
{
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *parent = &plan->nodes[node->parent];
		double mine = node->loops, above = parent->loops;

		node->processes = parent->processes;
		if (parent->op == SO_PLAN_GATHER && node->relationship != SO_PLAN_REL_INIT_PLAN && mine > 0 &&
			above > 0)
			node->processes = fmax(1, mine / above * parent->processes);
	}
}

static void set_times(struct so_plan *plan)
{
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		node->never_executed = plan->has_analyze && node->loops == 0;
		if (plan->has_timing && isnan(node->time_ms)) /* else the reader knows it */
			node->time_ms = node->loops > 0 ? node->total_ms * node->loops / node->processes : 0;
		if (plan->has_timing && isnan(node->time_ms))
			node->time_ms = 0;
	}
}

/* ---- Who pays --------------------------------------------------------------------------------------------------- */

/* Where CTEs hang: sorted by node, then by name. */
struct cte_place {
	int32_t attach, root;
	const char *name;
};

static int compare_place(const void *a, const void *b)
{
	const struct cte_place *x = a, *y = b;

	if (x->attach != y->attach)
		return x->attach < y->attach ? -1 : 1;
	return strcmp(x->name, y->name);
}

#define SAME_NAME_MAX 16 /* CTEs of one name under one node: more than one is no plan of PostgreSQL's */

/* The CTE of that name under `attach` that the scan is not itself a part of; -1 when there is none. */
static int32_t cte_under(const struct so_plan *plan, const struct cte_place *places, size_t n, int32_t attach,
	const struct so_plan_node *scan)
{
	const struct cte_place key = { .attach = attach, .name = scan->cte_name };
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_place(&places[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < n && i < low + SAME_NAME_MAX && compare_place(&places[i], &key) == 0; i++)
		if (scan->id < places[i].root || scan->id >= plan->nodes[places[i].root].end)
			return places[i].root;
	return -1;
}

/* Links CTE scans to the subplan root that they read: of that name, attached to the scan itself or to the nearest
 * ancestor. */
static void link_ctes(struct derive *d)
{
	struct so_plan *plan = d->plan;
	struct cte_place *places = so_new_array(d->charged_to, struct cte_place, (unsigned)plan->n_nodes);
	size_t n = 0;

	for (int32_t i = 0; i < plan->n_nodes; i++)
		if (is_cte_root(&plan->nodes[i]))
			places[n++] = (struct cte_place){
				.attach = plan->nodes[i].parent, .root = i, .name = plan->nodes[i].cte_defined
			};
	qsort(places, n, sizeof *places, compare_place);
	for (int32_t i = 0; i < plan->n_nodes && n; i++) {
		struct so_plan_node *scan = &plan->nodes[i];

		for (int32_t up = i; is_cte_scan(scan) && up >= 0 && scan->cte_root < 0; up = plan->nodes[up].parent)
			scan->cte_root = cte_under(plan, places, n, up, scan);
		if (scan->cte_root >= 0)
			plan->nodes[scan->cte_root].cte_readers++;
	}
}

static bool node_mentions(struct derive *d, const struct so_plan_node *node, const char *word)
{
	bool found = false;

	d->budget -= d->budget < NODE_BUDGET ? d->budget : NODE_BUDGET;
	for (size_t i = 0; i < node->n_conditions && !found; i++) {
		size_t len = strlen(node->conditions[i].text);

		if (len > d->budget)
			return false;
		d->budget -= len;
		found = so_plan_mentions(node->conditions[i].text, word);
	}
	for (size_t i = 0; i < node->n_output && !found; i++) {
		size_t len = strlen(node->output[i]);

		if (len > d->budget)
			return false;
		d->budget -= len;
		found = so_plan_mentions(node->output[i], word);
	}
	for (size_t i = 0; i < node->n_params && !found; i++)
		found = so_plan_mentions(node->params[i], word);
	return found;
}

/* How conditions refer to an InitPlan's first result: "$0" of "InitPlan 1 (returns $0)" up to PostgreSQL 16, then
 * "(InitPlan 1)". False when the name tells nothing. */
static bool init_plan_word(const struct so_plan_node *node, char word[64])
{
	const char *name = node->subplan_name, *dollar = name ? strchr(name, '$') : NULL;
	size_t len;

	if (!name)
		return false;
	if (!dollar) {
		len = strlen(name);
		if (len > 60)
			return false;
		word[0] = '(';
		memcpy(word + 1, name, len);
		memcpy(word + 1 + len, ")", 2);
		return true;
	}
	len = 1 + strspn(dollar + 1, "0123456789");
	if (len > 60)
		return false;
	memcpy(word, dollar, len);
	word[len] = '\0';
	return true;
}

/* The node in whose time an InitPlan ran: it hangs under the top of its query level but is evaluated where its value is
 * first needed, so the first node that mentions it and has room for its time. */
static int32_t init_plan_consumer(struct derive *d, const struct so_plan_node *init)
{
	const struct so_plan *plan = d->plan;
	const struct so_plan_node *attach = &plan->nodes[init->parent];
	char word[64];

	if (!plan->has_analyze || !init_plan_word(init, word))
		return init->parent;
	for (int32_t i = attach->id; i < attach->end && d->budget; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (i == init->id) {
			i = init->end - 1;
			continue;
		}
		if (plan->has_timing && node->time_ms < init->time_ms * 0.9)
			continue;
		if (node_mentions(d, node, word))
			return i;
	}
	return attach->id;
}

static void set_charges(struct derive *d)
{
	for (int32_t i = 0; i < d->plan->n_nodes; i++) {
		const struct so_plan_node *node = &d->plan->nodes[i];

		d->charged_to[i] = node->parent;
		if (is_cte_root(node))
			d->charged_to[i] = NO_CHARGE; /* see charge_ctes */
		else if (node->relationship == SO_PLAN_REL_INIT_PLAN)
			d->charged_to[i] = init_plan_consumer(d, node);
	}
}

/* ---- Subtraction ------------------------------------------------------------------------------------------------ */

#define N_BUFFERS (sizeof(struct so_plan_buffers) / sizeof(int64_t))

static int64_t *buffer_at(struct so_plan_buffers *buffers, size_t i)
{
	return (int64_t *)buffers + i;
}

/* Takes up to what `node` has left of each figure of `cte` and returns what remains of the CTE in *rest. */
static void charge_scan(struct so_plan_node *scan, struct so_plan_node *rest)
{
	double ms = fmin(fmax(scan->time_exclusive_ms, 0), rest->time_ms);
	double io = fmin(fmax(scan->io_read_exclusive_ms, 0), rest->io_read_ms);

	if (ms > 0) {
		scan->time_exclusive_ms -= ms;
		rest->time_ms -= ms;
	}
	if (io > 0) {
		scan->io_read_exclusive_ms -= io;
		rest->io_read_ms -= io;
	}
	for (size_t i = 0; i < N_BUFFERS; i++) {
		int64_t *have = buffer_at(&scan->buffers_exclusive, i), *need = buffer_at(&rest->buffers, i);
		int64_t pages = *have < *need ? *have : *need;

		if (pages > 0) {
			*have -= pages;
			*need -= pages;
		}
	}
}

struct cte_use {
	int32_t cte, scan;
	double time_ms;
};

/* By CTE, inner ones first (a later id is never outside), then the scan that took longest. */
static int compare_use(const void *a, const void *b)
{
	const struct cte_use *x = a, *y = b;

	if (x->cte != y->cte)
		return x->cte < y->cte ? 1 : -1;
	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms ? 1 : -1;
	return x->scan < y->scan ? -1 : 1;
}

/* A CTE's rows are computed while its scans pull them: the scan that took longest pays first. One that nothing reads (a
 * data-modifying CTE) runs after the main plan and is charged to nobody. */
static void charge_ctes(struct derive *d)
{
	struct so_plan *plan = d->plan;
	struct cte_use *uses = so_new_array(d->charged_to, struct cte_use, (unsigned)plan->n_nodes);
	struct so_plan_node rest = { .id = -1 };
	size_t n = 0;

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		int32_t cte = plan->nodes[i].cte_root;

		if (cte >= 0)
			uses[n++] = (struct cte_use){ .cte = cte,
				.scan = i,
				.time_ms = plan->has_timing ? plan->nodes[i].time_exclusive_ms : 0 };
	}
	qsort(uses, n, sizeof *uses, compare_use);
	for (size_t i = 0; i < n; i++) {
		if (rest.id != uses[i].cte)
			rest = plan->nodes[uses[i].cte];
		charge_scan(&plan->nodes[uses[i].scan], &rest);
	}
}

static void subtract(struct derive *d)
{
	struct so_plan *plan = d->plan;

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		node->time_exclusive_ms = node->time_ms;
		node->buffers_exclusive = node->buffers;
		node->io_read_exclusive_ms = node->io_read_ms;
	}
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i], *payer;

		if (d->charged_to[i] == NO_CHARGE)
			continue;
		payer = &plan->nodes[d->charged_to[i]];
		payer->time_exclusive_ms -= node->time_ms;
		if (!isnan(node->io_read_ms))
			payer->io_read_exclusive_ms -= node->io_read_ms;
		for (size_t k = 0; k < N_BUFFERS; k++)
			if (*buffer_at(&node->buffers, k) > 0)
				*buffer_at(&payer->buffers_exclusive, k) -= *buffer_at(&node->buffers, k);
	}
	charge_ctes(d);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		/* clocks of different nodes are read at different moments */
		if (node->time_exclusive_ms < 0)
			node->time_exclusive_ms = 0;
		if (node->io_read_exclusive_ms < 0)
			node->io_read_exclusive_ms = 0;
		for (size_t k = 0; plan->has_buffers && k < N_BUFFERS; k++)
			if (*buffer_at(&node->buffers_exclusive, k) < 0)
				*buffer_at(&node->buffers_exclusive, k) = 0;
	}
}

/* ---- Cost ------------------------------------------------------------------------------------------------------- */

static void set_hashed_subplans(struct so_plan *plan)
{
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		const struct so_plan_node *parent = &plan->nodes[node->parent];
		char word[80];

		if (node->relationship != SO_PLAN_REL_SUB_PLAN || !node->subplan_name ||
			strlen(node->subplan_name) > 60)
			continue;
		memcpy(word, "hashed ", 7);
		memcpy(word + 7, node->subplan_name, strlen(node->subplan_name) + 1);
		for (size_t k = 0; k < parent->n_conditions && !node->hashed_subplan; k++)
			node->hashed_subplan = so_plan_mentions(parent->conditions[k].text, word);
		for (size_t k = 0; k < parent->n_output && !node->hashed_subplan; k++)
			node->hashed_subplan = so_plan_mentions(parent->output[k], word);
	}
}

static void find_outer_children(struct derive *d)
{
	for (int32_t i = 0; i < d->plan->n_nodes; i++)
		d->outer[i] = -1;
	for (int32_t i = d->plan->n_nodes - 1; i > 0; i--) /* the first of several stays */
		if (d->plan->nodes[i].relationship == SO_PLAN_REL_OUTER)
			d->outer[d->plan->nodes[i].parent] = i;
}

static const struct so_plan_node *outer_child(const struct derive *d, const struct so_plan_node *node)
{
	return d->outer[node->id] < 0 ? NULL : &d->plan->nodes[d->outer[node->id]];
}

/* How often the planner expected a child to run, for each run of its parent. */
static double runs_of(const struct derive *d, const struct so_plan_node *node)
{
	const struct so_plan_node *parent = &d->plan->nodes[node->parent], *outer;

	if (node->relationship == SO_PLAN_REL_INNER && parent->op == SO_PLAN_NESTED_LOOP && !parent->join_buffer) {
		outer = outer_child(d, parent);
		return outer ? fmax(1, outer->rows_est) : 1;
	}
	if (node->relationship == SO_PLAN_REL_SUB_PLAN && !node->hashed_subplan) {
		outer = outer_child(d, parent);
		return fmax(1, outer ? outer->rows_est : parent->rows_est);
	}
	return 1;
}

static bool is_open_ended(const struct so_plan_node *parent, const struct so_plan_node *node)
{
	/* a scan tests its subplan on more rows than it returns, and does not say on how many */
	return node->relationship == SO_PLAN_REL_SUB_PLAN && !node->hashed_subplan && parent->relation;
}

/* Hands a node's total cost down: what its children cost in all their runs, at most what there is. */
static void share_cost(struct derive *d, struct so_plan_node *node)
{
	struct so_plan *plan = d->plan;
	double scale = d->cost[node->id] > 0 ? node->cost_inclusive / d->cost[node->id] : 0;
	double sum = 0, open = 0, fit, open_fit;

	for (int32_t c = node->first_child; c >= 0; c = plan->nodes[c].next_sibling) {
		struct so_plan_node *child = &plan->nodes[c];
		double runs = runs_of(d, child);

		if (child->runs_once) /* for all executions of its parent */
			runs = node->loops_est > 1 ? 1 / node->loops_est : 1;
		child->loops_est = node->loops_est * runs;
		if (strcmp(child->label, "Materialize") == 0)
			runs = 1; /* reading it again is nearly free */
		child->cost_inclusive = fmax(0, d->cost[c]) * runs * scale;
		if (isnan(child->cost_inclusive) || isinf(child->cost_inclusive))
			child->cost_inclusive = 0;
		*(is_open_ended(node, child) ? &open : &sum) += child->cost_inclusive;
	}
	fit = sum > node->cost_inclusive ? node->cost_inclusive / sum : 1;
	open_fit = open > 0 ? fmax(0, node->cost_inclusive - sum * fit) / open : 0;
	node->cost_exclusive = node->cost_inclusive;
	for (int32_t c = node->first_child; c >= 0; c = plan->nodes[c].next_sibling) {
		struct so_plan_node *child = &plan->nodes[c];

		child->cost_inclusive *= is_open_ended(node, child) ? open_fit : fit;
		node->cost_exclusive -= child->cost_inclusive;
	}
	node->cost_exclusive = fmax(0, node->cost_exclusive);
}

/* MySQL tells no cost of what it does with the rows of a join, only of the join. */
static void fill_costs(struct derive *d)
{
	struct so_plan *plan = d->plan;
	bool any = false;

	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (!isnan(node->total_cost)) {
			d->cost[i] = node->total_cost;
			any = true;
		}
		if (i && isnan(plan->nodes[node->parent].total_cost))
			d->cost[node->parent] += fmax(0, d->cost[i]) * runs_of(d, node);
	}
	if (any && isnan(plan->total_cost))
		plan->total_cost = d->cost[0];
}

static void set_costs(struct derive *d)
{
	struct so_plan *plan = d->plan;

	fill_costs(d);
	plan->nodes[0].cost_inclusive = d->cost[0] > 0 ? d->cost[0] : 0;
	plan->nodes[0].loops_est = 1;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];

		share_cost(d, node);
		/* below a materialize nothing runs again */
		if (strcmp(node->label, "Materialize") == 0 && node->first_child >= 0)
			plan->nodes[node->first_child].loops_est = i ? plan->nodes[node->parent].loops_est : 1;
	}
}

/* Time where it was measured, else cost; a plan without costs (MariaDB up to 10) tells by the rows that it reads. */
static double weight_of(const struct so_plan *plan, const struct so_plan_node *node)
{
	double rows;

	if (plan->has_timing)
		return node->time_exclusive_ms;
	if (!isnan(plan->total_cost))
		return node->cost_exclusive;
	rows = (isnan(node->tested_est) ? 0 : node->tested_est) * node->loops_est;
	return isfinite(rows) && rows > 0 ? fmin(rows, 1e100) : 0;
}

static void set_shares(struct so_plan *plan)
{
	double total = 0;

	for (int32_t i = 0; i < plan->n_nodes; i++)
		total += weight_of(plan, &plan->nodes[i]);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		bool costed = !isnan(plan->total_cost);

		if (total > 0)
			plan->nodes[i].share = weight_of(plan, &plan->nodes[i]) / total;
		else if (!plan->has_timing && !costed) /* SQLite tells no figure at all */
			plan->nodes[i].share = NAN;
		if (!costed)
			plan->nodes[i].cost_exclusive = NAN;
	}
}

void so_plan_derive(struct so_plan *plan)
{
	SO_TMP(tmp, plan);
	struct derive d = {
		.plan = plan, .charged_to = so_new_array(tmp, int32_t, (unsigned)plan->n_nodes), .budget = SEARCH_BUDGET
	};

	bool measured = plan->has_analyze || plan->has_timing;

	d.cost = so_new_array(tmp, double, (unsigned)plan->n_nodes);
	d.outer = so_new_array(tmp, int32_t, (unsigned)plan->n_nodes);
	find_outer_children(&d);
	set_processes(plan);
	if (measured)
		set_times(plan);
	set_hashed_subplans(plan);
	link_ctes(&d);
	set_charges(&d);
	if (measured || plan->has_buffers) /* else exclusive figures are as absent as the others */
		subtract(&d);
	set_costs(&d);
	set_shares(plan);
}
