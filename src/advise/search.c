#include "advise/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advise/estimate.h"
#include "advise/index_style.h"
#include "base/clock.h"

#define HARVEST_ROUNDS 10
/* Below this the planner's own path fuzz (1 %) explains a difference. */
#define SAME_COST 0.99
/* A smaller index wins when it costs at most this much more. */
#define NEARLY 1.10
/* Copying columns into an index only to spare the table's pages has to halve the cost, and to be about a part of the
 * statement's cost that matters. */
#define COVERING_GAIN  2.0
#define COVERING_FLOOR 0.05
/* Where nearly all of the cost is gone, a tenth of the size is worth twice the rest. */
#define GONE         0.05
#define TINY_SIZE    0.1
#define TINY_PENALTY 2.0
/* An index that delivers the order bounds the work by LIMIT, however many rows a value has: worth this much. */
#define LIMIT_BONUS 0.8

struct so_search_known {
	uint64_t given, used;
	double cost, raw;
};

static double setting_number(const struct so_catalog *catalog, const char *name, double fallback)
{
	const char *text = catalog ? so_catalog_setting(catalog, name) : NULL;
	char *end;
	double value;

	if (!text)
		return fallback;
	value = strtod(text, &end);
	return end != text && value > 0 ? value : fallback;
}

static bool index_exists(const struct so_catalog *catalog, const char *name)
{
	for (size_t i = 0; catalog && i < catalog->n_tables; i++)
		for (size_t j = 0; j < catalog->tables[i].n_indexes; j++)
			if (strcmp(catalog->tables[i].indexes[j].name, name) == 0)
				return true;
	return false;
}

/* The relation that an index node reads: bitmap index scans carry it on the heap scan above. */
static const char *node_relation(const struct so_plan *plan, const struct so_plan_node *node)
{
	while (!node->relation && node->op == SO_PLAN_BITMAP_SCAN && node->parent >= 0)
		node = &plan->nodes[node->parent];
	return node->relation;
}

/* Height of the largest candidate of that relation: which of them a node means, its name alone does not tell. */
static double relation_height(const struct so_search *search, const char *relation)
{
	double height = 0;

	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->cands[i]->table->name, relation) == 0)
			height = fmax(height, so_cand_height(search->cands[i]->size_bytes));
	return height;
}

double so_search_descent(const struct so_search *search, const struct so_plan *plan)
{
	double per_level = 50 * setting_number(search->catalog, "cpu_operator_cost", 0.0025), sum = 0;

	for (int32_t i = 0; plan && i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];
		const char *relation;

		if (!node->index || index_exists(search->catalog, node->index))
			continue;
		relation = node_relation(plan, node);
		if (relation)
			sum += per_level * (relation_height(search, relation) + 1) * fmax(node->loops_est, 1);
	}
	return sum;
}

/* If some known set Y that contains `given` used only members of `given`, the planner would choose the same plan. */
static const struct so_search_known *recall(const struct so_search *search, uint64_t given)
{
	for (size_t i = 0; i < search->n_known; i++) {
		const struct so_search_known *known = &search->known[i];

		if ((given & ~known->given) == 0 && (known->used & ~given) == 0)
			return known;
	}
	return NULL;
}

static bool in_time(struct so_search *search, TALLOC_CTX *ctx)
{
	if (search->deadline_us && so_time_monotonic_us() > search->deadline_us) {
		search->stopped = true;
		search->stop_reason = so_strdup(ctx, "the time for planning was used up");
	}
	return !search->stopped;
}

static void note_refusals(struct so_search *search, TALLOC_CTX *ctx, const size_t *which, char **refusals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (refusals[i] && !search->refusals[which[i]]) {
			search->refusals[which[i]] = so_strdup(ctx, refusals[i]);
			search->refused |= UINT64_C(1) << which[i];
		}
}

/* Where no index can be tried, a figure of ours stands beside the plan's: both have to count in the same units. */
static bool own_costs(const struct so_search *search)
{
	return !search->planner->can_what_if && search->catalog && search->catalog->n_tables &&
	       !so_index_style(&search->catalog->tables[0])->page_costs;
}

