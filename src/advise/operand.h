/* One side of a comparison as an index could hold it: a column, or an immutable expression over one relation. */
#ifndef SO_ADVISE_OPERAND_H
#define SO_ADVISE_OPERAND_H

#include "advise/candidate.h"
#include "advise/rewrite.h"

struct so_operand {
	const struct so_rel *rel;
	struct so_cand_key key;
};

/* False when it is neither, or when an index on it could fail or change with the session. Texts are children of `ctx`.
 */
bool so_operand_read(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref, struct so_operand *out);

/* What an expression refers to, seen from a relation of a query block. */
struct so_refs {
	bool to_rel; /* the relation itself */
	bool to_outer; /* a relation of an outer query */
	bool to_unknown; /* a column that is of no table */
	bool has_query;
	const struct so_rel *other; /* another relation of the same block; the first one */
};

void so_operand_refs(const struct so_rewriter *rw, so_ref ref, const struct so_rel *rel, struct so_refs *out);

#endif
