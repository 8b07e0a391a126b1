#include "advise/advise.h"

#include <math.h>
#include <string.h>

#include "advise/describe.h"
#include "advise/fine.h"
#include "advise/fkeys.h"
#include "advise/upkeep.h"
#include "advise/variant.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sql/parse.h"

#define DEFAULT_INDEXES   3
#define DEFAULT_GAIN      1.1
#define DEFAULT_BUDGET_MS 5000
/* A rewrite that gets this close to what an index gives makes the index unnecessary. */
#define AS_GOOD 1.1

/* One rewrite on its way up the ladder. */
struct attempt {
	const struct so_rewrite *rewrite; /* NULL for the combination of all */
	struct so_variant *variant; /* NULL: not planned */
	struct so_proposal *proposal;
};

struct work {
	const struct so_advise_input *input;
	struct so_advise_input with_defaults;
	struct so_proposal_list *out;
	struct so_advise_summary *summary;
	struct so_variant *original;
	struct so_rewrite_list *rewrites;
	struct attempt *attempts;
	size_t n_attempts;
	int64_t deadline_us;
};

static enum so_walk find_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	bool *found = arg;

	(void)parent;
	*found = *found || so_ast_kind(ast, ref) == SO_N_PARAM;
	return *found ? SO_WALK_STOP : SO_WALK_ON;
}

static bool has_params(const struct so_ast *ast)
{
	bool found = false;

	so_ast_walk(ast, so_ast_statement(ast), find_param, &found);
	return found;
}

static void set_defaults(struct work *w, const struct so_advise_input *input)
{
	struct so_advise_options *options = &w->with_defaults.options;

	w->with_defaults = *input;
	w->input = &w->with_defaults;
	options->max_indexes = options->max_indexes ? options->max_indexes : DEFAULT_INDEXES;
	options->min_gain = options->min_gain > 0 ? options->min_gain : DEFAULT_GAIN;
	options->time_budget_ms = options->time_budget_ms ? options->time_budget_ms : DEFAULT_BUDGET_MS;
	options->no_partial = options->no_partial || has_params(input->ast);
	w->deadline_us = so_time_monotonic_us() + options->time_budget_ms * 1000;
}

/* ---- Rewrites ---- */

static const char *join_texts(TALLOC_CTX *ctx, const char *const *texts, size_t n)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 8192);
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&buf, "%s%s", i ? "; " : "", texts[i]);
	return so_buf_text(&buf);
}

static void describe_rewrite(
	struct so_proposal *p, const struct so_rewrite *rewrite, const struct so_finding_list *findings)
{
	p->title = so_printf(p, "Rewrite: %s", rewrite->what);
	p->finding_rule = so_strdup_or_null(p, so_describe_finding(findings, NULL, rewrite->rule->findings));
	p->sql = so_strdup_or_null(p, rewrite->sql);
	for (size_t i = 0; i < rewrite->n_caveats; i++)
		so_proposal_add_caveat(p, "%s", rewrite->caveats[i]);
}

static struct attempt *add_attempt(struct work *w, const struct so_rewrite *rewrite, const char *origin)
{
	struct attempt *attempt = &w->attempts[w->n_attempts++];

	*attempt = (struct attempt){ .rewrite = rewrite,
		.proposal = so_proposal_add(w->out, SO_PROPOSAL_REWRITE, origin) };
	attempt->proposal->cost_before = w->original->search.base;
	return attempt;
}

/* A rewrite without its proof: shown with what is missing, never planned further. */
static void tell_unproved(struct work *w, const struct so_rewrite *rewrite)
{
	SO_TMP(tmp, w->out);
	struct so_proposal *p = add_attempt(w, rewrite, so_printf(tmp, "rule %d", rewrite->rule->number))->proposal;

	describe_rewrite(p, rewrite, w->input->findings);
	p->verdict = rewrite->proof == SO_REWRITE_WRONG ? SO_VERDICT_REJECTED : SO_VERDICT_UNPROVED;
	p->verdict_reason = so_strdup(p, rewrite->why_not);
	p->explanation =
		so_printf(p, "%s, but only where its preconditions hold: %s.", rewrite->rule->name, rewrite->why_not);
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_FAILED, "precondition not proved: %s", rewrite->why_not);
}

