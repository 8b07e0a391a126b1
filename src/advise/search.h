/* Which of the candidate indexes a statement uses, and which few of them to build: top-down group testing, then a
 * greedy choice on planned costs, with every answer of the planner remembered and reused. */
#ifndef SO_ADVISE_SEARCH_H
#define SO_ADVISE_SEARCH_H

#include "advise/candidate.h"
#include "advise/planner.h"
#include "base/cancel.h"

#define SO_SEARCH_MAX 48 /* candidates of one statement; sets of them are bits of one word */

struct so_search {
	/* given */
	struct so_planner *planner;
	const struct so_catalog *catalog;
	struct so_cancel *cancel;
	const char *sql;
	struct so_cand *const *cands;
	size_t n;
	size_t max_picked;
	double min_gain;
	double reference; /* cost of the statement as the user wrote it; 0: the base */
	double trivial; /* below this base cost nothing is tried */
	int64_t deadline_us; /* monotonic, 0 none */
	/* answered; arrays of n */
	double base; /* cost without any candidate */
	struct so_plan *base_plan;
	double *alone; /* cost with only this one; NAN when it was not asked */
	double *raw_alone; /* the same as the engine said it, without the correction for the descent */
	char **refusals; /* why the engine cannot simulate it, or NULL */
	size_t n_picked;
	size_t picked[SO_SEARCH_MAX]; /* in the order of the choice */
	double picked_cost[SO_SEARCH_MAX]; /* after this one and those before it */
	bool stopped; /* the budget of plans or time ended first */
	char *stop_reason;
	/* private */
	struct so_search_known *known;
	size_t n_known;
	uint64_t useful, refused;
};

/* Runs it; results are children of `ctx`. With n 0 only the base is planned. Fails when the statement itself cannot be
 * planned or on cancellation. */
bool so_search_run(TALLOC_CTX *ctx, struct so_search *search, struct so_err *err) SO_MUST_CHECK;

/* What index descents cost that the what-if extension leaves out: it gives hypothetical b-trees no height. */
double so_search_descent(const struct so_search *search, const struct so_plan *plan);

#endif
