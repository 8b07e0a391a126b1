#include "advise/variant.h"

#include <math.h>
#include <string.h>

#include "advise/describe.h"
#include "advise/estimate.h"
#include "base/clock.h"

#define MAX_REJECTED    3
#define MAX_ALTERNATIVE 2
#define ORDERED_BONUS   0.5
#define ESTIMATED_GAIN  2.0 /* an estimate of ours has to promise this much */

static const char *const index_rules[] = { "seq-scan-filter", "seq-scan-in-join", "order-by-limit-wrong-index",
	"index-filter-inefficient", "correlated-subplan", "function-on-column", "nested-loop-inner-scan",
	"nested-loop-high", "implicit-conversion", "sort-spill", "full-scan-large", "bitmap-lossy", NULL };

/* About a condition of the statement, not about a table. */
static const char *const wildcard_rules[] = { "leading-wildcard-like", NULL };

struct so_variant *so_variant_new(
	TALLOC_CTX *ctx, const struct so_catalog *catalog, const struct so_ast *ast, const struct so_resolved *resolved)
{
	struct so_variant *v = so_new(ctx, struct so_variant);

	v->rw = (struct so_rewriter){ .sql = so_ast_source_text(ast, 0).s,
		.len = so_ast_source_text(ast, 0).len,
		.ast = ast,
		.tree = so_tree_new(v, ast, so_ast_statement(ast)),
		.resolved = resolved,
		.catalog = catalog };
	return v;
}

bool so_variant_search(struct so_variant *v, const struct so_advise_input *input, int64_t deadline_us,
	const struct so_variant *original, const so_ref *skip, size_t n_skip, struct so_err *err)
{
	bool has_findings = input->findings && input->findings->count;

	v->uses = so_uses_collect(v, &v->rw, skip, n_skip);
	v->cands = so_cand_set_new(v);
	so_candidates_of(v->cands, v->uses, input->options.no_partial);
	v->search = (struct so_search){ .planner = input->planner,
		.catalog = input->catalog,
		.cancel = input->options.cancel,
		.sql = v->rw.sql,
		.cands = v->cands->items,
		.n = v->cands->count < SO_SEARCH_MAX ? v->cands->count : SO_SEARCH_MAX,
		.max_picked = input->options.max_indexes,
		.min_gain = input->options.min_gain,
		.reference = original ? original->search.base : 0,
		.trivial = original || has_findings ? 0 : SO_TRIVIAL_COST,
		.deadline_us = deadline_us };
	return so_search_run(v, &v->search, err);
}

double so_variant_best(const struct so_variant *v)
{
	return v->search.n_picked ? v->search.picked_cost[v->search.n_picked - 1] : v->search.base;
}

static bool is_picked(const struct so_search *search, size_t i)
{
	for (size_t k = 0; k < search->n_picked; k++)
		if (search->picked[k] == i)
			return true;
	return false;
}

/* What may help, but must not be run as it stands: to be measured first, or only the beginning of a recipe. */
static void doubt(struct so_proposal *p, const struct so_cand *cand, bool trigram)
{
	if (trigram) {
		p->verdict = SO_VERDICT_UNPROVED;
		p->verdict_reason = so_strdup(p, "the gain is our own estimate and the operator class comes with the "
						 "extension pg_trgm: build it on a copy, or "
						 "measure it here with the permission scratch");
	} else if (cand->table->kind == SO_TABLE_PARTITIONED) {
		p->verdict = SO_VERDICT_UNPROVED;
		p->verdict_reason = so_strdup(p, "the table is partitioned: the statement shown is only the first "
						 "step, the note has the others");
	}
}

static struct so_proposal *add_index(
	const struct so_variant *v, const struct so_advise_input *input, size_t i, struct so_proposal_list *out)
{
	const struct so_cand *cand = v->search.cands[i];
	struct so_proposal *p = so_proposal_add(out, SO_PROPOSAL_INDEX, "advisor");
	SO_TMP(tmp, p);
	int64_t engine_size = -1;
	bool trigram;

	if (input->planner->can_what_if && input->planner->size_bytes)
		engine_size = input->planner->size_bytes(input->planner, cand->what_if_ddl);
	so_cand_describe(p, input->catalog, cand, engine_size);
	trigram = cand->keys[0].opclass && strcmp(cand->keys[0].opclass, "gin_trgm_ops") == 0;
	p->finding_rule =
		so_strdup_or_null(p, trigram ? so_describe_finding(input->findings, NULL, wildcard_rules) : NULL);
	if (!p->finding_rule)
		p->finding_rule = so_strdup_or_null(
			p, so_describe_finding(input->findings,
				   so_printf(tmp, "%s.%s", cand->table->schema, cand->table->name), index_rules));
	p->cost_before = v->search.base;
	so_proposal_rung(p, SO_RUNG_PARSED, SO_RUNG_PASSED, "written from names of the catalog");
	so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_PASSED, NULL);
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_PASSED, "an index changes no result");
	if (trigram)
		so_proposal_add_caveat(p, "needs the extension pg_trgm: CREATE EXTENSION IF NOT EXISTS pg_trgm");
	doubt(p, cand, trigram);
	return p;
}