static void reject_at(struct so_proposal *p, enum so_rung rung, const char *what, const char *why)
{
	p->verdict = SO_VERDICT_REJECTED;
	p->verdict_reason = so_printf(p, "%s: %s", what, why);
	so_proposal_rung(p, rung, SO_RUNG_FAILED, "%s", why);
}

/* The rungs parsed and resolved of a rewritten text, and the text taken apart. False when one of them failed. */
static bool take_apart(struct work *w, struct attempt *attempt)
{
	const struct so_advise_input *input = w->input;
	const struct so_sql_options options = { .lenient = true }; /* as the original may have been: interval $1 */
	struct so_proposal *p = attempt->proposal;
	struct so_ast *ast;
	struct so_resolved *resolved;
	struct so_err why = SO_ERR_INIT;
	const char *difference;

	if (!so_sql_parse(w->original, NULL, input->ast->dialect, p->sql, strlen(p->sql), &options, &ast, &why)) {
		reject_at(p, SO_RUNG_PARSED, "the new text does not parse", why.message);
		return false;
	}
	if (so_ast_kind(ast, so_ast_statement(ast)) != so_ast_kind(input->ast, so_ast_statement(input->ast))) {
		reject_at(p, SO_RUNG_PARSED, "the new text", "a statement of another kind");
		return false;
	}
	so_proposal_rung(p, SO_RUNG_PARSED, SO_RUNG_PASSED, "one statement of the same kind");
	if (!so_sql_resolve(w->original, ast, so_ast_statement(ast), input->catalog, &resolved, &why)) {
		reject_at(p, SO_RUNG_RESOLVED, "a name of the new text means nothing", why.message);
		return false;
	}
	difference = so_rewrite_output_difference(p, input->resolved, resolved);
	if (difference) {
		reject_at(p, SO_RUNG_RESOLVED, "the new text returns other columns", difference);
		return false;
	}
	so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_PASSED,
		"every name is in the catalog; the columns of the result have the same names and types");
	attempt->variant = so_variant_new(w->original, input->catalog, ast, resolved);
	return true;
}

/* Parses, resolves and plans a rewritten text. False only on cancellation; a text that fails is told as rejected. */
static bool climb(struct work *w, struct attempt *attempt, struct so_err *err)
{
	struct so_proposal *p = attempt->proposal;
	struct so_err why = SO_ERR_INIT;

	if (!take_apart(w, attempt))
		return true;
	if (!so_variant_search(attempt->variant, w->input, w->deadline_us, w->original, NULL, 0, &why)) {
		if (why.kind == SO_CANCELLED || so_cancel_requested(w->input->options.cancel)) {
			*err = why;
			return false;
		}
		attempt->variant = NULL;
		p->verdict = SO_VERDICT_UNPROVED;
		p->verdict_reason = so_printf(p, "could not be planned: %s", why.message);
		so_proposal_rung(p, SO_RUNG_PLANNED,
			why.kind == SO_LIMIT || why.kind == SO_TIMEOUT ? SO_RUNG_NOT_RUN : SO_RUNG_FAILED, "%s",
			why.message);
		return true;
	}
	so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED, "planned as it is");
	p->cost_after = attempt->variant->search.base;
	p->cost_source = attempt->variant->search.base_plan->cost_estimated ? SO_FIGURE_ESTIMATED : SO_FIGURE_PLANNED;
	return true;
}

static bool try_proved(struct work *w, const struct so_rewrite *rewrite, struct so_err *err)
{
	SO_TMP(tmp, w->out);
	struct attempt *attempt = add_attempt(w, rewrite, so_printf(tmp, "rule %d", rewrite->rule->number));
	struct so_proposal *p = attempt->proposal;

	describe_rewrite(p, rewrite, w->input->findings);
	p->explanation = so_printf(p, "%s. %s", rewrite->rule->name, rewrite->rule->argument);
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_PASSED, "proved: %s",
		join_texts(tmp, rewrite->evidence, rewrite->n_evidence));
	return climb(w, attempt, err);
}

