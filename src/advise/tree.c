#include "advise/tree.h"

#include <stdlib.h>

struct link {
	so_ref ref, parent;
};

struct so_tree {
	const struct so_ast *ast;
	so_ref root;
	struct link *links; /* open addressing, size a power of two */
	size_t size, count;
	so_ref *order; /* as visited */
	size_t order_size;
};

static size_t slot_of(const struct so_tree *tree, so_ref ref)
{
	size_t slot = (ref * 2654435761u) & (tree->size - 1);

	while (tree->links[slot].ref && tree->links[slot].ref != ref)
		slot = (slot + 1) & (tree->size - 1);
	return slot;
}

static void grow(struct so_tree *tree)
{
	struct link *old = tree->links;
	size_t old_size = tree->size;

	tree->size = old_size ? old_size * 2 : 256;
	tree->links = so_new_array(tree, struct link, tree->size);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].ref)
			tree->links[slot_of(tree, old[i].ref)] = old[i];
	talloc_free(old);
}

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_tree *tree = arg;

	(void)ast;
	if ((tree->count + 1) * 2 > tree->size)
		grow(tree);
	if (tree->count == tree->order_size) {
		tree->order_size = tree->order_size ? tree->order_size * 2 : 128;
		tree->order = so_renew_array(tree, tree->order, so_ref, tree->order_size);
	}
	tree->links[slot_of(tree, ref)] = (struct link){ ref, parent };
	tree->order[tree->count++] = ref;
	return SO_WALK_ON;
}

struct so_tree *so_tree_new(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root)
{
	struct so_tree *tree = so_new(ctx, struct so_tree);

	tree->ast = ast;
	tree->root = root;
	so_ast_walk(ast, root, visit, tree);
	return tree;
}

so_ref so_tree_root(const struct so_tree *tree)
{
	return tree->root;
}

so_ref so_tree_parent(const struct so_tree *tree, so_ref ref)
{
	return tree->size && ref ? tree->links[slot_of(tree, ref)].parent : SO_REF_NONE;
}

size_t so_tree_count(const struct so_tree *tree)
{
	return tree->count;
}

so_ref so_tree_at(const struct so_tree *tree, size_t i)
{
	so_assert(i < tree->count);
	return tree->order[i];
}

/* Whether `ref` is a condition that keeps or drops rows of its parent. */
static bool is_condition_of(const struct so_ast *ast, so_ref parent, so_ref ref)
{
	switch (so_ast_kind(ast, parent)) {
	case SO_N_SELECT:
		return so_as_select(ast, parent)->where == ref || so_as_select(ast, parent)->having == ref;
	case SO_N_UPDATE:
		return so_as_update(ast, parent)->where == ref;
	case SO_N_DELETE:
		return so_as_delete(ast, parent)->where == ref;
	case SO_N_JOIN:
		return so_as_join(ast, parent)->on == ref;
	default: /* of a hundred kinds only these hold conditions on rows */
		return false;
	}
}

enum so_place so_tree_place(const struct so_tree *tree, so_ref ref)
{
	enum so_place place = SO_PLACE_CONJUNCT;

	for (;;) {
		so_ref parent = so_tree_parent(tree, ref);

		if (!parent)
			return SO_PLACE_OTHER;
		if (is_condition_of(tree->ast, parent, ref))
			return place;
		if (so_ast_kind(tree->ast, parent) != SO_N_BOOL)
			return SO_PLACE_OTHER;
		if (so_as_bool(tree->ast, parent)->op == SO_OR)
			place = SO_PLACE_POSITIVE;
		ref = parent;
	}
}

so_ref so_tree_where(const struct so_tree *tree, so_ref ref)
{
	so_ref parent = so_tree_parent(tree, ref);

	while (parent && so_ast_kind(tree->ast, parent) == SO_N_BOOL) {
		ref = parent;
		parent = so_tree_parent(tree, ref);
	}
	switch (so_ast_kind(tree->ast, parent)) {
	case SO_N_SELECT:
		return so_as_select(tree->ast, parent)->where == ref ? ref : SO_REF_NONE;
	case SO_N_UPDATE:
		return so_as_update(tree->ast, parent)->where == ref ? ref : SO_REF_NONE;
	case SO_N_DELETE:
		return so_as_delete(tree->ast, parent)->where == ref ? ref : SO_REF_NONE;
	default: /* HAVING, ON and others say nothing about all rows of FROM */
		return SO_REF_NONE;
	}
}

so_ref so_tree_block(const struct so_tree *tree, so_ref ref)
{
	while (ref && so_ast_kind(tree->ast, ref) != SO_N_SELECT && !so_kind_is_dml(so_ast_kind(tree->ast, ref)))
		ref = so_tree_parent(tree, ref);
	return ref;
}