static void explain_pick(struct so_proposal *p, const struct so_cand *cand, double before)
{
	SO_TMP(tmp, p);

	p->explanation = so_printf(p, "Serves %s. Planner cost %.2f -> %.2f (cost, not time), expected size %s.",
		cand->reason, before, p->cost_after, so_cand_size_text(tmp, cand->size_bytes));
	if (cand->predicate)
		so_proposal_add_caveat(p,
			"only statements that have %s as a literal can use it: a parameter there cannot",
			cand->predicate);
	if (cand->n_include && cand->table->all_visible < 0.9)
		so_proposal_add_caveat(p,
			"index-only scans need a vacuumed table: %.0f %% of its pages are marked all-visible",
			cand->table->all_visible * 100);
}

static void add_combined(struct so_proposal *p, const char *title)
{
	p->combined = so_renew_array(p, p->combined, char *, p->n_combined + 1);
	p->combined[p->n_combined++] = so_strdup(p, title);
}

static void propose_picks(const struct so_variant *v, const struct so_advise_input *input, const char *combined,
	struct so_proposal_list *out)
{
	const struct so_search *search = &v->search;
	double before = search->base;
	size_t first = out->count;

	for (size_t k = 0; k < search->n_picked; k++) {
		size_t i = search->picked[k];
		struct so_proposal *p = add_index(v, input, i, out);

		p->cost_before = before;
		p->cost_after = search->picked_cost[k];
		p->cost_source = SO_FIGURE_WHAT_IF;
		if (combined)
			add_combined(p, combined);
		for (size_t j = first; j + 1 < out->count; j++)
			add_combined(p, out->items[j]->title);
		if (search->base_plan->cost_estimated) /* an engine without costs plans with it all the same */
			so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED,
				"planned with a hypothetical index%s, and the plan of the engine uses it; the engine "
				"tells no costs: they are ours, from the plan and the statistics",
				p->n_combined ? ", beside what is under combined" : "");
		else if (p->n_combined)
			so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED,
				"planned with a hypothetical index, beside what is under combined; the cost includes "
				"the index's descents, which "
				"the extension leaves out");
		else
			so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED,
				"planned with a hypothetical index: the engine says %.2f, plus %.2f for the descents "
				"of the index that the "
				"extension leaves out",
				search->raw_alone[i], search->alone[i] - search->raw_alone[i]);
		explain_pick(p, search->cands[i], before);
		/* Picks that only help together share one figure. */
		before = search->picked_cost[k] < before ? search->picked_cost[k] : before;
	}
}

static void reject(struct so_proposal *p, const struct so_search *search, size_t i, const char *reason)
{
	const struct so_cand *cand = search->cands[i];

	p->verdict = SO_VERDICT_REJECTED;
	p->verdict_reason = so_strdup(p, reason);
	p->cost_after = search->alone[i];
	p->cost_source = SO_FIGURE_WHAT_IF;
	p->explanation = so_printf(p, "Tried for %s.", cand->reason);
	so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED, "planned with a hypothetical index");
}

/* Smallest costs first among the useful, then the useless in their own order. */
static void propose_rejected(
	const struct so_variant *v, const struct so_advise_input *input, struct so_proposal_list *out)
{
	const struct so_search *search = &v->search;
	SO_TMP(tmp, out);
	bool told[SO_SEARCH_MAX] = { false };
	size_t rejected = 0;

	for (size_t n = 0; search->n_picked && n < MAX_ALTERNATIVE; n++) {
		size_t best = search->n;
		const struct so_cand *chosen = search->cands[search->picked[0]];

		for (size_t i = 0; i < search->n; i++)
			if (!told[i] && !is_picked(search, i) && search->cands[i]->table == chosen->table &&
				search->alone[i] * search->min_gain <= search->base &&
				(best == search->n || search->alone[i] < search->alone[best]))
				best = i;
		if (best == search->n)
			break;
		told[best] = true;
		reject(add_index(v, input, best, out), search, best,
			so_printf(tmp, "an alternative to the one chosen: cost %.2f with %s, against %.2f with %s",
				search->alone[best], so_cand_size_text(tmp, search->cands[best]->size_bytes),
				search->picked_cost[0], so_cand_size_text(tmp, chosen->size_bytes)));
	}
	for (size_t i = 0; i < search->n && rejected < MAX_REJECTED; i++) {
		if (told[i] || is_picked(search, i) || isnan(search->alone[i]) ||
			search->alone[i] * search->min_gain <= search->base)
			continue;
		reject(add_index(v, input, i, out), search, i,
			so_printf(
				tmp, "tried and of no use: planner cost %.2f -> %.2f", search->base, search->alone[i]));
		rejected++;
	}
}