/* All proved rewrites at once, when there are several. */
static bool try_together(struct work *w, struct so_err *err)
{
	SO_TMP(tmp, w->out);
	const struct so_rewrite *items[SO_REWRITE_MAX];
	struct so_buf origin;
	struct so_proposal *p;
	size_t n = 0;
	char *sql;

	so_buf_init(&origin, tmp, 1024);
	for (size_t i = 0; i < w->rewrites->count; i++)
		if (w->rewrites->items[i]->proof == SO_REWRITE_PROVED) {
			so_buf_addf(&origin, "%s%d", n ? ", " : "rules ", w->rewrites->items[i]->rule->number);
			items[n++] = w->rewrites->items[i];
		}
	sql = n > 1 ? so_rewrite_apply(tmp, &w->original->rw, items, n) : NULL;
	if (!sql)
		return true;
	p = add_attempt(w, NULL, so_buf_text(&origin))->proposal;
	p->title = so_printf(p, "Rewrite: all %zu of the proved rewrites together", n);
	p->sql = so_strdup(p, sql);
	p->explanation =
		so_strdup(p, "Each of them returns the same rows, and they change different parts of the text.");
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_PASSED, "proved: each step is");
	return climb(w, &w->attempts[w->n_attempts - 1], err);
}

/* A relation that the plan reads although the statement does not name it, where no partitioned table or view explains
 * it: a child by inheritance, whose rows the keys of its parent do not bind. NULL when there is none. */
static const char *inherited_child(const struct work *w)
{
	const struct so_plan *plan = w->original->search.base_plan;
	const struct so_resolved *resolved = w->input->resolved;

	for (size_t i = 0; resolved && i < resolved->n_rels; i++) {
		const struct so_table *table = resolved->rels[i].table;

		if (table && (table->kind == SO_TABLE_PARTITIONED || table->kind == SO_TABLE_VIEW))
			return NULL;
	}
	for (int32_t n = 0; resolved && plan && n < plan->n_nodes; n++) {
		const char *relation = plan->nodes[n].relation;
		bool named = !relation;

		for (size_t i = 0; !named && i < resolved->n_rels; i++) {
			const struct so_table *table = resolved->rels[i].table;

			named = table && strcmp(table->name, relation) == 0;
		}
		if (!named)
			return relation;
	}
	return NULL;
}

/* Rule 21 rests on keys, which the catalog alone does not show to be whole. */
static void check_inheritance(struct work *w)
{
	const char *child = inherited_child(w);

	for (size_t i = 0; child && i < w->rewrites->count; i++)
		if (w->rewrites->items[i]->rule->number == 21)
			so_rewrite_obstacle(w->rewrites->items[i], SO_REWRITE_UNPROVED,
				"the plan also reads %s, which inherits from a table of the statement: a key of the "
				"parent does not bind it",
				child);
}

static bool run_rewrites(struct work *w, struct so_err *err)
{
	check_inheritance(w);
	w->attempts = so_new_array(w->original, struct attempt, w->rewrites->count + 1);
	for (size_t i = 0; i < w->rewrites->count; i++) {
		const struct so_rewrite *rewrite = w->rewrites->items[i];

		if (rewrite->proof != SO_REWRITE_PROVED)
			tell_unproved(w, rewrite);
		else if (!try_proved(w, rewrite, err))
			return false;
	}
	return try_together(w, err);
}

/* The rewrite that leads to the lowest cost, alone or with indexes of its own; NULL when none could be planned. */
static struct attempt *best_attempt(struct work *w)
{
	struct attempt *best = NULL;

	for (size_t i = 0; i < w->n_attempts; i++) {
		struct attempt *a = &w->attempts[i];

		if (!a->variant)
			continue;
		/* The combination has to be better than its best part. */
		if (!best || so_variant_best(a->variant) * (a->rewrite ? 1 : w->input->options.min_gain) <
				     so_variant_best(best->variant))
			best = a;
	}
	return best;
}

