/* What a statement does with each relation: the atoms of index candidates. */
#ifndef SO_ADVISE_USES_H
#define SO_ADVISE_USES_H

#include "advise/candidate.h"
#include "advise/rewrite.h"

#define SO_USE_ATOMS 16
#define SO_USE_SORT  SO_CAND_KEYS

enum so_atom_kind {
	SO_ATOM_EQUAL, /* = constant or parameter */
	SO_ATOM_IN, /* one of several constants */
	SO_ATOM_NULL, /* IS NULL */
	SO_ATOM_JOIN, /* = something of another relation, or of an outer query */
	SO_ATOM_RANGE, /* < > BETWEEN */
	SO_ATOM_PREFIX, /* LIKE 'x%' */
	SO_ATOM_CONTAINS, /* LIKE '%xyz%', json @> const, array && const: GIN */
};

struct so_atom {
	enum so_atom_kind kind;
	struct so_cand_key key; /* column or expression */
	so_ref node;
	const struct so_rel *other; /* JOIN: the other relation of this block, or NULL for an outer query's */
	double share; /* of the rows that it keeps; JOIN: for one value */
	const char *predicate; /* as a partial index's WHERE, or NULL when that makes no sense */
	const char *pred_label;
	const char *text; /* for people: "user_id = 42" */
	int arm; /* number of the arm of an OR, or 0 */
};

/* One relation in one query block. */
struct so_usage {
	const struct so_rel *rel;
	size_t n_atoms, n_sort, n_group;
	struct so_atom atoms[SO_USE_ATOMS];
	struct so_cand_key sort[SO_USE_SORT]; /* ORDER BY or a window, when all of it is of this relation */
	int32_t group[SO_USE_SORT]; /* GROUP BY or DISTINCT, when all of it is of this relation */
	bool *needed; /* columns that the block reads of it */
	bool needs_all; /* the whole row */
	bool single_row; /* a unique key is bound by constants */
	int32_t extreme; /* column of a lone min() or max(), or -1 */
	double limit; /* LIMIT of the block, or 0 */
	const char *sort_text, *group_text; /* for people: "ORDER BY created_at", "DISTINCT" */
};

struct so_usage_list {
	size_t count;
	struct so_usage *items;
};

/* Empty without resolved names. Conditions in `skip` (which rewrites make indexable) are left out when they would need
 * an expression index. */
struct so_usage_list *so_uses_collect(TALLOC_CTX *ctx, const struct so_rewriter *rw, const so_ref *skip, size_t n_skip);

/* Index candidates of the uses, in a fixed order. */
void so_candidates_of(struct so_cand_set *set, const struct so_usage_list *uses, bool no_partial);

#endif
