/* The deterministic advisor for one statement: what would make it cheaper, and how far that is shown. It does no I/O:
 * facts come from the catalog snapshot, costs from the planner it is given. See docs/internals/advise.md.
 *
 * Every proposal leaves here with its rungs parsed, resolved and planned filled, and equivalent too for a rewrite
 * (proved by preconditions, or failed / not_run with the reason). same_result and measured are the caller's. */
#ifndef SO_ADVISE_ADVISE_H
#define SO_ADVISE_ADVISE_H

#include "advise/planner.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "core/finding.h"
#include "core/proposal.h"

struct so_ast;
struct so_resolved;

struct so_advise_options {
	size_t max_indexes; /* most indexes offered together; 0: 3 */
	double min_gain; /* cost before / after below which nothing is offered; 0: 1.1 */
	int64_t time_budget_ms; /* for all planning of one call; 0: 5,000 */
	struct so_cancel *cancel; /* may be NULL */
	/* Statements read from statistics views have $n where values were: partial indexes on their values would be
	 * guesses and are not proposed. Set by so_advise_query itself when it sees a parameter. */
	bool no_partial;
};

struct so_advise_input {
	const char *sql; /* the text that `ast` was parsed from */
	const struct so_ast *ast; /* one statement */
	/* Its names, resolved against `catalog`. NULL when that failed: no rewrite is then looked for, and no index,
	 * since nothing is known about any column. */
	const struct so_resolved *resolved;
	const struct so_catalog *catalog;
	const struct so_plan *plan; /* the base plan; NULL when there is none */
	const struct so_finding_list *findings; /* may be NULL: proposals then name no finding */
	struct so_planner *planner;
	struct so_advise_options options;
};

struct so_advise_summary {
	bool fine; /* nothing is worth doing for this statement */
	char *reason; /* why it is fine, or what was found, in one or two sentences; never NULL */
	double cost_before; /* planner cost, not time; NAN when unknown */
	size_t n_candidates; /* index candidates considered */
	int64_t n_plans; /* plans asked of the planner */
	bool complete; /* false: the budget of plans or time ended first; `reason` says so */
	/* About the tables that the statement reads rather than about the statement: duplicate, redundant, unused and
	 * invalid indexes. Never makes a statement less fine. */
	struct so_proposal_list *hygiene;
};

/* Fills `out` (sorted) and *summary, whose strings and lists are children of `ctx`. Fails on cancellation and when
 * the planner rejects the statement itself; a planner whose budget ends gives an incomplete, but valid, answer. */
bool so_advise_query(TALLOC_CTX *ctx, const struct so_advise_input *input, struct so_proposal_list *out,
	struct so_advise_summary *summary, struct so_err *err) SO_MUST_CHECK;

/* Only the catalog's part: drop_index proposals for the tables of `catalog`, for a schema audit. */
void so_advise_hygiene(const struct so_catalog *catalog, struct so_proposal_list *out);

#endif
