/* Where a node stands: parents, the query block around it, and whether NULL and FALSE mean the same in its place. */
#ifndef SO_ADVISE_TREE_H
#define SO_ADVISE_TREE_H

#include "base/mem.h"
#include "sql/ast.h"

struct so_tree;

/* What becomes of the truth value of a node. */
enum so_place {
	SO_PLACE_OTHER, /* anything: NULL and FALSE may differ */
	SO_PLACE_POSITIVE, /* part of a WHERE, ON or HAVING through AND and OR only: NULL acts as FALSE */
	SO_PLACE_CONJUNCT, /* the same through AND only: a row needs it to be TRUE */
};

/* `ast` must outlive the tree. */
struct so_tree *so_tree_new(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root);
so_ref so_tree_root(const struct so_tree *tree);
/* 0 for the root and for nodes that are not below it. */
so_ref so_tree_parent(const struct so_tree *tree, so_ref ref);
enum so_place so_tree_place(const struct so_tree *tree, so_ref ref);
/* The WHERE that `ref` is part of through AND and OR only; 0 when there is none. */
so_ref so_tree_where(const struct so_tree *tree, so_ref ref);
/* The nearest SELECT, UPDATE, DELETE, INSERT or MERGE at or above `ref`; 0 when there is none. */
so_ref so_tree_block(const struct so_tree *tree, so_ref ref);
/* All nodes below the root, in the order of the text. */
size_t so_tree_count(const struct so_tree *tree);
so_ref so_tree_at(const struct so_tree *tree, size_t i);

#endif
