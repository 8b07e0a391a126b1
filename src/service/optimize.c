#include "service/optimize.h"

#include <math.h>
#include <string.h>

#include "advise/advise.h"
#include "advise/estimate.h"
#include "advise/fkeys.h"
#include "advise/lint.h"
#include "base/clock.h"
#include "plan/findings.h"
#include "plan/plan.h"
#include "service/statement.h"
#include "service/values.h"
#include "sql/resolve.h"
#include "verify/verify.h"

#define DEFAULT_MAX_PLANS  400
#define DEFAULT_TIMEOUT_MS 10000

/* One statement on its way through the steps. */
struct work {
	struct so_conn *conn;
	const struct so_engine *engine;
	const struct so_optimize_options *options;
	struct so_statement statement;
	struct so_resolved *resolved; /* names of the statement; NULL when ours do not match the server's */
	struct so_values *values; /* of a statement with parameters, else NULL */
	struct so_optimize_result *result; /* parent of everything that lives on */
	TALLOC_CTX *tmp;
};

static bool step(struct work *work, const char *name, struct so_err *err)
{
	if (!so_cancel_check(work->options->cancel, err))
		return false;
	if (work->options->step)
		work->options->step(work->options->step_arg, name);
	return true;
}

static bool parse(struct work *work, struct so_err *err)
{
	return so_statement_read(work->tmp, so_conn_dialect(work->conn), work->options->sql, &work->statement, err);
}

static bool load_catalog(struct work *work, const struct so_statement_names *names, struct so_err *err)
{
	struct so_catalog *catalog = work->engine->catalog(
		work->result, work->conn, names->tables, names->n_tables, names->functions, names->n_functions, err);
	struct so_err ignored = SO_ERR_INIT;

	if (!catalog)
		return false;
	work->result->catalog = catalog;
	/* the server's own answer, the plan, decides whether a name is wrong: what needs ours stays silent without */
	if (!so_sql_resolve(work->tmp, work->statement.ast, work->statement.root, catalog, &work->resolved, &ignored))
		work->resolved = NULL;
	return true;
}

/* An index that a killed measurement left would make the statement look better than it is. */
static bool clear_leftovers(struct work *work, const struct so_statement_names *names, struct so_err *err)
{
	struct so_optimize_result *result = work->result;

	if (!so_verify_leftovers(
		    result, work->conn, result->catalog, work->options->scratch, &result->leftover_note, err))
		return false;
	return !result->leftover_note || !work->options->scratch || load_catalog(work, names, err);
}

/* Loads the catalog of exactly the tables and functions that the statement names, and resolves its names. A write of
 * keys also needs the tables that its foreign keys would scan; those are rare. */
static bool resolve(struct work *work, struct so_err *err)
{
	struct so_statement_names names;
	const char *more[SO_MAX_UNINDEXED_REFS];
	struct so_err ignored = SO_ERR_INIT;
	struct so_catalog *first;
	size_t n;

	so_statement_names(work->tmp, &work->statement, &names);
	if (!load_catalog(work, &names, err) || !clear_leftovers(work, &names, err))
		return false;
	n = work->resolved ? so_fkey_needed(work->resolved, more, SO_MAX_UNINDEXED_REFS) : 0;
	if (n == 0)
		return true;
	names.tables = so_renew_array(work->tmp, names.tables, const char *, names.n_tables + n);
	for (size_t i = 0; i < n; i++)
		names.tables[names.n_tables++] = more[i];
	first = work->result->catalog;
	/* too many of them, for instance: what is missing then is a finding, not the statement's own tables */
	if (load_catalog(work, &names, &ignored))
		talloc_free(first);
	return so_cancel_check(work->options->cancel, err);
}

static const char *why_not_analyzed(const struct work *work)
{
	if (!work->options->analyze)
		return NULL;
	if (!so_statement_is_pure(&work->statement, work->result->catalog))
		return "actual times were not taken: only a pure read is ever executed";
	if (work->statement.has_params)
		return "actual times were not taken: the statement has parameters without values";
	return NULL;
}

static void add_note(struct so_optimize_result *result, const char *note)
{
	if (note)
		result->parameter_note = so_printf(result, "%s%s%s",
			result->parameter_note ? result->parameter_note : "", result->parameter_note ? " " : "", note);
}

