/* The only way in which advise/ asks what something costs: statement x set of hypothetical indexes -> plan. The real
 * one (verify/planner.c) asks the target's optimizer; tests replay recorded answers. Nothing here does I/O by itself.
 */
#ifndef SO_ADVISE_PLANNER_H
#define SO_ADVISE_PLANNER_H

#include "base/err.h"
#include "base/mem.h"
#include "plan/plan.h"

/* One planned configuration. */
struct so_costed {
	double cost; /* total planner cost; cost, not time */
	struct so_plan *plan; /* the whole plan, child of the ctx given */
	size_t n_used;
	size_t *used; /* which of the given indexes the plan uses, ascending */
};

struct so_planner {
	void *arg;
	/* false: hypothetical indexes are not possible here; `why` says so in words a user can act on. */
	bool can_what_if;
	const char *why_not;
	/* Plans `sql` under the hypothetical indexes `ddl[0..n)` (n may be 0). `refusals[i]`, where given, gets the
	 * engine's reason for an index it cannot simulate (the plan is then made without it) or NULL. Fails on a
	 * statement that the engine rejects, on cancellation, and when the budget of plans is used up (SO_LIMIT). */
	bool (*plan)(TALLOC_CTX *ctx, struct so_planner *planner, const char *sql, const char *const *ddl, size_t n,
		struct so_costed *out, char **refusals, struct so_err *err);
	/* Size in bytes that the engine itself expects of the last planned ddl[i], or -1. */
	int64_t (*size_bytes)(struct so_planner *planner, const char *ddl);
	int64_t plans_made, plans_max;
};

#endif