/* Candidates that the engine could not simulate: our own estimate decides, and says so. */
static void propose_estimated(
	const struct so_variant *v, const struct so_advise_input *input, struct so_proposal_list *out)
{
	const struct so_search *search = &v->search;
	const struct so_plan *plan = search->base_plan ? search->base_plan : input->plan;
	bool all = !input->planner->can_what_if;
	const struct so_table *done[SO_SEARCH_MAX];
	size_t n_done = 0;

	for (size_t round = 0; round < input->options.max_indexes; round++) {
		size_t best = search->n;
		double best_cost = INFINITY;
		struct so_proposal *p;

		for (size_t i = 0; i < search->n; i++) {
			/* An estimate does not justify copying columns into an index. */
			bool skip = (!all && !search->refusals[i]) || search->cands[i]->n_include;
			double cost;

			for (size_t d = 0; d < n_done; d++)
				skip = skip || done[d] == search->cands[i]->table;
			if (skip)
				continue;
			cost = so_estimate_cost(input->catalog, plan, search->cands[i]);
			/* A bounded walk in the right order: worth more than the rows that statistics expect. */
			if (search->cands[i]->ordered && search->cands[i]->limit > 0)
				cost *= ORDERED_BONUS;
			/* Estimates are too rough to tell forms apart that differ by less than half: then the smaller
			 * one. */
			if (isnan(cost) ||
				(best < search->n && cost > best_cost * 0.67 &&
					!(cost < best_cost * 1.5 &&
						search->cands[i]->size_bytes < search->cands[best]->size_bytes)))
				continue;
			best = i;
			best_cost = cost;
		}
		if (best == search->n || best_cost * ESTIMATED_GAIN > so_variant_best(v))
			break;
		done[n_done++] = search->cands[best]->table;
		p = add_index(v, input, best, out);
		p->cost_after = so_estimate_cost(input->catalog, plan, search->cands[best]);
		p->cost_source = SO_FIGURE_ESTIMATED;
		so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_NOT_POSSIBLE, "%s",
			all ? (input->planner->why_not ? input->planner->why_not
						       : "this server cannot plan with hypothetical indexes")
			    : search->refusals[best]);
		explain_pick(p, search->cands[best], p->cost_before);
		so_proposal_add_caveat(p, "the cost after is our own estimate from statistics, not the planner's: "
					  "measure before keeping it");
	}
}

/* What the engine could not simulate and our own estimate does not recommend is shown, so that nobody has to wonder. */
static void propose_unsimulated(
	const struct so_variant *v, const struct so_advise_input *input, size_t from, struct so_proposal_list *out)
{
	const struct so_search *search = &v->search;
	const struct so_plan *plan = search->base_plan ? search->base_plan : input->plan;
	size_t told = 0, end = out->count;

	for (size_t i = 0; input->planner->can_what_if && i < search->n && told < MAX_REJECTED; i++) {
		SO_TMP(tmp, out);
		const char *title;
		bool offered = false;
		struct so_proposal *p;

		if (!search->refusals[i])
			continue;
		title = so_printf(tmp, "%s %s", search->cands[i]->table->name, search->cands[i]->columns_text);
		for (size_t k = from; k < end; k++)
			offered = offered || strstr(out->items[k]->title, title) != NULL;
		if (offered)
			continue;
		p = add_index(v, input, i, out);
		p->verdict = SO_VERDICT_REJECTED;
		p->cost_after = so_estimate_cost(input->catalog, plan, search->cands[i]);
		p->cost_source = SO_FIGURE_ESTIMATED;
		p->explanation = so_printf(p, "Considered for %s.", search->cands[i]->reason);
		p->verdict_reason = so_strdup(
			p, "it cannot be simulated here, and our own estimate of its cost promises too little");
		so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_NOT_POSSIBLE, "%s", search->refusals[i]);
		told++;
	}
}

void so_variant_propose(const struct so_variant *v, const struct so_advise_input *input, const char *combined,
	bool tell_rejected, struct so_proposal_list *out)
{
	size_t from = out->count;

	propose_picks(v, input, combined, out);
	propose_estimated(v, input, out);
	if (!tell_rejected)
		return;
	propose_unsimulated(v, input, from, out);
	propose_rejected(v, input, out);
}