/* What the plan is with values, where the statement's own are gone. */
static bool plan_values(struct work *work, struct so_err *err)
{
	if (!work->statement.has_params)
		return true;
	work->values = so_values_read(work->tmp, &work->statement, work->resolved, work->options->seen);
	if (!so_values_plan(work->values, work->conn, work->result->catalog, work->options->cancel, err))
		return false;
	add_note(work->result, so_values_note(work->tmp, work->values));
	return true;
}

/* The plan, with actual times only when they were asked for and the statement is a pure read. */
static bool plan(struct work *work, struct so_err *err)
{
	const char *refused = why_not_analyzed(work);
	struct so_explain_options options = { .buffers = true, .settings = true };
	struct so_explain *explain = &work->result->explain;

	options.mode = work->options->analyze && !refused ? SO_EXPLAIN_ANALYZE : SO_EXPLAIN_PLAN;
	options.timeout_ms =
		work->options->statement_timeout_ms ? work->options->statement_timeout_ms : DEFAULT_TIMEOUT_MS;
	if (options.mode == SO_EXPLAIN_PLAN)
		options.timeout_ms = 0;
	if (!work->engine->explain(work->result, work->conn, work->options->sql, &options, explain, err) ||
		!so_plan_read(work->result, explain->text, strlen(explain->text), &work->result->plan, err))
		return false;
	so_estimate_plan(work->result->catalog, work->result->plan, false);
	if (explain->generic)
		work->result->parameter_note =
			so_printf(work->result, "Planned without parameter values (generic plan)%s%s.",
				explain->note ? "; " : "", explain->note ? explain->note : "");
	else if (refused || explain->note)
		work->result->parameter_note = so_strdup(work->result, refused ? refused : explain->note);
	if (!plan_values(work, err))
		return false;
	add_note(work->result, work->result->leftover_note);
	return true;
}

static bool find(struct work *work)
{
	struct so_optimize_result *result = work->result;

	result->findings = so_finding_list_new(result);
	so_lint(work->statement.ast, work->statement.root, work->resolved, result->findings);
	so_plan_findings(result->plan, result->catalog, NULL, result->findings);
	if (work->values)
		so_values_finding(work->values, so_conn_dialect(work->conn), result->findings);
	so_finding_list_sort(result->findings);
	return true;
}

static bool advise(struct work *work, struct so_err *err)
{
	struct so_optimize_result *result = work->result;
	int64_t max_plans = work->options->max_plans ? work->options->max_plans : DEFAULT_MAX_PLANS;
	struct so_planner *planner = so_verify_planner(work->tmp, work->conn, max_plans, work->options->cancel, err);
	struct so_advise_input input = {
		.sql = work->options->sql,
		.ast = work->statement.ast,
		.resolved = work->resolved,
		.catalog = result->catalog,
		.plan = result->plan,
		.findings = result->findings,
		.planner = planner,
		.options = { .cancel = work->options->cancel, .no_partial = work->statement.has_params },
	};
	struct so_advise_summary summary;
	bool done = planner && so_advise_query(result, &input, result->proposals, &summary, err);

	talloc_free(planner); /* ends the what-if session: nothing can be executed inside one */
	if (!done)
		return false;
	result->fine = summary.fine;
	result->summary = summary.reason;
	/* upkeep of the tables is worth saying where there is something to do anyway; a healthy query stays healthy */
	for (size_t i = 0; !summary.fine && i < summary.hygiene->count; i++)
		so_proposal_take(result->proposals, summary.hygiene->items[i]);
	return true;
}

