/* What the structs of the node kinds hold, so that walking, copying and comparing exist once (internal to sql/). */
#ifndef SO_SQL_SHAPE_H
#define SO_SQL_SHAPE_H

#include "sql/ast.h"

enum so_field_type {
	SO_FT_END,
	SO_FT_REF,
	SO_FT_LIST,
	SO_FT_NAME,
	SO_FT_STR,
	SO_FT_U32,
	SO_FT_STYLE /* u32 that comparing ignores */
};

struct so_field_shape {
	uint8_t type; /* enum so_field_type */
	uint8_t offset;
	const char *name; /* of the member */
};

struct so_shape {
	const char *name;
	uint16_t size;
	const struct so_field_shape *fields; /* in the order of the text, SO_FT_END last */
};

/* Indexed by enum so_node_kind. */
extern const struct so_shape so_shapes[SO_N_MAX];

static inline void *so_field_at(const struct so_ast *ast, so_ref ref, struct so_field_shape field)
{
	return (char *)so_ast_at(ast, ref) + field.offset;
}

#endif
