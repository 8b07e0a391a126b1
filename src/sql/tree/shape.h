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

#define SO_FIELD_RARE                  0x80u /* the offset is one in the block of rare fields */
#define SO_RARE_FIELD_OF(kind, member) ((uint8_t)(SO_FIELD_RARE | offsetof(struct so_rare_##kind, member)))

struct so_field_shape {
	uint8_t type; /* enum so_field_type */
	uint8_t offset; /* in the node, or with SO_FIELD_RARE in its block of rare fields */
	uint16_t tag; /* of its name; fields of one kind have different ones */
	const char *name; /* of the member */
};

/* A number that stands for a name, made by the compiler: fingerprints use it, so that they stay as they are when kinds
 * and fields are added. Two names of a row that get the same number fail a test. */
#define SO_TAG_AT(s, i) ((i) < sizeof(s) - 1 ? (uint32_t)(unsigned char)(s)[(i) < sizeof(s) ? (i) : 0] : 0u)
#define SO_TAG_4(s, i, m)                                                                                              \
	(SO_TAG_AT(s, i) * (m) + SO_TAG_AT(s, (i) + 1) * ((m)*31u) + SO_TAG_AT(s, (i) + 2) * ((m)*961u) +              \
		SO_TAG_AT(s, (i) + 3) * ((m)*29791u))
#define SO_TAG(s)                                                                                                      \
	(sizeof(s) + SO_TAG_4(s, 0, 7u) + SO_TAG_4(s, 4, 1223u) + SO_TAG_4(s, 8, 5039u) + SO_TAG_4(s, 12, 7907u) +     \
		SO_TAG_4(s, 16, 104729u))

struct so_shape {
	const char *name;
	uint32_t tag; /* of the name */
	uint16_t size;
	const struct so_field_shape *fields; /* in the order of the text, SO_FT_END last */
};

/* Indexed by enum so_node_kind. */
extern const struct so_shape so_shapes[SO_N_MAX];
/* Sizes of the blocks of rare fields; 0: the kind has none. */
extern const uint8_t so_rare_sizes[SO_N_MAX];

/* Only what is not 0 may be changed: it may be a rare field that is not there. */
static inline void *so_field_at(const struct so_ast *ast, so_ref ref, struct so_field_shape field)
{
	if (field.offset & SO_FIELD_RARE) {
		so_ref rare = ((const struct so_node_with_rare *)so_ast_at(ast, ref))->rare;
		const char *block = rare ? so_ast_at(ast, rare) : (const void *)so_no_rare_fields;

		return (char *)block + (field.offset & ~SO_FIELD_RARE);
	}
	return (char *)so_ast_at(ast, ref) + field.offset;
}

#endif
