/* A statement as the advisor works on it: the original, or a rewritten one. */
#ifndef SO_ADVISE_VARIANT_H
#define SO_ADVISE_VARIANT_H

#include "advise/advise.h"
#include "advise/rewrite.h"
#include "advise/search.h"
#include "advise/uses.h"

/* Below this planner cost (some ten pages) a statement has nothing to gain that anyone would notice, unless a finding
 * says that the plan is not what it seems. */
#define SO_TRIVIAL_COST 50.0

struct so_variant {
	struct so_rewriter rw;
	struct so_usage_list *uses;
	struct so_cand_set *cands;
	struct so_search search;
};

/* Takes a parsed statement apart; `resolved` may be NULL, then nothing about its columns is known. */
struct so_variant *so_variant_new(TALLOC_CTX *ctx, const struct so_catalog *catalog, const struct so_ast *ast,
	const struct so_resolved *resolved);
/* Generates its index candidates and searches among them. Conditions in `skip` get no expression index. `original` is
 * the statement that a rewritten one came from, or NULL. */
bool so_variant_search(struct so_variant *variant, const struct so_advise_input *input, int64_t deadline_us,
	const struct so_variant *original, const so_ref *skip, size_t n_skip, struct so_err *err) SO_MUST_CHECK;
/* Cost with the indexes that were picked. */
double so_variant_best(const struct so_variant *variant);

/* Appends a proposal for each picked index, and, with `tell_rejected`, those tried in vain and the alternatives.
 * `combined` is the title of a rewrite that the figures assume, or NULL. */
void so_variant_propose(const struct so_variant *variant, const struct so_advise_input *input, const char *combined,
	bool tell_rejected, struct so_proposal_list *out);

#endif