/* Plans one set. False with !search->stopped is an error; with search->stopped the budget ended. */
static bool ask(
	TALLOC_CTX *ctx, struct so_search *search, uint64_t given, struct so_search_known *answer, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	const struct so_search_known *before = recall(search, given);
	const char *ddl[SO_SEARCH_MAX];
	char *refusals[SO_SEARCH_MAX] = { 0 };
	size_t which[SO_SEARCH_MAX], n = 0;
	struct so_costed costed = { 0 };
	struct so_search_known now = { .given = given };

	if (before) {
		*answer = *before;
		return true;
	}
	if (!so_cancel_check(search->cancel, err) || !in_time(search, ctx))
		return false;
	for (size_t i = 0; i < search->n; i++)
		if (given >> i & 1) {
			which[n] = i;
			ddl[n++] = search->cands[i]->what_if_ddl;
		}
	if (!search->planner->plan(given ? tmp : ctx, search->planner, search->sql, ddl, n, &costed, refusals, err)) {
		if (given && (err->kind == SO_LIMIT || err->kind == SO_TIMEOUT) &&
			!so_cancel_requested(search->cancel)) {
			search->stopped = true;
			search->stop_reason = so_strdup(ctx, err->message);
		}
		return false;
	}
	note_refusals(search, ctx, which, refusals, n);
	if (so_estimate_plan(search->catalog, costed.plan, own_costs(search)))
		costed.cost = costed.plan->total_cost;
	for (size_t i = 0; i < costed.n_used; i++)
		now.used |= UINT64_C(1) << which[costed.used[i]];
	now.raw = costed.cost;
	now.cost = costed.cost + (given ? so_search_descent(search, costed.plan) : 0);
	search->known = so_renew_array(ctx, search->known, struct so_search_known, search->n_known + 1);
	search->known[search->n_known++] = now;
	if (!given)
		search->base_plan = costed.plan;
	*answer = now;
	return true;
}

/* All at once, then without those that were used, and so on until nothing helps: what is never used is of no use alone
 * or together with what was left beside it. */
static bool harvest(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	uint64_t left = search->n == 64 ? UINT64_MAX : (UINT64_C(1) << search->n) - 1;

	for (int round = 0; round < HARVEST_ROUNDS && left; round++) {
		struct so_search_known answer;

		if (!ask(ctx, search, left, &answer, err))
			return search->stopped;
		left &= ~search->refused;
		if (!answer.used || answer.cost >= search->base * SAME_COST)
			break;
		search->useful |= answer.used;
		left &= ~answer.used;
	}
	return true;
}

static bool ask_alone(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	for (size_t i = 0; i < search->n; i++) {
		struct so_search_known answer;
		uint64_t bit = UINT64_C(1) << i;

		if (search->refused & bit)
			continue;
		if (!(search->useful & bit) && !recall(search, bit))
			continue; /* never reached by the harvest: not worth a plan of its own */
		if (!ask(ctx, search, bit, &answer, err))
			return search->stopped;
		search->alone[i] = answer.used ? answer.cost : search->base;
		search->raw_alone[i] = answer.used ? answer.raw : search->base;
	}
	return true;
}

/* Cost for the purpose of choosing. */
static double weighed(const struct so_search *search, size_t i, double cost)
{
	return search->cands[i]->ordered && search->cands[i]->limit > 0 ? cost * LIMIT_BONUS : cost;
}

/* The smallest of those that come near the lowest cost; -1 when there is none. Costs of those out of the question are
 * infinite. */
static int smallest_near_best(const struct so_search *search, const double *costs)
{
	double best = INFINITY;
	int pick = -1;

	for (size_t i = 0; i < search->n; i++)
		best = fmin(best, weighed(search, i, costs[i]));
	for (size_t i = 0; i < search->n; i++) {
		if (isinf(costs[i]) || weighed(search, i, costs[i]) > best * NEARLY)
			continue;
		if (pick < 0 || search->cands[i]->size_bytes < search->cands[pick]->size_bytes)
			pick = (int)i;
	}
	for (size_t i = 0; pick >= 0 && i < search->n; i++)
		if (costs[i] <= search->reference * GONE && weighed(search, i, costs[i]) <= best * TINY_PENALTY &&
			(double)search->cands[i]->size_bytes <= (double)search->cands[pick]->size_bytes * TINY_SIZE)
			pick = (int)i;
	return pick;
}

/* Costs of covering indexes that do not earn their size become infinite. */
static void drop_idle_covering(const struct so_search *search, double *costs, double current)
{
	double plain = current;

	for (size_t i = 0; i < search->n; i++)
		if (!search->cands[i]->n_include)
			plain = fmin(plain, costs[i]);
	for (size_t i = 0; i < search->n; i++)
		if (search->cands[i]->n_include &&
			(costs[i] * COVERING_GAIN > plain || plain < search->reference * COVERING_FLOOR))
			costs[i] = INFINITY;
}

