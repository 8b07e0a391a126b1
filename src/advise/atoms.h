/* The conditions of a query block as atoms of index candidates: what uses.c collects with. */
#ifndef SO_ADVISE_ATOMS_H
#define SO_ADVISE_ATOMS_H

#include "advise/operand.h"
#include "advise/uses.h"

/* The state of collecting; atoms go to the uses of `list` that belong to `block`. */
struct so_collector {
	TALLOC_CTX *ctx;
	const struct so_rewriter *rw;
	struct so_usage_list *list;
	so_ref block;
	int32_t number; /* of the block, as in struct so_rel */
	int arm;
	so_ref pending_or; /* the OR of this block, for when everything else is collected */
	const so_ref *skip;
	size_t n_skip;
};

/* The use of a relation, or NULL. */
struct so_usage *so_atoms_use(const struct so_collector *c, const struct so_rel *rel);
/* A new atom of the operand's relation, NULL when there is no room or it is not of this block. */
struct so_atom *so_atoms_add(
	struct so_collector *c, const struct so_operand *operand, enum so_atom_kind kind, so_ref node);
/* For so_ast_conjuncts: the atoms of one conjunct. An OR that is no list of values is left in `pending_or`. */
enum so_walk so_atoms_visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg);
/* The atoms of the arms of an OR, after all others of the block; none when an arm has nothing for an index. */
void so_atoms_or(struct so_collector *c, so_ref node);

#endif