/* Only the best one may stand on an index of its own: that index is then proposed beside it. */
static void judge_rewrite(struct work *w, struct attempt *a, bool is_best, double index_cost)
{
	struct so_proposal *p = a->proposal;
	double base = w->original->search.base, alone = a->variant->search.base, best = so_variant_best(a->variant);
	double min_gain = w->input->options.min_gain;

	if (alone * min_gain <= base) {
		p->verdict = SO_VERDICT_OFFERED;
		return;
	}
	if (is_best && best * min_gain <= base && best * min_gain <= index_cost) {
		p->verdict = SO_VERDICT_OFFERED;
		p->cost_after = best;
		p->cost_source = SO_FIGURE_WHAT_IF;
		so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_PASSED,
			"planned with the hypothetical index under combined, without it nothing is gained");
		return;
	}
	p->verdict = SO_VERDICT_REJECTED;
	p->verdict_reason = so_printf(p, "equal, but of no use: planner cost %.2f -> %.2f", base, alone);
}

/* Indexes that the rewritten statement wants over those of the original. */
static void propose_for_rewrite(struct work *w, struct attempt *a, struct so_proposal_list *out)
{
	const struct so_search *search = &a->variant->search;
	size_t first = out->count;

	if (!search->n_picked || a->proposal->verdict != SO_VERDICT_OFFERED)
		return;
	so_variant_propose(a->variant, w->input, a->proposal->title, false, out);
	if (a->proposal->cost_source != SO_FIGURE_WHAT_IF)
		return;
	for (size_t i = first; i < out->count; i++) {
		struct so_proposal *p = a->proposal;

		p->combined = so_renew_array(p, p->combined, char *, p->n_combined + 1);
		p->combined[p->n_combined++] = so_strdup(p, out->items[i]->title);
	}
}

/* ---- Verdicts on the whole ---- */

static void reject_index(struct so_proposal *p, const char *fmt, double cost)
{
	if (p->kind != SO_PROPOSAL_INDEX || p->verdict != SO_VERDICT_OFFERED)
		return;
	p->verdict = SO_VERDICT_REJECTED;
	p->verdict_reason = so_printf(p, fmt, cost);
}

static bool same_sql(const struct so_proposal *a, const struct so_proposal *b)
{
	return a->sql && b->sql && strcmp(a->sql, b->sql) == 0;
}

/* Leaves out index proposals that were made before, and gives the rest a place in the list. */
static void drop_repeated(struct so_proposal_list *out, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < out->count; i++) {
		bool repeated = false;

		for (size_t k = 0; k < kept; k++)
			repeated = repeated ||
				   (out->items[k]->kind == SO_PROPOSAL_INDEX && same_sql(out->items[k], out->items[i]));
		if (repeated)
			talloc_free(out->items[i]);
		else
			out->items[kept++] = out->items[i];
	}
	out->count = kept;
}

static void settle(struct work *w)
{
	double index_cost = so_variant_best(w->original);
	struct attempt *best = best_attempt(w);
	size_t from = w->out->count;

	so_variant_propose(w->original, w->input, NULL, true, w->out);
	for (size_t i = 0; i < w->n_attempts; i++)
		if (w->attempts[i].variant)
			judge_rewrite(w, &w->attempts[i], &w->attempts[i] == best, index_cost);
	if (!best || best->proposal->verdict != SO_VERDICT_OFFERED)
		return;
	if (best->variant->search.base <= index_cost * AS_GOOD)
		for (size_t i = from; i < w->out->count; i++)
			reject_index(w->out->items[i], "the rewrite needs no new index: planner cost %.2f",
				best->variant->search.base);
	from = w->out->count;
	propose_for_rewrite(w, best, w->out);
	drop_repeated(w->out, from);
}

/* ---- The summary ---- */