/* The best next index given those picked; -1 when none is worth it. */
static bool next_pick(TALLOC_CTX *ctx, struct so_search *search, uint64_t have, double current, int *pick, double *cost,
	struct so_err *err)
{
	double costs[SO_SEARCH_MAX];

	*pick = -1;
	for (size_t i = 0; i < search->n; i++) {
		uint64_t bit = UINT64_C(1) << i;
		struct so_search_known answer;

		costs[i] = INFINITY;
		if (have & bit || !(search->useful & bit))
			continue;
		if (!ask(ctx, search, have | bit, &answer, err))
			return search->stopped;
		if ((answer.used & bit) && answer.cost * search->min_gain <= current)
			costs[i] = answer.cost;
	}
	drop_idle_covering(search, costs, current);
	*pick = smallest_near_best(search, costs);
	if (*pick >= 0)
		*cost = costs[*pick];
	return true;
}

static bool choose(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	uint64_t have = 0;
	double current = search->base;

	/* When the first indexes leave little of the cost, one more is not worth its upkeep. */
	while (search->n_picked < search->max_picked && (!search->n_picked || current > search->reference * GONE)) {
		int pick = -1;
		double cost = 0;

		if (!next_pick(ctx, search, have, current, &pick, &cost, err))
			return false;
		if (pick < 0)
			break;
		have |= UINT64_C(1) << pick;
		search->picked[search->n_picked] = (size_t)pick;
		search->picked_cost[search->n_picked++] = cost;
		current = cost;
	}
	return true;
}

static bool has_covering(const struct so_search *search, uint64_t set)
{
	for (size_t i = 0; i < search->n; i++)
		if ((set >> i & 1) && search->cands[i]->n_include)
			return true;
	return false;
}

/* Two that only help together are never found one at a time: when nothing was picked although all candidates at once
 * were cheaper, take the used ones of that plan, if they are few. */
static bool choose_together(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	struct so_search_known answer;

	if (search->n_picked || !search->n_known || !search->useful)
		return true;
	for (size_t k = 0; k < search->n_known; k++) {
		const struct so_search_known known = search->known[k];

		if (__builtin_popcountll(known.used) < 2 ||
			(size_t)__builtin_popcountll(known.used) > search->max_picked ||
			known.cost * search->min_gain > search->base || has_covering(search, known.used))
			continue;
		if (!ask(ctx, search, known.used, &answer, err))
			return search->stopped;
		for (size_t i = 0; i < search->n; i++)
			if (known.used >> i & 1) {
				search->picked[search->n_picked] = i;
				search->picked_cost[search->n_picked++] = answer.cost;
			}
		break;
	}
	return true;
}

/* A later choice may have made an earlier one useless. */
static bool drop_useless(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	for (size_t k = 0; search->n_picked > 1 && k + 1 < search->n_picked; k++) {
		uint64_t without = 0;
		struct so_search_known answer;

		for (size_t i = 0; i < search->n_picked; i++)
			if (i != k)
				without |= UINT64_C(1) << search->picked[i];
		if (!ask(ctx, search, without, &answer, err))
			return search->stopped;
		if (answer.cost > search->picked_cost[search->n_picked - 1] * 1.02)
			continue;
		for (size_t i = k; i + 1 < search->n_picked; i++) {
			search->picked[i] = search->picked[i + 1];
			search->picked_cost[i] = search->picked_cost[i + 1];
		}
		search->n_picked--;
		if (k < search->n_picked && search->n_picked == 1)
			search->picked_cost[0] = answer.cost;
		k--;
	}
	return true;
}

bool so_search_run(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err)
{
	struct so_search_known base;

	so_assert(search->n <= SO_SEARCH_MAX);
	search->alone = so_new_array(ctx, double, search->n + 1);
	search->raw_alone = so_new_array(ctx, double, search->n + 1);
	search->refusals = so_new_array(ctx, char *, search->n + 1);
	for (size_t i = 0; i < search->n; i++)
		search->alone[i] = search->raw_alone[i] = NAN;
	if (!ask(ctx, search, 0, &base, err)) {
		if (!search->stopped)
			return false;
		return so_fail(err, SO_TIMEOUT, "%s", search->stop_reason);
	}
	search->base = base.cost;
	if (search->reference <= 0)
		search->reference = base.cost;
	if (base.cost < search->trivial)
		search->n = 0;
	if (!search->n || !search->planner->can_what_if)
		return true;
	return harvest(ctx, search, err) && ask_alone(ctx, search, err) && choose(ctx, search, err) &&
	       choose_together(ctx, search, err) && drop_useless(ctx, search, err);
}
