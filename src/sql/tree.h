/* The fields of a node with their names, and values in words: for people and programs outside that read a tree. */
#ifndef SO_SQL_TREE_H
#define SO_SQL_TREE_H

#include "sql/ast.h"

enum so_tree_type {
	SO_TREE_NODE, /* a child: node */
	SO_TREE_LIST, /* children: list */
	SO_TREE_TEXT, /* a name, a literal, the word of an enumeration: text */
	SO_TREE_NUMBER, /* number */
	SO_TREE_FLAG /* something that is so: true */
};

struct so_tree_field {
	const char *name; /* "where", "targets", "negated" */
	enum so_tree_type type;
	so_ref node;
	struct so_list list;
	struct so_text text;
	uint32_t number;
};

typedef void (*so_tree_fn)(const struct so_ast *ast, const struct so_tree_field *field, void *arg);

/* Calls fn for each field that is there, in the order of the text, flags first. Absent children, empty lists and names,
 * and numbers that are 0 without a word of their own are left out. The kind of the node is so_node_kind_name(). */
void so_tree_fields(const struct so_ast *ast, so_ref ref, so_tree_fn fn, void *arg);

#endif