static void summarize(TALLOC_CTX *ctx, struct work *w)
{
	struct so_advise_summary *summary = w->summary;
	const struct so_search *search = &w->original->search;
	size_t offered = 0, unproved = 0, wrong = 0;
	char *reason;

	for (size_t i = 0; i < w->out->count; i++) {
		const struct so_proposal *p = w->out->items[i];

		offered += p->verdict == SO_VERDICT_OFFERED;
		unproved += p->verdict == SO_VERDICT_UNPROVED;
		wrong += p->kind == SO_PROPOSAL_REWRITE && p->verdict == SO_VERDICT_REJECTED;
	}
	summary->cost_before = search->base;
	summary->n_candidates = w->original->cands->count;
	summary->complete = !search->stopped;
	reason = so_fine_reason(ctx, w->original, w->input);
	summary->fine = reason && !offered && !unproved && !wrong && summary->complete;
	if (summary->fine)
		summary->reason = so_printf(ctx, "this query is fine: %s", reason);
	else if (offered)
		summary->reason = so_printf(ctx, "%zu proposal%s to apply, planner cost now %.2f", offered,
			offered == 1 ? "" : "s", search->base);
	else if (unproved + wrong)
		summary->reason = so_strdup(ctx, "nothing that is proved to return the same rows makes it cheaper");
	else if (!w->input->resolved)
		summary->reason =
			so_strdup(ctx, "nothing to propose: the names of the statement could not be told from the "
				       "catalog, so that neither an index nor a rewrite could be derived");
	else
		summary->reason = so_strdup(ctx, "nothing to propose: no index that we know how to form serves its "
						 "conditions, and no rewrite applies");
	if (!summary->complete)
		summary->reason =
			so_printf(ctx, "%s; not all candidates were tried: %s", summary->reason, search->stop_reason);
}

/* Of the tables that the statement names; those that only a foreign key brought into the catalog are left out. */
static void advise_hygiene(struct work *w)
{
	const struct so_resolved *resolved = w->input->resolved;
	const struct so_plan **plans = so_new_array(w->original, const struct so_plan *, w->n_attempts + 1);

	plans[0] = w->original->search.base_plan;
	for (size_t i = 0; i < w->n_attempts; i++)
		plans[i + 1] = w->attempts[i].variant ? w->attempts[i].variant->search.base_plan : NULL;
	for (size_t t = 0; t < w->input->catalog->n_tables; t++) {
		const struct so_table *table = &w->input->catalog->tables[t];
		bool named = false;

		for (size_t i = 0; resolved && i < resolved->n_rels; i++)
			named = named || resolved->rels[i].table == table;
		if (named)
			so_hygiene_of_table(table, plans, w->n_attempts + 1, w->summary->hygiene);
	}
}

/* Conditions that a proved rewrite makes indexable. */
static size_t sargable_by_rewrite(const struct so_rewrite_list *rewrites, so_ref *skip)
{
	size_t n = 0;

	for (size_t i = 0; i < rewrites->count; i++)
		if (rewrites->items[i]->proof == SO_REWRITE_PROVED)
			skip[n++] = rewrites->items[i]->node;
	return n;
}

bool so_advise_query(TALLOC_CTX *ctx, const struct so_advise_input *input, struct so_proposal_list *out,
	struct so_advise_summary *summary, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct work w = { .out = out, .summary = summary };
	so_ref skip[SO_REWRITE_MAX];
	size_t n_skip;
	enum so_node_kind kind = so_ast_kind(input->ast, so_ast_statement(input->ast));

	if (!so_kind_is_query(kind) && !so_kind_is_dml(kind))
		return so_fail(err, SO_UNSUPPORTED, "only queries, INSERT, UPDATE, DELETE and MERGE can be advised on");
	*summary = (struct so_advise_summary){ .cost_before = NAN, .hygiene = so_proposal_list_new(ctx) };
	set_defaults(&w, input);
	w.original = so_variant_new(tmp, input->catalog, input->ast, input->resolved);
	w.rewrites = so_rewrite_find(w.original, &w.original->rw);
	n_skip = sargable_by_rewrite(w.rewrites, skip);
	if (!so_variant_search(w.original, w.input, w.deadline_us, NULL, skip, n_skip, err) || !run_rewrites(&w, err))
		return false;
	settle(&w);
	so_fkey_advise(w.input, out);
	so_upkeep_advise(input->catalog, input->plan, input->findings, out);
	advise_hygiene(&w);
	so_proposal_list_sort(out);
	summarize(ctx, &w);
	summary->n_plans = input->planner->plans_made;
	return true;
}