/* The rungs that execute: only what was asked for, and only for what is still standing. */
static bool prove(struct work *work, struct so_err *err)
{
	const struct so_optimize_options *o = work->options;
	struct so_verify_statement original = so_statement_for_verify(&work->statement, work->result->catalog);
	struct so_verify_options options = {
		.timeout_ms = o->statement_timeout_ms ? o->statement_timeout_ms : DEFAULT_TIMEOUT_MS,
		.max_rows = SO_MAX_RESULT_ROWS,
		.max_bytes = SO_MAX_RESULT_BYTES,
		.iterations = o->iterations,
		.scratch = o->scratch,
		.cancel = o->cancel,
	};

	for (size_t i = 0; i < work->result->proposals->count; i++) {
		struct so_proposal *proposal = work->result->proposals->items[i];

		if (work->values)
			so_values_pairs(work->tmp, work->values, proposal, &original);
		if ((o->verify || o->measure) && proposal->verdict != SO_VERDICT_REJECTED &&
			!so_verify_same_result(work->conn, &original, proposal, &options, err))
			return false;
		if (o->measure && proposal->verdict != SO_VERDICT_REJECTED &&
			!so_verify_measure(work->conn, &original, proposal, &options, err))
			return false;
	}
	so_proposal_list_sort(work->result->proposals);
	return true;
}

static const struct so_proposal *first_unproved(const struct so_proposal_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->verdict == SO_VERDICT_UNPROVED && list->items[i]->kind != SO_PROPOSAL_DROP_INDEX)
			return list->items[i];
	return NULL;
}

/* The first offered proposal that changes what the statement costs, or NULL. */
static const struct so_proposal *best_offered(const struct so_proposal_list *list, size_t *offered)
{
	const struct so_proposal *best = NULL;

	*offered = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->verdict != SO_VERDICT_OFFERED)
			continue;
		++*offered;
		if (!best && so_proposal_gain(list->items[i]) > 1)
			best = list->items[i];
	}
	return best;
}

/* The sentence that clients show first: what would help most, and how that is known. Proof can have taken back what
 * advice had offered. */
static void conclude(struct work *work)
{
	struct so_optimize_result *result = work->result;
	size_t offered;
	const struct so_proposal *best = best_offered(result->proposals, &offered);

	if (best && !isnan(best->measured_before_ms))
		result->summary = so_printf(result, "%s: %.3g ms before, %.3g ms after, measured.", best->title,
			best->measured_before_ms, best->measured_after_ms);
	else if (best)
		result->summary = so_printf(result, "%s: %s %.2f before, %.2f after (%.0f times less; cost, not time).",
			best->title,
			best->cost_source == SO_FIGURE_ESTIMATED ? "cost by our own estimate" : "planner cost",
			best->cost_before, best->cost_after, so_proposal_gain(best));
	if (best && offered > 1)
		result->summary = so_printf(
			result, "%s %zu more proposal%s.", result->summary, offered - 1, offered == 2 ? "" : "s");
	if (!best && !result->fine && first_unproved(result->proposals))
		result->summary = so_printf(result, "%s may help, but is not proved: %s.",
			first_unproved(result->proposals)->title, first_unproved(result->proposals)->verdict_reason);
	if (offered == 0 && !result->fine && result->findings->count == 0)
		result->fine = true;
}

static bool run(struct work *work, struct so_err *err)
{
	if (!step(work, "parse", err) || !parse(work, err))
		return false;
	if (!step(work, "resolve", err) || !resolve(work, err))
		return false;
	if (!step(work, "plan", err) || !plan(work, err))
		return false;
	if (!step(work, "findings", err) || !find(work))
		return false;
	if (work->options->findings_only)
		return true;
	if (!step(work, "advise", err) || !advise(work, err))
		return false;
	if (!step(work, "prove", err) || !prove(work, err))
		return false;
	conclude(work);
	return true;
}

bool so_optimize(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_optimize_options *options,
	struct so_optimize_result **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	int64_t start_us = so_time_monotonic_us(), cpu_us = so_time_thread_cpu_us(), wait_us = so_conn_wait_us(conn);
	struct so_optimize_result *result = so_new(tmp, struct so_optimize_result);
	struct work work = {
		.conn = conn,
		.engine = so_conn_engine(conn),
		.options = options,
		.result = result,
		.tmp = tmp,
	};

	result->sql = so_strdup(result, options->sql);
	result->proposals = so_proposal_list_new(result);
	result->summary = so_strdup(result, "");
	if (!run(&work, err))
		return false;
	result->wall_us = so_time_monotonic_us() - start_us;
	result->own_cpu_us = so_time_thread_cpu_us() - cpu_us;
	result->wait_us = so_conn_wait_us(conn) - wait_us;
	*out = talloc_steal(ctx, result);
	return true;
}
