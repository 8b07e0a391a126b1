/* Internal to plan/: what both parsers of XML build the tree with. */
#ifndef SO_PLAN_XML_TREE_H
#define SO_PLAN_XML_TREE_H

#include <string.h>

#include "plan/chunk.h"
#include "plan/xml.h"

#define SO_PLAN_XML_NAMES 256 /* power of two */

struct so_plan_xml_tree {
	struct so_plan_chunks chunks;
	struct so_plan_xml *root, *at; /* the document's element, the innermost open one */
	size_t depth, n_elements;
	const char *names[SO_PLAN_XML_NAMES]; /* of elements and attributes, by a hash: few, and many of each */
};

/* A name that is shared by whatever has the same: always, but for names whose hashes are the same. `len` > 0. */
static inline const char *so_plan_xml_share_name(struct so_plan_xml_tree *tree, const char *name, size_t len)
{
	size_t slot = (len * 31 + (unsigned char)name[0] * 7 + (unsigned char)name[len / 2] * 61 +
			      (unsigned char)name[len - 1]) %
		      SO_PLAN_XML_NAMES;
	const char *shared = tree->names[slot];

	if (!shared || strncmp(shared, name, len) != 0 || shared[len])
		tree->names[slot] = so_plan_chunk_text(&tree->chunks, name, len);
	return tree->names[slot];
}

/* A new element, the last one in the innermost open one, and from now on itself that. */
static inline struct so_plan_xml *so_plan_xml_open(struct so_plan_xml_tree *tree, const char *name, size_t len)
{
	struct so_plan_xml *element = so_plan_chunk(&tree->chunks, sizeof *element), *parent = tree->at;

	element->name = so_plan_xml_share_name(tree, name, len);
	element->text = "";
	element->parent = parent;
	if (!parent)
		tree->root = element;
	else if (parent->last)
		parent->last->next = element;
	else
		parent->first = element;
	if (parent)
		parent->last = element;
	tree->at = element;
	return element;
}

static inline void so_plan_xml_close(struct so_plan_xml_tree *tree)
{
	tree->at = tree->at->parent;
	tree->depth--;
}

#endif
